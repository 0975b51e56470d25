-- Module finance, results of auctions: awards become assignments and discounts, everybody is told, and anybody may clear again.
--
-- Closing goes in steps: freeze, clear, assign, tell.  Each looks at the state under the lock of the auction and does nothing if it was done; a crash between
-- two of them leaves the earlier one done, and the next call goes on.

--! step 52 what becomes of the awards
CREATE TABLE @store@.award_transfer (
	tenant_id bigint NOT NULL,
	auction_id bigint NOT NULL,
	bidder text NOT NULL,
	outcome text NOT NULL CHECK (outcome IN ('assigned', 'taken', 'refused')),
	reference bigint,
	refusal text,
	transferred_at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
	PRIMARY KEY (tenant_id, auction_id, bidder),
	CHECK ((outcome = 'refused') = (refusal IS NOT NULL) AND (outcome = 'refused') = (reference IS NULL)),
	FOREIGN KEY (tenant_id, auction_id, bidder) REFERENCES @store@.auction_bidder (tenant_id, auction_id, bidder)
);
COMMENT ON TABLE @store@.award_transfer IS 'What became of the awards of each winner. Rows are added by assign_awards(), never changed.';
COMMENT ON COLUMN @store@.award_transfer.tenant_id IS 'Tenant.';
COMMENT ON COLUMN @store@.award_transfer.auction_id IS 'Auction.';
COMMENT ON COLUMN @store@.award_transfer.bidder IS 'Winner.';
COMMENT ON COLUMN @store@.award_transfer.outcome IS 'assigned: the receivables are assigned to it. taken: own funds pay with a discount. refused: they could not be, see refusal, and the invoices are free again.';
COMMENT ON COLUMN @store@.award_transfer.reference IS 'Number of the assignment, or of the first offer.';
COMMENT ON COLUMN @store@.award_transfer.refusal IS 'Why not.';
COMMENT ON COLUMN @store@.award_transfer.transferred_at IS 'When.';
REVOKE UPDATE, DELETE, TRUNCATE ON @store@.award_transfer FROM CURRENT_USER;

ALTER TABLE @store@.award_transfer ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

--! step 53 whether awards are optimal
ALTER TABLE @store@.auction_result ADD COLUMN optimal boolean;
COMMENT ON COLUMN @store@.auction_result.optimal IS 'Whether it was proved, by the prices or by a search of every case, that no lawful award is cheaper; NULL = not kept when it was cleared.';

--! step 54 nothing is split any more
DROP VIEW IF EXISTS @store@.auction_results, @store@.auction_awards, @store@.auction_refusals;
ALTER TABLE @store@.award DROP COLUMN IF EXISTS is_whole;
ALTER TABLE @store@.auction_result DROP COLUMN IF EXISTS split_minor;

--! step 55 snapshots and awards are checked together
-- who wins what is checked by clex.auction_certificate(), from the snapshot, for all awards at once, when they are made and whenever they are replayed; the snapshot is copied from the batch by one
-- statement.  None of these rows is ever changed or deleted, so that keys would check one by one what cannot be otherwise
ALTER TABLE @store@.award DROP CONSTRAINT award_tenant_id_auction_id_document_id_fkey, DROP CONSTRAINT award_tenant_id_auction_id_bid_no_fkey;
ALTER TABLE @store@.cleared_invoice DROP CONSTRAINT cleared_invoice_tenant_id_auction_id_document_id_fkey;

--! code
SELECT @store@.put_auction_policies('{award_transfer}', '{}', '{award_transfer}');
DROP POLICY IF EXISTS scope ON @store@.award_transfer;
CREATE POLICY scope ON @store@.award_transfer FOR SELECT
	USING ((SELECT @store@.is_scoped()) AND EXISTS (
		SELECT FROM @store@.award w WHERE w.tenant_id = award_transfer.tenant_id AND w.auction_id = award_transfer.auction_id AND w.bidder = award_transfer.bidder));

CREATE OR REPLACE FUNCTION @store@.take_discounts(p_tenant_id bigint, auction @store@.auction, documents bigint[], rates numeric[]) RETURNS bigint
LANGUAGE plpgsql
SET search_path = pg_catalog, clex, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_offers bigint[];
	v_taken bigint[];
