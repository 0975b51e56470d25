/*
 * workspace.c
 *		Memory for reading and checking one document, kept by the backend from call to call.
 *
 * A document of 10 kB needs a few blocks; creating and deleting a memory context for it would cost as
 * much as checking it.  So one workspace is reused and only large blocks are returned.
 */
#include "postgres.h"

#include "utils/memutils.h"

#include "glue/compat.h"
#include "glue/limits.h"
#include "glue/report.h"
#include "glue/workspace.h"

#define KEEP_AT_MOST (4 * 1024 * 1024)

static Workspace workspace;
static Arena backend_arena;
static const ClexEnv *workspace_env = NULL;

static const ClexEnv *
WorkspaceEnv(void)
{
	if (workspace_env == NULL)
	{
		MemoryContext context =
			AllocSetContextCreate(TopMemoryContext, "clex workspace", ALLOCSET_DEFAULT_SIZES);

		workspace_env = BackendEnv(context);
		ArenaInit(&workspace.permanent, workspace_env, 0);
		ArenaInit(&workspace.scratch, workspace_env, 0);
		workspace.regexes = RegexCacheCreate(workspace_env);
		workspace.wording = WordingCreate(workspace_env);
	}
	return workspace_env;
}

static void
Recycle(Arena *arena)
{
	if (arena->allocated > KEEP_AT_MOST)
		ArenaFree(arena);
	else
		ArenaReset(arena);
	arena->limit = CurrentMemoryLimit();
}

Workspace *
WorkspaceOpen(void)
{
	WorkspaceEnv();
	BackendForgetLimit();
	Recycle(&workspace.permanent);
	Recycle(&workspace.scratch);
	if (workspace.parser == NULL && (workspace.parser = XmlParserCreate(workspace_env)) == NULL)
		ereport(ERROR, (errcode(ERRCODE_OUT_OF_MEMORY), errmsg("out of memory")));
	return &workspace;
}

void
WorkspaceClose(Workspace *closed)
{
	Recycle(&closed->permanent);
	Recycle(&closed->scratch);
}

Arena *
BackendArena(void)
{
	if (backend_arena.env == NULL)
	{
		MemoryContext context =
			AllocSetContextCreate(TopMemoryContext, "clex rule sets", ALLOCSET_DEFAULT_SIZES);

		ArenaInit(&backend_arena, BackendEnv(context), 0);
	}
	return &backend_arena;
}
