-- The auction: six invoices and three financiers (the example of docs/auction.md), and what goes wrong.
CREATE TABLE inv (invoice_id bigint, lot_id text, supplier text, buyer text, sector text, country text,
	currency text, amount_minor bigint, tenor_days int, reserve_ppm int);
CREATE TABLE bid (bid_id bigint, financier text, seq int, buyer text, tenor_min int, tenor_max int, rate_ppm int,
	min_ticket bigint, max_ticket bigint, max_amount bigint, min_award bigint);
CREATE TABLE cap (financier text, scope text, key text, limit_minor bigint);
INSERT INTO inv VALUES
	(1, NULL, 'S1', 'B', 'food', 'FR', 'EUR', 1000000, 90, 80000), (2, NULL, 'S1', 'B', 'food', 'FR', 'EUR', 2000000, 30, 80000),
	(3, NULL, 'S2', 'B', 'metal', 'DE', 'EUR', 1500000, 60, 60000), (4, NULL, 'S2', 'B', 'metal', 'DE', 'EUR', 800000, 90, 45000),
	(5, NULL, 'S3', 'B', 'food', 'FR', 'EUR', 1200000, 45, 70000), (6, NULL, 'S3', 'B', 'food', 'FR', 'EUR', 500000, 10, 20000);
INSERT INTO bid VALUES
	(1, 'bank', 1, 'B', 1, 180, 30000, 0, 1000000000, 2500000, 0), (2, 'fund', 2, 'B', 1, 60, 35000, 0, 1000000000, 2000000, 0),
	(3, 'fund', 3, 'B', 61, 180, 50000, 0, 1000000000, 1500000, 0), (4, 'own', 4, 'B', 1, 180, 65000, 0, 1000000000, 1000000, 0);
INSERT INTO cap VALUES ('bank', 'total', '*', 2500000), ('fund', 'total', '*', 2200000), ('own', 'total', '*', 1000000);

-- divisible, nested caps: exact
CREATE TABLE award AS SELECT * FROM clex.clear_auction('TABLE inv', 'TABLE bid', 'TABLE cap', '{"divisible": true}');
SELECT * FROM award ORDER BY invoice_id, bid_id;
CREATE TABLE price AS SELECT * FROM clex.auction_prices('TABLE inv', 'TABLE bid', 'TABLE cap', '{"divisible": true}');
SELECT * FROM price ORDER BY bid_id, financier, scope, key;
-- awards, prices and proof of one clearing
CREATE TABLE clearing AS SELECT * FROM clex.auction_clearing('TABLE inv', 'TABLE bid', 'TABLE cap', '{"divisible": true}');
SELECT part, count(*) FROM clearing GROUP BY part ORDER BY part;
SELECT count(*) AS other FROM (
	(SELECT invoice_id, bid_id, financier, amount_minor, rate_ppm FROM clearing WHERE part = 'award' EXCEPT TABLE award)
	UNION ALL (TABLE award EXCEPT SELECT invoice_id, bid_id, financier, amount_minor, rate_ppm FROM clearing WHERE part = 'award')) x;
SELECT count(*) AS other FROM (
	(SELECT bid_id, financier, scope, key, amount_minor, price_milli FROM clearing WHERE part = 'price' EXCEPT TABLE price)
	UNION ALL (TABLE price EXCEPT SELECT bid_id, financier, scope, key, amount_minor, price_milli FROM clearing WHERE part = 'price')) x;
SELECT objective, bound, optimal FROM clearing WHERE part = 'proof';
-- whole invoices: prices alone leave a gap, a search of every case closes it
SELECT objective, bound, optimal FROM clex.auction_clearing('TABLE inv', 'TABLE bid', 'TABLE cap') WHERE part = 'proof';
SELECT a.objective, a.objective > a.bound AS above_bound FROM clex.auction_certificate('TABLE inv', 'TABLE bid', 'TABLE cap',
	$$SELECT invoice_id, bid_id, amount_minor FROM clex.clear_auction('TABLE inv', 'TABLE bid', 'TABLE cap')$$) a;
SELECT * FROM clex.auction_certificate('TABLE inv', 'TABLE bid', 'TABLE cap', 'TABLE award',
	'{"divisible": true, "prices": "TABLE price"}');

-- the same proof in plain SQL (docs/auction.md shows the statement): nothing of clex is used
CREATE VIEW proof AS
WITH path AS (
	SELECT i.invoice_id, b.bid_id, i.tenor_days::numeric * b.rate_ppm * 1000 + (
		SELECT coalesce(sum(p.price_milli), 0) FROM price p WHERE p.bid_id = b.bid_id OR p.bid_id IS NULL AND p.financier = b.financier
			AND (p.scope, p.key) IN (('total', '*'), ('buyer', i.buyer), ('supplier', i.supplier), ('sector', i.sector), ('country', i.country))) AS unit_milli
	FROM inv i JOIN bid b ON coalesce(b.buyer, '*') IN ('*', i.buyer) AND i.tenor_days BETWEEN b.tenor_min AND b.tenor_max
		AND b.rate_ppm <= i.reserve_ppm AND i.amount_minor BETWEEN b.min_ticket AND b.max_ticket),
