/*
 * workspace.h
 *		Memory for reading and checking one document, kept by the backend from call to call.
 */
#ifndef CLEX_GLUE_WORKSPACE_H
#define CLEX_GLUE_WORKSPACE_H

#include "core/expr/expr.h"
#include "core/rules/rules.h"
#include "core/xml/xml_read.h"

typedef struct Workspace
{
	Arena permanent;	 /* for the length of one document */
	Arena scratch;		 /* for one evaluation */
	XmlParser *parser;	 /* kept: knows the names of earlier documents */
	RegexCache *regexes; /* kept */
	Wording *wording;	 /* kept */
} Workspace;

/*
 * The backend's workspace, empty and with the limit of clex.max_memory.  What an earlier call left,
 * also one that ended in an error, is gone; a large block is given back.
 */
extern Workspace *WorkspaceOpen(void);

/* Forget the document now instead of at the next call. */
extern void WorkspaceClose(Workspace *workspace);

/* Memory that stays until the backend ends: compiled rule sets. */
extern Arena *BackendArena(void);

#endif
