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

#include "core/xml/xml_read.h"
#include "glue/check.h"
#include "glue/compat.h"
#include "glue/document.h"
#include "glue/limits.h"
#include "glue/report.h"

#define MAX_COMPILED 64

/* UBL documents that are not invoices: orders, despatch advices, reminders ... */
#define SYNTAX_UBL_OTHER "ubl-other"

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
	switch (TreeAt(tree, 1)->name)
	{
		case NAME_ubl_Invoice:
		case NAME_cn_CreditNote:
			return "ubl";
		case NAME_rsm_CrossIndustryInvoice:
			return "cii";
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
			return NULL;
	}
}

/* Running out of memory and being canceled are the session's business, all else the document's. */
static void
RaiseUnlessDocuments(const ClexError *error)
{
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
		subject->syntax = "terms";
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

static void
SubjectFromXml(Subject *subject, Span content)
{
	Workspace *workspace = subject->workspace;
	XmlInfo info;
	ClexStatus status;

	subject->tree = ArenaAllocZero(&workspace->permanent, sizeof(Tree));
	if (subject->tree == NULL)
		status = ClexFail(&subject->error, CLEX_NO_MEMORY, "out of memory");
	else
		status = XmlParse(workspace->parser, content, CurrentXmlLimits(), &workspace->permanent,
						  subject->tree, &info, &subject->error);
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
SubjectFromContent(Subject *subject, Span content)
{
	memset(subject, 0, sizeof(*subject));
	subject->workspace = WorkspaceOpen();
	if (content.length > CurrentXmlLimits()->max_bytes)
	{
		ClexFail(&subject->error, CLEX_LIMIT,
				 "the document has %zu bytes, more than the limit of %zu", content.length,
				 CurrentXmlLimits()->max_bytes);
		ClexHint(&subject->error, "Raise clex.max_document_size if such documents are expected.");
	}
	else if (LooksLikeJson(content))
		SubjectFromJson(subject, content);
	else
		SubjectFromXml(subject, content);
}

static void
RaiseUnknownSet(Span name)
{
	StringInfoData known;

	initStringInfo(&known);
	for (uint32_t i = 0, first; i < ClexRuleLayerCount; i++)
	{
		for (first = 0; strcmp(ClexRuleLayers[i].set, ClexRuleLayers[first].set) != 0;)
			first++;
		if (first == i)
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
AddMissing(CheckPlan *plan, const text *name)
{
	char *set = text_to_cstring(name);

	for (uint32_t i = 0; i < plan->missing_count; i++)
		if (strcmp(plan->missing[i], set) == 0)
			return;
	plan->missing[plan->missing_count++] = set;
}

CheckPlan
PlanCheck(const Subject *subject, ArrayType *rulesets, int32_t as_of)
{
	CheckPlan plan = {0};
	Datum *names;
	bool *nulls;
	int count;
	Datum fallback = PointerGetDatum(NULL);

	if (rulesets == NULL)
	{
		/* EN 16931 is about invoices; what other documents must obey is their schema */
		fallback = CStringGetTextDatum(
			subject->syntax != NULL && strcmp(subject->syntax, SYNTAX_UBL_OTHER) == 0 ? "structure"
																					  : "en16931");
		names = &fallback;
		nulls = NULL;
		count = 1;
	}
	else
		deconstruct_array(rulesets, TEXTOID, -1, false, TYPALIGN_INT, &names, &nulls, &count);
	plan.sets = palloc0((count + 1) * sizeof(RuleSet *));
	plan.missing = palloc0((count + 1) * sizeof(char *));
	for (int i = 0; i < count; i++)
	{
		text *name;
		Span span;
		const RuleLayerFact *layer;

		if (nulls != NULL && nulls[i])
			continue;
		name = DatumGetTextPP(names[i]);
		span = SpanOf(VARDATA_ANY(name), VARSIZE_ANY_EXHDR(name));
		if (!RuleSetExists(span))
			RaiseUnknownSet(span);
		if (subject->syntax == NULL)
			continue;
		layer = RuleLayerFind(span, SpanFromCString(subject->syntax), as_of);
		if (layer == NULL)
			AddMissing(&plan, name);
		else
			AddSet(&plan, CompiledSet(layer));
	}
	return plan;
}