bound AS (
	SELECT ceil((sum(i.amount_minor * least(i.tenor_days::numeric * i.reserve_ppm * 1000,
			(SELECT min(unit_milli) FROM path p WHERE p.invoice_id = i.invoice_id)))
		- (SELECT coalesce(sum(price_milli::numeric * limit_minor), 0) FROM price)) / 1000) AS bound FROM inv i),
cost AS (
	SELECT sum(i.tenor_days::numeric * (i.amount_minor::numeric * i.reserve_ppm - (SELECT coalesce(sum(a.amount_minor::numeric
		* (i.reserve_ppm - b.rate_ppm)), 0) FROM award a JOIN bid b USING (bid_id) WHERE a.invoice_id = i.invoice_id))) AS objective FROM inv i),
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
FROM cost, bound;
SELECT * FROM proof;
-- it sees what is wrong: a cap, a ceiling, a pair that may not be, too much of an invoice, a dearer award, forged prices, none
BEGIN; UPDATE cap SET limit_minor = 1999999 WHERE financier = 'fund'; UPDATE cap SET key = NULL; TABLE proof; ROLLBACK;
BEGIN; UPDATE bid SET max_amount = 2499999 WHERE bid_id = 1; TABLE proof; ROLLBACK;
BEGIN; UPDATE bid SET tenor_max = 89 WHERE bid_id = 1; TABLE proof; ROLLBACK;
BEGIN; UPDATE award SET amount_minor = amount_minor + 1 WHERE invoice_id = 3; TABLE proof; ROLLBACK;
BEGIN; DELETE FROM award WHERE bid_id = 4; TABLE proof; ROLLBACK;
BEGIN; UPDATE price SET limit_minor = limit_minor - 1; TABLE proof; ROLLBACK;
BEGIN; DELETE FROM price; TABLE proof; ROLLBACK;

SELECT * FROM clex.auction_unfunded('TABLE inv', 'TABLE bid', 'TABLE cap', 'TABLE award', '{"divisible": true}') ORDER BY invoice_id;
SELECT * FROM clex.auction_statistics('TABLE inv', 'TABLE bid', 'TABLE cap', 'TABLE award', '{"divisible": true}') ORDER BY measure, subject;
SELECT * FROM clex.auction_contributions('TABLE inv', 'TABLE bid', 'TABLE cap', '{"divisible": true}') ORDER BY financier;

-- one price per buyer and span of tenors
SELECT invoice_id, bid_id, amount_minor, rate_ppm
FROM clex.clear_auction('TABLE inv', 'TABLE bid', 'TABLE cap', '{"divisible": true, "pricing": "uniform"}') ORDER BY 1, 2;

-- as much as possible first
SELECT sum(amount_minor) FROM clex.clear_auction('TABLE inv', 'TABLE bid', 'TABLE cap', '{"divisible": true, "mode": "volume"}');

-- whole invoices: the proof leaves the gap that wholeness costs
CREATE TABLE whole AS SELECT * FROM clex.clear_auction('TABLE inv', 'TABLE bid', 'TABLE cap');
SELECT * FROM whole ORDER BY invoice_id;
SELECT feasible, objective, objective >= bound AS bounded FROM clex.auction_certificate('TABLE inv', 'TABLE bid', 'TABLE cap', 'TABLE whole');
SELECT invoice_id, reason, bid_id, short_by, explanation
FROM clex.auction_unfunded('TABLE inv', 'TABLE bid', 'TABLE cap', 'TABLE whole') ORDER BY invoice_id;

-- a cap across sectors, a lot, a minimum award
SELECT sum(amount_minor) FROM clex.clear_auction('TABLE inv', 'TABLE bid', $$TABLE cap UNION ALL VALUES ('bank', 'sector', 'food', 300000::bigint)$$,
	'{"divisible": true}') WHERE financier = 'bank' AND invoice_id IN (1, 2, 5, 6);
SELECT * FROM clex.clear_auction($$SELECT invoice_id, CASE WHEN invoice_id IN (1, 3) THEN 'L' END AS lot_id, buyer, amount_minor, tenor_days, reserve_ppm FROM inv$$,
	'TABLE bid', 'TABLE cap') ORDER BY 1;
SELECT * FROM clex.clear_auction('SELECT * FROM inv WHERE invoice_id = 6',
	$$VALUES (1, 'bank', 100, 9000000, 600000)$$, 'SELECT * FROM cap WHERE false');
