/*
 * limits.c
 *		The settings that bound what one document may cost.
 *
 * Anybody may lower or raise them for a session: they protect a backend from a document, not the
 * server from its users, who have work_mem and SQL to do worse.
 */
#include "postgres.h"

#include <limits.h>

#include "utils/guc.h"

#include "glue/compat.h"
#include "glue/limits.h"

static int max_document_size = 256 * 1024; /* kB */
static int max_depth = 100;
static int max_nodes = 20 * 1000 * 1000;
static int max_attributes = 1000;
static int max_memory = 2 * 1024 * 1024; /* kB */
static int max_steps = 500;				 /* millions */
static char *language = NULL;

void
DefineLimits(void)
{
	DefineCustomIntVariable("clex.max_document_size", "Largest document that is read.", NULL,
							&max_document_size, 256 * 1024, 1, 1024 * 1024, PGC_USERSET,
							GUC_UNIT_KB, NULL, NULL, NULL);
	DefineCustomIntVariable("clex.max_depth", "Deepest nesting of XML elements that is read.",
							"libxml2 itself stops at 256.", &max_depth, 100, 1, 256, PGC_USERSET, 0,
							NULL, NULL, NULL);
	DefineCustomIntVariable("clex.max_nodes", "Most elements and attributes of one document.", NULL,
							&max_nodes, 20 * 1000 * 1000, 1, 200 * 1000 * 1000, PGC_USERSET, 0,
							NULL, NULL, NULL);
	DefineCustomIntVariable("clex.max_attributes", "Most attributes of one XML element.", NULL,
							&max_attributes, 1000, 1, 10000, PGC_USERSET, 0, NULL, NULL, NULL);
	DefineCustomIntVariable("clex.max_memory", "Memory that one document may take.", NULL,
							&max_memory, 2 * 1024 * 1024, 1024, INT_MAX / 2, PGC_USERSET,
							GUC_UNIT_KB, NULL, NULL, NULL);
	DefineCustomIntVariable("clex.max_steps",
							"Steps, in millions, that checking one document may take.", NULL,
							&max_steps, 500, 1, 1000 * 1000, PGC_USERSET, 0, NULL, NULL, NULL);
	DefineCustomStringVariable("clex.language", "Language of messages: en, fr or de.", NULL,
							   &language, "en", PGC_USERSET, 0, NULL, NULL, NULL);
	MarkGUCPrefixReserved("clex");
}

const char *
CurrentLanguage(void)
{
	return language;
}

const XmlLimits *
CurrentXmlLimits(void)
{
	static XmlLimits limits;

	limits.max_bytes = (size_t) max_document_size * 1024;
	limits.max_depth = (uint32_t) max_depth;
	limits.max_nodes = (uint32_t) max_nodes;
	limits.max_attributes = (uint32_t) max_attributes;
	return &limits;
}

size_t
CurrentMemoryLimit(void)
{
	return (size_t) max_memory * 1024;
}

uint64_t
CurrentStepLimit(void)
{
	return (uint64_t) max_steps * 1000000;
}
