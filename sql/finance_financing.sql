-- module finance: what was sold is assigned, with and without the buyer's knowing; other instruments; what goes wrong
SET client_min_messages = warning;
\set VERBOSITY terse
\set SHOW_CONTEXT never
CREATE ROLE regress_financing_owner NOLOGIN;
CREATE ROLE regress_financing_treasurer;
CREATE ROLE regress_financing_second;
CREATE ROLE regress_financing_supplier;
CREATE ROLE regress_financing_bank;
CREATE ROLE regress_financing_fund;
SELECT clex.create_store('erp', owner => 'regress_financing_owner');
SELECT erp.add_tenant(1, 'Moulins');
SELECT erp.add_member(1, 'regress_financing_' || r, p) FROM (VALUES ('treasurer', 'treasurer'), ('second', 'treasurer'), ('supplier', 'supplier'), ('bank', 'financier'), ('fund', 'financier')) m (r, p);
-- the tenant is the seller of F, and the buyer of P
SELECT erp.set_party(1, 'ME', 'Moulins', 'FR') > 0 AS me, erp.set_party(1, 'C1', 'Hotel', 'FR', language => 'fr') > 0 AS customer, erp.set_party(1, 'S1', 'Semences', 'FR', language => 'fr') > 0 AS supplier;
SELECT erp.add_identifier(1, 'ME', 'vat', 'FR05832194070'), erp.add_identifier(1, 'C1', 'vat', 'FR88790453187'), erp.add_identifier(1, 'S1', 'vat', 'FR40303265045'),
	erp.set_entity(1, 'M', 'company', 'Moulins', party => 'ME') > 0 AS entity, erp.scope_member(1, 'regress_financing_supplier', 'supplier', party => 'S1');
\set ubl `cat extension/test/samples/fr-moulin-farine.xml`
SELECT set_config('my.ubl', :'ubl', false) <> '' AS ubl;
CREATE FUNCTION paper(number text, payable text, due text DEFAULT '2090-06-13', seller text DEFAULT 'FR05832194070', buyer text DEFAULT 'FR88790453187') RETURNS bytea LANGUAGE sql AS $$
	SELECT convert_to(replace(replace(replace(regexp_replace(regexp_replace(regexp_replace(regexp_replace(current_setting('my.ubl'), '<cac:OrderReference>.*?</cac:OrderReference>', ''),
		'(<cbc:ID>)[^<]*', '\1' || number), '(<cbc:PayableAmount[^>]*>)[^<]*', '\1' || payable), '(<cbc:DueDate>)[^<]*', '\1' || due),
		'FR05832194070', '@seller'), 'FR88790453187', buyer), '@seller', seller), 'UTF8') $$;
CREATE FUNCTION said(content bytea, member text) RETURNS text LANGUAGE sql AS $$ SELECT translate(convert_from(content, 'UTF8')::jsonb ->> member, U&'\00a0\202f', '  ') $$;
GRANT EXECUTE ON FUNCTION said(bytea, text) TO PUBLIC;
SELECT count(s.*) FROM generate_series(1, 9) n, erp.submit(1, paper('F-' || n, n || '00.00')) s;
SELECT count(s.*) FROM generate_series(1, 4) n, erp.submit(1, paper('P-' || n, n || '00.00', seller => 'FR40303265045', buyer => 'FR05832194070')) s;
SELECT direction, count(*), min(document_id) FROM erp.invoice_states GROUP BY 1 ORDER BY 1;
SELECT count(s.*) FROM generate_series(10, 13) d, erp.set_status(1, d, 'approved') s;
SELECT erp.set_financier(1, 'BANK', 'Banque du Fleuve SA', 'credit_institution', '552081317', language => 'de') > 0 AS bank, erp.set_financier(1, 'FUND', 'Fonds', 'fund') > 0 AS fund;
SELECT erp.set_line(1, 'BANK', 'EUR', 0.06, recourse => true, iban => 'FR7630006000011234567890189', valid_from => '2026-01-01'),
	erp.set_line(1, 'FUND', 'EUR', 0.09, iban => 'DE89370400440532013000', valid_from => '2026-01-01'),
	erp.set_limit(1, 'BANK', 'EUR', 100000), erp.set_limit(1, 'FUND', 'EUR', 100000), erp.set_limit(1, 'BANK', 'EUR', 10000, 'debtor_country', 'FR'),
	erp.scope_financier(1, 'regress_financing_bank', 'BANK'), erp.scope_financier(1, 'regress_financing_fund', 'FUND');
