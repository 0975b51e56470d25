-- Who sees and may do what: every table, view and function of a fresh store, tried as every persona,
-- against the matrix in role_matrix.tsv.  An object that the matrix does not name fails.
--
-- A cell of a table or view: all = every row of tenant 1, some, own = rows that name the role,
-- none = no row, no = no privilege.  A cell of a function: yes = the call in the matrix succeeds, no = 42501,
-- internal = executed by the store's functions alone.  Rows of tenant 2, to which nobody belongs, show as LEAK, a privilege
-- to write as WRITE.  With -v print_matrix=1 the matrix as it is found is printed as well.
BEGIN;
CREATE ROLE matrix_owner NOLOGIN;
SELECT clex.create_store('matrix', owner => 'matrix_owner');

CREATE TEMPORARY TABLE who (ordinal int GENERATED ALWAYS AS IDENTITY, who text, role_name text);
INSERT INTO who (who) SELECT unnest(string_to_array('operator ap_clerk buyer approver treasurer cfo auditor integration scoped_clerk supplier financier stranger', ' '));
UPDATE who SET role_name = 'matrix_' || who;
GRANT SELECT ON who TO PUBLIC;
SELECT count(*) AS personas_not_tried FROM matrix.persona p WHERE p.persona NOT IN (SELECT who FROM who) \gset
DO $$
DECLARE
	w record;
BEGIN
	PERFORM matrix.add_tenant(1, 'One'), matrix.add_tenant(2, 'Two');
	FOR w IN SELECT * FROM who LOOP
		EXECUTE format('CREATE ROLE %I', w.role_name);
		IF w.who = 'operator' THEN
			EXECUTE format('GRANT matrix_owner TO %I', w.role_name);
		ELSIF w.who <> 'stranger' THEN
			PERFORM matrix.add_member(1, w.role_name, CASE w.who WHEN 'scoped_clerk' THEN 'ap_clerk' ELSE w.who END);
		END IF;
	END LOOP;
END;
$$;

-- something of each kind for both tenants
CREATE TEMPORARY TABLE sample (n int, content bytea);
\set sample `cat extension/test/samples/fr-wrong-total.xml`
INSERT INTO sample VALUES (1, convert_to(:'sample', 'UTF8'));
\set note `cat extension/test/samples/fr-avoir-retour.xml`
CREATE TEMPORARY TABLE note AS SELECT convert_to(:'note', 'UTF8') AS content;
\set order_sample `cat extension/test/samples/orders/ubl-order.xml`
CREATE TEMPORARY TABLE order_sample AS SELECT convert_to(:'order_sample', 'UTF8') AS content;
-- what the entity of the tenant might issue
\set sample `cat extension/test/samples/fr-moulin-farine.xml`
CREATE TEMPORARY TABLE draft AS
SELECT (clex.read(convert_to(replace(:'sample', 'FR05832194070', 'FR88790453187'), 'UTF8'))::jsonb - '{$kind,$format,$reader,$provenance,$extras,totals,vat_breakdown}'::text[])
	#- '{invoice,number}' AS document;
GRANT SELECT ON draft TO PUBLIC;
DO $$
DECLARE
	v_task record;
