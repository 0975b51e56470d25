/*
 * pdf_profile.c
 *		Names of invoices in PDFs, what their guidelines ask for, and MD5.
 */
#include "pdf_facts.h"

#include <strings.h>

int
PdfInvoiceNameRank(Span name)
{
	for (uint32_t i = 0; i < ClexPdfNameCount; i++)
		if (SpanEqual(name, ClexPdfNames[i]))
			return (int) i + 1;
	/* spelt in another case */
	for (uint32_t i = 0; i < ClexPdfNameCount; i++)
		if (name.length == ClexPdfNames[i].length &&
			strncasecmp(name.data, ClexPdfNames[i].data, name.length) == 0)
			return (int) (ClexPdfNameCount + i) + 1;
	return 0;
}

const PdfProfile *
PdfProfileOf(Span guideline)
{
	for (uint32_t i = 0; i < ClexPdfProfileCount; i++)
	{
		const PdfProfile *profile = &ClexPdfProfiles[i];

		if (guideline.length >= profile->guideline.length &&
			memcmp(guideline.data, profile->guideline.data, profile->guideline.length) == 0 &&
			(profile->part.length == 0 || memmem(guideline.data, guideline.length,
												 profile->part.data, profile->part.length) != NULL))
			return profile;
	}
	return NULL;
}

/* One block of 64 bytes (RFC 1321). */
static void
Md5Block(uint32_t state[4], const unsigned char *block)
{
	static const uint32_t sines[64] = {
		0xd76aa478, 0xe8c7b756, 0x242070db, 0xc1bdceee, 0xf57c0faf, 0x4787c62a, 0xa8304613,
		0xfd469501, 0x698098d8, 0x8b44f7af, 0xffff5bb1, 0x895cd7be, 0x6b901122, 0xfd987193,
		0xa679438e, 0x49b40821, 0xf61e2562, 0xc040b340, 0x265e5a51, 0xe9b6c7aa, 0xd62f105d,
		0x02441453, 0xd8a1e681, 0xe7d3fbc8, 0x21e1cde6, 0xc33707d6, 0xf4d50d87, 0x455a14ed,
		0xa9e3e905, 0xfcefa3f8, 0x676f02d9, 0x8d2a4c8a, 0xfffa3942, 0x8771f681, 0x6d9d6122,
		0xfde5380c, 0xa4beea44, 0x4bdecfa9, 0xf6bb4b60, 0xbebfbc70, 0x289b7ec6, 0xeaa127fa,
		0xd4ef3085, 0x04881d05, 0xd9d4d039, 0xe6db99e5, 0x1fa27cf8, 0xc4ac5665, 0xf4292244,
		0x432aff97, 0xab9423a7, 0xfc93a039, 0x655b59c3, 0x8f0ccc92, 0xffeff47d, 0x85845dd1,
		0x6fa87e4f, 0xfe2ce6e0, 0xa3014314, 0x4e0811a1, 0xf7537e82, 0xbd3af235, 0x2ad7d2bb,
		0xeb86d391};
	static const uint8_t turns[4][4] = {
		{7, 12, 17, 22}, {5, 9, 14, 20}, {4, 11, 16, 23}, {6, 10, 15, 21}};
	uint32_t a = state[0];
	uint32_t b = state[1];
	uint32_t c = state[2];
	uint32_t d = state[3];
	uint32_t word[16];

	for (int i = 0; i < 16; i++)
		word[i] = (uint32_t) block[4 * i] | (uint32_t) block[4 * i + 1] << 8 |
				  (uint32_t) block[4 * i + 2] << 16 | (uint32_t) block[4 * i + 3] << 24;
	for (int i = 0; i < 64; i++)
	{
		int turn = turns[i / 16][i % 4];
		uint32_t mixed;
		int take;

		switch (i / 16)
		{
			case 0:
				mixed = (b & c) | (~b & d);
				take = i;
				break;
			case 1:
				mixed = (d & b) | (~d & c);
				take = (5 * i + 1) % 16;
				break;
			case 2:
				mixed = b ^ c ^ d;
				take = (3 * i + 5) % 16;
				break;
			default:
				mixed = c ^ (b | ~d);
				take = 7 * i % 16;
		}
		mixed += a + sines[i] + word[take];
		a = d;
		d = c;
		c = b;
		b += mixed << turn | mixed >> (32 - turn);
	}
	state[0] += a;
	state[1] += b;
	state[2] += c;
	state[3] += d;
}

void
PdfMd5(Span data, uint8_t digest[16])
{
	uint32_t state[4] = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476};
	unsigned char last[128] = {0};
	size_t whole = data.length / 64 * 64;
	size_t rest = data.length - whole;
	size_t padded = rest < 56 ? 64 : 128;

	for (size_t i = 0; i < whole; i += 64)
		Md5Block(state, (const unsigned char *) data.data + i);
	if (rest > 0)
		memcpy(last, data.data + whole, rest);
	last[rest] = 0x80;
	for (int i = 0; i < 8; i++)
		last[padded - 8 + (size_t) i] = (unsigned char) ((uint64_t) data.length * 8 >> (8 * i));
	for (size_t i = 0; i < padded; i += 64)
		Md5Block(state, last + i);
	for (int i = 0; i < 16; i++)
		digest[i] = (uint8_t) (state[i / 4] >> (8 * (i % 4)));
}
