-- Module p2p, matching runs: which invoices are matched when, and what their results mean for approving them.
--
-- A run matches the invoices it is given and those that come after them on the same orders, and is the only writer of match_line and invoice_match besides
-- accept_deviation().  Who changes a status holds the invoice and may not wait for orders: it leaves a request, and the next run takes it.

--! code
CREATE OR REPLACE FUNCTION @store@.match_batch(p_tenant_id bigint, documents bigint[]) RETURNS bigint[]
LANGUAGE plpgsql
SET search_path = pg_catalog, clex, pg_temp
SET plan_cache_mode = auto
SET enable_hashjoin = on
SET enable_mergejoin = on
SET enable_seqscan = on
SET jit = off
AS $code$
#variable_conflict use_column
DECLARE
	-- whose orders are kept elsewhere cannot be asked to match them
	v_keeps_orders boolean := EXISTS (SELECT FROM @store@.purchase_order o WHERE o.tenant_id = p_tenant_id);
	v_documents bigint[];
	v_ordered bigint[] := '{}';
	v_orders bigint[] := '{}';
	v_found bigint[];
BEGIN
	-- a few are looked up one by one, whatever the planner thinks of the tables; many are planned for
	IF cardinality(documents) <= 500 THEN
		PERFORM set_config('plan_cache_mode', 'force_generic_plan', true), set_config('enable_seqscan', 'off', true), set_config('enable_hashjoin', 'off', true),
			set_config('enable_mergejoin', 'off', true);
	ELSE
		PERFORM set_config('plan_cache_mode', 'force_custom_plan', true);
	END IF;
	v_documents := ARRAY(
		SELECT s.document_id FROM unnest(documents) u (id)
		CROSS JOIN LATERAL (SELECT * FROM @store@.invoice_state s WHERE s.tenant_id = p_tenant_id AND s.document_id = u.id LIMIT 1) s
		WHERE s.direction <> 'sale' AND @store@.match_turn(s.meaning) = 1
		GROUP BY s.document_id ORDER BY s.document_id);
	IF cardinality(v_documents) = 0 THEN
		RETURN v_documents;
	END IF;

	-- orders first, then invoices, each in the order of their numbers
	IF v_keeps_orders THEN
		SELECT COALESCE(array_agg(DISTINCT o.document_id), '{}'), COALESCE(array_agg(DISTINCT o.order_id), '{}') INTO v_ordered, v_orders
		FROM @store@.orders_of(p_tenant_id, v_documents) o;
	END IF;
	IF cardinality(v_orders) > 0 THEN
		-- an update alone locks in no order
		IF cardinality(v_orders) > 1 THEN
			PERFORM FROM @store@.purchase_order o WHERE o.tenant_id = p_tenant_id AND o.id = ANY (v_orders) ORDER BY o.id FOR NO KEY UPDATE;
		END IF;
		UPDATE @store@.purchase_order o SET matches = o.matches + 1 WHERE o.tenant_id = p_tenant_id AND o.id = ANY (v_orders);
		-- those that come after one of these are matched again
		v_found := ARRAY(
			SELECT m.document_id FROM unnest(v_orders) u (id)
			CROSS JOIN LATERAL (
				SELECT DISTINCT m.document_id FROM @store@.match_line m
				WHERE m.tenant_id = p_tenant_id AND m.order_id = u.id AND m.document_id > v_documents[1]
				OFFSET 0) m
			CROSS JOIN LATERAL (SELECT * FROM @store@.invoice_state s WHERE s.tenant_id = p_tenant_id AND s.document_id = m.document_id LIMIT 1) s
			WHERE @store@.match_turn(s.meaning) = 1);
		IF cardinality(v_found) > 0 THEN
			v_documents := ARRAY(SELECT d FROM unnest(v_documents || v_found) d GROUP BY d ORDER BY d);
			v_ordered := v_ordered || v_found;
		END IF;
	END IF;
	v_documents := ARRAY(
		SELECT s.document_id FROM unnest(v_documents) u (id)
		CROSS JOIN LATERAL (
			SELECT s.document_id, s.meaning FROM @store@.invoice_state s WHERE s.tenant_id = p_tenant_id AND s.document_id = u.id FOR NO KEY UPDATE) s
		WHERE @store@.match_turn(s.meaning) = 1);
	v_ordered := ARRAY(SELECT unnest(v_documents) INTERSECT SELECT unnest(v_ordered));

	DELETE FROM @store@.match_line m USING unnest(v_documents) u (id) WHERE m.tenant_id = p_tenant_id AND m.document_id = u.id;
	WITH matched AS (
		INSERT INTO @store@.match_line
		SELECT * FROM @store@.match_results(p_tenant_id, v_ordered)
		UNION ALL
		SELECT * FROM @store@.match_without_order(p_tenant_id, ARRAY(SELECT unnest(v_documents) EXCEPT SELECT unnest(v_ordered)))
		RETURNING document_id, line_no, results, accepted
	)
	INSERT INTO @store@.invoice_match AS x (tenant_id, document_id, state, ways, order_required, lines, deviating, matched_at)
	SELECT p_tenant_id, u.id,
		CASE WHEN m.unnamed = m.lines AND m.lines > 0 AND p.order_required IS NOT TRUE THEN 'no_order' WHEN m.deviating > 0 THEN 'unmatched' WHEN m.lines > 0 THEN 'matched' ELSE 'no_order' END,
		COALESCE(p.ways, 3), COALESCE(p.order_required, false), m.lines,
		CASE WHEN m.unnamed = m.lines AND p.order_required IS NOT TRUE THEN 0 ELSE m.deviating END, now()
	FROM unnest(v_documents) u (id)
	LEFT JOIN (
		SELECT m.document_id, count(*) FILTER (WHERE m.line_no > 0) AS lines, count(*) FILTER (WHERE cardinality(m.results) > 0 AND NOT m.accepted) AS deviating,
			count(*) FILTER (WHERE m.results = '{no_order}' OR m.results = '{unknown_order}' AND NOT v_keeps_orders) AS unnamed
		FROM matched m GROUP BY m.document_id) g ON g.document_id = u.id
	CROSS JOIN LATERAL (SELECT COALESCE(g.lines, 0), COALESCE(g.deviating, 0), COALESCE(g.unnamed, 0)) m (lines, deviating, unnamed)
	CROSS JOIN LATERAL (SELECT * FROM @store@.invoice_state s WHERE s.tenant_id = p_tenant_id AND s.document_id = u.id LIMIT 1) s
	LEFT JOIN LATERAL @store@.policy_for(p_tenant_id, s.party_id, s.entity_id) p ON true
	ON CONFLICT (tenant_id, document_id) DO UPDATE SET state = EXCLUDED.state, ways = EXCLUDED.ways, order_required = EXCLUDED.order_required, lines = EXCLUDED.lines,
		deviating = EXCLUDED.deviating, matched_at = EXCLUDED.matched_at;
	RETURN v_documents;
