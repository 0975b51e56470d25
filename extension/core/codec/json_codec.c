/*
 * json_codec.c
 *		Canonical JSON: all of a document, spellings, extras and provenance included.
 */
#include "core/codec/json_codec.h"

ClexStatus
JsonWrite(WriteJob *job, ClexError *error)
{
	memset(job->fate, FATE_SAID, (size_t) job->document->node_count + 1);
	memset(job->extra_fate, FATE_SAID, job->document->extra_count);
	return DocumentToJson(job->document, job->out, error);
}
