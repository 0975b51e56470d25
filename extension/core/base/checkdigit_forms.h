/*
 * checkdigit_forms.h
 *		What the identifier tables say, compiled: the forms of each scheme and how each is checked.
 */
#ifndef CLEX_BASE_CHECKDIGIT_FORMS_H
#define CLEX_BASE_CHECKDIGIT_FORMS_H

#include "core/base/checkdigit.h"

#define CHECK_MAX_WEIGHTS 16
#define CHECK_MAX_GATHERED 32

/* The last column of a table names one of these in lower case. */
typedef enum CheckMethod
{
	CHECK_FORMAT,	/* the form says all */
	CHECK_NEVER,	/* such numbers are not issued, whatever the forms below say */
	CHECK_WEIGHTED, /* map[sum of weight * digit] is the character after the weighted ones */
	CHECK_FOLDED,	/* the same with the digit sum of each product */
	CHECK_MOD11_10, /* ISO 7064 MOD 11,10 */
	CHECK_MOD97,	/* ISO 7064 MOD 97-10 over prefix and number */
	CHECK_VAT,		/* the VAT number of the prefix */
	CHECK_IBAN,
	CHECK_LEI,
	CHECK_SIRET,
	CHECK_BE_COMPLEMENT97,
	CHECK_BG_EGN,
	CHECK_CY_LETTER,
	CHECK_CZ_BIRTH,
	CHECK_FR_KEY,
	CHECK_GB_97,
	CHECK_IE_LETTER,
	CHECK_IE_LETTER_OLD,
	CHECK_IT_CODICE,
	CHECK_LU_89,
	CHECK_LV_BIRTH,
	CHECK_MT_37,
	CHECK_ABN_89,
	CHECK_JP_9,
	CHECK_LEITWEG
} CheckMethod;

/* One form of one scheme; forms of a scheme stand together and are tried in order. */
typedef struct CheckForm
{
	char scheme[5];
	const char *form;
	CheckMethod method;
	uint8_t passes; /* rows of weights in use */
	uint8_t count;	/* weights in each row */
	uint16_t weights[2][CHECK_MAX_WEIGHTS];
	const char *map; /* its length is the modulus */
} CheckForm;

/* Sorted by scheme in the order of strcmp. */
extern const CheckForm ClexVatForms[];
extern const uint32_t ClexVatFormCount;
extern const CheckForm ClexSchemeForms[];
extern const uint32_t ClexSchemeFormCount;

/* One country of the IBAN registry: what follows the check digits, as n, a or c a character. */
typedef struct IbanCountry
{
	char country[3];
	const char *structure;
} IbanCountry;

/* Sorted by country. */
extern const IbanCountry ClexIbanCountries[];
extern const uint32_t ClexIbanCountryCount;

#endif
