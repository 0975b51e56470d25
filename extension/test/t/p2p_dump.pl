# Orders, approvals, questions, disputes, notes, offers, assignments and auctions outlive an upgrade, and dump and restore.
#
# Stores of earlier templates are filled by the scenarios of the regression tests, up to where these drop their store.  After the upgrade every row of
# every table is what it was, and so is what the views show; after pg_dump and pg_restore all of it is the same again.
use strict;
use warnings;
use Test::More;

$ENV{PGOPTIONS} = '-c client_min_messages=error';
my ($here, $there) = ('clex_p2p_dump_a', 'clex_p2p_dump_b');
my $script = "build/p2p_dump_$$.sql";
# what a view shows otherwise since: late deliveries wait since the day they were wanted
my %changed = map { $_ => 1 } qw(todo work buyer_desk clerk_desk);
# and an upgrade brings the published lifecycles to tenants that have had no invoice yet, and the words of notices that are new or said otherwise
my $published = qr/^(lifecycle|notice_(default|texts)\b)/;

# Run SQL in a database; returns what psql prints.  Errors stop it unless it is a scenario, which has errors of its own.
sub psql
{
	my ($database, $sql, $is_scenario) = @_;
	open my $file, '>', $script or die "$script: $!";
	print $file $sql;
	close $file;
	my $stop = $is_scenario ? '' : '-v ON_ERROR_STOP=1';
	my $out = `psql -XqAt $stop -d $database -f $script 2>&1`;
	$out =~ s/\n\z//;
	return $out;
}

# Tables with their columns, or views, of a store: lines of name|columns, but for what the clock says.
sub relations
{
	my ($database, $store, $kind) = @_;
	return split /\n/, psql($database, qq{SELECT c.relname, string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum)
		FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attname NOT IN ('age')
		WHERE c.relnamespace = '$store'::regnamespace AND c.relkind = '$kind' AND c.relname <> 'store_version' GROUP BY 1 ORDER BY 1});
}

# A digest of the rows of each, at one moment of the clock.
sub digest
{
	my ($database, $store, @relations) = @_;
	return psql($database, join "\n", 'BEGIN;', (map { my ($name, $columns) = split /\|/;
		qq{SELECT '$name', count(*), md5(string_agg(x::text, chr(10) ORDER BY x::text)) FROM (SELECT $columns FROM $store.$name) x;} } @relations), 'COMMIT;');
}

# Lines of the one that are not in the other, by the name in front.
sub different
{
	my ($one, $other) = @_;
	my %other = map { $_ => 1 } split /\n/, $other;
	return join ' ', map { /^([^|]*)/ } grep { !$other{$_} } split /\n/, $one;
}

for my $name (qw(p2p_approval p2p_disputes p2p_orders p2p_matching p2p_queries finance_offers finance_assignments finance_auctions))
{
	open my $in, '<', "sql/$name.sql" or die "sql/$name.sql: $!";
	my $scenario = do { local $/ = undef; <$in> };
	close $in;
	my ($fill, $store, $end) = $scenario =~ /\A(.*)^(?=SELECT clex\.drop_store\('(\w+)'\))(.*)\z/ms or die "$name drops no store";
	system('psql', '-Xq', '-d', 'postgres', map { ('-c', "DROP DATABASE IF EXISTS $_ WITH (FORCE)", '-c', "CREATE DATABASE $_") } $here, $there);
	psql($here, q{CREATE EXTENSION clex;
		ALTER FUNCTION clex.store_steps() RENAME TO present_steps;
		CREATE TABLE earlier_step (ordinal int, module text, requires text, step int, title text, script text);
		\copy earlier_step FROM PROGRAM 'gzip -dc extension/test/stores/second.steps.gz'
		CREATE FUNCTION clex.store_steps() RETURNS SETOF public.earlier_step LANGUAGE sql STABLE SECURITY DEFINER AS $$ SELECT * FROM public.earlier_step ORDER BY ordinal $$;});
	psql($here, $fill, 1);
	my @tables = grep { $_ !~ $published } relations($here, $store, 'r');
	my @views = grep { !$changed{(split /\|/)[0]} && $_ !~ $published } relations($here, $store, 'v');
	my ($rows, $shown) = (digest($here, $store, @tables), digest($here, $store, @views));
	my $filled = () = $rows =~ /^\w+\|[1-9]/mg;
	cmp_ok($filled, '>=', 25, "$name: $filled tables of the earlier store have rows");

	my $steps = psql($here, qq{DROP FUNCTION clex.store_steps(); ALTER FUNCTION clex.present_steps() RENAME TO store_steps; DROP TABLE earlier_step; SELECT clex.upgrade_store('$store')});
	like($steps, qr/^[1-9]\d*$/, "$name: an upgrade runs what is new");
	is(different($rows, digest($here, $store, @tables)), '', "$name: every row is what it was");
	is(different($shown, digest($here, $store, @views)), '', "$name: and every view shows what it did");

	@tables = relations($here, $store, 'r');
	@views = relations($here, $store, 'v');
	($rows, $shown) = (digest($here, $store, @tables), digest($here, $store, @views));
	is(system("pg_dump -Fc -f $script.dump $here && pg_restore -d $there --exit-on-error $script.dump"), 0, "$name: it is dumped and restored");
	is(different($rows, digest($there, $store, @tables)), '', "$name: every row is there");
	is(different($shown, digest($there, $store, @views)), '', "$name: and every view shows the same");
	psql($there, "SELECT clex.drop_store('$store')");
	system('psql', '-Xq', '-d', 'postgres', '-c', "DROP DATABASE $there WITH (FORCE)");
	psql($here, $end, 1);
	system('psql', '-Xq', '-d', 'postgres', '-c', "DROP DATABASE $here WITH (FORCE)");
}
unlink $script, "$script.dump";
done_testing();
