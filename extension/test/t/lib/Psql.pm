# What tests share that talk to a server: their database, one query, sessions that are talked to line by line, and waiting.
package Psql;
use strict;
use warnings;
use Exporter 'import';
use IPC::Open2;

our @EXPORT = qw(make_database psql psql_says session say_to hear wait_for wait_for_server waiting_for_locks crash_in slurp spew);

my $database = 'postgres';

# A new database with clex in it, which all that follows uses.
sub make_database
{
	my ($name) = @_;
	local $ENV{PGOPTIONS} = '-c client_min_messages=warning';
	system('psql', '-Xq', '-d', 'postgres', '-c', "DROP DATABASE IF EXISTS $name WITH (FORCE)", '-c', "CREATE DATABASE $name") == 0 or die "no database $name\n";
	$database = $name;
	psql('CREATE EXTENSION clex');
	return $name;
}

sub output_of
{
	open my $pipe, '-|', @_ or die "$_[0]: $!\n";
	local $/;
	my $out = <$pipe> // '';
	close $pipe;
	return $out =~ s/\n\z//r;
}

# What a query gives, a line a row, values with | between; errors go where the test's do.  $? is psql's.
sub psql
{
	my ($sql) = @_;
	return output_of('psql', '-XqAt', '-v', 'ON_ERROR_STOP=1', '-d', $database, '-c', $sql);
}

# The same with what psql says of errors; $verbosity as of \set VERBOSITY.
sub psql_says
{
	my ($sql, $verbosity) = @_;
	return output_of('sh', '-c', 'exec psql -XqAt -v ON_ERROR_STOP=1 -v VERBOSITY="$2" -d "$0" -c "$1" 2>&1', $database, $sql, $verbosity // 'default');
}

# A session; of an error it says the SQLSTATE.
sub session
{
	my $pid = open2(my $out, my $in, 'sh', '-c', "exec psql -XqAt -v VERBOSITY=sqlstate -d $database 2>&1");
	return { pid => $pid, out => $out, in => $in };
}
sub say_to { my ($s, $sql) = @_; print { $s->{in} } "$sql\n"; $s->{in}->flush; return }
sub hear { my ($s) = @_; my $line = readline $s->{out}; chomp $line if defined $line; return $line }

# Until something holds, at most so many seconds: did it?
sub wait_for
{
	my ($holds, $seconds) = @_;
	for (1 .. 10 * ($seconds // 30)) { return 1 if $holds->(); select undef, undef, undef, 0.1 }
	return 0;
}

# After a crash; recovery takes long where the machine has much to do.
sub wait_for_server { return wait_for(sub { psql_says('SELECT 1') eq '1' }, 120) }

# Run statements in a transaction, and kill its backend with SIGKILL before it commits: the server restarts, as after a crash.  Did it?  With a pattern the
# backend is killed in the middle of a statement that looks so, when it has run for so many seconds; if it has ended before, that is no crash.
sub crash_in
{
	my ($sql, $pattern, $seconds) = @_;
	my $pid = fork;
	die "fork: $!\n" unless defined $pid;
	if ($pid == 0)
	{
		open STDERR, '>', '/dev/null';
		open STDOUT, '>', '/dev/null';
		exec 'psql', '-XqAt', '-v', 'ON_ERROR_STOP=1', '-d', $database, '-c', 'BEGIN', '-c', $sql, '-c', 'SELECT pg_sleep(60)' or exit 1;
	}
	my $looks = $pattern // '^SELECT pg_sleep\(60\)$';
	my $backend = '';
	my $found = wait_for(sub
	{
		$backend = psql("SELECT pid FROM pg_stat_activity WHERE query ~ '$looks' AND state = 'active' AND now() - query_start >= interval '1 s' * " . ($seconds // 0) . q{ AND datname = current_database() AND pid <> pg_backend_pid()});
		return $backend =~ /^\d+$/;
	});
	return 0 unless $found && kill 'KILL', $backend;
	waitpid $pid, 0;
	return wait_for_server();
}

# How many sessions of the database wait for a lock?
sub waiting_for_locks { return psql(q{SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'}) }

sub slurp { my ($file) = @_; open my $in, '<:raw', $file or die "$file: $!\n"; local $/; return scalar <$in> }
sub spew { my ($file, $bytes) = @_; open my $out, '>:raw', $file or die "$file: $!\n"; print $out $bytes; close $out or die "$file: $!\n"; return }

1;
