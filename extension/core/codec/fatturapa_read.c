/*
 * fatturapa_read.c
 *		FatturaPA 1.2: one header and an invoice in each body; the type of document decides the kind.
 *
 * A namespace with a slip in it, a blank, is read all the same; rule set structure tells.
 */
#include "core/codec/bind.h"
#include "core/codec/syntax.h"

/* Does the root element claim to be FatturaElettronica of this version, blanks in its namespace aside? */
static bool
IsRoot(const Tree *tree)
{
	static const Span wanted = SPAN_LITERAL(
		"{http://ivaservizi.agenziaentrate.gov.it/docs/xsd/fatture/v1.2}FatturaElettronica");
	Span name = TreeName(tree, 1);
	size_t at = 0;

	if (TreeAt(tree, 1)->name == NAME_fpa_FatturaElettronica)
		return true;
	for (size_t i = 0; i < name.length; i++)
		if (!IsXmlSpace(name.data[i]) && (at == wanted.length || name.data[i] != wanted.data[at++]))
			return false;
	return at == wanted.length;
}

/* Text of a child of a node, NULL data if there is none. */
static Span
ChildText(const Tree *tree, uint32_t node, NameId name)
{
	uint32_t child = node == 0 ? 0 : TreeChild(tree, node, name);

	return child == 0 ? SpanOf(NULL, 0) : SpanTrim(TreeText(tree, child));
}

/* The node at the end of names below a node, 0 if there is none. */
static uint32_t
Descend(const Tree *tree, uint32_t node, NameId one, NameId two)
{
	node = node == 0 ? 0 : TreeChild(tree, node, one);
	return node == 0 ? 0 : TreeChild(tree, node, two);
}

bool
FatturapaFacts(const Tree *tree, uint32_t part, SyntaxFacts *facts)
{
	uint32_t sending;
	uint32_t general;
	Span type;

	if (!IsRoot(tree))
		return false;
	if (part == 0)
		part = TreeChild(tree, 1, NAME_FatturaElettronicaBody);
	sending = Descend(tree, 1, NAME_FatturaElettronicaHeader, NAME_DatiTrasmissione);
	general = Descend(tree, part, NAME_DatiGenerali, NAME_DatiGeneraliDocumento);
	type = ChildText(tree, general, NAME_TipoDocumento);
	facts->format = SPAN_LITERAL("fatturapa");
	facts->kind = SpanEqualCString(type, "TD04") ? DOCUMENT_CREDIT_NOTE : DOCUMENT_INVOICE;
	facts->root = BindRootFind(NAME_fpa_FatturaElettronica);
	facts->version = ChildText(tree, sending, NAME_FormatoTrasmissione);
	facts->currency = ChildText(tree, general, NAME_Divisa);
	facts->part = SyntaxParts(tree) > 1 ? part : 0;
	return true;
}
