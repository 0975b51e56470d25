-- What the month of demo_month.sql costs and earns: a discount campaign on own funds, a bank that buys receivables, an auction of three
-- financiers, the payment run, and the certificate that anybody can check.  Runs in the same session, after it.
--
-- Every figure follows from round amounts, whole days and one rate, so that it can be had by hand: amount x rate x days / 360.  Days are
-- counted from a settlement day in the near future, whenever this runs.  Roles are set as people would log in.
\o /dev/null
DO $$
DECLARE
	r text;
BEGIN
	FOREACH r IN ARRAY '{month_lena,month_marc,month_audit,month_butter,month_yeast,month_bank,month_fund,month_caisse}'::text[] LOOP
		IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = r) THEN EXECUTE format('CREATE ROLE %I NOLOGIN', r); END IF;
	END LOOP;
END $$;
SELECT month.add_member(1, 'month_' || r, p) FROM (VALUES ('lena', 'treasurer'), ('marc', 'treasurer'), ('audit', 'auditor'), ('butter', 'supplier'), ('yeast', 'supplier'),
	('bank', 'financier'), ('fund', 'financier'), ('caisse', 'financier')) m (r, p);
SELECT month.scope_member(1, 'month_butter', 'supplier', party => 'S03'), month.scope_member(1, 'month_yeast', 'supplier', party => 'S04');
SELECT month.add_identifier(1, s.code, 'iban', 'FR7630006000011234567890189', '2026-01-01') FROM supplier s WHERE s.code IN ('S01', 'S03');
SELECT month.set_setting(1, 'finance.cost_of_capital', '0.03');
CREATE FUNCTION pg_temp.settlement() RETURNS date LANGUAGE sql AS $$ SELECT clex.adjust(CURRENT_DATE + 7, 'FOLLOWING', 'TARGET') $$;

-- eleven invoices, due so many days after the settlement day
CREATE TEMPORARY TABLE bill AS
SELECT number, supplier, net, days, use FROM (VALUES
	('C-1', 'S01', 8333.33, 30, 'campaign'), ('C-2', 'S01', 5000, 60, 'campaign'), ('C-3', 'S03', 6666.67, 45, 'campaign'),
	('B-1', 'S04', 10000, 90, 'bank'), ('B-2', 'S04', 5000, 60, 'bank'),
	('F-1', 'S05', 8333.33, 90, 'auction'), ('F-2', 'S05', 16666.67, 30, 'auction'), ('F-3', 'S06', 12500, 60, 'auction'), ('F-4', 'S08', 6666.67, 90, 'auction'),
	('F-5', 'S09', 10000, 45, 'auction'), ('F-6', 'S11', 4166.67, 10, 'auction')) b (number, supplier, net, days, use);
GRANT SELECT ON bill TO PUBLIC;
SET ROLE month_erp;
SELECT month.submit_many(1, array_agg(clex.write(c::text::clex.document, 'ubl') ORDER BY b.number), array_agg('mail ' || b.number ORDER BY b.number))
FROM bill b
JOIN supplier s ON s.code = b.supplier
CROSS JOIN company y
CROSS JOIN LATERAL month.complete_invoice(jsonb_build_object('$kind', 'invoice',
	'invoice', jsonb_build_object('number', b.number, 'issue_date', CURRENT_DATE, 'due_date', pg_temp.settlement() + b.days, 'type_code', '380', 'currency', 'EUR'),
	'process', '{"specification": "urn:cen.eu:en16931:2017"}'::jsonb,
	'seller', pg_temp.side(s.vat) || jsonb_build_object('name', s.name, 'address', '{"line_1": "3 rue du Port", "city": "Rodez", "post_code": "12000", "country": "FR"}'::jsonb),
	'buyer', pg_temp.side(y.vat) || jsonb_build_object('name', y.name, 'address', '{"country": "FR", "city": "Aubrac"}'::jsonb),
	'payment', '{"means_code": "30", "credit_transfers": [{"account": "FR7630006000011234567890189"}]}'::jsonb,
	'lines', jsonb_build_array(jsonb_build_object('item', jsonb_build_object('name', 'Article ' || s.code), 'quantity', 1, 'unit', 'H87', 'price', jsonb_build_object('net', b.net),
		'vat', '{"category": "S", "rate": 20}'::jsonb)))) c
