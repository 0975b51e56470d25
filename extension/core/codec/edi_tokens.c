/*
 * edi_tokens.c
 *		The scanner: one pass over the bytes, a table of byte classes, one store for each value.
 */
#include "core/codec/edi_tokens.h"

#include "core/base/utf8.h"
#include "core/codec/edi_text.h"

#define STOP 0x80 /* class of service characters */

#define INTERRUPT_EVERY 4096 /* segments */

#define ISA_ELEMENTS 16
#define ISA_LENGTH 105 /* to the component separator, which is byte 105; the terminator follows */

#define UNB_ELEMENTS 11
#define UNB_SYNTAX_4 '4'

static bool
IsAlnum(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

static bool
Fail(EdiScanner *scanner, const char *message)
{
	scanner->status = ClexFail(scanner->error, CLEX_MALFORMED, "%s", message);
	if (scanner->error != NULL)
		scanner->error->offset = (uint64_t) (scanner->next - scanner->content.data);
	ClexDetail(scanner->error, "Byte %zu.", (size_t) (scanner->next - scanner->content.data) + 1);
	return false;
}

/* ---- separators ---- */

static void
SetClasses(EdiScanner *scanner)
{
	const EdiSeparators *s = &scanner->separators;

	EdiRepertoire(scanner->syntax, scanner->charset, scanner->half, scanner->classes);
	scanner->classes[(unsigned char) s->component] |= STOP;
	scanner->classes[(unsigned char) s->element] |= STOP;
	scanner->classes[(unsigned char) s->segment] |= STOP;
	if (s->release != '\0')
		scanner->classes[(unsigned char) s->release] |= STOP;
	if (s->repetition != '\0')
		scanner->classes[(unsigned char) s->repetition] |= STOP;
}

/* Service characters must differ and be no letters, digits or bytes above 127. */
static bool
CheckSeparators(EdiScanner *scanner)
{
	const EdiSeparators *s = &scanner->separators;
	char all[5] = {s->component, s->element, s->segment, s->release, s->repetition};

	for (int i = 0; i < 5; i++)
	{
		if (i >= 3 && all[i] == '\0')
			continue;
		if (IsAlnum(all[i]) || (unsigned char) all[i] > 127 || all[i] == '\0')
			return Fail(scanner, i == 2 ? "the interchange has no usable segment terminator"
										: "a letter, digit or foreign byte stands for a separator");
		for (int j = 0; j < i; j++)
			if (all[i] == all[j])
				return Fail(scanner, "two separators of the interchange are the same character");
	}
	SetClasses(scanner);
	return true;
}

/* The service string advice: six characters behind UNA. */
static bool
TakeUna(EdiScanner *scanner)
{
	const char *una = scanner->next + 3;

	if (scanner->end - una < 6)
		return Fail(scanner, "the interchange ends within UNA");
	scanner->separators = (EdiSeparators){.component = una[0],
										  .element = una[1],
										  .decimal = una[2],
										  .release = una[3] == ' ' ? '\0' : una[3],
										  .segment = una[5]};
	if (!CheckSeparators(scanner))
		return false;
	/* in use from syntax version 4 on, which only UNB tells; a blank means the default there */
	scanner->separators.repetition = una[4] == ' ' ? '*' : una[4];
	scanner->next = una + 6;
	return true;
}

/* No UNA: what stands behind UNB tells level A from level B, whose separators do not print. */
static bool
TakeDefaults(EdiScanner *scanner)
{
	static const EdiSeparators level_a = {':', '+', '\'', '?', '\0', '.'};
	static const EdiSeparators level_b = {'\x1f', '\x1d', '\x1c', '\0', '\0', '.'};

	if (scanner->next[3] == level_b.element)
		scanner->separators = level_b;
	else if (scanner->next[3] == level_a.element)
		scanner->separators = level_a;
	else
		return Fail(scanner, "UNB is not followed by a separator, and there is no UNA");
	if (!CheckSeparators(scanner))
		return false;
	/* as with UNA */
	scanner->separators.repetition = '*';
	return true;
}

/* Repetition is known only to syntax version 4. */
static void
SettleRepetition(EdiScanner *scanner, char version)
{
	EdiSeparators *s = &scanner->separators;
	char c = s->repetition;

	if (version < UNB_SYNTAX_4 || IsAlnum(c) || c == s->component || c == s->element ||
		c == s->segment || c == s->release)
		s->repetition = '\0';
}

/* ISA has fixed lengths; where they are wrong, its sixteenth element still tells the others. */
static bool
TakeIsa(EdiScanner *scanner)
{
	const char *isa = scanner->next;
	char element = isa[3];
	const char *p = isa;
	char repetition = '\0';

	for (int i = 0; i < ISA_ELEMENTS; i++)
	{
		p = memchr(p, element, (size_t) (scanner->end - p));
		if (p == NULL)
			return Fail(scanner, "the interchange header ISA has too few elements");
		p++;
		if (i == 10 && p < scanner->end && !IsAlnum(*p) && *p != element)
			repetition = *p;
	}
	if (scanner->end - p < 2)
		return Fail(scanner, "the interchange ends within ISA");
	scanner->short_isa = p - isa != ISA_LENGTH - 1;
	scanner->separators = (EdiSeparators){.component = p[0],
										  .element = element,
										  .decimal = '.',
										  .segment = p[1],
										  .repetition = repetition};
	scanner->syntax[0] = '\0';
	scanner->wide_lines = false;
	scanner->charset =
		!scanner->has_high ? EDI_ASCII : (scanner->is_utf8 ? EDI_UTF8 : EDI_SINGLE_BYTE);
	scanner->half = EdiHalfOf("UNOC");
	return CheckSeparators(scanner);
}

/* The rest begins with these three characters. */
static bool
At(const EdiScanner *scanner, const char *tag)
{
	return scanner->end - scanner->next > 3 && memcmp(scanner->next, tag, 3) == 0;
}

/* A new interchange may begin here; true if there is none, or it has sound separators. */
static bool
BeginInterchange(EdiScanner *scanner)
{
	if (At(scanner, "ISA") && (scanner->separators.element == '\0' || !IsAlnum(scanner->next[3])))
	{
		scanner->family = EDI_X12;
		return TakeIsa(scanner);
	}
	if (At(scanner, "UNA"))
	{
		scanner->family = EDI_EDIFACT;
		if (!TakeUna(scanner))
			return false;
		while (scanner->next < scanner->end && IsXmlSpace(*scanner->next))
			scanner->next++;
		if (!At(scanner, "UNB"))
			return Fail(scanner, "UNA is not followed by UNB");
		return true;
	}
	if (At(scanner, "UNB"))
	{
		char element = scanner->separators.element;

		scanner->family = EDI_EDIFACT;
		/* an UNA governs until the next one, unless what stands here shows that it does not */
		if (element == '\0' || (element != scanner->next[3] &&
								(scanner->next[3] == '+' || scanner->next[3] == '\x1d')))
			return TakeDefaults(scanner);
	}
	return true;
}

ClexStatus
EdiOpen(EdiScanner *scanner, Span content, Arena *arena, ClexError *error)
{
	memset(scanner, 0, sizeof(*scanner));
	scanner->content = content;
	scanner->next = content.data;
	scanner->end = content.data + content.length;
	scanner->arena = arena;
	scanner->error = error;
	scanner->countdown = INTERRUPT_EVERY;
	VectorInit(&scanner->values, arena, sizeof(EdiValue));
	if (content.length > UINT32_MAX)
		return ClexFail(error, CLEX_LIMIT, "the interchange is larger than 4 GB");
	if (content.length >= 3 && memcmp(content.data, "\xEF\xBB\xBF", 3) == 0)
	{
		scanner->has_mark = true;
		scanner->next += 3;
	}
	while (scanner->next < scanner->end && IsXmlSpace(*scanner->next))
		scanner->next++;
	if (scanner->next == scanner->end)
		return ClexFail(error, CLEX_MALFORMED, "the interchange is empty");
	content = SpanOf(scanner->next, (size_t) (scanner->end - scanner->next));
	scanner->has_high = EdiHasHighBytes(content);
	scanner->is_utf8 = scanner->has_high && Utf8IsValid(content);
	if (!At(scanner, "UNA") && !At(scanner, "UNB") && !At(scanner, "ISA"))
	{
		Fail(scanner, "the interchange begins with neither UNA, UNB nor ISA");
		return scanner->status;
	}
	SetClasses(scanner);
	return BeginInterchange(scanner) ? CLEX_OK : scanner->status;
}

/* ---- segments ---- */

EdiTag
EdiTagOf(Span text)
{
	EdiTag tag = 0;
	int count = 0;

	for (size_t i = 0; i < text.length; i++)
	{
		if (text.data[i] == '\n' || text.data[i] == '\r')
			continue;
		if (!IsAlnum(text.data[i]) || count == 3)
			return 0;
		tag |= (EdiTag) (unsigned char) text.data[i] << (24 - 8 * count++);
	}
	return count < 2 ? 0 : tag;
}

void
EdiTagText(EdiTag tag, char out[5])
{
	for (int i = 0; i < 4; i++)
		out[i] = (char) (tag >> (24 - 8 * i));
	out[4] = '\0';
}

/* UNB is read: what it declares governs from here on. */
static bool
TakeUnb(EdiScanner *scanner, const EdiSegment *segment)
{
	const EdiValue *syntax = EdiFind(scanner, segment, 1, 1);
	const EdiValue *version = EdiFind(scanner, segment, 1, 2);

	if (segment->element_count > UNB_ELEMENTS)
		return Fail(scanner, "the interchange header UNB is not ended by a segment terminator");
	memset(scanner->syntax, 0, sizeof(scanner->syntax));
	if (syntax != NULL)
		memcpy(scanner->syntax, syntax->data, syntax->length < 4 ? syntax->length : 4);
	scanner->half = NULL;
	scanner->charset = EdiCharsetOf(scanner->syntax, &scanner->half);
	scanner->wide_lines = scanner->charset == EDI_UTF8;
	SettleRepetition(scanner, version != NULL ? version->data[0] : '1');
	/* more than ASCII that is valid UTF-8 throughout is UTF-8, whatever is declared */
	if (scanner->is_utf8 && scanner->charset != EDI_ASCII)
		scanner->charset = EDI_UTF8;
	SetClasses(scanner);
	if (scanner->is_utf8)
		scanner->charset = EDI_UTF8;
	return true;
}

/* Is there nothing more but marks of the end of a file, and what fills its last block? */
static bool
IsPadding(const EdiScanner *scanner)
{
	const char *p = scanner->next;

	while (p < scanner->end && (IsXmlSpace(*p) || *p == '\x1A' || *p == '\0'))
		p++;
	return p == scanner->end;
}

/* Skip what may stand between segments. */
static uint8_t
SkipBetween(EdiScanner *scanner)
{
	uint8_t flags = 0;

	while (scanner->next < scanner->end && IsXmlSpace(*scanner->next))
	{
		if (*scanner->next == ' ' || *scanner->next == '\t')
			flags = EDI_SEGMENT_INDENTED;
		scanner->next++;
	}
	if (scanner->next < scanner->end && (*scanner->next == '\x1A' || *scanner->next == '\0') &&
		IsPadding(scanner))
		scanner->next = scanner->end;
	return flags;
}

/* Behind a release character: over line breaks, then over one character. */
static const char *
SkipReleased(const EdiScanner *scanner, const char *p, EdiSegment *segment, uint8_t *seen)
{
	*seen |= EDI_VALUE_RELEASED;
	while (p < scanner->end && (*p == '\n' || *p == '\r'))
	{
		*seen |= EDI_VALUE_BREAK;
		p++;
	}
	if (p == scanner->end)
	{
		segment->flags |= EDI_SEGMENT_DANGLING;
		return p;
	}
	*seen |= scanner->classes[(unsigned char) *p] & (uint8_t) ~STOP;
	return p + 1;
}

/* Where a value stands within its segment. */
typedef struct Place
{
	uint16_t element;
	uint8_t component;
	uint8_t repeat;
} Place;

static void
AddValue(EdiScanner *scanner, const char *data, const char *end, Place at, uint8_t seen)
{
	EdiValue *value = VectorPush(&scanner->values);

	if (value == NULL)
	{
		scanner->status = ClexFail(scanner->error, CLEX_NO_MEMORY, "out of memory reading EDI");
		return;
	}
	*value = (EdiValue){.data = data,
						.length = (uint32_t) (end - data),
						.element = at.element,
						.component = at.component,
						.flags = seen | at.repeat};
}

/* Move to the place behind a separator. */
static void
NextPlace(const EdiSeparators *s, char c, Place *at, EdiSegment *segment)
{
	if (c == s->component && at->component < UINT8_MAX)
		at->component++;
	else if (c == s->element && at->element < UINT16_MAX)
		*at = (Place){.element = (uint16_t) (at->element + 1), .component = 1};
	else if (c == s->repetition && s->repetition != '\0')
		*at = (Place){at->element, 1, EDI_VALUE_REPEAT};
	else
		segment->flags |= EDI_SEGMENT_CROWDED;
}

/* From the tag to the terminator; the tag is a value like the others, of element 0. */
static void
ScanSegment(EdiScanner *scanner, EdiSegment *segment)
{
	const EdiSeparators *s = &scanner->separators;
	const uint8_t *classes = scanner->classes;
	const char *end = scanner->end;
	const char *p = scanner->next;
	Place at = {.component = 1};
	char stop = '\0';

	while (stop != s->segment && scanner->status == CLEX_OK)
	{
		const char *start = p;
		uint8_t seen = 0;

		for (;;)
		{
			uint8_t class = 0;

			while (p < end && !((class = classes[(unsigned char) *p]) & STOP))
			{
				seen |= class;
				p++;
			}
			if (p < end && *p == s->release && s->release != '\0')
				p = SkipReleased(scanner, p + 1, segment, &seen);
			else
				break;
		}
		if (p > start)
			AddValue(scanner, start, p, at, seen);
		if (p == end)
		{
			segment->flags |= EDI_SEGMENT_UNTERMINATED;
			break;
		}
		stop = *p++;
		if (stop != s->segment)
			NextPlace(s, stop, &at, segment);
	}
	scanner->next = p;
	segment->element_count = at.element;
}

bool
EdiNext(EdiScanner *scanner, EdiSegment *segment)
{
	const char *start;

	if (scanner->status != CLEX_OK)
		return false;
	if (--scanner->countdown == 0)
	{
		scanner->countdown = INTERRUPT_EVERY;
		if (ClexInterrupted(scanner->arena->env))
		{
			scanner->status = ClexFail(scanner->error, CLEX_INTERRUPTED, "canceled");
			return false;
		}
	}
	*segment = (EdiSegment){.flags = SkipBetween(scanner)};
	if (scanner->next == scanner->end || !BeginInterchange(scanner))
		return false;
	segment->first_value = scanner->values.count;
	start = scanner->next;
	segment->offset = (uint32_t) (start - scanner->content.data);
	ScanSegment(scanner, segment);
	segment->value_count = scanner->values.count - segment->first_value;
	segment->length = (uint32_t) (scanner->next - start) -
					  ((segment->flags & EDI_SEGMENT_UNTERMINATED) == 0 ? 1 : 0);
	if (scanner->status == CLEX_OK && segment->value_count > 0)
	{
		const EdiValue *tag = EdiValueAt(scanner, segment->first_value);

		if (tag->element == 0 && tag->component == 1)
			segment->tag = EdiTagOf(SpanOf(tag->data, tag->length));
	}
	if (scanner->family == EDI_EDIFACT && segment->tag == EDI_TAG('U', 'N', 'B'))
		TakeUnb(scanner, segment);
	return scanner->status == CLEX_OK;
}

void
EdiForget(EdiScanner *scanner)
{
	scanner->values.count = 0;
}

EdiValue *
EdiFind(const EdiScanner *scanner, const EdiSegment *segment, unsigned element, unsigned component)
{
	for (uint32_t i = 0; i < segment->value_count; i++)
	{
		EdiValue *value = EdiValueAt(scanner, segment->first_value + i);

		if (value->element > element)
			break;
		if (value->element == element && value->component == component &&
			!(value->flags & EDI_VALUE_REPEAT))
			return value;
	}
	return NULL;
}
