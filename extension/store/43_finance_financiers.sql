-- Module finance, financiers: who pays early, what for and up to what amount.
--
-- A financier has a line for each currency (terms, in time) and limits (amounts: in total, and by debtor, supplier, country and sector of either).
-- What counts against limits is kept beside them, one row for each key, and moves only under the lock of the financier's total limit in that
-- currency: whoever assigns, and whoever changes a limit, takes that row first, so that no limit is exceeded at any moment that another transaction sees.
-- A limit may be lowered below what is used: nothing new fits then, and view limit_uses says so.
-- A member with persona financier acts for one financier and sees what is that one's, by policies; nothing of any other.

--! step 20 financiers, their lines and limits
CREATE TABLE @store@.financier (
	tenant_id bigint NOT NULL REFERENCES @store@.tenant,
	financier_id bigint GENERATED ALWAYS AS IDENTITY,
	code text NOT NULL CHECK (code ~ '^[A-Za-z0-9_.-]{1,60}$'),
	name text NOT NULL CHECK (name <> ''),
	legal_status text NOT NULL CHECK (legal_status IN ('credit_institution', 'financing_company', 'fund', 'other')),
	authorisation text CHECK (authorisation <> ''),
	registration text CHECK (registration <> ''),
	address text CHECK (address <> ''),
	country text CHECK (country ~ '^[A-Z]{2}$'),
	language text CHECK (language ~ '^[a-z]{2}$'),
	email text CHECK (email ~ '^[^@[:space:]]+@[^@[:space:]]+$'),
	party_id bigint,
	active boolean NOT NULL DEFAULT true,
	PRIMARY KEY (tenant_id, financier_id),
	UNIQUE (tenant_id, code),
	UNIQUE (tenant_id, financier_id, code),
	FOREIGN KEY (tenant_id, party_id) REFERENCES @store@.party (tenant_id, id)
);
COMMENT ON TABLE @store@.financier IS 'Who may pay invoices early and take them over. Written by set_financier().';
COMMENT ON COLUMN @store@.financier.tenant_id IS 'Tenant.';
COMMENT ON COLUMN @store@.financier.financier_id IS 'Number of the financier in this store.';
COMMENT ON COLUMN @store@.financier.code IS 'What the tenant calls it.';
COMMENT ON COLUMN @store@.financier.name IS 'Name under which it takes receivables over.';
COMMENT ON COLUMN @store@.financier.legal_status IS 'credit_institution, financing_company (société de financement), fund or other: decides by which instruments it may take receivables over.';
COMMENT ON COLUMN @store@.financier.authorisation IS 'What entitles a fund to an instrument that funds may use only by law or licence: the article, or the number of the licence.';
COMMENT ON COLUMN @store@.financier.registration IS 'Its number in a register of companies.';
COMMENT ON COLUMN @store@.financier.address IS 'Its seat, as it stands on instruments.';
COMMENT ON COLUMN @store@.financier.country IS 'Country of its seat, ISO 3166-1.';
COMMENT ON COLUMN @store@.financier.language IS 'Language to write to it in, ISO 639-1; NULL = that of the tenant.';
COMMENT ON COLUMN @store@.financier.email IS 'Where to write to it.';
COMMENT ON COLUMN @store@.financier.party_id IS 'The financier as a party.';
COMMENT ON COLUMN @store@.financier.active IS 'Whether it may take over more; what it has goes on.';

CREATE TABLE @store@.financier_line (
	tenant_id bigint NOT NULL,
	financier_id bigint NOT NULL,
	currency text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
	valid_from date NOT NULL CHECK (pg_catalog.isfinite(valid_from)),
	valid_until date CHECK (valid_until >= valid_from),
	closed boolean NOT NULL DEFAULT false,
	committed boolean NOT NULL,
	recourse boolean NOT NULL,
	rate numeric CHECK (rate BETWEEN -1 AND 10),
	min_days int CHECK (min_days >= 0),
	max_days int CHECK (max_days >= 0),
	iban text,
	bic text,
	account_name text,
	entered_at timestamptz NOT NULL DEFAULT pg_catalog.now(),
	entered_by text NOT NULL DEFAULT clex.caller(),
	PRIMARY KEY (tenant_id, financier_id, currency, valid_from),
	CHECK (min_days <= max_days),
	FOREIGN KEY (tenant_id, financier_id) REFERENCES @store@.financier (tenant_id, financier_id)
);
COMMENT ON TABLE @store@.financier_line IS 'On what terms a financier takes receivables of a currency over: a row holds from its day until the next one of that currency. Written by set_line().';
COMMENT ON COLUMN @store@.financier_line.tenant_id IS 'Tenant.';
COMMENT ON COLUMN @store@.financier_line.financier_id IS 'Financier.';
COMMENT ON COLUMN @store@.financier_line.currency IS 'Currency of the receivables, ISO 4217.';
COMMENT ON COLUMN @store@.financier_line.valid_from IS 'First day of settlement for which it holds.';
COMMENT ON COLUMN @store@.financier_line.valid_until IS 'Last day; NULL = open end.';
COMMENT ON COLUMN @store@.financier_line.closed IS 'From this day on there is no line.';
COMMENT ON COLUMN @store@.financier_line.committed IS 'Whether the financier has promised to buy; else each assignment is its choice.';
COMMENT ON COLUMN @store@.financier_line.recourse IS 'Whether the assignor answers for a debtor that does not pay. For what the receivable is not worth it always answers.';
COMMENT ON COLUMN @store@.financier_line.rate IS 'Indicative rate, a fraction a year; NULL = none is published.';
COMMENT ON COLUMN @store@.financier_line.min_days IS 'Fewest days from settlement to due date; NULL = any.';
COMMENT ON COLUMN @store@.financier_line.max_days IS 'Most days from settlement to due date; NULL = any.';
COMMENT ON COLUMN @store@.financier_line.iban IS 'Account to which debtors pay what it has taken over.';
COMMENT ON COLUMN @store@.financier_line.bic IS 'Its bank.';
COMMENT ON COLUMN @store@.financier_line.account_name IS 'Whose account it is; NULL = the financier''s.';
COMMENT ON COLUMN @store@.financier_line.entered_at IS 'When it was entered.';
COMMENT ON COLUMN @store@.financier_line.entered_by IS 'Role that entered it.';

