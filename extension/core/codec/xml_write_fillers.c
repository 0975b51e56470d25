/*
 * xml_write_fillers.c
 *		What is written where the schema requires something and the document has nothing for it.
 */
#include "core/base/decimal.h"
#include "core/codec/xml_writer.h"

/* "{BT-31<}": country of the first value of a term, "{BT-31>}": what follows it. */
static Span
TermFiller(const Writer *w, Span name)
{
	TermId term = TermLookup(SpanOf(name.data, name.length - 1));
	Span head = {NULL, 0};
	Span tail = {NULL, 0};

	for (uint32_t i = 1; i <= w->view->node_count && head.data == NULL; i++)
		if (ViewNode(w->view, i).term == term &&
			WriterSplitHead(ViewNode(w->view, i).value, &head, &tail))
			break;
	return name.data[name.length - 1] == '<' ? head : tail;
}

/* "{BT-131*BT-152}": a value times another per cent, as money; nothing is no per cent. */
static Span
ProductFiller(const Writer *w, Span one, Span other)
{
	uint32_t amount = WriterFirst(w, TermLookup(one));
	uint32_t rate = WriterFirst(w, TermLookup(other));
	Decimal product;
	Decimal percent = {0, 0};
	char text[DECIMAL_TEXT];

	if (amount == 0 || DecimalParse(ViewNode(w->view, amount).value, &product) != CLEX_OK ||
		(rate != 0 && DecimalParse(ViewNode(w->view, rate).value, &percent) != CLEX_OK) ||
		DecimalMultiply(product, percent, &product) != CLEX_OK ||
		DecimalDivide(product, (Decimal){100, 0}, 2, &product) != CLEX_OK)
		return SpanOf(NULL, 0);
	return ArenaCopy(w->job->arena, DecimalFormat(product, text));
}

/* "{BT-126}": the value of a term within what is open. */
static Span
ValueFiller(const Writer *w, TermId term)
{
	uint32_t node = WriterFirst(w, term);

	return node == 0 ? SpanOf(NULL, 0) : ViewNode(w->view, node).value;
}

bool
WriterFillerStands(const PlanState *plan)
{
	Span filler = plan->filler;

	return filler.length > 3 && memcmp(filler.data + filler.length - 2, "!}", 2) == 0;
}

Span
WriterFiller(const Writer *w, const PlanState *plan)
{
	Span filler = plan->filler;
	const char *times;
	Span name;

	if (filler.length == 0)
		return SpanOf(NULL, 0);
	if (SpanEqualCString(filler, "''"))
		return SPAN_LITERAL("");
	if (filler.length < 3 || filler.data[0] != '{')
		return filler;
	name = SpanOf(filler.data + 1, filler.length - 2);
	if (WriterFillerStands(plan))
		name.length--;
	if (name.data[name.length - 1] == '<' || name.data[name.length - 1] == '>')
		return TermFiller(w, name);
	times = memchr(name.data, '*', name.length);
	if (times != NULL)
		return ProductFiller(w, SpanOf(name.data, (size_t) (times - name.data)),
							 SpanOf(times + 1, (size_t) (name.data + name.length - times - 1)));
	/* terms are called by their numbers; words are the syntax's own */
	if (name.data[0] >= 'A' && name.data[0] <= 'Z')
		return ValueFiller(w, TermLookup(name));
	return w->syntax->fill == NULL ? SpanOf(NULL, 0) : w->syntax->fill(w->job, name);
}
