/*
 * Any bytes as a document's JSON: what is read passes DocumentVerify, and prints to JSON that reads
 * back to the same image and prints the same.
 */
#include "core/model/document.h"
#include "fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	Span input = ExactCopy(data, size);
	Arena arena;
	DocumentView view;
	ClexError error = {0};
	Span image;
	Span again;
	Text first;
	Text second;

	ArenaInit(&arena, &ClexPlainEnv, FUZZ_MEMORY);
	TextInit(&first, &arena);
	TextInit(&second, &arena);
	if (DocumentFromJson(input, &arena, &image, &error) == CLEX_OK)
	{
		Must(DocumentVerify(image, &error) == CLEX_OK, "what JSON made verifies");
		Must(DocumentOpen(image, &view, &error) == CLEX_OK, "and opens");
		Must(DocumentToJson(&view, &first, &error) == CLEX_OK, "and prints");
		Must(DocumentFromJson(TextSpan(&first), &arena, &again, &error) == CLEX_OK,
			 "what was printed is read");
		Must(SpanEqual(image, again), "and is the same");
		Must(DocumentOpen(again, &view, &error) == CLEX_OK &&
				 DocumentToJson(&view, &second, &error) == CLEX_OK &&
				 SpanEqual(TextSpan(&first), TextSpan(&second)),
			 "and prints the same");
	}
	else
		Must(error.status != CLEX_OK && error.message[0] != '\0', "a refusal says why");
	ArenaFree(&arena);
	free((void *) (uintptr_t) input.data);
	return 0;
}