CREATE TABLE @store@.financier_limit (
	tenant_id bigint NOT NULL,
	financier_id bigint NOT NULL,
	currency text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
	scope text NOT NULL CHECK (scope IN ('total', 'debtor', 'supplier', 'debtor_country', 'supplier_country', 'debtor_sector', 'supplier_sector')),
	key text NOT NULL CHECK (key <> '' AND pg_catalog.length(key) <= 200),
	amount numeric NOT NULL CHECK (amount >= 0),
	entered_at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
	entered_by text NOT NULL DEFAULT clex.caller(),
	PRIMARY KEY (tenant_id, financier_id, currency, scope, key),
	CHECK (scope <> 'total' OR key = '*'),
	FOREIGN KEY (tenant_id, financier_id) REFERENCES @store@.financier (tenant_id, financier_id)
);
COMMENT ON TABLE @store@.financier_limit IS 'Up to what amounts a financier takes receivables over; its row of scope total is the lock of all of them. Written by set_limit().';
COMMENT ON COLUMN @store@.financier_limit.tenant_id IS 'Tenant.';
COMMENT ON COLUMN @store@.financier_limit.financier_id IS 'Financier.';
COMMENT ON COLUMN @store@.financier_limit.currency IS 'Currency, ISO 4217; amounts of another one never count.';
COMMENT ON COLUMN @store@.financier_limit.scope IS 'total; debtor, supplier: one company; debtor_country, supplier_country: one country; debtor_sector, supplier_sector: one sector, as set_party_sector() says.';
COMMENT ON COLUMN @store@.financier_limit.key IS 'Which one: the VAT or other identifier as it stands on invoices, a country, a sector, ? = not known; * = each that has no row of its own.';
COMMENT ON COLUMN @store@.financier_limit.amount IS 'Most that may be outstanding, in face amounts.';
COMMENT ON COLUMN @store@.financier_limit.entered_at IS 'When it was set.';
COMMENT ON COLUMN @store@.financier_limit.entered_by IS 'Role that set it.';

CREATE TABLE @store@.limit_use (
	tenant_id bigint NOT NULL,
	financier_id bigint NOT NULL,
	currency text NOT NULL,
	scope text NOT NULL,
	key text NOT NULL,
	used numeric NOT NULL CHECK (used >= 0),
	PRIMARY KEY (tenant_id, financier_id, currency, scope, key),
	FOREIGN KEY (tenant_id, financier_id) REFERENCES @store@.financier (tenant_id, financier_id)
);
COMMENT ON TABLE @store@.limit_use IS 'How much of each limit is used, by proposals too. Written by use_limits(), under the lock of the total limit.';
COMMENT ON COLUMN @store@.limit_use.tenant_id IS 'Tenant.';
COMMENT ON COLUMN @store@.limit_use.financier_id IS 'Financier.';
COMMENT ON COLUMN @store@.limit_use.currency IS 'Currency.';
COMMENT ON COLUMN @store@.limit_use.scope IS 'Scope, as in table financier_limit.';
COMMENT ON COLUMN @store@.limit_use.key IS 'Which one; for scope total *.';
COMMENT ON COLUMN @store@.limit_use.used IS 'Face amounts outstanding: assigned, and neither repaid, bought back nor released.';

CREATE TABLE @store@.party_sector (
	tenant_id bigint NOT NULL,
	party_id bigint NOT NULL,
	sector text NOT NULL CHECK (sector <> '' AND pg_catalog.length(sector) <= 60),
	PRIMARY KEY (tenant_id, party_id),
	FOREIGN KEY (tenant_id, party_id) REFERENCES @store@.party (tenant_id, id)
);
COMMENT ON TABLE @store@.party_sector IS 'Sectors of parties, for limits. Written by set_party_sector().';
COMMENT ON COLUMN @store@.party_sector.tenant_id IS 'Tenant.';
COMMENT ON COLUMN @store@.party_sector.party_id IS 'Party.';
COMMENT ON COLUMN @store@.party_sector.sector IS 'Sector, in whatever classification the tenant and its financiers use (NACE, NAF).';

CREATE TABLE @store@.membership_financier (
	tenant_id bigint NOT NULL,
	role_name text NOT NULL,
	persona text NOT NULL CHECK (persona = 'financier'),
	financier_id bigint NOT NULL,
	code text NOT NULL,
	PRIMARY KEY (tenant_id, role_name, persona),
	FOREIGN KEY (tenant_id, role_name, persona) REFERENCES @store@.membership ON DELETE CASCADE,
	FOREIGN KEY (tenant_id, financier_id, code) REFERENCES @store@.financier (tenant_id, financier_id, code)
);
CREATE INDEX membership_financier_role_idx ON @store@.membership_financier (role_name, tenant_id);
COMMENT ON TABLE @store@.membership_financier IS 'Which financier a member is: one. Written by scope_financier().';
COMMENT ON COLUMN @store@.membership_financier.tenant_id IS 'Tenant.';
COMMENT ON COLUMN @store@.membership_financier.role_name IS 'Database role.';
COMMENT ON COLUMN @store@.membership_financier.persona IS 'What the role is for the tenant: financier.';
COMMENT ON COLUMN @store@.membership_financier.financier_id IS 'Financier.';
COMMENT ON COLUMN @store@.membership_financier.code IS 'Its code.';

