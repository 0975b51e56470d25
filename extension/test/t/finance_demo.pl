# The figures that scripts/demo prints of its finance, against the same figures by hand: amount x rate x days / 360, to the cent.
use strict;
use warnings;
use FindBin;
use Test::More;

my $top = "$FindBin::Bin/../../..";
my $database = 'clex_finance_demo';
$ENV{PGOPTIONS} = '-c client_min_messages=warning';
system("psql -Xq -d postgres -c 'DROP DATABASE IF EXISTS $database WITH (FORCE)' -c 'CREATE DATABASE $database'");
system("psql -Xq -d $database -c 'CREATE EXTENSION clex'");
my $out = do { local $/; open my $pipe, '-|', "psql -Xq -d $database -f '$top/scripts/lib/demo_month.sql' -f '$top/scripts/lib/demo_finance.sql' 2>&1" or die "psql: $!"; my $text = <$pipe>; close $pipe; $text };
is($?, 0, 'the demo runs to its end') or diag(substr($out, -2000));

# tables by what stands above them: a list of rows, each a hash by column
my (%table, $title, @columns);
for my $line (split /\n/, $out)
{
	next if $line =~ /^─/;
	if ($line =~ /^\S|^   \S/ && $line !~ /│/) { $title = $line; @columns = () }
	elsif ($line =~ /^ ./ && !@columns) { @columns = map { s/^\s+|\s+$//gr } split /│/, $line }
	elsif ($line =~ /^ ./ && defined $title)
	{
		my %row;
		@row{@columns} = map { s/^\s+|\s+$//gr } split /│/, $line;
		push @{ $table{$title} }, \%row;
	}
	elsif ($line eq '') { @columns = () }
}
sub rows { my ($about) = @_; my ($found) = grep { /$about/ } sort keys %table; return @{ $table{ $found // '' } // [] } }
sub cents { my ($x) = @_; return sprintf '%.2f', int($x * 100 + 0.5 + 1e-9) / 100 }
sub price { my ($amount, $rate, $days) = @_; return cents($amount * $rate * $days / 360) }

my %bill = map { $_->{number} => $_ } rows('The finance of that month');
is(join(' ', map { "$_:$bill{$_}{'EUR with VAT'}/$bill{$_}{'due after days'}" } sort keys %bill),
	'B-1:12000.00/90 B-2:6000.00/60 C-1:10000.00/30 C-2:6000.00/60 C-3:8000.00/45 F-1:10000.00/90 F-2:20000.00/30 F-3:15000.00/60 F-4:8000.00/90 F-5:12000.00/45 F-6:5000.00/10', 'what there is to be paid');
is(scalar(grep { $_->{status} eq 'approved' } values %bill), 11, 'all of it is approved');

# 1. the campaign: 9,950 + 7,940 = 17,890 of 20,000, and 5,940 more does not fit
my ($tried) = grep { $_->{partner} eq 'S01' } rows('Tried before it is launched');
is("$tried->{discount} $tried->{net} $tried->{gain}", join(' ', cents(50 + 60), cents(9950 + 5940), cents(50 - 9950 * 0.03 * 30 / 360 + 60 - 5940 * 0.03 * 60 / 360)), 'what it would cost and gain, before it is launched');
is(join(' ', map { "$_->{number}:$_->{outcome}" } rows('Launched')), 'C-3:accepted C-1:accepted C-2:the budget of campaign 1 in EUR is used up', 'who accepts first has the money');
my @run = rows('The payment run');
is(join(' ', map { "$_->{number}:$_->{amount}:$_->{state}" } grep { $_->{payee} } @run), 'C-1:9950.00:booked C-3:7940.00:booked', 'it is paid once');
is(join(' ', sort map { $_->{outcome} } grep { $_->{outcome} } @run), 'applied applied repeated repeated', 'and what the bank says twice is nothing new');
for my $row (grep { $_->{number} } rows('What it earned'))
{
	my $discount = price($row->{face}, 0.06, $row->{days});
	my $gain = cents($discount - ($row->{face} - $discount) * 0.03 * $row->{days} / 360);
	is("$row->{discount} $row->{net} $row->{gain} $row->{'VAT of the discount'}", join(' ', $discount, cents($row->{face} - $discount), $gain, cents($discount / 6)), "discount, gain and VAT of $row->{number}");
}
my ($campaign) = grep { $_->{campaign} } rows('What it earned');
is("$campaign->{discount} $campaign->{gain} $campaign->{'yield %'}", join(' ', '110.00', '55.36', sprintf('%.4f', 110 / (9950 * 30 + 7940 * 45) * 36000)), 'what the campaign comes to');

# 2. the bank
is("$_->{price} $_->{net}", join(' ', price($_->{amount}, 0.048, $_->{days}), cents($_->{amount} - price($_->{amount}, 0.048, $_->{days}))), "price of $_->{number}") for rows('^2\. A bank');
like($out, qr/acte de cession de créances professionnelles.*Nombre de créances : 2\n\s+Montant global : 18000\.00 EUR\n\s+Prix : escompte 192\.00 EUR, net versé 17808\.00 EUR/s, 'the instrument says so');
my @mentions = grep { $_->{mention} } rows('The instrument that was written');
is(join(' ', map { "$_->{mention}:$_->{holds}" } @mentions), 'title:t law:t beneficiary:t debtor:t place:t amount:t due_date:t signature:t date:t', 'and has every mention');
my ($payee) = rows('Signed, accepted');
is("$payee->{payee_kind} $payee->{confirmed}", 'financier t', 'the bank is to be paid now, on an account that a second person has confirmed');

# 3. the auction: suppliers would have paid up to their reserve, and pay what won
my %reserve = map { $_->{number} => $_->{'at most'} } rows('^3\. An auction');
my @awards = rows('Every award and every refusal');
is(join(' ', map { "$_->{number}:$_->{bidder}" } grep { $_->{bidder} } @awards), 'F-1:BANK F-2:FUND F-3:BANK', 'who wins');
my ($saved, $cost) = (0, 0);
for my $row (grep { $_->{bidder} } @awards)
{
	my $less = price($row->{amount}, $reserve{ $row->{number} } - $row->{rate}, $row->{days});
	is("$row->{discount} $row->{saved} $row->{outcome}", join(' ', price($row->{amount}, $row->{rate}, $row->{days}), $less, 'assigned'), "price and saving of $row->{number}");
	$saved += $less;
	$cost += $row->{amount} * 100 * $row->{days} * $row->{rate} * 1e6;
}
for my $row (grep { !$_->{bidder} } @awards)
{
	$cost += $row->{amount} * 100 * $bill{ $row->{number} }{'due after days'} * $reserve{ $row->{number} } * 1e6;
}
is(join(' ', map { "$_->{number}:$_->{reason}" } grep { !$_->{bidder} } @awards), 'F-4:cap_reached F-5:cap_reached F-6:reserve_too_low', 'who gets nothing, and why');
my ($certificate) = rows('every case has proved');
is("$certificate->{funded} $certificate->{unfunded} $certificate->{saved} $certificate->{objective}", join(' ', 45000, 25000, cents($saved), sprintf('%.0f', $cost)), 'the certificate');
is($certificate->{bid_to_cover}, sprintf('%.6f', (25000 + 20000 + 15000 + 10000) / 45000), 'bid to cover');
cmp_ok($certificate->{bound}, '<', $certificate->{objective}, 'prices prove less than the cost of whole invoices');
is($certificate->{optimal}, 't', 'and a search that it is the least');
is((rows('even the treasurer'))[0]{'bids the treasurer sees'}, 0, 'bids are sealed');
is((rows('The auditor clears it again'))[0]{'differences found'}, 0, 'cleared again, it is the same');
my @told = rows('What each side was told');
is(join(' ', sort map { "$_->{language}" } grep { $_->{to} =~ /fund|bank|caisse/ } @told), 'en fr fr', 'bidders are told, each in its language');

# where everybody stands
is(join(' ', map { "$_->{financier}:$_->{limit}:$_->{used}" } rows('What the CFO sees')), 'BANK:43000:43000.00 FUND:22000:20000.00', 'limits');
my ($all) = rows('What early payment earned');
is(join(' ', @{$all}{ 'gain of the group', 'saved by suppliers in the auction', 'price of all financiers' }), '55.36 275.00 400.33', 'what it came to');
my ($ledger) = rows('The ledger holds');
is("$ledger->{invoices} $ledger->{'that hold'} $ledger->{paid} $ledger->{discount}", '11 11 17890.00 110.00', 'the ledger holds');
system("psql -Xq -d postgres -c 'DROP DATABASE $database WITH (FORCE)'");
system(qq{psql -XqAt -d postgres -c "SELECT format('DROP ROLE %I;', rolname) FROM pg_roles WHERE rolname ~ '^month_'" | psql -Xq -d postgres});
done_testing();
