/*
 * open_alone.c
 *		What libqpdf takes to open files and find their catalog: the bound beside which extraction is measured.
 *
 *	open_alone TIMES FILE ...	prints files per second of CPU, the best of three rounds
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <qpdf/qpdf-c.h>

static double
Round(int times, int count, char **data, const size_t *length)
{
	clock_t start = clock();

	for (int i = 0; i < times * count; i++)
	{
		qpdf_data qpdf = qpdf_init();

		qpdf_silence_errors(qpdf);
		qpdf_set_suppress_warnings(qpdf, QPDF_TRUE);
		if (!(qpdf_read_memory(qpdf, "pdf", data[i % count], length[i % count], "") & QPDF_ERRORS))
			(void) qpdf_oh_has_key(qpdf, qpdf_get_root(qpdf), "/Names");
		qpdf_cleanup(&qpdf);
	}
	return times * count * (double) CLOCKS_PER_SEC / (double) (clock() - start + 1);
}

int
main(int argc, char **argv)
{
	int count = argc - 2;
	char **data = calloc((size_t) argc, sizeof(char *));
	size_t *length = calloc((size_t) argc, sizeof(size_t));
	double best = 0;

	if (argc < 3 || data == NULL || length == NULL)
		return 2;
	for (int i = 0; i < count; i++)
	{
		FILE *file = fopen(argv[i + 2], "rb");

		if (file == NULL || fseek(file, 0, SEEK_END) != 0)
			return 2;
		length[i] = (size_t) ftell(file);
		rewind(file);
		data[i] = malloc(length[i] + 1);
		if (data[i] == NULL || fread(data[i], 1, length[i], file) != length[i])
			return 2;
		fclose(file);
	}
	for (int round = 0; round < 3; round++)
	{
		double rate = Round((int) strtol(argv[1], NULL, 10), count, data, length);

		best = rate > best ? rate : best;
	}
	printf("%.0f\n", best);
	return 0;
}
