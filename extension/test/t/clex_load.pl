# clex-load: what it loads, what it says and how it ends, whatever happens to files, server and itself.
#
# Faults are made, not waited for: a table is locked so that a batch stays under way, server processes
# are killed, and a small store of its own has documents that no server takes.
use strict;
use warnings;
use Cwd qw(abs_path);
use Errno;
use Fcntl qw(:flock);
use File::Temp qw(tempdir);
use IPC::Open2;
use JSON::PP;
use POSIX qw(:sys_wait_h mkfifo);
use FindBin;
use lib "$FindBin::Bin/lib";
use Psql;
use Test::More;
use Time::HiRes qw(sleep time);

my $program = abs_path('build/clex_load/clex-load');
my $top = abs_path(".");
my $database = 'clex_load';
my $work = tempdir(CLEANUP => 1);
my ($kills, $many) = (50, 3000);
srand(20261122);


# A folder of so many different invoices.
my $invoice = slurp('extension/test/samples/facturx-fr-basic.xml');
sub invoices
{
	my ($name, $count) = @_;
	my $folder = "$work/$name";
	mkdir $folder;
	for my $i (1 .. $count)
	{
		mkdir sprintf '%s/%02d', $folder, $i / 50 if $i % 50 == 0 || $i == 1;
		spew(sprintf('%s/%02d/%05d.xml', $folder, $i / 50, $i), "$invoice<!-- $name $i -->\n");
	}
	return $folder;
}

# Starts the program; its output goes to files.
my $runs = 0;
sub start
{
	my @arguments = @_;
	my $run = { out => "$work/out." . ++$runs, err => "$work/err.$runs" };
	$run->{pid} = fork // die "fork: $!\n";
	if (!$run->{pid})
	{
		open STDOUT, '>', $run->{out} or die "$!\n";
		open STDERR, '>', $run->{err} or die "$!\n";
		exec $program, @arguments or die "$program: $!\n";
	}
	return $run;
}

# Waits for its end: exit status (or signal, negative), output, messages.
sub finish
{
	my ($run) = @_;
	waitpid $run->{pid}, 0;
	my $status = WIFSIGNALED($?) ? -WTERMSIG($?) : WEXITSTATUS($?);
	return ($status, slurp($run->{out}), slurp($run->{err}));
}
sub load { return finish(start('-d', $database, '--store', 'erp', '--tenant', 1, @_)) }
sub load_json { my ($status, $out, $err) = load('--json', @_); diag $err unless $out; return ($status, decode_json($out), $err) }
sub counts { my ($sum) = @_; return join ' ', map { "$_=$sum->{$_}" } grep { $sum->{$_} } qw(documents loaded duplicates quarantined skipped failed not_reached) }

# Another session, to hold a lock with.
sub holding
{
	my ($lock, $do) = @_;
	my $pid = open2(my $out, my $in, 'psql', '-XqAt', '-d', $database);
	print {$in} "BEGIN; $lock; SELECT 'held';\n";
	$in->flush;
	my $held = <$out>;
	my $release = sub { close $in; waitpid $pid, 0 };
	return $do->($release);
}
# an insert waits for this, and a submission of nothing, with which a run begins, does not
my $lock = 'SELECT count(*) FROM (SELECT FROM erp.tenant FOR UPDATE) t';
my $at_work = "FROM pg_stat_activity WHERE application_name = 'clex-load' AND state = 'active' AND query LIKE '%submit_many%'";
sub blocked { return psql("SELECT count(*) $at_work AND wait_event_type = 'Lock'") }

make_database($database);
psql('SET client_min_messages = error; DROP ROLE IF EXISTS load_owner, load_clerk, load_nobody; CREATE ROLE load_owner NOLOGIN; CREATE ROLE load_clerk LOGIN; CREATE ROLE load_nobody LOGIN');
sub make_store
{
	psql(q{SELECT clex.create_store('erp', owner => 'load_owner'); SELECT erp.add_tenant(1, 'One'), erp.add_tenant(2, 'Two');
		SELECT erp.add_member(1, 'load_clerk', 'ap_clerk')});
}
make_store();

