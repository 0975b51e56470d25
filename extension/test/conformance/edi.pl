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
my (%id, %group);
open my $in, '<', $terms_file or die "$terms_file: $!";
while (<$in>) { next if /^(#|number\t)/; my (undef, $id, $parent, $name, undef, $type) = split /\t/; $id{$parent}{$name} = $id; $group{$id} = $type eq 'Group' }

# canonical JSON as place => value; groups that cannot repeat leave no trace
sub flatten
{
	my ($node, $parent, $at, $out) = @_;
	for my $name (grep { !/^\$/ } keys %$node) {
		my $term = $id{$parent}{$name} // next;
		my $i = 0;
		for my $item (ref $node->{$name} eq 'ARRAY' ? @{ $node->{$name} } : $node->{$name}) {
			my $here = $group{$term} ? (ref $node->{$name} eq 'ARRAY' ? "$at$term\[$i]/" : $at) : "$at$term";
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

# The key of documents other than invoices: where each part of it is, by kind.  Codes of X12 become those of the model (maps.tsv).
my %number = (order => 'O-1', order_change => 'C-1', despatch_advice => 'D-1', receipt_advice => 'G-1', remittance_advice => 'R-1', application_response => 'A-1');
my %model = (AC => 'CA', AD => 'AP', AK => 'AB', A => 'AP', E => 'CA', P => 'CA', R => 'RE', M => 'RE', W => 'RE', X => 'RE');

# Does an acknowledgement refuse anything?
sub refuses { return scalar($_[0] =~ /^UC[IFM]\+.*\+4(?:\+|')|^AK[59]\*[RP]|\*R\*/m) }

sub check_key
{
	my ($file, $format, $kind, $key, $document, $terms) = @_;
	my @responses = @{ $document->{responses} // [] };
	my $number = $number{$kind} // ($format eq 'x12' ? 'O-1' : 'O-5');
	my %found = (
		number => $terms->{$number}, total => $terms->{'R-5'}, currency => $terms->{'R-4'} // $terms->{'O-6'}, response => $terms->{'O-52'},
		status => $terms->{'A-9'}, sets => scalar @responses, lines => scalar @{ $document->{lines} // [] }, items => scalar @{ $document->{items} // [] },
		about => join(':', $responses[0]{document_type} // '', $responses[0]{document} // ''), group => $terms->{'A-7'},
	);
	for my $name (sort grep { exists $found{$_} } keys %$key) {
		my $want = $key->{$name};
		$want =~ s/^.* // if $name eq 'group';
		$want = $model{$want} // $want if $name =~ /^(response|status)$/;
		# the corpus looks for totals of invoices in REMADV, and has that of the first item
		$found{total} = $terms->{'RG-1[0]/R-24'} if $name eq 'total' && $format eq 'edifact';
		judge(same('', $found{$name} // 'none', $want), "$file: $name " . ($found{$name} // 'none') . ", not $want");
	}
	# each level of 856 is a shipment, an order, a package or a line
	my $levels = 1 + @{ $document->{orders} // [] } + @{ $document->{lines} // [] } + @{ $document->{shipment}{handling_units} // [] };
	judge($levels == $key->{levels}, "$file: $levels levels, not $key->{levels}") if exists $key->{levels};
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
	# nothing answers an acknowledgement
	if (defined $got->{ack} && $want->{expect} =~ /^(read|lenient)$/) {
		judge(!refuses($got->{ack}), "$file: refused: $got->{ack}") if $want->{expect} eq 'read' && @faults == @{ $got->{faults} // [] };
		judge(refuses($got->{strict}), "$file: accepted in strict mode: $got->{strict}") if $want->{expect} eq 'lenient';
	}
	my %key = map { split /=/, $_, 2 } grep { /=/ } split /;/, $want->{key};
	if ($want->{expect} eq 'detect') {
		my $type = $key{type} // $key{set};
		judge(($got->{version} // '') =~ /^\Q$type\E /, "$file: version " . ($got->{version} // '') . ", not $type") if defined $type;
		next;
	}
	next if $want->{expect} !~ /^(read|lenient)$/ || $want->{version} =~ /^(999|TA1)/;
	if ($got->{read} =~ /^error: /) { judge(0, "$file: $got->{read}"); next }
	my @documents = @{ JSON::PP->new->allow_bignum(0)->decode($got->{read}) };
	# without the end of an interchange the corpus counts only what comes before it
	judge($want->{note} =~ /no (IEA|UNZ)/ ? @documents >= $want->{messages} : @documents == $want->{messages}, "$file: " . @documents . " documents, not $want->{messages}");
	# a file of several kinds: the key is that of the first one
	my ($kind) = $want->{kind} eq 'status' ? 'application_response' : $want->{kind};
	judge($documents[0]{'$kind'} eq $kind, "$file: read as $documents[0]{'$kind'}, not $kind");
	my %terms;
	flatten($documents[0], '-', '', \%terms);
	if ($kind !~ /^(invoice|credit_note)$/) { check_key($file, $want->{format}, $kind, \%key, $documents[0], \%terms); next }
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
	if ($verdict =~ /^ok/) { judge(!refuses($ack), "$file: refused: $ack"); next }
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
