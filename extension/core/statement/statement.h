/*
 * statement.h
 *		Bank statements: one model for camt.052/.053/.054, MT940 and CFONB 120.
 *
 * A reader hands statements, balances, entries and problems to a sink, in the order of the file, each as
 * soon as it is complete: nothing but the statement at hand is kept, so text formats are read in the memory
 * of one entry whatever their size.  (XML stands as a tree while it is read.)
 *
 * Reading is lenient: what is there is read, and each deviation from the format is a problem with the place
 * where it stands.  Strict reading ends at the first problem that is an error.
 */
#ifndef CLEX_STATEMENT_H
#define CLEX_STATEMENT_H

#include "core/base/date.h"
#include "core/base/decimal.h"
#include "core/xml/xml_read.h"

/* An amount of money, signed as the account holder sees it: a debit is negative. */
typedef struct StatementAmount
{
	Decimal value;
	Span currency; /* NULL data: not said */
	bool known;
} StatementAmount;

/* A date that may be missing. */
typedef struct StatementDate
{
	int32_t day;
	bool known;
} StatementDate;

/* One statement, report, notification or message.  It grows while it is read. */
typedef struct Statement
{
	uint32_t number; /* in the file, from 1 */
	Span reference;	 /* the sender's: :20:, Stmt/Id */
	Span sequence;	 /* :28C:, ElctrncSeqNb */
	Span account;	 /* IBAN or as written; CFONB: bank, branch, account */
	Span owner;
	Span servicer; /* BIC of the bank that keeps the account */
	Span currency;
	StatementDate opened;
	StatementDate closed;
	StatementAmount opening;
	StatementAmount closing;
	Decimal credits;   /* of booked entries */
	Decimal debits;	   /* negative */
	bool sums_known;   /* false: an amount cannot be read, or the sums do not fit */
	uint32_t entries;  /* read so far */
	uint32_t balances; /* read so far */
	uint32_t line;
} Statement;

/* What a balance is, whatever the format calls it. */
typedef enum BalanceKind
{
	BALANCE_OPENING,
	BALANCE_CLOSING,
	BALANCE_INTERIM,
	BALANCE_OPENING_AVAILABLE,
	BALANCE_CLOSING_AVAILABLE,
	BALANCE_INTERIM_AVAILABLE,
	BALANCE_FORWARD_AVAILABLE,
	BALANCE_EXPECTED,
	BALANCE_OTHER,
} BalanceKind;

typedef struct StatementBalance
{
	BalanceKind kind;
	Span code; /* as the format calls it: "60F", "CLBD", "07" */
	StatementDate date;
	StatementAmount amount;
	uint32_t line;
} StatementBalance;

/* The texts of an entry; data/statements names them. */
typedef enum EntryText
{
	ENTRY_STATUS, /* BOOK, PDNG, INFO */
	ENTRY_REFERENCE,
	ENTRY_BANK_REFERENCE,
	ENTRY_END_TO_END,
	ENTRY_INSTRUCTION,
	ENTRY_TRANSACTION,
	ENTRY_MANDATE,
	ENTRY_CREDITOR_ID,
	ENTRY_COUNTERPARTY,
	ENTRY_COUNTERPARTY_ACCOUNT,
	ENTRY_COUNTERPARTY_BIC,
	ENTRY_ULTIMATE,
	ENTRY_REMITTANCE,
	ENTRY_STRUCTURED, /* a creditor's reference */
	ENTRY_PURPOSE,
	ENTRY_RETURN_REASON,
	ENTRY_CODE, /* what kind of transaction, in the format's own code */
	ENTRY_DESCRIPTION,
	ENTRY_RAW, /* as it stands in the file; camt: path and text of every leaf */
	ENTRY_TEXTS
} EntryText;

typedef struct StatementEntry
{
	uint32_t number; /* in its statement, from 1 */
	uint32_t detail; /* transaction within the entry, from 1; 0: the entry itself */
	StatementDate booked;
	StatementDate value;
	StatementAmount amount;
	bool reversal;
	Span text[ENTRY_TEXTS]; /* NULL data: none; UTF-8 */
	uint32_t line;
} StatementEntry;

typedef enum ProblemSeverity
{
	PROBLEM_ERROR,		 /* a deviation from the format: strict reading ends here */
	PROBLEM_WARNING,	 /* legal, and perhaps wrong */
	PROBLEM_INFORMATION, /* how it was read */
} ProblemSeverity;

typedef struct StatementProblem
{
	const char *code; /* name of its message in data/messages/statement.messages */
	ProblemSeverity severity;
	uint32_t statement; /* 0: none yet */
	uint32_t entry;		/* 0: none */
	uint32_t line;
	Span place; /* ":61:", "91-104", "/Document/…" */
	Span found; /* NULL data: nothing to show */
	Span expected;
} StatementProblem;

/* Texts live until the function returns.  A NULL function is not called. */
typedef struct StatementSink
{
	void (*statement)(void *state, const Statement *statement); /* at its end */
	void (*balance)(void *state, const Statement *statement, const StatementBalance *balance);
	void (*entry)(void *state, const Statement *statement, const StatementEntry *entry);
	void (*problem)(void *state, const StatementProblem *problem);
	void *state;
} StatementSink;

typedef struct StatementRequest
{
	Span content;
	const char *format; /* "camt.053", "mt940", "cfonb120" */
	bool strict;
	bool details; /* an entry's transactions, where it lists them, instead of the entry */
	bool raw;	  /* fill ENTRY_RAW of camt entries */
	const XmlLimits *limits;
	XmlParser *parser;
	Arena *arena;	/* for the length of the call */
	Arena *scratch; /* reset during the call */
	const StatementSink *sink;
} StatementRequest;

extern bool StatementFormatIsKnown(Span format);

/*
 * Read all statements of a file.  Errors: CLEX_MALFORMED (no statement in it, not well-formed XML, strict:
 * the first deviation; with line), CLEX_UNSUPPORTED (another format), CLEX_LIMIT, CLEX_NO_MEMORY,
 * CLEX_INTERRUPTED.
 */
extern ClexStatus StatementRead(const StatementRequest *request, ClexError *error);

extern const char *BalanceKindName(BalanceKind kind);
extern const char *ProblemSeverityName(ProblemSeverity severity);

#endif
