/*
 * xml_codec.h
 *		UBL, CII and other XML as formats: one reader and one writer, driven by the binding tables.
 */
#ifndef CLEX_CODEC_XML_CODEC_H
#define CLEX_CODEC_XML_CODEC_H

#include "core/codec/codec.h"

extern ClexStatus XmlReadTerms(const ReadRequest *request, Arena *arena, Tree *source,
							   DocumentBuilder **builder, BindCounts *counts, ClexError *error);

/* What the tables do not say about writing a syntax. */
typedef struct XmlSyntax
{
	const BindRoot *root;
	bool plain_root;			 /* the namespace of the root is the default one */
	const char *const *prefixes; /* always declared beside it, NULL at the end */
	Span doctype;				 /* its system identifier; empty: none is written */
	/* What a filler "{name}" of the tables stands for; NULL data: nothing. */
	Span (*fill)(const WriteJob *job, Span name);
} XmlSyntax;

extern ClexStatus XmlWriteDocument(WriteJob *job, const XmlSyntax *syntax, ClexError *error);

/* The same elements for what becomes JSON: of any characters, with nothing between them. */
extern ClexStatus XmlWriteElements(WriteJob *job, const XmlSyntax *syntax, ClexError *error);

extern ClexStatus UblWrite(WriteJob *job, ClexError *error);
extern ClexStatus CiiWrite(WriteJob *job, ClexError *error);
extern ClexStatus OrderxWrite(WriteJob *job, ClexError *error);
extern ClexStatus FatturapaWrite(WriteJob *job, ClexError *error);
extern ClexStatus GoblWrite(WriteJob *job, ClexError *error);
extern ClexStatus IdocWrite(WriteJob *job, ClexError *error);
extern ClexStatus CxmlWrite(WriteJob *job, ClexError *error);

#endif
