-- Module finance, open auctions: reserves of suppliers, giving an auction up, and what is seen of its terms and its batch.

--! code
CREATE OR REPLACE FUNCTION @store@.set_reserve(p_tenant_id bigint, auction_id bigint, supplier text, rate numeric) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_party bigint;
	v_auction @store@.auction;
	v_old numeric;
BEGIN
	PERFORM @store@.require_member(p_tenant_id);
	v_party := @store@.party_id(p_tenant_id, set_reserve.supplier);
	IF NOT EXISTS (SELECT FROM @store@.own_parties() p WHERE p.tenant_id = p_tenant_id AND p.party_id = v_party) THEN
		PERFORM @store@.require_right(p_tenant_id, 'auction');
	ELSIF NOT EXISTS (SELECT FROM @store@.auction_invoice i WHERE i.tenant_id = p_tenant_id AND i.auction_id = set_reserve.auction_id AND i.party_id = v_party AND i.refusal IS NULL) THEN
		RAISE EXCEPTION 'tenant % has no auction % of invoices of "%"', p_tenant_id, set_reserve.auction_id, set_reserve.supplier USING ERRCODE = 'no_data_found';
	END IF;
	v_auction := @store@.auction_of(p_tenant_id, set_reserve.auction_id);
	IF v_auction.state <> 'open' OR clock_timestamp() >= v_auction.closes_at THEN
		RAISE EXCEPTION 'auction % is closed', set_reserve.auction_id USING
			ERRCODE = 'object_not_in_prerequisite_state',
			DETAIL = 'Reserves stay as they were when the last bid could be made.';
	END IF;
	SELECT r.rate INTO v_old FROM @store@.auction_reserve r
	WHERE r.tenant_id = p_tenant_id AND r.auction_id = set_reserve.auction_id AND r.supplier = set_reserve.supplier FOR UPDATE;
	IF v_old IS NOT DISTINCT FROM set_reserve.rate THEN
		RETURN;
	ELSIF set_reserve.rate IS NULL THEN
		DELETE FROM @store@.auction_reserve r
		WHERE r.tenant_id = p_tenant_id AND r.auction_id = set_reserve.auction_id AND r.supplier = set_reserve.supplier;
	ELSE
		INSERT INTO @store@.auction_reserve (tenant_id, auction_id, supplier, rate, party_id)
		VALUES (p_tenant_id, set_reserve.auction_id, set_reserve.supplier, set_reserve.rate, v_party)
		ON CONFLICT (tenant_id, auction_id, supplier) DO UPDATE SET rate = EXCLUDED.rate, set_by = EXCLUDED.set_by, set_at = EXCLUDED.set_at;
	END IF;
	PERFORM @store@.record_event(p_tenant_id, 'set_reserve', 'auction', set_reserve.auction_id::text, CASE WHEN v_old IS NOT NULL THEN jsonb_build_object('supplier', set_reserve.supplier, 'rate', v_old) END,
		jsonb_build_object('supplier', set_reserve.supplier, 'rate', set_reserve.rate));
END;
$code$;
COMMENT ON FUNCTION @store@.set_reserve(bigint, bigint, text, numeric) IS
'Says at what rate at most (a fraction a year) invoices of a supplier are to be paid early in an auction; NULL = that of all. Bidders do not get to know it. Until the auction closes. For the supplier itself, and personas with the right auction. Errors: 42501, P0002 no such party or auction, 23514 a rate, 55000 it is closed.';

CREATE OR REPLACE FUNCTION @store@.cancel_auction(p_tenant_id bigint, auction_id bigint, reason text) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_state text;
	v_name text;
BEGIN
	PERFORM @store@.require_right(p_tenant_id, 'auction');
	PERFORM @store@.auction_of(p_tenant_id, cancel_auction.auction_id);
	PERFORM @store@.lock_batch(p_tenant_id, cancel_auction.auction_id);
	SELECT a.state, a.name INTO v_state, v_name FROM @store@.auction a WHERE a.tenant_id = p_tenant_id AND a.id = cancel_auction.auction_id FOR UPDATE;
	IF v_state = 'cancelled' THEN
		RETURN false;
	ELSIF v_state <> 'open' THEN
		RAISE EXCEPTION 'auction % cannot be cancelled any more', cancel_auction.auction_id USING
			ERRCODE = 'object_not_in_prerequisite_state',
			DETAIL = format('It is %s: bids have been read.', v_state);
	ELSIF (cancel_auction.reason <> '') IS NOT TRUE THEN
		RAISE EXCEPTION 'a reason is needed' USING ERRCODE = 'invalid_parameter_value', HINT = 'Bidders are told.';
	END IF;
	UPDATE @store@.auction a SET state = 'cancelled', reason = cancel_auction.reason WHERE a.tenant_id = p_tenant_id AND a.id = cancel_auction.auction_id;
	PERFORM @store@.release_claims(p_tenant_id, NULL, 'auction', cancel_auction.auction_id);
	PERFORM @store@.record_event(p_tenant_id, 'cancel_auction', 'auction', cancel_auction.auction_id::text, to_jsonb(v_state), to_jsonb(cancel_auction.reason));
	PERFORM @store@.tell_bidder(p_tenant_id, cancel_auction.auction_id, b.bidder, 'auction_cancelled', jsonb_build_object('auction', v_name, 'reason', cancel_auction.reason))
	FROM @store@.auction_bidder b
	WHERE b.tenant_id = p_tenant_id AND b.auction_id = cancel_auction.auction_id AND b.bidder <> 'own'
	ORDER BY b.bidder COLLATE "C";
	RETURN true;
