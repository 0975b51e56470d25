/*
 * pdf_guard.c
 *		What a PDF would cost, found out before qpdf opens it.
 *
 * qpdf expands object streams and cross-reference streams as a whole, and builds an object for every token
 * it parses.  So each place where an object can begin, behind the word "obj", is scanned like a parser
 * would: tokens are counted, and a stream that could be one of those two kinds must be plain or Flate and is
 * inflated here, counting only.  Everything else is left to qpdf, which reads it lazily.
 */
#include "pdf.h"

#include <zlib.h>

/* Flate can expand so many times, and no more. */
#define FLATE_RATIO 1040

/* Keys of the two kinds of streams that qpdf expands by itself, and of filters. */
typedef struct StreamFacts
{
	bool object_stream; /* has First */
	bool xref_stream;	/* has W */
	bool other_filter;	/* a filter that is not Flate, or not written in place */
	int flates;
} StreamFacts;

typedef struct Guard
{
	Span pdf;
	const PdfLimits *limits;
	Arena *arena;
	ClexError *error;
	size_t tokens;
	size_t inflated;
	size_t scanned; /* bytes gone over, some of them more than once */
	uint32_t rounds;
	bool encrypted;
} Guard;

static bool
IsSpace(unsigned char c)
{
	return c == 0 || c == '\t' || c == '\n' || c == '\f' || c == '\r' || c == ' ';
}

static bool
IsDelimiter(unsigned char c)
{
	return c == '(' || c == ')' || c == '<' || c == '>' || c == '[' || c == ']' || c == '{' ||
		   c == '}' || c == '/' || c == '%';
}

static bool
IsRegular(unsigned char c)
{
	return !IsSpace(c) && !IsDelimiter(c);
}

/* Bytes that end a token: at least as many as there are tokens. */
static size_t
Separators(const unsigned char *data, size_t length)
{
	size_t count = 0;

	for (size_t i = 0; i < length; i++)
		count += !IsRegular(data[i]);
	return count;
}

ClexStatus
PdfInflate(Span data, size_t most, const ClexEnv *env, Text *out, PdfInflated *result,
		   ClexError *error)
{
	unsigned char block[16384];
	z_stream stream = {0};
	ClexStatus status = CLEX_OK;
	int rc = Z_OK;

	*result = (PdfInflated){0};
	/* inflateInit allocates 40 kB with malloc, given back below on every path */
	if (inflateInit(&stream) != Z_OK)
		return ClexFail(error, CLEX_NO_MEMORY, "out of memory");
	stream.next_in = (unsigned char *) (uintptr_t) data.data;
	stream.avail_in = data.length > UINT32_MAX ? UINT32_MAX : (uInt) data.length;
	for (uint32_t round = 0; rc == Z_OK && status == CLEX_OK; round++)
	{
		size_t got;

		stream.next_out = block;
		stream.avail_out = sizeof(block);
		rc = inflate(&stream, Z_NO_FLUSH);
		got = sizeof(block) - stream.avail_out;
		result->length += got;
		if (out != NULL)
			TextAppend(out, (const char *) block, got);
		else
			result->separators += Separators(block, got);
		if (result->length > most)
			status = ClexFail(error, CLEX_LIMIT, "compressed data of the PDF become too large");
		else if (out != NULL && out->failed)
			status = ClexFail(error, CLEX_NO_MEMORY, "out of memory");
		else if (round % 64 == 63 && ClexInterrupted(env))
			status = ClexFail(error, CLEX_INTERRUPTED, "interrupted");
		else if (got == 0 && stream.avail_in == 0)
			break;
	}
	inflateEnd(&stream);
	return status;
}

/* A name without its slash, #xx resolved, compared with `word`. */
static bool
NameIs(Span name, const char *word)
{
	size_t at = 0;

	for (; *word != 0; word++)
	{
		int c;

		if (at >= name.length)
			return false;
		c = (unsigned char) name.data[at++];
		if (c == '#' && name.length - at >= 2)
		{
			static const char digits[] = "0123456789abcdef";
			const char *high = memchr(digits, name.data[at] | 0x20, 16);
			const char *low = memchr(digits, name.data[at + 1] | 0x20, 16);

			if (high != NULL && low != NULL)
			{
				c = (int) ((high - digits) << 4 | (low - digits));
				at += 2;
			}
		}
		if (c != (unsigned char) *word)
			return false;
	}
	return at == name.length;
}

