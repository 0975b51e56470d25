-- Module finance, discounts: what an invoice itself offers for early payment, and what a discount that is taken does to VAT.
--
-- A discount is taken when it is paid in time and not before.  It is taken off what is owed with VAT, so that the VAT base falls with it, and only then: the
-- supplier says so by a credit note, or the law by itself where the invoice says that only the VAT on the price paid may be deducted.  None of this is ever
-- done for a financier's discount.

--! step 5 terms of partners
CREATE TABLE @store@.discount_policy (
	tenant_id bigint NOT NULL REFERENCES @store@.tenant,
	id bigint GENERATED ALWAYS AS IDENTITY,
	direction text NOT NULL CHECK (direction IN ('purchase', 'sale')),
	party_id bigint,
	terms text,
	vat_effect text CHECK (vat_effect IN ('credit_note', 'price_paid')),
	PRIMARY KEY (tenant_id, id),
	UNIQUE NULLS NOT DISTINCT (tenant_id, direction, party_id),
	FOREIGN KEY (tenant_id, party_id) REFERENCES @store@.party (tenant_id, id)
);
COMMENT ON TABLE @store@.discount_policy IS 'What was agreed with partners about discounts. Written by set_discount_policy().';
COMMENT ON COLUMN @store@.discount_policy.tenant_id IS 'Tenant.';
COMMENT ON COLUMN @store@.discount_policy.id IS 'Number of the row in this store.';
COMMENT ON COLUMN @store@.discount_policy.direction IS 'purchase or sale.';
COMMENT ON COLUMN @store@.discount_policy.party_id IS 'Partner; NULL = all that have no row of their own.';
COMMENT ON COLUMN @store@.discount_policy.terms IS 'Terms as clex.static_terms() reads them (2/10 net 30), for invoices that state none; NULL = none.';
COMMENT ON COLUMN @store@.discount_policy.vat_effect IS 'credit_note: the supplier sends one for the discount. price_paid: only the VAT on the price paid is deducted, no note is sent. NULL = as the invoice says, else setting finance.vat_effect.';

--! step 6 VAT of discounts
CREATE TABLE @store@.discount_vat (
	tenant_id bigint NOT NULL,
	document_id bigint NOT NULL,
	entry_no int NOT NULL,
	category text NOT NULL,
	rate numeric NOT NULL,
	gross numeric NOT NULL,
	base numeric NOT NULL,
	vat numeric NOT NULL,
	currency text NOT NULL,
	vat_effect text NOT NULL CHECK (vat_effect IN ('credit_note', 'price_paid')),
	seller_key text,
	buyer_vat_id text,
	PRIMARY KEY (tenant_id, document_id, entry_no, category, rate),
	CHECK (gross = base + vat),
	FOREIGN KEY (tenant_id, document_id) REFERENCES @store@.invoice_state (tenant_id, document_id)
);
COMMENT ON TABLE @store@.discount_vat IS 'By how much a discount that was taken lowers VAT base and VAT, for each rate of the invoice. Rows are added by book_discount() and take_back_discount(), never changed, never deleted.';
COMMENT ON COLUMN @store@.discount_vat.tenant_id IS 'Tenant it belongs to.';
COMMENT ON COLUMN @store@.discount_vat.document_id IS 'The invoice.';
COMMENT ON COLUMN @store@.discount_vat.entry_no IS 'Entry of its ledger.';
COMMENT ON COLUMN @store@.discount_vat.category IS 'VAT category (BT-118); empty = the invoice has no VAT breakdown.';
COMMENT ON COLUMN @store@.discount_vat.rate IS 'VAT rate in percent (BT-119); 0 where there is none.';
COMMENT ON COLUMN @store@.discount_vat.gross IS 'Part of the discount that falls on this rate, with VAT.';
COMMENT ON COLUMN @store@.discount_vat.base IS 'What the VAT base falls by.';
COMMENT ON COLUMN @store@.discount_vat.vat IS 'What the VAT falls by, for the seller and for the buyer.';
COMMENT ON COLUMN @store@.discount_vat.currency IS 'Currency of the invoice.';
COMMENT ON COLUMN @store@.discount_vat.vat_effect IS 'price_paid: it falls with the payment. credit_note: it falls with the note of the supplier, document_discount().';
COMMENT ON COLUMN @store@.discount_vat.seller_key IS 'Seller, as in table invoice_state.';
COMMENT ON COLUMN @store@.discount_vat.buyer_vat_id IS 'Buyer, as in table invoice_state.';
REVOKE UPDATE, DELETE, TRUNCATE ON @store@.discount_vat FROM CURRENT_USER;

ALTER TABLE @store@.discount_policy ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE @store@.discount_vat ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

--! code
SELECT @store@.put_finance_policies('{discount_vat}');
DROP POLICY IF EXISTS tenant ON @store@.discount_policy;
CREATE POLICY tenant ON @store@.discount_policy USING (tenant_id IN (SELECT t FROM @store@.readable_tenants() t));
DROP POLICY IF EXISTS store ON @store@.discount_policy;
CREATE POLICY store ON @store@.discount_policy FOR SELECT USING ((SELECT @store@.in_store()));

