/*
 * document_build.c
 *		Collecting the terms of a document in any order and laying out its image.
 *
 * Two counting sorts (by term, then by parent) and one walk in breadth give the order of the image
 * in linear time, whatever the order of the source: a line count of 100,000 costs no more per line.
 * The first mistake of a caller is kept and reported by DocumentFinish, so codecs need not check.
 */
#include "core/base/utf8.h"
#include "core/model/image.h"

typedef struct BuildNode
{
	TermId term;
	uint16_t flags;
	uint32_t parent; /* handle */
	uint32_t source;
	Span value;
	Span lexical; /* data is NULL: as the value */
} BuildNode;

typedef struct BuildProvenance
{
	Span key;
	Span value;
} BuildProvenance;

struct DocumentBuilder
{
	Arena *arena;
	DocumentKind kind;
	uint16_t reader_version;
	Span format;
	Vector nodes; /* BuildNode; handle = index + 1 */
	Vector extras;
	Vector provenance;
	const uint32_t *sources; /* by image number, after DocumentFinish */
	ClexError error;		 /* the first one */
};

/* Remember the first failure. */
static void
Fail(DocumentBuilder *builder, ClexStatus status, const char *message, Span detail)
{
	if (builder->error.status != CLEX_OK)
		return;
	ClexFail(&builder->error, status, "%s", message);
	if (detail.length > 0)
		ClexDetail(&builder->error, "%.*s", (int) Utf8Cut(detail, 200).length, detail.data);
}

/* A checked copy of a text that will be stored; data is NULL after a failure. */
static Span
KeepText(DocumentBuilder *builder, Span text, const char *what)
{
	Span copy;

	if (!Utf8IsValid(text))
	{
		Fail(builder, CLEX_MALFORMED, "text is not valid UTF-8", SpanFromCString(what));
		return SpanOf(NULL, 0);
	}
	copy = ArenaCopy(builder->arena, text);
	if (copy.data == NULL)
		Fail(builder, CLEX_NO_MEMORY, "out of memory", SpanOf(NULL, 0));
	return copy;
}

DocumentBuilder *
DocumentBegin(Arena *arena, DocumentKind kind, Span format)
{
	DocumentBuilder *builder = ArenaAllocZero(arena, sizeof(*builder));

	if (builder == NULL)
		return NULL;
	builder->arena = arena;
	builder->kind = kind;
	builder->reader_version = DOCUMENT_READER_VERSION;
	VectorInit(&builder->nodes, arena, sizeof(BuildNode));
	VectorInit(&builder->extras, arena, sizeof(DocumentExtra));
	VectorInit(&builder->provenance, arena, sizeof(BuildProvenance));
	if (!VectorReserve(&builder->nodes, 256))
		Fail(builder, CLEX_NO_MEMORY, "out of memory", SpanOf(NULL, 0));
	DocumentSetFormat(builder, format);
	return builder;
}

void
DocumentSetReader(DocumentBuilder *builder, uint16_t version)
{
	builder->reader_version = version;
}

void
DocumentSetKind(DocumentBuilder *builder, DocumentKind kind)
{
	builder->kind = kind;
}

void
DocumentSetFormat(DocumentBuilder *builder, Span format)
{
	builder->format = KeepText(builder, format, "It is the name of the format.");
}

static BuildNode *
NodeAt(DocumentBuilder *builder, uint32_t handle)
{
	return &VectorAt(&builder->nodes, BuildNode, handle - 1);
}

uint32_t
DocumentAdd(DocumentBuilder *builder, uint32_t parent, TermId term, Span value, uint32_t source)
{
	BuildNode *node;
	Span canonical;
	bool valid;

	if (builder == NULL || builder->error.status != CLEX_OK)
		return 0;
	if (term == TERM_NONE || term >= TERM_COUNT || ClexTerms[term].id.length == 0 ||
		parent > builder->nodes.count ||
		ClexTerms[term].parent != (parent == 0 ? TERM_NONE : NodeAt(builder, parent)->term) ||
		(TermIsGroup(term) && value.length > 0))
	{
		Fail(builder, CLEX_INVALID, "a business term does not belong where it was put",
			 term < TERM_COUNT ? ClexTerms[term].path : SpanOf(NULL, 0));
		return 0;
	}
	value = KeepText(builder, value, ClexTerms[term].path.data);
	if (value.data == NULL)
		return 0;
	canonical = ValueCanonical(term, value, builder->arena, &valid);
	node = canonical.data == NULL ? NULL : VectorPush(&builder->nodes);
	if (node == NULL)
	{
		Fail(builder, CLEX_NO_MEMORY, "out of memory", SpanOf(NULL, 0));
		return 0;
	}
	*node = (BuildNode){.term = term,
						.flags = valid ? 0 : DOCUMENT_NODE_INVALID,
						.parent = parent,
						.source = source,
						.value = canonical,
						.lexical = SpanEqual(canonical, value) ? SpanOf(NULL, 0) : value};
	return builder->nodes.count;
}

