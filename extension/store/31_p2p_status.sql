-- Module p2p, status: where each invoice stands, and what was said of it, in which order whatever it came.
--
-- An invoice has one row of state, which is the lock of everything that is decided about the invoice.  What is said of it is an event,
-- kept whether or not it moves the status, and the status is what follows from all events in the order in which things happened, not
-- that in which they were heard of: any order of arrival ends in the same status.

--! step 12 state of invoices, and what was said of them
CREATE TABLE @store@.invoice_state (
	tenant_id bigint NOT NULL,
	document_id bigint NOT NULL,
	direction text NOT NULL CHECK (direction IN ('purchase', 'sale', 'internal')),
	is_credit boolean NOT NULL,
	lifecycle text NOT NULL,
	status text,
	meaning text,
	since timestamptz NOT NULL,
	marks text[] NOT NULL DEFAULT '{}',
	version int NOT NULL DEFAULT 0,
	seller_key text,
	buyer_vat_id text,
	party_id bigint,
	entity_id bigint,
	due_date date,
	PRIMARY KEY (tenant_id, document_id),
	FOREIGN KEY (tenant_id, document_id) REFERENCES @store@.invoice (tenant_id, document_id),
	FOREIGN KEY (tenant_id, lifecycle, status) REFERENCES @store@.lifecycle_status (tenant_id, lifecycle, status),
	FOREIGN KEY (tenant_id, party_id) REFERENCES @store@.party (tenant_id, id),
	FOREIGN KEY (tenant_id, entity_id) REFERENCES @store@.entity (tenant_id, id)
);
CREATE INDEX invoice_state_meaning_idx ON @store@.invoice_state (tenant_id, meaning, since, document_id);
CREATE INDEX invoice_state_seller_idx ON @store@.invoice_state (tenant_id, seller_key, document_id);
COMMENT ON TABLE @store@.invoice_state IS 'Where each invoice stands; its row is the lock of all that is decided about the invoice. Written by take_in() and apply_status().';
COMMENT ON COLUMN @store@.invoice_state.tenant_id IS 'Tenant it belongs to.';
COMMENT ON COLUMN @store@.invoice_state.document_id IS 'The invoice.';
COMMENT ON COLUMN @store@.invoice_state.direction IS 'purchase: the tenant is the buyer. sale: the seller is an entity of the tenant. internal: both are.';
COMMENT ON COLUMN @store@.invoice_state.is_credit IS 'Whether it is a credit note: its amounts are owed the other way.';
COMMENT ON COLUMN @store@.invoice_state.lifecycle IS 'Lifecycle it goes through.';
COMMENT ON COLUMN @store@.invoice_state.status IS 'Status; NULL = nothing is said of it yet.';
COMMENT ON COLUMN @store@.invoice_state.meaning IS 'Meaning of the status, in the same word for all lifecycles.';
COMMENT ON COLUMN @store@.invoice_state.since IS 'When what gave it this status happened.';
COMMENT ON COLUMN @store@.invoice_state.marks IS 'Statuses that stand beside it, such as factored.';
COMMENT ON COLUMN @store@.invoice_state.version IS 'Grows by one with every event that changes status or marks.';
COMMENT ON COLUMN @store@.invoice_state.seller_key IS 'Seller, as in table invoice.';
COMMENT ON COLUMN @store@.invoice_state.buyer_vat_id IS 'Buyer, as in table invoice.';
COMMENT ON COLUMN @store@.invoice_state.party_id IS 'The other side as a party: the seller of a purchase, the buyer of a sale; NULL = not known.';
COMMENT ON COLUMN @store@.invoice_state.entity_id IS 'Entity of the tenant whose invoice it is; NULL = not known.';
COMMENT ON COLUMN @store@.invoice_state.due_date IS 'Date payment is due (BT-9); NULL = not stated.';

CREATE TABLE @store@.status_event (
	tenant_id bigint NOT NULL,
	id bigint GENERATED ALWAYS AS IDENTITY,
	document_id bigint NOT NULL,
	event_key text NOT NULL CHECK (event_key <> '' AND pg_catalog.length(event_key) <= 300),
	lifecycle text NOT NULL,
	status text NOT NULL,
	issuer text NOT NULL CHECK (issuer IN ('platform', 'buyer', 'seller', 'authority')),
	reasons text[] NOT NULL,
	message text,
	facts jsonb,
	source_document bigint,
	occurred_at timestamptz NOT NULL,
	received_at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
	ordered_at timestamptz NOT NULL GENERATED ALWAYS AS (LEAST(occurred_at, received_at)) STORED,
	actor text NOT NULL DEFAULT clex.caller(),
	login text NOT NULL DEFAULT session_user,
	outcome text NOT NULL CHECK (outcome IN ('applied', 'replayed', 'repeated', 'late', 'early', 'kept', 'refused')),
	from_status text,
	to_status text,
	refusal text,
	PRIMARY KEY (tenant_id, id),
	UNIQUE (tenant_id, event_key),
	CHECK ((outcome = 'refused') <= (refusal IS NOT NULL)),
	FOREIGN KEY (tenant_id, document_id) REFERENCES @store@.invoice_state (tenant_id, document_id),
	FOREIGN KEY (tenant_id, source_document) REFERENCES @store@.document (tenant_id, id)
);
CREATE INDEX status_event_document_idx ON @store@.status_event (tenant_id, document_id, ordered_at);
COMMENT ON TABLE @store@.status_event IS 'What was said of invoices, by whom and when, whether or not it had an effect. Rows are added by apply_status(), never changed, never deleted.';
COMMENT ON COLUMN @store@.status_event.tenant_id IS 'Tenant it belongs to.';
COMMENT ON COLUMN @store@.status_event.id IS 'Number of the event in this store: the order in which the store heard of it.';
COMMENT ON COLUMN @store@.status_event.document_id IS 'The invoice.';
COMMENT ON COLUMN @store@.status_event.event_key IS 'What its sender calls it: the same key again is the same event.';
COMMENT ON COLUMN @store@.status_event.lifecycle IS 'Lifecycle of the invoice at that time.';
COMMENT ON COLUMN @store@.status_event.status IS 'Status that was said, known to the lifecycle or not.';
COMMENT ON COLUMN @store@.status_event.issuer IS 'Side that said so: platform, buyer, seller, authority.';
COMMENT ON COLUMN @store@.status_event.reasons IS 'Reason codes.';
COMMENT ON COLUMN @store@.status_event.message IS 'What was said beside, for people.';
COMMENT ON COLUMN @store@.status_event.facts IS 'Amounts, accounts and other data of the event.';
COMMENT ON COLUMN @store@.status_event.source_document IS 'Message that said so; NULL = a function call.';
COMMENT ON COLUMN @store@.status_event.occurred_at IS 'When it happened, as its sender says.';
COMMENT ON COLUMN @store@.status_event.received_at IS 'When the store heard of it.';
COMMENT ON COLUMN @store@.status_event.ordered_at IS 'Time by which events are put in order: when it happened, and never later than the store heard of it.';
COMMENT ON COLUMN @store@.status_event.actor IS 'Role that said so, or brought it, as clex.caller() says.';
COMMENT ON COLUMN @store@.status_event.login IS 'Role that had logged in.';
COMMENT ON COLUMN @store@.status_event.outcome IS 'applied: it gave the invoice its status, or a mark. replayed: it happened before others, and all were gone through again. repeated: the invoice had that status. late: others had gone beyond. early: no lawful step yet, later events may make it one. kept: it moves no invoice. refused: it never can.';
COMMENT ON COLUMN @store@.status_event.from_status IS 'Status of the invoice before.';
COMMENT ON COLUMN @store@.status_event.to_status IS 'Status of the invoice after.';
COMMENT ON COLUMN @store@.status_event.refusal IS 'Why it had no effect.';

