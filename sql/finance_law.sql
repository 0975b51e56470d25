-- module finance: what French law asks of an instrument, of telling the debtor, of statuses, and of VAT, where a financier pays
SET client_min_messages = warning;
\set VERBOSITY terse
\set SHOW_CONTEXT never
CREATE ROLE regress_law_owner NOLOGIN;
CREATE ROLE regress_law_treasurer;
CREATE ROLE regress_law_second;
CREATE ROLE regress_law_bank;
CREATE ROLE regress_law_firm;
CREATE ROLE regress_law_hotel;
SELECT clex.create_store('erp', owner => 'regress_law_owner');
SELECT erp.add_tenant(1, 'Moulins');
SELECT erp.add_member(1, 'regress_law_' || r, p) FROM (VALUES ('treasurer', 'treasurer'), ('second', 'treasurer'), ('bank', 'financier'), ('firm', 'financier'), ('hotel', 'ap_clerk')) m (r, p);
-- the tenant is the seller; of what it sells within the group the buyer is another company of its own, and has a member that sees that company alone
SELECT erp.set_party(1, 'ME', 'Moulins', 'FR') > 0 AS me, erp.set_party(1, 'C1', 'Hotel', 'FR', language => 'de', email => 'hotel@example.org') > 0 AS customer, erp.set_party(1, 'G', 'Auberge', 'FR') > 0 AS sister;
SELECT erp.add_identifier(1, 'ME', 'vat', 'FR05832194070'), erp.add_identifier(1, 'C1', 'vat', 'FR88790453187'), erp.add_identifier(1, 'G', 'vat', 'FR40303265045'),
	erp.set_entity(1, 'M', 'company', 'Moulins', party => 'ME') > 0 AS mill, erp.set_entity(1, 'A', 'company', 'Auberge', party => 'G') > 0 AS inn, erp.scope_member(1, 'regress_law_hotel', 'ap_clerk', entity => 'A');
\set ubl `cat extension/test/samples/fr-moulin-farine.xml`
SELECT set_config('my.ubl', :'ubl', false) <> '' AS ubl;
-- VAT as in the sample: 1,067.87 at 5.5 % and 489.60 at 20 %, with VAT, whatever is payable
CREATE FUNCTION put(number text, payable text, buyer text DEFAULT 'FR88790453187') RETURNS bigint LANGUAGE sql AS $$
	SELECT s.document_id FROM erp.submit(1, convert_to(replace(regexp_replace(regexp_replace(regexp_replace(regexp_replace(current_setting('my.ubl'), '<cac:OrderReference>.*?</cac:OrderReference>', ''),
		'(<cbc:ID>)[^<]*', '\1' || number), '(<cbc:PayableAmount[^>]*>)[^<]*', '\1' || payable), '(<cbc:DueDate>)[^<]*', '\12090-06-13'), 'FR88790453187', buyer), 'UTF8')) s $$;
-- how blanks in amounts look hangs on the version of ICU
CREATE FUNCTION said(content bytea, member text) RETURNS text LANGUAGE sql AS $$ SELECT translate(convert_from(content, 'UTF8')::jsonb ->> member, U&'\00a0\202f', '  ') $$;
GRANT EXECUTE ON FUNCTION said(bytea, text) TO PUBLIC;
SELECT count(put('F-' || n, a)) AS sold FROM (VALUES (1, '100.00'), (2, '200.00'), (3, '300.50'), (4, '1557.47'), (5, '400.00'), (6, '50.00'), (7, '1557.47')) v (n, a);
SELECT put('I-1', '80.00', 'FR40303265045') AS within_the_group;
SELECT number, direction, payable FROM erp.invoice_states ORDER BY document_id;
SELECT number, outcome, new_status FROM erp.invoice i, erp.receive_status(1, i.document_id, '203', 'platform', 'E-' || i.number, '2026-03-10') WHERE number IN ('F-1', 'F-4', 'F-7') ORDER BY 1;
SELECT outcome, new_status FROM erp.set_status(1, 8, 'approved');
SELECT erp.set_financier(1, 'BANK', 'Banque du Fleuve SA', 'credit_institution', '552081317', '2 quai des Comptes, 69002 Lyon', language => 'fr') > 0 AS bank,
	erp.set_financier(1, 'FIRM', 'Négoce et Fils', 'other', '303265045', '5 rue du Port, 33000 Bordeaux') > 0 AS firm;
