-- Module p2p, lifecycle messages: what others say of invoices in CDAR messages is applied, and what the tenant says is told in them.

--! code
-- there is one for many events at once
DROP FUNCTION IF EXISTS @store@.announce_status(bigint, bigint), @store@.status_message(bigint, bigint), @store@.local_time(bigint, timestamptz);
CREATE OR REPLACE FUNCTION @store@.message_time(p_tenant_id bigint, digits text) RETURNS timestamptz
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT pg_catalog.make_timestamp(pg_catalog.substr(digits, 1, 4)::int, pg_catalog.substr(digits, 5, 2)::int, pg_catalog.substr(digits, 7, 2)::int,
		pg_catalog.substr(digits, 9, 2)::int, pg_catalog.substr(digits, 11, 2)::int, pg_catalog.substr(digits, 13, 2)::float8)
		AT TIME ZONE COALESCE((SELECT s.value #>> '{}' FROM @store@.setting s
			WHERE s.tenant_id = message_time.p_tenant_id AND s.name = 'p2p.time_zone'), 'Europe/Paris');
END;
COMMENT ON FUNCTION @store@.message_time(bigint, text) IS 'The time that 14 digits of a lifecycle message mean; they name no time zone: that of setting p2p.time_zone, Europe/Paris unless set.';