CREATE OR REPLACE FUNCTION @store@.stated_terms(document clex.document) RETURNS TABLE (source text, days int, percent numeric, base numeric)
LANGUAGE sql IMMUTABLE PARALLEL SAFE ROWS 2
BEGIN ATOMIC
	-- XRechnung: one a line
	SELECT 'skonto', (m.part[1])::int, (m.part[2])::numeric, (m.part[3])::numeric
	FROM pg_catalog.regexp_split_to_table(clex.value(document, 'BT-20'), '[\r\n]+') l (line)
	CROSS JOIN LATERAL pg_catalog.regexp_match(pg_catalog.btrim(l.line, E' \t'), '^#SKONTO#TAGE=([0-9]{1,3})#PROZENT=([0-9]{1,2}\.[0-9]{2})(?:#BASISBETRAG=([0-9]{1,15}\.[0-9]{2}))?#$') m (part)
	WHERE m.part IS NOT NULL AND (m.part[2])::numeric > 0
	UNION ALL
	-- France: a note on discounts (AAB), or the terms of payment, in words
	SELECT 'mention', (x.days[1])::int, pg_catalog.replace(x.percent[1], ',', '.')::numeric, NULL
	FROM (
		SELECT pg_catalog.regexp_match(t.text, '([0-9]{1,2}(?:[.,][0-9]{1,3})?)\s*%') AS percent,
			pg_catalog.regexp_match(t.text, '([0-9]{1,3})\s*(?:jours|jrs|j)\M') AS days
		FROM (
			SELECT n.value ->> 'text', 1 FROM pg_catalog.jsonb_array_elements((document::jsonb) -> 'notes') n (value) WHERE n.value ->> 'subject_code' = 'AAB'
			UNION ALL
			SELECT clex.value(document, 'BT-20'), 2) t (text, preference)
		WHERE t.text ~* 'escompte' AND t.text !~* '(pas|aucun|sans|point)\s+(d[''\u2019]\s*|de\s+)?escompte|escompte[^.;]{0,40}(néant|neant|aucun)|par\s+(mois|an)|mensuel|annuel'
		ORDER BY t.preference LIMIT 1) x
	WHERE x.percent IS NOT NULL AND x.days IS NOT NULL AND pg_catalog.replace(x.percent[1], ',', '.')::numeric > 0;
END;
COMMENT ON FUNCTION @store@.stated_terms(clex.document) IS
'Discount for early payment that an invoice itself grants: percent of what is payable (or of base) if it is paid within so many days of its date. source: skonto, lines #SKONTO#TAGE=…#PROZENT=…# of the terms of payment (BT-20) as XRechnung has them; mention, a French note on discounts (AAB) or terms of payment that name escompte, a percentage and days. None where it says that there is none, or names a rate a month or a year.';

CREATE OR REPLACE FUNCTION @store@.invoice_terms(p_tenant_id bigint, document_id bigint, as_of date DEFAULT CURRENT_DATE)
RETURNS TABLE (source text, pay_by date, percent numeric, discount numeric, net numeric, days int, simple_rate float8, effective_rate float8, in_time boolean)
LANGUAGE plpgsql STABLE ROWS 2
SET search_path = pg_catalog, clex, pg_temp
AS $code$
#variable_conflict use_column
BEGIN
	RETURN QUERY
	WITH invoice AS (
		SELECT i.document, i.currency, i.issue_date, l.due_date, l.open, l.direction, p.terms
		FROM @store@.invoice i
		JOIN @store@.ledger l ON l.tenant_id = i.tenant_id AND l.document_id = i.document_id
		LEFT JOIN LATERAL (
			SELECT d.terms FROM @store@.discount_policy d
			WHERE d.tenant_id = p_tenant_id AND d.direction = CASE l.direction WHEN 'sale' THEN 'sale' ELSE 'purchase' END AND (d.party_id = l.party_id OR d.party_id IS NULL)
			ORDER BY d.party_id NULLS LAST LIMIT 1) p ON true
		WHERE i.tenant_id = p_tenant_id AND i.document_id = invoice_terms.document_id AND l.open > 0 AND i.issue_date IS NOT NULL
	), stated AS (
		SELECT s.source, i.issue_date + s.days AS pay_by, s.percent, clex.round_to_currency(COALESCE(s.base, i.open) * s.percent / 100, i.currency) AS discount
		FROM invoice i CROSS JOIN LATERAL @store@.stated_terms(i.document) s
		WHERE i.due_date > i.issue_date + s.days
	), tier AS (
		SELECT * FROM stated
		UNION ALL
		SELECT 'policy', t.pay_by, t.percent, t.discount
		FROM invoice i CROSS JOIN LATERAL clex.static_terms(i.terms, i.open, i.currency, i.issue_date) t
		WHERE i.terms IS NOT NULL AND t.percent > 0 AND t.pay_by < i.due_date AND NOT EXISTS (SELECT FROM stated)
	)
	SELECT t.source, t.pay_by, t.percent, t.discount, i.open - t.discount, i.due_date - t.pay_by,
		clex.simple_rate(i.open, t.discount, i.due_date - t.pay_by, 365), clex.effective_rate(i.open, t.discount, i.due_date - t.pay_by, 365), t.pay_by >= invoice_terms.as_of
	FROM tier t CROSS JOIN invoice i
	WHERE t.discount > 0 AND t.discount < i.open
	ORDER BY t.pay_by, t.percent DESC;
