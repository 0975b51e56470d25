/*
 * CSV and positional files: numbers, dates, characters, rows, and what is told of them.
 */
#include "tap.h"

#include <stdio.h>

#include "core/base/date.h"
#include "core/codec/flat_read.h"
#include "core/codec/flat_values.h"

static Arena arena;
static Arena scratch;

/* ---- values ---- */

static void
CheckNumbers(void)
{
	static const struct
	{
		char decimal;
		char thousands;
		int scale;
		const char *text;
		const char *number; /* NULL: it is none */
	} cases[] = {
		{'.', 0, 0, "12.50", "12.50"},
		{',', '.', 0, "1.234,50", "1234.50"},
		{',', '.', 0, "1.5", NULL},
		{'.', ',', 0, "12,34,567.8", "1234567.8"},
		{',', '.', 0, "1.234.50", NULL},
		{',', '.', 0, "1234.567,5", NULL},
		{',', '.', 0, ".123", NULL},
		{',', '.', 0, "1,234.500", NULL},
		{',', ' ', 0,
		 "1\xC2\xA0"
		 "234,5",
		 "1234.5"},
		{',', ' ', 0,
		 "1\xE2\x80\xAF"
		 "234",
		 "1234"},
		{'.', '\'', 0,
		 "1\xE2\x80\x99"
		 "234",
		 "1234"},
		{'.', 0, 0, "12.50-", "-12.50"},
		{'.', 0, 0, "(12.50)", "-12.50"},
		{'.', 0, 0,
		 "\xE2\x88\x92"
		 "3",
		 "-3"},
		{'.', 0, 0, "-3-", NULL},
		{'.', 0, 0, "+7", "7"},
		{'.', 0, 0, "+", NULL},
		{'.', 0, 0, "1..2", NULL},
		{'.', 0, 2, "12345-", "-123.45"},
		{',', 0, 0, "1.5", NULL},
		{',', ' ', 0, "1 234", "1234"},
		{'.', 0, 0, "1 234", NULL},
		{'.', 0, 2, "12345", "123.45"},
		{'.', 0, 2, "123.4", "123.4"},
		{'.', 0, 0, "-7", "-7"},
		{'.', 0, 0, "", NULL},
		{'.', 0, 0, "1e5", NULL},
		{'.', 0, 0, "0x10", NULL},
		{',', '\'', 0, "1'000'000,05", "1000000.05"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
	{
		FlatMapping mapping = {.decimal = cases[i].decimal, .thousands = cases[i].thousands};
		FlatField field = {.scale = (uint8_t) cases[i].scale};
		char text[DECIMAL_TEXT];
		Decimal value;
		bool good = FlatNumber(&mapping, &field, SpanFromCString(cases[i].text), &value);

		Ok(good ? cases[i].number != NULL &&
					  SpanEqualCString(DecimalFormat(value, text), cases[i].number)
				: cases[i].number == NULL,
		   "number \"%s\"", cases[i].text);
	}
}

static void
CheckDates(void)
{
	static const char *const cases[][3] = {{"YYYY-MM-DD", "2026-02-28", "2026-02-28"},
										   {"YYYY-MM-DD", "2026-02-29", NULL},
										   {"DD/MM/YY", "05/11/26", "2026-11-05"},
										   {"DD.MM.YYYY", "5.11.2026", NULL},
										   {"YYYYMMDD", "20240229", "2024-02-29"},
										   {"YYYYMMDD", "20240229x", NULL},
										   {"MM/DD", "11/05", NULL},
										   {"DD/MM/YYYY", "", NULL},
										   {"YYYYMMDD", "2024o229", NULL}};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
	{
		char text[DATE_TEXT];
		int32_t date;
		bool good = FlatDate(SpanFromCString(cases[i][0]), SpanFromCString(cases[i][1]), &date);

		Ok(good ? cases[i][2] != NULL && SpanEqualCString(DateFormat(date, text), cases[i][2])
				: cases[i][2] == NULL,
		   "date \"%s\" as %s", cases[i][1], cases[i][0]);
	}
}

/* ---- files ---- */

/* What a file became: the first values of two terms, and codes of problems. */
typedef struct Outcome
{
	char values[400];
	char problems[400];
	uint32_t documents;
} Outcome;

static void
TakeDocument(void *state, uint32_t number, uint32_t first_row, uint32_t last_row, Span image)
{
	Outcome *outcome = state;

	(void) first_row;
	(void) last_row;
	(void) image;
	outcome->documents = number;
}

static void
TakeValue(void *state, const FlatValue *value)
{
	Outcome *outcome = state;
	size_t used = strlen(outcome->values);

	snprintf(outcome->values + used, sizeof(outcome->values) - used, "%s%.*s", used > 0 ? "|" : "",
			 (int) value->value.length, value->value.data);
}

static void
TakeProblem(void *state, const FlatProblem *problem)
{
	Outcome *outcome = state;
	size_t used = strlen(outcome->problems);

	snprintf(outcome->problems + used, sizeof(outcome->problems) - used, "%s%s %u",
			 used > 0 ? ", " : "", problem->code, problem->row);
}

#define MAPPING(more)                                                                              \
	"{\"format\":\"csv\",\"separator\":\";\",\"opens\":true" more                                  \
	",\"fields\":[{\"name\":\"a\"},{\"name\":\"b\"}],\"terms\":{\"BT-1\":\"$a\",\"BT-44\":\"$b\"}" \
	"}"

/* Read a file of given bytes and compare. */
static void
CheckFile(const char *what, const char *mapping, Span content, const char *values,
		  const char *problems)
{
	Outcome outcome = {0};
	FlatSink sink = {TakeDocument, TakeValue, TakeProblem, &outcome};
	FlatRequest request = {.content = content,
						   .mapping = SpanFromCString(mapping),
						   .arena = &arena,
						   .scratch = &scratch,
						   .sink = &sink};
	ClexError error = {0};

	ArenaReset(&arena);
	if (FlatRead(&request, &error) != CLEX_OK)
		snprintf(outcome.problems, sizeof(outcome.problems), "%s", error.message);
	Is(outcome.values, values, what);
	Is(outcome.problems, problems, "... and what is wrong with it");
}

#define BYTES(text) SpanOf(text, sizeof(text) - 1)

static void
CheckFiles(void)
{
	CheckFile("UTF-8", MAPPING(""), BYTES("1;Gr\xC3\xBC\xC3\x9F\n2;x"), "1|Gr\xC3\xBC\xC3\x9F|2|x",
			  "");
	CheckFile("UTF-8 with a mark", MAPPING(""),
			  BYTES("\xEF\xBB\xBF"
					"1;x"),
			  "1|x", "");
	CheckFile("Windows-1252, found out", MAPPING(""), BYTES("1;5 \x80 \xA4"),
			  "1|5 \xE2\x82\xAC \xC2\xA4", "");
	CheckFile("ISO 8859-15", MAPPING(",\"encoding\":\"iso-8859-15\""), BYTES("1;5 \xA4 \xBD\xBE"),
			  "1|5 \xE2\x82\xAC \xC5\x93\xC5\xB8", "");
	CheckFile("ISO 8859-15 with a control character", MAPPING(",\"encoding\":\"iso-8859-15\""),
			  BYTES("1;\x80"), "1|\xEF\xBF\xBD", "FLAT-CHARACTER 1");
	CheckFile("UTF-16, little end first", MAPPING(",\"encoding\":\"utf-16\""),
			  BYTES("\xFF\xFE"
					"1\0;\0\xE9\0=\xD8\0\xDE"),
			  "1|\xC3\xA9\xF0\x9F\x98\x80", "");
	CheckFile("UTF-16, big end first, found out", MAPPING(""),
			  BYTES("\xFE\xFF\0001\0;\0\xE9\0\r\0\n\0002\0;\x20\xAC"), "1|\xC3\xA9|2|\xE2\x82\xAC",
			  "");
	CheckFile("half a pair of UTF-16", MAPPING(""),
			  BYTES("\xFF\xFE"
					"1\0;\0=\xD8x\0"),
			  "1|\xEF\xBF\xBDx", "FLAT-CHARACTER 1");
	CheckFile("half a unit of UTF-16", MAPPING(""),
			  BYTES("\xFF\xFE"
					"1\0;\0x\0y"),
			  "1|x\xEF\xBF\xBD", "FLAT-CHARACTER 1");
	CheckFile("UTF-16 without a mark", MAPPING(",\"encoding\":\"utf-16\""), BYTES("1\0;\0x\0"), "",
			  "the file has no byte order mark");
	CheckFile("quotes", MAPPING(""), BYTES("1;\"a;\"\"b\"\"\nc\"\r\n2;\"x\"y\r3;\"open"),
			  "1|a;\"b\"\nc|2|xy|3|\"open", "FLAT-QUOTE 2, FLAT-QUOTE 3");
	CheckFile("no quotes", MAPPING(",\"quote\":\"\""), BYTES("1;\"a\""), "1|\"a\"", "");
	CheckFile("cells", MAPPING(""), BYTES("1\n2;a;b"), "1|2|a", "FLAT-CELLS 1, FLAT-CELLS 2");
	CheckFile("nothing", MAPPING(""), BYTES(" \n\r\n"), "", "no row of the file begins a document");
}

int
main(void)
{
	ArenaInit(&arena, &ClexPlainEnv, 0);
	ArenaInit(&scratch, &ClexPlainEnv, 0);
	CheckNumbers();
	CheckDates();
	CheckFiles();
	ArenaFree(&scratch);
	ArenaFree(&arena);
	return Done();
}
