-- Module finance, what is seen of assignments: prices of days to come, statuses that others say, and the views of assignors, financiers and tenant.

--! code
CREATE OR REPLACE FUNCTION @store@.financing_choices(p_tenant_id bigint, financier text, documents bigint[], from_date date DEFAULT CURRENT_DATE, choices int DEFAULT 10)
RETURNS TABLE (settlement_date date, invoices int, amount numeric, discount numeric, net numeric, currency text)
LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 10
SET search_path = pg_catalog, clex, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_financier @store@.financier;
	v_calendar text := @store@.finance_setting(p_tenant_id, 'calendar', 'TARGET');
	v_day_count text := @store@.finance_setting(p_tenant_id, 'day_count', 'ACT/360');
	v_method text := @store@.finance_setting(p_tenant_id, 'method', 'DISCOUNT_ON_FACE');
	v_rounding text := @store@.finance_setting(p_tenant_id, 'rounding', 'HALF_UP');
BEGIN
	PERFORM @store@.require_financing(p_tenant_id);
	IF NOT @store@.has_right(p_tenant_id, 'finance') THEN
		PERFORM @store@.require_right(p_tenant_id, 'finance', d) FROM unnest(financing_choices.documents) d;
	END IF;
	v_financier := @store@.financier_by_code(p_tenant_id, financing_choices.financier);
	RETURN QUERY
	SELECT d.day, count(*)::int, sum(l.undisputed), sum(x.discount), sum(l.undisputed - x.discount), l.currency
	FROM (SELECT min(l.due_date) AS last FROM unnest(financing_choices.documents) u (id) JOIN @store@.ledger l ON l.tenant_id = p_tenant_id AND l.document_id = u.id) m
	CROSS JOIN LATERAL (
		-- 400 business days are less than 1,500 days, however far the first due date is
		SELECT financing_choices.from_date + g.n AS day FROM generate_series(0, LEAST(m.last - financing_choices.from_date, 1500)) g (n)
		WHERE clex.is_business_day(financing_choices.from_date + g.n, v_calendar) ORDER BY 1 LIMIT GREATEST(LEAST(financing_choices.choices, 400), 0)) d
	CROSS JOIN unnest(financing_choices.documents) u (id)
	JOIN @store@.ledger l ON l.tenant_id = p_tenant_id AND l.document_id = u.id
	CROSS JOIN LATERAL @store@.line_on(p_tenant_id, v_financier.financier_id, l.currency, d.day) n
	CROSS JOIN LATERAL (SELECT clex.discount_amount(l.undisputed, n.rate, d.day, l.due_date, v_day_count, v_method, l.currency, v_rounding) AS discount) x
	WHERE n.rate IS NOT NULL
	GROUP BY d.day, l.currency ORDER BY d.day, l.currency;
END;
$code$;
COMMENT ON FUNCTION @store@.financing_choices(bigint, text, bigint[], date, int) IS
'Days on which invoices could be settled by a financier, from from_date up to the first due date among them, business days by setting finance.calendar, with what they would bring at the rate of its line: amount, price and net, a row for each day and currency. Nothing is reserved. At most 400 days. For personas with the right finance, suppliers for their own invoices. Errors: 42501, P0002 no such financier, 22008 infinite from_date.';

CREATE OR REPLACE FUNCTION @store@.react_finance(p_tenant_id bigint, document_id bigint, event_id bigint, received boolean) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, clex, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_event record;
	v_account record;
	v_now record;
BEGIN
	SELECT l.meaning, e.facts, s.direction, i.seller_name, upper(regexp_replace(clex.value(i.document, 'BT-84'), '\s', '', 'g')) AS seller_iban INTO v_event
	FROM @store@.status_event e
	JOIN @store@.lifecycle_status l ON l.tenant_id = e.tenant_id AND l.lifecycle = e.lifecycle AND l.status = e.status
	JOIN @store@.invoice_state s ON s.tenant_id = e.tenant_id AND s.document_id = e.document_id
	JOIN @store@.invoice i ON i.tenant_id = e.tenant_id AND i.document_id = e.document_id
	WHERE e.tenant_id = p_tenant_id AND e.id = react_finance.event_id AND e.outcome IN ('applied', 'replayed', 'repeated')
		AND l.meaning IN ('factored', 'account_changed', 'not_factored');
	IF NOT FOUND OR v_event.direction = 'sale' THEN
		RETURN;
	END IF;
	SELECT * INTO v_now FROM @store@.creditor_of(p_tenant_id, react_finance.document_id);
	IF v_event.meaning = 'not_factored' THEN
		SELECT v_event.seller_iban AS iban, NULL::text AS bic, v_event.seller_name AS name INTO v_account;
	ELSE
		-- what is said of an account that is none blocks the payment, until somebody has asked
		SELECT upper(regexp_replace(COALESCE(c ->> 'value', c ->> 'name'), '\s', '', 'g')) AS iban, c ->> 'description' AS bic, c ->> 'name' AS name INTO v_account
		FROM (SELECT v_event.facts -> 'characteristics' AS list UNION ALL
			SELECT d -> 'characteristics' FROM jsonb_array_elements(CASE jsonb_typeof(v_event.facts -> 'details') WHEN 'array' THEN v_event.facts -> 'details' ELSE '[]' END) d) x,
			jsonb_array_elements(CASE jsonb_typeof(x.list) WHEN 'array' THEN x.list ELSE '[]' END) c
		WHERE c ->> 'type' = 'CBB' LIMIT 1;
	END IF;
	IF v_now.source <> 'invoice' AND v_now.iban = v_account.iban THEN
		RETURN;
	END IF;
	PERFORM @store@.set_creditor(p_tenant_id, react_finance.document_id, CASE v_event.meaning WHEN 'factored' THEN 'financier' WHEN 'not_factored' THEN 'supplier' ELSE v_now.payee_kind END,
		NULL, NULL, CASE WHEN clex.is_iban(v_account.iban) THEN v_account.iban END, v_account.bic, v_account.name,
		CASE v_event.meaning WHEN 'factored' THEN '225' WHEN 'not_factored' THEN '228' ELSE '227' END);
