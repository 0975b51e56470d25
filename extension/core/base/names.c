/*
 * names.c
 *		Looking up names and namespaces in the generated tables.
 */
#include "core/base/names.h"

NameId
NameLookup(Span name)
{
	uint32_t mask = ClexStaticNameSlots - 1;

	for (uint32_t slot = SpanHash(name) & mask; ClexStaticNameTable[slot] != 0;
		 slot = (slot + 1) & mask)
		if (SpanEqual(ClexStaticNames[ClexStaticNameTable[slot]], name))
			return ClexStaticNameTable[slot];
	return NAME_NONE;
}

Span
NamespaceToPrefix(Span uri)
{
	for (uint32_t i = 0; i < ClexNamespaceCount; i++)
		if (SpanEqual(ClexNamespaces[i].uri, uri))
			return ClexNamespaces[i].prefix;
	return (Span){NULL, 0};
}
