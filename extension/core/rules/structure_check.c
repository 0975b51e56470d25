/*
 * structure_check.c
 *		Values and attributes against the schema, and findings with their texts.
 *
 * Nothing is allocated for what is right, but for the table of xs:ID values; the texts of a finding lie
 * in the scratch arena and go with it.
 */
#include "core/rules/structure_walk.h"

#define SHOWN_NAMES 8
#define SHOWN_BYTES 100

/* ---- findings ---- */

/* Texts for findings are built only for a sink that shows them. */
static bool
Explains(const Walk *walk)
{
	return walk->run->sink != NULL && walk->run->explain;
}

void
StructureReport(Walk *walk, const Remark *remark)
{
	Finding finding = {.layer = walk->layer,
					   .node = remark->node,
					   .found = remark->found,
					   .expected = remark->expected,
					   .about = remark->about};

	walk->verdict->fatal++;
	if (walk->run->sink == NULL)
		return;
	if (walk->run->scratch->exhausted)
	{
		walk->status = CLEX_NO_MEMORY;
		walk->stopped = true;
		return;
	}
	finding.rule = StructureRule(walk->layer, remark->problem);
	if (!walk->run->sink(walk->run->state, &finding))
		walk->stopped = true;
	ArenaReset(walk->run->scratch);
}

/* Enough of a value to recognise it, cut between characters. */
Span
StructureShown(Walk *walk, Span value)
{
	Text text;

	value = SpanTrim(value);
	if (value.length <= SHOWN_BYTES || !Explains(walk))
		return value;
	TextInit(&text, walk->run->scratch);
	value.length = SHOWN_BYTES;
	while (((unsigned char) value.data[value.length] & 0xC0) == 0x80)
		value.length--;
	TextAppendSpan(&text, value);
	TextAppend(&text, "…", strlen("…"));
	return TextSpan(&text);
}

Span
StructureStateName(uint16_t state)
{
	uint16_t name = ClexStructureNames[state];

	return name == STRUCTURE_WILDCARD ? SPAN_LITERAL("*") : ClexStaticNames[name];
}

/* Names of the states in some ranges, at most SHOWN_NAMES; NULL data if there are none. */
Span
StructureNames(Walk *walk, uint16_t first, uint8_t count, const char *separator)
{
	Text text;
	int shown = 0;

	if (!Explains(walk))
		return (Span){NULL, 0};
	TextInit(&text, walk->run->scratch);
	for (uint8_t i = 0; i < count; i++)
	{
		StructureRange range = ClexStructureRanges[first + i];

		for (uint32_t state = range.low; state <= range.high; state++)
		{
			if (shown > 0)
				TextAppend(&text, separator, strlen(separator));
			if (shown++ == SHOWN_NAMES)
			{
				TextAppend(&text, "…", strlen("…"));
				return TextSpan(&text);
			}
			TextAppendSpan(&text, StructureStateName((uint16_t) state));
		}
	}
	return TextSpan(&text);
}

/* ---- simple values ---- */

/* Remember an xs:ID; false if the document has it already. */
static bool
AddId(Walk *walk, Span id)
{
	IdTable *ids = &walk->ids;
	uint32_t slot;

	if (ids->count * 2 >= ids->capacity)
	{
		IdTable grown = {.capacity = ids->capacity == 0 ? 64 : ids->capacity * 2};

		grown.slots = ArenaAllocZero(walk->run->permanent, grown.capacity * sizeof(Span));
		if (grown.slots == NULL)
		{
			walk->status = CLEX_NO_MEMORY;
			walk->stopped = true;
			return true;
		}
		for (uint32_t i = 0; i < ids->capacity; i++)
		{
			if (ids->slots[i].data == NULL)
				continue;
			slot = SpanHash(ids->slots[i]) & (grown.capacity - 1);
			while (grown.slots[slot].data != NULL)
				slot = (slot + 1) & (grown.capacity - 1);
			grown.slots[slot] = ids->slots[i];
		}
		grown.count = ids->count;
		*ids = grown;
	}
	slot = SpanHash(id) & (ids->capacity - 1);
	for (; ids->slots[slot].data != NULL; slot = (slot + 1) & (ids->capacity - 1))
		if (SpanEqual(ids->slots[slot], id))
			return false;
	ids->slots[slot] = id;
	ids->count++;
	return true;
}

