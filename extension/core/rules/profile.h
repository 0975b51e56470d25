/*
 * profile.h
 *		Rule sets that a document asks for by its profile (specification identifier, BT-24).
 *
 * The table is compiled from data/profiles.tsv.  A profile may ask for several sets; EN 16931 itself is
 * not in the table, as every invoice obeys it unless a set of its profile replaces it.
 */
#ifndef CLEX_RULES_PROFILE_H
#define CLEX_RULES_PROFILE_H

#include "core/base/tree.h"

typedef struct ProfileFact
{
	const char *pattern; /* part of the identifier, exact spelling */
	const char *set;
	const char *replaces; /* the set that it stands in place of; NULL: none, it comes on top */
} ProfileFact;

/* Sorted by pattern, then by set. */
extern const ProfileFact ClexProfiles[];
extern const uint32_t ClexProfileCount;

/* BT-24 of a source tree as written; NULL data if the document has none. */
extern Span SourceProfile(const Tree *tree);

/* The rows that a profile asks for, one for each set, in the order of the table; returns how many. */
extern uint32_t ProfileRows(Span profile, const ProfileFact **rows, uint32_t capacity);

#endif
