/*
 * sax.c
 *		The yardstick for reading: libxml2's SAX parser with empty handlers over files of 8 to 12 kB.
 *
 * usage: sax ROUNDS < list-of-files; prints documents, mean size and CPU microseconds a document.
 */
#include <libxml/parser.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define MOST_DOCUMENTS 20000
#define SMALLEST 8000
#define LARGEST 12000

static void
Element(void *context, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri,
		int namespace_count, const xmlChar **namespaces, int attribute_count, int defaulted_count,
		const xmlChar **attributes)
{
	(void) context, (void) name, (void) prefix, (void) uri, (void) namespace_count;
	(void) namespaces, (void) attribute_count, (void) defaulted_count, (void) attributes;
}

static void
ElementEnd(void *context, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri)
{
	(void) context, (void) name, (void) prefix, (void) uri;
}

static void
Characters(void *context, const xmlChar *text, int length)
{
	(void) context, (void) text, (void) length;
}

static double
CpuSeconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double) now.tv_sec + (double) now.tv_nsec * 1e-9;
}

int
main(int argc, char **argv)
{
	static char *documents[MOST_DOCUMENTS];
	static int sizes[MOST_DOCUMENTS];
	xmlSAXHandler handler = {.initialized = XML_SAX2_MAGIC,
							 .startElementNs = Element,
							 .endElementNs = ElementEnd,
							 .characters = Characters,
							 .ignorableWhitespace = Characters};
	int rounds = argc > 1 ? (int) strtol(argv[1], NULL, 10) : 3;
	int count = 0;
	double total = 0;
	double start;
	char path[4096];

	while (fgets(path, sizeof(path), stdin) != NULL && count < MOST_DOCUMENTS)
	{
		char *content = malloc(LARGEST + 1);
		FILE *file;
		size_t size;

		path[strcspn(path, "\n")] = '\0';
		if (content == NULL || (file = fopen(path, "rb")) == NULL)
			return 1;
		size = fread(content, 1, LARGEST + 1, file);
		fclose(file);
		if (size < SMALLEST || size > LARGEST)
		{
			free(content);
			continue;
		}
		documents[count] = content;
		sizes[count++] = (int) size;
		total += (double) size;
	}
	if (count == 0)
		return 1;
	start = CpuSeconds();
	for (int round = 0; round < rounds; round++)
		for (int i = 0; i < count; i++)
			xmlSAXUserParseMemory(&handler, NULL, documents[i], sizes[i]);
	printf("%d\t%.0f\t%.3f\n", count, total / count, (CpuSeconds() - start) / rounds / count * 1e6);
	return 0;
}
