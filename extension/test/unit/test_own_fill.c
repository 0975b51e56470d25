/* Setting terms of a document, and filling those it lacks. */
#include "core/model/document_set.h"
#include "core/rules/own_fill.h"
#include "tap.h"

static const char invoice[] =
	"{\"$kind\":\"invoice\",\"$format\":\"ubl\",\"invoice\":{\"number\":\"4711\","
	"\"issue_date\":\"2026-05-31\"},\"lines\":[{\"identifier\":\"1\",\"net_amount\":10.00},"
	"{\"identifier\":\"2\",\"net_amount\":20.0,\"note\":\"n\"}],"
	"\"$lexical\":{\"lines[1].net_amount\":\"010.00\"},"
	"\"$extras\":[{\"path\":\"/x\",\"value\":\"y\",\"line\":3}],"
	"\"$provenance\":{\"sha256\":\"00\"}}";

typedef struct Bench
{
	Arena arena;
	DocumentView view;
	Tree tree;
} Bench;

static void
Open(Bench *bench)
{
	Span image;

	ArenaInit(&bench->arena, &ClexPlainEnv, 0);
	Ok(DocumentFromJson(SPAN_LITERAL(invoice), &bench->arena, &image, NULL) == CLEX_OK &&
		   DocumentOpen(image, &bench->view, NULL) == CLEX_OK &&
		   DocumentToTree(&bench->view, &bench->arena, &bench->tree, NULL) == CLEX_OK,
	   "an invoice");
}

/* ---- setting ---- */

typedef struct SetCase
{
	const char *paths[4];
	const char *values[4];
	const char *look;	  /* what is looked at afterwards */
	const char *expected; /* its value, or "!message" */
} SetCase;

static const SetCase sets[] = {
	{{"BT-1"}, {"A"}, "invoice.number", "A"},
	{{"BT-19"}, {"62410"}, "invoice.buyer_accounting_reference", "62410"},
	{{"lines[2].note"}, {"m"}, "lines[2].note", "m"},
	{{"lines[3].note"}, {"m"}, "lines[3].note", "m"},
	{{"lines[4].identifier", "lines[3].item.name"}, {"4", "x"}, "lines[4].identifier", "4"},
	{{"lines[3].item.name", "lines[3].identifier"}, {"x", "3"}, "lines[3].item.name", "x"},
	{{"seller.legal_registration.scheme", "BT-30"}, {"0002", "732829320"}, "BT-30-1", "0002"},
	{{"lines[1]/allowances[1]/amount"}, {"+01.50"}, "lines[1].allowances[1].amount", "1.50"},
	{{"BT-84"}, {"FR1"}, "payment.credit_transfers[1].account", "FR1"},
	{{"lines[4].note"}, {"m"}, "", "!the one before it is missing"},
	{{"invoice[2].number"}, {"m"}, "", "!a business term cannot stand there so often"},
	{{"BT-30-1"}, {"0002"}, "", "!there is no value that it could belong to"},
	{{"lines[1]"}, {"m"}, "", "!a group has no value that could be set"},
	{{"BT-2"}, {"m"}, "", "!\"m\" is no value for business term \"BT-2\""},
	{{"BT-1", "invoice.number"}, {"a", "b"}, "", "!a business term is set twice"},
	{{"BT-20", "invoice.payment_terms"}, {"a", "b"}, "", "!a business term is set twice"},
	{{"BT-999"}, {"m"}, "", "!unknown business term \"BT-999\""},
	{{"BT-20"}, {"\xFF"}, "", "!text is not valid UTF-8"},
};

