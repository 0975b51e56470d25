# A deterministic auction for the bench: auction_instance.pl FAMILY INVOICES FINANCIERS SEED FOLDER
#
# Families: net (nested caps), cross (crossing caps), indiv (cross, whole invoices).  Heavy-tailed amounts,
# skewed suppliers and buyers, four tenor buckets, two steps a bid: the shape of real supplier finance.
use strict;
use warnings;
use integer;

my ($family, $n, $f, $seed, $folder) = @ARGV;
my $state = $seed * 1000003 + $n * 17 + $f * 7919;

sub below {
	my ($limit) = @_;
	$state = ($state * 6364136223846793005 + 1442695040888963407);
	my $high = ($state >> 33) & 0x3fffffff;
	return $high % $limit;
}

sub skewed { my ($limit) = @_; return below(2) ? below($limit) * below($limit) / $limit : below($limit); }

my @buckets = ([1, 30], [31, 60], [61, 90], [91, 180]);
my @sectors = qw(food metal pharma it build energy text auto serv logist);
my @countries = qw(FR DE ES IT BE PL);
my @quantile = (5000, 12000, 25000, 42000, 61000, 85000, 115000, 150000, 192000, 245000, 310000, 395000,
	505000, 660000, 880000, 1200000, 1750000, 2800000, 5200000, 14000000, 90000000);
my $buyers = $n / ($family eq 'indiv' ? 2000 : 40);
$buyers = 1 if $buyers < 1;
$buyers = 25 if $buyers > 25;
my $suppliers = $n / 25 > 2 ? $n / 25 : 2;
my @supplier = map { [below(10), below(6), 40000 + 2500 * below(57)] } 1 .. $suppliers;

open my $out, '>', "$folder/invoices.csv" or die "$folder: $!";
print $out "invoice_id,lot_id,supplier,buyer,sector,country,currency,amount_minor,tenor_days,reserve_ppm\n";
my ($total, @of_buyer) = (0, (0) x $buyers);
for my $i (1 .. $n) {
	my ($s, $b, $q) = (skewed($suppliers), skewed($buyers), below(20));
	my ($low, $high) = @{ $buckets[below(4)] };
	my $amount = $quantile[$q] + below($quantile[$q + 1] - $quantile[$q]);
	my $reserve = $supplier[$s][2] - 10000 + 5000 * below(5);
	$total += $amount;
	$of_buyer[$b] += $amount;
	print $out join(',', $i, '', "S$s", "B$b", $sectors[$supplier[$s][0]], $countries[$supplier[$s][1]], 'EUR',
		$amount, $low + below($high - $low + 1), $reserve > 20000 ? $reserve : 20000), "\n";
}
close $out;

open my $bids, '>', "$folder/bids.csv" or die "$folder: $!";
open my $caps, '>', "$folder/caps.csv" or die "$folder: $!";
print $bids "bid_id,financier,seq,buyer,tenor_min,tenor_max,rate_ppm,min_ticket,max_ticket,max_amount,min_award\n";
print $caps "financier,scope,key,limit_minor\n";
my @weight = map { 10 + below(90) } 1 .. $f;
my $weights = 0;
$weights += $_ for @weight;
my @spread = map { 2500 * below(8) } 1 .. $buyers;
my $bid = 0;
for my $k (0 .. $f - 1) {
	my $limit = $total / 100 * 85 / $weights * $weight[$k];
	my ($base, $slope) = (22000 + 500 * below(40), 1000 * below(8));
	print $caps "F$k,total,*,$limit\n";
	for my $b (0 .. $buyers - 1) {
		next if $buyers > 1 && below(10) < 3;
		my $share = $of_buyer[$b] / $weights * $weight[$k] / 100 * (60 + below(140));
		$share = $limit if $share > $limit;
		print $caps "F$k,buyer,B$b,$share\n";
		for my $t (0 .. 3) {
			next if below(10) == 0;
			my $rate = $base + $spread[$b] + $slope * $t + 250 * below(9);
			for my $step (0 .. 1) {
				$bid++;
				print $bids join(',', $bid, "F$k", $bid, "B$b", @{ $buckets[$t] }, $rate + $step * (1000 + 500 * below(6)),
					0, 1000000000000000, $share * (15 + below(35)) / 100, 0), "\n";
			}
		}
	}
	next if $family eq 'net';
	print $caps "F$k,supplier,*,", $limit * (3 + below(12)) / 100, "\n";
	for my $s (@sectors) { print $caps "F$k,sector,$s,", $limit * (4 + below(14)) / 100, "\n" if below(3) == 0; }
	for my $c (@countries) { print $caps "F$k,country,$c,", $limit * (5 + below(25)) / 100, "\n" if below(4) == 0; }
}
