/*
 * Any document as a page, in each language: no crash, well-formed, of harmless elements alone, and every value
 * stands on it.  The input is a document as JSON.
 */
#include "fuzz.h"
#include "rendered.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	Span input = ExactCopy(data, size);
	ClexError error = {0};
	DocumentView view;
	Arena arena;
	Span image;

	ArenaInit(&arena, &ClexPlainEnv, FUZZ_MEMORY);
	if (DocumentFromJson(input, &arena, &image, &error) == CLEX_OK &&
		DocumentOpen(image, &view, &error) == CLEX_OK)
		for (int language = 0; language < PAGE_LANGUAGES; language++)
		{
			Rendered rendered;

			RenderAndCheck(&view, language, &arena, &rendered);
			Must(arena.exhausted || rendered.why[0] == '\0', rendered.why);
		}
	ArenaFree(&arena);
	free((void *) (uintptr_t) input.data);
	return 0;
}