subtest 'command line' => sub {
	my ($status, $out, $err) = finish(start('--version'));
	is($status, 0, 'version');
	like($out, qr/^clex-load \d+\.\d+\.\d+ \(libpq \d+\.\d+\)$/, 'names itself and libpq');
	($status, $out) = finish(start('--help'));
	is($status, 0, 'help');
	like($out, qr/^  $_ /m, "tells exit status $_") for 0 .. 3, 130;
	for ([], ['--store', 'erp', 'x'], ['--store', 'erp', '--tenant', 1], ['--store', 'erp', '--tenant', '1x', 'x'], ['--store', 'erp', '--tenant', 1, '-j', 0, 'x'], ['--no-such', 'x'])
	{
		($status, $out, $err) = finish(start(@$_));
		is($status, 2, "refused: @$_");
		like($err, qr/Try "clex-load --help"/, 'with a way on');
	}
};

my $first = invoices('first', 120);

subtest 'dry run' => sub {
	my ($status, $sum) = load_json('--dry-run', $first);
	is($status, 0, 'exit status');
	is(counts($sum), 'documents=120 loaded=120', 'counts');
	ok($sum->{dry_run}, 'says that it was one');
	my ($listed, $out) = load('--dry-run', '--include', '0000*.xml', $first);
	is(() = $out =~ m{^\Q$first\E/00/0000\d\.xml$}mg, 9, 'lists the files of a pattern');
	is(psql('SELECT count(*) FROM erp.documents'), '0', 'loads nothing');
	($status) = finish(start('--store', 'erp', '--tenant', 1, '--dry-run', '-d', 'port=1', $first));
	is($status, 0, 'needs no server');
};

subtest 'load, and load again' => sub {
	my ($status, $sum, $err) = load_json('-j', 3, '--batch', 7, $first);
	is($status, 0, 'exit status');
	is(counts($sum), 'documents=120 loaded=120', 'all are loaded');
	is($sum->{bytes}, psql('SELECT sum(size) FROM erp.documents'), 'bytes');
	ok($sum->{seconds} > 0 && $sum->{documents_per_second} > 0, 'rates');
	ok(exists $sum->{bottleneck} && !defined $sum->{error} && !$sum->{interrupted}, 'the rest of the summary');
	is(psql('SELECT count(*) FROM erp.invoices WHERE valid'), '120', 'as valid invoices');
	is(psql(q{SELECT count(*) FROM erp.documents WHERE source LIKE '%/first/__/00___.xml'}), '120', 'with their file names');
	is($err, '', 'in silence');
	($status, $sum) = load_json($first);
	is(counts($sum), 'documents=120 duplicates=120', 'again: nothing twice');
	is($status, 0, 'which is no failure');
	my ($plain, $out) = load("$first/00/00001.xml");
	like($out, qr/^1 documents: 0 loaded, 1 duplicates, 0 quarantined, 0 skipped, 0 failed\.$/m, 'summary for people');
	($plain, $out) = load('--quiet', "$first/00/00001.xml");
	is($out, '', 'or none');
};

