/*
 * limits.h
 *		The clex.* settings: what one document may cost, and the language of messages.
 */
#ifndef CLEX_GLUE_LIMITS_H
#define CLEX_GLUE_LIMITS_H

#include "core/xml/xml_read.h"

/* Define the clex.* settings; called once from _PG_init. */
extern void DefineLimits(void);

/* The limits now in force. */
extern const XmlLimits *CurrentXmlLimits(void);

/* clex.max_memory in bytes: what reading or checking one document may take. */
extern size_t CurrentMemoryLimit(void);

/* clex.max_steps: steps of expression evaluation for one document and layer. */
extern uint64_t CurrentStepLimit(void);

/* clex.language */
extern const char *CurrentLanguage(void);

#endif