BEGIN
	WITH taken AS (
		INSERT INTO @store@.offer AS o (tenant_id, document_id, direction, side, state, rate, day_count, method, rounding, calendar, currency, amount, due_date, pay_from, pay_until, expires_at,
			note, pay_on, discount, net, simple_rate, effective_rate, answered_by, answered_at, party_id, entity_id, seller_key, buyer_vat_id)
		SELECT p_tenant_id, w.id, s.direction, 'buyer', 'accepted', w.rate, t.day_count, t.method, t.rounding, t.calendar, auction.currency, i.amount, i.due_date, auction.settlement_date,
			auction.settlement_date, auction.reveal_until, format('auction %s', auction.name), auction.settlement_date, f.discount, f.net, f.simple_rate, f.effective_rate, clex.caller(),
			clock_timestamp(), s.party_id, s.entity_id, s.seller_key, s.buyer_vat_id
		FROM unnest(documents, rates) w (id, rate)
		JOIN @store@.auction_invoice i ON i.tenant_id = p_tenant_id AND i.auction_id = auction.id AND i.document_id = w.id
		JOIN @store@.invoice_state s ON s.tenant_id = p_tenant_id AND s.document_id = w.id
		CROSS JOIN (SELECT @store@.finance_setting(p_tenant_id, 'day_count', 'ACT/360') AS day_count, @store@.finance_setting(p_tenant_id, 'method', 'DISCOUNT_ON_FACE') AS method,
			@store@.finance_setting(p_tenant_id, 'rounding', 'HALF_UP') AS rounding, @store@.finance_setting(p_tenant_id, 'calendar', 'TARGET') AS calendar) t
		CROSS JOIN LATERAL @store@.offer_figures(i.amount, w.rate, auction.settlement_date, i.due_date, t.day_count, t.method, auction.currency, t.rounding) f
		WHERE f.simple_rate IS NOT NULL
		ORDER BY w.id
		RETURNING o.id, o.document_id
	)
	SELECT array_agg(t.id ORDER BY t.document_id), array_agg(t.document_id ORDER BY t.document_id) INTO v_offers, v_taken FROM taken t;
	IF cardinality(v_taken) IS DISTINCT FROM cardinality(documents) THEN
		RAISE EXCEPTION 'the rate gives no discount on an invoice, or more than there is' USING
			ERRCODE = 'invalid_parameter_value',
			DETAIL = format('It is invoice %s.', (SELECT min(d) FROM unnest(documents) d WHERE d <> ALL (COALESCE(v_taken, '{}'))));
	END IF;
	PERFORM @store@.turn_claims(p_tenant_id, v_taken, 'auction', array_fill(auction.id, ARRAY[cardinality(v_taken)]), 'offer', format('auction %s', auction.id), v_offers);
	RETURN v_offers[1];
END;
$code$;
COMMENT ON FUNCTION @store@.take_discounts(bigint, @store@.auction, bigint[], numeric[]) IS
'Part of assign_awards(): what own funds have won becomes discounts that are agreed, to be paid on the settlement date; suppliers have said by their reserves that they want that. Returns the number of the first offer. Errors: 22023 a rate that gives no discount, 55000 a claim is lost.';

CREATE OR REPLACE FUNCTION @store@.transfer_awards(p_tenant_id bigint, auction @store@.auction, bidder text) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_documents bigint[];
	v_rates numeric[];
	v_key text := format('auction/%s/%s', auction.id, transfer_awards.bidder);
	v_reference bigint;
	v_detail text;
BEGIN
	-- several bids of one bidder may fund an invoice together: their rate is the mean by amount
	SELECT array_agg(w.document_id ORDER BY w.document_id), array_agg(trim_scale(w.rate) ORDER BY w.document_id) INTO v_documents, v_rates
	FROM (
		SELECT a.document_id, sum(a.amount_minor::numeric * a.rate_ppm) / sum(a.amount_minor) / 1000000 AS rate FROM @store@.award a
		WHERE a.tenant_id = p_tenant_id AND a.auction_id = auction.id AND a.bidder = transfer_awards.bidder
		GROUP BY a.document_id) w;
	BEGIN
		IF transfer_awards.bidder = 'own' THEN
			v_reference := @store@.take_discounts(p_tenant_id, auction, v_documents, v_rates);
		ELSE
			v_reference := @store@.assign_invoices(p_tenant_id, transfer_awards.bidder, v_documents, auction.settlement_date, v_rates, 'auction', v_key);
		END IF;
		INSERT INTO @store@.award_transfer (tenant_id, auction_id, bidder, outcome, reference)
		VALUES (p_tenant_id, auction.id, transfer_awards.bidder, CASE transfer_awards.bidder WHEN 'own' THEN 'taken' ELSE 'assigned' END, v_reference);
	EXCEPTION WHEN object_not_in_prerequisite_state OR invalid_parameter_value THEN
		-- what was lawful when it was frozen and is not now: said, and nothing is assigned beyond a limit
		GET STACKED DIAGNOSTICS v_detail = PG_EXCEPTION_DETAIL;
		INSERT INTO @store@.award_transfer (tenant_id, auction_id, bidder, outcome, refusal)
		VALUES (p_tenant_id, auction.id, transfer_awards.bidder, 'refused', SQLERRM);
		-- figures of a financier are for the journal, and not for suppliers
		PERFORM @store@.record_event(p_tenant_id, 'refuse_awards', 'auction', auction.id::text, NULL,
			jsonb_build_object('bidder', transfer_awards.bidder, 'invoices', cardinality(v_documents), 'refusal', SQLERRM, 'detail', v_detail));
	END;
