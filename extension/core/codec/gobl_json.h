/*
 * gobl_json.h
 *		GOBL as JSON and as a source tree, both ways.
 *
 * The binding tables, the schema tables and the writer know trees of elements: GOBL is such a tree here, and
 * JSON only where it comes in and goes out.  The root is `gobl`, with the members of the envelope in it; a document
 * without one has `doc` alone.  A member is an element, an array that the schema knows is an element for each
 * of its items.  Members stand in the order of the schema, as their order says nothing in JSON.  A key
 * that is no XML name is escaped as SQL/XML does it: _x0024_schema for $schema.
 *
 * An array without items and an object without members that the schema knows are no elements: attribute `empty`
 * of the object they stand in names them.  Where JSON says something else than the schema expects, attribute
 * `json` keeps it, as words: number, boolean, null, string (of what should be one of these),
 * object (without members), array (one element that holds `item` for each item), single (no array
 * where the schema has one).
 */
#ifndef CLEX_CODEC_GOBL_JSON_H
#define CLEX_CODEC_GOBL_JSON_H

#include "core/xml/xml_read.h"

/*
 * Parse an envelope or a bare document.  Errors: CLEX_MALFORMED (no JSON, not UTF-8, a key twice in an object; with
 * the place), CLEX_LIMIT, CLEX_NO_MEMORY, CLEX_INTERRUPTED.
 */
extern ClexStatus GoblParse(Span bytes, const XmlLimits *limits, Arena *arena, Tree *tree,
							ClexError *error);

/* Is it GOBL by its first bytes?  Other JSON is not read. */
extern bool IsGobl(Span content, Arena *arena);

/* The key that an element name stands for, in the arena if it was escaped. */
extern Span GoblKey(Span name, Arena *arena);

#endif
