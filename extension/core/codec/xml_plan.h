/*
 * xml_plan.h
 *		The binding tables from the writer's side: what stands in what order around each state.
 *
 * Compiled by gen_bindings.pl from the bindings and the schemas, with the numbers of ClexBindStates.
 * The children of a state are those that are written: attributes first, then elements in the order of
 * the schema, elements of one name together.
 */
#ifndef CLEX_CODEC_XML_PLAN_H
#define CLEX_CODEC_XML_PLAN_H

#include "core/codec/bind.h"

/* Which of a term's places takes a value. */
typedef enum PlanChoice
{
	CHOOSE_ALWAYS,
	CHOOSE_NEVER,  /* an earlier place takes all */
	CHOOSE_BESIDE, /* ... but repeats it beside what else stands there */
	CHOOSE_SCHEME,
	CHOOSE_NO_SCHEME,
	CHOOSE_IBAN,
	CHOOSE_NO_IBAN,
	CHOOSE_FIRST,	  /* unless the document was read from the other place */
	CHOOSE_ELSEWHERE, /* if it was */
	CHOOSE_OWN, /* of groups: only what was read from this syntax, and none from the other place */
} PlanChoice;

#define PLAN_MANY 0x01		 /* the schema lets it repeat within its parent */
#define PLAN_MANY_LATER 0x02 /* only a later edition of the schema does */
#define PLAN_EACH 0x04		 /* once for each node of its group, which may repeat */
#define PLAN_ALSO_ALONE 0x08 /* ... and once without one, for terms of other groups */
#define PLAN_CONSTANT 0x10	 /* nothing but constants in it: stands wherever its parent does */

typedef struct PlanState
{
	Span open;	 /* "<cbc:ID", ' schemeID="' */
	Span close;	 /* "</cbc:ID>"; empty for attributes */
	Span filler; /* of PLAN_REQUIRED; empty: without it the element around is not written */
	uint16_t name;
	uint16_t type;	   /* of the content: index into ClexPlanTypes, 0: nothing is known of it */
	uint16_t position; /* among the elements of the parent's type */
	uint16_t first_child;
	uint8_t child_count;
	uint8_t attribute_count; /* so many of the children are attributes */
	uint8_t choice;
	uint16_t flags;
	uint16_t
		other; /* name of the last place, where there is a choice by value; of PLAN_ALSO its map */
	TermId needs;  /* written only if the document has it; TERM_NONE: always */
	TermId unless; /* written only if it has not */
	TermId
		constant_term; /* a constant that repeats this term; of CONVERT_DAYS what is counted from */
	TermId mark;   /* of two places: what the provenance calls the later one, a term or its group */
	TermId rival;  /* ... and the term that, if the document has it, leaves the first place only */
	TermId each;   /* of PLAN_EACH: the term whose values it stands for, not a group */
	uint16_t tail; /* of CONSTANT_HEAD: the state of the term it begins */
	uint16_t min_length; /* characters of a value; 0: any */
	uint16_t max_length;
	Span values; /* "a|b|c": no other value is legal; empty: any */
	Span taken;	 /* "a|b": these mean something else there */
} PlanState;

#define PLAN_ONCE 0x20		 /* not repeated, although repetitions are read */
#define PLAN_REQUIRED 0x40	 /* the schema wants it where the document may not have it */
#define PLAN_QUIET 0x80		 /* ... and what is put there is no loss */
#define PLAN_ALSO 0x200		 /* another place of the term has codes of its own */
#define PLAN_KEEP 0x400		 /* stands with nothing in it but repetitions, once */
#define PLAN_GLN 0x800		 /* its value must be a GLN */
#define PLAN_EVIDENCE 0x1000 /* ... or stand among the extras too, at the path that is the filler */
#define PLAN_AFTER 0x2000	 /* `needs` must have been written before */
#define PLAN_TESTED 0x4000	 /* other than these values are read as something else, or as nothing */
#define PLAN_FRAME 0x100	 /* a document of another format gets it in any case */

/* An element that the schema allows in a type. */
typedef struct PlanElement
{
	uint16_t name;
	uint16_t position;
	uint16_t type;
	uint16_t flags;
	uint16_t length; /* characters that its value may have: the width of a field; 0: any number */
} PlanElement;

#define PLAN_ELEMENT_MANY 0x01	  /* it may repeat: in JSON an array */
#define PLAN_ELEMENT_NUMBER 0x02  /* in JSON a number */
#define PLAN_ELEMENT_BOOLEAN 0x04 /* in JSON true or false */

/* Elements of a type. */
typedef struct PlanType
{
	uint16_t first;
	uint16_t count;
} PlanType;

#define PLAN_MAX_POSITION 128

extern const PlanState ClexPlanStates[];
extern const uint16_t ClexPlanChildren[];
extern const PlanType ClexPlanTypes[];
extern const PlanElement ClexPlanElements[];

/* What a type says of an element; NULL if it does not have it. */
extern const PlanElement *PlanFindElement(uint16_t type, NameId name);

#endif
