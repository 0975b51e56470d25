/*
 * payment.h
 *		What the SQL functions over payments share: a call, its problems as rows and as a sentence.
 */
#ifndef CLEX_GLUE_PAYMENT_H
#define CLEX_GLUE_PAYMENT_H

#include "utils/jsonb.h"

#include "core/payment/payment.h"
#include "core/rules/rules.h"
#include "glue/row.h"
#include "glue/workspace.h"

/* A call: memory of the core, where rows go, what the first error says. */
typedef struct PaymentCall
{
	RowWriter rows;
	Arena arena;
	Arena scratch;
	Workspace *workspace;
	MessageLanguage language;
	uint32 exchanged;				/* texts that are written with other characters */
	char sentence[CLEX_ERROR_TEXT]; /* the first error; empty: none */
} PaymentCall;

extern void PaymentCallOpen(PaymentCall *call, MessageLanguage language);
extern void PaymentCallClose(PaymentCall *call);

/* Sinks of problems: a row for each; the sentence of the first error. */
extern void PutPaymentProblem(void *state, const PaymentProblem *problem);
extern void KeepPaymentSentence(void *state, const PaymentProblem *problem);

/* A problem that ends everything, as a row. */
extern void PutPaymentFailure(PaymentCall *call, const char *code, const ClexError *error);

/* A value of JSON as UTF-8: NULL data for null, arrays and objects. */
extern Span JsonText(const JsonbValue *value);

/* Call `take` for each member of an object; arrays and objects are jbvBinary. */
typedef void (*JsonMember)(void *state, Span key, const JsonbValue *value);
extern void EachMember(JsonbContainer *object, JsonMember take, void *state);

/* The number of a text among those of payments or documents by its name, -1 if there is none. */
extern int PaymentTextByName(Span name, PaymentText first, PaymentText end);

#endif
