/*
 * rendered.h
 *		Is a page what it promises: well-formed, of harmless elements alone, with every value of the document?
 */
#ifndef CLEX_TEST_RENDERED_H
#define CLEX_TEST_RENDERED_H

#include "core/render/page.h"
#include "core/xml/xml_read.h"
#include "core/xml/xml_write.h"

#include <stdio.h>
#include <stdlib.h>

/* The first thing that is wrong with a page; empty: nothing. */
typedef struct Rendered
{
	Span html;
	char why[400];
} Rendered;

static bool
IsOneOf(Span name, const char *const *names)
{
	for (; *names != NULL; names++)
		if (SpanEqualCString(name, *names))
			return true;
	return false;
}

/* Nothing but elements and attributes that show text. */
static void
CheckElements(Rendered *rendered, const Tree *tree)
{
	static const char *const elements[] = {"html",	 "head", "meta", "title",	"style",   "body",
										   "header", "main", "div",	 "section", "h1",	   "h2",
										   "p",		 "bdi",	 "dl",	 "dt",		"dd",	   "small",
										   "data",	 "time", "br",	 "table",	"caption", "thead",
										   "tbody",	 "tr",	 "th",	 "td",		NULL};
	static const char *const attributes[] = {"@lang",	 "@charset",  "@http-equiv",
											 "@content", "@name",	  "@class",
											 "@id",		 "@scope",	  "@aria-labelledby",
											 "@value",	 "@datetime", NULL};

	for (uint32_t i = 1; i < TreeCount(tree); i++)
		if (!IsOneOf(TreeName(tree, i), TreeIsAttribute(tree, i) ? attributes : elements))
			snprintf(rendered->why, sizeof(rendered->why), "%.*s is no part of a page",
					 (int) TreeName(tree, i).length, TreeName(tree, i).data);
}

/* How often a text occurs. */
static uint32_t
Occurrences(Span haystack, Span needle)
{
	uint32_t count = 0;
	const char *at = haystack.data;
	size_t left = haystack.length;
	const char *found;

	while ((found = memmem(at, left, needle.data, needle.length)) != NULL)
	{
		count++;
		left -= (size_t) (found - at) + 1;
		at = found + 1;
	}
	return count;
}

/* How often a value stands on the page: as all of a text, or exactly in an attribute. */
static uint32_t
Standing(Span html, Span value, bool part_of_note, Arena *arena)
{
	Text text;
	Text attribute;
	uint32_t count;

	TextInit(&text, arena);
	TextInit(&attribute, arena);
	if (part_of_note)
	{
		TextReserve(&text, 1);
		XmlAppendText(&text, value);
		return text.length == 0 ? 1 : Occurrences(html, TextSpan(&text));
	}
	TextAppendChar(&text, '>');
	XmlAppendText(&text, value);
	TextAppend(&text, "</", 2);
	TextAppend(&attribute, "=\"", 2);
	XmlAppendValue(&attribute, value);
	TextAppendChar(&attribute, '"');
	count = Occurrences(html, TextSpan(&text));
	/* white space in texts and attributes is escaped alike only where there is none */
	return count + Occurrences(html, TextSpan(&attribute));
}

/* Every value as often as the document has it. */
static void
CheckValues(Rendered *rendered, const DocumentView *view, Arena *arena)
{
	for (uint32_t i = 1; i <= view->node_count && rendered->why[0] == '\0'; i++)
	{
		DocumentNode node = ViewNode(view, i);
		uint32_t same = 0;

		if (TermIsGroup(node.term) || ClexTerms[node.term].type == VALUE_BINARY)
			continue;
		for (uint32_t k = 1; k <= view->node_count && view->node_count < 400; k++)
		{
			DocumentNode other = ViewNode(view, k);

			same += !TermIsGroup(other.term) && ClexTerms[other.term].type != VALUE_BINARY &&
					!ClexTerms[other.term].attribute && SpanEqual(other.value, node.value);
		}
		if (Standing(rendered->html, node.value, ClexTerms[node.term].attribute, arena) <
			(ClexTerms[node.term].attribute || same == 0 ? 1 : same))
			snprintf(rendered->why, sizeof(rendered->why), "%s \"%.*s\" is not on the page",
					 ClexTerms[node.term].id.data, (int) SpanCut(node.value, 200).length,
					 node.value.data);
	}
	for (uint32_t i = 0; i < view->extra_count && rendered->why[0] == '\0'; i++)
		if (Standing(rendered->html, ViewExtra(view, i).value, false, arena) == 0 ||
			Standing(rendered->html, ViewExtra(view, i).path, false, arena) == 0)
			snprintf(rendered->why, sizeof(rendered->why), "extra %u is not on the page", i);
}

/* Render and check. */
static inline void
RenderAndCheck(const DocumentView *view, int language, Arena *arena, Rendered *rendered)
{
	XmlLimits limits = XML_DEFAULT_LIMITS;
	ClexError error = {0};
	const char *line;
	XmlInfo info;
	DocumentPage page;
	Tree tree;
	Text html;

	rendered->why[0] = '\0';
	TextInit(&html, arena);
	if (PageBuild(view, language, arena, &page, &error) != CLEX_OK ||
		PageToHtml(&page, &html, &error) != CLEX_OK)
	{
		snprintf(rendered->why, sizeof(rendered->why), "%s", error.message);
		return;
	}
	rendered->html = TextSpan(&html);
	line = memchr(html.data, '\n', html.length);
	if (XmlRead(SpanOf(line, html.length - (size_t) (line - html.data)), &limits, arena, &tree,
				&info, &error) != CLEX_OK)
		snprintf(rendered->why, sizeof(rendered->why), "line %u: %s", error.line, error.message);
	else
	{
		CheckElements(rendered, &tree);
		CheckValues(rendered, view, arena);
	}
}

#endif
