/*
 * xml_scan_tags.c
 *		Names, attributes and tags of plain XML.
 */
#include "core/xml/xml_scan_parts.h"

#define LONGEST_NAME 200

/* A name of ASCII letters with at most one colon. */
bool
XmlScanName(XmlScanner *s, RawName *name)
{
	const char *p = s->at;
	const char *end = s->end;
	const char *start = p;

	name->prefix = SpanOf(NULL, 0);
	if (p == end || !Is(*p, NAME_STARTS))
		return Unsure(s);
	while (p < end && Is(*p, NAME_GOES_ON))
		p++;
	if (p < end && *p == ':')
	{
		name->prefix = SpanOf(start, (size_t) (p - start));
		start = ++p;
		if (p == end || !Is(*p, NAME_STARTS))
			return Unsure(s);
		while (p < end && Is(*p, NAME_GOES_ON))
			p++;
	}
	/* what follows is ASCII and no part of a name, so the name is complete */
	if (p == end || *p == ':' || (unsigned char) *p >= 0x80 || p - s->at > LONGEST_NAME)
		return Unsure(s);
	name->local = SpanOf(start, (size_t) (p - start));
	name->whole = SpanOf(s->at, (size_t) (p - s->at));
	s->at = p;
	return true;
}

/* ---- tags ---- */

/* A quoted value without line feeds, tabs and references: those are changed when read. */
static bool
ScanValue(XmlScanner *s, Span *value)
{
	const char *p = s->at;
	const char *end = s->end;
	const char *start;
	char quote;

	if (p == end || (*p != '"' && *p != '\''))
		return Unsure(s);
	quote = *p++;
	start = p;
	for (;;)
	{
		size_t length;

		while (p < end && !Is(*p, VALUE_SPECIAL))
			p++;
		if (p == end || *p == quote)
			break;
		if (*p == '"' || *p == '\'')
			p++;
		else if ((unsigned char) *p >= 0x80 && (length = WideLength(p, end)) > 0)
			p += length;
		else
			return Unsure(s);
	}
	if (p == end || p - start > LONGEST_VALUE)
		return Unsure(s);
	*value = SpanOf(start, (size_t) (p - start));
	s->at = p + 1;
	return true;
}

/* The attributes of a tag up to its end; namespaces come into scope. */
static bool
ScanAttributes(XmlScanner *s, uint32_t outside)
{
	s->attribute_count = 0;
	for (;;)
	{
		bool space = SkipSpace(s);
		RawAttribute *attribute = &s->attributes[s->attribute_count];

		if (s->at == s->end)
			return Unsure(s);
		if (*s->at == '>' || *s->at == '/')
			return true;
		if (!space || s->attribute_count == MOST_ATTRIBUTES || !XmlScanName(s, &attribute->name))
			return Unsure(s);
		SkipSpace(s);
		if (s->at == s->end || *s->at++ != '=')
			return Unsure(s);
		SkipSpace(s);
		if (!ScanValue(s, &attribute->value))
			return false;
		if (SpanEqualCString(attribute->name.prefix.data != NULL ? attribute->name.prefix
																 : attribute->name.local,
							 "xmlns"))
		{
			if (!XmlBind(&s->names,
						 attribute->name.prefix.data != NULL ? attribute->name.local
															 : SPAN_LITERAL(""),
						 attribute->value, outside))
				return Unsure(s);
		}
		else
			s->attribute_count++;
	}
}

/* The numbers of the attributes' names; two of one name are an error. */
static bool
NameAttributes(XmlScanner *s)
{
	for (uint32_t i = 0; i < s->attribute_count; i++)
	{
		RawAttribute *attribute = &s->attributes[i];
		const XmlBinding *binding = NULL;

		if (attribute->name.prefix.data != NULL &&
			!XmlResolve(&s->names, attribute->name.prefix, &binding))
			return Unsure(s);
		attribute->id = XmlFindName(&s->names, s->tree, attribute->name.local, binding, true);
		for (uint32_t j = 0; j < i; j++)
			if (s->attributes[j].id == attribute->id)
				return Unsure(s);
	}
	return true;
}

static bool
WithinLimits(XmlScanner *s, uint32_t outside)
{
	uint32_t attributes = s->attribute_count + s->names.binding_count - outside;

	if (s->depth >= s->limits->max_depth || s->depth >= MOST_OPEN ||
		attributes > s->limits->max_attributes ||
		TreeCount(s->tree) + attributes >= s->limits->max_nodes)
		return Unsure(s);
	if (--s->interrupt_countdown == 0)
	{
		s->interrupt_countdown = INTERRUPT_EVERY;
		if (ClexInterrupted(s->env))
			return Fail(s, SCAN_INTERRUPTED);
	}
	return true;
}

/* "<name attributes>" or "<name attributes/>", at its name. */
bool
XmlScanStartTag(XmlScanner *s)
{
	OpenElement *open = &s->open[s->depth];
	uint32_t outside = s->names.binding_count;
	const XmlBinding *binding;
	RawName name;
	NameId id;
	bool empty;
	uint32_t node;

	if (!XmlScanName(s, &name) || !ScanAttributes(s, outside) || !WithinLimits(s, outside))
		return false;
	if (!XmlResolve(&s->names, name.prefix, &binding))
		return Unsure(s);
	id = XmlFindName(&s->names, s->tree, name.local, binding, false);
	if (!NameAttributes(s))
		return false;
	node = TreeOpen(s->tree, Current(s), id, s->line);
	for (uint32_t i = 0; i < s->attribute_count; i++)
		TreeAddAttribute(s->tree, node, s->attributes[i].id, s->attributes[i].value);
	if (s->tree->failed)
		return Fail(s, SCAN_NO_MEMORY);
	s->text_break = false;
	empty = *s->at == '/';
	s->at += empty;
	if (s->at == s->end || *s->at++ != '>')
		return Unsure(s);
	if (empty)
	{
		TreeClose(s->tree, node);
		s->names.binding_count = outside;
		return true;
	}
	*open = (OpenElement){name.whole.data, (uint32_t) name.whole.length, node, outside};
	s->depth++;
	return true;
}

/* "</name>", behind the slash. */
bool
XmlScanEndTag(XmlScanner *s)
{
	const OpenElement *open = &s->open[s->depth - 1];

	if (!StartsWith(s, open->name, open->length))
		return Unsure(s);
	s->at += open->length;
	if (s->at < s->end && *s->at != '>')
		SkipSpace(s);
	if (s->at == s->end || *s->at++ != '>')
		return Unsure(s);
	TreeClose(s->tree, open->node);
	s->names.binding_count = open->bindings;
	s->text_break = false;
	s->depth--;
	return true;
}
