/*
 * xml_scan.h
 *		The scanner of plain XML and what it shares with the reader; private to core/xml.
 */
#ifndef CLEX_XML_SCAN_H
#define CLEX_XML_SCAN_H

#include "core/xml/xml_read.h"

typedef enum ScanResult
{
	SCAN_DONE,	 /* the tree is complete */
	SCAN_UNSURE, /* not plain enough, perhaps wrong: libxml2 must decide; the tree is void */
	SCAN_NO_MEMORY,
	SCAN_INTERRUPTED,
} ScanResult;

typedef struct XmlScanner XmlScanner;

extern XmlScanner *XmlScannerCreate(const ClexEnv *env); /* NULL when out of memory */
extern void XmlScannerFree(XmlScanner *scanner);

/* XmlParse() by libxml2 alone: what the scanner is compared with. */
extern ClexStatus XmlParseGeneral(XmlParser *parser, Span bytes, const XmlLimits *limits,
								  Arena *arena, Tree *tree, XmlInfo *info, ClexError *error);

/* Fill an empty tree from `bytes`, which are no longer than the limits allow. */
extern ScanResult XmlScan(XmlScanner *scanner, Span bytes, const XmlLimits *limits, Tree *tree,
						  XmlInfo *info);

/* Text of the open element `node`; `broken`: a comment or PI came since its last text. */
static inline void
XmlAddText(Tree *tree, uint32_t node, bool broken, const char *data, size_t length)
{
	TreeNode *n = &VectorAt(&tree->nodes, TreeNode, node);

	if (broken && tree->text.length > n->text)
		n->flags |= TREE_SPLIT_TEXT;
	TextAppend(&tree->text, data, length);
}

#endif
