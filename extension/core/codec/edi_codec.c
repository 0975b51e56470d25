/*
 * edi_codec.c
 *		Reading interchanges: one message for clex.read(), each of them for clex.read_all().
 */
#include "core/codec/edi_codec.h"

static Span
WithoutMark(Span content)
{
	if (content.length >= 3 && memcmp(content.data, "\xEF\xBB\xBF", 3) == 0)
		content = SpanOf(content.data + 3, content.length - 3);
	while (content.length > 0 && IsXmlSpace(content.data[0]))
		content = SpanOf(content.data + 1, content.length - 1);
	return content;
}

bool
LooksLikeEdi(Span content)
{
	content = WithoutMark(content);
	return content.length > 3 &&
		   (memcmp(content.data, "UNA", 3) == 0 || memcmp(content.data, "ISA", 3) == 0 ||
			(memcmp(content.data, "UNB", 3) == 0 &&
			 (content.data[3] == '+' || content.data[3] == '\x1d')));
}

void
EdiDetect(Span head, Arena *arena, Detected *detected)
{
	EdiScanner scanner;
	EdiSegment segment;
	Span release = {NULL, 0};
	Span type = {NULL, 0};

	if (EdiOpen(&scanner, head, arena, NULL) != CLEX_OK)
		return;
	while (type.data == NULL && EdiNext(&scanner, &segment))
	{
		if (segment.tag == EDI_TAG('U', 'N', 'B'))
			detected->encoding = EdiTextAt(&scanner, &segment, 1, 1, arena);
		else if (segment.tag == EDI_TAG('G', 'S', '\0'))
			release = EdiTextAt(&scanner, &segment, 8, 1, arena);
		else if (segment.tag == EDI_TAG('T', 'A', '1'))
			type = SPAN_LITERAL("TA1");
		else if (segment.tag == EDI_TAG('I', 'S', 'A'))
			release = EdiTextAt(&scanner, &segment, 12, 1, arena);
		else if (segment.tag == EDI_TAG('S', 'T', '\0'))
			type = EdiTextAt(&scanner, &segment, 1, 1, arena);
		else if (segment.tag == EDI_TAG('U', 'N', 'H'))
		{
			Span version = EdiTextAt(&scanner, &segment, 2, 2, arena);
			Span revision = EdiTextAt(&scanner, &segment, 2, 3, arena);

			type = EdiTextAt(&scanner, &segment, 2, 1, arena);
			detected->profile = EdiTextAt(&scanner, &segment, 2, 5, arena);
			if (detected->profile.length == 0)
				detected->profile.data = NULL;
			release = EdiPrinted(ArenaPrintf(arena, "%.*s%.*s", (int) version.length, version.data,
											 (int) revision.length, revision.data));
		}
	}
	if (type.length == 0)
		return;
	detected->version =
		EdiPrinted(ArenaPrintf(arena, "%.*s %.*s", (int) type.length, type.data,
							   (int) release.length, release.data == NULL ? "" : release.data));
	detected->version = SpanTrim(detected->version);
	for (uint32_t i = 0; i < ClexEdiKindCount; i++)
		if (SpanEqualCString(type, ClexEdiKinds[i].type))
			detected->kind = SpanFromCString(ClexEdiKinds[i].kind);
	/* the first segment of an invoice says whether it is one */
	if (detected->kind.data != NULL && SpanEqualCString(detected->kind, "invoice") &&
		EdiNext(&scanner, &segment) && EdiIsCreditNote(&scanner, &segment, arena))
		detected->kind = SPAN_LITERAL("credit_note");
}

/* What the current message is, for errors. */
static const char *
MessageName(const EdiReader *reader)
{
	const EdiMessage *m = EdiCurrent(reader);
	const char *name =
		ArenaPrintf(reader->arena, "%.*s %.*s", (int) SpanCut(m->type, 20).length, m->type.data,
					(int) SpanCut(m->release, 20).length, m->release.data);

	return name == NULL ? "" : name;
}

static ClexStatus
CheckRequest(const ReadRequest *request, ClexError *error)
{
	Span format = FormatBase(request->format);
	bool x12;

	if (request->limits != NULL && request->content.length > request->limits->max_bytes)
	{
		ClexFail(error, CLEX_LIMIT, "the document has %zu bytes, more than the limit of %zu",
				 request->content.length, request->limits->max_bytes);
		ClexHint(error, "Raise clex.max_document_size if such documents are expected.");
		return CLEX_LIMIT;
	}
	if (format.length == 0 || !LooksLikeEdi(request->content))
		return CLEX_OK;
	x12 = WithoutMark(request->content).data[0] == 'I';
	if (SpanEqualCString(format, "x12") != x12)
		return ClexFail(error, CLEX_INVALID, "the document is %s, not %.*s",
						x12 ? "x12" : "edifact", (int) format.length, format.data);
	return CLEX_OK;
}

/* More values than clex.max_nodes, in one message. */
static ClexStatus
CheckSize(const EdiReader *reader, const ReadRequest *request, ClexError *error)
{
	if (request->limits == NULL || reader->scanner.values.count <= request->limits->max_nodes)
		return CLEX_OK;
	ClexFail(error, CLEX_LIMIT, "a message has more than %u values", request->limits->max_nodes);
	ClexHint(error, "Raise clex.max_nodes if such documents are expected.");
	return CLEX_LIMIT;
}

