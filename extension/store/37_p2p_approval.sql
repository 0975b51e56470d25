-- Module p2p, approval: who must have said yes before an invoice becomes approved.
--
-- Rules say for which invoices whose approval is needed, in levels: the next level is asked when all of one have approved.  A round
-- of approval is made of the rules that hold when it begins and stays as it is whatever becomes of the rules; it is bound to
-- what the invoice said then, by a hash, so that nobody's yes stands under another text.  Nobody approves what he brought himself,
-- and nobody twice for one rule; a delegate speaks in the name of somebody who could have spoken himself.

--! step 71 approval rules and delegations
CREATE TABLE @store@.approval_rule (
	tenant_id bigint NOT NULL REFERENCES @store@.tenant,
	rule text NOT NULL CHECK (rule ~ '^[A-Za-z0-9][A-Za-z0-9_.-]{0,59}$'),
	level int NOT NULL CHECK (level BETWEEN 1 AND 20),
	condition text,
	entity_id bigint,
	currency text CHECK (currency ~ '^[A-Z]{3}$'),
	from_amount numeric CHECK (from_amount > 0),
	approvers text[] CHECK (pg_catalog.cardinality(approvers) BETWEEN 1 AND 50 AND pg_catalog.array_position(approvers, NULL) IS NULL),
	votes int NOT NULL CHECK (votes BETWEEN 1 AND 10),
	sla interval CHECK (sla > interval '0'),
	retired boolean NOT NULL DEFAULT false,
	PRIMARY KEY (tenant_id, rule),
	FOREIGN KEY (tenant_id, entity_id) REFERENCES @store@.entity (tenant_id, id),
	CONSTRAINT approval_rule_amount_has_currency CHECK ((from_amount IS NULL) = (currency IS NULL)),
	CONSTRAINT approval_rule_has_voters CHECK (approvers IS NULL OR pg_catalog.cardinality(approvers) >= votes)
);
COMMENT ON TABLE @store@.approval_rule IS 'For which invoices whose approval is needed. Written by define_approval_rule() and retire_approval_rule(); what a rule said before is in the journal.';
COMMENT ON COLUMN @store@.approval_rule.tenant_id IS 'Tenant.';
COMMENT ON COLUMN @store@.approval_rule.rule IS 'Its name.';
COMMENT ON COLUMN @store@.approval_rule.level IS 'Level: those of one level are asked together, the next level when all of them have approved.';
COMMENT ON COLUMN @store@.approval_rule.condition IS 'Term expression that must hold for the invoice as it is enriched; NULL = always.';
COMMENT ON COLUMN @store@.approval_rule.entity_id IS 'Entity whose invoices it is for, with all below it; NULL = all.';
COMMENT ON COLUMN @store@.approval_rule.currency IS 'Currency of the invoices it is for; NULL = any.';
COMMENT ON COLUMN @store@.approval_rule.from_amount IS 'Least amount with VAT, in that currency.';
COMMENT ON COLUMN @store@.approval_rule.approvers IS 'Roles that may approve; NULL = whoever has the right approve.';
COMMENT ON COLUMN @store@.approval_rule.votes IS 'How many of them must.';
COMMENT ON COLUMN @store@.approval_rule.sla IS 'How long they have, from when they are asked; NULL = as long as they like.';
COMMENT ON COLUMN @store@.approval_rule.retired IS 'No longer in force.';

CREATE TABLE @store@.approval_delegation (
	tenant_id bigint NOT NULL REFERENCES @store@.tenant,
	id bigint GENERATED ALWAYS AS IDENTITY,
	from_role text NOT NULL CHECK (from_role <> ''),
	to_role text NOT NULL CHECK (to_role <> '' AND to_role <> from_role),
	valid_from date NOT NULL CHECK (pg_catalog.isfinite(valid_from)),
	valid_until date NOT NULL CHECK (pg_catalog.isfinite(valid_until) AND valid_until >= valid_from),
	granted_at timestamptz NOT NULL DEFAULT pg_catalog.now(),
	granted_by text NOT NULL DEFAULT clex.caller(),
	revoked_at timestamptz,
	revoked_by text,
	PRIMARY KEY (tenant_id, id),
	CHECK ((revoked_at IS NULL) = (revoked_by IS NULL))
);
CREATE INDEX approval_delegation_to_idx ON @store@.approval_delegation (tenant_id, to_role, valid_until) WHERE revoked_at IS NULL;
COMMENT ON TABLE @store@.approval_delegation IS 'Who may approve in whose name, and when. Written by delegate_approval() and revoke_delegation().';
COMMENT ON COLUMN @store@.approval_delegation.tenant_id IS 'Tenant.';
COMMENT ON COLUMN @store@.approval_delegation.id IS 'Number of the delegation.';
COMMENT ON COLUMN @store@.approval_delegation.from_role IS 'Role in whose name.';
COMMENT ON COLUMN @store@.approval_delegation.to_role IS 'Role that approves.';
COMMENT ON COLUMN @store@.approval_delegation.valid_from IS 'First day.';
COMMENT ON COLUMN @store@.approval_delegation.valid_until IS 'Last day.';
COMMENT ON COLUMN @store@.approval_delegation.granted_at IS 'When it was given.';
COMMENT ON COLUMN @store@.approval_delegation.granted_by IS 'Role that gave it.';
COMMENT ON COLUMN @store@.approval_delegation.revoked_at IS 'When it was taken back; NULL = it was not.';
COMMENT ON COLUMN @store@.approval_delegation.revoked_by IS 'Role that took it back.';

