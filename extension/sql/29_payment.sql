-- payment orders and their status

CREATE FUNCTION clex.read_payments(
	content bytea,
	options jsonb DEFAULT '{}',
	OUT payment_no int,
	OUT batch_no int,
	OUT message_id text,
	OUT created text,
	OUT initiator text,
	OUT initiator_id text,
	OUT batch_id text,
	OUT method text,
	OUT batch_booking boolean,
	OUT priority text,
	OUT service_level text,
	OUT local_instrument text,
	OUT sequence_type text,
	OUT category_purpose text,
	OUT execution_date date,
	OUT charge_bearer text,
	OUT instruction_id text,
	OUT end_to_end_id text,
	OUT uetr text,
	OUT amount numeric,
	OUT currency text,
	OUT transfer_currency text,
	OUT debtor text,
	OUT debtor_street text,
	OUT debtor_building text,
	OUT debtor_post_code text,
	OUT debtor_town text,
	OUT debtor_country text,
	OUT debtor_address text,
	OUT debtor_account text,
	OUT debtor_bic text,
	OUT ultimate_debtor text,
	OUT creditor text,
	OUT creditor_street text,
	OUT creditor_building text,
	OUT creditor_post_code text,
	OUT creditor_town text,
	OUT creditor_country text,
	OUT creditor_address text,
	OUT creditor_account text,
	OUT creditor_bic text,
	OUT ultimate_creditor text,
	OUT creditor_id text,
	OUT mandate_id text,
	OUT mandate_date date,
	OUT purpose text,
	OUT instruction text,
	OUT remittance text,
	OUT creditor_reference text,
	OUT creditor_reference_type text,
	OUT documents jsonb,
	OUT line int
)
	RETURNS SETOF record
	AS 'MODULE_PATHNAME', 'clex_payment_read'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000 ROWS 100;

COMMENT ON FUNCTION clex.read_payments(bytea, jsonb) IS
	'The payments of a credit transfer or direct debit order (pain.001, pain.008), a row each, in their order, with what their batch and their message say. amount is exact; execution_date is the day asked for, of debits the day of collection; remittance has a line for each Ustrd; documents is an array of objects with block (documents of one element Strd), type, number, date, due, discount, credit_note, tax, remitted, currency (where it is not that of the payment), reference, reference_type, note. Option mode: lenient (default: what is there is read, clex.payment_problems() lists the deviations) or strict (the first deviation is an error, 22P02). Errors: 0A000 another format, 22P02 no payment in it, 22023 unknown option, 54000 over a limit.';

CREATE FUNCTION clex.read_payment_status(
	content bytea,
	options jsonb DEFAULT '{}',
	OUT level text,
	OUT message_id text,
	OUT created text,
	OUT original_message_id text,
	OUT original_message_name text,
	OUT original_batch_id text,
	OUT status_id text,
	OUT original_instruction_id text,
	OUT original_end_to_end_id text,
	OUT original_uetr text,
	OUT status text,
	OUT reason text,
	OUT information text,
	OUT transactions numeric,
	OUT control_sum numeric,
	OUT accepted text,
	OUT bank_reference text,
	OUT amount numeric,
	OUT currency text,
	OUT execution_date date,
	OUT mandate_id text,
	OUT debtor text,
	OUT debtor_account text,
	OUT creditor text,
	OUT creditor_account text,
	OUT remittance text,
	OUT line int
)
	RETURNS SETOF record
	AS 'MODULE_PATHNAME', 'clex_payment_status'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000 ROWS 100;

COMMENT ON FUNCTION clex.read_payment_status(bytea, jsonb) IS
	'What a bank says of a payment order (pain.002): a row of level group, then one of level batch for each batch it names, each followed by those of level transaction. status is what is said at that level itself (ACCP, ACSC, RJCT, PART ...), NULL where nothing is; reason has the codes, separated by blanks, information the lines that come with them. transactions and control_sum are those of the original. Options and errors as those of clex.read_payments().';

CREATE FUNCTION clex.payment_problems(
	content bytea,
	lang text DEFAULT NULL,
	OUT code text,
	OUT severity text,
	OUT payment_no int,
	OUT line int,
	OUT place text,
	OUT found text,
	OUT expected text,
	OUT message text
)
	RETURNS SETOF record
	AS 'MODULE_PATHNAME', 'clex_payment_problems'
	LANGUAGE C STABLE PARALLEL SAFE COST 1000 ROWS 10;

COMMENT ON FUNCTION clex.payment_problems(bytea, text) IS
	'What is wrong with a payment order or a payment status (pain.001, pain.008, pain.002), a row each; no row: nothing. severity: fatal (the file cannot be read), error (strict reading ends there), warning (legal, and perhaps wrong, or not what the SEPA schemes carry), information. place is a column of clex.read_payments() or a path; message is a sentence in lang (en, fr, de; default clex.language). Never an error for what is in the file.';

CREATE FUNCTION clex.write_payments(payments jsonb, format text, options jsonb DEFAULT '{}')
	RETURNS bytea
	AS 'MODULE_PATHNAME', 'clex_payment_write'
	LANGUAGE C STABLE STRICT PARALLEL SAFE COST 1000;

COMMENT ON FUNCTION clex.write_payments(jsonb, text, jsonb) IS
	'A payment order: format pain.001.001.03, pain.001.001.09, pain.008.001.02 or pain.008.001.08. payments is an array of objects with the columns of clex.read_payments(), as jsonb_agg() makes it. Options: message_id and created (required unless each row has them), any other column as a default for all rows; scheme sepa (default) or any; characters refuse (default), exchange (others stand for those outside the Latin set, with a notice) or keep. Payments with one head (account, day, currency ...) are one batch, its name batch_id or message_id and a number. Nothing is cut or dropped; sums are exact; what was written is read again and compared. Errors: 22023 something is wrong with the payments (the detail is the first of what clex.check_payments() lists) or an option is unknown, 0A000 another format.';

CREATE FUNCTION clex.check_payments(
	payments jsonb,
	format text,
	options jsonb DEFAULT '{}',
	lang text DEFAULT NULL,
	OUT code text,
	OUT severity text,
	OUT payment_no int,
	OUT line int,
	OUT place text,
	OUT found text,
	OUT expected text,
	OUT message text
)
	RETURNS SETOF record
	AS 'MODULE_PATHNAME', 'clex_payment_check'
	LANGUAGE C STABLE PARALLEL SAFE COST 1000 ROWS 10;

COMMENT ON FUNCTION clex.check_payments(jsonb, text, jsonb, text) IS
	'What clex.write_payments() with the same arguments would say, a row each; no row: it writes them as they are. severity: error (nothing is written), warning (written, and perhaps wrong: TARGET is closed on the day, characters are exchanged, two payments have one end-to-end id ...). payment_no counts from 1; place is a column, or a path of the message; message is a sentence in lang (en, fr, de; default clex.language). Errors: 22023 payments are no array of objects, an unknown column or option, 0A000 another format.';
