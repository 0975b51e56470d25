/*
 * checkdigit.h
 *		Check digits of the identifiers that business documents carry.
 *
 * Each takes the identifier as written, without outer white space; separators (blanks, dots, hyphens)
 * inside are not allowed unless said.  All are pure.
 */
#ifndef CLEX_BASE_CHECKDIGIT_H
#define CLEX_BASE_CHECKDIGIT_H

#include "core/base/span.h"

/* Luhn over all digits (ISO/IEC 7812). */
extern bool CheckLuhn(Span s);
/* ISO 7064 MOD 97-10 over digits and letters as they stand: LEI. */
extern bool CheckMod97(Span s);
/* 13 digits with a GS1 check digit. */
extern bool CheckGln(Span s);
/* 9 digits, Luhn. */
extern bool CheckSiren(Span s);
/* Format and check digit of a VAT identification number of an EU member state, with country prefix. */
extern bool CheckVatId(Span s);

#endif
