/*
 * codec.h
 *		The formats: who reads and who writes each, and what a writer is given.
 *
 * A format is a row of ClexCodecs (codecs.c).  A writer walks the document and says each node it has
 * put into the output; CodecWrite turns what was never said into losses, so a writer cannot lose a
 * term in silence.
 */
#ifndef CLEX_CODEC_CODEC_H
#define CLEX_CODEC_CODEC_H

#include "core/codec/read.h"

/* One member of the caller's options; scalars as their text, anything else as JSON. */
typedef struct CodecOption
{
	Span key;
	Span value;
} CodecOption;

typedef struct WriteRequest
{
	const DocumentView *document;
	Span format; /* "ubl" or "ubl:variant" */
	const CodecOption *options;
	uint32_t option_count;
} WriteRequest;

/* What became of a node or an extra; codecs.c has the words. */
typedef enum WriteFate
{
	FATE_UNSAID = 0,   /* the format has no place for it: what is never touched stays so */
	FATE_SAID,		   /* as it is */
	FATE_NO_ROOM,	   /* the format has room for fewer of them */
	FATE_BY_ITSELF,	   /* the format can say it only beside something the document does not have */
	FATE_AMBIGUOUS,	   /* said, but it would be read as something else */
	FATE_ORDER,		   /* said, but before one that stood before it */
	FATE_CHARACTERS,   /* said, but for characters the format cannot hold */
	FATE_CUT,		   /* said, but cut to the length the format has */
	FATE_REPLACED,	   /* the variant asked for puts its own value there */
	FATE_FILLED,	   /* said, beside a placeholder for what the format requires there */
	FATE_CODE,		   /* the format has no code for the value */
	FATE_LENGTH,	   /* the value is too long, and would be another one if it were cut */
	FATE_OTHER_FORMAT, /* an extra of another format */
	FATE_COUNT
} WriteFate;

/* One row of losses: of a node, or of an extra (node 0). */
typedef struct Loss
{
	uint32_t node;
	uint32_t extra;
	WriteFate fate;
} Loss;

/* Why, in words: a clause without full stop. */
extern const char *FateReason(WriteFate fate);

typedef struct Codec Codec;

/* A writer's task. */
typedef struct WriteJob
{
	const Codec *codec;
	Span variant; /* behind the colon; empty: none */
	const DocumentView *document;
	const uint32_t *children; /* of node n: children[n] .. children[n + 1] - 1 */
	const WriteRequest *request;
	Arena *arena;
	uint8_t *fate;		 /* WriteFate by node, but for FATE_FILLED ... */
	bool *filled;		 /* ... which a node may have besides another */
	uint8_t *extra_fate; /* WriteFate by extra */
	Text *out;
} WriteJob;

/*
 * Say what became of a node.  What was said before stays, unless it was that all is well; that a
 * placeholder stands beside it comes on top.
 */
static inline void
JobSay(WriteJob *job, uint32_t node, WriteFate fate)
{
	if (fate == FATE_FILLED)
		job->filled[node] = true;
	else if (job->fate[node] <= FATE_SAID)
		job->fate[node] = (uint8_t) fate;
}

/*
 * Read what was written, and say of each value that does not come back as it was that it does not (FATE_AMBIGUOUS);
 * `fillers`: of one beside something that came with it so too (FATE_FILLED), for writers that do not tell it
 * themselves.  For formats other than that of the document.
 */
extern ClexStatus CodecProve(WriteJob *job, bool fillers, ClexError *error);

/* The same with what was read. */
extern ClexStatus CodecMatch(WriteJob *job, Span image, bool fillers, ClexError *error);

/* Are two values of a term the same?  Of numbers 1.50 is 1.5. */
extern bool SameTermValue(TermId term, Span a, Span b);

/* Set up what is told of nodes and extras, in job->arena; job->document is given.  CLEX_NO_MEMORY. */
extern ClexStatus JobOpen(WriteJob *job, ClexError *error);

/* What was not said as it is, a Vector of Loss: terms in the order of the document, then extras. */
extern ClexStatus JobLosses(const WriteJob *job, Vector *losses, ClexError *error);

/* The value of an option, NULL data if the caller did not give it. */
extern Span JobOption(const WriteJob *job, const char *key);

/* The value of an option that is true or false; false if it is not given. */
extern ClexStatus JobFlag(const WriteJob *job, const char *key, bool *value, ClexError *error);

/* What a name behind the colon asks for. */
typedef struct CodecVariant
{
	const char *format;
	const char *name;
	const char *specification; /* BT-24; NULL: as the document has it */
	const char *process;	   /* BT-23 where the document has none; NULL: nothing */
} CodecVariant;

extern const CodecVariant ClexCodecVariants[];
extern const uint32_t ClexCodecVariantCount;

struct Codec
{
	const char *name;
	/* As ReadTerms, for content that is of this format or that the caller says is; NULL: no reader. */
	ClexStatus (*read)(const ReadRequest *request, Arena *arena, Tree *source,
					   DocumentBuilder **builder, BindCounts *counts, ClexError *error);
	/* Append the document to job->out; NULL: no writer. */
	ClexStatus (*write)(WriteJob *job, ClexError *error);
	uint32_t kinds;				/* written: a bit for each DocumentKind */
	bool says_source;			/* it writes extras and provenance of any format */
	const char *const *options; /* names it takes, NULL at the end */
	bool kind_by_type;			/* it tells credit notes from invoices by BT-3 alone */
};

#define KIND_BIT(kind) (1u << (kind))

extern const Codec ClexCodecs[];
extern const uint32_t ClexCodecCount;

/* A codec by the name before any colon, or NULL. */
extern const Codec *CodecFind(Span format);

/* The format without a variant ("ubl" of "ubl:xrechnung"), and the variant (empty: none). */
extern Span FormatBase(Span format);
extern Span FormatVariant(Span format);

/*
 * Write a document.  `content` lies in the arena; `losses` (if not NULL) is a Vector of Loss, set up
 * here: terms in the order of the document, then extras.  Errors: CLEX_INVALID (no such format,
 * variant, option or value of one), CLEX_UNSUPPORTED (the format has no such kind of document),
 * CLEX_LIMIT, CLEX_NO_MEMORY, CLEX_INTERRUPTED.
 */
extern ClexStatus CodecWrite(const WriteRequest *request, Arena *arena, Span *content,
							 Vector *losses, ClexError *error);

#endif
