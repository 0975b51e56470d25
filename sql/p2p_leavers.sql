-- approvers who leave: what they said counts, what they let others say does not
SET client_min_messages = warning;
\set SHOW_CONTEXT never
\set VERBOSITY terse
CREATE ROLE regress_left_owner NOLOGIN;
CREATE ROLE regress_left_anna;
CREATE ROLE regress_left_ben;
CREATE ROLE regress_left_cleo;
CREATE ROLE regress_left_cfo;
SELECT clex.create_store('left_store', owner => 'regress_left_owner');
SELECT left_store.add_tenant(1, 'First');
SELECT left_store.add_member(1, 'regress_left_anna', 'approver'), left_store.add_member(1, 'regress_left_ben', 'approver'), left_store.add_member(1, 'regress_left_cleo', 'buyer'),
	left_store.add_member(1, 'regress_left_cfo', 'cfo');
SELECT left_store.define_approval_rule(1, 'both', approvers => '{regress_left_anna,regress_left_ben}', votes => 2);
SELECT document_id FROM generate_series(1, 2) n, LATERAL left_store.submit(1, clex.write(pg_catalog.jsonb_build_object('$kind', 'invoice',
	'invoice', pg_catalog.jsonb_build_object('number', 'F-' || n, 'issue_date', '2026-03-09', 'type_code', '380', 'currency', 'EUR'),
	'seller', pg_catalog.jsonb_build_object('name', 'S', 'vat_number', 'FR05832194070', 'address', pg_catalog.jsonb_build_object('country', 'FR')),
	'buyer', pg_catalog.jsonb_build_object('name', 'B', 'vat_number', 'FR88790453187', 'address', pg_catalog.jsonb_build_object('country', 'FR')),
	'totals', '{"without_vat": 100, "with_vat": 120, "payable": 120}'::jsonb)::text::clex.document, 'ubl'));
SELECT count(*) FROM generate_series(1, 2) n, LATERAL left_store.request_approval(1, n);

-- anna has spoken on the first, and lets cleo speak in her name; ben lets cleo too
SET ROLE regress_left_anna;
SELECT votes_missing FROM left_store.approve_invoice(1, 1, 'seen');
SELECT left_store.delegate_approval(1, 'regress_left_cleo', CURRENT_DATE, CURRENT_DATE);
SET ROLE regress_left_ben;
SELECT left_store.delegate_approval(1, 'regress_left_cleo', CURRENT_DATE, CURRENT_DATE);
RESET ROLE;
-- another persona goes: the right stays, and what was delegated
SELECT left_store.add_member(1, 'regress_left_anna', 'buyer');
SELECT left_store.remove_member(1, 'regress_left_anna', 'buyer');
SELECT from_role, in_force FROM left_store.approval_delegations ORDER BY id;
SELECT left_store.remove_member(1, 'regress_left_anna');
SELECT from_role, in_force, revoked_by = CURRENT_USER AS by_operator FROM left_store.approval_delegations ORDER BY id;
SET ROLE regress_left_anna;
SELECT left_store.approve_invoice(1, 2);
SET ROLE regress_left_cleo;
SELECT left_store.approve_invoice(1, 2, on_behalf_of => 'regress_left_anna');

-- her yes counts, and with that of ben the invoice is approved
SET ROLE regress_left_ben;
SELECT votes_missing, status FROM left_store.approve_invoice(1, 1, 'seen too');
SELECT document_id, actor, on_behalf_of, approves FROM left_store.approval_votes ORDER BY voted_at;

-- what she has not said is asked of others, or said in her name by whom one who configures names
SET ROLE regress_left_cfo;
SELECT left_store.delegate_approval(1, 'regress_left_cleo', CURRENT_DATE, CURRENT_DATE, 'regress_left_anna');
SET ROLE regress_left_cleo;
SELECT votes_missing FROM left_store.approve_invoice(1, 2, on_behalf_of => 'regress_left_anna');
RESET ROLE;
SELECT left_store.remove_member(1, 'regress_left_anna');
SELECT from_role, granted_by, in_force FROM left_store.approval_delegations ORDER BY id;
-- who does not want an earlier yes to count begins anew
SELECT round, state FROM left_store.request_approval(1, 2);
SELECT round, state, votes_given FROM left_store.approvals WHERE document_id = 2 ORDER BY round;
SELECT action, subject_key, before FROM left_store.events WHERE action IN ('remove_member', 'revoke_delegation') ORDER BY id;
SELECT clex.drop_store('left_store');
DROP ROLE regress_left_owner, regress_left_anna, regress_left_ben, regress_left_cleo, regress_left_cfo;
