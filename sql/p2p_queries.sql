-- questions about invoices and their answers; notices in the reader's language; reminders
SET client_min_messages = warning;
SET datestyle = 'ISO';
\set SHOW_CONTEXT never
\set VERBOSITY terse
CREATE ROLE regress_query_owner NOLOGIN;
CREATE ROLE regress_query_clerk;
CREATE ROLE regress_query_buyer;
CREATE ROLE regress_query_cfo;
CREATE ROLE regress_query_gateway;
CREATE ROLE regress_query_supplier;
CREATE ROLE regress_query_rival;
SELECT clex.create_store('qs', owner => 'regress_query_owner');
SELECT qs.add_tenant(1, 'First');
SELECT qs.add_member(1, 'regress_query_clerk', 'ap_clerk'), qs.add_member(1, 'regress_query_buyer', 'buyer'), qs.add_member(1, 'regress_query_cfo', 'cfo'),
	qs.add_member(1, 'regress_query_gateway', 'integration'), qs.add_member(1, 'regress_query_supplier', 'supplier'), qs.add_member(1, 'regress_query_rival', 'supplier');
SELECT qs.set_party(1, 'S', 'Seller', language => 'fr', email => 'compta@seller.example'), qs.add_identifier(1, 'S', 'vat', 'FR05832194070'),
	qs.set_party(1, 'B', 'Buyer'), qs.add_identifier(1, 'B', 'vat', 'FR88790453187'), qs.set_entity(1, 'E', 'company', 'Company', NULL, 'B'),
	qs.set_party(1, 'R', 'Rival'), qs.add_identifier(1, 'R', 'vat', 'DE136695976');
SELECT qs.scope_member(1, 'regress_query_supplier', 'supplier', party => 'S'), qs.scope_member(1, 'regress_query_rival', 'supplier', party => 'R');
\set content `cat extension/test/samples/fr-wrong-total.xml`
SELECT document_id AS id FROM qs.submit(1, convert_to(:'content', 'UTF8')) \gset
CREATE VIEW mail AS SELECT id, recipient, convert_from(content, 'UTF8')::jsonb AS c FROM qs.outgoing_messages WHERE kind = 'notice';
GRANT SELECT ON mail TO PUBLIC;

-- how people are reached: oneself, or who configures
SET ROLE regress_query_buyer;
SELECT qs.set_contact(1, 'regress_query_buyer', 'buyer@first.example', 'de');
SELECT qs.set_contact(1, 'regress_query_clerk', 'x@first.example');
SELECT qs.set_contact(1, 'regress_query_buyer', 'no address');
SELECT qs.set_contact(1, 'regress_query_buyer', language => 'german');
SET ROLE regress_query_cfo;
SELECT qs.set_contact(1, 'regress_query_nobody');

-- a colleague is asked by name, and told in his language; the supplier never sees it
SET ROLE regress_query_clerk;
SELECT qs.ask(1, :id, 'colleague', 'Lieferung', 'Ist das angekommen?', 'regress_query_buyer', now() + '2 days', 'scan'::bytea, 'scan.pdf') AS internal \gset
SELECT qs.ask(1, :id, 'supplier', 'TVA', 'Quel taux ?', due_at => '2026-01-10') AS external \gset
SELECT qs.ask(1, :id, 'neighbour', 'x', 'y');
SELECT qs.ask(1, :id, 'colleague', 'x', '');
SELECT qs.ask(1, :id, 'colleague', '', 'y');
SELECT qs.ask(1, :id, 'colleague', 'x', 'y', 'regress_query_nobody');
SELECT qs.ask(1, :id, 'colleague', 'x', 'y', attachment => 'z');
SELECT qs.ask(1, 99, 'colleague', 'x', 'y');
SELECT recipient, c FROM mail ORDER BY id;
SELECT task, needs, subject, assigned_to, detail, due_at IS NOT NULL AS due FROM qs.todo WHERE subject = 'query' ORDER BY subject_id;
SET ROLE regress_query_rival;
SELECT count(*) FROM qs.queries;
SELECT qs.ask(1, :id, 'supplier', 'x', 'y');
SELECT qs.answer_query(1, :external, 'I would know');
SET ROLE regress_query_supplier;
SELECT addressee, subject, state, is_overdue, entries FROM qs.queries;
SELECT qs.answer_query(1, :internal, 'y');
SELECT qs.assign_query(1, :external, 'regress_query_supplier');
SELECT qs.close_query(1, :external);
SELECT qs.answer_query(1, :external, '20 %', 'facture'::bytea, 'taux.pdf'), qs.answer_query(1, :external, 'voir la pièce jointe', note => true);
SELECT qs.ask(1, :id, 'supplier', 'Paiement', 'Quand payez-vous ?') AS theirs \gset
SELECT count(*) FROM mail;
SET ROLE regress_query_clerk;
SELECT query_id, actor, action, entry, attachment_name, encode(attachment_sha256, 'hex') AS sha256, convert_from(attachment, 'UTF8') AS content FROM qs.query_entries ORDER BY id;
SELECT recipient, c ->> 'subject' AS subject, c ->> 'text' AS text FROM mail ORDER BY id OFFSET 2;
SELECT task, assigned_to, detail FROM qs.todo WHERE subject = 'query' ORDER BY subject_id;
SELECT qs.close_query(1, :external, 'thanks'), qs.close_query(1, :external);
SELECT qs.answer_query(1, :external, 'late');
SELECT qs.assign_query(1, :external, NULL);
SELECT qs.reopen_query(1, :external, 'again', '2026-02-01'), qs.reopen_query(1, :external, 'again');
SELECT qs.assign_query(1, :internal, 'regress_query_cfo', '2026-03-01');
SELECT qs.close_query(1, 99);
SELECT id, state, owner, due_at::date, settled_at IS NOT NULL AS settled FROM qs.queries ORDER BY id;

