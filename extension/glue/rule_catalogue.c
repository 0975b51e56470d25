/*
 * rule_catalogue.c
 *		The rules and rule sets that are compiled in, as rows.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "funcapi.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/tuplestore.h"

#include "core/rules/rules.h"
#include "glue/compat.h"
#include "glue/document.h"

PG_FUNCTION_INFO_V1(clex_rule_rows);
PG_FUNCTION_INFO_V1(clex_rule_set_rows);

static Datum
Utf8Datum(const char *text)
{
	return PointerGetDatum(TextFromSpan(SpanFromCString(text)));
}

/* An ISO date of the facts, or NULL for an open end. */
static void
SetDate(Datum *value, bool *null, const char *iso)
{
	int32_t date;

	*null = iso == NULL || DateParse(SpanFromCString(iso), &date, NULL) != CLEX_OK;
	if (!*null)
		*value = DateADTGetDatum(date);
}

static void
SetText(Datum *value, bool *null, const char *text)
{
	*null = text == NULL;
	if (!*null)
		*value = Utf8Datum(text);
}

static void
SetMessage(Datum *value, bool *null, const MessageFact *fact, MessageLanguage language)
{
	*null = fact == NULL || fact->text[language] == NULL;
	if (!*null)
		*value = Utf8Datum(fact->text[language]);
}

/* rows: ruleset, version, syntax, rule, severity, terms, context, test, en, fr, de, profile, valid_from, valid_until */
Datum
clex_rule_rows(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;

	InitMaterializedSRF(fcinfo, 0);
	for (uint32_t i = 0; i < ClexRuleLayerCount; i++)
		for (uint16_t j = 0; j < ClexRuleLayers[i].rule_count; j++)
		{
			const RuleLayerFact *layer = &ClexRuleLayers[i];
			const RuleFact *rule = &layer->rules[j];
			const MessageFact *message = MessageFind(rule);
			Datum values[14];
			bool nulls[14] = {false};

			values[0] = CStringGetTextDatum(layer->set);
			values[1] = CStringGetTextDatum(layer->version);
			values[2] = CStringGetTextDatum(layer->syntax);
			values[3] = CStringGetTextDatum(rule->id);
			values[4] = CStringGetTextDatum(SeverityName((RuleSeverity) rule->severity));
			values[5] = CStringGetTextDatum(message != NULL ? message->terms : "");
			values[6] = Utf8Datum(layer->contexts[rule->context].path);
			nulls[7] = rule->test == NULL; /* a schema's rules are checked by the engine */
			if (!nulls[7])
				values[7] = Utf8Datum(rule->test);
			SetMessage(&values[8], &nulls[8], message, LANGUAGE_EN);
			SetMessage(&values[9], &nulls[9], message, LANGUAGE_FR);
			SetMessage(&values[10], &nulls[10], message, LANGUAGE_DE);
			SetText(&values[11], &nulls[11], layer->profile);
			SetDate(&values[12], &nulls[12], layer->valid_from);
			SetDate(&values[13], &nulls[13], layer->valid_until);
			tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
		}
	return (Datum) 0;
}

/* rows: ruleset, version, syntax, valid_from, valid_until, rules, profile */
Datum
clex_rule_set_rows(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;

	InitMaterializedSRF(fcinfo, 0);
	for (uint32_t i = 0; i < ClexRuleLayerCount; i++)
	{
		const RuleLayerFact *layer = &ClexRuleLayers[i];
		Datum values[7];
		bool nulls[7] = {false};

		values[0] = CStringGetTextDatum(layer->set);
		values[1] = CStringGetTextDatum(layer->version);
		values[2] = CStringGetTextDatum(layer->syntax);
		SetDate(&values[3], &nulls[3], layer->valid_from);
		SetDate(&values[4], &nulls[4], layer->valid_until);
		values[5] = Int32GetDatum(layer->rule_count);
		SetText(&values[6], &nulls[6], layer->profile);
		tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
	}
	return (Datum) 0;
}