--! step 72 rounds of approval
CREATE TABLE @store@.approval_request (
	tenant_id bigint NOT NULL,
	document_id bigint NOT NULL,
	round int NOT NULL CHECK (round >= 1),
	level int NOT NULL,
	rule text NOT NULL,
	approvers text[],
	votes int NOT NULL CHECK (votes >= 1),
	sla interval,
	digest bytea NOT NULL,
	requested_at timestamptz NOT NULL DEFAULT pg_catalog.now(),
	requested_by text NOT NULL DEFAULT clex.caller(),
	asked_at timestamptz,
	due_at timestamptz,
	state text NOT NULL CHECK (state IN ('waiting', 'open', 'granted', 'rejected', 'void')),
	settled_at timestamptz,
	PRIMARY KEY (tenant_id, document_id, round, rule),
	FOREIGN KEY (tenant_id, document_id) REFERENCES @store@.invoice_state (tenant_id, document_id),
	CHECK ((state IN ('waiting', 'open')) = (settled_at IS NULL)),
	CHECK (state <> 'open' OR asked_at IS NOT NULL)
);
CREATE INDEX approval_request_open_idx ON @store@.approval_request (tenant_id, due_at, document_id) WHERE state = 'open';
CREATE INDEX approval_request_rejected_idx ON @store@.approval_request (tenant_id, settled_at, document_id) WHERE state = 'rejected';
COMMENT ON TABLE @store@.approval_request IS 'What must be approved, rule by rule: one row for each rule that held when a round of approval began. Written by request_approval(), approve_invoice(), reject_approval(), reassign_approval() and whatever ends a round.';
COMMENT ON COLUMN @store@.approval_request.tenant_id IS 'Tenant it belongs to.';
COMMENT ON COLUMN @store@.approval_request.document_id IS 'The invoice.';
COMMENT ON COLUMN @store@.approval_request.round IS 'Round of approval of this invoice, from 1.';
COMMENT ON COLUMN @store@.approval_request.level IS 'Level, as the rule said.';
COMMENT ON COLUMN @store@.approval_request.rule IS 'Rule that asks; - = none held, and somebody with the right approve is enough.';
COMMENT ON COLUMN @store@.approval_request.approvers IS 'Roles that may approve; NULL = whoever has the right approve.';
COMMENT ON COLUMN @store@.approval_request.votes IS 'How many of them must.';
COMMENT ON COLUMN @store@.approval_request.sla IS 'How long they have.';
COMMENT ON COLUMN @store@.approval_request.digest IS 'Hash of what the invoice said when the round began (approval_digest()).';
COMMENT ON COLUMN @store@.approval_request.requested_at IS 'When the round began.';
COMMENT ON COLUMN @store@.approval_request.requested_by IS 'Role that began it.';
COMMENT ON COLUMN @store@.approval_request.asked_at IS 'When its level was reached; NULL = not yet.';
COMMENT ON COLUMN @store@.approval_request.due_at IS 'When an answer is due; NULL = never, or not asked yet.';
COMMENT ON COLUMN @store@.approval_request.state IS 'waiting for lower levels, open, granted, rejected, or void: the round ended without it.';
COMMENT ON COLUMN @store@.approval_request.settled_at IS 'When it was granted, rejected or void.';

CREATE TABLE @store@.approval_vote (
	tenant_id bigint NOT NULL,
	document_id bigint NOT NULL,
	round int NOT NULL,
	actor text NOT NULL DEFAULT clex.caller(),
	login text NOT NULL DEFAULT session_user,
	rule text NOT NULL,
	on_behalf_of text NOT NULL,
	approves boolean NOT NULL,
	comment text,
	digest bytea NOT NULL,
	voted_at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
	PRIMARY KEY (tenant_id, document_id, round, rule, actor),
	UNIQUE (tenant_id, document_id, round, rule, on_behalf_of),
	FOREIGN KEY (tenant_id, document_id, round, rule) REFERENCES @store@.approval_request (tenant_id, document_id, round, rule)
);
COMMENT ON TABLE @store@.approval_vote IS 'Who said yes or no, to what, and in whose name. Rows are added by approve_invoice() and reject_approval(), never changed, never deleted.';
COMMENT ON COLUMN @store@.approval_vote.tenant_id IS 'Tenant it belongs to.';
COMMENT ON COLUMN @store@.approval_vote.document_id IS 'The invoice.';
COMMENT ON COLUMN @store@.approval_vote.round IS 'Round of approval.';
COMMENT ON COLUMN @store@.approval_vote.actor IS 'Role that spoke: once for a rule in a round.';
COMMENT ON COLUMN @store@.approval_vote.login IS 'Role that had logged in.';
COMMENT ON COLUMN @store@.approval_vote.rule IS 'Rule it counts for.';
COMMENT ON COLUMN @store@.approval_vote.on_behalf_of IS 'Role in whose name: the actor itself, or who delegated to it.';
COMMENT ON COLUMN @store@.approval_vote.approves IS 'Yes or no.';
COMMENT ON COLUMN @store@.approval_vote.comment IS 'What was said beside.';
COMMENT ON COLUMN @store@.approval_vote.digest IS 'Hash of what the invoice said when it was voted on.';
COMMENT ON COLUMN @store@.approval_vote.voted_at IS 'When.';

-- append-only for the store's own functions too
REVOKE UPDATE, DELETE, TRUNCATE ON @store@.approval_vote FROM CURRENT_USER;

ALTER TABLE @store@.approval_rule ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE @store@.approval_delegation ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE @store@.approval_request ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE @store@.approval_vote ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

--! code
-- how an invoice is approved is no business of its seller's: members, and those scoped to the buying entity
DROP POLICY IF EXISTS tenant ON @store@.approval_rule;
CREATE POLICY tenant ON @store@.approval_rule USING (clex.is_among('@store@.known_tenants()', tenant_id));
DROP POLICY IF EXISTS tenant ON @store@.approval_delegation;
CREATE POLICY tenant ON @store@.approval_delegation USING (clex.is_among('@store@.known_tenants()', tenant_id));
DROP POLICY IF EXISTS tenant ON @store@.approval_request;
CREATE POLICY tenant ON @store@.approval_request USING (clex.is_among('@store@.readable_tenants()', tenant_id));
DROP POLICY IF EXISTS scope ON @store@.approval_request;
CREATE POLICY scope ON @store@.approval_request
	USING (clex.is_among('@store@.scoped_tenants()', tenant_id) AND @store@.sees_as_buyer(tenant_id, document_id));
DROP POLICY IF EXISTS tenant ON @store@.approval_vote;
CREATE POLICY tenant ON @store@.approval_vote FOR SELECT USING (clex.is_among('@store@.readable_tenants()', tenant_id));
DROP POLICY IF EXISTS scope ON @store@.approval_vote;
CREATE POLICY scope ON @store@.approval_vote FOR SELECT
	USING (clex.is_among('@store@.scoped_tenants()', tenant_id) AND @store@.sees_as_buyer(tenant_id, document_id));
DROP POLICY IF EXISTS actor ON @store@.approval_vote;
CREATE POLICY actor ON @store@.approval_vote FOR INSERT WITH CHECK (actor = clex.caller() AND login = session_user);

CREATE OR REPLACE FUNCTION @store@.condition_outcomes(p_tenant_id bigint, document_id bigint, names text[], conditions text[])
RETURNS TABLE (name text, outcome text)
LANGUAGE plpgsql STABLE ROWS 10
SET search_path = pg_catalog, clex, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_document clex.document := @store@.enriched_document(p_tenant_id, condition_outcomes.document_id);
	v_facts jsonb;
