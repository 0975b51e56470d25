-- Module base, parties: the companies and people a tenant deals with, and itself.
--
-- What holds for a time is kept in keyed periods: a row holds from its day until the day of the next
-- row with the same key.  Periods can then neither overlap nor leave a gap, and the primary key is all
-- it takes.  A row that says "closed" ends the series, until another row follows it.

--! step 3 parties and their identifiers
CREATE TABLE @store@.party (
	tenant_id bigint NOT NULL REFERENCES @store@.tenant,
	id bigint GENERATED ALWAYS AS IDENTITY,
	code text NOT NULL CHECK (code <> '' AND pg_catalog.length(code) <= 200),
	PRIMARY KEY (tenant_id, id),
	UNIQUE (tenant_id, code)
);
COMMENT ON TABLE @store@.party IS 'Companies and people the tenant deals with, and the tenant itself. Written by set_party().';
COMMENT ON COLUMN @store@.party.tenant_id IS 'Tenant it belongs to.';
COMMENT ON COLUMN @store@.party.id IS 'Number of the party in this store.';
COMMENT ON COLUMN @store@.party.code IS 'What the tenant calls it: its number in the ERP system.';

CREATE TABLE @store@.party_version (
	tenant_id bigint NOT NULL,
	party_id bigint NOT NULL,
	valid_from date NOT NULL CHECK (pg_catalog.isfinite(valid_from)),
	closed boolean NOT NULL,
	name text NOT NULL CHECK (name <> ''),
	legal_form text,
	street text,
	post_code text,
	city text,
	country text CHECK (country ~ '^[A-Z]{2}$'),
	language text CHECK (language ~ '^[a-z]{2}$'),
	email text CHECK (email ~ '^[^@[:space:]]+@[^@[:space:]]+$'),
	PRIMARY KEY (tenant_id, party_id, valid_from),
	FOREIGN KEY (tenant_id, party_id) REFERENCES @store@.party (tenant_id, id)
);
COMMENT ON TABLE @store@.party_version IS 'Master data of parties: a row holds from its day until the next row of the party. Written by set_party() and close_party().';
COMMENT ON COLUMN @store@.party_version.tenant_id IS 'Tenant it belongs to.';
COMMENT ON COLUMN @store@.party_version.party_id IS 'Party.';
COMMENT ON COLUMN @store@.party_version.valid_from IS 'First day on which this holds.';
COMMENT ON COLUMN @store@.party_version.closed IS 'From this day on the party is no longer there; the other columns are those of the day before.';
COMMENT ON COLUMN @store@.party_version.name IS 'Name.';
COMMENT ON COLUMN @store@.party_version.legal_form IS 'Legal form, as it is written: SARL, GmbH.';
COMMENT ON COLUMN @store@.party_version.street IS 'Street and number.';
COMMENT ON COLUMN @store@.party_version.post_code IS 'Post code.';
COMMENT ON COLUMN @store@.party_version.city IS 'City.';
COMMENT ON COLUMN @store@.party_version.country IS 'Country, ISO 3166-1, two letters.';
COMMENT ON COLUMN @store@.party_version.language IS 'Language to write in, ISO 639-1, two letters.';
COMMENT ON COLUMN @store@.party_version.email IS 'Address for messages.';

