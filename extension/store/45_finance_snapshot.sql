-- Module finance, freezing: what an award is made from.
--
-- Closing an auction freezes invoices that are still worth what was offered, bids that were revealed, and what each bidder may take at that moment by its line,
-- its limits and the auction's caps.  These rows are never changed, and their hash is kept.

--! step 50 what is cleared
CREATE TABLE @store@.auction_snapshot (
	tenant_id bigint NOT NULL,
	auction_id bigint NOT NULL,
	terms jsonb NOT NULL,
	options jsonb NOT NULL,
	invoices bigint NOT NULL,
	bids bigint NOT NULL,
	caps bigint NOT NULL,
	sha256 bytea NOT NULL CHECK (pg_catalog.length(sha256) = 32),
	frozen_at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
	frozen_by text NOT NULL DEFAULT clex.caller(),
	PRIMARY KEY (tenant_id, auction_id),
	FOREIGN KEY (tenant_id, auction_id) REFERENCES @store@.auction (tenant_id, id)
);
COMMENT ON TABLE @store@.auction_snapshot IS 'Auctions that were frozen, and the hash of all they are cleared from. Rows are added by freeze_auction(), never changed.';
COMMENT ON COLUMN @store@.auction_snapshot.tenant_id IS 'Tenant.';
COMMENT ON COLUMN @store@.auction_snapshot.auction_id IS 'Auction.';
COMMENT ON COLUMN @store@.auction_snapshot.terms IS 'Name, currency, days and times of the auction.';
COMMENT ON COLUMN @store@.auction_snapshot.options IS 'Options of clex.clear_auction().';
COMMENT ON COLUMN @store@.auction_snapshot.invoices IS 'Number of rows in cleared_invoice.';
COMMENT ON COLUMN @store@.auction_snapshot.bids IS 'Number of rows in cleared_bid, void ones too.';
COMMENT ON COLUMN @store@.auction_snapshot.caps IS 'Number of rows in cleared_cap.';
COMMENT ON COLUMN @store@.auction_snapshot.sha256 IS 'Hash of all of them, as snapshot_digest() computes it.';
COMMENT ON COLUMN @store@.auction_snapshot.frozen_at IS 'When it was frozen.';
COMMENT ON COLUMN @store@.auction_snapshot.frozen_by IS 'Role that did.';

CREATE TABLE @store@.cleared_invoice (
	tenant_id bigint NOT NULL,
	auction_id bigint NOT NULL,
	document_id bigint NOT NULL,
	amount_minor bigint NOT NULL CHECK (amount_minor > 0),
	tenor_days int NOT NULL CHECK (tenor_days > 0),
	reserve_ppm int NOT NULL CHECK (reserve_ppm >= 0),
	buyer text NOT NULL,
	supplier text NOT NULL,
	sector text NOT NULL,
	country text NOT NULL,
	lot_id text,
	seller_key text,
	buyer_vat_id text,
	PRIMARY KEY (tenant_id, auction_id, document_id),
	FOREIGN KEY (tenant_id, auction_id, document_id) REFERENCES @store@.auction_invoice (tenant_id, auction_id, document_id)
);
COMMENT ON TABLE @store@.cleared_invoice IS 'Invoices as they were when the auction was frozen: what is cleared. Rows are added by freeze_auction(), never changed.';
COMMENT ON COLUMN @store@.cleared_invoice.tenant_id IS 'Tenant.';
COMMENT ON COLUMN @store@.cleared_invoice.auction_id IS 'Auction.';
COMMENT ON COLUMN @store@.cleared_invoice.document_id IS 'The invoice.';
COMMENT ON COLUMN @store@.cleared_invoice.amount_minor IS 'Open amount in minor units of the currency.';
COMMENT ON COLUMN @store@.cleared_invoice.tenor_days IS 'Days from the settlement date to the due date.';
COMMENT ON COLUMN @store@.cleared_invoice.reserve_ppm IS 'Highest rate at which its supplier wants to be paid early, in millionths a year.';
COMMENT ON COLUMN @store@.cleared_invoice.buyer IS 'Buyer, as in table auction_invoice.';
COMMENT ON COLUMN @store@.cleared_invoice.supplier IS 'Supplier, as in table auction_invoice.';
COMMENT ON COLUMN @store@.cleared_invoice.sector IS 'Sector, as in table auction_invoice.';
COMMENT ON COLUMN @store@.cleared_invoice.country IS 'Country, as in table auction_invoice.';
COMMENT ON COLUMN @store@.cleared_invoice.lot_id IS 'Lot, as in table auction_invoice.';
COMMENT ON COLUMN @store@.cleared_invoice.seller_key IS 'Seller, as in table invoice_state.';
COMMENT ON COLUMN @store@.cleared_invoice.buyer_vat_id IS 'Buyer, as in table invoice_state.';

