/*
 * detect_xml.c
 *		Recognising XML by its root element, and by the codes inside that tell kinds apart.
 */
#include "core/codec/detect_parts.h"

#include "core/base/utf8.h"

/* The name and namespace of a root element. */
typedef struct Root
{
	Span local;
	Span uri;
	Span version; /* attribute of that name, NULL data if there is none */
} Root;

static bool
IsNameByte(char c)
{
	return !IsXmlSpace(c) && c != '>' && c != '/' && c != '=' && c != '<' && c != '"' && c != '\'';
}

static Span
ScanName(Scan *scan)
{
	const char *start = scan->p;

	while (scan->p < scan->end && IsNameByte(*scan->p))
		scan->p++;
	return SpanOf(start, (size_t) (scan->p - start));
}

/* name="value" at the cursor; false at the end of the tag or of the scanned bytes. */
static bool
ScanAttribute(Scan *scan, Span *name, Span *value)
{
	const char *close;

	SkipSpace(scan);
	*name = ScanName(scan);
	SkipSpace(scan);
	if (name->length == 0 || scan->p >= scan->end || *scan->p != '=')
		return false;
	scan->p++;
	SkipSpace(scan);
	if (scan->p >= scan->end || (*scan->p != '"' && *scan->p != '\''))
		return false;
	close = memchr(scan->p + 1, *scan->p, (size_t) (scan->end - scan->p - 1));
	if (close == NULL)
		return false;
	*value = SpanOf(scan->p + 1, (size_t) (close - scan->p - 1));
	scan->p = close + 1;
	return true;
}

static Span
LocalName(Span name, Span *prefix)
{
	const char *colon = memchr(name.data, ':', name.length);

	*prefix = SpanOf(name.data, colon == NULL ? 0 : (size_t) (colon - name.data));
	if (colon != NULL)
	{
		name.length -= (size_t) (colon + 1 - name.data);
		name.data = colon + 1;
	}
	return name;
}

/* The pseudo-attribute encoding of an XML declaration; moves behind the declaration. */
static Span
ScanDeclaration(Scan *scan)
{
	Span encoding = {NULL, 0};
	Span name;
	Span value;
	const char *behind = ScanBehind(scan, "?>");

	scan->p += strlen("<?xml");
	while (ScanAttribute(scan, &name, &value))
		if (SpanEqualCString(name, "encoding"))
			encoding = value;
	scan->p = behind != NULL ? behind : scan->end;
	return encoding;
}

/* Skip white space, comments, processing instructions and a DOCTYPE; true at a start tag. */
static bool
FindRoot(Scan *scan)
{
	for (;;)
	{
		const char *behind = NULL;

		SkipSpace(scan);
		if (scan->end - scan->p < 2 || *scan->p != '<')
			return false;
		if (scan->p[1] == '?')
			behind = ScanBehind(scan, "?>");
		else if (scan->end - scan->p >= 4 && memcmp(scan->p, "<!--", 4) == 0)
			behind = ScanBehind(scan, "-->");
		else if (scan->p[1] == '!')
			behind = ScanBehind(scan, ">");
		else
			return IsNameByte(scan->p[1]);
		if (behind == NULL)
			return false;
		scan->p = behind;
	}
}

/* The root's local name and the namespace its prefix is bound to in its own tag. */
static Root
ScanRoot(Scan *scan)
{
	Root root = {{NULL, 0}, {NULL, 0}, {NULL, 0}};
	Span prefix;
	Span name;
	Span value;

	scan->p++;
	root.local = LocalName(ScanName(scan), &prefix);
	while (ScanAttribute(scan, &name, &value))
	{
		Span declared;
		Span local = LocalName(name, &declared);

		if (prefix.length == 0 ? SpanEqualCString(name, "xmlns")
							   : SpanEqualCString(declared, "xmlns") && SpanEqual(local, prefix))
			root.uri = value;
		if (SpanEqualCString(name, "version"))
			root.version = value;
	}
	return root;
}

