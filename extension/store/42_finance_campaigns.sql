-- Module finance, campaigns: own money for many early payments at once, within a budget that is never exceeded.
--
-- A campaign says which invoices, at which rate, on which days, and how much money in each currency.  It is tried before it is launched: simulate_campaign()
-- computes what launch_campaign() would offer, and writes nothing.  Launching makes more offers than there is money for: who accepts first has it.  What is
-- committed stands in the row of the budget, which is the lock of all acceptances of that currency, and a constraint keeps it below.
-- For what the tenant sold itself a campaign offers its customers a discount; its budget is the discount given away.

--! step 11 campaigns
CREATE TABLE @store@.campaign (
	tenant_id bigint NOT NULL REFERENCES @store@.tenant,
	id bigint GENERATED ALWAYS AS IDENTITY,
	name text NOT NULL CHECK (name <> '' AND pg_catalog.length(name) <= 100),
	direction text NOT NULL CHECK (direction IN ('purchase', 'sale')),
	state text NOT NULL DEFAULT 'draft' CHECK (state IN ('draft', 'launched', 'closed')),
	rate numeric NOT NULL CHECK (rate > 0 AND rate < 10),
	cost_of_capital numeric NOT NULL CHECK (cost_of_capital >= 0 AND cost_of_capital < 10),
	yield_limit float8 CHECK (yield_limit > 0),
	condition text,
	entity_id bigint,
	due_from date,
	due_until date,
	pay_on date[] CHECK (pg_catalog.cardinality(pay_on) > 0 AND pg_catalog.array_position(pay_on, NULL) IS NULL),
	expires_at timestamptz NOT NULL,
	made_by text NOT NULL DEFAULT clex.caller(),
	made_at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
	launched_by text,
	launched_at timestamptz,
	closed_at timestamptz,
	PRIMARY KEY (tenant_id, id),
	UNIQUE (tenant_id, name),
	CHECK (due_from <= due_until),
	CHECK ((state = 'draft') = (launched_at IS NULL)),
	CHECK ((state = 'closed') = (closed_at IS NOT NULL)),
	FOREIGN KEY (tenant_id, entity_id) REFERENCES @store@.entity (tenant_id, id)
);
COMMENT ON TABLE @store@.campaign IS 'Discount campaigns on own funds. Written by define_campaign(), launch_campaign() and close_campaign().';
COMMENT ON COLUMN @store@.campaign.tenant_id IS 'Tenant.';
COMMENT ON COLUMN @store@.campaign.id IS 'Number of the campaign in this store.';
COMMENT ON COLUMN @store@.campaign.name IS 'Its name; suppliers read it.';
COMMENT ON COLUMN @store@.campaign.direction IS 'purchase: suppliers are paid early. sale: customers are offered a discount.';
COMMENT ON COLUMN @store@.campaign.state IS 'draft, launched, closed.';
COMMENT ON COLUMN @store@.campaign.rate IS 'Rate a year of the offers, a fraction.';
COMMENT ON COLUMN @store@.campaign.cost_of_capital IS 'What the money costs a year, a fraction: gains are what is earned above it.';
COMMENT ON COLUMN @store@.campaign.yield_limit IS 'Simple yield a year on the first day that each offer must reach (purchase), or may not exceed (sale); NULL = none.';
COMMENT ON COLUMN @store@.campaign.condition IS 'Term expression that must hold for an invoice; NULL = none.';
COMMENT ON COLUMN @store@.campaign.entity_id IS 'For invoices of this entity and all below it; NULL = of all.';
COMMENT ON COLUMN @store@.campaign.due_from IS 'For invoices due on that day or later; NULL = whenever.';
COMMENT ON COLUMN @store@.campaign.due_until IS 'For invoices due on that day or before; NULL = whenever.';
COMMENT ON COLUMN @store@.campaign.pay_on IS 'Days on which is paid: each invoice on the first that comes before it is due; NULL = any day, on a sliding scale.';
COMMENT ON COLUMN @store@.campaign.expires_at IS 'Until when its offers can be accepted.';
COMMENT ON COLUMN @store@.campaign.made_by IS 'Role that defined it.';
COMMENT ON COLUMN @store@.campaign.made_at IS 'When.';
COMMENT ON COLUMN @store@.campaign.launched_by IS 'Role that launched it.';
COMMENT ON COLUMN @store@.campaign.launched_at IS 'When.';
COMMENT ON COLUMN @store@.campaign.closed_at IS 'When it was closed.';

CREATE TABLE @store@.campaign_budget (
	tenant_id bigint NOT NULL,
	campaign_id bigint NOT NULL,
	currency text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
	budget numeric NOT NULL CHECK (budget > 0),
	committed numeric NOT NULL DEFAULT 0 CHECK (committed >= 0),
	PRIMARY KEY (tenant_id, campaign_id, currency),
	CONSTRAINT campaign_budget_is_kept CHECK (committed <= budget),
	FOREIGN KEY (tenant_id, campaign_id) REFERENCES @store@.campaign (tenant_id, id)
);
COMMENT ON TABLE @store@.campaign_budget IS 'Money of a campaign, for each currency; its row is the lock of acceptances. Written by define_campaign(), set_budget() and use_budget().';
COMMENT ON COLUMN @store@.campaign_budget.tenant_id IS 'Tenant.';
COMMENT ON COLUMN @store@.campaign_budget.campaign_id IS 'Campaign.';
COMMENT ON COLUMN @store@.campaign_budget.currency IS 'Currency.';
COMMENT ON COLUMN @store@.campaign_budget.budget IS 'How much: of a purchase campaign what is paid early, of a sale campaign the discount that is given.';
COMMENT ON COLUMN @store@.campaign_budget.committed IS 'How much of it is accepted or paid; never above budget.';

