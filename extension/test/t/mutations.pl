# Documents that no corpus has: samples changed at random by fixed seeds (lib/Mutate.pm).
#
# Spelled otherwise a document is the same: equal terms, equal extras.  With another content that the schema allows, the law of
# conversion holds: back from its own format with equal terms and extras, from the other ones with equal terms but for the losses told.
use strict;
use warnings;
use File::Path qw(make_path remove_tree);
use FindBin;
use lib "$FindBin::Bin/lib";
use Encode qw(decode encode);
use Mutate;
use Psql;
use Test::More;

my $samples = 'extension/test/samples';
my $folder = 'build/mutations';
my $facts = schema_facts(map { "extension/data/schemas/$_.types.tsv" } qw(ubl21 cii_d16b));
my ($respellings, $changes, $from) = (2, 3, $ENV{MUTATE_FROM} // 1);
($respellings, $changes) = split /,/, $ENV{MUTATE} if $ENV{MUTATE};

my (%original, %changed, @same);
remove_tree($folder);
make_path("$folder/same", "$folder/other");
for my $file (sort map { glob "$samples/$_" } qw(*.xml orders/ubl-*.xml))
{
	my $bytes = slurp($file);
	my $text = eval { decode('UTF-8', $bytes, Encode::FB_CROAK | Encode::LEAVE_SRC) } // next;
	next if $text =~ /<!DOCTYPE/;
	my ($name) = $file =~ m{([^/]+)\.xml$};
	$original{$name} = $bytes;
	for my $n (1 .. $respellings)
	{
		seed(7919 * ($from + $n) + length $bytes);
		push @same, "$name-$n";
		spew("$folder/same/$name-$n.xml", encode('UTF-8', respell($text)));
	}
	for my $n (1 .. $changes)
	{
		seed(104729 * ($from + $n) + length $bytes);
		my @log;
		spew("$folder/other/$name-$n.xml", encode('UTF-8', change($text, $facts, \@log)));
		$changed{"$name-$n"} = join ', ', @log;
	}
}
cmp_ok(scalar keys %original, '>=', 80, keys(%original) . ' samples');

make_database('clex_mutations');
psql('CREATE TABLE f (name text PRIMARY KEY, original text, content bytea)');
open my $copy, '|-', 'psql', '-Xq', '-v', 'ON_ERROR_STOP=1', '-d', 'clex_mutations', '-c', 'COPY f FROM STDIN' or die "psql: $!\n";
print {$copy} "$_\t\\N\t\\\\x", unpack('H*', $original{$_}), "\n" for sort keys %original;
print {$copy} "$_\t", s/-\d+$//r, "\t\\\\x", unpack('H*', slurp("$folder/same/$_.xml")), "\n" for @same;
close $copy or die "COPY failed\n";
my $extras = q{(SELECT COALESCE(array_agg((e ->> 'path', e ->> 'value')::text ORDER BY (e ->> 'path') COLLATE "C", (e ->> 'value') COLLATE "C"), '{}') FROM jsonb_array_elements(COALESCE(%s::jsonb -> '$extras', '[]')) e)};
is(psql(sprintf q{SELECT string_agg(m.name, ' ' ORDER BY m.name) FROM f m JOIN f o ON o.name = m.original, clex.read(m.content) a, clex.read(o.content) b
	WHERE NOT clex.same_terms(a, b) OR clex.kind(a) <> clex.kind(b) OR %s <> %s}, sprintf($extras, 'a'), sprintf($extras, 'b')), '', 'spelled otherwise a document has the same terms and extras');
is(psql(q{SELECT string_agg(m.name, ' ' ORDER BY m.name) FROM f m JOIN f o ON o.name = m.original, clex.detect(m.content) a, clex.detect(o.content) b
	WHERE (a.format, a.kind, a.version, a.profile) IS DISTINCT FROM (b.format, b.kind, b.version, b.profile)}), '', 'and is recognised as it was');

system('make', '-s', 'build/unit/test_write.t') == 0 or BAIL_OUT('build/unit/test_write.t is not built');
for my $which (qw(same other))
{
	my @wrong = map { /^not ok \d+ - (.*)/ ? $1 : () } split /\n/, scalar qx(build/unit/test_write.t $folder/$which);
	is(scalar @wrong, 0, $which eq 'same' ? 'and written again loses nothing untold' : 'another content that the schema allows is written and read again, but for losses that are told');
	for my $wrong (@wrong) { my ($name) = $wrong =~ m{([^/]+)\.xml}; diag($wrong . ($changed{$name // ''} ? " ($changed{$name})" : '')) }
}
done_testing();
