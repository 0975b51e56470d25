-- Module p2p, lifecycles: which statuses an invoice may have, which steps lead from one to another, and who may take them.
--
-- Lifecycles are rows of the tenant: those clex knows are copied when first needed and follow it at every upgrade, those that the
-- tenant changes are its own.

--! step 11 lifecycles of a tenant
CREATE TABLE @store@.lifecycle (
	tenant_id bigint NOT NULL REFERENCES @store@.tenant,
	lifecycle text NOT NULL CHECK (lifecycle ~ '^[a-z][a-z0-9_]{0,29}$'),
	purchase text,
	sale text,
	own boolean NOT NULL,
	description text NOT NULL,
	PRIMARY KEY (tenant_id, lifecycle)
);
COMMENT ON TABLE @store@.lifecycle IS 'Lifecycles the invoices of a tenant go through. Written by need_lifecycle() and define_lifecycle().';
COMMENT ON COLUMN @store@.lifecycle.tenant_id IS 'Tenant.';
COMMENT ON COLUMN @store@.lifecycle.lifecycle IS 'Its name.';
COMMENT ON COLUMN @store@.lifecycle.purchase IS 'Status of an invoice bought when the store takes it in; NULL = nothing is said of it yet.';
COMMENT ON COLUMN @store@.lifecycle.sale IS 'Status of an invoice sold when the store takes it in; NULL = nothing is said of it yet.';
COMMENT ON COLUMN @store@.lifecycle.own IS 'Defined by the tenant: an upgrade of clex leaves it alone.';
COMMENT ON COLUMN @store@.lifecycle.description IS 'Where it is used.';

CREATE TABLE @store@.lifecycle_status (
	tenant_id bigint NOT NULL,
	lifecycle text NOT NULL,
	status text NOT NULL CHECK (status ~ '^[A-Za-z0-9_]{1,30}$'),
	rank int,
	kind text NOT NULL CHECK (kind IN ('main', 'mark', 'message')),
	meaning text CHECK (meaning ~ '^[a-z_]+$'),
	phase text NOT NULL,
	emitters text[] NOT NULL CHECK (emitters <@ '{platform,buyer,seller,authority}'),
	needs text NOT NULL,
	needs_reason boolean NOT NULL,
	final boolean NOT NULL,
	private boolean NOT NULL,
	reported text CHECK (reported IN ('yes', 'receipt')),
	clears text[] NOT NULL,
	after text[] NOT NULL,
	cdar_type text,
	cdar_code text,
	labels jsonb NOT NULL,
	PRIMARY KEY (tenant_id, lifecycle, status),
	UNIQUE (tenant_id, lifecycle, meaning),
	CHECK (rank IS NULL OR kind = 'main'),
	FOREIGN KEY (tenant_id, lifecycle) REFERENCES @store@.lifecycle
);
COMMENT ON TABLE @store@.lifecycle_status IS 'Statuses of the lifecycles of a tenant.';
COMMENT ON COLUMN @store@.lifecycle_status.tenant_id IS 'Tenant.';
COMMENT ON COLUMN @store@.lifecycle_status.lifecycle IS 'Lifecycle.';
COMMENT ON COLUMN @store@.lifecycle_status.status IS 'Code of the status.';
COMMENT ON COLUMN @store@.lifecycle_status.rank IS 'Place in the transmission, where statuses come one after the other; else NULL.';
COMMENT ON COLUMN @store@.lifecycle_status.kind IS 'main: the status of the invoice. mark: stands beside it. message: moves no invoice.';
COMMENT ON COLUMN @store@.lifecycle_status.meaning IS 'What it means, in the same word for all lifecycles: approved, disputed, refused.';
COMMENT ON COLUMN @store@.lifecycle_status.phase IS 'transmission or processing; flow, directory and status for messages.';
COMMENT ON COLUMN @store@.lifecycle_status.emitters IS 'Sides that may say so: platform, buyer, seller, authority.';
COMMENT ON COLUMN @store@.lifecycle_status.needs IS 'Right (persona_right) with which a member may say so for its side.';
COMMENT ON COLUMN @store@.lifecycle_status.needs_reason IS 'Whether a reason code must be given.';
COMMENT ON COLUMN @store@.lifecycle_status.final IS 'Whether nothing may follow.';
COMMENT ON COLUMN @store@.lifecycle_status.private IS 'Whether the buyer must never be told.';
COMMENT ON COLUMN @store@.lifecycle_status.reported IS 'Whether the tax authority must be told: yes, receipt = where VAT is due on receipt.';
COMMENT ON COLUMN @store@.lifecycle_status.clears IS 'Marks it takes away.';
COMMENT ON COLUMN @store@.lifecycle_status.after IS 'Marks of which one must be there.';
COMMENT ON COLUMN @store@.lifecycle_status.cdar_type IS 'Type of a CDAR message that says it (MDT-77).';
COMMENT ON COLUMN @store@.lifecycle_status.cdar_code IS 'Code in a CDAR message that says it (MDT-88).';
COMMENT ON COLUMN @store@.lifecycle_status.labels IS 'What people call it: language to label.';

