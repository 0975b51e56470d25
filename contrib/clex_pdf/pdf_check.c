/*
 * pdf_check.c
 *		What is wrong with a PDF as the carrier of an invoice.
 *
 * It looks at what Factur-X and ZUGFeRD ask of the container: claims in the metadata against the attachment
 * and its guideline, how it is attached, what is said of it.  It does not prove PDF/A (fonts, colours), nor
 * look at the invoice itself, which is for clex.findings().
 */
#include "pdf_facts.h"

#include <strings.h>

#include "core/codec/detect.h"

typedef struct Checker
{
	const PdfFacts *facts;
	Arena *arena;
	Vector *findings;
	int language;
	bool failed;
} Checker;

static const PdfRule *
FindRule(const char *name)
{
	for (uint32_t i = 0; i < ClexPdfRuleCount; i++)
		if (strcmp(ClexPdfRules[i].rule, name) == 0)
			return &ClexPdfRules[i];
	return &ClexPdfRules[0];
}

/* A rule's sentence with what was found and expected. */
static Span
Sentence(Checker *checker, const char *pattern, Span found, Span expected)
{
	Text text;

	TextInit(&text, checker->arena);
	for (const char *p = pattern; *p != 0;)
	{
		if (strncmp(p, "{found}", 7) == 0)
		{
			TextAppendSpan(&text, SpanCut(found, 300));
			p += 7;
		}
		else if (strncmp(p, "{expected}", 10) == 0)
		{
			TextAppendSpan(&text, SpanCut(expected, 300));
			p += 10;
		}
		else
			TextAppendChar(&text, *p++);
	}
	checker->failed |= text.failed;
	return TextSpan(&text);
}

static void
Find(Checker *checker, const char *name, Span location, Span found, Span expected)
{
	const PdfRule *rule = FindRule(name);
	PdfFinding *finding = VectorPush(checker->findings);

	if (finding == NULL)
	{
		checker->failed = true;
		return;
	}
	*finding =
		(PdfFinding){rule->rule, rule->severity,
					 location,	 found,
					 expected,	 Sentence(checker, rule->text[checker->language], found, expected)};
}

bool
PdfChecksumMatches(const PdfAttachment *file)
{
	static const char digits[] = "0123456789abcdef";
	uint8_t digest[16];
	char spelt[32];

	PdfMd5(file->content, digest);
	if (SpanEqual(file->checksum, SpanOf((const char *) digest, sizeof(digest))))
		return true;
	/* many write it as text */
	for (int i = 0; i < 32; i++)
		spelt[i] = digits[i % 2 == 0 ? digest[i / 2] >> 4 : digest[i / 2] & 15];
	return file->checksum.length == 32 && strncasecmp(file->checksum.data, spelt, 32) == 0;
}

#define NOTHING SpanOf(NULL, 0)

/* What the metadata claim of the file itself, and of the invoice if there is one. */
static void
CheckMetadata(Checker *checker, const PdfAttachment *invoice, const PdfProfile *profile)
{
	PdfXmp xmp;

	if (checker->facts->xmp.data == NULL ||
		PdfReadXmp(checker->facts->xmp, checker->arena, &xmp, NULL) != CLEX_OK)
	{
		Find(checker, "no_metadata", NOTHING, NOTHING, NOTHING);
		return;
	}
	if (xmp.part.length == 0)
		Find(checker, "no_pdfa", NOTHING, NOTHING, SPAN_LITERAL("3"));
	else if (!SpanEqualCString(xmp.part, "3"))
		Find(checker, "pdfa", NOTHING, xmp.part, SPAN_LITERAL("3"));
	if (invoice == NULL)
		return;
	if (xmp.invoice_space.data == NULL)
	{
		Find(checker, "no_properties", NOTHING, NOTHING, NOTHING);
		return;
	}
	if (!xmp.described)
		Find(checker, "undescribed", NOTHING, NOTHING, xmp.invoice_space);
	if (!SpanEqual(xmp.file_name, invoice->name))
		Find(checker, "file_name", invoice->name, xmp.file_name, invoice->name);
	if (profile == NULL)
		return;
	if (!SpanEqual(xmp.invoice_space, profile->space))
		Find(checker, "namespace", invoice->name, xmp.invoice_space, profile->space);
	if (!SpanEqual(xmp.level, profile->level))
		Find(checker, "level", invoice->name, xmp.level, profile->level);
	if (!SpanEqual(xmp.document_type, profile->document_type))
		Find(checker, "document_type", invoice->name, xmp.document_type, profile->document_type);
}

