-- Module p2p, match results: what an invoice takes of its orders, and where it deviates from them.
--
-- Nothing here writes: the same question gives the same answer, whoever asks and however often.

--! code
CREATE OR REPLACE FUNCTION @store@.invoice_remarks(lines jsonb, charges jsonb, charge_amount numeric) RETURNS TABLE (code text, words text)
LANGUAGE sql IMMUTABLE PARALLEL SAFE ROWS 1
BEGIN ATOMIC
	SELECT w.code, w.words
	FROM (SELECT COALESCE(pg_catalog.jsonb_array_length(lines), 0) = 0 AS has_none,
		(SELECT pg_catalog.sum(@store@.json_number(h -> 'amount')) FROM pg_catalog.jsonb_array_elements(charges) h) AS charged) i
	CROSS JOIN LATERAL (
		SELECT 'no_lines' AS code, 'it has no lines that could be matched' AS words WHERE i.has_none
		UNION ALL
		SELECT 'charge_above', pg_catalog.format('charges of %s are not in the order', i.charged)
		WHERE NOT i.has_none AND i.charged > COALESCE(invoice_remarks.charge_amount, 0)) w;
END;
COMMENT ON FUNCTION @store@.invoice_remarks(jsonb, jsonb, numeric) IS 'What matching has to say of an invoice that names an order as a whole, of the JSON of its lines and charges: that it has no lines, or charges above charge_amount (NULL: none are tolerated), which no order line has. No row: nothing.';

