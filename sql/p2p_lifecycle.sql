-- module p2p: lifecycles, statuses said and received, lifecycle messages both ways
SET client_min_messages = warning;
SET TimeZone = 'UTC';
\set VERBOSITY terse
\set SHOW_CONTEXT never
CREATE ROLE regress_p2p_owner NOLOGIN;
CREATE ROLE regress_p2p_clerk;
CREATE ROLE regress_p2p_approver;
CREATE ROLE regress_p2p_gateway;
CREATE ROLE regress_p2p_supplier;
CREATE ROLE regress_p2p_cfo;
SELECT clex.create_store('erp', owner => 'regress_p2p_owner');
SELECT erp.add_tenant(1, 'Hotel');
SELECT erp.add_member(1, 'regress_p2p_clerk', 'ap_clerk'), erp.add_member(1, 'regress_p2p_approver', 'approver'),
	erp.add_member(1, 'regress_p2p_gateway', 'integration'), erp.add_member(1, 'regress_p2p_cfo', 'cfo'), erp.add_member(1, 'regress_p2p_supplier', 'supplier');
SELECT erp.set_party(1, 'S1', 'Moulins', 'FR') > 0 AS party;
SELECT erp.add_identifier(1, 'S1', 'vat', 'FR05832194070');
SELECT erp.scope_member(1, 'regress_p2p_supplier', 'supplier', party => 'S1');
\set ubl `cat extension/test/samples/fr-wrong-total.xml`
CREATE FUNCTION invoice(number text) RETURNS bytea LANGUAGE sql AS 'SELECT convert_to(regexp_replace(replace(current_setting(''my.ubl''), ''F-2026-00431'', number), ''<cac:OrderReference>.*?</cac:OrderReference>'', ''''), ''UTF8'')';
SELECT set_config('my.ubl', :'ubl', false) <> '' AS sample;

-- what clex knows: every status, step and reason of the published tables
SELECT lifecycle, count(*) AS statuses, count(*) FILTER (WHERE kind = 'main') AS main, count(*) FILTER (WHERE final) AS final FROM clex.lifecycle_statuses GROUP BY 1 ORDER BY 1;
SELECT lifecycle, count(*) AS transitions FROM clex.lifecycle_transitions GROUP BY 1 ORDER BY 1;
SELECT lifecycle, count(*) AS reasons FROM clex.lifecycle_reasons GROUP BY 1 ORDER BY 1;

-- an invoice is taken in with its state; so is one from abroad, by another lifecycle
SET ROLE regress_p2p_gateway;
SELECT s.document_id FROM generate_series(1, 5) n, erp.submit(1, invoice('F-' || n)) s ORDER BY 1;
SELECT document_id, number, direction, lifecycle, status, meaning, version, party FROM erp.invoice_states ORDER BY document_id;

-- who may: the right belongs to the status, and each refusal says who has it
SET ROLE regress_p2p_clerk;
SELECT outcome, new_status, version FROM erp.set_status(1, 1, 'in_hand');
SELECT outcome, new_status, version FROM erp.set_status(1, 1, '204');
\set VERBOSITY default
SELECT * FROM erp.set_status(1, 1, 'approved');
SELECT * FROM erp.set_status(1, 1, 'disputed');
SELECT * FROM erp.set_status(1, 1, '213', '{REJ_COH}');
SELECT * FROM erp.set_status(1, 1, '212');
SELECT * FROM erp.set_status(1, 1, '209');
SELECT * FROM erp.set_status(1, 1, 'nonsense');
SELECT * FROM erp.set_status(1, 99, 'in_hand');
SELECT * FROM erp.set_status(2, 1, 'in_hand');
\set VERBOSITY terse
SELECT * FROM erp.explain_status(1, 1, 'refused', '{QTE_ERR}');
SELECT condition, holds, who FROM erp.status_choices WHERE tenant_id = 1 AND document_id = 1 AND meaning = 'approved';
SELECT outcome, new_status FROM erp.set_status(1, 1, 'disputed', '{QTE_ERR}', 'Nine boxes came, not ten', event_key => 'D-1');
-- the same event again, and another one under its key
SELECT outcome, new_status, version FROM erp.set_status(1, 1, 'disputed', '{QTE_ERR}', 'Nine boxes came, not ten', event_key => 'D-1');
SELECT * FROM erp.set_status(1, 1, 'in_hand', event_key => 'D-1');
-- looked at before somebody else changed it
SELECT * FROM erp.set_status(1, 1, 'suspended', '{JUSTIF_ABS}', expected_version => 1);
-- refused is the end
SELECT outcome, new_status FROM erp.set_status(1, 2, 'refused', '{TX_TVA_ERR}');
SELECT * FROM erp.set_status(1, 2, 'in_hand');
SET ROLE regress_p2p_approver;
SELECT * FROM erp.set_status(1, 2, 'approved');
SELECT outcome, new_status FROM erp.set_status(1, 1, 'approved');

-- a supplier answers for its side, of its own invoices; it does not approve them, nor says what must stay between others
RESET ROLE;
SELECT outcome FROM erp.set_status(1, 3, 'suspended', '{JUSTIF_ABS}');
SET ROLE regress_p2p_supplier;
SELECT task, needs, document_id FROM erp.todo WHERE tenant_id = 1 ORDER BY 1, 3;
SELECT outcome, new_status FROM erp.set_status(1, 3, 'completed');
SELECT * FROM erp.set_status(1, 3, 'approved');
SELECT * FROM erp.set_status(1, 3, '226');
SELECT status, issuer, outcome FROM erp.status_events WHERE document_id = 3 ORDER BY id;
SELECT count(*) FROM erp.outgoing_messages;
RESET ROLE;

-- late, early, repeated, unknown: kept, and never an error
SET ROLE regress_p2p_gateway;
SELECT outcome FROM erp.receive_status(1, 4, '202', 'somebody', 'k0', '2026-03-09 10:00+01');
SELECT outcome, new_status FROM erp.receive_status(1, 4, '202', 'platform', 'k1', '2026-03-09 10:00+01');
SELECT outcome, new_status FROM erp.receive_status(1, 4, '204', 'buyer', 'k2', '2026-03-09 11:00+01');
SELECT outcome, new_status FROM erp.receive_status(1, 4, '209', 'seller', 'k3', '2026-03-09 13:00+01');
SELECT outcome, new_status FROM erp.receive_status(1, 4, '208', 'buyer', 'k4', '2026-03-09 12:00+01', '{JUSTIF_ABS}');
SELECT outcome, new_status FROM erp.receive_status(1, 4, '208', 'buyer', 'k4', '2026-03-09 12:00+01', '{JUSTIF_ABS}');
SELECT outcome, new_status FROM erp.receive_status(1, 4, '299', 'platform', 'k5', '2026-03-09 14:00+01');
SELECT outcome, new_status, refusal FROM erp.receive_status(1, 4, '205', 'seller', 'k6', '2026-03-09 15:00+01');
SELECT outcome, new_status, left(refusal, 60) AS refusal FROM erp.receive_status(1, 4, '207', 'buyer', 'k7', '2026-03-09 15:00+01', '{JUSTIF_ABS}');
-- factored and no longer: beside the status
SELECT outcome, new_status FROM erp.receive_status(1, 4, '228', 'seller', 'k8', '2026-03-09 16:00+01');
SELECT outcome, new_status FROM erp.receive_status(1, 4, '225', 'seller', 'k9', '2026-03-09 17:00+01');
SELECT marks FROM erp.invoice_states WHERE document_id = 4;
SELECT outcome, new_status FROM erp.receive_status(1, 4, '228', 'seller', 'k10', '2026-03-09 18:00+01');
SELECT marks FROM erp.invoice_states WHERE document_id = 4;
-- a rejection of another copy takes nothing from this one
SELECT outcome, new_status FROM erp.receive_status(1, 4, '213', 'platform', 'k11', '2026-03-09 19:00+01', '{DOUBLON}');
SELECT * FROM erp.receive_status(1, 4, '204', 'buyer', NULL, now());
RESET ROLE;

-- any order of arrival ends in the same status
CREATE TABLE said (n int, status text, issuer text, at timestamptz, reasons text[]);
INSERT INTO said VALUES (1, '203', 'platform', '2026-03-01', '{}'), (2, '204', 'buyer', '2026-03-02', '{}'), (3, '208', 'buyer', '2026-03-03', '{JUSTIF_ABS}'),
	(4, '209', 'seller', '2026-03-04', '{}'), (5, '207', 'buyer', '2026-03-05', '{QTE_ERR}'), (6, '205', 'buyer', '2026-03-06', '{}'),
	(7, '225', 'seller', '2026-03-07', '{}'), (8, '228', 'seller', '2026-03-08', '{}'), (9, '211', 'buyer', '2026-03-09', '{}'), (10, '212', 'seller', '2026-03-10', '{}');
DO $$
DECLARE
	v_document bigint;
	v_seed text;
	s record;
BEGIN
	FOR r IN 1 .. 30 LOOP
		SELECT document_id INTO v_document FROM erp.submit(1, invoice('P-' || r));
		FOR s IN SELECT * FROM said ORDER BY CASE r WHEN 1 THEN n::text WHEN 2 THEN (100 - n)::text ELSE md5(r || ' ' || n) END LOOP
			PERFORM erp.receive_status(1, v_document, s.status, s.issuer, format('p/%s/%s', r, s.n), s.at, s.reasons);
		END LOOP;
	END LOOP;
END $$;
SELECT status, marks, since, count(*) FROM erp.invoice_states WHERE number LIKE 'P-%' GROUP BY 1, 2, 3;
SELECT bool_and((erp.replay_status(1, s)).status = s.status AND (erp.replay_status(1, s)).marks = s.marks) AS state_follows_from_events FROM erp.invoice_state s WHERE s.tenant_id = 1;
-- nobody changes what was said
SET ROLE regress_p2p_owner;
UPDATE erp.status_event SET status = '205' WHERE tenant_id = 1;
DELETE FROM erp.status_event WHERE tenant_id = 1;
RESET ROLE;

-- own statuses go out as lifecycle messages that obey their rules
SELECT format, kind, recipient, document_id, state, (clex.verdict(content)).valid FROM erp.outgoing_messages WHERE tenant_id = 1 ORDER BY id;
SELECT jsonb_pretty(clex.read_status(content) - '{created,id}'::text[] #- '{acknowledgements,0,at}' #- '{acknowledgements,0,references,0,received}')
FROM erp.outgoing_messages WHERE tenant_id = 1 AND document_id = 1 ORDER BY id OFFSET 1 LIMIT 1;
-- they are claimed, tried again, confirmed once
SET ROLE regress_p2p_gateway;
SELECT count(*), sum(attempt) FROM erp.claim_messages(1, 'pa', 2);
SELECT count(*) FROM erp.claim_messages(1, 'pa', 100);
SELECT count(*) FROM erp.claim_messages(1, 'pa', 100);
SELECT message_id AS first FROM erp.outgoing_messages ORDER BY id LIMIT 1 \gset
SELECT message_id AS second FROM erp.outgoing_messages ORDER BY id OFFSET 1 LIMIT 1 \gset
SELECT erp.confirm_message(1, :'first', 'FLOW-1'), erp.confirm_message(1, :'first', 'FLOW-1');
DO $$ BEGIN PERFORM erp.confirm_message(1, (SELECT message_id FROM erp.outgoing_messages ORDER BY id LIMIT 1), 'FLOW-2'); EXCEPTION WHEN unique_violation THEN RAISE WARNING 'refused'; END $$;
SELECT erp.fail_message(1, :'first', 'too late to say so'), erp.fail_message(1, :'second', 'no route'), erp.fail_message(1, :'second', 'not claimed');
SELECT state, attempts, last_error, next_attempt > now() AS later FROM erp.outgoing_messages WHERE message_id = :'second';
SELECT erp.confirm_message(1, 'nobody''s');
SET ROLE regress_p2p_clerk;
SELECT * FROM erp.claim_messages(1, 'pa');
SELECT erp.retry_message(1, :'first');
RESET ROLE;

-- lifecycle messages come in, once; what they say has its effect
SET ROLE regress_p2p_gateway;
CREATE TEMPORARY TABLE template AS SELECT clex.read_status(content) AS j FROM erp.outgoing_messages WHERE document_id = 1 AND kind = 'status' ORDER BY id LIMIT 1;
-- from the seller: paid
UPDATE template SET j = jsonb_set(jsonb_set(jsonb_set(jsonb_set(jsonb_set(jsonb_set(j, '{issuer}', (j #> '{recipients,0}') - '{address,address_scheme}'::text[]),
	'{recipients,0}', (j -> 'issuer') || '{"address": "79045318700029", "address_scheme": "0225"}'), '{id}', '"FROM-SELLER-1"'),
	'{acknowledgements,0,references,0,status}', '"212"'), '{acknowledgements,0,references,0,code}', '"47"'),
	'{acknowledgements,0,references,0,details}', '[{"sequence": "1", "characteristics": [{"type": "MEN", "amount": "1557.48", "amount_currency": "EUR", "percent": "20.00"}]}]');
UPDATE template SET j = jsonb_set(j, '{acknowledgements,0,references,0,number}', '"F-5"');
SELECT is_duplicate, state, outcome - 'events' AS outcome, outcome #- '{events,0,event}' AS said FROM template, erp.receive_message(1, 'pa', 'M-1', clex.write_status(j));
SELECT is_duplicate, state FROM template, erp.receive_message(1, 'pa', 'M-1', clex.write_status(j));
-- brought again by another way it is the same event
SELECT is_duplicate, state, outcome #>> '{events,0,outcome}' AS outcome FROM template, erp.receive_message(1, 'mail', 'M-1', clex.write_status(j));
SELECT status, issuer, outcome, facts #> '{details,0,characteristics,0,amount}' AS amount FROM erp.status_events WHERE document_id = 5 ORDER BY id;
-- of an invoice that is not there; one that breaks the rules; one that cannot be read; the id of another message
SELECT state, outcome - 'events' AS outcome FROM template, erp.receive_message(1, 'pa', 'M-2', clex.write_status(jsonb_set(jsonb_set(j, '{acknowledgements,0,references,0,number}', '"F-99"'), '{id}', '"X-2"')));
SELECT state, outcome FROM template, erp.receive_message(1, 'pa', 'M-3', clex.write_status(j #- '{acknowledgements,0,references,0,details}'));
SELECT state, outcome - 'document_id' AS outcome FROM erp.receive_message(1, 'pa', 'M-4', '<rsm:CrossDomain');
SELECT * FROM erp.receive_message(1, 'pa', 'M-1', 'something else');
SELECT task, needs, subject, detail FROM erp.todo WHERE subject = 'message' ORDER BY subject_id;
SELECT erp.settle_message(1, id, 'seen to') FROM erp.incoming_messages WHERE state = 'open' ORDER BY id;
SELECT channel, message_id, state, format FROM erp.incoming_messages ORDER BY id;
RESET ROLE;

-- a lifecycle of the tenant's own, by data
SET ROLE regress_p2p_cfo;
SELECT erp.define_lifecycle(1, 'fr', 'taken');
SELECT erp.define_lifecycle(1, 'house', 'Ours', 'peppol');
SELECT erp.define_status(1, 'house', 'SCAN', 'scanned', '{buyer}', 'handle', '{"en": "Scanned"}');
SELECT erp.define_transition(1, 'house', 'AB', 'SCAN'), erp.define_transition(1, 'house', 'SCAN', 'IP'), erp.define_transition(1, 'house', 'AB', 'AP', remove => true);
SELECT erp.define_transition(1, 'peppol', 'AB', 'SCAN');
SELECT erp.define_transition(1, 'house', 'AB', 'NOPE');
RESET ROLE;
SELECT erp.set_setting(1, 'p2p.lifecycle', '{"FR": "house"}');
SELECT document_id AS house FROM erp.submit(1, invoice('H-1')) \gset
SELECT outcome, new_status FROM erp.set_status(1, :house, 'scanned');
SELECT * FROM erp.set_status(1, :house, 'approved');
SELECT outcome, new_status FROM erp.set_status(1, :house, 'in_hand');
SELECT count(*) AS announced FROM erp.outgoing_messages WHERE document_id = :house;

DROP TABLE said, template;
SELECT clex.drop_store('erp');
DROP FUNCTION invoice(text);
DROP ROLE regress_p2p_owner, regress_p2p_clerk, regress_p2p_approver, regress_p2p_gateway, regress_p2p_supplier, regress_p2p_cfo;
