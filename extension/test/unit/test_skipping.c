/*
 * The skipping of rules (core/expr/expr_needs.c) must not change a result: for thousands of documents
 * made wrong at random, each rule set finds the same with and without it, the same messages included.
 */
#include "core/rules/rules.h"
#include "core/xml/xml_read.h"
#include "random_document.h"
#include "tap.h"

#include <stdlib.h>

#define ROUNDS 400
#define MAX_SHOWN 12

#define MAX_LAYERS 64

static RuleSet *sets[MAX_LAYERS];
static Arena rules;
static Arena arena;
static Arena scratch;

static bool
PutFinding(void *state, const Finding *finding)
{
	Text *out = state;

	TextAppendf(out, "%u %s: %s|", finding->node, finding->rule ? finding->rule->id : "ABORT",
				finding->rule ? "" : finding->reason);
	TextAppendSpan(out, finding->found);
	TextAppendChar(out, '\n');
	return true;
}

static Span
FindingsOf(const RuleSet *set, const Tree *tree, bool exhaustive)
{
	RuleVerdict verdict = {.processable = true};
	ClexError error = {0};
	Text out;
	RuleRun run = {.tree = tree,
				   .scratch = &scratch,
				   .permanent = &arena,
				   .explain = true,
				   .exhaustive = exhaustive,
				   .sink = PutFinding,
				   .state = &out};

	TextInit(&out, &arena);
	if (RuleSetRun(set, &run, &verdict, &error) != CLEX_OK)
		return SPAN_LITERAL("failed");
	return out.length > 0 ? TextSpan(&out) : SPAN_LITERAL("");
}

/* The first line in which two lists differ, for the report. */
static void
ShowDifference(Span a, Span b)
{
	size_t start = 0;

	for (size_t i = 0; i < a.length && i < b.length && a.data[i] == b.data[i]; i++)
		if (a.data[i] == '\n')
			start = i + 1;
	printf("# skipping   %.*s\n# exhaustive %.*s\n",
		   (int) (a.length - start > 150 ? 150 : a.length - start), a.data + start,
		   (int) (b.length - start > 150 ? 150 : b.length - start), b.data + start);
}

static bool
SameFindings(const RuleSet *set, const Tree *tree)
{
	static int shown;
	Span skipping = FindingsOf(set, tree, false);
	Span exhaustive = FindingsOf(set, tree, true);

	if (SpanEqual(skipping, exhaustive))
		return true;
	if (shown++ < MAX_SHOWN)
		ShowDifference(skipping, exhaustive);
	return false;
}

/* ---- XML made wrong ---- */

typedef struct Element
{
	size_t start;	/* of its start tag */
	size_t content; /* behind it */
	size_t close;	/* of its end tag */
	size_t end;		/* behind that */
} Element;

/* Every element of a well-formed document without CDATA, in the order of end tags. */
static void
ListElements(Span xml, Vector *elements)
{
	size_t open[64];
	size_t contents[64];
	uint32_t depth = 0;

	VectorInit(elements, &arena, sizeof(Element));
	for (size_t i = 0; i < xml.length; i++)
	{
		size_t end = i;

		if (xml.data[i] != '<' || xml.data[i + 1] == '?' || xml.data[i + 1] == '!')
			continue;
		while (xml.data[end] != '>')
			end++;
		if (xml.data[i + 1] == '/')
		{
			Element *element = VectorPush(elements);

			depth--;
			*element = (Element){open[depth], contents[depth], i, end + 1};
		}
		else if (xml.data[end - 1] != '/')
		{
			open[depth] = i;
			contents[depth++] = end + 1;
		}
		i = end;
	}
}

/* A copy of `xml` with [from, to) replaced. */
static Span
Splice(Span xml, size_t from, size_t to, Span by)
{
	Text out;

	TextInit(&out, &arena);
	TextAppend(&out, xml.data, from);
	TextAppendSpan(&out, by);
	TextAppend(&out, xml.data + to, xml.length - to);
	return TextSpan(&out);
}

static bool
IsLeaf(Span xml, const Element *element)
{
	return memchr(xml.data + element->content, '<', element->close - element->content) == NULL;
}

