-- Module finance, cash calendar: what is to be paid, and what is to come in, on which day.
--
-- The calendar of a million open invoices is asked for all day long, and each change moves it.  So what each invoice adds is kept, summed by day, and
-- whoever changes what an invoice comes to leaves its number behind (amounts_changed()).  The view takes what was kept of changed invoices off the sums and adds what
-- they are now: it is exact at every moment, and as fast as there are few changes.  refresh_calendar() works them in; nobody waits for it.

--! step 63 cash calendar
CREATE TABLE @store@.calendar_entry (
	tenant_id bigint NOT NULL,
	document_id bigint NOT NULL,
	class text NOT NULL CHECK (class IN ('ordered', 'agreed', 'approved', 'expected', 'disputed')),
	direction text NOT NULL,
	entity_id bigint NOT NULL,
	currency text NOT NULL,
	pay_on date NOT NULL,
	amount numeric NOT NULL,
	PRIMARY KEY (tenant_id, document_id, class)
);
CREATE INDEX calendar_entry_day_idx ON @store@.calendar_entry (tenant_id, direction, currency, pay_on, class);
COMMENT ON TABLE @store@.calendar_entry IS 'What each invoice adds to the cash calendar, as of the last refresh_calendar().';
COMMENT ON COLUMN @store@.calendar_entry.tenant_id IS 'Tenant.';
COMMENT ON COLUMN @store@.calendar_entry.document_id IS 'The invoice.';
COMMENT ON COLUMN @store@.calendar_entry.class IS 'ordered: in a payment order. agreed: at a discount that was accepted. approved: to be paid. expected: not approved yet. disputed: contested.';
COMMENT ON COLUMN @store@.calendar_entry.direction IS 'purchase or internal: money goes out. sale: it comes in.';
COMMENT ON COLUMN @store@.calendar_entry.entity_id IS 'Entity that pays, or is paid; 0 = none of the tenant.';
COMMENT ON COLUMN @store@.calendar_entry.currency IS 'Currency.';
COMMENT ON COLUMN @store@.calendar_entry.pay_on IS 'Day: that of the order, or agreed, else the due date; infinity = none is said.';
COMMENT ON COLUMN @store@.calendar_entry.amount IS 'Amount, discount taken off.';

CREATE TABLE @store@.calendar_day (
	tenant_id bigint NOT NULL,
	direction text NOT NULL,
	currency text NOT NULL,
	pay_on date NOT NULL,
	entity_id bigint NOT NULL,
	class text NOT NULL,
	amount numeric NOT NULL,
	invoices bigint NOT NULL,
	PRIMARY KEY (tenant_id, direction, currency, pay_on, entity_id, class)
);
COMMENT ON TABLE @store@.calendar_day IS 'Sums of calendar_entry. Written by refresh_calendar().';
COMMENT ON COLUMN @store@.calendar_day.tenant_id IS 'Tenant.';
COMMENT ON COLUMN @store@.calendar_day.direction IS 'As in calendar_entry.';
COMMENT ON COLUMN @store@.calendar_day.currency IS 'Currency.';
COMMENT ON COLUMN @store@.calendar_day.pay_on IS 'Day.';
COMMENT ON COLUMN @store@.calendar_day.entity_id IS 'Entity.';
COMMENT ON COLUMN @store@.calendar_day.class IS 'As in calendar_entry.';
COMMENT ON COLUMN @store@.calendar_day.amount IS 'Sum.';
COMMENT ON COLUMN @store@.calendar_day.invoices IS 'Number of invoices.';

