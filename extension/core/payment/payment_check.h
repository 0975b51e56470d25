/*
 * payment_check.h
 *		The rules on payments, for reader and writer; private to core/payment.
 */
#ifndef CLEX_PAYMENT_CHECK_H
#define CLEX_PAYMENT_CHECK_H

#include "core/finance/calendar.h"
#include "core/payment/payment_facts.h"

/* A run over payments: where problems go, and how it ends. */
typedef struct PaymentRun
{
	const PaymentSink *sink;
	Arena *scratch;
	ClexError *error;
	ClexStatus status; /* once it is not CLEX_OK, the run ends */
	uint32_t errors;   /* problems of that severity */
	uint32_t payment;  /* at hand; 0: none */
	uint32_t line;	   /* of it */
	uint32_t countdown;
	bool strict;
	bool sepa;
	bool debit;	   /* direct debits */
	bool keep;	   /* any characters */
	bool extended; /* told that documents need an agreement */
	uint64_t
		checked; /* texts of the payment at hand that were checked before: those of its batch */
	const Calendar *target; /* NULL: not built */
} PaymentRun;

extern void PaymentRunOpen(PaymentRun *run, const PaymentSink *sink, Arena *arena, Arena *scratch,
						   ClexError *error);
/* False when the run is over: cancelled, out of memory, refused. */
extern bool PaymentGoesOn(PaymentRun *run);
/* End the run for want of memory; returns false. */
extern bool PaymentOutOfMemory(PaymentRun *run);

/* A problem of the payment at hand.  Texts may have NULL data. */
extern void PaymentTell(PaymentRun *run, const char *code, PaymentSeverity severity, Span place,
						Span found, Span expected);
/* The same about one of its texts. */
extern void PaymentTellText(PaymentRun *run, const char *code, PaymentSeverity severity,
							PaymentText text, Span found, const char *expected);

/* The rules on one payment: values, check digits, limits of the scheme, sums of documents. */
extern void PaymentCheck(PaymentRun *run, const Payment *payment);

/* Is the character in the Latin set of the SEPA schemes? */
extern bool LatinHas(uint32_t point);
/* Is every character? */
extern bool LatinIs(Span text);
/* The text with others for characters outside the set, from the arena; NULL data when out of memory. */
extern Span LatinOf(Span text, Arena *arena);

#endif
