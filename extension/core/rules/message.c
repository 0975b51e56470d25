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

/* The value of a placeholder; where there is nothing to show, a word for that. */
static void
WritePlaceholder(const Finding *finding, Span name, MessageLanguage language, Text *out)
{
	static const char *const nothing[MESSAGE_LANGUAGES] = {"(nothing)", "(rien)", "(nichts)"};
	Span value = {NULL, 0};

	if (SpanEqualCString(name, "found"))
		value = finding->found;
	else if (SpanEqualCString(name, "expected"))
		value = finding->expected;
	else if (SpanEqualCString(name, "about"))
		value = finding->about;
	else if (SpanEqualCString(name, "list"))
		value = finding->list;
	else if (SpanEqualCString(name, "rule"))
		value = SpanFromCString(finding->rule->id);
	if (value.data == NULL || value.length == 0)
		TextAppendSpan(out, SpanFromCString(nothing[language]));
	else
		TextAppendSpan(out, value);
}

/* The layer ended early; the reason is the engine's own. */
static void
WriteAbort(const Finding *finding, MessageLanguage language, Text *out)
{
	static const char *const texts[MESSAGE_LANGUAGES] = {
		"The check ends here, because a rule cannot be evaluated (%s). Official validators stop at "
		"the same place: the document is not processable.",
		"Le contrôle s'arrête ici, car une règle ne peut pas être évaluée (%s). Les validateurs "
		"officiels s'arrêtent au même endroit : le document n'est pas exploitable.",
		"Die Prüfung endet hier, weil eine Regel nicht ausgewertet werden kann (%s). Amtliche "
		"Prüfprogramme brechen an derselben Stelle ab: das Dokument ist nicht verarbeitbar.",
	};

	TextAppendf(out, texts[language], finding->reason);
}

void
MessageWrite(const Finding *finding, MessageLanguage language, Text *out)
{
	const MessageFact *fact;
	const char *text;
	const char *open;

	if (finding->rule == NULL)
	{
		WriteAbort(finding, language, out);
		return;
	}
	fact = MessageFind(finding->rule);
	text = fact != NULL ? fact->text[language] : NULL;
	if (text == NULL && fact != NULL)
		text = fact->text[LANGUAGE_EN];
	if (text == NULL)
		text = finding->rule->id;
	while ((open = strchr(text, '{')) != NULL)
	{
		const char *close = strchr(open, '}');

		if (close == NULL)
			break;
		TextAppendSpan(out, SpanOf(text, (size_t) (open - text)));
		WritePlaceholder(finding, SpanOf(open + 1, (size_t) (close - open - 1)), language, out);
		text = close + 1;
	}
	TextAppendSpan(out, SpanFromCString(text));
}
