/*
 * server.c: what the server is asked at the start, and its words as sentences of ours.
 *
 * Before any file is read the work is tried with no documents at all, so that a wrong store, tenant
 * or role is told at once, by the server's own reason.
 */
#include "load.h"

#include <inttypes.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

/* A message on one line and without its full stop; the caller frees it. */
char *
Sentence(const char *message)
{
	char *text = Copy(message);
	char *to = text;

	for (const char *from = message; *from != '\0'; from++)
	{
		char c = *from == '\n' || *from == '\t' ? ' ' : *from;

		if (c != ' ' || (to > text && to[-1] != ' '))
			*to++ = c;
	}
	while (to > text && strchr(" .?", to[-1]) != NULL)
		to--;
	*to = '\0';
	return text;
}

/* Error of the server with its detail and hint; the caller frees it. */
char *
ServerError(const PGresult *result, const PGconn *conn)
{
	const char *message = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
	const char *detail = PQresultErrorField(result, PG_DIAG_MESSAGE_DETAIL);
	const char *hint = PQresultErrorField(result, PG_DIAG_MESSAGE_HINT);

	if (message == NULL)
		return Sentence(PQerrorMessage(conn));
	char *whole =
		Format("%s%s%s%s%s", message, detail != NULL ? ". " : "", detail != NULL ? detail : "",
			   hint != NULL ? ". " : "", hint != NULL ? hint : "");
	char *text = Sentence(whole);

	free(whole);
	return text;
}

/* Is it one of the SQLSTATEs in the list? */
bool
StateIs(const char *sqlstate, const char *list)
{
	return sqlstate != NULL && strlen(sqlstate) == 5 && strstr(list, sqlstate) != NULL;
}

/* Shows notices of the server as our own lines. */
void
ShowNotice(void *context, const char *message)
{
	char *text = Sentence(message);

	(void) context;
	Say("The server says: %s.", text);
	free(text);
}

/* What a refusal at the start means; the caller frees it. */
static char *
ExplainRefusal(const Options *options, const PGresult *result, const PGconn *conn)
{
	const char *sqlstate = PQresultErrorField(result, PG_DIAG_SQLSTATE);
	char *reason = ServerError(result, conn);
	char *text = StateIs(sqlstate, "3F000 42883 42P01")
					 ? Format("There is no store \"%s\" with documents in database \"%s\" (%s).",
							  options->store, PQdb(conn), reason)
					 : Format("The server refuses the work: %s.", reason);

	free(reason);
	return text;
}

/*
 * Asks whether the work is allowed, by submitting nothing, and prepares loader->query.
 *
 * The query makes its own commit wait for the disk, whatever the session's setting: what is
 * acknowledged must outlive a crash of the server.
 */
static bool
AskStore(Loader *loader, PGconn *conn)
{
	const Options *options = &loader->options;
	char *store = PQescapeIdentifier(conn, options->store, strlen(options->store));
	char *query;
	PGresult *result;
	bool allowed;

	if (store == NULL)
	{
		loader->stopped = Format("\"%s\" cannot be the name of a store.", options->store);
		return false;
	}
	query = Format("SELECT count(*) FROM %s.submit_many(%" PRId64 ", '{}', '{}')", store,
				   options->tenant);
	result = PQexec(conn, query);
	allowed = PQresultStatus(result) == PGRES_TUPLES_OK;
	if (!allowed)
		loader->stopped = ExplainRefusal(options, result, conn);
	loader->query = Format("SELECT s.document_id, s.is_duplicate, s.state, s.error"
						   " FROM %s.submit_many(%" PRId64 ", $1, $2) s"
						   " WHERE (SELECT pg_catalog.set_config('synchronous_commit',"
						   " CASE c WHEN 'off' THEN 'on' ELSE c END, true)"
						   " FROM pg_catalog.current_setting('synchronous_commit') c) IS NOT NULL"
						   " ORDER BY s.ordinal",
						   store, options->tenant);
	PQclear(result);
	PQfreemem(store);
	free(query);
	return allowed;
}

/* The first connection, ready for work; NULL, with the reason in loader->stopped, if there is none. */
PGconn *
ConnectFirst(Loader *loader)
{
	PGconn *conn = StartConnection(&loader->options);
	PostgresPollingStatusType polling = PGRES_POLLING_WRITING;
	double until = Now() + CONNECT_SECONDS;

	while (PQstatus(conn) != CONNECTION_BAD && polling != PGRES_POLLING_OK &&
		   polling != PGRES_POLLING_FAILED && Now() < until && !Interrupted())
	{
		struct pollfd ready = {.fd = PQsocket(conn)};

		ready.events = polling == PGRES_POLLING_WRITING ? POLLOUT : POLLIN;
		if (poll(&ready, 1, 200) > 0)
			polling = PQconnectPoll(conn);
	}
	if (polling != PGRES_POLLING_OK)
	{
		char *reason = Sentence(PQerrorMessage(conn));

		loader->stopped = Format("There is no connection to the server: %s.",
								 reason[0] != '\0' ? reason : "it does not answer");
		free(reason);
		PQfinish(conn);
		return NULL;
	}
	if (!AskStore(loader, conn))
	{
		PQfinish(conn);
		return NULL;
	}
	ConfirmJournal(loader, conn);
	PQsetNoticeProcessor(conn, ShowNotice, NULL);
	return conn;
}
