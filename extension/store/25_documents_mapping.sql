-- Module documents, mappings: CSV and positional files of partners, in and out.
--
-- A file holds many documents, and says of itself neither what its columns are nor how it is read.  So the file
-- is kept as it came, beside the version of the mapping that read it; each of its documents is submitted in
-- canonical JSON, which can be read again without the mapping.  Versions of mappings are never changed.

--! step 9 mappings, the files that came by them, and the documents in these
CREATE TABLE @store@.mapping (
	tenant_id bigint NOT NULL REFERENCES @store@.tenant,
	name text NOT NULL CHECK (name ~ '^[A-Za-z0-9][A-Za-z0-9_.-]{0,99}$'),
	version int NOT NULL CHECK (version > 0),
	mapping jsonb NOT NULL,
	defined_at timestamptz NOT NULL DEFAULT pg_catalog.now(),
	defined_by text NOT NULL DEFAULT clex.caller(),
	PRIMARY KEY (tenant_id, name, version)
);
COMMENT ON TABLE @store@.mapping IS 'Mappings of CSV and positional files, a row for each version. Rows are added by define_mapping() and never changed.';
COMMENT ON COLUMN @store@.mapping.tenant_id IS 'Tenant it belongs to.';
COMMENT ON COLUMN @store@.mapping.name IS 'Name of the mapping.';
COMMENT ON COLUMN @store@.mapping.version IS 'Version, from 1; the last one is in use.';
COMMENT ON COLUMN @store@.mapping.mapping IS 'What it says (docs/mapping.md).';
COMMENT ON COLUMN @store@.mapping.defined_at IS 'When it was defined.';
COMMENT ON COLUMN @store@.mapping.defined_by IS 'Role that defined it.';

CREATE TABLE @store@.mapped_file (
	tenant_id bigint NOT NULL,
	id bigint GENERATED ALWAYS AS IDENTITY,
	mapping text NOT NULL,
	mapping_version int NOT NULL,
	received_at timestamptz NOT NULL DEFAULT pg_catalog.now(),
	received_from text NOT NULL DEFAULT clex.caller(),
	source text,
	content bytea NOT NULL,
	sha256 bytea NOT NULL GENERATED ALWAYS AS (pg_catalog.sha256(content)) STORED,
	PRIMARY KEY (tenant_id, id),
	UNIQUE (tenant_id, sha256, mapping, mapping_version),
	FOREIGN KEY (tenant_id, mapping, mapping_version) REFERENCES @store@.mapping (tenant_id, name, version)
);
CREATE INDEX mapped_file_mapping_idx ON @store@.mapped_file (tenant_id, mapping, mapping_version);
COMMENT ON TABLE @store@.mapped_file IS 'CSV and positional files as they came; the same bytes by the same version of a mapping stand once. Rows are added by submit_mapped() and never changed.';
COMMENT ON COLUMN @store@.mapped_file.tenant_id IS 'Tenant it belongs to.';
COMMENT ON COLUMN @store@.mapped_file.id IS 'Number of the file in this store.';
COMMENT ON COLUMN @store@.mapped_file.mapping IS 'Mapping it was read by ...';
COMMENT ON COLUMN @store@.mapped_file.mapping_version IS '... and its version.';
COMMENT ON COLUMN @store@.mapped_file.received_at IS 'Start of the transaction that brought it first.';
COMMENT ON COLUMN @store@.mapped_file.received_from IS 'Role that brought it first.';
COMMENT ON COLUMN @store@.mapped_file.source IS 'File name or message id, as its submitter said.';
COMMENT ON COLUMN @store@.mapped_file.content IS 'The file, byte for byte.';
COMMENT ON COLUMN @store@.mapped_file.sha256 IS 'Its digest.';

