# sax.sh: what benches of documents share: files of 8 to 12 kB in a warm table, CPU time of one backend beside
# that of the SAX parser alone over the same files.  Sourced, not run; the caller sets `top` and `folder`.

[ -d "$folder/validation" ] && folder="$folder/validation"
folder=$(cd "$folder" && pwd)
. "$top/scripts/lib/server.sh"
server_start bench "jit = off
max_parallel_workers_per_gather = 0"
trap server_stop EXIT
mkdir -p "$top/build/bench"
cc -O2 -o "$top/build/bench/sax" "$top/extension/test/bench/sax.c" $(pkg-config --cflags --libs libxml-2.0)
psql -XqAt -v ON_ERROR_STOP=1 <<-'EOT' >/dev/null
	SET client_min_messages = warning;
	DROP EXTENSION IF EXISTS clex CASCADE;
	CREATE EXTENSION clex;
	DROP TABLE IF EXISTS doc;
	CREATE TABLE doc (file text PRIMARY KEY, content bytea NOT NULL);
	ALTER TABLE doc ALTER content SET STORAGE MAIN, ALTER content SET COMPRESSION lz4;
EOT

# load PATTERN: files whose content matches a Perl pattern ('' for all), and time the parser on them
load() {
	find "$folder" -name '*.xml' | sort | perl -ne 'BEGIN { $p = shift @ARGV } chomp; open my $f, "<:raw", $_ or die "$_: $!"; local $/; my $c = <$f>;
		print "$_\n" if length $c >= 8000 && length $c <= 12000 && $c =~ /$p/;' "$1" >"$top/build/bench/files"
	psql -XqAt -c 'TRUNCATE doc' >/dev/null
	perl -ne 'chomp; open my $f, "<:raw", $_ or die "$_: $!"; local $/; print "$_\t\\\\x", unpack("H*", <$f>), "\n";' <"$top/build/bench/files" |
		psql -Xq -v ON_ERROR_STOP=1 -c 'COPY doc FROM STDIN'
	psql -XqAt -c 'VACUUM ANALYZE doc' >/dev/null
	read -r docs size sax < <("$top/build/bench/sax" 20 <"$top/build/bench/files")
}

# CPU microseconds a document of one statement: many runs after a warm-up, in one backend
measure() {
	perl - "$1" <<-'EOT'
		use strict; use warnings; use IPC::Open2;
		my ($sql) = @ARGV;
		my $pid = open2(my $out, my $in, 'psql', '-XqAt');
		$in->autoflush(1);
		print $in "SELECT pg_backend_pid();\n"; my $backend = <$out>; chomp $backend;
		sub cpu { open my $f, '<', "/proc/$backend/stat" or die $!; my @s = split ' ', (<$f> =~ s/^.*\) //r); return ($s[11] + $s[12]) / 100 }
		sub run { print $in "$sql;\n"; my $n = <$out>; return $n }
		print $in "SELECT count(*) FROM doc;\n"; my $docs = <$out>;
		run();
		my $t0 = cpu(); my $loops = 0;
		while ($loops < 20 || cpu() - $t0 < 2) { run(); $loops++ }
		printf "%.3f\n", (cpu() - $t0) / $loops / $docs * 1e6;
	EOT
}

# bar NAME MUST GOAL SAX MICROSECONDS: a line for scripts/bench
bar() { perl -e 'my ($n, $must, $goal, $sax, $us) = @ARGV; my $r = $sax / $us;
	printf "%s\t>= %.2f x SAX (goal %.2f)\t%.0f docs/CPU-s\t%.0f docs/CPU-s (SAX alone)\t%.2f\t%s\n", $n, $must, $goal, 1e6 / $us, 1e6 / $sax, $r, $r >= $must ? "ok" : "short"' "$@"; }
