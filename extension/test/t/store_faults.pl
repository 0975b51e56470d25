# A disk that is full, and a document with a very large attachment: nothing lost, nothing twice, clear words.
#
# The full disk is a small file system of its own, which only root can make; without it that part is skipped.
use strict;
use warnings;
use Digest::MD5 qw(md5_hex);
use File::Temp qw(tempdir);
use JSON::PP;
use MIME::Base64;
use FindBin;
use lib "$FindBin::Bin/lib";
use Psql qw(slurp spew);
use Test::More;

$ENV{PGOPTIONS} = '-c client_min_messages=warning';
my $database = 'clex_faults';
sub psql
{
	my ($sql) = @_;
	open my $pipe, '-|', 'sh', '-c', 'exec psql -XqAt -v ON_ERROR_STOP=1 -v VERBOSITY=verbose -d "$0" -c "$1" 2>&1', $database, $sql or die "psql: $!\n";
	local $/;
	my $out = <$pipe> // '';
	close $pipe;
	return $out =~ s/\n\z//r;
}
sub make_database
{
	my ($where) = @_;
	system("psql -Xq -d postgres -c 'DROP DATABASE IF EXISTS $database WITH (FORCE)' -c 'CREATE DATABASE $database $where'");
	psql('CREATE EXTENSION clex');
	psql(q{SELECT clex.create_store('erp', owner => 'faults_owner'); SELECT erp.add_tenant(1, 'One')});
}
my $work = tempdir(CLEANUP => 1);
my $invoice = slurp('extension/test/samples/fr-wrong-total.xml');
system("psql -Xq -d postgres -c 'CREATE ROLE faults_owner NOLOGIN'");

subtest 'an attachment of 60 MB' => sub {
	make_database('');
	my $bytes = join '', map { pack 'N*', map { $_ * 2654435761 % 4294967296 } $_ * 16384 .. $_ * 16384 + 16383 } 0 .. 959;
	is(length $bytes, 60 << 20, 'its size');
	my $attachment = '<cac:AdditionalDocumentReference><cbc:ID>A1</cbc:ID><cac:Attachment><cbc:EmbeddedDocumentBinaryObject mimeCode="application/pdf" filename="a.pdf">'
	  . encode_base64($bytes, '') . '</cbc:EmbeddedDocumentBinaryObject></cac:Attachment></cac:AdditionalDocumentReference>';
	my $large = $invoice;
	$large =~ s/(?=<cac:AccountingSupplierParty>)/$attachment/ or die 'the sample has no seller';
	spew("$work/large.xml", $large);
	for my $time ('first', 'second')
	{
		my $status = system("build/clex_load/clex-load -d $database --store erp --tenant 1 --json $work/large.xml >$work/out 2>$work/err");
		is($status, 0, "it is taken the $time time") or diag slurp("$work/err");
		is(decode_json(slurp("$work/out"))->{$time eq 'first' ? 'loaded' : 'duplicates'}, 1, 'as it should be');
	}
	is(psql('SELECT state, fatal, size FROM erp.documents'), 'accepted|1|' . length $large, 'read, and checked as the sample is');
	is(psql(q{SELECT length(decode(clex.value(document, 'BT-125'), 'base64')) FROM erp.invoices}), 60 << 20, 'with the attachment in it');
	is(psql('SELECT sha256 = sha256(content) FROM erp.documents'), 't', 'the original is unchanged');
	is(psql('SELECT erp.revalidate(1), erp.reread(1)'), '1|1', 'it can be checked and read again');
	# whose lines are read without the attachment going through anybody's hands
	is(psql('SELECT count(*) > 0 FROM erp.invoice_lines'), 't', 'and looked at');
};

subtest 'a full disk' => sub {
	plan skip_all => 'only root can make a small file system' if $> != 0;
	my $disk = "$work/disk";
	mkdir $disk;
	chmod 0755, $work;
	plan skip_all => 'no file system can be mounted here' if system("mount -t tmpfs -o size=32m clex_test $disk 2>/dev/null") != 0;
	my ($user, $group) = (stat psql('SHOW data_directory'))[4, 5];
	chown $user, $group, $disk;
	my $cleanup = sub {
		system("psql -Xq -d postgres -c 'DROP DATABASE IF EXISTS $database WITH (FORCE)' -c 'DROP TABLESPACE IF EXISTS clex_small'");
		system("umount $disk");
	};
	eval {
		system("psql -Xq -d postgres -c 'DROP DATABASE $database WITH (FORCE)' -c \"CREATE TABLESPACE clex_small LOCATION '$disk'\"");
		make_database('TABLESPACE clex_small');
		# batch after batch until there is no more room
		my ($said, @acknowledged, $n) = ('');
		for my $batch (1 .. 200)
		{
			$said = psql(qq{SELECT document_id || ' ' || '$batch-' || ordinal FROM erp.submit_many(1, ARRAY(
				SELECT convert_to(string_agg(md5('$batch-' || n || '-' || k), '' ORDER BY k), 'UTF8') FROM generate_series(1, 20) n, generate_series(1, 2000) k GROUP BY n ORDER BY n),
				NULL, ARRAY(SELECT '$batch-' || n FROM generate_series(1, 20) n))});
			last if $said =~ /ERROR/;
			push @acknowledged, split /\n/, $said;
		}
		like($said, qr/^ERROR:  53100: could not extend file .*: No space left on device$/m, 'a full disk is told as such');
		cmp_ok(scalar @acknowledged, '>=', 20, 'some batches had fitted');
		my $stored = q{SELECT s.document_id || ' ' || s.idempotency_key FROM erp.submissions s JOIN erp.documents d ON d.tenant_id = s.tenant_id AND d.id = s.document_id ORDER BY s.document_id};
		is(psql($stored), join("\n", @acknowledged), 'every acknowledged document is there, and of the batch that failed none');
		is(psql('SELECT count(*) FROM erp.quarantine'), scalar @acknowledged, 'and can be read');

		# the loader waits, and goes on when there is room
		mkdir "$work/files";
		spew("$work/files/$_.xml", $invoice . "<!-- $_ " . join('', map { md5_hex($_) } $_ * 6000 .. $_ * 6000 + 5999) . ' -->') for 1 .. 40;
		my $pid = fork // die "fork: $!\n";
		if (!$pid)
		{
			open STDOUT, '>', "$work/out";
			open STDERR, '>', "$work/err";
			exec 'build/clex_load/clex-load', '-d', $database, '--store', 'erp', '--tenant', 1, '--json', '--batch', 10, "$work/files" or die;
		}
		for (1 .. 100) { last if slurp("$work/err") =~ /trying again/; select undef, undef, undef, 0.1 }
		like(slurp("$work/err"), qr/The server cannot go on .*No space left on device.*trying again/, 'clex-load says that the disk is full, and waits');
		system("mount -o remount,size=256m $disk");
		waitpid $pid, 0;
		is($? >> 8, 0, 'and ends well when there is room') or diag slurp("$work/err");
		my $sum = decode_json(slurp("$work/out"));
		is($sum->{loaded} + $sum->{duplicates}, 40, 'with every file');
		is(psql('SELECT count(*) || \' \' || count(DISTINCT sha256) FROM erp.documents WHERE size > 190000 AND state = \'accepted\''), '40 40', 'each once');
		is(psql($stored), join("\n", @acknowledged), 'and what had been there is');
	};
	is($@, '', 'nothing went wrong in between');
	$cleanup->();
};

system("psql -Xq -d postgres -c 'DROP DATABASE IF EXISTS $database WITH (FORCE)' -c 'DROP ROLE faults_owner'");
done_testing();