CREATE TABLE @store@.mapped_document (
	tenant_id bigint NOT NULL,
	file_id bigint NOT NULL,
	document_no int NOT NULL CHECK (document_no > 0),
	document_id bigint NOT NULL,
	first_row int NOT NULL,
	last_row int NOT NULL,
	PRIMARY KEY (tenant_id, file_id, document_no),
	FOREIGN KEY (tenant_id, file_id) REFERENCES @store@.mapped_file (tenant_id, id),
	FOREIGN KEY (tenant_id, document_id) REFERENCES @store@.document (tenant_id, id),
	CHECK (first_row BETWEEN 1 AND last_row)
);
CREATE INDEX mapped_document_document_idx ON @store@.mapped_document (tenant_id, document_id);
COMMENT ON TABLE @store@.mapped_document IS 'The documents of a file and the rows they were made of. Rows are added by submit_mapped() and never changed.';
COMMENT ON COLUMN @store@.mapped_document.tenant_id IS 'Tenant it belongs to.';
COMMENT ON COLUMN @store@.mapped_document.file_id IS 'File it came in.';
COMMENT ON COLUMN @store@.mapped_document.document_no IS 'Which document of the file, from 1.';
COMMENT ON COLUMN @store@.mapped_document.document_id IS 'The document, in canonical JSON.';
COMMENT ON COLUMN @store@.mapped_document.first_row IS 'First row of the file that it was made of, header rows counted ...';
COMMENT ON COLUMN @store@.mapped_document.last_row IS '... and the last.';

-- foreign keys lock the rows they look at, which takes the right to update
REVOKE DELETE, TRUNCATE ON @store@.mapping, @store@.mapped_file FROM CURRENT_USER;
REVOKE UPDATE, DELETE, TRUNCATE ON @store@.mapped_document FROM CURRENT_USER;
ALTER TABLE @store@.mapping ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE @store@.mapped_file ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE @store@.mapped_document ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON @store@.mapping USING (clex.is_among('@store@.known_tenants()', tenant_id));
CREATE POLICY tenant ON @store@.mapped_file USING (clex.is_among('@store@.readable_tenants()', tenant_id));
CREATE POLICY tenant ON @store@.mapped_document USING (clex.is_among('@store@.readable_tenants()', tenant_id));

--! code
CREATE OR REPLACE FUNCTION @store@.mapping_version(p_tenant_id bigint, name text) RETURNS @store@.mapping
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_found @store@.mapping;
BEGIN
	SELECT * INTO v_found FROM @store@.mapping m
	WHERE m.tenant_id = p_tenant_id AND m.name = mapping_version.name
	ORDER BY m.version DESC LIMIT 1;
	IF NOT FOUND AND NOT EXISTS (SELECT FROM @store@.known_tenants() t (tenant_id) WHERE t.tenant_id = p_tenant_id) THEN
		RAISE EXCEPTION 'role "%" may not use the mappings of tenant %', clex.caller(), p_tenant_id USING
			ERRCODE = 'insufficient_privilege',
			HINT = 'Members of a tenant may, but for suppliers and financiers.';
	ELSIF NOT FOUND THEN
		RAISE EXCEPTION 'tenant % has no mapping "%"', p_tenant_id, mapping_version.name USING
			ERRCODE = 'no_data_found',
			HINT = 'define_mapping() defines one; clex.mapping_templates has some to begin with.';
	END IF;
	RETURN v_found;
END;
$code$;
COMMENT ON FUNCTION @store@.mapping_version(bigint, text) IS 'The version of a mapping that is in use. Errors: 42501 not allowed, P0002 no such mapping.';

CREATE OR REPLACE FUNCTION @store@.define_mapping(p_tenant_id bigint, name text, mapping jsonb DEFAULT NULL) RETURNS int
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_mapping jsonb := define_mapping.mapping;
	v_old @store@.mapping;
