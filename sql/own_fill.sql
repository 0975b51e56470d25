-- setting terms of a document, and filling what it lacks
SET client_min_messages = warning;
SET search_path = public, clex;
\set sample `cat extension/test/samples/fr-wrong-total.xml`
\set basic `cat extension/test/samples/facturx-fr-basic.xml`
CREATE TABLE fill_sample AS SELECT clex.read(convert_to(:'sample', 'UTF8')) AS d;

-- nothing set, nothing changed: extras, spelling and provenance too
SELECT bool_and(d::text = clex.with_terms(d, '{}')::text) FROM fill_sample;
SELECT clex.read(convert_to(:'basic', 'UTF8')) = clex.with_terms(clex.read(convert_to(:'basic', 'UTF8')), '{}') AS same;
-- replaced, added, with the groups around it, one beyond the last
SELECT x -> 'invoice' -> 'number' AS number, x -> 'invoice.buyer_accounting_reference' AS account, x -> 'payment.credit_transfers' AS transfers,
	x -> 'lines[2].note' AS note, x -> 'lines[4].allowances' AS allowances, x -> 'payment.card' AS card, x -> 'preceding_invoices' AS preceding
FROM fill_sample, clex.with_terms(d, '{"BT-19": "62410", "lines[2].note": "n2", "lines[4].allowances[1].amount": 3.50, "lines[4]/allowances[1]/reason": "x",
	"payment.credit_transfers[2].account": "XX", "payment.credit_transfers[2].account_name": "name", "invoice.number": "N", "BT-87": "1234",
	"preceding_invoices[1].number": "A", "preceding_invoices[2].number": "B"}') x;
SELECT clex.with_terms('{"$kind": "invoice"}', '{"BT-2": "2026-03-09", "BT-112": "0012.50", "BT-30": "732829320", "seller.legal_registration.scheme": "0002"}');
-- in any order
SELECT x -> 'lines' AS lines FROM clex.with_terms('{"$kind": "invoice"}', '{"lines[1].item.description": "one", "lines[2].item.name": "two", "lines[3].note": "three"}') x;
-- many at once
SELECT count(*), min(clex.value(x, 'lines[20000].identifier'))
FROM (SELECT clex.with_terms('{"$kind": "invoice"}', jsonb_object_agg('lines[' || n || '].identifier', n::text)) FROM generate_series(1, 20000) n) s (x),
	jsonb_array_elements(x -> 'lines');
\set VERBOSITY default
SELECT clex.with_terms(d, '{"BT-99999": "x"}') FROM fill_sample;
SELECT clex.with_terms(d, '{"lines": "x"}') FROM fill_sample;
SELECT clex.with_terms(d, '{"lines[6].note": "x"}') FROM fill_sample;
SELECT clex.with_terms(d, '{"lines[0].note": "x"}') FROM fill_sample;
SELECT clex.with_terms(d, '{"invoice[2].number": "x"}') FROM fill_sample;
SELECT clex.with_terms(d, '{"BT-2": "tomorrow"}') FROM fill_sample;
SELECT clex.with_terms(d, '{"BT-112": "much"}') FROM fill_sample;
SELECT clex.with_terms(d, '{"BT-1": "x", "invoice.number": "y"}') FROM fill_sample;
SELECT clex.with_terms(d, '{"BT-19": "x", "invoice.buyer_accounting_reference": "y"}') FROM fill_sample;
SELECT clex.with_terms(d, '{"BT-18-1": "x"}') FROM fill_sample;
SELECT clex.with_terms(d, '{"BT-1": null}') FROM fill_sample;
SELECT clex.with_terms(d, '{"BT-1": ["a"]}') FROM fill_sample;
SELECT clex.with_terms(d, '{"": "a"}') FROM fill_sample;
SELECT clex.with_terms(d, '["BT-1"]') FROM fill_sample;