BEGIN
	FOR t IN 1 .. 2 LOOP
		PERFORM matrix.define_rule(t, 'R', 'false()', '{"en": "x"}', alert => true), matrix.activate_rule(t, 'R'),
			matrix.set_severity(t, 'own', 'R', 'warning', 'because');
		PERFORM matrix.define_enrichment(t, 'F', 'BT-19', '''x'''), matrix.activate_rule(t, 'F');
		PERFORM s.* FROM sample, matrix.submit(t, content, idempotency_key => 'K') s;
		PERFORM s.* FROM sample, matrix.submit(t, content || '<!-- again -->'::bytea) s;
		-- from another seller to another buyer
		PERFORM s.* FROM sample, matrix.submit(t, convert_to(replace(replace(convert_from(content, 'UTF8'), 'FR05832194070', 'DE136695976'), 'FR88790453187', 'FR44732829320'), 'UTF8')) s;
		PERFORM matrix.submit(t, 'not readable');
		PERFORM s.* FROM note, matrix.submit(t, content) s;
		PERFORM matrix.set_setting(t, 'dunning', 'true'), matrix.set_translation(t, 'en', 'k', 'wording');
		PERFORM matrix.set_party(t, 'P', 'Party'), matrix.add_identifier(t, 'P', 'siren', '732829320'), matrix.set_entity(t, 'G', 'group', 'Group');
		PERFORM matrix.set_party(t, 'S', 'Seller'), matrix.add_identifier(t, 'S', 'vat', 'FR05832194070');
		PERFORM matrix.set_party(t, 'B', 'Buyer'), matrix.add_identifier(t, 'B', 'vat', 'FR88790453187'), matrix.set_entity(t, 'E', 'company', 'Entity', 'G', 'B');
		-- messages both ways, statuses said and received, of the supplier's invoices and of others
		PERFORM matrix.post_message(t, 'M1', 'pa', 'text', 'status', 'x'), matrix.post_message(t, 'M2', 'pa', 'text', 'status', 'x'),
			matrix.receive_message(t, 'pa', 'I', 'not readable either'), matrix.define_lifecycle(t, 'own', 'Own', 'fr');
		PERFORM matrix.set_status(t, s.document_id, 'in_hand') FROM matrix.invoice_state s WHERE s.tenant_id = t AND s.document_id % 4 <> 1;
		-- approval, routing, questions, words, of the supplier's invoices and of others
		PERFORM matrix.define_approval_rule(t, 'A'), matrix.define_approval_rule(t, 'B', 2, approvers => '{matrix_approver}'),
			matrix.define_route(t, 'R', 1, to_role => 'matrix_ap_clerk'), matrix.delegate_approval(t, 'matrix_buyer', CURRENT_DATE, CURRENT_DATE, 'matrix_approver'),
			matrix.set_contact(t, 'matrix_buyer', language => 'fr'), matrix.set_notice_text(t, 'query_asked', 'it', '{number}', '{text}');
		PERFORM matrix.request_approval(t, s.document_id), matrix.ask(t, s.document_id, 'colleague', 'Q', 'Why?'), matrix.ask(t, s.document_id, 'supplier', 'Q', 'Why?')
		FROM matrix.invoice_state s WHERE s.tenant_id = t ORDER BY s.document_id;
		PERFORM matrix.reject_approval(t, s.document_id, 'no') FROM matrix.invoice_state s WHERE s.tenant_id = t;
		PERFORM matrix.request_approval(t, s.document_id) FROM matrix.invoice_state s WHERE s.tenant_id = t AND s.document_id % 4 = 1;
		PERFORM matrix.route_invoices(t, ARRAY(SELECT s.document_id FROM matrix.invoice_state s WHERE s.tenant_id = t));
		PERFORM matrix.open_dispute(t, s.document_id, '{QTE_ERR}', 'why', amount => 10)
		FROM (SELECT * FROM matrix.invoice_state i WHERE i.tenant_id = t AND NOT i.is_credit AND i.document_id % 4 <> 1 ORDER BY i.document_id) s;
		PERFORM matrix.link_note(t, n.note_id, min(s.document_id), 1) FROM matrix.unused_notes n, matrix.invoice_state s
		WHERE n.tenant_id = t AND s.tenant_id = t AND NOT s.is_credit GROUP BY n.note_id;
		PERFORM matrix.claim_messages(t, 'pa', 1), matrix.fail_message(t, o.message_id, 'no line', true)
		FROM matrix.outbox o WHERE o.tenant_id = t AND o.post_key = 'M1';
		-- orders to the supplier and to another, what they were sent and said, what came, and what matching makes of invoices
		PERFORM matrix.set_partner_channel(t, 'S', 'order', 'edi'), matrix.set_partner_channel(t, 'P', 'order', 'edi');
		PERFORM matrix.create_order(t, 'O1', 'E', 'S', '[{"quantity": 1, "unit": "H87", "price": 1, "deliver_by": "2024-01-01"}]'),
			matrix.create_order(t, 'O2', 'G', 'P', '[{"quantity": 1, "unit": "H87", "price": 1, "deliver_by": "2024-01-01"}]');
		PERFORM matrix.answer_order(t, o.id, 'changes', '[{"line": "1", "price": 2}]', number => 'A'), matrix.announce_delivery(t, o.id, 'D', '[{"line": "1", "quantity": 1}]')
		FROM matrix.purchase_order o WHERE o.tenant_id = t ORDER BY o.id;
		INSERT INTO matrix.order_request (tenant_id, order_id, number, document_id)
		SELECT t, o.id, 'C', (SELECT min(d.id) FROM matrix.document d WHERE d.tenant_id = t) FROM matrix.purchase_order o WHERE o.tenant_id = t;
		PERFORM matrix.receive_goods(t, o.id, 'R', '[{"line": "1", "quantity": 0.5}]') FROM matrix.purchase_order o WHERE o.tenant_id = t ORDER BY o.id;
		PERFORM matrix.set_match_policy(t, order_required => true), matrix.set_unit_equivalence(t, 'XBX', 1, 'H87', 10), matrix.match_invoices(t),
			matrix.match_invoices(t, ARRAY(SELECT document_id FROM matrix.invoice_state));
		PERFORM matrix.accept_deviation(t, m.document_id, 1, 'why not') FROM matrix.match_line m WHERE m.tenant_id = t AND m.line_no = 1 AND m.document_id % 4 <> 1;
		INSERT INTO matrix.match_request (tenant_id, document_id) VALUES (t, 1);
		-- numbers, partners, and what is in the books
		PERFORM matrix.set_number_series(t, 'E', 'F'), matrix.void_number(t, 'E', 'F', 'torn'), matrix.set_partner_channel(t, 'S', 'answer', 'peppol');
		PERFORM matrix.set_account_rule(t, k, '400000', 'Account') FROM unnest('{expense,vat_deductible,supplier}'::text[]) k;
		INSERT INTO matrix.journal_entry (tenant_id, document_id, revision, entity_id, journal, year, ordinal, entry_date, piece_ref, piece_date, label, book_currency, currency, exchange_rate)
		SELECT t, min(s.document_id), 1, e.id, 'AC', date_part('year', CURRENT_DATE)::int, matrix.take_number(t, e.id, 'journal AC', CURRENT_DATE, false), CURRENT_DATE, 'R', '2026-01-01', 'R', 'EUR', 'EUR', 1
		FROM matrix.invoice_state s, matrix.entity e WHERE s.tenant_id = t AND e.tenant_id = t AND e.code = 'E' GROUP BY e.id;
		INSERT INTO matrix.journal_line (tenant_id, entry_id, line_no, account, account_name, debit, credit, amount, reason)
		SELECT t, e.id, n, '400000', 'Account', 2 - n, n - 1, 3 - 2 * n, 'net' FROM matrix.journal_entry e, generate_series(1, 2) n WHERE e.tenant_id = t;
		-- what was paid, who relies on what is open, who is to be paid, of the supplier's invoices and of others
		PERFORM matrix.record_payment(t, s.document_id, 1, CURRENT_DATE, 'R', 'P' || s.document_id),
			matrix.set_creditor(t, s.document_id, 'supplier', NULL, NULL, 'DE89370400440532013000', NULL, 'N', '227')
		FROM matrix.invoice_state s WHERE s.tenant_id = t AND NOT s.is_credit ORDER BY s.document_id;
		INSERT INTO matrix.claim (tenant_id, document_id, kind, holder, reference, amount, currency, seller, number, year, seller_key, buyer_vat_id)
		SELECT t, s.document_id, 'auction', 'A', 1, 10, 'EUR', 'S', s.document_id::text, 2026, s.seller_key, s.buyer_vat_id
		FROM matrix.invoice_state s WHERE s.tenant_id = t AND NOT s.is_credit AND s.document_id <> 1;
		PERFORM matrix.record_payment(t, l.document_id, l.open - 1, CURRENT_DATE, 'R', 'Q' || l.document_id) FROM matrix.ledger l WHERE l.tenant_id = t AND l.document_id <> 1;
		UPDATE matrix.invoice_state SET due_date = CURRENT_DATE + 60 WHERE document_id = 1;
		-- discounts offered, accepted and taken, of the supplier's invoices and of others; what was agreed, and what stands; campaigns
		PERFORM matrix.set_discount_policy(t, 'S', terms => '2/10 net 30'), matrix.set_standing_offer(t, 'EUR', rate => 0.05), matrix.set_standing_offer(t, 'EUR', rate => 0.05, direction => 'sale'),
			matrix.define_campaign(t, 'C', 0.05, '{"EUR": 1000}', partners => '{S}');
		PERFORM matrix.launch_campaign(t, c), matrix.close_campaign(t, c) FROM matrix.define_campaign(t, 'D', 0.05, '{"XPF": 1}') c;
		INSERT INTO matrix.standing_offer (tenant_id, direction, side, party_id, currency, rate)
		SELECT t, 'purchase', 'seller', p.id, 'EUR', 0.04 FROM matrix.party p WHERE p.tenant_id = t AND p.code IN ('S', 'P');
		INSERT INTO matrix.offer (tenant_id, document_id, direction, side, state, rate, day_count, method, rounding, calendar, currency, amount, due_date, pay_from, pay_until, expires_at, pay_on,
			discount, net, simple_rate, effective_rate, answered_at, settled_on, party_id, entity_id, seller_key, buyer_vat_id, campaign_id)
		SELECT t, s.document_id, s.direction, 'buyer', x.state, 0.05, 'ACT/360', 'DISCOUNT_ON_FACE', 'HALF_UP', 'TARGET', 'EUR', 100, '2027-01-01', '2026-12-01', '2026-12-02', '2126-12-01',
			x.pay_on, x.discount, x.net, x.rate, x.rate, x.answered_at, x.settled_on, s.party_id, s.entity_id, s.seller_key, s.buyer_vat_id, c.id
		FROM matrix.invoice_state s, matrix.campaign c, (VALUES ('open', NULL::date, NULL::numeric, NULL::numeric, NULL::float8, NULL::timestamptz, NULL::date),
			('settled', '2026-12-01', 1, 99, 0.1, now(), '2026-12-01'), ('accepted', '2026-12-01', 1, 99, 0.1, now(), NULL), ('released', '2026-12-01', 1, 99, 0.1, now(), NULL), ('lapsed', '2026-12-01', 1, 99, 0.1, now(), NULL))
			x (state, pay_on, discount, net, rate, answered_at, settled_on)
		WHERE s.tenant_id = t AND c.tenant_id = t AND c.name = 'C' AND NOT s.is_credit;
		INSERT INTO matrix.ledger_entry (tenant_id, document_id, entry_no, kind, amount, currency, booked_on, entry_key, seller_key, buyer_vat_id)
		SELECT t, s.document_id, 9, 'discount', 1, 'EUR', CURRENT_DATE, 'D' || s.document_id, s.seller_key, s.buyer_vat_id FROM matrix.invoice_state s WHERE s.tenant_id = t AND NOT s.is_credit;
		INSERT INTO matrix.ledger_entry (tenant_id, document_id, entry_no, kind, amount, currency, booked_on, reverses, entry_key)
		VALUES (t, (SELECT min(document_id) FROM matrix.invoice_state WHERE tenant_id = t), 11, 'paid', 1, 'EUR', '2026-03-09', NULL, 'terms/M/paid'),
			(t, (SELECT min(document_id) FROM matrix.invoice_state WHERE tenant_id = t), 10, 'discount', -1, 'EUR', '2026-03-09', 9, 'note/' || (SELECT document_id FROM matrix.invoice_state WHERE tenant_id = t AND is_credit));
		INSERT INTO matrix.issued_number (tenant_id, entity_id, series, year, ordinal, number, state, issue_key, document_id)
		SELECT t, e.id, 'F', 2000, 1, 'N', 'issued', 'discount/1/9', (SELECT min(document_id) FROM matrix.invoice_state WHERE tenant_id = t) FROM matrix.entity e WHERE e.tenant_id = t AND e.code = 'E';
		INSERT INTO matrix.discount_vat (tenant_id, document_id, entry_no, category, rate, gross, base, vat, currency, vat_effect, seller_key, buyer_vat_id)
		SELECT t, s.document_id, 9, 'S', 20, 1.2, 1, 0.2, 'EUR', 'price_paid', s.seller_key, s.buyer_vat_id FROM matrix.invoice_state s WHERE s.tenant_id = t AND NOT s.is_credit;
		-- orders to the bank, what it says of them, and the calendar
		PERFORM matrix.set_paying_account(t, 'G', 'EUR', 'DE89370400440532013000');
		INSERT INTO matrix.payment_order (tenant_id, iban, name, currency, pay_on, message_id, state, made_by, format, file_hash, released_by, released_at)
		SELECT t, 'DE89370400440532013000', 'G', 'EUR', CURRENT_DATE, 'O' || s, s, 'm', 'f', 'h', 'r', now() FROM unnest('{released,draft}'::text[]) s;
		INSERT INTO matrix.payment (tenant_id, order_id, payment_no, end_to_end_id, document_id, amount, discount, payee_kind, payee, iban, seller_key, buyer_vat_id)
		SELECT t, o.id, row_number() OVER (PARTITION BY o.id), format('E%s-%s', o.id, s.document_id), s.document_id, 1, 0, 'supplier', 'S', 'DE89370400440532013000', s.seller_key, s.buyer_vat_id
		FROM matrix.payment_order o, matrix.invoice_state s WHERE o.tenant_id = t AND s.tenant_id = t AND NOT s.is_credit;
		INSERT INTO matrix.bank_report_line (tenant_id, document_id, line_no, said, outcome) SELECT t, min(d.id), 1, 'booked', 'unknown' FROM matrix.document d WHERE d.tenant_id = t;
		PERFORM matrix.refresh_calendar(t), matrix.amounts_changed(t, ARRAY(SELECT s.document_id FROM matrix.invoice_state s WHERE s.tenant_id = t));
		-- two financiers, and what the supplier and another one have assigned to them: settled and asked back, settled, proposed
		PERFORM matrix.set_financier(t, f, f, 'credit_institution'), matrix.set_line(t, f, 'EUR', 0.05), matrix.set_limit(t, f, 'EUR', 100) FROM unnest('{F,G}'::text[]) f;
		PERFORM matrix.set_party_sector(t, 'S', 'mills');
		INSERT INTO matrix.assignment (tenant_id, financier_id, currency, settlement_date, instrument, disclosed, recourse, source, source_key, state, day_count, method, rounding, rule_version, account_name,
			dated_on, notified_at, debtor_accepted_at, settled_on, payment_reference)
		SELECT t, f.financier_id, 'EUR', '2090-03-15', 'dailly', n < 3, true, 'direct', 'A' || n, CASE n WHEN 1 THEN 'recourse' WHEN 2 THEN 'settled' ELSE 'proposed' END, 'ACT/360', 'DISCOUNT_ON_FACE', 'HALF_UP',
			'x', 'x', CASE WHEN n < 3 THEN DATE '2026-01-01' END, CASE WHEN n < 3 THEN now() END, CASE WHEN n < 3 THEN now() END, CASE WHEN n < 3 THEN DATE '2026-01-02' END, 'R'
		FROM (VALUES (1, 'F'), (2, 'G'), (3, 'F')) a (n, code) JOIN matrix.financier f ON f.tenant_id = t AND f.code = a.code ORDER BY n;
		INSERT INTO matrix.assignment_item (tenant_id, assignment_id, document_id, financier_id, state, direction, due_date, face, amount, rate, days, discount, paid_before, asked_back, reason, keys, seller_key)
		SELECT t, a.id, d.document_id, a.financier_id, a.state, 'purchase', '2090-06-13', 1, 1, 0.05, 90, 0.01, 0, CASE a.state WHEN 'recourse' THEN 1 ELSE 0 END,
			CASE a.state WHEN 'recourse' THEN 'dispute' END, '{*,x,x,x,x,x,x}', d.seller_key
		FROM matrix.assignment a JOIN (SELECT row_number() OVER (ORDER BY document_id) AS n, s.* FROM matrix.invoice_state s WHERE s.tenant_id = t AND NOT s.is_credit) d
			ON d.n = CASE a.source_key WHEN 'A1' THEN 1 WHEN 'A2' THEN 3 ELSE 2 END
		WHERE a.tenant_id = t;
		INSERT INTO matrix.limit_use (tenant_id, financier_id, currency, scope, key, used)
		SELECT t, i.financier_id, 'EUR', k.scope, k.key, sum(i.amount) FROM matrix.assignment_item i, LATERAL ROWS FROM (unnest(matrix.limit_scopes()), unnest(i.keys)) k (scope, key)
		WHERE i.tenant_id = t GROUP BY 2, 4, 5;
		INSERT INTO matrix.assignment_act (tenant_id, assignment_id, kind, seller_key, electronic, count, total, content)
		SELECT t, i.assignment_id, 'bordereau', i.seller_key, false, 1, 1, 'act' FROM matrix.assignment_item i WHERE i.tenant_id = t ORDER BY i.assignment_id;
		INSERT INTO matrix.act_signature (tenant_id, act_id, side, signer, means, sha256, dated_on) SELECT t, a.id, 'assignor', 'S', 'paper', a.sha256, '2026-01-01' FROM matrix.assignment_act a WHERE a.tenant_id = t;
		INSERT INTO matrix.assignment_event (tenant_id, assignment_id, document_id, to_state, amount, event_key)
		SELECT t, i.assignment_id, i.document_id, 'settled', 1, 'K' FROM matrix.assignment_item i WHERE i.tenant_id = t;
		-- an auction of the financier and another one: what was offered, what was cleared, what came of it
		INSERT INTO matrix.auction (tenant_id, name, currency, settlement_date, opens_at, closes_at, reveal_until, mode, divisible, lots, pricing, pro_rata, own_funds, bids_each, publishes)
		SELECT t, a, 'EUR', '2090-03-15', '2026-01-01', closes::timestamptz, '2127-01-01', 'surplus', false, false, 'pay-as-bid', false, true, 2, 'statistics'
		FROM (VALUES ('A', '2126-01-01'), ('C', '2126-01-01'), ('R', '2026-01-02')) x (a, closes);
		INSERT INTO matrix.auction_terms (tenant_id, auction_id, terms) SELECT t, a.id, '{}' FROM matrix.auction a WHERE a.tenant_id = t;
		INSERT INTO matrix.auction_reserve (tenant_id, auction_id, supplier, rate, party_id) SELECT t, a.id, p.code, 0.1, p.id FROM matrix.auction a, matrix.party p WHERE a.tenant_id = t AND p.tenant_id = t;
		INSERT INTO matrix.auction_bidder (tenant_id, auction_id, bidder) SELECT t, a.id, b FROM matrix.auction a, unnest('{F,G,own}'::text[]) b WHERE a.tenant_id = t AND (a.name <> 'C' OR b <> 'F');
		INSERT INTO matrix.auction_cap (tenant_id, auction_id, bidder, scope, key, amount) SELECT b.tenant_id, b.auction_id, b.bidder, 'total', '*', 1 FROM matrix.auction_bidder b WHERE b.tenant_id = t;
		INSERT INTO matrix.bid_sheet (tenant_id, auction_id, bidder, line, commitment, committed_at, committed_by)
		SELECT b.tenant_id, b.auction_id, b.bidder, 1, clex.bid_commitment(b.auction_id, b.bidder, '{"rate": 0.1, "ceiling": 1}', '0123456789abcdef'), now(), 'x' FROM matrix.auction_bidder b WHERE b.tenant_id = t;
		INSERT INTO matrix.bid_sheet (tenant_id, auction_id, bidder, line) SELECT b.tenant_id, b.auction_id, b.bidder, 2 FROM matrix.auction_bidder b WHERE b.tenant_id = t;
		INSERT INTO matrix.auction_invoice (tenant_id, auction_id, document_id, amount, due_date, tenor_days, buyer, supplier, sector, country, buyer_sector, buyer_country, refusal, state_version, seller_key, buyer_vat_id, party_id)
		SELECT t, a.id, s.document_id, 1, '2090-06-13', 90, 'x', 'x', 'x', 'x', 'x', 'x', CASE WHEN a.name = 'C' THEN 'no' END, 0, s.seller_key, s.buyer_vat_id, s.party_id
		FROM matrix.auction a, matrix.invoice_state s WHERE a.tenant_id = t AND s.tenant_id = t AND NOT s.is_credit;
		INSERT INTO matrix.auction_volume (tenant_id, auction_id, buyer, tenor_from, tenor_to, invoices, amount, largest) SELECT t, a.id, 'x', 1, 30, 1, 1, 1 FROM matrix.auction a WHERE a.tenant_id = t;
		INSERT INTO matrix.auction_snapshot (tenant_id, auction_id, terms, options, invoices, bids, caps, sha256) SELECT t, a.id, '{}', '{}', 1, 1, 1, sha256('') FROM matrix.auction a WHERE a.tenant_id = t;
		INSERT INTO matrix.cleared_invoice (tenant_id, auction_id, document_id, amount_minor, tenor_days, reserve_ppm, buyer, supplier, sector, country, seller_key, buyer_vat_id)
		SELECT t, i.auction_id, i.document_id, 100, 90, 100000, 'x', 'x', 'x', 'x', i.seller_key, i.buyer_vat_id FROM matrix.auction_invoice i WHERE i.tenant_id = t;
		INSERT INTO matrix.cleared_bid (tenant_id, auction_id, bid_no, bidder, line, commitment, committed_at, void)
		SELECT t, b.auction_id, row_number() OVER (PARTITION BY b.auction_id ORDER BY b.bidder), b.bidder, 1, b.commitment, now(), 'x' FROM matrix.bid_sheet b WHERE b.tenant_id = t AND b.line = 1;
		INSERT INTO matrix.cleared_cap (tenant_id, auction_id, bidder, scope, key, source, limit_minor) SELECT t, b.auction_id, b.bidder, 'total', '*', 'auction', 1 FROM matrix.auction_bidder b WHERE b.tenant_id = t;
		INSERT INTO matrix.bid_result (tenant_id, auction_id, bid_no, bidder, invoices, awarded_minor, reason) SELECT t, b.auction_id, b.bid_no, b.bidder, 0, 0, 'void' FROM matrix.cleared_bid b WHERE b.tenant_id = t;
		INSERT INTO matrix.award (tenant_id, auction_id, document_id, bid_no, bidder, amount_minor, rate_ppm, reason, seller_key, buyer_vat_id)
		SELECT t, i.auction_id, i.document_id, b.bid_no, b.bidder, 100, 1, 'cheapest', i.seller_key, i.buyer_vat_id
		FROM matrix.auction_invoice i JOIN matrix.cleared_bid b ON b.tenant_id = t AND b.auction_id = i.auction_id JOIN matrix.auction a ON a.tenant_id = t AND a.id = i.auction_id AND a.name <> 'R'
		WHERE i.tenant_id = t;
		INSERT INTO matrix.award_refusal (tenant_id, auction_id, document_id, stage, amount_minor, reason, seller_key, buyer_vat_id)
		SELECT t, i.auction_id, i.document_id, 'cleared', 1, 'no_bid', i.seller_key, i.buyer_vat_id FROM matrix.auction_invoice i WHERE i.tenant_id = t;
		INSERT INTO matrix.award_transfer (tenant_id, auction_id, bidder, outcome, reference) SELECT t, b.auction_id, b.bidder, 'assigned', 1 FROM matrix.auction_bidder b WHERE b.tenant_id = t;
		INSERT INTO matrix.auction_price (tenant_id, auction_id, price_no, bidder, scope, key, limit_minor, price_milli) SELECT t, a.id, 1, 'F', 'total', '*', 1, 1 FROM matrix.auction a WHERE a.tenant_id = t;
		INSERT INTO matrix.auction_statistic (tenant_id, auction_id, measure, subject, value) SELECT t, a.id, 'bid_to_cover', '', 1 FROM matrix.auction a WHERE a.tenant_id = t;
		INSERT INTO matrix.auction_result (tenant_id, auction_id, chain_no, clex_version, feasible, objective, bound, funded_minor, unfunded_minor, split_minor, awards_sha256, sha256)
		SELECT t, a.id, row_number() OVER (ORDER BY a.id), 'x', true, 1, 1, 1, 1, 0, '', '' FROM matrix.auction a WHERE a.tenant_id = t;
		INSERT INTO matrix.auction_chain (tenant_id, chain_no, sha256) VALUES (t, 2, '');
		UPDATE matrix.auction SET state = 'settled' WHERE tenant_id = t AND name = 'C';
		PERFORM matrix.define_mapping(t, 'M', '{"format": "csv", "opens": true, "fields": [{"name": "a"}], "terms": {"BT-1": "$a"}}'),
			matrix.submit_mapped(t, 'Z', 'M');
	END LOOP;
	-- tasks of each kind, of the supplier's invoices and orders and of others
	UPDATE matrix.approval_request r SET due_at = now() - interval '1 day' WHERE r.state = 'open';
	FOR v_task IN
		SELECT s.document_id, k.meaning, k.status
		FROM (VALUES ('suspended', '208'), ('disputed', '207'), ('in_hand', '204')) k (meaning, status), sample x, LATERAL unnest(ARRAY[x.content,
			convert_to(replace(replace(convert_from(x.content, 'UTF8'), 'FR05832194070', 'DE136695976'), 'FR88790453187', 'FR44732829320'), 'UTF8')]) c (content),
			LATERAL matrix.submit(1, c.content || convert_to(format('<!-- %s -->', k.meaning), 'UTF8')) s
	LOOP
		UPDATE matrix.invoice_state s SET meaning = v_task.meaning, status = v_task.status WHERE s.tenant_id = 1 AND s.document_id = v_task.document_id;
		INSERT INTO matrix.approval_request (tenant_id, document_id, round, level, rule, votes, digest, state, settled_at) VALUES (1, v_task.document_id, 1, 1, 'A', 1, '', 'rejected', now());
	END LOOP;
	INSERT INTO matrix.order_message (tenant_id, order_id, kind, number, version, attempt, format, state, verdict_at, acknowledge_by, answer_by)
	SELECT 1, o.id, 'order', k.number, o.sent_version, 1, 'ubl', k.state, now(), k.at, k.at FROM matrix.purchase_order o, (VALUES ('T1', 'posted', now() - interval '1 day'), ('T2', 'refused', NULL)) k (number, state, at)
	WHERE o.tenant_id = 1;
	PERFORM s.* FROM order_sample, matrix.submit(1, content) s;
	PERFORM matrix.scope_member(1, 'matrix_supplier', 'supplier', party => 'S'), matrix.scope_member(1, 'matrix_scoped_clerk', 'ap_clerk', entity => 'E'), matrix.scope_financier(1, 'matrix_financier', 'F');
