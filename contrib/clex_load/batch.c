/*
 * batch.c: documents on their way, as PostgreSQL's binary arrays.
 *
 * Contents are read to where they are sent from.  A batch is ordered by hash: all connections then
 * insert equal documents in the same order, and never wait for each other in a circle.
 */
#include "load.h"

#include <stdlib.h>
#include <string.h>

#define ARRAY_HEADER 20
#define INT8OID 20
#define BYTEAOID 17
#define TEXTOID 25

/* An integer in network byte order. */
static void
PutInt32(char *to, uint32_t value)
{
	for (int i = 0; i < 4; i++)
		to[i] = (char) (value >> (24 - 8 * i));
}

/* Header of a one-dimensional array without nulls that counts from 1. */
static void
PutArrayHeader(char *to, uint32_t element_type, int count)
{
	PutInt32(to, 1);
	PutInt32(to + 4, 0);
	PutInt32(to + 8, element_type);
	PutInt32(to + 12, (uint32_t) count);
	PutInt32(to + 16, 1);
}

/* An empty batch with room for so many documents. */
Batch *
NewBatch(int documents)
{
	Batch *batch = Allocate(sizeof(Batch));

	batch->documents = Allocate((size_t) documents * sizeof(Document));
	batch->capacity = 4096;
	batch->data = Allocate(batch->capacity);
	batch->used = ARRAY_HEADER;
	return batch;
}

void
FreeBatch(Batch *batch)
{
	if (batch == NULL)
		return;
	free(batch->documents);
	free(batch->data);
	free(batch);
}

static int
CompareHashes(const void *a, const void *b)
{
	const Document *x = a;
	const Document *y = b;
	int order = memcmp(x->sha256, y->sha256, SHA256_LENGTH);

	/* of equal documents the one that was read first stays first */
	return order != 0 ? order : (x->offset > y->offset) - (x->offset < y->offset);
}

/* Orders documents by hash. */
void
SortBatch(Batch *batch)
{
	qsort(batch->documents, (size_t) batch->count, sizeof(Document), CompareHashes);
}

/* A new batch with copies of count documents, contents in the order of documents. */
Batch *
SliceBatch(const Batch *batch, int from, int count)
{
	Batch *slice = NewBatch(count);

	for (int i = 0; i < count; i++)
		slice->used += 4 + batch->documents[from + i].length;
	slice->data = Reallocate(slice->data, slice->used);
	slice->capacity = slice->used;
	slice->used = ARRAY_HEADER;
	for (int i = 0; i < count; i++)
	{
		const Document *document = &batch->documents[from + i];

		memcpy(slice->data + slice->used, batch->data + document->offset - 4, 4 + document->length);
		slice->documents[i] = *document;
		slice->documents[i].offset = slice->used + 4;
		slice->used += 4 + document->length;
	}
	slice->count = count;
	slice->losses = batch->losses;
	slice->plain_sources = batch->plain_sources;
	return slice;
}

/* Contents as bytea[]; they belong to the batch. */
const char *
ContentArray(Batch *batch, size_t *length)
{
	size_t at = ARRAY_HEADER;
	bool in_order = true;

	for (int i = 0; i < batch->count; i++)
	{
		in_order = in_order && batch->documents[i].offset == at + 4;
		at += 4 + batch->documents[i].length;
	}
	if (!in_order)
	{
		Batch *ordered = SliceBatch(batch, 0, batch->count);
		char *data = batch->data;
		Document *documents = batch->documents;

		batch->data = ordered->data;
		batch->documents = ordered->documents;
		batch->capacity = ordered->capacity;
		ordered->data = data;
		ordered->documents = documents;
		FreeBatch(ordered);
	}
	PutArrayHeader(batch->data, BYTEAOID, batch->count);
	*length = batch->used;
	return batch->data;
}

/* Length of the UTF-8 character at text, or 0 if there is none. */
static int
CharacterLength(const unsigned char *text)
{
	unsigned char first = text[0];
	unsigned char second = first < 0x80 ? 0 : text[1];
	int length = first < 0x80 ? 1 : first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;

	if (first > 0xf4 || (first == 0xe0 && second < 0xa0) || (first == 0xed && second > 0x9f) ||
		(first == 0xf0 && second < 0x90) || (first == 0xf4 && second > 0x8f))
		return 0;
	for (int i = 1; i < length; i++)
	{
		if ((text[i] & 0xc0) != 0x80)
			return 0;
	}
	return length;
}

/* Writes a file name as text that the server takes, other bytes as \xHH; returns its length. */
static size_t
PutSource(char *to, const char *path, bool plain)
{
	static const char digits[] = "0123456789abcdef";
	const unsigned char *from = (const unsigned char *) path;
	size_t used = 0;

	while (*from != '\0')
	{
		int length = plain && *from >= 0x80 ? 0 : CharacterLength(from);

		if (length == 0)
		{
			to[used++] = '\\';
			to[used++] = 'x';
			to[used++] = digits[*from >> 4];
			to[used++] = digits[*from & 15];
			from++;
			continue;
		}
		memcpy(to + used, from, (size_t) length);
		used += (size_t) length;
		from += length;
	}
	return used;
}

/* File names as text[]; the caller frees them. */
char *
SourceArray(const Batch *batch, size_t *length)
{
	size_t size = ARRAY_HEADER;
	size_t used = ARRAY_HEADER;
	char *array;

	for (int i = 0; i < batch->count; i++)
		size += 4 + 4 * strlen(batch->documents[i].file->path);
	array = Allocate(size);
	PutArrayHeader(array, TEXTOID, batch->count);
	for (int i = 0; i < batch->count; i++)
	{
		size_t put =
			PutSource(array + used + 4, batch->documents[i].file->path, batch->plain_sources);

		PutInt32(array + used, (uint32_t) put);
		used += 4 + put;
	}
	*length = used;
	return array;
}

/* Numbers as bigint[]; the caller frees them. */
char *
NumberArray(const int64_t *numbers, int count, size_t *length)
{
	char *array = Allocate(ARRAY_HEADER + 12 * (size_t) count);
	char *to = array + ARRAY_HEADER;

	PutArrayHeader(array, INT8OID, count);
	for (int i = 0; i < count; i++, to += 12)
	{
		PutInt32(to, 8);
		PutInt32(to + 4, (uint32_t) ((uint64_t) numbers[i] >> 32));
		PutInt32(to + 8, (uint32_t) numbers[i]);
	}
	*length = ARRAY_HEADER + 12 * (size_t) count;
	return array;
}
