/*
 * pdf_read.c
 *		What is attached to a PDF.
 *
 * Files are found in two places, the name tree EmbeddedFiles and the array AF of the catalog; a file that
 * stands in both is one.  Their data are inflated here and not by qpdf, which knows no limit.
 */
#include "pdf_qpdf.h"

#include "core/codec/detect.h"

/* Nodes and depth of a name tree, and files, beyond which a PDF is refused. */
#define MAX_TREE_NODES 20000
#define MAX_TREE_DEPTH 40
#define MAX_ATTACHMENTS 2000

/* Where the data of an attachment are, until they are loaded. */
typedef struct FileStream
{
	qpdf_oh stream;
	int id; /* of the file specification, and of the stream: the same one is the same file; 0: stands in place */
	int stream_id;
} FileStream;

typedef struct Reader
{
	PdfHandle handle;
	PdfFacts *facts;
	Vector streams; /* FileStream, beside facts->attachments */
	size_t inflated;
	uint32_t nodes;
} Reader;

static Span
CopyName(Reader *reader, qpdf_oh name)
{
	const char *text = qpdf_oh_is_name(reader->handle.qpdf, name)
						   ? qpdf_oh_get_name(reader->handle.qpdf, name)
						   : NULL;
	Span value;

	if (text == NULL || text[0] != '/')
		return SpanOf(NULL, 0);
	/* names are bytes: what is no UTF-8 is cut */
	value = SpanFromCString(text + 1);
	return ArenaCopy(reader->handle.arena, SpanOf(value.data, Utf8ValidPrefix(value)));
}

/* A text string of the PDF in UTF-8; NULL data if it is none. */
static Span
CopyText(Reader *reader, qpdf_oh string)
{
	size_t length = 0;
	const char *text;

	if (!qpdf_oh_is_string(reader->handle.qpdf, string))
		return SpanOf(NULL, 0);
	text = qpdf_oh_get_binary_utf8_value(reader->handle.qpdf, string, &length);
	/* what is no UTF-8 after all, or has a zero, is cut there */
	return ArenaCopy(reader->handle.arena, SpanOf(text, Utf8ValidPrefix(SpanOf(text, length))));
}

static Span
CopyBytes(Reader *reader, qpdf_oh string)
{
	size_t length = 0;
	const char *text;

	if (!qpdf_oh_is_string(reader->handle.qpdf, string))
		return SpanOf(NULL, 0);
	text = qpdf_oh_get_binary_string_value(reader->handle.qpdf, string, &length);
	return ArenaCopy(reader->handle.arena, SpanOf(text, length));
}

/* The stream of a file specification, the Unicode name's first. */
static qpdf_oh
SpecificationStream(Reader *reader, qpdf_oh specification)
{
	static const char *const keys[] = {"/UF", "/F", "/DOS", "/Mac", "/Unix"};
	qpdf_data qpdf = reader->handle.qpdf;
	qpdf_oh files = qpdf_oh_get_key_if_dict(qpdf, specification, "/EF");

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
	{
		qpdf_oh stream = qpdf_oh_get_key_if_dict(qpdf, files, keys[i]);

		if (qpdf_oh_is_stream(qpdf, stream))
			return stream;
	}
	return qpdf_oh_new_null(qpdf);
}

static bool
IsSame(const FileStream *known, int id, int stream_id)
{
	return (id != 0 && known->id == id) || (stream_id != 0 && known->stream_id == stream_id);
}

