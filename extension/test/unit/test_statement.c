/* Bank statements and accounting files without a server: cut files, little memory, cancels, patterns. */
#include "core/statement/facts.h"
#include "core/statement/fec.h"
#include "core/statement/iso_check.h"
#include "core/statement/reader.h"
#include "tap.h"

#include <stdlib.h>

static Arena arena;
static Arena scratch;
static ClexError error;
static char out[8192];
static size_t used;

static void
Say(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	used += (size_t) vsnprintf(out + used, sizeof(out) - used, format, args);
	va_end(args);
	if (used >= sizeof(out))
		used = sizeof(out) - 1;
}

static void
SayEntry(void *state, const Statement *statement, const StatementEntry *entry)
{
	char amount[DECIMAL_TEXT];

	(void) state;
	Say("%u.%u %s; ", statement->number, entry->number,
		entry->amount.known ? DecimalFormat(entry->amount.value, amount).data : "?");
}

static void
SayProblem(void *state, const StatementProblem *problem)
{
	(void) state;
	Say("%s@%u; ", problem->code + strlen("STATEMENT-"), problem->line);
}

static const StatementSink sink = {.entry = SayEntry, .problem = SayProblem};

/* Read an exact copy of a text, so that reading beyond it is seen. */
static ClexStatus
Read(const char *format, const char *text, size_t length, bool strict, const ClexEnv *env,
	 size_t limit)
{
	char *copy = malloc(length + 1);
	XmlParser *parser = XmlParserCreate(&ClexPlainEnv);
	XmlLimits limits = XML_DEFAULT_LIMITS;
	StatementRequest request = {.content = SpanOf(copy, length),
								.format = format,
								.strict = strict,
								.raw = true,
								.limits = &limits,
								.parser = parser,
								.arena = &arena,
								.scratch = &scratch,
								.sink = &sink};
	ClexStatus status;

	memcpy(copy, text, length);
	ArenaInit(&arena, env, limit);
	ArenaInit(&scratch, env, limit);
	memset(&error, 0, sizeof(error));
	used = 0;
	out[0] = '\0';
	status = StatementRead(&request, &error);
	ArenaFree(&arena);
	ArenaFree(&scratch);
	XmlParserFree(parser);
	free(copy);
	return status;
}

static const char mt940[] = ":20:A\r\n:25:1\r\n:28C:1/1\r\n:60F:C260101EUR1,00\r\n"
							":61:2601010101C2,50NTRFREF//B\r\nMORE\r\n"
							":86:166?00X?20EREF+E SVWZ+text?31DE1?32NAME\r\n"
							":61:260102D0,5NTRFNONREF\r\n:86:/EREF/E/REMI/USTD//x/CNTP/I/B/N/C\r\n"
							":62F:C260102EUR3,00\r\n-\r\n";

static const char camt[] =
	"<Document xmlns='urn:iso:std:iso:20022:tech:xsd:camt.053.001.02'><BkToCstmrStmt><GrpHdr>"
	"<MsgId>1</MsgId><CreDtTm>2026-01-01T00:00:00</CreDtTm></GrpHdr><Stmt><Id>1</Id>"
	"<CreDtTm>2026-01-01T00:00:00.5+01:00</CreDtTm><Acct><Id><IBAN>FR76</IBAN></Id></Acct>"
	"<Bal><Tp><CdOrPrtry><Cd>CLBD</Cd></CdOrPrtry></Tp><Amt Ccy='EUR'>1.0</Amt>"
	"<CdtDbtInd>DBIT</CdtDbtInd><Dt><Dt>2026-01-01</Dt></Dt></Bal><Ntry><Amt Ccy='EUR'>1.00</Amt>"
	"<CdtDbtInd>DBIT</CdtDbtInd><Sts>BOOK</Sts><BkTxCd/><NtryDtls><TxDtls><RmtInf><Ustrd>a</Ustrd>"
	"</RmtInf></TxDtls><TxDtls/></NtryDtls></Ntry></Stmt></BkToCstmrStmt></Document>";

static void
TestReading(void)
{
	Read("mt940", mt940, sizeof(mt940) - 1, true, &ClexPlainEnv, 0);
	Is(out, "1.1 2.50; 1.2 -0.5; ", "a good MT940 file is read strictly");
	Read("camt.053", camt, sizeof(camt) - 1, false, &ClexPlainEnv, 0);
	Is(out, "VALUE@1; 1.1 -1.00; ", "an IBAN that is too short is the only deviation");
	Ok(Read("camt.053", camt, sizeof(camt) - 1, true, &ClexPlainEnv, 0) == CLEX_MALFORMED,
	   "strict reading refuses it");
	Ok(strstr(error.detail, "STATEMENT-VALUE") != NULL && error.line == 1, "and says why");
	Ok(Read("pdf", "", 0, false, &ClexPlainEnv, 0) == CLEX_UNSUPPORTED, "another format");
	Ok(Read("mt940", "", 0, false, &ClexPlainEnv, 0) == CLEX_MALFORMED, "an empty file");
}

/* Every beginning of a file: no crash, and an error or some entries. */
static void
TestCuts(const char *format, const char *text, size_t length)
{
	bool good = true;

	for (size_t cut = 0; cut < length; cut++)
	{
		ClexStatus status = Read(format, text, cut, false, &ClexPlainEnv, 0);

		good &= status == CLEX_OK || (status == CLEX_MALFORMED && error.message[0] != '\0');
	}
	Ok(good, "%s cut anywhere is read or refused", format);
}

