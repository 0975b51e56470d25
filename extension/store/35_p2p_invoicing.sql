-- Module p2p, invoicing: invoices and credit notes that an entity issues, and answers to those it receives.
--
-- A number comes from a row that is locked until the invoice is stored with it: what fails gives its number back, and nobody else has had it meanwhile, so
-- that a series has no gap.  A number that is not to be used is recorded as void, with the reason.  What would break a rule that forbids the invoice is
-- not issued: the refusal lists the findings.  The bytes that are stored are those that are sent.

--! step 51 numbers and partners
CREATE TABLE @store@.number_series (
	tenant_id bigint NOT NULL,
	entity_id bigint NOT NULL,
	series text NOT NULL CHECK (series ~ '^[A-Za-z0-9+_/-]{1,20}$'),
	pattern text NOT NULL CHECK (pattern ~ '^([A-Za-z0-9+_/-]|\{year\}|\{series\}|\{number\})+$' AND pattern ~ '\{year\}' AND pattern ~ '\{number\}'),
	digits int NOT NULL CHECK (digits BETWEEN 1 AND 12),
	PRIMARY KEY (tenant_id, entity_id, series),
	FOREIGN KEY (tenant_id, entity_id) REFERENCES @store@.entity (tenant_id, id)
);
COMMENT ON TABLE @store@.number_series IS 'Series of numbers of the invoices an entity issues. Written by set_number_series().';
COMMENT ON COLUMN @store@.number_series.tenant_id IS 'Tenant.';
COMMENT ON COLUMN @store@.number_series.entity_id IS 'Entity.';
COMMENT ON COLUMN @store@.number_series.series IS 'Name of the series.';
COMMENT ON COLUMN @store@.number_series.pattern IS 'What a number looks like: {series}, {year} of issue, {number}, and characters that invoice numbers may have.';
COMMENT ON COLUMN @store@.number_series.digits IS 'Digits of {number}, with leading zeros.';

CREATE TABLE @store@.number_counter (
	tenant_id bigint NOT NULL,
	entity_id bigint NOT NULL,
	series text NOT NULL,
	year int NOT NULL CHECK (year BETWEEN 2000 AND 2999),
	last bigint NOT NULL CHECK (last > 0),
	last_date date,
	PRIMARY KEY (tenant_id, entity_id, series, year),
	FOREIGN KEY (tenant_id, entity_id) REFERENCES @store@.entity (tenant_id, id)
);
COMMENT ON TABLE @store@.number_counter IS 'Last number of each series and year; the row is locked until what has the number is stored. Written by take_number() alone.';
COMMENT ON COLUMN @store@.number_counter.tenant_id IS 'Tenant.';
COMMENT ON COLUMN @store@.number_counter.entity_id IS 'Entity.';
COMMENT ON COLUMN @store@.number_counter.series IS 'Series; those of journals of entries begin with "journal ".';
COMMENT ON COLUMN @store@.number_counter.year IS 'Year.';
COMMENT ON COLUMN @store@.number_counter.last IS 'Last number that was given.';
COMMENT ON COLUMN @store@.number_counter.last_date IS 'Latest date of what has a number; NULL = the order of dates is of no matter, or none was used.';

CREATE TABLE @store@.issued_number (
	tenant_id bigint NOT NULL,
	entity_id bigint NOT NULL,
	series text NOT NULL,
	year int NOT NULL,
	ordinal bigint NOT NULL,
	number text NOT NULL,
	state text NOT NULL CHECK (state IN ('issued', 'void')),
	issue_key text CHECK (issue_key <> '' AND pg_catalog.length(issue_key) <= 200),
	request_hash bytea,
	document_id bigint,
	message_id text,
	reason text,
	taken_at timestamptz NOT NULL DEFAULT pg_catalog.now(),
	taken_by text NOT NULL DEFAULT clex.caller(),
	PRIMARY KEY (tenant_id, entity_id, series, year, ordinal),
	UNIQUE (tenant_id, entity_id, number),
	UNIQUE (tenant_id, issue_key),
	CHECK ((state = 'void') = (reason IS NOT NULL)),
	CHECK (state = 'void' OR document_id IS NOT NULL),
	FOREIGN KEY (tenant_id, entity_id, series) REFERENCES @store@.number_series,
	FOREIGN KEY (tenant_id, document_id) REFERENCES @store@.document (tenant_id, id)
);
CREATE INDEX issued_number_document_idx ON @store@.issued_number (tenant_id, document_id);
COMMENT ON TABLE @store@.issued_number IS 'Every number that was given, once: to an invoice, or to nothing (void). Written by issue_invoice() and void_number().';
COMMENT ON COLUMN @store@.issued_number.tenant_id IS 'Tenant.';
COMMENT ON COLUMN @store@.issued_number.entity_id IS 'Entity.';
COMMENT ON COLUMN @store@.issued_number.series IS 'Series.';
COMMENT ON COLUMN @store@.issued_number.year IS 'Year.';
COMMENT ON COLUMN @store@.issued_number.ordinal IS 'Place in the series of that year: 1, 2, 3 … without gap.';
COMMENT ON COLUMN @store@.issued_number.number IS 'The number as it is written.';
COMMENT ON COLUMN @store@.issued_number.state IS 'issued, or void: no invoice has it, or none that was sent.';
COMMENT ON COLUMN @store@.issued_number.issue_key IS 'What the caller calls the issue; the same key again is the same invoice.';
COMMENT ON COLUMN @store@.issued_number.request_hash IS 'SHA-256 of what was asked for under that key.';
COMMENT ON COLUMN @store@.issued_number.document_id IS 'Invoice that has the number.';
COMMENT ON COLUMN @store@.issued_number.message_id IS 'Message it was sent with.';
COMMENT ON COLUMN @store@.issued_number.reason IS 'Why it is void.';
COMMENT ON COLUMN @store@.issued_number.taken_at IS 'When it was given.';
COMMENT ON COLUMN @store@.issued_number.taken_by IS 'Role it was given to.';

