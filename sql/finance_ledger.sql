-- module finance: the ledger of invoices, claims on them, and who is to be paid
SET client_min_messages = warning;
\set VERBOSITY terse
\set SHOW_CONTEXT never
CREATE ROLE regress_ledger_owner NOLOGIN;
CREATE ROLE regress_ledger_treasurer;
CREATE ROLE regress_ledger_clerk;
CREATE ROLE regress_ledger_supplier;
SELECT clex.create_store('erp', owner => 'regress_ledger_owner');
SELECT erp.add_tenant(1, 'Hotel');
SELECT erp.add_member(1, 'regress_ledger_clerk', 'ap_clerk'), erp.add_member(1, 'regress_ledger_treasurer', 'treasurer'), erp.add_member(1, 'regress_ledger_supplier', 'supplier');
SELECT erp.set_party(1, 'S1', 'Moulins', 'FR') > 0 AS seller, erp.set_party(1, 'B', 'Hotel', 'FR') > 0 AS buyer, erp.set_party(1, 'F', 'Factor', 'FR') > 0 AS factor;
SELECT erp.add_identifier(1, 'S1', 'vat', 'FR05832194070'), erp.add_identifier(1, 'B', 'vat', 'FR88790453187'), erp.set_entity(1, 'E', 'company', 'Hotel', party => 'B') > 0 AS entity,
	erp.scope_member(1, 'regress_ledger_supplier', 'supplier', party => 'S1');
-- invoices of one seller; customer: sold by the entity itself
CREATE FUNCTION paper(number text, payable numeric, kind text DEFAULT 'invoice', currency text DEFAULT 'EUR', issued date DEFAULT '2026-03-02', sold boolean DEFAULT false) RETURNS bytea LANGUAGE sql AS $$
	SELECT clex.write(jsonb_build_object('$kind', kind,
		'invoice', jsonb_build_object('number', number, 'issue_date', issued, 'due_date', issued + 60, 'type_code', CASE kind WHEN 'invoice' THEN '380' ELSE '381' END, 'currency', currency),
		'seller', jsonb_build_object('name', 'S', 'vat_number', CASE WHEN sold THEN 'FR88790453187' ELSE 'FR05832194070' END, 'address', '{"country": "FR"}'::jsonb),
		'buyer', jsonb_build_object('name', 'B', 'vat_number', CASE WHEN sold THEN 'DE136695976' ELSE 'FR88790453187' END, 'address', '{"country": "FR"}'::jsonb),
		'payment', '{"means_code": "30", "credit_transfers": [{"account": "FR7630006000011234567890189"}]}'::jsonb,
		'totals', jsonb_build_object('payable', payable, 'with_vat', payable),
		'lines', '[{"identifier": "1", "quantity": 1, "unit": "H87", "net_amount": 1, "item": {"name": "Flour"}}]'::jsonb)::text::clex.document, 'ubl') $$;
CREATE FUNCTION ledger() RETURNS TABLE (number text, face numeric, overpaid numeric, paid numeric, discount numeric, credited numeric, open numeric, disputed numeric, payable_now numeric, holds boolean) LANGUAGE sql AS $$
	SELECT number, face, overpaid, paid, discount, credited, open, disputed, payable_now, face + overpaid = paid + discount + credited + open FROM erp.ledger ORDER BY document_id $$;
SELECT s.document_id, s.state, s.kind FROM (VALUES (1, paper('F-1', 1000)), (2, paper('F-2', 500)), (3, paper('A-1', 100, 'credit_note')), (4, paper('Y-1', 9000, currency => 'JPY')),
	(5, paper('V-1', 300, sold => true))) v (n, content), erp.submit(1, content) s ORDER BY 1;
SELECT document_id, direction, status, clex.value(document, 'BT-84') AS account FROM erp.invoice_states JOIN erp.invoice USING (tenant_id, document_id, number) ORDER BY 1;
SELECT persona, may FROM erp.persona_right WHERE may IN ('discount', 'accept', 'fund', 'auction', 'settle') ORDER BY 1, 2;

