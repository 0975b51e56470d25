/*
 * idoc_flat.c
 *		Reading flat IDocs: records to the elements of the XML form.
 *
 * Senders number parents and levels of segments in ways of their own, so a segment stands where the schema has
 * it, below the last one that may hold it; only one that nobody knows goes by its level.
 */
#include "core/codec/idoc_flat.h"

#include "core/base/charset.h"
#include "core/base/utf8.h"

#include <stdio.h>

#define INTERRUPT_EVERY 1024 /* records */

const IdocPartFact ClexIdocParts[IDOC_PARTS] = {
	{"@MANDT", 3}, {"@DOCNUM", 16}, {"@SEGNUM", 6}, {"@PSGNUM", 6}, {"@HLEVEL", 2}};

/* A segment that later ones may stand in; 0 is the IDOC. */
typedef struct OpenSegment
{
	uint32_t node;
	uint16_t type;	/* of its content, 0: nobody knows it */
	uint32_t level; /* as written, else by its place */
	Span number;	/* SEGNUM as written */
} OpenSegment;

typedef struct IdocReader
{
	Tree *tree;
	Arena *arena;
	const XmlLimits *limits;
	ClexError *error;
	Span rest;	/* records that were not read yet */
	bool lines; /* records end with their lines, else with their width */
	uint32_t record;
	uint16_t root_type;
	Span client; /* of the control record */
	Span number;
	uint32_t segments; /* number of the last one */
	OpenSegment open[IDOC_DEPTH];
	uint32_t depth; /* open ones; 0: there is no IDoc yet */
} IdocReader;

/* ---- names and widths ---- */

Span
IdocDefinitionOf(Span segment, Arena *arena)
{
	NameId name = NameLookup(segment);

	for (uint32_t i = 0; i < ClexIdocDefinitionCount; i++)
		if (ClexIdocDefinitions[i].segment == name)
			return SpanFromCString(ClexIdocDefinitions[i].name);
	if (segment.length < 3 || memcmp(segment.data, "E1", 2) != 0)
		return segment;
	segment = ArenaCopy(arena, segment);
	if (segment.data != NULL)
		((char *) (uintptr_t) segment.data)[1] = '2';
	return segment;
}

NameId
IdocSegmentOf(Span definition)
{
	char name[IDOC_NAME_WIDTH];
	size_t length = definition.length;
	NameId known;

	if (length < 3 || length > sizeof(name) || definition.data[0] != 'E' ||
		(definition.data[1] != '1' && definition.data[1] != '2'))
		return NAME_NONE;
	memcpy(name, definition.data, length);
	name[1] = '1';
	known = NameLookup(SpanOf(name, length));
	for (size_t i = 1; i <= 3; i++)
		if (known != NAME_NONE || length <= 3 || name[length - i] < '0' || name[length - i] > '9')
			return known;
	return NameLookup(SpanOf(name, length - 3));
}

uint32_t
IdocFields(uint16_t type, const PlanElement **fields)
{
	const PlanType *t = &ClexPlanTypes[type];
	uint32_t count = 0;

	memset(fields, 0, PLAN_MAX_POSITION * sizeof(*fields));
	for (uint16_t i = 0; type != 0 && i < t->count; i++)
		if (ClexPlanElements[t->first + i].length > 0 &&
			ClexPlanElements[t->first + i].name != NAME_SDATA)
			fields[ClexPlanElements[t->first + i].position] = &ClexPlanElements[t->first + i];
	for (uint32_t i = 0; i < PLAN_MAX_POSITION; i++)
		if (fields[i] != NULL)
			fields[count++] = fields[i];
	return count;
}

/* Take so many characters from the front of a text. */
static Span
TakeCharacters(Span *text, size_t count)
{
	Span taken = SpanOf(text->data, 0);

	while (count-- > 0 && taken.length < text->length)
	{
		taken.length++;
		while (taken.length < text->length &&
			   ((unsigned char) text->data[taken.length] & 0xC0) == 0x80)
			taken.length++;
	}
	*text = SpanOf(text->data + taken.length, text->length - taken.length);
	return taken;
}

