/*
 * camt_read.c
 *		camt.052 reports, camt.053 statements, camt.054 notifications, all versions.
 *
 * Where a text stands is a table of paths (data/statements/camt_paths.tsv), tried in order: one table reads
 * every version.  Whether the message is what its version allows is another matter, and another table.
 */
#include "core/statement/facts.h"
#include "core/statement/iso_check.h"

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
	Span found[CAMT_TEXTS];		/* texts of the scope being read */
	uint32_t where[CAMT_TEXTS]; /* their nodes */
} Camt;

static uint32_t
Line(const Camt *c, uint32_t node)
{
	return TreeAt(&c->tree, node)->line;
}

/* First child element of that number, or 0. */
static uint32_t
Child(const Camt *c, uint32_t node, uint16_t name)
{
	NameId id = c->names.in_tree[name];

	return id == NAME_NONE ? 0 : TreeChild(&c->tree, node, id);
}

static uint32_t
Next(const Camt *c, uint32_t node, uint16_t name)
{
	return TreeNextNamed(&c->tree, node, c->names.in_tree[name]);
}

/* The node at the end of a path, or 0. */
static uint32_t
Walk(const Camt *c, uint32_t node, const CamtPath *path, int steps)
{
	for (int i = 0; i < steps && (i == 0 || node != 0); i++)
		node = Child(c, node, path->step[i]);
	return node;
}

/* One text after another, `separator` between. */
static Span
Join(Camt *c, Span before, Span text, const char *separator)
{
	Text joined;

	TextInit(&joined, c->reader->request->scratch);
	TextAppendSpan(&joined, before);
	TextAppendSpan(&joined, SpanFromCString(separator));
	TextAppendSpan(&joined, text);
	if (joined.failed)
		ReaderOutOfMemory(c->reader);
	return joined.failed ? before : TextSpan(&joined);
}

/* The texts of all elements at the end of a path, one a line. */
static Span
WalkAll(Camt *c, uint32_t node, const CamtPath *path)
{
	uint32_t parent = Walk(c, node, path, path->steps - 1);
	uint16_t last = path->step[path->steps - 1];
	Text joined;

	TextInit(&joined, c->reader->request->scratch);
	if (parent == 0 && path->steps > 1)
		return SpanOf(NULL, 0);
	for (uint32_t n = Child(c, path->steps > 1 ? parent : node, last); n != 0; n = Next(c, n, last))
	{
		Span text = SpanTrim(TreeText(&c->tree, n));

		if (joined.length > 0 && text.length > 0)
			TextAppendChar(&joined, '\n');
		TextAppendSpan(&joined, text);
	}
	if (joined.failed)
		ReaderOutOfMemory(c->reader);
	return joined.length > 0 && !joined.failed ? TextSpan(&joined) : SpanOf(NULL, 0);
}

/* Fill `found` with the texts of a scope at a node. */
static void
Find(Camt *c, CamtScope scope, uint32_t node, CamtWhen when)
{
	bool joining = false;

	memset(c->found, 0, sizeof(c->found));
	memset(c->where, 0, sizeof(c->where));
	for (uint32_t i = ClexCamtScopes[scope]; i < ClexCamtScopes[scope + 1]; i++)
	{
		const CamtPath *path = &ClexCamtPaths[i];
		Span *found = &c->found[path->text];
		Span text;
		uint32_t at;

		if ((path->when != CAMT_ALWAYS && path->when != when) ||
			(path->joined ? !joining : found->data != NULL))
			continue;
		at = path->all ? 0 : Walk(c, node, path, path->steps);
		text = path->all ? WalkAll(c, node, path)
			   : at != 0 ? SpanTrim(TreeText(&c->tree, at))
						 : SpanOf(NULL, 0);
		joining = text.length > 0;
		if (text.length == 0)
			continue;
		*found = path->joined ? Join(c, *found, text, "-") : text;
		c->where[path->text] = at;
	}
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
	uint32_t node = c->where[CAMT_AMOUNT];
	uint32_t currency;

	if (node == 0)
		return amount;
	amount.known = DecimalParse(c->found[CAMT_AMOUNT], &amount.value) == CLEX_OK;
	if (debit)
		amount.value = DecimalNegate(amount.value);
	currency = TreeChild(&c->tree, node, c->names.currency);
	if (currency != 0 && TreeText(&c->tree, currency).length > 0)
		amount.currency = TreeText(&c->tree, currency);
	return amount;
}

static void
TakeHead(Camt *c, uint32_t node)
{
	Statement *statement = &c->reader->statement;

	Find(c, CAMT_STATEMENT, node, CAMT_ALWAYS);
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

	Find(c, CAMT_BALANCE, node, CAMT_ALWAYS);
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

	for (uint32_t details = Child(c, node, ClexCamtNames.details); details != 0;
		 details = Next(c, details, ClexCamtNames.details))
		for (uint32_t t = Child(c, details, ClexCamtNames.transaction); t != 0;
			 t = Next(c, t, ClexCamtNames.transaction))
			if (count++ == 0)
				*first = t;
	return count;
}

