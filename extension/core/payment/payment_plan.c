/*
 * payment_plan.c
 *		Where the texts of a payment stand in one version of a message, in the order of its schema.
 *
 * The table of paths says where a text may stand, the content models which of these places a version has and
 * what order they have: no order is written down anywhere else.
 */
#include "core/payment/payment_plan.h"

#include "core/statement/iso_check.h"
#include "core/xml/xml_write.h"

/* The member of a type by name, -1 if it has none. */
static int
FindMember(uint16_t type, uint16_t name)
{
	const IsoType *t = &ClexIsoTypes[type];

	for (uint32_t i = t->first; i < (uint32_t) t->first + t->count; i++)
		if (ClexIsoMembers[i].name == name)
			return (int) i;
	return -1;
}

/* Follow a path through the content models; false if the version does not have it. */
static bool
Resolve(const IsoPath *path, uint16_t type, bool leaf, PlanField *field)
{
	*field = (PlanField){.path = path};
	for (int i = 0; i < path->steps; i++)
	{
		int member = FindMember(type, path->step[i]);
		bool last = i == path->steps - 1;

		if (member < 0)
			return false;
		if ((ClexIsoMembers[member].kind == ISO_COMPLEX) == (last && leaf))
			return false;
		field->member[i] = (uint16_t) member;
		type = ClexIsoMembers[member].child;
	}
	return true;
}

/* All fields of a scope. */
static bool
MakeScope(PlanScope *scope, PainScope which, uint16_t type, Arena *arena)
{
	uint32_t most = (uint32_t) (ClexPainScopes[which + 1] - ClexPainScopes[which]);
	PlanField *fields = ArenaAllocArray(arena, most, sizeof(PlanField));

	if (fields == NULL)
		return false;
	scope->fields = fields;
	for (uint32_t i = 0; i < most; i++)
	{
		const IsoPath *path = &ClexPainPaths[ClexPainScopes[which] + i];

		if (path->when != ISO_READ_ONLY && Resolve(path, type, true, &fields[scope->count]))
			scope->count++;
	}
	return true;
}

/* The path of element names to a nested scope, in the arena. */
static const IsoPath *
NestedPath(Arena *arena, uint16_t first, uint16_t second)
{
	IsoPath *path = ArenaAllocZero(arena, sizeof(IsoPath));

	if (path == NULL)
		return NULL;
	path->steps = second != 0 ? 2 : 1;
	path->step[0] = first;
	path->step[1] = second;
	return path;
}

bool
PaymentPlanMake(PaymentPlan *plan, const IsoRoot *root, bool debit, Arena *arena)
{
	const uint16_t within[PAIN_DOCUMENT + 1][2] = {
		[PAIN_MESSAGE] = {ClexPainNames.batch, 0},
		[PAIN_BATCH] = {debit ? ClexPainNames.debit : ClexPainNames.transfer, 0},
		[PAIN_TRANSACTION] = {ClexPainNames.remittance, ClexPainNames.structured},
		[PAIN_REMITTANCE] = {ClexPainNames.document, 0},
		[PAIN_DOCUMENT] = {0, 0},
	};
	uint16_t type = root->type;

	memset(plan, 0, sizeof(*plan));
	plan->root = root;
	for (int i = PAIN_MESSAGE; i <= PAIN_DOCUMENT; i++)
	{
		PlanScope *scope = &plan->scope[i];
		const IsoPath *path;

		if (!MakeScope(scope, (PainScope) i, type, arena))
			return false;
		if (within[i][0] == 0)
			break;
		path = NestedPath(arena, within[i][0], within[i][1]);
		if (path == NULL)
			return false;
		/* every version has these */
		Resolve(path, type, false, &scope->nested);
		type = ClexIsoMembers[scope->nested.member[path->steps - 1]].child;
	}
	return true;
}

int
PaymentPlanScope(const PaymentPlan *plan, PaymentText text)
{
	for (int i = PAIN_MESSAGE; i <= PAIN_TRANSACTION; i++)
		for (uint32_t f = 0; f < plan->scope[i].count; f++)
			if (plan->scope[i].fields[f].path->text == text)
				return i;
	return -1;
}