CREATE TABLE @store@.cleared_bid (
	tenant_id bigint NOT NULL,
	auction_id bigint NOT NULL,
	bid_no bigint NOT NULL CHECK (bid_no > 0),
	bidder text NOT NULL,
	line int NOT NULL,
	commitment bytea NOT NULL,
	committed_at timestamptz NOT NULL,
	nonce bytea,
	bid jsonb,
	rate_ppm int,
	ceiling_minor bigint,
	buyer text,
	tenor_min int,
	tenor_max int,
	min_ticket bigint,
	max_ticket bigint,
	min_award bigint,
	void text,
	-- no other index: checks of foreign keys would take it while the table has no statistics
	PRIMARY KEY (tenant_id, auction_id, bid_no),
	CHECK (void IS NOT NULL OR pg_catalog.num_nulls(bid, nonce, rate_ppm, ceiling_minor, buyer, tenor_min, tenor_max, min_ticket, max_ticket, min_award) = 0),
	FOREIGN KEY (tenant_id, auction_id, bidder, line) REFERENCES @store@.bid_sheet (tenant_id, auction_id, bidder, line)
);
COMMENT ON TABLE @store@.cleared_bid IS 'Bids of an auction that was frozen, with what proves them; of equal ones that which was committed first comes first. Rows are added by freeze_auction(), never changed.';
COMMENT ON COLUMN @store@.cleared_bid.tenant_id IS 'Tenant.';
COMMENT ON COLUMN @store@.cleared_bid.auction_id IS 'Auction.';
COMMENT ON COLUMN @store@.cleared_bid.bid_no IS 'Number of the bid in the auction, made of its commitment: it tells nobody how many there are.';
COMMENT ON COLUMN @store@.cleared_bid.bidder IS 'Code of the financier, or own.';
COMMENT ON COLUMN @store@.cleared_bid.line IS 'Line of its sheet.';
COMMENT ON COLUMN @store@.cleared_bid.commitment IS 'What it was bound to.';
COMMENT ON COLUMN @store@.cleared_bid.committed_at IS 'When it was committed.';
COMMENT ON COLUMN @store@.cleared_bid.nonce IS 'Nonce that was revealed.';
COMMENT ON COLUMN @store@.cleared_bid.bid IS 'Bid that was revealed: clex.bid_commitment() of it and the nonce is the commitment.';
COMMENT ON COLUMN @store@.cleared_bid.rate_ppm IS 'Rate in millionths a year.';
COMMENT ON COLUMN @store@.cleared_bid.ceiling_minor IS 'Most it takes, in minor units.';
COMMENT ON COLUMN @store@.cleared_bid.buyer IS 'Buyer whose invoices it takes; * = any.';
COMMENT ON COLUMN @store@.cleared_bid.tenor_min IS 'Fewest days; those of the financier''s line if it has more.';
COMMENT ON COLUMN @store@.cleared_bid.tenor_max IS 'Most days; those of the financier''s line if it has fewer.';
COMMENT ON COLUMN @store@.cleared_bid.min_ticket IS 'Smallest invoice, in minor units.';
COMMENT ON COLUMN @store@.cleared_bid.max_ticket IS 'Largest invoice, in minor units.';
COMMENT ON COLUMN @store@.cleared_bid.min_award IS 'Least it takes unless it takes nothing, in minor units.';
COMMENT ON COLUMN @store@.cleared_bid.void IS 'Why it does not count: not revealed, or the bidder cannot take receivables; NULL = it counts.';

