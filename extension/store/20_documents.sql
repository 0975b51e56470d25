-- Module documents: originals kept for ever, what was read from them, and what is wrong with them.
--
-- A document is stored whatever it is: what cannot be read is quarantined with the reason.  The
-- original bytes are the truth; the semantic document, the invoice row and the findings can be made
-- again from them.  The columns of an invoice are generated from its semantic document, so that
-- they can never say something else.

--! requires base
--! step 1 documents, invoices, findings
CREATE TABLE @store@.document (
	tenant_id bigint NOT NULL REFERENCES @store@.tenant,
	id bigint GENERATED ALWAYS AS IDENTITY,
	received_at timestamptz NOT NULL DEFAULT pg_catalog.now(),
	received_from text NOT NULL,
	source text,
	content bytea NOT NULL,
	sha256 bytea NOT NULL GENERATED ALWAYS AS (pg_catalog.sha256(content)) STORED,
	size bigint NOT NULL GENERATED ALWAYS AS (pg_catalog.octet_length(content)) STORED,
	format text,
	kind text,
	version text,
	profile text,
	encoding text,
	state text NOT NULL CHECK (state IN ('accepted', 'quarantined')),
	checked_at timestamptz,
	as_of date,
	rulesets text[],
	clex_version text,
	processable boolean,
	fatal int,
	warning int,
	error_code text,
	error text,
	error_detail text,
	error_hint text,
	PRIMARY KEY (tenant_id, id),
	UNIQUE (tenant_id, sha256),
	CHECK ((state = 'quarantined') = (error_code IS NOT NULL)),
	CHECK ((state = 'accepted') = (processable IS NOT NULL AND fatal IS NOT NULL AND warning IS NOT NULL
		AND checked_at IS NOT NULL AND as_of IS NOT NULL AND clex_version IS NOT NULL))
);
CREATE INDEX document_received_idx ON @store@.document (tenant_id, received_at DESC, id DESC);
CREATE INDEX document_quarantine_idx ON @store@.document (tenant_id, id) WHERE state = 'quarantined';
COMMENT ON TABLE @store@.document IS 'Every document that was submitted, once for each tenant, with its original bytes. Written by submit() and submit_many().';
COMMENT ON COLUMN @store@.document.tenant_id IS 'Tenant it belongs to.';
COMMENT ON COLUMN @store@.document.id IS 'Number of the document in this store.';
COMMENT ON COLUMN @store@.document.received_at IS 'Start of the transaction that submitted it.';
COMMENT ON COLUMN @store@.document.received_from IS 'Role that submitted it.';
COMMENT ON COLUMN @store@.document.source IS 'Where it came from, as the submitter says: a file name, a message id.';
COMMENT ON COLUMN @store@.document.content IS 'The original bytes.';
COMMENT ON COLUMN @store@.document.sha256 IS 'SHA-256 of the original bytes.';
COMMENT ON COLUMN @store@.document.size IS 'Length of the original in bytes.';
COMMENT ON COLUMN @store@.document.format IS 'Format, as clex.detect() names it.';
COMMENT ON COLUMN @store@.document.kind IS 'Kind of document, as clex.detect() names it.';
COMMENT ON COLUMN @store@.document.version IS 'Version of the format.';
COMMENT ON COLUMN @store@.document.profile IS 'Specification the document declares (BT-24).';
COMMENT ON COLUMN @store@.document.encoding IS 'Character encoding of the original.';
COMMENT ON COLUMN @store@.document.state IS 'accepted: it was read. quarantined: it could not be read, see error.';
COMMENT ON COLUMN @store@.document.checked_at IS 'When it was last checked; NULL if it was not read.';
COMMENT ON COLUMN @store@.document.as_of IS 'Day whose rules it was checked by.';
COMMENT ON COLUMN @store@.document.rulesets IS 'Rule sets it was checked by; NULL = by its own profile.';
COMMENT ON COLUMN @store@.document.clex_version IS 'Version of clex that read and checked it: with as_of and rulesets the verdict can be had again.';
COMMENT ON COLUMN @store@.document.processable IS 'Whether every rule could be evaluated; NULL if it was not read.';
COMMENT ON COLUMN @store@.document.fatal IS 'Number of findings that make it invalid; NULL if it was not read.';
COMMENT ON COLUMN @store@.document.warning IS 'Number of warnings; NULL if it was not read.';
COMMENT ON COLUMN @store@.document.error_code IS 'SQLSTATE of the reading error.';
COMMENT ON COLUMN @store@.document.error IS 'Why it could not be read.';
COMMENT ON COLUMN @store@.document.error_detail IS 'Where, and what was found.';
COMMENT ON COLUMN @store@.document.error_hint IS 'What to do about it.';