-- each step at once, as those who may
CREATE FUNCTION sign_all(a bigint) RETURNS bigint LANGUAGE sql AS $$
	SELECT count(erp.sign_act(1, t.id, 'M. Meunier', 'paper', decode(t.sha256, 'hex'), '2090-03-01')) FROM erp.assignment_acts t WHERE t.assignment_id = a $$;
GRANT EXECUTE ON FUNCTION sign_all(bigint) TO PUBLIC;

-- undisclosed: status 226 is kept, and nobody is told; the buyer goes on paying the seller, who passes it on
SET ROLE regress_financing_treasurer;
SELECT erp.assign_invoices(1, 'BANK', '{1,2}', '2090-03-15', disclosed => false) AS a \gset
SELECT sign_all(:a);
SET ROLE regress_financing_bank;
SELECT erp.accept_assignment(1, :a, 'Frau Bank', '2090-03-01');
SET ROLE regress_financing_treasurer;
SELECT erp.notify_assignments(1);
SELECT number, marks FROM erp.invoice_states WHERE document_id <= 2 ORDER BY 1;
SELECT count(*) AS messages FROM erp.outgoing_messages;
SELECT count(*) AS creditors FROM erp.creditors;
SET ROLE regress_financing_bank;
SELECT erp.settle_assignment(1, :a, '2090-03-15', 'PAY-1');
SELECT erp.confirm_repayment(1, :a, 1, 60, 'X-1'), erp.confirm_repayment(1, :a, 1, 60, 'X-1') AS again;
SELECT erp.confirm_repayment(1, :a, 1, 61, 'X-1');
SELECT erp.confirm_repayment(1, :a, 1, 60, 'X-2');
SELECT erp.confirm_repayment(1, :a, 1, 40, 'X-2');
SET ROLE regress_financing_treasurer;
-- what the buyer pays the seller is not the bank's yet
SELECT erp.record_payment(1, 2, 200, '2090-06-13', 'statement', 'P-1');
SELECT number, repaid, outstanding, state FROM erp.assigned_invoices WHERE assignment_id = :a ORDER BY 1;
SET ROLE regress_financing_bank;
SELECT number, missing, reasons FROM erp.hurt_receivables(1);
SELECT erp.confirm_repayment(1, :a, 2, 200, 'X-3');
SELECT state, repaid FROM erp.assignments;

RESET ROLE;
-- disclosed: the buyer is told by 225 with the account; what it pays the bank is told as received, VAT rate by VAT rate: its price is in none of it
SELECT outcome, new_status FROM erp.receive_status(1, 3, '203', 'platform', 'E-0', '2026-03-10');
SET ROLE regress_financing_treasurer;
SELECT erp.assign_invoices(1, 'BANK', '{3}', '2090-03-15') AS b \gset
SELECT sign_all(:b);
SET ROLE regress_financing_bank;
SELECT erp.accept_assignment(1, :b, 'Frau Bank', '2090-03-01');
SET ROLE regress_financing_treasurer;
SELECT erp.notify_assignment(1, :b);
SELECT kind, format, state, CASE format WHEN 'cdar' THEN clex.read_status(content) #>> '{acknowledgements,0,references,0,status}' END AS status,
	CASE format WHEN 'cdar' THEN clex.read_status(content) #> '{acknowledgements,0,references,0,details,0,characteristics}' END AS account FROM erp.outgoing_messages ORDER BY id;
SET ROLE regress_financing_bank;
SELECT erp.settle_assignment(1, :b, '2090-03-15', 'PAY-2');
SET ROLE regress_financing_treasurer;
SELECT said(content, 'language') AS language, said(content, 'subject') AS subject FROM erp.outgoing_messages WHERE format = 'json' ORDER BY id;
SELECT erp.record_payment(1, 3, 100, '2090-06-12', 'statement', 'P-2'), erp.record_payment(1, 3, 200, '2090-06-13', 'statement', 'P-3');
SELECT rate, taxable_amount + tax_amount AS gross FROM erp.vat_breakdown WHERE document_id = 3 ORDER BY 1 DESC;
SELECT status, message, facts -> 'characteristics' AS amounts FROM erp.status_events WHERE document_id = 3 AND status = '212' ORDER BY id;
SELECT state, discount, net, repaid FROM erp.assignments WHERE id = :b;

