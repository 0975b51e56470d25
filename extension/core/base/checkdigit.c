/*
 * checkdigit.c
 *		Check digits whose scheme is the same in every country.
 *
 * What differs by country or scheme stands in tables and is judged in checkdigit_forms.c.  Nothing here
 * allocates, folds case or skips separators: a number that needs cleaning is not yet an identifier.
 */
#include "core/base/checkdigit_forms.h"

static inline bool
IsDigit(char c)
{
	return c >= '0' && c <= '9';
}

static inline bool
IsUpper(char c)
{
	return c >= 'A' && c <= 'Z';
}

static bool
AllDigits(Span s)
{
	for (size_t i = 0; i < s.length; i++)
		if (!IsDigit(s.data[i]))
			return false;
	return s.length > 0;
}

static bool
AllZero(Span s)
{
	for (size_t i = 0; i < s.length; i++)
		if (s.data[i] != '0')
			return false;
	return true;
}

bool
CheckLuhn(Span s)
{
	uint64_t sum = 0;
	bool doubled = false;

	if (s.length < 2)
		return false;
	for (size_t i = s.length; i-- > 0; doubled = !doubled)
	{
		unsigned digit;

		if (!IsDigit(s.data[i]))
			return false;
		digit = (unsigned) (s.data[i] - '0');
		if (doubled)
			digit = digit < 5 ? 2 * digit : 2 * digit - 9;
		sum += digit;
	}
	return sum % 10 == 0;
}

/* Continue a remainder modulo 97 over digits and letters (A = 10 ... Z = 35); -1 at any other. */
static int
Mod97(int remainder, Span s)
{
	for (size_t i = 0; i < s.length; i++)
	{
		char c = s.data[i];

		if (IsDigit(c))
			remainder = (remainder * 10 + (c - '0')) % 97;
		else if (IsUpper(c))
			remainder = (remainder * 100 + (c - 'A' + 10)) % 97;
		else
			return -1;
	}
	return remainder;
}

bool
CheckMod97(Span s)
{
	return s.length >= 3 && Mod97(0, s) == 1;
}

/*
 * Two check digits as MOD 97-10 yields them: 00, 01 and 99 are congruent to others and never assigned.
 */
static bool
AssignedCheckDigits(const char *two)
{
	int value;

	if (!IsDigit(two[0]) || !IsDigit(two[1]))
		return false;
	value = (two[0] - '0') * 10 + (two[1] - '0');
	return value >= 2 && value <= 98;
}

/* The check digit completes the weighted sum to a multiple of ten. */
bool
CheckGs1(Span s)
{
	unsigned sum = 0;

	if (!AllDigits(s))
		return false;
	for (size_t i = 0; i < s.length; i++)
		sum += (unsigned) (s.data[i] - '0') * ((s.length - i) % 2 == 0 ? 3 : 1);
	return sum % 10 == 0;
}

bool
CheckMod11(Span s)
{
	unsigned sum = 0;

	if (s.length < 2 || !AllDigits(s) || AllZero(s))
		return false;
	for (size_t i = 1; i < s.length; i++)
		sum += (unsigned) (s.data[s.length - 1 - i] - '0') * (2 + (unsigned) ((i - 1) % 6));
	return (sum + (unsigned) (s.data[s.length - 1] - '0')) % 11 == 0;
}

bool
CheckGln(Span s)
{
	return s.length == 13 && CheckGs1(s);
}

bool
CheckGtin(Span s)
{
	return (s.length == 8 || (s.length >= 12 && s.length <= 14)) && CheckGs1(s);
}

bool
CheckSscc(Span s)
{
	return s.length == 18 && CheckGs1(s);
}

bool
CheckDuns(Span s)
{
	return s.length == 9 && AllDigits(s) && !AllZero(s);
}

bool
CheckSiren(Span s)
{
	return s.length == 9 && CheckLuhn(s) && !AllZero(s);
}

bool
CheckSiret(Span s)
{
	unsigned sum = 0;

	if (s.length != 14 || !AllDigits(s) || !CheckSiren(SpanOf(s.data, 9)))
		return false;
	if (memcmp(s.data, "356000000", 9) != 0 || memcmp(s.data + 9, "00048", 5) == 0)
		return CheckLuhn(s);
	for (size_t i = 0; i < s.length; i++)
		sum += (unsigned) (s.data[i] - '0');
	return sum % 5 == 0;
}

bool
CheckLei(Span s)
{
	return s.length == 20 && AssignedCheckDigits(s.data + 18) && CheckMod97(s);
}

/* The registry's entry for a country, NULL if it has none. */
static const IbanCountry *
FindIbanCountry(const char *code)
{
	uint32_t low = 0, high = ClexIbanCountryCount;

	while (low < high)
	{
		uint32_t middle = low + (high - low) / 2;
		int order = memcmp(code, ClexIbanCountries[middle].country, 2);

		if (order == 0)
			return &ClexIbanCountries[middle];
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}

bool
CheckIban(Span s)
{
	const IbanCountry *country;

	if (s.length < 5 || !AssignedCheckDigits(s.data + 2))
		return false;
	country = FindIbanCountry(s.data);
	if (country == NULL || s.length != 4 + strlen(country->structure))
		return false;
	for (size_t i = 4; i < s.length; i++)
	{
		char kind = country->structure[i - 4];
		char c = s.data[i];

		if (!(kind != 'a' && IsDigit(c)) && !(kind != 'n' && IsUpper(c)))
			return false;
	}
	return Mod97(Mod97(0, SpanOf(s.data + 4, s.length - 4)), SpanOf(s.data, 4)) == 1;
}

bool
CheckBic(Span s)
{
	if (s.length != 8 && s.length != 11)
		return false;
	for (size_t i = 0; i < s.length; i++)
		if (!IsUpper(s.data[i]) && (!IsDigit(s.data[i]) || i == 4 || i == 5))
			return false;
	return true;
}
