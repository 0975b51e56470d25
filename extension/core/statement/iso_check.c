/*
 * iso_check.c
 *		The content models of ISO 20022 messages, checked over the tree.
 *
 * Every model is a sequence of elements, some of which exclude one another.  A child that may come later
 * moves the place in the sequence forward, and what was passed over must not have been required.
 */
#include "core/statement/iso_check.h"

#define DEEPEST 64

/* Local names of our namespace by number: sorted, so found by halving. */
static uint16_t
IsoNumber(Span local)
{
	uint32_t low = 1;
	uint32_t high = ClexIsoNameCount;

	while (low < high)
	{
		uint32_t middle = (low + high) / 2;
		Span name = ClexIsoNames[middle];
		size_t length = name.length < local.length ? name.length : local.length;
		int order = memcmp(local.data, name.data, length);

		if (order == 0 && local.length == name.length)
			return (uint16_t) middle;
		if (order < 0 || (order == 0 && local.length < name.length))
			high = middle;
		else
			low = middle + 1;
	}
	return 0;
}

bool
IsoNamesOf(Tree *tree, Span namespace, Arena *arena, IsoNames *names)
{
	memset(names, 0, sizeof(*names));
	names->tree = tree;
	names->currency = TreeInternName(tree, SPAN_LITERAL("@Ccy"));
	names->count = tree->own_names.count;
	names->iso = ArenaAllocZero(arena, (names->count + 1) * sizeof(uint16_t));
	names->in_tree = ArenaAllocZero(arena, ClexIsoNameCount * sizeof(NameId));
	if (tree->failed || names->iso == NULL || names->in_tree == NULL)
		return false;
	for (uint32_t i = 0; i < names->count; i++)
	{
		Span name = VectorAt(&tree->own_names, Span, i);

		/* written {uri}local */
		if (name.length > namespace.length + 2 && name.data[0] == '{' &&
			name.data[namespace.length + 1] == '}' &&
			memcmp(name.data + 1, namespace.data, namespace.length) == 0)
		{
			names->iso[i] = IsoNumber(
				SpanOf(name.data + namespace.length + 2, name.length - namespace.length - 2));
			names->in_tree[names->iso[i]] = NAME_STATIC_COUNT + i;
		}
	}
	names->in_tree[0] = NAME_NONE;
	return true;
}

Span
IsoRootNamespace(const Tree *tree)
{
	Span name = TreeCount(tree) > 1 ? TreeName(tree, 1) : SpanOf(NULL, 0);
	const char *close = name.length > 0 ? memchr(name.data, '}', name.length) : NULL;

	return close != NULL && name.data[0] == '{'
			   ? SpanOf(name.data + 1, (size_t) (close - name.data) - 1)
			   : SpanOf("", 0);
}

const IsoRoot *
IsoRootOf(Span namespace)
{
	for (uint32_t i = 0; i < ClexIsoRootCount; i++)
		if (SpanEqual(ClexIsoRoots[i].namespace, namespace))
			return &ClexIsoRoots[i];
	return NULL;
}

/* A name without the namespace that is written before it in braces. */
static Span
LocalName(Span name)
{
	const char *close = name.length > 0 ? memrchr(name.data, '}', name.length) : NULL;

	return close != NULL ? SpanOf(close + 1, name.length - (size_t) (close + 1 - name.data)) : name;
}

/* Where an element stands: names from the statement down, without positions. */
static const char *
Place(const IsoSink *sink, const IsoNames *names, uint32_t node)
{
	const char *place = "";
	int depth = 0;

	for (; node != 0 && depth < DEEPEST; depth++, node = TreeAt(names->tree, node)->parent)
	{
		Span name = LocalName(TreeName(names->tree, node));
		const char *longer =
			ArenaPrintf(sink->scratch, "/%.*s%s", (int) SpanCut(name, 80).length, name.data, place);

		place = longer != NULL ? longer : place;
	}
	return place;
}

static void
Deviates(const IsoSink *sink, const IsoNames *names, IsoDeviation what, uint32_t node, Span found,
		 const char *expected)
{
	sink->deviates(sink->state, what, node, Place(sink, names, node), found, expected);
	ArenaRewind(sink->scratch);
}

static void
CheckValue(const IsoSink *sink, const IsoNames *names, uint32_t node, uint16_t value)
{
	Span text = TreeText(names->tree, node);

	if (!IsoValueIsLegal(&ClexIsoValues[value], text))
		Deviates(sink, names, ISO_VALUE_ILLEGAL, node, text.length > 0 ? text : SpanOf(NULL, 0),
				 IsoValueForm(&ClexIsoValues[value], sink->scratch));
}

