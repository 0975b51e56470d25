/*
 * checkdigit_forms.c
 *		Identifiers that differ by country or scheme: VAT numbers and ISO 6523 schemes.
 *
 * A table row gives a form and the method of its check character.  Most methods are a weighted sum whose
 * remainder picks the check character from a map, so that "ten counts as zero", "eleven minus" and letters
 * are facts of the table; what does not fit is one function each below.
 */
#include "core/base/checkdigit_forms.h"

/*
 * The characters of a number that take part in its check: every digit, and letters where the form says
 * "@" or "*".
 */
typedef struct Gathered
{
	uint32_t count;
	char chars[CHECK_MAX_GATHERED];
} Gathered;

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

/* Whether a character is of the class that opens at form[0] = '['; *next is what follows the class. */
static bool
MatchClass(const char *form, char c, const char **next)
{
	bool found = false;

	for (form++; *form != ']'; form++)
	{
		if (form[1] == '-' && form[2] != ']')
		{
			found = found || (c >= form[0] && c <= form[2]);
			form += 2;
		}
		else
			found = found || c == *form;
	}
	*next = form + 1;
	return found;
}

/* Whether one character fits the element of the form at *form, which is stepped over. */
static bool
MatchElement(const char **form, char c)
{
	switch (*(*form)++)
	{
		case '#':
			return IsDigit(c);
		case '@':
			return IsUpper(c);
		case '*':
		case '?':
			return IsDigit(c) || IsUpper(c);
		case '[':
			return MatchClass(*form - 1, c, form);
		default:
			return c == (*form)[-1];
	}
}

/*
 * Match a number against a form (see the head of the tables) and gather the characters to be checked.
 * *rest is what "~" stands for.
 */
static bool
MatchForm(const char *form, Span id, Gathered *gathered, Span *rest)
{
	size_t i = 0;

	gathered->count = 0;
	for (; i < id.length && *form != '\0' && *form != '~'; i++)
	{
		char element = *form;
		char c = id.data[i];

		if (!MatchElement(&form, c))
			return false;
		if (IsDigit(c) ? element != '?' : element == '@' || element == '*')
		{
			if (gathered->count == CHECK_MAX_GATHERED)
				return false;
			gathered->chars[gathered->count++] = c;
		}
	}
	*rest = SpanOf(id.data + i, id.length - i);
	if (*form == '~')
		return true;
	while (*form == '?')
		form++;
	return i == id.length && *form == '\0';
}

static inline unsigned
DigitAt(const Gathered *g, uint32_t i)
{
	return (unsigned) (g->chars[i] - '0');
}

/* The number that count digits write, from the one at start. */
static uint64_t
NumberAt(const Gathered *g, uint32_t start, uint32_t count)
{
	uint64_t number = 0;

	for (uint32_t i = start; i < start + count; i++)
		number = number * 10 + DigitAt(g, i);
	return number;
}

/*
 * The character after the weighted ones is map[sum modulo the map's length].  There "-" stands for a
 * remainder that no number has, ">" for "take the next weights; after the last, 0".
 */
static bool
CheckWeighted(const CheckForm *f, const Gathered *g)
{
	size_t modulus = strlen(f->map);

	for (uint32_t pass = 0; pass < f->passes; pass++)
	{
		unsigned sum = 0;
		char expected;

		for (uint32_t i = 0; i < f->count; i++)
		{
			unsigned product = f->weights[pass][i] * DigitAt(g, i);

			sum += f->method == CHECK_FOLDED ? product / 10 + product % 10 : product;
		}
		expected = f->map[sum % modulus];
		if (expected != '>')
			return g->chars[f->count] == expected;
	}
	return g->chars[f->count] == '0';
}

/* ISO 7064 MOD 11,10. */
static bool
CheckMod11_10(const Gathered *g)
{
	unsigned product = 10;

	for (uint32_t i = 0; i + 1 < g->count; i++)
	{
		unsigned sum = (product + DigitAt(g, i)) % 10;

		product = 2 * (sum == 0 ? 10 : sum) % 11;
	}
	return (product + DigitAt(g, g->count - 1)) % 10 == 1;
}

static bool
IsDate(unsigned year, unsigned month, unsigned day)
{
	static const uint8_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	if (month < 1 || month > 12 || day < 1)
		return false;
	return day <= days[month - 1] + (unsigned) (month == 2 && leap);
}

/* Belgium: the last two digits are 97 less the remainder of the others. */
static bool
CheckBeComplement97(const Gathered *g)
{
	return NumberAt(g, 8, 2) == 97 - NumberAt(g, 0, 8) % 97;
}

