/*
 * iso_find.c
 *		Texts of ISO 20022 messages, found by tables of paths.
 */
#include "core/statement/iso_find.h"

/* The node at the end of a path, or 0. */
static uint32_t
Walk(const IsoFinder *finder, uint32_t node, const IsoPath *path, int steps)
{
	for (int i = 0; i < steps && (i == 0 || node != 0); i++)
		node = IsoChild(finder, node, path->step[i]);
	return node;
}

/* One text after another, a hyphen between. */
static Span
Join(IsoFinder *finder, Span before, Span text)
{
	Text joined;

	TextInit(&joined, finder->scratch);
	TextAppendSpan(&joined, before);
	TextAppendChar(&joined, '-');
	TextAppendSpan(&joined, text);
	finder->failed |= joined.failed;
	return joined.failed ? before : TextSpan(&joined);
}

/* The texts of all elements at the end of a path, one a line. */
static Span
WalkAll(IsoFinder *finder, uint32_t node, const IsoPath *path)
{
	uint32_t parent = Walk(finder, node, path, path->steps - 1);
	uint16_t last = path->step[path->steps - 1];
	Text joined;

	TextInit(&joined, finder->scratch);
	if (parent == 0 && path->steps > 1)
		return SpanOf(NULL, 0);
	for (uint32_t n = IsoChild(finder, path->steps > 1 ? parent : node, last); n != 0;
		 n = IsoNext(finder, n, last))
	{
		Span text = SpanTrim(TreeText(finder->tree, n));

		if (joined.length > 0 && text.length > 0)
			TextAppendChar(&joined, '\n');
		TextAppendSpan(&joined, text);
	}
	finder->failed |= joined.failed;
	return joined.length > 0 && !joined.failed ? TextSpan(&joined) : SpanOf(NULL, 0);
}

void
IsoFind(IsoFinder *finder, const IsoPath *paths, uint32_t count, uint32_t node, IsoWhen when)
{
	bool joining = false;

	memset(finder->found, 0, finder->texts * sizeof(Span));
	memset(finder->where, 0, finder->texts * sizeof(uint32_t));
	for (uint32_t i = 0; i < count; i++)
	{
		const IsoPath *path = &paths[i];
		Span *found = &finder->found[path->text];
		Span text;
		uint32_t at;

		if ((path->when != ISO_ALWAYS && path->when != when) ||
			(path->joined ? !joining : found->data != NULL))
			continue;
		at = path->all ? 0 : Walk(finder, node, path, path->steps);
		text = path->all ? WalkAll(finder, node, path)
			   : at != 0 ? SpanTrim(TreeText(finder->tree, at))
						 : SpanOf(NULL, 0);
		joining = text.length > 0;
		if (text.length == 0)
			continue;
		*found = path->joined ? Join(finder, *found, text) : text;
		finder->where[path->text] = at;
	}
}

Span
IsoFoundCurrency(const IsoFinder *finder, uint8_t text)
{
	uint32_t node = finder->where[text];
	uint32_t currency = node == 0 ? 0 : TreeChild(finder->tree, node, finder->names->currency);

	return currency != 0 && TreeText(finder->tree, currency).length > 0
			   ? TreeText(finder->tree, currency)
			   : SpanOf(NULL, 0);
}
