/*
 * camt_read.c
 *		camt.052 reports, camt.053 statements, camt.054 notifications, all versions.
 *
 * Where a text stands is a table of paths (data/statements/camt_paths.tsv), tried in order: one table reads
 * every version.  Whether the message is what its version allows is another matter, and another table.
 */
#include "core/statement/facts.h"
#include "core/statement/iso_find.h"
#include "core/statement/reader.h"

/* ISO codes of balances. */
static const struct
{
	const char *code;
	BalanceKind kind;
} balance_codes[] = {
	{"OPBD", BALANCE_OPENING},			 {"PRCD", BALANCE_OPENING},
	{"CLBD", BALANCE_CLOSING},			 {"ITBD", BALANCE_INTERIM},
	{"OPAV", BALANCE_OPENING_AVAILABLE}, {"CLAV", BALANCE_CLOSING_AVAILABLE},
	{"ITAV", BALANCE_INTERIM_AVAILABLE}, {"FWAV", BALANCE_FORWARD_AVAILABLE},
	{"XPCD", BALANCE_EXPECTED},
};

typedef struct Camt
{
	StatementReader *reader;
	Tree tree;
	IsoNames names;
	IsoFinder finder;
	Span found[CAMT_TEXTS];		/* texts of the scope being read */
	uint32_t where[CAMT_TEXTS]; /* their nodes */
} Camt;

static uint32_t
Line(const Camt *c, uint32_t node)
{
	return TreeAt(&c->tree, node)->line;
}

/* Fill `found` with the texts of a scope at a node. */
static void
Find(Camt *c, CamtScope scope, uint32_t node, IsoWhen when)
{
	IsoFind(&c->finder, &ClexCamtPaths[ClexCamtScopes[scope]],
			(uint32_t) (ClexCamtScopes[scope + 1] - ClexCamtScopes[scope]), node, when);
	if (c->finder.failed)
		ReaderOutOfMemory(c->reader);
}

/* A date, or the day of a date and time. */
static StatementDate
FoundDate(Camt *c, CamtText which)
{
	Span text = c->found[which];
	StatementDate date = {0, false};

	if (text.data == NULL)
		return date;
	if (text.length > 10 && text.data[10] == 'T')
		text.length = 10;
	date.known = DateParse(text, &date.day, NULL) == CLEX_OK;
	return date;
}

/* An amount with the sign of CdtDbtInd. */
static StatementAmount
FoundAmount(Camt *c, bool debit)
{
	StatementAmount amount = {DECIMAL_ZERO, {NULL, 0}, false};

	if (c->where[CAMT_AMOUNT] == 0)
		return amount;
	amount.known = DecimalParse(c->found[CAMT_AMOUNT], &amount.value) == CLEX_OK;
	if (debit)
		amount.value = DecimalNegate(amount.value);
	amount.currency = IsoFoundCurrency(&c->finder, CAMT_AMOUNT);
	return amount;
}

static void
TakeHead(Camt *c, uint32_t node)
{
	Statement *statement = &c->reader->statement;

	Find(c, CAMT_STATEMENT, node, ISO_ALWAYS);
	statement->reference = c->found[ENTRY_REFERENCE];
	statement->sequence = c->found[CAMT_SEQUENCE];
	statement->account = c->found[CAMT_ACCOUNT];
	statement->owner = c->found[CAMT_OWNER];
	statement->servicer = c->found[CAMT_SERVICER];
	statement->currency = c->found[CAMT_CURRENCY];
}

static void
TakeBalance(Camt *c, uint32_t node)
{
	StatementBalance balance = {.kind = BALANCE_OTHER, .line = Line(c, node)};

	Find(c, CAMT_BALANCE, node, ISO_ALWAYS);
	balance.code = c->found[ENTRY_CODE];
	for (size_t i = 0; i < sizeof(balance_codes) / sizeof(balance_codes[0]); i++)
		if (SpanEqualCString(balance.code, balance_codes[i].code))
			balance.kind = balance_codes[i].kind;
	balance.date = FoundDate(c, CAMT_DATE);
	balance.amount = FoundAmount(c, SpanEqualCString(c->found[CAMT_SIGN], "DBIT"));
	ReaderBalance(c->reader, &balance);
}

