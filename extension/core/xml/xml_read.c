/*
 * xml_read.c
 *		A guarded SAX reader that fills a flat tree.
 *
 * Plain documents are scanned without libxml2 (xml_scan.c); what follows is for all others.
 *
 * Names reach us as pointers into the parser's dictionary, equal pointers for equal names, so the
 * number of a name is found by hashing two pointers; only the first sight of a name builds a string.
 * The dictionary and these numbers outlive a document.
 */
#include "core/base/utf8.h"
#include "core/xml/xml_compat.h"
#include "core/xml/xml_names.h"
#include "core/xml/xml_scan.h"

#include <limits.h>
#include <strings.h>

#define NAME_CACHE_SLOTS 1024  /* a power of two */
#define DICTIONARY_LIMIT 20000 /* names; a larger dictionary is not kept */
#define INTERRUPT_EVERY 4096   /* nodes */
#define LARGE_DOCUMENT 65536   /* bytes */
/* libxml2 compares attributes of one element pairwise: tags this long are counted beforehand */
#define LONG_TAG 50000

typedef struct CachedName
{
	const xmlChar *local;
	const xmlChar *uri;
	NameId name;
	uint32_t document; /* names that only a tree knows are good for that document */
} CachedName;

struct XmlParser
{
	const ClexEnv *env;
	xmlParserCtxtPtr parser;
	XmlScanner *scanner;
	uint32_t document; /* counts documents */
	const XmlLimits *limits;
	Tree *tree;
	ClexError *error;
	ClexStatus status;
	uint32_t current; /* open element */
	uint32_t depth;
	uint32_t interrupt_countdown;
	bool cxml;		 /* a DOCTYPE of cXML came */
	bool text_break; /* a comment, PI or CDATA border came after text */
	CachedName elements[NAME_CACHE_SLOTS];
	CachedName attributes[NAME_CACHE_SLOTS];
};

static uint32_t
CurrentLine(const XmlParser *reader)
{
	return reader->parser->input != NULL ? (uint32_t) reader->parser->input->line : 0;
}

/* Keep the first problem and end the parse; handlers called after this do nothing. */
static void
Stop(XmlParser *reader, ClexStatus status)
{
	reader->status = status;
	if (reader->error != NULL)
		reader->error->line = CurrentLine(reader);
	xmlStopParser(reader->parser);
}

static Span
XmlSpan(const xmlChar *text)
{
	return text == NULL ? SpanOf(NULL, 0) : SpanFromCString((const char *) text);
}

static void
RefuseDoctype(XmlParser *reader, bool cxml)
{
	Stop(reader,
		 ClexFail(reader->error, CLEX_MALFORMED, "the XML document has a DOCTYPE declaration"));
	if (cxml)
		ClexHint(reader->error, "That of cXML may name one of the published DTDs, and no more.");
	else
		ClexHint(reader->error, "Business documents have none; it could define entities, so it is "
								"refused unread.");
}

/* Take the text off the front of a span, ASCII case aside where it is the name of a host. */
static bool
TakePrefix(Span *s, const char *prefix)
{
	size_t length = strlen(prefix);

	if (s->length < length || strncasecmp(s->data, prefix, length) != 0)
		return false;
	*s = SpanOf(s->data + length, s->length - length);
	return true;
}

/* "http://xml.cxml.org/schemas/cXML/1.2.050/InvoiceDetail.dtd": any edition and module. */
static bool
IsCxmlDtd(Span id)
{
	size_t version = 0;
	size_t module;

	if (!(TakePrefix(&id, "http://") || TakePrefix(&id, "https://")) ||
		!TakePrefix(&id, "xml.cxml.org/schemas/cxml/"))
		return false;
	while (version < id.length &&
		   ((id.data[version] >= '0' && id.data[version] <= '9') || id.data[version] == '.'))
		version++;
	if (version == 0 || version > 16 || version >= id.length || id.data[version] != '/')
		return false;
	module = ++version;
	while (module < id.length &&
		   ((id.data[module] | 0x20) >= 'a' && (id.data[module] | 0x20) <= 'z'))
		module++;
	return module > version && module - version <= 32 &&
		   SpanEqual(SpanOf(id.data + module, id.length - module), SPAN_LITERAL(".dtd"));
}

