-- module finance: what waits for whom.  Every task of view finance_todo comes and goes with what makes it.
SET client_min_messages = warning;
SET timezone = 'UTC';
\set VERBOSITY terse
\set SHOW_CONTEXT never
CREATE ROLE regress_desks_owner NOLOGIN;
CREATE ROLE regress_desks_lena;
CREATE ROLE regress_desks_marc;
CREATE ROLE regress_desks_cfo;
CREATE ROLE regress_desks_supplier;
CREATE ROLE regress_desks_bank;
CREATE ROLE regress_desks_other;
SELECT clex.create_store('erp', owner => 'regress_desks_owner');
SELECT erp.add_tenant(1, 'Hotel');
SELECT erp.add_member(1, 'regress_desks_' || r, p) FROM (VALUES ('lena', 'treasurer'), ('marc', 'treasurer'), ('cfo', 'cfo'), ('supplier', 'supplier'), ('bank', 'financier'), ('other', 'financier')) m (r, p);
SELECT erp.set_party(1, 'S', 'Moulins', 'FR') > 0 AS seller, erp.set_party(1, 'B', 'Hotel', 'FR') > 0 AS buyer;
SELECT erp.add_identifier(1, 'S', 'vat', 'FR05832194070'), erp.add_identifier(1, 'S', 'iban', 'FR7630006000011234567890189'), erp.add_identifier(1, 'B', 'vat', 'FR88790453187');
SELECT erp.set_entity(1, 'E', 'company', 'Hotel', party => 'B') > 0 AS entity, erp.scope_member(1, 'regress_desks_supplier', 'supplier', party => 'S');
SELECT erp.set_financier(1, f, f, 'credit_institution', registration => '552120222', address => 'Paris', language => 'en', email => f || '@example.org') > 0 AS made, erp.set_line(1, f, 'EUR', 0.05, iban => 'FR1420041010050500013M02606'),
	erp.set_limit(1, f, 'EUR', 9000), erp.scope_financier(1, 'regress_desks_' || lower(f), f) FROM unnest('{BANK,OTHER}'::text[]) f;
CREATE FUNCTION settlement() RETURNS date LANGUAGE sql STABLE AS $$ SELECT clex.adjust(CURRENT_DATE + 7, 'FOLLOWING', 'TARGET') $$;
SELECT s.document_id, (erp.set_status(1, s.document_id, 'approved')).outcome FROM generate_series(1, 7) n, erp.submit(1, clex.write(jsonb_build_object('$kind', 'invoice',
	'invoice', jsonb_build_object('number', 'F-' || n, 'issue_date', '2026-03-09', 'type_code', '380', 'currency', 'EUR', 'due_date', settlement() + 60),
	'seller', '{"name": "Moulins", "vat_number": "FR05832194070", "address": {"country": "FR", "city": "Agen"}}'::jsonb,
	'buyer', '{"name": "Hotel", "vat_number": "FR88790453187", "address": {"country": "FR"}}'::jsonb,
	'payment', '{"means_code": "30", "credit_transfers": [{"account": "FR7630006000011234567890189"}]}'::jsonb,
	'totals', '{"payable": 1000, "with_vat": 1000}'::jsonb,
	'lines', '[{"identifier": "1", "quantity": 1, "unit": "H87", "net_amount": 1000, "item": {"name": "Flour"}}]'::jsonb)::text::clex.document, 'ubl')) s ORDER BY 1;
CREATE VIEW tasks WITH (security_invoker) AS SELECT t.task, t.needs, t.subject, i.number, t.detail FROM erp.finance_todo t LEFT JOIN erp.invoice i USING (tenant_id, document_id);
CREATE VIEW desks WITH (security_invoker) AS
SELECT 'treasurer' AS desk, task, number FROM erp.treasurer_desk UNION ALL SELECT 'financier', task, number FROM erp.financier_desk UNION ALL SELECT 'supplier', task, number FROM erp.supplier_desk;
GRANT SELECT ON tasks, desks TO PUBLIC;
GRANT EXECUTE ON FUNCTION settlement() TO PUBLIC;
SELECT * FROM tasks;

-- offers: each waits for the other side
SET ROLE regress_desks_lena;
SELECT erp.make_offer(1, 1, 0.06) > 0 AS made;
SET ROLE regress_desks_supplier;
SELECT erp.make_offer(1, 2, 0.04) > 0 AS made;
SELECT desk, task, number FROM desks ORDER BY 1, 2, 3;
SELECT a.net < 1000 AS accepted FROM erp.offers o, erp.accept_offer(1, o.id, clex.adjust(CURRENT_DATE + 1, 'FOLLOWING', 'TARGET')) a WHERE o.number = 'F-1';
RESET ROLE;
SELECT task, needs, subject, number, CASE WHEN task <> 'pay_offer' THEN detail END AS detail FROM tasks WHERE task <> 'pay_offer' ORDER BY 1, 2;
-- three days before it is to be paid it is a task
UPDATE erp.offer SET pay_on = CURRENT_DATE + 1, pay_from = CURRENT_DATE WHERE state = 'accepted';
SELECT task, needs, number FROM tasks ORDER BY 1;
-- its supplier disputes it: what was accepted is worth less
SELECT erp.open_dispute(1, 1, '{QTE_ERR}', 'one bag too few', amount => 30) > 0 AS disputed;
SELECT task, needs, subject, number, detail FROM tasks WHERE task = 'settle_hurt_claim';
SELECT erp.release_offer(1, (SELECT max(reference) FROM erp.claims WHERE number = 'F-1'), 'disputed');
SELECT erp.decline_offer(1, id) FROM erp.offers WHERE state = 'open' ORDER BY id;
SELECT count(*) FROM tasks;

