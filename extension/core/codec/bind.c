/*
 * bind.c
 *		The table-driven walk from a source tree to a semantic document.
 *
 * Groups are made when their first term comes.  For each term the newest node and the parent it was
 * added to are remembered: a group is still open if its parent is the newest node of its own parent
 * term, all the way up, so beginning a new invoice line closes everything inside the old one without
 * touching it.
 */
#include "core/codec/bind.h"

#include <limits.h>

#include "core/base/checkdigit.h"
#include "core/base/date.h"
#include "core/codec/bind_order.h"
#include "core/codec/xml_plan.h"

#define INTERRUPT_EVERY 4096 /* nodes */

/* The newest node of a term. */
typedef struct Newest
{
	uint32_t handle; /* 0: none yet, or a new one must be begun */
	uint32_t parent; /* handle of its parent */
	uint32_t source; /* node of the source tree */
} Newest;

/* The first node a side of a test reaches, remembered for the node it starts down from. */
typedef struct FoundSide
{
	uint32_t base; /* + 1; 0: nothing remembered */
	uint32_t node;
} FoundSide;

typedef struct Binder
{
	Tree *tree; /* siblings are numbered when the first extra is located */
	DocumentBuilder *builder;
	Span currency;
	Text path;		  /* of the last extra */
	Vector extras;	  /* uint32_t: nodes of the source tree */
	Vector constants; /* uint32_t: leaves that are constants, below the elements that are open */
	BindCounts counts;
	ClexStatus status;
	uint32_t interrupt_countdown;
	size_t path_bytes;	   /* left for the locations of extras */
	uint32_t scope;		   /* + 1: element of the innermost repeatable group */
	uint32_t *entered;	   /* by state of the root: scope in which a single group was last begun */
	FoundSide (*found)[2]; /* by test of the root */
	const BindRoot *root;
	Text elsewhere;		   /* terms and groups read from another place than their first */
	TermId last_elsewhere; /* ... the last of them */
	Vector deferred;	   /* uint32_t: nodes that qualify a value still to come */
	bool retrying;		   /* ... and now they must find it */
	uint32_t part;		   /* of several children of the root, the one to bind */
	Newest newest[TERM_COUNT];
} Binder;

static void BindChildren(Binder *binder, uint32_t node, const BindState *state);

/* Probe for a cancel now and then. */
static void
CountStep(Binder *binder)
{
	if (--binder->interrupt_countdown == 0)
	{
		binder->interrupt_countdown = INTERRUPT_EVERY;
		if (ClexInterrupted(binder->tree->arena->env))
			binder->status = CLEX_INTERRUPTED;
	}
}

static bool
IsBlank(Span s)
{
	return SpanTrim(s).length == 0;
}

static inline bool
HasElements(const Tree *tree, uint32_t node)
{
	return (TreeAt(tree, node)->flags & TREE_HAS_ELEMENTS) != 0;
}

/* ---- extras ---- */

/* Before the first location; each part stands in its document alone. */
static bool
NumberSiblings(Binder *binder)
{
	Tree *tree = binder->tree;

	if (tree->positions != NULL || !TreeNumberSiblings(tree) || binder->part == 0)
		return tree->positions != NULL;
	for (uint32_t i = TreeChild(tree, 1, TreeAt(tree, binder->part)->name); i != 0;
		 i = TreeNextNamed(tree, i, TreeAt(tree, i)->name))
		TreeHidePosition(tree, i);
	return true;
}

static void
AddExtra(Binder *binder, uint32_t node, Span suffix, Span value)
{
	Text *path = &binder->path;
	uint32_t *kept = VectorPush(&binder->extras);

	path->length = 0;
	if (NumberSiblings(binder))
		TreeLocation(binder->tree, node, path);
	TextAppendSpan(path, suffix);
	if (path->failed || binder->tree->positions == NULL || kept == NULL)
	{
		binder->status = CLEX_NO_MEMORY;
		return;
	}
	if (path->length > binder->path_bytes)
	{
		binder->status = CLEX_LIMIT;
		return;
	}
	*kept = node;
	binder->path_bytes -= path->length;
	DocumentAddExtra(binder->builder, TextSpan(path), value, TreeAt(binder->tree, node)->line);
	binder->counts.extras++;
}

