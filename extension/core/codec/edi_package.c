/*
 * edi_package.c
 *		Packages of EDIFACT: a foreign object, text or not, between UNO and UNP.
 *
 * What they hold is never cut into segments.  A package goes with the message before it in the file, which
 * in practice it belongs to, else with the one after it: it becomes extras of that document.  Where UNO
 * says how long the object is and UNP stands there, that is believed; else the next UNP ends it.
 */
#include "core/codec/edi_envelope.h"

#include "core/base/utf8.h"
#include "core/codec/edi_text.h"

/* Does UNP stand here? */
static bool
IsTrailer(const EdiScanner *s, const char *p)
{
	return s->end - p >= 4 && memcmp(p, "UNP", 3) == 0 && p[3] == s->separators.element;
}

/* The length of the object as UNO declares it (0810), 0 if it does not. */
static size_t
DeclaredLength(const EdiScanner *s, const EdiSegment *segment)
{
	const EdiValue *value = EdiFind(s, segment, 4, 1);
	size_t length = 0;

	for (uint32_t i = 0; value != NULL && i < value->length; i++)
	{
		if (value->data[i] < '0' || value->data[i] > '9' || i > 9)
			return 0;
		length = 10 * length + (size_t) (value->data[i] - '0');
	}
	return length;
}

/* Where UNP begins, NULL if there is none. */
static const char *
FindTrailer(const EdiScanner *s, const EdiSegment *header)
{
	const char *p = s->next;
	size_t length = DeclaredLength(s, header);

	if (length > 0 && length < (size_t) (s->end - p) && IsTrailer(s, p + length))
		return p + length;
	while ((p = memchr(p, 'U', (size_t) (s->end - p))) != NULL && !IsTrailer(s, p))
		p++;
	return p;
}

void
EdiTakePackage(EdiReader *reader, const EdiSegment *header)
{
	EdiScanner *s = &reader->scanner;
	const char *begin = s->next;
	const char *end = FindTrailer(s, header);
	EdiPackage *package = VectorPush(&reader->packages);

	if (package == NULL)
	{
		EdiOutOfMemory(reader);
		return;
	}
	EdiNoteEnvelope(reader, EDI_PACKAGE, EDI_LEVEL_INTERCHANGE, header,
					ArenaCopy(reader->arena, EdiTextAt(s, header, 1, 1, reader->body)),
					SpanOf(NULL, 0));
	EdiCheckService(reader, header, EDI_LEVEL_INTERCHANGE);
	if (end == NULL)
	{
		EdiFinding *finding = EdiNote(reader, EDI_TRAILER, EDI_LEVEL_INTERCHANGE, header);

		if (finding != NULL)
			finding->expected = SPAN_LITERAL("UNP");
		end = s->end;
	}
	*package = (EdiPackage){*header, SpanOf(begin, (size_t) (end - begin))};
	reader->package_total++;
	s->next = end;
	while (s->next < s->end && *s->next != s->separators.segment)
		s->next++;
	if (s->next < s->end)
		s->next++;
	if (reader->interchanges.count > 0)
	{
		EdiOpenInterchange(reader)->messages++;
		EdiOpenInterchange(reader)->loose++;
	}
}

void
EdiTakePackages(EdiReader *reader)
{
	EdiScanner *s = &reader->scanner;
	EdiSegment segment;

	while (!EdiIsX12(reader) && s->status == CLEX_OK)
	{
		const char *p = s->next;

		while (p < s->end && (*p == '\r' || *p == '\n' || *p == ' '))
			p++;
		if (s->end - p < 4 || memcmp(p, "UNO", 3) != 0 || p[3] != s->separators.element ||
			!EdiNext(s, &segment))
			return;
		EdiTakePackage(reader, &segment);
	}
}

/* Bytes in base64, with the padding. */
static void
AppendBase64(Text *out, Span bytes)
{
	static const char signs[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

	for (size_t i = 0; i < bytes.length; i += 3)
	{
		size_t left = bytes.length - i;
		uint32_t word = (uint32_t) (unsigned char) bytes.data[i] << 16;

		if (left > 1)
			word |= (uint32_t) (unsigned char) bytes.data[i + 1] << 8;
		if (left > 2)
			word |= (unsigned char) bytes.data[i + 2];
		TextAppendChar(out, signs[word >> 18]);
		TextAppendChar(out, signs[word >> 12 & 63]);
		TextAppendChar(out, left > 1 ? signs[word >> 6 & 63] : '=');
		TextAppendChar(out, left > 2 ? signs[word & 63] : '=');
	}
}

Span
EdiPackageText(const EdiPackage *package, Arena *arena, bool *encoded)
{
	Text text;

	*encoded = !Utf8IsValid(package->object) ||
			   (package->object.length > 0 &&
				memchr(package->object.data, '\0', package->object.length) != NULL);
	if (!*encoded)
		return package->object;
	TextInit(&text, arena);
	AppendBase64(&text, package->object);
	return text.failed ? SpanOf(NULL, 0) : TextSpan(&text);
}