/* One transaction as an entry of its own: what it does not say is as the entry says. */
static void
TakeTransaction(Camt *c, const StatementEntry *entry, uint32_t node, uint32_t number, bool debit)
{
	StatementEntry one = *entry;

	Find(c, CAMT_DETAIL, node, debit ? CAMT_DEBIT : CAMT_CREDIT);
	if (c->found[CAMT_SIGN].data != NULL && SpanEqualCString(c->found[CAMT_SIGN], "DBIT") != debit)
	{
		debit = !debit;
		Find(c, CAMT_DETAIL, node, debit ? CAMT_DEBIT : CAMT_CREDIT);
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

	for (uint32_t details = Child(c, node, ClexCamtNames.details); details != 0;
		 details = Next(c, details, ClexCamtNames.details))
		for (uint32_t t = Child(c, details, ClexCamtNames.transaction); t != 0;
			 t = Next(c, t, ClexCamtNames.transaction))
			TakeTransaction(c, entry, t, ++number, debit);
}

static void
TakeEntry(Camt *c, uint32_t node)
{
	StatementEntry entry = {.number = c->reader->statement.entries + 1, .line = Line(c, node)};
	uint32_t first = 0;
	uint32_t count = CountTransactions(c, node, &first);
	bool debit;

	Find(c, CAMT_ENTRY, node, CAMT_ALWAYS);
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
		Find(c, CAMT_DETAIL, first, debit ? CAMT_DEBIT : CAMT_CREDIT);
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
	for (uint32_t b = Child(c, node, ClexCamtNames.balance); b != 0 && ReaderGoesOn(reader);
		 b = Next(c, b, ClexCamtNames.balance))
		TakeBalance(c, b);
	for (uint32_t e = Child(c, node, ClexCamtNames.entry); e != 0 && ReaderGoesOn(reader);
		 e = Next(c, e, ClexCamtNames.entry))
		TakeEntry(c, e);
	ReaderCheckSum(reader, PROBLEM_WARNING, Line(c, node), NULL);
	/* a form that was never filled in has amounts, and none that can be read */
	ReaderEnd(reader, reader->amounts > 0 ||
						  (reader->statement.account.data != NULL &&
						   reader->statement.balances == 0 && reader->statement.entries == 0));
	ArenaRewind(reader->request->scratch);
}

/* The namespace of the root element, which is written {uri}Document. */
static Span
RootNamespace(const Tree *tree)
{
	Span name = TreeCount(tree) > 1 ? TreeName(tree, 1) : SpanOf(NULL, 0);
	const char *close = name.length > 0 ? memchr(name.data, '}', name.length) : NULL;

	return close != NULL && name.data[0] == '{'
			   ? SpanOf(name.data + 1, (size_t) (close - name.data) - 1)
			   : SpanOf("", 0);
}

static const IsoRoot *
FindRoot(Span namespace)
{
	for (uint32_t i = 0; i < ClexIsoRootCount; i++)
		if (SpanEqual(ClexIsoRoots[i].namespace, namespace))
			return &ClexIsoRoots[i];
	return NULL;
}

/* Check the message against the tables of its version, if there are any. */
static void
CheckMessage(Camt *c, Span namespace, uint32_t message)
{
	const IsoRoot *root = FindRoot(namespace);

	if (root == NULL)
		ReaderProblem(c->reader, "STATEMENT-VERSION", PROBLEM_INFORMATION, 1, NULL, namespace,
					  NULL);
	else if (IsoNameOf(&c->names, message) != root->name)
		ReaderProblem(c->reader, "STATEMENT-ELEMENT", PROBLEM_ERROR, Line(c, message), NULL,
					  TreeName(&c->tree, message), ClexIsoNames[root->name].data);
	else
		IsoCheck(c->reader, &c->names, message, root->type);
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
	namespace = RootNamespace(&c.tree);
	if (!IsoNamesOf(&c.tree, namespace, request->arena, &c.names))
	{
		ReaderOutOfMemory(reader);
		return;
	}
	while (message < TreeCount(&c.tree) && TreeIsAttribute(&c.tree, message))
		message++;
	if (message >= TreeCount(&c.tree))
		return;
	CheckMessage(&c, namespace, message);
	for (int kind = 0; kind < 3; kind++)
		for (uint32_t s = Child(&c, message, ClexCamtNames.statement[kind]);
			 s != 0 && ReaderGoesOn(reader); s = Next(&c, s, ClexCamtNames.statement[kind]))
			TakeStatement(&c, s);
}
