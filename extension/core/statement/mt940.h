/*
 * mt940.h
 *		The free text of MT940 entries.
 */
#ifndef CLEX_STATEMENT_MT940_H
#define CLEX_STATEMENT_MT940_H

#include "core/statement/reader.h"

/*
 * Take apart the text of :86:, however its bank writes it: German subfields (166?00…?20…), keywords between
 * slashes (/EREF/…/REMI/…), or plain text, which is remittance information as a whole.
 */
extern void Mt940Details(StatementReader *reader, StatementEntry *entry, Span value);

#endif
