-- Module p2p, ground: who may do what, and the messages that come and go.
--
-- A part of this module is a file of its own with tens of step numbers of its own (docs/p2p.md lists them), so that several can grow beside
-- each other.  What a part gives to others it gives as a function with its name in it; 39_p2p_views.sql puts them together.
-- Rights are words that personas have; functions ask for the word, never for the persona.
-- Nothing is sent by the store itself: who sends claims messages, and confirms them.  A message that is claimed
-- and never confirmed can be claimed again, under the same message id, so that its receiver can tell.

--! requires base documents
--! step 1 rights of personas
CREATE TABLE @store@.persona_right (
	persona text NOT NULL REFERENCES @store@.persona,
	may text NOT NULL CHECK (may ~ '^[a-z_]+$'),
	PRIMARY KEY (persona, may)
);
COMMENT ON TABLE @store@.persona_right IS 'What each persona may do in procurement and payment; reference data of the store.';
COMMENT ON COLUMN @store@.persona_right.persona IS 'Persona.';
COMMENT ON COLUMN @store@.persona_right.may IS 'Right, a verb: handle, approve, pay.';
INSERT INTO @store@.persona_right (persona, may)
SELECT p.persona, r.may
FROM (VALUES
	('ap_clerk', 'handle dispute refuse cancel respond invoice order receive ask'),
	('buyer', 'order receive dispute ask'),
	('approver', 'approve endorse dispute ask'),
	('treasurer', 'pay collect finance'),
	('cfo', 'approve refuse cancel configure'),
	('integration', 'exchange handle order receive invoice pay collect'),
	-- of their own documents alone
	('supplier', 'respond collect cancel finance ask')) p (persona, rights),
	pg_catalog.string_to_table(p.rights, ' ') r (may);
ALTER TABLE @store@.persona_right ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY everybody ON @store@.persona_right FOR SELECT USING (true);
CREATE POLICY operator ON @store@.persona_right USING ((SELECT @store@.is_operator()));

--! step 2 messages that go out and come in
CREATE TABLE @store@.outbox (
	tenant_id bigint NOT NULL REFERENCES @store@.tenant,
	id bigint GENERATED ALWAYS AS IDENTITY,
	message_id text NOT NULL,
	post_key text NOT NULL CHECK (post_key <> '' AND pg_catalog.length(post_key) <= 300),
	channel text NOT NULL CHECK (channel ~ '^[a-z][a-z0-9_]{0,29}$'),
	format text NOT NULL,
	kind text NOT NULL,
	recipient text,
	document_id bigint,
	content bytea NOT NULL,
	state text NOT NULL DEFAULT 'ready' CHECK (state IN ('ready', 'claimed', 'sent', 'failed', 'cancelled')),
	attempts int NOT NULL DEFAULT 0,
	next_attempt timestamptz NOT NULL DEFAULT pg_catalog.now(),
	claimed_by text,
	remote_reference text,
	last_error text,
	posted_at timestamptz NOT NULL DEFAULT pg_catalog.now(),
	posted_by text NOT NULL DEFAULT clex.caller(),
	settled_at timestamptz,
	PRIMARY KEY (tenant_id, id),
	UNIQUE (tenant_id, message_id),
	UNIQUE (tenant_id, post_key),
	CHECK ((state IN ('sent', 'cancelled')) = (settled_at IS NOT NULL)),
	FOREIGN KEY (tenant_id, document_id) REFERENCES @store@.document (tenant_id, id)
);
CREATE INDEX outbox_due_idx ON @store@.outbox (tenant_id, channel, next_attempt, id) WHERE state IN ('ready', 'claimed');
CREATE INDEX outbox_failed_idx ON @store@.outbox (tenant_id, next_attempt, id) WHERE state = 'failed';
CREATE INDEX outbox_document_idx ON @store@.outbox (tenant_id, document_id) WHERE document_id IS NOT NULL;
COMMENT ON TABLE @store@.outbox IS 'Messages to be sent. Written by post_message(), claim_messages(), confirm_message(), fail_message() and retry_message().';
COMMENT ON COLUMN @store@.outbox.tenant_id IS 'Tenant that sends.';
COMMENT ON COLUMN @store@.outbox.id IS 'Number of the message in this store.';
COMMENT ON COLUMN @store@.outbox.message_id IS 'What the receiver knows the message by: the same at every attempt.';
COMMENT ON COLUMN @store@.outbox.post_key IS 'What makes the sender post it once: the same key again is the same message.';
COMMENT ON COLUMN @store@.outbox.channel IS 'Way it goes: pa (approved platform), peppol, mail, erp, edi, bank …';
COMMENT ON COLUMN @store@.outbox.format IS 'Format, as clex.detect() names it.';
COMMENT ON COLUMN @store@.outbox.kind IS 'Kind of message: status, order, invoice, notice …';
COMMENT ON COLUMN @store@.outbox.recipient IS 'Address on that channel; NULL = the channel knows.';
COMMENT ON COLUMN @store@.outbox.document_id IS 'Document it is about.';
COMMENT ON COLUMN @store@.outbox.content IS 'The bytes to send.';
COMMENT ON COLUMN @store@.outbox.state IS 'ready to be claimed; claimed until next_attempt; sent; failed: given up, for people; cancelled.';
COMMENT ON COLUMN @store@.outbox.attempts IS 'How often it was claimed.';
COMMENT ON COLUMN @store@.outbox.next_attempt IS 'When it may be claimed, or claimed again.';
COMMENT ON COLUMN @store@.outbox.claimed_by IS 'Role that claimed it last.';
COMMENT ON COLUMN @store@.outbox.remote_reference IS 'What the receiving system calls it.';
COMMENT ON COLUMN @store@.outbox.last_error IS 'Why the last attempt failed.';
COMMENT ON COLUMN @store@.outbox.posted_at IS 'Start of the transaction that posted it.';
COMMENT ON COLUMN @store@.outbox.posted_by IS 'Role on whose behalf it was posted.';
COMMENT ON COLUMN @store@.outbox.settled_at IS 'When it was confirmed as sent, or cancelled.';

