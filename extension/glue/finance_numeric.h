/*
 * finance_numeric.h
 *		numeric to integer and back without text.
 *
 * The layout read and written here is the one on disk (short and long header, base-10000 digits), which
 * pg_upgrade keeps stable: it is the same in PostgreSQL 15 to 18.  The regression test compares both
 * directions with numeric's own text.
 */
#ifndef CLEX_GLUE_FINANCE_NUMERIC_H
#define CLEX_GLUE_FINANCE_NUMERIC_H

#include "fmgr.h"
#include "utils/numeric.h"

#include "core/finance/discount.h"

#define NUMERIC_HEADER_SHORT 0x8000
#define NUMERIC_HEADER_SPECIAL 0xC000

/* The slow half of NumericToExact: long headers, many digits, special values. */
extern bool NumericToExactSlow(const struct varlena *value, Exact *result);

/*
 * A numeric argument (toasted or packed) as an exact decimal.  False if it has more than 36 digits;
 * NaN and infinities are an error, 22003.
 */
static inline bool
NumericToExact(Datum value, Exact *result)
{
	const struct varlena *v = PG_DETOAST_DATUM_PACKED(value);
	const char *data = VARDATA_ANY(v);
	uint32 size = VARSIZE_ANY_EXHDR(v);
	uint16 header;

	memcpy(&header, data, sizeof(header));
	if (likely((header & NUMERIC_HEADER_SPECIAL) == NUMERIC_HEADER_SHORT && size <= 10))
	{
		int digits = (int) (size - 2) / 2;
		int weight = (header & 0x0040 ? ~0x003F : 0) | (header & 0x003F);
		int64 sum = 0;

		for (int i = 0; i < digits; i++)
		{
			uint16 digit;

			memcpy(&digit, data + 2 + 2 * i, sizeof(digit));
			sum = sum * 10000 + digit;
		}
		result->scale = digits == 0 ? 0 : 4 * (digits - 1 - weight);
		if (likely(result->scale >= 0))
		{
			result->coefficient = header & 0x2000 ? -sum : sum;
			return true;
		}
	}
	return NumericToExactSlow(v, result);
}

/* The same, but more than 36 digits are an error, 22003. */
extern void GetExact(Datum value, Exact *result);

/* value / 10^digits as a numeric with that display scale; digits is 0 to 36. */
extern Numeric NumericFromMinor(__int128 value, int digits);

#endif
