-- Module finance, bids: sealed by a commitment, shown when nobody can bid any more.
--
-- Who bids commits to a hash first.  Until all bids are shown no bidder may learn anything of another, not even whether there is one: the sheets of all bidders
-- are laid out when the auction opens, as many rows of the same size whether or not they are used; bidding fills in a row of one's own, adds none, takes no
-- number from a sequence, and waits for nobody else's row.  Sheets are read and written by functions alone that run as the store: no grant, so that neither
-- EXPLAIN nor a system column tells what else is there.

--! step 42 bidders and their sheets
CREATE TABLE @store@.auction_bidder (
	tenant_id bigint NOT NULL,
	auction_id bigint NOT NULL,
	bidder text NOT NULL,
	PRIMARY KEY (tenant_id, auction_id, bidder),
	FOREIGN KEY (tenant_id, auction_id) REFERENCES @store@.auction (tenant_id, id)
);
COMMENT ON TABLE @store@.auction_bidder IS 'Who may bid: the financiers that could take receivables of the tenant when the auction opened, and own where own funds may. Rows are added by open_auction(), never changed.';
COMMENT ON COLUMN @store@.auction_bidder.tenant_id IS 'Tenant.';
COMMENT ON COLUMN @store@.auction_bidder.auction_id IS 'Auction.';
COMMENT ON COLUMN @store@.auction_bidder.bidder IS 'Code of the financier; own = the tenant''s own funds.';
REVOKE UPDATE, DELETE, TRUNCATE ON @store@.auction_bidder FROM CURRENT_USER;
GRANT UPDATE (tenant_id) ON @store@.auction_bidder TO CURRENT_USER;

-- room for the new version of each row beside the old one: the table does not grow when bids come in
CREATE TABLE @store@.bid_sheet (
	tenant_id bigint NOT NULL,
	auction_id bigint NOT NULL,
	bidder text NOT NULL,
	line int NOT NULL CHECK (line > 0),
	commitment bytea CHECK (pg_catalog.length(commitment) = 32),
	committed_at timestamptz,
	committed_by text,
	bid jsonb,
	nonce bytea,
	revealed_at timestamptz,
	PRIMARY KEY (tenant_id, auction_id, bidder, line),
	CHECK (pg_catalog.num_nulls(commitment, committed_at, committed_by) IN (0, 3)),
	CHECK (pg_catalog.num_nulls(bid, nonce, revealed_at) IN (0, 3)),
	CHECK (bid IS NULL OR commitment IS NOT NULL),
	FOREIGN KEY (tenant_id, auction_id, bidder) REFERENCES @store@.auction_bidder (tenant_id, auction_id, bidder)
) WITH (fillfactor = 20);
COMMENT ON TABLE @store@.bid_sheet IS 'Sealed bids: each bidder has bids_each lines from the beginning, used or not. Laid out by open_auction(), filled in by commit_bid(), withdraw_bid() and reveal_bid(); read by functions alone.';
COMMENT ON COLUMN @store@.bid_sheet.tenant_id IS 'Tenant.';
COMMENT ON COLUMN @store@.bid_sheet.auction_id IS 'Auction.';
COMMENT ON COLUMN @store@.bid_sheet.bidder IS 'Whose sheet it is.';
COMMENT ON COLUMN @store@.bid_sheet.line IS 'Line of the sheet, from 1.';
COMMENT ON COLUMN @store@.bid_sheet.commitment IS 'What the bidder is bound to, as clex.bid_commitment() computes it; NULL = the line is not used.';
COMMENT ON COLUMN @store@.bid_sheet.committed_at IS 'When it was committed: this alone decides whether it came in time, and before others.';
COMMENT ON COLUMN @store@.bid_sheet.committed_by IS 'Role that did.';
COMMENT ON COLUMN @store@.bid_sheet.bid IS 'The bid, when it has been revealed.';
COMMENT ON COLUMN @store@.bid_sheet.nonce IS 'Its nonce.';
COMMENT ON COLUMN @store@.bid_sheet.revealed_at IS 'When it was revealed.';

