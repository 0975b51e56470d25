/*
 * orderx_read.c
 *		Order-X 1.0: one root for orders, changes of orders and responses; the type code decides the kind.
 */
#include "core/codec/syntax.h"

/* Text at the end of a path of names below the root, NULL data if there is none. */
static Span
PathText(const Tree *tree, NameId one, NameId two, NameId three)
{
	uint32_t node = TreeChild(tree, 1, one);

	node = node == 0 ? 0 : TreeChild(tree, node, two);
	node = node == 0 || three == NAME_NONE ? node : TreeChild(tree, node, three);
	return node == 0 ? SpanOf(NULL, 0) : SpanTrim(TreeText(tree, node));
}

DocumentKind
OrderxKind(Span type)
{
	return SpanEqualCString(type, "230")   ? DOCUMENT_ORDER_CHANGE
		   : SpanEqualCString(type, "231") ? DOCUMENT_ORDER_RESPONSE
										   : DOCUMENT_ORDER;
}

bool
OrderxFacts(const Tree *tree, SyntaxFacts *facts)
{
	if (TreeAt(tree, 1)->name != NAME_cio_SCRDMCCBDACIOMessageStructure)
		return false;
	facts->format = SPAN_LITERAL("orderx");
	facts->kind =
		OrderxKind(PathText(tree, NAME_cio_ExchangedDocument, NAME_ram128_TypeCode, NAME_NONE));
	facts->root = BindRootOfKind(NAME_cio_SCRDMCCBDACIOMessageStructure, facts->kind);
	facts->version = SPAN_LITERAL("1.0");
	facts->profile =
		PathText(tree, NAME_cio_ExchangedDocumentContext,
				 NAME_ram128_GuidelineSpecifiedDocumentContextParameter, NAME_ram128_ID);
	facts->currency =
		PathText(tree, NAME_cio_SupplyChainTradeTransaction,
				 NAME_ram128_ApplicableHeaderTradeSettlement, NAME_ram128_OrderCurrencyCode);
	return true;
}
