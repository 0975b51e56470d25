-- Module p2p, approval rules: for which invoices whose approval is needed, and why.

--! code
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

CREATE OR REPLACE VIEW @store@.approval_rules WITH (security_invoker) AS
SELECT r.tenant_id, r.rule, r.level, r.condition, e.code AS entity, r.currency, r.from_amount, r.approvers, r.votes, r.sla, r.retired
FROM @store@.approval_rule r
LEFT JOIN @store@.entity e ON e.tenant_id = r.tenant_id AND e.id = r.entity_id;
COMMENT ON VIEW @store@.approval_rules IS 'For which invoices whose approval is needed.';

REVOKE ALL ON FUNCTION @store@.define_approval_rule(bigint, text, int, text, text, text, numeric, text[], int, interval),
	@store@.retire_approval_rule(bigint, text), @store@.check_condition(text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION @store@.define_approval_rule(bigint, text, int, text, text, text, numeric, text[], int, interval),
	@store@.retire_approval_rule(bigint, text), @store@.explain_approval(bigint, bigint), @store@.condition_outcomes(bigint, bigint, text[], text[]),
	@store@.is_in_entity(bigint, bigint, bigint) TO PUBLIC;
GRANT SELECT ON @store@.approval_rules TO PUBLIC;