-- append-only for the store's own functions too
REVOKE UPDATE, DELETE, TRUNCATE ON @store@.status_event FROM CURRENT_USER;

ALTER TABLE @store@.invoice_state ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE @store@.status_event ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

--! code
-- written by who acts on its own documents too: the functions ask for the right
DROP POLICY IF EXISTS tenant ON @store@.invoice_state;
CREATE POLICY tenant ON @store@.invoice_state USING (clex.is_among('@store@.readable_tenants()', tenant_id));
DROP POLICY IF EXISTS scope_seller ON @store@.invoice_state;
CREATE POLICY scope_seller ON @store@.invoice_state
	USING (clex.is_among('@store@.own_seller_keys()', tenant_id, seller_key));
DROP POLICY IF EXISTS scope_buyer ON @store@.invoice_state;
CREATE POLICY scope_buyer ON @store@.invoice_state
	USING (clex.is_among('@store@.own_buyer_keys()', tenant_id, buyer_vat_id));
DROP POLICY IF EXISTS tenant ON @store@.status_event;
CREATE POLICY tenant ON @store@.status_event FOR SELECT USING (clex.is_among('@store@.readable_tenants()', tenant_id));
DROP POLICY IF EXISTS scope ON @store@.status_event;
CREATE POLICY scope ON @store@.status_event FOR SELECT
	USING (clex.is_among('@store@.scoped_tenants()', tenant_id) AND @store@.sees_invoice(tenant_id, document_id));
DROP POLICY IF EXISTS actor ON @store@.status_event;
CREATE POLICY actor ON @store@.status_event FOR INSERT WITH CHECK (actor = clex.caller() AND login = session_user);

CREATE OR REPLACE FUNCTION @store@.party_of(p_tenant_id bigint, identifiers text[]) RETURNS bigint
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_generic_plan    -- one plan for all arrays: it was made anew for each call, which took ten times what it found
AS $code$
#variable_conflict use_column
BEGIN
	RETURN (
		SELECT i.party_id FROM @store@.party_identifier i
		WHERE i.tenant_id = p_tenant_id AND i.value = ANY (party_of.identifiers) AND i.scheme NOT IN ('iban', 'bic')
			AND i.valid_from <= CURRENT_DATE AND (i.valid_to > CURRENT_DATE) IS NOT FALSE
		ORDER BY array_position(party_of.identifiers, i.value), i.party_id
		LIMIT 1);
END;
$code$;
COMMENT ON FUNCTION @store@.party_of(bigint, text[]) IS 'Party that has the first of these identifiers that any party has today; NULL = none.';

CREATE OR REPLACE FUNCTION @store@.take_in(p_tenant_id bigint, documents bigint[]) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, clex, pg_temp
SET plan_cache_mode = force_generic_plan
SET enable_hashjoin = off    -- a batch, looked up one by one, whatever the planner thinks of the tables
SET enable_mergejoin = off
SET jit = off
SET enable_seqscan = off
AS $code$
#variable_conflict use_column
DECLARE
	v_choice jsonb := COALESCE((SELECT s.value FROM @store@.setting s WHERE s.tenant_id = p_tenant_id AND s.name = 'p2p.lifecycle'), '{}')
		|| '{}';
	v_missing text;