CREATE TABLE @store@.inbox (
	tenant_id bigint NOT NULL,
	id bigint GENERATED ALWAYS AS IDENTITY,
	channel text NOT NULL CHECK (channel ~ '^[a-z][a-z0-9_]{0,29}$'),
	message_id text NOT NULL CHECK (message_id <> '' AND pg_catalog.length(message_id) <= 200),
	document_id bigint NOT NULL,
	received_at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
	received_by text NOT NULL DEFAULT clex.caller(),
	state text NOT NULL CHECK (state IN ('done', 'refused', 'open')),
	outcome jsonb NOT NULL,
	PRIMARY KEY (tenant_id, id),
	UNIQUE (tenant_id, channel, message_id),
	FOREIGN KEY (tenant_id, document_id) REFERENCES @store@.document (tenant_id, id)
);
CREATE INDEX inbox_document_idx ON @store@.inbox (tenant_id, document_id);
CREATE INDEX inbox_unsettled_idx ON @store@.inbox (tenant_id, received_at, id) WHERE state <> 'done';
COMMENT ON TABLE @store@.inbox IS 'Messages that came in, each once. Written by receive_message() and settle_message().';
COMMENT ON COLUMN @store@.inbox.tenant_id IS 'Tenant it came for.';
COMMENT ON COLUMN @store@.inbox.id IS 'Number of the message in this store.';
COMMENT ON COLUMN @store@.inbox.channel IS 'Way it came.';
COMMENT ON COLUMN @store@.inbox.message_id IS 'What its sender calls it.';
COMMENT ON COLUMN @store@.inbox.document_id IS 'Its bytes, as a document.';
COMMENT ON COLUMN @store@.inbox.received_at IS 'When it came.';
COMMENT ON COLUMN @store@.inbox.received_by IS 'Role that brought it.';
COMMENT ON COLUMN @store@.inbox.state IS 'done: it had its effect. refused: it can have none. open: people must look at it.';
COMMENT ON COLUMN @store@.inbox.outcome IS 'What came of it: the answer its bringer got.';

ALTER TABLE @store@.outbox ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE @store@.inbox ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON @store@.outbox USING (tenant_id IN (SELECT t FROM @store@.readable_tenants() t));
-- a supplier's answer makes messages too, which it does not get to see
CREATE POLICY poster ON @store@.outbox FOR INSERT WITH CHECK (posted_by = clex.caller());
CREATE POLICY tenant ON @store@.inbox USING (tenant_id IN (SELECT t FROM @store@.readable_tenants() t));

