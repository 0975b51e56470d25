/*
 * Any bytes into the EDI scanner: what it gives lies in the input and in order, and every text is UTF-8.
 * The first byte chooses the memory.
 */
#include "core/base/utf8.h"
#include "core/codec/edi_tokens.h"
#include "fuzz.h"

static void
CheckSegment(const EdiScanner *scanner, const EdiSegment *segment, Arena *arena)
{
	uint16_t element = 0;

	Must(segment->offset <= scanner->content.length &&
			 segment->length <= scanner->content.length - segment->offset,
		 "a segment lies in the input");
	Must(segment->first_value + segment->value_count == scanner->values.count,
		 "its values are the newest");
	for (uint32_t i = 0; i < segment->value_count; i++)
	{
		const EdiValue *value = EdiValueAt(scanner, segment->first_value + i);
		uint32_t offset = EdiOffset(scanner, value);
		Span text = EdiText(scanner, value, arena);

		Must(offset >= segment->offset &&
				 offset + value->length <= segment->offset + segment->length,
			 "a value lies in its segment");
		Must(value->length > 0 && value->element >= element, "values are in order, none is empty");
		Must(text.data == NULL || Utf8IsValid(text), "a text is UTF-8");
		element = value->element;
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	EdiScanner scanner;
	EdiSegment segment;
	Arena arena;
	ClexError error = {0};
	Span input;
	uint32_t end = 0;

	if (size == 0)
		return 0;
	input = ExactCopy(data + 1, size - 1);
	ArenaInit(&arena, &ClexPlainEnv, data[0] & 1 ? 4000 : FUZZ_MEMORY);
	if (EdiOpen(&scanner, input, &arena, &error) == CLEX_OK)
		while (EdiNext(&scanner, &segment))
		{
			Must(segment.offset >= end, "segments follow one another");
			end = segment.offset + segment.length;
			CheckSegment(&scanner, &segment, &arena);
			if (data[0] & 2)
				EdiForget(&scanner);
		}
	else
		Must(error.status != CLEX_OK && error.message[0] != '\0', "a refusal says why");
	ArenaFree(&arena);
	free((void *) (uintptr_t) input.data);
	return 0;
}
