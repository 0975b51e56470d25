/* EDIFACT and X12 cut into segments and values: separators, release characters, character sets. */
#include "core/codec/edi_tokens.h"
#include "tap.h"

#include <stdlib.h>

static Arena arena;
static EdiScanner scanner;
static ClexError error;

static ClexStatus
Open(Span content)
{
	memset(&error, 0, sizeof(error));
	ArenaReset(&arena);
	return EdiOpen(&scanner, content, &arena, &error);
}

/* All segments as "TAG 1.1=x 1.2=y", separated by " / ". */
static const char *
Dump(const char *content)
{
	static char out[4096];
	EdiSegment segment;
	size_t n = 0;

	out[0] = '\0';
	if (Open(SpanFromCString(content)) != CLEX_OK)
		return error.message;
	while (EdiNext(&scanner, &segment))
	{
		char tag[5];

		EdiTagText(segment.tag, tag);
		n += (size_t) snprintf(out + n, sizeof(out) - n, "%s%s", n > 0 ? " / " : "", tag);
		for (uint32_t i = 0; i < segment.value_count; i++)
		{
			const EdiValue *value = EdiValueAt(&scanner, segment.first_value + i);
			Span text = EdiText(&scanner, value, &arena);

			if (value->element > 0)
				n += (size_t) snprintf(out + n, sizeof(out) - n, " %u.%u%s=%.*s", value->element,
									   value->component, value->flags & EDI_VALUE_REPEAT ? "*" : "",
									   (int) text.length, text.data);
		}
		if (segment.flags != 0)
			n += (size_t) snprintf(out + n, sizeof(out) - n, " (%u)", segment.flags);
	}
	return scanner.status == CLEX_OK ? out : error.message;
}

static void
TestSeparators(void)
{
	Is(Dump("UNA:+.? 'UNB+UNOC:3+A:14+B'UNZ+0+1'"),
	   "UNB 1.1=UNOC 1.2=3 2.1=A 2.2=14 3.1=B / UNZ 1.1=0 2.1=1", "UNA with the usual separators");
	Is(Dump("UNB+UNOC:3+A++B'\r\nUNZ+0+1'\r\n"), "UNB 1.1=UNOC 1.2=3 2.1=A 4.1=B / UNZ 1.1=0 2.1=1",
	   "no UNA, and a line for each segment");
	Is(Dump("UNA|*,\\ ~UNB*UNOC|3*A\\*B*C~"), "UNB 1.1=UNOC 1.2=3 2.1=A*B 3.1=C",
	   "other separators");
	Ok(scanner.separators.decimal == ',', "with their decimal mark");
	Is(Dump("UNB\x1dUNOB\x1f"
			"2\x1dwhat?\x1c"),
	   "UNB 1.1=UNOB 1.2=2 2.1=what?",
	   "the separators of level B, which have no release character");
	Is(Dump("UNA:+.?*'UNB+UNOW:4+A*B:C'FTX+a*b'"),
	   "UNB 1.1=UNOW 1.2=4 2.1=A*B 2.2=C / FTX 1.1=a 1.1*=b", "repetition from version 4 on");
	Is(Dump("UNB+UNOC:3+A'FTX+a*b'"), "UNB 1.1=UNOC 1.2=3 2.1=A / FTX 1.1=a*b", "and not before");
	Is(Dump("UNA:+.? 'UNB+UNOC:3'UNZ+0'UNA;-,! ~UNB-UNOC;3~X-?+~"),
	   "UNB 1.1=UNOC 1.2=3 / UNZ 1.1=0 / UNB 1.1=UNOC 1.2=3 /  1.1=?+",
	   "a second interchange with its own; a tag of one letter is none");
}