--! step 43 nobody counts sheets
-- a vacuum, and an analysis, come when so many rows have changed, and leave their traces in pg_class, which everybody reads: relallvisible, relfrozenxid, reltuples.
-- Rows are few, and a new version finds its place beside the old one; only a wraparound is still guarded against, which comes without regard to bids
ALTER TABLE @store@.bid_sheet SET (autovacuum_enabled = false, toast.autovacuum_enabled = false);

ALTER TABLE @store@.auction_bidder ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE @store@.bid_sheet ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

--! code
SELECT @store@.put_auction_policies('{auction_bidder,bid_sheet}', '{bid_sheet}');
DROP POLICY IF EXISTS bidder ON @store@.auction_bidder;
CREATE POLICY bidder ON @store@.auction_bidder FOR SELECT USING ((tenant_id, bidder) IN (
	SELECT c.tenant_id, c.code FROM @store@.own_financiers() f JOIN @store@.financier c ON c.tenant_id = f.tenant_id AND c.financier_id = f.financier_id));

CREATE OR REPLACE FUNCTION @store@.lay_out_sheets(p_tenant_id bigint, auction_id bigint, options jsonb, caps jsonb) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_wrong text;
BEGIN
	INSERT INTO @store@.auction_bidder (tenant_id, auction_id, bidder)
	SELECT p_tenant_id, lay_out_sheets.auction_id, f.code FROM @store@.financier f WHERE f.tenant_id = p_tenant_id AND f.active
	UNION ALL
	SELECT p_tenant_id, lay_out_sheets.auction_id, 'own' WHERE (options -> 'own_funds')::boolean;
	INSERT INTO @store@.bid_sheet (tenant_id, auction_id, bidder, line)
	SELECT b.tenant_id, b.auction_id, b.bidder, l
	FROM @store@.auction_bidder b
	CROSS JOIN generate_series(1, (options -> 'bids_each')::int) l
	WHERE b.tenant_id = p_tenant_id AND b.auction_id = lay_out_sheets.auction_id
	ORDER BY b.bidder COLLATE "C", l;
	SELECT c.value ->> 'bidder' INTO v_wrong FROM jsonb_array_elements(caps) c
	WHERE NOT EXISTS (SELECT FROM @store@.auction_bidder b WHERE b.tenant_id = p_tenant_id AND b.auction_id = lay_out_sheets.auction_id AND b.bidder = c.value ->> 'bidder')
	LIMIT 1;
	IF FOUND THEN
		RAISE EXCEPTION 'the auction has no bidder "%"', v_wrong USING ERRCODE = 'no_data_found', HINT = 'Bidders are the active financiers, and own where option own_funds is true.';
	END IF;
	INSERT INTO @store@.auction_cap (tenant_id, auction_id, bidder, scope, key, amount)
	SELECT p_tenant_id, lay_out_sheets.auction_id, c.bidder, c.scope, COALESCE(c.key, '*'), c.amount
	FROM jsonb_to_recordset(caps) c (bidder text, scope text, key text, amount numeric);
END;
$code$;
COMMENT ON FUNCTION @store@.lay_out_sheets(bigint, bigint, jsonb, jsonb) IS 'Part of open_auction(): who may bid, an empty sheet for each, and what each may win at most.';

CREATE OR REPLACE FUNCTION @store@.require_bidder(p_tenant_id bigint, auction_id bigint, own_funds boolean) RETURNS text
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_bidder text;
BEGIN
	IF require_bidder.own_funds THEN
		PERFORM @store@.require_right(p_tenant_id, 'discount');
		v_bidder := (SELECT b.bidder FROM @store@.auction_bidder b WHERE b.tenant_id = p_tenant_id AND b.auction_id = require_bidder.auction_id AND b.bidder = 'own');
	ELSIF EXISTS (
		SELECT FROM @store@.membership m
		JOIN @store@.persona_right r ON r.persona = m.persona AND r.may = 'fund'
		WHERE m.tenant_id = p_tenant_id AND m.role_name = clex.caller())
	THEN
		v_bidder := (SELECT a.bidder FROM @store@.own_auctions() a WHERE a.tenant_id = p_tenant_id AND a.auction_id = require_bidder.auction_id);
	ELSE
		RAISE EXCEPTION 'role "%" acts for no financier of tenant %', clex.caller(), p_tenant_id USING
			ERRCODE = 'insufficient_privilege',
			HINT = 'An operator of the store can make it one with add_member() and scope_financier(). Nobody bids for somebody else.';
	END IF;
	IF v_bidder IS NULL THEN
		RAISE EXCEPTION 'there is no auction % to bid in', require_bidder.auction_id USING
			ERRCODE = 'no_data_found',
			HINT = 'View auctions lists those you may see.';
	END IF;
	RETURN v_bidder;
