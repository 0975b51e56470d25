# A store of earlier templates, with data, moves forward: nothing is lost, and it becomes what a new store is.
use strict;
use warnings;
use Test::More;

$ENV{PGOPTIONS} = '-c client_min_messages=warning';
my $database = 'clex_upgrade';
my $script = "build/upgrade_$$.sql";

# Run SQL through stdin, so that it may be long; returns what psql prints, errors as SQLSTATE.
sub psql
{
	my ($sql) = @_;
	open my $file, '>', $script or die "$script: $!";
	print $file $sql;
	close $file;
	my $out = `psql -XqAt -v ON_ERROR_STOP=1 -v VERBOSITY=sqlstate -d $database -f $script 2>&1`;
	$out =~ s/\n\z//;
	return $out;
}

# Make a store of the templates in a folder, as the create_store() of that time did: as its owner, steps and code in turn.
sub make_old_store
{
	my ($folder, $store) = @_;
	my $sql = "CREATE SCHEMA $store AUTHORIZATION upgrade_owner; SET ROLE upgrade_owner;\n";
	for my $file (sort glob "$folder/*.sql")
	{
		my ($module) = $file =~ /\d+_([a-z]+)\.sql$/;
		my ($step, $text) = (undef, '');
		my $end = sub {
			return unless defined $step;
			$sql .= $text;
			$sql .= "INSERT INTO $store.store_version (module, step, clex_version) VALUES ('$module', $step, '0.0.1');\n" if $step;
			$text = '';
		};
		open my $in, '<', $file or die "$file: $!";
		while (my $line = <$in>)
		{
			if ($line =~ /^--! step (\d+)/) { $end->(); $step = $1 }
			elsif ($line =~ /^--! code/) { $end->(); $step = 0 }
			elsif (defined $step && $line !~ /^--!/) { $line =~ s/\@store\@/$store/g; $text .= $line }
		}
		$end->();
	}
	return psql($sql . "RESET ROLE;\n");
}

# Every row of the tables, only of the columns that are in both: a digest for each.
my $columns = q{
	SELECT c.relname, string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum)
	FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
	WHERE c.relnamespace = 'earlier_store'::regnamespace AND c.relkind = 'r' AND c.relname <> 'store_version'
	GROUP BY 1 ORDER BY 1};
sub digest { return psql(join ' ', map { my ($t, $c) = split /\|/; qq{SELECT '$t', count(*), md5(string_agg(x::text, chr(10) ORDER BY x::text)) FROM (SELECT $c FROM earlier_store.$t) x;} } @_) }

# What a store is made of, without its name.
sub shape
{
	my ($store) = @_;
	my $out = psql(qq{
	SELECT 'relation', c.relkind, c.relname, c.relowner::regrole, c.reloptions, c.relrowsecurity, c.relforcerowsecurity, obj_description(c.oid, 'pg_class'),
		(SELECT string_agg(x::text, ' ' ORDER BY x::text) FROM unnest(c.relacl) x),
		CASE c.relkind WHEN 'v' THEN pg_get_viewdef(c.oid) WHEN 'i' THEN pg_get_indexdef(c.oid) END
	FROM pg_class c WHERE c.relnamespace = '$store'::regnamespace ORDER BY 2, 3;
	SELECT 'column', c.relname, a.attnum, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity, a.attgenerated,
		pg_get_expr(d.adbin, d.adrelid), a.attcompression, col_description(c.oid, a.attnum)
	FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
	LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
	WHERE c.relnamespace = '$store'::regnamespace ORDER BY 2, 3;
	SELECT 'constraint', k.conrelid::regclass, k.conname, pg_get_constraintdef(k.oid), k.convalidated FROM pg_constraint k
	WHERE k.connamespace = '$store'::regnamespace ORDER BY k.conrelid::regclass::text, 3;
	SELECT 'policy', p.tablename, p.policyname, p.permissive, p.roles, p.cmd, p.qual, p.with_check FROM pg_policies p WHERE p.schemaname = '$store' ORDER BY 2, 3;
	SELECT 'function', p.oid::regprocedure, obj_description(p.oid, 'pg_proc'), (SELECT string_agg(x::text, ' ' ORDER BY x::text) FROM unnest(p.proacl) x), pg_get_functiondef(p.oid)
	FROM pg_proc p WHERE p.pronamespace = '$store'::regnamespace ORDER BY p.oid::regprocedure::text;
	SELECT 'persona', p.* FROM $store.persona p ORDER BY 2;});
	$out =~ s/\b$store\b/STORE/g;
	return $out;
}

# to all modules there are by now
my $upgrade = q{SELECT clex.upgrade_store('earlier_store', ARRAY(SELECT DISTINCT s.module FROM clex.store_steps() s))};
my $gone = qr/server closed the connection|connection to server was lost/;
my $checkpointer_pid = q{SELECT pid FROM pg_stat_activity WHERE backend_type = 'checkpointer'};
# Upgrade with a statement more at the end of one part; the last line of what is said.
sub interrupted
{
	my ($ordinal, $statement) = @_;
	psql(qq{ALTER FUNCTION clex.store_steps() RENAME TO real_store_steps;
		CREATE FUNCTION clex.store_steps() RETURNS TABLE (ordinal int, module text, requires text, step int, title text, script text) LANGUAGE sql AS
		\$\$ SELECT s.ordinal, s.module, s.requires, s.step, s.title, s.script || CASE WHEN s.ordinal = $ordinal THEN '; $statement' ELSE '' END FROM clex.real_store_steps() s \$\$});
	my $checkpointer = psql($checkpointer_pid);
	my $said = psql($upgrade);
	if ($said =~ $gone)
	{
		# all processes have been started again when there is another one
		for (1 .. 900) { last if psql($checkpointer_pid) =~ /^(?!$checkpointer$)\d+$/; select undef, undef, undef, 0.1 }
	}
	psql(q{DROP FUNCTION clex.store_steps(); ALTER FUNCTION clex.real_store_steps() RENAME TO store_steps});
	return $said;
}

