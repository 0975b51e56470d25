/* Envelopes and structure of interchanges: what is found, and where. */
#include "core/codec/edi_reader.h"
#include "tap.h"

#include <stdlib.h>

static Arena arena;
static Arena body;
static EdiReader reader;
static ClexError error;

/* "FAULT place" of every finding, blank separated; the messages are counted in `messages`. */
static unsigned messages;

static const char *
Findings(Span content)
{
	static char out[8192];
	size_t n = 0;

	out[0] = '\0';
	messages = 0;
	memset(&error, 0, sizeof(error));
	ArenaReset(&arena);
	if (EdiReaderOpen(&reader, content, &arena, &body, &error) != CLEX_OK)
		return error.message;
	while (EdiReaderNext(&reader))
		messages++;
	if (reader.scanner.status != CLEX_OK)
		return error.message;
	for (uint32_t i = 0; i < reader.findings.count && n < sizeof(out) - 200; i++)
	{
		const EdiFinding *f = &VectorAt(&reader.findings, EdiFinding, i);
		Text at;

		TextInit(&at, &arena);
		EdiLocation(&reader, f, &at);
		n += (size_t) snprintf(out + n, sizeof(out) - n, "%s%s %.*s", n > 0 ? " " : "",
							   ClexEdiFaults[f->fault].name + 4, (int) at.length, at.data);
	}
	return out;
}

#define HEAD "UNB+UNOC:3+A:14+B:14+260101:1200+1'"
#define OPEN                                                                                       \
	"UNH+1+INVOIC:D:96A:UN:EAN008'BGM+380+7+9'DTM+137:20260101:102'NAD+SU+1::9'NAD+BY+2::9'"
#define LINE "LIN+1++4000001000005:EN'QTY+47:1'MOA+203:5'PRI+AAA:5'TAX+7+VAT+++:::20+S'"
#define CLOSE "UNS+S'MOA+77:6'TAX+7+VAT+++:::20+S'MOA+124:1'"
#define TAIL "UNZ+1+1'"

static void
Check(const char *content, const char *expected, const char *what)
{
	Is(Findings(SpanFromCString(content)), expected, what);
}

