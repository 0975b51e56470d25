-- Module p2p, notices: what people are told, each in his own language.
--
-- Texts are message patterns (clex.format_message()), so plurals, amounts and dates come out right in every language.  The store has
-- texts of its own in a few; a tenant writes better ones, and adds languages.  Where a text is missing in a language the next best
-- is sent, and says so.  A notice is a message in the outbox: posted once for each key, however often its function runs.

--! step 81 texts of notices, and how to reach people
CREATE TABLE @store@.notice_default (
	template text NOT NULL CHECK (template ~ '^[a-z][a-z_]{0,59}$'),
	language text NOT NULL CHECK (language ~ '^[a-z]{2}$'),
	arguments text[] NOT NULL,
	subject text NOT NULL,
	body text NOT NULL,
	PRIMARY KEY (template, language)
);
COMMENT ON TABLE @store@.notice_default IS 'What the store says if a tenant has no words of its own; reference data of the store.';
COMMENT ON COLUMN @store@.notice_default.template IS 'What is told.';
COMMENT ON COLUMN @store@.notice_default.language IS 'Language, ISO 639-1, two letters.';
COMMENT ON COLUMN @store@.notice_default.arguments IS 'Values its patterns may ask for.';
COMMENT ON COLUMN @store@.notice_default.subject IS 'Pattern of the subject.';
COMMENT ON COLUMN @store@.notice_default.body IS 'Pattern of the text.';

CREATE TABLE @store@.notice_text (
	tenant_id bigint NOT NULL REFERENCES @store@.tenant,
	template text NOT NULL,
	language text NOT NULL CHECK (language ~ '^[a-z]{2}$'),
	subject text NOT NULL CHECK (subject <> ''),
	body text NOT NULL CHECK (body <> ''),
	PRIMARY KEY (tenant_id, template, language)
);
COMMENT ON TABLE @store@.notice_text IS 'What a tenant says in its own words. Written by set_notice_text().';
COMMENT ON COLUMN @store@.notice_text.tenant_id IS 'Tenant.';
COMMENT ON COLUMN @store@.notice_text.template IS 'What is told.';
COMMENT ON COLUMN @store@.notice_text.language IS 'Language, ISO 639-1, two letters.';
COMMENT ON COLUMN @store@.notice_text.subject IS 'Pattern of the subject.';
COMMENT ON COLUMN @store@.notice_text.body IS 'Pattern of the text.';

CREATE TABLE @store@.contact (
	tenant_id bigint NOT NULL REFERENCES @store@.tenant,
	role_name text NOT NULL CHECK (role_name <> ''),
	email text CHECK (email ~ '^[^@[:space:]]+@[^@[:space:]]+$'),
	language text CHECK (language ~ '^[a-z]{2}$'),
	PRIMARY KEY (tenant_id, role_name)
);
COMMENT ON TABLE @store@.contact IS 'How to reach members, and in which language. Written by set_contact().';
COMMENT ON COLUMN @store@.contact.tenant_id IS 'Tenant.';
COMMENT ON COLUMN @store@.contact.role_name IS 'Database role.';
COMMENT ON COLUMN @store@.contact.email IS 'E-mail address; NULL = the gateway knows how to reach the role.';
COMMENT ON COLUMN @store@.contact.language IS 'Language to write in, ISO 639-1, two letters.';

ALTER TABLE @store@.notice_default ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE @store@.notice_text ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE @store@.contact ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

--! code
DROP POLICY IF EXISTS everybody ON @store@.notice_default;
CREATE POLICY everybody ON @store@.notice_default FOR SELECT USING (true);
DROP POLICY IF EXISTS operator ON @store@.notice_default;
CREATE POLICY operator ON @store@.notice_default USING ((SELECT @store@.is_operator()));
DROP POLICY IF EXISTS member ON @store@.notice_text;
CREATE POLICY member ON @store@.notice_text USING (clex.is_among('@store@.member_tenants()', tenant_id));
-- a supplier that asks something makes a notice too, to people whose addresses it does not get to see
DROP POLICY IF EXISTS tenant ON @store@.contact;
CREATE POLICY tenant ON @store@.contact USING (clex.is_among('@store@.readable_tenants()', tenant_id));