WHERE y.code = 'BOUL';
SET ROLE month_clerk;
SELECT month.set_status(1, s.document_id, 'in_hand') FROM month.invoice_states s JOIN bill b ON b.number = s.number WHERE s.tenant_id = 1 ORDER BY s.document_id;
SELECT month.request_approval(1, s.document_id) FROM month.invoice_states s JOIN bill b ON b.number = s.number WHERE s.tenant_id = 1 ORDER BY s.document_id;
SET ROLE month_anna;
SELECT month.approve_invoice(1, a.document_id) FROM month.approvals a WHERE a.tenant_id = 1 AND a.state = 'open' AND a.rule = 'all' ORDER BY a.document_id;
SET ROLE month_cfo;
SELECT month.approve_invoice(1, a.document_id) FROM month.approvals a WHERE a.tenant_id = 1 AND a.state = 'open' AND a.rule = 'over-5000' ORDER BY a.document_id;
RESET ROLE;
\o

\echo
\echo 'The finance of that month.  Eleven more invoices are approved; days are counted from the settlement day, a week from now'
SELECT s.number, p.name AS supplier, s.gross AS "EUR with VAT", b.days AS "due after days", s.meaning AS status, b.use AS "paid early by"
FROM bill b JOIN supplier p ON p.code = b.supplier JOIN month.invoice_states s ON s.tenant_id = 1 AND s.number = b.number ORDER BY array_position('{campaign,bank,auction}', b.use), 1;

-- 1. own funds
SET ROLE month_lena;
SELECT month.define_campaign(1, 'Spring', 0.06, '{"EUR": 20000}', condition => 'starts-with(BT-1, ''C-'')', pay_on => ARRAY[pg_temp.settlement()]) AS campaign \gset
\echo '1. A discount campaign on own funds: 6 % a year is asked, the money costs 3 %, and there are 20,000 of it.'
\echo '   Tried before it is launched: discount = amount x 6 % x days / 360, gain = discount - (amount - discount) x 3 % x days / 360'
SELECT s.partner, s.currency, s.invoices, s.face, s.discount, s.net, s.cost, s.gain, round(100 * s.simple_rate::numeric, 4) AS "yield %" FROM month.simulate_campaign(1, :campaign) s ORDER BY 1, s.face DESC;
\o /dev/null
SELECT month.launch_campaign(1, :campaign);
\o
\echo '   Launched: both suppliers are asked.  The butter dairy accepts first, then the mill: who accepts first has the money'
SET ROLE month_butter;
SELECT 'Beurrerie Charente' AS supplier, i.number, a.outcome FROM month.accept_campaign(1, :campaign) a JOIN month.invoices i ON i.document_id = a.document_id ORDER BY 2;
SET ROLE month_mill;
SELECT 'Moulins de la Baïse' AS supplier, i.number, a.outcome FROM month.accept_campaign(1, :campaign) a JOIN month.invoices i ON i.document_id = a.document_id ORDER BY 2;
\o /dev/null
-- paid on the day that was agreed: one makes the order, another releases it, the bank books it
SET ROLE month_cfo;
SELECT month.set_paying_account(1, 'AUBRAC', 'EUR', 'DE89370400440532013000', 'COBADEFF', 'Groupe Aubrac');
SET ROLE month_lena;
SELECT month.make_payment_orders(1, pg_temp.settlement(), documents => (SELECT array_agg(o.document_id) FROM month.offers o WHERE o.tenant_id = 1 AND o.state = 'accepted'));
SET ROLE month_marc;
SELECT month.release_payment_order(1, o.id) FROM month.payment_orders o WHERE o.tenant_id = 1 AND o.state = 'draft';
-- the bank's notification (camt.054) of what it has booked, and another one that says the same: the second time nothing happens
RESET ROLE;
CREATE TEMPORARY TABLE notification AS
SELECT n, convert_to('<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.054.001.08"><BkToCstmrDbtCdtNtfctn><GrpHdr><MsgId>N' || n || '</MsgId><CreDtTm>2026-03-31T09:00:00</CreDtTm></GrpHdr>'
	|| '<Ntfctn><Id>1</Id><Acct><Id><IBAN>DE89370400440532013000</IBAN></Id></Acct>' || string_agg(format('<Ntry><Amt Ccy="%s">%s</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>'
	|| '<BookgDt><Dt>%s</Dt></BookgDt><ValDt><Dt>%3$s</Dt></ValDt><BkTxCd><Prtry><Cd>X</Cd></Prtry></BkTxCd><NtryDtls><TxDtls><Refs><EndToEndId>%s</EndToEndId></Refs></TxDtls></NtryDtls></Ntry>',
		p.currency, p.amount, o.pay_on, p.end_to_end_id), '' ORDER BY p.payment_no) || '</Ntfctn></BkToCstmrDbtCdtNtfctn></Document>', 'UTF8') AS content