static void
TestEnvelope(void)
{
	Check(HEAD OPEN LINE CLOSE "UNT+15+1'" TAIL, "", "a good invoice");
	Ok(messages == 1 && EdiCurrent(&reader)->segments == 15, "is one message");
	Check(HEAD OPEN LINE CLOSE "UNT+14+1'" TAIL, "COUNT /UNB[1]/UNH[1]/UNT", "a wrong UNT count");
	Check(HEAD OPEN LINE CLOSE "UNT+15+2'" TAIL, "REFERENCE /UNB[1]/UNH[1]/UNT",
		  "another reference in UNT");
	Check(HEAD OPEN LINE CLOSE "UNT+15+1'UNZ+2+1'", "COUNT /UNB[1]/UNZ", "a wrong UNZ count");
	Check(HEAD OPEN LINE CLOSE "UNT+15+1'UNZ+1+9'", "REFERENCE /UNB[1]/UNZ",
		  "another reference in UNZ");
	Check(HEAD OPEN LINE CLOSE "UNT+15+1'", "TRAILER /UNB[1]", "no UNZ");
	Check(HEAD OPEN LINE CLOSE TAIL, "TRAILER /UNB[1]/UNH[1]", "no UNT");
	Check(HEAD "UNZ+0+1'", "EMPTY /UNB[1]/UNZ", "an empty interchange");
	Check(HEAD "BGM+1'" OPEN LINE CLOSE "UNT+15+1'" TAIL, "OUTSIDE /UNB[1]/BGM",
		  "a segment outside messages");
	Check(HEAD OPEN LINE CLOSE "UNT+15+1'" OPEN LINE CLOSE "UNT+15+1'UNZ+2+1'",
		  "DUPLICATE /UNB[1]/UNH[2]/UNH", "a reference used twice");
	Check(HEAD OPEN LINE CLOSE "UNT+15+1'" TAIL HEAD OPEN LINE CLOSE "UNT+15+1'" TAIL,
		  "DUPLICATE /UNB[2]/UNB", "an interchange sent twice");
	Check(HEAD OPEN LINE CLOSE OPEN LINE CLOSE "UNT+15+1'UNZ+2+1'",
		  "TRAILER /UNB[1]/UNH[1] DUPLICATE /UNB[1]/UNH[2]/UNH", "a message that does not end");
	Check(HEAD "UNG+INVOIC+A+B+260101:1200+5+UN+D:96A'" OPEN LINE CLOSE "UNT+15+1'UNE+1+5'UNZ+1+1'",
		  "", "a group");
	Check(HEAD "UNG+INVOIC+A+B+260101:1200+5+UN+D:96A'" OPEN LINE CLOSE "UNT+15+1'UNE+2+6'UNZ+1+1'",
		  "COUNT /UNB[1]/UNG[1]/UNE REFERENCE /UNB[1]/UNG[1]/UNE", "a group with a wrong trailer");
	Check(HEAD "UNG+INVOIC+A+B+260101:1200+5+UN+D:96A'" OPEN LINE CLOSE "UNT+15+1'UNZ+1+1'",
		  "TRAILER /UNB[1]/UNG[1]", "a group that does not end");
	Check("UNB+UNOC:3+A+B+260101:1200'UNZ+0+1'",
		  "ELEMENT-MISSING /UNB[1]/UNB/5 REFERENCE /UNB[1]/UNZ EMPTY /UNB[1]/UNZ",
		  "no reference in UNB");
	Check("UNB+UNOC:3+A'UNZ+0+1?",
		  "ELEMENT-MISSING /UNB[1]/UNB/3.1 ELEMENT-MISSING /UNB[1]/UNB/4.1 "
		  "ELEMENT-MISSING /UNB[1]/UNB/4.2 ELEMENT-MISSING /UNB[1]/UNB/5 RELEASE /UNB[1]/UNZ "
		  "REFERENCE /UNB[1]/UNZ EMPTY /UNB[1]/UNZ",
		  "a dangling release character");
	Check(HEAD "UNO+1+X:1+1+20'\1\2'+:UNZ'?UNP+20+1'" OPEN LINE CLOSE "UNT+15+1'UNZ+2+1'",
		  "PACKAGE /UNB[1]/UNO", "a package is told, and not cut into segments");
	Check(HEAD OPEN LINE CLOSE "UNT+15+1'UNO+7+X:1+1+5'UNP+9UNP+5+7'UNZ+2+1'",
		  "PACKAGE /UNB[1]/UNO", "the length of a package is believed");
	Check(HEAD OPEN LINE CLOSE "UNT+15+1'UNO+7+X:1+1+5'abc'UNZ+2+1'",
		  "PACKAGE /UNB[1]/UNO TRAILER /UNB[1]/UNO TRAILER /UNB[1]",
		  "a package without its end takes the rest");
}

static void
TestStructure(void)
{
	Check(HEAD "UNH+1+INVOIC:D:96A:UN'DTM+137:20260101:102'NAD+SU+1::9'" LINE CLOSE
			   "UNT+13+1'" TAIL,
		  "SEGMENT-MISSING /UNB[1]/UNH[1]", "no BGM");
	Ok(VectorAt(&reader.findings, EdiFinding, 0).segment == 2, "is missing at the second segment");
	Check(HEAD OPEN LINE "MOA+77:6'UNT+12+1'" TAIL,
		  "SEGMENT-MISSING /UNB[1]/UNH[1] SEGMENT-MISSING /UNB[1]/UNH[1]", "no summary");
	Check(HEAD OPEN LINE "XYZ+1'" CLOSE "UNT+16+1'" TAIL, "SEGMENT-UNKNOWN /UNB[1]/UNH[1]/XYZ",
		  "a segment that is none");
	Check(HEAD OPEN LINE "CPS+1'" CLOSE "UNT+16+1'" TAIL, "SEGMENT-FOREIGN /UNB[1]/UNH[1]/CPS",
		  "a segment of other messages");
	Check(HEAD OPEN LINE "BGM+1'" CLOSE "UNT+16+1'" TAIL, "SEGMENT-ORDER /UNB[1]/UNH[1]/BGM",
		  "a segment out of order");
	Check(HEAD OPEN "CNT+2:1'" LINE CLOSE "UNT+16+1'" TAIL, "SEGMENT-ORDER /UNB[1]/UNH[1]/CNT",
		  "a segment of the summary in the header does not end it");
	Check(HEAD OPEN "PAI+::42'PAI+::42'" LINE CLOSE "UNT+17+1'" TAIL,
		  "SEGMENT-ORDER /UNB[1]/UNH[1]/PAI SEGMENT-ORDER /UNB[1]/UNH[1]/PAI",
		  "a segment that comes too late, twice");
	Check(
		HEAD
		"UNH+1+INVOIC:D:96A:UN'BGM+380+7+9'DTM+137:20260101:102'PAI+::42'PAI+::42'NAD+SU+1::9'" LINE
			CLOSE "UNT+16+1'" TAIL,
		"SEGMENT-REPEATED /UNB[1]/UNH[1]/PAI", "one too many");
	Check(HEAD "UNH+1+WHATEV:D:96A:UN'ABC+1'UNT+3+1'" TAIL, "MESSAGE /UNB[1]/UNH[1]/UNH",
		  "a message nobody knows");
	Check(HEAD "UNH+1+INVOIC:D:97B:UN'BGM+380+7+9'DTM+137:20260101:102'NAD+SU+1::9'" LINE CLOSE
			   "UNT+14+1'" TAIL,
		  "", "a release between those known");
	Ok(!EdiCurrent(&reader)->exact && strcmp(EdiCurrent(&reader)->fact->release, "D96A") == 0,
	   "is read by the nearest");
}

