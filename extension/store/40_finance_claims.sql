-- Module finance, claims: who relies on what is open of an invoice.
--
-- At most one claim lies on an invoice, and on a receivable whatever document it came as; what speaks against one is told before it is tried.

--! code
CREATE OR REPLACE FUNCTION @store@.canonical_number(number text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	-- FAC 0012, fac-12 and FAC12 are one number; 1-11 and 11-1 are two
	SELECT pg_catalog.regexp_replace(pg_catalog.regexp_replace(pg_catalog.regexp_replace(pg_catalog.upper(canonical_number.number COLLATE "C"),
		'[][\s!-/:-@\\^_`{-~]+', '-', 'g'), '^-|-$|(?<![0-9])-|-(?![0-9])', '', 'g'), '(?<![0-9])0+(?=[0-9])', '', 'g');
END;
COMMENT ON FUNCTION @store@.canonical_number(text) IS 'An invoice number in one spelling: capitals, no leading zeros, no blanks and marks but one hyphen between digits.';

CREATE OR REPLACE FUNCTION @store@.claim_objections(p_tenant_id bigint, documents bigint[]) RETURNS TABLE (document_id bigint, objection text)
LANGUAGE plpgsql STABLE ROWS 10
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_generic_plan
SET enable_hashjoin = off    -- a list of invoices, looked up one by one, whatever the planner thinks of the tables
SET enable_mergejoin = off
AS $code$
#variable_conflict use_column
BEGIN
	RETURN QUERY
	SELECT o.id, o.objection
	FROM (
		SELECT u.id, CASE
			WHEN s.document_id IS NULL THEN 'there is no such invoice'
			WHEN s.is_credit THEN 'it is a credit note'
			WHEN c.kind IS NOT NULL THEN format('there is a claim on it: %s', c.kind)
			WHEN s.meaning IN ('refused', 'rejected', 'cancelled', 'unacceptable') THEN format('it is %s', s.meaning)
			WHEN l.open = 0 THEN 'nothing is open'
			WHEN l.currency IS NULL THEN 'it names no currency'
			WHEN l.disputed > 0 THEN format('%s %s of it is disputed', l.disputed, l.currency)
			-- who sold it may rely on it before its buyer has said anything
			WHEN s.direction <> 'sale' AND l.payable_now = 0 THEN 'it is not approved'
			-- but what came back, or never left, may be paid anew
			WHEN s.meaning IN ('payment_sent', 'payment_received') AND l.paid = 0 AND NOT EXISTS (
				SELECT FROM @store@.payment p WHERE p.tenant_id = p_tenant_id AND p.document_id = u.id AND p.state IN ('rejected', 'returned')) THEN 'it is said to be paid'
			-- paid back to a financier, and that payment came back while there could be no claim: the financier relies on it all the same
			WHEN EXISTS (SELECT FROM @store@.assignment_item a WHERE a.tenant_id = p_tenant_id AND a.document_id = u.id AND a.state NOT IN ('repaid', 'released'))
				THEN 'a financier has it outstanding' END AS objection
		FROM unnest(documents) u (id)
		LEFT JOIN @store@.invoice_state s ON s.tenant_id = p_tenant_id AND s.document_id = u.id
		LEFT JOIN @store@.ledger l ON l.tenant_id = p_tenant_id AND l.document_id = u.id
		LEFT JOIN @store@.claim c ON c.tenant_id = p_tenant_id AND c.document_id = u.id) o
	WHERE o.objection IS NOT NULL
	ORDER BY o.id;
END;
$code$;
COMMENT ON FUNCTION @store@.claim_objections(bigint, bigint[]) IS 'What speaks against a claim on each of these invoices now, one reason each; no row: nothing. Of another claim it names the kind and never the holder. That the same receivable is claimed under another document is found by claim_invoices(), and told by claimed_elsewhere().';

CREATE OR REPLACE FUNCTION @store@.receivable_of(p_tenant_id bigint, document_id bigint, document clex.document, seller_key text, number text, issue_date date)
RETURNS TABLE (seller text, canonical text, year int)
LANGUAGE sql STABLE ROWS 1
BEGIN ATOMIC
	SELECT COALESCE('siren ' || @store@.siren_of(receivable_of.document, 'BT-30', 'BT-31'),
			'party ' || @store@.party_of(receivable_of.p_tenant_id, ARRAY[receivable_of.seller_key, clex.value(receivable_of.document, 'BT-30'), clex.value(receivable_of.document, 'BT-29')]),
			'key ' || pg_catalog.upper(pg_catalog.regexp_replace(receivable_of.seller_key, '[^A-Za-z0-9]', '', 'g')), 'unknown ' || receivable_of.document_id),
		COALESCE(NULLIF(@store@.canonical_number(receivable_of.number), ''), 'document ' || receivable_of.document_id), COALESCE(pg_catalog.date_part('year', receivable_of.issue_date)::int, 0);
END;
COMMENT ON FUNCTION @store@.receivable_of(bigint, bigint, clex.document, text, text, date) IS
'Which receivable an invoice is, whatever document it came as: seller, number in one spelling and year of issue, as columns seller, number and year of table claim.';

CREATE OR REPLACE FUNCTION @store@.claimed_elsewhere(p_tenant_id bigint, document_id bigint) RETURNS boolean
LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT EXISTS (
		SELECT FROM @store@.invoice i
		CROSS JOIN LATERAL @store@.receivable_of(i.tenant_id, i.document_id, i.document, i.seller_key, i.number, i.issue_date) r
		JOIN @store@.claim c ON c.tenant_id = i.tenant_id AND c.seller = r.seller AND c.number = r.canonical AND c.year = r.year AND c.document_id <> i.document_id
		WHERE i.tenant_id = claimed_elsewhere.p_tenant_id AND i.document_id = claimed_elsewhere.document_id);
END;
COMMENT ON FUNCTION @store@.claimed_elsewhere(bigint, bigint) IS 'Whether the same receivable is claimed under another document, as far as the caller sees claims.';

CREATE OR REPLACE FUNCTION @store@.try_claims(p_tenant_id bigint, documents bigint[], kind text, holder text, "references" bigint[]) RETURNS TABLE (document_id bigint, objection text)
LANGUAGE plpgsql
SET search_path = pg_catalog, clex, pg_temp
SET plan_cache_mode = force_generic_plan
SET enable_hashjoin = off    -- a list of invoices, looked up one by one, whatever the planner thinks of the tables
SET enable_mergejoin = off
AS $code$
#variable_conflict use_column
DECLARE
	v_refused bigint[];
	v_objections text[];
	v_free bigint[];
	v_for bigint[];
BEGIN
	IF cardinality(documents) <> cardinality("references") THEN
		RAISE EXCEPTION 'as many references as invoices are needed' USING ERRCODE = 'array_subscript_error';
	END IF;
	PERFORM FROM @store@.invoice_state s WHERE s.tenant_id = p_tenant_id AND s.document_id = ANY (documents) ORDER BY s.document_id FOR NO KEY UPDATE;
	SELECT array_agg(o.document_id), array_agg(o.objection) INTO v_refused, v_objections FROM @store@.claim_objections(p_tenant_id, documents) o
	-- what is contested is not paid; the rest is
	WHERE NOT (try_claims.kind = 'payment' AND EXISTS (
			SELECT FROM @store@.ledger l WHERE l.tenant_id = p_tenant_id AND l.document_id = o.document_id AND l.disputed > 0 AND l.payable_now > 0
				AND NOT EXISTS (SELECT FROM @store@.claim c WHERE c.tenant_id = p_tenant_id AND c.document_id = o.document_id)))
		-- nor does a financier stand in its own way, or in that of its payment
		AND NOT (o.objection = 'a financier has it outstanding' AND (try_claims.kind = 'payment' OR try_claims.kind = 'assignment' AND EXISTS (
			SELECT FROM @store@.assignment_item a JOIN unnest("references") r (id) ON a.assignment_id = r.id
			WHERE a.tenant_id = p_tenant_id AND a.document_id = o.document_id AND a.state NOT IN ('repaid', 'released'))));
	-- lists are put together by groups, here and below: joined, each of one would be compared with each of the other
	SELECT array_agg(x.id ORDER BY x.id), array_agg(x.reference ORDER BY x.id) INTO v_free, v_for
	FROM (
		SELECT w.id, max(w.reference) AS reference
		FROM (
			SELECT u.id, u.reference, false AS refused FROM unnest(documents, "references") u (id, reference)
			UNION ALL
			SELECT r.id, NULL, true FROM unnest(v_refused) r (id)) w
		GROUP BY w.id HAVING NOT bool_or(w.refused)) x;
	INSERT INTO @store@.claim (tenant_id, document_id, kind, holder, reference, amount, currency, seller, number, year, seller_key, buyer_vat_id)
	SELECT p_tenant_id, u.id, try_claims.kind, try_claims.holder, u.reference, l.undisputed, l.currency, k.seller, k.canonical, k.year, i.seller_key, i.buyer_vat_id
	FROM unnest(v_free, v_for) u (id, reference)
	JOIN @store@.ledger l ON l.tenant_id = p_tenant_id AND l.document_id = u.id
	JOIN @store@.invoice i ON i.tenant_id = p_tenant_id AND i.document_id = u.id
	CROSS JOIN LATERAL @store@.receivable_of(p_tenant_id, u.id, i.document, i.seller_key, i.number, i.issue_date) k
	ORDER BY u.id
	ON CONFLICT DO NOTHING;
	PERFORM @store@.amounts_changed(p_tenant_id, documents);
	RETURN QUERY
	SELECT w.id, max(w.objection)
	FROM (
		SELECT u.id, CASE WHEN NOT EXISTS (SELECT FROM @store@.claim k
			WHERE k.tenant_id = p_tenant_id AND k.document_id = u.id AND k.kind = try_claims.kind AND k.reference = u.reference) THEN
			'there is a claim on the same receivable under another document: seller, number and year of issue are the same' END AS objection
		FROM unnest(v_free, v_for) u (id, reference)
		UNION ALL
		SELECT r.id, r.objection FROM unnest(v_refused, v_objections) r (id, objection)) w
	GROUP BY w.id ORDER BY w.id;
END;
$code$;
COMMENT ON FUNCTION @store@.try_claims(bigint, bigint[], text, text, bigint[]) IS
'Part of functions that rely on what is open: puts claims on those of the invoices that may have one, each with its reference, under their locks. Returns a row for each: NULL if it is claimed now, else what speaks against it (claim_objections()), or that the same receivable is claimed under another document.';

CREATE OR REPLACE FUNCTION @store@.claim_invoices(p_tenant_id bigint, documents bigint[], kind text, holder text, "references" bigint[]) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_refused record;
BEGIN
	SELECT * INTO v_refused FROM @store@.try_claims(p_tenant_id, documents, claim_invoices.kind, claim_invoices.holder, "references") t
	WHERE t.objection IS NOT NULL ORDER BY t.objection ~ '^there is a claim on the same receivable', t.document_id LIMIT 1;
	IF FOUND THEN
		RAISE EXCEPTION 'invoice % cannot be claimed', v_refused.document_id USING
			ERRCODE = CASE WHEN v_refused.objection = 'there is no such invoice' THEN 'no_data_found' ELSE 'object_not_in_prerequisite_state' END,
			DETAIL = upper(left(v_refused.objection, 1)) || substr(v_refused.objection, 2) || '.';
	END IF;
END;
$code$;
COMMENT ON FUNCTION @store@.claim_invoices(bigint, bigint[], text, text, bigint[]) IS
'Part of functions that rely on what is open: locks invoices, lowest first, and puts a claim on each, with a reference of its own; all or none. Errors: P0002 no such invoice, or not one the caller may see, 55000 it is claimed (the detail names the kind alone), not approved, disputed, refused, a credit note, has nothing open, or the same receivable is claimed under another document, 2202E numbers differ.';

CREATE OR REPLACE FUNCTION @store@.claim_invoice(p_tenant_id bigint, document_id bigint, kind text, holder text, reference bigint) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $code$
BEGIN
	PERFORM @store@.claim_invoices(p_tenant_id, ARRAY[claim_invoice.document_id], claim_invoice.kind, claim_invoice.holder, ARRAY[claim_invoice.reference]);
END;
$code$;
COMMENT ON FUNCTION @store@.claim_invoice(bigint, bigint, text, text, bigint) IS 'Part of functions that rely on what is open: puts a claim on one invoice; see claim_invoices().';

CREATE OR REPLACE FUNCTION @store@.release_claim(p_tenant_id bigint, document_id bigint, kind text, reference bigint) RETURNS boolean
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
BEGIN
	DELETE FROM @store@.claim c
	WHERE c.tenant_id = p_tenant_id AND c.document_id = release_claim.document_id AND c.kind = release_claim.kind AND c.reference = release_claim.reference;
	IF NOT FOUND THEN
		RETURN false;
	END IF;
	PERFORM @store@.amounts_changed(p_tenant_id, ARRAY[release_claim.document_id]);
	RETURN true;
END;
$code$;
COMMENT ON FUNCTION @store@.release_claim(bigint, bigint, text, bigint) IS 'Part of functions that rely on what is open no more: takes away their claim on an invoice, and no other one. Returns whether it was there.';

CREATE OR REPLACE FUNCTION @store@.release_claims(p_tenant_id bigint, documents bigint[], kind text, reference bigint) RETURNS bigint
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_freed bigint[];
BEGIN
	WITH freed AS (
		DELETE FROM @store@.claim c
		WHERE c.tenant_id = p_tenant_id AND c.kind = release_claims.kind AND c.reference = release_claims.reference
			AND (release_claims.documents IS NULL OR c.document_id = ANY (release_claims.documents))
		RETURNING c.document_id
	)
	SELECT ARRAY(SELECT f.document_id FROM freed f) INTO v_freed;
	PERFORM @store@.amounts_changed(p_tenant_id, v_freed);
	RETURN cardinality(v_freed);
END;
$code$;
COMMENT ON FUNCTION @store@.release_claims(bigint, bigint[], text, bigint) IS 'Part of functions that rely on what is open no more: takes away the claims of one kind and reference on these invoices (NULL = on all), and no others. Returns how many there were.';

CREATE OR REPLACE FUNCTION @store@.turn_claims(p_tenant_id bigint, documents bigint[], from_kind text, from_references bigint[], to_kind text, holder text, to_references bigint[]) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET enable_hashjoin = off    -- a list of invoices, looked up one by one, whatever the planner thinks of the tables
SET enable_mergejoin = off
AS $code$
#variable_conflict use_column
DECLARE
	v_count bigint;
	v_missing bigint;
BEGIN
	IF cardinality(documents) <> cardinality(from_references) OR cardinality(documents) <> cardinality(to_references) THEN
		RAISE EXCEPTION 'as many references as invoices are needed' USING ERRCODE = 'array_subscript_error';
	END IF;
	PERFORM FROM @store@.invoice_state s WHERE s.tenant_id = p_tenant_id AND s.document_id = ANY (documents) ORDER BY s.document_id FOR NO KEY UPDATE;
	UPDATE @store@.claim c SET kind = turn_claims.to_kind, holder = turn_claims.holder, reference = u.to_reference, claimed_at = clock_timestamp(), claimed_by = clex.caller()
	FROM unnest(documents, from_references, to_references) u (id, from_reference, to_reference)
	WHERE c.tenant_id = p_tenant_id AND c.document_id = u.id
		AND (c.kind = turn_claims.from_kind AND c.reference = u.from_reference OR c.kind = turn_claims.to_kind AND c.reference = u.to_reference AND c.holder = turn_claims.holder);
	GET DIAGNOSTICS v_count = ROW_COUNT;
	IF v_count < cardinality(documents) THEN
		SELECT u.id INTO v_missing FROM unnest(documents, to_references) u (id, reference)
		WHERE NOT EXISTS (SELECT FROM @store@.claim c WHERE c.tenant_id = p_tenant_id AND c.document_id = u.id AND c.kind = turn_claims.to_kind AND c.reference = u.reference
			AND c.holder = turn_claims.holder)
		ORDER BY u.id LIMIT 1;
		RAISE EXCEPTION 'invoice % has no claim of that kind and reference', v_missing USING
			ERRCODE = 'object_not_in_prerequisite_state',
			DETAIL = format('%s of %s claims are there to be turned from %s to %s.', v_count, cardinality(documents), from_kind, to_kind);
	END IF;
	PERFORM @store@.amounts_changed(p_tenant_id, documents);
END;
$code$;
COMMENT ON FUNCTION @store@.turn_claims(bigint, bigint[], text, bigint[], text, text, bigint[]) IS
'Part of functions that take over from others: makes claims of one kind and reference ones of another (auction, assignment, payment), all or none, without a moment at which the invoices are free. Those that were turned before stay as they are. A dispute since the claim does not hinder it: view hurt_claims lists those. Errors: 55000 no such claim, 2202E numbers differ.';

CREATE OR REPLACE FUNCTION @store@.turn_claim(p_tenant_id bigint, document_id bigint, from_kind text, from_reference bigint, to_kind text, holder text, to_reference bigint) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $code$
BEGIN
	PERFORM @store@.turn_claims(p_tenant_id, ARRAY[turn_claim.document_id], turn_claim.from_kind, ARRAY[turn_claim.from_reference], turn_claim.to_kind, turn_claim.holder,
		ARRAY[turn_claim.to_reference]);
END;
$code$;
COMMENT ON FUNCTION @store@.turn_claim(bigint, bigint, text, bigint, text, text, bigint) IS 'Part of functions that take over from others: turns the claim on one invoice; see turn_claims().';

CREATE OR REPLACE VIEW @store@.claims WITH (security_invoker) AS
SELECT c.tenant_id, c.document_id, i.number, i.seller_name, c.kind, c.holder, c.reference, c.amount, c.currency, c.claimed_at, c.claimed_by
FROM @store@.claim c
JOIN @store@.invoice i ON i.tenant_id = c.tenant_id AND i.document_id = c.document_id;
COMMENT ON VIEW @store@.claims IS 'Invoices of which somebody relies on what is open, and who.';

CREATE OR REPLACE VIEW @store@.hurt_claims WITH (security_invoker) AS
SELECT c.tenant_id, c.document_id, l.number, c.kind, c.holder, c.reference, c.amount, l.undisputed, c.amount - l.undisputed AS missing, c.currency,
	CASE WHEN l.face = 0 THEN l.meaning WHEN l.disputed > 0 THEN 'disputed' WHEN l.open = 0 AND l.paid > 0 THEN 'paid' ELSE 'less is open' END AS hurt,
	CASE c.kind WHEN 'offer' THEN 'release' WHEN 'assignment' THEN 'recourse' WHEN 'auction' THEN 'take out' ELSE 'recall' END AS remedy
FROM @store@.claim c
JOIN @store@.ledger l ON l.tenant_id = c.tenant_id AND l.document_id = c.document_id
WHERE l.undisputed < c.amount;
COMMENT ON VIEW @store@.hurt_claims IS
'Claims on invoices that are worth less than when they were claimed: a dispute was opened, a credit note linked, the invoice refused or paid otherwise. Nothing is undone by itself; remedy says what is to be done: release (an offer that was accepted), recourse (a financier paid for it), take out (of an auction), recall (a payment order).';

REVOKE ALL ON FUNCTION @store@.claim_objections(bigint, bigint[]), @store@.try_claims(bigint, bigint[], text, text, bigint[]), @store@.claim_invoices(bigint, bigint[], text, text, bigint[]),
	@store@.claim_invoice(bigint, bigint, text, text, bigint), @store@.release_claim(bigint, bigint, text, bigint), @store@.release_claims(bigint, bigint[], text, bigint),
	@store@.turn_claims(bigint, bigint[], text, bigint[], text, text, bigint[]), @store@.turn_claim(bigint, bigint, text, bigint, text, text, bigint) FROM PUBLIC;
-- siren_of() is a pure function of a document, which whoever lists payables calls by receivable_of()
GRANT EXECUTE ON FUNCTION @store@.canonical_number(text), @store@.siren_of(clex.document, text, text), @store@.receivable_of(bigint, bigint, clex.document, text, text, date),
	@store@.claimed_elsewhere(bigint, bigint), @store@.claim_objections(bigint, bigint[]) TO PUBLIC;
GRANT SELECT ON @store@.claims, @store@.hurt_claims TO PUBLIC;