CREATE TABLE @store@.calendar_change (
	tenant_id bigint NOT NULL,
	id bigint GENERATED ALWAYS AS IDENTITY,
	document_id bigint NOT NULL,
	PRIMARY KEY (tenant_id, id)
);
COMMENT ON TABLE @store@.calendar_change IS 'Invoices that changed since the calendar was refreshed. Written by amounts_changed(), worked off by refresh_calendar().';
COMMENT ON COLUMN @store@.calendar_change.tenant_id IS 'Tenant.';
COMMENT ON COLUMN @store@.calendar_change.id IS 'Number of the change.';
COMMENT ON COLUMN @store@.calendar_change.document_id IS 'The invoice.';
ALTER TABLE @store@.calendar_entry ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE @store@.calendar_day ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE @store@.calendar_change ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
-- invoices that were there before the calendar
INSERT INTO @store@.calendar_change (tenant_id, document_id) SELECT s.tenant_id, s.document_id FROM @store@.invoice_state s WHERE NOT s.is_credit;

--! code
-- sums are of all a tenant has: who sees some of its documents gets none
DO $policies$
DECLARE
	v_table text;
BEGIN
	FOREACH v_table IN ARRAY '{calendar_entry,calendar_day,calendar_change}'::text[] LOOP
		EXECUTE pg_catalog.format('DROP POLICY IF EXISTS tenant ON @store@.%I', v_table);
		EXECUTE pg_catalog.format('CREATE POLICY tenant ON @store@.%I FOR SELECT USING (tenant_id IN (SELECT t FROM @store@.readable_tenants() t) AND NOT (SELECT @store@.is_scoped()))', v_table);
		EXECUTE pg_catalog.format('DROP POLICY IF EXISTS store ON @store@.%I', v_table);
		EXECUTE pg_catalog.format('CREATE POLICY store ON @store@.%I USING ((SELECT @store@.in_store()))', v_table);
	END LOOP;
END;
$policies$;

CREATE OR REPLACE FUNCTION @store@.amounts_changed(p_tenant_id bigint, documents bigint[]) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $code$
BEGIN
	INSERT INTO @store@.calendar_change (tenant_id, document_id) SELECT p_tenant_id, d FROM unnest(documents) d;
END;
$code$;
COMMENT ON FUNCTION @store@.amounts_changed(bigint, bigint[]) IS 'Part of functions that change what invoices come to, when, or whether it is contested: leaves their numbers for the cash calendar.';

CREATE OR REPLACE FUNCTION @store@.calendar_of(p_tenant_id bigint, documents bigint[])
RETURNS TABLE (document_id bigint, class text, direction text, entity_id bigint, currency text, pay_on date, amount numeric)
LANGUAGE plpgsql STABLE ROWS 100
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_generic_plan    -- with all its policies it takes longer to plan than to look a hundred invoices up
AS $code$
#variable_conflict use_column
BEGIN
	RETURN QUERY
	WITH agreed AS MATERIALIZED (
		SELECT a.document_id, a.reference, a.pay_on, a.discount FROM @store@.agreed_discounts(p_tenant_id, calendar_of.documents) a
	)
	SELECT l.document_id, e.class, l.direction, COALESCE(l.entity_id, 0), COALESCE(l.currency, ''), COALESCE(e.pay_on, 'infinity'), e.amount
	FROM @store@.ledger l
	LEFT JOIN @store@.claim k ON k.tenant_id = p_tenant_id AND k.document_id = l.document_id
	LEFT JOIN @store@.payment p ON p.tenant_id = p_tenant_id AND p.order_id = k.reference AND p.document_id = l.document_id AND k.kind = 'payment' AND p.state <> 'cancelled'
	LEFT JOIN @store@.payment_order o ON o.tenant_id = p_tenant_id AND o.id = p.order_id
	LEFT JOIN agreed d ON d.document_id = l.document_id AND k.kind = 'offer' AND d.reference = k.reference
	CROSS JOIN LATERAL (VALUES
		('ordered', o.pay_on, p.amount),
		('agreed', d.pay_on, CASE WHEN p.amount IS NULL AND d.pay_on IS NOT NULL THEN l.undisputed - d.discount END),
		('approved', l.due_date, CASE WHEN p.amount IS NULL AND d.pay_on IS NULL THEN NULLIF(l.payable_now, 0) END),
		('expected', l.due_date, CASE WHEN p.amount IS NULL AND d.pay_on IS NULL AND l.payable_now = 0 THEN NULLIF(l.undisputed, 0) END),
		('disputed', l.due_date, NULLIF(l.disputed, 0))) e (class, pay_on, amount)
	WHERE l.tenant_id = p_tenant_id AND l.document_id = ANY (calendar_of.documents) AND l.open > 0 AND e.amount IS NOT NULL;
