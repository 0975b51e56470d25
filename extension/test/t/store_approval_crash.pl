# The server dies while two approvers vote on the same invoices, one by one and by the page: nobody's voice counts twice, no invoice is approved twice or
# announced twice, none is approved without both voices, and what was acknowledged is there.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use Psql;
use Test::More;

$ENV{PGOPTIONS} = '-c client_min_messages=warning';
my ($database, $kills, $invoices) = ('clex_approval_crash', $ENV{CLEX_KILLS} // 3, 90);

make_database($database);
psql("CREATE ROLE approval_crash_$_ NOLOGIN") for qw(owner anna ben);
psql(q{SELECT clex.create_store('erp', owner => 'approval_crash_owner'); SELECT erp.add_tenant(1, 'One');
	SELECT erp.add_member(1, 'approval_crash_' || r, 'approver') FROM unnest('{anna,ben}'::text[]) r;
	SELECT erp.define_approval_rule(1, 'both', currency => 'EUR', from_amount => 1, approvers => '{approval_crash_anna,approval_crash_ben}', votes => 2);});
psql(qq{SELECT count(*) FROM generate_series(1, $invoices) n, LATERAL erp.submit(1, clex.write(jsonb_build_object('\$kind', 'invoice',
	'invoice', jsonb_build_object('number', 'F-' || n, 'issue_date', '2026-03-09', 'type_code', '380', 'currency', 'EUR'),
	'seller', jsonb_build_object('name', 'S', 'vat_number', 'FR05832194070', 'address', jsonb_build_object('country', 'FR')),
	'buyer', jsonb_build_object('name', 'B', 'vat_number', 'FR88790453187', 'address', jsonb_build_object('country', 'FR')),
	'totals', jsonb_build_object('without_vat', 100, 'with_vat', 120, 'payable', 120))::text::clex.document, 'ubl'))});
psql(q{SELECT count(*) FROM erp.invoice_state s, LATERAL erp.request_approval(1, s.document_id)});

# each approver goes through all invoices, from either end: every third call is of a page; what was done before the crash is refused, or has no effect
my %acknowledged;
for my $kill (1 .. $kills)
{
	my %clients;
	for my $role ('anna', 'ben')
	{
		my $pid = open my $out, '-|';
		die "fork: $!" unless defined $pid;
		if ($pid == 0)
		{
			open STDERR, '>', '/dev/null';
			open my $psql, '|-', 'psql', '-XqAt', '-d', $database or exit 1;
			$psql->autoflush(1);
			$SIG{PIPE} = 'DEFAULT';
			print {$psql} "SET ROLE approval_crash_$role;\n";
			for my $i ($role eq 'anna' ? 1 .. $invoices : reverse 1 .. $invoices)
			{
				print {$psql} $i % 3 ? "SELECT $i, a.status FROM erp.approve_invoice(1, $i) a;\n"
				  : "SELECT document_id, outcome FROM erp.approve_invoices(1, ARRAY[$i, 1 + $i * 7 % $invoices]) WHERE outcome IN ('approved', 'voted');\n";
			}
			exit 0;
		}
		$clients{$role} = $out;
	}
	my $lines = 0;
	for my $role ('anna', 'ben')
	{
		my $from = $clients{$role};
		while (my $line = <$from>)
		{
			$acknowledged{"$1 approval_crash_$role"} = 1 if $line =~ /^(\d+)\|/;
			# SIGKILL of one backend makes the server restart all of them, as a crash does
			if (++$lines == 8 * $kill)
			{
				my $backend = psql(q{SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND query ~ 'erp.approve' AND pid <> pg_backend_pid() ORDER BY pid LIMIT 1});
				kill 'KILL', $backend if $backend;
			}
		}
		close $from;
	}
	ok(wait_for_server(), "the server is back after crash $kill");
}

cmp_ok(scalar keys %acknowledged, '>', 8 * $kills, 'votes were acknowledged before the crashes');
my %found = map { $_ => 1 } split /\n/, psql(q{SELECT document_id || ' ' || actor FROM erp.approval_votes WHERE approves});
is_deeply([ grep { !$found{$_} } sort keys %acknowledged ], [], 'every acknowledged vote is there');
is(psql(q{SELECT count(*) - count(DISTINCT (document_id, actor)) FROM erp.approval_votes}), '0', 'nobody has voted twice');
my $approved = q{(SELECT document_id FROM erp.status_event WHERE status = '205' AND outcome = 'applied')};
is(psql("SELECT count(*) - count(DISTINCT document_id) FROM $approved a"), '0', 'no invoice was approved twice');
is(psql("SELECT count(*) FROM erp.invoice_state s WHERE (s.meaning = 'approved') <> (s.document_id IN $approved)"), '0', 'what was approved is approved');
is(psql(q{SELECT count(*) FROM erp.invoice_state s WHERE (s.meaning = 'approved') <> (2 = (SELECT count(*) FROM erp.approval_votes v WHERE v.document_id = s.document_id AND v.approves))}),
	'0', 'with both voices, and at once with the second');
is(psql(q{SELECT count(*) FROM (SELECT 'cdar/' || id AS k FROM erp.status_event WHERE status = '205') e FULL JOIN (SELECT post_key AS k FROM erp.outbox WHERE format = 'cdar') o USING (k)
	WHERE e IS NULL OR o IS NULL}), '0', 'each approval is announced once, and no other');

system("psql -Xq -d postgres -c 'DROP DATABASE $database WITH (FORCE)' " . join ' ', map { "-c 'DROP ROLE approval_crash_$_'" } qw(owner anna ben));
done_testing();
