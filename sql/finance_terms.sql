-- module finance: what an invoice grants at its foot is taken by the payment run, in time or not at all
SET client_min_messages = warning;
\set VERBOSITY terse
\set SHOW_CONTEXT never
SET TimeZone = 'UTC';
CREATE ROLE regress_terms_owner NOLOGIN;
CREATE ROLE regress_terms_anna;
CREATE ROLE regress_terms_ben;
CREATE ROLE regress_terms_supplier;
SELECT clex.create_store('erp', owner => 'regress_terms_owner');
SELECT erp.add_tenant(1, 'Hotel');
SELECT erp.add_member(1, 'regress_terms_' || r, p) FROM (VALUES ('anna', 'treasurer'), ('ben', 'treasurer'), ('supplier', 'supplier')) m (r, p);
SELECT erp.set_party(1, 'S1', 'Moulins', 'FR') > 0 AS s1, erp.set_party(1, 'S2', 'Fleurs', 'FR') > 0 AS s2, erp.set_party(1, 'B', 'Hotel', 'FR') > 0 AS b;
SELECT erp.add_identifier(1, 'S1', 'vat', 'FR05832194070'), erp.add_identifier(1, 'S2', 'vat', 'FR44732829320'), erp.add_identifier(1, 'B', 'vat', 'FR88790453187');
SELECT erp.add_identifier(1, s, 'iban', 'FR7630006000011234567890189') FROM unnest('{S1,S2}'::text[]) s;
SELECT erp.set_entity(1, 'E', 'company', 'Hotel', party => 'B') > 0 AS entity, erp.set_paying_account(1, 'E', 'EUR', 'DE89370400440532013000'), erp.scope_member(1, 'regress_terms_supplier', 'supplier', party => 'S1'),
	erp.set_setting(1, 'finance.calendar', '"WEEKENDS weekend=NONE"'), erp.set_discount_policy(1, 'S2', terms => '1/10 net 30', vat_effect => 'price_paid');
-- issued three days ago, due in 27 days; VAT of 20 % in it
CREATE FUNCTION put(number text, payable numeric, terms text DEFAULT NULL, seller text DEFAULT 'FR05832194070', currency text DEFAULT 'EUR') RETURNS bigint LANGUAGE sql AS $$
	SELECT s.document_id FROM erp.submit(1, clex.write(jsonb_build_object('$kind', 'invoice',
		'invoice', jsonb_strip_nulls(jsonb_build_object('number', number, 'issue_date', CURRENT_DATE - 3, 'due_date', CURRENT_DATE + 27, 'type_code', '380', 'currency', currency, 'payment_terms', terms)),
		'seller', jsonb_build_object('name', CASE seller WHEN 'FR05832194070' THEN 'Moulins' ELSE 'Fleurs' END, 'vat_number', seller, 'address', '{"country": "FR"}'::jsonb),
		'buyer', '{"name": "Hotel", "vat_number": "FR88790453187", "address": {"country": "FR"}}'::jsonb,
		'payment', '{"means_code": "30", "credit_transfers": [{"account": "FR7630006000011234567890189"}]}'::jsonb,
		'totals', jsonb_build_object('payable', payable, 'with_vat', payable),
		'vat_breakdown', jsonb_build_array(jsonb_build_object('category', 'S', 'rate', 20, 'taxable_amount', round(payable / 1.2), 'tax_amount', payable - round(payable / 1.2))),
		'lines', '[{"identifier": "1", "quantity": 1, "unit": "H87", "net_amount": 1, "item": {"name": "Flour"}}]'::jsonb)::text::clex.document, 'ubl')) s $$;
SELECT put('T-1', 1200, E'#SKONTO#TAGE=14#PROZENT=2.00#\n#SKONTO#TAGE=7#PROZENT=3.00#\n'), put('T-2', 480), put('T-3', 600, E'#SKONTO#TAGE=14#PROZENT=1.00#\n'), put('T-4', 300, seller => 'FR44732829320'),
	put('T-5', 12000, E'#SKONTO#TAGE=14#PROZENT=2.00#\n', currency => 'JPY'), put('T-6', 900, E'#SKONTO#TAGE=4#PROZENT=2.00#\n'), put('T-7', 60, E'#SKONTO#TAGE=29#PROZENT=3.00#\n');
