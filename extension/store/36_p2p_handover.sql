-- Module p2p, hand-over: what an invoice means in the books, and how the ERP gets to know.
--
-- An invoice that was approved, or issued, becomes one entry: rows of debit and credit, equal to the cent, in the currency of the books and in its own.  Which
-- accounts says a table of rules, the first that fits in their order: by kind, entity, partner, VAT category and rate, and a condition in the language of term
-- expressions; an order line may name its own.  An entry is never changed: what was wrong is reversed by another one.  Numbers of a
-- journal have no gap.  Handing over is posting a message; the ERP confirms that message, as often as it likes.

--! step 61 accounting entries
CREATE TABLE @store@.account_rule (
	tenant_id bigint NOT NULL REFERENCES @store@.tenant,
	id bigint GENERATED ALWAYS AS IDENTITY,
	kind text NOT NULL CHECK (kind IN ('expense', 'revenue', 'charge', 'allowance', 'vat_deductible', 'vat_collected', 'vat_reverse', 'supplier', 'customer')),
	priority int NOT NULL DEFAULT 100,
	entity_id bigint,
	party_id bigint,
	vat_category text,
	vat_rate numeric,
	condition text,
	account text NOT NULL CHECK (account ~ '^[0-9]{3}[0-9A-Z]{0,17}$'),
	account_name text NOT NULL CHECK (account_name <> ''),
	percent numeric NOT NULL DEFAULT 100 CHECK (percent BETWEEN 0 AND 100),
	rate numeric CHECK (rate BETWEEN 0 AND 100),
	PRIMARY KEY (tenant_id, id),
	UNIQUE NULLS NOT DISTINCT (tenant_id, kind, entity_id, party_id, vat_category, vat_rate, condition),
	CHECK (percent = 100 OR kind = 'vat_deductible'),
	CHECK ((rate IS NOT NULL) = (kind = 'vat_reverse')),
	FOREIGN KEY (tenant_id, entity_id) REFERENCES @store@.entity (tenant_id, id),
	FOREIGN KEY (tenant_id, party_id) REFERENCES @store@.party (tenant_id, id)
);
COMMENT ON TABLE @store@.account_rule IS 'Which account what goes to: the first that fits, by priority. Written by set_account_rule().';
COMMENT ON COLUMN @store@.account_rule.tenant_id IS 'Tenant.';
COMMENT ON COLUMN @store@.account_rule.id IS 'Number of the rule in this store.';
COMMENT ON COLUMN @store@.account_rule.kind IS 'expense and revenue: lines. charge, allowance: of the whole invoice. vat_deductible: VAT on purchases. vat_collected: on sales. vat_reverse: VAT that the buyer owes. supplier, customer: what is owed.';
COMMENT ON COLUMN @store@.account_rule.priority IS 'Smaller goes first.';
COMMENT ON COLUMN @store@.account_rule.entity_id IS 'Entity it is for; NULL = all.';
COMMENT ON COLUMN @store@.account_rule.party_id IS 'Partner it is for; NULL = all.';
COMMENT ON COLUMN @store@.account_rule.vat_category IS 'VAT category it is for (S, AE, K …); NULL = all.';
COMMENT ON COLUMN @store@.account_rule.vat_rate IS 'VAT rate it is for; NULL = all.';
COMMENT ON COLUMN @store@.account_rule.condition IS 'Term expression that the invoice must meet; NULL = none.';
COMMENT ON COLUMN @store@.account_rule.account IS 'Account; three digits of the chart of accounts, then what the company likes.';
COMMENT ON COLUMN @store@.account_rule.account_name IS 'Its name.';
COMMENT ON COLUMN @store@.account_rule.percent IS 'Part of the VAT that can be deducted, in percent; the rest is cost.';
COMMENT ON COLUMN @store@.account_rule.rate IS 'VAT rate that the buyer owes on what was invoiced without.';

CREATE TABLE @store@.journal_entry (
	tenant_id bigint NOT NULL,
	id bigint GENERATED ALWAYS AS IDENTITY,
	document_id bigint NOT NULL,
	revision int NOT NULL CHECK (revision > 0),
	reverses bigint,
	entity_id bigint NOT NULL,
	journal text NOT NULL CHECK (journal IN ('AC', 'VE')),
	year int NOT NULL,
	ordinal bigint NOT NULL,
	entry_date date NOT NULL,
	piece_ref text NOT NULL,
	piece_date date NOT NULL,
	label text NOT NULL,
	book_currency text NOT NULL,
	currency text NOT NULL,
	exchange_rate numeric NOT NULL CHECK (exchange_rate > 0),
	message_id text,
	booked_at timestamptz NOT NULL DEFAULT pg_catalog.now(),
	booked_by text NOT NULL DEFAULT clex.caller(),
	PRIMARY KEY (tenant_id, id),
	UNIQUE (tenant_id, document_id, revision),
	UNIQUE (tenant_id, reverses),
	UNIQUE (tenant_id, entity_id, journal, year, ordinal),
	CHECK (exchange_rate = 1 OR currency <> book_currency),
	FOREIGN KEY (tenant_id, document_id) REFERENCES @store@.invoice_state (tenant_id, document_id),
	FOREIGN KEY (tenant_id, entity_id) REFERENCES @store@.entity (tenant_id, id),
	FOREIGN KEY (tenant_id, reverses) REFERENCES @store@.journal_entry (tenant_id, id)
);
CREATE INDEX journal_entry_date_idx ON @store@.journal_entry (tenant_id, entity_id, entry_date, id);
CREATE INDEX journal_entry_waiting_idx ON @store@.journal_entry (tenant_id, id) WHERE message_id IS NULL;
COMMENT ON TABLE @store@.journal_entry IS 'Accounting entries. Written by book_invoice(), reverse_entry() and hand_over().';
COMMENT ON COLUMN @store@.journal_entry.tenant_id IS 'Tenant.';
COMMENT ON COLUMN @store@.journal_entry.id IS 'Number of the entry in this store.';
COMMENT ON COLUMN @store@.journal_entry.document_id IS 'Invoice or credit note.';
COMMENT ON COLUMN @store@.journal_entry.revision IS 'Place among the entries of that invoice.';
COMMENT ON COLUMN @store@.journal_entry.reverses IS 'Entry that it takes back; NULL = none.';
COMMENT ON COLUMN @store@.journal_entry.entity_id IS 'Entity whose books they are.';
COMMENT ON COLUMN @store@.journal_entry.journal IS 'AC: purchases, VE: sales.';
COMMENT ON COLUMN @store@.journal_entry.year IS 'Year of the entry.';
COMMENT ON COLUMN @store@.journal_entry.ordinal IS 'Number in the journal of that year: 1, 2, 3 … without gap.';
COMMENT ON COLUMN @store@.journal_entry.entry_date IS 'Date of the entry.';
COMMENT ON COLUMN @store@.journal_entry.piece_ref IS 'Number of the invoice.';
COMMENT ON COLUMN @store@.journal_entry.piece_date IS 'Date of the invoice.';
COMMENT ON COLUMN @store@.journal_entry.label IS 'What it is about.';
COMMENT ON COLUMN @store@.journal_entry.book_currency IS 'Currency of the books, in which debit and credit are.';
COMMENT ON COLUMN @store@.journal_entry.currency IS 'Currency of the invoice.';
COMMENT ON COLUMN @store@.journal_entry.exchange_rate IS 'What one of it was worth in the currency of the books.';
COMMENT ON COLUMN @store@.journal_entry.message_id IS 'Message it was handed over with; NULL = not yet.';
COMMENT ON COLUMN @store@.journal_entry.booked_at IS 'When it was made; it is final from then on.';
COMMENT ON COLUMN @store@.journal_entry.booked_by IS 'Role that made it.';