CREATE OR REPLACE FUNCTION @store@.siren_of(document clex.document, registration text, vat text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT CASE WHEN clex.value(document, registration) ~ '^[0-9]{9}([0-9]{5})?$' THEN pg_catalog.left(clex.value(document, registration), 9)
		WHEN clex.value(document, vat) ~ '^FR..[0-9]{9}$' THEN pg_catalog.right(clex.value(document, vat), 9) END;
END;
COMMENT ON FUNCTION @store@.siren_of(clex.document, text, text) IS 'SIREN of a party of an invoice: its registration (BT-30, BT-47), else a part of its French VAT identifier (BT-31, BT-48).';

CREATE OR REPLACE FUNCTION @store@.invoice_meant(p_tenant_id bigint, reference jsonb) RETURNS bigint
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, clex, pg_temp
AS $code$
#variable_conflict use_column
BEGIN
	RETURN (
		SELECT i.document_id
		FROM @store@.invoice i
		WHERE i.tenant_id = p_tenant_id AND i.number_key = left(reference ->> 'number', 200) AND i.number = reference ->> 'number'
			AND (to_char(i.issue_date, 'YYYYMMDD') = reference ->> 'issue_date' OR reference ->> 'issue_date' IS NULL)
			AND reference #>> '{seller,id}' IN (@store@.siren_of(i.document, 'BT-30', 'BT-31'), clex.value(i.document, 'BT-30'), clex.value(i.document, 'BT-29'))
			AND EXISTS (SELECT FROM @store@.invoice_state s WHERE s.tenant_id = p_tenant_id AND s.document_id = i.document_id)
		-- a copy that was rejected is the later one, all else is said of the first
		ORDER BY i.type_code = reference ->> 'document_type' DESC, i.document_id * CASE WHEN reference ->> 'status' = '213' THEN -1 ELSE 1 END
		LIMIT 1);
END;
$code$;
COMMENT ON FUNCTION @store@.invoice_meant(bigint, jsonb) IS 'The invoice that a lifecycle message speaks of: number, day of issue, SIREN of the seller, type; NULL = the tenant has none.';

CREATE OR REPLACE FUNCTION @store@.handle_cdar(p_tenant_id bigint, document_id bigint, OUT state text, OUT outcome jsonb)
LANGUAGE plpgsql
SET search_path = pg_catalog, clex, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_document record;
	v_message jsonb;
	v_reference record;
	v_invoice bigint;
	v_applied record;
	v_said jsonb;
	v_events jsonb := '[]';
BEGIN
	SELECT * INTO v_document FROM @store@.document d WHERE d.tenant_id = p_tenant_id AND d.id = handle_cdar.document_id;
	IF v_document.state <> 'accepted' OR v_document.fatal > 0 OR NOT v_document.processable THEN
		state := 'refused';
		outcome := jsonb_build_object('reason', 'the message breaks its rules', 'rules', (
			SELECT jsonb_agg(DISTINCT f.rule) FROM @store@.finding f
			WHERE f.tenant_id = p_tenant_id AND f.document_id = handle_cdar.document_id AND f.severity = 'fatal'));
		RETURN;
	END IF;
	v_message := clex.read_status(v_document.content);
	FOR v_reference IN
		SELECT r.reference, a.acknowledgement ->> 'at' AS at, format('%s.%s', a.n, r.n) AS place,
			ARRAY(SELECT DISTINCT x ->> 'reason' FROM jsonb_array_elements(r.reference -> 'details') x WHERE x ->> 'reason' IS NOT NULL ORDER BY 1) AS reasons
		FROM jsonb_array_elements(v_message -> 'acknowledgements') WITH ORDINALITY AS a (acknowledgement, n),
			jsonb_array_elements(a.acknowledgement -> 'references') WITH ORDINALITY AS r (reference, n)
		ORDER BY a.n, r.n
	LOOP
		v_said := jsonb_strip_nulls(jsonb_build_object('number', v_reference.reference -> 'number', 'status', v_reference.reference -> 'status'));
		v_invoice := @store@.invoice_meant(p_tenant_id, v_reference.reference);
		IF v_invoice IS NULL THEN
			v_events := v_events || (v_said || '{"outcome": "no such invoice"}');
			CONTINUE;
		END IF;
		BEGIN
			v_applied := @store@.apply_status(p_tenant_id, v_invoice, v_reference.reference ->> 'status',
				CASE WHEN v_message #>> '{issuer,role}' = 'WK' THEN 'platform' WHEN v_message #>> '{issuer,role}' = 'DFH' THEN 'authority'
					WHEN v_message #>> '{issuer,role}' IN ('BY', 'AB', 'PR', 'IV') THEN 'buyer' ELSE 'seller' END,
				true, v_reference.reasons,
				(SELECT string_agg(x #>> '{reason_text}', E'\n' ORDER BY o) FROM jsonb_array_elements(v_reference.reference -> 'details') WITH ORDINALITY AS d (x, o)),
				@store@.message_time(p_tenant_id, v_reference.at),
				format('cdar/%s/%s/%s', v_message #>> '{issuer,id}', left(v_message ->> 'id', 200), v_reference.place),
				jsonb_build_object('details', v_reference.reference -> 'details'), handle_cdar.document_id);
			v_events := v_events || (v_said || jsonb_strip_nulls(jsonb_build_object('document_id', v_invoice, 'event', v_applied.event_id,
				'outcome', v_applied.outcome, 'refusal', v_applied.refusal)));
		EXCEPTION WHEN unique_violation THEN
			v_events := v_events || (v_said || jsonb_build_object('document_id', v_invoice, 'outcome', 'refused', 'refusal', SQLERRM));
		END;
	END LOOP;
	outcome := jsonb_build_object('events', v_events);
	state := CASE WHEN v_events @> '[{"outcome": "no such invoice"}]' THEN 'open'
		WHEN v_events @> '[{"outcome": "refused"}]' THEN 'refused' ELSE 'done' END;
	IF state <> 'done' THEN
		outcome := outcome || jsonb_build_object('reason', CASE state WHEN 'open' THEN 'it speaks of an invoice that is not there' ELSE 'what it says cannot be' END);
	END IF;
END;
$code$;
COMMENT ON FUNCTION @store@.handle_cdar(bigint, bigint) IS 'Part of handle_message(): applies what a lifecycle message says of invoices. refused: it breaks its rules, or says what cannot be; open: it speaks of an invoice that is not there.';

CREATE OR REPLACE FUNCTION @store@.status_messages(p_tenant_id bigint, events @store@.status_event[])
RETURNS TABLE (event_id bigint, document_id bigint, recipient text, message jsonb)
LANGUAGE plpgsql STABLE ROWS 10
SET search_path = pg_catalog, clex, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_zone text := COALESCE((SELECT s.value #>> '{}' FROM @store@.setting s WHERE s.tenant_id = p_tenant_id AND s.name = 'p2p.time_zone'), 'Europe/Paris');
BEGIN
	RETURN QUERY
	SELECT e.id, e.document_id, CASE s.direction WHEN 'purchase' THEN p.seller ELSE p.buyer END ->> 'address',
		jsonb_strip_nulls(jsonb_build_object('id', e.event_key, 'name', format('CDV-%s_%s', e.status, i.number),
			'created', t.received, 'process', 'REGULATED', 'profile', 'urn.cpro.gouv.fr:1p0:CDV:invoice',
			'sender', '{"role": "WK"}'::jsonb, 'issuer', CASE e.issuer WHEN 'buyer' THEN p.buyer ELSE p.seller END - '{address,address_scheme}'::text[],
			'recipients', jsonb_build_array(CASE e.issuer WHEN 'buyer' THEN p.seller ELSE p.buyer END),
			'acknowledgements', jsonb_build_array(jsonb_build_object('multiple', 'false', 'type', l.cdar_type, 'at', t.occurred,
				'references', jsonb_build_array(jsonb_build_object('number', i.number, 'code', l.cdar_code, 'document_type', i.type_code,
					'received', to_char(d.received_at AT TIME ZONE v_zone, 'YYYYMMDDHH24MISS'), 'issue_date', to_char(i.issue_date, 'YYYYMMDD'),
					'status', e.status, 'label', l.labels ->> 'fr', 'seller', jsonb_build_object('id', p.seller -> 'id', 'id_scheme', '0002'),
					'details', NULLIF(COALESCE(v.details, '[]'), '[]')))))))
	FROM unnest(events) e
	CROSS JOIN LATERAL (SELECT * FROM @store@.lifecycle_status l WHERE l.tenant_id = p_tenant_id AND l.lifecycle = e.lifecycle AND l.status = e.status LIMIT 1) l
	CROSS JOIN LATERAL (SELECT * FROM @store@.invoice_state s WHERE s.tenant_id = p_tenant_id AND s.document_id = e.document_id LIMIT 1) s
	CROSS JOIN LATERAL (SELECT * FROM @store@.invoice i WHERE i.tenant_id = p_tenant_id AND i.document_id = e.document_id LIMIT 1) i
	CROSS JOIN LATERAL (SELECT d.received_at FROM @store@.document d WHERE d.tenant_id = p_tenant_id AND d.id = e.document_id LIMIT 1) d
	CROSS JOIN LATERAL (SELECT to_char(e.received_at AT TIME ZONE v_zone, 'YYYYMMDDHH24MISS') AS received, to_char(e.occurred_at AT TIME ZONE v_zone, 'YYYYMMDDHH24MISS') AS occurred) t
	CROSS JOIN LATERAL (SELECT
		jsonb_build_object('id', @store@.siren_of(i.document, 'BT-30', 'BT-31'), 'id_scheme', '0002', 'name', i.seller_name, 'role', 'SE',
			'address', clex.value(i.document, 'BT-34'), 'address_scheme', clex.value(i.document, 'BT-34-1')) AS seller,
		jsonb_build_object('id', @store@.siren_of(i.document, 'BT-47', 'BT-48'), 'id_scheme', '0002', 'name', i.buyer_name, 'role', 'BY',
			'address', clex.value(i.document, 'BT-49'), 'address_scheme', clex.value(i.document, 'BT-49-1')) AS buyer OFFSET 0) p
	CROSS JOIN LATERAL (
		-- a detail for each reason; the data of the event belong to the first
		SELECT jsonb_agg(jsonb_build_object('reason', r.reason, 'reason_text', CASE WHEN r.n = 1 THEN e.message END, 'sequence', r.n::text,
			'action', CASE WHEN r.n = 1 THEN e.facts -> 'action' END, 'characteristics', CASE WHEN r.n = 1 THEN e.facts -> 'characteristics' END) ORDER BY r.n) AS details
		FROM (SELECT * FROM unnest(e.reasons) WITH ORDINALITY AS u (reason, n)
			UNION ALL
			SELECT NULL, 1 WHERE cardinality(e.reasons) = 0 AND (e.facts -> 'characteristics' IS NOT NULL OR e.message IS NOT NULL)) r) v
	-- the buyer is never told of an undisclosed assignment; a supplier's own answer in the tenant's store is not the tenant's to send
	WHERE l.cdar_type IS NOT NULL AND NOT l.private AND s.direction <> 'internal'
		AND (e.issuer <> CASE s.direction WHEN 'purchase' THEN 'buyer' ELSE 'seller' END) IS NOT TRUE;
END;
$code$;
COMMENT ON FUNCTION @store@.status_messages(bigint, @store@.status_event[]) IS 'What the tenant said of invoices, as lifecycle messages to the other side and its address, in the JSON of clex.write_status(): of those events that have such messages. facts of an event may hold characteristics (amounts, expected values) and an action asked for, in the same JSON. Times are those of setting p2p.time_zone, Europe/Paris unless set.';

CREATE OR REPLACE FUNCTION @store@.announce_statuses(p_tenant_id bigint, events @store@.status_event[]) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, clex, pg_temp
SET plan_cache_mode = force_generic_plan    -- planning costs more than the few events of a call
SET enable_seqscan = off    -- and a plan from when the tables were small must not scan them
SET enable_hashjoin = off
SET enable_mergejoin = off
SET jit = off
AS $code$
#variable_conflict use_column
BEGIN
	INSERT INTO @store@.outbox (tenant_id, message_id, post_key, channel, format, kind, recipient, document_id, content, state, last_error)
	SELECT p_tenant_id, @store@.message_id(p_tenant_id, k.post_key), k.post_key, 'pa', 'cdar', 'status', m.recipient, m.document_id, c.content,
		CASE WHEN w.rules IS NULL THEN 'ready' ELSE 'failed' END, CASE WHEN w.rules IS NOT NULL THEN format('the message would break %s: the invoice lacks what it needs', w.rules) END
	FROM @store@.status_messages(p_tenant_id, announce_statuses.events) m
	CROSS JOIN LATERAL (SELECT format('cdar/%s', m.event_id) AS post_key OFFSET 0) k
	CROSS JOIN LATERAL (SELECT clex.write_status(m.message) AS content OFFSET 0) c
	CROSS JOIN LATERAL (SELECT string_agg(DISTINCT f.rule, ', ') AS rules FROM clex.findings(c.content) f WHERE f.severity = 'fatal') w
	ORDER BY m.event_id
	ON CONFLICT DO NOTHING;
END;
$code$;
COMMENT ON FUNCTION @store@.announce_statuses(bigint, @store@.status_event[]) IS
'Part of apply_status(): posts the lifecycle messages about what the tenant said of invoices, where their lifecycle has such messages. One that would break their rules, since the invoice does not say whom to send it to, is posted as failed, for people.';

REVOKE ALL ON FUNCTION @store@.handle_cdar(bigint, bigint), @store@.status_messages(bigint, @store@.status_event[]), @store@.announce_statuses(bigint, @store@.status_event[]),
	@store@.invoice_meant(bigint, jsonb), @store@.siren_of(clex.document, text, text), @store@.message_time(bigint, text) FROM PUBLIC;