static void
TestElements(void)
{
	Check(HEAD OPEN LINE "IMD+F+9999+::::x'" CLOSE "UNT+16+1'" TAIL,
		  "SEGMENT-ORDER /UNB[1]/UNH[1]/IMD ELEMENT-LONG /UNB[1]/UNH[1]/IMD/2", "too long");
	Check(HEAD OPEN
		  "LIN+1++4000001000005:EN'QTY+47:1,5'QTY+47:-2.5'QTY+47:ab'QTY+47:1.2.3'MOA+203:'" CLOSE
		  "UNT+16+1'" TAIL,
		  "ELEMENT-TYPE /UNB[1]/UNH[1]/QTY/1.2 ELEMENT-TYPE /UNB[1]/UNH[1]/QTY/1.2",
		  "numbers with both marks and a sign, and two that are none");
	Check(HEAD OPEN "LIN+1++4000001000005:EN:1:2:3'LIN+2++++++++9'" CLOSE "UNT+12+1'" TAIL,
		  "ELEMENT-SURPLUS /UNB[1]/UNH[1]/LIN/3.5 ELEMENT-SURPLUS /UNB[1]/UNH[1]/LIN/9",
		  "too many components and elements");
	Check(HEAD "UNH+1+INVOIC:D:96A:UN'BGM+380+7+9'DTM+:20260101:102'NAD'" LINE CLOSE
			   "UNT+14+1'" TAIL,
		  "ELEMENT-MISSING /UNB[1]/UNH[1]/DTM/1.1 ELEMENT-MISSING /UNB[1]/UNH[1]/NAD/1",
		  "a mandatory component and element");
	Check("UNB+UNOA:1+A+B+260101:1200+1'" OPEN
		  "LIN+1++4000001000005:EN'IMD+F++:::Abc'IMD+F++:::Def'" CLOSE "UNT+13+1'" TAIL,
		  "CHARACTER /UNB[1]/UNH[1]/IMD/3.4", "small letters in UNOA, told once");
	Check("UNB+UNOC:3+A+B+260101:1200+1'" OPEN "LIN+1'IMD+F++:::\xC3\xA9'" CLOSE "UNT+12+1'" TAIL,
		  "CHARSET /UNB[1]/UNB", "UTF-8 declared as Latin-1");
	Check("UNB+ANSI:1+A+B+260101:1200+1'UNZ+0+1'", "SYNTAX /UNB[1]/UNB EMPTY /UNB[1]/UNZ",
		  "a syntax nobody knows");
	Check("\xEF\xBB\xBF" HEAD " " OPEN LINE CLOSE "UNT+15+1'" TAIL,
		  "BLANKS /UNB[1]/UNB BLANKS /UNB[1]/UNH", "a byte order mark and blanks");
	Check(HEAD OPEN LINE CLOSE "UNT+15+1'UNZ+1+1", "CUT /UNB[1]/UNZ", "no last terminator");
}

#define ISA                                                                                        \
	"ISA*00*          *00*          *ZZ*A              *ZZ*B              "                        \
	"*260101*1200*U*00401*000000007*0*T*>~"
#define GS "GS*IN*AA*BB*20260101*1200*5*X*004010~"
#define ST "ST*810*0001~BIG*20260101*7~IT1*1*2*EA*3**VN*X~TDS*600~"

