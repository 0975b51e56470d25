/*
 * message.c
 *		From a finding to a sentence.
 */
#include "core/rules/rules.h"

#include <string.h>

static const char *const language_names[MESSAGE_LANGUAGES] = {"en", "fr", "de"};

bool
MessageLanguageFind(Span name, MessageLanguage *language)
{
	for (int i = 0; i < MESSAGE_LANGUAGES; i++)
		if (name.length >= 2 && memcmp(name.data, language_names[i], 2) == 0 &&
			(name.length == 2 || name.data[2] == '-' || name.data[2] == '_'))
		{
			*language = (MessageLanguage) i;
			return true;
		}
	return false;
}

const char *
SeverityName(RuleSeverity severity)
{
	switch (severity)
	{
		case SEVERITY_FATAL:
			return "fatal";
		case SEVERITY_WARNING:
			return "warning";
		case SEVERITY_INFORMATION:
			return "information";
	}
	return "";
}

static const MessageFact *
FindMessage(const char *id)
{
	uint32_t low = 0;
	uint32_t high = ClexMessageCount;

	while (low < high)
	{
		uint32_t middle = (low + high) / 2;
		int order = strcmp(id, ClexMessages[middle].id);

		if (order == 0)
			return &ClexMessages[middle];
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}

const MessageFact *
MessageFind(const RuleFact *rule)
{
	const MessageFact *fact = NULL;

	if (rule->say != NULL)
		fact = FindMessage(rule->say);
	return fact != NULL ? fact : FindMessage(rule->id);
}

/* What MessageWrite works with. */
typedef struct Writing
{
	const Finding *finding;
	MessageLanguage language;
	Wording *wording; /* may be NULL */
	Text *out;
} Writing;

static void WriteMessage(const Writing *writing, const MessageFact *fact);

static void
WriteNotice(const Writing *writing, const char *name)
{
	const MessageFact *fact = FindMessage(name);

	if (fact != NULL)
		WriteMessage(writing, fact);
}

/* One number or date; other text, as "<" and "...", as it is. */
static void
WriteWord(const Writing *writing, Span word, ShownKind kind)
{
	Text *out = writing->out;

	if (kind == SHOWN_NUMBER ? WordingNumber(writing->wording, writing->language, word, out)
							 : WordingDate(writing->wording, writing->language, word, out))
		return;
	if (SpanEqualCString(word, "not"))
		WriteNotice(writing, "not");
	else
		TextAppendSpan(out, word);
}

/*
 * A value as the engine shows it: numbers or dates, separated by blanks or commas, perhaps with "not"
 * or a relation before them.  Commas become semicolons: they may stand inside numbers now.
 */
static void
WriteValues(const Writing *writing, Span values, ShownKind kind)
{
	size_t start = 0;

	while (start < values.length)
	{
		size_t end = start;

		while (end < values.length && values.data[end] != ' ' && values.data[end] != ',')
			end++;
		WriteWord(writing, SpanOf(values.data + start, end - start), kind);
		for (start = end;
			 start < values.length && (values.data[start] == ' ' || values.data[start] == ',');
			 start++)
			TextAppendChar(writing->out, values.data[start] == ',' ? ';' : ' ');
	}
}

/* "number" or "date": the message knows what an untyped value is. */
static ShownKind
KindNamed(Span name, ShownKind kind)
{
	return SpanEqualCString(name, "number") ? SHOWN_NUMBER
		   : SpanEqualCString(name, "date") ? SHOWN_DATE
											: kind;
}

static Span
PlaceholderValue(const Finding *finding, Span name, ShownKind *kind)
{
	*kind = SHOWN_TEXT;
	if (SpanEqualCString(name, "found"))
	{
		*kind = finding->found_kind;
		return finding->found;
	}
	if (SpanEqualCString(name, "expected"))
	{
		*kind = finding->expected_kind;
		return finding->expected;
	}
	if (SpanEqualCString(name, "about"))
		return finding->about;
	if (SpanEqualCString(name, "list"))
		return finding->list;
	if (SpanEqualCString(name, "reason") && finding->reason != NULL)
		return SpanFromCString(finding->reason);
	if (SpanEqualCString(name, "rule") && finding->rule != NULL)
		return SpanFromCString(finding->rule->id);
	if (SpanEqualCString(name, "tolerance") && finding->rule != NULL)
	{
		*kind = SHOWN_NUMBER;
		return SpanFromCString(finding->rule->tolerance);
	}
	return (Span){NULL, 0};
}

/* {name} or {name:kind}: the value; where there is nothing to show, a word for that. */
static void
WritePlaceholder(const Writing *writing, Span placeholder)
{
	const char *colon = memchr(placeholder.data, ':', placeholder.length);
	size_t length = colon != NULL ? (size_t) (colon - placeholder.data) : placeholder.length;
	ShownKind kind;
	Span value = PlaceholderValue(writing->finding, SpanOf(placeholder.data, length), &kind);

	if (colon != NULL)
		kind = KindNamed(SpanOf(colon + 1, placeholder.length - length - 1), kind);
	if (value.data == NULL || value.length == 0)
		WriteNotice(writing, "nothing");
	else if ((kind == SHOWN_NUMBER || kind == SHOWN_DATE) && writing->wording != NULL)
		WriteValues(writing, value, kind);
	else
		TextAppendSpan(writing->out, value);
}

static void
WriteMessage(const Writing *writing, const MessageFact *fact)
{
	const char *text = fact->text[writing->language];
	const char *open;

	if (text == NULL)
		text = fact->text[LANGUAGE_EN];
	while ((open = strchr(text, '{')) != NULL)
	{
		const char *close = strchr(open, '}');

		if (close == NULL)
			break;
		TextAppendSpan(writing->out, SpanOf(text, (size_t) (open - text)));
		WritePlaceholder(writing, SpanOf(open + 1, (size_t) (close - open - 1)));
		text = close + 1;
	}
	TextAppendSpan(writing->out, SpanFromCString(text));
}

void
MessageWrite(const Finding *finding, MessageLanguage language, Wording *wording, Text *out)
{
	Writing writing = {finding, language, wording, out};
	const RuleFact *rule = finding->rule;
	const MessageFact *fact;

	if (rule == NULL)
	{
		WriteNotice(&writing, finding->notice);
		return;
	}
	fact = MessageFind(rule);
	if (fact == NULL)
	{
		TextAppendSpan(out, SpanFromCString(rule->id));
		return;
	}
	WriteMessage(&writing, fact);
	if (rule->tolerance != NULL)
	{
		TextAppendChar(out, ' ');
		WriteNotice(&writing, rule->tolerance_say);
	}
}
