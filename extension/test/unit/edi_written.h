/*
 * edi_written.h
 *		Does a document say the same after it was written as a message and read again?
 *
 * Terms come back but for the losses that were named, nothing else comes with them, and a reader finds nothing
 * wrong.  In the message that the document was read from extras come back too, and with them what was odd there.
 */
#ifndef CLEX_TEST_EDI_WRITTEN_H
#define CLEX_TEST_EDI_WRITTEN_H

#include "core/base/decimal.h"
#include "core/codec/edi_codec.h"
#include "written.h"

static bool
IsSaid(uint8_t fate)
{
	return fate == FATE_SAID || IsAltered(fate);
}

static bool
SaysSomething(const DocumentView *view, const uint8_t *fates, uint32_t node)
{
	uint32_t count;
	uint32_t first = ViewChildren(view, node, &count);

	if (!TermIsGroup(ViewNode(view, node).term) && fates[node] != FATE_UNSAID)
		return IsSaid(fates[node]) || fates[node] == FATE_AMBIGUOUS || fates[node] == FATE_ORDER;
	for (uint32_t i = first; i < first + count; i++)
		if (SaysSomething(view, fates, i))
			return true;
	return false;
}

/* Is there anything in a group that is not told as what the format would take for something else? */
static bool
SaysFirmly(const DocumentView *view, const uint8_t *fates, uint32_t node)
{
	uint32_t count;
	uint32_t first = ViewChildren(view, node, &count);

	if (!TermIsGroup(ViewNode(view, node).term))
		return IsSaid(fates[node]);
	for (uint32_t i = first; i < first + count; i++)
		if (SaysFirmly(view, fates, i))
			return true;
	return false;
}

static bool
SameText(TermId term, Span a, Span b)
{
	Decimal x;
	Decimal y;

	return SpanEqual(a, b) ||
		   (ClexTerms[term].type == VALUE_DECIMAL && DecimalParse(a, &x) == CLEX_OK &&
			DecimalParse(b, &y) == CLEX_OK && DecimalCompare(x, y) == 0);
}

/* Is a value told to stand elsewhere among its siblings, or one in a group? */
static bool
IsOutOfOrder(const DocumentView *view, const uint8_t *fates, uint32_t node)
{
	uint32_t count;
	uint32_t first = ViewChildren(view, node, &count);

	if (!TermIsGroup(ViewNode(view, node).term))
		return fates[node] == FATE_ORDER;
	for (uint32_t i = first; i < first + count; i++)
		if (IsOutOfOrder(view, fates, i))
			return true;
	return false;
}

/* The children of two nodes that stand for each other. */
static void
CompareBelow(const DocumentView *source, uint32_t mine, const uint8_t *fates, Written *written,
			 uint32_t theirs, Arena *arena)
{
	const DocumentView *again = &written->again;
	uint32_t count;
	uint32_t first = ViewChildren(source, mine, &count);

	for (uint32_t i = first; i < first + count;)
	{
		TermId term = ViewNode(source, i).term;
		uint32_t n;
		uint32_t found = ViewFind(again, theirs, term, &n);
		uint32_t used = 0;
		uint32_t lost = 0;
		bool moved = false;
		uint32_t end = i;

		for (; end < first + count && ViewNode(source, end).term == term; end++)
			moved |= fates[end] == FATE_AMBIGUOUS || IsOutOfOrder(source, fates, end);
		for (; i < end && !moved; i++)
		{
			char name[250];

			if (!SaysSomething(source, fates, i) ||
				(found == 0 && TermIsGroup(term) && !SaysFirmly(source, fates, i)))
			{
				lost++;
				continue;
			}
			DescribeNode(source, i, arena, name, sizeof(name));
			if (found == 0 || used == n)
			{
				Differs(written, "%s is gone", name);
				return;
			}
			if (fates[i] == FATE_SAID && !TermIsGroup(term) &&
				!SameText(term, ViewNode(source, i).value, ViewNode(again, found + used).value))
				Differs(written, "%s became %.*s", name,
						(int) SpanCut(ViewNode(again, found + used).value, 60).length,
						ViewNode(again, found + used).value.data);
			CompareBelow(source, i, fates, written, found + used++, arena);
		}
		i = end;
		if (!moved && found != 0 && n > used + lost && fates[0] != FATE_FILLED)
			Differs(written, "%u more of %.*s", n - used, (int) ClexTerms[term].id.length,
					ClexTerms[term].id.data);
	}
}

/* A default that a message must have, or a count: no loss where the document does not have it. */
static bool
IsPreset(const DocumentView *source, TermId term)
{
	static const char *const presets[] = {"O-3",  "O-4", "O-40", "O-55", "C-6",	 "C-7", "C-31",
										  "D-3",  "D-4", "D-5",	 "D-51", "D-34", "G-3", "G-4",
										  "G-30", "R-3", "R-6",	 "A-22", "BT-81"};

	for (size_t i = 0; i < sizeof(presets) / sizeof(presets[0]); i++)
		if (SpanEqualCString(ClexTerms[term].id, presets[i]))
			return source->kind > DOCUMENT_CREDIT_NOTE;
	return false;
}

static inline void
CompareDocuments(const DocumentView *source, Written *written, Arena *arena)
{
	const uint8_t *fates = Fates(source, &written->losses, arena);

	CompareBelow(source, 0, fates, written, 0, arena);
	for (uint32_t i = 1; i <= written->again.node_count; i++)
	{
		DocumentNode node = ViewNode(&written->again, i);
		bool known = false;

		for (uint32_t k = 1; k <= source->node_count && !known; k++)
			known = ViewNode(source, k).term == node.term;
		if (!known && fates[0] != FATE_FILLED && !TermIsGroup(node.term) &&
			!IsPreset(source, node.term))
			Differs(written, "%.*s is new", (int) ClexTerms[node.term].id.length,
					ClexTerms[node.term].id.data);
	}
}

