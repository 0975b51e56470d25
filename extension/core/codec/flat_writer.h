/*
 * flat_writer.h
 *		What the parts of the writer of CSV and positional files share: the file, and a document on its way into it.
 */
#ifndef CLEX_CODEC_FLAT_WRITER_H
#define CLEX_CODEC_FLAT_WRITER_H

#include "core/codec/flat_fields.h"
#include "core/codec/flat_write.h"

/* A repeated group that rows of some type add. */
typedef struct FlatPlace
{
	uint32_t record;
	uint32_t group; /* of the record's groups */
	TermId term;
	TermId above; /* the next group around it that rows add; TERM_NONE: none */
} FlatPlace;

struct FlatWriter
{
	FlatMapping mapping;
	FlatLayout layout;
	Arena *arena;
	uint32_t opener;	  /* the type of rows that begin a document */
	Vector places;		  /* FlatPlace: outer groups first */
	uint32_t most_groups; /* of a type of rows */
	bool mapped[TERM_COUNT];
	Vector names;	   /* Span: of the header's columns; none: columns are fields by their place */
	int16_t **columns; /* of each field of each type of rows */
	Text header;
	Text rows; /* UTF-8 */
	uint32_t documents;
	Span key; /* of the document before */
};

/* A document on its way. */
typedef struct FlatSheet
{
	FlatWriter *w;
	WriteJob job;
	FlatFields fields;
	Arena scratch; /* of one row */
	Text out;
	Span *base;			/* fields of the document, which all rows of its type repeat */
	uint32_t record;	/* type of the row at hand */
	bool first;			/* it begins the document */
	bool any;			/* it adds something */
	bool *taken;		/* groups that it adds */
	uint32_t conflicts; /* fields that were to have two values */
} FlatSheet;

static inline const FlatRecord *
FlatRecordAt(const FlatWriter *w, uint32_t record)
{
	return &VectorAt(&w->mapping.records, FlatRecord, record);
}

/* Out of memory: what is under way ends. */
extern ClexStatus FlatOutOfMemory(ClexError *error);
extern void FlatSheetFail(FlatSheet *sheet);

/* Begin a row; those of the type that begins the document repeat what is said of it. */
extern void FlatBeginRow(FlatSheet *sheet, uint32_t record);

/* The row at hand is complete; one that adds nothing is not written. */
extern void FlatEndRow(FlatSheet *sheet);

#endif
