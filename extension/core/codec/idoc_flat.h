/*
 * idoc_flat.h
 *		IDocs in files of records of fixed width, as a source tree and back.
 *
 * A file is a control record EDI_DC40 for each IDoc and a data record for each of its segments.  The tree is
 * that of the XML form, so bindings, extras and rules are the same for both: widths and order of fields
 * come from the schema tables, which segment stands in which from there too.  What is regular is not in the
 * tree; the header of a record that says something else than its place leaves attributes (DOCNUM, MANDT,
 * SEGNUM, PSGNUM, HLEVEL), an element SDATA has the data that no field has, RECORD a line that is no segment, and
 * attribute SEGNAMS of the IDOC the versions of segments that a writer would not choose.
 */
#ifndef CLEX_CODEC_IDOC_FLAT_H
#define CLEX_CODEC_IDOC_FLAT_H

#include "core/codec/xml_codec.h"
#include "core/codec/xml_plan.h"

#define IDOC_CONTROL "EDI_DC40"
#define IDOC_CONTROL_WIDTH 524
#define IDOC_RECORD_WIDTH 1063
#define IDOC_NAME_WIDTH 30
#define IDOC_LINE "RECORD" /* the element of a line that is no segment */
#define IDOC_DEPTH 8	   /* of segments in segments, at most */

/* Parts of the header of a data record behind the name of the segment. */
typedef enum IdocPart
{
	IDOC_MANDT,
	IDOC_DOCNUM,
	IDOC_SEGNUM,
	IDOC_PSGNUM,
	IDOC_HLEVEL,
	IDOC_PARTS
} IdocPart;

typedef struct IdocPartFact
{
	const char *attribute;
	uint8_t width;
} IdocPartFact;

extern const IdocPartFact ClexIdocParts[IDOC_PARTS];

/* The segment definition that a writer names. */
typedef struct IdocDefinition
{
	NameId segment;
	const char *name;
} IdocDefinition;

extern const IdocDefinition ClexIdocDefinitions[];
extern const uint32_t ClexIdocDefinitionCount;

/* The definition of a segment: "E2EDK01005" for E1EDK01, any other name as it is but for E2. */
extern Span IdocDefinitionOf(Span segment, Arena *arena);

/* The segment of a definition of any version, NAME_NONE: nobody knows it. */
extern NameId IdocSegmentOf(Span definition);

/* A number of digits alone, 0: it is none. */
extern uint32_t IdocNumber(Span text);

/* The fields of a record in their order, `fields` having room for PLAN_MAX_POSITION; returns how many. */
extern uint32_t IdocFields(uint16_t type, const PlanElement **fields);

/* Does the content begin with a control record? */
extern bool IsIdocFlat(Span content);

/* What the first control record says at a place, behind `from` characters; empty if it ends before. */
extern Span IdocControlText(Span content, size_t from, size_t width);

/*
 * Read all records.  Errors: CLEX_MALFORMED (a zero byte), CLEX_UNSUPPORTED (neither INVOIC nor ORDERS),
 * CLEX_LIMIT, CLEX_NO_MEMORY, CLEX_INTERRUPTED.
 */
extern ClexStatus IdocParse(Span bytes, const XmlLimits *limits, Arena *arena, Tree *tree,
							XmlInfo *info, ClexError *error);

/* Append the records of a tree to job->out; of an extra that they cannot hold the fate says so. */
extern ClexStatus IdocPrint(const Tree *tree, WriteJob *job, ClexError *error);

#endif
