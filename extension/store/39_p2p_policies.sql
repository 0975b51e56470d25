-- Module p2p, policies: what row-level security asks of the rows of tables whose policies were made by steps; see 15_base_policies.sql.
-- Parts that are younger have their policies beside their tables.

--! code
CREATE OR REPLACE FUNCTION @store@.sees_dispute(p_tenant_id bigint, dispute_id bigint) RETURNS boolean
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $code$
BEGIN
	RETURN EXISTS (SELECT FROM @store@.dispute d WHERE d.tenant_id = p_tenant_id AND d.id = sees_dispute.dispute_id);
END;
$code$;
COMMENT ON FUNCTION @store@.sees_dispute(bigint, bigint) IS 'Whether the caller sees a dispute, of either side.';

CREATE OR REPLACE FUNCTION @store@.sees_order(p_tenant_id bigint, order_id bigint) RETURNS boolean
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $code$
BEGIN
	RETURN EXISTS (SELECT FROM @store@.purchase_order o WHERE o.tenant_id = p_tenant_id AND o.id = sees_order.order_id);
END;
$code$;
COMMENT ON FUNCTION @store@.sees_order(bigint, bigint) IS 'Whether the caller sees an order: as a member, as its supplier, or for an entity that ordered.';

CREATE OR REPLACE FUNCTION @store@.sees_query(p_tenant_id bigint, query_id bigint) RETURNS boolean
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $code$
BEGIN
	RETURN EXISTS (SELECT FROM @store@.query q WHERE q.tenant_id = p_tenant_id AND q.id = sees_query.query_id);
END;
$code$;
COMMENT ON FUNCTION @store@.sees_query(bigint, bigint) IS 'Whether the caller sees a question: suppliers those that are put to them.';

ALTER POLICY tenant ON @store@.outbox USING (clex.is_among('@store@.readable_tenants()', tenant_id));
ALTER POLICY tenant ON @store@.inbox USING (clex.is_among('@store@.readable_tenants()', tenant_id));
ALTER POLICY tenant ON @store@.dispute USING (clex.is_among('@store@.readable_tenants()', tenant_id));
ALTER POLICY scope_seller ON @store@.dispute USING (clex.is_among('@store@.own_seller_keys()', tenant_id, seller_key));
ALTER POLICY scope_buyer ON @store@.dispute USING (clex.is_among('@store@.own_buyer_keys()', tenant_id, buyer_vat_id));
ALTER POLICY tenant ON @store@.note_link USING (clex.is_among('@store@.readable_tenants()', tenant_id));
ALTER POLICY scope_seller ON @store@.note_link USING (clex.is_among('@store@.own_seller_keys()', tenant_id, seller_key));
ALTER POLICY scope_buyer ON @store@.note_link USING (clex.is_among('@store@.own_buyer_keys()', tenant_id, buyer_vat_id));
ALTER POLICY tenant ON @store@.dispute_message USING (clex.is_among('@store@.readable_tenants()', tenant_id));
ALTER POLICY tenant ON @store@.unit_equivalence USING (clex.is_among('@store@.readable_tenants()', tenant_id));
ALTER POLICY tenant ON @store@.purchase_order USING (clex.is_among('@store@.readable_tenants()', tenant_id));
ALTER POLICY tenant ON @store@.order_line USING (clex.is_among('@store@.readable_tenants()', tenant_id));
ALTER POLICY tenant ON @store@.receipt USING (clex.is_among('@store@.readable_tenants()', tenant_id));
ALTER POLICY tenant ON @store@.receipt_line USING (clex.is_among('@store@.readable_tenants()', tenant_id));
ALTER POLICY tenant ON @store@.match_policy USING (clex.is_among('@store@.readable_tenants()', tenant_id));
ALTER POLICY tenant ON @store@.match_choice USING (clex.is_among('@store@.readable_tenants()', tenant_id));
ALTER POLICY tenant ON @store@.match_line USING (clex.is_among('@store@.readable_tenants()', tenant_id));
ALTER POLICY tenant ON @store@.invoice_match USING (clex.is_among('@store@.readable_tenants()', tenant_id));
ALTER POLICY tenant ON @store@.match_request USING (clex.is_among('@store@.readable_tenants()', tenant_id));
ALTER POLICY tenant ON @store@.number_series USING (clex.is_among('@store@.readable_tenants()', tenant_id));
ALTER POLICY tenant ON @store@.number_counter USING (clex.is_among('@store@.readable_tenants()', tenant_id));
ALTER POLICY tenant ON @store@.issued_number USING (clex.is_among('@store@.readable_tenants()', tenant_id));
ALTER POLICY tenant ON @store@.partner_channel USING (clex.is_among('@store@.readable_tenants()', tenant_id));
ALTER POLICY tenant ON @store@.account_rule USING (clex.is_among('@store@.readable_tenants()', tenant_id));
ALTER POLICY tenant ON @store@.journal_entry USING (clex.is_among('@store@.readable_tenants()', tenant_id));
ALTER POLICY tenant ON @store@.journal_line USING (clex.is_among('@store@.readable_tenants()', tenant_id));
DROP POLICY IF EXISTS scope ON @store@.dispute_message;
CREATE POLICY scope ON @store@.dispute_message FOR SELECT
	USING (clex.is_among('@store@.scoped_tenants()', tenant_id) AND @store@.sees_dispute(tenant_id, dispute_id));