uint32_t
DocumentBuiltCount(const DocumentBuilder *builder)
{
	return builder->nodes.count;
}

DocumentPlace
DocumentBuilt(const DocumentBuilder *builder, uint32_t handle)
{
	const BuildNode *node = &VectorAt(&builder->nodes, BuildNode, handle - 1);

	return (DocumentPlace){node->term, node->parent, node->source};
}

void
DocumentSetLexical(DocumentBuilder *builder, uint32_t node, Span spelling)
{
	BuildNode *n;

	if (builder == NULL || node == 0 || node > builder->nodes.count)
		return;
	n = NodeAt(builder, node);
	if (SpanEqual(n->value, spelling) || TermIsGroup(n->term))
		n->lexical = SpanOf(NULL, 0);
	else
		n->lexical = KeepText(builder, spelling, ClexTerms[n->term].path.data);
}

void
DocumentAddExtra(DocumentBuilder *builder, Span path, Span value, uint32_t line)
{
	DocumentExtra *extra = builder == NULL ? NULL : VectorPush(&builder->extras);

	if (builder == NULL)
		return;
	if (extra == NULL)
	{
		Fail(builder, CLEX_NO_MEMORY, "out of memory", SpanOf(NULL, 0));
		return;
	}
	extra->path = KeepText(builder, path, "It is the path of an extra.");
	extra->value = KeepText(builder, value, "It is the value of an extra.");
	extra->line = line;
}

void
DocumentSetProvenance(DocumentBuilder *builder, const char *key, Span value)
{
	Span name = SpanFromCString(key);
	BuildProvenance *fact = NULL;

	if (builder == NULL)
		return;
	for (uint32_t i = 0; i < builder->provenance.count && fact == NULL; i++)
		if (SpanEqual(VectorAt(&builder->provenance, BuildProvenance, i).key, name))
			fact = &VectorAt(&builder->provenance, BuildProvenance, i);
	if (fact == NULL)
	{
		if (builder->provenance.count == DOCUMENT_MAX_PROVENANCE)
		{
			Fail(builder, CLEX_LIMIT, "too many facts of provenance", name);
			return;
		}
		fact = VectorPush(&builder->provenance);
		if (fact == NULL)
		{
			Fail(builder, CLEX_NO_MEMORY, "out of memory", SpanOf(NULL, 0));
			return;
		}
		fact->key = KeepText(builder, name, "It is a key of the provenance.");
	}
	fact->value = KeepText(builder, value, "It is a value of the provenance.");
}

/* Order by key; there are few. */
static void
SortProvenance(DocumentBuilder *builder)
{
	BuildProvenance *facts = (BuildProvenance *) (void *) builder->provenance.data;

	for (uint32_t i = 1; i < builder->provenance.count; i++)
		for (uint32_t k = i; k > 0 && strcmp(facts[k - 1].key.data, facts[k].key.data) > 0; k--)
		{
			BuildProvenance swap = facts[k];

			facts[k] = facts[k - 1];
			facts[k - 1] = swap;
		}
}

/*
 * Handles in the order of the image.  A stable counting sort by term, then one by parent, gives each
 * node's children by (term, order of addition); a walk in breadth then numbers them.
 */
