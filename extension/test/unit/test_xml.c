/* The guarded XML reader: what it keeps, and what it refuses. */
#include "core/xml/xml_scan.h"
#include "same_tree.h"
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

#define INVOICE "urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"

/* Documents by which reader reads them; whoever does, the tree is libxml2's. */
static const struct
{
	const char *xml;
	bool plain;
} documents[] = {
	{"<a/>", true},
	{"\xEF\xBB\xBF<a/>", true},
	{"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<a>x</a>\n", true},
	{"<?xml version='1.0' encoding='utf-8' standalone='yes' ?><a>x</a>", true},
	{"<?xml version='1.0'?><!-- c --><?p q?><a>x</a><!-- d\n --> <?p?>\n", true},
	{"<a>\r\n<b x='1'\r\n y=\"2'3\"\n>t\r\n</b >\n]]<c\n/></a\n>", true},
	{"<a>&lt;&gt;&amp;&quot;&apos; x</a>", true},
	{"<a>x<!-- c -->y<?p?>z<b/>w<!-- c --></a>", true},
	{"<a><!-- c -->y<b>x</b><!-- c -->z</a>", true},
	{"<a>\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80<b c='\xC3\xA9'/></a>", true},
	{"<i:Invoice xmlns:i='" INVOICE "' xmlns='urn:x' i:a='1'><b xmlns:i='urn:y'><i:c/></b>"
	 "<i:c/></i:Invoice>",
	 true},
	{"<Invoice xmlns='" INVOICE "'><x:a xmlns:x='http://x.org/a_b#c' x:b='' b=''/></Invoice>",
	 true},
	{"<a xmlns='urn:a1'><b xmlns='urn:a2'/><b xmlns='urn:a2'/><b/></a>", true},
	{"<urn.a-b_c.1234567890.1234567890/>", true},
	/* left to libxml2, which reads them */
	{"<a><![CDATA[x]]></a>", false},
	{"<a>&#233;&#xE9;</a>", false},
	{"<a b='&amp;'/>", false},
	{"<a b='1\n2\t3'/>", false},
	{"<a>x\ry</a>", false},
	{"<\xC3\xA9/>", false},
	{"<a xml:lang='en' xml:space='preserve'/>", false},
	{"<a xmlns='http://a b'/>", false},
	{"<a xmlns=''/>", false},
	{"<?xml version='1.0' encoding='Utf-8'?><a/>", false},
	{"<?xml version='1.0' encoding='ISO-8859-1'?><a>\xE9</a>", false},
	/* and which it refuses */
	{"<?xml version='1.1'?><a/>", false},
	{" <?xml version='1.0'?><a/>", false},
	{"<a>", false},
	{"<a></b>", false},
	{"<a></ab>", false},
	{"<ab></a>", false},
	{"<a/><b/>", false},
	{"<a/>x", false},
	{"x<a/>", false},
	{"<a>]]></a>", false},
	{"<a b='<'/>", false},
	{"<a b='1'c='2'/>", false},
	{"<a b='1' b='2'/>", false},
	{"<a b=1/>", false},
	{"<a b/>", false},
	{"<a / >", false},
	{"<a><!-- -- --></a>", false},
	{"<a><!-- --->", false},
	{"<a><?xml q?></a>", false},
	{"<a><?p:q r?></a>", false},
	{"<a><?p=?></a>", false},
	{"<a>\x01</a>", false},
	{"<a>\x7F\xC2\x80</a>", true},
	{"<a>\xEF\xBF\xBE</a>", false},
	{"<a>\xED\xA0\x80</a>", false},
	{"<a>\xC0\x80</a>", false},
	{"<a>\xE9</a>", false},
	{"<x:a/>", false},
	{"<a x:b='1'/>", false},
	{"<a:b:c xmlns:a='urn:a'/>", false},
	{"<:a/>", false},
	{"<a:/>", false},
	{"<a xmlns:x='urn:a1' xmlns:x='urn:a2'/>", false},
	{"<a xmlns:x='urn:a1' xmlns:y='urn:a1' x:b='1' y:b='2'/>", false},
	{"<a xmlns:xml='urn:a1'/>", false},
	{"<a xmlns:x=''/>", false},
	{"<a xmlns:x='http://www.w3.org/2000/xmlns/'/>", false},
	{"<a xmlns:x='http://www.w3.org/XML/1998/namespace'/>", false},
	{"<!DOCTYPE a><a/>", false},
	{"<a>&x;</a>", false},
	{"<a>& x</a>", false},
	{"<a", false},
	{"<a ", false},
	{"<a b", false},
	{"<a b='", false},
	{"<a>x</", false},
	{"<a>x</a", false},
	{"<a><", false},
	{"<", false},
	{"<?xml", false},
	{"<a/><!--", false},
};

