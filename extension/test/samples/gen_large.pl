#!/usr/bin/perl
# Write a valid EN 16931 invoice with many lines to standard output.
#
#   gen_large.pl [--format ubl|cii] [--lines N] [--number ID]
#
# Amounts are kept in cents, so the totals are exact whatever the number of lines.
use strict;
use warnings;
use utf8;
use Getopt::Long;

binmode STDOUT, ':encoding(UTF-8)';
my ($format, $lines, $number) = ('ubl', 5000, 'LARGE-1');
GetOptions('format=s' => \$format, 'lines=i' => \$lines, 'number=s' => \$number) or exit 2;
die "gen_large: format is ubl or cii\n" unless $format eq 'ubl' || $format eq 'cii';
die "gen_large: an invoice has at least one line\n" if $lines < 1;

my @rates = (2000, 550);    # percent with two decimals
my @names = ('Vis à bois 4x40', 'Papier A4, ramette', 'Ελαιόλαδο 5 L', 'Schraube M8', 'قهوة عربية', '绿茶 500 克', 'Žárovka LED');

sub money { my ($c) = @_; return sprintf '%s%d.%02d', $c < 0 ? '-' : '', int(abs($c) / 100), abs($c) % 100 }

# Lines as [name, quantity, price in cents, net in cents, index of the rate], and what they add up to.
my (@line, @base);
for my $i (1 .. $lines)
{
	my ($quantity, $price, $rate) = (1 + $i % 17, 99 + ($i * 37) % 5000, $i % 2);
	my $net = $quantity * $price;
	push @line, [ $names[$i % @names], $quantity, $price, $net, $rate ];
	$base[$rate] += $net;
}
my @used = grep { defined $base[$_] } 0 .. $#rates;
my %tax = map { $_ => int(($base[$_] * $rates[$_] + 5000) / 10000) } @used;
my ($net, $vat) = (0, 0);
$net += $base[$_] for @used;
$vat += $tax{$_} for @used;

sub percent { return money($rates[ $_[0] ]) }

sub write_ubl
{
	print <<"EOT";
<?xml version="1.0" encoding="UTF-8"?>
<Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2" xmlns:cac="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2" xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2">
  <cbc:CustomizationID>urn:cen.eu:en16931:2017</cbc:CustomizationID>
  <cbc:ID>$number</cbc:ID>
  <cbc:IssueDate>2026-04-01</cbc:IssueDate>
  <cbc:DueDate>2026-05-01</cbc:DueDate>
  <cbc:InvoiceTypeCode>380</cbc:InvoiceTypeCode>
  <cbc:DocumentCurrencyCode>EUR</cbc:DocumentCurrencyCode>
  <cac:AccountingSupplierParty><cac:Party>
    <cac:PostalAddress><cbc:CityName>Lyon</cbc:CityName><cac:Country><cbc:IdentificationCode>FR</cbc:IdentificationCode></cac:Country></cac:PostalAddress>
    <cac:PartyTaxScheme><cbc:CompanyID>FR57902173541</cbc:CompanyID><cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme></cac:PartyTaxScheme>
    <cac:PartyLegalEntity><cbc:RegistrationName>Grossiste du Confluent SA</cbc:RegistrationName></cac:PartyLegalEntity>
  </cac:Party></cac:AccountingSupplierParty>
  <cac:AccountingCustomerParty><cac:Party>
    <cac:PostalAddress><cbc:CityName>Gent</cbc:CityName><cac:Country><cbc:IdentificationCode>BE</cbc:IdentificationCode></cac:Country></cac:PostalAddress>
    <cac:PartyLegalEntity><cbc:RegistrationName>Groothandel Maes BV</cbc:RegistrationName></cac:PartyLegalEntity>
  </cac:Party></cac:AccountingCustomerParty>
EOT
	printf "  <cac:TaxTotal>\n    <cbc:TaxAmount currencyID=\"EUR\">%s</cbc:TaxAmount>\n", money($vat);
	printf "    <cac:TaxSubtotal><cbc:TaxableAmount currencyID=\"EUR\">%s</cbc:TaxableAmount><cbc:TaxAmount currencyID=\"EUR\">%s</cbc:TaxAmount>"
	  . "<cac:TaxCategory><cbc:ID>S</cbc:ID><cbc:Percent>%s</cbc:Percent><cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme></cac:TaxCategory></cac:TaxSubtotal>\n",
	  money($base[$_]), money($tax{$_}), percent($_)
	  for @used;
	print "  </cac:TaxTotal>\n  <cac:LegalMonetaryTotal>\n";
	printf "    <cbc:%s currencyID=\"EUR\">%s</cbc:%s>\n", $_->[0], money($_->[1]), $_->[0]
	  for [ LineExtensionAmount => $net ], [ TaxExclusiveAmount => $net ], [ TaxInclusiveAmount => $net + $vat ],
	  [ PayableAmount => $net + $vat ];
	print "  </cac:LegalMonetaryTotal>\n";
	my $i = 0;
	for my $l (@line)
	{
		printf "  <cac:InvoiceLine>\n    <cbc:ID>%d</cbc:ID>\n    <cbc:InvoicedQuantity unitCode=\"C62\">%d</cbc:InvoicedQuantity>\n"
		  . "    <cbc:LineExtensionAmount currencyID=\"EUR\">%s</cbc:LineExtensionAmount>\n"
		  . "    <cac:Item><cbc:Name>%s</cbc:Name><cac:ClassifiedTaxCategory><cbc:ID>S</cbc:ID><cbc:Percent>%s</cbc:Percent><cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme></cac:ClassifiedTaxCategory></cac:Item>\n"
		  . "    <cac:Price><cbc:PriceAmount currencyID=\"EUR\">%s</cbc:PriceAmount></cac:Price>\n  </cac:InvoiceLine>\n",
		  ++$i, $l->[1], money($l->[3]), $l->[0], percent($l->[4]), money($l->[2]);
	}
	print "</Invoice>\n";
}

