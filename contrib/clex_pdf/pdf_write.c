/*
 * pdf_write.c
 *		Attaching an invoice to a PDF/A.
 *
 * Pages, fonts and everything else stay as they are: qpdf copies streams without decoding them.  What is new is
 * the file with its specification, the name tree (flattened and sorted), the array AF, the metadata, and for
 * pages of our own the output intent.  No clock and no random number: the identifier of the file is a digest.
 */
#include "pdf_qpdf.h"

#include <zlib.h>

#define NAMES_MOST 10000
#define TREE_DEPTH 40

typedef struct Writer
{
	PdfHandle handle;
	const PdfEmbed *embed;
	qpdf_oh catalog;
	Vector names; /* NameEntry of the name tree as it will be */
} Writer;

typedef struct NameEntry
{
	Span key; /* bytes of the PDF string: the tree is sorted by them */
	qpdf_oh specification;
} NameEntry;

static void
Replace(Writer *writer, qpdf_oh dictionary, const char *key, qpdf_oh value)
{
	qpdf_oh_replace_key(writer->handle.qpdf, dictionary, key, value);
}

static qpdf_oh
Name(Writer *writer, Span name)
{
	char *text = ArenaPrintf(writer->handle.arena, "/%.*s", (int) name.length, name.data);

	return qpdf_oh_new_name(writer->handle.qpdf, text == NULL ? "/" : text);
}

static qpdf_oh
TextString(Writer *writer, Span text)
{
	return qpdf_oh_new_binary_unicode_string(writer->handle.qpdf, text.data, text.length);
}

/* Text that is ASCII anyway, as dates are. */
static qpdf_oh
PlainString(Writer *writer, Span text)
{
	return qpdf_oh_new_binary_string(writer->handle.qpdf, text.data, text.length);
}

/* A stream as an object of its own; `filter` NULL: plain. */
static qpdf_oh
NewStream(Writer *writer, Span data, const char *filter)
{
	qpdf_data qpdf = writer->handle.qpdf;
	qpdf_oh stream = qpdf_oh_new_stream(qpdf);

	qpdf_oh_replace_stream_data(qpdf, stream, (const unsigned char *) data.data, data.length,
								filter == NULL ? qpdf_oh_new_null(qpdf)
											   : qpdf_oh_new_name(qpdf, filter),
								qpdf_oh_new_null(qpdf));
	return stream;
}

/* The data in Flate's format; NULL data when out of memory. */
static Span
Deflated(Arena *arena, Span data)
{
	uLongf length = compressBound(data.length);
	unsigned char *out = ArenaAlloc(arena, length);

	if (out == NULL || compress2(out, &length, (const unsigned char *) data.data, data.length,
								 Z_BEST_COMPRESSION) != Z_OK)
		return SpanOf(NULL, 0);
	return SpanOf((const char *) out, length);
}