/* The scanner takes what it should, and then the tree is that of libxml2. */
static void
TestScanner(void)
{
	XmlLimits limits = XML_DEFAULT_LIMITS;
	XmlScanner *scanner = XmlScannerCreate(&ClexPlainEnv);
	XmlParser *parser = XmlParserCreate(&ClexPlainEnv);
	Tree parsed;
	XmlInfo parsed_info;

	for (size_t i = 0; i < sizeof(documents) / sizeof(documents[0]); i++)
	{
		char *exact = malloc(strlen(documents[i].xml));
		Span xml = SpanOf(exact, strlen(documents[i].xml));
		bool plain;

		memcpy(exact, documents[i].xml, xml.length);
		ArenaReset(&arena);
		TreeInit(&tree, &arena);
		plain = XmlScan(scanner, xml, &limits, &tree, &info) == SCAN_DONE;
		Ok(plain == documents[i].plain, "document %zu", i);
		if (plain)
			Ok(XmlParseGeneral(parser, xml, &limits, &arena, &parsed, &parsed_info, &error) ==
					   CLEX_OK &&
				   SameTree(&tree, &parsed) && SpanEqual(info.encoding, parsed_info.encoding),
			   "  as libxml2 reads it");
		free(exact);
	}
	XmlParserFree(parser);
	XmlScannerFree(scanner);
}

/* A document that turns out not to be plain at its end leaves nothing of the scan behind. */
static void
TestRestart(void)
{
	Ok(Read("<a xmlns='urn:a'><b c='1'>x</b><b/><![CDATA[y]]></a>") == CLEX_OK &&
		   TreeCount(&tree) == 5,
	   "a tree is begun anew");
	Ok(SpanEqualCString(TreeText(&tree, 0), "xy") && TreeNamedCount(&tree, 0) == 0 &&
		   SpanEqualCString(TreeText(&tree, 3), "1") &&
		   TreeNamedCount(&tree, TreeAt(&tree, 2)->name) == 2,
	   "with nothing twice");
}

/* Limits are libxml2's business too: the scanner stops at each, and the error is the usual one. */
static void
TestLimits(void)
{
	static const char xml[] = "<a><b c='1' d='2'><e/></b></a>";
	XmlLimits limits = XML_DEFAULT_LIMITS;

	ArenaReset(&arena);
	limits.max_depth = 2;
	Ok(XmlRead(SpanFromCString(xml), &limits, &arena, &tree, &info, &error) == CLEX_LIMIT, "depth");
	Is(error.message, "XML is nested deeper than 2 elements", "is named");
	limits.max_depth = 3;
	Ok(XmlRead(SpanFromCString(xml), &limits, &arena, &tree, &info, &error) == CLEX_OK,
	   "just deep enough");
	limits.max_attributes = 1;
	Ok(XmlRead(SpanFromCString(xml), &limits, &arena, &tree, &info, &error) == CLEX_LIMIT,
	   "attributes");
	limits = XML_DEFAULT_LIMITS;
	limits.max_nodes = 6;
	Ok(XmlRead(SpanFromCString(xml), &limits, &arena, &tree, &info, &error) == CLEX_OK,
	   "as many nodes as are allowed");
	limits.max_nodes = 5;
	Ok(XmlRead(SpanFromCString(xml), &limits, &arena, &tree, &info, &error) == CLEX_LIMIT,
	   "one too many");
}

int
main(void)
{
	ArenaInit(&arena, &ClexPlainEnv, 0);
	TestGood();
	TestLocations();
	TestBad();
	TestScanner();
	TestRestart();
	TestLimits();
	ArenaFree(&arena);
	return Done();
}