CREATE TABLE @store@.journal_line (
	tenant_id bigint NOT NULL,
	entry_id bigint NOT NULL,
	line_no int NOT NULL,
	account text NOT NULL,
	account_name text NOT NULL,
	auxiliary text,
	auxiliary_name text,
	debit numeric NOT NULL CHECK (debit >= 0),
	credit numeric NOT NULL CHECK (credit >= 0),
	amount numeric NOT NULL,
	reason text NOT NULL,
	PRIMARY KEY (tenant_id, entry_id, line_no),
	CHECK (debit = 0 OR credit = 0),
	FOREIGN KEY (tenant_id, entry_id) REFERENCES @store@.journal_entry (tenant_id, id)
);
COMMENT ON TABLE @store@.journal_line IS 'Lines of accounting entries. Written with the entry.';
COMMENT ON COLUMN @store@.journal_line.tenant_id IS 'Tenant.';
COMMENT ON COLUMN @store@.journal_line.entry_id IS 'Entry.';
COMMENT ON COLUMN @store@.journal_line.line_no IS 'Position, from 1.';
COMMENT ON COLUMN @store@.journal_line.account IS 'Account.';
COMMENT ON COLUMN @store@.journal_line.account_name IS 'Its name.';
COMMENT ON COLUMN @store@.journal_line.auxiliary IS 'Partner whose account it is, by its code.';
COMMENT ON COLUMN @store@.journal_line.auxiliary_name IS 'Its name.';
COMMENT ON COLUMN @store@.journal_line.debit IS 'Debit, in the currency of the books.';
COMMENT ON COLUMN @store@.journal_line.credit IS 'Credit, in the currency of the books.';
COMMENT ON COLUMN @store@.journal_line.amount IS 'The same in the currency of the invoice, credit negative.';
COMMENT ON COLUMN @store@.journal_line.reason IS 'What it is: net, vat, vat not deductible, vat reverse charge, payable.';

-- what was booked stays; entries get their message, and nothing else
REVOKE UPDATE, DELETE, TRUNCATE ON @store@.journal_line FROM CURRENT_USER;
REVOKE DELETE, TRUNCATE ON @store@.journal_entry FROM CURRENT_USER;
ALTER TABLE @store@.account_rule ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE @store@.journal_entry ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE @store@.journal_line ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON @store@.account_rule USING (tenant_id IN (SELECT t FROM @store@.readable_tenants() t));
CREATE POLICY tenant ON @store@.journal_entry USING (tenant_id IN (SELECT t FROM @store@.readable_tenants() t));
CREATE POLICY tenant ON @store@.journal_line USING (tenant_id IN (SELECT t FROM @store@.readable_tenants() t));

--! code
CREATE OR REPLACE FUNCTION @store@.set_account_rule(
	p_tenant_id bigint,
	kind text,
	account text,
	account_name text,
	priority int DEFAULT 100,
	entity text DEFAULT NULL,
	partner text DEFAULT NULL,
	vat_category text DEFAULT NULL,
	vat_rate numeric DEFAULT NULL,
	condition text DEFAULT NULL,
	percent numeric DEFAULT 100,
	rate numeric DEFAULT NULL)
RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, clex, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_entity bigint;
	v_party bigint;
	v_old @store@.account_rule;
