/*
 * structure_walk.h
 *		One pass of rule set structure, shared by its parts: structure.c walks and checks content models,
 *		structure_check.c checks values and attributes and makes findings.
 */
#ifndef CLEX_RULES_STRUCTURE_WALK_H
#define CLEX_RULES_STRUCTURE_WALK_H

#include "core/rules/structure.h"

/* The reader admits 256 open elements; libxml2 itself stops there. */
#define MAX_FRAMES 260

typedef struct Frame
{
	uint32_t node;
	uint32_t end;
	uint32_t text; /* text of the element before this is known to be legal */
	uint16_t type;
	uint16_t state;
	uint64_t seen[STRUCTURE_MAX_PARTICLES / 64]; /* particles that have matched */
	bool text_reported;
} Frame;

/* The xs:ID values of a document: open addressing, allocated when the first one is met. */
typedef struct IdTable
{
	Span *slots;
	uint32_t capacity; /* a power of two */
	uint32_t count;
} IdTable;

typedef struct Walk
{
	const StructureSchema *schema;
	const RuleLayerFact *layer;
	const RuleRun *run;
	const Tree *tree;
	RuleVerdict *verdict;
	ClexStatus status;
	bool stopped; /* the sink wants no more, or status is set */
	IdTable ids;
	uint32_t depth;
	Frame frames[MAX_FRAMES];
} Walk;

typedef struct Remark
{
	uint32_t problem; /* StructureProblem */
	uint32_t node;
	Span found;
	Span expected;
	Span about;
} Remark;

/* Count a finding and hand it to the sink; its texts may lie in the scratch arena. */
extern void StructureReport(Walk *walk, const Remark *remark);

/* Enough of a value to recognise it, cut between characters. */
extern Span StructureShown(Walk *walk, Span value);

/* Name of the element that leads to a state. */
extern Span StructureStateName(uint16_t state);

/* Names of the states in some ranges, a few of them; NULL data if there is nobody to show them to. */
extern Span StructureNames(Walk *walk, uint16_t first, uint8_t count, const char *separator);

/* Check the value of an element or attribute. */
extern void StructureCheckValue(Walk *walk, uint32_t node, uint16_t simple);

/* Check all attributes of an element; returns the node behind them. */
extern uint32_t StructureCheckAttributes(Walk *walk, uint32_t node, const StructureType *type);

#endif
