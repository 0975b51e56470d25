# The server dies while receivables are assigned, accepted and debtors told of it: what is run again does what was left, and nothing twice; no invoice is
# sold twice, what limits say is used is what is outstanding, and every debtor that was told was told once.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use Psql;
use Test::More;

$ENV{PGOPTIONS} = '-c client_min_messages=warning';
my ($database, $kills, $invoices) = ('clex_finance_crash', $ENV{CLEX_KILLS} // 3, 120);
open STDERR, '>', '/dev/null' unless $ENV{CLEX_VERBOSE};

make_database($database);
psql('CREATE ROLE finance_crash_owner NOLOGIN');
my $paper = join ' ', map { s/^\s+//r } split /\n/, <<'XML';
	<Invoice xmlns='urn:oasis:names:specification:ubl:schema:xsd:Invoice-2' xmlns:cac='urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2'
	 xmlns:cbc='urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2'><cbc:ID>F-%s</cbc:ID><cbc:IssueDate>2026-03-09</cbc:IssueDate>
	<cbc:DueDate>2090-06-13</cbc:DueDate><cbc:DocumentCurrencyCode>EUR</cbc:DocumentCurrencyCode><cac:AccountingSupplierParty><cac:Party><cac:PostalAddress>
	<cac:Country><cbc:IdentificationCode>FR</cbc:IdentificationCode></cac:Country></cac:PostalAddress><cac:PartyLegalEntity>
	<cbc:RegistrationName>Seller</cbc:RegistrationName></cac:PartyLegalEntity></cac:Party></cac:AccountingSupplierParty><cac:AccountingCustomerParty><cac:Party>
	<cac:PostalAddress><cac:Country><cbc:IdentificationCode>FR</cbc:IdentificationCode></cac:Country></cac:PostalAddress><cac:PartyLegalEntity>
	<cbc:RegistrationName>Buyer</cbc:RegistrationName></cac:PartyLegalEntity></cac:Party></cac:AccountingCustomerParty><cac:LegalMonetaryTotal>
	<cbc:PayableAmount currencyID='EUR'>10.00</cbc:PayableAmount></cac:LegalMonetaryTotal></Invoice>
XML
psql("SELECT clex.create_store('erp', owner => 'finance_crash_owner'); SELECT erp.add_tenant(1, 'One');
	SELECT count(erp.submit(1, convert_to(format(\$q\$$paper\$q\$, n), 'UTF8'))) FROM generate_series(1, $invoices) n");
psql("SELECT count(erp.set_status(1, n, 'approved')) FROM generate_series(1, $invoices) n;
	SELECT erp.set_financier(1, f, f, 'other'), erp.set_line(1, f, 'EUR', 0.06, iban => 'DE89370400440532013000', valid_from => '2026-01-01'), erp.set_limit(1, f, 'EUR', 100000)
	FROM unnest('{A,B}'::text[]) f");
is(psql(q{SELECT count(*) FROM erp.invoice_states WHERE meaning = 'approved'}), $invoices, 'there are invoices');

# two sessions want the same invoices for two financiers, three invoices at a time; each step is a transaction of its own
my %acknowledged;
for my $kill (1 .. $kills)
{
	my @clients;
	for my $financier ('A', 'B')
	{
		my $pid = open my $out, '-|';
		die "fork: $!" unless defined $pid;
		if ($pid == 0)
		{
			open my $psql, '|-', 'psql', '-XqAt', '-d', $database or exit 1;
			$psql->autoflush(1);
			$SIG{PIPE} = 'DEFAULT';
			for my $i (map { 3 * $_ } 0 .. $invoices / 3 - 1)
			{
				my $documents = join ',', map { $i + $_ } 1 .. 3;
				print {$psql} "SELECT 'key', '$financier-$i', erp.assign_invoices(1, '$financier', '{$documents}', '2090-03-15', source_key => '$financier-$i');\n";
				print {$psql} "SELECT 'signed', count(erp.sign_act(1, t.id, 'S', 'paper', t.sha256)) FROM erp.assignment_act t JOIN erp.assignment a ON a.id = t.assignment_id WHERE a.source_key = '$financier-$i';\n";
				print {$psql} "SELECT 'accepted', erp.accept_assignment(1, a.id, 'F') FROM erp.assignment a WHERE a.source_key = '$financier-$i';\n";
				print {$psql} "SELECT 'notified', erp.notify_assignments(1);\n";
			}
			exit 0;
		}
		push @clients, $out;
	}
	my $lines = 0;
	my $first = shift @clients;
	my $read = sub { my ($line) = @_; chomp $line; my ($what, $key, $id) = split /\|/, $line; $acknowledged{$key} = $id if $what eq 'key' };
	while (my $line = <$first>)
	{
		$read->($line);
		# SIGKILL of one backend makes the server restart all of them, as a crash does
		if (++$lines == 15 * $kill)
		{
			my $backend = psql(q{SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND query ~ 'erp.(notify|accept|assign)' AND pid <> pg_backend_pid() ORDER BY random() LIMIT 1});
			kill 'KILL', $backend if $backend;
		}
	}
	for my $rest (@clients)
	{
		while (my $line = <$rest>) { $read->($line) }
		close $rest;
	}
	close $first;
	ok(wait_for_server(), "the server is back after crash $kill");
}

cmp_ok(scalar keys %acknowledged, '>', 3 * $kills, 'assignments were acknowledged before the crashes');
my %found = map { split /\|/ } split /\n/, psql(q{SELECT source_key, id FROM erp.assignment});
is_deeply([ grep { ($found{$_} // '') ne $acknowledged{$_} } sort keys %acknowledged ], [], 'each is there, once, under the number that was said');
# what was left is done by running it again
psql(q{SELECT count(erp.sign_act(1, t.id, 'S', 'paper', t.sha256)) FROM erp.assignment_act t JOIN erp.assignment a ON a.id = t.assignment_id WHERE a.state = 'proposed'});
psql(q{SELECT count(erp.accept_assignment(1, a.id, 'F')) FROM erp.assignment a WHERE a.state = 'proposed'});
psql(q{SELECT erp.notify_assignments(1)});
is(psql(q{SELECT count(*) FROM erp.assignment WHERE state <> 'notified'}), '0', 'every assignment is accepted, and debtors told');
is(psql(q{SELECT count(*) - count(DISTINCT document_id) FROM erp.assignment_item}), '0', 'no invoice is sold twice');
is(psql(q{SELECT count(*) FROM erp.assignment_item i FULL JOIN erp.claim c ON c.document_id = i.document_id AND c.reference = i.assignment_id WHERE i.document_id IS NULL OR c.document_id IS NULL}), '0', 'each has its claim, and no claim is left over');
is(psql(q{SELECT count(*) FROM erp.assignment a WHERE (SELECT count(*) FROM erp.assignment_item i WHERE i.assignment_id = a.id) <> 3 OR (SELECT count(*) FROM erp.assignment_act t WHERE t.assignment_id = a.id) <> 1}), '0', 'each is whole, with one instrument');
is(psql(q{SELECT count(*) FROM erp.status_event WHERE status = '225'}), psql(q{SELECT count(*) FROM erp.assignment_item}), 'of each invoice it was said once that it is factored');
is(psql(q{SELECT count(*) FROM erp.outbox WHERE post_key ~ '^receivables_assigned'}), psql(q{SELECT count(*) FROM erp.assignment}), 'of each assignment one letter goes out');
is(psql(q{SELECT count(*) FROM erp.creditor}), psql(q{SELECT count(*) FROM erp.assignment_item}), 'each invoice has one new creditor');
is(psql(q{SELECT count(*) FROM erp.limit_use u WHERE u.scope = 'total' AND u.used <> (SELECT COALESCE(sum(i.amount), 0) FROM erp.assignment_item i WHERE i.financier_id = u.financier_id)}), '0', 'what limits say is used is what is outstanding');

system("psql -Xq -d postgres -c 'DROP DATABASE $database WITH (FORCE)' -c 'DROP ROLE finance_crash_owner'");
done_testing();