/* Bulgaria: date of birth in a civil number, the month telling the century; the digit is weighted. */
static bool
CheckBgEgn(const CheckForm *f, const Gathered *g)
{
	unsigned year = (unsigned) NumberAt(g, 0, 2);
	unsigned month = (unsigned) NumberAt(g, 2, 2);

	if (month > 40)
		return IsDate(2000 + year, month - 40, (unsigned) NumberAt(g, 4, 2)) && CheckWeighted(f, g);
	if (month > 20)
		return IsDate(1800 + year, month - 20, (unsigned) NumberAt(g, 4, 2)) && CheckWeighted(f, g);
	return IsDate(1900 + year, month, (unsigned) NumberAt(g, 4, 2)) && CheckWeighted(f, g);
}

/* What Italian and Cypriot schemes make of a digit or letter at an odd place. */
static unsigned
OddValue(char c)
{
	static const uint8_t odd[] = {1,  0,  5, 7, 9, 13, 15, 17, 19, 21, 2,  4,  18,
								  20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23};

	return odd[IsDigit(c) ? c - '0' : c - 'A'];
}

static unsigned
EvenValue(char c)
{
	return (unsigned) (IsDigit(c) ? c - '0' : c - 'A');
}

/* Cyprus and the Italian codice fiscale: last letter = sum of odd and even places modulo 26. */
static bool
CheckOddEvenLetter(const Gathered *g)
{
	unsigned sum = 0;

	for (uint32_t i = 0; i + 1 < g->count; i++)
		sum += i % 2 == 0 ? OddValue(g->chars[i]) : EvenValue(g->chars[i]);
	return g->chars[g->count - 1] == (char) ('A' + sum % 26);
}

/*
 * Czechia: birth numbers, 9 digits without a check digit for those born up to 1953; month + 50 for women,
 * + 20 or + 70 where a day's numbers ran out (from 2004).
 */
static bool
CheckCzBirth(const Gathered *g)
{
	bool old = g->count == 9;
	unsigned year = (unsigned) NumberAt(g, 0, 2);
	unsigned month = (unsigned) NumberAt(g, 2, 2) % 50;

	if (old && year > 53 && year < 80)
		return false;
	if (old)
		year += year > 53 ? 1800 : 1900;
	else
		year += year > 53 ? 1900 : 2000;
	if (month > 20 && year >= 2004)
		month -= 20;
	if (!IsDate(year, month, (unsigned) NumberAt(g, 4, 2)))
		return false;
	return old || NumberAt(g, 0, 9) % 11 % 10 == DigitAt(g, 9);
}

/* France: a key of two digits, or of digits and letters without I and O, before a SIREN. */
static bool
CheckFrKey(const Gathered *g)
{
	static const char alphabet[] = "0123456789ABCDEFGHJKLMNPQRSTUVWXYZ";
	Gathered siren = {.count = 9};
	uint64_t number;
	const char *first = memchr(alphabet, g->chars[0], sizeof(alphabet) - 1);
	const char *second = memchr(alphabet, g->chars[1], sizeof(alphabet) - 1);
	unsigned key;

	if (first == NULL || second == NULL)
		return false;
	memcpy(siren.chars, g->chars + 2, 9);
	number = NumberAt(&siren, 0, 9);
	/* Monaco's numbers start with 000 and have no Luhn digit */
	if (number >= 1000000 && !CheckLuhn(SpanOf(siren.chars, 9)))
		return false;
	if (IsDigit(*first) && IsDigit(*second))
		return NumberAt(g, 0, 2) == (number * 100 + 12) % 97;
	key = (unsigned) (second - alphabet);
	if (IsDigit(*first))
		key += (unsigned) (first - alphabet) * 24 - 10;
	else
		key += (unsigned) (first - alphabet) * 34 - 100;
	return (number + 1 + key / 11) % 11 == key % 11;
}

/*
 * United Kingdom: weights 8 to 2, the last two digits complete to a multiple of 97; numbers from 100 nnnn nn
 * up may instead lack 55 of one.
 */
static bool
CheckGb97(const Gathered *g)
{
	unsigned sum = (unsigned) NumberAt(g, 7, 2);

	for (uint32_t i = 0; i < 7; i++)
		sum += (8 - i) * DigitAt(g, i);
	return sum % 97 == 0 || (g->chars[0] != '0' && (sum + 55) % 97 == 0);
}

/* Ireland: weights 8 to 2 and 9 for a second letter, A to I or W, which counts 0. */
static bool
CheckIeLetter(const Gathered *g)
{
	unsigned sum = 0;

	for (uint32_t i = 0; i < 7; i++)
		sum += (8 - i) * DigitAt(g, i);
	if (g->count == 9 && g->chars[8] != 'W')
	{
		if (g->chars[8] > 'I')
			return false;
		sum += 9 * (unsigned) (g->chars[8] - 'A' + 1);
	}
	return g->chars[7] == "WABCDEFGHIJKLMNOPQRSTUV"[sum % 23];
}