CREATE TABLE @store@.invoice (
	tenant_id bigint NOT NULL,
	document_id bigint NOT NULL,
	document clex.document NOT NULL,
	number text GENERATED ALWAYS AS (clex.value(document, 'BT-1')) STORED,
	type_code text GENERATED ALWAYS AS (clex.value(document, 'BT-3')) STORED,
	issue_date date GENERATED ALWAYS AS (clex.on_date(document, 'BT-2')) STORED,
	due_date date GENERATED ALWAYS AS (clex.on_date(document, 'BT-9')) STORED,
	seller_key text GENERATED ALWAYS AS (pg_catalog.left(COALESCE(clex.value(document, 'BT-31'), clex.value(document, 'BT-30'),
		clex.value(document, 'BT-29'), clex.value(document, 'BT-27')), 200)) STORED,
	seller_name text GENERATED ALWAYS AS (clex.value(document, 'BT-27')) STORED,
	seller_vat_id text GENERATED ALWAYS AS (clex.value(document, 'BT-31')) STORED,
	seller_country text GENERATED ALWAYS AS (clex.value(document, 'BT-40')) STORED,
	buyer_name text GENERATED ALWAYS AS (clex.value(document, 'BT-44')) STORED,
	buyer_vat_id text GENERATED ALWAYS AS (clex.value(document, 'BT-48')) STORED,
	buyer_reference text GENERATED ALWAYS AS (clex.value(document, 'BT-10')) STORED,
	order_reference text GENERATED ALWAYS AS (clex.value(document, 'BT-13')) STORED,
	currency text GENERATED ALWAYS AS (clex.value(document, 'BT-5')) STORED,
	net numeric GENERATED ALWAYS AS (clex.number(document, 'BT-109')) STORED,
	vat numeric GENERATED ALWAYS AS (clex.number(document, 'BT-110')) STORED,
	gross numeric GENERATED ALWAYS AS (clex.number(document, 'BT-112')) STORED,
	payable numeric GENERATED ALWAYS AS (clex.number(document, 'BT-115')) STORED,
	PRIMARY KEY (tenant_id, document_id),
	FOREIGN KEY (tenant_id, document_id) REFERENCES @store@.document (tenant_id, id)
);
CREATE INDEX invoice_issued_idx ON @store@.invoice (tenant_id, issue_date DESC, document_id DESC);
CREATE INDEX invoice_seller_idx ON @store@.invoice (tenant_id, seller_key, issue_date DESC, document_id DESC);
CREATE INDEX invoice_number_idx ON @store@.invoice (tenant_id, pg_catalog.left(number, 200), seller_key, document_id);
COMMENT ON TABLE @store@.invoice IS 'Invoices and credit notes among the accepted documents. All columns but the semantic document are generated from it.';
COMMENT ON COLUMN @store@.invoice.tenant_id IS 'Tenant it belongs to.';
COMMENT ON COLUMN @store@.invoice.document_id IS 'Document it was read from.';
COMMENT ON COLUMN @store@.invoice.document IS 'The semantic document.';
COMMENT ON COLUMN @store@.invoice.number IS 'Invoice number (BT-1).';
COMMENT ON COLUMN @store@.invoice.type_code IS 'Type, UNTDID 1001 (BT-3).';
COMMENT ON COLUMN @store@.invoice.issue_date IS 'Date of issue (BT-2).';
COMMENT ON COLUMN @store@.invoice.due_date IS 'Date payment is due (BT-9).';
COMMENT ON COLUMN @store@.invoice.seller_key IS 'What tells the seller from others: VAT identifier (BT-31), else legal registration (BT-30), else identifier (BT-29), else name; its first 200 characters.';
COMMENT ON COLUMN @store@.invoice.seller_name IS 'Seller (BT-27).';
COMMENT ON COLUMN @store@.invoice.seller_vat_id IS 'VAT identifier of the seller (BT-31).';
COMMENT ON COLUMN @store@.invoice.seller_country IS 'Country of the seller, ISO 3166-1 (BT-40).';
COMMENT ON COLUMN @store@.invoice.buyer_name IS 'Buyer (BT-44).';
COMMENT ON COLUMN @store@.invoice.buyer_vat_id IS 'VAT identifier of the buyer (BT-48).';
COMMENT ON COLUMN @store@.invoice.buyer_reference IS 'Reference the buyer asked for (BT-10).';
COMMENT ON COLUMN @store@.invoice.order_reference IS 'Purchase order (BT-13).';
COMMENT ON COLUMN @store@.invoice.currency IS 'Currency of the amounts, ISO 4217 (BT-5).';
COMMENT ON COLUMN @store@.invoice.net IS 'Total without VAT (BT-109).';
COMMENT ON COLUMN @store@.invoice.vat IS 'Total VAT (BT-110).';
COMMENT ON COLUMN @store@.invoice.gross IS 'Total with VAT (BT-112).';
COMMENT ON COLUMN @store@.invoice.payable IS 'Amount due for payment (BT-115).';

