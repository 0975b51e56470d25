/*
 * flat_write.c
 *		CSV and positional files of documents by a mapping.
 *
 * A mapping says how terms are made of fields; here fields are found that make the terms of a document.  A term that
 * is a field alone gives it.  Of any other expression the value itself is tried for a field that is not known
 * yet, and kept if the expression then gives that value: so what can be inverted is, and what is made of known
 * fields only has to agree.  At last the rows are read and compared with the document.
 */
#include "core/codec/flat_read.h"
#include "core/codec/flat_spell.h"
#include "core/codec/flat_writer.h"

/* ---- fields of terms ---- */

/* Do the fields as they are make the term what it is? */
static bool
Yields(FlatSheet *s, const FlatTerm *term, Span value)
{
	Span made;

	FlatFieldsSet(&s->fields, s->record);
	made = FlatTermValue(&s->fields, s->record, term);
	return made.data != NULL && SameTermValue(term->term, made, value);
}

/* Spell a value for a field; NULL data: it cannot hold it. */
static Span
Spell(FlatSheet *s, const FlatField *field, TermId term, Span value, WriteFate *fate)
{
	return FlatSpell(&s->w->mapping, field, term, value, s->w->layout.guard, &s->scratch, fate);
}

/* A term that is a field alone. */
static WriteFate
FillField(FlatSheet *s, const FlatTerm *term, Span value)
{
	const FlatRecord *record = FlatRecordAt(s->w, s->record);
	Span *field = &s->fields.field[term->field];
	WriteFate fate;
	Span text =
		Spell(s, &VectorAt(&record->fields, FlatField, term->field), term->term, value, &fate);

	if (text.data == NULL || text.length == 0)
		return fate;
	if (field->data == NULL)
		*field = text;
	else if (!SpanEqual(*field, text))
	{
		s->conflicts++;
		return FATE_AMBIGUOUS;
	}
	return fate;
}

/*
 * A term that is made of fields: they do already, or with its value in one that nothing else is known of.  Fields
 * that another term is alone are left to that.
 */
static WriteFate
FillExpression(FlatSheet *s, const FlatTerm *term, Span value)
{
	const FlatRecord *record = FlatRecordAt(s->w, s->record);

	if (Yields(s, term, value))
		return FATE_SAID;
	for (uint32_t i = 0; i < record->fields.count && s->fields.status == CLEX_OK; i++)
	{
		const FlatField *field = &VectorAt(&record->fields, FlatField, i);
		WriteFate fate;
		Span text;

		if (s->fields.field[i].data != NULL || field->direct || !FlatNames(term->text, field->name))
			continue;
		text = Spell(s, field, term->term, value, &fate);
		if (text.data == NULL || text.length == 0)
			continue;
		s->fields.field[i] = text;
		if (Yields(s, term, value))
			return fate;
		s->fields.field[i] = SpanOf(NULL, 0);
	}
	return FATE_AMBIGUOUS;
}

/* The node of a term below one of a group, by the first of each step; 0: there is none. */
static uint32_t
NodeOf(const DocumentView *view, uint32_t node, TermId group, TermId term)
{
	uint32_t count;

	if (term == group)
		return node;
	if (ClexTerms[term].parent != group)
	{
		node = NodeOf(view, node, group, ClexTerms[term].parent);
		if (node == 0)
			return 0;
	}
	return ViewFind(view, node, term, &count);
}

/*
 * Fill the fields that terms speak of, those that are fields alone first.  `say`: what becomes of the terms is
 * said of the document's nodes.
 */
static void
Fill(FlatSheet *s, const Vector *terms, uint32_t node, TermId group, bool say)
{
	for (int alone = 1; alone >= 0; alone--)
		for (uint32_t i = 0; i < terms->count && s->fields.status == CLEX_OK; i++)
		{
			const FlatTerm *term = &VectorAt(terms, FlatTerm, i);
			uint32_t found =
				(term->field >= 0) == alone ? NodeOf(s->job.document, node, group, term->term) : 0;
			WriteFate fate;
			Span value;

			if (found == 0)
				continue;
			value = ViewNode(s->job.document, found).value;
			fate = alone ? FillField(s, term, value) : FillExpression(s, term, value);
			if (say)
				JobSay(&s->job, found, fate);
		}
}

