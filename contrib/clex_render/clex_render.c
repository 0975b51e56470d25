/*
 * clex_render.c
 *		clex-render: a document as canonical JSON comes in, a PDF/A-3 with its invoice attached goes out.
 *
 * A program of its own, since Pango brings GLib, which has no place in a server.  What is drawn is the page
 * that clex.render_html() shows; what is attached is the document as CII (option -x: a file instead).
 */
#include "core/codec/codec.h"
#include "draw.h"
#include "pdf.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#define INPUT_MOST ((size_t) 64 << 20)

static const char usage[] =
	"clex-render draws a document as PDF/A-3 and attaches it (Factur-X).\n\n"
	"usage: clex-render [OPTION]... < DOCUMENT.json > INVOICE.pdf\n\n"
	"  -l, --lang LANG     language of the labels: en, fr or de (en)\n"
	"  -x, --xml FILE      the XML to attach (the document written as CII)\n"
	"  -m, --modified DATE date of the attachment, as 20260331 or 20260331120000 (the day of "
	"issue)\n"
	"  -p, --plain         attach nothing: a plain PDF\n"
	"  -h, --help          this text\n"
	"  -V, --version       version\n\n"
	"DOCUMENT.json is what SELECT document::text of a clex.document prints.\n";

typedef struct Options
{
	int language;
	const char *xml;
	const char *modified;
	bool plain;
} Options;

__attribute__((noreturn)) static void
Fail(const ClexError *error)
{
	fprintf(stderr, "clex-render: %s\n", error->message);
	if (error->detail[0] != '\0')
		fprintf(stderr, "%s\n", error->detail);
	if (error->hint[0] != '\0')
		fprintf(stderr, "%s\n", error->hint);
	exit(1);
}

/* All of a file, in the arena. */
static Span
ReadAll(FILE *file, const char *name, Arena *arena)
{
	ClexError error = {0};
	char block[65536];
	Text text;
	size_t got;

	TextInit(&text, arena);
	while (file != NULL && (got = fread(block, 1, sizeof(block), file)) > 0)
	{
		TextAppend(&text, block, got);
		if (text.failed || text.length > INPUT_MOST)
		{
			ClexFail(&error, CLEX_LIMIT, "%s is too large", name);
			Fail(&error);
		}
	}
	if (file == NULL || ferror(file))
	{
		ClexFail(&error, CLEX_INVALID, "%s cannot be read", name);
		Fail(&error);
	}
	return text.length == 0 ? SpanOf("", 0) : TextSpan(&text);
}

static Span
ValueAt(const DocumentView *view, const char *term)
{
	uint32_t node = 0;

	if (ViewResolve(view, SpanFromCString(term), &node, NULL) != CLEX_OK || node == 0)
		return SpanOf("", 0);
	return ViewNode(view, node).value;
}

/* The date as PDF writes it: what the caller says, or the day of issue. */
static Span
Modified(const DocumentView *view, const Options *options, Arena *arena)
{
	ClexError error = {0};
	Span day = ValueAt(view, "BT-2");
	size_t digits = options->modified == NULL ? 0 : strspn(options->modified, "0123456789");
	char *date = NULL;

	if (options->modified != NULL && options->modified[digits] == '\0' &&
		(digits == 8 || digits == 14))
		date = ArenaPrintf(arena, "D:%s%sZ", options->modified, digits == 8 ? "000000" : "");
	else if (options->modified == NULL && day.length == 10)
		date = ArenaPrintf(arena, "D:%.4s%.2s%.2s000000Z", day.data, day.data + 5, day.data + 8);
	if (date == NULL)
	{
		ClexFail(&error, CLEX_INVALID, "the attachment needs a date");
		ClexHint(&error, "Give it by --modified 20260331.");
		Fail(&error);
	}
	return SpanFromCString(date);
}

