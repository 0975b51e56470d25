/*
 * pdf_xmp.c
 *		XMP metadata: what they claim, and saying it for an invoice.
 *
 * A packet is parsed and written anew from its tree: all it said stays, but for the part of PDF/A, which
 * becomes 3, and what an earlier invoice said of itself.  An extension schema for the invoice's properties is
 * added to the bag of them, of which PDF/A allows one.
 */
#include "pdf.h"

#include "core/xml/xml_read.h"
#include "core/xml/xml_write.h"

#define RDF "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
#define XML "http://www.w3.org/XML/1998/namespace"
#define PDFA_ID "http://www.aiim.org/pdfa/ns/id/"
#define PDFA_EXTENSION "http://www.aiim.org/pdfa/ns/extension/"
#define PDFA_SCHEMA "http://www.aiim.org/pdfa/ns/schema#"
#define PDFA_PROPERTY "http://www.aiim.org/pdfa/ns/property#"

/* Depth of elements in a packet; rdf needs about eight. */
#define XMP_DEPTH 60

/* A name taken apart. */
typedef struct XmpName
{
	Span space;
	Span local;
	bool attribute;
} XmpName;

/* Names of elements come as {space}local, or prefix:local where clex itself knows the namespace. */
static XmpName
NameOf(const Tree *tree, uint32_t node)
{
	Span name = TreeName(tree, node);
	XmpName result = {SpanOf("", 0), name, false};
	const char *close;

	if (name.length > 0 && name.data[0] == '@')
	{
		result.attribute = true;
		name = SpanOf(name.data + 1, name.length - 1);
		result.local = name;
	}
	if (name.length > 0 && name.data[0] == '{' &&
		(close = memchr(name.data, '}', name.length)) != NULL)
	{
		result.space = SpanOf(name.data + 1, (size_t) (close - name.data) - 1);
		result.local = SpanOf(close + 1, name.length - result.space.length - 2);
		return result;
	}
	for (uint32_t i = 0; i < ClexNamespaceCount; i++)
	{
		Span prefix = ClexNamespaces[i].prefix;

		if (name.length > prefix.length + 1 && name.data[prefix.length] == ':' &&
			memcmp(name.data, prefix.data, prefix.length) == 0)
		{
			result.space = ClexNamespaces[i].uri;
			result.local = SpanOf(name.data + prefix.length + 1, name.length - prefix.length - 1);
		}
	}
	return result;
}

static bool
Is(XmpName name, const char *space, const char *local)
{
	return SpanEqualCString(name.space, space) && SpanEqualCString(name.local, local);
}

/* Is it a namespace for properties of an invoice, of any version? */
static bool
IsInvoiceSpace(Span space)
{
	static const char middle[] = ":pdfa:CrossIndustryDocument:";

	return space.length > 4 && memcmp(space.data, "urn:", 4) == 0 &&
		   memmem(space.data, space.length, middle, sizeof(middle) - 1) != NULL;
}

static ClexStatus
ParseXmp(Span xmp, Arena *arena, Tree *tree, ClexError *error)
{
	XmlLimits limits = {(size_t) 8 << 20, XMP_DEPTH, 200000, 200};
	XmlInfo info;

	/* libxml2 wants no zero bytes of padding behind the packet */
	while (xmp.length > 0 && xmp.data[xmp.length - 1] == '\0')
		xmp.length--;
	return XmlRead(xmp, &limits, arena, tree, &info, error);
}

/* Keep the first of several. */
static void
Note(Span *fact, Span value)
{
	if (fact->data == NULL)
		*fact = SpanTrim(value);
}

