-- looking inside a document: value, number, on_date, ->, ->>, the views
SET client_min_messages = warning;
CREATE SCHEMA document_look_test;
SET search_path = document_look_test, public, clex;

CREATE TABLE invoices (
	id int PRIMARY KEY,
	doc clex.document,
	number text GENERATED ALWAYS AS (clex.value(doc, 'invoice.number')) STORED,
	payable numeric GENERATED ALWAYS AS (clex.number(doc, 'BT-115')) STORED,
	issued date GENERATED ALWAYS AS (clex.on_date(doc, 'BT-2')) STORED
);
INSERT INTO invoices (id, doc) VALUES
	(1, '{"invoice": {"number": "R-1", "issue_date": "2026-05-31Z"}, "seller": {"name": "Müller", "identifiers": [{"value": "4000001000005", "scheme": "0088"}, "X1"]},
	      "lines": [{"net_amount": 100.00, "item": {"name": "Stuhl"}}, {"net_amount": 20.50, "item": {"name": "Tisch"}}], "totals": {"payable": 120.50}}'),
	(2, '{"invoice": {"number": "R-2", "issue_date": "2026-02-30"}, "totals": {"payable": "1,5"}}'),
	(3, '{}'),
	(4, NULL);
SELECT id, number, payable, issued FROM invoices ORDER BY id;
CREATE INDEX ON invoices (clex.number(doc, 'totals.payable'));
SET enable_seqscan = off;
SELECT id FROM invoices WHERE clex.number(doc, 'totals.payable') > 100;
RESET enable_seqscan;

-- paths
SELECT path, clex.value(doc, path) FROM invoices, (VALUES (1, 'BT-1'), (2, 'lines.net_amount'), (3, 'lines[2].net_amount'), (4, 'BG-25[2]/BT-131'),
	(5, 'BT-153'), (6, 'lines[2]/item/name'), (7, 'lines[3].net_amount'), (8, 'seller.identifiers'), (9, 'seller.identifiers[2]'),
	(10, 'seller.identifiers.scheme'), (11, 'BT-29-1'), (12, 'seller.identifiers[2].scheme'), (13, 'buyer.name')) AS p (n, path)
WHERE id = 1 ORDER BY n;

-- numbers keep their digits
SELECT v, clex.number(('{"totals": {"payable": "' || v || '"}}')::clex.document, 'totals.payable')
FROM (VALUES (1, '0'), (2, '-0.00'), (3, '+50.00'), (4, '.5'), (5, '9223372036854775807'), (6, '-9223372036854775808.00'),
	(7, '12345678901234567890123456789012345678'), (8, '0.12345678901234567890123456789012345678'),
	(9, '1e3'), (10, ''), (11, 'NaN')) AS t (n, v) ORDER BY n;
SELECT v, clex.on_date(('{"invoice": {"issue_date": "' || v || '"}}')::clex.document, 'invoice.issue_date')
FROM (VALUES (1, '2026-05-31'), (2, '0001-01-01'), (3, '9999-12-31+14:00'), (4, ' 2024-02-29 '), (5, '2023-02-29'), (6, '20260531'), (7, 'tomorrow')) AS t (n, v)
ORDER BY n;

-- as jsonb and as text
SELECT path, doc -> path AS json, pg_catalog.jsonb_typeof(doc -> path) AS type, doc ->> path AS text
FROM invoices, (VALUES (1, 'invoice'), (2, 'invoice.number'), (3, 'totals.payable'), (4, 'lines'), (5, 'lines[2]'), (6, 'lines[1].item'),
	(7, 'seller.identifiers'), (8, 'seller.identifiers[1]'), (9, 'seller.identifiers[2]'), (10, 'buyer'), (11, 'BT-131')) AS p (n, path)
WHERE id = 1 ORDER BY n;
SELECT doc -> 'totals.payable' AS illegal FROM invoices WHERE id = 2;

-- mistakes
\set VERBOSITY sqlstate
\set SHOW_CONTEXT never
SELECT clex.value('{}'::clex.document, 'BT-999');
\set VERBOSITY default
SELECT clex.value('{}'::clex.document, 'seller.nmae');
SELECT clex.value('{}'::clex.document, 'seller');
SELECT clex.value('{}'::clex.document, '');
SELECT clex.value('{}'::clex.document, 'lines[0].note');
SELECT clex.value('{}'::clex.document, 'lines[');
SELECT clex.value('{}'::clex.document, repeat('é', 200));
SELECT clex.number('{}'::clex.document, 'BT-1');
SELECT clex.number('{}'::clex.document, 'totals');
SELECT clex.on_date('{}'::clex.document, 'BT-112');
SELECT '{}'::clex.document -> 'nothing';
SELECT '{}'::clex.document ->> 'lines.nothing';
SELECT clex.value(NULL, 'BT-999') AS strict;

-- a large document, stored out of line: a value is found without reading it all into JSON
INSERT INTO invoices (id, doc)
SELECT 5, ('{"lines": [' || string_agg(format('{"identifier": "%s", "net_amount": %s.50}', i, i), ',' ORDER BY i) || ']}')::clex.document
FROM generate_series(1, 20000) i;
SELECT clex.number(doc, 'lines[19999].net_amount'), clex.value(doc, 'lines[20000].identifier'), clex.value(doc, 'lines[20001].identifier')
FROM invoices WHERE id = 5;
SELECT pg_catalog.jsonb_array_length(doc -> 'lines'), doc -> 'lines[7]' FROM invoices WHERE id = 5;

-- catalogue views
SELECT count(*) AS terms, count(DISTINCT term) AS numbers, count(DISTINCT path) AS paths FROM clex.terms;
SELECT term, path, title, type, datatype, cardinality, parent FROM clex.terms
WHERE term IN ('BT-1', 'BT-131', 'BG-25', 'BT-29', 'BT-29-1', 'BT-2', 'BT-125', 'BG-0');
SELECT count(*) FROM clex.terms t WHERE parent IS NOT NULL AND NOT EXISTS (SELECT FROM clex.terms p WHERE p.term = t.parent);
SELECT type, count(*) FROM clex.terms GROUP BY type ORDER BY type;
SELECT term, ubl_invoice, ubl_credit_note, cii FROM clex.terms WHERE term IN ('BT-1', 'BT-31');
SELECT term FROM clex.terms WHERE 'invoice' = ANY (kinds) AND (ubl_invoice IS NULL OR ubl_credit_note IS NULL OR cii IS NULL);
SELECT count(DISTINCT list) AS lists, count(*) AS codes, count(DISTINCT (list, code)) AS different FROM clex.codes;
SELECT * FROM clex.codes WHERE code = 'EUR' ORDER BY list;

DROP SCHEMA document_look_test CASCADE;
