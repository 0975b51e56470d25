/*
 * codecs.c
 *		The table of formats.  A new format is a row here, and one in data/formats.tsv if it is read.
 */
#include "core/codec/codec.h"

#include "core/codec/edi_codec.h"
#include "core/codec/json_codec.h"
#include "core/codec/xml_codec.h"

#define INVOICES (KIND_BIT(DOCUMENT_INVOICE) | KIND_BIT(DOCUMENT_CREDIT_NOTE))

#define CXML_KINDS                                                                                 \
	(INVOICES | KIND_BIT(DOCUMENT_ORDER) | KIND_BIT(DOCUMENT_ORDER_CHANGE) |                       \
	 KIND_BIT(DOCUMENT_ORDER_RESPONSE) | KIND_BIT(DOCUMENT_DESPATCH_ADVICE))

#define ORDERS                                                                                     \
	(KIND_BIT(DOCUMENT_ORDER) | KIND_BIT(DOCUMENT_ORDER_RESPONSE) | KIND_BIT(DOCUMENT_ORDER_CHANGE))

#define ALL_KINDS ((KIND_BIT(DOCUMENT_APPLICATION_RESPONSE) << 1) - 2)

static const char *const xml_options[] = {"indent", NULL};
static const char *const fatturapa_options[] = {"indent", "progressive", NULL};
static const char *const idoc_options[] = {"indent", "sender", "recipient", "reference", NULL};
static const char *const cxml_options[] = {"indent",	"sender", "recipient",
										   "reference", "date",	  NULL};
static const char *const edi_options[] = {"sender", "recipient", "reference", "date", NULL};

const Codec ClexCodecs[] = {
	{"ubl", XmlReadTerms, UblWrite, ALL_KINDS, false, xml_options, false},
	{"cii", XmlReadTerms, CiiWrite, INVOICES, false, xml_options, true},
	{"orderx", XmlReadTerms, OrderxWrite, ORDERS, false, xml_options, false},
	{"edifact", EdiReadTerms, EdifactWrite, ALL_KINDS, false, edi_options, true},
	{"x12", EdiReadTerms, X12Write, ALL_KINDS & ~KIND_BIT(DOCUMENT_RECEIPT_ADVICE), false,
	 edi_options, true},
	{"fatturapa", XmlReadTerms, FatturapaWrite, INVOICES, false, fatturapa_options, true},
	{"idoc", XmlReadTerms, IdocWrite,
	 INVOICES | KIND_BIT(DOCUMENT_ORDER) | KIND_BIT(DOCUMENT_ORDER_CHANGE) |
		 KIND_BIT(DOCUMENT_ORDER_RESPONSE),
	 false, idoc_options, true},
	{"gobl", XmlReadTerms, GoblWrite, INVOICES, false, xml_options, false},
	{"cxml", XmlReadTerms, CxmlWrite, CXML_KINDS, false, cxml_options, true},
	{"json", JsonReadTerms, JsonWrite, ALL_KINDS, true, NULL, false},
};
const uint32_t ClexCodecCount = sizeof(ClexCodecs) / sizeof(ClexCodecs[0]);

Span
FormatBase(Span format)
{
	const char *colon = format.length > 0 ? memchr(format.data, ':', format.length) : NULL;

	return colon == NULL ? format : SpanOf(format.data, (size_t) (colon - format.data));
}

Span
FormatVariant(Span format)
{
	size_t base = FormatBase(format).length;

	return base == format.length ? SpanOf(NULL, 0)
								 : SpanOf(format.data + base + 1, format.length - base - 1);
}

const Codec *
CodecFind(Span format)
{
	Span base = FormatBase(format);

	for (uint32_t i = 0; i < ClexCodecCount; i++)
		if (SpanEqualCString(base, ClexCodecs[i].name))
			return &ClexCodecs[i];
	return NULL;
}

const char *
FateReason(WriteFate fate)
{
	static const char *const reasons[FATE_COUNT] = {
		[FATE_UNSAID] = "the format has no place for it",
		[FATE_SAID] = "nothing is lost",
		[FATE_NO_ROOM] = "the format has no room for one more",
		[FATE_BY_ITSELF] = "the format cannot say it by itself",
		[FATE_AMBIGUOUS] = "the format would take it for something else",
		[FATE_ORDER] = "the format has them in another order",
		[FATE_CHARACTERS] = "the format cannot hold some of its characters",
		[FATE_CUT] = "the format cuts it to its own length",
		[FATE_REPLACED] = "the variant has a value of its own",
		[FATE_FILLED] = "the format requires more beside it, a placeholder is written",
		[FATE_CODE] = "the format has no code for it",
		[FATE_LENGTH] = "it is too long for the format",
		[FATE_OTHER_FORMAT] = "it belongs to the syntax it was read from",
	};

	return reasons[fate < FATE_COUNT ? fate : FATE_UNSAID];
}
