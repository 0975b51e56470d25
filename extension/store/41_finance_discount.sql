-- Module finance, discounts: what an invoice itself offers for early payment, offers that either side makes, and what a discount that is taken does to VAT.
--
-- An offer has a rate a year and a window of days; what it comes to on each of them is computed by clex.discount_amount() from what is open, with the day count,
-- method and rounding it was made with.  Who accepts names the day, and from then on the offer has a claim on the invoice.  A discount is taken when it is paid
-- in time and not before.  It is taken off what is owed with VAT, so that the VAT base falls with it, and only then: the supplier says so by a credit note, or
-- the law by itself where the invoice says that only the VAT on the price paid may be deducted.  None of this is ever done for a financier's discount.

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

--! step 6 offers
CREATE TABLE @store@.offer (
	tenant_id bigint NOT NULL,
	id bigint GENERATED ALWAYS AS IDENTITY,
	document_id bigint NOT NULL,
	direction text NOT NULL,
	side text NOT NULL CHECK (side IN ('buyer', 'seller')),
	state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'accepted', 'settled', 'declined', 'countered', 'withdrawn', 'replaced', 'expired', 'released', 'lapsed')),
	rate numeric NOT NULL CHECK (rate > 0 AND rate < 10),
	day_count text NOT NULL,
	method text NOT NULL CHECK (method IN ('DISCOUNT_ON_FACE', 'DISCOUNT_ON_NET', 'COMPOUND')),
	rounding text NOT NULL CHECK (rounding IN ('HALF_UP', 'HALF_EVEN', 'UP', 'DOWN')),
	calendar text NOT NULL,
	currency text NOT NULL,
	amount numeric NOT NULL CHECK (amount > 0),
	due_date date NOT NULL,
	pay_from date NOT NULL,
	pay_until date NOT NULL,
	expires_at timestamptz NOT NULL,
	campaign_id bigint,
	counter_to bigint,
	standing_id bigint,
	note text,
	made_by text NOT NULL DEFAULT clex.caller(),
	made_at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
	pay_on date,
	discount numeric CHECK (discount > 0),
	net numeric CHECK (net > 0),
	simple_rate float8,
	effective_rate float8,
	answered_by text,
	answered_at timestamptz,
	reason text,
	settled_on date,
	party_id bigint,
	entity_id bigint,
	seller_key text,
	buyer_vat_id text,
	PRIMARY KEY (tenant_id, id),
	CHECK (pay_from <= pay_until AND pay_until < due_date),
	CHECK ((state IN ('accepted', 'settled', 'released', 'lapsed')) <= (pg_catalog.num_nulls(pay_on, discount, net, simple_rate, effective_rate, answered_at) = 0)),
	CHECK (discount + net = amount),
	CHECK ((state = 'settled') = (settled_on IS NOT NULL)),
	FOREIGN KEY (tenant_id, document_id) REFERENCES @store@.invoice_state (tenant_id, document_id),
	FOREIGN KEY (tenant_id, counter_to) REFERENCES @store@.offer (tenant_id, id)
);
CREATE UNIQUE INDEX offer_open_idx ON @store@.offer (tenant_id, document_id, side) WHERE state = 'open';
CREATE UNIQUE INDEX offer_accepted_idx ON @store@.offer (tenant_id, document_id) WHERE state = 'accepted';
CREATE INDEX offer_due_idx ON @store@.offer (tenant_id, pay_on, document_id) WHERE state = 'accepted';
CREATE INDEX offer_document_idx ON @store@.offer (tenant_id, document_id, id);
CREATE INDEX offer_campaign_idx ON @store@.offer (tenant_id, campaign_id, id) WHERE campaign_id IS NOT NULL;
COMMENT ON TABLE @store@.offer IS 'Discounts offered for paying invoices early, by either side, and what became of them. Written by make_offer(), accept_offer() and the other functions of offers and campaigns.';
COMMENT ON COLUMN @store@.offer.tenant_id IS 'Tenant it belongs to.';
COMMENT ON COLUMN @store@.offer.id IS 'Number of the offer in this store.';
COMMENT ON COLUMN @store@.offer.document_id IS 'The invoice.';
COMMENT ON COLUMN @store@.offer.direction IS 'As in table invoice_state.';
COMMENT ON COLUMN @store@.offer.side IS 'Who offers: buyer (to pay early) or seller (to give a discount).';
COMMENT ON COLUMN @store@.offer.state IS 'open; accepted; settled: paid in time, the discount is taken; declined; countered: the other side made another one; withdrawn; replaced by a later one of its side; expired; released: given up after it was accepted; lapsed: not paid in time.';
COMMENT ON COLUMN @store@.offer.rate IS 'Rate a year, a fraction.';
COMMENT ON COLUMN @store@.offer.day_count IS 'Day count convention, as in view clex.day_counts.';
COMMENT ON COLUMN @store@.offer.method IS 'Method, as of clex.discount_amount().';
COMMENT ON COLUMN @store@.offer.rounding IS 'Rounding, as of clex.discount_amount().';
COMMENT ON COLUMN @store@.offer.calendar IS 'Calendar of the days on which it can be paid.';
COMMENT ON COLUMN @store@.offer.currency IS 'Currency of the invoice.';
COMMENT ON COLUMN @store@.offer.amount IS 'What was open, with VAT, when it was made; since it was accepted, then.';
COMMENT ON COLUMN @store@.offer.due_date IS 'Day the invoice is due without it.';
COMMENT ON COLUMN @store@.offer.pay_from IS 'First day on which it may be paid.';
COMMENT ON COLUMN @store@.offer.pay_until IS 'Last day on which it may be paid.';
COMMENT ON COLUMN @store@.offer.expires_at IS 'Until when it can be accepted.';
COMMENT ON COLUMN @store@.offer.campaign_id IS 'Campaign it is of; NULL = none.';
COMMENT ON COLUMN @store@.offer.counter_to IS 'Offer of the other side to which it is the answer.';
COMMENT ON COLUMN @store@.offer.standing_id IS 'Standing order that made it; NULL = somebody did.';
COMMENT ON COLUMN @store@.offer.note IS 'What its maker said beside.';
COMMENT ON COLUMN @store@.offer.made_by IS 'Role that made it.';
COMMENT ON COLUMN @store@.offer.made_at IS 'When.';
COMMENT ON COLUMN @store@.offer.pay_on IS 'Day on which it is to be paid, as accepted.';
COMMENT ON COLUMN @store@.offer.discount IS 'Discount on that day, with VAT.';
COMMENT ON COLUMN @store@.offer.net IS 'What is paid on that day.';
COMMENT ON COLUMN @store@.offer.simple_rate IS 'Simple yield a year of paying net that many days early.';
COMMENT ON COLUMN @store@.offer.effective_rate IS 'Effective yield a year, compounded.';
COMMENT ON COLUMN @store@.offer.answered_by IS 'Role that accepted, declined, countered or withdrew it.';
COMMENT ON COLUMN @store@.offer.answered_at IS 'When.';
COMMENT ON COLUMN @store@.offer.reason IS 'Why it was declined, released or lapsed.';
COMMENT ON COLUMN @store@.offer.settled_on IS 'Day on which it was paid.';
COMMENT ON COLUMN @store@.offer.party_id IS 'The other side, as in table invoice_state.';
COMMENT ON COLUMN @store@.offer.entity_id IS 'Entity of the tenant, as in table invoice_state.';
COMMENT ON COLUMN @store@.offer.seller_key IS 'Seller, as in table invoice_state.';
COMMENT ON COLUMN @store@.offer.buyer_vat_id IS 'Buyer, as in table invoice_state.';