CREATE TABLE @store@.campaign_party (
	tenant_id bigint NOT NULL,
	campaign_id bigint NOT NULL,
	party_id bigint NOT NULL,
	PRIMARY KEY (tenant_id, campaign_id, party_id),
	FOREIGN KEY (tenant_id, campaign_id) REFERENCES @store@.campaign (tenant_id, id),
	FOREIGN KEY (tenant_id, party_id) REFERENCES @store@.party (tenant_id, id)
);
COMMENT ON TABLE @store@.campaign_party IS 'Partners a campaign is for; a campaign without a row is for all. Written by define_campaign().';
COMMENT ON COLUMN @store@.campaign_party.tenant_id IS 'Tenant.';
COMMENT ON COLUMN @store@.campaign_party.campaign_id IS 'Campaign.';
COMMENT ON COLUMN @store@.campaign_party.party_id IS 'Partner.';

ALTER TABLE @store@.offer ADD FOREIGN KEY (tenant_id, campaign_id) REFERENCES @store@.campaign (tenant_id, id);
ALTER TABLE @store@.campaign ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE @store@.campaign_budget ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE @store@.campaign_party ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

--! code
-- how much money there is, and from what yield on, is no business of the suppliers'
DROP POLICY IF EXISTS tenant ON @store@.campaign;
CREATE POLICY tenant ON @store@.campaign FOR SELECT USING (tenant_id IN (SELECT t FROM @store@.readable_tenants() t));
DROP POLICY IF EXISTS store ON @store@.campaign;
CREATE POLICY store ON @store@.campaign USING ((SELECT @store@.in_store()));
DROP POLICY IF EXISTS tenant ON @store@.campaign_budget;
CREATE POLICY tenant ON @store@.campaign_budget FOR SELECT USING (tenant_id IN (SELECT t FROM @store@.readable_tenants() t));
DROP POLICY IF EXISTS store ON @store@.campaign_budget;
CREATE POLICY store ON @store@.campaign_budget USING ((SELECT @store@.in_store()));
DROP POLICY IF EXISTS tenant ON @store@.campaign_party;
CREATE POLICY tenant ON @store@.campaign_party FOR SELECT USING (tenant_id IN (SELECT t FROM @store@.readable_tenants() t));
DROP POLICY IF EXISTS store ON @store@.campaign_party;
CREATE POLICY store ON @store@.campaign_party USING ((SELECT @store@.in_store()));

INSERT INTO @store@.notice_default AS d (template, language, arguments, subject, body)
SELECT 'campaign_offered', w.language, '{campaign,buyer,count,total,discount,until}', w.subject, w.body
FROM (VALUES
	('en', 'Early payment of {count, plural, one {an invoice} other {# invoices}}: {campaign}',
		'{buyer} offers to pay {count, plural, one {an invoice} other {# invoices}} over {total} early, for discounts of {discount} if paid on the first day. Offers can be accepted until {until, date, long}, while the budget lasts.'),
	('fr', 'Paiement anticipé de {count, plural, one {une facture} other {# factures}} : {campaign}',
		'{buyer} propose de payer par anticipation {count, plural, one {une facture} other {# factures}} d''un montant de {total}, moyennant un escompte de {discount} pour un paiement le premier jour. Les offres peuvent être acceptées jusqu''au {until, date, long}, dans la limite du budget.'),
	('de', 'Vorzeitige Zahlung von {count, plural, one {einer Rechnung} other {# Rechnungen}}: {campaign}',
		'{buyer} bietet an, {count, plural, one {eine Rechnung} other {# Rechnungen}} über {total} vorzeitig zu zahlen, gegen Skonti von {discount} bei Zahlung am ersten Tag. Die Angebote können bis {until, date, long} angenommen werden, solange das Budget reicht.')
	) w (language, subject, body)
ON CONFLICT (template, language) DO UPDATE SET arguments = EXCLUDED.arguments, subject = EXCLUDED.subject, body = EXCLUDED.body;

CREATE OR REPLACE FUNCTION @store@.campaign_of(p_tenant_id bigint, campaign_id bigint) RETURNS @store@.campaign
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_campaign @store@.campaign;
BEGIN
	SELECT * INTO v_campaign FROM @store@.campaign c WHERE c.tenant_id = p_tenant_id AND c.id = campaign_of.campaign_id FOR NO KEY UPDATE;
	IF NOT FOUND THEN
		RAISE EXCEPTION 'tenant % has no campaign %', p_tenant_id, campaign_of.campaign_id USING ERRCODE = 'no_data_found', HINT = 'View campaigns lists them.';
	END IF;
	RETURN v_campaign;
END;
$code$;
COMMENT ON FUNCTION @store@.campaign_of(bigint, bigint) IS 'Part of functions that write campaigns: locks a campaign and returns it. Errors: P0002 no such campaign.';

CREATE OR REPLACE FUNCTION @store@.define_campaign(
	p_tenant_id bigint,
	name text,
	rate numeric,
	budgets jsonb,
	direction text DEFAULT 'purchase',
	condition text DEFAULT NULL,
	entity text DEFAULT NULL,
	partners text[] DEFAULT NULL,
	due_from date DEFAULT NULL,
	due_until date DEFAULT NULL,
	pay_on date[] DEFAULT NULL,
	yield_limit float8 DEFAULT NULL,
	expires_at timestamptz DEFAULT NULL,
	cost_of_capital numeric DEFAULT NULL)
RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_id bigint;
	v_bad text;