/* The character that a reference stands for, and where it ends; 0: it is none of XML's own. */
static uint32_t
ReferencePoint(const char *p, const char *end, const char **behind)
{
	static const struct
	{
		const char *name;
		char character;
	} entities[] = {{"amp", '&'}, {"lt", '<'}, {"gt", '>'}, {"quot", '"'}, {"apos", '\''}};
	const char *close = memchr(p, ';', (size_t) (end - p));
	Span name;
	bool wide;
	uint32_t point = 0;

	if (close == NULL)
		return 0;
	name = SpanOf(p + 1, (size_t) (close - p - 1));
	wide = name.length > 2 && name.data[1] == 'x';
	*behind = close + 1;
	for (size_t i = 0; i < sizeof(entities) / sizeof(entities[0]); i++)
		if (SpanEqualCString(name, entities[i].name))
			return (unsigned char) entities[i].character;
	if (name.length < 2 || name.length > 8 || name.data[0] != '#')
		return 0;
	for (size_t i = wide ? 2 : 1; i < name.length; i++)
	{
		static const char digits[] = "0123456789abcdefABCDEF";
		const char *digit = memchr(digits, name.data[i], wide ? 22 : 10);

		if (digit == NULL)
			return 0;
		point = point * (wide ? 16 : 10) +
				(uint32_t) (digit - digits > 15 ? digit - digits - 6 : digit - digits);
	}
	return point <= 0x10FFFF && (point < 0xD800 || point > 0xDFFF) ? point : 0;
}

/* The text of an element from its start tag on, CDATA and references undone; NULL data: it has no end in sight. */
static Span
SpelledText(Scan *scan, const char *p)
{
	static const char open[] = "<![CDATA[";
	Text out;

	TextInit(&out, scan->arena);
	while (p < scan->end)
	{
		const char *behind;
		uint32_t point;
		char bytes[4];

		if (*p == '&' && (point = ReferencePoint(p, scan->end, &behind)) != 0)
		{
			TextAppend(&out, bytes, (size_t) Utf8Encode(point, bytes));
			p = behind;
		}
		else if (StartsWith(SpanOf(p, (size_t) (scan->end - p)), SpanFromCString(open)))
		{
			p += sizeof(open) - 1;
			behind = ScanBehind(&(Scan){.p = p, .end = scan->end}, "]]>");
			if (behind == NULL)
				break;
			TextAppend(&out, p, (size_t) (behind - 3 - p));
			p = behind;
		}
		else if (*p == '<')
			return out.failed ? SpanOf(NULL, 0) : SpanTrim(TextSpan(&out));
		else
			TextAppendChar(&out, *p++);
	}
	return SpanOf(NULL, 0);
}

/* Text of the next element with that local name that has any; NULL data if not in sight. */
static Span
ScanElementText(Scan *scan, const char *local)
{
	const char *p;

	while ((p = ScanBehind(scan, local)) != NULL)
	{
		const char *open = memchr(p, '>', (size_t) (scan->end - p));
		const char *close;
		char before = *(p - strlen(local) - 1);

		scan->p = p;
		if (open == NULL)
			break;
		if ((before != '<' && before != ':') || IsNameByte(*p))
			continue;
		close = memchr(open + 1, '<', (size_t) (scan->end - open - 1));
		if (close == NULL)
			break;
		if (scan->arena != NULL && (memchr(open + 1, '&', (size_t) (close - open - 1)) != NULL ||
									(scan->end - close > 2 && close[1] == '!' && close[2] == '[')))
			return SpelledText(scan, open + 1);
		if (close > open + 1)
			return SpanTrim(SpanOf(open + 1, (size_t) (close - open - 1)));
	}
	return (Span){NULL, 0};
}

static Span
ScanProfile(Scan scan, Span format)
{
	if (SpanEqualCString(format, "ubl"))
		return ScanElementText(&scan, "CustomizationID");
	if (SpanEqualCString(format, "cii") || SpanEqualCString(format, "orderx"))
	{
		const char *p = ScanBehind(&scan, "GuidelineSpecifiedDocumentContextParameter");

		if (p != NULL)
		{
			scan.p = p;
			return ScanElementText(&scan, "ID");
		}
	}
	return (Span){NULL, 0};
}

/* CII and Order-X have one root for several kinds: their type code decides. */
static Span
ScanTypeCode(Scan scan)
{
	scan.p = ScanBehind(&scan, "ExchangedDocument>");
	return scan.p == NULL ? SpanOf(NULL, 0) : ScanElementText(&scan, "TypeCode");
}

/* Is it the namespace of a row, or one that begins so?  Blanks in it are a slip of the sender. */
static bool
IsNamespace(Span uri, const FormatFact *fact)
{
	size_t at = 0;

	for (size_t i = 0; i < uri.length; i++)
		if (!IsXmlSpace(uri.data[i]))
		{
			if (at == fact->what.length)
				return fact->prefix;
			if (uri.data[i] != fact->what.data[at++])
				return false;
		}
	return at == fact->what.length;
}

/* "053.001.02" of "urn:…:xsd:camt.053.001.02". */
static Span
NamespaceVersion(Span uri)
{
	const char *colon = uri.length > 0 ? memrchr(uri.data, ':', uri.length) : NULL;
	const char *end = uri.data + uri.length;
	const char *point = colon != NULL ? memchr(colon, '.', (size_t) (end - colon)) : NULL;

	return point != NULL ? SpanOf(point + 1, (size_t) (end - point - 1)) : SpanOf(NULL, 0);
}