-- reminders: the same day again, or a run that was missed, posts nothing twice
SELECT qs.send_reminders(1, '2026-02-02');
SET ROLE regress_query_gateway;
SELECT qs.send_reminders(1, '2026-02-01') AS due_today, qs.send_reminders(1, '2026-02-02') AS day_after, qs.send_reminders(1, '2026-02-02') AS again,
	qs.send_reminders(1, '2026-02-05') AS later;
SELECT qs.set_setting(1, 'p2p.remind_every', '7');
SELECT n, qs.send_reminders(1, date '2026-03-01' + n) FROM generate_series(1, 9) n;
SELECT recipient, c ->> 'subject' AS subject, c ->> 'text' AS text FROM mail WHERE c ->> 'notice' = 'query_overdue' ORDER BY id LIMIT 3;

-- a tenant's own words; a language that is missing says so
SET ROLE regress_query_clerk;
SELECT qs.set_notice_text(1, 'query_asked', 'de', 'x', 'y');
SET ROLE regress_query_cfo;
SELECT qs.set_notice_text(1, 'query_asked', 'de', 'Rückfrage {number}', '{text} {colour}');
SELECT qs.set_notice_text(1, 'query_asked', 'de', 'Rückfrage {number', '{text}');
SELECT qs.set_notice_text(1, 'nothing', 'de', 'Rückfrage', '{text}');
SELECT qs.set_notice_text(1, 'query_asked', 'deutsch', 'Rückfrage', '{text}');
SELECT qs.set_notice_text(1, 'query_asked', 'de', 'Rückfrage {number}', 'Zu {number}: {text}'), qs.set_notice_text(1, 'query_asked', 'pl', 'Pytanie {number}', '{text}');
SELECT language, subject, own FROM qs.notice_texts WHERE template = 'query_asked' ORDER BY language;
SELECT l.language, n.* FROM unnest('{de,pl,it,NULL}'::text[]) l (language), qs.notice(1, 'query_asked', l.language, '{"number": "1", "seller": "S", "subject": "x", "text": "y"}') n;
SELECT * FROM qs.notice(1, 'approval_asked', 'pl', '{"number": "1", "seller": "S", "rule": "r", "total": {"amount": 5, "currency": "EUR"}}');
RESET ROLE;
SELECT qs.set_setting(1, 'p2p.language', '"de"');
SELECT l.language, n.* FROM unnest('{it,NULL}'::text[]) l (language), qs.notice(1, 'query_asked', l.language, '{"number": "1", "seller": "S", "subject": "x", "text": "y"}') n;
SET ROLE regress_query_cfo;
SELECT qs.set_notice_text(1, 'query_asked', 'de', NULL, NULL);
SELECT language, own FROM qs.notice_texts WHERE template = 'query_asked' ORDER BY language;
SELECT * FROM qs.notice(1, 'nothing', 'de', '{}');
SELECT * FROM qs.notice(1, 'query_asked', 'de', '{}');
-- plural rules are those of the language the text is in, also where it stands in for another
SET ROLE regress_query_cfo;
SELECT qs.set_notice_text(1, 'approval_overdue', 'pl', 'Faktura {number}', '{days, plural, one {# dzień} few {# dni} many {# dni po terminie} other {# dnia}}');
SELECT l.language, d.days, n.written_in, n.subject, substring(n.body FROM '[0-9.,]+[^0-9.,]*\.?$') AS days_in_words
FROM unnest('{pl,fr,it}'::text[]) WITH ORDINALITY l (language, o), unnest('{0,1,2,5,22}'::int[]) d (days),
	qs.notice(1, 'approval_overdue', l.language, jsonb_build_object('number', '1', 'seller', 'S', 'rule', 'r', 'due', '2026-02-01', 'days', d.days, 'total', '{"amount": 5, "currency": "EUR"}'::jsonb)) n
ORDER BY l.o, d.days;
-- a supplier is told of a refusal, where the tenant wants it
SET ROLE regress_query_clerk;
SELECT outcome FROM qs.set_status(1, :id, 'in_hand');
SELECT outcome FROM qs.set_status(1, :id, 'disputed', '{QTE_ERR}', 'Neuf cartons, et non dix.');
RESET ROLE;
SELECT qs.set_setting(1, 'p2p.tell_suppliers', 'true');
SET ROLE regress_query_clerk;
SELECT outcome FROM qs.set_status(1, :id, 'refused', '{CMD_ERR}', 'Neuf cartons, et non dix.');
SELECT recipient, c ->> 'subject' AS subject, c ->> 'text' AS text FROM mail WHERE c ->> 'notice' LIKE 'invoice%' ORDER BY id;
-- what was said stays
SET ROLE regress_query_owner;
UPDATE qs.query_entry SET entry = 'other';
RESET ROLE;
DROP VIEW mail;
SELECT clex.drop_store('qs');
DROP ROLE regress_query_owner, regress_query_clerk, regress_query_buyer, regress_query_cfo, regress_query_gateway, regress_query_supplier, regress_query_rival;