END;
$$;

CREATE TEMPORARY TABLE matrix_text (line text);
\copy matrix_text FROM 'extension/test/pgtap/role_matrix.tsv' WITH (FORMAT csv, DELIMITER E'\x01', QUOTE E'\x02')
CREATE TEMPORARY TABLE expected (object text, call text, who text, cell text);
INSERT INTO expected
SELECT l.cells[1], NULLIF(l.cells[2], ''), h.who, l.cells[h.n]
FROM (SELECT string_to_array(line, E'\t') AS cells FROM matrix_text WHERE line !~ '^(#|object\t)') l,
	(SELECT string_to_array(line, E'\t') AS names FROM matrix_text WHERE line ~ '^object\t') t,
	unnest(t.names) WITH ORDINALITY AS h (who, n)
WHERE h.n > 2;

-- what there is
CREATE TEMPORARY VIEW there AS
SELECT c.relname::text AS object, c.oid::regclass AS relation, NULL::regprocedure AS function
FROM pg_class c WHERE c.relnamespace = 'matrix'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
UNION ALL
SELECT replace(p.oid::regprocedure::text, 'matrix.', ''), NULL, p.oid
FROM pg_proc p WHERE p.pronamespace = 'matrix'::regnamespace;
CREATE TEMPORARY TABLE object AS SELECT * FROM there;

