#!/usr/bin/perl
# Compile extension/data/statements and extension/data/payments into the C tables of core/statement/facts.h, iso_facts.h and
# core/payment/payment_facts.h, and the numbers of the texts of payments into a header.
# usage: gen_statements.pl data-folder statements_data.c payment_texts.h
use strict;
use warnings;

my ($folder, $c_file, $h_file) = @ARGV;
open STDOUT, '>', $c_file or die "$c_file: $!\n";
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

my @roots = rows('statements/iso20022_roots.tsv', qw(namespace element type));
my @members = rows('statements/iso20022_types.tsv', qw(type element min max child kind group));
my @values = rows('statements/iso20022_values.tsv', qw(type base minLength maxLength totalDigits fractionDigits minInclusive enum pattern));
my @paths = rows('statements/camt_paths.tsv', qw(scope text when paths));
my @pain = rows('payments/pain_paths.tsv', qw(scope text use paths));
my @payment_texts = rows('payments/texts.tsv', qw(of text type most));
my @latin = rows('payments/latin.tsv', qw(point text));
my @details = rows('statements/details.tsv', qw(style key text width rest));

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

# Rows of paths, grouped by scope, and where each scope begins. `text_of` and `when_of` give the C names of a row.
sub paths {
	my ($rows, $scopes, $text_of, $when_of) = @_;
	my (@path_rows, @first);
	for my $scope (@$scopes) {
		push @first, scalar @path_rows;
		for my $row (grep { $_->{scope} eq $scope } @$rows) {
			my $text = $text_of->($row) or die "$row->{at}: no text $row->{text}\n";
			my $when = $when_of->($row) or die "$row->{at}: when\n";
			for my $way (split /\|/, $row->{paths}) {
				my $joined = 'false';
				for my $path (split /\+/, $way) {
					my $all = $path =~ s/\*$// ? 'true' : 'false';
					my @steps = split m{/}, $path;
					die "$row->{at}: more than 8 steps\n" if @steps > 8;
					$name{$_} or die "$row->{at}: no element $_\n" for @steps;
					push @path_rows, sprintf '{%s, ISO_%s, %s, %s, %d, {%s}}', $text, $when, $joined, $all, scalar @steps,
						join ', ', map { $name{$_} } @steps;
					$joined = 'true';
				}
			}
		}
	}
	return (\@path_rows, [@first, scalar @path_rows]);
}

my %when = ('' => 'ALWAYS', credit => 'CREDIT', debit => 'DEBIT');
my ($path_rows, $scopes) = paths(\@paths, [qw(statement balance entry detail)], sub { $camt{$_[0]{text}} }, sub { $when{$_[0]{when}} });

# texts of payments: one numbering
my %prefix = (payment => 'PAY', inner => 'PAY', document => 'DOC', status => 'STS');
my %payment_text = map { ("$prefix{$_->{of}} $_->{text}" => "$prefix{$_->{of}}_\U$_->{text}") } @payment_texts;
my %speaks = (map({ $_ => 'PAY' } qw(message batch transaction)), map({ $_ => 'DOC' } qw(remittance document)),
	map({ $_ => 'STS' } qw(group instruction status reason)));
my %use = ('' => 'ALWAYS', read => 'READ_ONLY');
my ($pain_rows, $pain_scopes) = paths(\@pain, [qw(message batch transaction remittance document group instruction status reason)],
	sub { $payment_text{($speaks{$_[0]{scope}} // '') . " $_[0]{text}"} }, sub { $use{$_[0]{use}} });
my @text_rows = map { sprintf '{"%s", PAY_TYPE_%s, %d}', $_->{text}, uc $_->{type}, $_->{most} || 0 } @payment_texts;

my @detail_rows;
for my $row (@details) {
	my ($own, $rest) = map { $_ eq '' ? -1 : $text{$_} // die "$row->{at}: no text $_\n" } @$row{qw(text rest)};
	push @detail_rows, sprintf '{DETAIL_%s, %s, %s, %d, %s}', uc $row->{style}, c_span($row->{key}), $own, $row->{width} || 0, $rest;
}

print "/* generated by extension/gen/gen_statements.pl; do not edit */\n#include \"core/payment/payment_facts.h\"\n#include \"core/statement/facts.h\"\n";
table('DetailKey ClexDetailKeys', @detail_rows);
printf "\nconst uint32_t ClexDetailKeyCount = %d;\n", scalar @detail_rows;
table('IsoPath ClexCamtPaths', @$path_rows);
printf "\nconst uint16_t ClexCamtScopes[CAMT_SCOPES + 1] = {%s};\n", join ', ', @$scopes;
table('IsoPath ClexPainPaths', @$pain_rows);
printf "\nconst uint16_t ClexPainScopes[PAIN_SCOPES + 1] = {%s};\n", join ', ', @$pain_scopes;
table('PaymentTextFact ClexPaymentTexts', @text_rows);
table('LatinFact ClexLatin', map { sprintf '{0x%s, %s}', $_->{point}, c_text($_->{text}) } sort { hex $a->{point} <=> hex $b->{point} } @latin);
printf "\nconst uint32_t ClexLatinCount = %d;\n", scalar @latin;
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
printf "\nconst PainNames ClexPainNames = {%s};\n", join ', ', @name{qw(PmtInf CdtTrfTxInf DrctDbtTxInf RmtInf Strd RfrdDocInf OrgnlPmtInfAndSts OrgnlGrpInfAndSts TxInfAndSts
	StsRsnInf)};
close STDOUT or die "$c_file: $!\n";

open my $h, '>', $h_file or die "$h_file: $!\n";
print $h "/* generated by extension/gen/gen_statements.pl; do not edit */\n";
for my $row (@payment_texts) {
	my $prefix = $prefix{$row->{of}};
	# the first of each kind of row is where its numbers begin
	print $h "\t$payment_text{\"$prefix $row->{text}\"},\n";
}
close $h or die "$h_file: $!\n";
