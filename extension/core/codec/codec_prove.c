/*
 * codec_prove.c
 *		The proof of what a writer says: the output is read, and compared with the document.
 *
 * A format whose elements stand for several terms, or for none unless something is beside them, may read a value
 * as another one, or not at all.  What does not come back is told, so that nothing is lost in silence.  Nodes are
 * matched from the top, in their order; a group goes with the next one that has a value in common with it.
 */
#include "core/base/decimal.h"
#include "core/codec/codec.h"

/* So far ahead is a sibling looked for: what was left out in between is rarely more. */
#define AHEAD 64

typedef struct Proof
{
	WriteJob *job;
	DocumentView again;
	uint32_t *twin; /* of each node read, the node of the document; 0: none */
	uint32_t steps;
	bool interrupted;
} Proof;

static bool
IsWritten(const WriteJob *job, uint32_t node)
{
	switch ((WriteFate) job->fate[node])
	{
		case FATE_SAID:
		case FATE_CHARACTERS:
		case FATE_CUT:
		case FATE_REPLACED:
			return true;
		default:
			return false;
	}
}

/* Is a value, or one below a group, in the output? */
static bool
SaysSomething(const WriteJob *job, uint32_t node)
{
	if (!TermIsGroup(ViewNode(job->document, node).term))
		return IsWritten(job, node);
	for (uint32_t i = job->children[node]; i < job->children[node + 1]; i++)
		if (SaysSomething(job, i))
			return true;
	return false;
}

bool
SameTermValue(TermId term, Span a, Span b)
{
	Decimal x;
	Decimal y;

	return SpanEqual(a, b) ||
		   (ClexTerms[term].type == VALUE_DECIMAL && DecimalParse(a, &x) == CLEX_OK &&
			DecimalParse(b, &y) == CLEX_OK && DecimalCompare(x, y) == 0);
}

/* What is in the output, and not what it was, is told already. */
static bool
SameValue(const WriteJob *job, uint32_t node, DocumentNode read)
{
	DocumentNode mine = ViewNode(job->document, node);

	return job->fate[node] != FATE_SAID || SameTermValue(mine.term, mine.value, read.value);
}

/* Is there anything that a node and one that was read have in common? */
static bool
Agrees(Proof *proof, uint32_t mine, uint32_t read)
{
	WriteJob *job = proof->job;

	if (++proof->steps % 4096 == 0 && ClexInterrupted(job->arena->env))
		proof->interrupted = true;
	if (proof->interrupted)
		return false;
	if (!TermIsGroup(ViewNode(job->document, mine).term))
		return IsWritten(job, mine) && SameValue(job, mine, ViewNode(&proof->again, read));
	for (uint32_t i = job->children[mine]; i < job->children[mine + 1]; i++)
	{
		uint32_t count;
		uint32_t found = ViewFind(&proof->again, read, ViewNode(job->document, i).term, &count);

		for (uint32_t k = 0; found != 0 && k < count && k < AHEAD; k++)
			if (Agrees(proof, i, found + k))
				return true;
	}
	return false;
}

/* A value, or all of a group, does not come back. */
static void
SayGone(WriteJob *job, uint32_t node)
{
	if (IsWritten(job, node) && !TermIsGroup(ViewNode(job->document, node).term))
		job->fate[node] = FATE_AMBIGUOUS;
	for (uint32_t i = job->children[node]; i < job->children[node + 1]; i++)
		SayGone(job, i);
}

/* The children of a node against those of the one that stands for it; 0 and 0: of the documents. */
static void
MatchBelow(Proof *proof, uint32_t mine, uint32_t theirs)
{
	WriteJob *job = proof->job;
	TermId term = TERM_NONE;
	uint32_t found = 0;
	uint32_t count = 0;
	uint32_t next = 0;

	for (uint32_t i = job->children[mine]; i < job->children[mine + 1]; i++)
	{
		uint32_t k;

		if (ViewNode(job->document, i).term != term)
		{
			term = ViewNode(job->document, i).term;
			found = ViewFind(&proof->again, theirs, term, &count);
			next = 0;
		}
		/* what qualifies a value that is not there would stand beside another one */
		if (!SaysSomething(job, i))
		{
			SayGone(job, i);
			continue;
		}
		for (k = next; found != 0 && k < count && k < next + AHEAD; k++)
			if (Agrees(proof, i, found + k))
				break;
		if (found == 0 || k == count || k == next + AHEAD)
		{
			SayGone(job, i);
			continue;
		}
		next = k + 1;
		proof->twin[found + k] = i;
		MatchBelow(proof, i, found + k);
	}
}

/* The first value below a node of the document that is in the output; 0 if none is. */
static uint32_t
FirstWritten(const WriteJob *job, uint32_t parent)
{
	for (uint32_t i = job->children[parent]; i < job->children[parent + 1]; i++)
		if (IsWritten(job, i) && !TermIsGroup(ViewNode(job->document, i).term))
			return i;
	return 0;
}

/* What was read, and the document does not have, came with a value beside it. */
static void
SayFilled(Proof *proof)
{
	WriteJob *job = proof->job;

	for (uint32_t i = 1; i <= proof->again.node_count; i++)
	{
		DocumentNode node = ViewNode(&proof->again, i);
		uint32_t parent = node.parent == 0 ? 0 : proof->twin[node.parent];
		uint32_t beside = FirstWritten(job, parent);

		if (proof->twin[i] != 0 || TermIsGroup(node.term))
			continue;
		for (uint32_t k = 1; beside == 0 && k <= job->document->node_count; k++)
			beside = FirstWritten(job, k);
		if (beside != 0)
			JobSay(job, beside, FATE_FILLED);
	}
}

ClexStatus
CodecMatch(WriteJob *job, Span image, bool fillers, ClexError *error)
{
	Proof proof = {.job = job};
	ClexStatus status = DocumentOpen(image, &proof.again, error);

	if (status != CLEX_OK)
		return status;
	proof.twin =
		ArenaAllocZero(job->arena, ((size_t) proof.again.node_count + 1) * sizeof(uint32_t));
	if (proof.twin == NULL)
		return ClexFail(error, CLEX_NO_MEMORY, "out of memory writing a document");
	MatchBelow(&proof, 0, 0);
	if (fillers)
		SayFilled(&proof);
	return proof.interrupted ? ClexFail(error, CLEX_INTERRUPTED, "canceled") : CLEX_OK;
}

ClexStatus
CodecProve(WriteJob *job, bool fillers, ClexError *error)
{
	XmlLimits limits = XML_DEFAULT_LIMITS;
	ReadRequest request = {.content = TextSpan(job->out), .limits = &limits};
	Span image;
	Tree tree;
	ClexStatus status = ReadDocument(&request, job->arena, &tree, &image, error);

	return status == CLEX_OK ? CodecMatch(job, image, fillers, error) : status;
}