SELECT erp.set_line(1, f, 'EUR', 0.06, iban => 'FR7630006000011234567890189', bic => 'AGRIFRPP', valid_from => '2026-01-01'), erp.set_limit(1, f, 'EUR', 100000),
	erp.scope_financier(1, 'regress_law_' || lower(f), f) FROM unnest('{BANK,FIRM}'::text[]) f;
CREATE FUNCTION sign_all(a bigint) RETURNS bigint LANGUAGE sql AS $$
	SELECT count(erp.sign_act(1, t.id, 'M. Meunier', 'paper', decode(t.sha256, 'hex'), '2090-03-01')) FROM erp.assignment_acts t WHERE t.assignment_id = a $$;
GRANT EXECUTE ON FUNCTION sign_all(bigint) TO PUBLIC;
CREATE FUNCTION lacks(a bigint) RETURNS text[] LANGUAGE sql AS $$
	SELECT array_agg(f.mention ORDER BY f.ordinal) FILTER (WHERE NOT f.holds) FROM erp.assignment_acts t, erp.act_findings(1, t.id) f WHERE t.assignment_id = a $$;
GRANT EXECUTE ON FUNCTION lacks(bigint) TO PUBLIC;
-- a value stands by itself or not at all
SELECT erp.stands_in('2', 'Nombre : 2') AS itself, erp.stands_in('2', 'L. 313-2, 12, 2.50, 2026-03-02, 2e, n° 1/2') AS within, erp.stands_in('2', '2 factures (2), 2.') AS marked, erp.stands_in('1.5', '1x5') AS literal,
	erp.stands_in('100.00 EUR', '1100.00 EUR') AS longer, erp.stands_in('', 'x') AS empty;

-- a bordereau by file: means, SHA-256, number and total instead of the receivables; 100.00 + 200.00 + 300.50 = 600.50, price 600.50 x 6 % x 90/360, invoice by invoice 1.50 + 3.00 + 4.51
SELECT erp.set_setting(1, 'finance.electronic_list_above', '2');
SET ROLE regress_law_treasurer;
SELECT erp.assign_invoices(1, 'BANK', '{1,2,3}', '2090-03-15') AS a \gset
SELECT electronic, count, total, regexp_replace(replace(text, '1/' || :a, '1/N'), '[0-9a-f]{64}', 'HASH') AS text FROM erp.assignment_acts WHERE assignment_id = :a;
SELECT convert_from(list, 'UTF8') AS list FROM erp.assignment_acts WHERE assignment_id = :a;
SELECT mention, holds, CASE mention WHEN 'file' THEN left(regexp_replace(found, '^[0-9a-f]{64}$', 'HASH'), 10) ELSE found END AS found, source FROM erp.act_findings(1, (SELECT id FROM erp.assignment_acts WHERE assignment_id = :a)) ORDER BY ordinal;
SELECT erp.release_assignment(1, :a, 'withdrawn');
-- in words of one's own each of them can be forgotten, and is missed, though a 2 or a 3 stands in every article and address
RESET ROLE;
CREATE FUNCTION forgetting(list text) RETURNS text[] LANGUAGE plpgsql AS $$
DECLARE
	a bigint;
	l text[];
BEGIN
	PERFORM erp.set_setting(1, 'finance.act_dailly', jsonb_build_object('list', list, 'foot', E'Prix : net {net}\n'));
	a := erp.assign_invoices(1, 'BANK', '{1,2,3}', '2090-03-15');
	l := lacks(a);
	PERFORM erp.release_assignment(1, a, 'withdrawn');
	RETURN l;
END $$;
SELECT what, forgetting(list) AS lacks FROM (VALUES (1, 'nothing', E'{count} créances, {total} {currency}, par un procédé informatique permettant de les identifier : {list_hash}\n'),
	(2, 'means', E'{count} créances, {total} {currency}, fichier {list_hash}\n'), (3, 'file', E'{count} créances, {total} {currency}, par un procédé informatique permettant de les identifier\n'),
	(4, 'number', E'Créances : {total} {currency}, par un procédé informatique permettant de les identifier : {list_hash}\n'),
	(5, 'total', E'{count} créances, par un procédé informatique permettant de les identifier : {list_hash}\n')) v (n, what, list) ORDER BY n;