CREATE TABLE @store@.finding (
	tenant_id bigint NOT NULL,
	document_id bigint NOT NULL,
	finding_no int NOT NULL,
	ruleset text NOT NULL,
	rule text NOT NULL,
	severity text NOT NULL,
	terms text[],
	location text,
	line int,
	found text,
	expected text,
	message text,
	PRIMARY KEY (tenant_id, document_id, finding_no),
	FOREIGN KEY (tenant_id, document_id) REFERENCES @store@.document (tenant_id, id)
);
CREATE INDEX finding_rule_idx ON @store@.finding (tenant_id, rule, document_id);
COMMENT ON TABLE @store@.finding IS 'What is wrong with the accepted documents.';
COMMENT ON COLUMN @store@.finding.tenant_id IS 'Tenant it belongs to.';
COMMENT ON COLUMN @store@.finding.document_id IS 'Document it speaks of.';
COMMENT ON COLUMN @store@.finding.finding_no IS 'Position among the findings of the document, from 1.';
COMMENT ON COLUMN @store@.finding.ruleset IS 'Rule set.';
COMMENT ON COLUMN @store@.finding.rule IS 'Rule, by the name its publisher gives it.';
COMMENT ON COLUMN @store@.finding.severity IS 'fatal, warning or information.';
COMMENT ON COLUMN @store@.finding.terms IS 'Business terms the rule speaks of.';
COMMENT ON COLUMN @store@.finding.location IS 'Where in the document.';
COMMENT ON COLUMN @store@.finding.line IS 'Line of the original, from 1.';
COMMENT ON COLUMN @store@.finding.found IS 'What the document says.';
COMMENT ON COLUMN @store@.finding.expected IS 'What it should say.';
COMMENT ON COLUMN @store@.finding.message IS 'The finding in a sentence.';

-- lz4 costs a tenth of pglz, where the server was built with it
DO $step$
BEGIN
	IF (SELECT 'lz4' = ANY (s.enumvals) FROM pg_catalog.pg_settings s WHERE s.name = 'default_toast_compression') THEN
		ALTER TABLE @store@.document ALTER COLUMN content SET COMPRESSION lz4;
		ALTER TABLE @store@.invoice ALTER COLUMN document SET COMPRESSION lz4;
	END IF;
END;
$step$;

ALTER TABLE @store@.document ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE @store@.invoice ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE @store@.finding ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON @store@.document USING (tenant_id IN (SELECT @store@.readable_tenants()));
CREATE POLICY tenant ON @store@.invoice USING (tenant_id IN (SELECT @store@.readable_tenants()));
CREATE POLICY tenant ON @store@.finding USING (tenant_id IN (SELECT @store@.readable_tenants()));

--! step 2 functions that examine documents on their own are gone: clex.examine() does it
DROP FUNCTION IF EXISTS @store@.store_batch(bigint, bytea[], bytea[], text[]);
DROP FUNCTION IF EXISTS @store@.examine(bytea);
DROP FUNCTION IF EXISTS @store@.examine(bytea, text[], date);
DROP TYPE IF EXISTS @store@.finding_row;

