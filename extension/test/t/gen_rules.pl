#!/usr/bin/perl
# The rule compiler: what it makes of macros, repeats and conditions, and that it refuses what is wrong, with file and line.
use strict;
use warnings;
use File::Temp 'tempdir';
use Test::More;

my $folder = tempdir(CLEANUP => 1);

sub put {
	my ($name, $text) = @_;
	open my $out, '>', "$folder/$name" or die $!;
	print $out $text;
	close $out;
	return "$folder/$name";
}

# Compile a rule file and a message file; everything that was printed.
sub compile {
	my ($rules, $messages) = @_;
	my @files = (put('a.rules', $rules), put('a.messages', $messages));
	return scalar qx(perl extension/gen/gen_rules.pl @files 2>&1) =~ s/\Q$folder\E\///gr;
}

my $head = "ruleset x version 1 syntax ubl\n";
my $message = "message R\n  en a\n  fr b\n  de c\n";
my $rule = "pattern\ncontext //a\nrule R fatal\n  test true()\n";

like(compile($head . $rule, $message), qr/\{"R", NULL, 1, 0, "true\(\)", NULL, NULL, NULL, NULL, NULL\}/, 'a rule');
like(compile("$head$rule  test b\n  when c\n", $message), qr/"not\(\(c\)\) or \(\(true\(\)\) and \(b\)\)"/, 'several tests and a condition');
like(compile($head . "macro one(A,B) := {A} = %two({B})\nmacro two(A) := [{A}]\npattern\ncontext //a\nrule R fatal\n  test %one(x, y(1))\n", $message),
	qr/"x = \[y\(1\)\]"/, 'macros with arguments');
like(compile($head . "macro m(A,B) := {B}{A}\npattern\ncontext //a\nrule R fatal\n  test %m(f(1, g(2, 3)), = ',')\n", $message),
	qr/"= ','f\(1, g\(2, 3\)\)"/, 'commas in parentheses and quotes');
like(compile($head . "pattern\ncontext //a\nrepeat A,B in x:y_z u:v\nrepeat C in 1 2\nrule R fatal\n  test {A}{C} = '{B}'\nend\nend\n", $message),
	qr/"x1 = 'y z'".*"x2 = 'y z'".*"u1 = 'v'".*"u2 = 'v'"/s, 'nested repeats');
like(compile($head . "pattern\ncontext //a\n  | | //b\nrule R fatal\n  test empty(//c[upper-case(d) = 'e'])\n", $message),
	qr/"\/\/a \| \/\/b".*"c\[d = 'e'\]", NULL, NULL\}/s, 'continuation lines, and what a rule is about');
like(compile($head . $rule, "word W\n  en p \"q\"\n  fr r\n  de s\nmessage R\n  en %W\n  fr %W\n  de %W\n"),
	qr/\{"p \\"q\\"", "r", "s"\}/, 'words in messages');
like(compile("$head$rule  tolerance below 0.50\n", "$message notice tolerance-below\n  en a {tolerance}\n  fr b\n  de c\n"),
	qr/"0\.50", "tolerance-below"\}.*"tolerance-below", "", \{"a \{tolerance\}", "b", "c"\}/s, 'a tolerance, and the notice that says so');
like(compile($head . $rule, "message R\n  en {found:number} {expected:date}\n  fr b\n  de c\n"), qr/"\{found:number\} \{expected:date\}"/, 'kinds of values');

put('common.part', "macro one := b\n");
like(compile($head . "include common.part\npattern\ncontext //a\nrule R fatal\n  test %one\n", $message), qr/"b", NULL, NULL, NULL, NULL, NULL\}/, 'an included file');
put('loop.part', "include loop.part\n");
like(compile($head . "include loop.part\n", $message), qr/^loop\.part: files include each other/, 'a file that includes itself');