static void
TestX12(void)
{
	Check(ISA GS ST "SE*5*0001~GE*1*5~IEA*1*000000007~", "", "a good invoice");
	Check(ISA GS ST "SE*6*0001~GE*1*5~IEA*1*000000007~", "COUNT /ISA[1]/GS[1]/ST[1]/SE",
		  "a wrong SE count");
	Check(ISA GS ST "SE*5*0002~GE*1*5~IEA*1*000000007~", "REFERENCE /ISA[1]/GS[1]/ST[1]/SE",
		  "another number in SE");
	Check(ISA GS ST "SE*5*0001~GE*2*6~IEA*2*8~",
		  "COUNT /ISA[1]/GS[1]/GE REFERENCE /ISA[1]/GS[1]/GE ELEMENT-SHORT /ISA[1]/IEA/2 "
		  "COUNT /ISA[1]/IEA REFERENCE /ISA[1]/IEA",
		  "wrong trailers");
	Check(ISA GS
		  "ST*810*0001~BIG*20260101*7~IT1*1*2**3~SAC*A~TDS*6.00~SE*6*0001~GE*1*5~IEA*1*000000007~",
		  "ELEMENT-NEEDED /ISA[1]/GS[1]/ST[1]/IT1/3 "
		  "ELEMENT-NEEDED /ISA[1]/GS[1]/ST[1]/SAC/2 ELEMENT-TYPE /ISA[1]/GS[1]/ST[1]/TDS/1",
		  "relations of elements, and a decimal point where none may be");
	Check(ISA GS "ST*810*0001~BIG*20260101*7*20260101*PO*R*C*CN*04*N*XX*9~TDS*1~SE*4*0001~GE*1*5~"
				 "IEA*1*000000007~",
		  "ELEMENT-SURPLUS /ISA[1]/GS[1]/ST[1]/BIG/11", "too many elements");
	Check(ISA GS "ST*999*0001~SE*2*0001~GE*1*5~IEA*1*000000007~", "MESSAGE /ISA[1]/GS[1]/ST[1]/ST",
		  "a set nobody knows");
	Check(ISA "TA1*000000001*260101*1200*A*000~IEA*0*000000007~", "", "an acknowledgement alone");
	Check(ISA "GS*IN*AA*BB*20260101*1200*5*X*005010X220A1~"
			  "ST*810*0001*005010X220A1~BIG*20260101*7~TDS*600~SE*4*0001~GE*1*5~IEA*1*000000007~",
		  "", "a guide in ST of 005010");
	Check(ISA GS "ST*810*0001*005010X220A1~BIG*20260101*7~TDS*600~SE*4*0001~GE*1*5~"
				 "IEA*1*000000007~",
		  "ELEMENT-SURPLUS /ISA[1]/GS[1]/ST[1]/ST/3", "which 004010 does not have");
	Check(ISA GS ST, "TRAILER /ISA[1]/GS[1]/ST[1] TRAILER /ISA[1]/GS[1] TRAILER /ISA[1]",
		  "nothing ends");
	Check("ISA*00**00**ZZ*A*ZZ*B*260101*1200*U*00401*000000007*0*T*>~" GS ST
		  "SE*5*0001~GE*1*5~IEA*1*000000007~",
		  "HEADER-LENGTH /ISA[1]/ISA", "a short ISA");
}

/* A million segments, all of them wrong, and messages without end. */
static void
TestLarge(void)
{
	size_t size = 8000000;
	char *content = malloc(size);
	size_t n = (size_t) snprintf(content, size, HEAD OPEN);

	while (n + 8 < size)
	{
		memcpy(content + n, "XYZ+1'", 6);
		n += 6;
	}
	Findings(SpanOf(content, n));
	Ok(reader.findings.count == EDI_MAX_FINDINGS && reader.unlisted > 1000000,
	   "of a million findings the first are listed, all are counted");
	n = (size_t) snprintf(content, size, HEAD);
	while (n + 30 < size)
		n += (size_t) snprintf(content + n, size - n, "UNH+%zu+INVOIC:D:96A'", n);
	Findings(SpanOf(content, n));
	Ok(messages > 300000, "a message for each header");
	ArenaFree(&arena);
	ArenaInit(&arena, &ClexPlainEnv, 1 << 20);
	Is(Findings(SpanOf(content, n)), "out of memory reading EDI", "and too little memory");
	arena.limit = 0;
	free(content);
}

int
main(void)
{
	ArenaInit(&arena, &ClexPlainEnv, 0);
	ArenaInit(&body, &ClexPlainEnv, 0);
	TestEnvelope();
	TestStructure();
	TestElements();
	TestX12();
	TestLarge();
	ArenaFree(&arena);
	ArenaFree(&body);
	return Done();
}
