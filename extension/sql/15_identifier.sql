-- check digits of identifiers

CREATE FUNCTION clex.is_siren(id text)
RETURNS boolean
AS 'MODULE_PATHNAME', 'clex_is_siren'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 2;

COMMENT ON FUNCTION clex.is_siren(text) IS
'French SIREN: 9 digits, Luhn, not all zero.
id: as written, letters upper case, nothing around or inside it. Never raises an error. Source: INSEE.';

CREATE FUNCTION clex.is_siret(id text)
RETURNS boolean
AS 'MODULE_PATHNAME', 'clex_is_siret'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 2;

COMMENT ON FUNCTION clex.is_siret(text) IS
'French SIRET: 14 digits, Luhn over all and over the SIREN in front. Establishments of La Poste (356000000) other than its seat have a digit sum divisible by 5 instead.
id: as written, letters upper case, nothing around or inside it. Never raises an error. Source: INSEE.';

CREATE FUNCTION clex.is_duns(id text)
RETURNS boolean
AS 'MODULE_PATHNAME', 'clex_is_duns'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 2;

COMMENT ON FUNCTION clex.is_duns(text) IS
'DUNS number: 9 digits, not all zero. There is no check digit: numbers given since 2006 carry none.
id: as written, letters upper case, nothing around or inside it. Never raises an error. Source: Dun & Bradstreet.';

CREATE FUNCTION clex.is_lei(id text)
RETURNS boolean
AS 'MODULE_PATHNAME', 'clex_is_lei'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 2;

COMMENT ON FUNCTION clex.is_lei(text) IS
'Legal entity identifier: 20 digits and letters A-Z, the last two check digits 02 to 98, ISO 7064 MOD 97-10.
id: as written, letters upper case, nothing around or inside it. Never raises an error. Source: ISO 17442.';

CREATE FUNCTION clex.is_gln(id text)
RETURNS boolean
AS 'MODULE_PATHNAME', 'clex_is_gln'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 2;

COMMENT ON FUNCTION clex.is_gln(text) IS
'GS1 global location number: 13 digits, weights 3 and 1, the last completes to a multiple of ten.
id: as written, letters upper case, nothing around or inside it. Never raises an error. Source: GS1 General Specifications.';

CREATE FUNCTION clex.is_gtin(id text)
RETURNS boolean
AS 'MODULE_PATHNAME', 'clex_is_gtin'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 2;

COMMENT ON FUNCTION clex.is_gtin(text) IS
'GS1 trade item number: 8, 12, 13 or 14 digits, weights 3 and 1, the last completes to a multiple of ten.
id: as written, letters upper case, nothing around or inside it. Never raises an error. Source: GS1 General Specifications.';

CREATE FUNCTION clex.is_sscc(id text)
RETURNS boolean
AS 'MODULE_PATHNAME', 'clex_is_sscc'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 2;

COMMENT ON FUNCTION clex.is_sscc(text) IS
'GS1 serial shipping container code: 18 digits, weights 3 and 1, the last completes to a multiple of ten.
id: as written, letters upper case, nothing around or inside it. Never raises an error. Source: GS1 General Specifications.';

CREATE FUNCTION clex.is_iban(id text)
RETURNS boolean
AS 'MODULE_PATHNAME', 'clex_is_iban'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 2;

COMMENT ON FUNCTION clex.is_iban(text) IS
'International bank account number in its electronic form (no blanks): length and shape of its country in the IBAN Registry, check digits 02 to 98, ISO 7064 MOD 97-10. The country''s own check digits inside are not looked at.
id: as written, letters upper case, nothing around or inside it. Never raises an error. Source: ISO 13616, SWIFT IBAN Registry.';

CREATE FUNCTION clex.is_bic(id text)
RETURNS boolean
AS 'MODULE_PATHNAME', 'clex_is_bic'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 2;

COMMENT ON FUNCTION clex.is_bic(text) IS
'Business identifier code: 8 or 11 characters, 4 letters or digits, 2 letters of the country, 2 and perhaps 3 letters or digits. There is no check digit; the country is not looked up.
id: as written, letters upper case, nothing around or inside it. Never raises an error. Source: ISO 9362.';

CREATE FUNCTION clex.is_vat_id(id text)
RETURNS boolean
AS 'MODULE_PATHNAME', 'clex_is_vat_id'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 2;

COMMENT ON FUNCTION clex.is_vat_id(text) IS
'VAT identification number of an EU member state or Northern Ireland (XI), country prefix in front (Greece is EL, GR is taken for it): format and check digit of that country. It says that the number can exist, not that it is registered: only VIES knows.
id: as written, letters upper case, nothing around or inside it. Never raises an error. Source: VIES, tax administrations.';

CREATE FUNCTION clex.is_vat_id_gb(id text)
RETURNS boolean
AS 'MODULE_PATHNAME', 'clex_is_vat_id_gb'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 2;

COMMENT ON FUNCTION clex.is_vat_id_gb(text) IS
'VAT registration number of the United Kingdom with prefix GB: 9 digits, or 12 with a branch, modulus 97 or 9755; GD000 to GD499 and HA500 to HA999 have no check digit.
id: as written, letters upper case, nothing around or inside it. Never raises an error. Source: HMRC.';

CREATE FUNCTION clex.is_vat_id_ch(id text)
RETURNS boolean
AS 'MODULE_PATHNAME', 'clex_is_vat_id_ch'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 2;

COMMENT ON FUNCTION clex.is_vat_id_ch(text) IS
'Swiss VAT number: CHE and 9 digits (or CHE-nnn.nnn.nnn), modulus 11, then MWST, TVA, IVA, TPV or nothing.
id: as written, letters upper case, nothing around or inside it. Never raises an error. Source: eCH-0097.';

CREATE FUNCTION clex.is_vat_id_no(id text)
RETURNS boolean
AS 'MODULE_PATHNAME', 'clex_is_vat_id_no'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 2;

COMMENT ON FUNCTION clex.is_vat_id_no(text) IS
'Norwegian VAT number: organisation number of 9 digits, modulus 11, then MVA; with prefix NO MVA may be missing.
id: as written, letters upper case, nothing around or inside it. Never raises an error. Source: Bronnoysund Register Centre.';

CREATE FUNCTION clex.is_iso6523(scheme text, id text)
RETURNS boolean
AS 'MODULE_PATHNAME', 'clex_is_iso6523'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 2;

COMMENT ON FUNCTION clex.is_iso6523(text, text) IS
'Whether an identifier fits its scheme: format and, where the scheme has one, check digit. NULL where no check of the scheme is known, so that CHECK constraints let it pass.
scheme: 4 digits, an ISO 6523 ICD or a code 99nn of the EAS list. id: as written, letters upper case, nothing around or inside it (0204 takes hyphens and small letters). Never raises an error.
Source: ISO 6523, EAS code list, the issuing registers.';
