/*
 * Messages written as the message they are and read again: what no term took comes back at its place, terms are what
 * they were, and losses() tells what is not so.  Over the samples, or a folder (first argument), and over variations of
 * each message: segments swapped, doubled, left out, qualifiers and values changed.  A second argument says how many
 * variations, a third lists the extras that were lost.
 */
#define FOLDER_TAKES(name) true
#include "edi_written.h"
#include "folder.h"
#include "random_document.h"
#include "tap.h"

static Arena arena;
static uint32_t messages;
static uint32_t refused;
static uint32_t extras;
static uint32_t lost;
static uint32_t moved;
static uint32_t variations = 40;
static bool verbose;

/* Is there anything in an interchange that refuses it? */
static bool
IsSound(Span content)
{
	bool *faults = ArenaAllocZero(&arena, 256);

	FindFaults(content, &arena, faults, NULL);
	for (unsigned i = 0; i < 256; i++)
		if (faults[i] && ClexEdiFaults[i].fatal)
			return false;
	return true;
}

/* The same terms, in the same order; more may only be what the message must have, and did not. */
static void
CompareSame(const DocumentView *source, Span content, Written *written)
{
	for (uint32_t i = 0; i < written->losses.count; i++)
		if (VectorAt(&written->losses, Loss, i).node != 0)
		{
			CompareDocuments(source, written, &arena);
			return;
		}
	if (source->node_count > written->again.node_count ||
		(source->node_count < written->again.node_count && IsSound(content)))
		Differs(written, "%u terms, and %u read again", source->node_count,
				written->again.node_count);
	for (uint32_t i = 1; i <= source->node_count; i++)
	{
		DocumentNode a = ViewNode(source, i);
		Text path;
		uint32_t twin = 0;
		ClexError error = {0};

		TextInit(&path, &arena);
		ViewPath(source, i, &path);
		if (ViewResolve(&written->again, TextSpan(&path), &twin, &error) != CLEX_OK || twin == 0 ||
			!SameText(a.term, a.value, ViewNode(&written->again, twin).value))
			Differs(written, "%.*s is not what it was", (int) path.length, path.data);
	}
}

static void
CountExtras(const char *path, const DocumentView *view, const Written *written)
{
	messages++;
	extras += view->extra_count;
	for (uint32_t i = 0; i < written->losses.count; i++)
	{
		Loss loss = VectorAt(&written->losses, Loss, i);

		if (loss.node != 0)
			continue;
		lost++;
		moved += loss.fate == FATE_ORDER;
		if (verbose)
			printf("#lost\t%s\t%.*s\t%.*s\t%s\n", path,
				   (int) ViewExtra(view, loss.extra).path.length,
				   ViewExtra(view, loss.extra).path.data,
				   (int) SpanCut(ViewExtra(view, loss.extra).value, 40).length,
				   ViewExtra(view, loss.extra).value.data, FateReason(loss.fate));
	}
}

/* One message, as an image. */
static void
CheckMessage(const char *path, Span content, const DocumentView *view)
{
	WriteRequest request = {.document = view, .format = view->format};
	XmlLimits limits = XML_DEFAULT_LIMITS;
	ReadRequest read = {.limits = &limits};
	Written written = {0};
	ClexError error = {0};
	ClexStatus status = CodecWrite(&request, &arena, &written.content, &written.losses, &error);
	Tree tree;
	Span image;

	if (status == CLEX_UNSUPPORTED)
	{
		refused++;
		return;
	}
	read.content = written.content;
	if (status != CLEX_OK)
		Differs(&written, "not written: %s", error.message);
	else if (ReadDocument(&read, &arena, &tree, &image, &error) != CLEX_OK ||
			 DocumentOpen(image, &written.again, &error) != CLEX_OK)
		Differs(&written, "not read again: %s %s", error.message, error.detail);
	else
	{
		/* clex.acknowledge() makes TA1, it is written as 997 */
		if (!IsReturned(view, &written) &&
			!SpanEqualCString(ViewProvenance(view, "message"), "TA1"))
			Differs(&written, "%.*s %.*s became %.*s %.*s",
					(int) ViewProvenance(view, "message").length,
					ViewProvenance(view, "message").data,
					(int) ViewProvenance(view, "version").length,
					ViewProvenance(view, "version").data,
					(int) ViewProvenance(&written.again, "message").length,
					ViewProvenance(&written.again, "message").data,
					(int) ViewProvenance(&written.again, "version").length,
					ViewProvenance(&written.again, "version").data);
		CompareSame(view, content, &written);
		CompareReturned(view, &written, &arena);
		CheckSound(&written, content, &arena);
		CountExtras(path, view, &written);
	}
	if (written.why[0] != '\0')
		Ok(false, "%s: %s", path, written.why);
	if (written.why[0] != '\0' && verbose)
		printf("# read: %.*s\n# written: %.*s\n# order: %.*s\n", (int) content.length, content.data,
			   (int) written.content.length, written.content.data,
			   (int) ViewProvenance(view, "order").length, ViewProvenance(view, "order").data);
}

typedef struct Reading
{
	const char *path;
	Span content;
} Reading;