CREATE TABLE @store@.standing_offer (
	tenant_id bigint NOT NULL REFERENCES @store@.tenant,
	id bigint GENERATED ALWAYS AS IDENTITY,
	direction text NOT NULL CHECK (direction IN ('purchase', 'sale')),
	side text NOT NULL CHECK (side IN ('buyer', 'seller')),
	party_id bigint,
	currency text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
	rate numeric CHECK (rate > 0 AND rate < 10),
	accept_yield float8 CHECK (accept_yield > 0),
	min_days int NOT NULL DEFAULT 5 CHECK (min_days > 0),
	max_amount numeric CHECK (max_amount > 0),
	condition text,
	valid_until date,
	active boolean NOT NULL DEFAULT true,
	set_by text NOT NULL DEFAULT clex.caller(),
	set_at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
	PRIMARY KEY (tenant_id, id),
	UNIQUE NULLS NOT DISTINCT (tenant_id, direction, side, party_id, currency),
	CHECK (rate IS NOT NULL OR accept_yield IS NOT NULL),
	FOREIGN KEY (tenant_id, party_id) REFERENCES @store@.party (tenant_id, id)
);
COMMENT ON TABLE @store@.standing_offer IS 'Offers to be made, and accepted, for every invoice of a partner without asking again. Written by set_standing_offer().';
COMMENT ON COLUMN @store@.standing_offer.tenant_id IS 'Tenant.';
COMMENT ON COLUMN @store@.standing_offer.id IS 'Number of the row in this store.';
COMMENT ON COLUMN @store@.standing_offer.direction IS 'purchase or sale.';
COMMENT ON COLUMN @store@.standing_offer.side IS 'Whose it is: buyer or seller.';
COMMENT ON COLUMN @store@.standing_offer.party_id IS 'Partner; NULL = all that have no row of their own.';
COMMENT ON COLUMN @store@.standing_offer.currency IS 'Currency of the invoices.';
COMMENT ON COLUMN @store@.standing_offer.rate IS 'Rate a year at which it offers; NULL = it makes no offers.';
COMMENT ON COLUMN @store@.standing_offer.accept_yield IS 'Simple yield a year: the buyer accepts what yields at least that, the seller what costs at most that; NULL = it accepts nothing by itself.';
COMMENT ON COLUMN @store@.standing_offer.min_days IS 'Days early below which nothing is offered or accepted.';
COMMENT ON COLUMN @store@.standing_offer.max_amount IS 'Amount open of an invoice above which nothing is offered or accepted; NULL = none.';
COMMENT ON COLUMN @store@.standing_offer.condition IS 'Term expression that must hold for the invoice; NULL = none.';
COMMENT ON COLUMN @store@.standing_offer.valid_until IS 'Last day on which it counts; NULL = without end.';
COMMENT ON COLUMN @store@.standing_offer.active IS 'Whether it counts.';
COMMENT ON COLUMN @store@.standing_offer.set_by IS 'Role that set it last.';
COMMENT ON COLUMN @store@.standing_offer.set_at IS 'When.';

--! step 7 VAT of discounts
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
ALTER TABLE @store@.offer ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE @store@.standing_offer ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE @store@.discount_vat ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

--! code
SELECT @store@.put_finance_policies('{offer,discount_vat}');
DROP POLICY IF EXISTS tenant ON @store@.discount_policy;
CREATE POLICY tenant ON @store@.discount_policy USING (tenant_id IN (SELECT t FROM @store@.readable_tenants() t));
DROP POLICY IF EXISTS store ON @store@.discount_policy;
CREATE POLICY store ON @store@.discount_policy FOR SELECT USING ((SELECT @store@.in_store()));
-- what the buyer would accept is no business of the seller's
DROP POLICY IF EXISTS tenant ON @store@.standing_offer;
CREATE POLICY tenant ON @store@.standing_offer FOR SELECT USING (tenant_id IN (SELECT t FROM @store@.readable_tenants() t) AND (side = 'buyer' OR direction = 'sale'));
DROP POLICY IF EXISTS own ON @store@.standing_offer;
CREATE POLICY own ON @store@.standing_offer FOR SELECT
	USING (side = 'seller' AND direction = 'purchase' AND (tenant_id, party_id) IN (SELECT p.tenant_id, p.party_id FROM @store@.own_parties() p));
DROP POLICY IF EXISTS store ON @store@.standing_offer;
CREATE POLICY store ON @store@.standing_offer USING ((SELECT @store@.in_store()));

INSERT INTO @store@.notice_default AS d (template, language, arguments, subject, body)
SELECT w.template, w.language, w.arguments::text[], w.subject, w.body
FROM (VALUES
	('discount_offered', 'en', '{number,buyer,total,discount,net,pay_on,until}', 'Early payment of your invoice {number}',
		'{buyer} offers to pay your invoice {number} over {total} from {pay_on, date, long} on, for a discount of {discount} on that day ({net} paid). Please answer by {until, date, long}.'),
	('discount_offered', 'fr', '{number,buyer,total,discount,net,pay_on,until}', 'Paiement anticipé de votre facture {number}',
		'{buyer} propose de payer votre facture {number}, d''un montant de {total}, dès le {pay_on, date, long}, moyennant un escompte de {discount} à cette date ({net} payés). Merci de répondre avant le {until, date, long}.'),
	('discount_offered', 'de', '{number,buyer,total,discount,net,pay_on,until}', 'Vorzeitige Zahlung Ihrer Rechnung {number}',
		'{buyer} bietet an, Ihre Rechnung {number} über {total} ab dem {pay_on, date, long} zu zahlen, gegen ein Skonto von {discount} an diesem Tag ({net} werden gezahlt). Bitte antworten Sie bis {until, date, long}.'),
	('discount_paid', 'en', '{number,buyer,total,discount,net,pay_on,vat_effect}', 'Your invoice {number} is paid early',
		'{buyer} pays {net} for your invoice {number} over {total} on {pay_on, date, long}; the agreed discount is {discount}. {vat_effect, select, credit_note {Please send a credit note for the discount.} other {Only the VAT on the price paid is deducted; no credit note is needed.}}'),
	('discount_paid', 'fr', '{number,buyer,total,discount,net,pay_on,vat_effect}', 'Votre facture {number} est payée par anticipation',
		'{buyer} paie {net} le {pay_on, date, long} pour votre facture {number} d''un montant de {total} ; l''escompte convenu est de {discount}. {vat_effect, select, credit_note {Merci d''envoyer un avoir pour l''escompte.} other {Seule la taxe correspondant au prix effectivement payé est déduite ; aucun avoir n''est nécessaire.}}'),
	('discount_paid', 'de', '{number,buyer,total,discount,net,pay_on,vat_effect}', 'Ihre Rechnung {number} wird vorzeitig bezahlt',
		'{buyer} zahlt {net} am {pay_on, date, long} für Ihre Rechnung {number} über {total}; das vereinbarte Skonto beträgt {discount}. {vat_effect, select, credit_note {Bitte senden Sie eine Gutschrift über das Skonto.} other {Nur die Steuer auf den gezahlten Preis wird abgezogen; eine Gutschrift ist nicht nötig.}}')
	) w (template, language, arguments, subject, body)
ON CONFLICT (template, language) DO UPDATE SET arguments = EXCLUDED.arguments, subject = EXCLUDED.subject, body = EXCLUDED.body;

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
		WHERE t.text ~* 'escompte' AND t.text !~* '(pas|aucun|sans|point)\s+(d[''’]\s*|de\s+)?escompte|escompte[^.;]{0,40}(néant|neant|aucun)|par\s+(mois|an)|mensuel|annuel'
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
BEGIN
	IF NOT @store@.book_entry(p_tenant_id, book_discount.document_id, 'discount', book_discount.discount, book_discount.paid_on, book_discount.reference, book_discount.entry_key) THEN
		RETURN false;
	END IF;
	INSERT INTO @store@.discount_vat (tenant_id, document_id, entry_no, category, rate, gross, base, vat, currency, vat_effect, seller_key, buyer_vat_id)
	SELECT p_tenant_id, e.document_id, e.entry_no, v.category, v.rate, v.gross, v.base, v.vat, e.currency, @store@.vat_effect_of(p_tenant_id, e.document_id), e.seller_key, e.buyer_vat_id
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
COMMENT ON FUNCTION @store@.take_back_discount(bigint, bigint, text, date, text, text) IS 'Part of functions by which a discount is no longer one: reverses its entry, and what it did to VAT. Errors: as of reverse_entry().';

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
	THEN
		RAISE EXCEPTION 'invoice % is disputed, or somebody has a claim on it', pay_with_terms.document_id USING
			ERRCODE = 'object_not_in_prerequisite_state',
			HINT = 'claim_objections() says why; record_payment() records what was paid all the same.';
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
'Records that all that is open of an invoice was paid (or received) on a day less the best discount that its own terms, or those agreed with the partner, grant on that day; the discount lowers VAT. The same entry_key again gets the first answer. For personas with the right pay (invoices bought) or collect (sold). Errors: 42501, P0002 no such invoice, 55000 no discount on that day, disputed, or claimed, 23505 the key of another payment.';

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