BEGIN
	PERFORM @store@.require_right(p_tenant_id, 'discount');
	PERFORM @store@.check_condition(define_campaign.name, define_campaign.condition);
	SELECT b.key INTO v_bad FROM jsonb_each(CASE WHEN jsonb_typeof(budgets) = 'object' THEN budgets END) b WHERE jsonb_typeof(b.value) <> 'number' OR b.key !~ '^[A-Z]{3}$' LIMIT 1;
	IF FOUND OR jsonb_typeof(budgets) IS DISTINCT FROM 'object' OR budgets = '{}' THEN
		RAISE EXCEPTION 'a campaign has a budget for each of its currencies' USING
			ERRCODE = 'invalid_parameter_value',
			HINT = 'Such as {"EUR": 250000, "USD": 50000}.';
	END IF;
	INSERT INTO @store@.campaign AS c (tenant_id, name, direction, rate, cost_of_capital, yield_limit, condition, entity_id, due_from, due_until, pay_on, expires_at)
	VALUES (p_tenant_id, define_campaign.name, define_campaign.direction, define_campaign.rate,
		COALESCE(define_campaign.cost_of_capital, @store@.finance_setting(p_tenant_id, 'cost_of_capital', '0')::numeric), define_campaign.yield_limit, define_campaign.condition,
		CASE WHEN define_campaign.entity IS NOT NULL THEN @store@.entity_id(p_tenant_id, define_campaign.entity) END, define_campaign.due_from, define_campaign.due_until,
		CASE WHEN define_campaign.pay_on IS NOT NULL THEN ARRAY(SELECT DISTINCT d FROM unnest(define_campaign.pay_on) d ORDER BY d NULLS FIRST) END,
		COALESCE(define_campaign.expires_at, now() + interval '1 day' * @store@.finance_setting(p_tenant_id, 'offer_days', '7')::int))
	ON CONFLICT (tenant_id, name) DO UPDATE SET direction = EXCLUDED.direction, rate = EXCLUDED.rate, cost_of_capital = EXCLUDED.cost_of_capital, yield_limit = EXCLUDED.yield_limit,
		condition = EXCLUDED.condition, entity_id = EXCLUDED.entity_id, due_from = EXCLUDED.due_from, due_until = EXCLUDED.due_until, pay_on = EXCLUDED.pay_on, expires_at = EXCLUDED.expires_at
	WHERE c.state = 'draft'
	RETURNING c.id INTO v_id;
	IF NOT FOUND THEN
		RAISE EXCEPTION 'campaign "%" has been launched', define_campaign.name USING
			ERRCODE = 'object_not_in_prerequisite_state',
			HINT = 'set_budget() changes its budget; another campaign has another name.';
	END IF;
	DELETE FROM @store@.campaign_budget b WHERE b.tenant_id = p_tenant_id AND b.campaign_id = v_id;
	INSERT INTO @store@.campaign_budget (tenant_id, campaign_id, currency, budget)
	SELECT p_tenant_id, v_id, b.key, b.value::numeric FROM jsonb_each_text(budgets) b;
	DELETE FROM @store@.campaign_party p WHERE p.tenant_id = p_tenant_id AND p.campaign_id = v_id;
	INSERT INTO @store@.campaign_party (tenant_id, campaign_id, party_id)
	SELECT DISTINCT p_tenant_id, v_id, @store@.party_id(p_tenant_id, u.code) FROM unnest(partners) u (code);
	PERFORM @store@.record_event(p_tenant_id, 'define_campaign', 'campaign', v_id::text, NULL, jsonb_strip_nulls(jsonb_build_object('name', define_campaign.name, 'direction', define_campaign.direction,
		'rate', define_campaign.rate, 'budgets', budgets, 'condition', define_campaign.condition, 'entity', define_campaign.entity, 'partners', partners, 'due_from', define_campaign.due_from,
		'due_until', define_campaign.due_until, 'pay_on', define_campaign.pay_on, 'yield_limit', define_campaign.yield_limit, 'expires_at', define_campaign.expires_at)));
	RETURN v_id;
END;
$code$;
COMMENT ON FUNCTION @store@.define_campaign(bigint, text, numeric, jsonb, text, text, text, text[], date, date, date[], float8, timestamptz, numeric) IS
'Defines a discount campaign on own funds, or one of that name anew that is not launched yet: rate a year, budgets as {"EUR": 250000} (of purchases what is paid early, of sales the discount given), for invoices for which a term expression holds (condition), of an entity and all below it, of partners, due between two days, paid on the first of the days pay_on before they are due (NULL = on a sliding scale from finance.lead_days on), that reach yield_limit (simple, a year; of sales: stay below it). cost_of_capital: setting finance.cost_of_capital unless given. Returns its number. For personas with the right discount. Errors: 42501, P0002 no such entity or party, 42601 condition, 22023 no budget, 55000 launched, 23514 a name, rate, day, budget.';

CREATE OR REPLACE FUNCTION @store@.set_budget(p_tenant_id bigint, campaign_id bigint, currency text, budget numeric) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_old @store@.campaign_budget;
BEGIN
	PERFORM @store@.require_right(p_tenant_id, 'discount');
	PERFORM @store@.campaign_of(p_tenant_id, set_budget.campaign_id);
	SELECT * INTO v_old FROM @store@.campaign_budget b
	WHERE b.tenant_id = p_tenant_id AND b.campaign_id = set_budget.campaign_id AND b.currency = set_budget.currency FOR NO KEY UPDATE;
	IF v_old.committed > set_budget.budget THEN
		RAISE EXCEPTION 'more than that is committed' USING
			ERRCODE = 'object_not_in_prerequisite_state',
			DETAIL = format('Of %s %s %s is accepted or paid.', v_old.budget, v_old.currency, v_old.committed);
	END IF;
	INSERT INTO @store@.campaign_budget (tenant_id, campaign_id, currency, budget) VALUES (p_tenant_id, set_budget.campaign_id, set_budget.currency, set_budget.budget)
	ON CONFLICT (tenant_id, campaign_id, currency) DO UPDATE SET budget = EXCLUDED.budget;
	PERFORM @store@.record_event(p_tenant_id, 'set_budget', 'campaign', set_budget.campaign_id::text, to_jsonb(v_old.budget), jsonb_build_object('currency', set_budget.currency, 'budget', set_budget.budget));