BEGIN
	IF EXISTS (SELECT FROM unnest(conditions) c WHERE c ~ '[$](seller|buyer)[.]') THEN
		SELECT jsonb_build_object('seller', @store@.party_facts(p_tenant_id, i.seller_key, CURRENT_DATE),
			'buyer', @store@.party_facts(p_tenant_id, i.buyer_vat_id, CURRENT_DATE)) INTO v_facts
		FROM @store@.invoice i WHERE i.tenant_id = p_tenant_id AND i.document_id = condition_outcomes.document_id;
	END IF;
	RETURN QUERY
	SELECT r.name, CASE WHEN f.outcome IS NULL THEN 'yes' WHEN f.outcome = 'broken' THEN 'no' ELSE format('%s: %s', f.outcome, f.message) END
	FROM unnest(names, conditions) r (name, condition)
	LEFT JOIN unnest(clex.own_findings(v_document, ARRAY(
			SELECT ROW(c.name, 'information', NULL, c.condition, '{"en": "no"}')::clex.own_rule
			FROM unnest(names, conditions) c (name, condition) WHERE c.condition IS NOT NULL), v_facts)) f ON f.rule = r.name;
END;
$code$;
COMMENT ON FUNCTION @store@.condition_outcomes(bigint, bigint, text[], text[]) IS 'Whether conditions hold for an invoice as it is enriched, each by itself: yes (also where there is none), no, or why it could not be evaluated.';

CREATE OR REPLACE FUNCTION @store@.check_condition(name text, condition text) RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, clex, pg_temp
AS $code$
BEGIN
	IF condition IS NOT NULL THEN
		PERFORM clex.check_own_rule(ROW(name, 'information', NULL, condition, '{"en": "no"}')::clex.own_rule);
	END IF;
END;
$code$;
COMMENT ON FUNCTION @store@.check_condition(text, text) IS 'Raises what is wrong with a term expression that is a condition, before it meets an invoice (42601).';

CREATE OR REPLACE FUNCTION @store@.require_roles(roles text[]) RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $code$
DECLARE
	v_missing text := (SELECT r FROM unnest(roles) r WHERE NOT EXISTS (SELECT FROM pg_roles p WHERE p.rolname = r) ORDER BY r LIMIT 1);
BEGIN
	IF v_missing IS NOT NULL THEN
		RAISE EXCEPTION 'role "%" does not exist', v_missing USING
			ERRCODE = 'undefined_object',
			HINT = format('Make it first: CREATE ROLE %I LOGIN', v_missing);
	END IF;
END;
$code$;
COMMENT ON FUNCTION @store@.require_roles(text[]) IS 'Raises 42704 unless all of these database roles exist.';

CREATE OR REPLACE FUNCTION @store@.is_in_entity(p_tenant_id bigint, entity_id bigint, scope_id bigint) RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT is_in_entity.scope_id IS NULL OR is_in_entity.entity_id IS NOT NULL AND EXISTS (
		SELECT FROM @store@.entity_tree(is_in_entity.p_tenant_id, CURRENT_DATE) t
		JOIN @store@.entity e ON e.tenant_id = is_in_entity.p_tenant_id AND e.id = is_in_entity.entity_id AND e.code = t.code
		JOIN @store@.entity s ON s.tenant_id = is_in_entity.p_tenant_id AND s.id = is_in_entity.scope_id
		WHERE s.code = ANY (t.path));
END;
COMMENT ON FUNCTION @store@.is_in_entity(bigint, bigint, bigint) IS 'Whether an entity is another one or below it today; everything is in NULL.';

CREATE OR REPLACE FUNCTION @store@.define_approval_rule(
	p_tenant_id bigint,
	rule text,
	level int DEFAULT 1,
	condition text DEFAULT NULL,
	entity text DEFAULT NULL,
	currency text DEFAULT NULL,
	from_amount numeric DEFAULT NULL,
	approvers text[] DEFAULT NULL,
	votes int DEFAULT 1,
	sla interval DEFAULT NULL)
RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_old @store@.approval_rule;
	v_new @store@.approval_rule;
BEGIN
	PERFORM @store@.require_right(p_tenant_id, 'configure');
	PERFORM @store@.check_condition(define_approval_rule.rule, define_approval_rule.condition);
	PERFORM @store@.require_roles(define_approval_rule.approvers);
	v_new := ROW(p_tenant_id, define_approval_rule.rule, define_approval_rule.level, define_approval_rule.condition,
		CASE WHEN define_approval_rule.entity IS NOT NULL THEN @store@.entity_id(p_tenant_id, define_approval_rule.entity) END,
		define_approval_rule.currency, define_approval_rule.from_amount,
		ARRAY(SELECT DISTINCT a FROM unnest(define_approval_rule.approvers) a ORDER BY a), define_approval_rule.votes, define_approval_rule.sla, false);
	IF define_approval_rule.approvers IS NULL THEN
		v_new.approvers := NULL;
	END IF;
	SELECT * INTO v_old FROM @store@.approval_rule r WHERE r.tenant_id = p_tenant_id AND r.rule = define_approval_rule.rule FOR UPDATE;
	IF v_old IS NOT DISTINCT FROM v_new THEN
		RETURN;
	END IF;
	INSERT INTO @store@.approval_rule SELECT v_new.*
	ON CONFLICT (tenant_id, rule) DO UPDATE SET level = EXCLUDED.level, condition = EXCLUDED.condition, entity_id = EXCLUDED.entity_id,
		currency = EXCLUDED.currency, from_amount = EXCLUDED.from_amount, approvers = EXCLUDED.approvers, votes = EXCLUDED.votes,
		sla = EXCLUDED.sla, retired = EXCLUDED.retired;
	PERFORM @store@.record_event(p_tenant_id, 'define_approval_rule', 'approval_rule', define_approval_rule.rule,
		CASE WHEN v_old.rule IS NOT NULL THEN jsonb_strip_nulls(to_jsonb(v_old) - 'tenant_id') END, jsonb_strip_nulls(to_jsonb(v_new) - 'tenant_id'));
END;
$code$;
COMMENT ON FUNCTION @store@.define_approval_rule(bigint, text, int, text, text, text, numeric, text[], int, interval) IS
'Says whose approval invoices need, or says it anew: level 1 is asked first. The rule is for invoices of an entity and all below it, of a currency from an amount with VAT on, and for which the condition (a term expression) holds; what is NULL does not matter. approvers: roles, NULL = whoever has the right approve; votes: how many of them; sla: how long they have. Rounds that have begun stay as they are. For personas with the right configure. Errors: 42501, 42601 condition, 42704 no such role, P0002 no such entity, 23514 a name, level, number of votes, an amount without currency, fewer approvers than votes.';