BEGIN
	v_choice := '{"FR": "fr", "*": "peppol"}' || v_choice;
	FOR v_missing IN
		SELECT DISTINCT c.value FROM jsonb_each_text(v_choice) c
		WHERE NOT EXISTS (SELECT FROM @store@.lifecycle l WHERE l.tenant_id = p_tenant_id AND l.lifecycle = c.value)
		ORDER BY 1
	LOOP
		PERFORM @store@.need_lifecycle(p_tenant_id, v_missing);
	END LOOP;
	WITH invoice AS (
		SELECT i.*, d.kind, clex.value(i.document, 'BT-55') AS buyer_country,
			@store@.party_of(p_tenant_id, ARRAY[i.seller_key]) AS seller_party,
			@store@.party_of(p_tenant_id, ARRAY[i.buyer_vat_id, clex.value(i.document, 'BT-47'), clex.value(i.document, 'BT-46')]) AS buyer_party
		FROM unnest(documents) u (id)
		CROSS JOIN LATERAL (SELECT * FROM @store@.document d WHERE d.tenant_id = p_tenant_id AND d.id = u.id LIMIT 1) d
		CROSS JOIN LATERAL (SELECT * FROM @store@.invoice i WHERE i.tenant_id = p_tenant_id AND i.document_id = u.id LIMIT 1) i
		WHERE d.kind IN ('invoice', 'credit_note')
	), placed AS (
		SELECT v.*, CASE WHEN s.id IS NULL THEN 'purchase' WHEN b.id IS NULL THEN 'sale' ELSE 'internal' END AS direction,
			CASE WHEN s.id IS NOT NULL AND b.id IS NULL THEN s.id ELSE b.id END AS entity_id,
			CASE WHEN s.id IS NOT NULL AND b.id IS NULL THEN v.buyer_party ELSE v.seller_party END AS other_party,
			COALESCE(CASE WHEN v.seller_country = v.buyer_country THEN v_choice ->> v.seller_country END, v_choice ->> '*') AS lifecycle
		FROM invoice v
		LEFT JOIN LATERAL (SELECT e.id FROM @store@.entity e WHERE e.tenant_id = p_tenant_id AND e.party_id = v.seller_party ORDER BY e.is_department, e.id LIMIT 1) s ON true
		LEFT JOIN LATERAL (SELECT e.id FROM @store@.entity e WHERE e.tenant_id = p_tenant_id AND e.party_id = v.buyer_party ORDER BY e.is_department, e.id LIMIT 1) b ON true
	)
	INSERT INTO @store@.invoice_state AS s (tenant_id, document_id, direction, is_credit, lifecycle, status, meaning, since, seller_key, buyer_vat_id,
		party_id, entity_id, due_date)
	SELECT p_tenant_id, p.document_id, p.direction, p.kind = 'credit_note', l.lifecycle,
		t.status, t.meaning, now(), p.seller_key, p.buyer_vat_id, p.other_party, p.entity_id, p.due_date
	FROM placed p
	CROSS JOIN LATERAL (SELECT * FROM @store@.lifecycle l WHERE l.tenant_id = p_tenant_id AND l.lifecycle = p.lifecycle LIMIT 1) l
	LEFT JOIN LATERAL (SELECT * FROM @store@.lifecycle_status t WHERE t.tenant_id = p_tenant_id AND t.lifecycle = l.lifecycle
		AND t.status = CASE p.direction WHEN 'sale' THEN l.sale ELSE l.purchase END LIMIT 1) t ON true
	ORDER BY p.document_id
	ON CONFLICT (tenant_id, document_id) DO UPDATE SET seller_key = EXCLUDED.seller_key, buyer_vat_id = EXCLUDED.buyer_vat_id,
		due_date = EXCLUDED.due_date, party_id = EXCLUDED.party_id, entity_id = EXCLUDED.entity_id, is_credit = EXCLUDED.is_credit
	WHERE (s.seller_key, s.buyer_vat_id, s.due_date, s.party_id, s.entity_id, s.is_credit)
		IS DISTINCT FROM (EXCLUDED.seller_key, EXCLUDED.buyer_vat_id, EXCLUDED.due_date, EXCLUDED.party_id, EXCLUDED.entity_id, EXCLUDED.is_credit);
END;
$code$;
COMMENT ON FUNCTION @store@.take_in(bigint, bigint[]) IS
'Part of submit_many() and reread(): gives invoices and credit notes their row of state, or brings seller, buyer, parties and due date up to date. The lifecycle is what setting p2p.lifecycle names for the country of both sides, or for *: {"FR": "fr", "*": "peppol"} unless set.';

CREATE OR REPLACE FUNCTION @store@.amounts_changed(p_tenant_id bigint, documents bigint[]) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $code$
BEGIN
END;
$code$;
COMMENT ON FUNCTION @store@.amounts_changed(bigint, bigint[]) IS 'Part of functions that change what invoices come to, when, or whether it is contested; nothing unless a later module puts its own in place.';

CREATE OR REPLACE FUNCTION @store@.documents_changed(p_tenant_id bigint, documents bigint[]) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $code$
BEGIN
	PERFORM @store@.take_in(p_tenant_id, documents);
	PERFORM @store@.place_invoices(p_tenant_id, documents, false);
	PERFORM @store@.match_batch(p_tenant_id, documents);
	PERFORM @store@.amounts_changed(p_tenant_id, documents);
END;
$code$;
COMMENT ON FUNCTION @store@.documents_changed(bigint, bigint[]) IS 'Part of submit_many() and reread(): what modules do with documents that are new or were read again.';

-- documents that were there before the module
SELECT @store@.take_in(t.tenant_id, ARRAY(
	SELECT i.document_id FROM @store@.invoice i
	WHERE i.tenant_id = t.tenant_id
		AND NOT EXISTS (SELECT FROM @store@.invoice_state s WHERE s.tenant_id = i.tenant_id AND s.document_id = i.document_id)
	ORDER BY i.document_id))
FROM @store@.tenant t;

CREATE OR REPLACE FUNCTION @store@.lock_invoice(p_tenant_id bigint, document_id bigint) RETURNS @store@.invoice_state
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_state @store@.invoice_state;
BEGIN
	SELECT * INTO v_state FROM @store@.invoice_state s
	WHERE s.tenant_id = p_tenant_id AND s.document_id = lock_invoice.document_id FOR NO KEY UPDATE;
	IF NOT FOUND THEN
		RAISE EXCEPTION 'tenant % has no invoice %', p_tenant_id, lock_invoice.document_id USING
			ERRCODE = 'no_data_found',
			HINT = 'View invoices lists those you may see.';
	END IF;
	RETURN v_state;
END;
$code$;
COMMENT ON FUNCTION @store@.lock_invoice(bigint, bigint) IS 'Locks an invoice for the rest of the transaction, and returns its state: first lock of whatever decides about it. Of several invoices the one with the lowest number is locked first. Errors: P0002 no such invoice, or not one the caller may see.';

