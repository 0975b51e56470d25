# The server dies while two gateways bring the same orders and answers, and two buyers decide about them: every order, version, message and answer is there
# once, and what was acknowledged is there.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use Psql;
use Test::More;

$ENV{PGOPTIONS} = '-c client_min_messages=warning';
my ($database, $kills, $orders) = ('clex_orders_crash', $ENV{CLEX_KILLS} // 3, 60);

make_database($database);
psql('CREATE ROLE orders_crash_owner NOLOGIN');
psql(q{SELECT clex.create_store('erp', owner => 'orders_crash_owner'); SELECT erp.add_tenant(1, 'One'); SELECT erp.set_party(1, 'B', 'Buyer'), erp.set_party(1, 'S', 'Seller');
	SELECT erp.add_identifier(1, 'B', 'vat', 'FR88790453187'), erp.add_identifier(1, 'S', 'vat', 'FR05832194070'); SELECT erp.set_entity(1, 'E', 'company', 'Entity', party => 'B');
	SELECT erp.set_partner_channel(1, 'S', 'order', 'edi', 'edifact:D96A')});
psql(q{CREATE FUNCTION paper(kind text, n int) RETURNS bytea LANGUAGE sql AS '
	SELECT clex.write(jsonb_build_object(''$kind'', kind, ''order'', jsonb_build_object(''number'', ''O-'' || n, ''issue_date'', ''2026-03-09'', ''currency'', ''EUR''),
		''seller'', jsonb_build_object(''name'', ''S'', ''vat_number'', ''FR05832194070''), ''buyer'', jsonb_build_object(''name'', ''B'', ''vat_number'', ''FR88790453187''),
		''lines'', jsonb_build_array(jsonb_build_object(''identifier'', ''1'', ''quantity'', n, ''unit'', ''H87'', ''price'', jsonb_build_object(''net'', CASE kind WHEN ''order'' THEN 2 ELSE 3 END),
			''item'', jsonb_build_object(''name'', ''Thing''))),
		CASE kind WHEN ''order'' THEN ''totals'' ELSE ''order_response'' END,
		CASE kind WHEN ''order'' THEN jsonb_build_object(''payable'', 2 * n) ELSE jsonb_build_object(''number'', ''A-'' || n, ''issue_date'', CURRENT_DATE, ''code'', ''CA'') END)::text::clex.document, ''ubl'')'});

# what a gateway brings and a buyer decides about each order, again and again
sub steps
{
	return map { (
		"SELECT 'order-$_', state FROM erp.receive_message(1, 'erp', 'O-$_', paper('order', $_));",
		"SELECT 'answer-$_', state FROM erp.receive_message(1, 'edi', 'A-$_', paper('order_response', $_));",
		"SELECT 'decision-$_', erp.settle_response(1, r.response_id, true) FROM erp.order_responses r WHERE r.number = 'A-$_';") } 1 .. $orders;
}

my %acknowledged;
sub take { my ($line) = @_; chomp $line; my ($key, $answer) = split /\|/, $line; $acknowledged{$key} = $answer if defined $answer }
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
			print {$psql} "$_\n" for steps();
			exit 0;
		}
		push @clients, $out;
	}
	my $lines = 0;
	my $first = shift @clients;
	while (my $line = <$first>)
	{
		take($line);
		# SIGKILL of one backend makes the server restart all of them, as a crash does
		if (++$lines == 20 + 25 * $kill)
		{
			my $backend = psql(q{SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND query ~ 'erp.' AND pid <> pg_backend_pid() ORDER BY random() LIMIT 1});
			kill 'KILL', $backend if $backend;
		}
	}
	for my $rest (@clients) { take($_) while <$rest>; close $rest }
	close $first;
	ok(wait_for_server(), "the server is back after crash $kill");
}
cmp_ok(scalar keys %acknowledged, '>', 20, 'messages were acknowledged before the crashes');
is_deeply([ grep { ($acknowledged{$_} // '') ne (/^decision/ ? '2' : 'done') } sort keys %acknowledged ], [], 'and had their effect');
my $there = psql(q{SELECT string_agg(message_id, ' ') FROM erp.incoming_messages WHERE state = 'done'});
is_deeply([ grep { my ($kind, $n) = /^(order|answer)-(\d+)/; $kind && " $there " !~ / @{[ uc substr($kind, 0, 1) ]}-$n / } sort keys %acknowledged ], [], 'every message that was acknowledged is there');

# all of it once more, to the end
psql(join ' ', steps());
is(psql(q{SELECT count(*), count(DISTINCT number), bool_and(version = 2 AND sent_version = 2 AND answer = 'accepted') FROM erp.orders}), "$orders|$orders|t", 'every order is there once, with the version that was agreed');
is(psql(q{SELECT count(*), count(DISTINCT order_id) FROM erp.order_responses WHERE state = 'agreed'}), "$orders|$orders", 'every answer is there once');
is(psql(q{SELECT kind, count(*), count(DISTINCT (order_id, version)) FROM erp.order_messages GROUP BY 1 ORDER BY 1}), "order|$orders|$orders\norder_change|$orders|$orders", 'every version was posted once');
is(psql(q{SELECT count(*) - count(DISTINCT message_id) FROM erp.outgoing_messages}), '0', 'under an id of its own');
is(psql(q{SELECT count(*) FROM erp.order_messages m LEFT JOIN erp.outgoing_messages o USING (message_id) WHERE o.content IS NULL OR o.state <> 'ready'}), '0', 'and waits to be sent');
is(psql(q{SELECT bool_and(price = 3) FROM erp.order_lines}), 't', 'at the price that was agreed');

system("psql -Xq -d postgres -c 'DROP DATABASE $database WITH (FORCE)' -c 'DROP ROLE orders_crash_owner'");
done_testing();