-- what each role finds
CREATE TEMPORARY TABLE found (object text, who text, cell text);
CREATE FUNCTION pg_temp.count_rows(relation regclass, role_name text, condition text, OUT n bigint) LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE format('SET LOCAL ROLE %I', role_name);
	EXECUTE format('SELECT count(*) FROM %s x WHERE %s', relation, condition) INTO n;
	RESET ROLE;
END $$;

CREATE FUNCTION pg_temp.try_relation(relation regclass, role_name text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	v_has_tenant boolean := EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = relation AND a.attname = 'tenant_id');
	v_has_role boolean := EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = relation AND a.attname = 'role_name');
	v_kind "char" := (SELECT c.relkind FROM pg_class c WHERE c.oid = relation);
	v_mine text := CASE WHEN v_has_tenant THEN 'x.tenant_id = 1' ELSE 'true' END;
	v_all bigint;
	v_seen bigint;
	v_cell text;
BEGIN
	IF v_kind = 'S' THEN
		RETURN CASE WHEN pg_has_role(role_name, 'matrix_owner', 'MEMBER') THEN 'yes'
			WHEN has_sequence_privilege(role_name, relation, 'USAGE, SELECT, UPDATE') THEN 'WRITE' ELSE 'no' END;
	END IF;
	IF NOT has_table_privilege(role_name, relation, 'SELECT') THEN
		RETURN 'no';
	END IF;
	v_all := pg_temp.count_rows(relation, 'matrix_operator', v_mine);
	v_seen := pg_temp.count_rows(relation, role_name, v_mine);
	v_cell := CASE
		WHEN v_all = 0 THEN 'EMPTY'
		WHEN v_seen = 0 THEN 'none'
		WHEN v_seen = v_all THEN 'all'
		WHEN v_has_role AND v_seen = pg_temp.count_rows(relation, role_name, v_mine || format(' AND x.role_name = %L', role_name)) THEN 'own'
		ELSE 'some' END;
	IF v_has_tenant AND role_name <> 'matrix_operator' AND pg_temp.count_rows(relation, role_name, 'x.tenant_id = 2') > 0 THEN
		v_cell := v_cell || ' LEAK';
	END IF;
	IF NOT pg_has_role(role_name, 'matrix_owner', 'MEMBER')
		AND (has_table_privilege(role_name, relation, 'INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER')
			OR has_any_column_privilege(role_name, relation, 'INSERT, UPDATE, REFERENCES'))
	THEN
		v_cell := v_cell || ' WRITE';
	END IF;
	RETURN v_cell;