CREATE OR REPLACE FUNCTION @store@.side_of(p_tenant_id bigint, state @store@.invoice_state) RETURNS text[]
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
BEGIN
	-- who sees it as the company that sold it
	IF EXISTS (SELECT WHERE NOT clex.is_among('@store@.readable_tenants()', p_tenant_id) AND clex.is_among('@store@.own_seller_keys()', p_tenant_id, state.seller_key))
	THEN
		RETURN '{seller}';
	END IF;
	RETURN CASE state.direction WHEN 'purchase' THEN '{buyer}' WHEN 'sale' THEN '{seller}' ELSE '{buyer,seller}' END::text[];
END;
$code$;
COMMENT ON FUNCTION @store@.side_of(bigint, @store@.invoice_state) IS 'Side for which the caller speaks of an invoice: buyer, seller, or both where the tenant is both.';

CREATE OR REPLACE FUNCTION @store@.is_public_body(p_tenant_id bigint) RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT COALESCE((SELECT s.value = 'true' FROM @store@.setting s WHERE s.tenant_id = is_public_body.p_tenant_id AND s.name = 'p2p.public_body'), false);
END;
COMMENT ON FUNCTION @store@.is_public_body(bigint) IS 'Whether setting p2p.public_body says that the tenant is a public body: some reason codes are for its invoices alone.';

CREATE OR REPLACE FUNCTION @store@.status_checks(
	p_tenant_id bigint,
	state @store@.invoice_state,
	target @store@.lifecycle_status,
	issuers text[],
	reasons text[],
	received boolean)
RETURNS TABLE (ordinal int, condition text, holds boolean, found text, needed text, who text)
LANGUAGE plpgsql STABLE ROWS 8
SET search_path = pg_catalog, clex, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_codes text[];
	v_wrong text;
BEGIN
	RETURN QUERY SELECT 1, 'side', target.emitters && issuers, array_to_string(issuers, ', '), array_to_string(target.emitters, ', '),
		array_to_string(target.emitters, ', ');
	IF NOT received THEN
		RETURN QUERY SELECT 2, 'right', @store@.has_right(p_tenant_id, h.needed, state.document_id), clex.caller(), h.needed, @store@.who_may(h.needed)
		FROM (SELECT CASE WHEN '{platform,authority}' && issuers THEN 'exchange' ELSE target.needs END) h (needed);
	END IF;
	RETURN QUERY SELECT 3, 'not private to the seller', NOT target.private OR state.direction = 'sale', state.direction, 'sale', 'seller'
	WHERE target.private;
	v_codes := ARRAY(SELECT r.reason FROM @store@.lifecycle_reason r
		WHERE r.tenant_id = p_tenant_id AND r.lifecycle = state.lifecycle AND (target.status = ANY (r.statuses)
			OR target.status = ANY (r.public_statuses) AND (received OR @store@.is_public_body(p_tenant_id)))
		ORDER BY r.reason COLLATE "C");
	IF target.needs_reason OR cardinality(reasons) > 0 THEN
		SELECT r INTO v_wrong FROM unnest(reasons) r WHERE cardinality(v_codes) > 0 AND r <> ALL (v_codes) LIMIT 1;
		RETURN QUERY SELECT 4, 'reason', v_wrong IS NULL AND (cardinality(reasons) > 0 OR NOT target.needs_reason),
			COALESCE(v_wrong, array_to_string(reasons, ', ')), array_to_string(v_codes, ', '), NULL::text;
	END IF;
	RETURN QUERY SELECT 5, 'not final', NOT s.final OR target.status = s.status, s.status, 'a status that is not final', 'nobody'::text
	FROM @store@.lifecycle_status s
	WHERE s.tenant_id = p_tenant_id AND s.lifecycle = state.lifecycle AND s.status = state.status;
	IF cardinality(target.after) > 0 THEN
		RETURN QUERY SELECT 6, 'mark', target.after && state.marks, array_to_string(state.marks, ', '), array_to_string(target.after, ', '), NULL::text;
	END IF;
	RETURN QUERY SELECT 7, 'step', target.status = state.status OR EXISTS (
			SELECT FROM @store@.lifecycle_transition t
			WHERE t.tenant_id = p_tenant_id AND t.lifecycle = state.lifecycle AND t.to_status = target.status
				AND t.from_status IN (COALESCE(state.status, '-'), '*')),
		COALESCE(state.status, '-'), (
			SELECT string_agg(t.from_status, ', ' ORDER BY t.from_status COLLATE "C") FROM @store@.lifecycle_transition t
			WHERE t.tenant_id = p_tenant_id AND t.lifecycle = state.lifecycle AND t.to_status = target.status), NULL::text;
	IF NOT received THEN
		RETURN QUERY SELECT 8, o.part, false, o.objection, o.needed, o.who
		FROM @store@.status_objections(p_tenant_id, state.document_id, target.meaning) o;
	END IF;
END;
$code$;
COMMENT ON FUNCTION @store@.status_checks(bigint, @store@.invoice_state, @store@.lifecycle_status, text[], text[], boolean) IS
'Part of apply_status() and explain_status(): the conditions of giving an invoice a status, in the order in which they are looked at; those that other parts of the module set come last (status_objections()), and do not hold.';

CREATE OR REPLACE FUNCTION @store@.step_status(
	p_tenant_id bigint,
	lifecycle text,
	INOUT status text,
	INOUT marks text[],
	target text,
	reasons text[],
	OUT outcome text)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_from @store@.lifecycle_status;
	v_to @store@.lifecycle_status;
