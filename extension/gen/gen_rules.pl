#!/usr/bin/perl
# Compile rule sets (*.rules) and messages (*.messages) into the C tables of core/rules/facts.h.
# usage: gen_rules.pl FILE...  > rules_data.c
#
# Both kinds of file are lists of statements, one a line: a line that begins with `|` continues the
# one before, `#` begins a comment line, `repeat A,B in x:y z:w` … `end` writes what is in between
# once for each row with {A} and {B} replaced (an underscore in a field stands for a blank).
# `include FILE` puts the statements of another file of the same folder in its place.
# In rules %name and %name(a,b) stand for macros, which `?=` defines unless they are defined already; `when C` binds all tests of a rule to a condition.
# A rule file may so take over a whole other one, but for its `ruleset`, and then change it: `without IDS` drops
# rules (`without pattern NAMES` whole patterns, `only IDS` all others), `rename OLD* NEW*` gives rules other ids, which keep
# their messages, `apart` makes each context a pattern of its own, `pattern NAME` goes on with a pattern of that name and with contexts that stand there already.
# `elements FILE COLUMN` writes the rules of a table: what may and must stand at each place, for one profile.
# Among messages `notice NAME` is one that belongs to no rule: the program asks for it by name.
use strict;
use warnings;

my %placeholder = map { $_ => 1 } qw(found expected about rule list reason tolerance),
	map { ("$_:number", "$_:date") } qw(found expected);
my %severity = (fatal => 1, warning => 2, information => 3);
my @languages = qw(en fr de);
my (@layers, %message, %macro, $errors);

sub complain {
	my ($at, $text) = @_;
	print STDERR "$at: $text\n";
	$errors++;
}

