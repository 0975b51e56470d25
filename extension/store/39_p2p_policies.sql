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

SELECT @store@.put_policies('tenant', '{outbox,inbox,partner_channel,dispute,note_link,unit_equivalence,purchase_order,order_line,receipt,receipt_line,match_policy,match_choice,match_line,
	invoice_match,match_request,number_series,number_counter,issued_number,account_rule,journal_entry,journal_line}', 'readable_tenants');
SELECT @store@.put_policies('tenant', '{dispute_message,query_entry}', 'readable_tenants', read_only => true);
SELECT @store@.put_policies('scope_seller', '{dispute,note_link}', 'own_seller_keys', 'seller_key');
SELECT @store@.put_policies('scope_buyer', '{dispute,note_link}', 'own_buyer_keys', 'buyer_vat_id');
SELECT @store@.put_policies('scope', '{dispute_message}', 'scoped_tenants', 'dispute_id', sees => 'sees_dispute', read_only => true);
SELECT @store@.put_policies('scope', '{order_line,order_message,order_response,order_response_line,despatch,despatch_line}', 'scoped_tenants', 'order_id', sees => 'sees_order');
SELECT @store@.put_policies('scope', '{receipt,receipt_line}', 'scoped_tenants', 'order_id', sees => 'sees_order', read_only => true);
DROP POLICY IF EXISTS visible ON @store@.query_entry;
SELECT @store@.put_policies('scope', '{query_entry}', 'scoped_tenants', 'query_id', sees => 'sees_query', read_only => true);

GRANT EXECUTE ON FUNCTION @store@.sees_dispute(bigint, bigint), @store@.sees_order(bigint, bigint), @store@.sees_query(bigint, bigint) TO PUBLIC;
