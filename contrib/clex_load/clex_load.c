/*
 * clex_load.c: the command line of clex-load, and the order of its work.
 */
#include "load.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static volatile sig_atomic_t interrupted;

static const char Help[] =
	"clex-load loads files into a clex store.\n"
	"\n"
	"Usage: clex-load --store NAME --tenant NUMBER [OPTION ...] FILE|FOLDER ...\n"
	"\n"
	"Folders are searched with all that is below them; hidden files and folders there are left\n"
	"out. What the store has already it recognises, so files can be given again at any time.\n"
	"\n"
	"      --store NAME        store to load into\n"
	"      --tenant NUMBER     tenant whose documents they are\n"
	"  -d, --dbname CONNINFO   database, or a connection string; else PGDATABASE, PGHOST and so "
	"on\n"
	"  -j, --jobs N            connections to use at the same time (2; at most 64)\n"
	"      --batch N           documents in a transaction (100; at most 10000, and 16 MB)\n"
	"      --journal FILE      remember loaded files there, and do not read them again\n"
	"      --include PATTERN   of the files in folders only those, as in '*.xml'; may be repeated\n"
	"      --wait SECONDS      how long to wait for a server that goes away meanwhile (60)\n"
	"      --dry-run           read the files and list them; no connection is made\n"
	"      --json              print the summary as a JSON object\n"
	"  -q, --quiet             no progress, no summary but --json, no list of quarantined files\n"
	"      --version           print the version\n"
	"      --help              print this\n"
	"\n"
	"Exit status:\n"
	"  0    all files are in the store, and the store could read them\n"
	"  1    some are in quarantine, or could not be loaded\n"
	"  2    the command line or the journal cannot be used\n"
	"  3    no connection, or the server refuses the work or did not come back\n"
	"  130  interrupted: batches under way were finished, the rest was not begun\n";

/* Whether the user wants the run to end. */
bool
Interrupted(void)
{
	return interrupted != 0;
}

static void
NoteInterrupt(int signal_number)
{
	(void) signal_number;
	interrupted = 1;
}

/* The first signal ends the run in order, a second one at once. */
static void
CatchSignals(void)
{
	struct sigaction action = {.sa_handler = NoteInterrupt, .sa_flags = SA_RESETHAND};

	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
}

/* Ends the program for a wrong command line. */
static _Noreturn void
RefuseUsage(void)
{
	fputs("Try \"clex-load --help\".\n", stderr);
	exit(EXIT_USAGE);
}

/* An argument as a number within limits. */
static int64_t
ReadOption(const char *name, const char *text, int64_t least, int64_t most)
{
	char *end;
	int64_t number;

	errno = 0;
	number = strtoll(text, &end, 10);
	if (errno != 0 || end == text || *end != '\0' || number < least || number > most)
	{
		Say("--%s must be a number from %" PRId64 " to %" PRId64 ", not \"%s\".", name, least, most,
			text);
		RefuseUsage();
	}
	return number;
}

enum
{
	OPTION_STORE = 256,
	OPTION_TENANT,
	OPTION_BATCH,
	OPTION_JOURNAL,
	OPTION_INCLUDE,
	OPTION_WAIT,
	OPTION_DRY_RUN,
	OPTION_JSON,
	OPTION_VERSION,
	OPTION_HELP
};

static const struct option LongOptions[] = {{"store", required_argument, NULL, OPTION_STORE},
											{"tenant", required_argument, NULL, OPTION_TENANT},
											{"dbname", required_argument, NULL, 'd'},
											{"jobs", required_argument, NULL, 'j'},
											{"batch", required_argument, NULL, OPTION_BATCH},
											{"journal", required_argument, NULL, OPTION_JOURNAL},
											{"include", required_argument, NULL, OPTION_INCLUDE},
											{"wait", required_argument, NULL, OPTION_WAIT},
											{"dry-run", no_argument, NULL, OPTION_DRY_RUN},
											{"json", no_argument, NULL, OPTION_JSON},
											{"quiet", no_argument, NULL, 'q'},
											{"version", no_argument, NULL, OPTION_VERSION},
											{"help", no_argument, NULL, OPTION_HELP},
											{NULL, 0, NULL, 0}};

