#!/usr/bin/perl
# Turn files into a psql script that submits them to a store, in batches, one connection for all.
#
#   find DIR -type f -print0 | load.pl --store demo --tenant 1 | psql ...
#
# Every file gives a row of temporary table loaded (file, document_id, is_duplicate, error), also one
# that cannot be read from disk.  A progress line goes to standard error if that is a terminal.
use strict;
use warnings;
use Getopt::Long;

my ($store, $tenant, $batch_files, $batch_bytes, $max_bytes) = ('demo', 1, 100, 4 << 20, 200 << 20);
GetOptions('store=s' => \$store, 'tenant=i' => \$tenant, 'batch=i' => \$batch_files) or exit 2;
$store =~ /^[a-z][a-z0-9_]*$/ or die "load: not the name of a store: $store\n";

binmode STDIN;
binmode STDOUT;
local $/ = undef;
my @files = split /\0/, <STDIN> // '';
my ($done, $bytes, $in_batch, $last) = (0, 0, 0, 0);

# A field in COPY's text format.
sub copy_text
{
	my ($text) = @_;
	return '\\N' unless defined $text;
	$text =~ s/\\/\\\\/g;
	$text =~ s/\t/\\t/g;
	$text =~ s/\n/\\n/g;
	$text =~ s/\r/\\r/g;
	# a file name need not be UTF-8: show what is not as \xHH
	utf8::decode(my $copy = $text) or $text =~ s/([\x80-\xff])/sprintf '\\\\x%02x', ord $1/ge;
	return $text;
}

sub begin_batch { print "TRUNCATE batch;\nCOPY batch (ordinal, file, content, error) FROM STDIN;\n" }

sub end_batch
{
	print "\\.\n";
	print <<"EOT";
INSERT INTO loaded (file, error) SELECT file, error FROM batch WHERE content IS NULL;
INSERT INTO loaded (file, document_id, is_duplicate)
SELECT g.files[s.ordinal], s.document_id, s.is_duplicate
FROM (SELECT array_agg(content ORDER BY ordinal) AS contents, array_agg(file ORDER BY ordinal) AS files
	FROM batch WHERE content IS NOT NULL) g,
	LATERAL $store.submit_many($tenant, g.contents, g.files) s
WHERE g.contents IS NOT NULL;
EOT
	($in_batch, $bytes) = (0, 0);
}

sub progress
{
	return unless -t STDERR && @files;
	my $percent = int(100 * $done / @files);
	return if $percent == $last && $done < @files;
	$last = $percent;
	my $bar = '=' x int($percent / 2.5);
	printf STDERR "\rloading [%-40s] %3d %%  %d of %d files", $bar, $percent, $done, scalar @files;
	print STDERR "\n" if $done == @files;
}

$| = 1;
print <<'EOT';
CREATE TEMPORARY TABLE batch (ordinal int, file text, content bytea, error text);
CREATE TEMPORARY TABLE loaded (file text, document_id bigint, is_duplicate boolean, error text);
EOT
for my $file (@files)
{
	my ($content, $error);
	if (open my $in, '<:raw', $file)
	{
		my $size = -s $in;
		if ($size > $max_bytes) { $error = sprintf 'larger than %d MB', $max_bytes >> 20 }
		else { $content = <$in>; $error = "$!" unless defined $content || eof $in; $content //= '' unless $error }
		close $in;
	}
	else { $error = "$!" }
	begin_batch() unless $in_batch;
	print join("\t", $done, copy_text($file), defined $content ? '\\\\x' . unpack('H*', $content) : '\\N', copy_text($error)), "\n";
	$in_batch++;
	$bytes += length $content if defined $content;
	$done++;
	if ($in_batch >= $batch_files || $bytes >= $batch_bytes) { end_batch(); progress() }
}
end_batch() if $in_batch;
progress();
