/*
 * utf8.c
 *		Checking and writing UTF-8.
 */
#include "core/base/utf8.h"

size_t
Utf8SequenceLength(const unsigned char *s, size_t left)
{
	size_t length;
	unsigned char low = 0x80;
	unsigned char high = 0xBF;

	if (s[0] < 0x80)
		return s[0] != 0;
	if (s[0] < 0xC2 || s[0] > 0xF4)
		return 0;
	length = s[0] < 0xE0 ? 2 : s[0] < 0xF0 ? 3 : 4;
	if (left < length)
		return 0;
	/* the second byte rules out overlong forms, surrogates and what is beyond U+10FFFF */
	if (s[0] == 0xE0)
		low = 0xA0;
	else if (s[0] == 0xED)
		high = 0x9F;
	else if (s[0] == 0xF0)
		low = 0x90;
	else if (s[0] == 0xF4)
		high = 0x8F;
	if (s[1] < low || s[1] > high)
		return 0;
	for (size_t i = 2; i < length; i++)
		if ((s[i] & 0xC0) != 0x80)
			return 0;
	return length;
}

size_t
Utf8ValidPrefix(Span s)
{
	const unsigned char *p = (const unsigned char *) s.data;
	size_t i = 0;

	while (i < s.length)
	{
		size_t step;

		/* eight bytes of ASCII without NUL at once */
		while (s.length - i >= 8)
		{
			uint64_t word;

			memcpy(&word, p + i, 8);
			if (((word | ((word - 0x0101010101010101u) & ~word)) & 0x8080808080808080u) != 0)
				break;
			i += 8;
		}
		if (i == s.length)
			break;
		step = Utf8SequenceLength(p + i, s.length - i);
		if (step == 0)
			return i;
		i += step;
	}
	return i;
}

uint32_t
Utf8Point(Span text, size_t *bytes)
{
	const unsigned char *s = (const unsigned char *) text.data;

	*bytes = s[0] < 0x80 ? 1 : s[0] < 0xE0 ? 2 : s[0] < 0xF0 ? 3 : 4;
	if (*bytes > text.length)
		*bytes = 1;
	switch (*bytes)
	{
		case 2:
			return (s[0] & 0x1Fu) << 6 | (s[1] & 0x3Fu);
		case 3:
			return (s[0] & 0x0Fu) << 12 | (s[1] & 0x3Fu) << 6 | (s[2] & 0x3Fu);
		case 4:
			return (s[0] & 0x07u) << 18 | (s[1] & 0x3Fu) << 12 | (s[2] & 0x3Fu) << 6 |
				   (s[3] & 0x3Fu);
		default:
			return s[0];
	}
}

size_t
Utf8Count(Span s)
{
	size_t count = 0;

	for (size_t i = 0; i < s.length; i++)
		count += ((unsigned char) s.data[i] & 0xC0) != 0x80;
	return count;
}

int
Utf8Encode(uint32_t code_point, char out[4])
{
	if (code_point < 0x80)
	{
		out[0] = (char) code_point;
		return 1;
	}
	if (code_point < 0x800)
	{
		out[0] = (char) (0xC0 | code_point >> 6);
		out[1] = (char) (0x80 | (code_point & 0x3F));
		return 2;
	}
	if (code_point < 0x10000)
	{
		out[0] = (char) (0xE0 | code_point >> 12);
		out[1] = (char) (0x80 | (code_point >> 6 & 0x3F));
		out[2] = (char) (0x80 | (code_point & 0x3F));
		return 3;
	}
	out[0] = (char) (0xF0 | code_point >> 18);
	out[1] = (char) (0x80 | (code_point >> 12 & 0x3F));
	out[2] = (char) (0x80 | (code_point >> 6 & 0x3F));
	out[3] = (char) (0x80 | (code_point & 0x3F));
	return 4;
}
