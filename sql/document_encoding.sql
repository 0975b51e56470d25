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
-- a store is made in the encoding of its database: what it says in French has one byte for each letter
CREATE ROLE regress_latin1_owner NOLOGIN;
SELECT clex.create_store('erp', owner => 'regress_latin1_owner');
SELECT erp.add_tenant(1, 'One');
SELECT n.subject, pg_catalog.octet_length(n.subject) = pg_catalog.length(n.subject) AS one_byte_each FROM erp.notice_default n WHERE n.language = 'fr' AND n.template = 'query_overdue';
SELECT s.label_fr FROM clex.lifecycle_statuses s WHERE s.lifecycle = 'fr' AND s.status = '200';
-- what has letters that the database has not is kept in quarantine, and says so
SELECT state, error_code, error FROM erp.submit(1, clex.write('{"invoice": {"number": "1"}, "seller": {"name": "\u0391"}}'::clex.document, 'ubl'));
SELECT clex.drop_store('erp');
\c :regress_db
DROP DATABASE clex_latin1;
DROP ROLE regress_latin1_owner;
-- an encoding of several bytes, and one that lacks letters of the published texts
CREATE DATABASE clex_euc TEMPLATE template0 ENCODING 'EUC_JP' LC_COLLATE 'C' LC_CTYPE 'C';
CREATE DATABASE clex_latin5 TEMPLATE template0 ENCODING 'ISO_8859_5' LC_COLLATE 'C' LC_CTYPE 'C';
\c clex_euc
CREATE EXTENSION clex;
SET client_encoding = 'UTF8';
SELECT clex.value('{"seller": {"name": "\u6771\u4eac"}}'::clex.document, 'BT-27');
\c clex_latin5
CREATE EXTENSION clex;
\c :regress_db
DROP DATABASE clex_euc;
DROP DATABASE clex_latin5;