-- filling: constants, other terms, the party record; at each line; where there is something nothing is filled
SELECT f.rule, f.outcome, f.term, f.path, f.value, f.message
FROM fill_sample, unnest(clex.own_fills(d, ARRAY[
	ROW('ACCOUNT', 'BT-19', NULL, '''62410''', 'BT-112 > 1000'),
	ROW('THERE', 'BT-1', NULL, '''never''', NULL),
	ROW('NOTE', 'lines.note', NULL, 'concat(''line '', BT-126, '' of '', BT-1)', 'BT-131 < 300'),
	ROW('FIRST', 'BT-132', '/lines[1]', '7', NULL),
	ROW('DATE', 'BT-7', NULL, 'BT-2 + 30', NULL),
	ROW('GROUP', 'BT-87', NULL, '$seller.code', NULL),
	ROW('NEW', 'BT-25', NULL, '$seller.code', NULL),
	ROW('NONE', 'BT-136', NULL, '1', NULL),
	ROW('EMPTY', 'BT-11', NULL, '$seller.gln', NULL),
	ROW('NO DATE', 'BT-7', NULL, '$seller.name', NULL),
	ROW('SEVERAL', 'BT-11', NULL, '$seller.iban', NULL),
	ROW('ZERO', 'BT-14', NULL, '1 div 0', NULL),
	ROW('TERM', 'BT-9999', NULL, '1', NULL),
	ROW('STEPS', 'BT-17', NULL, '''x''', 'some $a in 1 to 9999, $b in 1 to 9999 satisfies $a + $b < 0'),
	ROW('CONTEXT', 'BT-132', '/lines[BT-131 div 0 > 1]', '7', NULL),
	ROW('PLACES', 'BT-17', '*', '7', NULL),
	ROW('LAST', 'BT-17', NULL, '''x''', NULL)
]::clex.own_fill[], '{"seller": {"iban": ["FR1", "FR2"], "name": ["Seller"], "code": ["S1"]}}')) f;
SELECT clex.own_fills(d, '{}'), clex.own_fills(NULL, '{}'), clex.own_fills(d, NULL) FROM fill_sample;
-- what is filled can be set
SELECT clex.value(x, 'BT-7') AS date, clex.value(x, 'BT-25') AS preceding, x -> 'lines[4].note' AS note
FROM fill_sample, clex.with_terms(d, (SELECT jsonb_object_agg(f.path, f.value) FROM unnest(clex.own_fills(d, ARRAY[
	ROW('NOTE', 'lines.note', NULL, 'BT-126', NULL), ROW('DATE', 'BT-7', NULL, 'BT-2 + 30', NULL), ROW('NEW', 'BT-25', NULL, '''A''', NULL)]::clex.own_fill[])) f)) x;

-- definitions
SELECT clex.check_own_fill(ROW('A', 'BT-131', '/lines', 'BT-146 * BT-129', 'BT-130 = ''C62'''));
SELECT clex.check_own_fill(ROW('A', 'BT-2', NULL, '''tomorrow''', NULL));
SELECT clex.check_own_fill(ROW('A', 'BT-112', NULL, '''much''', NULL));
SELECT clex.check_own_fill(ROW('A', 'BG-25', NULL, '''x''', NULL));
SELECT clex.check_own_fill(ROW('A', 'BT-30-1', NULL, '''x''', NULL));
SELECT clex.check_own_fill(ROW('A', 'BT-2', '/lines', '''2026-01-01''', NULL));
SELECT clex.check_own_fill(ROW('A', 'BT-999', NULL, '''x''', NULL));
SELECT clex.check_own_fill(ROW('A', 'BT-131', NULL, 'BT-999', NULL));
SELECT clex.check_own_fill(ROW('A', 'BT-131', NULL, 'lines', NULL));
SELECT clex.check_own_fill(ROW('A', 'BT-131', NULL, '1', 'BT-131 = ''x'''));
SELECT clex.check_own_fill(ROW('A', 'BT-131', NULL, NULL, NULL));
DROP TABLE fill_sample;
