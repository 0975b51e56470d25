-- Module p2p, orders going out: what the supplier is sent of an order, whether its machine took it, and by when it should answer.
--
-- A version of an order is one message, in the format and by the channel that the supplier wants (table partner_channel): the whole order first, then
-- what has changed.  The message keeps what was to be said, so that it can be said again, and what its format has no place for.
-- Its number is the reference of its interchange: a machine that acknowledges an interchange names nothing else.

--! step 32 messages about orders
ALTER TABLE @store@.purchase_order
	ADD COLUMN sent_version int,
	ADD COLUMN answer text CHECK (answer IN ('accepted', 'changes', 'rejected')),
	ADD COLUMN answered_version int;
COMMENT ON COLUMN @store@.purchase_order.sent_version IS 'Version that was sent to the supplier last; NULL = none.';
COMMENT ON COLUMN @store@.purchase_order.answer IS 'What the supplier said of the version there is: accepted; changes: only with these; rejected. NULL = nothing yet.';
COMMENT ON COLUMN @store@.purchase_order.answered_version IS 'Version it said so of.';

CREATE TABLE @store@.order_message (
	tenant_id bigint NOT NULL,
	id bigint GENERATED ALWAYS AS IDENTITY,
	order_id bigint NOT NULL,
	kind text NOT NULL CHECK (kind IN ('order', 'order_change', 'cancellation', 'receipt_advice')),
	number text NOT NULL,
	version int NOT NULL,
	attempt int NOT NULL,
	said jsonb,
	format text NOT NULL,
	losses jsonb,
	message_id text,
	state text NOT NULL DEFAULT 'posted' CHECK (state IN ('posted', 'acknowledged', 'refused')),
	verdict text,
	verdict_at timestamptz,
	verdict_document bigint,
	acknowledge_by timestamptz,
	answer_by timestamptz,
	posted_at timestamptz NOT NULL DEFAULT pg_catalog.now(),
	posted_by text NOT NULL DEFAULT clex.caller(),
	PRIMARY KEY (tenant_id, id),
	UNIQUE (tenant_id, order_id, kind, number, attempt),
	FOREIGN KEY (tenant_id, order_id) REFERENCES @store@.purchase_order (tenant_id, id),
	FOREIGN KEY (tenant_id, message_id) REFERENCES @store@.outbox (tenant_id, message_id),
	FOREIGN KEY (tenant_id, verdict_document) REFERENCES @store@.document (tenant_id, id)
);
CREATE INDEX order_message_number_idx ON @store@.order_message (tenant_id, number, id);
CREATE INDEX order_message_acknowledge_idx ON @store@.order_message (tenant_id, acknowledge_by, id) WHERE acknowledge_by IS NOT NULL;
CREATE INDEX order_message_answer_idx ON @store@.order_message (tenant_id, answer_by, id) WHERE answer_by IS NOT NULL;
CREATE INDEX order_message_refused_idx ON @store@.order_message (tenant_id, order_id) WHERE state = 'refused';
COMMENT ON TABLE @store@.order_message IS 'What suppliers were sent about orders, and whether their machines took it. Written by functions that send, acknowledge and answer orders.';
COMMENT ON COLUMN @store@.order_message.tenant_id IS 'Tenant that sends.';
COMMENT ON COLUMN @store@.order_message.id IS 'Number of the message in this store, and reference of its interchange.';
COMMENT ON COLUMN @store@.order_message.order_id IS 'Order it is about.';
COMMENT ON COLUMN @store@.order_message.kind IS 'order; order_change; cancellation; receipt_advice: what came of it.';
COMMENT ON COLUMN @store@.order_message.number IS 'What the message calls itself: the number of the order, of the change, of the receipt.';
COMMENT ON COLUMN @store@.order_message.version IS 'Version of the order it tells.';
COMMENT ON COLUMN @store@.order_message.attempt IS '1; each time it is sent again it is one more, and a message of its own.';
COMMENT ON COLUMN @store@.order_message.said IS 'What it says, as the JSON of a clex.document; NULL = what the document says that the order was read from.';
COMMENT ON COLUMN @store@.order_message.format IS 'Format it was to be written in, as clex.write() names it.';
COMMENT ON COLUMN @store@.order_message.losses IS 'What that format has no place for: [{"path", "value", "reason"}]; NULL = nothing was lost.';
COMMENT ON COLUMN @store@.order_message.message_id IS 'Message in the outbox.';
COMMENT ON COLUMN @store@.order_message.state IS 'posted; acknowledged: the supplier''s machine took it, or the supplier has answered; refused: its machine did not take it.';
COMMENT ON COLUMN @store@.order_message.verdict IS 'What the machine said, in words.';
COMMENT ON COLUMN @store@.order_message.verdict_at IS 'When the store heard of it.';
COMMENT ON COLUMN @store@.order_message.verdict_document IS 'Message that said so; NULL = the supplier''s answer did.';
COMMENT ON COLUMN @store@.order_message.acknowledge_by IS 'When its acknowledgement is missed; NULL = none is awaited, or no longer.';
COMMENT ON COLUMN @store@.order_message.answer_by IS 'When the supplier''s answer is missed; NULL = none is awaited, or no longer.';
COMMENT ON COLUMN @store@.order_message.posted_at IS 'When it was put into the outbox.';
COMMENT ON COLUMN @store@.order_message.posted_by IS 'Role on whose behalf.';