-- payments: in parts, twice, too much, taken back
SET ROLE regress_ledger_treasurer;
SELECT erp.record_payment(1, 1, 400, '2026-03-20', 'T1', 'p1'), erp.record_payment(1, 1, 400, '2026-03-20', 'T1', 'p1');
SELECT erp.record_payment(1, 1, 401, '2026-03-20', 'T1', 'p1');
SELECT erp.record_payment(1, 2, 400, '2026-03-20', 'T1', 'p1');
SELECT erp.record_payment(1, 1, 600.01, '2026-03-21', 'T2', 'p2');
SELECT erp.record_payment(1, 1, 0.005, '2026-03-21', 'T2', 'p2'), erp.record_payment(1, 4, 0.5, '2026-03-21', 'T2', 'p2');
SELECT erp.record_payment(1, 4, 0.5, '2026-03-21', 'T2', 'p2');
SELECT erp.record_payment(1, 1, -400, '2026-03-21', 'T2', 'p2');
SELECT erp.record_payment(1, 1, NULL, '2026-03-21', 'T2', 'p2');
SELECT erp.record_payment(1, 1, 1, NULL, 'T2', 'p2');
SELECT erp.record_payment(1, 3, 10, '2026-03-21', 'T2', 'p2');
SELECT erp.record_payment(1, 99, 10, '2026-03-21', 'T2', 'p2');
SELECT erp.record_payment(1, 1, 700, '2026-03-21', 'bank', 'p2', by_bank => true);
SELECT * FROM ledger();
SELECT erp.reverse_payment(1, 1, 'p1', '2026-03-25', 'came back', 'r1'), erp.reverse_payment(1, 1, 'p1', '2026-03-25', 'came back', 'r1');
SELECT erp.reverse_payment(1, 1, 'p1', '2026-03-25', 'came back', 'r2');
SELECT erp.reverse_payment(1, 1, 'p9', '2026-03-25', 'came back', 'r2');
SELECT erp.reverse_payment(1, 1, 'r1', '2026-03-25', 'came back', 'r2');
SELECT erp.reverse_payment(1, 1, 'p2', '2026-03-25', 'came back', 'r1');
SELECT number, entry_no, kind, amount, currency, booked_on, reference, reverses, entry_key, actor FROM erp.ledger_entries ORDER BY document_id, entry_no;
SELECT * FROM ledger();
-- a supplier sees what was paid of its own, and records nothing; a clerk does not pay
SET ROLE regress_ledger_supplier;
SELECT number, paid, open FROM erp.ledger ORDER BY document_id;
SELECT erp.record_payment(1, 1, 1, '2026-03-20', 'x', 'x');
SET ROLE regress_ledger_clerk;
SELECT erp.record_payment(1, 1, 1, '2026-03-20', 'x', 'x');
SELECT erp.book_entry(1, 1, 'discount', 1, '2026-03-20', 'x', 'x');
INSERT INTO erp.ledger_entry (tenant_id, document_id, entry_no, kind, amount, currency, booked_on, entry_key) VALUES (1, 1, 9, 'paid', 1, 'EUR', '2026-03-20', 'x');
-- what is booked stays, for the store's owner too
SET ROLE regress_ledger_owner;
UPDATE erp.ledger_entry SET amount = 1;
DELETE FROM erp.ledger_entry;
SELECT erp.book_entry(1, 2, 'write_off', 1, '2026-03-20', 'x', 'x');
SELECT erp.book_entry(1, 2, 'discount', 500.01, '2026-03-20', 'x', 'x', by_bank => true);
SELECT erp.book_entry(1, 2, 'discount', 10, '2026-03-20', 'x', 'x');
-- a credit note takes off, also after payment
SELECT erp.link_note(1, 3, 2, 60);
SELECT erp.record_payment(1, 2, 430, '2026-03-20', 'T3', 'p3');
SELECT erp.link_note(1, 3, 1);
SELECT * FROM ledger();

-- claims: not before it is approved, not twice, and with what else stands in the way
SELECT erp.claim_invoice(1, 1, 'offer', 'campaign 1', 11);
RESET ROLE;
SELECT new_status FROM erp.set_status(1, 1, 'approved');
SELECT new_status FROM erp.set_status(1, 2, 'approved');
SELECT new_status FROM erp.set_status(1, 4, 'approved');
SET ROLE regress_ledger_owner;
SELECT * FROM erp.claim_objections(1, '{1,2,3,4,5,99}');
SELECT erp.claim_invoice(1, 1, 'offer', 'campaign 1', 11);
SELECT erp.claim_invoice(1, 1, 'auction', 'auction 1', 1);
\set VERBOSITY default
SELECT erp.claim_invoice(1, 1, 'offer', 'campaign 1', 11);
\set VERBOSITY terse
SELECT erp.claim_invoice(1, 99, 'offer', 'campaign 1', 11);
SELECT erp.claim_invoice(1, 3, 'offer', 'campaign 1', 11);
SELECT erp.claim_invoice(1, 2, 'offer', 'campaign 1', 11);
SELECT erp.claim_invoices(1, '{4,5}', 'gift', 'x', '{1,2}');
SELECT erp.claim_invoices(1, '{4,5}', 'auction', 'auction 1', '{1}');
SELECT erp.claim_invoices(1, '{4,1}', 'auction', 'auction 1', '{1,1}');
-- sold: before the customer has said anything; all or none
SELECT erp.claim_invoices(1, '{4,5}', 'auction', 'auction 1', '{1,1}');
SELECT number, kind, holder, reference, amount, currency FROM erp.claims ORDER BY document_id;
-- the same receivable under another document, spelt otherwise
SELECT s.document_id, repeats FROM erp.submit(1, paper('f 0001', 1000)) s;
SELECT s.document_id, repeats FROM erp.submit(1, paper('F-1', 1000, issued => '2025-12-31')) s;
SELECT new_status FROM erp.set_status(1, 6, 'approved');
SELECT new_status FROM erp.set_status(1, 7, 'approved');
\set VERBOSITY default
SELECT erp.claim_invoice(1, 6, 'auction', 'auction 1', 1);
\set VERBOSITY terse
SELECT erp.claim_invoice(1, 7, 'auction', 'auction 1', 1);
-- from hand to hand, and back
SELECT erp.turn_claims(1, '{4,5}', 'auction', '{1,1}', 'assignment', 'bank', '{7,7}');
SELECT erp.turn_claims(1, '{4,5}', 'auction', '{1,1}', 'assignment', 'bank', '{7,7}');
SELECT erp.turn_claims(1, '{4,5}', 'auction', '{1,1}', 'assignment', 'other bank', '{7,7}');
SELECT erp.turn_claim(1, 5, 'offer', 3, 'payment', 'order 1', 1);
SELECT erp.turn_claim(1, 5, 'assignment', 7, 'payment', 'order 1', 1);
SELECT erp.release_claim(1, 5, 'assignment', 7), erp.release_claim(1, 5, 'payment', 1), erp.release_claim(1, 5, 'payment', 1);
SELECT erp.release_claim(1, 7, 'auction', 1);
-- hurt by a dispute, and by a payment that somebody made all the same
SELECT * FROM erp.hurt_claims;
RESET ROLE;
SELECT erp.open_dispute(1, 4, '{QTE_ERR}', 'half of it', amount => 4500);
SELECT erp.record_payment(1, 1, 100, '2026-03-22', 'ERP', 'p4');
SELECT document_id, kind, holder, reference, amount, undisputed, missing, currency, hurt, remedy FROM erp.hurt_claims ORDER BY 1;
SELECT * FROM erp.claim_objections(1, '{4,5,6,7}');
SET ROLE regress_ledger_supplier;
SELECT number, kind FROM erp.claims ORDER BY document_id;