END;
$code$;
COMMENT ON FUNCTION @store@.react_finance(bigint, bigint, bigint, boolean) IS
'Part of status_changed(): when it is said of an invoice that was bought that it is factored (225), that its account has changed (227) or that it is factored no more (228), the payee is another one, and nobody is paid before confirm_creditor(): the account is that of block CBB, or of the invoice; none, if what is said is no IBAN.';

CREATE OR REPLACE VIEW @store@.assignments WITH (security_invoker) AS
SELECT a.tenant_id, a.id, f.code AS financier, a.currency, a.settlement_date, a.instrument, a.disclosed, a.recourse, a.source, a.source_key, a.state,
	i.invoices, i.amount, i.discount, i.net, i.repaid, i.bought_back, i.asked_back, i.outstanding, i.next_due, a.dated_on, a.notified_at, a.debtor_accepted_at, a.settled_on, a.payment_reference,
	a.proposed_at, a.proposed_by, a.day_count, a.method, a.rounding, a.rule_version
FROM @store@.assignment a
JOIN @store@.financier f ON f.tenant_id = a.tenant_id AND f.financier_id = a.financier_id
CROSS JOIN LATERAL (
	SELECT count(*) AS invoices, pg_catalog.sum(x.amount) AS amount, pg_catalog.sum(x.discount) AS discount, pg_catalog.sum(x.net) AS net, pg_catalog.sum(x.repaid) AS repaid,
		pg_catalog.sum(x.bought_back) AS bought_back, pg_catalog.sum(x.asked_back) AS asked_back,
		COALESCE(pg_catalog.sum(x.amount - x.repaid - x.bought_back) FILTER (WHERE x.state NOT IN ('repaid', 'released')), 0) AS outstanding,
		pg_catalog.min(x.due_date) FILTER (WHERE x.state NOT IN ('repaid', 'released')) AS next_due
	FROM @store@.assignment_item x WHERE x.tenant_id = a.tenant_id AND x.assignment_id = a.id) i;
COMMENT ON VIEW @store@.assignments IS 'Assignments with their sums; a supplier''s are those of its own invoices, a financier''s those made to it.';

CREATE OR REPLACE VIEW @store@.assigned_invoices WITH (security_invoker) AS
SELECT i.tenant_id, i.assignment_id, i.document_id, f.code AS financier, i.number, i.issue_date, i.due_date, i.seller_name, i.debtor_name, a.currency, i.face, i.vat, i.amount, i.rate, i.days,
	i.discount, i.net, i.repaid, i.bought_back, i.asked_back, CASE WHEN i.state IN ('repaid', 'released') THEN 0 ELSE i.amount - i.repaid - i.bought_back END AS outstanding, i.state, i.reason, a.settlement_date
FROM @store@.assignment_item i
JOIN @store@.assignment a ON a.tenant_id = i.tenant_id AND a.id = i.assignment_id
JOIN @store@.financier f ON f.tenant_id = i.tenant_id AND f.financier_id = i.financier_id;
COMMENT ON VIEW @store@.assigned_invoices IS 'Invoices of assignments, with the price of each and what became of it. face and vat are those of the invoice, which no price changes.';

CREATE OR REPLACE VIEW @store@.assignment_acts WITH (security_invoker) AS
SELECT t.tenant_id, t.id, t.assignment_id, t.kind, t.seller_name, t.electronic, t.count, t.total, pg_catalog.convert_from(t.content, 'UTF8') AS text, pg_catalog.encode(t.sha256, 'hex') AS sha256,
	t.list, t.made_at, s.signer, s.means, s.dated_on AS signed_on, e.dated_on
FROM @store@.assignment_act t
LEFT JOIN @store@.act_signature s ON s.tenant_id = t.tenant_id AND s.act_id = t.id AND s.side IN ('assignor', 'debtor')
LEFT JOIN @store@.act_signature e ON e.tenant_id = t.tenant_id AND e.act_id = t.id AND e.side = 'assignee';
COMMENT ON VIEW @store@.assignment_acts IS 'Instruments of assignments: their words, the SHA-256 of their bytes, who signed them and when the financier dated them.';

