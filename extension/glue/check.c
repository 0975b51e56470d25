/*
 * check.c
 *		Checking a document from SQL: which rule sets apply, and running them.
 *
 * Rule sets are compiled when a backend first needs them and kept until it ends.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/builtins.h"

#include "core/codec/edi_codec.h"
#include "core/codec/gobl_json.h"
#include "core/codec/json_codec.h"
#include "core/codec/read.h"
#include "core/codec/syntax.h"
#include "core/model/terms.h"
#include "core/rules/profile.h"
#include "core/xml/xml_read.h"
#include "glue/check.h"
#include "glue/compat.h"
#include "glue/document.h"
#include "glue/limits.h"
#include "glue/report.h"

#define MAX_COMPILED 64

/* UBL documents that are not invoices: orders, despatch advices, reminders ... */
#define SYNTAX_UBL_OTHER "ubl-other"

/* orders, their changes and responses in Order-X */
#define SYNTAX_ORDERX "orderx"

/* lifecycle messages */
#define SYNTAX_CDAR "cdar"

#define SYNTAX_TERMS "terms"

/* semantic documents that are not invoices */
#define SYNTAX_TERMS_OTHER "terms-other"

/* EDIFACT and X12 messages that have no terms: their structure is all there is to check */
#define SYNTAX_EDI "edi"

#define SET_STRUCTURE "structure"

/* rule sets of one document, when chosen by the document */
#define MAX_CHOSEN 16

static const RuleSet *compiled[MAX_COMPILED];
static int compiled_count = 0;

/* The compiled form of a layer; compiled now if this backend has not yet. */
static const RuleSet *
CompiledSet(const RuleLayerFact *layer)
{
	RuleSet *set;
	ClexError error;

	for (int i = 0; i < compiled_count; i++)
		if (RuleSetLayer(compiled[i]) == layer)
			return compiled[i];
	if (RuleSetCompile(layer, BackendArena(), &set, &error) != CLEX_OK)
		ReportError(&error);
	if (compiled_count < MAX_COMPILED)
		compiled[compiled_count++] = set;
	return set;
}

/* The syntax of a source tree by its root element, NULL if it is none we have rules for. */
static const char *
SourceSyntax(const Tree *tree)
{
	SyntaxFacts facts;

	switch (TreeAt(tree, 1)->name)
	{
		case NAME_ubl_Invoice:
		case NAME_cn_CreditNote:
			return "ubl";
		case NAME_rsm_CrossIndustryInvoice:
			return "cii";
		case NAME_cio_SCRDMCCBDACIOMessageStructure:
			return SYNTAX_ORDERX;
		case NAME_INVOIC02:
		case NAME_ORDERS05:
			return "idoc";
		case NAME_gobl:
			return GoblFacts(tree, &facts) ? "gobl" : NULL;
		case NAME_cXML:
			return "cxml";
		case NAME_cdar_CrossDomainAcknowledgementAndResponse:
			return SYNTAX_CDAR;
		case NAME_ord_Order:
		case NAME_ordrsp_OrderResponse:
		case NAME_ordrsps_OrderResponseSimple:
		case NAME_ordchg_OrderChange:
		case NAME_ordcan_OrderCancellation:
		case NAME_desadv_DespatchAdvice:
		case NAME_recadv_ReceiptAdvice:
		case NAME_apprsp_ApplicationResponse:
		case NAME_remadv_RemittanceAdvice:
		case NAME_stmt_Statement:
		case NAME_rem_Reminder:
			return SYNTAX_UBL_OTHER;
		default:
			return FatturapaFacts(tree, 0, &facts) ? "fatturapa" : NULL;
	}
}

void
RaiseUnlessDocuments(ClexError *error)
{
	ExplainLimit(error);
	if (error->status == CLEX_NO_MEMORY || error->status == CLEX_INTERRUPTED)
		ReportError(error);
}