END;
$code$;
COMMENT ON FUNCTION @store@.cancel_auction(bigint, bigint, text) IS
'Calls an auction off, whatever bids are in: nobody has read one, and nobody ever will. Its invoices are free again; bidders get a notice with the reason. Returns false if it was cancelled before. For personas with the right auction. Errors: 42501, P0002 no such auction, 22023 no reason, 55000 bids have been read.';

CREATE OR REPLACE FUNCTION @store@.lock_batch(p_tenant_id bigint, auction_id bigint) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
BEGIN
	PERFORM FROM @store@.invoice_state s
	WHERE s.tenant_id = p_tenant_id AND s.document_id IN (
		SELECT i.document_id FROM @store@.auction_invoice i
		WHERE i.tenant_id = p_tenant_id AND i.auction_id = lock_batch.auction_id AND i.refusal IS NULL)
	ORDER BY s.document_id FOR NO KEY UPDATE;
END;
$code$;
COMMENT ON FUNCTION @store@.lock_batch(bigint, bigint) IS 'Part of functions that decide about an auction: locks its invoices, lowest number first, before the auction itself and limits of financiers.';

CREATE OR REPLACE VIEW @store@.auctions WITH (security_invoker) AS
SELECT a.tenant_id, a.id, a.name, a.currency, a.settlement_date, a.opens_at, a.closes_at, a.reveal_until,
	CASE WHEN a.state <> 'open' THEN a.state
		WHEN pg_catalog.clock_timestamp() < a.opens_at THEN 'announced'
		WHEN pg_catalog.clock_timestamp() < a.closes_at THEN 'open'
		WHEN pg_catalog.clock_timestamp() < a.reveal_until THEN 'reveal' ELSE 'ended' END AS phase,
	a.mode, a.divisible, a.lots, a.pricing, a.pro_rata, a.own_funds, a.bids_each, a.publishes, a.reason, a.opened_by, a.opened_at
FROM @store@.auction a;
COMMENT ON VIEW @store@.auctions IS
'Auctions of early payment. phase: announced, open (bids are committed), reveal (bids are shown), ended (it can be closed), frozen, cleared, assigned, settled, cancelled. Bidders see those in which they may bid, suppliers those with invoices of theirs.';

CREATE OR REPLACE VIEW @store@.auction_volumes WITH (security_invoker) AS
SELECT v.tenant_id, v.auction_id, a.name, a.currency, v.buyer, v.tenor_from, v.tenor_to, v.invoices, v.amount, v.largest
FROM @store@.auction_volume v
JOIN @store@.auction a ON a.tenant_id = v.tenant_id AND a.id = v.auction_id;
COMMENT ON VIEW @store@.auction_volumes IS 'What is offered in auctions, by buyer and days from settlement to due date, as it was when they opened: what bidders know.';

CREATE OR REPLACE VIEW @store@.auction_batch WITH (security_invoker) AS
SELECT b.tenant_id, b.auction_id, b.document_id, i.number, i.seller_name, b.amount, i.currency, b.due_date, b.tenor_days, b.buyer, b.supplier, b.sector, b.country, b.lot_id,
	b.refusal IS NULL AS offered, b.refusal
FROM @store@.auction_invoice b
JOIN @store@.invoice i ON i.tenant_id = b.tenant_id AND i.document_id = b.document_id;
COMMENT ON VIEW @store@.auction_batch IS 'Invoices that the terms of auctions chose when they opened; refusal: why one is not offered all the same.';

CREATE OR REPLACE VIEW @store@.auction_reserves WITH (security_invoker) AS
SELECT r.tenant_id, r.auction_id, r.supplier, r.rate, r.set_by, r.set_at FROM @store@.auction_reserve r;
COMMENT ON VIEW @store@.auction_reserves IS 'Rates at which suppliers are paid early at most; a supplier sees its own.';

CREATE OR REPLACE VIEW @store@.auction_caps WITH (security_invoker) AS
SELECT c.tenant_id, c.auction_id, c.bidder, c.scope, c.key, c.amount FROM @store@.auction_cap c;
COMMENT ON VIEW @store@.auction_caps IS 'What bidders may win at most in an auction, beside their limits; a financier sees its own.';

REVOKE ALL ON FUNCTION @store@.lock_batch(bigint, bigint), @store@.set_reserve(bigint, bigint, text, numeric), @store@.cancel_auction(bigint, bigint, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION @store@.set_reserve(bigint, bigint, text, numeric), @store@.cancel_auction(bigint, bigint, text) TO PUBLIC;
GRANT SELECT ON @store@.auctions, @store@.auction_volumes, @store@.auction_batch, @store@.auction_reserves, @store@.auction_caps TO PUBLIC;
