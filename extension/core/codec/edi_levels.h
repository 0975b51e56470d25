/*
 * edi_levels.h
 *		What stands around a line of a despatch advice: the order it was made for, the unit it is packed in.
 *
 * 856 has levels (HL) side by side and DESADV has packages (CPS), each naming the one around it.  The terms
 * of a document have lines, orders and handling units side by side too, and each line names the others.
 */
#ifndef CLEX_CODEC_EDI_LEVELS_H
#define CLEX_CODEC_EDI_LEVELS_H

#include "core/codec/edi_reader.h"
#include "core/model/document.h"

/* A level or package. */
typedef struct EdiBox
{
	Span id;
	Span around; /* the one it stands in, empty: none */
	Span unit;	 /* D-33, NULL data: not told */
	Span order;	 /* D-7 */
} EdiBox;

/* A line of the document and where it stands. */
typedef struct EdiBoxedLine
{
	uint32_t handle;
	uint32_t box;
	bool has_order;
} EdiBoxedLine;

typedef struct EdiLevels
{
	const EdiReader *reader;
	Vector boxes;		 /* EdiBox */
	uint32_t *box_of;	 /* by frame: index + 1, 0: none */
	uint32_t *slots;	 /* open addressing by id: index + 1 */
	uint32_t slot_count; /* 0: the message has no levels */
	Vector lines;		 /* EdiBoxedLine */
	bool orders;		 /* 856: a line belongs to the order around it */
} EdiLevels;

/* Look at the current message; false: out of memory. */
extern bool EdiLevelsOpen(EdiLevels *levels, const EdiReader *reader, Arena *arena);

/* A term was read in a frame; `line` is the handle of the newest line, 0: none. */
extern void EdiLevelsNote(EdiLevels *levels, uint32_t frame, TermId term, Span value,
						  uint32_t line);

/* Add what each line belongs to. */
extern void EdiLevelsEnd(EdiLevels *levels, DocumentBuilder *builder);

#endif