END;
$code$;
COMMENT ON FUNCTION @store@.transfer_awards(bigint, @store@.auction, text) IS 'Part of assign_awards(): assigns what a bidder has won, or says why that is not possible any more.';

CREATE OR REPLACE FUNCTION @store@.assign_awards(p_tenant_id bigint, auction_id bigint) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_auction @store@.auction;
	v_bidder text;
BEGIN
	PERFORM @store@.require_right(p_tenant_id, 'auction');
	PERFORM @store@.auction_of(p_tenant_id, assign_awards.auction_id);
	PERFORM @store@.lock_batch(p_tenant_id, assign_awards.auction_id);
	SELECT * INTO v_auction FROM @store@.auction a WHERE a.tenant_id = p_tenant_id AND a.id = assign_awards.auction_id FOR NO KEY UPDATE;
	IF v_auction.state IN ('open', 'frozen') THEN
		RAISE EXCEPTION 'auction % is not cleared', assign_awards.auction_id USING
			ERRCODE = 'object_not_in_prerequisite_state',
			HINT = 'freeze_auction() and clear_auction() come first; close_auction() does all steps.';
	ELSIF v_auction.state <> 'cleared' THEN
		RETURN v_auction.state;
	END IF;
	-- limits are locked in the order in which freeze_auction() locks them
	FOR v_bidder IN
		SELECT b.bidder FROM (SELECT DISTINCT a.bidder FROM @store@.award a WHERE a.tenant_id = p_tenant_id AND a.auction_id = assign_awards.auction_id) b
		LEFT JOIN @store@.financier f ON f.tenant_id = p_tenant_id AND f.code = b.bidder
		ORDER BY f.financier_id
	LOOP
		PERFORM @store@.transfer_awards(p_tenant_id, v_auction, v_bidder);
	END LOOP;
	PERFORM @store@.release_claims(p_tenant_id, NULL, 'auction', v_auction.id);
	UPDATE @store@.auction a SET state = 'assigned' WHERE a.tenant_id = p_tenant_id AND a.id = v_auction.id;
	PERFORM @store@.record_event(p_tenant_id, 'assign_awards', 'auction', v_auction.id::text, to_jsonb(v_auction.state), (
		SELECT jsonb_object_agg(t.bidder, jsonb_strip_nulls(jsonb_build_object('outcome', t.outcome, 'reference', t.reference, 'refusal', t.refusal))) FROM @store@.award_transfer t
		WHERE t.tenant_id = p_tenant_id AND t.auction_id = v_auction.id));
	RETURN 'assigned';
END;
$code$;
COMMENT ON FUNCTION @store@.assign_awards(bigint, bigint) IS
'Third step of close_auction(): what a financier has won becomes an assignment to it (assign_invoices()), what own funds have won a discount that is agreed, each once, whatever is repeated; all other invoices of the batch are free again. Awards that are not lawful any more, since a limit was lowered after freezing, are refused with the reason. Returns the state; once it is assigned nothing happens. For personas with the right auction. Errors: 42501, P0002 no such auction, 55000 it is not cleared.';

CREATE OR REPLACE FUNCTION @store@.post_results(p_tenant_id bigint, auction @store@.auction) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, clex, pg_temp
SET jit = off
AS $code$
#variable_conflict use_column
DECLARE
	v_unit numeric := 10::numeric ^ clex.currency_digits(auction.currency);
