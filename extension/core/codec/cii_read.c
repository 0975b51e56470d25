/*
 * cii_read.c
 *		UN/CEFACT Cross Industry Invoice, D16B and D22B (one namespace): the type code decides the kind.
 */
#include "core/codec/bind.h"
#include "core/codec/syntax.h"

/* Text at the end of a path of names below the root, NULL data if there is none. */
static Span
PathText(const Tree *tree, const NameId *names, int count)
{
	uint32_t node = 1;

	for (int i = 0; i < count && node != 0; i++)
		node = TreeChild(tree, node, names[i]);
	return node == 0 ? SpanOf(NULL, 0) : TreeText(tree, node);
}

bool
IsCreditNoteCode(Span code)
{
	for (uint32_t i = 0; i < ClexCreditNoteCodeCount; i++)
		if (SpanEqual(ClexCreditNoteCodes[i], code))
			return true;
	return false;
}

bool
CiiFacts(const Tree *tree, SyntaxFacts *facts)
{
	static const NameId type[] = {NAME_rsm_ExchangedDocument, NAME_ram_TypeCode};
	static const NameId profile[] = {NAME_rsm_ExchangedDocumentContext,
									 NAME_ram_GuidelineSpecifiedDocumentContextParameter,
									 NAME_ram_ID};
	static const NameId currency[] = {NAME_rsm_SupplyChainTradeTransaction,
									  NAME_ram_ApplicableHeaderTradeSettlement,
									  NAME_ram_InvoiceCurrencyCode};

	if (TreeAt(tree, 1)->name != NAME_rsm_CrossIndustryInvoice)
		return false;
	facts->format = SPAN_LITERAL("cii");
	facts->kind = IsCreditNoteCode(SpanTrim(PathText(tree, type, 2))) ? DOCUMENT_CREDIT_NOTE
																	  : DOCUMENT_INVOICE;
	facts->root = BindRootFind(NAME_rsm_CrossIndustryInvoice);
	facts->version = SPAN_LITERAL("D16B");
	facts->profile = SpanTrim(PathText(tree, profile, 3));
	facts->currency = PathText(tree, currency, 3);
	return true;
}
