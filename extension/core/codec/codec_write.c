/*
 * codec_write.c
 *		Writing a document in a format: arguments checked, the writer run, its losses told.
 */
#include "core/codec/codec.h"

#include "core/codec/syntax.h"

/* A name given by the caller, for messages. */
#define SHOWN(s) (int) SpanCut((s), 60).length, (s).data

/* Names of a list in a hint: "ubl, cii". */
static void
AppendName(Text *list, const char *name)
{
	TextAppendf(list, "%s%s", list->length > 0 ? ", " : "", name);
}

static const char *
ListText(Text *list)
{
	TextAppendChar(list, '\0');
	return list->failed ? "" : list->data;
}

static ClexStatus
CheckFormat(const WriteRequest *request, Arena *arena, const Codec **codec, ClexError *error)
{
	Text names;

	*codec = CodecFind(request->format);
	if (*codec != NULL && (*codec)->write != NULL)
		return CLEX_OK;
	TextInit(&names, arena);
	for (uint32_t i = 0; i < ClexCodecCount; i++)
		if (ClexCodecs[i].write != NULL)
			AppendName(&names, ClexCodecs[i].name);
	ClexFail(error, CLEX_INVALID, "nothing writes format \"%.*s\"", SHOWN(request->format));
	ClexHint(error, "Formats that are written: %s.", ListText(&names));
	return CLEX_INVALID;
}

/* A variant is one that the table has for the format. */
static ClexStatus
CheckVariant(const Codec *codec, Span variant, bool colon, Arena *arena, ClexError *error)
{
	Text names;

	if (!colon)
		return CLEX_OK;
	TextInit(&names, arena);
	for (uint32_t i = 0; i < ClexCodecVariantCount; i++)
		if (strcmp(ClexCodecVariants[i].format, codec->name) == 0)
		{
			if (SpanEqualCString(variant, ClexCodecVariants[i].name))
				return CLEX_OK;
			AppendName(&names, ClexCodecVariants[i].name);
		}
	ClexFail(error, CLEX_INVALID, "format \"%s\" has no variant \"%.*s\"", codec->name,
			 SHOWN(variant));
	if (names.length > 0)
		ClexHint(error, "Variants of %s: %s.", codec->name, ListText(&names));
	else
		ClexHint(error, "Write \"%s\" alone.", codec->name);
	return CLEX_INVALID;
}

static ClexStatus
CheckOption(const Codec *codec, Span key, Arena *arena, ClexError *error)
{
	Text names;

	TextInit(&names, arena);
	for (const char *const *name = codec->options; name != NULL && *name != NULL; name++)
	{
		if (SpanEqualCString(key, *name))
			return CLEX_OK;
		AppendName(&names, *name);
	}
	ClexFail(error, CLEX_INVALID, "format \"%s\" has no option \"%.*s\"", codec->name, SHOWN(key));
	if (names.length > 0)
		ClexHint(error, "Options of %s: %s; of every format: on_loss.", codec->name,
				 ListText(&names));
	else
		ClexHint(error, "The option of every format is on_loss.");
	return CLEX_INVALID;
}

static ClexStatus
CheckKind(const Codec *codec, unsigned kind, Arena *arena, ClexError *error)
{
	const char *name = DocumentKindName(kind);
	Text names;

	if (kind < 32 && (codec->kinds & KIND_BIT(kind)))
		return CLEX_OK;
	ClexFail(error, CLEX_UNSUPPORTED, "format \"%s\" has no documents of kind %s", codec->name,
			 name == NULL ? "unknown" : name);
	TextInit(&names, arena);
	for (uint32_t i = 0; i < ClexCodecCount && kind < 32; i++)
		if (ClexCodecs[i].write != NULL && (ClexCodecs[i].kinds & KIND_BIT(kind)))
			AppendName(&names, ClexCodecs[i].name);
	if (names.length > 0)
		ClexHint(error, "Formats that have them: %s.", ListText(&names));
	return CLEX_UNSUPPORTED;
}

/* Where a format has invoices, a variant that puts a specification is for these. */
static ClexStatus
CheckVariantKind(const WriteJob *job, ClexError *error)
{
	uint32_t invoices = KIND_BIT(DOCUMENT_INVOICE) | KIND_BIT(DOCUMENT_CREDIT_NOTE);
	unsigned kind = job->document->kind;

	if (((job->codec->kinds & invoices) == 0) || (KIND_BIT(kind) & invoices) != 0)
		return CLEX_OK;
	for (uint32_t i = 0; i < ClexCodecVariantCount; i++)
		if (strcmp(ClexCodecVariants[i].format, job->codec->name) == 0 &&
			SpanEqualCString(job->variant, ClexCodecVariants[i].name) &&
			ClexCodecVariants[i].specification != NULL)
		{
			ClexFail(error, CLEX_UNSUPPORTED,
					 "variant \"%.*s\" of format \"%s\" has no documents of kind %s",
					 SHOWN(job->variant), job->codec->name, DocumentKindName(kind));
			ClexHint(error, "Format %s has them: write \"%s\" without a variant.", job->codec->name,
					 job->codec->name);
			return CLEX_UNSUPPORTED;
		}
	return CLEX_OK;
}

Span
JobOption(const WriteJob *job, const char *key)
{
	for (uint32_t i = 0; i < job->request->option_count; i++)
		if (SpanEqualCString(job->request->options[i].key, key))
			return job->request->options[i].value;
	return SpanOf(NULL, 0);
}

