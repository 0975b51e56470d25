-- Module p2p, lines: what the JSON of an order, a delivery or an answer says, and what a quantity in one unit is in another.

--! code
CREATE OR REPLACE FUNCTION @store@.unit_ratio(p_tenant_id bigint, party_id bigint, items text[], unit text, into_unit text, OUT multiply numeric, OUT divide numeric)
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
BEGIN
	IF unit_ratio.unit IS NULL OR unit_ratio.into_unit IS NULL THEN
		RETURN;
	END IF;
	IF unit_ratio.unit = unit_ratio.into_unit THEN
		multiply := 1;
		divide := 1;
		RETURN;
	END IF;
	-- what was agreed goes before what is always so, and what was agreed for an item before all
	SELECT e.equal_quantity, e.quantity INTO multiply, divide
	FROM (
		SELECT x.party_id, x.item, x.quantity, x.equal_quantity FROM @store@.unit_equivalence x
		WHERE x.tenant_id = p_tenant_id AND x.unit = unit_ratio.unit AND x.equal_unit = unit_ratio.into_unit
		UNION ALL
		SELECT x.party_id, x.item, x.equal_quantity, x.quantity FROM @store@.unit_equivalence x
		WHERE x.tenant_id = p_tenant_id AND x.unit = unit_ratio.into_unit AND x.equal_unit = unit_ratio.unit) e
	WHERE (e.party_id IS NULL OR e.party_id = unit_ratio.party_id) AND (e.item IS NULL OR e.item = ANY (items))
	ORDER BY e.item IS NULL, e.party_id IS NULL, e.quantity, e.equal_quantity
	LIMIT 1;
	IF NOT FOUND THEN
		SELECT f.factor, t.factor INTO multiply, divide
		FROM @store@.unit f JOIN @store@.unit t ON t.base = f.base
		WHERE f.unit = unit_ratio.unit AND t.unit = unit_ratio.into_unit;
	END IF;
END;
$code$;
COMMENT ON FUNCTION @store@.unit_ratio(bigint, bigint, text[], text, text) IS 'How a quantity in one unit becomes one in another: quantity * multiply / divide; NULL if nothing says so. What was agreed for an item or a supplier (table unit_equivalence) goes before what is always so (table unit).';

CREATE OR REPLACE FUNCTION @store@.set_unit_equivalence(p_tenant_id bigint, unit text, quantity numeric, equal_unit text, equal_quantity numeric, supplier text DEFAULT NULL, item text DEFAULT NULL) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_party_id bigint;
	v_old @store@.unit_equivalence;
BEGIN
	PERFORM @store@.require_right(p_tenant_id, 'order');
	PERFORM @store@.require_given(jsonb_build_object('unit', set_unit_equivalence.unit, 'equal_unit', set_unit_equivalence.equal_unit)
		|| CASE num_nulls(set_unit_equivalence.quantity, set_unit_equivalence.equal_quantity) WHEN 1
			THEN jsonb_build_object('quantity', set_unit_equivalence.quantity, 'equal_quantity', set_unit_equivalence.equal_quantity) ELSE '{}' END);
	IF set_unit_equivalence.supplier IS NOT NULL THEN
		v_party_id := @store@.party_id(p_tenant_id, set_unit_equivalence.supplier);
	END IF;
	DELETE FROM @store@.unit_equivalence e
	WHERE e.tenant_id = p_tenant_id AND (e.unit, e.equal_unit) IN ((set_unit_equivalence.unit, set_unit_equivalence.equal_unit), (set_unit_equivalence.equal_unit, set_unit_equivalence.unit))
		AND e.party_id IS NOT DISTINCT FROM v_party_id AND e.item IS NOT DISTINCT FROM set_unit_equivalence.item
	RETURNING * INTO v_old;
	IF set_unit_equivalence.quantity IS NOT NULL OR set_unit_equivalence.equal_quantity IS NOT NULL THEN
		INSERT INTO @store@.unit_equivalence (tenant_id, party_id, item, unit, quantity, equal_unit, equal_quantity)
		VALUES (p_tenant_id, v_party_id, set_unit_equivalence.item, set_unit_equivalence.unit, set_unit_equivalence.quantity,
			set_unit_equivalence.equal_unit, set_unit_equivalence.equal_quantity);
	END IF;
	PERFORM @store@.record_event(p_tenant_id, 'set_unit_equivalence', 'unit', set_unit_equivalence.unit,
		CASE WHEN v_old.id IS NOT NULL THEN to_jsonb(v_old) - '{tenant_id,id}'::text[] END,
		jsonb_strip_nulls(jsonb_build_object('quantity', set_unit_equivalence.quantity, 'equal_unit', set_unit_equivalence.equal_unit,
			'equal_quantity', set_unit_equivalence.equal_quantity, 'supplier', set_unit_equivalence.supplier, 'item', set_unit_equivalence.item)));
END;
$code$;
COMMENT ON FUNCTION @store@.set_unit_equivalence(bigint, text, numeric, text, numeric, text, text) IS
'Says what a unit is worth in another: 1 XBX = 12 H87, for a supplier, an item, both or everywhere; both quantities NULL takes it away. Holds from the next matching and receipt on. For personas with the right order. Errors: 42501, 22004 no unit, or one quantity alone, P0002 no such party, 23514 not a quantity or unit.';

CREATE OR REPLACE FUNCTION @store@.require_line_values(p_tenant_id bigint, subject text, lines jsonb) RETURNS void
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $code$
DECLARE
	v_wrong record;