-- who is paid: as the invoice says, if the master data know the account
SET ROLE regress_ledger_treasurer;
SELECT payee_kind, iban, name, source, confirmed FROM erp.creditor_of(1, 1);
RESET ROLE;
SELECT erp.add_identifier(1, 'S1', 'iban', 'FR7630006000011234567890189');
SELECT payee_kind, iban, source, confirmed FROM erp.creditor_of(1, 1);
SELECT * FROM erp.creditor_of(1, 99);
-- somebody says it changed: nobody is paid before somebody else confirms it through another channel
SET ROLE regress_ledger_owner;
SELECT erp.set_creditor(1, 1, 'supplier', NULL, NULL, 'FR76 3000 6000 0112 3456 7890 188', NULL, 'Moulins', '227');
SELECT erp.set_creditor(1, 1, 'supplier', NULL, NULL, 'DE89 3704 0044 0532 0130 00', NULL, 'Moulins', '227');
SELECT erp.set_creditor(1, 1, 'supplier', NULL, NULL, 'DE89370400440532013000', NULL, 'Moulins', '227');
SELECT payee_kind, iban, source, confirmed FROM erp.creditor_of(1, 1);
SELECT erp.confirm_creditor(1, 1, 'call');
SET ROLE regress_ledger_clerk;
SELECT erp.confirm_creditor(1, 1, 'call');
SET ROLE regress_ledger_treasurer;
SELECT erp.confirm_creditor(1, 1, ' ');
SELECT erp.confirm_creditor(1, 2, 'call');
SELECT erp.confirm_creditor(1, 1, 'call'), erp.confirm_creditor(1, 1, 'call again');
SELECT payee_kind, iban, source, confirmed FROM erp.creditor_of(1, 1);
SELECT number, payee_kind, iban, source, entered_by, confirmed, confirmed_by, channel FROM erp.creditors ORDER BY id;
SET ROLE regress_ledger_owner;
SELECT erp.set_creditor(1, 1, 'financier', NULL, 5, 'DE89370400440532013000', NULL, 'Factor', '225', now() + interval '1 day') > 0 AS from_tomorrow;
SELECT payee_kind, confirmed FROM erp.creditor_of(1, 1);
SELECT erp.set_creditor(1, 1, 'supplier', NULL, 5, 'DE89370400440532013000', NULL, 'Factor', '225');
RESET ROLE;
-- refused: owed by nobody, and what was paid is over
SELECT new_status FROM erp.set_status(1, 1, 'refused', '{DOUBLE_FACT}');
SELECT * FROM ledger();
SELECT kind, holder, missing, hurt, remedy FROM erp.hurt_claims WHERE document_id = 1;
SELECT action, count(*) FROM erp.event WHERE action ~ 'payment|creditor' GROUP BY 1 ORDER BY 1;

SELECT clex.drop_store('erp');
DROP FUNCTION ledger(), paper(text, numeric, text, text, date, boolean);
DROP ROLE regress_ledger_owner, regress_ledger_treasurer, regress_ledger_clerk, regress_ledger_supplier;
