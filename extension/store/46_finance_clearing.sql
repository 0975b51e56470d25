-- Module finance, clearing: from what was frozen to awards, with a certificate.
--
-- clex.clear_auction() sees nothing but the snapshot, so that anybody who may read it can clear again and compare (replay_auction()).  Results of a tenant are
-- chained: each names the hash of the one before it.

--! step 51 what came of it
CREATE TABLE @store@.auction_result (
	tenant_id bigint NOT NULL,
	auction_id bigint NOT NULL,
	chain_no bigint NOT NULL CHECK (chain_no > 0),
	clex_version text NOT NULL,
	feasible boolean NOT NULL,
	objective numeric NOT NULL,
	bound numeric NOT NULL,
	funded_minor bigint NOT NULL,
	unfunded_minor bigint NOT NULL,
	awards_sha256 bytea NOT NULL,
	previous_sha256 bytea,
	sha256 bytea NOT NULL,
	cleared_at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
	cleared_by text NOT NULL DEFAULT clex.caller(),
	PRIMARY KEY (tenant_id, auction_id),
	UNIQUE (tenant_id, chain_no),
	FOREIGN KEY (tenant_id, auction_id) REFERENCES @store@.auction_snapshot (tenant_id, auction_id)
);
COMMENT ON TABLE @store@.auction_result IS 'Certificates of auctions that were cleared, chained by hashes in the order of clearing. Rows are added by clear_auction(), never changed.';
COMMENT ON COLUMN @store@.auction_result.tenant_id IS 'Tenant.';
COMMENT ON COLUMN @store@.auction_result.auction_id IS 'Auction.';
COMMENT ON COLUMN @store@.auction_result.chain_no IS 'Place in the tenant''s chain of results, from 1, without gaps.';
COMMENT ON COLUMN @store@.auction_result.clex_version IS 'Version of clex that cleared it.';
COMMENT ON COLUMN @store@.auction_result.feasible IS 'Whether the awards keep every rule, checked anew from the snapshot (clex.auction_certificate()).';
COMMENT ON COLUMN @store@.auction_result.objective IS 'Cost of the awards, with what is unfunded at its reserve: minor unit x day x millionth.';
COMMENT ON COLUMN @store@.auction_result.bound IS 'What no lawful award can be cheaper than, proved by the prices in auction_price.';
COMMENT ON COLUMN @store@.auction_result.funded_minor IS 'Awarded, in minor units.';
COMMENT ON COLUMN @store@.auction_result.unfunded_minor IS 'Not awarded, in minor units.';
COMMENT ON COLUMN @store@.auction_result.awards_sha256 IS 'Hash of awards and refusals, as awards_digest() computes it.';
COMMENT ON COLUMN @store@.auction_result.previous_sha256 IS 'Hash of the result before in the chain; NULL = it is the first.';
COMMENT ON COLUMN @store@.auction_result.sha256 IS 'Hash of this result, as result_digest() computes it from snapshot, awards, certificate and previous_sha256.';
COMMENT ON COLUMN @store@.auction_result.cleared_at IS 'When it was cleared.';
COMMENT ON COLUMN @store@.auction_result.cleared_by IS 'Role that did.';

CREATE TABLE @store@.award (
	tenant_id bigint NOT NULL,
	auction_id bigint NOT NULL,
	document_id bigint NOT NULL,
	bid_no bigint NOT NULL,
	bidder text NOT NULL,
	amount_minor bigint NOT NULL CHECK (amount_minor > 0),
	rate_ppm int NOT NULL,
	reason text NOT NULL CHECK (reason IN ('cheapest', 'next')),
	cheaper_bid bigint,
	seller_key text,
	buyer_vat_id text,
	PRIMARY KEY (tenant_id, auction_id, document_id, bid_no),
	CHECK ((reason = 'next') = (cheaper_bid IS NOT NULL)),
	FOREIGN KEY (tenant_id, auction_id, document_id) REFERENCES @store@.cleared_invoice (tenant_id, auction_id, document_id),
	FOREIGN KEY (tenant_id, auction_id, bid_no) REFERENCES @store@.cleared_bid (tenant_id, auction_id, bid_no)
);
CREATE INDEX award_bidder_idx ON @store@.award (tenant_id, auction_id, bidder, document_id);
COMMENT ON TABLE @store@.award IS 'Which bid funds which invoice. Rows are added by clear_auction(), never changed.';
COMMENT ON COLUMN @store@.award.tenant_id IS 'Tenant.';
COMMENT ON COLUMN @store@.award.auction_id IS 'Auction.';
COMMENT ON COLUMN @store@.award.document_id IS 'The invoice.';
COMMENT ON COLUMN @store@.award.bid_no IS 'The bid.';
COMMENT ON COLUMN @store@.award.bidder IS 'Whose bid it is.';
COMMENT ON COLUMN @store@.award.amount_minor IS 'Amount, in minor units.';
COMMENT ON COLUMN @store@.award.rate_ppm IS 'Rate it is funded at, in millionths a year: that of the bid, or the uniform one.';
COMMENT ON COLUMN @store@.award.reason IS 'cheapest: no bid that fits the invoice has a lower rate. next: one has (cheaper_bid), but it is full, or its money saves more elsewhere.';
COMMENT ON COLUMN @store@.award.cheaper_bid IS 'The cheapest bid that fits the invoice, if it is another one.';
COMMENT ON COLUMN @store@.award.seller_key IS 'Seller, as in table invoice_state.';
COMMENT ON COLUMN @store@.award.buyer_vat_id IS 'Buyer, as in table invoice_state.';

