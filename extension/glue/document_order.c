/*
 * document_order.c
 *		Equality, order and hashes of clex.document.
 *
 * All are bytewise over the image: two documents are equal when terms, original spellings, extras and
 * provenance are.  The order means nothing to a bookkeeper; it is there for DISTINCT, GROUP BY, joins
 * and set operations.  clex.same_terms() compares meaning.
 */
#include "postgres.h"

#include "access/detoast.h"
#include "common/hashfn.h"

#include "glue/compat.h"
#include "glue/document.h"

PG_FUNCTION_INFO_V1(clex_document_eq);
PG_FUNCTION_INFO_V1(clex_document_ne);
PG_FUNCTION_INFO_V1(clex_document_lt);
PG_FUNCTION_INFO_V1(clex_document_le);
PG_FUNCTION_INFO_V1(clex_document_gt);
PG_FUNCTION_INFO_V1(clex_document_ge);
PG_FUNCTION_INFO_V1(clex_document_cmp);
PG_FUNCTION_INFO_V1(clex_document_hash);
PG_FUNCTION_INFO_V1(clex_document_hash_extended);

/* Bytes in order, a beginning of another before it; detoasted copies are freed for the index's sake. */
static int
CompareDocuments(FunctionCallInfo fcinfo)
{
	struct varlena *a = PG_DETOAST_DATUM_PACKED(PG_GETARG_DATUM(0));
	struct varlena *b = PG_DETOAST_DATUM_PACKED(PG_GETARG_DATUM(1));
	Size a_size = VARSIZE_ANY_EXHDR(a);
	Size b_size = VARSIZE_ANY_EXHDR(b);
	int order = memcmp(VARDATA_ANY(a), VARDATA_ANY(b), Min(a_size, b_size));

	if (order == 0)
		order = (a_size > b_size) - (a_size < b_size);
	PG_FREE_IF_COPY(a, 0);
	PG_FREE_IF_COPY(b, 1);
	return order;
}

/* Documents of different size are different, without looking at them. */
static bool
EqualDocuments(FunctionCallInfo fcinfo)
{
	return toast_raw_datum_size(PG_GETARG_DATUM(0)) == toast_raw_datum_size(PG_GETARG_DATUM(1)) &&
		   CompareDocuments(fcinfo) == 0;
}

Datum
clex_document_eq(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(EqualDocuments(fcinfo));
}

Datum
clex_document_ne(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(!EqualDocuments(fcinfo));
}

Datum
clex_document_lt(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(CompareDocuments(fcinfo) < 0);
}

Datum
clex_document_le(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(CompareDocuments(fcinfo) <= 0);
}

Datum
clex_document_gt(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(CompareDocuments(fcinfo) > 0);
}

Datum
clex_document_ge(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(CompareDocuments(fcinfo) >= 0);
}

Datum
clex_document_cmp(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT32(CompareDocuments(fcinfo));
}

Datum
clex_document_hash(PG_FUNCTION_ARGS)
{
	struct varlena *value = PG_DETOAST_DATUM_PACKED(PG_GETARG_DATUM(0));
	Datum hash = hash_any((unsigned char *) VARDATA_ANY(value), (int) VARSIZE_ANY_EXHDR(value));

	PG_FREE_IF_COPY(value, 0);
	return hash;
}

Datum
clex_document_hash_extended(PG_FUNCTION_ARGS)
{
	struct varlena *value = PG_DETOAST_DATUM_PACKED(PG_GETARG_DATUM(0));
	Datum hash = hash_any_extended((unsigned char *) VARDATA_ANY(value),
								   (int) VARSIZE_ANY_EXHDR(value), PG_GETARG_INT64(1));

	PG_FREE_IF_COPY(value, 0);
	return hash;
}
