/* Terms and code lists: every entry of the generated tables is found again, and nothing else. */
#include "core/model/codes.h"
#include "core/model/terms.h"
#include "tap.h"

static void
TestCodes(void)
{
	bool found = true;
	bool sorted = true;
	uint32_t total = 0;

	for (uint32_t i = 0; i < ClexCodeListCount; i++)
	{
		const CodeListFact *list = &ClexCodeLists[i];

		found &= CodeListFind(list->list) == list;
		for (uint32_t k = 0; k < list->code_count; k++, total++)
		{
			found &= CodeListContains(list, list->codes[k].code);
			sorted &= k == 0 || strcmp(list->codes[k - 1].code.data, list->codes[k].code.data) < 0;
		}
	}
	Ok(found, "every code of %u lists is found", ClexCodeListCount);
	Ok(sorted, "codes are sorted bytewise");
	Ok(total > 9000, "%u codes", total);
	Ok(CodeListFind(SPAN_LITERAL("ISO_421")) == NULL, "a prefix is not a list");
	Ok(CodeListFind((Span){NULL, 0}) == NULL, "no name is not a list");
	Ok(!CodeListContains(CodeListFind(SPAN_LITERAL("ISO_4217")), SPAN_LITERAL("eur")),
	   "codes are case sensitive");
	Ok(!CodeListContains(CodeListFind(SPAN_LITERAL("ISO_4217")), SPAN_LITERAL(" EUR")) &&
		   !CodeListContains(CodeListFind(SPAN_LITERAL("ISO_4217")), (Span){NULL, 0}),
	   "codes are not trimmed, and nothing is not a code");
}

static void
TestTerms(void)
{
	bool found = true;
	bool parents = true;
	uint32_t total = 0;

	for (uint32_t i = 1; i < TERM_COUNT; i++)
	{
		const Term *term = &ClexTerms[i];

		if (term->id.length == 0)
			continue;
		total++;
		found &= TermLookup(term->id) == i && TermLookup(term->path) == i &&
				 TermChild(term->parent, term->name) == i;
		parents &= term->parent < i &&
				   term->attribute == (term->parent != TERM_NONE && !TermIsGroup(term->parent));
	}
	Ok(found, "every one of %u terms is found by number, path and name", total);
	Ok(parents, "a parent has the smaller number; a term below a value is an attribute");
	Ok(TermLookup(SPAN_LITERAL("BT-999")) == TERM_NONE, "an unknown number is no term");
	Ok(TermLookup(SPAN_LITERAL("")) == TERM_NONE, "an empty name is no term");
	Ok(TermChild(TERM_BG_4, SPAN_LITERAL("net_amount")) == TERM_NONE, "a name counts in its group");
	Ok(TermLookup(SPAN_LITERAL("lines.net_amount")) == TERM_BT_131, "lines.net_amount is BT-131");
	Ok(TermLookup(SPAN_LITERAL("invoice.number")) == TERM_BT_1, "invoice.number is BT-1");
	Ok(ClexTerms[TERM_BT_131].type == VALUE_DECIMAL && ClexTerms[TERM_BT_2].type == VALUE_DATE &&
		   ClexTerms[TERM_BT_125].type == VALUE_BINARY && ClexTerms[TERM_BT_1].type == VALUE_TEXT,
	   "types follow the standard's data types");
	Ok(ClexTerms[TERM_BG_25].max == 0 && ClexTerms[TERM_BT_29].max == 0 &&
		   ClexTerms[TERM_BT_46].max == 1,
	   "cardinalities are the standard's");
}

int
main(void)
{
	TestCodes();
	TestTerms();
	return Done();
}
