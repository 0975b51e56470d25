/*
 * xml_write.h
 *		Text and names as XML 1.0 has them, appended to a growing text.  No tree, no libxml2.
 */
#ifndef CLEX_XML_WRITE_H
#define CLEX_XML_WRITE_H

#include "core/base/arena.h"

/*
 * Append character data, and the value of an attribute in double quotes, escaped so that a parser gives
 * back the same characters, line ends included.  What XML 1.0 cannot hold at all (control characters,
 * U+FFFE, U+FFFF) becomes U+FFFD, and the answer is false.  `s` is UTF-8.
 */
extern bool XmlAppendText(Text *out, Span s);
extern bool XmlAppendValue(Text *out, Span s);

/* Markup and quotation marks escaped alone: any other character stays, what comes is no XML. */
extern void XmlAppendMarkup(Text *out, Span s);

/* Can it be the name of an element or attribute, without a colon? */
extern bool XmlIsName(Span s);

#endif
