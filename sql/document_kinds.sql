-- orders and what follows them: terms, JSON, both ways, structure, losses, a store
SET client_min_messages = warning;
\! mkdir -p build && (cd extension/test/samples/orders && perl -e 'for (@ARGV) { local $/; open my $f, "<:raw", $_ or die; print "$_\t\\\\x", unpack("H*", <$f>), "\n" }' *.xml) >build/document_kinds.tsv
CREATE TABLE sources (file text PRIMARY KEY, content bytea NOT NULL);
\copy sources FROM 'build/document_kinds.tsv'
CREATE VIEW samples AS SELECT file, content, d.format, d.kind, clex.read(content) AS document FROM sources, clex.detect(content) d;
CREATE FUNCTION extras(document clex.document) RETURNS jsonb LANGUAGE sql AS
	$$ SELECT jsonb_agg(e - 'line' ORDER BY e->>'path', e->>'value') FROM jsonb_array_elements(document::jsonb -> '$extras') e $$;

SELECT file, format, kind, clex.kind(document) = kind AS as_detected, jsonb_array_length(coalesce(document::jsonb -> '$extras', '[]')) AS extras,
	(SELECT count(*) FROM clex.findings(content)) AS findings, valid
FROM samples, clex.verdict(content) ORDER BY file;

-- back into the format it came from: nothing is other, nothing is lost; JSON likewise
SELECT file, clex.same_terms(document, clex.read(w)) AS terms, extras(document) IS NOT DISTINCT FROM extras(clex.read(w)) AS extras,
	document::jsonb -> '$lexical' IS NOT DISTINCT FROM clex.read(w)::jsonb -> '$lexical' AS spellings,
	(SELECT count(*) FROM clex.losses(document, format)) AS losses, (SELECT count(*) FROM clex.findings(w, ARRAY['structure'])) AS findings,
	(document::text)::clex.document::text = document::text AS json
FROM samples, clex.write(document, format) w ORDER BY file;
-- the elements stand where they stood: what is written is the sample but for white space and the order of namespaces
CREATE FUNCTION elements(xml bytea) RETURNS text LANGUAGE sql AS
	$$ SELECT regexp_replace(regexp_replace(convert_from(xml, 'UTF8'), '>\s+<', '><', 'g'), '^.*? xmlns[^>]*>', '') $$;
SELECT file, elements(content), elements(clex.write(document, format)) FROM samples
WHERE format = 'ubl' AND rtrim(elements(content), E'\n') <> rtrim(elements(clex.write(document, format)), E'\n') ORDER BY file;

-- what means the same as in an invoice is the same term, under the names of each list too
SELECT file, clex.value(document, 'seller.name') AS seller, clex.value(document, 'O-15') AS "O-15", clex.value(document, 'lines[1].item.name') AS item,
	clex.number(document, 'lines.quantity') AS quantity, clex.value(document, 'O-28') AS action, document OPERATOR(clex.->>) 'order.number' AS order_number
FROM samples ORDER BY file;
SELECT clex.eval(document, 'sum(lines/BT-131)') AS lines, clex.number(document, 'O-39') AS total, clex.test(document, 'O-39 > 1000 and order/valid_until > order/issue_date') AS test,
	clex.on_date(document, 'delivery.requested_date') AS wanted, document OPERATOR(clex.->) 'delivery.address' AS place
FROM samples WHERE file = 'ubl-order.xml';
SELECT jsonb_pretty(document::jsonb - '$provenance' - 'seller' - 'buyer') FROM samples WHERE file IN ('ubl-order-response.xml', 'ubl-application-response.xml') ORDER BY file;
SELECT jsonb_pretty(document::jsonb -> 'lines') FROM samples WHERE file = 'ubl-despatch-advice.xml';

