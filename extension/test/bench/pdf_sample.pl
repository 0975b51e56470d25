#!/usr/bin/perl
# A PDF of some 60 kB with an invoice attached: what a bench runs on where there is no corpus.
# usage: pdf_sample.pl invoice.xml > sample.pdf
use strict;
use warnings;
use Compress::Zlib qw(compress);

open my $in, '<:raw', $ARGV[0] or die "$ARGV[0]: $!\n";
my $xml = do { local $/; <$in> };
srand(1);
my $picture = join '', map { chr int rand 256 } 1 .. 50_000;
my $packed = compress($xml);
my @objects = (
	'<< /Type /Catalog /Pages 2 0 R /AF [ 4 0 R ] /Names << /EmbeddedFiles << /Names [ (factur-x.xml) 4 0 R ] >> >> >>',
	'<< /Type /Pages /Kids [ 3 0 R ] /Count 1 >>',
	'<< /Type /Page /Parent 2 0 R /MediaBox [ 0 0 595 842 ] >>',
	'<< /Type /Filespec /F (factur-x.xml) /UF (factur-x.xml) /AFRelationship /Alternative /EF << /F 5 0 R >> >>',
	"<< /Type /EmbeddedFile /Subtype /text#2Fxml /Filter /FlateDecode /Length @{[length $packed]} >>\nstream\n$packed\nendstream",
	"<< /Length @{[length $picture]} >>\nstream\n$picture\nendstream",
	map { "<< /Type /Font /Number $_ /Widths [ @{[map { 500 + $_ } 1 .. 100]} ] >>" } 1 .. 40);
my $pdf = "%PDF-1.7\n";
my @at;
for my $i (0 .. $#objects) { push @at, length $pdf; $pdf .= ($i + 1) . " 0 obj\n$objects[$i]\nendobj\n" }
my $xref = length $pdf;
$pdf .= sprintf "xref\n0 %d\n0000000000 65535 f \n", @objects + 1;
$pdf .= sprintf "%010d 00000 n \n", $_ for @at;
binmode STDOUT;
print $pdf, sprintf "trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n", @objects + 1, $xref;