CREATE TABLE @store@.cleared_cap (
	tenant_id bigint NOT NULL,
	auction_id bigint NOT NULL,
	bidder text NOT NULL,
	scope text NOT NULL CHECK (scope IN ('total', 'buyer', 'supplier', 'sector', 'country')),
	key text NOT NULL,
	source text NOT NULL,
	limit_minor bigint NOT NULL CHECK (limit_minor >= 0),
	PRIMARY KEY (tenant_id, auction_id, bidder, scope, key, source),
	FOREIGN KEY (tenant_id, auction_id, bidder) REFERENCES @store@.auction_bidder (tenant_id, auction_id, bidder)
);
COMMENT ON TABLE @store@.cleared_cap IS 'What each bidder could take when the auction was frozen; of several rows of one scope and key the lowest holds. Rows are added by freeze_auction(), never changed.';
COMMENT ON COLUMN @store@.cleared_cap.tenant_id IS 'Tenant.';
COMMENT ON COLUMN @store@.cleared_cap.auction_id IS 'Auction.';
COMMENT ON COLUMN @store@.cleared_cap.bidder IS 'Bidder.';
COMMENT ON COLUMN @store@.cleared_cap.scope IS 'What it limits, as in table auction_cap.';
COMMENT ON COLUMN @store@.cleared_cap.key IS 'Of which; * = of each.';
COMMENT ON COLUMN @store@.cleared_cap.source IS 'Where it comes from: auction, the caps it was opened with; limit and its scope: what was left of a limit of the financier.';
COMMENT ON COLUMN @store@.cleared_cap.limit_minor IS 'Limit, in minor units.';
REVOKE UPDATE, DELETE, TRUNCATE ON @store@.auction_snapshot, @store@.cleared_invoice, @store@.cleared_bid, @store@.cleared_cap FROM CURRENT_USER;
-- for foreign keys, as in table auction_invoice
GRANT UPDATE (tenant_id) ON @store@.auction_snapshot, @store@.cleared_invoice, @store@.cleared_bid TO CURRENT_USER;

ALTER TABLE @store@.auction_snapshot ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE @store@.cleared_invoice ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE @store@.cleared_bid ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE @store@.cleared_cap ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

--! code
SELECT @store@.put_auction_policies('{auction_snapshot,cleared_invoice,cleared_bid,cleared_cap}', '{}', '{cleared_bid,cleared_cap}', '{cleared_invoice}');

CREATE OR REPLACE FUNCTION @store@.exclude_invoices(p_tenant_id bigint, auction @store@.auction) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, clex, pg_temp
SET jit = off
SET enable_nestloop = off    -- tables that were filled a moment ago have no statistics: every join is hashed
AS $code$
#variable_conflict use_column
DECLARE
	v_unit numeric := 10::numeric ^ clex.currency_digits(auction.currency);
	v_suspects bigint[];