-- what stood in another element is put back there, and told
SELECT file, document::jsonb -> '$provenance' ->> 'elsewhere' AS elsewhere FROM samples WHERE document::jsonb -> '$provenance' ? 'elsewhere' ORDER BY file;
SELECT clex.value(d, 'order.currency') AS currency, convert_from(clex.write(d, 'ubl'), 'UTF8') LIKE '%DocumentCurrencyCode%' AS named
FROM clex.read('<Order xmlns="urn:oasis:names:specification:ubl:schema:xsd:Order-2" xmlns:c="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2" xmlns:b="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2">
	<b:ID>1</b:ID><c:AnticipatedMonetaryTotal><b:LineExtensionAmount currencyID="GBP">5</b:LineExtensionAmount><b:PayableAmount currencyID="GBP">6</b:PayableAmount></c:AnticipatedMonetaryTotal></Order>') d;

-- a change that cancels is a cancellation, whatever it was read from; a plain response is a full one unless it came from a plain one
SELECT n, substring(convert_from(clex.write(d, 'ubl'), 'UTF8') FROM '<(\w+) xmlns') AS root, (SELECT array_agg(term || ': ' || reason ORDER BY path) FROM clex.losses(d, 'ubl')) AS losses
FROM (VALUES (1, '{"$kind": "order_change", "order": {"number": "1"}, "order_change": {"number": "2", "function": "1"}, "lines": [{"identifier": "1"}]}'::clex.document),
	(2, '{"$kind": "order_change", "order_change": {"number": "2", "function": "4"}}'),
	(3, '{"$kind": "order_change", "order_change": {"number": "2", "function": "5"}}'),
	(4, '{"$kind": "order_change", "order_change": {"number": "2"}}'),
	(5, '{"$kind": "order_response", "order_response": {"number": "2", "code": "AP"}}')) v (n, d) ORDER BY n;
-- what a format has no place for is told; placeholders too
SELECT term, path, value, reason FROM clex.losses('{"$kind": "despatch_advice", "despatch_advice": {"number": "1", "function": "9"}, "orders": [{"sales_order": "7"}],
	"shipment": {"gross_weight": {"value": 3, "unit": "KGM"}, "handling_units": [{"identifier": "00", "level": "1"}]}, "lines": [{"ordered_quantity": {"value": 5, "unit": "H87"}, "purchase_order": "8"}]}', 'ubl');
SELECT clex.write('{"$kind": "order"}', 'cii');
SELECT clex.write('{"$kind": "order"}', 'ubl:peppol');
SELECT clex.write('{"$kind": "receipt_advice"}', 'x12');
SELECT clex.read('<Order xmlns="urn:oasis:names:specification:ubl:schema:xsd:Order-2"/>', 'cii');
-- the same tree with another root is another document
SELECT clex.kind(d), d::jsonb -> '$extras' -> 0 ->> 'path' AS extra FROM clex.read('<ReceiptAdvice xmlns="urn:oasis:names:specification:ubl:schema:xsd:ReceiptAdvice-2"
	xmlns:b="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2"><b:OrderTypeCode>220</b:OrderTypeCode></ReceiptAdvice>') d;

-- rule sets are for invoices: of a document of another kind nothing is asked but its structure
SELECT ruleset, rule, message FROM clex.document_findings('{"$kind": "order", "order": {"number": "1"}}');
SELECT ruleset, rule, message FROM clex.document_findings('{"$kind": "order", "order": {"number": "1"}}', ARRAY['en16931']);
SELECT rule, location, message FROM sources, clex.findings(convert_to(replace(convert_from(content, 'UTF8'), '<cbc:ID>1</cbc:ID>', ''), 'UTF8')) f WHERE file = 'ubl-receipt-advice.xml';

-- the answer to a document says whether it obeys its schema, from who receives it; an answer is not answered
SELECT file, clex.kind(a) AS kind, clex.value(a, 'A-1') AS number, clex.on_date(a, 'A-2') AS on_date, clex.value(a, 'sender.name') AS sender, clex.value(a, 'receiver.name') AS receiver,
	clex.value(a, 'A-5') AS document, clex.value(a, 'A-6') AS type, clex.value(a, 'A-8') AS code, (SELECT count(*) FROM clex.findings(clex.acknowledge(content))) AS findings
FROM sources LEFT JOIN LATERAL clex.read(clex.acknowledge(content)) a ON true WHERE file LIKE 'ubl-%' ORDER BY file;
SELECT a::jsonb - '$provenance' - '$reader' - '$format' FROM sources,
	clex.read(clex.acknowledge(convert_to(replace(convert_from(content, 'UTF8'), '<cbc:ID>1</cbc:ID>', ''), 'UTF8'), '{"reference": "R7", "date": "20260401", "time": "0815"}')) a
WHERE file = 'ubl-receipt-advice.xml';
SELECT clex.acknowledge('<a/>');
SELECT clex.acknowledge('<Invoice');

-- catalogue
SELECT term, path, kinds, aliases FROM clex.terms WHERE term IN ('BT-1', 'BT-106', 'O-1', 'C-6', 'D-33', 'A-12-1') ORDER BY 1;
SELECT kind, root, count(*), count(DISTINCT term) = count(*) AS once FROM clex.term_places WHERE format <> 'cii' GROUP BY kind, root ORDER BY 1, 2;
SELECT root, xpath FROM clex.term_places WHERE term = 'BT-129' AND kind <> 'invoice' ORDER BY root, xpath;
SELECT t.term FROM clex.terms t WHERE t.kinds IS NULL;

-- a store keeps them, as what they are; they are no invoices
CREATE ROLE regress_kinds_owner NOLOGIN;
SELECT clex.create_store('kinds', owner => 'regress_kinds_owner');
SELECT kinds.add_tenant(1, 'Kinds');
SELECT source, kind, state, valid, fatal FROM (SELECT * FROM sources ORDER BY file) s, LATERAL (SELECT s.file AS source, r.* FROM kinds.submit(1, s.content, s.file) r) r ORDER BY source;
SELECT kind, verdict, clex.kind(document) = kind AS read, count(*) FROM kinds.documents GROUP BY 1, 2, 3 ORDER BY 1;
SELECT count(*) AS invoices FROM kinds.invoices;
SELECT kinds.reread(1);
SELECT count(*) AS invoices FROM kinds.invoices;
SELECT clex.drop_store('kinds');
DROP ROLE regress_kinds_owner;
