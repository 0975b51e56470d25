/*
 * notice.h
 *		Sentences with places for values, in the reader's language: ICU's MessageFormat.
 *
 * A pattern is "{buyer} owes {n, plural, one {# invoice} other {# invoices}}, {total} in all, by
 * {due, date, long}".  ICU offers patterns with named arguments to C++ and Java only, so parsing them is
 * done here; plural rules, numbers and dates are ICU's.  Numbers are formatted as decimals, never as
 * floats, with the digits they were given with.
 */
#ifndef CLEX_NOTICE_NOTICE_H
#define CLEX_NOTICE_NOTICE_H

#include "core/base/arena.h"
#include "core/base/decimal.h"

#define NOTICE_MAX_PATTERN ((size_t) 64 << 10)
#define NOTICE_MAX_RESULT ((size_t) 1 << 20)
#define NOTICE_MAX_DEPTH 10

typedef enum NoticeKind
{
	NOTICE_LITERAL,	 /* text as it stands */
	NOTICE_VALUE,	 /* {name} */
	NOTICE_NUMBER,	 /* {name, number} */
	NOTICE_INTEGER,	 /* {name, number, integer} */
	NOTICE_PERCENT,	 /* {name, number, percent}: 0.05 is 5 % */
	NOTICE_CURRENCY, /* {name, number, currency}: the argument must be an amount */
	NOTICE_DATE,	 /* {name, date, short | medium | long | full} */
	NOTICE_PLURAL,	 /* {name, plural, one {...} other {...}} */
	NOTICE_ORDINAL,	 /* {name, selectordinal, ...} */
	NOTICE_SELECT,	 /* {name, select, ...} */
	NOTICE_POUND,	 /* # inside a plural: its number less the offset */
} NoticeKind;

typedef enum NoticeDateStyle
{
	NOTICE_DATE_SHORT,
	NOTICE_DATE_MEDIUM,
	NOTICE_DATE_LONG,
	NOTICE_DATE_FULL,
} NoticeDateStyle;

typedef struct NoticePart NoticePart;

/* One case of a plural or select. */
typedef struct NoticeBranch
{
	Span key;
	bool exact; /* "=2": `number` is what it says */
	Decimal number;
	NoticePart *parts;
	struct NoticeBranch *next;
} NoticeBranch;

struct NoticePart
{
	NoticeKind kind;
	Span text; /* the literal, or the name of the argument */
	NoticeDateStyle date_style;
	int64_t offset;			/* of a plural */
	NoticeBranch *branches; /* of a plural or select; "other" is among them */
	NoticePart *next;
};

/*
 * Take a pattern apart.  The parts point into it and into the arena.  CLEX_INVALID with the place (in
 * characters, from 1) for what is no pattern, CLEX_LIMIT if it is too long or too deep.
 */
extern ClexStatus NoticeParse(Span pattern, Arena *arena, NoticePart **parts, ClexError *error);

typedef enum NoticeType
{
	NOTICE_TYPE_NOTHING, /* known to be absent: printed as nothing */
	NOTICE_TYPE_TEXT,
	NOTICE_TYPE_NUMBER,
	NOTICE_TYPE_AMOUNT,
} NoticeType;

typedef struct NoticeArgument
{
	Span name;
	NoticeType type;
	Span text; /* a text, or a number as it is written */
	Span currency;
} NoticeArgument;

/*
 * The sentence.  language: a BCP 47 tag ("fr", "fr-CH", "ar").  The result is in the arena.
 * CLEX_INVALID for a name the arguments lack, a value of the wrong type, a tag that is none;
 * CLEX_LIMIT if the result would be too long.
 */
extern ClexStatus NoticeFormat(const NoticePart *parts, const NoticeArgument *arguments,
							   size_t count, Span language, Arena *arena, Span *result,
							   ClexError *error);

#endif
