-- accounting entries of invoices, and their way to the ERP
SET client_min_messages = warning;
SET datestyle = 'ISO';
\set VERBOSITY terse
\set SHOW_CONTEXT never
CREATE ROLE regress_books_owner NOLOGIN;
CREATE ROLE regress_books_erp;
CREATE ROLE regress_books_clerk;
CREATE ROLE regress_books_cfo;
CREATE ROLE regress_books_approver;
CREATE ROLE regress_books_seller;
SELECT clex.create_store('erp', owner => 'regress_books_owner');
SELECT erp.add_tenant(1, 'Hotel');
SELECT erp.add_member(1, 'regress_books_' || r, p) FROM (VALUES ('erp', 'integration'), ('clerk', 'ap_clerk'), ('cfo', 'cfo'), ('approver', 'approver'), ('seller', 'supplier')) m (r, p);
SELECT erp.set_party(1, 'HOTEL', 'Hôtel', 'FR') > 0, erp.set_party(1, 'MILL', 'Moulins de la Baïse', 'FR') > 0, erp.set_party(1, 'BAU', 'Bau GmbH', 'DE') > 0;
SELECT erp.add_identifier(1, 'HOTEL', 'vat', 'FR88790453187'), erp.add_identifier(1, 'MILL', 'vat', 'FR05832194070'), erp.add_identifier(1, 'BAU', 'vat', 'DE136695976');
SELECT erp.set_entity(1, 'H', 'company', 'Hôtel SAS', party => 'HOTEL') > 0;
SELECT erp.scope_member(1, 'regress_books_seller', 'supplier', party => 'MILL');

