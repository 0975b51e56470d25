/*
 * detect_parts.h
 *		What the recognisers of formats share: a cursor over the beginning of a text.
 */
#ifndef CLEX_CODEC_DETECT_PARTS_H
#define CLEX_CODEC_DETECT_PARTS_H

#include "core/codec/detect.h"
#include "core/codec/syntax.h"

typedef struct Scan
{
	const char *p;
	const char *end;
	Arena *
		arena; /* for texts that are spelled with references or CDATA; NULL: they stay as they are */
} Scan;

static inline bool
StartsWith(Span s, Span prefix)
{
	return s.length >= prefix.length &&
		   (prefix.length == 0 || memcmp(s.data, prefix.data, prefix.length) == 0);
}

static inline void
SkipSpace(Scan *scan)
{
	while (scan->p < scan->end && IsXmlSpace(*scan->p))
		scan->p++;
}

/* Position behind the next `what`, or NULL. */
extern const char *ScanBehind(Scan *scan, const char *what);

/* What a row of the table says. */
extern void DetectFact(const FormatFact *fact, Detected *detected);

/* What the message type of an IDoc, or its basic type, makes of it. */
extern void DetectIdocMessage(Span message, Detected *detected);

/* XML by its root element, and by what stands further inside. */
extern void DetectXml(Scan scan, Detected *detected);

#endif
