-- the type clex.document: text form, errors, order, binary form
SET client_min_messages = warning;
CREATE SCHEMA document_test;
SET search_path = document_test, public, clex;

-- an invoice, written as a user would
CREATE TABLE invoices (id int PRIMARY KEY, doc clex.document);
INSERT INTO invoices VALUES (1, '{
  "$provenance": {"version": "2.1"},
  "lines": [
    {"identifier": "1", "quantity": 2, "unit": "H87", "net_amount": 100.00, "price": {"net": 50},
     "item": {"name": "Stuhl", "classifications": [{"value": "56112100", "scheme": "MP", "version": "19"}],
              "attributes": [{"name": "Farbe", "value": "blau"}, {"name": "Höhe", "value": "90 cm"}]}},
    {"identifier": "2", "quantity": 1, "unit": "H87", "net_amount": "+20.5", "item": {"name": "Tisch"}}],
  "invoice": {"number": "R-1", "issue_date": "2026-05-31", "currency": "EUR", "type_code": "380"},
  "seller": {"name": "Müller & Söhne", "identifiers": [{"value": "4000001000005", "scheme": "0088"}, "X1"],
             "address": {"city": "Köln", "country": "DE"}},
  "totals": {"lines_net": 120.50, "payable": 143.395}}');
\x on
SELECT doc FROM invoices;
\x off
SELECT jsonb_pretty(doc::jsonb) FROM invoices;
SELECT jsonb_pretty(doc::jsonb #> '{lines,1}') FROM invoices;

-- in(out(x)) = x
INSERT INTO invoices SELECT 2, doc::text::clex.document FROM invoices WHERE id = 1;
SELECT a.doc = b.doc AS same FROM invoices a, invoices b WHERE a.id = 1 AND b.id = 2;

-- the kind follows the type code where it is not said
SELECT d, clex.value(d::clex.document, 'BT-3')
FROM (VALUES ('{}'), ('{"invoice": {"type_code": "381"}}'), ('{"$kind": "invoice", "invoice": {"type_code": "381"}}')) AS v (d);
SELECT d::clex.document FROM (VALUES ('{"invoice": {"type_code": "381"}}')) AS v (d);

-- illegal values are kept, as text
SELECT '{"invoice": {"issue_date": "2026-02-30"}, "totals": {"payable": "1,5"}}'::clex.document;
SELECT '{"totals": {"payable": 123456789012345678901234567890123456789}}'::clex.document;

-- what is not a document
\set VERBOSITY sqlstate
\set SHOW_CONTEXT never
SELECT ''::clex.document;
\set VERBOSITY default
SELECT '[]'::clex.document;
SELECT '{"invoice": {"number": "R-1"}'::clex.document;
SELECT '{"invoice": {"number": "R-1"}} more'::clex.document;
SELECT '{"invoice": {"numbre": "R-1"}}'::clex.document;
SELECT '{"invoice": {"number": "R-1", "number": "R-2"}}'::clex.document;
SELECT '{"invoice": {"number": 1}}'::clex.document;
SELECT '{"invoice": {"number": null}}'::clex.document;
SELECT '{"totals": {"payable": true}}'::clex.document;
SELECT '{"totals": {"payable": 1e3}}'::clex.document;
SELECT '{"lines": [1]}'::clex.document;
SELECT '{"seller": "ACME"}'::clex.document;
SELECT '{"seller": {"identifiers": [{"scheme": "0088"}]}}'::clex.document;
SELECT '{"invoice": {"number": "\u0000"}}'::clex.document;
SELECT '{"$kind": "poem"}'::clex.document;
SELECT '{"$lexical": {"BT-1": "x"}}'::clex.document;
SELECT '{"ä": {"ö": 1}}'::clex.document;
SELECT repeat('[', 100000)::clex.document;
SELECT ('{"lines": ' || repeat('[', 100000))::clex.document;
SELECT octet_length(('{"invoice": {"number": "' || repeat('x', 5000000) || '"}}')::clex.document::text);

-- order: bytewise, total, the same by btree and hash
INSERT INTO invoices VALUES (3, '{}'), (4, '{"seller": {"name": "A"}}'), (5, '{"seller": {"name": "B"}}'), (6, NULL);
SELECT id, doc < '{"seller": {"name": "B"}}' AS lt, doc <= '{"seller": {"name": "B"}}' AS le, doc = '{"seller": {"name": "B"}}' AS eq,
	doc >= '{"seller": {"name": "B"}}' AS ge, doc > '{"seller": {"name": "B"}}' AS gt, doc <> '{"seller": {"name": "B"}}' AS ne
FROM invoices WHERE id IN (4, 5, 6) ORDER BY id;
SELECT count(*) FROM (SELECT DISTINCT doc FROM invoices) d;
SET enable_hashagg = off;
SELECT count(*) FROM (SELECT DISTINCT doc FROM invoices) d;
RESET enable_hashagg;
SELECT sign(clex.document_cmp(a.doc, b.doc)) = -sign(clex.document_cmp(b.doc, a.doc)) AS antisymmetric, count(*)
FROM invoices a, invoices b WHERE a.doc IS NOT NULL AND b.doc IS NOT NULL GROUP BY 1;
SELECT bool_and((a.doc = b.doc) = (clex.document_hash(a.doc) = clex.document_hash(b.doc))
	AND (a.doc = b.doc) = (clex.document_hash_extended(a.doc, 7) = clex.document_hash_extended(b.doc, 7))
	AND (a.doc = b.doc) = (clex.document_cmp(a.doc, b.doc) = 0)) AS hashes_agree
FROM invoices a, invoices b WHERE a.doc IS NOT NULL AND b.doc IS NOT NULL;
CREATE INDEX ON invoices USING hash (doc);
CREATE INDEX ON invoices (doc);
SET enable_seqscan = off;
SELECT id FROM invoices WHERE doc = '{"seller": {"name": "A"}}';
RESET enable_seqscan;
CREATE TABLE parted (doc clex.document) PARTITION BY HASH (doc);
CREATE TABLE parted_0 PARTITION OF parted FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE parted_1 PARTITION OF parted FOR VALUES WITH (MODULUS 2, REMAINDER 1);
INSERT INTO parted SELECT doc FROM invoices WHERE doc IS NOT NULL;
SELECT count(*) FROM parted;

-- same meaning, other bytes
SELECT a = b AS same_bytes, clex.same_terms(a, b) FROM (VALUES
	('{"totals": {"payable": 1.50}}'::clex.document, '{"$format": "ubl", "totals": {"payable": "+1.5"}, "$extras": [{"path": "/a", "value": "b"}]}'::clex.document),
	('{"totals": {"payable": 1.50}}', '{"totals": {"payable": 1.51}}'),
	('{"totals": {"payable": "x"}}', '{"totals": {"payable": "x"}}')) AS v (a, b);

-- the binary form is checked: what a client may send is a document or an error
SHOW data_directory
\gset
\set file :data_directory '/clex_regress.bin'
COPY (SELECT doc FROM invoices WHERE id < 6 ORDER BY id) TO :'file' (FORMAT binary);
CREATE TABLE received (id serial, doc clex.document);
COPY received (doc) FROM :'file' (FORMAT binary);
SELECT bool_and(r.doc = i.doc) AS same, count(*) FROM received r JOIN invoices i USING (id);
CREATE TABLE garbage (b bytea);
INSERT INTO garbage VALUES ('');
COPY garbage TO :'file' (FORMAT binary);
COPY received (doc) FROM :'file' (FORMAT binary);
UPDATE garbage SET b = '\x00112233445566778899';
COPY garbage TO :'file' (FORMAT binary);
COPY received (doc) FROM :'file' (FORMAT binary);
UPDATE garbage SET b = clex.document_send('{"seller": {"name": "A"}}');
UPDATE garbage SET b = set_byte(b, 4, 2);
COPY garbage TO :'file' (FORMAT binary);
COPY received (doc) FROM :'file' (FORMAT binary);
UPDATE garbage SET b = set_byte(set_byte(b, 4, 1), octet_length(b) - 1, 255);
COPY garbage TO :'file' (FORMAT binary);
COPY received (doc) FROM :'file' (FORMAT binary);
UPDATE garbage SET b = set_byte(set_byte(b, octet_length(b) - 1, 65), 60, 200);
COPY garbage TO :'file' (FORMAT binary);
COPY received (doc) FROM :'file' (FORMAT binary);
UPDATE garbage SET b = b || '\x00';
COPY garbage TO :'file' (FORMAT binary);
COPY received (doc) FROM :'file' (FORMAT binary);
SELECT count(*) FROM received;

DROP SCHEMA document_test CASCADE;
