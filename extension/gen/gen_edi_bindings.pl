#!/usr/bin/env perl
# gen_edi_bindings.pl FOLDER TERMS: compile the tables that data/edi/messages.tsv names, and their companions, into the rules of core/codec/edi_bind.h.
use strict;
use warnings;

my ($folder, $terms_file) = @ARGV;

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
# a group goes by its number and by its trigger, as in SG26/SG29/PRI and LIN/PRI/PRI
my (%node, $total);
$total = 0;
for my $key (sort @keys) {
	my %alias = ('' => '');
	my $rows = $nodes{$key};
	for my $i (0 .. $#$rows) {
		my ($group, $id, $is_group) = @{ $rows->[$i] };
		my $path = $group eq '' ? $id : "$group/$id";
		my $alias = ($alias{$group} eq '' ? '' : "$alias{$group}/") . ($is_group ? $rows->[ $i + 1 ][1] : $id);
		$alias{$path} = $alias if $is_group;
		push @{ $node{$key}{$_}{ $is_group ? 'group' : 'segment' } }, $total + $i + 1 for $path, $alias eq $path ? () : $alias;
	}
	$total += 1 + @$rows;
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
	item => 'EDI_ITEM', class => 'EDI_CLASS', time => 'EDI_TIME', shortage => 'EDI_SHORTAGE'
);

my @uses = table("$folder/messages.tsv");
my %shared;    # table, column -> how many structures
$shared{"$_->{table} $_->{column}"}++ for @uses;

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