BEGIN
	PERFORM @store@.require_maintain(p_tenant_id);
	IF v_mapping IS NULL THEN
		SELECT t.mapping INTO v_mapping FROM clex.mapping_templates t WHERE t.name = define_mapping.name;
		IF NOT FOUND THEN
			RAISE EXCEPTION 'no built-in mapping is called "%"', define_mapping.name USING
				ERRCODE = 'no_data_found',
				HINT = format('Built-in mappings are: %s.', (SELECT string_agg(t.name, ', ' ORDER BY t.name) FROM clex.mapping_templates t));
		END IF;
	END IF;
	-- whatever is wrong with it is an error here, not when a file comes
	PERFORM FROM clex.mapping_problems('', v_mapping);
	-- who defines a name for the first time has no row to lock: the later of two looks again
	LOOP
		SELECT * INTO v_old FROM @store@.mapping m
		WHERE m.tenant_id = p_tenant_id AND m.name = define_mapping.name
		ORDER BY m.version DESC LIMIT 1;
		IF v_old.mapping = v_mapping THEN
			RETURN v_old.version;
		END IF;
		INSERT INTO @store@.mapping (tenant_id, name, version, mapping)
		VALUES (p_tenant_id, define_mapping.name, COALESCE(v_old.version, 0) + 1, v_mapping)
		ON CONFLICT DO NOTHING;
		EXIT WHEN FOUND;
	END LOOP;
	PERFORM @store@.record_event(p_tenant_id, 'define_mapping', 'mapping', define_mapping.name,
		CASE WHEN v_old.version IS NOT NULL THEN jsonb_build_object('version', v_old.version, 'mapping', v_old.mapping) END,
		jsonb_build_object('version', COALESCE(v_old.version, 0) + 1, 'mapping', v_mapping));
	RETURN COALESCE(v_old.version, 0) + 1;
END;
$code$;
COMMENT ON FUNCTION @store@.define_mapping(bigint, text, jsonb) IS
'Defines how CSV or positional files of a kind are read and written (docs/mapping.md), and returns the version. mapping: NULL = the built-in one of that name (clex.mapping_templates). The same name again makes the next version, which is in use from then on; files that came before keep theirs. The same again changes nothing. try_mapping() shows what a mapping makes of a file. For personas that maintain, and operators. Errors: 42501 not allowed, 23503 no such tenant, 22023 something is wrong with the mapping (message and detail say what and where), P0002 no such built-in mapping, 23514 and 23502 not a name.';

CREATE OR REPLACE FUNCTION @store@.try_mapping(
	p_tenant_id bigint,
	content bytea,
	name text DEFAULT NULL,
	mapping jsonb DEFAULT NULL,
	rows int DEFAULT 20)
RETURNS TABLE (
	what text,
	row_no int,
	line int,
	document_no int,
	term text,
	term_name text,
	expression text,
	value text,
	code text,
	severity text,
	message text)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_mapping jsonb := try_mapping.mapping;
BEGIN
	IF (try_mapping.name IS NULL) = (v_mapping IS NULL) THEN
		RAISE EXCEPTION 'either the name of a mapping is given or a mapping' USING
			ERRCODE = 'invalid_parameter_value';
	END IF;
	IF v_mapping IS NULL THEN
		v_mapping := (@store@.mapping_version(p_tenant_id, try_mapping.name)).mapping;
	END IF;
	RETURN QUERY
	SELECT r.*
	FROM (
		SELECT 'problem'::text AS what, p.row_no, p.line, NULL::int, p.column_name, NULL::text, NULL::text, p.found, p.code, p.severity, p.message
		FROM clex.mapping_problems(try_mapping.content, v_mapping) p
		UNION ALL
		SELECT 'value', v.row_no, v.line, v.document_no, v.term, v.name, v.expression, v.value, NULL, NULL, NULL
		FROM clex.mapping_preview(try_mapping.content, v_mapping, try_mapping.rows) v
	) r (what, row_no, line, document_no, term, term_name, expression, value, code, severity, message)
	ORDER BY r.row_no NULLS FIRST, r.what, r.document_no, r.code, r.term;
