/*
 * cdar_read.c
 *		A lifecycle message as JSON.
 */
#include "core/codec/cdar.h"

typedef struct CdarReading
{
	const Tree *tree;
	Text *out;
	bool first; /* the next member is the first of its object */
} CdarReading;

static void
PutKey(CdarReading *reading, const char *key, const char *suffix)
{
	if (!reading->first)
		TextAppend(reading->out, ", ", 2);
	reading->first = false;
	TextAppendf(reading->out, "\"%s%s\": ", key, suffix);
}

static void
PutMember(CdarReading *reading, const char *key, const char *suffix, Span value)
{
	PutKey(reading, key, suffix);
	JsonAppendString(reading->out, SpanTrim(value));
}

/* The values of all elements of a name under a node, one in each line. */
static void
PutLines(CdarReading *reading, const CdarElement *row, uint32_t node)
{
	Text lines;

	TextInit(&lines, reading->out->arena);
	for (uint32_t n = node; n != 0; n = TreeNextNamed(reading->tree, n, row->name))
	{
		if (n != node)
			TextAppendChar(&lines, '\n');
		TextAppendSpan(&lines, SpanTrim(TreeText(reading->tree, n)));
	}
	if (lines.failed)
		reading->out->failed = true;
	else
		PutMember(reading, row->key, "", SpanOf(lines.data, lines.length));
}

/* Of several identifiers the SIREN (scheme 0002), else the first. */
static uint32_t
BestIdentifier(const Tree *tree, uint32_t node, NameId name)
{
	for (uint32_t n = node; n != 0; n = TreeNextNamed(tree, n, name))
	{
		uint32_t scheme = TreeChild(tree, n, NAME_at_schemeID);

		if (scheme != 0 && SpanEqualCString(TreeText(tree, scheme), "0002"))
			return n;
	}
	return node;
}

/* A value and its attribute. */
static void
PutWithAttribute(CdarReading *reading, const CdarElement *row, uint32_t node, NameId attribute,
				 const char *suffix)
{
	uint32_t at = TreeChild(reading->tree, node, attribute);

	PutMember(reading, row->key, "", TreeText(reading->tree, node));
	if (at != 0)
		PutMember(reading, row->key, suffix, TreeText(reading->tree, at));
}

static void ReadRows(CdarReading *reading, uint32_t from, uint32_t to, uint32_t parent);

/* An object, or a list of them, with the rows below. */
static void
PutObjects(CdarReading *reading, uint32_t index, uint32_t node)
{
	const CdarElement *row = &ClexCdarElements[index];
	bool list = row->kind == CDAR_LIST;

	PutKey(reading, row->key, "");
	if (list)
		TextAppendChar(reading->out, '[');
	for (uint32_t n = node; n != 0; n = list ? TreeNextNamed(reading->tree, n, row->name) : 0)
	{
		TextAppend(reading->out, ", {", n == node ? 0 : 2);
		TextAppendChar(reading->out, '{');
		reading->first = true;
		ReadRows(reading, index + 1, CdarRowsEnd(index), n);
		TextAppendChar(reading->out, '}');
	}
	reading->first = false;
	if (list)
		TextAppendChar(reading->out, ']');
}

/* The elements of one level under a node. */
static void
ReadRows(CdarReading *reading, uint32_t from, uint32_t to, uint32_t parent)
{
	for (uint32_t i = from; i < to; i = CdarRowsEnd(i))
	{
		const CdarElement *row = &ClexCdarElements[i];
		uint32_t node = TreeChild(reading->tree, parent, row->name);

		if (node == 0)
			continue;
		switch (row->kind)
		{
			case CDAR_GROUP:
				ReadRows(reading, i + 1, CdarRowsEnd(i), node);
				break;
			case CDAR_OBJECT:
			case CDAR_LIST:
				PutObjects(reading, i, node);
				break;
			case CDAR_ID:
				PutWithAttribute(reading, row, BestIdentifier(reading->tree, node, row->name),
								 NAME_at_schemeID, "_scheme");
				break;
			case CDAR_AMOUNT:
				PutWithAttribute(reading, row, node, NAME_at_currencyID, "_currency");
				break;
			case CDAR_TEXT:
				PutLines(reading, row, node);
				break;
			default:
				PutMember(reading, row->key, "", TreeText(reading->tree, node));
		}
	}
}

bool
CdarToJson(const Tree *tree, Text *json)
{
	CdarReading reading = {.tree = tree, .out = json, .first = true};

	if (TreeCount(tree) < 2 ||
		TreeAt(tree, 1)->name != NAME_cdar_CrossDomainAcknowledgementAndResponse)
		return false;
	TextAppendChar(json, '{');
	ReadRows(&reading, 0, ClexCdarElementCount, 1);
	TextAppendChar(json, '}');
	return true;
}