CREATE OR REPLACE FUNCTION @store@.missing_order(order_number text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT CASE WHEN order_number IS NULL THEN 'it names no order' ELSE pg_catalog.format('there is no order %s', order_number) END;
END;
COMMENT ON FUNCTION @store@.missing_order(text) IS 'What matching has to say of a line for which there is no order, by the order number that it names.';

CREATE OR REPLACE FUNCTION @store@.match_without_order(p_tenant_id bigint, documents bigint[]) RETURNS SETOF @store@.match_line
LANGUAGE plpgsql STABLE ROWS 100
SET search_path = pg_catalog, clex, pg_temp
AS $code$
#variable_conflict use_column
BEGIN
	IF cardinality(match_without_order.documents) = 0 THEN
		RETURN;
	END IF;
	RETURN QUERY
	WITH invoice AS MATERIALIZED (
		SELECT * FROM @store@.match_subjects(p_tenant_id, match_without_order.documents)
	), said AS (
		SELECT v.document_id, l.line_no, n.number, v.sign * l.amount AS amount,
			CASE WHEN n.number IS NULL THEN 'no_order' ELSE 'unknown_order' END AS code, @store@.missing_order(n.number) AS words
		FROM invoice v
		CROSS JOIN LATERAL @store@.line_terms(v.lines) l
		CROSS JOIN LATERAL (SELECT COALESCE(left(v.line_orders ->> l.line_no::text, 200), v.order_reference)) n (number)
		UNION ALL
		SELECT v.document_id, 0, v.order_reference, NULL, w.code, w.words
		FROM invoice v
		LEFT JOIN LATERAL @store@.policy_for(p_tenant_id, v.party_id, v.entity_id) p ON true
		CROSS JOIN LATERAL @store@.invoice_remarks(v.lines, v.charges, p.charge_amount) w
		WHERE v.sign = 1 AND num_nonnulls(v.order_reference, v.line_orders) > 0
	)
	SELECT p_tenant_id, s.document_id, s.line_no, s.number, NULL::bigint, NULL::int, NULL::int, NULL::numeric, s.amount, NULL::numeric, NULL::numeric, NULL::numeric, NULL::numeric, NULL::numeric,
		ARRAY[s.code], ARRAY[s.words], (ARRAY[s.words] = c.accepted) IS TRUE
	FROM said s
	LEFT JOIN LATERAL (SELECT c.accepted FROM @store@.match_choice c WHERE c.tenant_id = p_tenant_id AND c.document_id = s.document_id AND c.line_no = s.line_no LIMIT 1) c ON true;
END;
$code$;
COMMENT ON FUNCTION @store@.match_without_order(bigint, bigint[]) IS 'Part of match_batch(): what match_results() finds for invoices that have to do with no order (orders_of()), which is little, and found quickly.';

CREATE OR REPLACE FUNCTION @store@.shown_number(value numeric) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT pg_catalog.trim_scale(pg_catalog.round(value, 4))::text;
END;
COMMENT ON FUNCTION @store@.shown_number(numeric) IS 'A number as reasons of deviations show it: to four digits, without zeros at its end.';

CREATE OR REPLACE FUNCTION @store@.order_words(
	order_number text,
	order_id bigint,
	supplier_id bigint,
	order_supplier bigint,
	currency text,
	order_currency text,
	order_state text,
	order_line text,
	line_no int,
	identifier text,
	line_cancelled boolean)
RETURNS text[]
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT ARRAY[
		CASE WHEN order_number IS NULL THEN @store@.missing_order(NULL) END,
		CASE WHEN order_id IS NULL AND order_number IS NOT NULL THEN @store@.missing_order(order_number) END,
		CASE WHEN order_supplier IS DISTINCT FROM supplier_id AND order_id IS NOT NULL THEN
			CASE WHEN supplier_id IS NULL THEN 'its supplier is not among the parties' ELSE pg_catalog.format('order %s is of another supplier', order_number) END END,
		CASE WHEN order_currency IS DISTINCT FROM currency AND order_id IS NOT NULL
			THEN pg_catalog.format('the currency is %s, that of order %s %s', COALESCE(currency, 'not stated'), order_number, order_currency) END,
		CASE WHEN order_state = 'cancelled' THEN pg_catalog.format('order %s is cancelled', order_number) END,
		CASE WHEN order_id IS NOT NULL AND line_no IS NULL
			THEN CASE WHEN order_line IS NULL THEN pg_catalog.format('no line of order %s is for this item', order_number) ELSE pg_catalog.format('order %s has no line %s', order_number, order_line) END END,
		CASE WHEN line_cancelled THEN pg_catalog.format('line %s of order %s is cancelled', identifier, order_number) END];
END;
COMMENT ON FUNCTION @store@.order_words(text, bigint, bigint, bigint, text, text, text, text, int, text, boolean) IS
'What deviates of an invoice line from the order and the line it is for, in words, NULL where nothing does: no_order, unknown_order, other_supplier, currency_differs, order_cancelled, unknown_line, line_cancelled, in this order.';

CREATE OR REPLACE FUNCTION @store@.price_words(excess numeric, quantity numeric, amount numeric, order_price numeric, half numeric, over numeric, under numeric) RETURNS text[]
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT ARRAY[
		CASE WHEN quantity >= 0 AND excess > quantity * over + half
			THEN pg_catalog.format('price above by %s: %s, and %s ordered', @store@.shown_number(excess / COALESCE(NULLIF(pg_catalog.abs(quantity), 0), 1)),
				@store@.shown_number(pg_catalog.abs(amount) / COALESCE(NULLIF(pg_catalog.abs(quantity), 0), 1)), @store@.shown_number(order_price)) END,
		CASE WHEN quantity > 0 AND -excess > quantity * under + half
			THEN pg_catalog.format('price below by %s: %s, and %s ordered', @store@.shown_number(-excess / quantity), @store@.shown_number(amount / quantity), @store@.shown_number(order_price)) END];
END;
COMMENT ON FUNCTION @store@.price_words(numeric, numeric, numeric, numeric, numeric, numeric, numeric) IS
'What deviates of a net amount from that of the same quantity in the order, by which it is too much (excess), in words, NULL where nothing does: price_above, price_below. half: half of the smallest unit of the currency. over, under: what is tolerated for one unit; NULL = anything.';

CREATE OR REPLACE FUNCTION @store@.quantity_words(
	claim numeric,
	before numeric,
	ordered numeric,
	received numeric,
	unit text,
	order_number text,
	identifier text,
	ways int,
	above_ordered numeric,
	above_received numeric)
RETURNS text[]
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT ARRAY[
		CASE WHEN claim > 0 AND before + claim > ordered + above_ordered
			THEN pg_catalog.format('quantity above ordered by %s %s: %s, after %s before, and %s ordered', @store@.shown_number(before + claim - ordered), unit,
				@store@.shown_number(claim), @store@.shown_number(before), pg_catalog.trim_scale(ordered)) END,
		CASE WHEN ways = 3 AND claim > 0 AND received = 0 AND before + claim > above_received
			THEN pg_catalog.format('nothing of line %s of order %s has been received', identifier, order_number) END,
		CASE WHEN ways = 3 AND claim > 0 AND received > 0 AND before + claim > received + above_received
			THEN pg_catalog.format('quantity above received by %s %s: %s, after %s before, and %s received', @store@.shown_number(before + claim - received), unit,
				@store@.shown_number(claim), @store@.shown_number(before), @store@.shown_number(received)) END];
END;
COMMENT ON FUNCTION @store@.quantity_words(numeric, numeric, numeric, numeric, text, text, text, int, numeric, numeric) IS
'What deviates of the quantity that an invoice takes of an order line (claim, after what others took before) from what was ordered and received, in words, NULL where nothing does: above_ordered, not_received, above_received.';

CREATE OR REPLACE FUNCTION @store@.credit_words(claim numeric, before numeric, unit text, quantity numeric, amount numeric, amount_before numeric, half numeric) RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT CASE WHEN claim < 0 AND before + claim < 0
			THEN pg_catalog.format('more is credited than was invoiced: %s %s, and %s before', @store@.shown_number(-claim), unit, @store@.shown_number(before))
		WHEN claim = 0 AND quantity < 0 AND amount_before + amount < -half
			THEN pg_catalog.format('more is credited than was invoiced: %s, and %s before', -amount, amount_before) END;
END;
COMMENT ON FUNCTION @store@.credit_words(numeric, numeric, text, numeric, numeric, numeric, numeric) IS 'credit_above_invoiced in words: a credit note gives back more of an order line, in quantity or in value, than invoices before it took; NULL: it does not.';

CREATE OR REPLACE FUNCTION @store@.deviation_codes(words text[]) RETURNS text[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT ARRAY(
		SELECT x.code FROM ROWS FROM (pg_catalog.unnest(words), pg_catalog.unnest('{no_order,unknown_order,other_supplier,currency_differs,order_cancelled,unknown_line,line_cancelled,
			no_amount,unit_differs,price_above,price_below,above_ordered,not_received,above_received,credit_above_invoiced}'::text[])) WITH ORDINALITY x (words, code, n)
		WHERE x.words IS NOT NULL ORDER BY x.n);
END;
COMMENT ON FUNCTION @store@.deviation_codes(text[]) IS 'Codes of the deviations of a line, of which words has those that there are, in words, each at the place of its code.';

CREATE OR REPLACE FUNCTION @store@.match_results(p_tenant_id bigint, documents bigint[]) RETURNS SETOF @store@.match_line
LANGUAGE plpgsql STABLE ROWS 100
SET search_path = pg_catalog, clex, pg_temp
AS $code$
#variable_conflict use_column
BEGIN
	IF cardinality(match_results.documents) = 0 THEN
		RETURN;
	END IF;
	-- one statement, since each step looks at all lines of all invoices; the functions it calls are taken into its plan
	RETURN QUERY
	WITH invoice AS MATERIALIZED (
		SELECT v.*, p AS policy
		FROM @store@.match_subjects(p_tenant_id, match_results.documents) v
		LEFT JOIN LATERAL @store@.policy_for(p_tenant_id, v.party_id, v.entity_id) p ON true
	), line AS MATERIALIZED (
		-- as columns: below row-level security no index is searched for what an expression gives
		SELECT v.document_id, v.party_id, v.entity_id, v.currency, v.policy, l.line_no, c.order_id AS chosen_order, c.order_line_no AS chosen_line, c.accepted,
			COALESCE(left(v.line_orders ->> l.line_no::text, 200), v.order_reference) AS order_number, l.order_line, v.sign * l.quantity AS quantity, l.unit,
			v.sign * l.amount AS amount, l.item_name, l.seller_item, l.buyer_item, l.standard_item
		FROM invoice v
		CROSS JOIN LATERAL @store@.line_terms(v.lines) l
		LEFT JOIN LATERAL (SELECT * FROM @store@.match_choice c WHERE c.tenant_id = p_tenant_id AND c.document_id = v.document_id AND c.line_no = l.line_no LIMIT 1) c ON true
	), placed AS MATERIALIZED (
		-- beside the line of the order that it is for, in its unit
		SELECT l.document_id, l.line_no, l.party_id, l.currency, l.policy, l.accepted, COALESCE(o.number, l.order_number) AS order_number, l.order_line, l.unit, l.amount,
			l.quantity AS stated_quantity, o.order_id, o.party_id AS order_party, o.currency AS order_currency, o.state AS order_state, o.version AS order_version,
			n.line_no AS order_line_no, n.identifier, n.cancelled, n.quantity AS ordered, n.unit AS order_unit, n.received, trim_scale(round(n.price / n.price_per, 10)) AS order_price,
			0.5 * power(10::numeric, -clex.currency_digits(o.currency)) AS half,
			l.quantity * r.multiply / r.divide AS quantity, abs(l.amount) - abs(l.quantity) * r.multiply * n.price / (r.divide * n.price_per) AS excess,
			n.line_no IS NOT NULL AND o.party_id = l.party_id AND o.currency = l.currency AND o.state <> 'cancelled' AND NOT n.cancelled
				AND r.multiply IS NOT NULL AND l.quantity IS NOT NULL AND l.amount IS NOT NULL AS takes_part
		FROM line l
		LEFT JOIN LATERAL @store@.order_for(p_tenant_id, l.chosen_order, l.order_number, l.party_id, l.entity_id) o ON true
		LEFT JOIN LATERAL @store@.order_line_for(p_tenant_id, o.order_id, l.chosen_line, l.order_line, l.buyer_item, l.seller_item, l.standard_item, l.item_name, l.quantity, l.amount) n ON true
		LEFT JOIN LATERAL @store@.unit_ratio(p_tenant_id, o.party_id, ARRAY[n.seller_item, n.buyer_item, n.standard_item], l.unit, n.unit) r ON n.line_no IS NOT NULL
	), claimed AS (
		-- a credit at a price that was neither ordered nor invoiced is one of value, and gives back no quantity
		SELECT p.*, CASE WHEN p.takes_part THEN CASE
			WHEN p.quantity < 0 AND abs(p.excess) > p.half
				AND NOT EXISTS (SELECT FROM @store@.match_line m WHERE m.tenant_id = p_tenant_id AND m.order_id = p.order_id AND m.order_line_no = p.order_line_no
					AND m.quantity > 0 AND abs(abs(p.amount) * m.quantity - abs(p.quantity) * m.net_amount) <= p.half * m.quantity)
				AND NOT EXISTS (SELECT FROM placed q WHERE q.order_id = p.order_id AND q.order_line_no = p.order_line_no AND q.takes_part
					AND q.quantity > 0 AND abs(abs(p.amount) * q.quantity - abs(p.quantity) * q.amount) <= p.half * q.quantity)
			THEN 0 ELSE p.quantity END END AS claim
		FROM placed p
	), turn AS (
		-- these invoices and all others on the same lines of orders
		SELECT c.order_id, c.order_line_no, 1 AS turn, c.document_id, c.line_no, c.claim, c.amount FROM claimed c WHERE c.takes_part
		UNION ALL
		SELECT m.order_id, m.order_line_no, @store@.match_turn(s.meaning), m.document_id, m.line_no, m.quantity, m.net_amount
		FROM (SELECT DISTINCT c.order_id, c.order_line_no FROM claimed c WHERE c.takes_part) k
		CROSS JOIN LATERAL (
			SELECT * FROM @store@.match_line m
			WHERE m.tenant_id = p_tenant_id AND m.order_id = k.order_id AND m.order_line_no = k.order_line_no AND m.quantity IS NOT NULL AND m.document_id <> ALL (documents)
			OFFSET 0) m
		CROSS JOIN LATERAL (SELECT * FROM @store@.invoice_state s WHERE s.tenant_id = p_tenant_id AND s.document_id = m.document_id LIMIT 1) s
		WHERE @store@.match_turn(s.meaning) IS NOT NULL
	), running AS (
		SELECT t.document_id, t.line_no, sum(t.claim) OVER w - t.claim AS before, sum(t.amount) OVER w - t.amount AS amount_before
		FROM turn t
		WINDOW w AS (PARTITION BY t.order_id, t.order_line_no ORDER BY t.turn, t.document_id, t.line_no)
	)
	SELECT p_tenant_id, c.document_id, c.line_no, c.order_number, c.order_id, c.order_line_no, c.order_version, c.claim, c.amount,
		CASE WHEN c.takes_part THEN trim_scale(round(c.amount / NULLIF(c.quantity, 0), 10)) END, c.order_price, c.ordered, c.received, b.before,
		CASE WHEN cardinality(r.reasons) = 0 THEN '{}' ELSE @store@.deviation_codes(w.words) END, r.reasons, (r.reasons = c.accepted AND cardinality(r.reasons) > 0) IS TRUE
	FROM claimed c
	LEFT JOIN running b ON b.document_id = c.document_id AND b.line_no = c.line_no AND c.takes_part
	CROSS JOIN LATERAL (
		-- in the order of deviation_codes()
		SELECT @store@.order_words(c.order_number, c.order_id, c.party_id, c.order_party, c.currency, c.order_currency, c.order_state, c.order_line, c.order_line_no, c.identifier, c.cancelled)
			|| CASE WHEN c.order_line_no IS NOT NULL AND num_nulls(c.stated_quantity, c.amount) > 0 THEN 'quantity or net amount cannot be read' END
			|| CASE WHEN c.order_line_no IS NOT NULL AND c.stated_quantity IS NOT NULL AND c.quantity IS NULL
				THEN format('nothing says how many %s one %s is', c.order_unit, COALESCE(c.unit, 'unit')) END
			|| CASE WHEN c.takes_part THEN @store@.price_words(c.excess, c.quantity, c.amount, c.order_price, c.half, t.price_over, t.price_under) ELSE '{NULL,NULL}' END
			|| @store@.quantity_words(c.claim, b.before, c.ordered, c.received, c.order_unit, c.order_number, c.identifier, COALESCE((c.policy).ways, 3), t.above_ordered, t.above_received)
			|| @store@.credit_words(c.claim, b.before, c.order_unit, c.quantity, c.amount, b.amount_before, c.half) AS words
		FROM (SELECT @store@.tolerated(c.order_price, (c.policy).price_percent, (c.policy).price_amount) AS price_over, c.order_price * (c.policy).price_under_percent / 100 AS price_under,
			@store@.tolerated(c.ordered, (c.policy).over_percent, (c.policy).over_quantity) AS above_ordered,
			@store@.tolerated(c.ordered, (c.policy).quantity_percent, (c.policy).quantity) AS above_received OFFSET 0) t OFFSET 0) w
	CROSS JOIN LATERAL (SELECT array_remove(w.words, NULL) AS reasons OFFSET 0) r
	UNION ALL
	-- what is to be said of the invoice as a whole
	SELECT p_tenant_id, v.document_id, 0, v.order_reference, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
		ARRAY[w.code], ARRAY[w.words], (ARRAY[w.words] = c.accepted) IS TRUE
	FROM invoice v
	CROSS JOIN LATERAL @store@.invoice_remarks(v.lines, v.charges, (v.policy).charge_amount) w
	LEFT JOIN LATERAL (SELECT c.accepted FROM @store@.match_choice c WHERE c.tenant_id = p_tenant_id AND c.document_id = v.document_id AND c.line_no = 0 LIMIT 1) c ON true
	WHERE v.sign = 1 AND num_nonnulls(v.order_reference, v.line_orders) > 0;
END;
$code$;
COMMENT ON FUNCTION @store@.match_results(bigint, bigint[]) IS
'What matching finds for these invoices now, as rows of table match_line, without writing any: the invoices are taken to be ones that nobody has approved. Whoever asks must see orders, receipts and invoices of the tenant.';

REVOKE ALL ON FUNCTION @store@.shown_number(numeric), @store@.deviation_codes(text[]), @store@.price_words(numeric, numeric, numeric, numeric, numeric, numeric, numeric),
	@store@.order_words(text, bigint, bigint, bigint, text, text, text, text, int, text, boolean), @store@.credit_words(numeric, numeric, text, numeric, numeric, numeric, numeric),
	@store@.quantity_words(numeric, numeric, numeric, numeric, text, text, text, int, numeric, numeric),
	@store@.invoice_remarks(jsonb, jsonb, numeric), @store@.missing_order(text), @store@.match_without_order(bigint, bigint[]),
	@store@.match_results(bigint, bigint[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION @store@.shown_number(numeric), @store@.deviation_codes(text[]), @store@.price_words(numeric, numeric, numeric, numeric, numeric, numeric, numeric),
	@store@.order_words(text, bigint, bigint, bigint, text, text, text, text, int, text, boolean), @store@.credit_words(numeric, numeric, text, numeric, numeric, numeric, numeric),
	@store@.quantity_words(numeric, numeric, numeric, numeric, text, text, text, int, numeric, numeric),
	@store@.invoice_remarks(jsonb, jsonb, numeric), @store@.missing_order(text), @store@.match_results(bigint, bigint[]) TO PUBLIC;
