/* Canonical JSON: both ways, every mistake with its place, and random documents there and back. */
#include "core/model/document.h"
#include "random_document.h"
#include "tap.h"

#include <stdlib.h>

/* JSON read and printed again, or message, detail and hint of the error. */
static const char *
EchoSpan(Span json)
{
	static char buffer[4000];
	Arena arena;
	ClexError error;
	Span image;
	DocumentView view;
	Text out;

	ArenaInit(&arena, &ClexPlainEnv, 0);
	TextInit(&out, &arena);
	if (DocumentFromJson(json, &arena, &image, &error) != CLEX_OK)
		snprintf(buffer, sizeof(buffer), "%s | %s%s%s", error.message, error.detail,
				 error.hint[0] ? " | " : "", error.hint);
	else if (DocumentVerify(image, &error) != CLEX_OK ||
			 DocumentOpen(image, &view, &error) != CLEX_OK ||
			 DocumentToJson(&view, &out, &error) != CLEX_OK)
		snprintf(buffer, sizeof(buffer), "broken: %s %s", error.message, error.detail);
	else
		snprintf(buffer, sizeof(buffer), "%.*s", (int) out.length, out.data);
	ArenaFree(&arena);
	return buffer;
}

static const char *
Echo(const char *json)
{
	return EchoSpan(SpanFromCString(json));
}

#define HEAD "{\"$kind\": \"invoice\", \"$format\": \"json\""
#define SEE "See view clex.terms for the terms of an invoice."

/* Texts, and how they are printed again. */
static const char *const texts[][2] = {
	{"{}", HEAD "}"},
	{" {\n} \t", HEAD "}"},
	{"{\"invoice\":{\"number\":\"R-1\"}}", HEAD ", \"invoice\": {\"number\": \"R-1\"}}"},
	{"{\"seller\": {}}", HEAD ", \"seller\": {}}"},
	{"{\"lines\": []}", HEAD "}"},
	{"{\"lines\": {\"net_amount\": 1.50}}", HEAD ", \"lines\": [{\"net_amount\": 1.50}]}"},
	{"{\"seller\": {\"name\": [\"A\", \"B\"]}}", HEAD ", \"seller\": {\"name\": [\"A\", \"B\"]}}"},
	{"{\"lines\": [{\"net_amount\": 1}, {\"quantity\": -0.5}]}",
	 HEAD ", \"lines\": [{\"net_amount\": 1}, {\"quantity\": -0.5}]}"},
	{"{\"totals\": {\"payable\": \"12.00\"}}", HEAD ", \"totals\": {\"payable\": 12.00}}"},
	{"{\"totals\": {\"payable\": \"+12\"}}",
	 HEAD ", \"totals\": {\"payable\": 12}, \"$lexical\": {\"totals.payable\": \"+12\"}}"},
	{"{\"totals\": {\"payable\": \"1,5\"}}", HEAD ", \"totals\": {\"payable\": \"1,5\"}}"},
	{"{\"totals\": {\"payable\": 1000000000000000000000000000000000000000}}",
	 HEAD ", \"totals\": {\"payable\": \"1000000000000000000000000000000000000000\"}}"},
	{"{\"seller\": {\"identifiers\": {\"scheme\": \"0088\", \"value\": \"1\"}}}",
	 HEAD ", \"seller\": {\"identifiers\": [{\"value\": \"1\", \"scheme\": \"0088\"}]}}"},
	{"{\"invoice\": {\"number\": {\"value\": \"1\"}}}", HEAD ", \"invoice\": {\"number\": \"1\"}}"},
	{"{\"invoice\": {\"number\": \"\\u00e9\\ud83d\\ude00\\n\\\"\\\\\\/\\u0001\"}}",
	 HEAD ", \"invoice\": {\"number\": \"\xC3\xA9\xF0\x9F\x98\x80\\n\\\"\\\\/\\u0001\"}}"},
	{"{\"invoice\": {\"issue_date\": \"2026-02-30\"}}",
	 HEAD ", \"invoice\": {\"issue_date\": \"2026-02-30\"}}"},
	{"{\"invoice\": {\"type_code\": \"381\"}}",
	 "{\"$kind\": \"credit_note\", \"$format\": \"json\", \"invoice\": {\"type_code\": "
	 "\"381\"}}"},
	{"{\"invoice\": {\"type_code\": \"381\"}, \"$kind\": \"invoice\"}",
	 HEAD ", \"invoice\": {\"type_code\": \"381\"}}"},
	{"{\"$reader\": 7, \"$format\": \"ubl\"}",
	 "{\"$kind\": \"invoice\", \"$format\": \"ubl\", \"$reader\": 7}"},
	{"{\"$provenance\": {\"version\": \"2.1\", \"encoding\": \"x\"}}",
	 HEAD ", \"$provenance\": {\"encoding\": \"x\", \"version\": \"2.1\"}}"},
	{"{\"$extras\": [{\"value\": \"v\", \"path\": \"/a\", \"line\": 4}, {\"path\": \"\", "
	 "\"value\": \"\"}]}",
	 HEAD ", \"$extras\": [{\"path\": \"/a\", \"value\": \"v\", \"line\": 4}, {\"path\": \"\", "
		  "\"value\": \"\"}]}"},
	{"{\"$lexical\": {\"lines[2].net_amount\": \" 1\", \"BT-1\": \"x\"}, \"invoice\": "
	 "{\"number\": \"1\"}, "
	 "\"lines\": [{}, {\"net_amount\": 1}]}",
	 HEAD ", \"invoice\": {\"number\": \"1\"}, \"lines\": [{}, {\"net_amount\": 1}], "
		  "\"$lexical\": {\"invoice.number\": \"x\", \"lines[2].net_amount\": \" 1\"}}"},
};