BEGIN
	PERFORM @store@.tell_bidder(p_tenant_id, auction.id, b.bidder, CASE WHEN w.bidder IS NULL THEN 'auction_lost' ELSE 'auction_won' END,
		jsonb_build_object('auction', auction.name, 'invoices', w.invoices, 'total', jsonb_build_object('amount', trim_scale(w.amount / v_unit), 'currency', auction.currency),
			'rate', round(w.cost / w.amount / 1000000, 4), 'settlement', auction.settlement_date))
	FROM (SELECT DISTINCT c.bidder FROM @store@.cleared_bid c WHERE c.tenant_id = p_tenant_id AND c.auction_id = auction.id) b
	LEFT JOIN (
		SELECT a.bidder, count(DISTINCT a.document_id) AS invoices, sum(a.amount_minor) AS amount, sum(a.amount_minor::numeric * a.rate_ppm) AS cost
		FROM @store@.award a
		JOIN @store@.award_transfer t ON t.tenant_id = a.tenant_id AND t.auction_id = a.auction_id AND t.bidder = a.bidder AND t.outcome <> 'refused'
		WHERE a.tenant_id = p_tenant_id AND a.auction_id = auction.id GROUP BY a.bidder) w ON w.bidder = b.bidder
	WHERE b.bidder <> 'own' OR w.bidder IS NOT NULL
	ORDER BY b.bidder COLLATE "C";
	PERFORM @store@.post_notice(p_tenant_id, CASE WHEN s.is_paid THEN 'auction_paid_early' ELSE 'auction_not_paid_early' END,
		format('auction/%s/%s/%s', auction.id, CASE WHEN s.is_paid THEN 'paid_early' ELSE 'not_paid_early' END, s.party_id),
		jsonb_build_object('auction', auction.name, 'invoices', s.invoices, 'total', jsonb_build_object('amount', s.amount, 'currency', auction.currency), 'settlement', auction.settlement_date),
		NULL, s.party_id)
	FROM (
		SELECT i.party_id, r.document_id IS NOT NULL AS is_paid, count(*) AS invoices, sum(i.amount) AS amount
		FROM @store@.auction_invoice i
		LEFT JOIN (
			SELECT DISTINCT a.document_id FROM @store@.award a
			JOIN @store@.award_transfer t ON t.tenant_id = a.tenant_id AND t.auction_id = a.auction_id AND t.bidder = a.bidder AND t.outcome <> 'refused'
			WHERE a.tenant_id = p_tenant_id AND a.auction_id = auction.id) r ON r.document_id = i.document_id
		WHERE i.tenant_id = p_tenant_id AND i.auction_id = auction.id AND i.refusal IS NULL AND i.party_id IS NOT NULL
		GROUP BY i.party_id, r.document_id IS NOT NULL) s
	ORDER BY s.party_id, s.is_paid;
	PERFORM @store@.post_notice(p_tenant_id, 'auction_settled', format('auction/%s/settled', auction.id), jsonb_build_object('auction', auction.name, 'invoices', w.invoices,
		'total', jsonb_build_object('amount', w.amount, 'currency', auction.currency), 'unfunded', w.offered - w.invoices), auction.opened_by)
	FROM (
		SELECT count(*) AS offered, count(*) FILTER (WHERE c.kind IS NOT NULL) AS invoices, COALESCE(sum(i.amount) FILTER (WHERE c.kind IS NOT NULL), 0) AS amount
		FROM @store@.auction_invoice i
		LEFT JOIN (
			SELECT DISTINCT a.document_id, t.outcome AS kind FROM @store@.award a
			JOIN @store@.award_transfer t ON t.tenant_id = a.tenant_id AND t.auction_id = a.auction_id AND t.bidder = a.bidder AND t.outcome <> 'refused'
			WHERE a.tenant_id = p_tenant_id AND a.auction_id = auction.id) c ON c.document_id = i.document_id
		WHERE i.tenant_id = p_tenant_id AND i.auction_id = auction.id AND i.refusal IS NULL) w;
END;
$code$;
COMMENT ON FUNCTION @store@.post_results(bigint, @store@.auction) IS 'Part of tell_results(): notices to each bidder, each supplier with invoices in the batch, and the member that opened the auction, in their languages.';

CREATE OR REPLACE FUNCTION @store@.tell_results(p_tenant_id bigint, auction_id bigint) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_auction @store@.auction;
BEGIN
	PERFORM @store@.require_right(p_tenant_id, 'auction');
	PERFORM @store@.auction_of(p_tenant_id, tell_results.auction_id);
	SELECT * INTO v_auction FROM @store@.auction a WHERE a.tenant_id = p_tenant_id AND a.id = tell_results.auction_id FOR NO KEY UPDATE;
	IF v_auction.state IN ('open', 'frozen', 'cleared') THEN
		RAISE EXCEPTION 'nothing is decided of auction %', tell_results.auction_id USING
			ERRCODE = 'object_not_in_prerequisite_state',
			HINT = 'close_auction() does all steps.';
	ELSIF v_auction.state = 'assigned' THEN
		PERFORM @store@.post_results(p_tenant_id, v_auction);
		UPDATE @store@.auction a SET state = 'settled' WHERE a.tenant_id = p_tenant_id AND a.id = v_auction.id;
		RETURN 'settled';
	END IF;
	RETURN v_auction.state;
END;
$code$;
COMMENT ON FUNCTION @store@.tell_results(bigint, bigint) IS
'Last step of close_auction(): notices to bidders, to suppliers with invoices in the batch, and to the member that opened the auction, once. Returns the state; once it is settled nothing happens. For personas with the right auction. Errors: 42501, P0002 no such auction, 55000 nothing is assigned yet.';

CREATE OR REPLACE FUNCTION @store@.close_auction(p_tenant_id bigint, auction_id bigint) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $code$
DECLARE
	v_state text;
BEGIN
	PERFORM @store@.require_right(p_tenant_id, 'auction');
	v_state := @store@.freeze_auction(p_tenant_id, close_auction.auction_id);
	IF v_state = 'frozen' THEN
		v_state := @store@.clear_auction(p_tenant_id, close_auction.auction_id);
	END IF;
	IF v_state = 'cleared' THEN
		v_state := @store@.assign_awards(p_tenant_id, close_auction.auction_id);
	END IF;
	IF v_state = 'assigned' THEN
		v_state := @store@.tell_results(p_tenant_id, close_auction.auction_id);
	END IF;
	RETURN v_state;