CREATE TABLE @store@.lifecycle_transition (
	tenant_id bigint NOT NULL,
	lifecycle text NOT NULL,
	from_status text NOT NULL,
	to_status text NOT NULL,
	note text,
	PRIMARY KEY (tenant_id, lifecycle, from_status, to_status),
	FOREIGN KEY (tenant_id, lifecycle, to_status) REFERENCES @store@.lifecycle_status
);
COMMENT ON TABLE @store@.lifecycle_transition IS 'Lawful steps of the lifecycles of a tenant.';
COMMENT ON COLUMN @store@.lifecycle_transition.tenant_id IS 'Tenant.';
COMMENT ON COLUMN @store@.lifecycle_transition.lifecycle IS 'Lifecycle.';
COMMENT ON COLUMN @store@.lifecycle_transition.from_status IS 'Status before: - = nothing said yet, * = any that is not final.';
COMMENT ON COLUMN @store@.lifecycle_transition.to_status IS 'Status after.';
COMMENT ON COLUMN @store@.lifecycle_transition.note IS 'What it is.';

CREATE TABLE @store@.lifecycle_reason (
	tenant_id bigint NOT NULL,
	lifecycle text NOT NULL,
	reason text NOT NULL,
	statuses text[] NOT NULL,
	public_statuses text[] NOT NULL,
	copy_statuses text[] NOT NULL,
	labels jsonb NOT NULL,
	PRIMARY KEY (tenant_id, lifecycle, reason),
	FOREIGN KEY (tenant_id, lifecycle) REFERENCES @store@.lifecycle
);
COMMENT ON TABLE @store@.lifecycle_reason IS 'Reason codes of the lifecycles of a tenant.';
COMMENT ON COLUMN @store@.lifecycle_reason.tenant_id IS 'Tenant.';
COMMENT ON COLUMN @store@.lifecycle_reason.lifecycle IS 'Lifecycle.';
COMMENT ON COLUMN @store@.lifecycle_reason.reason IS 'Code.';
COMMENT ON COLUMN @store@.lifecycle_reason.statuses IS 'Statuses it may come with.';
COMMENT ON COLUMN @store@.lifecycle_reason.public_statuses IS 'Statuses it may come with for invoices to public bodies only.';
COMMENT ON COLUMN @store@.lifecycle_reason.copy_statuses IS 'Statuses with which it speaks of another copy of the invoice: an invoice that has a status keeps it.';
COMMENT ON COLUMN @store@.lifecycle_reason.labels IS 'What people call it: language to label.';

ALTER TABLE @store@.lifecycle ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE @store@.lifecycle_status ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE @store@.lifecycle_transition ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE @store@.lifecycle_reason ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

--! code
CREATE OR REPLACE FUNCTION @store@.member_tenants() RETURNS SETOF bigint
LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 5
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
BEGIN
	IF @store@.is_operator() THEN
		RETURN QUERY SELECT t.tenant_id FROM @store@.tenant t;
	ELSE
		RETURN QUERY
		SELECT DISTINCT m.tenant_id
		FROM @store@.membership m
		JOIN @store@.persona_right r ON r.persona = m.persona
		-- who may fund has nothing to do with the tenant's own business
		WHERE m.role_name = clex.caller() AND r.may <> 'fund'
		UNION
		SELECT k FROM @store@.known_tenants() k;
	END IF;