END;
$code$;
COMMENT ON FUNCTION @store@.invoice_terms(bigint, bigint, date) IS
'Discounts that may be taken of an invoice without asking, a row for each: what it states itself (stated_terms()), else what was agreed with the partner (discount_policy): until when, percent, discount and net of what is open, days before it is due, simple and effective yield a year (ACT/365), and whether it is in time as of a day.';

CREATE OR REPLACE FUNCTION @store@.set_discount_policy(p_tenant_id bigint, partner text DEFAULT NULL, direction text DEFAULT 'purchase', terms text DEFAULT NULL, vat_effect text DEFAULT NULL) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, clex, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_party bigint;
	v_old @store@.discount_policy;
BEGIN
	PERFORM @store@.require_right(p_tenant_id, 'discount');
	PERFORM clex.static_terms(set_discount_policy.terms, 100, 'EUR', CURRENT_DATE) WHERE set_discount_policy.terms IS NOT NULL;
	v_party := CASE WHEN set_discount_policy.partner IS NOT NULL THEN @store@.party_id(p_tenant_id, set_discount_policy.partner) END;
	DELETE FROM @store@.discount_policy d
	WHERE d.tenant_id = p_tenant_id AND d.direction = set_discount_policy.direction AND d.party_id IS NOT DISTINCT FROM v_party RETURNING * INTO v_old;
	IF num_nonnulls(set_discount_policy.terms, set_discount_policy.vat_effect) > 0 THEN
		INSERT INTO @store@.discount_policy (tenant_id, direction, party_id, terms, vat_effect)
		VALUES (p_tenant_id, set_discount_policy.direction, v_party, set_discount_policy.terms, set_discount_policy.vat_effect);
	END IF;
	PERFORM @store@.record_event(p_tenant_id, 'set_discount_policy', 'discount_policy', COALESCE(set_discount_policy.partner, '*'),
		CASE WHEN v_old.id IS NOT NULL THEN jsonb_strip_nulls(to_jsonb(v_old) - '{tenant_id,id}'::text[]) END,
		jsonb_strip_nulls(jsonb_build_object('direction', set_discount_policy.direction, 'terms', set_discount_policy.terms, 'vat_effect', set_discount_policy.vat_effect)));
END;
$code$;
COMMENT ON FUNCTION @store@.set_discount_policy(bigint, text, text, text, text) IS
'Says what was agreed with a partner (NULL = with all others) about discounts, of invoices bought or sold (direction): terms as clex.static_terms() reads them, for invoices that state none; vat_effect credit_note or price_paid. Both NULL takes it away. For personas with the right discount. Errors: 42501, P0002 no such party, 22023 no terms, 23514 a direction or effect.';

CREATE OR REPLACE FUNCTION @store@.vat_effect_of(p_tenant_id bigint, document_id bigint) RETURNS text
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, clex, pg_temp
AS $code$
#variable_conflict use_column
BEGIN
	RETURN (
		SELECT COALESCE(
			(SELECT d.vat_effect FROM @store@.discount_policy d
				WHERE d.tenant_id = p_tenant_id AND d.direction = CASE s.direction WHEN 'sale' THEN 'sale' ELSE 'purchase' END AND (d.party_id = s.party_id OR d.party_id IS NULL)
					AND d.vat_effect IS NOT NULL
				ORDER BY d.party_id NULLS LAST LIMIT 1),
			CASE WHEN concat_ws(' ', clex.value(i.document, 'BT-20'), (i.document::jsonb) -> 'notes') ~* 'seule la (taxe|tva) correspondant au prix effectivement payé ouvre droit à déduction' THEN 'price_paid' END,
			@store@.finance_setting(p_tenant_id, 'vat_effect'), 'credit_note')
		FROM @store@.invoice_state s JOIN @store@.invoice i ON i.tenant_id = s.tenant_id AND i.document_id = s.document_id
		WHERE s.tenant_id = p_tenant_id AND s.document_id = vat_effect_of.document_id);
END;
$code$;
COMMENT ON FUNCTION @store@.vat_effect_of(bigint, bigint) IS 'How a discount on an invoice lowers VAT: as agreed with the partner, else as the invoice says (seule la taxe correspondant au prix effectivement payé ouvre droit à déduction: price_paid), else setting finance.vat_effect, else credit_note.';

