/*
 * session.c: several connections, one poll loop.
 *
 * Each session sends one batch at a time, as one statement and so one transaction; while the
 * server works the next batch is read.  Whatever goes wrong ends in one of four ways: the batch is
 * sent again (a connection broke, sessions were in each other's way), it is halved until the one
 * document is found that the server does not take, the session pauses (the server is away or its
 * disk is full), or the run stops (the server refuses the work as such).
 */
#include "load.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#define LONGEST_PAUSE 5.0
#define LARGE_BATCH_BYTES ((size_t) 1 << 20)
#define MOST_LOSSES 3
#define MOST_RETRIES 10

typedef enum SessionState
{
	SESSION_PAUSED, /* connects, or is used again, when due */
	SESSION_CONNECTING,
	SESSION_IDLE,
	SESSION_BUSY,
	SESSION_CLOSED
} SessionState;

typedef struct Session
{
	SessionState state;
	PGconn *conn;
	PostgresPollingStatusType polling;
	double due;		   /* end of a pause, or of the patience with a connection */
	double lost_since; /* 0: works */
	int pauses;
	Batch *batch;
	double sent_at;
	bool flushed;
	PGresult *rows;
	PGresult *error;
} Session;

/* The state of a run. */
typedef struct Run
{
	Loader *loader;
	Session sessions[MAX_CONNECTIONS];
	int count;
	Batch *again; /* to be sent again; a list */
	Batch *ready; /* read, not sent yet */
	bool outage;  /* told the user that the server is away */
	Sampler *sampler;
} Run;

/* Puts a batch first among those to be sent again. */
static void
SendAgain(Run *run, Batch *batch, double pause)
{
	batch->due = Now() + pause;
	batch->next = run->again;
	run->again = batch;
}

/* Sends a batch again in halves, or fails its only document. */
static void
DivideBatch(Run *run, Batch *batch, const char *reason)
{
	if (batch->count == 1)
		FailFile(run->loader, batch->documents[0].file->path, "The server does not take it: %s",
				 reason);
	else
	{
		int half = batch->count / 2;
		Batch *rest = SliceBatch(batch, half, batch->count - half);
		Batch *first = SliceBatch(batch, 0, half);

		rest->losses = first->losses = 0;
		SendAgain(run, rest, 0);
		SendAgain(run, first, 0);
	}
	FreeBatch(batch);
}

/* Nothing more can be loaded; the first reason is the one that is told. */
static void
StopRun(Run *run, char *reason)
{
	if (run->loader->stopped == NULL)
		run->loader->stopped = reason;
	else
		free(reason);
}

static bool
AnyIs(const Run *run, SessionState state)
{
	for (int i = 0; i < run->count; i++)
	{
		if (run->sessions[i].state == state)
			return true;
	}
	return false;
}

/* Lets a session wait, each time longer, and gives it up after a while. */
static void
PauseSession(Run *run, Session *session, const char *reason)
{
	double now = Now();
	double pause = 0.1 * (double) (1 << (session->pauses < 6 ? session->pauses : 6));
	int wait = run->loader->options.wait;

	if (session->lost_since == 0)
		session->lost_since = now;
	session->pauses++;
	session->due = now + (pause < LONGEST_PAUSE ? pause : LONGEST_PAUSE);
	session->state = SESSION_PAUSED;
	if (now - session->lost_since >= wait)
	{
		bool last = true;

		PQfinish(session->conn);
		session->conn = NULL;
		session->state = SESSION_CLOSED;
		for (int i = 0; i < run->count; i++)
			last = last && run->sessions[i].state == SESSION_CLOSED;
		if (last)
			StopRun(run,
					Format("The server did not come back within %d seconds: %s.", wait, reason));
		else
			Say("One connection is given up: %s.", reason);
	}
	else if (!run->outage && !AnyIs(run, SESSION_BUSY) && !AnyIs(run, SESSION_IDLE))
	{
		run->outage = true;
		Say("The server cannot go on (%s); trying again for %d seconds.", reason, wait);
	}
}