static NameId
FindName(XmlParser *reader, const xmlChar *local, const xmlChar *uri, bool attribute)
{
	CachedName *cache = attribute ? reader->attributes : reader->elements;
	uintptr_t key = ((uintptr_t) local >> 3) * 31 + ((uintptr_t) uri >> 3);
	CachedName *slot = &cache[(key ^ (key >> 10)) & (NAME_CACHE_SLOTS - 1)];

	if (slot->local != local || slot->uri != uri ||
		(slot->name >= NAME_STATIC_COUNT && slot->document != reader->document))
	{
		slot->name = XmlInternName(reader->tree, XmlSpan(local), XmlSpan(uri), attribute);
		slot->local = local;
		slot->uri = uri;
		slot->document = reader->document;
	}
	return slot->name;
}

/* The limits that hold at each element; false when one is passed. */
static bool
WithinLimits(XmlParser *reader, int attributes)
{
	const XmlLimits *limits = reader->limits;

	if (reader->depth > limits->max_depth)
	{
		Stop(reader, ClexFail(reader->error, CLEX_LIMIT, "XML is nested deeper than %u elements",
							  limits->max_depth));
		ClexHint(reader->error, "Raise clex.max_depth (at most 256) if the sender is trusted.");
	}
	else if ((uint32_t) attributes > limits->max_attributes)
	{
		Stop(reader,
			 ClexFail(reader->error, CLEX_LIMIT, "an XML element has more than %u attributes",
					  limits->max_attributes));
	}
	else if (TreeCount(reader->tree) + (uint32_t) attributes >= limits->max_nodes)
	{
		Stop(reader, ClexFail(reader->error, CLEX_LIMIT,
							  "the XML document has more than %u elements and attributes",
							  limits->max_nodes));
		ClexHint(reader->error, "Raise clex.max_nodes if the sender is trusted.");
	}
	else if (--reader->interrupt_countdown == 0)
	{
		reader->interrupt_countdown = INTERRUPT_EVERY;
		if (ClexInterrupted(reader->tree->arena->env))
			Stop(reader, ClexFail(reader->error, CLEX_INTERRUPTED, "canceled"));
	}
	return reader->status == CLEX_OK;
}

static void
StartElement(void *context, const xmlChar *local, const xmlChar *prefix, const xmlChar *uri,
			 int namespace_count, const xmlChar **namespaces, int attribute_count,
			 int defaulted_count, const xmlChar **attributes)
{
	XmlParser *reader = context;
	Tree *tree = reader->tree;

	(void) prefix;
	(void) namespaces;
	(void) defaulted_count;
	if (reader->status != CLEX_OK)
		return;
	if (reader->cxml && reader->depth == 0 &&
		(uri != NULL || !SpanEqualCString(XmlSpan(local), "cXML")))
	{
		RefuseDoctype(reader, true);
		return;
	}
	reader->depth++;
	if (!WithinLimits(reader, attribute_count + namespace_count))
		return;
	reader->text_break = false;
	reader->current =
		TreeOpen(tree, reader->current, FindName(reader, local, uri, false), CurrentLine(reader));
	for (int i = 0; i < attribute_count; i++)
	{
		const xmlChar **a = attributes + 5 * i;

		TreeAddAttribute(tree, reader->current, FindName(reader, a[0], a[2], true),
						 SpanOf((const char *) a[3], (size_t) (a[4] - a[3])));
	}
	if (tree->failed)
		Stop(reader, ClexFail(reader->error, CLEX_NO_MEMORY, "out of memory reading XML"));
}

static void
EndElement(void *context, const xmlChar *local, const xmlChar *prefix, const xmlChar *uri)
{
	XmlParser *reader = context;

	(void) local;
	(void) prefix;
	(void) uri;
	if (reader->status != CLEX_OK)
		return;
	TreeClose(reader->tree, reader->current);
	reader->current = TreeAt(reader->tree, reader->current)->parent;
	reader->depth--;
	reader->text_break = false;
}

static void
Characters(void *context, const xmlChar *data, int length)
{
	XmlParser *reader = context;
	Tree *tree = reader->tree;

	if (reader->status != CLEX_OK || length <= 0)
		return;
	XmlAddText(tree, reader->current, reader->text_break, (const char *) data, (size_t) length);
	reader->text_break = false;
	if (tree->text.failed)
		Stop(reader, ClexFail(reader->error, CLEX_NO_MEMORY, "out of memory reading XML"));
}

static void
CDataBlock(void *context, const xmlChar *data, int length)
{
	Characters(context, data, length);
}

static void
Comment(void *context, const xmlChar *value)
{
	(void) value;
	((XmlParser *) context)->text_break = true;
}