CREATE TABLE @store@.partner_channel (
	tenant_id bigint NOT NULL,
	party_id bigint NOT NULL,
	purpose text NOT NULL CHECK (purpose IN ('invoice', 'answer', 'order')),
	channel text NOT NULL CHECK (channel ~ '^[a-z][a-z0-9_]{0,29}$'),
	format text NOT NULL CHECK (format ~ '^[a-z0-9_.]+(:[A-Za-z0-9_.-]+)?$'),
	recipient text,
	answer_hours int CHECK (answer_hours > 0),
	PRIMARY KEY (tenant_id, party_id, purpose),
	FOREIGN KEY (tenant_id, party_id) REFERENCES @store@.party (tenant_id, id)
);
COMMENT ON TABLE @store@.partner_channel IS 'How a partner wants what is sent to it. Written by set_partner_channel().';
COMMENT ON COLUMN @store@.partner_channel.tenant_id IS 'Tenant.';
COMMENT ON COLUMN @store@.partner_channel.party_id IS 'Partner.';
COMMENT ON COLUMN @store@.partner_channel.purpose IS 'invoice: invoices and credit notes. answer: answers to its invoices. order: orders.';
COMMENT ON COLUMN @store@.partner_channel.channel IS 'Way they go, as in table outbox.';
COMMENT ON COLUMN @store@.partner_channel.format IS 'Format, as clex.write() names it: ubl, cii, ubl:xrechnung.';
COMMENT ON COLUMN @store@.partner_channel.recipient IS 'Address on that channel.';
COMMENT ON COLUMN @store@.partner_channel.answer_hours IS 'Hours after which an answer is missed; NULL = none is expected.';

ALTER TABLE @store@.number_series ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE @store@.number_counter ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE @store@.issued_number ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE @store@.partner_channel ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON @store@.number_series USING (tenant_id IN (SELECT t FROM @store@.readable_tenants() t));
CREATE POLICY tenant ON @store@.number_counter USING (tenant_id IN (SELECT t FROM @store@.readable_tenants() t));
CREATE POLICY tenant ON @store@.issued_number USING (tenant_id IN (SELECT t FROM @store@.readable_tenants() t));
CREATE POLICY tenant ON @store@.partner_channel USING (tenant_id IN (SELECT t FROM @store@.readable_tenants() t));

--! code
CREATE OR REPLACE FUNCTION @store@.set_number_series(p_tenant_id bigint, entity text, series text, pattern text DEFAULT '{series}-{year}-{number}', digits int DEFAULT 6) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_entity bigint;
	v_old @store@.number_series;
BEGIN
	PERFORM @store@.require_right(p_tenant_id, 'configure');
	PERFORM @store@.require_given(jsonb_build_object('series', set_number_series.series, 'pattern', set_number_series.pattern, 'digits', set_number_series.digits));
	PERFORM @store@.require_form(p_tenant_id, 'the series', set_number_series.series, '^[A-Za-z0-9+_/-]{1,20}$', '1 to 20 letters, digits and + _ / -'),
		@store@.require_form(p_tenant_id, 'the pattern', set_number_series.pattern, '^(?=.*\{year\})(?=.*\{number\})([A-Za-z0-9+_/-]|\{year\}|\{series\}|\{number\})+$',
			'letters, digits and + _ / - around {year} and {number}, which are both needed, and {series}'),
		@store@.require_form(p_tenant_id, 'the number of digits', set_number_series.digits::text, '^([1-9]|1[0-2])$', '1 to 12');
	v_entity := @store@.entity_id(p_tenant_id, set_number_series.entity);
	SELECT * INTO v_old FROM @store@.number_series s WHERE s.tenant_id = p_tenant_id AND s.entity_id = v_entity AND s.series = set_number_series.series FOR UPDATE;
	INSERT INTO @store@.number_series (tenant_id, entity_id, series, pattern, digits)
	VALUES (p_tenant_id, v_entity, set_number_series.series, set_number_series.pattern, set_number_series.digits)
	ON CONFLICT (tenant_id, entity_id, series) DO UPDATE SET pattern = EXCLUDED.pattern, digits = EXCLUDED.digits;
	PERFORM @store@.record_event(p_tenant_id, 'set_number_series', 'number_series', concat_ws('/', set_number_series.entity, set_number_series.series),
		CASE WHEN v_old.series IS NOT NULL THEN jsonb_build_object('pattern', v_old.pattern, 'digits', v_old.digits) END,
		jsonb_build_object('pattern', set_number_series.pattern, 'digits', set_number_series.digits));