CREATE OR REPLACE FUNCTION @store@.offer_figures(amount numeric, rate numeric, pay_on date, due_date date, day_count text, method text, currency text, rounding text,
	OUT discount numeric, OUT net numeric, OUT days int, OUT simple_rate float8, OUT effective_rate float8)
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, clex, pg_temp
AS $code$
DECLARE
	v_basis int := CASE WHEN day_count ~ '360' THEN 360 ELSE 365 END;
BEGIN
	discount := clex.discount_amount(amount, rate, pay_on, due_date, day_count, method, currency, rounding);
	net := amount - discount;
	days := due_date - pay_on;
	IF days > 0 AND discount > 0 AND net > 0 THEN
		simple_rate := clex.simple_rate(amount, discount, days, v_basis);
		effective_rate := clex.effective_rate(amount, discount, days, v_basis);
	END IF;
END;
$code$;
COMMENT ON FUNCTION @store@.offer_figures(numeric, numeric, date, date, text, text, text, text) IS 'What an offer comes to on a day: discount, net, days early, simple and effective yield a year over 360 days where the day count says so, else 365; no yields where nothing is earned.';

CREATE OR REPLACE FUNCTION @store@.offer_side(p_tenant_id bigint, state @store@.invoice_state, wanted text) RETURNS text
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_sides text[] := @store@.side_of(p_tenant_id, state);
	v_side text := COALESCE(offer_side.wanted, v_sides[1]);
BEGIN
	-- customers are no members: what they say of what was sold is recorded by the tenant
	IF state.direction = 'purchase' AND v_side <> ALL (v_sides) AND NOT @store@.is_operator() THEN
		RAISE EXCEPTION 'role "%" does not speak for the %', clex.caller(), v_side USING ERRCODE = 'insufficient_privilege';
	ELSIF v_side NOT IN ('buyer', 'seller') THEN
		RAISE EXCEPTION 'sides are buyer and seller' USING ERRCODE = 'invalid_parameter_value';
	END IF;
	PERFORM @store@.require_right(p_tenant_id, CASE WHEN state.direction = 'purchase' AND v_side = 'seller' THEN 'accept' ELSE 'discount' END, state.document_id);
	RETURN v_side;
END;
$code$;
COMMENT ON FUNCTION @store@.offer_side(bigint, @store@.invoice_state, text) IS 'Part of functions of offers: side for which the caller speaks, or of a sale (and for operators) the one it names. Errors: 42501 not its side, or without the right (accept for suppliers, else discount), 22023 no side.';

CREATE OR REPLACE FUNCTION @store@.put_offer(
	p_tenant_id bigint,
	state @store@.invoice_state,
	side text,
	rate numeric,
	pay_from date,
	pay_until date,
	expires_at timestamptz,
	note text,
	counter_to bigint DEFAULT NULL,
	standing_id bigint DEFAULT NULL)
RETURNS bigint
LANGUAGE plpgsql
SET search_path = pg_catalog, clex, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_open record;
	v_objection text;
	v_calendar text := @store@.finance_setting(p_tenant_id, 'calendar', 'TARGET');
	v_from date;
	v_until date;
	v_figures record;
	v_id bigint;
BEGIN
	v_objection := (SELECT o.objection FROM @store@.claim_objections(p_tenant_id, ARRAY[state.document_id]) o);
	-- it may be approved yet
	IF v_objection IS NOT NULL AND v_objection <> 'it is not approved' THEN
		RAISE EXCEPTION 'no discount can be offered on invoice %', state.document_id USING
			ERRCODE = 'object_not_in_prerequisite_state',
			DETAIL = upper(left(v_objection, 1)) || substr(v_objection, 2) || '.';
	END IF;
	SELECT l.open, l.currency INTO v_open FROM @store@.ledger l WHERE l.tenant_id = p_tenant_id AND l.document_id = state.document_id;
	v_from := clex.adjust(GREATEST(COALESCE(pay_from, CURRENT_DATE + @store@.finance_setting(p_tenant_id, 'lead_days', '1')::int), CURRENT_DATE), 'FOLLOWING', v_calendar);
	v_until := COALESCE(pay_until, clex.adjust(state.due_date - 1, 'PRECEDING', v_calendar));
	IF v_until >= state.due_date OR v_from > v_until OR state.due_date IS NULL THEN
		RAISE EXCEPTION 'no day is left on which invoice % could be paid early', state.document_id USING
			ERRCODE = 'invalid_parameter_value',
			DETAIL = format('It would be from %s to %s, and it is due on %s.', v_from, v_until, COALESCE(state.due_date::text, 'no day that it states'));
	END IF;
	INSERT INTO @store@.offer AS o (tenant_id, document_id, direction, side, rate, day_count, method, rounding, calendar, currency, amount, due_date, pay_from, pay_until, expires_at,
		counter_to, standing_id, note, party_id, entity_id, seller_key, buyer_vat_id)
	VALUES (p_tenant_id, state.document_id, state.direction, side, rate, @store@.finance_setting(p_tenant_id, 'day_count', 'ACT/360'),
		@store@.finance_setting(p_tenant_id, 'method', 'DISCOUNT_ON_FACE'), @store@.finance_setting(p_tenant_id, 'rounding', 'HALF_UP'), v_calendar, v_open.currency, v_open.open,
		state.due_date, v_from, v_until, COALESCE(expires_at, now() + interval '1 day' * @store@.finance_setting(p_tenant_id, 'offer_days', '7')::int),
		counter_to, standing_id, note, state.party_id, state.entity_id, state.seller_key, state.buyer_vat_id)
	RETURNING o.id INTO v_id;
	SELECT f.* INTO v_figures FROM @store@.offer o, @store@.offer_figures(o.amount, o.rate, o.pay_from, o.due_date, o.day_count, o.method, o.currency, o.rounding) f
	WHERE o.tenant_id = p_tenant_id AND o.id = v_id;
	IF v_figures.simple_rate IS NULL THEN
		RAISE EXCEPTION 'that rate gives no discount, or more than there is' USING
			ERRCODE = 'invalid_parameter_value',
			DETAIL = format('Of %s %s it is %s on %s.', v_open.open, v_open.currency, v_figures.discount, v_from);
	END IF;
	PERFORM @store@.record_event(p_tenant_id, 'make_offer', 'offer', v_id::text, NULL, jsonb_strip_nulls(jsonb_build_object('document', state.document_id, 'side', side, 'rate', rate,
		'pay_from', v_from, 'pay_until', v_until, 'amount', v_open.open, 'currency', v_open.currency, 'counter_to', counter_to, 'standing', standing_id)));
	IF side = 'buyer' AND state.direction = 'purchase' AND state.party_id IS NOT NULL THEN
		PERFORM @store@.post_notice(p_tenant_id, 'discount_offered', format('offer/%s', v_id), @store@.offer_arguments(p_tenant_id, v_id), NULL, state.party_id, state.document_id);
	END IF;
	RETURN v_id;
END;
$code$;
COMMENT ON FUNCTION @store@.put_offer(bigint, @store@.invoice_state, text, numeric, date, date, timestamptz, text, bigint, bigint) IS 'Part of functions that make offers, under the lock of the invoice: adds one, with the settings of today, and tells the supplier.';