/* Blanks at the end of a field fill it up. */
static Span
TrimRight(Span text)
{
	while (text.length > 0 && text.data[text.length - 1] == ' ')
		text.length--;
	return text;
}

uint32_t
IdocNumber(Span text)
{
	uint32_t number = 0;

	for (size_t i = 0; i < text.length; i++)
		if (text.data[i] < '0' || text.data[i] > '9')
			return 0;
		else
			number = number * 10 + (uint32_t) (text.data[i] - '0');
	return number;
}

/* ---- records ---- */

static Span
WithoutMark(Span content)
{
	if (content.length >= 3 && memcmp(content.data, "\xEF\xBB\xBF", 3) == 0)
		content = SpanOf(content.data + 3, content.length - 3);
	while (content.length > 0 && IsXmlSpace(content.data[0]))
		content = SpanOf(content.data + 1, content.length - 1);
	return content;
}

static bool
IsControl(Span record)
{
	return record.length >= strlen(IDOC_CONTROL) &&
		   memcmp(record.data, IDOC_CONTROL, strlen(IDOC_CONTROL)) == 0;
}

bool
IsIdocFlat(Span content)
{
	return IsControl(WithoutMark(content));
}

Span
IdocControlText(Span content, size_t from, size_t width)
{
	const char *end;

	content = WithoutMark(content);
	end = content.length == 0 ? NULL : memchr(content.data, '\n', content.length);
	if (end != NULL)
		content.length = (size_t) (end - content.data);
	TakeCharacters(&content, from);
	return SpanTrim(TakeCharacters(&content, width));
}

/* The next record without the end of its line; false behind the last one. */
static bool
NextRecord(IdocReader *r, Span *record)
{
	while (r->lines && r->rest.length > 0 && (*r->rest.data == '\n' || *r->rest.data == '\r'))
		r->rest = SpanOf(r->rest.data + 1, r->rest.length - 1);
	if (r->rest.length == 0)
		return false;
	r->record++;
	if (!r->lines)
		*record =
			TakeCharacters(&r->rest, IsControl(r->rest) ? IDOC_CONTROL_WIDTH : IDOC_RECORD_WIDTH);
	else
	{
		const char *end = memchr(r->rest.data, '\n', r->rest.length);
		size_t length = end == NULL ? r->rest.length : (size_t) (end - r->rest.data);

		*record = SpanOf(r->rest.data, length);
		r->rest = SpanOf(r->rest.data + length, r->rest.length - length);
		if (record->length > 0 && record->data[record->length - 1] == '\r')
			record->length--;
	}
	return true;
}

/* ---- elements ---- */

static void
PutField(IdocReader *r, uint32_t parent, NameId name, Span value)
{
	uint32_t node = value.length == 0 ? 0 : TreeOpen(r->tree, parent, name, r->record);

	if (node == 0 || r->tree->failed)
		return;
	TextAppendSpan(&r->tree->text, value);
	r->tree->failed |= r->tree->text.failed;
	if (!r->tree->failed)
		TreeClose(r->tree, node);
}

/* The data of a record as fields of a type; what is behind them is SDATA. */
static void
PutFields(IdocReader *r, uint32_t node, uint16_t type, Span data)
{
	const PlanElement *fields[PLAN_MAX_POSITION];
	uint32_t count = IdocFields(type, fields);

	for (uint32_t i = 0; i < count && data.length > 0; i++)
		PutField(r, node, fields[i]->name, TrimRight(TakeCharacters(&data, fields[i]->length)));
	PutField(r, node, NAME_SDATA, TrimRight(data));
}

static void
CloseSegments(IdocReader *r, uint32_t depth)
{
	while (r->depth > depth && !r->tree->failed)
		TreeClose(r->tree, r->open[--r->depth].node);
}

/* The place of a segment: the innermost open one that may hold it; its type there, 0: none may. */
static const PlanElement *
FindPlace(const IdocReader *r, NameId segment, uint32_t *depth)
{
	for (uint32_t i = r->depth; i > 0 && segment != NAME_NONE; i--)
	{
		const PlanElement *element = PlanFindElement(r->open[i - 1].type, segment);

		if (element != NULL && element->type != 0)
		{
			*depth = i;
			return element;
		}
	}
	return NULL;
}