BEGIN
	SELECT * INTO v_to FROM @store@.lifecycle_status s
	WHERE s.tenant_id = p_tenant_id AND s.lifecycle = step_status.lifecycle AND s.status = step_status.target;
	IF NOT FOUND OR v_to.kind = 'message' THEN
		outcome := 'kept';
		RETURN;
	END IF;
	SELECT * INTO v_from FROM @store@.lifecycle_status s
	WHERE s.tenant_id = p_tenant_id AND s.lifecycle = step_status.lifecycle AND s.status = step_status.status;
	outcome := CASE
		WHEN EXISTS (SELECT FROM @store@.lifecycle_reason r WHERE r.tenant_id = p_tenant_id AND r.lifecycle = step_status.lifecycle
			AND r.reason = ANY (reasons) AND v_to.status = ANY (r.copy_statuses)) AND v_from.status IS NOT NULL THEN 'kept'
		WHEN v_to.kind = 'mark' AND v_to.status = ANY (marks) THEN 'repeated'
		WHEN v_to.kind = 'mark' AND v_from.final THEN 'early'
		WHEN v_to.kind = 'mark' AND cardinality(v_to.after) > 0 AND NOT v_to.after && marks THEN 'early'
		WHEN EXISTS (SELECT FROM @store@.lifecycle_transition t WHERE t.tenant_id = p_tenant_id AND t.lifecycle = step_status.lifecycle
			AND t.to_status = v_to.status AND t.from_status IN (COALESCE(v_from.status, '-'), '*')) THEN 'applied'
		WHEN v_to.status = v_from.status THEN 'repeated'
		WHEN v_from.final THEN 'early'
		-- of the transmission what was skipped is heard of later, or never
		WHEN v_to.rank IS NOT NULL AND (v_from.phase <> 'transmission' OR v_from.rank >= v_to.rank) THEN 'late'
		WHEN v_to.rank IS NOT NULL THEN 'applied'
		WHEN (v_from.status IS NULL OR v_from.phase = 'transmission') AND EXISTS (
			SELECT FROM @store@.lifecycle_status s
			JOIN @store@.lifecycle_transition t ON t.tenant_id = s.tenant_id AND t.lifecycle = s.lifecycle AND t.from_status = s.status
			WHERE s.tenant_id = p_tenant_id AND s.lifecycle = step_status.lifecycle AND t.to_status = v_to.status
				AND s.rank = (SELECT max(m.rank) FROM @store@.lifecycle_status m WHERE m.tenant_id = p_tenant_id AND m.lifecycle = step_status.lifecycle))
			THEN 'applied'
		ELSE 'early' END;
	IF outcome = 'applied' AND v_to.kind = 'main' THEN
		status := v_to.status;
	ELSIF outcome = 'applied' AND cardinality(v_to.clears) > 0 THEN
		marks := ARRAY(SELECT m FROM unnest(marks) m WHERE m <> ALL (v_to.clears) ORDER BY m COLLATE "C");
	ELSIF outcome = 'applied' THEN
		marks := ARRAY(SELECT m FROM unnest(marks || v_to.status) m ORDER BY m COLLATE "C");
	END IF;
END;
$code$;
COMMENT ON FUNCTION @store@.step_status(bigint, text, text, text[], text, text[]) IS
'Part of apply_status(): what an event makes of the status and the marks of an invoice. outcome: applied, repeated, late, early or kept, as in table status_event.';

CREATE OR REPLACE FUNCTION @store@.replay_status(
	p_tenant_id bigint,
	state @store@.invoice_state,
	event @store@.status_event DEFAULT NULL,
	OUT status text,
	OUT marks text[],
	OUT since timestamptz)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_event record;
	v_step record;
BEGIN
	SELECT CASE state.direction WHEN 'sale' THEN l.sale ELSE l.purchase END, '{}' INTO status, marks
	FROM @store@.lifecycle l WHERE l.tenant_id = p_tenant_id AND l.lifecycle = state.lifecycle;
	since := (SELECT d.received_at FROM @store@.document d WHERE d.tenant_id = p_tenant_id AND d.id = state.document_id);
	FOR v_event IN
		SELECT e.status, e.reasons, e.ordered_at
		FROM (
			SELECT x.status, x.reasons, x.ordered_at, x.event_key FROM @store@.status_event x
			WHERE x.tenant_id = p_tenant_id AND x.document_id = state.document_id AND x.outcome <> 'refused'
			UNION ALL
			SELECT event.status, event.reasons, event.ordered_at, event.event_key WHERE event.status IS NOT NULL) e
		LEFT JOIN @store@.lifecycle_status s ON s.tenant_id = p_tenant_id AND s.lifecycle = state.lifecycle AND s.status = e.status
		ORDER BY e.ordered_at, s.rank NULLS LAST, e.status COLLATE "C", e.event_key COLLATE "C"
	LOOP
		v_step := @store@.step_status(p_tenant_id, state.lifecycle, status, marks, v_event.status, v_event.reasons);
		CONTINUE WHEN v_step.outcome <> 'applied';
		marks := v_step.marks;
		IF v_step.status IS DISTINCT FROM status THEN
			status := v_step.status;
			since := v_event.ordered_at;
		END IF;
	END LOOP;
END;
$code$;
COMMENT ON FUNCTION @store@.replay_status(bigint, @store@.invoice_state, @store@.status_event) IS 'Status and marks that follow from all events of an invoice, and one more, in the order in which they happened; what apply_status() keeps in invoice_state.';

CREATE OR REPLACE FUNCTION @store@.refuse_status(document_id bigint, status text, condition text, who text, refusal text) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $code$
BEGIN
	RAISE EXCEPTION 'invoice % cannot become "%"', document_id, status USING
		ERRCODE = CASE WHEN condition IN ('right', 'side') THEN 'insufficient_privilege'
			WHEN condition = 'reason' THEN 'invalid_parameter_value' ELSE 'object_not_in_prerequisite_state' END,
		DETAIL = 'C' || substr(refusal, 2) || '.',
		HINT = CASE WHEN who IS NOT NULL THEN format('Who may: %s.', who) ELSE 'explain_status() lists all conditions.' END;
END;
$code$;
COMMENT ON FUNCTION @store@.refuse_status(bigint, text, text, text, text) IS 'Part of apply_status(): raises that an invoice cannot have a status, for the condition of status_checks() that does not hold, and who may.';

