/*
 * Any bytes as a CSV or positional file, and any text as a mapping: images are sound, texts are UTF-8, a refusal
 * says why; what was read is written again.  The first byte chooses mapping, mode and memory; with its low bits set, the input up to the first NUL is
 * the mapping.
 */
#include "core/base/utf8.h"
#include "core/codec/flat_read.h"
#include "core/codec/flat_write.h"
#include "fuzz.h"

static const char *const mappings[] = {
	"{\"format\":\"csv\",\"header_rows\":1,\"separator\":\";\",\"decimal\":\",\",\"thousands\":\" "
	"\","
	"\"date\":\"DD/MM/"
	"YY\",\"document\":\"a\",\"fields\":[{\"name\":\"a\"},{\"name\":\"n\",\"type\":"
	"\"number\"},{\"name\":\"d\",\"type\":\"date\"},{\"name\":\"e\"}],\"terms\":{\"BT-1\":\"$a\","
	"\"BT-3\":\"'381'\",\"BT-2\":\"$d\",\"BT-9\":\"$d + "
	"30\"},\"groups\":{\"lines\":{\"BT-126\":\"$n\","
	"\"BT-131\":\"$n * 2\",\"BT-157\":\"$a\",\"BT-157-1\":\"'0160'\"},\"lines.allowances\":"
	"{\"BT-136\":\"if ($n > 1) then $n else ()\"}}}",
	"{\"format\":\"flat\",\"record_type\":{\"start\":1,\"length\":1},\"date\":\"YYYYMMDD\","
	"\"records\":"
	"{\"H\":{\"opens\":true,\"fields\":[{\"name\":\"a\",\"start\":2,\"length\":5},{\"name\":\"d\","
	"\"type\":\"date\",\"start\":7,\"length\":8}],\"terms\":{\"BT-1\":\"$a\",\"BT-2\":\"$d\"}},"
	"\"L\":"
	"{\"fields\":[{\"name\":\"n\",\"type\":\"number\",\"scale\":2,\"start\":2,\"length\":9}],"
	"\"groups\":{\"lines\":{\"BT-131\":\"$n\"}}}}}",
	"{\"format\":\"csv\",\"quote\":\"'\",\"opens\":true,\"fields\":[{\"name\":\"a\"},{\"name\":"
	"\"b\"}],"
	"\"terms\":{\"BT-1\":\"concat($a, $b)\",\"BT-112\":\"$b\"}}",
};

/* What was read goes out again by the same mapping. */
static void
WriteAgain(const FlatRequest *request, const DocumentView *view)
{
	FlatWriter *writer;
	ClexError error = {0};
	ClexStatus status;
	Vector losses;
	Arena arena;
	Arena body;
	Span content;

	ArenaInit(&arena, &ClexPlainEnv, request->arena->limit);
	ArenaInit(&body, &ClexPlainEnv, request->arena->limit);
	status = FlatWriterOpen(&writer, request->mapping, (FlatLayout){"\n", true, view->kind == 2},
							&arena, &error);
	if (status == CLEX_OK)
		status = FlatWriterAdd(writer, view, &body, &losses, &error);
	if (status == CLEX_OK)
		status = FlatWriterFinish(writer, &content, &error);
	Must(status == CLEX_OK || error.message[0] != '\0', "a refusal to write says why");
	ArenaFree(&arena);
	ArenaFree(&body);
}

static void
TakeDocument(void *state, uint32_t number, uint32_t first_row, uint32_t last_row, Span image)
{
	ClexError error;
	DocumentView view;

	Must(number > 0 && first_row > 0 && last_row >= first_row, "a document has rows");
	Must(DocumentVerify(image, &error) == CLEX_OK, "an image is sound");
	if (number == 1 && DocumentOpen(image, &view, &error) == CLEX_OK)
		WriteAgain(state, &view);
}

static void
TakeValue(void *state, const FlatValue *value)
{
	(void) state;
	Must(value->row > 0 && value->line > 0 && value->document > 0, "a value has a place");
	Must(Utf8IsValid(value->value), "a value is UTF-8");
}

static void
TakeProblem(void *state, const FlatProblem *problem)
{
	(void) state;
	Must(problem->code != NULL, "a problem has a code");
	Must(problem->column.data == NULL || Utf8IsValid(problem->column), "a column is UTF-8");
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	FlatSink sink = {.document = TakeDocument, .value = TakeValue, .problem = TakeProblem};
	FlatRequest request = {.sink = &sink};
	ClexError error = {0};
	Arena arena;
	Arena scratch;
	Span copy;
	Span rest;

	if (size == 0)
		return 0;
	sink.state = &request;
	copy = rest = ExactCopy(data + 1, size - 1);
	request.mapping =
		(data[0] & 3) == 3 ? TakeUntil(&rest, '\0') : SpanFromCString(mappings[data[0] & 3]);
	request.content = rest;
	request.strict = (data[0] & 4) != 0;
	request.rows = data[0] >> 4;
	ArenaInit(&arena, &ClexPlainEnv, data[0] & 8 ? 60000 : FUZZ_MEMORY);
	ArenaInit(&scratch, &ClexPlainEnv, data[0] & 8 ? 4000 : FUZZ_MEMORY);
	request.arena = &arena;
	request.scratch = &scratch;
	if (Utf8IsValid(request.mapping))
		Must(FlatRead(&request, &error) == CLEX_OK || error.message[0] != '\0',
			 "a refusal says why");
	ArenaFree(&arena);
	ArenaFree(&scratch);
	free((void *) (uintptr_t) copy.data);
	return 0;
}
