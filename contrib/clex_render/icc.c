/*
 * icc.c
 *		The colours of sRGB as an ICC profile, made from the figures of IEC 61966-2-1.
 *
 * A profile of matrix and curves: three primaries adapted to D50, and one curve for all of them.
 */
#include "draw.h"

#include <math.h>

#define CURVE_POINTS 1024
#define HEADER 128

static void
Put32(Text *out, uint32_t value)
{
	char bytes[4] = {(char) (value >> 24), (char) (value >> 16), (char) (value >> 8), (char) value};

	TextAppend(out, bytes, 4);
}

static void
Put16(Text *out, uint32_t value)
{
	char bytes[2] = {(char) (value >> 8), (char) value};

	TextAppend(out, bytes, 2);
}

static void
PutZeros(Text *out, size_t count)
{
	for (size_t i = 0; i < count; i++)
		TextAppendChar(out, 0);
}

static void
PutFixed(Text *out, double value)
{
	Put32(out, (uint32_t) (int32_t) lround(value * 65536));
}

static void
PutXyz(Text *out, double x, double y, double z)
{
	TextAppend(out, "XYZ \0\0\0\0", 8);
	PutFixed(out, x);
	PutFixed(out, y);
	PutFixed(out, z);
}

static void
PutDescription(Text *out, const char *text)
{
	size_t length = strlen(text) + 1;

	TextAppend(out, "desc\0\0\0\0", 8);
	Put32(out, (uint32_t) length);
	TextAppend(out, text, length);
	/* no Unicode and no Macintosh form */
	PutZeros(out, 4 + 4 + 2 + 1 + 67);
}

static void
PutCurve(Text *out)
{
	TextAppend(out, "curv\0\0\0\0", 8);
	Put32(out, CURVE_POINTS);
	for (int i = 0; i < CURVE_POINTS; i++)
	{
		double v = (double) i / (CURVE_POINTS - 1);
		double linear = v <= 0.04045 ? v / 12.92 : pow((v + 0.055) / 1.055, 2.4);

		Put16(out, (uint32_t) lround(linear * 65535));
	}
}

/* One tag's data; all tags but the curves are written once. */
static void
PutTag(Text *out, int tag)
{
	switch (tag)
	{
		case 0:
			PutDescription(out, "sRGB");
			break;
		case 1:
			TextAppend(out, "text\0\0\0\0no rights reserved", 27);
			break;
		case 2:
			PutXyz(out, 0.9642, 1.0, 0.8249);
			break;
		case 3:
			PutXyz(out, 0.43607, 0.22249, 0.01392);
			break;
		case 4:
			PutXyz(out, 0.38515, 0.71687, 0.09708);
			break;
		case 5:
			PutXyz(out, 0.14307, 0.06061, 0.71410);
			break;
		default:
			PutCurve(out);
	}
}

Span
SrgbProfile(Arena *arena)
{
	static const char names[][5] = {"desc", "cprt", "wtpt", "rXYZ", "gXYZ",
									"bXYZ", "rTRC", "gTRC", "bTRC"};
	uint32_t offsets[9];
	uint32_t lengths[9];
	Text data;
	Text out;

	TextInit(&data, arena);
	for (int i = 0; i < 9; i++)
	{
		if (i > 6)
		{
			offsets[i] = offsets[6];
			lengths[i] = lengths[6];
			continue;
		}
		offsets[i] = HEADER + 4 + 9 * 12 + (uint32_t) data.length;
		PutTag(&data, i);
		lengths[i] = HEADER + 4 + 9 * 12 + (uint32_t) data.length - offsets[i];
		PutZeros(&data, (4 - data.length % 4) % 4);
	}
	TextInit(&out, arena);
	Put32(&out, HEADER + 4 + 9 * 12 + (uint32_t) data.length);
	PutZeros(&out, 4);
	Put32(&out, 0x02100000);
	TextAppend(&out, "mntrRGB XYZ ", 12);
	for (int i = 0; i < 6; i++)
		Put16(&out, (const uint16_t[]){2026, 1, 1, 0, 0, 0}[i]);
	TextAppend(&out, "acsp", 4);
	PutZeros(&out, 28);
	PutFixed(&out, 0.9642);
	PutFixed(&out, 1.0);
	PutFixed(&out, 0.8249);
	PutZeros(&out, HEADER - 80);
	Put32(&out, 9);
	for (int i = 0; i < 9; i++)
	{
		TextAppend(&out, names[i], 4);
		Put32(&out, offsets[i]);
		Put32(&out, lengths[i]);
	}
	TextAppendSpan(&out, TextSpan(&data));
	return out.failed || data.failed ? SpanOf(NULL, 0) : TextSpan(&out);
}
