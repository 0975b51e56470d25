-- orders, receipts, and invoices that match them or do not
SET client_min_messages = warning;
SET datestyle = 'ISO';
\set VERBOSITY terse
\set SHOW_CONTEXT never
CREATE ROLE regress_match_owner NOLOGIN;
CREATE ROLE regress_match_erp;
CREATE ROLE regress_match_clerk;
CREATE ROLE regress_match_buyer;
CREATE ROLE regress_match_approver;
CREATE ROLE regress_match_cfo;
CREATE ROLE regress_match_seller;
CREATE ROLE regress_match_auditor;
SELECT clex.create_store('erp', owner => 'regress_match_owner');
SELECT erp.add_tenant(1, 'Hotel');
SELECT erp.add_member(1, 'regress_match_' || r, p) FROM (VALUES ('erp', 'integration'), ('clerk', 'ap_clerk'), ('buyer', 'buyer'), ('approver', 'approver'),
	('cfo', 'cfo'), ('auditor', 'auditor')) m (r, p);
SELECT erp.add_member(1, 'regress_match_seller', 'supplier');
SELECT erp.set_party(1, 'HOTEL', 'Hôtel', 'FR') > 0, erp.set_party(1, 'MILL', 'Moulins', 'FR') > 0, erp.set_party(1, 'DAIRY', 'Laiterie', 'FR') > 0;
SELECT erp.add_identifier(1, 'HOTEL', 'vat', 'FR88790453187'), erp.add_identifier(1, 'MILL', 'vat', 'FR05832194070'), erp.add_identifier(1, 'DAIRY', 'vat', 'FR83404833048');
SELECT erp.set_entity(1, 'H', 'company', 'Hôtel SAS', party => 'HOTEL') > 0;
SELECT erp.scope_member(1, 'regress_match_seller', 'supplier', party => 'MILL');

-- an invoice of lines (order line, item, quantity, unit, net amount), as UBL; in dollars, with charges, as a credit note
CREATE FUNCTION pg_temp.invoice(number text, order_number text, lines text[], seller text DEFAULT 'FR05832194070', currency text DEFAULT 'EUR',
	charge numeric DEFAULT NULL, kind text DEFAULT 'invoice') RETURNS bytea LANGUAGE sql AS $$
	SELECT clex.write(jsonb_strip_nulls(jsonb_build_object('$kind', kind,
		'invoice', jsonb_build_object('number', number, 'issue_date', '2026-03-09', 'type_code', CASE kind WHEN 'invoice' THEN '380' ELSE '381' END, 'currency', currency, 'purchase_order', order_number),
		'seller', jsonb_build_object('name', 'Seller', 'vat_number', seller, 'address', '{"country": "FR"}'::jsonb),
		'buyer', '{"name": "Hôtel", "vat_number": "FR88790453187", "address": {"country": "FR"}}'::jsonb,
		'charges', CASE WHEN charge IS NOT NULL THEN jsonb_build_array(jsonb_build_object('amount', charge, 'reason', 'Transport')) END,
		'lines', (SELECT jsonb_agg(jsonb_build_object('identifier', n::text, 'purchase_order_line', NULLIF(c[1], ''), 'item', jsonb_build_object('name', c[2]),
				'quantity', c[3]::numeric, 'unit', c[4], 'net_amount', c[5]::numeric, 'price', jsonb_build_object('net', round(c[5]::numeric / GREATEST(c[3]::numeric, 1), 4))) ORDER BY n)
			FROM unnest(lines) WITH ORDINALITY l (line, n), string_to_array(l.line, '|') c)))::text::clex.document, 'ubl') $$;
CREATE FUNCTION pg_temp.id(text) RETURNS bigint LANGUAGE sql STABLE AS $$ SELECT document_id FROM erp.invoice WHERE tenant_id = 1 AND number = $1 $$;
CREATE FUNCTION pg_temp.order_id(text) RETURNS bigint LANGUAGE sql STABLE AS $$ SELECT id FROM erp.purchase_order WHERE tenant_id = 1 AND number = $1 $$;
CREATE VIEW pg_temp.found AS
SELECT m.number, m.line_no AS l, m.order_line AS ol, trim_scale(m.quantity) AS takes, m.unit, trim_scale(m.price) AS price, m.result, m.reason FROM erp.match_lines m WHERE tenant_id = 1;
GRANT SELECT ON pg_temp.found TO PUBLIC;