static void
TestValues(void)
{
	Is(Dump("UNB+UNOC:3'A1+?'?+?:?"
			"?'"),
	   "UNB 1.1=UNOC 1.2=3 / A1 1.1='+:?", "released service characters");
	Is(Dump("UNB+UNOC:3'FTX+a?"
			"?"
			"?'b'"),
	   "UNB 1.1=UNOC 1.2=3 / FTX 1.1=a?'b", "a released release character does not release");
	Is(Dump("UNB+UNOC:3'FTX+a?"
			"?'RFF+b'"),
	   "UNB 1.1=UNOC 1.2=3 / FTX 1.1=a? / RFF 1.1=b", "an even number of them ends nothing");
	Is(Dump("UNB+UNOC:3'NA\r\nD+a\r\nb?\r\n+c'"), "UNB 1.1=UNOC 1.2=3 / NAD 1.1=ab+c",
	   "lines wrapped within tag, value and release");
	Is(Dump("UNB+UNOY:4'FTX+\n a\nb \n'"), "UNB 1.1=UNOY 1.2=4 / FTX 1.1= a\nb ",
	   "line breaks are text in UTF-8");
	Is(Dump("UNB+UNOC:3'  NAD+a+'"), "UNB 1.1=UNOC 1.2=3 / NAD 1.1=a (1)", "an indented segment");
	Is(Dump("UNB+UNOC:3'NAD+a"), "UNB 1.1=UNOC 1.2=3 / NAD 1.1=a (2)", "no terminator at the end");
	Is(Dump("UNB+UNOC:3'NAD+a?"), "UNB 1.1=UNOC 1.2=3 / NAD 1.1=a (6)", "a dangling release");
	Is(Dump("UNB+UNOC:3'NAD+a????????????????????????????????????????????????????????????????"),
	   "UNB 1.1=UNOC 1.2=3 / NAD 1.1=a???????????????????????????????? (2)",
	   "many release characters at the end");
	Is(Dump("UNB+UNOC:3''NAD'"), "UNB 1.1=UNOC 1.2=3 /  / NAD", "an empty segment");
	Is(Dump("UNB+UNOC:3'TOOLONG+1'N?A+1'"), "UNB 1.1=UNOC 1.2=3 /  1.1=1 /  1.1=1",
	   "tags that are none");
	Is(Dump("\xEF\xBB\xBF\nUNB+UNOC:3'"), "UNB 1.1=UNOC 1.2=3", "a byte order mark");
	Ok(scanner.has_mark, "is noted");
}

static void
TestCharsets(void)
{
	EdiSegment segment;

	Is(Dump("UNB+UNOC:3'FTX+\xE9t\xE9'"), "UNB 1.1=UNOC 1.2=3 / FTX 1.1=\xC3\xA9t\xC3\xA9",
	   "UNOC is Latin-1");
	Is(Dump("UNB+UNOC:3'FTX+5 \x80'"), "UNB 1.1=UNOC 1.2=3 / FTX 1.1=5 \xE2\x82\xAC",
	   "Windows-1252 sent as UNOC");
	Is(Dump("UNB+UNOC:3'FTX+\xC3\xA9'"), "UNB 1.1=UNOC 1.2=3 / FTX 1.1=\xC3\xA9",
	   "UTF-8 sent as UNOC");
	Is(Dump("UNB+UNOD:3'FTX+\xB1'"), "UNB 1.1=UNOD 1.2=3 / FTX 1.1=\xC4\x85", "UNOD is Latin-2");
	Is(Dump("UNB+UNOE:3'FTX+\xD0'"), "UNB 1.1=UNOE 1.2=3 / FTX 1.1=\xD0\xB0", "UNOE is Cyrillic");
	Is(Dump("UNB+UNOF:3'FTX+\xE1'"), "UNB 1.1=UNOF 1.2=3 / FTX 1.1=\xCE\xB1", "UNOF is Greek");
	Is(Dump("UNB+UNOY:4'FTX+\xC3\xA9'"), "UNB 1.1=UNOY 1.2=4 / FTX 1.1=\xC3\xA9", "UNOY is UTF-8");
	Is(Dump("UNB+UNOY:4'FTX+\xE9?+\xC3\xA9'"), "UNB 1.1=UNOY 1.2=4 / FTX 1.1=\xC3\xA9+\xC3\xA9",
	   "Latin-1 sent as UNOY, what is UTF-8 stays");
	Is(Dump("UNB+UNOL:3'FTX+\xE9'"), "UNB 1.1=UNOL 1.2=3 / FTX 1.1=\xC3\xA9",
	   "a set nobody knows is read as Windows-1252");
	Is(Dump("UNB+UNOA:1'FTX+\x81'"), "UNB 1.1=UNOA 1.2=1 / FTX 1.1=\xEF\xBF\xBD",
	   "a byte that no set has");
	Open(SpanOf("UNB+UNOC:3'FTX+a\0b'", 20));
	Ok(EdiNext(&scanner, &segment) && EdiNext(&scanner, &segment), "a zero byte in a value");
	Ok(SpanEqualCString(EdiTextAt(&scanner, &segment, 1, 1, &arena), "a\xEF\xBF\xBD"
																	 "b"),
	   "becomes the replacement character");
	Open(SpanFromCString("UNB+UNOA:1'FTX+Abc+ABC'"));
	EdiNext(&scanner, &segment);
	EdiNext(&scanner, &segment);
	Ok(EdiFind(&scanner, &segment, 1, 1)->flags == EDI_VALUE_OUTSIDE, "small letters in UNOA");
	Ok(EdiFind(&scanner, &segment, 2, 1)->flags == 0, "capitals in UNOA");
	Ok(EdiFind(&scanner, &segment, 2, 2) == NULL, "a component that is not there");
	Ok(EdiOffset(&scanner, EdiFind(&scanner, &segment, 2, 1)) == 19, "where a value begins");
}

