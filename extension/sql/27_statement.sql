-- bank statements

CREATE FUNCTION clex.read_statement(
	content bytea,
	options jsonb DEFAULT '{}',
	OUT statement_no int,
	OUT account text,
	OUT entry_no int,
	OUT detail_no int,
	OUT booked date,
	OUT value_date date,
	OUT amount numeric,
	OUT currency text,
	OUT reversal boolean,
	OUT status text,
	OUT reference text,
	OUT bank_reference text,
	OUT end_to_end_id text,
	OUT instruction_id text,
	OUT transaction_id text,
	OUT mandate_id text,
	OUT creditor_id text,
	OUT counterparty text,
	OUT counterparty_account text,
	OUT counterparty_bic text,
	OUT ultimate_party text,
	OUT remittance text,
	OUT structured_reference text,
	OUT purpose text,
	OUT return_reason text,
	OUT transaction_code text,
	OUT description text,
	OUT raw text,
	OUT line int
)
	RETURNS SETOF record
	AS 'MODULE_PATHNAME', 'clex_statement_read'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000 ROWS 100;

COMMENT ON FUNCTION clex.read_statement(bytea, jsonb) IS
	'The entries of a bank statement, a row each, in their order: camt.052, camt.053, camt.054, MT940, CFONB 120. amount is signed as the account holder sees it (a debit is negative) and exact; a reversal has the sign of what it does to the account. Options: mode lenient (default: what is there is read, clex.statement_problems() lists the deviations) or strict (the first deviation is an error, 22P02), details true (a row for each transaction of an entry that lists several; their amounts may not add up to the entry), raw false (leave raw NULL for camt). Errors: 0A000 another format, 22P02 no statement in it, 22023 unknown option, 54000 over a limit.';

CREATE FUNCTION clex.read_balances(
	content bytea,
	options jsonb DEFAULT '{}',
	OUT statement_no int,
	OUT account text,
	OUT kind text,
	OUT code text,
	OUT balance_date date,
	OUT amount numeric,
	OUT currency text,
	OUT line int
)
	RETURNS SETOF record
	AS 'MODULE_PATHNAME', 'clex_statement_balances'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000 ROWS 10;

COMMENT ON FUNCTION clex.read_balances(bytea, jsonb) IS
	'The balances of a bank statement, a row each. kind: opening, closing, interim, opening_available, closing_available, interim_available, forward_available, expected, other; code is what the format calls it (CLBD, 62F, 07). amount: a debit balance is negative. Options and errors as those of clex.read_statement().';

CREATE FUNCTION clex.statement_totals(
	content bytea,
	options jsonb DEFAULT '{}',
	OUT statement_no int,
	OUT reference text,
	OUT sequence text,
	OUT account text,
	OUT owner text,
	OUT servicer text,
	OUT currency text,
	OUT opening_date date,
	OUT opening numeric,
	OUT entries int,
	OUT credits numeric,
	OUT debits numeric,
	OUT closing_date date,
	OUT closing numeric,
	OUT balanced boolean,
	OUT line int
)
	RETURNS SETOF record
	AS 'MODULE_PATHNAME', 'clex_statement_totals'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000 ROWS 2;

COMMENT ON FUNCTION clex.statement_totals(bytea, jsonb) IS
	'The statements in a file, a row each: account, opening balance, sums of booked credits and debits (debits are negative), closing balance; balanced is opening + credits + debits = closing, NULL where one of them is not known. Options and errors as those of clex.read_statement().';

CREATE FUNCTION clex.statement_problems(
	content bytea,
	lang text DEFAULT NULL,
	OUT code text,
	OUT severity text,
	OUT statement_no int,
	OUT entry_no int,
	OUT line int,
	OUT place text,
	OUT found text,
	OUT expected text,
	OUT message text
)
	RETURNS SETOF record
	AS 'MODULE_PATHNAME', 'clex_statement_problems'
	LANGUAGE C STABLE PARALLEL SAFE COST 1000 ROWS 10;

COMMENT ON FUNCTION clex.statement_problems(bytea, text) IS
	'Where a bank statement deviates from its format, a row each, in the order of the file; no row: it is as its format has it. severity: fatal (the file cannot be read), error (strict reading ends there), warning (legal, and perhaps wrong), information. place is a field, columns of a record or a path; message is a sentence in lang (en, fr, de; default clex.language). Never an error for what is in the file.';
