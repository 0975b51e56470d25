/*
 * xml_names.c
 *		Numbers for the names of a plain document, namespaces resolved.
 *
 * A name met before, in whatever document, is found by its bytes in a table; only names that the library
 * knows stay in there.  Of namespaces only what is beyond doubt is accepted.
 */
#include "core/xml/xml_names.h"

static inline NameKey
KeyOf(Span s)
{
	NameKey key = {0, 0, (uint32_t) s.length};

	if (s.length >= 8)
	{
		memcpy(&key.first, s.data, 8);
		memcpy(&key.last, s.data + s.length - 8, 8);
	}
	else if (s.length >= 4)
	{
		uint32_t first;
		uint32_t last;

		memcpy(&first, s.data, 4);
		memcpy(&last, s.data + s.length - 4, 4);
		key.first = first;
		key.last = last;
	}
	else if (s.length > 0)
	{
		key.first = (unsigned char) s.data[0];
		key.last = (uint64_t) (unsigned char) s.data[s.length / 2] << 8 |
				   (unsigned char) s.data[s.length - 1];
	}
	return key;
}

static inline bool
KeysEqual(const NameKey *a, const NameKey *b)
{
	return a->first == b->first && a->last == b->last && a->length == b->length;
}

NameId
XmlInternName(Tree *tree, Span local, Span uri, bool attribute)
{
	Text text;

	TextInit(&text, tree->arena);
	if (attribute)
		TextAppendChar(&text, '@');
	if (uri.data != NULL)
	{
		Span prefix = NamespaceToPrefix(uri);

		if (prefix.data != NULL)
		{
			TextAppendSpan(&text, prefix);
			TextAppendChar(&text, ':');
		}
		else
		{
			TextAppendChar(&text, '{');
			TextAppendSpan(&text, uri);
			TextAppendChar(&text, '}');
		}
	}
	TextAppendSpan(&text, local);
	tree->failed |= text.failed;
	return text.failed ? NAME_NONE : TreeInternName(tree, TextSpan(&text));
}

NameId
XmlFindName(XmlNames *names, Tree *tree, Span local, const XmlBinding *binding, bool attribute)
{
	uint16_t space = binding != NULL ? binding->space : SPACE_NONE;
	NameKey key = KeyOf(local);
	uint64_t hash = (key.first ^ (key.last << 7) ^ space) * 0x9E3779B97F4A7C15u;
	KnownName *known = &names->known[(hash >> 40 ^ attribute) & (XML_NAME_SLOTS - 1)];
	NameId name;

	if (KeysEqual(&known->key, &key) && known->space == space && known->attribute == attribute)
	{
		Span text = ClexStaticNames[known->name];

		/* the key has the first and the last eight bytes: compare those between */
		if (local.length <= 16 || memcmp(text.data + text.length - local.length + 8, local.data + 8,
										 local.length - 16) == 0)
			return known->name;
	}
	name = XmlInternName(tree, local, binding != NULL ? binding->uri : SpanOf(NULL, 0), attribute);
	if (name != NAME_NONE && name < NAME_STATIC_COUNT && space != SPACE_OTHER)
		*known = (KnownName){key, space, attribute, name};
	return name;
}

static bool
IsLetter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/*
 * A URI that libxml2 takes for one, beyond doubt: "urn:..." or "http://..." of letters, digits and a
 * few signs.
 */
static bool
IsPlainUri(Span uri)
{
	static const char *const starts[] = {"urn:", "http://", "https://"};
	bool fragment = false;

	for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++)
	{
		size_t at = strlen(starts[i]);
		const char *more = i == 0 ? ":._-" : "./_-#";

		if (uri.length <= at || memcmp(uri.data, starts[i], at) != 0 || !IsLetter(uri.data[at]))
			continue;
		for (; at < uri.length; at++)
		{
			char c = uri.data[at];

			if (!IsLetter(c) && !(c >= '0' && c <= '9') &&
				(strchr(more, c) == NULL || (c == '#' && fragment)))
				return false;
			fragment |= c == '#';
		}
		return true;
	}
	return false;
}

bool
XmlBind(XmlNames *names, Span prefix, Span uri, uint32_t outside)
{
	XmlBinding *binding = &names->bindings[names->binding_count];

	if (names->binding_count == XML_MOST_BINDINGS || prefix.length > 16 || uri.length == 0 ||
		(prefix.length >= 3 && memcmp(prefix.data, "xml", 3) == 0))
		return false;
	binding->prefix = KeyOf(prefix);
	binding->uri = uri;
	binding->space = SPACE_OTHER;
	for (uint32_t i = outside; i < names->binding_count; i++)
		if (KeysEqual(&names->bindings[i].prefix, &binding->prefix))
			return false;
	for (uint32_t i = 0; i < ClexNamespaceCount; i++)
		if (SpanEqual(ClexNamespaces[i].uri, uri))
			binding->space = (uint16_t) (i + 1);
	if (binding->space == SPACE_OTHER
			? !IsPlainUri(uri)
			: SpanEqualCString(ClexNamespaces[binding->space - 1].prefix, "xml"))
		return false;
	if (binding->space == SPACE_OTHER && SpanEqualCString(uri, "http://www.w3.org/2000/xmlns/"))
		return false;
	names->binding_count++;
	return true;
}

bool
XmlResolve(const XmlNames *names, Span prefix, const XmlBinding **binding)
{
	NameKey key = KeyOf(prefix);

	*binding = NULL;
	if (prefix.length > 16)
		return false;
	for (uint32_t i = names->binding_count; i > 0; i--)
		if (KeysEqual(&names->bindings[i - 1].prefix, &key))
		{
			*binding = &names->bindings[i - 1];
			return true;
		}
	return prefix.length == 0;
}
