/*
 * written.h
 *		Does a document say the same after it was written in a format and read again?
 *
 * What CodecWrite names as lost is taken out of the source first, so a loss it does not name shows, and
 * so does one that is none.  In the format the document was read from, nothing may be lost.
 */
#ifndef CLEX_TEST_WRITTEN_H
#define CLEX_TEST_WRITTEN_H

#include "core/codec/codec.h"

#include "core/base/decimal.h"

#include <stdio.h>

/* One comparison. */
typedef struct Written
{
	Span content;
	Vector losses;
	DocumentView again; /* what was read */
	bool by_value;		/* numbers may have other digits: 1.50 is 1.5 */
	char why[600];		/* first difference; empty: none */
} Written;

__attribute__((format(printf, 2, 3))) static void
Differs(Written *written, const char *format, ...)
{
	va_list args;

	if (written->why[0] != '\0')
		return;
	va_start(args, format);
	vsnprintf(written->why, sizeof(written->why), format, args);
	va_end(args);
}

/* The same value; a number with other digits, where that is allowed. */
static bool
SameWritten(bool by_value, TermId term, Span a, Span b)
{
	Decimal x;
	Decimal y;

	return SpanEqual(a, b) ||
		   (by_value && ClexTerms[term].type == VALUE_DECIMAL && DecimalParse(a, &x) == CLEX_OK &&
			DecimalParse(b, &y) == CLEX_OK && DecimalCompare(x, y) == 0);
}

/*
 * What became of each node, as the losses tell.  A node may have two: that a placeholder stands beside it
 * comes last.  That there is any placeholder is noted at node 0.
 */
static uint8_t *
Fates(const DocumentView *view, const Vector *losses, Arena *arena)
{
	uint8_t *fates = ArenaAllocZero(arena, (size_t) view->node_count + 1);

	memset(fates, FATE_SAID, (size_t) view->node_count + 1);
	for (uint32_t i = losses->count; i > 0; i--)
	{
		Loss loss = VectorAt(losses, Loss, i - 1);

		if (loss.node == 0)
			continue;
		fates[loss.node] = (uint8_t) loss.fate;
		if (loss.fate == FATE_FILLED)
			fates[0] = FATE_FILLED;
	}
	return fates;
}

/* Said, but not as it was. */
static bool
IsAltered(uint8_t fate)
{
	return fate == FATE_CHARACTERS || fate == FATE_CUT || fate == FATE_REPLACED ||
		   fate == FATE_FILLED;
}

/*
 * Is the place of some node of a term among its siblings lost, or is a value in its group taken for
 * something else?  Then none of them is compared.
 */
static bool
IsMoved(const DocumentView *view, const uint8_t *fates, TermId term)
{
	for (uint32_t i = 1; i <= view->node_count; i++)
	{
		TermId other = ViewNode(view, i).term;

		if ((fates[i] == FATE_ORDER && other == term) ||
			(fates[i] == FATE_AMBIGUOUS && ClexTerms[other].parent == ClexTerms[term].parent))
			return true;
	}
	return false;
}

/* Does the source have that value, or one that was not said as it is and could have become this? */
static bool
HasValue(const DocumentView *source, const uint8_t *fates, const DocumentNode *node)
{
	bool placeholder = SpanEqualCString(node->value, "NA") || SpanEqualCString(node->value, "1");

	for (uint32_t i = 1; i <= source->node_count; i++)
		if (ViewNode(source, i).term == node->term &&
			(SameWritten(true, node->term, ViewNode(source, i).value, node->value) ||
			 (IsAltered(fates[i]) && fates[i] != FATE_FILLED && !placeholder)))
			return true;
	return false;
}

/* What a message says of itself: UBL by its root element, Order-X by its type code, GOBL by its type. */
static bool
IsImplied(const DocumentNode *node)
{
	return node->term == TERM_C_6 ||
		   (node->term == TERM_O_3 && SpanEqualCString(node->value, "220")) ||
		   (node->term == TERM_BT_3 && SpanEqualCString(node->value, "381")) ||
		   (node->term == TERM_C_7 && SpanEqualCString(node->value, "230"));
}

