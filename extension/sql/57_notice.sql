-- sentences in the reader's language

CREATE FUNCTION clex.format_message(pattern text, arguments jsonb, lang text DEFAULT 'en')
	RETURNS text
	AS 'MODULE_PATHNAME', 'clex_message_format'
	LANGUAGE C STABLE STRICT PARALLEL SAFE COST 5000;

COMMENT ON FUNCTION clex.format_message(text, jsonb, text) IS
	'A sentence made of a pattern (MessageFormat of ICU) and named arguments; lang is a language tag (BCP 47: fr, fr-CH). {name}; {name, number} with integer, percent (0.05 is 5 %) or currency; {name, date} with short, medium, long or full; {name, plural, =0 {...} one {...} other {... # ...}}, with offset:n; {name, selectordinal, ...}; {name, select, ...}. Arguments are strings, numbers (exact, printed with the digits they have), truth values, dates as strings (2026-05-31), amounts as {"amount": 12.50, "currency": "EUR"}; null prints nothing. Two apostrophes are one; one before a brace quotes. Stable, not immutable: how numbers and dates look hangs on the version of ICU. Errors: 42601 no pattern (with position), 22023 an argument is missing or of the wrong type, no language tag, 54000 a pattern over 64 kB or 10 levels, a result over 1 MB.';

CREATE FUNCTION clex.message_arguments(pattern text, OUT name text, OUT kind text)
	RETURNS SETOF record
	AS 'MODULE_PATHNAME', 'clex_message_arguments'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000 ROWS 5;

COMMENT ON FUNCTION clex.message_arguments(text) IS
	'The arguments a message pattern takes, a row for each place they stand at, in reading order. kind: value (anything), number, amount, date or choice (of a select). Errors: 42601 no pattern (with position), 54000 over 64 kB or 10 levels.';