static void
TestGood(void)
{
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		Is(Echo(texts[i][0]), texts[i][1], texts[i][0]);
}

/* Every mistake: a text, and what is said of it. */
static const char *const mistakes[][2] = {
	{"", "invalid JSON: it ends where \"{\" is expected | Line 1, column 1."},
	{"[]", "invalid JSON: \"{\" expected | Line 1, column 1: []"},
	{"{", "a string is expected | Line 1, column 2."},
	{"{\"invoice\"", "invalid JSON: it ends where \":\" is expected | Line 1, column 11."},
	{"{\"invoice\":", "invalid JSON: it ends where a value is expected | Line 1, column 12."},
	{"{} x", "invalid JSON: something follows the document | Line 1, column 4: x"},
	{"{\"invoice\": {},}", "invalid JSON: a member is missing behind \",\" | Line 1, column 16: }"},
	{"{\"invoice\": {} \"seller\": {}}",
	 "invalid JSON: \",\" or \"}\" expected | Line 1, column 16: \"seller\": {}}"},
	{"{\"invoice\": {},\n \"invoice\": {}}",
	 "key \"invoice\" stands twice in one object | Line 2, column 2: \"invoice\": {}}"},
	{"{\"seler\": {}}",
	 "unknown business term \"seler\" | Line 1, column 2: \"seler\": {}} | Did you mean "
	 "\"seller\"? " SEE},
	{"{\"lines\": [{\"price\": {\"nett\": 1}}]}",
	 "unknown business term \"nett\" in \"lines.price\" | Line 1, column 23: \"nett\": 1}}]} | "
	 "Did "
	 "you mean \"net\"? " SEE},
	{"{\"\xC3\xA9\": 1, \"y\": 1}", "unknown business term \"\xC3\xA9\" | Line 1, column 2: "
									"\"\xC3\xA9\": 1, \"y\": 1} | " SEE},
	{"{\"invoice\": 1}", "\"invoice\" must be an object | Line 1, column 13: 1}"},
	{"{\"invoice\": {\"number\": 1}}",
	 "\"invoice.number\" must be a string | Line 1, column 24: 1}}"},
	{"{\"invoice\": {\"number\": true}}",
	 "\"invoice.number\" must be a string | Line 1, column 24: true}}"},
	{"{\"invoice\": {\"number\": null}}", "\"invoice.number\" must be a string | Line 1, "
										  "column 24: null}} | Leave out the key of what a "
										  "document does not have."},
	{"{\"lines\": [[]]}", "\"lines\" must be an object | Line 1, column 12: []]}"},
	{"{\"totals\": {\"payable\": 1e3}}", "numbers with an exponent are not decimals | Line 1, "
										 "column 24: 1e3}} | Write all digits, as "
										 "in 1000 for 1e3."},
	{"{\"totals\": {\"payable\": 01}}", "invalid JSON: not a number | Line 1, column 24: 01}}"},
	{"{\"totals\": {\"payable\": 1.}}", "invalid JSON: not a number | Line 1, column 24: 1.}}"},
	{"{\"totals\": {\"payable\": -}}", "invalid JSON: not a number | Line 1, column 24: -}}"},
	{"{\"totals\": {\"payable\": .5}}",
	 "\"totals.payable\" must be a number | Line 1, column 24: .5}}"},
	{"{\"seller\": {\"identifiers\": [{\"scheme\": \"1\"}]}}",
	 "\"seller.identifiers\" has no key \"value\" | Line 1, column 29: {\"scheme\": \"1\"}]}}"},
	{"{\"seller\": {\"identifiers\": [{\"value\": \"1\", \"scheme\": \"1\", \"scheme\": "
	 "\"2\"}]}}",
	 "key \"scheme\" stands twice in one object | Line 1, column 59: \"scheme\": \"2\"}]}}"},
	{"{\"seller\": {\"name\": {\"value\": \"1\", \"scheme\": \"1\"}}}",
	 "unknown business term \"scheme\" in \"seller.name\" | Line 1, column 36: \"scheme\": "
	 "\"1\"}}} | " SEE},
	{"{\"invoice\": {\"number\": \"a",
	 "invalid JSON: a string has no end | Line 1, column 24: \"a"},
	{"{\"invoice\": {\"number\": \"\\x\"}}",
	 "invalid JSON: unknown escape in a string | Line 1, column 25: \\x\"}}"},
	{"{\"invoice\": {\"number\": \"\\u00\"}}",
	 "invalid JSON: unknown escape in a string | Line 1, column 25: \\u00\"}}"},
	{"{\"invoice\": {\"number\": \"\\",
	 "invalid JSON: it ends within a string | Line 1, column 25: \\"},
	{"{\"invoice\": {\"number\": \"\\u0000\"}}",
	 "\\u0000 cannot be stored | Line 1, column 25: \\u0000\"}}"},
	{"{\"invoice\": {\"number\": \"\\ud800\"}}",
	 "invalid JSON: half of a surrogate pair | Line 1, column 25: \\ud800\"}}"},
	{"{\"invoice\": {\"number\": \"\\udc00\\ud800\"}}",
	 "invalid JSON: half of a surrogate pair | Line 1, column 25: \\udc00\\ud800\"}}"},
	{"{\"invoice\": {\"number\": \"a\tb\"}}",
	 "invalid JSON: control characters in a string must be escaped | Line 1, column 26."},
	{"{\"invoice\": {\"number\": \"\xFF\"}}", "invalid JSON: not UTF-8 | Line 1, column 25."},
	{"{\"$kind\": \"letter\"}",
	 "unknown kind of document | Line 1, column 11: \"letter\"} | Kinds are: invoice, "
	 "credit_note, order, order_response, order_change, despatch_advice, receipt_advice, "
	 "remittance_advice, application_response."},
	{"{\"$kind\": \"invoice\", \"$kind\": \"invoice\"}",
	 "key \"$kind\" stands twice in one object | Line 1, column 22: \"$kind\": \"invoice\"}"},
	{"{\"$nothing\": 1}",
	 "unknown business term \"$nothing\" | Line 1, column 2: \"$nothing\": 1} | " SEE},
	{"{\"$reader\": 65536}",
	 "the version of the reader must be a number from 1 to 65535 | Line 1, column 13: 65536}"},
	{"{\"$lexical\": {\"invoice.number\": \"x\"}}",
	 "\"$lexical\" names a term that the document does not have | Line 1, column 15: "
	 "\"invoice.number\": \"x\"}}"},
	{"{\"$lexical\": {\"x\": \"x\"}}", "\"$lexical\" names a term that the document does not "
									   "have | Line 1, column 15: \"x\": \"x\"}}"},
	{"{\"invoice\": {}, \"$lexical\": {\"invoice\": \"x\"}}",
	 "\"$lexical\" names a term that the document does not have | Line 1, column 30: "
	 "\"invoice\": \"x\"}}"},
	{"{\"invoice\": {\"number\": \"1\"}, \"$lexical\": {\"BT-1\": \"x\", \"BG-0/BT-1\": "
	 "\"y\"}}",
	 "key \"BG-0/BT-1\" stands twice in one object | Line 1, column 56: \"BG-0/BT-1\": "
	 "\"y\"}}"},
	{"{\"$extras\": [{\"path\": \"a\"}]}",
	 "an extra needs the keys \"path\" and \"value\" | Line 1, column 14: {\"path\": \"a\"}]}"},
	{"{\"$extras\": [{\"path\": \"a\", \"value\": \"b\", \"line\": 0}]}",
	 "the line of an extra must be a whole number | Line 1, column 50: 0}]}"},
	{"{\"$extras\": [{\"x\": \"a\"}]}", "an extra has the keys \"path\", \"value\" and "
										"\"line\" | Line 1, column 15: \"x\": \"a\"}]}"},
	{"{\"$provenance\": {\"a\": \"1\", \"a\": \"2\"}}",
	 "key \"a\" stands twice in one object | Line 1, column 28: \"a\": \"2\"}}"},
	{"{\"$provenance\": {\"a\": 1}}", "a string is expected | Line 1, column 23: 1}}"},
};

