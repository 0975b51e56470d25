/*
 * Any document written in any format: no crash, and what was written is read again with the same terms,
 * but for those that are named as lost.  The input is a document as JSON, or a file to read.
 */
#include "fuzz.h"
#include "written.h"

/* The document to write; false if the input is none. */
static bool
TakeDocument(Span input, Arena *arena, DocumentView *view)
{
	XmlLimits limits = XML_DEFAULT_LIMITS;
	ReadRequest request = {.content = input, .limits = &limits};
	ClexError error = {0};
	Tree source;
	Span image;
	bool json = input.length > 0 && input.data[0] == '{';

	if ((json ? DocumentFromJson(input, arena, &image, &error)
			  : ReadDocument(&request, arena, &source, &image, &error)) != CLEX_OK)
		return false;
	return DocumentOpen(image, view, &error) == CLEX_OK;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const formats[] = {"ubl",  "cii",	   "cii:D22B", "fatturapa",
										  "idoc", "idoc:flat", "cxml"};
	static const char *const edi[] = {"edifact", "edifact:D96A", "edifact:D14B", "x12"};
	Span input = ExactCopy(data, size);
	Arena arena;
	DocumentView view;

	ArenaInit(&arena, &ClexPlainEnv, FUZZ_MEMORY);
	if (TakeDocument(input, &arena, &view))
	{
		for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++)
		{
			Written written;

			WriteAndRead(&view, formats[i], &arena, &written);
			Must(arena.exhausted || written.why[0] == 0, written.why);
		}
		/* these read what they have written themselves; they may refuse a document */
		for (size_t i = 0; i < sizeof(edi) / sizeof(edi[0]); i++)
		{
			WriteRequest request = {.document = &view, .format = SpanFromCString(edi[i])};
			ClexError error = {0};
			Span content;
			Vector losses;
			ClexStatus status = CodecWrite(&request, &arena, &content, &losses, &error);

			Must(arena.exhausted || status == CLEX_OK || status == CLEX_UNSUPPORTED, error.message);
		}
	}
	ArenaFree(&arena);
	free((void *) (uintptr_t) input.data);
	return 0;
}