static bool
LooksLikeJson(Span content)
{
	while (content.length > 0 && IsXmlSpace(content.data[0]))
		content = SpanOf(content.data + 1, content.length - 1);
	return content.length > 0 && content.data[0] == '{';
}

static bool
IsInvoice(const DocumentView *view)
{
	return view->kind == DOCUMENT_INVOICE || view->kind == DOCUMENT_CREDIT_NOTE;
}

/* The tree of an open document. */
static void
SubjectFromView(Subject *subject, const DocumentView *view)
{
	Arena *arena = &subject->workspace->permanent;

	subject->tree = ArenaAllocZero(arena, sizeof(Tree));
	if (subject->tree == NULL)
		ClexFail(&subject->error, CLEX_NO_MEMORY, "out of memory");
	else if (DocumentToTree(view, arena, subject->tree, &subject->error) == CLEX_OK)
	{
		subject->syntax = IsInvoice(view) ? SYNTAX_TERMS : SYNTAX_TERMS_OTHER;
		return;
	}
	ReportError(&subject->error);
}

void
SubjectFromDocument(Subject *subject, Datum document)
{
	DocumentView view;

	memset(subject, 0, sizeof(*subject));
	DocumentFromDatum(document, &view);
	subject->workspace = WorkspaceOpen();
	SubjectFromView(subject, &view);
}

static void
SubjectFromJson(Subject *subject, Span content)
{
	DocumentView view;
	Span image;

	if (DocumentFromJson(content, &subject->workspace->permanent, &image, &subject->error) ==
			CLEX_OK &&
		DocumentOpen(image, &view, &subject->error) == CLEX_OK)
		SubjectFromView(subject, &view);
	else
		RaiseUnlessDocuments(&subject->error);
}

/* The documents of an interchange as they are read. */
typedef struct MessageTrees
{
	Subject *subject;
	Vector trees; /* Tree * */
} MessageTrees;

/* Rule sets are for invoices: of other messages the structure of the interchange is all there is to check. */
static bool
TakeMessage(void *state, const EdiReader *reader, Span image)
{
	MessageTrees *messages = state;
	DocumentView view;
	Tree **slot;

	(void) reader;
	CHECK_FOR_INTERRUPTS();
	if (DocumentOpen(image, &view, &messages->subject->error) != CLEX_OK)
		ReportError(&messages->subject->error);
	if (!IsInvoice(&view))
		return true;
	slot = VectorPush(&messages->trees);
	if (slot == NULL)
	{
		ClexFail(&messages->subject->error, CLEX_NO_MEMORY, "out of memory");
		return false;
	}
	SubjectFromView(messages->subject, &view);
	*slot = messages->subject->tree;
	return true;
}

static void
SetInterchange(Subject *subject, Span content)
{
	Detected detected;

	subject->interchange = content;
	subject->format = "edifact";
	if (DetectFormat(content, &subject->workspace->permanent, &detected) == CLEX_OK &&
		SpanEqualCString(detected.format, "x12"))
		subject->format = "x12";
}

/* All messages that have terms; the others are checked as a part of the interchange. */
static void
SubjectFromInterchange(Subject *subject, Span content)
{
	Workspace *workspace = subject->workspace;
	ReadRequest request = {.content = content, .limits = CurrentXmlLimits()};
	MessageTrees messages = {.subject = subject};

	VectorInit(&messages.trees, &workspace->permanent, sizeof(Tree *));
	if (EdiReadEach(&request, &workspace->permanent, &workspace->scratch, true, TakeMessage,
					&messages, &subject->error) != CLEX_OK ||
		subject->error.status == CLEX_NO_MEMORY)
	{
		RaiseUnlessDocuments(&subject->error);
		subject->syntax = NULL;
		return;
	}
	SetInterchange(subject, content);
	if (subject->syntax == NULL)
		subject->syntax = SYNTAX_EDI;
	if (messages.trees.count > 1)
	{
		subject->messages = (Tree **) (void *) messages.trees.data;
		subject->message_count = messages.trees.count;
	}
}

