/*
 * read.h
 *		What the SQL functions know of content before it is read: its hash and its format.
 */
#ifndef CLEX_GLUE_READ_H
#define CLEX_GLUE_READ_H

#include "common/sha2.h"

#include "core/base/span.h"

/* A SHA-256 as bytes and in hexadecimal; neither is terminated. */
typedef struct ContentHash
{
	uint8 digest[PG_SHA256_DIGEST_LENGTH];
	char hex[2 * PG_SHA256_DIGEST_LENGTH];
} ContentHash;

extern void HashContent(Span content, ContentHash *hash);

#define DETECT_COLUMNS 5

/* format, kind, version, profile and encoding as texts of the current context. */
extern void DetectColumns(Span content, Datum *values, bool *nulls);

#endif