SELECT count(erp.set_status(1, document_id, 'approved')) FROM erp.invoice_state;
SELECT erp.open_dispute(1, 3, '{QTE_ERR}', 'one bag too few', amount => 30) > 0 AS disputed;
CREATE FUNCTION took(days int, min_yield float8 DEFAULT NULL, documents bigint[] DEFAULT NULL) RETURNS TABLE (number text, in_days int, amount numeric, discount numeric, net numeric, simple numeric) LANGUAGE sql AS $$
	SELECT i.number, t.paid_on - CURRENT_DATE, t.amount, t.discount, t.net, round(t.simple_rate::numeric, 6)
	FROM erp.take_terms(1, CURRENT_DATE + days, documents, min_yield) t JOIN erp.invoice i USING (document_id) ORDER BY 1 $$;

SET ROLE regress_terms_supplier;
SELECT * FROM took(5);
SET ROLE regress_terms_anna;
SELECT * FROM took(-1);
SELECT * FROM erp.take_terms(1, NULL);
-- in five days 3 % of T-1 are lost: 2 % of 1200.00 = 24.00, 22 days early: 24 / 1176 x 360 / 22; of T-5 the same; T-4 would yield 3 / 297 x 360 / 22 = 0.165
-- T-2 grants nothing, T-3 is disputed, T-6 is too late, T-7 is due in 27 days and would be paid 22 days early for 1.80: 1.8 / 58.2 x 360 / 22
SELECT * FROM took(5, 0.2);
SELECT * FROM took(5, 0.2);
SELECT * FROM took(5, documents => '{1,2,4}');
SELECT number, side, state, rate > 0.3 AS more_than_30_percent, discount, net, note FROM erp.offers ORDER BY document_id;
SELECT class, currency, pay_on - CURRENT_DATE AS in_days, amount, invoices FROM erp.cash_calendar ORDER BY 1, 2, 3;
-- a day before it is due 3 % are 1080 % a year: no offer, and no discount by an order
SELECT erp.release_offer(1, id, 'the last day will do') FROM erp.offers WHERE number = 'T-7';
SELECT * FROM took(26);
-- the run of that day pays less, and says so to the bank
SELECT number, pay_on - CURRENT_DATE AS in_days, currency, amount, discount, hindrance FROM erp.payables(1, CURRENT_DATE + 5) ORDER BY document_id;
SELECT currency, execution_date - CURRENT_DATE AS in_days, payments, total FROM erp.make_payment_orders(1, CURRENT_DATE + 5);
SET ROLE regress_terms_ben;
SELECT erp.release_payment_order(1, id) <> '' AS released FROM erp.payment_orders;
SELECT p.creditor, p.amount, p.documents #- '{0,date}' AS documents FROM erp.outgoing_messages o, clex.read_payments(o.content) p WHERE o.kind = 'payment_order' ORDER BY p.end_to_end_id;
SELECT number, erp.confirm_payment(1, end_to_end_id, 'booked', CURRENT_DATE + 5), erp.confirm_payment(1, end_to_end_id, 'booked', CURRENT_DATE + 5) AS again FROM erp.payments ORDER BY document_id;
SELECT number, face, paid, discount, open FROM erp.ledger ORDER BY document_id;
-- the VAT falls with it: 24.00 is 20.00 and 4.00, by a note that the supplier has to send; 3.00 is 2.50 and 0.50, by itself
SELECT number, rate, gross, base, vat, vat_effect, state FROM erp.vat_corrections ORDER BY document_id;
SELECT i.number, e.status, e.facts -> 'characteristics' AS facts FROM erp.status_events e JOIN erp.invoice i USING (document_id) WHERE e.facts ? 'characteristics' ORDER BY e.id;
-- nobody paid the yen in time: the discount is lost, and the invoice free
SET ROLE regress_terms_anna;
SELECT document_id, outcome FROM erp.settle_offers(1, CURRENT_DATE + 6);
SELECT number, paid, discount, open FROM erp.ledger WHERE number = 'T-5';
SELECT number, kind FROM erp.claims;
RESET ROLE;
SELECT clex.drop_store('erp');
DROP FUNCTION took(int, float8, bigint[]), put(text, numeric, text, text, text);
DROP ROLE regress_terms_owner, regress_terms_anna, regress_terms_ben, regress_terms_supplier;