END;
$code$;
COMMENT ON FUNCTION @store@.try_mapping(bigint, bytea, text, jsonb, int) IS
'What a mapping makes of a file before anything is stored: what = value: a value of the first rows (rows, header rows included), with the row it comes from, the document it goes to, term, readable name and the expression that made it; what = problem: anything wrong in all of the file, with code, severity and a sentence, term being the column or term and value what was found. In the order of the rows, problems first. Either name: the mapping as it is defined, or mapping: one that is not yet. Errors: 42501 not allowed, 22023 neither or both, or something is wrong with the mapping, P0002 no such mapping; never for what is in the file.';

CREATE OR REPLACE FUNCTION @store@.submit_mapped(
	p_tenant_id bigint,
	content bytea,
	mapping text,
	source text DEFAULT NULL,
	mode text DEFAULT 'strict')
RETURNS TABLE (
	document_no int,
	first_row int,
	last_row int,
	document_id bigint,
	is_duplicate boolean,
	repeats bigint,
	state text,
	kind text,
	valid boolean,
	fatal int,
	warning int,
	error_code text,
	error text)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_batch constant int := 1000;    -- documents in one statement: what is held in memory
	v_mapping @store@.mapping;
	v_file bigint;
BEGIN
	PERFORM @store@.require_submit(p_tenant_id);
	IF submit_mapped.content IS NULL THEN
		RAISE EXCEPTION 'the content of a file must not be null' USING ERRCODE = 'null_value_not_allowed';
	END IF;
	v_mapping := @store@.mapping_version(p_tenant_id, submit_mapped.mapping);
	INSERT INTO @store@.mapped_file AS f (tenant_id, mapping, mapping_version, source, content)
	VALUES (p_tenant_id, v_mapping.name, v_mapping.version, submit_mapped.source, submit_mapped.content)
	ON CONFLICT (tenant_id, sha256, mapping, mapping_version) DO NOTHING
	RETURNING f.id INTO v_file;
	IF v_file IS NULL THEN
		SELECT f.id INTO v_file FROM @store@.mapped_file f
		WHERE f.tenant_id = p_tenant_id AND f.sha256 = sha256(submit_mapped.content) AND f.mapping = v_mapping.name AND f.mapping_version = v_mapping.version;
	END IF;

	RETURN QUERY
	WITH made AS MATERIALIZED (
		SELECT r.document_no, r.first_row, r.last_row, clex.write(r.document, 'json') AS content
		FROM clex.read_mapped(submit_mapped.content, v_mapping.mapping, jsonb_build_object('mode', submit_mapped.mode)) r
	), batches AS (
		SELECT min(m.document_no) AS first_no, array_agg(m.content ORDER BY m.document_no) AS contents, array_agg(submit_mapped.source) AS sources
		FROM made m GROUP BY (m.document_no - 1) / v_batch
	), submitted AS MATERIALIZED (
		SELECT b.first_no + s.ordinal - 1 AS document_no, s.*
		FROM (SELECT * FROM batches ORDER BY first_no) b, LATERAL @store@.submit_many(p_tenant_id, b.contents, b.sources) s
	), linked AS (
		INSERT INTO @store@.mapped_document (tenant_id, file_id, document_no, document_id, first_row, last_row)
		SELECT p_tenant_id, v_file, m.document_no, s.document_id, m.first_row, m.last_row
		FROM made m JOIN submitted s USING (document_no)
		ON CONFLICT DO NOTHING
	)
	SELECT m.document_no, m.first_row, m.last_row, s.document_id, s.is_duplicate, s.repeats, s.state, s.kind, s.valid, s.fatal, s.warning,
		s.error_code, s.error
	FROM made m JOIN submitted s USING (document_no)
	ORDER BY m.document_no;