END;
$code$;
COMMENT ON FUNCTION @store@.calendar_of(bigint, bigint[]) IS
'What invoices add to the cash calendar now: a row for each class (ordered, agreed, approved, expected, disputed) of what is open, with its day. Amounts in the currency of the invoice, agreed discounts taken off.';

CREATE OR REPLACE FUNCTION @store@.refresh_calendar(p_tenant_id bigint) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_custom_plan    -- one invoice, or all of them
AS $code$
#variable_conflict use_column
DECLARE
	v_documents bigint[];
BEGIN
	PERFORM @store@.require_right(p_tenant_id, 'pay');
	-- one at a time: the tenant's row is its lock, which nobody else takes
	PERFORM FROM @store@.tenant t WHERE t.tenant_id = p_tenant_id FOR NO KEY UPDATE;
	-- only changes that are committed are seen here, and what they changed is seen by the next statement; later ones leave rows of their own
	WITH seen AS (
		DELETE FROM @store@.calendar_change c WHERE c.tenant_id = p_tenant_id RETURNING c.document_id
	)
	SELECT ARRAY(SELECT DISTINCT s.document_id FROM seen s) INTO v_documents;
	WITH gone AS (
		DELETE FROM @store@.calendar_entry e WHERE e.tenant_id = p_tenant_id AND e.document_id = ANY (v_documents) RETURNING e.*
	)
	INSERT INTO @store@.calendar_day AS d (tenant_id, direction, currency, pay_on, entity_id, class, amount, invoices)
	SELECT p_tenant_id, g.direction, g.currency, g.pay_on, g.entity_id, g.class, -sum(g.amount), -count(*)
	FROM gone g GROUP BY g.direction, g.currency, g.pay_on, g.entity_id, g.class
	ON CONFLICT (tenant_id, direction, currency, pay_on, entity_id, class) DO UPDATE SET amount = d.amount + EXCLUDED.amount, invoices = d.invoices + EXCLUDED.invoices;
	WITH now AS (
		INSERT INTO @store@.calendar_entry AS e (tenant_id, document_id, class, direction, entity_id, currency, pay_on, amount)
		SELECT p_tenant_id, c.document_id, c.class, c.direction, c.entity_id, c.currency, c.pay_on, c.amount FROM @store@.calendar_of(p_tenant_id, v_documents) c
		RETURNING e.*
	)
	INSERT INTO @store@.calendar_day AS d (tenant_id, direction, currency, pay_on, entity_id, class, amount, invoices)
	SELECT p_tenant_id, n.direction, n.currency, n.pay_on, n.entity_id, n.class, sum(n.amount), count(*)
	FROM now n GROUP BY n.direction, n.currency, n.pay_on, n.entity_id, n.class
	ON CONFLICT (tenant_id, direction, currency, pay_on, entity_id, class) DO UPDATE SET amount = d.amount + EXCLUDED.amount, invoices = d.invoices + EXCLUDED.invoices;
	DELETE FROM @store@.calendar_day d WHERE d.tenant_id = p_tenant_id AND d.invoices = 0;
	RETURN cardinality(v_documents);
END;
$code$;
COMMENT ON FUNCTION @store@.refresh_calendar(bigint) IS
'Works changes of invoices into the sums of the cash calendar, which is exact without it too, but slower the more changes wait; let a scheduler do it every minute. Two at once wait for each other, nobody else waits. Returns how many invoices had changed. For personas with the right pay. Errors: 42501, 23503 no such tenant.';