--! code
CREATE OR REPLACE FUNCTION @store@.has_right(p_tenant_id bigint, may text, document_id bigint DEFAULT NULL) RETURNS boolean
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path = pg_catalog, clex, pg_temp
AS $code$
#variable_conflict use_column
BEGIN
	IF EXISTS (
		SELECT FROM @store@.membership m
		JOIN @store@.persona p ON p.persona = m.persona
		JOIN @store@.persona_right r ON r.persona = m.persona
		WHERE m.tenant_id = p_tenant_id AND m.role_name = clex.caller() AND r.may = has_right.may AND p.may_read AND NOT m.scoped)
	THEN
		RETURN true;
	END IF;
	IF @store@.is_operator() THEN
		RETURN EXISTS (SELECT FROM @store@.tenant t WHERE t.tenant_id = p_tenant_id);
	END IF;
	-- who is scoped may do it to documents of the scope
	IF has_right.document_id IS NOT NULL AND EXISTS (
		SELECT FROM @store@.invoice i
		JOIN @store@.party_identifier d ON d.tenant_id = i.tenant_id AND d.value = i.seller_key AND d.scheme NOT IN ('iban', 'bic')
			AND d.valid_from <= CURRENT_DATE AND (d.valid_to > CURRENT_DATE) IS NOT FALSE
		JOIN @store@.membership_party m ON m.tenant_id = d.tenant_id AND m.party_id = d.party_id AND m.role_name = clex.caller()
		JOIN @store@.persona_right r ON r.persona = m.persona AND r.may = has_right.may
		WHERE i.tenant_id = p_tenant_id AND i.document_id = has_right.document_id)
	THEN
		RETURN true;
	END IF;
	IF has_right.document_id IS NOT NULL AND EXISTS (
		SELECT FROM @store@.invoice i
		JOIN @store@.party_identifier d ON d.tenant_id = i.tenant_id AND d.value = i.buyer_vat_id AND d.scheme = 'vat'
			AND d.valid_from <= CURRENT_DATE AND (d.valid_to > CURRENT_DATE) IS NOT FALSE
		JOIN @store@.entity_tree(p_tenant_id, CURRENT_DATE) e ON e.party_id = d.party_id
		JOIN @store@.membership_entity m ON m.tenant_id = d.tenant_id AND m.role_name = clex.caller()
		JOIN @store@.entity s ON s.tenant_id = m.tenant_id AND s.id = m.entity_id AND s.code = ANY (e.path)
		JOIN @store@.persona_right r ON r.persona = m.persona AND r.may = has_right.may
		WHERE i.tenant_id = p_tenant_id AND i.document_id = has_right.document_id)
	THEN
		RETURN true;
	END IF;
	RETURN false;
END;
$code$;
COMMENT ON FUNCTION @store@.has_right(bigint, text, bigint) IS 'Whether the caller has a right (table persona_right) for a tenant; with a document also whether a membership scoped to its seller or buyer gives it. Operators have all.';

CREATE OR REPLACE FUNCTION @store@.who_may(may text) RETURNS text
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
BEGIN
	RETURN (SELECT COALESCE(string_agg(r.persona, ', ' ORDER BY r.persona), 'nobody') FROM @store@.persona_right r WHERE r.may = who_may.may);
END;
$code$;
COMMENT ON FUNCTION @store@.who_may(text) IS 'Personas that have a right, as a list for people.';

CREATE OR REPLACE FUNCTION @store@.require_right(p_tenant_id bigint, may text, document_id bigint DEFAULT NULL) RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $code$
BEGIN
	IF @store@.has_right(p_tenant_id, may, document_id) THEN
		RETURN;
	END IF;
	IF p_tenant_id IS NULL THEN
		RAISE EXCEPTION 'the tenant is needed' USING ERRCODE = 'null_value_not_allowed';
	ELSIF @store@.is_operator() THEN
		RAISE EXCEPTION 'tenant % does not exist', p_tenant_id USING
			ERRCODE = 'foreign_key_violation',
			HINT = 'add_tenant() makes it.';
	END IF;
	RAISE EXCEPTION 'role "%" does not have the right "%" for tenant %', clex.caller(), may, p_tenant_id USING
		ERRCODE = 'insufficient_privilege',
		HINT = format('Personas that have it: %s.', @store@.who_may(may));