/* The place of one that no other may hold: by its level, below the last one of a lower level. */
static uint32_t
PlaceByLevel(const IdocReader *r, uint32_t level)
{
	uint32_t depth = 1;

	/* the one of level 1 has none below it: those of level 2 stand beside it */
	for (uint32_t i = 1; i < r->depth && i + 1 < IDOC_DEPTH; i++)
		if (r->open[i].level > 1 && r->open[i].level < level)
			depth = i + 1;
	return depth;
}

/* Note where the header of a record says something else than its place. */
static void
PutDeviations(IdocReader *r, uint32_t node, const Span *said, const OpenSegment *above,
			  uint32_t level)
{
	char number[16];
	char depth[16];
	Span expected[IDOC_PARTS];

	snprintf(number, sizeof(number), "%06u", r->segments % 1000000);
	snprintf(depth, sizeof(depth), "%02u", level % 100);
	expected[IDOC_MANDT] = r->client;
	expected[IDOC_DOCNUM] = r->number;
	expected[IDOC_SEGNUM] = SpanFromCString(number);
	expected[IDOC_PSGNUM] = above->number;
	expected[IDOC_HLEVEL] = SpanFromCString(depth);
	for (int i = 0; i < IDOC_PARTS && !r->tree->failed; i++)
		if (!SpanEqual(said[i], expected[i]))
			TreeAddAttribute(r->tree, node,
							 TreeInternName(r->tree, SpanFromCString(ClexIdocParts[i].attribute)),
							 said[i]);
}

/* May a text be the name of an element? */
static bool
IsSegmentName(Span name)
{
	bool good = name.length > 0 && name.data[0] >= 'A' && name.data[0] <= 'Z';

	for (size_t i = 0; i < name.length && good; i++)
		good = (name.data[i] >= 'A' && name.data[i] <= 'Z') ||
			   (name.data[i] >= '0' && name.data[i] <= '9') || name.data[i] == '_';
	return good;
}

/* A data record. */
static void
PutSegment(IdocReader *r, Span record)
{
	Span data = record;
	Span definition = SpanTrim(TakeCharacters(&data, IDOC_NAME_WIDTH));
	Span said[IDOC_PARTS];
	uint32_t depth = 1;
	const PlanElement *element;
	OpenSegment *segment;
	bool repeats;

	if (!IsSegmentName(definition) || IsControl(definition))
	{
		CloseSegments(r, 1);
		PutField(r, r->open[0].node, TreeInternName(r->tree, SPAN_LITERAL(IDOC_LINE)),
				 TrimRight(record));
		return;
	}
	for (int i = 0; i < IDOC_PARTS; i++)
		said[i] = SpanTrim(TakeCharacters(&data, ClexIdocParts[i].width));
	element = FindPlace(r, IdocSegmentOf(definition), &depth);
	if (element == NULL)
		depth = PlaceByLevel(r, IdocNumber(said[IDOC_HLEVEL]));
	CloseSegments(r, depth);
	repeats = element == NULL || (element->flags & PLAN_ELEMENT_MANY) != 0;
	segment = &r->open[depth];
	segment->type = element == NULL ? 0 : element->type;
	segment->number = said[IDOC_SEGNUM];
	segment->level =
		IdocNumber(said[IDOC_HLEVEL]) > 0 ? IdocNumber(said[IDOC_HLEVEL]) : depth + repeats;
	segment->node =
		TreeOpen(r->tree, r->open[depth - 1].node,
				 element != NULL ? element->name : TreeInternName(r->tree, definition), r->record);
	if (r->tree->failed)
		return;
	r->depth = depth + 1;
	TreeAddAttribute(r->tree, segment->node, NAME_at_SEGMENT, SPAN_LITERAL("1"));
	r->segments++;
	PutDeviations(r, segment->node, said, &r->open[depth - 1], depth + repeats);
	if (IdocNumber(said[IDOC_SEGNUM]) > 0)
		r->segments = IdocNumber(said[IDOC_SEGNUM]);
	PutFields(r, segment->node, segment->type, data);
}