/* The node of the document without its losses that stands where one that was read does; 0 if none does. */
static uint32_t
Opposite(const DocumentView *pruned, const DocumentView *again, uint32_t read)
{
	DocumentNode node = ViewNode(again, read);
	uint32_t parent = node.parent == 0 ? 0 : Opposite(pruned, again, node.parent);
	uint32_t count;
	uint32_t found;

	if (node.parent != 0 && parent == 0)
		return 0;
	found = ViewFind(pruned, parent, node.term, &count);
	for (uint32_t k = 0; found != 0 && k < count; k++)
		if (ViewNode(pruned, found + k).ordinal == node.ordinal)
			return found + k;
	return 0;
}

/* The document that was written, as the one that was read is compared with it. */
typedef struct Compared
{
	const DocumentView *source;
	const uint8_t *fates;
	const DocumentView *pruned;
	const uint32_t *nodes; /* of the source, for those of `pruned` */
} Compared;

/* A placeholder may have a value that stands elsewhere: one beside it asked for it, and its group has none. */
static bool
IsAskedFor(const Compared *to, const DocumentView *again, const DocumentNode *node)
{
	uint32_t group = node->parent == 0 ? 0 : Opposite(to->pruned, again, node->parent);
	uint32_t count;

	if (group == 0 || ViewFind(to->pruned, group, node->term, &count) != 0)
		return false;
	for (uint32_t i = 1; i <= to->source->node_count; i++)
		if (to->fates[i] == FATE_FILLED && ViewNode(to->source, i).parent == to->nodes[group])
			return true;
	return false;
}

/* What the source does not have: a placeholder beside one that asked for it, or what is implied. */
static bool
IsFiller(const Compared *to, const DocumentView *again, const DocumentNode *node)
{
	if (TermIsGroup(node->term))
		return false;
	if (!HasValue(to->source, to->fates, node))
		return IsImplied(node) || to->fates[0] == FATE_FILLED;
	return to->fates[0] == FATE_FILLED && IsAskedFor(to, again, node);
}

/*
 * A document without what is lost, or with `to` what was read without what was filled in; `nodes` gives the node
 * for each of the result.
 */
static bool
Prune(const DocumentView *view, const uint8_t *fates, const Compared *to, Arena *arena,
	  DocumentView *pruned, const uint32_t **nodes)
{
	const DocumentView *moved = to == NULL ? view : to->source;
	const uint8_t *moved_fates = to == NULL ? fates : to->fates;
	DocumentBuilder *builder = DocumentBegin(arena, (DocumentKind) view->kind, view->format);
	uint32_t *handles = ArenaAllocZero(arena, ((size_t) view->node_count + 1) * sizeof(uint32_t));
	bool *needed = ArenaAllocZero(arena, (size_t) view->node_count + 1);
	ClexError error = {0};
	Span image;

	for (uint32_t i = view->node_count; i > 0; i--)
	{
		DocumentNode node = ViewNode(view, i);

		if ((fates[i] != FATE_SAID && !IsAltered(fates[i])) ||
			IsMoved(moved, moved_fates, node.term) || (to != NULL && IsFiller(to, view, &node)))
			needed[i] = false;
		else if (!TermIsGroup(node.term))
			needed[i] = true;
		if (needed[i] && node.parent != 0)
			needed[node.parent] = true;
	}
	for (uint32_t i = 1; i <= view->node_count; i++)
	{
		DocumentNode node = ViewNode(view, i);

		if (needed[i] && (node.parent == 0 || handles[node.parent] != 0))
			handles[i] = DocumentAdd(builder, handles[node.parent], node.term, node.value, i);
	}
	if (DocumentFinish(builder, &image, &error) != CLEX_OK ||
		DocumentOpen(image, pruned, &error) != CLEX_OK)
		return false;
	*nodes = DocumentSources(builder);
	return true;
}