--! step 3 idempotency keys of submissions
DROP FUNCTION IF EXISTS @store@.submit(bigint, bytea, text);
DROP FUNCTION IF EXISTS @store@.submit_many(bigint, bytea[], text[]);
CREATE TABLE @store@.submission (
	tenant_id bigint NOT NULL,
	idempotency_key text NOT NULL CHECK (idempotency_key <> '' AND pg_catalog.length(idempotency_key) <= 200),
	document_id bigint NOT NULL,
	is_duplicate boolean NOT NULL,
	submitted_at timestamptz NOT NULL DEFAULT pg_catalog.now(),
	submitted_by text NOT NULL DEFAULT clex.caller(),
	PRIMARY KEY (tenant_id, idempotency_key),
	FOREIGN KEY (tenant_id, document_id) REFERENCES @store@.document (tenant_id, id)
);
CREATE INDEX submission_document_idx ON @store@.submission (tenant_id, document_id);
COMMENT ON TABLE @store@.submission IS 'Submissions that came with an idempotency key, and the answer each got: the same key again gets it again. Written by submit() and submit_many().';
COMMENT ON COLUMN @store@.submission.tenant_id IS 'Tenant it belongs to.';
COMMENT ON COLUMN @store@.submission.idempotency_key IS 'What the submitter calls this submission; one submission has it, for ever.';
COMMENT ON COLUMN @store@.submission.document_id IS 'Document that was submitted, or that it repeated.';
COMMENT ON COLUMN @store@.submission.is_duplicate IS 'Whether the tenant had these bytes before this submission.';
COMMENT ON COLUMN @store@.submission.submitted_at IS 'Start of the transaction that submitted it first.';
COMMENT ON COLUMN @store@.submission.submitted_by IS 'Role that submitted it first.';
ALTER TABLE @store@.submission ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON @store@.submission USING (tenant_id IN (SELECT @store@.readable_tenants()));

--! step 4 findings of the tenant's own rules, and severities it decides on
ALTER TABLE @store@.finding ADD COLUMN original_severity text, ADD COLUMN rule_version int;
COMMENT ON COLUMN @store@.finding.original_severity IS 'Severity that the rule itself gives, where the tenant has decided on another; else NULL.';
COMMENT ON COLUMN @store@.finding.rule_version IS 'Version of the tenant''s own rule; NULL for published rules.';