END;
$code$;
COMMENT ON FUNCTION @store@.close_auction(bigint, bigint) IS
'Closes an auction when bids can be revealed no more: freeze_auction(), clear_auction(), assign_awards(), tell_results(), whichever are left to be done. In one transaction limits of financiers are held from freezing to assignment; the steps may as well be called one by one. Two sessions that close it wait for each other, and it is closed once. Returns the state: settled, or cancelled. For personas with the right auction. Errors: 42501, P0002 no such auction, 55000 it is too early.';

CREATE OR REPLACE FUNCTION @store@.replay_auction(p_tenant_id bigint, auction_id bigint) RETURNS TABLE (what text, subject text, stored text, recomputed text)
LANGUAGE plpgsql SECURITY DEFINER STABLE ROWS 10
SET search_path = pg_catalog, clex, pg_temp
SET jit = off
AS $code$
#variable_conflict use_column
DECLARE
	v_snapshot @store@.auction_snapshot;
	v_result @store@.auction_result;
	v_again @store@.auction_result;
	v_previous bytea;
	q record;
BEGIN
	PERFORM @store@.require_member(p_tenant_id);
	IF p_tenant_id NOT IN (SELECT t FROM @store@.readable_tenants() t) THEN
		PERFORM @store@.require_right(p_tenant_id, 'auction');
	END IF;
	PERFORM @store@.auction_of(p_tenant_id, replay_auction.auction_id);
	SELECT * INTO v_snapshot FROM @store@.auction_snapshot s WHERE s.tenant_id = p_tenant_id AND s.auction_id = replay_auction.auction_id;
	SELECT * INTO v_result FROM @store@.auction_result r WHERE r.tenant_id = p_tenant_id AND r.auction_id = replay_auction.auction_id;
	IF NOT FOUND THEN
		RAISE EXCEPTION 'auction % is not cleared', replay_auction.auction_id USING ERRCODE = 'object_not_in_prerequisite_state';
	END IF;
	q := @store@.clearing_queries(p_tenant_id, replay_auction.auction_id);
	v_again := @store@.certify_auction(p_tenant_id, replay_auction.auction_id, v_snapshot.options);
	v_again.chain_no := v_result.chain_no;
	v_again.clex_version := v_result.clex_version;
	v_again.previous_sha256 := v_result.previous_sha256;
	v_again.optimal := v_result.optimal;
	v_previous := (SELECT r.sha256 FROM @store@.auction_result r WHERE r.tenant_id = p_tenant_id AND r.chain_no = v_result.chain_no - 1);
	RETURN QUERY
	SELECT f.what, f.subject, f.stored, f.recomputed
	FROM (VALUES
		(1, 'snapshot', 'sha256', encode(v_snapshot.sha256, 'hex'), encode(@store@.snapshot_digest(p_tenant_id, replay_auction.auction_id, v_snapshot.terms, v_snapshot.options), 'hex')),
		(2, 'awards', 'sha256', encode(v_result.awards_sha256, 'hex'), encode(v_again.awards_sha256, 'hex')),
		(3, 'result', 'sha256', encode(v_result.sha256, 'hex'), encode(@store@.result_digest(p_tenant_id, v_again), 'hex')),
		(4, 'chain', (v_result.chain_no - 1)::text, encode(v_result.previous_sha256, 'hex'), encode(v_previous, 'hex')),
		(5, 'certificate', 'feasible', v_result.feasible::text, v_again.feasible::text),
		(6, 'certificate', 'objective', v_result.objective::text, v_again.objective::text),
		(7, 'certificate', 'bound', v_result.bound::text, v_again.bound::text)) f (place, what, subject, stored, recomputed)
	WHERE f.stored IS DISTINCT FROM f.recomputed
	ORDER BY f.place;
	RETURN QUERY
	SELECT 'commitment', b.bid_no::text, encode(b.commitment, 'hex'), encode(clex.bid_commitment(b.auction_id, b.bidder, b.bid, b.nonce), 'hex')
	FROM @store@.cleared_bid b
	WHERE b.tenant_id = p_tenant_id AND b.auction_id = replay_auction.auction_id AND b.bid IS NOT NULL AND b.commitment <> clex.bid_commitment(b.auction_id, b.bidder, b.bid, b.nonce)
	ORDER BY b.bid_no;
	RETURN QUERY
	WITH cleared AS MATERIALIZED (
		SELECT * FROM @store@.cleared_parts(p_tenant_id, replay_auction.auction_id, v_snapshot.options)
	)
	SELECT d.what, COALESCE(d.name, concat_ws('/', d.document_id, d.bid_no)), d.stored, d.recomputed
	FROM (
		SELECT 'certificate' AS what, 'optimal' AS name, NULL::bigint AS document_id, NULL::bigint AS bid_no, v_result.optimal::text AS stored,
			(c.optimal OR v_again.bound = v_again.objective)::text AS recomputed
		FROM cleared c WHERE c.part = 'proof' AND v_result.optimal IS NOT NULL
		UNION ALL
		SELECT 'award', NULL, COALESCE(a.document_id, n.invoice_id), COALESCE(a.bid_no, n.bid_id),
			CASE WHEN a.bid_no IS NOT NULL THEN concat_ws(' at ', a.amount_minor, a.rate_ppm) END, CASE WHEN n.bid_id IS NOT NULL THEN concat_ws(' at ', n.amount_minor, n.rate_ppm) END
		FROM (SELECT * FROM @store@.award x WHERE x.tenant_id = p_tenant_id AND x.auction_id = replay_auction.auction_id) a
		FULL JOIN (SELECT * FROM cleared c WHERE c.part = 'award') n ON n.invoice_id = a.document_id AND n.bid_id = a.bid_no) d
	WHERE d.stored IS DISTINCT FROM d.recomputed
	ORDER BY d.document_id NULLS FIRST, d.bid_no;
	RETURN QUERY
	SELECT 'statistic', concat_ws(' ', d.measure, NULLIF(d.subject, '')), d.stored, d.recomputed
	FROM (
		SELECT COALESCE(s.measure, n.measure) AS measure, COALESCE(s.subject, n.subject, '') AS subject, s.value::text AS stored, n.value::text AS recomputed
		FROM (SELECT * FROM @store@.auction_statistic x WHERE x.tenant_id = p_tenant_id AND x.auction_id = replay_auction.auction_id) s
		FULL JOIN (SELECT * FROM clex.auction_statistics(q.invoices, q.bids, q.caps, @store@.awards_query(p_tenant_id, replay_auction.auction_id), v_snapshot.options) x
			WHERE x.value IS NOT NULL) n ON n.measure = s.measure AND COALESCE(n.subject, '') = s.subject) d
	WHERE d.stored IS DISTINCT FROM d.recomputed
	ORDER BY d.measure COLLATE "C", d.subject COLLATE "C";