static void
ProcessingInstruction(void *context, const xmlChar *target, const xmlChar *data)
{
	(void) target;
	(void) data;
	((XmlParser *) context)->text_break = true;
}

/*
 * A DOCTYPE: libxml2 calls this before it looks at an internal subset, which begins with a bracket.  What it
 * names is never fetched: no handler for an external subset is set.
 */
static void
InternalSubset(void *context, const xmlChar *name, const xmlChar *public_id,
			   const xmlChar *system_id)
{
	XmlParser *reader = context;
	const xmlParserInput *input = reader->parser->input;

	if (reader->status != CLEX_OK)
		return;
	if (public_id == NULL && SpanEqualCString(XmlSpan(name), "cXML") &&
		IsCxmlDtd(XmlSpan(system_id)) && input != NULL && input->cur < input->end &&
		*input->cur == '>')
		reader->cxml = true;
	else
		RefuseDoctype(reader, SpanEqualCString(XmlSpan(name), "cXML"));
}

/* libxml2 reports here; warnings and recoverable namespace remarks are no reason to stop. */
static void
StructuredError(void *context, XmlProblem problem)
{
	XmlParser *reader = context;
	Span text;

	if (reader->status != CLEX_OK || problem == NULL)
		return;
	/* beside a DTD that is not loaded an unknown entity is none of libxml2's errors, but one of ours */
	if (problem->level < XML_ERR_ERROR && problem->code != XML_WAR_UNDECLARED_ENTITY)
		return;
	/* a namespace is a name: whether it is a legal URI is for those to judge who know the name */
	if (problem->domain == XML_FROM_NAMESPACE &&
		(problem->code == XML_NS_ERR_XML_NAMESPACE || problem->code == XML_WAR_NS_URI))
		return;
	/* names of the document stand in it: cut between characters, and not shown if not UTF-8 */
	text = SpanFromCString(problem->message != NULL ? problem->message : "unknown");
	text = SpanTrim(SpanCut(text, 160));
	if (!Utf8IsValid(text))
		text = SPAN_LITERAL("a name is not UTF-8");
	if (problem->code == XML_ERR_NO_MEMORY)
		ClexFail(reader->error, CLEX_NO_MEMORY, "out of memory reading XML");
	else
	{
		ClexFail(reader->error, CLEX_MALFORMED, "XML is not well-formed");
		ClexDetail(reader->error, "Line %d: %.*s.", problem->line, (int) text.length, text.data);
	}
	reader->status = problem->code == XML_ERR_NO_MEMORY ? CLEX_NO_MEMORY : CLEX_MALFORMED;
	if (reader->error != NULL)
		reader->error->line = (uint32_t) problem->line;
	xmlStopParser(reader->parser);
}

/*
 * Refuse tags with absurdly many attributes before the parser compares them pairwise.  Only tags of
 * LONG_TAG bytes and more are looked at, so usual documents cost nothing.
 */
static bool
HasMonsterTag(Span bytes, uint32_t max_attributes)
{
	const char *p = bytes.data;
	const char *end = bytes.data + bytes.length;

	if (bytes.length < LONG_TAG)
		return false;
	while ((p = memchr(p, '<', (size_t) (end - p))) != NULL)
	{
		const char *close = memchr(p, '>', (size_t) (end - p));

		if (close == NULL)
			close = end;
		/* no tag: a comment, CDATA or a PI, where any text may stand */
		if (close - p >= LONG_TAG && p[1] != '!' && p[1] != '?')
		{
			uint32_t count = 0;

			for (const char *q = p; q < close; q++)
				count += *q == '=';
			if (count > max_attributes && count > LONG_TAG / 16)
				return true;
		}
		p = close;
	}
	return false;
}

/* Refuse what need not be parsed to be refused. */
static ClexStatus
CheckBytes(Span bytes, const XmlLimits *limits, ClexError *error)
{
	if (bytes.length > limits->max_bytes || bytes.length > INT_MAX)
	{
		ClexFail(error, CLEX_LIMIT, "the document has %zu bytes, more than the limit of %zu",
				 bytes.length, limits->max_bytes);
		ClexHint(error, "Raise clex.max_document_size if such documents are expected.");
		return CLEX_LIMIT;
	}
	if (bytes.length == 0)
		return ClexFailEmpty(error);
	/* "<?xm" in EBCDIC: HasMonsterTag would not see its tags, and nobody sends it */
	if (bytes.length >= 4 && memcmp(bytes.data, "\x4C\x6F\xA7\x94", 4) == 0)
		return ClexFail(error, CLEX_MALFORMED, "the XML document is in EBCDIC");
	return CLEX_OK;
}

