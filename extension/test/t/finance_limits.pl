# Four sessions assign, accept offers of a campaign, give both up, and move limits and the budget, all at once.  A fifth looks all the time, in snapshots of its own: at no instant that it sees is a
# limit or the budget exceeded by what was assigned or accepted under it, does an invoice have two takers, or does what is counted differ from what is there.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use Psql;
use Test::More;

$ENV{PGOPTIONS} = '-c client_min_messages=warning';
my ($database, $seed, $rounds) = ('clex_finance_limits', $ENV{CLEX_SEED} // 20260309, $ENV{CLEX_ROUNDS} // 60);
diag "seed $seed";
make_database($database);
psql('CREATE ROLE finance_limits_owner NOLOGIN');
psql(q{SELECT clex.create_store('erp', owner => 'finance_limits_owner'); SELECT erp.add_tenant(1, 'One');
	SELECT erp.set_party(1, 'B', 'Buyer', 'FR'), erp.set_party(1, 'S', 'Seller', 'FR');
	SELECT erp.add_identifier(1, 'B', 'vat', 'FR88790453187'), erp.add_identifier(1, 'S', 'vat', 'FR05832194070'), erp.set_entity(1, 'E', 'company', 'Entity', party => 'B'), erp.set_setting(1, 'finance.calendar', '"WEEKENDS weekend=NONE"');
	SELECT erp.set_financier(1, f, f, 'credit_institution', registration => '552120222', address => 'Paris'), erp.set_line(1, f, 'EUR', 0.05, iban => 'FR1420041010050500013M02606'),
		erp.set_limit(1, f, 'EUR', 800), erp.set_limit(1, f, 'EUR', 500, 'supplier', '*') FROM unnest('{A,B}'::text[]) f;
	SELECT count(*) FROM generate_series(1, 40) n, LATERAL erp.submit(1, clex.write(jsonb_build_object('$kind', 'invoice',
		'invoice', jsonb_build_object('number', 'F-' || n, 'issue_date', '2026-03-09', 'type_code', '380', 'currency', 'EUR', 'due_date', CURRENT_DATE + 60),
		'seller', jsonb_build_object('name', 'S', 'vat_number', CASE WHEN n % 2 = 0 THEN 'FR05832194070' ELSE 'DE136695976' END, 'address', jsonb_build_object('country', 'FR', 'city', 'Paris')),
		'buyer', jsonb_build_object('name', 'B', 'vat_number', 'FR88790453187', 'address', jsonb_build_object('country', 'FR')), 'totals', jsonb_build_object('payable', 100),
		'lines', jsonb_build_array(jsonb_build_object('identifier', '1', 'quantity', 1, 'unit', 'C62', 'net_amount', 100, 'item', jsonb_build_object('name', 'Goods'))))::text::clex.document, 'ubl'));
	SELECT count(erp.set_status(1, document_id, 'approved')) FROM erp.invoice_state;
	SELECT erp.launch_campaign(1, erp.define_campaign(1, 'C', 0.06, '{"EUR": 1000}'))});
psql(<<'SQL');
CREATE TABLE happened (what text NOT NULL);
CREATE TABLE seen (wrong text);
-- one thing at random, in a transaction of its own; what is refused is counted too
CREATE PROCEDURE work(seed float8, rounds int) LANGUAGE plpgsql AS $$
DECLARE
	did text;
	f text;
BEGIN
	PERFORM setseed(seed);
	FOR i IN 1 .. rounds LOOP
		BEGIN
			f := (ARRAY['A', 'B'])[1 + (random() * 1.99)::int % 2];
			CASE
				WHEN random() < 0.45 THEN
					did := 'assigned';
					PERFORM erp.assign_invoices(1, f, ARRAY(SELECT s.document_id FROM erp.invoice_state s ORDER BY random() LIMIT 1 + (random() * 2)::int), CURRENT_DATE + 10);
				WHEN random() < 0.4 THEN
					did := 'accepted';
					PERFORM erp.accept_offer(1, o.id) FROM (SELECT x.id FROM erp.offer x WHERE x.state = 'open' ORDER BY random() LIMIT 1) o;
				WHEN random() < 0.3 THEN
					did := 'released';
					PERFORM erp.release_assignment(1, a.id, 'withdrawn') FROM (SELECT x.id FROM erp.assignment x WHERE x.state = 'proposed' ORDER BY random() LIMIT 1) a;
				WHEN random() < 0.3 THEN
					did := 'given up';
					PERFORM erp.release_offer(1, o.id, 'at random') FROM (SELECT x.id FROM erp.offer x WHERE x.state = 'accepted' ORDER BY random() LIMIT 1) o;
				WHEN random() < 0.5 THEN
					did := 'budget';
					PERFORM erp.set_budget(1, c.id, 'EUR', 400 + 100 * (random() * 6)::int) FROM erp.campaign c;
				ELSE
					did := 'limit';
					-- a limit may be lowered below what is used, and then nothing new fits: here it is not
					PERFORM erp.lock_limits(1, x.financier_id, 'EUR') FROM erp.financier x WHERE x.code = f;
					PERFORM erp.set_limit(1, f, 'EUR', GREATEST(u.used, 400 + 100 * (random() * 6)::int)) FROM erp.limit_uses u WHERE u.financier = f AND u.scope = 'total';
			END CASE;
		EXCEPTION WHEN object_not_in_prerequisite_state THEN
			did := 'refused: ' || SQLERRM;
		END;
		INSERT INTO happened VALUES (regexp_replace(did, '\d+', 'N', 'g'));
		COMMIT;
	END LOOP;
END $$;
-- what one snapshot shows; a limit that was lowered below what was used says so itself, and is none of this
CREATE FUNCTION wrong() RETURNS SETOF text LANGUAGE sql AS $$
	WITH item AS MATERIALIZED (
		SELECT i.financier_id, k.scope, k.key, i.amount - i.repaid - i.bought_back AS amount FROM erp.assignment_item i
		CROSS JOIN LATERAL ROWS FROM (unnest(erp.limit_scopes()), unnest(i.keys)) AS k (scope, key) WHERE i.state NOT IN ('repaid', 'released')
	), there AS (
		SELECT financier_id, scope, key, sum(amount) AS amount FROM item GROUP BY 1, 2, 3
	)
	SELECT format('limit %s %s: %s there, %s allowed', t.scope, t.key, t.amount, l.amount) FROM there t CROSS JOIN LATERAL (SELECT erp.limit_of(1, t.financier_id, 'EUR', t.scope, t.key) AS amount) l WHERE t.amount > l.amount
	UNION ALL
	SELECT format('limit %s %s: %s there, %s counted', COALESCE(t.scope, u.scope), COALESCE(t.key, u.key), t.amount, u.used) FROM there t
	FULL JOIN erp.limit_use u ON (u.financier_id, u.scope, u.key) = (t.financier_id, t.scope, t.key) WHERE COALESCE(t.amount, 0) IS DISTINCT FROM COALESCE(u.used, 0)
	UNION ALL
	SELECT format('budget %s, committed %s, accepted %s', b.budget, b.committed, o.net) FROM erp.campaign_budget b
	CROSS JOIN LATERAL (SELECT COALESCE(sum(x.net), 0) AS net FROM erp.offer x WHERE x.state = 'accepted') o WHERE b.committed > b.budget OR b.committed <> o.net
	UNION ALL
	SELECT format('invoice %s has %s takers, claim %s', d.document_id, count(*), min(c.kind)) FROM (
		SELECT i.document_id FROM erp.assignment_item i WHERE i.state NOT IN ('repaid', 'released') UNION ALL SELECT o.document_id FROM erp.offer o WHERE o.state = 'accepted') d
	LEFT JOIN erp.claim c ON c.document_id = d.document_id GROUP BY d.document_id HAVING count(*) > 1 OR min(c.kind) IS NULL $$;
CREATE PROCEDURE watch() LANGUAGE plpgsql AS $$
BEGIN
	WHILE EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND query ~ '^CALL work') LOOP
		INSERT INTO seen SELECT w FROM (SELECT) one LEFT JOIN wrong() w ON true;
		COMMIT;
	END LOOP;
