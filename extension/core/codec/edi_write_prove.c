/*
 * edi_write_prove.c
 *		The proof of what was written: it is read, and compared with the document.
 *
 * Every value knows where in the output it went, and the reader where in its input it found each term, so
 * the two documents are matched node by node without guessing.
 */
#include "core/base/decimal.h"
#include "core/codec/edi_writer.h"

/* A comparison under way. */
typedef struct Proof
{
	EdiWriter *w;
	DocumentView again;
	const uint32_t *sources;
	uint32_t *twin; /* of each node read, the node of the document; 0: none */
	uint32_t *back; /* and of those the node read */
	bool *preset;	/* nodes read that are defaults or counts, and groups of nothing else */
} Proof;

/* The node whose value was put at an offset, 0 if none. */
static uint32_t
NodeAt(const EdiWriter *w, uint32_t offset)
{
	uint32_t low = 0;
	uint32_t high = w->traces.count;

	while (low < high)
	{
		uint32_t middle = (low + high) / 2;

		if (VectorAt(&w->traces, EdiTrace, middle).offset < offset)
			low = middle + 1;
		else
			high = middle;
	}
	return low < w->traces.count && VectorAt(&w->traces, EdiTrace, low).offset == offset
			   ? VectorAt(&w->traces, EdiTrace, low).node
			   : 0;
}

static bool
SameValue(TermId term, Span a, Span b)
{
	Decimal x;
	Decimal y;

	if (SpanEqual(a, b))
		return true;
	return ClexTerms[term].type == VALUE_DECIMAL && DecimalParse(a, &x) == CLEX_OK &&
		   DecimalParse(b, &y) == CLEX_OK && DecimalCompare(x, y) == 0;
}

/* Values by their places, groups by what is in them. */
static void
MatchValues(Proof *proof)
{
	const DocumentView *view = proof->w->job->document;

	for (uint32_t i = proof->again.node_count; i > 0; i--)
	{
		DocumentNode node = ViewNode(&proof->again, i);
		uint32_t twin = proof->twin[i];

		if (proof->sources[i] > 0)
			twin = NodeAt(proof->w, proof->sources[i] - 1);
		/* an extra that would be a term */
		if (twin != EDI_NONE && (twin & EDI_IS_EXTRA))
			EdiKeepOut(proof->w, twin & ~EDI_IS_EXTRA, FATE_AMBIGUOUS);
		if (twin & EDI_IS_EXTRA)
		{
			proof->preset[i] = true;
			twin = 0;
		}
		if (twin != 0 && ViewNode(view, twin).term != node.term)
			twin = 0;
		proof->twin[i] = twin;
		if (twin == 0)
			continue;
		proof->back[twin] = i;
		if (node.parent != 0 && ViewNode(view, twin).parent != 0 && proof->twin[node.parent] == 0)
			proof->twin[node.parent] = ViewNode(view, twin).parent;
	}
}

/* What has no place of its own, schemes and what is derived: below its parent. */
static void
MatchDerived(Proof *proof)
{
	const DocumentView *view = proof->w->job->document;

	for (uint32_t i = 1; i <= proof->again.node_count; i++)
	{
		DocumentNode node = ViewNode(&proof->again, i);
		uint32_t parent = node.parent == 0 ? 0 : proof->twin[node.parent];
		uint32_t count;
		uint32_t twin;

		if (proof->twin[i] != 0 || (node.parent != 0 && parent == 0) || node.ordinal > 1)
			continue;
		twin = ViewFind(view, parent, node.term, &count);
		if (twin == 0 || count > 1 || proof->back[twin] != 0)
			continue;
		proof->twin[i] = twin;
		proof->back[twin] = i;
	}
}

/* The first value from `first` on, before `end`, that is in the output; 0 if none is. */
static uint32_t
FirstSaid(const WriteJob *job, uint32_t first, uint32_t end)
{
	for (uint32_t i = first; i < end; i++)
		if ((job->fate[i] == FATE_SAID || job->fate[i] == FATE_CUT ||
			 job->fate[i] == FATE_CHARACTERS) &&
			!TermIsGroup(ViewNode(job->document, i).term))
			return i;
	return 0;
}