/* Keep the text in [from, until) of the heap, if there is more than white space. */
static void
AddGap(Binder *binder, uint32_t node, size_t from, size_t until)
{
	Span gap = SpanOf(binder->tree->text.data + from, until > from ? until - from : 0);

	if (gap.length > 0 && !IsBlank(gap))
		AddExtra(binder, node, SPAN_LITERAL("/text()"), gap);
}

/* Text between the children of an element: no format has a meaning for it, but it is kept. */
static void
AddStrayText(Binder *binder, uint32_t node)
{
	const Tree *tree = binder->tree;
	const TreeNode *n = TreeAt(tree, node);
	size_t at = n->text;

	if (n->text_length == 0)
		return;
	for (uint32_t i = node + 1; i < n->end; i = TreeAt(tree, i)->end)
	{
		const TreeNode *child = TreeAt(tree, i);

		if (child->flags & TREE_ATTRIBUTE)
			continue;
		AddGap(binder, node, at, child->text);
		at = (size_t) child->text + child->text_length;
	}
	AddGap(binder, node, at, (size_t) n->text + n->text_length);
}

/* Keep every leaf of a subtree that no binding knows. */
static void
AddExtras(Binder *binder, uint32_t node)
{
	const Tree *tree = binder->tree;
	uint32_t end = TreeAt(tree, node)->end;

	for (uint32_t i = node; i < end && binder->status == CLEX_OK; i++)
	{
		CountStep(binder);
		if (HasElements(tree, i))
			AddStrayText(binder, i);
		else
			AddExtra(binder, i, (Span){NULL, 0}, TreeText(tree, i));
	}
}

/* ---- tests ---- */

/* The first node that a side reaches from `node`, 0 if none. */
static uint32_t
FollowSide(Binder *binder, const BindSide *side, FoundSide *found, uint32_t node)
{
	const Tree *tree = binder->tree;

	for (uint8_t i = 0; i < side->up; i++)
		node = TreeAt(tree, node)->parent;
	if (side->up > 0 && found->base == node + 1)
		return found->node;
	found->base = node + 1;
	for (uint8_t i = 0; i < BIND_SIDE_STEPS && side->steps[i] != 0 && node != 0; i++)
		node = TreeChild(tree, node, side->steps[i]);
	found->node = node;
	return node;
}

static bool
EqualIgnoringCase(Span a, Span b)
{
	if (a.length != b.length)
		return false;
	for (size_t i = 0; i < a.length; i++)
	{
		char x = a.data[i];
		char y = b.data[i];

		if (x != y && (((x ^ y) & ~0x20) != 0 || (x | 0x20) < 'a' || (x | 0x20) > 'z'))
			return false;
	}
	return true;
}

static bool
IsBoolean(Span s, bool truth)
{
	return SpanEqualCString(s, truth ? "true" : "false") || SpanEqualCString(s, truth ? "1" : "0");
}

/* Does a test hold for a node? */
static bool
TestHolds(Binder *binder, uint16_t number, uint32_t node)
{
	const BindTest *test = &ClexBindTests[number];
	FoundSide *found = binder->found[number - binder->root->first_test];
	uint32_t left = FollowSide(binder, &test->left, &found[0], node);
	uint32_t right;
	bool holds = left != 0;
	Span text;

	if (holds && test->kind != TEST_EXISTS)
	{
		text = SpanTrim(TreeText(binder->tree, left));
		switch ((BindTestKind) test->kind)
		{
			case TEST_EXISTS:
				break;
			case TEST_IS_VALUE:
				holds = false;
				for (uint16_t i = 0; i < test->value_count && !holds; i++)
					holds = EqualIgnoringCase(text, ClexBindValues[test->first_value + i]);
				break;
			case TEST_IS_TRUE:
			case TEST_IS_FALSE:
				holds = IsBoolean(text, test->kind == TEST_IS_TRUE);
				break;
			case TEST_IS_GLN:
				holds = CheckGln(text);
				break;
			case TEST_ALONE:
				holds = TreeChild(binder->tree, TreeAt(binder->tree, left)->parent,
								  TreeAt(binder->tree, left)->name) == left &&
						TreeNextNamed(binder->tree, left, TreeAt(binder->tree, left)->name) == 0;
				break;
			case TEST_IS_EQUAL:
			case TEST_DIFFERS:
				right = FollowSide(binder, &test->right, &found[1], node);
				holds = right != 0 && SpanEqual(text, SpanTrim(TreeText(binder->tree, right))) ==
										  (test->kind == TEST_IS_EQUAL);
				break;
		}
	}
	return holds != test->negate;
}

