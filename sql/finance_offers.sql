-- module finance: discounts that invoices grant, offers of either side, and what a discount does to VAT
SET client_min_messages = warning;
\set VERBOSITY terse
\set SHOW_CONTEXT never
SET TimeZone = 'UTC';
CREATE ROLE regress_offers_owner NOLOGIN;
CREATE ROLE regress_offers_treasurer;
CREATE ROLE regress_offers_clerk;
CREATE ROLE regress_offers_supplier;
CREATE ROLE regress_offers_other;
SELECT clex.create_store('erp', owner => 'regress_offers_owner');
SELECT erp.add_tenant(1, 'Hotel');
SELECT erp.add_member(1, 'regress_offers_clerk', 'ap_clerk'), erp.add_member(1, 'regress_offers_treasurer', 'treasurer'),
	erp.add_member(1, 'regress_offers_supplier', 'supplier'), erp.add_member(1, 'regress_offers_other', 'supplier');
SELECT erp.set_party(1, 'S1', 'Moulins', 'FR', language => 'fr') > 0 AS seller, erp.set_party(1, 'S2', 'Schmidt', 'DE') > 0 AS other, erp.set_party(1, 'B', 'Hotel', 'FR') > 0 AS buyer, erp.set_party(1, 'C', 'Client', 'FR') > 0 AS customer;
SELECT erp.add_identifier(1, 'S1', 'vat', 'FR05832194070'), erp.add_identifier(1, 'S2', 'vat', 'DE136695976'), erp.add_identifier(1, 'B', 'vat', 'FR88790453187'), erp.add_identifier(1, 'C', 'vat', 'FR44732829320'),
	erp.set_entity(1, 'E', 'company', 'Hotel', party => 'B') > 0 AS entity,
	erp.scope_member(1, 'regress_offers_supplier', 'supplier', party => 'S1'), erp.scope_member(1, 'regress_offers_other', 'supplier', party => 'S2');
-- every day is one on which can be paid, so that figures do not depend on the day of the test
SELECT erp.set_setting(1, 'finance.calendar', '"WEEKENDS weekend=NONE"');
\set sample `cat extension/test/samples/fr-moulin-farine.xml`
SELECT set_config('my.sample', :'sample', false) <> '' AS sample;
-- 1012.20 at 5.5 % and 408.00 at 20 %: 1067.87 + 489.60 = 1557.47 with VAT, issued five days ago, due in 46
CREATE FUNCTION paper(number text, changes jsonb DEFAULT '{}', seller text DEFAULT 'FR05832194070', buyer text DEFAULT 'FR88790453187') RETURNS bytea LANGUAGE sql AS $$
	SELECT clex.write(jsonb_set(jsonb_set(d || changes || jsonb_build_object('invoice', d -> 'invoice' || jsonb_build_object('number', number, 'issue_date', CURRENT_DATE - 5, 'due_date', CURRENT_DATE + 46)
			|| COALESCE(changes -> 'invoice', '{}')), '{seller,vat_number}', to_jsonb(seller)), '{buyer,vat_number}', to_jsonb(buyer))::text::clex.document, 'ubl')
	FROM (SELECT clex.read(convert_to(replace(current_setting('my.sample'), '832194070', CASE WHEN seller = 'FR88790453187' THEN '790453187' ELSE '832194070' END), 'UTF8'))::jsonb - '{$format,$extras,$provenance,$reader}'::text[]) s (d) $$;
CREATE FUNCTION put(content bytea) RETURNS bigint LANGUAGE sql AS $$ SELECT s.document_id FROM erp.submit(1, content) s $$;
CREATE FUNCTION ledger(id bigint) RETURNS TABLE (face numeric, overpaid numeric, paid numeric, discount numeric, credited numeric, open numeric, holds boolean) LANGUAGE sql AS $$
	SELECT face, overpaid, paid, discount, credited, open, face + overpaid = paid + discount + credited + open FROM erp.ledger WHERE document_id = id $$;

-- what an invoice says itself
CREATE FUNCTION terms(text, kind text DEFAULT 'BT-20') RETURNS text LANGUAGE sql AS $$
	SELECT string_agg(concat_ws(' ', source, days, percent, base), '; ') FROM erp.stated_terms(
		CASE kind WHEN 'BT-20' THEN jsonb_build_object('$kind', 'invoice', 'invoice', jsonb_build_object('payment_terms', $1))
		ELSE jsonb_build_object('$kind', 'invoice', 'notes', jsonb_build_array(jsonb_build_object('subject_code', kind, 'text', $1))) END::text::clex.document) $$;
