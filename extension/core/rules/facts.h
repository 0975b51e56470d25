/*
 * facts.h
 *		Rule sets and messages as compiled from data/rules and data/messages: texts, nothing evaluated.
 */
#ifndef CLEX_RULES_FACTS_H
#define CLEX_RULES_FACTS_H

#include <stdint.h>

typedef enum RuleSeverity
{
	SEVERITY_FATAL = 1,
	SEVERITY_WARNING = 2,
	SEVERITY_INFORMATION = 3,
} RuleSeverity;

typedef struct RuleContextFact
{
	uint16_t pattern; /* contexts of one pattern are consecutive and in order */
	const char *path;
} RuleContextFact;

typedef struct RuleFact
{
	const char *id;
	const char *say; /* message template; NULL: the id is looked up */
	uint8_t severity;
	uint16_t context;  /* index into the layer's contexts */
	const char *test;  /* several test lines are joined as (a) and (b) */
	const char *found; /* NULL: derived from the test */
	const char *expected;
	const char *about;
	const char *tolerance;	   /* how far off a value may be, NULL: not at all */
	const char *tolerance_say; /* the message that says so: below or up to that amount */
} RuleFact;

typedef struct RuleDefineFact
{
	const char *name; /* without $ */
	const char *expression;
} RuleDefineFact;

struct StructureSchema;

/* One layer of a set: its rules for one syntax, or the schema that documents of it must obey. */
typedef struct RuleLayerFact
{
	const char *set; /* "en16931" */
	const char *version;
	const char *syntax;		/* "terms", "ubl" (invoices), "ubl-other", "cii" or "cdar" */
	const char *valid_from; /* ISO date or NULL */
	const char *valid_until;
	const char *profile; /* how the profile (BT-24) of its documents ends; NULL: any */
	const RuleDefineFact *defines;
	uint16_t define_count;
	const RuleContextFact *contexts;
	uint16_t context_count;
	const RuleFact *rules; /* in the order of their contexts */
	uint16_t rule_count;
	const struct StructureSchema *schema; /* NULL: the layer is rules; see structure.h */
} RuleLayerFact;

extern const RuleLayerFact ClexRuleLayers[];
extern const uint32_t ClexRuleLayerCount;

#define MESSAGE_LANGUAGES 3 /* en fr de */

typedef struct MessageFact
{
	const char *id;	   /* rule id, template name or notice */
	const char *terms; /* business terms it is about, blank separated; "" if none */
	const char *text[MESSAGE_LANGUAGES]; /* NULL: not written in that language */
} MessageFact;

/* Sorted by id, bytewise. */
extern const MessageFact ClexMessages[];
extern const uint32_t ClexMessageCount;

#endif
