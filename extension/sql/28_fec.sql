-- files of accounting entries

CREATE FUNCTION clex.read_fec(
	content bytea,
	file_name text DEFAULT NULL,
	OUT line int,
	OUT journal_code text,
	OUT journal_lib text,
	OUT ecriture_num text,
	OUT ecriture_date date,
	OUT compte_num text,
	OUT compte_lib text,
	OUT comp_aux_num text,
	OUT comp_aux_lib text,
	OUT piece_ref text,
	OUT piece_date date,
	OUT ecriture_lib text,
	OUT debit numeric,
	OUT credit numeric,
	OUT ecriture_let text,
	OUT date_let date,
	OUT valid_date date,
	OUT montant_devise numeric,
	OUT idevise text,
	OUT extras jsonb,
	OUT siren text,
	OUT closing_date date
)
	RETURNS SETOF record
	AS 'MODULE_PATHNAME', 'clex_fec_read'
	LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1000 ROWS 1000;

COMMENT ON FUNCTION clex.read_fec(bytea, text) IS
	'The lines of a French file of accounting entries (FEC, LPF art. A47 A-1), a row each: the 18 columns by their legal names, typed; Montant and Sens become debit and credit. extras holds further columns, and cells that are no date or number, by column name. siren and closing_date are what file_name says (732829320FEC20251231.txt). Errors: 0A000 the first line does not name the columns.';

CREATE FUNCTION clex.fec_findings(
	content bytea,
	file_name text DEFAULT NULL,
	lang text DEFAULT NULL,
	OUT rule text,
	OUT severity text,
	OUT line int,
	OUT column_name text,
	OUT found text,
	OUT expected text,
	OUT message text
)
	RETURNS SETOF record
	AS 'MODULE_PATHNAME', 'clex_fec_findings'
	LANGUAGE C STABLE PARALLEL SAFE COST 1000 ROWS 10;

COMMENT ON FUNCTION clex.fec_findings(bytea, text, text) IS
	'What is wrong with a French file of accounting entries, a row for each finding: rules F01 to F19 (docs/statements.md), severity fatal or warning, a sentence in lang (en, fr, de; default clex.language). Without file_name the name (F12) and the financial year (F05) are not checked. Source: LPF art. A47 A-1, BOI-CF-IOR-60-40-20. Errors: 0A000 the first line does not name the columns.';

CREATE FUNCTION clex.write_fec(entries jsonb, options jsonb DEFAULT '{}')
	RETURNS bytea
	AS 'MODULE_PATHNAME', 'clex_fec_write'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000;

COMMENT ON FUNCTION clex.write_fec(jsonb, jsonb) IS
	'A French file of accounting entries (FEC, LPF art. A47 A-1). entries is an array of objects with the columns of clex.read_fec(), as jsonb_agg() makes it, in the order of the file. Options: separator tab (default) or |, encoding utf-8 (default) or iso-8859-15, line_end crlf (default) or lf, amounts debit_credit (default) or montant_sens, extra_columns (names of columns after the 18, cash_accounting (true: the 22 columns of cash accounting), values in extras), file_name (then name and financial year are checked too), check false (write what the rules refuse). No text is changed to fit. Errors: 22023 a cell that cannot be written, a fatal finding of clex.fec_findings(), an unknown column or option.';
