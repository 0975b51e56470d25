-- module finance: financiers, their lines and limits; receivables from the proposal to the last payment
SET client_min_messages = warning;
\set VERBOSITY terse
\set SHOW_CONTEXT never
CREATE ROLE regress_assign_owner NOLOGIN;
CREATE ROLE regress_assign_cfo;
CREATE ROLE regress_assign_treasurer;
CREATE ROLE regress_assign_second;
CREATE ROLE regress_assign_clerk;
CREATE ROLE regress_assign_supplier;
CREATE ROLE regress_assign_bank;
CREATE ROLE regress_assign_fund;
SELECT clex.create_store('erp', owner => 'regress_assign_owner');
SELECT erp.add_tenant(1, 'Hotel');
SELECT erp.add_member(1, 'regress_assign_' || r, p) FROM (VALUES ('cfo', 'cfo'), ('treasurer', 'treasurer'), ('second', 'treasurer'), ('clerk', 'ap_clerk'),
	('supplier', 'supplier'), ('bank', 'financier'), ('fund', 'financier')) m (r, p);
SELECT erp.set_party(1, 'S1', 'Moulins', 'FR', language => 'fr', email => 'moulins@example.org') > 0 AS seller, erp.set_party(1, 'B1', 'Hotel', 'FR', language => 'de', email => 'hotel@example.org') > 0 AS buyer;
SELECT erp.add_identifier(1, 'S1', 'vat', 'FR05832194070'), erp.scope_member(1, 'regress_assign_supplier', 'supplier', party => 'S1'), erp.add_identifier(1, 'B1', 'vat', 'FR88790453187');
SELECT erp.set_party_sector(1, 'S1', '10.61');
\set ubl `cat extension/test/samples/fr-moulin-farine.xml`
\set note `cat extension/test/samples/fr-avoir-retour.xml`
-- how blanks in amounts look hangs on the version of ICU
CREATE FUNCTION said(content bytea, member text, assignment text) RETURNS text LANGUAGE sql AS $$
	SELECT regexp_replace(replace(translate(convert_from(content, 'UTF8')::jsonb ->> member, U&'\00a0\202f', '  '), '1/' || assignment, '1/N'), '[0-9a-f]{64}', 'HASH') $$;
GRANT EXECUTE ON FUNCTION said(bytea, text, text) TO PUBLIC;
SELECT set_config('my.ubl', :'ubl', false) <> '' AS ubl, set_config('my.note', :'note', false) <> '' AS note;
CREATE FUNCTION paper(sample text, number text, payable text, due text DEFAULT '2090-06-13', currency text DEFAULT 'EUR', seller text DEFAULT 'FR05832194070', buyer text DEFAULT 'FR88790453187') RETURNS bytea LANGUAGE sql AS $$
	SELECT convert_to(replace(replace(regexp_replace(regexp_replace(regexp_replace(regexp_replace(regexp_replace(replace(current_setting(sample), '"EUR"', format('"%s"', currency)), '>EUR<', format('>%s<', currency)),
		'<cac:OrderReference>.*?</cac:OrderReference>', ''), '(<cbc:ID>)[^<]*', '\1' || number), '(<cbc:PayableAmount[^>]*>)[^<]*', '\1' || payable), '(<cbc:DueDate>)[^<]*', '\1' || due),
		'FR05832194070', seller), 'FR88790453187', buyer), 'UTF8') $$;
SELECT count(s.*) FROM (VALUES ('F-1', '1000.00', '2090-06-13', 'EUR'), ('F-2', '500.00', '2090-05-14', 'EUR'), ('F-3', '300.00', '2090-06-13', 'EUR'), ('F-4', '200.00', '2090-06-13', 'USD'),
	('F-5', '400.00', '2090-06-13', 'EUR'), ('F-6', '100.00', '2090-03-14', 'EUR')) v (n, p, d, c), erp.submit(1, paper('my.ubl', n, p, d, c)) s;
-- from another seller
SELECT count(s.*) FROM erp.submit(1, paper('my.ubl', 'G-1', '700.00', seller => 'FR40303265045')) s;
SELECT document_id, number, direction, due_date, payable, currency, status FROM erp.invoice_states ORDER BY 1;
SELECT count(s.*) FROM generate_series(1, 7) d, erp.set_status(1, d, 'approved') s WHERE d <> 5;