CREATE TABLE @store@.award_refusal (
	tenant_id bigint NOT NULL,
	auction_id bigint NOT NULL,
	document_id bigint NOT NULL,
	stage text NOT NULL CHECK (stage IN ('frozen', 'cleared')),
	amount_minor bigint NOT NULL,
	reason text NOT NULL,
	bid_no bigint,
	short_by bigint,
	explanation text,
	seller_key text,
	buyer_vat_id text,
	PRIMARY KEY (tenant_id, auction_id, document_id),
	FOREIGN KEY (tenant_id, auction_id, document_id) REFERENCES @store@.auction_invoice (tenant_id, auction_id, document_id)
);
COMMENT ON TABLE @store@.award_refusal IS 'Invoices of a batch that nobody funds, or not all of, each with its reason. Suppliers see theirs by own_refusals(). Rows are added by freeze_auction() and clear_auction(), never changed.';
COMMENT ON COLUMN @store@.award_refusal.tenant_id IS 'Tenant.';
COMMENT ON COLUMN @store@.award_refusal.auction_id IS 'Auction.';
COMMENT ON COLUMN @store@.award_refusal.document_id IS 'The invoice.';
COMMENT ON COLUMN @store@.award_refusal.stage IS 'frozen: it was taken out before clearing. cleared: it found no bid.';
COMMENT ON COLUMN @store@.award_refusal.amount_minor IS 'Amount that is not funded, in minor units.';
COMMENT ON COLUMN @store@.award_refusal.reason IS 'Of frozen: claim_lost, disputed, not_payable, less_open, due_date_changed, no_reserve. Of cleared: no_bid, ticket, reserve_too_low, cap_reached, minimum_not_met, outbid, as clex.auction_unfunded() says.';
COMMENT ON COLUMN @store@.award_refusal.bid_no IS 'Bid that came nearest.';
COMMENT ON COLUMN @store@.award_refusal.short_by IS 'By how much it missed: millionths (reserve_too_low), minor units (cap_reached).';
COMMENT ON COLUMN @store@.award_refusal.explanation IS 'The reason in a sentence, for the tenant.';
COMMENT ON COLUMN @store@.award_refusal.seller_key IS 'Seller, as in table invoice_state.';
COMMENT ON COLUMN @store@.award_refusal.buyer_vat_id IS 'Buyer, as in table invoice_state.';

CREATE TABLE @store@.bid_result (
	tenant_id bigint NOT NULL,
	auction_id bigint NOT NULL,
	bid_no bigint NOT NULL,
	bidder text NOT NULL,
	invoices bigint NOT NULL,
	awarded_minor bigint NOT NULL,
	reason text NOT NULL CHECK (reason IN ('awarded', 'void', 'no_room', 'no_invoice', 'above_reserves', 'outbid')),
	PRIMARY KEY (tenant_id, auction_id, bid_no),
	FOREIGN KEY (tenant_id, auction_id, bid_no) REFERENCES @store@.cleared_bid (tenant_id, auction_id, bid_no)
);
COMMENT ON TABLE @store@.bid_result IS 'What came of each bid, with the reason. Rows are added by clear_auction(), never changed.';
COMMENT ON COLUMN @store@.bid_result.tenant_id IS 'Tenant.';
COMMENT ON COLUMN @store@.bid_result.auction_id IS 'Auction.';
COMMENT ON COLUMN @store@.bid_result.bid_no IS 'The bid.';
COMMENT ON COLUMN @store@.bid_result.bidder IS 'Whose bid it is.';
COMMENT ON COLUMN @store@.bid_result.invoices IS 'Number of invoices it was awarded.';
COMMENT ON COLUMN @store@.bid_result.awarded_minor IS 'Their amount, in minor units.';
COMMENT ON COLUMN @store@.bid_result.reason IS 'awarded; void; no_room: the bidder''s line or limits left nothing; no_invoice: none of that buyer, tenor and size; above_reserves: it asks more than any of those suppliers would pay; outbid: others were cheaper.';

CREATE TABLE @store@.auction_price (
	tenant_id bigint NOT NULL,
	auction_id bigint NOT NULL,
	price_no int NOT NULL,
	bid_no bigint,
	bidder text NOT NULL,
	scope text NOT NULL,
	key text,
	limit_minor bigint NOT NULL,
	price_milli bigint NOT NULL,
	PRIMARY KEY (tenant_id, auction_id, price_no),
	FOREIGN KEY (tenant_id, auction_id) REFERENCES @store@.auction_snapshot (tenant_id, auction_id)
);
COMMENT ON TABLE @store@.auction_price IS 'Prices that prove a clearing, as clex.auction_prices() gives them. Rows are added by clear_auction(), never changed.';
COMMENT ON COLUMN @store@.auction_price.tenant_id IS 'Tenant.';
COMMENT ON COLUMN @store@.auction_price.auction_id IS 'Auction.';
COMMENT ON COLUMN @store@.auction_price.price_no IS 'Place among the prices, from 1.';
COMMENT ON COLUMN @store@.auction_price.bid_no IS 'Bid whose ceiling is full; NULL = a cap is.';
COMMENT ON COLUMN @store@.auction_price.bidder IS 'Bidder.';
COMMENT ON COLUMN @store@.auction_price.scope IS 'Scope of the cap, or bid.';
COMMENT ON COLUMN @store@.auction_price.key IS 'Its key.';
COMMENT ON COLUMN @store@.auction_price.limit_minor IS 'The limit, in minor units.';
COMMENT ON COLUMN @store@.auction_price.price_milli IS 'What one more minor unit of it would save, in thousandths of millionths x days.';

