/*
 * random_document.h
 *		Documents that no codec would make, for property tests: any terms the dictionary allows, in any
 *		order, repeated where they must not be, with good, odd and illegal values.
 */
#ifndef CLEX_TEST_RANDOM_DOCUMENT_H
#define CLEX_TEST_RANDOM_DOCUMENT_H

#include "core/model/document.h"

static uint64_t random_state = 0x9E3779B97F4A7C15u;

static inline uint32_t
Random(uint32_t below)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return (uint32_t) ((random_state >> 20) % below);
}

static inline Span
RandomValue(TermId term)
{
	static const char *const texts[] = {"",
										"A",
										"Rechnung 4711",
										"caf\xC3\xA9",
										"\xE2\x82\xAC \xF0\x9F\x98\x80",
										"\"quoted\\\"",
										"line\nbreak\ttab\r",
										"\x01\x1F\x7F",
										" outer ",
										"380",
										"</script>",
										"null",
										"[1]",
										"1e3"};
	static const char *const decimals[] = {"0",
										   "1",
										   "-1.50",
										   "+7",
										   ".5",
										   "-.5",
										   "5.",
										   "007.10",
										   " 12.00 ",
										   "-0.00",
										   "1e3",
										   "1,5",
										   "",
										   "12345678901234567890123456789012345678",
										   "123456789012345678901234567890123456789",
										   "0.00000000000000000000000000000000000000000000",
										   "NaN"};
	static const char *const dates[] = {"2026-05-31", "2026-05-31Z",	 " 2024-02-29 ",
										"2026-02-30", "20260531",		 "",
										"0001-01-01", "9999-12-31+14:00"};
	static const char *const binaries[] = {"", "YQ==", "YWI=", " YWJj\n", "YQ=", "###"};

	switch ((ValueType) ClexTerms[term].type)
	{
		case VALUE_DECIMAL:
			return SpanFromCString(decimals[Random(sizeof(decimals) / sizeof(decimals[0]))]);
		case VALUE_DATE:
			return SpanFromCString(dates[Random(sizeof(dates) / sizeof(dates[0]))]);
		case VALUE_BINARY:
			return SpanFromCString(binaries[Random(sizeof(binaries) / sizeof(binaries[0]))]);
		case VALUE_GROUP:
			return SpanOf(NULL, 0);
		default:
			return SpanFromCString(texts[Random(sizeof(texts) / sizeof(texts[0]))]);
	}
}

/* A random child term of `parent`, mostly one that documents of the kind have, or TERM_NONE. */
static inline TermId
RandomChild(DocumentKind kind, TermId parent)
{
	TermId children[TERM_COUNT];
	uint32_t count = 0;

	for (uint32_t t = 1; t < TERM_COUNT; t++)
		if (ClexTerms[t].id.length > 0 && ClexTerms[t].parent == parent &&
			((ClexTerms[t].kinds & 1 << kind) || Random(50) == 0))
			children[count++] = (TermId) t;
	return count == 0 ? TERM_NONE : children[Random(count)];
}

/* A document of at most `size` terms, each as often as it may stand if `proper`; the builder is returned to be finished. */
static inline DocumentBuilder *
RandomDocumentOf(DocumentKind kind, bool proper, Arena *arena, uint32_t size)
{
	static const char *const formats[] = {"ubl", "cii", "json", ""};
	DocumentBuilder *builder = DocumentBegin(arena, kind, SpanFromCString(formats[Random(4)]));
	TermId *terms = ArenaAllocZero(arena, (size + 1) * sizeof(TermId));
	uint32_t *parents = ArenaAllocZero(arena, (size + 1) * sizeof(uint32_t));
	bool *attributed = ArenaAllocZero(arena, size + 1);
	uint32_t count = 0;

	for (uint32_t i = 0; i < size; i++)
	{
		uint32_t parent = Random(count + 1);
		TermId term = RandomChild(kind, terms[parent]);
		uint32_t node;

		/* at most one attribute a value */
		if (term == TERM_NONE || (ClexTerms[term].attribute && attributed[parent]))
			continue;
		for (uint32_t k = 1; proper && k <= count && term != TERM_NONE; k++)
			if (terms[k] == term && parents[k] == parent && ClexTerms[term].max == 1)
				term = TERM_NONE;
		if (term == TERM_NONE)
			continue;
		attributed[parent] |= ClexTerms[term].attribute;
		node = DocumentAdd(builder, parent, term, RandomValue(term), 1000 + count);
		if (Random(12) == 0 && !TermIsGroup(term))
			DocumentSetLexical(builder, node, RandomValue(TERM_BT_1));
		terms[++count] = term;
		parents[count] = parent;
	}
	for (uint32_t i = Random(4); i > 0; i--)
		DocumentAddExtra(builder, RandomValue(TERM_BT_1), RandomValue(TERM_BT_1), Random(3));
	for (uint32_t i = Random(4); i > 0; i--)
	{
		static const char *const keys[] = {"version", "encoding", "sha256", "a\"b", ""};

		DocumentSetProvenance(builder, keys[Random(5)], RandomValue(TERM_BT_1));
	}
	return builder;
}

/* The same: an invoice or a credit note. */
static inline DocumentBuilder *
RandomDocument(Arena *arena, uint32_t size)
{
	return RandomDocumentOf((DocumentKind) (1 + Random(2)), false, arena, size);
}

#endif
