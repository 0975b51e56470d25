/*
 * structure_rules.c
 *		From what is wrong to the rule that says so.
 */
#include "core/rules/structure.h"

/* The message of each problem: data/messages/structure.messages. */
static const char *const says[] = {
	[PROBLEM_ROOT] = "structure-root",
	[PROBLEM_ORDER] = "structure-order",
	[PROBLEM_UNEXPECTED] = "structure-unexpected",
	[PROBLEM_UNDECLARED] = "structure-undeclared",
	[PROBLEM_INSIDE] = "structure-inside",
	[PROBLEM_MISSING] = "structure-missing",
	[PROBLEM_TOO_MANY] = "structure-too-many",
	[PROBLEM_TEXT] = "structure-text",
	[PROBLEM_ATTRIBUTE] = "structure-attribute",
	[PROBLEM_ATTRIBUTE_MISSING] = "structure-attribute-missing",
	[PROBLEM_ATTRIBUTE_FIXED] = "structure-attribute-fixed",
	[PROBLEM_ID_TWICE] = "structure-id-twice",
	[PROBLEM_VALUE + SIMPLE_STRING] = "structure-value-list",
	[PROBLEM_VALUE + SIMPLE_TOKEN] = "structure-value-length",
	[PROBLEM_VALUE + SIMPLE_DECIMAL] = "structure-value-decimal",
	[PROBLEM_VALUE + SIMPLE_INTEGER] = "structure-value-integer",
	[PROBLEM_VALUE + SIMPLE_BOOLEAN] = "structure-value-boolean",
	[PROBLEM_VALUE + SIMPLE_DATE] = "structure-value-date",
	[PROBLEM_VALUE + SIMPLE_DATE_TIME] = "structure-value-datetime",
	[PROBLEM_VALUE + SIMPLE_TIME] = "structure-value-time",
	[PROBLEM_VALUE + SIMPLE_ANY_URI] = "structure-value-uri",
	[PROBLEM_VALUE + SIMPLE_BASE64] = "structure-value-base64",
	[PROBLEM_VALUE + SIMPLE_LANGUAGE] = "structure-value-language",
	[PROBLEM_VALUE + SIMPLE_ID] = "structure-value-id",
};

const RuleFact *
StructureRule(const RuleLayerFact *layer, uint32_t problem)
{
	for (uint16_t i = 0; i < layer->rule_count; i++)
		if (strcmp(layer->rules[i].say, says[problem]) == 0)
			return &layer->rules[i];
	return NULL;
}