/* The XML as an embedded file with its specification; 0 when out of memory. */
static qpdf_oh
NewSpecification(Writer *writer)
{
	const PdfEmbed *embed = writer->embed;
	qpdf_data qpdf = writer->handle.qpdf;
	Span deflated = Deflated(writer->handle.arena, embed->xml);
	qpdf_oh parameters = qpdf_oh_new_dictionary(qpdf);
	qpdf_oh files = qpdf_oh_new_dictionary(qpdf);
	qpdf_oh specification = qpdf_oh_new_dictionary(qpdf);
	uint8_t digest[16];
	qpdf_oh stream;
	qpdf_oh facts;

	if (deflated.data == NULL)
		return 0;
	PdfMd5(embed->xml, digest);
	stream = NewStream(writer, deflated, "/FlateDecode");
	Replace(writer, parameters, "/Size", qpdf_oh_new_integer(qpdf, (long long) embed->xml.length));
	Replace(writer, parameters, "/ModDate", PlainString(writer, embed->modified));
	Replace(writer, parameters, "/CheckSum", PlainString(writer, SpanOf((char *) digest, 16)));
	facts = qpdf_oh_get_dict(qpdf, stream);
	Replace(writer, facts, "/Type", qpdf_oh_new_name(qpdf, "/EmbeddedFile"));
	Replace(writer, facts, "/Subtype", Name(writer, embed->mime));
	Replace(writer, facts, "/Params", parameters);
	Replace(writer, files, "/F", stream);
	Replace(writer, files, "/UF", stream);
	Replace(writer, specification, "/Type", qpdf_oh_new_name(qpdf, "/Filespec"));
	Replace(writer, specification, "/F", TextString(writer, embed->name));
	Replace(writer, specification, "/UF", TextString(writer, embed->name));
	Replace(writer, specification, "/AFRelationship", Name(writer, embed->relationship));
	if (embed->description.length > 0)
		Replace(writer, specification, "/Desc", TextString(writer, embed->description));
	Replace(writer, specification, "/EF", files);
	return qpdf_make_indirect_object(qpdf, specification);
}

/* Is it the specification of a file of the name that is attached now? */
static bool
HasOurName(Writer *writer, qpdf_oh specification)
{
	static const char *const keys[] = {"/UF", "/F"};

	for (size_t i = 0; i < 2; i++)
	{
		qpdf_oh name = qpdf_oh_get_key_if_dict(writer->handle.qpdf, specification, keys[i]);
		size_t length = 0;
		const char *text;

		if (!qpdf_oh_is_string(writer->handle.qpdf, name))
			continue;
		text = qpdf_oh_get_binary_utf8_value(writer->handle.qpdf, name, &length);
		return SpanEqual(SpanOf(text, length), writer->embed->name);
	}
	return false;
}

static bool
AddName(Writer *writer, Span key, qpdf_oh specification)
{
	NameEntry *entry = writer->names.count < NAMES_MOST ? VectorPush(&writer->names) : NULL;

	if (entry == NULL)
		return false;
	entry->key = ArenaCopy(writer->handle.arena, key);
	entry->specification = specification;
	return entry->key.data != NULL;
}

/* Entries of a node of the name tree that stay. */
static bool
CollectNames(Writer *writer, qpdf_oh node, int depth)
{
	qpdf_data qpdf = writer->handle.qpdf;
	qpdf_oh names = qpdf_oh_get_key_if_dict(qpdf, node, "/Names");
	qpdf_oh kids = qpdf_oh_get_key_if_dict(qpdf, node, "/Kids");
	bool good = depth < TREE_DEPTH;

	for (int i = 0; i + 1 < PdfArrayLength(qpdf, names) && good; i += 2)
	{
		qpdf_oh key = qpdf_oh_get_array_item(qpdf, names, i);
		qpdf_oh specification = qpdf_oh_get_array_item(qpdf, names, i + 1);
		size_t length = 0;
		const char *text;

		if (!qpdf_oh_is_string(qpdf, key) || HasOurName(writer, specification))
			continue;
		text = qpdf_oh_get_binary_string_value(qpdf, key, &length);
		good = AddName(writer, SpanOf(text, length), specification);
	}
	for (int i = 0; i < PdfArrayLength(qpdf, kids) && good; i++)
		good = CollectNames(writer, qpdf_oh_get_array_item(qpdf, kids, i), depth + 1);
	return good;
}

static int
CompareNames(const void *a, const void *b)
{
	Span x = ((const NameEntry *) a)->key;
	Span y = ((const NameEntry *) b)->key;
	int order = memcmp(x.data, y.data, x.length < y.length ? x.length : y.length);

	return order != 0 ? order : (x.length > y.length) - (x.length < y.length);
}

