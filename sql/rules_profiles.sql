-- Rule sets chosen by the document, and findings of the sets for Peppol and XRechnung
\set VERBOSITY terse
SET search_path = pg_catalog, public;

-- an invoice with nothing in it but its profile
CREATE FUNCTION pg_temp.ubl(profile text, more text DEFAULT '') RETURNS bytea LANGUAGE sql RETURN convert_to(
	'<Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"'
	|| ' xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2"'
	|| ' xmlns:cac="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2">'
	|| '<cbc:CustomizationID>' || profile || '</cbc:CustomizationID>' || more || '</Invoice>', 'UTF8');
CREATE FUNCTION pg_temp.cii(profile text) RETURNS bytea LANGUAGE sql RETURN convert_to(
	'<r:CrossIndustryInvoice xmlns:r="urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100"'
	|| ' xmlns:a="urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100">'
	|| '<r:ExchangedDocumentContext><a:GuidelineSpecifiedDocumentContextParameter><a:ID>' || profile
	|| '</a:ID></a:GuidelineSpecifiedDocumentContextParameter></r:ExchangedDocumentContext></r:CrossIndustryInvoice>', 'UTF8');

SELECT name, clex.chosen_rulesets(pg_temp.ubl(profile)) AS ubl, clex.chosen_rulesets(pg_temp.cii(profile)) AS cii
FROM (VALUES
	(1, 'core', 'urn:cen.eu:en16931:2017'),
	(2, 'peppol', 'urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0'),
	(3, 'self-billing', 'urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:selfbilling:3.0'),
	(4, 'xrechnung', 'urn:cen.eu:en16931:2017#compliant#urn:xeinkauf.de:kosit:xrechnung_3.0'),
	(5, 'older xrechnung', 'urn:cen.eu:en16931:2017#compliant#urn:xoev-de:kosit:standard:xrechnung_2.3'),
	(6, 'its extension', 'urn:cen.eu:en16931:2017#compliant#urn:xeinkauf.de:kosit:xrechnung_3.0#conformant#urn:xeinkauf.de:kosit:extension:xrechnung_3.0'),
	(7, 'no profile', '')) AS p(n, name, profile)
ORDER BY n;

-- nothing to choose by
SELECT clex.chosen_rulesets(NULL), clex.chosen_rulesets('\x'), clex.chosen_rulesets('<a/>');

-- the rows say the set; asked for by name, only that set answers
SELECT ruleset, count(*) FROM clex.findings(pg_temp.ubl('urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0'))
GROUP BY ruleset ORDER BY ruleset;
SELECT DISTINCT ruleset FROM clex.findings(pg_temp.ubl('urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0'), ARRAY['xrechnung']);

-- one id in two sets: how far a line may be off depends on the currency in XRechnung only
CREATE FUNCTION pg_temp.line(currency text, amount text) RETURNS bytea LANGUAGE sql RETURN pg_temp.ubl('x',
	'<cbc:DocumentCurrencyCode>' || currency || '</cbc:DocumentCurrencyCode><cac:InvoiceLine><cbc:InvoicedQuantity>3</cbc:InvoicedQuantity>'
	|| '<cbc:LineExtensionAmount>' || amount || '</cbc:LineExtensionAmount><cac:Price><cbc:PriceAmount>1234.50</cbc:PriceAmount></cac:Price></cac:InvoiceLine>');
SELECT currency, amount, ruleset, severity, found, expected, message
FROM (VALUES ('EUR', '3703.52'), ('EUR', '3703.53'), ('HUF', '3703.53'), ('HUF', '3704.01')) AS c(currency, amount),
	clex.findings(pg_temp.line(currency, amount), ARRAY['peppol', 'xrechnung']) f
WHERE rule = 'PEPPOL-EN16931-R120' ORDER BY currency, amount, ruleset;

-- a sentence in each language, with the reader's numbers
SELECT lang, message FROM (VALUES ('en'), ('fr'), ('de')) AS l(lang),
	clex.findings(pg_temp.line('EUR', '3700'), ARRAY['xrechnung'], lang => lang) WHERE rule = 'PEPPOL-EN16931-R120' ORDER BY lang;

-- identifiers: form and check digit by scheme
SELECT scheme, id, coalesce((SELECT string_agg(rule, ' ' ORDER BY rule) FROM clex.findings(pg_temp.ubl('x',
	'<cac:AccountingSupplierParty><cac:Party><cbc:EndpointID schemeID="' || scheme || '">' || id || '</cbc:EndpointID></cac:Party></cac:AccountingSupplierParty>'),
	ARRAY['peppol']) WHERE rule LIKE 'PEPPOL-COMMON%'), 'fine') AS findings
FROM (VALUES ('0088', '4012345000009'), ('0088', '4012345000008'), ('0088', '40123X5000009'), ('0192', '923609016'), ('0192', '923609017'),
	('0208', '0428759497'), ('0208', '0428759498'), ('0007', '5560360793'), ('0007', '5560360794'), ('0151', '51824753556'), ('0151', '51824753557'),
	('0184', 'DK13585628'), ('0184', '13585628'), ('0184', '1358562'), ('0201', 'UFKB9A'), ('0210', 'RSSMRA85T10A562S'), ('0210', 'RSSMRA85'),
	('0211', 'IT12345670017'), ('0211', 'IT12345670018'), ('9944', 'NL004495445B01'), ('9944', 'NL004495445C01')) AS c(scheme, id)
ORDER BY scheme, id;

-- cash discounts of XRechnung: every line of them well formed and ended by a line break
SELECT what, coalesce((SELECT string_agg(rule, ' ') FROM clex.findings(pg_temp.ubl('x', '<cac:PaymentTerms><cbc:Note>' || note || '</cbc:Note></cac:PaymentTerms>'),
	ARRAY['xrechnung']) WHERE rule = 'BR-DE-18'), 'fine') AS findings
FROM (VALUES (1, 'plain text', 'net 30 days'), (2, 'one', E'#SKONTO#TAGE=14#PROZENT=2.00#\n'), (3, 'no line break', '#SKONTO#TAGE=14#PROZENT=2.00#'),
	(4, 'one decimal', E'#SKONTO#TAGE=14#PROZENT=2.0#\n'), (5, 'two and text', E'#SKONTO#TAGE=7#PROZENT=3.00#BASISBETRAG=-10.00#\n#SKONTO#TAGE=14#PROZENT=2.00#\nnet 30'),
	(6, 'small letters', E'#skonto#TAGE=14#PROZENT=2.00#\n')) AS c(n, what, note)
ORDER BY n;

-- two prices where one is needed: the set ends there, and says so
SELECT rule, severity FROM clex.findings(pg_temp.ubl('x', '<cac:InvoiceLine><cac:Price><cbc:PriceAmount>1</cbc:PriceAmount><cbc:PriceAmount>2</cbc:PriceAmount></cac:Price></cac:InvoiceLine>'),
	ARRAY['peppol']) WHERE rule = 'NOT-PROCESSABLE';
