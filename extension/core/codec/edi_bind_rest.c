/*
 * edi_bind_rest.c
 *		What no term took of a message: constants are recognised, the rest is kept as extras.
 */
#include "core/codec/edi_binder.h"

/* Does a value say again what another element of its segment says? */
static bool
IsRepeated(const EdiBinder *binder, const EdiConstant *fact, const EdiSegment *segment,
		   const EdiValue *value)
{
	unsigned element = EdiRepeats(fact);
	const EdiValue *other =
		element == 0 ? NULL : EdiFind(&binder->reader->scanner, segment, element, 1);

	return other != NULL && SpanEqual(EdiTextOf(binder, value), EdiTextOf(binder, other));
}

/* Does a value that may be anything stand beside a code that says what it is, as the count in CNT does? */
static bool
IsUnderstood(const EdiBinder *binder, const EdiConstant *fact, const EdiSegment *segment)
{
	for (uint32_t k = 0; k < ClexEdiConstantCount && fact->element != 0; k++)
	{
		const EdiConstant *code = &ClexEdiConstants[k];
		const EdiValue *value;
		unsigned index;

		if (code->family != fact->family || code->tag != fact->tag ||
			code->element != fact->element || code->component == fact->component)
			continue;
		value = EdiFind(&binder->reader->scanner, segment, code->element, code->component);
		if (value == NULL ||
			!EdiIsOneOf(EdiTextOf(binder, value), code->first_value, code->value_count, &index))
			return false;
	}
	return true;
}

/* Recognise what a segment says besides terms. */
static void
MarkConstants(EdiBinder *binder, const EdiSegment *segment)
{
	const EdiScanner *s = &binder->reader->scanner;
	bool bound = false;
	bool open = false;

	for (uint32_t i = 0; i < segment->value_count; i++)
	{
		const EdiValue *value = EdiValueAt(s, segment->first_value + i);

		bound |= (value->flags & EDI_TAKEN) != 0;
		open |= value->element != 0 && !(value->flags & EDI_VALUE_USED);
	}
	for (uint32_t k = EdiFirstConstant(s->family, segment->tag); open && k < ClexEdiConstantCount;
		 k++)
	{
		const EdiConstant *fact = &ClexEdiConstants[k];

		if (fact->family != s->family || fact->tag != segment->tag)
			break;
		if (!(fact->always || bound) || !EdiIsFor(fact, EdiCurrent(binder->reader)->type))
			continue;
		for (uint32_t i = 0; i < segment->value_count; i++)
		{
			EdiValue *value = EdiValueAt(s, segment->first_value + i);
			unsigned index;

			if (fact->element != 0 &&
				(value->element != fact->element || value->component != fact->component))
				continue;
			if ((SpanEqualCString(ClexEdiBindValues[fact->first_value], "*") &&
				 IsUnderstood(binder, fact, segment)) ||
				SpanEqualCString(ClexEdiBindValues[fact->first_value], "#") ||
				IsRepeated(binder, fact, segment, value) ||
				EdiIsOneOf(EdiTextOf(binder, value), fact->first_value, fact->value_count, &index))
				value->flags |= EDI_VALUE_USED;
		}
	}
}

void
EdiAppendGroups(const EdiReader *reader, uint32_t frame, Text *path)
{
	const EdiFrame *f = EdiFrameAt(reader, frame);

	if (frame == 0)
		return;
	EdiAppendGroups(reader, f->parent, path);
	TextAppendf(path, "/%s[%u]", EdiNode(EdiCurrent(reader), f->node)->name, f->ordinal);
}

static void
AddExtras(EdiBinder *binder, uint32_t index)
{
	const EdiScanner *s = &binder->reader->scanner;
	const EdiPlaced *placed = EdiPlacedAt(binder->reader, index);
	const EdiSegment *segment = &placed->segment;
	Text path;
	Span text;
	size_t base = 0;
	char tag[5];

	TextInit(&path, binder->arena);
	for (uint32_t i = 0; i < segment->value_count; i++)
	{
		const EdiValue *value = EdiValueAt(s, segment->first_value + i);

		if (value->element == 0 || (value->flags & EDI_VALUE_USED))
			continue;
		/* a value that is a line break alone is none */
		text = EdiTextOf(binder, value);
		if (text.length == 0)
			continue;
		if (base == 0)
		{
			EdiTagText(segment->tag, tag);
			EdiAppendGroups(binder->reader, placed->frame, &path);
			TextAppendf(&path, "/%s", segment->tag == 0 ? "?" : tag);
			if (placed->ordinal > 1)
				TextAppendf(&path, "[%u]", placed->ordinal);
			base = path.length;
			binder->extra[index] = binder->any_extra = true;
		}
		path.length = base;
		TextAppendf(&path, "/%u.%u", value->element, value->component);
		if (path.failed)
		{
			binder->status = CLEX_NO_MEMORY;
			return;
		}
		DocumentAddExtra(binder->builder, TextSpan(&path), text, index + 1);
	}
}

/* Packages that go with the message: what UNO says of them, and the object. */
static void
AddPackages(EdiBinder *binder)
{
	const EdiReader *reader = binder->reader;

	for (uint32_t i = 0; i < reader->packages.count && binder->status == CLEX_OK; i++)
	{
		const EdiPackage *package = &VectorAt(&reader->packages, EdiPackage, i);
		bool encoded;
		Span text = EdiPackageText(package, binder->arena, &encoded);
		char *path =
			ArenaPrintf(binder->arena, "/UNO[%u]/%s", i + 1, encoded ? "base64" : "object");

		for (uint32_t k = 0; k < package->header.value_count; k++)
		{
			const EdiValue *value = EdiValueAt(&reader->scanner, package->header.first_value + k);
			char *place = ArenaPrintf(binder->arena, "/UNO[%u]/%u.%u", i + 1, value->element,
									  value->component);

			if (value->element == 0)
				continue;
			DocumentAddExtra(binder->builder, EdiPrinted(place), EdiTextOf(binder, value), 0);
		}
		DocumentAddExtra(binder->builder, EdiPrinted(path), text, 0);
		if (path == NULL || text.data == NULL)
			binder->status = CLEX_NO_MEMORY;
	}
}

void
EdiBindRest(EdiBinder *binder)
{
	for (uint32_t i = 0; i < binder->reader->segments.count && binder->status == CLEX_OK; i++)
	{
		MarkConstants(binder, &EdiPlacedAt(binder->reader, i)->segment);
		AddExtras(binder, i);
	}
	AddPackages(binder);
	if (binder->status == CLEX_OK && binder->any_extra && !EdiBindOrder(binder))
		binder->status = CLEX_NO_MEMORY;
}