SELECT erp.set_setting(1, 'finance.act_dailly', '{"list": "{count} créances, par un procédé informatique permettant de les identifier : {list_hash}\n", "foot": "\n"}');
SELECT erp.assign_invoices(1, 'BANK', '{1,2,3}', '2090-03-15') AS a \gset
SELECT sign_all(:a);
SET ROLE regress_law_bank;
\set VERBOSITY default
SELECT erp.accept_assignment(1, :a, 'Mme Banque', '2090-03-01');
\set VERBOSITY terse
RESET ROLE;
SELECT erp.release_assignment(1, :a, 'withdrawn'), erp.set_setting(1, 'finance.act_dailly', NULL), erp.set_setting(1, 'finance.electronic_list_above', NULL);

-- by deed under the civil code: who is neither bank nor fund; in writing, with its own mentions, and the debtor bound once it is told
SET ROLE regress_law_treasurer;
SELECT erp.assign_invoices(1, 'FIRM', '{5,6}', '2090-03-15', '{0.06,0.09}') AS c \gset
SELECT financier, instrument, recourse, amount, discount, net FROM erp.assignments WHERE id = :c;
SELECT kind, replace(text, '1/' || :c, '1/N') AS text FROM erp.assignment_acts WHERE assignment_id = :c;
SELECT mention, holds, found, needed, source FROM erp.act_findings(1, (SELECT id FROM erp.assignment_acts WHERE assignment_id = :c)) ORDER BY ordinal;
SET ROLE regress_law_firm;
SELECT erp.accept_assignment(1, :c, 'M. Fils', '2090-03-01');
SET ROLE regress_law_treasurer;
SELECT sign_all(:c), lacks(:c);
SET ROLE regress_law_firm;
SELECT erp.accept_assignment(1, :c, 'M. Fils', '2090-03-01');
SELECT erp.settle_assignment(1, :c, '2090-03-15', 'PAY-C');
SET ROLE regress_law_treasurer;
SELECT erp.notify_assignment(1, :c), erp.accept_as_debtor(1, :c, 'x', 'x');
SELECT erp.notify_assignment(1, :c);
SELECT said(content, 'language') AS language, said(content, 'text') AS text FROM erp.outgoing_messages WHERE format = 'json' ORDER BY id DESC LIMIT 1;

-- by bordereau the debtor is told in the words of CMF R313-15 too, in whatever language it is written to
SELECT erp.assign_invoices(1, 'BANK', '{4}', '2090-03-15', '{0.06}') AS d \gset
SELECT sign_all(:d);
SET ROLE regress_law_bank;
SELECT erp.accept_assignment(1, :d, 'Mme Banque', '2090-03-01');
SET ROLE regress_law_treasurer;
SELECT erp.notify_assignment(1, :d);
SELECT said(content, 'language') AS language, said(content, 'text') AS text FROM erp.outgoing_messages WHERE format = 'json' ORDER BY id DESC LIMIT 1;

-- what a financier keeps is no discount: after settlement and repayment no VAT has fallen, no note is due, and none is written.  1557.47 x 6 % x 90/360 = 23.36
SET ROLE regress_law_bank;
SELECT erp.settle_assignment(1, :d, '2090-03-15', 'PAY-D');
SET ROLE regress_law_firm;
SELECT erp.settle_assignment(1, :c, '2090-03-15', 'PAY-C');
SET ROLE regress_law_treasurer;
SELECT erp.record_payment(1, 4, 557.47, '2090-06-12', 'statement', 'P-1'), erp.record_payment(1, 4, 1000, '2090-06-13', 'statement', 'P-2'), erp.record_payment(1, 5, 400, '2090-06-13', 'statement', 'P-3');
SELECT number, face, vat, amount, discount, net, repaid, state FROM erp.assigned_invoices WHERE assignment_id IN (:c, :d) ORDER BY 1;
SELECT number, face, paid, discount, credited, open FROM erp.ledger WHERE document_id IN (4, 5, 6) ORDER BY document_id;
SELECT (SELECT count(*) FROM erp.vat_corrections) AS corrections, (SELECT count(*) FROM erp.discount_vat) AS falls, (SELECT count(*) FROM erp.ledger_entries WHERE kind = 'discount') AS discounts,
	(SELECT count(*) FROM erp.discount_gains) AS gains, (SELECT count(*) FROM erp.invoice_states WHERE is_credit) AS notes;
