-- CSV and positional files of a tenant: mappings defined, tried, files submitted, invoices written
SET client_min_messages = warning;
SET datestyle = 'ISO';
\set SHOW_CONTEXT never
CREATE ROLE regress_mapping_owner NOLOGIN;
CREATE ROLE regress_mapping_erp;
CREATE ROLE regress_mapping_clerk;
CREATE ROLE regress_mapping_supplier;
CREATE ROLE regress_mapping_other;
SELECT clex.create_store('mapped', owner => 'regress_mapping_owner');
SELECT mapped.add_tenant(1, 'First'), mapped.add_tenant(2, 'Second');
SELECT mapped.add_member(1, 'regress_mapping_erp', 'integration'), mapped.add_member(1, 'regress_mapping_clerk', 'ap_clerk'),
	mapped.add_member(1, 'regress_mapping_supplier', 'supplier'), mapped.add_member(2, 'regress_mapping_other', 'integration');

-- defined by who maintains; a mapping that is wrong says where
SET ROLE regress_mapping_clerk;
\set VERBOSITY terse
SELECT mapped.define_mapping(1, 'lines', '{}');
SET ROLE regress_mapping_erp;
\set VERBOSITY default
SELECT mapped.define_mapping(1, 'lines', '{"format": "csv", "opens": true, "fields": [{"name": "a"}], "terms": {"BT-1": "concat($a"}}');
SELECT mapped.define_mapping(1, 'moon');
\set VERBOSITY terse
SELECT mapped.define_mapping(1, 'no name', '{"format": "csv", "opens": true, "fields": [{"name": "a"}], "terms": {"BT-1": "$a"}}');
SELECT mapped.define_mapping(2, 'csv-lines-fr');
SELECT mapped.define_mapping(1, 'csv-lines-fr');
SELECT mapped.define_mapping(1, 'csv-lines-fr');
SELECT mapped.define_mapping(1, 'short', '{"format": "csv", "opens": true, "fields": [{"name": "no"}, {"name": "gross", "type": "number"}], "terms": {"BT-1": "$no"}}');
SELECT mapped.define_mapping(1, 'short', '{"format": "csv", "opens": true, "fields": [{"name": "no"}, {"name": "gross", "type": "number"}], "terms": {"BT-1": "$no", "BT-112": "$gross", "BT-5": "''EUR''"}}');
SELECT name, version, mapping -> 'terms' AS terms, defined_by FROM mapped.mapping WHERE name = 'short' ORDER BY name, version;

-- tried: the first rows and every problem, by name or by a mapping that is not yet defined
SELECT what, row_no, document_no AS doc, term, term_name, expression, value, code, severity FROM mapped.try_mapping(1, E'F1,10.50\nF2,x\nF3,1,2\n', 'short', rows => 2);
SELECT what, row_no, term, value, message FROM mapped.try_mapping(1, 'F1', mapping => '{"format": "csv", "opens": true, "fields": [{"name": "no"}], "terms": {"BT-1": "$no"}}');
SELECT what, row_no, code, message FROM mapped.try_mapping(1, '', 'short');
SELECT * FROM mapped.try_mapping(1, 'F1');
SELECT * FROM mapped.try_mapping(1, 'F1', 'moon');
SELECT * FROM mapped.try_mapping(2, 'F1', 'short');

-- submitted: strict refuses a file whole, lenient takes what is there; the same again is the same
SELECT * FROM mapped.submit_mapped(1, E'F1,10.50\nF2,x\n', 'short', 'a.csv');
SELECT count(*) FROM mapped.mapped_file;
SELECT document_no, first_row, last_row, is_duplicate, state, kind, valid, fatal > 0 AS fatal, error_code FROM mapped.submit_mapped(1, E'F1,10.50\nF2,x\n', 'short', 'a.csv', 'lenient');
SELECT document_no, is_duplicate FROM mapped.submit_mapped(1, E'F1,10.50\nF2,x\n', 'short', 'b.csv', 'lenient');
SELECT f.source, f.mapping, f.mapping_version, convert_from(f.content, 'UTF8') AS content, count(d.document_id) AS documents FROM mapped.mapped_file f JOIN mapped.mapped_document d ON d.file_id = f.id GROUP BY f.id, f.tenant_id;
SELECT * FROM mapped.submit_mapped(1, '', 'short');
SELECT * FROM mapped.submit_mapped(1, NULL, 'short');
SELECT * FROM mapped.submit_mapped(1, 'F1', 'moon');
SELECT * FROM mapped.submit_mapped(1, 'F1', 'short', mode => 'sloppy');
-- a whole invoice in and out, byte for byte
CREATE TEMP TABLE file AS SELECT convert_to(E'invoice_no;type;issue_date;due_date;currency;order_ref;seller_name;seller_vat;buyer_name;buyer_vat;line;item_code;gtin;description;quantity;unit;unit_price;line_allowance;vat_rate;line_net\r\n'
	|| E'F1;380;28/01/2026;27/02/2026;EUR;BC-1;"Armor; Fils";FR40303265045;B;;1;A1;;Vis;2;H87;50,00;;20;100,00\r\nF1;380;28/01/2026;27/02/2026;EUR;BC-1;"Armor; Fils";FR40303265045;B;;2;;;Tôle;1;MTK;10,00;;20;10,00\r\n'
	|| E'AV1;381;29/01/2026;;EUR;;"Armor; Fils";FR40303265045;B;;1;;;Vis;1;H87;50,00;;20;50,00\r\n', 'UTF8') AS content;
