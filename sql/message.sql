-- sentences in the reader's language: plural rules, numbers, amounts and dates

-- what a supplier is told, in three languages
CREATE TEMP TABLE pattern (language text, pattern text);
INSERT INTO pattern VALUES
	('en', '{supplier}: {n, plural, =0 {nothing is due} one {# invoice is due} other {# invoices are due}}, {total}, by {due, date, long}.'),
	('fr', '{supplier} : {n, plural, =0 {rien n''est dû} one {# facture est due} other {# factures sont dues}}, {total}, au {due, date, long}.'),
	('de', '{supplier}: {n, plural, =0 {nichts ist fällig} one {# Rechnung ist fällig} other {# Rechnungen sind fällig}}, {total}, bis {due, date, long}.'),
	('pl', '{n, plural, one {# faktura} few {# faktury} many {# faktur} other {# faktury}}'),
	('ar', '{n, plural, zero {z} one {o} two {t} few {f} many {m} other {x}}');
SELECT p.language, n, clex.format_message(p.pattern,
	jsonb_build_object('supplier', 'Aciéries d''Aval', 'n', n, 'total', jsonb_build_object('amount', 12345.5 * n, 'currency', 'EUR'), 'due', '2026-05-31'),
	p.language)
FROM pattern p, generate_series(0, 2) n WHERE p.language IN ('en', 'fr', 'de') ORDER BY 1, 2;

-- plural rules are the language's: French counts 1.5 as one, Polish has few and many, Arabic six forms
SELECT n, clex.format_message('{n, plural, one {one} other {other}}', jsonb_build_object('n', n), 'en') AS en,
	clex.format_message('{n, plural, one {one} many {many} other {other}}', jsonb_build_object('n', n), 'fr') AS fr,
	clex.format_message((SELECT pattern FROM pattern WHERE language = 'pl'), jsonb_build_object('n', n), 'pl') AS pl,
	clex.format_message((SELECT pattern FROM pattern WHERE language = 'ar'), jsonb_build_object('n', n), 'ar') AS ar
FROM unnest('{0,1,1.0,1.5,2,5,11,22,100}'::numeric[]) n;
SELECT string_agg(clex.format_message('{n, selectordinal, one {#st} two {#nd} few {#rd} other {#th}}', jsonb_build_object('n', n)), ' ') FROM generate_series(1, 24) n;
SELECT clex.format_message('{n, plural, offset:1 =0 {nobody} =1 {{name}} one {{name} and # other} other {{name} and # others}}',
	jsonb_build_object('n', n, 'name', 'Ada')) FROM generate_series(0, 3) n;
SELECT clex.format_message('{kind, select, invoice {Rechnung} credit {Gutschrift} other {Beleg}} {number}', jsonb_build_object('kind', k, 'number', 'R''1'), 'de')
FROM unnest('{invoice,credit,order}'::text[]) k;

-- numbers keep their digits, also those a float has not
SELECT clex.format_message('{a} {a, number, integer} {b, number, percent} {c, number} {d}',
	'{"a": 12345678901234567890.505, "b": 0.0525, "c": 1.50, "d": -0.10}', 'de');
SELECT clex.format_message('{a, number, integer} {b, number, integer} {c, number, integer}', '{"a": 2.5, "b": 3.5, "c": 1e3}');
-- an amount has the digits of its currency, or more if it came with more
SELECT c.language, replace(replace(clex.format_message('{a} {b, number, currency} {c}',
	'{"a": {"amount": "1234.5", "currency": "EUR"}, "b": {"amount": 1234, "currency": "JPY"}, "c": {"amount": 0.123, "currency": "USD"}}', c.language),
	U&'\00A0', '_'), U&'\202F', '_')
FROM unnest('{en,de}'::text[]) c(language);
-- editions of CLDR differ about the comma behind an English weekday
SELECT replace(clex.format_message('{d, date, short}|{d, date}|{d, date, long}|{d, date, full}', '{"d": "2028-02-29"}', l), 'Tuesday,', 'Tuesday') FROM unnest('{en-GB,fr,de}'::text[]) l;
SET TimeZone = 'Pacific/Kiritimati';
SELECT clex.format_message('{d, date, long}', '{"d": "2026-12-31"}');
RESET TimeZone;

-- apostrophes, braces, nothing
SELECT clex.format_message(p, '{"n": 3, "x": null, "t": true}')
FROM unnest(ARRAY['aujourd''hui', 'l''''un', '''{''literal''}'' ''{a''''b}''', '{n, plural, other {''#'' is #}}', '# {n}', '[{x}][{x, number}][{x, date}]', '{t}', '', '{ n , number , integer }']) p;

SELECT * FROM clex.message_arguments('{who} owes {total, number, currency} for {n, plural, one {{what}} other {# of {list, select, a {x} other {{due, date}}}}}');

-- what is no pattern
\set VERBOSITY default
SELECT clex.format_message('{', '{}');
SELECT clex.format_message('{a', '{"a": 1}');
SELECT clex.format_message('é {a, nombre}', '{}');
SELECT clex.format_message('{a, number, percents}', '{}');
SELECT clex.format_message('{a, plural, one {x}}', '{}');
SELECT clex.format_message('{a, plural, one {x} one {y} other {}}', '{}');
SELECT clex.format_message('{a, plural, =x {x} other {}}', '{}');
SELECT clex.format_message('{a, select, x y}', '{}');
SELECT clex.format_message('a } b', '{}');
SELECT clex.format_message('it''s ''{quoted', '{}');
SELECT clex.message_arguments('{}');
SELECT clex.format_message(repeat('{a, select, other {', 11) || repeat('}}', 11), '{"a": 1}');
SELECT clex.format_message(repeat('x', 65537), '{}');
SELECT clex.format_message(repeat('{a}', 2000), jsonb_build_object('a', repeat('x', 1000)));

-- what does not fit it
SELECT clex.format_message('{a}', '{"b": 1}');
SELECT clex.format_message('{a, number}', '{"a": "one"}');
SELECT clex.format_message('{a, plural, other {}}', '{"a": null}');
SELECT clex.format_message('{a, date}', '{"a": "31/05/2026"}');
SELECT clex.format_message('{a, date}', '{"a": 20260531}');
SELECT clex.format_message('{a, number, currency}', '{"a": 12}');
SELECT clex.format_message('{a}', '{"a": {"amount": 12, "currency": "euro"}}');
SELECT clex.format_message('{a}', '{"a": {"amount": 12}}');
SELECT clex.format_message('{a}', '{"a": [1]}');
SELECT clex.format_message('{a}', '[1]');
SELECT clex.format_message('{a, number}', '{"a": 123456789012345678901234567890123456789}');
SELECT clex.format_message('x', '{}', 'not a language');
SELECT clex.format_message('x', '{}', '');
SELECT clex.format_message(NULL, '{}'), clex.format_message('x', NULL), clex.format_message('x', '{}', NULL);
