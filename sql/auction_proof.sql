-- The proof of an award in plain SQL (docs/auction.md), beside what auction_certificate says: crossing caps, the volume
-- objective, whole invoices, lots and minimum awards, caps that let nothing through.
CREATE TABLE inv (invoice_id bigint, lot_id text, supplier text, buyer text, sector text, country text,
	currency text, amount_minor bigint, tenor_days int, reserve_ppm int);
CREATE TABLE bid (bid_id bigint, financier text, seq int, buyer text, tenor_min int, tenor_max int, rate_ppm int,
	min_ticket bigint, max_ticket bigint, max_amount bigint, min_award bigint);
CREATE TABLE cap (financier text, scope text, key text, limit_minor bigint);
CREATE TABLE award (invoice_id bigint, bid_id bigint, amount_minor bigint);
CREATE TABLE price (bid_id bigint, financier text, scope text, key text, limit_minor bigint, price_milli bigint);
-- sixty invoices and twelve bids of four financiers; numbers from a formula, so that they are the same everywhere
INSERT INTO inv SELECT n, CASE WHEN n % 10 = 3 THEN 'L' || n / 20 END, 'S' || n * 7 % 9, 'B' || n % 2,
	(ARRAY['food', 'metal', 'paper'])[1 + n * 5 % 3], (ARRAY['FR', 'DE'])[1 + n / 3 % 2], 'EUR',
	100000 + n * 7919 * (1 + n % 4) % 900001, 10 + n * 37 % 110, 30000 + n * 4099 % 60000 FROM generate_series(1, 60) AS n;
INSERT INTO bid SELECT k, 'F' || k % 4, k, CASE k % 3 WHEN 0 THEN NULL ELSE 'B' || k % 2 END, 1 + k % 2 * 20, 60 + k * 5, 22000 + k * 3011 % 25000,
	k % 4 * 60000, 2000000000, 900000 + k * 333333 % 1500000, 0 FROM generate_series(1, 12) AS k;
INSERT INTO cap SELECT 'F' || f, 'total', '*', 3000000 + f * 400000 FROM generate_series(0, 3) AS f;

CREATE FUNCTION proof(volume boolean) RETURNS TABLE (objective numeric, bound numeric, gap numeric, caps_broken bigint, ceilings_broken bigint,
	pairs_broken bigint, overawarded bigint, prices_broken bigint) LANGUAGE sql AS $$
WITH item AS (
	SELECT *, CASE WHEN volume THEN power(10, greatest(8, (SELECT length(max(tenor_days::bigint * reserve_ppm)::text) FROM inv)))::numeric
		ELSE tenor_days::numeric * reserve_ppm END AS outside FROM inv),
path AS (
	SELECT i.invoice_id, b.bid_id, i.tenor_days::numeric * b.rate_ppm * 1000 + (
		SELECT coalesce(sum(p.price_milli), 0) FROM price p WHERE p.bid_id = b.bid_id OR p.bid_id IS NULL AND p.financier = b.financier
			AND (p.scope, p.key) IN (('total', '*'), ('buyer', i.buyer), ('supplier', i.supplier), ('sector', i.sector), ('country', i.country))) AS unit_milli
	FROM inv i JOIN bid b ON coalesce(b.buyer, '*') IN ('*', i.buyer) AND i.tenor_days BETWEEN b.tenor_min AND b.tenor_max
		AND b.rate_ppm <= i.reserve_ppm AND i.amount_minor BETWEEN b.min_ticket AND b.max_ticket),
bound AS (
	SELECT ceil((sum(i.amount_minor * least(i.outside * 1000, (SELECT min(unit_milli) FROM path p WHERE p.invoice_id = i.invoice_id)))
		- (SELECT coalesce(sum(price_milli::numeric * limit_minor), 0) FROM price)) / 1000) AS bound FROM item i),
cost AS (
	SELECT sum(i.amount_minor * i.outside - (SELECT coalesce(sum(a.amount_minor * (i.outside - i.tenor_days::numeric * b.rate_ppm)), 0)
		FROM award a JOIN bid b USING (bid_id) WHERE a.invoice_id = i.invoice_id)) AS objective FROM item i),
used AS (
	SELECT b.financier, k.scope, k.key, sum(a.amount_minor) AS amount
	FROM award a JOIN inv i USING (invoice_id) JOIN bid b USING (bid_id) CROSS JOIN LATERAL (VALUES ('total', '*'), ('buyer', i.buyer),
		('supplier', i.supplier), ('sector', i.sector), ('country', i.country), ('bid', a.bid_id::text)) AS k (scope, key) GROUP BY 1, 2, 3)