system("psql -Xq -d postgres -c 'DROP DATABASE IF EXISTS $database WITH (FORCE)' -c 'CREATE DATABASE $database'");
psql(q{CREATE EXTENSION clex; CREATE ROLE upgrade_owner NOLOGIN; CREATE ROLE upgrade_clerk LOGIN; CREATE ROLE upgrade_auditor LOGIN;});
psql(q{SELECT clex.create_store('latest_store', owner => 'upgrade_owner')});
# what kill -9 of a server process does: all of them start again
psql(q{CREATE FUNCTION public.die() RETURNS void LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN COPY (SELECT 1) TO PROGRAM 'kill -9 $PPID'; END $$});

for my $folder (sort grep { -d } glob 'extension/test/stores/*')
{
	is(make_old_store($folder, 'earlier_store'), '', "$folder: the store is made");
	psql(q{SELECT earlier_store.add_tenant(1, 'One'), earlier_store.add_tenant(2, 'Two');
		SELECT earlier_store.add_member(1, 'upgrade_clerk', 'integration'), earlier_store.add_member(1, 'upgrade_auditor', 'auditor'), earlier_store.add_member(2, 'upgrade_auditor', 'buyer')});
	system(q{printf '%s\\0' extension/test/samples/*.xml extension/test/samples/README.md | perl scripts/lib/load.pl --store earlier_store --tenant 1 | psql -Xq -U upgrade_clerk -d } . $database);
	my @tables = split /\n/, psql($columns);
	my $before = digest(@tables);
	like($before, qr/^document\|[6-9]\d\|/m, 'and has documents');
	isnt(shape('earlier_store'), shape('latest_store'), 'it differs from a new one');

	my $steps = psql(q{SELECT s.steps FROM (SELECT count(*) AS steps FROM latest_store.store_version) s}) - psql('SELECT count(*) FROM earlier_store.store_version');
	my $old_shape = shape('earlier_store');
	like(psql("BEGIN; $upgrade; ROLLBACK;"), qr/^$steps$/, "an upgrade runs the $steps steps it lacks");
	is(shape('earlier_store'), $old_shape, 'given up, it has changed nothing');

	# an error in the middle, and a server that dies there: nothing is half done
	psql('CHECKPOINT');
	for my $ordinal (split /\n/, psql(q{SELECT s.ordinal FROM clex.store_steps() s LEFT JOIN earlier_store.store_version v USING (module, step) WHERE v.step IS NULL
		AND (s.step > 0 OR s.ordinal = (SELECT max(m.ordinal) FROM clex.store_steps() m WHERE m.module = s.module)) ORDER BY 1}))
	{
		like(interrupted($ordinal, 'SELECT 1 / 0'), qr/22012/, "an upgrade fails in part $ordinal");
		ok(shape('earlier_store') . digest(@tables) eq $old_shape . $before, 'and has changed nothing');
		like(interrupted($ordinal, 'SELECT public.die()'), $gone, "the server dies in part $ordinal");
		ok(shape('earlier_store') . digest(@tables) eq $old_shape . $before, 'and nothing has changed');
	}
	is(psql($upgrade), $steps, 'done, it has run them');
	is(digest(@tables), $before, 'every row is there, unchanged');
	my ($was, $is) = (shape('latest_store'), shape('earlier_store'));
	my %was = map { $_ => 1 } split /\n/, $was;
	is(join("\n", grep { !$was{$_} } split /\n/, $is), '', 'nothing in it differs from a new store');
	is($is, $was, 'and nothing is missing');
	is(psql(q{SELECT clex.upgrade_store('earlier_store')}), '0', 'a second upgrade finds nothing to do');

	# what row-level security asks of a document is what its invoice says
	my $differ = q{SELECT count(*) > 50, count(*) FILTER (WHERE (d.seller_key, d.buyer_vat_id) IS DISTINCT FROM (i.seller_key, i.buyer_vat_id))
		FROM earlier_store.invoice i JOIN earlier_store.document d ON d.tenant_id = i.tenant_id AND d.id = i.document_id};
	is(psql($differ), 't|0', 'sellers and buyers stand beside their documents');
	psql(q{UPDATE earlier_store.document SET seller_key = 'wrong', buyer_vat_id = 'wrong'; SELECT earlier_store.reread(1)});
	is(psql($differ), 't|0', 'and stand there again after reading again');

	# and what is new works with what is old
	is(psql(q{SET SESSION AUTHORIZATION upgrade_clerk; SELECT earlier_store.set_party(1, 'S1', 'Supplier') > 0}), 't', 'members of old maintain');
	is(psql(q{SET SESSION AUTHORIZATION upgrade_auditor; SELECT tenant_id, action, actor FROM earlier_store.events WHERE action <> 'reread'}), '1|set_party|upgrade_clerk', 'and audit');
	is(psql(q{SET SESSION AUTHORIZATION upgrade_clerk; SELECT is_duplicate FROM earlier_store.submit(1, (SELECT content FROM earlier_store.documents ORDER BY id LIMIT 1))}), 't', 'documents are known again');
	psql(q{SELECT clex.drop_store('earlier_store')});
}

unlink $script;
system("psql -Xq -d postgres -c 'DROP DATABASE $database WITH (FORCE)' -c 'DROP ROLE upgrade_owner' -c 'DROP ROLE upgrade_clerk' -c 'DROP ROLE upgrade_auditor'");
done_testing();