/* Behind a string in parentheses that begins at `at`. */
static size_t
SkipString(Span pdf, size_t at)
{
	int depth = 0;

	for (; at < pdf.length; at++)
	{
		char c = pdf.data[at];

		if (c == '\\')
			at++;
		else if (c == '(')
			depth++;
		else if (c == ')' && --depth == 0)
			return at + 1;
	}
	return pdf.length;
}

/* The next token from *at on; its first byte tells its kind.  Empty at the end. */
static Span
NextToken(Span pdf, size_t *at)
{
	size_t start = *at;
	size_t end;

	for (;;)
	{
		while (start < pdf.length && IsSpace((unsigned char) pdf.data[start]))
			start++;
		if (start >= pdf.length || pdf.data[start] != '%')
			break;
		while (start < pdf.length && pdf.data[start] != '\n' && pdf.data[start] != '\r')
			start++;
	}
	if (start >= pdf.length)
	{
		*at = pdf.length;
		return SpanOf(pdf.data + pdf.length, 0);
	}
	end = start + 1;
	switch (pdf.data[start])
	{
		case '(':
			end = SkipString(pdf, start);
			break;
		case '<':
		case '>':
			if (end < pdf.length && pdf.data[end] == pdf.data[start])
				end++;
			else if (pdf.data[start] == '<')
			{
				while (end < pdf.length && pdf.data[end] != '>')
					end++;
				end += end < pdf.length;
			}
			break;
		case '/':
			while (end < pdf.length && IsRegular((unsigned char) pdf.data[end]))
				end++;
			break;
		default:
			if (!IsDelimiter((unsigned char) pdf.data[start]))
				while (end < pdf.length && IsRegular((unsigned char) pdf.data[end]))
					end++;
	}
	*at = end;
	return SpanOf(pdf.data + start, end - start);
}

