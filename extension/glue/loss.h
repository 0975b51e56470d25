/*
 * loss.h
 *		What a format cannot say of a document: as rows, and as a notice or an error.
 */
#ifndef CLEX_GLUE_LOSS_H
#define CLEX_GLUE_LOSS_H

#include "core/codec/codec.h"
#include "glue/row.h"

/* Option on_loss. */
typedef enum OnLoss
{
	LOSS_IGNORE,
	LOSS_REPORT,
	LOSS_ERROR,
} OnLoss;

/* Its value; 22023 if it is none. */
extern OnLoss OnLossOption(Span value);

/*
 * Say what was lost, as the caller wants it; `losses` is a Vector of Loss, `lister` the function that lists all
 * of them, the arena takes texts.
 */
extern void TellLosses(const DocumentView *view, Span format, const Vector *losses, OnLoss on_loss,
					   const char *lister, Arena *arena);

/* A row for each: term, path, value, reason. */
extern void PutLosses(RowWriter *rows, const DocumentView *view, const Vector *losses,
					  Arena *arena);

#endif