static bool
TakeImage(void *state, const EdiReader *reader, Span image)
{
	Reading *reading = state;
	DocumentView view;
	ClexError error = {0};

	(void) reader;
	if (DocumentOpen(image, &view, &error) == CLEX_OK)
		CheckMessage(reading->path, reading->content, &view);
	return true;
}

static void
CheckInterchange(const char *path, Span content)
{
	XmlLimits limits = XML_DEFAULT_LIMITS;
	ReadRequest request = {.content = content, .limits = &limits};
	Reading reading = {path, content};
	ClexError error = {0};
	Arena body;
	Arena lasting;

	ArenaReset(&arena);
	ArenaInit(&body, &ClexPlainEnv, 0);
	ArenaInit(&lasting, &ClexPlainEnv, 0);
	EdiReadEach(&request, &lasting, &body, true, TakeImage, &reading, &error);
	ArenaFree(&lasting);
	ArenaFree(&body);
}

/* ---- variations ---- */

#define MAX_SEGMENTS 4000

/* Segments of an interchange with their terminator, the last one with what is behind it. */
static unsigned
CutSegments(Span content, char terminator, char release, Span *out)
{
	unsigned count = 0;
	size_t begin = 0;

	for (size_t i = 0; i < content.length && count < MAX_SEGMENTS; i++)
		if (release != '\0' && content.data[i] == release)
			i++;
		else if (content.data[i] == terminator)
		{
			out[count++] = SpanOf(content.data + begin, i + 1 - begin);
			begin = i + 1;
		}
	return count;
}

/* A segment with another value at some place: one of its own, a code, or nothing. */
static Span
ChangeValue(Span segment, bool x12)
{
	static const char *const values[] = {"",   "ZZZ", "9",	"20260401", "1.5", "SU", "BY",
										 "ON", "137", "VA", "EN",		"a b", "AAA"};
	size_t marks[64];
	unsigned count = 0;
	unsigned at;
	Text out;

	for (size_t i = 0; i < segment.length && count < 64; i++)
		if (segment.data[i] == (x12 ? '*' : '+') || (!x12 && segment.data[i] == ':') ||
			i + 1 == segment.length)
			marks[count++] = i;
	if (count < 2)
		return segment;
	at = Random(count - 1);
	TextInit(&out, &arena);
	TextAppend(&out, segment.data, marks[at] + 1);
	TextAppendSpan(&out, SpanFromCString(values[Random(sizeof(values) / sizeof(values[0]))]));
	TextAppend(&out, segment.data + marks[at + 1], segment.length - marks[at + 1]);
	return TextSpan(&out);
}

/* An interchange with a few segments elsewhere, twice, gone or changed. */
static void
CheckVariation(const char *path, Span content)
{
	static Span segments[2 * MAX_SEGMENTS];
	bool x12 = content.data[0] == 'I';
	char terminator = x12 ? (content.length > 105 ? content.data[105] : '~') : '\'';
	unsigned count = CutSegments(content, terminator, x12 ? '\0' : '?', segments);
	unsigned changes = 1 + Random(3);
	char name[600];
	char *copy;
	Text out;

	ArenaReset(&arena);
	if (count < 8)
		return;
	for (unsigned i = 0; i < changes && count >= 8; i++)
	{
		unsigned at = 3 + Random(count - 6);
		unsigned to = 3 + Random(count - 6);
		Span moving = segments[at];

		switch (Random(5))
		{
			case 0:
				segments[at] = segments[to];
				segments[to] = moving;
				break;
			case 1:
				memmove(&segments[to + 1], &segments[to], (count - to) * sizeof(Span));
				segments[to] = moving;
				count++;
				break;
			case 2:
				memmove(&segments[at], &segments[at + 1], (count - at - 1) * sizeof(Span));
				count--;
				break;
			default:
				segments[at] = ChangeValue(moving, x12);
				break;
		}
	}
	TextInit(&out, &arena);
	for (unsigned i = 0; i < count; i++)
		TextAppendSpan(&out, segments[i]);
	/* it must outlast the arena */
	copy = malloc(out.length + 1);
	memcpy(copy, out.data, out.length);
	snprintf(name, sizeof(name), "%s varied", path);
	CheckInterchange(name, SpanOf(copy, out.length));
	free(copy);
}

static void
CheckFileOf(const char *path, Span content)
{
	if (!LooksLikeEdi(content) || content.length > 100000)
		return;
	CheckInterchange(path, content);
	/* what is tried on a file does not depend on the others */
	random_state = 0x9E3779B97F4A7C15u ^ SpanHash(SpanFromCString(path));
	for (uint32_t i = 0; i < variations; i++)
		CheckVariation(path, content);
}

int
main(int argc, char **argv)
{
	if (argc > 2)
		variations = (uint32_t) strtoul(argv[2], NULL, 10);
	verbose = argc > 3;
	ArenaInit(&arena, &ClexPlainEnv, 0);
	CheckFolder(argc > 1 ? argv[1] : "extension/test/samples", CheckFileOf);
	Ok(tap_failed == 0, "what no term took comes back, and terms are what they were");
	printf("# %u messages, %u refused; %u extras, %u of them lost, %u of these moved\n", messages,
		   refused, extras, lost, moved);
	ArenaFree(&arena);
	return Done();
}
