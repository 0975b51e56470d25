# A standby of the same machine: everything that reads works there, submitting says why it cannot.
use strict;
use warnings;
use File::Temp qw(tempdir);
use Test::More;

$ENV{PGOPTIONS} = '-c client_min_messages=warning';
my $database = 'clex_standby';

# Run SQL on a server, given by the folder of its socket; what psql prints, errors in full.
sub psql_on
{
	my ($host, $sql) = @_;
	open my $pipe, '-|', 'sh', '-c', 'exec psql -XqAt -v ON_ERROR_STOP=1 -v VERBOSITY=verbose -h "$0" -d "$1" -c "$2" 2>&1', $host, $database, $sql or die "psql: $!\n";
	local $/;
	my $out = <$pipe> // '';
	close $pipe;
	return $out =~ s/\n\z//r;
}
sub primary { return psql_on($ENV{PGHOST}, @_) }

system("psql -Xq -d postgres -c 'DROP DATABASE IF EXISTS $database WITH (FORCE)' -c 'CREATE DATABASE $database'");
primary('CREATE EXTENSION clex; CREATE ROLE standby_owner NOLOGIN; CREATE ROLE standby_clerk; CREATE ROLE standby_supplier');
primary(q{SELECT clex.create_store('erp', owner => 'standby_owner'); SELECT erp.add_tenant(1, 'One'), erp.add_member(1, 'standby_clerk', 'integration')});
my $load = q{printf '%s\\0' extension/test/samples/*.xml extension/test/samples/README.md | perl scripts/lib/load.pl --store erp --tenant 1 | psql -Xq -d };
system($load . $database) == 0 or BAIL_OUT('loading failed');
primary(q{SELECT erp.set_party(1, 'S', 'Seller'), erp.add_identifier(1, 'S', 'vat', (SELECT min(seller_vat_id) FROM erp.invoices WHERE seller_country = 'FR')),
	erp.add_member(1, 'standby_supplier', 'supplier'), erp.scope_member(1, 'standby_supplier', 'supplier', party => 'S')});

# a copy of the server that follows it, as the user the server runs as
my $data = primary('SHOW data_directory');
my $home = tempdir('clex_standby.XXXXXX', TMPDIR => 1, CLEANUP => 1);
my ($user, $group) = (stat $data)[4, 5];
chown $user, $group, $home;
my @as_server = $> == 0 ? ('setpriv', '--reuid', $user, '--regid', $group, '--clear-groups') : ();
chdir '/' if @as_server;
my $standby = "$home/socket";
my $running = 0;
END { local $?; system(@as_server, 'pg_ctl', '-D', "$home/data", '-w', '-s', '-m', 'immediate', 'stop') if $running }
is(system(@as_server, 'pg_basebackup', '-D', "$home/data", '-R', '-X', 'stream', '-c', 'fast'), 0, 'a copy is made');
mkdir $standby;
chown $user, $group, $standby;
open my $configuration, '>>', "$home/data/postgresql.conf" or die "$home: $!\n";
print $configuration "\nunix_socket_directories = '$standby'\nhot_standby = on\n";
close $configuration;
unlink "$home/data/clex.conf";
is(system(@as_server, 'pg_ctl', '-D', "$home/data", '-w', '-s', '-l', "$home/log", 'start'), 0, 'and follows') or BAIL_OUT("the standby does not start: $home/log");
$running = 1;
sub standby { return psql_on($standby, @_) }

# the standby has what the primary has committed
sub catch_up
{
	my $at = primary('SELECT pg_current_wal_lsn()');
	for (1 .. 300) { return 1 if standby("SELECT pg_last_wal_replay_lsn() >= '$at'") eq 't'; select undef, undef, undef, 0.1 }
	return 0;
}
ok(catch_up(), 'it has caught up');
is(standby('SELECT pg_is_in_recovery()'), 't', 'it is a standby');

# every view, and every function that reads, as an operator, a member and a supplier
my @views = split /\n/, primary(q{SELECT c.relname FROM pg_class c WHERE c.relnamespace = 'erp'::regnamespace AND c.relkind = 'v' ORDER BY 1});
cmp_ok(scalar @views, '>', 15, 'there are views to read');
for my $role ('postgres', 'standby_clerk', 'standby_supplier')
{
	my $sql = "SET SESSION AUTHORIZATION $role; " . join ' ', map { "SELECT '$_', count(*), md5(string_agg(x::text, ' ' ORDER BY x::text)) FROM erp.$_ x;" } @views;
	my $there = standby($sql);
	unlike($there, qr/ERROR/, "$role reads every view");
	is($there, primary($sql), 'and finds what the primary has');
}
for my $call ('clex.detect(content)', 'clex.findings(content)', 'clex.verdict(content)', 'clex.read(content)', 'clex.examine(content)', "clex.document_findings(clex.read(content))")
{
	my $sql = "SELECT count(*), md5(string_agg(f::text, ' ' ORDER BY id, f::text)) FROM erp.documents d, LATERAL $call f WHERE d.state = 'accepted'";
	my $there = standby($sql);
	like($there, qr/^[1-9]/, "$call works");
	is($there, primary($sql), 'and gives what it gives on the primary');
}
like(standby('SELECT count(*) FROM erp.entity_tree(1)'), qr/^0$/, 'functions of the store read');
is(standby(q{SELECT name || ' ' || owner FROM clex.stores}), 'erp standby_owner', 'the store is listed');

# whatever writes says that it cannot
my $bytes = q{(SELECT content FROM erp.documents ORDER BY id LIMIT 1)};
for my $call ("erp.submit(1, 'new')", "erp.submit(1, $bytes)", "erp.submit(1, 'new', NULL, 'key')", 'erp.revalidate(1)', 'erp.reread(1)', "erp.set_party(1, 'X', 'X')", "clex.upgrade_store('erp')")
{
	like(standby("SELECT * FROM $call"), qr/^ERROR:  25006: cannot .*(?:in a read-only transaction|during recovery)$/m, "$call is refused, and says why");
}
is(standby('SELECT count(*) FROM erp.documents'), primary('SELECT count(*) FROM erp.documents'), 'nothing has changed');

# it goes on following, and is a server of its own once it is promoted
primary(q{SELECT erp.submit(1, 'later')});
ok(catch_up(), 'it catches up again');
is(standby(q{SELECT count(*) FROM erp.documents WHERE content = 'later'}), '1', 'and has what came later');
is(system(@as_server, 'pg_ctl', '-D', "$home/data", '-w', '-s', 'promote'), 0, 'it is promoted');
is(standby(q{SELECT is_duplicate FROM erp.submit(1, 'later')}), 't', 'knows its documents');
is(standby(q{SET SESSION AUTHORIZATION standby_clerk; SELECT is_duplicate, document_id > (SELECT max(id) FROM erp.documents) FROM erp.submit(1, 'on the new primary')}), 'f|t', 'and takes new ones');

system(@as_server, 'pg_ctl', '-D', "$home/data", '-w', '-s', '-m', 'immediate', 'stop');
$running = 0;
system("psql -Xq -d postgres -c 'DROP DATABASE $database WITH (FORCE)' -c 'DROP ROLE standby_owner, standby_clerk, standby_supplier'");
done_testing();