END;
$code$;
COMMENT ON FUNCTION @store@.replay_auction(bigint, bigint) IS
'Computes an auction again from its snapshot and compares: hashes of snapshot, awards and result, the link to the result before it, the commitment of each bid, certificate, every award, every figure. A row for each thing that differs; none: all is as it was. Clearing needs the version of clex that view auction_results names to be sure to find the same award again. For personas that read the tenant. Errors: 42501, P0002 no such auction, 55000 it is not cleared.';

CREATE OR REPLACE FUNCTION @store@.own_refusals(p_tenant_id bigint) RETURNS TABLE (auction_id bigint, document_id bigint, stage text, amount_minor bigint, reason text, explanation text)
LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 100
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
BEGIN
	PERFORM @store@.require_member(p_tenant_id);
	IF p_tenant_id IN (SELECT t FROM @store@.readable_tenants() t) THEN
		RETURN;
	END IF;
	RETURN QUERY
	SELECT r.auction_id, r.document_id, r.stage, r.amount_minor, w.reason, w.explanation
	FROM @store@.award_refusal r
	JOIN @store@.own_seller_keys() k ON k.tenant_id = r.tenant_id AND k.seller_key = r.seller_key
	-- what is said of the invoice itself is the supplier's; what bids and limits left is not
	CROSS JOIN LATERAL (
		SELECT CASE WHEN r.reason IN ('cap_reached', 'minimum_not_met') THEN 'no_room' ELSE r.reason END AS reason, CASE r.reason
			WHEN 'no_bid' THEN 'No bid takes this buyer and tenor.'
			WHEN 'ticket' THEN 'Bids take larger or smaller invoices.'
			WHEN 'reserve_too_low' THEN 'No bid is within the rate that its supplier accepts.'
			WHEN 'cap_reached' THEN 'There was no room left for it.'
			WHEN 'minimum_not_met' THEN 'There was no room left for it.'
			WHEN 'outbid' THEN 'There was no room left for it beside other invoices.'
			ELSE r.explanation END AS explanation) w
	WHERE r.tenant_id = p_tenant_id;
END;
$code$;
COMMENT ON FUNCTION @store@.own_refusals(bigint) IS
'Invoices of the caller, as a supplier, that auctions left unfunded, each with its reason in general words: cap_reached and minimum_not_met are no_room, and neither a bid nor a figure is named. None where the caller reads the tenant: view auction_refusals has the whole for it. Errors: 42501 not a member.';

