-- module finance: auctions.  The six invoices and three financiers of docs/auction.md, from sealed bids to assignments, and what goes wrong.
SET client_min_messages = warning;
SET timezone = 'UTC';
\set VERBOSITY terse
\set SHOW_CONTEXT never
CREATE ROLE regress_auctions_owner NOLOGIN;
CREATE ROLE regress_auctions_treasurer;
CREATE ROLE regress_auctions_auditor;
CREATE ROLE regress_auctions_supplier;
CREATE ROLE regress_auctions_unfunded;
CREATE ROLE regress_auctions_bank;
CREATE ROLE regress_auctions_fund;
CREATE ROLE regress_auctions_idle;
SELECT clex.create_store('erp', owner => 'regress_auctions_owner');
SELECT erp.add_tenant(1, 'Hotel');
SELECT erp.set_party(1, 'B', 'Hotel', 'FR') > 0 AS party, erp.set_entity(1, 'E', 'company', 'Hotel', party => 'B') > 0 AS entity;
SELECT erp.add_identifier(1, 'B', 'vat', 'FR88790453187');
SELECT count(erp.set_party(1, 'S' || s, 'Supplier ' || s, 'FR', language => CASE s WHEN 1 THEN 'fr' WHEN 2 THEN 'de' ELSE 'en' END)) AS suppliers FROM generate_series(1, 5) s;
SELECT count(erp.add_identifier(1, 'S' || s, 'other', 'REG-' || s)) AS identifiers FROM generate_series(1, 5) s;
SELECT erp.set_financier(1, 'bank', 'Banque', 'credit_institution', language => 'fr', email => 'bank@example.org', registration => '552120222', address => 'Paris') > 0 AS bank,
	erp.set_financier(1, 'fund', 'Fonds', 'fund', authorisation => 'CMF L214-169', language => 'en', email => 'fund@example.org', registration => '552120223', address => 'Paris') > 0 AS fund,
	erp.set_financier(1, 'idle', 'Idle', 'credit_institution', language => 'en', email => 'idle@example.org', registration => '552120224', address => 'Paris') > 0 AS idle;
SELECT count(erp.set_line(1, f, 'EUR', 0.05, iban => 'FR1420041010050500013M02606', bic => 'BNPAFRPP')) AS lines FROM unnest('{bank,fund,idle}'::text[]) f;
SELECT erp.set_limit(1, 'bank', 'EUR', 25000) AS bank, erp.set_limit(1, 'fund', 'EUR', 22000) AS fund, erp.set_limit(1, 'idle', 'EUR', 5000) AS idle;
SELECT erp.add_member(1, 'regress_auctions_treasurer', 'treasurer'), erp.add_member(1, 'regress_auctions_auditor', 'auditor'), erp.add_member(1, 'regress_auctions_supplier', 'supplier'),
	erp.scope_member(1, 'regress_auctions_supplier', 'supplier', party => 'S1'), erp.add_member(1, 'regress_auctions_unfunded', 'supplier'),
	erp.scope_member(1, 'regress_auctions_unfunded', 'supplier', party => 'S4');
SELECT count(erp.add_member(1, 'regress_auctions_' || f, 'financier')), count(erp.scope_financier(1, 'regress_auctions_' || f, f)) FROM unnest('{bank,fund,idle}'::text[]) f;

-- days that hold whenever this runs
CREATE FUNCTION settlement() RETURNS date LANGUAGE sql STABLE AS $$ SELECT clex.adjust(CURRENT_DATE + 7, 'FOLLOWING', 'TARGET') $$;
CREATE FUNCTION paper(number text, supplier int, amount numeric, tenor int, currency text DEFAULT 'EUR') RETURNS bytea LANGUAGE sql STABLE AS $$
	SELECT clex.write(jsonb_build_object('$kind', 'invoice',
		'invoice', jsonb_build_object('number', number, 'issue_date', '2026-03-09', 'type_code', '380', 'currency', currency, 'due_date', settlement() + tenor),
		'seller', jsonb_build_object('name', 'Supplier ' || supplier, 'legal_registration', 'REG-' || supplier, 'address', jsonb_build_object('country', 'FR', 'city', 'Paris')),
		'buyer', jsonb_build_object('name', 'Hotel', 'vat_number', 'FR88790453187', 'address', jsonb_build_object('country', 'FR')),
		'totals', jsonb_build_object('without_vat', amount, 'with_vat', amount, 'payable', amount),
		'lines', jsonb_build_array(jsonb_build_object('identifier', '1', 'quantity', 1, 'unit', 'C62', 'net_amount', amount, 'item', jsonb_build_object('name', 'Goods'))))::text::clex.document, 'ubl') $$;