static void
TestBad(void)
{
	char *deep = malloc(1000001);

	for (size_t i = 0; i < sizeof(mistakes) / sizeof(mistakes[0]); i++)
		Is(Echo(mistakes[i][0]), mistakes[i][1], mistakes[i][0]);
	memset(deep, '[', 1000000);
	deep[1000000] = '\0';
	Ok(strncmp(Echo(deep), "invalid JSON", 12) == 0, "a million brackets");
	memcpy(deep, "{\"lines\": ", 10);
	Ok(strncmp(Echo(deep), "\"lines\" must be an object", 25) == 0, "a million brackets in a term");
	free(deep);
	Is(EchoSpan(SpanOf("{}\0", 3)), "invalid JSON: not UTF-8 | Line 1, column 3.", "a NUL");
}

static void
TestRandom(void)
{
	Arena arena;
	ClexError error;
	uint32_t good = 0;
	const uint32_t rounds = 20000;

	ArenaInit(&arena, &ClexPlainEnv, 0);
	for (uint32_t i = 0; i < rounds; i++)
	{
		Span image;
		Span again;
		DocumentView view;
		Text json;

		ArenaReset(&arena);
		TextInit(&json, &arena);
		if (DocumentFinish(RandomDocumentOf((DocumentKind) (1 + Random(9)), false, &arena,
											Random(i % 100 == 0 ? 2000 : 60)),
						   &image, &error) == CLEX_OK &&
			DocumentVerify(image, &error) == CLEX_OK &&
			DocumentOpen(image, &view, &error) == CLEX_OK &&
			DocumentToJson(&view, &json, &error) == CLEX_OK &&
			DocumentFromJson(TextSpan(&json), &arena, &again, &error) == CLEX_OK &&
			SpanEqual(image, again))
			good++;
		else if (i - good < 3)
			printf("# %s %s\n# %.*s\n", error.message, error.detail,
				   (int) (json.length > 2000 ? 2000 : json.length), json.data);
	}
	Ok(good == rounds, "%u of %u random documents: in(out(x)) = x", good, rounds);
	ArenaFree(&arena);
}