CREATE OR REPLACE FUNCTION @store@.retire_approval_rule(p_tenant_id bigint, rule text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
BEGIN
	PERFORM @store@.require_right(p_tenant_id, 'configure');
	UPDATE @store@.approval_rule r SET retired = true WHERE r.tenant_id = p_tenant_id AND r.rule = retire_approval_rule.rule AND NOT r.retired;
	IF FOUND THEN
		PERFORM @store@.record_event(p_tenant_id, 'retire_approval_rule', 'approval_rule', retire_approval_rule.rule, 'false', 'true');
	ELSIF NOT EXISTS (SELECT FROM @store@.approval_rule r WHERE r.tenant_id = p_tenant_id AND r.rule = retire_approval_rule.rule) THEN
		RAISE EXCEPTION 'tenant % has no approval rule "%"', p_tenant_id, retire_approval_rule.rule USING
			ERRCODE = 'no_data_found',
			HINT = 'View approval_rules lists them.';
	END IF;
END;
$code$;
COMMENT ON FUNCTION @store@.retire_approval_rule(bigint, text) IS 'Ends an approval rule for rounds that begin from now on. For personas with the right configure. Errors: 42501, P0002 no such rule.';

CREATE OR REPLACE FUNCTION @store@.delegate_approval(p_tenant_id bigint, to_role text, valid_from date, valid_until date, from_role text DEFAULT NULL) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_from text := COALESCE(delegate_approval.from_role, clex.caller());
	v_id bigint;
BEGIN
	PERFORM @store@.require_right(p_tenant_id, CASE WHEN v_from = clex.caller() THEN 'approve' ELSE 'configure' END);
	PERFORM @store@.require_given(jsonb_build_object('to_role', delegate_approval.to_role, 'valid_from', delegate_approval.valid_from, 'valid_until', delegate_approval.valid_until));
	PERFORM @store@.require_roles(ARRAY[delegate_approval.to_role]);
	INSERT INTO @store@.approval_delegation AS d (tenant_id, from_role, to_role, valid_from, valid_until)
	VALUES (p_tenant_id, v_from, delegate_approval.to_role, delegate_approval.valid_from, delegate_approval.valid_until)
	RETURNING d.id INTO v_id;
	PERFORM @store@.record_event(p_tenant_id, 'delegate_approval', 'delegation', v_id::text, NULL, jsonb_build_object('from', v_from,
		'to', delegate_approval.to_role, 'valid_from', delegate_approval.valid_from, 'valid_until', delegate_approval.valid_until));
	RETURN v_id;
END;
$code$;
COMMENT ON FUNCTION @store@.delegate_approval(bigint, text, date, date, text) IS
'Lets another member approve in the caller''s name, from a day to a day, both included; with from_role in somebody else''s name, which takes the right configure: for an approver who is ill or has left. Returns the number of the delegation. A delegate cannot delegate further. The delegate must be a member, or it sees nothing to approve. Errors: 42501, 22004 no role or day, 42704 no such role, 23514 days, or to oneself.';

CREATE OR REPLACE FUNCTION @store@.revoke_delegation(p_tenant_id bigint, delegation_id bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_delegation @store@.approval_delegation;
BEGIN
	SELECT * INTO v_delegation FROM @store@.approval_delegation d WHERE d.tenant_id = p_tenant_id AND d.id = delegation_id FOR UPDATE;
	PERFORM @store@.require_right(p_tenant_id, CASE WHEN v_delegation.from_role = clex.caller() THEN 'approve' ELSE 'configure' END);
	IF v_delegation.id IS NULL THEN
		RAISE EXCEPTION 'tenant % has no delegation %', p_tenant_id, delegation_id USING ERRCODE = 'no_data_found';
	ELSIF v_delegation.revoked_at IS NOT NULL THEN
		RETURN;
	END IF;
	UPDATE @store@.approval_delegation d SET revoked_at = now(), revoked_by = clex.caller() WHERE d.tenant_id = p_tenant_id AND d.id = delegation_id;
	PERFORM @store@.record_event(p_tenant_id, 'revoke_delegation', 'delegation', delegation_id::text, jsonb_build_object('from', v_delegation.from_role,
		'to', v_delegation.to_role), NULL);
END;
$code$;
COMMENT ON FUNCTION @store@.revoke_delegation(bigint, bigint) IS 'Takes a delegation back: what was approved under it stays approved. For who gave it, and personas with the right configure. Errors: 42501, P0002 no such delegation.';

CREATE OR REPLACE FUNCTION @store@.approval_digest(p_tenant_id bigint, document_id bigint) RETURNS bytea
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT pg_catalog.sha256(d.sha256 || pg_catalog.convert_to(
		COALESCE(@store@.enriched_document(approval_digest.p_tenant_id, approval_digest.document_id)::text, ''), 'UTF8'))
	FROM @store@.document d
	WHERE d.tenant_id = approval_digest.p_tenant_id AND d.id = approval_digest.document_id;
END;
COMMENT ON FUNCTION @store@.approval_digest(bigint, bigint) IS 'SHA-256 of what is approved: the original bytes (their SHA-256), and what was read from them with what enrichments added. NULL if there is no such document.';

CREATE OR REPLACE FUNCTION @store@.explain_approval(p_tenant_id bigint, document_id bigint)
RETURNS TABLE (level int, rule text, applies boolean, because text, approvers text[], votes int, sla interval)
LANGUAGE plpgsql STABLE ROWS 5
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
BEGIN
	RETURN QUERY
	WITH invoice AS MATERIALIZED (
		SELECT i.currency, i.gross, s.entity_id
		FROM @store@.invoice_state s
		JOIN @store@.invoice i ON i.tenant_id = s.tenant_id AND i.document_id = s.document_id
		WHERE s.tenant_id = p_tenant_id AND s.document_id = explain_approval.document_id
	), rule AS MATERIALIZED (
		SELECT r.*, CASE
				WHEN NOT @store@.is_in_entity(p_tenant_id, i.entity_id, r.entity_id) THEN 'it is for another entity'
				WHEN r.currency <> i.currency THEN format('it is for invoices in %s', r.currency)
				WHEN r.from_amount > abs(i.gross) THEN format('%s is less than %s', abs(i.gross), r.from_amount)
			END AS hindrance
		FROM @store@.approval_rule r
		CROSS JOIN invoice i
		WHERE r.tenant_id = p_tenant_id AND NOT r.retired
	), tried AS MATERIALIZED (
		SELECT c.name, c.outcome
		FROM (SELECT array_agg(r.rule ORDER BY r.rule) AS names, array_agg(r.condition ORDER BY r.rule) AS conditions FROM rule r WHERE r.hindrance IS NULL) a
		CROSS JOIN LATERAL @store@.condition_outcomes(p_tenant_id, explain_approval.document_id, a.names, a.conditions) c
	)
	-- what cannot be told asks for approval: nothing slips through on a division by zero
	SELECT r.level, r.rule, r.hindrance IS NULL AND t.outcome <> 'no',
		COALESCE(r.hindrance, CASE WHEN r.condition IS NULL THEN 'it is for all such invoices'
			WHEN t.outcome = 'yes' THEN format('%s holds', r.condition)
			WHEN t.outcome = 'no' THEN format('%s does not hold', r.condition) ELSE t.outcome END),
		r.approvers, r.votes, r.sla
	FROM rule r
	LEFT JOIN tried t ON t.name = r.rule
	ORDER BY r.level, r.rule COLLATE "C";
END;
$code$;
COMMENT ON FUNCTION @store@.explain_approval(bigint, bigint) IS 'For each approval rule whether it asks for approval of an invoice, and why or why not. A condition that cannot be evaluated asks. No row: there are no rules, or no such invoice that the caller may see.';

CREATE OR REPLACE FUNCTION @store@.open_level(p_tenant_id bigint, document_id bigint, round int) RETURNS int
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_level int := (
		SELECT min(r.level) FROM @store@.approval_request r
		WHERE r.tenant_id = p_tenant_id AND r.document_id = open_level.document_id AND r.round = open_level.round AND r.state IN ('waiting', 'open'));
BEGIN
	UPDATE @store@.approval_request r SET state = 'open', asked_at = now(), due_at = now() + r.sla
	WHERE r.tenant_id = p_tenant_id AND r.document_id = open_level.document_id AND r.round = open_level.round AND r.level = v_level AND r.state = 'waiting';
	IF FOUND THEN
		PERFORM @store@.post_notice(p_tenant_id, 'approval_asked', format('approval_asked/%s/%s/%s/%s', r.document_id, r.round, r.rule, a.role_name),
			@store@.invoice_arguments(p_tenant_id, r.document_id) || jsonb_build_object('rule', r.rule, 'due', r.due_at::date), a.role_name, NULL, r.document_id)
		FROM @store@.approval_request r
		CROSS JOIN LATERAL unnest(r.approvers) a (role_name)
		WHERE r.tenant_id = p_tenant_id AND r.document_id = open_level.document_id AND r.round = open_level.round AND r.level = v_level
		ORDER BY r.rule COLLATE "C", a.role_name COLLATE "C";
	END IF;
	RETURN v_level;
END;
$code$;
COMMENT ON FUNCTION @store@.open_level(bigint, bigint, int) IS 'Part of approval: asks those of the lowest level of a round that is not settled, and tells those who are named; NULL if all are settled.';

CREATE OR REPLACE FUNCTION @store@.end_round(p_tenant_id bigint, document_id bigint) RETURNS int
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
BEGIN
	UPDATE @store@.approval_request r SET state = 'void', settled_at = now()
	WHERE r.tenant_id = p_tenant_id AND r.document_id = end_round.document_id AND r.state IN ('waiting', 'open');
	RETURN (SELECT COALESCE(max(r.round), 0) FROM @store@.approval_request r WHERE r.tenant_id = p_tenant_id AND r.document_id = end_round.document_id);
END;
$code$;
COMMENT ON FUNCTION @store@.end_round(bigint, bigint) IS 'Part of approval: ends the round that is going on, if one is; returns the number of the last round.';

CREATE OR REPLACE FUNCTION @store@.request_approval(p_tenant_id bigint, document_id bigint)
RETURNS TABLE (round int, level int, rule text, approvers text[], votes int, state text, due_at timestamptz)
LANGUAGE plpgsql SECURITY DEFINER ROWS 5
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_state @store@.invoice_state;
	v_digest bytea;
	v_round int;
BEGIN
	PERFORM @store@.require_right(p_tenant_id, 'handle', request_approval.document_id);
	v_state := @store@.lock_invoice(p_tenant_id, request_approval.document_id);
	IF v_state.direction = 'sale' OR v_state.meaning = 'approved' OR EXISTS (
		SELECT FROM @store@.lifecycle_status s
		WHERE s.tenant_id = p_tenant_id AND s.lifecycle = v_state.lifecycle AND s.status = v_state.status AND s.final)
	THEN
		RAISE EXCEPTION 'invoice % needs no approval', request_approval.document_id USING
			ERRCODE = 'object_not_in_prerequisite_state',
			DETAIL = CASE v_state.direction WHEN 'sale' THEN 'It was sold, not bought.' ELSE format('Its status is %s (%s).', v_state.status, v_state.meaning) END;
	END IF;
	v_digest := @store@.approval_digest(p_tenant_id, request_approval.document_id);
	v_round := 1 + @store@.end_round(p_tenant_id, request_approval.document_id);
	INSERT INTO @store@.approval_request (tenant_id, document_id, round, level, rule, approvers, votes, sla, digest, state)
	SELECT p_tenant_id, request_approval.document_id, v_round, e.level, e.rule, e.approvers, e.votes, e.sla, v_digest, 'waiting'
	FROM @store@.explain_approval(p_tenant_id, request_approval.document_id) e
	WHERE e.applies;
	IF NOT FOUND THEN
		INSERT INTO @store@.approval_request (tenant_id, document_id, round, level, rule, votes, digest, state)
		VALUES (p_tenant_id, request_approval.document_id, v_round, 1, '-', 1, v_digest, 'waiting');
	END IF;
	PERFORM @store@.open_level(p_tenant_id, request_approval.document_id, v_round);
	RETURN QUERY
	SELECT r.round, r.level, r.rule, r.approvers, r.votes, r.state, r.due_at
	FROM @store@.approval_request r
	WHERE r.tenant_id = p_tenant_id AND r.document_id = request_approval.document_id AND r.round = v_round
	ORDER BY r.level, r.rule COLLATE "C";
END;
$code$;
COMMENT ON FUNCTION @store@.request_approval(bigint, bigint) IS
'Begins a round of approval of an invoice: the rules that hold now are who must approve (explain_approval() says why); if none holds, one who has the right approve is enough. A round that was going on ends, and its votes with it. For personas with the right handle. Errors: 42501, P0002 no such invoice, 55000 it was sold, is approved already, or its status is final.';

CREATE OR REPLACE FUNCTION @store@.approval_voices(p_tenant_id bigint, request @store@.approval_request, role_name text)
RETURNS TABLE (on_behalf_of text)
LANGUAGE plpgsql STABLE ROWS 2
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
BEGIN
	RETURN QUERY
	SELECT v.voice
	FROM (
		-- for oneself, as long as one has the right
		SELECT role_name AS voice, 1 AS preference
		WHERE @store@.has_right(p_tenant_id, 'approve', request.document_id)
		UNION ALL
		SELECT d.from_role, 2 FROM @store@.approval_delegation d
		WHERE d.tenant_id = p_tenant_id AND d.to_role = role_name AND d.revoked_at IS NULL
			AND CURRENT_DATE BETWEEN d.valid_from AND d.valid_until) v
	WHERE (request.approvers IS NULL OR v.voice = ANY (request.approvers))
		AND NOT EXISTS (SELECT FROM @store@.approval_vote o WHERE o.tenant_id = p_tenant_id AND o.document_id = request.document_id
			AND o.round = request.round AND o.rule = request.rule AND (o.on_behalf_of = v.voice OR o.actor = role_name))
	GROUP BY v.voice
	ORDER BY min(v.preference), v.voice COLLATE "C";
END;
$code$;
COMMENT ON FUNCTION @store@.approval_voices(bigint, @store@.approval_request, text) IS 'Part of vote(): in whose names the caller may still speak on a request: its own first, then those who delegated to it, by name.';

CREATE OR REPLACE FUNCTION @store@.require_voice(p_tenant_id bigint, document_id bigint) RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
BEGIN
	IF NOT EXISTS (SELECT FROM @store@.approval_delegation d WHERE d.tenant_id = p_tenant_id AND d.to_role = clex.caller() AND d.revoked_at IS NULL
		AND CURRENT_DATE BETWEEN d.valid_from AND d.valid_until)
	THEN
		PERFORM @store@.require_right(p_tenant_id, 'approve', require_voice.document_id);
	END IF;
END;
$code$;
COMMENT ON FUNCTION @store@.require_voice(bigint, bigint) IS 'Part of approve_invoice() and reject_approval(): raises 42501 unless the caller has the right approve, or somebody delegated to it today.';

CREATE OR REPLACE FUNCTION @store@.require_four_eyes(p_tenant_id bigint, document_id bigint) RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $code$
BEGIN
	IF clex.caller() = (SELECT d.received_from FROM @store@.document d WHERE d.tenant_id = p_tenant_id AND d.id = require_four_eyes.document_id) THEN
		RAISE EXCEPTION 'role "%" brought invoice %, and cannot approve it', clex.caller(), document_id USING
			ERRCODE = 'insufficient_privilege',
			DETAIL = 'It takes four eyes.',
			HINT = 'View approvals tells who is asked.';
	END IF;
END;
$code$;
COMMENT ON FUNCTION @store@.require_four_eyes(bigint, bigint) IS 'Part of approval: raises 42501 if the caller submitted the invoice itself.';

CREATE OR REPLACE FUNCTION @store@.vote(p_tenant_id bigint, p_document_id bigint, approves boolean, comment text, voice text)
RETURNS @store@.approval_request
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_caller text := clex.caller();
	v_state @store@.invoice_state := @store@.lock_invoice(p_tenant_id, p_document_id);
	v_round int := (SELECT max(r.round) FROM @store@.approval_request r WHERE r.tenant_id = p_tenant_id AND r.document_id = p_document_id);
	v_request @store@.approval_request;
	v_candidate @store@.approval_request;
	v_voice text;
	v_digest bytea := @store@.approval_digest(p_tenant_id, p_document_id);
BEGIN
	IF NOT EXISTS (SELECT FROM @store@.approval_request r
		WHERE r.tenant_id = p_tenant_id AND r.document_id = p_document_id AND r.round = v_round AND r.state = 'open')
	THEN
		RAISE EXCEPTION 'nobody is asked to approve invoice %', p_document_id USING
			ERRCODE = 'object_not_in_prerequisite_state',
			DETAIL = format('Its status is %s (%s).', COALESCE(v_state.status, '-'), COALESCE(v_state.meaning, 'nothing said yet')),
			HINT = 'request_approval() asks.';
	END IF;
	IF approves THEN
		PERFORM @store@.require_four_eyes(p_tenant_id, p_document_id);
	END IF;
	FOR v_candidate IN
		SELECT * FROM @store@.approval_request r
		WHERE r.tenant_id = p_tenant_id AND r.document_id = p_document_id AND r.round = v_round AND r.state = 'open'
		ORDER BY r.rule COLLATE "C"
	LOOP
		SELECT o.on_behalf_of INTO v_voice FROM @store@.approval_voices(p_tenant_id, v_candidate, v_caller) o
		WHERE vote.voice IS NULL OR o.on_behalf_of = vote.voice LIMIT 1;
		IF FOUND THEN
			v_request := v_candidate;
			EXIT;
		END IF;
	END LOOP;
	IF v_request.rule IS NULL THEN
		RAISE EXCEPTION 'role "%" is not asked to approve invoice %', v_caller, p_document_id USING
			ERRCODE = 'insufficient_privilege',
			DETAIL = CASE WHEN vote.voice IS NOT NULL THEN format('It may not speak in the name of "%s" now.', vote.voice)
				WHEN EXISTS (SELECT FROM @store@.approval_vote o
					WHERE o.tenant_id = p_tenant_id AND o.document_id = p_document_id AND o.round = v_round AND v_caller IN (o.actor, o.on_behalf_of))
				THEN 'It has spoken in this round, or somebody in its name.' ELSE 'Neither it nor anybody who delegated to it is.' END,
			HINT = format('Who is asked: %s.', (
				SELECT string_agg(COALESCE(array_to_string(r.approvers, ', '), @store@.who_may('approve')), '; ' ORDER BY r.rule COLLATE "C")
				FROM @store@.approval_request r
				WHERE r.tenant_id = p_tenant_id AND r.document_id = p_document_id AND r.round = v_round AND r.state = 'open'));
	END IF;
	IF v_request.digest IS DISTINCT FROM v_digest THEN
		RAISE EXCEPTION 'invoice % has changed since its approval was asked for', p_document_id USING
			ERRCODE = 'object_not_in_prerequisite_state',
			DETAIL = 'It was read or enriched anew, and says something else now.',
			HINT = 'request_approval() begins a new round.';
	END IF;
	INSERT INTO @store@.approval_vote (tenant_id, document_id, round, rule, on_behalf_of, approves, comment, digest)
	VALUES (p_tenant_id, p_document_id, v_round, v_request.rule, v_voice, vote.approves, vote.comment, v_digest);
	RETURN v_request;
END;
$code$;
COMMENT ON FUNCTION @store@.vote(bigint, bigint, boolean, text, text) IS 'Part of approve_invoice() and reject_approval(): writes down a vote on the first request, by name, that the caller may speak on, and returns that.';

CREATE OR REPLACE FUNCTION @store@.approve_invoice(
	p_tenant_id bigint,
	document_id bigint,
	comment text DEFAULT NULL,
	on_behalf_of text DEFAULT NULL,
	OUT rule text,
	OUT votes_missing int,
	OUT level int,
	OUT status text)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_request @store@.approval_request;
	v_objection record;
BEGIN
	PERFORM @store@.require_voice(p_tenant_id, approve_invoice.document_id);
	v_request := @store@.vote(p_tenant_id, approve_invoice.document_id, true, approve_invoice.comment, approve_invoice.on_behalf_of);
	rule := v_request.rule;
	votes_missing := v_request.votes - (
		SELECT count(*) FROM @store@.approval_vote o WHERE o.tenant_id = p_tenant_id AND o.document_id = v_request.document_id
			AND o.round = v_request.round AND o.rule = v_request.rule);
	IF votes_missing = 0 THEN
		UPDATE @store@.approval_request r SET state = 'granted', settled_at = now()
		WHERE r.tenant_id = p_tenant_id AND r.document_id = v_request.document_id AND r.round = v_request.round AND r.rule = v_request.rule;
	END IF;
	level := @store@.open_level(p_tenant_id, v_request.document_id, v_request.round);
	IF level IS NULL THEN
		SELECT * INTO v_objection FROM @store@.status_objections(p_tenant_id, v_request.document_id, 'approved') o WHERE o.part <> 'approval' LIMIT 1;
		IF FOUND THEN
			RAISE EXCEPTION 'invoice % cannot be approved', v_request.document_id USING
				ERRCODE = 'object_not_in_prerequisite_state',
				DETAIL = format('%s: found %s, needed %s.', v_objection.part, v_objection.objection, v_objection.needed),
				HINT = COALESCE(format('Who may: %s.', v_objection.who), 'explain_status() lists all conditions.');
		END IF;
		SELECT a.status INTO status
		FROM @store@.apply_status(p_tenant_id, v_request.document_id, 'approved', NULL, false, message => approve_invoice.comment,
			event_key => format('approval/%s/%s', v_request.document_id, v_request.round), checked => true) a;
	ELSE
		status := (SELECT s.status FROM @store@.invoice_state s WHERE s.tenant_id = p_tenant_id AND s.document_id = v_request.document_id);
	END IF;
END;
$code$;
COMMENT ON FUNCTION @store@.approve_invoice(bigint, bigint, text, text) IS
'Says yes to an invoice, as an approver who is asked, or in the name of one who delegated to the caller (on_behalf_of; NULL = oneself if one is asked, else the first such). Returns the rule it counts for, how many votes that still needs, the level asked next (NULL: none), and the status: when all have approved it is approved, in the same transaction. Who brought the invoice cannot approve it, and nobody votes twice for one rule. Errors: 42501 not asked, or voted before, P0002 no such invoice, 55000 nobody is asked, the invoice has changed since, or another part of the module objects to the last yes (it does not match its order).';

CREATE OR REPLACE FUNCTION @store@.reject_approval(p_tenant_id bigint, document_id bigint, comment text, on_behalf_of text DEFAULT NULL) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_request @store@.approval_request;
BEGIN
	PERFORM @store@.require_voice(p_tenant_id, reject_approval.document_id);
	IF COALESCE(btrim(reject_approval.comment), '') = '' THEN
		RAISE EXCEPTION 'a no needs a reason' USING ERRCODE = 'null_value_not_allowed';
	END IF;
	v_request := @store@.vote(p_tenant_id, reject_approval.document_id, false, reject_approval.comment, reject_approval.on_behalf_of);
	UPDATE @store@.approval_request r SET state = 'rejected', settled_at = now()
	WHERE r.tenant_id = p_tenant_id AND r.document_id = v_request.document_id AND r.round = v_request.round AND r.rule = v_request.rule;
	PERFORM @store@.end_round(p_tenant_id, v_request.document_id);
END;
$code$;
COMMENT ON FUNCTION @store@.reject_approval(bigint, bigint, text, text) IS
'Says no to an invoice, and why: the round ends, and the invoice is back with those who handle it (view todo), who dispute it, refuse it, or ask again. It keeps its status. Errors: 22004 no reason, and those of approve_invoice(): 42501, P0002, 55000.';

CREATE OR REPLACE FUNCTION @store@.reassign_approval(p_tenant_id bigint, document_id bigint, rule text, approvers text[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_old @store@.approval_request;
BEGIN
	PERFORM @store@.require_right(p_tenant_id, 'configure');
	PERFORM @store@.require_roles(reassign_approval.approvers);
	PERFORM @store@.lock_invoice(p_tenant_id, reassign_approval.document_id);
	SELECT * INTO v_old FROM @store@.approval_request r
	WHERE r.tenant_id = p_tenant_id AND r.document_id = reassign_approval.document_id AND r.rule = reassign_approval.rule AND r.state IN ('waiting', 'open');
	IF NOT FOUND THEN
		RAISE EXCEPTION 'rule "%" does not ask for approval of invoice %', reassign_approval.rule, reassign_approval.document_id USING
			ERRCODE = 'no_data_found',
			HINT = 'View approvals lists what is asked.';
	ELSIF cardinality(reassign_approval.approvers) < v_old.votes THEN
		RAISE EXCEPTION 'rule "%" needs % votes', reassign_approval.rule, v_old.votes USING ERRCODE = 'invalid_parameter_value';
	END IF;
	UPDATE @store@.approval_request r SET approvers = reassign_approval.approvers, due_at = CASE WHEN r.state = 'open' THEN now() + r.sla END
	WHERE r.tenant_id = p_tenant_id AND r.document_id = v_old.document_id AND r.round = v_old.round AND r.rule = v_old.rule;
	PERFORM @store@.record_event(p_tenant_id, 'reassign_approval', 'invoice', reassign_approval.document_id::text,
		jsonb_build_object('rule', v_old.rule, 'approvers', v_old.approvers), jsonb_build_object('rule', v_old.rule, 'approvers', reassign_approval.approvers));
END;
$code$;
COMMENT ON FUNCTION @store@.reassign_approval(bigint, bigint, text, text[]) IS
'Asks others instead, where who was asked has left or does not answer; NULL = whoever has the right approve. The time they have begins anew. Votes that were given count. For personas with the right configure. Errors: 42501, 42704 no such role, P0002 no such invoice, or the rule asks nothing, 22023 fewer approvers than votes.';

CREATE OR REPLACE FUNCTION @store@.object_approval(p_tenant_id bigint, document_id bigint, meaning text)
RETURNS TABLE (objection text, needed text, who text)
LANGUAGE plpgsql STABLE ROWS 1
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_round int;
	v_open record;
BEGIN
	IF meaning <> 'approved' THEN
		RETURN;
	END IF;
	v_round := (SELECT max(r.round) FROM @store@.approval_request r WHERE r.tenant_id = p_tenant_id AND r.document_id = object_approval.document_id);
	SELECT string_agg(format('%s of level %s is %s', r.rule, r.level, r.state), ', ' ORDER BY r.level, r.rule COLLATE "C") AS missing,
		string_agg(COALESCE(array_to_string(r.approvers, ', '), @store@.who_may('approve')), '; ' ORDER BY r.level, r.rule COLLATE "C") AS who INTO v_open
	FROM @store@.approval_request r
	WHERE r.tenant_id = p_tenant_id AND r.document_id = object_approval.document_id AND r.round = v_round AND r.state <> 'granted';
	IF v_open.missing IS NOT NULL THEN
		RETURN QUERY SELECT v_open.missing, 'all approvals of the round', v_open.who;
	ELSIF v_round IS NULL AND EXISTS (SELECT FROM @store@.approval_rule r WHERE r.tenant_id = p_tenant_id AND NOT r.retired) THEN
		RETURN QUERY
		SELECT format('%s of level %s asks for approval', e.rule, e.level), 'request_approval()', @store@.who_may('handle')
		FROM @store@.explain_approval(p_tenant_id, object_approval.document_id) e WHERE e.applies LIMIT 1;
	ELSIF EXISTS (SELECT FROM @store@.approval_request r
		WHERE r.tenant_id = p_tenant_id AND r.document_id = object_approval.document_id AND r.round = v_round
			AND r.digest IS DISTINCT FROM @store@.approval_digest(p_tenant_id, object_approval.document_id))
	THEN
		RETURN QUERY SELECT 'the invoice has changed since it was approved', 'a new round: request_approval()', @store@.who_may('handle');
	END IF;
END;
$code$;
COMMENT ON FUNCTION @store@.object_approval(bigint, bigint, text) IS 'Part of status_objections(): whose approval is missing before an invoice may be approved.';

CREATE OR REPLACE FUNCTION @store@.react_approval(p_tenant_id bigint, document_id bigint) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
BEGIN
	PERFORM @store@.end_round(p_tenant_id, react_approval.document_id)
	FROM @store@.invoice_state s
	LEFT JOIN @store@.lifecycle_status l ON l.tenant_id = s.tenant_id AND l.lifecycle = s.lifecycle AND l.status = s.status
	WHERE s.tenant_id = p_tenant_id AND s.document_id = react_approval.document_id AND (l.final OR s.meaning IN ('approved', 'disputed', 'suspended'))
		AND EXISTS (SELECT FROM @store@.approval_request r
			WHERE r.tenant_id = p_tenant_id AND r.document_id = react_approval.document_id AND r.state IN ('waiting', 'open'));
END;
$code$;
COMMENT ON FUNCTION @store@.react_approval(bigint, bigint) IS 'Part of status_changed(): an invoice that is approved, disputed, suspended, refused or gone is not asked about any more.';

CREATE OR REPLACE VIEW @store@.approval_rules WITH (security_invoker) AS
SELECT r.tenant_id, r.rule, r.level, r.condition, e.code AS entity, r.currency, r.from_amount, r.approvers, r.votes, r.sla, r.retired
FROM @store@.approval_rule r
LEFT JOIN @store@.entity e ON e.tenant_id = r.tenant_id AND e.id = r.entity_id;
COMMENT ON VIEW @store@.approval_rules IS 'For which invoices whose approval is needed.';

CREATE OR REPLACE VIEW @store@.approval_delegations WITH (security_invoker) AS
SELECT d.tenant_id, d.id, d.from_role, d.to_role, d.valid_from, d.valid_until,
	d.revoked_at IS NULL AND CURRENT_DATE BETWEEN d.valid_from AND d.valid_until AS in_force, d.granted_at, d.granted_by, d.revoked_at, d.revoked_by
FROM @store@.approval_delegation d;
COMMENT ON VIEW @store@.approval_delegations IS 'Who may approve in whose name, and when.';

CREATE OR REPLACE VIEW @store@.approvals WITH (security_invoker) AS
SELECT r.tenant_id, r.document_id, i.number, i.seller_name, i.currency, i.gross, r.round, r.level, r.rule, r.state, r.approvers, r.votes,
	(SELECT count(*) FROM @store@.approval_vote v
		WHERE v.tenant_id = r.tenant_id AND v.document_id = r.document_id AND v.round = r.round AND v.rule = r.rule AND v.approves) AS votes_given,
	r.requested_at, r.requested_by, r.asked_at, r.due_at, r.state = 'open' AND r.due_at < pg_catalog.now() AS is_overdue, r.settled_at
FROM @store@.approval_request r
JOIN @store@.invoice i ON i.tenant_id = r.tenant_id AND i.document_id = r.document_id;
COMMENT ON VIEW @store@.approvals IS 'What must be approved, by whom, and what has been: one row for each rule of each round.';

CREATE OR REPLACE VIEW @store@.approval_votes WITH (security_invoker) AS
SELECT v.tenant_id, v.document_id, i.number, v.round, v.rule, v.actor, v.login, v.on_behalf_of, v.approves, v.comment, v.digest, v.voted_at
FROM @store@.approval_vote v
JOIN @store@.invoice i ON i.tenant_id = v.tenant_id AND i.document_id = v.document_id;
COMMENT ON VIEW @store@.approval_votes IS 'Who said yes or no to which invoice, when, in whose name, and to which text of it (digest).';

REVOKE ALL ON FUNCTION @store@.define_approval_rule(bigint, text, int, text, text, text, numeric, text[], int, interval), @store@.retire_approval_rule(bigint, text),
	@store@.delegate_approval(bigint, text, date, date, text), @store@.revoke_delegation(bigint, bigint), @store@.open_level(bigint, bigint, int),
	@store@.end_round(bigint, bigint), @store@.request_approval(bigint, bigint), @store@.vote(bigint, bigint, boolean, text, text), @store@.require_voice(bigint, bigint), @store@.require_four_eyes(bigint, bigint),
	@store@.approval_voices(bigint, @store@.approval_request, text), @store@.check_condition(text, text), @store@.require_roles(text[]),
	@store@.approve_invoice(bigint, bigint, text, text), @store@.reject_approval(bigint, bigint, text, text),
	@store@.reassign_approval(bigint, bigint, text, text[]), @store@.react_approval(bigint, bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION @store@.define_approval_rule(bigint, text, int, text, text, text, numeric, text[], int, interval), @store@.retire_approval_rule(bigint, text),
	@store@.delegate_approval(bigint, text, date, date, text), @store@.revoke_delegation(bigint, bigint), @store@.request_approval(bigint, bigint),
	@store@.approve_invoice(bigint, bigint, text, text), @store@.reject_approval(bigint, bigint, text, text),
	@store@.reassign_approval(bigint, bigint, text, text[]), @store@.explain_approval(bigint, bigint), @store@.approval_digest(bigint, bigint),
	@store@.condition_outcomes(bigint, bigint, text[], text[]), @store@.is_in_entity(bigint, bigint, bigint),
	@store@.object_approval(bigint, bigint, text) TO PUBLIC;
GRANT SELECT ON @store@.approval_rule, @store@.approval_delegation, @store@.approval_request, @store@.approval_vote, @store@.approval_rules,
	@store@.approval_delegations, @store@.approvals, @store@.approval_votes TO PUBLIC;