/* Ireland before 2013: the first digit counts last, a letter or sign follows it. */
static bool
CheckIeLetterOld(const Gathered *g)
{
	Gathered turned = {.count = 8};

	turned.chars[0] = '0';
	memcpy(turned.chars + 1, g->chars + 1, 5);
	turned.chars[6] = g->chars[0];
	turned.chars[7] = g->chars[6];
	return CheckIeLetter(&turned);
}

/*
 * The digit at a place of an Italian codice fiscale: where two persons would have the same code, the letters
 * LMNPQRSTUV stand for digits.  -1 at any other letter.
 */
static int
CodiceDigit(char c)
{
	static const char letters[] = "LMNPQRSTUV";
	const char *found;

	if (IsDigit(c))
		return c - '0';
	found = memchr(letters, c, sizeof(letters) - 1);
	return found == NULL ? -1 : (int) (found - letters);
}

/* Italy: a codice fiscale of a person; month letter, day of birth (+ 40 for women) and check letter. */
static bool
CheckItCodice(const Gathered *g)
{
	static const uint8_t digits[] = {6, 7, 9, 10, 12, 13, 14};
	int day;

	for (size_t i = 0; i < sizeof(digits); i++)
		if (CodiceDigit(g->chars[digits[i]]) < 0)
			return false;
	if (memchr("ABCDEHLMPRST", g->chars[8], 12) == NULL)
		return false;
	day = CodiceDigit(g->chars[9]) * 10 + CodiceDigit(g->chars[10]);
	return ((day >= 1 && day <= 31) || (day >= 41 && day <= 71)) && CheckOddEvenLetter(g);
}

/* Latvia: date of birth and a digit for its century; the digit is weighted. */
static bool
CheckLvBirth(const CheckForm *f, const Gathered *g)
{
	unsigned year = 1800 + 100 * DigitAt(g, 6) + (unsigned) NumberAt(g, 4, 2);

	return IsDate(year, (unsigned) NumberAt(g, 2, 2), (unsigned) NumberAt(g, 0, 2)) &&
		   CheckWeighted(f, g);
}

/* Malta: weights 3 4 6 7 8 9, the last two digits are 37 less the remainder. */
static bool
CheckMt37(const Gathered *g)
{
	static const uint8_t weights[] = {3, 4, 6, 7, 8, 9};
	unsigned sum = 0;

	for (uint32_t i = 0; i < 6; i++)
		sum += weights[i] * DigitAt(g, i);
	return NumberAt(g, 6, 2) == 37 - sum % 37;
}

/* Australian Business Number: the first digit less one, weights 10 1 3 5 ... 19, a multiple of 89. */
static bool
CheckAbn89(const Gathered *g)
{
	unsigned sum = 10 * (DigitAt(g, 0) - 1);

	for (uint32_t i = 1; i < 11; i++)
		sum += (2 * i - 1) * DigitAt(g, i);
	return sum % 89 == 0;
}

/* Japanese corporate number: the first digit is 9 less the remainder of weights 1 and 2 from the right. */
static bool
CheckJp9(const Gathered *g)
{
	unsigned sum = 0;

	for (uint32_t i = 1; i < 13; i++)
		sum += DigitAt(g, i) * (i % 2 == 0 ? 1 : 2);
	return DigitAt(g, 0) == 9 - sum % 9;
}

/* German Leitweg-ID: 2 to 12 digits, a fine part of up to 30 characters or none, MOD 97-10 without hyphens. */
static bool
CheckLeitweg(Span id)
{
	char packed[44];
	uint32_t count = 0, hyphens = 0, coarse = 0;

	if (id.length < 5 || id.length > 46 || id.data[id.length - 3] != '-')
		return false;
	for (size_t i = 0; i < id.length; i++)
	{
		char c = id.data[i];

		if (c == '-')
		{
			if (hyphens++ == 0)
				coarse = count;
			continue;
		}
		if (c >= 'a' && c <= 'z')
			c = (char) (c - 'a' + 'A');
		if (count == sizeof(packed) || (hyphens == 0 && !IsDigit(c)))
			return false;
		packed[count++] = c;
	}
	if (hyphens < 1 || hyphens > 2 || coarse < 2 || coarse > 12 || count - 2 - coarse > 30)
		return false;
	return (hyphens == 1) == (count - 2 == coarse) && IsDigit(packed[count - 2]) &&
		   IsDigit(packed[count - 1]) && CheckMod97(SpanOf(packed, count));
}

static bool CheckVatForms(Span id);