SELECT terms(E'#SKONTO#TAGE=14#PROZENT=2.00#\n#SKONTO#TAGE=21#PROZENT=1.00#BASISBETRAG=500.00#\n') AS xrechnung, terms('#SKONTO#TAGE=14#PROZENT=2#') AS malformed, terms('#SKONTO#TAGE=99999#PROZENT=2.00#') AS hostile,
	terms('2 % Skonto innerhalb 14 Tagen') AS words;
SELECT terms('Escompte de 2,5 % pour paiement sous 10 jours', 'AAB') AS mention, terms('Pas d''escompte pour paiement anticipé sous 10 jours', 'AAB') AS none, terms('Escompte : néant. Pénalités 10 % à 30 jours', 'AAB') AS nothing,
	terms('Escompte au taux de 1 % par mois, 30 jours', 'AAB') AS dynamic, terms('Escompte 2 % à 8 jours') AS in_terms, terms('Escompte 2 % à 8 jours', 'REG') AS elsewhere;

-- 1: XRechnung's terms, 2: French words and the mention on VAT, 3: none
SELECT put(paper('F-1', '{"invoice": {"payment_terms": "#SKONTO#TAGE=14#PROZENT=2.00#\n#SKONTO#TAGE=30#PROZENT=1.00#BASISBETRAG=1000.00#\n"}}')),
	put(paper('F-2', '{"notes": [{"subject_code": "AAB", "text": "Escompte de 2 % sous 10 jours. Seule la taxe correspondant au prix effectivement payé ouvre droit à déduction."}]}')), put(paper('F-3'));
SELECT new_status FROM generate_series(1, 3) id, erp.set_status(1, id, 'approved');
SET ROLE regress_offers_treasurer;
-- 2 % of 1557.47 = 31.15, 9 days from now, 37 before it is due: 31.15 / 1526.32 x 365 / 37
SELECT source, pay_by - CURRENT_DATE AS in_days, percent, discount, net, days, round(simple_rate::numeric, 6) AS simple, round(effective_rate::numeric, 6) AS effective, in_time FROM erp.invoice_terms(1, 1);
SELECT source, pay_by - CURRENT_DATE AS in_days, percent, discount, net, days FROM erp.invoice_terms(1, 2);
SELECT * FROM erp.invoice_terms(1, 3);
SELECT erp.set_discount_policy(1, 'S1', terms => '3/8, 1/20 net 30'), erp.set_discount_policy(1, vat_effect => 'credit_note', direction => 'sale');
SELECT erp.set_discount_policy(1, 'S1', terms => 'soon');
SELECT source, pay_by - CURRENT_DATE AS in_days, percent, discount, net, in_time FROM erp.invoice_terms(1, 3, CURRENT_DATE + 4);
SELECT direction, partner, terms, vat_effect FROM erp.discount_policies ORDER BY 1, 2;
-- paid in time, once; the VAT falls by the part of each rate: 31.15 x 1067.87 / 1557.47 = 21.3578, 9.7922, the cent that is left to the larger remainder
SELECT * FROM erp.pay_with_terms(1, 2, CURRENT_DATE + 6, 'late', 'k0');
SELECT * FROM erp.pay_with_terms(1, 2, CURRENT_DATE, 'transfer', 'k1');
SELECT * FROM erp.pay_with_terms(1, 2, CURRENT_DATE, 'transfer', 'k1');
SELECT * FROM erp.pay_with_terms(1, 2, CURRENT_DATE, 'transfer', 'k2');
SELECT * FROM ledger(2);
SELECT category, rate, gross, base, vat, vat_effect, state FROM erp.vat_corrections WHERE document_id = 2 ORDER BY rate;
SELECT status, outcome, facts -> 'characteristics' AS facts FROM erp.status_events WHERE document_id = 2 AND facts IS NOT NULL ORDER BY id;
-- largest remainder in general: no minor unit is lost, in any currency
SELECT x.currency, bool_and(d = (SELECT sum(s.gross) FROM erp.split_discount(i.document, d, x.currency) s)) AS adds_up, count(*),
	bool_and((SELECT bool_and(s.gross = s.base + s.vat AND s.gross >= 0 AND s.vat >= 0) FROM erp.split_discount(i.document, d, x.currency) s)) AS splits