FROM month.payments p JOIN month.payment_orders o ON o.tenant_id = p.tenant_id AND o.id = p.order_id CROSS JOIN generate_series(1, 2) n WHERE p.tenant_id = 1 GROUP BY n;
GRANT SELECT ON notification TO PUBLIC;
SET ROLE month_erp;
SELECT month.receive_message(1, 'bank', 'camt-' || n, content) FROM notification ORDER BY n;
SET ROLE month_lena;
\o
\echo '   The payment run: one makes the order (pain.001), another releases it, the bank reports it (camt.054), twice, and it is booked once'
SELECT p.end_to_end_id, p.number, p.payee, p.amount, p.discount, p.state FROM month.payments p WHERE p.tenant_id = 1 ORDER BY p.payment_no;
SELECT r.end_to_end_id, r.said, r.amount, r.outcome FROM month.bank_reports r WHERE r.tenant_id = 1 ORDER BY r.document_id, r.line_no;
\echo '   What it earned: gain above the cost of the money, and by how much the VAT of those invoices falls'
SELECT g.number, g.face, g.days, g.discount, g.net, g.cost, g.gain, (SELECT sum(v.vat) FROM month.vat_corrections v WHERE v.tenant_id = 1 AND v.document_id = g.document_id) AS "VAT of the discount"
FROM month.discount_gains g WHERE g.tenant_id = 1 ORDER BY 1;
SELECT r.name AS campaign, r.budget, r.offered, r.settled, r.face, r.discount, r.cost, r.gain, round(100 * r.simple_rate::numeric, 4) AS "yield %" FROM month.campaign_results r WHERE r.tenant_id = 1;

-- 2. a bank
\o /dev/null
SET ROLE month_cfo;
SELECT month.set_financier(1, 'BANK', 'Banque du Fleuve SA', 'credit_institution', '552081317', '1 quai des Comptes, 69002 Lyon', 'FR', 'fr', 'desk@bank.example'),
	month.set_financier(1, 'FUND', 'Fonds Créances', 'fund', '552120222', '5 place Vendôme, 75001 Paris', 'FR', 'en', 'desk@fund.example', authorisation => 'CMF L214-169'),
	month.set_financier(1, 'CAISSE', 'Caisse du Rouergue', 'credit_institution', '552032534', '8 rue de l''Embergue, 12000 Rodez', 'FR', 'fr', 'desk@caisse.example');
SELECT month.set_line(1, f, 'EUR', 0.048, iban => 'FR1420041010050500013M02606', bic => 'PSSTFRPP') FROM unnest('{BANK,FUND,CAISSE}'::text[]) f;
SELECT month.set_limit(1, 'BANK', 'EUR', 43000), month.set_limit(1, 'FUND', 'EUR', 22000), month.set_limit(1, 'CAISSE', 'EUR', 30000);
RESET ROLE;
SELECT month.scope_financier(1, 'month_bank', 'BANK'), month.scope_financier(1, 'month_fund', 'FUND'), month.scope_financier(1, 'month_caisse', 'CAISSE');
SET ROLE month_yeast;
SELECT month.assign_invoices(1, 'BANK', array_agg(f.document_id), pg_temp.settlement(), source_key => 'B-1 and B-2') FROM month.financeable_invoices f
WHERE f.tenant_id = 1 AND f.number IN ('B-1', 'B-2') AND f.financier = 'BANK';
\o
\echo '2. A bank: Levures Rhône sells two invoices to its bank at 4.8 % a year: price = amount x 4.8 % x days / 360'
SELECT a.financier, i.number, i.amount, i.days, i.discount AS price, i.net, i.state FROM month.assigned_invoices i JOIN month.assignments a ON a.tenant_id = i.tenant_id AND a.id = i.assignment_id ORDER BY 2;
\echo '   The instrument that was written for it, and what the law asks of it'
\pset format unaligned
\t on
SELECT regexp_replace('    ' || regexp_replace(a.text, '\s+$', ''), '\n', E'\n    ', 'g') FROM month.assignment_acts a;
\t off
\pset format aligned
\echo
\o /dev/null
SELECT month.sign_act(1, a.id, 'Mme Levain', 'paper', decode(a.sha256, 'hex')) FROM month.assignment_acts a;
SET ROLE month_bank;
SELECT month.accept_assignment(1, a.id, 'M. Fleuve') FROM month.assignments a;
SET ROLE month_lena;
SELECT month.notify_assignments(1);
SET ROLE month_marc;
SELECT month.confirm_creditor(1, c.id, 'called the bank on the number we had') FROM month.creditors c WHERE c.tenant_id = 1 AND c.source = 'assignment';
SET ROLE month_bank;
SELECT month.settle_assignment(1, a.id, pg_temp.settlement(), 'BANK-4711') FROM month.assignments a;
SET ROLE month_lena;
\o
SELECT f.mention, f.holds, left(f.found, 60) AS found, f.source FROM month.assignment_acts a, month.act_findings(1, a.id) f WHERE a.tenant_id = 1 ORDER BY f.ordinal;
\echo '   Signed, accepted, told to the debtor (status 225), the account confirmed by a second person, paid.  Who is paid for B-1 now'
SELECT c.payee_kind, c.name, c.iban, c.source, c.confirmed FROM month.invoice_states s, month.creditor_of(1, s.document_id) c WHERE s.tenant_id = 1 AND s.number = 'B-1';

