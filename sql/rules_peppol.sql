-- Rules of Peppol on documents of our own: those of Iceland, and self-billing.  What the published stylesheets report on the
-- same documents is what stands in the expected output.
\set VERBOSITY terse
SET search_path = pg_catalog, public;

CREATE FUNCTION pg_temp.party(country text, scheme text, street text DEFAULT '<cbc:StreetName>Gata 1</cbc:StreetName>', zone text DEFAULT '<cbc:PostalZone>101</cbc:PostalZone>') RETURNS text LANGUAGE sql IMMUTABLE RETURN
	'<cac:Party><cbc:EndpointID schemeID="0196">4307720169</cbc:EndpointID><cac:PostalAddress>' || street || '<cbc:CityName>R</cbc:CityName>' || zone
	|| '<cac:Country><cbc:IdentificationCode>' || country || '</cbc:IdentificationCode></cac:Country></cac:PostalAddress><cac:PartyLegalEntity><cbc:RegistrationName>P</cbc:RegistrationName><cbc:CompanyID schemeID="'
	|| scheme || '">4307720169</cbc:CompanyID></cac:PartyLegalEntity></cac:Party>';
CREATE FUNCTION pg_temp.invoice(family text, root text, type text, due text, reference text, seller text, buyer text, payment text) RETURNS bytea LANGUAGE sql IMMUTABLE RETURN convert_to(
	'<' || root || ' xmlns="urn:oasis:names:specification:ubl:schema:xsd:' || root || '-2" xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2" xmlns:cac="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2">'
	|| '<cbc:CustomizationID>urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:' || family || ':3.0</cbc:CustomizationID><cbc:ProfileID>urn:fdc:peppol.eu:2017:poacc:' || family || ':01:1.0</cbc:ProfileID>'
	|| '<cbc:ID>1</cbc:ID><cbc:IssueDate>2026-03-01</cbc:IssueDate>' || coalesce('<cbc:DueDate>' || due || '</cbc:DueDate>', '')
	|| '<cbc:' || root || 'TypeCode>' || type || '</cbc:' || root || 'TypeCode><cbc:DocumentCurrencyCode>ISK</cbc:DocumentCurrencyCode><cbc:BuyerReference>x</cbc:BuyerReference>'
	|| coalesce('<cac:AdditionalDocumentReference><cbc:ID>' || reference || '</cbc:ID><cbc:DocumentDescription>EINDAGI</cbc:DocumentDescription></cac:AdditionalDocumentReference>', '')
	|| '<cac:AccountingSupplierParty>' || seller || '</cac:AccountingSupplierParty><cac:AccountingCustomerParty>' || buyer || '</cac:AccountingCustomerParty>' || payment || '</' || root || '>', 'UTF8');
CREATE FUNCTION pg_temp.pay(code text, account text) RETURNS text LANGUAGE sql IMMUTABLE RETURN
	'<cac:PaymentMeans><cbc:PaymentMeansCode>' || code || '</cbc:PaymentMeansCode>' || coalesce('<cac:PayeeFinancialAccount><cbc:ID>' || account || '</cbc:ID></cac:PayeeFinancialAccount>', '') || '</cac:PaymentMeans>';

SELECT n, what, coalesce((SELECT string_agg(rule || ' ' || severity, ', ' ORDER BY rule)
	FROM clex.findings(pg_temp.invoice('billing', root, type, due, reference, seller, buyer, payment), ARRAY['peppol']) WHERE rule LIKE 'IS-%'), 'fine') AS findings
