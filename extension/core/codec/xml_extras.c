/*
 * xml_extras.c
 *		Paths of extras to a tree, each step checked.
 */
#include "core/codec/xml_extras.h"

#include "core/xml/xml_write.h"

#define MAX_STEPS 240 /* below the depth at which libxml2 stops */

#define MAX_SPACES 200 /* namespaces that are none of ours */

#define XMLNS SPAN_LITERAL("http://www.w3.org/2000/xmlns/")

/* One step of a path. */
typedef struct Step
{
	Span name;
	Span uri; /* of {uri}local; empty: none */
	Span local;
	Span prefix;
	uint32_t index;
	uint8_t kind;
} Step;

int
NamespaceNumber(Span prefix)
{
	for (uint32_t i = 0; i < ClexNamespaceCount && i < 64; i++)
		if (SpanEqual(ClexNamespaces[i].prefix, prefix))
			return (int) i;
	return -1;
}

/* The text before the first of two bytes. */
static size_t
Until(Span s, size_t at, char one, char other)
{
	while (at < s.length && s.data[at] != one && s.data[at] != other)
		at++;
	return at;
}

/* An index, "[2]", at *at; 1 where there is none.  False if it is no index. */
static bool
TakeIndex(Span path, size_t *at, uint32_t *index)
{
	size_t i = *at + 1;

	*index = 1;
	if (*at >= path.length || path.data[*at] != '[')
		return true;
	for (*index = 0; i < path.length && path.data[i] >= '0' && path.data[i] <= '9'; i++)
	{
		if (*index > 100000000)
			return false;
		*index = *index * 10 + (uint32_t) (path.data[i] - '0');
	}
	if (i >= path.length || path.data[i] != ']' || *index == 0)
		return false;
	*at = i + 1;
	return true;
}

/* A name that may stand in the output: local part, known prefix or a namespace of its own. */
static bool
CheckName(Step *step)
{
	Span name = step->name;

	if (name.length > 0 && name.data[0] == '@')
	{
		step->kind = EXTRA_ATTRIBUTE;
		name = SpanOf(name.data + 1, name.length - 1);
	}
	if (name.length > 0 && name.data[0] == '{')
	{
		size_t end = Until(name, 1, '}', '}');

		if (end >= name.length || end == 1)
			return false;
		step->uri = SpanOf(name.data + 1, end - 1);
		step->local = SpanOf(name.data + end + 1, name.length - end - 1);
		return !SpanEqual(step->uri, XMLNS) && XmlIsName(step->local);
	}
	else
	{
		size_t colon = Until(name, 0, ':', ':');

		step->local = name;
		if (colon < name.length)
		{
			step->prefix = SpanOf(name.data, colon);
			step->local = SpanOf(name.data + colon + 1, name.length - colon - 1);
			if (NamespaceNumber(step->prefix) < 0)
				return false;
		}
	}
	/* without a prefix it would be a declaration */
	return XmlIsName(step->local) &&
		   !(step->prefix.length == 0 && SpanEqualCString(step->local, "xmlns"));
}

/* The step that begins behind the slash at *at. */
static bool
TakeStep(Span path, size_t *at, Step *step)
{
	size_t start = *at + 1;
	size_t end = start;

	memset(step, 0, sizeof(*step));
	if (*at >= path.length || path.data[*at] != '/')
		return false;
	if (SpanEqual(SpanOf(path.data + start, path.length - start), SPAN_LITERAL("text()")))
	{
		step->kind = EXTRA_TEXT;
		step->name = SPAN_LITERAL("text()");
		*at = path.length;
		return true;
	}
	if (end < path.length && path.data[end] == '@')
		end++;
	if (end < path.length && path.data[end] == '{')
		end = Until(path, end, '}', '}');
	end = Until(path, end, '/', '[');
	step->name = SpanOf(path.data + start, end - start);
	*at = end;
	return CheckName(step) && TakeIndex(path, at, &step->index);
}