END;
$code$;
COMMENT ON FUNCTION @store@.set_budget(bigint, bigint, text, numeric) IS 'Raises or lowers the budget of a campaign in a currency, or gives it one in another. For personas with the right discount. Errors: 42501, P0002 no such campaign, 55000 more is committed, 23502, 23514 an amount or currency.';

CREATE OR REPLACE FUNCTION @store@.use_budget(p_tenant_id bigint, campaign_id bigint, currency text, amount numeric) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
BEGIN
	-- who is about to take from it, or to give back, is waited for
	PERFORM FROM @store@.campaign_budget b
	WHERE b.tenant_id = p_tenant_id AND b.campaign_id = use_budget.campaign_id AND b.currency = use_budget.currency FOR NO KEY UPDATE;
	UPDATE @store@.campaign_budget b SET committed = b.committed + use_budget.amount
	WHERE b.tenant_id = p_tenant_id AND b.campaign_id = use_budget.campaign_id AND b.currency = use_budget.currency AND b.committed + use_budget.amount <= b.budget;
	IF NOT FOUND THEN
		RAISE EXCEPTION 'the budget of campaign % in % is used up', use_budget.campaign_id, use_budget.currency USING
			ERRCODE = 'object_not_in_prerequisite_state',
			DETAIL = 'What is left of it is less than this invoice takes.',
			HINT = 'A smaller invoice, or a later day, may fit.';
	END IF;
END;
$code$;
COMMENT ON FUNCTION @store@.use_budget(bigint, bigint, text, numeric) IS 'Part of functions that accept offers of a campaign, and that give them up (amount below 0): takes an amount from its budget, under the lock of its row, which comes after that of the invoice. Errors: 55000 more than is left.';

CREATE OR REPLACE FUNCTION @store@.campaign_candidates(p_tenant_id bigint, campaign_id bigint, as_of date)
RETURNS TABLE (document_id bigint, party_id bigint, entity_id bigint, seller_key text, buyer_vat_id text, currency text, amount numeric, due_date date, pay_from date, pay_until date,
	discount numeric, days int, simple_rate float8, cost numeric, gain numeric, used numeric, within_budget boolean)
LANGUAGE plpgsql STABLE ROWS 1000
SET search_path = pg_catalog, clex, pg_temp
SET jit = off
AS $code$
#variable_conflict use_column
DECLARE
	v_campaign @store@.campaign;
	v_day_count text := @store@.finance_setting(p_tenant_id, 'day_count', 'ACT/360');
	v_basis int := CASE WHEN v_day_count ~ '360' THEN 360 ELSE 365 END;
	v_method text := @store@.finance_setting(p_tenant_id, 'method', 'DISCOUNT_ON_FACE');
	v_rounding text := @store@.finance_setting(p_tenant_id, 'rounding', 'HALF_UP');
	v_calendar text := @store@.finance_setting(p_tenant_id, 'calendar', 'TARGET');
	v_first date;
	v_entities bigint[];
	v_parties bigint[];
	v_rule clex.own_rule[];
	v_asks_parties boolean;
	v_enriched boolean := EXISTS (SELECT FROM @store@.enriched_term t WHERE t.tenant_id = p_tenant_id);
