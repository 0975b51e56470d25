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

REVOKE ALL ON FUNCTION @store@.documents_changed(bigint, bigint[]), @store@.seller_key(clex.document), @store@.record_verdicts(bigint, text, bigint[], jsonb[]),
	@store@.verdict_event(text, boolean, int, int, text, bytea) FROM PUBLIC;
GRANT SELECT ON @store@.document, @store@.invoice, @store@.finding, @store@.submission TO PUBLIC;