/* The versions of segments up to the next control record that a writer would not choose. */
static Span
ListVersions(const IdocReader *r)
{
	IdocReader ahead = *r;
	Text list;
	Span record;

	TextInit(&list, r->arena);
	while (NextRecord(&ahead, &record) && !IsControl(record))
	{
		Span definition = SpanTrim(TakeCharacters(&record, IDOC_NAME_WIDTH));
		NameId segment = IdocSegmentOf(definition);

		if (segment == NAME_NONE ||
			SpanEqual(IdocDefinitionOf(ClexStaticNames[segment], r->arena), definition) ||
			(list.length > 0 &&
			 memmem(list.data, list.length, definition.data, definition.length) != NULL))
			continue;
		TextAppendf(&list, "%s%.*s", list.length > 0 ? " " : "", (int) definition.length,
					definition.data);
	}
	r->tree->failed |= list.failed;
	return list.failed ? SpanOf("", 0) : TextSpan(&list);
}

/* A control record: the beginning of an IDoc. */
static void
PutControl(IdocReader *r, Span record)
{
	Span versions = ListVersions(r);
	uint16_t type = PlanFindElement(r->root_type, NAME_IDOC)->type;
	uint32_t control;

	CloseSegments(r, 0);
	r->segments = 0;
	r->client = IdocControlText(record, 10, 3);
	r->number = IdocControlText(record, 13, 16);
	r->open[0] =
		(OpenSegment){TreeOpen(r->tree, 1, NAME_IDOC, r->record), type, 0, SPAN_LITERAL("000000")};
	r->depth = 1;
	if (!r->tree->failed)
		TreeAddAttribute(r->tree, r->open[0].node, NAME_at_BEGIN, SPAN_LITERAL("1"));
	if (!r->tree->failed && versions.length > 0)
		TreeAddAttribute(r->tree, r->open[0].node, NAME_at_SEGNAMS, versions);
	control = r->tree->failed ? 0 : TreeOpen(r->tree, r->open[0].node, NAME_EDI_DC40, r->record);
	if (!r->tree->failed)
		TreeAddAttribute(r->tree, control, NAME_at_SEGMENT, SPAN_LITERAL("1"));
	if (!r->tree->failed)
		PutFields(r, control, PlanFindElement(type, NAME_EDI_DC40)->type, record);
	if (!r->tree->failed)
		TreeClose(r->tree, control);
}

/* ---- the file ---- */

/* The root element for a basic type; NAME_NONE: nothing reads it. */
static NameId
RootOf(Span type)
{
	/* of earlier versions what the last one has too */
	if (type.length == 8 && memcmp(type.data, "ORDERS0", 7) == 0)
		return NAME_ORDERS05;
	if (type.length == 8 && memcmp(type.data, "INVOIC0", 7) == 0)
		return NAME_INVOIC02;
	return NAME_NONE;
}

static ClexStatus
RefuseType(Span type, Span first, ClexError *error)
{
	if (first.length > 0)
		ClexFail(error, CLEX_UNSUPPORTED, "the file holds IDocs of several types: %.*s and %.*s",
				 (int) first.length, first.data, (int) type.length, type.data);
	else if (type.length == 0)
		ClexFail(error, CLEX_UNSUPPORTED, "nothing reads this IDoc: it names no basic type");
	else
		ClexFail(error, CLEX_UNSUPPORTED, "nothing reads this IDoc: basic type %.*s",
				 (int) type.length, type.data);
	ClexDetail(error, "The basic type stands at character 40 of the control record.");
	ClexHint(error, "Read are ORDERS01 to ORDERS05, INVOIC01 and INVOIC02.");
	return CLEX_UNSUPPORTED;
}