-- a fund buys by an ordinary deed, unless it may do more and says why; a list above the limit is a file
RESET ROLE;
SELECT erp.set_setting(1, 'finance.electronic_list_above', '1');
SET ROLE regress_financing_treasurer;
SELECT erp.assign_invoices(1, 'FUND', '{4,5}', '2090-03-15', '{0.09,0.12}') AS c \gset
SELECT kind, electronic, count, total, position(encode(sha256(list), 'hex') IN text) > 0 AS names_file, convert_from(list, 'UTF8') AS list FROM erp.assignment_acts WHERE assignment_id = :c;
SELECT mention, holds, found ~ '^[0-9a-f]{64}$' AS hash FROM erp.act_findings(1, (SELECT id FROM erp.assignment_acts WHERE assignment_id = :c)) ORDER BY ordinal;
SELECT number, rate, discount, net FROM erp.assigned_invoices WHERE assignment_id = :c ORDER BY 1;
-- the fund declines: both are free
SET ROLE regress_financing_fund;
SELECT erp.release_assignment(1, :c, 'withdrawn');
SELECT erp.release_assignment(1, :c, 'unpaid');
SELECT erp.release_assignment(1, :c, 'declined', 'too small'), erp.release_assignment(1, :c, 'declined') AS again;
SELECT erp.accept_assignment(1, :c, 'Mme Fonds', '2090-03-01');
SELECT financier, scope, used FROM erp.limit_uses ORDER BY 1, 2;
SET ROLE regress_financing_treasurer;
SELECT count(*) AS claims FROM erp.claims;
-- a bank may subrogate: its receipt is of one day
SELECT erp.assign_invoices(1, 'BANK', '{4,5}', '2090-03-15', instrument => 'subrogation') AS d \gset
SELECT mention, holds FROM erp.act_findings(1, (SELECT id FROM erp.assignment_acts WHERE assignment_id = :d)) ORDER BY ordinal;
SELECT sign_all(:d);
SET ROLE regress_financing_bank;
SELECT erp.accept_assignment(1, :d, 'Frau Bank', '2090-03-01');
SET ROLE regress_financing_treasurer;
SELECT erp.accept_as_debtor(1, :d, 'x', 'x');
SELECT erp.notify_assignment(1, :d);
SET ROLE regress_financing_bank;
SELECT erp.settle_assignment(1, :d, '2090-03-16', 'PAY-3');
-- given up after debtors were told: 228, a letter, and the seller's account again
SELECT erp.release_assignment(1, :d, 'not_paid'), erp.release_assignment(1, :d, 'not_paid') AS again;
SET ROLE regress_financing_treasurer;
SELECT number, marks FROM erp.invoice_states WHERE document_id IN (4, 5) ORDER BY 1;
SELECT status, count(*) FROM erp.status_events WHERE document_id IN (4, 5) AND issuer = 'seller' GROUP BY 1 ORDER BY 1;
SELECT said(content, 'notice') AS notice, said(content, 'subject') AS subject FROM erp.outgoing_messages WHERE format = 'json' ORDER BY id DESC LIMIT 2;
SELECT payee_kind, source, confirmed FROM erp.creditor_of(1, 4);

-- words of one's own that lack what the law asks for: nobody takes that
RESET ROLE;
SELECT erp.set_setting(1, 'finance.act_dailly', '{"head": "Bordereau : acte de cession de créances de {assignor} à {assignee}\n"}'), erp.set_setting(1, 'finance.electronic_list_above', NULL);
SET ROLE regress_financing_treasurer;
SELECT erp.assign_invoices(1, 'BANK', '{6}', '2090-03-15') AS e \gset
SELECT mention, needed, source FROM erp.act_findings(1, (SELECT id FROM erp.assignment_acts WHERE assignment_id = :e)) WHERE NOT holds ORDER BY ordinal;
SELECT sign_all(:e);
SET ROLE regress_financing_bank;
SELECT erp.accept_assignment(1, :e, 'Frau Bank', '2090-03-01');
SET ROLE regress_financing_treasurer;
SELECT erp.release_assignment(1, :e, 'withdrawn');
RESET ROLE;
SELECT erp.set_setting(1, 'finance.act_dailly', NULL);