SELECT state, kind FROM erp.submit(1, paper('F-1', 1, 10000, 90));
SELECT state FROM erp.submit(1, paper('F-2', 1, 20000, 30));
SELECT state FROM erp.submit(1, paper('F-3', 2, 15000, 60));
SELECT state FROM erp.submit(1, paper('F-4', 3, 8000, 90));
SELECT state FROM erp.submit(1, paper('F-5', 4, 12000, 45));
SELECT state FROM erp.submit(1, paper('F-6', 5, 5000, 10));
-- and what cannot be offered: not approved, disputed, sold already; or is not chosen: due before, in another currency, too small
SELECT state FROM erp.submit(1, paper('F-7', 1, 4000, 60));
SELECT state FROM erp.submit(1, paper('F-8', 2, 3000, 60));
SELECT state FROM erp.submit(1, paper('F-9', 3, 3500, 60));
SELECT state FROM erp.submit(1, paper('F-10', 1, 9000, 0));
SELECT state FROM erp.submit(1, paper('F-11', 1, 9000, 60, 'USD'));
SELECT state FROM erp.submit(1, paper('F-12', 1, 100, 60));
SELECT state FROM erp.submit(1, paper('F-13', 2, 6000, 40));
CREATE FUNCTION doc(p_number text) RETURNS bigint LANGUAGE sql STABLE AS $$ SELECT document_id FROM erp.invoice WHERE tenant_id = 1 AND number = p_number $$;
SELECT count(erp.set_status(1, s.document_id, 'approved')) AS approved FROM erp.invoice_state s JOIN erp.invoice i USING (tenant_id, document_id) WHERE i.number <> 'F-7';
SELECT erp.open_dispute(1, doc('F-8'), '{QTE_ERR}', 'One box is missing', amount => 10) > 0 AS disputed;
SELECT erp.assign_invoices(1, 'idle', ARRAY[doc('F-9')], settlement(), '{0.05}') > 0 AS assigned;

CREATE FUNCTION nonce(n int) RETURNS bytea LANGUAGE sql AS $$ SELECT substr(sha256(int4send(n)), 1, 16) $$;
-- who may open one, and what is refused
CREATE FUNCTION open(name text, options jsonb DEFAULT '{}', condition text DEFAULT 'BT-115 >= 1000') RETURNS bigint LANGUAGE sql AS $$
	SELECT erp.open_auction(1, name, 'EUR', settlement(), now() + interval '1 hour', now() + interval '2 hours', condition => condition, reserves =>
		'{"S1": 0.08, "S2": 0.06, "S3": 0.045, "S4": 0.07, "S5": 0.02}', options => options) $$;
