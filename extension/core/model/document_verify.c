/*
 * document_verify.c
 *		Checking an image that comes from outside.
 *
 * What passes is exactly what DocumentFinish could have written: every offset is the one the layout
 * prescribes, nodes are in order below parents they belong to, values are canonical and flagged
 * rightly, texts are UTF-8.  So a received document behaves like any other and prints to JSON that
 * reads back to the same bytes.
 */
#include "core/base/utf8.h"
#include "core/model/image.h"

static ClexStatus
Damaged(ClexError *error, const char *what)
{
	ClexFail(error, CLEX_MALFORMED, "clex document is damaged");
	ClexDetail(error, "%s", what);
	return CLEX_MALFORMED;
}

/* The next text of the heap must lie right behind the one before and be UTF-8. */
static bool
NextText(const DocumentView *view, const char *offset_and_length, uint64_t *used)
{
	uint32_t length = Load32(offset_and_length + 4);

	if (Load32(offset_and_length) != *used || length > view->heap_length - *used)
		return false;
	*used += length;
	return Utf8IsValid(SpanOf(view->heap + (*used - length), length));
}

/* A node's value must be what ValueCanonical makes of it, and its flags too. */
static bool
VerifyValue(const DocumentNode *node)
{
	/* canonical values come back as they are: nothing is allocated */
	Arena none;
	bool valid;
	Span canonical;

	ArenaInit(&none, &ClexPlainEnv, 1);
	canonical = ValueCanonical(node->term, node->value, &none, &valid);
	if (TermIsGroup(node->term) && node->value.length > 0)
		return false;
	return canonical.data != NULL && SpanEqual(canonical, node->value) &&
		   node->flags == (valid ? 0 : DOCUMENT_NODE_INVALID);
}

static ClexStatus
VerifyNodes(const DocumentView *view, uint64_t *used, ClexError *error)
{
	DocumentNode previous = {0};

	for (uint32_t i = 1; i <= view->node_count; i++)
	{
		const char *p = view->nodes + (size_t) (i - 1) * IMAGE_NODE;
		DocumentNode node;
		bool same;

		if (!NextText(view, p + 12, used))
			return Damaged(error, "A value is not where it belongs, or is not UTF-8.");
		node = ViewNode(view, i);
		if (node.term == TERM_NONE || node.term >= TERM_COUNT ||
			ClexTerms[node.term].id.length == 0)
			return Damaged(error, "It has a business term that this clex does not know.");
		if (node.parent >= i || node.parent < previous.parent ||
			ClexTerms[node.term].parent !=
				(node.parent == 0 ? TERM_NONE : ViewNode(view, node.parent).term))
			return Damaged(error, "A business term stands below one it does not belong to.");
		same = i > 1 && node.parent == previous.parent && node.term == previous.term;
		if ((i > 1 && node.parent == previous.parent && node.term < previous.term) ||
			node.ordinal != (same ? previous.ordinal + 1 : 1) ||
			(same && ClexTerms[node.term].attribute))
			return Damaged(error, "Its business terms are not in order.");
		if (!VerifyValue(&node))
			return Damaged(error, "A value is not in its canonical spelling.");
		previous = node;
	}
	return CLEX_OK;
}

static ClexStatus
VerifyAreas(const DocumentView *view, uint64_t *used, ClexError *error)
{
	uint32_t last = 0;
	Span last_key = {NULL, 0};

	for (uint32_t i = 0; i < view->lexical_count; i++)
	{
		const char *p = view->lexical + (size_t) i * IMAGE_LEXICAL;
		uint32_t node = Load32(p);

		if (node <= last || node > view->node_count || !NextText(view, p + 4, used) ||
			TermIsGroup(ViewNode(view, node).term) ||
			SpanEqual(HeapText(view, p + 4), ViewNode(view, node).value))
			return Damaged(error, "Its original spellings are not in order.");
		last = node;
	}
	for (uint32_t i = 0; i < view->extra_count; i++)
	{
		const char *p = view->extras + (size_t) i * IMAGE_EXTRA;

		if (!NextText(view, p, used) || !NextText(view, p + 8, used))
			return Damaged(error, "An extra is not where it belongs, or is not UTF-8.");
	}
	for (uint32_t i = 0; i < view->provenance_count; i++)
	{
		const char *p = view->provenance + (size_t) i * IMAGE_PROVENANCE;
		Span key;
		size_t shorter;

		if (!NextText(view, p, used) || !NextText(view, p + 8, used))
			return Damaged(error, "The provenance is not where it belongs, or is not UTF-8.");
		key = HeapText(view, p);
		shorter = key.length < last_key.length ? key.length : last_key.length;
		if (i > 0 &&
			(memcmp(last_key.data, key.data, shorter) > 0 ||
			 (memcmp(last_key.data, key.data, shorter) == 0 && last_key.length >= key.length)))
			return Damaged(error, "The keys of the provenance are not in order.");
		last_key = key;
	}
	return CLEX_OK;
}

ClexStatus
DocumentVerify(Span image, ClexError *error)
{
	DocumentView view;
	uint64_t used;
	ClexStatus status = DocumentOpen(image, &view, error);

	if (status != CLEX_OK)
		return status;
	if (DocumentKindName(view.kind) == NULL)
		return Damaged(error, "Its kind is unknown.");
	if (Load32(image.data + HEADER_ZERO) != 0 || image.length > IMAGE_MAX_SIZE ||
		view.provenance_count > DOCUMENT_MAX_PROVENANCE)
		return Damaged(error, "Its header is not what it should be.");
	if (!Utf8IsValid(view.format))
		return Damaged(error, "The name of its format is not UTF-8.");
	used = view.format.length;
	status = VerifyNodes(&view, &used, error);
	if (status == CLEX_OK)
		status = VerifyAreas(&view, &used, error);
	if (status == CLEX_OK && used != view.heap_length)
		status = Damaged(error, "It has text that nothing refers to.");
	return status;
}
