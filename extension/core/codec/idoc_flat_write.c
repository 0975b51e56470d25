/*
 * idoc_flat_write.c
 *		Writing flat IDocs: the elements of the XML form as records of fixed width.
 *
 * The writer of XML makes the elements, which are read into a tree again.  Numbers and levels of segments are
 * counted, unless an attribute has what the header of the record said.  What no record can hold (an element
 * that is no field, the end of a value that is too long) is told of the extra that it is; of terms the
 * proof of the whole tells.
 */
#include "core/codec/idoc_flat.h"

typedef struct IdocWriter
{
	WriteJob *job;
	const Tree *tree;
	Span versions; /* of attribute SEGNAMS */
	Span client;
	Span number;
	uint32_t segments; /* number of the last one */
} IdocWriter;

/* Say of the extra at a node what became of it; a node that is none is a term. */
static void
Tell(IdocWriter *w, uint32_t node, WriteFate fate)
{
	const DocumentView *view = w->job->document;
	Text path;

	TextInit(&path, w->job->arena);
	TreeLocation(w->tree, node, &path);
	w->job->out->failed |= path.failed;
	for (uint32_t i = 0; i < view->extra_count && !path.failed; i++)
		if (SpanEqual(ViewExtra(view, i).path, TextSpan(&path)) &&
			w->job->extra_fate[i] == FATE_SAID)
			w->job->extra_fate[i] = (uint8_t) fate;
}

/* All below a node is lost. */
static void
TellLost(IdocWriter *w, uint32_t node)
{
	for (uint32_t i = node; i < TreeAt(w->tree, node)->end; i++)
		Tell(w, i, FATE_UNSAID);
}

/* A text, as far as there is room; signs that end a record become blanks. */
static WriteFate
AppendText(Text *out, Span text, size_t *room)
{
	WriteFate fate = FATE_SAID;

	for (size_t i = 0; i < text.length; i++)
	{
		bool starts = ((unsigned char) text.data[i] & 0xC0) != 0x80;
		bool control = (unsigned char) text.data[i] < 0x20;

		if (starts && *room == 0)
			return FATE_CUT;
		*room -= starts;
		if (control)
			fate = FATE_CHARACTERS;
		TextAppendChar(out, control ? ' ' : text.data[i]);
	}
	return fate;
}

/* The same of a field, which is filled up with blanks. */
static WriteFate
AppendField(Text *out, Span text, size_t width)
{
	WriteFate fate = AppendText(out, text, &width);

	while (width-- > 0)
		TextAppendChar(out, ' ');
	return fate;
}

/* The attribute of an element by its name with @, 0: it has none. */
static uint32_t
AttributeOf(const Tree *tree, uint32_t node, const char *name)
{
	for (uint32_t i = node + 1; i < TreeAt(tree, node)->end && TreeIsAttribute(tree, i); i++)
		if (SpanEqualCString(TreeName(tree, i), name))
			return i;
	return 0;
}

static Span
AttributeText(const Tree *tree, uint32_t node, const char *name, Span otherwise)
{
	uint32_t attribute = AttributeOf(tree, node, name);

	return attribute == 0 ? otherwise : TreeText(tree, attribute);
}

/* The next element that stands in a node behind another, or the first one; 0: there is none. */
static uint32_t
NextElement(const Tree *tree, uint32_t node, uint32_t after)
{
	uint32_t next = after == 0 ? node + 1 : TreeAt(tree, after)->end;

	while (next < TreeAt(tree, node)->end && TreeIsAttribute(tree, next))
		next++;
	return next < TreeAt(tree, node)->end ? next : 0;
}

/* Is it a segment, of the schema or of a customer: one with elements in it? */
static bool
IsSegment(const Tree *tree, uint32_t node, uint16_t type)
{
	const PlanElement *element = PlanFindElement(type, TreeAt(tree, node)->name);

	return element != NULL ? element->type != 0 : NextElement(tree, node, 0) != 0;
}

