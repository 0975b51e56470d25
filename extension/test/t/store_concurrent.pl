# Two sessions submit the same bytes at the same time: stored once, and both are told the same number.
use strict;
use warnings;
use Test::More;
use IPC::Open2;

my $database = 'clex_concurrent';
sub psql { my ($sql) = @_; my $out = `psql -XqAt -v ON_ERROR_STOP=1 -d $database -c "$sql"`; chomp $out; return $out }
system("psql -Xq -d postgres -c 'DROP DATABASE IF EXISTS $database WITH (FORCE)' -c 'CREATE DATABASE $database' 2>/dev/null");
psql('CREATE EXTENSION clex');
psql(q{CREATE ROLE concurrent_owner NOLOGIN});
psql(q{SELECT clex.create_store('erp', owner => 'concurrent_owner'); SELECT erp.add_tenant(1, 'One')});

# A session that is talked to line by line.
sub session
{
	my $pid = open2(my $out, my $in, 'psql', '-XqAt', '-d', $database);
	return { pid => $pid, out => $out, in => $in };
}
sub say_to { my ($s, $sql) = @_; print { $s->{in} } "$sql\n"; $s->{in}->flush }
sub hear { my ($s) = @_; my $line = readline $s->{out}; chomp $line if defined $line; return $line }

my ($a, $b) = (session(), session());
my $submit = q{SELECT document_id, is_duplicate FROM erp.submit(1, 'the same bytes'::bytea);};
say_to($a, "BEGIN; $submit");
my ($id, $duplicate) = split /\|/, hear($a);
is($duplicate, 'f', 'the first session stores the document');

say_to($b, $submit);
my $waiting = q{SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'};
my $waits = 0;
for (1 .. 100) { $waits = psql($waiting); last if $waits; select undef, undef, undef, 0.1 }
is($waits, 1, 'the second one waits for it');
say_to($a, 'COMMIT;');
is(hear($b), "$id|t", 'and is then told which document it repeats');

# if the first one gives up, the second one stores it
$submit =~ s/the same/other/;
say_to($a, "BEGIN; $submit");
hear($a);
say_to($b, $submit);
for (1 .. 100) { last if psql($waiting); select undef, undef, undef, 0.1 }
say_to($a, 'ROLLBACK;');
like(hear($b), qr/\|f$/, 'after a rollback the second session stores it');
is(psql('SELECT count(*) FROM erp.documents'), '2', 'two documents, no more');

for ($a, $b) { close $_->{in}; waitpid $_->{pid}, 0 }
system("psql -Xq -d postgres -c 'DROP DATABASE $database WITH (FORCE)' -c 'DROP ROLE concurrent_owner'");
done_testing();