-- an order by an ERP: the same again is the same
SET ROLE regress_match_erp;
SELECT erp.create_order(1, 'BC-1', 'H', 'MILL', '[{"line": "10", "item": "Farine T65", "seller_item": "F65", "quantity": 40, "unit": "XBG", "price": 18.90, "deliver_by": "2026-03-01"},
	{"line": "20", "item": "Sarrasin", "quantity": 100, "unit": "KGM", "price": 213.5, "price_per": 100, "deliver_by": "2026-03-01"}]', issue_date => '2026-02-01') > 0 AS made;
SELECT erp.create_order(1, 'BC-1', 'H', 'MILL', '[{"line": "10", "item": "Farine T65", "seller_item": "F65", "quantity": 40, "unit": "XBG", "price": 18.90, "deliver_by": "2026-03-01"},
	{"line": "20", "item": "Sarrasin", "quantity": 100, "unit": "KGM", "price": 213.5, "price_per": 100, "deliver_by": "2026-03-01"}]', issue_date => '2026-02-01') = pg_temp.order_id('BC-1') AS same;
SELECT number, entity, supplier, currency, state, version FROM erp.orders ORDER BY number;
SELECT order_number, identifier, item_name, quantity, unit, price, price_per, net_amount, received, invoiced FROM erp.order_lines ORDER BY line_no;
-- what is no order, and who may not make one
SELECT erp.create_order(1, 'BC-1', 'H', 'MILL', '[{"quantity": 1, "unit": "H87", "price": 1}]');
SELECT erp.create_order(1, 'BC-2', 'H', 'NOBODY', '[{"quantity": 1, "unit": "H87", "price": 1}]');
SELECT erp.create_order(1, 'BC-2', 'NOWHERE', 'MILL', '[{"quantity": 1, "unit": "H87", "price": 1}]');
\set VERBOSITY default
SELECT erp.create_order(1, 'BC-2', 'H', 'MILL', '[{"quantity": 1, "unit": "H87", "price": 1, "colour": "red"}]');
SELECT erp.create_order(1, 'BC-2', 'H', 'MILL', '[{"quantity": 1, "unit": "H87"}]');
\set VERBOSITY terse
SELECT erp.create_order(1, 'BC-2', 'H', 'MILL', '[]');
SELECT erp.create_order(1, 'BC-2', 'H', 'MILL', '[17]');
SELECT erp.create_order(1, 'BC-2', 'H', 'MILL', '[{"quantity": 0, "unit": "H87", "price": 1}]');
SELECT erp.create_order(1, 'BC-2', 'H', 'MILL', '[{"quantity": "many", "unit": "H87", "price": 1}]');
SELECT erp.create_order(1, 'BC-2', 'H', 'MILL', '[{"line": "1", "quantity": 1, "unit": "H87", "price": 1}, {"line": "1", "quantity": 1, "unit": "H87", "price": 1}]');
SELECT erp.create_order(1, 'BC-2', 'H', 'MILL', '[{"quantity": 1, "unit": "H87", "price": 1}]', 'EUX');
SET ROLE regress_match_auditor;
SELECT erp.create_order(1, 'BC-2', 'H', 'MILL', '[{"quantity": 1, "unit": "H87", "price": 1}]');
SELECT erp.receive_goods(1, pg_temp.order_id('BC-1'), 'BL-1', '[{"line": "10", "quantity": 1}]');
SET ROLE regress_match_erp;