/* Attributes and, where only text may stand, elements within. */
static void
CheckLeaf(const IsoSink *sink, const IsoNames *names, uint32_t node, uint8_t kind)
{
	const TreeNode *n = TreeAt(names->tree, node);
	bool currency = false;

	for (uint32_t child = node + 1; child < n->end; child = TreeAt(names->tree, child)->end)
	{
		const TreeNode *c = TreeAt(names->tree, child);

		if (!(c->flags & TREE_ATTRIBUTE))
		{
			if (kind != ISO_COMPLEX)
				Deviates(sink, names, ISO_ELEMENT_UNEXPECTED, child, SpanOf(NULL, 0), NULL);
		}
		else if (kind == ISO_VALUE && c->name == names->currency)
		{
			currency = true;
			if (!IsoValueIsLegal(&ClexIsoValues[ClexIsoCurrency], TreeText(names->tree, child)))
				Deviates(sink, names, ISO_VALUE_ILLEGAL, child, TreeText(names->tree, child),
						 ClexIsoValues[ClexIsoCurrency].pattern);
		}
		else if (!(TreeName(names->tree, child).length > 5 &&
				   memcmp(TreeName(names->tree, child).data, "@xsi:", 5) == 0))
			Deviates(sink, names, ISO_ELEMENT_UNEXPECTED, child, SpanOf(NULL, 0), NULL);
	}
	if (kind == ISO_VALUE && !currency)
		Deviates(sink, names, ISO_ELEMENT_MISSING, node, SpanOf(NULL, 0), "Ccy");
}

/* Between the elements of a complex one there is white space only. */
static void
CheckBetween(const IsoSink *sink, const IsoNames *names, uint32_t node)
{
	const TreeNode *n = TreeAt(names->tree, node);
	const char *heap = names->tree->text.data;
	uint32_t at = n->text;
	Span between;

	if (n->text_length == 0)
		return;
	for (uint32_t child = node + 1; child < n->end; child = TreeAt(names->tree, child)->end)
	{
		const TreeNode *c = TreeAt(names->tree, child);

		if (c->flags & TREE_ATTRIBUTE)
			continue;
		between = SpanTrim(SpanOf(heap + at, c->text - at));
		if (between.length > 0)
			Deviates(sink, names, ISO_TEXT_BETWEEN, child, between, NULL);
		at = c->text + c->text_length;
	}
	between = SpanTrim(SpanOf(heap + at, n->text + n->text_length - at));
	if (between.length > 0)
		Deviates(sink, names, ISO_TEXT_BETWEEN, node, between, NULL);
}

static bool
SameSlot(const IsoMember *a, const IsoMember *b)
{
	return a == b || (a->group != 0 && a->group == b->group);
}

/*
 * What is required from a place in the sequence up to a member, or to the end, is missing.  A group counts
 * as there when one of its members is.
 */
static void
CheckSkipped(const IsoSink *sink, const IsoNames *names, uint32_t node, const IsoMember *from,
			 const IsoMember *to, const IsoMember *met, const IsoMember *match)
{
	uint8_t reported = 0;

	for (const IsoMember *m = from; m < to; m++)
	{
		if ((met != NULL && SameSlot(m, met)) || (match != NULL && SameSlot(m, match)))
			continue;
		if (m->group != 0 ? m->group == reported : m->min == 0)
			continue;
		reported = m->group;
		Deviates(sink, names, ISO_ELEMENT_MISSING, node, SpanOf(NULL, 0),
				 ClexIsoNames[m->name].data);
	}
}

static void CheckMember(const IsoSink *sink, const IsoNames *names, uint32_t node,
						const IsoMember *member, int depth);

/* The children of an element against the members of its type. */
static void
CheckMembers(const IsoSink *sink, const IsoNames *names, uint32_t node, const IsoType *type,
			 int depth)
{
	const IsoMember *first = &ClexIsoMembers[type->first];
	const IsoMember *end = first + type->count;
	const IsoMember *at = first; /* place in the sequence */
	const IsoMember *met = NULL; /* member that matched the child before */
	uint32_t count = 0;			 /* how often */
	uint32_t last = TreeAt(names->tree, node)->end;

	for (uint32_t child = node + 1; child < last && sink->goes_on(sink->state);
		 child = TreeAt(names->tree, child)->end)
	{
		uint16_t name = IsoNameOf(names, child);
		const IsoMember *match = at;

		if (TreeIsAttribute(names->tree, child))
			continue;
		while (match < end && match->name != 0 && match->name != name)
			match++;
		if (match == end || (match->name == 0 && match->kind != ISO_ANY) ||
			(met != NULL && match != met && SameSlot(match, met)) ||
			(match == met && match->max != 0 && count >= match->max))
		{
			Deviates(sink, names, ISO_ELEMENT_UNEXPECTED, child, SpanOf(NULL, 0), NULL);
			continue;
		}
		CheckSkipped(sink, names, node, at, match, met, match);
		count = match == met ? count + 1 : 1;
		at = met = match;
		CheckMember(sink, names, child, match, depth + 1);
	}
	CheckSkipped(sink, names, node, at, end, met, NULL);
	CheckBetween(sink, names, node);
}

static void
CheckMember(const IsoSink *sink, const IsoNames *names, uint32_t node, const IsoMember *member,
			int depth)
{
	if (member->kind == ISO_ANY || depth > DEEPEST || !sink->goes_on(sink->state))
		return;
	CheckLeaf(sink, names, node, member->kind);
	if (member->kind == ISO_COMPLEX)
		CheckMembers(sink, names, node, &ClexIsoTypes[member->child], depth);
	else
		CheckValue(sink, names, node, member->child);
}

void
IsoCheck(const IsoSink *sink, const IsoNames *names, uint32_t node, uint16_t type)
{
	CheckMembers(sink, names, node, &ClexIsoTypes[type], 0);
}