ClexStatus
PdfReadXmp(Span xmp, Arena *arena, PdfXmp *result, ClexError *error)
{
	Tree tree;
	ClexStatus status;

	*result = (PdfXmp){.part = SpanOf(NULL, 0)};
	if ((status = ParseXmp(xmp, arena, &tree, error)) != CLEX_OK)
		return status;
	for (uint32_t i = 1; i < TreeCount(&tree); i++)
	{
		XmpName name = NameOf(&tree, i);
		Span value = TreeText(&tree, i);

		if (Is(name, PDFA_ID, "part"))
			Note(&result->part, value);
		else if (Is(name, PDFA_ID, "conformance"))
			Note(&result->conformance, value);
		else if (IsInvoiceSpace(name.space))
		{
			Note(&result->invoice_space, name.space);
			if (SpanEqualCString(name.local, "DocumentType"))
				Note(&result->document_type, value);
			else if (SpanEqualCString(name.local, "DocumentFileName"))
				Note(&result->file_name, value);
			else if (SpanEqualCString(name.local, "Version"))
				Note(&result->version, value);
			else if (SpanEqualCString(name.local, "ConformanceLevel"))
				Note(&result->level, value);
		}
	}
	for (uint32_t i = 1; i < TreeCount(&tree); i++)
		result->described |= Is(NameOf(&tree, i), PDFA_SCHEMA, "namespaceURI") &&
							 result->invoice_space.length > 0 &&
							 SpanEqual(SpanTrim(TreeText(&tree, i)), result->invoice_space);
	return CLEX_OK;
}

/* A packet being written. */
typedef struct XmpWriter
{
	const Tree *tree;
	const PdfEmbed *embed;
	Text *out;
	Vector spaces; /* Span: namespaces, their prefix is the place */
	bool listed;   /* our extension schema is in the bag */
	bool claimed;  /* pdfaid:part was there */
} XmpWriter;

static void
Put(XmpWriter *writer, const char *text)
{
	TextAppend(writer->out, text, strlen(text));
}

static void
PutText(XmpWriter *writer, Span text)
{
	(void) XmlAppendText(writer->out, text);
}

/* Prefixes that people know; others are numbered. */
static void
PutPrefix(XmpWriter *writer, Span space)
{
	static const char *const known[][2] = {{XML, "xml"},
										   {RDF, "rdf"},
										   {PDFA_ID, "pdfaid"},
										   {PDFA_EXTENSION, "pdfaExtension"},
										   {PDFA_SCHEMA, "pdfaSchema"},
										   {PDFA_PROPERTY, "pdfaProperty"},
										   {"http://purl.org/dc/elements/1.1/", "dc"},
										   {"http://ns.adobe.com/xap/1.0/", "xmp"},
										   {"http://ns.adobe.com/pdf/1.3/", "pdf"},
										   {"http://ns.adobe.com/xap/1.0/mm/", "xmpMM"}};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (SpanEqualCString(space, known[i][0]))
		{
			Put(writer, known[i][1]);
			return;
		}
	for (uint32_t i = 0; i < writer->spaces.count; i++)
		if (SpanEqual(VectorAt(&writer->spaces, Span, i), space))
			TextAppendf(writer->out, "ns%u", i);
}

static void
PutName(XmpWriter *writer, XmpName name)
{
	if (name.space.length > 0)
	{
		PutPrefix(writer, name.space);
		Put(writer, ":");
	}
	TextAppendSpan(writer->out, name.local);
}

/* All namespaces of the packet, for the declarations on top; false when out of memory. */
static bool
CollectSpaces(XmpWriter *writer, uint32_t from, uint32_t end)
{
	static const char *const ours[] = {
		RDF,		 PDFA_ID,		PDFA_EXTENSION,
		PDFA_SCHEMA, PDFA_PROPERTY, "http://purl.org/dc/elements/1.1/"};

	VectorInit(&writer->spaces, writer->out->arena, sizeof(Span));
	for (uint32_t i = 0; i < sizeof(ours) / sizeof(ours[0]) + (end - from); i++)
	{
		Span space = i < 6 ? SpanFromCString(ours[i]) : NameOf(writer->tree, from + i - 6).space;
		bool known = space.length == 0 || SpanEqualCString(space, XML) || IsInvoiceSpace(space);
		Span *place;

		for (uint32_t k = 0; k < writer->spaces.count && !known; k++)
			known = SpanEqual(VectorAt(&writer->spaces, Span, k), space);
		if (known)
			continue;
		if ((place = VectorPush(&writer->spaces)) == NULL)
			return false;
		*place = space;
	}
	return true;
}