-- the invoice comes before the goods; then these come in two parts, the second in another unit
SELECT kind, state FROM erp.submit(1, pg_temp.invoice('F-1', 'BC-1', '{10|Farine|40|XBG|756.00,20|Sarrasin|100|KGM|213.50}'));
SELECT * FROM pg_temp.found ORDER BY 1, 2;
SELECT state, lines, deviating, orders FROM erp.invoice_matches WHERE number = 'F-1';
SELECT erp.receive_goods(1, pg_temp.order_id('BC-1'), 'BL-1', '[{"line": "10", "quantity": 25}, {"line": "20", "quantity": 60}]', '2026-03-02') > 0;
SELECT * FROM pg_temp.found ORDER BY 1, 2;
SELECT erp.receive_goods(1, pg_temp.order_id('BC-1'), 'BL-1', '[{"line": "10", "quantity": 25}, {"line": "20", "quantity": 60}]', '2026-03-02') > 0 AS same;
SELECT erp.receive_goods(1, pg_temp.order_id('BC-1'), 'BL-1', '[{"line": "10", "quantity": 26}]', '2026-03-02');
SELECT erp.receive_goods(1, pg_temp.order_id('BC-1'), 'BL-2', '[{"line": "10", "quantity": 15, "unit": "XPX"}]');
SELECT erp.receive_goods(1, pg_temp.order_id('BC-1'), 'BL-2', '[{"line": "30", "quantity": 15}]');
SELECT erp.receive_goods(1, pg_temp.order_id('BC-1'), 'BL-2', '[{"line": "10", "quantity": -26}]');
SELECT erp.set_unit_equivalence(1, 'XPX', 2, 'XBG', 30, 'MILL', 'F65');
SELECT erp.receive_goods(1, pg_temp.order_id('BC-1'), 'BL-2', '[{"line": "10", "quantity": 1, "unit": "XPX"}, {"line": "20", "quantity": 0.04, "unit": "TNE"}]', '2026-03-03') > 0;
SELECT number, received_on, order_line, trim_scale(quantity) AS quantity, unit, stated_quantity, stated_unit FROM erp.receipts ORDER BY number, line_no;
SELECT * FROM pg_temp.found ORDER BY 1, 2;
SELECT state, deviating, reason FROM erp.invoice_matches WHERE number = 'F-1';
-- so that it can be approved
SET ROLE regress_match_approver;
SELECT outcome, new_status FROM erp.set_status(1, pg_temp.id('F-1'), 'approved');
SET ROLE regress_match_erp;

-- one by one what can be wrong
SELECT erp.create_order(1, 'BC-2', 'H', 'MILL', '[{"line": "1", "item": "Levain", "quantity": 10, "unit": "H87", "price": 10}, {"line": "2", "item": "Sel", "quantity": 10, "unit": "KGM", "price": 1}]',
	issue_date => '2026-02-01') > 0;
SELECT erp.create_order(1, 'BC-9', 'H', 'DAIRY', '[{"line": "1", "item": "Lait", "quantity": 10, "unit": "LTR", "price": 1}]') > 0;
SELECT erp.receive_goods(1, pg_temp.order_id('BC-2'), 'BL-3', '[{"line": "1", "quantity": 10}, {"line": "2", "quantity": 10}]') > 0;
SELECT count(*) FROM erp.submit_many(1, ARRAY[
	pg_temp.invoice('F-2', NULL, '{|Sans commande|1|H87|5}'),
	pg_temp.invoice('F-3', 'BC-777', '{1|Levain|1|H87|10}'),
	pg_temp.invoice('F-4', 'BC-9', '{1|Lait|1|LTR|1}'),
	pg_temp.invoice('F-5', 'BC-2', '{1|Levain|1|H87|10}', currency => 'USD'),
	pg_temp.invoice('F-6', 'BC-2', '{7|Levain|1|H87|10,|Inconnu|1|H87|10}'),
	pg_temp.invoice('F-7', 'BC-2', '{1|Levain|1|XPX|10}'),
	pg_temp.invoice('F-8', 'BC-2', '{1|Levain|1|H87|10.01,001|Levain|1|EA|9,2|Sel|0|KGM|3}'),
	pg_temp.invoice('F-9', 'BC-2', '{|levain|9|H87|90,2|Sel|11000|GRM|11}'),
	pg_temp.invoice('F-10', 'BC-2', '{}', charge => 4),
	pg_temp.invoice('F-11', 'BC-2', '{2|Sel|1|KGM|1}', charge => 4)]);
