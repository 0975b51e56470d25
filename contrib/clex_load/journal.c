/*
 * journal.c: which files the store has acknowledged, so that a later run need not read them.
 *
 * The journal saves work, it decides nothing: the store alone knows what it has.  Lines are written
 * after their batch is committed, so that a loader killed in between sends some files again, which
 * the store recognises.  And a line counts only if the store still has that document with that
 * hash: a database that was restored from yesterday's backup gets its files again.
 */
#include "load.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define JOURNAL_MARK "clex-load journal 1"
#define CONFIRM_AT_ONCE 10000

/* Text without tabs and line ends, so that it fits into a field; the caller frees it. */
static char *
EscapeField(const char *text)
{
	char *escaped = Allocate(2 * strlen(text) + 1);
	char *to = escaped;

	for (; *text != '\0'; text++)
	{
		if (*text == '\\' || *text == '\t' || *text == '\n')
			*to++ = '\\';
		*to++ = *text == '\t' ? 't' : *text == '\n' ? 'n' : *text;
	}
	return escaped;
}

/* Undoes EscapeField() in place. */
static char *
UnescapeField(char *text)
{
	char *to = text;

	for (char *from = text; *from != '\0'; from++)
	{
		if (*from == '\\' && from[1] != '\0')
		{
			from++;
			*to++ = *from == 't' ? '\t' : *from == 'n' ? '\n' : *from;
		}
		else
			*to++ = *from;
	}
	*to = '\0';
	return text;
}

/* First line of the journal: whose it is; the caller frees it. */
static char *
JournalHeader(const Options *options)
{
	char *store = EscapeField(options->store);
	char *header = Format(JOURNAL_MARK "\t%s\t%" PRId64, store, options->tenant);

	free(store);
	return header;
}

/* Reads 64 hexadecimal digits. */
static bool
ReadHash(const char *text, uint8_t sha256[SHA256_LENGTH])
{
	if (strspn(text, "0123456789abcdef") != 2 * SHA256_LENGTH || text[2 * SHA256_LENGTH] != '\0')
		return false;
	for (int i = 0; i < SHA256_LENGTH; i++)
	{
		char byte[3] = {text[2 * i], text[2 * i + 1], '\0'};

		sha256[i] = (uint8_t) strtoul(byte, NULL, 16);
	}
	return true;
}

/* Reads a whole field as a number. */
static bool
ReadNumber(const char *text, int64_t *number)
{
	char *end;

	errno = 0;
	*number = strtoll(text, &end, 10);
	return errno == 0 && end != text && *end == '\0';
}

/* Adds a line: document, hash, size, mtime, state, file.  False if it is not one. */
static bool
AddLine(Journal *journal, char *line)
{
	char *field[6];
	JournalEntry entry = {.order = journal->count};

	for (int i = 0; i < 6; i++)
	{
		field[i] = line;
		line = i < 5 ? strchr(line, '\t') : line;
		if (line == NULL)
			return false;
		if (i < 5)
			*line++ = '\0';
	}
	if (!ReadNumber(field[0], &entry.document_id) || !ReadHash(field[1], entry.sha256) ||
		!ReadNumber(field[2], &entry.size) || !ReadNumber(field[3], &entry.mtime))
		return false;
	entry.quarantined = strcmp(field[4], "quarantined") == 0;
	entry.key = Copy(UnescapeField(field[5]));
	if (journal->count == journal->capacity)
	{
		journal->capacity = journal->capacity == 0 ? 1024 : journal->capacity * 2;
		journal->entries = Reallocate(journal->entries, journal->capacity * sizeof(JournalEntry));
	}
	journal->entries[journal->count++] = entry;
	return true;
}

/* By file, then by age. */
static int
CompareEntries(const void *a, const void *b)
{
	const JournalEntry *x = a;
	const JournalEntry *y = b;
	int order = strcmp(x->key, y->key);

	return order != 0 ? order : (x->order > y->order) - (x->order < y->order);
}