-- an invoice of lines (item, quantity, net amount, category, rate), totals as they follow
CREATE FUNCTION pg_temp.invoice(number text, lines text[], seller text DEFAULT 'FR05832194070', currency text DEFAULT 'EUR', kind text DEFAULT 'invoice', order_number text DEFAULT NULL,
	charge text DEFAULT NULL, wrong numeric DEFAULT 0, buyer text DEFAULT 'FR88790453187') RETURNS bytea LANGUAGE sql AS $$
	SELECT clex.write(jsonb_set(c, '{totals,with_vat}', to_jsonb((c #>> '{totals,with_vat}')::numeric + wrong))::text::clex.document, 'ubl')
	FROM erp.complete_invoice(jsonb_strip_nulls(jsonb_build_object('$kind', kind,
		'invoice', jsonb_build_object('number', number, 'issue_date', '2026-03-09', 'type_code', CASE kind WHEN 'invoice' THEN '380' ELSE '381' END, 'currency', currency, 'purchase_order', order_number),
		'seller', jsonb_build_object('name', 'Seller ' || seller, 'vat_number', seller, 'address', jsonb_build_object('country', left(seller, 2))),
		'buyer', jsonb_build_object('name', 'Buyer', 'vat_number', buyer, 'address', '{"country": "FR"}'::jsonb),
		'charges', CASE WHEN charge IS NOT NULL THEN jsonb_build_array(jsonb_build_object('amount', charge::numeric, 'reason', 'Transport', 'vat_category', 'S', 'vat_rate', 20)) END,
		'lines', (SELECT jsonb_agg(jsonb_build_object('item', jsonb_build_object('name', c[1]), 'quantity', c[2]::numeric, 'unit', 'H87', 'net_amount', c[3]::numeric,
				'price', jsonb_build_object('net', round(c[3]::numeric / c[2]::numeric, 4)), 'vat', jsonb_strip_nulls(jsonb_build_object('category', c[4], 'rate', c[5]::numeric))) ORDER BY n)
			FROM unnest(lines) WITH ORDINALITY l (line, n), string_to_array(l.line, '|') c)))) c $$;
CREATE FUNCTION pg_temp.id(text) RETURNS bigint LANGUAGE sql STABLE AS $$ SELECT document_id FROM erp.invoice WHERE tenant_id = 1 AND number = $1 $$;
CREATE VIEW pg_temp.booked AS SELECT journal || ordinal AS entry, piece_ref, line_no AS l, account, auxiliary AS aux, debit, credit, amount, currency, reason FROM erp.accounting_entries;
GRANT SELECT ON pg_temp.booked TO PUBLIC;

SET ROLE regress_books_erp;
SELECT erp.create_order(1, 'BC-1', 'H', 'MILL', '[{"item": "Four", "quantity": 1, "unit": "H87", "price": 1000, "account": "215400"}]', issue_date => '2026-01-01') > 0;
SELECT count(*) FROM erp.receive_goods(1, (SELECT id FROM erp.purchase_order), 'BL-1', '[{"line": "1", "quantity": 1}]');
SELECT count(*) FROM erp.submit_many(1, ARRAY[
	pg_temp.invoice('F-1', '{Farine|40|756.00|S|5.5,Sel|12|256.20|S|5.5,Formation|1|408.00|S|20}', charge => '10'),
	pg_temp.invoice('F-2', '{Four|1|1000.00|S|20}', order_number => 'BC-1'),
	pg_temp.invoice('F-3', '{Hotel room|1|100.00|S|10}'),
	pg_temp.invoice('F-4', '{Wand|1|1000.01|AE|0}', seller => 'DE136695976'),
	pg_temp.invoice('F-5', '{Farine|3|33.33|S|5.5,Sel|1|11.11|S|20}', currency => 'USD'),
	pg_temp.invoice('F-6', '{Farine|1|10|S|20}', wrong => 0.01),
	pg_temp.invoice('A-1', '{Farine|4|75.60|S|5.5}', kind => 'credit_note'),
	pg_temp.invoice('V-1', '{Chambre|1|100.00|S|10}', seller => 'FR88790453187', buyer => 'FR44732829320')]);

-- not before it is approved, and not before rules say where
SET ROLE regress_books_clerk;
SELECT erp.book_invoice(1, pg_temp.id('F-1'));
SET ROLE regress_books_approver;
SELECT count(erp.set_status(1, document_id, 'approved')) FROM erp.invoices WHERE number <> 'V-1';
SELECT erp.book_invoice(1, pg_temp.id('F-1'));
SET ROLE regress_books_clerk;
\set VERBOSITY default
SELECT erp.book_invoice(1, pg_temp.id('F-1'));
\set VERBOSITY terse
SELECT erp.set_account_rule(1, 'expense', '607000', 'Achats');
SET ROLE regress_books_cfo;
SELECT erp.set_account_rule(1, k, a, n) FROM (VALUES ('expense', '607000', 'Achats de marchandises'), ('charge', '624100', 'Transports'), ('supplier', '401000', 'Fournisseurs'),
	('revenue', '706000', 'Prestations'), ('customer', '411000', 'Clients'), ('vat_deductible', '445660', 'TVA déductible')) r (k, a, n);
SELECT erp.set_account_rule(1, 'expense', '604000', 'Achats d''études', vat_rate => 20), erp.set_account_rule(1, 'expense', '215400', 'Matériel', 200, condition => 'false()'),
	erp.set_account_rule(1, 'vat_collected', '445710', 'TVA collectée 10 %', vat_rate => 10),
	erp.set_account_rule(1, 'expense', '625700', 'Réceptions', 10, condition => 'exists(BG-25[BT-153 = "Hotel room"])');
SELECT erp.set_account_rule(1, 'expense', '625700', 'Réceptions', 10, condition => 'BT-1 = "F-3"'), erp.set_account_rule(1, 'vat_deductible', '445660', 'TVA déductible', 10, condition => 'BT-1 = "F-3"', percent => 20);
-- what is no rule
SELECT erp.set_account_rule(1, 'expense', '60', 'x');
SELECT erp.set_account_rule(1, 'nothing', '607000', 'x');
SELECT erp.set_account_rule(1, 'expense', '607000', 'x', percent => 50);
SELECT erp.set_account_rule(1, 'vat_reverse', '445200', 'x');
SELECT erp.set_account_rule(1, 'expense', '607000', 'x', condition => 'BT-1 = ');
SELECT kind, account, priority, vat_rate, condition, percent FROM erp.account_rule ORDER BY kind, account, id;

SET ROLE regress_books_clerk;
SELECT erp.book_invoice(1, pg_temp.id('F-1'), '2026-03-31') = erp.book_invoice(1, pg_temp.id('F-1'), '2026-03-31') AS once;
SELECT count(erp.book_invoice(1, pg_temp.id(n), '2026-03-31')) FROM unnest('{F-2,F-3,A-1,V-1}'::text[]) n;
SELECT * FROM pg_temp.booked ORDER BY entry, l;
-- reverse charge needs a rule that says what is owed
SELECT erp.book_invoice(1, pg_temp.id('F-4'), '2026-03-31');
SET ROLE regress_books_cfo;
SELECT erp.set_account_rule(1, 'vat_reverse', '445200', 'TVA due intracommunautaire', rate => 20);
SET ROLE regress_books_clerk;
SELECT count(erp.book_invoice(1, pg_temp.id('F-4'), '2026-03-31'));
SELECT * FROM pg_temp.booked WHERE piece_ref = 'F-4' ORDER BY l;
-- another currency needs a rate, and is balanced in both; ours wants none
SELECT erp.book_invoice(1, pg_temp.id('F-5'), '2026-03-31');
SELECT count(erp.book_invoice(1, pg_temp.id('F-5'), '2026-03-31', 0.9137));
SELECT * FROM pg_temp.booked WHERE piece_ref = 'F-5' ORDER BY l;
\set VERBOSITY default
SELECT erp.book_invoice(1, pg_temp.id('F-6'), '2026-03-31', 1);
SELECT erp.book_invoice(1, pg_temp.id('F-6'), '2026-03-31');
\set VERBOSITY terse
SELECT count(*) AS entries, count(*) FILTER (WHERE debit <> credit OR amount <> 0) AS unbalanced
FROM (SELECT sum(debit) AS debit, sum(credit) AS credit, sum(amount) AS amount FROM erp.accounting_entries GROUP BY entry_id) e;

-- what was booked is taken back by another entry, and booked anew
SELECT erp.reverse_entry(1, 999, 'x');
SELECT erp.reverse_entry(1, (SELECT min(entry_id) FROM erp.accounting_entries WHERE piece_ref = 'F-3'), ' ');
SELECT erp.reverse_entry(1, (SELECT min(entry_id) FROM erp.accounting_entries WHERE piece_ref = 'F-3'), 'wrong account', '2026-04-01') > 0;
SELECT erp.reverse_entry(1, (SELECT min(entry_id) FROM erp.accounting_entries WHERE piece_ref = 'F-3'), 'wrong account', '2026-04-01') = max(entry_id) AS same FROM erp.accounting_entries;
SELECT erp.reverse_entry(1, (SELECT max(entry_id) FROM erp.accounting_entries WHERE piece_ref = 'F-3'), 'and back');
SELECT count(erp.book_invoice(1, pg_temp.id('F-3'), '2026-04-01'));
SELECT entry, l, account, debit, credit FROM pg_temp.booked WHERE piece_ref = 'F-3' ORDER BY length(entry), entry, l;
SET ROLE regress_books_owner;
UPDATE erp.journal_line SET debit = 1;
DELETE FROM erp.journal_entry;

-- handed over once, confirmed as often as the ERP likes
SET ROLE regress_books_clerk;
SELECT count(*) FROM erp.hand_over(1, ARRAY(SELECT min(entry_id) FROM erp.accounting_entries));
SELECT count(*) FROM erp.hand_over(1);
SELECT count(*) FROM erp.hand_over(1);
SELECT count(*), count(DISTINCT message_id) FROM erp.hand_over(1, ARRAY(SELECT DISTINCT entry_id FROM erp.accounting_entries));
SET ROLE regress_books_erp;
SELECT jsonb_pretty(convert_from(content, 'UTF8')::jsonb - '{entry,document}'::text[]) FROM erp.claim_messages(1, 'erp', 1);
SELECT erp.confirm_message(1, message_id, 'SAP-1'), erp.confirm_message(1, message_id, 'SAP-1') FROM erp.outgoing_messages WHERE state = 'claimed';
SELECT DISTINCT piece_ref, message_state, erp_reference FROM erp.accounting_entries WHERE message_state <> 'ready';
SELECT message_state, count(DISTINCT entry_id) FROM erp.accounting_entries GROUP BY 1 ORDER BY 1;

-- as a French file of accounting entries: nothing is wrong with it
SELECT count(*) AS lines, sum(debit) = sum(credit) AS balanced FROM clex.read_fec(erp.fec_file(1, 'H', '2026-01-01', '2026-12-31'));
SELECT f.rule, f.severity, f.line, f.column_name, f.found FROM clex.fec_findings(erp.fec_file(1, 'H', '2026-01-01', '2026-12-31'), '790453187FEC20261231.txt') f ORDER BY 1, 3;
SELECT journal_code, ecriture_num, compte_num, comp_aux_num, comp_aux_lib, piece_ref, ecriture_lib, debit, credit, montant_devise, idevise
FROM clex.read_fec(erp.fec_file(1, 'H', '2026-03-31', '2026-03-31')) ORDER BY line LIMIT 5;
SELECT octet_length(erp.fec_file(1, 'X', '2026-01-01', '2026-12-31'));
SET ROLE regress_books_seller;
SELECT (SELECT count(*) FROM erp.accounting_entries) AS entries, (SELECT count(*) FROM erp.fec_lines) AS lines;
SELECT erp.book_invoice(1, pg_temp.id('F-6'));
SELECT * FROM erp.hand_over(1);
RESET ROLE;
SELECT clex.drop_store('erp');