CREATE TABLE @store@.auction_statistic (
	tenant_id bigint NOT NULL,
	auction_id bigint NOT NULL,
	measure text NOT NULL,
	subject text NOT NULL,
	value numeric NOT NULL,
	PRIMARY KEY (tenant_id, auction_id, measure, subject),
	FOREIGN KEY (tenant_id, auction_id) REFERENCES @store@.auction_snapshot (tenant_id, auction_id)
);
COMMENT ON TABLE @store@.auction_statistic IS 'Figures of an auction, as clex.auction_statistics() gives them. Rows are added by clear_auction(), never changed.';
COMMENT ON COLUMN @store@.auction_statistic.tenant_id IS 'Tenant.';
COMMENT ON COLUMN @store@.auction_statistic.auction_id IS 'Auction.';
COMMENT ON COLUMN @store@.auction_statistic.measure IS 'What is measured.';
COMMENT ON COLUMN @store@.auction_statistic.subject IS 'Bidder it is about; empty = the auction as a whole.';
COMMENT ON COLUMN @store@.auction_statistic.value IS 'The figure.';

CREATE TABLE @store@.auction_chain (
	tenant_id bigint PRIMARY KEY REFERENCES @store@.tenant,
	chain_no bigint NOT NULL,
	sha256 bytea NOT NULL
);
COMMENT ON TABLE @store@.auction_chain IS 'Head of each tenant''s chain of results: who clears waits here. Written by clear_auction().';
COMMENT ON COLUMN @store@.auction_chain.tenant_id IS 'Tenant.';
COMMENT ON COLUMN @store@.auction_chain.chain_no IS 'Number of the last result.';
COMMENT ON COLUMN @store@.auction_chain.sha256 IS 'Its hash.';

REVOKE UPDATE, DELETE, TRUNCATE ON @store@.auction_result, @store@.award, @store@.award_refusal, @store@.bid_result, @store@.auction_price, @store@.auction_statistic FROM CURRENT_USER;

ALTER TABLE @store@.auction_result ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE @store@.award ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE @store@.award_refusal ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE @store@.bid_result ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE @store@.auction_price ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE @store@.auction_statistic ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE @store@.auction_chain ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

--! code
SELECT @store@.put_auction_policies('{auction_result,award,award_refusal,bid_result,auction_price,auction_statistic,auction_chain}', '{auction_chain}',
	'{award,bid_result}', '{award}');
-- suppliers read refusals by own_refusals() alone: a row tells whose bid came nearest, and by how much
DROP POLICY IF EXISTS scope_seller ON @store@.award_refusal;
DROP POLICY IF EXISTS scope_buyer ON @store@.award_refusal;
CREATE POLICY scope_buyer ON @store@.award_refusal FOR SELECT USING ((tenant_id, buyer_vat_id) IN (SELECT k.tenant_id, k.buyer_vat_id FROM @store@.own_buyer_keys() k));
-- bidders: figures about themselves, and those of the auction as a whole if it publishes them
DROP POLICY IF EXISTS bidder ON @store@.auction_statistic;
CREATE POLICY bidder ON @store@.auction_statistic FOR SELECT USING (
	subject <> '' AND (tenant_id, auction_id, subject) IN (SELECT a.tenant_id, a.auction_id, a.bidder FROM @store@.own_auctions() a)
	OR subject = '' AND (tenant_id, auction_id) IN (
		SELECT a.tenant_id, a.auction_id FROM @store@.own_auctions() a
		JOIN @store@.auction p ON p.tenant_id = a.tenant_id AND p.id = a.auction_id AND p.publishes = 'statistics'));

CREATE OR REPLACE FUNCTION @store@.awards_digest(p_tenant_id bigint, auction_id bigint) RETURNS bytea
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
SET jit = off
AS $code$
#variable_conflict use_column
BEGIN
	RETURN sha256(convert_to('clex awards 1' || E'\n'
		|| COALESCE((SELECT string_agg(jsonb_build_array('award', a.document_id, a.bid_no, a.amount_minor, a.rate_ppm)::text || E'\n', '' ORDER BY a.document_id, a.bid_no)
			FROM @store@.award a WHERE a.tenant_id = p_tenant_id AND a.auction_id = awards_digest.auction_id), '')
		|| COALESCE((SELECT string_agg(jsonb_build_array('refusal', r.document_id, r.stage, r.amount_minor, r.reason, r.bid_no, r.short_by)::text || E'\n', '' ORDER BY r.document_id)
			FROM @store@.award_refusal r WHERE r.tenant_id = p_tenant_id AND r.auction_id = awards_digest.auction_id), ''), 'UTF8'));
END;
$code$;
COMMENT ON FUNCTION @store@.awards_digest(bigint, bigint) IS
'Hash of what came of an auction: SHA-256 over the line "clex awards 1" and a JSON array a line, as snapshot_digest(): awards by invoice and bid, refusals by invoice.';

CREATE OR REPLACE FUNCTION @store@.result_digest(p_tenant_id bigint, result @store@.auction_result) RETURNS bytea
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
BEGIN
	RETURN sha256(convert_to((jsonb_build_array('clex result 1', result.chain_no, result.auction_id, result.clex_version, (
			SELECT encode(s.sha256, 'hex') FROM @store@.auction_snapshot s WHERE s.tenant_id = p_tenant_id AND s.auction_id = result.auction_id),
		encode(result.awards_sha256, 'hex'), result.feasible, result.objective, result.bound, result.funded_minor, result.unfunded_minor,
		encode(result.previous_sha256, 'hex')) || CASE WHEN result.optimal IS NULL THEN '[]' ELSE jsonb_build_array(result.optimal) END)::text, 'UTF8'));