CREATE FUNCTION @store@.is_identifier(scheme text, value text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	-- every value must fit into an index
	SELECT value <> '' AND pg_catalog.length(value) <= 200 AND CASE scheme
		WHEN 'siren' THEN clex.is_siren(value)
		WHEN 'siret' THEN clex.is_siret(value)
		WHEN 'vat' THEN clex.is_vat_id(value) OR clex.is_vat_id_gb(value) OR clex.is_vat_id_ch(value) OR clex.is_vat_id_no(value)
		WHEN 'gln' THEN clex.is_gln(value)
		WHEN 'lei' THEN clex.is_lei(value)
		WHEN 'iban' THEN clex.is_iban(value)
		WHEN 'bic' THEN clex.is_bic(value)
		WHEN 'duns' THEN clex.is_duns(value)
		WHEN 'other' THEN true
		ELSE scheme ~ '^[0-9]{4}$' AND COALESCE(clex.is_iso6523(scheme, value), true)
	END;
END;
COMMENT ON FUNCTION @store@.is_identifier(text, text) IS 'Whether an identifier fits its scheme: siren, siret, vat (EU, XI, GB, CH, NO), gln, lei, iban, bic, duns by format and check digit; four digits: the ISO 6523 scheme of that number, checked where clex.is_iso6523() knows how; other: anything. False for another scheme.';

CREATE TABLE @store@.party_identifier (
	tenant_id bigint NOT NULL,
	party_id bigint NOT NULL,
	scheme text NOT NULL,
	value text NOT NULL,
	valid_from date NOT NULL CHECK (pg_catalog.isfinite(valid_from)),
	valid_to date CHECK (valid_to > valid_from AND pg_catalog.isfinite(valid_to)),
	PRIMARY KEY (tenant_id, party_id, scheme, value),
	FOREIGN KEY (tenant_id, party_id) REFERENCES @store@.party (tenant_id, id),
	CONSTRAINT party_identifier_check_digit CHECK (@store@.is_identifier(scheme, value))
);
CREATE INDEX party_identifier_value_idx ON @store@.party_identifier (tenant_id, value, scheme);
-- a VAT group shares its number, a factor its account and everybody a bank; these stand for one party
CREATE UNIQUE INDEX party_identifier_unique_idx ON @store@.party_identifier (tenant_id, scheme, value)
	WHERE scheme NOT IN ('vat', 'iban', 'bic', 'other');
COMMENT ON TABLE @store@.party_identifier IS 'Identifiers of parties, with the check digits of their schemes. Written by add_identifier() and remove_identifier().';
COMMENT ON COLUMN @store@.party_identifier.tenant_id IS 'Tenant it belongs to.';
COMMENT ON COLUMN @store@.party_identifier.party_id IS 'Party.';
COMMENT ON COLUMN @store@.party_identifier.scheme IS 'siren, siret, vat, gln, lei, iban, bic, duns, the four digits of an ISO 6523 scheme, or other.';
COMMENT ON COLUMN @store@.party_identifier.value IS 'The identifier, without blanks, letters upper case.';
COMMENT ON COLUMN @store@.party_identifier.valid_from IS 'First day on which it is the party''s.';
COMMENT ON COLUMN @store@.party_identifier.valid_to IS 'First day on which it is not any more; NULL = open end.';

ALTER TABLE @store@.party ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE @store@.party_version ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE @store@.party_identifier ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON @store@.party USING (tenant_id IN (SELECT @store@.known_tenants()));
CREATE POLICY tenant ON @store@.party_version USING (tenant_id IN (SELECT @store@.known_tenants()));
CREATE POLICY tenant ON @store@.party_identifier USING (tenant_id IN (SELECT @store@.known_tenants()));

--! code
CREATE OR REPLACE FUNCTION @store@.party_id(p_tenant_id bigint, code text) RETURNS bigint
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_id bigint;
BEGIN
	SELECT p.id INTO v_id FROM @store@.party p WHERE p.tenant_id = p_tenant_id AND p.code = party_id.code;
	IF NOT FOUND THEN
		RAISE EXCEPTION 'tenant % has no party "%"', p_tenant_id, party_id.code USING
			ERRCODE = 'no_data_found',
			HINT = 'set_party() makes it; view parties lists them.';
	END IF;
	RETURN v_id;
END;
$code$;
COMMENT ON FUNCTION @store@.party_id(bigint, text) IS 'Number of the party with that code. Errors: P0002 no such party, or none that the caller may see.';

CREATE OR REPLACE FUNCTION @store@.put_party_version(p_tenant_id bigint, action text, code text, version @store@.party_version) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_old @store@.party_version;
BEGIN
	-- one at a time for each party, so that the journal says what really was there before
	PERFORM FROM @store@.party p WHERE p.tenant_id = p_tenant_id AND p.id = version.party_id FOR UPDATE;
	SELECT * INTO v_old FROM @store@.party_version v
	WHERE v.tenant_id = p_tenant_id AND v.party_id = version.party_id AND v.valid_from <= version.valid_from
	ORDER BY v.valid_from DESC LIMIT 1;
	IF to_jsonb(v_old) - 'valid_from' = to_jsonb(version) - 'valid_from' THEN
		RETURN;
	END IF;
	DELETE FROM @store@.party_version v
	WHERE v.tenant_id = p_tenant_id AND v.party_id = version.party_id AND v.valid_from = version.valid_from;
	INSERT INTO @store@.party_version SELECT version.*;
	PERFORM @store@.record_event(p_tenant_id, put_party_version.action, 'party', put_party_version.code,
		CASE WHEN v_old.party_id IS NOT NULL THEN to_jsonb(v_old) - 'tenant_id' END, to_jsonb(version) - 'tenant_id');
END;
$code$;
COMMENT ON FUNCTION @store@.put_party_version(bigint, text, text, @store@.party_version) IS 'Part of set_party() and close_party(): stores what holds from a day on, unless it held already.';

CREATE OR REPLACE FUNCTION @store@.set_party(
	p_tenant_id bigint,
	code text,
	name text,
	country text DEFAULT NULL,
	legal_form text DEFAULT NULL,
	street text DEFAULT NULL,
	post_code text DEFAULT NULL,
	city text DEFAULT NULL,
	language text DEFAULT NULL,
	email text DEFAULT NULL,
	valid_from date DEFAULT CURRENT_DATE)
RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_id bigint;
BEGIN
	PERFORM @store@.require_maintain(p_tenant_id);
	PERFORM @store@.require_form(p_tenant_id, 'the country', set_party.country, '^[A-Z]{2}$', 'two capital letters of ISO 3166-1, such as FR'),
		@store@.require_form(p_tenant_id, 'the language', set_party.language, '^[a-z]{2}$', 'two small letters of ISO 639-1, such as fr'),
		@store@.require_form(p_tenant_id, 'the e-mail address', set_party.email, '^[^@[:space:]]+@[^@[:space:]]+$', 'an address with one @ and no blanks');
	INSERT INTO @store@.party AS p (tenant_id, code) VALUES (p_tenant_id, set_party.code) ON CONFLICT (tenant_id, code) DO NOTHING;
	v_id := @store@.party_id(p_tenant_id, set_party.code);
	PERFORM @store@.put_party_version(p_tenant_id, 'set_party', set_party.code,
		ROW(p_tenant_id, v_id, set_party.valid_from, false, set_party.name, set_party.legal_form, set_party.street, set_party.post_code,
			set_party.city, set_party.country, set_party.language, set_party.email)::@store@.party_version);
	RETURN v_id;
END;
$code$;
COMMENT ON FUNCTION @store@.set_party(bigint, text, text, text, text, text, text, text, text, text, date) IS
'Says what holds for a party from a day on (valid_from), until the next day for which something has been said; makes the party if there is none with that code. What is not given is empty from then on. The same again changes nothing. Returns the number of the party. For personas that maintain, and operators. Errors: 42501 not allowed, 23503 no such tenant, 23502 and 23514 name, country, language, e-mail address or day.';

CREATE OR REPLACE FUNCTION @store@.close_party(p_tenant_id bigint, code text, closed_from date DEFAULT CURRENT_DATE) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_version @store@.party_version;
BEGIN
	PERFORM @store@.require_maintain(p_tenant_id);
	SELECT * INTO v_version FROM @store@.party_version v
	WHERE v.tenant_id = p_tenant_id AND v.party_id = @store@.party_id(p_tenant_id, close_party.code) AND v.valid_from <= close_party.closed_from
	ORDER BY v.valid_from DESC LIMIT 1;
	IF NOT FOUND THEN
		RAISE EXCEPTION 'party "%" is not there on %', close_party.code, close_party.closed_from USING
			ERRCODE = 'object_not_in_prerequisite_state',
			HINT = 'View party_history says from when.';
	END IF;
	v_version.valid_from := close_party.closed_from;
	v_version.closed := true;
	PERFORM @store@.put_party_version(p_tenant_id, 'close_party', close_party.code, v_version);
END;
$code$;
COMMENT ON FUNCTION @store@.close_party(bigint, text, date) IS
'From that day on the party is not there any more; set_party() for a later day brings it back. Its documents, identifiers and history stay. For personas that maintain, and operators. Errors: 42501 not allowed, 23503 no such tenant, P0002 no such party, 55000 not there before that day.';

CREATE OR REPLACE FUNCTION @store@.clean_identifier(scheme text, value text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT CASE
		WHEN scheme = 'other' OR scheme ~ '^[0-9]{4}$' THEN pg_catalog.btrim(value)
		ELSE pg_catalog.upper(pg_catalog.regexp_replace(value, '[[:space:].-]', '', 'g'))
	END;
END;
COMMENT ON FUNCTION @store@.clean_identifier(text, text) IS 'An identifier as it is stored: without blanks, full stops and hyphens, letters upper case; those of ISO 6523 schemes and others as written.';

CREATE OR REPLACE FUNCTION @store@.add_identifier(p_tenant_id bigint, party text, scheme text, value text, valid_from date DEFAULT CURRENT_DATE) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_party_id bigint;
	v_value text := @store@.clean_identifier(add_identifier.scheme, add_identifier.value);
	v_old @store@.party_identifier;
	v_new @store@.party_identifier;
BEGIN
	PERFORM @store@.require_maintain(p_tenant_id);
	v_party_id := @store@.party_id(p_tenant_id, add_identifier.party);
	IF @store@.is_identifier(add_identifier.scheme, v_value) IS DISTINCT FROM true THEN
		RAISE EXCEPTION 'not an identifier of scheme "%"', add_identifier.scheme USING
			ERRCODE = 'invalid_parameter_value',
			DETAIL = 'Its format or check digit is wrong, or there is no such scheme.',
			HINT = 'Schemes are: siren, siret, vat, gln, lei, iban, bic, duns, four digits of ISO 6523, and other.';
	END IF;
	v_new := ROW(p_tenant_id, v_party_id, add_identifier.scheme, v_value, add_identifier.valid_from, NULL)::@store@.party_identifier;
	PERFORM FROM @store@.party p WHERE p.tenant_id = p_tenant_id AND p.id = v_party_id FOR UPDATE;
	DELETE FROM @store@.party_identifier i
	WHERE i.tenant_id = p_tenant_id AND i.party_id = v_party_id AND i.scheme = v_new.scheme AND i.value = v_new.value
	RETURNING * INTO v_old;
	IF v_old.valid_to IS NULL OR v_old.valid_to >= v_new.valid_from THEN
		v_new.valid_from := LEAST(v_old.valid_from, v_new.valid_from);
	END IF;
	INSERT INTO @store@.party_identifier SELECT v_new.*;
	IF v_old IS DISTINCT FROM v_new THEN
		PERFORM @store@.record_event(p_tenant_id, 'add_identifier', 'party', add_identifier.party,
			CASE WHEN v_old.party_id IS NOT NULL THEN to_jsonb(v_old) - 'tenant_id' END, to_jsonb(v_new) - 'tenant_id');
	END IF;
END;
$code$;
COMMENT ON FUNCTION @store@.add_identifier(bigint, text, text, text, date) IS
'Gives a party an identifier from a day on, without end; one that had ended goes on, or begins anew (its earlier time is then in the journal alone). Blanks, full stops and hyphens are dropped. Schemes: siren, siret, vat, gln, lei, iban, bic, duns, an ISO 6523 scheme by its four digits, other. For personas that maintain, and operators. Errors: 42501 not allowed, 23503 no such tenant, P0002 no such party, 22023 no such scheme, wrong format or check digit, 23505 another party has it (vat, iban, bic and other may be shared).';

CREATE OR REPLACE FUNCTION @store@.remove_identifier(p_tenant_id bigint, party text, scheme text, value text, valid_to date DEFAULT NULL) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_party_id bigint;
	v_old @store@.party_identifier;
	v_new @store@.party_identifier;
BEGIN
	PERFORM @store@.require_maintain(p_tenant_id);
	v_party_id := @store@.party_id(p_tenant_id, remove_identifier.party);
	SELECT * INTO v_old FROM @store@.party_identifier i
	WHERE i.tenant_id = p_tenant_id AND i.party_id = v_party_id AND i.scheme = remove_identifier.scheme
		AND i.value = @store@.clean_identifier(remove_identifier.scheme, remove_identifier.value)
	FOR UPDATE;
	IF NOT FOUND THEN
		RAISE EXCEPTION 'party "%" has no such identifier of scheme "%"', remove_identifier.party, remove_identifier.scheme USING
			ERRCODE = 'no_data_found',
			HINT = 'View party_identifiers lists them.';
	END IF;
	IF remove_identifier.valid_to IS NULL THEN
		DELETE FROM @store@.party_identifier i
		WHERE i.tenant_id = p_tenant_id AND i.party_id = v_party_id AND i.scheme = v_old.scheme AND i.value = v_old.value;
	ELSE
		UPDATE @store@.party_identifier i SET valid_to = remove_identifier.valid_to
		WHERE i.tenant_id = p_tenant_id AND i.party_id = v_party_id AND i.scheme = v_old.scheme AND i.value = v_old.value
		RETURNING * INTO v_new;
	END IF;
	PERFORM @store@.record_event(p_tenant_id, 'remove_identifier', 'party', remove_identifier.party, to_jsonb(v_old) - 'tenant_id',
		CASE WHEN v_new.party_id IS NOT NULL THEN to_jsonb(v_new) - 'tenant_id' END);
END;
$code$;
COMMENT ON FUNCTION @store@.remove_identifier(bigint, text, text, text, date) IS
'Ends an identifier of a party: from valid_to on it is not the party''s any more; NULL = it never was, and goes. The journal keeps it. For personas that maintain, and operators. Errors: 42501 not allowed, 23503 no such tenant, P0002 no such party or identifier, 23514 ends before it begins.';

CREATE OR REPLACE VIEW @store@.party_history WITH (security_invoker) AS
SELECT v.tenant_id, v.party_id, p.code, v.valid_from,
	pg_catalog.lead(v.valid_from) OVER (PARTITION BY v.tenant_id, v.party_id ORDER BY v.valid_from) AS valid_to,
	v.closed, v.name, v.legal_form, v.street, v.post_code, v.city, v.country, v.language, v.email
FROM @store@.party_version v
JOIN @store@.party p ON p.tenant_id = v.tenant_id AND p.id = v.party_id;
COMMENT ON VIEW @store@.party_history IS 'Parties in time: what holds from valid_from until the day before valid_to (NULL = open end).';

CREATE OR REPLACE VIEW @store@.parties WITH (security_invoker) AS
SELECT p.tenant_id, p.id AS party_id, p.code, v.name, v.legal_form, v.street, v.post_code, v.city, v.country, v.language, v.email, v.valid_from
FROM @store@.party p
JOIN LATERAL (
		SELECT x.* FROM @store@.party_version x
		WHERE x.tenant_id = p.tenant_id AND x.party_id = p.id AND x.valid_from <= CURRENT_DATE
		ORDER BY x.valid_from DESC
		LIMIT 1) v ON NOT v.closed;
COMMENT ON VIEW @store@.parties IS 'Parties as they are today; party_history has the other days.';

CREATE OR REPLACE VIEW @store@.party_identifiers WITH (security_invoker) AS
SELECT i.tenant_id, i.party_id, p.code, i.scheme, i.value, i.valid_from, i.valid_to,
	i.valid_from <= CURRENT_DATE AND (i.valid_to > CURRENT_DATE) IS NOT FALSE AS valid_today
FROM @store@.party_identifier i
JOIN @store@.party p ON p.tenant_id = i.tenant_id AND p.id = i.party_id;
COMMENT ON VIEW @store@.party_identifiers IS 'Identifiers of parties, past and coming ones too.';

REVOKE ALL ON FUNCTION @store@.party_id(bigint, text), @store@.clean_identifier(text, text), @store@.put_party_version(bigint, text, text, @store@.party_version),
	@store@.set_party(bigint, text, text, text, text, text, text, text, text, text, date), @store@.close_party(bigint, text, date),
	@store@.add_identifier(bigint, text, text, text, date), @store@.remove_identifier(bigint, text, text, text, date) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION
	@store@.set_party(bigint, text, text, text, text, text, text, text, text, text, date), @store@.close_party(bigint, text, date),
	@store@.add_identifier(bigint, text, text, text, date), @store@.remove_identifier(bigint, text, text, text, date) TO PUBLIC;
GRANT SELECT ON @store@.party, @store@.party_version, @store@.party_identifier,
	@store@.parties, @store@.party_history, @store@.party_identifiers TO PUBLIC;
