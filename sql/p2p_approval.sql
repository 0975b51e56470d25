-- approval of invoices: rules, levels, four eyes, delegates, a text that changes; routing that explains itself
SET client_min_messages = warning;
SET datestyle = 'ISO';
\set SHOW_CONTEXT never
\set VERBOSITY terse
CREATE ROLE regress_flow_owner NOLOGIN;
CREATE ROLE regress_flow_erp;
CREATE ROLE regress_flow_clerk;
CREATE ROLE regress_flow_anna;
CREATE ROLE regress_flow_ben;
CREATE ROLE regress_flow_cleo;
CREATE ROLE regress_flow_cfo;
CREATE ROLE regress_flow_site;
CREATE ROLE regress_flow_supplier;
CREATE ROLE regress_flow_other;
SELECT clex.create_store('flow', owner => 'regress_flow_owner');
SELECT flow.add_tenant(1, 'First'), flow.add_tenant(2, 'Second');
SELECT flow.add_member(1, 'regress_flow_erp', 'integration'), flow.add_member(1, 'regress_flow_clerk', 'ap_clerk'),
	flow.add_member(1, 'regress_flow_anna', 'approver'), flow.add_member(1, 'regress_flow_ben', 'approver'), flow.add_member(1, 'regress_flow_cleo', 'buyer'),
	flow.add_member(1, 'regress_flow_cfo', 'cfo'), flow.add_member(1, 'regress_flow_supplier', 'supplier'), flow.add_member(1, 'regress_flow_site', 'approver'),
	flow.add_member(2, 'regress_flow_other', 'cfo');
SELECT flow.set_party(1, 'S', 'Seller'), flow.add_identifier(1, 'S', 'vat', 'FR05832194070'), flow.set_party(1, 'B', 'Buyer'),
	flow.add_identifier(1, 'B', 'vat', 'FR88790453187'), flow.set_entity(1, 'G', 'group', 'Group'), flow.set_entity(1, 'E', 'company', 'Company', 'G', 'B'),
	flow.set_entity(1, 'D', 'department', 'Works', 'E'), flow.set_entity(1, 'X', 'company', 'Elsewhere', 'G');
SELECT flow.scope_member(1, 'regress_flow_supplier', 'supplier', party => 'S'), flow.scope_member(1, 'regress_flow_site', 'approver', entity => 'E');

-- rules are checked before they meet an invoice; only who configures makes them
SET ROLE regress_flow_clerk;
SELECT flow.define_approval_rule(1, 'ALL');
SELECT flow.define_route(1, 'R', 1, to_role => 'regress_flow_clerk');
SET ROLE regress_flow_other;
SELECT flow.define_approval_rule(1, 'ALL');
SET ROLE regress_flow_cfo;
SELECT flow.define_approval_rule(1, 'ALL', condition => 'BT-112 >');
SELECT flow.define_approval_rule(1, 'ALL', approvers => '{regress_flow_nobody}');
SELECT flow.define_approval_rule(1, 'ALL', approvers => '{regress_flow_anna}', votes => 2);
SELECT flow.define_approval_rule(1, 'ALL', from_amount => 10);
SELECT flow.define_approval_rule(1, 'ALL', level => 0);
SELECT flow.define_approval_rule(1, 'no name');
SELECT flow.define_approval_rule(1, 'ALL', entity => 'NOWHERE');
SELECT flow.define_approval_rule(1, 'site', 1, approvers => '{regress_flow_anna,regress_flow_ben}', sla => '2 days'),
	flow.define_approval_rule(1, 'big', 2, currency => 'EUR', from_amount => 1000, approvers => '{regress_flow_cfo,regress_flow_ben}', votes => 2),
	flow.define_approval_rule(1, 'small', 2, currency => 'EUR', from_amount => 5000, approvers => '{regress_flow_cfo}'),
	flow.define_approval_rule(1, 'works', 1, 'BT-10 = ''WORKS'''), flow.define_approval_rule(1, 'elsewhere', 1, entity => 'X'),
	flow.define_approval_rule(1, 'zero', 3, 'BT-112 div 0 > 1', approvers => '{regress_flow_cfo}');
SELECT flow.define_route(1, 'nowhere', 1);
SELECT flow.define_route(1, 'works', 10, 'contains(BT-10, ''WORKS'')', to_entity => 'D', sla => '1 day'), flow.define_route(1, 'broken', 20, 'BT-112 div 0 > 1', to_entity => 'X'),
	flow.define_route(1, 'rest', 30, entity => 'E', to_role => 'regress_flow_clerk'), flow.define_route(1, 'never', 40, to_entity => 'G');

