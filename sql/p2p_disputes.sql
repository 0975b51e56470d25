-- module p2p: disputes, credit notes, what is left to pay
SET client_min_messages = warning;
\set VERBOSITY terse
\set SHOW_CONTEXT never
CREATE ROLE regress_disputes_owner NOLOGIN;
CREATE ROLE regress_disputes_clerk;
CREATE ROLE regress_disputes_approver;
CREATE ROLE regress_disputes_supplier;
SELECT clex.create_store('erp', owner => 'regress_disputes_owner');
SELECT erp.add_tenant(1, 'Hotel');
SELECT erp.add_member(1, 'regress_disputes_clerk', 'ap_clerk'), erp.add_member(1, 'regress_disputes_approver', 'approver'),
	erp.add_member(1, 'regress_disputes_supplier', 'supplier');
SELECT erp.set_party(1, 'S1', 'Moulins', 'FR') > 0 AS party;
SELECT erp.add_identifier(1, 'S1', 'vat', 'FR05832194070'), erp.scope_member(1, 'regress_disputes_supplier', 'supplier', party => 'S1');
\set ubl `cat extension/test/samples/fr-wrong-total.xml`
\set note `cat extension/test/samples/fr-avoir-retour.xml`
SELECT set_config('my.ubl', :'ubl', false) <> '' AS ubl, set_config('my.note', :'note', false) <> '' AS note;
-- invoices and notes of one seller, by number and amount
CREATE FUNCTION paper(sample text, number text, payable text, currency text DEFAULT 'EUR') RETURNS bytea LANGUAGE sql AS $$
	SELECT convert_to(regexp_replace(regexp_replace(regexp_replace(regexp_replace(replace(current_setting(sample), 'EUR', currency), '<cac:OrderReference>.*?</cac:OrderReference>', ''), '(<cbc:ID>)[^<]*', '\1' || number),
		'(<cbc:PayableAmount[^>]*>)[^<]*', '\1' || payable), 'FR[0-9]{11}(?=</cbc:CompanyID>)', 'FR05832194070'), 'UTF8') $$;
SELECT kind, state FROM erp.submit(1, paper('my.ubl', 'F-1', '1000.00'));
SELECT kind, state FROM erp.submit(1, paper('my.ubl', 'F-2', '500.00'));
SELECT kind, state FROM erp.submit(1, paper('my.note', 'A-1', '700.00'));
SELECT kind, state FROM erp.submit(1, paper('my.note', 'A-2', '100.00'));
SELECT kind, state FROM erp.submit(1, paper('my.note', 'A-3', '50.00', 'USD'));
SELECT document_id, number, is_credit, status, payable, currency FROM erp.invoice_states ORDER BY 1;
SELECT line_no, net_amount, vat_rate FROM erp.invoice_lines WHERE document_id = 1 ORDER BY 1;

-- an amount, a line, more than there is, what is not there
SET ROLE regress_disputes_clerk;
SELECT erp.open_dispute(1, 1, '{QTE_ERR}', 'Nine boxes came, not ten', amount => 120.50);
SELECT number, face, credited, open, disputed, undisputed, payable_now, blocked_by FROM erp.open_amounts ORDER BY number;
SELECT erp.open_dispute(1, 1, '{PU_ERR}', 'Price', line_no => 1, amount => 80);
SELECT erp.open_dispute(1, 1, '{PU_ERR}', 'Price', line_no => 99);
SELECT erp.open_dispute(1, 1, '{PU_ERR}', 'Price', amount => 800);
SELECT erp.open_dispute(1, 1, '{PU_ERR}', 'Price', amount => -1);
SELECT erp.open_dispute(1, 2, '{JUSTIF_ABS}', 'A reason for something else');
SELECT erp.open_dispute(1, 3, '{QTE_ERR}', 'A credit note');
SELECT erp.open_dispute(1, 2, '{DOUBLE_FACT}', 'All of it', due_at => now() + interval '10 days');
SELECT erp.open_dispute(1, 2, '{QTE_ERR}', 'And more', amount => 1);
SELECT number, status FROM erp.invoice_states WHERE NOT is_credit ORDER BY 1;
SELECT number, line_no, amount, currency, reasons, state, overdue, last_message FROM erp.disputes ORDER BY id;
-- the supplier is asked, and answers
SET ROLE regress_disputes_supplier;
SELECT task, subject_id FROM erp.todo WHERE needs = 'respond' ORDER BY 2;
SELECT erp.answer_dispute(1, 1, 'A box was on its way') > 0 AS said;
SELECT erp.close_dispute(1, 1, 'withdrawn', 'not mine to close');
SELECT erp.link_note(1, 3, 1, 100, 1);
SELECT side, message FROM erp.dispute_messages WHERE dispute_id = 1 ORDER BY id;
-- approved in full is nothing that is disputed, and each refusal says so
SET ROLE regress_disputes_approver;
SELECT * FROM erp.set_status(1, 1, 'approved');
SELECT condition, found, needed, who FROM erp.explain_status(1, 1, 'approved') WHERE NOT holds;