CREATE OR REPLACE FUNCTION @store@.apply_status(
	p_tenant_id bigint,
	p_document_id bigint,
	p_status text,
	issuer text,
	received boolean,
	reasons text[] DEFAULT '{}',
	message text DEFAULT NULL,
	occurred_at timestamptz DEFAULT NULL,
	event_key text DEFAULT NULL,
	facts jsonb DEFAULT NULL,
	source_document bigint DEFAULT NULL,
	expected_version int DEFAULT NULL,
	checked boolean DEFAULT false,
	OUT event_id bigint,
	OUT outcome text,
	OUT status text,
	OUT version int,
	OUT refusal text)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off    -- one invoice is looked up by its keys, also where a plan was made when the tables were small
SET jit = off    -- whatever that seems to cost
AS $code$
#variable_conflict use_column
DECLARE
	v_state @store@.invoice_state := @store@.lock_invoice(p_tenant_id, p_document_id);
	v_target @store@.lifecycle_status;
	v_event @store@.status_event;
	v_issuers text[] := COALESCE(ARRAY[apply_status.issuer] || '{}', '{}');
	v_check record;
	v_step record;
	v_latest timestamptz;
	v_since timestamptz;
BEGIN
	reasons := COALESCE(reasons, '{}');
	IF apply_status.event_key IS NOT NULL THEN
		SELECT * INTO v_event FROM @store@.status_event e WHERE e.tenant_id = p_tenant_id AND e.event_key = apply_status.event_key;
	END IF;
	SELECT * INTO v_target FROM @store@.lifecycle_status s
	WHERE s.tenant_id = p_tenant_id AND s.lifecycle = v_state.lifecycle AND p_status IN (s.status, s.meaning)
	ORDER BY s.status = p_status DESC LIMIT 1;
	IF v_event.id IS NOT NULL THEN
		IF (v_event.document_id, v_event.status, v_event.reasons) IS DISTINCT FROM (p_document_id, COALESCE(v_target.status, p_status), reasons) THEN
			RAISE EXCEPTION 'event key "%" stands for another event', apply_status.event_key USING
				ERRCODE = 'unique_violation',
				DETAIL = format('It came with status %s of invoice %s.', v_event.status, v_event.document_id);
		END IF;
		SELECT v_event.id, v_event.outcome, v_state.status, v_state.version, v_event.refusal INTO event_id, outcome, status, version, refusal;
		RETURN;
	END IF;
	IF expected_version <> v_state.version THEN
		RAISE EXCEPTION 'invoice % has changed meanwhile', p_document_id USING
			ERRCODE = 'serialization_failure',
			DETAIL = format('Its version is %s, not %s; its status is %s.', v_state.version, expected_version, COALESCE(v_state.status, '-')),
			HINT = 'Look at it again, then decide.';
	END IF;
	IF v_target.status IS NULL AND NOT received THEN
		RAISE EXCEPTION 'lifecycle "%" has no status "%"', v_state.lifecycle, p_status USING
			ERRCODE = 'invalid_parameter_value',
			HINT = format('It has: %s.', (SELECT string_agg(concat_ws(' ', s.status, s.meaning), ', ' ORDER BY s.status COLLATE "C") FROM @store@.lifecycle_status s
				WHERE s.tenant_id = p_tenant_id AND s.lifecycle = v_state.lifecycle));
	END IF;
	IF apply_status.issuer IS NULL THEN
		v_issuers := @store@.side_of(p_tenant_id, v_state);
	END IF;

	-- what the store is told is kept; what its members say must be lawful
	IF v_target.kind IN ('main', 'mark') THEN
		SELECT * INTO v_check FROM @store@.status_checks(p_tenant_id, v_state, v_target, v_issuers, reasons, received OR checked) c
		WHERE NOT c.holds
			AND CASE WHEN received THEN c.condition NOT IN ('step', 'mark', 'not final') ELSE NOT (checked AND c.condition = 'side') END
		ORDER BY c.ordinal LIMIT 1;
		IF FOUND THEN
			outcome := 'refused';
			refusal := format('condition "%s" does not hold: found %s, needed %s', v_check.condition,
				COALESCE(NULLIF(v_check.found, ''), 'none'), COALESCE(NULLIF(v_check.needed, ''), 'none'));
		END IF;
	END IF;
	IF outcome = 'refused' AND NOT received THEN
		PERFORM @store@.refuse_status(p_document_id, v_target.status, v_check.condition, v_check.who, refusal);
	END IF;

	v_event.tenant_id := p_tenant_id;
	v_event.document_id := p_document_id;
	v_event.event_key := COALESCE(apply_status.event_key, gen_random_uuid()::text);
	v_event.status := COALESCE(v_target.status, p_status);
	v_event.reasons := reasons;
	v_latest := (SELECT max(e.ordered_at) FROM @store@.status_event e WHERE e.tenant_id = p_tenant_id AND e.document_id = p_document_id);
	-- of two things said of one invoice no two are heard of in the same moment
	v_event.received_at := GREATEST(clock_timestamp(), v_latest + interval '1 microsecond');
	v_event.occurred_at := COALESCE(apply_status.occurred_at, v_event.received_at);
	v_event.ordered_at := LEAST(v_event.occurred_at, v_event.received_at);
	IF outcome IS NULL THEN
		v_step := @store@.step_status(p_tenant_id, v_state.lifecycle, v_state.status, v_state.marks, v_event.status, reasons);
		outcome := v_step.outcome;
		-- said again it is no event, unless it says more
		IF outcome = 'repeated' AND NOT received AND apply_status.facts IS NULL THEN
			SELECT v_state.status, v_state.version INTO status, version;
			RETURN;
		END IF;
		IF v_event.ordered_at <= v_latest AND outcome <> 'kept' THEN
			SELECT r.status, r.marks, r.since INTO v_step.status, v_step.marks, v_since FROM @store@.replay_status(p_tenant_id, v_state, v_event) r;
			outcome := CASE WHEN (v_step.status, v_step.marks, v_since) IS DISTINCT FROM (v_state.status, v_state.marks, v_state.since) THEN 'replayed'
				WHEN outcome = 'applied' THEN 'late' ELSE outcome END;
		ELSIF v_step.status IS DISTINCT FROM v_state.status THEN
			v_since := v_event.ordered_at;
		END IF;
	END IF;
	INSERT INTO @store@.status_event AS e (tenant_id, document_id, event_key, lifecycle, status, issuer, reasons, message, facts, source_document,
		occurred_at, received_at, outcome, from_status, to_status, refusal)
	VALUES (p_tenant_id, p_document_id, v_event.event_key, v_state.lifecycle, v_event.status, v_issuers[1], reasons, apply_status.message,
		apply_status.facts, apply_status.source_document, v_event.occurred_at, v_event.received_at, outcome, v_state.status,
		CASE WHEN outcome IN ('applied', 'replayed') THEN v_step.status ELSE v_state.status END, refusal)
	RETURNING e.* INTO v_event;
	event_id := v_event.id;
	IF outcome IN ('applied', 'replayed') THEN
		UPDATE @store@.invoice_state s
		SET status = v_step.status, marks = v_step.marks, version = s.version + 1,
			since = COALESCE(v_since, s.since),
			meaning = (SELECT l.meaning FROM @store@.lifecycle_status l
				WHERE l.tenant_id = p_tenant_id AND l.lifecycle = v_state.lifecycle AND l.status = v_step.status)
		WHERE s.tenant_id = p_tenant_id AND s.document_id = p_document_id
		RETURNING s.status, s.version INTO status, version;
	ELSE
		SELECT v_state.status, v_state.version INTO status, version;
	END IF;
	IF outcome IN ('applied', 'replayed') OR outcome = 'repeated' AND NOT received THEN
		PERFORM @store@.status_changed(p_tenant_id, p_document_id, event_id, received);
		IF NOT received THEN
			PERFORM @store@.announce_statuses(p_tenant_id, ARRAY[v_event]);
		END IF;
	END IF;
