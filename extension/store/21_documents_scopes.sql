-- Module documents, scopes: what suppliers and members scoped to entities see of the documents.
--
-- The policies of one table are joined by OR, last name first: "tenant" comes before these, and for who
-- sees a whole tenant nothing below is evaluated.  A document shows to whom its invoice shows; a function
-- asks, so that the policies of invoices are not planned again in each query on documents.

--! code
CREATE OR REPLACE FUNCTION @store@.sees_invoice(p_tenant_id bigint, document_id bigint) RETURNS boolean
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
BEGIN
	RETURN EXISTS (SELECT FROM @store@.invoice i WHERE i.tenant_id = p_tenant_id AND i.document_id = sees_invoice.document_id);
END;
$code$;
COMMENT ON FUNCTION @store@.sees_invoice(bigint, bigint) IS 'Whether the caller sees the invoice of a document.';

DROP POLICY IF EXISTS scope_seller ON @store@.invoice;
CREATE POLICY scope_seller ON @store@.invoice FOR SELECT
	USING ((SELECT @store@.is_scoped())
		AND (tenant_id, seller_key) IN (SELECT k.tenant_id, k.seller_key FROM @store@.own_seller_keys() k));
DROP POLICY IF EXISTS scope_buyer ON @store@.invoice;
CREATE POLICY scope_buyer ON @store@.invoice FOR SELECT
	USING ((SELECT @store@.is_scoped())
		AND (tenant_id, buyer_vat_id) IN (SELECT k.tenant_id, k.buyer_vat_id FROM @store@.own_buyer_keys() k));
DROP POLICY IF EXISTS scope ON @store@.document;
CREATE POLICY scope ON @store@.document FOR SELECT
	USING ((SELECT @store@.is_scoped())
		AND @store@.sees_invoice(tenant_id, id));
DROP POLICY IF EXISTS scope ON @store@.finding;
CREATE POLICY scope ON @store@.finding FOR SELECT
	USING ((SELECT @store@.is_scoped())
		AND @store@.sees_invoice(tenant_id, document_id));
