/*
 * edi_derive.h
 *		Terms that a message does not spell out because they follow from others.
 *
 * INVOIC has both prices of an item but not their difference; 810 has no net amounts of lines and no
 * sums.  Nothing that is spelt out is touched.
 */
#ifndef CLEX_CODEC_EDI_DERIVE_H
#define CLEX_CODEC_EDI_DERIVE_H

#include "core/base/decimal.h"
#include "core/codec/edi_bind.h"

/* A term of the document as far as it matters here. */
typedef struct DerivedTerm
{
	bool known;
	Decimal value;
} DerivedTerm;

typedef struct EdiDerive
{
	DocumentBuilder *builder;
	Arena *arena;
	bool set_810;	  /* which leaves sums and numbers of lines to its reader */
	Span number;	  /* of an answer that has none but that of its interchange, else empty */
	uint32_t line;	  /* handle of the line being read, 0: none */
	uint32_t price;	  /* of its price */
	uint32_t lines;	  /* read so far */
	bool lines_known; /* every line so far has a net amount */
	Decimal lines_net;
	Decimal allowances;
	Decimal charges;
	Decimal line_allowances;
	Decimal line_charges;
	Decimal taxes;
	bool any_allowance;
	bool any_charge;
	bool any_tax;
	bool has_identifier;
	bool has_currency;
	bool has_type;
	DerivedTerm quantity;
	DerivedTerm net_price;
	DerivedTerm gross_price;
	DerivedTerm discount;
	DerivedTerm basis;
	DerivedTerm line_net;
	DerivedTerm total;
	uint32_t totals; /* handle */
	uint32_t invoice;
} EdiDerive;

extern void EdiDeriveInit(EdiDerive *derive, DocumentBuilder *builder, Arena *arena, bool set_810);

/* A term was added under `parent`. */
extern void EdiDeriveNote(EdiDerive *derive, TermId term, Span value, uint32_t parent);

/* A line begins: what follows from the one before is added. */
extern void EdiDeriveLine(EdiDerive *derive, uint32_t line);

/* The message is read. */
extern void EdiDeriveEnd(EdiDerive *derive);

#endif
