-- approval of many invoices: what one call does is what many calls do, and a refusal takes nothing from the others
SET client_min_messages = warning;
\set SHOW_CONTEXT never
\set VERBOSITY terse
CREATE ROLE regress_page_owner NOLOGIN;
CREATE ROLE regress_page_erp;
CREATE ROLE regress_page_anna;
CREATE ROLE regress_page_ben;
CREATE ROLE regress_page_deputy;
CREATE ROLE regress_page_site;
CREATE ROLE regress_page_supplier;
CREATE ROLE regress_page_stranger;
\set content `cat extension/test/samples/fr-wrong-total.xml`
CREATE TEMPORARY TABLE sample AS SELECT n, convert_to(replace(:'content', 'FR05832194070', CASE WHEN n = 5 THEN 'DE136695976' ELSE 'FR05832194070' END) || format('<!-- %s -->', n), 'UTF8') AS content
FROM generate_series(1, 9) n;
GRANT SELECT ON sample TO PUBLIC;

-- two stores alike: in one invoices are approved one by one, in the other all together
SELECT clex.create_store(s, owner => 'regress_page_owner') FROM unnest('{single,page}'::name[]) s;
CREATE PROCEDURE in_both(statement text) LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE replace(statement, 'STORE', 'single');
	EXECUTE replace(statement, 'STORE', 'page');
END $$;
CALL in_both($$
	DO $do$
	DECLARE
		r text;
	BEGIN
		PERFORM STORE.add_tenant(1, 'One'), STORE.add_tenant(2, 'Two');
		FOREACH r IN ARRAY '{anna,ben,deputy,site}'::text[] LOOP PERFORM STORE.add_member(1, 'regress_page_' || r, 'approver'); END LOOP;
		PERFORM STORE.remove_member(1, 'regress_page_deputy'), STORE.add_member(1, 'regress_page_deputy', 'buyer'), STORE.add_member(1, 'regress_page_erp', 'integration'),
			STORE.add_member(1, 'regress_page_anna', 'ap_clerk'), STORE.add_member(1, 'regress_page_supplier', 'supplier'), STORE.add_member(1, 'regress_page_erp', 'cfo');
		PERFORM STORE.set_party(1, 'S', 'Seller'), STORE.add_identifier(1, 'S', 'vat', 'FR05832194070'), STORE.set_party(1, 'B', 'Buyer'),
			STORE.add_identifier(1, 'B', 'vat', 'FR88790453187'), STORE.set_entity(1, 'E', 'company', 'Company', party => 'B'), STORE.set_entity(1, 'X', 'company', 'Elsewhere');
		PERFORM STORE.scope_member(1, 'regress_page_supplier', 'supplier', party => 'S'), STORE.scope_member(1, 'regress_page_site', 'approver', entity => 'E');
		SET LOCAL ROLE regress_page_erp;
		PERFORM STORE.submit(1, content) FROM (SELECT * FROM sample WHERE n <> 2 ORDER BY n) s;
		SET LOCAL ROLE regress_page_anna;
		PERFORM STORE.submit(1, content) FROM sample WHERE n = 2;
		RESET ROLE;
		PERFORM STORE.submit(2, content) FROM sample WHERE n = 1;
	END $do$ $$);
-- 3 is approved already, 4 is disputed, 6 refused; 9 was brought by anna
CALL in_both($$
	SELECT STORE.set_status(1, 3, 'approved'), STORE.open_dispute(1, 4, '{QTE_ERR}', 'why', amount => 10), STORE.set_status(1, 6, 'refused', '{TX_TVA_ERR}', 'no') $$);

-- what came of it, in the words of one call for each
CREATE FUNCTION one_by_one(documents bigint[]) RETURNS TABLE (document_id bigint, outcome text, status text, error_code text, error text) LANGUAGE plpgsql AS $$
#variable_conflict use_column
BEGIN
	FOREACH document_id IN ARRAY documents LOOP
		outcome := NULL; status := NULL; error_code := NULL; error := NULL;
		BEGIN
			SELECT s.outcome, s.new_status INTO outcome, status FROM single.set_status(1, document_id, 'approved', message => 'seen') s;
			outcome := CASE outcome WHEN 'applied' THEN 'approved' ELSE outcome END;
		EXCEPTION WHEN insufficient_privilege OR no_data_found OR object_not_in_prerequisite_state THEN
			error_code := SQLSTATE; error := SQLERRM; outcome := 'refused';
		END;
		RETURN NEXT;
	END LOOP;
END $$;
CREATE VIEW pg_temp.states AS
SELECT 'single' AS store, s.document_id, s.status, s.meaning, s.marks, s.version FROM single.invoice_state s WHERE tenant_id = 1
UNION ALL
SELECT 'page', s.document_id, s.status, s.meaning, s.marks, s.version FROM page.invoice_state s WHERE tenant_id = 1;
CREATE VIEW pg_temp.events AS
SELECT 'single' AS store, e.document_id, e.event_key ~ '^[0-9a-f-]{36}$' OR e.event_key = format('approval/%s/1', e.document_id) AS key_fits, e.lifecycle, e.status, e.issuer, e.reasons, e.message, e.outcome,
	e.from_status, e.to_status, e.actor, e.received_at = e.occurred_at AS now, s.since = e.ordered_at AS since