CREATE OR REPLACE FUNCTION @store@.offer_arguments(p_tenant_id bigint, offer_id bigint) RETURNS jsonb
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT pg_catalog.jsonb_build_object('number', i.number, 'buyer', i.buyer_name, 'total', pg_catalog.jsonb_build_object('amount', o.amount, 'currency', o.currency),
		'discount', pg_catalog.jsonb_build_object('amount', f.discount, 'currency', o.currency), 'net', pg_catalog.jsonb_build_object('amount', f.net, 'currency', o.currency),
		'pay_on', COALESCE(o.pay_on, o.pay_from), 'until', o.expires_at::date)
	FROM @store@.offer o
	JOIN @store@.invoice i ON i.tenant_id = o.tenant_id AND i.document_id = o.document_id
	CROSS JOIN LATERAL @store@.offer_figures(o.amount, o.rate, COALESCE(o.pay_on, o.pay_from), o.due_date, o.day_count, o.method, o.currency, o.rounding) f
	WHERE o.tenant_id = offer_arguments.p_tenant_id AND o.id = offer_arguments.offer_id;
END;
COMMENT ON FUNCTION @store@.offer_arguments(bigint, bigint) IS 'What notices say of an offer: number, buyer, total, discount, net, pay_on, until.';

CREATE OR REPLACE FUNCTION @store@.make_offer(
	p_tenant_id bigint,
	document_id bigint,
	rate numeric,
	pay_from date DEFAULT NULL,
	pay_until date DEFAULT NULL,
	expires_at timestamptz DEFAULT NULL,
	note text DEFAULT NULL,
	side text DEFAULT NULL)
RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_state @store@.invoice_state;
	v_side text;
BEGIN
	PERFORM @store@.require_member(p_tenant_id);
	v_state := @store@.lock_invoice(p_tenant_id, make_offer.document_id);
	v_side := @store@.offer_side(p_tenant_id, v_state, make_offer.side);
	UPDATE @store@.offer o SET state = 'replaced', answered_by = clex.caller(), answered_at = clock_timestamp()
	WHERE o.tenant_id = p_tenant_id AND o.document_id = make_offer.document_id AND o.side = v_side AND o.state = 'open';
	RETURN @store@.put_offer(p_tenant_id, v_state, v_side, make_offer.rate, make_offer.pay_from, make_offer.pay_until, make_offer.expires_at, make_offer.note);
END;
$code$;
COMMENT ON FUNCTION @store@.make_offer(bigint, bigint, numeric, date, date, timestamptz, text, text) IS
'Offers a discount on an invoice at a rate a year, on a sliding scale: the earlier it is paid, from pay_from (tomorrow, or setting finance.lead_days) to pay_until (the last business day before it is due), the larger. The buyer offers to pay early, the seller to give a discount; of what was sold side says who spoke. It replaces an open offer of the same side. Day count, method, rounding and calendar are those of settings finance.day_count (ACT/360), finance.method (DISCOUNT_ON_FACE), finance.rounding (HALF_UP), finance.calendar (TARGET). It can be accepted until expires_at (finance.offer_days, 7). For personas with the right discount, and suppliers (accept) for what they sold. Errors: 42501, P0002 no such invoice, 55000 disputed, claimed, refused, nothing open, a credit note, 22023 no day left, or no discount at that rate, 23514 a rate.';

CREATE OR REPLACE FUNCTION @store@.offer_of(p_tenant_id bigint, offer_id bigint) RETURNS @store@.offer
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_offer @store@.offer;
BEGIN
	SELECT * INTO v_offer FROM @store@.offer o WHERE o.tenant_id = p_tenant_id AND o.id = offer_of.offer_id;
	IF FOUND THEN
		-- the invoice is the lock of its offers; who may not see it learns that there is none
		PERFORM FROM @store@.invoice_state s WHERE s.tenant_id = p_tenant_id AND s.document_id = v_offer.document_id FOR NO KEY UPDATE;
	END IF;
	IF NOT FOUND THEN
		RAISE EXCEPTION 'tenant % has no offer %', p_tenant_id, offer_of.offer_id USING ERRCODE = 'no_data_found', HINT = 'View offers lists those you may see.';
	END IF;
	SELECT * INTO v_offer FROM @store@.offer o WHERE o.tenant_id = p_tenant_id AND o.id = offer_of.offer_id FOR NO KEY UPDATE;
	RETURN v_offer;
END;
$code$;
COMMENT ON FUNCTION @store@.offer_of(bigint, bigint) IS 'Part of functions that decide about offers: locks the invoice and the offer, then reads it. Errors: P0002 no such offer, or not one the caller may see.';

CREATE OR REPLACE FUNCTION @store@.require_open(offer @store@.offer) RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $code$
BEGIN
	IF offer.state <> 'open' OR offer.expires_at <= clock_timestamp() THEN
		RAISE EXCEPTION 'offer % is no longer open', offer.id USING
			ERRCODE = 'object_not_in_prerequisite_state',
			DETAIL = CASE WHEN offer.state = 'open' THEN 'It has expired.' ELSE format('It is %s.', offer.state) END;
	END IF;
END;
$code$;
COMMENT ON FUNCTION @store@.require_open(@store@.offer) IS 'Raises 55000 unless an offer can be answered now.';

CREATE OR REPLACE FUNCTION @store@.answering_side(p_tenant_id bigint, offer @store@.offer) RETURNS text
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
BEGIN
	RETURN (SELECT @store@.offer_side(p_tenant_id, s, CASE offer.side WHEN 'buyer' THEN 'seller' ELSE 'buyer' END)
		FROM @store@.invoice_state s WHERE s.tenant_id = p_tenant_id AND s.document_id = offer.document_id);
END;
$code$;
COMMENT ON FUNCTION @store@.answering_side(bigint, @store@.offer) IS 'Part of functions that answer offers: the other side, for which the caller speaks. Errors: as of offer_side().';

CREATE OR REPLACE FUNCTION @store@.take_offer(p_tenant_id bigint, offer @store@.offer, pay_on date) RETURNS @store@.offer
LANGUAGE plpgsql
SET search_path = pg_catalog, clex, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_open numeric;
	v_figures record;
	v_accepted @store@.offer;
BEGIN
	pay_on := clex.adjust(GREATEST(COALESCE(pay_on, (offer).pay_from), CURRENT_DATE), 'FOLLOWING', (offer).calendar);
	IF pay_on NOT BETWEEN (offer).pay_from AND (offer).pay_until THEN
		RAISE EXCEPTION 'offer % is not for a payment on that day', (offer).id USING
			ERRCODE = 'invalid_parameter_value',
			DETAIL = format('It would be paid on %s; it is for days from %s to %s on which calendar %s is open.', pay_on, (offer).pay_from, (offer).pay_until, (offer).calendar);
	END IF;
	IF (offer).due_date IS DISTINCT FROM (SELECT s.due_date FROM @store@.invoice_state s WHERE s.tenant_id = p_tenant_id AND s.document_id = (offer).document_id) THEN
		RAISE EXCEPTION 'invoice % is due on another day than when it was offered', (offer).document_id USING
			ERRCODE = 'object_not_in_prerequisite_state',
			HINT = 'A new offer is computed for its due date.';
	END IF;
	PERFORM @store@.claim_invoice(p_tenant_id, (offer).document_id, 'offer', CASE WHEN (offer).campaign_id IS NULL THEN 'offer' ELSE format('campaign %s', (offer).campaign_id) END, (offer).id);
	v_open := (SELECT c.amount FROM @store@.claim c WHERE c.tenant_id = p_tenant_id AND c.document_id = (offer).document_id);
	SELECT * INTO v_figures FROM @store@.offer_figures(v_open, (offer).rate, pay_on, (offer).due_date, (offer).day_count, (offer).method, (offer).currency, (offer).rounding);
	IF v_figures.simple_rate IS NULL THEN
		RAISE EXCEPTION 'the offer gives no discount, or more than there is' USING
			ERRCODE = 'invalid_parameter_value',
			DETAIL = format('Of %s %s it is %s on %s.', v_open, (offer).currency, v_figures.discount, pay_on);
	END IF;
	IF (offer).campaign_id IS NOT NULL THEN
		PERFORM @store@.use_budget(p_tenant_id, (offer).campaign_id, (offer).currency, CASE (offer).direction WHEN 'sale' THEN v_figures.discount ELSE v_figures.net END);
	END IF;
	UPDATE @store@.offer o SET state = 'accepted', amount = v_open, pay_on = take_offer.pay_on, discount = v_figures.discount, net = v_figures.net, simple_rate = v_figures.simple_rate,
		effective_rate = v_figures.effective_rate, answered_by = clex.caller(), answered_at = clock_timestamp()
	WHERE o.tenant_id = p_tenant_id AND o.id = (offer).id
	RETURNING * INTO v_accepted;
	-- what the other side has offered meanwhile is answered by that
	UPDATE @store@.offer o SET state = 'replaced', answered_by = clex.caller(), answered_at = clock_timestamp()
	WHERE o.tenant_id = p_tenant_id AND o.document_id = (offer).document_id AND o.state = 'open';
	PERFORM @store@.record_event(p_tenant_id, 'accept_offer', 'offer', (offer).id::text, NULL, jsonb_build_object('document', (offer).document_id, 'pay_on', pay_on, 'amount', v_open,
		'discount', v_figures.discount, 'net', v_figures.net, 'currency', (offer).currency));
	RETURN v_accepted;