/* XML, or what becomes a tree of the same kind. */
static void
SubjectFromSource(Subject *subject, Span content, SourceForm form)
{
	Workspace *workspace = subject->workspace;
	ReadRequest request = {.content = content,
						   .limits = CurrentXmlLimits(),
						   .parser = workspace->parser};
	XmlInfo info;
	ClexStatus status;

	subject->tree = ArenaAllocZero(&workspace->permanent, sizeof(Tree));
	if (subject->tree == NULL)
		status = ClexFail(&subject->error, CLEX_NO_MEMORY, "out of memory");
	else
		status = SourceParse(&request, form, &workspace->permanent, subject->tree, &info,
							 &subject->error);
	if (status != CLEX_OK)
	{
		RaiseUnlessDocuments(&subject->error);
		return;
	}
	subject->syntax = SourceSyntax(subject->tree);
	if (subject->syntax == NULL)
	{
		Span root = SpanCut(TreeName(subject->tree, 1), 100);

		ClexFail(&subject->error, CLEX_UNSUPPORTED,
				 "no rule set is for documents with root element %.*s", (int) root.length,
				 root.data);
	}
}

void
SubjectRead(Subject *subject, Span content, Span sha256, Span *image)
{
	Workspace *workspace;
	ReadRequest request = {.content = content, .sha256 = sha256, .limits = CurrentXmlLimits()};

	memset(subject, 0, sizeof(*subject));
	subject->workspace = workspace = WorkspaceOpen();
	request.parser = workspace->parser;
	subject->tree = ArenaAllocZero(&workspace->permanent, sizeof(Tree));
	if (subject->tree == NULL)
		ClexFail(&subject->error, CLEX_NO_MEMORY, "out of memory");
	else if (ReadDocument(&request, &workspace->permanent, subject->tree, image, &subject->error) ==
			 CLEX_OK)
	{
		DocumentView view;

		if (!LooksLikeEdi(content) && !IsOwnJson(content))
			subject->syntax = SourceSyntax(subject->tree);
		else if (DocumentOpen(*image, &view, &subject->error) == CLEX_OK)
		{
			SubjectFromView(subject, &view);
			if (LooksLikeEdi(content))
				SetInterchange(subject, content);
		}
		return;
	}
	else if (subject->error.status == CLEX_UNSUPPORTED && TreeCount(subject->tree) > 1 &&
			 TreeAt(subject->tree, 1)->name == NAME_cdar_CrossDomainAcknowledgementAndResponse)
	{
		/* it has no terms, but its bytes are kept and judged as those of an invoice */
		memset(&subject->error, 0, sizeof(subject->error));
		subject->syntax = SYNTAX_CDAR;
		*image = SpanOf(NULL, 0);
		return;
	}
	RaiseUnlessDocuments(&subject->error);
}

void
SubjectFromContent(Subject *subject, Span content)
{
	SourceForm form;

	memset(subject, 0, sizeof(*subject));
	subject->workspace = WorkspaceOpen();
	form = SourceFormOf(content, &subject->workspace->permanent);
	if (content.length > CurrentXmlLimits()->max_bytes)
	{
		ClexFail(&subject->error, CLEX_LIMIT,
				 "the document has %zu bytes, more than the limit of %zu", content.length,
				 CurrentXmlLimits()->max_bytes);
		ClexHint(&subject->error, "Raise clex.max_document_size if such documents are expected.");
	}
	else if (LooksLikeEdi(content))
		SubjectFromInterchange(subject, content);
	else if (form == SOURCE_XML && LooksLikeJson(content))
		SubjectFromJson(subject, content);
	else
		SubjectFromSource(subject, content, form);
}

