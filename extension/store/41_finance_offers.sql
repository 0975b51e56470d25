-- Module finance, offers of discounts: either side offers a rate for days of its choice, the other one accepts, counters or declines.
--
-- An offer has a rate a year and a window of days; what it comes to on each of them is computed by clex.discount_amount() from what is open, with the day count,
-- method and rounding it was made with.  Who accepts names the day, and from then on the offer has a claim on the invoice.

--! step 7 offers
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

ALTER TABLE @store@.offer ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

--! code
SELECT @store@.put_finance_policies('{offer}');

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
'Answers an offer of the other side by one of one''s own, for the same days unless others are given; the first is closed. Returns the number of the new one, which the other side may accept or counter in turn; a counter-offer is not of a campaign. For suppliers (accept) of what they sold, and personas with the right discount. Errors: 42501, P0002 no such offer, 55000 not open or expired, else as of make_offer().';

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
		LIMIT CASE WHEN settle_offers.count < 0 THEN 0 ELSE settle_offers.count END
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

CREATE OR REPLACE FUNCTION @store@.return_settlement(p_tenant_id bigint, offer_id bigint, booked_on date, reason text) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_offer @store@.offer;
	v_key text := format('offer/%s', return_settlement.offer_id);
BEGIN
	PERFORM @store@.require_right(p_tenant_id, 'settle');
	v_offer := @store@.offer_of(p_tenant_id, return_settlement.offer_id);
	IF v_offer.state = 'lapsed' THEN
		RETURN false;
	ELSIF v_offer.state <> 'settled' OR NOT EXISTS (SELECT FROM @store@.ledger_entry e WHERE e.tenant_id = p_tenant_id AND e.entry_key = v_key || '/paid') THEN
		RAISE EXCEPTION 'offer % was not paid by a run', v_offer.id USING
			ERRCODE = 'object_not_in_prerequisite_state',
			DETAIL = CASE v_offer.state WHEN 'settled' THEN 'It was paid by a payment order, which the bank returns.' ELSE format('It is %s.', v_offer.state) END;
	END IF;
	PERFORM @store@.reverse_entry(p_tenant_id, v_offer.document_id, v_key || '/paid', return_settlement.booked_on, return_settlement.reason, v_key || '/paid/returned');
	PERFORM @store@.take_back_discount(p_tenant_id, v_offer.document_id, v_key || '/discount', return_settlement.booked_on, return_settlement.reason, v_key || '/returned');
	UPDATE @store@.offer o SET state = 'accepted', settled_on = NULL WHERE o.tenant_id = p_tenant_id AND o.id = v_offer.id;
	PERFORM @store@.give_up_offer(p_tenant_id, v_offer, 'lapsed', return_settlement.reason);
	RETURN true;
END;
$code$;
COMMENT ON FUNCTION @store@.return_settlement(bigint, bigint, date, text) IS
'Takes back what settle_offers() booked, since the payment came back or was never made: payment and discount are reversed, VAT is what it was, the part of the budget is free, and the discount is lost. What a credit note has confirmed stays credited. False if it was done before. For personas with the right settle. Errors: 42501, P0002 no such offer, 55000 not settled, or paid by a payment order.';

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

REVOKE ALL ON FUNCTION @store@.offer_side(bigint, @store@.invoice_state, text),
	@store@.put_offer(bigint, @store@.invoice_state, text, numeric, date, date, timestamptz, text, bigint, bigint),
	@store@.make_offer(bigint, bigint, numeric, date, date, timestamptz, text, text), @store@.offer_of(bigint, bigint), @store@.require_open(@store@.offer),
	@store@.answering_side(bigint, @store@.offer), @store@.take_offer(bigint, @store@.offer, date), @store@.accept_offer(bigint, bigint, date),
	@store@.counter_offer(bigint, bigint, numeric, date, date, timestamptz, text), @store@.decline_offer(bigint, bigint, text),
	@store@.give_up_offer(bigint, @store@.offer, text, text), @store@.release_offer(bigint, bigint, text), @store@.expire_offers(bigint, timestamptz),
	@store@.settle_offer(bigint, bigint, date, text), @store@.settle_offers(bigint, date, int), @store@.return_settlement(bigint, bigint, date, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION @store@.offer_figures(numeric, numeric, date, date, text, text, text, text), @store@.offer_arguments(bigint, bigint),
	@store@.offer_schedule(bigint, bigint), @store@.make_offer(bigint, bigint, numeric, date, date, timestamptz, text, text), @store@.accept_offer(bigint, bigint, date),
	@store@.counter_offer(bigint, bigint, numeric, date, date, timestamptz, text), @store@.decline_offer(bigint, bigint, text), @store@.release_offer(bigint, bigint, text),
	@store@.expire_offers(bigint, timestamptz), @store@.settle_offers(bigint, date, int), @store@.return_settlement(bigint, bigint, date, text) TO PUBLIC;
GRANT SELECT ON @store@.offer, @store@.offers TO PUBLIC;
