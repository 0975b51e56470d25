-- Order-X: one root for three kinds, told by the type code; its samples are among those of document_kinds
CREATE SCHEMA orderx_test;
CREATE TABLE orderx_test.sample (file text PRIMARY KEY, content bytea NOT NULL);
\! mkdir -p build && (cd extension/test/samples/orders && perl -e 'for (@ARGV) { local $/; open my $f, "<:raw", $_ or die; print "$_\t\\\\x", unpack("H*", <$f>), "\n" }' orderx-*.xml) >build/orderx.tsv
\copy orderx_test.sample FROM 'build/orderx.tsv'
CREATE FUNCTION orderx_test.order_x(type text, more text DEFAULT '', issued text DEFAULT '<udt:DateTimeString format="102">20260302</udt:DateTimeString>') RETURNS bytea LANGUAGE sql AS $$
	SELECT convert_to(format('<rsm:SCRDMCCBDACIOMessageStructure xmlns:rsm="urn:un:unece:uncefact:data:SCRDMCCBDACIOMessageStructure:100"
		xmlns:ram="urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:128" xmlns:udt="urn:un:unece:uncefact:data:standard:UnqualifiedDataType:128">
		<rsm:ExchangedDocumentContext><ram:GuidelineSpecifiedDocumentContextParameter><ram:ID>urn:order-x.eu:1p0:basic</ram:ID></ram:GuidelineSpecifiedDocumentContextParameter></rsm:ExchangedDocumentContext>
		<rsm:ExchangedDocument><ram:ID>N-1</ram:ID>%s<ram:IssueDateTime>%s</ram:IssueDateTime>%s</rsm:ExchangedDocument><rsm:SupplyChainTradeTransaction><ram:ApplicableHeaderTradeAgreement>
		<ram:SellerTradeParty><ram:Name>S</ram:Name></ram:SellerTradeParty><ram:BuyerTradeParty><ram:Name>B</ram:Name></ram:BuyerTradeParty>
		<ram:BuyerOrderReferencedDocument><ram:IssuerAssignedID>N-1</ram:IssuerAssignedID></ram:BuyerOrderReferencedDocument></ram:ApplicableHeaderTradeAgreement><ram:ApplicableHeaderTradeDelivery/>
		<ram:ApplicableHeaderTradeSettlement><ram:OrderCurrencyCode>EUR</ram:OrderCurrencyCode><ram:SpecifiedTradeSettlementHeaderMonetarySummation><ram:LineTotalAmount>1.00</ram:LineTotalAmount>
		<ram:TaxBasisTotalAmount>1.00</ram:TaxBasisTotalAmount></ram:SpecifiedTradeSettlementHeaderMonetarySummation></ram:ApplicableHeaderTradeSettlement></rsm:SupplyChainTradeTransaction>
		</rsm:SCRDMCCBDACIOMessageStructure>', type, issued, more), 'UTF8')
$$;

-- the kind; a type that is none of the three is an order, and says what it is
SELECT t, d.format, d.kind, d.version, d.profile, clex.kind(r), clex.value(r, 'order.number') AS "order", clex.value(r, 'order.type_code') AS type,
	clex.value(r, 'order_response.number') AS response, clex.value(r, 'order_change.number') AS change, clex.value(r, 'order_change.type_code') AS change_type
FROM unnest('{220,230,231,221}'::text[]) t, LATERAL (SELECT orderx_test.order_x(format('<ram:TypeCode>%s</ram:TypeCode>', t))) x (content), clex.detect(content) d, clex.read(content) r ORDER BY t;
SELECT clex.kind(clex.read(orderx_test.order_x(''))), rule, expected FROM clex.findings(orderx_test.order_x('')) ORDER BY 2;

-- an order names itself a second time: no extra; of another order it is one
SELECT clex.read(orderx_test.order_x('<ram:TypeCode>220</ram:TypeCode>'))::jsonb ? '$extras' AS extras;
SELECT e ->> 'path' AS path, e ->> 'value' AS value FROM jsonb_array_elements(clex.read(convert_to(replace(convert_from(orderx_test.order_x('<ram:TypeCode>220</ram:TypeCode>'), 'UTF8'),
	'AssignedID>N-1<', 'AssignedID>N-2<'), 'UTF8'))::jsonb -> '$extras') e;

-- dates in three forms: the time stays in the spelling, in Order-X alone; what the format beside it does not fit is no date
SELECT i, clex.value(r, 'order.issue_date') AS date, (r::jsonb -> '$lexical') IS NOT NULL AS spelling, clex.same_terms(r, w) AS same, w::jsonb -> '$lexical' = r::jsonb -> '$lexical' AS spelled,
	jsonb_path_query_array(w::jsonb, '$."$extras"[*].value') AS extras, clex.value(clex.read(clex.write(r, 'ubl')), 'order.issue_date') AS ubl
FROM unnest(ARRAY['format="102">20260302', 'format="203">202603020930', 'format="204">20260302093015', 'format="203">20260302', 'format="102">202603020930', '>202603020930', 'format="102">20260231', 'format="102">soon']) i,
	LATERAL clex.read(orderx_test.order_x('<ram:TypeCode>220</ram:TypeCode>', '', format('<udt:DateTimeString %s</udt:DateTimeString>', i))) r, LATERAL clex.read(clex.write(r, 'orderx')) w;

-- answers as in ORDRSP; another purpose is the function of the message
SELECT p, clex.value(r, 'order_response.code') AS code, clex.value(r, 'order.function') AS function, clex.same_terms(r, clex.read(clex.write(r, 'orderx'))) AS same
FROM unnest('{4,9,27,29}'::text[]) p, clex.read(orderx_test.order_x('<ram:TypeCode>231</ram:TypeCode>', format('<ram:PurposeCode>%s</ram:PurposeCode>', p))) r ORDER BY p::int;
SELECT term, value, reason FROM clex.losses('{"$kind": "order_response", "order_response": {"number": "R", "code": "AB"}, "order": {"number": "O"}}', 'orderx') ORDER BY 1;
SELECT term, value, reason FROM clex.losses('{"$kind": "order", "order": {"number": "O", "type_code": "230"}}', 'orderx') ORDER BY 1;

-- a profile asked for; there is none for invoices, and no invoice
SELECT v, (clex.detect(clex.write('{"$kind": "order", "order": {"number": "O"}}', v))).profile FROM unnest('{orderx,orderx:basic,orderx:comfort,orderx:extended}'::text[]) v;
SELECT clex.write('{"$kind": "order", "order": {"number": "O"}}', 'orderx:minimum');
SELECT clex.write('{"invoice": {"number": "1"}}', 'orderx');
SELECT clex.write('{"$kind": "despatch_advice", "despatch_advice": {"number": "1"}}', 'orderx');

-- what is missing is not made up
SELECT rule, location, expected FROM clex.findings(clex.write('{"$kind": "order", "order": {"number": "O"}}', 'orderx')) ORDER BY 2, 3;
SELECT convert_from(clex.write('{"$kind": "order", "order": {"number": "O"}}', 'orderx', '{"indent": true}'), 'UTF8');

-- codes are those of the lists it names
SELECT rule, location, found FROM clex.findings(orderx_test.order_x('<ram:TypeCode>220</ram:TypeCode>', '<ram:PurposeCode>0</ram:PurposeCode>'));

-- to UBL and back: terms are equal but for what UBL has no place for
SELECT file, (SELECT string_agg(term, ' ' ORDER BY term) FROM clex.losses(d, 'ubl') WHERE term IS NOT NULL) AS lost,
	(SELECT count(*) FROM clex.losses(clex.read(clex.write(d, 'ubl')), 'orderx') WHERE term IS NOT NULL) AS lost_back
FROM orderx_test.sample, clex.read(content) d ORDER BY file;
SET client_min_messages = warning;
DROP SCHEMA orderx_test CASCADE;