CREATE TABLE @store@.order_request (
	tenant_id bigint NOT NULL,
	order_id bigint NOT NULL,
	number text NOT NULL,
	document_id bigint NOT NULL,
	requested_at timestamptz NOT NULL DEFAULT pg_catalog.now(),
	PRIMARY KEY (tenant_id, order_id, number),
	FOREIGN KEY (tenant_id, order_id) REFERENCES @store@.purchase_order (tenant_id, id),
	FOREIGN KEY (tenant_id, document_id) REFERENCES @store@.document (tenant_id, id)
);
COMMENT ON TABLE @store@.order_request IS 'Changes and cancellations that an ERP asked for by documents, so that each is made once. Written with them.';
COMMENT ON COLUMN @store@.order_request.tenant_id IS 'Tenant.';
COMMENT ON COLUMN @store@.order_request.order_id IS 'Order.';
COMMENT ON COLUMN @store@.order_request.number IS 'What the ERP calls the change.';
COMMENT ON COLUMN @store@.order_request.document_id IS 'Document that asked for it.';
COMMENT ON COLUMN @store@.order_request.requested_at IS 'When it was made.';
ALTER TABLE @store@.order_request ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON @store@.order_request USING (clex.is_among('@store@.readable_tenants()', tenant_id));
ALTER TABLE @store@.order_message ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON @store@.order_message USING (clex.is_among('@store@.readable_tenants()', tenant_id));

--! code
CREATE OR REPLACE FUNCTION @store@.order_setting(p_tenant_id bigint, name text, otherwise numeric) RETURNS numeric
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT COALESCE((SELECT CASE pg_catalog.jsonb_typeof(s.value) WHEN 'number' THEN s.value::numeric END FROM @store@.setting s
		WHERE s.tenant_id = order_setting.p_tenant_id AND s.name = 'p2p.order_' || order_setting.name), order_setting.otherwise);
END;
COMMENT ON FUNCTION @store@.order_setting(bigint, text, numeric) IS 'Setting p2p.order_… of a tenant as a number, or what it is unless set.';

