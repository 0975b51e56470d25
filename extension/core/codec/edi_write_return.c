/*
 * edi_write_return.c
 *		Which extras can go back: those that come back as they were, and do no harm.
 *
 * An extra may be what only its own message could hold: put back it would be a term, stand in the way of one, or
 * make the message unsound.  So the message is written with all of them and read; what is wrong is kept out, and it
 * is written again, until nothing is wrong or no extra is left.
 */
#include "core/codec/edi_writer.h"

#define MAX_WRITINGS 12 /* after so many no extra goes back */
#define MAX_FAULTS 100	/* looked at each time */

void
EdiKeepOut(EdiWriter *w, uint32_t extra, WriteFate fate)
{
	if (w->kept_out[extra] != 0)
		return;
	w->kept_out[extra] = (uint8_t) fate;
	w->again = true;
}

/* Keep out the extras of a segment. */
static void
KeepOutOf(EdiWriter *w, const EdiPut *put, WriteFate fate)
{
	for (uint32_t i = put->first; i != EDI_NONE; i = EdiCellAt(w, i)->next)
		if (EdiCellAt(w, i)->extra != 0)
			EdiKeepOut(w, EdiCellAt(w, i)->extra - 1, fate);
}

/* No extra goes back, and nothing is put into their order. */
static void
KeepAllOut(EdiWriter *w, WriteFate fate)
{
	w->again |= w->returns;
	w->returns = false;
	for (uint32_t i = 0; i < w->job->document->extra_count; i++)
		if (w->job->extra_fate[i] == FATE_SAID || w->job->extra_fate[i] == FATE_ORDER)
			EdiKeepOut(w, i, fate);
}

void
EdiBlameFaults(EdiWriter *w, const EdiReader *reader)
{
	uint32_t faults = 0;

	if (!w->returns)
		return;
	for (uint32_t i = 0; i < reader->findings.count && faults < MAX_FAULTS; i++)
	{
		const EdiFinding *f = &VectorAt(&reader->findings, EdiFinding, i);

		if (!ClexEdiFaults[f->fault].fatal)
			continue;
		faults++;
		for (uint32_t p = 0; p < w->puts.count; p++)
			if (EdiPutAt(w, p)->begin <= f->offset && f->offset < EdiPutAt(w, p)->end)
				KeepOutOf(w, EdiPutAt(w, p), FATE_CODE);
	}
	if (!w->again)
		KeepAllOut(w, FATE_BY_ITSELF);
}

/* ---- did they come back? ---- */

/* Extras of what was read, found by their path and value; without the numbers in the path too. */
typedef struct Found
{
	const DocumentView *view;
	uint32_t *slots; /* open addressing: number of an extra + 1 */
	uint32_t *next;	 /* by extra: the next one of the same hash + 1 */
	bool *taken;
	uint32_t slot_count;
	bool numbers;
} Found;

/* The next sign of a path that counts, '\0' at its end. */
static char
NextSign(Span path, size_t *i, bool numbers)
{
	while (!numbers && *i < path.length && path.data[*i] == '[')
	{
		while (*i < path.length && path.data[*i] != ']')
			(*i)++;
		(*i)++;
	}
	return *i < path.length ? path.data[(*i)++] : '\0';
}

static uint32_t
HashExtra(const Found *found, DocumentExtra extra)
{
	uint32_t hash = SpanHash(extra.value);
	size_t i = 0;

	for (char c = NextSign(extra.path, &i, found->numbers); c != '\0';
		 c = NextSign(extra.path, &i, found->numbers))
		hash = hash * 31 + (unsigned char) c;
	return hash;
}

static bool
SameExtra(const Found *found, DocumentExtra a, DocumentExtra b)
{
	size_t i = 0;
	size_t k = 0;
	char c;

	if (!SpanEqual(a.value, b.value))
		return false;
	do
		c = NextSign(a.path, &i, found->numbers);
	while (c == NextSign(b.path, &k, found->numbers) && c != '\0');
	return c == '\0' && i >= a.path.length && k >= b.path.length;
}

/* Put what is not taken into the table, so that the first of several is found first. */
static bool
OpenFound(Found *found, const EdiWriter *w, const DocumentView *again)
{
	Arena *arena = w->job->arena;

	if (found->taken == NULL)
	{
		found->view = again;
		found->slot_count = again->extra_count + 1;
		found->taken = ArenaAllocZero(arena, found->slot_count);
		found->next = ArenaAllocArray(arena, found->slot_count, sizeof(uint32_t));
		found->slots = ArenaAllocArray(arena, found->slot_count, sizeof(uint32_t));
	}
	if (found->taken == NULL || found->next == NULL || found->slots == NULL)
		return false;
	memset(found->slots, 0, found->slot_count * sizeof(uint32_t));
	for (uint32_t i = again->extra_count; i > 0; i--)
	{
		uint32_t *slot =
			&found->slots[HashExtra(found, ViewExtra(again, i - 1)) % found->slot_count];

		if (found->taken[i - 1])
			continue;
		found->next[i - 1] = *slot;
		*slot = i;
	}
	return true;
}