/* The PDF with the document attached. */
static Span
Attach(Span pdf, const DocumentView *view, const DocumentPage *page, const Options *options,
	   Arena *arena)
{
	PdfLimits limits = PDF_DEFAULT_LIMITS;
	PdfEmbed embed = {.mime = SPAN_LITERAL("text/xml"), .claim = true};
	WriteRequest request = {.document = view, .format = SPAN_LITERAL("cii")};
	ClexError error = {0};
	Vector losses;
	Text title;
	Span result;

	if (options->xml != NULL)
	{
		FILE *file = fopen(options->xml, "rb");

		embed.xml = ReadAll(file, options->xml, arena);
		fclose(file);
	}
	else if (CodecWrite(&request, arena, &embed.xml, &losses, &error) != CLEX_OK)
		Fail(&error);
	else if (losses.count > 0)
		fprintf(stderr, "clex-render: %u value%s of the document ha%s no place in CII\n",
				losses.count, losses.count == 1 ? "" : "s", losses.count == 1 ? "s" : "ve");
	embed.profile = PdfProfileOf(ValueAt(view, "BT-24"));
	if (embed.profile == NULL)
	{
		ClexFail(&error, CLEX_INVALID,
				 "the document has no specification (BT-24) of an invoice in a PDF");
		Fail(&error);
	}
	TextInit(&title, arena);
	TextAppendSpan(&title, PageAt(page, 0)->label);
	TextAppendChar(&title, ' ');
	TextAppendSpan(&title, ValueAt(view, "BT-1"));
	embed.title = TextSpan(&title);
	embed.name = embed.profile->file;
	embed.relationship = SpanFromCString(embed.profile->relationships[0]);
	embed.modified = Modified(view, options, arena);
	embed.icc = SrgbProfile(arena);
	if (PdfWrite(pdf, &embed, &limits, arena, &result, &error) != CLEX_OK)
		Fail(&error);
	return result;
}

static Options
ParseOptions(int argc, char **argv)
{
	static const struct option names[] = {{"lang", required_argument, NULL, 'l'},
										  {"xml", required_argument, NULL, 'x'},
										  {"modified", required_argument, NULL, 'm'},
										  {"plain", no_argument, NULL, 'p'},
										  {"help", no_argument, NULL, 'h'},
										  {"version", no_argument, NULL, 'V'},
										  {NULL, 0, NULL, 0}};
	Options options = {0};
	int option;

	while ((option = getopt_long(argc, argv, "l:x:m:phV", names, NULL)) != -1)
		switch (option)
		{
			case 'l':
				options.language = PageLanguage(SpanFromCString(optarg));
				break;
			case 'x':
				options.xml = optarg;
				break;
			case 'm':
				options.modified = optarg;
				break;
			case 'p':
				options.plain = true;
				break;
			case 'h':
				fputs(usage, stdout);
				exit(0);
			case 'V':
				puts("clex-render " CLEX_VERSION);
				exit(0);
			default:
				exit(2);
		}
	if (options.language < 0 || optind < argc)
	{
		fputs(usage, stderr);
		exit(2);
	}
	return options;
}

int
main(int argc, char **argv)
{
	Options options = ParseOptions(argc, argv);
	ClexError error = {0};
	DocumentView view;
	DocumentPage page;
	Arena arena;
	Span image;
	Span pdf;

	ArenaInit(&arena, &ClexPlainEnv, (size_t) 2 << 30);
	if (DocumentFromJson(ReadAll(stdin, "standard input", &arena), &arena, &image, &error) !=
			CLEX_OK ||
		DocumentOpen(image, &view, &error) != CLEX_OK ||
		PageBuild(&view, options.language, &arena, &page, &error) != CLEX_OK ||
		DrawPage(&page, &pdf, &error) != CLEX_OK)
		Fail(&error);
	if (!options.plain)
		pdf = Attach(pdf, &view, &page, &options, &arena);
	if (fwrite(pdf.data, 1, pdf.length, stdout) != pdf.length || fflush(stdout) != 0)
	{
		ClexFail(&error, CLEX_INVALID, "standard output cannot be written");
		Fail(&error);
	}
	ArenaFree(&arena);
	return 0;
}