static bool
TestsHold(Binder *binder, const BindBranch *branch, uint32_t node)
{
	for (uint16_t i = 0; i < branch->test_count; i++)
		if (!TestHolds(binder, branch->first_test + i, node))
			return false;
	return true;
}

/* ---- terms ---- */

/* The open node of a group, begun here if there is none. */
static uint32_t
OpenGroup(Binder *binder, TermId group, uint32_t source)
{
	Newest *newest = &binder->newest[group];
	uint32_t parent;

	if (group == TERM_NONE)
		return 0;
	parent = OpenGroup(binder, ClexTerms[group].parent, source);
	if (newest->handle == 0 || newest->parent != parent)
	{
		newest->handle = DocumentAdd(binder->builder, parent, group, (Span){NULL, 0}, source);
		newest->parent = parent;
		newest->source = source;
	}
	return newest->handle;
}

/*
 * Find the node a term belongs under.  A term that qualifies another one belongs to the value that was
 * read from the same element, or from a sibling in CII, from a sibling of the element around (ext) in
 * GOBL; false if there is none.
 */
static bool
FindParent(Binder *binder, TermId term, uint32_t source, uint32_t *parent)
{
	const Tree *tree = binder->tree;
	TermId above = ClexTerms[term].parent;
	const Newest *value = &binder->newest[above];
	uint32_t element = TreeAt(tree, source)->parent;

	if (TermIsGroup(above))
	{
		*parent = OpenGroup(binder, above, source);
		return true;
	}
	*parent = value->handle;
	return value->handle != 0 &&
		   (value->source == element || TreeAt(tree, value->source)->parent == element ||
			(binder->root->name == NAME_gobl &&
			 TreeAt(tree, value->source)->parent == TreeAt(tree, element)->parent));
}

/* A compact date in ISO spelling; what is none stays as it is, to be marked invalid. */
static Span
ConvertDate102(Binder *binder, uint32_t node, Span text, char iso[DATE_TEXT])
{
	uint32_t format = TreeChild(binder->tree, node, NAME_at_format);
	int32_t date;

	if (format != 0 && !SpanEqualCString(TreeText(binder->tree, format), "102"))
		return text;
	if (DateParseCompact(SpanTrim(text), &date) != CLEX_OK)
		return text;
	return DateFormat(date, iso);
}

Span
InnerCode(uint8_t map, Span outer)
{
	for (uint32_t i = 0; i < ClexCodePairCount; i++)
		if (ClexCodePairs[i].map == map && SpanEqual(ClexCodePairs[i].outer, outer))
			return ClexCodePairs[i].inner;
	return outer;
}

/* Is a code the one that a writer would choose, the first of those that mean the same? */
static bool
IsFirstCode(uint8_t map, Span inner, Span outer)
{
	for (uint32_t i = 0; i < ClexCodePairCount; i++)
		if (ClexCodePairs[i].map == map && SpanEqual(ClexCodePairs[i].inner, inner))
			return SpanEqual(ClexCodePairs[i].outer, outer);
	return true;
}

/* The date before a time of day; what is none stays as it is. */
static Span
ConvertDateTime(Span text)
{
	Span trimmed = SpanTrim(text);
	int32_t date;

	return trimmed.length > 10 && trimmed.data[10] == 'T' &&
				   DateParse(SpanOf(trimmed.data, 10), &date, NULL) == CLEX_OK
			   ? SpanOf(trimmed.data, 10)
			   : text;
}