/* The encoding the parser worked with, copied before the parser goes. */
static Span
UsedEncoding(xmlParserCtxtPtr parser, Arena *arena)
{
	const char *name = DeclaredEncoding(parser);

	return ArenaCopy(arena, SpanFromCString(name != NULL ? name : "UTF-8"));
}

/*
 * Called when the XML declaration has been read.  An encoding in which "<" and "=" may be other bytes
 * than in ASCII is refused, as HasMonsterTag cannot look into it.
 */
static void
StartDocument(void *context)
{
	static const char *const known[] = {"UTF-8",	   "UTF8",		  "UTF-16",	   "UTF-32",
										"UCS-2",	   "UCS-4",		  "ISO-10646", "US-ASCII",
										"ASCII",	   "ISO-8859-",	  "ISO_8859-", "ISO8859",
										"LATIN",	   "WINDOWS-125", "CP125",	   "KOI8-",
										"SHIFT_JIS",   "EUC-",		  "GB",		   "BIG5",
										"ISO-2022-JP", "WINDOWS-874", "TIS-620"};
	XmlParser *reader = context;
	xmlParserCtxtPtr parser = reader->parser;
	const char *name = DeclaredEncoding(parser);

	if (name == NULL || reader->status != CLEX_OK)
		return;
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (strncasecmp(name, known[i], strlen(known[i])) == 0)
			return;
	Stop(reader, ClexFail(reader->error, CLEX_MALFORMED,
						  "the XML document is in encoding %.40s, which is not read", name));
	ClexHint(reader->error, "Read are Unicode, ISO 8859, Windows and the usual Asian encodings.");
}

/* A parser context of libxml2 with our handlers, and nothing remembered. */
static bool
OpenParser(XmlParser *reader)
{
	static const xmlSAXHandler handler = {.initialized = XML_SAX2_MAGIC,
										  .startDocument = StartDocument,
										  .internalSubset = InternalSubset,
										  .startElementNs = StartElement,
										  .endElementNs = EndElement,
										  .characters = Characters,
										  .ignorableWhitespace = Characters,
										  .cdataBlock = CDataBlock,
										  .comment = Comment,
										  .processingInstruction = ProcessingInstruction,
										  .serror = StructuredError};

	if (reader->parser != NULL)
		xmlFreeParserCtxt(reader->parser);
	memset(reader->elements, 0, sizeof(reader->elements));
	memset(reader->attributes, 0, sizeof(reader->attributes));
	reader->parser = xmlNewParserCtxt();
	if (reader->parser == NULL)
		return false;
	*reader->parser->sax = handler;
	reader->parser->userData = reader;
	return true;
}

XmlParser *
XmlParserCreate(const ClexEnv *env)
{
	XmlParser *reader = env->alloc(env->context, sizeof(XmlParser));

	if (reader == NULL)
		return NULL;
	memset(reader, 0, sizeof(*reader));
	reader->env = env;
	reader->scanner = XmlScannerCreate(env);
	if (reader->scanner == NULL)
	{
		env->release(env->context, reader);
		return NULL;
	}
	return reader;
}

void
XmlParserFree(XmlParser *reader)
{
	if (reader->parser != NULL)
		xmlFreeParserCtxt(reader->parser);
	XmlScannerFree(reader->scanner);
	reader->env->release(reader->env->context, reader);
}

/*
 * Room for the nodes of a large document at once: growing by doubling would leave as much again behind
 * in the arena.  Counted by tags and quoted values; what that misses is grown as usual.  Hardly any
 * document has a node in less than 16 bytes, so more is not taken on trust.
 */
static bool
ReserveNodes(Tree *tree, Span bytes, const XmlLimits *limits)
{
	uint64_t nodes = 64;

	if (bytes.length < LARGE_DOCUMENT)
		return true;
	for (size_t i = 0; i + 1 < bytes.length; i++)
		nodes += (bytes.data[i] == '<' && bytes.data[i + 1] != '/') ||
				 (bytes.data[i] == '=' && (bytes.data[i + 1] == '"' || bytes.data[i + 1] == '\''));
	if (nodes > bytes.length / 16)
		nodes = bytes.length / 16;
	if (nodes > (uint64_t) limits->max_nodes)
		return true;
	return VectorReserve(&tree->nodes, (uint32_t) nodes);
}