# "SG2(NAD[1=SU])/SG3/RFF[1.1=VA]": steps of a name, the condition on the trigger of a group, and that on a segment
sub steps
{
	my ($at, $path) = @_;
	my @steps;
	push @steps, [ $1, $2, $3 ] while $path =~ m{\G/?(\w+)(?:\(\w+\[(.*?)\]\))?(?:\[(.*?)\])?}gc && $1 ne '';
	die "$at: path $path\n" if (pos($path) // 0) < length $path;
	return @steps;
}

# Where the repeating groups around a term begin, the innermost first: 0 at the segment, n at the n-th group around it.
sub scopes
{
	my ($row, $term, $scope, $where, $steps, $is_group) = @_;
	my @scopes;
	for (my $p = $term->{parent}; $p ne '-'; $p = $term{$p}{parent}) {
		next if $term{$p}{cardinality} !~ /n$/ || $term{$p}{datatype} ne 'Group';
		my $begin = $scope->{$p} or die "$row->{at}: $p begins nowhere\n";
		my @begin = $begin eq '.' ? () : split m{/}, $begin;
		my $whole = join '/', map { $_->[0] } @$steps;
		# a segment of its own, a group around it, or the message
		push @scopes, $begin eq $where && !$is_group->{$begin} ? 0 : @$steps - @begin + 1;
		die "$row->{at}: $where does not lie in $begin\n" if @begin && $begin ne $where && "$whole/" !~ m{^\Q$begin\E/};
	}
	die "$row->{at}: $row->{term} lies in too many groups\n" if @scopes > 2;
	return @scopes;
}

# The conversion of a term in a column: a map of that column before one for all; those that are named for another column are not for this one.
my %other = map { /:(.*)/ ? ($1 => 1) : () } keys %map;
sub conversion
{
	my ($row, $term, $column) = @_;
	$column =~ s/_.*//;    # of several messages of a family that share a table
	my $convert = $row->{convert};
	my ($of, $name) = $convert =~ /^(\w+):(.*)/ ? ($1, $2) : ($column, $convert);
	$convert = exists $map{"$column:$name"} ? "$column:$name" : $of ne $column ? '' : exists $map{$name} || !$other{$name} ? $name : '';
	$convert = '' if ($convert eq 'cents' && $column ne 'x12') || ($convert eq 'allowance' && $column eq 'd14b');
	$convert = 'number' if $convert eq '' && $term->{datatype} =~ /Amount|amount|Quantity|Percentage/;
	return exists $map{$convert} ? ('EDI_CODE', $map{$convert}) : ($convert{$convert} // die("$row->{at}: conversion $convert\n"), 0);
}

my @rules;    # [node, text]

# One row of a table for one structure: its places, the better ones first. Returns how many the structure has.
sub compile
{
	my ($row, $use, $scope) = @_;
	my $x12 = $use->{release} =~ /^\d/;
	my $key = "$use->{release} $use->{message}";
	my $term = $term{ $row->{term} } or die "$row->{at}: no term $row->{term}\n";
	my ($rank, $found) = (0, 0);
	for my $place (grep { $_ ne '' } split / \| /, $row->{ $use->{column} }) {
		my ($path, $value) = $place =~ /^(.*)@(.*)$/ or die "$row->{at}: $place\n";
		my @steps = steps($row->{at}, $path);
		my $segment = pop @steps;
		my $where = join '/', (map { $_->[0] } @steps), $segment->[0];
		my $n = $node{$key}{$where}{segment};
		if (!$n) {
			die "$row->{at}: $key has no $where\n" if $shared{"$use->{table} $use->{column}"} == 1;
			next;
		}
		$found++;
		my @c = defined $segment->[2] ? conditions($row->{at}, $segment->[2], 0) : ();
		push @c, conditions($row->{at}, $steps[$_][1], @steps - $_) for grep { defined $steps[$_][1] } 0 .. $#steps;
		my %is_group = map { ($_ => exists $node{$key}{$_}{group}) } values %$scope;
		my @scopes = scopes($row, $term, $scope, $where, \@steps, \%is_group);
		my ($element, $component, $last, $pair, $qualifiers) = (0, 0, 0, 0, '0, 0');
		if ($value =~ /^\{(.*)\}$/) {
			$pair = $pair{ ($x12 ? 'x12 ' : 'edifact ') . $segment->[0] } or die "$row->{at}: no pairs in $segment->[0]\n";
			$qualifiers = values_of(split /\|/, $1);
		}
		else { ($element, $component, $last) = $value =~ /^(\d+)(?:\.(\d+)(?:-(\d+))?)?$/ or die "$row->{at}: value $value\n" }
		$component ||= 1;
		my ($c, $m) = conversion($row, $term, $use->{column});
		push @rules, [ $n->[0], sprintf '{%s, %s, %d, %d, %d, %d, %d, %d, {%s}, %d, %s, %d, %d}', id($row->{term}), $c, $m, $element, $component,
			$last // $component, $rank++, scalar @scopes, join(', ', @scopes ? @scopes : 0), $pair, $qualifiers, scalar @c, scalar @conditions ];
		push @conditions, @c;
	}
	return $found;
}

for my $name (do { my %seen; grep { !$seen{$_}++ } map { $_->{table} } @uses }) {
	my @rows = table("$folder/$name.tsv");
	my %used;
	for my $use (grep { $_->{table} eq $name } @uses) {
		my %scope = map { ($_->{term} => $_->{ $use->{column} }) } grep { ($term{ $_->{term} }{datatype} // '') eq 'Group' && $_->{ $use->{column} } ne '' } @rows;
		$used{"$_->{at} $use->{column}"} += compile($_, $use, \%scope) for grep { ($term{ $_->{term} }{datatype} // '') ne 'Group' } @rows;
	}
	for my $row (@rows) {
		for my $column (grep { exists $used{"$row->{at} $_"} } keys %$row) { die "$row->{at}: no structure of $column has it\n" if $row->{$column} ne '' && !$used{"$row->{at} $column"} }
	}
}
my %order = map { ($rules[$_] => $_) } 0 .. $#rules;
@rules = sort { $a->[0] <=> $b->[0] || $order{$a} <=> $order{$b} } @rules;

my @constants;
for (table("$folder/constants.tsv")) {
	my ($element, $component) = $_->{place} eq '*' ? (0, 0) : split /\./, $_->{place};
	push @constants, sprintf '{%s, %s, %d, %d, %d, %d, %d, "%s", %s}', $_->{family} eq 'x12' ? 'EDI_X12' : 'EDI_EDIFACT', tag($_->{segment}), $element, $component,
	  $_->{when} eq 'always', $_->{when} eq 'default' || $_->{when} eq 'credit_note', $_->{when} eq 'credit_note', $_->{message} // '', values_of(split /\|/, $_->{value});
}
# by family and segment, in the order of the table
@constants = sort { ($a =~ /^\{EDI_X12/) <=> ($b =~ /^\{EDI_X12/) || substr($a, index($a, '0x'), 10) cmp substr($b, index($b, '0x'), 10) } @constants;
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
print "const EdiPairs ClexEdiPairs[] = {\n", map({ "\t$_,\n" } @pairs), "};\nconst uint32_t ClexEdiPairsCount = ", scalar @pairs, ";\n\n";
print "const EdiMapRow ClexEdiMapRows[] = {\n", map({ "\t$_,\n" } @maps), "};\nconst uint32_t ClexEdiMapRowCount = ", scalar @maps, ";\n\n";
print "const EdiConstant ClexEdiConstants[] = {\n", map({ "\t$_,\n" } @constants), "};\nconst uint32_t ClexEdiConstantCount = ", scalar @constants, ";\n";
sub words { return join ', ', (map { "\"$_\"" } split /\|/, $_[0]), 'NULL' }
my @roles = table("$folder/roles.tsv");
my %role = map { ($roles[$_]{table} => $_) } 0 .. $#roles;
print "\nconst EdiRole ClexEdiRoles[] = {\n",
  map({ "\t{\"$_->{table}\", \"$_->{number}\", \"$_->{date}\", {" . words($_->{sender}) . '}, {' . words($_->{recipient}) . '}, ' . ($_->{lines} eq '' ? 'TERM_NONE' : id($_->{lines})) . "},\n" } @roles), "};\n";
print "\nconst EdiUse ClexEdiUses[] = {\n",
  map({ sprintf "\t{%s, \"%s\", \"%s\", \"%s\", \"%s\", &ClexEdiRoles[%d]},\n", $_->{release} =~ /^\d/ ? 'EDI_X12' : 'EDI_EDIFACT', @$_{qw(release message association group)},
	$role{ $_->{table} } // die("$_->{at}: no roles\n") } @uses), "};\nconst uint32_t ClexEdiUseCount = ", scalar @uses, ";\n";
my @dates = table("$folder/date_formats.tsv");
print "\nconst EdiDateFormat ClexEdiDateFormats[] = {\n", map({ sprintf "\t{\"%s\", \"%s\", %d},\n", $_->{code}, $_->{picture}, $_->{written} || 0 } @dates),
  "};\nconst uint32_t ClexEdiDateFormatCount = ", scalar @dates, ";\n";
my @kinds = table("$folder/kinds.tsv");
print "\nconst EdiKindFact ClexEdiKinds[] = {\n", map({ "\t{\"$_->{type}\", \"$_->{kind}\"},\n" } @kinds), "};\nconst uint32_t ClexEdiKindCount = ", scalar @kinds, ";\n";
