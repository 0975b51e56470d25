#!/usr/bin/env perl
# edi.pl TERMS CORPUS <lines of JSON: compare what clex says of each interchange with the manifests, the pairs and the quirks of a corpus.
use strict;
use warnings;
use JSON::PP;

my ($terms_file, $corpus) = @ARGV;
my ($agree, $differ) = (0, 0);

sub judge
{
	my ($good, $what) = @_;
	if   ($good) { $agree++ }
	else         { $differ++; print "deviation: $what\n" }
}

sub table
{
	my ($file) = @_;
	open my $in, '<', $file or die "$file: $!";
	chomp(my $head = <$in>);
	my @columns = split /\t/, $head;
	my @rows;
	while (<$in>) { chomp; my %row; @row{@columns} = split /\t/, $_, -1; push @rows, \%row }
	return @rows;
}

# readable path -> term, by parent
my %id;
open my $in, '<', $terms_file or die "$terms_file: $!";
while (<$in>) { next if /^(#|number\t)/; my (undef, $id, $parent, $name) = split /\t/; $id{$parent}{$name} = $id }

# canonical JSON as place => value; groups that cannot repeat leave no trace
sub flatten
{
	my ($node, $parent, $at, $out) = @_;
	for my $name (grep { !/^\$/ } keys %$node) {
		my $term = $id{$parent}{$name} // next;
		my $i = 0;
		for my $item (ref $node->{$name} eq 'ARRAY' ? @{ $node->{$name} } : $node->{$name}) {
			my $here = $term =~ /^BG/ ? (ref $node->{$name} eq 'ARRAY' ? "$at$term\[$i]/" : $at) : "$at$term";
			if (ref $item eq 'HASH' && exists $item->{value}) { $out->{$here} = $item->{value}; $out->{"$here/scheme"} = $item->{scheme} if defined $item->{scheme} }
			elsif (ref $item eq 'HASH') { flatten($item, $term, $here, $out) }
			else                        { $out->{$here} = $item }
			$i++;
		}
	}
}

# the expected terms likewise
sub expected
{
	my ($node, $at, $out) = @_;
	for my $term (grep { /^B[GT]/ } keys %$node) {
		my $i = 0;
		for my $item (ref $node->{$term} eq 'ARRAY' ? @{ $node->{$term} } : $node->{$term}) {
			my $here = $term =~ /^BG/ ? (ref $node->{$term} eq 'ARRAY' ? "$at$term\[$i]/" : $at) : "$at$term";
			if (ref $item eq 'HASH' && exists $item->{value}) { $out->{$here} = $item->{value}; $out->{"$here/scheme"} = $item->{scheme} if defined $item->{scheme} }
			elsif (ref $item eq 'HASH') { expected($item, $here, $out) }
			else                        { $out->{$here} = $item }
			$i++;
		}
	}
}

sub same
{
	my ($place, $got, $want) = @_;
	return 1 if $got eq $want;
	# the manifest says that these two cannot be told apart
	return 1 if $place =~ /BT-130$/ && join(' ', sort $got, $want) eq 'C62 H87';
	return $got =~ /^-?\d+(\.\d+)?$/ && $want =~ /^-?\d+(\.\d+)?$/ && $got == $want;
}

my %row;
$row{ $_->{file} } = $_ for table("$corpus/MANIFEST.tsv");
$row{"pairs/$_->{file}"} = $_ for table("$corpus/pairs/MANIFEST.tsv");
my %quirk = map { ($_->{file} => $_->{verdict}) } table("$corpus/pairs/quirks.tsv");

# What the corpus did not look at: references used twice, relations between elements of X12 (conditions, not structure), and
# character sets beyond the repertoire of a level.
my %unjudged = map { ($_ => 1) } qw(EDI-DUPLICATE EDI-ELEMENT-NEEDED EDI-ELEMENT-EXCLUDED);
# What the pairs forgot to list as lost: 810 has no payment means code and no VAT category of allowances.
my %no_place = map { ($_ => 1) } qw(BT-81 BT-95 BT-96);
my $decoder = JSON::PP->new->utf8->allow_bignum(0);

while (my $line = <STDIN>) {
	my $got = $decoder->decode($line);
	my $file = $got->{file};
	my $want = $row{$file} or die "no row for $file\n";
	my @faults = grep { !$unjudged{$_} } @{ $got->{faults} // [] };
	my $first = (split m{/}, $want->{version} // '')[0];
	judge($got->{format} eq $want->{format}, "$file: format $got->{format}, not $want->{format}");
	judge(($got->{version} // '') =~ /\Q$first\E/, "$file: version " . ($got->{version} // '') . ", not $want->{version}") if $want->{expect} ne 'refuse';
	judge(($got->{kind} // 'other') eq $want->{kind}, "$file: kind " . ($got->{kind} // 'none') . ", not $want->{kind}") if $want->{expect} ne 'refuse';
	judge(!@faults, "$file: faults where there are none: @faults") if $want->{expect} eq 'read';
	judge(scalar @faults, "$file: no fault ($want->{note})") if $want->{expect} eq 'lenient';
	judge($got->{read} =~ /^error: /, "$file: read, where it must be refused") if $want->{expect} eq 'refuse';
	next if $want->{kind} !~ /^(invoice|credit_note)$/ || $want->{expect} !~ /^(read|lenient)$/;
	if ($got->{read} =~ /^error: /) { judge(0, "$file: $got->{read}"); next }
	my @documents = @{ JSON::PP->new->allow_bignum(0)->decode($got->{read}) };
	judge(@documents == $want->{messages}, "$file: " . @documents . " documents, not $want->{messages}");
	my %terms;
	flatten($documents[0], '-', '', \%terms);
	my %key = map { split /=/, $_, 2 } grep { /=/ } split /;/, $want->{key};
	my $lines = () = grep { /BG-25\[\d+\]\/BT-126$/ } keys %terms;
	judge(($terms{'BT-1'} // '') eq $key{number}, "$file: number " . ($terms{'BT-1'} // 'none') . ", not $key{number}") if exists $key{number};
	judge(same('', $terms{'BT-112'} // $terms{'BT-115'} // 'none', $key{total}), "$file: total " . ($terms{'BT-112'} // 'none') . ", not $key{total}") if exists $key{total};
	judge(($terms{'BT-5'} // '') eq $key{currency}, "$file: currency " . ($terms{'BT-5'} // 'none') . ", not $key{currency}") if exists $key{currency};
	judge(scalar @{ $documents[0]{lines} // [] } == $key{lines}, "$file: " . @{ $documents[0]{lines} // [] } . " lines, not $key{lines}") if exists $key{lines};
	if ($file =~ m{^pairs/(case\d+)\.(x12|d96a\.edi|d01b\.edi)$}) {
		my ($case, $format) = ($1, { x12 => 'x12-810', 'd96a.edi' => 'edifact-d96a', 'd01b.edi' => 'edifact-d01b' }->{$2});
		open my $json, '<:raw', "$corpus/pairs/$case.json" or die $!;
		my $truth = do { local $/; $decoder->decode(scalar <$json>) };
		my %lost = map { ($_ => 1) } @{ $truth->{lost}{$format} };
		my %expected;
		expected($truth, '', \%expected);
		my %places = (%terms, %expected);
		for my $place (sort keys %places) {
			my ($term) = $place =~ m{(BT-\d+)(?:/scheme)?$};
			next if !exists $terms{$place} && ($lost{$term} || ($format eq 'x12-810' && $no_place{$term}));
			judge(exists $terms{$place} && exists $expected{$place} && same($place, $terms{$place}, $expected{$place}),
				"$file: $place is " . ($terms{$place} // 'missing') . ', expected ' . ($expected{$place} // 'nothing'));
		}
	}
	my ($name) = $file =~ m{^pairs/(quirk_\w+)};
	next if !defined $name || !defined $quirk{$name};
	my ($verdict, $ack) = ($quirk{$name}, $got->{ack});
	$ack = $got->{strict} if $verdict =~ /strict mode/;
	if ($verdict =~ /^ok/) { judge($ack !~ /^UC[IFM]\+.*\+4(\+|')|\*R\*/m, "$file: refused: $ack"); next }
	judge($ack =~ /^UC[IFM]\+.*\+4(\+|')/m, "$file: not refused") if $verdict =~ /CONTRL 4/;
	my ($error) = $verdict =~ /error (\d+)/;
	my ($set) = $verdict =~ /AK5 R (\d+)/;
	my ($group) = $verdict =~ /AK9 R ?(\d*)/;
	my ($note) = $verdict =~ /TA1 R ?(\d*)/;
	judge($ack =~ /\+4\+$error\b|UC[SD]\+(?:\d+\+)?$error\b/, "$file: no error $error in $ack") if defined $error;
	judge($ack =~ /AK5\*R\*$set/, "$file: no AK5 R $set in $ack") if defined $set;
	judge($ack =~ /AK9\*R\*.*$group~/, "$file: no AK9 R in $ack") if defined $group;
	judge($ack =~ /TA1\*.*\*R\*$note/, "$file: no TA1 R in $ack") if defined $note;
}
print "edi: $agree agree, $differ differ\n";
exit($differ > 0);
