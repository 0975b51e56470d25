# Alerts notify once for a transaction, on a channel of the store's name, and say nothing of a tenant.
use strict;
use warnings;
use Test::More;

$ENV{PGOPTIONS} = '-c client_min_messages=warning';

sub psql
{
	my ($sql) = @_;
	open my $out, '>', 'build/alerts.sql' or die $!;
	print $out $sql;
	close $out;
	return scalar `psql -XqAt -v ON_ERROR_STOP=1 -d clex_alerts -f build/alerts.sql 2>&1`;
}

system(qq{psql -Xq -d postgres -c "DROP DATABASE IF EXISTS clex_alerts WITH (FORCE)" -c "CREATE DATABASE clex_alerts"}) == 0 or BAIL_OUT('no database');
is(psql(q{CREATE EXTENSION clex;
	DO $$BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'alerts_owner') THEN CREATE ROLE alerts_owner NOLOGIN; END IF; END$$;
	DO $$BEGIN PERFORM clex.create_store('erp', owner => 'alerts_owner');
		FOR t IN 1 .. 2 LOOP
			PERFORM erp.add_tenant(t, 'Tenant');
			PERFORM erp.define_rule(t, 'ALWAYS', 'false()', '{"en": "secret"}', alert => true), erp.activate_rule(t, 'ALWAYS');
			PERFORM erp.define_rule(t, 'QUIET', 'false()', '{"en": "secret"}'), erp.activate_rule(t, 'QUIET');
		END LOOP;
	END$$;}), '', 'a store with a rule that alerts');

my $sample = '\set a `cat extension/test/samples/facturx-fr-basic.xml`' . "\n";
my @heard = psql($sample . q{LISTEN erp;
	BEGIN;
	SELECT FROM erp.submit_many(1, ARRAY[convert_to(:'a', 'UTF8'), convert_to(:'a', 'UTF8') || '<!-- 1 -->'::bytea]);
	SELECT FROM erp.submit(2, convert_to(:'a', 'UTF8'));
	COMMIT;}) =~ /^(Asynchronous notification .*) received/mg;
is_deeply(\@heard, ['Asynchronous notification "erp" with payload "alert"'], 'one notification for two tenants and three documents');
is(psql('SELECT tenant_id, count(*) FROM erp.alerts GROUP BY 1 ORDER BY 1'), "1|2\n2|1\n", 'the view has them all');
unlike(psql(q{LISTEN erp; SELECT erp.retire_rule(1, 'ALWAYS'), erp.retire_rule(2, 'ALWAYS'); SELECT erp.revalidate(1);}), qr/Asynchronous/,
	'rules that are not flagged notify nobody');
is(psql('SELECT count(*) FROM erp.alerts WHERE tenant_id = 1'), "0\n", 'and an alert whose rule is retired goes with its finding');
is(psql($sample . q{LISTEN erp; SELECT FROM erp.submit(2, convert_to(:'a', 'UTF8')); SELECT FROM erp.submit(2, 'not readable');}) =~ /Asynchronous/, '', 'nor do duplicates and quarantine');

system('psql -Xq -d postgres -c "DROP DATABASE clex_alerts WITH (FORCE)" -c "DROP ROLE alerts_owner"');
done_testing();