/* Would the row, as it is filled, add the group? */
static bool
Holds(FlatSheet *s, const FlatGroup *group)
{
	Span *values = ArenaAllocZero(&s->scratch, (group->terms.count + 1) * sizeof(Span));

	if (values == NULL)
	{
		FlatSheetFail(s);
		return false;
	}
	FlatFieldsSet(&s->fields, s->record);
	return FlatTermValues(&s->fields, s->record, &group->terms, values) &&
		   FlatGroupHolds(group, values);
}

/* ---- documents ---- */

/* Something became of all values of a group. */
static void
SayBelow(WriteJob *job, uint32_t node, WriteFate fate)
{
	if (!TermIsGroup(ViewNode(job->document, node).term))
		JobSay(job, node, fate);
	for (uint32_t i = job->children[node]; i < job->children[node + 1]; i++)
		SayBelow(job, i, fate);
}

/* Is the group free in the row at hand, and all below it? */
static bool
IsFree(const FlatSheet *s, uint32_t group)
{
	const FlatRecord *record = FlatRecordAt(s->w, s->record);
	TermId term = VectorAt(&record->groups, FlatGroup, group).group;

	for (uint32_t g = 0; g < record->groups.count; g++)
	{
		TermId other = VectorAt(&record->groups, FlatGroup, g).group;

		while (other != TERM_NONE && other != term)
			other = ClexTerms[other].parent;
		if (s->taken[g] && other == term)
			return false;
	}
	return true;
}

/* Would the row, as it is filled, add a group that comes before one, and that has gone out already? */
static bool
AddsEarlier(FlatSheet *s, const FlatPlace *place)
{
	for (const FlatPlace *p = &VectorAt(&s->w->places, FlatPlace, 0); p < place; p++)
		if (p->record == place->record && !s->taken[p->group] &&
			Holds(s, &VectorAt(&FlatRecordAt(s->w, p->record)->groups, FlatGroup, p->group)))
			return true;
	return false;
}

/* Put a group into the row at hand; false: a field would have two values, or the row would not add it. */
static bool
PutGroup(FlatSheet *s, const FlatPlace *place, uint32_t node, bool whatever)
{
	const FlatRecord *record = FlatRecordAt(s->w, place->record);
	const FlatGroup *group = &VectorAt(&record->groups, FlatGroup, place->group);
	Span before[FLAT_MOST_FIELDS];
	bool good;

	bool earlier = AddsEarlier(s, place);

	memcpy(before, s->fields.field, record->fields.count * sizeof(Span));
	s->conflicts = 0;
	Fill(s, &group->terms, node, place->term, false);
	good =
		Holds(s, group) && (whatever || s->conflicts == 0) && (earlier || !AddsEarlier(s, place));
	memcpy(s->fields.field, before, record->fields.count * sizeof(Span));
	if (!good)
		return false;
	Fill(s, &group->terms, node, place->term, true);
	s->taken[place->group] = s->any = true;
	return true;
}

/* Add a group: in the row at hand if it has room, else in one more. */
static bool
AddGroup(FlatSheet *s, const FlatPlace *place, uint32_t node)
{
	const FlatRecord *record = FlatRecordAt(s->w, place->record);
	bool same = s->record == place->record && IsFree(s, place->group);

	if (ClexInterrupted(s->job.arena->env) && s->fields.status == CLEX_OK)
		s->fields.status = ClexFail(s->fields.error, CLEX_INTERRUPTED, "interrupted");
	if (same && PutGroup(s, place, node, false))
		return true;
	/* one row more would be a document more */
	if (record->opens || (record->key >= 0 && place->record != s->w->opener))
	{
		if (same && PutGroup(s, place, node, true))
			return true;
		SayBelow(&s->job, node, same ? FATE_BY_ITSELF : FATE_NO_ROOM);
		return false;
	}
	FlatEndRow(s);
	FlatBeginRow(s, place->record);
	if (PutGroup(s, place, node, true))
		return true;
	SayBelow(&s->job, node, FATE_BY_ITSELF);
	return false;
}