END;
$code$;
COMMENT ON FUNCTION @store@.member_tenants() IS 'Tenants for which the caller works, or with which, as a supplier: it may see how invoices of theirs go.';

DROP POLICY IF EXISTS member ON @store@.lifecycle;
CREATE POLICY member ON @store@.lifecycle USING (clex.is_among('@store@.member_tenants()', tenant_id));
DROP POLICY IF EXISTS member ON @store@.lifecycle_status;
CREATE POLICY member ON @store@.lifecycle_status USING (clex.is_among('@store@.member_tenants()', tenant_id));
DROP POLICY IF EXISTS member ON @store@.lifecycle_transition;
CREATE POLICY member ON @store@.lifecycle_transition USING (clex.is_among('@store@.member_tenants()', tenant_id));
DROP POLICY IF EXISTS member ON @store@.lifecycle_reason;
CREATE POLICY member ON @store@.lifecycle_reason USING (clex.is_among('@store@.member_tenants()', tenant_id));

CREATE OR REPLACE FUNCTION @store@.need_lifecycle(p_tenant_id bigint, lifecycle text) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, clex, pg_temp
AS $code$
#variable_conflict use_column
BEGIN
	INSERT INTO @store@.lifecycle AS l (tenant_id, lifecycle, purchase, sale, own, description)
	SELECT p_tenant_id, c.lifecycle, c.purchase, c.sale, false, c.description FROM clex.lifecycles c WHERE c.lifecycle = need_lifecycle.lifecycle
	ON CONFLICT (tenant_id, lifecycle) DO UPDATE SET purchase = EXCLUDED.purchase, sale = EXCLUDED.sale, description = EXCLUDED.description
	WHERE NOT l.own;
	IF NOT FOUND THEN
		RETURN;
	END IF;
	INSERT INTO @store@.lifecycle_status AS s (tenant_id, lifecycle, status, rank, kind, meaning, phase, emitters, needs, needs_reason,
		final, private, reported, clears, after, cdar_type, cdar_code, labels)
	SELECT p_tenant_id, c.lifecycle, c.status, c.rank, c.kind, c.meaning, c.phase, c.emitters, c.needs, c.needs_reason,
		c.final, c.private, c.reported, c.clears, c.after, c.cdar_type, c.cdar_code, jsonb_build_object('en', c.label_en, 'fr', c.label_fr)
	FROM clex.lifecycle_statuses c WHERE c.lifecycle = need_lifecycle.lifecycle
	ON CONFLICT (tenant_id, lifecycle, status) DO UPDATE SET rank = EXCLUDED.rank, kind = EXCLUDED.kind, meaning = EXCLUDED.meaning,
		phase = EXCLUDED.phase, emitters = EXCLUDED.emitters, needs = EXCLUDED.needs, needs_reason = EXCLUDED.needs_reason, final = EXCLUDED.final,
		private = EXCLUDED.private, reported = EXCLUDED.reported, clears = EXCLUDED.clears, after = EXCLUDED.after,
		cdar_type = EXCLUDED.cdar_type, cdar_code = EXCLUDED.cdar_code, labels = EXCLUDED.labels;
	DELETE FROM @store@.lifecycle_transition t
	WHERE t.tenant_id = p_tenant_id AND t.lifecycle = need_lifecycle.lifecycle
		AND NOT EXISTS (SELECT FROM clex.lifecycle_transitions c
			WHERE c.lifecycle = t.lifecycle AND c.from_status = t.from_status AND c.to_status = t.to_status);
	INSERT INTO @store@.lifecycle_transition AS t (tenant_id, lifecycle, from_status, to_status, note)
	SELECT p_tenant_id, c.lifecycle, c.from_status, c.to_status, c.note
	FROM clex.lifecycle_transitions c WHERE c.lifecycle = need_lifecycle.lifecycle
	ON CONFLICT (tenant_id, lifecycle, from_status, to_status) DO UPDATE SET note = EXCLUDED.note;
	INSERT INTO @store@.lifecycle_reason AS r (tenant_id, lifecycle, reason, statuses, public_statuses, copy_statuses, labels)
	SELECT p_tenant_id, c.lifecycle, c.reason, c.statuses, c.public_statuses, c.copy_statuses, jsonb_build_object('en', c.label_en)
	FROM clex.lifecycle_reasons c WHERE c.lifecycle = need_lifecycle.lifecycle
	ON CONFLICT (tenant_id, lifecycle, reason) DO UPDATE SET statuses = EXCLUDED.statuses, public_statuses = EXCLUDED.public_statuses,
		copy_statuses = EXCLUDED.copy_statuses, labels = EXCLUDED.labels;