static uint32_t
Slot(const ExtraTree *tree, uint32_t parent, Span name, uint32_t index)
{
	uint32_t slot = (SpanHash(name) ^ (parent * 2654435761u) ^ (index * 40503u));

	for (slot &= tree->slot_count - 1; tree->slots[slot] != 0;
		 slot = (slot + 1) & (tree->slot_count - 1))
	{
		const ExtraNode *node = ExtraAt(tree, tree->slots[slot]);

		if (node->parent == parent && node->index == index && SpanEqual(node->name, name))
			break;
	}
	return slot;
}

uint32_t
ExtraFind(const ExtraTree *tree, uint32_t parent, Span name, uint32_t index)
{
	return tree->slots[Slot(tree, parent, name, index)];
}

/* Twice as many slots when half of them are taken. */
static bool
GrowSlots(ExtraTree *tree, Arena *arena)
{
	uint32_t *old = tree->slots;
	uint32_t count = tree->slot_count;

	if (tree->nodes.count * 2 < count)
		return true;
	tree->slot_count = count == 0 ? 64 : count * 2;
	tree->slots = ArenaAllocZero(arena, (size_t) tree->slot_count * sizeof(uint32_t));
	if (tree->slots == NULL)
		return false;
	for (uint32_t i = 0; i < count; i++)
		if (old[i] != 0)
		{
			const ExtraNode *node = ExtraAt(tree, old[i]);

			tree->slots[Slot(tree, node->parent, node->name, node->index)] = old[i];
		}
	return true;
}

/* The number of a namespace that is none of ours, 0 if it is new. */
static uint32_t
FindSpace(const ExtraTree *tree, Span uri)
{
	for (uint32_t i = 0; i < tree->spaces.count; i++)
		if (SpanEqual(VectorAt(&tree->spaces, Span, i), uri))
			return i + 1;
	return 0;
}

/* Note the namespace of a step: the number of one of its own, 0 if it is known or none. */
static bool
UseNamespace(ExtraTree *tree, const Step *step, uint32_t *space)
{
	*space = 0;
	if (step->uri.length > 0 && (*space = FindSpace(tree, step->uri)) == 0)
	{
		Span *own = VectorPush(&tree->spaces);

		if (own == NULL)
			return false;
		*own = step->uri;
		*space = tree->spaces.count;
	}
	if (step->prefix.length > 0)
		tree->known |= UINT64_C(1) << NamespaceNumber(step->prefix);
	else if (step->uri.length == 0)
		tree->plain_names |= step->kind == EXTRA_ELEMENT;
	return true;
}

/* A new node below `parent`; 0 when out of memory. */
static uint32_t
AddNode(ExtraTree *tree, uint32_t parent, const Step *step, Arena *arena)
{
	uint32_t number = tree->nodes.count;
	uint32_t space;
	ExtraNode *node;

	if (!GrowSlots(tree, arena) || !UseNamespace(tree, step, &space) ||
		(node = VectorPush(&tree->nodes)) == NULL)
		return 0;
	*node = (ExtraNode){.name = step->name,
						.space = space,
						.index = step->index,
						.parent = parent,
						.kind = step->kind};
	if (parent != 0)
	{
		ExtraNode *above = ExtraAt(tree, parent);

		if (above->last_child == 0)
			above->first_child = number;
		else
			ExtraAt(tree, above->last_child)->next = number;
		above->last_child = number;
	}
	if (step->kind != EXTRA_TEXT)
		tree->slots[Slot(tree, parent, step->name, step->index)] = number;
	return number;
}

/* The steps of a path, all of them good, or 0. */
static uint32_t
ParsePath(Span path, Step steps[MAX_STEPS])
{
	uint32_t count = 0;

	for (size_t at = 0; at < path.length; count++)
		if (count == MAX_STEPS || (count > 0 && steps[count - 1].kind != EXTRA_ELEMENT) ||
			!TakeStep(path, &at, &steps[count]))
			return 0;
	return count;
}