RESET ROLE;
SELECT erp.set_number_series(1, 'M', 'A');
SELECT erp.issue_discount_note(1, 4, 'A');
SELECT erp.document_discount(1, 4, 5);
SELECT category, rate, taxable_amount, tax_amount FROM erp.vat_breakdown WHERE document_id = 4 ORDER BY rate;
-- 212: a message for each payment, what was received at each rate: 557.47 x 489.60 / 1557.47 = 175.2442, the rest 382.23; 314.36 and 685.64 of 1000
SELECT e.message, c ->> 'type' AS type, c ->> 'percent' AS percent, c ->> 'amount' AS amount FROM erp.status_events e, jsonb_array_elements(e.facts -> 'characteristics') WITH ORDINALITY c (c, n)
WHERE e.document_id = 4 AND e.status = '212' ORDER BY e.id, n;
SELECT count(*) AS of_an_escompte FROM erp.status_events e WHERE e.facts::text ~ 'ESC' AND e.document_id IN (4, 5, 6);
-- 212 by the financier that pays: whoever paid is the payer, each has a message of its own, the whole with VAT and not the net; nothing is said again when the debtor pays
SELECT erp.set_setting(1, 'finance.receipt_by', '"financier"');
SET ROLE regress_law_treasurer;
SELECT erp.assign_invoices(1, 'FIRM', '{1}', '2090-03-15', '{0.06}', instrument => 'subrogation') AS e, erp.assign_invoices(1, 'BANK', '{7}', '2090-03-15', '{0.06}') AS g \gset
SELECT sign_all(:e), sign_all(:g);
SET ROLE regress_law_firm;
SELECT erp.accept_assignment(1, :e, 'M. Fils', '2090-03-01');
SET ROLE regress_law_bank;
SELECT erp.accept_assignment(1, :g, 'Mme Banque', '2090-03-01');
SET ROLE regress_law_treasurer;
SELECT erp.notify_assignments(1);
SET ROLE regress_law_firm;
SELECT erp.settle_assignment(1, :e, '2090-03-15', 'PAY-E');
SET ROLE regress_law_bank;
SELECT erp.settle_assignment(1, :g, '2090-03-15', 'PAY-G');
SET ROLE regress_law_treasurer;
SELECT erp.record_payment(1, 7, 1557.47, '2090-06-13', 'statement', 'P-4');
SELECT i.number, e.message, c ->> 'percent' AS percent, c ->> 'amount' AS amount FROM erp.status_events e JOIN erp.invoice i USING (document_id), jsonb_array_elements(e.facts -> 'characteristics') WITH ORDINALITY c (c, n)
WHERE i.number IN ('F-1', 'F-7') AND e.status = '212' ORDER BY e.document_id, e.id, n;

-- undisclosed: 226 is for the seller's own books.  No message of it leaves by any channel, no letter and no creditor names the financier; where the buyer is in the same store it cannot be at all
SELECT max(id) AS last FROM erp.outgoing_messages \gset
SELECT erp.assign_invoices(1, 'BANK', '{2}', '2090-03-15', disclosed => false) AS h \gset
SELECT sign_all(:h);
SET ROLE regress_law_bank;
SELECT erp.accept_assignment(1, :h, 'Mme Banque', '2090-03-01');
SET ROLE regress_law_treasurer;
SELECT erp.notify_assignment(1, :h);
SELECT status, issuer, facts - 'assignment' AS facts FROM erp.status_events WHERE document_id = 2 ORDER BY id DESC LIMIT 1;
SELECT count(*) AS messages FROM erp.outgoing_messages WHERE id > :last;
SELECT count(*) AS creditors FROM erp.creditors WHERE document_id = 2;
SELECT erp.assign_invoices(1, 'BANK', '{8}', '2090-03-15', disclosed => false);
SELECT erp.set_status(1, 8, 'factored_undisclosed');
SET ROLE regress_law_hotel;
SELECT number, marks FROM erp.invoice_states ORDER BY 1;
SELECT count(*) AS events_of_226 FROM erp.status_events WHERE status = '226';
SET ROLE regress_law_bank;
SELECT erp.settle_assignment(1, :h, '2090-03-15', 'PAY-H');
SET ROLE regress_law_treasurer;
SELECT said(content, 'notice') AS notice, said(content, 'to') AS recipient, position('BANK' IN said(content, 'text')) + position('Hotel' IN said(content, 'to')) AS names FROM erp.outgoing_messages WHERE id > :last ORDER BY id;
RESET ROLE;
SELECT clex.drop_store('erp');
DROP FUNCTION put(text, text, text), said(bytea, text), sign_all(bigint), lacks(bigint), forgetting(text);
DROP ROLE regress_law_owner, regress_law_treasurer, regress_law_second, regress_law_bank, regress_law_firm, regress_law_hotel;