-- a credit note over two invoices, in parts
SET ROLE regress_disputes_clerk;
SELECT note_id, number, amount, unused FROM erp.unused_notes ORDER BY 1;
SELECT erp.link_note(1, 3, 1, 60.50, 1);
SELECT erp.link_note(1, 3, 1, 60.50, 1);
SELECT erp.link_note(1, 3, 1, 61, 1);
SELECT number, credited, open, disputed, payable_now FROM erp.open_amounts WHERE document_id = 1;
SELECT id, state, credited FROM erp.disputes ORDER BY id;
SELECT erp.link_note(1, 4, 1, 60, 1);
SELECT id, state, credited FROM erp.disputes ORDER BY id;
SELECT number, credited, open, disputed, payable_now FROM erp.open_amounts WHERE document_id = 1;
SELECT erp.link_note(1, 3, 2, 640);
SELECT erp.link_note(1, 3, 2, dispute_id => 1);
SELECT erp.link_note(1, 1, 2, 10);
-- never from one currency to another
SELECT erp.link_note(1, 5, 2, 10);
SELECT erp.link_note(1, 3, 2, dispute_id => id) FROM erp.disputes WHERE document_id = 2;
SELECT state, credited FROM erp.disputes WHERE document_id = 2;
SELECT number, credited, open, disputed, payable_now, blocked_by FROM erp.open_amounts ORDER BY 1;
SELECT note_id, amount, unused FROM erp.unused_notes ORDER BY 1;
SELECT note_number, number, amount, currency, dispute_id FROM erp.corrections ORDER BY note_id, document_id;
SELECT erp.close_dispute(1, 2, 'paid', 'x');
SELECT erp.close_dispute(1, 2, 'withdrawn', 'We found the price list'), erp.close_dispute(1, 2, 'withdrawn', 'twice');
SELECT erp.close_dispute(1, 2, 'refused', 'otherwise');
SELECT erp.answer_dispute(1, 2, 'too late');
-- settled: the approver decides, and the rest is payable
SET ROLE regress_disputes_approver;
SELECT task, subject_id FROM erp.todo WHERE needs = 'approve' ORDER BY 2;
SELECT outcome, new_status FROM erp.set_status(1, 1, 'approved');
SELECT number, open, payable_now, blocked_by FROM erp.open_amounts ORDER BY 1;
RESET ROLE;
-- refused: owed by nobody; each dispute was announced to the supplier, also where the invoice was disputed already
SELECT outcome FROM erp.set_status(1, 2, 'refused', '{DOUBLE_FACT}');
SELECT document_id, clex.read_status(content) #>> '{acknowledgements,0,references,0,status}' AS status, clex.read_status(content) #>> '{acknowledgements,0,references,0,details,0,characteristics,0,amount}' AS contested, state FROM erp.outgoing_messages ORDER BY id;
SELECT number, face, open, payable_now, blocked_by FROM erp.open_amounts ORDER BY 1;
-- a debit note is paid beside what it corrects: a part of it each for two invoices, never more than it is of; and it may settle a dispute
SELECT kind, state FROM erp.submit(1, paper('my.ubl', 'F-3', '300.00'));
SELECT kind, state FROM erp.submit(1, paper('my.ubl', 'F-4', '80.00'));
SELECT kind, state FROM erp.submit(1, convert_to(replace(convert_from(paper('my.ubl', 'D-1', '30.00'), 'UTF8'), 'InvoiceTypeCode>380', 'InvoiceTypeCode>383'), 'UTF8'));
SELECT kind, state FROM erp.submit(1, convert_to(replace(convert_from(paper('my.ubl', 'D-2', '30.00', 'USD'), 'UTF8'), 'InvoiceTypeCode>380', 'InvoiceTypeCode>383'), 'UTF8'));
SELECT number, is_credit, direction, payable, currency FROM erp.invoice_states WHERE number ~ '^(D|F-[34])' ORDER BY 1;
CREATE FUNCTION pg_temp.id(text) RETURNS bigint LANGUAGE sql STABLE AS $$ SELECT document_id FROM erp.invoice WHERE tenant_id = 1 AND number = $1 $$;
SET ROLE regress_disputes_clerk;
SELECT erp.open_dispute(1, pg_temp.id('F-3'), '{TX_TVA_ERR}', 'Reduced rate is wrong here', amount => 50) AS dispute \gset
SELECT number, disputed, payable_now FROM erp.open_amounts WHERE document_id = pg_temp.id('F-3');
SELECT erp.link_note(1, pg_temp.id('D-1'), pg_temp.id('F-3'), 31, :dispute);
SELECT erp.link_note(1, pg_temp.id('D-2'), pg_temp.id('F-3'), 10, :dispute);
SELECT erp.link_note(1, pg_temp.id('D-1'), pg_temp.id('F-4'), 10, :dispute);
SELECT erp.link_note(1, pg_temp.id('D-1'), pg_temp.id('F-3'), 20, :dispute);
SELECT erp.link_note(1, pg_temp.id('D-1'), pg_temp.id('F-3'), 20, :dispute);
SELECT erp.link_note(1, pg_temp.id('D-1'), pg_temp.id('F-4'));
SELECT erp.link_note(1, pg_temp.id('D-1'), pg_temp.id('F-1'));
SELECT state, amount, credited FROM erp.disputes WHERE id = :dispute;
-- the invoice is open as before, and so is the note: both are paid
SELECT number, face, credited, open, disputed, undisputed FROM erp.open_amounts WHERE document_id IN (pg_temp.id('F-3'), pg_temp.id('F-4'), pg_temp.id('D-1')) ORDER BY 1;
SELECT note_number, number, is_credit, amount FROM erp.corrections WHERE NOT is_credit ORDER BY 2;
SET ROLE regress_disputes_approver;
SELECT outcome, new_status FROM erp.set_status(1, pg_temp.id('F-3'), 'approved');
SELECT outcome, new_status FROM erp.set_status(1, pg_temp.id('D-1'), 'approved');
SELECT number, payable_now FROM erp.open_amounts WHERE number IN ('F-3', 'D-1') ORDER BY 1;
RESET ROLE;
-- a credit note that is refused after it was linked takes nothing off any more
SELECT kind, state FROM erp.submit(1, paper('my.note', 'A-4', '25.00'));
SELECT erp.link_note(1, pg_temp.id('A-4'), pg_temp.id('F-4'));
SELECT open FROM erp.open_amounts WHERE number = 'F-4';
SELECT outcome FROM erp.set_status(1, pg_temp.id('A-4'), 'refused', '{TRANSAC_INC}');
SELECT open, credited FROM erp.open_amounts WHERE number = 'F-4';
SELECT erp.link_note(1, pg_temp.id('A-4'), pg_temp.id('F-3'), 1);

-- every invoice: what is credited, disputed and undisputed is its face
SELECT bool_and(credited + disputed + undisputed = face) AS adds_up FROM erp.open_amounts WHERE meaning <> 'refused';

SELECT clex.drop_store('erp');
DROP FUNCTION paper(text, text, text, text);
DROP ROLE regress_disputes_owner, regress_disputes_clerk, regress_disputes_approver, regress_disputes_supplier;