END;
$code$;
COMMENT ON FUNCTION @store@.set_number_series(bigint, text, text, text, int) IS
'Makes a series of invoice numbers of an entity, or changes what its next numbers look like: {series}, {year} and {number} with so many digits; {year} and {number} are needed. Each year begins at 1. For personas with the right configure. Errors: 42501, 22004 series, pattern or digits missing, P0002 no such entity, 23514 not a series, a pattern or a number of digits.';

CREATE OR REPLACE FUNCTION @store@.take_number(p_tenant_id bigint, entity_id bigint, series text, on_date date, in_order boolean) RETURNS bigint
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_ordinal bigint;
	v_last_date date;
BEGIN
	INSERT INTO @store@.number_counter AS c (tenant_id, entity_id, series, year, last, last_date)
	VALUES (p_tenant_id, take_number.entity_id, take_number.series, date_part('year', take_number.on_date)::int, 1, CASE WHEN take_number.in_order THEN take_number.on_date END)
	ON CONFLICT (tenant_id, entity_id, series, year) DO UPDATE SET last = c.last + 1, last_date = GREATEST(c.last_date, EXCLUDED.last_date)
	RETURNING c.last, c.last_date INTO v_ordinal, v_last_date;
	IF take_number.in_order AND v_last_date > take_number.on_date THEN
		RAISE EXCEPTION 'series "%" has a number of a later day', take_number.series USING
			ERRCODE = 'invalid_parameter_value',
			DETAIL = format('Its last number is of %s; numbers of a series follow its dates, and %s comes before that.', v_last_date, take_number.on_date);
	END IF;
	RETURN v_ordinal;
END;
$code$;
COMMENT ON FUNCTION @store@.take_number(bigint, bigint, text, date, boolean) IS 'Part of functions that number: the next number of a series in the year of that day. Whoever asks for one of the same series waits until this transaction has ended; if it fails the number is given again. in_order: refuse (22023) a day before that of the last number.';

CREATE OR REPLACE FUNCTION @store@.written_number(series @store@.number_series, year int, ordinal bigint) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT pg_catalog.replace(pg_catalog.replace(pg_catalog.replace((series).pattern, '{series}', (series).series), '{year}', year::text), '{number}',
		CASE WHEN pg_catalog.length(ordinal::text) < (series).digits THEN pg_catalog.lpad(ordinal::text, (series).digits, '0') ELSE ordinal::text END);
END;
COMMENT ON FUNCTION @store@.written_number(@store@.number_series, int, bigint) IS 'A number of a series as it is written; longer than its digits if it has more.';

