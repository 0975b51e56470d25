-- Rule set fr-invoice: the mandatory mentions of French law, on documents of any format
\set VERBOSITY terse
SET search_path = pg_catalog, public;
\set xml `cat extension/test/samples/fr-moulin-farine.xml`
\set german `cat extension/test/samples/de-maschine-nach-italien.xml`
CREATE TEMP TABLE base AS SELECT clex.read(convert_to(:'xml', 'UTF8'))::jsonb AS doc;
CREATE FUNCTION pg_temp.broken(content bytea, day date) RETURNS text LANGUAGE sql STABLE RETURN
	(SELECT coalesce(string_agg(rule || ' ' || severity, ', ' ORDER BY rule COLLATE "C"), 'fine') FROM clex.findings(content, ARRAY['fr-invoice'], day));
CREATE FUNCTION pg_temp.json(doc jsonb) RETURNS bytea LANGUAGE sql IMMUTABLE RETURN convert_to(doc::text, 'UTF8');

-- the sample has all of them, as XML and as JSON; a German seller owes none
SELECT pg_temp.broken(convert_to(:'xml', 'UTF8'), '2026-10-01') AS xml, pg_temp.broken(pg_temp.json(doc), '2026-10-01') AS json,
	pg_temp.broken(convert_to(:'german', 'UTF8'), '2026-10-01') AS german FROM base;

-- one mention taken away at a time
SELECT n, path, pg_temp.broken(pg_temp.json(doc #- path::text[]), '2026-10-01') AS findings FROM base, (VALUES
	(1, '{invoice,number}'), (2, '{invoice,issue_date}'), (3, '{invoice,due_date}'), (4, '{seller,address}'), (5, '{seller,legal_registration}'), (6, '{seller,vat_number}'),
	(7, '{buyer,name}'), (8, '{buyer,address}'), (9, '{buyer,legal_registration}'), (10, '{lines,0,quantity}'), (11, '{lines,0,vat,rate}'), (12, '{vat_breakdown}'),
	(13, '{notes}'), (14, '{process,type}'), (15, '{invoice,purchase_order}'), (16, '{delivery}')) AS c(n, path)
ORDER BY n;
-- or put in another way
SELECT n, what, pg_temp.broken(pg_temp.json(doc || part), '2026-10-01') AS findings FROM base, (VALUES
	(1, 'mentions in words', '{"notes": [{"text": "Pas d''escompte. Pénalités de retard : trois fois le taux légal. Indemnité forfaitaire de recouvrement : 40 €."}]}'::jsonb),
	(2, 'an indemnity of 400', '{"notes": [{"text": "Pas d''escompte. Pénalités de retard : 12 %. Frais de recouvrement : 400 €."}]}'),
	(3, 'a consumer', '{"notes": [{"subject_code": "BAR", "text": "B2C"}]}'),
	(4, 'a term of 61 days', jsonb_build_object('invoice', (SELECT doc -> 'invoice' || '{"issue_date": "2026-01-01", "due_date": "2026-03-03"}' FROM base))),
	(5, 'a term of 60 days', jsonb_build_object('invoice', (SELECT doc -> 'invoice' || '{"issue_date": "2026-01-01", "due_date": "2026-03-02"}' FROM base))),
	(6, 'a day that is none', jsonb_build_object('invoice', (SELECT doc -> 'invoice' || '{"due_date": "2026-02-30"}' FROM base))),
	(7, 'a credit note of nothing', jsonb_build_object('invoice', (SELECT doc -> 'invoice' || '{"type_code": "381"}' FROM base))),
	(8, 'self-billed', jsonb_build_object('invoice', (SELECT doc -> 'invoice' || '{"type_code": "389"}' FROM base))),
	(9, 'reverse charge', '{"vat_breakdown": [{"category": "AE", "rate": 0, "taxable_amount": 1, "tax_amount": 0}]}'),
	(10, 'reverse charge, said so', '{"vat_breakdown": [{"category": "AE", "rate": 0, "taxable_amount": 1, "tax_amount": 0, "exemption_reason": "AUTOLIQUIDATION"}]}'),
	(11, 'no VAT under 293 B', jsonb_build_object('seller', (SELECT (doc -> 'seller') - 'vat_number' FROM base),
		'vat_breakdown', '[{"category": "E", "rate": 0, "taxable_amount": 1, "tax_amount": 0, "exemption_reason": "TVA non applicable, art. 293 B du CGI"}]'::jsonb)),
	(12, 'overseas', jsonb_build_object('seller', (SELECT jsonb_set(doc -> 'seller', '{address,country}', '"RE"') - 'legal_registration' FROM base)))) AS c(n, what, part)
ORDER BY n;
-- nothing is there at all, but a French seller
SELECT pg_temp.broken('{"seller": {"vat_number": "FR44732829320"}}', '2026-10-01');
SELECT pg_temp.broken('{}', '2026-10-01');

-- three versions side by side: the day picks
SELECT version, valid_from, valid_until FROM clex.rule_sets WHERE ruleset = 'fr-invoice' ORDER BY version;
SELECT day, pg_temp.broken(pg_temp.json(doc #- '{buyer,legal_registration}'), day) AS findings FROM base,
	(VALUES (date '2013-01-01'), ('2026-08-31'), ('2026-09-01'), ('2027-08-31'), ('2027-09-01')) AS d(day) ORDER BY day;

-- the article is named
SELECT lang, message FROM base, (VALUES ('de'), ('en'), ('fr')) AS l(lang), clex.findings(pg_temp.json(doc #- '{buyer,legal_registration}'), ARRAY['fr-invoice'], '2027-10-01', lang) ORDER BY lang;
SELECT DISTINCT rule FROM clex.rules WHERE ruleset = 'fr-invoice' AND fr NOT SIMILAR TO '%(art. |décret )%' ORDER BY rule;
