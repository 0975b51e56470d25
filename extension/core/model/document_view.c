/*
 * document_view.c
 *		Looking into a document image: opening, finding terms, following written paths.
 */
#include "core/base/decimal.h"
#include "core/base/utf8.h"
#include "core/model/image.h"

ClexStatus
DocumentOpen(Span image, DocumentView *view, ClexError *error)
{
	uint64_t size = IMAGE_HEADER;
	const char *p = image.data;

	memset(view, 0, sizeof(*view));
	if (image.length < IMAGE_HEADER || Load32(p + HEADER_MAGIC) != IMAGE_MAGIC)
		return ClexFail(error, CLEX_MALFORMED, "not a clex document");
	if (p[HEADER_VERSION] != IMAGE_VERSION)
	{
		ClexFail(error, CLEX_UNSUPPORTED, "unknown version %d of a clex document",
				 (unsigned char) p[HEADER_VERSION]);
		ClexHint(error, "It was written by a newer clex.");
		return CLEX_UNSUPPORTED;
	}
	view->image = image;
	view->kind = (uint8_t) p[HEADER_KIND];
	view->reader_version = Load16(p + HEADER_READER);
	view->node_count = Load32(p + HEADER_NODES);
	view->lexical_count = Load32(p + HEADER_LEXICAL);
	view->extra_count = Load32(p + HEADER_EXTRAS);
	view->provenance_count = Load32(p + HEADER_PROVENANCE);
	view->heap_length = Load32(p + HEADER_HEAP);
	view->format.length = Load32(p + HEADER_FORMAT);
	size += (uint64_t) view->node_count * IMAGE_NODE +
			(uint64_t) view->lexical_count * IMAGE_LEXICAL +
			(uint64_t) view->extra_count * IMAGE_EXTRA +
			(uint64_t) view->provenance_count * IMAGE_PROVENANCE + view->heap_length;
	if (size != image.length || Load32(p + HEADER_SIZE) != size ||
		view->format.length > view->heap_length)
		return ClexFail(error, CLEX_MALFORMED, "clex document is cut off or damaged");
	view->nodes = p + IMAGE_HEADER;
	view->lexical = view->nodes + (size_t) view->node_count * IMAGE_NODE;
	view->extras = view->lexical + (size_t) view->lexical_count * IMAGE_LEXICAL;
	view->provenance = view->extras + (size_t) view->extra_count * IMAGE_EXTRA;
	view->heap = view->provenance + (size_t) view->provenance_count * IMAGE_PROVENANCE;
	view->format.data = view->heap;
	return CLEX_OK;
}

DocumentNode
ViewNode(const DocumentView *view, uint32_t node)
{
	const char *p;

	if (node == 0 || node > view->node_count)
		return (DocumentNode){.value = SpanOf(view->heap, 0)};
	p = view->nodes + (size_t) (node - 1) * IMAGE_NODE;
	return (DocumentNode){.term = Load16(p),
						  .flags = Load16(p + 2),
						  .parent = Load32(p + 4),
						  .ordinal = Load32(p + 8),
						  .value = HeapText(view, p + 12)};
}

