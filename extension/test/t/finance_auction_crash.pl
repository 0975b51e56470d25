# The server dies in the middle of each step of an auction, and after it: bids, awards and assignments are there once or not at all, and the next call goes on.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use Psql;
use Test::More;

$ENV{PGOPTIONS} = '-c client_min_messages=warning';
my $database = 'clex_auction_crash';
my @financiers = qw(bank fund);

make_database($database);
psql('CREATE ROLE auction_crash_owner NOLOGIN');
psql("CREATE ROLE auction_crash_$_") for @financiers;
psql(q{SELECT clex.create_store('erp', owner => 'auction_crash_owner'); SELECT erp.add_tenant(1, 'One'); SELECT erp.set_party(1, 'S', 'Seller', 'FR'), erp.set_party(1, 'B', 'Buyer', 'FR');
	SELECT erp.add_identifier(1, 'B', 'vat', 'FR88790453187'), erp.add_identifier(1, 'S', 'vat', 'FR05832194070'), erp.set_entity(1, 'E', 'company', 'Entity', party => 'B');
	SELECT erp.set_financier(1, f, f, 'credit_institution', registration => '552120222', address => 'Paris'), erp.set_line(1, f, 'EUR', 0.05, iban => 'FR1420041010050500013M02606', bic => 'BNPAFRPP'),
		erp.set_limit(1, f, 'EUR', 3000), erp.add_member(1, 'auction_crash_' || f, 'financier'), erp.scope_financier(1, 'auction_crash_' || f, f) FROM unnest('{bank,fund}'::text[]) f;
	CREATE FUNCTION settlement() RETURNS date LANGUAGE sql STABLE AS $f$ SELECT clex.adjust(CURRENT_DATE + 7, 'FOLLOWING', 'TARGET') $f$;
	SELECT count(*) FROM generate_series(1, 8) n, LATERAL erp.submit(1, clex.write(jsonb_build_object('$kind', 'invoice',
		'invoice', jsonb_build_object('number', 'F-' || n, 'issue_date', '2026-03-09', 'type_code', '380', 'currency', 'EUR', 'due_date', settlement() + 10 * n),
		'seller', jsonb_build_object('name', 'S', 'vat_number', 'FR05832194070', 'address', jsonb_build_object('country', 'FR', 'city', 'Paris')),
		'buyer', jsonb_build_object('name', 'B', 'vat_number', 'FR88790453187', 'address', jsonb_build_object('country', 'FR')), 'totals', jsonb_build_object('payable', 1000),
		'lines', jsonb_build_array(jsonb_build_object('identifier', '1', 'quantity', 1, 'unit', 'C62', 'net_amount', 1000, 'item', jsonb_build_object('name', 'Goods'))))::text::clex.document, 'ubl'));
	SELECT count(erp.set_status(1, document_id, 'approved')) FROM erp.invoice_state});

# what is there, in one line: state, claims by kind, sheets filled in, awards, assignments, notices
my $picture = q{SELECT concat_ws(' ', COALESCE((SELECT string_agg(state, ',') FROM erp.auction), 'none'), (SELECT count(*) FROM erp.claim WHERE kind = 'auction'), (SELECT count(*) FROM erp.claim WHERE kind = 'assignment'),
	(SELECT count(*) FROM erp.bid_sheet WHERE commitment IS NOT NULL), (SELECT count(*) FROM erp.bid_sheet WHERE revealed_at IS NOT NULL), (SELECT count(*) FROM erp.cleared_invoice), (SELECT count(*) FROM erp.award),
	(SELECT count(*) FROM erp.assignment), (SELECT count(*) FROM erp.outbox WHERE post_key ~ '^auction/'))};
my $bid = q{'{"rate": 0.05, "ceiling": 3000}', '0123456789abcdef'};
my $as = sub { my ($role, $call) = @_; "SET LOCAL ROLE auction_crash_$role; SELECT erp.$call; RESET ROLE" };
my @steps = (
	['open', q{SELECT erp.open_auction(1, 'A', 'EUR', settlement(), now() + interval '1 hour', now() + interval '2 hours', reserve => 0.1)}, 'open 8 0 0 0 0 0 0 2'],
	['commit', join('; ', map { $as->($_, qq{commit_bid(1, (SELECT min(auction_id) FROM erp.own_auctions()), clex.bid_commitment((SELECT min(auction_id) FROM erp.own_auctions()), '$_', $bid))}) } @financiers), 'open 8 0 2 0 0 0 0 2'],
	['close bidding', q{UPDATE erp.auction SET opens_at = '2026-01-01', closes_at = '2026-01-02'}, 'open 8 0 2 0 0 0 0 2'],
	['reveal', join('; ', map { $as->($_, "reveal_bid(1, (SELECT min(auction_id) FROM erp.own_auctions()), $bid)") } @financiers), 'open 8 0 2 2 0 0 0 2'],
	['end', q{UPDATE erp.auction SET reveal_until = '2026-01-03'}, 'open 8 0 2 2 0 0 0 2'],
	['freeze', 'SELECT erp.freeze_auction(1, id) FROM erp.auction', 'frozen 8 0 2 2 8 0 0 2'],
	['clear', 'SELECT erp.clear_auction(1, id) FROM erp.auction', 'cleared 8 0 2 2 8 6 0 2'],
	['assign', 'SELECT erp.assign_awards(1, id) FROM erp.auction', 'assigned 0 6 2 2 8 6 2 2'],
	['tell', 'SELECT erp.tell_results(1, id) FROM erp.auction', 'settled 0 6 2 2 8 6 2 7']);
for my $step (@steps)
{
	my ($name, $sql, $after) = @$step;
	my $before = psql($picture);
	if ($name =~ /^(commit|reveal|freeze|clear|assign|tell)$/)
	{
		ok(crash_in($sql), "the server is back after it died in step $name");
	}
	is(psql($picture), $before, 'and nothing of the step is there');
	psql("BEGIN; $sql; COMMIT");
	is(psql($picture), $after, "step $name is done");
	# a crash after it has committed takes nothing away; and who did not hear of it does it again
	crash_in('SELECT 1') if $name eq 'assign';
	psql("BEGIN; $sql; COMMIT") unless $name eq 'open';
	is(psql($picture), $after, 'and is done once');
}
is(psql('SELECT count(*) FROM erp.auction, erp.replay_auction(1, id)'), '0', 'the result is the one that is computed again');
is(psql(q{SELECT string_agg(financier || ' ' || invoices || ' ' || amount, ', ' ORDER BY financier) FROM erp.assignments}), 'bank 3 3000, fund 3 3000', 'each winner has one assignment, up to its limit');
is(psql(q{SELECT string_agg(financier || ' ' || used, ', ' ORDER BY financier) FROM erp.limit_uses WHERE scope = 'total'}), 'bank 3000, fund 3000', 'and its limit is used once');

system("psql -Xq -d postgres -c 'DROP DATABASE $database WITH (FORCE)'");
system(qq{psql -Xq -d postgres -c 'DROP ROLE auction_crash_owner' -c 'DROP ROLE auction_crash_bank' -c 'DROP ROLE auction_crash_fund'});
done_testing();