END;
$code$;
COMMENT ON FUNCTION @store@.submit_mapped(bigint, bytea, text, text, text) IS
'Stores the documents of a CSV or positional file by the version of a mapping that is in use: the file itself (table mapped_file), and each document as submit() does, in canonical JSON. A row for each, with the rows of the file it was made of. The same file again gives the same documents (is_duplicate). source: a file name to find them by. mode: strict (default): a file with an error is refused whole, and try_mapping() tells all that is wrong; lenient: what is there is stored, and checked. Errors: 42501 not allowed, 23503 no such tenant, 22004 content is null, P0002 no such mapping, 22P02 the file has an error, or no document; after an error nothing is stored.';

CREATE OR REPLACE FUNCTION @store@.write_mapped(p_tenant_id bigint, mapping text, documents bigint[], options jsonb DEFAULT '{}') RETURNS bytea
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_mapping jsonb := (@store@.mapping_version(p_tenant_id, write_mapped.mapping)).mapping;
	v_missing bigint;
BEGIN
	SELECT w.id INTO v_missing
	FROM unnest(write_mapped.documents) WITH ORDINALITY w (id, ordinal)
	WHERE NOT EXISTS (SELECT FROM @store@.document d WHERE d.tenant_id = p_tenant_id AND d.id = w.id AND d.state = 'accepted')
	ORDER BY w.ordinal LIMIT 1;
	IF FOUND THEN
		RAISE EXCEPTION 'tenant % has no document % that could be read', p_tenant_id, v_missing USING
			ERRCODE = 'no_data_found';
	END IF;
	RETURN (
		SELECT clex.write_mapped_all(COALESCE(array_agg(d.document ORDER BY w.ordinal), '{}'), v_mapping, write_mapped.options)
		FROM unnest(write_mapped.documents) WITH ORDINALITY w (id, ordinal)
		JOIN @store@.documents d ON d.tenant_id = p_tenant_id AND d.id = w.id);
END;
$code$;
COMMENT ON FUNCTION @store@.write_mapped(bigint, text, bigint[], jsonb) IS
'Documents of the kind that a mapping has, by their numbers and in their order, as a CSV or positional file by the version of the mapping that is in use: clex.write_mapped_all() with its options. For all who see the mapping and the documents. Errors: 42501 not allowed, P0002 no such mapping, or no such document to be seen that could be read; those of clex.write_mapped_all().';

CREATE OR REPLACE VIEW @store@.mapped_documents WITH (security_invoker) AS
SELECT m.tenant_id, m.file_id, f.mapping, f.mapping_version, f.source, f.received_at, f.received_from, m.document_no, m.first_row, m.last_row, m.document_id,
	i.number, i.seller_name, i.gross, i.currency, d.state, d.processable AND d.fatal = 0 AS valid, d.fatal, d.warning
FROM @store@.mapped_document m
JOIN @store@.mapped_file f ON f.tenant_id = m.tenant_id AND f.id = m.file_id
JOIN @store@.document d ON d.tenant_id = m.tenant_id AND d.id = m.document_id
LEFT JOIN @store@.invoice i ON i.tenant_id = m.tenant_id AND i.document_id = m.document_id;
COMMENT ON VIEW @store@.mapped_documents IS 'Documents that came in CSV and positional files, with the file, its rows and the verdict.';

REVOKE ALL ON FUNCTION @store@.mapping_version(bigint, text), @store@.define_mapping(bigint, text, jsonb), @store@.try_mapping(bigint, bytea, text, jsonb, int),
	@store@.submit_mapped(bigint, bytea, text, text, text), @store@.write_mapped(bigint, text, bigint[], jsonb) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION @store@.mapping_version(bigint, text), @store@.define_mapping(bigint, text, jsonb), @store@.try_mapping(bigint, bytea, text, jsonb, int),
	@store@.submit_mapped(bigint, bytea, text, text, text), @store@.write_mapped(bigint, text, bigint[], jsonb) TO PUBLIC;
GRANT SELECT ON @store@.mapping, @store@.mapped_file, @store@.mapped_document, @store@.mapped_documents TO PUBLIC;