/* Mangled JSON never crashes, and what is accepted is a document like any other. */
static void
TestMangled(void)
{
	Arena arena;
	ClexError error;
	uint32_t accepted = 0;
	bool good = true;

	ArenaInit(&arena, &ClexPlainEnv, 0);
	for (uint32_t i = 0; i < 50000; i++)
	{
		Span image;
		DocumentView view;
		Text json;
		char *copy;
		uint32_t length;

		ArenaReset(&arena);
		TextInit(&json, &arena);
		DocumentFinish(RandomDocument(&arena, 1 + Random(20)), &image, &error);
		DocumentOpen(image, &view, &error);
		DocumentToJson(&view, &json, &error);
		length = (uint32_t) json.length - (Random(4) == 0 ? Random((uint32_t) json.length) : 0);
		copy = malloc(length + 1);
		memcpy(copy, json.data, length);
		for (uint32_t k = Random(4); k > 0 && length > 0; k--)
			copy[Random(length)] = Random(2) ? "{}[]\",:\\0e- \n"[Random(13)] : (char) Random(256);
		if (DocumentFromJson(SpanOf(copy, length), &arena, &image, &error) == CLEX_OK)
		{
			accepted++;
			good &= DocumentVerify(image, &error) == CLEX_OK;
		}
		free(copy);
	}
	Ok(good && accepted > 1000, "50000 mangled texts, %u accepted and sound", accepted);
	ArenaFree(&arena);
}

int
main(void)
{
	TestGood();
	TestBad();
	TestRandom();
	TestMangled();
	return Done();
}