-- who pays early, on what terms, up to what
SET ROLE regress_assign_treasurer;
SELECT erp.set_financier(1, 'BANK', 'Banque du Fleuve', 'credit_institution');
SET ROLE regress_assign_cfo;
SELECT erp.set_financier(1, 'BANK', 'Banque du Fleuve SA', 'credit_institution', '552081317', '1 quai des Comptes, 69002 Lyon', 'FR', 'en', 'desk@bank.example') > 0 AS bank,
	erp.set_financier(1, 'FUND', 'Fonds Créances', 'fund') > 0 AS fund, erp.set_financier(1, 'SHOP', 'Someone', 'other') > 0 AS other;
SELECT erp.set_financier(1, 'X', 'X', 'bank');
SELECT erp.set_line(1, 'BANK', 'EUR', 0.048, recourse => false, max_days => 120, iban => 'FR76 3000 6000 0112 3456 7890 189', bic => 'AGRIFRPP', valid_from => '2026-01-01');
SELECT erp.set_line(1, 'BANK', 'EUR', 0.048, recourse => false, max_days => 120, iban => 'FR7630006000011234567890189', bic => 'AGRIFRPP', valid_from => '2026-02-01');
SELECT erp.set_line(1, 'BANK', 'USD', 0.05, valid_from => '2026-01-01', valid_until => '2026-12-31');
SELECT erp.set_line(1, 'FUND', 'EUR', 0.06, recourse => true, iban => 'DE89370400440532013000', valid_from => '2026-01-01');
SELECT erp.set_line(1, 'FUND', 'EUR', 0.06, iban => 'DE00370400440532013000');
SELECT financier, currency, valid_from, valid_until, rate, recourse, iban, account_name FROM erp.financier_lines ORDER BY 1, 2, 3;
SELECT erp.set_limit(1, 'BANK', 'EUR', 500, 'debtor');
SELECT erp.set_limit(1, 'BANK', 'EUR', 2000), erp.set_limit(1, 'BANK', 'EUR', 1500, 'supplier', '*'), erp.set_limit(1, 'BANK', 'EUR', 1600, 'supplier', 'FR05832194070'), erp.set_limit(1, 'FUND', 'EUR', 5000);
SELECT erp.set_limit(1, 'BANK', 'EUR', NULL);
RESET ROLE;
SELECT erp.scope_financier(1, 'regress_assign_bank', 'BANK'), erp.scope_financier(1, 'regress_assign_fund', 'FUND');
SELECT erp.scope_financier(1, 'regress_assign_clerk', 'BANK');
SELECT erp.scope_financier(1, 'regress_assign_bank', 'NOBODY');
-- each sees its own
SET ROLE regress_assign_fund;
SELECT code FROM erp.financiers ORDER BY 1;
SELECT financier, scope, key, "limit", used FROM erp.limit_uses ORDER BY 1, 2, 3;
SELECT erp.set_limit(1, 'BANK', 'EUR', 1);
SELECT erp.set_limit(1, 'FUND', 'EUR', 4000);
SELECT count(*) FROM erp.invoices;