#define ISA_HEAD                                                                                   \
	"ISA*00*          *00*          *ZZ*A              *ZZ*B              *260101*1200*"

static void
TestX12(void)
{
	Is(strstr(Dump(ISA_HEAD "U*00401*000000001*0*T*>~\nGS*IN*A~\nIEA*0*000000001~\n"), " 12.1"),
	   " 12.1=00401 13.1=000000001 14.1=0 15.1=T / GS 1.1=IN 2.1=A / IEA 1.1=0 2.1=000000001",
	   "an interchange");
	Ok(!scanner.short_isa && scanner.separators.repetition == '\0', "before repetition");
	Dump(ISA_HEAD "^*00501*000000001*0*T*:|REF*a^b:c|");
	Ok(scanner.separators.repetition == '^' && scanner.separators.segment == '|',
	   "with repetition");
	Dump("ISA*00**00**ZZ*A*ZZ*B*260101*1200*U*00401*1*0*T*>~GS*IN~");
	Ok(scanner.short_isa && scanner.separators.segment == '~', "an ISA that is too short");
	Is(Dump("ISA*00*a~"), "the interchange header ISA has too few elements", "an ISA that ends");
	Is(Dump(ISA_HEAD "U*00401*000000001*0*T*>GS*IN*A"),
	   "the interchange has no usable segment terminator", "a letter for a terminator");
}

static void
TestRefused(void)
{
	Is(Dump(""), "the interchange is empty", "nothing");
	Is(Dump(" \r\n"), "the interchange is empty", "white space");
	Is(Dump("BGM+380'"), "the interchange begins with neither UNA, UNB nor ISA", "no beginning");
	Is(Dump("UNA:+"), "the interchange ends within UNA", "a cut UNA");
	Is(Dump("UNA:+.? 'UNH+1'"), "UNA is not followed by UNB", "UNA alone");
	Is(Dump("UNA++.? 'UNB+UNOA:1'"), "two separators of the interchange are the same character",
	   "separators that are one");
	Is(Dump("UNA:A.? 'UNBAUNOA:1'"), "a letter, digit or foreign byte stands for a separator",
	   "a letter as separator");
	Is(Dump("UNA:+.? \xC3UNB+UNOA:1'"), "the interchange has no usable segment terminator",
	   "half a character as terminator");
	Is(Dump("UNB*UNOA*1'"), "UNB is not followed by a separator, and there is no UNA",
	   "separators nobody knows");
	Open(SpanOf("UNB\0UNOA\0", 9));
	Is(error.message, "UNB is not followed by a separator, and there is no UNA", "a zero byte");
	Is(Dump("UNB+UNOA:1+1+2+3+4\nUNH+1+INVOIC+6\nBGM+7+8\nDTM+9+10\nX+11+12"),
	   "the interchange header UNB is not ended by a segment terminator", "lines for terminators");
	Is(error.detail, "Byte 59.", "with its place");
}

/* A million values, elements beyond 65535, and an arena that ends. */
static void
TestLarge(void)
{
	size_t size = 3000000;
	char *content = malloc(size);
	EdiSegment segment;

	memset(content, '+', size);
	memcpy(content, "UNB+UNOC:3'FTX", 14);
	Ok(Open(SpanOf(content, size)) == CLEX_OK && EdiNext(&scanner, &segment) &&
		   EdiNext(&scanner, &segment) && (segment.flags & EDI_SEGMENT_CROWDED) &&
		   (segment.flags & EDI_SEGMENT_UNTERMINATED) && !EdiNext(&scanner, &segment),
	   "three million elements");
	for (size_t i = 14; i + 3 < size; i += 4)
		memcpy(content + i, "A1+'", 4);
	arena.limit = 1 << 20;
	Ok(Open(SpanOf(content, size)) == CLEX_OK, "many segments");
	while (EdiNext(&scanner, &segment))
		continue;
	Ok(scanner.status == CLEX_NO_MEMORY, "that are all kept");
	Ok(Open(SpanOf(content, size)) == CLEX_OK, "again");
	while (EdiNext(&scanner, &segment))
		EdiForget(&scanner);
	Ok(scanner.status == CLEX_OK, "and forgotten");
	arena.limit = 0;
	free(content);
}

int
main(void)
{
	ArenaInit(&arena, &ClexPlainEnv, 0);
	TestSeparators();
	TestValues();
	TestCharsets();
	TestX12();
	TestRefused();
	TestLarge();
	ArenaFree(&arena);
	return Done();
}