SET ROLE regress_auctions_bank;
SELECT open('no');
SET ROLE regress_auctions_treasurer;
SELECT open('no', '{"time_budget_ms": 5}');
SELECT open('no', '{"divisible": "yes"}');
SELECT open('no', '{"divisible": true, "lots": "BT-13"}');
SELECT open('no', '{"lots": "BT-9999"}');
SELECT open('no', '{}', 'BT-115 >=');
SELECT erp.open_auction(1, 'no', 'EUR', settlement(), now() + interval '2 hours', now() + interval '1 hour');
SELECT erp.open_auction(1, 'no', 'EUR', '2026-03-01', now() + interval '1 hours', now() + interval '2 hours');
SELECT erp.open_auction(1, 'no', 'XXQ', settlement(), now() + interval '1 hours', now() + interval '2 hours');
SELECT erp.open_auction(1, 'no', 'EUR', settlement(), now() + interval '1 hours', now() + interval '2 hours', caps => '[{"bidder": "nobody", "scope": "total", "amount": 1}]');
SELECT erp.open_auction(1, 'no', 'EUR', settlement(), now() + interval '1 hours', now() + interval '2 hours', reserves => '{"S1": 0.0000001}');
-- opened once, whatever is said twice
BEGIN;
SELECT open('march', '{"own_funds": true, "bids_each": 4}') AS id \gset
SELECT open('march', '{"own_funds": true, "bids_each": 4}') = :id AS same;
SAVEPOINT s;
SELECT open('march', '{"own_funds": true, "bids_each": 5}');
ROLLBACK TO s;
COMMIT;
SELECT name, currency, phase, mode, divisible, pricing, own_funds, bids_each FROM erp.auctions;
SELECT number, amount, tenor_days, buyer, supplier, offered, refusal FROM erp.auction_batch ORDER BY number COLLATE "C";
SELECT buyer, tenor_from, tenor_to, invoices, amount, largest FROM erp.auction_volumes ORDER BY 1, 2;
SELECT number, kind, reference = :id AS here, amount FROM erp.claims WHERE kind = 'auction' ORDER BY number;
-- whoever wants to do something else with them is told that they are taken
SELECT erp.assign_invoices(1, 'idle', ARRAY[doc('F-1')], settlement(), '{0.05}');
-- a supplier says its own reserve, and no other one
SET ROLE regress_auctions_supplier;
SELECT number, amount, offered FROM erp.auction_batch ORDER BY number;
SELECT erp.set_reserve(1, :id, 'S1', 0.085), erp.set_reserve(1, :id, 'S1', 0.08);
SELECT erp.set_reserve(1, :id, 'S2', 0.5);
SELECT supplier, rate FROM erp.auction_reserves;

-- what a bidder commits to is a pure function of the bid
SET ROLE regress_auctions_bank;
SELECT clex.canonical_bid('bank', '{"rate": 0.030, "ceiling": 2.50e4, "tenor_max": 180, "buyer": "FR88790453187"}');
SELECT clex.bid_commitment(7, 'bank', '{"rate": 0.030, "ceiling": 2.50e4}', '\x000102030405060708090a0b0c0d0e0f')
	= sha256(convert_to(E'clex bid 1\nbidder=bank\nrate=0.03\nceiling=25000\n', 'UTF8') || '\x000102030405060708090a0b0c0d0e0f' || '\x0000000000000007') AS by_hand;
SELECT clex.canonical_bid('bank', '{"rate": 0.03}');
SELECT clex.canonical_bid('bank', '{"rate": 0.0300001, "ceiling": 1}');
SELECT clex.canonical_bid('bank', '{"rate": "0.03", "ceiling": 1}');
SELECT clex.canonical_bid('bank', '{"rate": 0.03, "ceiling": 1, "secret": 1}');
SELECT clex.canonical_bid('bank', '{"rate": 0.03, "ceiling": 1, "buyer": "a\nrate=0"}');
SELECT clex.canonical_bid('bank', '{"rate": 0.03, "ceiling": 1, "tenor_min": 60, "tenor_max": 30}');
SELECT clex.canonical_bid('bank', '[]');
SELECT clex.bid_commitment(7, 'bank', '{"rate": 0.03, "ceiling": 1}', '\x00');

