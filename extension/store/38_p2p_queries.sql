-- Module p2p, queries: what is asked about an invoice, of whom, and what was answered.
--
-- A question is put to colleagues or to the supplier.  All that is said under it is kept, with who said it and what was attached; an
-- invoice that is asked about keeps its status (a status that says so is set by set_status()).

--! step 85 questions and what was said under them
CREATE TABLE @store@.query (
	tenant_id bigint NOT NULL,
	id bigint GENERATED ALWAYS AS IDENTITY,
	document_id bigint NOT NULL,
	addressee text NOT NULL CHECK (addressee IN ('colleague', 'supplier')),
	subject text NOT NULL CHECK (subject <> '' AND pg_catalog.length(subject) <= 200),
	state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'answered', 'closed')),
	asked_by text NOT NULL DEFAULT clex.caller(),
	asked_at timestamptz NOT NULL DEFAULT pg_catalog.now(),
	owner text CHECK (owner <> ''),
	due_at timestamptz,
	settled_at timestamptz,
	PRIMARY KEY (tenant_id, id),
	FOREIGN KEY (tenant_id, document_id) REFERENCES @store@.invoice_state (tenant_id, document_id)
);
CREATE INDEX query_document_idx ON @store@.query (tenant_id, document_id, id);
CREATE INDEX query_open_idx ON @store@.query (tenant_id, due_at, id) WHERE state <> 'closed';
COMMENT ON TABLE @store@.query IS 'Questions about invoices. Written by ask(), answer_query(), assign_query(), close_query().';
COMMENT ON COLUMN @store@.query.tenant_id IS 'Tenant it belongs to.';
COMMENT ON COLUMN @store@.query.id IS 'Number of the question.';
COMMENT ON COLUMN @store@.query.document_id IS 'Invoice it is about.';
COMMENT ON COLUMN @store@.query.addressee IS 'colleague: the supplier does not see it. supplier: it does, and may answer.';
COMMENT ON COLUMN @store@.query.subject IS 'What it is about, in a line.';
COMMENT ON COLUMN @store@.query.state IS 'open: waits for an answer. answered: waits for who asked. closed.';
COMMENT ON COLUMN @store@.query.asked_by IS 'Role that asked.';
COMMENT ON COLUMN @store@.query.asked_at IS 'When.';
COMMENT ON COLUMN @store@.query.owner IS 'Role that is to answer; NULL = whoever can.';
COMMENT ON COLUMN @store@.query.due_at IS 'Until when; NULL = whenever.';
COMMENT ON COLUMN @store@.query.settled_at IS 'When it was answered or closed last; NULL while open.';

CREATE TABLE @store@.query_entry (
	tenant_id bigint NOT NULL,
	id bigint GENERATED ALWAYS AS IDENTITY,
	query_id bigint NOT NULL,
	action text NOT NULL CHECK (action IN ('asked', 'answered', 'noted', 'assigned', 'closed', 'reopened')),
	actor text NOT NULL DEFAULT clex.caller(),
	login text NOT NULL DEFAULT session_user,
	entered_at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
	entry text,
	attachment bytea CHECK (pg_catalog.octet_length(attachment) <= 20971520),
	attachment_name text CHECK (attachment_name <> '' AND pg_catalog.length(attachment_name) <= 200),
	attachment_sha256 bytea GENERATED ALWAYS AS (pg_catalog.sha256(attachment)) STORED,
	PRIMARY KEY (tenant_id, id),
	FOREIGN KEY (tenant_id, query_id) REFERENCES @store@.query (tenant_id, id),
	CONSTRAINT query_entry_attachment_has_name CHECK ((attachment IS NULL) = (attachment_name IS NULL))
);
CREATE INDEX query_entry_query_idx ON @store@.query_entry (tenant_id, query_id, id);
COMMENT ON TABLE @store@.query_entry IS 'What was said under each question. Rows are added, never changed, never deleted.';
COMMENT ON COLUMN @store@.query_entry.tenant_id IS 'Tenant it belongs to.';
COMMENT ON COLUMN @store@.query_entry.id IS 'Number of the entry; entries of a question are in its order.';
COMMENT ON COLUMN @store@.query_entry.query_id IS 'The question.';
COMMENT ON COLUMN @store@.query_entry.action IS 'asked, answered, noted, assigned, closed or reopened.';
COMMENT ON COLUMN @store@.query_entry.actor IS 'Role that did.';
COMMENT ON COLUMN @store@.query_entry.login IS 'Role that had logged in.';
COMMENT ON COLUMN @store@.query_entry.entered_at IS 'When.';
COMMENT ON COLUMN @store@.query_entry.entry IS 'What was said; of assigned, to whom.';
COMMENT ON COLUMN @store@.query_entry.attachment IS 'A file, up to 20 MB.';
COMMENT ON COLUMN @store@.query_entry.attachment_name IS 'Its name.';
COMMENT ON COLUMN @store@.query_entry.attachment_sha256 IS 'Its SHA-256.';