-- an invoice lands on a desk, and says why
SET ROLE regress_flow_ben;
SELECT flow.submit(1, 'x');
RESET ROLE;
SELECT flow.add_member(1, 'regress_flow_ben', 'ap_clerk');
SET ROLE regress_flow_ben;
\set content `cat extension/test/samples/fr-wrong-total.xml`
SELECT document_id AS id FROM flow.submit(1, convert_to(:'content', 'UTF8')) \gset
SET ROLE regress_flow_clerk;
SELECT * FROM flow.explain_route(1, :id);
SELECT to_role, to_entity, rule, is_overdue FROM flow.invoice_routes;
SELECT task, needs, assigned_to FROM flow.todo ORDER BY 1;
SELECT flow.assign_invoice(1, :id, to_entity => 'D', note => 'theirs'), flow.route_invoices(1, ARRAY[:id]);
SELECT to_role, to_entity, rule, note FROM flow.invoice_routes;
SELECT flow.assign_invoice(1, :id, to_role => 'regress_flow_nobody');
SELECT flow.assign_invoice(1, 99);

-- whose approval it needs, and why
SELECT level, rule, applies, because, approvers, votes FROM flow.explain_approval(1, :id);
SELECT outcome, new_status FROM flow.set_status(1, :id, 'in_hand');
SET ROLE regress_flow_anna;
SELECT flow.approve_invoice(1, :id);
SELECT flow.request_approval(1, :id);
\set VERBOSITY default
SELECT flow.set_status(1, :id, 'approved');
\set VERBOSITY terse
SET ROLE regress_flow_clerk;
SELECT round, level, rule, approvers, votes, state, due_at IS NOT NULL AS due FROM flow.request_approval(1, :id);
SELECT task, needs, assigned_to, detail FROM flow.todo WHERE task LIKE '%appro%' ORDER BY 1;
SELECT recipient, convert_from(content, 'UTF8')::jsonb ->> 'text' AS text FROM flow.outgoing_messages WHERE kind = 'notice' ORDER BY id;
-- not asked; who brought it; who is asked later
SELECT flow.approve_invoice(1, :id);
SET ROLE regress_flow_cfo;
SELECT flow.approve_invoice(1, :id);
SET ROLE regress_flow_ben;
\set VERBOSITY default
SELECT flow.approve_invoice(1, :id);
\set VERBOSITY terse
SET ROLE regress_flow_supplier;
SELECT flow.approve_invoice(1, :id);
SELECT count(*) FROM flow.approvals;
SELECT count(*) FROM flow.invoice_routes;
SET ROLE regress_flow_site;
SELECT count(*), count(*) FILTER (WHERE state = 'open') AS open FROM flow.approvals;

-- a delegate speaks in somebody's name, nobody twice
SET ROLE regress_flow_cleo;
SELECT flow.delegate_approval(1, 'regress_flow_cleo', CURRENT_DATE, CURRENT_DATE, 'regress_flow_anna');
SET ROLE regress_flow_anna;
SELECT flow.delegate_approval(1, 'regress_flow_anna', CURRENT_DATE, CURRENT_DATE);
SELECT flow.delegate_approval(1, 'regress_flow_cleo', CURRENT_DATE, CURRENT_DATE - 1);
SELECT flow.delegate_approval(1, 'regress_flow_cleo', CURRENT_DATE - 9, CURRENT_DATE - 1) AS past, flow.delegate_approval(1, 'regress_flow_cleo', CURRENT_DATE, CURRENT_DATE) AS today \gset
SET ROLE regress_flow_cleo;
SELECT flow.approve_invoice(1, :id, on_behalf_of => 'regress_flow_ben');
SELECT * FROM flow.approve_invoice(1, :id, 'seen');
SELECT flow.approve_invoice(1, :id);
SET ROLE regress_flow_anna;
SELECT flow.approve_invoice(1, :id);
SELECT flow.revoke_delegation(1, :today), flow.revoke_delegation(1, :today);
SELECT flow.revoke_delegation(1, 99);
SELECT from_role, to_role, in_force, revoked_by FROM flow.approval_delegations ORDER BY id;

