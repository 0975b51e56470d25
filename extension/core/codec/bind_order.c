/*
 * bind_order.c
 *		What stood beside the extras: which terms each of several elements of one name held.
 *
 * A path with a position, "cac:AllowanceCharge[2]/cbc:ID", says where an extra was among its siblings,
 * but not what its siblings were.  Where that cannot be told from the terms, the provenance keeps it
 * as fact "order", so that a writer of the same format can put extras back where they stood: a line
 * for each set of siblings, their path and then what each of them held, "BG-21|BG-20||BT-81+BG-17*2".
 */
#include "core/codec/bind_order.h"

#define ORDER_BYTES ((size_t) 1 << 20) /* more than that is not kept */

typedef struct Order
{
	Tree *tree;
	const DocumentBuilder *builder;
	uint32_t handles; /* of the builder, in the order of their sources */
	bool *marked;	  /* by node of the tree: it, or something inside it, is an extra */
	Text text;
	Text set;
} Order;

/* The first handle whose source is at or behind a node. */
static uint32_t
FirstHandle(const Order *order, uint32_t node)
{
	uint32_t low = 1;
	uint32_t high = order->handles + 1;

	while (low < high)
	{
		uint32_t middle = low + (high - low) / 2;

		if (DocumentBuilt(order->builder, middle).source < node)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Is a group that may repeat open between a node of the document and the element it was found in? */
static bool
InsideGroup(const Order *order, uint32_t parent, uint32_t first)
{
	while (parent >= first)
	{
		DocumentPlace place = DocumentBuilt(order->builder, parent);

		if (TermIsGroup(place.term) && ClexTerms[place.term].max == 0)
			return true;
		parent = place.parent;
	}
	return false;
}

/*
 * Append what an element held: groups that may repeat and terms outside of them.  `plain` stays true if
 * that is one such group, the same as before, or nothing.
 */
static void
DescribeElement(Order *order, uint32_t element, TermId *group, bool *plain, bool *empty)
{
	uint32_t first = FirstHandle(order, element);
	uint32_t end = FirstHandle(order, TreeAt(order->tree, element)->end);
	uint32_t count = 0;
	uint32_t same = 0;
	TermId last = TERM_NONE;

	for (uint32_t h = first; h < end; h++)
	{
		DocumentPlace place = DocumentBuilt(order->builder, h);
		bool repeats = ClexTerms[place.term].max == 0;

		if ((TermIsGroup(place.term) && !repeats) || InsideGroup(order, place.parent, first))
			continue;
		if (place.term == last)
			same++;
		else
		{
			if (same > 1)
				TextAppendf(&order->set, "*%u", same);
			TextAppendf(&order->set, "%s%s", count > 0 ? "+" : "", ClexTerms[place.term].id.data);
			same = 1;
		}
		last = place.term;
		*plain &= count == 0 && TermIsGroup(place.term) &&
				  (*group == TERM_NONE || *group == place.term) && !*empty;
		*group = place.term;
		count++;
	}
	if (same > 1)
		TextAppendf(&order->set, "*%u", same);
	*empty |= count == 0;
}

/* The next sibling of the same name, along the chain of that name; 0 if there is none. */
static uint32_t
NextSibling(const Tree *tree, uint32_t node)
{
	uint32_t parent = TreeAt(tree, node)->parent;

	do
		node = TreeAt(tree, node)->next_same;
	while (node != 0 && TreeAt(tree, node)->parent != parent && node < TreeAt(tree, parent)->end);
	return node < TreeAt(tree, parent)->end ? node : 0;
}

/* A line for a set of siblings, `first` being the first of them, if their order says anything. */
static void
DescribeSiblings(Order *order, uint32_t first)
{
	bool plain = true;
	bool empty = false;
	bool marked = false;
	uint32_t holders = 0; /* that hold terms */
	uint32_t last = 0;	  /* the last of them, counted from 1 */
	bool gap = false;	  /* one holds neither terms nor extras */
	bool hidden = false;  /* ... and extras come behind it */
	uint32_t count = 0;
	TermId group = TERM_NONE;
	Text *set = &order->set;

	for (uint32_t i = first; i != 0 && !marked; i = NextSibling(order->tree, i))
		marked = order->marked[i];
	if (!marked)
		return;
	set->length = 0;
	for (uint32_t i = first; i != 0; i = NextSibling(order->tree, i))
	{
		size_t length;

		if (i != first)
			TextAppendChar(set, '|');
		length = set->length;
		DescribeElement(order, i, &group, &plain, &empty);
		count++;
		hidden |= gap && order->marked[i];
		if (set->length > length)
		{
			holders++;
			last = count;
		}
		else
			gap |= !order->marked[i];
	}
	/* one that comes first says nothing either */
	if (((plain || (holders == 1 && last == 1)) && !hidden) ||
		order->text.length + set->length > ORDER_BYTES)
		return;
	if (order->text.length > 0)
		TextAppendChar(&order->text, '\n');
	TreeLocation(order->tree, TreeAt(order->tree, first)->parent, &order->text);
	TextAppendChar(&order->text, '/');
	TextAppendSpan(&order->text, TreeName(order->tree, first));
	TextAppendChar(&order->text, ' ');
	TextAppendSpan(&order->text, TextSpan(set));
}

/* Mark an extra and the elements around it. */
static void
MarkUp(Order *order, uint32_t node)
{
	for (; node != 0 && !order->marked[node]; node = TreeAt(order->tree, node)->parent)
		order->marked[node] = true;
}

bool
BindOrder(Tree *tree, const Vector *extras, DocumentBuilder *builder)
{
	Order order = {.tree = tree, .builder = builder};

	order.handles = DocumentBuiltCount(builder);
	order.marked = ArenaAllocZero(tree->arena, TreeCount(tree));
	if (order.marked == NULL)
		return false;
	TextInit(&order.text, tree->arena);
	TextInit(&order.set, tree->arena);
	for (uint32_t i = 0; i < extras->count; i++)
		MarkUp(&order, VectorAt(extras, uint32_t, i));
	for (uint32_t i = 2; i < TreeCount(tree); i++)
		if (TreeIsFirstOfSeveral(tree, i))
			DescribeSiblings(&order, i);
	if (order.text.failed || order.set.failed)
		return false;
	if (order.text.length > 0)
		DocumentSetProvenance(builder, "order", TextSpan(&order.text));
	return true;
}