CREATE OR REPLACE FUNCTION @store@.split_discount(document clex.document, discount numeric, currency text) RETURNS TABLE (category text, rate numeric, gross numeric, base numeric, vat numeric)
LANGUAGE sql IMMUTABLE PARALLEL SAFE ROWS 2
BEGIN ATOMIC
	WITH rate AS (
		-- amounts that could not be read are no numbers
		SELECT COALESCE(b.value ->> 'category', '') AS category, COALESCE(@store@.json_number(b.value -> 'rate'), 0) AS rate,
			pg_catalog.sum(@store@.json_number(b.value -> 'taxable_amount') + COALESCE(@store@.json_number(b.value -> 'tax_amount'), 0)) AS total,
			pg_catalog.sum(COALESCE(@store@.json_number(b.value -> 'tax_amount'), 0)) AS tax
		FROM pg_catalog.jsonb_array_elements((document::jsonb) -> 'vat_breakdown') b (value)
		GROUP BY 1, 2
		HAVING pg_catalog.sum(@store@.json_number(b.value -> 'taxable_amount') + COALESCE(@store@.json_number(b.value -> 'tax_amount'), 0)) > 0
	), part AS (
		SELECT r.category, r.rate, r.tax / r.total AS tax_part, split_discount.discount * r.total / s.total * u.units AS exact, u.units
		FROM rate r
		CROSS JOIN (SELECT pg_catalog.sum(x.total) AS total FROM rate x) s
		CROSS JOIN (SELECT 10::numeric ^ clex.currency_digits(split_discount.currency) AS units) u
		UNION ALL
		-- without a breakdown there is no VAT to be lowered
		SELECT '', 0, 0, split_discount.discount * u.units, u.units
		FROM (SELECT 10::numeric ^ clex.currency_digits(split_discount.currency) AS units) u
		WHERE NOT EXISTS (SELECT FROM rate)
	), placed AS (
		-- the minor units that are left go to the largest remainders
		SELECT p.*, pg_catalog.floor(p.exact) AS whole, pg_catalog.row_number() OVER (ORDER BY p.exact - pg_catalog.floor(p.exact) DESC, p.category COLLATE "C", p.rate) AS place,
			pg_catalog.round(split_discount.discount * p.units) - pg_catalog.sum(pg_catalog.floor(p.exact)) OVER () AS spare
		FROM part p
	), shared AS (
		SELECT p.category, p.rate, p.tax_part, pg_catalog.round((p.whole + CASE WHEN p.place <= p.spare THEN 1 ELSE 0 END) / p.units, clex.currency_digits(split_discount.currency)) AS gross FROM placed p
	)
	SELECT s.category, s.rate, s.gross, s.gross - v.vat, v.vat
	FROM shared s CROSS JOIN LATERAL (SELECT clex.round_to_currency(s.gross * s.tax_part, split_discount.currency) AS vat) v
	ORDER BY s.category COLLATE "C", s.rate;
END;
COMMENT ON FUNCTION @store@.split_discount(clex.document, numeric, text) IS
'A discount with VAT, split over the VAT rates of an invoice (BG-23) in proportion to what each comes to with VAT, whole minor units by the largest remainder, and each part into base and VAT. Without a breakdown: one row of category empty and no VAT.';

CREATE OR REPLACE FUNCTION @store@.book_discount(p_tenant_id bigint, document_id bigint, discount numeric, paid_on date, reference text, entry_key text) RETURNS boolean
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_effect text;
BEGIN
	IF NOT @store@.book_entry(p_tenant_id, book_discount.document_id, 'discount', book_discount.discount, book_discount.paid_on, book_discount.reference, book_discount.entry_key) THEN
		RETURN false;
	END IF;
	v_effect := @store@.vat_effect_of(p_tenant_id, book_discount.document_id);
	INSERT INTO @store@.discount_vat (tenant_id, document_id, entry_no, category, rate, gross, base, vat, currency, vat_effect, seller_key, buyer_vat_id)
	SELECT p_tenant_id, e.document_id, e.entry_no, v.category, v.rate, v.gross, v.base, v.vat, e.currency, v_effect, e.seller_key, e.buyer_vat_id
	FROM @store@.ledger_entry e
	JOIN @store@.invoice i ON i.tenant_id = e.tenant_id AND i.document_id = e.document_id
	CROSS JOIN LATERAL @store@.split_discount(i.document, e.amount, e.currency) v
	WHERE e.tenant_id = p_tenant_id AND e.entry_key = book_discount.entry_key;
	RETURN true;
END;
$code$;
COMMENT ON FUNCTION @store@.book_discount(bigint, bigint, numeric, date, text, text) IS 'Part of functions by which a discount is taken from own funds: books it, and by how much it lowers VAT at each rate. The same entry_key again: false, and nothing happens. Errors: as of book_entry().';