/* First node at or after `low` whose (parent, term) is not below the given; node_count + 1 if none. */
static uint32_t
LowerBound(const DocumentView *view, uint32_t low, uint32_t parent, uint32_t term)
{
	uint32_t high = view->node_count + 1;

	while (low < high)
	{
		uint32_t middle = low + (high - low) / 2;
		const char *p = view->nodes + (size_t) (middle - 1) * IMAGE_NODE;
		uint32_t found = Load32(p + 4);

		if (found < parent || (found == parent && Load16(p) < term))
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

uint32_t
ViewFind(const DocumentView *view, uint32_t parent, TermId term, uint32_t *count)
{
	/* children follow their parent */
	uint32_t first = LowerBound(view, parent + 1, parent, term);
	uint32_t end = first;

	if (first <= view->node_count)
	{
		const char *p = view->nodes + (size_t) (first - 1) * IMAGE_NODE;

		/* most terms stand once: look at the next node before searching on */
		if (Load32(p + 4) == parent && Load16(p) == term)
		{
			end = first + 1;
			p += IMAGE_NODE;
			if (end <= view->node_count && Load32(p + 4) == parent && Load16(p) == term)
				end = LowerBound(view, end + 1, parent, (uint32_t) term + 1);
		}
	}
	if (count != NULL)
		*count = end - first;
	return end > first ? first : 0;
}

uint32_t
ViewChildren(const DocumentView *view, uint32_t parent, uint32_t *count)
{
	uint32_t first = LowerBound(view, parent + 1, parent, 0);
	uint32_t end = LowerBound(view, first, parent, (uint32_t) UINT16_MAX + 1);

	*count = end - first;
	return end > first ? first : 0;
}

uint32_t *
ViewChildIndex(const DocumentView *view, Arena *arena)
{
	uint32_t *index = ArenaAllocArray(arena, (size_t) view->node_count + 2, sizeof(uint32_t));
	uint32_t next = 0;

	if (index == NULL)
		return NULL;
	/* parents ascend, so each gets its first child when that comes by */
	for (uint32_t i = 1; i <= view->node_count; i++)
	{
		uint32_t parent = Load32(view->nodes + (size_t) (i - 1) * IMAGE_NODE + 4);

		while (next <= parent && next <= view->node_count)
			index[next++] = i;
	}
	while (next <= view->node_count + 1)
		index[next++] = view->node_count + 1;
	return index;
}

Span
ViewLexical(const DocumentView *view, uint32_t node)
{
	uint32_t low = 0;
	uint32_t high = view->lexical_count;

	while (low < high)
	{
		uint32_t middle = low + (high - low) / 2;
		const char *p = view->lexical + (size_t) middle * IMAGE_LEXICAL;
		uint32_t found = Load32(p);

		if (found == node)
			return HeapText(view, p + 4);
		if (found < node)
			low = middle + 1;
		else
			high = middle;
	}
	return ViewNode(view, node).value;
}

DocumentExtra
ViewExtra(const DocumentView *view, uint32_t index)
{
	const char *p = view->extras + (size_t) index * IMAGE_EXTRA;

	if (index >= view->extra_count)
		return (DocumentExtra){SpanOf(view->heap, 0), SpanOf(view->heap, 0), 0};
	return (DocumentExtra){HeapText(view, p), HeapText(view, p + 8), Load32(p + 16)};
}

Span
ViewProvenanceAt(const DocumentView *view, uint32_t index, Span *key)
{
	const char *p = view->provenance + (size_t) index * IMAGE_PROVENANCE;

	if (index >= view->provenance_count)
	{
		*key = SpanOf(NULL, 0);
		return SpanOf(NULL, 0);
	}
	*key = HeapText(view, p);
	return HeapText(view, p + 8);
}

Span
ViewProvenance(const DocumentView *view, const char *key)
{
	for (uint32_t i = 0; i < view->provenance_count; i++)
	{
		Span name;
		Span value = ViewProvenanceAt(view, i, &name);

		if (SpanEqualCString(name, key))
			return value;
	}
	return SpanOf(NULL, 0);
}

/* One step of a written path. */
typedef struct PathStep
{
	Span name;
	bool indexed;
	uint32_t index; /* 1-based */
} PathStep;

/* The index behind a name, "[2]", if any; *at is moved behind it.  False if it is no index. */
static bool
ParseIndex(Span path, size_t *at, PathStep *step)
{
	uint32_t value = 0;
	size_t i = *at + 1;
	size_t first = i;

	step->indexed = false;
	step->index = 1;
	if (*at >= path.length || path.data[*at] != '[')
		return true;
	for (; i < path.length && path.data[i] >= '0' && path.data[i] <= '9'; i++)
		if (value < UINT32_MAX / 10 - 1)
			value = value * 10 + (uint32_t) (path.data[i] - '0');
	if (i == first || i >= path.length || path.data[i] != ']' || value == 0)
		return false;
	step->indexed = true;
	step->index = value;
	*at = i + 1;
	return true;
}

static ClexStatus
PathError(ClexError *error, Span path, size_t at, const char *message)
{
	Span shown = Utf8Cut(path, 150);

	ClexFail(error, CLEX_INVALID, "%s", message);
	ClexDetail(error, "Position %zu: %.*s", at + 1, (int) shown.length, shown.data);
	ClexHint(error, "Write names with points or slashes between them, and an index from 1: "
					"lines[2].net_amount");
	if (error != NULL)
		error->offset = at + 1;
	return CLEX_INVALID;
}

static ClexStatus
UnknownTerm(ClexError *error, Span path, size_t at, Span name, TermId parent)
{
	TermId nearest = TermNearest(parent, name);
	Span shown = Utf8Cut(path, 150);

	ClexFail(error, CLEX_INVALID, "unknown business term \"%.*s\"", (int) Utf8Cut(name, 60).length,
			 name.data);
	ClexDetail(error, "Position %zu: %.*s", at + 1, (int) shown.length, shown.data);
	ClexHint(error, "%s%s%sSee view clex.terms for the terms of an invoice.",
			 nearest == TERM_NONE ? "" : "Did you mean \"",
			 nearest == TERM_NONE ? "" : ClexTerms[nearest].name.data,
			 nearest == TERM_NONE ? "" : "\"? ");
	if (error != NULL)
		error->offset = at + 1;
	return CLEX_INVALID;
}

/* A step's term below `parent`: a child by name, or any term below it by number. */
static TermId
StepTerm(TermId parent, Span name)
{
	TermId term = TermChild(parent, name);
	TermId up;

	if (term != TERM_NONE)
		return term;
	term = TermLookup(name);
	if (term == TERM_NONE || !TermHasNumber(term, name))
		return TERM_NONE;
	for (up = term; up != TERM_NONE && up != parent;)
		up = ClexTerms[up].parent;
	return up == parent && term != parent ? term : TERM_NONE;
}

/* The first occurrence of `term`, which stands anywhere below `from` (a node of term `above`). */
static uint32_t
Descend(const DocumentView *view, uint32_t from, TermId above, TermId term, uint32_t *count)
{
	TermId parent = ClexTerms[term].parent;

	*count = 0;
	if (parent != above)
	{
		uint32_t ignored;

		from = Descend(view, from, above, parent, &ignored);
		if (from == 0)
			return 0;
	}
	return ViewFind(view, from, term, count);
}

ClexStatus
ViewResolveAll(const DocumentView *view, Span path, TermId *term, uint32_t *first, uint32_t *count,
			   bool *indexed, ClexError *error)
{
	size_t at = 0;

	*term = TERM_NONE;
	*first = 0;
	*count = 1; /* the document itself */
	*indexed = false;
	do
	{
		size_t start = at;
		PathStep step;
		TermId below;

		while (at < path.length && path.data[at] != '.' && path.data[at] != '/' &&
			   path.data[at] != '[')
			at++;
		step.name = SpanOf(path.data + start, at - start);
		if (step.name.length == 0)
			return PathError(error, path, start,
							 "a name is missing in the path to a business term");
		below = StepTerm(*term, step.name);
		if (below == TERM_NONE)
			return UnknownTerm(error, path, start, step.name, *term);
		start = at;
		if (!ParseIndex(path, &at, &step) ||
			(at < path.length && path.data[at] != '.' && path.data[at] != '/'))
			return PathError(error, path, start, "invalid index in the path to a business term");
		if (*count > 0)
			*first = Descend(view, *first, *term, below, count);
		*term = below;
		*indexed = step.indexed;
		if (step.indexed || at < path.length)
		{
			*first = step.index <= *count ? *first + step.index - 1 : 0;
			*count = *first != 0;
		}
	} while (at++ < path.length);
	return CLEX_OK;
}

ClexStatus
ViewResolve(const DocumentView *view, Span path, uint32_t *node, ClexError *error)
{
	TermId term;
	uint32_t count;
	bool indexed;

	return ViewResolveAll(view, path, &term, node, &count, &indexed, error);
}

bool
DocumentSameTerms(const DocumentView *a, const DocumentView *b)
{
	if (a->node_count != b->node_count)
		return false;
	/* both arrays are in the one order that the terms allow */
	for (uint32_t i = 1; i <= a->node_count; i++)
	{
		DocumentNode x = ViewNode(a, i);
		DocumentNode y = ViewNode(b, i);
		Decimal u;
		Decimal v;

		if (x.term != y.term || x.parent != y.parent || x.ordinal != y.ordinal)
			return false;
		if (SpanEqual(x.value, y.value))
			continue;
		if (x.term >= TERM_COUNT || ClexTerms[x.term].type != VALUE_DECIMAL ||
			DecimalParse(x.value, &u) != CLEX_OK || DecimalParse(y.value, &v) != CLEX_OK ||
			DecimalCompare(u, v) != 0)
			return false;
	}
	return true;
}
