/*
 * charset.c
 *		Single-byte character sets that text files come in.
 */
#include "core/base/charset.h"

/* Code points of the bytes 80 .. 9F of Windows-1252.  Source: Unicode mappings. */
static const uint16_t windows_1252[32] = {
	0x20AC, 0,		0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
	0x2039, 0x0152, 0,		0x017D, 0,		0,		0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
	0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0,		0x017E, 0x0178,
};

uint32_t
Windows1252Point(unsigned char byte)
{
	return byte >= 0x80 && byte < 0xA0 ? windows_1252[byte - 0x80] : byte;
}

uint32_t
Iso8859_15Point(unsigned char byte)
{
	switch (byte)
	{
		case 0xA4:
			return 0x20AC; /* the euro sign */
		case 0xA6:
			return 0x0160;
		case 0xA8:
			return 0x0161;
		case 0xB4:
			return 0x017D;
		case 0xB8:
			return 0x017E;
		case 0xBC:
			return 0x0152;
		case 0xBD:
			return 0x0153;
		case 0xBE:
			return 0x0178;
		default:
			return byte >= 0x80 && byte < 0xA0 ? 0 : byte;
	}
}
