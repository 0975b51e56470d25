-- documents are UTF-8 inside, whatever the encoding of the database
SET client_min_messages = warning;
SELECT pg_catalog.current_database() AS regress_db
\gset
CREATE DATABASE clex_latin1 TEMPLATE template0 ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C';
\c clex_latin1
SET client_min_messages = warning;
CREATE EXTENSION clex;
SET client_encoding = 'UTF8';
SET search_path = public, clex;
CREATE TABLE invoices (doc clex.document);
INSERT INTO invoices VALUES ('{"seller": {"name": "Müller", "address": {"city": "Köln"}}}');
SELECT doc, clex.value(doc, 'seller.name'), doc -> 'seller.address', doc ->> 'seller.name' FROM invoices;
SELECT pg_catalog.octet_length(clex.value(doc, 'seller.name')) AS latin1_bytes FROM invoices;
SELECT doc = doc::text::clex.document AS same, doc::jsonb FROM invoices;
-- an escape brings in what this encoding cannot show
INSERT INTO invoices VALUES ('{"seller": {"name": "\u20ac"}}');
SELECT clex.value(doc, 'seller.name') FROM invoices WHERE clex.value(doc, 'seller.address.city') IS NULL;
-- messages are in the encoding of the database too
SELECT '{"Müller": {}}'::clex.document;
SELECT clex.value(doc, 'Käufer') FROM invoices;
\c :regress_db
DROP DATABASE clex_latin1;
