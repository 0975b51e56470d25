/*
 * read.c
 *		Choosing a reader, running it, and noting where the document came from.
 */
#include "core/codec/read.h"

#include "core/codec/detect.h"
#include "core/codec/gobl_json.h"
#include "core/codec/idoc_flat.h"
#include "core/codec/json_codec.h"
#include "core/codec/syntax.h"
#include "core/codec/xml_codec.h"

/* Was the format of a row read by one before it? */
static bool
IsListed(uint32_t row)
{
	for (uint32_t i = 0; i < row; i++)
		if (ClexFormats[i].read && strcmp(ClexFormats[i].format, ClexFormats[row].format) == 0)
			return true;
	return false;
}

/* The names of the formats that are read, with commas between. */
static const char *
ReadableFormats(Arena *arena)
{
	Text text;

	TextInit(&text, arena);
	for (uint32_t i = 0; i < ClexFormatCount; i++)
		if (ClexFormats[i].read && !IsListed(i))
			TextAppendf(&text, "%s%s", text.length > 0 ? ", " : "", ClexFormats[i].format);
	TextAppendChar(&text, '\0');
	return text.failed ? "" : text.data;
}

/* A format asked for must be one that is read. */
static ClexStatus
CheckFormat(Span format, Arena *arena, ClexError *error)
{
	Span base = FormatBase(format);

	if (format.length == 0)
		return CLEX_OK;
	for (uint32_t i = 0; i < ClexFormatCount; i++)
		if (ClexFormats[i].read && SpanEqualCString(base, ClexFormats[i].format))
			return CLEX_OK;
	ClexFail(error, CLEX_INVALID, "no reader is called \"%.*s\"",
			 (int) (format.length > 60 ? 60 : format.length), format.data);
	ClexHint(error, "Readers are: %s.", ReadableFormats(arena));
	return CLEX_INVALID;
}

/*
 * Say what the content is and what would be read.  Only now is it detected: what is read needs no
 * guess.
 */
static ClexStatus
Refuse(Span content, const char *detail, Arena *arena, ClexError *error)
{
	Detected found;

	if (error != NULL)
		error->line = 0;
	if (DetectFormat(content, arena, &found) != CLEX_OK)
		return ClexFail(error, CLEX_NO_MEMORY, "out of memory reading a document");
	if (SpanEqualCString(found.format, "empty"))
		return ClexFailEmpty(error);
	if (found.kind.data != NULL)
		ClexFail(error, CLEX_UNSUPPORTED, "nothing reads this document: format %.*s, kind %.*s",
				 (int) found.format.length, found.format.data, (int) found.kind.length,
				 found.kind.data);
	else
		ClexFail(error, CLEX_UNSUPPORTED, "nothing reads this document: format %.*s",
				 (int) found.format.length, found.format.data);
	if (detail != NULL)
		ClexDetail(error, "%s", detail);
	if (SpanEqualCString(found.format, "json"))
		ClexHint(error,
				 "A document in clex's own JSON is read where \"$kind\" is its first key; else "
				 "cast it to clex.document.");
	else
		ClexHint(error, "Formats that are read: %s.", ReadableFormats(arena));
	return CLEX_UNSUPPORTED;
}

/* Is content that is no well-formed XML something else, known by its first bytes? */
static bool
IsOtherFormat(Span content, Arena *arena)
{
	Detected found;

	return DetectFormat(content, arena, &found) == CLEX_OK &&
		   (!found.xml || SpanEqualCString(found.format, "html"));
}

bool
IsGobl(Span content, Arena *arena)
{
	Detected found;

	content = SpanTrim(content);
	return content.length > 0 && content.data[0] != '<' &&
		   DetectFormat(content, arena, &found) == CLEX_OK &&
		   SpanEqualCString(found.format, "gobl");
}

SourceForm
SourceFormOf(Span content, Arena *arena)
{
	return IsGobl(content, arena) ? SOURCE_GOBL : IsIdocFlat(content) ? SOURCE_IDOC : SOURCE_XML;
}

ClexStatus
SourceParse(const ReadRequest *request, SourceForm form, Arena *arena, Tree *source, XmlInfo *info,
			ClexError *error)
{
	info->encoding = SPAN_LITERAL("UTF-8");
	switch (form)
	{
		case SOURCE_GOBL:
			return GoblParse(request->content, request->limits, arena, source, error);
		case SOURCE_IDOC:
			return IdocParse(request->content, request->limits, arena, source, info, error);
		case SOURCE_XML:
			break;
	}
	return request->parser == NULL
			   ? XmlRead(request->content, request->limits, arena, source, info, error)
			   : XmlParse(request->parser, request->content, request->limits, arena, source, info,
						  error);
}

