/* Interchanges to documents and to acknowledgements: terms, extras, what is refused. */
#include "core/codec/edi_ack.h"
#include "core/codec/edi_codec.h"
#include "tap.h"

#include <stdlib.h>

static Arena arena;
static Arena body;
static ClexError error;
static DocumentView view;
static unsigned documents;

/* Keeps the first document. */
static bool
Keep(void *state, const EdiReader *reader, Span image)
{
	(void) state;
	(void) reader;
	if (documents++ == 0)
		DocumentOpen(ArenaCopy(&arena, image), &view, &error);
	return true;
}

static ClexStatus
Read(Span content, const XmlLimits *limits)
{
	ReadRequest request = {.content = content, .limits = limits};

	memset(&error, 0, sizeof(error));
	memset(&view, 0, sizeof(view));
	documents = 0;
	ArenaReset(&arena);
	return EdiReadEach(&request, &arena, &body, false, Keep, NULL, &error);
}

static void
Says(const char *path, const char *expected, const char *what)
{
	uint32_t node = 0;
	Span value = SpanOf("(none)", 6);
	char text[256];

	if (ViewResolve(&view, SpanFromCString(path), &node, &error) == CLEX_OK && node != 0)
		value = ViewNode(&view, node).value;
	snprintf(text, sizeof(text), "%.*s", (int) value.length, value.data);
	Is(text, expected, what);
}

#define HEAD "UNB+UNOC:3+A:14+B:14+260101:1200+1'"
#define OPEN "UNH+1+INVOIC:D:96A:UN:EAN008'BGM+380+7+9'DTM+137:20260101:102'"
#define LINE "LIN+1++4000001000012:EN'QTY+47:2:PCE'MOA+203:10'PRI+AAA:5'TAX+7+VAT+++:::20+S'"

static void
TestTerms(void)
{
	Ok(Read(SPAN_LITERAL(HEAD OPEN "NAD+BY+2::9++Ordering'NAD+IV+3::9++Paying'" LINE
								   "UNS+S'MOA+86:13'MOA+77:12'UNT+14+1'UNZ+1+1'"),
			NULL) == CLEX_OK,
	   "an invoice is read");
	Says("BT-112", "12", "the better of two totals, though it comes later");
	Says("BT-44", "Paying", "who is invoiced is the buyer");
	Says("lines[1].unit", "C62", "a unit of EANCOM");
	Says("BG-25[1]/BG-31/BT-157/scheme", "0160", "a GTIN has its scheme");
	Ok(view.extra_count == 5, "the other total and the other party are kept");
	Ok(SpanEqualCString(ViewExtra(&view, 0).path, "/SG2[1]/NAD/1.1") &&
		   ViewExtra(&view, 0).line == 4,
	   "with their place");
	Ok(Read(SPAN_LITERAL(HEAD OPEN "NAD+SU+2::9++A name of thirty-five characters xxx:and more'"
								   "NAD+BY+3::9++Short:name'" LINE
								   "UNS+S'MOA+77:12'UNT+13+1'UNZ+1+1'"),
			NULL) == CLEX_OK,
	   "names over two components");
	Says("BT-44", "Short name", "a word ends where a component is not full");
	Ok(Read(SPAN_LITERAL(
				HEAD "UNH+1+INVOIC:D:97B:UN'BGM+381+7+9'DTM+137:260102:101'DTM+35:202601031530:203'"
					 "NAD+SU+2::9'LIN+1'UNS+S'MOA+39:12,50'UNT+9+1'UNZ+1+1'"),
			NULL) == CLEX_OK &&
		   view.kind == DOCUMENT_CREDIT_NOTE,
	   "a credit note of another release");
	Says("BT-2", "2026-01-02", "a date of six digits");
	Says("BT-72", "2026-01-03", "a date with a time");
	Says("BT-112", "12.50", "a decimal comma");
}

static void
TestRefused(void)
{
	XmlLimits few = XML_DEFAULT_LIMITS;
	XmlLimits small = XML_DEFAULT_LIMITS;

	few.max_nodes = 10;
	small.max_bytes = 10;
	Ok(Read(SPAN_LITERAL(HEAD OPEN LINE "UNS+S'UNT+10+1'UNZ+1+1'"), &few) == CLEX_LIMIT,
	   "more values than allowed");
	Ok(Read(SPAN_LITERAL(HEAD "UNZ+0+1'"), &small) == CLEX_LIMIT, "more bytes than allowed");
	Ok(Read(SPAN_LITERAL(HEAD "UNZ+0+1'"), NULL) == CLEX_MALFORMED, "no message");
	Ok(Read(SPAN_LITERAL(HEAD "UNH+1'UNT+2+1'UNZ+1+1'"), NULL) == CLEX_MALFORMED,
	   "a message without a type");
	Ok(Read(SPAN_LITERAL(HEAD "UNH+1+PRICAT:D:96A:UN'UNT+2+1'UNZ+1+1'"), NULL) == CLEX_UNSUPPORTED,
	   "a message that is not read");
	Is(error.detail, "Message 1 of the file, at byte 36.", "is named with its place");
}