CREATE OR REPLACE FUNCTION @store@.complete_invoice(document jsonb) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, clex, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_digits int := COALESCE(clex.currency_digits(document #>> '{invoice,currency}'), 2);
	v_sums record;
BEGIN
	document := jsonb_set(document, '{lines}', (
		SELECT COALESCE(jsonb_agg(jsonb_build_object('identifier', l.ordinal::text) || CASE WHEN l.line ? 'net_amount' THEN '{}' ELSE jsonb_strip_nulls(jsonb_build_object('net_amount',
				round((l.line ->> 'quantity')::numeric * (l.line #>> '{price,net}')::numeric / COALESCE((l.line #>> '{price,base_quantity}')::numeric, 1), v_digits)
					- COALESCE((SELECT sum((a ->> 'amount')::numeric) FROM jsonb_array_elements(l.line -> 'allowances') a), 0)
					+ COALESCE((SELECT sum((a ->> 'amount')::numeric) FROM jsonb_array_elements(l.line -> 'charges') a), 0))) END || l.line ORDER BY l.ordinal), '[]')
		FROM jsonb_array_elements(document -> 'lines') WITH ORDINALITY l (line, ordinal)));
	IF NOT document ? 'vat_breakdown' THEN
		document := jsonb_set(document, '{vat_breakdown}', (
			SELECT COALESCE(jsonb_agg(jsonb_strip_nulls(jsonb_build_object('category', g.category, 'rate', g.rate, 'taxable_amount', g.base,
				'tax_amount', round(g.base * COALESCE(g.rate, 0) / 100, v_digits), 'exemption_reason', g.exemption)) ORDER BY g.category, g.rate), '[]')
			FROM (
				SELECT a.category, a.rate, sum(a.amount) AS base, CASE WHEN a.category <> 'S' THEN document #>> '{exemption_reason}' END AS exemption
				FROM (
					SELECT l #>> '{vat,category}', (l #>> '{vat,rate}')::numeric, (l ->> 'net_amount')::numeric FROM jsonb_array_elements(document -> 'lines') l
					UNION ALL
					SELECT l ->> 'vat_category', (l ->> 'vat_rate')::numeric, -(l ->> 'amount')::numeric FROM jsonb_array_elements(document -> 'allowances') l
					UNION ALL
					SELECT l ->> 'vat_category', (l ->> 'vat_rate')::numeric, (l ->> 'amount')::numeric FROM jsonb_array_elements(document -> 'charges') l) a (category, rate, amount)
				GROUP BY a.category, a.rate) g));
	END IF;
	IF NOT document ? 'totals' THEN
		SELECT (SELECT sum((l ->> 'net_amount')::numeric) FROM jsonb_array_elements(document -> 'lines') l) AS lines,
			(SELECT sum((l ->> 'amount')::numeric) FROM jsonb_array_elements(document -> 'allowances') l) AS allowances,
			(SELECT sum((l ->> 'amount')::numeric) FROM jsonb_array_elements(document -> 'charges') l) AS charges,
			(SELECT sum((l ->> 'tax_amount')::numeric) FROM jsonb_array_elements(document -> 'vat_breakdown') l) AS vat
		INTO v_sums;
		document := jsonb_set(document, '{totals}', jsonb_strip_nulls(jsonb_build_object('lines_net', v_sums.lines, 'allowances', v_sums.allowances, 'charges', v_sums.charges,
			'without_vat', v_sums.lines - COALESCE(v_sums.allowances, 0) + COALESCE(v_sums.charges, 0), 'vat', v_sums.vat,
			'with_vat', v_sums.lines - COALESCE(v_sums.allowances, 0) + COALESCE(v_sums.charges, 0) + COALESCE(v_sums.vat, 0),
			'payable', v_sums.lines - COALESCE(v_sums.allowances, 0) + COALESCE(v_sums.charges, 0) + COALESCE(v_sums.vat, 0))));
	END IF;
	RETURN document;
END;
$code$;
COMMENT ON FUNCTION @store@.complete_invoice(jsonb) IS 'An invoice as JSON with what follows from its lines, where it is not stated: line numbers, net amounts (quantity × price, less allowances, plus charges, rounded to the currency), VAT breakdown and totals. Errors: 22P02 a number that is none, 22023 no such currency.';

CREATE OR REPLACE FUNCTION @store@.require_lawful(content bytea, rulesets text[], on_date date) RETURNS void
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path = pg_catalog, clex, pg_temp
AS $code$
DECLARE
	v_fatal bigint;
	v_findings text;
BEGIN
	SELECT count(*), string_agg(format('%s %s: %s', f.ruleset, f.rule, f.message), E'\n' ORDER BY f.ruleset, f.rule, f.location) INTO v_fatal, v_findings
	FROM clex.findings(content, ARRAY(SELECT DISTINCT r FROM unnest(clex.chosen_rulesets(content) || rulesets) r ORDER BY r), on_date) f
	WHERE f.severity = 'fatal';
	IF v_fatal > 0 THEN
		RAISE EXCEPTION 'the invoice breaks % rules and is not issued', v_fatal USING
			ERRCODE = 'check_violation',
			DETAIL = v_findings,
			HINT = 'Its number is free again.';
	END IF;
END;
$code$;
COMMENT ON FUNCTION @store@.require_lawful(bytea, text[], date) IS 'Part of issue_invoice(): raises 23514 unless an invoice passes the rules of its profile and the rule sets named beside, as of a day.';

CREATE OR REPLACE FUNCTION @store@.issue_invoice(
	p_tenant_id bigint,
	entity text,
	series text,
	document jsonb,
	issue_key text,
	customer text DEFAULT NULL,
	rulesets text[] DEFAULT NULL,
	OUT document_id bigint,
	OUT number text,
	OUT message_id text,
	OUT is_repeated boolean)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, clex, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_series @store@.number_series;
	v_issued @store@.issued_number;
	v_hash bytea := sha256(convert_to(concat_ws(' ', entity, series, customer, document::text), 'UTF8'));
	v_party bigint;
	v_channel @store@.partner_channel;
	v_date date := COALESCE((document #>> '{invoice,issue_date}')::date, CURRENT_DATE);
	v_kind text := COALESCE(document ->> '$kind', 'invoice');
	v_document clex.document;
	v_content bytea;
BEGIN
	PERFORM @store@.require_right(p_tenant_id, 'invoice');
	IF issue_invoice.issue_key IS NULL OR jsonb_typeof(document) IS DISTINCT FROM 'object' THEN
		RAISE EXCEPTION 'an invoice as a JSON object and a key of the issue are needed' USING ERRCODE = 'null_value_not_allowed';
	ELSIF v_kind NOT IN ('invoice', 'credit_note') OR document #>> '{invoice,number}' IS NOT NULL THEN
		RAISE EXCEPTION 'cannot be issued' USING
			ERRCODE = 'invalid_parameter_value',
			DETAIL = 'It is neither an invoice nor a credit note, or has a number already: its series gives it one.';
	END IF;
	v_series.entity_id := @store@.entity_id(p_tenant_id, issue_invoice.entity);
	-- the row of the series makes sessions with the same key wait for each other, so that the second finds what the first did
	SELECT * INTO v_series FROM @store@.number_series s
	WHERE s.tenant_id = p_tenant_id AND s.entity_id = v_series.entity_id AND s.series = issue_invoice.series FOR NO KEY UPDATE;
	IF NOT FOUND THEN
		RAISE EXCEPTION 'entity "%" has no series "%"', issue_invoice.entity, issue_invoice.series USING
			ERRCODE = 'no_data_found',
			HINT = 'set_number_series() makes it.';
	END IF;
	SELECT * INTO v_issued FROM @store@.issued_number n WHERE n.tenant_id = p_tenant_id AND n.issue_key = issue_invoice.issue_key;
	IF FOUND THEN
		IF v_issued.request_hash IS DISTINCT FROM v_hash THEN
			RAISE EXCEPTION 'issue key "%" stands for another invoice', issue_invoice.issue_key USING
				ERRCODE = 'unique_violation',
				DETAIL = format('It is that of %s.', v_issued.number);
		END IF;
		SELECT v_issued.document_id, v_issued.number, v_issued.message_id, true INTO document_id, number, message_id, is_repeated;
		RETURN;
	END IF;

	v_issued.year := date_part('year', v_date)::int;
	v_issued.ordinal := @store@.take_number(p_tenant_id, v_series.entity_id, v_series.series, v_date, true);
	number := @store@.written_number(v_series, v_issued.year, v_issued.ordinal);
	document := @store@.complete_invoice(document || jsonb_build_object('$kind', v_kind, 'invoice', COALESCE(document -> 'invoice', '{}')
		|| jsonb_build_object('number', number, 'issue_date', v_date,
			'type_code', COALESCE(document #>> '{invoice,type_code}', CASE v_kind WHEN 'invoice' THEN '380' ELSE '381' END))));
	v_document := document::text::clex.document;
	IF NOT EXISTS (
		SELECT FROM @store@.entity e JOIN @store@.party_identifier i ON i.tenant_id = e.tenant_id AND i.party_id = e.party_id
		WHERE e.tenant_id = p_tenant_id AND e.id = v_series.entity_id
			AND i.value IN (clex.value(v_document, 'BT-31'), clex.value(v_document, 'BT-30'), clex.value(v_document, 'BT-29')))
	THEN
		RAISE EXCEPTION 'the seller of the invoice is not entity "%"', issue_invoice.entity USING
			ERRCODE = 'invalid_parameter_value',
			DETAIL = 'None of its identifiers (BT-31, BT-30, BT-29) belongs to the party of the entity.';
	END IF;
	v_party := CASE WHEN issue_invoice.customer IS NOT NULL THEN @store@.party_id(p_tenant_id, issue_invoice.customer)
		ELSE @store@.party_of(p_tenant_id, ARRAY[clex.value(v_document, 'BT-48'), clex.value(v_document, 'BT-47'), clex.value(v_document, 'BT-46')]) END;
	SELECT * INTO v_channel FROM @store@.partner_channel c WHERE c.tenant_id = p_tenant_id AND c.party_id = v_party AND c.purpose = 'invoice';
	v_content := clex.write(v_document, COALESCE(v_channel.format, 'ubl'));

	PERFORM @store@.require_lawful(v_content, issue_invoice.rulesets || CASE WHEN clex.value(v_document, 'BT-40') = 'FR' THEN '{fr-invoice}' ELSE '{}' END::text[], v_date);
	document_id := (SELECT s.document_id FROM @store@.submit(p_tenant_id, v_content, 'issued ' || number) s);
	message_id := @store@.post_message(p_tenant_id, format('invoice/%s', document_id), COALESCE(v_channel.channel, 'pa'), split_part(COALESCE(v_channel.format, 'ubl'), ':', 1),
		v_kind, v_content, COALESCE(v_channel.recipient, clex.value(v_document, 'BT-49')), document_id);
	INSERT INTO @store@.issued_number (tenant_id, entity_id, series, year, ordinal, number, state, issue_key, request_hash, document_id, message_id)
	VALUES (p_tenant_id, v_series.entity_id, v_series.series, v_issued.year, v_issued.ordinal, issue_invoice.number, 'issued', issue_invoice.issue_key, v_hash,
		issue_invoice.document_id, issue_invoice.message_id);
	PERFORM @store@.record_event(p_tenant_id, 'issue_invoice', 'invoice', document_id::text, NULL, jsonb_build_object('number', number, 'entity', entity, 'series', series));
	is_repeated := false;
END;
$code$;
COMMENT ON FUNCTION @store@.issue_invoice(bigint, text, text, jsonb, text, text, text[]) IS
'Issues an invoice or credit note of an entity: document is a clex.document as JSON without a number; issue date (today), type code, line numbers, net amounts, VAT breakdown and totals are filled in where they are not stated. It gets the next number of the series, is written in the format its customer wants (table partner_channel; ubl unless said), checked by the rules of its profile and, for French sellers, by fr-invoice (rulesets: and by these), stored and posted to be sent. issue_key: what the caller calls this issue; the same again gets the first answer (is_repeated). Dates of a series do not go back. For personas with the right invoice that may submit. Errors: 42501, 22004 no document or key, P0002 no such entity, series or party, 22023 not to be issued: it has a number, another seller, an earlier date, 23514 it breaks rules: the detail lists the findings, 23505 the key of another invoice, 22P02 not an invoice.';

CREATE OR REPLACE FUNCTION @store@.void_number(p_tenant_id bigint, entity text, series text, reason text, number text DEFAULT NULL) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_series @store@.number_series;
	v_issued @store@.issued_number;
	v_state text;
BEGIN
	PERFORM @store@.require_right(p_tenant_id, 'invoice');
	IF COALESCE(btrim(void_number.reason), '') = '' THEN
		RAISE EXCEPTION 'who voids a number says why' USING ERRCODE = 'invalid_parameter_value';
	END IF;
	SELECT * INTO v_series FROM @store@.number_series s
	WHERE s.tenant_id = p_tenant_id AND s.entity_id = @store@.entity_id(p_tenant_id, void_number.entity) AND s.series = void_number.series FOR NO KEY UPDATE;
	IF NOT FOUND THEN
		RAISE EXCEPTION 'entity "%" has no series "%"', void_number.entity, void_number.series USING ERRCODE = 'no_data_found';
	END IF;
	IF void_number.number IS NULL THEN
		v_issued.year := date_part('year', CURRENT_DATE)::int;
		v_issued.ordinal := @store@.take_number(p_tenant_id, v_series.entity_id, v_series.series, CURRENT_DATE, false);
		v_issued.number := @store@.written_number(v_series, v_issued.year, v_issued.ordinal);
		INSERT INTO @store@.issued_number (tenant_id, entity_id, series, year, ordinal, number, state, reason)
		VALUES (p_tenant_id, v_series.entity_id, v_series.series, v_issued.year, v_issued.ordinal, v_issued.number, 'void', void_number.reason);
	ELSE
		SELECT * INTO v_issued FROM @store@.issued_number n
		WHERE n.tenant_id = p_tenant_id AND n.entity_id = v_series.entity_id AND n.series = v_series.series AND n.number = void_number.number FOR NO KEY UPDATE;
		IF NOT FOUND THEN
			RAISE EXCEPTION 'series "%" has given no number "%"', void_number.series, void_number.number USING ERRCODE = 'no_data_found';
		ELSIF v_issued.state = 'void' THEN
			RETURN v_issued.number;
		END IF;
		UPDATE @store@.outbox o SET state = 'cancelled', settled_at = now()
		WHERE o.tenant_id = p_tenant_id AND o.message_id = v_issued.message_id AND o.state IN ('ready', 'failed');
		IF NOT FOUND THEN
			v_state := (SELECT o.state FROM @store@.outbox o WHERE o.tenant_id = p_tenant_id AND o.message_id = v_issued.message_id);
			RAISE EXCEPTION 'invoice "%" cannot be voided', v_issued.number USING
				ERRCODE = 'object_not_in_prerequisite_state',
				DETAIL = format('Its message is %s.', v_state),
				HINT = 'What was sent is taken back by a credit note.';
		END IF;
		UPDATE @store@.issued_number n SET state = 'void', reason = void_number.reason
		WHERE n.tenant_id = p_tenant_id AND n.entity_id = v_issued.entity_id AND n.series = v_issued.series AND n.year = v_issued.year AND n.ordinal = v_issued.ordinal;
	END IF;
	PERFORM @store@.record_event(p_tenant_id, 'void_number', 'number', v_issued.number, to_jsonb(v_issued.state), jsonb_build_object('state', 'void', 'reason', void_number.reason));
	RETURN v_issued.number;
END;
$code$;
COMMENT ON FUNCTION @store@.void_number(bigint, text, text, text, text) IS
'Records that a number of a series is not used, and why: that of an invoice that nobody has begun to send, whose message is then cancelled, or (number NULL) the next one. Returns the number; of one that is void already too. For personas with the right invoice. Errors: 42501, 22023 no reason, P0002 no such entity, series or number, 55000 it is being sent or was sent.';

CREATE OR REPLACE FUNCTION @store@.answer_invoice(p_tenant_id bigint, document_id bigint, code text, reasons text[], words text, answer_key text) RETURNS text
LANGUAGE plpgsql
SET search_path = pg_catalog, clex, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_invoice record;
	v_channel @store@.partner_channel;
	v_email text;
	v_told text;
BEGIN
	SELECT i.number, i.issue_date, i.type_code, i.seller_key, i.seller_name, i.buyer_name, i.buyer_vat_id, s.party_id INTO v_invoice
	FROM @store@.invoice i JOIN @store@.invoice_state s ON s.tenant_id = i.tenant_id AND s.document_id = i.document_id
	WHERE i.tenant_id = p_tenant_id AND i.document_id = answer_invoice.document_id;
	SELECT * INTO v_channel FROM @store@.partner_channel c WHERE c.tenant_id = p_tenant_id AND c.party_id = v_invoice.party_id AND c.purpose = 'answer';
	-- where the status goes out as a lifecycle message that is the answer, unless the supplier wants another one
	IF NOT FOUND THEN
		v_told := (
			SELECT o.message_id FROM @store@.status_event e
			JOIN @store@.outbox o ON o.tenant_id = e.tenant_id AND o.post_key = format('cdar/%s', e.id)
			WHERE e.tenant_id = p_tenant_id AND e.document_id = answer_invoice.document_id AND e.status = answer_key
			ORDER BY e.id DESC LIMIT 1);
		IF v_told IS NOT NULL THEN
			RETURN v_told;
		END IF;
	END IF;
	v_email := (SELECT p.email FROM @store@.parties p WHERE p.tenant_id = p_tenant_id AND p.party_id = v_invoice.party_id);
	RETURN @store@.post_message(p_tenant_id, format('answer/%s/%s', answer_invoice.document_id, answer_key), COALESCE(v_channel.channel, 'mail'),
		split_part(COALESCE(v_channel.format, 'ubl'), ':', 1), 'application_response',
		clex.write(jsonb_strip_nulls(jsonb_build_object('$kind', 'application_response',
			'application_response', jsonb_build_object('number', format('%s-%s', answer_invoice.document_id, answer_key), 'issue_date', CURRENT_DATE),
			'sender', jsonb_build_object('identifier', v_invoice.buyer_vat_id, 'name', v_invoice.buyer_name),
			'receiver', jsonb_build_object('identifier', v_invoice.seller_key, 'name', v_invoice.seller_name),
			'responses', jsonb_build_array(jsonb_build_object('code', answer_invoice.code,
				'descriptions', CASE WHEN answer_invoice.words IS NOT NULL THEN jsonb_build_array(answer_invoice.words) END,
				'reasons', (SELECT jsonb_agg(jsonb_build_object('code', r) ORDER BY o) FROM unnest(answer_invoice.reasons) WITH ORDINALITY u (r, o)),
				'document', v_invoice.number, 'document_date', v_invoice.issue_date, 'document_type', v_invoice.type_code))))::text::clex.document,
			COALESCE(v_channel.format, 'ubl')),
		COALESCE(v_channel.recipient, v_email), answer_invoice.document_id);
END;
$code$;
COMMENT ON FUNCTION @store@.answer_invoice(bigint, bigint, text, text[], text, text) IS 'Part of reject_invoice() and acknowledge_invoice(): posts an application response to the supplier: code AB, RE …, reason codes, words; in the way it wants answers (table partner_channel); else the lifecycle message about the status is the answer, where there is one; else as UBL by mail. Returns the message id.';

CREATE OR REPLACE FUNCTION @store@.reject_invoice(p_tenant_id bigint, document_id bigint, reasons text[] DEFAULT NULL, message text DEFAULT NULL, OUT status text, OUT message_id text)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_state @store@.invoice_state;
	v_findings text;
	v_applied record;
BEGIN
	PERFORM @store@.require_right(p_tenant_id, 'refuse', reject_invoice.document_id);
	v_state := @store@.lock_invoice(p_tenant_id, reject_invoice.document_id);
	IF v_state.direction = 'sale' THEN
		RAISE EXCEPTION 'invoice % was issued, not received', reject_invoice.document_id USING ERRCODE = 'object_not_in_prerequisite_state';
	END IF;
	v_findings := (SELECT string_agg(COALESCE(f.message, f.rule), ' ' ORDER BY f.finding_no) FROM @store@.finding f
		WHERE f.tenant_id = p_tenant_id AND f.document_id = reject_invoice.document_id AND f.severity = 'fatal');
	IF reject_invoice.reasons IS NULL THEN
		IF v_findings IS NULL THEN
			RAISE EXCEPTION 'nothing is wrong with invoice % by the rules it was checked by', reject_invoice.document_id USING
				ERRCODE = 'invalid_parameter_value',
				HINT = 'Give reasons; view lifecycle_reasons lists them.';
		END IF;
		reasons := ARRAY(SELECT r.reason FROM @store@.lifecycle_reason r JOIN @store@.lifecycle_status s ON s.tenant_id = r.tenant_id AND s.lifecycle = r.lifecycle AND s.meaning = 'refused'
			WHERE r.tenant_id = p_tenant_id AND r.lifecycle = v_state.lifecycle AND r.reason = 'NON_CONFORME' AND s.status = ANY (r.statuses));
		IF cardinality(reasons) = 0 THEN
			reasons := '{NON_CONFORME}';
		END IF;
	END IF;
	message := COALESCE(message, v_findings);
	v_applied := @store@.apply_status(p_tenant_id, reject_invoice.document_id, 'refused', 'buyer', false, reasons, message);
	status := v_applied.status;
	message_id := @store@.answer_invoice(p_tenant_id, reject_invoice.document_id, 'RE', reasons, message, status);
END;
$code$;
COMMENT ON FUNCTION @store@.reject_invoice(bigint, bigint, text[], text) IS
'Refuses an invoice that was received: gives it the status refused, with reason codes of its lifecycle, and posts an answer to the supplier that says so. reasons NULL: it does not conform (NON_CONFORME), and message is what the rules found fatal. Again: the same status, and the same message. For personas with the right refuse. Errors: 42501, P0002 no such invoice, 22023 no reason although nothing was found, or none of the lifecycle, 55000 not lawful now, or an invoice issued.';

CREATE OR REPLACE FUNCTION @store@.acknowledge_invoice(p_tenant_id bigint, document_id bigint, OUT status text, OUT message_id text)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_applied record;
BEGIN
	PERFORM @store@.require_right(p_tenant_id, 'handle', acknowledge_invoice.document_id);
	v_applied := @store@.apply_status(p_tenant_id, acknowledge_invoice.document_id, 'in_hand', 'buyer', false);
	status := v_applied.status;
	message_id := @store@.answer_invoice(p_tenant_id, acknowledge_invoice.document_id, 'AB', '{}', NULL, status);
END;
$code$;
COMMENT ON FUNCTION @store@.acknowledge_invoice(bigint, bigint) IS 'Takes an invoice that was received in hand, and posts an acknowledgement to the supplier. Again: the same status, and the same message. For personas with the right handle. Errors: 42501, P0002 no such invoice, 55000 not lawful now.';

CREATE OR REPLACE FUNCTION @store@.set_partner_channel(p_tenant_id bigint, partner text, purpose text, channel text, format text DEFAULT 'ubl', recipient text DEFAULT NULL, answer_hours int DEFAULT NULL) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_party bigint;
	v_old @store@.partner_channel;
BEGIN
	PERFORM @store@.require_maintain(p_tenant_id);
	PERFORM @store@.require_given(jsonb_build_object('purpose', set_partner_channel.purpose, 'format', CASE WHEN set_partner_channel.channel IS NULL THEN '' ELSE set_partner_channel.format END));
	v_party := @store@.party_id(p_tenant_id, set_partner_channel.partner);
	DELETE FROM @store@.partner_channel c WHERE c.tenant_id = p_tenant_id AND c.party_id = v_party AND c.purpose = set_partner_channel.purpose RETURNING * INTO v_old;
	IF set_partner_channel.channel IS NOT NULL THEN
		INSERT INTO @store@.partner_channel (tenant_id, party_id, purpose, channel, format, recipient, answer_hours)
		VALUES (p_tenant_id, v_party, set_partner_channel.purpose, set_partner_channel.channel, set_partner_channel.format, set_partner_channel.recipient, set_partner_channel.answer_hours);
	END IF;
	PERFORM @store@.record_event(p_tenant_id, 'set_partner_channel', 'party', set_partner_channel.partner,
		CASE WHEN v_old.party_id IS NOT NULL THEN jsonb_strip_nulls(to_jsonb(v_old) - '{tenant_id,party_id}'::text[]) END,
		jsonb_strip_nulls(jsonb_build_object('purpose', set_partner_channel.purpose, 'channel', set_partner_channel.channel, 'format', set_partner_channel.format,
			'recipient', set_partner_channel.recipient, 'answer_hours', set_partner_channel.answer_hours)));
END;
$code$;
COMMENT ON FUNCTION @store@.set_partner_channel(bigint, text, text, text, text, text, int) IS
'Says how a partner wants invoices, answers or orders (purpose): channel, format as clex.write() names it, address, and after how many hours an answer is missed; channel NULL takes it away. For personas that maintain, and operators. Errors: 42501, 22004 purpose or format missing, 23503 no such tenant, P0002 no such party, 23514 not a purpose, channel or format.';

CREATE OR REPLACE VIEW @store@.issued_numbers WITH (security_invoker) AS
SELECT n.tenant_id, e.code AS entity, n.series, n.year, n.ordinal, n.number, n.state, n.reason, n.document_id, n.message_id, o.state AS message_state, n.issue_key, n.taken_at, n.taken_by
FROM @store@.issued_number n
JOIN @store@.entity e ON e.tenant_id = n.tenant_id AND e.id = n.entity_id
LEFT JOIN @store@.outbox o ON o.tenant_id = n.tenant_id AND o.message_id = n.message_id;
COMMENT ON VIEW @store@.issued_numbers IS 'Every invoice number that was given, to which invoice, how far that has been sent, and those that are void, with the reason.';

CREATE OR REPLACE VIEW @store@.number_chains WITH (security_invoker) AS
SELECT c.tenant_id, e.code AS entity, c.series, c.year, c.last, n.numbers, n.void, COALESCE(c.last = n.numbers AND n.first = 1 AND n.final = c.last, false) AS unbroken, c.last_date
FROM @store@.number_counter c
JOIN @store@.entity e ON e.tenant_id = c.tenant_id AND e.id = c.entity_id
JOIN @store@.number_series s ON s.tenant_id = c.tenant_id AND s.entity_id = c.entity_id AND s.series = c.series
CROSS JOIN LATERAL (
	SELECT count(*) AS numbers, count(*) FILTER (WHERE i.state = 'void') AS void, min(i.ordinal) AS first, max(i.ordinal) AS final
	FROM @store@.issued_number i
	WHERE i.tenant_id = c.tenant_id AND i.entity_id = c.entity_id AND i.series = c.series AND i.year = c.year) n;
COMMENT ON VIEW @store@.number_chains IS 'Series of invoice numbers by year: the last number, how many were given, how many are void, and that none is missing.';

CREATE OR REPLACE VIEW @store@.partner_channels WITH (security_invoker) AS
SELECT c.tenant_id, p.code AS partner, c.purpose, c.channel, c.format, c.recipient, c.answer_hours
FROM @store@.partner_channel c
JOIN @store@.party p ON p.tenant_id = c.tenant_id AND p.id = c.party_id;
COMMENT ON VIEW @store@.partner_channels IS 'How partners want what is sent to them.';

REVOKE ALL ON FUNCTION @store@.require_lawful(bytea, text[], date), @store@.set_number_series(bigint, text, text, text, int), @store@.take_number(bigint, bigint, text, date, boolean),
	@store@.written_number(@store@.number_series, int, bigint), @store@.complete_invoice(jsonb),
	@store@.issue_invoice(bigint, text, text, jsonb, text, text, text[]), @store@.void_number(bigint, text, text, text, text),
	@store@.answer_invoice(bigint, bigint, text, text[], text, text), @store@.reject_invoice(bigint, bigint, text[], text),
	@store@.acknowledge_invoice(bigint, bigint), @store@.set_partner_channel(bigint, text, text, text, text, text, int) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION @store@.set_number_series(bigint, text, text, text, int), @store@.complete_invoice(jsonb),
	@store@.issue_invoice(bigint, text, text, jsonb, text, text, text[]), @store@.void_number(bigint, text, text, text, text),
	@store@.reject_invoice(bigint, bigint, text[], text), @store@.acknowledge_invoice(bigint, bigint),
	@store@.set_partner_channel(bigint, text, text, text, text, text, int) TO PUBLIC;
GRANT SELECT ON @store@.number_series, @store@.number_counter, @store@.issued_number, @store@.partner_channel, @store@.issued_numbers, @store@.number_chains,
	@store@.partner_channels TO PUBLIC;