END;
$code$;
COMMENT ON FUNCTION @store@.require_bidder(bigint, bigint, boolean) IS
'As which bidder the caller bids in an auction: as the financier it is, or with own funds (right discount). Operators are no bidders: sealed bids are sealed for them too. Errors: 42501, P0002 no auction in which it may bid.';

CREATE OR REPLACE FUNCTION @store@.commit_bid(p_tenant_id bigint, auction_id bigint, commitment bytea, own_funds boolean DEFAULT false) RETURNS int
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_bidder text := @store@.require_bidder(p_tenant_id, commit_bid.auction_id, commit_bid.own_funds);
	v_auction @store@.auction := @store@.auction_of(p_tenant_id, commit_bid.auction_id);
	v_sheet @store@.bid_sheet[];
	v_line int;
BEGIN
	IF length(commit_bid.commitment) IS DISTINCT FROM 32 THEN
		RAISE EXCEPTION 'a commitment is a SHA-256 of 32 bytes' USING
			ERRCODE = 'invalid_parameter_value',
			HINT = 'clex.bid_commitment() computes it, in any database.';
	END IF;
	-- one's own sheet alone is locked: no other bidder waits, or is waited for
	v_sheet := ARRAY(SELECT b FROM (
		SELECT * FROM @store@.bid_sheet b
		WHERE b.tenant_id = p_tenant_id AND b.auction_id = commit_bid.auction_id AND b.bidder = v_bidder
		ORDER BY b.line FOR UPDATE) b);
	SELECT b.line INTO v_line FROM unnest(v_sheet) b WHERE b.commitment = commit_bid.commitment;
	IF FOUND THEN
		RETURN v_line;
	ELSIF v_auction.state <> 'open' OR clock_timestamp() >= v_auction.closes_at THEN
		RAISE EXCEPTION 'auction % takes no more bids', commit_bid.auction_id USING
			ERRCODE = 'object_not_in_prerequisite_state',
			DETAIL = CASE v_auction.state WHEN 'cancelled' THEN 'It was cancelled.' ELSE format('It closed at %s.', v_auction.closes_at) END;
	ELSIF clock_timestamp() < v_auction.opens_at THEN
		RAISE EXCEPTION 'auction % takes no bids yet', commit_bid.auction_id USING
			ERRCODE = 'object_not_in_prerequisite_state',
			DETAIL = format('It opens at %s.', v_auction.opens_at);
	END IF;
	SELECT min(b.line) INTO v_line FROM unnest(v_sheet) b WHERE b.commitment IS NULL;
	IF v_line IS NULL THEN
		RAISE EXCEPTION 'your sheet is full' USING
			ERRCODE = 'object_not_in_prerequisite_state',
			DETAIL = format('Each bidder has %s lines.', v_auction.bids_each),
			HINT = 'withdraw_bid() frees one.';
	END IF;
	UPDATE @store@.bid_sheet b SET commitment = commit_bid.commitment, committed_at = clock_timestamp(), committed_by = clex.caller()
	WHERE b.tenant_id = p_tenant_id AND b.auction_id = commit_bid.auction_id AND b.bidder = v_bidder AND b.line = v_line;
	RETURN v_line;
