# A clearing that is cancelled, at whatever moment, stops within a second and gives its memory back.
use strict;
use warnings;
use Test::More;

my $database = 'clex_auction_cancel';
$ENV{PGOPTIONS} = '-c client_min_messages=warning';
# reading and grouping, solving, and the search for whole invoices
my %after = (split => [50, 200, 600, 1200, 1800], whole => [300, 1500, 3000]);
my $late = 2;    # seconds: one, and one more for a machine that does other things too

sub text_of
{
	my ($command) = @_;
	open my $pipe, '-|', $command or die "psql: $!";
	local $/ = undef;
	my $out = <$pipe> // '';
	close $pipe;
	return $out;
}

system("psql -Xq -d postgres -c 'DROP DATABASE IF EXISTS $database WITH (FORCE)' -c 'CREATE DATABASE $database' 2>/dev/null");

# everything in one backend, so that what a clearing left behind would show
open my $script, '>', 'build/auction_cancel.sql' or die "build/auction_cancel.sql: $!";
print $script <<'EOT';
CREATE EXTENSION clex;
CREATE VIEW many AS SELECT n AS invoice_id, 'B' || n % 25 AS buyer, 'S' || n % 997 AS supplier, 1000 + n * 7919::bigint % 900000 AS amount_minor,
	1 + n * 31 % 180 AS tenor_days, 40000 + n * 17 % 60 * 1000 AS reserve_ppm FROM generate_series(1, 1000000) n;
CREATE VIEW fewer AS SELECT * FROM many WHERE invoice_id <= 60000;
CREATE VIEW bid AS SELECT n AS bid_id, 'F' || n % 50 AS financier, 'B' || n / 50 AS buyer, 22000 + n * 77 % 40 * 500 AS rate_ppm,
	300000000::bigint AS max_amount FROM generate_series(0, 1249) n;
CREATE VIEW cap AS SELECT 'F' || n AS financier, 'total' AS scope, '*' AS key, 6000000000::bigint AS limit_minor FROM generate_series(0, 49) n;
CREATE VIEW used AS SELECT 'used ' || sum(used_bytes) FROM pg_backend_memory_contexts;
SELECT count(*) FROM clex.clear_auction('SELECT * FROM many WHERE invoice_id <= 1000', 'TABLE bid', 'TABLE cap') \g /dev/null
TABLE used;
EOT
for my $kind (sort keys %after)
{
	my $query = $kind eq 'split' ? q{'TABLE many', 'TABLE bid', 'TABLE cap', '{"divisible": true}'} : q{'TABLE fewer', 'TABLE bid', 'TABLE cap'};
	for my $ms (@{ $after{$kind} })
	{
		print $script <<"EOT";
SELECT clock_timestamp() AS begun \\gset
SET statement_timeout = $ms;
SELECT count(*) FROM clex.clear_auction($query) \\g /dev/null
\\set state :SQLSTATE
RESET statement_timeout;
SELECT '$kind $ms ' || :'state' || ' ' || extract(epoch FROM clock_timestamp() - :'begun'::timestamptz) * 1000;
EOT
	}
}
print $script "TABLE used;\n";
close $script;
my $out = text_of("psql -XqAt -d $database -f build/auction_cancel.sql 2>/dev/null");

my $cancelled = 0;
while ($out =~ /^(\w+) (\d+) (\w+) ([\d.]+)$/mg)
{
	my ($kind, $ms, $state, $took) = ($1, $2, $3, $4);
	$cancelled += $state eq '57014';
	like($state, qr/^(57014|00000)$/, "$kind after $ms ms: cancelled, or already done");
	cmp_ok($took, '<', $ms + 1000 * $late, "$kind after $ms ms: answered after $took ms");
}
cmp_ok($cancelled, '>=', 3, "$cancelled clearings were cancelled");
my @used = $out =~ /^used (\d+)$/mg;
is(scalar @used, 2, 'memory was looked at before and after');
cmp_ok($used[1] // 9e18, '<', ($used[0] // 0) + 1_000_000, 'the memory is given back');
system("psql -Xq -d postgres -c 'DROP DATABASE IF EXISTS $database WITH (FORCE)'");
done_testing();
