-- module p2p: one instance for all: tenants, companies, franchises and departments, currencies of no, two and three decimals, languages
SET client_min_messages = warning;
SET datestyle = 'ISO';
\set VERBOSITY terse
\set SHOW_CONTEXT never
CREATE ROLE regress_many_owner NOLOGIN;
CREATE ROLE regress_many_clerk;
CREATE ROLE regress_many_lyon;
CREATE ROLE regress_many_tokyo;
CREATE ROLE regress_many_other;
CREATE ROLE regress_many_approver;
SELECT clex.create_store('erp', '{p2p}', 'regress_many_owner');
-- two tenants with the same codes and numbers; one of them a group with a company, two franchises and a department
SELECT erp.add_tenant(1, 'Group'), erp.add_tenant(2, 'Other');
SELECT erp.add_member(1, 'regress_many_clerk', 'ap_clerk'), erp.add_member(2, 'regress_many_other', 'ap_clerk'), erp.add_member(1, 'regress_many_approver', 'approver');
SELECT erp.set_party(t, c, n, l, language => g, email => lower(c) || '@example.org', valid_from => '2024-01-01') > 0 AS made
FROM (VALUES (1, 'HQ', 'Head office', 'FR', 'fr'), (1, 'LYON', 'Franchise Lyon', 'FR', 'fr'), (1, 'TOKYO', 'Franchise Tokyo', 'JP', NULL), (1, 'S', 'Lieferant', 'DE', 'de'), (1, 'Z', 'Dostawca', 'PL', 'pl'), (2, 'HQ', 'Head office', 'FR', NULL), (2, 'S', 'Lieferant', 'DE', NULL)) p (t, c, n, l, g);
SELECT erp.add_identifier(t, c, s, v, '2024-01-01') FROM (VALUES (1, 'HQ', 'vat', 'FR88790453187'), (1, 'LYON', 'vat', 'FR44732829320'), (1, 'TOKYO', 'other', 'T1234567890123'), (1, 'S', 'vat', 'DE136695976'), (1, 'Z', 'vat', 'FR05832194070'),
	(2, 'HQ', 'vat', 'FR88790453187'), (2, 'S', 'vat', 'DE136695976')) i (t, c, s, v);
SELECT erp.set_entity(1, 'G', 'group', 'Group', valid_from => '2024-01-01') > 0, erp.set_entity(1, 'HQ', 'company', 'Head office', 'G', 'HQ', '2024-01-01') > 0, erp.set_entity(1, 'LYON', 'franchise', 'Lyon', 'G', 'LYON', '2024-01-01') > 0,
	erp.set_entity(1, 'TOKYO', 'franchise', 'Tokyo', 'G', 'TOKYO', '2024-01-01') > 0, erp.set_entity(1, 'LYON-K', 'department', 'Kitchen', 'LYON', valid_from => '2024-01-01') > 0, erp.set_entity(2, 'HQ', 'company', 'Head office', party => 'HQ', valid_from => '2024-01-01') > 0;
SELECT erp.add_member(1, 'regress_many_lyon', 'ap_clerk'), erp.scope_member(1, 'regress_many_lyon', 'ap_clerk', entity => 'LYON'), erp.add_member(1, 'regress_many_tokyo', 'ap_clerk'), erp.scope_member(1, 'regress_many_tokyo', 'ap_clerk', entity => 'TOKYO');

-- the same number of an order for each entity and tenant, each in its currency
SELECT erp.create_order(t, 'O-1', e, 'S', jsonb_build_array(jsonb_build_object('line', '1', 'item', 'x', 'quantity', 3, 'unit', 'H87', 'price', p, 'deliver_by', '2024-03-01')), c, '2024-02-01') > 0 AS made
FROM (VALUES (1, 'HQ', 'EUR', 10.05), (1, 'LYON', 'EUR', 20), (1, 'TOKYO', 'JPY', 1234), (2, 'HQ', 'KWD', 1.235)) o (t, e, c, p);
SELECT erp.create_order(1, 'O-2', 'LYON-K', 'S', '[{"line": "1", "item": "x", "quantity": 1, "unit": "H87", "price": 7}]', 'CHF') > 0 AS made;
SELECT erp.create_order(1, 'O-3', 'HQ', 'S', '[{"line": "1", "item": "x", "quantity": 1, "unit": "H87", "price": 7}]', 'XXQ');
SELECT erp.receive_goods(o.tenant_id, o.order_id, 'R', '[{"line": "1", "quantity": 3}]', '2024-02-28') > 0 AS received FROM erp.orders o WHERE o.number = 'O-1' ORDER BY o.tenant_id, o.entity;
CREATE FUNCTION pg_temp.invoice(buyer jsonb, number text, price numeric, currency text, seller text DEFAULT 'DE136695976', order_number text DEFAULT 'O-1') RETURNS bytea LANGUAGE sql AS $$
	SELECT clex.write(jsonb_strip_nulls(erp.complete_invoice(jsonb_build_object('$kind', 'invoice', 'invoice', jsonb_build_object('number', number, 'issue_date', '2024-03-09', 'due_date', '2024-04-09', 'type_code', '380', 'currency', currency, 'purchase_order', order_number),
		'seller', jsonb_build_object('name', 'Seller', 'vat_number', seller, 'address', '{"country": "DE"}'::jsonb), 'buyer', buyer || '{"name": "Buyer", "address": {"country": "FR"}}'::jsonb,
		'lines', jsonb_build_array(jsonb_build_object('purchase_order_line', '1', 'item', '{"name": "x"}'::jsonb, 'quantity', 3, 'unit', 'H87', 'price', jsonb_build_object('net', price), 'vat', '{"category": "S", "rate": 10}'::jsonb)))))::text::clex.document, 'ubl') $$;