END $$;

CREATE FUNCTION pg_temp.try_function(function regprocedure, call text, role_name text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	IF NOT has_function_privilege('public', function, 'EXECUTE') THEN
		RETURN 'internal';
	ELSIF call IS NULL THEN
		RETURN 'NO CALL';
	END IF;
	BEGIN
		EXECUTE format('SET LOCAL ROLE %I', role_name);
		EXECUTE 'SELECT * FROM matrix.' || call;
		RAISE EXCEPTION USING ERRCODE = 'YYYYY';    -- what it did is taken back
	EXCEPTION
		WHEN insufficient_privilege THEN RETURN 'no';
		WHEN SQLSTATE 'YYYYY' THEN RETURN 'yes';
		WHEN others THEN RETURN SQLSTATE || ' ' || SQLERRM;
	END;
END $$;

INSERT INTO found
SELECT o.object, w.who,
	CASE WHEN o.relation IS NOT NULL THEN pg_temp.try_relation(o.relation, w.role_name)
		ELSE pg_temp.try_function(o.function, (SELECT DISTINCT e.call FROM expected e WHERE e.object = o.object), w.role_name) END
FROM object o, who w;
\if :{?print_matrix}
SELECT 'object' || E'\t' || 'call' || E'\t' || string_agg(who, E'\t' ORDER BY ordinal) FROM who;
SELECT f.object || E'\t' || COALESCE((SELECT DISTINCT e.call FROM expected e WHERE e.object = f.object), '') || E'\t' || string_agg(f.cell, E'\t' ORDER BY w.ordinal)
FROM found f JOIN object o USING (object) JOIN who w USING (who)
GROUP BY f.object, o.relation IS NULL ORDER BY o.relation IS NULL, f.object COLLATE "C";
\endif

SELECT plan(9);
SELECT is(:personas_not_tried, 0, 'every persona is tried');
SELECT is_empty($$SELECT object FROM object EXCEPT SELECT object FROM expected ORDER BY 1$$, 'every table, view, sequence and function has its line in the matrix');
SELECT is_empty($$SELECT object FROM expected EXCEPT SELECT object FROM object ORDER BY 1$$, 'the matrix names nothing that is not there');
SELECT is((SELECT count(*) FROM expected WHERE cell IS NOT NULL AND who IN (SELECT who FROM who)), (SELECT count(*) FROM object, who), 'the matrix has a cell for every object and role');
SELECT is_empty($$SELECT f.object, f.who, e.cell AS expected, f.cell AS found FROM found f LEFT JOIN expected e USING (object, who)
	WHERE f.cell IS DISTINCT FROM e.cell ORDER BY 1, 2$$, 'every role sees and may do what the matrix says, no more and no less');

-- and would it fail, if somebody added something, or gave somebody more?
CREATE TABLE matrix.added (tenant_id bigint PRIMARY KEY);
CREATE VIEW matrix.added_view AS SELECT * FROM matrix.document;
CREATE FUNCTION matrix.added_function(p_tenant_id bigint) RETURNS bigint LANGUAGE sql RETURN p_tenant_id;
SELECT is((SELECT string_agg(object, ' ' ORDER BY object COLLATE "C") FROM there WHERE object NOT IN (SELECT object FROM expected)), 'added added_function(bigint) added_view',
	'a table, view or function without a line is noticed');
GRANT SELECT ON matrix.added_view TO matrix_operator, matrix_financier;
SELECT is(pg_temp.try_relation('matrix.added_view', 'matrix_financier'), 'all LEAK', 'so is a view that shows what row-level security hides');
GRANT UPDATE (source) ON matrix.document TO matrix_auditor;
SELECT is(pg_temp.try_relation('matrix.document', 'matrix_auditor'), 'all WRITE', 'a privilege to write');
SELECT is(pg_temp.try_function('matrix.added_function(bigint)', 'added_function(1)', 'matrix_financier'), 'yes', 'and a function that anybody may call');
SELECT * FROM finish();
ROLLBACK;
