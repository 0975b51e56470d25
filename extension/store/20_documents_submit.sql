-- Module documents, submitting: one or many documents in a statement, each stored whatever it is.
--
-- The same bytes are stored once.  An idempotency key stands for what came with it first: sent again with the same bytes it gets its first answer.  Where one of a
-- batch can be read but not stored, all are stored one by one, so that the others do not suffer for it.

--! code
CREATE OR REPLACE FUNCTION @store@.is_server_trouble(sqlstate text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	-- connection, transaction, keys, authorisation, resources, operator, system, names, PL/pgSQL
	SELECT pg_catalog.left(sqlstate, 2)
		IN ('08', '23', '25', '28', '2D', '38', '39', '3B', '3D', '3F', '40', '42', '53', '55', '57', '58', 'F0', 'P0');
END;
COMMENT ON FUNCTION @store@.is_server_trouble(text) IS 'Whether an error speaks of the server, the rights or the store rather than of a document: such errors are raised, the others are stored with the document.';

CREATE OR REPLACE FUNCTION @store@.store_batch(p_tenant_id bigint, contents bytea[], sources text[]) RETURNS bigint[]
LANGUAGE plpgsql
SET search_path = pg_catalog, clex, pg_temp
SET plan_cache_mode = force_generic_plan    -- it looks nothing up in a table, so the plan is good for good
SET enable_nestloop = off    -- no statistics say how many rows a batch has: join its parts by hash
SET jit = off    -- and do not compile that, whatever it seems to cost
AS $code$
#variable_conflict use_column
DECLARE
	v_caller text := clex.caller();
	v_version text := (SELECT e.extversion FROM pg_extension e WHERE e.extname = 'clex');
	v_stored bigint[];
BEGIN
	WITH examined AS MATERIALIZED (
		SELECT g.content, g.source, x.*
		FROM (SELECT u.* FROM unnest(contents, sources) WITH ORDINALITY AS u (content, source, ordinal) ORDER BY u.ordinal) g,
			LATERAL clex.examine(g.content, NULL, CURRENT_DATE) x
	), stored AS (
		INSERT INTO @store@.document (tenant_id, received_from, source, content, format, kind, version, profile,
			encoding, state, checked_at, as_of, clex_version, processable, fatal, warning, error_code, error, error_detail, error_hint,
			seller_key, buyer_vat_id)
		SELECT p_tenant_id, v_caller, e.source, e.content, e.format, e.kind, e.version, e.profile,
			e.encoding, CASE WHEN e.error_code IS NULL THEN 'accepted' ELSE 'quarantined' END,
			CASE WHEN e.error_code IS NULL THEN now() END, CASE WHEN e.error_code IS NULL THEN CURRENT_DATE END,
			CASE WHEN e.error_code IS NULL THEN v_version END, e.processable, e.fatal, e.warning,
			e.error_code, e.error, e.error_detail, e.error_hint, @store@.seller_key(e.document), clex.value(e.document, 'BT-48')
		FROM examined e
		ON CONFLICT (tenant_id, sha256) DO NOTHING
		RETURNING id, sha256
	), invoiced AS (
		INSERT INTO @store@.invoice (tenant_id, document_id, document)
		SELECT p_tenant_id, s.id, e.document
		FROM stored s JOIN examined e USING (sha256)
		WHERE clex.kind(e.document) IN ('invoice', 'credit_note')
	), found AS (
		INSERT INTO @store@.finding (tenant_id, document_id, finding_no, ruleset, rule, severity, terms,
			location, line, found, expected, message)
		SELECT p_tenant_id, s.id, f.finding_no, f.ruleset, f.rule, f.severity, f.terms,
			f.location, f.line, f.found, f.expected, f.message
		FROM stored s JOIN examined e USING (sha256),
			unnest(e.findings) WITH ORDINALITY AS f (ruleset, rule, severity, terms, location, line, found, expected, message, finding_no)
		WHERE e.findings IS NOT NULL
	)
	SELECT array_agg(s.id) INTO v_stored FROM stored s;
	IF v_stored IS NOT NULL THEN
		PERFORM @store@.apply_rules(p_tenant_id, v_stored, CURRENT_DATE);
		PERFORM @store@.documents_changed(p_tenant_id, v_stored);
		PERFORM @store@.record_verdicts(p_tenant_id, 'submit', v_stored);
	END IF;
	RETURN v_stored;
END;
$code$;
COMMENT ON FUNCTION @store@.store_batch(bigint, bytea[], text[]) IS 'Part of submit_many(): stores documents that are different from each other and, but for other sessions, new, in one statement; returns their numbers.';

CREATE OR REPLACE FUNCTION @store@.store_one(p_tenant_id bigint, content bytea, source text) RETURNS bigint[]
LANGUAGE plpgsql
SET search_path = pg_catalog, clex, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_stored bigint[];
	v_detail text;
	v_hint text;
BEGIN
	RETURN @store@.store_batch(p_tenant_id, ARRAY[store_one.content], ARRAY[store_one.source]);
EXCEPTION WHEN others THEN
	IF @store@.is_server_trouble(SQLSTATE) THEN
		RAISE;
	END IF;
	GET STACKED DIAGNOSTICS v_detail = PG_EXCEPTION_DETAIL, v_hint = PG_EXCEPTION_HINT;
	INSERT INTO @store@.document AS d (tenant_id, received_from, source, content, state, error_code, error, error_detail, error_hint)
	VALUES (p_tenant_id, clex.caller(), store_one.source, store_one.content, 'quarantined', SQLSTATE, SQLERRM,
		NULLIF(v_detail, ''), NULLIF(v_hint, ''))
	ON CONFLICT (tenant_id, sha256) DO NOTHING
	RETURNING ARRAY[d.id] INTO v_stored;
	PERFORM @store@.record_verdicts(p_tenant_id, 'submit', v_stored);
	RETURN v_stored;
END;
$code$;
COMMENT ON FUNCTION @store@.store_one(bigint, bytea, text) IS 'Part of submit_many(): stores one document of a batch that failed, in quarantine if it is the one that made it fail.';

CREATE OR REPLACE FUNCTION @store@.claim_keys(p_tenant_id bigint, keys text[], hashes bytea[], stored bigint[]) RETURNS boolean[]
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_key record;
	v_answers boolean[];
BEGIN
	SELECT k.key, k.ordinal INTO v_key
	FROM unnest(keys) WITH ORDINALITY AS k (key, ordinal)
	WHERE length(k.key) NOT BETWEEN 1 AND 200
	ORDER BY k.ordinal LIMIT 1;
	IF FOUND THEN
		RAISE EXCEPTION 'an idempotency key has 1 to 200 characters' USING
			ERRCODE = 'invalid_parameter_value',
			DETAIL = format('That of document %s of the call has %s.', v_key.ordinal, length(v_key.key));
	END IF;

	-- in one order, so that two sessions with the same keys do not wait for each other
	INSERT INTO @store@.submission (tenant_id, idempotency_key, document_id, is_duplicate)
	SELECT DISTINCT ON (k.key) p_tenant_id, k.key, d.id, d.id <> ALL (COALESCE(stored, '{}')) OR k.place > 1
	FROM (SELECT u.*, row_number() OVER (PARTITION BY u.sha256 ORDER BY u.ordinal) AS place
			FROM unnest(keys, hashes) WITH ORDINALITY AS u (key, sha256, ordinal)) k
	CROSS JOIN LATERAL (
		SELECT * FROM @store@.document d WHERE d.tenant_id = p_tenant_id AND d.sha256 = k.sha256 LIMIT 1) d
	WHERE k.key IS NOT NULL
	ORDER BY k.key, k.ordinal
	ON CONFLICT (tenant_id, idempotency_key) DO NOTHING;

	-- another session's keys are there to see by now
	FOR v_key IN
		SELECT k.key, k.ordinal, s.document_id, s.is_duplicate, d.sha256 IS DISTINCT FROM k.sha256 AS differs
		FROM unnest(keys, hashes) WITH ORDINALITY AS k (key, sha256, ordinal)
		LEFT JOIN LATERAL (
			SELECT * FROM @store@.submission s WHERE s.tenant_id = p_tenant_id AND s.idempotency_key = k.key LIMIT 1) s ON true
		LEFT JOIN LATERAL (
			SELECT * FROM @store@.document d WHERE d.tenant_id = p_tenant_id AND d.id = s.document_id LIMIT 1) d ON true
		ORDER BY k.ordinal
	LOOP
		IF v_key.key IS NOT NULL AND v_key.differs THEN
			RAISE EXCEPTION 'idempotency key "%" stands for another document', v_key.key USING
				ERRCODE = 'unique_violation',
				DETAIL = format('It came with what is document %s of the store; number %s of this call has other bytes.', v_key.document_id, v_key.ordinal),
				HINT = 'Send the same bytes to get the first answer again; give another document a key of its own.';
		END IF;
		v_answers[v_key.ordinal] := v_key.is_duplicate;
	END LOOP;
	RETURN v_answers;
END;
$code$;
COMMENT ON FUNCTION @store@.claim_keys(bigint, text[], bytea[], bigint[]) IS 'Part of submit_many(): gives idempotency keys (NULL = none) to the documents with those hashes, of which those in stored are new. Returns is_duplicate as it was answered when each key came first, NULL without a key. Errors: 22023 not a key, 23505 the key stands for other bytes.';

CREATE OR REPLACE FUNCTION @store@.require_batch(p_tenant_id bigint, contents bytea[], sources text[], idempotency_keys text[]) RETURNS void
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $code$
BEGIN
	IF contents IS NULL THEN
		RAISE EXCEPTION 'the contents of documents are needed' USING ERRCODE = 'null_value_not_allowed';
	ELSIF array_ndims(contents) > 1 OR array_ndims(sources) > 1 OR array_ndims(idempotency_keys) > 1 THEN
		RAISE EXCEPTION 'contents, sources and idempotency keys are arrays of one dimension' USING
			ERRCODE = 'array_subscript_error',
			HINT = 'ARRAY(SELECT ... ORDER BY ...) makes one of rows.';
	ELSIF array_position(contents, NULL) IS NOT NULL THEN
		RAISE EXCEPTION 'the content of a document must not be null' USING
			ERRCODE = 'null_value_not_allowed',
			DETAIL = format('Document %s of the call is null.', array_position(contents, NULL) - array_lower(contents, 1) + 1);
	END IF;
	IF sources IS NOT NULL AND cardinality(sources) <> cardinality(contents) THEN
		RAISE EXCEPTION 'as many sources as contents are needed' USING
			ERRCODE = 'array_subscript_error',
			DETAIL = format('There are %s contents and %s sources.', cardinality(contents), cardinality(sources));
	END IF;
	IF idempotency_keys IS NOT NULL AND cardinality(idempotency_keys) <> cardinality(contents) THEN
		RAISE EXCEPTION 'as many idempotency keys as contents are needed' USING
			ERRCODE = 'array_subscript_error',
			DETAIL = format('There are %s contents and %s keys; a key may be null.', cardinality(contents), cardinality(idempotency_keys));
	END IF;
END;
$code$;
COMMENT ON FUNCTION @store@.require_batch(bigint, bytea[], text[], text[]) IS 'Part of submit_many(): raises what is wrong with its arrays: 22004 contents, or one of them, are null, 2202E they are of several dimensions, or numbers differ.';

CREATE OR REPLACE FUNCTION @store@.submit_many(
	p_tenant_id bigint,
	contents bytea[],
	sources text[] DEFAULT NULL,
	idempotency_keys text[] DEFAULT NULL)
RETURNS TABLE (
	ordinal int,
	document_id bigint,
	is_duplicate boolean,
	repeats bigint,
	state text,
	format text,
	kind text,
	valid boolean,
	fatal int,
	warning int,
	error_code text,
	error text)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, clex, pg_temp
SET plan_cache_mode = force_generic_plan    -- planning with the policies of all tables costs more than looking up a few documents
SET enable_seqscan = off    -- a plan from when the tables were small must not scan them; for many documents a new one is made
SET jit = off    -- whatever that seems to cost
AS $code$
#variable_conflict use_column
DECLARE
	v_hashes bytea[];
	v_new bigint[];
	v_stored bigint[] := '{}';
	v_answers boolean[];
	v_place int;
BEGIN
	PERFORM @store@.require_submit(p_tenant_id);
	PERFORM @store@.require_batch(p_tenant_id, contents, sources, idempotency_keys);
	-- places are counted from 1 in what follows
	IF array_lower(contents, 1) <> 1 THEN
		contents := ARRAY(SELECT c.content FROM unnest(contents) WITH ORDINALITY AS c (content, ordinal) ORDER BY c.ordinal);
	END IF;
	IF array_lower(sources, 1) <> 1 THEN
		sources := ARRAY(SELECT s.source FROM unnest(sources) WITH ORDINALITY AS s (source, ordinal) ORDER BY s.ordinal);
	END IF;
	IF cardinality(contents) > 10 THEN
		PERFORM set_config('plan_cache_mode', 'force_custom_plan', true);
	END IF;
	v_hashes := ARRAY(SELECT sha256(c.content) FROM unnest(contents) WITH ORDINALITY AS c (content, ordinal) ORDER BY c.ordinal);
	-- the first of several equal ones, in the order in which they came
	v_new := ARRAY(
		SELECT min(h.ordinal)
		FROM unnest(v_hashes) WITH ORDINALITY AS h (sha256, ordinal)
		WHERE (SELECT d.id FROM @store@.document d WHERE d.tenant_id = p_tenant_id AND d.sha256 = h.sha256) IS NULL
		GROUP BY h.sha256
		ORDER BY 1);
	IF cardinality(v_new) < cardinality(contents) THEN
		sources := ARRAY(SELECT sources[n.ordinal] FROM unnest(v_new) WITH ORDINALITY AS n (ordinal, place) ORDER BY n.place);
		contents := ARRAY(SELECT contents[n.ordinal] FROM unnest(v_new) WITH ORDINALITY AS n (ordinal, place) ORDER BY n.place);
	END IF;
	BEGIN
		v_stored := @store@.store_batch(p_tenant_id, contents, sources);
	EXCEPTION WHEN others THEN
		IF @store@.is_server_trouble(SQLSTATE) THEN
			RAISE;
		END IF;
		-- one of them could be read but not stored (a value no column takes): find out which
		FOR v_place IN 1 .. cardinality(contents) LOOP
			v_stored := v_stored || @store@.store_one(p_tenant_id, contents[v_place], sources[v_place]);
		END LOOP;
	END;
	IF idempotency_keys IS NOT NULL THEN
		v_answers := @store@.claim_keys(p_tenant_id, idempotency_keys, v_hashes, v_stored);
	END IF;

	RETURN QUERY
	SELECT g.ordinal::int, d.id,
		COALESCE(v_answers[g.ordinal], d.id <> ALL (COALESCE(v_stored, '{}')) OR row_number() OVER (PARTITION BY d.id ORDER BY g.ordinal) > 1),
		r.document_id, d.state, d.format, d.kind, d.processable AND d.fatal = 0, d.fatal, d.warning, d.error_code, d.error
	FROM unnest(v_hashes) WITH ORDINALITY AS g (sha256, ordinal)
	CROSS JOIN LATERAL (
		SELECT * FROM @store@.document d WHERE d.tenant_id = p_tenant_id AND d.sha256 = g.sha256 LIMIT 1) d
	LEFT JOIN LATERAL (
		SELECT * FROM @store@.invoice i WHERE i.tenant_id = p_tenant_id AND i.document_id = d.id LIMIT 1) i ON true
	LEFT JOIN LATERAL (
		-- the first with the same seller, number and year of issue
		SELECT e.document_id
		FROM @store@.invoice e
		WHERE e.tenant_id = i.tenant_id AND e.number_key = i.number_key AND e.seller_key = i.seller_key
			AND e.document_id < i.document_id AND e.number = i.number
			AND date_part('year', e.issue_date) IS NOT DISTINCT FROM date_part('year', i.issue_date)
		ORDER BY e.document_id
		LIMIT 1) r ON true
	ORDER BY g.ordinal;
END;
$code$;
COMMENT ON FUNCTION @store@.submit_many(bigint, bytea[], text[], text[]) IS
'Stores many documents in one statement; see submit(). sources, idempotency_keys: one for each content, or NULL. Returns one row per document in the order given (ordinal counts from 1). Errors: 42501 not allowed, 23503 no such tenant, 22004 a content is null, 2202E numbers differ, 22023 not an idempotency key, 23505 the key of another document; never for bad content. After an error nothing of the call is stored.';

CREATE OR REPLACE FUNCTION @store@.submit(
	p_tenant_id bigint,
	content bytea,
	source text DEFAULT NULL,
	idempotency_key text DEFAULT NULL,
	OUT document_id bigint,
	OUT is_duplicate boolean,
	OUT repeats bigint,
	OUT state text,
	OUT format text,
	OUT kind text,
	OUT valid boolean,
	OUT fatal int,
	OUT warning int,
	OUT error_code text,
	OUT error text)
LANGUAGE sql VOLATILE
BEGIN ATOMIC
	SELECT s.document_id, s.is_duplicate, s.repeats, s.state, s.format, s.kind, s.valid, s.fatal, s.warning, s.error_code, s.error
	FROM @store@.submit_many(submit.p_tenant_id, ARRAY[submit.content], ARRAY[submit.source],
		CASE WHEN submit.idempotency_key IS NOT NULL THEN ARRAY[submit.idempotency_key] END) s;
END;
COMMENT ON FUNCTION @store@.submit(bigint, bytea, text, text) IS
'Stores a document: keeps the original, reads it, checks it by its own profile, makes the invoice row and the findings. The same bytes again give the document they repeat (is_duplicate); another document with the same seller, number and year is stored, and repeats says which one came first. What cannot be read is kept in quarantine with error_code and error. source: a file name or message id to find it by. idempotency_key: what the caller calls this submission; sent again with the same bytes it gets its first answer again (is_duplicate too; the verdict is that of now). Errors: 42501 not allowed, 23503 no such tenant, 22004 content is null, 22023 not an idempotency key, 23505 the key stands for other bytes; never for bad content.';

REVOKE ALL ON FUNCTION @store@.require_batch(bigint, bytea[], text[], text[]), @store@.is_server_trouble(text), @store@.store_batch(bigint, bytea[], text[]), @store@.store_one(bigint, bytea, text),
	@store@.claim_keys(bigint, text[], bytea[], bigint[]), @store@.submit(bigint, bytea, text, text),
	@store@.submit_many(bigint, bytea[], text[], text[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION @store@.submit(bigint, bytea, text, text), @store@.submit_many(bigint, bytea[], text[], text[]) TO PUBLIC;