BEGIN
	-- an invoice of which nothing has been said since is as it was; the others are looked at one by one
	v_suspects := ARRAY(
		SELECT i.document_id
		FROM @store@.auction_invoice i
		JOIN @store@.invoice_state s ON s.tenant_id = p_tenant_id AND s.document_id = i.document_id
		LEFT JOIN @store@.claim c ON c.tenant_id = p_tenant_id AND c.document_id = i.document_id AND c.kind = 'auction' AND c.reference = auction.id
		WHERE i.tenant_id = p_tenant_id AND i.auction_id = auction.id AND i.refusal IS NULL
			AND (c.document_id IS NULL OR s.version <> i.state_version OR s.due_date IS DISTINCT FROM i.due_date
				OR s.document_id IN (SELECT d.document_id FROM @store@.dispute d WHERE d.tenant_id = p_tenant_id AND d.state = 'open')
				OR s.document_id IN (SELECT n.document_id FROM @store@.note_link n WHERE n.tenant_id = p_tenant_id)
				OR s.document_id IN (SELECT e.document_id FROM @store@.ledger_entry e WHERE e.tenant_id = p_tenant_id)));
	INSERT INTO @store@.award_refusal (tenant_id, auction_id, document_id, stage, amount_minor, reason, explanation, seller_key, buyer_vat_id)
	SELECT p_tenant_id, auction.id, o.document_id, 'frozen', o.amount * v_unit, o.reason, CASE o.reason
			WHEN 'claim_lost' THEN 'It is not claimed for the auction any more.'
			WHEN 'disputed' THEN format('%s %s of it is disputed.', o.disputed, auction.currency)
			WHEN 'not_payable' THEN format('Nothing of it can be paid: it is %s.', COALESCE(o.meaning, 'not approved'))
			WHEN 'less_open' THEN format('%s %s is open and no more %s.', o.undisputed, auction.currency, o.amount)
			WHEN 'due_date_changed' THEN format('It was due on %s when it was offered.', o.due_date) END, o.seller_key, o.buyer_vat_id
	FROM (
		SELECT i.*, l.disputed, l.undisputed, l.meaning,
			CASE WHEN c.document_id IS NULL THEN 'claim_lost'
				WHEN l.disputed > 0 THEN 'disputed'
				WHEN l.payable_now = 0 THEN 'not_payable'
				WHEN l.undisputed <> i.amount THEN 'less_open'
				WHEN s.due_date IS DISTINCT FROM i.due_date THEN 'due_date_changed' END AS reason
		FROM unnest(v_suspects) u (id)
		JOIN @store@.auction_invoice i ON i.tenant_id = p_tenant_id AND i.auction_id = auction.id AND i.document_id = u.id
		JOIN @store@.invoice_state s ON s.tenant_id = p_tenant_id AND s.document_id = u.id
		LEFT JOIN @store@.claim c ON c.tenant_id = p_tenant_id AND c.document_id = u.id AND c.kind = 'auction' AND c.reference = auction.id
		CROSS JOIN LATERAL (SELECT * FROM @store@.ledger l WHERE l.tenant_id = p_tenant_id AND l.document_id = u.id) l) o
	WHERE o.reason IS NOT NULL
	ORDER BY o.document_id;
	IF NOT EXISTS (SELECT FROM @store@.auction_reserve r WHERE r.tenant_id = p_tenant_id AND r.auction_id = auction.id AND r.supplier = '*') THEN
		INSERT INTO @store@.award_refusal (tenant_id, auction_id, document_id, stage, amount_minor, reason, explanation, seller_key, buyer_vat_id)
		SELECT p_tenant_id, auction.id, i.document_id, 'frozen', i.amount * v_unit, 'no_reserve', 'Nobody said at what rate its supplier wants to be paid early.', i.seller_key, i.buyer_vat_id
		FROM @store@.auction_invoice i
		LEFT JOIN @store@.auction_reserve r ON r.tenant_id = p_tenant_id AND r.auction_id = auction.id AND r.party_id = i.party_id
		WHERE i.tenant_id = p_tenant_id AND i.auction_id = auction.id AND i.refusal IS NULL AND r.party_id IS NULL
		ORDER BY i.document_id
		ON CONFLICT DO NOTHING;
	END IF;
END;
$code$;
COMMENT ON FUNCTION @store@.exclude_invoices(bigint, @store@.auction) IS 'Part of freeze_auction(): takes out of the batch what is not worth what was offered any more, each invoice with its reason.';

CREATE OR REPLACE FUNCTION @store@.freeze_bids(p_tenant_id bigint, auction @store@.auction) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, clex, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_unit numeric := 10::numeric ^ clex.currency_digits(auction.currency);
	v_most constant numeric := 1152921504606846975;    -- what the clearing can count
	v_financier record;