/* Drops what a session has received. */
static void
ClearResults(Session *session)
{
	PQclear(session->rows);
	PQclear(session->error);
	session->rows = NULL;
	session->error = NULL;
}

/*
 * The connection broke.  Whether its batch was committed is not known, and need not be: the store
 * recognises what it has.  A batch that breaks connections time and again is divided.
 */
static void
LoseSession(Run *run, Session *session)
{
	char *reason = session->error != NULL ? ServerError(session->error, session->conn)
										  : Sentence(PQerrorMessage(session->conn));
	Batch *batch = session->batch;

	if (session->state == SESSION_BUSY)
		run->loader->tally.busy += Now() - session->sent_at;
	ClearResults(session);
	PQfinish(session->conn);
	session->conn = NULL;
	session->batch = NULL;
	if (batch != NULL && ++batch->losses >= MOST_LOSSES)
		DivideBatch(run, batch, "the connection breaks each time it is sent");
	else if (batch != NULL)
		SendAgain(run, batch, 0);
	PauseSession(run, session, reason);
	free(reason);
}

/* Counts and tells what became of the documents of a committed batch. */
static void
CountBatch(Run *run, const Batch *batch, const PGresult *rows)
{
	Tally *tally = &run->loader->tally;

	for (int i = 0; i < batch->count; i++)
	{
		bool duplicate = PQgetvalue(rows, i, 1)[0] == 't';
		bool quarantined = strcmp(PQgetvalue(rows, i, 2), "quarantined") == 0;

		tally->bytes += (int64_t) batch->documents[i].length;
		tally->in_quarantine += quarantined;
		if (duplicate)
			tally->duplicates++;
		else if (quarantined)
			tally->quarantined++;
		else
			tally->loaded++;
		if (quarantined && !run->loader->options.quiet)
			Say("%s is in quarantine: %s.", batch->documents[i].file->path, PQgetvalue(rows, i, 3));
	}
}

/* The batch is committed. */
static void
AcknowledgeBatch(Run *run, Session *session)
{
	WriteJournal(run->loader, session->batch, session->rows);
	CountBatch(run, session->batch, session->rows);
	FreeBatch(session->batch);
	session->lost_since = 0;
	session->pauses = 0;
	if (run->outage)
		Say("The server works again.");
	run->outage = false;
}

/* The server answered with an error and rolled back; decides by its SQLSTATE. */
static void
HandleError(Run *run, Session *session)
{
	const char *sqlstate = PQresultErrorField(session->error, PG_DIAG_SQLSTATE);
	char *reason = ServerError(session->error, session->conn);
	Batch *batch = session->batch;

	if (StateIs(sqlstate, "42501 23503 42883 3F000 42P01 25006"))
	{
		StopRun(run, Format("The server refuses the work: %s.", reason));
		FreeBatch(batch);
	}
	else if (StateIs(sqlstate, "53100"))
	{
		SendAgain(run, batch, 0);
		session->batch = NULL;
		PauseSession(run, session, reason);
	}
	else if (StateIs(sqlstate, "22P05 22021") && !batch->plain_sources)
	{
		batch->plain_sources = true;
		SendAgain(run, batch, 0);
	}
	else if (StateIs(sqlstate, "40001 40P01 55P03") && ++batch->retries < MOST_RETRIES)
		SendAgain(run, batch, 0.05 * batch->retries);
	else
		DivideBatch(run, batch, reason);
	free(reason);
}

/* The server is ready for the next query: whatever it said about this one is final. */
static void
FinishBatch(Run *run, Session *session)
{
	run->loader->tally.busy += Now() - session->sent_at;
	session->state = SESSION_IDLE;
	if (session->error != NULL)
		HandleError(run, session);
	else if (PQntuples(session->rows) == session->batch->count)
		AcknowledgeBatch(run, session);
	else
	{
		StopRun(run, Format("The store \"%s\" answers about %d documents of %d.",
							run->loader->options.store, PQntuples(session->rows),
							session->batch->count));
		FreeBatch(session->batch);
	}
	session->batch = NULL;
	ClearResults(session);
}