/* The fields of a record in their order, and the data that no field has. */
static void
AppendFields(IdocWriter *w, uint32_t node, uint16_t type)
{
	const PlanElement *fields[PLAN_MAX_POSITION];
	uint32_t count = IdocFields(type, fields);
	uint32_t rest = TreeChild(w->tree, node, NAME_SDATA);
	size_t room = SIZE_MAX;

	for (uint32_t i = 0; i < count; i++)
	{
		uint32_t field = TreeChild(w->tree, node, fields[i]->name);
		/* what a file begins with, although an element need not repeat its name */
		Span text = fields[i]->name == NAME_TABNAM ? SPAN_LITERAL("EDI_DC40") : SpanOf("", 0);
		WriteFate fate;

		if (field != 0)
			text = TreeText(w->tree, field);
		fate = AppendField(w->job->out, text, fields[i]->length);
		if (fate != FATE_SAID)
			Tell(w, field, fate);
	}
	if (rest != 0 && AppendText(w->job->out, TreeText(w->tree, rest), &room) != FATE_SAID)
		Tell(w, rest, FATE_CHARACTERS);
	for (uint32_t i = NextElement(w->tree, node, 0); i != 0; i = NextElement(w->tree, node, i))
	{
		const PlanElement *element = PlanFindElement(type, TreeAt(w->tree, i)->name);

		/* elements that are no field, and fields that stand twice */
		if (i != rest && !IsSegment(w->tree, i, type) &&
			(element == NULL || element->length == 0 ||
			 TreeChild(w->tree, node, element->name) != i))
			TellLost(w, i);
	}
}

/* The definition of a segment: the version that was read, or the one of the table. */
static Span
DefinitionOf(IdocWriter *w, uint32_t node)
{
	Span rest = w->versions;
	NameId name = TreeAt(w->tree, node)->name;

	while (rest.length > 0)
	{
		const char *blank = memchr(rest.data, ' ', rest.length);
		size_t length = blank == NULL ? rest.length : (size_t) (blank - rest.data);

		if (IdocSegmentOf(SpanOf(rest.data, length)) == name && name != NAME_NONE)
			return SpanOf(rest.data, length);
		length += blank != NULL;
		rest = SpanOf(rest.data + length, rest.length - length);
	}
	return IdocDefinitionOf(TreeName(w->tree, node), w->job->arena);
}

static bool
IsKnownAttribute(Span name)
{
	bool known = SpanEqualCString(name, "@SEGMENT");

	for (int i = 0; i < IDOC_PARTS; i++)
		known |= SpanEqualCString(name, ClexIdocParts[i].attribute);
	return known;
}

static Span
Digits(IdocWriter *w, uint32_t number, int width)
{
	const char *text = ArenaPrintf(w->job->arena, "%0*u", width, number);

	w->job->out->failed |= text == NULL;
	return text == NULL ? SpanOf("", 0) : SpanFromCString(text);
}

/*
 * A part of the header: what an attribute has, else what the place says.  Where both are the same now, the
 * segments stand in another order than they did.
 */
static Span
AppendPart(IdocWriter *w, uint32_t node, IdocPart part, Span counted)
{
	uint32_t attribute = AttributeOf(w->tree, node, ClexIdocParts[part].attribute);
	Span said = attribute == 0 ? counted : TreeText(w->tree, attribute);
	WriteFate fate = AppendField(w->job->out, said, ClexIdocParts[part].width);

	if (attribute != 0 && SpanEqual(said, counted))
		fate = FATE_ORDER;
	if (attribute != 0 && fate != FATE_SAID)
		Tell(w, attribute, fate);
	return said;
}

