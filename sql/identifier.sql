-- identifiers of the same scheme everywhere
SELECT id, clex.is_siren(id) AS siren, clex.is_siret(id) AS siret, clex.is_duns(id) AS duns, clex.is_lei(id) AS lei
FROM (VALUES ('552100554'), ('552100555'), ('150483782'), ('73282932000074'), ('73282932000075'), ('35600000049837'),
	('5493001KJTIIGC8Y1R12'), ('5493001KJTIIGC8Y1R13'), (' 552100554'), ('')) AS v (id)
ORDER BY id COLLATE "C";

SELECT id, clex.is_gln(id) AS gln, clex.is_gtin(id) AS gtin, clex.is_sscc(id) AS sscc
FROM (VALUES ('4012345000009'), ('4012345000008'), ('96385074'), ('036000291452'), ('10614141000415'),
	('106141412345678908'), ('106141412345678909')) AS v (id)
ORDER BY id COLLATE "C";

SELECT id, clex.is_iban(id) AS iban, clex.is_bic(id) AS bic
FROM (VALUES ('DE89370400440532013000'), ('DE88370400440532013000'), ('DE89 3704 0044 0532 0130 00'),
	('FR1420041010050500013M02606'), ('DEUTDEFF'), ('DEUTDEFF500'), ('DEUTDEFF5'), ('deutdeff')) AS v (id)
ORDER BY id COLLATE "C";

-- VAT numbers: the EU and Northern Ireland, and three neighbours apart
SELECT id, clex.is_vat_id(id) AS eu, clex.is_vat_id_gb(id) AS gb, clex.is_vat_id_ch(id) AS ch, clex.is_vat_id_no(id) AS no
FROM (VALUES ('ATU13585627'), ('BE0428759497'), ('BG175074752'), ('CY10259033P'), ('CZ25123891'), ('DE136695976'),
	('DE136695977'), ('DK13585628'), ('EE100931558'), ('EL094259216'), ('GR094259216'), ('ESA28015865'), ('FI20774740'),
	('FR40303265045'), ('HR33392005961'), ('HU12892312'), ('IE6388047V'), ('IT00743110157'), ('LT119511515'),
	('LU15027442'), ('LV40003521600'), ('MT11679112'), ('NL004495445B01'), ('NL000099998B57'), ('PL5260001246'),
	('PT501964843'), ('RO18547290'), ('SE556188840401'), ('SI50223054'), ('SK2022749619'), ('XI980780684'),
	('GB980780684'), ('CHE-107.787.577 MWST'), ('NO995525828MVA'), ('995525828MVA'), ('DE 136695976'), ('é')) AS v (id)
ORDER BY id COLLATE "C";

-- by scheme; NULL where nothing is known about it
SELECT scheme, id, clex.is_iso6523(scheme, id) AS verdict
FROM (VALUES ('0002', '552100554'), ('0002', '552100555'), ('0009', '73282932000074'), ('0088', '4012345000009'),
	('0106', '12345678'), ('0184', '13585628'), ('0192', '995525829'), ('0199', '5493001KJTIIGC8Y1R12'),
	('0204', '04011000-1234512345-06'), ('0208', '0428759497'), ('0211', 'IT00743110157'), ('9930', 'DE136695976'),
	('9930', 'FR40303265045'), ('0130', 'anything'), ('FR:SIRENE', '552100554')) AS v (scheme, id)
ORDER BY scheme COLLATE "C", id COLLATE "C";

-- strict, and usable in a constraint, which lets an unknown scheme pass
SELECT clex.is_siren(NULL) IS NULL AS siren, clex.is_iso6523(NULL, '1') IS NULL AS scheme, clex.is_iso6523('0002', NULL) IS NULL AS id;

CREATE TEMPORARY TABLE party (scheme text, id text, CONSTRAINT id_fits_scheme CHECK (clex.is_iso6523(scheme, id)));
INSERT INTO party VALUES ('0002', '552100554'), ('0130', 'anything');
INSERT INTO party VALUES ('0002', '552100555');
SELECT scheme, id FROM party ORDER BY scheme;

-- a megabyte is no identifier
SELECT clex.is_vat_id(repeat('9', 1048576)) AS vat, clex.is_iban('DE' || repeat('9', 1048576)) AS iban,
	clex.is_iso6523('0204', repeat('-', 1048576)) AS leitweg;

-- labels are what constraints and parallel plans rely on, and everything is explained
SELECT p.proname, p.provolatile, p.proisstrict, p.proparallel, pg_catalog.obj_description(p.oid, 'pg_proc') IS NOT NULL AS explained
FROM pg_catalog.pg_proc p
WHERE p.pronamespace = 'clex'::regnamespace
	AND p.proname IN ('is_siren', 'is_siret', 'is_duns', 'is_lei', 'is_gln', 'is_gtin', 'is_sscc', 'is_iban', 'is_bic', 'is_vat_id',
		'is_vat_id_gb', 'is_vat_id_ch', 'is_vat_id_no', 'is_iso6523')
ORDER BY p.proname COLLATE "C";