/* Something that the document does not have came with it: say so at a value beside it, or at the first. */
static void
SayFilled(Proof *proof, uint32_t index)
{
	WriteJob *job = proof->w->job;
	DocumentNode node = ViewNode(&proof->again, index);
	uint32_t parent = node.parent == 0 ? 0 : proof->twin[node.parent];
	uint32_t beside = parent;

	if (parent == 0 || TermIsGroup(ViewNode(job->document, parent).term))
		beside = FirstSaid(job, job->children[parent], job->children[parent + 1]);
	if (beside == 0)
		beside = FirstSaid(job, 1, job->document->node_count + 1);
	if (beside != 0)
		JobSay(job, beside, FATE_FILLED);
}

/* Groups that hold defaults alone are no more than these. */
static void
MatchPreset(Proof *proof)
{
	uint32_t count;

	for (uint32_t i = proof->again.node_count; i > 0; i--)
	{
		uint32_t first = ViewChildren(&proof->again, i, &count);
		bool all = count > 0;

		for (uint32_t k = first; k < first + count; k++)
			all &= proof->preset[k];
		proof->preset[i] |= all && TermIsGroup(ViewNode(&proof->again, i).term);
	}
}

/* Did a node come back before a sibling that stood before it? */
static bool
IsBehind(const Proof *proof, uint32_t node)
{
	uint32_t index = proof->back[node];

	return index != 0 && ViewNode(&proof->again, index).ordinal > 1 &&
		   proof->twin[index - 1] > node;
}

/* Is a node read where it belongs, and as it is? */
static WriteFate
FateOf(const Proof *proof, uint32_t node)
{
	const DocumentView *view = proof->w->job->document;
	DocumentNode mine = ViewNode(view, node);
	uint32_t index = proof->back[node];
	DocumentNode read;

	if (index == 0)
		return FATE_AMBIGUOUS;
	read = ViewNode(&proof->again, index);
	if ((read.parent == 0 ? 0 : proof->twin[read.parent]) != mine.parent)
		return FATE_AMBIGUOUS;
	if (!SameValue(mine.term, mine.value, read.value))
		return FATE_AMBIGUOUS;
	/* siblings keep their order */
	if (IsBehind(proof, node))
		return FATE_ORDER;
	return FATE_SAID;
}

/* Does a text have what the character set has not, or that would be taken for a line break? */
static bool
HasStrange(const EdiWriter *w, Span text)
{
	for (size_t i = 0; i < text.length; i++)
	{
		unsigned char c = (unsigned char) text.data[i];

		if (c < 0x20 || c == 0x7F ||
			(w->family == EDI_X12 && c < 0x80 &&
			 (c == (unsigned char) w->separators.element ||
			  c == (unsigned char) w->separators.component ||
			  c == (unsigned char) w->separators.segment)))
			return true;
	}
	return false;
}

/* Groups changed places: their first value tells, or the first one in a group inside; false if there is none. */
static bool
SayOrder(Proof *proof, uint32_t group)
{
	WriteJob *job = proof->w->job;
	uint32_t value = FirstSaid(job, job->children[group], job->children[group + 1]);

	if (value != 0)
	{
		job->fate[value] = FATE_ORDER;
		return true;
	}
	for (uint32_t i = job->children[group]; i < job->children[group + 1]; i++)
		if (SayOrder(proof, i))
			return true;
	return false;
}

static void
Judge(Proof *proof)
{
	WriteJob *job = proof->w->job;

	for (uint32_t i = 1; i <= job->document->node_count; i++)
	{
		DocumentNode node = ViewNode(job->document, i);
		WriteFate fate;

		if (TermIsGroup(node.term))
		{
			if (proof->back[i] != 0)
				job->fate[i] = FATE_SAID;
			continue;
		}
		fate = FateOf(proof, i);
		if (fate == FATE_SAID)
		{
			/* also what had no place but was derived */
			if (job->fate[i] != FATE_CUT && job->fate[i] != FATE_ORDER)
				job->fate[i] = FATE_SAID;
		}
		else if (job->fate[i] == FATE_SAID ||
				 (job->fate[i] == FATE_UNSAID && proof->back[i] != 0) ||
				 (job->fate[i] == FATE_CUT && proof->back[i] == 0))
			job->fate[i] =
				proof->back[i] != 0 && fate == FATE_AMBIGUOUS && HasStrange(proof->w, node.value)
					? FATE_CHARACTERS
					: (uint8_t) fate;
	}
	for (uint32_t i = 1; i <= job->document->node_count; i++)
		if (TermIsGroup(ViewNode(job->document, i).term) && IsBehind(proof, i))
			SayOrder(proof, i);
	for (uint32_t i = 1; i <= proof->again.node_count; i++)
		if (proof->twin[i] == 0 && !proof->preset[i])
			SayFilled(proof, i);
}