static uint32_t *
OrderNodes(DocumentBuilder *builder)
{
	uint32_t count = builder->nodes.count;
	uint32_t *by_term = ArenaAllocArray(builder->arena, (size_t) count + 1, sizeof(uint32_t));
	uint32_t *by_parent = ArenaAllocArray(builder->arena, (size_t) count + 1, sizeof(uint32_t));
	uint32_t *start = ArenaAllocArray(builder->arena, (size_t) count + 2, sizeof(uint32_t));
	uint32_t terms[TERM_COUNT + 1] = {0};
	uint32_t highest = 0; /* term: invoices have the lower half */
	uint32_t next = 0;

	if (by_term == NULL || by_parent == NULL || start == NULL)
		return NULL;
	memset(start, 0, ((size_t) count + 2) * sizeof(uint32_t));
	for (uint32_t h = 1; h <= count; h++)
	{
		uint32_t term = NodeAt(builder, h)->term;

		terms[term + 1]++;
		highest = term > highest ? term : highest;
		start[NodeAt(builder, h)->parent + 1]++;
	}
	for (uint32_t t = 1; t <= highest; t++)
		terms[t] += terms[t - 1];
	for (uint32_t h = 1; h <= count + 1; h++)
		start[h] += start[h - 1];
	for (uint32_t h = 1; h <= count; h++)
		by_term[terms[NodeAt(builder, h)->term]++] = h;
	for (uint32_t i = 0; i < count; i++)
		by_parent[start[NodeAt(builder, by_term[i])->parent]++] = by_term[i];
	/* start[h] is now where the children of h end, which is where those of h + 1 begin */
	for (uint32_t i = 0; i <= count; i++)
	{
		uint32_t parent = i == 0 ? 0 : by_term[i - 1];

		for (uint32_t k = parent == 0 ? 0 : start[parent - 1]; k < start[parent]; k++)
			by_term[next++] = by_parent[k];
	}
	return by_term;
}

/* What goes where, while the image is written. */
typedef struct Layout
{
	char *heap;
	uint32_t heap_used;
} Layout;

/* Copy a text to the end of the heap and store its place. */
static void
PutText(Layout *layout, char *offset_and_length, Span text)
{
	Store32(offset_and_length, layout->heap_used);
	Store32(offset_and_length + 4, (uint32_t) text.length);
	if (text.length > 0)
		memcpy(layout->heap + layout->heap_used, text.data, text.length);
	layout->heap_used += (uint32_t) text.length;
}

/* Bytes of the heap and the number of lexical entries; 64 bits cannot overflow here. */
static uint64_t
MeasureHeap(DocumentBuilder *builder, uint32_t *lexical_count)
{
	uint64_t bytes = builder->format.length;

	*lexical_count = 0;
	for (uint32_t h = 1; h <= builder->nodes.count; h++)
	{
		BuildNode *node = NodeAt(builder, h);

		bytes += node->value.length + node->lexical.length;
		*lexical_count += node->lexical.data != NULL;
	}
	for (uint32_t i = 0; i < builder->extras.count; i++)
	{
		DocumentExtra *extra = &VectorAt(&builder->extras, DocumentExtra, i);

		bytes += extra->path.length + extra->value.length;
	}
	for (uint32_t i = 0; i < builder->provenance.count; i++)
	{
		BuildProvenance *fact = &VectorAt(&builder->provenance, BuildProvenance, i);

		bytes += fact->key.length + fact->value.length;
	}
	return bytes;
}

/* Write nodes and their lexical entries; `number` gives a handle's place in the image. */
static ClexStatus
WriteNodes(DocumentBuilder *builder, const uint32_t *order, char *nodes, char *lexical,
		   Layout *layout)
{
	uint32_t count = builder->nodes.count;
	uint32_t *number = ArenaAllocArray(builder->arena, (size_t) count + 1, sizeof(uint32_t));
	uint32_t *sources = ArenaAllocArray(builder->arena, (size_t) count + 1, sizeof(uint32_t));
	const BuildNode *previous = NULL;
	uint32_t ordinal = 0;

	if (number == NULL || sources == NULL)
		return CLEX_NO_MEMORY;
	number[0] = sources[0] = 0;
	for (uint32_t i = 0; i < count; i++)
	{
		BuildNode *node = NodeAt(builder, order[i]);
		char *p = nodes + (size_t) i * IMAGE_NODE;

		number[order[i]] = i + 1;
		sources[i + 1] = node->source;
		ordinal =
			previous != NULL && previous->parent == node->parent && previous->term == node->term
				? ordinal + 1
				: 1;
		previous = node;
		if (ordinal > 1 && ClexTerms[node->term].attribute)
			return CLEX_INVALID;
		Store16(p, node->term);
		Store16(p + 2, node->flags);
		Store32(p + 4, number[node->parent]);
		Store32(p + 8, ordinal);
		PutText(layout, p + 12, node->value);
		if (i % 4096 == 4095 && ClexInterrupted(builder->arena->env))
			return CLEX_INTERRUPTED;
	}
	for (uint32_t i = 0; i < count; i++)
	{
		BuildNode *node = NodeAt(builder, order[i]);

		if (node->lexical.data == NULL)
			continue;
		Store32(lexical, i + 1);
		PutText(layout, lexical + 4, node->lexical);
		lexical += IMAGE_LEXICAL;
	}
	builder->sources = sources;
	return CLEX_OK;
}