INSERT INTO @store@.notice_default AS d (template, language, arguments, subject, body)
SELECT t.template, w.language, t.arguments, w.subject, w.body
FROM (VALUES
	('approval_asked', '{number,seller,total,due,rule}'::text[]),
	('approval_overdue', '{number,seller,total,due,days,rule}'),
	('query_asked', '{number,seller,subject,text,due}'),
	('query_answered', '{number,seller,subject,text}'),
	('query_overdue', '{number,seller,subject,due,days}'),
	('invoice_refused', '{number,seller,issued,total,reasons,text}'),
	('invoice_disputed', '{number,seller,issued,total,reasons,text}')) t (template, arguments)
JOIN (VALUES
	('approval_asked', 'en', 'Please approve invoice {number} of {seller}',
		'Invoice {number} of {seller} over {total} waits for your approval ({rule}).'),
	('approval_asked', 'fr', 'Facture {number} de {seller} à approuver',
		'La facture {number} de {seller}, d''un montant de {total}, attend votre approbation ({rule}).'),
	('approval_asked', 'de', 'Bitte Rechnung {number} von {seller} freigeben',
		'Rechnung {number} von {seller} über {total} wartet auf Ihre Freigabe ({rule}).'),
	('approval_overdue', 'en', 'Approval of invoice {number} is overdue',
		'Invoice {number} of {seller} over {total} has waited for your approval since {due, date, long}: {days, plural, one {# day} other {# days}} too long ({rule}).'),
	('approval_overdue', 'fr', 'Facture {number} : approbation en retard',
		'La facture {number} de {seller}, d''un montant de {total}, devait être approuvée au plus tard le {due, date, long} : {days, plural, one {# jour} other {# jours}} de retard ({rule}).'),
	('approval_overdue', 'de', 'Freigabe der Rechnung {number} ist überfällig',
		'Rechnung {number} von {seller} über {total} sollte bis {due, date, long} freigegeben sein und ist seit {days, plural, one {# Tag} other {# Tagen}} überfällig ({rule}).'),
	('query_asked', 'en', 'Question about invoice {number}: {subject}',
		'About invoice {number} of {seller}: {text}'),
	('query_asked', 'fr', 'Question sur la facture {number} : {subject}',
		'Au sujet de la facture {number} de {seller} : {text}'),
	('query_asked', 'de', 'Frage zur Rechnung {number}: {subject}',
		'Zur Rechnung {number} von {seller}: {text}'),
	('query_answered', 'en', 'Answer about invoice {number}: {subject}',
		'About invoice {number} of {seller}: {text}'),
	('query_answered', 'fr', 'Réponse sur la facture {number} : {subject}',
		'Au sujet de la facture {number} de {seller} : {text}'),
	('query_answered', 'de', 'Antwort zur Rechnung {number}: {subject}',
		'Zur Rechnung {number} von {seller}: {text}'),
	('query_overdue', 'en', 'A question about invoice {number} waits for an answer',
		'The question "{subject}" about invoice {number} of {seller} was to be answered by {due, date, long}, {days, plural, one {# day} other {# days}} ago.'),
	('query_overdue', 'fr', 'Une question sur la facture {number} attend une réponse',
		'La question « {subject} » sur la facture {number} de {seller} devait recevoir une réponse au plus tard le {due, date, long}, il y a {days, plural, one {# jour} other {# jours}}.'),
	('query_overdue', 'de', 'Eine Frage zur Rechnung {number} wartet auf Antwort',
		'Die Frage »{subject}« zur Rechnung {number} von {seller} sollte bis {due, date, long} beantwortet sein, vor {days, plural, one {# Tag} other {# Tagen}}.'),
	('invoice_refused', 'en', 'Your invoice {number} was refused',
		'Your invoice {number} of {issued, date, long} over {total} was refused ({reasons}). {text}'),
	('invoice_refused', 'fr', 'Votre facture {number} a été refusée',
		'Votre facture {number} du {issued, date, long}, d''un montant de {total}, a été refusée ({reasons}). {text}'),
	('invoice_refused', 'de', 'Ihre Rechnung {number} wurde abgelehnt',
		'Ihre Rechnung {number} vom {issued, date, long} über {total} wurde abgelehnt ({reasons}). {text}'),
	('invoice_disputed', 'en', 'Your invoice {number} is disputed',
		'Your invoice {number} of {issued, date, long} over {total} is disputed ({reasons}). {text}'),
	('invoice_disputed', 'fr', 'Votre facture {number} est en litige',
		'Votre facture {number} du {issued, date, long}, d''un montant de {total}, est en litige ({reasons}). {text}'),
	('invoice_disputed', 'de', 'Ihre Rechnung {number} ist strittig',
		'Ihre Rechnung {number} vom {issued, date, long} über {total} ist strittig ({reasons}). {text}')) w (template, language, subject, body)
	ON w.template = t.template