END;
$code$;
COMMENT ON FUNCTION @store@.match_batch(bigint, bigint[]) IS 'Part of match_invoices(), match_orders() and of submit_many(): matches invoices bought that nobody has approved, and those that come after them on the same orders. Returns which. Two sessions that match invoices of one order wait for each other.';

CREATE OR REPLACE FUNCTION @store@.match_orders(p_tenant_id bigint, orders bigint[], numbers text[] DEFAULT '{}') RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
BEGIN
	PERFORM @store@.match_batch(p_tenant_id, ARRAY(
		SELECT m.document_id FROM @store@.match_line m WHERE m.tenant_id = p_tenant_id AND m.order_id = ANY (orders)
		UNION
		SELECT m.document_id FROM @store@.match_line m
		WHERE m.tenant_id = p_tenant_id AND m.order_number = ANY (numbers) AND m.order_line_no IS NULL AND m.order_number IS NOT NULL));
END;
$code$;
COMMENT ON FUNCTION @store@.match_orders(bigint, bigint[], text[]) IS 'Part of functions that change orders: matches the invoices of these orders again, and those that found none under these numbers.';

CREATE OR REPLACE FUNCTION @store@.match_invoices(p_tenant_id bigint, documents bigint[] DEFAULT NULL) RETURNS TABLE (document_id bigint, state text, deviating int)
LANGUAGE plpgsql SECURITY DEFINER ROWS 100
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_requests bigint[];
	v_changed bigint[];
	v_matched bigint[];
BEGIN
	PERFORM @store@.require_right(p_tenant_id, 'handle');
	IF documents IS NULL THEN
		SELECT array_agg(r.id), array_agg(DISTINCT r.document_id) INTO v_requests, v_changed FROM @store@.match_request r WHERE r.tenant_id = p_tenant_id;
		documents := ARRAY(
			SELECT m.document_id FROM @store@.invoice_match m WHERE m.tenant_id = p_tenant_id AND m.state = 'unmatched'
			UNION
			SELECT o.document_id
			FROM unnest(v_changed) r (id)
			JOIN @store@.match_line m ON m.tenant_id = p_tenant_id AND m.document_id = r.id
			JOIN @store@.match_line o ON o.tenant_id = p_tenant_id AND o.order_id = m.order_id AND o.order_line_no = m.order_line_no
			UNION
			SELECT s.document_id FROM @store@.invoice_state s
			WHERE s.tenant_id = p_tenant_id AND s.direction <> 'sale'
				AND NOT EXISTS (SELECT FROM @store@.invoice_match m WHERE m.tenant_id = s.tenant_id AND m.document_id = s.document_id)
			UNION
			SELECT r.id FROM unnest(v_changed) r (id));
	END IF;
	-- parties that were made known since
	PERFORM @store@.take_in(p_tenant_id, ARRAY(
		SELECT s.document_id FROM unnest(documents) u (id) JOIN @store@.invoice_state s ON s.tenant_id = p_tenant_id AND s.document_id = u.id
		WHERE s.party_id IS NULL ORDER BY s.document_id));
	v_matched := @store@.match_batch(p_tenant_id, documents);
	DELETE FROM @store@.match_request r WHERE r.tenant_id = p_tenant_id AND r.id = ANY (v_requests);
	RETURN QUERY
	SELECT m.document_id, m.state, m.deviating FROM @store@.invoice_match m
	WHERE m.tenant_id = p_tenant_id AND m.document_id = ANY (v_matched)
	ORDER BY m.document_id;