SELECT state FROM (VALUES (1, '{"vat_number": "FR88790453187"}'::jsonb, 'F-1', 10.05, 'EUR'), (1, '{"vat_number": "FR44732829320"}', 'F-2', 20, 'EUR'), (1, '{"identifier": "T1234567890123"}', 'F-3', 1234, 'JPY'), (2, '{"vat_number": "FR88790453187"}', 'F-1', 1.235, 'KWD')) f (t, b, n, p, c),
	LATERAL erp.submit(t, pg_temp.invoice(b, n, p, c)) ORDER BY t, n;
-- of another currency than the order: never matched
SELECT state FROM erp.submit(1, pg_temp.invoice('{"vat_number": "FR44732829320"}', 'F-4', 20, 'USD'));
SELECT tenant_id, number, entity, currency, gross FROM erp.invoice_states ORDER BY 1, 2;
SELECT tenant_id, number, state, reason FROM erp.invoice_matches ORDER BY 1, 2;
SELECT tenant_id, number, trim_scale(quantity) AS quantity, price, order_price FROM erp.match_lines WHERE number <> 'F-4' ORDER BY 1, 2;

-- each sees what is its own; a role of one tenant nothing of the other
SET ROLE regress_many_lyon;
SELECT number, entity, currency FROM erp.invoice_states ORDER BY 1;
SELECT number, entity, currency FROM erp.orders ORDER BY 1, 2;
SET ROLE regress_many_tokyo;
SELECT number, entity, currency FROM erp.orders ORDER BY 1;
SET ROLE regress_many_other;
SELECT tenant_id, number, entity, currency FROM erp.invoice_states ORDER BY 1;
SELECT tenant_id, number, currency FROM erp.orders ORDER BY 1;
SELECT erp.set_status(1, (SELECT min(document_id) FROM erp.invoice_states), 'in_hand');
-- a rule for a franchise holds for its departments and for nobody else
RESET ROLE;
SELECT erp.define_approval_rule(1, 'lyon', 1, entity => 'LYON', currency => 'EUR', from_amount => 50, approvers => '{regress_many_approver}');
SELECT s.number, e.rule, e.applies, e.because FROM erp.invoice_states s, erp.explain_approval(1, s.document_id) e WHERE s.tenant_id = 1 ORDER BY 1;

-- amounts in figures are never those of two currencies: a row for each, in views and in sums
SELECT entity, currency, invoices, open FROM erp.liabilities WHERE tenant_id = 1 ORDER BY 1, 2;
SELECT tenant_id, currency, sum(amount) AS blocked FROM erp.blocked_amounts GROUP BY 1, 2 ORDER BY 1, 2;
SELECT count(*) = count(DISTINCT (tenant_id, entity, currency, topic)) AS a_row_each FROM erp.cfo_desk;
-- every view with an amount says of which currency, but for tolerances, and lines of an invoice that says it
SELECT c.relname, array_agg(a.attname ORDER BY a.attname) AS amounts FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
WHERE c.relnamespace = 'erp'::regnamespace AND c.relkind = 'v' AND a.atttypid = 'numeric'::regtype
	AND a.attname ~ '(^|_)(amount|open|gross|net|payable|payable_now|face|credited|disputed|undisputed|paid|unused)$'
	AND NOT EXISTS (SELECT FROM pg_attribute k WHERE k.attrelid = c.oid AND k.attname ~ 'currency')
GROUP BY 1 ORDER BY 1;
-- a dispute in yen stays in yen
SET ROLE regress_many_clerk;
SELECT erp.open_dispute(1, s.document_id, '{PRI}', 'Price', amount => 1000) > 0 AS disputed FROM erp.invoice_states s WHERE s.number = 'F-3';
SELECT currency, class, amount FROM erp.dispute_ageing;
SELECT currency, open, disputed, undisputed FROM erp.open_amounts WHERE number = 'F-3';

-- each supplier is told in its language; where a text is missing the subject says so
RESET ROLE;
SELECT erp.set_notice_text(1, 'query_asked', 'de', 'Rückfrage zu {number}', '{text}');
SELECT state FROM erp.submit(1, pg_temp.invoice('{"vat_number": "FR88790453187"}', 'F-5', 10.05, 'EUR', 'FR05832194070', NULL));
SET ROLE regress_many_clerk;
SELECT erp.ask(1, s.document_id, 'supplier', 'Price', 'Why?') > 0 AS asked FROM erp.invoice_states s WHERE s.number IN ('F-1', 'F-5') ORDER BY s.number;
SELECT t ->> 'to' AS "to", t ->> 'language' AS language, t ->> 'subject' AS subject FROM (SELECT convert_from(content, 'UTF8')::jsonb AS t FROM erp.outgoing_messages WHERE tenant_id = 1 AND kind = 'notice') n ORDER BY 1;
RESET ROLE;
SELECT clex.drop_store('erp');
DROP ROLE regress_many_owner, regress_many_clerk, regress_many_lyon, regress_many_tokyo, regress_many_other, regress_many_approver;