/* The first finding that would refuse the interchange. */
static ClexStatus
Refuse(EdiWriter *w, const EdiReader *reader, ClexError *error)
{
	EdiBlameFaults(w, reader);
	for (uint32_t i = 0; i < reader->findings.count; i++)
	{
		const EdiFinding *f = &VectorAt(&reader->findings, EdiFinding, i);
		Text where;

		if (!ClexEdiFaults[f->fault].fatal)
			continue;
		TextInit(&where, w->job->arena);
		EdiLocation(reader, f, &where);
		TextAppendChar(&where, '\0');
		ClexFail(error, CLEX_UNSUPPORTED, "the document does not make a sound %s",
				 w->message->type);
		ClexDetail(error, "%s at %s, expected: %.*s.", ClexEdiFaults[f->fault].name,
				   where.failed ? "" : where.data, (int) SpanCut(f->expected, 60).length,
				   f->expected.data == NULL ? "" : f->expected.data);
		ClexHint(error, "It needs what the structure requires, in values that fit it: a number, a "
						"date, in invoices a total.");
		return CLEX_UNSUPPORTED;
	}
	return ClexFail(error, CLEX_UNSUPPORTED, "the document does not make a sound %s",
					w->message->type);
}

static ClexStatus
ReadBack(Proof *proof, EdiReader *reader, Arena *body, ClexError *error)
{
	EdiWriter *w = proof->w;
	Arena *arena = w->job->arena;
	DocumentBuilder *builder;
	Span image;
	ClexStatus status = EdiReaderOpen(reader, TextSpan(w->job->out), arena, body, error);

	if (status != CLEX_OK)
		return status;
	if (!EdiReaderNext(reader))
		return reader->scanner.status != CLEX_OK ? reader->scanner.status
												 : Refuse(w, reader, error);
	builder = DocumentBegin(arena, EdiKind(reader), SPAN_LITERAL(""));
	if (builder == NULL)
		return ClexFail(error, CLEX_NO_MEMORY, "out of memory writing a document");
	status = EdiBind(reader, SpanOf(NULL, 0), arena, builder, error);
	if (status == CLEX_OK)
		status = DocumentFinish(builder, &image, error);
	if (status == CLEX_OK)
		status = DocumentOpen(image, &proof->again, error);
	if (status != CLEX_OK)
		return status;
	proof->sources = DocumentSources(builder);
	while (EdiReaderNext(reader))
		continue;
	if (reader->scanner.status != CLEX_OK)
		return reader->scanner.status;
	return reader->fatal > 0 ? Refuse(w, reader, error) : CLEX_OK;
}

ClexStatus
EdiProve(EdiWriter *w, ClexError *error)
{
	Proof proof = {.w = w};
	EdiReader reader;
	Arena body;
	ClexStatus status;

	ArenaInit(&body, w->job->arena->env, w->job->arena->limit);
	status = ReadBack(&proof, &reader, &body, error);
	ArenaFree(&body);
	if (status != CLEX_OK)
		return status;
	proof.twin =
		ArenaAllocZero(w->job->arena, ((size_t) proof.again.node_count + 1) * sizeof(uint32_t));
	proof.back = ArenaAllocZero(w->job->arena,
								((size_t) w->job->document->node_count + 1) * sizeof(uint32_t));
	proof.preset = ArenaAllocZero(w->job->arena, (size_t) proof.again.node_count + 1);
	if (proof.twin == NULL || proof.back == NULL || proof.preset == NULL)
		return ClexFail(error, CLEX_NO_MEMORY, "out of memory writing a document");
	MatchValues(&proof);
	MatchDerived(&proof);
	MatchPreset(&proof);
	Judge(&proof);
	EdiProveExtras(w, &proof.again);
	return w->status == CLEX_OK ? CLEX_OK
								: ClexFail(error, w->status, "out of memory writing a document");
}