/* One more thing wrong: a value, an element gone, twice or in another place. */
static Span
Spoil(Span xml)
{
	static const char *const values[] = {
		"",		 " ",	 "abc",	  "1E2",		"1,5",		  "-1.005",		"0",	   "1.000",
		"S",	 "AE",	 "Z",	  "E",			"O",		  "K",			"G",	   "L",
		"M",	 " s ",	 "VAT",	  "vat",		"FALSE",	  "true",		"false",   "1",
		"EUR",	 "XAU",	 "380",	  "381",		"2026-02-30", "20260230",	"102",	   "30",
		"58",	 "59",	 "DE",	  "EL",			"#AAA#x",	  "2026-05-31", "0088",	   "NaN",
		"19.00", "1e-3", "-0.00", "9999999999", "GR123",	  "IT",			"\xC3\xA9"};
	Vector elements;
	const Element *element;

	ListElements(xml, &elements);
	element = &VectorAt(&elements, Element, Random(elements.count - 1));
	switch (Random(6))
	{
		case 0:
			return Splice(xml, element->start, element->end, SpanOf(NULL, 0));
		case 1:
			return Splice(xml, element->end, element->end,
						  SpanOf(xml.data + element->start, element->end - element->start));
		case 2:
		{
			const Element *other = &VectorAt(&elements, Element, Random(elements.count - 1));

			return Splice(xml, other->content, other->content,
						  SpanOf(xml.data + element->start, element->end - element->start));
		}
		default:
			for (int tries = 0; tries < 20 && !IsLeaf(xml, element); tries++)
				element = &VectorAt(&elements, Element, Random(elements.count - 1));
			return Splice(xml, element->content, element->close,
						  SpanFromCString(values[Random(sizeof(values) / sizeof(values[0]))]));
	}
}

static Span
ReadFile(const char *name)
{
	char path[200];
	FILE *file;
	char *data = malloc(1 << 20);
	size_t length;

	snprintf(path, sizeof(path), "extension/test/samples/%s", name);
	file = fopen(path, "rb");
	if (file == NULL)
		return SpanOf(NULL, 0);
	length = fread(data, 1, 1 << 20, file);
	fclose(file);
	return SpanOf(data, length);
}

/* Random mistakes in a sample: does any set of its syntax see them otherwise? */
static void
TestSample(const char *name, const char *syntax)
{
	XmlLimits limits = XML_DEFAULT_LIMITS;
	Span sample = ReadFile(name);
	uint32_t checked = 0;
	uint32_t different = 0;

	for (int round = 0; round < ROUNDS && sample.length > 0; round++)
	{
		Span xml = sample;
		Tree tree;
		XmlInfo info;

		ArenaReset(&arena);
		for (uint32_t i = Random(5); i > 0; i--)
			xml = Spoil(xml);
		if (XmlRead(xml, &limits, &arena, &tree, &info, NULL) != CLEX_OK)
			continue;
		for (uint32_t i = 0; i < ClexRuleLayerCount; i++)
			if (strcmp(ClexRuleLayers[i].syntax, syntax) == 0 && ClexRuleLayers[i].rule_count > 0 &&
				ClexRuleLayers[i].schema == NULL && i < MAX_LAYERS)
			{
				checked++;
				different += !SameFindings(sets[i], &tree);
			}
	}
	Ok(checked >= ROUNDS / 2 && different == 0, "%s made wrong: %u of %u runs differ", name,
	   different, checked);
	free((void *) (uintptr_t) sample.data);
}

static void
TestTerms(void)
{
	uint32_t checked = 0;
	uint32_t different = 0;

	for (int round = 0; round < ROUNDS; round++)
	{
		DocumentView view;
		Tree tree;
		Span image;

		ArenaReset(&arena);
		if (DocumentFinish(RandomDocument(&arena, Random(300)), &image, NULL) != CLEX_OK ||
			DocumentOpen(image, &view, NULL) != CLEX_OK ||
			DocumentToTree(&view, &arena, &tree, NULL) != CLEX_OK)
			continue;
		for (uint32_t i = 0; i < ClexRuleLayerCount; i++)
			if (strcmp(ClexRuleLayers[i].syntax, "terms") == 0 && i < MAX_LAYERS)
			{
				checked++;
				different += !SameFindings(sets[i], &tree);
			}
	}
	Ok(checked >= ROUNDS / 2 && different == 0, "random terms: %u of %u runs differ", different,
	   checked);
}

int
main(void)
{
	static const char *const ubl[] = {
		"fr-facture-finale-apres-acompte.xml", "be-creditnota-peppol.xml",
		"de-maschine-nach-italien.xml",		   "es-aceite-recargos-descuentos.xml",
		"fr-representant-fiscal.xml",		   "nl-factoring-begunstigde.xml"};
	static const char *const cii[] = {"zugferd-de-maschinenbau.xml", "be-cii-note-de-credit.xml",
									  "facturx-fr-hotellerie-taux-multiples.xml",
									  "es-cii-exenta-formacion.xml"};

	ArenaInit(&arena, &ClexPlainEnv, 0);
	ArenaInit(&rules, &ClexPlainEnv, 0);
	ArenaInit(&scratch, &ClexPlainEnv, 0);
	for (uint32_t i = 0; i < ClexRuleLayerCount && i < MAX_LAYERS; i++)
		if (RuleSetCompile(&ClexRuleLayers[i], &rules, &sets[i], NULL) != CLEX_OK)
			return 1;
	for (size_t i = 0; i < sizeof(ubl) / sizeof(ubl[0]); i++)
		TestSample(ubl[i], "ubl");
	for (size_t i = 0; i < sizeof(cii) / sizeof(cii[0]); i++)
		TestSample(cii[i], "cii");
	TestTerms();
	ArenaFree(&arena);
	ArenaFree(&rules);
	ArenaFree(&scratch);
	return Done();
}
