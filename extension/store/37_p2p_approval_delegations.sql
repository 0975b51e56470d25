-- Module p2p, delegations of approval: who may speak in whose name, and from when to when.
--
-- A delegate speaks in the name of somebody who could have spoken himself, and cannot delegate further.  Who gave a delegation and then loses the right takes it
-- along; what somebody with the right configure gave in the name of one who has left stands until it is revoked.

--! code
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

CREATE OR REPLACE FUNCTION @store@.membership_ended(p_tenant_id bigint, role_name text) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_delegation @store@.approval_delegation;
BEGIN
	IF EXISTS (SELECT FROM @store@.membership m JOIN @store@.persona_right r ON r.persona = m.persona
		WHERE m.tenant_id = p_tenant_id AND m.role_name = membership_ended.role_name AND r.may = 'approve')
	THEN
		RETURN;
	END IF;
	FOR v_delegation IN
		UPDATE @store@.approval_delegation d SET revoked_at = now(), revoked_by = clex.caller()
		WHERE d.tenant_id = p_tenant_id AND d.from_role = membership_ended.role_name AND d.granted_by = d.from_role AND d.revoked_at IS NULL AND d.valid_until >= CURRENT_DATE
		RETURNING d.*
	LOOP
		PERFORM @store@.record_event(p_tenant_id, 'revoke_delegation', 'delegation', v_delegation.id::text,
			jsonb_build_object('from', v_delegation.from_role, 'to', v_delegation.to_role), NULL);
	END LOOP;
END;
$code$;
COMMENT ON FUNCTION @store@.membership_ended(bigint, text) IS 'Part of remove_member(): who may approve no more lets nobody approve in its name; delegations that others gave in its name stay.';

CREATE OR REPLACE VIEW @store@.approval_delegations WITH (security_invoker) AS
SELECT d.tenant_id, d.id, d.from_role, d.to_role, d.valid_from, d.valid_until,
	d.revoked_at IS NULL AND CURRENT_DATE BETWEEN d.valid_from AND d.valid_until AS in_force, d.granted_at, d.granted_by, d.revoked_at, d.revoked_by
FROM @store@.approval_delegation d;
COMMENT ON VIEW @store@.approval_delegations IS 'Who may approve in whose name, and when.';

REVOKE ALL ON FUNCTION @store@.membership_ended(bigint, text), @store@.delegate_approval(bigint, text, date, date, text), @store@.revoke_delegation(bigint, bigint),
	@store@.require_roles(text[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION @store@.delegate_approval(bigint, text, date, date, text), @store@.revoke_delegation(bigint, bigint) TO PUBLIC;
GRANT SELECT ON @store@.approval_delegations TO PUBLIC;