-- append-only for the store's own functions too
REVOKE UPDATE, DELETE, TRUNCATE ON @store@.query_entry FROM CURRENT_USER;
ALTER TABLE @store@.query ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE @store@.query_entry ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

--! code
DROP POLICY IF EXISTS tenant ON @store@.query;
CREATE POLICY tenant ON @store@.query USING (clex.is_among('@store@.readable_tenants()', tenant_id));
-- who sees the invoice sees what is asked about it; its seller only what the supplier is asked
DROP POLICY IF EXISTS scope ON @store@.query;
CREATE POLICY scope ON @store@.query
	USING (clex.is_among('@store@.scoped_tenants()', tenant_id)
		AND CASE addressee WHEN 'supplier' THEN @store@.sees_invoice(tenant_id, document_id) ELSE @store@.sees_as_buyer(tenant_id, document_id) END);
DROP POLICY IF EXISTS actor ON @store@.query_entry;
CREATE POLICY actor ON @store@.query_entry FOR INSERT WITH CHECK (actor = clex.caller() AND login = session_user);

CREATE OR REPLACE FUNCTION @store@.ask(
	p_tenant_id bigint,
	document_id bigint,
	addressee text,
	subject text,
	question text,
	owner text DEFAULT NULL,
	due_at timestamptz DEFAULT NULL,
	attachment bytea DEFAULT NULL,
	attachment_name text DEFAULT NULL)
RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_state @store@.invoice_state;
	v_id bigint;
BEGIN
	PERFORM @store@.require_right(p_tenant_id, 'ask', ask.document_id);
	PERFORM @store@.require_roles(ARRAY(SELECT ask.owner WHERE ask.owner IS NOT NULL));
	v_state := @store@.lock_invoice(p_tenant_id, ask.document_id);
	IF COALESCE(btrim(ask.question), '') = '' THEN
		RAISE EXCEPTION 'a question needs words' USING ERRCODE = 'null_value_not_allowed';
	END IF;
	INSERT INTO @store@.query AS q (tenant_id, document_id, addressee, subject, owner, due_at)
	VALUES (p_tenant_id, ask.document_id, ask.addressee, ask.subject, ask.owner, ask.due_at)
	RETURNING q.id INTO v_id;
	INSERT INTO @store@.query_entry (tenant_id, query_id, action, entry, attachment, attachment_name)
	VALUES (p_tenant_id, v_id, 'asked', ask.question, ask.attachment, ask.attachment_name);
	IF ask.owner IS NOT NULL OR ask.addressee = 'supplier' AND v_state.party_id IS NOT NULL AND v_state.direction <> 'sale'
		AND p_tenant_id IN (SELECT t FROM @store@.readable_tenants() t)
	THEN
		PERFORM @store@.post_notice(p_tenant_id, 'query_asked', format('query_asked/%s', v_id), @store@.invoice_arguments(p_tenant_id, ask.document_id)
			|| jsonb_build_object('subject', ask.subject, 'text', ask.question, 'due', ask.due_at::date), ask.owner,
			CASE WHEN ask.owner IS NULL THEN v_state.party_id END, ask.document_id);
	END IF;
	RETURN v_id;
END;
$code$;
COMMENT ON FUNCTION @store@.ask(bigint, bigint, text, text, text, text, timestamptz, bytea, text) IS
'Asks something about an invoice. addressee: colleague (the supplier never sees it) or supplier. owner: role that is to answer; due_at: until when. Who is asked by name, and the supplier, get a notice. Returns the number of the question. For personas with the right ask; a supplier for invoices of its own, where it asks the tenant. Errors: 42501, 42704 no such role, P0002 no such invoice, 22004 no words, 23514 an addressee, subject or attachment (20 MB, with a name).';