-- what a supplier may have financed, when, and at what price: 1000 x 4.8 % x 90/360 = 12.00, 500 x 4.8 % x 60/360 = 4.00
SET ROLE regress_assign_supplier;
SELECT number, currency, amount, financier, rate, claimed, blocked_by FROM erp.financeable_invoices ORDER BY 1, 4;
SELECT * FROM erp.financing_choices(1, 'BANK', '{1,2}', '2090-03-15', 3);
SELECT * FROM erp.financing_choices(1, 'BANK', '{7}', '2090-03-15', 3);
-- from a day that the calendar does not have, and from none at all: an error at once
SELECT * FROM erp.financing_choices(1, 'BANK', '{1,2}', '1900-01-01', 3);
SELECT * FROM erp.financing_choices(1, 'BANK', '{1,2}', '-infinity', 3);
SELECT count(*) AS limits FROM erp.limit_uses;
-- what cannot be: a day, a currency without a line that day, what is not approved, one that is due before, another's, an instrument, a rate, two currencies
SELECT erp.assign_invoices(1, 'BANK', '{1,2}', '2090-03-18');
SELECT erp.assign_invoices(1, 'BANK', '{1,2}', '2020-03-18');
SELECT erp.assign_invoices(1, 'BANK', '{4}', '2090-03-15');
SELECT erp.assign_invoices(1, 'BANK', '{5}', '2090-03-15');
SELECT erp.assign_invoices(1, 'BANK', '{6}', '2090-03-15');
SELECT erp.assign_invoices(1, 'BANK', '{7}', '2090-03-15');
SELECT erp.assign_invoices(1, 'BANK', '{1,4}', '2090-03-15');
SELECT erp.assign_invoices(1, 'BANK', '{1,1}', '2090-03-15');
SELECT erp.assign_invoices(1, 'BANK', '{1}', '2090-01-16');
SELECT erp.assign_invoices(1, 'FUND', '{1}', '2090-03-15', instrument => 'dailly');
SELECT erp.assign_invoices(1, 'SHOP', '{1}', '2090-03-15', instrument => 'dailly');
SELECT erp.assign_invoices(1, 'BANK', '{1}', '2090-03-15', disclosed => false);
SELECT erp.assign_invoices(1, 'BANK', '{1}', '2090-03-15', '{NULL}');
-- more than the limit for one supplier, and nothing is told of what others have
SELECT erp.assign_invoices(1, 'BANK', '{1,2,3}', '2090-03-15');
SELECT count(*) FROM erp.claims;
SELECT erp.assign_invoices(1, 'BANK', '{2,1}', '2090-03-15', source_key => 'K-1') AS a \gset
SELECT erp.assign_invoices(1, 'BANK', '{1,2}', '2090-03-15', source_key => 'K-1') = :a AS the_same;
SELECT erp.assign_invoices(1, 'BANK', '{1}', '2090-03-15', source_key => 'K-1');
SELECT financier, instrument, state, invoices, amount, discount, net, outstanding FROM erp.assignments;
SELECT number, face, vat, amount, rate, days, discount, net, state FROM erp.assigned_invoices ORDER BY 1;
-- twice is never: not to another, not by another way
SELECT erp.assign_invoices(1, 'FUND', '{1}', '2090-03-15');
SELECT number, financier, claimed, blocked_by FROM erp.financeable_invoices WHERE number IN ('F-1', 'F-3') ORDER BY 1, 2;
SET ROLE regress_assign_treasurer;
SELECT scope, key, "limit", used, free, exceeded FROM erp.limit_uses WHERE financier = 'BANK' ORDER BY 1, 2;
SELECT erp.assign_invoices(1, 'BANK', '{3,7}', '2090-03-15');
SELECT financier, currency, reserved, drawn, outstanding, invoices, next_due FROM erp.exposures ORDER BY 1;
-- the instrument, and what it must say
SELECT replace(text, '/' || :a, '/N') AS text FROM erp.assignment_acts;
SELECT sha256 = encode(sha256(convert_to(text, 'UTF8')), 'hex') AS hash FROM erp.assignment_acts;
SELECT mention, holds, found, source FROM erp.act_findings(1, 1) ORDER BY ordinal;

