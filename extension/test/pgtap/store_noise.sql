-- A tenant finds the same whether it is alone in a store or others work in it between each of its steps.
--
-- The same steps run for tenant 1 of two stores; in the second one tenants 2 and 3 take each of them too, before and
-- after, with the same codes, keys and bytes.  What differs by nature, numbers of rows and times, is left out.
BEGIN;
CREATE ROLE noise_owner NOLOGIN;
CREATE ROLE noise_member;
SELECT clex.create_store('alone', owner => 'noise_owner'), clex.create_store('noisy', owner => 'noise_owner');
CREATE TEMPORARY TABLE content (name text, bytes bytea);
\set sample `cat extension/test/samples/fr-wrong-total.xml`
INSERT INTO content VALUES ('ubl', convert_to(:'sample', 'UTF8'));
\set sample `cat extension/test/samples/facturx-fr-basic.xml`
INSERT INTO content VALUES ('cii', convert_to(:'sample', 'UTF8')), ('text', 'not readable');
INSERT INTO content SELECT 'again', bytes || '<!-- again -->'::bytea FROM content WHERE name = 'ubl';

INSERT INTO content SELECT 'loan', clex.write(jsonb_build_object('$kind', 'invoice',
	'invoice', jsonb_build_object('number', 'L-' || n, 'issue_date', '2090-02-20', 'due_date', '2090-03-31', 'type_code', '380', 'currency', 'EUR', 'payment_terms', E'#SKONTO#TAGE=14#PROZENT=2.00#\n'),
	'seller', '{"name": "Vendor", "vat_number": "FR88790453187", "address": {"country": "FR", "city": "Agen"}}'::jsonb, 'buyer', '{"name": "Buyer", "vat_number": "FR05832194070", "address": {"country": "FR"}}'::jsonb,
	'payment', '{"means_code": "30", "credit_transfers": [{"account": "FR7630006000011234567890189"}]}'::jsonb, 'totals', '{"payable": 1000, "with_vat": 1000}'::jsonb,
	'lines', '[{"identifier": "1", "quantity": 1, "unit": "C62", "net_amount": 1000, "item": {"name": "Goods"}}]'::jsonb)::text::clex.document, 'ubl') FROM generate_series(1, 5) n;

