# XML documents changed at random by a seed: as another program would have spelled the same, or with another content that the schema allows.
#
#   respell($text)                 the same document: comments, CDATA, references, prefixes, quotes, order of attributes, white space
#   change($text, $facts, \@log)   another one: repeats copied and swapped, what is optional dropped, foreign elements and attributes added
#
# The trees are small: an element is [name, [[attribute, value] ...], [children]], a text is a string with its references undone.
package Mutate;
use strict;
use warnings;
use Exporter 'import';

our @EXPORT = qw(seed schema_facts respell change);

# A generator of one's own: rand() differs between builds of Perl.
my $state = 1;
sub seed { $state = $_[0]; draw(1) for 1 .. 3; return }
sub draw { my ($below) = @_; $state = ($state * 1103515245 + 12345) % 2147483648; return int($state / 65536) % $below }
sub one_in { return draw($_[0]) == 0 }

my %entity = (amp => '&', lt => '<', gt => '>', quot => '"', apos => "'");
sub undo { my ($text) = @_; $text =~ s/&(?:#x([0-9A-Fa-f]+)|#([0-9]+)|(\w+));/defined $1 ? chr hex $1 : defined $2 ? chr $2 : $entity{$3}/ge; return $text }

# ---- reading

sub parse
{
	my ($text) = @_;
	my @open = (['', [], []]);
	$text =~ s/^\x{FEFF}//;
	while ($text =~ /\G(?:<!--.*?-->|<\?.*?\?>|<!\[CDATA\[(?<data>.*?)\]\]>|<\/(?<end>[^\s>]+)\s*>|<(?<name>[^\s\/>]+)(?<attributes>(?:\s+[^\s=]+\s*=\s*(?:"[^"]*"|'[^']*'))*)\s*(?<empty>\/?)>|(?<text>[^<]+))/gcs)
	{
		if (defined $+{data}) { push @{$open[-1][2]}, $+{data} }
		elsif (defined $+{end}) { pop @open }
		elsif (defined $+{text}) { push @{$open[-1][2]}, undo($+{text}) if @open > 1 }
		elsif (defined $+{name})
		{
			my ($name, $attributes, $empty) = @+{qw(name attributes empty)};
			my @attributes;
			push @attributes, [$1, undo(defined $2 ? $2 : $3)] while $attributes =~ /([^\s=]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g;
			push @{$open[-1][2]}, my $element = [$name, \@attributes, []];
			push @open, $element if $empty eq '';
		}
	}
	die 'not understood: ' . substr($text, pos($text) // 0, 60) . "\n" if (pos($text) // 0) < length $text;
	return $open[0][2][0];
}

sub elements { return grep { ref } @{$_[0][2]} }
sub is_leaf { return !elements($_[0]) }

# ---- writing

# A text in one of the spellings that mean it; a carriage return would be read as a line feed.
sub text_of
{
	my ($text, $free) = @_;
	return "<![CDATA[$text]]>" if $free && $text ne '' && $text !~ /\]\]>/ && one_in(12);
	my $out = '';
	for my $character (split //, $text)
	{
		my $must = $character =~ /[<&>\r]/;
		if ($must || ($free && one_in(40))) { $out .= one_in(2) || $character eq "\r" ? sprintf('&#x%X;', ord $character) : sprintf('&#%d;', ord $character) }
		else { $out .= $character }
	}
	return $out;
}

sub value_of
{
	my ($value, $free) = @_;
	my $quote = $free && one_in(3) ? "'" : '"';
	$value =~ s/([<&"'\t\r\n])/sprintf '&#x%X;', ord $1/ge;
	return "$quote$value$quote";
}

# Between elements anything may stand that says nothing.
sub gap
{
	my ($free) = @_;
	return '' if !$free;
	my $gap = (' ', "\n", "\n\t\t", '', '', "\r\n  ")[draw(6)];
	$gap .= ('<!-- <cbc:ID>77</cbc:ID> & -->', '<?audit seen?>', '<!---->')[draw(3)] if one_in(15);
	return $gap;
}

sub out
{
	my ($element, $free) = @_;
	my ($name, $attributes, $children) = @$element;
	my @attributes = @$attributes;
	if ($free) { for my $i (reverse 1 .. $#attributes) { my $k = draw($i + 1); @attributes[$i, $k] = @attributes[$k, $i] } }
	my $tag = $name . join '', map { ($free && one_in(6) ? "\n  " : ' ') . $_->[0] . ($free && one_in(8) ? ' = ' : '=') . value_of($_->[1], $free) } @attributes;
	return "<$tag/>" if !@$children && !($free && one_in(2));
	my $elements = elements($element);
	# a comment within a text parts it in two, which together are the text
	my $inside = join '', map { ref $_ ? gap($free) . out($_, $free) : $elements ? ($_ =~ /\S/ ? text_of($_, $free) : '') : text_of($_, $free) . ($free && one_in(60) ? '<!-- x -->' : '') } @$children;
	return "<$tag>$inside" . ($elements ? gap($free) : '') . "</$name" . ($free && one_in(9) ? ' ' : '') . '>';
}

sub document
{
	my ($root, $free) = @_;
	my $declaration = $free ? ('', '<?xml version="1.0"?>', "<?xml version='1.0' encoding='utf-8' standalone='yes'?>", "\x{FEFF}<?xml version=\"1.0\" encoding=\"UTF-8\"?>")[draw(4)] : '<?xml version="1.0" encoding="UTF-8"?>';
	return $declaration . ($free ? "\n<!-- made by hand -->" : '') . "\n" . out($root, $free) . "\n";
}

# ---- the same document

# Every prefix another one; where a namespace is the default one it gets a prefix, and one with a prefix may become the default below an element.
sub rename_prefixes
{
	my ($element, $scope, $new) = @_;
	my %scope = %$scope;
	my @declared;
	for my $attribute (@{$element->[1]}) { push @declared, $attribute if $attribute->[0] =~ /^xmlns(?::|$)/ }
	$scope{$_->[0] =~ s/^xmlns:?//r} = $_->[1] for @declared;
	my @plain = grep { $_->[0] !~ /^xmlns(?::|$)/ } @{$element->[1]};
	my $spell = sub {
		my ($name, $attribute) = @_;
		my ($prefix, $local) = $name =~ /^(?:([^:]+):)?(.*)$/;
		return $name if ($prefix // '') eq 'xml' || ($attribute && !defined $prefix);
		my $uri = $scope{$prefix // ''} // '';
		return $local if $uri eq '';
		$new->{$uri} //= ('_', 'n.', 'Q-', 'ubl', 'a')[draw(5)] . keys %$new;
		return "$new->{$uri}:$local";
	};
	$element->[0] = $spell->($element->[0], 0);
	$_->[0] = $spell->($_->[0], 1) for @plain;
	$element->[1] = \@plain;
	rename_prefixes($_, \%scope, $new) for elements($element);
	return;
}

sub respell
{
	my ($text) = @_;
	my $root = parse($text);
	if (one_in(2))
	{
		my %new;
		rename_prefixes($root, {}, \%new);
		push @{$root->[1]}, map { ["xmlns:$new{$_}", $_] } sort keys %new;
	}
	return document($root, 1);
}

# ---- another document

# Of each type its elements: how often at least and at most, and their types.  From the tables of the schemas.
sub schema_facts
{
	my (@files) = @_;
	my %facts;
	for my $file (@files)
	{
		open my $in, '<', $file or die "$file: $!\n";
		while (<$in>)
		{
			next if /^(?:#|type\t)/;
			my ($type, undef, $element, $min, $max, $child) = split /\t/;
			$facts{$type}{$element} //= [$min, $max, $child];
		}
	}
	return \%facts;
}

# Every place of the tree where something could be done: [what, element, index of a child, ...].
sub places
{
	my ($element, $type, $facts, $places) = @_;
	my $children = $element->[2];
	my %last;
	for my $i (0 .. $#$children)
	{
		my $child = $children->[$i];
		next if !ref $child;
		my $fact = $facts->{$type}{$child->[0]} // next;
		my ($min, $max, $below) = @$fact;
		push @$places, ['drop', $element, $i] if $min eq '0';
		push @$places, ['copy', $element, $i] if $max eq '*';
		push @$places, ['swap', $element, $i, $last{$child->[0]}] if defined $last{$child->[0]};
		push @$places, ['attribute', $child];
		$last{$child->[0]} = $i;
		push @$places, ['foreign', $child] if !is_leaf($child);
		places($child, $below, $facts, $places);
	}
	return;
}

my @foreign = (
	['x:Proof', [['xmlns:x', 'urn:example:proof'], ['level', '2']], [['x:Seal', [], ['été & <b>']], ['x:Seal', [['x:of', 'a"b']], []]]],
	['Note', [['xmlns', '']], ['no namespace']],
	['y:Empty', [['xmlns:y', 'urn:example:none']], []],
);

# One change; says which.
sub change_once
{
	my ($root, $type, $facts) = @_;
	my @places;
	places($root, $type, $facts, \@places);
	my $what = ('drop', 'copy', 'swap', 'attribute', 'foreign', 'copy')[draw(6)];
	my @fit = grep { $_->[0] eq $what } @places or return ();
	my (undef, $element, $i, $other) = @{$fit[draw(scalar @fit)]};
	my $children = $element->[2];
	if ($what eq 'drop') { my ($gone) = splice @$children, $i, 1; return "drop $element->[0]/$gone->[0]" }
	if ($what eq 'copy') { splice @$children, $i, 0, $children->[$i]; return "copy $element->[0]/$children->[$i][0]" }
	if ($what eq 'swap') { @$children[$i, $other] = @$children[$other, $i]; return "swap $element->[0]/$children->[$i][0]" }
	if ($what eq 'attribute')
	{
		return () if grep { $_->[0] eq 'mark' } @{$element->[1]};
		push @{$element->[1]}, ['mark', 'm' . draw(9)];
		return "attribute of $element->[0]";
	}
	push @$children, $foreign[draw(scalar @foreign)];
	return "foreign element in $element->[0]";
}

sub change
{
	my ($text, $facts, $log) = @_;
	my $root = parse($text);
	my ($name) = $root->[0] =~ /([^:]+)$/;
	my ($type) = grep { /(?:^|:)\Q$name\EType$/ } sort keys %$facts;
	for (1 .. 1 + draw(4)) { push @$log, change_once($root, $type, $facts) }
	return document($root, 0);
}

1;