--! code
CREATE OR REPLACE FUNCTION @store@.is_server_trouble(sqlstate text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	-- connection, transaction, keys, authorisation, resources, operator, system, names, PL/pgSQL
	SELECT pg_catalog.left(sqlstate, 2)
		IN ('08', '23', '25', '28', '2D', '38', '39', '3B', '3D', '3F', '40', '42', '53', '55', '57', '58', 'F0', 'P0');
END;
COMMENT ON FUNCTION @store@.is_server_trouble(text) IS 'Whether an error speaks of the server, the rights or the store rather than of a document: such errors are raised, the others are stored with the document.';

CREATE OR REPLACE FUNCTION @store@.seller_key(document clex.document) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT pg_catalog.left(COALESCE(clex.value(document, 'BT-31'), clex.value(document, 'BT-30'),
		clex.value(document, 'BT-29'), clex.value(document, 'BT-27')), 200);
END;
COMMENT ON FUNCTION @store@.seller_key(clex.document) IS 'What tells the seller of an invoice from others, as in column seller_key of table invoice.';

CREATE OR REPLACE FUNCTION @store@.verdict_event(state text, processable boolean, fatal int, warning int, error_code text, sha256 bytea) RETURNS jsonb
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT pg_catalog.jsonb_strip_nulls(pg_catalog.jsonb_build_object('state', state, 'processable', processable,
		'fatal', fatal, 'warning', warning, 'error_code', error_code, 'sha256', pg_catalog.encode(sha256, 'hex')));
END;
COMMENT ON FUNCTION @store@.verdict_event(text, boolean, int, int, text, bytea) IS 'What the journal says of a document.';

CREATE OR REPLACE FUNCTION @store@.record_verdicts(p_tenant_id bigint, action text, documents bigint[], before jsonb[] DEFAULT '{}') RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET enable_nestloop = on    -- whatever suits the caller's own statement
SET plan_cache_mode = force_generic_plan
AS $code$
#variable_conflict use_column
DECLARE
	v_caller text := clex.caller();
BEGIN
	INSERT INTO @store@.event (tenant_id, actor, action, subject, subject_key, before, after)
	SELECT p_tenant_id, v_caller, record_verdicts.action, 'document', u.id::text, u.before, v.after
	FROM unnest(documents, record_verdicts.before) u (id, before)
	CROSS JOIN LATERAL (
		-- one by one: whatever the planner thinks of the table, it is not read as a whole
		SELECT * FROM @store@.document d WHERE d.tenant_id = p_tenant_id AND d.id = u.id LIMIT 1) d
	CROSS JOIN LATERAL @store@.verdict_event(d.state, d.processable, d.fatal, d.warning, d.error_code, d.sha256) v (after)
	WHERE u.before IS DISTINCT FROM v.after
	ORDER BY u.id;
END;
$code$;
COMMENT ON FUNCTION @store@.record_verdicts(bigint, text, bigint[], jsonb[]) IS 'Part of submit_many(), revalidate() and reread(): adds the verdicts of documents to the journal, where they differ from what was there before.';

CREATE OR REPLACE FUNCTION @store@.documents_changed(p_tenant_id bigint, documents bigint[]) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $code$
BEGIN
END;
$code$;
COMMENT ON FUNCTION @store@.documents_changed(bigint, bigint[]) IS 'Part of submit_many() and reread(): what modules do with documents that are new or were read again; nothing unless a later module puts its own in place.';

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
	IF contents IS NULL THEN
		RAISE EXCEPTION 'the contents of documents are needed' USING ERRCODE = 'null_value_not_allowed';
	ELSIF array_ndims(contents) > 1 OR array_ndims(sources) > 1 OR array_ndims(idempotency_keys) > 1 THEN
		RAISE EXCEPTION 'contents, sources and idempotency keys are arrays of one dimension' USING
			ERRCODE = 'array_subscript_error',
			HINT = 'ARRAY(SELECT ... ORDER BY ...) makes one of rows.';
	ELSIF array_position(contents, NULL) IS NOT NULL THEN
		RAISE EXCEPTION 'the content of a document must not be null' USING
			ERRCODE = 'null_value_not_allowed',
			DETAIL = format('Document %s of the call is null.', array_position(contents, NULL));
	END IF;
	-- places are counted from 1 in what follows
	IF array_lower(contents, 1) <> 1 THEN
		contents := ARRAY(SELECT c.content FROM unnest(contents) WITH ORDINALITY AS c (content, ordinal) ORDER BY c.ordinal);
	END IF;
	IF array_lower(sources, 1) <> 1 THEN
		sources := ARRAY(SELECT s.source FROM unnest(sources) WITH ORDINALITY AS s (source, ordinal) ORDER BY s.ordinal);
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

REVOKE ALL ON FUNCTION @store@.documents_changed(bigint, bigint[]), @store@.is_server_trouble(text), @store@.seller_key(clex.document), @store@.record_verdicts(bigint, text, bigint[], jsonb[]), @store@.verdict_event(text, boolean, int, int, text, bytea),
	@store@.store_batch(bigint, bytea[], text[]), @store@.store_one(bigint, bytea, text),
	@store@.claim_keys(bigint, text[], bytea[], bigint[]), @store@.reexamine(bigint, bigint[], boolean, text[], date) FROM PUBLIC;
REVOKE ALL ON FUNCTION @store@.submit(bigint, bytea, text, text), @store@.submit_many(bigint, bytea[], text[], text[]),
	@store@.revalidate(bigint, date, text[], bigint[]), @store@.reread(bigint, bigint[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION @store@.submit(bigint, bytea, text, text), @store@.submit_many(bigint, bytea[], text[], text[]),
	@store@.revalidate(bigint, date, text[], bigint[]), @store@.reread(bigint, bigint[]) TO PUBLIC;
GRANT SELECT ON @store@.document, @store@.invoice, @store@.finding, @store@.submission TO PUBLIC;
