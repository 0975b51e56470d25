/*
 * image.h
 *		The bytes of a document image: private to this room.
 *
 * All numbers are little-endian and read byte by byte, so an image may lie at any address and is the
 * same on every machine.  The layout has no freedom: areas and heap texts follow one another without
 * gaps in the order below, so equal documents have equal bytes.
 *
 *	header		IMAGE_HEADER bytes
 *	nodes		term u16, flags u16, parent u32, ordinal u32, value offset u32, value length u32
 *	lexical		node u32, offset u32, length u32; ascending by node
 *	extras		path offset u32, length u32, value offset u32, length u32, line u32; as added
 *	provenance	key offset u32, length u32, value offset u32, length u32; ascending by key
 *	heap		format, values of nodes, lexical, extras (path, value), provenance (key, value)
 *
 * On-disk format: what is here cannot change without a new IMAGE_VERSION and code for the old one.
 */
#ifndef CLEX_MODEL_IMAGE_H
#define CLEX_MODEL_IMAGE_H

#include "core/model/document.h"

#define IMAGE_MAGIC 0x44784C43u /* "CLxD" */
#define IMAGE_VERSION 1

#define IMAGE_HEADER 40
#define IMAGE_NODE 20
#define IMAGE_LEXICAL 12
#define IMAGE_EXTRA 20
#define IMAGE_PROVENANCE 16

/* Below PostgreSQL's limit for one value, its header included. */
#define IMAGE_MAX_SIZE ((uint64_t) 0x3FFFFFFF - 64)

/* Offsets within the header. */
enum
{
	HEADER_MAGIC = 0,	 /* u32 */
	HEADER_VERSION = 4,	 /* u8 */
	HEADER_KIND = 5,	 /* u8 */
	HEADER_READER = 6,	 /* u16 */
	HEADER_SIZE = 8,	 /* u32, of the whole image */
	HEADER_NODES = 12,	 /* u32, count */
	HEADER_LEXICAL = 16, /* u32, count */
	HEADER_EXTRAS = 20,
	HEADER_PROVENANCE = 24,
	HEADER_HEAP = 28,	/* u32, bytes */
	HEADER_FORMAT = 32, /* u32, length; it is the heap's first text */
	HEADER_ZERO = 36,	/* u32, reserved, always 0 */
};

static inline uint16_t
Load16(const char *p)
{
	const unsigned char *b = (const unsigned char *) p;

	return (uint16_t) (b[0] | b[1] << 8);
}

static inline uint32_t
Load32(const char *p)
{
	const unsigned char *b = (const unsigned char *) p;

	return b[0] | (uint32_t) b[1] << 8 | (uint32_t) b[2] << 16 | (uint32_t) b[3] << 24;
}

static inline void
Store16(char *p, uint16_t v)
{
	p[0] = (char) (v & 0xFF);
	p[1] = (char) (v >> 8);
}

static inline void
Store32(char *p, uint32_t v)
{
	Store16(p, (uint16_t) (v & 0xFFFF));
	Store16(p + 2, (uint16_t) (v >> 16));
}

/* A text of the heap; empty if the offsets are impossible. */
static inline Span
HeapText(const DocumentView *view, const char *offset_and_length)
{
	uint32_t offset = Load32(offset_and_length);
	uint32_t length = Load32(offset_and_length + 4);

	if (offset > view->heap_length || length > view->heap_length - offset)
		return SpanOf(view->heap, 0);
	return SpanOf(view->heap + offset, length);
}

/* For readers of JSON alone, which restore what was written. */
extern void DocumentSetReader(DocumentBuilder *builder, uint16_t version);
extern void DocumentSetKind(DocumentBuilder *builder, DocumentKind kind);
extern void DocumentSetFormat(DocumentBuilder *builder, Span format);

/* The known name under `parent` that is nearest to a mistyped one, or TERM_NONE. */
extern TermId TermNearest(TermId parent, Span name);

#endif