-- 3. an auction
\echo '3. An auction of three financiers: six invoices, each supplier with the highest rate it would accept; bids are sealed by a hash, shown later'
\o /dev/null
SELECT month.open_auction(1, 'March', 'EUR', pg_temp.settlement(), closes_at => now() + interval '3 seconds', reveal_until => now() + interval '6 seconds', condition => 'starts-with(BT-1, ''F-'')',
	reserves => '{"S05": 0.08, "S06": 0.06, "S08": 0.045, "S09": 0.07, "S11": 0.02}') AS auction \gset
CREATE FUNCTION pg_temp.bids() RETURNS TABLE (financier text, line int, bid jsonb, nonce bytea) LANGUAGE sql AS $$
	SELECT b.*, substr(sha256(convert_to(b.financier || b.line, 'UTF8')), 1, 16) FROM (VALUES ('BANK', 1, '{"rate": 0.03, "ceiling": 25000, "tenor_max": 180}'::jsonb),
		('FUND', 1, '{"rate": 0.035, "ceiling": 20000, "tenor_max": 60}'), ('FUND', 2, '{"rate": 0.05, "ceiling": 15000, "tenor_min": 61, "tenor_max": 180}'),
		('CAISSE', 1, '{"rate": 0.065, "ceiling": 10000, "tenor_max": 180}')) b (financier, line, bid) $$;