END;
$code$;
COMMENT ON FUNCTION @store@.take_offer(bigint, @store@.offer, date) IS 'Part of functions that accept offers, under the lock of the invoice: computes it from what is open now, claims the invoice, takes it from the campaign''s budget.';

CREATE OR REPLACE FUNCTION @store@.accept_offer(p_tenant_id bigint, offer_id bigint, pay_on date DEFAULT NULL, OUT paid_on date, OUT amount numeric, OUT discount numeric, OUT net numeric,
	OUT simple_rate float8, OUT effective_rate float8)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_generic_plan    -- its statements are planned once, not for each invoice
AS $code$
#variable_conflict use_column
DECLARE
	v_offer @store@.offer;
BEGIN
	PERFORM @store@.require_member(p_tenant_id);
	v_offer := @store@.offer_of(p_tenant_id, accept_offer.offer_id);
	PERFORM @store@.answering_side(p_tenant_id, v_offer);
	IF v_offer.state <> 'accepted' OR v_offer.pay_on <> accept_offer.pay_on THEN
		PERFORM @store@.require_open(v_offer);
		v_offer := @store@.take_offer(p_tenant_id, v_offer, accept_offer.pay_on);
	END IF;
	SELECT v_offer.pay_on, v_offer.amount, v_offer.discount, v_offer.net, v_offer.simple_rate, v_offer.effective_rate INTO paid_on, amount, discount, net, simple_rate, effective_rate;
END;
$code$;
COMMENT ON FUNCTION @store@.accept_offer(bigint, bigint, date) IS
'Accepts an offer of the other side: it is to be paid on that day (pay_on; else the first possible; a day on which its calendar is closed means the next open one). The discount is computed from what is open now, the invoice is claimed, and the budget of its campaign used. Again: the same answer. For suppliers (accept) of what they sold, and personas with the right discount. Errors: 42501, P0002 no such offer, 55000 not open or expired, the invoice not approved, disputed, claimed or due on another day than it was, the budget of its campaign used up, 22023 not a day of the offer, or no discount.';

CREATE OR REPLACE FUNCTION @store@.counter_offer(p_tenant_id bigint, offer_id bigint, rate numeric, pay_from date DEFAULT NULL, pay_until date DEFAULT NULL, expires_at timestamptz DEFAULT NULL,
	note text DEFAULT NULL) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_offer @store@.offer;
	v_side text;
BEGIN
	PERFORM @store@.require_member(p_tenant_id);
	v_offer := @store@.offer_of(p_tenant_id, counter_offer.offer_id);
	v_side := @store@.answering_side(p_tenant_id, v_offer);
	PERFORM @store@.require_open(v_offer);
	UPDATE @store@.offer o SET state = CASE WHEN o.id = v_offer.id THEN 'countered' ELSE 'replaced' END, answered_by = clex.caller(), answered_at = clock_timestamp()
	WHERE o.tenant_id = p_tenant_id AND o.document_id = v_offer.document_id AND o.state = 'open';
	RETURN (SELECT @store@.put_offer(p_tenant_id, s, v_side, counter_offer.rate, COALESCE(counter_offer.pay_from, v_offer.pay_from), COALESCE(counter_offer.pay_until, v_offer.pay_until),
			counter_offer.expires_at, counter_offer.note, v_offer.id)
		FROM @store@.invoice_state s WHERE s.tenant_id = p_tenant_id AND s.document_id = v_offer.document_id);
END;
$code$;
COMMENT ON FUNCTION @store@.counter_offer(bigint, bigint, numeric, date, date, timestamptz, text) IS
'Answers an offer of the other side by one of one''s own, for the same days unless others are given; the first is closed. Returns the number of the new one, which the other side may accept or counter in turn; a counter-offer is not of a campaign. For suppliers (accept) of what they sold, and personas with the right discount. Errors: as of accept_offer() and make_offer().';

CREATE OR REPLACE FUNCTION @store@.decline_offer(p_tenant_id bigint, offer_id bigint, reason text DEFAULT NULL) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_offer @store@.offer;
	v_state @store@.invoice_state;
	v_new text;
BEGIN
	PERFORM @store@.require_member(p_tenant_id);
	v_offer := @store@.offer_of(p_tenant_id, decline_offer.offer_id);
	SELECT * INTO v_state FROM @store@.invoice_state s WHERE s.tenant_id = p_tenant_id AND s.document_id = v_offer.document_id;
	-- who made it withdraws it, the other side declines it
	v_new := CASE WHEN v_state.direction = 'sale' AND v_offer.side = 'buyer' OR v_state.direction <> 'sale' AND v_offer.side <> ALL (@store@.side_of(p_tenant_id, v_state))
		THEN 'declined' ELSE 'withdrawn' END;
	PERFORM @store@.offer_side(p_tenant_id, v_state, CASE WHEN v_state.direction <> 'sale' THEN (@store@.side_of(p_tenant_id, v_state))[1] END);
	IF v_offer.state = v_new THEN
		RETURN v_new;
	END IF;
	PERFORM @store@.require_open(v_offer);
	UPDATE @store@.offer o SET state = v_new, answered_by = clex.caller(), answered_at = clock_timestamp(), reason = decline_offer.reason
	WHERE o.tenant_id = p_tenant_id AND o.id = v_offer.id;
	PERFORM @store@.record_event(p_tenant_id, 'decline_offer', 'offer', v_offer.id::text, to_jsonb(v_offer.state), to_jsonb(v_new));
	RETURN v_new;
END;
$code$;
COMMENT ON FUNCTION @store@.decline_offer(bigint, bigint, text) IS 'Declines an open offer of the other side, or withdraws one''s own; returns which. Again: the same. For suppliers (accept) of what they sold, and personas with the right discount. Errors: 42501, P0002 no such offer, 55000 not open.';

CREATE OR REPLACE FUNCTION @store@.give_up_offer(p_tenant_id bigint, offer @store@.offer, new_state text, reason text) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
BEGIN
	UPDATE @store@.offer o SET state = new_state, reason = give_up_offer.reason WHERE o.tenant_id = p_tenant_id AND o.id = (offer).id;
	PERFORM @store@.release_claim(p_tenant_id, (offer).document_id, 'offer', (offer).id);
	IF (offer).campaign_id IS NOT NULL THEN
		PERFORM @store@.use_budget(p_tenant_id, (offer).campaign_id, (offer).currency, -CASE (offer).direction WHEN 'sale' THEN (offer).discount ELSE (offer).net END);
	END IF;
	PERFORM @store@.record_event(p_tenant_id, 'release_offer', 'offer', (offer).id::text, to_jsonb((offer).state), jsonb_build_object('state', new_state, 'reason', give_up_offer.reason));
END;
$code$;
COMMENT ON FUNCTION @store@.give_up_offer(bigint, @store@.offer, text, text) IS 'Part of functions that end an accepted offer without payment: frees its claim and its part of the budget.';