CREATE OR REPLACE FUNCTION @store@.take_back_discount(p_tenant_id bigint, document_id bigint, reversed_key text, booked_on date, reference text, entry_key text) RETURNS boolean
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
BEGIN
	-- a credit note has taken its place: it stays credited
	IF EXISTS (
		SELECT FROM @store@.ledger_entry e JOIN @store@.ledger_entry r ON r.tenant_id = e.tenant_id AND r.document_id = e.document_id AND r.reverses = e.entry_no
		WHERE e.tenant_id = p_tenant_id AND e.document_id = take_back_discount.document_id AND e.entry_key = take_back_discount.reversed_key
			AND r.entry_key LIKE 'note/%' AND r.entry_key <> take_back_discount.entry_key)
	THEN
		RETURN false;
	END IF;
	IF NOT @store@.reverse_entry(p_tenant_id, take_back_discount.document_id, take_back_discount.reversed_key, take_back_discount.booked_on, take_back_discount.reference, take_back_discount.entry_key) THEN
		RETURN false;
	END IF;
	INSERT INTO @store@.discount_vat (tenant_id, document_id, entry_no, category, rate, gross, base, vat, currency, vat_effect, seller_key, buyer_vat_id)
	SELECT p_tenant_id, v.document_id, e.entry_no, v.category, v.rate, -v.gross, -v.base, -v.vat, v.currency, v.vat_effect, v.seller_key, v.buyer_vat_id
	FROM @store@.ledger_entry e
	JOIN @store@.discount_vat v ON v.tenant_id = e.tenant_id AND v.document_id = e.document_id AND v.entry_no = e.reverses
	WHERE e.tenant_id = p_tenant_id AND e.entry_key = take_back_discount.entry_key;
	RETURN true;
END;
$code$;
COMMENT ON FUNCTION @store@.take_back_discount(bigint, bigint, text, date, text, text) IS 'Part of functions by which a discount is no longer one: reverses its entry, and what it did to VAT. False, and nothing happens, if that was done under the same key, or a credit note has taken its place. Errors: as of reverse_entry().';

CREATE OR REPLACE FUNCTION @store@.announce_payment(p_tenant_id bigint, document_id bigint, paid numeric, discount numeric, paid_on date, event_key text) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_state @store@.invoice_state;
	v_status @store@.lifecycle_status;
	v_issuer text;
	v_facts jsonb;
BEGIN
	SELECT * INTO v_state FROM @store@.invoice_state s WHERE s.tenant_id = p_tenant_id AND s.document_id = announce_payment.document_id;
	v_issuer := CASE v_state.direction WHEN 'sale' THEN 'seller' ELSE 'buyer' END;
	SELECT * INTO v_status FROM @store@.lifecycle_status t
	WHERE t.tenant_id = p_tenant_id AND t.lifecycle = v_state.lifecycle AND t.meaning = CASE v_issuer WHEN 'seller' THEN 'payment_received' ELSE 'payment_sent' END;
	-- a lifecycle that has no such status, or no way to it now, is told nothing
	IF NOT FOUND OR EXISTS (SELECT FROM @store@.status_checks(p_tenant_id, v_state, v_status, ARRAY[v_issuer], '{}', true) c WHERE NOT c.holds) THEN
		RETURN;
	END IF;
	SELECT CASE v_issuer
		WHEN 'seller' THEN (
			SELECT jsonb_agg(jsonb_build_object('type', 'MEN', 'amount', v.gross::text, 'amount_currency', i.currency, 'percent', v.rate::text) ORDER BY v.category COLLATE "C", v.rate)
			FROM @store@.split_discount(i.document, announce_payment.paid, i.currency) v)
		ELSE jsonb_build_array(jsonb_build_object('type', 'MPA', 'amount', announce_payment.paid::text, 'amount_currency', i.currency)) END
		|| CASE WHEN announce_payment.discount > 0
			THEN jsonb_build_array(jsonb_build_object('type', 'ESC', 'amount', announce_payment.discount::text, 'amount_currency', i.currency)) ELSE '[]' END
	INTO v_facts
	FROM @store@.invoice i WHERE i.tenant_id = p_tenant_id AND i.document_id = announce_payment.document_id;
	PERFORM @store@.apply_status(p_tenant_id, announce_payment.document_id, v_status.status, v_issuer, false, '{}', NULL, NULL, announce_payment.event_key,
		jsonb_build_object('characteristics', v_facts, 'paid_on', announce_payment.paid_on), checked => true);
END;
$code$;
COMMENT ON FUNCTION @store@.announce_payment(bigint, bigint, numeric, numeric, date, text) IS
'Part of functions that pay with a discount: gives the invoice the status payment_sent (of a sale: payment_received), with the amount paid (MPA; MEN for each VAT rate) and the discount (ESC) as data of the event, where its lifecycle has such a status and a way to it.';

CREATE OR REPLACE FUNCTION @store@.pay_with_terms(p_tenant_id bigint, document_id bigint, paid_on date, reference text, entry_key text, OUT paid numeric, OUT discount numeric)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_key text := 'terms/' || pay_with_terms.entry_key;
	v_terms record;