END;
$code$;
COMMENT ON FUNCTION @store@.require_right(bigint, text, bigint) IS 'Raises 42501, saying who may, unless has_right(); operators get 23503 for a tenant that does not exist. First line of every function of this module that writes.';

CREATE OR REPLACE FUNCTION @store@.require_given(arguments jsonb) RETURNS void
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $code$
DECLARE
	v_missing text := (SELECT string_agg(a.key, ', ' ORDER BY a.key) FROM jsonb_each(arguments) a WHERE a.value = 'null');
BEGIN
	IF v_missing IS NOT NULL THEN
		RAISE EXCEPTION 'an argument that is needed is null' USING
			ERRCODE = 'null_value_not_allowed',
			DETAIL = format('Missing: %s.', v_missing);
	END IF;
END;
$code$;
COMMENT ON FUNCTION @store@.require_given(jsonb) IS 'Raises 22004, naming them, if any of these arguments of a function is null.';

CREATE OR REPLACE FUNCTION @store@.message_id(p_tenant_id bigint, post_key text) RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
	-- the same for the same key, whoever asks, also where a message cannot be seen by who posted it; an expression, so that it is merged into the query that asks
	SELECT pg_catalog.regexp_replace(pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to(pg_catalog.format('%s %s', p_tenant_id, post_key), 'UTF8')), 'hex'),
		'^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*$', '\1-\2-8\3-a\4-\5');
END;
COMMENT ON FUNCTION @store@.message_id(bigint, text) IS 'Message id of what is posted under a key: a UUID (version 8) made of tenant and key.';

CREATE OR REPLACE FUNCTION @store@.post_message(
	p_tenant_id bigint,
	post_key text,
	channel text,
	format text,
	kind text,
	content bytea,
	recipient text DEFAULT NULL,
	document_id bigint DEFAULT NULL,
	failure text DEFAULT NULL)
RETURNS text
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_message_id text := @store@.message_id(p_tenant_id, post_message.post_key);
BEGIN
	INSERT INTO @store@.outbox (tenant_id, message_id, post_key, channel, format, kind, recipient, document_id, content, state, last_error)
	VALUES (p_tenant_id, v_message_id, post_message.post_key, post_message.channel, post_message.format, post_message.kind,
		post_message.recipient, post_message.document_id, post_message.content,
		CASE WHEN post_message.failure IS NULL THEN 'ready' ELSE 'failed' END, post_message.failure)
	ON CONFLICT DO NOTHING;
	RETURN v_message_id;
END;
$code$;
COMMENT ON FUNCTION @store@.post_message(bigint, text, text, text, text, bytea, text, bigint, text) IS 'Part of functions that make messages: puts one into the outbox and returns its message id, a UUID (version 8) made of tenant and post_key. The same key again is the same message, whatever it says: what was posted first is what is sent. failure: it cannot be sent as it is, for this reason; it waits for people.';

CREATE OR REPLACE FUNCTION @store@.claim_messages(p_tenant_id bigint, channel text, count int DEFAULT 10, lease interval DEFAULT '5 minutes')
RETURNS TABLE (message_id text, format text, kind text, recipient text, document_id bigint, content bytea, attempt int)
LANGUAGE plpgsql SECURITY DEFINER ROWS 10
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_caller text := clex.caller();
	v_until timestamptz := clock_timestamp() + claim_messages.lease;
	v_now timestamptz := clock_timestamp();