CREATE OR REPLACE FUNCTION @store@.release_offer(p_tenant_id bigint, offer_id bigint, reason text) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_offer @store@.offer;
BEGIN
	PERFORM @store@.require_right(p_tenant_id, 'discount');
	v_offer := @store@.offer_of(p_tenant_id, release_offer.offer_id);
	IF v_offer.state = 'released' THEN
		RETURN false;
	ELSIF v_offer.state <> 'accepted' OR NOT EXISTS (
		SELECT FROM @store@.claim c WHERE c.tenant_id = p_tenant_id AND c.document_id = v_offer.document_id AND c.kind = 'offer' AND c.reference = v_offer.id)
	THEN
		RAISE EXCEPTION 'offer % cannot be released', v_offer.id USING
			ERRCODE = 'object_not_in_prerequisite_state',
			DETAIL = CASE WHEN v_offer.state = 'accepted' THEN 'It is being paid.' ELSE format('It is %s.', v_offer.state) END;
	END IF;
	PERFORM @store@.give_up_offer(p_tenant_id, v_offer, 'released', release_offer.reason);
	RETURN true;
END;
$code$;
COMMENT ON FUNCTION @store@.release_offer(bigint, bigint, text) IS 'Gives up an offer that was accepted, since the invoice is disputed or credited (view hurt_claims) or both sides agree: the invoice is free and is paid in full when due. False if it was released before. For personas with the right discount. Errors: 42501, P0002 no such offer, 55000 not accepted, or being paid.';

CREATE OR REPLACE FUNCTION @store@.expire_offers(p_tenant_id bigint, as_of timestamptz DEFAULT pg_catalog.clock_timestamp()) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_count bigint;
BEGIN
	PERFORM @store@.require_right(p_tenant_id, 'discount');
	UPDATE @store@.offer o SET state = 'expired' WHERE o.tenant_id = p_tenant_id AND o.state = 'open' AND o.expires_at <= expire_offers.as_of;
	GET DIAGNOSTICS v_count = ROW_COUNT;
	IF v_count > 0 THEN
		PERFORM @store@.record_event(p_tenant_id, 'expire_offers', 'tenant', p_tenant_id::text, NULL, jsonb_build_object('offers', v_count, 'as_of', expire_offers.as_of));
	END IF;
	RETURN v_count;
END;
$code$;
COMMENT ON FUNCTION @store@.expire_offers(bigint, timestamptz) IS 'Closes open offers whose time is over; none can be accepted after it in any case. Returns how many. For personas with the right discount. Errors: 42501.';

CREATE OR REPLACE FUNCTION @store@.settle_offer(p_tenant_id bigint, offer_id bigint, paid_on date, reference text DEFAULT NULL) RETURNS text
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_offer @store@.offer := @store@.offer_of(p_tenant_id, settle_offer.offer_id);
	v_ledger record;
	v_claim @store@.claim;
	v_key text := format('offer/%s', offer_id);
BEGIN
	IF v_offer.state <> 'accepted' THEN
		RETURN v_offer.state;
	END IF;
	SELECT * INTO v_claim FROM @store@.claim c WHERE c.tenant_id = p_tenant_id AND c.document_id = v_offer.document_id;
	SELECT l.undisputed, l.disputed INTO v_ledger FROM @store@.ledger l WHERE l.tenant_id = p_tenant_id AND l.document_id = v_offer.document_id;
	IF v_ledger.undisputed < v_offer.amount THEN
		RETURN 'hurt';
	ELSIF settle_offer.paid_on > v_offer.pay_on THEN
		-- what a bank has taken up is no longer lapsed here
		IF v_claim.kind = 'offer' AND v_claim.reference = v_offer.id THEN
			PERFORM @store@.give_up_offer(p_tenant_id, v_offer, 'lapsed', format('It was not paid on %s.', v_offer.pay_on));
			RETURN 'lapsed';
		END IF;
	END IF;
	PERFORM @store@.book_discount(p_tenant_id, v_offer.document_id, v_offer.discount, settle_offer.paid_on, v_key, v_key || '/discount');
	PERFORM @store@.book_entry(p_tenant_id, v_offer.document_id, 'paid', v_offer.net, settle_offer.paid_on, COALESCE(settle_offer.reference, v_key), v_key || '/paid');
	UPDATE @store@.offer o SET state = 'settled', settled_on = settle_offer.paid_on WHERE o.tenant_id = p_tenant_id AND o.id = v_offer.id;
	PERFORM @store@.release_claim(p_tenant_id, v_offer.document_id, v_claim.kind, v_claim.reference);
	PERFORM @store@.announce_payment(p_tenant_id, v_offer.document_id, v_offer.net, v_offer.discount, settle_offer.paid_on, v_key);
	IF v_offer.direction = 'purchase' AND v_offer.party_id IS NOT NULL THEN
		PERFORM @store@.post_notice(p_tenant_id, 'discount_paid', v_key || '/paid', @store@.offer_arguments(p_tenant_id, v_offer.id)
			|| jsonb_build_object('vat_effect', @store@.vat_effect_of(p_tenant_id, v_offer.document_id)), NULL, v_offer.party_id, v_offer.document_id);
	END IF;
	RETURN 'settled';
END;
$code$;
COMMENT ON FUNCTION @store@.settle_offer(bigint, bigint, date, text) IS
'Part of functions that pay: books an accepted offer as paid on a day (discount, VAT, payment, status, notice to the supplier), once, and frees the invoice. Returns settled, or what it is: hurt, since less is open and undisputed than was accepted, so that nothing is booked; lapsed, since that day is after the one accepted and no payment order has taken it up: the discount is lost; else its state, and nothing happens. Errors: P0002 no such offer.';

CREATE OR REPLACE FUNCTION @store@.settle_offers(p_tenant_id bigint, paid_on date DEFAULT CURRENT_DATE, count int DEFAULT NULL)
RETURNS TABLE (offer_id bigint, document_id bigint, outcome text)
LANGUAGE plpgsql SECURITY DEFINER ROWS 100
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_generic_plan    -- its statements are planned once, not for each invoice
AS $code$
#variable_conflict use_column
DECLARE
	v_due record;
BEGIN
	PERFORM @store@.require_right(p_tenant_id, 'settle');
	FOR v_due IN
		SELECT o.id, o.document_id FROM @store@.offer o
		JOIN @store@.claim c ON c.tenant_id = o.tenant_id AND c.document_id = o.document_id AND c.kind = 'offer' AND c.reference = o.id
		WHERE o.tenant_id = p_tenant_id AND o.state = 'accepted' AND o.pay_on <= settle_offers.paid_on
		ORDER BY o.document_id
		LIMIT settle_offers.count
	LOOP
		offer_id := v_due.id;
		document_id := v_due.document_id;
		outcome := @store@.settle_offer(p_tenant_id, v_due.id, settle_offers.paid_on);
		RETURN NEXT;
	END LOOP;
END;
$code$;
COMMENT ON FUNCTION @store@.settle_offers(bigint, date, int) IS
'The run of a day: settles the accepted offers that are to be paid by then and are in no payment order, each once (settle_offer()), and says what came of each; running it again settles nothing twice. count: so many at most, for runs in parts. For personas with the right settle. Errors: 42501.';

CREATE OR REPLACE FUNCTION @store@.set_standing_offer(
	p_tenant_id bigint,
	currency text,
	rate numeric DEFAULT NULL,
	accept_yield float8 DEFAULT NULL,
	partner text DEFAULT NULL,
	direction text DEFAULT 'purchase',
	side text DEFAULT NULL,
	min_days int DEFAULT 5,
	max_amount numeric DEFAULT NULL,
	condition text DEFAULT NULL,
	valid_until date DEFAULT NULL)
RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_is_tenant boolean;
	v_side text;
	v_party bigint;
	v_id bigint;