ALTER TABLE @store@.financier ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE @store@.financier_line ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE @store@.financier_limit ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE @store@.limit_use ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE @store@.party_sector ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE @store@.membership_financier ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

--! code
CREATE OR REPLACE FUNCTION @store@.own_financiers() RETURNS TABLE (tenant_id bigint, financier_id bigint, code text)
LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 2
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
BEGIN
	RETURN QUERY
	SELECT m.tenant_id, m.financier_id, m.code FROM @store@.membership_financier m WHERE m.role_name = clex.caller();
END;
$code$;
COMMENT ON FUNCTION @store@.own_financiers() IS 'Financiers the caller is, one for each tenant at most.';

CREATE OR REPLACE FUNCTION @store@.financier_of_caller(p_tenant_id bigint) RETURNS bigint
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
BEGIN
	RETURN (SELECT f.financier_id FROM @store@.own_financiers() f WHERE f.tenant_id = p_tenant_id);
END;
$code$;
COMMENT ON FUNCTION @store@.financier_of_caller(bigint) IS 'Financier the caller is for a tenant; NULL = none.';

DROP POLICY IF EXISTS member ON @store@.membership_financier;
CREATE POLICY member ON @store@.membership_financier FOR SELECT USING (role_name = clex.caller());
DROP POLICY IF EXISTS operator ON @store@.membership_financier;
CREATE POLICY operator ON @store@.membership_financier USING ((SELECT @store@.is_operator()));
DO $policies$
DECLARE
	v_table text;
BEGIN
	-- the store's functions act on them for suppliers too, which do not get to see what a bank lends to others
	FOREACH v_table IN ARRAY '{financier,financier_line,financier_limit,limit_use,party_sector}'::text[] LOOP
		EXECUTE pg_catalog.format('DROP POLICY IF EXISTS tenant ON @store@.%I', v_table);
		EXECUTE pg_catalog.format('CREATE POLICY tenant ON @store@.%I FOR SELECT USING (tenant_id IN (SELECT t FROM @store@.readable_tenants() t))', v_table);
		EXECUTE pg_catalog.format('DROP POLICY IF EXISTS store ON @store@.%I', v_table);
		EXECUTE pg_catalog.format('CREATE POLICY store ON @store@.%I USING ((SELECT @store@.in_store()))', v_table);
		CONTINUE WHEN v_table = 'party_sector';
		EXECUTE pg_catalog.format('DROP POLICY IF EXISTS financier ON @store@.%I', v_table);
		EXECUTE pg_catalog.format('CREATE POLICY financier ON @store@.%I FOR SELECT USING ((tenant_id, financier_id) IN (SELECT f.tenant_id, f.financier_id FROM @store@.own_financiers() f))', v_table);
		CONTINUE WHEN v_table IN ('financier_limit', 'limit_use');
		EXECUTE pg_catalog.format('DROP POLICY IF EXISTS supplier ON @store@.%I', v_table);
		EXECUTE pg_catalog.format('CREATE POLICY supplier ON @store@.%I FOR SELECT USING (tenant_id IN (SELECT p.tenant_id FROM @store@.own_parties() p))', v_table);
	END LOOP;
END;
$policies$;
-- which party an invoice names, and in which language it is written to, is the same for whoever takes a step
DROP POLICY IF EXISTS store ON @store@.party_identifier;
CREATE POLICY store ON @store@.party_identifier FOR SELECT USING ((SELECT @store@.in_store()));
DROP POLICY IF EXISTS store ON @store@.entity;
CREATE POLICY store ON @store@.entity FOR SELECT USING ((SELECT @store@.in_store()));
DROP POLICY IF EXISTS store ON @store@.party_version;
CREATE POLICY store ON @store@.party_version FOR SELECT USING ((SELECT @store@.in_store()));
DROP POLICY IF EXISTS language ON @store@.setting;
CREATE POLICY language ON @store@.setting FOR SELECT USING (name = 'p2p.language' AND (SELECT @store@.in_store()));

CREATE OR REPLACE FUNCTION @store@.financier_by_code(p_tenant_id bigint, code text) RETURNS @store@.financier
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_financier @store@.financier;
BEGIN
	SELECT * INTO v_financier FROM @store@.financier f WHERE f.tenant_id = p_tenant_id AND f.code = financier_by_code.code;
	IF NOT FOUND THEN
		RAISE EXCEPTION 'tenant % has no financier "%"', p_tenant_id, financier_by_code.code USING
			ERRCODE = 'no_data_found',
			HINT = 'set_financier() makes it; view financiers lists them.';
	END IF;
	RETURN v_financier;
END;
$code$;
COMMENT ON FUNCTION @store@.financier_by_code(bigint, text) IS 'Part of functions that act on a financier: the financier with that code. Errors: P0002 no such financier.';

CREATE OR REPLACE FUNCTION @store@.require_financier(p_tenant_id bigint, financier_id bigint) RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
BEGIN
	IF @store@.is_operator() OR @store@.financier_of_caller(p_tenant_id) = require_financier.financier_id AND EXISTS (
		SELECT FROM @store@.membership m
		JOIN @store@.persona_right r ON r.persona = m.persona AND r.may = 'fund'
		WHERE m.tenant_id = p_tenant_id AND m.role_name = clex.caller() AND m.persona = 'financier')
	THEN
		RETURN;
	END IF;
	RAISE EXCEPTION 'role "%" does not act for that financier of tenant %', clex.caller(), p_tenant_id USING
		ERRCODE = 'insufficient_privilege',
		HINT = 'An operator of the store can make it a financier with add_member() and scope_financier().';