static void
RaiseUnknownSet(Span name)
{
	StringInfoData known;

	initStringInfo(&known);
	for (uint32_t i = 0; i < ClexRuleLayerCount; i++)
	{
		uint32_t j = 0;

		while (strcmp(ClexRuleLayers[j].set, ClexRuleLayers[i].set) != 0)
			j++;
		if (j == i)
			appendStringInfo(&known, "%s%s", known.len > 0 ? ", " : "", ClexRuleLayers[i].set);
	}
	ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					errmsg("unknown rule set \"%.*s\"",
						   pg_mbcliplen(name.data, (int) name.length, 100), name.data),
					errhint("Rule sets are: %s.", known.data)));
}

/* A set that is named twice runs once. */
static void
AddSet(CheckPlan *plan, const RuleSet *set)
{
	for (uint32_t i = 0; i < plan->count; i++)
		if (plan->sets[i] == set)
			return;
	plan->sets[plan->count++] = set;
}

static void
AddMissing(CheckPlan *plan, Span name)
{
	char *set = pnstrdup(name.data, name.length);

	for (uint32_t i = 0; i < plan->missing_count; i++)
		if (strcmp(plan->missing[i], set) == 0)
			return;
	plan->missing[plan->missing_count++] = set;
}

/* The profile of a document (BT-24), NULL data if it has none. */
static Span
SubjectProfile(const Subject *subject)
{
	uint32_t node;

	if (subject->syntax == NULL || strcmp(subject->syntax, SYNTAX_EDI) == 0)
		return SpanOf(NULL, 0);
	if (strncmp(subject->syntax, SYNTAX_TERMS, strlen(SYNTAX_TERMS)) != 0)
		return SourceProfile(subject->tree);
	node = TreeFirstNamed(subject->tree, TERM_BT_24);
	return node == 0 ? SpanOf(NULL, 0) : TreeText(subject->tree, node);
}

/* A source that has a schema, but is no invoice. */
static bool
IsOtherSource(const char *syntax)
{
	return strcmp(syntax, SYNTAX_UBL_OTHER) == 0 || strcmp(syntax, SYNTAX_ORDERX) == 0;
}

static bool
IsInvoiceSource(const Subject *subject)
{
	return strcmp(subject->syntax, SYNTAX_TERMS) != 0 &&
		   strcmp(subject->syntax, SYNTAX_TERMS_OTHER) != 0 && !IsOtherSource(subject->syntax) &&
		   strcmp(subject->syntax, SYNTAX_CDAR) != 0 && strcmp(subject->syntax, SYNTAX_EDI) != 0;
}

/* The layer of a set for a document, NULL if there is none; sets for any format look at terms. */
static const RuleLayerFact *
LayerFor(const Subject *subject, Span set, int32_t as_of)
{
	Span profile = SubjectProfile(subject);
	const RuleLayerFact *layer =
		RuleLayerForProfile(set, SpanFromCString(subject->syntax), profile, as_of);

	if (layer == NULL && IsInvoiceSource(subject))
		layer = RuleLayerForProfile(set, SPAN_LITERAL(SYNTAX_TERMS), profile, as_of);
	return layer;
}

Tree *
SubjectTree(const Subject *subject, const RuleLayerFact *layer)
{
	return strcmp(layer->syntax, SYNTAX_TERMS) == 0 && strcmp(subject->syntax, SYNTAX_TERMS) != 0
			   ? subject->terms
			   : subject->tree;
}

/* Make the terms of a document with a source; one that cannot be read becomes an unreadable subject. */
static void
MakeTerms(Subject *subject)
{
	Arena *arena = &subject->workspace->permanent;
	DocumentView view;
	Span image;

	subject->terms = ArenaAllocZero(arena, sizeof(Tree));
	if (subject->terms == NULL)
		ClexFail(&subject->error, CLEX_NO_MEMORY, "out of memory");
	else if (ReadTree(subject->tree, arena, &image, &subject->error) == CLEX_OK &&
			 DocumentOpen(image, &view, &subject->error) == CLEX_OK &&
			 DocumentToTree(&view, arena, subject->terms, &subject->error) == CLEX_OK)
		return;
	RaiseUnlessDocuments(&subject->error);
	subject->syntax = NULL;
}

