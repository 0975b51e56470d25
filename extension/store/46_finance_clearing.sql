-- Module finance, clearing: from sealed bids to assignments, in steps that each can be repeated.
--
-- Closing freezes what the award is made from: invoices that are still worth what was offered, bids that were revealed, and what each bidder may take at that
-- moment by its line, its limits and the auction's caps.  These rows are never changed, and their hash is kept; clex.clear_auction() sees nothing else, so
-- that anybody who may read them can clear again and compare (replay_auction()).  Results of a tenant are chained: each names the hash of the one before.
-- Steps: freeze, clear, assign, tell.  Each looks at the state under the lock of the auction and does nothing if it was done; a crash between two of them
-- leaves the earlier one done, and the next call goes on.

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
	split_minor bigint NOT NULL,
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
COMMENT ON COLUMN @store@.auction_result.split_minor IS 'Awarded of invoices that were split, in minor units: it goes to nobody.';
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
	is_whole boolean NOT NULL,
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
COMMENT ON COLUMN @store@.award.is_whole IS 'Whether all of the invoice goes to this bidder; what is split goes to nobody.';
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
COMMENT ON TABLE @store@.award_refusal IS 'Invoices of a batch that nobody funds, or not all of, each with its reason. Rows are added by freeze_auction() and clear_auction(), never changed.';
COMMENT ON COLUMN @store@.award_refusal.tenant_id IS 'Tenant.';
COMMENT ON COLUMN @store@.award_refusal.auction_id IS 'Auction.';
COMMENT ON COLUMN @store@.award_refusal.document_id IS 'The invoice.';
COMMENT ON COLUMN @store@.award_refusal.stage IS 'frozen: it was taken out before clearing. cleared: it found no bid.';
COMMENT ON COLUMN @store@.award_refusal.amount_minor IS 'Amount that is not funded, in minor units.';
COMMENT ON COLUMN @store@.award_refusal.reason IS 'Of frozen: claim_lost, disputed, not_payable, less_open, due_date_changed, no_reserve. Of cleared: no_bid, ticket, reserve_too_low, cap_reached, minimum_not_met, outbid, as clex.auction_unfunded() says, and split.';
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
REVOKE UPDATE, DELETE, TRUNCATE ON @store@.auction_result, @store@.award, @store@.award_refusal, @store@.bid_result, @store@.auction_price, @store@.auction_statistic,
	@store@.award_transfer FROM CURRENT_USER;

DO $step$
DECLARE
	v_table text;
BEGIN
	FOREACH v_table IN ARRAY '{auction_snapshot,cleared_invoice,cleared_bid,cleared_cap,auction_result,award,award_refusal,bid_result,auction_price,auction_statistic,auction_chain,award_transfer}'::text[] LOOP
		EXECUTE pg_catalog.format('ALTER TABLE @store@.%I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', v_table);
	END LOOP;
END;
$step$;

--! code
SELECT @store@.put_auction_policies('{auction_snapshot,cleared_invoice,cleared_bid,cleared_cap,auction_result,award,award_refusal,bid_result,auction_price,auction_statistic,auction_chain,award_transfer}',
	'{auction_chain}');
DO $policies$
DECLARE
	v_table text;
