/*
 * load.h: what the parts of clex-load share.
 *
 * clex-load sends files to a store in batches, one transaction each, over several connections that
 * one poll loop serves.  The store knows a document by its hash, so sending one again is harmless;
 * everything here rests on that.  A file counts as loaded when the server is ready for the next
 * query after its batch, never earlier: only then is the batch committed.
 */
#ifndef CLEX_LOAD_H
#define CLEX_LOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <libpq-fe.h>

#include "sha256.h"

#define EXIT_LOADED 0
#define EXIT_SOME_BAD 1
#define EXIT_USAGE 2
#define EXIT_SERVER 3
#define EXIT_INTERRUPTED 130

/* A message to the server ends below 1 GB; a document leaves room for its name in it. */
#define MAX_DOCUMENT_BYTES ((size_t) 1023 << 20)
/* A batch is closed before it grows beyond this; a larger document travels alone. */
#define MAX_BATCH_BYTES ((size_t) 16 << 20)
#define MAX_BATCH_DOCUMENTS 10000
#define MAX_CONNECTIONS 64

/* What the command line says. */
typedef struct Options
{
	const char *conninfo;
	const char *store;
	int64_t tenant;
	int connections;
	int batch;
	int wait; /* seconds to wait for a server that went away */
	const char *journal;
	const char **include;
	int includes;
	bool dry_run;
	bool json;
	bool quiet;
} Options;

/* A file to load.  Its key in the journal is the real path of its root and the rest of its path. */
typedef struct FileEntry
{
	char *path; /* as found from the argument that led to it */
	uint32_t root;
} FileEntry;

/* An argument of the command line, and where it really is. */
typedef struct Root
{
	const char *given;
	char *real;
} Root;

typedef struct FileList
{
	FileEntry *items;
	size_t count;
	size_t capacity;
	Root *roots;
	int root_count;
} FileList;

/* Sums of a run; every file ends in exactly one of loaded .. failed, or was not reached. */
typedef struct Tally
{
	int64_t documents;
	int64_t loaded;
	int64_t duplicates;
	int64_t quarantined;
	int64_t skipped;
	int64_t failed;
	int64_t in_quarantine; /* whichever way they came there, earlier runs included */
	int64_t ignored;	   /* found in a folder, but not asked for; not among documents */
	int64_t bytes;		   /* of what the server acknowledged */
	double started;
	double reading;	   /* seconds spent reading and hashing files */
	double busy;	   /* seconds of connections with a batch under way, summed */
	int64_t active[8]; /* samples of what our server processes do, by enum Activity */
	bool interrupted;
} Tally;

/* What a server process can be busy with, as far as somebody who wants to speed it up cares. */
typedef enum Activity
{
	ACTIVITY_CPU,
	ACTIVITY_FSYNC,
	ACTIVITY_DISK,
	ACTIVITY_LOCK,
	ACTIVITY_REPLICATION,
	ACTIVITY_NETWORK,
	ACTIVITY_OTHER,
	ACTIVITY_COUNT
} Activity;

typedef struct JournalEntry
{
	char *key;
	int64_t document_id;
	int64_t size;
	int64_t mtime; /* nanoseconds */
	size_t order;
	uint8_t sha256[SHA256_LENGTH];
	bool quarantined;
	bool confirmed; /* the store has the document */
} JournalEntry;

typedef struct Journal
{
	const char *path;
	int fd; /* -1: none, or it can no longer be written */
	JournalEntry *entries;
	size_t count;
	size_t capacity;
} Journal;

/* A document in a batch; its content lies in the batch's data. */
typedef struct Document
{
	const FileEntry *file;
	size_t offset;
	size_t length;
	int64_t mtime;
	uint8_t sha256[SHA256_LENGTH];
} Document;

/*
 * Documents that travel together.  data is laid out as the binary form of bytea[]: room for the
 * header, then for each document its length in 4 bytes and its content.
 */
typedef struct Batch
{
	struct Batch *next;
	char *data;
	size_t used;
	size_t capacity;
	Document *documents;
	int count;
	int losses;			/* connections that broke while it was under way */
	int retries;		/* conflicts with other sessions */
	bool plain_sources; /* file names in ASCII: the database cannot hold them otherwise */
	double due;			/* not to be sent before */
} Batch;

/* Everything a run works with. */
typedef struct Loader
{
	Options options;
	FileList files;
	size_t next_file;
	Journal journal;
	Tally tally;
	char *query;
	char *stopped; /* why nothing more can be loaded, as a sentence; NULL if all is well */
} Loader;

/* clex_load.c */
extern bool Interrupted(void);

/* memory.c */
extern void *Allocate(size_t size);
extern void *Reallocate(void *memory, size_t size);
extern char *Copy(const char *text);
extern char *Format(const char *format, ...) __attribute__((format(printf, 1, 2)));
extern double Now(void);

/* files.c */
extern void FindFiles(Loader *loader, char **arguments, int count);
extern char *FileKey(const FileList *files, const FileEntry *file);
extern Batch *ReadBatch(Loader *loader);
extern void ListFiles(Loader *loader);

/* batch.c */
extern Batch *NewBatch(int documents);
extern void FreeBatch(Batch *batch);
extern void SortBatch(Batch *batch);
extern Batch *SliceBatch(const Batch *batch, int from, int count);
extern const char *ContentArray(Batch *batch, size_t *length);
extern char *SourceArray(const Batch *batch, size_t *length);
extern char *NumberArray(const int64_t *numbers, int count, size_t *length);

/* journal.c */
extern bool OpenJournal(Loader *loader);
extern void ConfirmJournal(Loader *loader, PGconn *conn);
extern const JournalEntry *FindInJournal(const Journal *journal, const char *key, int64_t size,
										 int64_t mtime);
extern void WriteJournal(Loader *loader, const Batch *batch, const PGresult *rows);

/* server.c: the caller frees the texts */
#define CONNECT_SECONDS 15
extern char *Sentence(const char *message);
extern char *ServerError(const PGresult *result, const PGconn *conn);
extern bool StateIs(const char *sqlstate, const char *list);
extern void ShowNotice(void *context, const char *message);
extern PGconn *ConnectFirst(Loader *loader);

/* session.c */
extern void LoadFiles(Loader *loader, PGconn *first);

/* sampler.c */
typedef struct Sampler Sampler;
extern PGconn *StartConnection(const Options *options);
extern Sampler *StartSampler(const Options *options);
extern void StopSampler(Sampler *sampler);
extern int SamplerSocket(Sampler *sampler, short *events);
extern void RunSampler(Sampler *sampler, Tally *tally, const int *pids, int count);

/* report.c */
extern void Say(const char *format, ...) __attribute__((format(printf, 1, 2)));
extern void FailFile(Loader *loader, const char *path, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
extern void ShowProgress(const Loader *loader, bool last);
extern void PrintSummary(const Loader *loader);

#endif