/* A hundred thousand lines, with bounded memory for each message. */
static void
TestLarge(void)
{
	size_t size = 16u << 20;
	char *content = malloc(size);
	size_t n = (size_t) snprintf(content, size, HEAD OPEN);
	uint32_t lines;

	while (n + 200 < size)
		n += (size_t) snprintf(content + n, size - n, LINE);
	Ok(Read(SpanOf(content, n), NULL) == CLEX_OK && documents == 1, "a message that never ends");
	ViewFind(&view, 0, TERM_BG_25, &lines);
	Ok(lines > 100000, "with all its lines");
	n = (size_t) snprintf(content, size, HEAD);
	while (n + 400 < size)
		n += (size_t) snprintf(content + n, size - n, "%s", OPEN LINE "UNS+S'UNT+10+1'");
	arena.limit = body.limit = 32u << 20;
	Ok(Read(SpanOf(content, n), NULL) == CLEX_OK && documents > 50000,
	   "many messages in little memory");
	arena.limit = body.limit = 0;
	free(content);
}

/* The answer to an interchange in one line. */
static const char *
Answer(const char *content, bool strict)
{
	static char out[2048];
	EdiAckOptions options = {.strict = strict};
	EdiReader reader;
	Text text;

	ArenaReset(&arena);
	TextInit(&text, &arena);
	if (EdiReaderOpen(&reader, SpanFromCString(content), &arena, &body, &error) != CLEX_OK)
		return error.message;
	while (EdiReaderNext(&reader))
		continue;
	EdiAcknowledge(&reader, &options, &text, &error);
	for (size_t i = 0; i < text.length; i++)
		if (text.data[i] == '\n')
			text.data[i] = ' ';
	snprintf(out, sizeof(out), "%.*s", (int) text.length, text.data);
	return out;
}

/* The value of an extra, "(none)" if there is no such path. */
static void
HasExtra(const char *path, const char *expected, const char *what)
{
	char text[256] = "(none)";

	for (uint32_t i = 0; i < view.extra_count; i++)
		if (SpanEqualCString(ViewExtra(&view, i).path, path))
			snprintf(text, sizeof(text), "%.*s", (int) ViewExtra(&view, i).value.length,
					 ViewExtra(&view, i).value.data);
	Is(text, expected, what);
}

static void
TestPackages(void)
{
	Ok(Read(SPAN_LITERAL(HEAD OPEN "NAD+SU+1::9'" LINE
								   "UNS+S'MOA+77:12'UNT+12+1'\r\nUNO+7+AAO:D1+4:PDF+4'%PDFUNP+4+7'"
								   "UNO+8+AAO:D2+4:BIN+5'a\xff'\0bUNP+5+8'UNZ+3+1'"),
			NULL) == CLEX_OK &&
		   documents == 1,
	   "packages behind a message");
	HasExtra("/UNO[1]/1.1", "7", "what a package is called");
	HasExtra("/UNO[1]/3.2", "PDF", "of what kind it is");
	HasExtra("/UNO[1]/object", "%PDF", "its object as text");
	HasExtra("/UNO[2]/base64", "Yf8nAGI=", "its object as base64");
	Ok(Read(SPAN_LITERAL(HEAD "UNO+7+AAO:D1+4:PDF+4'%PDFUNP+4+7'" OPEN "NAD+SU+1::9'" LINE
							  "UNS+S'MOA+77:12'UNT+12+1'UNZ+2+1'"),
			NULL) == CLEX_OK,
	   "a package before a message");
	HasExtra("/UNO[1]/object", "%PDF", "its object too");
	Ok(Read(SPAN_LITERAL(HEAD "UNO+7+AAO:D1+4:PDF+4'%PDFUNP+4+7'UNZ+1+1'"), NULL) ==
			   CLEX_MALFORMED &&
		   strstr(error.detail, "1 packages") != NULL && error.hint[0] != '\0',
	   "packages alone are no message: %s", error.detail);
}

static void
TestAnswers(void)
{
	Is(Answer(HEAD "UNG+INVOIC+A+B+260101:1200+5+UN+D:96A'" OPEN LINE
				   "UNS+S'UNT+10+1'UNE+1+6'UNZ+1+1'",
			  false),
	   "UNB+UNOC:3+B:14+A:14+260101:1200+1' UNH+1+CONTRL:D:3:UN' UCI+1+A:14+B:14+7' "
	   "UCF+5+A+B+4+28+UNE' UNT+4+1' UNZ+1+1' ",
	   "a group that is refused is not looked into");
	Is(Answer("UNB+UNOC:3+A?+B:14+C+260101:1200+1'UNZ+0+1'", false),
	   "UNB+UNOC:3+C+A?+B:14+260101:1200+1' UNH+1+CONTRL:D:3:UN' UCI+1+A?+B:14+C+4+32+UNZ' "
	   "UNT+3+1' UNZ+1+1' ",
	   "service characters are released again");
	Is(Answer(HEAD "UNH+1+CONTRL:D:3:UN'UCI+1+A+B+7'UNT+3+1'UNZ+1+1'", false), "",
	   "an acknowledgement is not acknowledged");
}

int
main(void)
{
	ArenaInit(&arena, &ClexPlainEnv, 0);
	ArenaInit(&body, &ClexPlainEnv, 0);
	TestTerms();
	TestRefused();
	TestLarge();
	TestPackages();
	TestAnswers();
	ArenaFree(&arena);
	ArenaFree(&body);
	return Done();
}
