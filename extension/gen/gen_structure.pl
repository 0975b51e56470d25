#!/usr/bin/perl
# Compile the schema tables into the automata of core/rules/structure.h.
# usage: gen_structure.pl schemas-folder  > structure_data.c
#
# Each element or wildcard of a content model is one state (Glushkov's construction): the models are
# deterministic, so the state reached says all.  A state knows the states that may follow and those
# that must still come, both as ranges of states; a plain sequence needs one range for either.
use strict;
use warnings;

my ($folder) = @ARGV;
my %builtin = (
	string => 'STRING', normalizedString => 'STRING', token => 'TOKEN', decimal => 'DECIMAL',
	integer => 'INTEGER', boolean => 'BOOLEAN', date => 'DATE', dateTime => 'DATE_TIME',
	time => 'TIME', anyURI => 'ANY_URI', base64Binary => 'BASE64', language => 'LANGUAGE', ID => 'ID');

# the pools that all schemas share; index 0 of simples, types and ranges means "none"
my (@simples, %simple) = ('{NULL, SIMPLE_STRING, 0, 0, NULL}');
my (@types, %type) = ('{0, 0, 0, 0, 0, 0, STRUCTURE_ANY}');
my (@ranges, %range) = ('{0, 0}');
my (@names, @states, @attributes, @wildcards, @schemas);