-- bids: each bidder its own, sealed
SELECT name, phase, bids_each FROM erp.auctions;
SELECT buyer, tenor_from, invoices FROM erp.auction_volumes ORDER BY 1, 2;
SELECT count(*) FROM erp.auction_batch;
SELECT count(*) FROM erp.auction_reserve;
SELECT count(*) FROM erp.bid_sheet;
SELECT erp.commit_bid(1, :id, clex.bid_commitment(:id, 'bank', '{"rate": 0.03, "ceiling": 25000, "tenor_max": 180}', nonce(1))) AS line;
SELECT erp.commit_bid(1, :id, clex.bid_commitment(:id, 'bank', '{"rate": 0.03, "ceiling": 25000, "tenor_max": 180}', nonce(1))) AS same_line;
SELECT erp.commit_bid(1, :id, clex.bid_commitment(:id, 'bank', '{"rate": 0.001, "ceiling": 10}', nonce(9))) AS line;
SELECT erp.withdraw_bid(1, :id, clex.bid_commitment(:id, 'bank', '{"rate": 0.001, "ceiling": 10}', nonce(9))) AS withdrawn;
SELECT erp.commit_bid(1, :id, sha256('a promise that nobody keeps')) AS line;
SELECT erp.commit_bid(1, :id, 'too short');
SELECT erp.commit_bid(1, 999, sha256('x'));
SELECT erp.commit_bid(1, :id, sha256('x'), own_funds => true);
SELECT line, state, bid IS NULL AS sealed FROM erp.own_bids(1, :id);
SELECT erp.reveal_bid(1, :id, '{"rate": 0.03, "ceiling": 25000, "tenor_max": 180}', nonce(1));
SET ROLE regress_auctions_fund;
SELECT erp.commit_bid(1, :id, clex.bid_commitment(:id, 'fund', '{"rate": 0.035, "ceiling": 20000, "tenor_max": 60}', nonce(2))) AS line,
	erp.commit_bid(1, :id, clex.bid_commitment(:id, 'fund', '{"rate": 0.05, "ceiling": 15000, "tenor_min": 61, "tenor_max": 180}', nonce(3))) AS line;
-- somebody else's commitment copied is worth nothing: the bidder is part of what is hashed
SELECT erp.commit_bid(1, :id, clex.bid_commitment(:id, 'bank', '{"rate": 0.03, "ceiling": 25000, "tenor_max": 180}', nonce(1))) AS line;
SELECT erp.commit_bid(1, :id, sha256('1')) AS line;
SELECT erp.commit_bid(1, :id, sha256('2')) AS line;
SELECT erp.withdraw_bid(1, :id, sha256('1')) AS withdrawn;
SET ROLE regress_auctions_treasurer;
SELECT erp.commit_bid(1, :id, clex.bid_commitment(:id, 'own', '{"rate": 0.065, "ceiling": 10000, "tenor_max": 180}', nonce(4)), own_funds => true) AS line;
-- the tenant reads no bids either, nor does who answers for the store
SELECT count(*) FROM erp.auction_bids;
SELECT erp.commit_bid(1, :id, sha256('x'));
SELECT erp.close_auction(1, :id);
RESET ROLE;
SELECT erp.own_bids(1, :id);

-- an invoice is disputed while the auction runs, and a limit lowered
SELECT erp.open_dispute(1, doc('F-13'), '{QTE_ERR}', 'Boxes are missing', amount => 10) > 0 AS disputed;
SELECT number, hurt, remedy FROM erp.hurt_claims WHERE kind = 'auction';
CREATE FUNCTION shift(p_auction bigint, closed interval, revealed interval) RETURNS void LANGUAGE sql AS $$
	UPDATE erp.auction SET opens_at = now() - interval '1 day', closes_at = now() + closed, reveal_until = now() + revealed WHERE tenant_id = 1 AND id = p_auction $$;
