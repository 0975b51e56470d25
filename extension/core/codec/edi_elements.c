/*
 * edi_elements.c
 *		The elements of one segment against its directory: present, not too many, length, type, relations.
 */
#include "core/codec/edi_reader.h"

/* One segment being checked. */
typedef struct Check
{
	EdiReader *reader;
	const EdiSegment *segment;
	const EdiSegmentFact *fact;
	uint32_t position;
	EdiLevel level;
} Check;

/* Note a finding at a place of the segment. */
static EdiFinding *
NoteAt(const Check *check, EdiFault fault, unsigned element, unsigned component)
{
	EdiFinding *finding = EdiNote(check->reader, fault, check->level, check->segment);

	if (finding != NULL)
	{
		finding->segment = check->position;
		finding->element = (uint16_t) element;
		finding->component = (uint8_t) component;
	}
	return finding;
}

static Span
Shown(const Check *check, const EdiValue *value)
{
	Span text = EdiText(&check->reader->scanner, value, check->reader->arena);

	return ArenaCopy(check->reader->arena, SpanCut(text, 100));
}

/* A fault of one value; `fact` NULL: no such element. */
static void
NoteValue(const Check *check, EdiFault fault, const EdiValue *value, const EdiElementFact *fact,
		  const char *expected)
{
	bool composite = fact != NULL ? fact->composite : value->component > 1;
	EdiFinding *finding = NoteAt(check, fault, value->element, composite ? value->component : 0);

	if (finding == NULL)
		return;
	finding->number = fact != NULL ? fact->name : NULL;
	finding->offset = EdiOffset(&check->reader->scanner, value);
	finding->found = Shown(check, value);
	if (expected != NULL)
		finding->expected = SpanFromCString(expected);
}

static bool
IsDigit(char c)
{
	return c >= '0' && c <= '9';
}

/* A number: what counts of its length, 0 if it is none. */
static size_t
NumberLength(Span s, bool mark_allowed)
{
	size_t digits = 0;
	size_t marks = 0;

	for (size_t i = s.length > 0 && (s.data[0] == '-' || s.data[0] == '+') ? 1 : 0; i < s.length;
		 i++)
		if (IsDigit(s.data[i]))
			digits++;
		else if ((s.data[i] == '.' || s.data[i] == ',') && mark_allowed)
			marks++;
		else
			return 0;
	return marks > 1 ? 0 : digits;
}

/* Characters of a UTF-8 text. */
static size_t
CountCharacters(Span s)
{
	size_t count = 0;

	for (size_t i = 0; i < s.length; i++)
		count += ((unsigned char) s.data[i] & 0xC0) != 0x80;
	return count;
}

/* Type and length of a value. */
static void
CheckValue(const Check *check, const EdiElementFact *fact, const EdiValue *value)
{
	Span text = EdiText(&check->reader->scanner, value, check->reader->body);
	bool plain = value->flags == 0 || value->flags == EDI_VALUE_REPEAT;
	size_t length = plain ? text.length : CountCharacters(text);
	const char *wanted = NULL;
	size_t digits;

	switch ((EdiType) fact->type)
	{
		case EDI_TYPE_NUMERIC:
		case EDI_TYPE_DIGITS:
			digits = NumberLength(text, fact->type == EDI_TYPE_NUMERIC);
			if (digits == 0)
				wanted = "a number";
			else
				length = digits;
			break;
		case EDI_TYPE_DATE:
			if (NumberLength(text, false) != text.length)
				wanted = "a date or time";
			break;
		case EDI_TYPE_ALPHA:
			for (size_t i = 0; i < text.length; i++)
				if (IsDigit(text.data[i]))
					wanted = "letters";
			break;
		case EDI_TYPE_ANY:
			break;
	}
	if (wanted != NULL)
		NoteValue(check, EDI_ELEMENT_TYPE, value, fact, wanted);
	else if (fact->max > 0 && length > fact->max)
		NoteValue(check, EDI_ELEMENT_LONG, value, fact,
				  ArenaPrintf(check->reader->arena, "%u", fact->max));
	else if (length < fact->min)
		NoteValue(check, EDI_ELEMENT_SHORT, value, fact,
				  ArenaPrintf(check->reader->arena, "%u", fact->min));
}

/* A character outside the declared repertoire: the first of an interchange is told. */
static void
CheckCharacters(const Check *check, const EdiElementFact *fact, const EdiValue *value)
{
	EdiReader *reader = check->reader;

	if (!(value->flags & EDI_VALUE_OUTSIDE) || reader->said_character)
		return;
	reader->said_character = true;
	NoteValue(check, EDI_CHARACTER, value, fact,
			  reader->scanner.syntax[0] != '\0'
				  ? ArenaPrintf(reader->arena, "%s", reader->scanner.syntax)
				  : "X12");
}

