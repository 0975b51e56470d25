/*
 * identifier.c
 *		Check digits from SQL: one boolean function for each kind of identifier.
 *
 * The argument is judged as it stands, so that a domain over such a function stores what it checked.
 */
#include "postgres.h"

#include "core/base/checkdigit.h"
#include "glue/compat.h"

/* A text argument by reference; valid as long as the argument is. */
static Span
TextSpan(text *argument)
{
	return SpanOf(VARDATA_ANY(argument), VARSIZE_ANY_EXHDR(argument));
}

/* The SQL function of a check: name(text) returns boolean. */
#define IDENTIFIER_CHECK(name, check)                                                              \
	PG_FUNCTION_INFO_V1(name);                                                                     \
	Datum name(PG_FUNCTION_ARGS)                                                                   \
	{                                                                                              \
		PG_RETURN_BOOL(check(TextSpan(PG_GETARG_TEXT_PP(0))));                                     \
	}

IDENTIFIER_CHECK(clex_is_siren, CheckSiren)
IDENTIFIER_CHECK(clex_is_siret, CheckSiret)
IDENTIFIER_CHECK(clex_is_duns, CheckDuns)
IDENTIFIER_CHECK(clex_is_lei, CheckLei)
IDENTIFIER_CHECK(clex_is_gln, CheckGln)
IDENTIFIER_CHECK(clex_is_gtin, CheckGtin)
IDENTIFIER_CHECK(clex_is_sscc, CheckSscc)
IDENTIFIER_CHECK(clex_is_iban, CheckIban)
IDENTIFIER_CHECK(clex_is_bic, CheckBic)
IDENTIFIER_CHECK(clex_is_vat_id, CheckVatId)
IDENTIFIER_CHECK(clex_is_vat_id_gb, CheckVatGb)
IDENTIFIER_CHECK(clex_is_vat_id_ch, CheckVatCh)
IDENTIFIER_CHECK(clex_is_vat_id_no, CheckVatNo)

PG_FUNCTION_INFO_V1(clex_is_iso6523);

/* is_iso6523(scheme text, id text): NULL for a scheme that the table does not know. */
Datum
clex_is_iso6523(PG_FUNCTION_ARGS)
{
	switch (CheckIso6523(TextSpan(PG_GETARG_TEXT_PP(0)), TextSpan(PG_GETARG_TEXT_PP(1))))
	{
		case CHECK_VALID:
			PG_RETURN_BOOL(true);
		case CHECK_INVALID:
			PG_RETURN_BOOL(false);
		case CHECK_UNKNOWN:
			break;
	}
	PG_RETURN_NULL();
}