END;
$code$;
COMMENT ON FUNCTION @store@.need_lifecycle(bigint, text) IS 'Part of take_in() and of upgrades: gives a tenant a lifecycle that clex knows, or brings it up to date; one of the tenant''s own stays as it is.';

-- what clex knows by now, for those who have it
SELECT @store@.need_lifecycle(l.tenant_id, l.lifecycle) FROM @store@.lifecycle l WHERE NOT l.own;

CREATE OR REPLACE FUNCTION @store@.define_lifecycle(p_tenant_id bigint, lifecycle text, description text, like_lifecycle text DEFAULT NULL,
	purchase text DEFAULT NULL, sale text DEFAULT NULL) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
BEGIN
	PERFORM @store@.require_right(p_tenant_id, 'configure');
	PERFORM @store@.require_given(jsonb_build_object('lifecycle', define_lifecycle.lifecycle, 'description', define_lifecycle.description));
	IF EXISTS (SELECT FROM clex.lifecycles c WHERE c.lifecycle = define_lifecycle.lifecycle) THEN
		RAISE EXCEPTION 'lifecycle "%" is one of clex', define_lifecycle.lifecycle USING
			ERRCODE = 'duplicate_object',
			HINT = 'Define one of another name like it, and name it in setting p2p.lifecycle.';
	END IF;
	INSERT INTO @store@.lifecycle AS l (tenant_id, lifecycle, purchase, sale, own, description)
	VALUES (p_tenant_id, define_lifecycle.lifecycle, define_lifecycle.purchase, define_lifecycle.sale, true, define_lifecycle.description)
	ON CONFLICT (tenant_id, lifecycle) DO UPDATE SET description = EXCLUDED.description,
		purchase = COALESCE(EXCLUDED.purchase, l.purchase), sale = COALESCE(EXCLUDED.sale, l.sale);
	IF define_lifecycle.like_lifecycle IS NOT NULL THEN
		PERFORM @store@.need_lifecycle(p_tenant_id, define_lifecycle.like_lifecycle);
		UPDATE @store@.lifecycle l SET purchase = COALESCE(l.purchase, k.purchase), sale = COALESCE(l.sale, k.sale)
		FROM @store@.lifecycle k
		WHERE l.tenant_id = p_tenant_id AND l.lifecycle = define_lifecycle.lifecycle
			AND k.tenant_id = p_tenant_id AND k.lifecycle = define_lifecycle.like_lifecycle;
		INSERT INTO @store@.lifecycle_status (tenant_id, lifecycle, status, rank, kind, meaning, phase, emitters, needs, needs_reason, final, private,
			reported, clears, after, cdar_type, cdar_code, labels)
		SELECT p_tenant_id, define_lifecycle.lifecycle, s.status, s.rank, s.kind, s.meaning, s.phase, s.emitters, s.needs, s.needs_reason, s.final, s.private,
			s.reported, s.clears, s.after, s.cdar_type, s.cdar_code, s.labels
		FROM @store@.lifecycle_status s WHERE s.tenant_id = p_tenant_id AND s.lifecycle = define_lifecycle.like_lifecycle
		ON CONFLICT DO NOTHING;
		INSERT INTO @store@.lifecycle_transition (tenant_id, lifecycle, from_status, to_status, note)
		SELECT p_tenant_id, define_lifecycle.lifecycle, t.from_status, t.to_status, t.note
		FROM @store@.lifecycle_transition t WHERE t.tenant_id = p_tenant_id AND t.lifecycle = define_lifecycle.like_lifecycle
		ON CONFLICT DO NOTHING;
		INSERT INTO @store@.lifecycle_reason (tenant_id, lifecycle, reason, statuses, public_statuses, copy_statuses, labels)
		SELECT p_tenant_id, define_lifecycle.lifecycle, r.reason, r.statuses, r.public_statuses, r.copy_statuses, r.labels
		FROM @store@.lifecycle_reason r WHERE r.tenant_id = p_tenant_id AND r.lifecycle = define_lifecycle.like_lifecycle
		ON CONFLICT DO NOTHING;
	END IF;
	PERFORM @store@.record_event(p_tenant_id, 'define_lifecycle', 'lifecycle', define_lifecycle.lifecycle, NULL,
		jsonb_build_object('description', define_lifecycle.description, 'like', define_lifecycle.like_lifecycle));