subtest 'files of all kinds' => sub {
	my $odd = "$work/odd";
	mkdir $_ for $odd, "$odd/deep", "$odd/.hidden";
	spew("$odd/deep/good.xml", "$invoice<!-- odd -->");
	spew("$odd/empty.xml", '');
	spew("$odd/text.txt", 'not an invoice');
	spew("$odd/.hidden/never.xml", 'x');
	spew("$odd/.never.xml", 'x');
	spew("$odd/a \"name\"\nof two lines\t\\.xml", "$invoice<!-- odd name -->");
	spew("$odd/latin1-\xe9.xml", "$invoice<!-- odd encoding -->");
	spew("$odd/utf8-\xc3\xa9.xml", "$invoice<!-- good encoding -->");
	symlink '..', "$odd/deep/loop";
	symlink 'self', "$odd/self";
	symlink 'nowhere', "$odd/dangling.xml";
	mkfifo("$odd/pipe.xml", 0600);
	open my $sparse, '>', "$odd/huge.xml";
	truncate $sparse, 1100 << 20;
	close $sparse;
	my ($status, $sum, $err) = load_json('--journal', "$work/odd.journal", $odd, "$work/missing.xml");
	is($status, 1, 'exit status');
	is(counts($sum), 'documents=11 loaded=4 quarantined=2 failed=5', 'counts');
	is($sum->{ignored}, 2, 'hidden ones are left out');
	like($err, qr{odd/empty\.xml is in quarantine: }, 'an empty file is in quarantine');
	like($err, qr{odd/dangling\.xml is not loaded\. No such file}, 'a link to nowhere');
	like($err, qr{odd/self is not loaded\. Too many levels of symbolic links}, 'a link to itself');
	like($err, qr{deep/loop is a folder that was visited already}, 'a loop of folders');
	like($err, qr{odd/pipe\.xml is not loaded\. It is neither a file nor a folder}, 'a pipe');
	like($err, qr{odd/huge\.xml is not loaded\. It has 1100 MB; PostgreSQL keeps at most 1023 MB}, 'a file that is too large');
	like($err, qr{missing\.xml is not loaded\. No such file}, 'a file that is not there');
	is(psql(q{SELECT count(*) FROM erp.documents WHERE source ~ E'odd/a "name"\nof two lines\t[\\\\\\\\][.]xml$'}), '1', 'a strange name is kept');
	is(psql(q{SELECT count(*) FROM erp.documents WHERE source LIKE '%latin1-\\\\xe9.xml' OR source LIKE '%utf8-' || chr(233) || '.xml'}), '2', 'also in no encoding');
	($status, $sum) = load_json('--journal', "$work/odd.journal", $odd);
	is(counts($sum), 'documents=10 skipped=6 failed=4', 'the journal knows them all again');
	is($status, 1, 'and that two are in quarantine');
	my ($patterned) = load_json('--journal', "$work/odd.journal", '--include', 'g*.xml', '--include', '*.txt', $odd);
	is($patterned, 1, 'patterns select');

  SKIP: {
		skip 'no /proc here', 2 unless -e '/proc/self/mem';
		($status, $sum, $err) = load_json('/proc/self/mem', "$first/00/00002.xml");
		is(counts($sum), 'documents=2 duplicates=1 failed=1', 'a file that cannot be read keeps no other from being loaded');
		like($err, qr{/proc/self/mem is not loaded\. Input/output error}, 'and is told');
	}
  SKIP: {
		skip 'root may read everything', 1 if $> == 0;
		chmod 0, "$odd/text.txt";
		($status, undef, $err) = load_json("$odd/text.txt");
		like($err, qr{text\.txt is not loaded\. Permission denied}, 'no permission');
	}
};

