/*
 * report.c: what the user sees: messages and progress on standard error, the summary on standard
 * output.
 */
#include "load.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#define BAR_WIDTH 30
#define REDRAW_SECONDS 0.1
#define LINE_SECONDS 10.0

/* When progress was shown last, and whether a bar stands on the terminal. */
static double shown_at;
static bool bar_drawn;

/* Takes the bar off the terminal. */
static void
EraseBar(void)
{
	if (bar_drawn)
		fputs("\r\033[K", stderr);
	bar_drawn = false;
}

/* Prints a message, a sentence, on a line of its own. */
void
Say(const char *format, ...)
{
	va_list arguments;

	EraseBar();
	fputs("clex-load: ", stderr);
	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
	fputc('\n', stderr);
}

/* Counts and tells a file that is not loaded; format gives the reason, without its full stop. */
void
FailFile(Loader *loader, const char *path, const char *format, ...)
{
	va_list arguments;

	loader->tally.failed++;
	EraseBar();
	fprintf(stderr, "clex-load: %s is not loaded. ", path);
	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
	fputs(".\n", stderr);
}

/* Documents that are done with, one way or another. */
static int64_t
DoneDocuments(const Tally *tally)
{
	return tally->loaded + tally->duplicates + tally->quarantined + tally->skipped + tally->failed;
}

/* Documents the server has acknowledged. */
static int64_t
SentDocuments(const Tally *tally)
{
	return tally->loaded + tally->duplicates + tally->quarantined;
}

/* A number with its thousands apart; text has room for 32 characters. */
static const char *
Grouped(int64_t number, char *text)
{
	char digits[24];
	int length = snprintf(digits, sizeof(digits), "%" PRId64, number);
	char *to = text;

	for (int i = 0; i < length; i++)
	{
		if (i > 0 && (length - i) % 3 == 0 && digits[i - 1] != '-')
			*to++ = ',';
		*to++ = digits[i];
	}
	*to = '\0';
	return text;
}

/* Shows how far the run is: a bar on a terminal, else a line now and then. */
void
ShowProgress(const Loader *loader, bool last)
{
	const Tally *tally = &loader->tally;
	bool terminal = isatty(STDERR_FILENO) == 1;
	double now = Now();
	double elapsed = now - tally->started;
	int64_t done = DoneDocuments(tally);
	double rate = elapsed > 0 ? (double) SentDocuments(tally) / elapsed : 0;
	int64_t left = tally->documents - done;
	char counts[4][32];

	if (loader->options.quiet || tally->documents == 0)
		return;
	if (shown_at == 0)
		shown_at = tally->started;
	if (last || now - shown_at < (terminal ? REDRAW_SECONDS : LINE_SECONDS))
	{
		if (last)
			EraseBar();
		return;
	}
	shown_at = now;
	Grouped(done, counts[0]);
	Grouped(tally->documents, counts[1]);
	Grouped((int64_t) rate, counts[2]);
	if (terminal)
	{
		int filled = (int) (BAR_WIDTH * done / tally->documents);
		int seconds = rate > 0 && (double) left / rate < 360000 ? (int) ((double) left / rate) : 0;

		fprintf(stderr, "\r[%.*s%*s] %3d %%  %s of %s  %s/s  %d:%02d left\033[K", filled,
				"##############################", BAR_WIDTH - filled, "",
				(int) (100 * done / tally->documents), counts[0], counts[1], counts[2],
				seconds / 60, seconds % 60);
		bar_drawn = true;
	}
	else
		fprintf(stderr, "clex-load: %s of %s documents, %s per second\n", counts[0], counts[1],
				counts[2]);
	fflush(stderr);
}

