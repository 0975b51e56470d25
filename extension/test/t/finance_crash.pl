# The server dies in the middle of settlement runs and acceptances: nothing is paid twice, no discount is taken without its payment, no budget is exceeded, and what was
# acknowledged is there; the next run settles the rest.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use Psql;
use Test::More;

$ENV{PGOPTIONS} = '-c client_min_messages=warning';
my ($database, $kills) = ('clex_finance_crash', $ENV{CLEX_KILLS} // 3);

make_database($database);
psql('CREATE ROLE finance_crash_owner NOLOGIN');
my $document = q({"$kind": "invoice", "invoice": {"number": "F-%s", "issue_date": "%s", "due_date": "%s", "type_code": "380", "currency": "EUR"},
	"seller": {"name": "S", "vat_number": "FR05832194070", "address": {"country": "FR"}}, "buyer": {"name": "B", "vat_number": "FR88790453187", "address": {"country": "FR"}},
	"totals": {"payable": %s}, "lines": [{"identifier": "1", "quantity": 1, "unit": "H87", "net_amount": 1, "item": {"name": "Thing"}}]});
$document =~ s/\s+/ /g;
psql(q{SELECT clex.create_store('erp', owner => 'finance_crash_owner'); SELECT erp.add_tenant(1, 'One'), erp.set_party(1, 'B', 'Buyer'), erp.set_party(1, 'S', 'Seller');
	SELECT erp.add_identifier(1, 'B', 'vat', 'FR88790453187'), erp.add_identifier(1, 'S', 'vat', 'FR05832194070'), erp.set_entity(1, 'E', 'company', 'Entity', party => 'B');
	SELECT erp.set_setting(1, 'finance.calendar', to_jsonb('WEEKENDS weekend=NONE'::text));});
my $invoices = 120 * $kills;
psql(qq{SELECT count(erp.submit(1, clex.write(format('$document', n, CURRENT_DATE - 5, CURRENT_DATE + 31, 100 + n)::clex.document, 'ubl'))) FROM generate_series(1, $invoices) n});
is(psql(q{SELECT count(*) FROM erp.invoice_state s, LATERAL erp.set_status(1, s.document_id, 'approved') a}), $invoices, 'invoices are approved');
# money for two thirds of them
psql(q{SELECT erp.launch_campaign(1, erp.define_campaign(1, 'C', 0.06, jsonb_build_object('EUR', (SELECT round(sum(payable) * 2 / 3) FROM erp.invoice))))});
is(psql(q{SELECT count(*) FROM erp.offers WHERE state = 'open'}), $invoices, 'and offered');

my %acknowledged;
for my $kill (1 .. $kills)
{
	my @clients;
	for my $client (1 .. 2)
	{
		my $pid = open my $out, '-|';
		die "fork: $!" unless defined $pid;
		if ($pid == 0)
		{
			open STDERR, '>', '/dev/null';
			open my $psql, '|-', 'psql', '-XqAt', '-d', $database or exit 1;
			$psql->autoflush(1);
			$SIG{PIPE} = 'DEFAULT';
			# one accepts, the other settles in runs of ten
			for my $i (1 .. 400)
			{
				print {$psql} $client == 1
					? "SELECT 'accepted', o.id FROM (SELECT id FROM erp.offer WHERE state = 'open' ORDER BY id OFFSET " . ($i % 3) . " LIMIT 1) o, LATERAL erp.accept_offer(1, o.id) a;\n"
					: "SELECT s.outcome, s.offer_id FROM erp.settle_offers(1, CURRENT_DATE + 1, 10) s;\n";
			}
			exit 0;
		}
		push @clients, $out;
	}
	my $lines = 0;
	my $second = pop @clients;
	while (my $line = <$second>)
	{
		chomp $line;
		my ($what, $offer) = split /\|/, $line;
		$acknowledged{$offer} = 1 if ($what // '') eq 'settled';
		# SIGKILL of one backend makes the server restart all of them, as a crash does
		if (++$lines == 10 + 7 * $kill)
		{
			my $backend = psql(q{SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND query ~ 'settle_offers' AND pid <> pg_backend_pid() LIMIT 1});
			kill 'KILL', $backend if $backend;
		}
	}
	close $second;
	for my $rest (@clients) { while (my $line = <$rest>) { } close $rest }
	ok(wait_for_server(), "the server is back after crash $kill");
}

cmp_ok(scalar keys %acknowledged, '>', 10, 'offers were settled before the crashes');
my %settled = map { $_ => 1 } split /\n/, psql(q{SELECT id FROM erp.offer WHERE state = 'settled'});
is_deeply([ grep { !$settled{$_} } sort keys %acknowledged ], [], 'every acknowledged settlement is there');
psql(q{SELECT count(*) FROM erp.settle_offers(1, CURRENT_DATE + 1)}) for 1 .. 2;
is(psql(q{SELECT count(*) FROM erp.offer WHERE state = 'accepted'}), '0', 'the next run settles the rest');
is(psql(q{SELECT count(*) FROM erp.ledger WHERE face + overpaid <> paid + discount + credited + open OR overpaid > 0}), '0', 'every ledger adds up, and nothing is overpaid');
is(psql(q{SELECT count(*) FROM erp.offer o JOIN erp.ledger l USING (document_id) WHERE (o.state = 'settled') <> (l.paid = o.net AND l.discount = o.discount AND l.open = 0) OR o.state <> 'settled' AND l.paid + l.discount > 0}), '0',
	'what is settled is paid with its discount, and nothing else is');
is(psql(q{SELECT count(*) FROM erp.claim}), '0', 'no claim is left');
is(psql(q{SELECT count(*) FROM erp.campaign_budget b WHERE b.committed > b.budget OR b.committed <> (SELECT sum(o.net) FROM erp.offer o WHERE o.state = 'settled')}), '0', 'the budget is what was paid, and was not exceeded');
is(psql(q{SELECT (SELECT count(*) FROM erp.outbox WHERE post_key LIKE 'offer/%/paid') - (SELECT count(*) FROM erp.offer WHERE state = 'settled')}), '0', 'each supplier is told once');

system("psql -Xq -d postgres -c 'DROP DATABASE $database WITH (FORCE)' -c 'DROP ROLE finance_crash_owner'");
done_testing();
