-- Module documents, policies: what row-level security asks of the rows of each table; see 15_base_policies.sql.
--
-- Of what belongs to a document, and has no seller and buyer beside it, who is scoped is asked row by row: a function, so that
-- the plans of all others carry nothing of it.

--! code
CREATE OR REPLACE FUNCTION @store@.sees_invoice(p_tenant_id bigint, document_id bigint) RETURNS boolean
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $code$
BEGIN
	RETURN EXISTS (SELECT FROM @store@.invoice i WHERE i.tenant_id = p_tenant_id AND i.document_id = sees_invoice.document_id);
END;
$code$;
COMMENT ON FUNCTION @store@.sees_invoice(bigint, bigint) IS 'Whether the caller sees an invoice: as a member, as its seller, or for an entity that bought it.';

CREATE OR REPLACE FUNCTION @store@.sees_as_buyer(p_tenant_id bigint, document_id bigint) RETURNS boolean
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path = pg_catalog, clex, pg_temp
AS $code$
BEGIN
	RETURN EXISTS (
		SELECT FROM @store@.invoice i
		WHERE i.tenant_id = p_tenant_id AND i.document_id = sees_as_buyer.document_id
			AND clex.is_among('@store@.own_buyer_keys()', i.tenant_id, i.buyer_vat_id));
END;
$code$;
COMMENT ON FUNCTION @store@.sees_as_buyer(bigint, bigint) IS 'Whether the caller is scoped to an entity that bought an invoice: it sees what is no business of the seller''s.';

SELECT @store@.put_policies('tenant', '{document,invoice,finding,submission,enriched_term,enriched_verdict}', 'readable_tenants');
SELECT @store@.put_policies('tenant', '{own_rule,severity_override}', 'known_tenants');
SELECT @store@.put_policies('scope', '{finding}', 'scoped_tenants', 'document_id', sees => 'sees_invoice', read_only => true);
SELECT @store@.put_policies('scope', '{enriched_term,enriched_verdict}', 'scoped_tenants', 'document_id', sees => 'sees_as_buyer', read_only => true);

GRANT EXECUTE ON FUNCTION @store@.sees_invoice(bigint, bigint), @store@.sees_as_buyer(bigint, bigint) TO PUBLIC;
