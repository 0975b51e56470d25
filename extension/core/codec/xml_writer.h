/*
 * xml_writer.h
 *		A document being written in an XML syntax: what the files of the writer share.
 */
#ifndef CLEX_CODEC_XML_WRITER_H
#define CLEX_CODEC_XML_WRITER_H

#include "core/codec/xml_codec.h"
#include "core/codec/xml_extras.h"
#include "core/codec/xml_plan.h"

#define NO_NODE UINT32_MAX
#define WRITER_INTERRUPT_EVERY 4096 /* elements */

/* The children of one term below the node that is open. */
typedef struct Cursor
{
	uint32_t parent;
	uint32_t next;
	uint32_t end;
} Cursor;

/* What one of several elements may hold, so that it stands where it stood. */
#define GATE_TERMS 32

typedef struct Gate
{
	struct Gate *outer;
	uint32_t count;
	TermId terms[GATE_TERMS];
	uint32_t left[GATE_TERMS];
} Gate;

/* A node that is read as if another value stood beside it. */
typedef struct Beside
{
	uint32_t node;
	uint32_t other; /* the node beside it, 0: there is none */
} Beside;

typedef struct Writer
{
	WriteJob *job;
	const DocumentView *view;
	Text *out;
	ExtraTree *extras; /* NULL: nothing to put back */
	const XmlSyntax *syntax;
	const CodecVariant *variant;
	bool specified; /* the variant's values are written */
	bool processed;
	bool same;	  /* the document was read from this format */
	bool formats; /* ... and extras say formats of its dates */
	bool wide;	  /* what only a later edition of the schema lets repeat, repeats */
	bool indent;
	bool json; /* the elements become JSON */
	bool stopped;
	bool bare;	  /* constants that are not among the extras were not there */
	bool missing; /* the element being written lacks what it needs */
	bool filled;  /* ... or has a placeholder for it */
	uint32_t depth;
	uint32_t said;	   /* nodes so far */
	uint32_t inside;   /* ... when the element around was opened */
	uint32_t repeated; /* repetitions of nodes said before */
	uint32_t countdown;
	Span elsewhere; /* ids of terms that were read from another place than their first */
	Gate *gate;		/* of the element being written, NULL: it holds what there is */
	Vector trail;	/* uint32_t: nodes said, in order */
	Vector beside;	/* Beside: what places say beside their own term */
	Vector done;	/* uint32_t: nodes of extras as they were written, to take them back */
	Cursor cursor[TERM_COUNT];
	uint32_t open[TERM_COUNT];	 /* node of a term opened last, NO_NODE if none */
	uint32_t around[TERM_COUNT]; /* ... and its parent */
	uint32_t latest[TERM_COUNT]; /* ... written last, 0 if none */
} Writer;

/* Elements among the extras of an element, by their place in its type; text in front of them. */
typedef struct ExtraOrder
{
	uint32_t *nodes;
	uint32_t count;
	uint32_t next;
	uint16_t *positions;
	uint16_t *types;
} ExtraOrder;

/* ---- xml_write_terms.c: which node comes next ---- */

/* Open a node: its children may be written now. */
extern void WriterOpen(Writer *w, uint32_t node, TermId term);
/* Does the document have a term, within what is open? */
extern bool WriterHasTerm(const Writer *w, TermId term);
/* The first node of a term within what is open, written or not; 0 if there is none. */
extern uint32_t WriterFirst(const Writer *w, TermId term);
/* The next node of a term that is not yet said and that the place takes, 0 if there is none. */
extern uint32_t WriterNext(Writer *w, const PlanState *plan, TermId term, uint32_t extra);
/* The node of a term written last, if the syntax repeats it and its parent is still open, else 0. */
extern uint32_t WriterRepetition(const Writer *w, const BindState *state, const PlanState *plan);
/* One more node of a term was put into the elements that are gated. */
extern void WriterPassGate(Writer *w, TermId term);
/* May this place be used at all in this document? */
extern bool WriterPlaceIsOpen(const Writer *w, const PlanState *plan);
/* What the variant asked for puts in place of a term; NULL data if nothing. */
extern Span WriterVariant(const Writer *w, TermId term);
/* Was a term read from another place than its first? */
extern bool WriterWasElsewhere(const Writer *w, TermId term);
/* A node has been written. */
extern void WriterSay(Writer *w, uint32_t node, TermId term);
/* The same at a place that may say more than the node itself. */
extern void WriterSayAt(Writer *w, uint16_t number, uint32_t node);
/* What is left beside a node without being said makes it read as something else. */
extern void WriterCheckBeside(Writer *w);
/* Parse what one element held, "BT-81+BG-17*2", up to the next bar; returns the rest. */
extern Span WriterParseGate(Span held, Gate *gate);

/* ---- xml_write_values.c: how its value is spelled ---- */

/* Can this place say a node's value?  One that it cannot is not written, and its fate says why. */
extern bool WriterTakes(Writer *w, uint16_t number, uint32_t node);
/* What stands before the value of a term, in an element of its own; NULL data if nothing does. */
extern Span WriterHead(Writer *w, const PlanState *head_plan);
/* Cut "IT01234567890" behind the country; false if there is none. */
extern bool WriterSplitHead(Span value, Span *head, Span *tail);
/* The spelling of the source where it means the same in this syntax. */
extern Span WriterSpelling(const Writer *w, uint32_t node, const DocumentNode *fact, bool compact);
/* Append the value of a node as a state writes it. */
extern void WriterAppend(Writer *w, const BindState *state, uint32_t node, bool attribute);

/* ---- xml_write_fillers.c: what stands where the document has nothing ---- */

/* The text of a filler; NULL data if there is nothing to put there. */
extern Span WriterFiller(const Writer *w, const PlanState *plan);
/* Is the element around written for that alone? */
extern bool WriterFillerStands(const PlanState *plan);

/* ---- xml_write_elements.c: the walk ---- */

/* The attributes of an element that is being written: terms, constants, extras. */
extern void WriterAttributes(Writer *w, const PlanState *plan, uint32_t extra);
/* What stands inside an element: the children of its state, and extras between them. */
extern void WriterContent(Writer *w, uint16_t number, uint32_t extra, bool *elements);

/* ---- xml_write_extras.c: what no term took ---- */

extern void WriterNewLine(Writer *w);
/* Probe for a cancel now and then. */
extern void WriterCount(Writer *w);
/* The node of extras for an element of this name and position, 0 if nothing inside it is one. */
extern uint32_t WriterExtra(const Writer *w, uint32_t parent, const PlanState *plan,
							uint32_t index);
/* It stands in the output. */
extern void WriterExtraDone(Writer *w, uint32_t extra);
extern void WriterExtraValue(Writer *w, const ExtraNode *extra, bool attribute);
/* Attributes among the extras of an element, but for those already written. */
extern void WriterExtraAttributes(Writer *w, uint32_t parent);
/* Sort the children of an extra by their place in a type. */
extern bool WriterOrderExtras(Writer *w, uint32_t parent, uint16_t type, ExtraOrder *order);
/* An element that holds nothing but extras. */
extern void WriterExtraElement(Writer *w, uint32_t number, uint16_t type);
/* Elements of extras that stand before `position` and are not yet written. */
extern void WriterExtrasUntil(Writer *w, ExtraOrder *order, uint32_t position, bool *elements);

#endif