SELECT objective, bound, objective - bound AS gap,
	(SELECT count(*) FROM used u JOIN cap c USING (financier, scope) WHERE coalesce(c.key, '*') IN ('*', u.key) AND u.amount > c.limit_minor) AS caps_broken,
	(SELECT count(*) FROM used u JOIN bid b ON u.scope = 'bid' AND u.key = b.bid_id::text WHERE u.amount > b.max_amount) AS ceilings_broken,
	(SELECT count(*) FROM award a LEFT JOIN path p USING (invoice_id, bid_id) WHERE p.bid_id IS NULL OR a.amount_minor <= 0) AS pairs_broken,
	(SELECT count(*) FROM inv i WHERE i.amount_minor < (SELECT sum(a.amount_minor) FROM award a WHERE a.invoice_id = i.invoice_id)) AS overawarded,
	(SELECT count(*) FROM price p WHERE (p.price_milli >= 0 AND p.limit_minor >= CASE WHEN p.bid_id IS NOT NULL
		THEN (SELECT b.max_amount FROM bid b WHERE b.bid_id = p.bid_id)
		ELSE (SELECT min(c.limit_minor) FROM cap c WHERE c.financier = p.financier AND c.scope = p.scope AND coalesce(c.key, '*') IN ('*', p.key)) END) IS NOT TRUE) AS prices_broken
FROM cost, bound
$$;
CREATE FUNCTION proof_whole(volume boolean) RETURNS TABLE (bound numeric, items_split bigint, pairs_broken bigint, minimums_missed bigint) LANGUAGE sql AS $$
WITH member AS (
	SELECT *, coalesce('lot ' || lot_id, 'invoice ' || invoice_id) AS item, CASE WHEN volume THEN power(10, greatest(8, (SELECT length(max(tenor_days::bigint * reserve_ppm)::text) FROM inv)))::numeric
		ELSE tenor_days::numeric * reserve_ppm END AS outside FROM inv),
item AS (
	SELECT item, sum(amount_minor) AS amount, sum(amount_minor * outside) AS outside FROM member GROUP BY item),
too_large AS (
	SELECT m.item, c.financier FROM member m CROSS JOIN LATERAL (VALUES ('total', '*'), ('buyer', m.buyer), ('supplier', m.supplier),
		('sector', m.sector), ('country', m.country)) AS k (scope, key) JOIN cap c ON c.scope = k.scope AND coalesce(c.key, '*') IN ('*', k.key)
	GROUP BY m.item, c.financier, k.scope, k.key, c.key, c.limit_minor HAVING sum(m.amount_minor) > c.limit_minor),
path AS (
	SELECT m.item, b.bid_id, sum(m.amount_minor * (m.tenor_days::numeric * b.rate_ppm * 1000 + (
		SELECT coalesce(sum(p.price_milli), 0) FROM price p WHERE p.bid_id = b.bid_id OR p.bid_id IS NULL AND p.financier = b.financier
			AND (p.scope, p.key) IN (('total', '*'), ('buyer', m.buyer), ('supplier', m.supplier), ('sector', m.sector), ('country', m.country))))) AS milli
	FROM member m JOIN item i USING (item) JOIN bid b ON i.amount BETWEEN b.min_ticket AND least(b.max_ticket, b.max_amount)
	WHERE (m.item, b.financier) NOT IN (SELECT item, financier FROM too_large) GROUP BY m.item, b.bid_id
	HAVING bool_and(coalesce(b.buyer, '*') IN ('*', m.buyer) AND m.tenor_days BETWEEN b.tenor_min AND b.tenor_max AND b.rate_ppm <= m.reserve_ppm)),
bound AS (
	SELECT ceil((sum(least(i.outside * 1000, (SELECT min(milli) FROM path p WHERE p.item = i.item)))
		- (SELECT coalesce(sum(price_milli::numeric * limit_minor), 0) FROM price)) / 1000) AS bound FROM item i)
SELECT bound,
	(SELECT count(*) FROM (SELECT m.item FROM member m LEFT JOIN award a USING (invoice_id) GROUP BY m.item
		HAVING count(a.bid_id) > 0 AND (count(DISTINCT a.bid_id) > 1 OR bool_or(a.amount_minor IS DISTINCT FROM m.amount_minor))) AS s) AS items_split,
	(SELECT count(*) FROM award a JOIN member m USING (invoice_id) LEFT JOIN path p USING (item, bid_id) WHERE p.bid_id IS NULL) AS pairs_broken,
	(SELECT count(*) FROM (SELECT b.bid_id FROM bid b JOIN award a USING (bid_id) GROUP BY b.bid_id, b.min_award
		HAVING sum(a.amount_minor) < b.min_award) AS s) AS minimums_missed
