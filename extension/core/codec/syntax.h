/*
 * syntax.h
 *		What the binding tables cannot say about a syntax: the facts around its terms.
 */
#ifndef CLEX_CODEC_SYNTAX_H
#define CLEX_CODEC_SYNTAX_H

#include "core/codec/bind.h"

/* Facts of one source tree; spans point into it or to static text, NULL data is unknown. */
typedef struct SyntaxFacts
{
	Span format;
	DocumentKind kind;
	const BindRoot *root; /* where the bindings begin */
	Span version;
	Span profile;  /* BT-24 */
	Span currency; /* what @currencyID repeats */
	Span form;	   /* of several that the root element does not tell apart; empty: the usual one */
	uint32_t part; /* the document among several, each in a child of the root; 0: the tree is one */
} SyntaxFacts;

extern const Span ClexCreditNoteCodes[];
extern const uint32_t ClexCreditNoteCodeCount;

/* A type code of UNTDID 1001 that EN 16931 counts among credit notes. */
extern bool IsCreditNoteCode(Span code);
/* BSART of an INVOIC: SAP's own type, or that of UNTDID 1001 where SAP has none. */
extern bool IdocIsCreditNote(Span type);

/* Which rows of the table of IDocs hold for a kind of document. */
extern char IdocLetter(unsigned kind);

/* False if the tree's root element is not one of the syntax. */
extern bool UblFacts(const Tree *tree, SyntaxFacts *facts);
extern bool CiiFacts(const Tree *tree, SyntaxFacts *facts);
extern bool GoblFacts(const Tree *tree, SyntaxFacts *facts);
extern bool OrderxFacts(const Tree *tree, SyntaxFacts *facts);

/* What a type code of Order-X makes of a message. */
extern DocumentKind OrderxKind(Span type);

/* Of `part`, a FatturaElettronicaBody; 0: the first one. */
extern bool FatturapaFacts(const Tree *tree, uint32_t part, SyntaxFacts *facts);

/* Of `part`, an IDOC; 0: the first one. */
extern bool IdocFacts(const Tree *tree, uint32_t part, SyntaxFacts *facts);

/* False if it is no cXML or has no request that is read. */
extern bool CxmlFacts(const Tree *tree, SyntaxFacts *facts);

/* How many invoices a tree holds. */
extern uint32_t SyntaxParts(const Tree *tree);

#endif