FROM erp.invoice i, (SELECT 'EUR' AS currency, n * 0.01 AS d FROM generate_series(1, 400) n UNION ALL SELECT 'JPY', n FROM generate_series(1, 400) n UNION ALL SELECT 'TND', n * 0.001 FROM generate_series(1, 400) n) x
WHERE i.document_id = 1 GROUP BY 1 ORDER BY 1;

-- amounts that could not be read, and no breakdown: the discount is there, and no VAT that would fall
SELECT * FROM erp.split_discount('{"$kind": "invoice"}', 10, 'EUR');
SELECT s.* FROM clex.read(convert_to('<Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2" xmlns:cac="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2" xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2"><cbc:ID>1</cbc:ID><cac:TaxTotal><cac:TaxSubtotal><cbc:TaxableAmount>much</cbc:TaxableAmount><cbc:TaxAmount>2</cbc:TaxAmount><cac:TaxCategory><cbc:ID>S</cbc:ID><cbc:Percent>a lot</cbc:Percent></cac:TaxCategory></cac:TaxSubtotal></cac:TaxTotal></Invoice>', 'UTF8')) d,
	LATERAL erp.split_discount(d, 10, 'EUR') s;
-- the buyer offers 6 % a year: 1557.47 x 0.06 x 45 / 360 = 11.68
SELECT erp.make_offer(1, 1, 0.06) AS first \gset
SELECT side, state, amount, discount, net, days, round(simple_rate::numeric, 6) AS simple, round(effective_rate::numeric, 6) AS effective, pay_on - CURRENT_DATE AS pay_in, pay_until - CURRENT_DATE AS until FROM erp.offers;
SELECT count(*), min(pay_on) - CURRENT_DATE AS first, max(pay_on) - CURRENT_DATE AS last, max(discount) AS most, min(discount) AS least FROM erp.offer_schedule(1, :first);
SELECT erp.make_offer(1, 1, 0), erp.make_offer(1, 1, -1);
SELECT erp.make_offer(1, 1, 0.00001);
SELECT erp.make_offer(1, 1, 0.06, pay_from => CURRENT_DATE + 46);
SELECT erp.make_offer(1, 1, 0.06, pay_until => CURRENT_DATE + 46);
SELECT erp.make_offer(1, 2, 0.06);
SELECT erp.make_offer(1, 99, 0.06);
SELECT erp.make_offer(1, 1, 0.06, side => 'seller');
SELECT * FROM erp.accept_offer(1, :first);
SET ROLE regress_offers_clerk;
SELECT erp.make_offer(1, 1, 0.06);
-- the supplier is told in its language, sees it, and wants less; another supplier sees nothing
RESET ROLE;
SELECT convert_from(content, 'UTF8')::jsonb ->> 'language' AS language, recipient, replace(replace(convert_from(content, 'UTF8')::jsonb ->> 'text', clex.format_message('{d, date, long}', jsonb_build_object('d', CURRENT_DATE + 1), 'fr'), 'TOMORROW'),
	clex.format_message('{d, date, long}', jsonb_build_object('d', CURRENT_DATE + 7), 'fr'), 'IN A WEEK') AS text FROM erp.outgoing_messages WHERE kind = 'notice' ORDER BY id;