static void
PutProperty(XmpWriter *writer, const char *name, const char *description)
{
	TextAppendf(writer->out,
				"<rdf:li rdf:parseType=\"Resource\"><pdfaProperty:name>%s</pdfaProperty:name>"
				"<pdfaProperty:valueType>Text</pdfaProperty:valueType>"
				"<pdfaProperty:category>external</pdfaProperty:category>"
				"<pdfaProperty:description>%s</pdfaProperty:description></rdf:li>\n",
				name, description);
}

/* The extension schema of the invoice's properties, an item of the bag. */
static void
PutSchema(XmpWriter *writer)
{
	const PdfProfile *profile = writer->embed->profile;

	Put(writer, "<rdf:li rdf:parseType=\"Resource\">\n"
				"<pdfaSchema:schema>Properties of the attached document</pdfaSchema:schema>\n"
				"<pdfaSchema:namespaceURI>");
	PutText(writer, profile->space);
	Put(writer, "</pdfaSchema:namespaceURI>\n<pdfaSchema:prefix>");
	PutText(writer, profile->prefix);
	Put(writer, "</pdfaSchema:prefix>\n<pdfaSchema:property><rdf:Seq>\n");
	PutProperty(writer, "DocumentFileName", "name of the attached XML file");
	PutProperty(writer, "DocumentType", "what the attached document is");
	PutProperty(writer, "Version", "version of the XML standard");
	PutProperty(writer, "ConformanceLevel", "profile of the attached document");
	Put(writer, "</rdf:Seq></pdfaSchema:property>\n</rdf:li>\n");
	writer->listed = true;
}

static void
PutInvoiceProperty(XmpWriter *writer, const char *name, Span value)
{
	TextAppendf(writer->out, "<%s:%s>", writer->embed->profile->prefix.data, name);
	PutText(writer, value);
	TextAppendf(writer->out, "</%s:%s>\n", writer->embed->profile->prefix.data, name);
}

/* The invoice's properties, and the schema if there was no bag to put it into. */
static void
PutDescriptions(XmpWriter *writer)
{
	const PdfProfile *profile = writer->embed->profile;

	if (!writer->claimed)
		Put(writer, "<rdf:Description rdf:about=\"\"><pdfaid:part>3</pdfaid:part>"
					"<pdfaid:conformance>B</pdfaid:conformance></rdf:Description>\n");
	if (writer->embed->claim && writer->embed->title.length > 0)
	{
		Put(writer, "<rdf:Description rdf:about=\"\"><dc:title><rdf:Alt>"
					"<rdf:li xml:lang=\"x-default\">");
		PutText(writer, writer->embed->title);
		Put(writer, "</rdf:li></rdf:Alt></dc:title></rdf:Description>\n");
	}
	TextAppendf(writer->out, "<rdf:Description rdf:about=\"\" xmlns:%s=\"", profile->prefix.data);
	PutText(writer, profile->space);
	Put(writer, "\">\n");
	PutInvoiceProperty(writer, "DocumentType", profile->document_type);
	PutInvoiceProperty(writer, "DocumentFileName", writer->embed->name);
	PutInvoiceProperty(writer, "Version", profile->version);
	PutInvoiceProperty(writer, "ConformanceLevel", profile->level);
	Put(writer, "</rdf:Description>\n");
	if (!writer->listed)
	{
		Put(writer, "<rdf:Description rdf:about=\"\"><pdfaExtension:schemas><rdf:Bag>\n");
		PutSchema(writer);
		Put(writer, "</rdf:Bag></pdfaExtension:schemas></rdf:Description>\n");
	}
}

/* An item of the bag of schemas that describes an invoice. */
static bool
DescribesInvoice(const Tree *tree, uint32_t node)
{
	if (!Is(NameOf(tree, node), RDF, "li"))
		return false;
	for (uint32_t i = node + 1; i < TreeAt(tree, node)->end; i++)
		if (Is(NameOf(tree, i), PDFA_SCHEMA, "namespaceURI") &&
			IsInvoiceSpace(SpanTrim(TreeText(tree, i))))
			return true;
	return false;
}

static void PutElement(XmpWriter *writer, uint32_t node, bool in_schemas);