/* With every limit of memory there is an answer. */
static void
TestMemory(const char *format, const char *text, size_t length)
{
	bool good = true;

	for (size_t limit = 64; limit < 40000; limit += 997)
	{
		ClexStatus status = Read(format, text, length, false, &ClexPlainEnv, limit);

		good &= status == CLEX_OK || status == CLEX_NO_MEMORY;
	}
	Ok(good, "%s in little memory is read or refused", format);
}

static bool
Always(void *context)
{
	(void) context;
	return true;
}

static void
TestCancel(void)
{
	ClexEnv env = ClexPlainEnv;
	char *text = malloc(40000);
	size_t length = 0;

	env.interrupted = Always;
	while (length < 39000)
		length +=
			(size_t) snprintf(text + length, 40000 - length, ":20:A\n:25:1\n:60F:C260101EUR1,\n");
	Ok(Read("mt940", text, length, false, &env, 0) == CLEX_INTERRUPTED, "a cancel ends reading");
	free(text);
}

static void
TestPatterns(void)
{
	static const struct
	{
		const char *pattern;
		const char *text;
		bool matches;
	} cases[] = {
		{"[A-Z]{2,2}", "FR", true},
		{"[A-Z]{2,2}", "FRA", false},
		{"[A-Z]{2,2}", "F1", false},
		{"[A-Z]{6,6}[A-Z2-9][A-NP-Z0-9]([A-Z0-9]{3,3}){0,1}", "AGRIFRPP", true},
		{"[A-Z]{6,6}[A-Z2-9][A-NP-Z0-9]([A-Z0-9]{3,3}){0,1}", "AGRIFRPPXXX", true},
		{"[A-Z]{6,6}[A-Z2-9][A-NP-Z0-9]([A-Z0-9]{3,3}){0,1}", "AGRIFRPPX", false},
		{"[A-Z]{6,6}[A-Z2-9][A-NP-Z0-9]([A-Z0-9]{3,3}){0,1}", "AGRIFR0O", false},
		{"\\+[0-9]{1,3}-[0-9()+\\-]{1,30}", "+33-(0)1-2", true},
		{"\\+[0-9]{1,3}-[0-9()+\\-]{1,30}", "33-1", false},
		{"[a-f0-9]{8}-[a-f0-9]{4}-4[a-f0-9]{3}", "0123abcd-0123-4abc", true},
		{"[a-f0-9]{8}-[a-f0-9]{4}-4[a-f0-9]{3}", "0123abcd-0123-5abc", false},
		{"[+]{0,1}[0-9]{1,15}", "+1", true},
		{"[\\+]{0,1}[0-9]{1,15}", "-1", false},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		Ok(IsoPatternMatches(cases[i].pattern, SpanFromCString(cases[i].text)) == cases[i].matches,
		   "%s %s %s", cases[i].text, cases[i].matches ? "matches" : "does not match",
		   cases[i].pattern);
}

static void
TestDates(void)
{
	int32_t day;

	Ok(ShortDate(79, 12, 31, 80, &day) && day == DateFromCivil(2079, 12, 31), "79 is 2079");
	Ok(ShortDate(80, 1, 1, 80, &day) && day == DateFromCivil(1980, 1, 1), "80 is 1980");
	Ok(!ShortDate(26, 2, 29, 80, &day), "2026 has no 29 February");
	Ok(!ShortDate(-1, 2, 2, 80, &day), "letters are no year");
}

static void
CountFinding(void *state, const FecFinding *finding)
{
	(void) finding;
	++*(int *) state;
}

/* Many sequences with huge numbers: their gaps are counted without overflow. */
static void
TestFec(void)
{
	Text text;
	Arena own;
	int findings = 0;

	ArenaInit(&own, &ClexPlainEnv, 0);
	ArenaInit(&arena, &ClexPlainEnv, 0);
	ArenaInit(&scratch, &ClexPlainEnv, 0);
	TextInit(&text, &own);
	TextAppendf(&text, "JournalCode|JournalLib|EcritureNum|Debit|Credit\n");
	for (int i = 0; i < 400; i++)
		TextAppendf(&text, "A|a|%c%c1|1,00|1,00\nA|a|%c%c99999999999999999|1|0\n", 'A' + i / 20,
					'A' + i % 20, 'A' + i / 20, 'A' + i % 20);
	Ok(FecCheck(TextSpan(&text), SpanOf(NULL, 0), &arena, &scratch, CountFinding, &findings,
				&error) == CLEX_OK,
	   "a file with huge numbers is checked");
	Ok(findings > 400, "and its gaps are seen");
	ArenaFree(&arena);
	ArenaInit(&arena, &ClexPlainEnv, 20000);
	Ok(FecCheck(TextSpan(&text), SpanOf(NULL, 0), &arena, &scratch, CountFinding, &findings,
				&error) == CLEX_NO_MEMORY,
	   "little memory is an error");
	ArenaFree(&arena);
	ArenaFree(&scratch);
	ArenaFree(&own);
}

int
main(void)
{
	TestReading();
	TestCuts("mt940", mt940, sizeof(mt940) - 1);
	TestCuts("camt.053", camt, sizeof(camt) - 1);
	TestMemory("mt940", mt940, sizeof(mt940) - 1);
	TestMemory("camt.053", camt, sizeof(camt) - 1);
	TestCancel();
	TestPatterns();
	TestDates();
	TestFec();
	return Done();
}