CREATE OR REPLACE FUNCTION @store@.require_query(p_tenant_id bigint, query_id bigint) RETURNS @store@.query
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_query @store@.query;
BEGIN
	PERFORM @store@.require_member(p_tenant_id);
	SELECT * INTO v_query FROM @store@.query q WHERE q.tenant_id = p_tenant_id AND q.id = require_query.query_id FOR NO KEY UPDATE;
	IF NOT FOUND THEN
		RAISE EXCEPTION 'tenant % has no question %', p_tenant_id, require_query.query_id USING
			ERRCODE = 'no_data_found',
			HINT = 'View queries lists those you may see.';
	END IF;
	PERFORM @store@.require_right(p_tenant_id, 'ask', v_query.document_id);
	RETURN v_query;
END;
$code$;
COMMENT ON FUNCTION @store@.require_query(bigint, bigint) IS 'Part of functions on questions: raises 42501 or P0002 unless the caller may speak under one, else locks and returns it.';

CREATE OR REPLACE FUNCTION @store@.answer_query(p_tenant_id bigint, query_id bigint, answer text, attachment bytea DEFAULT NULL, attachment_name text DEFAULT NULL,
	note boolean DEFAULT false) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_query @store@.query := @store@.require_query(p_tenant_id, answer_query.query_id);
BEGIN
	IF v_query.state = 'closed' THEN
		RAISE EXCEPTION 'question % is closed', v_query.id USING
			ERRCODE = 'object_not_in_prerequisite_state',
			HINT = 'reopen_query() opens it again.';
	ELSIF COALESCE(btrim(answer_query.answer), '') = '' THEN
		RAISE EXCEPTION 'an answer needs words' USING ERRCODE = 'null_value_not_allowed';
	END IF;
	INSERT INTO @store@.query_entry (tenant_id, query_id, action, entry, attachment, attachment_name)
	VALUES (p_tenant_id, v_query.id, CASE WHEN answer_query.note THEN 'noted' ELSE 'answered' END, answer_query.answer, answer_query.attachment, answer_query.attachment_name);
	IF NOT answer_query.note THEN
		UPDATE @store@.query q SET state = 'answered', settled_at = now() WHERE q.tenant_id = p_tenant_id AND q.id = v_query.id;
		PERFORM @store@.post_notice(p_tenant_id, 'query_answered', format('query_answered/%s/%s', v_query.id, (
				SELECT count(*) FROM @store@.query_entry e WHERE e.tenant_id = p_tenant_id AND e.query_id = v_query.id AND e.action = 'answered')),
			@store@.invoice_arguments(p_tenant_id, v_query.document_id) || jsonb_build_object('subject', v_query.subject, 'text', answer_query.answer),
			v_query.asked_by, NULL, v_query.document_id);
	END IF;
END;
$code$;
COMMENT ON FUNCTION @store@.answer_query(bigint, bigint, text, bytea, text, boolean) IS
'Answers a question, which then waits for who asked, who gets a notice; with note only adds to it, and it waits for an answer as before. For personas with the right ask who see it; a supplier those it was asked. Errors: 42501, P0002 no such question, 55000 it is closed, 22004 no words, 23514 an attachment without name or over 20 MB.';

CREATE OR REPLACE FUNCTION @store@.assign_query(p_tenant_id bigint, query_id bigint, owner text, due_at timestamptz DEFAULT NULL) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_query @store@.query := @store@.require_query(p_tenant_id, assign_query.query_id);
BEGIN
	PERFORM @store@.require_right(p_tenant_id, 'ask');
	PERFORM @store@.require_roles(ARRAY(SELECT assign_query.owner WHERE assign_query.owner IS NOT NULL));
	IF v_query.state = 'closed' THEN
		RAISE EXCEPTION 'question % is closed', v_query.id USING
			ERRCODE = 'object_not_in_prerequisite_state',
			HINT = 'reopen_query() opens it again.';
	END IF;
	UPDATE @store@.query q SET owner = assign_query.owner, due_at = COALESCE(assign_query.due_at, q.due_at) WHERE q.tenant_id = p_tenant_id AND q.id = v_query.id;
	INSERT INTO @store@.query_entry (tenant_id, query_id, action, entry) VALUES (p_tenant_id, v_query.id, 'assigned', assign_query.owner);
