/*
 * document_set.c
 *		A copy of a document with some terms set.
 *
 * An image has no room for more, so the document is built again: its own nodes in their order, which
 * keeps their numbers as handles, then the new ones.  Nodes just made are found by a hash table, so
 * that setting a term in each of many lines takes no longer for each than for one.
 */
#include "core/base/utf8.h"
#include "core/model/document_set.h"
#include "core/model/image.h"

typedef struct Made
{
	uint32_t parent; /* handle */
	uint32_t ordinal;
	TermId term;
	uint32_t handle; /* 0: free */
} Made;

typedef struct Setting
{
	const DocumentView *view;
	DocumentBuilder *builder;
	Arena *arena;
	ClexError *error;
	uint32_t *replaced; /* by node: setting that gives its value, + 1 */
	Made *made;
	uint32_t slots; /* a power of two */
	bool early;		/* what the last one stands behind or belongs to is not there (yet) */
} Setting;

static ClexStatus
Refuse(Setting *setting, Span path, const char *message)
{
	Span shown = Utf8Cut(path, 150);

	ClexFail(setting->error, CLEX_INVALID, "%s", message);
	ClexDetail(setting->error, "It is the place \"%.*s\".", (int) shown.length, shown.data);
	return CLEX_INVALID;
}

static ClexStatus
RefuseValue(Setting *setting, TermId term, const TermSetting *given)
{
	Span shown = Utf8Cut(given->value, 60);

	ClexFail(setting->error, CLEX_INVALID, "\"%.*s\" is no value for business term \"%s\"",
			 (int) shown.length, shown.data, ClexTerms[term].id.data);
	ClexDetail(setting->error, "\"%s\" is of type %s.", ClexTerms[term].path.data,
			   ClexTerms[term].kind);
	return CLEX_INVALID;
}

/* ---- what is replaced ---- */

/* Find what is set already in the document; the rest is to be made. */
static ClexStatus
ResolveSettings(Setting *setting, const TermSetting *settings, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++)
	{
		const TermSetting *given = &settings[i];
		TermId term;
		uint32_t node;
		uint32_t found;
		bool indexed;
		bool valid;
		ClexStatus status = ViewResolveAll(setting->view, given->path, &term, &node, &found,
										   &indexed, setting->error);

		if (status != CLEX_OK)
			return status;
		if (TermIsGroup(term))
			return Refuse(setting, given->path, "a group has no value that could be set");
		if (ValueCanonical(term, given->value, setting->arena, &valid).data == NULL)
			return ClexFail(setting->error, CLEX_NO_MEMORY, "out of memory");
		if (!valid)
			return RefuseValue(setting, term, given);
		if (node == 0)
			continue;
		if (setting->replaced[node] != 0)
			return Refuse(setting, given->path, "a business term is set twice");
		setting->replaced[node] = i + 1;
	}
	return CLEX_OK;
}

/* The document as it is but for the values that are replaced; handles are the numbers of its nodes. */
static ClexStatus
CopyNodes(Setting *setting, const TermSetting *settings)
{
	const DocumentView *view = setting->view;

	for (uint32_t i = 1; i <= view->node_count; i++)
	{
		DocumentNode node = ViewNode(view, i);
		uint32_t by = setting->replaced[i];

		DocumentAdd(setting->builder, node.parent, node.term,
					by != 0 ? settings[by - 1].value : node.value, 0);
		if (by == 0)
			DocumentSetLexical(setting->builder, i, ViewLexical(view, i));
		if (i % 4096 == 0 && ClexInterrupted(setting->arena->env))
			return ClexFail(setting->error, CLEX_INTERRUPTED, "interrupted");
	}
	for (uint32_t i = 0; i < view->extra_count; i++)
	{
		DocumentExtra extra = ViewExtra(view, i);

		DocumentAddExtra(setting->builder, extra.path, extra.value, extra.line);
	}
	for (uint32_t i = 0; i < view->provenance_count; i++)
	{
		Span key;
		Span value = ViewProvenanceAt(view, i, &key);
		Span name = ArenaCopy(setting->arena, key);

		if (name.data == NULL)
			return ClexFail(setting->error, CLEX_NO_MEMORY, "out of memory");
		DocumentSetProvenance(setting->builder, name.data, value);
	}
	return CLEX_OK;
}

