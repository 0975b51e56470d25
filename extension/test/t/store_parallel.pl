# Parallel workers see what a single process sees: every view and function that reads, by role.
#
# Row-level security asks functions who the caller is: a worker must know that too.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use Psql;
use Test::More;

$ENV{PGOPTIONS} = '-c client_min_messages=warning';
my $database = 'clex_parallel';

make_database($database);
psql_says('CREATE ROLE parallel_owner NOLOGIN; CREATE ROLE parallel_cfo; CREATE ROLE parallel_supplier; CREATE ROLE parallel_clerk; CREATE ROLE parallel_nobody');
psql_says(q{SELECT clex.create_store('erp', owner => 'parallel_owner'); SELECT erp.add_tenant(1, 'One'), erp.add_tenant(2, 'Two'), erp.add_member(1, 'parallel_cfo', 'cfo')});
for my $tenant (1, 2)
{
	system(qq{printf '%s\\0' extension/test/samples/*.xml extension/test/samples/README.md | perl scripts/lib/load.pl --store erp --tenant $tenant | psql -Xq -d $database}) == 0
	  or BAIL_OUT('loading failed');
}
psql_says(q{SELECT erp.set_party(1, 'S', 'Seller'), erp.add_identifier(1, 'S', 'vat', (SELECT seller_vat_id FROM erp.invoices WHERE seller_country = 'FR' ORDER BY 1 LIMIT 1)),
	erp.add_member(1, 'parallel_supplier', 'supplier'), erp.scope_member(1, 'parallel_supplier', 'supplier', party => 'S')});
psql_says(q{SELECT erp.set_party(1, 'B', 'Buyer'), erp.add_identifier(1, 'B', 'vat', (SELECT buyer_vat_id FROM erp.invoices WHERE buyer_vat_id IS NOT NULL ORDER BY 1 LIMIT 1)),
	erp.set_entity(1, 'E', 'company', 'Entity', party => 'B'), erp.add_member(1, 'parallel_clerk', 'ap_clerk'), erp.scope_member(1, 'parallel_clerk', 'ap_clerk', entity => 'E')});
psql_says('ALTER TABLE erp.document SET (parallel_workers = 3); ALTER TABLE erp.invoice SET (parallel_workers = 3); ALTER TABLE erp.finding SET (parallel_workers = 3)');
psql_says('ANALYZE');

# workers for tables of any size, and none
my $eager = 'SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0; SET min_parallel_table_scan_size = 0; SET min_parallel_index_scan_size = 0;
	SET max_parallel_workers_per_gather = 4; SET parallel_leader_participation = off; SET enable_indexscan = off; SET enable_indexonlyscan = off; ';
my $alone = 'SET max_parallel_workers_per_gather = 0; ';
# plans of one worker for whatever may run in one at all
my $forced = psql_says(q{SELECT name FROM pg_settings WHERE name IN ('debug_parallel_query', 'force_parallel_mode')});

my @views = split /\n/, psql_says(q{SELECT c.relname FROM pg_class c WHERE c.relnamespace = 'erp'::regnamespace AND c.relkind = 'v' ORDER BY 1});
# a view that asks functions for each status of each invoice is read for two: a worker for each query in them takes its time
my %few = (status_choices => 'WHERE x.document_id IN (SELECT s.document_id FROM erp.invoice_states s ORDER BY 1 LIMIT 2)');
my $digest = join ' ', map { "SELECT '$_', count(*), md5(string_agg(x::text, ' ' ORDER BY x::text)) FROM erp.$_ x " . ($few{$_} // '') . ';' } @views;
for my $role ('postgres', 'parallel_cfo', 'parallel_supplier', 'parallel_clerk', 'parallel_nobody')
{
	for my $become ("SET ROLE $role; ", "SET SESSION AUTHORIZATION $role; ")
	{
		my $one = psql_says($become . $alone . $digest);
		unlike($one, qr/ERROR/, "$become every view is read");
		is(psql_says($become . $eager . $digest), $one, 'by workers too');
		is(psql_says($become . $eager . "SET $forced = on; " . $digest), $one, 'and wherever a worker is allowed');
	}
}
isnt(psql_says("SET ROLE parallel_supplier; $alone SELECT count(*) FROM erp.invoices"), '0', 'a supplier sees something');
isnt(psql_says("SET ROLE parallel_supplier; $alone SELECT count(*) FROM erp.invoices"), psql_says("$alone SELECT count(*) FROM erp.invoices"), 'but not all');

# the plans are parallel, with row-level security; findings alone ask another table for each row
for my $view ('documents', 'invoices', 'invoice_lines', 'vat_breakdown', 'findings', 'quarantine', 'suppliers')
{
	my $plan = 'EXPLAIN (COSTS OFF) SELECT count(*) FROM erp.' . $view;
	like(psql_says("$eager $plan"), qr/Gather(?: Merge)?\n(?:.*\n)*.*Parallel/, "workers read $view");
	like(psql_says("SET ROLE parallel_cfo; $eager $plan"), qr/Gather(?: Merge)?\n(?:.*\n)*.*Parallel/, 'for a member too') if $view ne 'findings';
}

# functions over the documents
for my $call ('clex.detect(content)', 'clex.findings(content)', 'clex.verdict(content)', 'clex.read(content)', 'clex.examine(content)',
	'clex.document_findings(document)', q{clex.value(document, 'BT-1')}, q{clex.number(document, 'BT-112')}, q{clex.on_date(document, 'BT-2')}, q{clex.test(document, 'BT-115 > 1000')},
	q{clex.eval(document, 'sum(lines/BT-131)')})
{
	my $sql = "SELECT count(*), md5(string_agg(f::text, ' ' ORDER BY f::text)) FROM erp.documents d, LATERAL $call f WHERE d.format = 'ubl'";
	my $one = psql_says($alone . $sql);
	like($one, qr/^[1-9]/, "$call of many documents");
	is(psql_says($eager . $sql), $one, 'and by workers');
	like(psql_says("$eager EXPLAIN (VERBOSE, COSTS OFF) $sql"), qr/Gather/, 'who are there');
}

system("psql -Xq -d postgres -c 'DROP DATABASE $database WITH (FORCE)' -c 'DROP ROLE parallel_owner, parallel_cfo, parallel_supplier, parallel_clerk, parallel_nobody'");
done_testing();
