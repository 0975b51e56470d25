/*
 * bind_roots.c
 *		Finding a root element in the tables, and where its terms stand.
 */
#include "core/codec/bind.h"

const BindRoot *
BindRootFind(NameId name)
{
	for (uint32_t i = 0; i < BIND_ROOT_COUNT; i++)
		if (ClexBindRoots[i].name == name)
			return &ClexBindRoots[i];
	return NULL;
}

const BindRoot *
BindRootOf(const char *syntax, char letter)
{
	for (uint32_t i = 0; i < BIND_ROOT_COUNT; i++)
		if (strcmp(ClexBindRoots[i].syntax, syntax) == 0 && ClexBindRoots[i].letter[0] == letter)
			return &ClexBindRoots[i];
	return NULL;
}

const BindRoot *
BindRootOfKind(NameId name, DocumentKind kind)
{
	for (uint32_t i = 0; i < BIND_ROOT_COUNT; i++)
		if (ClexBindRoots[i].name == name && ClexBindRoots[i].kind == kind)
			return &ClexBindRoots[i];
	return NULL;
}

Span
BindRootPlace(const BindRoot *root, TermId term)
{
	uint32_t low = root->first_place;
	uint32_t high = low + root->place_count;

	while (low < high)
	{
		uint32_t middle = low + (high - low) / 2;

		if (ClexBindPlaces[middle].term == term)
			return ClexBindPlaces[middle].path;
		if (ClexBindPlaces[middle].term < term)
			low = middle + 1;
		else
			high = middle;
	}
	return SpanOf(NULL, 0);
}