BEGIN
	-- nobody lowers or uses a limit between this and the assignment, if both are one transaction; else the assignment looks again
	FOR v_financier IN
		SELECT f.financier_id FROM @store@.financier f
		JOIN @store@.financier_limit l ON l.tenant_id = f.tenant_id AND l.financier_id = f.financier_id AND l.currency = auction.currency AND l.scope = 'total' AND l.key = '*'
		WHERE f.tenant_id = p_tenant_id AND f.code IN (SELECT b.bidder FROM @store@.bid_sheet b WHERE b.tenant_id = p_tenant_id AND b.auction_id = auction.id AND b.revealed_at IS NOT NULL)
		ORDER BY f.financier_id
	LOOP
		PERFORM @store@.lock_limits(p_tenant_id, v_financier.financier_id, auction.currency);
	END LOOP;
	INSERT INTO @store@.cleared_bid (tenant_id, auction_id, bid_no, bidder, line, commitment, committed_at, nonce, bid, rate_ppm, ceiling_minor, buyer, tenor_min, tenor_max,
		min_ticket, max_ticket, min_award, void)
	SELECT p_tenant_id, auction.id, 1 + ('x' || substr(encode(sha256(b.commitment || convert_to(b.bidder, 'UTF8') || int4send(b.line)), 'hex'), 1, 15))::bit(60)::bigint,
		b.bidder, b.line, b.commitment, b.committed_at, b.nonce, b.bid, (b.bid ->> 'rate')::numeric * 1000000, CASE WHEN b.bid IS NOT NULL THEN LEAST((b.bid ->> 'ceiling')::numeric * v_unit, v_most) END,
		COALESCE(b.bid ->> 'buyer', '*'), t.tenor_min, t.tenor_max, LEAST(COALESCE((b.bid ->> 'min_ticket')::numeric, 0) * v_unit, v_most),
		LEAST(COALESCE((b.bid ->> 'max_ticket')::numeric * v_unit, v_most), v_most), LEAST(COALESCE((b.bid ->> 'min_award')::numeric, 0) * v_unit, v_most),
		CASE WHEN b.revealed_at IS NULL THEN 'not revealed'
			WHEN b.bidder = 'own' THEN NULL
			WHEN f.active IS NOT TRUE THEN 'the financier is not active any more'
			WHEN NOT EXISTS (SELECT FROM @store@.instrument_rule r WHERE r.legal_status = f.legal_status AND (NOT r.needs_authorisation OR f.authorisation IS NOT NULL))
				THEN format('a financier of legal status %s may not take receivables over', f.legal_status)
			WHEN (l.line).currency IS NULL THEN format('the financier has no line in %s for that day', auction.currency)
			WHEN NOT EXISTS (SELECT FROM @store@.financier_limit m WHERE m.tenant_id = p_tenant_id AND m.financier_id = f.financier_id AND m.currency = auction.currency AND m.scope = 'total')
				THEN format('the financier has no limit in %s', auction.currency)
			WHEN (l.line).iban IS NULL THEN 'the line of the financier names no account to which debtors pay'
			WHEN t.tenor_min > t.tenor_max THEN format('the line of the financier is for %s to %s days', COALESCE((l.line).min_days, 1), (l.line).max_days) END
	FROM @store@.bid_sheet b
	LEFT JOIN @store@.financier f ON f.tenant_id = p_tenant_id AND f.code = b.bidder
	LEFT JOIN LATERAL (SELECT @store@.line_on(p_tenant_id, f.financier_id, auction.currency, auction.settlement_date) AS line) l ON f.financier_id IS NOT NULL
	CROSS JOIN LATERAL (
		SELECT GREATEST(COALESCE((b.bid ->> 'tenor_min')::numeric::int, 1), (l.line).min_days) AS tenor_min,
			LEAST(COALESCE((b.bid ->> 'tenor_max')::numeric::int, 36500), (l.line).max_days) AS tenor_max) t
	WHERE b.tenant_id = p_tenant_id AND b.auction_id = auction.id AND b.commitment IS NOT NULL
	ORDER BY b.committed_at, b.bidder COLLATE "C", b.line;

	INSERT INTO @store@.cleared_cap (tenant_id, auction_id, bidder, scope, key, source, limit_minor)
	SELECT c.tenant_id, c.auction_id, c.bidder, c.scope, c.key, 'auction', LEAST(trunc(c.amount * v_unit), v_most)
	FROM @store@.auction_cap c
	WHERE c.tenant_id = p_tenant_id AND c.auction_id = auction.id
		AND EXISTS (SELECT FROM @store@.cleared_bid b WHERE b.tenant_id = p_tenant_id AND b.auction_id = auction.id AND b.bidder = c.bidder AND b.void IS NULL)
	ORDER BY c.bidder COLLATE "C", c.scope, c.key COLLATE "C";
	INSERT INTO @store@.cleared_cap (tenant_id, auction_id, bidder, scope, key, source, limit_minor)
	SELECT p_tenant_id, auction.id, r.bidder, r.scope, r.key, r.source, LEAST(GREATEST(trunc(r.remaining * v_unit), 0), v_most)
	FROM @store@.remaining_limits(p_tenant_id, auction) r
	ORDER BY r.bidder COLLATE "C", r.scope, r.key COLLATE "C", r.source;
