-- Module p2p, documents about orders that come in: orders and changes from the buyer's ERP, answers, acknowledgements and announcements from suppliers,
-- receipts from a warehouse.
--
-- Whatever its format, a document says the same in the same terms; here they become the calls that people make by hand, and are refused for the same reasons.
-- Who is meant is told by identifiers that parties have today, never by names.  What lacks master data stays open, and can be handled again when
-- these are there; what cannot be is refused.  Each document of an interchange has its effect, or none, apart from the others.

--! code
DROP FUNCTION IF EXISTS @store@.handle_order_change(bigint, bigint, jsonb), @store@.handle_order_response(bigint, bigint, jsonb);

CREATE OR REPLACE FUNCTION @store@.json_text(value jsonb) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT CASE pg_catalog.jsonb_typeof(value) WHEN 'object' THEN value ->> 'value' ELSE value #>> '{}' END;
END;
COMMENT ON FUNCTION @store@.json_text(jsonb) IS 'A value of a clex.document as JSON, with or without a scheme beside it, as text.';

CREATE OR REPLACE FUNCTION @store@.side_keys(side jsonb, sender text DEFAULT NULL) RETURNS text[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT COALESCE(pg_catalog.array_agg(pg_catalog.translate(k.key, ' ', '') ORDER BY k.n, k.ordinal), '{}')
	FROM (
		SELECT 1 AS n, 1 AS ordinal, @store@.json_text(side -> 'vat_number') AS key
		UNION ALL SELECT 2, 1, @store@.json_text(side -> 'legal_registration')
		UNION ALL SELECT 3, i.ordinal, @store@.json_text(i.value) FROM pg_catalog.jsonb_array_elements(side -> 'identifiers') WITH ORDINALITY i (value, ordinal)
		UNION ALL SELECT 4, 1, @store@.json_text(side -> 'identifier')
		UNION ALL SELECT 5, 1, @store@.json_text(side -> 'electronic_address')
		UNION ALL SELECT 6, 1, sender) k
	WHERE k.key <> '';
END;
COMMENT ON FUNCTION @store@.side_keys(jsonb, text) IS 'Identifiers of a party of a document, as party_of() takes them: VAT, registration, others, electronic address, and who sent its interchange.';

CREATE OR REPLACE FUNCTION @store@.order_meant(
	p_tenant_id bigint,
	number text,
	buyer text[],
	seller text[],
	by_seller boolean,
	OUT order_id bigint,
	OUT state text,
	OUT reason text)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_seller bigint := @store@.party_of(p_tenant_id, order_meant.seller);
	v_buyer bigint := @store@.party_of(p_tenant_id, order_meant.buyer);
	v_found record;
BEGIN
	SELECT count(*) AS orders, count(*) FILTER (WHERE f.entity) AS of_entity, count(*) FILTER (WHERE f.party) AS of_party,
		count(*) FILTER (WHERE f.party AND f.entity) AS of_both, min(f.id) FILTER (WHERE f.party) AS by_party, min(f.id) FILTER (WHERE f.entity) AS by_entity,
		min(f.id) FILTER (WHERE f.party AND f.entity) AS by_both INTO v_found
	FROM (
		SELECT o.id, o.party_id IS NOT DISTINCT FROM v_seller AS party,
			EXISTS (SELECT FROM @store@.entity e WHERE e.tenant_id = p_tenant_id AND e.id = o.entity_id AND e.party_id = v_buyer) AS entity
		FROM @store@.purchase_order o WHERE o.tenant_id = p_tenant_id AND o.number = order_meant.number) f;
	state := 'open';
	IF v_found.orders = 0 OR order_meant.number IS NULL THEN
		reason := format('there is no order %s', COALESCE(order_meant.number, 'that it names'));
	ELSIF by_seller AND v_seller IS NULL THEN
		reason := format('its sender is not among the parties: %s', COALESCE(NULLIF(array_to_string(order_meant.seller, ', '), ''), 'it does not say who it is'));
	ELSIF NOT by_seller AND v_found.of_entity = 0 THEN
		reason := format('order %s is of none of the entities that the buyer can be: %s', order_meant.number, array_to_string(order_meant.buyer, ', '));
	ELSIF v_seller IS NOT NULL AND v_found.of_party = 0 THEN
		state := 'refused';
		reason := format('order %s is of another supplier', order_meant.number);
	ELSIF v_found.of_both = 1 THEN
		order_id := v_found.by_both;
	ELSIF v_found.of_both = 0 AND by_seller AND v_found.of_party = 1 AND v_buyer IS NULL THEN
		order_id := v_found.by_party;
	ELSIF v_seller IS NULL AND v_found.of_entity = 1 THEN
		order_id := v_found.by_entity;
	ELSIF v_found.of_both = 0 THEN
		state := 'refused';
		reason := format('order %s is of another buyer', order_meant.number);
	ELSE
		reason := format('more than one order has the number %s', order_meant.number);
	END IF;
END;
$code$;
COMMENT ON FUNCTION @store@.order_meant(bigint, text, text[], text[], boolean) IS
'Part of functions that take documents about orders: the order of that number, of that buyer and seller; else why there is none: open where people can see to it, refused where it can never be. by_seller: the seller says so, and must be known; else the buyer does.';

CREATE OR REPLACE FUNCTION @store@.order_line_meant(p_tenant_id bigint, order_id bigint, line jsonb) RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
	-- what names the line goes before what names its item, and that before what the document calls its own line
	SELECT f.identifier
	FROM (
		SELECT l.identifier, l.line_no, CASE
			WHEN line ? 'purchase_order_line' THEN CASE WHEN l.identifier = line ->> 'purchase_order_line' THEN 1
				WHEN pg_catalog.ltrim(l.identifier, '0') = pg_catalog.ltrim(line ->> 'purchase_order_line', '0') THEN 2 END
			WHEN l.buyer_item = line #>> '{item,buyer_identifier}' OR l.seller_item = line #>> '{item,seller_identifier}'
				OR l.standard_item = @store@.json_text(line #> '{item,standard_identifier}') THEN CASE WHEN l.identifier = line ->> 'identifier' THEN 3 ELSE 4 END
			WHEN l.identifier = line ->> 'identifier' AND pg_catalog.num_nonnulls(line #> '{item,buyer_identifier}', line #> '{item,seller_identifier}',
				line #> '{item,standard_identifier}') = 0 THEN 5
			WHEN l.identifier = line ->> 'identifier' AND pg_catalog.num_nonnulls(l.buyer_item, l.seller_item, l.standard_item) = 0 THEN 6 END AS tier
		FROM @store@.order_line l
		WHERE l.tenant_id = order_line_meant.p_tenant_id AND l.order_id = order_line_meant.order_id) f
	WHERE f.tier IS NOT NULL
	ORDER BY f.tier, f.line_no LIMIT 1;
END;
COMMENT ON FUNCTION @store@.order_line_meant(bigint, bigint, jsonb) IS 'The line of an order that a line of another document speaks of, by its name in the order, else by an identifier of its item; NULL = none.';

CREATE OR REPLACE FUNCTION @store@.name_lines(p_tenant_id bigint, order_id bigint, lines jsonb) RETURNS jsonb
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_named record;
BEGIN
	SELECT jsonb_agg(n.line || jsonb_build_object('$line', n.name) ORDER BY n.ordinal) AS lines, min(n.ordinal) FILTER (WHERE n.name IS NULL) AS wrong INTO v_named
	FROM (
		SELECT l.line, l.ordinal, @store@.order_line_meant(p_tenant_id, name_lines.order_id, l.line) AS name
		FROM jsonb_array_elements(lines) WITH ORDINALITY l (line, ordinal)) n;
	IF v_named.wrong IS NOT NULL THEN
		RAISE EXCEPTION 'line % is of no line of the order', v_named.wrong USING ERRCODE = 'no_data_found';
	END IF;
	RETURN COALESCE(v_named.lines, '[]');
END;
$code$;
COMMENT ON FUNCTION @store@.name_lines(bigint, bigint, jsonb) IS 'Part of functions that take documents about orders: lines of a document with the order line each speaks of, as "$line". Errors: P0002 one speaks of none.';

CREATE OR REPLACE FUNCTION @store@.order_lines_read(document jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	-- what a line costs is its net amount, allowances and charges included; where price and quantity do not give it, it is the price of the whole line
	SELECT COALESCE(pg_catalog.jsonb_agg(pg_catalog.jsonb_strip_nulls(pg_catalog.jsonb_build_object('line', COALESCE(l.line ->> 'identifier', l.ordinal::text), 'item', l.line #> '{item,name}',
			'seller_item', @store@.json_text(l.line #> '{item,seller_identifier}'), 'buyer_item', @store@.json_text(l.line #> '{item,buyer_identifier}'),
			'standard_item', @store@.json_text(l.line #> '{item,standard_identifier}'), 'quantity', l.line -> 'quantity', 'unit', l.line -> 'unit',
			'price', CASE WHEN p.agrees THEN l.line #> '{price,net}' ELSE l.line -> 'net_amount' END,
			'price_per', CASE WHEN p.agrees THEN l.line #> '{price,base_quantity}' ELSE l.line -> 'quantity' END,
			'account', CASE WHEN l.line ->> 'buyer_accounting_reference' ~ '^[0-9A-Z]{3,20}$' THEN l.line -> 'buyer_accounting_reference' END,
			'deliver_by', COALESCE(l.line -> 'requested_until', l.line -> 'requested_date', document #> '{delivery,requested_until}',
				document #> '{delivery,requested_date}', document #> '{delivery,latest_date}'),
			'action', l.line -> 'action', 'base_unit', NULLIF(l.line #> '{price,base_unit}', l.line -> 'unit'))) ORDER BY l.ordinal), '[]')
	FROM pg_catalog.jsonb_array_elements(document -> 'lines') WITH ORDINALITY l (line, ordinal)
	CROSS JOIN LATERAL (
		SELECT CASE WHEN pg_catalog.jsonb_typeof(l.line -> 'net_amount') = 'number' AND pg_catalog.jsonb_typeof(l.line -> 'quantity') = 'number' THEN
			l.line #> '{price,net}' IS NOT NULL AND pg_catalog.jsonb_typeof(l.line #> '{price,net}') = 'number'
			AND pg_catalog.abs((l.line ->> 'quantity')::numeric * (l.line #>> '{price,net}')::numeric / COALESCE(NULLIF(CASE pg_catalog.jsonb_typeof(l.line #> '{price,base_quantity}')
				WHEN 'number' THEN (l.line #>> '{price,base_quantity}')::numeric END, 0), 1) - (l.line ->> 'net_amount')::numeric) <= 0.01
			OR (l.line ->> 'quantity')::numeric <= 0 ELSE true END AS agrees) p;
END;
COMMENT ON FUNCTION @store@.order_lines_read(jsonb) IS 'Lines of an order or of its change, read from a clex.document as JSON, as create_order() and change_order() take them, with action and base_unit beside.';

CREATE OR REPLACE FUNCTION @store@.handle_order(p_tenant_id bigint, document_id bigint, d jsonb, OUT state text, OUT outcome jsonb)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_buyer text[] := @store@.side_keys(d -> 'buyer', d #>> '{$provenance,sender}');
	v_seller text[] := @store@.side_keys(d -> 'seller', d #>> '{$provenance,receiver}');
	v_entity text;
	v_supplier text;
	v_lines jsonb := @store@.order_lines_read(d);
	v_wrong record;
	v_order bigint;
BEGIN
	state := 'open';
	SELECT e.code INTO v_entity FROM @store@.entity e
	WHERE e.tenant_id = p_tenant_id AND e.party_id = @store@.party_of(p_tenant_id, v_buyer) ORDER BY e.is_department, e.id LIMIT 1;
	SELECT p.code INTO v_supplier FROM @store@.party p WHERE p.tenant_id = p_tenant_id AND p.id = @store@.party_of(p_tenant_id, v_seller);
	IF num_nulls(v_entity, v_supplier) > 0 THEN
		outcome := jsonb_build_object('reason', CASE WHEN v_entity IS NULL THEN format('its buyer is none of the entities: %s', array_to_string(v_buyer, ', '))
			ELSE format('its supplier is not among the parties: %s', array_to_string(v_seller, ', ')) END);
		RETURN;
	END IF;
	SELECT l.line ->> 'line' AS line, l.line ->> 'base_unit' AS unit INTO v_wrong
	FROM jsonb_array_elements(v_lines) WITH ORDINALITY l (line, ordinal) WHERE l.line ? 'base_unit' OR NOT l.line ? 'price' ORDER BY l.ordinal LIMIT 1;
	IF FOUND THEN
		outcome := jsonb_build_object('reason', CASE WHEN v_wrong.unit IS NULL THEN format('line %s has no price', v_wrong.line)
			ELSE format('the price of line %s is that of another unit, %s', v_wrong.line, v_wrong.unit) END);
		RETURN;
	END IF;
	v_order := @store@.create_order(p_tenant_id, d #>> '{order,number}', v_entity, v_supplier,
		(SELECT jsonb_agg(l.line - '{action}'::text[] ORDER BY l.ordinal) FROM jsonb_array_elements(v_lines) WITH ORDINALITY l (line, ordinal)),
		COALESCE(d #>> '{order,currency}', (SELECT s.value #>> '{}' FROM @store@.setting s WHERE s.tenant_id = p_tenant_id AND s.name = 'p2p.book_currency'), 'EUR'),
		COALESCE((d #>> '{order,issue_date}')::date, CURRENT_DATE), handle_order.document_id);
	state := 'done';
	outcome := jsonb_build_object('order_id', v_order);
END;
$code$;
COMMENT ON FUNCTION @store@.handle_order(bigint, bigint, jsonb) IS 'Part of handle_order_document(): an order that an ERP sends becomes one, as by create_order().';

CREATE OR REPLACE FUNCTION @store@.handle_order_change(p_tenant_id bigint, document_id bigint, d jsonb, v_order @store@.purchase_order, OUT state text, OUT outcome jsonb)
LANGUAGE plpgsql
SET search_path = pg_catalog, clex, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_before bigint;
	v_number text := COALESCE(d #>> '{order_change,number}', format('document %s', handle_order_change.document_id));
	v_lines jsonb;
	v_version int;
BEGIN
	outcome := jsonb_build_object('order_id', v_order.id);
	state := 'done';
	SELECT r.document_id INTO v_before FROM @store@.order_request r WHERE r.tenant_id = p_tenant_id AND r.order_id = v_order.id AND r.number = v_number;
	IF FOUND THEN
		IF v_before = handle_order_change.document_id OR EXISTS (
			SELECT FROM @store@.document x, @store@.document y, clex.read_all(x.content) a, clex.read_all(y.content) b
			WHERE x.tenant_id = p_tenant_id AND x.id = v_before AND y.tenant_id = p_tenant_id AND y.id = handle_order_change.document_id
				AND clex.value(a, 'order_change.number') = v_number AND clex.same_terms(a, b))
		THEN
			outcome := outcome || '{"outcome": "repeated"}';
			RETURN;
		END IF;
		RAISE EXCEPTION 'order % has another change "%"', v_order.number, v_number USING ERRCODE = 'unique_violation', DETAIL = format('It came with document %s.', v_before);
	END IF;
	IF d #>> '{order_change,function}' = '1' THEN
		PERFORM @store@.cancel_order(p_tenant_id, v_order.id, (SELECT string_agg(r, '; ') FROM jsonb_array_elements_text(d #> '{order_change,cancellation_reasons}') r));
	ELSE
		-- a replacement cancels what it does not name
		v_lines := (
			SELECT jsonb_agg(x.line ORDER BY x.n, x.ordinal) FROM (
				SELECT 1 AS n, l.ordinal, CASE WHEN l.line ->> 'action' = '2' THEN jsonb_build_object('line', x.identifier, 'cancel', true)
					ELSE (l.line || jsonb_build_object('line', x.identifier)) - '{action,base_unit}'::text[] END AS line
				FROM jsonb_array_elements(@store@.order_lines_read(d)) WITH ORDINALITY l (line, ordinal)
				CROSS JOIN LATERAL (SELECT COALESCE(CASE WHEN l.line ->> 'action' IS DISTINCT FROM '1'
					THEN @store@.order_line_meant(p_tenant_id, v_order.id, d #> ARRAY['lines', (l.ordinal - 1)::text]) END, l.line ->> 'line')) x (identifier)
				UNION ALL
				SELECT 2, o.line_no, jsonb_build_object('line', o.identifier, 'cancel', true)
				FROM @store@.order_line o
				WHERE d #>> '{order_change,function}' = '5' AND o.tenant_id = p_tenant_id AND o.order_id = v_order.id AND NOT o.cancelled
					AND o.identifier NOT IN (SELECT COALESCE(@store@.order_line_meant(p_tenant_id, v_order.id, l), '') FROM jsonb_array_elements(d -> 'lines') l)) x);
		v_version := @store@.change_order(p_tenant_id, v_order.id, COALESCE(v_lines, '[]'));
		outcome := outcome || jsonb_build_object('version', v_version);
	END IF;
	INSERT INTO @store@.order_request (tenant_id, order_id, number, document_id) VALUES (p_tenant_id, v_order.id, v_number, handle_order_change.document_id);
END;
$code$;
COMMENT ON FUNCTION @store@.handle_order_change(bigint, bigint, jsonb, @store@.purchase_order) IS 'Part of handle_known_order(): a change or cancellation that an ERP sends is made, once, as by change_order() and cancel_order().';

CREATE OR REPLACE FUNCTION @store@.handle_order_response(p_tenant_id bigint, document_id bigint, d jsonb, v_order @store@.purchase_order, OUT state text, OUT outcome jsonb)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_code text := d #>> '{order_response,code}';
	v_change text := d #>> '{order_response,order_change}';
	v_number text := COALESCE(d #>> '{order_response,number}', format('document %s', handle_order_response.document_id));
	v_version int;
	v_words text := NULLIF(concat_ws(E'\n', (SELECT string_agg(r, E'\n') FROM jsonb_array_elements_text(d #> '{order_response,rejection_reasons}') r),
		(SELECT string_agg(@store@.json_text(COALESCE(n -> 'text', n)), E'\n') FROM jsonb_array_elements(d -> 'notes') n)), '');
	v_message @store@.order_message;
	v_put record;
BEGIN
	state := 'done';
	-- it answers the change that it names (Order-X does); else what had been sent by the day it was made
	v_version := CASE WHEN v_change IS NOT NULL THEN (
			SELECT m.version FROM @store@.order_message m WHERE m.tenant_id = p_tenant_id AND m.order_id = v_order.id AND m.number = v_change ORDER BY m.id DESC LIMIT 1)
		ELSE COALESCE((
			SELECT m.version FROM @store@.order_message m
			WHERE m.tenant_id = p_tenant_id AND m.order_id = v_order.id AND m.kind IN ('order', 'order_change') AND m.posted_at::date <= COALESCE((d #>> '{order_response,issue_date}')::date, CURRENT_DATE)
			ORDER BY m.id DESC LIMIT 1), (
			SELECT min(m.version) FROM @store@.order_message m WHERE m.tenant_id = p_tenant_id AND m.order_id = v_order.id AND m.kind IN ('order', 'order_change')), v_order.version) END;
	IF v_version IS NULL THEN
		RAISE EXCEPTION 'order % has no change "%"', v_order.number, v_change USING ERRCODE = 'no_data_found';
	END IF;
	IF v_code IN ('AB', 'IP') THEN
		SELECT * INTO v_message FROM @store@.order_message m
		WHERE m.tenant_id = p_tenant_id AND m.order_id = v_order.id AND m.version = v_version AND m.kind <> 'receipt_advice' ORDER BY m.id DESC LIMIT 1;
		outcome := jsonb_build_object('order_id', v_order.id, 'outcome', CASE WHEN v_message.id IS NULL THEN 'nothing was sent'
			ELSE @store@.acknowledge_order(p_tenant_id, v_message, true, v_code, handle_order_response.document_id) END);
		RETURN;
	ELSIF v_code IS NULL AND d -> 'lines' IS NULL OR v_code NOT IN ('AP', 'CA', 'RE') THEN
		RAISE EXCEPTION 'it says nothing of order %', v_order.number USING ERRCODE = 'invalid_parameter_value',
			DETAIL = format('Its code is %s.', COALESCE(v_code, 'missing'));
	END IF;
	v_put := @store@.put_response(p_tenant_id, v_order, v_number, v_version, CASE v_code WHEN 'RE' THEN 'rejected' WHEN 'CA' THEN 'changes' ELSE 'accepted' END, (
		SELECT COALESCE(jsonb_agg(jsonb_strip_nulls(jsonb_build_object('line', l.line -> '$line', 'reject', CASE WHEN l.line ->> 'action' IN ('2', '7') THEN true END,
			'quantity', COALESCE(l.line #> '{agreed_quantity,value}', l.line -> 'agreed_quantity', l.line -> 'quantity'),
			'unit', COALESCE(l.line #> '{agreed_quantity,unit}', l.line -> 'unit'), 'price', l.line #> '{price,net}', 'price_per', l.line #> '{price,base_quantity}',
			'deliver_by', COALESCE(l.line -> 'promised_until', l.line -> 'promised_date', d #> '{delivery,promised_until}', d #> '{delivery,promised_date}'),
			'note', l.line -> 'note')) ORDER BY l.ordinal), '[]')
		FROM jsonb_array_elements(@store@.name_lines(p_tenant_id, v_order.id, COALESCE(d -> 'lines', '[]'))) WITH ORDINALITY l (line, ordinal)), v_words, handle_order_response.document_id);
	outcome := jsonb_build_object('order_id', v_order.id, 'response_id', v_put.response_id, 'outcome', v_put.outcome);
	IF v_put.outcome = 'outdated' THEN
		state := 'refused';
		outcome := outcome || jsonb_build_object('reason', format('it answers version %s of order %s, which has version %s since; the supplier has to answer that', v_version, v_order.number, v_order.version));
	END IF;
END;
$code$;
COMMENT ON FUNCTION @store@.handle_order_response(bigint, bigint, jsonb, @store@.purchase_order) IS 'Part of handle_known_order(): what a supplier says of an order, as by answer_order(); one that only says it has come (AB, IP) acknowledges what was sent.';

CREATE OR REPLACE FUNCTION @store@.handle_known_order(p_tenant_id bigint, document_id bigint, d jsonb, OUT state text, OUT outcome jsonb)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_by_seller boolean := d ->> '$kind' = 'order_response';
	v_sender text := d #>> '{$provenance,sender}';
	v_meant record := @store@.order_meant(p_tenant_id, d #>> '{order,number}', @store@.side_keys(d -> 'buyer', CASE WHEN NOT v_by_seller THEN v_sender END),
		@store@.side_keys(d -> 'seller', CASE WHEN v_by_seller THEN v_sender END), v_by_seller);
	v_order @store@.purchase_order;
BEGIN
	IF v_meant.order_id IS NULL THEN
		state := v_meant.state;
		outcome := jsonb_build_object('reason', v_meant.reason);
		RETURN;
	END IF;
	v_order := @store@.lock_order(p_tenant_id, v_meant.order_id);
	IF v_by_seller THEN
		SELECT r.state, r.outcome INTO state, outcome FROM @store@.handle_order_response(p_tenant_id, handle_known_order.document_id, d, v_order) r;
	ELSE
		SELECT c.state, c.outcome INTO state, outcome FROM @store@.handle_order_change(p_tenant_id, handle_known_order.document_id, d, v_order) c;
	END IF;
END;
$code$;
COMMENT ON FUNCTION @store@.handle_known_order(bigint, bigint, jsonb) IS 'Part of handle_order_document(): an order change of the buyer''s, or an order response of the supplier''s, for the order that it names, which is locked first.';

CREATE OR REPLACE FUNCTION @store@.handle_delivery(p_tenant_id bigint, document_id bigint, d jsonb, OUT state text, OUT outcome jsonb)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_announced boolean := d ->> '$kind' = 'despatch_advice';
	v_number text := COALESCE(d #>> '{despatch_advice,number}', d #>> '{receipt_advice,number}', format('document %s', handle_delivery.document_id));
	v_buyer text[] := @store@.side_keys(d -> 'buyer') || @store@.side_keys(jsonb_build_object('identifier', d #> '{delivery,location}'),
		CASE WHEN NOT v_announced THEN d #>> '{$provenance,sender}' ELSE d #>> '{$provenance,receiver}' END);
	v_seller text[] := @store@.side_keys(d -> 'seller') || @store@.side_keys(d -> 'despatch_party', CASE WHEN v_announced THEN d #>> '{$provenance,sender}' END);
	v_part record;
	v_meant record;
	v_order @store@.purchase_order;
	v_done jsonb := '[]';
	v_id bigint;
BEGIN
	-- all at once, and in the order of their numbers
	PERFORM @store@.lock_orders(p_tenant_id, ARRAY(
		SELECT o.order_id
		FROM (SELECT DISTINCT COALESCE(l.line ->> 'purchase_order', d #>> '{orders,0,number}') AS number FROM jsonb_array_elements(d -> 'lines') l (line)) p
		CROSS JOIN LATERAL @store@.order_meant(p_tenant_id, p.number, v_buyer, v_seller, v_announced) o
		WHERE o.order_id IS NOT NULL));
	FOR v_part IN
		SELECT p.number, o.order_id, o.state, o.reason, p.lines
		FROM (
			SELECT COALESCE(l.line ->> 'purchase_order', d #>> '{orders,0,number}') AS number, jsonb_agg(l.line ORDER BY l.ordinal) AS lines
			FROM jsonb_array_elements(d -> 'lines') WITH ORDINALITY l (line, ordinal) GROUP BY 1) p
		CROSS JOIN LATERAL @store@.order_meant(p_tenant_id, p.number, v_buyer, v_seller, v_announced) o
		ORDER BY o.order_id NULLS FIRST, p.number
	LOOP
		IF v_part.order_id IS NULL THEN
			state := v_part.state;
			outcome := jsonb_build_object('reason', v_part.reason);
			RETURN;
		END IF;
		v_order := @store@.lock_order(p_tenant_id, v_part.order_id);
		-- what was received and not accepted has not come
		v_part.lines := (
			SELECT jsonb_agg(jsonb_strip_nulls(jsonb_build_object('line', l.line -> '$line', 'quantity', q.quantity, 'unit', l.line -> 'unit')) ORDER BY l.ordinal)
			FROM jsonb_array_elements(@store@.name_lines(p_tenant_id, v_order.id, v_part.lines)) WITH ORDINALITY l (line, ordinal)
			CROSS JOIN LATERAL (SELECT COALESCE(@store@.json_text(l.line -> 'accepted_quantity')::numeric,
				(l.line ->> 'quantity')::numeric - COALESCE(@store@.json_text(l.line -> 'rejected_quantity')::numeric, 0)) AS quantity) q
			WHERE q.quantity IS DISTINCT FROM 0);
		CONTINUE WHEN v_part.lines IS NULL;
		IF v_announced THEN
			v_id := (SELECT p.despatch_id FROM @store@.put_despatch(p_tenant_id, v_order, v_number, v_part.lines,
				COALESCE(d #>> '{delivery,estimated_until}', d #>> '{delivery,estimated_date}')::date,
				COALESCE(d #>> '{shipment,despatch_date}', d #>> '{despatch_advice,issue_date}')::date, handle_delivery.document_id) p);
		ELSE
			v_id := @store@.receive_goods(p_tenant_id, v_order.id, v_number, v_part.lines,
				COALESCE(d #>> '{delivery,date}', d #>> '{lines,0,received_date}', d #>> '{receipt_advice,issue_date}')::date, handle_delivery.document_id);
		END IF;
		v_done := v_done || jsonb_build_object('order_id', v_order.id, CASE WHEN v_announced THEN 'despatch_id' ELSE 'receipt_id' END, v_id);
	END LOOP;
	IF v_done = '[]' THEN
		RAISE EXCEPTION 'it has no line with a quantity' USING ERRCODE = 'invalid_parameter_value';
	END IF;
	state := 'done';
	outcome := jsonb_build_object('orders', v_done);
END;
$code$;
COMMENT ON FUNCTION @store@.handle_delivery(bigint, bigint, jsonb) IS 'Part of handle_order_document(): a despatch advice is an announcement for each of its orders, as by announce_delivery(); a receipt advice is a receipt for each, as by receive_goods(), of what was accepted.';

CREATE OR REPLACE FUNCTION @store@.handle_acknowledgement(p_tenant_id bigint, document_id bigint, d jsonb, OUT state text, OUT outcome jsonb)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_keys text[] := @store@.side_keys(d -> 'sender', d #>> '{$provenance,sender}');
	v_sender bigint := @store@.party_of(p_tenant_id, v_keys);
	v_reference text := substring(d #>> '{application_response,interchange}' FROM '^O?0*([0-9]{1,18})$');
	v_response jsonb;
	v_message @store@.order_message;
	v_party bigint;
	v_done jsonb := '[]';
BEGIN
	FOR v_response IN SELECT r FROM jsonb_array_elements(COALESCE(d -> 'responses', '[{}]')) WITH ORDINALITY x (r, n) ORDER BY x.n LOOP
		v_message := NULL;
		IF d #> '{application_response,interchange}' IS NOT NULL THEN
			SELECT m.* INTO v_message FROM @store@.order_message m
			WHERE m.tenant_id = p_tenant_id AND m.id = v_reference::bigint AND split_part(m.format, ':', 1) IN ('edifact', 'x12')
				AND COALESCE(v_response ->> 'document_type', 'ORDERS') IN ('ORDERS', 'ORDCHG', 'RECADV', '850', '860');
		ELSE
			SELECT m.* INTO v_message FROM @store@.order_message m
			JOIN @store@.purchase_order o ON o.tenant_id = m.tenant_id AND o.id = m.order_id
			WHERE m.tenant_id = p_tenant_id AND m.number = v_response ->> 'document'
			ORDER BY (o.party_id = v_sender) IS TRUE DESC, m.id DESC LIMIT 1;
		END IF;
		IF v_message.id IS NULL THEN
			state := 'open';
			outcome := jsonb_build_object('reason', 'it speaks of no message about an order that was sent');
			RETURN;
		END IF;
		v_party := (SELECT o.party_id FROM @store@.purchase_order o WHERE o.tenant_id = p_tenant_id AND o.id = v_message.order_id);
		IF v_sender <> v_party OR (v_sender IS NULL AND d #> '{application_response,interchange}' IS NULL) THEN
			state := CASE WHEN v_sender IS NULL THEN 'open' ELSE 'refused' END;
			outcome := jsonb_build_object('reason', CASE WHEN v_sender IS NULL THEN format('its sender is not among the parties: %s', array_to_string(v_keys, ', '))
				ELSE format('message %s was sent to another supplier', v_message.number) END);
			RETURN;
		END IF;
		v_done := v_done || jsonb_build_object('order_id', v_message.order_id, 'message', v_message.message_id, 'outcome',
			@store@.acknowledge_order(p_tenant_id, v_message, COALESCE(v_response ->> 'code', d #>> '{application_response,code}', 'AB') <> 'RE',
				NULLIF(concat_ws('; ', COALESCE(v_response ->> 'code', d #>> '{application_response,code}'),
					(SELECT string_agg(x, '; ') FROM jsonb_array_elements_text(v_response -> 'descriptions') x),
					(SELECT string_agg(concat_ws(' ', @store@.json_text(x -> 'code'), x ->> 'text'), '; ') FROM jsonb_array_elements(v_response -> 'reasons') x),
					(SELECT string_agg(concat_ws(' ', 'at', x ->> 'place', x ->> 'segment', x ->> 'element', (SELECT string_agg(y, ' ') FROM jsonb_array_elements_text(x -> 'descriptions') y)), '; ')
						FROM jsonb_array_elements(v_response -> 'lines') x)), ''), handle_acknowledgement.document_id));
	END LOOP;
	state := 'done';
	outcome := jsonb_build_object('messages', v_done);
END;
$code$;
COMMENT ON FUNCTION @store@.handle_acknowledgement(bigint, bigint, jsonb) IS
'Part of handle_order_document(): CONTRL, 997, APERAK and application responses say whether the supplier''s machine took what it was sent. Those of interchanges name the message by its reference, the others by its number.';

CREATE OR REPLACE FUNCTION @store@.handle_order_document(p_tenant_id bigint, document_id bigint, OUT state text, OUT outcome jsonb)
LANGUAGE plpgsql
SET search_path = pg_catalog, clex, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_document record;
	v_rules jsonb;
	v_part record;
	v_one record;
	v_state text;
	v_outcome jsonb;
	v_detail text;
	v_hint text;
	v_parts jsonb := '[]';
BEGIN
	SELECT * INTO v_document FROM @store@.document x WHERE x.tenant_id = p_tenant_id AND x.id = handle_order_document.document_id;
	-- a file with several documents is read here alone
	IF v_document.state <> 'accepted' AND v_document.error_code IS DISTINCT FROM '22023' THEN
		state := 'refused';
		outcome := jsonb_build_object('reason', 'it cannot be read', 'detail', v_document.error);
		RETURN;
	END IF;
	v_rules := CASE WHEN v_document.state = 'accepted' THEN (SELECT jsonb_agg(DISTINCT f.rule) FROM @store@.finding f
			WHERE f.tenant_id = p_tenant_id AND f.document_id = handle_order_document.document_id AND f.severity = 'fatal')
		ELSE (SELECT jsonb_agg(DISTINCT f.rule) FROM clex.findings(v_document.content, '{structure}') f WHERE f.severity = 'fatal') END;
	IF v_rules IS NOT NULL THEN
		state := 'refused';
		outcome := jsonb_build_object('reason', 'it breaks the rules of its format', 'rules', v_rules);
		RETURN;
	END IF;
	FOR v_part IN SELECT clex.kind(r) AS kind, r::jsonb AS d FROM clex.read_all(v_document.content) r LOOP
		BEGIN
			CASE v_part.kind
				WHEN 'order' THEN SELECT * INTO v_one FROM @store@.handle_order(p_tenant_id, handle_order_document.document_id, v_part.d);
				WHEN 'order_change', 'order_response' THEN SELECT * INTO v_one FROM @store@.handle_known_order(p_tenant_id, handle_order_document.document_id, v_part.d);
				WHEN 'application_response' THEN SELECT * INTO v_one FROM @store@.handle_acknowledgement(p_tenant_id, handle_order_document.document_id, v_part.d);
				WHEN 'despatch_advice', 'receipt_advice' THEN SELECT * INTO v_one FROM @store@.handle_delivery(p_tenant_id, handle_order_document.document_id, v_part.d);
				ELSE SELECT 'open' AS state, jsonb_build_object('reason', format('nothing is done with %s', v_part.kind)) AS outcome INTO v_one;
			END CASE;
			v_state := v_one.state;
			v_outcome := v_one.outcome;
		EXCEPTION
			-- what a document says is refused as it would be if somebody said so; everything else is the server's trouble
			WHEN data_exception OR no_data_found OR integrity_constraint_violation OR object_not_in_prerequisite_state OR insufficient_privilege THEN
				GET STACKED DIAGNOSTICS v_detail = PG_EXCEPTION_DETAIL, v_hint = PG_EXCEPTION_HINT;
				v_state := 'refused';
				v_outcome := jsonb_strip_nulls(jsonb_build_object('reason', SQLERRM, 'detail', NULLIF(v_detail, ''), 'hint', NULLIF(v_hint, '')));
		END;
		v_parts := v_parts || (jsonb_build_object('state', v_state, 'kind', v_part.kind) || v_outcome);
	END LOOP;
	state := CASE WHEN v_parts @> '[{"state": "open"}]' THEN 'open' WHEN v_parts @> '[{"state": "refused"}]' THEN 'refused' ELSE 'done' END;
	outcome := CASE jsonb_array_length(v_parts) WHEN 1 THEN (v_parts -> 0) - 'state' ELSE jsonb_strip_nulls(jsonb_build_object('documents', v_parts,
		'reason', (SELECT p ->> 'reason' FROM jsonb_array_elements(v_parts) p WHERE p ->> 'state' = handle_order_document.state LIMIT 1))) END;
END;
$code$;
COMMENT ON FUNCTION @store@.handle_order_document(bigint, bigint) IS
'Part of handle_message() and handle_document(): lets a document about orders have its effect, and each of a file that holds several. Refused: it can have none, for a reason that is that of the function that would do it; open: master data are missing, or people have to look.';

CREATE OR REPLACE FUNCTION @store@.handle_document(p_tenant_id bigint, document_id bigint, OUT state text, OUT outcome jsonb)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_document record;
BEGIN
	PERFORM @store@.require_right(p_tenant_id, 'handle');
	SELECT x.format, x.kind INTO v_document FROM @store@.document x WHERE x.tenant_id = p_tenant_id AND x.id = handle_document.document_id FOR NO KEY UPDATE;
	IF NOT FOUND THEN
		RAISE EXCEPTION 'tenant % has no document %', p_tenant_id, handle_document.document_id USING ERRCODE = 'no_data_found', HINT = 'View documents lists those you may see.';
	ELSIF NOT @store@.is_order_document(v_document.format, v_document.kind) THEN
		RAISE EXCEPTION 'document % is not one about orders', handle_document.document_id USING
			ERRCODE = 'invalid_parameter_value',
			DETAIL = format('It is %s.', COALESCE(v_document.kind, 'of no kind that is known'));
	END IF;
	SELECT h.state, h.outcome INTO handle_document.state, handle_document.outcome FROM @store@.handle_order_document(p_tenant_id, handle_document.document_id) h;
	UPDATE @store@.inbox i SET state = handle_document.state, outcome = handle_document.outcome
	WHERE i.tenant_id = p_tenant_id AND i.document_id = handle_document.document_id AND i.state <> 'done';
	PERFORM @store@.record_event(p_tenant_id, 'handle_document', 'document', handle_document.document_id::text, NULL, jsonb_build_object('state', state, 'outcome', outcome));
END;
$code$;
COMMENT ON FUNCTION @store@.handle_document(bigint, bigint) IS
'Lets a document about orders have its effect: one that was submitted, or one whose message is open or refused, after what it lacked was made good. What had its effect has none again. state and outcome as in receive_message(). For personas with the right handle, that may also do what it says (order, receive). Errors: 42501, P0002 no such document, 22023 not one about orders.';

CREATE OR REPLACE FUNCTION @store@.is_order_document(format text, kind text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT COALESCE(kind IN ('order', 'order_change', 'order_response', 'despatch_advice', 'receipt_advice', 'application_response')
		OR kind = 'status' AND format IN ('edifact', 'x12'), false);
END;
COMMENT ON FUNCTION @store@.is_order_document(text, text) IS 'Whether handle_order_document() takes documents of that format and kind, as clex.detect() names them.';

REVOKE ALL ON FUNCTION @store@.order_meant(bigint, text, text[], text[], boolean), @store@.order_line_meant(bigint, bigint, jsonb), @store@.name_lines(bigint, bigint, jsonb),
	@store@.handle_order(bigint, bigint, jsonb), @store@.handle_order_change(bigint, bigint, jsonb, @store@.purchase_order), @store@.handle_order_response(bigint, bigint, jsonb, @store@.purchase_order),
	@store@.handle_known_order(bigint, bigint, jsonb), @store@.handle_delivery(bigint, bigint, jsonb), @store@.handle_acknowledgement(bigint, bigint, jsonb), @store@.handle_order_document(bigint, bigint),
	@store@.handle_document(bigint, bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION @store@.json_text(jsonb), @store@.side_keys(jsonb, text), @store@.order_lines_read(jsonb), @store@.is_order_document(text, text),
	@store@.handle_document(bigint, bigint) TO PUBLIC;