SELECT document_no, first_row, last_row, is_duplicate, state, kind, error_code FROM file, mapped.submit_mapped(1, content, 'csv-lines-fr', 'lines.csv');
SELECT document_no, first_row, last_row, number, seller_name, currency, state FROM mapped.mapped_documents WHERE mapping = 'csv-lines-fr' ORDER BY document_no;
SELECT number, is_credit, format, source, document::jsonb -> '$provenance' ->> 'sha256' = (SELECT encode(d.sha256, 'hex') FROM mapped.document d WHERE d.id = i.document_id) AS hashed FROM mapped.invoices i WHERE source = 'lines.csv' ORDER BY number;
SELECT mapped.write_mapped(1, 'csv-lines-fr', ARRAY(SELECT document_id FROM mapped.mapped_documents WHERE mapping = 'csv-lines-fr' ORDER BY document_no)) = content AS same FROM file;
SELECT mapped.write_mapped(1, 'csv-lines-fr', '{999}');
SELECT convert_from(mapped.write_mapped(1, 'short', '{}'), 'UTF8') = '' AS nothing;
-- orders likewise
SELECT mapped.define_mapping(1, 'csv-orders');
SELECT document_no, state, kind FROM mapped.submit_mapped(1, convert_to(E'order_no;order_date;currency;contract;buyer_name;buyer_gln;seller_name;seller_gln;deliver_to;deliver_gln;requested_date;note;line;item_code;buyer_code;gtin;description;quantity;unit;unit_price;line_net;line_date\r\n'
	|| E'BC-7;01/04/2026;EUR;;B;;S;;;;15/04/2026;;1;T65;;;Farine;40;XBG;18,90;756,00;\r\n', 'UTF8'), 'csv-orders', 'orders.csv');
SELECT convert_from(mapped.write_mapped(1, 'csv-orders', ARRAY(SELECT document_id FROM mapped.mapped_documents WHERE source = 'orders.csv')), 'UTF8') AS file;
SELECT mapped.write_mapped(1, 'csv-lines-fr', ARRAY(SELECT document_id FROM mapped.mapped_documents WHERE source = 'orders.csv'));
-- what was stored is read again without the mapping
SELECT mapped.reread(1);
SELECT number, state FROM mapped.mapped_documents ORDER BY file_id, document_no;

-- nobody else: a supplier sees nothing of files, another tenant neither, and nobody changes what is there
SET ROLE regress_mapping_supplier;
SELECT count(*) FROM mapped.mapped_documents;
SELECT count(*) FROM mapped.mapped_file;
SELECT document_id FROM mapped.submit_mapped(1, 'F1,1', 'short');
SET ROLE regress_mapping_other;
SELECT count(*) FROM mapped.mapping;
SELECT count(*) FROM mapped.mapped_documents;
SELECT mapped.write_mapped(1, 'short', '{1}');
SET ROLE regress_mapping_erp;
INSERT INTO mapped.mapping (tenant_id, name, version, mapping) VALUES (1, 'x', 1, '{}');
UPDATE mapped.mapped_file SET source = 'z';
DELETE FROM mapped.mapped_document;
RESET ROLE;
SELECT actor, action, subject_key, after ->> 'version' AS version FROM mapped.event WHERE action = 'define_mapping' ORDER BY id;
SELECT clex.drop_store('mapped');
DROP TABLE file;
DROP ROLE regress_mapping_owner, regress_mapping_erp, regress_mapping_clerk, regress_mapping_supplier, regress_mapping_other;
