# The server dies while documents are submitted: every one that was acknowledged is there, once.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use Psql;
use Test::More;

$ENV{PGOPTIONS} = '-c client_min_messages=warning';
my ($database, $kills) = ('clex_crash', $ENV{CLEX_KILLS} // 5);

make_database($database);
psql('CREATE ROLE crash_owner NOLOGIN');
psql(q{SELECT clex.create_store('erp', owner => 'crash_owner'); SELECT erp.add_tenant(1, 'One')});

my %acknowledged;
my $n = 0;
for my $kill (1 .. $kills)
{
	# a client that submits and notes each acknowledgement, until its connection goes away
	my $pid = open my $client, '-|';
	die "fork: $!" unless defined $pid;
	if ($pid == 0)
	{
		open STDERR, '>', '/dev/null';
		open my $psql, '|-', 'psql', '-XqAt', '-d', $database or exit 1;
		$psql->autoflush(1);
		$SIG{PIPE} = 'DEFAULT';
		for my $i (1 .. 100000) { print {$psql} "SELECT '$kill-$i', document_id FROM erp.submit(1, convert_to('<a>$kill-$i</a>', 'UTF8'));\n" }
		exit 0;
	}
	my $lines = 0;
	while (my $line = <$client>)
	{
		chomp $line;
		my ($key, $id) = split /\|/, $line;
		$acknowledged{$key} = $id if defined $id;
		# SIGKILL of one backend makes the server restart all of them, as a crash does
		if (++$lines == 20 + 7 * $kill)
		{
			my $backend = psql(q{SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND query ~ 'erp.submit' AND pid <> pg_backend_pid() LIMIT 1});
			kill 'KILL', $backend if $backend;
		}
	}
	close $client;
	ok(wait_for_server(), "the server is back after crash $kill");
}

my $stored = psql(q{SELECT count(*) FROM erp.documents});
my $distinct = psql(q{SELECT count(DISTINCT sha256) FROM erp.documents});
cmp_ok(scalar keys %acknowledged, '>', 20 * $kills, 'documents were acknowledged before the crashes');
is($distinct, $stored, 'no document is there twice');
my %found = map { my ($id, $text) = split /\|/; ($text => $id) } split /\n/, psql(q{SELECT id, convert_from(content, 'UTF8') FROM erp.documents});
my @missing = grep { ($found{"<a>$_</a>"} // '') ne $acknowledged{$_} } sort keys %acknowledged;
is_deeply(\@missing, [], 'every acknowledged document is there, under its number');

system("psql -Xq -d postgres -c 'DROP DATABASE $database WITH (FORCE)' -c 'DROP ROLE crash_owner'");
done_testing();
