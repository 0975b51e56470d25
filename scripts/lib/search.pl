#!/usr/bin/perl
# Print the lines of code that match a regular expression: search.pl REGEX <list of files, NUL between.
# Comments of C and SQL are left out, and in C the insides of strings.  Exit 0 if something matched.
use strict;
use warnings;

my $regex = qr/$ARGV[0]/;
my $found = 0;
local $/ = "\0";
my @files = <STDIN>;
chomp @files;
$/ = "\n";
for my $file (@files)
{
	open my $in, '<', $file or next;    # listed, but deleted in the work tree
	my $inside = 0;
	while (my $line = <$in>)
	{
		my $code = $line;
		$code =~ s/"(?:[^"\\]|\\.)*"/""/g if $file =~ /\.[ch]$/ && $code !~ /^\s*#\s*include/;
		if ($inside) { $code =~ s{^.*?\*/}{} ? ($inside = 0) : ($code = '') }
		$code =~ s{/\*.*?\*/}{}g;
		$inside = 1 if $code =~ s{/\*.*$}{}s;
		$code =~ s{//.*$}{}s if $file =~ /\.[ch]$/;
		$code =~ s{--.*$}{}s if $file =~ /\.sql$/;
		next unless $code =~ $regex;
		print "$file:$.: $line";
		$found = 1;
	}
}
exit($found ? 0 : 1);
