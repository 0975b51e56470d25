/*
 * module.c
 *		Entry point of the library.
 */
#include "postgres.h"

#include "glue/compat.h"
#include "glue/limits.h"

CLEX_MODULE_MAGIC;

PGDLLEXPORT void _PG_init(void);

void
_PG_init(void)
{
	DefineLimits();
}