SELECT * FROM pg_temp.found WHERE number <> 'F-1' ORDER BY length(number), 1, 2;
SELECT number, state, deviating FROM erp.invoice_matches WHERE number <> 'F-1' ORDER BY length(number), 1;
SELECT number, orders, reason FROM erp.waiting_invoices WHERE number IN ('F-8', 'F-10') ORDER BY number;
SELECT task, needs, count(*) FROM erp.todo WHERE task IN ('match', 'chase_delivery') GROUP BY 1, 2 ORDER BY 1;

-- an unmatched invoice is not approved, and the refusal says why and who may do something about it
SET ROLE regress_match_approver;
\set VERBOSITY default
DO $$ BEGIN PERFORM erp.set_status(1, (SELECT document_id FROM erp.invoice WHERE number = 'F-11'), 'approved');
EXCEPTION WHEN object_not_in_prerequisite_state THEN RAISE WARNING '%', regexp_replace(SQLERRM, '\d+', 'N', 'g'); END $$;
\set VERBOSITY terse
SELECT condition, holds, found, needed, who FROM erp.explain_status(1, pg_temp.id('F-11'), 'approved') WHERE condition = 'matching';
-- who may accept a deviation does so with a reason; for these figures alone
SELECT erp.accept_deviation(1, pg_temp.id('F-11'), 0, 'agreed by telephone');
SET ROLE regress_match_buyer;
DO $$ BEGIN PERFORM erp.accept_deviation(1, (SELECT document_id FROM erp.invoice WHERE number = 'F-11'), 0, ' '); EXCEPTION WHEN invalid_parameter_value THEN RAISE WARNING '%', SQLERRM; END $$;
DO $$ BEGIN PERFORM erp.accept_deviation(1, (SELECT document_id FROM erp.invoice WHERE number = 'F-4'), 1, 'x'); EXCEPTION WHEN object_not_in_prerequisite_state THEN RAISE WARNING 'no: other supplier'; END $$;
DO $$ BEGIN PERFORM erp.accept_deviation(1, (SELECT document_id FROM erp.invoice WHERE number = 'F-11'), 5, 'x'); EXCEPTION WHEN no_data_found THEN RAISE WARNING 'no such line'; END $$;
DO $$ BEGIN PERFORM erp.accept_deviation(1, (SELECT document_id FROM erp.invoice WHERE number = 'F-1'), 1, 'x'); EXCEPTION WHEN object_not_in_prerequisite_state THEN RAISE WARNING 'approved already'; END $$;
SELECT erp.accept_deviation(1, pg_temp.id('F-11'), 0, 'agreed by telephone');
SELECT erp.accept_deviation(1, pg_temp.id('F-11'), 1, 'they gave us more');
SELECT l, result, reason FROM pg_temp.found WHERE number = 'F-11' ORDER BY l;
SET ROLE regress_match_clerk;
SELECT state FROM erp.match_invoices(1, ARRAY[pg_temp.id('F-11')]);
SET ROLE regress_match_erp;
SELECT erp.receive_goods(1, pg_temp.order_id('BC-2'), 'BL-4', '[{"line": "2", "quantity": 1}]') > 0;
SELECT l, result, reason FROM pg_temp.found WHERE number = 'F-11' ORDER BY l;

-- invoices before it that count no more give back what they took
SELECT l, takes, result, reason FROM pg_temp.found WHERE number IN ('F-9') ORDER BY l;
SET ROLE regress_match_cfo;
SELECT outcome FROM erp.set_status(1, pg_temp.id('F-8'), 'refused', '{TRANSAC_INC}');
SELECT found, needed, who FROM erp.explain_status(1, pg_temp.id('F-9'), 'approved') WHERE condition = 'matching';
SET ROLE regress_match_clerk;
SELECT i.number, m.state, m.deviating FROM erp.match_invoices(1) m JOIN erp.invoices i USING (document_id) ORDER BY length(number), number;
SELECT l, takes, result, reason FROM pg_temp.found WHERE number = 'F-9' ORDER BY l;
SELECT count(*) FROM erp.match_request;