# Rows of a table as hashes by column name.
sub rows {
	my ($file) = @_;
	open my $in, '<', "$folder/$file" or die "$file: $!\n";
	chomp(my @columns = split /\t/, <$in>);
	my @rows;
	while (<$in>) {
		chomp;
		my %row;
		@row{@columns} = map { $_ // '' } (split /\t/, $_, -1)[0 .. $#columns];
		push @rows, \%row;
	}
	return @rows;
}

sub c_text {
	my ($text) = @_;
	return defined $text && $text ne '' ? '"' . $text =~ s/(["\\])/\\$1/gr . '"' : 'NULL';
}

# NAME_... of an element or (with @) attribute.
sub c_name {
	my ($name) = @_;
	return 'NAME_' . ($name =~ s/^inv:/ubl:/r =~ s/^\@/at_/r =~ s/\W/_/gr);
}

# Index of a simple type, all facets up to its built-in merged.
sub simple_type {
	my ($name, $own) = @_;
	my ($base, %facet) = ($name);
	while (my $row = $own->{$base}) {
		die "$base: only restrictions are known\n" if $row->{variety} ne 'restriction';
		for (qw(length totalDigits fractionDigits minInclusive maxInclusive minExclusive maxExclusive whiteSpace pattern)) {
			die "$base: facet $_ is not known\n" if $row->{$_} ne '';
		}
		$facet{$_} //= $row->{$_} for grep { $row->{$_} ne '' } qw(minLength maxLength enum);
		$base = $row->{base};
	}
	my $kind = $builtin{$base =~ s/^xs://r} or die "$name: $base is not known\n";
	my ($values) = ($facet{enum} // '=') =~ /^=(.*)/ or die "$name: only lists in the table itself are known\n";
	my $code = sprintf '{%s, SIMPLE_%s, %d, %d, %s}', c_text($name), $kind, $facet{minLength} // 0,
		$facet{maxLength} // 0, c_text($values);
	return $simple{$code} //= push(@simples, $code) - 1;
}

# A set of states as [first range, number of ranges] in the pool.
sub range_list {
	my %set = map { $_ => 1 } @_;
	my @runs;
	for my $s (sort { $a <=> $b } keys %set) {
		@runs && $runs[-1][1] == $s - 1 ? ($runs[-1][1] = $s) : push @runs, [$s, $s];
	}
	return (0, 0) if !@runs;
	my $key = join ', ', map { "{$_->[0], $_->[1]}" } @runs;
	$range{$key} //= push(@ranges, map { "{$_->[0], $_->[1]}" } @runs) - @runs;
	return ($range{$key}, scalar @runs);
}

# The content model of a type as a tree of groups and leaves; the type itself is a sequence.
sub model {
	my ($at, @rows) = @_;
	my $root = {kind => 'sequence', min => 1, max => 1, members => []};
	my %group = ('' => $root);
	for my $row (@rows) {
		my $node = {row => $row, min => $row->{min}, max => $row->{max}};
		die "$at $row->{pos}: only 0, 1 and * are known as occurrences\n"
			if $node->{min} !~ /^[01]$/ || $node->{max} !~ /^[1*]$/;
		my $parent = $row->{pos} =~ s/\.?\d+$//r;
		if ($row->{element} =~ /^\((choice|sequence)\)$/) {
			@$node{qw(kind members)} = ($1, []);
			$group{$row->{pos}} = $node;
		}
		push @{($group{$parent} or die "$at $row->{pos}: no group\n")->{members}}, $node;
	}
	return $root;
}

# Number the leaves and compute nullable, first and last; follow collects as it goes.
sub analyse {
	my ($node, $next, $follow) = @_;
	if (!$node->{kind}) {
		my $state = $node->{state} = $$next++;
		@$node{qw(nullable first last)} = ($node->{min} == 0, [$state], [$state]);
	} else {
		my $sequence = $node->{kind} eq 'sequence';
		my ($nullable, @first, @last) = ($sequence);
		for my $member (@{$node->{members}}) {
			analyse($member, $next, $follow);
			if ($sequence) {
				push @{$follow->{$_}}, @{$member->{first}} for @last;
				push @first, @{$member->{first}} if $nullable;
				@last = () if !$member->{nullable};
				$nullable &&= $member->{nullable};
			} else {
				push @first, @{$member->{first}};
				$nullable ||= $member->{nullable};
			}
			push @last, @{$member->{last}};
		}
		@$node{qw(nullable first last)} = ($nullable || $node->{min} == 0, \@first, \@last);
	}
	return if $node->{max} ne '*';
	push @{$follow->{$_}}, @{$node->{first}} for @{$node->{last}};
}

# What must still come after each leaf; `after` is what must come after the node itself.
sub needs {
	my ($node, $after, $need) = @_;
	if (!$node->{kind}) {
		$need->{$node->{state}} = $after;
		return;
	}
	for my $member (reverse @{$node->{members}}) {
		needs($member, $after, $need);
		$after = $member->{first} if $node->{kind} eq 'sequence' && !$member->{nullable};
	}
}

# Which type a row's element has, as an index.
sub target {
	my ($schema, $kind, $name, $simples) = @_;
	return 0 if $kind eq 'any';
	if ($kind eq 'simple') {
		my $simple = simple_type($name, $simples);
		return $type{"simple $simple"} //= push(@types, "{0, 0, 0, 0, 0, $simple, STRUCTURE_SIMPLE}") - 1;
	}
	return $type{"$schema $name"} // die "$schema: no type $name\n";
}

sub wildcard {
	my ($row) = @_;
	my ($other) = $row->{child} =~ /^##other:(\w+)$/;
	die "wildcard $row->{child} is not known\n" if !$other && $row->{child} ne '##any';
	my ($strict) = $row->{kind} =~ /^any:(lax|strict)$/ or die "wildcard $row->{kind} is not known\n";
	push @wildcards, sprintf '{%s, %s}', c_text($other), $1 eq 'strict' ? 'true' : 'false';
	return $#wildcards;
}

# Append the attributes of a type; returns their number and the bits of those required.
sub add_attributes {
	my ($simples, @rows) = @_;
	my ($count, $required) = (0, 0);
	for my $row (@rows) {
		# a strict wildcard admits declared attributes only, and these schemas declare none globally
		next if $row->{attribute} eq '*' && $row->{value} eq 'any:strict';
		die "attribute $row->{attribute} is not known\n" if $row->{attribute} !~ /^(?:xml:)?\w+$/;
		my ($fixed) = $row->{value} =~ /^fixed=(.*)/;
		push @attributes, sprintf '{%s, %d, %s}', c_name("\@$row->{attribute}"),
			simple_type($row->{simple}, $simples), c_text($fixed);
		$required |= 1 << $count if $row->{use} eq 'required';
		$count++;
	}
	die "over 31 attributes\n" if $count > 31;
	return ($count, $required);
}

sub add_type {
	my ($schema, $name, $rows, $attributes, $simples) = @_;
	my @attribute = (scalar @attributes, add_attributes($simples, @$attributes));
	my %marker = map { $_->{element} => $_ } grep { $_->{element} =~ /^#/ } @$rows;
	if (my $text = $marker{'#text'}) {
		return sprintf '{0, 0, %d, %d, %d, %d, STRUCTURE_SIMPLE}', @attribute, simple_type($text->{child}, $simples);
	}
	my $start = @states;
	my $next = $start + 1;
	my $model = model("$schema $name", grep { $_->{element} !~ /^#/ } @$rows);
	my (%follow, %need, @leaves);
	analyse($model, \$next, \%follow);
	$follow{$start} = $model->{first};
	needs($model, [], \%need);
	# before the first element the first required member is what must come
	($need{$start}) = map { $_->{first} } grep { !$_->{nullable} } @{$model->{members}};
	my @queue = @{$model->{members}};
	while (my $node = shift @queue) {
		$node->{kind} ? unshift @queue, @{$node->{members}} : push @leaves, $node;
	}
	die "$schema $name: over 128 elements\n" if @leaves > 128;
	push @names, 'NAME_NONE';
	push @states, sprintf '{0, %d, %d, %d, %d}', swap(range_list(@{$follow{$start}}), range_list(@{$need{$start} // []}));
	for my $leaf (@leaves) {
		my ($row, $state) = @$leaf{qw(row state)};
		my $wild = $row->{element} eq '*';
		push @names, $wild ? 'STRUCTURE_WILDCARD' : c_name($row->{element});
		push @states, sprintf '{%d, %d, %d, %d, %d}',
			$wild ? wildcard($row) : target($schema, $row->{kind}, $row->{child}, $simples),
			swap(range_list(@{$follow{$state} // []}), range_list(@{$need{$state}}));
	}
	for my $state ($start .. $next - 1) {
		my %seen;
		$seen{$names[$_]}++ and die "$schema $name: $names[$_] is ambiguous\n"
			for keys %{{map { $_ => 1 } @{$follow{$state} // []}}};
	}
	return sprintf '{%d, %d, %d, %d, %d, 0, STRUCTURE_%s}', $start, scalar @leaves, @attribute,
		$marker{'#none'} ? 'EMPTY' : $marker{'#mixed'} ? 'MIXED' : 'ELEMENTS';
}

# (follow, count, need, count) in the order of StructureState
sub swap { return @_[0, 2, 1, 3] }

my @roots = rows('roots.tsv');
my @globals = rows('globals.tsv');
for my $file (sort glob "$folder/*.types.tsv") {
	my ($schema) = $file =~ m{(\w+)\.types\.tsv$};
	my %simples = map { $_->{type} => $_ } rows("$schema.simple.tsv");
	my (%rows, %attributes, @order);
	for my $row (rows("$schema.types.tsv")) {
		push @order, $row->{type} if !$rows{$row->{type}};
		push @{$rows{$row->{type}}}, $row;
	}
	push @{$attributes{$_->{type}}}, $_ for rows("$schema.attrs.tsv");
	for my $name (@order) {
		$type{"$schema $name"} = push(@types, undef) - 1;
	}
	for my $name (@order) {
		my $code = add_type($schema, $name, $rows{$name}, $attributes{$name} // [], \%simples);
		$types[$type{"$schema $name"}] = $code;
	}
	my @own_roots = grep { $_->{schema} eq $schema } @roots;
	push @schemas, {name => $schema, version => $own_roots[0]{version} =~ s/;.*//r,
		roots => {map { $_->{element} => target($schema, 'complex', $_->{type}) } @own_roots},
		globals => {map { $_->{element} => target($schema, $_->{kind}, $_->{type}, \%simples) }
			grep { $_->{schema} eq $schema } @globals}};
}

sub table {
	my ($declaration, @items) = @_;
	print "\nconst $declaration\[] = {\n", (map { "\t$_,\n" } @items), "};\n";
}

print "/* generated by extension/gen/gen_structure.pl; do not edit */\n#include \"core/rules/structure.h\"\n";
table('SimpleType ClexSimpleTypes', @simples);
table('StructureAttribute ClexStructureAttributes', @attributes);
table('StructureWildcard ClexStructureWildcards', @wildcards ? @wildcards : '{NULL, false}');
table('StructureRange ClexStructureRanges', @ranges);
table('uint16_t ClexStructureNames', @names);
table('StructureState ClexStructureStates', @states);
table('StructureType ClexStructureTypes', @types);
for my $schema (@schemas) {
	for my $kind (qw(roots globals)) {
		my %map = %{$schema->{$kind}};
		print "\nstatic const StructureElement $schema->{name}_$kind\[] = {\n",
			(map { sprintf "\t{%s, %d},\n", c_name($_), $map{$_} }
				sort { $a =~ s/^inv:/ubl:/r cmp $b =~ s/^inv:/ubl:/r } keys %map), "\t{NAME_NONE, 0},\n};\n";
	}
	print "\nextern const StructureSchema ClexSchema_$schema->{name};    /* the table of rule sets names it */\n";
	printf "const StructureSchema ClexSchema_%s = {%s, %s_roots, %d, %s_globals, %d};\n", $schema->{name},
		c_text($schema->{version}), $schema->{name}, scalar keys %{$schema->{roots}}, $schema->{name}, scalar keys %{$schema->{globals}};
}
