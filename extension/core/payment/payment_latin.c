/*
 * payment_latin.c
 *		The Latin set of the SEPA schemes, and what stands for characters outside it.
 */
#include "core/payment/payment_check.h"

/* The code point of a text's first character; valid UTF-8, not empty. */
static uint32_t
FirstPoint(Span text, size_t *bytes)
{
	const unsigned char *s = (const unsigned char *) text.data;
	uint32_t point = s[0];

	*bytes = s[0] < 0x80 ? 1 : s[0] < 0xE0 ? 2 : s[0] < 0xF0 ? 3 : 4;
	if (*bytes > 1)
		point = s[0] & (0xFFu >> (*bytes + 1));
	for (size_t i = 1; i < *bytes; i++)
		point = point << 6 | (s[i] & 0x3F);
	return point;
}

bool
LatinHas(uint32_t point)
{
	return (point >= 'a' && point <= 'z') || (point >= 'A' && point <= 'Z') ||
		   (point >= '0' && point <= '9') ||
		   (point > 0 && point < 0x80 && strchr("/-?:().,'+ ", (int) point) != NULL);
}

bool
LatinIs(Span text)
{
	for (size_t i = 0; i < text.length; i++)
		if (!LatinHas((unsigned char) text.data[i]))
			return false;
	return true;
}

/* What stands for a character outside the set. */
static const char *
Substitute(uint32_t point)
{
	uint32_t low = 0;
	uint32_t high = ClexLatinCount;

	while (low < high)
	{
		uint32_t middle = (low + high) / 2;

		if (ClexLatin[middle].point == point)
			return ClexLatin[middle].text;
		if (ClexLatin[middle].point < point)
			low = middle + 1;
		else
			high = middle;
	}
	return ".";
}

Span
LatinOf(Span text, Arena *arena)
{
	Text out;

	TextInit(&out, arena);
	TextReserve(&out, text.length + 1);
	while (text.length > 0)
	{
		size_t bytes;
		uint32_t point = FirstPoint(text, &bytes);

		/* lines stay lines: they become elements of their own */
		if (LatinHas(point) || point == '\n')
			TextAppendChar(&out, (char) point);
		else
			TextAppendSpan(&out, SpanFromCString(Substitute(point)));
		text = SpanOf(text.data + bytes, text.length - bytes);
	}
	return out.failed ? SpanOf(NULL, 0) : TextSpan(&out);
}
