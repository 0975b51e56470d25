/*
 * currency.h
 *		Minor units of currencies, by ISO 4217.
 */
#ifndef CLEX_FINANCE_CURRENCY_H
#define CLEX_FINANCE_CURRENCY_H

#include "core/base/span.h"

/* Digits of the minor unit by code, base 26 from AAA; -1 = no such currency. */
extern const int8_t ClexCurrencyDigits[26 * 26 * 26];

/* Digits of a currency's minor unit, -1 if the code is unknown. */
static inline int
CurrencyDigits(Span code)
{
	uint32_t a, b, c;

	if (code.length != 3)
		return -1;
	a = (uint32_t) (unsigned char) code.data[0] - 'A';
	b = (uint32_t) (unsigned char) code.data[1] - 'A';
	c = (uint32_t) (unsigned char) code.data[2] - 'A';
	if (a > 25 || b > 25 || c > 25)
		return -1;
	return ClexCurrencyDigits[(a * 26 + b) * 26 + c];
}

#endif