/* Note a file; where it was found is added to one that is known. */
static ClexStatus
AddFile(Reader *reader, qpdf_oh specification, bool in_names, ClexError *error)
{
	qpdf_data qpdf = reader->handle.qpdf;
	int id = qpdf_oh_get_object_id(qpdf, specification);
	Vector *known = &reader->facts->attachments;
	qpdf_oh stream = SpecificationStream(reader, specification);
	int stream_id = qpdf_oh_get_object_id(qpdf, stream);
	PdfAttachment *file;
	FileStream *place;
	qpdf_oh facts;
	qpdf_oh parameters;
	qpdf_oh size;

	for (uint32_t i = 0; i < known->count; i++)
		if (IsSame(&VectorAt(&reader->streams, FileStream, i), id, stream_id))
		{
			VectorAt(known, PdfAttachment, i).in_names |= in_names;
			VectorAt(known, PdfAttachment, i).associated |= !in_names;
			return CLEX_OK;
		}
	if (!qpdf_oh_is_stream(qpdf, stream))
		return CLEX_OK;
	if (known->count >= MAX_ATTACHMENTS)
		return ClexFail(error, CLEX_LIMIT, "the PDF has too many attachments");
	file = VectorPush(known);
	place = VectorPush(&reader->streams);
	if (file == NULL || place == NULL)
		return ClexFail(error, CLEX_NO_MEMORY, "out of memory");
	*place = (FileStream){stream, id, stream_id};
	*file = (PdfAttachment){.in_names = in_names, .associated = !in_names, .declared_size = -1};
	file->name = CopyText(reader, qpdf_oh_get_key_if_dict(qpdf, specification, "/UF"));
	if (file->name.length == 0)
		file->name = CopyText(reader, qpdf_oh_get_key_if_dict(qpdf, specification, "/F"));
	file->description = CopyText(reader, qpdf_oh_get_key_if_dict(qpdf, specification, "/Desc"));
	file->relationship =
		CopyName(reader, qpdf_oh_get_key_if_dict(qpdf, specification, "/AFRelationship"));
	facts = qpdf_oh_get_dict(qpdf, stream);
	file->mime = CopyName(reader, qpdf_oh_get_key_if_dict(qpdf, facts, "/Subtype"));
	parameters = qpdf_oh_get_key_if_dict(qpdf, facts, "/Params");
	file->modified = CopyText(reader, qpdf_oh_get_key_if_dict(qpdf, parameters, "/ModDate"));
	file->checksum = CopyBytes(reader, qpdf_oh_get_key_if_dict(qpdf, parameters, "/CheckSum"));
	size = qpdf_oh_get_key_if_dict(qpdf, parameters, "/Size");
	if (qpdf_oh_is_integer(qpdf, size))
		file->declared_size = qpdf_oh_get_int_value(qpdf, size);
	return CLEX_OK;
}

/* A node of the name tree and what is below it. */
static ClexStatus
WalkNames(Reader *reader, qpdf_oh node, int depth, ClexError *error)
{
	qpdf_data qpdf = reader->handle.qpdf;
	qpdf_oh names = qpdf_oh_get_key_if_dict(qpdf, node, "/Names");
	qpdf_oh kids = qpdf_oh_get_key_if_dict(qpdf, node, "/Kids");
	ClexStatus status = CLEX_OK;

	if (depth > MAX_TREE_DEPTH || ++reader->nodes > MAX_TREE_NODES)
		return ClexFail(error, CLEX_LIMIT, "the PDF has a name tree without end");
	for (int i = 1; i < PdfArrayLength(qpdf, names) && status == CLEX_OK; i += 2)
		status = AddFile(reader, qpdf_oh_get_array_item(qpdf, names, i), true, error);
	for (int i = 0; i < PdfArrayLength(qpdf, kids) && status == CLEX_OK; i++)
		status = WalkNames(reader, qpdf_oh_get_array_item(qpdf, kids, i), depth + 1, error);
	return status;
}

/* How large raw data may become, by the filters of their stream; -1: a filter that is not read. */
static double
WorstRatio(qpdf_data qpdf, qpdf_oh filter, bool *flate_alone)
{
	bool array = qpdf_oh_is_array(qpdf, filter);
	int count = array ? qpdf_oh_get_array_n_items(qpdf, filter) : qpdf_oh_is_name(qpdf, filter);
	double ratio = 1;

	*flate_alone = false;
	if (count > 4)
		return -1;
	for (int i = 0; i < count; i++)
	{
		qpdf_oh item = array ? qpdf_oh_get_array_item(qpdf, filter, i) : filter;
		const char *name = qpdf_oh_is_name(qpdf, item) ? qpdf_oh_get_name(qpdf, item) : "";

		if (strcmp(name, "/FlateDecode") == 0 || strcmp(name, "/Fl") == 0)
		{
			*flate_alone = count == 1;
			ratio *= 1040;
		}
		else if (strcmp(name, "/LZWDecode") == 0 || strcmp(name, "/LZW") == 0)
			ratio *= 1400;
		else if (strcmp(name, "/RunLengthDecode") == 0 || strcmp(name, "/RL") == 0)
			ratio *= 64;
		else if (strcmp(name, "/ASCIIHexDecode") != 0 && strcmp(name, "/AHx") != 0 &&
				 strcmp(name, "/ASCII85Decode") != 0 && strcmp(name, "/A85") != 0)
			return -1;
	}
	return ratio;
}

/* Data that qpdf gave, into the arena; freed. */
static ClexStatus
TakeData(PdfHandle *handle, unsigned char *data, size_t length, Span *content, ClexError *error)
{
	*content = ArenaCopy(handle->arena, SpanOf((const char *) data, length));
	free(data);
	return content->data == NULL ? ClexFail(error, CLEX_NO_MEMORY, "out of memory") : CLEX_OK;
}

