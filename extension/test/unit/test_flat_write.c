/*
 * CSV and positional files of documents: over a folder (first argument; without it the project's samples) and over
 * random documents, each is written by each built-in mapping and by some of awkward shape and read again; nothing
 * but what is told may be lost.
 */
#define FOLDER_TAKES(name) (EndsInXml(name) || strstr(name, ".json") != NULL)

#include "folder.h"
#include "random_document.h"
#include "tap.h"
#include "written.h"

#include "core/codec/flat_read.h"
#include "core/codec/flat_write.h"

static Arena arena;
static Arena body;
static Arena scratch;
static uint32_t documents;
static uint64_t losses;
static uint64_t values;

#define MOST_MAPPINGS 20

static struct
{
	char name[80];
	char *text;
	size_t length;
} mappings[MOST_MAPPINGS];
static uint32_t mapping_count;

/* Mappings that templates are not like. */
static const char *const awkward[] = {
	/* one row a document, expressions of several fields, a field that two terms share */
	"{\"format\":\"csv\",\"opens\":true,\"fields\":[{\"name\":\"a\"},{\"name\":\"ab\"},{\"name\":"
	"\"n\","
	"\"type\":\"number\"},{\"name\":\"d\",\"type\":\"date\"}],\"terms\":{\"BT-1\":\"$a\",\"BT-3\":"
	"\"if ($ab = 'x') then '381' else $ab\",\"BT-2\":\"$d\",\"BT-9\":\"$d + 30\",\"BT-109\":\"$n\","
	"\"BT-112\":\"$n * 2\",\"BT-5\":\"'EUR'\",\"BT-10\":\"upper-case($ab)\",\"BT-44\":\"$ab\","
	"\"BT-20\":\"concat($a, $ab)\"}}",
	/* several independent groups in a row, attributes, no quotes, UTF-16, and a header of two rows */
	"{\"format\":\"csv\",\"quote\":\"\",\"separator\":\"|\",\"encoding\":\"utf-16\",\"header_"
	"rows\":2,"
	"\"document\":\"no\",\"decimal\":\",\",\"thousands\":\".\",\"date\":\"DD.MM.YY\",\"fields\":["
	"{\"name\":\"no\"},{\"name\":\"t\"},{\"name\":\"note\"},{\"name\":\"line\"},{\"name\":\"gtin\"}"
	",{\"name\":\"scheme\"},"
	"{\"name\":\"q\"},{\"name\":\"al\"},{\"name\":\"why\"},{\"name\":\"rate\"},{\"name\":\"tax\"},{"
	"\"name\":\"vrate\"}],"
	"\"terms\":"
	"{\"BT-1\":\"$no\",\"BT-3\":\"$t\",\"BT-27\":\"$no\"},\"groups\":{\"notes\":{\"BT-22\":\"$"
	"note\"},\"lines\":"
	"{\"BT-126\":\"$line\",\"BT-157\":\"$gtin\",\"BT-157-1\":\"$scheme\",\"BT-129\":\"$q\",\"BT-"
	"152\":\"$rate\"},"
	"\"lines.allowances\":{\"BT-136\":\"$al\",\"BT-139\":\"$why\"},\"vat_breakdown\":{\"BT-119\":"
	"\"$vrate\",\"BT-117\":\"$tax\"}}}",
	/* records whose groups lie in each other, and a key that no term gives */
	"{\"format\":\"flat\",\"encoding\":\"iso-8859-15\",\"record_type\":{\"start\":3,\"length\":2},"
	"\"records\":"
	"{\"HH\":{\"document\":\"k\",\"fields\":[{\"name\":\"k\",\"start\":1,\"length\":2},{\"name\":"
	"\"no\",\"start\":5,"
	"\"length\":6},{\"name\":\"t\",\"start\":11,\"length\":3},{\"name\":\"s\",\"start\":14,"
	"\"length\":12}],\"terms\":"
	"{\"BT-1\":\"$no\",\"BT-3\":\"$t\",\"BT-27\":\"$s\"}},\"LL\":{\"fields\":[{\"name\":\"i\","
	"\"start\":5,\"length\":4},"
	"{\"name\":\"n\",\"start\":9,\"length\":8,\"type\":\"number\",\"scale\":3}],\"groups\":{"
	"\"lines\":{\"BT-126\":\"$i\","
	"\"BT-131\":\"$n\"}}},\"LA\":{\"fields\":[{\"name\":\"n\",\"start\":5,\"length\":9,\"type\":"
	"\"number\",\"scale\":2},"
	"{\"name\":\"w\",\"start\":14,\"length\":5}],\"groups\":{\"lines.allowances\":{\"BT-136\":\"$"
	"n\",\"BT-139\":\"$w\"}}}}}",
};

