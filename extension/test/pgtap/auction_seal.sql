-- What a bidder can learn of others before bids are opened: nothing.
--
-- Two stores are made by the same steps.  In one of them, "busy", another financier and the tenant commit, withdraw and reveal bids; in the other, "quiet",
-- they do not.  In each phase a bidder runs every table, view and function of the catalogue that it may, and looks at every plan; whatever it gets must be
-- the same in both.  Nothing is listed by name but calls that are meant to succeed, so that what somebody adds is tried too: a function with an argument of a
-- type that has no value here fails the test.  Points of time and the name of the store are left out of the comparison.
BEGIN;
SET LOCAL timezone = 'UTC';
CREATE ROLE seal_owner NOLOGIN;
CREATE ROLE seal_bidder;
CREATE ROLE seal_rival;
CREATE ROLE seal_treasurer;
CREATE FUNCTION pg_temp.prepare(store text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	v_day date := clex.adjust(CURRENT_DATE + 7, 'FOLLOWING', 'TARGET');
BEGIN
	PERFORM clex.create_store(store, owner => 'seal_owner');
	EXECUTE replace($sql$
		SELECT S.add_tenant(1, 'One');
		SELECT S.set_party(1, 'B', 'Buyer'), S.set_party(1, 'V', 'Vendor');
		SELECT S.add_identifier(1, 'B', 'vat', 'FR88790453187'), S.add_identifier(1, 'V', 'vat', 'FR05832194070'), S.set_entity(1, 'E', 'company', 'Entity', party => 'B');
		SELECT S.set_financier(1, f, f, 'credit_institution', registration => '552120222', address => 'Paris'), S.set_line(1, f, 'EUR', 0.05, iban => 'FR1420041010050500013M02606', bic => 'BNPAFRPP'),
			S.set_limit(1, f, 'EUR', 100000) FROM unnest('{bidder,rival}'::text[]) f;
		SELECT S.add_member(1, 'seal_' || f, 'financier'), S.scope_financier(1, 'seal_' || f, f) FROM unnest('{bidder,rival}'::text[]) f;
		SELECT S.add_member(1, 'seal_treasurer', 'treasurer');
	$sql$, 'S.', store || '.');
	FOR n IN 1 .. 3 LOOP
		EXECUTE format('SELECT state FROM %I.submit(1, $1)', store) USING clex.write(jsonb_build_object('$kind', 'invoice',
			'invoice', jsonb_build_object('number', 'F-' || n, 'issue_date', '2026-03-09', 'type_code', '380', 'currency', 'EUR', 'due_date', v_day + 30 * n),
			'seller', jsonb_build_object('name', 'Vendor', 'vat_number', 'FR05832194070', 'address', jsonb_build_object('country', 'FR')),
			'buyer', jsonb_build_object('name', 'Buyer', 'vat_number', 'FR88790453187', 'address', jsonb_build_object('country', 'FR')), 'totals', '{"payable": 1000}'::jsonb,
			'lines', '[{"identifier": "1", "quantity": 1, "unit": "C62", "net_amount": 1000, "item": {"name": "Goods"}}]'::jsonb)::text::clex.document, 'ubl');
	END LOOP;
	EXECUTE replace($sql$
		SELECT S.set_status(1, document_id, 'approved') FROM S.invoice_state ORDER BY document_id;
		SET LOCAL ROLE seal_treasurer;
		SELECT S.open_auction(1, 'spring', 'EUR', $sql$ || quote_literal(v_day) || $sql$, now() + interval '1 hour', now() + interval '2 hours', reserve => 0.1,
			caps => '[{"bidder": "bidder", "scope": "total", "amount": 2000}, {"bidder": "rival", "scope": "total", "amount": 1000}]', options => '{"own_funds": true, "bids_each": 3}');
		SET LOCAL ROLE seal_bidder;
		SELECT S.commit_bid(1, 1, clex.bid_commitment(1, 'bidder', '{"rate": 0.05, "ceiling": 2000}', '\x000102030405060708090a0b0c0d0e0f'));
		RESET ROLE;
	$sql$, 'S.', store || '.');
END $$;
SELECT pg_temp.prepare('quiet'), pg_temp.prepare('busy');

-- a value for each type, of which names of arguments have better ones; the calls that are meant to succeed
CREATE TEMPORARY TABLE value_of (type text, name text, value text);
INSERT INTO value_of VALUES ('bigint', NULL, '1'), ('integer', NULL, '1'), ('text', NULL, '''x'''), ('numeric', NULL, '1'), ('date', NULL, '''2026-12-01'''), ('boolean', NULL, 'false'),
	('jsonb', NULL, '''{}'''), ('bytea', NULL, '''x'''), ('interval', NULL, '''1 day'''), ('timestamp with time zone', NULL, '''2026-12-01'''), ('double precision', NULL, '1'),
	('name', NULL, '''x'''), ('daterange', NULL, '''(,)'''), ('clex.document', NULL, '''{}'''), ('record', NULL, 'NULL'), ('anyelement', NULL, '1'),
	('text', 'financier', '''rival'''), ('text', 'bidder', '''rival'''), ('text', 'party', '''V'''), ('text', 'supplier', '''V'''), ('text', 'currency', '''EUR'''), ('text', 'scope', '''total'''),
	('boolean', 'own_funds', 'true');
CREATE TEMPORARY TABLE call (call text);
INSERT INTO call VALUES
	($$commit_bid(1, 1, sha256('mine'))$$), ($$commit_bid(1, 1, sha256('mine'), true)$$), ($$withdraw_bid(1, 1, sha256('mine'))$$),
	($$withdraw_bid(1, 1, clex.bid_commitment(1, 'rival', '{"rate": 0.04, "ceiling": 1000}', '\x000102030405060708090a0b0c0d0e0f'))$$),
	($$commit_bid(1, 1, clex.bid_commitment(1, 'rival', '{"rate": 0.04, "ceiling": 1000}', '\x000102030405060708090a0b0c0d0e0f'))$$),
	($$reveal_bid(1, 1, '{"rate": 0.05, "ceiling": 2000}', '\x000102030405060708090a0b0c0d0e0f')$$),
	($$reveal_bid(1, 1, '{"rate": 0.04, "ceiling": 1000}', '\x000102030405060708090a0b0c0d0e0f')$$),
	($$own_bids(1, 1)$$), ($$own_bids(1, 1, true)$$), ($$own_auctions()$$), ($$own_financiers()$$), ($$close_auction(1, 1)$$), ($$freeze_auction(1, 1)$$), ($$replay_auction(1, 1)$$),
	($$cancel_auction(1, 1, 'I want to')$$), ($$set_reserve(1, 1, 'V', 0.01)$$), ($$set_limit(1, 'bidder', 'EUR', 90000)$$), ($$set_limit(1, 'rival', 'EUR', 1)$$);

CREATE FUNCTION pg_temp.values_for(function regprocedure) RETURNS text LANGUAGE sql AS $$
	SELECT format('%s(%s)', p.proname, string_agg(CASE
			WHEN a.type::regtype::text ~ '\[\]$' THEN format('ARRAY[%s]::%s', v.value, a.type::regtype)
			ELSE format('%s::%s', v.value, a.type::regtype) END, ', ' ORDER BY a.n))
	FROM pg_proc p
	LEFT JOIN LATERAL unnest(p.proargtypes::oid[]) WITH ORDINALITY a (type, n) ON true
	LEFT JOIN LATERAL (
		SELECT CASE WHEN t.typtype = 'c' THEN 'NULL' ELSE (
			SELECT w.value FROM value_of w WHERE w.type = format_type(COALESCE(NULLIF(t.typelem, 0), t.oid), NULL) AND COALESCE(w.name, p.proargnames[a.n]) = p.proargnames[a.n]
			ORDER BY w.name IS NULL LIMIT 1) END AS value
		FROM pg_type t WHERE t.oid = CASE WHEN a.type::regtype::text ~ '\[\]$' THEN (SELECT e.typelem FROM pg_type e WHERE e.oid = a.type) ELSE a.type END) v ON true
	WHERE p.oid = function
	GROUP BY p.proname, p.proargnames
	HAVING count(a.n) = count(v.value) $$;

-- what the bidder gets, as text: rows in their order, errors with all they say, and plans with all they count
CREATE FUNCTION pg_temp.bare(said text, store text) RETURNS text LANGUAGE sql AS $$
	SELECT regexp_replace(replace(said, store, 'store'), '\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2}(\.\d+)?\+00(:00)?', 'TIME', 'g') $$;
CREATE FUNCTION pg_temp.get(store text, query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	v_said text;
	v_detail text;
	v_hint text;
	v_line text;
BEGIN
	BEGIN
		SET LOCAL ROLE seal_bidder;
		IF query ~ '^EXPLAIN' THEN
			FOR v_line IN EXECUTE query LOOP
				v_said := concat_ws(E'\n', v_said, regexp_replace(v_line, 'Memory: \d+kB|Memory Usage: \d+kB', 'Memory'));
			END LOOP;
		ELSE
			EXECUTE format('SELECT string_agg(x::text, E''\n'') FROM (%s) x', query) INTO v_said;
		END IF;
		RAISE EXCEPTION USING ERRCODE = 'YYYYY';    -- what it did is taken back
	EXCEPTION
		WHEN SQLSTATE 'YYYYY' THEN NULL;
		WHEN others THEN
			GET STACKED DIAGNOSTICS v_detail = PG_EXCEPTION_DETAIL, v_hint = PG_EXCEPTION_HINT;
			v_said := concat_ws(' | ', SQLSTATE, SQLERRM, v_detail, v_hint);
	END;
	RETURN pg_temp.bare(v_said, store);
END $$;
CREATE TEMPORARY TABLE got (phase text, store text, object text, query text, said text);
CREATE FUNCTION pg_temp.look(phase text, only_objects text DEFAULT '') RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	s text;
	o record;
BEGIN
	FOREACH s IN ARRAY '{quiet,busy}'::text[] LOOP
		FOR o IN
			SELECT c.relname::text AS object, q.query
			FROM pg_class c
			CROSS JOIN LATERAL (VALUES (format('SELECT * FROM %I.%I', s, c.relname)), (format('SELECT count(*) FROM %I.%I', s, c.relname)),
				(format('EXPLAIN (ANALYZE, BUFFERS OFF, TIMING OFF, SUMMARY OFF) SELECT * FROM %I.%I', s, c.relname)),
				(CASE WHEN c.relkind = 'r' AND look.phase <> 'added' THEN format('SELECT ctid FROM %I.%I', s, c.relname) END)) q (query)
			WHERE c.relnamespace = s::regnamespace AND c.relkind IN ('r', 'v', 'm', 'S', 'f', 'p') AND q.query IS NOT NULL
			UNION ALL
			SELECT replace(p.oid::regprocedure::text, s || '.', ''), 'SELECT * FROM ' || s || '.' || pg_temp.values_for(p.oid)
			FROM pg_proc p WHERE p.pronamespace = s::regnamespace AND p.prokind IN ('f', 'p')
			UNION ALL
			SELECT 'call', format('SELECT * FROM %I.%s', s, c.call) FROM call c
		LOOP
			CONTINUE WHEN o.object !~ only_objects;
			INSERT INTO got VALUES (look.phase, s, o.object, replace(o.query, s || '.', 'store.'), CASE WHEN o.query IS NOT NULL THEN pg_temp.get(s, o.query) ELSE 'NOT TRIED' END);
		END LOOP;
	END LOOP;
END $$;

-- the rival and the tenant bid in one store; then they reveal
SET LOCAL ROLE seal_rival;
SELECT busy.commit_bid(1, 1, clex.bid_commitment(1, 'rival', '{"rate": 0.04, "ceiling": 1000}', '\x000102030405060708090a0b0c0d0e0f')), busy.commit_bid(1, 1, sha256('2')), busy.commit_bid(1, 1, sha256('3')),
	busy.withdraw_bid(1, 1, sha256('2'));
SET LOCAL ROLE seal_treasurer;
SELECT busy.commit_bid(1, 1, clex.bid_commitment(1, 'own', '{"rate": 0.03, "ceiling": 1000}', '\x000102030405060708090a0b0c0d0e0f'), true);
RESET ROLE;
SELECT pg_temp.look('open');
UPDATE quiet.auction SET opens_at = now() - interval '2 hours', closes_at = now() - interval '1 second';
UPDATE busy.auction SET opens_at = now() - interval '2 hours', closes_at = now() - interval '1 second';
SET LOCAL ROLE seal_rival;
SELECT busy.reveal_bid(1, 1, '{"rate": 0.04, "ceiling": 1000}', '\x000102030405060708090a0b0c0d0e0f');
SET LOCAL ROLE seal_treasurer;
SELECT busy.reveal_bid(1, 1, '{"rate": 0.03, "ceiling": 1000}', '\x000102030405060708090a0b0c0d0e0f', true);
RESET ROLE;
SELECT pg_temp.look('reveal');

SELECT plan(26);
CREATE TEMPORARY VIEW told AS
SELECT q.phase, q.object, q.query, q.said AS quiet, b.said AS busy FROM got q
FULL JOIN got b ON b.phase = q.phase AND b.query = q.query AND b.store = 'busy' WHERE q.store = 'quiet';
SELECT is_empty($$SELECT query, quiet, busy FROM told WHERE quiet IS DISTINCT FROM busy AND phase = 'open'$$, 'while bids are made a bidder gets the same, whether or not others bid');
SELECT is_empty($$SELECT query, quiet, busy FROM told WHERE quiet IS DISTINCT FROM busy AND phase = 'reveal'$$, 'and while they are revealed');
SELECT is_empty($$SELECT DISTINCT object FROM got WHERE said = 'NOT TRIED'$$, 'every function of the catalogue is called: each argument has a value');
SELECT is_empty($$SELECT c.relname FROM pg_class c WHERE c.relnamespace = 'busy'::regnamespace AND c.relkind IN ('r', 'v', 'S') AND c.relname NOT IN (SELECT object FROM got)$$, 'and every relation');
-- what a bidder may, by the catalogue, is what it does: no more and no less is told apart
CREATE TEMPORARY TABLE may AS
SELECT p.oid::regprocedure::text AS object, 'function' AS kind FROM pg_proc p WHERE p.pronamespace = 'busy'::regnamespace AND has_function_privilege('seal_bidder', p.oid, 'EXECUTE')
UNION ALL
SELECT c.oid::regclass::text, 'relation' FROM pg_class c WHERE c.relnamespace = 'busy'::regnamespace AND c.relkind IN ('r', 'v', 'S') AND has_table_privilege('seal_bidder', c.oid, 'SELECT');
UPDATE may SET object = replace(object, 'busy.', '');
SELECT is_empty($$SELECT m.*, p.phase FROM may m CROSS JOIN (VALUES ('open'), ('reveal')) p (phase)
	WHERE NOT EXISTS (SELECT FROM told t WHERE t.phase = p.phase AND t.object = m.object AND COALESCE(t.busy, '') <> 'NOT TRIED'
		AND COALESCE(t.busy, '') !~ ('^42501 . permission denied for (function|table|view|sequence) ' || substring(m.object FROM '^\w+') || '($| )'))$$,
	(SELECT format('all of it is run in each phase: %s functions, %s relations', count(*) FILTER (WHERE kind = 'function'), count(*) FILTER (WHERE kind = 'relation')) FROM may));
SELECT cmp_ok((SELECT count(*) FROM may), '>', 400::bigint, 'and that is much');
SELECT cmp_ok((SELECT count(DISTINCT t.object) FROM told t JOIN may m ON m.object = t.object AND m.kind = 'function' WHERE t.phase = 'open' AND COALESCE(t.quiet, '') !~ '^[0-9A-Z]{5} . '), '>', 60::bigint, 'of the functions many answer, and do not refuse');
SELECT cmp_ok((SELECT count(*) FROM told WHERE phase = 'open' AND quiet !~ '^(42501|0A000)'), '>', 150::bigint, 'most of it is something, and not a refusal');
SELECT is((SELECT busy FROM told WHERE phase = 'reveal' AND query = 'SELECT * FROM store.own_bids(1, 1)') ~ '0.05', false, 'one''s own bid is not shown as revealed before it is');
SELECT matches((SELECT busy FROM told WHERE phase = 'open' AND query ~ 'commit_bid.*mine''\)\)$'), '^\(2\)$', 'a bid is taken all the same');

-- what bids leave behind, for who reads catalogues: no row, no page, no number more
CREATE FUNCTION pg_temp.traces(store text) RETURNS TABLE (object text, trace text) LANGUAGE plpgsql AS $$
BEGIN
	FOR object IN SELECT c.relname FROM pg_class c WHERE c.relnamespace = store::regnamespace AND c.relkind IN ('r', 'i') ORDER BY 1 LOOP
		trace := pg_relation_size(format('%I.%I', store, object))::text;
		RETURN NEXT;
	END LOOP;
	FOR object IN SELECT c.relname FROM pg_class c WHERE c.relnamespace = store::regnamespace AND c.relkind = 'r' ORDER BY 1 LOOP
		EXECUTE format('SELECT count(*) FROM %I.%I', store, object) INTO trace;
		RETURN NEXT;
	END LOOP;
	FOR object IN SELECT c.relname FROM pg_class c WHERE c.relnamespace = store::regnamespace AND c.relkind = 'S' ORDER BY 1 LOOP
		trace := COALESCE(pg_sequence_last_value(format('%I.%I', store, object)::regclass), 0)::text;
		RETURN NEXT;
	END LOOP;
END $$;
SELECT bag_eq($$SELECT * FROM pg_temp.traces('quiet')$$, $$SELECT * FROM pg_temp.traces('busy')$$, 'bids add no row to any table, no page to any table or index, and take no number from any sequence');
CREATE VIEW pg_temp.shared_key AS
SELECT i.indexrelid::regclass FROM pg_index i WHERE i.indrelid = 'busy.bid_sheet'::regclass AND i.indisunique
	AND NOT EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = i.indrelid AND a.attname = 'bidder' AND a.attnum = ANY (i.indkey));
SELECT is_empty('TABLE pg_temp.shared_key', 'no unique key of sheets is shared by bidders');
-- pg_class is read by everybody: what a vacuum or an analysis leaves there would tell that rows have changed
CREATE FUNCTION pg_temp.counted(store text) RETURNS TABLE (object text, pages int, rows real, visible int) LANGUAGE sql AS $$
	SELECT c.relname, c.relpages, c.reltuples, c.relallvisible FROM pg_class c JOIN pg_class t ON t.oid = format('%I.bid_sheet', store)::regclass
	WHERE c.oid IN (t.oid, t.reltoastrelid) OR c.oid IN (SELECT i.indexrelid FROM pg_index i WHERE i.indrelid = t.oid) $$;
SELECT is_empty($$SELECT q.* FROM pg_temp.counted('quiet') q JOIN pg_temp.counted('busy') b ON b.object = q.object WHERE (q.pages, q.rows, q.visible) IS DISTINCT FROM (b.pages, b.rows, b.visible)$$,
	'catalogues count the same pages and rows of sheets');
SELECT is((SELECT count(*) FROM pg_class t JOIN pg_class c ON c.oid IN (t.oid, t.reltoastrelid) WHERE t.oid = 'busy.bid_sheet'::regclass AND 'autovacuum_enabled=false' = ANY (c.reloptions)), 2::bigint,
	'and nothing counts anew because bids came in: no automatic vacuum or analysis of sheets');
SELECT is_empty($$SELECT g.grantee::regrole FROM pg_class c, aclexplode(c.relacl) g WHERE c.oid = 'busy.bid_sheet'::regclass AND g.grantee <> c.relowner$$, 'nobody but the store may read sheets');

-- who is not a bidder learns nothing either: tenant, auditor, operator
CREATE ROLE seal_operator IN ROLE seal_owner;
CREATE ROLE seal_auditor;
SELECT busy.add_member(1, 'seal_auditor', 'auditor');
CREATE FUNCTION pg_temp.sheets(role_name text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	v_count bigint;
BEGIN
	EXECUTE format('SET LOCAL ROLE %I', role_name);
	SELECT count(*) INTO v_count FROM busy.bid_sheet;
	RESET ROLE;
	RETURN v_count::text;
EXCEPTION WHEN insufficient_privilege THEN
	RETURN 'no';
END $$;
SELECT is(pg_temp.sheets('seal_treasurer') || pg_temp.sheets('seal_auditor') || pg_temp.sheets('seal_operator'), 'nono0', 'sheets are sealed for treasurer, auditor and operator too');

-- and would it fail?  A view that counts, a function, an error that says more than it should, a number that is taken, a row that is written, a key that all share
CREATE VIEW quiet.bidders WITH (security_invoker) AS SELECT count(*) FROM quiet.auction_bidder;
CREATE VIEW busy.bidders AS SELECT count(*) FROM busy.bid_sheet WHERE commitment IS NOT NULL;
GRANT SELECT ON quiet.bidders, busy.bidders TO PUBLIC;
CREATE FUNCTION quiet.added(p_tenant_id bigint) RETURNS bigint LANGUAGE sql RETURN 1;
CREATE FUNCTION busy.added(p_tenant_id bigint) RETURNS bigint LANGUAGE sql SECURITY DEFINER BEGIN ATOMIC SELECT count(*) FROM busy.bid_sheet WHERE commitment IS NOT NULL; END;
ALTER FUNCTION busy.added(bigint) OWNER TO seal_owner;
CREATE FUNCTION quiet.lost(p_tenant_id bigint, at inet) RETURNS bigint LANGUAGE sql RETURN 1;
CREATE FUNCTION busy.lost(p_tenant_id bigint, at inet) RETURNS bigint LANGUAGE sql RETURN 1;
CREATE FUNCTION quiet.refused(p_tenant_id bigint) RETURNS void LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'your sheet is full' USING DETAIL = 'Of 0 others.'; END $$;
CREATE FUNCTION busy.refused(p_tenant_id bigint) RETURNS void LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN RAISE EXCEPTION 'your sheet is full' USING DETAIL = format('Of %s others.', (SELECT count(*) FROM busy.bid_sheet WHERE commitment IS NOT NULL AND bidder <> 'bidder')); END $$;
ALTER FUNCTION busy.refused(bigint) OWNER TO seal_owner;
CREATE SEQUENCE quiet.ticket;
CREATE SEQUENCE busy.ticket;
SELECT nextval('busy.ticket');
GRANT SELECT ON quiet.ticket, busy.ticket TO PUBLIC;
CREATE TABLE quiet.heard (id int);
CREATE TABLE busy.heard (id int);
INSERT INTO busy.heard VALUES (1);
CREATE UNIQUE INDEX ON busy.bid_sheet (commitment);
SELECT pg_temp.look('added', '^(bidders|added|lost|refused|ticket|heard)');
SELECT isnt_empty($$SELECT FROM told WHERE phase = 'added' AND object = 'bidders' AND quiet IS DISTINCT FROM busy$$, 'a view that counts bids is noticed');
SELECT isnt_empty($$SELECT FROM told WHERE phase = 'added' AND object = 'added(bigint)' AND quiet IS DISTINCT FROM busy$$, 'so is a function');
SELECT isnt_empty($$SELECT FROM told WHERE phase = 'added' AND object = 'refused(bigint)' AND quiet IS DISTINCT FROM busy$$, 'so is what an error says beside');
SELECT isnt_empty($$SELECT FROM told WHERE phase = 'added' AND object = 'ticket' AND quiet IS DISTINCT FROM busy$$, 'a sequence');
SELECT results_ne($$SELECT * FROM pg_temp.traces('quiet') ORDER BY 1, 2$$, $$SELECT * FROM pg_temp.traces('busy') ORDER BY 1, 2$$, 'a row that nobody may read, by who counts pages');
SELECT isnt_empty('TABLE pg_temp.shared_key', 'a key that all share');
SELECT is_empty($$SELECT FROM told WHERE phase = 'added' AND object = 'heard' AND quiet IS DISTINCT FROM busy$$, 'which a bidder itself would not have noticed');
SELECT isnt_empty($$SELECT FROM got WHERE phase = 'added' AND said = 'NOT TRIED'$$, 'and one that cannot be tried');

-- what PostgreSQL itself tells everybody is taken away by the statements of the documentation
\set seal `sed -n '/<!-- seal -->/,/<!-- end -->/p' docs/finance-cycle.md | grep '^[[:upper:][:blank:]]'`
SELECT isnt_empty($$SELECT 1 WHERE has_table_privilege('seal_bidder', 'pg_catalog.pg_stat_all_tables', 'SELECT')$$, 'counters of tables are open unless somebody closes them');
:seal
SELECT is_empty($$SELECT c.oid::regclass FROM pg_class c WHERE c.relnamespace = 'pg_catalog'::regnamespace AND c.relkind = 'v' AND c.relname ~ '^pg_(stat_|statio_|locks)' AND c.relname !~ '^pg_stat_progress|gssapi|ssl'
		AND has_table_privilege('seal_bidder', c.oid, 'SELECT')
	UNION ALL
	SELECT p.oid::regprocedure::text::regclass FROM pg_proc p WHERE false$$, 'the statements of the documentation close them');
SELECT * FROM finish();
ROLLBACK;