END;
$code$;
COMMENT ON FUNCTION @store@.freeze_bids(bigint, @store@.auction) IS
'Part of freeze_auction(): the bids that were revealed and those that are void, and what each bidder may take. What a financier may not do by law, or has no line or limit for, is void before anything is awarded, and not refused after.';

CREATE OR REPLACE FUNCTION @store@.remaining_limits(p_tenant_id bigint, auction @store@.auction) RETURNS TABLE (bidder text, scope text, key text, source text, remaining numeric)
LANGUAGE plpgsql STABLE ROWS 100
SET search_path = pg_catalog, clex, pg_temp
AS $code$
#variable_conflict use_column
BEGIN
	RETURN QUERY
	WITH financier AS MATERIALIZED (
		SELECT f.financier_id, f.code FROM @store@.financier f
		WHERE f.tenant_id = p_tenant_id AND EXISTS (
			SELECT FROM @store@.cleared_bid b WHERE b.tenant_id = p_tenant_id AND b.auction_id = auction.id AND b.bidder = f.code AND b.void IS NULL)
	), name AS MATERIALIZED (
		-- a limit on a country or sector of debtors is shared out to the debtors that are of it, in equal parts: safe, if not all that is possible
		SELECT k.limit_scope, k.limit_key, k.scope, k.key, count(*) OVER (PARTITION BY k.limit_scope, k.limit_key) AS sharers
		FROM (
			SELECT 'total' AS limit_scope, '*' AS limit_key, 'total' AS scope, '*' AS key
			UNION
			SELECT n.limit_scope, n.limit_key, n.scope, n.key
			FROM @store@.auction_invoice i
			CROSS JOIN LATERAL (VALUES ('debtor', i.buyer, 'buyer', i.buyer), ('supplier', i.supplier, 'supplier', i.supplier),
				('supplier_country', i.country, 'country', i.country), ('supplier_sector', i.sector, 'sector', i.sector),
				('debtor_country', i.buyer_country, 'buyer', i.buyer), ('debtor_sector', i.buyer_sector, 'buyer', i.buyer)) n (limit_scope, limit_key, scope, key)
			-- invoices are many, and most limits are on nothing but the total
			WHERE i.tenant_id = p_tenant_id AND i.auction_id = auction.id AND i.refusal IS NULL AND n.limit_scope IN (
				SELECT l.scope FROM @store@.financier_limit l WHERE l.tenant_id = p_tenant_id AND l.currency = auction.currency)) k
	)
	SELECT f.code, n.scope, n.key, 'limit ' || n.limit_scope, (COALESCE(o.amount, a.amount) - COALESCE(u.used, 0)) / n.sharers
	FROM financier f
	CROSS JOIN name n
	LEFT JOIN @store@.financier_limit o ON o.tenant_id = p_tenant_id AND o.financier_id = f.financier_id AND o.currency = auction.currency AND o.scope = n.limit_scope AND o.key = n.limit_key
	LEFT JOIN @store@.financier_limit a ON a.tenant_id = p_tenant_id AND a.financier_id = f.financier_id AND a.currency = auction.currency AND a.scope = n.limit_scope AND a.key = '*'
	LEFT JOIN @store@.limit_use u ON u.tenant_id = p_tenant_id AND u.financier_id = f.financier_id AND u.currency = auction.currency AND u.scope = n.limit_scope AND u.key = n.limit_key
	WHERE COALESCE(o.amount, a.amount) IS NOT NULL;
END;
$code$;
COMMENT ON FUNCTION @store@.remaining_limits(bigint, @store@.auction) IS 'Part of freeze_auction(): what is left of the limits of financiers that bid, by the keys of invoices that are cleared; below 0 if more is used than they are.';