SELECT * FROM clex.clear_auction('SELECT * FROM inv WHERE invoice_id = 6',
	$$SELECT 1 AS bid_id, 'bank' AS financier, 100 AS rate_ppm, 9000000 AS max_amount, 600000 AS min_award$$, 'SELECT * FROM cap WHERE false');

-- ties: rate, sequence, bid id, invoice id; or shared by ceilings
CREATE TABLE tie AS SELECT * FROM (VALUES (7, 'x', 2, 40000, 300000), (8, 'y', 1, 40000, 300000), (9, 'z', 1, 40000, 100000)) v (bid_id, financier, seq, rate_ppm, max_amount);
SELECT * FROM clex.clear_auction('SELECT * FROM inv WHERE invoice_id = 6', 'TABLE tie', 'SELECT * FROM cap WHERE false');
SELECT bid_id, sum(amount_minor) FROM clex.clear_auction('SELECT invoice_id, buyer, 70001 AS reserve_ppm, 250000 AS amount_minor, 30 AS tenor_days FROM inv WHERE invoice_id < 3',
	'TABLE tie', 'SELECT * FROM cap WHERE false', '{"divisible": true}') GROUP BY 1 ORDER BY 1;
SELECT bid_id, sum(amount_minor) FROM clex.clear_auction('SELECT invoice_id, buyer, 70001 AS reserve_ppm, 250000 AS amount_minor, 30 AS tenor_days FROM inv WHERE invoice_id < 3',
	'TABLE tie', 'SELECT * FROM cap WHERE false', '{"divisible": true, "pro_rata": true}') GROUP BY 1 ORDER BY 1;

-- input order does not matter
SELECT count(*) FROM (
	SELECT * FROM clex.clear_auction('SELECT * FROM inv ORDER BY md5(invoice_id::text)', 'SELECT * FROM bid ORDER BY bid_id DESC', 'SELECT * FROM cap ORDER BY 1 DESC', '{"divisible": true}')
	EXCEPT SELECT * FROM award) x;

-- nothing to do
SELECT * FROM clex.clear_auction('SELECT * FROM inv WHERE false', 'TABLE bid', 'TABLE cap');
SELECT * FROM clex.clear_auction('TABLE inv', 'SELECT * FROM bid WHERE false', 'TABLE cap', '{"divisible": true}');
SELECT * FROM clex.clear_auction('TABLE inv', 'TABLE bid', 'SELECT financier, scope, key, 0 AS limit_minor FROM cap', '{"divisible": true}');

-- bad input: query, row and column
SELECT * FROM clex.clear_auction('SELECT * FROM inv UNION ALL SELECT * FROM inv WHERE invoice_id = 3', 'TABLE bid', 'TABLE cap');
SELECT * FROM clex.clear_auction('TABLE inv', 'SELECT * FROM bid UNION ALL SELECT * FROM bid WHERE bid_id = 2', 'TABLE cap');
SELECT * FROM clex.clear_auction('TABLE inv', 'TABLE bid', 'TABLE cap UNION ALL TABLE cap');
SELECT * FROM clex.clear_auction('SELECT invoice_id, buyer, -amount_minor AS amount_minor, tenor_days, reserve_ppm FROM inv', 'TABLE bid', 'TABLE cap');
SELECT * FROM clex.clear_auction('SELECT invoice_id, buyer, 1000000000000000000 AS amount_minor, tenor_days, reserve_ppm FROM inv', 'TABLE bid', 'TABLE cap');
SELECT * FROM clex.clear_auction('SELECT invoice_id, buyer, amount_minor, 0 AS tenor_days, reserve_ppm FROM inv', 'TABLE bid', 'TABLE cap');
SELECT * FROM clex.clear_auction('SELECT invoice_id, buyer, amount_minor, tenor_days FROM inv', 'TABLE bid', 'TABLE cap');
SELECT * FROM clex.clear_auction('SELECT invoice_id, buyer, amount_minor / 100.0 AS amount_minor, tenor_days, reserve_ppm FROM inv', 'TABLE bid', 'TABLE cap');
SELECT * FROM clex.clear_auction('SELECT invoice_id, NULL::text AS buyer, amount_minor, tenor_days, reserve_ppm FROM inv', 'TABLE bid', 'TABLE cap');
SELECT * FROM clex.clear_auction($$SELECT invoice_id, buyer, amount_minor, tenor_days, reserve_ppm, CASE invoice_id WHEN 4 THEN 'USD' ELSE 'EUR' END AS currency FROM inv$$, 'TABLE bid', 'TABLE cap');
SELECT * FROM clex.clear_auction('TABLE inv', 'TABLE bid', $$SELECT 'bank' AS financier, 'region' AS scope, 'x' AS key, 5 AS limit_minor$$);
SELECT * FROM clex.clear_auction('TABLE inv', 'TABLE bid', 'CREATE TABLE oops (x int)');
SELECT * FROM clex.clear_auction('TABLE inv', 'TABLE bid', 'TABLE cap', '{"mode": "best"}');
SELECT * FROM clex.clear_auction('TABLE inv', 'TABLE bid', 'TABLE cap', '{"colour": 1}');
SELECT * FROM clex.clear_auction('TABLE inv', 'TABLE bid', 'TABLE cap', '{"pro_rata": true}');
SELECT * FROM clex.clear_auction('SELECT n AS invoice_id, ''B'' AS buyer, n AS amount_minor, 30 AS tenor_days, 70000 AS reserve_ppm FROM generate_series(1, 20000) n',
	'TABLE bid', 'TABLE cap', '{"memory_limit": 1}');