/* An empty tree with room for the document. */
static ClexStatus
BeginTree(Tree *tree, Span bytes, const XmlLimits *limits, Arena *arena, ClexError *error)
{
	TreeInit(tree, arena);
	if (tree->failed || !ReserveNodes(tree, bytes, limits) ||
		!TextReserve(&tree->text, bytes.length / 2 + 64))
		return ClexFail(error, CLEX_NO_MEMORY, "out of memory reading XML");
	return CLEX_OK;
}

/* Fill an empty tree by libxml2. */
static ClexStatus
ParseGeneral(XmlParser *reader, Span bytes, const XmlLimits *limits, Tree *tree, XmlInfo *info,
			 ClexError *error)
{
	if (HasMonsterTag(bytes, limits->max_attributes))
		return ClexFail(error, CLEX_LIMIT, "an XML element has more than %u attributes",
						limits->max_attributes);
	if (reader->parser == NULL || xmlDictSize(reader->parser->dict) > DICTIONARY_LIMIT)
		OpenParser(reader);
	if (reader->parser == NULL)
		return ClexFail(error, CLEX_NO_MEMORY, "out of memory reading XML");
	reader->limits = limits;
	reader->tree = tree;
	reader->error = error;
	reader->status = CLEX_OK;
	reader->current = reader->depth = 0;
	reader->text_break = reader->cxml = false;
	reader->interrupt_countdown = INTERRUPT_EVERY;
	reader->document++;
	/*
	 * NOENT: else libxml2 leaves "&amp;" in attribute values half decoded.  No entity but the five
	 * predefined ones can exist, as a DOCTYPE with declarations stops the parse before the first of them.
	 */
	xmlCtxtReadMemory(reader->parser, bytes.data, (int) bytes.length, NULL, NULL,
					  XML_PARSE_NONET | XML_PARSE_NOENT);
	if (reader->status == CLEX_OK && !reader->parser->wellFormed)
		reader->status = ClexFail(error, CLEX_MALFORMED, "XML is not well-formed");
	if (reader->status == CLEX_OK)
	{
		TreeClose(tree, 0);
		info->encoding = UsedEncoding(reader->parser, tree->arena);
		if (info->encoding.data == NULL)
			reader->status = ClexFail(error, CLEX_NO_MEMORY, "out of memory reading XML");
	}
	return reader->status;
}

ClexStatus
XmlParse(XmlParser *reader, Span bytes, const XmlLimits *limits, Arena *arena, Tree *tree,
		 XmlInfo *info, ClexError *error)
{
	ClexStatus status = CheckBytes(bytes, limits, error);

	if (status == CLEX_OK)
		status = BeginTree(tree, bytes, limits, arena, error);
	if (status != CLEX_OK)
		return status;
	switch (XmlScan(reader->scanner, bytes, limits, tree, info))
	{
		case SCAN_DONE:
			return CLEX_OK;
		case SCAN_NO_MEMORY:
			return ClexFail(error, CLEX_NO_MEMORY, "out of memory reading XML");
		case SCAN_INTERRUPTED:
			return ClexFail(error, CLEX_INTERRUPTED, "canceled");
		case SCAN_UNSURE:
			break;
	}
	if (!TreeRestart(tree))
		return ClexFail(error, CLEX_NO_MEMORY, "out of memory reading XML");
	return ParseGeneral(reader, bytes, limits, tree, info, error);
}

ClexStatus
XmlParseGeneral(XmlParser *reader, Span bytes, const XmlLimits *limits, Arena *arena, Tree *tree,
				XmlInfo *info, ClexError *error)
{
	ClexStatus status = CheckBytes(bytes, limits, error);

	if (status == CLEX_OK)
		status = BeginTree(tree, bytes, limits, arena, error);
	return status == CLEX_OK ? ParseGeneral(reader, bytes, limits, tree, info, error) : status;
}

ClexStatus
XmlRead(Span bytes, const XmlLimits *limits, Arena *arena, Tree *tree, XmlInfo *info,
		ClexError *error)
{
	XmlParser *reader = XmlParserCreate(arena->env);
	ClexStatus status;

	if (reader == NULL)
		return ClexFail(error, CLEX_NO_MEMORY, "out of memory reading XML");
	status = XmlParse(reader, bytes, limits, arena, tree, info, error);
	XmlParserFree(reader);
	return status;
}
