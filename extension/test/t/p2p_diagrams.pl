#!/usr/bin/env perl
# The lifecycle diagrams in docs/p2p.md are those of the tables.
use strict;
use warnings;
use Test::More;

my $drawn = qx{perl extension/gen/gen_lifecycles.pl diagram extension/data/lifecycles};
open my $in, '<', 'docs/p2p.md' or die "docs/p2p.md: $!\n";
my $page = do { local $/; <$in> };
my ($shown) = $page =~ /^<!-- lifecycles -->\n(.*)/ms;
$drawn =~ s/\s+\z/\n/;
like($drawn, qr/s203 --> s204/, 'the tables are drawn');
is($shown, $drawn, 'docs/p2p.md shows them');
done_testing();
