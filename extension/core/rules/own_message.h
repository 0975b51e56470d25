/*
 * own_message.h
 *		The sentence of a user's rule: text with expressions in braces.
 */
#ifndef CLEX_RULES_OWN_MESSAGE_H
#define CLEX_RULES_OWN_MESSAGE_H

#include "core/rules/own_rule.h"

typedef struct OwnMessage OwnMessage;

/* What the words {rule}, {found} and {expected} stand for. */
typedef struct OwnShown
{
	Span rule;
	Span found;
	Span expected;
	ShownKind found_kind;
	ShownKind expected_kind;
} OwnShown;

/* `context` is the term that the expressions start from; "{{" and "}}" are braces. */
extern ClexStatus OwnMessageCompile(Span text, uint32_t context, Arena *arena, OwnMessage **message,
									ClexError *error);

/* Append the sentence for a node.  An expression that fails shows nothing: the rule did not. */
extern void OwnMessageWrite(const OwnMessage *message, Evaluator *evaluator, uint32_t node,
							const OwnShown *shown, const OwnRun *run, Text *out);

#endif
