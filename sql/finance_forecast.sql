-- module finance: the payment forecast by entity, currency and week moves with approvals, disputes, accepted offers, orders and payments, and is the same whether or not it was refreshed
SET client_min_messages = warning;
\set VERBOSITY terse
\set SHOW_CONTEXT never
SET TimeZone = 'UTC';
CREATE ROLE regress_forecast_owner NOLOGIN;
CREATE ROLE regress_forecast_anna;
CREATE ROLE regress_forecast_ben;
CREATE ROLE regress_forecast_north;
SELECT clex.create_store('erp', owner => 'regress_forecast_owner');
SELECT erp.add_tenant(1, 'Group');
SELECT erp.add_member(1, 'regress_forecast_' || r, p) FROM (VALUES ('anna', 'treasurer'), ('ben', 'treasurer'), ('north', 'ap_clerk')) m (r, p);
SELECT count(erp.set_party(1, p, p, 'FR')) FROM unnest('{S,N,T,C}'::text[]) p;
SELECT erp.add_identifier(1, 'S', 'vat', 'FR05832194070'), erp.add_identifier(1, 'S', 'iban', 'FR7630006000011234567890189'), erp.add_identifier(1, 'N', 'vat', 'FR88790453187'), erp.add_identifier(1, 'T', 'vat', 'FR40303265045'),
	erp.add_identifier(1, 'C', 'vat', 'FR44732829320');
SELECT erp.set_entity(1, 'G', 'group', 'Group') > 0 AND erp.set_entity(1, 'NORTH', 'company', 'North', 'G', 'N') > 0 AND erp.set_entity(1, 'SOUTH', 'company', 'South', 'G', 'T') > 0 AS entities,
	erp.set_paying_account(1, 'G', 'EUR', 'DE89370400440532013000'), erp.scope_member(1, 'regress_forecast_north', 'ap_clerk', entity => 'NORTH'), erp.set_setting(1, 'finance.calendar', '"WEEKENDS weekend=NONE"');
-- days count from a Monday, two weeks from now at most
CREATE FUNCTION monday() RETURNS date LANGUAGE sql STABLE AS $$ SELECT date_trunc('week', CURRENT_DATE::timestamp)::date + 14 $$;
CREATE FUNCTION put(number text, payable numeric, due int, buyer text, currency text DEFAULT 'EUR', seller text DEFAULT 'FR05832194070', kind text DEFAULT 'invoice') RETURNS bigint LANGUAGE sql AS $$
	SELECT s.document_id FROM erp.submit(1, clex.write(jsonb_build_object('$kind', kind,
		'invoice', jsonb_build_object('number', number, 'issue_date', '2026-03-09', 'due_date', monday() + due, 'type_code', CASE kind WHEN 'invoice' THEN '380' ELSE '381' END, 'currency', currency),
		'seller', jsonb_build_object('name', seller, 'vat_number', seller, 'address', '{"country": "FR"}'::jsonb),
		'buyer', jsonb_build_object('name', buyer, 'vat_number', buyer, 'address', '{"country": "FR"}'::jsonb),
		'payment', '{"means_code": "30", "credit_transfers": [{"account": "FR7630006000011234567890189"}]}'::jsonb, 'totals', jsonb_build_object('payable', payable, 'with_vat', payable),
		'lines', '[{"identifier": "1", "quantity": 1, "unit": "H87", "net_amount": 1, "item": {"name": "Flour"}}]'::jsonb)::text::clex.document, 'ubl')) s $$;
GRANT EXECUTE ON FUNCTION monday() TO PUBLIC;
CREATE VIEW forecast WITH (security_invoker) AS
SELECT c.flow, c.entity, c.currency, (c.week - monday()) / 7 AS week, c.class, sum(c.amount) AS amount, sum(c.invoices) AS invoices FROM erp.cash_calendar c WHERE c.tenant_id = 1 GROUP BY 1, 2, 3, 4, 5;
-- what has moved since it was asked last; refreshed, it is the same
CREATE TABLE told AS SELECT * FROM forecast WHERE false;
CREATE FUNCTION moved() RETURNS TABLE (flow text, entity text, currency text, week int, class text, amount numeric, invoices numeric, was numeric) LANGUAGE plpgsql AS $$
#variable_conflict use_column
BEGIN
	CREATE TEMPORARY TABLE now ON COMMIT DROP AS SELECT * FROM forecast;
	PERFORM erp.refresh_calendar(1);
	IF EXISTS (TABLE now EXCEPT TABLE forecast) OR EXISTS (TABLE forecast EXCEPT TABLE now) THEN
		RAISE EXCEPTION 'a refresh changes the forecast';
	END IF;
	RETURN QUERY
	SELECT COALESCE(n.flow, o.flow), COALESCE(n.entity, o.entity), COALESCE(n.currency, o.currency), COALESCE(n.week, o.week), COALESCE(n.class, o.class), COALESCE(n.amount, 0), COALESCE(n.invoices, 0), COALESCE(o.amount, 0)
	FROM now n FULL JOIN told o ON (n.flow, n.entity, n.currency, n.week, n.class) = (o.flow, o.entity, o.currency, o.week, o.class) WHERE (n.amount, n.invoices) IS DISTINCT FROM (o.amount, o.invoices) ORDER BY 1, 2, 3, 4, 5;
	DELETE FROM told;
	INSERT INTO told TABLE now;
