/*
 * idoc_write.c
 *		SAP IDocs INVOIC02 and ORDERS05, as XML or as flat file, with the control record of an inbound IDoc.
 *
 * Who sends and who receives is agreed between systems: options say it, else the numbers of seller and buyer.
 */
#include "core/codec/idoc_flat.h"
#include "core/codec/syntax.h"

#define PARTNER_WIDTH 10 /* SNDPRN, RCVPRN */
#define NUMBER_WIDTH 16	 /* DOCNUM */

/* The first value of a term whose scheme is that of GLN; NULL data if there is none. */
static Span
FirstGln(const WriteJob *job, TermId term, TermId scheme)
{
	for (uint32_t i = 1; i <= job->document->node_count; i++)
	{
		DocumentNode node = ViewNode(job->document, i);

		if (node.term == scheme && SpanEqualCString(node.value, "0088") &&
			ViewNode(job->document, node.parent).term == term)
			return ViewNode(job->document, node.parent).value;
	}
	return SpanOf(NULL, 0);
}

/* The first value of a term without a scheme that is a partner number, NULL data if there is none. */
static Span
FirstNumber(const WriteJob *job, TermId term, TermId scheme)
{
	uint32_t count;

	for (uint32_t i = 1; i <= job->document->node_count; i++)
	{
		DocumentNode node = ViewNode(job->document, i);

		if (node.term == term && node.value.length <= PARTNER_WIDTH &&
			ViewFind(job->document, i, scheme, &count) == 0)
			return node.value;
	}
	return SpanOf(NULL, 0);
}

/* Who sends and who receives: a number of ten characters, and a GLN as logical address. */
static Span
Fill(const WriteJob *job, Span name)
{
	bool address = name.length > 8 && memcmp(name.data + name.length - 8, "-address", 8) == 0;
	bool sends = name.data[0] == 's';
	Span option = JobOption(job, sends ? "sender" : "recipient");
	/* the buyer orders, the seller does the rest */
	bool buyer = sends == (job->document->kind == DOCUMENT_ORDER ||
						   job->document->kind == DOCUMENT_ORDER_CHANGE);

	if (SpanEqualCString(name, "credit-note"))
		return job->document->kind == DOCUMENT_CREDIT_NOTE ? SPAN_LITERAL("CRME") : SpanOf(NULL, 0);
	if (SpanEqualCString(name, "reference"))
		return JobOption(job, "reference").data != NULL ? JobOption(job, "reference")
														: SPAN_LITERAL("0000000000000001");
	if (address)
		return buyer ? FirstGln(job, TERM_BT_46, TERM_BT_46_1)
					 : FirstGln(job, TERM_BT_29, TERM_BT_29_1);
	if (option.data != NULL)
		return option;
	return buyer ? FirstNumber(job, TERM_BT_46, TERM_BT_46_1)
				 : FirstNumber(job, TERM_BT_29, TERM_BT_29_1);
}

/* Options go into fields of the control record. */
static ClexStatus
CheckOption(const WriteJob *job, const char *key, size_t width, ClexError *error)
{
	Span value = JobOption(job, key);

	if (value.data == NULL || (value.length > 0 && value.length <= width))
		return CLEX_OK;
	ClexFail(error, CLEX_INVALID, "option \"%s\" is \"%.*s\"", key, (int) SpanCut(value, 60).length,
			 value.data);
	ClexHint(error, "It has one to %zu characters.", width);
	return CLEX_INVALID;
}

/* Flat if it is asked for, or if the document came so and nothing is asked for. */
static bool
IsFlat(const WriteJob *job)
{
	if (job->variant.length > 0)
		return SpanEqualCString(job->variant, "flat");
	return SpanEqualCString(job->document->format, "idoc") &&
		   SpanEqualCString(ViewProvenance(job->document, "form"), "flat");
}

/* The versions of segments of a flat file have no meaning in XML. */
static void
DropVersions(WriteJob *job)
{
	static const char attribute[] = " SEGNAMS=\"";
	Text *out = job->out;
	char *begin = memmem(out->data, out->length, "<IDOC ", strlen("<IDOC "));
	char *end =
		begin == NULL ? NULL : memchr(begin, '>', (size_t) (out->data + out->length - begin));
	char *from =
		end == NULL ? NULL : memmem(begin, (size_t) (end - begin), attribute, strlen(attribute));
	char *to = from == NULL ? NULL
							: memchr(from + strlen(attribute), '"',
									 (size_t) (end - from) - strlen(attribute));

	if (to == NULL)
		return;
	to++;
	memmove(from, to, (size_t) (out->data + out->length - to));
	out->length -= (size_t) (to - from);
	for (uint32_t i = 0; i < job->document->extra_count; i++)
	{
		Span path = ViewExtra(job->document, i).path;

		if (path.length > 8 && memcmp(path.data + path.length - 8, "@SEGNAMS", 8) == 0)
			job->extra_fate[i] = FATE_UNSAID;
	}
}

/* A record has one line: breaks and other control characters become blanks. */
static void
TellLines(WriteJob *job)
{
	for (uint32_t i = 1; i <= job->document->node_count; i++)
	{
		Span value = ViewNode(job->document, i).value;

		for (size_t k = 0; k < value.length; k++)
			if ((unsigned char) value.data[k] < 0x20 && job->fate[i] == FATE_SAID)
				job->fate[i] = FATE_CHARACTERS;
	}
}

/* The elements of the XML form as records. */
static ClexStatus
WriteFlat(WriteJob *job, const XmlSyntax *syntax, ClexError *error)
{
	static const XmlLimits limits = {SIZE_MAX, 256, UINT32_MAX, UINT32_MAX};
	Text *out = job->out;
	Text elements;
	XmlInfo info;
	Tree tree;
	ClexStatus status;

	TextInit(&elements, job->arena);
	job->out = &elements;
	status = XmlWriteDocument(job, syntax, error);
	job->out = out;
	TellLines(job);
	if (status == CLEX_OK && elements.failed)
		return ClexFail(error, CLEX_NO_MEMORY, "out of memory writing a document");
	if (status == CLEX_OK)
		status = XmlRead(TextSpan(&elements), &limits, job->arena, &tree, &info, error);
	if (status == CLEX_OK && !TreeNumberSiblings(&tree))
		status = ClexFail(error, CLEX_NO_MEMORY, "out of memory writing a document");
	return status != CLEX_OK ? status : IdocPrint(&tree, job, error);
}

ClexStatus
IdocWrite(WriteJob *job, ClexError *error)
{
	static const char *const prefixes[] = {NULL};
	XmlSyntax syntax = {
		BindRootOf("idoc", IdocLetter(job->document->kind)), false, prefixes, {NULL, 0}, Fill};
	bool flat = IsFlat(job);
	ClexStatus status = CheckOption(job, "sender", PARTNER_WIDTH, error);

	if (status == CLEX_OK)
		status = CheckOption(job, "recipient", PARTNER_WIDTH, error);
	if (status == CLEX_OK)
		status = CheckOption(job, "reference", NUMBER_WIDTH, error);
	if (status != CLEX_OK)
		return status;
	status = flat ? WriteFlat(job, &syntax, error) : XmlWriteDocument(job, &syntax, error);

	if (status == CLEX_OK && !flat && !job->out->failed)
		DropVersions(job);
	/* values have their width in records, and several elements of a segment hold one term */
	if (status == CLEX_OK && (flat || !SpanEqualCString(job->document->format, "idoc")))
		status = CodecProve(job, true, error);
	return status;
}