/* The structure by which a document was read, NULL if it was not read from a message. */
static const EdiMessageFact *
StructureOf(const DocumentView *view)
{
	bool exact;
	Span type = ViewProvenance(view, "message");
	Span release = ViewProvenance(view, "version");

	return type.data == NULL
			   ? NULL
			   : EdiMessageFind(SpanEqualCString(view->format, "x12") ? EDI_X12 : EDI_EDIFACT, type,
								release.data == NULL ? SpanOf("", 0) : release, &exact);
}

/* Was it written as the message that it was read from, so that extras go back? */
static inline bool
IsReturned(const DocumentView *source, const Written *written)
{
	return SpanEqual(source->format, written->again.format) &&
		   SpanEqual(ViewProvenance(source, "message"),
					 ViewProvenance(&written->again, "message")) &&
		   StructureOf(source) != NULL && StructureOf(source) == StructureOf(&written->again);
}

/* Which faults a reader finds, those of EdiFault, and the first one that refuses. */
static inline void
FindFaults(Span content, Arena *arena, bool *faults, Written *written)
{
	EdiReader reader;
	Arena body;
	ClexError error = {0};

	ArenaInit(&body, &ClexPlainEnv, 0);
	if (EdiReaderOpen(&reader, content, arena, &body, &error) != CLEX_OK)
	{
		if (written != NULL)
			Differs(written, "not an interchange: %s", error.message);
		ArenaFree(&body);
		return;
	}
	while (EdiReaderNext(&reader))
		continue;
	/* elements of other releases of X12 are not checked */
	for (uint32_t i = 0; written == NULL && i < reader.messages.count; i++)
		if (!VectorAt(&reader.messages, EdiMessage, i).exact)
			faults[EDI_ELEMENT_NEEDED] = faults[EDI_ELEMENT_EXCLUDED] = true;
	for (uint32_t i = 0; i < reader.findings.count; i++)
	{
		const EdiFinding *f = &VectorAt(&reader.findings, EdiFinding, i);
		Text where;

		if (written == NULL)
		{
			faults[f->fault] = true;
			continue;
		}
		TextInit(&where, arena);
		EdiLocation(&reader, f, &where);
		if (ClexEdiFaults[f->fault].fatal || !faults[f->fault])
			Differs(written, "finding %s at %.*s", ClexEdiFaults[f->fault].name, (int) where.length,
					where.data);
	}
	ArenaFree(&body);
}

/* Findings of a reader over what was written: none, but for warnings that `source` has too (empty: none). */
static inline void
CheckSound(Written *written, Span source, Arena *arena)
{
	bool *faults = ArenaAllocZero(arena, 256);

	faults[EDI_CHARACTER] = true;
	if (source.length > 0)
		FindFaults(source, arena, faults, NULL);
	/* what stood beside a term that is told as lost may need it */
	for (uint32_t i = 0; source.length > 0 && i < written->losses.count; i++)
		faults[EDI_ELEMENT_NEEDED] |= VectorAt(&written->losses, Loss, i).node != 0;
	FindFaults(written->content, arena, faults, written);
}

/* A path without the numbers in it. */
static Span
WithoutNumbers(Span path, Arena *arena)
{
	Text out;

	TextInit(&out, arena);
	for (size_t i = 0; i < path.length; i++)
		if (path.data[i] != '[')
			TextAppendChar(&out, path.data[i]);
		else
			while (i < path.length && path.data[i] != ']')
				i++;
	return TextSpan(&out);
}

/* The same extras but for those that are told as lost; what is told as moved stands at another number. */
static inline void
CompareReturned(const DocumentView *source, Written *written, Arena *arena)
{
	const DocumentView *again = &written->again;
	bool *found = ArenaAllocZero(arena, (size_t) again->extra_count + 1);
	uint8_t *fates = ArenaAllocZero(arena, (size_t) source->extra_count + 1);
	bool terms_lost = false; /* what stood beside one of these may be an extra now */

	memset(fates, FATE_SAID, source->extra_count);
	for (uint32_t i = 0; i < written->losses.count; i++)
	{
		Loss loss = VectorAt(&written->losses, Loss, i);

		terms_lost |= loss.node != 0;
		if (loss.node == 0)
			fates[loss.extra] = (uint8_t) loss.fate;
	}
	for (unsigned pass = 0; pass < 2; pass++)
		for (uint32_t i = 0; i < source->extra_count; i++)
		{
			DocumentExtra mine = ViewExtra(source, i);
			uint32_t k = 0;

			if (fates[i] != (pass == 0 ? FATE_SAID : FATE_ORDER))
				continue;
			for (; k < again->extra_count; k++)
			{
				DocumentExtra theirs = ViewExtra(again, k);

				if (!found[k] && SpanEqual(mine.value, theirs.value) &&
					(pass == 0 ? SpanEqual(mine.path, theirs.path)
							   : SpanEqual(WithoutNumbers(mine.path, arena),
										   WithoutNumbers(theirs.path, arena))))
					break;
			}
			if (k == again->extra_count)
				Differs(written, "extra %.*s = \"%.*s\" is gone", (int) mine.path.length,
						mine.path.data, (int) SpanCut(mine.value, 60).length, mine.value.data);
			found[k] = true;
		}
	for (uint32_t k = 0; k < again->extra_count; k++)
		if (!found[k] && !(terms_lost && IsReturned(source, written)))
			Differs(written, "extra %.*s is new", (int) ViewExtra(again, k).path.length,
					ViewExtra(again, k).path.data);
}

#endif