-- bought by the tenant: a supplier sells; disputed before the bank has paid, the bank does not pay, or knows why it does; all is bought back
SET ROLE regress_financing_supplier;
SELECT erp.assign_invoices(1, 'BANK', '{10,11}', '2090-03-15', '{0.06,0.06}') AS f \gset
SELECT sign_all(:f);
SET ROLE regress_financing_bank;
SELECT erp.accept_assignment(1, :f, 'Frau Bank', '2090-03-01');
SET ROLE regress_financing_treasurer;
SELECT erp.notify_assignment(1, :f);
RESET ROLE;
SELECT erp.open_dispute(1, 11, '{QTE_ERR}', 'Half of it is missing', amount => 100) > 0 AS disputed;
SET ROLE regress_financing_bank;
SELECT erp.settle_assignment(1, :f, '2090-03-15', 'PAY-4');
SELECT erp.settle_assignment(1, :f, '2090-03-15', 'PAY-4', despite_hurt => true);
SELECT erp.take_recourse(1, :f, 11, 'dispute');
SELECT erp.settle_recourse(1, :f, 11, 0, 'Y-0');
SELECT number, asked_back, state FROM erp.assigned_invoices WHERE assignment_id = :f ORDER BY 1;
SELECT erp.take_recourse(1, :f, 10, 'unpaid');
RESET ROLE;
-- time goes by
UPDATE erp.assignment_item SET due_date = CURRENT_DATE - 1 WHERE assignment_id = :f AND document_id = 10;
SET ROLE regress_financing_bank;
SELECT overdue FROM erp.exposures;
SELECT erp.take_recourse(1, :f, 10, 'unpaid');
SELECT erp.settle_recourse(1, :f, 10, 100, 'Y-1');
SELECT number, bought_back, outstanding, state FROM erp.assigned_invoices WHERE assignment_id = :f ORDER BY 1;
SELECT scope, used FROM erp.limit_uses ORDER BY 1;
SET ROLE regress_financing_supplier;
SELECT from_state, to_state, reason, amount FROM erp.assignment_events WHERE document_id = 10 ORDER BY id;
SELECT payee_kind, iban, source, confirmed FROM erp.creditor_of(1, 10);
SELECT erp.assign_invoices(1, 'FUND', '{10}', '2090-03-15', '{0.06}') > 0 AS free_again;

RESET ROLE;
-- when it is due the tenant pays the bank, on an account that somebody has confirmed; what the bank booked ends it
SELECT erp.close_dispute(1, d.id, 'withdrawn', 'it came') FROM erp.disputes d WHERE d.document_id = 11 AND d.state = 'open';
SELECT erp.set_paying_account(1, 'M', 'EUR', 'FR1420041010050500013M02606');
SET ROLE regress_financing_second;
SELECT payee_kind, iban, confirmed FROM erp.creditor_of(1, 11);
SELECT erp.confirm_creditor(1, id, 'called the desk') FROM erp.creditors WHERE document_id = 11;
SELECT currency, execution_date, payments, total FROM erp.make_payment_orders(1, '2090-06-13', documents => '{11}');
SELECT document_id, kind FROM erp.claims WHERE document_id = 11;
SELECT amount, discount, payee_kind, iban FROM erp.payment WHERE document_id = 11;
RESET ROLE;
SELECT erp.release_payment_order(1, order_id) <> '' AS released FROM erp.payment WHERE document_id = 11;
SELECT erp.settle_payment(1, p, 'booked', '2090-06-13', NULL) FROM erp.payment p WHERE p.document_id = 11;
SET ROLE regress_financing_bank;
SELECT number, repaid, outstanding, state FROM erp.assigned_invoices WHERE assignment_id = :f ORDER BY 1;
RESET ROLE;
SELECT count(*) AS claims FROM erp.claims WHERE document_id = 11;
SET ROLE regress_financing_supplier;

