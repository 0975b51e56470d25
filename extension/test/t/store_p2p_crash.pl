# The server dies while invoices are issued, booked and handed over: no number is missing or given twice, no entry is there twice or unbalanced, and what was
# acknowledged is there.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use Psql;
use Test::More;

$ENV{PGOPTIONS} = '-c client_min_messages=warning';
my ($database, $kills) = ('clex_p2p_crash', $ENV{CLEX_KILLS} // 4);

make_database($database);
psql('CREATE ROLE p2p_crash_owner NOLOGIN');
psql(q{SELECT clex.create_store('erp', owner => 'p2p_crash_owner'); SELECT erp.add_tenant(1, 'One'); SELECT erp.set_party(1, 'S', 'Seller');
	SELECT erp.add_identifier(1, 'S', 'vat', 'DE136695976'); SELECT erp.set_entity(1, 'E', 'company', 'Entity', party => 'S'); SELECT erp.set_number_series(1, 'E', 'F');
	SELECT erp.set_account_rule(1, k, '400000', 'Account') FROM unnest('{revenue,vat_collected,customer}'::text[]) k});

# every third issue is refused, since the invoice has no customer: its number is given again
my $invoice = q({"invoice": {"issue_date": "2026-03-09", "currency": "EUR", "due_date": "2026-04-09"}, "process": {"specification": "urn:cen.eu:en16931:2017"},
	"seller": {"name": "S", "vat_number": "DE136695976", "address": {"country": "DE"}}, "buyer": {%s "address": {"country": "DE"}},
	"lines": [{"quantity": 1, "unit": "H87", "price": {"net": %d}, "vat": {"category": "S", "rate": 19}, "item": {"name": "Thing"}}]});
$invoice =~ s/\s+/ /g;

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
			for my $i (1 .. 2000)
			{
				my $document = sprintf $invoice, ($i % 3 ? '"name": "B",' : ''), $i;
				print {$psql} "WITH i AS MATERIALIZED (SELECT * FROM erp.issue_invoice(1, 'E', 'F', '$document', '$kill-$client-$i')) SELECT '$kill-$client-$i', number, erp.book_invoice(1, document_id, '2026-03-31') FROM i;\n";
				print {$psql} "SELECT count(*) FROM erp.hand_over(1);\n" if $i % 5 == 0;
			}
			exit 0;
		}
		push @clients, $out;
	}
	my $lines = 0;
	my $first = shift @clients;
	while (my $line = <$first>)
	{
		chomp $line;
		my ($key, $number) = split /\|/, $line;
		$acknowledged{$key} = $number if defined $number;
		# SIGKILL of one backend makes the server restart all of them, as a crash does
		if (++$lines == 10 + 5 * $kill)
		{
			my $backend = psql(q{SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND query ~ 'erp.issue' AND pid <> pg_backend_pid() ORDER BY random() LIMIT 1});
			kill 'KILL', $backend if $backend;
		}
	}
	for my $rest (@clients)
	{
		while (my $line = <$rest>) { chomp $line; my ($key, $number) = split /\|/, $line; $acknowledged{$key} = $number if defined $number }
		close $rest;
	}
	close $first;
	ok(wait_for_server(), "the server is back after crash $kill");
}

cmp_ok(scalar keys %acknowledged, '>', 10 * $kills, 'invoices were acknowledged before the crashes');
my %found = map { split /\|/ } split /\n/, psql(q{SELECT issue_key, number FROM erp.issued_numbers WHERE state = 'issued'});
is_deeply([ grep { ($found{$_} // '') ne $acknowledged{$_} } sort keys %acknowledged ], [], 'every acknowledged invoice has its number');
is(psql(q{SELECT bool_and(unbroken) FROM erp.number_chains}), 't', 'no number is missing');
is(psql(q{SELECT count(*) FROM erp.issued_numbers n LEFT JOIN erp.invoices i ON i.document_id = n.document_id WHERE i.number IS DISTINCT FROM n.number}), '0', 'every number is that of its invoice');
is(psql(q{SELECT count(*) - count(DISTINCT number) FROM erp.invoices}), '0', 'no number is there twice');
is(psql(q{SELECT max(last) - (SELECT count(*) FROM erp.journal_entry) FROM erp.number_counter WHERE series ~ '^journal'}), '0', 'no entry is missing in the journal');
is(psql(q{SELECT count(*) FROM (SELECT FROM erp.accounting_entries GROUP BY entry_id HAVING sum(debit) <> sum(credit)) e}), '0', 'every entry is balanced');
psql(q{SELECT count(*) FROM erp.hand_over(1)});
is(psql(q{SELECT (SELECT count(*) FROM erp.journal_entry) - (SELECT count(*) FROM erp.outbox WHERE kind = 'accounting_entry')}), '0', 'every entry is handed over, once');

system("psql -Xq -d postgres -c 'DROP DATABASE $database WITH (FORCE)' -c 'DROP ROLE p2p_crash_owner'");
done_testing();