-- tolerances: by supplier and entity, percent and absolute, each that is given holds
SET ROLE regress_match_clerk;
SELECT erp.set_match_policy(1, 'MILL', over_percent => 100);
SET ROLE regress_match_cfo;
SELECT erp.set_match_policy(1, 'MILL', ways => 4);
SELECT erp.set_match_policy(1, 'NOBODY');
SELECT erp.set_match_policy(1, order_required => true), erp.set_match_policy(1, 'MILL', ways => 2, price_percent => 5, price_amount => 0.2, price_under_percent => 10, over_percent => 20),
	erp.set_match_policy(1, 'MILL', 'H', quantity_percent => 10, quantity => 3, over_quantity => 2, under_percent => 5, price_percent => 5, price_under_percent => 10, charge_amount => 4);
SELECT * FROM erp.match_policies ORDER BY supplier, entity;
SET ROLE regress_match_clerk;
SELECT i.number, m.state, m.deviating FROM erp.match_invoices(1, ARRAY(SELECT document_id FROM erp.invoices WHERE number IN ('F-2', 'F-9', 'F-11'))) m JOIN erp.invoices i USING (document_id) ORDER BY number;
SELECT number, l, result, reason FROM pg_temp.found WHERE number IN ('F-2', 'F-9', 'F-11') ORDER BY length(number), 1, 2;
-- an order is needed where the policy says so
SET ROLE regress_match_cfo;
SELECT erp.set_match_policy(1, 'DAIRY', order_required => true);
SET ROLE regress_match_erp;
SELECT count(*) FROM erp.submit(1, pg_temp.invoice('D-1', NULL, '{|Crème|1|LTR|1}', seller => 'FR83404833048'));
SELECT state, deviating, reason FROM erp.invoice_matches WHERE number = 'D-1';
SET ROLE regress_match_erp;
SELECT erp.create_order(1, 'BC-3', 'H', 'MILL', '[{"line": "1", "item": "Blé", "quantity": 100, "unit": "KGM", "price": 1}]') > 0;
SELECT erp.receive_goods(1, pg_temp.order_id('BC-3'), 'BL-5', '[{"line": "1", "quantity": 97}]') > 0;
SELECT count(*) FROM erp.submit_many(1, ARRAY[
	pg_temp.invoice('F-20', 'BC-3', '{1|Blé|40|KGM|42.00}'),     -- price + 5 %
	pg_temp.invoice('F-21', 'BC-3', '{1|Blé|40|KGM|42.01}'),     -- a cent more is
	pg_temp.invoice('F-22', 'BC-3', '{1|Blé|10|KGM|9.00}'),      -- price - 10 %
	pg_temp.invoice('F-23', 'BC-3', '{1|Blé|5|KGM|4.40}'),       -- below
	pg_temp.invoice('F-24', 'BC-3', '{1|Blé|5|KGM|5}'),          -- 100 of 97 received: 3 more
	pg_temp.invoice('F-25', 'BC-3', '{1|Blé|0.5|KGM|0.5}'),      -- that is more
	pg_temp.invoice('F-26', 'BC-3', '{1|Blé|1.6|KGM|1.6}')]);    -- and more than ordered too
SELECT number, takes, price, result, reason FROM pg_temp.found WHERE number ~ 'F-2[0-9]' ORDER BY 1;
SELECT order_number, order_line, open_quantity, open_amount FROM erp.open_orders ORDER BY 1, 2;    -- 3 of 100 are under the tolerance
SELECT order_number, order_line, trim_scale(received) AS received, trim_scale(invoiced) AS invoiced, trim_scale(quantity) AS quantity, amount FROM erp.unmatched_receipts ORDER BY 1, 2;

