#!/usr/bin/env perl
# The month of docs/finance-cycle.md: what it shows is what its statements say, one after the other.
use strict;
use warnings;
use Test::More;

$ENV{PGOPTIONS} = '-c client_min_messages=warning';
my ($database, $script) = ('clex_finance_docs', "build/finance_docs_$$.sql");
my @roles = qw(anna karl clara moulins banque finance_docs_owner);
open my $in, '<', 'docs/finance-cycle.md' or die "docs/finance-cycle.md: $!\n";
my $page = do { local $/; <$in> };
my ($month) = $page =~ /^<!-- month -->\n(.*?)^<!-- end -->/ms or die "docs/finance-cycle.md has no month\n";
my @said = $month =~ /^```sql\n(.*?)^```\n(?:\n((?:    [^\n]*\n)+))?/msg;
cmp_ok(scalar @said, '>=', 12, 'the month has steps');

system("psql -Xq -d postgres -c 'DROP DATABASE IF EXISTS $database WITH (FORCE)' -c 'CREATE DATABASE $database' " . join ' ', map { "-c 'DROP ROLE IF EXISTS $_' -c 'CREATE ROLE $_'" } @roles);
my $filled = do { local $/; <DATA> };
open my $file, '>', $script or die "$script: $!";
print {$file} "\\set ON_ERROR_STOP on\n", $filled, "\\pset footer off\n\\pset linestyle ascii\n";
for (my $step = 0; $step < @said; $step += 2) { print {$file} "\\echo == $step\n$said[$step]" }
close $file;
my @out = split /^== \d+\n/m, scalar `psql -Xq -d $database -f $script 2>&1`;
is($?, 0, 'it runs to its end') or diag $out[-1];
for (my $step = 0; $step < @said; $step += 2)
{
	my $shown = $said[$step + 1] // '';
	my $is = $out[1 + $step / 2] // '';
	$shown =~ s/^    //mg;
	s/[ \t]+$//mg, s/\n\n+/\n/g for $shown, $is;
	$is =~ s/\A\s*\z//;
	my ($what) = $said[$step] =~ /^((?!SET ROLE).*)/m;
	is($is, $shown, $what);
}
unlink $script;
system("psql -Xq -d postgres -c 'DROP DATABASE $database WITH (FORCE)' " . join ' ', map { "-c 'DROP ROLE $_'" } @roles);
done_testing();

__DATA__
CREATE EXTENSION clex;
ALTER ROLE finance_docs_owner NOLOGIN;
SELECT clex.create_store('erp', owner => 'finance_docs_owner');
SELECT erp.add_tenant(1, 'Hotel'), erp.set_party(1, 'M', 'Moulins', 'FR'), erp.set_party(1, 'H', 'Hotel', 'FR');
SELECT erp.add_identifier(1, 'M', 'vat', 'FR05832194070'), erp.add_identifier(1, 'M', 'iban', 'FR7630006000011234567890189'), erp.add_identifier(1, 'H', 'vat', 'FR88790453187'),
	erp.set_entity(1, 'HOTEL', 'company', 'Hotel', party => 'H'), erp.set_paying_account(1, 'HOTEL', 'EUR', 'DE89370400440532013000');
SELECT erp.set_setting(1, 'finance.calendar', '"WEEKENDS weekend=NONE"'), erp.set_setting(1, 'finance.cost_of_capital', '0.03');
SELECT erp.set_financier(1, 'BANK', 'Banque du Fleuve SA', 'credit_institution', '552081317', '1 quai des Comptes, 69002 Lyon'), erp.set_line(1, 'BANK', 'EUR', 0.048, iban => 'FR1420041010050500013M02606'),
	erp.set_limit(1, 'BANK', 'EUR', 10000);
SELECT erp.add_member(1, 'anna', 'treasurer'), erp.add_member(1, 'karl', 'treasurer'), erp.add_member(1, 'clara', 'ap_clerk'), erp.add_member(1, 'moulins', 'supplier'), erp.scope_member(1, 'moulins', 'supplier', party => 'M'),
	erp.add_member(1, 'banque', 'financier'), erp.scope_financier(1, 'banque', 'BANK');
SELECT count(erp.set_status(1, s.document_id, 'approved')) FROM (VALUES ('M-1', 10000, '2090-03-31', NULL), ('M-2', 5000, '2090-04-30', NULL), ('M-3', 2500, '2090-03-31', E'#SKONTO#TAGE=14#PROZENT=2.00#\n')) v (number, net, due, terms),
	erp.submit(1, clex.write(jsonb_build_object('$kind', 'invoice',
		'invoice', jsonb_strip_nulls(jsonb_build_object('number', number, 'issue_date', '2090-02-20', 'due_date', due, 'type_code', '380', 'currency', 'EUR', 'payment_terms', terms)),
		'seller', '{"name": "Moulins", "vat_number": "FR05832194070", "address": {"country": "FR", "city": "Agen"}}'::jsonb,
		'buyer', '{"name": "Hotel", "vat_number": "FR88790453187", "address": {"country": "FR"}}'::jsonb,
		'payment', '{"means_code": "30", "credit_transfers": [{"account": "FR7630006000011234567890189"}]}'::jsonb,
		'totals', jsonb_build_object('payable', round(net * 1.2, 2), 'with_vat', round(net * 1.2, 2), 'vat', round(net * 0.2, 2)),
		'vat_breakdown', jsonb_build_array(jsonb_build_object('category', 'S', 'rate', 20, 'taxable_amount', net, 'tax_amount', net * 0.2)),
		'lines', jsonb_build_array(jsonb_build_object('identifier', '1', 'quantity', 1, 'unit', 'H87', 'net_amount', net, 'item', '{"name": "Flour"}'::jsonb)))::text::clex.document, 'ubl')) s;
SELECT count(*) FROM erp.submit(1, clex.write('{"$kind": "credit_note", "invoice": {"number": "A-1", "issue_date": "2090-03-05", "type_code": "381", "currency": "EUR"},
	"seller": {"name": "Moulins", "vat_number": "FR05832194070", "address": {"country": "FR"}}, "buyer": {"name": "Hotel", "vat_number": "FR88790453187", "address": {"country": "FR"}},
	"totals": {"payable": 600.00, "with_vat": 600.00, "vat": 100}, "vat_breakdown": [{"category": "S", "rate": 20, "taxable_amount": 500, "tax_amount": 100}],
	"lines": [{"identifier": "1", "quantity": 1, "unit": "H87", "net_amount": 500, "item": {"name": "Flour"}}]}'::jsonb::text::clex.document, 'ubl'));