CREATE OR REPLACE VIEW @store@.auction_results WITH (security_invoker) AS
SELECT r.tenant_id, r.auction_id, a.name, a.currency, a.settlement_date, s.invoices, s.bids, pg_catalog.trim_scale(r.funded_minor * u.unit) AS funded, pg_catalog.trim_scale(r.unfunded_minor * u.unit) AS unfunded,
	v.bid_to_cover, v.marginal_rate, v.share_at_margin, pg_catalog.round(v.saved / 360000000 * u.unit, 2) AS saved, r.feasible, r.objective, r.bound,
	CASE WHEN r.objective > 0 THEN pg_catalog.trim_scale(pg_catalog.round((r.objective - r.bound) / r.objective, 9)) ELSE 0 END AS gap, r.chain_no, s.sha256 AS snapshot_sha256, r.awards_sha256, r.previous_sha256, r.sha256,
	r.clex_version, s.options, s.frozen_at, s.frozen_by, r.cleared_at, r.cleared_by, r.optimal
FROM @store@.auction_result r
JOIN @store@.auction_snapshot s ON s.tenant_id = r.tenant_id AND s.auction_id = r.auction_id
JOIN @store@.auction a ON a.tenant_id = r.tenant_id AND a.id = r.auction_id
CROSS JOIN LATERAL (SELECT (10::numeric ^ -clex.currency_digits(a.currency)) AS unit) u
CROSS JOIN LATERAL (
	SELECT pg_catalog.max(t.value) FILTER (WHERE t.measure = 'bid_to_cover') AS bid_to_cover, pg_catalog.trim_scale(pg_catalog.max(t.value) FILTER (WHERE t.measure = 'marginal_rate_ppm') / 1000000) AS marginal_rate,
		pg_catalog.max(t.value) FILTER (WHERE t.measure = 'share_at_margin') AS share_at_margin, pg_catalog.max(t.value) FILTER (WHERE t.measure = 'saved_against_reserve_raw') AS saved
	FROM @store@.auction_statistic t WHERE t.tenant_id = r.tenant_id AND t.auction_id = r.auction_id AND t.subject = '') v;
COMMENT ON VIEW @store@.auction_results IS
'Auctions that were cleared: amounts funded and left unfunded, bid_to_cover (ceilings offered for each amount funded), marginal_rate (the highest awarded, a fraction a year), share_at_margin, saved (against the reserves, act/360), the certificate (objective, bound, gap: prices alone prove that no lawful award is cheaper than bound; optimal: it was proved that none is cheaper than objective, which for whole invoices takes a search of every case), and the hashes that chain it.';

CREATE OR REPLACE VIEW @store@.auction_statistics WITH (security_invoker) AS
SELECT t.tenant_id, t.auction_id, a.name, t.measure, t.subject, t.value
FROM @store@.auction_statistic t
JOIN @store@.auction a ON a.tenant_id = t.tenant_id AND a.id = t.auction_id;
COMMENT ON VIEW @store@.auction_statistics IS 'Figures of auctions. Bidders see those about themselves, and those of the auction as a whole (subject empty) where it publishes them.';

CREATE OR REPLACE VIEW @store@.auction_awards WITH (security_invoker) AS
SELECT w.tenant_id, w.auction_id, a.name, w.document_id, i.number, i.seller_name, w.bidder, w.bid_no, pg_catalog.trim_scale(w.amount_minor * u.unit) AS amount, a.currency, pg_catalog.trim_scale(w.rate_ppm / 1000000::numeric) AS rate,
	a.settlement_date, b.tenor_days, pg_catalog.round(w.amount_minor::numeric * b.tenor_days * w.rate_ppm / 360000000 * u.unit, clex.currency_digits(a.currency)) AS discount,
	pg_catalog.trim_scale(b.reserve_ppm / 1000000::numeric) AS reserve, pg_catalog.round(w.amount_minor::numeric * b.tenor_days * (b.reserve_ppm - w.rate_ppm) / 360000000 * u.unit, clex.currency_digits(a.currency)) AS saved,
	w.reason, w.cheaper_bid, COALESCE(t.outcome, 'awarded') AS outcome, t.reference, t.refusal
FROM @store@.award w
JOIN @store@.auction a ON a.tenant_id = w.tenant_id AND a.id = w.auction_id
LEFT JOIN @store@.cleared_invoice b ON b.tenant_id = w.tenant_id AND b.auction_id = w.auction_id AND b.document_id = w.document_id
LEFT JOIN @store@.invoice i ON i.tenant_id = w.tenant_id AND i.document_id = w.document_id
LEFT JOIN @store@.award_transfer t ON t.tenant_id = w.tenant_id AND t.auction_id = w.auction_id AND t.bidder = w.bidder
CROSS JOIN LATERAL (SELECT (10::numeric ^ -clex.currency_digits(a.currency)) AS unit) u;
COMMENT ON VIEW @store@.auction_awards IS
'Which bid funds which invoice, and why: reason cheapest, or next, where a cheaper bid that fits (cheaper_bid) is full, or its money saves more elsewhere. discount and saved (against the reserve) by act/360. outcome: awarded, then assigned (reference: the assignment), taken (own funds) or refused. Suppliers see their own invoices; financiers what they won, without what suppliers would have paid.';