subtest 'what the server refuses' => sub {
	my ($status, $sum, $err) = finish(start('-d', $database, '--store', 'erp', '--tenant', 7, $first));
	is($status, 3, 'a tenant that does not exist');
	like($err, qr/tenant 7 does not exist/, 'is named');
	($status, $sum, $err) = finish(start('-d', "dbname=$database user=load_clerk", '--store', 'erp', '--tenant', 2, '--json', $first));
	is($status, 3, 'a tenant of somebody else');
	like(decode_json($sum)->{error}, qr/role "load_clerk" may not submit documents for tenant 2/, 'in the summary too');
	($status, $sum, $err) = finish(start('-d', "dbname=$database user=load_nobody", '--store', 'erp', '--tenant', 1, $first));
	is($status, 3, 'a role without membership');
	like($err, qr/"load_nobody" may not submit/, 'is named');
	($status, $sum, $err) = finish(start('-d', "dbname=$database user=load_clerk", '--store', 'erp', '--tenant', 1, $first));
	is($status, 0, 'a member may');
	for my $name ('nowhere', 'pg_catalog', q{x"; DROP SCHEMA erp; --})
	{
		($status, $sum, $err) = finish(start('-d', $database, '--store', $name, '--tenant', 1, $first));
		is($status, 3, "$name is no store");
		like($err, qr/There is no store "\Q$name\E" with documents in database "$database"/, 'which is said');
	}
	($status, $sum, $err) = finish(start('-d', 'port=1', '--store', 'erp', '--tenant', 1, $first));
	is($status, 3, 'no server');
	like($err, qr/^clex-load: There is no connection to the server: .*port|socket/, 'says where');
	is($err =~ tr/\n//, 1, 'on one line');
};

subtest 'journal' => sub {
	my $folder = invoices('journal', 30);
	my $journal = "$work/files.journal";
	my ($status, $sum, $err) = load_json('--journal', $journal, $folder);
	is(counts($sum), 'documents=30 loaded=30', 'first run');
	spew("$folder/00/00003.xml", "$invoice<!-- changed -->");
	unlink "$folder/00/00004.xml";
	chdir $folder;
	($status, $sum, $err) = load_json('--journal', $journal, '.', '00/../00/00003.xml');
	chdir $top;
	is(counts($sum), 'documents=30 loaded=1 duplicates=1 skipped=28', 'a changed file is loaded, from any folder');
	($status, $sum, $err) = load_json('--journal', $journal, $folder);
	is(counts($sum), 'documents=29 skipped=29', 'then nothing is left');

	my $lines = slurp($journal);
	spew($journal, $lines =~ s/\n[^\n]*\n[^\n]{50}\K[^\n]*\n\z//r);
	($status, $sum, $err) = load_json('--journal', $journal, $folder);
	is($sum->{loaded}, 0, 'a journal that was cut off loses some work, nothing else');
	is($sum->{skipped} + $sum->{duplicates}, 29, 'the rest holds');
	like(slurp($journal), qr/\A(?:[^\n]+\n)+\z/, 'and it is whole again');

	($status, undef, $err) = finish(start('-d', $database, '--store', 'erp', '--tenant', 2, '--journal', $journal, $folder));
	is($status, 2, 'the journal of another tenant');
	like($err, qr/is of another store or tenant/, 'is refused');
	spew("$work/mine.txt", "my notes\n");
	($status, undef, $err) = load('--journal', "$work/mine.txt", $folder);
	is($status, 2, 'a file that is no journal');
	is(slurp("$work/mine.txt"), "my notes\n", 'is left alone');
	open my $taken, '+<', $journal;
	flock $taken, LOCK_EX;
	($status, undef, $err) = load('--journal', $journal, $folder);
	is($status, 2, 'a journal in use');
	like($err, qr/is in use by another clex-load/, 'is refused');
	close $taken;

	psql(q{SELECT clex.drop_store('erp')});
	make_store();
	($status, $sum, $err) = load_json('--journal', $journal, $folder);
	is(counts($sum), 'documents=29 loaded=29', 'a journal does not outweigh a store that lost its documents');
	like($err, qr/documents of the journal are not in the store/, 'which is said');
};

subtest 'interrupted' => sub {
	my $folder = invoices('interrupt', 40);
	holding($lock, sub {
		my ($release) = @_;
		my $run = start('-d', $database, '--store', 'erp', '--tenant', 1, '--json', '-j', 1, '--batch', 5, $folder);
		ok(wait_for(\&blocked), 'a batch is under way');
		kill INT => $run->{pid};
		sleep 0.3;
		is(waitpid($run->{pid}, WNOHANG), 0, 'it is waited for');
		$release->();
		my ($status, $out) = finish($run);
		is($status, 130, 'exit status');
		my $sum = decode_json($out);
		is(counts($sum), 'documents=40 loaded=5 not_reached=35', 'the batch under way is finished, no other begun');
		ok($sum->{interrupted}, 'the summary says so');
		is(psql(q{SELECT count(*) FROM erp.documents WHERE source LIKE '%/interrupt/%'}), '5', 'and the store has it');
	});
	my (undef, $sum) = load_json($folder);
	is(counts($sum), 'documents=40 loaded=35 duplicates=5', 'the next run does the rest');
};

subtest 'a file vanishes meanwhile' => sub {
	my $folder = invoices('vanish', 4);
	holding($lock, sub {
		my ($release) = @_;
		my $run = start('-d', $database, '--store', 'erp', '--tenant', 1, '--json', '-j', 1, '--batch', 1, $folder);
		ok(wait_for(\&blocked), 'a batch is under way');
		unlink "$folder/00/00004.xml";
		$release->();
		my ($status, $out, $err) = finish($run);
		is(counts(decode_json($out)), 'documents=4 loaded=3 failed=1', 'the others are loaded');
		like($err, qr/00004\.xml is not loaded\. It is no longer there\.$/m, 'and it is told');
	});
};

subtest 'killed again and again' => sub {
	my $folder = invoices('kill', $many);
	my $journal = "$work/kill.journal";
	my ($lost, $finished, $killed) = (0, 0, 0);
	for (1 .. $kills)
	{
		my $run = start('-d', $database, '--store', 'erp', '--tenant', 1, '--quiet', '-j', 3, '--batch', 4, '--journal', $journal, $folder);
		sleep 0.02 + rand 0.12;
		kill KILL => $run->{pid};
		my ($status) = finish($run);
		$status == -9 ? $killed++ : $finished++;
		# what the journal says is in the store, now
		next unless -s $journal;
		my @acknowledged = slurp($journal) =~ /^(\d+)\t\w{64}\t/mg;
		my $found = @acknowledged ? psql('SELECT count(*) FROM erp.documents WHERE id = ANY (ARRAY[' . join(',', @acknowledged) . '])') : 0;
		my %different = map { $_ => 1 } @acknowledged;
		$lost++ if $found != keys %different;
	}
	ok($killed >= $kills / 2, "$killed runs were killed, $finished had finished");
	is($lost, 0, 'after none of them the journal names a document that the store lacks');
	my ($status, $sum) = load_json('--journal', $journal, $folder);
	is($status, 0, 'the last run ends well');
	is($sum->{loaded} + $sum->{duplicates} + $sum->{skipped}, $many, 'it accounts for every file');
	is(psql(q{SELECT count(*) || ' ' || count(DISTINCT sha256) FROM erp.documents WHERE source LIKE '%/kill/%'}), "$many $many", 'every document is there, once');
	($status, $sum) = load_json('--journal', $journal, $folder);
	is(counts($sum), "documents=$many skipped=$many", 'and the journal is complete');
};

subtest 'the server goes away' => sub {
	my $folder = invoices('away', 60);
	my $run;
	holding($lock, sub {
		my ($release) = @_;
		$run = start('-d', $database, '--store', 'erp', '--tenant', 1, '--json', '-j', 2, '--batch', 5, $folder);
		ok(wait_for(sub { blocked() == 2 }), 'two batches are under way');
		psql("SELECT pg_terminate_backend(pid) $at_work");
		ok(wait_for(sub { blocked() == 2 }), 'connections are made again');
		# this ends all sessions, and the server recovers
		kill KILL => (split /\n/, psql("SELECT pid $at_work"))[0];
		$release->();
	});
	my ($status, $out, $err) = finish($run);
	is($status, 0, 'the run goes through a crash of the server');
	my $sum = decode_json($out);
	is($sum->{loaded} + $sum->{duplicates}, 60, 'nothing is left out');
	like($err, qr/The server cannot go on .*; trying again for 60 seconds\.\n(?:.*\n)*clex-load: The server works again\./, 'which is said');
	is(psql(q{SELECT count(*) FROM erp.documents WHERE source LIKE '%/away/%'}), '60', 'and nothing twice');

	my $more = invoices('gone', 20);
	holding($lock, sub {
		my ($release) = @_;
		$run = start('-d', $database, '--store', 'erp', '--tenant', 1, '--json', '-j', 2, '--batch', 5, '--wait', 1, $more);
		ok(wait_for(sub { blocked() == 2 }), 'two batches are under way');
		system(qq{psql -Xq -d postgres -c 'ALTER DATABASE $database ALLOW_CONNECTIONS false' -c "SELECT count(pg_terminate_backend(pid)) $at_work" >/dev/null});
		($status, $out, $err) = finish($run);
		$release->();
	});
	system("psql -Xq -d postgres -c 'ALTER DATABASE $database ALLOW_CONNECTIONS true'");
	is($status, 3, 'a server that stays away ends the run');
	$sum = decode_json($out);
	is(counts($sum), 'documents=20 not_reached=20', 'with nothing said to be loaded');
	like($sum->{error}, qr/did not come back within 1 seconds: .*not currently accepting connections/, 'and the reason');
};

# A store whose server does not take some documents, or takes them late.
psql(<<'EOT');
CREATE SCHEMA odd;
CREATE TABLE odd.documents (tenant_id bigint, id bigint GENERATED ALWAYS AS IDENTITY, content bytea, source text, sha256 bytea, durable text);
CREATE SEQUENCE odd.conflicts;
CREATE FUNCTION odd.submit_many(bigint, contents bytea[], sources text[])
RETURNS TABLE (ordinal int, document_id bigint, is_duplicate boolean, state text, error text) LANGUAGE plpgsql AS $$
BEGIN
	FOR i IN 1 .. cardinality(contents) LOOP
		CASE convert_from(contents[i], 'UTF8')
			WHEN 'poison' THEN RAISE EXCEPTION 'this is too much' USING ERRCODE = 'program_limit_exceeded', HINT = 'Send less.';
			WHEN 'breaks' THEN PERFORM pg_terminate_backend(pg_backend_pid());
			WHEN 'conflict' THEN
				IF nextval('odd.conflicts') < 4 THEN
					RAISE EXCEPTION 'deadlock detected' USING ERRCODE = 'deadlock_detected';
				END IF;
			WHEN 'refused' THEN RAISE EXCEPTION 'no longer' USING ERRCODE = 'insufficient_privilege';
			ELSE NULL;
		END CASE;
		INSERT INTO odd.documents (tenant_id, content, source, sha256, durable)
		VALUES (1, contents[i], sources[i], sha256(contents[i]), current_setting('synchronous_commit')) RETURNING id INTO document_id;
		ordinal := i; is_duplicate := false; state := 'accepted'; error := NULL;
		RETURN NEXT;
	END LOOP;
END $$;
CREATE FUNCTION odd.refuse_late() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'too late' USING ERRCODE = 'check_violation'; END $$;
CREATE CONSTRAINT TRIGGER late AFTER INSERT ON odd.documents DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
	WHEN (NEW.source LIKE '%/late') EXECUTE FUNCTION odd.refuse_late();
EOT

subtest 'documents that the server does not take' => sub {
	my $folder = "$work/refuse";
	mkdir $folder;
	spew("$folder/$_", "document $_") for 1 .. 60;
	spew("$folder/$_", $_) for qw(poison breaks conflict late);
	local $ENV{PGOPTIONS} = '-c synchronous_commit=off';
	my ($status, $out, $err) = finish(start('-d', $database, '--store', 'odd', '--tenant', 1, '--json', '-j', 1, '--batch', 25, $folder));
	is($status, 1, 'exit status');
	is(counts(decode_json($out)), 'documents=64 loaded=61 failed=3', 'all others are loaded');
	like($err, qr{refuse/poison is not loaded\. The server does not take it: this is too much\. Send less\.$}m, 'one that the server refuses');
	like($err, qr{refuse/breaks is not loaded\. The server does not take it: the connection breaks each time it is sent\.$}m, 'one that breaks the connection');
	like($err, qr{refuse/late is not loaded\. The server does not take it: too late\.$}m, 'one that fails only when it is committed');
	is(psql(q{SELECT count(*) || ' ' || count(DISTINCT content) FROM odd.documents}), '61 61', 'each once');
	is(psql(q{SELECT string_agg(DISTINCT durable, ',') FROM odd.documents}), 'on', 'and to last, whatever the session says');
	spew("$folder/refused", 'refused');
	($status, $out, $err) = finish(start('-d', $database, '--store', 'odd', '--tenant', 1, '--json', "$folder/refused"));
	is($status, 3, 'a right that is taken away meanwhile ends the run');
	is(decode_json($out)->{error}, 'The server refuses the work: no longer.', 'and is told');
};

system("psql -Xq -d postgres -c 'DROP DATABASE $database WITH (FORCE)' -c 'DROP ROLE load_owner, load_clerk, load_nobody'");
done_testing();