static void
TestSetting(void)
{
	Bench bench;

	Open(&bench);
	for (size_t i = 0; i < sizeof(sets) / sizeof(sets[0]); i++)
	{
		TermSetting settings[4];
		uint32_t count = 0;
		DocumentView view;
		ClexError error = {0};
		char got[400];
		uint32_t node = 0;
		Span image;

		for (; count < 4 && sets[i].paths[count] != NULL; count++)
			settings[count] = (TermSetting){SpanFromCString(sets[i].paths[count]),
											SpanFromCString(sets[i].values[count])};
		if (DocumentSetTerms(&bench.view, settings, count, &bench.arena, &image, &error) != CLEX_OK)
			snprintf(got, sizeof(got), "!%s", error.message);
		else
		{
			Ok(DocumentVerify(image, NULL) == CLEX_OK, "the image is sound");
			Ok(DocumentOpen(image, &view, NULL) == CLEX_OK &&
				   ViewResolve(&view, SpanFromCString(sets[i].look), &node, NULL) == CLEX_OK &&
				   node != 0,
			   "%s is there", sets[i].look);
			snprintf(got, sizeof(got), "%.*s", (int) ViewNode(&view, node).value.length,
					 ViewNode(&view, node).value.data);
			Ok(view.extra_count == 1 && view.provenance_count == 1 && view.lexical_count >= 1 &&
				   SpanEqualCString(view.format, "ubl"),
			   "all else is kept");
		}
		Is(got, sets[i].expected, sets[i].paths[0]);
	}
	ArenaFree(&bench.arena);
}

static void
TestNothing(void)
{
	Bench bench;
	Span image;

	Open(&bench);
	Ok(DocumentSetTerms(&bench.view, NULL, 0, &bench.arena, &image, NULL) == CLEX_OK &&
		   SpanEqual(image, bench.view.image),
	   "nothing set is the same image");
	ArenaFree(&bench.arena);
}

/* Out of memory at every point: a status, no crash. */
static void
TestMemory(void)
{
	TermSetting setting = {SPAN_LITERAL("lines[3].item.name"), SPAN_LITERAL("x")};
	ClexStatus status = CLEX_NO_MEMORY;
	size_t limit;
	Bench bench;

	Open(&bench);
	for (limit = 256; status == CLEX_NO_MEMORY && limit < 1 << 20; limit += 256)
	{
		Arena arena;
		Span image;

		ArenaInit(&arena, &ClexPlainEnv, limit);
		status = DocumentSetTerms(&bench.view, &setting, 1, &arena, &image, NULL);
		ArenaFree(&arena);
	}
	Ok(status == CLEX_OK && limit > 1024, "it fails without memory, and only then");
	ArenaFree(&bench.arena);
}

/* ---- filling ---- */

typedef struct FillCase
{
	const char *term;
	const char *context;
	const char *value;
	const char *condition;
	const char *expected; /* path=value; or !message */
} FillCase;

static const FillCase fills[] = {
	{"BT-19", NULL, "'62410'", NULL, "invoice.buyer_accounting_reference=62410;"},
	{"invoice.buyer_accounting_reference", NULL, "BT-1", "BT-2 > '2026-01-01'",
	 "invoice.buyer_accounting_reference=4711;"},
	{"BT-19", NULL, "'62410'", "BT-1 = '1'", ""},
	{"BT-1", NULL, "'never'", NULL, ""},
	{"BT-19", NULL, "BT-20", NULL, ""},
	{"BT-9", NULL, "BT-2 + 30", NULL, "invoice.due_date=2026-06-30;"},
	{"BT-127", NULL, "concat('line ', BT-126)", NULL, "lines[1].note=line 1;"},
	{"BT-132", "/lines[BT-131 > 15]", "7", NULL, "lines[2].purchase_order_line=7;"},
	{"BT-84", NULL, "'FR1'", NULL, "payment.credit_transfers[1].account=FR1;"},
	{"BT-136", NULL, "1", NULL, ""},
	{"BT-116", NULL, "1", NULL, ""},
	{"BT-29", NULL, "'S1'", NULL, "seller.identifiers[1]=S1;"},
	{"BT-9", NULL, "concat(BT-1, 'x')", NULL,
	 "!Rule R could not be evaluated: \"4711x\" is no value for business term \"BT-9\";"},
	{"BT-19", NULL, "lines/BT-126", NULL,
	 "!Rule R could not be evaluated: several values where one is needed, in rule value, position "
	 "1;"},
	{"BT-127", NULL, "string(1 idiv (BT-131 - 10))", NULL,
	 "!Rule R could not be evaluated: division by zero, in rule value, position 8;"},
	{"BT-19", NULL, "'x'", "1 idiv 0 = 1",
	 "!Rule R could not be evaluated: division by zero, in rule condition, position 1;"},
	{"BT-999", NULL, "'x'", NULL,
	 "!Rule R could not be evaluated: unknown business term \"BT-999\" in rule term, position 1: "
	 "BT-999;"},
	{"BT-19", "/lines", "'x'", NULL,
	 "!Rule R could not be evaluated: the term does not belong to these places in rule context, "
	 "position 1: /lines;"},
};