/* ---- what is made ---- */

/* The place of a made node in the table, or a free one. */
static Made *
MadeAt(const Setting *setting, uint32_t parent, TermId term, uint32_t ordinal)
{
	uint32_t slot = (parent * 2654435761u ^ ordinal * 40503u ^ term) & (setting->slots - 1);
	Made *made = &setting->made[slot];

	while (made->handle != 0 &&
		   (made->parent != parent || made->term != term || made->ordinal != ordinal))
	{
		slot = (slot + 1) & (setting->slots - 1);
		made = &setting->made[slot];
	}
	return made;
}

/* How many children of a term a node of the document itself has; one just made has none. */
static uint32_t
OwnChildren(const Setting *setting, uint32_t parent, TermId term, uint32_t *first)
{
	uint32_t count = 0;

	*first =
		parent <= setting->view->node_count ? ViewFind(setting->view, parent, term, &count) : 0;
	return *first != 0 ? count : 0;
}

/* The child of a term by its ordinal, made if it is the next one; 0 after an error. */
static uint32_t
ChildOf(Setting *setting, uint32_t parent, TermId term, uint32_t ordinal, const TermSetting *given,
		bool last)
{
	uint32_t first;
	uint32_t own = OwnChildren(setting, parent, term, &first);
	Made *made;

	if (ordinal <= own)
		return first + ordinal - 1;
	made = MadeAt(setting, parent, term, ordinal);
	if (made->handle != 0)
	{
		if (last)
			Refuse(setting, given->path, "a business term is set twice");
		return last ? 0 : made->handle;
	}
	if (ClexTerms[term].max != 0 && ordinal > ClexTerms[term].max)
	{
		Refuse(setting, given->path, "a business term cannot stand there so often");
		return 0;
	}
	if (ordinal > own + 1 && MadeAt(setting, parent, term, ordinal - 1)->handle == 0)
	{
		setting->early = true;
		Refuse(setting, given->path, "the one before it is missing");
		return 0;
	}
	if (!last && !TermIsGroup(term))
	{
		setting->early = true;
		Refuse(setting, given->path, "there is no value that it could belong to");
		return 0;
	}
	*made = (Made){.parent = parent,
				   .ordinal = ordinal,
				   .term = term,
				   .handle = DocumentAdd(setting->builder, parent, term,
										 last ? given->value : SpanOf("", 0), 0)};
	return made->handle;
}

/* From a node of term `above` down to one of `term`: groups, each the first of its kind. */
static bool
WalkDown(Setting *setting, uint32_t *node, TermId above, TermId term, const TermSetting *given)
{
	TermId down[16];
	uint32_t depth = 0;

	for (; term != above && depth < 16; term = ClexTerms[term].parent)
		down[depth++] = term;
	while (depth > 0)
	{
		*node = ChildOf(setting, *node, down[--depth], 1, given, false);
		if (*node == 0)
			return false;
	}
	return true;
}