CREATE OR REPLACE FUNCTION @store@.order_side(p_tenant_id bigint, party_id bigint, is_seller boolean) RETURNS jsonb
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT pg_catalog.jsonb_strip_nulls(pg_catalog.jsonb_build_object('name', p.name, 'vat_number', i.vat,
		'legal_registration', CASE WHEN i.siren IS NOT NULL THEN pg_catalog.jsonb_build_object('value', i.siren, 'scheme', '0002') END,
		'electronic_address', CASE WHEN i.gln IS NOT NULL THEN pg_catalog.jsonb_build_object('value', i.gln, 'scheme', '0088')
			WHEN i.siren IS NOT NULL THEN pg_catalog.jsonb_build_object('value', i.siren, 'scheme', '0225') END,
		'identifiers', CASE WHEN is_seller THEN i.all_of_them END, 'identifier', CASE WHEN NOT is_seller THEN i.all_of_them -> 0 END,
		'address', NULLIF(pg_catalog.jsonb_strip_nulls(pg_catalog.jsonb_build_object('line_1', p.street, 'post_code', p.post_code, 'city', p.city, 'country', p.country)), '{}')))
	FROM @store@.parties p
	CROSS JOIN LATERAL (
		SELECT pg_catalog.min(x.value) FILTER (WHERE x.scheme = 'vat') AS vat, pg_catalog.min(x.value) FILTER (WHERE x.scheme = 'siren') AS siren,
			pg_catalog.min(x.value) FILTER (WHERE x.scheme = 'gln') AS gln,
			pg_catalog.jsonb_agg(CASE WHEN s.code IS NOT NULL THEN pg_catalog.jsonb_build_object('value', x.value, 'scheme', s.code) ELSE pg_catalog.to_jsonb(x.value) END
				ORDER BY x.scheme <> 'gln', x.scheme COLLATE "C", x.value COLLATE "C") FILTER (WHERE x.scheme NOT IN ('vat', 'siren', 'iban', 'bic')) AS all_of_them
		FROM @store@.party_identifier x
		CROSS JOIN LATERAL (SELECT CASE x.scheme WHEN 'gln' THEN '0088' WHEN 'siret' THEN '0009' WHEN 'duns' THEN '0060' WHEN 'lei' THEN '0199'
			ELSE CASE WHEN x.scheme ~ '^[0-9]{4}$' THEN x.scheme END END AS code) s
		WHERE x.tenant_id = p.tenant_id AND x.party_id = p.party_id AND x.valid_from <= CURRENT_DATE AND (x.valid_to > CURRENT_DATE) IS NOT FALSE) i
	WHERE p.tenant_id = order_side.p_tenant_id AND p.party_id = order_side.party_id;
END;
COMMENT ON FUNCTION @store@.order_side(bigint, bigint, boolean) IS 'A party as buyer or seller of a document about an order: what its master data say today.';