END;
$code$;
COMMENT ON FUNCTION @store@.define_lifecycle(bigint, text, text, text, text, text) IS
'Defines a lifecycle of the tenant''s own, with the statuses, steps and reasons of another one if like_lifecycle is given; define_status() and define_transition() change it. purchase, sale: status of invoices taken in. For personas with the right configure. Errors: 42501, 22004 a name or description missing, 42710 clex has one of that name, 23514 not a name.';

CREATE OR REPLACE FUNCTION @store@.own_lifecycle(p_tenant_id bigint, lifecycle text) RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
BEGIN
	IF NOT EXISTS (SELECT FROM @store@.lifecycle l WHERE l.tenant_id = p_tenant_id AND l.lifecycle = own_lifecycle.lifecycle AND l.own) THEN
		RAISE EXCEPTION 'tenant % has no lifecycle "%" of its own', p_tenant_id, own_lifecycle.lifecycle USING
			ERRCODE = 'no_data_found',
			HINT = 'define_lifecycle() makes one, like one of clex if you want.';
	END IF;
END;
$code$;
COMMENT ON FUNCTION @store@.own_lifecycle(bigint, text) IS 'Part of define_status() and define_transition(): raises P0002 unless the tenant has defined that lifecycle.';

CREATE OR REPLACE FUNCTION @store@.define_status(p_tenant_id bigint, lifecycle text, status text, meaning text, emitters text[], needs text, labels jsonb,
	kind text DEFAULT 'main', needs_reason boolean DEFAULT false, final boolean DEFAULT false) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
BEGIN
	PERFORM @store@.require_right(p_tenant_id, 'configure');
	PERFORM @store@.own_lifecycle(p_tenant_id, define_status.lifecycle);
	INSERT INTO @store@.lifecycle_status AS s (tenant_id, lifecycle, status, kind, meaning, phase, emitters, needs, needs_reason, final, private, clears, after, labels)
	VALUES (p_tenant_id, define_status.lifecycle, define_status.status, define_status.kind, define_status.meaning, 'processing', define_status.emitters,
		define_status.needs, define_status.needs_reason, define_status.final, false, '{}', '{}', define_status.labels)
	ON CONFLICT (tenant_id, lifecycle, status) DO UPDATE SET kind = EXCLUDED.kind, meaning = EXCLUDED.meaning, emitters = EXCLUDED.emitters,
		needs = EXCLUDED.needs, needs_reason = EXCLUDED.needs_reason, final = EXCLUDED.final, labels = EXCLUDED.labels;
	PERFORM @store@.record_event(p_tenant_id, 'define_status', 'lifecycle', define_status.lifecycle, NULL, jsonb_build_object('status', define_status.status,
		'kind', define_status.kind, 'meaning', define_status.meaning, 'emitters', define_status.emitters, 'needs', define_status.needs,
		'needs_reason', define_status.needs_reason, 'final', define_status.final));
END;
$code$;
COMMENT ON FUNCTION @store@.define_status(bigint, text, text, text, text[], text, jsonb, text, boolean, boolean) IS
'Adds a status to a lifecycle of the tenant''s own, or changes it: who may say so (emitters: platform, buyer, seller, authority; needs: a right), labels by language, kind main, mark or message. For personas with the right configure. Errors: 42501, P0002 no lifecycle of its own, 23505 the meaning is taken, 23514 not a code, emitter or kind.';