/*
 * Takes what has come for a session that is busy.  The result of the statement comes before its
 * transaction is committed, so the batch is done only when there are no more results.
 */
static void
Receive(Run *run, Session *session)
{
	if (PQconsumeInput(session->conn) == 0)
	{
		LoseSession(run, session);
		return;
	}
	while (PQisBusy(session->conn) == 0)
	{
		PGresult *result = PQgetResult(session->conn);

		if (result == NULL && PQstatus(session->conn) == CONNECTION_BAD)
		{
			LoseSession(run, session);
			return;
		}
		if (result == NULL)
		{
			FinishBatch(run, session);
			return;
		}
		PGresult **place =
			PQresultStatus(result) == PGRES_TUPLES_OK ? &session->rows : &session->error;

		/* the first error is the one that tells why */
		if (*place == NULL)
			*place = result;
		else
			PQclear(result);
	}
}

/* Sends what can be sent without waiting. */
static void
Flush(Run *run, Session *session)
{
	int rest = PQflush(session->conn);

	if (rest < 0)
		LoseSession(run, session);
	else
		session->flushed = rest == 0;
}

/*
 * Gives a batch to an idle session.  A large one is sent in one go: libpq moves what it could not
 * send without waiting, which for hundreds of megabytes takes far longer than to wait.
 */
static void
SendBatch(Run *run, Session *session, Batch *batch)
{
	static const Oid types[2] = {1001, 1009}; /* bytea[], text[] */
	const int formats[2] = {1, 1};
	size_t content_length;
	size_t source_length;
	const char *contents = ContentArray(batch, &content_length);
	char *sources = SourceArray(batch, &source_length);
	const char *const values[2] = {contents, sources};
	const int lengths[2] = {(int) content_length, (int) source_length};
	int sent =
		PQsendQueryParams(session->conn, run->loader->query, 2, types, values, lengths, formats, 0);

	free(sources);
	session->batch = batch;
	session->state = SESSION_BUSY;
	session->sent_at = Now();
	if (sent != 0)
		Flush(run, session);
	else if (PQstatus(session->conn) == CONNECTION_BAD)
		LoseSession(run, session);
	else
	{
		char *reason = Sentence(PQerrorMessage(session->conn));

		session->batch = NULL;
		session->state = SESSION_IDLE;
		DivideBatch(run, batch, reason);
		free(reason);
	}
}

/* The next batch to send, or NULL if there is none now. */
static Batch *
TakeBatch(Run *run)
{
	double now = Now();
	Batch *batch;

	for (Batch **link = &run->again; *link != NULL; link = &(*link)->next)
	{
		if ((*link)->due <= now)
		{
			batch = *link;
			*link = batch->next;
			return batch;
		}
	}
	batch = run->ready != NULL ? run->ready : ReadBatch(run->loader);
	run->ready = NULL;
	return batch;
}

/* Begins a connection for a session. */
static void
Connect(Run *run, Session *session)
{
	session->conn = StartConnection(&run->loader->options);
	session->state = SESSION_CONNECTING;
	session->polling = PGRES_POLLING_WRITING;
	session->due = Now() + CONNECT_SECONDS;
	if (PQstatus(session->conn) == CONNECTION_BAD)
		LoseSession(run, session);
}

/* Takes a step of connecting. */
static void
GoOnConnecting(Run *run, Session *session)
{
	session->polling = PQconnectPoll(session->conn);
	if (session->polling == PGRES_POLLING_FAILED)
		LoseSession(run, session);
	else if (session->polling == PGRES_POLLING_OK)
	{
		PQsetNoticeProcessor(session->conn, ShowNotice, NULL);
		session->state = SESSION_IDLE;
	}
}

