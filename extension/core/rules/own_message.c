/*
 * own_message.c
 *		The sentence of a user's rule: text with expressions in braces.
 *
 * Numbers and dates are written as the reader writes them, from the types of the expressions: nothing
 * has to be said about format.
 */
#include "core/rules/own_message.h"

#define SHOWN_AT_MOST 1000 /* bytes of one expression's value */
#define MAX_PARTS 200
#define PART_NAME "message"

typedef enum PartKind
{
	PART_TEXT,
	PART_EXPRESSION,
	PART_RULE,
	PART_FOUND,
	PART_EXPECTED,
} PartKind;

typedef struct MessagePart
{
	PartKind kind;
	Span text;
	Expr *expr;
} MessagePart;

struct OwnMessage
{
	Vector parts; /* MessagePart */
};

typedef struct Template
{
	Span text;
	size_t at;
	uint32_t context;
	Arena *arena;
	Vector *parts;
	ClexError *error;
	ClexStatus status;
} Template;

static void
Fail(Template *template, size_t at, const char *message)
{
	Span shown = SpanCut(SpanOf(template->text.data + at, template->text.length - at), 60);

	template->status = ClexFail(template->error, CLEX_INVALID, "%s in rule " PART_NAME, message);
	ClexDetail(template->error, "position %zu: %.*s", at + 1, (int) shown.length, shown.data);
	ClexHint(template->error, "Expressions stand in braces; {{ and }} stand for braces.");
	if (template->error != NULL)
		template->error->offset = at + 1;
}

static void
NoMemory(Template *template)
{
	template->status = ClexFail(template->error, CLEX_NO_MEMORY, "out of memory");
}

static MessagePart *
AddPart(Template *template, PartKind kind)
{
	MessagePart *part;

	if (template->parts->count == MAX_PARTS)
	{
		Fail(template, template->at, "too many expressions");
		return NULL;
	}
	if ((part = VectorPush(template->parts)) == NULL)
	{
		NoMemory(template);
		return NULL;
	}
	*part = (MessagePart){.kind = kind};
	return part;
}

/* Text up to the next expression. */
static void
TakeText(Template *template)
{
	MessagePart *part;
	Text text;

	TextInit(&text, template->arena);
	while (template->at < template->text.length)
	{
		char c = template->text.data[template->at];

		if (c == '{' || c == '}')
		{
			bool twice = template->at + 1 < template->text.length &&
						 template->text.data[template->at + 1] == c;

			if (!twice && c == '{')
				break;
			if (!twice)
			{
				Fail(template, template->at, "unexpected \"}\"");
				return;
			}
			template->at++;
		}
		TextAppendChar(&text, c);
		template->at++;
	}
	if (text.failed)
		NoMemory(template);
	else if (text.length > 0 && (part = AddPart(template, PART_TEXT)) != NULL)
		part->text = TextSpan(&text);
}

/* Where the brace at `at` is closed; braces in quoted text do not count.  The length: it is not. */
static size_t
ClosingBrace(Span text, size_t at)
{
	char quote = '\0';

	for (at++; at < text.length; at++)
	{
		char c = text.data[at];

		if (quote != '\0')
			quote = c == quote ? '\0' : quote;
		else if (c == '\'' || c == '"')
			quote = c;
		else if (c == '}')
			break;
	}
	return at;
}

static void
TakeExpression(Template *template)
{
	size_t start = template->at + 1;
	size_t end = ClosingBrace(template->text, template->at);
	Span inner;
	Span name;
	PartKind kind;
	MessagePart *part;

	if (end == template->text.length)
	{
		Fail(template, template->at, "a \"{\" that is not closed");
		return;
	}
	inner = SpanOf(template->text.data + start, end - start);
	name = SpanTrim(inner);
	kind = SpanEqualCString(name, "rule")		? PART_RULE
		   : SpanEqualCString(name, "found")	? PART_FOUND
		   : SpanEqualCString(name, "expected") ? PART_EXPECTED
												: PART_EXPRESSION;
	if ((part = AddPart(template, kind)) == NULL)
		return;
	template->at = end + 1;
	if (kind != PART_EXPRESSION)
		return;
	template->status = OwnExprCompile(inner, template->context, EXPR_VALUE, PART_NAME,
									  template->arena, &part->expr, template->error);
	if (template->status == CLEX_INVALID && template->error != NULL)
	{
		size_t at = start + template->error->offset - 1;
		Span shown = SpanCut(SpanOf(template->text.data + at, template->text.length - at), 60);

		template->error->offset = at + 1;
		ClexDetail(template->error, "position %zu: %.*s", at + 1, (int) shown.length, shown.data);
	}
}

ClexStatus
OwnMessageCompile(Span text, uint32_t context, Arena *arena, OwnMessage **message, ClexError *error)
{
	Template template = {.text = text, .context = context, .arena = arena, .error = error};

	*message = ArenaAlloc(arena, sizeof(OwnMessage));
	if (*message == NULL)
		return ClexFail(error, CLEX_NO_MEMORY, "out of memory");
	VectorInit(&(*message)->parts, arena, sizeof(MessagePart));
	template.parts = &(*message)->parts;
	while (template.status == CLEX_OK && template.at < text.length)
	{
		TakeText(&template);
		if (template.status == CLEX_OK && template.at < text.length)
			TakeExpression(&template);
	}
	return template.status;
}

/* A value as its reader writes it: numbers and dates one by one, all else as it is. */
static void
WriteValue(Span value, ShownKind kind, const OwnRun *run, Text *out)
{
	size_t start = 0;

	value = SpanCut(value, SHOWN_AT_MOST);
	if (value.data == NULL || value.length == 0)
	{
		MessageWrite(&(Finding){.notice = "nothing"}, run->language, NULL, out);
		return;
	}
	if (run->wording == NULL || (kind != SHOWN_NUMBER && kind != SHOWN_DATE))
	{
		TextAppendSpan(out, value);
		return;
	}
	while (start < value.length)
	{
		size_t end = start;
		Span word;

		while (end < value.length && value.data[end] != ' ')
			end++;
		word = SpanOf(value.data + start, end - start);
		if (kind == SHOWN_NUMBER ? !WordingNumber(run->wording, run->language, word, out)
								 : !WordingDate(run->wording, run->language, word, out))
			TextAppendSpan(out, word);
		for (start = end; start < value.length && value.data[start] == ' '; start++)
			TextAppendChar(out, ' ');
	}
}

void
OwnMessageWrite(const OwnMessage *message, Evaluator *evaluator, uint32_t node,
				const OwnShown *shown, const OwnRun *run, Text *out)
{
	for (uint32_t i = 0; i < message->parts.count; i++)
	{
		const MessagePart *part = &VectorAt(&message->parts, MessagePart, i);
		ShownKind kind;
		Span value;

		switch (part->kind)
		{
			case PART_TEXT:
				TextAppendSpan(out, part->text);
				break;
			case PART_RULE:
				TextAppendSpan(out, shown->rule);
				break;
			case PART_FOUND:
				WriteValue(shown->found, shown->found_kind, run, out);
				break;
			case PART_EXPECTED:
				WriteValue(shown->expected, shown->expected_kind, run, out);
				break;
			case PART_EXPRESSION:
				value = EvaluateText(evaluator, part->expr, node, &kind);
				if (evaluator->status != CLEX_OK)
					value = SpanOf(NULL, 0);
				if (evaluator->status != CLEX_INTERRUPTED)
					evaluator->status = CLEX_OK;
				WriteValue(value, kind, run, out);
				break;
		}
	}
}
