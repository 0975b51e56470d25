/*
 * payment_writer.h
 *		A payment order while it is written: made ready, put in batches, written, proved.
 */
#ifndef CLEX_PAYMENT_WRITER_H
#define CLEX_PAYMENT_WRITER_H

#include "core/payment/payment_check.h"
#include "core/payment/payment_plan.h"

/* Payments with one head. */
typedef struct PaymentBatch
{
	uint32_t first; /* payment, counted from 0; the others follow in PaymentWriter.next */
	uint32_t last;
	uint32_t count;
	Decimal sum;
} PaymentBatch;

typedef struct PaymentWriter
{
	const PaymentOrder *order;
	PaymentRun run;
	PaymentPlan plan;
	int8_t scope[PAY_TEXTS]; /* PainScope of a text, -1: the version has no place for it */
	Vector batches;
	uint32_t *next; /* payment after a payment in its batch, UINT32_MAX: none */
	Decimal sum;
	/* the element being written */
	uint32_t batch;
	uint32_t payment;
	uint32_t block;
	/* the proof */
	uint32_t proved;
	uint32_t proved_batch;
} PaymentWriter;

static inline Payment *
PaymentAt(const PaymentWriter *w, uint32_t i)
{
	return &w->order->payments[i];
}

/* A number in a text of the order's arena; "" when out of memory. */
extern const char *PaymentNumberText(PaymentWriter *w, const char *format, uint32_t number);

/* One payment made ready, counted from 0: tidied, filled, checked. */
extern void PaymentPrepare(PaymentWriter *w, uint32_t number);

/* Read what was written, and compare it with what was given. */
extern void PaymentProve(PaymentWriter *w, Span content);

#endif