const PlanField *
PaymentPlanField(const PlanScope *scope, PaymentText text, Span value, const PlanField **first)
{
	*first = NULL;
	for (uint32_t i = 0; i < scope->count; i++)
	{
		const PlanField *field = &scope->fields[i];
		Span rest = value;
		bool fits = true;

		if (field->path->text != text)
			continue;
		if (*first == NULL)
			*first = field;
		/* a text of several lines is an element for each */
		while (field->path->all && fits && rest.length > 0)
		{
			const char *end = memchr(rest.data, '\n', rest.length);
			size_t length = end != NULL ? (size_t) (end - rest.data) : rest.length;

			fits = IsoValueIsLegal(PlanValue(field), SpanOf(rest.data, length));
			length += end != NULL;
			rest = SpanOf(rest.data + length, rest.length - length);
		}
		if (fits && (field->path->all || IsoValueIsLegal(PlanValue(field), value)))
			return field;
	}
	return NULL;
}

static int
CompareFields(const PlanField *a, const PlanField *b)
{
	for (int i = 0; i < a->path->steps && i < b->path->steps; i++)
		if (a->member[i] != b->member[i])
			return a->member[i] < b->member[i] ? -1 : 1;
	return 0;
}

static void
WriteTag(uint16_t name, bool end, Text *out)
{
	TextAppend(out, end ? "</" : "<", end ? 2 : 1);
	TextAppendSpan(out, ClexIsoNames[name]);
	TextAppendChar(out, '>');
}

void
PaymentPlanTag(const PlanField *field, bool end, Text *out)
{
	WriteTag(field->path->step[field->path->steps - 1], end, out);
}

/* Open what leads to a field, keeping open what it shares with the one before. */
static void
MoveTo(const PlanField *field, const PlanField *before, Text *out)
{
	int shared = 0;
	int open = before != NULL ? before->path->steps - 1 : 0;
	int wanted = field != NULL ? field->path->steps - 1 : 0;

	while (shared < open && shared < wanted && field->member[shared] == before->member[shared])
		shared++;
	while (open > shared)
		WriteTag(before->path->step[--open], true, out);
	while (open < wanted)
		WriteTag(field->path->step[open++], false, out);
}

/* An element with its text. */
static void
WriteLeaf(const PlanItem *item, Span value, Text *out)
{
	uint16_t name = item->field->path->step[item->field->path->steps - 1];
	const IsoMember *member = &ClexIsoMembers[item->field->member[item->field->path->steps - 1]];

	TextAppendChar(out, '<');
	TextAppendSpan(out, ClexIsoNames[name]);
	if (member->kind == ISO_VALUE)
	{
		TextAppendSpan(out, SPAN_LITERAL(" Ccy=\""));
		XmlAppendValue(out, item->currency);
		TextAppendChar(out, '"');
	}
	TextAppendChar(out, '>');
	XmlAppendText(out, value);
	WriteTag(name, true, out);
}

static void
WriteItem(const PlanItem *item, Text *out)
{
	Span rest = item->value;

	while (item->field->path->all && rest.length > 0)
	{
		const char *end = memchr(rest.data, '\n', rest.length);
		size_t length = end != NULL ? (size_t) (end - rest.data) : rest.length;

		WriteLeaf(item, SpanOf(rest.data, length), out);
		length += end != NULL;
		rest = SpanOf(rest.data + length, rest.length - length);
	}
	if (!item->field->path->all)
		WriteLeaf(item, item->value, out);
}

void
PaymentPlanWrite(const PlanScope *scope, PlanItem *items, uint32_t count, PlanNested nested,
				 void *state, Text *out)
{
	const PlanField *before = NULL;
	bool waiting = nested != NULL;

	for (uint32_t i = 1; i < count; i++)
		for (uint32_t k = i; k > 0 && CompareFields(items[k].field, items[k - 1].field) < 0; k--)
		{
			PlanItem item = items[k];

			items[k] = items[k - 1];
			items[k - 1] = item;
		}
	for (uint32_t i = 0; i <= count; i++)
	{
		if (waiting && (i == count || CompareFields(&scope->nested, items[i].field) < 0))
		{
			MoveTo(&scope->nested, before, out);
			nested(state, out);
			before = &scope->nested;
			waiting = false;
		}
		if (i == count)
			break;
		MoveTo(items[i].field, before, out);
		WriteItem(&items[i], out);
		before = items[i].field;
	}
	MoveTo(NULL, before, out);
}