CREATE OR REPLACE FUNCTION @store@.order_said(p_tenant_id bigint, order_id bigint, before jsonb DEFAULT NULL) RETURNS jsonb
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
	-- a change tells the lines that are others than before; nothing else than before restates the order
	SELECT pg_catalog.jsonb_strip_nulls(pg_catalog.jsonb_build_object('$kind', CASE WHEN order_said.before IS NULL THEN 'order' ELSE 'order_change' END,
		'order', pg_catalog.jsonb_build_object('number', o.number, 'issue_date', o.issue_date, 'currency', o.currency,
			'type_code', CASE WHEN order_said.before IS NULL THEN '220' END),
		'order_change', CASE WHEN order_said.before IS NOT NULL THEN pg_catalog.jsonb_build_object('number', pg_catalog.format('%s-%s', o.number, o.version),
			'issue_date', CURRENT_DATE, 'sequence', (o.version - 1)::text, 'function', '4') END,
		'buyer', @store@.order_side(o.tenant_id, e.party_id, false), 'seller', @store@.order_side(o.tenant_id, o.party_id, true),
		'lines', (
			SELECT pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object('identifier', l.identifier,
				'action', CASE WHEN order_said.before IS NULL THEN NULL WHEN l.cancelled THEN '2' WHEN b.line IS NULL THEN '1' ELSE '3' END,
				'quantity', CASE WHEN l.cancelled THEN 0 ELSE pg_catalog.trim_scale(l.quantity) END, 'unit', l.unit,
				'price', pg_catalog.jsonb_build_object('net', l.price, 'base_quantity', NULLIF(pg_catalog.trim_scale(l.price_per), 1)),
				'net_amount', CASE WHEN NOT l.cancelled THEN pg_catalog.round(l.quantity * l.price / l.price_per, clex.currency_digits(o.currency)) END,
				'requested_date', l.deliver_by,
				'item', pg_catalog.jsonb_build_object('name', l.item_name, 'seller_identifier', l.seller_item, 'buyer_identifier', l.buyer_item,
					'standard_identifier', CASE WHEN l.standard_item IS NOT NULL THEN pg_catalog.jsonb_build_object('value', l.standard_item, 'scheme', '0160') END))
				ORDER BY l.line_no)
			FROM @store@.order_line l
			CROSS JOIN LATERAL (SELECT pg_catalog.jsonb_strip_nulls(pg_catalog.to_jsonb(l) - '{tenant_id,order_id,line_no,received,account}'::text[]) AS line) n
			LEFT JOIN LATERAL (SELECT x.line - 'account' AS line FROM pg_catalog.jsonb_array_elements(order_said.before -> 'lines') x (line)
				WHERE x.line ->> 'identifier' = l.identifier) b ON true
			WHERE l.tenant_id = o.tenant_id AND l.order_id = o.id
				AND CASE WHEN order_said.before IS NULL THEN NOT l.cancelled ELSE n.line IS DISTINCT FROM b.line OR c.same AND NOT l.cancelled END),
		'totals', (
			SELECT pg_catalog.jsonb_build_object('lines_net', t.net, 'without_vat', t.net, 'payable', t.net)
			FROM (SELECT pg_catalog.sum(pg_catalog.round(l.quantity * l.price / l.price_per, clex.currency_digits(o.currency))) AS net
				FROM @store@.order_line l WHERE l.tenant_id = o.tenant_id AND l.order_id = o.id AND NOT l.cancelled) t)))
	FROM @store@.purchase_order o
	JOIN @store@.entity e ON e.tenant_id = o.tenant_id AND e.id = o.entity_id
	CROSS JOIN LATERAL (SELECT order_said.before -> 'lines' = @store@.order_lines_event(o.tenant_id, o.id) -> 'lines' AS same) c
	WHERE o.tenant_id = order_said.p_tenant_id AND o.id = order_said.order_id;
END;
COMMENT ON FUNCTION @store@.order_said(bigint, bigint, jsonb) IS
'An order as the supplier is told of it, as the JSON of a clex.document: the whole, or what has changed since it was what order_lines_event() said before (all of it again, if nothing has).';

CREATE OR REPLACE FUNCTION @store@.post_order(
	p_tenant_id bigint,
	order_id bigint,
	kind text,
	number text,
	said jsonb,
	post_key text,
	awaits boolean DEFAULT true)
RETURNS text
LANGUAGE plpgsql
SET search_path = pg_catalog, clex, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_order @store@.purchase_order;
	v_channel record;
	v_document clex.document;
	v_message @store@.order_message;
	v_syntax text;
	v_content bytea;
	v_failure text;
	v_hours numeric := @store@.order_setting(p_tenant_id, 'acknowledge_hours', 24);
