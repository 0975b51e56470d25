# Documents read from every sample keep their bytes through text, through the binary protocol, and in parallel workers.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use Psql;
use Test::More;
use Cwd qw(getcwd);

my $database = 'clex_document_forms';
$ENV{PGOPTIONS} = '-c client_min_messages=warning';


make_database($database);
psql('CREATE TABLE sources (file text PRIMARY KEY, content bytea NOT NULL)');
open my $load, '|-', 'psql', '-Xq', '-d', $database, '-c', '\copy sources FROM STDIN' or die "psql: $!";
my $count = 0;
for my $file (sort glob 'extension/test/samples/*.xml')
{
	open my $in, '<:raw', $file or die "$file: $!";
	local $/ = undef;
	print $load "$file\t\\\\x", unpack('H*', <$in>), "\n";
	$count++;
}
close $load;
psql('CREATE TABLE documents AS SELECT file, clex.read(content) AS doc FROM sources');
is(psql('SELECT count(*) FROM documents'), $count, "$count samples are read");
ok($count > 50, 'there are samples');

is(psql(q{SELECT file FROM documents WHERE doc::text::clex.document OPERATOR(clex.<>) doc ORDER BY file}), '', 'in(out(x)) = x');
is(psql(q{SELECT file FROM documents WHERE doc::jsonb::text::clex.document OPERATOR(clex.<>) doc ORDER BY file}), '',
	'also by way of jsonb, which forgets the order of keys');

my $copy = getcwd() . '/build/document_forms.bin';
psql("\\copy (SELECT doc FROM documents ORDER BY file) TO '$copy' (FORMAT binary)");
psql('CREATE TABLE received (id serial, doc clex.document)');
psql("\\copy received (doc) FROM '$copy' (FORMAT binary)");
is(psql(q{SELECT count(*) FROM received r
	JOIN (SELECT row_number() OVER (ORDER BY file) AS id, doc FROM documents) d ON d.id = r.id AND d.doc OPERATOR(clex.=) r.doc}),
	$count, 'recv(send(x)) = x, and every image passes the full check');
unlink $copy;

# what value() finds is what stands in the JSON
is(psql(q{SELECT count(*) FROM documents
	WHERE clex.value(doc, 'invoice.number') IS DISTINCT FROM (doc::jsonb #>> '{invoice,number}')
		OR clex.value(doc, 'BT-44') IS DISTINCT FROM (doc::jsonb #>> '{buyer,name}')
		OR clex.value(doc, 'lines[2].net_amount') IS DISTINCT FROM (doc::jsonb #>> '{lines,1,net_amount}')
		OR doc OPERATOR(clex.->) 'totals' IS DISTINCT FROM doc::jsonb -> 'totals'
		OR doc OPERATOR(clex.->) 'lines' IS DISTINCT FROM doc::jsonb -> 'lines'}), '0', 'terms are what the JSON says');

# parallel workers give the same answers
my $parallel = q{SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0; SET min_parallel_table_scan_size = 0; SET max_parallel_workers_per_gather = 2;
	SET debug_parallel_query = on;};
$parallel =~ s/debug_parallel_query/force_parallel_mode/ if psql('SHOW server_version_num') < 160000;
my $query = q{SELECT sum(clex.number(doc, 'totals.payable')), min(clex.on_date(doc, 'BT-2')), count(doc OPERATOR(clex.->) 'seller') FROM documents};
like(psql("$parallel EXPLAIN $query"), qr/Gather/, 'a parallel plan');
is(psql("$parallel $query"), psql($query), 'gives the same answer');

system("psql -Xq -d postgres -c 'DROP DATABASE $database WITH (FORCE)'");
done_testing();