CREATE OR REPLACE FUNCTION @store@.snapshot_digest(p_tenant_id bigint, auction_id bigint, terms jsonb, options jsonb) RETURNS bytea
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
SET jit = off
AS $code$
#variable_conflict use_column
BEGIN
	RETURN sha256(convert_to('clex auction 1' || E'\n' || jsonb_build_array('auction', snapshot_digest.auction_id, snapshot_digest.terms, snapshot_digest.options)::text || E'\n'
		|| COALESCE((SELECT string_agg(jsonb_build_array('invoice', i.document_id, i.amount_minor, i.tenor_days, i.reserve_ppm, i.buyer, i.supplier, i.sector, i.country, i.lot_id)::text || E'\n',
				'' ORDER BY i.document_id)
			FROM @store@.cleared_invoice i WHERE i.tenant_id = p_tenant_id AND i.auction_id = snapshot_digest.auction_id), '')
		|| COALESCE((SELECT string_agg(jsonb_build_array('bid', b.bid_no, b.bidder, b.line, encode(b.commitment, 'hex'), extract(epoch FROM b.committed_at), encode(b.nonce, 'hex'), b.bid,
				b.rate_ppm, b.ceiling_minor, b.buyer, b.tenor_min, b.tenor_max, b.min_ticket, b.max_ticket, b.min_award, b.void)::text || E'\n', '' ORDER BY b.bid_no)
			FROM @store@.cleared_bid b WHERE b.tenant_id = p_tenant_id AND b.auction_id = snapshot_digest.auction_id), '')
		|| COALESCE((SELECT string_agg(jsonb_build_array('cap', c.bidder, c.scope, c.key, c.source, c.limit_minor)::text || E'\n', ''
				ORDER BY c.bidder COLLATE "C", c.scope COLLATE "C", c.key COLLATE "C", c.source COLLATE "C")
			FROM @store@.cleared_cap c WHERE c.tenant_id = p_tenant_id AND c.auction_id = snapshot_digest.auction_id), ''), 'UTF8'));
END;
$code$;
COMMENT ON FUNCTION @store@.snapshot_digest(bigint, bigint, jsonb, jsonb) IS
'Hash of all an auction was cleared from: SHA-256 over the line "clex auction 1" and a JSON array a line, ended by a line feed, UTF-8: auction (number, terms, options), invoices by number, bids by number, caps by bidder, scope, key and source, with the columns of their tables.';

CREATE OR REPLACE FUNCTION @store@.freeze_auction(p_tenant_id bigint, auction_id bigint) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, clex, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_auction @store@.auction;
	v_options jsonb;
	v_terms jsonb;