bool
DaysParse(Span text, int32_t *days)
{
	text = SpanTrim(text);
	*days = 0;
	for (size_t i = 0; i < text.length; i++)
		if (text.data[i] < '0' || text.data[i] > '9')
			return false;
		else if (i < 5)
			*days = *days * 10 + (text.data[i] - '0');
	return text.length > 0 && text.length <= 5;
}

/* So many days behind the date of the term before it; what is no such number stays as it is. */
static Span
ConvertDays(Binder *binder, const BindState *state, Span text, char iso[DATE_TEXT])
{
	const Newest *from = &binder->newest[ClexPlanStates[state - ClexBindStates].constant_term];
	int32_t date;
	int32_t days;

	if (from->handle == 0 || !DaysParse(text, &days) ||
		DateParse(SpanTrim(ConvertDateTime(TreeText(binder->tree, from->source))), &date, NULL) !=
			CLEX_OK)
		return text;
	return DateFormat(date + days, iso);
}

Span
InnerPosition(Span text)
{
	size_t start = 0;

	if (text.length != 6 || text.data[5] != '0')
		return text;
	for (size_t i = 0; i < 6; i++)
		if (text.data[i] < '0' || text.data[i] > '9')
			return text;
	while (start < 5 && text.data[start] == '0')
		start++;
	return start == 5 ? text : SpanOf(text.data + start, 5 - start);
}

Span
InnerStamp(Span text, char iso[DATE_TEXT])
{
	Span trimmed = SpanTrim(text);
	int32_t date;

	if (trimmed.length != 8 && trimmed.length != 12 && trimmed.length != 14)
		return text;
	for (size_t i = 8; i < trimmed.length; i++)
		if (trimmed.data[i] < '0' || trimmed.data[i] > '9')
			return text;
	return DateParseCompact(SpanOf(trimmed.data, 8), &date) == CLEX_OK ? DateFormat(date, iso)
																	   : text;
}

/* As the format beside it says: 102 (or nothing) a date, 203 and 204 a date and a time. */
static Span
ConvertStamp(Binder *binder, uint32_t node, Span text, char iso[DATE_TEXT])
{
	static const char *const formats[] = {[8] = "102", [12] = "203", [14] = "204"};
	uint32_t format = TreeChild(binder->tree, node, NAME_at_format);
	Span converted = InnerStamp(text, iso);

	if (converted.data != iso || (format == 0 && SpanTrim(text).length == 8) ||
		(format != 0 &&
		 SpanEqualCString(TreeText(binder->tree, format), formats[SpanTrim(text).length])))
		return converted;
	return text;
}

static Span
ConvertPercent(Span text)
{
	Span trimmed = SpanTrim(text);

	return trimmed.length > 1 && trimmed.data[trimmed.length - 1] == '%'
			   ? SpanOf(trimmed.data, trimmed.length - 1)
			   : text;
}

/* Country and number, first name and name: a blank between two words; series and number: a hyphen. */
static Span
ConvertHead(Binder *binder, const BindState *state, uint32_t node, Span text)
{
	uint32_t head = TreeChild(binder->tree, TreeAt(binder->tree, node)->parent, state->head);
	Span before = head == 0 ? SpanOf(NULL, 0) : TreeText(binder->tree, head);
	const char *joined;

	if (before.length == 0 || before.length > INT_MAX / 4 || text.length > INT_MAX / 4)
		return text;
	joined = ArenaPrintf(binder->tree->arena, "%.*s%s%.*s", (int) before.length, before.data,
						 TermIsWords(state->term)			? " "
						 : state->converter == CONVERT_JOIN ? "-"
															: "",
						 (int) text.length, text.data);
	if (joined == NULL)
	{
		binder->status = CLEX_NO_MEMORY;
		return text;
	}
	return SpanFromCString(joined);
}