/* What is read, as a hint. */
static void
HintRead(const EdiReader *reader, ClexError *error)
{
	Text names;

	TextInit(&names, reader->arena);
	for (uint32_t i = 0; i < ClexEdiUseCount; i++)
		if (EdiUseOf(SpanFromCString(ClexEdiUses[i].type)) == &ClexEdiUses[i])
			TextAppendf(&names, "%s%s", names.length > 0 ? ", " : "", ClexEdiUses[i].type);
	TextAppendChar(&names, '\0');
	ClexHint(error, "Read are %s.", names.failed ? "" : names.data);
}

/* Why the current message cannot be read. */
static ClexStatus
RefuseMessage(const EdiReader *reader, ClexError *error)
{
	const EdiMessage *m = EdiCurrent(reader);

	if (m->type.length == 0)
		ClexFail(error, CLEX_MALFORMED, "the message header names no message type");
	else
		ClexFail(error, CLEX_UNSUPPORTED, "nothing reads this message: %s", MessageName(reader));
	ClexDetail(error, "Message %u of the file, at byte %u.", reader->messages.count, m->offset + 1);
	HintRead(reader, error);
	return error == NULL ? CLEX_UNSUPPORTED : error->status;
}

/* Bind the current message into a new document. */
static ClexStatus
BindMessage(EdiReader *reader, const ReadRequest *request, Arena *arena, DocumentBuilder **builder,
			ClexError *error)
{
	ClexStatus status = CheckSize(reader, request, error);

	if (status != CLEX_OK)
		return status;
	*builder = DocumentBegin(arena, EdiKind(reader),
							 reader->scanner.family == EDI_X12 ? SPAN_LITERAL("x12")
															   : SPAN_LITERAL("edifact"));
	if (*builder == NULL)
		return ClexFail(error, CLEX_NO_MEMORY, "out of memory reading a document");
	return EdiBind(reader, request->sha256, arena, *builder, error);
}

static ClexStatus
NoMessage(const EdiReader *reader, ClexError *error)
{
	if (reader->messages.count > 0)
		return CLEX_OK;
	ClexFail(error, CLEX_MALFORMED, "the interchange holds no message");
	if (reader->package_total > 0)
		ClexDetail(error, "It holds %u packages (UNO), which are foreign objects.",
				   reader->package_total);
	else if (reader->scanner.family == EDI_X12)
		ClexDetail(error, "There is no segment ST in its %zu bytes.",
				   reader->scanner.content.length);
	else
		ClexDetail(error, "There is no segment UNH in its %zu bytes.",
				   reader->scanner.content.length);
	ClexHint(error, "clex.findings() tells what is wrong with it, clex.acknowledge() answers it.");
	return CLEX_MALFORMED;
}

/* The rest of the interchange, read only to see that there is no second message. */
static ClexStatus
ReadRest(EdiReader *reader, ClexError *error)
{
	while (EdiReaderNext(reader))
		continue;
	if (reader->scanner.status != CLEX_OK)
		return reader->scanner.status;
	if (reader->messages.count == 1)
		return CLEX_OK;
	ClexFail(error, CLEX_INVALID, "the file holds %u messages", reader->messages.count);
	ClexHint(error, "clex.read_all() reads each of them.");
	return CLEX_INVALID;
}

ClexStatus
EdiReadTerms(const ReadRequest *request, Arena *arena, Tree *source, DocumentBuilder **builder,
			 BindCounts *counts, ClexError *error)
{
	EdiReader reader;
	Arena body;
	ClexStatus status = CheckRequest(request, error);

	TreeInit(source, arena);
	memset(counts, 0, sizeof(*counts));
	if (status != CLEX_OK)
		return status;
	ArenaInit(&body, arena->env, arena->limit);
	status = EdiReaderOpen(&reader, request->content, arena, &body, error);
	if (status == CLEX_OK)
	{
		if (!EdiReaderNext(&reader))
			status = reader.scanner.status != CLEX_OK ? reader.scanner.status
													  : NoMessage(&reader, error);
		else if (!EdiIsBound(&reader))
			status = RefuseMessage(&reader, error);
		else
			status = BindMessage(&reader, request, arena, builder, error);
	}
	if (status == CLEX_OK)
		status = ReadRest(&reader, error);
	ArenaFree(&body);
	return status;
}

ClexStatus
EdiReadEach(const ReadRequest *request, Arena *arena, Arena *body, bool lenient, EdiSink sink,
			void *state, ClexError *error)
{
	EdiReader reader;
	ClexStatus status = CheckRequest(request, error);

	if (status == CLEX_OK)
		status = EdiReaderOpen(&reader, request->content, arena, body, error);
	while (status == CLEX_OK && EdiReaderNext(&reader))
	{
		DocumentBuilder *builder;
		Span image;

		if (!EdiIsBound(&reader))
		{
			if (lenient)
				continue;
			return RefuseMessage(&reader, error);
		}
		status = BindMessage(&reader, request, body, &builder, error);
		if (status == CLEX_OK)
			status = DocumentFinish(builder, &image, error);
		if (status == CLEX_OK && !sink(state, &reader, image))
			return CLEX_OK;
	}
	if (status == CLEX_OK && reader.scanner.status != CLEX_OK)
		return reader.scanner.status;
	return status != CLEX_OK || lenient ? status : NoMessage(&reader, error);
}