BEGIN
	SELECT * INTO v_campaign FROM @store@.campaign c WHERE c.tenant_id = p_tenant_id AND c.id = campaign_candidates.campaign_id;
	v_first := clex.adjust(as_of + @store@.finance_setting(p_tenant_id, 'lead_days', '1')::int, 'FOLLOWING', v_calendar);
	IF v_campaign.entity_id IS NOT NULL THEN
		v_entities := ARRAY(SELECT e.id FROM @store@.entity e WHERE e.tenant_id = p_tenant_id AND @store@.is_in_entity(p_tenant_id, e.id, v_campaign.entity_id));
	END IF;
	v_parties := NULLIF(ARRAY(SELECT p.party_id FROM @store@.campaign_party p WHERE p.tenant_id = p_tenant_id AND p.campaign_id = v_campaign.id), '{}');
	IF v_campaign.condition IS NOT NULL THEN
		v_rule := ARRAY[ROW('campaign', 'information', NULL, v_campaign.condition, '{"en": "no"}')::clex.own_rule];
		v_asks_parties := v_campaign.condition ~ '[$](seller|buyer)[.]';
	END IF;
	RETURN QUERY
	WITH credited AS MATERIALIZED (
		SELECT n.document_id AS id, sum(n.amount) AS amount FROM @store@.notes_in_force n WHERE n.tenant_id = p_tenant_id AND n.is_credit GROUP BY n.document_id
	), booked AS MATERIALIZED (
		SELECT e.document_id AS id, sum(e.amount) AS amount, sum(e.amount) FILTER (WHERE e.kind = 'paid') AS paid FROM @store@.ledger_entry e WHERE e.tenant_id = p_tenant_id GROUP BY e.document_id
	), held AS MATERIALIZED (
		SELECT c.document_id AS id FROM @store@.claim c WHERE c.tenant_id = p_tenant_id
		UNION
		SELECT a.document_id FROM @store@.assignment_item a WHERE a.tenant_id = p_tenant_id AND a.state NOT IN ('repaid', 'released')
		UNION
		SELECT d.document_id FROM @store@.dispute d WHERE d.tenant_id = p_tenant_id AND d.state = 'open'
		UNION
		SELECT o.document_id FROM @store@.offer o
		WHERE o.tenant_id = p_tenant_id AND (o.state = 'open' AND o.side = CASE v_campaign.direction WHEN 'sale' THEN 'seller' ELSE 'buyer' END OR o.campaign_id = v_campaign.id)
	), invoice AS (
		SELECT s.document_id, i.document, i.seller_key AS seller, s.party_id, s.entity_id, s.seller_key, s.buyer_vat_id, i.currency, i.payable - COALESCE(c.amount, 0) - COALESCE(b.amount, 0) AS amount, s.due_date,
			CASE WHEN v_campaign.pay_on IS NULL THEN v_first
				ELSE (SELECT min(d) FROM unnest(v_campaign.pay_on) d WHERE d >= as_of AND d < s.due_date) END AS pay_from
		FROM @store@.invoice_state s
		JOIN @store@.invoice i ON i.tenant_id = s.tenant_id AND i.document_id = s.document_id
		LEFT JOIN credited c ON c.id = s.document_id
		LEFT JOIN booked b ON b.id = s.document_id
		WHERE s.tenant_id = p_tenant_id AND i.tenant_id = p_tenant_id AND NOT s.is_credit AND s.direction = v_campaign.direction AND s.due_date > as_of
			AND s.due_date >= COALESCE(v_campaign.due_from, s.due_date) AND s.due_date <= COALESCE(v_campaign.due_until, s.due_date)
			-- as claim_objections() says, for many at once; what was disputed waits for its approver
			AND (s.meaning = 'approved' OR s.meaning IN ('payment_sent', 'payment_received') AND b.paid > 0
				OR s.direction = 'sale' AND COALESCE(s.meaning NOT IN ('refused', 'rejected', 'cancelled', 'unacceptable', 'disputed', 'payment_sent', 'payment_received'), true))
			AND (v_entities IS NULL OR s.entity_id = ANY (v_entities))
			AND (v_parties IS NULL OR s.party_id = ANY (v_parties))
			AND i.currency IN (SELECT g.currency FROM @store@.campaign_budget g WHERE g.tenant_id = p_tenant_id AND g.campaign_id = v_campaign.id)
			AND NOT EXISTS (SELECT FROM held h WHERE h.id = s.document_id)
		OFFSET 0    -- here and below: each figure is computed once, and only of what has passed so far
	), figured AS (
		SELECT v.*, clex.discount_amount(v.amount, v_campaign.rate, v.pay_from, v.due_date, v_day_count, v_method, v.currency, v_rounding) AS discount, v.due_date - v.pay_from AS days
		FROM invoice v WHERE v.amount > 0 AND v.pay_from < v.due_date
		OFFSET 0
	), rated AS (
		SELECT f.*, clex.simple_rate(f.amount, f.discount, f.days, v_basis) AS simple_rate
		FROM figured f WHERE f.discount > 0 AND f.discount < f.amount
		OFFSET 0
	), wanted AS (
		SELECT r.*
		FROM rated r
		WHERE v_campaign.yield_limit IS NULL OR CASE v_campaign.direction WHEN 'sale' THEN r.simple_rate <= v_campaign.yield_limit ELSE r.simple_rate >= v_campaign.yield_limit END
		OFFSET 0
	), eligible AS (
		SELECT w.document_id, w.party_id, w.entity_id, w.seller_key, w.buyer_vat_id, w.currency, w.amount, w.due_date, w.pay_from, w.discount, w.days, w.simple_rate,
			clex.own_funds_gain(w.amount, w.discount, w.days, v_basis, v_campaign.cost_of_capital, w.currency, v_rounding) * CASE v_campaign.direction WHEN 'sale' THEN -1 ELSE 1 END AS gain,
			CASE v_campaign.direction WHEN 'sale' THEN w.discount ELSE w.amount - w.discount END AS used
		FROM wanted w
		WHERE v_rule IS NULL OR clex.own_findings(CASE WHEN v_enriched THEN @store@.enriched_document(p_tenant_id, w.document_id) ELSE w.document END, v_rule,
			CASE WHEN v_asks_parties THEN jsonb_build_object('seller', @store@.party_facts(p_tenant_id, w.seller, CURRENT_DATE), 'buyer', @store@.party_facts(p_tenant_id, w.buyer_vat_id, CURRENT_DATE)) END) IS NULL
		OFFSET 0
	)
	SELECT e.document_id, e.party_id, e.entity_id, e.seller_key, e.buyer_vat_id, e.currency, e.amount, e.due_date, e.pay_from,
		CASE WHEN v_campaign.pay_on IS NULL THEN GREATEST(e.pay_from, clex.adjust(e.due_date - 1, 'PRECEDING', v_calendar)) ELSE e.pay_from END,
		e.discount, e.days, e.simple_rate,
		CASE v_campaign.direction WHEN 'sale' THEN e.discount ELSE e.discount - e.gain END, e.gain, e.used,
		sum(e.used) OVER (PARTITION BY e.currency ORDER BY CASE v_campaign.direction WHEN 'sale' THEN e.simple_rate ELSE -e.simple_rate END, e.document_id) <= g.budget - g.committed
	FROM eligible e
	JOIN @store@.campaign_budget g ON g.tenant_id = p_tenant_id AND g.campaign_id = v_campaign.id AND g.currency = e.currency;
END;
$code$;
COMMENT ON FUNCTION @store@.campaign_candidates(bigint, bigint, date) IS
'Part of simulate_campaign() and launch_campaign(): invoices to which a campaign is open as of a day, what each comes to on its first day, what the money costs, what is gained above that (of sales: by money that comes early), how much of the budget it takes, and whether the budget would last for it if the best were accepted first. It writes nothing.';

CREATE OR REPLACE FUNCTION @store@.simulate_campaign(p_tenant_id bigint, campaign_id bigint, as_of date DEFAULT CURRENT_DATE)
RETURNS TABLE (partner text, pay_on date, currency text, invoices bigint, face numeric, discount numeric, net numeric, cost numeric, gain numeric, simple_rate float8, effective_rate float8,
	within_budget bigint, budget_used numeric)
LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 100
SET search_path = pg_catalog, clex, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_basis int := CASE WHEN @store@.finance_setting(p_tenant_id, 'day_count', 'ACT/360') ~ '360' THEN 360 ELSE 365 END;
BEGIN
	PERFORM @store@.require_right(p_tenant_id, 'discount');
	IF NOT EXISTS (SELECT FROM @store@.campaign c WHERE c.tenant_id = p_tenant_id AND c.id = simulate_campaign.campaign_id) THEN
		RAISE EXCEPTION 'tenant % has no campaign %', p_tenant_id, simulate_campaign.campaign_id USING ERRCODE = 'no_data_found', HINT = 'View campaigns lists them.';
	END IF;
	RETURN QUERY
	SELECT p.code, g.pay_from, g.currency, g.invoices, g.face, g.discount, g.face - g.discount, g.cost, g.gain,
		g.simple, power(1 + g.simple * g.days / v_basis, v_basis / g.days) - 1, g.within, g.used
	FROM (
		SELECT c.party_id, c.pay_from, c.currency, count(*) AS invoices, sum(c.amount) AS face, sum(c.discount) AS discount, sum(c.cost) AS cost, sum(c.gain) AS gain,
			(sum(c.discount) / sum((c.amount - c.discount) * c.days) * v_basis)::float8 AS simple, (sum((c.amount - c.discount) * c.days) / sum(c.amount - c.discount))::float8 AS days,
			count(*) FILTER (WHERE c.within_budget) AS within, COALESCE(sum(c.used) FILTER (WHERE c.within_budget), 0) AS used
		FROM @store@.campaign_candidates(p_tenant_id, simulate_campaign.campaign_id, simulate_campaign.as_of) c
		GROUP BY c.party_id, c.pay_from, c.currency) g
	LEFT JOIN @store@.party p ON p.tenant_id = p_tenant_id AND p.id = g.party_id
	ORDER BY g.currency, p.code COLLATE "C", g.pay_from;
END;
$code$;
COMMENT ON FUNCTION @store@.simulate_campaign(bigint, bigint, date) IS
'What launching a campaign on a day would offer, and writes nothing: by partner, first day of payment and currency how many invoices, what is open, discount, net, what the money costs until they are due, gain above that, simple and effective yield a year (weighted by amount and days); and for how many the budget would last, the best first, and how much of it they take. cost and gain of sales: the discount given, and what the money is worth that comes early, less the discount. For personas with the right discount. Errors: 42501, P0002 no such campaign.';

CREATE OR REPLACE FUNCTION @store@.launch_campaign(p_tenant_id bigint, campaign_id bigint) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, clex, pg_temp
SET jit = off
AS $code$
#variable_conflict use_column
DECLARE
	v_campaign @store@.campaign;
	v_day_count text := @store@.finance_setting(p_tenant_id, 'day_count', 'ACT/360');
	v_method text := @store@.finance_setting(p_tenant_id, 'method', 'DISCOUNT_ON_FACE');
	v_rounding text := @store@.finance_setting(p_tenant_id, 'rounding', 'HALF_UP');
	v_calendar text := @store@.finance_setting(p_tenant_id, 'calendar', 'TARGET');
	v_count bigint;
BEGIN
	PERFORM @store@.require_right(p_tenant_id, 'discount');
	v_campaign := @store@.campaign_of(p_tenant_id, launch_campaign.campaign_id);
	IF v_campaign.state = 'launched' THEN
		RETURN 0;
	ELSIF v_campaign.state = 'closed' OR v_campaign.expires_at <= clock_timestamp() THEN
		RAISE EXCEPTION 'campaign "%" cannot be launched', v_campaign.name USING
			ERRCODE = 'object_not_in_prerequisite_state',
			DETAIL = CASE v_campaign.state WHEN 'closed' THEN 'It is closed.' ELSE 'Its offers would have expired.' END;
	END IF;
	UPDATE @store@.campaign c SET state = 'launched', launched_by = clex.caller(), launched_at = clock_timestamp() WHERE c.tenant_id = p_tenant_id AND c.id = v_campaign.id;
	INSERT INTO @store@.offer (tenant_id, document_id, direction, side, rate, day_count, method, rounding, calendar, currency, amount, due_date, pay_from, pay_until, expires_at,
		campaign_id, party_id, entity_id, seller_key, buyer_vat_id)
	SELECT p_tenant_id, c.document_id, v_campaign.direction, CASE v_campaign.direction WHEN 'sale' THEN 'seller' ELSE 'buyer' END, v_campaign.rate,
		v_day_count, v_method, v_rounding, v_calendar, c.currency, c.amount, c.due_date, c.pay_from, c.pay_until, v_campaign.expires_at,
		v_campaign.id, c.party_id, c.entity_id, c.seller_key, c.buyer_vat_id
	FROM @store@.campaign_candidates(p_tenant_id, v_campaign.id, CURRENT_DATE) c
	ORDER BY c.document_id
	ON CONFLICT DO NOTHING;
	GET DIAGNOSTICS v_count = ROW_COUNT;
	-- one notice for each supplier and currency
	IF v_campaign.direction = 'purchase' THEN
		PERFORM @store@.post_notice(p_tenant_id, 'campaign_offered', format('campaign/%s/%s/%s', v_campaign.id, g.party_id, g.currency),
			jsonb_build_object('campaign', v_campaign.name, 'buyer', g.buyer_name, 'count', g.count, 'until', v_campaign.expires_at::date,
				'total', jsonb_build_object('amount', g.amount, 'currency', g.currency), 'discount', jsonb_build_object('amount', g.discount, 'currency', g.currency)), NULL, g.party_id)
		FROM (
			SELECT o.party_id, o.currency, count(*), sum(o.amount) AS amount,
				sum(clex.discount_amount(o.amount, o.rate, o.pay_from, o.due_date, o.day_count, o.method, o.currency, o.rounding)) AS discount,
				(SELECT i.buyer_name FROM @store@.invoice i WHERE i.tenant_id = p_tenant_id AND i.document_id = min(o.document_id)) AS buyer_name
			FROM @store@.offer o WHERE o.tenant_id = p_tenant_id AND o.campaign_id = v_campaign.id AND o.party_id IS NOT NULL
			GROUP BY o.party_id, o.currency
			ORDER BY o.party_id, o.currency) g;
	END IF;
	PERFORM @store@.record_event(p_tenant_id, 'launch_campaign', 'campaign', v_campaign.id::text, to_jsonb(v_campaign.state), jsonb_build_object('offers', v_count));
	RETURN v_count;
