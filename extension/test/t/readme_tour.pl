# What README and the pages show after a prompt is what a server answers.
use strict;
use warnings;
use Cwd qw(abs_path);
use FindBin;
use lib "$FindBin::Bin/lib";
use Psql;
use Test::More;

$ENV{PGOPTIONS} = '-c client_min_messages=warning';
my $database = make_database('clex_readme');
# the store that scripts/demo makes, with our samples
psql(q{CREATE ROLE readme_owner NOLOGIN});
psql(q{SELECT clex.create_store('demo', '{documents}', 'readme_owner'); SELECT demo.add_tenant(1, 'Demo');
	SELECT clex.create_store('erp', '{documents}', 'readme_owner'); SELECT erp.add_tenant(1, 'My company')});
system(qq{printf '%s\\0' extension/test/samples/*.xml | perl scripts/lib/load.pl --store demo --tenant 1 | psql -Xq -d $database}) == 0 or die "the samples were not loaded\n";

# Statements with what is shown below them, of the blocks of a page.
sub examples
{
	my ($page) = @_;
	my @examples;
	for my $block ($page =~ /^```\n(=> .*?)^```$/msg)
	{
		push @examples, [$1, $2] while $block =~ /^=> (.*?;)\n(.*?)(?=^=> |\z)/msg;
	}
	return @examples;
}

# Without lines and blanks: long texts are shown on several lines.
sub bare { my ($text) = @_; $text =~ s/[-+|\s]//g; return $text }

my $count = 0;
for my $file ('README.md', sort glob 'docs/*.md')
{
	for my $example (examples(slurp($file)))
	{
		my ($sql, $shown) = @$example;
		my @expanded = $shown =~ /RECORD 1/ ? '-x' : ();
		(my $call = $sql) =~ s{pg_read_binary_file\('([\w.-]+)'\)}{"pg_read_binary_file('" . abs_path((grep { -e } glob "extension/test/samples/{,*/}$1")[0] // $1) . "')"}ge;
		open my $psql, '-|', 'sh', '-c', 'exec psql -X -v SHOW_CONTEXT=never -P footer=off "$@" 2>&1', 'psql', @expanded, '-d', $database, '-c', $call or die "psql: $!\n";
		my $said = do { local $/; <$psql> };
		close $psql;
		is(bare($said), bare($shown), "$file: " . ($sql =~ s/\s+/ /gr));
		$count++;
	}
}
cmp_ok($count, '>=', 6, 'there are examples');

system('psql', '-Xq', '-d', 'postgres', '-c', "DROP DATABASE $database WITH (FORCE)", '-c', 'DROP ROLE readme_owner');
done_testing();
