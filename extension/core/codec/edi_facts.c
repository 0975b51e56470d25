/*
 * edi_facts.c
 *		Looking up directories and messages.
 */
#include "core/codec/edi_facts.h"

const EdiDirectoryFact *
EdiDirectoryFind(const char *release)
{
	for (uint32_t i = 0; i < ClexEdiDirectoryCount; i++)
		if (strcmp(ClexEdiDirectories[i].release, release) == 0)
			return &ClexEdiDirectories[i];
	return NULL;
}

const EdiSegmentFact *
EdiSegmentFind(const EdiDirectoryFact *directory, EdiTag tag)
{
	uint32_t low = directory->first_segment;
	uint32_t high = low + directory->segment_count;

	while (low < high)
	{
		uint32_t middle = (low + high) / 2;

		if (ClexEdiSegments[middle].tag == tag)
			return &ClexEdiSegments[middle];
		if (ClexEdiSegments[middle].tag < tag)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

/*
 * When a release came out, in half years: "D96A" 1996.0, "S3" and "004010" (version 4, release 1) on a
 * scale of their own; -1 if it is not written so.
 */
static int
ReleaseAge(EdiFamily family, Span release)
{
	int number = 0;

	if (family == EDI_X12)
	{
		for (size_t i = 0; i < release.length && i < 6; i++)
		{
			if (release.data[i] < '0' || release.data[i] > '9')
				return i < 5 ? -1 : number;
			number = 10 * number + release.data[i] - '0';
		}
		return release.length < 5 ? -1 : release.length == 5 ? number * 10 : number;
	}
	if (release.length < 4 || release.data[1] < '0' || release.data[1] > '9' ||
		release.data[2] < '0' || release.data[2] > '9')
		return -1;
	number = (release.data[1] - '0') * 10 + release.data[2] - '0';
	return 2 * (number < 50 ? number + 100 : number) + (release.data[3] == 'B');
}

const EdiMessageFact *
EdiMessageFind(EdiFamily family, Span type, Span release, bool *exact)
{
	const EdiMessageFact *best = NULL;
	int wanted = ReleaseAge(family, release);
	int distance = 0;

	*exact = false;
	for (uint32_t i = 0; i < ClexEdiMessageCount; i++)
	{
		const EdiMessageFact *fact = &ClexEdiMessages[i];
		Span name = SpanFromCString(fact->release);
		bool service = name.data[0] == 'S' || name.length == 5;
		int age = service ? 0 : ReleaseAge(family, name);
		int far = wanted < 0 || age < 0 ? 0 : (age > wanted ? age - wanted : wanted - age);

		if (!SpanEqualCString(type, fact->type) || age < 0)
			continue;
		/* X12 names variants of a release behind it: 004010VICS */
		if (release.length >= name.length && memcmp(release.data, name.data, name.length) == 0)
		{
			*exact = true;
			return fact;
		}
		if (best == NULL || far < distance)
		{
			best = fact;
			distance = far;
		}
	}
	return best;
}