static void
DescribeNode(const DocumentView *view, uint32_t node, Arena *arena, char *out, size_t size)
{
	Text text;

	TextInit(&text, arena);
	if (node > 0 && node <= view->node_count)
	{
		ViewPath(view, node, &text);
		TextAppendf(&text, " = \"");
		TextAppendSpan(&text, SpanCut(ViewNode(view, node).value, 100));
		TextAppendf(&text, "\"");
	}
	else
		TextAppendf(&text, "nothing");
	snprintf(out, size, "%.*s", (int) text.length, text.data);
}

static void
CompareTerms(const DocumentView *source, Written *written, Arena *arena)
{
	const uint8_t *fates = Fates(source, &written->losses, arena);
	const uint8_t *kept = ArenaAllocZero(arena, (size_t) written->again.node_count + 1);
	const uint32_t *ignored;
	Compared to;
	DocumentView pruned;
	DocumentView again;

	memset((void *) (uintptr_t) kept, FATE_SAID, (size_t) written->again.node_count + 1);
	to = (Compared){source, fates, &pruned, NULL};
	if (!Prune(source, fates, NULL, arena, &pruned, &to.nodes) ||
		!Prune(&written->again, kept, &to, arena, &again, &ignored))
	{
		Differs(written, "the document without its losses cannot be built");
		return;
	}
	for (uint32_t i = 1; i <= pruned.node_count || i <= again.node_count; i++)
	{
		DocumentNode a = ViewNode(&pruned, i);
		DocumentNode b = ViewNode(&again, i);
		bool same = i <= pruned.node_count && i <= again.node_count && a.term == b.term &&
					a.parent == b.parent && a.ordinal == b.ordinal &&
					(SameWritten(written->by_value, a.term, a.value, b.value) ||
					 IsAltered(fates[to.nodes[i]]));

		if (!same)
		{
			char want[250];
			char got[250];

			DescribeNode(&pruned, i, arena, want, sizeof(want));
			DescribeNode(&again, i, arena, got, sizeof(got));
			Differs(written, "%s, read again %s", want, got);
			return;
		}
	}
}

/* Text between elements comes back in one piece, in front of them. */
static bool
IsStray(Span path)
{
	return path.length > 7 && memcmp(path.data + path.length - 7, "/text()", 7) == 0;
}

/* The control record of a flat IDoc begins with its name, which an element of XML need not repeat. */
static bool
IsRecordName(Span path)
{
	static const char name[] = "/IDOC/EDI_DC40/TABNAM";
	size_t length = strlen(name);

	return path.length > length && memcmp(path.data + path.length - length, name, length) == 0;
}

/* The same extras, in whatever order. */
static void
CompareExtras(const DocumentView *source, bool flat, Written *written, Arena *arena)
{
	const DocumentView *again = &written->again;
	bool *found = ArenaAllocZero(arena, (size_t) again->extra_count + 1);
	uint8_t *lost = ArenaAllocZero(arena, (size_t) source->extra_count + 1);
	uint32_t from = 0;

	for (uint32_t i = 0; i < written->losses.count; i++)
		if (VectorAt(&written->losses, Loss, i).node == 0)
			lost[VectorAt(&written->losses, Loss, i).extra] =
				(uint8_t) VectorAt(&written->losses, Loss, i).fate + 1;

	for (uint32_t i = 0; i < source->extra_count; i++)
	{
		DocumentExtra extra = ViewExtra(source, i);
		uint32_t k;

		for (uint32_t n = 0; n < again->extra_count && !lost[i]; n++)
		{
			k = (from + n) % again->extra_count;
			if (!found[k] && SpanEqual(extra.path, ViewExtra(again, k).path) &&
				SpanEqual(extra.value, ViewExtra(again, k).value))
			{
				found[k] = true;
				from = k + 1;
				goto next;
			}
		}
		if (!lost[i] && !IsStray(extra.path))
			Differs(written, "extra %.*s = \"%.*s\" is gone", (int) extra.path.length,
					extra.path.data, (int) SpanCut(extra.value, 60).length, extra.value.data);
	next:;
	}
	/* what was told to be altered stands there as another value */
	for (uint32_t i = 0; i < source->extra_count; i++)
		for (uint32_t k = 0; lost[i] != 0 && IsAltered(lost[i] - 1) && k < again->extra_count; k++)
			found[k] |= SpanEqual(ViewExtra(source, i).path, ViewExtra(again, k).path);
	for (uint32_t k = 0; k < again->extra_count; k++)
		if (!found[k] && !IsStray(ViewExtra(again, k).path) &&
			!(flat && IsRecordName(ViewExtra(again, k).path)))
		{
			DocumentExtra extra = ViewExtra(again, k);

			Differs(written, "extra %.*s = \"%.*s\" is new", (int) extra.path.length,
					extra.path.data, (int) SpanCut(extra.value, 60).length, extra.value.data);
		}
}

