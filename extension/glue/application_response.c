/*
 * application_response.c
 *		The acknowledgement of a UBL document: an ApplicationResponse made of the findings of structure.
 *
 * It says AB, received, of what obeys its schema, as nobody has looked at the content yet, and RE of the
 * rest, with a line for each finding.  Who answers is who receives such a document.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/array.h"
#include "utils/builtins.h"

#include "core/base/date.h"
#include "core/codec/codec.h"
#include "glue/application_response.h"
#include "glue/compat.h"
#include "glue/document.h"
#include "glue/finding_rows.h"
#include "glue/report.h"
#include "glue/workspace.h"

/* What an answer repeats of a document, by its kind. */
typedef struct Answered
{
	TermId number;
	TermId date;
	TermId type;
	const char *type_code; /* UNTDID 1001, where the document does not say it */
	bool by_buyer;		   /* the buyer's side answers */
	bool goods;			   /* the sides are who despatches the goods and who gets them */
} Answered;

static const Answered answered[] = {
	[DOCUMENT_INVOICE] = {TERM_BT_1, TERM_BT_2, TERM_BT_3, "380", true, false},
	[DOCUMENT_CREDIT_NOTE] = {TERM_BT_1, TERM_BT_2, TERM_BT_3, "381", true, false},
	[DOCUMENT_ORDER] = {TERM_O_1, TERM_O_2, TERM_O_3, "220", false, false},
	[DOCUMENT_ORDER_RESPONSE] = {TERM_O_5, TERM_O_50, TERM_NONE, "231", true, false},
	[DOCUMENT_ORDER_CHANGE] = {TERM_C_1, TERM_C_3, TERM_C_7, "230", false, false},
	[DOCUMENT_DESPATCH_ADVICE] = {TERM_D_1, TERM_D_2, TERM_D_4, "351", true, true},
	[DOCUMENT_RECEIPT_ADVICE] = {TERM_G_1, TERM_G_2, TERM_G_3, "632", false, true},
	[DOCUMENT_REMITTANCE_ADVICE] = {TERM_R_1, TERM_R_2, TERM_R_3, "481", false, false},
};

/* Terms of a party: in the document, and as sender and receiver of the answer. */
typedef struct PartyTerms
{
	TermId name;
	TermId identifier;
	TermId identifier_scheme;
	TermId address;
	TermId address_scheme;
} PartyTerms;

static const PartyTerms seller_terms = {TERM_BT_27, TERM_BT_29, TERM_BT_29_1, TERM_BT_34,
										TERM_BT_34_1};
static const PartyTerms buyer_terms = {TERM_BT_44, TERM_BT_46, TERM_BT_46_1, TERM_BT_49,
									   TERM_BT_49_1};
static const PartyTerms despatch_terms = {TERM_D_15, TERM_D_16, TERM_D_16_1, TERM_D_60,
										  TERM_D_60_1};
static const PartyTerms delivery_terms = {TERM_BT_70, TERM_BT_71, TERM_BT_71_1, TERM_O_87,
										  TERM_O_87_1};
static const PartyTerms sender_terms = {TERM_A_25, TERM_A_3, TERM_A_3_1, TERM_A_24, TERM_A_24_1};
static const PartyTerms receiver_terms = {TERM_A_28, TERM_A_4, TERM_A_4_1, TERM_A_27, TERM_A_27_1};

/* An answer being made. */
typedef struct Answer
{
	DocumentBuilder *builder;
	const DocumentView *document; /* that is answered */
	const EdiAckOptions *options;
	uint32_t response; /* node of AG-3 */
	bool refused;
} Answer;

/* Where a term stands in the document that is answered, 0 if nowhere. */
static uint32_t
Find(const Answer *answer, TermId term)
{
	uint32_t node = 0;

	if (term != TERM_NONE &&
		ViewResolve(answer->document, ClexTerms[term].id, &node, NULL) != CLEX_OK)
		return 0;
	return node;
}

/* A term, unless its value is empty; returns the node. */
static uint32_t
Put(Answer *answer, uint32_t parent, TermId term, Span value)
{
	return value.length == 0 ? 0 : DocumentAdd(answer->builder, parent, term, value, 0);
}

/* The value of a term of the document, empty if it has none. */
static Span
Value(const Answer *answer, TermId term)
{
	uint32_t node = Find(answer, term);

	return node == 0 ? SpanOf("", 0) : ViewNode(answer->document, node).value;
}

static Span
ValueOr(const Answer *answer, TermId term, const char *otherwise)
{
	Span value = Value(answer, term);

	return value.length > 0 ? value : SpanFromCString(otherwise);
}

/* A value and the scheme it has, if it has one. */
static void
PutIdentifier(Answer *answer, uint32_t group, TermId to, TermId to_scheme, TermId from,
			  TermId from_scheme)
{
	uint32_t source = Find(answer, from);
	uint32_t node = Put(answer, group, to, Value(answer, from));
	uint32_t count;
	uint32_t scheme;

	if (node == 0)
		return;
	scheme = ViewFind(answer->document, source, from_scheme, &count);
	if (scheme != 0)
		Put(answer, node, to_scheme, ViewNode(answer->document, scheme).value);
}

static void
PutParty(Answer *answer, TermId group, const PartyTerms *to, const PartyTerms *from)
{
	uint32_t node = DocumentAdd(answer->builder, 0, group, SpanOf("", 0), 0);

	PutIdentifier(answer, node, to->address, to->address_scheme, from->address,
				  from->address_scheme);
	PutIdentifier(answer, node, to->identifier, to->identifier_scheme, from->identifier,
				  from->identifier_scheme);
	Put(answer, node, to->name, Value(answer, from->name));
}

