#!/usr/bin/perl
# Sum up what extension/test/conformance/write measured: TAP of test_write.c, and rows of verdicts that were good before.
# Differences that docs/deviations.md explains are named; each has a narrow condition of its own.
use strict;
use warnings;

my ($corpus) = @ARGV;
my (%count, %invalid, @differ, @named);

# rules that the artefacts for UBL and CII decide otherwise for equal terms, or that only one of them has
my %apart = map { $_ => 1 } qw(BR-51 BR-53 BR-E-01 BR-S-01 BR-S-08 BR-AF-01 BR-AF-08 BR-AG-01 BR-AG-08 BR-CO-14 BR-CO-15 CII-DT-097 UBL-DT-01);

# Why a verdict may be worse in the other syntax; undef if nothing explains it.
sub verdict_reason {
	my ($format, $same, $set, $why) = @_;
	return undef if $same || $why eq '';
	my @findings = split /; /, $why;
	if ($set eq 'en16931') { return (grep { !$apart{ s/ .*//r } } @findings) ? undef : 'artefacts apart'; }
	return undef if $format ne 'ubl';
	return 'missing in the source' if !grep { !/^STRUCTURE-(?:MISSING |ATTRIBUTE \S*Amount)/ } @findings;
	return 'no date' if !grep { !/^STRUCTURE-VALUE \S*Date/ } @findings;
	return undef;
}

# Why a document may differ in its own format: only for those that the schema refuses.
sub text_reason {
	my ($file, $why) = @_;
	return undef if !$invalid{$file};
	return 'more than the schema allows' if $why =~ m{^extra \S*PaymentMeans/\S+ = .* is gone$};
	return 'two creditor identifiers' if $why =~ /^seller\.identifiers\[1\] = "", read again payment/ || $why =~ /^1 losses, the first is the format cannot say it by itself$/;
	return undef;
}

my @tap;
while (<STDIN>) {
	chomp;
	if (/^invalid\t(.*)/) { $invalid{$1} = 1; }
	elsif (/^not ok \d+ - (\S+) as (\w+): (.*)/) { push @tap, [ $1, $2, $3 ]; }
	elsif (/^# (\d+) documents, (\d+) of them unread, (\d+) losses/) {
		$count{'read again'} += 2 * ($1 - $2);
		print "read again: $1 documents, $2 of them unread, $3 losses in the other format\n";
	}
	elsif (/^verdict\t/) {
		my (undef, $file, $format, $same, $set, $valid, $why) = split /\t/, $_, -1;
		my $what = "$set, " . ($same ? 'same format' : "to $format");
		$count{$what}++;
		next if $valid;
		my $reason = verdict_reason($format, $same, $set, $why);
		push @{ $reason ? \@named : \@differ }, [ $file, $what, $reason // 'no longer valid', $why ];
	}
}
for (@tap) {
	my ($file, $format, $why) = @$_;
	my $reason = text_reason($file, $why);
	push @{ $reason ? \@named : \@differ }, [ $file, "as $format", $reason // 'differs', $why ];
}
die "write: nothing was measured\n" if !%count;
my $all = 0;
for (sort keys %count) { print "$_: $count{$_}\n"; $all += $count{$_}; }
for (@named, @differ) { my ($file, $what, $reason, $why) = @$_; printf "%s: %s: %s: %s\n", $file =~ s{^\Q$corpus\E/?}{}r, $what, $reason, substr($why, 0, 300); }
printf "write: %d agree, %d differ\n", $all - @differ, scalar @differ;
exit(@differ ? 1 : 0);