sub write_cii
{
	print <<"EOT";
<?xml version="1.0" encoding="UTF-8"?>
<rsm:CrossIndustryInvoice xmlns:rsm="urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100" xmlns:ram="urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100" xmlns:udt="urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100">
  <rsm:ExchangedDocumentContext><ram:GuidelineSpecifiedDocumentContextParameter><ram:ID>urn:cen.eu:en16931:2017</ram:ID></ram:GuidelineSpecifiedDocumentContextParameter></rsm:ExchangedDocumentContext>
  <rsm:ExchangedDocument>
    <ram:ID>$number</ram:ID>
    <ram:TypeCode>380</ram:TypeCode>
    <ram:IssueDateTime><udt:DateTimeString format="102">20260401</udt:DateTimeString></ram:IssueDateTime>
  </rsm:ExchangedDocument>
  <rsm:SupplyChainTradeTransaction>
EOT
	my $i = 0;
	for my $l (@line)
	{
		printf "    <ram:IncludedSupplyChainTradeLineItem>\n      <ram:AssociatedDocumentLineDocument><ram:LineID>%d</ram:LineID></ram:AssociatedDocumentLineDocument>\n"
		  . "      <ram:SpecifiedTradeProduct><ram:Name>%s</ram:Name></ram:SpecifiedTradeProduct>\n"
		  . "      <ram:SpecifiedLineTradeAgreement><ram:NetPriceProductTradePrice><ram:ChargeAmount>%s</ram:ChargeAmount></ram:NetPriceProductTradePrice></ram:SpecifiedLineTradeAgreement>\n"
		  . "      <ram:SpecifiedLineTradeDelivery><ram:BilledQuantity unitCode=\"C62\">%d</ram:BilledQuantity></ram:SpecifiedLineTradeDelivery>\n"
		  . "      <ram:SpecifiedLineTradeSettlement><ram:ApplicableTradeTax><ram:TypeCode>VAT</ram:TypeCode><ram:CategoryCode>S</ram:CategoryCode><ram:RateApplicablePercent>%s</ram:RateApplicablePercent></ram:ApplicableTradeTax>"
		  . "<ram:SpecifiedTradeSettlementLineMonetarySummation><ram:LineTotalAmount>%s</ram:LineTotalAmount></ram:SpecifiedTradeSettlementLineMonetarySummation></ram:SpecifiedLineTradeSettlement>\n"
		  . "    </ram:IncludedSupplyChainTradeLineItem>\n",
		  ++$i, $l->[0], money($l->[2]), $l->[1], percent($l->[4]), money($l->[3]);
	}
	print <<"EOT";
    <ram:ApplicableHeaderTradeAgreement>
      <ram:SellerTradeParty><ram:Name>Grossiste du Confluent SA</ram:Name><ram:PostalTradeAddress><ram:CityName>Lyon</ram:CityName><ram:CountryID>FR</ram:CountryID></ram:PostalTradeAddress><ram:SpecifiedTaxRegistration><ram:ID schemeID="VA">FR57902173541</ram:ID></ram:SpecifiedTaxRegistration></ram:SellerTradeParty>
      <ram:BuyerTradeParty><ram:Name>Groothandel Maes BV</ram:Name><ram:PostalTradeAddress><ram:CityName>Gent</ram:CityName><ram:CountryID>BE</ram:CountryID></ram:PostalTradeAddress></ram:BuyerTradeParty>
    </ram:ApplicableHeaderTradeAgreement>
    <ram:ApplicableHeaderTradeDelivery/>
    <ram:ApplicableHeaderTradeSettlement>
      <ram:InvoiceCurrencyCode>EUR</ram:InvoiceCurrencyCode>
EOT
	printf "      <ram:ApplicableTradeTax><ram:CalculatedAmount>%s</ram:CalculatedAmount><ram:TypeCode>VAT</ram:TypeCode><ram:BasisAmount>%s</ram:BasisAmount><ram:CategoryCode>S</ram:CategoryCode><ram:RateApplicablePercent>%s</ram:RateApplicablePercent></ram:ApplicableTradeTax>\n",
	  money($tax{$_}), money($base[$_]), percent($_)
	  for @used;
	print "      <ram:SpecifiedTradePaymentTerms><ram:DueDateDateTime><udt:DateTimeString format=\"102\">20260501</udt:DateTimeString></ram:DueDateDateTime></ram:SpecifiedTradePaymentTerms>\n";
	printf "      <ram:SpecifiedTradeSettlementHeaderMonetarySummation><ram:LineTotalAmount>%s</ram:LineTotalAmount><ram:TaxBasisTotalAmount>%s</ram:TaxBasisTotalAmount><ram:TaxTotalAmount currencyID=\"EUR\">%s</ram:TaxTotalAmount><ram:GrandTotalAmount>%s</ram:GrandTotalAmount><ram:DuePayableAmount>%s</ram:DuePayableAmount></ram:SpecifiedTradeSettlementHeaderMonetarySummation>\n",
	  money($net), money($net), money($vat), money($net + $vat), money($net + $vat);
	print "    </ram:ApplicableHeaderTradeSettlement>\n  </rsm:SupplyChainTradeTransaction>\n</rsm:CrossIndustryInvoice>\n";
}

$format eq 'ubl' ? write_ubl() : write_cii();