BEGIN
	PERFORM @store@.require_right(p_tenant_id, 'exchange');
	IF (claim_messages.count >= 1) IS NOT TRUE OR (claim_messages.lease > interval '0') IS NOT TRUE THEN
		RAISE EXCEPTION 'at least one message is claimed, for some time' USING
			ERRCODE = 'invalid_parameter_value',
			DETAIL = format('The count is %s, the lease %s.', COALESCE(claim_messages.count::text, 'null'), COALESCE(claim_messages.lease::text, 'null')),
			HINT = 'Not given they are 10, and 5 minutes.';
	END IF;
	RETURN QUERY
	WITH due AS (
		SELECT o.id FROM @store@.outbox o
		WHERE o.tenant_id = p_tenant_id AND o.channel = claim_messages.channel AND o.state IN ('ready', 'claimed') AND o.next_attempt <= v_now
		ORDER BY o.next_attempt, o.id
		LIMIT claim_messages.count
		FOR NO KEY UPDATE SKIP LOCKED
	), claimed AS (
		UPDATE @store@.outbox o SET state = 'claimed', attempts = o.attempts + 1, next_attempt = v_until, claimed_by = v_caller
		FROM due WHERE o.tenant_id = p_tenant_id AND o.id = due.id
		RETURNING o.*
	)
	SELECT c.message_id, c.format, c.kind, c.recipient, c.document_id, c.content, c.attempts FROM claimed c ORDER BY c.id;
END;
$code$;
COMMENT ON FUNCTION @store@.claim_messages(bigint, text, int, interval) IS
'Messages of a channel that are due, oldest first, for the caller to send; nobody else gets them before the lease is over. Who dies before confirm_message() leaves them to the next, who sends them under the same message_id. Sessions that claim at once get different ones, and wait for nobody. For personas with the right exchange. Errors: 42501, 23503 no such tenant, 22023 a count below 1, or no lease.';

CREATE OR REPLACE FUNCTION @store@.confirm_message(p_tenant_id bigint, message_id text, remote_reference text DEFAULT NULL) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_message @store@.outbox;
BEGIN
	PERFORM @store@.require_right(p_tenant_id, 'exchange');
	SELECT * INTO v_message FROM @store@.outbox o WHERE o.tenant_id = p_tenant_id AND o.message_id = confirm_message.message_id FOR NO KEY UPDATE;
	IF NOT FOUND THEN
		RAISE EXCEPTION 'tenant % has no message "%"', p_tenant_id, confirm_message.message_id USING ERRCODE = 'no_data_found';
	ELSIF v_message.state = 'cancelled' THEN
		RAISE EXCEPTION 'message "%" was cancelled', confirm_message.message_id USING
			ERRCODE = 'object_not_in_prerequisite_state',
			DETAIL = format('It was cancelled at %s.', v_message.settled_at);
	ELSIF v_message.state = 'sent' THEN
		IF v_message.remote_reference IS DISTINCT FROM COALESCE(confirm_message.remote_reference, v_message.remote_reference) THEN
			RAISE EXCEPTION 'message "%" has been confirmed before', confirm_message.message_id USING
				ERRCODE = 'unique_violation',
				DETAIL = format('It was sent as "%s", and is now said to be "%s".', v_message.remote_reference, confirm_message.remote_reference);
		END IF;
		RETURN false;
	END IF;
	UPDATE @store@.outbox o SET state = 'sent', settled_at = now(), remote_reference = confirm_message.remote_reference, last_error = NULL
	WHERE o.tenant_id = p_tenant_id AND o.id = v_message.id;
	RETURN true;
END;
$code$;
COMMENT ON FUNCTION @store@.confirm_message(bigint, text, text) IS
'Says that a message was sent, and what the receiving system calls it. True the first time; false, and nothing changes, when it is said again. For personas with the right exchange. Errors: 42501, P0002 no such message, 55000 it was cancelled, 23505 it was confirmed with another reference.';

CREATE OR REPLACE FUNCTION @store@.fail_message(p_tenant_id bigint, message_id text, error text, give_up boolean DEFAULT false) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_message @store@.outbox;
BEGIN
	PERFORM @store@.require_right(p_tenant_id, 'exchange');
	SELECT * INTO v_message FROM @store@.outbox o WHERE o.tenant_id = p_tenant_id AND o.message_id = fail_message.message_id FOR NO KEY UPDATE;
	IF NOT FOUND THEN
		RAISE EXCEPTION 'tenant % has no message "%"', p_tenant_id, fail_message.message_id USING ERRCODE = 'no_data_found';
	ELSIF v_message.state <> 'claimed' THEN
		RETURN v_message.state;
	END IF;
	-- after 1, 2, 4 … minutes, never more than a day; ten attempts take about two days
	v_message.state := CASE WHEN fail_message.give_up OR v_message.attempts >= 10 THEN 'failed' ELSE 'ready' END;
	UPDATE @store@.outbox o SET state = v_message.state, last_error = fail_message.error,
		next_attempt = now() + LEAST(interval '1 minute' * power(2, v_message.attempts - 1), interval '1 day')
	WHERE o.tenant_id = p_tenant_id AND o.id = v_message.id;
	RETURN v_message.state;