ClexStatus
PdfStreamData(PdfHandle *handle, qpdf_oh stream, size_t most, Span *content, ClexError *error)
{
	qpdf_data qpdf = handle->qpdf;
	qpdf_oh dictionary = qpdf_oh_get_dict(qpdf, stream);
	qpdf_oh parameters = qpdf_oh_get_key_if_dict(qpdf, dictionary, "/DecodeParms");
	bool flate_alone;
	double ratio =
		WorstRatio(qpdf, qpdf_oh_get_key_if_dict(qpdf, dictionary, "/Filter"), &flate_alone);
	unsigned char *data = NULL;
	size_t length = 0;
	QPDF_BOOL filtered = QPDF_FALSE;
	ClexStatus status;

	if (ratio < 0)
		return ClexFail(error, CLEX_UNSUPPORTED, "an attachment has a filter that is not read");
	if (qpdf_oh_get_stream_data(qpdf, stream, qpdf_dl_none, NULL, &data, &length) & QPDF_ERRORS)
	{
		free(data);
		return PdfTrouble(handle, error);
	}
	if (length > most)
	{
		free(data);
		return ClexFail(error, CLEX_LIMIT, "attachments of the PDF are too large");
	}
	if (flate_alone)
	{
		bool plain =
			!qpdf_oh_is_dictionary(qpdf, parameters) && !qpdf_oh_is_array(qpdf, parameters);
		PdfInflated inflated;
		Text text;

		TextInit(&text, handle->arena);
		status = PdfInflate(SpanOf((const char *) data, length), most, handle->arena->env,
							plain ? &text : NULL, &inflated, error);
		if (plain || status != CLEX_OK)
		{
			free(data);
			*content = text.length == 0 ? SpanOf("", 0) : TextSpan(&text);
			return status;
		}
	}
	else if ((double) length * ratio > (double) most)
	{
		free(data);
		return ClexFail(error, CLEX_LIMIT, "an attachment of the PDF may become too large");
	}
	else if (ratio == 1 && !qpdf_oh_has_key(qpdf, dictionary, "/Filter"))
		return TakeData(handle, data, length, content, error);
	free(data);
	data = NULL;
	if ((qpdf_oh_get_stream_data(qpdf, stream, qpdf_dl_specialized, &filtered, &data, &length) &
		 QPDF_ERRORS) ||
		!filtered)
	{
		free(data);
		return ClexFail(error, CLEX_MALFORMED, "an attachment of the PDF cannot be decoded");
	}
	return TakeData(handle, data, length, content, error);
}

static ClexStatus
Load(Reader *reader, const PdfLimits *limits, uint32_t i, ClexError *error)
{
	PdfAttachment *file = &VectorAt(&reader->facts->attachments, PdfAttachment, i);
	ClexStatus status;

	if (file->content.data != NULL)
		return CLEX_OK;
	if (ClexInterrupted(reader->handle.arena->env))
		return ClexFail(error, CLEX_INTERRUPTED, "interrupted");
	status = PdfStreamData(&reader->handle, VectorAt(&reader->streams, FileStream, i).stream,
						   limits->max_inflated - reader->inflated, &file->content, error);
	reader->inflated += file->content.length;
	return status;
}

/* The metadata, the output intent, and the files, none loaded. */
static ClexStatus
ReadCatalog(Reader *reader, const PdfLimits *limits, ClexError *error)
{
	qpdf_data qpdf = reader->handle.qpdf;
	qpdf_oh catalog = qpdf_get_root(qpdf);
	qpdf_oh metadata = qpdf_oh_get_key_if_dict(qpdf, catalog, "/Metadata");
	qpdf_oh intents = qpdf_oh_get_key_if_dict(qpdf, catalog, "/OutputIntents");
	qpdf_oh names = qpdf_oh_get_key_if_dict(qpdf, catalog, "/Names");
	qpdf_oh associated = qpdf_oh_get_key_if_dict(qpdf, catalog, "/AF");
	ClexStatus status;

	if (!qpdf_oh_is_dictionary(qpdf, catalog))
		return ClexFail(error, CLEX_MALFORMED, "the PDF has no catalog");
	reader->facts->version =
		ArenaCopy(reader->handle.arena, SpanFromCString(qpdf_get_pdf_version(qpdf)));
	for (int i = 0; i < PdfArrayLength(qpdf, intents) && i < 100; i++)
		reader->facts->output_intent |= qpdf_oh_is_name_and_equals(
			qpdf, qpdf_oh_get_key_if_dict(qpdf, qpdf_oh_get_array_item(qpdf, intents, i), "/S"),
			"/GTS_PDFA1");
	if (qpdf_oh_is_stream(qpdf, metadata) &&
		(status = PdfStreamData(&reader->handle, metadata, limits->max_inflated,
								&reader->facts->xmp, error)) != CLEX_OK)
		return status;
	reader->inflated = reader->facts->xmp.length;
	status = WalkNames(reader, qpdf_oh_get_key_if_dict(qpdf, names, "/EmbeddedFiles"), 0, error);
	if (qpdf_oh_is_dictionary(qpdf, associated) && status == CLEX_OK)
		status = AddFile(reader, associated, false, error);
	for (int i = 0; i < PdfArrayLength(qpdf, associated) && status == CLEX_OK; i++)
		status = AddFile(reader, qpdf_oh_get_array_item(qpdf, associated, i), false, error);
	return status;
}