END;
$code$;
COMMENT ON FUNCTION @store@.apply_status(bigint, bigint, text, text, boolean, text[], text, timestamptz, text, jsonb, bigint, int, boolean) IS
'Part of set_status(), receive_status() and of other functions that decide about an invoice: the only writer of status_event and of the status in invoice_state. issuer: side that says so, NULL = that of the caller. received: somebody else said so and it is kept whatever it is; else what is not lawful is an error. checked: the function that calls has asked for rights and objections itself. p_status: code or meaning.';

CREATE OR REPLACE FUNCTION @store@.set_status(
	p_tenant_id bigint,
	document_id bigint,
	status text,
	reasons text[] DEFAULT '{}',
	message text DEFAULT NULL,
	facts jsonb DEFAULT NULL,
	event_key text DEFAULT NULL,
	occurred_at timestamptz DEFAULT NULL,
	expected_version int DEFAULT NULL,
	OUT event_id bigint,
	OUT outcome text,
	OUT new_status text,
	OUT version int)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $code$
BEGIN
	PERFORM @store@.require_member(p_tenant_id);
	SELECT a.event_id, a.outcome, a.status, a.version INTO set_status.event_id, set_status.outcome, set_status.new_status, set_status.version
	FROM @store@.apply_status(p_tenant_id, set_status.document_id, set_status.status, NULL, false, set_status.reasons, set_status.message,
		set_status.occurred_at, set_status.event_key, set_status.facts, NULL, set_status.expected_version) a;
END;
$code$;
COMMENT ON FUNCTION @store@.set_status(bigint, bigint, text, text[], text, jsonb, text, timestamptz, int) IS
'Gives an invoice a status on behalf of the caller''s side. status: its code, or its meaning (approved, disputed …). reasons: codes of view lifecycle_reasons, mandatory for some. message: for people. facts: data of the event, such as amounts. event_key: what the caller calls this event; the same key again gets the first answer. occurred_at: when it happened, if before now. expected_version: the version that the caller looked at. outcome: applied; repeated, it had that status; late and replayed for what happened earlier. Errors: 42501 not the caller''s to say, P0002 no such invoice, 22023 no such status or reason, 55000 not lawful now, 23505 the key of another event, 40001 changed meanwhile; each says why and who may, and explain_status() all of it.';

CREATE OR REPLACE FUNCTION @store@.receive_status(
	p_tenant_id bigint,
	document_id bigint,
	status text,
	issuer text,
	event_key text,
	occurred_at timestamptz,
	reasons text[] DEFAULT '{}',
	message text DEFAULT NULL,
	facts jsonb DEFAULT NULL,
	OUT event_id bigint,
	OUT outcome text,
	OUT new_status text,
	OUT version int,
	OUT refusal text)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $code$
BEGIN
	PERFORM @store@.require_right(p_tenant_id, 'exchange');
	PERFORM @store@.require_given(jsonb_build_object('status', receive_status.status));
	IF num_nulls(receive_status.issuer, receive_status.event_key, receive_status.occurred_at) > 0 THEN
		RAISE EXCEPTION 'issuer, event key and time of a status that was received are needed' USING ERRCODE = 'null_value_not_allowed';
	END IF;
	SELECT a.event_id, a.outcome, a.status, a.version, a.refusal
	INTO receive_status.event_id, receive_status.outcome, receive_status.new_status, receive_status.version, receive_status.refusal
	FROM @store@.apply_status(p_tenant_id, receive_status.document_id, receive_status.status, receive_status.issuer, true, receive_status.reasons,
		receive_status.message, receive_status.occurred_at, receive_status.event_key, receive_status.facts) a;
END;
$code$;
COMMENT ON FUNCTION @store@.receive_status(bigint, bigint, text, text, text, timestamptz, text[], text, jsonb) IS
'Keeps what somebody else said of an invoice, and lets it have its effect. issuer: platform, buyer, seller or authority. It never fails for what is said: outcome tells whether it was applied, replayed (it happened before others, which were gone through again), repeated, late (others had gone beyond), early (no lawful step yet), kept (moves no invoice) or refused, with the reason in refusal. For personas with the right exchange. Errors: 42501, 22004 status, issuer, key or time missing, P0002 no such invoice, 23505 the key of another event.';