/* Reads what earlier runs wrote.  A last line without end is of a run that was cut off there. */
static bool
ReadJournal(Loader *loader, const char *header)
{
	Journal *journal = &loader->journal;
	FILE *in = fdopen(dup(journal->fd), "r");
	char *line = NULL;
	size_t capacity = 0;
	ssize_t length = 0;
	off_t whole = 0;
	int64_t unreadable = 0;
	bool ours = true;

	if (in == NULL)
		return false;
	while (ours && (length = getline(&line, &capacity, in)) > 0 && line[length - 1] == '\n')
	{
		line[length - 1] = '\0';
		if (whole == 0)
			ours = strcmp(line, header) == 0;
		else if (!AddLine(journal, line))
			unreadable++;
		whole += length;
	}
	if (!ours && strncmp(line, JOURNAL_MARK "\t", strlen(JOURNAL_MARK) + 1) == 0)
		Say("The journal %s is of another store or tenant: %s.", journal->path,
			line + strlen(JOURNAL_MARK) + 1);
	else if (!ours || (whole == 0 && length > 0 && strncmp(header, line, (size_t) length) != 0))
	{
		ours = false;
		Say("%s is not a journal of clex-load; it is left alone.", journal->path);
	}
	free(line);
	fclose(in);
	if (unreadable > 0)
		Say("%" PRId64 " lines of the journal cannot be read; their files are loaded again.",
			unreadable);
	if (ours && !loader->options.dry_run && ftruncate(journal->fd, whole) < 0)
		ours = false;
	if (ours && whole == 0 && !loader->options.dry_run && dprintf(journal->fd, "%s\n", header) < 0)
		ours = false;
	if (journal->count > 0)
		qsort(journal->entries, journal->count, sizeof(JournalEntry), CompareEntries);
	return ours;
}

/* Opens the journal that the options name.  False, with a message, if it cannot be used. */
bool
OpenJournal(Loader *loader)
{
	Journal *journal = &loader->journal;
	bool dry_run = loader->options.dry_run;
	char *header;
	bool ours;

	journal->path = loader->options.journal;
	journal->fd = -1;
	if (journal->path == NULL)
		return true;
	journal->fd =
		open(journal->path, (dry_run ? O_RDONLY : O_RDWR | O_APPEND | O_CREAT) | O_CLOEXEC, 0666);
	if (journal->fd < 0 && dry_run && errno == ENOENT)
		return true;
	if (journal->fd < 0)
	{
		Say("The journal %s cannot be opened: %s.", journal->path, strerror(errno));
		return false;
	}
	if (!dry_run && flock(journal->fd, LOCK_EX | LOCK_NB) < 0)
	{
		Say("The journal %s is in use by another clex-load.", journal->path);
		return false;
	}
	header = JournalHeader(&loader->options);
	ours = ReadJournal(loader, header);
	free(header);
	for (size_t i = 0; dry_run && i < journal->count; i++)
		journal->entries[i].confirmed = true;
	return ours;
}

static int
CompareDocuments(const void *a, const void *b)
{
	const JournalEntry *x = *(JournalEntry *const *) a;
	const JournalEntry *y = *(JournalEntry *const *) b;

	return (x->document_id > y->document_id) - (x->document_id < y->document_id);
}

/* Asks the store for some entries, ordered by document, and marks those it has; false on error. */
static bool
ConfirmSome(Loader *loader, PGconn *conn, JournalEntry **entries, int count)
{
	static const Oid types[2] = {20, 1016};
	const int formats[2] = {0, 1};
	int64_t *numbers = Allocate((size_t) count * sizeof(int64_t));
	char *store = PQescapeIdentifier(conn, loader->options.store, strlen(loader->options.store));
	char *tenant = Format("%" PRId64, loader->options.tenant);
	char *query = Format("SELECT d.id, d.sha256 FROM %s.documents d"
						 " WHERE d.tenant_id = $1 AND d.id = ANY ($2) ORDER BY d.id",
						 store);
	size_t length;
	PGresult *rows;
	bool answered;

	for (int i = 0; i < count; i++)
		numbers[i] = entries[i]->document_id;
	char *array = NumberArray(numbers, count, &length);
	const char *values[2] = {tenant, array};
	const int lengths[2] = {0, (int) length};

	/* results are binary: hashes compare as they are */
	rows = PQexecParams(conn, query, 2, types, values, lengths, formats, 1);
	answered = PQresultStatus(rows) == PGRES_TUPLES_OK;
	for (int row = 0, i = 0; answered && row < PQntuples(rows); row++)
	{
		int64_t id = 0;

		for (int byte = 0; byte < 8; byte++)
			id = (int64_t) ((uint64_t) id << 8 | (uint8_t) PQgetvalue(rows, row, 0)[byte]);
		while (i < count && entries[i]->document_id < id)
			i++;
		for (; i < count && entries[i]->document_id == id; i++)
			entries[i]->confirmed =
				PQgetlength(rows, row, 1) == SHA256_LENGTH &&
				memcmp(PQgetvalue(rows, row, 1), entries[i]->sha256, SHA256_LENGTH) == 0;
	}
	if (!answered)
		Say("The journal cannot be compared with the store: %s", PQerrorMessage(conn));
	PQclear(rows);
	PQfreemem(store);
	free(array);
	free(tenant);
	free(query);
	free(numbers);
	return answered;
}

