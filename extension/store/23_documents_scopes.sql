-- Module documents, scopes: what suppliers and members scoped to entities see of the documents.
--
-- The policies of one table are joined by OR, last name first: "tenant" comes before these, and for who
-- sees a whole tenant nothing below is evaluated.  A document has its seller and buyer beside it, so that nothing is
-- asked of another table for each row: such a plan could not be parallel.  Of the findings, which are
-- looked at a few at a time, it is asked.

--! step 7 row-level security that parallel workers can check: seller and buyer stand beside a document
ALTER TABLE @store@.document ADD COLUMN seller_key text, ADD COLUMN buyer_vat_id text;
COMMENT ON COLUMN @store@.document.seller_key IS 'Seller, as in table invoice; NULL if there is no invoice.';
COMMENT ON COLUMN @store@.document.buyer_vat_id IS 'Buyer, as in table invoice; NULL if there is no invoice.';
UPDATE @store@.document d SET seller_key = i.seller_key, buyer_vat_id = i.buyer_vat_id
FROM @store@.invoice i WHERE i.tenant_id = d.tenant_id AND i.document_id = d.id;
-- a function in FROM does not keep a plan from being parallel; in the list of SELECT it does
ALTER POLICY tenant ON @store@.document USING (tenant_id IN (SELECT t FROM @store@.readable_tenants() t));
ALTER POLICY tenant ON @store@.invoice USING (tenant_id IN (SELECT t FROM @store@.readable_tenants() t));
ALTER POLICY tenant ON @store@.finding USING (tenant_id IN (SELECT t FROM @store@.readable_tenants() t));
ALTER POLICY tenant ON @store@.submission USING (tenant_id IN (SELECT t FROM @store@.readable_tenants() t));

--! step 8 numbers of invoices that row-level security lets an index find
-- left() might tell what it sees, so that below row-level security no index is searched for what it gives
ALTER TABLE @store@.invoice ADD COLUMN number_key text GENERATED ALWAYS AS (pg_catalog.left(clex.value(document, 'BT-1'), 200)) STORED;
COMMENT ON COLUMN @store@.invoice.number_key IS 'Invoice number (BT-1), its first 200 characters.';
DROP INDEX @store@.invoice_number_idx;
CREATE INDEX invoice_number_idx ON @store@.invoice (tenant_id, number_key, seller_key, document_id);

--! code
DROP POLICY IF EXISTS scope_seller ON @store@.invoice;
CREATE POLICY scope_seller ON @store@.invoice FOR SELECT
	USING (clex.is_among('@store@.own_seller_keys()', tenant_id, seller_key));
DROP POLICY IF EXISTS scope_buyer ON @store@.invoice;
CREATE POLICY scope_buyer ON @store@.invoice FOR SELECT
	USING (clex.is_among('@store@.own_buyer_keys()', tenant_id, buyer_vat_id));
DROP POLICY IF EXISTS scope ON @store@.document;
DROP POLICY IF EXISTS scope_seller ON @store@.document;
CREATE POLICY scope_seller ON @store@.document FOR SELECT
	USING (clex.is_among('@store@.own_seller_keys()', tenant_id, seller_key));
DROP POLICY IF EXISTS scope_buyer ON @store@.document;
CREATE POLICY scope_buyer ON @store@.document FOR SELECT
	USING (clex.is_among('@store@.own_buyer_keys()', tenant_id, buyer_vat_id));