BEGIN
	SELECT * INTO v_order FROM @store@.purchase_order o WHERE o.tenant_id = p_tenant_id AND o.id = post_order.order_id;
	SELECT * INTO v_channel FROM @store@.partner_channel c WHERE c.tenant_id = p_tenant_id AND c.party_id = v_order.party_id AND c.purpose = 'order';
	IF NOT FOUND THEN
		RETURN NULL;
	END IF;
	v_syntax := split_part(v_channel.format, ':', 1);
	IF post_order.kind <> 'receipt_advice' THEN
		-- what is sent now is what is to be acknowledged and answered
		UPDATE @store@.order_message m SET acknowledge_by = NULL, answer_by = NULL
		WHERE m.tenant_id = p_tenant_id AND m.order_id = v_order.id AND m.kind <> 'receipt_advice' AND num_nonnulls(m.acknowledge_by, m.answer_by) > 0;
	END IF;
	INSERT INTO @store@.order_message AS m (tenant_id, order_id, kind, number, version, attempt, said, format, acknowledge_by, answer_by)
	SELECT p_tenant_id, v_order.id, post_order.kind, post_order.number, v_order.version, count(x.id) + 1, post_order.said, v_channel.format,
		CASE WHEN v_hours > 0 THEN now() + v_hours * interval '1 hour' END,
		CASE WHEN post_order.awaits AND post_order.kind IN ('order', 'order_change')
			THEN now() + COALESCE(v_channel.answer_hours * interval '1 hour', @store@.order_setting(p_tenant_id, 'answer_days', 3) * interval '1 day') END
	FROM (SELECT) one
	LEFT JOIN @store@.order_message x ON x.tenant_id = p_tenant_id AND x.order_id = v_order.id AND x.kind = post_order.kind AND x.number = post_order.number
	RETURNING m.* INTO v_message;
	BEGIN
		IF post_order.said IS NULL THEN
			SELECT r INTO v_document FROM @store@.document d, clex.read_all(d.content) r
			WHERE d.tenant_id = p_tenant_id AND d.id = v_order.document_id AND clex.kind(r) = 'order' AND clex.value(r, 'order.number') = v_order.number LIMIT 1;
		END IF;
		v_document := COALESCE(v_document, COALESCE(post_order.said, @store@.order_said(p_tenant_id, v_order.id))::text::clex.document);
		-- a document of that format names its profile
		IF v_syntax = 'orderx' AND clex.value(v_document, 'BT-24') IS NULL THEN
			v_document := (v_document::jsonb || jsonb_build_object('process', jsonb_build_object('specification', 'urn:order-x.eu:1p0:comfort')))::text::clex.document;
		END IF;
		v_content := clex.write(v_document, v_channel.format, CASE WHEN v_syntax IN ('edifact', 'x12')
			THEN jsonb_strip_nulls(jsonb_build_object('reference', CASE v_syntax WHEN 'edifact' THEN 'O' || v_message.id ELSE right(v_message.id::text, 9) END, 'recipient', v_channel.recipient)) ELSE '{}' END);
		UPDATE @store@.order_message m SET losses = (
			SELECT jsonb_agg(jsonb_strip_nulls(jsonb_build_object('path', l.path, 'value', l.value, 'reason', l.reason)) ORDER BY l.path, l.value)
			FROM clex.losses(v_document, v_channel.format) l)
		WHERE m.tenant_id = p_tenant_id AND m.id = v_message.id;
	EXCEPTION WHEN feature_not_supported OR data_exception THEN
		v_failure := format('it cannot be written as %s: %s', v_channel.format, SQLERRM);
		v_content := convert_to(COALESCE(post_order.said, @store@.order_said(p_tenant_id, v_order.id))::text, 'UTF8');
	END;
	v_message.message_id := @store@.post_message(p_tenant_id, concat_ws('/', post_order.post_key, NULLIF(v_message.attempt, 1)), v_channel.channel,
		CASE WHEN v_failure IS NULL THEN v_syntax ELSE 'json' END, CASE post_order.kind WHEN 'cancellation' THEN 'order_change' ELSE post_order.kind END,
		v_content, v_channel.recipient, v_order.document_id, v_failure);
	UPDATE @store@.order_message m SET message_id = v_message.message_id WHERE m.tenant_id = p_tenant_id AND m.id = v_message.id;
	IF post_order.kind <> 'receipt_advice' THEN
		UPDATE @store@.purchase_order o SET sent_version = v_order.version WHERE o.tenant_id = p_tenant_id AND o.id = v_order.id;
	END IF;
	RETURN v_message.message_id;
