# Two sessions submit the same bytes at the same time: stored once, and both are told the same number.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use Psql;
use Test::More;

my $database = 'clex_concurrent';
make_database($database);
psql(q{CREATE ROLE concurrent_owner NOLOGIN});
psql(q{SELECT clex.create_store('erp', owner => 'concurrent_owner'); SELECT erp.add_tenant(1, 'One')});


my ($a, $b) = (session(), session());
my $submit = q{SELECT document_id, is_duplicate FROM erp.submit(1, 'the same bytes'::bytea);};
say_to($a, "BEGIN; $submit");
my ($id, $duplicate) = split /\|/, hear($a);
is($duplicate, 'f', 'the first session stores the document');

say_to($b, $submit);
ok(wait_for(\&waiting_for_locks), 'the second one waits for it');
say_to($a, 'COMMIT;');
is(hear($b), "$id|t", 'and is then told which document it repeats');

# if the first one gives up, the second one stores it
$submit =~ s/the same/other/;
say_to($a, "BEGIN; $submit");
hear($a);
say_to($b, $submit);
wait_for(\&waiting_for_locks);
say_to($a, 'ROLLBACK;');
like(hear($b), qr/\|f$/, 'after a rollback the second session stores it');
is(psql('SELECT count(*) FROM erp.documents'), '2', 'two documents, no more');

for ($a, $b) { close $_->{in}; waitpid $_->{pid}, 0 }
system("psql -Xq -d postgres -c 'DROP DATABASE $database WITH (FORCE)' -c 'DROP ROLE concurrent_owner'");
done_testing();