/* The terms that an element says beside its own. */
static void
AddImplied(Binder *binder, const BindState *state, uint32_t parent, uint32_t node)
{
	for (uint16_t i = 0; i < state->implied_count; i++)
	{
		const BindImplied *implied = &ClexBindImplied[state->first_implied + i];
		Newest *newest = &binder->newest[implied->term];
		uint32_t above = ClexTerms[implied->term].parent == state->term
							 ? binder->newest[state->term].handle
							 : parent;

		if (newest->handle != 0 && newest->parent == above)
			continue;
		newest->handle = DocumentAdd(binder->builder, above, implied->term, implied->value, node);
		newest->parent = above;
		newest->source = node;
	}
}

/* Take "#AAI#" off the front of a note; an empty span if it has none. */
static Span
SplitSubject(Span *text)
{
	Span subject = {NULL, 0};

	if (text->length >= 5 && text->data[0] == '#' && text->data[4] == '#')
	{
		for (int i = 1; i < 4; i++)
			if (!(text->data[i] >= 'A' && text->data[i] <= 'Z'))
				return subject;
		subject = SpanOf(text->data + 1, 3);
		text->data += 5;
		text->length -= 5;
	}
	return subject;
}

/* A term or group was read from another place than its first. */
static void
NoteElsewhere(Binder *binder, TermId term)
{
	if (term == binder->last_elsewhere)
		return;
	binder->last_elsewhere = term;
	TextAppendf(&binder->elsewhere, "%s%s", binder->elsewhere.length > 0 ? " " : "",
				ClexTerms[term].id.data);
}

/* Add the term of a leaf under `parent`, its value converted. */
static void
AddTerm(Binder *binder, const BindState *state, uint32_t parent, uint32_t node)
{
	Span text = TreeText(binder->tree, node);
	Span value = text;
	char iso[DATE_TEXT];
	Newest *newest = &binder->newest[state->term];

	if (state->converter == CONVERT_DATE_102)
		value = ConvertDate102(binder, node, text, iso);
	else if (state->converter == CONVERT_STAMP)
		value = ConvertStamp(binder, node, text, iso);
	else if (state->converter == CONVERT_CODES)
		value = InnerCode(state->map, text);
	else if (state->converter == CONVERT_DATE_TIME || state->converter == CONVERT_DATE_TIME_ZONE)
		value = ConvertDateTime(text);
	else if (state->converter == CONVERT_DAYS)
		value = ConvertDays(binder, state, text, iso);
	else if (state->converter == CONVERT_POSITION)
		value = InnerPosition(text);
	else if (state->converter == CONVERT_PERCENT)
		value = ConvertPercent(text);
	else if (state->converter == CONVERT_HEAD || state->converter == CONVERT_JOIN)
		value = ConvertHead(binder, state, node, text);
	else if (state->converter == CONVERT_NOTE)
	{
		Span subject = SplitSubject(&value);

		if (subject.length > 0)
			DocumentAdd(binder->builder, parent, state->subject, subject, node);
	}
	/* handles are in the order of their sources */
	newest->source = binder->retrying ? binder->newest[ClexTerms[state->term].parent].source : node;
	newest->handle = DocumentAdd(binder->builder, parent, state->term, value, newest->source);
	newest->parent = parent;
	/* what the converter undoes is no spelling of its own; white space around it is */
	if (value.data == iso && text.length != 8)
		DocumentSetLexical(binder->builder, newest->handle, text);
	else if ((state->converter == CONVERT_CODES && !SpanEqual(value, text) &&
			  !IsFirstCode(state->map, value, text)) ||
			 ((state->converter == CONVERT_DATE_TIME || state->converter == CONVERT_JOIN ||
			   state->converter == CONVERT_DATE_TIME_ZONE) &&
			  value.length != text.length))
		DocumentSetLexical(binder->builder, newest->handle, text);
	AddImplied(binder, state, parent, newest->source);
	if (state->flags & BIND_ELSEWHERE)
		NoteElsewhere(binder, ClexPlanStates[state - ClexBindStates].mark);
	binder->counts.terms++;
}

/* Keep a node that qualifies a value of the same element until that value has come. */
static bool
Defer(Binder *binder, const BindState *state, uint32_t node)
{
	uint32_t *kept;

	if (binder->retrying || TermIsGroup(ClexTerms[state->term].parent) ||
		TreeIsAttribute(binder->tree, node) || (kept = VectorPush(&binder->deferred)) == NULL)
		return false;
	*kept = node;
	return true;
}