BEGIN
	PERFORM @store@.require_member(p_tenant_id);
	PERFORM @store@.require_payer(p_tenant_id, pay_with_terms.document_id);
	SELECT e.amount INTO paid FROM @store@.ledger_entry e WHERE e.tenant_id = p_tenant_id AND e.entry_key = v_key || '/paid' AND e.document_id = pay_with_terms.document_id
		AND e.booked_on = pay_with_terms.paid_on;
	IF FOUND THEN
		discount := (SELECT e.amount FROM @store@.ledger_entry e WHERE e.tenant_id = p_tenant_id AND e.entry_key = v_key || '/discount');
		RETURN;
	END IF;
	SELECT * INTO v_terms FROM @store@.invoice_terms(p_tenant_id, pay_with_terms.document_id, pay_with_terms.paid_on) t WHERE t.in_time ORDER BY t.discount DESC LIMIT 1;
	IF NOT FOUND THEN
		RAISE EXCEPTION 'no discount may be taken of invoice % on that day', pay_with_terms.document_id USING
			ERRCODE = 'object_not_in_prerequisite_state',
			DETAIL = format('Neither it nor an agreement with its partner grants one on %s, or nothing is open.', pay_with_terms.paid_on),
			HINT = 'invoice_terms() lists what they grant.';
	ELSIF (SELECT l.disputed > 0 FROM @store@.ledger l WHERE l.tenant_id = p_tenant_id AND l.document_id = pay_with_terms.document_id)
		OR EXISTS (SELECT FROM @store@.claim c WHERE c.tenant_id = p_tenant_id AND c.document_id = pay_with_terms.document_id)
		OR EXISTS (SELECT FROM @store@.assignment_item a WHERE a.tenant_id = p_tenant_id AND a.document_id = pay_with_terms.document_id AND a.state NOT IN ('repaid', 'released'))
		OR @store@.claimed_elsewhere(p_tenant_id, pay_with_terms.document_id)
	THEN
		RAISE EXCEPTION 'invoice % is disputed, or somebody has a claim on it', pay_with_terms.document_id USING
			ERRCODE = 'object_not_in_prerequisite_state',
			HINT = 'claim_objections() and claimed_elsewhere() say why; record_payment() records what was paid all the same.';
	END IF;
	PERFORM @store@.book_discount(p_tenant_id, pay_with_terms.document_id, v_terms.discount, pay_with_terms.paid_on, 'terms: ' || v_terms.source, v_key || '/discount');
	PERFORM @store@.book_entry(p_tenant_id, pay_with_terms.document_id, 'paid', v_terms.net, pay_with_terms.paid_on, pay_with_terms.reference, v_key || '/paid');
	PERFORM @store@.announce_payment(p_tenant_id, pay_with_terms.document_id, v_terms.net, v_terms.discount, pay_with_terms.paid_on, v_key);
	PERFORM @store@.record_event(p_tenant_id, 'pay_with_terms', 'invoice', pay_with_terms.document_id::text, NULL,
		jsonb_build_object('paid', v_terms.net, 'discount', v_terms.discount, 'percent', v_terms.percent, 'source', v_terms.source, 'paid_on', pay_with_terms.paid_on));
	paid := v_terms.net;
	discount := v_terms.discount;
END;
$code$;
COMMENT ON FUNCTION @store@.pay_with_terms(bigint, bigint, date, text, text) IS
'Records that all that is open of an invoice was paid (or received) on a day less the best discount that its own terms, or those agreed with the partner, grant on that day; the discount lowers VAT. The same entry_key again gets the first answer. For personas with the right pay (invoices bought) or collect (sold). Errors: 42501, P0002 no such invoice, 55000 no discount on that day, disputed, or claimed, also under another document, 23505 the key of another payment.';

CREATE OR REPLACE FUNCTION @store@.document_discount(p_tenant_id bigint, document_id bigint, note_id bigint) RETURNS numeric
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_entry @store@.ledger_entry;
	v_note record;
BEGIN
	PERFORM @store@.require_right(p_tenant_id, 'handle', document_discount.document_id);
	-- the lower number first, as everywhere
	PERFORM @store@.lock_invoice(p_tenant_id, LEAST(document_discount.document_id, document_discount.note_id));
	PERFORM @store@.lock_invoice(p_tenant_id, GREATEST(document_discount.document_id, document_discount.note_id));
	SELECT * INTO v_entry FROM @store@.ledger_entry e
	WHERE e.tenant_id = p_tenant_id AND e.document_id = document_discount.document_id AND e.entry_key = format('note/%s', document_discount.note_id);
	IF FOUND THEN
		RETURN -v_entry.amount;
	END IF;
	SELECT e.* INTO v_entry FROM @store@.ledger_entry e
	WHERE e.tenant_id = p_tenant_id AND e.document_id = document_discount.document_id AND e.kind = 'discount' AND e.reverses IS NULL
		AND NOT EXISTS (SELECT FROM @store@.ledger_entry r WHERE r.tenant_id = e.tenant_id AND r.document_id = e.document_id AND r.reverses = e.entry_no)
	ORDER BY e.entry_no LIMIT 1;
	IF NOT FOUND THEN
		RAISE EXCEPTION 'no discount of invoice % waits for a credit note', document_discount.document_id USING ERRCODE = 'object_not_in_prerequisite_state', HINT = 'View vat_corrections lists those that do.';
	END IF;
	SELECT i.number, abs(i.payable) - (SELECT COALESCE(sum(n.amount), 0) FROM @store@.note_link n
			WHERE n.tenant_id = p_tenant_id AND n.note_id = i.document_id) AS free INTO v_note
	FROM @store@.invoice i JOIN @store@.invoice_state s ON s.tenant_id = i.tenant_id AND s.document_id = i.document_id AND s.is_credit
	WHERE i.tenant_id = p_tenant_id AND i.document_id = document_discount.note_id;
	IF v_note.free IS NULL OR v_note.free < v_entry.amount THEN
		RAISE EXCEPTION 'document % is no credit note over the discount', document_discount.note_id USING
			ERRCODE = 'invalid_parameter_value',
			DETAIL = format('The discount is %s %s; of the note %s is left.', v_entry.amount, v_entry.currency, COALESCE(v_note.free::text, 'nothing'));
	END IF;
	PERFORM @store@.take_back_discount(p_tenant_id, v_entry.document_id, v_entry.entry_key, CURRENT_DATE, 'credit note ' || v_note.number, format('note/%s', document_discount.note_id));
	PERFORM @store@.link_note(p_tenant_id, document_discount.note_id, v_entry.document_id, v_entry.amount);
	PERFORM @store@.record_event(p_tenant_id, 'document_discount', 'invoice', v_entry.document_id::text, NULL,
		jsonb_build_object('note', document_discount.note_id, 'amount', v_entry.amount, 'currency', v_entry.currency));
	RETURN v_entry.amount;
