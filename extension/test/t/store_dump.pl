# A store dumps and restores like any schema, and keeps the extension from being dropped.
use strict;
use warnings;
use Test::More;

$ENV{PGOPTIONS} = '-c client_min_messages=warning';

sub psql
{
	my ($database, $sql) = @_;
	open my $pipe, '-|', 'psql', '-XqAt', '-v', 'ON_ERROR_STOP=1', '-d', $database, '-c', $sql or die "psql: $!";
	local $/ = undef;
	my $out = <$pipe> // '';
	close $pipe;
	$out =~ s/\n\z//;
	return $out;
}

sub psql_error
{
	my ($database, $sql) = @_;
	my $out = `psql -XqAt -v VERBOSITY=sqlstate -d $database -c "$sql" 2>&1`;
	return $out;
}

my @samples = glob 'extension/test/samples/*.xml';
my ($here, $there) = ('clex_dump_a', 'clex_dump_b');
my $count = @samples;
psql('postgres', "DROP DATABASE IF EXISTS $_ WITH (FORCE)"), psql('postgres', "CREATE DATABASE $_") for $here, $there;
psql('postgres', "DO \$\$BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'dump_owner') THEN CREATE ROLE dump_owner NOLOGIN; END IF;
	IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'dump_clerk') THEN CREATE ROLE dump_clerk LOGIN; END IF;
	IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'dump_supplier') THEN CREATE ROLE dump_supplier; END IF; END\$\$");
psql($here, 'CREATE EXTENSION clex');
psql($here, "SELECT clex.create_store('erp', owner => 'dump_owner'); SELECT erp.add_tenant(1, 'One'); SELECT erp.add_member(1, 'dump_clerk', 'integration')");
psql($here, "SELECT erp.set_party(1, 'P', 'Party'), erp.add_identifier(1, 'P', 'siren', '732829320'), erp.add_member(1, 'dump_supplier', 'supplier');
	SELECT erp.set_entity(1, 'G', 'group', 'Group'), erp.set_entity(1, 'E', 'company', 'Entity', 'G', 'P'), erp.scope_member(1, 'dump_supplier', 'supplier', party => 'P')");
psql($here, q{SELECT erp.define_rule(1, 'R', 'BT-112 < 1000', '{"en": "{BT-112}"}', alert => true), erp.activate_rule(1, 'R'),
	erp.define_enrichment(1, 'F', 'BT-19', '''62410'''), erp.define_enrichment(1, 'G', 'BT-19', '''1''', entity => 'E'), erp.activate_rule(1, 'F'),
	erp.set_severity(1, 'own', 'R', 'warning', 'because', 'P')});

# load the samples and something unreadable, as the clerk
system(qq{printf '%s\\0' extension/test/samples/*.xml extension/test/samples/README.md | perl scripts/lib/load.pl --store erp --tenant 1 | psql -Xq -U dump_clerk -d $here}) == 0
  or BAIL_OUT('loading failed');
is(psql($here, 'SELECT count(*) FROM erp.documents'), $count + 1, 'all samples are stored');
is(psql($here, "SELECT count(*) FROM erp.quarantine"), 1, 'and what is no invoice is in quarantine');

# a digest over every table of the store
my $digest = q{
	SELECT string_agg(t.name || ' ' || (xpath('/row/c/text()', query_to_xml(format(
		'SELECT count(*) || '':'' || md5(string_agg(x::text, chr(10) ORDER BY x::text)) AS c FROM %s x', t.name), false, true, '')))[1]::text, E'\n' ORDER BY t.name)
	FROM (SELECT c.oid::regclass::text AS name FROM pg_class c WHERE c.relnamespace = 'erp'::regnamespace AND c.relkind = 'r') t};
my $before = psql($here, $digest);
like($before, qr/^erp\.document \d+:/m, 'there is something to compare');

like(psql_error($here, 'DROP EXTENSION clex'), qr/2BP01/, 'DROP EXTENSION is refused while a store exists');

system("pg_dump -Fc -f build/store.dump $here && pg_restore -d $there --exit-on-error build/store.dump") == 0
  or BAIL_OUT('pg_dump or pg_restore failed');
is(psql($there, $digest), $before, 'every table is the same after dump and restore');
is(psql($there, "SELECT string_agg(name || ' ' || owner, ',') FROM clex.stores"), 'erp dump_owner', 'the copy is a store');
is(psql($there, "SELECT clex.upgrade_store('erp')"), '0', 'and up to date');

my $first = q{(SELECT content FROM erp.documents ORDER BY id LIMIT 1)};
is(psql($there, "SET SESSION AUTHORIZATION dump_clerk; SELECT is_duplicate FROM erp.submit(1, $first)"), 't', 'it knows its documents');
is(psql($there, "SET SESSION AUTHORIZATION dump_clerk; SELECT is_duplicate FROM erp.submit(1, 'new'::bytea)"), 'f', 'and takes new ones');
like(psql_error($there, 'SET ROLE dump_owner; DELETE FROM erp.event'), qr/42501/, 'its journal is append-only still');

# policies and functions came over too
is(psql($there, "SELECT count(*) FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid WHERE c.relnamespace = 'erp'::regnamespace"),
	psql($here, "SELECT count(*) FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid WHERE c.relnamespace = 'erp'::regnamespace"), 'with its policies');

# dropping the store frees the extension
psql($here, "SELECT clex.drop_store('erp')");
is(psql($here, "SELECT count(*) FROM pg_namespace WHERE nspname = 'erp'"), '0', 'drop_store drops it');
is(psql_error($here, 'DROP EXTENSION clex'), '', 'and then the extension can go');

unlink 'build/store.dump';
psql('postgres', "DROP DATABASE $_ WITH (FORCE)") for $here, $there;
psql('postgres', 'DROP ROLE dump_clerk; DROP ROLE dump_supplier; DROP ROLE dump_owner');
done_testing();
