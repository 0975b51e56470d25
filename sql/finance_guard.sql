-- module finance: one receivable is financed once.  Each way of early payment is tried on what each of the others has taken, under the same document and under another one.
SET client_min_messages = warning;
\set VERBOSITY terse
\set SHOW_CONTEXT never
SET TimeZone = 'UTC';
CREATE ROLE regress_guard_owner NOLOGIN;
SELECT clex.create_store('erp', owner => 'regress_guard_owner');
SELECT erp.add_tenant(1, 'Hotel');
SELECT erp.set_party(1, 'S', 'Moulins', 'FR') > 0 AS seller, erp.set_party(1, 'B', 'Hotel', 'FR') > 0 AS buyer;
SELECT erp.add_identifier(1, 'S', 'vat', 'FR05832194070'), erp.add_identifier(1, 'S', 'iban', 'FR7630006000011234567890189'), erp.add_identifier(1, 'B', 'vat', 'FR88790453187'),
	erp.set_entity(1, 'E', 'company', 'Hotel', party => 'B') > 0 AS entity, erp.set_paying_account(1, 'E', 'EUR', 'DE89370400440532013000'), erp.set_setting(1, 'finance.calendar', '"WEEKENDS weekend=NONE"');
SELECT erp.set_financier(1, f, f, 'credit_institution', registration => '552120222', address => 'Paris') > 0 AS made, erp.set_line(1, f, 'EUR', 0.05, iban => 'FR1420041010050500013M02606'),
	erp.set_limit(1, f, 'EUR', 100000) FROM unnest('{BANK,FUND}'::text[]) f;