FROM single.status_event e JOIN single.invoice_state s ON s.document_id = e.document_id WHERE e.tenant_id = 1
UNION ALL
SELECT 'page', e.document_id, e.event_key ~ '^[0-9a-f-]{36}$' OR e.event_key = format('approval/%s/1', e.document_id), e.lifecycle, e.status, e.issuer, e.reasons, e.message, e.outcome,
	e.from_status, e.to_status, e.actor, e.received_at = e.occurred_at, s.since = e.ordered_at
FROM page.status_event e JOIN page.invoice_state s ON s.document_id = e.document_id WHERE e.tenant_id = 1;
CREATE VIEW pg_temp.messages AS
SELECT 'single' AS store, channel, format, kind, recipient, document_id, state, last_error, clex.read_status(content) #- '{id}' #- '{created}' #- '{acknowledgements,0,at}' #- '{acknowledgements,0,references,0,received}' AS message, posted_by
FROM single.outbox WHERE format = 'cdar'
UNION ALL
SELECT 'page', channel, format, kind, recipient, document_id, state, last_error, clex.read_status(content) #- '{id}' #- '{created}' #- '{acknowledgements,0,at}' #- '{acknowledgements,0,references,0,received}', posted_by
FROM page.outbox WHERE format = 'cdar';
CREATE FUNCTION differing() RETURNS TABLE (what text, rows bigint) LANGUAGE sql AS $$
	SELECT 'states', count(*) FROM (SELECT (to_jsonb(s) - 'store') AS r FROM pg_temp.states s GROUP BY 1 HAVING count(*) FILTER (WHERE store = 'page') <> count(*) FILTER (WHERE store = 'single')) x
	UNION ALL SELECT 'events', count(*) FROM (SELECT (to_jsonb(s) - 'store') AS r FROM pg_temp.events s GROUP BY 1 HAVING count(*) FILTER (WHERE store = 'page') <> count(*) FILTER (WHERE store = 'single')) x
	UNION ALL SELECT 'messages', count(*) FROM (SELECT (to_jsonb(s) - 'store') AS r FROM pg_temp.messages s GROUP BY 1 HAVING count(*) FILTER (WHERE store = 'page') <> count(*) FILTER (WHERE store = 'single')) x $$;
SELECT * FROM differing();

-- as somebody who brought none of them
SET ROLE regress_page_ben;
SELECT * FROM one_by_one('{1,2,3,4,5,6,7,99}');
SELECT document_id, outcome, rule, votes_missing, level, status, error_code, error FROM page.approve_invoices(1, '{7,6,5,4,3,2,1,99,NULL,1}', 'seen');
\x
SELECT document_id, detail, hint FROM page.approve_invoices(1, '{4}', 'seen');
\x
RESET ROLE;
SELECT * FROM differing();
SELECT document_id, meaning, version FROM pg_temp.states WHERE store = 'page' ORDER BY 1;
SELECT document_id, status, state, message #>> '{acknowledgements,0,references,0,status}' AS says FROM (SELECT m.*, s.status FROM pg_temp.messages m JOIN page.invoice_state s USING (document_id) WHERE store = 'page' AND tenant_id = 1) m ORDER BY 1, 4;

-- who brought it, who may not, nobody, no invoices
SET ROLE regress_page_anna;
SELECT document_id, outcome, error_code, error, detail FROM page.approve_invoices(1, '{8,9}');
SELECT outcome FROM single.set_status(1, 8, 'approved');
SET ROLE regress_page_deputy;
SELECT document_id, outcome, error_code, error FROM page.approve_invoices(1, '{9}');
SET ROLE regress_page_supplier;
SELECT document_id, outcome, error_code, error FROM page.approve_invoices(1, '{9,5}');
SET ROLE regress_page_stranger;
SELECT * FROM page.approve_invoices(1, '{9}');
SET ROLE regress_page_ben;
SELECT * FROM page.approve_invoices(2, '{1}');
SELECT * FROM page.approve_invoices(1, NULL);
SELECT * FROM page.approve_invoices(1, '{}');