END;
$code$;
COMMENT ON FUNCTION @store@.post_order(bigint, bigint, text, text, jsonb, text, boolean) IS
'Part of functions that tell suppliers of orders: writes what is said in the format the supplier wants, and posts it; NULL if it wants nothing. said NULL: what the document says that the order was read from. post_key: what the message is for. awaits: an answer is to come. What cannot be written in that format is posted as failed, as JSON, for people.';

CREATE OR REPLACE FUNCTION @store@.order_made(p_tenant_id bigint, order_id bigint) RETURNS text
LANGUAGE sql
BEGIN ATOMIC
	SELECT @store@.post_order(o.tenant_id, o.id, 'order', o.number,
		CASE WHEN o.document_id IS NULL OR o.version > 1 THEN @store@.order_said(o.tenant_id, o.id) END, pg_catalog.format('order/%s/%s', o.id, o.version))
	FROM @store@.purchase_order o WHERE o.tenant_id = order_made.p_tenant_id AND o.id = order_made.order_id;
END;
COMMENT ON FUNCTION @store@.order_made(bigint, bigint) IS 'Part of create_order() and send_order(): sends the whole order; from the document it was read from, if it has not changed since.';

CREATE OR REPLACE FUNCTION @store@.order_changed(p_tenant_id bigint, order_id bigint, before jsonb, awaits boolean DEFAULT true) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_order @store@.purchase_order;
	v_said jsonb;
BEGIN
	UPDATE @store@.purchase_order o SET answer = NULL, answered_version = NULL
	WHERE o.tenant_id = p_tenant_id AND o.id = order_changed.order_id RETURNING * INTO v_order;
	-- what the supplier said of the version before is of no matter any more
	UPDATE @store@.order_response r SET state = 'replaced', settled_at = now(), settled_by = clex.caller()
	WHERE r.tenant_id = p_tenant_id AND r.order_id = v_order.id AND r.state = 'open';
	IF v_order.sent_version IS NOT NULL THEN
		v_said := @store@.order_said(p_tenant_id, v_order.id, order_changed.before);
		PERFORM @store@.post_order(p_tenant_id, v_order.id, 'order_change', v_said #>> '{order_change,number}', v_said,
			format('order/%s/%s', v_order.id, v_order.version), order_changed.awaits);
	END IF;
END;
$code$;
COMMENT ON FUNCTION @store@.order_changed(bigint, bigint, jsonb, boolean) IS 'Part of change_order() and settle_response(): the supplier who was sent the order is sent the change; answers to the version before count no more. awaits: it has yet to answer.';

CREATE OR REPLACE FUNCTION @store@.order_ended(p_tenant_id bigint, order_id bigint, reason text, told boolean) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_order @store@.purchase_order;
	v_number text;
BEGIN
	SELECT * INTO v_order FROM @store@.purchase_order o WHERE o.tenant_id = p_tenant_id AND o.id = order_ended.order_id;
	UPDATE @store@.order_response r SET state = 'replaced', settled_at = now(), settled_by = clex.caller()
	WHERE r.tenant_id = p_tenant_id AND r.order_id = v_order.id AND r.state = 'open';
	UPDATE @store@.order_message m SET acknowledge_by = NULL, answer_by = NULL
	WHERE m.tenant_id = p_tenant_id AND m.order_id = v_order.id AND num_nonnulls(m.acknowledge_by, m.answer_by) > 0;
	IF v_order.state = 'cancelled' AND v_order.sent_version IS NOT NULL AND NOT order_ended.told THEN
		v_number := format('%s-%s', v_order.number, v_order.version);
		PERFORM @store@.post_order(p_tenant_id, v_order.id, 'cancellation', v_number,
			jsonb_strip_nulls(jsonb_build_object('$kind', 'order_change', 'order', jsonb_build_object('number', v_order.number, 'issue_date', v_order.issue_date),
				'order_change', jsonb_build_object('number', v_number, 'issue_date', CURRENT_DATE, 'sequence', (v_order.version - 1)::text, 'function', '1',
					'cancellation_reasons', jsonb_build_array(COALESCE(NULLIF(btrim(order_ended.reason), ''), 'cancelled by the buyer'))),
				'buyer', @store@.order_side(p_tenant_id, (SELECT e.party_id FROM @store@.entity e WHERE e.tenant_id = p_tenant_id AND e.id = v_order.entity_id), false),
				'seller', @store@.order_side(p_tenant_id, v_order.party_id, true))),
			format('order/%s/%s', v_order.id, v_order.version));
	END IF;
