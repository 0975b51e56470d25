/*
 * Any bytes into the EDI scanner, reader, binder and acknowledger: what they give lies in the input and in order, every text is
 * UTF-8, every document is sound.  The first byte chooses the memory.
 */
#include "core/base/utf8.h"
#include "core/codec/edi_ack.h"
#include "core/codec/edi_codec.h"
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

static void
Scan(Span input, Arena *arena, bool forget)
{
	EdiScanner scanner;
	EdiSegment segment;
	ClexError error = {0};
	uint32_t end = 0;

	if (EdiOpen(&scanner, input, arena, &error) != CLEX_OK)
	{
		Must(error.status != CLEX_OK && error.message[0] != '\0', "a refusal says why");
		return;
	}
	while (EdiNext(&scanner, &segment))
	{
		Must(segment.offset >= end, "segments follow one another");
		end = segment.offset + segment.length;
		CheckSegment(&scanner, &segment, arena);
		if (forget)
			EdiForget(&scanner);
	}
}

static void
Acknowledge(Span input, Arena *arena, Arena *body, bool strict)
{
	EdiReader reader;
	EdiAckOptions options = {.strict = strict};
	ClexError error = {0};
	Text location;
	Text out;

	if (EdiReaderOpen(&reader, input, arena, body, &error) != CLEX_OK)
		return;
	while (EdiReaderNext(&reader))
		Must(reader.segments.count > 0, "a message has segments");
	if (reader.scanner.status != CLEX_OK)
		return;
	for (uint32_t i = 0; i < reader.findings.count; i++)
	{
		const EdiFinding *f = &VectorAt(&reader.findings, EdiFinding, i);

		TextInit(&location, arena);
		EdiLocation(&reader, f, &location);
		Must(f->found.data == NULL || Utf8IsValid(f->found), "what was found is UTF-8");
	}
	TextInit(&out, arena);
	if (EdiAcknowledge(&reader, &options, &out, &error) == CLEX_OK && out.length > 0)
		Must(LooksLikeEdi(TextSpan(&out)), "an acknowledgement is an interchange");
}

static bool
CheckImage(void *state, const EdiReader *reader, Span image)
{
	ClexError error = {0};

	(void) state;
	(void) reader;
	Must(DocumentVerify(image, &error) == CLEX_OK, "an image can be stored");
	return true;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	Arena arena;
	Arena body;
	ClexError error = {0};
	Detected detected;
	Span input;
	size_t memory;

	if (size == 0)
		return 0;
	memory = data[0] & 1 ? 20000 : FUZZ_MEMORY;
	input = ExactCopy(data + 1, size - 1);
	ArenaInit(&arena, &ClexPlainEnv, memory);
	ArenaInit(&body, &ClexPlainEnv, memory);
	Scan(input, &arena, data[0] & 2);
	ArenaReset(&arena);
	Acknowledge(input, &arena, &body, data[0] & 4);
	ArenaReset(&arena);
	if (LooksLikeEdi(input))
	{
		ReadRequest request = {.content = input};

		(void) DetectFormat(input, &arena, &detected);
		(void) EdiReadEach(&request, &arena, &body, data[0] & 8, CheckImage, NULL, &error);
	}
	ArenaFree(&arena);
	ArenaFree(&body);
	free((void *) (uintptr_t) input.data);
	return 0;
}