END;
$code$;
COMMENT ON FUNCTION @store@.document_discount(bigint, bigint, bigint) IS
'Says that a credit note is the one for the discount that was taken of an invoice: what was discount is credited from then on, by the same amount, and the note carries what it does to VAT. Returns the amount; again, nothing changes. For personas with the right handle. Errors: 42501, P0002 no such document, 55000 no discount waits for a note, 22023 not a credit note over so much.';

CREATE OR REPLACE FUNCTION @store@.issue_discount_note(p_tenant_id bigint, document_id bigint, series text, OUT note_id bigint, OUT number text)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, clex, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_invoice record;
	v_entry record;
	v_note jsonb;
BEGIN
	PERFORM @store@.require_right(p_tenant_id, 'invoice');
	PERFORM @store@.lock_invoice(p_tenant_id, issue_discount_note.document_id);
	SELECT i.document, i.number, i.issue_date, s.direction, e.code AS entity INTO v_invoice
	FROM @store@.invoice i
	JOIN @store@.invoice_state s ON s.tenant_id = i.tenant_id AND s.document_id = i.document_id
	LEFT JOIN @store@.entity e ON e.tenant_id = s.tenant_id AND e.id = s.entity_id
	WHERE i.tenant_id = p_tenant_id AND i.document_id = issue_discount_note.document_id;
	SELECT n.document_id, n.number INTO note_id, issue_discount_note.number
	FROM @store@.ledger_entry e
	JOIN @store@.issued_number n ON n.tenant_id = e.tenant_id AND n.issue_key = format('discount/%s/%s', e.document_id, e.entry_no)
	WHERE e.tenant_id = p_tenant_id AND e.document_id = issue_discount_note.document_id AND e.kind = 'discount' AND e.reverses IS NULL
	ORDER BY e.entry_no DESC LIMIT 1;
	IF FOUND THEN
		RETURN;
	END IF;
	SELECT e.entry_no INTO v_entry
	FROM @store@.ledger_entry e
	WHERE e.tenant_id = p_tenant_id AND e.document_id = issue_discount_note.document_id AND e.kind = 'discount' AND e.reverses IS NULL
		AND EXISTS (SELECT FROM @store@.discount_vat v WHERE v.tenant_id = e.tenant_id AND v.document_id = e.document_id AND v.entry_no = e.entry_no AND v.vat_effect = 'credit_note')
		AND NOT EXISTS (SELECT FROM @store@.ledger_entry r WHERE r.tenant_id = e.tenant_id AND r.document_id = e.document_id AND r.reverses = e.entry_no)
	ORDER BY e.entry_no LIMIT 1;
	IF NOT FOUND OR v_invoice.direction <> 'sale' THEN
		RAISE EXCEPTION 'no discount of invoice % is to be confirmed by a credit note of the tenant', issue_discount_note.document_id USING
			ERRCODE = 'object_not_in_prerequisite_state',
			DETAIL = 'It was bought, or no discount was taken, or only the VAT on the price paid is owed.';
	END IF;
	v_note := ((v_invoice.document::jsonb) - '{$format,$reader,$provenance,$extras,lines,totals,vat_breakdown,allowances,charges,delivery,payment}'::text[])
		|| jsonb_build_object('$kind', 'credit_note',
			'invoice', ((v_invoice.document::jsonb) -> 'invoice') - '{number,due_date,payment_terms,purchase_order,sales_order,despatch_advice,receiving_advice}'::text[]
				|| jsonb_build_object('issue_date', CURRENT_DATE, 'type_code', '381'),
			'preceding_invoices', jsonb_build_array(jsonb_build_object('number', v_invoice.number, 'issue_date', v_invoice.issue_date)),
			'lines', (
				SELECT jsonb_agg(jsonb_build_object('quantity', 1, 'unit', 'C62', 'price', jsonb_build_object('net', v.base), 'net_amount', v.base,
					'vat', jsonb_strip_nulls(jsonb_build_object('category', NULLIF(v.category, ''), 'rate', v.rate)),
					'item', jsonb_build_object('name', format('Discount for early payment of invoice %s', v_invoice.number))) ORDER BY v.category COLLATE "C", v.rate)
				FROM @store@.discount_vat v WHERE v.tenant_id = p_tenant_id AND v.document_id = issue_discount_note.document_id AND v.entry_no = v_entry.entry_no),
			'vat_breakdown', (
				SELECT jsonb_agg(jsonb_build_object('category', v.category, 'rate', v.rate, 'taxable_amount', v.base, 'tax_amount', v.vat) ORDER BY v.category COLLATE "C", v.rate)
				FROM @store@.discount_vat v WHERE v.tenant_id = p_tenant_id AND v.document_id = issue_discount_note.document_id AND v.entry_no = v_entry.entry_no));
	SELECT i.document_id, i.number INTO note_id, issue_discount_note.number
	FROM @store@.issue_invoice(p_tenant_id, v_invoice.entity, issue_discount_note.series, v_note, format('discount/%s/%s', issue_discount_note.document_id, v_entry.entry_no)) i;
	PERFORM @store@.document_discount(p_tenant_id, issue_discount_note.document_id, note_id);