-- credit notes give back: at the order's price a quantity, at another a value; never more than was invoiced
SELECT count(*) FROM erp.submit_many(1, ARRAY[
	pg_temp.invoice('A-1', 'BC-3', '{1|Blé|40|KGM|40.00}', kind => 'credit_note'),
	pg_temp.invoice('A-2', 'BC-3', '{1|Blé|40|KGM|2.00}', kind => 'credit_note'),
	pg_temp.invoice('A-3', 'BC-3', '{1|Blé|70|KGM|70.00}', kind => 'credit_note'),
	pg_temp.invoice('A-4', 'BC-3', '{1|Blé|1|KGM|500.00}', kind => 'credit_note'),
	pg_temp.invoice('F-27', 'BC-3', '{1|Blé|40|KGM|40.00}')]);
SELECT number, takes, result, reason FROM pg_temp.found WHERE number ~ '^A|F-27' ORDER BY 1;

-- an order changed after invoicing: what was approved stays, what was not is matched again
SET ROLE regress_match_approver;
SELECT new_status FROM erp.set_status(1, pg_temp.id('F-20'), 'approved');
SET ROLE regress_match_buyer;
SELECT erp.change_order(1, pg_temp.order_id('BC-3'), '[{"line": "1", "price": 1.1}, {"line": "2", "item": "Son", "quantity": 5, "unit": "KGM", "price": 2}]', 1);
SELECT number, price, order_price, order_version, result, reason FROM erp.match_lines WHERE number IN ('F-20', 'F-21', 'F-22') ORDER BY 1;
SELECT erp.change_order(1, pg_temp.order_id('BC-3'), '[{"line": "1", "price": 1.2}]', 1);
\set VERBOSITY default
SELECT erp.change_order(1, pg_temp.order_id('BC-3'), '[{"line": "1", "quantity": 96}]');
\set VERBOSITY terse
SELECT erp.change_order(1, pg_temp.order_id('BC-3'), '[{"line": "1", "unit": "TNE"}]');
SELECT erp.change_order(1, pg_temp.order_id('BC-3'), '[{"line": "1", "cancel": true}]');
SELECT erp.change_order(1, pg_temp.order_id('BC-3'), '[{"line": "3", "item": "incomplete"}]');
SELECT erp.change_order(1, pg_temp.order_id('BC-3'), '[{"quantity": 7}]');
SELECT erp.change_order(1, 0, '[{"line": "1", "quantity": 7}]');
SELECT erp.change_order(1, pg_temp.order_id('BC-3'), '[{"line": "2", "cancel": true}]');
SELECT erp.cancel_order(1, pg_temp.order_id('BC-3'), 'not wanted');
SELECT erp.cancel_order(1, pg_temp.order_id('BC-3'), 'complete', close => true), erp.cancel_order(1, pg_temp.order_id('BC-3'), 'complete', close => true);
SELECT erp.change_order(1, pg_temp.order_id('BC-3'), '[{"line": "1", "price": 1.2}]');
SELECT number, state, version FROM erp.orders WHERE number = 'BC-3';
SELECT action, before #>> '{lines,0,price}' AS was, after #>> '{lines,0,price}' AS is FROM erp.event WHERE subject = 'order' AND action = 'change_order' ORDER BY id;
RESET ROLE;
SELECT action, before #>> '{lines,0,price}' AS was, after #>> '{lines,0,price}' AS is FROM erp.event WHERE subject = 'order' AND action = 'change_order' ORDER BY id;

-- one invoice for several orders: by lines that name them, or by people; an order that comes after its invoice
SET ROLE regress_match_erp;
SELECT erp.create_order(1, 'BC-4', 'H', 'MILL', '[{"line": "1", "item": "Riz", "quantity": 10, "unit": "KGM", "price": 2}]') > 0, erp.create_order(1, 'BC-5', 'H', 'MILL', '[{"line": "1", "item": "Maïs", "quantity": 10, "unit": "KGM", "price": 3}]') > 0;
SELECT count(erp.receive_goods(1, pg_temp.order_id(o), 'BL-' || o, '[{"line": "1", "quantity": 10}]')) FROM unnest('{BC-4,BC-5}'::text[]) o;
SELECT count(*) FROM erp.submit(1, convert_to(replace(convert_from(pg_temp.invoice('F-30', 'BC-4', '{1|Riz|10|KGM|20,1|Maïs|10|KGM|30,1|Orge|1|KGM|4}'), 'UTF8'), '<cbc:LineID>1</cbc:LineID></cac:OrderLineReference><cac:Item><cbc:Name>Maïs',
	'<cbc:LineID>1</cbc:LineID><cac:OrderReference><cbc:ID>BC-5</cbc:ID></cac:OrderReference></cac:OrderLineReference><cac:Item><cbc:Name>Maïs'), 'UTF8'));