BEGIN
	PERFORM @store@.require_member(p_tenant_id);
	v_is_tenant := @store@.has_right(p_tenant_id, 'discount');
	v_side := COALESCE(set_standing_offer.side, CASE WHEN NOT v_is_tenant OR set_standing_offer.direction = 'sale' THEN 'seller' ELSE 'buyer' END);
	v_party := CASE WHEN set_standing_offer.partner IS NOT NULL THEN @store@.party_id(p_tenant_id, set_standing_offer.partner) END;
	IF set_standing_offer.direction = 'purchase' AND v_side = 'seller' THEN
		IF v_party IS NULL OR NOT EXISTS (SELECT FROM @store@.own_parties() p WHERE p.tenant_id = p_tenant_id AND p.party_id = v_party) THEN
			RAISE EXCEPTION 'a supplier sets its own standing offer' USING ERRCODE = 'insufficient_privilege', HINT = 'Name it as partner.';
		END IF;
	ELSIF NOT v_is_tenant THEN
		PERFORM @store@.require_right(p_tenant_id, 'discount');
	END IF;
	PERFORM @store@.check_condition('standing offer', set_standing_offer.condition);
	IF num_nonnulls(set_standing_offer.rate, set_standing_offer.accept_yield) = 0 THEN
		UPDATE @store@.standing_offer s SET active = false, set_by = clex.caller(), set_at = clock_timestamp()
		WHERE s.tenant_id = p_tenant_id AND s.direction = set_standing_offer.direction AND s.side = v_side AND s.party_id IS NOT DISTINCT FROM v_party AND s.currency = set_standing_offer.currency
		RETURNING s.id INTO v_id;
		IF NOT FOUND THEN
			RETURN NULL;
		END IF;
	ELSE
		INSERT INTO @store@.standing_offer AS s (tenant_id, direction, side, party_id, currency, rate, accept_yield, min_days, max_amount, condition, valid_until)
		VALUES (p_tenant_id, set_standing_offer.direction, v_side, v_party, set_standing_offer.currency, set_standing_offer.rate, set_standing_offer.accept_yield, set_standing_offer.min_days,
			set_standing_offer.max_amount, set_standing_offer.condition, set_standing_offer.valid_until)
		ON CONFLICT (tenant_id, direction, side, party_id, currency) DO UPDATE SET rate = EXCLUDED.rate, accept_yield = EXCLUDED.accept_yield, min_days = EXCLUDED.min_days,
			max_amount = EXCLUDED.max_amount, condition = EXCLUDED.condition, valid_until = EXCLUDED.valid_until, active = true, set_by = EXCLUDED.set_by, set_at = EXCLUDED.set_at
		RETURNING s.id INTO v_id;
	END IF;
	PERFORM @store@.record_event(p_tenant_id, 'set_standing_offer', 'standing_offer', v_id::text, NULL, jsonb_strip_nulls(jsonb_build_object('side', v_side, 'direction', set_standing_offer.direction,
		'partner', set_standing_offer.partner, 'currency', set_standing_offer.currency, 'rate', set_standing_offer.rate, 'accept_yield', set_standing_offer.accept_yield,
		'min_days', set_standing_offer.min_days, 'max_amount', set_standing_offer.max_amount, 'condition', set_standing_offer.condition, 'valid_until', set_standing_offer.valid_until)));
	RETURN v_id;
END;
$code$;
COMMENT ON FUNCTION @store@.set_standing_offer(bigint, text, numeric, float8, text, text, text, int, numeric, text, date) IS
'Says what is offered (rate a year) and what is accepted (accept_yield, a simple yield a year: at least, for a buyer; at most, for a seller) for every invoice of a partner in a currency that is paid at least min_days early, of at most max_amount, for which a term expression holds, without asking again. partner NULL: for all that have no row of their own. rate and accept_yield NULL: no longer. run_standing_offers() applies it. A supplier sets its own, and neither side sees the other''s. For personas with the right discount, and suppliers. Errors: 42501, P0002 no such party, 42601 condition, 23514 a rate, yield, currency or number of days.';

CREATE OR REPLACE FUNCTION @store@.standing_for(p_tenant_id bigint, state @store@.invoice_state, side text, open numeric, currency text) RETURNS @store@.standing_offer
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, clex, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_standing @store@.standing_offer;
BEGIN
	SELECT * INTO v_standing FROM @store@.standing_offer s
	WHERE s.tenant_id = p_tenant_id AND s.direction = CASE (state).direction WHEN 'sale' THEN 'sale' ELSE 'purchase' END AND s.side = standing_for.side
		AND (s.party_id = (state).party_id OR s.party_id IS NULL) AND s.currency = standing_for.currency
	ORDER BY s.party_id NULLS LAST LIMIT 1;
	IF NOT FOUND OR NOT v_standing.active OR v_standing.valid_until < CURRENT_DATE OR open > v_standing.max_amount
		OR (v_standing.condition IS NOT NULL AND (SELECT c.outcome FROM @store@.condition_outcomes(p_tenant_id, (state).document_id, '{standing}', ARRAY[v_standing.condition]) c) <> 'yes')
	THEN
		RETURN NULL;
	END IF;
	RETURN v_standing;
END;
$code$;
COMMENT ON FUNCTION @store@.standing_for(bigint, @store@.invoice_state, text, numeric, text) IS 'Part of run_standing_offers(): the standing order of a side that holds for an invoice today; NULL = none.';

CREATE OR REPLACE FUNCTION @store@.run_standing_offers(p_tenant_id bigint) RETURNS TABLE (offer_id bigint, document_id bigint, outcome text)
LANGUAGE plpgsql SECURITY DEFINER ROWS 100
SET search_path = pg_catalog, clex, pg_temp
SET plan_cache_mode = force_generic_plan    -- its statements are planned once, not for each invoice
AS $code$
#variable_conflict use_column
DECLARE
	v_invoice record;
	v_state @store@.invoice_state;
	v_side text;
	v_standing @store@.standing_offer;
	v_offer @store@.offer;
	v_figures record;
BEGIN
	PERFORM @store@.require_right(p_tenant_id, 'discount');
	FOR v_invoice IN
		SELECT l.document_id, l.open, l.currency
		FROM @store@.ledger l
		WHERE l.tenant_id = p_tenant_id AND l.due_date > CURRENT_DATE + 1 AND l.open > 0 AND (l.payable_now > 0 OR l.direction = 'sale')
			AND EXISTS (SELECT FROM @store@.standing_offer s WHERE s.tenant_id = p_tenant_id AND s.active AND s.currency = l.currency AND (s.party_id = l.party_id OR s.party_id IS NULL))
		ORDER BY l.document_id
	LOOP
		v_state := @store@.lock_invoice(p_tenant_id, v_invoice.document_id);
		CONTINUE WHEN EXISTS (SELECT FROM @store@.claim_objections(p_tenant_id, ARRAY[v_invoice.document_id]));
		document_id := v_invoice.document_id;
		-- first they offer, then they answer what is on the table
		FOREACH v_side IN ARRAY '{seller,buyer}'::text[] LOOP
			v_standing := @store@.standing_for(p_tenant_id, v_state, v_side, v_invoice.open, v_invoice.currency);
			CONTINUE WHEN v_standing.rate IS NULL OR v_state.due_date - v_standing.min_days < CURRENT_DATE + 1
				OR EXISTS (SELECT FROM @store@.offer o WHERE o.tenant_id = p_tenant_id AND o.document_id = v_invoice.document_id AND (o.side = v_side AND o.state = 'open' OR o.standing_id = v_standing.id));
			BEGIN
				offer_id := @store@.put_offer(p_tenant_id, v_state, v_side, v_standing.rate, NULL, v_state.due_date - v_standing.min_days, NULL, NULL, NULL, v_standing.id);
				outcome := 'offered';
			EXCEPTION WHEN invalid_parameter_value THEN
				-- no business day is left, or the discount would be nothing
				CONTINUE;
			END;
			RETURN NEXT;
		END LOOP;
		FOR v_offer IN
			SELECT * FROM @store@.offer o
			WHERE o.tenant_id = p_tenant_id AND o.document_id = v_invoice.document_id AND o.state = 'open' AND o.expires_at > clock_timestamp() AND o.pay_until >= CURRENT_DATE
			ORDER BY o.id
		LOOP
			v_standing := @store@.standing_for(p_tenant_id, v_state, CASE v_offer.side WHEN 'buyer' THEN 'seller' ELSE 'buyer' END, v_invoice.open, v_invoice.currency);
			v_figures := @store@.offer_figures(v_invoice.open, v_offer.rate, clex.adjust(GREATEST(v_offer.pay_from, CURRENT_DATE), 'FOLLOWING', v_offer.calendar), v_offer.due_date,
				v_offer.day_count, v_offer.method, v_offer.currency, v_offer.rounding);
			CONTINUE WHEN v_standing.accept_yield IS NULL OR v_figures.simple_rate IS NULL OR v_figures.days < v_standing.min_days
				OR (CASE v_offer.side WHEN 'seller' THEN v_figures.simple_rate < v_standing.accept_yield ELSE v_figures.simple_rate > v_standing.accept_yield END);
			BEGIN
				v_offer := @store@.take_offer(p_tenant_id, v_offer, NULL);
				outcome := 'accepted';
			EXCEPTION WHEN object_not_in_prerequisite_state OR invalid_parameter_value THEN
				-- the budget of its campaign is used up, or no day is left: it stays open
				CONTINUE;
			END;
			offer_id := v_offer.id;
			RETURN NEXT;
			EXIT;
		END LOOP;
	END LOOP;