SELECT shift(:id, '-1 second', '1 hour');
-- closed: too late, but not for what was there
SET ROLE regress_auctions_bank;
SELECT phase FROM erp.auctions;
SELECT erp.commit_bid(1, :id, sha256('late'));
SELECT erp.withdraw_bid(1, :id, sha256('a promise that nobody keeps'));
SELECT erp.commit_bid(1, :id, clex.bid_commitment(:id, 'bank', '{"rate": 0.03, "ceiling": 25000, "tenor_max": 180}', nonce(1))) AS same_line;
SELECT erp.reveal_bid(1, :id, '{"rate": 0.029, "ceiling": 25000, "tenor_max": 180}', nonce(1));
SELECT erp.reveal_bid(1, :id, '{"rate": 0.03, "ceiling": 25000, "tenor_max": 180}', nonce(2));
SELECT erp.reveal_bid(1, :id, '{"rate": 0.03, "ceiling": 25000, "tenor_max": 180}', nonce(1)) AS line;
SELECT erp.reveal_bid(1, :id, '{"tenor_max": 180, "rate": 0.0300, "ceiling": 25e3}', nonce(1)) AS same_line;
SELECT line, state, bid FROM erp.own_bids(1, :id);
SET ROLE regress_auctions_fund;
SELECT erp.reveal_bid(1, :id, '{"rate": 0.035, "ceiling": 20000, "tenor_max": 60}', nonce(2)) AS line,
	erp.reveal_bid(1, :id, '{"rate": 0.05, "ceiling": 15000, "tenor_min": 61, "tenor_max": 180}', nonce(3)) AS line;
SELECT erp.reveal_bid(1, :id, '{"rate": 0.03, "ceiling": 25000, "tenor_max": 180}', nonce(1));
SET ROLE regress_auctions_treasurer;
SELECT erp.reveal_bid(1, :id, '{"rate": 0.065, "ceiling": 10000, "tenor_max": 180}', nonce(4), own_funds => true) AS line;
SELECT count(*) FROM erp.auction_bids;
SELECT erp.cancel_auction(1, :id, '');
RESET ROLE;
SELECT shift(:id, '-2 seconds', '-1 second');
SET ROLE regress_auctions_bank;
SELECT erp.close_auction(1, :id);
SELECT line, state FROM erp.own_bids(1, :id);

-- step by step, each once
SET ROLE regress_auctions_treasurer;
SELECT erp.clear_auction(1, :id);
SELECT erp.assign_awards(1, :id);
SELECT erp.freeze_auction(1, :id), erp.freeze_auction(1, :id);
SELECT erp.set_reserve(1, :id, 'S1', 0.09);
SELECT erp.cancel_auction(1, :id, 'Too dear');
SELECT bidder, line, rate, ceiling, void FROM erp.auction_bids ORDER BY bidder COLLATE "C", line;
SELECT bidder, scope, key, source, limit_minor FROM erp.cleared_cap ORDER BY 1, 2, 3;
SELECT document_id = doc('F-13') AS f13, stage, reason, explanation FROM erp.award_refusal;
SELECT erp.clear_auction(1, :id), erp.clear_auction(1, :id);
-- by hand: 1 and 3 to the bank, 2 to the fund
SELECT number, bidder, amount, rate, tenor_days, discount, reserve, saved, reason, outcome FROM erp.auction_awards ORDER BY number;
SELECT number, stage, amount, reason, short_by, explanation FROM erp.auction_refusals ORDER BY stage, number COLLATE "C";
SELECT bidder, line, invoices, awarded, reason FROM erp.auction_bids ORDER BY bidder COLLATE "C", line;
SELECT invoices, bids, funded, unfunded, bid_to_cover, marginal_rate, share_at_margin, saved, feasible, optimal, objective, gap < 0.1 AS gap, chain_no, previous_sha256 FROM erp.auction_results;
SELECT measure, subject, value FROM erp.auction_statistics ORDER BY 1, 2;
SELECT * FROM erp.replay_auction(1, :id);
SELECT erp.assign_awards(1, :id), erp.assign_awards(1, :id), erp.close_auction(1, :id), erp.tell_results(1, :id);
SELECT number, bidder, outcome, reference IS NOT NULL AS assigned FROM erp.auction_awards ORDER BY number;
SELECT financier, source, source_key = format('auction/%s/%s', :id, financier) AS key, state, invoices, amount, discount FROM erp.assignments ORDER BY source, financier;
SELECT number, kind, holder FROM erp.claims ORDER BY number COLLATE "C";
SELECT notice ->> 'subject' AS subject, regexp_replace(notice ->> 'text', '([[:alpha:]]+ )?\d+[.,]?( [[:alpha:]]+)? 20\d\d', 'DAY') AS text
FROM erp.outbox, LATERAL (SELECT convert_from(content, 'UTF8')::jsonb AS notice) n WHERE post_key ~ '^auction/' AND post_key !~ 'opened' ORDER BY post_key COLLATE "C";
SELECT convert_from(content, 'UTF8')::jsonb ->> 'to' AS told FROM erp.outbox WHERE post_key ~ '^auction/.*opened' ORDER BY post_key COLLATE "C";