/* All nodes of a group below a node, in their order. */
static void
FindBelow(FlatSheet *s, uint32_t node, TermId term, Vector *found)
{
	for (uint32_t i = s->job.children[node]; i < s->job.children[node + 1]; i++)
	{
		TermId here = ViewNode(s->job.document, i).term;
		TermId above = term;
		uint32_t *slot;

		if (here == term)
		{
			slot = VectorPush(found);
			if (slot == NULL)
				FlatSheetFail(s);
			else
				*slot = i;
			continue;
		}
		while (above != TERM_NONE && above != here)
			above = ClexTerms[above].parent;
		if (above == here)
			FindBelow(s, i, term, found);
	}
}

/* The groups below a node, each followed by those below it. */
static void
AddGroups(FlatSheet *s, uint32_t node, TermId above)
{
	for (uint32_t p = 0; p < s->w->places.count; p++)
	{
		const FlatPlace *place = &VectorAt(&s->w->places, FlatPlace, p);
		Vector found;

		if (place->above != above)
			continue;
		VectorInit(&found, s->job.arena, sizeof(uint32_t));
		FindBelow(s, node, place->term, &found);
		for (uint32_t i = 0; i < found.count && s->fields.status == CLEX_OK; i++)
			if (AddGroup(s, place, VectorAt(&found, uint32_t, i)))
				AddGroups(s, VectorAt(&found, uint32_t, i), place->term);
	}
}

/* The row that begins the document.  A key that no term gives is its number in the file. */
static ClexStatus
AddFirstRow(FlatSheet *s, ClexError *error)
{
	FlatWriter *w = s->w;
	const FlatRecord *record = FlatRecordAt(w, w->opener);
	Span *key;

	FlatBeginRow(s, w->opener);
	s->first = true;
	Fill(s, &record->terms, 0, TERM_NONE, true);
	if (record->key >= 0)
	{
		key = &s->fields.field[record->key];
		if (key->data == NULL)
			*key = SpanFromCString(ArenaPrintf(s->job.arena, "%u", w->documents));
		if (!record->opens && w->documents > 1 && SpanEqual(*key, w->key))
		{
			ClexFail(error, CLEX_INVALID, "two documents would be read as one");
			ClexDetail(error, "Field \"%.*s\" of both is \"%.*s\".",
					   (int) VectorAt(&record->fields, FlatField, record->key).name.length,
					   VectorAt(&record->fields, FlatField, record->key).name.data,
					   (int) SpanCut(*key, 80).length, key->data);
			return CLEX_INVALID;
		}
		w->key = ArenaCopy(w->arena, *key);
	}
	s->base = ArenaAllocZero(s->job.arena, record->fields.count * sizeof(Span));
	if (s->base == NULL)
		return FlatOutOfMemory(error);
	for (uint32_t i = 0; i < record->fields.count; i++)
		if (s->fields.field[i].data != NULL)
			s->base[i] = ArenaCopy(s->job.arena, s->fields.field[i]);
	return s->fields.status;
}

/* What was read of the rows. */
typedef struct Again
{
	Arena *arena;
	Span image;
	uint32_t documents;
} Again;

static void
TakeDocument(void *state, uint32_t number, uint32_t first_row, uint32_t last_row, Span image)
{
	Again *again = state;

	(void) first_row;
	(void) last_row;
	again->documents = number;
	again->image = ArenaCopy(again->arena, image);
}

/* A term that has a place, of which this is one too many. */
static void
SayNoRoom(FlatSheet *s)
{
	WriteJob *job = &s->job;

	for (uint32_t i = 1; i <= job->document->node_count; i++)
		if (job->fate[i] == FATE_UNSAID && s->w->mapped[ViewNode(job->document, i).term])
			job->fate[i] = FATE_NO_ROOM;
}

static bool
SaysAnything(const WriteJob *job)
{
	for (uint32_t i = 1; i <= job->document->node_count; i++)
		if ((job->fate[i] == FATE_SAID || job->fate[i] == FATE_CHARACTERS ||
			 job->fate[i] == FATE_CUT) &&
			!TermIsGroup(ViewNode(job->document, i).term))
			return true;
	return false;
}

static ClexStatus
SaysNothing(ClexError *error)
{
	return ClexFail(error, CLEX_UNSUPPORTED, "the mapping has nothing to say of the document");
}

