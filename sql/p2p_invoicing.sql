-- invoices that are issued, with numbers without gaps, and answers to those that are received
SET client_min_messages = warning;
SET datestyle = 'ISO';
\set VERBOSITY terse
\set SHOW_CONTEXT never
CREATE ROLE regress_issue_owner NOLOGIN;
CREATE ROLE regress_issue_erp;
CREATE ROLE regress_issue_clerk;
CREATE ROLE regress_issue_cfo;
CREATE ROLE regress_issue_buyer;
SELECT clex.create_store('erp', owner => 'regress_issue_owner');
SELECT erp.add_tenant(1, 'Mill'), erp.add_tenant(2, 'Hotel');
SELECT erp.add_member(t, 'regress_issue_' || r, p) FROM (VALUES ('erp', 'integration'), ('clerk', 'ap_clerk'), ('cfo', 'cfo'), ('buyer', 'buyer')) m (r, p), generate_series(1, 2) t;
SELECT erp.set_party(t, 'MILL', 'Moulins', 'FR', email => 'compta@moulins.example') > 0, erp.set_party(t, 'HOTEL', 'Hôtel', 'FR') > 0 FROM generate_series(1, 2) t;
SELECT erp.add_identifier(t, 'MILL', 'vat', 'FR05832194070'), erp.add_identifier(t, 'HOTEL', 'vat', 'FR88790453187') FROM generate_series(1, 2) t;
SELECT erp.set_entity(1, 'M', 'company', 'Moulins SARL', party => 'MILL') > 0, erp.set_entity(2, 'H', 'company', 'Hôtel SAS', party => 'HOTEL') > 0;
\set sample `cat extension/test/samples/fr-moulin-farine.xml`
CREATE TEMP TABLE draft AS
SELECT (clex.read(convert_to(:'sample', 'UTF8'))::jsonb - '{$kind,$format,$reader,$provenance,$extras,totals,vat_breakdown}'::text[]) #- '{invoice,number}' #- '{lines,0,net_amount}' AS document;
GRANT SELECT ON draft TO PUBLIC;

-- series and partners
SET ROLE regress_issue_clerk;
SELECT erp.set_number_series(1, 'M', 'F');
SET ROLE regress_issue_cfo;
SELECT erp.set_number_series(1, 'M', 'F', '{series}-{number}');
SELECT erp.set_number_series(1, 'M', 'F', 'é{year}{number}');
SELECT erp.set_number_series(1, 'X', 'F');
SELECT erp.set_number_series(1, 'M', 'F'), erp.set_number_series(1, 'M', 'A', '{year}/{series}{number}', 3);
SELECT erp.set_partner_channel(1, 'HOTEL', 'invoice', 'peppol', 'cii');
SET ROLE regress_issue_erp;
SELECT erp.set_partner_channel(1, 'HOTEL', 'invoice', 'peppol', 'cii', '0225:790453187'), erp.set_partner_channel(1, 'HOTEL', 'prayer', 'peppol');
SELECT erp.set_partner_channel(1, 'HOTEL', 'invoice', 'peppol', 'cii', '0225:790453187');
SELECT * FROM erp.partner_channels;