/* May it be XML, by its name or by what the PDF says? */
static bool
LooksLikeXml(const PdfAttachment *file)
{
	size_t length = file->name.length;

	return (length >= 4 && strncasecmp(file->name.data + length - 4, ".xml", 4) == 0) ||
		   SpanEqualCString(file->mime, "text/xml") ||
		   SpanEqualCString(file->mime, "application/xml");
}

int
PdfChooseInvoice(const PdfFacts *facts, Arena *arena)
{
	int best = -1;
	int best_rank = INT32_MAX;

	for (uint32_t i = 0; i < facts->attachments.count; i++)
	{
		const PdfAttachment *file = &VectorAt(&facts->attachments, PdfAttachment, i);
		int rank = PdfInvoiceNameRank(file->name);
		Detected detected = {0};

		if (rank == 0)
		{
			/* by what it is, after all names that say so: related files first */
			if (!LooksLikeXml(file) || file->content.data == NULL ||
				DetectFormat(file->content, arena, &detected) != CLEX_OK ||
				detected.kind.data == NULL || SpanEqualCString(detected.kind, "bank_statement"))
				continue;
			rank = 1000 + (file->associated ? 0 : 100) +
				   (SpanEqualCString(file->relationship, "Alternative") ||
							SpanEqualCString(file->relationship, "Data") ||
							SpanEqualCString(file->relationship, "Source")
						? 0
						: 10);
		}
		if (rank < best_rank)
		{
			best = (int) i;
			best_rank = rank;
		}
	}
	return best;
}

/* Choose by names where that is possible, so that nothing else is inflated. */
static ClexStatus
LoadInvoice(Reader *reader, const PdfLimits *limits, int *invoice, ClexError *error)
{
	PdfFacts *facts = reader->facts;
	ClexStatus status = CLEX_OK;

	*invoice = PdfChooseInvoice(facts, reader->handle.arena);
	for (uint32_t i = 0; i < facts->attachments.count && *invoice < 0 && status == CLEX_OK; i++)
		if (LooksLikeXml(&VectorAt(&facts->attachments, PdfAttachment, i)))
			status = Load(reader, limits, i, error);
	if (*invoice < 0 && status == CLEX_OK)
		*invoice = PdfChooseInvoice(facts, reader->handle.arena);
	if (*invoice >= 0 && status == CLEX_OK)
		status = Load(reader, limits, (uint32_t) *invoice, error);
	return status;
}

ClexStatus
PdfRead(Span pdf, const PdfLimits *limits, PdfLoad load, Arena *arena, PdfFacts *facts,
		int *invoice, ClexError *error)
{
	Reader reader = {.facts = facts};
	ClexStatus status;

	*facts = (PdfFacts){.xmp = SpanOf(NULL, 0)};
	*invoice = -1;
	VectorInit(&facts->attachments, arena, sizeof(PdfAttachment));
	VectorInit(&reader.streams, arena, sizeof(FileStream));
	status = PdfOpen(pdf, limits, arena, &reader.handle, error);
	if (status == CLEX_OK)
	{
		facts->encrypted = qpdf_is_encrypted(reader.handle.qpdf);
		status = ReadCatalog(&reader, limits, error);
	}
	for (uint32_t i = 0; i < facts->attachments.count && status == CLEX_OK && load == PDF_LOAD_ALL;
		 i++)
		status = Load(&reader, limits, i, error);
	if (status == CLEX_OK && load != PDF_LOAD_NONE)
		status = LoadInvoice(&reader, limits, invoice, error);
	if (status == CLEX_OK)
		PdfTakeWarnings(&reader.handle, facts);
	PdfClose(&reader.handle);
	if (status == CLEX_OK && arena->exhausted)
		return ClexFail(error, CLEX_NO_MEMORY, "out of memory");
	return status;
}