SET ROLE month_bank;
SELECT month.commit_bid(1, :auction, clex.bid_commitment(:auction, b.financier, b.bid, b.nonce)) FROM pg_temp.bids() b WHERE b.financier = 'BANK' ORDER BY b.line;
SET ROLE month_fund;
SELECT month.commit_bid(1, :auction, clex.bid_commitment(:auction, b.financier, b.bid, b.nonce)) FROM pg_temp.bids() b WHERE b.financier = 'FUND' ORDER BY b.line;
SET ROLE month_caisse;
SELECT month.commit_bid(1, :auction, clex.bid_commitment(:auction, b.financier, b.bid, b.nonce)) FROM pg_temp.bids() b WHERE b.financier = 'CAISSE' ORDER BY b.line;
SET ROLE month_lena;
\o
SELECT b.number, b.seller_name AS supplier, b.amount, b.tenor_days AS days, r.rate AS "at most" FROM month.auction_batch b JOIN bill i ON i.number = b.number
JOIN month.auction_reserves r ON r.tenant_id = b.tenant_id AND r.auction_id = b.auction_id AND r.supplier = i.supplier WHERE b.tenant_id = 1 ORDER BY 1;
\echo '   Until then even the treasurer reads no bid'
SELECT count(*) AS "bids the treasurer sees" FROM month.auction_bids WHERE tenant_id = 1;
\o /dev/null
SELECT pg_sleep_until(a.closes_at) FROM month.auctions a WHERE a.tenant_id = 1;
SET ROLE month_bank;
SELECT month.reveal_bid(1, :auction, b.bid, b.nonce) FROM pg_temp.bids() b WHERE b.financier = 'BANK' ORDER BY b.line;
SET ROLE month_fund;
SELECT month.reveal_bid(1, :auction, b.bid, b.nonce) FROM pg_temp.bids() b WHERE b.financier = 'FUND' ORDER BY b.line;
SET ROLE month_caisse;
SELECT month.reveal_bid(1, :auction, b.bid, b.nonce) FROM pg_temp.bids() b WHERE b.financier = 'CAISSE' ORDER BY b.line;
SET ROLE month_lena;
SELECT pg_sleep_until(a.reveal_until) FROM month.auctions a WHERE a.tenant_id = 1;
SELECT month.close_auction(1, :auction);
\o
\echo '   The bids.  The bank has 43,000 - 18,000 = 25,000 of its limit left: what it has bought above counts'
SELECT b.bidder, b.line, b.rate, b.ceiling, b.bid ->> 'tenor_min' AS "days from", b.bid ->> 'tenor_max' AS "to", b.invoices, b.awarded, b.reason FROM month.auction_bids b WHERE b.tenant_id = 1 ORDER BY b.rate;
\echo '   Every award and every refusal has its reason: saved = amount x (at most - rate) x days / 360'
SELECT w.number, w.bidder, w.amount, w.rate, w.tenor_days AS days, w.discount, w.reserve AS "at most", w.saved, w.reason, w.outcome FROM month.auction_awards w WHERE w.tenant_id = 1 ORDER BY 1;
SELECT r.number, r.amount, r.reason, r.explanation FROM month.auction_refusals r WHERE r.tenant_id = 1 ORDER BY 1;
\echo '   The certificate: by prices alone no lawful award of these bids could cost less than bound.  That is what splitting invoices would cost; of whole ones a search of'
\echo '   every case has proved objective to be the least (optimal).  The hashes name what was cleared and what came of it'
SELECT r.funded, r.unfunded, r.bid_to_cover, r.marginal_rate, r.saved, r.objective, r.bound, r.gap, r.optimal, left(encode(r.snapshot_sha256, 'hex'), 16) AS snapshot, left(encode(r.sha256, 'hex'), 16) AS result
FROM month.auction_results r WHERE r.tenant_id = 1;
\echo '   What each side was told of it, in its language'
RESET ROLE;
SELECT n.notice ->> 'to' AS "to", n.notice ->> 'language' AS language, n.notice ->> 'subject' AS subject
FROM month.outbox o, LATERAL (SELECT convert_from(o.content, 'UTF8')::jsonb AS notice) n WHERE o.tenant_id = 1 AND o.post_key ~ '^auction/' AND o.post_key !~ 'opened' ORDER BY 2, 1;
SET ROLE month_audit;
\echo '   The auditor clears it again from the frozen snapshot'
SELECT count(*) AS "differences found" FROM month.replay_auction(1, :auction);
SET ROLE month_fund;
\echo '   What the fund sees of it: its own assignments, and nothing of its rivals'
SELECT i.number, i.seller_name AS supplier, i.debtor_name AS debtor, i.amount, i.days, i.rate, i.discount AS price, i.net, i.state FROM month.assigned_invoices i WHERE i.tenant_id = 1 ORDER BY 1;

-- where everybody stands
SET ROLE month_cfo;
\echo 'What the CFO sees: who has how much at stake, and what is left of limits'
SELECT u.financier, u."limit", u.used, u.free, e.reserved, e.drawn, e.outstanding FROM month.limit_uses u JOIN month.exposures e ON e.tenant_id = u.tenant_id AND e.financier_id = u.financier_id AND e.currency = u.currency
WHERE u.tenant_id = 1 AND u.scope = 'total' ORDER BY 1;
\echo 'What early payment earned whom: the group by its own money, the suppliers against what they would have accepted'
SELECT (SELECT sum(g.gain) FROM month.discount_gains g WHERE g.tenant_id = 1) AS "gain of the group", (SELECT sum(r.saved) FROM month.auction_results r WHERE r.tenant_id = 1) AS "saved by suppliers in the auction",
	(SELECT sum(a.discount) FROM month.assignments a WHERE a.tenant_id = 1) AS "price of all financiers";
\echo 'What is still to be paid of these invoices, by days from settlement (cash calendar)'
SELECT c.pay_on - pg_temp.settlement() AS days, c.class, sum(c.amount) AS amount, count(*) AS invoices FROM month.calendar_invoices c JOIN bill b ON b.number = c.number WHERE c.tenant_id = 1 GROUP BY 1, 2 ORDER BY 1, 2;
\echo 'The ledger holds for every invoice: face + overpaid = paid + discount + credited + open'
SELECT count(*) AS invoices, count(*) FILTER (WHERE l.face + l.overpaid = l.paid + l.discount + l.credited + l.open) AS "that hold", sum(l.paid) AS paid, sum(l.discount) AS discount
FROM month.ledger l JOIN bill b ON b.number = l.number WHERE l.tenant_id = 1;
RESET ROLE;
