/*
 * terms.h
 *		Payment terms: due dates by rule, and static early-payment discounts.
 *
 * A rule is a base date and steps: "issue +45 eom".  Steps: +N days, +Nm months, eom (end of month),
 * decade (the 10th, the 20th or the end of month), dayN (the next N-th of a month, or the day itself).
 * The names of extension/data/terms stand for such rules.
 */
#ifndef CLEX_FINANCE_TERMS_H
#define CLEX_FINANCE_TERMS_H

#include "core/base/span.h"
#include "core/base/status.h"
#include "core/finance/discount.h"

typedef struct DueDateRule
{
	const char *name;
	const char *steps;
} DueDateRule;

extern const DueDateRule ClexDueDateRules[];
extern const int ClexDueDateRuleCount;

/* The dates a rule may start from. */
typedef struct TermDates
{
	int32_t issue;
	int32_t delivery;
	bool has_delivery;
} TermDates;

extern ClexStatus DueDate(Span rule, const TermDates *dates, int32_t *due, ClexError *error);

/* One line of static terms: percent off when paid by a date; the last has none: the due date. */
typedef struct TermTier
{
	Exact percent;
	int32_t pay_by;
} TermTier;

#define TERM_TIERS 16

/*
 * Terms like "2/10 net 30", "3/10, 1/20 net 60", "2/10 eom45_end_then_add", "1/5eom issue +45 eom":
 * tiers P/D (D days after issue, Deom: after the end of its month), then "net N" or a rule.
 */
extern ClexStatus StaticTerms(Span text, const TermDates *dates, TermTier tiers[TERM_TIERS],
							  int *count, ClexError *error);

#endif
