/*
 * bind_tests.c
 *		Tests that tell apart branches of one name: they look at the tree around a node alone.
 */
#include "core/base/checkdigit.h"
#include "core/codec/bind_parts.h"

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

bool
BindIsBoolean(Span s, bool truth)
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
				holds = BindIsBoolean(text, test->kind == TEST_IS_TRUE);
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

bool
BindTestsHold(Binder *binder, const BindBranch *branch, uint32_t node)
{
	for (uint16_t i = 0; i < branch->test_count; i++)
		if (!TestHolds(binder, branch->first_test + i, node))
			return false;
	return true;
}
