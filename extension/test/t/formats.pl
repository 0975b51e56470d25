# What each format can say of each kind of document: every sample is written in every format and read again.  docs/formats.md shows the outcome.
use strict;
use warnings;
use utf8;
use open qw(:std :encoding(UTF-8));
use Test::More;

my $page = 'docs/formats.md';
my $drawn = 'build/formats.md';
my $database = 'clex_formats';
my $samples = 'extension/test/samples';
my @kinds = qw(invoice credit_note order order_response order_change despatch_advice receipt_advice remittance_advice application_response);

# Formats that go through functions of their own: who reads, who writes.
my %through = (
	'cdar' => ['clex.read_status', 'clex.write_status'],
	'pain.001' => ['clex.read_payments', 'clex.write_payments'],
	'pain.008' => ['clex.read_payments', 'clex.write_payments'],
	'pain.002' => ['clex.read_payment_status', ''],
	(map { $_ => ['clex.read_statement', ''] } qw(camt.052 camt.053 camt.054 mt940 cfonb120)),
	'fec' => ['clex.read_fec', 'clex.write_fec'],
	'csv' => ['clex.read_mapped', 'clex.write_mapped'],
	'pdf' => ['clex_pdf.facturx_read', 'clex_pdf.embed'],
);

$ENV{PGOPTIONS} = '-c client_min_messages=warning';
my @psql = ('psql', '-XqAt', '-F', "\t", '-v', 'ON_ERROR_STOP=1', '-d', $database);

# Rows of a query, each a list of cells.
sub rows
{
	my ($sql) = @_;
	open my $pipe, '-|', @psql, '-c', $sql or die "psql: $!";
	my @rows = map { chomp; [split /\t/, $_, -1] } <$pipe>;
	close $pipe or die "psql failed: $sql\n";
	return @rows;
}
sub cell { my ($row) = rows($_[0]); return defined $row ? join("\t", @$row) : '' }
sub slurp { my ($file) = @_; open my $in, '<', $file or return ''; local $/; return scalar <$in> }

