/*
 * folder.h
 *		All XML files below a folder, in the order of their names, each given to a check.
 */
#ifndef CLEX_TEST_FOLDER_H
#define CLEX_TEST_FOLDER_H

#include "core/base/span.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

typedef void (*FileCheck)(const char *path, Span content);

static void
CheckFile(const char *path, FileCheck check)
{
	FILE *file = fopen(path, "rb");
	char *bytes = NULL;
	size_t length = 0;
	size_t got;

	if (file == NULL)
		return;
	do
	{
		bytes = realloc(bytes, length + 65536);
		got = fread(bytes + length, 1, 65536, file);
		length += got;
	} while (got > 0);
	fclose(file);
	check(path, SpanOf(bytes, length));
	free(bytes);
}

static inline bool
EndsInXml(const char *name)
{
	size_t length = strlen(name);

	return length > 4 && strcmp(name + length - 4, ".xml") == 0;
}

/* Which files; a test may say otherwise before it includes this. */
#ifndef FOLDER_TAKES
#define FOLDER_TAKES(name) EndsInXml(name)
#endif

static void
CheckFolder(const char *folder, FileCheck check)
{
	struct dirent **entries;
	int count = scandir(folder, &entries, NULL, alphasort);

	for (int i = 0; i < count; i++)
	{
		char path[4096];
		struct stat about;

		snprintf(path, sizeof(path), "%s/%s", folder, entries[i]->d_name);
		if (entries[i]->d_name[0] != '.' && stat(path, &about) == 0)
		{
			if (S_ISDIR(about.st_mode))
				CheckFolder(path, check);
			else if (FOLDER_TAKES(entries[i]->d_name))
				CheckFile(path, check);
		}
		free(entries[i]);
	}
	if (count >= 0)
		free(entries);
}

#endif