BEGIN
	SELECT l.ordinal, v.key, v.value, CASE
		WHEN v.key IN ('quantity', 'price', 'price_per') THEN 'a number' WHEN v.key = 'deliver_by' THEN 'a day (YYYY-MM-DD)' ELSE 'true or false' END AS needed INTO v_wrong
	FROM jsonb_array_elements(lines) WITH ORDINALITY l (line, ordinal)
	LEFT JOIN LATERAL jsonb_each_text(CASE jsonb_typeof(l.line) WHEN 'object' THEN l.line ELSE '{}' END) v ON true
	WHERE jsonb_typeof(l.line) <> 'object' OR v.value IS NOT NULL AND CASE
		WHEN v.key IN ('quantity', 'price', 'price_per') THEN v.value !~ '^\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?\s*$'
		WHEN v.key = 'deliver_by' THEN v.value !~ '^\s*\d{4}-\d{2}-\d{2}\M'
		WHEN v.key IN ('cancel', 'reject') THEN v.value NOT IN ('true', 'false') END
	ORDER BY l.ordinal, v.key COLLATE "C" LIMIT 1;
	IF FOUND THEN
		RAISE EXCEPTION 'line % of % cannot be read', v_wrong.ordinal, subject USING
			ERRCODE = 'invalid_parameter_value',
			DETAIL = CASE WHEN v_wrong.key IS NULL THEN 'It is no JSON object.' ELSE format('Its "%s" is "%s".', v_wrong.key, left(v_wrong.value, 60)) END,
			HINT = CASE WHEN v_wrong.key IS NULL THEN 'A line is {"line": "10", "quantity": 4} and the like.' ELSE format('It must be %s.', v_wrong.needed) END;
	END IF;
END;
$code$;
COMMENT ON FUNCTION @store@.require_line_values(bigint, text, jsonb) IS 'Raises 22023, saying which, unless the lines of an order, a delivery or an answer are objects whose quantities and prices are numbers, whose days are days, and whose flags are true or false.';

CREATE OR REPLACE FUNCTION @store@.read_order_lines(p_tenant_id bigint, lines jsonb, partial boolean)
RETURNS TABLE (ordinal int, identifier text, item text, seller_item text, buyer_item text, standard_item text, quantity numeric, unit text,
	price numeric, price_per numeric, account text, deliver_by date, cancel boolean)
LANGUAGE plpgsql STABLE ROWS 10
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_wrong record;
BEGIN
	IF jsonb_typeof(lines) IS DISTINCT FROM 'array' OR jsonb_array_length(lines) = 0 THEN
		RAISE EXCEPTION 'the lines of an order are a JSON array with at least one line' USING ERRCODE = 'invalid_parameter_value';
	END IF;
	PERFORM @store@.require_line_values(p_tenant_id, 'the order', lines);
	SELECT l.ordinal, k.key, l.line ->> 'line' AS line INTO v_wrong
	FROM jsonb_array_elements(lines) WITH ORDINALITY l (line, ordinal)
	LEFT JOIN LATERAL (
		SELECT k FROM jsonb_object_keys(CASE jsonb_typeof(l.line) WHEN 'object' THEN l.line ELSE '{"not an object": null}' END) k
		WHERE k NOT IN ('line', 'item', 'seller_item', 'buyer_item', 'standard_item', 'quantity', 'unit', 'price', 'price_per', 'account', 'deliver_by')
			AND NOT (partial AND k = 'cancel')
		ORDER BY k COLLATE "C" LIMIT 1) k (key) ON true
	WHERE k.key IS NOT NULL OR (NOT partial AND num_nulls(l.line ->> 'quantity', l.line ->> 'unit', l.line ->> 'price') > 0)
		OR (partial AND l.line ->> 'line' IS NULL)
	ORDER BY l.ordinal LIMIT 1;
	IF FOUND THEN
		RAISE EXCEPTION 'line % of the order cannot be read', v_wrong.ordinal USING
			ERRCODE = 'invalid_parameter_value',
			DETAIL = CASE WHEN v_wrong.key IS NOT NULL THEN format('It has "%s".', v_wrong.key)
				WHEN partial THEN 'It does not say which line it is.' ELSE 'A quantity, a unit and a price are needed.' END,
			HINT = 'A line may have: line, item, seller_item, buyer_item, standard_item, quantity, unit, price, price_per, account, deliver_by; in a change also cancel.';
	END IF;
	RETURN QUERY
	SELECT l.ordinal::int, COALESCE(NULLIF(l.line ->> 'line', ''), l.ordinal::text), x.item, x.seller_item, x.buyer_item, x.standard_item, x.quantity, x.unit,
		x.price, x.price_per, x.account, x.deliver_by, COALESCE(x.cancel, false)
	FROM jsonb_array_elements(lines) WITH ORDINALITY l (line, ordinal),
		jsonb_to_record(l.line) x (item text, seller_item text, buyer_item text, standard_item text, quantity numeric, unit text,
			price numeric, price_per numeric, account text, deliver_by date, cancel boolean)
	ORDER BY l.ordinal;
END;
$code$;
COMMENT ON FUNCTION @store@.read_order_lines(bigint, jsonb, boolean) IS 'Part of create_order() and change_order(): the lines of a JSON array as rows. partial: a change, where lines are named and what is not given stays. Errors: 22023 not lines of an order, 22P02 and 22007 not a number, not a date.';

REVOKE ALL ON FUNCTION @store@.require_line_values(bigint, text, jsonb), @store@.unit_ratio(bigint, bigint, text[], text, text),
	@store@.set_unit_equivalence(bigint, text, numeric, text, numeric, text, text), @store@.read_order_lines(bigint, jsonb, boolean) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION @store@.unit_ratio(bigint, bigint, text[], text, text),
	@store@.set_unit_equivalence(bigint, text, numeric, text, numeric, text, text) TO PUBLIC;