typedef struct Collected
{
	const Tree *tree;
	Text *text;
} Collected;

static void
Collect(void *state, const OwnFilled *filled)
{
	Collected *collected = state;

	if (filled->failed)
		TextAppendf(collected->text, "!%.*s;", (int) filled->message.length, filled->message.data);
	else
	{
		OwnFilledPath(collected->tree, filled, collected->text);
		TextAppendf(collected->text, "=%.*s;", (int) filled->value.length, filled->value.data);
	}
}

static Span
TextOrNone(const char *text)
{
	return text == NULL ? SpanOf(NULL, 0) : SpanFromCString(text);
}

static void
TestFilling(void)
{
	Bench bench;

	Open(&bench);
	for (size_t i = 0; i < sizeof(fills) / sizeof(fills[0]); i++)
	{
		OwnFillText text = {.id = SPAN_LITERAL("R"),
							.term = SpanFromCString(fills[i].term),
							.context = TextOrNone(fills[i].context),
							.value = SpanFromCString(fills[i].value),
							.condition = TextOrNone(fills[i].condition)};
		Arena scratch;
		Text got;
		Collected collected = {&bench.tree, &got};
		OwnRun run = {.tree = &bench.tree, .permanent = &bench.arena, .scratch = &scratch};
		OwnFills *compiled;

		ArenaInit(&scratch, &ClexPlainEnv, 0);
		TextInit(&got, &bench.arena);
		Ok(OwnFillsCompile(&text, 1, &bench.arena, &compiled, NULL) == CLEX_OK &&
			   OwnFillsRun(compiled, &run, Collect, &collected, NULL) == CLEX_OK,
		   "fills run");
		TextAppendChar(&got, '\0');
		Is(got.data, fills[i].expected, fills[i].value);
		ArenaFree(&scratch);
	}
	ArenaFree(&bench.arena);
}

static void
TestChecks(void)
{
	static const char *const checks[][3] = {
		{"BT-9", "BT-2 + 30", ""},
		{"BT-9", "'2026-02-28'", ""},
		{"BT-9", "'2026-02-30'", "the value does not fit the term in rule value"},
		{"BT-112", "'much'", "the value does not fit the term in rule value"},
		{"BT-112", "12.5", ""},
		{"BG-25", "'x'", "a group of terms has no value in rule term"},
		{"BT-30-1", "'x'", "an attribute cannot be filled by itself in rule term"},
		{"BT-9", "lines", "a group of terms is no value in rule value"},
		{"BT-9", "$seller.name", ""},
		{"BT-9", "1 div 0", ""},
	};

	for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++)
	{
		OwnFillText text = {.id = SPAN_LITERAL("R"),
							.term = SpanFromCString(checks[i][0]),
							.value = SpanFromCString(checks[i][1])};
		ClexError error = {0};
		Arena arena;

		ArenaInit(&arena, &ClexPlainEnv, 0);
		Is(OwnFillCheck(&text, &arena, &error) == CLEX_OK ? "" : error.message, checks[i][2],
		   checks[i][1]);
		ArenaFree(&arena);
	}
}

int
main(void)
{
	TestNothing();
	TestSetting();
	TestMemory();
	TestFilling();
	TestChecks();
	return Done();
}
