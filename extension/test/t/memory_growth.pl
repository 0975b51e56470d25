# 20,000 calls in one backend, good and bad documents and expressions, leave no memory behind.
use strict;
use warnings;
use Test::More;

my $database = 'clex_memory_growth';
$ENV{PGOPTIONS} = '-c client_min_messages=warning';

sub run_psql
{
	my ($sql) = @_;
	open my $pipe, '-|', 'psql', '-XqAt', '-v', 'ON_ERROR_STOP=1', '-d', $database, '-c', $sql or die "psql: $!";
	local $/ = undef;
	my $out = <$pipe> // '';
	close $pipe;
	return $out;
}

system("psql -Xq -d postgres -c 'DROP DATABASE IF EXISTS $database WITH (FORCE)' -c 'CREATE DATABASE $database' 2>/dev/null");
run_psql('CREATE EXTENSION clex; CREATE TABLE content (number int PRIMARY KEY, content bytea)');

# a few samples, and the same cut off or spoilt
my @samples = (sort glob 'extension/test/samples/*.xml')[0 .. 7];
my $number = 0;
open my $load, '|-', 'psql', '-Xq', '-d', $database, '-c', '\copy content FROM STDIN' or die "psql: $!";
for my $file (@samples)
{
	open my $in, '<:raw', $file or die "$file: $!";
	local $/ = undef;
	my $xml = <$in>;
	(my $spoilt = $xml) =~ s/(Amount[^>]*>)[-\d.]+</$1abc</g;
	print $load $number++, "\t\\\\x", unpack('H*', $_), "\n" for $xml, substr($xml, 0, 700), $spoilt;
}
close $load;

# Each call may fail; what it took must be given back all the same.
run_psql(<<'EOT');
CREATE PROCEDURE public.work(rounds int) LANGUAGE plpgsql AS $$
DECLARE
	c bytea;
	d clex.document;
	contents bytea[] := (SELECT array_agg(content ORDER BY number) FROM content);
BEGIN
	FOR i IN 1 .. rounds LOOP
		c := contents[1 + i % array_length(contents, 1)];
		PERFORM count(*) FROM clex.findings(c, '{en16931,structure}', NULL, (ARRAY['en', 'fr', 'de'])[1 + i % 3]);
		PERFORM v.valid FROM clex.verdict(c) AS v;
		BEGIN
			d := clex.read(c);
			PERFORM clex.test(d, 'BT-106 = sum(lines/BT-131)'), clex.document_verdict(d), d::text::clex.document;
			PERFORM clex.eval(d, 'matches(BT-1, ''' || i || ''') and BT-1 = ''' || i || '''');
			PERFORM clex.eval(d, 'decimal(BT-1)');
		EXCEPTION WHEN OTHERS THEN NULL;
		END;
	END LOOP;
END
$$;
EOT
# statements of their own, so that what belongs to a statement is gone when memory is looked at
open my $script, '>', 'build/memory_growth.sql' or die "build/memory_growth.sql: $!";
my $look = "SELECT sum(used_bytes), sum(total_bytes) FROM pg_backend_memory_contexts;\n"
	. "SELECT regexp_replace(pg_read_file('/proc/' || pg_backend_pid() || '/status'), '.*VmRSS:\\s*(\\d+).*', '\\1');\n";
print $script "CALL public.work(1000);\n", $look, "CALL public.work(5000);\n" x 4, $look;
close $script;
open my $pipe, '-|', 'psql', '-XqAt', '-v', 'ON_ERROR_STOP=1', '-d', $database, '-f', 'build/memory_growth.sql' or die "psql: $!";
my @lines = map { chomp; $_ } <$pipe>;
close $pipe;
is(scalar @lines, 4, 'the backend lived through it') or diag("@lines");
my ($used_before, $total_before) = split /\|/, $lines[0];
my ($used_after, $total_after) = split /\|/, $lines[2];
cmp_ok($used_after - $used_before, '<', 256 * 1024, "memory in use grew by less than 256 kB (by @{[$used_after - $used_before]})");
cmp_ok($total_after - $total_before, '<', 1024 * 1024, "memory taken grew by less than 1 MB (by @{[$total_after - $total_before]})");
SKIP:
{
	skip 'no /proc', 1 unless $lines[1] =~ /^\d+$/ && $lines[3] =~ /^\d+$/;
	# what libxml2 and ICU took with malloc counts here
	cmp_ok($lines[3] - $lines[1], '<', 8 * 1024, "the process grew by less than 8 MB (by @{[$lines[3] - $lines[1]]} kB)");
}
system("psql -Xq -d postgres -c 'DROP DATABASE IF EXISTS $database WITH (FORCE)'");
done_testing();
