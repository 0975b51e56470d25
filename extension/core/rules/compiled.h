/*
 * compiled.h
 *		The compiled form of a layer; private to core/rules.
 */
#ifndef CLEX_RULES_COMPILED_H
#define CLEX_RULES_COMPILED_H

#include "core/rules/rules.h"

typedef struct CompiledRule
{
	const RuleFact *fact;
	Expr *test;
	Expr *found;		   /* NULL: derived from the test */
	Expr *expected;		   /* likewise */
	const uint16_t *needs; /* packed, see PackNeeds */
} CompiledRule;

typedef struct CompiledContext
{
	Expr *path;
	const uint16_t *needs;
	uint16_t pattern;
	bool shared; /* another context of the pattern may match the same nodes */
	CompiledRule *rules;
	uint16_t rule_count;
} CompiledContext;

struct RuleSet
{
	const RuleLayerFact *layer;
	Vocabulary vocabulary;
	Expr **defines;
	CompiledContext *contexts;
	uint16_t context_count;
	CompiledRule *rules; /* of all contexts, in order */
	/*
	 * Which rules a document can break at all: those that are always tried, as bits, and for each trait
	 * those that it is the first need or a guard of.
	 */
	uint64_t *always;
	uint64_t *triggers;		  /* bits: the traits that have rules */
	uint32_t *triggered_from; /* by trait: first index into triggered, TRAIT_COUNT + 1 entries */
	uint16_t *triggered;	  /* rules */
	uint32_t rule_words;	  /* 64 rules each */
};

#endif