-- each sees what is its own
SET ROLE regress_auctions_bank;
SELECT number, bidder, amount, rate, reserve, saved, outcome FROM erp.auction_awards ORDER BY amount;
SELECT bidder, line, rate, awarded, reason FROM erp.auction_bids ORDER BY line;
SELECT measure, subject FROM erp.auction_statistics ORDER BY 1, 2;
SELECT count(*) FROM erp.auction_results;
SELECT count(*) FROM erp.auction_refusals;
SELECT erp.replay_auction(1, :id);
SET ROLE regress_auctions_idle;
SELECT count(*) FROM erp.auction_bids;
SELECT count(*) FROM erp.auction_awards;
SET ROLE regress_auctions_supplier;
SELECT number, bidder, amount, rate, reserve, saved, outcome FROM erp.auction_awards ORDER BY number;
SELECT number, stage, reason FROM erp.auction_refusals ORDER BY number;
-- in general words: not whose bid came nearest, nor by how much
SET ROLE regress_auctions_unfunded;
SELECT number, stage, reason, bid_no, short_by, explanation FROM erp.auction_refusals ORDER BY number;
SELECT count(*) FROM erp.award_refusal;
SELECT count(*) FROM erp.auction_bids;
SET ROLE regress_auctions_auditor;
SELECT count(*) FROM erp.replay_auction(1, :id);
SELECT action, before, CASE jsonb_typeof(after) WHEN 'object' THEN after - '{sha256,terms}'::text[] END AS after FROM erp.events WHERE subject = 'auction' AND action !~ 'open|assign' ORDER BY id;
RESET ROLE;

