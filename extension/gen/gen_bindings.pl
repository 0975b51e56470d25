#!/usr/bin/perl
# Compile the bindings into a trie of states: (state, name) -> branches, each with tests and a next state.
# usage: gen_bindings.pl OUT.h OUT.c names_data.h data-folder
use strict;
use warnings;
use FindBin;
require "$FindBin::Bin/plan_tables.pl";

my ($header, $source, $names, $data) = @ARGV;
my %syntax_column = (ubl => [ 'ubl_invoice_xpath', 'ubl_creditnote_xpath' ], cii => ['cii_xpath']);
my %root_name = (ubl_invoice_xpath => 'ubl:Invoice', ubl_creditnote_xpath => 'cn:CreditNote', cii_xpath => 'rsm:CrossIndustryInvoice');
my %root_facts = (ubl_invoice_xpath => { syntax => 'ubl', kind => 'invoice', currency => 'BT-5' },
	ubl_creditnote_xpath => { syntax => 'ubl', kind => 'credit_note', currency => 'BT-5' }, cii_xpath => { syntax => 'cii', kind => 'invoice', currency => 'BT-5' });
my %converter = ('' => 'NONE', 'date102' => 'DATE_102', 'note-text' => 'NOTE', 'date-time' => 'DATE_TIME', 'head' => 'HEAD', 'position' => 'POSITION', 'percent' => 'PERCENT', 'stamp' => 'STAMP', 'join' => 'JOIN', 'whole' => 'WHOLE',
	'date-time-zone' => 'DATE_TIME_ZONE', 'days' => 'DAYS', 'phone' => 'PHONE');    # and the names in codes.tsv

