# The writer's side of the bindings, for gen_bindings.pl: states in the order of the schemas.
use strict;
use warnings;

my %source = (ubl => ['ubl21'], cii => ['cii_d16b', 'cii_d22b'], orderx => ['orderx']);    # by syntax
my (%element, %attribute, %simple, %schema_type, %type_number, @types, @elements);

# Syntaxes with a table of their own: rows of syntaxes.tsv.
sub use_schemas {
	for my $row (@_) { $source{ $row->{syntax} } = [ $row->{schema} ]; }
}

sub schema_rows {
	my ($file, $take) = @_;
	open my $in, '<', $file or die "$file: $!";
	<$in>;
	while (<$in>) { chomp; $take->(split /\t/, $_, -1); }
	close $in;
}

# Elements of each type in order, of the latest edition of a schema; max and required as the first has them.
sub load_schema {
	my ($data, $syntax) = @_;
	my ($first, @later) = @{ $source{$syntax} };
	return $first if $element{$first};
	for my $name ($first, @later) {
		my (%position, %seen, %repeats);
		schema_rows("$data/schemas/$name.types.tsv", sub {
			my ($type, $pos, $e, $min, $max, $child, $kind) = @_;
			$repeats{"$type $pos"} = 1 if $e =~ /^\(/ && $max eq '*';
			for (my $group = $pos; $group =~ s/\.\d+$//;) { $max = '*' if $repeats{"$type $group"}; }
			return if $e !~ /^(?:\w+:)?\w[\w.-]*$/;
			$e =~ s/^inv:/ubl:/;
			# what stands in a sequence twice may repeat
			my $row = $element{$first}{$type}{$e} //= { first_max => $max };
			$row->{first_max} = $max = '*' if $seen{"$type $e"}++ && $name eq $first;
			$row->{position} = $position{$type}++;
			$row->{later_max} = $max;
			$row->{type} = $kind =~ /^(?:complex|simplecontent)$/ ? $child : '';
			$row->{simple} = $kind eq 'simple' ? $child : '';
			die "$name: over 128 elements in $type\n" if $row->{position} >= 128;
		});
		schema_rows("$data/schemas/$name.attrs.tsv", sub {
			my ($type, $a, $use, $simple) = @_;
			$attribute{$first}{$type}{"\@$a"} //= { use => $use, simple => $simple };
		});
		schema_rows("$data/schemas/$name.simple.tsv", sub {
			my ($type, undef, $base, undef, $min, $max, @more) = @_;
			$simple{$first}{$type} //= { base => $base, min => $min, max => $max, values => ($more[7] // '') =~ s/^=//r };
		});
	}
	return $first;
}

# What JSON makes of an element: an array, a number, true or false.
sub element_flags {
	my ($schema, $row) = @_;
	my $base = $row->{simple};
	$base = $simple{$schema}{$base}{base} while $simple{$schema}{$base};
	return ($row->{first_max} eq '*' ? 1 : 0) + ($base eq 'xs:integer' ? 2 : 0) + ($base eq 'xs:boolean' ? 4 : 0);
}

# The characters that a simple element may have, 0: any number.
sub element_length {
	my ($schema, $row) = @_;
	return ($simple{$schema}{ $row->{simple} } // {})->{max} || 0;
}

# The number of a type, its elements and theirs numbered with it.
sub type_number {
	my ($schema, $type, $name_number) = @_;
	return 0 if $type eq '' || !$element{$schema}{$type};
	my $key = "$schema $type";
	return $type_number{$key} if $type_number{$key};
	push @types, undef;
	my $number = $type_number{$key} = scalar @types;    # 0 is no type
	my @rows = map { [ $name_number->($_), $element{$schema}{$type}{$_} ] } keys %{ $element{$schema}{$type} };
	my @own = map { [ $_->[0], $_->[1]{position}, type_number($schema, $_->[1]{type}, $name_number), element_flags($schema, $_->[1]),
		element_length($schema, $_->[1]) ] } sort { $a->[0] <=> $b->[0] } @rows;
	$types[ $number - 1 ] = sprintf '{%d, %d}', scalar @elements, scalar @own;
	push @elements, map { '{' . join(', ', @$_) . '}' } @own;
	return $number;
}

# What the schema says of a value, and the values that a test on it leaves.
sub own_limits {
	my ($state, $simple) = @_;
	my %limits = %{ $simple // {} };
	for my $test (grep { $_->{kind} eq 'IS_VALUE' && !$_->{left}{up} && !@{ $_->{left}{steps} } } @{ $state->{tests} }) {
		$limits{ $test->{negate} ? 'taken' : 'values' } = join '|', @{ $test->{values} };
	}
	$state->{plan}{TESTED} = 1 if $limits{taken} || grep { $_->{kind} eq 'IS_VALUE' && !$_->{left}{up} && !@{ $_->{left}{steps} } } @{ $state->{tests} };
	return \%limits;
}

# The type of each state's content, and what the schema says of its place.
sub place_states {
	my ($state, $schema, $type) = @_;
	$state->{type} = $type;
	$_->{limited} = $state->{limited} for @{ $state->{children} };
	for my $child (@{ $state->{children} }) {
		if ($child->{name} =~ /^\@/) {
			my $row = $attribute{$schema}{$type}{ $child->{name} };
			$child->{required} = ($row->{use} // '') eq 'required';
			$child->{limits} = own_limits($child, $simple{$schema}{ $row->{simple} // '' }) if $state->{limited};
			next;
		}
		my $row = $element{$schema}{$type}{ $child->{name} } or die "bindings: no $child->{name} in $type\n";
		$child->{position} = $row->{position};
		$child->{plan}{MANY} = 1 if $row->{first_max} eq '*';
		$child->{plan}{MANY_LATER} = 1 if $row->{later_max} eq '*';
		$child->{limits} = own_limits($child, $state->{limited} eq 'schema' ? $simple{$schema}{ $row->{simple} } : undef) if $state->{limited};
		place_states($child, $schema, $row->{type});
	}
}

# The state that a path of a test leads to, from the state tested.
sub follow_side {
	my ($state, $side) = @_;
	$state = $state->{parent} for 1 .. $side->{up};
	for my $step (@{ $side->{steps} }) { ($state) = grep { $_->{name} eq $step } @{ $state->{children} }; }
	return $state;
}

# Does the subtree hold terms, and terms that do not belong below a group?
sub mark_subtree {
	my ($state, $term) = @_;
	my @terms = grep { $_ } @$state{qw(term subject)};
	push @terms, mark_subtree($_, $term) for @{ $state->{children} };
	$state->{plan}{EACH} = 1 if $state->{each};
	$state->{plan}{CONSTANT} = 1 if !@terms && !$state->{plan}{FRAME} && (($state->{kind} eq 'CONSTANT' && $state->{constant}[0] !~ /NONE|HEAD/) || grep { $_->{plan}{CONSTANT} } @{ $state->{children} });
	if ($state->{group} && $state->{group}{cardinality} =~ /n$/) {
		my $outer = 0;
		for (my $up = $state->{parent}; $up; $up = $up->{parent}) { $outer = 1 if $up->{group} && $up->{group} == $state->{group}; }
		my $id = $state->{group}{id};
		$state->{plan}{EACH} = 1 if !$outer;
		$state->{plan}{ALSO_ALONE} = 1 if grep { !below_term($_, $id, $term) } @terms;
	}
	return @terms;
}

# The state around a place where a group begins.
sub group_state {
	my ($state, $group) = @_;
	for (my $up = $state; $up; $up = $up->{parent}) { return $up if $up->{group} && $up->{group}{id} eq $group; }
	return undef;
}

# The term that stands in an element of the same name where the first place of this one is taken.
sub rival {
	my ($place) = @_;
	for my $other (grep { $_->{name} eq $place->{parent}{name} && $_ != $place->{parent} } @{ $place->{parent}{parent}{children} }) {
		for my $leaf (grep { $_->{term} && $_->{name} eq $place->{name} } @{ $other->{children} }) { return $leaf->{term}{id}; }
	}
	return undef;
}

sub below_term {
	my ($t, $group, $term) = @_;
	while ($t) { return 1 if $t->{id} eq $group; $t = $term->{ $t->{parent} }; }
	return 0;
}

# Does it stand in a group that has two elements?  The group decides.
sub in_shared_group {
	my ($state, $term) = @_;
	for (my $up = $state->{parent}; $up; $up = $up->{parent}) {
		return 1 if $up->{group} && $up->{mark} && below_term($state->{term}, $up->{group}{id}, $term);
	}
	return 0;
}

# Which place of a term takes which of its values; the first one all, if nothing else is said.
sub choose_places {
	my ($term, @places) = @_;
	my $first_needs;
	return if grep { $_->{prior} } @places;    # the one behind it takes what it leaves
	for my $i (0 .. $#places) {
		my ($state, $needs) = ($places[$i]);
		next if in_shared_group($state, $term);
		for (my $up = $state; $up; $up = $up->{parent}) {
			$needs = $up->{group}{id} if $up->{group} && !below_term($state->{term}, $up->{group}{id}, $term) && @places > 1;
			for my $test (grep { $_->{kind} eq 'IS_EQUAL' && !$_->{negate} } @{ $up->{tests} }) { $needs = follow_side($up, $test->{right})->{term}{id}; }
			for my $test (grep { $_->{kind} eq 'EXISTS' && !$_->{negate} && $_->{left}{up} } @{ $up->{tests} }) { $needs = follow_side($up, $test->{left})->{term}{id}; }
		}
		for my $test (@{ $state->{tests} }) {
			$state->{plan}{GLN} = 1 if $test->{kind} eq 'IS_GLN';
			next if $test->{kind} ne 'IS_EQUAL' || $test->{negate} || !(my $right = follow_side($state, $test->{right})) || follow_side($state, $test->{right})->{term};
			$state->{plan}{EVIDENCE} = 1;
			my @path;
			for (; $right; $right = $right->{parent}) { unshift @path, $right->{name}; }
			$state->{filler} = join '/', '', @path;
		}
		if (($state->{choose} // '') eq 'ELSE') {
			for (my $up = $state->{term}; $up; $up = $term->{ $up->{parent} }) { die "bindings: or-else in a repeated group: $state->{term}{id}\n" if $up->{cardinality} =~ /n$/; }
			$state->{choice} = $i == 0 ? 'FIRST' : 'ELSEWHERE';
			my ($first, $later) = map { group_state($_, $state->{term}{parent}) } @places[0, -1];
			$state->{mark} = $first && $later && $first != $later ? $state->{term}{parent} : $state->{term}{id};
			$state->{rival} = rival($places[-1]);
		}
		elsif ($state->{also}) {
			my ($other) = grep { $_ != $state && $_->{also} } @places or die "bindings: $state->{term}{id} has one place only\n";
			$state->{plan}{ALSO} = 1;
			$state->{other_map} = $other->{map};
		}
		elsif (grep { $_->[0]{parent} eq $state->{term}{id} } @{ $state->{implied} // [] }) { }    # the value decides
		elsif ($state->{choose}) { $state->{choice} = ($i == $#places xor $state->{choose} eq 'IBAN') ? $state->{choose} : "NO_$state->{choose}"; $state->{other} = $places[-1]{name}; }
		elsif ($i == 0) { $first_needs = $needs; $state->{needs} //= $needs; }
		elsif ($first_needs) { $state->{unless} = $first_needs; }
		else { $state->{choice} = $state->{flags}{REPEAT} ? 'BESIDE' : 'NEVER'; }
	}
}

sub written_children {
	my ($state) = @_;
	my $number = 0;
	$_->{rank} = $number++ for @{ $state->{children} };
	my @children = grep { !(($_->{constant} // [''])->[0] eq 'CURRENCY' && !$_->{required}) && ($_->{choice} // '') ne 'NEVER' } @{ $state->{children} };
	my @attributes = grep { $_->{name} =~ /^\@/ } @children;
	my @content = sort { $a->{position} <=> $b->{position} || $a->{rank} <=> $b->{rank} } grep { $_->{name} !~ /^\@/ } @children;
	return (scalar @attributes, @attributes, @content);
}

# C tables for all states.
sub plan_tables {
	my ($data, $states, $root, $facts, $term, $name_number) = @_;
	my %root_type;
	schema_rows("$data/schemas/roots.tsv", sub { my ($kind, $schema, $element, $space, $type) = @_; $root_type{$schema}{ $element =~ s/^inv:/ubl:/r } = $type; });
	for my $column (sort keys %$root) {
		my $schema = load_schema($data, $facts->{$column}{syntax});
		$root->{$column}{position} = 0;
		# a syntax with a table of its own is written within its lengths and codes, or, as Order-X, only the codes that decide between places
		$root->{$column}{limited} = $column =~ /_xpath$/ ? '' : $facts->{$column}{limits} // 'tests';
		place_states($root->{$column}, $schema, $root_type{$schema}{ $root->{$column}{name} });
		mark_subtree($root->{$column}, $term);
		$root->{$column}{schema} = $schema;
		$root->{$column}{currency} = $facts->{$column}{currency};
		my (%places, @queue);
		@queue = ($root->{$column});
		while (my $s = shift @queue) { push @{ $places{ $s->{term}{id} } }, $s if $s->{term}; unshift @queue, @{ $s->{children} }; }
		# alternatives stand in the order of their row, which is that of their numbers
		choose_places($term, sort { $a->{number} <=> $b->{number} } @{ $places{$_} }) for grep { $term->{ $term->{$_}{parent} }{datatype} eq 'Group' } sort keys %places;
	}
	my (@plans, @children);
	for my $s (@$states) {
		my $top = $s;
		$top = $top->{parent} while $top->{parent};
		my ($attributes, @own) = written_children($s);
		my $equal;
		if (($s->{constant} // [''])->[0] eq 'ANY') {
			my $up = $s;
			while (($up = $up->{parent}) && !$equal) {
				for my $test (grep { $_->{kind} eq 'IS_EQUAL' } @{ $up->{tests} }) { $equal = follow_side($up, $test->{right})->{term} if follow_side($up, $test->{left}) == $s; }
			}
		}
		$equal = $term->{ $top->{currency} } if ($s->{constant} // [''])->[0] eq 'CURRENCY';
		my $name = $s->{name};
		my ($open, $close) = $name =~ /^\@(.*)/ ? (" $1=\\\"", '') : ("<$name", "</$name>");
		push @plans, sprintf "{{\"%s\", %d}, {\"%s\", %d}, {\"%s\", %d}, %d, %d, %d, %d, %d, %d, CHOOSE_%s, %s, %d, %d, %d, %d, %d, %d, %d, %d, %d, %d, {\"%s\", %d}, {\"%s\", %d}}, /* %d */", $open, length($open =~ s/\\//r),
			$close, length $close, $s->{filler} // '', length($s->{filler} // ''), $name_number->($name), type_number($top->{schema}, $s->{type} // '', $name_number), $s->{position} // 0, scalar @children,
			scalar @own, $attributes, $s->{choice} // 'ALWAYS', join(' | ', map { "PLAN_$_" } sort keys %{ $s->{plan} // {} }) || 0, $s->{other} ? $name_number->($s->{other}) : $s->{other_map} // 0,
			(map { $_ ? $term->{$_}{number} : 0 } @$s{qw(needs unless)}), $equal ? $equal->{number} : $s->{from} ? $term->{ $s->{from} }{number} : 0, (map { $_ ? $term->{$_}{number} : 0 } @$s{qw(mark rival)}),
			$s->{each} ? $s->{each}{number} : 0, $s->{tail} ? $s->{tail}{number} : 0, (map { $_ || 0 } @{ $s->{limits} // {} }{qw(min max)}), (map { $_ // '', length($_ // '') } @{ $s->{limits} // {} }{qw(values taken)}),
			$s->{number};
		push @children, map { $_->{number} } @own;
	}
	return "\n#include \"core/codec/xml_plan.h\"\n\nconst PlanState ClexPlanStates[] = {\n\t" . join("\n\t", @plans) . "\n};\n\n"
		. "const uint16_t ClexPlanChildren[] = {\n\t" . join(', ', @children) . ",\n};\n\n"
		. "const PlanType ClexPlanTypes[] = {\n\t" . join(",\n\t", '{0, 0}', @types) . ",\n};\n\n"
		. "const PlanElement ClexPlanElements[] = {\n\t" . join(",\n\t", @elements) . ",\n};\n";
}

1;
