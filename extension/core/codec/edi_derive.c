/*
 * edi_derive.c
 *		Differences, products and sums that a format leaves to its reader.
 */
#include "core/codec/edi_derive.h"

#define AMOUNT_DIGITS 2
#define PRICE_DIGITS 10

void
EdiDeriveInit(EdiDerive *derive, DocumentBuilder *builder, Arena *arena, bool set_810)
{
	memset(derive, 0, sizeof(*derive));
	derive->builder = builder;
	derive->arena = arena;
	derive->set_810 = set_810;
	derive->lines_known = true;
}

/* Add to a sum; an amount that is no number, or a sum too large, leaves it as it is. */
static void
AddTo(Decimal *sum, Decimal value)
{
	Decimal result;

	if (DecimalAdd(*sum, value, &result) == CLEX_OK)
		*sum = result;
}

static void
Sum(Span value, Decimal *sum, bool *any)
{
	Decimal amount;

	if (DecimalParse(value, &amount) != CLEX_OK)
		return;
	AddTo(sum, amount);
	*any = true;
}

static void
Know(DerivedTerm *term, Span value)
{
	term->known = DecimalParse(value, &term->value) == CLEX_OK;
}

void
EdiDeriveNote(EdiDerive *derive, TermId term, Span value, uint32_t parent)
{
	bool ignored;

	switch (term)
	{
		case TERM_BT_3:
			derive->has_type = true;
			derive->invoice = parent;
			break;
		case TERM_BT_1:
			derive->invoice = parent;
			break;
		case TERM_BT_5:
			derive->has_currency = true;
			break;
		case TERM_A_7:
			if (derive->number.length > 0)
				DocumentAdd(derive->builder, parent, TERM_A_1, derive->number, 0);
			break;
		case TERM_BT_126:
			derive->has_identifier = true;
			break;
		case TERM_BT_129:
			Know(&derive->quantity, value);
			break;
		case TERM_BT_131:
			Know(&derive->line_net, value);
			break;
		case TERM_BT_136:
			Sum(value, &derive->line_allowances, &ignored);
			break;
		case TERM_BT_141:
			Sum(value, &derive->line_charges, &ignored);
			break;
		case TERM_BT_146:
			derive->price = parent;
			Know(&derive->net_price, value);
			break;
		case TERM_BT_147:
			derive->discount.known = true;
			break;
		case TERM_BT_148:
			Know(&derive->gross_price, value);
			break;
		case TERM_BT_149:
			Know(&derive->basis, value);
			break;
		case TERM_BT_92:
			Sum(value, &derive->allowances, &derive->any_allowance);
			break;
		case TERM_BT_99:
			Sum(value, &derive->charges, &derive->any_charge);
			break;
		case TERM_BT_117:
			Sum(value, &derive->taxes, &derive->any_tax);
			break;
		case TERM_BT_112:
			derive->totals = parent;
			Know(&derive->total, value);
			break;
		default:
			break;
	}
}

static void
AddDecimal(EdiDerive *derive, uint32_t parent, TermId term, Decimal value)
{
	char text[DECIMAL_TEXT];
	Span copy = ArenaCopy(derive->arena, DecimalFormat(value, text));

	DocumentAdd(derive->builder, parent, term, copy.data == NULL ? SpanOf("", 0) : copy, 0);
}

/* A sum of amounts as money. */
static void
AddAmount(EdiDerive *derive, TermId term, Decimal value)
{
	Decimal zero = {0, AMOUNT_DIGITS};

	/* at least two digits after the point, as amounts are written */
	AddTo(&value, zero);
	AddDecimal(derive, derive->totals, term, value);
}

/* quantity x price / base quantity, less allowances, plus charges. */
static bool
LineNet(const EdiDerive *derive, Decimal *net)
{
	Decimal product;

	if (!derive->quantity.known || !derive->net_price.known ||
		DecimalMultiply(derive->quantity.value, derive->net_price.value, &product) != CLEX_OK)
		return false;
	if (derive->basis.known &&
		DecimalDivide(product, derive->basis.value, PRICE_DIGITS, &product) != CLEX_OK)
		return false;
	return DecimalRound(product, AMOUNT_DIGITS, DECIMAL_HALF_AWAY, &product) == CLEX_OK &&
		   DecimalSubtract(product, derive->line_allowances, &product) == CLEX_OK &&
		   DecimalAdd(product, derive->line_charges, net) == CLEX_OK;
}

/* What the line read so far leaves to be added. */
static void
EndLine(EdiDerive *derive)
{
	Decimal value;
	Decimal zero = {0, AMOUNT_DIGITS};

	if (derive->line == 0)
		return;
	derive->lines++;
	if (derive->gross_price.known && derive->net_price.known && !derive->discount.known &&
		derive->price != 0 &&
		DecimalSubtract(derive->gross_price.value, derive->net_price.value, &value) == CLEX_OK)
		AddDecimal(derive, derive->price, TERM_BT_147, DecimalNormalize(value));
	if (!derive->set_810)
		return;
	if (!derive->has_identifier)
	{
		char *number = ArenaPrintf(derive->arena, "%u", derive->lines);

		DocumentAdd(derive->builder, derive->line, TERM_BT_126,
					number == NULL ? SpanOf("", 0) : SpanFromCString(number), 0);
	}
	if (!LineNet(derive, &value))
	{
		derive->lines_known = false;
		return;
	}
	AddTo(&value, zero);
	AddDecimal(derive, derive->line, TERM_BT_131, value);
	AddTo(&derive->lines_net, value);
}

void
EdiDeriveLine(EdiDerive *derive, uint32_t line)
{
	DerivedTerm unknown = {0};

	if (line == derive->line)
		return;
	EndLine(derive);
	derive->line = line;
	derive->price = 0;
	derive->has_identifier = false;
	derive->quantity = derive->net_price = derive->gross_price = derive->discount = unknown;
	derive->basis = derive->line_net = unknown;
	derive->line_allowances = derive->line_charges = (Decimal){0, 0};
}

void
EdiDeriveEnd(EdiDerive *derive)
{
	Decimal net;

	EndLine(derive);
	if (!derive->set_810)
		return;
	if (derive->invoice != 0 && !derive->has_type)
		DocumentAdd(derive->builder, derive->invoice, TERM_BT_3, SPAN_LITERAL("380"), 0);
	if (derive->invoice != 0 && !derive->has_currency)
		DocumentAdd(derive->builder, derive->invoice, TERM_BT_5, SPAN_LITERAL("USD"), 0);
	if (derive->totals == 0 || !derive->total.known)
		return;
	if (derive->lines > 0 && derive->lines_known)
		AddAmount(derive, TERM_BT_106, derive->lines_net);
	if (derive->any_allowance)
		AddAmount(derive, TERM_BT_107, derive->allowances);
	if (derive->any_charge)
		AddAmount(derive, TERM_BT_108, derive->charges);
	if (derive->any_tax)
		AddAmount(derive, TERM_BT_110, derive->taxes);
	if (DecimalSubtract(derive->total.value, derive->taxes, &net) == CLEX_OK)
		AddAmount(derive, TERM_BT_109, net);
	AddAmount(derive, TERM_BT_115, derive->total.value);
}
