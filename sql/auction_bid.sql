-- sealed bids: what is committed to is a pure function of bidder, bid, nonce and auction
\set VERBOSITY terse
SELECT clex.canonical_bid('bank', '{"rate": 0.030, "ceiling": 2.50e4, "tenor_max": 180, "buyer": "FR88790453187"}');
SELECT clex.canonical_bid('Crédit Général', '{"min_award": 1, "max_ticket": 3, "min_ticket": 2, "tenor_min": 1, "tenor_max": 36500, "buyer": "*", "ceiling": 1e15, "rate": 0}');
-- the same bid, however it is written, is the same text; anything else is another one
SELECT count(DISTINCT clex.canonical_bid('bank', b)) FROM unnest('{"{\"rate\": 0.03, \"ceiling\": 25000}","{\"ceiling\": 2.5e4, \"rate\": 3e-2}","{\"rate\": 0.0300, \"ceiling\": 25000.00}"}'::jsonb[]) b;
SELECT clex.bid_commitment(7, 'bank', '{"rate": 0.030, "ceiling": 2.50e4}', '\x000102030405060708090a0b0c0d0e0f')
	= sha256(convert_to(E'clex bid 1\nbidder=bank\nrate=0.03\nceiling=25000\n', 'UTF8') || '\x000102030405060708090a0b0c0d0e0f' || '\x0000000000000007') AS by_hand;
SELECT encode(clex.bid_commitment(7, 'bank', '{"rate": 0.030, "ceiling": 2.50e4}', '\x000102030405060708090a0b0c0d0e0f'), 'hex') AS commitment;
SELECT count(DISTINCT c) AS different FROM (VALUES
	(clex.bid_commitment(7, 'bank', '{"rate": 0.03, "ceiling": 25000}', '\x000102030405060708090a0b0c0d0e0f')),
	(clex.bid_commitment(8, 'bank', '{"rate": 0.03, "ceiling": 25000}', '\x000102030405060708090a0b0c0d0e0f')),
	(clex.bid_commitment(7, 'fund', '{"rate": 0.03, "ceiling": 25000}', '\x000102030405060708090a0b0c0d0e0f')),
	(clex.bid_commitment(7, 'bank', '{"rate": 0.03, "ceiling": 25001}', '\x000102030405060708090a0b0c0d0e0f')),
	(clex.bid_commitment(7, 'bank', '{"rate": 0.03, "ceiling": 25000}', '\x000102030405060708090a0b0c0d0e10'))) v (c);
-- what is no bid
SELECT clex.canonical_bid('bank', '{"rate": 0.03}');
SELECT clex.canonical_bid('bank', '{"rate": 0.0300001, "ceiling": 1}');
SELECT clex.canonical_bid('bank', '{"rate": -0.01, "ceiling": 1}');
SELECT clex.canonical_bid('bank', '{"rate": 11, "ceiling": 1}');
SELECT clex.canonical_bid('bank', '{"rate": "0.03", "ceiling": 1}');
SELECT clex.canonical_bid('bank', '{"rate": null, "ceiling": 1}');
SELECT clex.canonical_bid('bank', '{"rate": 0.03, "ceiling": 0}');
SELECT clex.canonical_bid('bank', '{"rate": 0.03, "ceiling": 1e16}');
SELECT clex.canonical_bid('bank', '{"rate": 0.03, "ceiling": 1, "secret": 1}');
SELECT clex.canonical_bid('bank', '{"rate": 0.03, "ceiling": 1, "buyer": "a\nrate=0"}');
SELECT clex.canonical_bid('bank', '{"rate": 0.03, "ceiling": 1, "buyer": ""}');
SELECT clex.canonical_bid('bank', '{"rate": 0.03, "ceiling": 1, "tenor_min": 1.5}');
SELECT clex.canonical_bid('bank', '{"rate": 0.03, "ceiling": 1, "tenor_min": 60, "tenor_max": 30}');
SELECT clex.canonical_bid('bank', '{"rate": 0.03, "ceiling": 1, "min_award": 2}');
SELECT clex.canonical_bid(E'ba\nnk', '{"rate": 0.03, "ceiling": 1}');
SELECT clex.canonical_bid('bank', '[]');
SELECT clex.bid_commitment(7, 'bank', '{"rate": 0.03, "ceiling": 1}', '\x00');
SELECT clex.canonical_bid(NULL, '{"rate": 0.03, "ceiling": 1}') IS NULL AS nothing;