my $two = $head . "pattern one\ncontext //a\nrule R fatal\n  test b\npattern two\ncontext //c\nrule S fatal say R\n  test d\n";
unlike(compile($two . "without pattern two\n", $message), qr/"S"/, 'without a pattern');
unlike(compile($two . "only R\n", $message), qr/"S"/, 'only one rule');
like(compile($two . "rename R Q\nrename S* T-*\n", $message), qr/\{"Q", "R",.*\{"T-", "R",/s, 'other ids, the same messages');
like(compile($two . "pattern one\ncontext //e\nrule R fatal\n  test f\napart\n", $message), qr/\{3, "\/\/a"\},\n\t\{4, .*\{5, /s, 'each context apart');
like(compile($head . "macro m := b\nmacro m ?= c\nmacro n ?= d\n" . $rule =~ s/true\(\)/%m%n/r, $message), qr/"bd"/, 'a macro unless it is there');
like(compile("ruleset x version 1 syntax cii profile :end\n$rule", $message), qr/"cii", NULL, NULL, ":end",/, 'a layer for a profile');
my @elements = map { "message $_\n  en a\n  fr b\n  de c\n" } qw(exactly-one one-too-many attribute-too-many code-not-allowed);
put('e.tsv', join "\n", "place\tfact\tp\tq", "//a[b]\tone c\t01\t02", "//a[d]\tunused\t\t+", "//e\tunused \@f\t\t+", "//e\tlist L -x +y\t\t03", '');
like(compile($head . "elements e.tsv p\n", $elements[0]), qr/\{1, "\/\/a\[b\]"\},\n\};.*\{"FX-SCH-A-01", "exactly-one", 1, 0, "count\(c\) = 1", NULL, NULL, "c",/s, 'a table of elements, one profile');
like(compile($head . "elements e.tsv q\n", join '', @elements),
	qr/\{1, "\/\/a\[b\]"\},\n\t\{1, "\/\/a\[d\]"\},\n\t\{2, "\/\/e"\},.*"FX-NOT-USED".*"empty\(\@f\)".*"string\(\.\) = '' or in-list\('L', \.\) and not\(\. = \('x'\)\) or \. = \('y'\)"/s, 'and another');

my @wrong = (
	[$two . "without pattern three\n", $message, qr/^a\.rules:10: there is no three to leave out/, 'a pattern that is not there'],
	[$two . "only R T\n", $message, qr/^a\.rules:10: there is no T to keep/, 'to keep what is not there'],
	[$two . "rename T U\n", $message, qr/^a\.rules:10: there is no rule T to rename/, 'to rename what is not there'],
	[$head . "elements e.tsv r\n", $message, qr/^e\.tsv:1: there is no column r/, 'a profile without a column'],
	[$head . "pattern\ncontext //a\nrule R fatal\n  test %nothing\n", $message, qr/^a\.rules:5: unknown macro %nothing/, 'an unknown macro'],
	[$head . "macro m(A) := {A}\n" . $rule . "  test %m\n", $message, qr/^a\.rules:7: %m wants 1 arguments, got 0/, 'a macro without its argument'],
	[$head . "macro m := %m\n" . $rule . "  test %m\n", $message, qr/^a\.rules:7: macros nest too deep/, 'a macro of itself'],
	[$head . "rule R fatal\n", $message, qr/^a\.rules:2: a rule belongs to a context/, 'a rule without context'],
	[$head . "context //a\nrule R fatal\n  test b\n", $message, qr/^a\.rules:2: a context belongs to a pattern/, 'a context without pattern'],
	[$head . "pattern\ncontext //a\nrule R deadly\n", $message, qr/^a\.rules:4: expected: rule ID/, 'an unknown severity'],
	[$head . "pattern\ncontext //a\nrule R fatal\n", $message, qr/^a\.rules:4: R has no test/, 'a rule without test'],
	[$head . $rule . $rule =~ s/^.*\n.*\n//r, $message, qr/^a\.rules:7: R has this test twice/, 'a test twice'],
	[$head . "repeat A in b\n" . $rule, $message, qr/^a\.rules:2: "repeat" without "end"/, 'a repeat without end'],
	[$head . "repeat A,B in b\nend\n" . $rule, $message, qr/^a\.rules:2: row "b" does not have 2 fields/, 'a row too short'],
	["| x\n$head$rule", $message, qr/^a\.rules:1: nothing to continue/, 'nothing to continue'],
	[$head . "tset b\n" . $rule, $message, qr/^a\.rules:2: unknown statement "tset"/, 'an unknown statement'],
	[$head . $rule, "message S\n  en a\n  fr b\n  de c\n", qr/^a\.rules:4: R: there is no message "R"/, 'a rule without message'],
	[$head . $rule, $message . "message S\n  en a\n  fr b\n  de c\n", qr/^a\.messages:5: no rule uses message S/, 'a message without rule'],
	[$head . $rule, "message R\n  en a\n  de c\n", qr/^a\.messages:1: message R is not written in fr/, 'a language missing'],
	[$head . $rule, $message =~ s/ a$/ {fuond}/mr, qr/^a\.messages:2: unknown placeholder \{fuond\}/, 'an unknown placeholder'],
	[$head . $rule, $message =~ s/ a$/ {about:date}/mr, qr/^a\.messages:2: unknown placeholder \{about:date\}/, 'a kind where there is none'],
	["$head$rule  tolerance 1.00\n", $message, qr/^a\.rules:6: expected: tolerance below\|within AMOUNT/, 'a tolerance without its kind'],
	["$head$rule  tolerance within 1\n", $message, qr/^a\.rules:4: R: there is no message "tolerance-within"/, 'a tolerance without its notice'],
	[$head . $rule, $message . "notice S\n  en a\n  de c\n", qr/^a\.messages:5: message S is not written in fr/, 'a notice in two languages'],
	[$head . $rule, $message =~ s/ a$/ %W/mr, qr/^a\.messages:2: unknown word %W/, 'an unknown word'],
);
like(compile(@$_[0, 1]), $_->[2], $_->[3]) for @wrong;
isnt(system("perl extension/gen/gen_rules.pl $folder/a.rules $folder/a.messages >/dev/null 2>&1"), 0, 'and it fails');
done_testing();