END;
$code$;
COMMENT ON FUNCTION @store@.commit_bid(bigint, bigint, bytea, boolean) IS
'Binds the caller to a bid that nobody can read yet: commitment as clex.bid_commitment() computes it from the bid and a secret nonce. Only what is committed before closes_at counts. Returns the line of the caller''s sheet; the same commitment again is the same line. own_funds: with the money of the tenant, by personas with the right discount; else for members that act for a financier. Errors: 42501, P0002 no auction in which it may bid, 22023 not 32 bytes, 55000 not open yet, closed, or all lines used.';

CREATE OR REPLACE FUNCTION @store@.withdraw_bid(p_tenant_id bigint, auction_id bigint, commitment bytea, own_funds boolean DEFAULT false) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_bidder text := @store@.require_bidder(p_tenant_id, withdraw_bid.auction_id, withdraw_bid.own_funds);
	v_auction @store@.auction := @store@.auction_of(p_tenant_id, withdraw_bid.auction_id);
BEGIN
	IF v_auction.state <> 'open' OR clock_timestamp() >= v_auction.closes_at THEN
		RAISE EXCEPTION 'bids of auction % are binding', withdraw_bid.auction_id USING
			ERRCODE = 'object_not_in_prerequisite_state',
			DETAIL = format('It closed at %s.', v_auction.closes_at),
			HINT = 'A bid that is not revealed is void.';
	END IF;
	UPDATE @store@.bid_sheet b SET commitment = NULL, committed_at = NULL, committed_by = NULL
	WHERE b.tenant_id = p_tenant_id AND b.auction_id = withdraw_bid.auction_id AND b.bidder = v_bidder AND b.commitment = withdraw_bid.commitment;
	RETURN FOUND;
END;
$code$;
COMMENT ON FUNCTION @store@.withdraw_bid(bigint, bigint, bytea, boolean) IS 'Takes a commitment back before the auction closes; nobody gets to know that there was one. Returns whether there was. As commit_bid(). Errors: 42501, P0002, 55000 it is closed.';

CREATE OR REPLACE FUNCTION @store@.reveal_bid(p_tenant_id bigint, auction_id bigint, bid jsonb, nonce bytea, own_funds boolean DEFAULT false) RETURNS int
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, clex, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_bidder text := @store@.require_bidder(p_tenant_id, reveal_bid.auction_id, reveal_bid.own_funds);
	v_auction @store@.auction := @store@.auction_of(p_tenant_id, reveal_bid.auction_id);
	v_commitment bytea := clex.bid_commitment(reveal_bid.auction_id, v_bidder, reveal_bid.bid, reveal_bid.nonce);
	v_line @store@.bid_sheet;
BEGIN
	IF clock_timestamp() < v_auction.closes_at AND v_auction.state = 'open' THEN
		RAISE EXCEPTION 'auction % still takes bids', reveal_bid.auction_id USING
			ERRCODE = 'object_not_in_prerequisite_state',
			DETAIL = format('Bids are revealed from %s on.', v_auction.closes_at);
	END IF;
	SELECT * INTO v_line FROM @store@.bid_sheet b
	WHERE b.tenant_id = p_tenant_id AND b.auction_id = reveal_bid.auction_id AND b.bidder = v_bidder AND b.commitment = v_commitment
	FOR UPDATE;
	IF NOT FOUND THEN
		RAISE EXCEPTION 'you have not committed to that bid' USING
			ERRCODE = 'invalid_parameter_value',
			DETAIL = format('Its commitment is %s.', encode(v_commitment, 'hex')),
			HINT = 'clex.canonical_bid() shows the text that is hashed; own_bids() lists your commitments. A commitment whose bid is not revealed in time is void.';
	ELSIF v_line.revealed_at IS NOT NULL THEN
		RETURN v_line.line;
	ELSIF v_auction.state <> 'open' OR clock_timestamp() >= v_auction.reveal_until THEN
		RAISE EXCEPTION 'bids of auction % cannot be revealed any more', reveal_bid.auction_id USING
			ERRCODE = 'object_not_in_prerequisite_state',
			DETAIL = CASE v_auction.state WHEN 'cancelled' THEN 'It was cancelled.' ELSE format('They could until %s.', v_auction.reveal_until) END;
	ELSIF EXISTS (SELECT FROM jsonb_each(reveal_bid.bid) f
		WHERE f.key IN ('ceiling', 'min_ticket', 'max_ticket', 'min_award') AND clex.round_to_currency(f.value::numeric, v_auction.currency) <> f.value::numeric)
	THEN
		RAISE EXCEPTION 'amounts of the bid are no amounts in %', v_auction.currency USING ERRCODE = 'invalid_parameter_value';
	ELSIF v_auction.divisible AND (reveal_bid.bid ->> 'min_award')::numeric > 0 THEN
		RAISE EXCEPTION 'bids in an auction that splits invoices have no minimum' USING
			ERRCODE = 'invalid_parameter_value',
			DETAIL = 'An invoice that is split is cleared once more by itself, so that no minimum can be kept.';
	END IF;
	UPDATE @store@.bid_sheet b SET bid = reveal_bid.bid, nonce = reveal_bid.nonce, revealed_at = clock_timestamp()
	WHERE b.tenant_id = p_tenant_id AND b.auction_id = reveal_bid.auction_id AND b.bidder = v_bidder AND b.line = v_line.line;
	RETURN v_line.line;
