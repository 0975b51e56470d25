/*
 * traits.c
 *		What a document holds, as bits: see ExprNeeds.
 */
#include "core/rules/compiled.h"

static inline void
Set(uint64_t *bits, uint32_t bit)
{
	bits[bit >> 6] |= (uint64_t) 1 << (bit & 63);
}

/* A short value is a trait, as it stands and in upper case. */
static void
NoteText(uint64_t *traits, Span text)
{
	char upper[TRAIT_TEXT_LENGTH];
	bool same = true;

	for (size_t i = 0; i < text.length; i++)
	{
		bool lower = text.data[i] >= 'a' && text.data[i] <= 'z';

		upper[i] = lower ? (char) (text.data[i] ^ 0x20) : text.data[i];
		same &= !lower;
	}
	Set(traits, TraitOfText(text));
	if (!same)
		Set(traits, TraitOfText(SpanOf(upper, text.length)));
}

/* The value of one node. */
static void
NoteValue(uint64_t *traits, const Tree *tree, uint32_t node)
{
	const TreeNode *n = TreeAt(tree, node);
	Span text = TreeText(tree, node);
	const char *point;

	if (n->flags & TREE_HAS_ELEMENTS || text.length > 64)
	{
		/* of these nobody asks how they are written */
		if (n->name < NAME_STATIC_COUNT)
			Set(traits, TRAIT_FINE + n->name);
	}
	else if (n->name < NAME_STATIC_COUNT && text.length > TRAIT_FINE_SCALE + 1 &&
			 (point = memchr(text.data, '.', text.length)) != NULL &&
			 text.data + text.length - point > TRAIT_FINE_SCALE + 1)
		Set(traits, TRAIT_FINE + n->name);
	if (text.length > 16 && !(IsXmlSpace(text.data[0]) && !(n->flags & TREE_HAS_ELEMENTS)))
		return;
	text = SpanTrim(text);
	if (text.length == 0)
		Set(traits, TRAIT_BLANK);
	else if (text.length <= TRAIT_TEXT_LENGTH)
		NoteText(traits, text);
}

/* The children and attributes of one node; `seen` is by name, and holds parents + 1. */
static void
NoteChildren(uint64_t *traits, const Tree *tree, uint32_t parent, uint32_t *seen)
{
	NameId parent_name = TreeAt(tree, parent)->name;
	uint32_t end = TreeAt(tree, parent)->end;

	for (uint32_t i = parent + 1; i < end; i = TreeAt(tree, i)->end)
	{
		NameId name = TreeAt(tree, i)->name;

		/* only names known to the library stand in rules */
		if (name >= NAME_STATIC_COUNT)
			continue;
		Set(traits, name);
		Set(traits, TraitOfPair(parent_name, name));
		if (seen[name] == parent + 1)
			Set(traits, TRAIT_REPEATED + name);
		seen[name] = parent + 1;
	}
}

uint64_t *
TraitsNote(const Tree *tree, Arena *arena)
{
	uint64_t *traits = ArenaAllocZero(arena, TRAIT_COUNT / 64 * sizeof(uint64_t));
	uint32_t *seen = ArenaAllocZero(arena, NAME_STATIC_COUNT * sizeof(uint32_t));

	if (traits == NULL || seen == NULL)
		return NULL;
	for (uint32_t i = 0; i < TreeCount(tree); i++)
	{
		if (i > 0)
			NoteValue(traits, tree, i);
		if (TreeAt(tree, i)->end > i + 1)
			NoteChildren(traits, tree, i, seen);
	}
	return traits;
}