static void
WriteAreas(DocumentBuilder *builder, char *extras, char *provenance, Layout *layout)
{
	for (uint32_t i = 0; i < builder->extras.count; i++)
	{
		DocumentExtra *extra = &VectorAt(&builder->extras, DocumentExtra, i);

		PutText(layout, extras, extra->path);
		PutText(layout, extras + 8, extra->value);
		Store32(extras + 16, extra->line);
		extras += IMAGE_EXTRA;
	}
	for (uint32_t i = 0; i < builder->provenance.count; i++)
	{
		BuildProvenance *fact = &VectorAt(&builder->provenance, BuildProvenance, i);

		PutText(layout, provenance, fact->key);
		PutText(layout, provenance + 8, fact->value);
		provenance += IMAGE_PROVENANCE;
	}
}

ClexStatus
DocumentFinish(DocumentBuilder *builder, Span *image, ClexError *error)
{
	uint32_t lexical_count;
	uint64_t heap_bytes;
	uint64_t size;
	uint32_t *order;
	Layout layout;
	ClexStatus status;
	char *p;

	if (builder == NULL)
		return ClexFail(error, CLEX_NO_MEMORY, "out of memory");
	if (builder->error.status != CLEX_OK)
	{
		if (error != NULL)
			*error = builder->error;
		return builder->error.status;
	}
	if (DocumentKindName(builder->kind) == NULL)
		return ClexFail(error, CLEX_INVALID, "unknown kind of document");
	if (ClexInterrupted(builder->arena->env))
		return ClexFail(error, CLEX_INTERRUPTED, "interrupted");
	SortProvenance(builder);
	heap_bytes = MeasureHeap(builder, &lexical_count);
	size = IMAGE_HEADER + (uint64_t) builder->nodes.count * IMAGE_NODE +
		   (uint64_t) lexical_count * IMAGE_LEXICAL +
		   (uint64_t) builder->extras.count * IMAGE_EXTRA +
		   (uint64_t) builder->provenance.count * IMAGE_PROVENANCE + heap_bytes;
	if (size > IMAGE_MAX_SIZE)
		return ClexFail(error, CLEX_LIMIT, "document of %llu bytes is too large to be stored",
						(unsigned long long) size);
	order = OrderNodes(builder);
	p = order == NULL ? NULL : ArenaAlloc(builder->arena, size);
	if (p == NULL)
		return ClexFail(error, CLEX_NO_MEMORY, "out of memory");
	memset(p, 0, IMAGE_HEADER);
	Store32(p + HEADER_MAGIC, IMAGE_MAGIC);
	p[HEADER_VERSION] = IMAGE_VERSION;
	p[HEADER_KIND] = (char) builder->kind;
	Store16(p + HEADER_READER, builder->reader_version);
	Store32(p + HEADER_SIZE, (uint32_t) size);
	Store32(p + HEADER_NODES, builder->nodes.count);
	Store32(p + HEADER_LEXICAL, lexical_count);
	Store32(p + HEADER_EXTRAS, builder->extras.count);
	Store32(p + HEADER_PROVENANCE, builder->provenance.count);
	Store32(p + HEADER_HEAP, (uint32_t) heap_bytes);
	*image = SpanOf(p, size);

	layout.heap = p + (size - heap_bytes);
	layout.heap_used = 0;
	/* the format has no offset: it is the first text, and 0 lands in the reserved bytes */
	memcpy(layout.heap, builder->format.data, builder->format.length);
	Store32(p + HEADER_FORMAT, (uint32_t) builder->format.length);
	layout.heap_used = (uint32_t) builder->format.length;

	p += IMAGE_HEADER;
	status = WriteNodes(builder, order, p, p + (size_t) builder->nodes.count * IMAGE_NODE, &layout);
	if (status == CLEX_INVALID)
		return ClexFail(error, status, "a value has an attribute twice");
	if (status != CLEX_OK)
		return ClexFail(error, status, "%s", ClexStatusName(status));
	p += (size_t) builder->nodes.count * IMAGE_NODE + (size_t) lexical_count * IMAGE_LEXICAL;
	WriteAreas(builder, p, p + (size_t) builder->extras.count * IMAGE_EXTRA, &layout);
	return CLEX_OK;
}

const uint32_t *
DocumentSources(const DocumentBuilder *builder)
{
	return builder->sources;
}