END;
$code$;
COMMENT ON FUNCTION @store@.fail_message(bigint, text, text, boolean) IS
'Says that a claimed message could not be sent, and why. It is tried again later, up to ten times; then, or at once with give_up, it is failed and waits for people. Returns the state it is in; one that was confirmed meanwhile stays sent. For personas with the right exchange. Errors: 42501, P0002 no such message.';

CREATE OR REPLACE FUNCTION @store@.retry_message(p_tenant_id bigint, message_id text, cancel boolean DEFAULT false) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_before text;
BEGIN
	PERFORM @store@.require_right(p_tenant_id, 'handle');
	SELECT o.state INTO v_before FROM @store@.outbox o WHERE o.tenant_id = p_tenant_id AND o.message_id = retry_message.message_id FOR NO KEY UPDATE;
	IF NOT FOUND THEN
		RAISE EXCEPTION 'tenant % has no message "%"', p_tenant_id, retry_message.message_id USING ERRCODE = 'no_data_found';
	ELSIF v_before <> 'failed' THEN
		RAISE EXCEPTION 'message "%" is %, not failed', retry_message.message_id, v_before USING ERRCODE = 'object_not_in_prerequisite_state';
	END IF;
	UPDATE @store@.outbox o SET state = CASE WHEN retry_message.cancel THEN 'cancelled' ELSE 'ready' END, attempts = 0, next_attempt = now(),
		settled_at = CASE WHEN retry_message.cancel THEN now() END
	WHERE o.tenant_id = p_tenant_id AND o.message_id = retry_message.message_id;
	PERFORM @store@.record_event(p_tenant_id, 'retry_message', 'message', retry_message.message_id, to_jsonb(v_before),
		to_jsonb(CASE WHEN retry_message.cancel THEN 'cancelled' ELSE 'ready' END));
END;
$code$;
COMMENT ON FUNCTION @store@.retry_message(bigint, text, boolean) IS 'Lets a failed message be claimed again, or cancels it for good. For personas with the right handle. Errors: 42501, P0002 no such message, 55000 it has not failed.';

CREATE OR REPLACE FUNCTION @store@.receive_message(
	p_tenant_id bigint,
	channel text,
	message_id text,
	content bytea,
	OUT inbox_id bigint,
	OUT document_id bigint,
	OUT is_duplicate boolean,
	OUT state text,
	OUT outcome jsonb)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_stored record;
	v_key text := format('%s/%s', receive_message.channel, receive_message.message_id);
BEGIN
	PERFORM @store@.require_right(p_tenant_id, 'exchange');
	PERFORM @store@.require_given(jsonb_build_object('channel', receive_message.channel, 'message_id', receive_message.message_id));
	IF length(v_key) > 200 THEN
		RAISE EXCEPTION 'channel and message id have more than 199 characters' USING ERRCODE = 'invalid_parameter_value';
	END IF;
	-- the key makes a session that brings the same message at the same time wait here
	SELECT * INTO v_stored FROM @store@.submit(p_tenant_id, receive_message.content, v_key, v_key);
	document_id := v_stored.document_id;
	SELECT i.id, true, i.state, i.outcome INTO inbox_id, is_duplicate, state, outcome
	FROM @store@.inbox i
	WHERE i.tenant_id = p_tenant_id AND i.channel = receive_message.channel AND i.message_id = receive_message.message_id;
	IF FOUND THEN
		RETURN;
	END IF;
	is_duplicate := false;
	SELECT h.state, h.outcome INTO state, outcome
	FROM @store@.handle_message(p_tenant_id, v_stored.document_id, receive_message.channel, v_stored.format, v_stored.kind) h;
	INSERT INTO @store@.inbox AS i (tenant_id, channel, message_id, document_id, state, outcome)
	VALUES (p_tenant_id, receive_message.channel, receive_message.message_id, v_stored.document_id, receive_message.state, receive_message.outcome)
	RETURNING i.id INTO inbox_id;