/* The name tree, flat, with the new file. */
static bool
WriteNames(Writer *writer, qpdf_oh specification)
{
	qpdf_data qpdf = writer->handle.qpdf;
	qpdf_oh names = qpdf_oh_get_key_if_dict(qpdf, writer->catalog, "/Names");
	qpdf_oh tree = qpdf_oh_new_dictionary(qpdf);
	qpdf_oh entries = qpdf_oh_new_array(qpdf);

	VectorInit(&writer->names, writer->handle.arena, sizeof(NameEntry));
	if (!qpdf_oh_is_dictionary(qpdf, names))
	{
		names = qpdf_oh_new_dictionary(qpdf);
		Replace(writer, writer->catalog, "/Names", names);
	}
	if (!CollectNames(writer, qpdf_oh_get_key_if_dict(qpdf, names, "/EmbeddedFiles"), 0) ||
		!AddName(writer, writer->embed->name, specification))
		return false;
	qsort(writer->names.data, writer->names.count, sizeof(NameEntry), CompareNames);
	for (uint32_t i = 0; i < writer->names.count; i++)
	{
		NameEntry *entry = &VectorAt(&writer->names, NameEntry, i);

		qpdf_oh_append_item(qpdf, entries, PlainString(writer, entry->key));
		qpdf_oh_append_item(qpdf, entries, entry->specification);
	}
	Replace(writer, tree, "/Names", entries);
	Replace(writer, names, "/EmbeddedFiles", qpdf_make_indirect_object(qpdf, tree));
	return true;
}

static void
WriteAssociated(Writer *writer, qpdf_oh specification)
{
	qpdf_data qpdf = writer->handle.qpdf;
	qpdf_oh old = qpdf_oh_get_key_if_dict(qpdf, writer->catalog, "/AF");
	qpdf_oh files = qpdf_oh_new_array(qpdf);

	qpdf_oh_append_item(qpdf, files, specification);
	for (int i = 0; i < PdfArrayLength(qpdf, old); i++)
	{
		qpdf_oh item = qpdf_oh_get_array_item(qpdf, old, i);

		if (!HasOurName(writer, item))
			qpdf_oh_append_item(qpdf, files, item);
	}
	Replace(writer, writer->catalog, "/AF", files);
}

/* The colours of our own pages are those of an RGB profile. */
static void
WriteIntent(Writer *writer)
{
	qpdf_data qpdf = writer->handle.qpdf;
	qpdf_oh intent = qpdf_oh_new_dictionary(qpdf);
	qpdf_oh intents = qpdf_oh_new_array(qpdf);
	qpdf_oh profile = NewStream(writer, writer->embed->icc, NULL);

	Replace(writer, qpdf_oh_get_dict(qpdf, profile), "/N", qpdf_oh_new_integer(qpdf, 3));
	Replace(writer, intent, "/Type", qpdf_oh_new_name(qpdf, "/OutputIntent"));
	Replace(writer, intent, "/S", qpdf_oh_new_name(qpdf, "/GTS_PDFA1"));
	Replace(writer, intent, "/OutputConditionIdentifier",
			PlainString(writer, SPAN_LITERAL("sRGB")));
	Replace(writer, intent, "/Info", PlainString(writer, SPAN_LITERAL("sRGB")));
	Replace(writer, intent, "/DestOutputProfile", profile);
	qpdf_oh_append_item(qpdf, intents, intent);
	Replace(writer, writer->catalog, "/OutputIntents", intents);
}

static void
WriteMetadata(Writer *writer, Span xmp)
{
	qpdf_data qpdf = writer->handle.qpdf;
	qpdf_oh stream = NewStream(writer, xmp, NULL);
	qpdf_oh facts = qpdf_oh_get_dict(qpdf, stream);

	Replace(writer, facts, "/Type", qpdf_oh_new_name(qpdf, "/Metadata"));
	Replace(writer, facts, "/Subtype", qpdf_oh_new_name(qpdf, "/XML"));
	Replace(writer, writer->catalog, "/Metadata", stream);
}

