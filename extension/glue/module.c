/*
 * module.c
 *		Entry point of the library.
 */
#include "postgres.h"

#include "glue/compat.h"

CLEX_MODULE_MAGIC;
