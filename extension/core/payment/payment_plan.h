/*
 * payment_plan.h
 *		Where the texts of a payment stand in one version of a message, in the order of its schema; private to
 *		core/payment.
 */
#ifndef CLEX_PAYMENT_PLAN_H
#define CLEX_PAYMENT_PLAN_H

#include "core/payment/payment_facts.h"

/* A path of one version: the members of the content models on the way, which also tell the order. */
typedef struct PlanField
{
	const IsoPath *path;
	uint16_t member[ISO_STEPS]; /* in ClexIsoMembers */
} PlanField;

/* The paths of a scope that the version has; several of one text stand together, to be tried in turn. */
typedef struct PlanScope
{
	const PlanField *fields;
	uint32_t count;
	PlanField nested; /* the scope within; no path: none */
} PlanScope;

typedef struct PaymentPlan
{
	const IsoRoot *root;
	PlanScope scope[PAIN_DOCUMENT + 1];
} PaymentPlan;

/* The plan of a message; false when out of memory. */
extern bool PaymentPlanMake(PaymentPlan *plan, const IsoRoot *root, bool debit, Arena *arena);

/* The scope in which a text of payments is written, -1: the version has no place for it. */
extern int PaymentPlanScope(const PaymentPlan *plan, PaymentText text);

/* The first path of a text in a scope that takes the value, or NULL; `first` becomes the first there is. */
extern const PlanField *PaymentPlanField(const PlanScope *scope, PaymentText text, Span value,
										 const PlanField **first);

/* The value that a field's text must be. */
static inline const IsoValue *
PlanValue(const PlanField *field)
{
	return &ClexIsoValues[ClexIsoMembers[field->member[field->path->steps - 1]].child];
}

/* A field and its value, to be written. */
typedef struct PlanItem
{
	const PlanField *field;
	Span value;
	Span currency; /* of amounts */
} PlanItem;

/* Write what is nested at its place: elements are open up to the parent of the nested one. */
typedef void (*PlanNested)(void *state, Text *out);

/* Write items in the order of the schema, and at its place what is nested (NULL: nothing). */
extern void PaymentPlanWrite(const PlanScope *scope, PlanItem *items, uint32_t count,
							 PlanNested nested, void *state, Text *out);

/* The start or end tag of a nested element. */
extern void PaymentPlanTag(const PlanField *field, bool end, Text *out);

#endif
