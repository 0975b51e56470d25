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
like(compile($head . "include common.part\npattern\ncontext //a\nrule R fatal\n  test %one\n", $message), qr/"b", NULL,/, 'an included file');
put('loop.part', "include loop.part\n");
like(compile($head . "include loop.part\n", $message), qr/^loop\.part: files include each other/, 'a file that includes itself');

my @wrong = (
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
put('base.rules', "ruleset base version 1 syntax cii\nmacro m := //m\npattern one\ncontext //a\nrule A fatal say R\n  test 1\n"
	. "context //b\nrule B fatal say R\n  test 2\npattern two\ncontext //c\nrule C fatal say R\n  test 3\n");
my $based = compile($head . "include base.rules\nwithout B\npattern one\ncontext //a\nrule A2 fatal say R\n  test 4\ncontext %m\nbefore //a\nrule M fatal say R\n  test 5\n"
	. "context //z\nrule Z fatal say R\n  test 6\npattern two\ncontext //d\ninstead //c\n", $message);
like($based, qr/Contexts0\[\] = \{\n\t\{1, "\/\/m"\},\n\t\{1, "\/\/a"\},\n\t\{1, "\/\/z"\},\n\t\{2, "\/\/d"\},\n\};/, 'an included file: contexts before, after and instead');
like($based, qr/\{"M", "R", 1, 0,.*\n\t\{"A", "R", 1, 1,.*\n\t\{"A2", "R", 1, 1,.*\n\t\{"Z", "R", 1, 2,.*\n\t\{"C", "R", 1, 3,/, 'its rules with others among them, less one');
like($based, qr/\{"x", "1", "ubl",/, 'under the name of the including set');
like(compile($head . "include base.rules\nwithout Q\n", $message), qr/a.rules:3: there is no rule Q to leave out/, 'a rule that is not there');
like(compile($head . "include base.rules\npattern one\ncontext //d\nbefore //q\n", $message), qr/a.rules:5: "before" does not follow a new context, or names none/, 'a place that is not there');
like(compile("$head${rule}context //b\n", $message), qr/a.rules:6: no rule has the context \/\/b/, 'a context without rules');

done_testing();
