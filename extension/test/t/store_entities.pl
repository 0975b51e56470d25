# Two sessions hang two entities under each other at the same time: one of them is refused, at every isolation level.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use Psql;
use Test::More;

my $database = 'clex_entities';
make_database($database);
psql(q{CREATE ROLE entities_owner NOLOGIN});
psql(q{SELECT clex.create_store('erp', '{base}', 'entities_owner'); SELECT erp.add_tenant(1, 'One'), erp.add_tenant(2, 'Two')});


my ($a, $b) = (session(), session());

my $tenant = 1;
for my $case (['READ COMMITTED', '22023'], ['REPEATABLE READ', '40001'], ['SERIALIZABLE', '40001'])
{
	my ($level, $code) = @$case;
	my ($x, $y) = map { s/ //r } ("X $level", "Y $level");
	psql("SELECT erp.set_entity(1, '$x', 'company', 'X'), erp.set_entity(1, '$y', 'company', 'Y')");
	say_to($a, "BEGIN ISOLATION LEVEL $level; SELECT erp.set_entity(1, '$x', 'company', 'X', '$y') > 0;");
	is(hear($a), 't', "$level: the first session hangs X under Y");
	say_to($b, "BEGIN ISOLATION LEVEL $level; SELECT erp.set_entity(1, '$y', 'company', 'Y', '$x') > 0;");
	ok(wait_for(\&waiting_for_locks), 'the second one, which hangs Y under X, waits');
	say_to($a, 'COMMIT;');
	like(hear($b), qr/\b$code\b/, "and is refused with $code");
	say_to($b, 'ROLLBACK;');
	is(psql("SELECT string_agg(array_to_string(path, '/'), ' ' ORDER BY path) FROM erp.entities WHERE code IN ('$x', '$y')"), "$y $y/$x", 'the tree is a tree');
}

# after a rollback of the first session nothing stands in the way
psql("SELECT erp.set_entity(1, 'X', 'company', 'X'), erp.set_entity(1, 'Y', 'company', 'Y')");
say_to($a, "BEGIN; SELECT erp.set_entity(1, 'X', 'company', 'X', 'Y') > 0;");
hear($a);
say_to($b, "SELECT erp.set_entity(1, 'Y', 'company', 'Y', 'X') > 0;");
ok(wait_for(\&waiting_for_locks), 'the second session waits again');
say_to($a, 'ROLLBACK;');
is(hear($b), 't', 'and goes on after a rollback');

# closing a parent while somebody hangs something under it
psql("SELECT erp.set_entity(1, 'P', 'company', 'P')");
say_to($a, "BEGIN; SELECT erp.set_entity(1, 'Q', 'department', 'Q', 'P') > 0;");
hear($a);
say_to($b, "SELECT erp.close_entity(1, 'P');");
ok(wait_for(\&waiting_for_locks), 'closing an entity waits for who changes the tree');
say_to($a, 'COMMIT;');
like(hear($b), qr/\b55000\b/, 'and is refused when something hangs under it now');

# another tenant's tree, and its documents' foreign keys, wait for nobody
say_to($a, "BEGIN; SELECT erp.set_entity(1, 'Z', 'company', 'Z') > 0;");
hear($a);
is(psql("SET lock_timeout = '2s'; SELECT erp.set_entity(2, 'Z', 'company', 'Z') > 0"), 't', 'another tenant does not wait');
is(psql("SET lock_timeout = '2s'; SELECT erp.set_party(1, 'Z', 'Z') > 0"), 't', 'nor do the parties of the same one');
say_to($a, 'ROLLBACK;');

for ($a, $b) { close $_->{in}; waitpid $_->{pid}, 0 }
system("psql -Xq -d postgres -c 'DROP DATABASE $database WITH (FORCE)' -c 'DROP ROLE entities_owner'");
done_testing();