/* What stands in an element: attributes were written. */
static void
PutContent(XmpWriter *writer, uint32_t node, XmpName name, bool in_schemas)
{
	const TreeNode *fact = TreeAt(writer->tree, node);
	uint32_t end = fact->end;

	if (in_schemas && Is(name, RDF, "Bag") && !writer->listed)
		PutSchema(writer);
	if (Is(name, PDFA_ID, "part"))
		Put(writer, "3");
	else if (!(fact->flags & TREE_HAS_ELEMENTS))
		PutText(writer, TreeText(writer->tree, node));
	for (uint32_t i = node + 1; i < end; i = TreeAt(writer->tree, i)->end)
		if (!TreeIsAttribute(writer->tree, i))
			PutElement(writer, i, in_schemas);
}

/* An element as it was, but for what speaks of an invoice.  Depth: XMP_DEPTH. */
static void
PutElement(XmpWriter *writer, uint32_t node, bool in_schemas)
{
	XmpName name = NameOf(writer->tree, node);
	uint32_t end = TreeAt(writer->tree, node)->end;

	if (IsInvoiceSpace(name.space) || (in_schemas && DescribesInvoice(writer->tree, node)))
		return;
	in_schemas |= Is(name, PDFA_EXTENSION, "schemas");
	writer->claimed |= Is(name, PDFA_ID, "part");
	Put(writer, "<");
	PutName(writer, name);
	for (uint32_t i = node + 1; i < end && TreeIsAttribute(writer->tree, i); i++)
	{
		XmpName attribute = NameOf(writer->tree, i);

		if (IsInvoiceSpace(attribute.space))
			continue;
		writer->claimed |= Is(attribute, PDFA_ID, "part");
		Put(writer, " ");
		PutName(writer, attribute);
		Put(writer, "=\"");
		(void) XmlAppendValue(writer->out, Is(attribute, PDFA_ID, "part")
											   ? SPAN_LITERAL("3")
											   : TreeText(writer->tree, i));
		Put(writer, "\"");
	}
	Put(writer, ">");
	PutContent(writer, node, name, in_schemas);
	Put(writer, "</");
	PutName(writer, name);
	Put(writer, ">\n");
}

/* The element rdf:RDF, 0 if there is none. */
static uint32_t
FindRdf(const Tree *tree)
{
	for (uint32_t i = 1; i < TreeCount(tree); i++)
		if (Is(NameOf(tree, i), RDF, "RDF"))
			return i;
	return 0;
}

ClexStatus
PdfWriteXmp(Span old, const PdfEmbed *embed, Arena *arena, Span *result, ClexError *error)
{
	XmpWriter writer = {.embed = embed};
	Tree tree;
	Text out;
	uint32_t rdf = 0;
	uint32_t end = 0;
	ClexStatus status;

	TextInit(&out, arena);
	writer.out = &out;
	writer.tree = &tree;
	if (old.data != NULL)
	{
		if ((status = ParseXmp(old, arena, &tree, error)) != CLEX_OK)
			return status;
		rdf = FindRdf(&tree);
		if (rdf == 0)
			return ClexFail(error, CLEX_MALFORMED, "the metadata of the PDF are no XMP");
		end = TreeAt(&tree, rdf)->end;
	}
	if (!CollectSpaces(&writer, rdf, end))
		return ClexFail(error, CLEX_NO_MEMORY, "out of memory");
	Put(&writer, "<?xpacket begin=\"\xEF\xBB\xBF\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>\n"
				 "<x:xmpmeta xmlns:x=\"adobe:ns:meta/\">\n<rdf:RDF");
	for (uint32_t i = 0; i < writer.spaces.count; i++)
	{
		Put(&writer, " xmlns:");
		PutPrefix(&writer, VectorAt(&writer.spaces, Span, i));
		Put(&writer, "=\"");
		(void) XmlAppendValue(&out, VectorAt(&writer.spaces, Span, i));
		Put(&writer, "\"");
	}
	Put(&writer, ">\n");
	for (uint32_t i = rdf + 1; i < end; i = TreeAt(&tree, i)->end)
		if (!TreeIsAttribute(&tree, i))
			PutElement(&writer, i, false);
	PutDescriptions(&writer);
	Put(&writer, "</rdf:RDF>\n</x:xmpmeta>\n<?xpacket end=\"w\"?>");
	*result = TextSpan(&out);
	return out.failed ? ClexFail(error, CLEX_NO_MEMORY, "out of memory") : CLEX_OK;
}