END;
$code$;
COMMENT ON FUNCTION @store@.run_standing_offers(bigint) IS
'Applies the standing orders of both sides to approved invoices (and invoices sold) that are due later: makes the offers they make, once for each invoice, and accepts what the other side''s order would accept. Returns what came of it: offered, accepted. To be run once a day, or more often; again, nothing happens twice. For personas with the right discount. Errors: 42501.';

CREATE OR REPLACE VIEW @store@.offers WITH (security_invoker) AS
SELECT o.tenant_id, o.id, o.document_id, i.number, i.seller_name, i.buyer_name, o.direction, o.side, CASE WHEN o.state = 'open' AND o.expires_at <= pg_catalog.now() THEN 'expired' ELSE o.state END AS state,
	o.rate, o.day_count, o.method, o.amount, o.currency, o.due_date, o.pay_from, o.pay_until, o.expires_at, COALESCE(o.pay_on, o.pay_from) AS pay_on, f.discount, f.net, f.days, f.simple_rate, f.effective_rate,
	o.settled_on, o.campaign_id, o.counter_to, o.note, o.reason, o.made_by, o.made_at, o.answered_by, o.answered_at
FROM @store@.offer o
JOIN @store@.invoice i ON i.tenant_id = o.tenant_id AND i.document_id = o.document_id
CROSS JOIN LATERAL @store@.offer_figures(o.amount, o.rate, COALESCE(o.pay_on, o.pay_from), o.due_date, o.day_count, o.method, o.currency, o.rounding) f;
COMMENT ON VIEW @store@.offers IS 'Discounts offered for early payment, what each comes to on the day accepted (else the first possible), with its yields, and what became of it.';

CREATE OR REPLACE FUNCTION @store@.offer_schedule(p_tenant_id bigint, offer_id bigint) RETURNS TABLE (pay_on date, days int, discount numeric, net numeric, simple_rate float8, effective_rate float8)
LANGUAGE plpgsql STABLE ROWS 60
SET search_path = pg_catalog, clex, pg_temp
AS $code$
#variable_conflict use_column
BEGIN
	RETURN QUERY
	SELECT d.pay_on, d.days, f.discount, f.net, f.simple_rate, f.effective_rate
	FROM @store@.offer o
	CROSS JOIN LATERAL clex.discount_schedule(o.amount, o.rate, GREATEST(o.pay_from, CURRENT_DATE), o.due_date, o.day_count, o.method, o.currency, o.calendar, o.rounding) d
	CROSS JOIN LATERAL @store@.offer_figures(o.amount, o.rate, d.pay_on, o.due_date, o.day_count, o.method, o.currency, o.rounding) f
	WHERE o.tenant_id = p_tenant_id AND o.id = offer_schedule.offer_id AND d.pay_on <= o.pay_until
	ORDER BY d.pay_on;
END;
$code$;
COMMENT ON FUNCTION @store@.offer_schedule(bigint, bigint) IS 'The sliding scale of an offer: what it comes to on each day on which it may still be paid. No row: no such offer that the caller may see, or no day is left.';

CREATE OR REPLACE VIEW @store@.discount_policies WITH (security_invoker) AS
SELECT d.tenant_id, d.direction, p.code AS partner, d.terms, d.vat_effect
FROM @store@.discount_policy d
LEFT JOIN @store@.party p ON p.tenant_id = d.tenant_id AND p.id = d.party_id;
COMMENT ON VIEW @store@.discount_policies IS 'What was agreed with partners about discounts; partner NULL = with all others.';

CREATE OR REPLACE VIEW @store@.standing_offers WITH (security_invoker) AS
SELECT s.tenant_id, s.id, s.direction, s.side, p.code AS partner, s.currency, s.rate, s.accept_yield, s.min_days, s.max_amount, s.condition, s.valid_until, s.active, s.set_by, s.set_at
FROM @store@.standing_offer s
LEFT JOIN @store@.party p ON p.tenant_id = s.tenant_id AND p.id = s.party_id;
COMMENT ON VIEW @store@.standing_offers IS 'Standing orders of the caller''s side: what is offered and accepted without asking again; partner NULL = for all others.';

REVOKE ALL ON FUNCTION @store@.set_discount_policy(bigint, text, text, text, text), @store@.vat_effect_of(bigint, bigint), @store@.book_discount(bigint, bigint, numeric, date, text, text),
	@store@.take_back_discount(bigint, bigint, text, date, text, text), @store@.announce_payment(bigint, bigint, numeric, numeric, date, text),
	@store@.pay_with_terms(bigint, bigint, date, text, text), @store@.document_discount(bigint, bigint, bigint), @store@.issue_discount_note(bigint, bigint, text),
	@store@.offer_side(bigint, @store@.invoice_state, text), @store@.put_offer(bigint, @store@.invoice_state, text, numeric, date, date, timestamptz, text, bigint, bigint),
	@store@.make_offer(bigint, bigint, numeric, date, date, timestamptz, text, text), @store@.offer_of(bigint, bigint), @store@.require_open(@store@.offer),
	@store@.answering_side(bigint, @store@.offer), @store@.take_offer(bigint, @store@.offer, date), @store@.accept_offer(bigint, bigint, date),
	@store@.counter_offer(bigint, bigint, numeric, date, date, timestamptz, text), @store@.decline_offer(bigint, bigint, text), @store@.give_up_offer(bigint, @store@.offer, text, text),
	@store@.release_offer(bigint, bigint, text), @store@.expire_offers(bigint, timestamptz), @store@.settle_offer(bigint, bigint, date, text), @store@.settle_offers(bigint, date, int),
	@store@.set_standing_offer(bigint, text, numeric, float8, text, text, text, int, numeric, text, date),
	@store@.standing_for(bigint, @store@.invoice_state, text, numeric, text), @store@.run_standing_offers(bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION @store@.stated_terms(clex.document), @store@.invoice_terms(bigint, bigint, date), @store@.split_discount(clex.document, numeric, text),
	@store@.offer_figures(numeric, numeric, date, date, text, text, text, text), @store@.offer_arguments(bigint, bigint), @store@.offer_schedule(bigint, bigint),
	@store@.set_discount_policy(bigint, text, text, text, text), @store@.pay_with_terms(bigint, bigint, date, text, text), @store@.document_discount(bigint, bigint, bigint),
	@store@.issue_discount_note(bigint, bigint, text), @store@.make_offer(bigint, bigint, numeric, date, date, timestamptz, text, text), @store@.accept_offer(bigint, bigint, date),
	@store@.counter_offer(bigint, bigint, numeric, date, date, timestamptz, text), @store@.decline_offer(bigint, bigint, text), @store@.release_offer(bigint, bigint, text),
	@store@.expire_offers(bigint, timestamptz), @store@.settle_offers(bigint, date, int),
	@store@.set_standing_offer(bigint, text, numeric, float8, text, text, text, int, numeric, text, date), @store@.run_standing_offers(bigint) TO PUBLIC;
GRANT SELECT ON @store@.discount_policy, @store@.offer, @store@.standing_offer, @store@.discount_vat, @store@.vat_corrections, @store@.offers, @store@.discount_policies,
	@store@.standing_offers TO PUBLIC;
