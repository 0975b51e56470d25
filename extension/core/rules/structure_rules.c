/*
 * structure_rules.c
 *		The rules of set `structure` and the message each problem is told with.
 */
#include "core/rules/structure.h"

#define STRUCTURE_RULE(rule, message)                                                              \
	{                                                                                              \
		.id = (rule), .say = (message), .severity = SEVERITY_FATAL                                 \
	}

/* clang-format off */
static const RuleFact rules[] = {
	[PROBLEM_ROOT] = STRUCTURE_RULE("STRUCTURE-ROOT", "structure-root"),
	[PROBLEM_ORDER] = STRUCTURE_RULE("STRUCTURE-ORDER", "structure-order"),
	[PROBLEM_UNEXPECTED] = STRUCTURE_RULE("STRUCTURE-UNEXPECTED", "structure-unexpected"),
	[PROBLEM_UNDECLARED] = STRUCTURE_RULE("STRUCTURE-UNEXPECTED", "structure-undeclared"),
	[PROBLEM_MISSING] = STRUCTURE_RULE("STRUCTURE-MISSING", "structure-missing"),
	[PROBLEM_TOO_MANY] = STRUCTURE_RULE("STRUCTURE-TOO-MANY", "structure-too-many"),
	[PROBLEM_TEXT] = STRUCTURE_RULE("STRUCTURE-TEXT", "structure-text"),
	[PROBLEM_ATTRIBUTE] = STRUCTURE_RULE("STRUCTURE-ATTRIBUTE", "structure-attribute"),
	[PROBLEM_ATTRIBUTE_MISSING] = STRUCTURE_RULE("STRUCTURE-ATTRIBUTE", "structure-attribute-missing"),
	[PROBLEM_ATTRIBUTE_FIXED] = STRUCTURE_RULE("STRUCTURE-ATTRIBUTE", "structure-attribute-fixed"),
	[PROBLEM_ID_TWICE] = STRUCTURE_RULE("STRUCTURE-VALUE", "structure-id-twice"),
	[PROBLEM_VALUE + SIMPLE_STRING] = STRUCTURE_RULE("STRUCTURE-VALUE", "structure-value-list"),
	[PROBLEM_VALUE + SIMPLE_TOKEN] = STRUCTURE_RULE("STRUCTURE-VALUE", "structure-value-length"),
	[PROBLEM_VALUE + SIMPLE_DECIMAL] = STRUCTURE_RULE("STRUCTURE-VALUE", "structure-value-decimal"),
	[PROBLEM_VALUE + SIMPLE_INTEGER] = STRUCTURE_RULE("STRUCTURE-VALUE", "structure-value-integer"),
	[PROBLEM_VALUE + SIMPLE_BOOLEAN] = STRUCTURE_RULE("STRUCTURE-VALUE", "structure-value-boolean"),
	[PROBLEM_VALUE + SIMPLE_DATE] = STRUCTURE_RULE("STRUCTURE-VALUE", "structure-value-date"),
	[PROBLEM_VALUE + SIMPLE_DATE_TIME] = STRUCTURE_RULE("STRUCTURE-VALUE", "structure-value-datetime"),
	[PROBLEM_VALUE + SIMPLE_TIME] = STRUCTURE_RULE("STRUCTURE-VALUE", "structure-value-time"),
	[PROBLEM_VALUE + SIMPLE_ANY_URI] = STRUCTURE_RULE("STRUCTURE-VALUE", "structure-value-uri"),
	[PROBLEM_VALUE + SIMPLE_BASE64] = STRUCTURE_RULE("STRUCTURE-VALUE", "structure-value-base64"),
	[PROBLEM_VALUE + SIMPLE_LANGUAGE] = STRUCTURE_RULE("STRUCTURE-VALUE", "structure-value-language"),
	[PROBLEM_VALUE + SIMPLE_ID] = STRUCTURE_RULE("STRUCTURE-VALUE", "structure-value-id"),
};
/* clang-format on */

const RuleFact *
StructureRule(uint32_t problem)
{
	return &rules[problem];
}