END;
$code$;
COMMENT ON FUNCTION @store@.order_ended(bigint, bigint, text, boolean) IS 'Part of cancel_order(): nothing more is awaited; the supplier who was sent the order is sent its cancellation. told: it knows, since it rejected the order.';

CREATE OR REPLACE FUNCTION @store@.send_order(p_tenant_id bigint, order_id bigint, again boolean DEFAULT false) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_order @store@.purchase_order;
	v_message @store@.order_message;
	v_message_id text;
BEGIN
	PERFORM @store@.require_right(p_tenant_id, 'order');
	v_order := @store@.lock_order(p_tenant_id, send_order.order_id);
	IF NOT EXISTS (SELECT FROM @store@.partner_channel c WHERE c.tenant_id = p_tenant_id AND c.party_id = v_order.party_id AND c.purpose = 'order') THEN
		RAISE EXCEPTION 'nothing says how the supplier of order % wants its orders', v_order.number USING
			ERRCODE = 'object_not_in_prerequisite_state',
			HINT = 'set_partner_channel() with the purpose order says so; who maintains master data may.';
	END IF;
	SELECT * INTO v_message FROM @store@.order_message m
	WHERE m.tenant_id = p_tenant_id AND m.order_id = v_order.id AND m.kind <> 'receipt_advice' ORDER BY m.id DESC LIMIT 1;
	IF v_message.version = v_order.version AND NOT send_order.again THEN
		RETURN v_message.message_id;
	ELSIF v_order.state <> 'open' AND NOT (send_order.again AND v_message.kind = 'cancellation') THEN
		RAISE EXCEPTION 'order % is %', v_order.number, v_order.state USING ERRCODE = 'object_not_in_prerequisite_state', HINT = 'Open orders are sent.';
	END IF;
	IF v_message.version = v_order.version THEN
		-- who could not be sent the one before need not be sent it as well
		UPDATE @store@.outbox x SET state = 'cancelled', settled_at = now()
		WHERE x.tenant_id = p_tenant_id AND x.message_id = v_message.message_id AND x.state IN ('ready', 'failed');
		v_message_id := @store@.post_order(p_tenant_id, v_order.id, v_message.kind, v_message.number, v_message.said, format('order/%s/%s', v_order.id, v_order.version),
			v_order.answer IS NULL);
	ELSE
		v_message_id := @store@.order_made(p_tenant_id, v_order.id);
	END IF;
	PERFORM @store@.record_event(p_tenant_id, 'send_order', 'order', v_order.id::text, NULL,
		jsonb_build_object('version', v_order.version, 'message', v_message_id, 'again', send_order.again));
	RETURN v_message_id;
END;
$code$;
COMMENT ON FUNCTION @store@.send_order(bigint, bigint, boolean) IS
'Sends an order to its supplier, in the format and by the channel that table partner_channel says for the purpose order, and returns the message id. create_order(), change_order() and cancel_order() do so by themselves where the supplier has such a channel. The version that was sent is not sent twice, unless again says so: then the same words go out in what is the supplier''s format now, as a message of its own. For personas with the right order. Errors: 42501, P0002 no such order, 55000 no channel, or the order is not open.';

CREATE OR REPLACE FUNCTION @store@.acknowledge_order(
	p_tenant_id bigint,
	message @store@.order_message,
	taken boolean,
	words text,
	document_id bigint)