BEGIN
	FOREACH v_table IN ARRAY '{cleared_bid,cleared_cap,award,bid_result,award_transfer}'::text[] LOOP
		EXECUTE pg_catalog.format('DROP POLICY IF EXISTS bidder ON @store@.%I', v_table);
		EXECUTE pg_catalog.format('CREATE POLICY bidder ON @store@.%I FOR SELECT
			USING ((tenant_id, auction_id, bidder) IN (SELECT a.tenant_id, a.auction_id, a.bidder FROM @store@.own_auctions() a))', v_table);
	END LOOP;
	FOREACH v_table IN ARRAY '{cleared_invoice,award,award_refusal}'::text[] LOOP
		EXECUTE pg_catalog.format('DROP POLICY IF EXISTS scope_seller ON @store@.%I', v_table);
		EXECUTE pg_catalog.format('CREATE POLICY scope_seller ON @store@.%I FOR SELECT
			USING ((tenant_id, seller_key) IN (SELECT k.tenant_id, k.seller_key FROM @store@.own_seller_keys() k))', v_table);
		EXECUTE pg_catalog.format('DROP POLICY IF EXISTS scope_buyer ON @store@.%I', v_table);
		EXECUTE pg_catalog.format('CREATE POLICY scope_buyer ON @store@.%I FOR SELECT
			USING ((tenant_id, buyer_vat_id) IN (SELECT k.tenant_id, k.buyer_vat_id FROM @store@.own_buyer_keys() k))', v_table);
	END LOOP;
END;
$policies$;
DROP POLICY IF EXISTS scope ON @store@.award_transfer;
CREATE POLICY scope ON @store@.award_transfer FOR SELECT
	USING ((SELECT @store@.is_scoped()) AND EXISTS (
		SELECT FROM @store@.award w WHERE w.tenant_id = award_transfer.tenant_id AND w.auction_id = award_transfer.auction_id AND w.bidder = award_transfer.bidder));
-- bidders: figures about themselves, and those of the auction as a whole if it publishes them
DROP POLICY IF EXISTS bidder ON @store@.auction_statistic;
CREATE POLICY bidder ON @store@.auction_statistic FOR SELECT USING (
	subject <> '' AND (tenant_id, auction_id, subject) IN (SELECT a.tenant_id, a.auction_id, a.bidder FROM @store@.own_auctions() a)
	OR subject = '' AND (tenant_id, auction_id) IN (
		SELECT a.tenant_id, a.auction_id FROM @store@.own_auctions() a
		JOIN @store@.auction p ON p.tenant_id = a.tenant_id AND p.id = a.auction_id AND p.publishes = 'statistics'));

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
			WHERE i.tenant_id = p_tenant_id AND i.auction_id = auction.id AND i.refusal IS NULL) k
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

CREATE OR REPLACE FUNCTION @store@.awards_digest(p_tenant_id bigint, auction_id bigint) RETURNS bytea
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
SET jit = off
AS $code$
#variable_conflict use_column
BEGIN
	RETURN sha256(convert_to('clex awards 1' || E'\n'
		|| COALESCE((SELECT string_agg(jsonb_build_array('award', a.document_id, a.bid_no, a.amount_minor, a.rate_ppm, a.is_whole)::text || E'\n', '' ORDER BY a.document_id, a.bid_no)
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
	RETURN sha256(convert_to(jsonb_build_array('clex result 1', result.chain_no, result.auction_id, result.clex_version, (
			SELECT encode(s.sha256, 'hex') FROM @store@.auction_snapshot s WHERE s.tenant_id = p_tenant_id AND s.auction_id = result.auction_id),
		encode(result.awards_sha256, 'hex'), result.feasible, result.objective, result.bound, result.funded_minor, result.unfunded_minor, result.split_minor,
		encode(result.previous_sha256, 'hex'))::text, 'UTF8'));
END;
$code$;
COMMENT ON FUNCTION @store@.result_digest(bigint, @store@.auction_result) IS 'Hash of a result: SHA-256 over a JSON array of its certificate, the hashes of snapshot and awards, and the hash of the result before it.';

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

CREATE OR REPLACE FUNCTION @store@.make_awards(p_tenant_id bigint, auction_id bigint, options jsonb) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, clex, pg_temp
SET jit = off
SET enable_nestloop = off    -- tables that were filled a moment ago have no statistics: every join is hashed
AS $code$
#variable_conflict use_column
DECLARE
	q record;
BEGIN
	q := @store@.clearing_queries(p_tenant_id, make_awards.auction_id);
	INSERT INTO @store@.award (tenant_id, auction_id, document_id, bid_no, bidder, amount_minor, rate_ppm, is_whole, reason, cheaper_bid, seller_key, buyer_vat_id)
	WITH bid AS MATERIALIZED (
		SELECT b.*, b.min_ticket > 0 OR b.max_ticket < 1152921504606846975 AS picks FROM @store@.cleared_bid b
		WHERE b.tenant_id = p_tenant_id AND b.auction_id = make_awards.auction_id AND b.void IS NULL
	), won AS MATERIALIZED (
		SELECT a.invoice_id, a.bid_id, a.financier, a.amount_minor, a.rate_ppm, i.amount_minor AS face, i.buyer, i.tenor_days, i.seller_key, i.buyer_vat_id,
			-- bids that pick invoices by size tell those of a buyer and tenor apart
			CASE WHEN EXISTS (SELECT FROM bid b WHERE b.picks) THEN i.amount_minor ELSE 0 END AS size
		FROM clex.clear_auction(q.invoices, q.bids, q.caps, options) a
		JOIN @store@.cleared_invoice i ON i.tenant_id = p_tenant_id AND i.auction_id = make_awards.auction_id AND i.document_id = a.invoice_id
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
	)
	SELECT p_tenant_id, make_awards.auction_id, w.invoice_id, w.bid_id, w.financier, w.amount_minor, w.rate_ppm,
		sum(w.amount_minor) OVER (PARTITION BY w.invoice_id, w.financier) = w.face, CASE WHEN c.rate_ppm < b.rate_ppm THEN 'next' ELSE 'cheapest' END,
		CASE WHEN c.rate_ppm < b.rate_ppm THEN c.bid_no END, w.seller_key, w.buyer_vat_id
	FROM won w
	JOIN bid b ON b.bid_no = w.bid_id
	JOIN cheapest c ON c.buyer = w.buyer AND c.tenor_days = w.tenor_days AND c.size = w.size;
	INSERT INTO @store@.auction_price (tenant_id, auction_id, price_no, bid_no, bidder, scope, key, limit_minor, price_milli)
	SELECT p_tenant_id, make_awards.auction_id, row_number() OVER (ORDER BY p.financier COLLATE "C", p.scope COLLATE "C", p.key COLLATE "C", p.bid_id),
		p.bid_id, p.financier, p.scope, p.key, p.limit_minor, p.price_milli
	FROM clex.auction_prices(q.invoices, q.bids, q.caps, options) p;
END;
$code$;
COMMENT ON FUNCTION @store@.make_awards(bigint, bigint, jsonb) IS 'Part of clear_auction(): the awards, each with its reason, and the prices that prove them.';

CREATE OR REPLACE FUNCTION @store@.explain_awards(p_tenant_id bigint, auction_id bigint, options jsonb) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, clex, pg_temp
SET jit = off
SET enable_nestloop = off    -- tables that were filled a moment ago have no statistics: every join is hashed
AS $code$
#variable_conflict use_column
DECLARE
	v_awards text := @store@.awards_query(p_tenant_id, explain_awards.auction_id);
	q record;
BEGIN
	q := @store@.clearing_queries(p_tenant_id, explain_awards.auction_id);
	-- what is awarded in parts goes to nobody, whatever the clearing made of it
	INSERT INTO @store@.award_refusal (tenant_id, auction_id, document_id, stage, amount_minor, reason, bid_no, short_by, explanation, seller_key, buyer_vat_id)
	SELECT p_tenant_id, explain_awards.auction_id, i.document_id, 'cleared', i.amount_minor, CASE WHEN s.document_id IS NOT NULL THEN 'split' ELSE u.reason END,
		CASE WHEN s.document_id IS NULL THEN u.bid_id END, CASE WHEN s.document_id IS NULL THEN u.short_by END,
		CASE WHEN s.document_id IS NOT NULL THEN 'The clearing would split it, and a receivable has one buyer.' ELSE u.explanation END, i.seller_key, i.buyer_vat_id
	FROM @store@.cleared_invoice i
	LEFT JOIN clex.auction_unfunded(q.invoices, q.bids, q.caps, v_awards, options) u ON u.invoice_id = i.document_id
	LEFT JOIN (SELECT DISTINCT a.document_id FROM @store@.award a WHERE a.tenant_id = p_tenant_id AND a.auction_id = explain_awards.auction_id AND NOT a.is_whole) s
		ON s.document_id = i.document_id
	WHERE i.tenant_id = p_tenant_id AND i.auction_id = explain_awards.auction_id AND (u.invoice_id IS NOT NULL OR s.document_id IS NOT NULL)
	ORDER BY i.document_id;
	INSERT INTO @store@.auction_statistic (tenant_id, auction_id, measure, subject, value)
	SELECT p_tenant_id, explain_awards.auction_id, s.measure, COALESCE(s.subject, ''), s.value
	FROM clex.auction_statistics(q.invoices, q.bids, q.caps, v_awards, options) s WHERE s.value IS NOT NULL;
	INSERT INTO @store@.bid_result (tenant_id, auction_id, bid_no, bidder, invoices, awarded_minor, reason)
	WITH kind AS MATERIALIZED (
		SELECT i.buyer, i.tenor_days, i.reserve_ppm, min(i.amount_minor) AS smallest, max(i.amount_minor) AS largest
		FROM @store@.cleared_invoice i WHERE i.tenant_id = p_tenant_id AND i.auction_id = explain_awards.auction_id
		GROUP BY i.buyer, i.tenor_days, i.reserve_ppm
	), won AS MATERIALIZED (
		SELECT a.bid_no, count(*) AS invoices, sum(a.amount_minor) AS amount FROM @store@.award a
		WHERE a.tenant_id = p_tenant_id AND a.auction_id = explain_awards.auction_id AND a.is_whole GROUP BY a.bid_no
	)
	SELECT p_tenant_id, explain_awards.auction_id, b.bid_no, b.bidder, COALESCE(w.invoices, 0), COALESCE(w.amount, 0),
		CASE WHEN b.void IS NOT NULL THEN 'void'
			WHEN w.bid_no IS NOT NULL THEN 'awarded'
			WHEN EXISTS (SELECT FROM @store@.cleared_cap c WHERE c.tenant_id = p_tenant_id AND c.auction_id = b.auction_id AND c.bidder = b.bidder AND c.scope = 'total' AND c.limit_minor = 0) THEN 'no_room'
			WHEN NOT EXISTS (SELECT FROM kind k WHERE b.buyer IN ('*', k.buyer) AND k.tenor_days BETWEEN b.tenor_min AND b.tenor_max
				AND k.smallest <= b.max_ticket AND k.largest >= b.min_ticket) THEN 'no_invoice'
			WHEN NOT EXISTS (SELECT FROM kind k WHERE b.buyer IN ('*', k.buyer) AND k.tenor_days BETWEEN b.tenor_min AND b.tenor_max
				AND k.smallest <= b.max_ticket AND k.largest >= b.min_ticket AND k.reserve_ppm >= b.rate_ppm) THEN 'above_reserves'
			ELSE 'outbid' END
	FROM @store@.cleared_bid b
	LEFT JOIN won w ON w.bid_no = b.bid_no
	WHERE b.tenant_id = p_tenant_id AND b.auction_id = explain_awards.auction_id;
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
	v_result.split_minor := (SELECT COALESCE(sum(a.amount_minor), 0) FROM @store@.award a
		WHERE a.tenant_id = p_tenant_id AND a.auction_id = certify_auction.auction_id AND NOT a.is_whole);
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
	PERFORM @store@.make_awards(p_tenant_id, clear_auction.auction_id, v_options);
	PERFORM @store@.explain_awards(p_tenant_id, clear_auction.auction_id, v_options);
	v_result := @store@.certify_auction(p_tenant_id, clear_auction.auction_id, v_options);
	IF NOT v_result.feasible THEN
		RAISE EXCEPTION 'the awards of auction % break a rule', clear_auction.auction_id USING
			ERRCODE = 'internal_error',
			HINT = 'This is a mistake of the program; nothing was awarded.';
	END IF;
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
		WHERE a.tenant_id = p_tenant_id AND a.auction_id = auction.id AND a.bidder = transfer_awards.bidder AND a.is_whole
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
		SELECT b.bidder FROM (SELECT DISTINCT a.bidder FROM @store@.award a WHERE a.tenant_id = p_tenant_id AND a.auction_id = assign_awards.auction_id AND a.is_whole) b
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
		WHERE a.tenant_id = p_tenant_id AND a.auction_id = auction.id AND a.is_whole GROUP BY a.bidder) w ON w.bidder = b.bidder
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
			WHERE a.tenant_id = p_tenant_id AND a.auction_id = auction.id AND a.is_whole) r ON r.document_id = i.document_id
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
			WHERE a.tenant_id = p_tenant_id AND a.auction_id = auction.id AND a.is_whole) c ON c.document_id = i.document_id
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
	SELECT 'award', concat_ws('/', d.document_id, d.bid_no), d.stored, d.recomputed
	FROM (
		SELECT COALESCE(a.document_id, n.invoice_id) AS document_id, COALESCE(a.bid_no, n.bid_id) AS bid_no,
			CASE WHEN a.bid_no IS NOT NULL THEN concat_ws(' at ', a.amount_minor, a.rate_ppm) END AS stored, CASE WHEN n.bid_id IS NOT NULL THEN concat_ws(' at ', n.amount_minor, n.rate_ppm) END AS recomputed
		FROM (SELECT * FROM @store@.award x WHERE x.tenant_id = p_tenant_id AND x.auction_id = replay_auction.auction_id) a
		FULL JOIN clex.clear_auction(q.invoices, q.bids, q.caps, v_snapshot.options) n ON n.invoice_id = a.document_id AND n.bid_id = a.bid_no) d
	WHERE d.stored IS DISTINCT FROM d.recomputed
	ORDER BY d.document_id, d.bid_no;
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

CREATE OR REPLACE VIEW @store@.auction_results WITH (security_invoker) AS
SELECT r.tenant_id, r.auction_id, a.name, a.currency, a.settlement_date, s.invoices, s.bids, pg_catalog.trim_scale(r.funded_minor * u.unit) AS funded, pg_catalog.trim_scale(r.unfunded_minor * u.unit) AS unfunded,
	pg_catalog.trim_scale(r.split_minor * u.unit) AS split,
	v.bid_to_cover, v.marginal_rate, v.share_at_margin, pg_catalog.round(v.saved / 360000000 * u.unit, 2) AS saved, r.feasible, r.objective, r.bound,
	CASE WHEN r.objective > 0 THEN pg_catalog.trim_scale(pg_catalog.round((r.objective - r.bound) / r.objective, 9)) ELSE 0 END AS gap, r.chain_no, s.sha256 AS snapshot_sha256, r.awards_sha256, r.previous_sha256, r.sha256,
	r.clex_version, s.options, s.frozen_at, s.frozen_by, r.cleared_at, r.cleared_by
FROM @store@.auction_result r
JOIN @store@.auction_snapshot s ON s.tenant_id = r.tenant_id AND s.auction_id = r.auction_id
JOIN @store@.auction a ON a.tenant_id = r.tenant_id AND a.id = r.auction_id
CROSS JOIN LATERAL (SELECT (10::numeric ^ -clex.currency_digits(a.currency)) AS unit) u
CROSS JOIN LATERAL (
	SELECT pg_catalog.max(t.value) FILTER (WHERE t.measure = 'bid_to_cover') AS bid_to_cover, pg_catalog.trim_scale(pg_catalog.max(t.value) FILTER (WHERE t.measure = 'marginal_rate_ppm') / 1000000) AS marginal_rate,
		pg_catalog.max(t.value) FILTER (WHERE t.measure = 'share_at_margin') AS share_at_margin, pg_catalog.max(t.value) FILTER (WHERE t.measure = 'saved_against_reserve_raw') AS saved
	FROM @store@.auction_statistic t WHERE t.tenant_id = r.tenant_id AND t.auction_id = r.auction_id AND t.subject = '') v;
COMMENT ON VIEW @store@.auction_results IS
'Auctions that were cleared: amounts funded, left unfunded and lost to splits, bid_to_cover (ceilings offered for each amount funded), marginal_rate (the highest awarded, a fraction a year), share_at_margin, saved (against the reserves, act/360), the certificate (objective, bound, gap: no lawful award is cheaper than bound), and the hashes that chain it.';

CREATE OR REPLACE VIEW @store@.auction_statistics WITH (security_invoker) AS
SELECT t.tenant_id, t.auction_id, a.name, t.measure, t.subject, t.value
FROM @store@.auction_statistic t
JOIN @store@.auction a ON a.tenant_id = t.tenant_id AND a.id = t.auction_id;
COMMENT ON VIEW @store@.auction_statistics IS 'Figures of auctions. Bidders see those about themselves, and those of the auction as a whole (subject empty) where it publishes them.';

CREATE OR REPLACE VIEW @store@.auction_awards WITH (security_invoker) AS
SELECT w.tenant_id, w.auction_id, a.name, w.document_id, i.number, i.seller_name, w.bidder, w.bid_no, pg_catalog.trim_scale(w.amount_minor * u.unit) AS amount, a.currency, pg_catalog.trim_scale(w.rate_ppm / 1000000::numeric) AS rate,
	a.settlement_date, b.tenor_days, pg_catalog.round(w.amount_minor::numeric * b.tenor_days * w.rate_ppm / 360000000 * u.unit, clex.currency_digits(a.currency)) AS discount,
	pg_catalog.trim_scale(b.reserve_ppm / 1000000::numeric) AS reserve, pg_catalog.round(w.amount_minor::numeric * b.tenor_days * (b.reserve_ppm - w.rate_ppm) / 360000000 * u.unit, clex.currency_digits(a.currency)) AS saved,
	w.reason, w.cheaper_bid, w.is_whole, CASE WHEN NOT w.is_whole THEN 'split' ELSE COALESCE(t.outcome, 'awarded') END AS outcome, t.reference, t.refusal
FROM @store@.award w
JOIN @store@.auction a ON a.tenant_id = w.tenant_id AND a.id = w.auction_id
LEFT JOIN @store@.cleared_invoice b ON b.tenant_id = w.tenant_id AND b.auction_id = w.auction_id AND b.document_id = w.document_id
LEFT JOIN @store@.invoice i ON i.tenant_id = w.tenant_id AND i.document_id = w.document_id
LEFT JOIN @store@.award_transfer t ON t.tenant_id = w.tenant_id AND t.auction_id = w.auction_id AND t.bidder = w.bidder AND w.is_whole
CROSS JOIN LATERAL (SELECT (10::numeric ^ -clex.currency_digits(a.currency)) AS unit) u;
COMMENT ON VIEW @store@.auction_awards IS
'Which bid funds which invoice, and why: reason cheapest, or next, where a cheaper bid that fits (cheaper_bid) is full, or its money saves more elsewhere. discount and saved (against the reserve) by act/360. outcome: awarded, then assigned (reference: the assignment), taken (own funds) or refused; split, and so nobody''s. Suppliers see their own invoices; financiers what they won, without what suppliers would have paid.';

CREATE OR REPLACE VIEW @store@.auction_refusals WITH (security_invoker) AS
SELECT r.tenant_id, r.auction_id, a.name, r.document_id, i.number, i.seller_name, r.stage, r.amount, a.currency, r.reason, r.bid_no, r.short_by, r.explanation
FROM (
	SELECT b.tenant_id, b.auction_id, b.document_id, 'opened' AS stage, b.amount, b.refusal AS reason, NULL::bigint AS bid_no, NULL::bigint AS short_by, NULL::text AS explanation
	FROM @store@.auction_invoice b WHERE b.refusal IS NOT NULL
	UNION ALL
	SELECT x.tenant_id, x.auction_id, x.document_id, x.stage, pg_catalog.trim_scale(x.amount_minor * (10::numeric ^ -clex.currency_digits(n.currency))), x.reason, x.bid_no, x.short_by, x.explanation
	FROM @store@.award_refusal x JOIN @store@.auction n ON n.tenant_id = x.tenant_id AND n.id = x.auction_id
	UNION ALL
	SELECT w.tenant_id, w.auction_id, w.document_id, 'assigned', pg_catalog.trim_scale(w.amount_minor * (10::numeric ^ -clex.currency_digits(n.currency))), 'not_assigned', w.bid_no, NULL, t.refusal
	FROM @store@.award w
	JOIN @store@.award_transfer t ON t.tenant_id = w.tenant_id AND t.auction_id = w.auction_id AND t.bidder = w.bidder AND t.outcome = 'refused'
	JOIN @store@.auction n ON n.tenant_id = w.tenant_id AND n.id = w.auction_id
	WHERE w.is_whole) r
JOIN @store@.auction a ON a.tenant_id = r.tenant_id AND a.id = r.auction_id
JOIN @store@.invoice i ON i.tenant_id = r.tenant_id AND i.document_id = r.document_id;
COMMENT ON VIEW @store@.auction_refusals IS
'Invoices that an auction chose and that nobody funds, each with its reason. stage: opened, it could not be claimed; frozen, it was taken out before clearing (claim_lost, disputed, not_payable, less_open, due_date_changed, no_reserve); cleared, it found no bid (no_bid, ticket, reserve_too_low, cap_reached, minimum_not_met, outbid, split); assigned, its award could not be carried out any more (not_assigned). short_by: by how much, in millionths a year (reserve_too_low) or minor units (cap_reached). Suppliers see their own invoices.';

CREATE OR REPLACE VIEW @store@.auction_bids WITH (security_invoker) AS
SELECT b.tenant_id, b.auction_id, a.name, b.bidder, b.line, b.bid_no, b.committed_at, b.bid, pg_catalog.trim_scale(b.rate_ppm / 1000000::numeric) AS rate, pg_catalog.trim_scale(b.ceiling_minor * u.unit) AS ceiling, a.currency,
	b.void, r.invoices, pg_catalog.trim_scale(r.awarded_minor * u.unit) AS awarded, r.reason
FROM @store@.cleared_bid b
JOIN @store@.auction a ON a.tenant_id = b.tenant_id AND a.id = b.auction_id
LEFT JOIN @store@.bid_result r ON r.tenant_id = b.tenant_id AND r.auction_id = b.auction_id AND r.bid_no = b.bid_no
CROSS JOIN LATERAL (SELECT (10::numeric ^ -clex.currency_digits(a.currency)) AS unit) u;
COMMENT ON VIEW @store@.auction_bids IS
'Bids of auctions that were frozen, and what came of each: awarded, void (and why), no_room (line and limits of the bidder left nothing), no_invoice (none of that buyer, tenor and size), above_reserves, outbid. A financier sees its own.';

REVOKE ALL ON FUNCTION @store@.exclude_invoices(bigint, @store@.auction), @store@.freeze_bids(bigint, @store@.auction), @store@.remaining_limits(bigint, @store@.auction),
	@store@.snapshot_digest(bigint, bigint, jsonb, jsonb), @store@.awards_digest(bigint, bigint), @store@.result_digest(bigint, @store@.auction_result),
	@store@.freeze_auction(bigint, bigint), @store@.clearing_queries(bigint, bigint), @store@.make_awards(bigint, bigint, jsonb), @store@.explain_awards(bigint, bigint, jsonb),
	@store@.awards_query(bigint, bigint), @store@.certify_auction(bigint, bigint, jsonb), @store@.clear_auction(bigint, bigint),
	@store@.take_discounts(bigint, @store@.auction, bigint[], numeric[]), @store@.transfer_awards(bigint, @store@.auction, text), @store@.assign_awards(bigint, bigint), @store@.post_results(bigint, @store@.auction), @store@.tell_results(bigint, bigint),
	@store@.close_auction(bigint, bigint), @store@.replay_auction(bigint, bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION @store@.freeze_auction(bigint, bigint), @store@.clear_auction(bigint, bigint), @store@.assign_awards(bigint, bigint), @store@.tell_results(bigint, bigint),
	@store@.close_auction(bigint, bigint), @store@.replay_auction(bigint, bigint) TO PUBLIC;
GRANT SELECT ON @store@.auction_snapshot, @store@.cleared_invoice, @store@.cleared_bid, @store@.cleared_cap, @store@.auction_result, @store@.award, @store@.award_refusal,
	@store@.bid_result, @store@.auction_price, @store@.auction_statistic, @store@.auction_chain, @store@.award_transfer, @store@.auction_results, @store@.auction_statistics,
	@store@.auction_awards, @store@.auction_refusals, @store@.auction_bids TO PUBLIC;