/* Parse; an error that comes from another format being here is told as such. */
static ClexStatus
ParseSource(const ReadRequest *request, Arena *arena, Tree *source, XmlInfo *info, ClexError *error)
{
	SourceForm form = SourceFormOf(request->content, arena);
	ClexStatus status = SourceParse(request, form, arena, source, info, error);

	if (status == CLEX_MALFORMED && form == SOURCE_XML && IsOtherFormat(request->content, arena))
		return Refuse(request->content, NULL, arena, error);
	if (status != CLEX_OK && error != NULL && error->line > 0 && error->detail[0] == '\0')
		ClexDetail(error, "Line %u.", error->line);
	return status;
}

static const char *
RootDetail(const Tree *tree, Arena *arena)
{
	Span name = TreeName(tree, 1);

	return ArenaPrintf(arena, "The root element is %.*s.",
					   (int) (name.length > 150 ? 150 : name.length), name.data);
}

static void
SetProvenance(DocumentBuilder *builder, const char *key, Span value)
{
	if (value.length > 0)
		DocumentSetProvenance(builder, key, value);
}

static ClexStatus
BindSource(const ReadRequest *request, const SyntaxFacts *facts, const XmlInfo *info, Arena *arena,
		   Tree *source, DocumentBuilder **builder, BindCounts *counts, ClexError *error)
{
	const char *wide = DetectUtf16(request->content);

	*builder = DocumentBegin(arena, facts->kind, facts->format);
	if (*builder == NULL)
		return ClexFail(error, CLEX_NO_MEMORY, "out of memory reading a document");
	SetProvenance(*builder, "format", facts->format);
	SetProvenance(*builder, "version", facts->version);
	SetProvenance(*builder, "profile", facts->profile);
	SetProvenance(*builder, "form", facts->form);
	SetProvenance(*builder, "encoding", wide != NULL ? SpanFromCString(wide) : info->encoding);
	SetProvenance(*builder, "root", TreeName(source, 1));
	SetProvenance(*builder, "sha256", request->sha256);
	return BindTree(source, facts->root, facts->part, facts->currency, arena, *builder, counts,
					error);
}

uint32_t
SyntaxParts(const Tree *tree)
{
	static const NameId names[] = {NAME_FatturaElettronicaBody, NAME_IDOC};
	uint32_t parts = 0;

	for (size_t n = 0; n < sizeof(names) / sizeof(names[0]); n++)
		for (uint32_t i = TreeChild(tree, 1, names[n]); i != 0;
			 i = TreeNextNamed(tree, i, names[n]))
			parts++;
	return parts;
}

/* What a tree is, if it is read; `part` as FatturapaFacts has it. */
static bool
FindFacts(const Tree *tree, uint32_t part, SyntaxFacts *facts)
{
	return UblFacts(tree, facts) || CiiFacts(tree, facts) || OrderxFacts(tree, facts) ||
		   GoblFacts(tree, facts) || FatturapaFacts(tree, part, facts) ||
		   IdocFacts(tree, part, facts) || CxmlFacts(tree, facts);
}

/* Parse what must be of the format asked for. */
static ClexStatus
ParseFacts(const ReadRequest *request, Arena *arena, Tree *source, XmlInfo *info,
		   SyntaxFacts *facts, ClexError *error)
{
	ClexStatus status = ParseSource(request, arena, source, info, error);

	if (status != CLEX_OK)
		return status;
	if (!FindFacts(source, 0, facts))
		return Refuse(request->content, RootDetail(source, arena), arena, error);
	if (request->format.length > 0 && !SpanEqual(FormatBase(request->format), facts->format))
		return ClexFail(error, CLEX_INVALID, "the document is %.*s, not %.*s",
						(int) facts->format.length, facts->format.data,
						(int) request->format.length, request->format.data);
	if (IsIdocFlat(request->content))
		facts->form = SPAN_LITERAL("flat");
	return CLEX_OK;
}

ClexStatus
XmlReadTerms(const ReadRequest *request, Arena *arena, Tree *source, DocumentBuilder **builder,
			 BindCounts *counts, ClexError *error)
{
	SyntaxFacts facts = {.kind = DOCUMENT_INVOICE};
	XmlInfo info;
	ClexStatus status = ParseFacts(request, arena, source, &info, &facts, error);

	if (status != CLEX_OK)
		return status;
	if (facts.part != 0)
	{
		ClexFail(error, CLEX_INVALID, "the file holds %u documents", SyntaxParts(source));
		ClexHint(error, "clex.read_all() reads each of them.");
		return CLEX_INVALID;
	}
	return BindSource(request, &facts, &info, arena, source, builder, counts, error);
}