CREATE TEMPORARY TABLE step (n int GENERATED ALWAYS AS IDENTITY, call text);
INSERT INTO step (call) VALUES
	($$add_member(T, 'noise_member', 'integration')$$),
	($$add_member(T, 'noise_member', 'auditor')$$),
	($$set_party(T, 'S', 'Seller', 'FR', valid_from => '2026-01-01')$$),
	($$add_identifier(T, 'S', 'vat', 'FR05832194070', '2026-01-01')$$),
	($$add_identifier(T, 'S', 'siren', '732829320', '2026-01-01')$$),
	($$set_entity(T, 'G', 'group', 'Group', valid_from => '2026-01-01')$$),
	($$set_entity(T, 'E', 'company', 'Entity', 'G', 'S', '2026-01-01')$$),
	($$set_setting(T, 'payment.terms', '30')$$),
	($$set_translation(T, 'fr', 'k', 'mot')$$),
	($$submit(T, (SELECT bytes FROM content WHERE name = 'ubl'), 'first', 'K-1')$$),
	($$submit(T, (SELECT bytes FROM content WHERE name = 'ubl'), 'first', 'K-1')$$),
	($$submit(T, (SELECT bytes FROM content WHERE name = 'ubl'), 'once more')$$),
	($$submit_many(T, ARRAY(SELECT bytes FROM content ORDER BY name), ARRAY(SELECT name FROM content ORDER BY name))$$),
	($$submit(T, (SELECT bytes FROM content WHERE name = 'cii'), NULL, 'K-2')$$),
	($$revalidate(T, '2026-06-01', '{peppol}')$$),
	($$reread(T)$$),
	($$set_party(T, 'S', 'Seller renamed', 'FR', valid_from => '2026-05-01')$$),
	($$remove_identifier(T, 'S', 'siren', '732829320', '2026-07-01')$$),
	($$define_lifecycle(T, 'own', 'Own', 'fr')$$),
	($$define_transition(T, 'own', '203', '209')$$),
	($$set_status(T, (SELECT min(s.document_id) FROM noise.invoice_state s WHERE s.tenant_id = T), 'factored', event_key => 'E-1')$$),
	($$receive_status(T, (SELECT min(s.document_id) FROM noise.invoice_state s WHERE s.tenant_id = T), '212', 'seller', 'E-2', '2026-01-01')$$),
	($$receive_status(T, (SELECT min(s.document_id) FROM noise.invoice_state s WHERE s.tenant_id = T), '204', 'buyer', 'E-3', '2026-01-01')$$),
	($$receive_message(T, 'pa', 'M-1', 'what is it')$$),
	($$post_message(T, 'P-1', 'pa', 'text', 'status', 'content')$$),
	($$post_message(T, 'P-2', 'pa', 'text', 'status', 'content')$$),
	($$claim_messages(T, 'pa', 1)$$),
	($$set_financier(T, 'FUND', 'Fund', 'credit_institution', registration => '552120222', address => 'Paris')$$),
	($$set_line(T, 'FUND', 'EUR', 0.05, iban => 'FR1420041010050500013M02606')$$),
	($$set_limit(T, 'FUND', 'EUR', 100000)$$),
	($$set_party(T, 'V', 'Vendor', 'FR', valid_from => '2026-01-01')$$),
	($$add_identifier(T, 'V', 'vat', 'FR88790453187', '2026-01-01')$$),
	($$add_identifier(T, 'V', 'iban', 'FR7630006000011234567890189', '2026-01-01')$$),
	($$set_paying_account(T, 'E', 'EUR', 'DE89370400440532013000')$$),
	($$set_setting(T, 'finance.calendar', '"WEEKENDS weekend=NONE"')$$),
	($$submit_many(T, ARRAY(SELECT bytes FROM content WHERE name = 'loan' ORDER BY bytes), ARRAY(SELECT 'loan' FROM content WHERE name = 'loan'))$$),
	($$set_status(T, (SELECT document_id FROM noise.invoice WHERE tenant_id = T AND number = 'L-1'), 'approved')$$),
	($$set_status(T, (SELECT document_id FROM noise.invoice WHERE tenant_id = T AND number = 'L-2'), 'approved')$$),
	($$set_status(T, (SELECT document_id FROM noise.invoice WHERE tenant_id = T AND number = 'L-3'), 'approved')$$),
	($$set_status(T, (SELECT document_id FROM noise.invoice WHERE tenant_id = T AND number = 'L-4'), 'approved')$$),
	($$set_status(T, (SELECT document_id FROM noise.invoice WHERE tenant_id = T AND number = 'L-5'), 'approved')$$),
	($$make_offer(T, (SELECT document_id FROM noise.invoice WHERE tenant_id = T AND number = 'L-1'), 0.06, pay_from => '2090-03-02')$$),
	($$accept_offer(T, (SELECT id FROM noise.offer WHERE tenant_id = T AND state = 'open'), '2090-03-02')$$),
	($$take_terms(T, '2090-03-02', ARRAY(SELECT document_id FROM noise.invoice WHERE tenant_id = T AND number = 'L-2'))$$),
	($$assign_invoices(T, 'FUND', ARRAY(SELECT document_id FROM noise.invoice WHERE tenant_id = T AND number = 'L-3'), '2090-03-02', source_key => 'K')$$),
	($$sign_act(T, (SELECT id FROM noise.assignment_act WHERE tenant_id = T), 'S', 'paper', (SELECT sha256 FROM noise.assignment_act WHERE tenant_id = T))$$),
	($$accept_assignment(T, (SELECT id FROM noise.assignment WHERE tenant_id = T), 'Bank')$$),
	($$notify_assignments(T)$$),
	($$open_auction(T, 'spring', 'EUR', '2090-03-02', now() + interval '1 hour', now() + interval '2 hours', condition => 'BT-1 = ''L-4''', reserve => 0.1, options => '{"own_funds": true}')$$),
	($$commit_bid(T, (SELECT id FROM noise.auction WHERE tenant_id = T), clex.bid_commitment((SELECT id FROM noise.auction WHERE tenant_id = T), 'own', '{"rate": 0.05, "ceiling": 2000}', '\x000102030405060708090a0b0c0d0e0f'), true)$$),
	($$define_campaign(T, 'C', 0.06, '{"EUR": 20000}', pay_on => '{2090-03-02}')$$),
	($$simulate_campaign(T, (SELECT id FROM noise.campaign WHERE tenant_id = T))$$),
	($$launch_campaign(T, (SELECT id FROM noise.campaign WHERE tenant_id = T))$$),
	($$accept_campaign(T, (SELECT id FROM noise.campaign WHERE tenant_id = T))$$),
	($$make_payment_orders(T, '2090-03-02', '2090-04-30')$$),
	($$settle_offers(T, '2090-03-02')$$),
	($$run_standing_offers(T)$$),
	($$refresh_calendar(T)$$),
	($$define_approval_rule(T, 'A', sla => '1 day')$$),
	($$define_route(T, 'R', 1, to_role => 'noise_member')$$),
	($$delegate_approval(T, 'noise_member', '2026-01-01', '2026-12-31')$$),
	($$request_approval(T, (SELECT min(s.document_id) FROM noise.invoice_state s WHERE s.tenant_id = T AND s.direction = 'purchase'))$$),
	($$route_invoices(T, ARRAY[(SELECT min(s.document_id) FROM noise.invoice_state s WHERE s.tenant_id = T AND s.direction = 'purchase')])$$),
	($$reject_approval(T, (SELECT min(s.document_id) FROM noise.invoice_state s WHERE s.tenant_id = T AND s.direction = 'purchase'), 'no')$$),
	($$set_contact(T, 'noise_member', 'n@example.org', 'fr')$$),
	($$ask(T, (SELECT min(s.document_id) FROM noise.invoice_state s WHERE s.tenant_id = T AND s.direction = 'purchase'), 'colleague', 'Q', 'Why?', 'noise_member')$$),
	($$answer_query(T, (SELECT max(q.id) FROM noise.query q WHERE q.tenant_id = T), 'Because')$$),
	($$send_reminders(T, '2027-01-01')$$),
	($$set_match_policy(T, 'S', 'E', ways => 2, price_percent => 5)$$),
	($$set_unit_equivalence(T, 'XBX', 1, 'H87', 12)$$),
	($$set_partner_channel(T, 'S', 'order', 'edi', 'edifact:D96A', answer_hours => 8)$$),
	($$create_order(T, 'O-1', 'E', 'S', '[{"line": "1", "item": "Flour", "quantity": 10, "unit": "XBX", "price": 2}]', issue_date => '2026-01-01')$$),
	($$change_order(T, (SELECT id FROM noise.purchase_order WHERE tenant_id = T AND number = 'O-1'), '[{"line": "1", "price": 3}]')$$),
	($$send_order(T, (SELECT id FROM noise.purchase_order WHERE tenant_id = T AND number = 'O-1'), true)$$),
	($$answer_order(T, (SELECT id FROM noise.purchase_order WHERE tenant_id = T AND number = 'O-1'), 'changes', '[{"line": "1", "price": 4}]', 'Flour is dear', 'A-1')$$),
	($$settle_response(T, (SELECT id FROM noise.order_response WHERE tenant_id = T), true)$$),
	($$announce_delivery(T, (SELECT id FROM noise.purchase_order WHERE tenant_id = T AND number = 'O-1'), 'D-1', '[{"line": "1", "quantity": 2}]', '2026-01-02')$$),
	($$receive_goods(T, (SELECT id FROM noise.purchase_order WHERE tenant_id = T AND number = 'O-1'), 'R-1', '[{"line": "1", "quantity": 24, "unit": "H87"}]', '2026-01-02')$$),
	($$assign_line(T, (SELECT min(m.document_id) FROM noise.match_line m WHERE m.tenant_id = T), 1, (SELECT id FROM noise.purchase_order WHERE tenant_id = T AND number = 'O-1'), '1')$$),
	($$accept_deviation(T, (SELECT min(m.document_id) FROM noise.match_line m WHERE m.tenant_id = T), 2, 'why not')$$),
	($$match_invoices(T)$$),
	($$set_number_series(T, 'E', 'F')$$),
	($$void_number(T, 'E', 'F', 'torn')$$),
	($$set_partner_channel(T, 'S', 'answer', 'peppol')$$),
	($$acknowledge_invoice(T, (SELECT max(m.document_id) FROM noise.invoice_match m JOIN noise.invoice_state s USING (tenant_id, document_id) WHERE m.tenant_id = T AND s.status = '203'))$$),
	($$set_account_rule(T, 'expense', '607000', 'Goods', entity => 'E')$$),
	($$set_financier(T, 'BANK', 'Bank', 'credit_institution')$$),
	($$set_line(T, 'BANK', 'EUR', 0.05, valid_from => '2026-01-01')$$),
	($$set_limit(T, 'BANK', 'EUR', 1000)$$),
	($$set_limit(T, 'BANK', 'EUR', 100, 'supplier', '*')$$),
	($$set_party_sector(T, 'S', 'mills')$$),
	($$hand_over(T)$$);

