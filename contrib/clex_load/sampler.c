/*
 * sampler.c: looks now and then, over a connection of its own, at what the server processes that
 * serve us wait for.
 *
 * That is how the summary can say what holds the run up.  It is worth a connection, not a failure:
 * if there is none to be had, the summary says less.
 */
#include "load.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SAMPLE_SECONDS 0.5

struct Sampler
{
	PGconn *conn; /* NULL: given up */
	bool connecting;
	bool asking;
	PostgresPollingStatusType polling;
	double due;
};

/* Begins to connect as the options say, in UTF-8; NULL only without memory. */
PGconn *
StartConnection(const Options *options)
{
	const char *const keywords[] = {"dbname", "fallback_application_name", "client_encoding", NULL};
	const char *const values[] = {options->conninfo, "clex-load", "UTF8", NULL};

	return PQconnectStartParams(keywords, values, 1);
}

static void
GiveUp(Sampler *sampler)
{
	PQfinish(sampler->conn);
	sampler->conn = NULL;
}

Sampler *
StartSampler(const Options *options)
{
	Sampler *sampler = Allocate(sizeof(Sampler));

	sampler->conn = StartConnection(options);
	sampler->connecting = true;
	sampler->polling = PGRES_POLLING_WRITING;
	if (PQstatus(sampler->conn) == CONNECTION_BAD)
		GiveUp(sampler);
	return sampler;
}

void
StopSampler(Sampler *sampler)
{
	GiveUp(sampler);
	free(sampler);
}

/* Its socket and what to wait for there, or -1. */
int
SamplerSocket(Sampler *sampler, short *events)
{
	if (sampler->conn == NULL || !(sampler->connecting || sampler->asking))
		return -1;
	*events = sampler->connecting && sampler->polling == PGRES_POLLING_WRITING ? POLLOUT : POLLIN;
	return PQsocket(sampler->conn);
}

/* What somebody would have to make faster, from the name of a wait event. */
static Activity
ClassifyWait(const char *type, const char *event)
{
	if (type[0] == '\0')
		return ACTIVITY_CPU;
	if (strcmp(event, "WALSync") == 0 || strcmp(event, "WALWrite") == 0 ||
		strcmp(event, "WalSync") == 0 || strcmp(event, "WalWrite") == 0 ||
		strcmp(event, "WALInitSync") == 0 || strcmp(event, "WalInitSync") == 0)
		return ACTIVITY_FSYNC;
	if (strcmp(event, "SyncRep") == 0)
		return ACTIVITY_REPLICATION;
	if (strcmp(type, "IO") == 0)
		return ACTIVITY_DISK;
	if (strcmp(type, "Lock") == 0 || strcmp(type, "LWLock") == 0)
		return ACTIVITY_LOCK;
	if (strcmp(type, "Client") == 0)
		return ACTIVITY_NETWORK;
	return ACTIVITY_OTHER;
}

/* Takes an answer that has come. */
static void
TakeSample(Sampler *sampler, Tally *tally)
{
	PGresult *rows;

	while ((rows = PQgetResult(sampler->conn)) != NULL)
	{
		if (PQresultStatus(rows) != PGRES_TUPLES_OK)
		{
			PQclear(rows);
			GiveUp(sampler);
			return;
		}
		for (int i = 0; i < PQntuples(rows); i++)
			tally->active[ClassifyWait(PQgetvalue(rows, i, 0), PQgetvalue(rows, i, 1))]++;
		PQclear(rows);
	}
	sampler->asking = false;
	sampler->due = Now() + SAMPLE_SECONDS;
}

/* Asks for the state of some server processes. */
static void
Ask(Sampler *sampler, const int *pids, int count)
{
	static const char query[] =
		"SELECT a.wait_event_type, a.wait_event FROM pg_catalog.pg_stat_activity a"
		" WHERE a.state = 'active' AND a.pid = ANY ($1::int[])";
	char list[16 * MAX_CONNECTIONS + 3] = "{";
	size_t used = 1;
	const char *values[1] = {list};

	for (int i = 0; i < count; i++)
		used += (size_t) snprintf(list + used, sizeof(list) - used, i > 0 ? ",%d" : "%d", pids[i]);
	snprintf(list + used, sizeof(list) - used, "}");
	if (PQsendQueryParams(sampler->conn, query, 1, NULL, values, NULL, NULL, 0) == 0)
		GiveUp(sampler);
	else
		sampler->asking = true;
}

/* Does what can be done without waiting.  pids are the server processes that have work of ours. */
void
RunSampler(Sampler *sampler, Tally *tally, const int *pids, int count)
{
	if (sampler->conn == NULL)
		return;
	if (sampler->connecting)
	{
		struct pollfd ready = {.fd = PQsocket(sampler->conn)};

		ready.events = sampler->polling == PGRES_POLLING_WRITING ? POLLOUT : POLLIN;
		if (poll(&ready, 1, 0) <= 0)
			return;
		sampler->polling = PQconnectPoll(sampler->conn);
		if (sampler->polling == PGRES_POLLING_FAILED)
			GiveUp(sampler);
		else if (sampler->polling == PGRES_POLLING_OK)
			sampler->connecting = false;
		return;
	}
	if (sampler->asking)
	{
		if (PQconsumeInput(sampler->conn) == 0)
			GiveUp(sampler);
		else if (PQisBusy(sampler->conn) == 0)
			TakeSample(sampler, tally);
		return;
	}
	if (count > 0 && Now() >= sampler->due)
		Ask(sampler, pids, count);
}