CREATE OR REPLACE FUNCTION @store@.define_transition(p_tenant_id bigint, lifecycle text, from_status text, to_status text, note text DEFAULT NULL, remove boolean DEFAULT false) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
BEGIN
	PERFORM @store@.require_right(p_tenant_id, 'configure');
	PERFORM @store@.own_lifecycle(p_tenant_id, define_transition.lifecycle);
	IF define_transition.remove THEN
		DELETE FROM @store@.lifecycle_transition t WHERE t.tenant_id = p_tenant_id AND t.lifecycle = define_transition.lifecycle
			AND t.from_status = define_transition.from_status AND t.to_status = define_transition.to_status;
	ELSE
		INSERT INTO @store@.lifecycle_transition (tenant_id, lifecycle, from_status, to_status, note)
		VALUES (p_tenant_id, define_transition.lifecycle, define_transition.from_status, define_transition.to_status, define_transition.note)
		ON CONFLICT (tenant_id, lifecycle, from_status, to_status) DO UPDATE SET note = EXCLUDED.note;
	END IF;
	PERFORM @store@.record_event(p_tenant_id, 'define_transition', 'lifecycle', define_transition.lifecycle, NULL,
		jsonb_build_object('from', define_transition.from_status, 'to', define_transition.to_status, 'remove', define_transition.remove));
END;
$code$;
COMMENT ON FUNCTION @store@.define_transition(bigint, text, text, text, text, boolean) IS
'Makes a step of a lifecycle of the tenant''s own lawful, or no longer. from_status: - = nothing said yet, * = any that is not final. For personas with the right configure. Errors: 42501, P0002 no lifecycle of its own, 23503 no such status.';

CREATE OR REPLACE VIEW @store@.lifecycles WITH (security_invoker) AS
SELECT l.tenant_id, l.lifecycle, l.description, l.purchase, l.sale, l.own FROM @store@.lifecycle l;
COMMENT ON VIEW @store@.lifecycles IS 'Lifecycles the invoices of the tenants go through.';

CREATE OR REPLACE VIEW @store@.lifecycle_statuses WITH (security_invoker) AS
SELECT s.tenant_id, s.lifecycle, s.status, s.meaning, s.kind, s.phase, s.emitters, s.needs, s.needs_reason, s.final, s.private, s.reported, s.labels
FROM @store@.lifecycle_status s;
COMMENT ON VIEW @store@.lifecycle_statuses IS 'Statuses of the lifecycles: who may say so, with which right, and what comes with it.';

CREATE OR REPLACE VIEW @store@.lifecycle_transitions WITH (security_invoker) AS
SELECT t.tenant_id, t.lifecycle, t.from_status, t.to_status, s.emitters, s.needs, s.needs_reason, t.note
FROM @store@.lifecycle_transition t
JOIN @store@.lifecycle_status s ON s.tenant_id = t.tenant_id AND s.lifecycle = t.lifecycle AND s.status = t.to_status;
COMMENT ON VIEW @store@.lifecycle_transitions IS 'Lawful steps of the lifecycles, and who may take them.';

CREATE OR REPLACE VIEW @store@.lifecycle_reasons WITH (security_invoker) AS
SELECT r.tenant_id, r.lifecycle, r.reason, r.statuses, r.public_statuses, r.copy_statuses, r.labels FROM @store@.lifecycle_reason r;
COMMENT ON VIEW @store@.lifecycle_reasons IS 'Reason codes of the lifecycles, and the statuses they may come with.';

REVOKE ALL ON FUNCTION @store@.need_lifecycle(bigint, text), @store@.own_lifecycle(bigint, text),
	@store@.define_lifecycle(bigint, text, text, text, text, text), @store@.define_status(bigint, text, text, text, text[], text, jsonb, text, boolean, boolean),
	@store@.define_transition(bigint, text, text, text, text, boolean) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION @store@.member_tenants(),
	@store@.define_lifecycle(bigint, text, text, text, text, text), @store@.define_status(bigint, text, text, text, text[], text, jsonb, text, boolean, boolean),
	@store@.define_transition(bigint, text, text, text, text, boolean) TO PUBLIC;
GRANT SELECT ON @store@.lifecycle, @store@.lifecycle_status, @store@.lifecycle_transition, @store@.lifecycle_reason,
	@store@.lifecycles, @store@.lifecycle_statuses, @store@.lifecycle_transitions, @store@.lifecycle_reasons TO PUBLIC;