BEGIN
	PERFORM @store@.require_right(p_tenant_id, 'auction');
	v_auction := @store@.auction_of(p_tenant_id, freeze_auction.auction_id);
	IF v_auction.state = 'open' AND clock_timestamp() < v_auction.reveal_until THEN
		RAISE EXCEPTION 'auction % cannot be closed yet', freeze_auction.auction_id USING
			ERRCODE = 'object_not_in_prerequisite_state',
			DETAIL = format('Bids are revealed until %s.', v_auction.reveal_until);
	ELSIF v_auction.state <> 'open' THEN
		RETURN v_auction.state;
	END IF;
	PERFORM @store@.lock_batch(p_tenant_id, freeze_auction.auction_id);
	SELECT * INTO v_auction FROM @store@.auction a WHERE a.tenant_id = p_tenant_id AND a.id = freeze_auction.auction_id FOR NO KEY UPDATE;
	IF v_auction.state <> 'open' THEN
		RETURN v_auction.state;
	END IF;
	PERFORM @store@.exclude_invoices(p_tenant_id, v_auction);
	INSERT INTO @store@.cleared_invoice (tenant_id, auction_id, document_id, amount_minor, tenor_days, reserve_ppm, buyer, supplier, sector, country, lot_id, seller_key, buyer_vat_id)
	SELECT p_tenant_id, i.auction_id, i.document_id, i.amount * 10::numeric ^ clex.currency_digits(v_auction.currency), i.tenor_days,
		COALESCE(r.rate, d.rate) * 1000000, i.buyer, i.supplier, i.sector, i.country, i.lot_id, i.seller_key, i.buyer_vat_id
	FROM @store@.auction_invoice i
	LEFT JOIN @store@.auction_reserve r ON r.tenant_id = p_tenant_id AND r.auction_id = i.auction_id AND r.party_id = i.party_id
	LEFT JOIN @store@.auction_reserve d ON d.tenant_id = p_tenant_id AND d.auction_id = i.auction_id AND d.supplier = '*'
	WHERE i.tenant_id = p_tenant_id AND i.auction_id = freeze_auction.auction_id AND i.refusal IS NULL
		AND NOT EXISTS (SELECT FROM @store@.award_refusal x WHERE x.tenant_id = p_tenant_id AND x.auction_id = i.auction_id AND x.document_id = i.document_id)
	ORDER BY i.document_id;
	PERFORM @store@.freeze_bids(p_tenant_id, v_auction);
	SELECT jsonb_build_object('mode', v_auction.mode, 'divisible', v_auction.divisible, 'lots', v_auction.lots, 'pricing', v_auction.pricing)
		|| CASE WHEN v_auction.divisible THEN jsonb_build_object('pro_rata', v_auction.pro_rata) ELSE '{}' END
		|| COALESCE(jsonb_object_agg(o.key, o.value) FILTER (WHERE o.key IN ('work_budget', 'node_budget', 'memory_limit')), '{}')
	INTO v_options
	FROM @store@.auction_terms t
	CROSS JOIN LATERAL jsonb_each(t.terms -> 'options') o
	WHERE t.tenant_id = p_tenant_id AND t.auction_id = freeze_auction.auction_id;
	v_terms := jsonb_build_object('name', v_auction.name, 'currency', v_auction.currency, 'settlement_date', v_auction.settlement_date,
		'opens_at', extract(epoch FROM v_auction.opens_at), 'closes_at', extract(epoch FROM v_auction.closes_at), 'reveal_until', extract(epoch FROM v_auction.reveal_until));
	INSERT INTO @store@.auction_snapshot (tenant_id, auction_id, terms, options, invoices, bids, caps, sha256)
	VALUES (p_tenant_id, v_auction.id, v_terms, v_options, (SELECT count(*) FROM @store@.cleared_invoice i WHERE i.tenant_id = p_tenant_id AND i.auction_id = v_auction.id),
		(SELECT count(*) FROM @store@.cleared_bid b WHERE b.tenant_id = p_tenant_id AND b.auction_id = v_auction.id),
		(SELECT count(*) FROM @store@.cleared_cap c WHERE c.tenant_id = p_tenant_id AND c.auction_id = v_auction.id),
		@store@.snapshot_digest(p_tenant_id, v_auction.id, v_terms, v_options));
	UPDATE @store@.auction a SET state = 'frozen' WHERE a.tenant_id = p_tenant_id AND a.id = v_auction.id;
	PERFORM @store@.record_event(p_tenant_id, 'freeze_auction', 'auction', v_auction.id::text, to_jsonb(v_auction.state), (
		SELECT jsonb_build_object('invoices', s.invoices, 'bids', s.bids, 'sha256', encode(s.sha256, 'hex')) FROM @store@.auction_snapshot s
		WHERE s.tenant_id = p_tenant_id AND s.auction_id = v_auction.id));
	RETURN 'frozen';
END;
$code$;
COMMENT ON FUNCTION @store@.freeze_auction(bigint, bigint) IS
'First step of close_auction(): fixes what the auction is cleared from, when bids can be revealed no more. Invoices that are not worth what was offered any more are taken out with the reason, bids that were not revealed are void, and what financiers may take is what is left of their lines and limits now. Returns the state; once it is frozen nothing happens. For personas with the right auction. Errors: 42501, P0002 no such auction, 55000 it is too early.';

REVOKE ALL ON FUNCTION @store@.exclude_invoices(bigint, @store@.auction), @store@.freeze_bids(bigint, @store@.auction), @store@.remaining_limits(bigint, @store@.auction),
	@store@.snapshot_digest(bigint, bigint, jsonb, jsonb), @store@.freeze_auction(bigint, bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION @store@.freeze_auction(bigint, bigint) TO PUBLIC;
GRANT SELECT ON @store@.auction_snapshot, @store@.cleared_invoice, @store@.cleared_bid, @store@.cleared_cap TO PUBLIC;