END;
$code$;
COMMENT ON FUNCTION @store@.assign_query(bigint, bigint, text, timestamptz) IS 'Says who is to answer a question (NULL: whoever can), and until when (NULL: as before). For members with the right ask. Errors: 42501, 42704 no such role, P0002 no such question, 55000 it is closed.';

CREATE OR REPLACE FUNCTION @store@.close_query(p_tenant_id bigint, query_id bigint, remark text DEFAULT NULL) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_query @store@.query := @store@.require_query(p_tenant_id, close_query.query_id);
BEGIN
	IF v_query.asked_by <> clex.caller() THEN
		PERFORM @store@.require_right(p_tenant_id, 'handle', v_query.document_id);
	END IF;
	IF v_query.state = 'closed' THEN
		RETURN;
	END IF;
	UPDATE @store@.query q SET state = 'closed', settled_at = now() WHERE q.tenant_id = p_tenant_id AND q.id = v_query.id;
	INSERT INTO @store@.query_entry (tenant_id, query_id, action, entry) VALUES (p_tenant_id, v_query.id, 'closed', close_query.remark);
END;
$code$;
COMMENT ON FUNCTION @store@.close_query(bigint, bigint, text) IS 'Closes a question, answered or not; closing it twice is harmless. For who asked, and personas with the right handle. Errors: 42501, P0002 no such question.';

CREATE OR REPLACE FUNCTION @store@.reopen_query(p_tenant_id bigint, query_id bigint, remark text, due_at timestamptz DEFAULT NULL) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_query @store@.query := @store@.require_query(p_tenant_id, reopen_query.query_id);
BEGIN
	IF v_query.state = 'open' THEN
		RETURN;
	END IF;
	UPDATE @store@.query q SET state = 'open', settled_at = NULL, due_at = reopen_query.due_at WHERE q.tenant_id = p_tenant_id AND q.id = v_query.id;
	INSERT INTO @store@.query_entry (tenant_id, query_id, action, entry) VALUES (p_tenant_id, v_query.id, 'reopened', reopen_query.remark);
END;
$code$;
COMMENT ON FUNCTION @store@.reopen_query(bigint, bigint, text, timestamptz) IS 'Opens a question again: the answer was none, or it is asked anew. For personas with the right ask who see it. Errors: 42501, P0002 no such question.';

CREATE OR REPLACE VIEW @store@.queries WITH (security_invoker) AS
SELECT q.tenant_id, q.id, q.document_id, i.number, i.seller_name, q.addressee, q.subject, q.state, q.asked_by, q.asked_at, q.owner, q.due_at,
	q.state = 'open' AND q.due_at < pg_catalog.now() AS is_overdue, q.settled_at,
	(SELECT count(*) FROM @store@.query_entry e WHERE e.tenant_id = q.tenant_id AND e.query_id = q.id) AS entries
FROM @store@.query q
JOIN @store@.invoice i ON i.tenant_id = q.tenant_id AND i.document_id = q.document_id;
COMMENT ON VIEW @store@.queries IS 'Questions about invoices, who is to answer them, and by when.';

CREATE OR REPLACE VIEW @store@.query_entries WITH (security_invoker) AS
SELECT e.tenant_id, e.query_id, e.id, q.document_id, e.entered_at, e.actor, e.login, e.action, e.entry, e.attachment_name, e.attachment_sha256, e.attachment
FROM @store@.query_entry e
JOIN @store@.query q ON q.tenant_id = e.tenant_id AND q.id = e.query_id;
COMMENT ON VIEW @store@.query_entries IS 'All that was said under questions, in order, with what was attached.';

REVOKE ALL ON FUNCTION @store@.ask(bigint, bigint, text, text, text, text, timestamptz, bytea, text), @store@.require_query(bigint, bigint),
	@store@.answer_query(bigint, bigint, text, bytea, text, boolean), @store@.assign_query(bigint, bigint, text, timestamptz),
	@store@.close_query(bigint, bigint, text), @store@.reopen_query(bigint, bigint, text, timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION @store@.ask(bigint, bigint, text, text, text, text, timestamptz, bytea, text),
	@store@.answer_query(bigint, bigint, text, bytea, text, boolean), @store@.assign_query(bigint, bigint, text, timestamptz),
	@store@.close_query(bigint, bigint, text), @store@.reopen_query(bigint, bigint, text, timestamptz) TO PUBLIC;
GRANT SELECT ON @store@.query, @store@.query_entry, @store@.queries, @store@.query_entries TO PUBLIC;