/* Takes one option; --version and --help end the program. */
static void
TakeOption(Options *options, int option)
{
	int version = PQlibVersion();

	switch (option)
	{
		case OPTION_STORE:
			options->store = optarg;
			break;
		case OPTION_TENANT:
			options->tenant = ReadOption("tenant", optarg, 1, INT64_MAX);
			break;
		case 'd':
			options->conninfo = optarg;
			break;
		case 'j':
			options->connections = (int) ReadOption("jobs", optarg, 1, MAX_CONNECTIONS);
			break;
		case OPTION_BATCH:
			options->batch = (int) ReadOption("batch", optarg, 1, MAX_BATCH_DOCUMENTS);
			break;
		case OPTION_JOURNAL:
			options->journal = optarg;
			break;
		case OPTION_INCLUDE:
			options->include[options->includes++] = optarg;
			break;
		case OPTION_WAIT:
			options->wait = (int) ReadOption("wait", optarg, 0, 86400);
			break;
		case OPTION_DRY_RUN:
			options->dry_run = true;
			break;
		case OPTION_JSON:
			options->json = true;
			break;
		case 'q':
			options->quiet = true;
			break;
		case OPTION_VERSION:
			printf("clex-load %s (libpq %d.%d)\n", CLEX_VERSION, version / 10000, version % 10000);
			exit(EXIT_LOADED);
		case OPTION_HELP:
			fputs(Help, stdout);
			exit(EXIT_LOADED);
		default:
			RefuseUsage();
	}
}

/* Reads the command line; what follows the options starts at optind. */
static void
ReadOptions(Options *options, int argc, char **argv)
{
	int option;

	*options = (Options){.connections = 2, .batch = 100, .wait = 60};
	options->include = Allocate((size_t) argc * sizeof(char *));
	while ((option = getopt_long(argc, argv, "d:j:q", LongOptions, NULL)) >= 0)
		TakeOption(options, option);
	if (options->store == NULL || options->store[0] == '\0' || options->tenant == 0)
	{
		Say("Both --store and --tenant are needed.");
		RefuseUsage();
	}
	if (optind == argc)
	{
		Say("There is no file or folder to load.");
		RefuseUsage();
	}
}

/* How the run ended, for the shell. */
static int
ExitStatus(const Loader *loader)
{
	const Tally *tally = &loader->tally;

	if (loader->stopped != NULL)
		return EXIT_SERVER;
	if (tally->interrupted)
		return EXIT_INTERRUPTED;
	return tally->failed + tally->in_quarantine > 0 ? EXIT_SOME_BAD : EXIT_LOADED;
}

int
main(int argc, char **argv)
{
	Loader *loader = Allocate(sizeof(Loader));
	PGconn *conn = NULL;
	int status;

	ReadOptions(&loader->options, argc, argv);
	if (!OpenJournal(loader))
		return EXIT_USAGE;
	if (!loader->options.dry_run && (conn = ConnectFirst(loader)) != NULL)
		CatchSignals();
	loader->tally.started = Now();
	if (loader->stopped == NULL)
		FindFiles(loader, argv + optind, argc - optind);
	if (loader->options.dry_run)
		ListFiles(loader);
	else if (conn != NULL)
		LoadFiles(loader, conn);
	ShowProgress(loader, true);
	loader->tally.interrupted = Interrupted();
	if (loader->stopped != NULL)
		Say("%s", loader->stopped);
	if (loader->options.json || loader->tally.documents > 0 || loader->stopped == NULL)
		PrintSummary(loader);
	status = ExitStatus(loader);
	if (fflush(stdout) != 0 && status == EXIT_LOADED)
	{
		Say("The summary cannot be written: %s.", strerror(errno));
		status = EXIT_SOME_BAD;
	}
	return status;
}