END;
$code$;
COMMENT ON FUNCTION @store@.reveal_bid(bigint, bigint, jsonb, bytea, boolean) IS
'Shows a bid that was committed: bid and nonce as they went into clex.bid_commitment(). From closes_at to reveal_until; nobody else sees it before then. Returns the line of the caller''s sheet; again: the same. As commit_bid(). Errors: 42501, P0002, 22023 not a bid, or not one that was committed, 55000 too early or too late.';

CREATE OR REPLACE FUNCTION @store@.own_bids(p_tenant_id bigint, auction_id bigint, own_funds boolean DEFAULT false)
RETURNS TABLE (line int, commitment bytea, committed_at timestamptz, committed_by text, bid jsonb, revealed_at timestamptz, state text)
LANGUAGE plpgsql SECURITY DEFINER STABLE ROWS 20
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_bidder text := @store@.require_bidder(p_tenant_id, own_bids.auction_id, own_bids.own_funds);
	v_auction @store@.auction := @store@.auction_of(p_tenant_id, own_bids.auction_id);
BEGIN
	RETURN QUERY
	SELECT b.line, b.commitment, b.committed_at, b.committed_by, b.bid, b.revealed_at,
		CASE WHEN b.revealed_at IS NOT NULL THEN 'revealed'
			WHEN v_auction.state = 'cancelled' THEN 'cancelled'
			WHEN v_auction.state <> 'open' OR clock_timestamp() >= v_auction.reveal_until THEN 'void'
			WHEN clock_timestamp() >= v_auction.closes_at THEN 'to be revealed'
			ELSE 'sealed' END
	FROM @store@.bid_sheet b
	WHERE b.tenant_id = p_tenant_id AND b.auction_id = own_bids.auction_id AND b.bidder = v_bidder AND b.commitment IS NOT NULL
	ORDER BY b.line;
END;
$code$;
COMMENT ON FUNCTION @store@.own_bids(bigint, bigint, boolean) IS
'The caller''s bids in an auction, and nobody else''s: sealed; to be revealed; revealed; void, since it was not revealed in time; cancelled with the auction. As commit_bid(). Errors: 42501, P0002.';

REVOKE ALL ON FUNCTION @store@.lay_out_sheets(bigint, bigint, jsonb, jsonb), @store@.require_bidder(bigint, bigint, boolean),
	@store@.commit_bid(bigint, bigint, bytea, boolean), @store@.withdraw_bid(bigint, bigint, bytea, boolean), @store@.reveal_bid(bigint, bigint, jsonb, bytea, boolean),
	@store@.own_bids(bigint, bigint, boolean) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION @store@.commit_bid(bigint, bigint, bytea, boolean), @store@.withdraw_bid(bigint, bigint, bytea, boolean),
	@store@.reveal_bid(bigint, bigint, jsonb, bytea, boolean), @store@.own_bids(bigint, bigint, boolean) TO PUBLIC;
GRANT SELECT ON @store@.auction_bidder TO PUBLIC;