CREATE OR REPLACE VIEW @store@.assignment_events WITH (security_invoker) AS
SELECT e.tenant_id, e.id, e.assignment_id, e.document_id, e.from_state, e.to_state, e.reason, e.amount, e.message, e.event_key, e.actor, e.happened_at FROM @store@.assignment_event e;
COMMENT ON VIEW @store@.assignment_events IS 'What happened to assignments and their invoices.';

CREATE OR REPLACE VIEW @store@.exposures WITH (security_invoker) AS
SELECT i.tenant_id, i.financier_id, f.code AS financier, a.currency,
	COALESCE(pg_catalog.sum(o.left) FILTER (WHERE i.state IN ('proposed', 'accepted', 'notified')), 0) AS reserved,
	COALESCE(pg_catalog.sum(o.left) FILTER (WHERE i.state IN ('settled', 'recourse')), 0) AS drawn, COALESCE(pg_catalog.sum(i.asked_back), 0) AS asked_back,
	COALESCE(pg_catalog.sum(o.left) FILTER (WHERE i.state IN ('settled', 'recourse') AND i.due_date < CURRENT_DATE), 0) AS overdue,
	COALESCE(pg_catalog.sum(o.left), 0) AS outstanding, count(*) AS invoices, pg_catalog.min(i.due_date) AS next_due
FROM @store@.assignment_item i
JOIN @store@.assignment a ON a.tenant_id = i.tenant_id AND a.id = i.assignment_id
JOIN @store@.financier f ON f.tenant_id = i.tenant_id AND f.financier_id = i.financier_id
CROSS JOIN LATERAL (SELECT i.amount - i.repaid - i.bought_back AS left) o
WHERE i.state NOT IN ('repaid', 'released')
GROUP BY i.tenant_id, i.financier_id, f.code, a.currency;
COMMENT ON VIEW @store@.exposures IS 'What financiers have outstanding, by currency, in face amounts: reserved (proposed, accepted, debtors told), drawn (paid to assignors), of that asked back and overdue; outstanding = reserved + drawn, which is what the total limit counts.';

CREATE OR REPLACE VIEW @store@.financeable_invoices WITH (security_invoker) AS
SELECT l.tenant_id, l.document_id, l.number, l.direction, l.currency, l.due_date, l.due_date - CURRENT_DATE AS days_to_due, l.undisputed AS amount, n.financier, n.rate, n.committed, n.recourse,
	n.min_days, n.max_days, c.kind AS claimed,
	CASE WHEN c.kind IS NOT NULL THEN 'claimed' WHEN l.open = 0 THEN 'nothing open' WHEN l.disputed > 0 THEN 'disputed' WHEN l.direction <> 'sale' AND l.payable_now = 0 THEN 'not approved'
		WHEN EXISTS (SELECT FROM @store@.assignment_item a WHERE a.tenant_id = l.tenant_id AND a.document_id = l.document_id AND a.state NOT IN ('repaid', 'released')) THEN 'a financier has it outstanding'
		WHEN l.due_date IS NULL THEN 'no due date' WHEN l.due_date < CURRENT_DATE THEN 'overdue' WHEN n.financier IS NULL THEN 'no line in that currency'
		WHEN l.due_date - CURRENT_DATE < n.min_days THEN 'due too soon for the line' END AS blocked_by
FROM @store@.ledger l
LEFT JOIN (
	SELECT f.tenant_id, f.code AS financier, x.currency, x.rate, x.committed, x.recourse, x.min_days, x.max_days
	FROM @store@.financier f
	JOIN @store@.financier_lines x ON x.tenant_id = f.tenant_id AND x.financier_id = f.financier_id AND NOT x.closed AND x.valid_from <= CURRENT_DATE AND (x.valid_until < CURRENT_DATE) IS NOT TRUE
	WHERE f.active) n ON n.tenant_id = l.tenant_id AND n.currency = l.currency
LEFT JOIN @store@.claim c ON c.tenant_id = l.tenant_id AND c.document_id = l.document_id
WHERE l.open > 0;
COMMENT ON VIEW @store@.financeable_invoices IS
'What could be financed, a row for each open invoice and line in its currency: amount, indicative rate (a fraction a year), and what stands against it (blocked_by; claimed: by what). Name a tenant, and an invoice or supplier. financing_choices() has days and prices; whether limits have room shows when it is proposed.';

REVOKE ALL ON FUNCTION @store@.financing_choices(bigint, text, bigint[], date, int), @store@.react_finance(bigint, bigint, bigint, boolean) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION @store@.financing_choices(bigint, text, bigint[], date, int) TO PUBLIC;
GRANT SELECT ON @store@.assignments, @store@.assigned_invoices, @store@.assignment_acts, @store@.assignment_events, @store@.exposures,
	@store@.financeable_invoices TO PUBLIC;
