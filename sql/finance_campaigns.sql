-- module finance: campaigns on own funds, their budgets and gains
SET client_min_messages = warning;
\set VERBOSITY terse
\set SHOW_CONTEXT never
SET TimeZone = 'UTC';
CREATE ROLE regress_campaigns_owner NOLOGIN;
CREATE ROLE regress_campaigns_treasurer;
CREATE ROLE regress_campaigns_cfo;
CREATE ROLE regress_campaigns_one;
CREATE ROLE regress_campaigns_two;
SELECT clex.create_store('erp', owner => 'regress_campaigns_owner');
SELECT erp.add_tenant(1, 'Hotel');
SELECT erp.add_member(1, 'regress_campaigns_treasurer', 'treasurer'), erp.add_member(1, 'regress_campaigns_cfo', 'cfo'),
	erp.add_member(1, 'regress_campaigns_one', 'supplier'), erp.add_member(1, 'regress_campaigns_two', 'supplier');
SELECT count(erp.set_party(1, code, name, 'FR', language => language)) FROM (VALUES ('S1', 'Moulins', 'fr'), ('S2', 'Schmidt', 'de'), ('B', 'Hotel', 'fr'), ('B2', 'Hotel 2', 'fr'), ('C', 'Client', 'fr')) v (code, name, language);
SELECT count(erp.add_identifier(1, code, 'vat', vat)) FROM (VALUES ('S1', 'FR05832194070'), ('S2', 'DE136695976'), ('B', 'FR88790453187'), ('B2', 'FR40303265045'), ('C', 'FR44732829320')) v (code, vat);
SELECT erp.set_entity(1, 'G', 'group', 'Group') > 0 AND erp.set_entity(1, 'E', 'company', 'Hotel', 'G', 'B') > 0 AND erp.set_entity(1, 'E2', 'company', 'Hotel 2', 'G', 'B2') > 0 AS entities,
	erp.scope_member(1, 'regress_campaigns_one', 'supplier', party => 'S1'), erp.scope_member(1, 'regress_campaigns_two', 'supplier', party => 'S2');
SELECT erp.set_setting(1, 'finance.calendar', '"WEEKENDS weekend=NONE"'), erp.set_setting(1, 'finance.cost_of_capital', '0.03');
CREATE FUNCTION put(number text, payable numeric, due_in int, seller text DEFAULT 'FR05832194070', currency text DEFAULT 'EUR', buyer text DEFAULT 'FR88790453187', approve boolean DEFAULT true) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
	id bigint := (SELECT s.document_id FROM erp.submit(1, clex.write(jsonb_build_object('$kind', 'invoice',
		'invoice', jsonb_build_object('number', number, 'issue_date', CURRENT_DATE - 10, 'due_date', CURRENT_DATE + due_in, 'type_code', '380', 'currency', currency),
		'seller', jsonb_build_object('name', seller, 'vat_number', seller, 'address', '{"country": "FR"}'::jsonb),
		'buyer', jsonb_build_object('name', 'Hotel du Quai', 'vat_number', buyer, 'address', '{"country": "FR"}'::jsonb),
		'totals', jsonb_build_object('payable', payable, 'with_vat', payable),
		'lines', '[{"identifier": "1", "quantity": 1, "unit": "H87", "net_amount": 1, "item": {"name": "Flour"}}]'::jsonb)::text::clex.document, 'ubl')) s);
BEGIN
	PERFORM erp.set_status(1, id, 'approved') WHERE approve;
	RETURN id;
END $$;
SELECT put('A', 10000, 31), put('B', 6000, 61), put('C', 8000, 46, 'DE136695976'), put('D', 1000, 31, 'DE136695976', 'USD'), put('E', 100, 5), put('F', 7000, 31, approve => false),
	put('G', 500, 31, buyer => 'FR40303265045'), put('H', 3000, 31), put('I', 2000, 31);
-- disputed in part, and claimed by somebody else
SELECT erp.open_dispute(1, 8, '{QTE_ERR}', 'not all came', amount => 1);
SET ROLE regress_campaigns_owner;
SELECT erp.claim_invoice(1, 9, 'auction', 'auction 1', 1);

