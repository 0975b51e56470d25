/* The guarded XML reader: what it keeps, and what it refuses. */
#include "core/xml/xml_read.h"
#include "tap.h"

#include <stdlib.h>

static Arena arena;
static Tree tree;
static XmlInfo info;
static ClexError error;

static ClexStatus
Read(const char *xml)
{
	XmlLimits limits = XML_DEFAULT_LIMITS;

	memset(&error, 0, sizeof(error));
	ArenaReset(&arena);
	return XmlRead(SpanFromCString(xml), &limits, &arena, &tree, &info, &error);
}

static void
TestGood(void)
{
	Text at;
	uint32_t id;

	Ok(Read("<i:Invoice xmlns:i='urn:oasis:names:specification:ubl:schema:xsd:Invoice-2' "
			"xmlns='urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2'>\n"
			"<ID schemeID='x&amp;y'>A<!-- c -->B</ID><ID>2</ID><z xmlns='urn:z'/></i:Invoice>") ==
		   CLEX_OK,
	   "a small document is read");
	Ok(TreeAt(&tree, 1)->name == NAME_ubl_Invoice, "a name does not depend on the prefix");
	id = TreeChild(&tree, 1, NAME_cbc_ID);
	Ok(SpanEqualCString(TreeText(&tree, id), "AB"), "text is joined across a comment");
	Ok(TreeAt(&tree, id)->flags & TREE_SPLIT_TEXT, "and remembered as split");
	Ok(TreeAt(&tree, id)->line == 2, "the line is kept");
	Ok(SpanEqualCString(TreeText(&tree, TreeChild(&tree, id, NAME_at_schemeID)), "x&y"),
	   "an attribute value is decoded");
	TextInit(&at, &arena);
	TreeLocation(&tree, TreeNextNamed(&tree, id, NAME_cbc_ID), &at);
	Ok(SpanEqualCString(TextSpan(&at), "/ubl:Invoice/cbc:ID[2]"), "a location has positions");
	Ok(TreeNumberSiblings(&tree), "siblings are numbered");
	TextInit(&at, &arena);
	TreeLocation(&tree, TreeNextNamed(&tree, id, NAME_cbc_ID), &at);
	Ok(SpanEqualCString(TextSpan(&at), "/ubl:Invoice/cbc:ID[2]"), "with the same locations");
	Ok(SpanEqualCString(TreeName(&tree, TreeCount(&tree) - 1), "{urn:z}z"),
	   "a foreign name is kept whole");
	Ok(TreeAt(&tree, TreeFirstNamed(&tree, NAME_cbc_ID))->next_same ==
		   TreeNextNamed(&tree, id, NAME_cbc_ID),
	   "nodes of one name are chained");
	Ok(SpanEqualCString(TreeText(&tree, 1), "\nAB2"), "a group's string value joins its parts");
}

/* Numbered siblings give the same locations as counted ones, for every node. */
static void
TestLocations(void)
{
	static const char xml[] = "<a><b/><c><b>x</b><b/></c><b><c/></b><d q='1'/><c/></a>";
	Span counted[32];
	Text text;
	bool equal = true;

	Ok(Read(xml) == CLEX_OK && TreeCount(&tree) < 32, "a small tree");
	for (int numbered = 0; numbered < 2; numbered++)
	{
		for (uint32_t i = 1; i < TreeCount(&tree); i++)
		{
			TextInit(&text, &arena);
			TreeLocation(&tree, i, &text);
			if (numbered == 0)
				counted[i] = TextSpan(&text);
			else
				equal &= SpanEqual(counted[i], TextSpan(&text));
		}
		TreeNumberSiblings(&tree);
	}
	Ok(equal, "numbered and counted locations are the same");
	Ok(SpanEqualCString(counted[5], "/a/c[1]/b[2]"), "and right");
}

static void
TestBad(void)
{
	char *deep;

	Ok(Read("") == CLEX_MALFORMED, "nothing");
	Ok(Read("<a><b></a>") == CLEX_MALFORMED && error.line == 1, "crossed tags");
	Ok(Read("<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>") == CLEX_MALFORMED, "a DOCTYPE");
	Is(error.message, "the XML document has a DOCTYPE declaration", "is named");
	Ok(Read("<a>&unknown;</a>") == CLEX_MALFORMED, "an entity nobody declared");
	Ok(Read("<?xml version='1.0' encoding='UTF-8'?><a>\xE9</a>") == CLEX_MALFORMED,
	   "Latin-1 bytes declared as UTF-8");
	Ok(Read("<?xml version='1.0' encoding='ISO-8859-1'?><a>\xE9</a>") == CLEX_OK &&
		   SpanEqualCString(TreeText(&tree, 1), "\xC3\xA9"),
	   "Latin-1 declared as such becomes UTF-8");
	Ok(SpanEqualCString(info.encoding, "ISO-8859-1"), "and is reported");
	Ok(Read("hello") == CLEX_MALFORMED, "plain text");
	deep = malloc(400001);
	for (int i = 0; i < 100000; i++)
		memcpy(deep + 3 * i, "<a>", 3);
	deep[300000] = '\0';
	Ok(Read(deep) == CLEX_LIMIT, "100,000 levels");
	memcpy(deep, "<a", 2);
	for (int i = 0; i < 39000; i++)
		snprintf(deep + 2 + 10 * i, 12, " a%05d=''", i);
	Ok(Read(deep) == CLEX_LIMIT, "39,000 attributes");
	free(deep);
}

int
main(void)
{
	ArenaInit(&arena, &ClexPlainEnv, 0);
	TestGood();
	TestLocations();
	TestBad();
	ArenaFree(&arena);
	return Done();
}