/* Add a set to the plan. */
static void
PlanSet(CheckPlan *plan, Subject *subject, Span name, int32_t as_of)
{
	const RuleLayerFact *layer;

	if (!RuleSetExists(name))
		RaiseUnknownSet(name);
	if (subject->syntax == NULL)
		return;
	if (subject->interchange.length > 0 && SpanEqualCString(name, SET_STRUCTURE))
	{
		plan->interchange = true;
		return;
	}
	layer = LayerFor(subject, name, as_of);
	if (layer != NULL)
	{
		if (subject->terms == NULL && SubjectTree(subject, layer) == NULL)
			MakeTerms(subject);
		AddSet(plan, CompiledSet(layer));
	}
	else
		AddMissing(plan, name);
}

/*
 * The sets that a document is checked with when nobody says which: en16931 for invoices, as what other
 * documents must obey is their schema, for lifecycle messages the French rules too, whatever profile
 * they name, for interchanges their structure, and what the profile asks for as far as there are rules for the syntax.  Some of those stand in place of others.
 */
static void
PlanByProfile(CheckPlan *plan, Subject *subject, int32_t as_of)
{
	const char *sets[1 + MAX_CHOSEN];
	const ProfileFact *rows[MAX_CHOSEN];
	uint32_t count;

	if (subject->syntax == NULL)
		return;
	plan->interchange = subject->interchange.length > 0;
	if (strcmp(subject->syntax, SYNTAX_TERMS_OTHER) == 0)
		return;
	if (IsOtherSource(subject->syntax) || strcmp(subject->syntax, SYNTAX_EDI) == 0)
	{
		sets[0] = SET_STRUCTURE;
		count = 0;
	}
	else if (strcmp(subject->syntax, SYNTAX_CDAR) == 0)
	{
		PlanSet(plan, subject, SPAN_LITERAL(SET_STRUCTURE), as_of);
		sets[0] = "fr-cdar";
		count = 0;
	}
	else
	{
		sets[0] = "en16931";
		count = ProfileRows(SubjectProfile(subject), rows, MAX_CHOSEN);
	}
	for (uint32_t i = 0; i < count; i++)
	{
		sets[i + 1] = rows[i]->set;
		if (LayerFor(subject, SpanFromCString(rows[i]->set), as_of) == NULL)
			sets[i + 1] = NULL;
		else if (rows[i]->replaces != NULL)
			for (uint32_t j = 0; j <= i; j++)
				if (sets[j] != NULL && strcmp(sets[j], rows[i]->replaces) == 0)
					sets[j] = NULL;
	}
	for (uint32_t i = 0; i <= count; i++)
		if (sets[i] != NULL)
			PlanSet(plan, subject, SpanFromCString(sets[i]), as_of);
}

CheckPlan
PlanCheck(Subject *subject, ArrayType *rulesets, int32_t as_of)
{
	CheckPlan plan = {0};
	Datum *names = NULL;
	bool *nulls = NULL;
	int count = 1 + MAX_CHOSEN;

	if (rulesets != NULL)
		deconstruct_array(rulesets, TEXTOID, -1, false, TYPALIGN_INT, &names, &nulls, &count);
	plan.sets = palloc0((count + 1) * sizeof(RuleSet *));
	plan.missing = palloc0((count + 1) * sizeof(char *));
	if (rulesets == NULL)
		PlanByProfile(&plan, subject, as_of);
	for (int i = 0; rulesets != NULL && i < count; i++)
		if (!nulls[i])
		{
			text *name = DatumGetTextPP(names[i]);

			PlanSet(&plan, subject, SpanOf(VARDATA_ANY(name), VARSIZE_ANY_EXHDR(name)), as_of);
		}
	return plan;
}