/* Whether a number that has the form passes its check; rest is what "~" stood for. */
static bool
CheckByMethod(const CheckForm *f, const Gathered *g, Span id, Span rest)
{
	switch (f->method)
	{
		case CHECK_FORMAT:
			return true;
		case CHECK_NEVER:
			return false;
		case CHECK_WEIGHTED:
		case CHECK_FOLDED:
			return CheckWeighted(f, g);
		case CHECK_MOD11_10:
			return CheckMod11_10(g);
		case CHECK_MOD97:
			return CheckMod97(id);
		case CHECK_VAT:
			return CheckVatForms(id);
		case CHECK_IBAN:
			return CheckIban(rest);
		case CHECK_LEI:
			return CheckLei(rest);
		case CHECK_SIRET:
			return CheckSiret(rest);
		case CHECK_BE_COMPLEMENT97:
			return CheckBeComplement97(g);
		case CHECK_BG_EGN:
			return CheckBgEgn(f, g);
		case CHECK_CY_LETTER:
			return CheckOddEvenLetter(g);
		case CHECK_IT_CODICE:
			return CheckItCodice(g);
		case CHECK_CZ_BIRTH:
			return CheckCzBirth(g);
		case CHECK_FR_KEY:
			return CheckFrKey(g);
		case CHECK_GB_97:
			return CheckGb97(g);
		case CHECK_IE_LETTER:
			return CheckIeLetter(g);
		case CHECK_IE_LETTER_OLD:
			return CheckIeLetterOld(g);
		case CHECK_LU_89:
			return NumberAt(g, 6, 2) == NumberAt(g, 0, 6) % 89;
		case CHECK_LV_BIRTH:
			return CheckLvBirth(f, g);
		case CHECK_MT_37:
			return CheckMt37(g);
		case CHECK_ABN_89:
			return CheckAbn89(g);
		case CHECK_JP_9:
			return CheckJp9(g);
		case CHECK_LEITWEG:
			return CheckLeitweg(rest);
	}
	return false;
}

/* Whether nothing but zeros was gathered, more than a serial number has: a placeholder. */
static bool
AllZero(const Gathered *g)
{
	for (uint32_t i = 0; i < g->count; i++)
		if (g->chars[i] != '0')
			return false;
	return g->count > 3;
}

/*
 * Try the forms of a scheme in order: valid when one matches and its check agrees.  number is matched, id
 * is the whole identifier with any prefix.
 */
static CheckVerdict
CheckForms(const CheckForm *forms, uint32_t count, Span scheme, Span number, Span id)
{
	uint32_t low = 0, high = count;

	while (low < high)
	{
		uint32_t middle = low + (high - low) / 2;

		if (memcmp(forms[middle].scheme, scheme.data, scheme.length) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == count || !SpanEqualCString(scheme, forms[low].scheme))
		return CHECK_UNKNOWN;
	for (; low < count && SpanEqualCString(scheme, forms[low].scheme); low++)
	{
		const CheckForm *f = &forms[low];
		Gathered gathered;
		Span rest;

		if (!MatchForm(f->form, number, &gathered, &rest))
			continue;
		if (f->method == CHECK_NEVER || AllZero(&gathered))
			return CHECK_INVALID;
		if (CheckByMethod(f, &gathered, id, rest))
			return CHECK_VALID;
	}
	return CHECK_INVALID;
}

/* The VAT number of any country in the table, by its prefix. */
static bool
CheckVatForms(Span id)
{
	Span country;

	if (id.length < 3)
		return false;
	country = SpanOf(id.data, 2);
	if (SpanEqualCString(country, "GR"))
		country = SPAN_LITERAL("EL");
	return CheckForms(ClexVatForms, ClexVatFormCount, country, SpanOf(id.data + 2, id.length - 2),
					  id) == CHECK_VALID;
}

static bool
HasPrefix(Span s, const char *prefix)
{
	return s.length >= 2 && memcmp(s.data, prefix, 2) == 0;
}

bool
CheckVatId(Span s)
{
	return !HasPrefix(s, "GB") && !HasPrefix(s, "CH") && !HasPrefix(s, "NO") && CheckVatForms(s);
}

bool
CheckVatGb(Span s)
{
	return HasPrefix(s, "GB") && CheckVatForms(s);
}

bool
CheckVatCh(Span s)
{
	return HasPrefix(s, "CH") && CheckVatForms(s);
}

bool
CheckVatNo(Span s)
{
	if (HasPrefix(s, "NO"))
		return CheckVatForms(s);
	if (s.length != 12) /* without prefix only the suffix says what it is */
		return false;
	return CheckForms(ClexVatForms, ClexVatFormCount, SPAN_LITERAL("NO"), s, s) == CHECK_VALID;
}

CheckVerdict
CheckIso6523(Span icd, Span id)
{
	if (icd.length != 4)
		return CHECK_UNKNOWN;
	return CheckForms(ClexSchemeForms, ClexSchemeFormCount, icd, id, id);
}