ON CONFLICT (template, language) DO UPDATE SET arguments = EXCLUDED.arguments, subject = EXCLUDED.subject, body = EXCLUDED.body;

CREATE OR REPLACE FUNCTION @store@.set_notice_text(p_tenant_id bigint, template text, language text, subject text, body text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, clex, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_known text[] := (SELECT d.arguments FROM @store@.notice_default d WHERE d.template = set_notice_text.template LIMIT 1);
	v_wrong text;
	v_old jsonb;
BEGIN
	PERFORM @store@.require_right(p_tenant_id, 'configure');
	IF v_known IS NULL THEN
		RAISE EXCEPTION 'there is no notice "%"', set_notice_text.template USING
			ERRCODE = 'no_data_found',
			HINT = format('There are: %s.', (SELECT string_agg(DISTINCT d.template, ', ' ORDER BY d.template) FROM @store@.notice_default d));
	END IF;
	v_old := (SELECT jsonb_build_object('subject', t.subject, 'body', t.body) FROM @store@.notice_text t
		WHERE t.tenant_id = p_tenant_id AND t.template = set_notice_text.template AND t.language = set_notice_text.language);
	IF set_notice_text.subject IS NULL AND set_notice_text.body IS NULL THEN
		DELETE FROM @store@.notice_text t
		WHERE t.tenant_id = p_tenant_id AND t.template = set_notice_text.template AND t.language = set_notice_text.language;
	ELSE
		SELECT a.name INTO v_wrong
		FROM clex.message_arguments(set_notice_text.subject || E'\n' || set_notice_text.body) a WHERE a.name <> ALL (v_known) LIMIT 1;
		IF FOUND THEN
			RAISE EXCEPTION 'notice "%" has no value "%"', set_notice_text.template, v_wrong USING
				ERRCODE = 'invalid_parameter_value',
				HINT = format('It has: %s.', array_to_string(v_known, ', '));
		END IF;
		INSERT INTO @store@.notice_text (tenant_id, template, language, subject, body)
		VALUES (p_tenant_id, set_notice_text.template, set_notice_text.language, set_notice_text.subject, set_notice_text.body)
		ON CONFLICT (tenant_id, template, language) DO UPDATE SET subject = EXCLUDED.subject, body = EXCLUDED.body;
	END IF;
	PERFORM @store@.record_event(p_tenant_id, 'set_notice_text', 'notice', format('%s %s', set_notice_text.template, set_notice_text.language), v_old,
		jsonb_build_object('subject', set_notice_text.subject, 'body', set_notice_text.body));
END;
$code$;
COMMENT ON FUNCTION @store@.set_notice_text(bigint, text, text, text, text) IS
'Says a notice in the tenant''s own words, in a language; subject and body are message patterns, as clex.format_message() takes them; both NULL takes them away. View notice_texts lists notices and the values each has. For personas with the right configure. Errors: 42501, 42601 no pattern, P0002 no such notice, 22023 a value it has not, 23502, 23514 a language, an empty text.';

CREATE OR REPLACE FUNCTION @store@.set_contact(p_tenant_id bigint, role_name text, email text DEFAULT NULL, language text DEFAULT NULL) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
BEGIN
	PERFORM @store@.require_given(jsonb_build_object('role_name', set_contact.role_name));
	IF set_contact.role_name IS DISTINCT FROM clex.caller() THEN
		PERFORM @store@.require_right(p_tenant_id, 'configure');
	ELSE
		PERFORM @store@.require_member(p_tenant_id);
	END IF;
	PERFORM @store@.require_roles(ARRAY[set_contact.role_name]);
	PERFORM @store@.require_form(p_tenant_id, 'the e-mail address', set_contact.email, '^[^@[:space:]]+@[^@[:space:]]+$', 'an address with one @ and no blanks'),
		@store@.require_form(p_tenant_id, 'the language', set_contact.language, '^[a-z]{2}$', 'two small letters of ISO 639-1, such as fr');
	INSERT INTO @store@.contact (tenant_id, role_name, email, language)
	VALUES (p_tenant_id, set_contact.role_name, set_contact.email, set_contact.language)
	ON CONFLICT (tenant_id, role_name) DO UPDATE SET email = EXCLUDED.email, language = EXCLUDED.language;
	PERFORM @store@.record_event(p_tenant_id, 'set_contact', 'contact', set_contact.role_name, NULL,
		jsonb_strip_nulls(jsonb_build_object('email', set_contact.email, 'language', set_contact.language)));
END;
$code$;
COMMENT ON FUNCTION @store@.set_contact(bigint, text, text, text) IS 'Says how a member is reached, and in which language; what is NULL is taken away. For oneself, and for personas with the right configure. Errors: 42501, 22004 no role, 42704 no such role, 23514 an address or language.';

CREATE OR REPLACE FUNCTION @store@.notice(p_tenant_id bigint, template text, language text, arguments jsonb,
	OUT written_in text, OUT subject text, OUT body text)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, clex, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_wanted text := COALESCE(notice.language, (
		SELECT s.value #>> '{}' FROM @store@.setting s WHERE s.tenant_id = p_tenant_id AND s.name = 'p2p.language'), 'en');
	v_text record;
BEGIN
	SELECT t.language, t.subject, t.body INTO v_text
	FROM (
		SELECT o.language, o.subject, o.body, 1 AS preference FROM @store@.notice_text o WHERE o.tenant_id = p_tenant_id AND o.template = notice.template
		UNION ALL
		SELECT d.language, d.subject, d.body, 2 FROM @store@.notice_default d WHERE d.template = notice.template) t
	ORDER BY t.language = v_wanted DESC, t.language = (
			SELECT s.value #>> '{}' FROM @store@.setting s WHERE s.tenant_id = p_tenant_id AND s.name = 'p2p.language') IS TRUE DESC,
		t.language = 'en' DESC, t.preference, t.language
	LIMIT 1;
	IF NOT FOUND THEN
		RAISE EXCEPTION 'there is no notice "%"', notice.template USING ERRCODE = 'no_data_found';
	END IF;
	written_in := v_text.language;
	subject := clex.format_message(v_text.subject, arguments, written_in);
	body := clex.format_message(v_text.body, arguments, written_in);
	-- who gets another language than his own shall see that it is no mistake
	IF written_in <> v_wanted THEN
		subject := format('[%s: no text in %s] %s', written_in, v_wanted, subject);
	END IF;
END;
$code$;
COMMENT ON FUNCTION @store@.notice(bigint, text, text, jsonb) IS
'The words of a notice in a language (NULL = setting p2p.language, else English): the tenant''s own, else the store''s. If there are none in that language those in the tenant''s, else in English, and the subject says so. written_in: the language they are in. Errors: P0002 no such notice, 22023 a value is missing.';

CREATE OR REPLACE FUNCTION @store@.post_notice(p_tenant_id bigint, template text, post_key text, arguments jsonb, to_role text DEFAULT NULL,
	to_party bigint DEFAULT NULL, document_id bigint DEFAULT NULL) RETURNS text
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_to record;
	v_words record;
BEGIN
	IF post_notice.to_party IS NOT NULL THEN
		SELECT v.email AS address, v.language INTO v_to FROM @store@.party_version v
		WHERE v.tenant_id = p_tenant_id AND v.party_id = post_notice.to_party AND v.valid_from <= CURRENT_DATE
		ORDER BY v.valid_from DESC LIMIT 1;
	ELSE
		SELECT COALESCE(c.email, post_notice.to_role) AS address, c.language INTO v_to
		FROM (SELECT) x LEFT JOIN @store@.contact c ON c.tenant_id = p_tenant_id AND c.role_name = post_notice.to_role;
	END IF;
	v_words := @store@.notice(p_tenant_id, post_notice.template, v_to.language, post_notice.arguments);
	RETURN @store@.post_message(p_tenant_id, post_notice.post_key, 'mail', 'json', 'notice', convert_to(jsonb_build_object('notice', post_notice.template,
		'to', v_to.address, 'language', v_words.written_in, 'subject', v_words.subject, 'text', v_words.body)::text, 'UTF8'), v_to.address, post_notice.document_id);
END;
$code$;
COMMENT ON FUNCTION @store@.post_notice(bigint, text, text, jsonb, text, bigint, bigint) IS
'Part of functions that tell people something: puts a notice into the outbox (channel mail, a JSON object with to, language, subject and text), in the language of the party or member it goes to. The same post_key again is the same notice. Returns its message id.';

CREATE OR REPLACE FUNCTION @store@.invoice_arguments(p_tenant_id bigint, document_id bigint) RETURNS jsonb
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT pg_catalog.jsonb_build_object('number', i.number, 'seller', i.seller_name, 'issued', i.issue_date,
		'total', CASE WHEN i.gross IS NOT NULL AND i.currency ~ '^[A-Z]{3}$' THEN pg_catalog.jsonb_build_object('amount', i.gross, 'currency', i.currency) END)
	FROM @store@.invoice i
	WHERE i.tenant_id = invoice_arguments.p_tenant_id AND i.document_id = invoice_arguments.document_id;
END;
COMMENT ON FUNCTION @store@.invoice_arguments(bigint, bigint) IS 'What notices say of an invoice: number, seller, issued, total.';

CREATE OR REPLACE FUNCTION @store@.react_notices(p_tenant_id bigint, document_id bigint, event_id bigint, received boolean) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
BEGIN
	IF received OR (SELECT s.value = 'true' FROM @store@.setting s WHERE s.tenant_id = p_tenant_id AND s.name = 'p2p.tell_suppliers') IS NOT TRUE THEN
		RETURN;
	END IF;
	PERFORM @store@.post_notice(p_tenant_id, 'invoice_' || s.meaning, format('status/%s', e.id), @store@.invoice_arguments(p_tenant_id, s.document_id)
		|| jsonb_build_object('reasons', array_to_string(e.reasons, ', '), 'text', e.message), NULL, s.party_id, s.document_id)
	FROM @store@.invoice_state s
	JOIN @store@.status_event e ON e.tenant_id = p_tenant_id AND e.document_id = react_notices.document_id AND e.id = react_notices.event_id
	WHERE s.tenant_id = p_tenant_id AND s.document_id = react_notices.document_id AND s.direction = 'purchase' AND s.party_id IS NOT NULL
		AND e.status = s.status AND s.meaning IN ('refused', 'disputed');
END;
$code$;
COMMENT ON FUNCTION @store@.react_notices(bigint, bigint, bigint, boolean) IS 'Part of status_changed(): where setting p2p.tell_suppliers is true, writes to the supplier when an invoice is refused or disputed.';

CREATE OR REPLACE FUNCTION @store@.send_reminders(p_tenant_id bigint, as_of date DEFAULT CURRENT_DATE) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_before bigint := (SELECT COALESCE(max(o.id), 0) FROM @store@.outbox o WHERE o.tenant_id = p_tenant_id);
	v_every int := COALESCE((SELECT (s.value #>> '{}')::int FROM @store@.setting s WHERE s.tenant_id = p_tenant_id AND s.name = 'p2p.remind_every'), 1);
BEGIN
	PERFORM @store@.require_right(p_tenant_id, 'exchange');
	-- each is told on the day after it is due, then every so many days; a run that is repeated or late repeats nothing
	PERFORM @store@.post_notice(p_tenant_id, 'approval_overdue',
		format('approval_overdue/%s/%s/%s/%s/%s', r.document_id, r.round, r.rule, a.role_name, (send_reminders.as_of - r.due_at::date - 1) / v_every),
		@store@.invoice_arguments(p_tenant_id, r.document_id) || jsonb_build_object('due', r.due_at::date, 'days', send_reminders.as_of - r.due_at::date, 'rule', r.rule),
		a.role_name, NULL, r.document_id)
	FROM @store@.approval_request r
	CROSS JOIN LATERAL unnest(r.approvers) a (role_name)
	WHERE r.tenant_id = p_tenant_id AND r.state = 'open' AND r.due_at::date < send_reminders.as_of
		AND NOT EXISTS (SELECT FROM @store@.approval_vote v WHERE v.tenant_id = r.tenant_id AND v.document_id = r.document_id
			AND v.round = r.round AND v.rule = r.rule AND v.on_behalf_of = a.role_name)
	ORDER BY r.document_id, r.rule, a.role_name;
	PERFORM @store@.post_notice(p_tenant_id, 'query_overdue',
		format('query_overdue/%s/%s', q.id, (send_reminders.as_of - q.due_at::date - 1) / v_every),
		@store@.invoice_arguments(p_tenant_id, q.document_id) || jsonb_build_object('due', q.due_at::date, 'days', send_reminders.as_of - q.due_at::date, 'subject', q.subject),
		q.owner, CASE WHEN q.owner IS NULL THEN s.party_id END, q.document_id)
	FROM @store@.query q
	JOIN @store@.invoice_state s ON s.tenant_id = q.tenant_id AND s.document_id = q.document_id
	WHERE q.tenant_id = p_tenant_id AND q.state = 'open' AND q.due_at::date < send_reminders.as_of AND (q.owner IS NOT NULL OR s.party_id IS NOT NULL)
	ORDER BY q.id;
	RETURN (SELECT count(*) FROM @store@.outbox o WHERE o.tenant_id = p_tenant_id AND o.id > v_before AND o.kind = 'notice' AND o.posted_at = now());
END;
$code$;
COMMENT ON FUNCTION @store@.send_reminders(bigint, date) IS
'Reminds those who have not answered in time: approvers who are asked by name, and owners of questions. To be run once a day by whatever runs jobs; running it again posts nothing twice, and days it did not run are not made up for. Setting p2p.remind_every: days between reminders, 1 unless set. Returns how many notices were posted. For personas with the right exchange. Errors: 42501.';

CREATE OR REPLACE VIEW @store@.notice_texts WITH (security_invoker) AS
SELECT n.tenant_id, d.template, l.language, d.arguments, COALESCE(o.subject, w.subject) AS subject, COALESCE(o.body, w.body) AS body, o.template IS NOT NULL AS own
FROM @store@.tenant n
CROSS JOIN (SELECT DISTINCT x.template, x.arguments FROM @store@.notice_default x) d
CROSS JOIN LATERAL (
	SELECT x.language FROM @store@.notice_default x WHERE x.template = d.template
	UNION
	SELECT x.language FROM @store@.notice_text x WHERE x.tenant_id = n.tenant_id AND x.template = d.template) l
LEFT JOIN @store@.notice_text o ON o.tenant_id = n.tenant_id AND o.template = d.template AND o.language = l.language
LEFT JOIN @store@.notice_default w ON w.template = d.template AND w.language = l.language;
COMMENT ON VIEW @store@.notice_texts IS 'What people are told, in which languages, and the values (arguments) a text may ask for; own: in the tenant''s own words.';

CREATE OR REPLACE VIEW @store@.contacts WITH (security_invoker) AS
SELECT c.tenant_id, c.role_name, c.email, c.language FROM @store@.contact c;
COMMENT ON VIEW @store@.contacts IS 'How members are reached, and in which language.';

REVOKE ALL ON FUNCTION @store@.set_notice_text(bigint, text, text, text, text), @store@.set_contact(bigint, text, text, text),
	@store@.post_notice(bigint, text, text, jsonb, text, bigint, bigint), @store@.react_notices(bigint, bigint, bigint, boolean), @store@.send_reminders(bigint, date) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION @store@.set_notice_text(bigint, text, text, text, text), @store@.set_contact(bigint, text, text, text),
	@store@.send_reminders(bigint, date), @store@.notice(bigint, text, text, jsonb), @store@.invoice_arguments(bigint, bigint) TO PUBLIC;
GRANT SELECT ON @store@.notice_default, @store@.notice_text, @store@.contact, @store@.notice_texts, @store@.contacts TO PUBLIC;
