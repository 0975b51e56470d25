/*
 * ubl_write.c
 *		UBL 2.1: the kind of a document decides the root element.
 *
 * Two kinds have two roots.  A change that is a cancellation is an OrderCancellation; a response goes
 * into an OrderResponseSimple only if it came from one.
 */
#include "core/codec/xml_codec.h"

/* Does a root say of itself what the document says? */
static bool
RootImplies(const DocumentView *view, const BindRoot *root)
{
	uint32_t node;

	return root->implied != TERM_NONE &&
		   ViewResolve(view, ClexTerms[root->implied].id, &node, NULL) == CLEX_OK && node != 0 &&
		   SpanEqual(ViewNode(view, node).value, root->implied_value);
}

/* A root that is not the usual one of its kind. */
static bool
IsSpecial(const BindRoot *root)
{
	return root->name == NAME_ordcan_OrderCancellation ||
		   root->name == NAME_ordrsps_OrderResponseSimple;
}

/* Does the document ask for that root? */
static bool
AsksFor(const DocumentView *view, const BindRoot *root)
{
	return root->implied != TERM_NONE
			   ? RootImplies(view, root)
			   : SpanEqualCString(view->format, "ubl") &&
					 SpanEqual(ViewProvenance(view, "root"), ClexStaticNames[root->name]);
}

static const BindRoot *
ChooseRoot(const DocumentView *view)
{
	const BindRoot *usual = NULL;

	for (uint32_t i = 0; i < BIND_ROOT_COUNT; i++)
	{
		const BindRoot *root = &ClexBindRoots[i];

		if (strcmp(root->syntax, "ubl") != 0 || root->kind != view->kind)
			continue;
		if (!IsSpecial(root))
			usual = root;
		else if (AsksFor(view, root))
			return root;
	}
	return usual;
}

ClexStatus
UblWrite(WriteJob *job, ClexError *error)
{
	static const char *const prefixes[] = {"cac", "cbc", NULL};
	XmlSyntax syntax = {ChooseRoot(job->document), true, prefixes, {NULL, 0}, NULL};

	return XmlWriteDocument(job, &syntax, error);
}