/* Does for each session what can be done without waiting. */
static void
ServeSessions(Run *run, bool stopping)
{
	for (int i = 0; i < run->count; i++)
	{
		Session *session = &run->sessions[i];
		Batch *batch;

		if (session->state == SESSION_CONNECTING && Now() > session->due)
			LoseSession(run, session);
		if (session->state == SESSION_PAUSED && Now() >= session->due && !stopping)
		{
			if (session->conn == NULL)
				Connect(run, session);
			else
				session->state = SESSION_IDLE;
		}
		if (session->state == SESSION_IDLE && !stopping && (batch = TakeBatch(run)) != NULL)
			SendBatch(run, session, batch);
	}
}

/* What to wait for at a session's socket; 0 for nothing. */
static short
AwaitedEvents(const Session *session)
{
	if (session->state == SESSION_BUSY)
		return session->flushed ? POLLIN : POLLIN | POLLOUT;
	if (session->state == SESSION_CONNECTING)
		return session->polling == PGRES_POLLING_WRITING ? POLLOUT : POLLIN;
	return 0;
}

/* Waits until something comes, but not longer than until the next pause may end. */
static void
WaitForServer(Run *run)
{
	struct pollfd ready[MAX_CONNECTIONS + 1];
	int timeout = run->again != NULL || AnyIs(run, SESSION_PAUSED) ? 20 : 200;
	int pids[MAX_CONNECTIONS];
	int working = 0;

	for (int i = 0; i < run->count; i++)
	{
		const Session *session = &run->sessions[i];

		ready[i] = (struct pollfd){.fd = -1, .events = AwaitedEvents(session)};
		if (ready[i].events != 0)
			ready[i].fd = PQsocket(session->conn);
		if (session->state == SESSION_BUSY)
			pids[working++] = PQbackendPID(session->conn);
	}
	ready[run->count] = (struct pollfd){.fd = -1};
	ready[run->count].fd = SamplerSocket(run->sampler, &ready[run->count].events);
	if (poll(ready, (nfds_t) run->count + 1, timeout) < 0)
		return;
	for (int i = 0; i < run->count; i++)
	{
		Session *session = &run->sessions[i];

		if (ready[i].revents == 0)
			continue;
		if (session->state == SESSION_CONNECTING)
			GoOnConnecting(run, session);
		if (session->state == SESSION_BUSY && !session->flushed)
			Flush(run, session);
		if (session->state == SESSION_BUSY)
			Receive(run, session);
	}
	RunSampler(run->sampler, &run->loader->tally, pids, working);
}

/* As many connections as there can be batches, but no more than asked for. */
static int
UsefulConnections(const Loader *loader)
{
	size_t batch = (size_t) loader->options.batch;
	size_t batches = (loader->files.count + batch - 1) / batch;
	int most = loader->options.connections;

	return batches >= (size_t) most ? most : batches > 1 ? (int) batches : 1;
}

/* Loads all files.  first is a connection that is ready; it is closed at the end. */
void
LoadFiles(Loader *loader, PGconn *first)
{
	Run *run = Allocate(sizeof(Run));

	run->loader = loader;
	run->count = UsefulConnections(loader);
	run->sessions[0] = (Session){.state = SESSION_IDLE, .conn = first};
	run->sampler = StartSampler(&loader->options);
	for (;;)
	{
		bool stopping = Interrupted() || loader->stopped != NULL;

		ServeSessions(run, stopping);
		stopping = stopping || loader->stopped != NULL;
		if (!stopping && run->ready == NULL)
			run->ready = ReadBatch(loader);
		if (!AnyIs(run, SESSION_BUSY) && (stopping || (run->ready == NULL && run->again == NULL)))
			break;
		WaitForServer(run);
		ShowProgress(loader, false);
	}
	for (int i = 0; i < run->count; i++)
		PQfinish(run->sessions[i].conn);
	StopSampler(run->sampler);
	FreeBatch(run->ready);
	while (run->again != NULL)
	{
		Batch *batch = run->again;

		run->again = batch->next;
		FreeBatch(batch);
	}
	free(run);
}