/* Read the rows, and compare. */
static ClexStatus
Prove(FlatSheet *s, ClexError *error)
{
	FlatWriter *w = s->w;
	Again again = {.arena = s->job.arena};
	FlatSink sink = {.document = TakeDocument, .state = &again};
	FlatRequest request = {
		.compiled = &w->mapping, .arena = s->job.arena, .scratch = &s->scratch, .sink = &sink};
	DocumentView view;
	ClexStatus status;
	Text file;
	Text encoded;

	TextInit(&file, s->job.arena);
	TextInit(&encoded, s->job.arena);
	TextAppendSpan(&file, TextSpan(&w->header));
	TextAppendSpan(&file, TextSpan(&s->out));
	if (file.failed)
		return FlatOutOfMemory(error);
	status = FlatEncode(&w->mapping, TextSpan(&file), false, &encoded, error);
	request.content = TextSpan(&encoded);
	if (status == CLEX_OK)
		status = FlatRead(&request, error);
	if (status == CLEX_MALFORMED)
		return SaysNothing(error);
	if (status != CLEX_OK)
		return status;
	if (again.documents != 1)
		return ClexFail(error, CLEX_INVALID, "the document would be read as %u", again.documents);
	if (again.image.data == NULL)
		return FlatOutOfMemory(error);
	status = DocumentOpen(again.image, &view, error);
	if (status == CLEX_OK && view.kind != s->job.document->kind)
	{
		ClexFail(error, CLEX_UNSUPPORTED, "the mapping cannot say that the document is of kind %s",
				 DocumentKindName(s->job.document->kind));
		ClexHint(error, "It tells credit notes by their type: give it BT-3.");
		return CLEX_UNSUPPORTED;
	}
	SayNoRoom(s);
	if (status == CLEX_OK)
		status = CodecMatch(&s->job, again.image, true, error);
	return status == CLEX_OK && !SaysAnything(&s->job) ? SaysNothing(error) : status;
}

/* A mapping of invoices has credit notes too, if it can say so. */
static bool
IsOfKind(unsigned kind, unsigned mapped)
{
	return kind == mapped || (kind == DOCUMENT_CREDIT_NOTE && mapped == DOCUMENT_INVOICE) ||
		   (kind == DOCUMENT_INVOICE && mapped == DOCUMENT_CREDIT_NOTE);
}

ClexStatus
FlatWriterAdd(FlatWriter *w, const DocumentView *document, Arena *body, Vector *losses,
			  ClexError *error)
{
	FlatSheet *s = ArenaAllocZero(body, sizeof(FlatSheet));
	ClexStatus status;

	if (!IsOfKind(document->kind, w->mapping.kind))
	{
		ClexFail(error, CLEX_UNSUPPORTED, "the mapping has no documents of kind %s",
				 DocumentKindName(document->kind));
		ClexHint(error, "Its key \"kind\" says what it has; without it that is invoices.");
		return CLEX_UNSUPPORTED;
	}
	if (s == NULL)
		return FlatOutOfMemory(error);
	s->w = w;
	s->job = (WriteJob){.document = document, .arena = body};
	s->taken = ArenaAllocZero(body, (w->most_groups + 1) * sizeof(bool));
	status = JobOpen(&s->job, error);
	if (status != CLEX_OK || s->taken == NULL)
		return status != CLEX_OK ? status : FlatOutOfMemory(error);
	memset(s->job.extra_fate, FATE_OTHER_FORMAT, document->extra_count);
	ArenaInit(&s->scratch, body->env, body->limit);
	TextInit(&s->out, body);
	w->documents++;
	FlatFieldsOpen(&s->fields, &w->mapping, body, &s->scratch, error);
	status = s->fields.status == CLEX_OK ? AddFirstRow(s, error) : s->fields.status;
	if (status == CLEX_OK)
	{
		AddGroups(s, 0, TERM_NONE);
		FlatEndRow(s);
		status = s->out.failed ? FlatOutOfMemory(error) : s->fields.status;
	}
	if (status == CLEX_OK)
		status = Prove(s, error);
	if (status == CLEX_OK)
		status = JobLosses(&s->job, losses, error);
	TextAppendSpan(&w->rows, TextSpan(&s->out));
	FlatFieldsClose(&s->fields);
	ArenaFree(&s->scratch);
	return status;
}