-- the bank takes it once it is signed; it dates it; others may not, and see nothing
SET ROLE regress_assign_fund;
SELECT count(*) FROM erp.assignments;
SELECT erp.accept_assignment(1, :a, 'Mme Fonds');
SET ROLE regress_assign_bank;
SELECT state, amount FROM erp.assignments;
SELECT erp.accept_assignment(1, :a, 'Mme Banque');
SET ROLE regress_assign_supplier;
SELECT erp.sign_act(1, 1, 'M. Meunier', 'paper', sha256('something else'));
SELECT erp.sign_act(1, 1, 'M. Meunier', 'paper', decode(sha256, 'hex'), '2090-03-01') FROM erp.assignment_acts;
SELECT erp.sign_act(1, 1, 'M. Meunier', 'paper', decode(sha256, 'hex'), '2090-03-01') AS again FROM erp.assignment_acts;
SELECT erp.accept_assignment(1, :a, 'M. Meunier');
SELECT erp.notify_assignment(1, :a);
SET ROLE regress_assign_bank;
SELECT erp.accept_assignment(1, :a, 'Mme Banque', '2090-02-28');
SELECT erp.settle_assignment(1, :a, '2090-03-15', 'PAY-1');
SELECT erp.accept_assignment(1, :a, 'Mme Banque', '2090-03-02'), erp.accept_assignment(1, :a, 'Mme Banque', '2090-03-02') AS again;
SELECT mention, found FROM erp.act_findings(1, 1) WHERE mention IN ('signature', 'date') ORDER BY ordinal;
SELECT erp.notify_assignment(1, :a);
-- debtors are told: 225 with the account, a letter in the debtor's language; nobody is paid on it before somebody else has asked the bank
SET ROLE regress_assign_treasurer;
SELECT erp.notify_assignments(1), erp.notify_assignments(1) AS again;
SELECT number, status, marks FROM erp.invoice_states WHERE document_id IN (1, 2) ORDER BY 1;
SELECT document_id, facts - 'assignment' AS facts, issuer FROM erp.status_events WHERE status = '225' ORDER BY document_id;
SELECT payee_kind, iban, name, source, confirmed FROM erp.creditor_of(1, 1);
SELECT said(content, 'language', :'a') AS language, said(content, 'subject', :'a') AS subject, said(content, 'text', :'a') AS text
FROM erp.outgoing_messages WHERE kind = 'notice' ORDER BY id;
SELECT erp.confirm_creditor(1, c.id, 'called the desk') FROM erp.creditors c WHERE c.document_id = 1;
SET ROLE regress_assign_second;
SELECT erp.confirm_creditor(1, c.id, 'called the desk') FROM erp.creditors c ORDER BY c.document_id;
SELECT payee_kind, iban, source, confirmed FROM erp.creditor_of(1, 1);
SELECT erp.accept_as_debtor(1, :a, 'M. Hôtelier', 'paper'), erp.accept_as_debtor(1, :a, 'M. Hôtelier', 'paper') AS again;
SELECT kind, replace(split_part(text, E'\n', 1), '/' || :a, '/N') AS title, signer FROM erp.assignment_acts ORDER BY id;

-- paid: the same figures to both sides, each in its language; never an effect on VAT
SET ROLE regress_assign_bank;
SELECT erp.settle_assignment(1, :a, '2090-03-01', 'PAY-1');
SELECT erp.settle_assignment(1, :a, '2090-03-15', 'PAY-1'), erp.settle_assignment(1, :a, '2090-03-15', 'PAY-1') AS again;
SELECT erp.settle_assignment(1, :a, '2090-03-16', 'PAY-1');
SET ROLE regress_assign_treasurer;
SELECT said(content, 'to', :'a') AS recipient, said(content, 'subject', :'a') AS subject, said(content, 'text', :'a') AS text
FROM erp.outgoing_messages WHERE kind = 'notice' AND said(content, 'notice', '') = 'financing_settled' ORDER BY id;
SELECT financier, reserved, drawn, outstanding FROM erp.exposures;
SELECT number, face, paid, discount, credited, open FROM erp.ledger WHERE document_id IN (1, 2) ORDER BY 1;

-- a limit below what is used is shown, and nothing new fits
SET ROLE regress_assign_bank;
SELECT erp.set_limit(1, 'BANK', 'EUR', 1200);
SELECT scope, key, "limit", used, free, exceeded FROM erp.limit_uses WHERE scope = 'total';
SET ROLE regress_assign_supplier;
SELECT erp.assign_invoices(1, 'BANK', '{3}', '2090-03-15');