/* The relationships a profile allows, "Alternative, Data". */
static Span
Allowed(Checker *checker, const PdfProfile *profile)
{
	Text text;

	TextInit(&text, checker->arena);
	for (const char *const *name = profile->relationships; *name != NULL; name++)
	{
		if (text.length > 0)
			TextAppend(&text, ", ", 2);
		TextAppend(&text, *name, strlen(*name));
	}
	checker->failed |= text.failed;
	return TextSpan(&text);
}

static bool
IsAllowed(const PdfProfile *profile, Span relationship)
{
	for (const char *const *name = profile->relationships; *name != NULL; name++)
		if (SpanEqualCString(relationship, *name))
			return true;
	return false;
}

/* What holds for every attachment of PDF/A-3. */
static void
CheckAttachment(Checker *checker, const PdfAttachment *file)
{
	if (!file->associated)
		Find(checker, "not_associated", file->name, NOTHING, NOTHING);
	if (!file->in_names)
		Find(checker, "not_in_names", file->name, NOTHING, NOTHING);
	if (file->relationship.length == 0)
		Find(checker, "no_relationship", file->name, NOTHING, NOTHING);
	if (file->modified.length == 0)
		Find(checker, "no_date", file->name, NOTHING, NOTHING);
	if (file->declared_size >= 0 && (uint64_t) file->declared_size != file->content.length)
	{
		char *found = ArenaPrintf(checker->arena, "%lld", (long long) file->declared_size);
		char *expected = ArenaPrintf(checker->arena, "%zu", file->content.length);

		checker->failed |= found == NULL || expected == NULL;
		if (!checker->failed)
			Find(checker, "size", file->name, SpanFromCString(found), SpanFromCString(expected));
	}
	if (file->checksum.length > 0 && !PdfChecksumMatches(file))
		Find(checker, "checksum", file->name, NOTHING, NOTHING);
}

/* What the invoice's own guideline asks for; its profile, NULL if unknown. */
static const PdfProfile *
CheckInvoice(Checker *checker, const PdfAttachment *file)
{
	const PdfProfile *profile;
	Detected detected = {0};

	if (DetectFormat(file->content, checker->arena, &detected) != CLEX_OK ||
		detected.kind.data == NULL)
	{
		Find(checker, "unknown_xml", file->name, NOTHING, NOTHING);
		return NULL;
	}
	profile = PdfProfileOf(detected.profile);
	if (profile == NULL)
		Find(checker, "guideline", file->name,
			 detected.profile.data == NULL ? SPAN_LITERAL("") : detected.profile, NOTHING);
	if (!SpanEqualCString(file->mime, "text/xml"))
		Find(checker, "mime", file->name, file->mime, SPAN_LITERAL("text/xml"));
	if (profile == NULL)
		return NULL;
	if (!SpanEqual(file->name, profile->file) && !SpanEqualCString(file->name, "factur-x.xml"))
		Find(checker, "name", file->name, file->name, profile->file);
	if (file->relationship.length > 0 && !IsAllowed(profile, file->relationship))
		Find(checker, "relationship", file->name, file->relationship, Allowed(checker, profile));
	return profile;
}

ClexStatus
PdfCheck(const PdfFacts *facts, int invoice, int language, Arena *arena, Vector *findings,
		 ClexError *error)
{
	Checker checker = {facts, arena, findings, language, false};
	const PdfAttachment *chosen =
		invoice < 0 ? NULL : &VectorAt(&facts->attachments, PdfAttachment, invoice);
	const PdfProfile *profile = NULL;

	if (facts->encrypted)
		Find(&checker, "encrypted", NOTHING, NOTHING, NOTHING);
	if (facts->repaired)
		Find(&checker, "repaired", NOTHING, facts->repair, NOTHING);
	if (chosen == NULL)
		Find(&checker, "no_invoice", NOTHING, NOTHING, NOTHING);
	else
		profile = CheckInvoice(&checker, chosen);
	CheckMetadata(&checker, chosen, profile);
	if (!facts->output_intent)
		Find(&checker, "output_intent", NOTHING, NOTHING, NOTHING);
	for (uint32_t i = 0; i < facts->attachments.count && !checker.failed; i++)
	{
		const PdfAttachment *file = &VectorAt(&facts->attachments, PdfAttachment, i);

		if (file != chosen && chosen != NULL && PdfInvoiceNameRank(file->name) > 0)
			Find(&checker, "several_invoices", file->name, NOTHING, NOTHING);
		CheckAttachment(&checker, file);
	}
	return checker.failed ? ClexFail(error, CLEX_NO_MEMORY, "out of memory") : CLEX_OK;
}