END $$;
SQL
my @workers;
for my $n (1 .. 4)
{
	my $pid = fork // die "fork: $!\n";
	if ($pid == 0) { exec 'psql', '-Xq', '-v', 'ON_ERROR_STOP=1', '-d', $database, '-c', sprintf('CALL work(%.6f, %d)', ($seed * $n % 999983) / 999983, $rounds) or exit 1 }
	push @workers, $pid;
}
wait_for(sub { psql(q{SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND query ~ '^CALL work'}) > 0 });
psql('CALL watch()');
for my $pid (@workers) { waitpid $pid, 0; is($?, 0, 'a session ends without an error') }
my ($looks) = psql('SELECT count(*) FROM seen');
cmp_ok($looks, '>', 50, "a transaction beside them has looked $looks times");
is(psql(q{SELECT string_agg(DISTINCT wrong, E'\n') FROM seen WHERE wrong IS NOT NULL}), '', 'and has seen no limit and no budget exceeded, nothing counted wrongly, nothing taken twice');
is(psql('SELECT string_agg(w, E\'\n\') FROM wrong() w'), '', 'nor is there any now');
diag psql(q{SELECT string_agg(n || ' ' || what, ', ' ORDER BY what) FROM (SELECT what, count(*) AS n FROM happened GROUP BY what) h});
is(psql(q{SELECT string_agg(what, ', ' ORDER BY what) FROM unnest('{assigned,accepted,released,given up,budget,limit,refused: a limit of the financier has no room for that,refused: the budget of campaign N in EUR is used up}'::text[]) what
	WHERE what NOT IN (SELECT h.what FROM happened h)}), '', 'all of it happened, and limits and budget were met');
# can it see?
psql(q{UPDATE erp.financier_limit SET amount = 0 WHERE scope = 'total'});
isnt(psql('SELECT count(*) FROM wrong()'), '0', 'a limit that is exceeded is seen');

system("psql -Xq -d postgres -c 'DROP DATABASE $database WITH (FORCE)' -c 'DROP ROLE finance_limits_owner'");
done_testing();