/* Bind one part of a file and pass its image on; false in *more when the sink has had enough. */
static ClexStatus
ReadPart(const ReadRequest *request, const SyntaxFacts *facts, const XmlInfo *info, Tree *source,
		 ReadSink sink, void *state, bool *more, ClexError *error)
{
	DocumentBuilder *builder;
	BindCounts counts;
	Span image;
	Arena body;
	ClexStatus status;

	ArenaInit(&body, source->arena->env, source->arena->limit);
	status = BindSource(request, facts, info, &body, source, &builder, &counts, error);
	if (status == CLEX_OK)
		status = DocumentFinish(builder, &image, error);
	if (status == CLEX_OK)
		*more = sink(state, image);
	ArenaFree(&body);
	return status;
}

/* The documents of an XML file. */
static ClexStatus
XmlReadEach(const ReadRequest *request, Arena *arena, ReadSink sink, void *state, ClexError *error)
{
	SyntaxFacts facts = {.kind = DOCUMENT_INVOICE};
	bool more = true;
	XmlInfo info;
	Tree source;
	ClexStatus status = ParseFacts(request, arena, &source, &info, &facts, error);

	if (status != CLEX_OK || facts.part == 0)
		return status != CLEX_OK
				   ? status
				   : ReadPart(request, &facts, &info, &source, sink, state, &more, error);
	for (uint32_t part = facts.part; part != 0 && more && status == CLEX_OK;
		 part = TreeNextNamed(&source, part, TreeAt(&source, part)->name))
	{
		FindFacts(&source, part, &facts);
		status = ReadPart(request, &facts, &info, &source, sink, state, &more, error);
	}
	return status;
}

/*
 * The codec that reads the content: the one asked for, or the one its first bytes speak of.  XML is not
 * detected but read, as is what nothing reads: that refusal says what it is.
 */
static const Codec *
ChooseReader(const ReadRequest *request, Arena *arena)
{
	const Codec *codec = NULL;
	Span start = SpanTrim(request->content);
	Detected found;

	if (request->format.length > 0)
		codec = CodecFind(request->format);
	else if (IsOwnJson(request->content))
		codec = CodecFind(SPAN_LITERAL("json"));
	else if (start.length > 0 && start.data[0] != '<' &&
			 DetectFormat(request->content, arena, &found) == CLEX_OK && !found.xml)
		codec = CodecFind(found.format);
	/* any other JSON is told what it is */
	return codec != NULL && codec->read == JsonReadTerms && !IsOwnJson(request->content) ? NULL
																						 : codec;
}

ClexStatus
ReadTerms(const ReadRequest *request, Arena *arena, Tree *source, DocumentBuilder **builder,
		  BindCounts *counts, ClexError *error)
{
	ClexStatus status = CheckFormat(request->format, arena, error);
	const Codec *codec;

	if (status != CLEX_OK)
		return status;
	codec = ChooseReader(request, arena);
	return codec != NULL && codec->read != NULL
			   ? codec->read(request, arena, source, builder, counts, error)
			   : XmlReadTerms(request, arena, source, builder, counts, error);
}

ClexStatus
ReadEach(const ReadRequest *request, Arena *arena, ReadSink sink, void *state, ClexError *error)
{
	ClexStatus status = CheckFormat(request->format, arena, error);
	const Codec *codec;
	Tree source;
	Span image;

	if (status != CLEX_OK)
		return status;
	codec = ChooseReader(request, arena);
	if (codec == NULL || codec->read == NULL || codec->read == XmlReadTerms)
		return XmlReadEach(request, arena, sink, state, error);
	status = ReadDocument(request, arena, &source, &image, error);
	if (status == CLEX_OK)
		sink(state, image);
	return status;
}

ClexStatus
ReadDocument(const ReadRequest *request, Arena *arena, Tree *source, Span *image, ClexError *error)
{
	DocumentBuilder *builder;
	BindCounts counts;
	ClexStatus status = ReadTerms(request, arena, source, &builder, &counts, error);

	return status != CLEX_OK ? status : DocumentFinish(builder, image, error);
}

ClexStatus
ReadTree(Tree *source, Arena *arena, Span *image, ClexError *error)
{
	SyntaxFacts facts = {.kind = DOCUMENT_INVOICE};
	ReadRequest request = {0};
	XmlInfo info = {0};
	DocumentBuilder *builder;
	BindCounts counts;
	ClexStatus status;

	if (!FindFacts(source, 0, &facts))
		return ClexFail(error, CLEX_UNSUPPORTED, "nothing reads this document");
	status = BindSource(&request, &facts, &info, arena, source, &builder, &counts, error);
	return status != CLEX_OK ? status : DocumentFinish(builder, image, error);
}
