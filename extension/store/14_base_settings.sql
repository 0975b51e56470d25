-- Module base, settings: what a tenant has chosen, and what it calls things in its languages.

--! step 6 settings and translations
CREATE TABLE @store@.setting (
	tenant_id bigint NOT NULL REFERENCES @store@.tenant,
	name text NOT NULL CHECK (name ~ '^[a-z][a-z0-9_.]{0,99}$'),
	value jsonb NOT NULL,
	PRIMARY KEY (tenant_id, name)
);
COMMENT ON TABLE @store@.setting IS 'What a tenant has chosen. Written by set_setting().';
COMMENT ON COLUMN @store@.setting.tenant_id IS 'Tenant.';
COMMENT ON COLUMN @store@.setting.name IS 'Name of the setting: lower-case letters, digits, underscores and full stops.';
COMMENT ON COLUMN @store@.setting.value IS 'Its value.';

CREATE TABLE @store@.translation (
	tenant_id bigint NOT NULL REFERENCES @store@.tenant,
	language text NOT NULL CHECK (language ~ '^[a-z]{2}$'),
	key text NOT NULL CHECK (key <> '' AND pg_catalog.length(key) <= 200),
	wording text NOT NULL CHECK (wording <> ''),
	PRIMARY KEY (tenant_id, language, key)
);
COMMENT ON TABLE @store@.translation IS 'What a tenant calls things, in its languages. Written by set_translation().';
COMMENT ON COLUMN @store@.translation.tenant_id IS 'Tenant.';
COMMENT ON COLUMN @store@.translation.language IS 'Language, ISO 639-1, two letters.';
COMMENT ON COLUMN @store@.translation.key IS 'What is named, the same in all languages.';
COMMENT ON COLUMN @store@.translation.wording IS 'The words.';

ALTER TABLE @store@.setting ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE @store@.translation ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON @store@.setting USING (tenant_id IN (SELECT @store@.known_tenants()));
CREATE POLICY tenant ON @store@.translation USING (tenant_id IN (SELECT @store@.known_tenants()));

--! code
CREATE OR REPLACE FUNCTION @store@.set_setting(p_tenant_id bigint, name text, value jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_old jsonb;
BEGIN
	PERFORM @store@.require_maintain(p_tenant_id);
	SELECT s.value INTO v_old FROM @store@.setting s WHERE s.tenant_id = p_tenant_id AND s.name = set_setting.name FOR UPDATE;
	IF v_old IS NOT DISTINCT FROM set_setting.value THEN
		RETURN;
	END IF;
	IF set_setting.value IS NULL THEN
		DELETE FROM @store@.setting s WHERE s.tenant_id = p_tenant_id AND s.name = set_setting.name;
	ELSE
		INSERT INTO @store@.setting (tenant_id, name, value) VALUES (p_tenant_id, set_setting.name, set_setting.value)
		ON CONFLICT (tenant_id, name) DO UPDATE SET value = EXCLUDED.value;
	END IF;
	PERFORM @store@.record_event(p_tenant_id, 'set_setting', 'setting', set_setting.name, v_old, set_setting.value);
END;
$code$;
COMMENT ON FUNCTION @store@.set_setting(bigint, text, jsonb) IS 'Sets a setting of a tenant; NULL takes it away. For personas that maintain, and operators. Errors: 42501 not allowed, 23502 no name, 23503 no such tenant, 23514 not a name for a setting.';

CREATE OR REPLACE FUNCTION @store@.set_translation(p_tenant_id bigint, language text, key text, wording text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_old text;
BEGIN
	PERFORM @store@.require_maintain(p_tenant_id);
	PERFORM @store@.require_form(p_tenant_id, 'the language', set_translation.language, '^[a-z]{2}$', 'two small letters of ISO 639-1, such as fr');
	SELECT t.wording INTO v_old FROM @store@.translation t
	WHERE t.tenant_id = p_tenant_id AND t.language = set_translation.language AND t.key = set_translation.key FOR UPDATE;
	IF v_old IS NOT DISTINCT FROM set_translation.wording THEN
		RETURN;
	END IF;
	IF set_translation.wording IS NULL THEN
		DELETE FROM @store@.translation t
		WHERE t.tenant_id = p_tenant_id AND t.language = set_translation.language AND t.key = set_translation.key;
	ELSE
		INSERT INTO @store@.translation (tenant_id, language, key, wording)
		VALUES (p_tenant_id, set_translation.language, set_translation.key, set_translation.wording)
		ON CONFLICT (tenant_id, language, key) DO UPDATE SET wording = EXCLUDED.wording;
	END IF;
	PERFORM @store@.record_event(p_tenant_id, 'set_translation', 'translation', set_translation.language || ' ' || set_translation.key,
		to_jsonb(v_old), to_jsonb(set_translation.wording));
END;
$code$;
COMMENT ON FUNCTION @store@.set_translation(bigint, text, text, text) IS 'Says what a tenant calls something in a language (ISO 639-1); NULL takes it away. For personas that maintain, and operators. Errors: 42501 not allowed, 23503 no such tenant, 23502 and 23514 language, key or wording.';

CREATE OR REPLACE FUNCTION @store@.translate(p_tenant_id bigint, key text, language text) RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT COALESCE((
		SELECT t.wording FROM @store@.translation t
		WHERE t.tenant_id = translate.p_tenant_id AND t.key = translate.key AND t.language IN (translate.language, 'en')
		ORDER BY t.language = translate.language DESC
		LIMIT 1), translate.key);
END;
COMMENT ON FUNCTION @store@.translate(bigint, text, text) IS 'What a tenant calls something in a language: else in English, else the key itself.';

CREATE OR REPLACE VIEW @store@.settings WITH (security_invoker) AS
SELECT s.tenant_id, s.name, s.value FROM @store@.setting s;
COMMENT ON VIEW @store@.settings IS 'What the tenants have chosen.';

CREATE OR REPLACE VIEW @store@.translations WITH (security_invoker) AS
SELECT t.tenant_id, t.language, t.key, t.wording FROM @store@.translation t;
COMMENT ON VIEW @store@.translations IS 'What the tenants call things, in their languages.';

REVOKE ALL ON FUNCTION @store@.set_setting(bigint, text, jsonb), @store@.set_translation(bigint, text, text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION @store@.set_setting(bigint, text, jsonb), @store@.set_translation(bigint, text, text, text),
	@store@.translate(bigint, text, text) TO PUBLIC;
GRANT SELECT ON @store@.setting, @store@.translation, @store@.settings, @store@.translations TO PUBLIC;