-- what follows from the lines is filled in, and the customer gets it in its format
SET ROLE regress_issue_clerk;
SELECT i.number, i.is_repeated FROM draft, erp.issue_invoice(1, 'M', 'F', document, 'K-1') i;
SELECT i.number, i.is_repeated FROM draft, erp.issue_invoice(1, 'M', 'F', document, 'K-1') i;
SELECT number, currency, net, vat, gross, valid, format, source FROM erp.invoices WHERE tenant_id = 1;
SELECT category, rate, taxable_amount, tax_amount FROM erp.vat_breakdown WHERE tenant_id = 1 ORDER BY rate;
SELECT direction, lifecycle, status FROM erp.invoice_states WHERE tenant_id = 1;
SELECT o.post_key ~ '^invoice/' AS is_invoice, o.channel, o.format, o.kind, o.recipient, o.content = d.content AS same_bytes
FROM erp.outbox o JOIN erp.documents d ON d.id = o.document_id AND d.tenant_id = o.tenant_id;
SELECT i.number FROM draft, erp.issue_invoice(1, 'M', 'F', jsonb_set(document, '{invoice,issue_date}', '"2026-03-10"'), 'K-2') i;
-- a credit note in a series of its own
SELECT i.number FROM draft, erp.issue_invoice(1, 'M', 'A', jsonb_set(document || '{"$kind": "credit_note", "preceding_invoices": [{"number": "F-2026-000001", "issue_date": "2026-03-09"}]}', '{invoice,issue_date}', '"2026-03-11"'), 'K-3') i;
-- what is refused uses no number up
SELECT i.number FROM draft, erp.issue_invoice(1, 'M', 'F', jsonb_set(document, '{invoice,issue_date}', '"2026-03-10"') || '{"lines": []}', 'K-2') i;
SELECT i.number FROM draft, erp.issue_invoice(1, 'M', 'F', document, 'K-4') i;
SELECT i.number FROM draft, erp.issue_invoice(1, 'M', 'F', jsonb_set(document, '{invoice,number}', '"7"'), 'K-4') i;
SELECT i.number FROM draft, erp.issue_invoice(1, 'M', 'Z', document, 'K-4') i;
SELECT i.number FROM draft, erp.issue_invoice(1, 'M', 'F', document, NULL) i;
SELECT i.number FROM draft, erp.issue_invoice(1, 'M', 'F', jsonb_set(jsonb_set(document, '{invoice,issue_date}', '"2026-03-10"'), '{seller,vat_number}', '"FR88790453187"') #- '{seller,legal_registration}', 'K-4') i;
SELECT i.number FROM draft, erp.issue_invoice(1, 'M', 'F', jsonb_set(document, '{invoice,issue_date}', '"2026-03-10"') || '{"nonsense": 1}', 'K-4') i;
\set VERBOSITY default
SELECT i.number FROM draft, erp.issue_invoice(1, 'M', 'F', (jsonb_set(document, '{invoice,issue_date}', '"2026-03-10"') - 'notes') #- '{buyer,name}', 'K-4') i;
\set VERBOSITY terse
SET ROLE regress_issue_buyer;
SELECT i.number FROM draft, erp.issue_invoice(1, 'M', 'F', document, 'K-5') i;
SELECT erp.void_number(1, 'M', 'F', 'no');
SET ROLE regress_issue_clerk;
SELECT i.number FROM draft, erp.issue_invoice(1, 'M', 'F', jsonb_set(document, '{invoice,issue_date}', '"2026-03-10"'), 'K-4') i;
-- a new year, a new count
SELECT i.number FROM draft, erp.issue_invoice(1, 'M', 'F', jsonb_set(document #- '{invoice,due_date}', '{invoice,issue_date}', '"2027-01-02"'), 'K-6') i;

-- numbers that are not used are recorded; what is being sent cannot be
SELECT erp.void_number(1, 'M', 'F', ' ');
SELECT erp.void_number(1, 'M', 'F', 'typed twice', 'F-2026-000099');
SELECT erp.void_number(1, 'M', 'F', 'typed twice', 'F-2026-000002'), erp.void_number(1, 'M', 'F', 'typed twice', 'F-2026-000002');
SET ROLE regress_issue_erp;
SELECT count(*) FROM erp.claim_messages(1, 'peppol', 1);
SET ROLE regress_issue_clerk;
\set VERBOSITY default
SELECT erp.void_number(1, 'M', 'F', 'too late', 'F-2026-000001');
\set VERBOSITY terse
SELECT entity, series, ordinal, number, state, reason, message_state FROM erp.issued_numbers ORDER BY year, series, ordinal;
SELECT entity, series, year, last, numbers, void, unbroken FROM erp.number_chains ORDER BY year, series;
SELECT length(erp.void_number(1, 'M', 'F', 'form was torn'));
SELECT bool_and(unbroken) FROM erp.number_chains;

-- an invoice that was received: acknowledged, or refused since it does not conform
\set good `cat extension/test/samples/fr-moulin-farine.xml`
\set wrong `cat extension/test/samples/fr-wrong-total.xml`
SELECT s.valid FROM erp.submit(2, convert_to(:'good', 'UTF8')) s;
SELECT s.valid FROM erp.submit(2, convert_to(:'wrong', 'UTF8')) s;
CREATE FUNCTION pg_temp.received(is_valid boolean) RETURNS bigint LANGUAGE sql STABLE AS 'SELECT document_id FROM erp.invoices WHERE tenant_id = 2 AND valid = $1';
SELECT status, message_id IS NOT NULL AS answered FROM erp.acknowledge_invoice(2, pg_temp.received(true));
SELECT a.message_id = b.message_id AS same FROM erp.acknowledge_invoice(2, pg_temp.received(true)) a, erp.acknowledge_invoice(2, pg_temp.received(true)) b;
-- a supplier that wants answers in a way of its own gets them beside the lifecycle message
RESET ROLE;
SELECT erp.set_partner_channel(2, 'MILL', 'answer', 'mail', 'ubl');
SET ROLE regress_issue_clerk;
SELECT status FROM erp.reject_invoice(2, pg_temp.received(false));
SET ROLE regress_issue_cfo;
SELECT * FROM erp.reject_invoice(2, pg_temp.received(true));
SELECT * FROM erp.reject_invoice(2, pg_temp.received(true), '{NO_SUCH_CODE}');
SELECT status FROM erp.reject_invoice(2, pg_temp.received(false));
SELECT status FROM erp.reject_invoice(2, pg_temp.received(false));
SELECT e.status, e.reasons, e.message FROM erp.status_events e WHERE tenant_id = 2 AND document_id = pg_temp.received(false);
SELECT * FROM erp.acknowledge_invoice(2, pg_temp.received(false));
SELECT count(*) FROM erp.reject_invoice(1, (SELECT min(document_id) FROM erp.invoices WHERE tenant_id = 1), '{AUTRE}');
SELECT o.channel, o.kind, o.recipient, d.kind AS reads_as, clex.value(d.document, 'responses[1].code') AS code, clex.value(d.document, 'responses[1].document') AS document,
	clex.value(d.document, 'responses[1].reasons[1].code') AS reason, clex.value(d.document, 'responses[1].descriptions') AS words
FROM erp.outbox o, LATERAL clex.examine(o.content) d WHERE o.tenant_id = 2 AND o.kind = 'application_response' ORDER BY o.id;
RESET ROLE;
SELECT clex.drop_store('erp');
DROP FUNCTION pg_temp.received(boolean);
DROP ROLE regress_issue_owner, regress_issue_erp, regress_issue_clerk, regress_issue_cfo, regress_issue_buyer;