/* A leaf that is a term: false if it is no leaf, or one more than the term allows. */
static bool
BindTerm(Binder *binder, const BindState *state, const BindBranch *branch, uint32_t node)
{
	const Newest *newest = &binder->newest[state->term];
	uint32_t parent;

	if (HasElements(binder->tree, node) || !TestsHold(binder, branch, node))
		return false;
	if (state->group != TERM_NONE)
		binder->newest[state->group].handle = 0;
	if (!FindParent(binder, state->term, node, &parent))
		return Defer(binder, state, node);
	if (ClexTerms[state->term].max == 1 && newest->handle != 0 && newest->parent == parent)
	{
		if (!(state->flags & BIND_REPEAT) ||
			!SpanEqual(TreeText(binder->tree, newest->source), TreeText(binder->tree, node)))
			return false;
		binder->counts.constants++;
	}
	else
		AddTerm(binder, state, parent, node);
	BindChildren(binder, node, state);
	return true;
}

/* A leaf that has one possible value: false if it has another. */
static bool
BindConstantLeaf(Binder *binder, const BindState *state, uint32_t node)
{
	Span text = TreeText(binder->tree, node);
	uint32_t *constant;
	bool good = false;

	if (HasElements(binder->tree, node))
		return false;
	switch ((BindConstant) state->constant)
	{
		case CONSTANT_NONE:
			break;
		case CONSTANT_VALUE:
			good = SpanEqual(text, state->value);
			break;
		case CONSTANT_BOOLEAN:
			good = IsBoolean(SpanTrim(text), SpanEqualCString(state->value, "true"));
			break;
		case CONSTANT_CURRENCY:
			good = SpanEqual(text, binder->currency);
			break;
		case CONSTANT_ANY:
			good = true;
			break;
		case CONSTANT_HEAD:
			good = TreeChild(binder->tree, TreeAt(binder->tree, node)->parent,
							 ClexPlanStates[ClexPlanStates[state - ClexBindStates].tail].name) != 0;
			break;
	}
	if (!good)
		return false;
	binder->counts.constants++;
	constant = VectorPush(&binder->constants);
	if (constant == NULL)
		binder->status = CLEX_NO_MEMORY;
	else
		*constant = node;
	BindChildren(binder, node, state);
	return true;
}

/* Constants from `first` on are extras. */
static void
KeepAll(Binder *binder, uint32_t first)
{
	for (uint32_t i = first; i < binder->constants.count && binder->status == CLEX_OK; i++)
	{
		uint32_t node = VectorAt(&binder->constants, uint32_t, i);

		binder->counts.constants--;
		AddExtra(binder, node, (Span){NULL, 0}, TreeText(binder->tree, node));
	}
	binder->constants.count = first;
}

/*
 * Constants say nothing beside terms.  In an element that has none, but extras, they are extras too:
 * nothing else tells that they were there.
 */
static void
KeepConstants(Binder *binder, const BindCounts *before, uint32_t first)
{
	if (binder->counts.terms == before->terms && binder->counts.extras > before->extras)
		KeepAll(binder, first);
}

/* The group of an element begins with it: false if it is a second one of a single group. */
static bool
EnterGroup(Binder *binder, const BindState *state, uint32_t node)
{
	uint32_t *entered = &binder->entered[state - ClexBindStates - binder->root->first_state];

	if (state->group != TERM_NONE && ClexTerms[state->group].max == 1)
	{
		if (*entered == binder->scope)
			return false;
		*entered = binder->scope;
	}
	else if (state->group != TERM_NONE)
	{
		binder->newest[state->group].handle = 0;
		binder->scope = node + 1;
	}
	return true;
}

