#!/usr/bin/env perl
# gen_edi_bindings.pl FOLDER TERMS: compile data/edi/invoice.tsv and its companions into the rules of core/codec/edi_bind.h.
use strict;
use warnings;

my ($folder, $terms_file) = @ARGV;
my %message = (d96a => 'D96A INVOIC', d01b => 'D01B INVOIC', d14b => 'D14B INVOIC', x12 => '004010 810');

sub table
{
	my ($file) = @_;
	my (@rows, @columns);
	open my $in, '<', $file or die "$file: $!";
	while (<$in>) {
		chomp;
		next if /^#/;
		my @fields = split /\t/, $_, -1;
		if (!@columns) { @columns = @fields; next }
		my %row = (at => "$file:$.");
		@row{@columns} = @fields;
		push @rows, \%row;
	}
	return @rows;
}
sub tag { my @c = map { ord } split //, $_[0]; return sprintf '0x%02x%02x%02x00u', map { $c[$_] // 0 } 0 .. 2 }
sub id { return 'TERM_' . $_[0] =~ tr/-/_/r }

# values of conditions, pairs and constants: runs of spans
my (@values, %run);
sub values_of
{
	my @v = @_;
	my $key = join '|', @v;
	if (!exists $run{$key}) { $run{$key} = @values; push @values, map { sprintf '{"%s", %d}', $_, length } @v }
	return "$run{$key}, " . @v;
}

# structures as the other generator numbers them: key -> first node; key, path -> node
my (%nodes, @keys);
for (table("$folder/edifact_structures.tsv"), table("$folder/x12_structures.tsv")) {
	my $key = "$_->{release} " . ($_->{message} // $_->{set});
	push @keys, $key if !$nodes{$key};
	push @{ $nodes{$key} }, [ $_->{group_path} // $_->{loop_path}, $_->{id}, $_->{kind} ne 'segment' ];
}
my (%first, %node, $total);
$total = 0;
for my $key (sort @keys) {
	$first{$key} = $total;
	my $i = 0;
	for (@{ $nodes{$key} }) {
		$i++;
		my $path = $_->[0] eq '' ? $_->[1] : "$_->[0]/$_->[1]";
		push @{ $node{$key}{$path}{ $_->[2] ? 'group' : 'segment' } }, $total + $i;
	}
	$total += 1 + @{ $nodes{$key} };
}

my %term = map { ($_->{id} => $_) } table($terms_file);
my (%map, @maps);
for (table("$folder/maps.tsv")) {
	$map{ $_->{map} } //= 1 + keys %map;
	push @maps, sprintf '{%d, {"%s", %d}, {"%s", %d}}', $map{ $_->{map} }, $_->{outer}, length $_->{outer}, $_->{inner}, length $_->{inner};
}
my @pair_rows = table("$folder/pairs.tsv");
my %pair = map { ("$pair_rows[$_]{family} $pair_rows[$_]{segment}" => $_ + 1) } 0 .. $#pair_rows;
my %convert = (
	'' => 'EDI_AS_IT_IS', date => 'EDI_DATE', number => 'EDI_NUMBER', cents => 'EDI_CENTS', party => 'EDI_PARTY', address => 'EDI_ADDRESS',
	item => 'EDI_ITEM', class => 'EDI_CLASS'
);

my @rows = table("$folder/invoice.tsv");
my %scope;    # column, group term -> path
for my $row (grep { $_->{term} =~ /^BG/ } @rows) { $scope{$_}{ $row->{term} } = $row->{$_} for keys %message }

my @conditions;
# "[1.1=A|B;!2]" at a level
sub conditions
{
	my ($at, $text, $up) = @_;
	my @out;
	for (split /;/, $text) {
		my ($not, $element, $component, $op, $values) = /^(!?)(\d+)(?:\.(\d+))?(?:(!?=)(.*))?$/ or die "$at: condition $_\n";
		my @v = defined $values ? split /[|>]/, $values : ();
		my $flags = $not ? 'EDI_CONDITION_EMPTY' : $op eq '!=' ? 'EDI_CONDITION_NOT' : $values =~ />/ ? 'EDI_CONDITION_BEST' : '0';
		push @out, sprintf '{%d, %d, %d, %s, %s}', $up, $element, $component // 1, $flags, @v ? values_of(@v) : '0, 0';
	}
	return @out;
}

my @rules;    # [node, text]
for my $row (grep { $_->{term} !~ /^BG/ } @rows) {
	my $term = $term{ $row->{term} } or die "$row->{at}: no term $row->{term}\n";
	for my $column (sort keys %message) {
		my $rank = 0;
		for my $place (grep { $_ ne '' } split / \| /, $row->{$column}) {
			my ($path, $value) = $place =~ /^(.*)@(.*)$/ or die "$row->{at}: $place\n";
			# groups with the condition on their trigger, then the segment with its own
			my @steps;
			push @steps, [ $1, $2, $3, $4 ] while $path =~ m{\G/?(\w+)(?:\((\w+)\[(.*?)\]\))?(?:\[(.*?)\])?}gc && $1 ne '';
			my $segment = pop @steps;
			my $where = join '/', (map { $_->[0] } @steps), $segment->[0];
			my $n = $node{ $message{$column} }{$where}{segment} or die "$row->{at}: $message{$column} has no $where\n";
			my @c = defined $segment->[3] ? conditions($row->{at}, $segment->[3], 0) : ();
			push @c, conditions($row->{at}, $steps[$_][2], @steps - $_) for grep { defined $steps[$_][2] } 0 .. $#steps;
			my @scopes;
			for (my $p = $term->{parent}; $p ne '-'; $p = $term{$p}{parent}) {
				next if $term{$p}{cardinality} !~ /n$/ || $p !~ /^BG/;
				my $begin = $scope{$column}{$p} or die "$row->{at}: $p begins nowhere in $column\n";
				my @begin = split m{/}, $begin;
				my $whole = join '/', map { $_->[0] } @steps;
				# a segment of its own, or a group around it
				push @scopes, $begin eq $where && !$node{ $message{$column} }{$begin}{group} ? 0 : @steps - @begin + 1;
				die "$row->{at}: $place does not lie in $begin\n" if $begin ne $where && "$whole/" !~ m{^\Q$begin\E/};
			}
			die "$row->{at}: $row->{term} lies in too many groups\n" if @scopes > 2;
			my ($element, $component, $last, $pair, $qualifiers) = (0, 0, 0, 0, '0, 0');
			if ($value =~ /^\{(.*)\}$/) {
				$pair = $pair{ ($column eq 'x12' ? 'x12 ' : 'edifact ') . $segment->[0] } or die "$row->{at}: no pairs in $segment->[0]\n";
				$qualifiers = values_of(split /\|/, $1);
			}
			else { ($element, $component, $last) = $value =~ /^(\d+)(?:\.(\d+)(?:-(\d+))?)?$/ or die "$row->{at}: value $value\n" }
			$component ||= 1;
			my $convert = $row->{convert};
			$convert = "x12:$convert" if $column eq 'x12' && exists $map{"x12:$convert"};
			# conversions of X12 codes are for X12 only, that of allowance reasons for EANCOM
			$convert = '' if ($convert =~ /^x12:/ && $column ne 'x12') || ($convert eq 'cents' && $column ne 'x12') || ($convert eq 'allowance' && $column eq 'd14b');
			$convert = 'number' if $convert eq '' && ($term->{datatype} =~ /Amount|amount|Quantity|Percentage/);
			my ($c, $m) = exists $map{$convert} ? ('EDI_CODE', $map{$convert}) : ($convert{$convert} // die("$row->{at}: conversion $convert\n"), 0);
			push @rules, [ $n->[0], sprintf '{%s, %s, %d, %d, %d, %d, %d, %d, {%s}, %d, %s, %d, %d}', id($row->{term}), $c, $m, $element, $component,
				$last // $component, $rank++, scalar @scopes, join(', ', @scopes ? @scopes : 0), $pair, $qualifiers, scalar @c, scalar @conditions ];
			push @conditions, @c;
		}
	}
}
my %order = map { ($rules[$_] => $_) } 0 .. $#rules;
@rules = sort { $a->[0] <=> $b->[0] || $order{$a} <=> $order{$b} } @rules;

my @constants;
for (table("$folder/constants.tsv")) {
	my ($element, $component) = $_->{place} eq '*' ? (0, 0) : split /\./, $_->{place};
	push @constants, sprintf '{%s, %s, %d, %d, %d, %s}', $_->{family} eq 'x12' ? 'EDI_X12' : 'EDI_EDIFACT', tag($_->{segment}), $element, $component,
	  $_->{when} eq 'always', values_of(split /\|/, $_->{value});
}
my @pairs = map {
	sprintf '{%s, %s, %s, %s, %d, %d}', $_->{family} eq 'x12' ? 'EDI_X12' : 'EDI_EDIFACT', tag($_->{segment}), $_->{qualifier} =~ s/\./, /r,
	  $_->{value} =~ s/\./, /r, $_->{step}, $_->{count}
} @pair_rows;

my $i = 0;
my @start;
for my $n (0 .. $total) { $i++ while $i < @rules && $rules[$i][0] < $n; push @start, $i }
print "/* generated by extension/gen/gen_edi_bindings.pl; do not edit */\n#include \"core/codec/edi_codec.h\"\n\n";
print "const EdiRule ClexEdiRules[] = {\n", map({ "\t$_->[1],\n" } @rules), "};\n\n";
print "const uint16_t ClexEdiRuleStart[] = {\n";
while (my @part = splice @start, 0, 20) { print "\t", join(', ', @part), ",\n" }
print "};\n\n";
print "const EdiCondition ClexEdiConditions[] = {\n", map({ "\t$_,\n" } @conditions), "};\n\n";
print "const Span ClexEdiBindValues[] = {\n", map({ "\t$_,\n" } @values), "};\n\n";
print "const EdiPairs ClexEdiPairs[] = {\n", map({ "\t$_,\n" } @pairs), "};\n\n";
print "const EdiMapRow ClexEdiMapRows[] = {\n", map({ "\t$_,\n" } @maps), "};\nconst uint32_t ClexEdiMapRowCount = ", scalar @maps, ";\n\n";
print "const EdiConstant ClexEdiConstants[] = {\n", map({ "\t$_,\n" } @constants), "};\nconst uint32_t ClexEdiConstantCount = ", scalar @constants, ";\n";
my @kinds = table("$folder/kinds.tsv");
print "\nconst EdiKindFact ClexEdiKinds[] = {\n", map({ "\t{\"$_->{type}\", \"$_->{kind}\"},\n" } @kinds), "};\nconst uint32_t ClexEdiKindCount = ", scalar @kinds, ";\n";