END;
$code$;
COMMENT ON FUNCTION @store@.match_invoices(bigint, bigint[]) IS
'Matches invoices and credit notes bought with their orders and receipts, and says how each stands: matched, unmatched or no_order, and how many lines deviate; invoices after them on the same orders are matched with them. documents: NULL = all that wait for something, that were never matched, or to which the status of another makes a difference. Those that were approved, and those that count no more, are left alone. It is done by itself when an invoice, a receipt or a change of an order comes in. For personas with the right handle. Errors: 42501, 23503 no such tenant; 40P01 and 40001: try again.';

DROP FUNCTION IF EXISTS @store@.react_matching(bigint, bigint, bigint);
CREATE OR REPLACE FUNCTION @store@.react_matching(p_tenant_id bigint, document_id bigint, before text, after text) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
BEGIN
	-- counting no more, or again, makes a difference to others; an approval does if more was accepted than there was to take
	IF @store@.match_turn(before) IS DISTINCT FROM @store@.match_turn(after) AND (@store@.match_turn(after) IS DISTINCT FROM 0 OR EXISTS (
		SELECT FROM @store@.match_line l WHERE l.tenant_id = p_tenant_id AND l.document_id = react_matching.document_id AND l.accepted))
	THEN
		INSERT INTO @store@.match_request (tenant_id, document_id) VALUES (p_tenant_id, react_matching.document_id);
	END IF;
END;
$code$;
COMMENT ON FUNCTION @store@.react_matching(bigint, bigint, text, text) IS 'Part of status_changed(), by the meanings of the status before and after: notes that invoices after this one on the same orders are to be matched again.';

CREATE OR REPLACE FUNCTION @store@.object_matching(p_tenant_id bigint, document_id bigint, meaning text) RETURNS TABLE (objection text, needed text, who text)
LANGUAGE plpgsql STABLE ROWS 1
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
BEGIN
	IF object_matching.meaning <> 'approved' THEN
		RETURN;
	END IF;
	IF 'unmatched' = (SELECT m.state FROM @store@.invoice_match m WHERE m.tenant_id = p_tenant_id AND m.document_id = object_matching.document_id) THEN
		RETURN QUERY
		SELECT CASE WHEN l.line_no = 0 THEN '' ELSE format('line %s: ', l.line_no) END || array_to_string(l.reasons, '; '),
			'a line that matches its order, or accept_deviation()', @store@.who_may('order')
		FROM @store@.match_line l
		WHERE l.tenant_id = p_tenant_id AND l.document_id = object_matching.document_id AND cardinality(l.results) > 0 AND NOT l.accepted
		ORDER BY l.line_no;
	-- what an invoice before it gave back, or took, while nobody could wait for the order
	ELSIF EXISTS (SELECT FROM @store@.match_request r WHERE r.tenant_id = p_tenant_id) AND EXISTS (
		SELECT FROM @store@.match_line m
		CROSS JOIN LATERAL (
			SELECT * FROM @store@.match_line o WHERE o.tenant_id = p_tenant_id AND o.order_id = m.order_id AND o.order_line_no = m.order_line_no OFFSET 0) o
		CROSS JOIN LATERAL (SELECT * FROM @store@.match_request r WHERE r.tenant_id = p_tenant_id AND r.document_id = o.document_id LIMIT 1) r
		WHERE m.tenant_id = p_tenant_id AND m.document_id = object_matching.document_id)
	THEN
		RETURN QUERY SELECT 'the status of an invoice on the same order has changed since it was matched', 'match_invoices()', @store@.who_may('handle');
	END IF;
END;
$code$;
COMMENT ON FUNCTION @store@.object_matching(bigint, bigint, text) IS 'Part of status_objections(): an invoice that does not match its orders cannot be approved, unless the deviations were accepted.';

REVOKE ALL ON FUNCTION @store@.match_batch(bigint, bigint[]), @store@.match_orders(bigint, bigint[], text[]), @store@.match_invoices(bigint, bigint[]),
	@store@.react_matching(bigint, bigint, text, text), @store@.object_matching(bigint, bigint, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION @store@.object_matching(bigint, bigint, text), @store@.match_invoices(bigint, bigint[]) TO PUBLIC;