/* What a value of the type looks like: its list, its length, else the name of the type. */
static Span
Expectation(Walk *walk, const SimpleType *type)
{
	Text text;

	if (!Explains(walk))
		return (Span){NULL, 0};
	if (type->values != NULL)
		return SpanFromCString(type->values);
	if (type->kind != SIMPLE_TOKEN)
		return SpanFromCString(type->name);
	TextInit(&text, walk->run->scratch);
	TextAppendf(&text, "%u–%u", type->min_length, type->max_length);
	return TextSpan(&text);
}

void
StructureCheckValue(Walk *walk, uint32_t node, uint16_t simple)
{
	const SimpleType *type = &ClexSimpleTypes[simple];
	Span text = TreeText(walk->tree, node);
	Remark remark = {.problem = PROBLEM_VALUE + type->kind, .node = node};

	if (SimpleValueIsLegal(type, text))
	{
		if (type->kind != SIMPLE_ID || AddId(walk, SpanTrim(text)))
			return;
		remark.problem = PROBLEM_ID_TWICE;
	}
	remark.found = StructureShown(walk, text);
	remark.expected = Expectation(walk, type);
	StructureReport(walk, &remark);
}

/* ---- attributes ---- */

/* An attribute that the type does not list: fine if it is one of those of XML Schema itself. */
static void
UnlistedAttribute(Walk *walk, uint32_t node, const StructureType *type)
{
	Span name = TreeName(walk->tree, node);
	Remark remark = {.problem = PROBLEM_ATTRIBUTE, .node = node, .found = name};
	Text text;

	/* xsi:nil is wrong everywhere, as no element of these schemas may be nil */
	if (SpanEqualCString(name, "@xsi:schemaLocation") ||
		SpanEqualCString(name, "@xsi:noNamespaceSchemaLocation") ||
		SpanEqualCString(name, "@xsi:type"))
		return;
	if (Explains(walk) && type->attributes > 0)
	{
		TextInit(&text, walk->run->scratch);
		for (uint16_t i = 0; i < type->attributes && i < SHOWN_NAMES; i++)
		{
			if (i > 0)
				TextAppend(&text, ", ", 2);
			TextAppendSpan(&text,
						   ClexStaticNames[ClexStructureAttributes[type->attribute + i].name]);
		}
		remark.expected = TextSpan(&text);
	}
	StructureReport(walk, &remark);
}

/* Check one attribute; returns its number in the type's list, or the length of that list. */
static uint16_t
CheckAttribute(Walk *walk, uint32_t node, const StructureType *type)
{
	const StructureAttribute *listed = ClexStructureAttributes + type->attribute;
	NameId name = TreeAt(walk->tree, node)->name;
	uint16_t i = 0;

	while (i < type->attributes && listed[i].name != name)
		i++;
	if (i == type->attributes)
		UnlistedAttribute(walk, node, type);
	else if (listed[i].fixed != NULL &&
			 !SimpleValueEquals(TreeText(walk->tree, node), listed[i].fixed))
		StructureReport(walk, &(Remark){.problem = PROBLEM_ATTRIBUTE_FIXED,
										.node = node,
										.found = StructureShown(walk, TreeText(walk->tree, node)),
										.expected = SpanFromCString(listed[i].fixed)});
	else
		StructureCheckValue(walk, node, listed[i].simple);
	return i;
}

/* All attributes of an element; returns the node behind them. */
uint32_t
StructureCheckAttributes(Walk *walk, uint32_t node, const StructureType *type)
{
	uint32_t end = TreeAt(walk->tree, node)->end;
	uint32_t missing = type->required;
	uint32_t i = node + 1;

	for (; i < end && TreeIsAttribute(walk->tree, i); i++)
		missing &= ~(1u << CheckAttribute(walk, i, type));
	for (uint16_t j = 0; missing != 0; j++, missing >>= 1)
		if (missing & 1)
			StructureReport(
				walk,
				&(Remark){.problem = PROBLEM_ATTRIBUTE_MISSING,
						  .node = node,
						  .expected =
							  ClexStaticNames[ClexStructureAttributes[type->attribute + j].name]});
	return i;
}
