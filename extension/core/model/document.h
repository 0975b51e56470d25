/*
 * document.h
 *		The semantic document: building it, its stored image, and looking into it.
 *
 * The image is what a value of type clex.document holds: a header, a flat array of nodes sorted by
 * (parent, term, ordinal) with offsets into a heap of UTF-8 text, and side areas for lexical forms,
 * extras and provenance.  Nodes are numbered so that a parent comes before its children, and the
 * children of one parent lie together: finding a term is two binary searches, nothing is parsed.
 *
 * Canonical values: text as it is; decimals without sign '+', outer white space and needless leading
 * zeros but with the digits after the point as written ("50.00" stays "50.00"); dates YYYY-MM-DD.
 * A value that is not legal for its term's type is kept as it came and marked invalid.  Where the
 * spelling in the source differs from the canonical value, the lexical area keeps it.
 */
#ifndef CLEX_MODEL_DOCUMENT_H
#define CLEX_MODEL_DOCUMENT_H

#include "core/model/terms.h"

/* What a document is; the value is stored, so the order is fixed. */
typedef enum DocumentKind
{
	DOCUMENT_INVOICE = 1,
	DOCUMENT_CREDIT_NOTE = 2,
	DOCUMENT_ORDER = 3,
	DOCUMENT_ORDER_RESPONSE = 4,
	DOCUMENT_ORDER_CHANGE = 5, /* or cancellation: C-6 tells */
	DOCUMENT_DESPATCH_ADVICE = 6,
	DOCUMENT_RECEIPT_ADVICE = 7,
	DOCUMENT_REMITTANCE_ADVICE = 8,
	DOCUMENT_APPLICATION_RESPONSE = 9,
} DocumentKind;

/* Version of what readers make of a source; stored, so that old documents can be found and reread. */
#define DOCUMENT_READER_VERSION 1

typedef struct DocumentBuilder DocumentBuilder;

/* `format` is the short name of the syntax ("ubl", "cii", "json"). */
extern DocumentBuilder *DocumentBegin(Arena *arena, DocumentKind kind, Span format);

/*
 * Add a term below `parent` (0 = the document) and return its handle (never 0 but on failure, which
 * DocumentFinish reports).  Groups have an empty value.  `value` is in interchange spelling (dates ISO
 * 8601, decimals with a point); it is made canonical here and its spelling kept if it differs.
 * `source` is the node of the source tree it came from, 0 if none; it is not stored.
 */
extern uint32_t DocumentAdd(DocumentBuilder *builder, uint32_t parent, TermId term, Span value,
							uint32_t source);

/* Give a node another original spelling than the value passed to DocumentAdd. */
extern void DocumentSetLexical(DocumentBuilder *builder, uint32_t node, Span spelling);

/* Where a node that was added stands; handles are 1 .. DocumentBuiltCount. */
typedef struct DocumentPlace
{
	TermId term;
	uint32_t parent;
	uint32_t source;
} DocumentPlace;

extern uint32_t DocumentBuiltCount(const DocumentBuilder *builder);
extern DocumentPlace DocumentBuilt(const DocumentBuilder *builder, uint32_t handle);

/* Keep a leaf of the input that no binding consumed.  `path` has positions. */
extern void DocumentAddExtra(DocumentBuilder *builder, Span path, Span value, uint32_t line);

/* More facts than this about one source are refused. */
#define DOCUMENT_MAX_PROVENANCE 64

/* A fact about the source: "version", "profile", "encoding", "sha256", "root" ... Last value wins. */
extern void DocumentSetProvenance(DocumentBuilder *builder, const char *key, Span value);

/* Sort, lay out and return the image (without varlena header), in the builder's arena. */
extern ClexStatus DocumentFinish(DocumentBuilder *builder, Span *image, ClexError *error);

/*
 * After DocumentFinish: the `source` that each node of the image was added with, by its number there
 * (index 0 is unused).  Lives in the builder's arena.
 */
extern const uint32_t *DocumentSources(const DocumentBuilder *builder);

/* An image made accessible; everything points into the image's bytes. */
typedef struct DocumentView
{
	Span image;
	const char *nodes;
	uint32_t node_count; /* nodes are 1 .. node_count; 0 stands for the document */
	const char *heap;
	uint32_t heap_length;
	uint32_t lexical_count;
	uint32_t extra_count;
	uint32_t provenance_count;
	const char *lexical;
	const char *extras;
	const char *provenance;
	uint8_t kind;
	uint16_t reader_version; /* 0: not made by a reader */
	Span format;
} DocumentView;