CREATE OR REPLACE VIEW @store@.auction_refusals WITH (security_invoker) AS
SELECT r.tenant_id, r.auction_id, a.name, r.document_id, i.number, i.seller_name, r.stage, r.amount, a.currency, r.reason, r.bid_no, r.short_by, r.explanation
FROM (
	SELECT b.tenant_id, b.auction_id, b.document_id, 'opened' AS stage, b.amount, b.refusal AS reason, NULL::bigint AS bid_no, NULL::bigint AS short_by, NULL::text AS explanation
	FROM @store@.auction_invoice b WHERE b.refusal IS NOT NULL
	UNION ALL
	SELECT x.tenant_id, x.auction_id, x.document_id, x.stage, pg_catalog.trim_scale(x.amount_minor * (10::numeric ^ -clex.currency_digits(n.currency))), x.reason, x.bid_no, x.short_by, x.explanation
	FROM (
		SELECT f.tenant_id, f.auction_id, f.document_id, f.stage, f.amount_minor, f.reason, f.bid_no, f.short_by, f.explanation FROM @store@.award_refusal f
		UNION ALL
		SELECT m.t, o.auction_id, o.document_id, o.stage, o.amount_minor, o.reason, NULL, NULL, o.explanation FROM @store@.member_tenants() m (t) CROSS JOIN LATERAL @store@.own_refusals(m.t) o) x
	JOIN @store@.auction n ON n.tenant_id = x.tenant_id AND n.id = x.auction_id
	UNION ALL
	SELECT w.tenant_id, w.auction_id, w.document_id, 'assigned', pg_catalog.trim_scale(w.amount_minor * (10::numeric ^ -clex.currency_digits(n.currency))), 'not_assigned', w.bid_no, NULL, t.refusal
	FROM @store@.award w
	JOIN @store@.award_transfer t ON t.tenant_id = w.tenant_id AND t.auction_id = w.auction_id AND t.bidder = w.bidder AND t.outcome = 'refused'
	JOIN @store@.auction n ON n.tenant_id = w.tenant_id AND n.id = w.auction_id
	) r
JOIN @store@.auction a ON a.tenant_id = r.tenant_id AND a.id = r.auction_id
JOIN @store@.invoice i ON i.tenant_id = r.tenant_id AND i.document_id = r.document_id;
COMMENT ON VIEW @store@.auction_refusals IS
'Invoices that an auction chose and that nobody funds, each with its reason. stage: opened, it could not be claimed; frozen, it was taken out before clearing (claim_lost, disputed, not_payable, less_open, due_date_changed, no_reserve); cleared, it found no bid (no_bid, ticket, reserve_too_low, cap_reached, minimum_not_met, outbid); assigned, its award could not be carried out any more (not_assigned). short_by: by how much, in millionths a year (reserve_too_low) or minor units (cap_reached). Suppliers see their own invoices, with a reason in general words: not by how much a bid missed, nor whose it was.';

CREATE OR REPLACE VIEW @store@.auction_bids WITH (security_invoker) AS
SELECT b.tenant_id, b.auction_id, a.name, b.bidder, b.line, b.bid_no, b.committed_at, b.bid, pg_catalog.trim_scale(b.rate_ppm / 1000000::numeric) AS rate, pg_catalog.trim_scale(b.ceiling_minor * u.unit) AS ceiling, a.currency,
	b.void, r.invoices, pg_catalog.trim_scale(r.awarded_minor * u.unit) AS awarded, r.reason
FROM @store@.cleared_bid b
JOIN @store@.auction a ON a.tenant_id = b.tenant_id AND a.id = b.auction_id
LEFT JOIN @store@.bid_result r ON r.tenant_id = b.tenant_id AND r.auction_id = b.auction_id AND r.bid_no = b.bid_no
CROSS JOIN LATERAL (SELECT (10::numeric ^ -clex.currency_digits(a.currency)) AS unit) u;
COMMENT ON VIEW @store@.auction_bids IS
'Bids of auctions that were frozen, and what came of each: awarded, void (and why), no_room (line and limits of the bidder left nothing), no_invoice (none of that buyer, tenor and size), above_reserves, outbid. A financier sees its own.';

REVOKE ALL ON FUNCTION @store@.take_discounts(bigint, @store@.auction, bigint[], numeric[]), @store@.transfer_awards(bigint, @store@.auction, text),
	@store@.assign_awards(bigint, bigint), @store@.post_results(bigint, @store@.auction), @store@.tell_results(bigint, bigint), @store@.close_auction(bigint, bigint),
	@store@.replay_auction(bigint, bigint), @store@.own_refusals(bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION @store@.own_refusals(bigint), @store@.assign_awards(bigint, bigint), @store@.tell_results(bigint, bigint), @store@.close_auction(bigint, bigint),
	@store@.replay_auction(bigint, bigint) TO PUBLIC;
GRANT SELECT ON @store@.award_transfer, @store@.auction_results, @store@.auction_statistics, @store@.auction_awards, @store@.auction_refusals,
	@store@.auction_bids TO PUBLIC;