# Rows of a tab-separated file as hashes by the names in its first line; '#' starts a comment line.
sub rows {
	my ($file) = @_;
	my (@columns, @rows);
	open my $in, '<', "$data/$file" or die "$file: $!";
	while (<$in>) {
		chomp;
		next if /^#/;
		my @cells = split /\t/, $_, -1;
		if (!@columns) { @columns = @cells; next; }
		my %row;
		@row{@columns} = map { $_ // '' } @cells[0 .. $#columns];
		push @rows, \%row;
	}
	return @rows;
}

# syntaxes with a table of their own: a column for each document, called like its table and letter
my @own_syntaxes = rows('bindings/syntaxes.tsv');
for (@own_syntaxes) {
	my $column = $_->{column} = $_->{table} . ($_->{letter} ne '' ? "_$_->{letter}" : '');
	$root_name{$column} = $_->{root};
	$root_facts{$column} = $_;
}
use_schemas(@own_syntaxes);

# the documents beside invoices: a column for each, named like its root, or like its kind where the kinds of a syntax share one
my %column_of;    # letter
for my $d (rows('bindings/documents.tsv')) {
	my $column = $column_of{ $d->{letter} } = $d->{syntax} eq 'ubl' ? ($d->{root} =~ s/:/_/r) . '_xpath' : "$d->{syntax}_$d->{kind}";
	$root_name{$column} = $d->{root};
	$root_facts{$column} = $d;
	push @{ $syntax_column{"$d->{syntax}-documents"} }, $column;
}

my %number;    # of names
open my $in, '<', $names or die "$names: $!";
while (<$in>) { $number{$1} = $2 if /\bNAME_(\w+) = (\d+)/; }
close $in;

sub name_number {
	my ($name) = @_;
	(my $c = $name) =~ s/^\@/at_/;
	$c =~ s/\W/_/g;
	return $number{$c} // die "bindings: nothing knows the name $name\n";
}

my @codes = rows('bindings/codes.tsv');
my %map_number;
for (@codes) { $map_number{ $_->{converter} } = 1 + keys %map_number if !$map_number{ $_->{converter} }; }
$converter{$_} = 'CODES' for keys %map_number;

my %term = map { $_->{id} => $_ } rows('terms.tsv');
my @states;

sub new_state {
	my ($parent, $step, $name, @tests) = @_;
	my $state = { number => scalar @states, parent => $parent, step => $step, name => $name, tests => \@tests, children => [],
		by_step => {}, kind => 'CONTAINER', flags => {} };
	push @states, $state;
	return $state;
}

# Split at a separator, but not inside brackets or quotes.
sub split_outside {
	my ($separator, $text) = @_;
	my ($depth, $quoted, @parts) = (0, 0, '');
	for my $c (split //, $text) {
		$quoted = !$quoted if $c eq "'";
		$depth++ if $c =~ /[\[(]/ && !$quoted;
		$depth-- if $c =~ /[\])]/ && !$quoted;
		if ($c eq $separator && !$depth && !$quoted) { push @parts, ''; }
		else { $parts[-1] .= $c; }
	}
	return grep { $_ ne '' } @parts;
}

# A relative path of a test: how far up, then which names down; "." is nothing of both.
sub parse_side {
	my ($text) = @_;
	my $up = 0;
	return { up => 0, steps => [] } if $text eq '.';
	$up++ while $text =~ s{^\.\.(?:/|$)}{};
	my @steps = split m{/}, $text;
	die "bindings: bad path in a test: $text" if grep { !/^\@?[\w:-]+$/ } @steps;
	die "bindings: path of a test too long: $text" if @steps > 4;
	return { up => $up, steps => \@steps };
}

sub parse_test {
	my ($text) = @_;
	my %test = (text => $text, negate => 0, values => [], right => undef);
	$test{negate} = 1 if $text =~ s/^not\((.*)\)$/$1/;
	my ($left, $op, $right) = $text =~ /^([^=!]+?)(?:(!?=)(.+))?$/s or die "bindings: bad test [$text]";
	$test{left} = parse_side($left) if $left !~ /^(?:only|gln)/;
	if ($left =~ /^only\((.*)\)$/) { @test{qw(kind left)} = ('ALONE', parse_side($1)); }
	elsif ($left =~ /^gln\((.*)\)$/) { @test{qw(kind left)} = ('IS_GLN', parse_side($1)); }
	elsif (!defined $op) { $test{kind} = 'EXISTS'; }
	elsif ($right =~ /^(true|false)\(\)$/) { die "[$text]" if $op ne '='; $test{kind} = $1 eq 'true' ? 'IS_TRUE' : 'IS_FALSE'; }
	elsif ($right =~ /'/) {
		die "[$text]" if $op ne '=';
		$test{kind} = 'IS_VALUE';
		$test{values} = [ $right =~ /'([^']*)'/g ];
	}
	else {
		$test{kind} = $op eq '=' ? 'IS_EQUAL' : 'DIFFERS';
		$test{right} = parse_side($right);
	}
	return \%test;
}