BEGIN
	PERFORM @store@.require_right(p_tenant_id, 'configure');
	IF set_account_rule.condition IS NOT NULL THEN
		-- an expression that cannot be read is refused now, not when an invoice comes
		PERFORM clex.test('{"invoice": {"number": "1"}}'::clex.document, set_account_rule.condition);
	END IF;
	IF set_account_rule.entity IS NOT NULL THEN
		v_entity := @store@.entity_id(p_tenant_id, set_account_rule.entity);
	END IF;
	IF set_account_rule.partner IS NOT NULL THEN
		v_party := @store@.party_id(p_tenant_id, set_account_rule.partner);
	END IF;
	DELETE FROM @store@.account_rule r
	WHERE r.tenant_id = p_tenant_id AND r.kind = set_account_rule.kind
		AND (r.entity_id, r.party_id, r.vat_category, r.vat_rate, r.condition)
			IS NOT DISTINCT FROM (v_entity, v_party, set_account_rule.vat_category, set_account_rule.vat_rate, set_account_rule.condition)
	RETURNING * INTO v_old;
	IF set_account_rule.account IS NOT NULL THEN
		INSERT INTO @store@.account_rule (tenant_id, kind, priority, entity_id, party_id, vat_category, vat_rate, condition, account, account_name, percent, rate)
		VALUES (p_tenant_id, set_account_rule.kind, set_account_rule.priority, v_entity, v_party, set_account_rule.vat_category, set_account_rule.vat_rate,
			set_account_rule.condition, set_account_rule.account, set_account_rule.account_name, set_account_rule.percent, set_account_rule.rate);
	END IF;
	PERFORM @store@.record_event(p_tenant_id, 'set_account_rule', 'account_rule', set_account_rule.kind,
		CASE WHEN v_old.id IS NOT NULL THEN jsonb_strip_nulls(to_jsonb(v_old) - '{tenant_id,id}'::text[]) END,
		jsonb_strip_nulls(jsonb_build_object('account', set_account_rule.account, 'priority', set_account_rule.priority, 'entity', set_account_rule.entity,
			'partner', set_account_rule.partner, 'vat_category', set_account_rule.vat_category, 'vat_rate', set_account_rule.vat_rate,
			'condition', set_account_rule.condition, 'percent', set_account_rule.percent, 'rate', set_account_rule.rate)));
END;
$code$;
COMMENT ON FUNCTION @store@.set_account_rule(bigint, text, text, text, int, text, text, text, numeric, text, numeric, numeric) IS
'Says which account what goes to: kind expense, revenue, charge, allowance, vat_deductible (percent that can be deducted), vat_collected, vat_reverse (rate that the buyer owes), supplier or customer; for an entity, a partner, a VAT category, a rate, or where a term expression holds. The rule that fits and has the smallest priority holds, of several the one that says more. account NULL takes the rule away. For personas with the right configure. Errors: 42501, P0002 no such entity or party, 23514 not a kind, account or percentage, 42601 and 22023 not an expression.';

CREATE OR REPLACE FUNCTION @store@.account_for(p_tenant_id bigint, kind text, document clex.document, entity_id bigint, party_id bigint, vat_category text, vat_rate numeric) RETURNS @store@.account_rule
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, clex, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_rule @store@.account_rule;
BEGIN
	FOR v_rule IN
		SELECT * FROM @store@.account_rule r
		WHERE r.tenant_id = p_tenant_id AND r.kind = account_for.kind AND (r.entity_id IS NULL OR r.entity_id = account_for.entity_id)
			AND (r.party_id IS NULL OR r.party_id = account_for.party_id) AND (r.vat_category IS NULL OR r.vat_category = account_for.vat_category)
			AND (r.vat_rate IS NULL OR r.vat_rate = account_for.vat_rate)
		ORDER BY r.priority, num_nulls(r.entity_id, r.party_id, r.vat_category, r.vat_rate, r.condition), r.id
	LOOP
		IF v_rule.condition IS NULL OR clex.test(document, v_rule.condition) THEN
			RETURN v_rule;
		END IF;
	END LOOP;
	RETURN NULL;
END;
$code$;
COMMENT ON FUNCTION @store@.account_for(bigint, text, clex.document, bigint, bigint, text, numeric) IS 'The rule of table account_rule that says which account this goes to; NULL if none fits.';

CREATE OR REPLACE FUNCTION @store@.net_amounts(document jsonb, kind text)
RETURNS TABLE (part int, ordinal bigint, kind_of_amount text, category text, rate numeric, amount numeric)
LANGUAGE sql IMMUTABLE PARALLEL SAFE ROWS 5
BEGIN ATOMIC
	SELECT 1, l.ordinal, net_amounts.kind, l.line #>> '{vat,category}', @store@.json_number(l.line #> '{vat,rate}'), @store@.json_number(l.line -> 'net_amount')
	FROM pg_catalog.jsonb_array_elements(document -> 'lines') WITH ORDINALITY l (line, ordinal)
	UNION ALL
	SELECT 2, c.ordinal, 'charge', c.x ->> 'vat_category', @store@.json_number(c.x -> 'vat_rate'), @store@.json_number(c.x -> 'amount')
	FROM pg_catalog.jsonb_array_elements(document -> 'charges') WITH ORDINALITY c (x, ordinal)
	UNION ALL
	SELECT 3, c.ordinal, 'allowance', c.x ->> 'vat_category', @store@.json_number(c.x -> 'vat_rate'), -@store@.json_number(c.x -> 'amount')
	FROM pg_catalog.jsonb_array_elements(document -> 'allowances') WITH ORDINALITY c (x, ordinal);
END;
COMMENT ON FUNCTION @store@.net_amounts(jsonb, text) IS 'Amounts without VAT of an invoice as JSON, each with the kind of account it wants, VAT category and rate: those of its lines (part 1, kind as given), charges (2) and allowances (3, negative).';

CREATE OR REPLACE FUNCTION @store@.vat_amounts(p_tenant_id bigint, state @store@.invoice_state, document clex.document)
RETURNS TABLE (place int, ordinal bigint, category text, rate numeric, is_cost boolean, account text, account_name text, amount numeric, reason text, missing text)
LANGUAGE plpgsql STABLE ROWS 5
SET search_path = pg_catalog, clex, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_buys boolean := state.direction <> 'sale';
	v_kind text := CASE WHEN v_buys THEN 'vat_deductible' ELSE 'vat_collected' END;
	v_digits int := clex.currency_digits(clex.value(document, 'BT-5'));