/* Put one extra into the tree; one that has no place there is left out.  False when out of memory. */
static bool
AddExtra(ExtraTree *tree, Span root, Span path, uint32_t extra, Arena *arena)
{
	Step steps[MAX_STEPS];
	uint32_t count = ParsePath(path, steps);
	uint32_t node = 1;

	if (count == 0 || !SpanEqual(steps[0].name, root) || steps[0].index != 1)
		return true;
	for (uint32_t i = 1; i < count; i++)
		if (tree->spaces.count >= MAX_SPACES && steps[i].uri.length > 0 &&
			FindSpace(tree, steps[i].uri) == 0)
			return true;
	for (uint32_t i = 1; i < count && node != 0; i++)
	{
		uint32_t child =
			steps[i].kind == EXTRA_TEXT ? 0 : ExtraFind(tree, node, steps[i].name, steps[i].index);

		node = child != 0 ? child : AddNode(tree, node, &steps[i], arena);
	}
	if (node == 0)
		return false;
	/* of two values in one place the first stays */
	if (ExtraAt(tree, node)->extra == 0)
		ExtraAt(tree, node)->extra = extra + 1;
	return true;
}

/* Attach a line of fact "order" to the node it speaks of; what does not fit says nothing. */
static bool
AddHint(ExtraTree *tree, Span line)
{
	Step steps[MAX_STEPS];
	size_t end = line.length;
	uint32_t count;
	uint32_t node = 1;
	ExtraHint *hint;

	while (end > 0 && line.data[end - 1] != ' ')
		end--;
	count = end == 0 ? 0 : ParsePath(SpanOf(line.data, end - 1), steps);
	if (count < 2)
		return true;
	for (uint32_t i = 1; i + 1 < count && node != 0; i++)
		node = ExtraFind(tree, node, steps[i].name, steps[i].index);
	if (node == 0)
		return true;
	hint = VectorPush(&tree->hints);
	if (hint == NULL)
		return false;
	*hint = (ExtraHint){.name = steps[count - 1].name,
						.held = SpanOf(line.data + end, line.length - end),
						.next = ExtraAt(tree, node)->hint};
	ExtraAt(tree, node)->hint = tree->hints.count;
	return true;
}

Span
ExtraHeld(const ExtraTree *tree, uint32_t parent, Span name)
{
	for (uint32_t i = ExtraAt(tree, parent)->hint; i != 0;)
	{
		const ExtraHint *hint = &VectorAt(&tree->hints, ExtraHint, i - 1);

		if (SpanEqual(hint->name, name))
			return hint->held;
		i = hint->next;
	}
	return SpanOf(NULL, 0);
}

static bool
AddHints(ExtraTree *tree, Span lines)
{
	while (lines.length > 0)
	{
		size_t end = Until(lines, 0, '\n', '\n');

		if (!AddHint(tree, SpanOf(lines.data, end)))
			return false;
		end += end < lines.length;
		lines = SpanOf(lines.data + end, lines.length - end);
	}
	return true;
}

ExtraTree *
ExtrasParse(const DocumentView *view, Span root, Arena *arena)
{
	ExtraTree *tree = ArenaAllocZero(arena, sizeof(*tree));
	Step step = {.name = root, .index = 1, .prefix = SPAN_LITERAL("xml")};

	if (tree == NULL)
		return NULL;
	VectorInit(&tree->nodes, arena, sizeof(ExtraNode));
	VectorInit(&tree->hints, arena, sizeof(ExtraHint));
	VectorInit(&tree->spaces, arena, sizeof(Span));
	if (VectorPush(&tree->nodes) == NULL || AddNode(tree, 0, &step, arena) == 0)
		return NULL;
	for (uint32_t i = 0; i < view->extra_count; i++)
	{
		if (!AddExtra(tree, root, ViewExtra(view, i).path, i, arena))
			return NULL;
		if (i % 4096 == 4095 && ClexInterrupted(arena->env))
			return NULL;
	}
	return AddHints(tree, ViewProvenance(view, "order")) ? tree : NULL;
}
