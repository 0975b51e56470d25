# The server dies while payment orders are made and released, and in the middle of a bank's file that confirms them: nothing is ordered, posted or booked twice, a file has all of
# its effect or none, and whoever did not hear of it says it again.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use Psql;
use Test::More;

$ENV{PGOPTIONS} = '-c client_min_messages=warning';
my ($database, $invoices) = ('clex_payment_crash', 300);
make_database($database);
psql("CREATE ROLE payment_crash_$_") for qw(owner anna ben gate);
psql(q{SELECT clex.create_store('erp', owner => 'payment_crash_owner'); SELECT erp.add_tenant(1, 'One');
	SELECT erp.add_member(1, 'payment_crash_' || r, p) FROM (VALUES ('anna', 'treasurer'), ('ben', 'treasurer'), ('gate', 'integration')) m (r, p);
	SELECT erp.set_party(1, 'S', 'Seller', 'FR'), erp.set_party(1, 'B', 'Buyer', 'FR');
	SELECT erp.add_identifier(1, 'B', 'vat', 'FR88790453187'), erp.add_identifier(1, 'S', 'vat', 'FR05832194070'), erp.add_identifier(1, 'S', 'iban', 'FR7630006000011234567890189'),
		erp.set_entity(1, 'E', 'company', 'Entity', party => 'B'), erp.set_paying_account(1, 'E', 'EUR', 'DE89370400440532013000'), erp.set_setting(1, 'finance.calendar', '"WEEKENDS weekend=NONE"')});
psql(qq{SELECT count(*) FROM generate_series(1, $invoices) n, LATERAL erp.submit(1, clex.write(jsonb_build_object('\$kind', 'invoice',
	'invoice', jsonb_strip_nulls(jsonb_build_object('number', 'F-' || n, 'issue_date', CURRENT_DATE - 5, 'type_code', '380', 'currency', 'EUR', 'due_date', CURRENT_DATE + 5, 'payment_terms', CASE WHEN n % 2 = 0 THEN E'#SKONTO#TAGE=9#PROZENT=2.00#\\n' END)),
	'seller', jsonb_build_object('name', 'S', 'vat_number', 'FR05832194070', 'address', jsonb_build_object('country', 'FR')),
	'buyer', jsonb_build_object('name', 'B', 'vat_number', 'FR88790453187', 'address', jsonb_build_object('country', 'FR')),
	'payment', '{"means_code": "30", "credit_transfers": [{"account": "FR7630006000011234567890189"}]}'::jsonb, 'totals', jsonb_build_object('payable', 100 + n),
	'lines', jsonb_build_array(jsonb_build_object('identifier', '1', 'quantity', 1, 'unit', 'C62', 'net_amount', 1, 'item', jsonb_build_object('name', 'Goods'))))::text::clex.document, 'ubl'))});
is(psql(q{SELECT count(*) FROM erp.invoice_state s, LATERAL erp.set_status(1, s.document_id, 'approved') a}), $invoices, 'invoices are approved');
psql(q{CREATE FUNCTION notification(message text) RETURNS bytea LANGUAGE sql STABLE SECURITY DEFINER AS $f$
	SELECT convert_to('<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.054.001.08"><BkToCstmrDbtCdtNtfctn><GrpHdr><MsgId>' || message || '</MsgId><CreDtTm>2026-03-31T09:00:00</CreDtTm></GrpHdr>'
	|| '<Ntfctn><Id>1</Id><Acct><Id><IBAN>DE89370400440532013000</IBAN></Id></Acct>' || string_agg(format('<Ntry><Amt Ccy="EUR">%s</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>'
	|| '<BookgDt><Dt>%s</Dt></BookgDt><ValDt><Dt>%2$s</Dt></ValDt><BkTxCd><Prtry><Cd>X</Cd></Prtry></BkTxCd><NtryDtls><TxDtls><Refs><EndToEndId>%3$s</EndToEndId></Refs></TxDtls></NtryDtls></Ntry>',
		p.amount, CURRENT_DATE + 1, p.end_to_end_id), '' ORDER BY p.order_id, p.payment_no) || '</Ntfctn></BkToCstmrDbtCdtNtfctn></Document>', 'UTF8')
	FROM erp.payment p $f$});