CREATE OR REPLACE FUNCTION @store@.require_member(p_tenant_id bigint) RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $code$
BEGIN
	-- a query, so that each call reads the list anew
	IF NOT EXISTS (SELECT WHERE clex.is_among('@store@.member_tenants()', p_tenant_id)) THEN
		RAISE EXCEPTION 'role "%" does not work for tenant %', clex.caller(), p_tenant_id USING
			ERRCODE = 'insufficient_privilege',
			HINT = 'An operator of the store can give it a persona for that tenant with add_member().';
	END IF;
END;
$code$;
COMMENT ON FUNCTION @store@.require_member(bigint) IS 'Raises 42501 unless the caller works for the tenant or sells to it. First line of functions that ask for a right later, when they know what for.';

CREATE OR REPLACE FUNCTION @store@.explain_status(p_tenant_id bigint, document_id bigint, status text, reasons text[] DEFAULT '{}')
RETURNS TABLE (condition text, holds boolean, found text, needed text, who text)
LANGUAGE plpgsql STABLE ROWS 8
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
BEGIN
	RETURN QUERY
	SELECT c.condition, c.holds, c.found, c.needed, c.who
	FROM @store@.invoice_state s
	JOIN @store@.lifecycle_status t ON t.tenant_id = s.tenant_id AND t.lifecycle = s.lifecycle AND explain_status.status IN (t.status, t.meaning)
	CROSS JOIN LATERAL @store@.status_checks(p_tenant_id, s, t, @store@.side_of(p_tenant_id, s), explain_status.reasons, false) c
	WHERE s.tenant_id = p_tenant_id AND s.document_id = explain_status.document_id
	ORDER BY c.ordinal;
END;
$code$;
COMMENT ON FUNCTION @store@.explain_status(bigint, bigint, text, text[]) IS 'Whether the caller may give an invoice a status now: each condition, whether it holds, what was found and needed, and who may. No row: no such invoice or status.';

CREATE OR REPLACE VIEW @store@.invoice_states WITH (security_invoker) AS
SELECT s.tenant_id, s.document_id, i.number, i.seller_name, i.buyer_name, s.direction, s.is_credit, i.issue_date, s.due_date, i.currency, i.gross, i.payable,
	s.lifecycle, s.status, s.meaning, l.labels, s.since, s.marks, s.version, p.code AS party, e.code AS entity
FROM @store@.invoice_state s
JOIN @store@.invoice i ON i.tenant_id = s.tenant_id AND i.document_id = s.document_id
LEFT JOIN @store@.lifecycle_status l ON l.tenant_id = s.tenant_id AND l.lifecycle = s.lifecycle AND l.status = s.status
LEFT JOIN @store@.party p ON p.tenant_id = s.tenant_id AND p.id = s.party_id
LEFT JOIN @store@.entity e ON e.tenant_id = s.tenant_id AND e.id = s.entity_id;
COMMENT ON VIEW @store@.invoice_states IS 'Where each invoice and credit note stands.';

CREATE OR REPLACE VIEW @store@.status_events WITH (security_invoker) AS
SELECT e.tenant_id, e.id, e.document_id, i.number, e.occurred_at, e.received_at, e.lifecycle, e.status, l.meaning, l.labels, e.issuer, e.reasons, e.message, e.facts,
	e.outcome, e.from_status, e.to_status, e.refusal, e.actor, e.login, e.event_key, e.source_document
FROM @store@.status_event e
JOIN @store@.invoice i ON i.tenant_id = e.tenant_id AND i.document_id = e.document_id
LEFT JOIN @store@.lifecycle_status l ON l.tenant_id = e.tenant_id AND l.lifecycle = e.lifecycle AND l.status = e.status;
COMMENT ON VIEW @store@.status_events IS 'What was said of invoices: what, by whom, when it happened and when it was heard of, and what came of it.';

CREATE OR REPLACE VIEW @store@.status_choices WITH (security_invoker) AS
SELECT s.tenant_id, s.document_id, s.status AS from_status, t.status, t.meaning, t.labels, c.condition, c.holds, c.found, c.needed, c.who
FROM @store@.invoice_state s
JOIN @store@.lifecycle_status t ON t.tenant_id = s.tenant_id AND t.lifecycle = s.lifecycle AND t.kind <> 'message'
CROSS JOIN LATERAL @store@.status_checks(s.tenant_id, s, t, @store@.side_of(s.tenant_id, s), '{}', false) c;
COMMENT ON VIEW @store@.status_choices IS 'For each invoice and each status of its lifecycle the conditions of giving it that status now, whether they hold for the caller, and who may. Name a tenant and an invoice.';

REVOKE ALL ON FUNCTION @store@.refuse_status(bigint, text, text, text, text), @store@.take_in(bigint, bigint[]), @store@.amounts_changed(bigint, bigint[]), @store@.documents_changed(bigint, bigint[]), @store@.lock_invoice(bigint, bigint),
	@store@.replay_status(bigint, @store@.invoice_state, @store@.status_event), @store@.require_member(bigint),
	@store@.apply_status(bigint, bigint, text, text, boolean, text[], text, timestamptz, text, jsonb, bigint, int, boolean),
	@store@.set_status(bigint, bigint, text, text[], text, jsonb, text, timestamptz, int),
	@store@.receive_status(bigint, bigint, text, text, text, timestamptz, text[], text, jsonb) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION @store@.party_of(bigint, text[]), @store@.is_public_body(bigint), @store@.side_of(bigint, @store@.invoice_state),
	@store@.status_checks(bigint, @store@.invoice_state, @store@.lifecycle_status, text[], text[], boolean), @store@.step_status(bigint, text, text, text[], text, text[]),
	@store@.set_status(bigint, bigint, text, text[], text, jsonb, text, timestamptz, int),
	@store@.receive_status(bigint, bigint, text, text, text, timestamptz, text[], text, jsonb), @store@.explain_status(bigint, bigint, text, text[]) TO PUBLIC;
GRANT SELECT ON @store@.invoice_state, @store@.status_event, @store@.invoice_states, @store@.status_events, @store@.status_choices TO PUBLIC;
