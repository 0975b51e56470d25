/*
 * flat_values.h
 *		Numbers, dates and characters of CSV and positional files, as a mapping has them.
 */
#ifndef CLEX_CODEC_FLAT_VALUES_H
#define CLEX_CODEC_FLAT_VALUES_H

#include "core/base/decimal.h"
#include "core/codec/flat_mapping.h"

/* A number with the mapping's decimal mark and separator of thousands; false: it is none. */
extern bool FlatNumber(const FlatMapping *mapping, const FlatField *field, Span text,
					   Decimal *value);

/* A date by a pattern of YYYY, YY, MM and DD; false: it is none. */
extern bool FlatDate(Span pattern, Span text, int32_t *date);

/*
 * A file in UTF-16, which its byte order mark tells, as UTF-8 in `arena`; any other stays as it is.  What is half
 * a character becomes U+FFFD.  Errors: CLEX_INVALID (the mapping wants UTF-16 and there is no mark),
 * CLEX_NO_MEMORY.
 */
extern ClexStatus FlatNarrow(const FlatMapping *mapping, Span *content, Arena *arena,
							 ClexError *error);

#endif