END;
$code$;
COMMENT ON FUNCTION @store@.launch_campaign(bigint, bigint) IS
'Makes the offers of a campaign, for all invoices to which it is open today, and tells each supplier in its language once. They can be accepted until the campaign expires and while its budget lasts. Returns how many; 0 if it was launched before. For personas with the right discount. Errors: 42501, P0002 no such campaign, 55000 closed, or expired.';

CREATE OR REPLACE FUNCTION @store@.accept_campaign(p_tenant_id bigint, campaign_id bigint) RETURNS TABLE (offer_id bigint, document_id bigint, outcome text)
LANGUAGE plpgsql SECURITY DEFINER ROWS 100
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_generic_plan    -- its statements are planned once, not for each invoice
AS $code$
#variable_conflict use_column
DECLARE
	v_open record;
	v_offer @store@.offer;
BEGIN
	PERFORM @store@.require_member(p_tenant_id);
	FOR v_open IN
		SELECT o.id FROM @store@.offer o
		JOIN @store@.invoice_state s ON s.tenant_id = o.tenant_id AND s.document_id = o.document_id
		WHERE o.tenant_id = p_tenant_id AND o.campaign_id = accept_campaign.campaign_id AND o.state = 'open' AND o.expires_at > clock_timestamp()
		ORDER BY o.document_id
	LOOP
		v_offer := @store@.offer_of(p_tenant_id, v_open.id);
		PERFORM @store@.answering_side(p_tenant_id, v_offer);
		offer_id := v_offer.id;
		document_id := v_offer.document_id;
		BEGIN
			PERFORM @store@.require_open(v_offer);
			PERFORM @store@.take_offer(p_tenant_id, v_offer, NULL);
			outcome := 'accepted';
		EXCEPTION WHEN object_not_in_prerequisite_state OR invalid_parameter_value THEN
			outcome := SQLERRM;
		END;
		RETURN NEXT;
	END LOOP;
END;
$code$;
COMMENT ON FUNCTION @store@.accept_campaign(bigint, bigint) IS
'Accepts all open offers of a campaign that the caller may accept, each for the first possible day, while the budget lasts; outcome: accepted, or why it could not be. Of purchases the supplier accepts what it sold, of sales who has the right discount records that its customers did. Errors: 42501.';

CREATE OR REPLACE FUNCTION @store@.close_campaign(p_tenant_id bigint, campaign_id bigint) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_campaign @store@.campaign;
	v_count bigint;
BEGIN
	PERFORM @store@.require_right(p_tenant_id, 'discount');
	v_campaign := @store@.campaign_of(p_tenant_id, close_campaign.campaign_id);
	IF v_campaign.state = 'closed' THEN
		RETURN 0;
	ELSIF v_campaign.state = 'draft' THEN
		RAISE EXCEPTION 'campaign "%" is not launched', v_campaign.name USING ERRCODE = 'object_not_in_prerequisite_state';
	END IF;
	UPDATE @store@.campaign c SET state = 'closed', closed_at = clock_timestamp() WHERE c.tenant_id = p_tenant_id AND c.id = v_campaign.id;
	UPDATE @store@.offer o SET state = 'withdrawn', answered_by = clex.caller(), answered_at = clock_timestamp()
	WHERE o.tenant_id = p_tenant_id AND o.campaign_id = v_campaign.id AND o.state = 'open';
	GET DIAGNOSTICS v_count = ROW_COUNT;
	PERFORM @store@.record_event(p_tenant_id, 'close_campaign', 'campaign', v_campaign.id::text, to_jsonb(v_campaign.state), jsonb_build_object('withdrawn', v_count));
	RETURN v_count;
END;
$code$;
COMMENT ON FUNCTION @store@.close_campaign(bigint, bigint) IS 'Withdraws the offers of a campaign that nobody has accepted; those that were accepted are paid. Returns how many. For personas with the right discount. Errors: 42501, P0002 no such campaign, 55000 not launched.';

CREATE OR REPLACE VIEW @store@.campaigns WITH (security_invoker) AS
SELECT c.tenant_id, c.id, c.name, c.direction, c.state, c.rate, c.cost_of_capital, c.yield_limit, c.condition, e.code AS entity, (
		SELECT pg_catalog.array_agg(p.code ORDER BY p.code COLLATE "C") FROM @store@.campaign_party m JOIN @store@.party p ON p.tenant_id = m.tenant_id AND p.id = m.party_id
		WHERE m.tenant_id = c.tenant_id AND m.campaign_id = c.id) AS partners,
	c.due_from, c.due_until, c.pay_on, c.expires_at, b.currency, b.budget, b.committed, b.budget - b.committed AS left_over, c.made_by, c.made_at, c.launched_by, c.launched_at, c.closed_at
FROM @store@.campaign c
JOIN @store@.campaign_budget b ON b.tenant_id = c.tenant_id AND b.campaign_id = c.id
LEFT JOIN @store@.entity e ON e.tenant_id = c.tenant_id AND e.id = c.entity_id;
COMMENT ON VIEW @store@.campaigns IS 'Campaigns, a row for each currency of their budgets, and what is left of it.';

CREATE OR REPLACE VIEW @store@.discount_gains WITH (security_invoker) AS
SELECT o.tenant_id, o.id AS offer_id, o.document_id, i.number, o.direction, o.party_id, o.entity_id, o.campaign_id, o.currency, o.amount AS face, o.discount, o.net, o.due_date, o.settled_on, d.days, d.basis,
	o.net * d.days AS money_days, k.cost_of_capital,
	CASE o.direction WHEN 'sale' THEN o.discount ELSE o.discount - g.gain END AS cost, CASE o.direction WHEN 'sale' THEN -g.gain ELSE g.gain END AS gain, o.simple_rate, o.effective_rate