BEGIN
	RETURN QUERY
	WITH vat AS (
		SELECT g.ordinal, g.x ->> 'category' AS category, @store@.json_number(g.x -> 'rate') AS rate, @store@.json_number(g.x -> 'taxable_amount') AS base,
			@store@.json_number(g.x -> 'tax_amount') AS tax
		FROM jsonb_array_elements(document::jsonb -> 'vat_breakdown') WITH ORDINALITY g (x, ordinal)
	), taxed AS (
		SELECT v.ordinal, v.category, v.rate, v.tax, r.account, r.account_name, round(v.tax * COALESCE(r.percent, 100) / 100, v_digits) AS part,
			u.account AS reverse_account, u.account_name AS reverse_name, round(v.base * u.rate / 100, v_digits) AS owed, COALESCE(r.percent, 100) AS percent
		FROM vat v
		CROSS JOIN LATERAL @store@.account_for(p_tenant_id, v_kind, document, state.entity_id, state.party_id, v.category, v.rate) r
		CROSS JOIN LATERAL @store@.account_for(p_tenant_id, CASE WHEN v_buys AND v.category IN ('AE', 'K') THEN 'vat_reverse' END, document, state.entity_id, state.party_id, v.category, v.rate) u
	), shared AS (
		SELECT t.*, round(t.owed * t.percent / 100, v_digits) AS owed_part FROM taxed t
	)
	SELECT 2, t.ordinal, t.category, t.rate, false, t.account, t.account_name, t.part, 'vat',
		CASE WHEN t.account IS NULL THEN format('an account for kind "%s", VAT category %s, rate %s', v_kind, t.category, t.rate) END
	FROM shared t WHERE t.tax <> 0 AND (t.percent > 0 OR t.account IS NULL)
	UNION ALL
	SELECT 3, t.ordinal, t.category, t.rate, true, NULL, NULL, t.tax - t.part, 'vat not deductible', NULL
	FROM shared t WHERE t.tax <> t.part
	UNION ALL
	SELECT 4, t.ordinal, t.category, t.rate, false, t.account, t.account_name, t.owed_part, 'vat reverse charge',
		CASE WHEN t.account IS NULL THEN format('an account for kind "vat_deductible", VAT category %s', t.category) END
	FROM shared t WHERE t.owed <> 0 AND (t.percent > 0 OR t.account IS NULL)
	UNION ALL
	SELECT 5, t.ordinal, t.category, t.rate, true, NULL, NULL, t.owed - t.owed_part, 'vat not deductible', NULL
	FROM shared t WHERE t.owed <> t.owed_part
	UNION ALL
	SELECT 6, t.ordinal, t.category, t.rate, false, t.reverse_account, t.reverse_name, -t.owed, 'vat reverse charge',
		CASE WHEN t.reverse_account IS NULL THEN format('an account for kind "vat_reverse", VAT category %s', t.category) END
	FROM shared t WHERE v_buys AND t.category IN ('AE', 'K') AND t.owed IS DISTINCT FROM 0;
END;
$code$;
COMMENT ON FUNCTION @store@.vat_amounts(bigint, @store@.invoice_state, clex.document) IS
'Part of entry_lines(): what the VAT breakdown of an invoice comes to on accounts, in the order of the entry (place): what can be deducted or is owed, under reverse charge both; is_cost: what cannot be deducted, which goes where amounts of that category and rate go. missing: what no account rule says.';

CREATE OR REPLACE FUNCTION @store@.entry_lines(p_tenant_id bigint, document_id bigint)
RETURNS TABLE (ordinal int, account text, account_name text, is_partner boolean, amount numeric, reason text, missing text)
LANGUAGE plpgsql STABLE ROWS 10
SET search_path = pg_catalog, clex, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_state @store@.invoice_state;
	v_document clex.document := (SELECT i.document FROM @store@.invoice i WHERE i.tenant_id = p_tenant_id AND i.document_id = entry_lines.document_id);
	v_json jsonb := v_document::jsonb;
	v_kind text;
	v_partner text;
	v_sign int;
