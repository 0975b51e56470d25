# clex-render: a document drawn as PDF/A-3 with its invoice attached, in the scripts of the world.
use strict;
use warnings;
use Cwd qw(abs_path);
use File::Temp qw(tempdir);
use FindBin;
use lib "$FindBin::Bin/lib";
use Psql qw(make_database slurp spew);
use Test::More;

my $program = abs_path('build/clex_render/clex-render');
my $work = tempdir(CLEANUP => 1);

sub psql
{
	my ($sql) = @_;
	# a PDF is too long for an argument
	spew("$work/query.sql", $sql);
	open my $out, '-|', 'psql', '-XqAt', '-v', 'ON_ERROR_STOP=1', '-d', 'clex_render', '-f', "$work/query.sql" or die "psql: $!\n";
	local $/;
	my $text = <$out> // '';
	close $out;
	return $text =~ s/\n\z//r;
}
sub hex_of { return '\\x' . unpack 'H*', $_[0] }

# Render a document; exit status and what was said.
sub render
{
	my ($json, $name, @options) = @_;
	spew("$work/$name.json", $json);
	my $said = `'$program' @options < '$work/$name.json' 2>&1 > '$work/$name.pdf'`;
	return ($? >> 8, $said);
}

make_database('clex_render');
psql('SET client_min_messages = warning; CREATE EXTENSION clex_pdf');

# what the checks below ask of every PDF
sub sound
{
	my ($name) = @_;
	my $check = `qpdf --check '$work/$name.pdf' 2>&1`;
	ok($? == 0 && $check =~ /No syntax or stream encoding errors/, "$name: qpdf finds nothing wrong") or diag($check);
	my @fonts = grep { !/^(?:name|---)/ } `pdffonts '$work/$name.pdf'`;
	ok(@fonts > 0 && !(grep { !/ yes (?:yes|no ) (?:yes|no ) +\d+ +\d+$/ } @fonts), "$name: all fonts are embedded") or diag(@fonts);
	my $pdf = slurp("$work/$name.pdf");
	is(psql("SELECT string_agg(x.rule, ' ') FROM clex_pdf.findings('" . hex_of($pdf) . "') x"), '', "$name: nothing is wrong with it as a carrier");
	like(scalar(`pdfinfo -meta '$work/$name.pdf'`), qr/<pdfaid:part>3<.*<pdfaid:conformance>B</s, "$name: it claims PDF/A-3b");
	unlike($pdf, qr{/(?:JavaScript|JS|Launch|URI|Encrypt)\b}, "$name: nothing in it acts");
	return $pdf;
}

# samples of both kinds
for my $sample (qw(facturx-fr-basic se-kreditfaktura-rabatt be-imprimerie-piece-jointe))
{
	my $xml = slurp("extension/test/samples/$sample.xml");
	my $json = psql("SELECT clex.read('" . hex_of($xml) . "')");
	is_deeply([render($json, $sample, '-l', 'fr')]->[0], 0, "$sample is drawn");
	my $pdf = sound($sample);
	is(psql("SELECT clex.same_terms(clex_pdf.facturx_read('" . hex_of($pdf) . "'), clex.read(clex.convert('" . hex_of($xml) . "', 'cii')))"), 't',
		"$sample: what is attached says what the document says");
	render($json, "again", '-l', 'fr');
	is(slurp("$work/again.pdf"), $pdf, "$sample: the same input gives the same bytes");
}
like(scalar(`pdftotext -layout '$work/facturx-fr-basic.pdf' -`), qr/Facture.*Net \xC3\xA0 payer.*669,36.EUR/s, 'the page says what is due');

# scripts that have to be shaped, and text that means harm
my $world = '{"$kind": "invoice", "$format": "json", "invoice": {"number": "7", "issue_date": "2026-03-01", "type_code": "380", "currency": "THB"}, "process": {"specification": "urn:cen.eu:en16931:2017"},
	"notes": [{"text": "שלום"}, {"text": "<b>&amp;\u0001\u202e</b>"}, {"text": "' . ('word ' x 9000) . 'end"}], "seller": {"name": "บริษัท น้ำปลาไทย จำกัด"}, "buyer": {"name": "上海国际贸易有限公司"}, "payee": {"name": "شركة الواحة"},
	"totals": {"payable": 12345678901234567890.12}, "lines": [' . join(', ', map { qq({"identifier": "$_", "item": {"name": "Item $_"}}) } 1 .. 120) . ']}';
is_deeply([render($world, 'world')], [0, "clex-render: 1 value of the document has no place in CII\n"], 'scripts of the world are drawn, and what CII cannot say is told');
sound('world');
my $fonts = `pdffonts '$work/world.pdf'`;
like($fonts, qr/$_/, "in $_") for qw(Thai Hebrew Arabic CJK);
my $text = `pdftotext '$work/world.pdf' -`;
ok((grep { $text !~ /Item $_\b/ } 1 .. 120) == 0, 'every line is on some sheet');
like($text, qr/word word\s+end/, 'a text longer than a sheet flows on');
my @heads = $text =~ /^Item$/mg;
cmp_ok(scalar @heads, '>', 2, 'the head of the table stands on every sheet');
like($text, qr/1 \/ (\d+)/, 'sheets are numbered');

# misuse
for my $case (['{', qr/unexpected|expected|end/i, 1], ['{"$kind": "invoice", "$format": "json", "invoice": {"number": "1", "issue_date": "2026-01-01"}}', qr/no specification \(BT-24\)/, 1])
{
	my ($status, $said) = render($case->[0], 'bad');
	is($status, $case->[2], 'refused');
	like($said, $case->[1], 'and says why');
	is(-s "$work/bad.pdf", 0, 'without output');
}
my ($status, $said) = render($world, 'bad', '-l', 'it');
is($status, 2, 'another language');
($status) = render('{"$kind": "invoice", "$format": "json"}', 'plain', '--plain');
is($status, 0, 'an empty document without attachment');
like(scalar(`qpdf --check '$work/plain.pdf' 2>&1`), qr/No syntax or stream encoding errors/, 'is a PDF');
done_testing();
