-- Module finance, standing offers: what a side offers and accepts without being asked again; neither side sees the other's.
--
-- What an invoice grants at its foot is the seller's standing offer too, and everybody's to see: the buyer takes it, and the payment order of that day pays less.

--! step 8 standing offers
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

ALTER TABLE @store@.standing_offer ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

--! code
-- what the buyer would accept is no business of the seller's
DROP POLICY IF EXISTS tenant ON @store@.standing_offer;
CREATE POLICY tenant ON @store@.standing_offer FOR SELECT USING (tenant_id IN (SELECT t FROM @store@.readable_tenants() t) AND (side = 'buyer' OR direction = 'sale'));
DROP POLICY IF EXISTS own ON @store@.standing_offer;
CREATE POLICY own ON @store@.standing_offer FOR SELECT
	USING (side = 'seller' AND direction = 'purchase' AND (tenant_id, party_id) IN (SELECT p.tenant_id, p.party_id FROM @store@.own_parties() p));
DROP POLICY IF EXISTS store ON @store@.standing_offer;
CREATE POLICY store ON @store@.standing_offer USING ((SELECT @store@.in_store()));

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

CREATE OR REPLACE FUNCTION @store@.take_terms(p_tenant_id bigint, pay_on date, documents bigint[] DEFAULT NULL, min_yield float8 DEFAULT NULL)
RETURNS TABLE (offer_id bigint, document_id bigint, paid_on date, amount numeric, discount numeric, net numeric, simple_rate float8)
LANGUAGE plpgsql SECURITY DEFINER ROWS 100
SET search_path = pg_catalog, clex, pg_temp
SET plan_cache_mode = force_generic_plan    -- its statements are planned once, not for each invoice
AS $code$
#variable_conflict use_column
DECLARE
	v_day date := clex.adjust(pay_on, 'FOLLOWING', @store@.finance_setting(p_tenant_id, 'calendar', 'TARGET'));
	v_day_count text := @store@.finance_setting(p_tenant_id, 'day_count', 'ACT/360');
	v_method text := @store@.finance_setting(p_tenant_id, 'method', 'DISCOUNT_ON_FACE');
	v_rounding text := @store@.finance_setting(p_tenant_id, 'rounding', 'HALF_UP');
	v_due record;
	v_state @store@.invoice_state;
	v_terms record;
	v_offer @store@.offer;
BEGIN
	PERFORM @store@.require_right(p_tenant_id, 'discount');
	IF (take_terms.pay_on >= CURRENT_DATE) IS NOT TRUE THEN
		RAISE EXCEPTION 'nothing is paid on %', take_terms.pay_on USING ERRCODE = 'invalid_parameter_value', HINT = 'What was paid before is recorded by pay_with_terms().';
	END IF;
	FOR v_due IN
		SELECT l.document_id, l.currency FROM @store@.ledger l
		WHERE l.tenant_id = p_tenant_id AND l.direction <> 'sale' AND l.payable_now > 0 AND l.due_date > v_day AND (take_terms.documents IS NULL OR l.document_id = ANY (take_terms.documents))
		ORDER BY l.document_id
	LOOP
		v_state := @store@.lock_invoice(p_tenant_id, v_due.document_id);
		SELECT t.source, t.pay_by, t.discount, t.discount + t.net AS open, r.rate INTO v_terms
		FROM @store@.invoice_terms(p_tenant_id, v_due.document_id, v_day) t
		CROSS JOIN LATERAL (SELECT clex.discount_rate(t.discount + t.net, t.discount, v_day, v_state.due_date, v_day_count, v_method, v_due.currency, v_rounding) AS rate) r
		-- an offer is of less than 1,000 % a year
		WHERE t.in_time AND r.rate < 10 AND NOT EXISTS (SELECT FROM @store@.claim_objections(p_tenant_id, ARRAY[v_due.document_id])) AND NOT @store@.claimed_elsewhere(p_tenant_id, v_due.document_id)
		ORDER BY t.discount DESC LIMIT 1;
		CONTINUE WHEN NOT FOUND OR (SELECT f.simple_rate < min_yield
			FROM @store@.offer_figures(v_terms.open, v_terms.rate, v_day, v_state.due_date, v_day_count, v_method, v_due.currency, v_rounding) f);
		UPDATE @store@.offer o SET state = 'replaced', answered_by = clex.caller(), answered_at = clock_timestamp()
		WHERE o.tenant_id = p_tenant_id AND o.document_id = v_due.document_id AND o.side = 'seller' AND o.state = 'open';
		offer_id := @store@.put_offer(p_tenant_id, v_state, 'seller', v_terms.rate, v_day, v_terms.pay_by, v_terms.pay_by + interval '1 day', 'terms: ' || v_terms.source);
		v_offer := @store@.take_offer(p_tenant_id, @store@.offer_of(p_tenant_id, offer_id), v_day);
		SELECT v_due.document_id, v_offer.pay_on, v_offer.amount, v_offer.discount, v_offer.net, v_offer.simple_rate INTO document_id, paid_on, amount, discount, net, simple_rate;
		RETURN NEXT;
	END LOOP;
END;
$code$;
COMMENT ON FUNCTION @store@.take_terms(bigint, date, bigint[], float8) IS
'Takes the discounts that invoices grant themselves (invoice_terms()) for a payment on a day, or the next on which setting finance.calendar is open: the best one of each approved invoice (of documents; NULL = of all) that is due later, if paying it on that day yields at least min_yield (simple, a year). Each is an offer of the seller that is accepted, so that make_payment_orders() pays it on that day, less the discount; not paid in time it lapses. What is disputed or claimed is left out; called again, nothing is taken twice. Of an invoice without discount no row. For personas with the right discount. Errors: 42501, 22023 a day in the past.';

CREATE OR REPLACE VIEW @store@.standing_offers WITH (security_invoker) AS
SELECT s.tenant_id, s.id, s.direction, s.side, p.code AS partner, s.currency, s.rate, s.accept_yield, s.min_days, s.max_amount, s.condition, s.valid_until, s.active, s.set_by, s.set_at
FROM @store@.standing_offer s
LEFT JOIN @store@.party p ON p.tenant_id = s.tenant_id AND p.id = s.party_id;
COMMENT ON VIEW @store@.standing_offers IS 'Standing orders of the caller''s side: what is offered and accepted without asking again; partner NULL = for all others.';

REVOKE ALL ON FUNCTION @store@.set_standing_offer(bigint, text, numeric, float8, text, text, text, int, numeric, text, date),
	@store@.standing_for(bigint, @store@.invoice_state, text, numeric, text), @store@.run_standing_offers(bigint),
	@store@.take_terms(bigint, date, bigint[], float8) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION @store@.set_standing_offer(bigint, text, numeric, float8, text, text, text, int, numeric, text, date),
	@store@.run_standing_offers(bigint), @store@.take_terms(bigint, date, bigint[], float8) TO PUBLIC;
GRANT SELECT ON @store@.standing_offer, @store@.standing_offers TO PUBLIC;