SET ROLE regress_offers_other;
SELECT count(*) FROM erp.offers;
SELECT * FROM erp.accept_offer(1, :first);
SELECT erp.counter_offer(1, :first, 0.03);
SET ROLE regress_offers_supplier;
SELECT number, state, discount FROM erp.offers;
SELECT erp.counter_offer(1, :first, 0.04, note => '6 % is too much') AS counter \gset
SELECT * FROM erp.accept_offer(1, :first);
SELECT * FROM erp.accept_offer(1, :counter);
SELECT erp.decline_offer(1, :counter), erp.decline_offer(1, :counter);
SELECT erp.make_offer(1, 1, 0.05, note => 'then 5 %') AS third \gset
SET ROLE regress_offers_treasurer;
SELECT side, state, rate, discount, counter_to = :first AS is_counter, note FROM erp.offers ORDER BY id;
SELECT erp.counter_offer(1, :third, 0.055, pay_from => CURRENT_DATE + 2) AS fourth \gset
SELECT erp.decline_offer(1, :third);
SET ROLE regress_offers_supplier;
-- paid in 16 days, 30 early: 1557.47 x 0.055 x 30 / 360 = 7.14
SELECT paid_on - CURRENT_DATE AS pay_in, amount, discount, net, round(simple_rate::numeric, 6) AS simple FROM erp.accept_offer(1, :fourth, CURRENT_DATE + 1);
SELECT paid_on - CURRENT_DATE AS pay_in, amount, discount, net, round(simple_rate::numeric, 6) AS simple FROM erp.accept_offer(1, :fourth, CURRENT_DATE + 46);
SELECT paid_on - CURRENT_DATE AS pay_in, amount, discount, net, round(simple_rate::numeric, 6) AS simple FROM erp.accept_offer(1, :fourth, CURRENT_DATE + 16);
SELECT paid_on - CURRENT_DATE AS pay_in, discount FROM erp.accept_offer(1, :fourth, CURRENT_DATE + 16);
SELECT paid_on - CURRENT_DATE AS pay_in, discount FROM erp.accept_offer(1, :fourth, CURRENT_DATE + 17);
SELECT erp.make_offer(1, 1, 0.05);
SELECT erp.release_offer(1, :fourth, 'not mine to release');
SELECT kind, reference = :fourth AS of_it, amount FROM erp.claims;
-- a run of the day before pays nothing, one of the day pays once
SET ROLE regress_offers_treasurer;
SELECT * FROM erp.pay_with_terms(1, 1, CURRENT_DATE, 'transfer', 'k3');
SELECT document_id, outcome FROM erp.settle_offers(1, CURRENT_DATE + 15);
SELECT document_id, outcome FROM erp.settle_offers(1, CURRENT_DATE + 16);
SELECT document_id, outcome FROM erp.settle_offers(1, CURRENT_DATE + 16);
SELECT * FROM ledger(1);
SELECT state, settled_on - CURRENT_DATE AS settled_in FROM erp.offers WHERE id = :fourth;
SELECT count(*) FROM erp.claims;
SELECT status, facts -> 'characteristics' AS facts FROM erp.status_events WHERE document_id = 1 AND facts IS NOT NULL ORDER BY id;
SELECT clex.read_status(content) #>> '{acknowledgements,0,references,0,status}' AS status, clex.read_status(content) #> '{acknowledgements,0,references,0,details,0,characteristics}' AS characteristics, state, last_error
FROM erp.outgoing_messages WHERE format = 'cdar' AND document_id = 1 ORDER BY id;
SELECT category, rate, gross, base, vat, vat_effect, state FROM erp.vat_corrections WHERE document_id = 1 ORDER BY rate;
RESET ROLE;
SELECT convert_from(content, 'UTF8')::jsonb ->> 'subject' AS subject, convert_from(content, 'UTF8')::jsonb ->> 'text' ~ 'avoir' AS asks_for_a_note FROM erp.outgoing_messages WHERE kind = 'notice' AND document_id = 1 ORDER BY id DESC LIMIT 1;
-- the supplier's credit note takes the place of the discount
SELECT put(clex.write(((clex.read(paper('A-1'))::jsonb - '{lines,totals,vat_breakdown}'::text[]) || '{"$kind": "credit_note", "totals": {"payable": 7.14, "with_vat": 7.14},
	"lines": [{"identifier": "1", "quantity": 1, "unit": "C62", "net_amount": 6.50, "item": {"name": "Escompte"}}]}')::text::clex.document, 'ubl')) AS note;
SET ROLE regress_offers_treasurer;
SELECT erp.document_discount(1, 1, 4);
SET ROLE regress_offers_clerk;
SELECT erp.document_discount(1, 3, 4);
SELECT erp.document_discount(1, 1, 3);
SELECT erp.document_discount(1, 1, 4), erp.document_discount(1, 1, 4);
SELECT * FROM ledger(1);
SELECT rate, vat, state FROM erp.vat_corrections WHERE document_id = 1 ORDER BY booked_on, rate, vat;
SELECT note_number, number, amount FROM erp.corrections;
SELECT * FROM erp.unused_notes;

-- accepted, then disputed: nothing is paid, and nothing undone by itself; released, it is free
SET ROLE regress_offers_supplier;
SELECT erp.make_offer(1, 3, 0.05) AS fifth \gset
SET ROLE regress_offers_treasurer;
SELECT discount, net FROM erp.accept_offer(1, :fifth);
SET ROLE regress_offers_clerk;
SELECT erp.open_dispute(1, 3, '{QTE_ERR}', 'a bag is missing', amount => 18.90);
SET ROLE regress_offers_treasurer;
SELECT document_id, outcome FROM erp.settle_offers(1, CURRENT_DATE + 1);
SELECT kind, missing, hurt, remedy FROM erp.hurt_claims;
SELECT erp.release_offer(1, :fifth, 'disputed'), erp.release_offer(1, :fifth, 'disputed');
SELECT document_id, outcome FROM erp.settle_offers(1, CURRENT_DATE + 1);
SELECT state, reason FROM erp.offers WHERE id = :fifth;
SELECT erp.make_offer(1, 3, 0.05);
-- accepted, and not paid in time: the discount is lost
RESET ROLE;
SELECT erp.close_dispute(1, 1, 'withdrawn', 'found');
SELECT new_status FROM erp.set_status(1, 3, 'approved');
SET ROLE regress_offers_treasurer;
SELECT erp.make_offer(1, 3, 0.05) AS sixth \gset
SET ROLE regress_offers_supplier;
SELECT discount FROM erp.accept_offer(1, :sixth, CURRENT_DATE + 10);
SET ROLE regress_offers_treasurer;
SELECT document_id, outcome FROM erp.settle_offers(1, CURRENT_DATE + 11);
SELECT state, reason ~ '^It was not paid on' AS says_why FROM erp.offers WHERE id = :sixth;
SELECT * FROM ledger(3);
SELECT count(*) FROM erp.claims;
-- too late to answer
SELECT erp.make_offer(1, 3, 0.05, expires_at => now() - interval '1 second') AS late \gset
SELECT state FROM erp.offers WHERE id = :late;
SET ROLE regress_offers_supplier;
SELECT * FROM erp.accept_offer(1, :late);
SELECT erp.expire_offers(1);
SET ROLE regress_offers_treasurer;
SELECT erp.expire_offers(1), erp.expire_offers(1);

-- due on another day than when it was offered
SELECT erp.make_offer(1, 3, 0.05) AS moved \gset
RESET ROLE;
UPDATE erp.invoice_state SET due_date = due_date - 20 WHERE document_id = 3;
SET ROLE regress_offers_supplier;
SELECT discount FROM erp.accept_offer(1, :moved);
RESET ROLE;
UPDATE erp.invoice_state SET due_date = due_date + 20 WHERE document_id = 3;
SET ROLE regress_offers_treasurer;
-- another way to compute: compound over 365 days, 1557.47 x (1 - 1.06^(-45/365)) = 11.149; on net, 1557.47 x 0.0075 / 1.0075 = 11.5941
RESET ROLE;
SELECT erp.set_setting(1, 'finance.day_count', '"ACT/365F"'), erp.set_setting(1, 'finance.method', '"COMPOUND"');
SET ROLE regress_offers_treasurer;
SELECT erp.make_offer(1, 3, 0.06) AS compound \gset
RESET ROLE;
SELECT erp.set_setting(1, 'finance.day_count', NULL), erp.set_setting(1, 'finance.method', '"DISCOUNT_ON_NET"');
SET ROLE regress_offers_treasurer;
SELECT erp.make_offer(1, 3, 0.06) AS on_net \gset
SELECT state, day_count, method, discount, round(simple_rate::numeric, 6) AS simple, round(effective_rate::numeric, 6) AS effective FROM erp.offers WHERE id IN (:compound, :on_net) ORDER BY id;
SELECT erp.decline_offer(1, :on_net);
RESET ROLE;
SELECT erp.set_setting(1, 'finance.method', NULL);
-- standing orders: the supplier gives 4 % to whoever pays, the buyer takes what yields 3.9 % at least; neither sees the other's
SET ROLE regress_offers_supplier;
SELECT erp.set_standing_offer(1, 'EUR', rate => 0.04, partner => 'S1', min_days => 10) > 0 AS standing;
SELECT erp.set_standing_offer(1, 'EUR', rate => 0.04, partner => 'S2');
SELECT erp.set_standing_offer(1, 'EUR', rate => 0.04);
SELECT erp.set_standing_offer(1, 'EUR', rate => 0.04, partner => 'S1', side => 'buyer');
SET ROLE regress_offers_treasurer;
SELECT document_id, outcome FROM erp.run_standing_offers(1);
SELECT document_id, outcome FROM erp.run_standing_offers(1);
SELECT erp.set_standing_offer(1, 'EUR', accept_yield => 0.05) > 0 AS standing;
SELECT document_id, outcome FROM erp.run_standing_offers(1);
SELECT erp.set_standing_offer(1, 'EUR', accept_yield => 0.039, condition => 'BT-112 >') > 0 AS standing;
SELECT erp.set_standing_offer(1, 'EUR', accept_yield => 0.039, condition => 'BT-112 > 1000') > 0 AS standing;
SELECT document_id, outcome FROM erp.run_standing_offers(1);
SELECT side, direction, partner, currency, rate, accept_yield, condition FROM erp.standing_offers;
SELECT erp.set_standing_offer(1, 'EUR') > 0 AS none;
SELECT active FROM erp.standing_offers;
SET ROLE regress_offers_supplier;
SELECT side, direction, partner, rate, accept_yield FROM erp.standing_offers;
SELECT number, side, state, rate, pay_on - CURRENT_DATE AS pay_in, pay_until - CURRENT_DATE AS until, discount, net FROM erp.offers WHERE id > :on_net ORDER BY id;

-- what the tenant sold itself: it offers its customer a discount, records the answer, and issues the credit note
RESET ROLE;
SELECT put(paper('V-1', seller => 'FR88790453187', buyer => 'FR44732829320')) AS sold;
SELECT document_id, direction, party FROM erp.invoice_states WHERE number = 'V-1';
SELECT n, outcome, new_status FROM (VALUES (1, '200', 'platform'), (2, '203', 'platform'), (3, '205', 'buyer')) v (n, status, side),
	erp.receive_status(1, 5, v.status, v.side, 'PA-' || n, now() - interval '1 hour' + n * interval '1 minute') ORDER BY n;
SET ROLE regress_offers_treasurer;
SELECT erp.make_offer(1, 5, 0.06) AS sale \gset
SELECT erp.decline_offer(1, :sale);
SELECT erp.make_offer(1, 5, 0.03, side => 'buyer') AS wish \gset
SELECT erp.counter_offer(1, :wish, 0.06) AS sale \gset
SELECT paid_on - CURRENT_DATE AS pay_in, discount, net FROM erp.accept_offer(1, :sale);
SELECT document_id, outcome FROM erp.settle_offers(1, CURRENT_DATE + 1) ORDER BY 1;
SELECT * FROM ledger(5);
-- 1545.79 x 1067.87 / 1557.47 = 1059.8617 and 485.9283: what was received at each rate, and the discount
SELECT status, c ->> 'type' AS type, c ->> 'amount' AS amount, c ->> 'percent' AS percent FROM erp.status_events, jsonb_array_elements(facts -> 'characteristics') WITH ORDINALITY c (c, n)
WHERE document_id = 5 ORDER BY id, n;
SELECT rate, gross, base, vat, state FROM erp.vat_corrections WHERE document_id = 5 ORDER BY rate;
SELECT erp.issue_discount_note(1, 5, 'A');
RESET ROLE;
SELECT erp.set_number_series(1, 'E', 'A');
SELECT note_id, number = format('A-%s-000001', date_part('year', CURRENT_DATE)) AS first_of_its_series FROM erp.issue_discount_note(1, 5, 'A');
SELECT note_id FROM erp.issue_discount_note(1, 5, 'A');
SELECT * FROM ledger(5);
SELECT kind, gross, vat, payable, clex.value(i.document, 'BT-25') AS corrects FROM erp.invoice i JOIN erp.document d ON d.id = i.document_id WHERE i.document_id = 6;
SELECT erp.issue_discount_note(1, 2, 'A');
SELECT bool_and(holds) FROM erp.ledger l, ledger(l.document_id);

SELECT clex.drop_store('erp');
DROP FUNCTION terms(text, text), ledger(bigint), put(bytea), paper(text, jsonb, text, text);
DROP ROLE regress_offers_owner, regress_offers_treasurer, regress_offers_clerk, regress_offers_supplier, regress_offers_other;