SELECT * FROM clex.auction_certificate('TABLE inv', 'TABLE bid', 'TABLE cap', 'SELECT 99 AS invoice_id, 1 AS bid_id, 5 AS amount_minor');
SELECT feasible, violation FROM clex.auction_certificate('TABLE inv', 'TABLE bid', 'TABLE cap', 'SELECT 2 AS invoice_id, 1 AS bid_id, 5 AS amount_minor', '{"divisible": true}');
SELECT feasible, violation FROM clex.auction_certificate('TABLE inv', 'TABLE bid', 'TABLE cap', 'SELECT 2 AS invoice_id, 1 AS bid_id, 5 AS amount_minor');
SELECT feasible, violation FROM clex.auction_certificate('TABLE inv', 'TABLE bid', 'TABLE cap', 'SELECT invoice_id, 1 AS bid_id, amount_minor FROM inv WHERE invoice_id < 3');
SELECT * FROM clex.auction_certificate('TABLE inv', 'TABLE bid', 'TABLE cap', 'SELECT 2 AS invoice_id, 99 AS bid_id, 5 AS amount_minor');
SELECT * FROM clex.auction_certificate('TABLE inv', 'TABLE bid', 'TABLE cap', 'SELECT 2 AS invoice_id, 1 AS bid_id, 0 AS amount_minor');
-- blank currencies beside others, whichever comes first
SELECT * FROM clex.clear_auction('SELECT invoice_id, buyer, amount_minor, tenor_days, reserve_ppm, CASE WHEN invoice_id > 1 THEN currency END AS currency FROM inv ORDER BY 1', 'TABLE bid', 'TABLE cap');
SELECT * FROM clex.clear_auction('SELECT invoice_id, buyer, amount_minor, tenor_days, reserve_ppm, CASE WHEN invoice_id > 1 THEN currency END AS currency FROM inv ORDER BY 1 DESC', 'TABLE bid', 'TABLE cap');
-- prices that nobody can mean
CREATE FUNCTION priced(text) RETURNS numeric LANGUAGE sql AS $$
SELECT bound FROM clex.auction_certificate('TABLE inv', 'TABLE bid', 'TABLE cap', 'TABLE award', pg_catalog.jsonb_build_object('divisible', true, 'prices', $1))$$;
SELECT priced($$SELECT NULL::bigint AS bid_id, 'nobody' AS financier, 'total' AS scope, '*' AS key, 5 AS price_milli$$);
SELECT priced($$SELECT NULL::bigint AS bid_id, 'bank' AS financier, 'buyer' AS scope, 'C' AS key, 5 AS price_milli$$);
SELECT priced($$SELECT NULL::bigint AS bid_id, 'bank' AS financier, 'sector' AS scope, 'food' AS key, 5 AS price_milli$$);
SELECT priced($$SELECT 1 AS bid_id, -5 AS price_milli$$);
SELECT priced($$SELECT 1 AS bid_id, 5 AS price_milli UNION ALL SELECT 1, 7$$);
SELECT priced('TABLE price') - (SELECT bound FROM clex.auction_certificate('TABLE inv', 'TABLE bid', 'TABLE cap', 'TABLE award', '{"divisible": true}')) AS same;
-- options out of range, or of the wrong kind
SELECT * FROM clex.clear_auction('TABLE inv', 'TABLE bid', 'TABLE cap', '{"time_budget_ms": 9223372036854775807}');
SELECT * FROM clex.clear_auction('TABLE inv', 'TABLE bid', 'TABLE cap', '{"memory_limit": 17592186044416}');
SELECT * FROM clex.clear_auction('TABLE inv', 'TABLE bid', 'TABLE cap', '{"work_budget": 1e30}');
SELECT * FROM clex.clear_auction('TABLE inv', 'TABLE bid', 'TABLE cap', '{"node_budget": 0}');
SELECT * FROM clex.clear_auction('TABLE inv', 'TABLE bid', 'TABLE cap', '{"prices": 5}');
DROP FUNCTION priced(text);
DROP VIEW proof;
DROP TABLE inv, bid, cap, award, price, whole, tie;