-- who may, and what a campaign is
SET ROLE regress_campaigns_one;
SELECT erp.define_campaign(1, 'Mine', 0.06, '{"EUR": 20000}');
SELECT * FROM erp.simulate_campaign(1, 1);
SET ROLE regress_campaigns_treasurer;
SELECT erp.define_campaign(1, 'Spring', 0.06, '{}');
SELECT erp.define_campaign(1, 'Spring', 0.06, '{"EUR": "much"}');
SELECT erp.define_campaign(1, 'Spring', 0.06, '{"EUR": -5}');
SELECT erp.define_campaign(1, 'Spring', 0.06, '{"EUR": 20000}', condition => 'BT-112 >');
SELECT erp.define_campaign(1, 'Spring', 0.06, '{"EUR": 20000}', partners => '{S9}');
SELECT erp.define_campaign(1, 'Spring', 0.06, '{"EUR": 20000}', pay_on => '{}');
SELECT erp.define_campaign(1, 'Spring', 0.06, '{"EUR": 20000, "GBP": 1}', entity => 'E', due_from => CURRENT_DATE + 10, condition => 'BT-112 >= 1000') AS c \gset
SELECT erp.define_campaign(1, 'Spring', 0.06, '{"EUR": 20000}', entity => 'E', due_from => CURRENT_DATE + 10, condition => 'BT-112 >= 1000') = :c AS the_same;
SELECT name, direction, state, rate, cost_of_capital, condition, entity, partners, currency, budget, committed FROM erp.campaigns;
-- A: 10000 x 0.06 x 30/360 = 50.00; B: 6000 x 0.06 x 60/360 = 60.00; C: 8000 x 0.06 x 45/360 = 60.00; cost of 9950 x 0.03 x 30/360 = 24.875, 5940 x 0.03 x 60/360 = 29.70, 7940 x 0.03 x 45/360 = 29.775
-- yields 0.060302 (A), 0.060606 (B), 0.060453 (C): B and C fit into 20000, A does not
SELECT partner, pay_on - CURRENT_DATE AS pay_in, currency, invoices, face, discount, net, cost, gain, round(simple_rate::numeric, 6) AS simple, round(effective_rate::numeric, 6) AS effective, within_budget, budget_used
FROM erp.simulate_campaign(1, :c);
SELECT count(*) AS offers, (SELECT count(*) FROM erp.outgoing_messages WHERE kind = 'notice') AS notices FROM erp.offers;
SELECT * FROM erp.simulate_campaign(1, 99);
-- other choices: a currency, a partner, a yield, days of payment, an entity above, all of it
SELECT erp.define_campaign(1, 'Try', 0.06, '{"USD": 20000}') AS t \gset
SELECT partner, currency, invoices, discount FROM erp.simulate_campaign(1, :t);
SELECT erp.define_campaign(1, 'Try', 0.06, '{"EUR": 20000}', partners => '{S2}') = :t AS again;
SELECT partner, currency, invoices, discount FROM erp.simulate_campaign(1, :t);
SELECT erp.define_campaign(1, 'Try', 0.06, '{"EUR": 20000}', yield_limit => 0.0604) = :t AS again;
SELECT partner, currency, invoices, discount FROM erp.simulate_campaign(1, :t);
SELECT erp.define_campaign(1, 'Try', 0.06, '{"EUR": 20000}', entity => 'G', pay_on => ARRAY[CURRENT_DATE + 21, CURRENT_DATE + 40]) = :t AS again;
SELECT partner, pay_on - CURRENT_DATE AS pay_in, invoices, face, discount FROM erp.simulate_campaign(1, :t);
SELECT partner, pay_on - CURRENT_DATE AS pay_in, invoices, face, discount FROM erp.simulate_campaign(1, :t, CURRENT_DATE + 22);
SELECT erp.define_campaign(1, 'Try', 0.06, '{"EUR": 20000}', condition => '$seller.name = ''Schmidt''') = :t AS again;
SELECT partner, invoices, discount FROM erp.simulate_campaign(1, :t);
SELECT erp.define_campaign(1, 'Try', 0.06, '{"EUR": 20000}', condition => 'number(BT-1) > 1') = :t AS again;
SELECT partner, invoices, discount FROM erp.simulate_campaign(1, :t);

