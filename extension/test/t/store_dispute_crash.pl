# The server dies while a clerk contests invoices and asks about them and their supplier answers: no more is contested than is open, what is contested is blocked,
# said and announced once, no dispute or question is there without its words, and what was acknowledged is there.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use Psql;
use Test::More;

$ENV{PGOPTIONS} = '-c client_min_messages=warning';
my ($database, $kills, $invoices) = ('clex_dispute_crash', $ENV{CLEX_KILLS} // 3, 60);

make_database($database);
psql("CREATE ROLE dispute_crash_$_ NOLOGIN") for qw(owner clerk mill);
psql(q{SELECT clex.create_store('erp', owner => 'dispute_crash_owner'); SELECT erp.add_tenant(1, 'One');
	SELECT erp.set_party(1, 'S', 'Seller', 'FR'), erp.add_identifier(1, 'S', 'vat', 'FR05832194070'); SELECT erp.add_member(1, 'dispute_crash_clerk', 'ap_clerk');
	SELECT erp.add_member(1, 'dispute_crash_mill', 'supplier'), erp.scope_member(1, 'dispute_crash_mill', 'supplier', party => 'S')});
psql(qq{SELECT count(*) FROM generate_series(1, $invoices) n, LATERAL erp.submit(1, clex.write(jsonb_build_object('\$kind', 'invoice',
	'invoice', jsonb_build_object('number', 'F-' || n, 'issue_date', '2026-03-09', 'type_code', '380', 'currency', 'EUR'),
	'seller', jsonb_build_object('name', 'S', 'vat_number', 'FR05832194070', 'address', jsonb_build_object('country', 'FR')),
	'buyer', jsonb_build_object('name', 'B', 'vat_number', 'FR88790453187', 'address', jsonb_build_object('country', 'FR')),
	'totals', jsonb_build_object('without_vat', 100, 'with_vat', 120, 'payable', 120))::text::clex.document, 'ubl'))});

# What a client does with invoice $i: of three disputes over 50 the third is refused, since 20 are left to contest.
my %client = (
	clerk => sub { my ($i) = @_; return map { "$_;\n" } "SELECT 'dispute', erp.open_dispute(1, $i, '{QTE_ERR}', 'Short', amount => 50)",
		"SELECT 'query', erp.ask(1, $i, 'supplier', 'Pallets', 'How many came?')", $i % 3 ? () : "SELECT 'closed', d.id, erp.close_dispute(1, d.id, 'withdrawn', 'Found') FROM erp.disputes d WHERE d.document_id = $i AND d.state = 'open' LIMIT 1" },
	mill => sub { my ($i) = @_; return map { "$_;\n" } "SELECT 'said', erp.answer_dispute(1, d.id, 'Ten left us') FROM erp.disputes d WHERE d.document_id = $i AND d.state = 'open' LIMIT 1",
		"SELECT 'answered', q.id, erp.answer_query(1, q.id, 'Two') FROM erp.queries q WHERE q.document_id = $i AND q.state = 'open' LIMIT 1" });

my %acknowledged;
for my $kill (1 .. $kills)
{
	my %from;
	for my $name (sort keys %client)
	{
		my $pid = open $from{$name}, '-|';
		die "fork: $!" unless defined $pid;
		if ($pid == 0)
		{
			open STDERR, '>', '/dev/null';
			open my $psql, '|-', 'psql', '-XqAt', '-d', $database or exit 1;
			$psql->autoflush(1);
			$SIG{PIPE} = 'DEFAULT';
			print {$psql} "SET ROLE dispute_crash_$name;\n";
			for my $round (1 .. 3) { print {$psql} $client{$name}->($_) for 1 .. $invoices }
			exit 0;
		}
	}
	my $lines = 0;
	for my $name (sort keys %client)
	{
		while (my $line = readline $from{$name})
		{
			$acknowledged{"$1 $2"} = 1 if $line =~ /^(\w+)\|(\d+)/;
			# SIGKILL of one backend makes the server restart all of them, as a crash does
			if (++$lines == 15 * $kill)
			{
				my $backend = psql(q{SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND query ~ 'erp[.](open_dispute|ask|answer)' AND pid <> pg_backend_pid() ORDER BY pid LIMIT 1});
				kill 'KILL', $backend if $backend;
			}
		}
		close $from{$name};
	}
	ok(wait_for_server(), "the server is back after crash $kill");
}

cmp_ok(scalar keys %acknowledged, '>', 15 * $kills, 'disputes, questions and answers were acknowledged before the crashes');
my %found = map { $_ => 1 } split /\n/, psql(q{SELECT 'dispute ' || id FROM erp.dispute UNION ALL SELECT 'closed ' || id FROM erp.dispute WHERE state = 'withdrawn' UNION ALL
	SELECT 'said ' || id FROM erp.dispute_message WHERE side = 'seller' UNION ALL SELECT 'query ' || id FROM erp.query UNION ALL SELECT 'answered ' || query_id FROM erp.query_entry WHERE action = 'answered'});
is_deeply([ grep { !$found{$_} } sort keys %acknowledged ], [], 'all of them are there');
cmp_ok(psql(q{SELECT count(*) FROM erp.dispute_message WHERE side = 'seller'}), '>', 0, 'the supplier has answered');
is(psql(q{SELECT count(*) FROM (SELECT FROM erp.dispute WHERE state = 'open' GROUP BY document_id HAVING sum(amount) > 120) d}), '0', 'no more is contested than is open');
is(psql(q{SELECT count(*) FROM erp.open_amounts o WHERE o.disputed <> COALESCE((SELECT sum(d.amount) FROM erp.dispute d WHERE d.document_id = o.document_id AND d.state = 'open'), 0)}), '0', 'what is contested is blocked');
is(psql(q{SELECT count(*) FROM erp.invoice_state s WHERE (s.meaning = 'disputed') <> EXISTS (SELECT FROM erp.dispute d WHERE d.document_id = s.document_id)}), '0', 'an invoice is disputed if somebody contested it');
is(psql(q{SELECT count(*) FROM erp.dispute d WHERE (SELECT count(*) FROM erp.dispute_message m WHERE m.dispute_id = d.id AND m.side = 'buyer') <> CASE d.state WHEN 'open' THEN 1 ELSE 2 END}),
	'0', 'each dispute has its words, once');
is(psql(q{SELECT count(*) FROM erp.query q WHERE (SELECT count(*) FROM erp.query_entry e WHERE e.query_id = q.id AND e.action = 'asked') <> 1
	OR (q.state = 'answered') <> EXISTS (SELECT FROM erp.query_entry e WHERE e.query_id = q.id AND e.action = 'answered')}), '0', 'so has each question, and it is answered if somebody answered');
is(psql(q{SELECT count(*) FROM erp.dispute d WHERE 1 <> (SELECT count(*) FROM erp.status_event e WHERE e.document_id = d.document_id AND e.facts ->> 'dispute' = d.id::text)}), '0', 'each dispute is one event');
is(psql(q{SELECT count(*) FROM (SELECT 'cdar/' || id AS k FROM erp.status_event WHERE status = '207') e FULL JOIN (SELECT post_key AS k FROM erp.outbox WHERE format = 'cdar') o USING (k)
	WHERE e IS NULL OR o IS NULL}), '0', 'which is announced once, and no other');
is(psql(q{SELECT count(*) FROM (SELECT 'query_asked/' || id AS k FROM erp.query) q FULL JOIN (SELECT regexp_replace(post_key, '^(notice/)?', '') AS k FROM erp.outbox WHERE post_key ~ 'query_asked/') o USING (k)
	WHERE q IS NULL OR o IS NULL}), '0', 'each question is sent to the supplier once');

system("psql -Xq -d postgres -c 'DROP DATABASE $database WITH (FORCE)' " . join ' ', map { "-c 'DROP ROLE dispute_crash_$_'" } qw(owner clerk mill));
done_testing();