-- rounds: the same votes, levels and messages as one by one
RESET ROLE;
CALL in_both($$ SELECT STORE.submit(1, content || convert_to('<!-- more -->', 'UTF8')) FROM sample WHERE n <= 8 ORDER BY n $$);
CALL in_both($$ SELECT STORE.define_approval_rule(1, 'first', 1, approvers => '{regress_page_anna,regress_page_ben}', votes => 2), STORE.define_approval_rule(1, 'last', 2, approvers => '{regress_page_erp,regress_page_ben,regress_page_site}') $$);
SELECT min(id) AS a, max(id) AS z, array_agg(id ORDER BY id) AS ids FROM (SELECT id FROM page.document WHERE tenant_id = 1 ORDER BY id DESC LIMIT 8) d \gset
SELECT min(id) = :a AS alike FROM (SELECT id FROM single.document WHERE tenant_id = 1 ORDER BY id DESC LIMIT 8) d;
-- nobody was asked yet, and a rule asks
SET ROLE regress_page_ben;
SELECT outcome, error_code, error, detail FROM page.approve_invoices(1, ARRAY[:a]);
RESET ROLE;
CALL in_both($$ SELECT STORE.request_approval(1, id) FROM (SELECT id FROM STORE.document WHERE tenant_id = 1 ORDER BY id DESC LIMIT 7) d $$);
SET ROLE regress_page_ben;
SELECT document_id - :a AS n, outcome, rule, votes_missing, level, error_code FROM page.approve_invoices(1, :'ids', 'yes');
SELECT a.rule, a.votes_missing, a.level, count(*) FROM generate_series(:a + 1, :z) d, single.approve_invoice(1, d, 'yes') a GROUP BY 1, 2, 3;
SELECT document_id - :a AS n, outcome, error_code, error FROM page.approve_invoices(1, :'ids', 'again') LIMIT 3;
SET ROLE regress_page_anna;
SELECT document_id - :a AS n, outcome, rule, votes_missing, level, error_code FROM page.approve_invoices(1, :'ids', 'yes');
SELECT a.rule, a.votes_missing, a.level, count(*) FROM generate_series(:a + 1, :z) d, single.approve_invoice(1, d, 'yes') a GROUP BY 1, 2, 3;
-- one is read to something else meanwhile, one is disputed, one is asked again
RESET ROLE;
CALL in_both($$ SELECT STORE.define_enrichment(1, 'R', 'BT-19', '''x''') $$);
CALL in_both(format($$ INSERT INTO STORE.enriched_term (tenant_id, document_id, path, term, value, source, rule, rule_version) VALUES (1, %s, 'invoice.buyer_accounting_reference', 'BT-19', 'x', 'constant', 'R', 1) $$, :a + 1));
CALL in_both(format($$ SELECT STORE.open_dispute(1, %s, '{QTE_ERR}', 'why', amount => 10), STORE.request_approval(1, %s) $$, :a + 2, :a + 3));
SET ROLE regress_page_ben;
SELECT document_id - :a AS n, outcome, rule, votes_missing, level, status, error_code, error FROM page.approve_invoices(1, :'ids', 'last');
-- those that the short way is for
SELECT count(*) FROM generate_series(:a + 4, :z) d, single.approve_invoice(1, d, 'last') a;
SELECT * FROM single.approve_invoice(1, :a + 3, 'last');
RESET ROLE;
SELECT * FROM differing();
SELECT count(*) AS differing FROM (
	SELECT document_id, round, rule, actor, login, on_behalf_of, approves, comment, digest FROM (TABLE single.approval_vote UNION ALL TABLE page.approval_vote) v
	GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9 HAVING count(*) <> 2) x;
SELECT count(*) AS differing FROM (
	SELECT document_id, round, level, rule, approvers, votes, digest, state FROM (TABLE single.approval_request UNION ALL TABLE page.approval_request) v
	GROUP BY 1, 2, 3, 4, 5, 6, 7, 8 HAVING count(*) <> 2) x;

-- a delegate and an approver of one entity are asked one by one
SELECT count(*) AS asked FROM page.request_approval(1, :a + 1);
SELECT page.delegate_approval(1, 'regress_page_deputy', CURRENT_DATE, CURRENT_DATE, 'regress_page_ben') IS NOT NULL AS delegated;
SET ROLE regress_page_deputy;
SELECT document_id - :a AS n, outcome, rule, votes_missing FROM page.approve_invoices(1, ARRAY[:a + 1], 'for ben');
SET ROLE regress_page_anna;
SELECT document_id - :a AS n, outcome, rule, votes_missing, level FROM page.approve_invoices(1, ARRAY[:a + 1]);
SET ROLE regress_page_site;
SELECT document_id - :a AS n, outcome, rule, votes_missing, level, status FROM page.approve_invoices(1, ARRAY[:a + 1]);
RESET ROLE;
SELECT actor, on_behalf_of, rule FROM page.approval_vote WHERE document_id = :a + 1 AND round = 2 ORDER BY voted_at;

-- messages by the page: so many, for so long
SET ROLE regress_page_erp;
SELECT count(*) FROM page.claim_messages(1, 'pa', 3);
SELECT count(*) FROM page.claim_messages(1, 'pa', 0);
SELECT count(*) FROM page.claim_messages(1, 'pa', -1);
SELECT count(*) FROM page.claim_messages(1, 'pa', NULL);
\set VERBOSITY default
SELECT count(*) FROM page.claim_messages(1, 'pa', 1, '-1 minute');
\set VERBOSITY terse
SELECT count(*) FROM page.claim_messages(1, 'pa', 1, NULL);
RESET ROLE;

DROP FUNCTION differing(), one_by_one(bigint[]);
DROP PROCEDURE in_both(text);
SELECT clex.drop_store(s) FROM unnest('{single,page}'::name[]) s;
DROP ROLE regress_page_owner, regress_page_erp, regress_page_anna, regress_page_ben, regress_page_deputy, regress_page_site, regress_page_supplier, regress_page_stranger;