BEGIN
	SELECT * INTO v_state FROM @store@.invoice_state s WHERE s.tenant_id = p_tenant_id AND s.document_id = entry_lines.document_id;
	v_kind := CASE v_state.direction WHEN 'sale' THEN 'revenue' ELSE 'expense' END;
	v_partner := CASE v_state.direction WHEN 'sale' THEN 'customer' ELSE 'supplier' END;
	-- debit is positive: a purchase debits expense and VAT, a sale credits them, and a credit note does the opposite
	v_sign := CASE v_state.direction WHEN 'sale' THEN -1 ELSE 1 END * CASE WHEN v_state.is_credit THEN -1 ELSE 1 END;
	RETURN QUERY
	WITH net AS (
		SELECT n.*, o.account
		FROM @store@.net_amounts(v_json, v_kind) n
		LEFT JOIN @store@.match_line m ON n.part = 1 AND m.tenant_id = p_tenant_id AND m.document_id = entry_lines.document_id AND m.line_no = n.ordinal
		LEFT JOIN @store@.order_line o ON o.tenant_id = p_tenant_id AND o.order_id = m.order_id AND o.line_no = m.order_line_no
	), placed AS (
		SELECT n.part, n.ordinal, n.kind_of_amount, n.category, n.rate, n.amount, COALESCE(n.account, r.account, f.account) AS account,
			CASE WHEN n.account IS NOT NULL AND n.account IS DISTINCT FROM r.account THEN COALESCE((SELECT x.account_name FROM @store@.account_rule x
				WHERE x.tenant_id = p_tenant_id AND x.account = n.account ORDER BY x.id LIMIT 1), n.account) ELSE COALESCE(r.account_name, f.account_name) END AS account_name
		FROM net n
		CROSS JOIN LATERAL @store@.account_for(p_tenant_id, n.kind_of_amount, v_document, v_state.entity_id, v_state.party_id, n.category, n.rate) r
		-- charges and allowances go where the lines go, unless they have an account of their own
		CROSS JOIN LATERAL @store@.account_for(p_tenant_id, CASE WHEN n.part > 1 THEN v_kind END, v_document, v_state.entity_id, v_state.party_id, n.category, n.rate) f
	), first_of AS (
		-- VAT that cannot be deducted is cost, of the first account that has its category and rate
		SELECT DISTINCT ON (p.category, p.rate) p.category, p.rate, p.account, p.account_name FROM placed p ORDER BY p.category, p.rate, p.part, p.ordinal
	), together AS (
		SELECT 1 AS place, min(p.part * 1000000 + p.ordinal) AS ordinal, p.account, p.account_name, false AS is_partner, sum(p.amount) AS amount, 'net'::text AS reason,
			CASE WHEN p.account IS NULL THEN format('an account for kind "%s"%s', min(p.kind_of_amount), COALESCE(', VAT category ' || min(p.category), '')) END AS missing
		FROM placed p GROUP BY p.account, p.account_name
		UNION ALL
		SELECT v.place, v.ordinal, CASE WHEN v.is_cost THEN f.account ELSE v.account END, CASE WHEN v.is_cost THEN f.account_name ELSE v.account_name END, false, v.amount, v.reason, v.missing
		FROM @store@.vat_amounts(p_tenant_id, v_state, v_document) v
		LEFT JOIN first_of f ON v.is_cost AND f.category IS NOT DISTINCT FROM v.category AND f.rate IS NOT DISTINCT FROM v.rate
		UNION ALL
		SELECT 7, 1, r.account, r.account_name, true, -@store@.json_number(v_json #> '{totals,with_vat}'), 'payable',
			CASE WHEN r.account IS NULL THEN format('an account for kind "%s"', v_partner) END
		FROM @store@.account_for(p_tenant_id, v_partner, v_document, v_state.entity_id, v_state.party_id, NULL, NULL) r
	)
	SELECT (row_number() OVER (ORDER BY t.place, t.ordinal))::int, t.account, t.account_name, t.is_partner, v_sign * t.amount, t.reason, t.missing
	FROM together t WHERE t.amount IS DISTINCT FROM 0 OR t.missing IS NOT NULL;
END;
$code$;
COMMENT ON FUNCTION @store@.entry_lines(bigint, bigint) IS 'Part of book_invoice(): the lines of the entry of an invoice in its currency, debit positive, credit negative; missing: what no account rule says.';

CREATE OR REPLACE FUNCTION @store@.booked_amounts(amounts numeric[], rate numeric, digits int) RETURNS numeric[]
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $code$
DECLARE
	v_booked numeric[] := ARRAY(SELECT round(a * rate, digits) FROM unnest(amounts) WITH ORDINALITY u (a, o) ORDER BY o);
	v_rest numeric := (SELECT sum(a) FROM unnest(v_booked) a);
	v_place int;
BEGIN
	IF v_rest <> 0 THEN
		v_place := (SELECT u.o FROM unnest(v_booked) WITH ORDINALITY u (a, o) WHERE u.o < cardinality(v_booked) ORDER BY abs(u.a) DESC, u.o LIMIT 1);
		v_booked[v_place] := v_booked[v_place] - v_rest;
	END IF;
	RETURN v_booked;
END;
$code$;
COMMENT ON FUNCTION @store@.booked_amounts(numeric[], numeric, int) IS
'Amounts of an entry, which add up to 0, in the currency of the books: each times rate, rounded to digits; what rounding leaves is put to the largest but the last, which is what the partner owes.';

CREATE OR REPLACE FUNCTION @store@.book_invoice(p_tenant_id bigint, document_id bigint, entry_date date DEFAULT CURRENT_DATE, exchange_rate numeric DEFAULT NULL) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, clex, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_state @store@.invoice_state;
	v_invoice record;
	v_entry @store@.journal_entry;
	v_partner record;
	v_missing text;
	v_sum numeric;
	v_amounts numeric[];
	v_booked numeric[];
BEGIN
	PERFORM @store@.require_right(p_tenant_id, 'handle');
	v_state := @store@.lock_invoice(p_tenant_id, book_invoice.document_id);
	SELECT e.id INTO v_entry.id FROM @store@.journal_entry e
	WHERE e.tenant_id = p_tenant_id AND e.document_id = book_invoice.document_id AND e.reverses IS NULL
		AND NOT EXISTS (SELECT FROM @store@.journal_entry r WHERE r.tenant_id = p_tenant_id AND r.reverses = e.id);
	IF FOUND THEN
		RETURN v_entry.id;
	END IF;
	SELECT i.number, i.issue_date, i.currency, COALESCE(CASE WHEN v_state.direction = 'sale' THEN i.buyer_name ELSE i.seller_name END, '?') AS partner INTO v_invoice
	FROM @store@.invoice i
	WHERE i.tenant_id = p_tenant_id AND i.document_id = book_invoice.document_id;
	IF v_state.direction <> 'sale' AND @store@.match_turn(v_state.meaning) IS DISTINCT FROM 0 OR v_state.direction = 'sale' AND @store@.match_turn(v_state.meaning) IS NULL
		OR EXISTS (SELECT FROM @store@.issued_number n WHERE n.tenant_id = p_tenant_id AND n.document_id = book_invoice.document_id AND n.state = 'void')
	THEN
		RAISE EXCEPTION 'invoice % is not to be booked', book_invoice.document_id USING
			ERRCODE = 'object_not_in_prerequisite_state',
			DETAIL = format('Its status is %s.', COALESCE(v_state.status, '-')),
			HINT = 'An invoice bought is booked when it has been approved, one sold unless it was voided, refused or cancelled.';
	ELSIF v_state.entity_id IS NULL THEN
		RAISE EXCEPTION 'nothing says in whose books invoice % is', book_invoice.document_id USING
			ERRCODE = 'object_not_in_prerequisite_state',
			HINT = 'An entity whose party has the identifiers of the buyer, or of the seller, is needed; then reread() the invoice.';
	END IF;
	v_entry.currency := v_invoice.currency;
	v_entry.book_currency := COALESCE((SELECT s.value #>> '{}' FROM @store@.setting s WHERE s.tenant_id = p_tenant_id AND s.name = 'p2p.book_currency'), 'EUR');
	IF (v_entry.currency = v_entry.book_currency) IS DISTINCT FROM (book_invoice.exchange_rate IS NULL) THEN
		RAISE EXCEPTION 'an exchange rate is needed for an invoice in another currency, and for no other' USING
			ERRCODE = 'invalid_parameter_value',
			DETAIL = format('The invoice is in %s, the books are in %s.', COALESCE(v_entry.currency, 'no currency'), v_entry.book_currency);
	END IF;
	SELECT string_agg(l.missing, '; ' ORDER BY l.ordinal), sum(l.amount), array_agg(l.amount ORDER BY l.ordinal) INTO v_missing, v_sum, v_amounts
	FROM @store@.entry_lines(p_tenant_id, book_invoice.document_id) l;
	IF v_missing IS NOT NULL THEN
		RAISE EXCEPTION 'no rule says where invoice % is to be booked', book_invoice.document_id USING
			ERRCODE = 'no_data_found',
			DETAIL = format('Missing: %s.', v_missing),
			HINT = 'set_account_rule() says so.';
	ELSIF v_sum IS DISTINCT FROM 0 OR array_position(v_amounts, NULL) IS NOT NULL THEN
		RAISE EXCEPTION 'the amounts of invoice % do not add up', book_invoice.document_id USING
			ERRCODE = 'data_exception',
			DETAIL = COALESCE(format('Lines, charges, allowances and VAT differ from the total with VAT by %s.', abs(trim_scale(v_sum))), 'Some of them cannot be read.'),
			HINT = 'Such an invoice is refused, or corrected by its seller.';
	END IF;

	v_booked := @store@.booked_amounts(v_amounts, COALESCE(book_invoice.exchange_rate, 1), clex.currency_digits(v_entry.book_currency));
	SELECT p.code, p.name INTO v_partner FROM @store@.parties p WHERE p.tenant_id = p_tenant_id AND p.party_id = v_state.party_id;
	v_entry.journal := CASE WHEN v_state.direction = 'sale' THEN 'VE' ELSE 'AC' END;
	v_entry.revision := (SELECT count(*) + 1 FROM @store@.journal_entry e WHERE e.tenant_id = p_tenant_id AND e.document_id = book_invoice.document_id);
	v_entry.ordinal := @store@.take_number(p_tenant_id, v_state.entity_id, 'journal ' || v_entry.journal, book_invoice.entry_date, false);
	INSERT INTO @store@.journal_entry AS e (tenant_id, document_id, revision, entity_id, journal, year, ordinal, entry_date, piece_ref, piece_date, label, book_currency, currency, exchange_rate)
	VALUES (p_tenant_id, book_invoice.document_id, v_entry.revision, v_state.entity_id, v_entry.journal, date_part('year', book_invoice.entry_date)::int, v_entry.ordinal,
		book_invoice.entry_date, COALESCE(v_invoice.number, book_invoice.document_id::text), COALESCE(v_invoice.issue_date, book_invoice.entry_date),
		concat_ws(' ', CASE WHEN v_state.is_credit THEN 'Avoir' ELSE 'Facture' END, v_invoice.number, v_invoice.partner),
		v_entry.book_currency, v_entry.currency, COALESCE(book_invoice.exchange_rate, 1))
	RETURNING e.id INTO v_entry.id;
	INSERT INTO @store@.journal_line (tenant_id, entry_id, line_no, account, account_name, auxiliary, auxiliary_name, debit, credit, amount, reason)
	SELECT p_tenant_id, v_entry.id, l.ordinal, l.account, l.account_name, CASE WHEN l.is_partner THEN COALESCE(v_partner.code, v_state.seller_key) END,
		CASE WHEN l.is_partner THEN COALESCE(v_partner.name, v_invoice.partner) END, GREATEST(v_booked[l.ordinal], 0), GREATEST(-v_booked[l.ordinal], 0), l.amount, l.reason
	FROM @store@.entry_lines(p_tenant_id, book_invoice.document_id) l;
	PERFORM @store@.record_event(p_tenant_id, 'book_invoice', 'invoice', book_invoice.document_id::text, NULL, jsonb_build_object('journal', v_entry.journal, 'ordinal', v_entry.ordinal));
	RETURN v_entry.id;
END;
$code$;
COMMENT ON FUNCTION @store@.book_invoice(bigint, bigint, date, numeric) IS
'Makes the accounting entry of an invoice or credit note and returns its number; one that is there is returned as it is. Debit and credit are equal to the cent, or it is refused. Lines go to the account that their order line names, else to that of table account_rule; VAT by category and rate, what cannot be deducted is cost, and reverse charge is owed and deducted at once. exchange_rate: for an invoice in another currency than the books (setting p2p.book_currency, EUR unless set). For personas with the right handle. Errors: 42501, P0002 no such invoice, or no rule for something: the detail says what, 55000 not approved, voided, or of no entity, 22023 an exchange rate is missing, or is not wanted, 22000 its amounts do not add up.';

CREATE OR REPLACE FUNCTION @store@.reverse_entry(p_tenant_id bigint, entry_id bigint, reason text, entry_date date DEFAULT CURRENT_DATE) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_entry @store@.journal_entry;
	v_id bigint;
	v_ordinal bigint;
BEGIN
	PERFORM @store@.require_right(p_tenant_id, 'handle');
	SELECT * INTO v_entry FROM @store@.journal_entry e WHERE e.tenant_id = p_tenant_id AND e.id = reverse_entry.entry_id;
	IF NOT FOUND THEN
		RAISE EXCEPTION 'tenant % has no entry %', p_tenant_id, reverse_entry.entry_id USING ERRCODE = 'no_data_found';
	ELSIF v_entry.reverses IS NOT NULL THEN
		RAISE EXCEPTION 'entry % takes another one back itself', reverse_entry.entry_id USING
			ERRCODE = 'object_not_in_prerequisite_state',
			HINT = 'book_invoice() makes a new entry.';
	ELSIF COALESCE(btrim(reverse_entry.reason), '') = '' THEN
		RAISE EXCEPTION 'who reverses an entry says why' USING ERRCODE = 'invalid_parameter_value';
	END IF;
	PERFORM @store@.lock_invoice(p_tenant_id, v_entry.document_id);
	SELECT e.id INTO v_id FROM @store@.journal_entry e WHERE e.tenant_id = p_tenant_id AND e.reverses = v_entry.id;
	IF FOUND THEN
		RETURN v_id;
	END IF;
	v_ordinal := @store@.take_number(p_tenant_id, v_entry.entity_id, 'journal ' || v_entry.journal, reverse_entry.entry_date, false);
	INSERT INTO @store@.journal_entry AS e (tenant_id, document_id, revision, reverses, entity_id, journal, year, ordinal, entry_date, piece_ref, piece_date, label, book_currency, currency, exchange_rate)
	VALUES (p_tenant_id, v_entry.document_id, (SELECT count(*) + 1 FROM @store@.journal_entry x WHERE x.tenant_id = p_tenant_id AND x.document_id = v_entry.document_id), v_entry.id,
		v_entry.entity_id, v_entry.journal, date_part('year', reverse_entry.entry_date)::int, v_ordinal, reverse_entry.entry_date, v_entry.piece_ref, v_entry.piece_date,
		'Extourne ' || v_entry.label, v_entry.book_currency, v_entry.currency, v_entry.exchange_rate)
	RETURNING e.id INTO v_id;
	INSERT INTO @store@.journal_line (tenant_id, entry_id, line_no, account, account_name, auxiliary, auxiliary_name, debit, credit, amount, reason)
	SELECT p_tenant_id, v_id, l.line_no, l.account, l.account_name, l.auxiliary, l.auxiliary_name, l.credit, l.debit, -l.amount, l.reason
	FROM @store@.journal_line l WHERE l.tenant_id = p_tenant_id AND l.entry_id = v_entry.id;
	PERFORM @store@.record_event(p_tenant_id, 'reverse_entry', 'invoice', v_entry.document_id::text, to_jsonb(v_entry.id), jsonb_build_object('entry', v_id, 'reason', reverse_entry.reason));
	RETURN v_id;
END;
$code$;
COMMENT ON FUNCTION @store@.reverse_entry(bigint, bigint, text, date) IS 'Takes an entry back by another one with debit and credit exchanged, and returns its number; of one that was taken back, the entry that did. The invoice can then be booked anew. For personas with the right handle. Errors: 42501, P0002 no such entry, 22023 no reason, 55000 it takes another one back itself.';

CREATE OR REPLACE FUNCTION @store@.hand_over(p_tenant_id bigint, entries bigint[] DEFAULT NULL) RETURNS TABLE (entry_id bigint, message_id text)
LANGUAGE plpgsql SECURITY DEFINER ROWS 100
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_entry record;
BEGIN
	PERFORM @store@.require_right(p_tenant_id, 'handle');
	FOR v_entry IN
		SELECT e.*, n.code AS entity FROM @store@.journal_entry e JOIN @store@.entity n ON n.tenant_id = e.tenant_id AND n.id = e.entity_id
		WHERE e.tenant_id = p_tenant_id AND (CASE WHEN entries IS NULL THEN e.message_id IS NULL ELSE e.id = ANY (entries) END)
		ORDER BY e.id FOR NO KEY UPDATE OF e
	LOOP
		entry_id := v_entry.id;
		message_id := @store@.post_message(p_tenant_id, format('entry/%s', v_entry.id), 'erp', 'json', 'accounting_entry', convert_to(jsonb_build_object(
			'entry', v_entry.id, 'entity', v_entry.entity, 'journal', v_entry.journal, 'number', v_entry.ordinal, 'year', v_entry.year, 'date', v_entry.entry_date,
			'reverses', v_entry.reverses, 'piece', v_entry.piece_ref, 'piece_date', v_entry.piece_date, 'label', v_entry.label, 'document', v_entry.document_id,
			'currency', v_entry.currency, 'book_currency', v_entry.book_currency, 'exchange_rate', v_entry.exchange_rate,
			'lines', (SELECT jsonb_agg(jsonb_strip_nulls(jsonb_build_object('account', l.account, 'name', l.account_name, 'auxiliary', l.auxiliary,
					'debit', l.debit, 'credit', l.credit, 'amount', l.amount)) ORDER BY l.line_no)
				FROM @store@.journal_line l WHERE l.tenant_id = p_tenant_id AND l.entry_id = v_entry.id))::text, 'UTF8'), NULL, v_entry.document_id);
		UPDATE @store@.journal_entry e SET message_id = hand_over.message_id
		WHERE e.tenant_id = p_tenant_id AND e.id = v_entry.id AND e.message_id IS NULL;
		RETURN NEXT;
	END LOOP;
END;
$code$;
COMMENT ON FUNCTION @store@.hand_over(bigint, bigint[]) IS
'Hands accounting entries over to the ERP: posts a message (channel erp, JSON) for each; NULL = all that have not been. The same entry again is the same message. The ERP says confirm_message() when it has booked one, with its own number; again is harmless. For personas with the right handle. Errors: 42501, 23503 no such tenant.';

CREATE OR REPLACE VIEW @store@.accounting_entries WITH (security_invoker) AS
SELECT e.tenant_id, e.id AS entry_id, n.code AS entity, e.journal, e.year, e.ordinal, e.entry_date, e.piece_ref, e.piece_date, e.label, l.line_no, l.account, l.account_name,
	l.auxiliary, l.auxiliary_name, l.debit, l.credit, e.book_currency, l.amount, e.currency, l.reason, e.document_id, e.reverses, e.booked_at, e.booked_by, e.message_id,
	o.state AS message_state, o.remote_reference AS erp_reference
FROM @store@.journal_entry e
JOIN @store@.entity n ON n.tenant_id = e.tenant_id AND n.id = e.entity_id
JOIN @store@.journal_line l ON l.tenant_id = e.tenant_id AND l.entry_id = e.id
LEFT JOIN @store@.outbox o ON o.tenant_id = e.tenant_id AND o.message_id = e.message_id;
COMMENT ON VIEW @store@.accounting_entries IS 'Lines of accounting entries, with how far each entry has been handed over and what the ERP calls it.';

CREATE OR REPLACE VIEW @store@.fec_lines WITH (security_invoker) AS
SELECT e.tenant_id, n.code AS entity, e.id AS entry_id, l.line_no, e.journal AS journal_code, CASE e.journal WHEN 'AC' THEN 'Achats' ELSE 'Ventes' END AS journal_lib,
	pg_catalog.format('%s-%s', e.year, pg_catalog.lpad(e.ordinal::text, 6, '0')) AS ecriture_num, e.entry_date AS ecriture_date, l.account AS compte_num, l.account_name AS compte_lib,
	l.auxiliary AS comp_aux_num, l.auxiliary_name AS comp_aux_lib, e.piece_ref, e.piece_date, e.label AS ecriture_lib, l.debit, l.credit, NULL::text AS ecriture_let, NULL::date AS date_let,
	(e.booked_at AT TIME ZONE 'UTC')::date AS valid_date, CASE WHEN e.currency <> e.book_currency THEN l.amount END AS montant_devise,
	CASE WHEN e.currency <> e.book_currency THEN e.currency END AS idevise
FROM @store@.journal_entry e
JOIN @store@.entity n ON n.tenant_id = e.tenant_id AND n.id = e.entity_id
JOIN @store@.journal_line l ON l.tenant_id = e.tenant_id AND l.entry_id = e.id;
COMMENT ON VIEW @store@.fec_lines IS 'Accounting entries as lines of a French file of accounting entries (FEC, LPF art. A47 A-1), its 18 columns by their legal names. valid_date is the day the entry was made, in UTC.';

CREATE OR REPLACE FUNCTION @store@.fec_file(p_tenant_id bigint, entity text, from_date date, to_date date) RETURNS bytea
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_lines text;
BEGIN
	-- tabs and ends of lines of names would be columns and lines
	SELECT string_agg(concat_ws(E'\t', f.journal_code, f.journal_lib, f.ecriture_num, to_char(f.ecriture_date, 'YYYYMMDD'), f.compte_num, translate(f.compte_lib, E'\t\r\n', '   '),
			translate(COALESCE(f.comp_aux_num, ''), E'\t\r\n', '   '), translate(COALESCE(f.comp_aux_lib, ''), E'\t\r\n', '   '), translate(f.piece_ref, E'\t\r\n', '   '),
			to_char(f.piece_date, 'YYYYMMDD'), translate(f.ecriture_lib, E'\t\r\n', '   '), replace(round(f.debit, 2)::text, '.', ','), replace(round(f.credit, 2)::text, '.', ','), '', '',
			to_char(f.valid_date, 'YYYYMMDD'), COALESCE(replace(f.montant_devise::text, '.', ','), ''), COALESCE(f.idevise, '')) || E'\r\n', '' ORDER BY f.entry_id, f.line_no)
	INTO v_lines
	FROM @store@.fec_lines f
	WHERE f.tenant_id = p_tenant_id AND f.entity = fec_file.entity AND f.ecriture_date BETWEEN fec_file.from_date AND fec_file.to_date;
	RETURN convert_to(concat_ws(E'\t', 'JournalCode', 'JournalLib', 'EcritureNum', 'EcritureDate', 'CompteNum', 'CompteLib', 'CompAuxNum', 'CompAuxLib', 'PieceRef', 'PieceDate',
		'EcritureLib', 'Debit', 'Credit', 'EcritureLet', 'DateLet', 'ValidDate', 'Montantdevise', 'Idevise') || E'\r\n' || COALESCE(v_lines, ''), 'UTF8');
END;
$code$;
COMMENT ON FUNCTION @store@.fec_file(bigint, text, date, date) IS 'Accounting entries of an entity and a period as a French file of accounting entries: UTF-8, tabs, decimal comma, in the order in which they were made. clex.fec_findings() finds nothing wrong with it; with opening balances and other journals it becomes that of a year.';

REVOKE ALL ON FUNCTION @store@.booked_amounts(numeric[], numeric, int), @store@.set_account_rule(bigint, text, text, text, int, text, text, text, numeric, text, numeric, numeric),
	@store@.account_for(bigint, text, clex.document, bigint, bigint, text, numeric), @store@.entry_lines(bigint, bigint), @store@.net_amounts(jsonb, text), @store@.vat_amounts(bigint, @store@.invoice_state, clex.document),
	@store@.book_invoice(bigint, bigint, date, numeric),
	@store@.reverse_entry(bigint, bigint, text, date), @store@.hand_over(bigint, bigint[]), @store@.fec_file(bigint, text, date, date) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION @store@.set_account_rule(bigint, text, text, text, int, text, text, text, numeric, text, numeric, numeric),
	@store@.book_invoice(bigint, bigint, date, numeric), @store@.reverse_entry(bigint, bigint, text, date), @store@.hand_over(bigint, bigint[]),
	@store@.fec_file(bigint, text, date, date) TO PUBLIC;
GRANT SELECT ON @store@.account_rule, @store@.journal_entry, @store@.journal_line, @store@.accounting_entries, @store@.fec_lines TO PUBLIC;