/* Path and text of every leaf of an entry, one a line. */
static Span
RawText(Camt *c, uint32_t entry)
{
	const TreeNode *top = TreeAt(&c->tree, entry);
	uint32_t open[64];
	int depth = 0;
	Text raw;

	TextInit(&raw, c->reader->request->scratch);
	for (uint32_t node = entry + 1; node < top->end; node++)
	{
		const TreeNode *n = TreeAt(&c->tree, node);
		Span text = SpanTrim(TreeText(&c->tree, node));

		while (depth > 0 && node >= TreeAt(&c->tree, open[depth - 1])->end)
			depth--;
		if (n->end > node + 1 && depth < 64)
			open[depth++] = node;
		if ((n->flags & TREE_HAS_ELEMENTS) || text.length == 0)
			continue;
		for (int i = 0; i < depth; i++)
			if (open[i] != node)
			{
				TextAppendSpan(&raw, ClexIsoNames[IsoNameOf(&c->names, open[i])]);
				TextAppendChar(&raw, '/');
			}
		if (n->flags & TREE_ATTRIBUTE)
			TextAppendSpan(&raw, TreeName(&c->tree, node));
		else
			TextAppendSpan(&raw, ClexIsoNames[IsoNameOf(&c->names, node)]);
		TextAppendSpan(&raw, SPAN_LITERAL(": "));
		TextAppendSpan(&raw, text);
		TextAppendChar(&raw, '\n');
	}
	if (raw.failed)
		ReaderOutOfMemory(c->reader);
	return raw.failed || raw.length == 0 ? SpanOf(NULL, 0) : SpanOf(raw.data, raw.length - 1);
}

/* Take over the texts of a transaction, over those of its entry. */
static void
MergeTexts(Camt *c, StatementEntry *entry)
{
	for (int i = 0; i < ENTRY_TEXTS; i++)
		if (c->found[i].data != NULL)
			entry->text[i] = c->found[i];
	if (SpanEqualCString(entry->text[ENTRY_END_TO_END], "NOTPROVIDED"))
		entry->text[ENTRY_END_TO_END] = SpanOf(NULL, 0);
}

/* Number of transactions that an entry lists; the first one. */
static uint32_t
CountTransactions(const Camt *c, uint32_t node, uint32_t *first)
{
	uint32_t count = 0;

	for (uint32_t details = IsoChild(&c->finder, node, ClexCamtNames.details); details != 0;
		 details = IsoNext(&c->finder, details, ClexCamtNames.details))
		for (uint32_t t = IsoChild(&c->finder, details, ClexCamtNames.transaction); t != 0;
			 t = IsoNext(&c->finder, t, ClexCamtNames.transaction))
			if (count++ == 0)
				*first = t;
	return count;
}

/* One transaction as an entry of its own: what it does not say is as the entry says. */
static void
TakeTransaction(Camt *c, const StatementEntry *entry, uint32_t node, uint32_t number, bool debit)
{
	StatementEntry one = *entry;

	Find(c, CAMT_DETAIL, node, debit ? ISO_DEBIT : ISO_CREDIT);
	if (c->found[CAMT_SIGN].data != NULL && SpanEqualCString(c->found[CAMT_SIGN], "DBIT") != debit)
	{
		debit = !debit;
		Find(c, CAMT_DETAIL, node, debit ? ISO_DEBIT : ISO_CREDIT);
	}
	one.detail = number;
	one.line = Line(c, node);
	one.amount = FoundAmount(c, debit);
	MergeTexts(c, &one);
	ReaderDetail(c->reader, &one);
}

static void
TakeTransactions(Camt *c, const StatementEntry *entry, uint32_t node, bool debit)
{
	uint32_t number = 0;

	for (uint32_t details = IsoChild(&c->finder, node, ClexCamtNames.details); details != 0;
		 details = IsoNext(&c->finder, details, ClexCamtNames.details))
		for (uint32_t t = IsoChild(&c->finder, details, ClexCamtNames.transaction); t != 0;
			 t = IsoNext(&c->finder, t, ClexCamtNames.transaction))
			TakeTransaction(c, entry, t, ++number, debit);
}

static void
TakeEntry(Camt *c, uint32_t node)
{
	StatementEntry entry = {.number = c->reader->statement.entries + 1, .line = Line(c, node)};
	uint32_t first = 0;
	uint32_t count = CountTransactions(c, node, &first);
	bool debit;

	Find(c, CAMT_ENTRY, node, ISO_ALWAYS);
	debit = SpanEqualCString(c->found[CAMT_SIGN], "DBIT");
	entry.booked = FoundDate(c, CAMT_BOOKED);
	entry.value = FoundDate(c, CAMT_VALUE);
	entry.reversal = SpanEqualCString(c->found[CAMT_REVERSAL], "true") ||
					 SpanEqualCString(c->found[CAMT_REVERSAL], "1");
	entry.amount = FoundAmount(c, debit);
	MergeTexts(c, &entry);
	if (c->reader->request->raw)
		entry.text[ENTRY_RAW] = RawText(c, node);
	if (count == 1)
	{
		Find(c, CAMT_DETAIL, first, debit ? ISO_DEBIT : ISO_CREDIT);
		MergeTexts(c, &entry);
	}
	/* the sums are those of entries, whoever asks for transactions */
	entry.detail = c->reader->request->details && count > 1;
	ReaderEntry(c->reader, &entry);
	if (entry.detail > 0)
		TakeTransactions(c, &entry, node, debit);
	ArenaRewind(c->reader->request->scratch);
}