RETURNS text
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
BEGIN
	PERFORM @store@.lock_order(p_tenant_id, message.order_id);
	SELECT * INTO message FROM @store@.order_message m WHERE m.tenant_id = p_tenant_id AND m.id = message.id;
	-- a machine may read an interchange and refuse the message in it later; the other way round it has not changed its mind
	IF message.state = 'refused' OR (message.state = 'acknowledged' AND acknowledge_order.taken) THEN
		RETURN CASE WHEN message.state = 'refused' AND acknowledge_order.taken THEN 'late' ELSE 'repeated' END;
	END IF;
	UPDATE @store@.order_message m
	SET state = CASE WHEN acknowledge_order.taken THEN 'acknowledged' ELSE 'refused' END, verdict = acknowledge_order.words, verdict_at = now(),
		verdict_document = acknowledge_order.document_id, acknowledge_by = NULL,
		answer_by = CASE WHEN acknowledge_order.taken THEN m.answer_by END
	WHERE m.tenant_id = p_tenant_id AND m.id = message.id;
	PERFORM @store@.record_event(p_tenant_id, 'acknowledge_order', 'order', message.order_id::text, to_jsonb(message.state),
		jsonb_strip_nulls(jsonb_build_object('message', message.message_id, 'taken', acknowledge_order.taken, 'words', acknowledge_order.words)));
	RETURN 'applied';
END;
$code$;
COMMENT ON FUNCTION @store@.acknowledge_order(bigint, @store@.order_message, boolean, text, bigint) IS
'Part of functions that take acknowledgements: the supplier''s machine took a message about an order, or did not. Returns applied; repeated: that was known; late: it had been refused.';

CREATE OR REPLACE VIEW @store@.orders WITH (security_invoker) AS
SELECT o.tenant_id, o.id AS order_id, o.number, e.code AS entity, p.code AS supplier, o.currency, o.issue_date, o.state, o.version, o.document_id, o.ordered_at, o.ordered_by,
	o.entity_id, o.party_id, o.sent_version, o.answer, o.answered_version
FROM @store@.purchase_order o
LEFT JOIN @store@.entity e ON e.tenant_id = o.tenant_id AND e.id = o.entity_id
LEFT JOIN @store@.party p ON p.tenant_id = o.tenant_id AND p.id = o.party_id;
COMMENT ON VIEW @store@.orders IS 'Orders: what is ordered of whom, which version was sent, and what the supplier said of it.';

CREATE OR REPLACE VIEW @store@.order_messages WITH (security_invoker) AS
SELECT m.tenant_id, m.id, m.order_id, o.number AS order_number, m.kind, m.number, m.version, m.attempt, m.format, m.losses, m.state, m.verdict, m.verdict_at,
	m.acknowledge_by, m.answer_by, m.posted_at, m.posted_by, m.message_id, m.verdict_document
FROM @store@.order_message m
JOIN @store@.purchase_order o ON o.tenant_id = m.tenant_id AND o.id = m.order_id;
COMMENT ON VIEW @store@.order_messages IS 'What suppliers were sent about orders, what was lost on the way, whether their machines took it, and by when they should answer.';

REVOKE ALL ON FUNCTION @store@.order_setting(bigint, text, numeric), @store@.order_side(bigint, bigint, boolean), @store@.order_said(bigint, bigint, jsonb),
	@store@.post_order(bigint, bigint, text, text, jsonb, text, boolean), @store@.order_made(bigint, bigint), @store@.order_changed(bigint, bigint, jsonb, boolean),
	@store@.order_ended(bigint, bigint, text, boolean), @store@.send_order(bigint, bigint, boolean),
	@store@.acknowledge_order(bigint, @store@.order_message, boolean, text, bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION @store@.order_setting(bigint, text, numeric), @store@.send_order(bigint, bigint, boolean) TO PUBLIC;
GRANT SELECT ON @store@.order_message, @store@.order_request, @store@.orders, @store@.order_messages TO PUBLIC;