-- the next level, and somebody who has left
SET ROLE regress_flow_cfo;
SELECT * FROM flow.approve_invoice(1, :id);
SELECT flow.reassign_approval(1, :id, 'big', '{regress_flow_cfo}');
SELECT flow.reassign_approval(1, :id, 'site', '{regress_flow_cfo}');
SELECT flow.reassign_approval(1, :id, 'big', '{regress_flow_cfo,regress_flow_anna}');
RESET ROLE;
SELECT flow.remove_member(1, 'regress_flow_anna', 'approver'), flow.add_member(1, 'regress_flow_anna', 'buyer');
SET ROLE regress_flow_anna;
SELECT flow.approve_invoice(1, :id);
RESET ROLE;
SELECT flow.add_member(1, 'regress_flow_anna', 'approver');

-- what was approved is not what it says now
SET ROLE regress_flow_erp;
SELECT flow.define_enrichment(1, 'COST', 'BT-19', '"600"', valid_from => '2020-01-01');
SELECT flow.activate_rule(1, 'COST');
RESET ROLE;
SELECT flow.revalidate(1);
SET ROLE regress_flow_anna;
SELECT flow.approve_invoice(1, :id);
SET ROLE regress_flow_clerk;
SELECT level, rule, state FROM flow.request_approval(1, :id);
SELECT round, count(*), string_agg(DISTINCT state, ' ' ORDER BY state) FROM flow.approvals GROUP BY 1 ORDER BY 1;
-- a no
SET ROLE regress_flow_anna;
SELECT flow.reject_approval(1, :id, ' ');
SELECT flow.reject_approval(1, :id, 'Nobody ordered this.');
SELECT task, needs, detail FROM flow.todo WHERE task LIKE '%appro%';
SELECT found, needed, who FROM flow.explain_status(1, :id, 'approved') WHERE condition = 'approval';

-- a round to the end: the invoice is approved, once
SET ROLE regress_flow_cfo;
SELECT flow.retire_approval_rule(1, 'big'), flow.retire_approval_rule(1, 'zero');
SELECT flow.retire_approval_rule(1, 'none');
SELECT * FROM flow.explain_approval(1, :id) WHERE applies;
SET ROLE regress_flow_clerk;
SELECT level, rule, state FROM flow.request_approval(1, :id);
-- the last yes is no yes while the invoice names an order that is not there
SET ROLE regress_flow_anna;
\set VERBOSITY default
SELECT * FROM flow.approve_invoice(1, :id, 'all right');
\set VERBOSITY terse
SET ROLE regress_flow_cleo;
SELECT flow.accept_deviation(1, :id, m.line_no, 'ordered by telephone') FROM flow.match_lines m WHERE m.result NOT IN ('matched', 'accepted') ORDER BY m.line_no;
SET ROLE regress_flow_anna;
SELECT * FROM flow.approve_invoice(1, :id, 'all right');
SELECT flow.approve_invoice(1, :id);
SELECT status, meaning FROM flow.invoice_states;
SELECT round, rule, actor, on_behalf_of, approves, comment FROM flow.approval_votes ORDER BY round, voted_at;
SELECT status, actor, message FROM flow.status_events ORDER BY id;
SET ROLE regress_flow_clerk;
SELECT flow.request_approval(1, :id);
SELECT task, needs FROM flow.todo ORDER BY 1;
-- to buy is to owe: no approval of what was sold, nor of what is final
SET ROLE regress_flow_cfo;
SELECT outcome, new_status FROM flow.set_status(1, :id, 'cancelled', message => 'wrong entity');
SET ROLE regress_flow_clerk;
SELECT flow.request_approval(1, :id);
-- nobody else's business, and votes are for ever
SET ROLE regress_flow_other;
SELECT (SELECT count(*) FROM flow.approvals) + (SELECT count(*) FROM flow.approval_rules) + (SELECT count(*) FROM flow.approval_votes) + (SELECT count(*) FROM flow.routing_rules);
SET ROLE regress_flow_owner;
DELETE FROM flow.approval_vote;
UPDATE flow.approval_vote SET approves = true;
RESET ROLE;
SELECT action, subject, subject_key, actor FROM flow.events WHERE subject IN ('approval_rule', 'delegation', 'routing_rule', 'invoice') ORDER BY id;
SELECT clex.drop_store('flow');
DROP ROLE regress_flow_owner, regress_flow_erp, regress_flow_clerk, regress_flow_anna, regress_flow_ben, regress_flow_cleo, regress_flow_cfo, regress_flow_site,
	regress_flow_supplier, regress_flow_other;
