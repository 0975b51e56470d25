/*
 * finance_numeric.c
 *		numeric to integer and back without text.
 */
#include "postgres.h"

#include "utils/builtins.h"

#include "glue/compat.h"
#include "glue/finance_numeric.h"

bool
NumericToExactSlow(const struct varlena *value, Exact *result)
{
	const char *data = VARDATA_ANY(value);
	int size = (int) VARSIZE_ANY_EXHDR(value);
	uint16 header;
	int16 weight;
	bool negative;
	int offset;
	int digits;
	__int128 sum = 0;

	memcpy(&header, data, sizeof(header));
	if ((header & NUMERIC_HEADER_SPECIAL) == NUMERIC_HEADER_SPECIAL)
		ereport(ERROR, (errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
						errmsg("amount or rate is NaN or infinite")));
	if (header & NUMERIC_HEADER_SHORT)
	{
		negative = (header & 0x2000) != 0;
		weight = (int16) ((header & 0x0040 ? ~0x003F : 0) | (header & 0x003F));
		offset = 2;
	}
	else
	{
		negative = (header & 0x4000) != 0;
		memcpy(&weight, data + 2, sizeof(weight));
		offset = 4;
	}
	digits = (size - offset) / 2;
	if (digits == 0)
	{
		*result = (Exact){0, 0};
		return true;
	}
	if (digits > 9 || weight > 8 || weight < -9)
		return false;
	for (int i = 0; i < digits; i++)
	{
		uint16 digit;

		memcpy(&digit, data + offset + 2 * i, sizeof(digit));
		sum = sum * 10000 + digit;
	}
	result->scale = 4 * (digits - 1 - weight);
	if (result->scale < 0)
	{
		sum *= PowersOfTen[-result->scale];
		result->scale = 0;
	}
	if (result->scale > 36)
		return false;
	result->coefficient = negative ? -sum : sum;
	return true;
}

/* An argument as an exact decimal; too many digits are an error. */
void
GetExact(Datum value, Exact *result)
{
	if (!NumericToExact(value, result))
		ereport(ERROR, (errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE), errmsg("amount out of range"),
						errdetail("An amount has at most 36 digits.")));
}

Numeric
NumericFromMinor(__int128 value, int digits)
{
	unsigned __int128 rest = value < 0 ? -(unsigned __int128) value : (unsigned __int128) value;
	int pad = (4 - digits % 4) % 4;
	uint16 buffer[16];
	int first = 16;
	int last = 16;
	int weight = -(digits + pad) / 4 - 1;
	uint16 header;
	struct varlena *result;

	/* the last group holds 4 - pad digits */
	if (pad > 0 && rest != 0)
	{
		static const uint16 unit[4] = {1, 10, 100, 1000};
		uint16 group = (uint16) (10000 / unit[pad]);

		buffer[--first] = (uint16) (rest % group) * unit[pad];
		rest /= group;
		weight++;
	}
	while (rest >> 64 != 0)
	{
		buffer[--first] = (uint16) (rest % 10000);
		rest /= 10000;
		weight++;
	}
	for (uint64 low = (uint64) rest; low != 0; low /= 10000)
	{
		buffer[--first] = (uint16) (low % 10000);
		weight++;
	}
	while (first < last && buffer[last - 1] == 0)
		last--;
	while (first < last && buffer[first] == 0)
	{
		first++;
		weight--;
	}
	if (first == last)
		weight = 0;
	header = (uint16) (NUMERIC_HEADER_SHORT | (value < 0 && first < last ? 0x2000 : 0) |
					   digits << 7 | (weight < 0 ? 0x0040 : 0) | (weight & 0x003F));
	result = palloc(VARHDRSZ + 2 + 2 * (last - first));
	SET_VARSIZE(result, VARHDRSZ + 2 + 2 * (last - first));
	memcpy(VARDATA(result), &header, 2);
	memcpy(VARDATA(result) + 2, buffer + first, 2 * (last - first));
	return (Numeric) result;
}