FROM bound
$$;
-- clear, keep awards and prices, and put the certificate beside both proofs
CREATE FUNCTION cleared(options jsonb) RETURNS TABLE (funded bigint, objective numeric, gap numeric, caps_broken bigint, ceilings_broken bigint,
	pairs_broken bigint, overawarded bigint, prices_broken bigint, feasible boolean, same_objective boolean, same_bound boolean, bounded boolean)
LANGUAGE plpgsql AS $$
DECLARE
	volume boolean := options ->> 'mode' IS NOT DISTINCT FROM 'volume';
	whole boolean := options ->> 'divisible' IS DISTINCT FROM 'true';
BEGIN
	TRUNCATE award, price;
	INSERT INTO award SELECT a.invoice_id, a.bid_id, a.amount_minor FROM clex.clear_auction('TABLE inv', 'TABLE bid', 'TABLE cap', options) a;
	INSERT INTO price SELECT p.bid_id, p.financier, p.scope, p.key, p.limit_minor, p.price_milli
		FROM clex.auction_prices('TABLE inv', 'TABLE bid', 'TABLE cap', options) p;
	-- of whole invoices another processor may find another award as good: its gap is told in steps of 5 %
	RETURN QUERY SELECT CASE WHEN NOT whole THEN c.funded_minor END, CASE WHEN NOT whole THEN p.objective END,
		CASE WHEN whole THEN ceil(20 * c.gap) / 20 ELSE round(c.gap, 6) END, p.caps_broken, p.ceilings_broken,
		CASE WHEN whole THEN w.pairs_broken + w.items_split + w.minimums_missed ELSE p.pairs_broken + w.minimums_missed END,
		p.overawarded, p.prices_broken, c.feasible,
		c.objective = p.objective, c.bound = CASE WHEN whole THEN w.bound ELSE p.bound END, p.bound <= c.bound AND c.bound <= c.objective
	FROM proof(volume) p, proof_whole(volume) w,
		clex.auction_certificate('TABLE inv', 'TABLE bid', 'TABLE cap', 'TABLE award', options || '{"prices": "TABLE price"}') c;
END $$;
\x on
-- nested caps, but for the bids of anybody: exact
SELECT * FROM cleared('{"divisible": true}');
-- buyer caps and bids for any buyer, suppliers, sectors, countries: they cross
INSERT INTO cap VALUES ('F0', 'supplier', '*', 700000), ('F1', 'sector', 'food', 900000), ('F2', 'country', 'FR', 1100000), ('F3', 'buyer', '*', 1300000);
SELECT * FROM cleared('{"divisible": true}');
SELECT * FROM cleared('{"divisible": true, "mode": "volume"}');
-- whole invoices and lots, with little work: what wholeness costs stays as a gap
SELECT * FROM cleared('{"work_budget": 1, "node_budget": 50}');
SELECT * FROM cleared('{"mode": "volume", "work_budget": 1, "node_budget": 50}');
-- minimum awards
UPDATE bid SET min_award = 1000000 WHERE bid_id % 3 = 1;
SELECT * FROM cleared('{"work_budget": 1, "node_budget": 50}');
SELECT * FROM cleared('{"divisible": true}');
UPDATE bid SET min_award = 0;
-- a cap and a ceiling of zero: what is shut has a price that costs the bound nothing
UPDATE cap SET limit_minor = 0 WHERE financier = 'F1' AND scope = 'sector';
UPDATE bid SET max_amount = 0 WHERE bid_id = 4;
SELECT * FROM cleared('{"divisible": true}');
DELETE FROM cap WHERE scope <> 'total';
UPDATE cap SET limit_minor = 0 WHERE financier = 'F2';
SELECT * FROM cleared('{"divisible": true}');
SELECT * FROM cleared('{"divisible": true, "mode": "volume"}');
-- the proofs see a lot that is torn, a minimum missed, an invoice split
SELECT * FROM cleared('{"work_budget": 1, "node_budget": 50}');
BEGIN; DELETE FROM award WHERE invoice_id = (SELECT min(invoice_id) FROM award JOIN inv USING (invoice_id) WHERE lot_id IS NOT NULL); SELECT items_split, pairs_broken, minimums_missed FROM proof_whole(false); ROLLBACK;
BEGIN; UPDATE award SET amount_minor = amount_minor - 1 WHERE invoice_id = (SELECT min(invoice_id) FROM award); SELECT items_split, pairs_broken, minimums_missed FROM proof_whole(false); ROLLBACK;
BEGIN; UPDATE bid SET min_award = 100000000 WHERE bid_id = (SELECT min(bid_id) FROM award); SELECT items_split, pairs_broken, minimums_missed FROM proof_whole(false); ROLLBACK;
DROP FUNCTION cleared(jsonb), proof(boolean), proof_whole(boolean);
DROP TABLE inv, bid, cap, award, price;