/* Finds out which entries the store still has; the others do not count. */
void
ConfirmJournal(Loader *loader, PGconn *conn)
{
	Journal *journal = &loader->journal;
	JournalEntry **entries = Allocate((journal->count + 1) * sizeof(JournalEntry *));
	bool answered = true;
	int64_t unknown = 0;

	for (size_t i = 0; i < journal->count; i++)
		entries[i] = &journal->entries[i];
	qsort(entries, journal->count, sizeof(JournalEntry *), CompareDocuments);
	for (size_t from = 0; answered && from < journal->count; from += CONFIRM_AT_ONCE)
	{
		size_t rest = journal->count - from;
		int count = (int) (rest < CONFIRM_AT_ONCE ? rest : CONFIRM_AT_ONCE);

		answered = ConfirmSome(loader, conn, entries + from, count);
	}
	free(entries);
	for (size_t i = 0; i < journal->count; i++)
		unknown += !journal->entries[i].confirmed;
	if (answered && unknown > 0)
		Say("%" PRId64 " of %zu documents of the journal are not in the store, or not visible;"
			" their files are loaded again.",
			unknown, journal->count);
}

/* The newest entry of a file, if the file is as it was and the store has it; else NULL. */
const JournalEntry *
FindInJournal(const Journal *journal, const char *key, int64_t size, int64_t mtime)
{
	size_t low = 0;
	size_t high = journal->count;
	const JournalEntry *entry;

	/* behind the last one that is not greater */
	while (low < high)
	{
		size_t middle = low + (high - low) / 2;

		if (strcmp(journal->entries[middle].key, key) <= 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == 0)
		return NULL;
	entry = &journal->entries[low - 1];
	if (strcmp(entry->key, key) != 0 || entry->size != size || entry->mtime != mtime ||
		!entry->confirmed)
		return NULL;
	return entry;
}

/* Writes the lines of a committed batch in one go.  Without a journal the run goes on. */
void
WriteJournal(Loader *loader, const Batch *batch, const PGresult *rows)
{
	Journal *journal = &loader->journal;
	char *text = NULL;
	size_t length = 0;
	FILE *out;

	if (journal->fd < 0)
		return;
	out = open_memstream(&text, &length);
	for (int i = 0; out != NULL && i < batch->count; i++)
	{
		const Document *document = &batch->documents[i];
		char *key = FileKey(&loader->files, document->file);
		char *field = EscapeField(key);

		fprintf(out, "%s\t", PQgetvalue(rows, i, 0));
		for (int byte = 0; byte < SHA256_LENGTH; byte++)
			fprintf(out, "%02x", document->sha256[byte]);
		fprintf(out, "\t%zu\t%" PRId64 "\t%s\t%s\n", document->length, document->mtime,
				PQgetvalue(rows, i, 2), field);
		free(field);
		free(key);
	}
	if (out == NULL || fclose(out) != 0 || write(journal->fd, text, length) != (ssize_t) length)
	{
		Say("The journal cannot be written (%s); the run goes on without it.", strerror(errno));
		close(journal->fd);
		journal->fd = -1;
	}
	free(text);
}