static bool
Has(const Check *check, unsigned element)
{
	for (uint32_t i = 0; i < check->segment->value_count; i++)
		if (EdiValueAt(&check->reader->scanner, check->segment->first_value + i)->element ==
			element)
			return true;
	return false;
}

/* One relation of X12, a letter and elements of two digits each. */
static void
CheckRelation(const Check *check, Span relation)
{
	unsigned present = 0;
	unsigned count = (unsigned) (relation.length - 1) / 2;
	unsigned missing = 0; /* the first element that is not there ... */
	unsigned second = 0;  /* ... and the second one that is */
	bool first = false;
	EdiFinding *finding = NULL;
	bool broken;

	for (unsigned i = 0; i < count; i++)
	{
		const char *p = relation.data + 1 + 2 * (size_t) i;
		unsigned element = (unsigned) (p[0] - '0') * 10 + (unsigned) (p[1] - '0');
		bool has = Has(check, element);

		present += has;
		if (i == 0)
			first = has;
		if (!has && missing == 0)
			missing = element;
		if (has && present == 2)
			second = element;
	}
	switch (relation.data[0])
	{
		case 'P':
			broken = present > 0 && present < count;
			break;
		case 'R':
			broken = present == 0;
			break;
		case 'C':
			broken = first && present < count;
			break;
		case 'L':
			broken = first && present == 1;
			break;
		default:
			broken = false;
	}
	if (relation.data[0] == 'E' && present > 1)
		finding = NoteAt(check, EDI_ELEMENT_EXCLUDED, second, 0);
	else if (broken)
		finding = NoteAt(check, EDI_ELEMENT_NEEDED, missing, 0);
	if (finding == NULL)
		return;
	finding->expected = relation;
	for (uint32_t i = 0; i < check->fact->element_count; i++)
		if (ClexEdiElements[check->fact->first_element + i].element == finding->element)
			finding->number = ClexEdiElements[check->fact->first_element + i].name;
}

static void
CheckRelations(const Check *check)
{
	const char *p = check->fact->relations;

	while (*p != '\0')
	{
		size_t length = strcspn(p, " ");

		CheckRelation(check, SpanOf(p, length));
		p += length;
		while (*p == ' ')
			p++;
	}
}

/* A fact that no value answers: is it mandatory here? */
static void
CheckMissing(const Check *check, const EdiElementFact *fact)
{
	EdiFinding *finding;
	bool composite;

	/* most are not */
	if (!fact->mandatory && !fact->mandatory_component)
		return;
	composite = Has(check, fact->element);
	if (fact->mandatory_component ? !(fact->mandatory || composite)
								  : !(fact->mandatory && fact->component == 1 && !composite))
		return;
	finding =
		NoteAt(check, EDI_ELEMENT_MISSING, fact->element, fact->composite ? fact->component : 0);
	if (finding == NULL)
		return;
	finding->number = fact->name;
	finding->expected = SpanFromCString(fact->name);
}

void
EdiCheckElements(EdiReader *reader, const EdiDirectoryFact *directory, const EdiSegment *segment,
				 uint32_t position, EdiLevel level)
{
	Check check = {.reader = reader,
				   .segment = segment,
				   .fact = EdiSegmentFind(directory, segment->tag),
				   .position = position,
				   .level = level};
	uint32_t v = 0;

	if (check.fact == NULL)
		return;
	while (v < segment->value_count &&
		   EdiValueAt(&reader->scanner, segment->first_value + v)->element == 0)
		v++;
	for (uint32_t i = 0; i < check.fact->element_count; i++)
	{
		const EdiElementFact *fact = &ClexEdiElements[check.fact->first_element + i];
		bool there = false;

		for (; v < segment->value_count; v++)
		{
			EdiValue *value = EdiValueAt(&reader->scanner, segment->first_value + v);

			if (value->element > fact->element ||
				(value->element == fact->element && value->component > fact->component))
				break;
			CheckCharacters(&check, fact, value);
			if (value->element == fact->element && value->component == fact->component)
			{
				there = true;
				CheckValue(&check, fact, value);
			}
			else if (!(value->flags & EDI_VALUE_REPEAT))
				NoteValue(&check, EDI_ELEMENT_SURPLUS, value, NULL, NULL);
		}
		if (!there)
			CheckMissing(&check, fact);
	}
	for (; v < segment->value_count; v++)
	{
		EdiValue *value = EdiValueAt(&reader->scanner, segment->first_value + v);

		CheckCharacters(&check, NULL, value);
		if (!(value->flags & EDI_VALUE_REPEAT))
			NoteValue(&check, EDI_ELEMENT_SURPLUS, value, NULL, NULL);
	}
	CheckRelations(&check);
}