# The state of one more step, made if it is new; tests that ask for one value make constants.
sub step_state {
	my ($state, $step) = @_;
	return $state->{by_step}{$step} if $state->{by_step}{$step};
	my ($name, $rest) = $step =~ /^(\@?[\w:.-]+)(.*)$/ or die "bindings: bad step $step";
	my @tests = map { parse_test($_) } $rest =~ /\[((?:[^\[\]'(]|'[^']*'|\((?:[^()]|\([^()]*\))*\))*)\]/g;
	my $next = new_state($state, $step, $name, @tests);
	push @{ $state->{children} }, $next;
	$state->{by_step}{$step} = $next;
	for my $test (@tests) {
		next if $test->{negate} || $test->{left}{up} || $test->{kind} !~ /^IS_(?:VALUE|TRUE|FALSE|EQUAL)/ || !@{ $test->{left}{steps} };
		my $leaf = $next;
		$leaf = step_state($leaf, $_) for @{ $test->{left}{steps} };
		make_constant($leaf, $test->{kind} eq 'IS_VALUE' ? ('VALUE', $test->{values}[0])
			: $test->{kind} =~ /TRUE|FALSE/ ? ('BOOLEAN', $test->{kind} eq 'IS_TRUE' ? 'true' : 'false') : ('ANY', ''));
	}
	return $next;
}

sub make_constant {
	my ($state, $kind, $value) = @_;
	die "bindings: $state->{step} is a term and a constant" if $state->{kind} eq 'TERM';
	$state->{kind} = 'CONSTANT';
	$state->{constant} //= [ $kind, $value ];
}

my %root;
sub path_state {
	my ($column, $path) = @_;
	my ($first, @steps) = split_outside('/', $path);
	if (!$root{$column}) { $root{$column} = new_state(undef, $root_name{$column}, $root_name{$column}); $root{$column}{column} = $column; }
	my $state = $root{$column};
	die "bindings: $path does not start at $root_name{$column}" if $first ne $root_name{$column} && $first ne '*';
	$state = step_state($state, $_) for @steps;
	return $state;
}

# the words of a converter cell that hold for a syntax
sub converters {
	my ($cell, $syntax) = @_;
	return map { s/^\Q$syntax\E://r } grep { !/:/ || /^\Q$syntax\E:/ } split / /, $cell;
}

my @places;    # [column, term, path]

# One place of a term: its path from the root, and the words of its converter.
sub bind_place {
	my ($t, $column, $path, %word) = @_;
	my $state = path_state($column, $path);
	if ($t->{datatype} eq 'Group') {
		return if $word{scattered};
		die "bindings: two groups at $path" if $state->{group};
		$state->{group} = $t;
		$state->{plan}{ONCE} = 1 if $word{once};
		@$state{qw(choice mark)} = ('OWN', $t->{id}) if $word{own};
		@$state{qw(rest mark)} = (1, $t->{id}) if $word{rest};
		return;
	}
	if ($word{'note-subject'}) { $state->{subject} = $t; return; }
	die "bindings: two terms at $path" if $state->{term};
	die "bindings: $path is a term and a constant" if $state->{kind} eq 'CONSTANT';
	$state->{kind} = 'TERM';
	$state->{term} = $t;
	$state->{flags}{REPEAT} = 1 if delete $word{repeat};
	$state->{flags}{ELSEWHERE} = 1 if delete $word{elsewhere};
	$state->{plan}{ONCE} = 1 if delete $word{once};
	$state->{also} = delete $word{also};
	$state->{choose} = delete $word{'by-scheme'} ? 'SCHEME' : delete $word{iban} ? 'IBAN' : delete $word{'or-else'} ? 'ELSE' : undef;
	for my $after (grep { /^after=/ } keys %word) { delete $word{$after}; $state->{needs} = $after =~ s/^after=//r; $state->{plan}{AFTER} = 1; }
	for my $needs (grep { /^needs=/ } keys %word) { delete $word{$needs}; $state->{needs} = $needs =~ s/^needs=//r; $state->{prior} = 1; }
	for (my $up = $state->{parent}; $up; $up = $up->{parent}) {
		next if !$up->{rest} || $t->{parent} ne $up->{mark};
		$state->{flags}{ELSEWHERE} = 1;
		$state->{mark} = $up->{mark};
	}
	for my $head (grep { /^(?:head|join)=/ } keys %word) {
		delete $word{$head};
		my ($how, $name) = split /=/, $head;
		$word{$how} = 1;
		add_head($state, $name);
	}
	if ($word{phone}) { add_head($state, $_) for qw(AreaOrCityCode CountryCode) }
	for my $days (grep { /^days=/ } keys %word) { delete $word{$days}; $word{days} = 1; $state->{from} = $days =~ s/^days=//r; }
	my ($c, @more) = keys %word;
	die "bindings: converters of $t->{id}" if @more || !$converter{ $c // '' };
	$state->{converter} = $converter{ $c // '' };
	$state->{map} = $map_number{ $c // '' };
}

# The sibling whose text stands before that of a term.
sub add_head {
	my ($state, $name) = @_;
	my $head = step_state($state->{parent}, $name);
	make_constant($head, 'HEAD', '') if $head->{kind} ne 'CONSTANT';
	$head->{tail} //= $state;
	$state->{head} = $head;
}

# The terms that an element says beside its own: "BT-49-1=0201".
sub add_implied {
	my ($state, $cell) = @_;
	for my $pair (split / /, $cell) {
		my ($id, $value) = $pair =~ /^([^=]+)=(.+)$/ or die "bindings: implied $pair\n";
		push @{ $state->{implied} }, [ $term{$id} // die("bindings: implied $id\n"), $value ];
	}
}

# All places of a row in one column.
sub bind_row {
	my ($row, $column, $paths) = @_;
	my $t = $term{ $row->{id} } or die "bindings: unknown term $row->{id}";
	my @paths = split_outside('|', $paths);
	for my $i (0 .. $#paths) {
		my %word = map { $_ => 1 } converters($row->{converter}, $root_facts{$column}{syntax});
		$word{elsewhere} = 1 if $word{'or-else'} && $i > 0;
		bind_place($t, $column, $paths[$i], %word);
	}
	push @places, [ $column, $t, $paths ] if $paths ne '';
}

for my $row (rows('bindings/en16931.tsv')) {
	for my $syntax ('cii', 'ubl') { bind_row($row, $_, $row->{$_}) for @{ $syntax_column{$syntax} }; }
}
# What a row without a term says of an element: it repeats no term, or a writer needs it.
sub bind_special {
	my ($state, $id, $value) = @_;
	if ($id eq 'const') { make_constant($state, $value =~ /^\{(BT|O)-\d+\}$/ ? ('CURRENCY', '') : ('VALUE', $value)) if $state->{kind} ne 'TERM'; }
	elsif ($id eq 'frame') { $state->{plan}{FRAME} = 1; }
	elsif ($id eq 'keep') { $state->{plan}{KEEP} = 1; }
	elsif ($id eq 'once') { $state->{plan}{ONCE} = 1; }
	elsif ($id eq 'each') { $state->{each} = $term{$value} or die "bindings: each $value\n"; }
	elsif ($id eq 'fill') { make_constant($state, 'NONE', '') if $state->{kind} eq 'CONTAINER'; @{ $state->{plan} }{qw(REQUIRED QUIET)} = (1, 1); $state->{filler} = $value; }
	elsif ($id eq 'need') { make_constant($state, 'NONE', '') if $state->{kind} eq 'CONTAINER' && !@{ $state->{children} }; $state->{plan}{REQUIRED} = 1; $state->{filler} = $value; }
	else { die "bindings: unknown $id\n"; }
}

for my $row (rows('bindings/ubl_documents.tsv'), rows('bindings/orderx.tsv')) {
	for my $letter (split //, $row->{documents}) {
		my $column = $column_of{$letter} // die "bindings: no document has the letter $letter";
		my $root = "/$root_name{$column}";
		if (!$term{ $row->{id} }) { bind_special(path_state($column, "$root/$row->{path}"), @$row{qw(id converter)}); next; }
		bind_row($row, $column, join '|', map { "$root/$_" =~ s{/$}{}r } $row->{path} eq '' ? '' : split_outside('|', $row->{path}));
	}
}

# The rows of a table that hold for a document, their paths from the root.
sub own_rows {
	my ($own) = @_;
	my @rows = grep { $own->{letter} eq '' || index($_->{documents}, $own->{letter}) >= 0 } rows("bindings/$own->{table}.tsv");
	for (@rows) { $_->{path} = "$own->{base}/$_->{path}" if $_->{path} !~ m{^/}; }
	return @rows;
}

for my $own (@own_syntaxes) {
	my ($column, @rows) = ($own->{column}, own_rows($own));
	for my $row (grep { $term{ $_->{id} } } @rows) {
		my $t = $term{ $row->{id} };
		my %word = map { $_ => 1 } converters($row->{value}, $own->{syntax});
		$word{elsewhere} = 1 if $word{'or-else'} && grep { $_->[0] eq $column && $_->[1] == $t } @places;
		bind_place($t, $column, $row->{path}, %word);
		add_implied(path_state($column, $row->{path}), $row->{implies});
		my ($known) = grep { $_->[0] eq $column && $_->[1] == $t } @places;
		my $path = $row->{path} =~ s/#(\d)/[$1]/gr;
		if ($known) { $known->[2] .= "|$path"; }
		else { push @places, [ $column, $t, $path ]; }
	}
	for my $row (grep { !$term{ $_->{id} } && $_->{path} !~ m{//} } @rows) { bind_special(path_state($column, $row->{path}), @$row{qw(id value)}); }
	# "//Name/@lang": wherever the table has the element before the last step
	for my $row (grep { $_->{path} =~ m{//} } @rows) {
		my (@steps) = split m{/}, $row->{path} =~ s{^.*//}{}r;
		my $last = pop @steps;
		bind_special(step_state($_, $last), @$row{qw(id value)}) for states_ending($column, @steps);
	}
}

# every state whose path ends in these steps, tests aside
sub states_ending {
	my ($column, @steps) = @_;
	my @found;
	return if !$root{$column};
	STATE: for my $s (@states) {
		my $at = $s;
		for my $step (reverse @steps) {
			next STATE if !$at || $at->{name} ne $step;
			$at = $at->{parent};
		}
		my $top = $s;
		$top = $top->{parent} while $top->{parent};
		push @found, $s if $top->{column} eq $column;
	}
	return @found;
}

for my $row (rows('bindings/constants.tsv')) {
	my $found = 0;
	for my $column (@{ $syntax_column{ $row->{syntax} } }) {
		my @leaves;
		next if $row->{value} eq '{currency}' && !$root_facts{$column}{currency};
		if ($row->{path} =~ m{^//(\@\w+)$}) {
			@leaves = map { step_state($_, $1) } grep { $_->{kind} eq 'TERM' && $_->{name} !~ /^\@/ && $_->{term}{datatype} =~ /mount/ }
				states_ending($column);
		}
		elsif ($row->{path} =~ m{^//(.*)$}) {
			my ($first, @rest) = split m{/}, $1;
			for my $s (states_ending($column, $first)) { my $l = $s; $l = step_state($l, $_) for @rest; push @leaves, $l; }
		}
		else { @leaves = path_state($column, $row->{path}); }
		$found += @leaves;
		for my $leaf (@leaves) {
			if (@{ $leaf->{children} } && $row->{value} eq '') { $leaf->{flags}{MAY_BE_EMPTY} = 1; next; }
			next if $leaf->{kind} eq 'CONSTANT';
			make_constant($leaf, $row->{value} eq '{currency}' ? ('CURRENCY', '') : ('VALUE', $row->{value}));
		}
	}
	die "bindings: nowhere is $row->{path}" if !$found;
}

# an element that says something although it holds no others
for my $s (@states) {
	my $top = $s;
	$top = $top->{parent} while $top->{parent};
	my ($column) = grep { $root{$_} == $top } keys %root;
	$s->{flags}{ATTRIBUTES} = 1 if $root_facts{$column}{base} && $s->{kind} eq 'CONTAINER' && grep { $_->{name} =~ /^\@/ && $_->{kind} eq 'TERM' } @{ $s->{children} };
}

for my $row (rows('bindings/required.tsv')) {
	my @leaves = map { states_ending($_, split m{/}, $row->{path} =~ s{^//}{}r) } @{ $syntax_column{ $row->{syntax} } } or die "bindings: nowhere is $row->{path}";
	for my $leaf (@leaves) { $leaf->{plan}{REQUIRED} = 1; $leaf->{filler} = $row->{value}; $leaf->{plan}{QUIET} = 1 if $row->{value} =~ /^\{/; }
}

# Number the states of one root together, so that a walk needs room for these alone.
my @columns = sort { $a cmp $b } keys %root;
{
	my $number = 0;
	my %states_of;
	for my $s (@states) { my $top = $s; $top = $top->{parent} while $top->{parent}; push @{ $states_of{ $top->{column} } }, $s; }
	for my $column (@columns) {
		my @own = @{ $states_of{$column} };
		$root{$column}{own} = \@own;
		$_->{number} = $number++ for @own;
	}
	@states = sort { $a->{number} <=> $b->{number} } @states;
}

# tables
my (@edges, @branches, @tests, @values);
sub text { my ($s) = @_; my $n = length $s; $s =~ s/(["\\])/\\$1/g; return "{\"$s\", $n}"; }

sub side {
	my ($side) = @_;
	return '0, {0, 0, 0, 0}' if !$side;
	my @n = map { name_number($_) } @{ $side->{steps} };
	push @n, 0 while @n < 4;
	return "$side->{up}, {" . join(', ', @n) . '}';
}

sub emit_tests {
	my @list = @_;
	my $first = @tests;
	for my $t (@list) {
		my $value = @values;
		push @values, @{ $t->{values} };
		push @tests, sprintf('{TEST_%s, %s, {%s}, {%s}, %d, %d}, /* %s */', $t->{kind}, $t->{negate} ? 'true' : 'false', side($t->{left}),
			side($t->{right}), $value, scalar @{ $t->{values} }, $t->{text});
	}
	return ($first, scalar @list);
}

for my $s (@states) {
	$s->{first_test} = @tests;
	my %by_name;
	push @{ $by_name{ $_->{name} } }, $_ for @{ $s->{children} };
	$s->{first_edge} = @edges;
	for my $name (sort { name_number($a) <=> name_number($b) } keys %by_name) {
		my @next = ((grep { @{ $_->{tests} } } @{ $by_name{$name} }), grep { !@{ $_->{tests} } } @{ $by_name{$name} });
		push @edges, sprintf '{%d, %d, %d}', name_number($name), scalar @branches, scalar @next;
		push @branches, sprintf '{%d, %d, %d}', $_->{number}, emit_tests(@{ $_->{tests} }) for @next;
	}
	$s->{edge_count} = @edges - $s->{first_edge};
}

my @implied;
for my $s (@states) {
	$s->{first_implied} = @implied;
	push @implied, sprintf '{%d, %s}', $_->[0]{number}, text($_->[1]) for @{ $s->{implied} // [] };
}

my @formats = rows('formats.tsv');

sub unescape { my ($s) = @_; my $n = length($s =~ s/\\x[0-9a-fA-F]{2}/x/gr); return "{\"" . ($s =~ s/"/\\"/gr) . "\", $n}"; }

open my $h, '>', "$header.tmp" or die $!;
print $h "/* generated by extension/gen/gen_bindings.pl; do not edit */\n#ifndef BINDINGS_DATA_H\n#define BINDINGS_DATA_H\n\n";
printf $h "#define BIND_ROOT_COUNT %d\n", scalar @columns;
printf $h "#define BIND_ROOT_%s %d\n", uc($_ =~ s/_xpath//r), $root{$_}{number} for sort keys %root;
printf $h "#define BIND_MAP_%s %d\n", uc($_ =~ s/\W/_/gr), $map_number{$_} for sort keys %map_number;
print $h "\n#endif\n";
close $h;

open my $c, '>', "$source.tmp" or die $!;
print $c "/* generated by extension/gen/gen_bindings.pl; do not edit */\n#include \"core/codec/bind.h\"\n#include \"core/codec/detect.h\"\n#include \"core/codec/syntax.h\"\n\n";
print $c "const BindState ClexBindStates[] = {\n";
for my $s (@states) {
	my ($kind, $value) = $s->{constant} ? @{ $s->{constant} } : ('NONE', '');
	printf $c "\t{BIND_%s, CONVERT_%s, %d, CONSTANT_%s, %s, %d, %d, %d, %d, %d, %d, %d, %d, %s}, /* %d %s */\n", $s->{kind}, $s->{converter} // 'NONE',
		$s->{map} // 0, $kind, join(' | ', map { "BIND_$_" } sort keys %{ $s->{flags} }) || 0,
		(map { $s->{$_} ? $s->{$_}{number} : 0 } qw(term subject group)), $s->{first_edge}, $s->{edge_count},
		$s->{head} ? name_number($s->{head}{name}) : 0, $s->{first_implied}, scalar @{ $s->{implied} // [] }, text($value), $s->{number}, $s->{step};
}
print $c "};\n\nconst BindEdge ClexBindEdges[] = {\n\t", join(",\n\t", @edges), ",\n};\n\n";
print $c "const BindBranch ClexBindBranches[] = {\n\t", join(",\n\t", @branches), ",\n};\n\n";
print $c "const BindTest ClexBindTests[] = {\n\t", join("\n\t", @tests), "\n};\n\n";
print $c "const Span ClexBindValues[] = {\n\t", join(",\n\t", map { text($_) } @values), ",\n};\n\n";
print $c "const BindImplied ClexBindImplied[] = {\n\t", join(",\n\t", @implied, '{0, {"", 0}}'), ",\n};\n\n";
print $c "const CodePair ClexCodePairs[] = {\n";
printf $c "\t{%d, %s, %s},\n", $map_number{ $_->{converter} }, text($_->{inner}), text($_->{outer}) for @codes;
printf $c "};\nconst uint32_t ClexCodePairCount = %d;\n\n", scalar @codes;
my @credit = map { $_->{code} } rows('bindings/credit_notes.tsv');
print $c "const Span ClexCreditNoteCodes[] = {\n\t", join(",\n\t", map { text($_) } @credit), ",\n};\n";
printf $c "const uint32_t ClexCreditNoteCodeCount = %d;\n\n", scalar @credit;
print $c "const FormatFact ClexFormats[] = {\n";
for my $f (@formats) {
	my $prefix = $f->{test} eq 'root' && $f->{what} =~ s/\*$// ? 1 : 0;
	printf $c "\t{FORMAT_BY_%s, %s, %s, %s, \"%s\", %s, %s, %s},\n", uc $f->{test}, $prefix ? 'true' : 'false', unescape($f->{what}),
		text($f->{local}), $f->{format}, (map { $_ eq '' ? 'NULL' : "\"$_\"" } @$f{qw(kind version)}), $f->{read} eq 'yes' ? 'true' : 'false';
}
printf $c "};\nconst uint32_t ClexFormatCount = %d;\n", scalar @formats;
print $c plan_tables($data, \@states, \%root, \%root_facts, \%term, \&name_number);
print $c "\nconst BindPlace ClexBindPlaces[] = {\n";
my %place_of;
push @{ $place_of{ $_->[0] } }, $_ for sort { $a->[1]{number} <=> $b->[1]{number} } @places;
printf $c "\t{%d, %s},\n", $_->[1]{number}, text($_->[2]) for map { @{ $place_of{$_} } } @columns;
print $c "};\n\nconst BindRoot ClexBindRoots[BIND_ROOT_COUNT] = {\n";
my $place = 0;
for my $column (@columns) {
	my ($facts, @own) = ($root_facts{$column}, @{ $root{$column}{own} });
	my $next = $own[-1]{number} + 1 < @states ? $states[ $own[-1]{number} + 1 ]{first_test} : @tests;
	printf $c "\t{%d, DOCUMENT_%s, \"%s\", \"%s\", %d, %d, %d, %d, %d, %d, %s, %d, %d}, /* %s */\n", name_number($root_name{$column}), uc $facts->{kind}, $facts->{syntax}, $facts->{letter} // '',
		$own[0]{number}, scalar @own, $own[0]{first_test}, $next - $own[0]{first_test}, (map { $facts->{$_} ? $term{ $facts->{$_} }{number} : 0 } qw(currency implied)),
		text($facts->{value} // ''), $place, scalar @{ $place_of{$column} }, $column;
	$place += @{ $place_of{$column} };
}
print $c "};\n";
close $c;
rename "$_.tmp", $_ or die $! for $header, $source;