-- a second auction: a bank that is full, own funds that win, and a limit that is lowered between freezing and assigning
CREATE FUNCTION say(p_role text, p_call text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	v_said text;
BEGIN
	EXECUTE format('SET LOCAL ROLE regress_auctions_%I', p_role);
	EXECUTE 'SELECT erp.' || p_call INTO v_said;
	RESET ROLE;
	RETURN v_said;
END $$;
CREATE FUNCTION bid(p_auction bigint, p_bidder text, p_bid jsonb) RETURNS text LANGUAGE sql AS $$
	SELECT say(CASE p_bidder WHEN 'own' THEN 'treasurer' ELSE p_bidder END,
		format('commit_bid(1, %s, %L, %L)', p_auction, clex.bid_commitment(p_auction, p_bidder, p_bid, nonce(5)), p_bidder = 'own')) $$;
CREATE FUNCTION reveal(p_auction bigint, p_bidder text, p_bid jsonb) RETURNS text LANGUAGE sql AS $$
	SELECT say(CASE p_bidder WHEN 'own' THEN 'treasurer' ELSE p_bidder END, format('reveal_bid(1, %s, %L, %L, %L)', p_auction, p_bid, nonce(5), p_bidder = 'own')) $$;
SELECT erp.set_limit(1, 'fund', 'EUR', 40000) AS free;
SELECT erp.open_auction(1, 'april', 'EUR', settlement(), now() + interval '1 hour', now() + interval '2 hours', condition => 'BT-115 >= 1000', reserve => 0.09,
	options => '{"own_funds": true, "publishes": "nothing"}') AS april \gset
SELECT number, offered, refusal FROM erp.auction_batch WHERE auction_id = :april ORDER BY number COLLATE "C";
SELECT bid(:april, 'bank', '{"rate": 0.01, "ceiling": 5000}'), bid(:april, 'fund', '{"rate": 0.03, "ceiling": 20000}'), bid(:april, 'own', '{"rate": 0.02, "ceiling": 9000}');
SELECT shift(:april, '-1 second', '1 hour');
SELECT reveal(:april, 'bank', '{"rate": 0.01, "ceiling": 5000}'), reveal(:april, 'fund', '{"rate": 0.03, "ceiling": 20000}'), reveal(:april, 'own', '{"rate": 0.02, "ceiling": 9000}');
SELECT shift(:april, '-2 seconds', '-1 second');
SELECT say('treasurer', format('freeze_auction(1, %s)', :april)), say('treasurer', format('clear_auction(1, %s)', :april));
SELECT bidder, source, limit_minor FROM erp.cleared_cap WHERE auction_id = :april ORDER BY 1, 2;
SELECT bidder, void, awarded, reason FROM erp.auction_bids WHERE auction_id = :april ORDER BY bidder COLLATE "C";
SELECT number, bidder, rate, saved, reason FROM erp.auction_awards WHERE auction_id = :april ORDER BY number;
SELECT erp.set_limit(1, 'fund', 'EUR', 30000) AS free;
SELECT say('treasurer', format('close_auction(1, %s)', :april));
SELECT number, bidder, outcome, refusal FROM erp.auction_awards WHERE auction_id = :april ORDER BY number;
SELECT number, state, rate, discount, o.net, note FROM erp.offer o JOIN erp.invoice i USING (tenant_id, document_id);
SELECT number, kind, holder FROM erp.claims WHERE number IN ('F-4', 'F-5', 'F-6') ORDER BY number;
SELECT limit_uses.financier, used, "limit" FROM erp.limit_uses WHERE scope = 'total' ORDER BY 1;
SELECT chain_no, previous_sha256 = lag(sha256) OVER (ORDER BY chain_no) AS chained, (SELECT count(*) FROM erp.replay_auction(1, auction_id)) AS differ FROM erp.auction_results ORDER BY chain_no;
-- it publishes nothing
SELECT say('fund', format('own_bids(1, %s)', :april)) IS NOT NULL AS own;
SET ROLE regress_auctions_fund;
SELECT measure, subject FROM erp.auction_statistics WHERE auction_id = :april ORDER BY 1, 2;
RESET ROLE;
-- who changes what was decided is found out: an award, a bid, a figure, a link of the chain
BEGIN;
UPDATE erp.award SET rate_ppm = 29000 WHERE auction_id = :april AND bidder = 'fund';
UPDATE erp.cleared_bid SET bid = '{"rate": 0.029, "ceiling": 20000}' WHERE auction_id = :april AND bidder = 'fund';
UPDATE erp.auction_statistic SET value = value + 1 WHERE auction_id = :april AND measure = 'funded_minor';
UPDATE erp.auction_result SET sha256 = sha256('x') WHERE auction_id = :id;
SELECT what, CASE WHEN what IN ('commitment', 'award') THEN 'one' ELSE subject END AS subject, count(*) FROM erp.replay_auction(1, :april) GROUP BY 1, 2 ORDER BY 1, 2;
ROLLBACK;
-- the store's own functions cannot: no privilege, no policy
SET ROLE regress_auctions_owner;
UPDATE erp.award SET rate_ppm = 29000;
DELETE FROM erp.cleared_bid;
UPDATE erp.cleared_bid SET tenant_id = 2;
RESET ROLE;
SELECT count(*) FROM erp.cleared_bid WHERE tenant_id = 2;

-- a currency in which nobody bids; and one where invoices may be split, and what is split is cleared once more, whole
SELECT erp.open_auction(1, 'dollars', 'USD', settlement(), now() + interval '1 hour', now() + interval '2 hours', reserve => 0.09) AS usd \gset
SELECT shift(:usd, '-2 seconds', '-1 second');
SELECT erp.close_auction(1, :usd), erp.close_auction(1, :usd);
SELECT number, stage, reason, explanation FROM erp.auction_refusals WHERE auction_id = :usd;
SELECT invoices, bids, funded, unfunded, feasible, gap, chain_no FROM erp.auction_results WHERE auction_id = :usd;
SELECT erp.open_auction(1, 'may', 'EUR', settlement(), now() + interval '1 hour', now() + interval '2 hours', condition => 'BT-115 >= 1000', supplier => 'S4', reserve => 0.09, options => '{"divisible": true}') AS may \gset
SELECT bid(:may, 'fund', '{"rate": 0.03, "ceiling": 10000}'), bid(:may, 'bank', '{"rate": 0.03, "ceiling": 10000, "min_award": 5}');
SELECT shift(:may, '-1 second', '1 hour');
SELECT reveal(:may, 'fund', '{"rate": 0.03, "ceiling": 10000}');
SELECT reveal(:may, 'bank', '{"rate": 0.03, "ceiling": 10000, "min_award": 5}');
SELECT shift(:may, '-2 seconds', '-1 second');
SELECT erp.close_auction(1, :may);
SELECT number, bidder, amount, rate, outcome FROM erp.auction_awards WHERE auction_id = :may;
SELECT number, stage, reason, explanation FROM erp.auction_refusals WHERE auction_id = :may AND stage <> 'opened';
SELECT funded, unfunded, gap, optimal FROM erp.auction_results WHERE auction_id = :may;
SELECT count(*) FROM erp.replay_auction(1, :may);
-- 12,000, of which the fund would take 10,000 at 3 % and the other one 2,000 at 4 %: the whole of it goes to who has room for it, 12,000 x 45 x 4 % / 360 = 60.00
SELECT erp.set_limit(1, 'idle', 'EUR', 20000) >= 12000 AS free;
SELECT erp.open_auction(1, 'may again', 'EUR', settlement(), now() + interval '1 hour', now() + interval '2 hours', condition => 'BT-115 >= 1000', supplier => 'S4', reserve => 0.09, options => '{"divisible": true}') AS again \gset
SELECT bid(:again, 'fund', '{"rate": 0.03, "ceiling": 10000}'), bid(:again, 'idle', '{"rate": 0.04, "ceiling": 12000}');
SELECT shift(:again, '-1 second', '1 hour');
SELECT reveal(:again, 'fund', '{"rate": 0.03, "ceiling": 10000}'), reveal(:again, 'idle', '{"rate": 0.04, "ceiling": 12000}');
SELECT shift(:again, '-2 seconds', '-1 second');
SELECT say('treasurer', format('freeze_auction(1, %s)', :again)), say('treasurer', format('clear_auction(1, %s)', :again));
SELECT number, bidder, amount, rate, discount, saved, reason FROM erp.auction_awards WHERE auction_id = :again;
SELECT funded, unfunded, feasible, objective > bound AS above_bound, optimal FROM erp.auction_results WHERE auction_id = :again;
SELECT count(*) FROM erp.replay_auction(1, :again);
SELECT erp.close_auction(1, :again);
SELECT number, kind, holder FROM erp.claims WHERE number = 'F-5';
-- called off: nobody ever reads the bids
SELECT erp.open_auction(1, 'june', 'EUR', settlement(), now() + interval '1 hour', now() + interval '2 hours', condition => 'BT-115 >= 1000', reserve => 0.09) AS june \gset
SELECT bid(:june, 'fund', '{"rate": 0.03, "ceiling": 10000}');
SELECT erp.cancel_auction(1, :june, 'The bank holiday was forgotten.'), erp.cancel_auction(1, :june, 'Again');
SELECT bid(:june, 'fund', '{"rate": 0.02, "ceiling": 10000}');
SELECT erp.close_auction(1, :june);
SELECT count(*) FROM erp.claims WHERE kind = 'auction';

SELECT clex.drop_store('erp');
DROP FUNCTION settlement(), paper(text, int, numeric, int, text), doc(text), open(text, jsonb, text), shift(bigint, interval, interval), bid(bigint, text, jsonb), reveal(bigint, text, jsonb), say(text, text), nonce(int);
DROP ROLE regress_auctions_owner, regress_auctions_treasurer, regress_auctions_auditor, regress_auctions_supplier, regress_auctions_unfunded, regress_auctions_bank, regress_auctions_fund, regress_auctions_idle;
