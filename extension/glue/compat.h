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

/* We are built with hidden visibility; PostgreSQL 15 does not yet export what it will look up. */
#if PG_VERSION_NUM < 160000
#undef PGDLLEXPORT
#define PGDLLEXPORT __attribute__((visibility("default")))
#undef PG_FUNCTION_INFO_V1
#define PG_FUNCTION_INFO_V1(funcname)                                                              \
	extern PGDLLEXPORT Datum funcname(PG_FUNCTION_ARGS);                                           \
	extern PGDLLEXPORT const Pg_finfo_record *CppConcat(pg_finfo_, funcname)(void);                \
	const Pg_finfo_record *CppConcat(pg_finfo_, funcname)(void)                                    \
	{                                                                                              \
		static const Pg_finfo_record my_finfo = {1};                                               \
		return &my_finfo;                                                                          \
	}                                                                                              \
	extern int no_such_variable
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

/* PostgreSQL 16 asks for privileges on all kinds of objects by one function. */
#if PG_VERSION_NUM >= 160000
#define FunctionAclCheck(function, role)                                                           \
	object_aclcheck(ProcedureRelationId, (function), (role), ACL_EXECUTE)
#else
#define FunctionAclCheck(function, role) pg_proc_aclcheck((function), (role), ACL_EXECUTE)
#endif

/* PostgreSQL 18 shows a module's name and version in pg_get_loaded_modules(). */
#if PG_VERSION_NUM >= 180000
#define CLEX_MODULE_MAGIC PG_MODULE_MAGIC_EXT(.name = "clex", .version = CLEX_VERSION)
#else
#define CLEX_MODULE_MAGIC PG_MODULE_MAGIC
#endif

#endif