END;
$code$;
COMMENT ON FUNCTION @store@.result_digest(bigint, @store@.auction_result) IS 'Hash of a result: SHA-256 over a JSON array of its certificate, the hashes of snapshot and awards, the hash of the result before it, and whether it is optimal where that is known.';

CREATE OR REPLACE FUNCTION @store@.clearing_queries(p_tenant_id bigint, auction_id bigint, OUT invoices text, OUT bids text, OUT caps text)
LANGUAGE plpgsql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $code$
BEGIN
	invoices := format('SELECT i.document_id AS invoice_id, i.amount_minor, i.tenor_days, i.reserve_ppm, i.buyer, i.supplier, i.sector, i.country, i.lot_id
		FROM @store@.cleared_invoice i WHERE i.tenant_id = %s AND i.auction_id = %s', p_tenant_id, clearing_queries.auction_id);
	-- of equal bids that comes first which was committed first
	bids := format('SELECT b.bid_no AS bid_id, b.bidder AS financier, b.rate_ppm, b.ceiling_minor AS max_amount, b.buyer,
			pg_catalog.row_number() OVER (ORDER BY b.committed_at, b.bidder COLLATE "C", b.line)::int AS seq, b.tenor_min, b.tenor_max, b.min_ticket, b.max_ticket, b.min_award
		FROM @store@.cleared_bid b WHERE b.tenant_id = %s AND b.auction_id = %s AND b.void IS NULL', p_tenant_id, clearing_queries.auction_id);
	caps := format('SELECT c.bidder AS financier, c.scope, c.key, pg_catalog.min(c.limit_minor) AS limit_minor
		FROM @store@.cleared_cap c WHERE c.tenant_id = %s AND c.auction_id = %s GROUP BY c.bidder, c.scope, c.key', p_tenant_id, clearing_queries.auction_id);
END;
$code$;
COMMENT ON FUNCTION @store@.clearing_queries(bigint, bigint) IS 'The three queries over the snapshot of an auction that clex.clear_auction() and its siblings take; whoever may read the tables may run them.';

DROP FUNCTION IF EXISTS @store@.cleared_awards(bigint, bigint, jsonb);
CREATE OR REPLACE FUNCTION @store@.cleared_parts(p_tenant_id bigint, auction_id bigint, options jsonb)
RETURNS TABLE (part text, invoice_id bigint, bid_id bigint, financier text, amount_minor bigint, rate_ppm int, scope text, key text, price_milli bigint, optimal boolean)
LANGUAGE plpgsql STABLE ROWS 10000
SET search_path = pg_catalog, clex, pg_temp
SET jit = off
SET enable_nestloop = off    -- tables that were filled a moment ago have no statistics: every join is hashed
AS $code$
#variable_conflict use_column
DECLARE
	v_invoices bigint[];
	v_bids bigint[];
	v_financiers text[];
	v_amounts bigint[];
	v_rates int[];
	v_split bigint[];
	v_rest text[];
	v_optimal boolean;
	v_prices jsonb;
	q record;
BEGIN
	q := @store@.clearing_queries(p_tenant_id, cleared_parts.auction_id);
	IF NOT (options -> 'divisible')::boolean THEN
		RETURN QUERY
		SELECT c.part, c.invoice_id, c.bid_id, c.financier, c.amount_minor, c.rate_ppm, c.scope, c.key, c.price_milli, c.optimal
		FROM clex.auction_clearing(q.invoices, q.bids, q.caps, options) c;
		RETURN;
	END IF;
	SELECT array_agg(c.invoice_id) FILTER (WHERE c.part = 'award'), array_agg(c.bid_id) FILTER (WHERE c.part = 'award'), array_agg(c.financier) FILTER (WHERE c.part = 'award'),
		array_agg(c.amount_minor) FILTER (WHERE c.part = 'award'), array_agg(c.rate_ppm) FILTER (WHERE c.part = 'award'), bool_and(c.optimal),
		jsonb_agg(to_jsonb(c)) FILTER (WHERE c.part = 'price')
	INTO v_invoices, v_bids, v_financiers, v_amounts, v_rates, v_optimal, v_prices
	FROM clex.auction_clearing(q.invoices, q.bids, q.caps, options) c;
	-- a receivable has one buyer
	v_split := ARRAY(
		SELECT a.id FROM unnest(v_invoices, v_financiers, v_amounts) a (id, financier, amount)
		JOIN @store@.cleared_invoice i ON i.tenant_id = p_tenant_id AND i.auction_id = cleared_parts.auction_id AND i.document_id = a.id
		GROUP BY a.id, i.amount_minor
		HAVING sum(a.amount) < i.amount_minor OR min(a.financier) <> max(a.financier)
		ORDER BY a.id);
	RETURN QUERY
	SELECT 'award', a.id, a.bid_id, a.financier, a.amount, a.rate, NULL::text, NULL::text, NULL::bigint, NULL::boolean
	FROM unnest(v_invoices, v_bids, v_financiers, v_amounts, v_rates) a (id, bid_id, financier, amount, rate)
	WHERE a.id NOT IN (SELECT unnest(v_split));
	-- prices prove what any award must cost, whole or split; that of split ones is reached by no other
	RETURN QUERY
	SELECT p.part, NULL::bigint, p.bid_id, p.financier, p.amount_minor, NULL::int, p.scope, p.key, p.price_milli, NULL::boolean
	FROM jsonb_to_recordset(v_prices) p (part text, bid_id bigint, financier text, amount_minor bigint, scope text, key text, price_milli bigint)
	UNION ALL
	SELECT 'proof', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, v_optimal AND v_split = '{}';
	IF v_split = '{}' THEN
		RETURN;
	END IF;
	-- those that were split are cleared once more, whole, for what is left of bids and caps
	WITH won AS MATERIALIZED (
		SELECT a.id, a.bid_id, a.financier, a.amount FROM unnest(v_invoices, v_bids, v_financiers, v_amounts) a (id, bid_id, financier, amount) WHERE a.id NOT IN (SELECT unnest(v_split))
	), place AS MATERIALIZED (
		-- caps that the split invoices count under
		SELECT DISTINCT n.scope, n.key
		FROM @store@.cleared_invoice i
		CROSS JOIN LATERAL (VALUES ('total', '*'), ('buyer', i.buyer), ('supplier', i.supplier), ('sector', i.sector), ('country', i.country)) n (scope, key)
		WHERE i.tenant_id = p_tenant_id AND i.auction_id = cleared_parts.auction_id AND i.document_id IN (SELECT unnest(v_split))
			AND n.scope IN (SELECT c.scope FROM @store@.cleared_cap c WHERE c.tenant_id = p_tenant_id AND c.auction_id = cleared_parts.auction_id)
	), used AS MATERIALIZED (
		SELECT w.financier, p.scope, p.key, sum(w.amount) AS amount
		FROM won w
		JOIN @store@.cleared_invoice i ON i.tenant_id = p_tenant_id AND i.auction_id = cleared_parts.auction_id AND i.document_id = w.id
		CROSS JOIN LATERAL (VALUES ('total', '*'), ('buyer', i.buyer), ('supplier', i.supplier), ('sector', i.sector), ('country', i.country)) n (scope, key)
		JOIN place p ON p.scope = n.scope AND p.key = n.key
		GROUP BY w.financier, p.scope, p.key
	), cap AS (
		SELECT c.bidder, p.scope, p.key, min(c.limit_minor) AS limit_minor
		FROM place p
		JOIN @store@.cleared_cap c ON c.tenant_id = p_tenant_id AND c.auction_id = cleared_parts.auction_id AND c.scope = p.scope AND c.key IN ('*', p.key)
		GROUP BY c.bidder, p.scope, p.key
	)
	SELECT ARRAY[
		(SELECT array_agg(b.bid_id ORDER BY b.bid_id)::text FROM (SELECT DISTINCT w.bid_id FROM won w) b),
		(SELECT array_agg(b.amount ORDER BY b.bid_id)::text FROM (SELECT w.bid_id, sum(w.amount)::bigint AS amount FROM won w GROUP BY w.bid_id) b),
		array_agg(c.bidder ORDER BY c.bidder, c.scope, c.key)::text, array_agg(c.scope ORDER BY c.bidder, c.scope, c.key)::text, array_agg(c.key ORDER BY c.bidder, c.scope, c.key)::text,
		array_agg(GREATEST(c.limit_minor - COALESCE(u.amount, 0), 0)::bigint ORDER BY c.bidder, c.scope, c.key)::text]
	INTO v_rest
	FROM cap c LEFT JOIN used u ON u.financier = c.bidder AND u.scope = c.scope AND u.key = c.key;
	RETURN QUERY
	SELECT 'award', c.*, NULL::text, NULL::text, NULL::bigint, NULL::boolean
	FROM clex.clear_auction(
		format('SELECT i.* FROM (%s) i WHERE i.invoice_id = ANY (%L::bigint[])', q.invoices, v_split),
		format('SELECT b.bid_id, b.financier, b.rate_ppm, b.max_amount - COALESCE(u.used, 0) AS max_amount, b.buyer, b.seq, b.tenor_min, b.tenor_max, b.min_ticket, b.max_ticket
			FROM (%s) b LEFT JOIN ROWS FROM (pg_catalog.unnest(%L::bigint[]), pg_catalog.unnest(%L::bigint[])) AS u (bid_id, used) ON u.bid_id = b.bid_id WHERE b.max_amount > COALESCE(u.used, 0)',
			q.bids, COALESCE(v_rest[1], '{}'), COALESCE(v_rest[2], '{}')),
		format('SELECT c.financier, c.scope, c.key, c.limit_minor FROM ROWS FROM (pg_catalog.unnest(%L::text[]), pg_catalog.unnest(%L::text[]), pg_catalog.unnest(%L::text[]), pg_catalog.unnest(%L::bigint[])) AS c (financier, scope, key, limit_minor)',
			COALESCE(v_rest[3], '{}'), COALESCE(v_rest[4], '{}'), COALESCE(v_rest[5], '{}'), COALESCE(v_rest[6], '{}')),
		options || '{"divisible": false, "pro_rata": false, "work_budget": 10}') c;
END;
$code$;
COMMENT ON FUNCTION @store@.cleared_parts(bigint, bigint, jsonb) IS
'Part of clear_auction() and replay_auction(): what the snapshot of an auction is cleared to. Where invoices may be split, those that are go through a second clearing, whole, for what the first one has left of bids and caps; what finds nobody then goes to nobody.';

DROP FUNCTION IF EXISTS @store@.make_awards(bigint, bigint, jsonb);
CREATE OR REPLACE FUNCTION @store@.make_awards(p_tenant_id bigint, auction_id bigint, options jsonb) RETURNS boolean
LANGUAGE plpgsql
SET search_path = pg_catalog, clex, pg_temp
SET jit = off
SET enable_nestloop = off    -- tables that were filled a moment ago have no statistics: every join is hashed
AS $code$
#variable_conflict use_column
DECLARE
	v_optimal boolean;
BEGIN
	WITH cleared AS MATERIALIZED (
		SELECT * FROM @store@.cleared_parts(p_tenant_id, make_awards.auction_id, options)
	), price AS (
		INSERT INTO @store@.auction_price (tenant_id, auction_id, price_no, bid_no, bidder, scope, key, limit_minor, price_milli)
		SELECT p_tenant_id, make_awards.auction_id, row_number() OVER (ORDER BY p.financier COLLATE "C", p.scope COLLATE "C", p.key COLLATE "C", p.bid_id),
			p.bid_id, p.financier, p.scope, p.key, p.amount_minor, p.price_milli
		FROM cleared p WHERE p.part = 'price'
	), bid AS MATERIALIZED (
		SELECT b.*, b.min_ticket > 0 OR b.max_ticket < 1152921504606846975 AS picks FROM @store@.cleared_bid b
		WHERE b.tenant_id = p_tenant_id AND b.auction_id = make_awards.auction_id AND b.void IS NULL
	), won AS MATERIALIZED (
		SELECT a.invoice_id, a.bid_id, a.financier, a.amount_minor, a.rate_ppm, i.buyer, i.tenor_days, i.seller_key, i.buyer_vat_id,
			-- bids that pick invoices by size tell those of a buyer and tenor apart
			CASE WHEN EXISTS (SELECT FROM bid b WHERE b.picks) THEN i.amount_minor ELSE 0 END AS size
		FROM cleared a
		JOIN @store@.cleared_invoice i ON i.tenant_id = p_tenant_id AND i.auction_id = make_awards.auction_id AND i.document_id = a.invoice_id
		WHERE a.part = 'award'
	), kind AS (
		SELECT DISTINCT w.buyer, w.tenor_days, w.size FROM won w
	), cheapest AS MATERIALIZED (
		SELECT DISTINCT ON (g.buyer, g.tenor_days, g.size) g.buyer, g.tenor_days, g.size, b.bid_no, b.rate_ppm
		FROM (
			SELECT k.*, k.buyer AS of FROM kind k
			UNION ALL
			SELECT k.*, '*' FROM kind k) g
		JOIN bid b ON b.buyer = g.of AND g.tenor_days BETWEEN b.tenor_min AND b.tenor_max AND (NOT b.picks OR g.size BETWEEN b.min_ticket AND b.max_ticket)
		ORDER BY g.buyer, g.tenor_days, g.size, b.rate_ppm, b.committed_at, b.bidder COLLATE "C", b.line
	), award AS (
		INSERT INTO @store@.award (tenant_id, auction_id, document_id, bid_no, bidder, amount_minor, rate_ppm, reason, cheaper_bid, seller_key, buyer_vat_id)
		SELECT p_tenant_id, make_awards.auction_id, w.invoice_id, w.bid_id, w.financier, w.amount_minor, w.rate_ppm,
			CASE WHEN c.rate_ppm < b.rate_ppm THEN 'next' ELSE 'cheapest' END,
			CASE WHEN c.rate_ppm < b.rate_ppm THEN c.bid_no END, w.seller_key, w.buyer_vat_id
		FROM won w
		JOIN bid b ON b.bid_no = w.bid_id
		JOIN cheapest c ON c.buyer = w.buyer AND c.tenor_days = w.tenor_days AND c.size = w.size
	)
	SELECT c.optimal INTO v_optimal FROM cleared c WHERE c.part = 'proof';
	RETURN v_optimal;
END;
$code$;
COMMENT ON FUNCTION @store@.make_awards(bigint, bigint, jsonb) IS 'Part of clear_auction(): the awards, each with its reason, and the prices that prove them. Returns whether no lawful award is cheaper, NULL = not known.';

CREATE OR REPLACE FUNCTION @store@.explain_awards(p_tenant_id bigint, auction_id bigint, options jsonb) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, clex, pg_temp
SET jit = off
SET enable_nestloop = off    -- tables that were filled a moment ago have no statistics: every join is hashed
AS $code$
#variable_conflict use_column
DECLARE
	v_awards text := @store@.awards_query(p_tenant_id, explain_awards.auction_id);
	v_unit numeric := (SELECT 10::numeric ^ -clex.currency_digits(a.currency) FROM @store@.auction a WHERE a.tenant_id = p_tenant_id AND a.id = explain_awards.auction_id);
	q record;
BEGIN
	q := @store@.clearing_queries(p_tenant_id, explain_awards.auction_id);
	INSERT INTO @store@.award_refusal (tenant_id, auction_id, document_id, stage, amount_minor, reason, bid_no, short_by, explanation, seller_key, buyer_vat_id)
	SELECT p_tenant_id, explain_awards.auction_id, i.document_id, 'cleared', i.amount_minor, u.reason, u.bid_id, u.short_by,
		-- people count in units of money and percent, and know bids by bidder and line
		CASE WHEN u.reason = 'reserve_too_low' THEN format('Its supplier accepts at most %s %%, and the cheapest bid asks for %s %%.',
				trim_scale(i.reserve_ppm / 10000::numeric), trim_scale((i.reserve_ppm + u.short_by) / 10000::numeric))
			WHEN u.short_by IS NULL THEN u.explanation
			ELSE regexp_replace(regexp_replace(u.explanation, format('\m%s\M', u.short_by), trim_scale(u.short_by * v_unit)::text), 'bid [0-9]+', format('bid %s of %s', b.line, b.bidder)) END,
		i.seller_key, i.buyer_vat_id
	-- a receivable has one buyer: what is asked is why the whole of it found none
	FROM clex.auction_unfunded(q.invoices, q.bids, q.caps, v_awards, options || '{"divisible": false, "pro_rata": false}') u
	JOIN @store@.cleared_invoice i ON i.tenant_id = p_tenant_id AND i.auction_id = explain_awards.auction_id AND i.document_id = u.invoice_id
	LEFT JOIN @store@.cleared_bid b ON b.tenant_id = p_tenant_id AND b.auction_id = explain_awards.auction_id AND b.bid_no = u.bid_id
	ORDER BY i.document_id;
	INSERT INTO @store@.auction_statistic (tenant_id, auction_id, measure, subject, value)
	SELECT p_tenant_id, explain_awards.auction_id, s.measure, COALESCE(s.subject, ''), s.value
	FROM clex.auction_statistics(q.invoices, q.bids, q.caps, v_awards, options) s WHERE s.value IS NOT NULL;
	INSERT INTO @store@.bid_result (tenant_id, auction_id, bid_no, bidder, invoices, awarded_minor, reason)
	WITH bid AS MATERIALIZED (
		SELECT b.*, b.min_ticket > 0 OR b.max_ticket < 1152921504606846975 AS picks FROM @store@.cleared_bid b
		WHERE b.tenant_id = p_tenant_id AND b.auction_id = explain_awards.auction_id
	), won AS MATERIALIZED (
		SELECT a.bid_no, count(*) AS invoices, sum(a.amount_minor) AS amount FROM @store@.award a
		WHERE a.tenant_id = p_tenant_id AND a.auction_id = explain_awards.auction_id GROUP BY a.bid_no
	), kind AS MATERIALIZED (
		SELECT i.buyer, i.tenor_days, i.size, max(i.reserve_ppm) AS reserve_ppm
		FROM (SELECT x.*, CASE WHEN EXISTS (SELECT FROM bid b WHERE b.picks) THEN x.amount_minor ELSE 0 END AS size FROM @store@.cleared_invoice x
			WHERE x.tenant_id = p_tenant_id AND x.auction_id = explain_awards.auction_id) i
		GROUP BY i.buyer, i.tenor_days, i.size
	), best AS MATERIALIZED (
		-- the highest reserve among invoices that a bid without awards would have taken; no row: there is no such invoice
		SELECT b.bid_no, max(g.reserve_ppm) AS reserve_ppm
		FROM (
			SELECT k.*, k.buyer AS of FROM kind k
			UNION ALL
			SELECT k.*, '*' FROM kind k) g
		JOIN bid b ON b.buyer = g.of AND g.tenor_days BETWEEN b.tenor_min AND b.tenor_max AND (NOT b.picks OR g.size BETWEEN b.min_ticket AND b.max_ticket)
		WHERE b.void IS NULL AND b.bid_no NOT IN (SELECT w.bid_no FROM won w)
		GROUP BY b.bid_no
	)
	SELECT p_tenant_id, explain_awards.auction_id, b.bid_no, b.bidder, COALESCE(w.invoices, 0), COALESCE(w.amount, 0),
		CASE WHEN b.void IS NOT NULL THEN 'void'
			WHEN w.bid_no IS NOT NULL THEN 'awarded'
			WHEN EXISTS (SELECT FROM @store@.cleared_cap c WHERE c.tenant_id = p_tenant_id AND c.auction_id = b.auction_id AND c.bidder = b.bidder AND c.scope = 'total' AND c.limit_minor = 0) THEN 'no_room'
			WHEN r.bid_no IS NULL THEN 'no_invoice'
			WHEN r.reserve_ppm < b.rate_ppm THEN 'above_reserves'
			ELSE 'outbid' END
	FROM bid b
	LEFT JOIN won w ON w.bid_no = b.bid_no
	LEFT JOIN best r ON r.bid_no = b.bid_no;
END;
$code$;
COMMENT ON FUNCTION @store@.explain_awards(bigint, bigint, jsonb) IS 'Part of clear_auction(): why invoices and bids got nothing, and the figures of the auction.';

CREATE OR REPLACE FUNCTION @store@.awards_query(p_tenant_id bigint, auction_id bigint) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT pg_catalog.format('SELECT a.document_id AS invoice_id, a.bid_no AS bid_id, a.amount_minor FROM @store@.award a WHERE a.tenant_id = %s AND a.auction_id = %s',
		awards_query.p_tenant_id, awards_query.auction_id);
END;
COMMENT ON FUNCTION @store@.awards_query(bigint, bigint) IS 'The awards of an auction as clex.auction_certificate() and its siblings take them.';

CREATE OR REPLACE FUNCTION @store@.certify_auction(p_tenant_id bigint, auction_id bigint, options jsonb) RETURNS @store@.auction_result
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, clex, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	q record;
	v_result @store@.auction_result;
BEGIN
	q := @store@.clearing_queries(p_tenant_id, certify_auction.auction_id);
	v_result.tenant_id := p_tenant_id;
	v_result.auction_id := certify_auction.auction_id;
	SELECT c.feasible, c.objective, c.bound, c.funded_minor, c.unfunded_minor
	INTO v_result.feasible, v_result.objective, v_result.bound, v_result.funded_minor, v_result.unfunded_minor
	FROM clex.auction_certificate(q.invoices, q.bids, q.caps, @store@.awards_query(p_tenant_id, certify_auction.auction_id), options || jsonb_build_object('prices',
		format('SELECT p.bid_no AS bid_id, p.bidder AS financier, p.scope, p.key, p.limit_minor, p.price_milli FROM @store@.auction_price p WHERE p.tenant_id = %s AND p.auction_id = %s',
			p_tenant_id, certify_auction.auction_id))) c;
	v_result.awards_sha256 := @store@.awards_digest(p_tenant_id, certify_auction.auction_id);
	RETURN v_result;
END;
$code$;
COMMENT ON FUNCTION @store@.certify_auction(bigint, bigint, jsonb) IS 'Part of clear_auction() and replay_auction(): checks stored awards anew from the snapshot and the stored prices: feasible, objective, bound, funded and unfunded, and their hash.';

CREATE OR REPLACE FUNCTION @store@.clear_auction(p_tenant_id bigint, auction_id bigint) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, clex, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_state text;
	v_options jsonb;
	v_optimal boolean;
	v_result @store@.auction_result;
BEGIN
	PERFORM @store@.require_right(p_tenant_id, 'auction');
	PERFORM @store@.auction_of(p_tenant_id, clear_auction.auction_id);
	SELECT a.state INTO v_state FROM @store@.auction a WHERE a.tenant_id = p_tenant_id AND a.id = clear_auction.auction_id FOR NO KEY UPDATE;
	IF v_state = 'open' THEN
		RAISE EXCEPTION 'auction % is not frozen', clear_auction.auction_id USING
			ERRCODE = 'object_not_in_prerequisite_state',
			HINT = 'freeze_auction() comes first; close_auction() does all steps.';
	ELSIF v_state <> 'frozen' THEN
		RETURN v_state;
	END IF;
	v_options := (SELECT s.options FROM @store@.auction_snapshot s WHERE s.tenant_id = p_tenant_id AND s.auction_id = clear_auction.auction_id);
	v_optimal := @store@.make_awards(p_tenant_id, clear_auction.auction_id, v_options);
	PERFORM @store@.explain_awards(p_tenant_id, clear_auction.auction_id, v_options);
	v_result := @store@.certify_auction(p_tenant_id, clear_auction.auction_id, v_options);
	IF NOT v_result.feasible THEN
		RAISE EXCEPTION 'the awards of auction % break a rule', clear_auction.auction_id USING
			ERRCODE = 'internal_error',
			HINT = 'This is a mistake of the program; nothing was awarded.';
	END IF;
	v_result.optimal := v_optimal OR v_result.bound = v_result.objective;
	INSERT INTO @store@.auction_chain (tenant_id, chain_no, sha256) VALUES (p_tenant_id, 0, '') ON CONFLICT DO NOTHING;
	SELECT c.chain_no + 1, NULLIF(c.sha256, '') INTO v_result.chain_no, v_result.previous_sha256
	FROM @store@.auction_chain c WHERE c.tenant_id = p_tenant_id FOR UPDATE;
	v_result.clex_version := (SELECT e.extversion FROM pg_extension e WHERE e.extname = 'clex');
	v_result.cleared_at := clock_timestamp();
	v_result.cleared_by := clex.caller();
	v_result.sha256 := @store@.result_digest(p_tenant_id, v_result);
	INSERT INTO @store@.auction_result SELECT v_result.*;
	UPDATE @store@.auction_chain c SET chain_no = v_result.chain_no, sha256 = v_result.sha256 WHERE c.tenant_id = p_tenant_id;
	UPDATE @store@.auction a SET state = 'cleared' WHERE a.tenant_id = p_tenant_id AND a.id = clear_auction.auction_id;
	PERFORM @store@.record_event(p_tenant_id, 'clear_auction', 'auction', clear_auction.auction_id::text, to_jsonb(v_state),
		jsonb_build_object('chain_no', v_result.chain_no, 'sha256', encode(v_result.sha256, 'hex'), 'objective', v_result.objective, 'bound', v_result.bound));
	RETURN 'cleared';
END;
$code$;
COMMENT ON FUNCTION @store@.clear_auction(bigint, bigint) IS
'Second step of close_auction(): makes the awards from what was frozen and nothing else (clex.clear_auction()), checks them, and keeps them with reasons, prices, certificate, figures and a hash in the tenant''s chain of results. Returns the state; once it is cleared nothing happens. For personas with the right auction. Errors: 42501, P0002 no such auction, 55000 it is not frozen.';

REVOKE ALL ON FUNCTION @store@.cleared_parts(bigint, bigint, jsonb), @store@.awards_digest(bigint, bigint), @store@.result_digest(bigint, @store@.auction_result), @store@.clearing_queries(bigint, bigint),
	@store@.make_awards(bigint, bigint, jsonb), @store@.explain_awards(bigint, bigint, jsonb), @store@.awards_query(bigint, bigint),
	@store@.certify_auction(bigint, bigint, jsonb), @store@.clear_auction(bigint, bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION @store@.clear_auction(bigint, bigint) TO PUBLIC;
GRANT SELECT ON @store@.auction_result, @store@.award, @store@.award_refusal, @store@.bid_result, @store@.auction_price, @store@.auction_statistic,
	@store@.auction_chain TO PUBLIC;
