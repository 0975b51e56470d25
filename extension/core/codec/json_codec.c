/*
 * json_codec.c
 *		Canonical JSON: all of a document, spellings, extras and provenance included.
 *
 * What is read as a file must say that it is one of ours: "$kind" is its first member.  Any other JSON can
 * be cast to a document, which says what is wrong with it.
 */
#include "core/codec/json_codec.h"

ClexStatus
JsonWrite(WriteJob *job, ClexError *error)
{
	memset(job->fate, FATE_SAID, (size_t) job->document->node_count + 1);
	memset(job->extra_fate, FATE_SAID, job->document->extra_count);
	return DocumentToJson(job->document, job->out, error);
}

bool
IsOwnJson(Span content)
{
	static const char key[] = "\"$kind\"";
	Span rest = SpanTrim(content);

	if (rest.length == 0 || rest.data[0] != '{')
		return false;
	rest = SpanTrim(SpanOf(rest.data + 1, rest.length - 1));
	return rest.length > sizeof(key) && memcmp(rest.data, key, sizeof(key) - 1) == 0;
}

ClexStatus
JsonReadTerms(const ReadRequest *request, Arena *arena, Tree *source, DocumentBuilder **builder,
			  BindCounts *counts, ClexError *error)
{
	ClexStatus status;

	if (request->limits != NULL && request->content.length > request->limits->max_bytes)
	{
		ClexFail(error, CLEX_LIMIT, "the document has %zu bytes, more than the limit of %zu",
				 request->content.length, request->limits->max_bytes);
		ClexHint(error, "Raise clex.max_document_size if such documents are expected.");
		return CLEX_LIMIT;
	}
	TreeInit(source, arena);
	memset(counts, 0, sizeof(*counts));
	status = DocumentBuildJson(request->content, arena, builder, error);
	/* of these bytes, whatever they say of themselves */
	if (status == CLEX_OK && request->sha256.length > 0)
		DocumentSetProvenance(*builder, "sha256", request->sha256);
	return status;
}