END;
$code$;
COMMENT ON FUNCTION @store@.issue_discount_note(bigint, bigint, text) IS
'Issues the credit note (avoir) for a discount that a customer has taken: a line for each VAT rate, numbered in a series of the entity, and links it to the invoice (document_discount()). Again: the same note. For personas with the rights invoice and handle that may submit. Errors: 42501, P0002 no such invoice or series, 55000 no discount to be confirmed so, 23514 it would break rules: the detail lists the findings.';

CREATE OR REPLACE VIEW @store@.vat_corrections WITH (security_invoker) AS
SELECT v.tenant_id, v.document_id, i.number, s.direction, e.booked_on, v.category, v.rate, v.gross, v.base, v.vat, v.currency, v.vat_effect,
	CASE WHEN v.vat_effect = 'price_paid' THEN 'falls' WHEN e.reverses IS NOT NULL OR r.entry_no IS NOT NULL THEN 'by credit note'
		WHEN s.direction = 'sale' THEN 'issue credit note' ELSE 'waits for credit note' END AS state
FROM @store@.discount_vat v
JOIN @store@.ledger_entry e ON e.tenant_id = v.tenant_id AND e.document_id = v.document_id AND e.entry_no = v.entry_no
LEFT JOIN @store@.ledger_entry r ON r.tenant_id = v.tenant_id AND r.document_id = v.document_id AND r.reverses = v.entry_no
JOIN @store@.invoice_state s ON s.tenant_id = v.tenant_id AND s.document_id = v.document_id
JOIN @store@.invoice i ON i.tenant_id = v.tenant_id AND i.document_id = v.document_id;
COMMENT ON VIEW @store@.vat_corrections IS
'What discounts that were taken do to VAT, at each rate: of invoices bought deductible VAT falls by vat, of invoices sold VAT owed does. state: falls, on booked_on, with the payment; waits for credit note of the supplier; issue credit note, the tenant owes one; by credit note: the note carries it, and the rows cancel each other.';

CREATE OR REPLACE VIEW @store@.discount_policies WITH (security_invoker) AS
SELECT d.tenant_id, d.direction, p.code AS partner, d.terms, d.vat_effect
FROM @store@.discount_policy d
LEFT JOIN @store@.party p ON p.tenant_id = d.tenant_id AND p.id = d.party_id;
COMMENT ON VIEW @store@.discount_policies IS 'What was agreed with partners about discounts; partner NULL = with all others.';

REVOKE ALL ON FUNCTION @store@.set_discount_policy(bigint, text, text, text, text), @store@.vat_effect_of(bigint, bigint),
	@store@.book_discount(bigint, bigint, numeric, date, text, text), @store@.take_back_discount(bigint, bigint, text, date, text, text),
	@store@.announce_payment(bigint, bigint, numeric, numeric, date, text), @store@.pay_with_terms(bigint, bigint, date, text, text),
	@store@.document_discount(bigint, bigint, bigint), @store@.issue_discount_note(bigint, bigint, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION @store@.stated_terms(clex.document), @store@.invoice_terms(bigint, bigint, date), @store@.split_discount(clex.document, numeric, text),
	@store@.set_discount_policy(bigint, text, text, text, text), @store@.pay_with_terms(bigint, bigint, date, text, text), @store@.document_discount(bigint, bigint, bigint),
	@store@.issue_discount_note(bigint, bigint, text) TO PUBLIC;
GRANT SELECT ON @store@.discount_policy, @store@.discount_vat, @store@.vat_corrections, @store@.discount_policies TO PUBLIC;