# what is there, in one line: claims by kind, payments by state, entries of the ledger, orders posted, remittances, files with their lines
my $picture = q{SELECT concat_ws(' ', (SELECT string_agg(k, ',' ORDER BY k) FROM (SELECT kind || ':' || count(*) AS k FROM erp.claim GROUP BY kind) c), (SELECT string_agg(k, ',' ORDER BY k) FROM (SELECT state || ':' || count(*) AS k FROM erp.payment GROUP BY state) p),
	(SELECT string_agg(k, ',' ORDER BY k) FROM (SELECT kind || ':' || count(*) AS k FROM erp.ledger_entry GROUP BY kind) e), 'posted', (SELECT count(*) FROM erp.outbox WHERE kind = 'payment_order'),
	'told', (SELECT count(*) FROM erp.outbox WHERE post_key ~ '^remittance/'), 'files', (SELECT count(DISTINCT document_id) FROM erp.bank_report_line), (SELECT string_agg(k, ',' ORDER BY k) FROM (SELECT outcome || ':' || count(*) AS k FROM erp.bank_report_line GROUP BY outcome) l))};
my $half = $invoices / 2;
my $as = sub { my ($role, $call) = @_; "SET LOCAL ROLE payment_crash_$role; SELECT count(*) FROM $call; RESET ROLE" };
my $nothing = 'posted 0 told 0 files 0';
my $paid = "paid:$invoices posted 2 told 2 files";
my @steps = (
	['take the terms', $as->('anna', 'erp.take_terms(1, CURRENT_DATE + 1)'), "offer:$half $nothing"],
	['make orders', $as->('anna', 'erp.make_payment_orders(1, CURRENT_DATE + 2, CURRENT_DATE + 9)'), "payment:$invoices ordered:$invoices $nothing"],
	['release orders', $as->('ben', 'erp.payment_orders o, LATERAL (SELECT erp.release_payment_order(1, o.id)) r'), "payment:$invoices ordered:$invoices posted 2 told 2 files 0"],
	['confirm', $as->('gate', q{erp.receive_message(1, 'bank', 'N-1', notification('N-1'))}), "booked:$invoices discount:$half,$paid 1 applied:$invoices"],
	['confirm by another file', $as->('gate', q{erp.receive_message(1, 'bank', 'N-2', notification('N-2'))}), "booked:$invoices discount:$half,$paid 2 applied:$invoices,repeated:$invoices"]);
for my $step (@steps)
{
	my ($name, $sql, $after) = @$step;
	my $before = psql($picture);
	# before it commits, and, where it takes long enough, in the middle of the file
	ok(crash_in($sql), "the server is back after it died at the end of: $name");
	is(psql($picture), $before, 'and nothing of it is there');
	if ($name eq 'confirm')
	{
		ok(crash_in($sql, 'receive_message', 0.15), 'it dies in the middle of the file');
		is(psql($picture), $before, 'and no line of it had an effect');
	}
	psql("BEGIN; $sql; COMMIT");
	is(psql($picture), $after, "done: $name");
	psql("BEGIN; $sql; COMMIT");
	is(psql($picture), $after, 'and done once, whoever says it again');
}
is(psql(q{SELECT count(*) FROM erp.ledger WHERE (open, overpaid) <> (0, 0) OR face <> paid + discount}), '0', 'every invoice is paid, once');
is(psql(q{SELECT count(*) FROM erp.ledger l WHERE l.discount <> CASE WHEN substr(l.number, 3)::int % 2 = 0 THEN round(l.face * 0.02, 2) ELSE 0 END}), '0', 'less the discount that it grants');
is(psql(q{SELECT count(*) FROM erp.claim}), '0', 'and no claim is left');

system("psql -Xq -d postgres -c 'DROP DATABASE $database WITH (FORCE)'");
system('psql', '-Xq', '-d', 'postgres', map { ('-c', "DROP ROLE payment_crash_$_") } qw(owner anna ben gate));
done_testing();