CREATE TEMPORARY TABLE answer (store text, n int, answer jsonb);
CREATE FUNCTION pg_temp.take(store text, tenant int, call text) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
	v_answer jsonb;
BEGIN
	EXECUTE format('SELECT jsonb_agg(to_jsonb(x) - ''{document_id,repeats,event_id,inbox_id,message_id,post_message,content,outcome,make_offer,offer_id,assign_invoices,open_auction,define_campaign,order_id,create_order,receive_goods,send_order,response_id,announce_delivery}''::text[] || jsonb_build_object(''repeats'', to_jsonb(x) ->> ''repeats'' IS NOT NULL))
		FROM (SELECT * FROM %I.%s) x', store, replace(regexp_replace(call, '\mT\M', tenant::text, 'g'), 'noise.', store || '.')) INTO v_answer;
	RETURN v_answer;
END $$;
DO $$
DECLARE
	s record;
BEGIN
	PERFORM alone.add_tenant(1, 'One'), noisy.add_tenant(2, 'Two'), noisy.add_tenant(1, 'One'), noisy.add_tenant(3, 'Three');
	FOR s IN SELECT n, call FROM step ORDER BY n LOOP
		INSERT INTO answer SELECT 'alone', s.n, pg_temp.take('alone', 1, s.call);
		PERFORM pg_temp.take('noisy', 2, s.call);
		INSERT INTO answer SELECT 'noisy', s.n, pg_temp.take('noisy', 1, s.call);
		PERFORM pg_temp.take('noisy', 3, s.call);
	END LOOP;
	-- numbers are the answer of what makes parties, entities, delegations and questions
	UPDATE answer a SET answer = NULL FROM step t WHERE t.n = a.n AND t.call ~ '^(set_(party|entity|financier)|delegate_approval|ask)\M';
	PERFORM noisy.remove_member(t, 'noise_member') FROM unnest(ARRAY[2, 3]) t;
END $$;

-- what a view shows of tenant 1, but for numbers and times
CREATE FUNCTION pg_temp.bare(r jsonb) RETURNS text LANGUAGE sql AS $$
	SELECT (r - '{financier_id,entered_at,days_to_check,days_to_approve,days_to_pay,days_in_all,check_median,check_p90,approve_median,approve_p90,pay_median,pay_p90,in_all_median,in_all_p90,id,document_id,document_ids,dispute_id,dispute_ids,event_id,repeats,party_id,entity_id,parent_id,path,received_at,checked_at,happened_at,submitted_at,granted_at,created_at,since,subject_id,source_document,occurred_at,event_key,posted_at,next_attempt,settled_at,matched_at,ordered_at,recorded_at,taken_at,content,message_id,outcome,order_id,receipt_id,response_id,despatch_id,subject_key,after,before,query_id,voted_at,entered_at,offer_id,assignment_id,auction_id,campaign_id,reference,holder,end_to_end_id,made_at,proposed_at,claimed_at,opened_at,set_at,launched_at,valid_from,text,sha256,act_id,digest,agreed_reference,accepted_at,answered_at,approved_at}'::text[]
		|| jsonb_build_object('after', CASE jsonb_typeof(r -> 'after') WHEN 'object' THEN (r -> 'after') - '{financier_id,entered_at,party_id,entity_id,parent_id,order_id,message,document,offers,sha256}'::text[] END,
			'facts', CASE jsonb_typeof(r -> 'facts') WHEN 'object' THEN (r -> 'facts') - 'assignment' END))::text $$;
CREATE FUNCTION pg_temp.shown(store text, view_name text, role_name text, OUT shown text) LANGUAGE plpgsql AS $$
DECLARE
	v_rows jsonb[];
BEGIN
	EXECUTE format('SET LOCAL ROLE %I', role_name);
	EXECUTE format('SELECT array_agg(to_jsonb(x)) FROM %I.%I x %s', store, view_name, CASE role_name WHEN 'noise_owner' THEN 'WHERE tenant_id = 1' ELSE '' END) INTO v_rows;
	RESET ROLE;
	SELECT string_agg(pg_temp.bare(r), E'\n' ORDER BY pg_temp.bare(r)) INTO shown FROM unnest(v_rows) r;
END $$;

SELECT plan(6);
SELECT is_empty($$SELECT s.call, a.answer, b.answer FROM step s JOIN answer a ON a.n = s.n AND a.store = 'alone' JOIN answer b ON b.n = s.n AND b.store = 'noisy'
	WHERE a.answer IS DISTINCT FROM b.answer$$, 'every call is answered alike');
SELECT isnt_empty($$SELECT FROM answer WHERE answer @> '[{"is_duplicate": true}]'$$, 'and the answers say something');
CREATE TEMPORARY TABLE view_name AS
SELECT c.relname::text AS name FROM pg_class c WHERE c.relnamespace = 'alone'::regnamespace AND c.relkind = 'v';
SELECT is_empty($$SELECT v.name, pg_temp.shown('alone', v.name, 'noise_member') AS alone, pg_temp.shown('noisy', v.name, 'noise_member') AS noisy FROM view_name v
	WHERE pg_temp.shown('alone', v.name, 'noise_member') IS DISTINCT FROM pg_temp.shown('noisy', v.name, 'noise_member')$$, 'a member sees the same in every view');
SELECT is_empty($$SELECT v.name FROM view_name v
	WHERE pg_temp.shown('alone', v.name, 'noise_owner') IS DISTINCT FROM pg_temp.shown('noisy', v.name, 'noise_owner')$$, 'an operator too, of that tenant');
SELECT cmp_ok((SELECT count(*) FROM view_name v WHERE pg_temp.shown('noisy', v.name, 'noise_member') IS NOT NULL), '>=', 15::bigint, 'most of the views show something');
SELECT is((SELECT count(DISTINCT tenant_id) FROM noisy.documents), 3::bigint, 'there was noise');
SELECT * FROM finish();
ROLLBACK;