/* One Rpt, Stmt or Ntfctn. */
static void
TakeStatement(Camt *c, uint32_t node)
{
	StatementReader *reader = c->reader;

	ReaderBegin(reader, Line(c, node));
	TakeHead(c, node);
	for (uint32_t b = IsoChild(&c->finder, node, ClexCamtNames.balance);
		 b != 0 && ReaderGoesOn(reader); b = IsoNext(&c->finder, b, ClexCamtNames.balance))
		TakeBalance(c, b);
	for (uint32_t e = IsoChild(&c->finder, node, ClexCamtNames.entry);
		 e != 0 && ReaderGoesOn(reader); e = IsoNext(&c->finder, e, ClexCamtNames.entry))
		TakeEntry(c, e);
	ReaderCheckSum(reader, PROBLEM_WARNING, Line(c, node), NULL);
	/* a form that was never filled in has amounts, and none that can be read */
	ReaderEnd(reader, reader->amounts > 0 ||
						  (reader->statement.account.data != NULL &&
						   reader->statement.balances == 0 && reader->statement.entries == 0));
	ArenaRewind(reader->request->scratch);
}

static void
TakeDeviation(void *state, IsoDeviation what, uint32_t node, const char *place, Span found,
			  const char *expected)
{
	static const char *const codes[] = {
		[ISO_ELEMENT_UNEXPECTED] = "STATEMENT-ELEMENT",
		[ISO_ELEMENT_MISSING] = "STATEMENT-ELEMENT-MISSING",
		[ISO_VALUE_ILLEGAL] = "STATEMENT-VALUE",
		[ISO_TEXT_BETWEEN] = "STATEMENT-TEXT",
	};
	Camt *c = state;

	ReaderProblem(c->reader, codes[what], PROBLEM_ERROR, Line(c, node), place, found, expected);
}

static bool
CheckGoesOn(void *state)
{
	return ReaderGoesOn(((Camt *) state)->reader);
}

/* Check the message against the tables of its version, if there are any. */
static void
CheckMessage(Camt *c, Span namespace, uint32_t message)
{
	const IsoRoot *root = IsoRootOf(namespace);

	if (root == NULL)
		ReaderProblem(c->reader, "STATEMENT-VERSION", PROBLEM_INFORMATION, 1, NULL, namespace,
					  NULL);
	else if (IsoNameOf(&c->names, message) != root->name)
		ReaderProblem(c->reader, "STATEMENT-ELEMENT", PROBLEM_ERROR, Line(c, message), NULL,
					  TreeName(&c->tree, message), ClexIsoNames[root->name].data);
	else
		IsoCheck(&(IsoSink){.deviates = TakeDeviation,
							.goes_on = CheckGoesOn,
							.state = c,
							.scratch = c->reader->request->scratch},
				 &c->names, message, root->type);
}

void
ReadCamt(StatementReader *reader)
{
	const StatementRequest *request = reader->request;
	Camt c = {.reader = reader};
	XmlInfo info;
	Span namespace;
	uint32_t message = 2;

	reader->status = XmlParse(request->parser, request->content, request->limits, request->arena,
							  &c.tree, &info, reader->error);
	if (reader->status != CLEX_OK)
		return;
	namespace = IsoRootNamespace(&c.tree);
	if (!IsoNamesOf(&c.tree, namespace, request->arena, &c.names))
	{
		ReaderOutOfMemory(reader);
		return;
	}
	c.finder = (IsoFinder){.tree = &c.tree,
						   .names = &c.names,
						   .scratch = request->scratch,
						   .found = c.found,
						   .where = c.where,
						   .texts = CAMT_TEXTS};
	while (message < TreeCount(&c.tree) && TreeIsAttribute(&c.tree, message))
		message++;
	if (message >= TreeCount(&c.tree))
		return;
	CheckMessage(&c, namespace, message);
	for (int kind = 0; kind < 3; kind++)
		for (uint32_t s = IsoChild(&c.finder, message, ClexCamtNames.statement[kind]);
			 s != 0 && ReaderGoesOn(reader);
			 s = IsoNext(&c.finder, s, ClexCamtNames.statement[kind]))
			TakeStatement(&c, s);
}