typedef struct DocumentExtra
{
	Span path;
	Span value;
	uint32_t line;
} DocumentExtra;

typedef struct DocumentNode
{
	TermId term;
	uint16_t flags; /* DOCUMENT_NODE_... */
	uint32_t parent;
	uint32_t ordinal; /* 1-based among its siblings of the same term */
	Span value;
} DocumentNode;

#define DOCUMENT_NODE_INVALID 0x0001 /* the value is not legal for the term's type */

/* Check the header and area bounds: for images this library wrote itself. */
extern ClexStatus DocumentOpen(Span image, DocumentView *view, ClexError *error);
/* Check everything: for images that come from outside (recv). */
extern ClexStatus DocumentVerify(Span image, ClexError *error);

extern DocumentNode ViewNode(const DocumentView *view, uint32_t node);
/* First child of a term, 0 if none; further ones follow directly: node + 1 .. + count - 1. */
extern uint32_t ViewFind(const DocumentView *view, uint32_t parent, TermId term, uint32_t *count);
/* The children of a node: first, and how many. */
extern uint32_t ViewChildren(const DocumentView *view, uint32_t parent, uint32_t *count);
/* The spelling in the source (the value itself where it did not differ). */
extern Span ViewLexical(const DocumentView *view, uint32_t node);
/* Data is NULL if the key is not there. */
extern Span ViewProvenance(const DocumentView *view, const char *key);
/* Extras and provenance by position, 0 .. count - 1. */
extern DocumentExtra ViewExtra(const DocumentView *view, uint32_t index);
extern Span ViewProvenanceAt(const DocumentView *view, uint32_t index, Span *key);

/*
 * Follow a written path: "BT-1", "invoice.number", "lines[2].net_amount", "BG-25[2]/BT-131".
 * Without an index the first occurrence of each step is taken.  0 if there is none; an unknown term
 * is CLEX_INVALID with position and hint.
 */
extern ClexStatus ViewResolve(const DocumentView *view, Span path, uint32_t *node,
							  ClexError *error);
/*
 * The same, with all occurrences of the last step if it has no index: `first` and how many, 0 if
 * there are none; `term` is what the path speaks of, `indexed` whether the last step had an index.
 */
extern ClexStatus ViewResolveAll(const DocumentView *view, Span path, TermId *term, uint32_t *first,
								 uint32_t *count, bool *indexed, ClexError *error);

/* The path of a node, "lines[2].net_amount": indexed wherever JSON has an array; appended to `out`. */
extern void ViewPath(const DocumentView *view, uint32_t node, Text *out);

/*
 * Where the children of every node lie, for walks over whole documents: those of node n (0 = the
 * document) are index[n] .. index[n + 1] - 1.  In the arena; NULL when out of memory.
 */
extern uint32_t *ViewChildIndex(const DocumentView *view, Arena *arena);

/*
 * The canonical spelling of a value of a term, and whether it is legal for the term's type.  It is a
 * part of `value` where that is possible, else new in the arena; data is NULL when out of memory.
 */
extern Span ValueCanonical(TermId term, Span value, Arena *arena, bool *valid);

/* Names of kinds as JSON has them; NULL beyond the last, and for 0. */
extern const char *DocumentKindName(unsigned kind);

/* The document as a typed tree for the expression language; line of a node = its number here. */
extern ClexStatus DocumentToTree(const DocumentView *view, Arena *arena, Tree *tree,
								 ClexError *error);

/*
 * The nodes first .. first + count - 1, occurrences of one term, as JSON: an array if `array`, else
 * the single value.
 */
extern ClexStatus ViewToJson(const DocumentView *view, uint32_t first, uint32_t count, bool array,
							 Text *out, ClexError *error);

/* Where a node of such a tree is, "lines[2].net_amount", appended to `out`. */
extern void DocumentTreeLocation(const Tree *tree, uint32_t node, Text *out);

/* Canonical JSON, both ways: DocumentFromJson(DocumentToJson(x)) is x, byte for byte. */
extern ClexStatus DocumentToJson(const DocumentView *view, Text *out, ClexError *error);
extern ClexStatus DocumentFromJson(Span json, Arena *arena, Span *image, ClexError *error);

/* The second, not yet finished. */
extern ClexStatus DocumentBuildJson(Span json, Arena *arena, DocumentBuilder **builder,
									ClexError *error);

/* Equal terms with equal values (decimals by value), whatever the format, extras or spelling. */
extern bool DocumentSameTerms(const DocumentView *a, const DocumentView *b);

#endif