static void
TakeMapping(const char *path, Span content)
{
	const char *name = strrchr(path, '/');

	if (mapping_count == MOST_MAPPINGS)
		return;
	snprintf(mappings[mapping_count].name, sizeof(mappings[0].name), "%s",
			 name == NULL ? path : name + 1);
	mappings[mapping_count].text = malloc(content.length + 1);
	memcpy(mappings[mapping_count].text, content.data, content.length);
	mappings[mapping_count++].length = content.length;
}

/* The one document of a file. */
static void
TakeAgain(void *state, uint32_t number, uint32_t first_row, uint32_t last_row, Span image)
{
	Written *written = state;
	ClexError error = {0};

	(void) first_row;
	(void) last_row;
	if (number > 1)
		Differs(written, "read again as %u documents", number);
	image = ArenaCopy(&arena, image);
	if (DocumentOpen(image, &written->again, &error) != CLEX_OK)
		Differs(written, "not read again: %s", error.message);
}

/* A document by a mapping, with and without its options. */
static void
CheckMapping(const char *what, const DocumentView *view, uint32_t m, bool guard)
{
	Span mapping = SpanOf(mappings[m].text, mappings[m].length);
	Written written = {.by_value = true};
	FlatSink sink = {.document = TakeAgain, .state = &written};
	FlatRequest request = {.mapping = mapping, .arena = &arena, .scratch = &scratch, .sink = &sink};
	FlatWriter *writer;
	ClexError error = {0};
	ClexStatus status =
		FlatWriterOpen(&writer, mapping, (FlatLayout){"\r\n", guard, guard}, &arena, &error);

	ArenaReset(&body);
	if (status == CLEX_OK)
		status = FlatWriterAdd(writer, view, &body, &written.losses, &error);
	/* a credit note that the mapping cannot tell, or nothing that it can say at all */
	if (status == CLEX_UNSUPPORTED)
		return;
	if (status == CLEX_OK)
		status = FlatWriterFinish(writer, &written.content, &error);
	request.content = written.content;
	if (status == CLEX_OK)
		status = FlatRead(&request, &error);
	if (status != CLEX_OK)
		Differs(&written, "%s", error.message);
	else
		CompareTerms(view, &written, &arena);
	if (written.why[0] != '\0')
		Ok(false, "%s by %s: %s", what, mappings[m].name, written.why);
	losses += written.losses.count;
	values += view->node_count;
}

static void
CheckView(const char *what, const DocumentView *view)
{
	documents++;
	for (uint32_t m = 0; m < mapping_count; m++)
		CheckMapping(what, view, m, documents % 2);
}

static void
CheckDocument(const char *path, Span content)
{
	XmlLimits limits = XML_DEFAULT_LIMITS;
	ReadRequest request = {.content = content, .limits = &limits};
	DocumentView view;
	ClexError error = {0};
	Tree tree;
	Span image;

	ArenaReset(&arena);
	if (ReadDocument(&request, &arena, &tree, &image, &error) == CLEX_OK &&
		DocumentOpen(image, &view, &error) == CLEX_OK && view.kind <= DOCUMENT_CREDIT_NOTE)
		CheckView(path, &view);
}

static void
CheckRandom(uint32_t size)
{
	DocumentView view;
	ClexError error = {0};
	char name[40];
	Span image;

	ArenaReset(&arena);
	snprintf(name, sizeof(name), "random document %u", size);
	if (DocumentFinish(RandomDocumentOf(size % 2 ? DOCUMENT_INVOICE : DOCUMENT_CREDIT_NOTE, true,
										&arena, size),
					   &image, &error) == CLEX_OK &&
		DocumentOpen(image, &view, &error) == CLEX_OK)
		CheckView(name, &view);
}

int
main(int argc, char **argv)
{
	ArenaInit(&arena, &ClexPlainEnv, 0);
	ArenaInit(&body, &ClexPlainEnv, 0);
	ArenaInit(&scratch, &ClexPlainEnv, 0);
	CheckFolder("extension/data/mappings", TakeMapping);
	Ok(mapping_count >= 6, "built-in mappings");
	for (size_t i = 0; i < sizeof(awkward) / sizeof(awkward[0]); i++)
		TakeMapping("awkward", SpanFromCString(awkward[i]));
	CheckFolder(argc > 1 ? argv[1] : "extension/test/samples", CheckDocument);
	Ok(tap_failed == 0, "samples");
	for (uint32_t i = 1; i <= 300; i++)
		CheckRandom(i);
	Ok(tap_failed == 0, "random documents");
	printf("# %u documents by %u mappings, %llu values, %llu losses\n", documents, mapping_count,
		   (unsigned long long) values, (unsigned long long) losses);
	for (uint32_t i = 0; i < mapping_count; i++)
		free(mappings[i].text);
	ArenaFree(&arena);
	ArenaFree(&body);
	ArenaFree(&scratch);
	return Done();
}