/* An element without others, whose attributes say something: false if they do not. */
static bool
BindAttributes(Binder *binder, const BindState *state, const BindBranch *branch, uint32_t node)
{
	uint32_t scope = binder->scope;
	uint32_t terms = binder->counts.terms;
	uint32_t first = binder->constants.count;
	Span text = TreeText(binder->tree, node);

	if (!TestsHold(binder, branch, node) || !EnterGroup(binder, state, node))
		return false;
	BindChildren(binder, node, state);
	if (binder->counts.terms == terms)
		KeepAll(binder, first);
	if (binder->counts.terms == terms || !IsBlank(text))
		AddExtra(binder, node, (Span){NULL, 0}, text);
	else
		binder->counts.constants++;
	binder->scope = scope;
	return true;
}

/* An element that holds others: false if it is empty, or a second one of a single group. */
static bool
BindContainer(Binder *binder, const BindState *state, const BindBranch *branch, uint32_t node)
{
	uint32_t scope = binder->scope;
	BindCounts before = binder->counts;
	uint32_t first = binder->constants.count;

	if (!HasElements(binder->tree, node) && (state->flags & BIND_ATTRIBUTES))
		return BindAttributes(binder, state, branch, node);
	if (!HasElements(binder->tree, node))
	{
		if (!(state->flags & BIND_MAY_BE_EMPTY) || !IsBlank(TreeText(binder->tree, node)) ||
			!TestsHold(binder, branch, node))
			return false;
		binder->counts.constants++;
		BindChildren(binder, node, state);
		return true;
	}
	if (!TestsHold(binder, branch, node) || !EnterGroup(binder, state, node))
		return false;
	BindChildren(binder, node, state);
	if (!(ClexPlanStates[state - ClexBindStates].flags & PLAN_CONSTANT))
		KeepConstants(binder, &before, first);
	binder->scope = scope;
	return true;
}

/* ---- the walk ---- */

static const BindEdge *
FindEdge(const BindState *state, NameId name)
{
	const BindEdge *low = &ClexBindEdges[state->first_edge];
	uint32_t count = state->edge_count;

	while (count > 0)
	{
		uint32_t half = count / 2;

		if (low[half].name == name)
			return &low[half];
		if (low[half].name < name)
		{
			low += half + 1;
			count -= half + 1;
		}
		else
			count = half;
	}
	return NULL;
}

/* Offer a node to the branches its name leads to; what none accepts is an extra. */
static void
BindNode(Binder *binder, uint32_t node, const BindState *from)
{
	const BindEdge *edge = FindEdge(from, TreeAt(binder->tree, node)->name);

	for (uint16_t i = 0; edge != NULL && i < edge->branch_count; i++)
	{
		const BindBranch *branch = &ClexBindBranches[edge->first_branch + i];
		const BindState *state = &ClexBindStates[branch->state];
		bool accepted = false;

		switch ((BindKind) state->kind)
		{
			case BIND_TERM:
				accepted = BindTerm(binder, state, branch, node);
				break;
			case BIND_CONSTANT:
				accepted = BindConstantLeaf(binder, state, node);
				break;
			case BIND_CONTAINER:
				accepted = BindContainer(binder, state, branch, node);
				break;
		}
		if (accepted)
			return;
	}
	AddExtras(binder, node);
}

/* Nodes that came before the value they qualify; what finds none is an extra. */
static void
BindDeferred(Binder *binder, const BindState *state, uint32_t first)
{
	bool retrying = binder->retrying;

	binder->retrying = true;
	for (uint32_t i = first; i < binder->deferred.count && binder->status == CLEX_OK; i++)
		BindNode(binder, VectorAt(&binder->deferred, uint32_t, i), state);
	binder->deferred.count = first;
	binder->retrying = retrying;
}

/* Is it another part of the file than the one that is bound? */
static bool
IsOtherPart(const Binder *binder, uint32_t node)
{
	return binder->part != 0 && node != binder->part &&
		   TreeAt(binder->tree, node)->parent == TreeAt(binder->tree, binder->part)->parent &&
		   TreeAt(binder->tree, node)->name == TreeAt(binder->tree, binder->part)->name;
}

