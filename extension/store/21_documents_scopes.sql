-- Module documents, scopes: what suppliers and members scoped to entities see of the documents.
--
-- The policies of one table are joined by OR, last name first: "tenant" comes before these, and for who
-- sees a whole tenant nothing below is evaluated.  A document shows to whom its invoice shows.

--! code
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
		AND EXISTS (SELECT FROM @store@.invoice i WHERE i.tenant_id = document.tenant_id AND i.document_id = document.id));
DROP POLICY IF EXISTS scope ON @store@.finding;
CREATE POLICY scope ON @store@.finding FOR SELECT
	USING ((SELECT @store@.is_scoped())
		AND EXISTS (SELECT FROM @store@.invoice i WHERE i.tenant_id = finding.tenant_id AND i.document_id = finding.document_id));