END $$;
GRANT SELECT ON forecast TO PUBLIC;

SELECT put('A', 1000, 16, 'FR88790453187') AS a, put('B', 600, 9, 'FR88790453187') AS b, put('C', 400, 9, 'FR40303265045') AS c, put('D', 300, 2, 'FR88790453187', 'USD') AS d,
	put('V', 900, 9, 'FR44732829320', seller => 'FR40303265045') AS v, put('CN', 40, 9, 'FR40303265045', kind => 'credit_note') AS note;
SELECT new_status FROM unnest('{1,3,4}'::bigint[]) id, erp.set_status(1, id, 'approved');
SELECT * FROM moved();
-- B is approved: the same week, another class
SELECT new_status FROM erp.set_status(1, 2, 'approved');
SELECT * FROM moved();
-- 250 of C is disputed, the rest is not
SELECT erp.open_dispute(1, 3, '{QTE_ERR}', 'not all came', amount => 250) AS dispute \gset
SELECT * FROM moved();
-- A is to be paid twelve days early, on the Friday of the first week: 1000 x 6 % x 12/360 = 2.00 less
SELECT erp.make_offer(1, 1, 0.06) AS offer \gset
SELECT * FROM moved();
SELECT discount, net FROM erp.accept_offer(1, :offer, monday() + 4);
SELECT * FROM moved();
-- the dispute is withdrawn; a credit note takes 40.00 off C
SELECT erp.close_dispute(1, :dispute, 'withdrawn', 'it came');
SELECT * FROM moved();
SELECT erp.link_note(1, 6, 3, 40);
SELECT * FROM moved();
-- the customer of V is given a discount for paying on the Tuesday of the first week: 900 x 4 % x 8/360 = 0.80
SELECT erp.make_offer(1, 5, 0.04) AS sale \gset
SELECT discount, net FROM erp.accept_offer(1, :sale, monday() + 1);
SELECT * FROM moved();
-- a part of B is paid; A is ordered, and booked
SELECT erp.record_payment(1, 2, 100, CURRENT_DATE, 'transfer', 'P-1');
SELECT * FROM moved();
SET ROLE regress_forecast_anna;
SELECT payments, total FROM erp.make_payment_orders(1, monday() + 4, documents => '{1}');
RESET ROLE;
SELECT * FROM moved();
SET ROLE regress_forecast_ben;
SELECT erp.release_payment_order(1, 1) <> '' AS released;
SELECT erp.confirm_payment(1, 'PO-1-1-1', 'booked', monday() + 4);
RESET ROLE;
SELECT * FROM moved();
-- the money comes back: due when it was due before, and the discount is lost
SELECT erp.confirm_payment(1, 'PO-1-1-1', 'returned', monday() + 5);
SELECT * FROM moved();
-- B is refused: nobody owes it
SELECT new_status FROM erp.set_status(1, 2, 'refused', '{DOUBLE_FACT}');
SELECT * FROM moved();
-- all of it, as the treasurer sees it; a clerk of one company gets no sums
SET ROLE regress_forecast_anna;
SELECT * FROM forecast ORDER BY 1, 2, 3, 4, 5;
SET ROLE regress_forecast_north;
SELECT count(*) FROM forecast;
RESET ROLE;
DROP FUNCTION moved();
DROP TABLE told;
DROP VIEW forecast;
SELECT clex.drop_store('erp');
DROP FUNCTION put(text, numeric, int, text, text, text, text), monday();
DROP ROLE regress_forecast_owner, regress_forecast_anna, regress_forecast_ben, regress_forecast_north;