/* Processor time of this program in seconds. */
static double
ClientCpu(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return (double) (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
		   (double) (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

/*
 * What to make faster if the run is to be.  *share is the part of the time for which that is
 * known: of the run for the client, of the samples for the server.
 */
static const char *
FindBottleneck(const Loader *loader, double seconds, double *share)
{
	static const char *const names[ACTIVITY_COUNT] = {
		"server CPU",		  "server fsync",	   "server disk", "server locks",
		"server replication", "network or client", "server"};
	const Tally *tally = &loader->tally;
	double cpu = ClientCpu() / seconds;
	double reading = tally->reading / seconds;
	int64_t samples = 0;
	int most = 0;

	*share = 0;
	if (loader->options.dry_run || SentDocuments(tally) == 0)
		return "none";
	*share = cpu;
	if (cpu >= 0.8)
		return "client CPU";
	*share = reading;
	if (reading >= 0.6 && reading > 2 * cpu)
		return "client disk";
	for (int i = 0; i < ACTIVITY_COUNT; i++)
	{
		samples += tally->active[i];
		if (tally->active[i] > tally->active[most])
			most = i;
	}
	*share = tally->busy / seconds / loader->options.connections;
	if (samples < 4)
		return "server";
	*share = (double) tally->active[most] / (double) samples;
	return names[most];
}

/* Prints text as a JSON string. */
static void
PrintJsonString(const char *text)
{
	putchar('"');
	for (; *text != '\0'; text++)
	{
		if (*text == '"' || *text == '\\')
			printf("\\%c", *text);
		else if ((unsigned char) *text < 0x20)
			printf("\\u%04x", (unsigned char) *text);
		else
			putchar(*text);
	}
	putchar('"');
}

static void
PrintJson(const Loader *loader, double seconds, const char *bottleneck, double share)
{
	const Tally *tally = &loader->tally;

	printf("{\"documents\": %" PRId64 ", \"loaded\": %" PRId64 ", \"duplicates\": %" PRId64
		   ", \"quarantined\": %" PRId64 ", \"skipped\": %" PRId64 ", \"failed\": %" PRId64
		   ", \"not_reached\": %" PRId64 ", \"in_quarantine\": %" PRId64 ", \"ignored\": %" PRId64,
		   tally->documents, tally->loaded, tally->duplicates, tally->quarantined, tally->skipped,
		   tally->failed, tally->documents - DoneDocuments(tally), tally->in_quarantine,
		   tally->ignored);
	printf(", \"bytes\": %" PRId64 ", \"seconds\": %.3f, \"documents_per_second\": %.1f"
		   ", \"bytes_per_second\": %.0f, \"client_cpu_seconds\": %.3f, \"reading_seconds\": %.3f",
		   tally->bytes, seconds, (double) SentDocuments(tally) / seconds,
		   (double) tally->bytes / seconds, ClientCpu(), tally->reading);
	printf(", \"bottleneck\": \"%s\", \"bottleneck_share\": %.2f, \"dry_run\": %s"
		   ", \"interrupted\": %s, \"error\": ",
		   bottleneck, share, loader->options.dry_run ? "true" : "false",
		   tally->interrupted ? "true" : "false");
	if (loader->stopped != NULL)
		PrintJsonString(loader->stopped);
	else
		printf("null");
	printf("}\n");
}

static void
PrintText(const Loader *loader, double seconds, const char *bottleneck, double share)
{
	const Tally *tally = &loader->tally;
	int64_t missed = tally->documents - DoneDocuments(tally);
	char text[8][32];

	if (loader->options.dry_run)
	{
		printf("%s of %s documents would be loaded (%.1f MB); %s are loaded already, %s failed.\n",
			   Grouped(tally->loaded, text[0]), Grouped(tally->documents, text[1]),
			   (double) tally->bytes / 1e6, Grouped(tally->skipped, text[2]),
			   Grouped(tally->failed, text[3]));
		return;
	}
	printf("%s documents: %s loaded, %s duplicates, %s quarantined, %s skipped, %s failed",
		   Grouped(tally->documents, text[0]), Grouped(tally->loaded, text[1]),
		   Grouped(tally->duplicates, text[2]), Grouped(tally->quarantined, text[3]),
		   Grouped(tally->skipped, text[4]), Grouped(tally->failed, text[5]));
	if (missed > 0)
		printf(", %s not reached", Grouped(missed, text[6]));
	printf(".\n");
	if (SentDocuments(tally) > 0)
		printf("%.1f MB in %.1f seconds: %s documents and %.1f MB per second.\n",
			   (double) tally->bytes / 1e6, seconds,
			   Grouped((int64_t) ((double) SentDocuments(tally) / seconds), text[7]),
			   (double) tally->bytes / 1e6 / seconds);
	if (SentDocuments(tally) > 0 && seconds >= 1)
		printf("What holds it up: %s (%.0f %%).\n", bottleneck, 100 * share);
}

/* Prints what the run came to, as the options want it. */
void
PrintSummary(const Loader *loader)
{
	double seconds = Now() - loader->tally.started;
	double share;
	const char *bottleneck;

	if (seconds < 0.001)
		seconds = 0.001;
	bottleneck = FindBottleneck(loader, seconds, &share);
	if (loader->options.json)
		PrintJson(loader, seconds, bottleneck, share);
	else if (!loader->options.quiet)
		PrintText(loader, seconds, bottleneck, share);
}
