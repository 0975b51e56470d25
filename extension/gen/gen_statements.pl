#!/usr/bin/perl
# Compile extension/data/statements into the C tables of core/statement/facts.h.
# usage: gen_statements.pl folder  > statements_data.c
use strict;
use warnings;

my ($folder) = @ARGV;
my @entry_texts = qw(status reference bank_reference end_to_end instruction transaction mandate creditor_id counterparty
	counterparty_account counterparty_bic ultimate remittance structured purpose return_reason code description raw);
my %text = map { $_ => "ENTRY_\U$_" } @entry_texts;
my %camt = (%text, map { $_ => "CAMT_\U$_" } qw(amount sign reversal booked value date sequence account owner servicer currency));
my %base = (string => 'STRING', decimal => 'DECIMAL', boolean => 'BOOLEAN', date => 'DATE', dateTime => 'DATE_TIME',
	gYear => 'YEAR', gYearMonth => 'YEAR_MONTH');

# Rows of a table as hashes by column name.
sub rows {
	my ($file, @expected) = @_;
	my (@columns, @rows);
	open my $in, '<', "$folder/$file" or die "$file: $!\n";
	while (<$in>) {
		chomp;
		next if /^#/;
		my @cells = split /\t/, $_, -1;
		if (!@columns) {
			@columns = @cells;
			die "$file: expected the columns @expected\n" if "@columns" ne "@expected";
			next;
		}
		die "$file:$.: expected " . @columns . " cells\n" if @cells != @columns;
		my %row = (at => "$file:$.");
		@row{@columns} = @cells;
		push @rows, \%row;
	}
	return @rows;
}

