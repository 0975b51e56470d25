/*
 * cdar.h
 *		Lifecycle messages (UN/CEFACT CDAR) from XML to JSON and back.
 *
 * One table of elements (extension/data/cdar) drives both ways: it stands in the order of the schema,
 * and says what each element is called in JSON.
 */
#ifndef CLEX_CODEC_CDAR_H
#define CLEX_CODEC_CDAR_H

#include "core/base/json.h"
#include "core/base/tree.h"

typedef enum CdarKind
{
	CDAR_GROUP,	   /* no level of its own in JSON */
	CDAR_OBJECT,   /* one */
	CDAR_LIST,	   /* several */
	CDAR_TEXT,	   /* a value; several elements are its lines */
	CDAR_ID,	   /* with KEY_scheme */
	CDAR_AMOUNT,   /* with KEY_currency */
	CDAR_TIME,	   /* udt:DateTimeString, format 204; 102 for a day */
	CDAR_DATE,	   /* qdt:DateTimeString, format 102 */
	CDAR_FLAG,	   /* udt:Indicator */
	CDAR_FLAGTEXT, /* udt:IndicatorString */
} CdarKind;

typedef struct CdarElement
{
	uint8_t depth;
	NameId name;
	const char *key; /* NULL: a group */
	CdarKind kind;
} CdarElement;

extern const CdarElement ClexCdarElements[];
extern const uint32_t ClexCdarElementCount;

/* One past the rows below a row. */
static inline uint32_t
CdarRowsEnd(uint32_t row)
{
	uint32_t end = row + 1;

	while (end < ClexCdarElementCount && ClexCdarElements[end].depth > ClexCdarElements[row].depth)
		end++;
	return end;
}

/* The message in a source tree as a JSON object, appended; false if its root is another. */
extern bool CdarToJson(const Tree *tree, Text *json);

/*
 * A JSON object as an XML message, appended.  A member that no element has is CLEX_INVALID, so that
 * nothing is lost in silence; whether the message is lawful is for its rules to say.
 */
extern ClexStatus CdarFromJson(Span json, Arena *arena, Text *xml, ClexError *error);

#endif
