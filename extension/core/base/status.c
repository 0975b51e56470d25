/*
 * status.c
 *		Filling a ClexError.  Texts are cut at a UTF-8 character boundary, never in the middle.
 */
#include "core/base/status.h"

#include <stdio.h>
#include <string.h>

/* Print into a fixed text field; when cut, drop a trailing partial UTF-8 character. */
__attribute__((format(printf, 2, 0))) static void
PrintText(char *text, const char *format, va_list args)
{
	int length = vsnprintf(text, CLEX_ERROR_TEXT, format, args);

	if (length >= CLEX_ERROR_TEXT)
	{
		size_t end = CLEX_ERROR_TEXT - 1;
		size_t start = end;

		while (start > 0 && ((unsigned char) text[start - 1] & 0xC0) == 0x80)
			start--;
		if (start > 0 && ((unsigned char) text[start - 1] & 0xC0) == 0xC0)
			start--;
		text[start < end ? start : end] = '\0';
	}
}

ClexStatus
ClexFailArgs(ClexError *error, ClexStatus status, const char *format, va_list args)
{
	if (error != NULL)
	{
		memset(error, 0, sizeof(*error));
		error->status = status;
		PrintText(error->message, format, args);
	}
	return status;
}

ClexStatus
ClexFail(ClexError *error, ClexStatus status, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	ClexFailArgs(error, status, format, args);
	va_end(args);
	return status;
}

void
ClexDetail(ClexError *error, const char *format, ...)
{
	va_list args;

	if (error == NULL)
		return;
	va_start(args, format);
	PrintText(error->detail, format, args);
	va_end(args);
}

void
ClexHint(ClexError *error, const char *format, ...)
{
	va_list args;

	if (error == NULL)
		return;
	va_start(args, format);
	PrintText(error->hint, format, args);
	va_end(args);
}

ClexStatus
ClexFailEmpty(ClexError *error)
{
	ClexFail(error, CLEX_MALFORMED, "the document is empty");
	ClexHint(error, "There is nothing in it: send it again from where it comes.");
	return CLEX_MALFORMED;
}

const char *
ClexStatusName(ClexStatus status)
{
	static const char *const names[] = {"ok",	   "out of memory", "interrupted",
										"limit",   "malformed",		"unsupported",
										"invalid", "out of range"};

	return names[status];
}