CREATE OR REPLACE VIEW @store@.cash_calendar WITH (security_invoker) AS
SELECT x.tenant_id, CASE x.direction WHEN 'sale' THEN 'in' ELSE 'out' END AS flow, x.currency, NULLIF(x.pay_on, 'infinity') AS pay_on,
	CASE WHEN x.pay_on < 'infinity' THEN pg_catalog.date_trunc('week', x.pay_on::timestamp)::date END AS week, e.code AS entity, x.class,
	pg_catalog.sum(x.amount) AS amount, pg_catalog.sum(x.invoices)::bigint AS invoices
FROM (
	SELECT d.tenant_id, d.direction, d.currency, d.pay_on, d.entity_id, d.class, d.amount, d.invoices FROM @store@.calendar_day d
	UNION ALL
	SELECT t.tenant_id, c.direction, c.currency, c.pay_on, c.entity_id, c.class, -c.amount, -1
	FROM @store@.tenant t
	CROSS JOIN LATERAL (SELECT DISTINCT k.document_id FROM @store@.calendar_change k WHERE k.tenant_id = t.tenant_id) k
	JOIN @store@.calendar_entry c ON c.tenant_id = t.tenant_id AND c.document_id = k.document_id
	UNION ALL
	SELECT t.tenant_id, n.direction, n.currency, n.pay_on, n.entity_id, n.class, n.amount, 1
	FROM @store@.tenant t
	CROSS JOIN LATERAL (SELECT pg_catalog.array_agg(DISTINCT k.document_id) AS documents FROM @store@.calendar_change k WHERE k.tenant_id = t.tenant_id) k
	CROSS JOIN LATERAL @store@.calendar_of(t.tenant_id, k.documents) n
	WHERE k.documents IS NOT NULL) x
LEFT JOIN @store@.entity e ON e.tenant_id = x.tenant_id AND e.id = x.entity_id
GROUP BY x.tenant_id, x.direction, x.currency, x.pay_on, e.code, x.class
HAVING pg_catalog.sum(x.invoices) <> 0;
COMMENT ON VIEW @store@.cash_calendar IS
'What is to be paid (flow out) and what is to come in (in), by currency, day, entity and class: ordered, agreed (a discount that was accepted), approved, expected (not approved yet), disputed. pay_on NULL: no day is said. Amounts with VAT, agreed discounts taken off; never added across currencies. Exact at every moment: disputes, approvals, accepted offers and payments move it at once. calendar_invoices has the invoices. For those who see all of the tenant.';

CREATE OR REPLACE VIEW @store@.calendar_invoices WITH (security_invoker) AS
SELECT t.tenant_id, CASE c.direction WHEN 'sale' THEN 'in' ELSE 'out' END AS flow, c.currency, NULLIF(c.pay_on, 'infinity') AS pay_on, e.code AS entity, c.class, c.document_id,
	i.number, i.seller_name, i.buyer_name, c.amount
FROM @store@.tenant t
JOIN @store@.invoice i ON i.tenant_id = t.tenant_id
CROSS JOIN LATERAL @store@.calendar_of(t.tenant_id, ARRAY[i.document_id]) c
LEFT JOIN @store@.entity e ON e.tenant_id = t.tenant_id AND e.id = c.entity_id;
COMMENT ON VIEW @store@.calendar_invoices IS 'The invoices of the cash calendar, as they are now. Filter by tenant and document, or join with calendar_entry by day.';

REVOKE ALL ON FUNCTION @store@.amounts_changed(bigint, bigint[]), @store@.refresh_calendar(bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION @store@.refresh_calendar(bigint), @store@.calendar_of(bigint, bigint[]) TO PUBLIC;
GRANT SELECT ON @store@.calendar_entry, @store@.calendar_day, @store@.calendar_change, @store@.cash_calendar, @store@.calendar_invoices TO PUBLIC;
