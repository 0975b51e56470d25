/*
 * payment.h
 *		Payment orders and their status: pain.001, pain.008 and pain.002 of ISO 20022.
 *
 * A payment is a row of texts (data/payments/texts.tsv), with the texts of its batch and of its message beside
 * its own, and the documents it is for.  One table of paths reads every version and writes those whose
 * structure is known, in the order of the schema.
 *
 * Checking is one set of rules, asked of what was read and of what is to be written.
 */
#ifndef CLEX_PAYMENT_H
#define CLEX_PAYMENT_H

#include "core/base/date.h"
#include "core/base/decimal.h"
#include "core/xml/xml_read.h"

/* The texts; those of a payment come first, in the order of their columns. */
typedef enum PaymentText
{
#include "payment_texts.h"
	PAY_ALL_TEXTS,
	PAY_COLUMNS = PAY_DEBTOR_AGENT, /* texts of a payment */
	PAY_TEXTS = DOC_TYPE,			/* with the inner ones */
	DOC_TEXTS = STS_LEVEL - DOC_TYPE,
	STS_TEXTS = PAY_ALL_TEXTS - STS_LEVEL,
} PaymentText;

typedef enum PaymentType
{
	PAY_TYPE_TEXT,
	PAY_TYPE_ID,
	PAY_TYPE_CODE,
	PAY_TYPE_ACCOUNT,
	PAY_TYPE_BIC,
	PAY_TYPE_CURRENCY,
	PAY_TYPE_COUNTRY,
	PAY_TYPE_DATE,
	PAY_TYPE_TIME,
	PAY_TYPE_AMOUNT,
	PAY_TYPE_BOOLEAN,
} PaymentType;

typedef struct PaymentTextFact
{
	const char *name;
	uint8_t type;
	uint8_t most; /* characters in the SEPA schemes; 0: as the schema has it */
} PaymentTextFact;

extern const PaymentTextFact ClexPaymentTexts[PAY_ALL_TEXTS];

/* A document that a payment is for, or a reference of the creditor. */
typedef struct PaymentDocument
{
	uint32_t block;		  /* documents with the same number stand in one element Strd; from 1 */
	Span text[DOC_TEXTS]; /* DOC_… - DOC_TYPE; NULL data: none */
} PaymentDocument;

typedef struct Payment
{
	uint32_t number; /* in the file, from 1 */
	uint32_t batch;	 /* of its batch, from 1; not set for writing */
	uint32_t line;	 /* where it begins; 0 when it is to be written */
	Span text[PAY_TEXTS];
	PaymentDocument *documents; /* those of one block stand together */
	uint32_t document_count;
} Payment;

typedef struct PaymentStatus
{
	Span text[STS_TEXTS]; /* STS_… - STS_LEVEL */
	uint32_t line;
} PaymentStatus;

typedef enum PaymentSeverity
{
	PAYMENT_ERROR,	 /* a deviation from the format or the scheme: strict reading and writing end */
	PAYMENT_WARNING, /* legal, and perhaps wrong; or written otherwise than given */
	PAYMENT_INFORMATION, /* how it was read */
} PaymentSeverity;

typedef struct PaymentProblem
{
	const char *code; /* name of its message in data/messages/payment.messages */
	PaymentSeverity severity;
	uint32_t payment; /* 0: of the message or a batch */
	uint32_t line;
	Span place; /* name of a text, or a path */
	Span found;
	Span expected;
} PaymentProblem;

/* Texts live until the function returns.  A NULL function is not called. */
typedef struct PaymentSink
{
	void (*payment)(void *state, const Payment *payment);
	void (*status)(void *state, const PaymentStatus *status);
	void (*problem)(void *state, const PaymentProblem *problem);
	void *state;
} PaymentSink;

typedef struct PaymentRequest
{
	Span content;
	bool strict; /* end at the first error */
	bool status; /* a payment status (pain.002) is wanted, not payments */
	const XmlLimits *limits;
	XmlParser *parser;
	Arena *arena;	/* for the length of the call */
	Arena *scratch; /* reset during the call */
	const PaymentSink *sink;
} PaymentRequest;

/*
 * Read payments or statuses.  Errors: CLEX_MALFORMED (not well-formed XML, no payment in it, strict: the first
 * deviation; with line), CLEX_UNSUPPORTED (another format), CLEX_LIMIT, CLEX_NO_MEMORY, CLEX_INTERRUPTED.
 */
extern ClexStatus PaymentRead(const PaymentRequest *request, ClexError *error);

/* What is done with characters outside the Latin set. */
typedef enum PaymentCharacters
{
	CHARACTERS_REFUSE,	 /* an error */
	CHARACTERS_EXCHANGE, /* others stand for them, each time a warning */
	CHARACTERS_KEEP,	 /* as they are */
} PaymentCharacters;

typedef struct PaymentOrder
{
	Span format;	   /* "pain.001.001.09" */
	Payment *payments; /* in their order; they are changed: tidied, filled, characters exchanged */
	uint32_t count;
	bool sepa; /* the SEPA schemes: else any payment that the schema allows */
	PaymentCharacters characters;
	const XmlLimits *limits;
	XmlParser *parser;
	Arena *arena; /* the result lives here */
	Arena *scratch;
	const PaymentSink *sink; /* its function `problem` */
} PaymentOrder;

/*
 * Write a message.  Every problem is told; if one of them is an error, the answer is CLEX_INVALID and nothing is
 * written.  What was written is read again and compared before it is given out.  Errors: CLEX_INVALID, CLEX_UNSUPPORTED
 * (another format), CLEX_NO_MEMORY, CLEX_LIMIT, CLEX_INTERRUPTED.
 */
extern ClexStatus PaymentWrite(const PaymentOrder *order, Text *out, ClexError *error);

extern const char *PaymentSeverityName(PaymentSeverity severity);

#endif