/* All changes; what qpdf could not do shows when it writes. */
static ClexStatus
Change(Writer *writer, Span xmp, ClexError *error)
{
	qpdf_oh specification = NewSpecification(writer);

	if (specification == 0)
		return ClexFail(error, CLEX_NO_MEMORY, "out of memory");
	if (!WriteNames(writer, specification))
		return ClexFail(error, CLEX_LIMIT, "the PDF has too many attachments");
	WriteAssociated(writer, specification);
	WriteMetadata(writer, xmp);
	if (writer->embed->claim)
	{
		WriteIntent(writer);
		/* what it says would have to stand in the metadata too */
		qpdf_oh_remove_key(writer->handle.qpdf, qpdf_get_trailer(writer->handle.qpdf), "/Info");
	}
	return CLEX_OK;
}

/* The file as bytes in the arena. */
static ClexStatus
Output(Writer *writer, Span *result, ClexError *error)
{
	qpdf_data qpdf = writer->handle.qpdf;

	if (qpdf_init_write_memory(qpdf) & QPDF_ERRORS)
		return PdfTrouble(&writer->handle, error);
	qpdf_set_deterministic_ID(qpdf, QPDF_TRUE);
	qpdf_set_stream_data_mode(qpdf, qpdf_s_preserve);
	qpdf_set_newline_before_endstream(qpdf, QPDF_TRUE);
	qpdf_set_minimum_pdf_version(qpdf, "1.7");
	if (qpdf_write(qpdf) & QPDF_ERRORS)
		return PdfTrouble(&writer->handle, error);
	*result = ArenaCopy(writer->handle.arena,
						SpanOf((const char *) qpdf_get_buffer(qpdf), qpdf_get_buffer_length(qpdf)));
	return result->data == NULL ? ClexFail(error, CLEX_NO_MEMORY, "out of memory") : CLEX_OK;
}

/* May an invoice be attached to it? */
static ClexStatus
CheckBase(const PdfFacts *facts, const PdfEmbed *embed, Arena *arena, ClexError *error)
{
	PdfXmp xmp;

	if (facts->encrypted)
		return ClexFail(error, CLEX_INVALID, "the PDF is encrypted");
	if (embed->claim)
		return CLEX_OK;
	if (facts->xmp.data == NULL || PdfReadXmp(facts->xmp, arena, &xmp, NULL) != CLEX_OK ||
		!(SpanEqualCString(xmp.part, "1") || SpanEqualCString(xmp.part, "2") ||
		  SpanEqualCString(xmp.part, "3")))
	{
		ClexFail(error, CLEX_INVALID, "the PDF does not claim to be PDF/A");
		ClexHint(error, "An invoice can be attached to PDF/A-1, PDF/A-2 and PDF/A-3, which have "
						"their fonts and colours with them.");
		return CLEX_INVALID;
	}
	return CLEX_OK;
}

ClexStatus
PdfWrite(Span pdf, const PdfEmbed *embed, const PdfLimits *limits, Arena *arena, Span *result,
		 ClexError *error)
{
	Writer writer = {.embed = embed};
	PdfFacts facts;
	ClexStatus status;
	int invoice;
	Span xmp;

	if ((status = PdfRead(pdf, limits, PDF_LOAD_NONE, arena, &facts, &invoice, error)) != CLEX_OK ||
		(status = CheckBase(&facts, embed, arena, error)) != CLEX_OK ||
		(status = PdfWriteXmp(embed->claim ? SpanOf(NULL, 0) : facts.xmp, embed, arena, &xmp,
							  error)) != CLEX_OK ||
		(status = PdfOpen(pdf, limits, arena, &writer.handle, error)) != CLEX_OK)
		return status;
	writer.catalog = qpdf_get_root(writer.handle.qpdf);
	status = Change(&writer, xmp, error);
	if (status == CLEX_OK)
		status = Output(&writer, result, error);
	PdfClose(&writer.handle);
	return status;
}