END;
$code$;
COMMENT ON FUNCTION @store@.receive_message(bigint, text, text, bytea) IS
'Takes a message from a channel: keeps its bytes as a document, and lets it have its effect, by its format and kind. The same message again gets the same answer and has no effect (is_duplicate). state: done, refused (it can have no effect; outcome says why) or open (people must look). Bad content never raises an error. For personas with the right exchange that may submit. Errors: 42501, 23503 no such tenant, 22004 no content, channel or message id, 22023 ids too long, 23505 the message id stands for other bytes.';

CREATE OR REPLACE FUNCTION @store@.settle_message(p_tenant_id bigint, inbox_id bigint, note text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_before text;
BEGIN
	PERFORM @store@.require_right(p_tenant_id, 'handle');
	SELECT i.state INTO v_before FROM @store@.inbox i WHERE i.tenant_id = p_tenant_id AND i.id = settle_message.inbox_id FOR NO KEY UPDATE;
	IF NOT FOUND THEN
		RAISE EXCEPTION 'tenant % has no message % in its inbox', p_tenant_id, settle_message.inbox_id USING ERRCODE = 'no_data_found';
	ELSIF v_before = 'done' THEN
		RETURN;
	END IF;
	UPDATE @store@.inbox i SET state = 'done', outcome = i.outcome || jsonb_build_object('settled_by', clex.caller(), 'note', settle_message.note)
	WHERE i.tenant_id = p_tenant_id AND i.id = settle_message.inbox_id;
	PERFORM @store@.record_event(p_tenant_id, 'settle_message', 'inbox', settle_message.inbox_id::text, to_jsonb(v_before), to_jsonb(settle_message.note));
END;
$code$;
COMMENT ON FUNCTION @store@.settle_message(bigint, bigint, text) IS 'Says that people have dealt with a message that was open or refused. For personas with the right handle. Errors: 42501, P0002 no such message.';

CREATE OR REPLACE VIEW @store@.outgoing_messages WITH (security_invoker) AS
SELECT o.tenant_id, o.id, o.message_id, o.channel, o.format, o.kind, o.recipient, o.document_id, o.state, o.attempts, o.next_attempt,
	o.claimed_by, o.remote_reference, o.last_error, o.posted_at, o.posted_by, o.settled_at, o.content
FROM @store@.outbox o;
COMMENT ON VIEW @store@.outgoing_messages IS 'Messages to be sent, and what became of them.';

CREATE OR REPLACE VIEW @store@.incoming_messages WITH (security_invoker) AS
SELECT i.tenant_id, i.id, i.channel, i.message_id, i.document_id, i.received_at, i.received_by, i.state, i.outcome, d.format, d.kind
FROM @store@.inbox i
JOIN @store@.document d ON d.tenant_id = i.tenant_id AND d.id = i.document_id;
COMMENT ON VIEW @store@.incoming_messages IS 'Messages that came in, and what came of each.';

REVOKE ALL ON FUNCTION @store@.require_right(bigint, text, bigint), @store@.require_given(jsonb), @store@.message_id(bigint, text), @store@.post_message(bigint, text, text, text, text, bytea, text, bigint, text),
	@store@.claim_messages(bigint, text, int, interval), @store@.confirm_message(bigint, text, text), @store@.fail_message(bigint, text, text, boolean),
	@store@.retry_message(bigint, text, boolean), @store@.receive_message(bigint, text, text, bytea), @store@.settle_message(bigint, bigint, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION @store@.claim_messages(bigint, text, int, interval), @store@.confirm_message(bigint, text, text),
	@store@.fail_message(bigint, text, text, boolean), @store@.retry_message(bigint, text, boolean),
	@store@.receive_message(bigint, text, text, bytea), @store@.settle_message(bigint, bigint, text),
	@store@.has_right(bigint, text, bigint), @store@.who_may(text) TO PUBLIC;
GRANT SELECT ON @store@.persona_right, @store@.outbox, @store@.inbox, @store@.outgoing_messages, @store@.incoming_messages TO PUBLIC;