CREATE FUNCTION put(number text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
	id bigint := (SELECT s.document_id FROM erp.submit(1, clex.write(jsonb_build_object('$kind', 'invoice',
		'invoice', jsonb_build_object('number', number, 'issue_date', '2026-03-09', 'due_date', CURRENT_DATE + 40, 'type_code', '380', 'currency', 'EUR', 'payment_terms', format(E'#SKONTO#TAGE=%s#PROZENT=2.00#\n', CURRENT_DATE - '2026-03-09'::date + 20)),
		'seller', '{"name": "Moulins", "vat_number": "FR05832194070", "address": {"country": "FR", "city": "Agen"}}'::jsonb,
		'buyer', '{"name": "Hotel", "vat_number": "FR88790453187", "address": {"country": "FR"}}'::jsonb,
		'payment', '{"means_code": "30", "credit_transfers": [{"account": "FR7630006000011234567890189"}]}'::jsonb,
		'totals', '{"payable": 1000, "with_vat": 1000}'::jsonb,
		'lines', '[{"identifier": "1", "quantity": 1, "unit": "H87", "net_amount": 1000, "item": {"name": "Flour"}}]'::jsonb)::text::clex.document, 'ubl')) s);
BEGIN
	PERFORM erp.set_status(1, id, 'approved');
	RETURN id;
END $$;
CREATE FUNCTION doc(n text) RETURNS bigint LANGUAGE sql STABLE AS $$ SELECT i.document_id FROM erp.invoice i WHERE i.number = n $$;
-- five receivables, and each of them once more, spelt otherwise, with an offer that is open
SELECT count(put(format('G-%s', n))) + count(put(format('g 00%s', n))) AS invoices FROM generate_series(1, 5) n;
SELECT count(erp.make_offer(1, document_id, 0.06)) AS offers FROM erp.invoice;

-- what is tried, and taken back: what it came to
CREATE FUNCTION try(way text, doc_id bigint) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	n text := (SELECT i.number FROM erp.invoice i WHERE i.document_id = doc_id);
	came text;
	detail text;
BEGIN
	BEGIN
		CASE way
			WHEN 'offer' THEN came := (SELECT 'paid ' || a.net FROM erp.offers o, erp.accept_offer(1, o.id, CURRENT_DATE + 10) a WHERE o.document_id = doc_id AND o.state = 'open');
			WHEN 'campaign' THEN
				PERFORM erp.decline_offer(1, o.id) FROM erp.offers o WHERE o.document_id = doc_id AND o.state = 'open';
				PERFORM erp.launch_campaign(1, erp.define_campaign(1, 'C', 0.06, '{"EUR": 100000}'));
				came := (SELECT 'offered' FROM erp.offers o WHERE o.document_id = doc_id AND o.campaign_id IS NOT NULL);
			WHEN 'terms' THEN came := (SELECT 'taken' FROM erp.take_terms(1, CURRENT_DATE + 10, ARRAY[doc_id]));
			WHEN 'BANK', 'FUND' THEN came := (SELECT 'assigned' FROM erp.assign_invoices(1, way, ARRAY[doc_id], CURRENT_DATE + 10));
			WHEN 'auction' THEN
				PERFORM erp.open_auction(1, 'A', 'EUR', CURRENT_DATE + 10, now() + interval '1 hour', now() + interval '2 hours', condition => format('BT-1 = ''%s''', n), reserve => 0.1);
				came := (SELECT COALESCE(b.refusal, 'offered') FROM erp.auction_batch b WHERE b.document_id = doc_id AND b.auction_id = (SELECT max(x.id) FROM erp.auctions x));
			WHEN 'order' THEN came := (SELECT 'ordered' FROM erp.make_payment_orders(1, CURRENT_DATE + 10, documents => ARRAY[doc_id]));
			WHEN 'by hand' THEN came := (SELECT 'paid ' || p.paid FROM erp.pay_with_terms(1, doc_id, CURRENT_DATE, 'by hand', 'K') p);
		END CASE;
		RAISE EXCEPTION USING ERRCODE = 'YYYYY';
	EXCEPTION
		WHEN SQLSTATE 'YYYYY' THEN RETURN COALESCE(came, 'left out');
		WHEN others THEN
			GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL;
			RETURN SQLSTATE || CASE WHEN detail ~ 'same receivable' THEN ' elsewhere' WHEN detail ~ 'claim on it: ' THEN substring(detail FROM ': .*') ELSE '' END;
	END;
END $$;
CREATE FUNCTION matrix(numbers text) RETURNS TABLE (number text, claim text, offer text, campaign text, terms text, bank text, fund text, auction text, "order" text, by_hand text) LANGUAGE sql AS $$
	SELECT i.number, c.kind, try('offer', i.document_id), try('campaign', i.document_id), try('terms', i.document_id), try('BANK', i.document_id), try('FUND', i.document_id), try('auction', i.document_id),
		try('order', i.document_id), try('by hand', i.document_id)
	FROM erp.invoice i LEFT JOIN erp.claim c USING (document_id) WHERE i.number ~ numbers ORDER BY i.document_id $$;

-- free: every way is open
SELECT * FROM matrix('^G-1$');
-- taken by one each: an offer, the terms, a bank, an auction, a payment order
SELECT a.net FROM erp.offers o, erp.accept_offer(1, o.id, CURRENT_DATE + 10) a WHERE o.document_id = doc('G-1') AND o.state = 'open';
SELECT discount FROM erp.take_terms(1, CURRENT_DATE + 10, ARRAY[doc('G-2')]);
SELECT erp.assign_invoices(1, 'BANK', ARRAY[doc('G-3')], CURRENT_DATE + 10, source_key => 'K') > 0 AS assigned;
SELECT erp.open_auction(1, 'spring', 'EUR', CURRENT_DATE + 10, now() + interval '1 hour', now() + interval '2 hours', condition => 'BT-1 = ''G-4''', reserve => 0.1) > 0 AS opened;
SELECT total FROM erp.make_payment_orders(1, CURRENT_DATE + 10, documents => ARRAY[doc('G-5')]);
-- what has an offer or is sold may be paid, to whoever is its creditor, and is not sold, offered or offered in an auction once more
SELECT * FROM matrix('^G-');
-- nor is the same receivable that came as another document; that document itself can be paid by nobody who relies on it
SELECT * FROM matrix('^g ');
-- given up, it is free for all again
SELECT erp.release_assignment(1, id, 'withdrawn') FROM erp.assignments;
SELECT erp.cancel_auction(1, id, 'no more') FROM erp.auctions;
SELECT number, claim, bank, fund FROM matrix('^(G-|g 00)[345]$');
-- a bank was paid, but for what was disputed and bought back; then a payment came back, and the dispute was withdrawn: what is outstanding again is nobody else's to finance
SELECT max(erp.assign_invoices(1, 'BANK', ARRAY[doc('G-3')], CURRENT_DATE + 10)) AS id \gset
SELECT count(erp.sign_act(1, t.id, 'M. Meunier', 'paper', t.sha256)) FROM erp.assignment_act t WHERE t.assignment_id = :id;
SELECT erp.accept_assignment(1, :id, 'Mme Banque'), erp.notify_assignment(1, :id), erp.settle_assignment(1, :id, CURRENT_DATE + 10, 'PAY');
SELECT erp.open_dispute(1, doc('G-3'), '{QTE_ERR}', 'not all came', amount => 200) AS dispute \gset
SELECT erp.take_recourse(1, h.assignment_id, h.document_id, h.reasons[1]), erp.settle_recourse(1, h.assignment_id, h.document_id, 200, 'R-1') FROM erp.hurt_receivables(1) h;
SELECT erp.record_payment(1, doc('G-3'), 500, CURRENT_DATE, 'transfer', 'D-1'), erp.record_payment(1, doc('G-3'), 300, CURRENT_DATE, 'transfer', 'D-2');
CREATE VIEW outstanding AS SELECT i.state, i.amount, i.repaid, i.bought_back, c.kind AS claim FROM erp.assignment_item i LEFT JOIN erp.claim c USING (document_id) WHERE i.document_id = doc('G-3') ORDER BY i.assignment_id DESC LIMIT 1;
TABLE outstanding;
SELECT erp.reverse_payment(1, doc('G-3'), 'D-2', CURRENT_DATE, 'came back', 'D-2-R');
SELECT erp.close_dispute(1, :dispute, 'withdrawn', 'all came');
TABLE outstanding;
SELECT number, claim, offer, campaign, terms, bank, fund, auction, by_hand FROM matrix('^G-3$');
SELECT DISTINCT blocked_by FROM erp.financeable_invoices WHERE document_id = doc('G-3');
DROP VIEW outstanding;
SELECT clex.drop_store('erp');
DROP FUNCTION put(text), doc(text), try(text, bigint), matrix(text);
DROP ROLE regress_guard_owner;