sub c_text {
	my ($text) = @_;
	return $text eq '' ? 'NULL' : '"' . $text =~ s/(["\\])/\\$1/gr . '"';
}

sub c_span { return sprintf '{"%s", %d}', $_[0], length $_[0] }

sub table {
	my ($declaration, @items) = @_;
	print "\nconst $declaration\[] = {\n", (map { "\t$_,\n" } @items), "};\n";
}

my @roots = rows('iso20022_roots.tsv', qw(namespace element type));
my @members = rows('iso20022_types.tsv', qw(type element min max child kind group));
my @values = rows('iso20022_values.tsv', qw(type base minLength maxLength totalDigits fractionDigits minInclusive enum pattern));
my @paths = rows('camt_paths.tsv', qw(scope text when paths));
my @details = rows('details.tsv', qw(style key text width rest));

# names of elements: those of the content models; paths may speak of no others
my %name = map { $_->{element} => 1 } grep { $_->{element} =~ /^\w/ } @members, @roots;
my @names = ('', sort keys %name);
@name{@names} = 0 .. $#names;

my (%value, @value_rows);
sub add_value {
	my ($key, $base, $row) = @_;
	return $value{$key} if defined $value{$key};
	my %r = $row ? %$row : map { $_ => '' } qw(minLength maxLength totalDigits fractionDigits minInclusive enum pattern);
	push @value_rows, sprintf '{ISO_%s, %d, %d, %d, %d, %s, %d, %s, %s}',
		$base{$base} // die("$key: base $base is not known\n"), $r{minLength} || 0, $r{maxLength} || 0, $r{totalDigits} || 0,
		$r{fractionDigits} eq '' ? -1 : $r{fractionDigits}, $r{minInclusive} eq '' ? 'false' : 'true', $r{minInclusive} || 0,
		c_text($r{enum} =~ s/^=//r), c_text($r{pattern});
	return $value{$key} = $#value_rows;
}
add_value($_->{type}, $_->{base} =~ s/^xs://r, $_) for @values;

my (%type, @types, @member_rows, %text_of);
for my $row (@members) {
	if ($row->{element} eq '#text') { $text_of{$row->{type}} = $row->{child}; next; }
	$type{$row->{type}} //= push(@types, []) - 1;
	push @{$types[$type{$row->{type}}]}, $row;
}
for my $members (@types) {
	my $first = @member_rows;
	for my $row (@$members) {
		my $child = $row->{kind} eq 'complex' ? $type{$row->{child}}
			: $row->{kind} eq 'value' ? $value{$text_of{$row->{child}} // ''}
			: $row->{kind} eq 'any' ? 0
			: $row->{child} =~ /^xs:(\w+)/ ? add_value($row->{child}, $1) : $value{$row->{child}};
		die "$row->{at}: no type $row->{child}\n" if !defined $child;
		push @member_rows, sprintf '{%d, %d, ISO_%s, %d, %d, %d}', $name{$row->{element}} // 0, $child, uc $row->{kind},
			$row->{min}, $row->{max}, $row->{group} || 0;
	}
	$members = sprintf '{%d, %d}', $first, scalar @$members;
}

my (@path_rows, @scopes);
for my $scope (qw(statement balance entry detail)) {
	push @scopes, scalar @path_rows;
	for my $row (grep { $_->{scope} eq $scope } @paths) {
		my $text = $camt{$row->{text}} or die "$row->{at}: no text $row->{text}\n";
		for my $way (split /\|/, $row->{paths}) {
			my $joined = 'false';
			for my $path (split /\+/, $way) {
				my $all = $path =~ s/\*$// ? 'true' : 'false';
				my @steps = split m{/}, $path;
				die "$row->{at}: more than 8 steps\n" if @steps > 8;
				$name{$_} or die "$row->{at}: no element $_\n" for @steps;
				push @path_rows, sprintf '{%s, CAMT_%s, %s, %s, %d, {%s}}', $text,
					{'' => 'ALWAYS', credit => 'CREDIT', debit => 'DEBIT'}->{$row->{when}} // die("$row->{at}: when\n"),
					$joined, $all, scalar @steps, join ', ', map { $name{$_} } @steps;
				$joined = 'true';
			}
		}
	}
}
push @scopes, scalar @path_rows;

my @detail_rows;
for my $row (@details) {
	my ($own, $rest) = map { $_ eq '' ? -1 : $text{$_} // die "$row->{at}: no text $_\n" } @$row{qw(text rest)};
	push @detail_rows, sprintf '{DETAIL_%s, %s, %s, %d, %s}', uc $row->{style}, c_span($row->{key}), $own, $row->{width} || 0, $rest;
}

print "/* generated by extension/gen/gen_statements.pl; do not edit */\n#include \"core/statement/facts.h\"\n";
table('DetailKey ClexDetailKeys', @detail_rows);
printf "\nconst uint32_t ClexDetailKeyCount = %d;\n", scalar @detail_rows;
table('CamtPath ClexCamtPaths', @path_rows);
printf "\nconst uint16_t ClexCamtScopes[CAMT_SCOPES + 1] = {%s};\n", join ', ', @scopes;
table('Span ClexIsoNames', map { c_span($_) } @names);
printf "\nconst uint32_t ClexIsoNameCount = %d;\n", scalar @names;
printf "\nconst CamtNames ClexCamtNames = {{%s}, %d, %d, %d, %d};\n", join(', ', @name{qw(Rpt Stmt Ntfctn)}),
	@name{qw(Bal Ntry NtryDtls TxDtls)};
table('IsoValue ClexIsoValues', @value_rows);
table('IsoMember ClexIsoMembers', @member_rows);
table('IsoType ClexIsoTypes', @types);
table('IsoRoot ClexIsoRoots', map { sprintf '{%s, %d, %d}', c_span($_->{namespace}), $name{$_->{element}}, $type{$_->{type}} } @roots);
printf "\nconst uint32_t ClexIsoRootCount = %d;\n", scalar @roots;
printf "\nconst uint16_t ClexIsoCurrency = %d;\n", $value{ActiveOrHistoricCurrencyCode};