-- the debtor pays in parts; what is repaid frees limits; a payment that comes back is outstanding again
SET ROLE regress_assign_treasurer;
SELECT erp.record_payment(1, 2, 200, '2090-05-10', 'order 1', 'P-1'), erp.record_payment(1, 2, 300, '2090-05-14', 'order 2', 'P-2');
SELECT number, repaid, outstanding, state FROM erp.assigned_invoices ORDER BY 1;
SELECT used, exceeded FROM erp.limit_uses WHERE financier = 'BANK' AND scope = 'total';
SELECT document_id, kind FROM erp.claims ORDER BY 1;
SELECT erp.reverse_payment(1, 2, 'P-2', '2090-05-16', 'returned', 'P-2R');
SELECT number, repaid, outstanding, state FROM erp.assigned_invoices ORDER BY 1;
SELECT used, exceeded FROM erp.limit_uses WHERE financier = 'BANK' AND scope = 'total';
SELECT document_id, kind, amount FROM erp.claims ORDER BY 1;
SELECT erp.record_payment(1, 2, 300, '2090-05-17', 'order 3', 'P-3');

-- a dispute and a credit note after the assignment: the bank sees what is missing, and asks that much back, with recourse or without
SET ROLE regress_assign_bank;
SELECT erp.take_recourse(1, :a, 1, 'dispute');
SELECT erp.take_recourse(1, :a, 1, 'unpaid');
SELECT number, outstanding, undisputed, missing, asked_back, reasons FROM erp.hurt_receivables(1);
SET ROLE regress_assign_clerk;
SELECT erp.open_dispute(1, 1, '{QTE_ERR}', 'Two bags were wet', amount => 250) > 0 AS disputed;
SELECT document_id, kind, missing, hurt, remedy FROM erp.hurt_claims;
RESET ROLE;
SELECT kind, state FROM erp.submit(1, paper('my.note', 'A-1', '100.00'));
SELECT erp.link_note(1, 8, 1, 100);
SET ROLE regress_assign_bank;
SELECT number, outstanding, undisputed, missing, asked_back, reasons FROM erp.hurt_receivables(1);
SELECT erp.take_recourse(1, :a, 1, 'because', 100);
SELECT erp.take_recourse(1, :a, 1, 'dispute', 400);
SELECT erp.take_recourse(1, :a, 1, 'dispute'), erp.take_recourse(1, :a, 1, 'dispute') AS again;
SELECT state, asked_back, outstanding FROM erp.assignments;
SELECT erp.settle_recourse(1, :a, 1, 400, 'R-1');
SELECT erp.settle_recourse(1, :a, 1, 150, 'R-1'), erp.settle_recourse(1, :a, 1, 150, 'R-1') AS again;
SELECT erp.settle_recourse(1, :a, 1, 100, 'R-1');
SELECT number, amount, bought_back, asked_back, outstanding, state, reason FROM erp.assigned_invoices WHERE number = 'F-1';
SELECT erp.settle_recourse(1, :a, 1, 200, 'R-2');
SELECT number, bought_back, asked_back, outstanding, state FROM erp.assigned_invoices WHERE number = 'F-1';
SET ROLE regress_assign_treasurer;
SELECT erp.record_payment(1, 1, 650, '2090-06-13', 'order 4', 'P-4');
SELECT state, repaid, bought_back, outstanding FROM erp.assignments;
SELECT sum(used) AS used FROM erp.limit_uses WHERE financier = 'BANK';
SELECT number, face, paid, credited, open FROM erp.ledger WHERE document_id = 1;
-- what the bank does not have any more is the supplier's, on an account that is to be confirmed
SELECT payee_kind, iban, source, confirmed FROM erp.creditor_of(1, 1);
SELECT marks FROM erp.invoice_states WHERE document_id = 1;
SELECT from_state, to_state, document_id, reason, amount FROM erp.assignment_events WHERE assignment_id = :a ORDER BY id;
RESET ROLE;
-- nobody writes but by functions, and nobody changes what was written
SET ROLE regress_assign_owner;
UPDATE erp.assignment_act SET content = 'x';
DELETE FROM erp.assignment_event;
UPDATE erp.assignment_act SET made_by = 'x';
RESET ROLE;
SELECT count(*) AS changed FROM erp.assignment_act WHERE made_by = 'x';

SELECT clex.drop_store('erp');
DROP FUNCTION paper(text, text, text, text, text, text, text), said(bytea, text, text);
DROP ROLE regress_assign_owner, regress_assign_cfo, regress_assign_treasurer, regress_assign_second, regress_assign_clerk, regress_assign_supplier, regress_assign_bank, regress_assign_fund;