# The statements of a file: [file:line, text], continuation lines joined, repeats written out.
sub statements {
	my ($file, $depth) = @_;
	my @out;
	die "$file: files include each other\n" if ($depth //= 0) > 8;
	open my $in, '<', $file or die "$file: $!\n";
	while (my $line = <$in>) {
		$line =~ s/\s+\z//;
		next if $line =~ /^\s*(?:#|\z)/;
		if ($line =~ s/^\s*\|\s*//) {
			@out ? ($out[-1][1] .= " $line") : complain("$file:$.", 'nothing to continue');
		} elsif ($line =~ /^\s*include\s+([\w.-]+)$/) {
			my $part = $1;
			push @out, grep { $_->[1] !~ /^ruleset\s/ } statements($file =~ s{[^/]*\z}{$part}r, $depth + 1);
		} elsif ($line =~ /^\s*elements\s+([\w.-]+)\s+(\w+)$/) {
			my ($table, $column) = ($1, $2);
			push @out, elements($file =~ s{[^/]*\z}{$table}r, $column);
		} else {
			$line =~ s/^\s+//;
			push @out, ["$file:$.", $line];
		}
	}
	return unroll($file, @out);
}

sub unroll {
	my ($file, @in) = @_;
	my @out;
	while (my $s = shift @in) {
		my ($at, $text) = @$s;
		if ($text !~ /^repeat\s/) {
			complain($at, '"end" without "repeat"') if $text eq 'end';
			push @out, $s if $text ne 'end';
			next;
		}
		my ($names, $rows) = $text =~ /^repeat\s+(\w+(?:,\w+)*)\s+in\s+(.+)/
			or complain($at, 'expected: repeat NAME,NAME in value:value value:value') , next;
		my @names = split /,/, $names;
		my ($depth, @body) = (1);
		while (my $b = shift @in) {
			$depth++ if $b->[1] =~ /^repeat\s/;
			$depth-- if $b->[1] eq 'end';
			last if !$depth;
			push @body, $b;
		}
		complain($at, '"repeat" without "end"') if $depth;
		for my $row (split ' ', $rows) {
			my %value;
			my @fields = map { tr/_/ /r } split /:/, $row, -1;
			complain($at, "row \"$row\" does not have " . @names . ' fields') if @fields != @names;
			@value{@names} = @fields;
			my $any = join '|', @names;
			push @out, unroll($file, map { [$_->[0], $_->[1] =~ s/\{($any)\}/$value{$1}/gr] } @body);
		}
	}
	return @out;
}

# The condition that a value is a code: of a list with some more (+) and without others (-), or one of {...}.
sub is_code {
	my ($value, $codes) = @_;
	my $any = sub { "$value = (" . join(', ', map { "'$_'" } @_) . ')' };
	return $any->(split ' ', $1) if $codes =~ /^\{(.*)\}$/;
	my ($list, @changes) = split ' ', $codes;
	my @more = map { /^\+(.*)/ } @changes;
	my @less = map { /^-(.*)/ } @changes;
	return "in-list('$list', $value)" . (@less ? ' and not(' . $any->(@less) . ')' : '') . (@more ? ' or ' . $any->(@more) : '');
}

# What a fact of a table of elements demands: message, test, and what it is about.
sub demand {
	my ($fact) = @_;
	my ($what, $rest) = split ' ', $fact, 2;
	return ('one-too-many', 'false()', 'local-name(.)') if $fact eq 'unused';
	return ('attribute-too-many', "empty($rest)", $rest) if $what eq 'unused';
	return ('required-attribute', "exists($rest)", $rest) if $what eq 'needs';
	return ('exactly-one', "count($rest) = 1", $rest) if $what eq 'one';
	return ('at-most-one', "count($rest) <= 1", $rest) if $what eq 'optional';
	return ('at-most-two', "count($rest) <= 2", $rest) if $what eq 'two';
	return ('required-element', "exists($rest)", $rest) if $what eq 'some';
	return if $what ne 'list' || $rest !~ /^(?:(\@\w+) )?(\S.*)/;
	return ('code-not-allowed', 'string(' . ($1 // '.') . ") = '' or " . is_code($1 // '.', $2), $1, $1 // '.');
}

# The rules of a table of elements for the profile of a column: contexts of one path, whatever their conditions, are a pattern.
sub elements {
	my ($file, $column) = @_;
	my ($header, $place, $path, @out) = (0, '', '');
	my ($n, @names);
	open my $in, '<', $file or die "$file: $!\n";
	while (my $line = <$in>) {
		chomp $line;
		next if $line =~ /^#/;
		my @cells = split /\t/, $line, -1;
		if (!$header++) {
			@names = @cells;
			($n) = grep { $names[$_] eq $column } 2 .. $#names;
			die "$file:$.: there is no column $column\n" if !defined $n;
			next;
		}
		complain("$file:$.", 'expected ' . @names . ' columns'), next if @cells != @names;
		next if $cells[$n] eq '';
		my ($say, $test, $about, $found) = demand($cells[1]) or complain("$file:$.", "unknown fact \"$cells[1]\""), next;
		my @add = ($about ? ["$file:$.", "about $about"] : (), $found ? ["$file:$.", "found $found"] : ());
		if ($cells[0] ne $place) {
			$place = $cells[0];
			my $bare = $place =~ s/\[[^\[\]]*\]//gr;
			push @out, ["$file:$.", 'pattern'] if $bare ne $path;
			push @out, ["$file:$.", "context $place"];
			$path = $bare;
		}
		my $id = $cells[$n] eq '+' ? 'FX-NOT-USED' : "FX-SCH-A-$cells[$n]";
		push @out, ["$file:$.", "rule $id fatal say $say"], ["$file:$.", "test $test"], @add;
	}
	return @out;
}

# The arguments of a macro: parted by commas, but for those in parentheses or quotes.
sub arguments {
	my ($list) = @_;
	my @arguments;
	push @arguments, $1 =~ s/^\s+|\s+$//gr while $list =~ /\G,?((?:[^,()']++|'[^']*'|(\((?:[^()']++|'[^']*'|(?2))*\)))+)/g;
	return @arguments;
}

# Replace %name and %name(a, b) until none is left.
sub expand {
	my ($at, $text) = @_;
	for my $round (1 .. 50) {
		$text =~ /%([a-z][a-z0-9-]*)/ or return $text;
		my ($name, $from, $to) = ($1, $-[0], $+[0]);
		my $macro = $macro{$name};
		if (!$macro) {
			complain($at, "unknown macro %$name");
			return $text;
		}
		my @arguments;
		if (@{$macro->{parameters}} && substr($text, $to) =~ /^(\((?:[^()']++|'[^']*'|(?1))*\))/) {
			$to += length $1;
			@arguments = arguments(substr $1, 1, -1);
			@arguments = ('') if !@arguments;
		}
		complain($at, "%$name wants " . @{$macro->{parameters}} . ' arguments, got ' . @arguments)
			if @arguments != @{$macro->{parameters}};
		my %value;
		@value{@{$macro->{parameters}}} = @arguments;
		my $body = $macro->{text} =~ s/\{(\w+)\}/$value{$1} \/\/ "{$1}"/ger;
		substr($text, $from, $to - $from) = $body;
	}
	complain($at, 'macros nest too deep');
	return $text;
}

# Drop the rules with these ids.
sub leave_out {
	my ($at, $layer, @ids) = @_;
	for my $id (@ids) {
		my @rest = grep { $_->{id} ne $id } @{$layer->{rules}};
		complain($at, "there is no rule $id to leave out") if @rest == @{$layer->{rules}};
		$_->{context}{emptied} = 1 for grep { $_->{id} eq $id } @{$layer->{rules}};
		$layer->{rules} = \@rest;
	}
}

# Drop the rules of these patterns, or all rules but those with these ids.
sub leave_out_other {
	my ($at, $layer, $keep, @names) = @_;
	for my $name (@names) {
		complain($at, "there is no $name to " . ($keep ? 'keep' : 'leave out'))
			if !grep { ($keep ? $_->{id} : $_->{context}{name} // '') eq $name } @{$layer->{rules}};
	}
	my %named = map { $_ => 1 } @names;
	my @rest = grep { $keep ? $named{$_->{id}} : !$named{$_->{context}{name} // ''} } @{$layer->{rules}};
	$_->{context}{emptied} = 1 for @{$layer->{rules}};
	$layer->{rules} = \@rest;
}

# Give rules other ids: a trailing * stands for any end of it.  The message stays.
sub rename_rules {
	my ($at, $layer, $old, $new) = @_;
	my $any = $old =~ s/\*$// && $new =~ s/\*$//;
	my $found;
	for my $rule (@{$layer->{rules}}) {
		next if $any ? index($rule->{id}, $old) != 0 : $rule->{id} ne $old;
		$rule->{say} //= $rule->{id};
		substr($rule->{id}, 0, length $old) = $new;
		$found = 1;
	}
	complain($at, "there is no rule $old to rename") if !$found;
}

# Number the contexts pattern by pattern, without those that lost their rules, and order the rules by them.
sub put_in_order {
	my ($layer) = @_;
	my %used = map { $_->{context} => 1 } @{$layer->{rules}};
	$used{$_} || $_->{emptied} or complain($_->{at}, "no rule has the context $_->{path}") for @{$layer->{contexts}};
	@{$layer->{contexts}} = grep { $used{$_} } @{$layer->{contexts}};
	@{$layer->{contexts}} = sort { $a->{pattern} <=> $b->{pattern} } @{$layer->{contexts}};
	$layer->{contexts}[$_]{number} = $_ for 0 .. $#{$layer->{contexts}};
	@{$layer->{rules}} = sort { $a->{context}{number} <=> $b->{context}{number} } @{$layer->{rules}};
}

sub read_rules {
	my ($file) = @_;
	my ($layer, $pattern, $name, $context, $rule, %seen, %named, %reopened);
	my $first = @layers;
	%macro = ();
	for my $statement (statements($file)) {
		my ($at, $text) = @$statement;
		my ($word, $rest) = split ' ', $text, 2;
		$rest //= '';
		if ($word eq 'ruleset') {
			$rest =~ /^(\S+) version (\S+) syntax (terms|ubl|ubl-other|cii|cdar|fatturapa|idoc|orderx|gobl|cxml)(?: from (\d{4}-\d\d-\d\d))?(?: until (\d{4}-\d\d-\d\d))?(?: profile (\S+))?(?: schema (\w+))?$/
				or complain($at, 'expected: ruleset NAME version V syntax terms|ubl|ubl-other|cii|cdar|fatturapa|idoc|orderx|gobl|cxml [from DATE] [until DATE] [profile END] [schema NAME]'), next;
			$layer = {set => $1, version => $2, syntax => $3, from => $4, until => $5, profile => $6, schema => $7,
				defines => [], contexts => [], rules => []};
			push @layers, $layer;
			(undef $rule, %named, %reopened) = ();
			next;
		}
		if ($word eq 'macro') {
			my ($name, $parameters, $how, $body) = $rest =~ /^([a-z][a-z0-9-]*)(?:\(([\w, ]*)\))?\s*(:=|\?=)\s*(.+)/
				or complain($at, 'expected: macro NAME[(A,B)] := TEXT'), next;
			$macro{$name} = {parameters => [split /\s*,\s*/, $parameters // ''], text => $body} if $how eq ':=' || !$macro{$name};
			next;
		}
		complain($at, '"ruleset" must come first'), next if !$layer;
		$rest = expand($at, $rest) if $word ne 'rule';
		if ($word eq 'define') {
			$rest =~ /^\$([\w-]+)\s*:=\s*(.+)/ ? push @{$layer->{defines}}, [$1, $2]
				: complain($at, 'expected: define $NAME := EXPRESSION');
		} elsif ($word eq 'pattern') {
			$pattern = $named{$rest} // ++$layer->{patterns};
			$name = $rest;
			%reopened = map { $_->{path} => $_ } grep { $_->{pattern} == $pattern } @{$layer->{contexts}};
			$named{$rest} = $pattern if $rest ne '';
			undef $rule;
		} elsif ($word eq 'without') {
			my ($first, @names) = split ' ', $rest;
			$first eq 'pattern' ? leave_out_other($at, $layer, 0, @names) : leave_out($at, $layer, $first, @names);
		} elsif ($word eq 'only') {
			leave_out_other($at, $layer, 1, split ' ', $rest);
		} elsif ($word eq 'apart') {
			$_->{pattern} = ++$layer->{patterns} for @{$layer->{contexts}};
			%named = ();
		} elsif ($word eq 'rename') {
			$rest =~ /^(\S+) (\S+)$/ ? rename_rules($at, $layer, $1, $2) : complain($at, 'expected: rename OLD NEW');
		} elsif ($word eq 'context') {
			complain($at, 'a context belongs to a pattern') if !$layer->{patterns};
			$context = $reopened{$rest};
			push @{$layer->{contexts}}, $context = {at => $at, pattern => $pattern, path => $rest, name => $name} if !$context;
			$reopened{$rest} = $context if %reopened;
			(undef $rule, %seen) = ();
		} elsif ($word eq 'before' || $word eq 'instead') {
			my $other = $reopened{$rest};
			complain($at, "\"$word\" does not follow a new context, or names none of its pattern"), next
				if !$other || !$context || $context != $layer->{contexts}[-1];
			pop @{$layer->{contexts}};
			@{$layer->{contexts}} = map { $_ == $other ? ($context, $word eq 'before' ? $_ : ()) : $_ } @{$layer->{contexts}};
			next if $word eq 'before';
			$_->{context} = $context for grep { $_->{context} == $other } @{$layer->{rules}};
		} elsif ($word eq 'rule') {
			$rest =~ /^(\S+) (fatal|warning|information)(?: say (\S+))?$/
				or complain($at, 'expected: rule ID fatal|warning|information [say TEMPLATE]'), next;
			complain($at, 'a rule belongs to a context') if !$context;
			$rule = {at => $at, id => $1, severity => $severity{$2}, say => $3,
				context => $context, tests => [], when => []};
			push @{$layer->{rules}}, $rule;
		} elsif ($word =~ /^(?:test|when|found|expected|about|tolerance)$/) {
			complain($at, "\"$word\" belongs to a rule"), next if !$rule;
			complain($at, "\"$word\" is empty") if $rest eq '';
			if ($word eq 'tolerance') {
				$rest =~ /^(below|within) (\d+(?:\.\d+)?)$/ or complain($at, 'expected: tolerance below|within AMOUNT'), next;
				@$rule{qw(tolerance_say tolerance)} = ("tolerance-$1", $2);
				next;
			}
			if ($word eq 'test' || $word eq 'when') {
				complain($at, "$rule->{id} has this test twice in its context")
					if $word eq 'test' && $seen{"$rule->{id} @{$rule->{when}} $rest"}++;
				push @{$rule->{$word eq 'test' ? 'tests' : 'when'}}, $rest;
			} else {
				complain($at, "$rule->{id} has two \"$word\"") if defined $rule->{$word};
				$rule->{$word} = $rest;
			}
		} else {
			complain($at, "unknown statement \"$word\"");
		}
	}
	put_in_order($_) for @layers[$first .. $#layers];
}

sub read_messages {
	my ($file) = @_;
	my (%phrase, $entry);
	for my $statement (statements($file)) {
		my ($at, $text) = @$statement;
		my ($word, $rest) = split ' ', $text, 2;
		$rest //= '';
		if ($word =~ /^(?:message|notice|word)$/) {
			my $table = $word eq 'word' ? \%phrase : \%message;
			complain($at, "$word $rest is written twice") if $table->{$rest};
			$entry = $table->{$rest} = {at => $at, terms => '', used => $word eq 'notice'};
			next;
		}
		complain($at, "unknown statement \"$word\""), next if !$entry || $word !~ /^(?:terms|en|fr|de)$/;
		complain($at, "\"$word\" is written twice") if $entry->{$word};
		$rest =~ s/%([A-Za-z][\w-]*)/$phrase{$1}{$word} \/\/ (complain($at, "unknown word %$1"), '')/ge;
		$entry->{$word} = $rest;
		$placeholder{$_} || $word eq 'terms' or complain($at, "unknown placeholder {$_}") for $rest =~ /\{([^}]*)\}/g;
	}
}

# What a test of the plain kinds speaks of: the path that must be there, or not, or not too often.
sub about {
	my ($test) = @_;
	my ($path) = $test =~ /^(?:empty|exists|count)\(((?:[^()]++|(\((?:[^()]++|(?2))*\)))*)\)(?: <?= \d)?$/ or return;
	$path =~ s/(?:normalize-space|upper-case)\(([^()]*)\)/$1/g;
	return $path =~ s{^//}{}r;
}

sub c_text {
	my ($text) = @_;
	return 'NULL' if !defined $text;
	return '"' . $text =~ s/(["\\])/\\$1/gr =~ s/\?\?/?\\?/gr . '"';
}

/\.rules$/ ? read_rules($_) : read_messages($_) for @ARGV;

# a schema demands the same of every document: layers without rules of their own share those before
my $shared;
for my $layer (grep { $_->{schema} } @layers) {
	$layer->{$_} = @{$layer->{rules}} || !$shared ? $layer->{$_} : $shared->{$_} for qw(contexts rules);
	$shared = $layer;
}
for my $layer (@layers) {
	for my $rule (@{$layer->{rules}}) {
		my ($at, $id) = @$rule{qw(at id)};
		complain($at, $layer->{schema} ? "$id: the schema is its test" : "$id has no test")
			if !@{$rule->{tests}} != !!$layer->{schema};
		my $key = $rule->{say} // $id;
		my $message = $message{$key};
		complain($at, "$id: there is no message \"$key\"") if !$message;
		$message->{used} = 1 if $message;
		my $say = $rule->{tolerance_say};
		complain($at, "$id: there is no message \"$say\"") if defined $say && !$message{$say};
	}
}
for my $id (sort keys %message) {
	$message{$id}{$_} or complain($message{$id}{at}, "message $id is not written in $_") for @languages;
	complain($message{$id}{at}, "no rule uses message $id") if !$message{$id}{used};
}
die "$errors errors in rules and messages\n" if $errors;

# layers of one set stand together
@layers = sort { $a->{set} cmp $b->{set} } @layers;
print "/* generated by extension/gen/gen_rules.pl; do not edit */\n#include <stddef.h>\n\n#include \"core/rules/structure.h\"\n";
for my $n (0 .. $#layers) {
	my $layer = $layers[$n];
	print "\nstatic const RuleDefineFact Defines$n\[] = {\n";
	printf "\t{%s, %s},\n", map { c_text($_) } @$_ for @{$layer->{defines}};
	print "\t{NULL, NULL},\n};\n\nstatic const RuleContextFact Contexts$n\[] = {\n";
	printf "\t{%d, %s},\n", $_->{pattern}, c_text($_->{path}) for @{$layer->{contexts}};
	print "};\n\nstatic const RuleFact Rules$n\[] = {\n";
	for my $rule (@{$layer->{rules}}) {
		my @tests = @{$rule->{tests}};
		my $test = @tests <= 1 ? $tests[0] : join ' and ', map { "($_)" } @tests;
		my $when = join ' and ', map { "($_)" } @{$rule->{when}};
		$rule->{about} //= about($tests[0]) if @tests;
		printf "\t{%s, %s, %d, %d, %s, %s, %s, %s, %s, %s},\n", c_text($rule->{id}), c_text($rule->{say}),
			$rule->{severity}, $rule->{context}{number}, c_text($when ? "not($when) or ($test)" : $test),
			map { c_text($rule->{$_}) } qw(found expected about tolerance tolerance_say);
	}
	print "};\n";
}
my %schema = map { $_->{schema} => 1 } grep { $_->{schema} } @layers;
print "\n", map { "extern const StructureSchema ClexSchema_$_;\n" } sort keys %schema;
print "\nconst RuleLayerFact ClexRuleLayers[] = {\n";
for my $n (0 .. $#layers) {
	my $layer = $layers[$n];
	printf "\t{%s, %s, %s, %s, %s, %s, Defines$n, %d, Contexts$n, %d, Rules$n, %d, %s},\n",
		(map { c_text($layer->{$_}) } qw(set version syntax from until profile)),
		(map { scalar @{$layer->{$_}} } qw(defines contexts rules)),
		$layer->{schema} ? "&ClexSchema_$layer->{schema}" : 'NULL';
}
printf "};\n\nconst uint32_t ClexRuleLayerCount = %d;\n\nconst MessageFact ClexMessages[] = {\n", scalar @layers;
printf "\t{%s, %s, {%s, %s, %s}},\n", c_text($_), map { c_text($_) } @{$message{$_}}{qw(terms en fr de)}
	for sort keys %message;
printf "};\n\nconst uint32_t ClexMessageCount = %d;\n", scalar keys %message;