/* Take an extra of what was read that is the same; false if there is none. */
static bool
TakeFound(Found *found, DocumentExtra extra)
{
	uint32_t *link = &found->slots[HashExtra(found, extra) % found->slot_count];

	for (; *link != 0; link = &found->next[*link - 1])
		if (SameExtra(found, extra, ViewExtra(found->view, *link - 1)))
		{
			found->taken[*link - 1] = true;
			*link = found->next[*link - 1];
			return true;
		}
	return false;
}

void
EdiProveExtras(EdiWriter *w, const DocumentView *again)
{
	const DocumentView *view = w->job->document;
	Found found = {.numbers = true};

	if (!w->returns || view->extra_count == 0)
		return;
	for (unsigned pass = 0; pass < 2; pass++)
	{
		found.numbers = pass == 0;
		if (!OpenFound(&found, w, again))
		{
			w->status = CLEX_NO_MEMORY;
			return;
		}
		for (uint32_t i = 0; i < view->extra_count; i++)
		{
			uint8_t *fate = &w->job->extra_fate[i];

			if (*fate != (pass == 0 ? FATE_SAID : FATE_ORDER))
				continue;
			if (!TakeFound(&found, ViewExtra(view, i)))
			{
				*fate = FATE_ORDER;
				if (pass == 1)
					EdiKeepOut(w, i, FATE_AMBIGUOUS);
			}
		}
	}
}

/* ---- are the terms what they are without them? ---- */

/* Is a value not said as it is, or a placeholder beside it? */
static bool
IsWanting(const WriteJob *job, uint32_t node)
{
	return (job->fate[node] != FATE_SAID && !TermIsGroup(ViewNode(job->document, node).term)) ||
		   job->filled[node];
}

/* Is some term wanting in a message with extras, which may be why? */
static bool
IsDoubtful(const EdiWriter *w)
{
	bool wanting = false;
	bool returned = false;

	for (uint32_t i = 1; i <= w->job->document->node_count && !wanting; i++)
		wanting = IsWanting(w->job, i);
	for (uint32_t i = 0; i < w->job->document->extra_count && !returned; i++)
		returned = w->job->extra_fate[i] == FATE_SAID || w->job->extra_fate[i] == FATE_ORDER;
	return wanting && returned;
}

/* Keep out the extras beside terms that are not wanting without them; if there are none, all. */
static void
BlameTerms(EdiWriter *w, const bool *alone)
{
	uint32_t count = w->job->document->node_count;
	bool any = false;

	for (uint32_t p = 0; p < w->puts.count; p++)
		for (uint32_t i = EdiPutAt(w, p)->first; i != EDI_NONE; i = EdiCellAt(w, i)->next)
		{
			uint32_t node = EdiCellAt(w, i)->node;

			if (node != 0 && IsWanting(w->job, node) && !alone[node])
				KeepOutOf(w, EdiPutAt(w, p), FATE_AMBIGUOUS);
		}
	for (uint32_t i = 1; i <= count; i++)
		any |= IsWanting(w->job, i) && !alone[i];
	if (any && !w->again)
		KeepAllOut(w, FATE_AMBIGUOUS);
}

/* Which values are wanting if no extra goes back; where the message is not sound then, all may be. */
static ClexStatus
LookAlone(EdiWriter *w, const EdiAddresses *addresses, bool **alone, ClexError *error)
{
	size_t nodes = (size_t) w->job->document->node_count + 1;
	uint32_t extras = w->job->document->extra_count;
	uint8_t *kept_out = w->kept_out;
	ClexStatus status;

	*alone = ArenaAllocZero(w->job->arena, nodes);
	w->kept_out = ArenaAlloc(w->job->arena, extras);
	if (*alone == NULL || w->kept_out == NULL)
		return ClexFail(error, CLEX_NO_MEMORY, "out of memory writing a document");
	memset(w->kept_out, FATE_BY_ITSELF, extras);
	w->returns = false;
	status = EdiWriteOnce(w, addresses, error);
	w->returns = true;
	w->kept_out = kept_out;
	for (uint32_t i = 1; i < nodes; i++)
		(*alone)[i] = status != CLEX_OK || IsWanting(w->job, i);
	return status == CLEX_UNSUPPORTED ? CLEX_OK : status;
}

ClexStatus
EdiWriteReturning(EdiWriter *w, const EdiAddresses *addresses, ClexError *error)
{
	bool *alone = NULL;

	for (unsigned i = 1;; i++)
	{
		ClexStatus status = EdiWriteOnce(w, addresses, error);

		if (status != CLEX_OK && status != CLEX_UNSUPPORTED)
			return status;
		if (!w->again && IsDoubtful(w))
		{
			if (alone == NULL)
			{
				status = LookAlone(w, addresses, &alone, error);
				if (status != CLEX_OK)
					return status;
				continue;
			}
			BlameTerms(w, alone);
		}
		if (!w->again)
			return status;
		if (i >= MAX_WRITINGS)
			KeepAllOut(w, FATE_BY_ITSELF);
	}
}
