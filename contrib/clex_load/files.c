/*
 * files.c: finding the files and reading them into batches.
 *
 * All files are found before the first one is read, so that progress has an end.  What happens to
 * a file in between is seen when it is read: one that vanishes, grows or cannot be opened is told
 * and left out, and the run goes on.
 */
#include "load.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A folder that was visited: symbolic links may lead there again. */
typedef struct Place
{
	dev_t device;
	ino_t inode;
} Place;

typedef enum ReadOutcome
{
	READ_ADDED,
	READ_PASSED, /* skipped or failed: told and counted */
	READ_FULL	 /* belongs into the next batch */
} ReadOutcome;

static int
ComparePlaces(const void *a, const void *b)
{
	const Place *x = a;
	const Place *y = b;

	if (x->device != y->device)
		return x->device < y->device ? -1 : 1;
	return (x->inode > y->inode) - (x->inode < y->inode);
}

/* Order of bytes, not of a locale: the same on every machine. */
static int
CompareNames(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

/* Whether a name found in a folder is asked for; hidden files are only by a pattern with a dot. */
static bool
IsWanted(const Options *options, const char *name)
{
	if (options->includes == 0)
		return name[0] != '.';
	for (int i = 0; i < options->includes; i++)
	{
		if (fnmatch(options->include[i], name, FNM_PERIOD) == 0)
			return true;
	}
	return false;
}

/* Takes over path. */
static void
AddFile(FileList *files, char *path, uint32_t root)
{
	if (files->count == files->capacity)
	{
		files->capacity = files->capacity == 0 ? 1024 : files->capacity * 2;
		files->items = Reallocate(files->items, files->capacity * sizeof(FileEntry));
	}
	files->items[files->count++] = (FileEntry){.path = path, .root = root};
}

/* Counts a file that cannot even be listed. */
static void
FailFound(Loader *loader, const char *path, const char *reason)
{
	loader->tally.documents++;
	FailFile(loader, path, "%s", reason);
}

static void
VisitFolder(Loader *loader, const char *path, uint32_t root, Place place, void **visited)
{
	struct dirent **names;
	Place *key = Allocate(sizeof(Place));
	int count;

	*key = place;
	if (*(Place **) tsearch(key, visited, ComparePlaces) != key)
	{
		free(key);
		Say("%s is a folder that was visited already; it is passed over.", path);
		return;
	}
	count = scandir(path, &names, NULL, CompareNames);
	if (count < 0)
	{
		FailFound(loader, path, strerror(errno));
		return;
	}
	for (int i = 0; i < count; i++)
	{
		const char *name = names[i]->d_name;
		const char *slash = path[strlen(path) - 1] == '/' ? "" : "/";
		bool wanted = IsWanted(&loader->options, name);
		char *found;
		struct stat status;

		if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
		{
			free(names[i]);
			continue;
		}
		found = Format("%s%s%s", path, slash, name);
		if (stat(found, &status) < 0)
		{
			if (wanted)
				FailFound(loader, found, strerror(errno));
			else
				loader->tally.ignored++;
		}
		else if (S_ISDIR(status.st_mode) && name[0] != '.')
			VisitFolder(loader, found, root, (Place){status.st_dev, status.st_ino}, visited);
		else if (S_ISDIR(status.st_mode) || !wanted)
			loader->tally.ignored++;
		else if (!S_ISREG(status.st_mode))
			FailFound(loader, found, "It is neither a file nor a folder");
		else
		{
			AddFile(&loader->files, found, root);
			found = NULL;
		}
		free(found);
		free(names[i]);
	}
	free(names);
}

/* Fills loader->files with what the arguments name: files as they are, folders with all in them. */
void
FindFiles(Loader *loader, char **arguments, int count)
{
	FileList *files = &loader->files;
	void *visited = NULL;

	files->roots = Allocate((size_t) count * sizeof(Root));
	files->root_count = count;
	for (int i = 0; i < count; i++)
	{
		struct stat status;

		files->roots[i].given = arguments[i];
		files->roots[i].real = realpath(arguments[i], NULL);
		if (files->roots[i].real == NULL || stat(arguments[i], &status) < 0)
			FailFound(loader, arguments[i], strerror(errno));
		else if (S_ISDIR(status.st_mode))
			VisitFolder(loader, arguments[i], (uint32_t) i, (Place){status.st_dev, status.st_ino},
						&visited);
		else if (S_ISREG(status.st_mode))
			AddFile(files, Copy(arguments[i]), (uint32_t) i);
		else
			FailFound(loader, arguments[i], "It is neither a file nor a folder");
	}
	tdestroy(visited, free);
	loader->tally.documents += (int64_t) files->count;
}

/* The absolute name of a file, the same from every working directory; the caller frees it. */
char *
FileKey(const FileList *files, const FileEntry *file)
{
	const Root *root = &files->roots[file->root];
	const char *rest = file->path + strlen(root->given);
	bool ends = root->real[strlen(root->real) - 1] == '/';

	while (*rest == '/')
		rest++;
	return Format("%s%s%s", root->real, *rest == '\0' || ends ? "" : "/", rest);
}

static int64_t
ModifiedAt(const struct stat *status)
{
	return (int64_t) status->st_mtim.tv_sec * 1000000000 + status->st_mtim.tv_nsec;
}

/* Whether an earlier run has loaded this file, and counts it if so. */
static bool
SkipLoaded(Loader *loader, const FileEntry *file, const struct stat *status)
{
	const JournalEntry *entry;
	char *key;

	if (loader->journal.count == 0)
		return false;
	key = FileKey(&loader->files, file);
	entry = FindInJournal(&loader->journal, key, status->st_size, ModifiedAt(status));
	free(key);
	if (entry == NULL)
		return false;
	loader->tally.skipped++;
	loader->tally.in_quarantine += entry->quarantined;
	return true;
}

/* Makes room for size more bytes; false if there is no memory for them. */
static bool
GrowData(Batch *batch, size_t size)
{
	size_t wanted = batch->used + size;
	char *data;

	if (wanted <= batch->capacity)
		return true;
	if (wanted < MAX_BATCH_BYTES)
		wanted = wanted < MAX_BATCH_BYTES / 2 ? wanted * 2 : MAX_BATCH_BYTES;
	data = realloc(batch->data, wanted);
	if (data == NULL)
		return false;
	batch->data = data;
	batch->capacity = wanted;
	return true;
}

/* Reads size bytes and asks for one more; the number of bytes read, or -1 with errno. */
static ssize_t
ReadBytes(int fd, char *to, size_t size)
{
	size_t got = 0;

	while (got <= size)
	{
		ssize_t n = read(fd, to + got, size + 1 - got);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		if (n == 0)
			break;
		got += (size_t) n;
	}
	return (ssize_t) got;
}

/*
 * Reads an open file to the end of the batch.  NULL, or why it cannot be read; *changed says that
 * it was written to in the meantime.
 */
static const char *
ReadContent(Batch *batch, int fd, const struct stat *before, bool *changed)
{
	size_t size = (size_t) before->st_size;
	size_t start = batch->used + 4;
	Document *document = &batch->documents[batch->count];
	struct stat after;
	ssize_t got;

	*changed = false;
	if (!GrowData(batch, 4 + size + 1))
		return "There is not enough memory to read it";
	got = ReadBytes(fd, batch->data + start, size);
	if (got < 0 || fstat(fd, &after) < 0)
		return strerror(errno);
	if ((size_t) got != size || after.st_size != before->st_size ||
		ModifiedAt(&after) != ModifiedAt(before))
	{
		*changed = true;
		return "It changes while it is read";
	}
	for (int i = 0; i < 4; i++)
		batch->data[start - 4 + (size_t) i] = (char) (size >> (24 - 8 * i));
	document->offset = start;
	document->length = size;
	document->mtime = ModifiedAt(before);
	Sha256(batch->data + start, size, document->sha256);
	batch->used = start + size;
	return NULL;
}

/* Opens and reads a file into the batch, once more if it changes meanwhile. */
static const char *
OpenAndRead(Batch *batch, const char *path)
{
	const char *reason = NULL;
	bool changed = true;

	for (int attempt = 0; attempt < 2 && changed; attempt++)
	{
		/* without O_NONBLOCK a pipe that took the file's place would hold us up for ever */
		int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
		struct stat status;

		if (fd < 0)
			return errno == ENOENT ? "It is no longer there" : strerror(errno);
		if (fstat(fd, &status) < 0)
			reason = strerror(errno), changed = false;
		else if (!S_ISREG(status.st_mode))
			reason = "It is no longer a file", changed = false;
		else if ((uint64_t) status.st_size > MAX_DOCUMENT_BYTES)
			reason = "It has grown over 1 GB", changed = false;
		else
			reason = ReadContent(batch, fd, &status, &changed);
		close(fd);
	}
	return reason;
}

/* Adds a file to the batch, if it is to be loaded and fits. */
static ReadOutcome
ReadFile(Loader *loader, Batch *batch, const FileEntry *file)
{
	struct stat status;
	const char *reason;

	if (stat(file->path, &status) < 0)
	{
		FailFile(loader, file->path, "%s",
				 errno == ENOENT ? "It is no longer there" : strerror(errno));
		return READ_PASSED;
	}
	if (SkipLoaded(loader, file, &status))
		return READ_PASSED;
	if ((uint64_t) status.st_size > MAX_DOCUMENT_BYTES)
	{
		FailFile(loader, file->path,
				 "It has %lld MB; PostgreSQL keeps at most 1023 MB in one value",
				 (long long) status.st_size >> 20);
		return READ_PASSED;
	}
	if (batch->count > 0 && batch->used + (size_t) status.st_size > MAX_BATCH_BYTES)
		return READ_FULL;
	reason = OpenAndRead(batch, file->path);
	if (reason != NULL)
	{
		FailFile(loader, file->path, "%s", reason);
		return READ_PASSED;
	}
	batch->documents[batch->count++].file = file;
	return READ_ADDED;
}

/* The next batch, or NULL if there are no more files; the caller frees it. */
Batch *
ReadBatch(Loader *loader)
{
	FileList *files = &loader->files;
	Batch *batch = NewBatch(loader->options.batch);
	double started = Now();

	while (loader->next_file < files->count && batch->count < loader->options.batch &&
		   !Interrupted())
	{
		if (ReadFile(loader, batch, &files->items[loader->next_file]) == READ_FULL)
			break;
		loader->next_file++;
	}
	loader->tally.reading += Now() - started;
	if (batch->count == 0)
	{
		FreeBatch(batch);
		return NULL;
	}
	SortBatch(batch);
	return batch;
}

/* A dry run: reads every file that would be loaded and lists it. */
void
ListFiles(Loader *loader)
{
	Batch *batch = NewBatch(1);
	bool listing = !loader->options.json && !loader->options.quiet;

	for (; loader->next_file < loader->files.count && !Interrupted(); loader->next_file++)
	{
		const FileEntry *file = &loader->files.items[loader->next_file];

		batch->count = 0;
		batch->used = 0;
		if (ReadFile(loader, batch, file) != READ_ADDED)
			continue;
		loader->tally.loaded++;
		loader->tally.bytes += (int64_t) batch->documents[0].length;
		if (listing)
			printf("%s\n", file->path);
	}
	FreeBatch(batch);
}