DROP POLICY IF EXISTS scope ON @store@.order_line;
CREATE POLICY scope ON @store@.order_line
	USING (clex.is_among('@store@.scoped_tenants()', tenant_id) AND @store@.sees_order(tenant_id, order_id));
DROP POLICY IF EXISTS scope ON @store@.receipt;
CREATE POLICY scope ON @store@.receipt FOR SELECT
	USING (clex.is_among('@store@.scoped_tenants()', tenant_id) AND @store@.sees_order(tenant_id, order_id));
DROP POLICY IF EXISTS scope ON @store@.receipt_line;
CREATE POLICY scope ON @store@.receipt_line FOR SELECT
	USING (clex.is_among('@store@.scoped_tenants()', tenant_id) AND @store@.sees_order(tenant_id, order_id));
DROP POLICY IF EXISTS scope ON @store@.order_message;
CREATE POLICY scope ON @store@.order_message
	USING (clex.is_among('@store@.scoped_tenants()', tenant_id) AND @store@.sees_order(tenant_id, order_id));
DROP POLICY IF EXISTS scope ON @store@.order_response;
CREATE POLICY scope ON @store@.order_response
	USING (clex.is_among('@store@.scoped_tenants()', tenant_id) AND @store@.sees_order(tenant_id, order_id));
DROP POLICY IF EXISTS scope ON @store@.order_response_line;
CREATE POLICY scope ON @store@.order_response_line
	USING (clex.is_among('@store@.scoped_tenants()', tenant_id) AND @store@.sees_order(tenant_id, order_id));
DROP POLICY IF EXISTS scope ON @store@.despatch;
CREATE POLICY scope ON @store@.despatch
	USING (clex.is_among('@store@.scoped_tenants()', tenant_id) AND @store@.sees_order(tenant_id, order_id));
DROP POLICY IF EXISTS scope ON @store@.despatch_line;
CREATE POLICY scope ON @store@.despatch_line
	USING (clex.is_among('@store@.scoped_tenants()', tenant_id) AND @store@.sees_order(tenant_id, order_id));
DROP POLICY IF EXISTS visible ON @store@.query_entry;
DROP POLICY IF EXISTS tenant ON @store@.query_entry;
CREATE POLICY tenant ON @store@.query_entry FOR SELECT USING (clex.is_among('@store@.readable_tenants()', tenant_id));
DROP POLICY IF EXISTS scope ON @store@.query_entry;
CREATE POLICY scope ON @store@.query_entry FOR SELECT
	USING (clex.is_among('@store@.scoped_tenants()', tenant_id) AND @store@.sees_query(tenant_id, query_id));

GRANT EXECUTE ON FUNCTION @store@.sees_dispute(bigint, bigint), @store@.sees_order(bigint, bigint), @store@.sees_query(bigint, bigint) TO PUBLIC;