/* A segment and those in it; `above` is the number of the one it stands in. */
static void
AppendSegment(IdocWriter *w, uint32_t node, uint16_t parent_type, Span above, uint32_t depth)
{
	const PlanElement *element = PlanFindElement(parent_type, TreeAt(w->tree, node)->name);
	uint16_t type = element == NULL ? 0 : element->type;
	bool repeats = element == NULL || (element->flags & PLAN_ELEMENT_MANY) != 0;
	Span said[IDOC_PARTS] = {w->client, w->number, Digits(w, ++w->segments, 6), above,
							 Digits(w, depth + repeats, 2)};

	if (AppendField(w->job->out, DefinitionOf(w, node), IDOC_NAME_WIDTH) != FATE_SAID)
		TellLost(w, node);
	for (int i = 0; i < IDOC_PARTS; i++)
		said[i] = AppendPart(w, node, (IdocPart) i, said[i]);
	if (IdocNumber(said[IDOC_SEGNUM]) > 0)
		w->segments = IdocNumber(said[IDOC_SEGNUM]);
	for (uint32_t i = node + 1; i < TreeAt(w->tree, node)->end && TreeIsAttribute(w->tree, i); i++)
		if (!IsKnownAttribute(TreeName(w->tree, i)))
			Tell(w, i, FATE_UNSAID);
	AppendFields(w, node, type);
	TextAppendChar(w->job->out, '\n');
	for (uint32_t i = NextElement(w->tree, node, 0); i != 0; i = NextElement(w->tree, node, i))
		if (IsSegment(w->tree, i, type) && depth + 1 < IDOC_DEPTH)
			AppendSegment(w, i, type, said[IDOC_SEGNUM], depth + 1);
		else if (IsSegment(w->tree, i, type))
			TellLost(w, i);
}

/* A line that is no segment. */
static void
AppendLine(IdocWriter *w, uint32_t node)
{
	size_t room = SIZE_MAX;

	if (AppendText(w->job->out, TreeText(w->tree, node), &room) != FATE_SAID)
		Tell(w, node, FATE_CHARACTERS);
}

static void
AppendIdoc(IdocWriter *w, uint32_t idoc, uint16_t type)
{
	uint32_t control = TreeChild(w->tree, idoc, NAME_EDI_DC40);

	w->versions = AttributeText(w->tree, idoc, "@SEGNAMS", SpanOf("", 0));
	w->segments = 0;
	for (uint32_t i = NextElement(w->tree, idoc, 0); i != 0; i = NextElement(w->tree, idoc, i))
	{
		if (i == control)
		{
			uint32_t client = TreeChild(w->tree, control, NAME_MANDT);
			uint32_t number = TreeChild(w->tree, control, NAME_DOCNUM);

			w->client = client == 0 ? SpanOf("", 0) : TreeText(w->tree, client);
			w->number = number == 0 ? SpanOf("", 0) : TreeText(w->tree, number);
			AppendFields(w, i, PlanFindElement(type, NAME_EDI_DC40)->type);
		}
		else if (SpanEqualCString(TreeName(w->tree, i), IDOC_LINE))
			AppendLine(w, i);
		else if (IsSegment(w->tree, i, type))
		{
			AppendSegment(w, i, type, SPAN_LITERAL("000000"), 1);
			continue;
		}
		else
		{
			TellLost(w, i);
			continue;
		}
		TextAppendChar(w->job->out, '\n');
	}
}

ClexStatus
IdocPrint(const Tree *tree, WriteJob *job, ClexError *error)
{
	IdocWriter w = {.job = job, .tree = tree};
	bool order = TreeAt(tree, 1)->name == NAME_ORDERS05;
	uint16_t root = ClexPlanStates[BindRootOf("idoc", order ? 'O' : 'I')->first_state].type;
	uint16_t type = PlanFindElement(root, NAME_IDOC)->type;

	for (uint32_t i = NextElement(tree, 1, 0); i != 0 && !job->out->failed;
		 i = NextElement(tree, 1, i))
	{
		if (TreeAt(tree, i)->name == NAME_IDOC)
			AppendIdoc(&w, i, type);
		else
			TellLost(&w, i);
		if (ClexInterrupted(job->arena->env))
			return ClexFail(error, CLEX_INTERRUPTED, "canceled");
	}
	return job->out->failed ? ClexFail(error, CLEX_NO_MEMORY, "out of memory writing an IDoc")
							: CLEX_OK;
}