FROM (VALUES
	(1, 'as it should be', 'Invoice', '380', '2026-03-31', NULL, pg_temp.party('IS', '0196'), pg_temp.party('IS', '0196'), pg_temp.pay('30', '1')),
	(2, 'type', 'Invoice', '384', '2026-03-31', NULL, pg_temp.party('IS', '0196'), pg_temp.party('IS', '0196'), ''),
	(3, 'credit note', 'CreditNote', '381', NULL, NULL, pg_temp.party('IS', '0196'), pg_temp.party('IS', '0196'), ''),
	(4, 'type of credit note', 'CreditNote', '396', NULL, NULL, pg_temp.party('IS', '0196'), pg_temp.party('IS', '0196'), ''),
	(5, 'number of the seller', 'Invoice', '380', '2026-03-31', NULL, pg_temp.party('IS', '0088'), pg_temp.party('IS', '0196'), ''),
	(6, 'number of the buyer', 'Invoice', '380', '2026-03-31', NULL, pg_temp.party('IS', '0196'), pg_temp.party('IS', '0088'), ''),
	(7, 'street of the seller', 'Invoice', '380', '2026-03-31', NULL, pg_temp.party('IS', '0196', ''), pg_temp.party('IS', '0196'), ''),
	(8, 'post code of the buyer', 'Invoice', '380', '2026-03-31', NULL, pg_temp.party('IS', '0196'), pg_temp.party('IS', '0196', zone => ''), ''),
	(9, 'a buyer abroad', 'Invoice', '380', '2026-03-31', NULL, pg_temp.party('IS', '0196'), pg_temp.party('DE', '0088', '', ''), ''),
	(10, 'a seller abroad', 'Invoice', '384', '2026-03-31', NULL, pg_temp.party('DE', '0088', '', ''), pg_temp.party('IS', '0088'), ''),
	(11, 'account of a claim', 'Invoice', '380', '2026-03-31', NULL, pg_temp.party('IS', '0196'), pg_temp.party('IS', '0196'), pg_temp.pay('9', '051526123456')),
	(12, 'too short', 'Invoice', '380', '2026-03-31', NULL, pg_temp.party('IS', '0196'), pg_temp.party('IS', '0196'), pg_temp.pay('9', '05152612345')),
	(13, 'none', 'Invoice', '380', '2026-03-31', NULL, pg_temp.party('IS', '0196'), pg_temp.party('IS', '0196'), pg_temp.pay('42', NULL)),
	(14, 'two means, one wrong', 'Invoice', '380', '2026-03-31', NULL, pg_temp.party('IS', '0196'), pg_temp.party('IS', '0196'), pg_temp.pay('9', '051526123456') || pg_temp.pay('42', '1')),
	(15, 'final due date', 'Invoice', '380', '2026-03-31', '2026-04-15', pg_temp.party('IS', '0196'), pg_temp.party('IS', '0196'), ''),
	(16, 'before the due date', 'Invoice', '380', '2026-03-31', '2026-03-15', pg_temp.party('IS', '0196'), pg_temp.party('IS', '0196'), ''),
	(17, 'no date', 'Invoice', '380', '2026-03-31', 'soon', pg_temp.party('IS', '0196'), pg_temp.party('IS', '0196'), ''),
	(18, 'without a due date', 'Invoice', '380', NULL, '2026-04-15', pg_temp.party('IS', '0196'), pg_temp.party('IS', '0196'), '')
) AS c(n, what, root, type, due, reference, seller, buyer, payment) ORDER BY n;
SELECT lang, message FROM (VALUES ('de'), ('en'), ('fr')) AS l(lang),
	clex.findings(pg_temp.invoice('billing', 'Invoice', '380', '2026-03-31', '2026-03-15', pg_temp.party('IS', '0196'), pg_temp.party('IS', '0196'), ''), lang => lang) WHERE rule = 'IS-R-010' ORDER BY lang;

-- self-billing: chosen by the profile, other types of document, no rules of countries
SELECT n, what, clex.chosen_rulesets(content) AS chosen, (SELECT string_agg(rule || ' ' || severity, ', ' ORDER BY rule) FROM clex.findings(content, ARRAY['peppol-selfbilling'])) AS findings
FROM (VALUES
	(1, 'an invoice', pg_temp.invoice('selfbilling', 'Invoice', '380', NULL, NULL, pg_temp.party('IS', '0196'), pg_temp.party('DE', '0196', '', ''), '')),
	(2, 'a self-billed invoice', pg_temp.invoice('selfbilling', 'Invoice', '389', NULL, NULL, pg_temp.party('IS', '0196'), pg_temp.party('DE', '0196', '', ''), '')),
	(3, 'a debit note', pg_temp.invoice('selfbilling', 'Invoice', '527', NULL, NULL, pg_temp.party('IS', '0196'), pg_temp.party('DE', '0196', '', ''), '')),
	(4, 'a credit note', pg_temp.invoice('selfbilling', 'CreditNote', '381', NULL, NULL, pg_temp.party('IS', '0196'), pg_temp.party('DE', '0196', '', ''), '')),
	(5, 'a self-billed credit note', pg_temp.invoice('selfbilling', 'CreditNote', '261', NULL, NULL, pg_temp.party('IS', '0196'), pg_temp.party('DE', '0196', '', ''), '')),
	(6, 'an invoice of billing', pg_temp.invoice('billing', 'Invoice', '389', NULL, NULL, pg_temp.party('IS', '0196'), pg_temp.party('IS', '0196'), ''))
) AS c(n, what, content) ORDER BY n;