/* Make what a path leads to, which is known to be one. */
static ClexStatus
MakeTerm(Setting *setting, const TermSetting *given)
{
	Span path = given->path;
	uint32_t node = 0;
	TermId above = TERM_NONE;
	size_t at = 0;

	do
	{
		size_t start = at;
		uint32_t ordinal = 0;
		Span name;
		TermId term;

		while (at < path.length && path.data[at] != '.' && path.data[at] != '/' &&
			   path.data[at] != '[')
			at++;
		name = SpanOf(path.data + start, at - start);
		term = TermChild(above, name);
		if (term == TERM_NONE)
			term = TermLookup(name);
		if (at < path.length && path.data[at] == '[')
		{
			for (at++; path.data[at] != ']'; at++)
				if (ordinal < UINT32_MAX / 10 - 1)
					ordinal = ordinal * 10 + (uint32_t) (path.data[at] - '0');
			at++;
		}
		if (!WalkDown(setting, &node, above, ClexTerms[term].parent, given))
			return setting->error->status;
		node = ChildOf(setting, node, term, ordinal == 0 ? 1 : ordinal, given, at >= path.length);
		if (node == 0)
			return setting->error->status;
		above = term;
	} while (at++ < path.length);
	return CLEX_OK;
}

/* ---- entries ---- */

Span
DocumentTermValue(TermId term, Span value, Arena *arena, bool *valid)
{
	return ValueCanonical(term, value, arena, valid);
}

static bool
Prepare(Setting *setting, uint32_t count)
{
	const DocumentView *view = setting->view;

	/* each setting makes at most one node a level, half of the slots stay free */
	setting->slots = 64;
	while (setting->slots < (uint64_t) count * 16)
		setting->slots *= 2;
	setting->builder = DocumentBegin(setting->arena, (DocumentKind) view->kind, view->format);
	setting->replaced =
		ArenaAllocZero(setting->arena, ((size_t) view->node_count + 1) * sizeof(uint32_t));
	setting->made = ArenaAllocZero(setting->arena, setting->slots * sizeof(Made));
	return setting->builder != NULL && setting->replaced != NULL && setting->made != NULL;
}

/*
 * Make what is not there.  Settings come in any order: one that comes too early is put off until a
 * round has made nothing more.
 */
static ClexStatus
MakeMissing(Setting *setting, const TermSetting *settings, uint32_t count)
{
	bool *done = ArenaAllocZero(setting->arena, count + 1u);
	bool progress = true;
	ClexStatus status = CLEX_OK;

	if (done == NULL)
		return ClexFail(setting->error, CLEX_NO_MEMORY, "out of memory");
	for (uint32_t node = 1; node <= setting->view->node_count; node++)
		if (setting->replaced[node] != 0)
			done[setting->replaced[node] - 1] = true;
	for (bool early = true; early && progress;)
	{
		early = progress = false;
		for (uint32_t i = 0; i < count; i++)
		{
			if (done[i])
				continue;
			if (ClexInterrupted(setting->arena->env))
				return ClexFail(setting->error, CLEX_INTERRUPTED, "interrupted");
			setting->early = false;
			status = MakeTerm(setting, &settings[i]);
			if (status != CLEX_OK && !setting->early)
				return status;
			done[i] = status == CLEX_OK;
			progress |= done[i];
			early |= !done[i];
		}
	}
	for (uint32_t i = 0; i < count; i++)
		if (!done[i])
			return MakeTerm(setting, &settings[i]);
	return CLEX_OK;
}

ClexStatus
DocumentSetTerms(const DocumentView *view, const TermSetting *settings, uint32_t count,
				 Arena *arena, Span *image, ClexError *error)
{
	ClexError own;
	Setting setting = {.view = view, .arena = arena, .error = error != NULL ? error : &own};
	ClexStatus status;

	memset(setting.error, 0, sizeof(ClexError));
	if (count > UINT32_MAX / 64)
		return ClexFail(error, CLEX_LIMIT, "too many terms are set at once");
	if (!Prepare(&setting, count))
		return ClexFail(error, CLEX_NO_MEMORY, "out of memory");
	DocumentSetReader(setting.builder, view->reader_version);
	status = ResolveSettings(&setting, settings, count);
	if (status == CLEX_OK)
		status = CopyNodes(&setting, settings);
	if (status == CLEX_OK)
		status = MakeMissing(&setting, settings, count);
	return status == CLEX_OK ? DocumentFinish(setting.builder, image, error) : status;
}