static bool
IsFilterName(Span name)
{
	static const char *const names[] = {"ASCIIHexDecode",
										"AHx",
										"ASCII85Decode",
										"A85",
										"LZWDecode",
										"LZW",
										"RunLengthDecode",
										"RL",
										"CCITTFaxDecode",
										"CCF",
										"JBIG2Decode",
										"DCTDecode",
										"DCT",
										"JPXDecode",
										"Crypt"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (NameIs(name, names[i]))
			return true;
	return false;
}

/* What a name within a dictionary tells. */
static void
NoteName(StreamFacts *facts, Span name, bool *filter)
{
	*filter = NameIs(name, "Filter") || NameIs(name, "F");
	facts->object_stream |= NameIs(name, "First");
	facts->xref_stream |= NameIs(name, "W");
	facts->flates += NameIs(name, "FlateDecode") || NameIs(name, "Fl");
	facts->other_filter |= IsFilterName(name);
}

/*
 * Go over the object that begins at *at.  True if it is a dictionary with a stream; *at is then where its
 * data begin.
 */
static bool
ScanObject(Guard *guard, size_t *at, StreamFacts *facts)
{
	size_t start = *at;
	int depth = 0;
	bool filter = false;
	Span token;

	*facts = (StreamFacts){0};
	do
	{
		token = NextToken(guard->pdf, at);
		guard->tokens++;
		if (token.length == 0)
			break;
		if (token.data[0] == '/')
			NoteName(facts, SpanOf(token.data + 1, token.length - 1), &filter);
		else
		{
			/* a filter that stands in an object of its own */
			facts->other_filter |= filter && token.data[0] >= '0' && token.data[0] <= '9';
			filter = filter && token.data[0] == '[';
			if (SpanEqualCString(token, "<<") || token.data[0] == '[')
				depth++;
			else if (SpanEqualCString(token, ">>") || token.data[0] == ']')
				depth--;
			else if (SpanEqualCString(token, "endobj") || SpanEqualCString(token, "stream"))
				break;
		}
	} while (guard->tokens <= guard->limits->max_tokens && (depth > 0 || token.data[0] == '/'));
	guard->scanned += *at - start;
	if (token.length == 2 && token.data[0] == '>')
		token = NextToken(guard->pdf, at);
	if (!SpanEqualCString(token, "stream"))
		return false;
	*at += *at < guard->pdf.length && guard->pdf.data[*at] == '\r';
	*at += *at < guard->pdf.length && guard->pdf.data[*at] == '\n';
	return true;
}

/* What a stream that qpdf may expand becomes. */
static ClexStatus
CheckStream(Guard *guard, size_t at, const StreamFacts *facts)
{
	Span data = SpanOf(guard->pdf.data + at, guard->pdf.length - at);
	size_t left = guard->limits->max_inflated - guard->inflated;
	PdfInflated inflated;
	ClexStatus status;

	if (facts->other_filter || facts->flates > 1)
		return ClexFail(guard->error, CLEX_UNSUPPORTED,
						"the PDF has an object stream with an unusual filter");
	if (facts->flates == 0)
		return CLEX_OK;
	if (guard->encrypted)
	{
		/* cannot be inflated before it is decrypted: the worst is assumed */
		const char *end = memmem(data.data, data.length, "endstream", 9);
		size_t raw = end == NULL ? data.length : (size_t) (end - data.data);

		if (raw > left / FLATE_RATIO)
			return ClexFail(guard->error, CLEX_LIMIT,
							"an encrypted object stream of the PDF may become too large");
		guard->inflated += raw * FLATE_RATIO;
		return CLEX_OK;
	}
	status = PdfInflate(data, left, guard->arena->env, NULL, &inflated, guard->error);
	guard->inflated += inflated.length;
	guard->tokens += facts->object_stream ? inflated.separators : 0;
	return status;
}

/* Does the name Encrypt occur anywhere, however it is written? */
static bool
MentionsEncryption(Span pdf)
{
	size_t at = 0;
	const char *found;

	if (memmem(pdf.data, pdf.length, "/Encrypt", 8) != NULL)
		return true;
	while ((found = memchr(pdf.data + at, '#', pdf.length - at)) != NULL)
	{
		size_t start = (size_t) (found - pdf.data);
		size_t name = start;

		while (name > 0 && start - name < 24 && pdf.data[name] != '/')
			name--;
		at = name;
		if (pdf.data[name] == '/')
		{
			Span token = NextToken(pdf, &at);

			if (NameIs(SpanOf(token.data + 1, token.length - 1), "Encrypt"))
				return true;
		}
		at = start + 1;
	}
	return false;
}

/* Every place behind `word` as the beginning of an object. */
static ClexStatus
ScanBehind(Guard *guard, const char *word)
{
	size_t length = strlen(word);
	size_t from = 0;
	const char *found;

	while ((found = memmem(guard->pdf.data + from, guard->pdf.length - from, word, length)) != NULL)
	{
		size_t at = (size_t) (found - guard->pdf.data) + length;
		StreamFacts facts;
		ClexStatus status;

		from = at;
		if (at > 5 && memcmp(guard->pdf.data + at - 6, "endobj", 6) == 0)
			continue;
		if (ScanObject(guard, &at, &facts) && (facts.object_stream || facts.xref_stream) &&
			(status = CheckStream(guard, at, &facts)) != CLEX_OK)
			return status;
		if (guard->tokens > guard->limits->max_tokens ||
			guard->scanned / 8 > guard->pdf.length + 65536)
			return ClexFail(guard->error, CLEX_LIMIT, "the PDF has too many objects");
		if (++guard->rounds % 4096 == 0 && ClexInterrupted(guard->arena->env))
			return ClexFail(guard->error, CLEX_INTERRUPTED, "interrupted");
	}
	return CLEX_OK;
}

ClexStatus
PdfGuard(Span pdf, const PdfLimits *limits, Arena *arena, ClexError *error)
{
	Guard guard = {.pdf = pdf, .limits = limits, .arena = arena, .error = error};
	ClexStatus status;

	if (pdf.length > limits->max_bytes)
		return ClexFail(error, CLEX_LIMIT, "PDF of %zu bytes is too large", pdf.length);
	guard.encrypted = MentionsEncryption(pdf);
	status = ScanBehind(&guard, "obj");
	if (status == CLEX_OK)
		status = ScanBehind(&guard, "trailer");
	return status;
}