static void
BindChildren(Binder *binder, uint32_t node, const BindState *state)
{
	const Tree *tree = binder->tree;
	uint32_t end = TreeAt(tree, node)->end;
	uint32_t first = binder->deferred.count;

	for (uint32_t i = node + 1; i < end && binder->status == CLEX_OK; i = TreeAt(tree, i)->end)
	{
		CountStep(binder);
		if (!IsOtherPart(binder, i))
			BindNode(binder, i, state);
	}
	if (binder->deferred.count > first)
		BindDeferred(binder, state, first);
	if (HasElements(tree, node))
		AddStrayText(binder, node);
}

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

/* The term that the root itself says. */
static void
AddRootTerm(Binder *binder)
{
	TermId term = binder->root->implied;

	if (term != TERM_NONE)
		DocumentAdd(binder->builder, OpenGroup(binder, ClexTerms[term].parent, 1), term,
					binder->root->implied_value, 1);
}

/*
 * A document that names its currency beside its amounts alone.  It comes behind all nodes of the tree; an
 * invoice without BT-5 stays one.
 */
static void
AddBorrowedCurrency(Binder *binder)
{
	TermId term = binder->root->currency;
	uint32_t behind = TreeCount(binder->tree) + 1;

	if (term == TERM_NONE || term == TERM_BT_5 || binder->currency.length == 0 ||
		binder->newest[term].handle != 0)
		return;
	DocumentAdd(binder->builder, OpenGroup(binder, ClexTerms[term].parent, behind), term,
				binder->currency, behind);
	NoteElsewhere(binder, term);
}

ClexStatus
BindTree(Tree *tree, const BindRoot *root, uint32_t part, Span currency, Arena *arena,
		 DocumentBuilder *builder, BindCounts *counts, ClexError *error)
{
	Binder *binder = ArenaAllocZero(arena, sizeof(Binder));

	if (binder != NULL)
	{
		binder->entered = ArenaAllocZero(arena, root->state_count * sizeof(uint32_t));
		binder->found = ArenaAllocZero(arena, (root->test_count + 1u) * sizeof(*binder->found));
	}
	if (binder == NULL || binder->entered == NULL || binder->found == NULL)
		return ClexFail(error, CLEX_NO_MEMORY, "out of memory binding a document");
	binder->root = root;
	binder->tree = tree;
	binder->builder = builder;
	binder->currency = currency;
	binder->interrupt_countdown = INTERRUPT_EVERY;
	binder->path_bytes = BIND_PATH_BYTES + (size_t) BIND_PATH_BYTES_PER_NODE * TreeCount(tree);
	binder->scope = 1;
	binder->part = part;
	TextInit(&binder->path, arena);
	TextInit(&binder->elsewhere, arena);
	VectorInit(&binder->extras, arena, sizeof(uint32_t));
	VectorInit(&binder->constants, arena, sizeof(uint32_t));
	VectorInit(&binder->deferred, arena, sizeof(uint32_t));
	AddRootTerm(binder);
	if (HasElements(tree, 1))
		BindChildren(binder, 1, &ClexBindStates[root->first_state]);
	else
		AddExtras(binder, 1);
	AddBorrowedCurrency(binder);
	if (binder->status == CLEX_OK && binder->extras.count > 0 &&
		!BindOrder(tree, &binder->extras, builder))
		binder->status = CLEX_NO_MEMORY;
	if (binder->elsewhere.length > 0)
		DocumentSetProvenance(builder, "elsewhere", TextSpan(&binder->elsewhere));
	if (binder->elsewhere.failed)
		binder->status = CLEX_NO_MEMORY;
	*counts = binder->counts;
	if (binder->status == CLEX_INTERRUPTED)
		return ClexFail(error, CLEX_INTERRUPTED, "canceled");
	if (binder->status == CLEX_LIMIT)
	{
		ClexFail(error, CLEX_LIMIT, "the locations of unknown elements take more than %zu bytes",
				 BIND_PATH_BYTES + (size_t) BIND_PATH_BYTES_PER_NODE * TreeCount(tree));
		ClexHint(error, "The names of these elements or of their namespaces are unusually long.");
		return CLEX_LIMIT;
	}
	if (binder->status != CLEX_OK)
		return ClexFail(error, binder->status, "out of memory binding a document");
	return CLEX_OK;
}
