# clex_pdf: invoices in PDF files, attached and read again, by others too; and files that mean harm.
#
# All PDFs are made here, so that each says what it is about.  What qpdf and poppler make of ours is looked at.
use strict;
use warnings;
use Compress::Zlib qw(compress);
use File::Temp qw(tempdir);
use FindBin;
use lib "$FindBin::Bin/lib";
use Psql;
use Test::More;

my $database = 'clex_pdf';
my $work = tempdir(CLEANUP => 1);
srand(20260331);

sub hex_of { return '\\x' . unpack 'H*', $_[0] }
sub bytes_of { return pack 'H*', $_[0] }

# Files into table f, by name.
sub store
{
	my (%files) = @_;
	open my $copy, '|-', 'psql', '-Xq', '-v', 'ON_ERROR_STOP=1', '-d', $database, '-c', 'COPY f FROM STDIN' or die "psql: $!\n";
	print {$copy} "$_\t\\", hex_of($files{$_}), "\n" for sort keys %files;
	close $copy or die "COPY failed\n";
}

# A PDF of these objects, the first one its catalog.
sub pdf
{
	my ($trailer, @objects) = @_;
	my $pdf = "%PDF-1.7\n%\xE2\xE3\xCF\xD3\n";
	my @at;
	for my $i (0 .. $#objects) { push @at, length $pdf; $pdf .= ($i + 1) . " 0 obj\n$objects[$i]\nendobj\n" }
	my $xref = length $pdf;
	$pdf .= sprintf "xref\n0 %d\n0000000000 65535 f \n", @objects + 1;
	$pdf .= sprintf "%010d 00000 n \n", $_ for @at;
	return $pdf . sprintf "trailer\n<< /Size %d /Root 1 0 R /ID [<01><01>] %s >>\nstartxref\n%d\n%%%%EOF\n", @objects + 1, $trailer, $xref;
}
sub stream { my ($dictionary, $data) = @_; return sprintf "<< %s /Length %d >>\nstream\n%s\nendstream", $dictionary, length $data, $data }

sub xmp
{
	my ($part) = @_;
	return '<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
		. "<rdf:Description rdf:about=\"\" xmlns:pdfaid=\"http://www.aiim.org/pdfa/ns/id/\" pdfaid:part=\"$part\" pdfaid:conformance=\"B\"/>"
		. '<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title><rdf:Alt><rdf:li xml:lang="x-default">A &amp; B</rdf:li></rdf:Alt></dc:title></rdf:Description>'
		. '</rdf:RDF></x:xmpmeta><?xpacket end="w"?>';
}

# A page without fonts that claims PDF/A-`part`.
sub base
{
	my ($part, $catalog, @more) = @_;
	return pdf('', "<< /Type /Catalog /Pages 2 0 R /Metadata 4 0 R /OutputIntents [ << /Type /OutputIntent /S /GTS_PDFA1 /OutputConditionIdentifier (sRGB) /DestOutputProfile 5 0 R >> ] $catalog >>",
		'<< /Type /Pages /Kids [ 3 0 R ] /Count 1 >>', '<< /Type /Page /Parent 2 0 R /MediaBox [ 0 0 595 842 ] /Resources << >> >>',
		stream('/Type /Metadata /Subtype /XML', xmp($part)), stream('/N 3', 'not a profile'), @more);
}

# One attached file, as objects from number `n` on.
sub attached
{
	my ($n, $name, $filter, $data) = @_;
	return ("<< /Type /Filespec /F ($name) /UF ($name) /AFRelationship /Alternative /EF << /F " . ($n + 1) . ' 0 R >> >>',
		stream("/Type /EmbeddedFile /Subtype /text#2Fxml $filter", $data));
}

my $cii = slurp('extension/test/samples/facturx-fr-basic.xml');
make_database($database);
psql("SET client_min_messages = warning; CREATE EXTENSION clex_pdf; CREATE TABLE f (name text PRIMARY KEY, content bytea)");
psql(q{
	CREATE FUNCTION outcome(content bytea) RETURNS text LANGUAGE plpgsql AS $$
	BEGIN
		PERFORM FROM clex_pdf.attachments(content);
		PERFORM FROM clex_pdf.findings(content);
		RETURN COALESCE((SELECT i.name FROM clex_pdf.invoice(content) i), 'none');
	EXCEPTION WHEN OTHERS THEN RETURN SQLSTATE;
	END $$});

# attaching, and reading again
store(cii => $cii, base1 => base(1, ''), base3 => base(3, ''), plain => pdf('', '<< /Type /Catalog /Pages 2 0 R >>', '<< /Type /Pages /Kids [] /Count 0 >>'),
	other => base(3, '/AF [ 6 0 R ] /Names << /EmbeddedFiles << /Names [ (zz) 6 0 R ] >> >>', attached(6, 'more.csv', '', 'a;b')));
psql(q{INSERT INTO f SELECT 'out' || n, clex_pdf.embed((SELECT content FROM f WHERE name = 'base' || n), (SELECT content FROM f WHERE name = 'cii')) FROM unnest(ARRAY[1, 3]) n});
psql(q{INSERT INTO f SELECT 'two', clex_pdf.embed((SELECT content FROM f WHERE name = 'other'), (SELECT content FROM f WHERE name = 'cii'))});
psql(q{INSERT INTO f SELECT 'again', clex_pdf.embed(content, (SELECT content FROM f WHERE name = 'cii'), '{"description": "Facture été", "modified": "2026-03-31T12:00:00+02"}') FROM f WHERE name = 'two'});
is(psql(q{SELECT name, mime, relationship, description, modified, checksum_matches, associated, in_names, is_invoice, size FROM f, clex_pdf.attachments(content) WHERE f.name = 'out3'}
	=~ s/SELECT name/SELECT attachments.name/r), 'factur-x.xml|text/xml|Alternative||D:20260316000000Z|t|t|t|t|' . length($cii), 'the attachment and what is said of it');
is(psql(q{SELECT string_agg(concat_ws(' ', a.name, a.description, a.modified), ', ' ORDER BY a.name) FROM f, clex_pdf.attachments(f.content) a WHERE f.name = 'again'}),
	"factur-x.xml Facture \xC3\xA9t\xC3\xA9 D:20260331100000Z, more.csv", 'the same name is replaced, another file stays');
is(psql(q{SELECT count(*) FROM f, clex_pdf.findings(f.content) x WHERE f.name IN ('out1', 'out3')}), 0, 'nothing is wrong with what was written');
is(psql(q{SELECT string_agg(x.rule, ' ' ORDER BY x.rule COLLATE "C") FROM f, clex_pdf.findings(f.content) x WHERE f.name = 'base1'}), 'no_invoice pdfa', 'what is wrong without an invoice');
is(psql(q{SELECT bool_and((clex_pdf.invoice(f.content)).content = c.content) FROM f, f c WHERE f.name IN ('out1', 'out3', 'two', 'again') AND c.name = 'cii'}), 't', 'the XML comes out byte for byte');
is(psql(q{SELECT clex.same_terms(clex_pdf.facturx_read(f.content), clex.read(c.content)) FROM f, f c WHERE f.name = 'out3' AND c.name = 'cii'}), 't', 'it is read as the XML is');
is(psql(q{SELECT d.* FROM f, clex_pdf.detect(f.content) d WHERE f.name = 'out3'}), psql(q{SELECT 'facturx', d.kind, d.version, d.profile, d.encoding FROM f, clex.detect(f.content) d WHERE f.name = 'cii'}), 'and recognised');
is(psql(q{SELECT count(DISTINCT clex_pdf.embed(f.content, c.content)) FROM f, f c, generate_series(1, 3) WHERE f.name = 'base3' AND c.name = 'cii'}), 1, 'the same input gives the same bytes');
is(psql(q{SELECT x.rule, x.found, x.expected FROM f, f c, clex_pdf.findings(clex_pdf.embed(f.content, c.content, '{"relationship": "Supplement", "name": "invoice.xml"}'), 'de') x
	WHERE f.name = 'base3' AND c.name = 'cii' ORDER BY 1}), "name|invoice.xml|factur-x.xml\nrelationship|Supplement|Alternative, Data, Source", 'name and relationship of another profile');
is(psql(q{SELECT count(*) FILTER (WHERE a.name = 'factur-x.xml'), count(*), (SELECT count(*) FROM clex_pdf.findings(x) g WHERE g.location = 'factur-x.xml')
	FROM f, f c, clex_pdf.embed(f.content, c.content) x, clex_pdf.attachments(x) a WHERE f.name = 'again' AND c.name = 'cii' GROUP BY x}), '1|2|0', 'attaching once more leaves one of it');

# misuse
sub refused
{
	my ($call, $state, $what) = @_;
	psql("CREATE OR REPLACE FUNCTION refusal() RETURNS text LANGUAGE plpgsql AS \$\$ BEGIN PERFORM $call FROM f, f c WHERE f.name = '$what' AND c.name = 'cii'; RETURN 'done'; EXCEPTION WHEN OTHERS THEN RETURN SQLSTATE || ' ' || SQLERRM; END \$\$");
	like(psql('SELECT refusal()'), $state, "$call of $what");
}
refused('clex_pdf.embed(f.content, c.content)', qr/^22023 the PDF does not claim to be PDF\/A$/, 'plain');
refused("clex_pdf.embed(f.content, '<a/>')", qr/^22023 the XML has no guideline/, 'base3');
refused(q{clex_pdf.embed(f.content, c.content, '{"nam": "x"}')}, qr/^22023 there is no option "nam"$/, 'base3');
refused(q{clex_pdf.embed(f.content, c.content, '{"relationship": "x"}')}, qr/^22023 there is no relationship "x"$/, 'base3');
refused('clex_pdf.embed(c.content, c.content)', qr/^22000 the content is not a PDF$/, 'base3');
refused('clex_pdf.facturx_read(f.content)', qr/^22000 no attachment of the PDF is an invoice$/, 'base3');
refused("clex_pdf.findings(f.content, 'it')", qr/^22023 /, 'base3');

# the function behind another declaration
psql(q{DO $$ BEGIN EXECUTE format('CREATE FUNCTION wrong(bytea) RETURNS text AS %L, %L LANGUAGE C', (SELECT probin FROM pg_proc WHERE oid = 'clex_pdf.invoice(bytea)'::regprocedure), 'clex_pdf_invoice'); END $$});
like(psql_says(q{SELECT wrong(content) FROM f WHERE name = 'out3'}, 'verbose'), qr/42804: +clex_pdf.invoice\(\) must return a row.*HINT: /s, 'a declaration that is not of this version');

# what others make of it
for my $name (qw(out1 out3 again))
{
	spew("$work/$name.pdf", bytes_of(psql("SELECT encode(content, 'hex') FROM f WHERE name = '$name'")));
	my $check = `qpdf --check '$work/$name.pdf' 2>&1`;
	ok($? == 0 && $check =~ /No syntax or stream encoding errors/, "qpdf finds nothing wrong with $name") or diag($check);
	system("pdfdetach -saveall -o '$work' '$work/$name.pdf' >/dev/null 2>&1");
	is(slurp("$work/factur-x.xml"), $cii, "poppler finds the invoice in $name");
	unlink "$work/factur-x.xml";
	like(scalar(`pdfinfo -meta '$work/$name.pdf'`), qr/<pdfaid:part>3<|pdfaid:part="3"/, "$name claims PDF/A-3");
}

# encrypted: with an empty password it is read, and said to be; with another one it is not
system("qpdf --encrypt '' owner 256 -- '$work/out3.pdf' '$work/empty.pdf'") == 0 or die;
system("qpdf --encrypt secret owner 256 -- '$work/out3.pdf' '$work/secret.pdf'") == 0 or die;
store(empty => slurp("$work/empty.pdf"), secret => slurp("$work/secret.pdf"));
is(psql(q{SELECT (clex_pdf.invoice(f.content)).content = c.content FROM f, f c WHERE f.name = 'empty' AND c.name = 'cii'}), 't', 'encrypted with an empty password');
is(psql(q{SELECT x.rule FROM f, clex_pdf.findings(f.content) x WHERE f.name = 'empty' AND severity = 'fatal'}), 'encrypted', 'which is a finding');
refused('clex_pdf.invoice(f.content)', qr/^0A000 the PDF cannot be opened without a password$/, 'secret');
refused('clex_pdf.embed(f.content, c.content)', qr/^22023 the PDF is encrypted$/, 'empty');

# which attachment is the invoice
sub chosen
{
	my ($expected, @files) = @_;
	my $n = 6;
	my (@objects, @names);
	for my $file (@files) { push @objects, attached($n, $file->[0], '', $file->[1]); push @names, "($n) $n 0 R"; $n += 2 }
	my $of = "of @{[map { $_->[0] } @files]}";
	store($of => base(3, "/Names << /EmbeddedFiles << /Names [ @names ] >> >>", @objects));
	is(psql("SELECT outcome(content) FROM f WHERE name = '$of'"), $expected, $of);
}
chosen('factur-x.xml', ['ZUGFeRD-invoice.xml', '<a/>'], ['order-x.xml', '<a/>'], ['factur-x.xml', '<b/>']);
chosen('xrechnung.xml', ['zugferd-invoice.xml', '<a/>'], ['xrechnung.xml', '<b/>']);
chosen('ZUGFeRD-invoice.xml', ['attachment.xml', '<a/>'], ['ZUGFeRD-invoice.xml', '<b/>']);
chosen('ORDER-X.xml', ['ORDER-X.xml', '<a/>'], ['a.xml', $cii]);
chosen('factur-x.xml', ['copy.xml', $cii], ['factur-x.xml', '<a/>'], ['again.xml', $cii]);
chosen('Factur-X.XML', ['a.xml', $cii], ['Factur-X.XML', '<b/>']);
chosen('rechnung.xml', ['a.xml', '<a/>'], ['rechnung.xml', $cii]);
chosen('b.bin', ['a.xml', '<a/>'], ['b.bin', $cii]);
chosen('none', ['a.xml', '<a/>'], ['b.xml', 'text']);

# files that mean harm
my $bomb = compress("\0" x 80_000_000, 9);
my $deep = '[' x 200_000;
my %harm = (
	'not a PDF' => ['22000', 'hello'],
	'nothing' => ['22000', ''],
	'only a header' => ['22000', "%PDF-1.7\n"],
	'attachment that expands' => ['54000', base(3, '/AF [ 6 0 R ]', attached(6, 'factur-x.xml', '/Filter /FlateDecode', $bomb))],
	'attachment that expands twice' => ['54000', base(3, '/AF [ 6 0 R ]', attached(6, 'factur-x.xml', '/Filter [ /FlateDecode /FlateDecode ]', compress($bomb)))],
	'attachment as a picture' => ['0A000', base(3, '/AF [ 6 0 R ]', attached(6, 'factur-x.xml', '/Filter /DCTDecode', 'x'))],
	'attachment in hexadecimal' => ['factur-x.xml', base(3, '/AF [ 6 0 R ]', attached(6, 'factur-x.xml', '/Filter /ASCIIHexDecode', '3c612f3e>'))],
	'object stream that expands' => ['54000', base(3, '', stream('/Type /ObjStm /N 1 /First 4 /Filter /FlateDecode', $bomb))],
	'object stream that says so otherwise' => ['54000', base(3, '', stream('/Type /Obj#53tm /N 1 /#46irst 4 /Filter [ /Flate#44ecode ]', $bomb))],
	'object stream with two filters' => ['0A000', base(3, '', stream('/Type /ObjStm /N 1 /First 4 /Filter [ /FlateDecode /FlateDecode ]', compress($bomb)))],
	'object stream whose filter stands elsewhere' => ['0A000', base(3, '', stream('/Type /ObjStm /N 1 /First 4 /Filter 9 0 R', $bomb))],
	'cross references that expand' => ['54000', base(3, '', stream('/Type /XRef /W [ 1 2 1 ] /Size 5 /Filter /FlateDecode', $bomb))],
	'names in a circle' => ['54000', base(3, '/Names << /EmbeddedFiles 6 0 R >>', '<< /Kids [ 6 0 R 6 0 R ] >>')],
	'catalog within itself' => ['22000', pdf('', '1 0 R')],
	'arrays without end' => ['22000', base(3, "/Deep $deep")],
	'millions of numbers' => ['54000', base(3, '/Many [' . '0 ' x 5_000_000 . ']')],
	'millions of objects' => ['54000', base(3, '') . '1 0 obj<</A/B>>' x 1_500_000],
	'a string of words that begin objects' => ['54000', base(3, '/S (' . '1 0 obj << ' x 2000 . ')')],
	'one attachment thousands of times' => ['none', base(3, '/AF [ ' . '<< /F (a) /EF << /F 6 0 R >> >> ' x 3000 . ']', stream('', 'x'))],
	'attachments without number' => ['54000', base(3, '/AF [ ' . join(' ', map { "<< /F (a) /EF << /F $_ 0 R >> >>" } 6 .. 2105) . ' ]', (stream('', 'x')) x 2100)],
	'size beyond all bounds' => ['none', base(3, '') =~ s/\/Size \d+/\/Size 2147483647/r],
	'pages in a circle' => ['factur-x.xml', base(3, '/AF [ 6 0 R ]', attached(6, 'factur-x.xml', '', $cii)) =~ s/\/Kids \[ 3 0 R \]/\/Kids [ 2 0 R 3 0 R ]/r],
	'pages that are their own parent' => ['factur-x.xml', base(3, '/AF [ 6 0 R ]', attached(6, 'factur-x.xml', '', $cii)) =~ s/\/Type \/Page \/Parent 2 0 R/\/Type \/Page \/Parent 3 0 R/r],
	'a large attachment as it is' => ['54000', base(3, '/AF [ 6 0 R ]', attached(6, 'factur-x.xml', '', ' ' x 70_000_000))],
	'a file specification that is its own file' => ['none', base(3, '/AF [ 6 0 R ]', '<< /Type /Filespec /F (factur-x.xml) /EF << /F 6 0 R >> >>')],
	'an attachment that is no stream' => ['none', base(3, '/AF [ 6 0 R ]', '<< /Type /Filespec /F (factur-x.xml) /EF << /F 7 0 R >> >>', '<< /A 1 >>')],
	'names without AF' => ['factur-x.xml', base(3, '/Names << /EmbeddedFiles << /Names [ (a) 6 0 R ] >> >>', attached(6, 'factur-x.xml', '', $cii))],
	'previous table is this one' => ['none', do { my $p = base(3, ''); my ($at) = $p =~ /startxref\n(\d+)/; $p =~ s/\/Root/\/Prev $at \/Root/r }],
);
store(map { $_ => $harm{$_}[1] } keys %harm);
for my $name (sort keys %harm)
{
	is(psql("SET statement_timeout = '20s'; SELECT outcome(content) FROM f WHERE name = '$name'"), $harm{$name}[0], $name);
}
is(psql(q{SET clex_pdf.max_size = '1kB'; SELECT outcome(content) FROM f WHERE name = 'out3'}), '54000', 'a PDF that is too large');

# cut files and flipped bytes: an error that says so, or an answer; never anything else
my $good = slurp("$work/out3.pdf");
my %broken;
for my $i (0 .. 149) { $broken{sprintf 'cut %03d', $i} = substr $good, 0, int(length($good) * $i / 150) }
for my $i (0 .. 399)
{
	my $bytes = $i % 2 ? $good : base(3, '/AF [ 6 0 R ] /Names << /EmbeddedFiles << /Kids [ << /Names [ (a) 6 0 R ] >> ] >> >>', attached(6, 'factur-x.xml', '/Filter /FlateDecode', compress($cii)));
	substr($bytes, int rand length $bytes, 1) = chr int rand 256 for 0 .. int rand 12;
	$broken{sprintf 'flipped %03d', $i} = $bytes;
}
store(%broken);
my %seen;
$seen{$_}++ for split /\n/, psql(q{SET statement_timeout = '120s'; SELECT outcome(content) FROM f WHERE name ~ '^(cut|flipped)' ORDER BY name});
# an answer is the name of a file, whatever bytes of it were flipped
is(join(' ', grep { /^[0-9A-Z]{5}$/ && !/^(22000|0A000|54000)$/ } sort keys %seen), '', 'broken files give an answer or an error that says what is wrong');
ok(($seen{'22000'} // 0) > 20 && ($seen{'factur-x.xml'} // 0) > 100, 'some are read, some refused');
is(psql('SELECT 1'), 1, 'the server is well');
done_testing();