END;
$code$;
COMMENT ON FUNCTION @store@.require_financier(bigint, bigint) IS 'Raises 42501 unless the caller acts for that financier, with the right fund; operators do.';

CREATE OR REPLACE FUNCTION @store@.require_financing(p_tenant_id bigint) RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $code$
BEGIN
	-- who it acts for shows when it is known what it acts on
	IF @store@.financier_of_caller(p_tenant_id) IS NULL THEN
		PERFORM @store@.require_member(p_tenant_id);
	END IF;
END;
$code$;
COMMENT ON FUNCTION @store@.require_financing(bigint) IS 'Raises 42501 unless the caller is a financier of the tenant, or works for it or with it.';

CREATE OR REPLACE FUNCTION @store@.scope_financier(p_tenant_id bigint, role_name text, financier text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_financier @store@.financier;
BEGIN
	PERFORM @store@.require_operator();
	v_financier := @store@.financier_by_code(p_tenant_id, scope_financier.financier);
	UPDATE @store@.membership m SET scoped = true
	WHERE m.tenant_id = p_tenant_id AND m.role_name = scope_financier.role_name AND m.persona = 'financier';
	IF NOT FOUND THEN
		RAISE EXCEPTION 'role "%" is no financier of tenant %', scope_financier.role_name, p_tenant_id USING
			ERRCODE = 'no_data_found',
			HINT = 'add_member() makes it one; do both in one transaction.';
	END IF;
	INSERT INTO @store@.membership_financier AS m (tenant_id, role_name, persona, financier_id, code)
	VALUES (p_tenant_id, scope_financier.role_name, 'financier', v_financier.financier_id, v_financier.code)
	ON CONFLICT (tenant_id, role_name, persona) DO UPDATE SET financier_id = EXCLUDED.financier_id, code = EXCLUDED.code WHERE m.financier_id <> EXCLUDED.financier_id;
	IF FOUND THEN
		PERFORM @store@.record_event(p_tenant_id, 'scope_financier', 'membership', scope_financier.role_name, NULL,
			jsonb_build_object('persona', 'financier', 'financier', scope_financier.financier));
	END IF;
END;
$code$;
COMMENT ON FUNCTION @store@.scope_financier(bigint, text, text) IS
'Tells which financier a member with persona financier is, in place of any other one: it sees and does what is that one''s, and nothing else. For operators. Errors: 42501, P0002 no such financier or membership.';

CREATE OR REPLACE FUNCTION @store@.set_financier(
	p_tenant_id bigint,
	code text,
	name text,
	legal_status text,
	registration text DEFAULT NULL,
	address text DEFAULT NULL,
	country text DEFAULT NULL,
	language text DEFAULT NULL,
	email text DEFAULT NULL,
	authorisation text DEFAULT NULL,
	party text DEFAULT NULL,
	active boolean DEFAULT true)
RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_old @store@.financier;
	v_new @store@.financier;
BEGIN
	PERFORM @store@.require_right(p_tenant_id, 'configure');
	SELECT * INTO v_old FROM @store@.financier f WHERE f.tenant_id = p_tenant_id AND f.code = set_financier.code FOR NO KEY UPDATE;
	INSERT INTO @store@.financier AS f (tenant_id, code, name, legal_status, authorisation, registration, address, country, language, email, party_id, active)
	VALUES (p_tenant_id, set_financier.code, set_financier.name, set_financier.legal_status, set_financier.authorisation, set_financier.registration, set_financier.address,
		set_financier.country, set_financier.language, set_financier.email,
		CASE WHEN set_financier.party IS NOT NULL THEN @store@.party_id(p_tenant_id, set_financier.party) END, set_financier.active)
	ON CONFLICT (tenant_id, code) DO UPDATE SET name = EXCLUDED.name, legal_status = EXCLUDED.legal_status, authorisation = EXCLUDED.authorisation,
		registration = EXCLUDED.registration, address = EXCLUDED.address, country = EXCLUDED.country, language = EXCLUDED.language, email = EXCLUDED.email,
		party_id = EXCLUDED.party_id, active = EXCLUDED.active
	RETURNING * INTO v_new;
	IF v_old IS DISTINCT FROM v_new THEN
		PERFORM @store@.record_event(p_tenant_id, 'set_financier', 'financier', set_financier.code,
			CASE WHEN v_old.financier_id IS NOT NULL THEN to_jsonb(v_old) - 'tenant_id' END, to_jsonb(v_new) - 'tenant_id');
	END IF;
	RETURN v_new.financier_id;
END;
$code$;
COMMENT ON FUNCTION @store@.set_financier(bigint, text, text, text, text, text, text, text, text, text, text, boolean) IS
'Says who a financier is; makes it if there is none with that code. What is not given is empty. legal_status: credit_institution, financing_company, fund or other. party: code of the party that it is. active: false = it takes nothing more over. The same again changes nothing. Returns its number. For personas with the right configure. Errors: 42501, 23503 no such tenant, P0002 no such party, 23502 and 23514 code, name, status, country, language or e-mail address.';

CREATE OR REPLACE FUNCTION @store@.line_on(p_tenant_id bigint, financier_id bigint, currency text, day date) RETURNS @store@.financier_line
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_line @store@.financier_line;
BEGIN
	SELECT * INTO v_line FROM @store@.financier_line l
	WHERE l.tenant_id = p_tenant_id AND l.financier_id = line_on.financier_id AND l.currency = line_on.currency AND l.valid_from <= line_on.day
	ORDER BY l.valid_from DESC LIMIT 1;
	IF v_line.closed OR v_line.valid_until < line_on.day THEN
		RETURN NULL;
	END IF;
	RETURN v_line;
END;
$code$;
COMMENT ON FUNCTION @store@.line_on(bigint, bigint, text, date) IS 'Part of functions that assign: the line of a financier in a currency that holds for settlement on a day; NULL = none.';

CREATE OR REPLACE FUNCTION @store@.set_line(
	p_tenant_id bigint,
	financier text,
	currency text,
	rate numeric DEFAULT NULL,
	committed boolean DEFAULT false,
	recourse boolean DEFAULT false,
	min_days int DEFAULT NULL,
	max_days int DEFAULT NULL,
	iban text DEFAULT NULL,
	bic text DEFAULT NULL,
	account_name text DEFAULT NULL,
	valid_from date DEFAULT CURRENT_DATE,
	valid_until date DEFAULT NULL,
	closed boolean DEFAULT false)
RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, clex, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_financier @store@.financier;
	v_old @store@.financier_line;
	v_new @store@.financier_line;
BEGIN
	PERFORM @store@.require_right(p_tenant_id, 'configure');
	v_financier := @store@.financier_by_code(p_tenant_id, set_line.financier);
	v_new := ROW(p_tenant_id, v_financier.financier_id, set_line.currency, set_line.valid_from, set_line.valid_until, set_line.closed, set_line.committed, set_line.recourse,
		set_line.rate, set_line.min_days, set_line.max_days, upper(regexp_replace(set_line.iban, '\s', '', 'g')), upper(set_line.bic), set_line.account_name,
		now(), clex.caller())::@store@.financier_line;
	IF NOT clex.is_iban(v_new.iban) THEN
		RAISE EXCEPTION 'not an IBAN: "%"', set_line.iban USING ERRCODE = 'invalid_parameter_value', HINT = 'Its form or its check digits are wrong.';
	END IF;
	-- one at a time for each financier, so that the journal says what really was there before
	PERFORM FROM @store@.financier f WHERE f.tenant_id = p_tenant_id AND f.financier_id = v_financier.financier_id FOR NO KEY UPDATE;
	SELECT * INTO v_old FROM @store@.financier_line l
	WHERE l.tenant_id = p_tenant_id AND l.financier_id = v_financier.financier_id AND l.currency = set_line.currency AND l.valid_from <= set_line.valid_from
	ORDER BY l.valid_from DESC LIMIT 1;
	IF to_jsonb(v_old) - '{valid_from,entered_at,entered_by}'::text[] = to_jsonb(v_new) - '{valid_from,entered_at,entered_by}'::text[] THEN
		RETURN;
	END IF;
	DELETE FROM @store@.financier_line l
	WHERE l.tenant_id = p_tenant_id AND l.financier_id = v_financier.financier_id AND l.currency = set_line.currency AND l.valid_from = set_line.valid_from;
	INSERT INTO @store@.financier_line SELECT v_new.*;
	PERFORM @store@.record_event(p_tenant_id, 'set_line', 'financier', set_line.financier,
		CASE WHEN v_old.financier_id IS NOT NULL THEN to_jsonb(v_old) - 'tenant_id' END, to_jsonb(v_new) - 'tenant_id');
END;
$code$;
COMMENT ON FUNCTION @store@.set_line(bigint, text, text, numeric, boolean, boolean, int, int, text, text, text, date, date, boolean) IS
'Says on what terms a financier takes receivables of a currency over that are settled from a day on (valid_from), until the next day for which something has been said, or valid_until: rate (indicative, a fraction a year), committed, with recourse or without, days from settlement to due date, account to which debtors pay. closed: there is none from that day on. What is not given is empty. Assignments that are there keep their terms. The same again changes nothing. For personas with the right configure. Errors: 42501, P0002 no such financier, 22023 not an IBAN, 23502 and 23514 currency, rate, days or dates.';

CREATE OR REPLACE FUNCTION @store@.lock_limits(p_tenant_id bigint, financier_id bigint, currency text) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
BEGIN
	PERFORM FROM @store@.financier_limit l
	WHERE l.tenant_id = p_tenant_id AND l.financier_id = lock_limits.financier_id AND l.currency = lock_limits.currency AND l.scope = 'total' AND l.key = '*'
	FOR NO KEY UPDATE;
	IF NOT FOUND THEN
		RAISE EXCEPTION 'the financier has no limit in %', lock_limits.currency USING
			ERRCODE = 'object_not_in_prerequisite_state',
			HINT = 'set_limit() sets one; without a total there is nothing to be used.';
	END IF;
END;
$code$;
COMMENT ON FUNCTION @store@.lock_limits(bigint, bigint, text) IS 'Part of functions that use or change limits: locks those of a financier in a currency for the rest of the transaction, after invoices and before anything else of the financier. Errors: 55000 there is no total limit.';

CREATE OR REPLACE FUNCTION @store@.limit_of(p_tenant_id bigint, financier_id bigint, currency text, scope text, key text) RETURNS numeric
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT l.amount FROM @store@.financier_limit l
	WHERE l.tenant_id = limit_of.p_tenant_id AND l.financier_id = limit_of.financier_id AND l.currency = limit_of.currency AND l.scope = limit_of.scope
		AND l.key IN (limit_of.key, '*')
	ORDER BY l.key = '*'
	LIMIT 1;
END;
COMMENT ON FUNCTION @store@.limit_of(bigint, bigint, text, text, text) IS 'Limit that holds for one key of a scope: its own, else that of *; NULL = none.';

CREATE OR REPLACE FUNCTION @store@.set_limit(p_tenant_id bigint, financier text, currency text, amount numeric, scope text DEFAULT 'total', key text DEFAULT '*') RETURNS numeric
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_financier @store@.financier;
	v_old numeric;
	v_used numeric;
BEGIN
	PERFORM @store@.require_financing(p_tenant_id);
	v_financier := @store@.financier_by_code(p_tenant_id, set_limit.financier);
	IF @store@.financier_of_caller(p_tenant_id) IS NOT NULL THEN
		PERFORM @store@.require_financier(p_tenant_id, v_financier.financier_id);
	ELSE
		PERFORM @store@.require_right(p_tenant_id, 'configure');
	END IF;
	IF set_limit.scope = 'total' AND set_limit.amount IS NULL THEN
		RAISE EXCEPTION 'the total limit is set to 0, not taken away' USING ERRCODE = 'invalid_parameter_value';
	ELSIF set_limit.scope = 'total' THEN
		-- the first one makes the row that all wait for
		INSERT INTO @store@.financier_limit (tenant_id, financier_id, currency, scope, key, amount)
		VALUES (p_tenant_id, v_financier.financier_id, set_limit.currency, 'total', '*', 0)
		ON CONFLICT DO NOTHING;
	END IF;
	PERFORM @store@.lock_limits(p_tenant_id, v_financier.financier_id, set_limit.currency);
	-- changed, not only locked: whoever assigns by an older snapshot must not go by older limits
	UPDATE @store@.financier_limit l SET amount = l.amount
	WHERE l.tenant_id = p_tenant_id AND l.financier_id = v_financier.financier_id AND l.currency = set_limit.currency AND l.scope = 'total';
	SELECT l.amount INTO v_old FROM @store@.financier_limit l WHERE l.tenant_id = p_tenant_id AND l.financier_id = v_financier.financier_id
		AND l.currency = set_limit.currency AND l.scope = set_limit.scope AND l.key = set_limit.key;
	v_used := COALESCE((SELECT max(u.used) FROM @store@.limit_use u WHERE u.tenant_id = p_tenant_id AND u.financier_id = v_financier.financier_id
		AND u.currency = set_limit.currency AND u.scope = set_limit.scope AND set_limit.key IN ('*', u.key)), 0);
	IF set_limit.amount IS NULL THEN
		DELETE FROM @store@.financier_limit l WHERE l.tenant_id = p_tenant_id AND l.financier_id = v_financier.financier_id
			AND l.currency = set_limit.currency AND l.scope = set_limit.scope AND l.key = set_limit.key;
	ELSE
		INSERT INTO @store@.financier_limit AS l (tenant_id, financier_id, currency, scope, key, amount)
		VALUES (p_tenant_id, v_financier.financier_id, set_limit.currency, set_limit.scope, set_limit.key, set_limit.amount)
		ON CONFLICT (tenant_id, financier_id, currency, scope, key) DO UPDATE SET amount = EXCLUDED.amount, entered_at = EXCLUDED.entered_at, entered_by = EXCLUDED.entered_by
		WHERE l.amount <> EXCLUDED.amount;
	END IF;
	IF v_old IS DISTINCT FROM set_limit.amount THEN
		PERFORM @store@.record_event(p_tenant_id, 'set_limit', 'financier', set_limit.financier, to_jsonb(v_old), jsonb_build_object('currency', set_limit.currency,
			'scope', set_limit.scope, 'key', set_limit.key, 'amount', set_limit.amount, 'used', v_used));
	END IF;
	RETURN set_limit.amount - v_used;
END;
$code$;
COMMENT ON FUNCTION @store@.set_limit(bigint, text, text, numeric, text, text) IS
'Says up to what face amount a financier takes receivables of a currency over: in total, or for one debtor, supplier, country or sector (scope and key; * = each that has no limit of its own). NULL takes a limit away, but for the total. A limit may be set below what is used: what is there stays, and nothing new fits. Returns what is free, below 0 if more is used. Waits for assignments to that financier that are being made. For the financier itself, and personas with the right configure. Errors: 42501, P0002 no such financier, 22023 the total taken away, 55000 no total limit yet, 23502 and 23514 currency, scope, key or amount.';

CREATE OR REPLACE FUNCTION @store@.limit_scopes() RETURNS text[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT '{total,debtor,supplier,debtor_country,supplier_country,debtor_sector,supplier_sector}'::text[];
END;
COMMENT ON FUNCTION @store@.limit_scopes() IS 'Scopes of limits, in the order in which they are looked at and in which assignments keep their keys.';

CREATE OR REPLACE FUNCTION @store@.use_limits(p_tenant_id bigint, financier_id bigint, currency text, scopes text[], keys text[], amounts numeric[], forced boolean DEFAULT false) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_over record;
BEGIN
	PERFORM @store@.lock_limits(p_tenant_id, use_limits.financier_id, use_limits.currency);
	IF forced THEN
		-- what is given back, or comes back by itself, is counted whatever has become of the limit
		INSERT INTO @store@.limit_use AS u (tenant_id, financier_id, currency, scope, key, used)
		SELECT p_tenant_id, use_limits.financier_id, use_limits.currency, w.scope, w.key, 0
		FROM unnest(scopes, keys) w (scope, key) GROUP BY w.scope, w.key
		ON CONFLICT DO NOTHING;
		UPDATE @store@.limit_use u SET used = u.used + w.amount
		FROM (SELECT x.scope, x.key, sum(x.amount) AS amount FROM unnest(scopes, keys, amounts) x (scope, key, amount) GROUP BY x.scope, x.key) w
		WHERE u.tenant_id = p_tenant_id AND u.financier_id = use_limits.financier_id AND u.currency = use_limits.currency AND u.scope = w.scope AND u.key = w.key;
		RETURN;
	END IF;
	-- each row is found by its key, whatever the statistics of a table say that was filled a moment ago
	WITH counted AS (
		INSERT INTO @store@.limit_use AS u (tenant_id, financier_id, currency, scope, key, used)
		SELECT p_tenant_id, use_limits.financier_id, use_limits.currency, w.scope, w.key, sum(w.amount)
		FROM unnest(scopes, keys, amounts) w (scope, key, amount) GROUP BY w.scope, w.key
		ON CONFLICT (tenant_id, financier_id, currency, scope, key) DO UPDATE SET used = u.used + EXCLUDED.used
		RETURNING u.scope, u.key, u.used
	), most AS (
		SELECT l.scope, l.key, l.amount FROM @store@.financier_limit l
		WHERE l.tenant_id = p_tenant_id AND l.financier_id = use_limits.financier_id AND l.currency = use_limits.currency
	)
	SELECT c.scope, c.key, c.used, COALESCE(own.amount, rest.amount) AS most,
		(SELECT sum(x.amount) FROM unnest(scopes, keys, amounts) x (scope, key, amount) WHERE x.scope = c.scope AND x.key = c.key) AS amount
	INTO v_over
	FROM counted c
	LEFT JOIN most own ON own.scope = c.scope AND own.key = c.key
	LEFT JOIN most rest ON rest.scope = c.scope AND rest.key = '*'
	WHERE c.used > COALESCE(own.amount, rest.amount)
	ORDER BY array_position(@store@.limit_scopes(), c.scope), c.key
	LIMIT 1;
	IF FOUND THEN
		RAISE EXCEPTION 'a limit of the financier has no room for that' USING
			ERRCODE = 'object_not_in_prerequisite_state',
			-- suppliers do not get to know what a bank lends to others
			DETAIL = CASE WHEN p_tenant_id IN (SELECT t FROM @store@.readable_tenants() t) OR @store@.financier_of_caller(p_tenant_id) = use_limits.financier_id
				THEN format('Limit %s %s is %s %s; %s is used, and %s more is wanted.', v_over.scope, v_over.key, v_over.most, use_limits.currency, v_over.used - v_over.amount, v_over.amount)
				ELSE 'What is used of it is the financier''s to say.' END,
			HINT = 'Take less, another financier, or wait until what is there has been repaid.';
	END IF;
END;
$code$;
COMMENT ON FUNCTION @store@.use_limits(bigint, bigint, text, text[], text[], numeric[], boolean) IS
'Part of functions that assign, and that take back: adds face amounts to what is used of the limits of a financier, under the lock of its total limit. forced: also amounts below 0, which give back, and also if a limit is exceeded then, as a payment came back. Errors: 55000 no total limit, or one of them would be exceeded.';

CREATE OR REPLACE FUNCTION @store@.financier_capacity(p_tenant_id bigint, currency text, settlement_date date, lock boolean DEFAULT false)
RETURNS TABLE (financier text, able boolean, reason text, scope text, key text, remaining numeric)
LANGUAGE plpgsql ROWS 20
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
BEGIN
	IF financier_capacity.lock THEN
		PERFORM FROM @store@.financier_limit l
		WHERE l.tenant_id = p_tenant_id AND l.currency = financier_capacity.currency AND l.scope = 'total' ORDER BY l.financier_id FOR NO KEY UPDATE;
	END IF;
	RETURN QUERY
	SELECT f.code, o.objection IS NULL, o.objection, r.scope, r.key, r.remaining
	FROM @store@.financier f
	CROSS JOIN LATERAL @store@.line_on(p_tenant_id, f.financier_id, financier_capacity.currency, financier_capacity.settlement_date) n
	CROSS JOIN LATERAL (SELECT CASE WHEN NOT f.active THEN 'it takes nothing more over'
		WHEN NOT EXISTS (SELECT FROM @store@.instrument_rule i WHERE i.legal_status = f.legal_status AND (NOT i.needs_authorisation OR f.authorisation IS NOT NULL)) THEN 'its legal status'
		WHEN n.currency IS NULL THEN format('no line in %s on %s', financier_capacity.currency, financier_capacity.settlement_date)
		WHEN n.iban IS NULL THEN 'no account to which debtors pay'
		WHEN NOT EXISTS (SELECT FROM @store@.financier_limit l WHERE l.tenant_id = p_tenant_id AND l.financier_id = f.financier_id AND l.currency = financier_capacity.currency AND l.scope = 'total')
			THEN format('no limit in %s', financier_capacity.currency) END AS objection) o
	CROSS JOIN LATERAL (
		SELECT 'total' AS scope, NULL::text AS key, (SELECT GREATEST(l.amount - COALESCE(u.used, 0), 0) FROM @store@.financier_limit l
			LEFT JOIN @store@.limit_use u USING (tenant_id, financier_id, currency, scope, key)
			WHERE l.tenant_id = p_tenant_id AND l.financier_id = f.financier_id AND l.currency = financier_capacity.currency AND l.scope = 'total') AS remaining
		UNION ALL
		SELECT CASE u.scope WHEN 'debtor' THEN 'buyer' ELSE u.scope END, u.key, u.free FROM @store@.limit_uses u
		WHERE u.tenant_id = p_tenant_id AND u.financier_id = f.financier_id AND u.currency = financier_capacity.currency AND u.scope <> 'total') r
	WHERE f.tenant_id = p_tenant_id
	ORDER BY f.code, r.scope <> 'total', r.scope, r.key;
END;
$code$;
COMMENT ON FUNCTION @store@.financier_capacity(bigint, text, date, boolean) IS
'Part of auctions: what each financier can still take over in a currency, and whether it can at all: a row for its total (key NULL) and for each of its limits (buyer and supplier by the identifier on invoices, buyer and supplier country and sector; key * = each that has no row). lock: nobody uses or changes these limits before the transaction ends. What assign_invoices() takes is what fits all rows.';

CREATE OR REPLACE FUNCTION @store@.set_party_sector(p_tenant_id bigint, party text, sector text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_party_id bigint;
	v_old text;
BEGIN
	PERFORM @store@.require_maintain(p_tenant_id);
	v_party_id := @store@.party_id(p_tenant_id, set_party_sector.party);
	PERFORM FROM @store@.party p WHERE p.tenant_id = p_tenant_id AND p.id = v_party_id FOR UPDATE;
	SELECT s.sector INTO v_old FROM @store@.party_sector s WHERE s.tenant_id = p_tenant_id AND s.party_id = v_party_id;
	IF v_old IS NOT DISTINCT FROM set_party_sector.sector THEN
		RETURN;
	ELSIF set_party_sector.sector IS NULL THEN
		DELETE FROM @store@.party_sector s WHERE s.tenant_id = p_tenant_id AND s.party_id = v_party_id;
	ELSE
		INSERT INTO @store@.party_sector (tenant_id, party_id, sector) VALUES (p_tenant_id, v_party_id, set_party_sector.sector)
		ON CONFLICT (tenant_id, party_id) DO UPDATE SET sector = EXCLUDED.sector;
	END IF;
	PERFORM @store@.record_event(p_tenant_id, 'set_party_sector', 'party', set_party_sector.party, to_jsonb(v_old), to_jsonb(set_party_sector.sector));
END;
$code$;
COMMENT ON FUNCTION @store@.set_party_sector(bigint, text, text) IS 'Says which sector a party belongs to, for limits by sector; NULL takes it away. What was assigned before counts where it did. For personas that maintain, and operators. Errors: 42501, 23503 no such tenant, P0002 no such party, 23514 a sector.';

CREATE OR REPLACE VIEW @store@.financiers WITH (security_invoker) AS
SELECT f.tenant_id, f.financier_id, f.code, f.name, f.legal_status, f.authorisation, f.registration, f.address, f.country, f.language, f.email, f.party_id, f.active
FROM @store@.financier f;
COMMENT ON VIEW @store@.financiers IS 'Who may pay invoices early and take them over. A financier sees itself; a supplier all, to choose from.';

CREATE OR REPLACE VIEW @store@.financier_lines WITH (security_invoker) AS
SELECT l.tenant_id, l.financier_id, f.code AS financier, l.currency, l.valid_from,
	LEAST(l.valid_until, pg_catalog.lead(l.valid_from) OVER (PARTITION BY l.tenant_id, l.financier_id, l.currency ORDER BY l.valid_from) - 1) AS valid_until,
	l.closed, l.committed, l.recourse, l.rate, l.min_days, l.max_days, l.iban, l.bic, COALESCE(l.account_name, f.name) AS account_name, l.entered_at, l.entered_by
FROM @store@.financier_line l
JOIN @store@.financier f ON f.tenant_id = l.tenant_id AND f.financier_id = l.financier_id;
COMMENT ON VIEW @store@.financier_lines IS 'Terms of financiers by currency, in time: from valid_from to valid_until, both counted (NULL = open end).';

CREATE OR REPLACE VIEW @store@.limit_uses WITH (security_invoker) AS
SELECT u.tenant_id, u.financier_id, f.code AS financier, u.currency, u.scope, u.key, l.amount AS "limit", u.used,
	GREATEST(l.amount - u.used, 0) AS free, COALESCE(u.used > l.amount, false) AS exceeded
FROM (
	SELECT x.tenant_id, x.financier_id, x.currency, x.scope, x.key, x.used FROM @store@.limit_use x
	UNION ALL
	SELECT n.tenant_id, n.financier_id, n.currency, n.scope, n.key, 0 FROM @store@.financier_limit n
	WHERE NOT EXISTS (SELECT FROM @store@.limit_use y WHERE y.tenant_id = n.tenant_id AND y.financier_id = n.financier_id AND y.currency = n.currency
		AND y.scope = n.scope AND y.key = n.key)) u
JOIN @store@.financier f ON f.tenant_id = u.tenant_id AND f.financier_id = u.financier_id
CROSS JOIN LATERAL (SELECT @store@.limit_of(u.tenant_id, u.financier_id, u.currency, u.scope, u.key) AS amount) l
WHERE l.amount IS NOT NULL;
COMMENT ON VIEW @store@.limit_uses IS
'Limits of financiers and what is used of each: face amounts that are proposed or assigned and neither repaid, bought back nor released. A row with key * is what holds for each that is not listed. exceeded: the limit was lowered below what is used; nothing new fits.';

REVOKE ALL ON FUNCTION @store@.financier_by_code(bigint, text), @store@.require_financier(bigint, bigint), @store@.require_financing(bigint), @store@.scope_financier(bigint, text, text),
	@store@.set_financier(bigint, text, text, text, text, text, text, text, text, text, text, boolean), @store@.line_on(bigint, bigint, text, date),
	@store@.set_line(bigint, text, text, numeric, boolean, boolean, int, int, text, text, text, date, date, boolean), @store@.lock_limits(bigint, bigint, text),
	@store@.set_limit(bigint, text, text, numeric, text, text), @store@.use_limits(bigint, bigint, text, text[], text[], numeric[], boolean),
	@store@.financier_capacity(bigint, text, date, boolean), @store@.set_party_sector(bigint, text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION @store@.own_financiers(), @store@.financier_of_caller(bigint), @store@.scope_financier(bigint, text, text),
	@store@.set_financier(bigint, text, text, text, text, text, text, text, text, text, text, boolean),
	@store@.set_line(bigint, text, text, numeric, boolean, boolean, int, int, text, text, text, date, date, boolean),
	@store@.set_limit(bigint, text, text, numeric, text, text), @store@.limit_of(bigint, bigint, text, text, text), @store@.limit_scopes(), @store@.set_party_sector(bigint, text, text) TO PUBLIC;
GRANT SELECT ON @store@.financier, @store@.financier_line, @store@.financier_limit, @store@.limit_use, @store@.party_sector, @store@.membership_financier,
	@store@.financiers, @store@.financier_lines, @store@.limit_uses TO PUBLIC;