-- launched: an offer for each, a notice for each supplier in its language; again, nothing
SET ROLE regress_campaigns_cfo;
SELECT erp.launch_campaign(1, :c), erp.launch_campaign(1, :c);
SELECT erp.define_campaign(1, 'Spring', 0.06, '{"EUR": 30000}');
SELECT number, side, state, amount, discount, net, pay_on - CURRENT_DATE AS pay_in, pay_until - CURRENT_DATE AS until FROM erp.offers ORDER BY document_id;
RESET ROLE;
SELECT convert_from(content, 'UTF8')::jsonb ->> 'subject' AS subject, convert_from(content, 'UTF8')::jsonb ->> 'text' ~ '(16.000,00|8.000,00)' AS says_how_much FROM erp.outgoing_messages WHERE kind = 'notice' ORDER BY id;
-- a supplier sees its own offers, and nothing of the campaign; who accepts first has the money
SET ROLE regress_campaigns_two;
SELECT number, discount FROM erp.offers;
SELECT count(*) FROM erp.campaigns;
SELECT offer_id > 0 AS offer, document_id, outcome FROM erp.accept_campaign(1, :c);
SELECT count(*) FROM erp.accept_campaign(1, :c);
SET ROLE regress_campaigns_one;
SELECT id AS a FROM erp.offers WHERE number = 'A' \gset
SELECT id AS b FROM erp.offers WHERE number = 'B' \gset
SELECT net FROM erp.accept_offer(1, :a);
\set VERBOSITY default
SELECT net FROM erp.accept_offer(1, :b);
\set VERBOSITY terse
SELECT document_id, outcome FROM erp.accept_campaign(1, :c);
SELECT state FROM erp.offers WHERE number = 'B';
SELECT number, kind, amount FROM erp.claims ORDER BY document_id;
SET ROLE regress_campaigns_treasurer;
SELECT currency, budget, committed, left_over FROM erp.campaigns WHERE id = :c;
SELECT erp.set_budget(1, :c, 'EUR', 17000);
SELECT erp.set_budget(1, :c, 'EUR', 17890);
SELECT erp.set_budget(1, :c, 'EUR', NULL);
SELECT erp.release_offer(1, :a, 'supplier asked for it');
SELECT currency, budget, committed FROM erp.campaigns WHERE id = :c;
SET ROLE regress_campaigns_one;
SELECT net FROM erp.accept_offer(1, :b);
SET ROLE regress_campaigns_treasurer;
SELECT document_id, outcome FROM erp.settle_offers(1, CURRENT_DATE + 1, 1);
SELECT document_id, outcome FROM erp.settle_offers(1, CURRENT_DATE + 1);
SELECT document_id, outcome FROM erp.settle_offers(1, CURRENT_DATE + 1);
-- 60 + 60 on 5940 for 60 days and 7940 for 45: 120 / (5940 x 60 + 7940 x 45) x 360
SELECT name, state, currency, budget, committed, offered, accepted, settled, lost, face, discount, net, cost, gain, round(simple_rate::numeric, 6) AS simple FROM erp.campaign_results WHERE campaign_id = :c;
SELECT number, face, discount, net, days, cost, gain FROM erp.discount_gains ORDER BY number;
SELECT direction, partner, currency, invoices, face, discount, cost, gain, round(simple_rate::numeric, 6) AS simple FROM erp.partner_gains ORDER BY partner;
-- closed: what nobody accepted is withdrawn; what was offered once is not offered again by the same campaign
SELECT erp.close_campaign(1, :t);
SELECT erp.launch_campaign(1, :t), erp.close_campaign(1, :t), erp.close_campaign(1, :t);
SELECT erp.close_campaign(1, :c);
SELECT erp.launch_campaign(1, :c);
SELECT number, state, reason FROM erp.offers ORDER BY document_id;

-- what was sold: customers are offered a discount, and the budget is what is given away
RESET ROLE;
SELECT put('V1', 10000, 31, 'FR88790453187', buyer => 'FR44732829320', approve => false) > 0, put('V2', 5000, 61, 'FR88790453187', buyer => 'FR44732829320', approve => false) > 0;
SET ROLE regress_campaigns_treasurer;
SELECT erp.define_campaign(1, 'Cash', 0.02, '{"EUR": 20}', direction => 'sale', yield_limit => 0.03, cost_of_capital => 0.05) AS s \gset
-- 10000 x 0.02 x 30/360 = 16.67; the money is worth 9983.33 x 0.05 x 30/360 = 41.60
SELECT partner, invoices, face, discount, net, cost, gain, within_budget, budget_used FROM erp.simulate_campaign(1, :s);
SELECT erp.launch_campaign(1, :s);
SELECT number, side, discount FROM erp.offers WHERE campaign_id = :s ORDER BY number;
SELECT outcome FROM erp.accept_campaign(1, :s) ORDER BY document_id;
SELECT outcome FROM erp.settle_offers(1, CURRENT_DATE + 1);
SELECT name, budget, committed, offered, settled, face, discount, cost, gain FROM erp.campaign_results WHERE campaign_id = :s;
SELECT number, face, paid, discount, open FROM erp.ledger WHERE direction = 'sale' ORDER BY number;
RESET ROLE;
SELECT action, count(*) FROM erp.event WHERE action ~ 'campaign|budget|offer' GROUP BY 1 ORDER BY 1;

SELECT clex.drop_store('erp');
DROP FUNCTION put(text, numeric, int, text, text, text, boolean);
DROP ROLE regress_campaigns_owner, regress_campaigns_treasurer, regress_campaigns_cfo, regress_campaigns_one, regress_campaigns_two;