/* The format of the transmission, and a type that is a credit note; either may lie beyond the scan. */
static void
DetectFatturapa(Scan scan, Detected *detected)
{
	Scan second = scan;
	Span sent = ScanElementText(&scan, "FormatoTrasmissione");
	Span type = ScanElementText(&second, "TipoDocumento");

	if (SpanEqualCString(sent, "FPA12") || SpanEqualCString(sent, "FPR12"))
		detected->version = sent;
	if (SpanEqualCString(type, "TD04") || SpanEqualCString(type, "TD08"))
		detected->kind = SPAN_LITERAL("credit_note");
}

/* cXML: the version stands in the root, the request inside is the kind, which its header may change. */
static void
DetectCxml(Scan scan, const Root *root, Detected *detected)
{
	static const char *const requests[][2] = {{"<InvoiceDetailRequest", "invoice"},
											  {"<OrderRequest", "order"},
											  {"<ConfirmationRequest", "order_response"},
											  {"<ShipNoticeRequest", "despatch_advice"}};
	static const char *const kinds[][3] = {{"purpose", "creditMemo", "credit_note"},
										   {"purpose", "lineLevelCreditMemo", "credit_note"},
										   {"type", "update", "order_change"},
										   {"type", "delete", "order_change"}};
	Span name;
	Span value;

	detected->version = root->version;
	for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]) && detected->kind.data == NULL;
		 i++)
		if (ScanBehind(&scan, requests[i][0]) != NULL)
			detected->kind = SpanFromCString(requests[i][1]);
	detected->read = detected->kind.data != NULL;
	scan.p = ScanBehind(&scan, "RequestHeader");
	while (scan.p != NULL && ScanAttribute(&scan, &name, &value))
		for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
			if (SpanEqualCString(name, kinds[i][0]) && SpanEqualCString(value, kinds[i][1]))
				detected->kind = SpanFromCString(kinds[i][2]);
}

void
DetectXml(Scan scan, Detected *detected)
{
	Root root;

	detected->xml = true;
	detected->format = SPAN_LITERAL("xml");
	if (StartsWith(SpanOf(scan.p, (size_t) (scan.end - scan.p)), SPAN_LITERAL("<?xml")) &&
		scan.end - scan.p > 5 && IsXmlSpace(scan.p[5]))
	{
		Span declared = ScanDeclaration(&scan);

		if (detected->encoding.data == NULL)
			detected->encoding = declared;
	}
	if (detected->encoding.data == NULL)
		detected->encoding = SPAN_LITERAL("UTF-8");
	if (!FindRoot(&scan))
		return;
	root = ScanRoot(&scan);
	for (uint32_t i = 0; i < ClexFormatCount; i++)
	{
		const FormatFact *fact = &ClexFormats[i];

		if (fact->test == FORMAT_BY_ROOT && IsNamespace(root.uri, fact) &&
			(fact->local.length == 0 || SpanEqual(root.local, fact->local)))
		{
			DetectFact(fact, detected);
			if (SpanEqualCString(detected->version, "*"))
				detected->version = NamespaceVersion(root.uri);
			break;
		}
	}
	detected->profile = ScanProfile(scan, detected->format);
	if (SpanEqualCString(detected->format, "ubl"))
	{
		Span version = ScanElementText(&(Scan){scan.p, scan.end, scan.arena}, "UBLVersionID");

		if (version.data != NULL)
			detected->version = version;
	}
	if (SpanEqualCString(detected->format, "cii") && IsCreditNoteCode(ScanTypeCode(scan)))
		detected->kind = SPAN_LITERAL("credit_note");
	if (SpanEqualCString(detected->format, "orderx"))
		detected->kind = SpanFromCString(DocumentKindName(OrderxKind(ScanTypeCode(scan))));
	if (SpanEqualCString(detected->format, "idoc") && SpanEqualCString(detected->kind, "order"))
		DetectIdocMessage(ScanElementText(&(Scan){scan.p, scan.end, scan.arena}, "MESTYP"),
						  detected);
	if (SpanEqualCString(detected->format, "cxml"))
		DetectCxml(scan, &root, detected);
	if (SpanEqualCString(detected->format, "fatturapa"))
		DetectFatturapa(scan, detected);
	if (SpanEqualCString(detected->format, "idoc") && SpanEqualCString(detected->kind, "invoice") &&
		IdocIsCreditNote(ScanElementText(&(Scan){scan.p, scan.end, scan.arena}, "BSART")))
		detected->kind = SPAN_LITERAL("credit_note");
}