/* The head: what is not given is the document's own, so the same content has the same answer. */
static void
PutHead(Answer *answer, const Answered *about)
{
	const EdiAckOptions *options = answer->options;
	uint32_t group = DocumentAdd(answer->builder, 0, TERM_AG_0, SpanOf("", 0), 0);
	char iso[DATE_TEXT];
	char clock[9];
	int32_t day;
	Span date = Value(answer, about->date);

	if (options->date.length > 0 && DateParseCompact(options->date, &day) == CLEX_OK)
		date = DateFormat(day, iso);
	Put(answer, group, TERM_A_1,
		options->reference.length > 0 ? options->reference : Value(answer, about->number));
	Put(answer, group, TERM_A_2, date);
	if (options->time.length == 4)
	{
		snprintf(clock, sizeof(clock), "%.2s:%.2s:00", options->time.data, options->time.data + 2);
		Put(answer, group, TERM_A_23, SpanOf(clock, 8));
	}
}

static Span
DatumSpan(Datum value)
{
	text *t = DatumGetTextPP(value);

	return SpanOf(VARDATA_ANY(t), VARSIZE_ANY_EXHDR(t));
}

/* A finding is a line of the answer: where it is, which rule, in words. */
static void
PutFinding(void *state, Datum *values, bool *nulls)
{
	Answer *answer = state;
	bool fatal = strcmp(TextDatumGetCString(values[COLUMN_SEVERITY]), "fatal") == 0;
	uint32_t line = DocumentAdd(answer->builder, answer->response, TERM_AG_6, SpanOf("", 0), 0);

	answer->refused |= fatal || answer->options->strict;
	if (!nulls[COLUMN_LOCATION])
		Put(answer, line, TERM_A_16, DatumSpan(values[COLUMN_LOCATION]));
	Put(answer, line, TERM_A_21, DatumSpan(values[COLUMN_MESSAGE]));
	Put(answer, line, TERM_A_18, DatumSpan(values[COLUMN_RULE]));
}

/* Check the document by its schema, each finding into the answer. */
static void
PutFindings(Answer *answer, Subject *subject)
{
	Datum name = CStringGetTextDatum("structure");
	ArrayType *sets = construct_array(&name, 1, TEXTOID, -1, false, TYPALIGN_INT);
	FindingRows rows = {.subject = subject, .put = PutFinding, .state = answer};
	CheckPlan plan = PlanCheck(subject, sets, 0);
	RuleVerdict verdict;
	ClexError error = {0};

	if (!MessageLanguageFind(SPAN_LITERAL("en"), &rows.language) ||
		RunChecks(subject, &plan, &rows, &verdict, &error) != CLEX_OK)
		ReportError(&error);
}

/* The answer as a document. */
static Span
MakeAnswer(Answer *answer, Subject *subject, Arena *arena)
{
	const Answered *about = &answered[answer->document->kind];
	const PartyTerms *seller = about->goods ? &despatch_terms : &seller_terms;
	const PartyTerms *buyer = about->goods ? &delivery_terms : &buyer_terms;
	ClexError error = {0};
	Span image;

	answer->builder = DocumentBegin(arena, DOCUMENT_APPLICATION_RESPONSE, SPAN_LITERAL("ubl"));
	if (answer->builder == NULL)
		ereport(ERROR, (errcode(ERRCODE_OUT_OF_MEMORY), errmsg("out of memory")));
	PutHead(answer, about);
	PutParty(answer, TERM_AG_1, &sender_terms, about->by_buyer ? buyer : seller);
	PutParty(answer, TERM_AG_2, &receiver_terms, about->by_buyer ? seller : buyer);
	answer->response = DocumentAdd(answer->builder, 0, TERM_AG_3, SpanOf("", 0), 0);
	Put(answer, answer->response, TERM_A_5, Value(answer, about->number));
	Put(answer, answer->response, TERM_A_30, Value(answer, about->date));
	Put(answer, answer->response, TERM_A_6, ValueOr(answer, about->type, about->type_code));
	PutFindings(answer, subject);
	Put(answer, answer->response, TERM_A_8, SpanFromCString(answer->refused ? "RE" : "AB"));
	if (DocumentFinish(answer->builder, &image, &error) != CLEX_OK)
		ReportError(&error);
	return image;
}

bytea *
AcknowledgeUbl(Span content, const EdiAckOptions *options)
{
	Answer answer = {.options = options};
	WriteRequest request = {.format = SPAN_LITERAL("ubl")};
	DocumentView document;
	DocumentView view;
	ClexError error = {0};
	bytea *result = NULL;
	Subject subject;
	Span image;
	Span written;

	SubjectRead(&subject, content, SpanOf(NULL, 0), &image);
	if (subject.syntax == NULL)
		ReportError(&subject.error);
	if (DocumentOpen(image, &document, &error) != CLEX_OK)
		ReportError(&error);
	if (!SpanEqualCString(document.format, "ubl"))
		ereport(ERROR, (errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
						errmsg("only EDIFACT, X12 and UBL documents are acknowledged")));
	answer.document = &document;
	if (document.kind != DOCUMENT_APPLICATION_RESPONSE)
	{
		Arena *arena = &subject.workspace->permanent;

		image = MakeAnswer(&answer, &subject, arena);
		request.document = &view;
		if (DocumentOpen(image, &view, &error) != CLEX_OK ||
			CodecWrite(&request, arena, &written, NULL, &error) != CLEX_OK)
			ReportError(&error);
		result = palloc(VARHDRSZ + written.length);
		SET_VARSIZE(result, VARHDRSZ + written.length);
		memcpy(VARDATA(result), written.data, written.length);
	}
	WorkspaceClose(subject.workspace);
	return result;
}