ClexStatus
JobFlag(const WriteJob *job, const char *key, bool *value, ClexError *error)
{
	Span text = JobOption(job, key);

	*value = SpanEqualCString(text, "true");
	if (text.data == NULL || *value || SpanEqualCString(text, "false"))
		return CLEX_OK;
	ClexFail(error, CLEX_INVALID, "option \"%s\" is \"%.*s\"", key, SHOWN(text));
	ClexHint(error, "It is true or false.");
	return CLEX_INVALID;
}

/* A node as a loss, unless it is a group whose children tell. */
static bool
NodeIsLost(const WriteJob *job, uint32_t node)
{
	if (job->fate[node] == FATE_SAID)
		return false;
	return job->children[node] == job->children[node + 1] ||
		   !TermIsGroup(ViewNode(job->document, node).term);
}

/* One row more; false: out of memory. */
static bool
AddLoss(Vector *losses, uint32_t node, uint32_t extra, uint8_t fate)
{
	Loss *loss = VectorPush(losses);

	if (loss != NULL)
		*loss = (Loss){.node = node, .extra = extra, .fate = (WriteFate) fate};
	return loss != NULL;
}

ClexStatus
JobOpen(WriteJob *job, ClexError *error)
{
	const DocumentView *document = job->document;

	job->children = ViewChildIndex(document, job->arena);
	job->fate = ArenaAllocZero(job->arena, (size_t) document->node_count + 1);
	job->filled = ArenaAllocZero(job->arena, (size_t) document->node_count + 1);
	job->extra_fate = ArenaAllocZero(job->arena, (size_t) document->extra_count + 1);
	if (job->children == NULL || job->fate == NULL || job->filled == NULL ||
		job->extra_fate == NULL)
		return ClexFail(error, CLEX_NO_MEMORY, "out of memory writing a document");
	return CLEX_OK;
}

/* A row for what each node and extra lost; of one that also has a placeholder beside it, two. */
ClexStatus
JobLosses(const WriteJob *job, Vector *losses, ClexError *error)
{
	bool good = true;

	VectorInit(losses, job->arena, sizeof(Loss));
	for (uint32_t i = 1; i <= job->document->node_count && good; i++)
	{
		if (NodeIsLost(job, i))
			good = AddLoss(losses, i, 0, job->fate[i]);
		if (job->filled[i])
			good = good && AddLoss(losses, i, 0, FATE_FILLED);
	}
	for (uint32_t i = 0; i < job->document->extra_count && good; i++)
		if (job->extra_fate[i] != FATE_SAID)
			good = AddLoss(losses, 0, i, job->extra_fate[i]);
	return good ? CLEX_OK : ClexFail(error, CLEX_NO_MEMORY, "out of memory");
}

/* A type that would make an invoice of a credit note, or the other way round. */
static void
SayKind(WriteJob *job)
{
	unsigned kind = job->document->kind;

	if (!job->codec->kind_by_type || (kind != DOCUMENT_INVOICE && kind != DOCUMENT_CREDIT_NOTE))
		return;
	for (uint32_t i = 1; i <= job->document->node_count; i++)
	{
		DocumentNode node = ViewNode(job->document, i);

		if (node.term == TERM_BT_3 && job->fate[i] == FATE_SAID &&
			IsCreditNoteCode(node.value) != (kind == DOCUMENT_CREDIT_NOTE))
			job->fate[i] = FATE_AMBIGUOUS;
	}
}

/* All that can be wrong before the writer begins. */
static ClexStatus
CheckRequest(const WriteRequest *request, Arena *arena, WriteJob *job, ClexError *error)
{
	ClexStatus status = CheckFormat(request, arena, &job->codec, error);

	job->variant = FormatVariant(request->format);
	if (status == CLEX_OK)
		status = CheckVariant(job->codec, job->variant, job->variant.data != NULL, arena, error);
	for (uint32_t i = 0; i < request->option_count && status == CLEX_OK; i++)
		status = CheckOption(job->codec, request->options[i].key, arena, error);
	if (status == CLEX_OK)
		status = CheckKind(job->codec, request->document->kind, arena, error);
	if (status == CLEX_OK)
		status = CheckVariantKind(job, error);
	return status;
}

ClexStatus
CodecWrite(const WriteRequest *request, Arena *arena, Span *content, Vector *losses,
		   ClexError *error)
{
	const DocumentView *document = request->document;
	WriteJob job = {.document = document, .request = request, .arena = arena};
	Text out;
	ClexStatus status = CheckRequest(request, arena, &job, error);

	if (status != CLEX_OK)
		return status;
	TextInit(&out, arena);
	job.out = &out;
	status = JobOpen(&job, error);
	if (status != CLEX_OK)
		return status;
	if (!job.codec->says_source && !SpanEqualCString(document->format, job.codec->name))
		memset(job.extra_fate, FATE_OTHER_FORMAT, document->extra_count);
	status = job.codec->write(&job, error);
	if (status == CLEX_OK && out.failed)
		status = ClexFail(error, CLEX_NO_MEMORY, "out of memory writing a document");
	if (status != CLEX_OK)
		return status;
	*content = TextSpan(&out);
	SayKind(&job);
	if (losses == NULL)
		return CLEX_OK;
	return JobLosses(&job, losses, error);
}