-- a payment is under way to a financier that gives the receivable back meanwhile; then the bank refuses it: nobody has a claim any more
SELECT max(assignment_id) AS h FROM erp.assigned_invoices WHERE document_id = 10 \gset
SELECT sign_all(:h);
SET ROLE regress_financing_fund;
SELECT erp.accept_assignment(1, :h, 'Ms Fund', '2090-03-01');
SET ROLE regress_financing_treasurer;
SELECT erp.notify_assignment(1, :h);
SET ROLE regress_financing_second;
SELECT erp.confirm_creditor(1, c.id, 'called the desk') FROM erp.creditors c WHERE c.document_id = 10 AND c.source = 'assignment' ORDER BY c.id DESC LIMIT 1;
SELECT payments, total FROM erp.make_payment_orders(1, '2090-06-14', documents => '{10}');
RESET ROLE;
SELECT erp.release_payment_order(1, order_id) <> '' AS released FROM erp.payment WHERE document_id = 10;
SET ROLE regress_financing_fund;
SELECT erp.release_assignment(1, :h, 'not_paid');
RESET ROLE;
SELECT kind, holder FROM erp.claims WHERE document_id = 10;
SELECT erp.settle_payment(1, p, 'rejected', '2090-06-14', 'AC04') FROM erp.payment p WHERE p.document_id = 10;
SELECT count(*) AS claims FROM erp.claims WHERE document_id = 10;
SELECT payee_kind, source, confirmed FROM erp.creditor_of(1, 10);
SET ROLE regress_financing_supplier;

-- an account that is said to have changed pays nobody until somebody has asked; one that is none, neither
SELECT outcome FROM erp.set_status(1, 12, 'account_changed', facts => '{"characteristics": [{"type": "CBB", "name": "Semences", "value": "DE89370400440532013000"}]}');
SET ROLE regress_financing_treasurer;
SELECT iban, source, confirmed FROM erp.creditor_of(1, 12);
SELECT erp.confirm_creditor(1, id, 'called the number in the contract') FROM erp.creditors WHERE document_id = 12;
SELECT iban, source, confirmed FROM erp.creditor_of(1, 12);
SELECT outcome FROM erp.receive_status(1, 13, '225', 'seller', 'E-1', '2026-03-10', facts => '{"details": [{"characteristics": [{"type": "CBB", "value": "no account"}]}]}');
RESET ROLE;
SELECT outcome FROM erp.receive_status(1, 13, '225', 'seller', 'E-1', '2026-03-10', facts => '{"details": [{"characteristics": [{"type": "CBB", "value": "no account"}]}]}');
SELECT payee_kind, iban, source, confirmed FROM erp.creditor_of(1, 13);

-- an auction's claims become the assignment's, and no others
SELECT erp.claim_invoices(1, '{7,8}', 'auction', 'A7', '{7,7}');
SET ROLE regress_financing_treasurer;
SELECT erp.assign_invoices(1, 'BANK', '{7}', '2090-03-15', '{0.05}');
SELECT erp.assign_invoices(1, 'BANK', '{7,8}', '2090-03-15', '{0.05,0.07}', 'auction', 'auction/8/BANK');
SELECT erp.assign_invoices(1, 'BANK', '{7,9}', '2090-03-15', '{0.05,0.07}', 'auction', 'auction/7/BANK');
SELECT erp.assign_invoices(1, 'BANK', '{8,7}', '2090-03-15', '{0.07,0.05}', 'auction', 'auction/7/BANK') AS g \gset
SELECT erp.assign_invoices(1, 'BANK', '{7,8}', '2090-03-15', '{0.05,0.07}', 'auction', 'auction/7/BANK') = :g AS same;
SELECT document_id, kind, holder FROM erp.claims WHERE document_id IN (7, 8) ORDER BY 1;
SELECT number, rate, discount FROM erp.assigned_invoices WHERE assignment_id = :g ORDER BY 1;
RESET ROLE;
SELECT financier, able, reason, scope, key, remaining FROM erp.financier_capacity(1, 'EUR', '2090-03-15', true);
SELECT financier, able, reason, remaining FROM erp.financier_capacity(1, 'USD', '2090-03-15');
-- what limits say is used is what is outstanding, for every scope
SELECT f.code, u.scope, u.used = COALESCE(sum(i.amount - i.repaid - i.bought_back), 0) AS agrees
FROM erp.limit_use u JOIN erp.financier f USING (tenant_id, financier_id)
LEFT JOIN erp.assignment_item i ON i.financier_id = u.financier_id AND i.state NOT IN ('repaid', 'released') AND i.keys[array_position(erp.limit_scopes(), u.scope)] = u.key
GROUP BY f.code, u.scope, u.key, u.used HAVING u.used <> COALESCE(sum(i.amount - i.repaid - i.bought_back), 0);

SELECT clex.drop_store('erp');
DROP FUNCTION paper(text, text, text, text, text), said(bytea, text), sign_all(bigint);
DROP ROLE regress_financing_owner, regress_financing_treasurer, regress_financing_second, regress_financing_supplier, regress_financing_bank, regress_financing_fund;
