/*
 * xml_codec_write.c
 *		A document in an XML syntax: its root element, what that says by itself, and what became of each term.
 */
#include "core/codec/xml_writer.h"
#include "core/xml/xml_write.h"

/* Declare what was appended to " xmlns". */
static void
DeclareNamespace(Writer *w, Span uri)
{
	TextAppend(w->out, "=\"", 2);
	XmlAppendValue(w->out, uri);
	TextAppendChar(w->out, '"');
}

/* The root element with every namespace that is used; that of UBL's root is the default. */
static void
WriteRoot(Writer *w, const XmlSyntax *syntax)
{
	const PlanState *plan = &ClexPlanStates[syntax->root->first_state];
	Span name = ClexStaticNames[plan->name];
	const char *colon = memchr(name.data, ':', name.length);
	Span prefix = SpanOf(name.data, colon == NULL ? 0 : (size_t) (colon - name.data));
	uint64_t known = w->extras == NULL ? 0 : w->extras->known;
	bool plain = syntax->plain_root && (w->extras == NULL || !w->extras->plain_names);
	bool elements = false;

	for (const char *const *p = syntax->prefixes; *p != NULL; p++)
		known |= UINT64_C(1) << NamespaceNumber(SpanFromCString(*p));
	if (!plain && prefix.length > 0)
		known |= UINT64_C(1) << NamespaceNumber(prefix);
	else if (plain)
		name = SpanOf(colon + 1, name.length - prefix.length - 1);
	TextAppendf(w->out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
	if (syntax->doctype.length > 0)
		TextAppendf(w->out, "<!DOCTYPE %.*s SYSTEM \"%.*s\">\n", (int) name.length, name.data,
					(int) syntax->doctype.length, syntax->doctype.data);
	TextAppendf(w->out, "<%.*s", (int) name.length, name.data);
	for (uint32_t i = 0; i < ClexNamespaceCount; i++)
	{
		Span own = ClexNamespaces[i].prefix;

		if (plain && SpanEqual(own, prefix))
		{
			TextAppendf(w->out, " xmlns");
			DeclareNamespace(w, ClexNamespaces[i].uri);
		}
		if ((known & UINT64_C(1) << i) && !SpanEqualCString(own, "xml"))
		{
			TextAppendf(w->out, " xmlns:%s", own.data);
			DeclareNamespace(w, ClexNamespaces[i].uri);
		}
	}
	for (uint32_t i = 0; w->extras != NULL && i < w->extras->spaces.count; i++)
	{
		TextAppendf(w->out, " xmlns:ns%u", i + 1);
		DeclareNamespace(w, VectorAt(&w->extras->spaces, Span, i));
	}
	WriterAttributes(w, plan, w->extras == NULL ? 0 : 1);
	TextAppendChar(w->out, '>');
	w->depth = 1;
	if (w->extras != NULL && ExtraAt(w->extras, 1)->extra > 0)
	{
		WriterExtraValue(w, ExtraAt(w->extras, 1), false);
		WriterExtraDone(w, 1);
	}
	WriterContent(w, syntax->root->first_state, w->extras == NULL ? 0 : 1, &elements);
	w->depth = 0;
	if (elements)
		WriterNewLine(w);
	TextAppendf(w->out, "</%.*s>\n", (int) name.length, name.data);
}

/* Extras that were written are said. */
static void
SayExtras(Writer *w)
{
	for (uint32_t i = 0; w->extras != NULL && i < w->done.count; i++)
	{
		const ExtraNode *node = ExtraAt(w->extras, VectorAt(&w->done, uint32_t, i));

		if (node->extra > 0 && w->job->extra_fate[node->extra - 1] == FATE_UNSAID)
			w->job->extra_fate[node->extra - 1] = FATE_SAID;
	}
}

/* What was not said although the syntax has a place for it: one too many, or nothing to stand beside. */
static void
ExplainUnsaid(Writer *w, const BindRoot *root)
{
	for (uint32_t i = 1; i <= w->view->node_count; i++)
	{
		DocumentNode node = ViewNode(w->view, i);
		uint8_t above = node.parent == 0 ? FATE_SAID : w->job->fate[node.parent];

		if (w->job->fate[i] == FATE_UNSAID && BindRootPlace(root, node.term).data != NULL)
			w->job->fate[i] =
				above == FATE_NO_ROOM || node.ordinal > 1 ? FATE_NO_ROOM : FATE_BY_ITSELF;
	}
}

/* What the root element says of itself needs no place. */
static void
SayImplied(Writer *w, const BindRoot *root)
{
	const Cursor *cursor = &w->cursor[root->implied];

	if (root->implied != TERM_NONE && WriterHasTerm(w, root->implied) &&
		SpanEqual(ViewNode(w->view, cursor->next).value, root->implied_value))
		JobSay(w->job, cursor->next, FATE_SAID);
}

/* The currency that a document named beside its amounts alone is said by the amount to be paid. */
static void
SayBorrowedCurrency(Writer *w, TermId currency)
{
	static const char attribute[] = "cbc:PayableAmount/@currencyID";

	if (currency == TERM_NONE || !WriterWasElsewhere(w, currency) || !WriterHasTerm(w, currency) ||
		!WriterHasTerm(w, TERM_BT_115))
		return;
	for (uint32_t i = 0; i < w->view->extra_count; i++)
	{
		Span path = ViewExtra(w->view, i).path;

		if (memmem(path.data, path.length, attribute, sizeof(attribute) - 1) != NULL)
			return;
	}
	JobSay(w->job, w->cursor[currency].next, FATE_SAID);
}

static const CodecVariant *
FindVariant(const WriteJob *job)
{
	for (uint32_t i = 0; i < ClexCodecVariantCount; i++)
		if (strcmp(ClexCodecVariants[i].format, job->codec->name) == 0 &&
			SpanEqualCString(job->variant, ClexCodecVariants[i].name))
			return &ClexCodecVariants[i];
	return NULL;
}

/* The root element that the paths of the extras begin with: a slip in its namespace is read all the same. */
static Span
SourceRoot(const Writer *w)
{
	Span name = ClexStaticNames[w->syntax->root->name];
	Span root = ViewProvenance(w->view, "root");
	const char *colon = memchr(name.data, ':', name.length);
	Span local =
		colon == NULL ? name : SpanOf(colon + 1, name.length - (size_t) (colon + 1 - name.data));

	return root.length > local.length && root.data[0] == '{' &&
				   memcmp(root.data + root.length - local.length, local.data, local.length) == 0
			   ? root
			   : name;
}

static bool
EndsWithFormat(Span path)
{
	static const char end[] = "/@format";
	size_t length = sizeof(end) - 1;

	return path.length >= length && memcmp(path.data + path.length - length, end, length) == 0;
}

static ClexStatus
WriteDocument(WriteJob *job, const XmlSyntax *syntax, bool json, ClexError *error)
{
	Writer *w = ArenaAllocZero(job->arena, sizeof(Writer));
	ClexStatus status;

	if (w == NULL)
		return ClexFail(error, CLEX_NO_MEMORY, "out of memory writing a document");
	w->job = job;
	w->view = job->document;
	w->out = job->out;
	w->variant = FindVariant(job);
	w->syntax = syntax;
	w->same = SpanEqualCString(job->document->format, job->codec->name);
	for (uint32_t i = 0; w->same && i < job->document->extra_count && !w->formats; i++)
		w->formats = EndsWithFormat(ViewExtra(job->document, i).path);
	w->wide = w->same || SpanEqualCString(job->variant, "D22B");
	w->countdown = WRITER_INTERRUPT_EVERY;
	VectorInit(&w->done, job->arena, sizeof(uint32_t));
	VectorInit(&w->trail, job->arena, sizeof(uint32_t));
	VectorInit(&w->beside, job->arena, sizeof(Beside));
	w->json = json;
	status = json ? CLEX_OK : JobFlag(job, "indent", &w->indent, error);
	if (status != CLEX_OK)
		return status;
	memset(w->open, 0xFF, sizeof(w->open)); /* NO_NODE */
	if (w->same && job->document->extra_count > 0)
	{
		w->extras = ExtrasParse(job->document, SourceRoot(w), job->arena);
		if (w->extras == NULL)
			w->out->failed = true;
	}
	if (w->same)
		w->elsewhere = ViewProvenance(job->document, "elsewhere");
	WriterOpen(w, 0, TERM_NONE);
	SayImplied(w, syntax->root);
	SayBorrowedCurrency(w, syntax->root->currency);
	if (!w->out->failed)
		WriteRoot(w, syntax);
	SayExtras(w);
	WriterCheckBeside(w);
	ExplainUnsaid(w, syntax->root);
	if (w->stopped || ClexInterrupted(job->arena->env))
		return ClexFail(error, CLEX_INTERRUPTED, "canceled");
	return CLEX_OK;
}

ClexStatus
XmlWriteDocument(WriteJob *job, const XmlSyntax *syntax, ClexError *error)
{
	return WriteDocument(job, syntax, false, error);
}

ClexStatus
XmlWriteElements(WriteJob *job, const XmlSyntax *syntax, ClexError *error)
{
	return WriteDocument(job, syntax, true, error);
}