SELECT line_no, order_number, result, reason FROM erp.match_lines WHERE number = 'F-30' ORDER BY line_no;
SELECT erp.create_order(1, 'BC-6', 'H', 'MILL', '[{"line": "1", "item": "Orge", "quantity": 1, "unit": "KGM", "price": 4}]') > 0;
SELECT count(erp.receive_goods(1, pg_temp.order_id('BC-6'), 'BL-6', '[{"line": "1", "quantity": 1}]'));
SET ROLE regress_match_clerk;
SELECT erp.assign_line(1, pg_temp.id('F-30'), 3, pg_temp.order_id('BC-6'), '9');
SELECT erp.assign_line(1, pg_temp.id('F-30'), 3, pg_temp.order_id('BC-6'), '1', 'named BC-4');
SELECT l, takes, result FROM pg_temp.found WHERE number = 'F-30' ORDER BY l;
SET ROLE regress_match_erp;
SELECT erp.create_order(1, 'BC-777', 'H', 'MILL', '[{"line": "1", "item": "Levain", "quantity": 1, "unit": "H87", "price": 10}]') > 0;
SELECT result, reason FROM pg_temp.found WHERE number = 'F-3';
SELECT erp.cancel_order(1, pg_temp.order_id('BC-777'), 'mistake');
SELECT result, reason FROM pg_temp.found WHERE number = 'F-3';
SELECT erp.receive_goods(1, pg_temp.order_id('BC-777'), 'BL-7', '[{"line": "1", "quantity": 1}]');

-- matching everything at once finds what matching one by one found
RESET ROLE;
CREATE TEMP TABLE one_by_one AS SELECT * FROM erp.match_line;
SELECT count(*) > 10 AS many FROM erp.match_invoices(1, ARRAY(SELECT document_id FROM erp.invoices));
SELECT count(*) FROM (TABLE one_by_one EXCEPT TABLE erp.match_line) d;
-- and what a receipt line says adds up to what the order line has
SELECT count(*) FROM erp.order_line l WHERE l.received <> (SELECT COALESCE(sum(r.quantity), 0) FROM erp.receipt_line r WHERE (r.tenant_id, r.order_id, r.order_line_no) = (l.tenant_id, l.order_id, l.line_no));

-- a supplier sees its orders, and no tolerances; what it cancels is matched again by others
SET ROLE regress_match_seller;
SELECT count(*) > 3 AS orders, count(*) FILTER (WHERE supplier = 'DAIRY') AS of_others FROM erp.orders;
SELECT (SELECT count(*) FROM erp.match_lines) AS lines, (SELECT count(*) FROM erp.invoice_matches) AS matches, (SELECT count(*) FROM erp.match_policies) AS policies;
SELECT erp.match_invoices(1);
SET ROLE regress_match_clerk;
SELECT outcome FROM erp.set_status(1, pg_temp.id('F-21'), 'disputed', '{PU_ERR}');
SET ROLE regress_match_seller;
SELECT outcome FROM erp.set_status(1, pg_temp.id('F-21'), 'cancelled');
SELECT count(*) FROM erp.match_request;
SET ROLE regress_match_auditor;
SELECT count(*) FROM erp.match_request;
SELECT found, needed, who FROM erp.explain_status(1, pg_temp.id('F-27'), 'approved') WHERE condition = 'matching';
SET ROLE regress_match_clerk;
SELECT count(*) > 0 AS matched FROM erp.match_invoices(1);
SET ROLE regress_match_auditor;
SELECT count(*) FROM erp.explain_status(1, pg_temp.id('F-27'), 'approved') WHERE condition = 'matching';
SELECT erp.set_match_policy(1);
RESET ROLE;
SELECT clex.drop_store('erp');