-- an assignment: signed by the one, accepted by the other, debtors told, paid; each sees what is its own
SET ROLE regress_desks_supplier;
SELECT erp.assign_invoices(1, 'BANK', '{3,4}', settlement(), source_key => 'K') > 0 AS assigned;
SELECT desk, task FROM desks ORDER BY 1;
SELECT erp.sign_act(1, id, 'M. Meunier', 'paper', decode(sha256, 'hex')) FROM erp.assignment_acts;
SELECT count(*) FROM desks;
SET ROLE regress_desks_other;
SELECT count(*) FROM desks;
SET ROLE regress_desks_bank;
SELECT desk, task, number FROM desks;
SELECT erp.accept_assignment(1, id, 'Mme Banque') FROM erp.assignments;
SELECT count(*) FROM desks;
SET ROLE regress_desks_lena;
SELECT desk, task FROM desks;
SELECT erp.notify_assignments(1);
-- told, and now the account is to be confirmed, and the bank has to pay
SELECT desk, task, number FROM desks ORDER BY 1, 2, 3;
SET ROLE regress_desks_marc;
SELECT erp.confirm_creditor(1, id, 'called the desk') FROM erp.creditors ORDER BY document_id;
SET ROLE regress_desks_bank;
SELECT desk, task FROM desks;
SELECT erp.settle_assignment(1, id, settlement(), 'PAY-1') FROM erp.assignments;
RESET ROLE;
SELECT count(*) FROM tasks;
SELECT erp.open_dispute(1, 3, '{QTE_ERR}', 'half is missing', amount => 500) > 0 AS disputed;
SET ROLE regress_desks_bank;
SELECT erp.take_recourse(1, id, 3, 'dispute') FROM erp.assignments;
SET ROLE regress_desks_supplier;
SELECT desk, task, number FROM desks ORDER BY 2;
RESET ROLE;
SELECT task, needs, subject, number, detail FROM tasks;

-- a payment order, and an auction whose time is over
SELECT erp.set_paying_account(1, 'E', 'EUR', 'DE89370400440532013000');
SET ROLE regress_desks_lena;
SELECT payments, total FROM erp.make_payment_orders(1, settlement(), documents => '{5}');
SELECT erp.open_auction(1, 'spring', 'EUR', settlement(), now() + interval '1 hour', now() + interval '2 hours', reserve => 0.08) > 0 AS open;
SELECT task, needs, subject, detail FROM tasks WHERE task ~ 'order|auction' ORDER BY 1;
RESET ROLE;
UPDATE erp.auction SET opens_at = now() - interval '3 hours', closes_at = now() - interval '2 hours', reveal_until = now() - interval '1 hour';
SELECT task, needs, subject, detail FROM tasks WHERE task ~ 'order|auction' ORDER BY 1;
SET ROLE regress_desks_lena;
SELECT erp.close_auction(1, id) FROM erp.auctions;
SELECT task FROM tasks WHERE task ~ 'auction';
-- who made the order has it on the desk too: the store refuses, and the other one releases it
SELECT desk, task FROM desks WHERE task = 'release_payment_order';
SET ROLE regress_desks_cfo;
SELECT erp.release_payment_order(1, id) <> '' AS released FROM erp.payment_orders;
SELECT count(*) FROM tasks WHERE task = 'release_payment_order';
-- view todo has all of it beside the work of module p2p; an upgrade makes both anew
RESET ROLE;
SELECT (SELECT count(*) FROM erp.todo t JOIN erp.finance_todo f USING (tenant_id, task, subject_id)) = (SELECT count(*) FROM erp.finance_todo) AS all_there, bool_or(task = 'settle_dispute') AS and_p2p FROM erp.todo;
SELECT clex.upgrade_store('erp');
SELECT count(*) = (SELECT count(*) FROM erp.finance_todo) AS once FROM erp.todo t WHERE t.task IN (SELECT task FROM erp.finance_todo);

SELECT clex.drop_store('erp');
DROP VIEW IF EXISTS tasks, desks;
DROP FUNCTION settlement();
DROP ROLE regress_desks_owner, regress_desks_lena, regress_desks_marc, regress_desks_cfo, regress_desks_supplier, regress_desks_bank, regress_desks_other;