system("psql -Xq -d postgres -c 'DROP DATABASE IF EXISTS $database WITH (FORCE)' -c 'CREATE DATABASE $database' 2>/dev/null");
rows('CREATE EXTENSION clex');
rows('CREATE EXTENSION clex_pdf');
rows('CREATE TABLE content (file text PRIMARY KEY, bytes bytea NOT NULL)');
open my $load, '|-', @psql, '-c', '\copy content FROM STDIN' or die "psql: $!";
for my $file (sort map { glob "$samples/$_" } qw(*.xml *.edi edi/*.edi orders/*.xml formats/*.xml formats/*.json formats/*.idoc))
{
	open my $in, '<:raw', $file or die "$file: $!";
	local $/ = undef;
	print $load substr($file, 1 + length $samples), "\t\\\\x", unpack('H*', <$in>), "\n";
}
close $load or die 'the samples are not loaded';

# The formats that are written, in the order of their table, are what the hint of an unknown one lists.
rows(q{CREATE FUNCTION written() RETURNS text LANGUAGE plpgsql AS $$
	DECLARE said text;
	BEGIN
		PERFORM clex.write('{"invoice": {"number": "1"}}', 'none');
	EXCEPTION WHEN invalid_parameter_value THEN
		GET STACKED DIAGNOSTICS said = PG_EXCEPTION_HINT;
		RETURN said;
	END $$});
my @written = (cell('SELECT written()') =~ /^Formats that are written: (.*)\.$/)[0] =~ /[^ ,]+/g;
cmp_ok(scalar @written, '>=', 7, "formats that are written: @written");
my $targets = join ', ', map { "('$_')" } @written;

# Write and read again: the document that comes back, or why there is none (never: an output that is not read, or as another format).
rows(q{CREATE FUNCTION attempt(document clex.document, format text, OUT back clex.document, OUT state text, OUT refusal text) LANGUAGE plpgsql AS $$
	DECLARE
		bytes bytea;
		more text;
	BEGIN
		BEGIN
			bytes := clex.write(document, format);
		EXCEPTION WHEN feature_not_supported THEN
			GET STACKED DIAGNOSTICS refusal = MESSAGE_TEXT, more = PG_EXCEPTION_DETAIL;
			state := CASE WHEN refusal LIKE '% has no documents of kind %' THEN 'none' ELSE 'refused' END;
			refusal := concat_ws(': ', refusal, nullif(more, ''));
			RETURN;
		END;
		state := CASE WHEN (clex.detect(bytes)).format = format THEN 'written' ELSE 'mistaken' END;
		back := CASE format WHEN 'json' THEN convert_from(bytes, 'UTF8')::clex.document ELSE clex.read(bytes) END;
	EXCEPTION WHEN OTHERS THEN
		state := 'unread';
		refusal := SQLERRM;
	END $$});


rows('CREATE TABLE term AS SELECT term, path, number FROM clex.list_terms()');

# Every value of a document with its path, without indexes; numbers without zeros at their end.  The value of a term with attributes stands
# in a member that is no term.
rows(q{CREATE FUNCTION leaves(document clex.document) RETURNS TABLE (path text, value text) LANGUAGE sql AS $$
	WITH RECURSIVE tree (path, node) AS (
		SELECT '', document::jsonb - '{$kind,$format,$reader,$lexical,$extras,$provenance}'::text[]
		UNION ALL
		SELECT CASE WHEN x.key IS NULL THEN tree.path ELSE ltrim(tree.path || '.' || x.key, '.') END, x.node
		FROM tree, LATERAL (
			SELECT key, value FROM jsonb_each(CASE jsonb_typeof(node) WHEN 'object' THEN node ELSE '{}' END)
			UNION ALL
			SELECT NULL, value FROM jsonb_array_elements(CASE jsonb_typeof(node) WHEN 'array' THEN node ELSE '[]' END)) x (key, node))
	SELECT path, CASE jsonb_typeof(node) WHEN 'number' THEN trim_scale((node #>> '{}')::numeric)::text ELSE node #>> '{}' END
	FROM tree WHERE jsonb_typeof(node) NOT IN ('object', 'array')
$$});

my $attempts = q{SELECT s.id, t.format AS target, a.* FROM source s CROSS JOIN (VALUES %s) t (format), LATERAL attempt(s.document, t.format) a WHERE %s};
rows($_) for (
	q{CREATE TABLE source AS SELECT row_number() OVER (ORDER BY file, n) AS id, file, true AS own, (clex.detect(bytes)).format, clex.kind(document) AS kind, document
		FROM content, clex.read_all(bytes) WITH ORDINALITY r (document, n)},
	sprintf('CREATE TABLE attempt AS ' . $attempts, $targets, 'true'),
	# JSON as a program would make it: the terms alone
	q{INSERT INTO source SELECT (SELECT max(id) FROM source) + id, file, false, 'json', kind,
		(document::jsonb - '{$format,$reader,$lexical,$extras,$provenance}'::text[])::text::clex.document FROM source},
	# where a format that is written has no sample of a kind, what the other samples became in it
	q{INSERT INTO source SELECT (SELECT max(id) FROM source) + row_number() OVER (ORDER BY a.target, a.id), s.file, false, a.target, s.kind, a.back
		FROM attempt a JOIN source s USING (id)
		WHERE a.state = 'written' AND a.target <> 'json' AND NOT EXISTS (SELECT FROM source o WHERE o.own AND o.format = a.target AND o.kind = s.kind)},
	sprintf('INSERT INTO attempt ' . $attempts, $targets, 'NOT s.own'),
	q{CREATE TABLE loss AS SELECT a.id, a.target, l.*, regexp_replace(l.path, '\[[0-9]+\]', '', 'g') AS plain
		FROM attempt a JOIN source s USING (id), LATERAL clex.losses(s.document, a.target) l WHERE a.state = 'written'},
	'ALTER TABLE attempt ADD same boolean',
	q{UPDATE attempt a SET same = clex.same_terms(a.back, s.document) FROM source s WHERE s.id = a.id AND a.state = 'written'},
	q{CREATE TABLE leaf AS SELECT x.id, x.target, CASE WHEN t.path IS NULL THEN regexp_replace(l.path, '[.]value$', '') ELSE l.path END AS path, l.value
		FROM (SELECT id, '' AS target, document FROM source UNION ALL SELECT id, target, back FROM attempt WHERE NOT same) x (id, target, document),
			LATERAL leaves(x.document) l LEFT JOIN term t USING (path)},
	'CREATE INDEX ON leaf (id, target)',
	'ANALYZE leaf, loss, attempt, term',
	q{CREATE TABLE change AS SELECT a.id, a.target, c.* FROM attempt a, LATERAL (
			(SELECT 'gone' AS how, g.* FROM (SELECT path, value FROM leaf WHERE id = a.id AND target = '' EXCEPT ALL SELECT path, value FROM leaf WHERE id = a.id AND target = a.target) g)
			UNION ALL (SELECT 'new', g.* FROM (SELECT path, value FROM leaf WHERE id = a.id AND target = a.target EXCEPT ALL SELECT path, value FROM leaf WHERE id = a.id AND target = '') g)) c
		WHERE NOT a.same},
	'CREATE INDEX ON loss (id, target)',
	# of each attempt what the page shows
	q{CREATE TABLE result AS SELECT s.kind, s.format, a.target, s.id, a.state, a.refusal, a.same,
			EXISTS (SELECT FROM loss l WHERE l.id = a.id AND l.target = a.target AND l.term IS NOT NULL) AS told,
			EXISTS (SELECT FROM change c WHERE c.id = a.id AND c.target = a.target AND c.how = 'gone') AS gone
		FROM attempt a JOIN source s USING (id)});

my $where = q{(SELECT string_agg(concat_ws(' ', s.kind, s.file, s.format, '->', x.target), '; ' ORDER BY s.id, x.target) FROM source s JOIN (%s) x USING (id))};
is(cell(sprintf "SELECT $where", q{SELECT id, target FROM attempt WHERE state IN ('unread', 'mistaken')}), '', 'what is written is recognised and read');
is(cell(sprintf "SELECT $where", q{SELECT id, target FROM result WHERE state = 'written' AND NOT told AND NOT same AND gone}), '',
	'where no loss is told, nothing is missing');
is(cell(sprintf "SELECT $where", q{SELECT DISTINCT c.id, concat(c.target, ' ', c.path) AS target FROM change c
	WHERE how = 'gone' AND NOT EXISTS (SELECT FROM loss l WHERE l.id = c.id AND l.target = c.target AND l.plain = c.path)}), '', 'every value that is missing is told as a loss');
is(cell(sprintf "SELECT $where", q{SELECT id, target FROM attempt JOIN source USING (id) WHERE state = 'written' AND format = target AND NOT same
	AND NOT EXISTS (SELECT FROM loss l WHERE l.id = attempt.id AND l.target = attempt.target AND l.term IS NOT NULL)}), '', 'a format that says all of its own document gives it back');
is(cell(sprintf "SELECT $where", q{SELECT id, target FROM attempt JOIN source USING (id) WHERE target = 'json' AND back OPERATOR(clex.<>) document}), '',
	'through JSON every document comes back byte for byte');
is(cell(sprintf "SELECT $where", q{SELECT id, target FROM attempt JOIN source USING (id) WHERE state = 'written'
	AND target <> 'json' AND target <> format
	AND jsonb_array_length(coalesce(document::jsonb -> '$extras', '[]')) <> (SELECT count(*) FROM loss l WHERE l.id = attempt.id AND l.target = attempt.target AND l.term IS NULL)}),
	'', 'every extra that another format cannot keep is told');
is(cell(sprintf "SELECT $where", q{SELECT id, target FROM attempt JOIN source USING (id) WHERE state = 'written' AND target = format AND target NOT IN ('edifact', 'x12', 'json')
	AND EXISTS (SELECT e ->> 'path', e ->> 'value' FROM jsonb_array_elements(document::jsonb -> '$extras') e
		EXCEPT ALL SELECT e ->> 'path', e ->> 'value' FROM jsonb_array_elements(back::jsonb -> '$extras') e)}), '', 'and in its own XML format it comes back');
is(join(' ', sort @kinds), cell('SELECT string_agg(DISTINCT k, $$ $$ ORDER BY k) FROM clex.terms, unnest(kinds) k'), 'all kinds of documents are here');
my $named = join ',', map { grep { $_ } @$_ } values %through;
is(cell("SELECT string_agg(f, ' ') FROM unnest('{$named}'::text[]) f WHERE to_regproc(f) IS NULL"), '', 'the functions that the page names exist');

# a lifecycle message is no clex.document: it has a reader and a writer of its own
my $message = q{jsonb_build_object('id', 'M-1', 'name', 'Facture approuvée', 'created', '20260520101500', 'acknowledgements',
	jsonb_build_array(jsonb_build_object('references', jsonb_build_array(jsonb_build_object('number', 'F-1', 'issue_date', '20260501', 'status', '205')))))};
is(cell("SELECT (clex.detect(clex.write_status($message))).format, (clex.detect(clex.write_status($message))).kind"), "cdar\tstatus", 'a status is written as cdar');
is(cell("SELECT clex.read_status(clex.write_status($message)) = $message"), 't', 'and read again as it was');

# ---- the page

# Cells of the matrix: how many samples came back as they were, with less, with more, or not at all.
my %cell;
for my $row (rows(q{SELECT kind, format, target, count(*), count(*) FILTER (WHERE state = 'none'), count(*) FILTER (WHERE state = 'refused'),
		count(*) FILTER (WHERE same AND NOT told), count(*) FILTER (WHERE told OR gone),
		(SELECT count(DISTINCT l.term) FROM loss l JOIN source s USING (id) WHERE (s.kind, s.format, l.target) = (r.kind, r.format, r.target))
	FROM result r GROUP BY kind, format, target}))
{
	my ($kind, $format, $target, $all, $none, $refused, $exact, $lossy, $terms) = @$row;
	my $more = $all - $none - $refused - $exact - $lossy;
	my @parts;
	push @parts, $exact == $all ? 'exact' : "exact $exact" if $exact;
	push @parts, "lossy $lossy ($terms)" if $lossy;
	push @parts, "more $more" if $more;
	push @parts, "refused $refused" if $refused;
	$cell{$kind}{$format}{$target} = $none == $all ? '–' : join ', ', @parts;
}
my %count;
$count{$_->[0]}{$_->[1]} = [@$_[2 .. 4]]
	for rows(q{SELECT kind, format, count(*), bool_or(own), sum(jsonb_array_length(coalesce(document::jsonb -> '$extras', '[]'))) FROM source GROUP BY 1, 2});

# Items under a heading of a target: [kind, target, what, terms].
sub lists
{
	my ($kind, @rows) = @_;
	my %of;
	push @{$of{$_->[1]}}, "  * $_->[2]: $_->[3]" for grep { $_->[0] eq $kind } @rows;
	return map { my $target = $_; $of{$target} ? ("* `$target`", @{$of{$target}}) : () } @written;
}
my @lists = (
	rows(q{SELECT kind, target, reason, string_agg(term, ', ' ORDER BY number) FROM (
			SELECT DISTINCT s.kind, l.target, l.reason, l.term, t.number FROM loss l JOIN source s USING (id) JOIN term t USING (term)) x
		GROUP BY 1, 2, 3 ORDER BY 1, 2, count(*) DESC, 3}),
	rows(q{SELECT kind, target, 'there, but not in the document', string_agg(term, ', ' ORDER BY number) FROM (
			SELECT DISTINCT s.kind, c.target, t.term, t.number FROM change c JOIN source s USING (id) JOIN term t USING (path) WHERE c.how = 'new'
				AND NOT EXISTS (SELECT FROM leaf x WHERE x.id = c.id AND x.target = '' AND x.path = c.path)) x
		GROUP BY 1, 2 ORDER BY 1, 2}),
	rows(q{SELECT kind, target, 'refused', string_agg(DISTINCT refusal, '; ') FROM result WHERE state = 'refused' GROUP BY 1, 2 ORDER BY 1, 2}));

my @out = split /\n/, <<'END';
# Formats

What each format can say, measured: `extension/test/t/formats.pl` reads every sample of `extension/test/samples`, writes it in every format, reads that again and compares. The test fails
where this page is not what comes out, where a value is missing that `clex.losses()` did not tell, and where what is called exact is not. For a document of your own ask
`clex.losses(document, format)`: it has a row for each value. What is compared, and what the reasons mean: [conversion.md](conversion.md).

## From format to format

A table for each kind of document: from the format of the row to that of the column.

| | |
|---|---|
| exact | all terms come back as they were, from all samples; `exact 3`: from three of them |
| lossy 7 (12) | seven samples lose something, twelve different terms in all; the list below the table has them by reason |
| more 1 | nothing is lost; terms that the format requires and that were not in the document are there too |
| refused 1 | the document does not make a sound message of that format; the reason stands below |
| – | the format has no such document |

Samples in brackets are no files: `json` is the terms of all samples and nothing else; where a format has no file of a kind, its row starts from what the other samples became in it, and so
says what comes back out of it. Extras are what no term took: `json` keeps them, an XML format, EDIFACT and X12 those that were read from it; everywhere else they are lost, and told.
END

for my $kind (@kinds)
{
	my @formats = grep { $count{$kind}{$_} } @written;
	push @out, '', "### $kind", '', '| from | samples | extras | ' . join(' | ', map { "`$_`" } @written) . ' |', '|---|---|---|' . '---|' x @written;
	for my $format (@formats)
	{
		my ($samples, $own, $extras) = @{$count{$kind}{$format}};
		push @out, join ' ', "| `$format` |", ($own eq 't' ? $samples : "($samples)"), "| $extras |", map { "$cell{$kind}{$format}{$_} |" } @written;
	}
	my @below = lists($kind, @lists);
	push @out, '', @below if @below;
}

push @out, split /\n/, <<'END';

### status

Lifecycle messages of invoices (`cdar`) are JSON, not `clex.document`: `clex.read_status()` and `clex.write_status()` give the same back. No other format has them.

## All formats

What `clex.detect()` names, in the order of its table (`extension/data/formats.tsv`); "samples" counts documents in our own files. Formats without function are detected only.

| format | kinds | read by | written by | not read | samples |
|---|---|---|---|---|---|
END

# the table of formats: one row for each, with those of its variants that are only detected
my (%row, @order);
open my $in, '<', 'extension/data/formats.tsv' or die "formats.tsv: $!";
while (my $line = <$in>)
{
	chomp $line;
	next if $line =~ /^(?:#|test\t)/;
	my ($test, $what, $local, $format, $kind, $version, $read) = map { $_ // '' } (split /\t/, $line, -1)[0 .. 6];
	push @order, $format unless $row{$format};
	my $entry = $row{$format} //= {kinds => [], read => 0, unread => []};
	push @{$entry->{kinds}}, $kind if $kind && !grep { $_ eq $kind } @{$entry->{kinds}};
	$entry->{read} ||= $read eq 'yes';
	push @{$entry->{unread}}, $test eq 'root' && !$local ? 'other roots' : $version || "$test $what" if $read ne 'yes';
}
close $in;
my %is_written = map { $_ => 1 } @written;
is(join(' ', grep { !$row{$_} } @written), '', 'every format that is written is recognised');
my %held = map { $_->[0] => $_->[1] } rows('SELECT format, count(*) FROM source WHERE own GROUP BY 1');
my %spoken = map { $_->[0] => $_->[1] } rows(q{SELECT format, string_agg(DISTINCT kind, ' ') FROM source WHERE own OR format = 'json' GROUP BY 1});
for my $format (@order)
{
	my $entry = $row{$format};
	my ($reader, $writer) = @{$through{$format} // ['', '']};
	$reader = 'clex.read' if $entry->{read};
	$writer = 'clex.write' if $is_written{$format};
	my %of = map { $_ => 1 } @{$entry->{kinds}}, split / /, $spoken{$format} // '';
	my @of = ((grep { $of{$_} } @kinds), grep { my $kind = $_; !grep { $_ eq $kind } @kinds } @{$entry->{kinds}});
	push @out, sprintf '| `%s` | %s | %s | %s | %s | %s |', $format, join(', ', @of), (map { $_ ? "`$_`" : '' } $reader, $writer),
		($entry->{read} ? join(', ', map { s/\|/\\|/gr } @{$entry->{unread}}) : ''), $entry->{read} ? $held{$format} // 'none' : '';
}
push @out, split /\n/, <<'END';

* **PDF**: an invoice in a PDF (Factur-X, ZUGFeRD) is the `cii` or `ubl` file in it, so its rows above hold: `clex_pdf.facturx_read()` reads it, `clex_pdf.embed(pdf, clex.write(document, 'cii'))`
  makes one of a PDF/A, `clex-render` draws one ([pdf.md](pdf.md)).
* **CSV and positional files** say what their mapping says: `clex.read_mapped(content, mapping)` makes documents of them ([mapping.md](mapping.md)), which are written in any format like the
  `json` row. Positional files are not detected.
* **Statements, payment orders and FEC files** are rows, not documents ([statements.md](statements.md)).
END

my $text = join('', map { s/[ \t]+$//r . "\n" } @out);
open my $out, '>', $drawn or die "$drawn: $!";
print $out $text;
close $out;
ok($text eq slurp($page), "$page shows this") or diag("read what changed (diff $page $drawn); if it is meant: cp $drawn $page");

system("psql -Xq -d postgres -c 'DROP DATABASE $database WITH (FORCE)'");
done_testing();
