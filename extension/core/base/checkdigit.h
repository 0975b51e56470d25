/*
 * checkdigit.h
 *		Check digits of the identifiers that business documents carry.
 *
 * Each takes the identifier as written, without outer white space; separators (blanks, dots, hyphens)
 * inside are not allowed unless said.  Letters are upper case A-Z.  All are pure and take time in
 * proportion to the identifier at most.  They say whether a number can exist, not whether it was issued.
 */
#ifndef CLEX_BASE_CHECKDIGIT_H
#define CLEX_BASE_CHECKDIGIT_H

#include "core/base/span.h"

/* Luhn over all digits (ISO/IEC 7812); two digits at least. */
extern bool CheckLuhn(Span s);
/* ISO 7064 MOD 97-10 over digits and letters as they stand: LEI; three characters at least. */
extern bool CheckMod97(Span s);
/* Any number of digits, the last one a GS1 check digit: weights 3 and 1 from the right. */
extern bool CheckGs1(Span s);
/* Digits, not all zero, the last one a check digit modulo 11: weights 2 to 7, again and again, from the right. */
extern bool CheckMod11(Span s);
/* 13 digits with a GS1 check digit. */
extern bool CheckGln(Span s);
/* 8, 12, 13 or 14 digits with a GS1 check digit. */
extern bool CheckGtin(Span s);
/* 18 digits with a GS1 check digit. */
extern bool CheckSscc(Span s);
/* 9 digits, not all zero; DUNS numbers given since 2006 carry no check digit. */
extern bool CheckDuns(Span s);
/* 9 digits, Luhn, not all zero. */
extern bool CheckSiren(Span s);
/*
 * 14 digits, Luhn over all and over the SIREN; those of La Poste (356000000), but for its seat 00048, have a
 * digit sum divisible by 5 instead of the former.
 */
extern bool CheckSiret(Span s);
/* 20 characters, check digits 02 to 98, MOD 97-10 (ISO 17442). */
extern bool CheckLei(Span s);
/* Country, length and shape of the IBAN registry, check digits 02 to 98, MOD 97-10 (ISO 13616). */
extern bool CheckIban(Span s);
/* 8 or 11 characters: 4 party prefix, 2 country, 2 party suffix, 3 branch (ISO 9362). */
extern bool CheckBic(Span s);

/*
 * Format and check digit of a VAT identification number of an EU member state or Northern Ireland (XI),
 * with country prefix; Greece is EL, GR is taken for it.
 */
extern bool CheckVatId(Span s);
/* The same of the United Kingdom: GB and 9 or 12 digits, GD or HA and 3. */
extern bool CheckVatGb(Span s);
/* Swiss UID as VAT number: CHE and 9 digits or CHE-nnn.nnn.nnn, then MWST, TVA, IVA, TPV or nothing. */
extern bool CheckVatCh(Span s);
/* Norwegian organisation number as VAT number: 9 digits and MVA; after NO the latter may be missing. */
extern bool CheckVatNo(Span s);

typedef enum CheckVerdict
{
	CHECK_INVALID,
	CHECK_VALID,
	CHECK_UNKNOWN /* nothing is known about this scheme */
} CheckVerdict;

/* An identifier under an ISO 6523 ICD or an EAS code (4 digits), by the table identifiers/schemes.tsv. */
extern CheckVerdict CheckIso6523(Span icd, Span id);

#endif
