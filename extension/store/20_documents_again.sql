-- Module documents, checking and reading again: findings and verdicts as of another day, and what a newer reader makes of the original bytes.
--
-- A reader that fails where an older one did not takes nothing away.

--! code
CREATE OR REPLACE FUNCTION @store@.reexamine(p_tenant_id bigint, documents bigint[], reread boolean, rulesets text[], as_of date) RETURNS bigint
LANGUAGE plpgsql
SET search_path = pg_catalog, clex, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_version text := (SELECT e.extversion FROM pg_extension e WHERE e.extname = 'clex');
	v_action text := CASE WHEN reexamine.reread THEN 'reread' ELSE 'revalidate' END;
	v_count bigint;
	v_before jsonb[];
BEGIN
	-- the rows first, in one order: two sessions that do this must not wait for each other
	documents := ARRAY(
		SELECT d.id FROM @store@.document d
		WHERE d.tenant_id = p_tenant_id AND (documents IS NULL OR d.id = ANY (documents)) AND (reexamine.reread OR d.state = 'accepted')
		ORDER BY d.id FOR UPDATE);

	WITH examined AS MATERIALIZED (
		SELECT d.id, d.state AS old_state, @store@.verdict_event(d.state, d.processable, d.fatal, d.warning, d.error_code, d.sha256) AS before, x.*
		FROM @store@.document d, LATERAL clex.examine(d.content, reexamine.rulesets, reexamine.as_of) x
		WHERE d.tenant_id = p_tenant_id AND d.id = ANY (documents)
	), usable AS (
		-- a reader that fails where an older one did not takes nothing away
		SELECT e.* FROM examined e WHERE e.error_code IS NULL OR e.old_state = 'quarantined'
	), updated AS (
		UPDATE @store@.document d
		SET format = u.format, kind = u.kind, version = u.version, profile = u.profile, encoding = u.encoding,
			state = CASE WHEN u.error_code IS NULL THEN 'accepted' ELSE 'quarantined' END,
			checked_at = CASE WHEN u.error_code IS NULL THEN now() END,
			as_of = CASE WHEN u.error_code IS NULL THEN reexamine.as_of END,
			rulesets = CASE WHEN u.error_code IS NULL THEN reexamine.rulesets END,
			clex_version = CASE WHEN u.error_code IS NULL THEN v_version END,
			processable = u.processable, fatal = u.fatal, warning = u.warning,
			error_code = u.error_code, error = u.error, error_detail = u.error_detail, error_hint = u.error_hint,
			seller_key = CASE WHEN reexamine.reread THEN @store@.seller_key(u.document) ELSE d.seller_key END,
			buyer_vat_id = CASE WHEN reexamine.reread THEN clex.value(u.document, 'BT-48') ELSE d.buyer_vat_id END
		FROM usable u
		WHERE d.tenant_id = p_tenant_id AND d.id = u.id
	), invoiced AS (
		INSERT INTO @store@.invoice (tenant_id, document_id, document)
		SELECT p_tenant_id, u.id, u.document FROM usable u
		WHERE clex.kind(u.document) IN ('invoice', 'credit_note') AND reexamine.reread
		ON CONFLICT (tenant_id, document_id) DO UPDATE SET document = EXCLUDED.document
	), gone AS (
		DELETE FROM @store@.finding f USING usable u
		WHERE f.tenant_id = p_tenant_id AND f.document_id = u.id
		RETURNING f.finding_no
	), found AS (
		INSERT INTO @store@.finding (tenant_id, document_id, finding_no, ruleset, rule, severity, terms,
			location, line, found, expected, message)
		SELECT p_tenant_id, u.id, f.finding_no, f.ruleset, f.rule, f.severity, f.terms,
			f.location, f.line, f.found, f.expected, f.message
		FROM usable u,
			unnest(u.findings) WITH ORDINALITY AS f (ruleset, rule, severity, terms, location, line, found, expected, message, finding_no)
		WHERE (SELECT count(*) FROM gone) >= 0    -- after the old ones are gone
	)
	SELECT count(*), array_agg(u.id), array_agg(u.before) INTO v_count, documents, v_before FROM usable u;
	IF v_count > 0 THEN
		PERFORM @store@.apply_rules(p_tenant_id, documents, reexamine.as_of);
		IF reexamine.reread THEN
			PERFORM @store@.documents_changed(p_tenant_id, documents);
		END IF;
		PERFORM @store@.record_verdicts(p_tenant_id, v_action, documents, v_before);
		PERFORM @store@.record_event(p_tenant_id, v_action, 'tenant', p_tenant_id::text, NULL,
			jsonb_build_object('documents', v_count, 'as_of', reexamine.as_of, 'rulesets', reexamine.rulesets));
	END IF;
	RETURN v_count;
END;
$code$;
COMMENT ON FUNCTION @store@.reexamine(bigint, bigint[], boolean, text[], date) IS 'Part of reread() and revalidate().';

CREATE OR REPLACE FUNCTION @store@.revalidate(
	p_tenant_id bigint,
	as_of date DEFAULT NULL,
	rulesets text[] DEFAULT NULL,
	documents bigint[] DEFAULT NULL)
RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $code$
BEGIN
	PERFORM @store@.require_submit(p_tenant_id);
	-- a rule set that does not exist is this call's mistake, not the documents'
	PERFORM clex.verdict('', rulesets, as_of);
	RETURN @store@.reexamine(p_tenant_id, documents, false, rulesets, COALESCE(as_of, CURRENT_DATE));
END;
$code$;
COMMENT ON FUNCTION @store@.revalidate(bigint, date, text[], bigint[]) IS
'Checks accepted documents again and replaces their findings and verdicts. as_of: the day whose rules apply, NULL = today. rulesets: NULL = by each document''s own profile. documents: NULL = all of the tenant. Returns how many. Errors: 42501 not allowed, 23503 no such tenant, 22023 no such rule set.';

CREATE OR REPLACE FUNCTION @store@.reread(p_tenant_id bigint, documents bigint[] DEFAULT NULL) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $code$
BEGIN
	PERFORM @store@.require_submit(p_tenant_id);
	RETURN @store@.reexamine(p_tenant_id, documents, true, NULL, CURRENT_DATE);
END;
$code$;
COMMENT ON FUNCTION @store@.reread(bigint, bigint[]) IS
'Reads and checks documents again from their original bytes, quarantined ones too: after an upgrade of clex this brings them to its reader. documents: NULL = all of the tenant. Returns how many could be read or stay in quarantine; a document that was read before and no longer can be keeps what it had. Errors: 42501 not allowed, 23503 no such tenant.';

REVOKE ALL ON FUNCTION @store@.reexamine(bigint, bigint[], boolean, text[], date), @store@.revalidate(bigint, date, text[], bigint[]),
	@store@.reread(bigint, bigint[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION @store@.revalidate(bigint, date, text[], bigint[]), @store@.reread(bigint, bigint[]) TO PUBLIC;
