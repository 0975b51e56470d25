/*
 * compat.h
 *		Differences between PostgreSQL 15, 16, 17 and 18, in one place.
 *
 * Include after postgres.h.  Nothing outside this file asks for PG_VERSION_NUM.
 */
#ifndef CLEX_GLUE_COMPAT_H
#define CLEX_GLUE_COMPAT_H

#include "fmgr.h"
#if PG_VERSION_NUM >= 160000
#include "varatt.h"
#endif

#if PG_VERSION_NUM < 150000
#error "clex needs PostgreSQL 15 or newer"
#endif

/* PostgreSQL 16 brought soft errors for input functions; before, they are hard. */
#if PG_VERSION_NUM >= 160000
#include "nodes/miscnodes.h"
#else
#define ereturn(context, value, ...)                                                               \
	do                                                                                             \
	{                                                                                              \
		(void) (context);                                                                          \
		ereport(ERROR, __VA_ARGS__);                                                               \
		return value;                                                                              \
	} while (0)
#endif

/* PostgreSQL 18 shows a module's name and version in pg_get_loaded_modules(). */
#if PG_VERSION_NUM >= 180000
#define CLEX_MODULE_MAGIC PG_MODULE_MAGIC_EXT(.name = "clex", .version = CLEX_VERSION)
#else
#define CLEX_MODULE_MAGIC PG_MODULE_MAGIC
#endif

#endif