/* Does a format want more around a document than its terms, which comes back as extras? */
static bool
HasEnvelope(Span format)
{
	Span base = FormatBase(format);

	return !SpanEqualCString(base, "ubl") && !SpanEqualCString(base, "cii");
}

/* An invoice that comes back as a credit note, or the other way round: a loss of its type tells. */
static bool
KindIsTold(const DocumentView *source, const Written *written)
{
	for (uint32_t i = 0; i < written->losses.count; i++)
	{
		Loss loss = VectorAt(&written->losses, Loss, i);

		if (loss.node != 0 && ViewNode(source, loss.node).term == TERM_BT_3)
			return true;
	}
	return false;
}

/* Write, read again, compare. */
static inline void
WriteAndRead(const DocumentView *source, const char *format, Arena *arena, Written *written)
{
	WriteRequest request = {.document = source, .format = SpanFromCString(format)};
	XmlLimits limits = XML_DEFAULT_LIMITS;
	ReadRequest read = {.limits = &limits};
	ClexError error = {0};
	Tree tree;
	Span image;
	bool same = SpanEqual(source->format, FormatBase(SpanFromCString(format)));
	uint32_t lost = 0; /* extras */

	memset(written, 0, sizeof(*written));
	/* there is nothing to compare with a format that has no documents of the kind */
	if (!(CodecFind(request.format)->kinds & KIND_BIT(source->kind)))
		return;
	limits.max_depth = 250;
	if (CodecWrite(&request, arena, &written->content, &written->losses, &error) != CLEX_OK)
	{
		Differs(written, "not written: %s", error.message);
		return;
	}
	read.content = written->content;
	if (ReadDocument(&read, arena, &tree, &image, &error) != CLEX_OK ||
		DocumentOpen(image, &written->again, &error) != CLEX_OK)
	{
		Differs(written, "not read again: %s %s", error.message, error.detail);
		return;
	}
	/* where no term is, none can tell of a placeholder */
	if (!same && source->node_count == 0)
		return;
	if (!same && source->kind != written->again.kind && !KindIsTold(source, written))
		Differs(written, "a %s is read again as %s", DocumentKindName(source->kind),
				DocumentKindName(written->again.kind));
	CompareTerms(source, written, arena);
	/* a document of which nothing is left becomes an empty root element, which is an extra */
	for (uint32_t i = 0; i < written->losses.count; i++)
		lost += VectorAt(&written->losses, Loss, i).node == 0;
	if (written->again.node_count == 0 && written->again.extra_count == 1 &&
		(!same || source->extra_count == lost))
		return;
	if (same)
		CompareExtras(source, SpanEqualCString(request.format, "idoc:flat"), written, arena);
	else if (written->again.extra_count > 0 && !HasEnvelope(request.format))
		Differs(written, "extra %.*s is new", (int) ViewExtra(&written->again, 0).path.length,
				ViewExtra(&written->again, 0).path.data);
}

#endif