FROM @store@.offer o
JOIN @store@.invoice i ON i.tenant_id = o.tenant_id AND i.document_id = o.document_id
LEFT JOIN @store@.campaign c ON c.tenant_id = o.tenant_id AND c.id = o.campaign_id
CROSS JOIN LATERAL (SELECT o.due_date - o.settled_on AS days, CASE WHEN o.day_count ~ '360' THEN 360 ELSE 365 END AS basis) d
CROSS JOIN LATERAL (SELECT COALESCE(c.cost_of_capital, @store@.finance_setting(o.tenant_id, 'cost_of_capital', '0')::numeric) AS cost_of_capital) k
CROSS JOIN LATERAL (SELECT clex.own_funds_gain(o.amount, o.discount, d.days, d.basis, k.cost_of_capital, o.currency) AS gain) g
-- what money costs the tenant is no business of its suppliers
WHERE o.state = 'settled' AND o.tenant_id IN (SELECT t FROM @store@.readable_tenants() t);
COMMENT ON VIEW @store@.discount_gains IS
'What each discount that was taken earned above what the money cost until the invoice was due: gain = discount - net * cost_of_capital * days / basis (of sales the other way round). cost_of_capital: that of its campaign, else setting finance.cost_of_capital.';

CREATE OR REPLACE VIEW @store@.campaign_results WITH (security_invoker) AS
SELECT c.tenant_id, c.id AS campaign_id, c.name, c.direction, c.state, c.currency, c.budget, c.committed, o.offered, o.accepted, o.settled, o.lost, g.face, g.discount, g.net, g.cost, g.gain,
	CASE WHEN g.money_days > 0 THEN (g.discount / g.money_days * g.basis)::float8 END AS simple_rate, c.cost_of_capital
FROM @store@.campaigns c
CROSS JOIN LATERAL (
	SELECT pg_catalog.count(*) AS offered, pg_catalog.count(*) FILTER (WHERE x.state = 'accepted') AS accepted, pg_catalog.count(*) FILTER (WHERE x.state = 'settled') AS settled,
		pg_catalog.count(*) FILTER (WHERE x.state IN ('released', 'lapsed')) AS lost
	FROM @store@.offer x WHERE x.tenant_id = c.tenant_id AND x.campaign_id = c.id AND x.currency = c.currency) o
CROSS JOIN LATERAL (
	SELECT COALESCE(pg_catalog.sum(x.face), 0) AS face, COALESCE(pg_catalog.sum(x.discount), 0) AS discount, COALESCE(pg_catalog.sum(x.net), 0) AS net, COALESCE(pg_catalog.sum(x.cost), 0) AS cost,
		COALESCE(pg_catalog.sum(x.gain), 0) AS gain, pg_catalog.sum(x.money_days) AS money_days, pg_catalog.min(x.basis) AS basis
	FROM @store@.discount_gains x WHERE x.tenant_id = c.tenant_id AND x.campaign_id = c.id AND x.currency = c.currency) g;
COMMENT ON VIEW @store@.campaign_results IS 'What became of campaigns, by currency: offers made, accepted and not yet paid, settled, lost (released or lapsed) since; of those settled face, discount, net, cost of the money, gain above it, and the simple yield a year, weighted by amount and days.';

CREATE OR REPLACE VIEW @store@.partner_gains WITH (security_invoker) AS
SELECT g.tenant_id, g.direction, p.code AS partner, pg_catalog.date_trunc('month', g.settled_on)::date AS month, g.currency, pg_catalog.count(*) AS invoices, pg_catalog.sum(g.face) AS face,
	pg_catalog.sum(g.discount) AS discount, pg_catalog.sum(g.cost) AS cost, pg_catalog.sum(g.gain) AS gain,
	CASE WHEN pg_catalog.sum(g.money_days) > 0 THEN (pg_catalog.sum(g.discount) / pg_catalog.sum(g.money_days) * pg_catalog.min(g.basis))::float8 END AS simple_rate
FROM @store@.discount_gains g
LEFT JOIN @store@.party p ON p.tenant_id = g.tenant_id AND p.id = g.party_id
GROUP BY g.tenant_id, g.direction, p.code, pg_catalog.date_trunc('month', g.settled_on), g.currency;
COMMENT ON VIEW @store@.partner_gains IS 'Discounts that were taken from own funds by partner, month and currency: what they cost and gained, and the simple yield a year.';

REVOKE ALL ON FUNCTION @store@.campaign_of(bigint, bigint), @store@.define_campaign(bigint, text, numeric, jsonb, text, text, text, text[], date, date, date[], float8, timestamptz, numeric),
	@store@.set_budget(bigint, bigint, text, numeric), @store@.use_budget(bigint, bigint, text, numeric), @store@.campaign_candidates(bigint, bigint, date),
	@store@.simulate_campaign(bigint, bigint, date), @store@.launch_campaign(bigint, bigint), @store@.accept_campaign(bigint, bigint), @store@.close_campaign(bigint, bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION @store@.define_campaign(bigint, text, numeric, jsonb, text, text, text, text[], date, date, date[], float8, timestamptz, numeric),
	@store@.set_budget(bigint, bigint, text, numeric), @store@.simulate_campaign(bigint, bigint, date), @store@.launch_campaign(bigint, bigint), @store@.accept_campaign(bigint, bigint),
	@store@.close_campaign(bigint, bigint) TO PUBLIC;
GRANT SELECT ON @store@.campaign, @store@.campaign_budget, @store@.campaign_party, @store@.campaigns, @store@.discount_gains, @store@.campaign_results, @store@.partner_gains TO PUBLIC;
