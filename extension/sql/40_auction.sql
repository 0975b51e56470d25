-- auction: clearing with proof.  The texts are queries, run with the caller's rights, read through cursors.

CREATE FUNCTION clex.clear_auction(invoices text, bids text, caps text, options jsonb DEFAULT '{}'::pg_catalog.jsonb)
RETURNS TABLE (invoice_id bigint, bid_id bigint, financier text, amount_minor bigint, rate_ppm integer)
LANGUAGE C STABLE STRICT PARALLEL RESTRICTED COST 1000000 ROWS 10000
AS 'MODULE_PATHNAME', 'clex_auction_clear';
COMMENT ON FUNCTION clex.clear_auction(text, text, text, jsonb) IS
'Clear a financing auction: the awards that minimise sum(amount * tenor * rate), unfunded amounts priced at their reserve. Queries: invoices (invoice_id, amount_minor, tenor_days, reserve_ppm, buyer [, currency, lot_id, supplier, sector, country]), bids (bid_id, financier, rate_ppm, max_amount [, buyer, seq, tenor_min, tenor_max, min_ticket, max_ticket, min_award]), caps (financier, scope, limit_minor [, key]). Options: mode, divisible, lots, pricing, pro_rata, node_budget, work_budget, time_budget_ms, memory_limit (MB). Deterministic whatever the order of the rows. See docs/auction.md.';

CREATE FUNCTION clex.auction_prices(invoices text, bids text, caps text, options jsonb DEFAULT '{}'::pg_catalog.jsonb)
RETURNS TABLE (bid_id bigint, financier text, scope text, key text, limit_minor bigint, price_milli bigint)
LANGUAGE C STABLE STRICT PARALLEL RESTRICTED COST 1000000 ROWS 1000
AS 'MODULE_PATHNAME', 'clex_auction_prices';
COMMENT ON FUNCTION clex.auction_prices(text, text, text, jsonb) IS
'The prices that prove a clearing: what one more minor unit of a bid''s ceiling (scope bid) or of a cap would save, in thousandths of ppm x day. Rows that are not full have no price. Clears the auction again: auction_clearing() gives awards and prices of one clearing.';

CREATE FUNCTION clex.auction_clearing(invoices text, bids text, caps text, options jsonb DEFAULT '{}'::pg_catalog.jsonb)
RETURNS TABLE (part text, invoice_id bigint, bid_id bigint, financier text, amount_minor bigint, rate_ppm integer, scope text, key text, price_milli bigint, objective numeric, bound numeric, optimal boolean)
LANGUAGE C STABLE STRICT PARALLEL RESTRICTED COST 1000000 ROWS 10000
AS 'MODULE_PATHNAME', 'clex_auction_clearing';
COMMENT ON FUNCTION clex.auction_clearing(text, text, text, jsonb) IS
'All that one clearing gives, for who stores it: rows of part award as clear_auction() returns them, of part price as auction_prices() does (amount_minor: the limit), and one of part proof: the objective, the bound, and whether the awards are optimal, since prices or a search of every case proved it. A bound found by search is not among what prices alone prove (auction_certificate()).';

CREATE FUNCTION clex.auction_certificate(invoices text, bids text, caps text, awards text, options jsonb DEFAULT '{}'::pg_catalog.jsonb)
RETURNS TABLE (feasible boolean, violation text, objective numeric, bound numeric, gap numeric, funded_minor bigint, unfunded_minor bigint)
LANGUAGE C STABLE STRICT PARALLEL RESTRICTED COST 1000000 ROWS 1
AS 'MODULE_PATHNAME', 'clex_auction_certificate';
COMMENT ON FUNCTION clex.auction_certificate(text, text, text, text, jsonb) IS
'Recheck awards (invoice_id, bid_id, amount_minor): the first rule they break, their exact cost, and the dual bound that integer prices prove (option prices: a query as auction_prices returns; without it prices are computed). gap = (objective - bound) / objective; 0 proves an optimum. Raw units: minor unit x day x ppm.';

CREATE FUNCTION clex.auction_unfunded(invoices text, bids text, caps text, awards text, options jsonb DEFAULT '{}'::pg_catalog.jsonb)
RETURNS TABLE (invoice_id bigint, unfunded_minor bigint, reason text, bid_id bigint, short_by bigint, explanation text)
LANGUAGE C STABLE STRICT PARALLEL RESTRICTED COST 1000000 ROWS 1000
AS 'MODULE_PATHNAME', 'clex_auction_unfunded';
COMMENT ON FUNCTION clex.auction_unfunded(text, text, text, text, jsonb) IS
'Why invoices were not funded, or not wholly: no_bid, ticket, reserve_too_low (short_by in ppm), cap_reached (short_by in minor units), minimum_not_met, outbid. The bid named is the one that came nearest.';

CREATE FUNCTION clex.auction_statistics(invoices text, bids text, caps text, awards text, options jsonb DEFAULT '{}'::pg_catalog.jsonb)
RETURNS TABLE (measure text, subject text, value numeric)
LANGUAGE C STABLE STRICT PARALLEL RESTRICTED COST 1000000 ROWS 20
AS 'MODULE_PATHNAME', 'clex_auction_statistics';
COMMENT ON FUNCTION clex.auction_statistics(text, text, text, text, jsonb) IS
'Figures of an auction: invoices_minor, funded_minor, bid_to_cover (ceilings / funded), marginal_rate_ppm, share_at_margin (awarded / offered at that rate), cost_raw and saved_against_reserve_raw (minor unit x day x ppm), funded_minor_by_financier.';

CREATE FUNCTION clex.auction_contributions(invoices text, bids text, caps text, options jsonb DEFAULT '{}'::pg_catalog.jsonb)
RETURNS TABLE (financier text, cost_raw numeric, objective_without numeric, contribution_raw numeric, vcg_raw numeric)
LANGUAGE C STABLE STRICT PARALLEL RESTRICTED COST 10000000 ROWS 20
AS 'MODULE_PATHNAME', 'clex_auction_contributions';
COMMENT ON FUNCTION clex.auction_contributions(text, text, text, jsonb) IS
'What each financier is worth: contribution_raw = objective without it - objective with it; vcg_raw = cost_raw + contribution_raw, what it would be paid under Vickrey-Clarke-Groves. Clears once more for every financier. Raw units: minor unit x day x ppm.';