/* Bytes that are no UTF-8 are Windows-1252, of which ISO 8859-1 is a part. */
static ClexStatus
Decode(Span *bytes, Arena *arena, XmlInfo *info, ClexError *error)
{
	const char *zero = bytes->length == 0 ? NULL : memchr(bytes->data, '\0', bytes->length);
	Text text;

	if (zero != NULL)
	{
		ClexFail(error, CLEX_MALFORMED, "the IDoc holds a zero byte");
		ClexDetail(error, "Byte %zu.", (size_t) (zero - bytes->data) + 1);
		return CLEX_MALFORMED;
	}
	info->encoding = SPAN_LITERAL("UTF-8");
	if (Utf8IsValid(*bytes))
		return CLEX_OK;
	info->encoding = SPAN_LITERAL("windows-1252");
	TextInit(&text, arena);
	for (size_t i = 0; i < bytes->length && !text.failed; i++)
	{
		unsigned char byte = (unsigned char) bytes->data[i];
		char out[4];

		if (byte < 0x80)
			TextAppendChar(&text, (char) byte);
		else
			TextAppend(&text, out, (size_t) Utf8Encode(Windows1252Point(byte), out));
	}
	*bytes = TextSpan(&text);
	return text.failed ? ClexFail(error, CLEX_NO_MEMORY, "out of memory reading an IDoc") : CLEX_OK;
}

/* What may end the reading of a file between two records. */
static ClexStatus
CheckLimits(const IdocReader *r)
{
	if (TreeCount(r->tree) > r->limits->max_nodes)
	{
		ClexFail(r->error, CLEX_LIMIT, "the IDoc has more than %u segments and fields",
				 r->limits->max_nodes);
		ClexHint(r->error, "Raise clex.max_nodes if the sender is trusted.");
		return CLEX_LIMIT;
	}
	if (r->tree->failed)
		return ClexFail(r->error, CLEX_NO_MEMORY, "out of memory reading an IDoc");
	if (r->record % INTERRUPT_EVERY == 0 && ClexInterrupted(r->arena->env))
		return ClexFail(r->error, CLEX_INTERRUPTED, "canceled");
	return CLEX_OK;
}

static ClexStatus
ReadRecords(IdocReader *r, NameId root, Span first)
{
	ClexStatus status = CLEX_OK;
	Span record;

	while (status == CLEX_OK && NextRecord(r, &record))
	{
		if (!IsControl(record))
			PutSegment(r, record);
		else if (RootOf(IdocControlText(record, 39, 30)) != root)
			return RefuseType(IdocControlText(record, 39, 30), first, r->error);
		else
			PutControl(r, record);
		status = CheckLimits(r);
	}
	return status;
}

ClexStatus
IdocParse(Span bytes, const XmlLimits *limits, Arena *arena, Tree *tree, XmlInfo *info,
		  ClexError *error)
{
	static const XmlLimits usual = XML_DEFAULT_LIMITS;
	IdocReader r = {
		.tree = tree, .arena = arena, .limits = limits == NULL ? &usual : limits, .error = error};
	Span type = IdocControlText(bytes, 39, 30);
	NameId root = RootOf(type);
	ClexStatus status;

	TreeInit(tree, arena);
	if (bytes.length > r.limits->max_bytes || bytes.length > INT32_MAX)
	{
		ClexFail(error, CLEX_LIMIT, "the document has %zu bytes, more than the limit of %zu",
				 bytes.length, r.limits->max_bytes);
		ClexHint(error, "Raise clex.max_document_size if such documents are expected.");
		return CLEX_LIMIT;
	}
	status = Decode(&bytes, arena, info, error);
	if (status != CLEX_OK)
		return status;
	if (root == NAME_NONE)
		return RefuseType(type, SpanOf("", 0), error);
	r.rest = WithoutMark(bytes);
	r.lines = memchr(r.rest.data, '\n', r.rest.length) != NULL;
	r.root_type =
		ClexPlanStates[BindRootOf("idoc", root == NAME_ORDERS05 ? 'O' : 'I')->first_state].type;
	TreeOpen(tree, 0, root, 1);
	status = ReadRecords(&r, root, type);
	if (status != CLEX_OK)
		return status;
	CloseSegments(&r, 0);
	if (!tree->failed)
		TreeClose(tree, 1);
	if (!tree->failed)
		TreeClose(tree, 0);
	return tree->failed ? ClexFail(error, CLEX_NO_MEMORY, "out of memory reading an IDoc")
						: CLEX_OK;
}
