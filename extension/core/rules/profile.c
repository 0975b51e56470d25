/*
 * profile.c
 *		Rule sets that a document asks for by its profile.
 */
#include "core/rules/profile.h"

#include <string.h>

Span
SourceProfile(const Tree *tree)
{
	static const NameId guideline[] = {NAME_rsm_ExchangedDocumentContext,
									   NAME_ram_GuidelineSpecifiedDocumentContextParameter,
									   NAME_ram_ID};
	uint32_t node;

	if (TreeCount(tree) < 2)
		return SpanOf(NULL, 0);
	node = TreeChild(tree, 1, NAME_cbc_CustomizationID);
	if (node == 0)
	{
		node = 1;
		for (size_t i = 0; i < sizeof(guideline) / sizeof(guideline[0]) && node != 0; i++)
			node = TreeChild(tree, node, guideline[i]);
	}
	return node == 0 ? SpanOf(NULL, 0) : TreeText(tree, node);
}

uint32_t
ProfileRows(Span profile, const ProfileFact **rows, uint32_t capacity)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < ClexProfileCount && count < capacity; i++)
	{
		const ProfileFact *fact = &ClexProfiles[i];
		bool known = profile.length == 0 || memmem(profile.data, profile.length, fact->pattern,
												   strlen(fact->pattern)) == NULL;

		for (uint32_t j = 0; j < count && !known; j++)
			known = strcmp(rows[j]->set, fact->set) == 0;
		if (!known)
			rows[count++] = fact;
	}
	return count;
}
