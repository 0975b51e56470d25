-- Module documents, views: what people and BI tools read.
--
-- Each can be read alone, and shows of a tenant what the caller may see: they run with the rights of who asks.

--! code
CREATE OR REPLACE VIEW @store@.documents WITH (security_invoker) AS
SELECT d.tenant_id, d.id, d.received_at, d.received_from, d.source, d.format, d.kind, d.version, d.profile, d.encoding,
	CASE WHEN d.state = 'quarantined' THEN 'not readable'
		WHEN NOT d.processable THEN 'not processable'
		WHEN d.fatal > 0 THEN 'invalid'
		ELSE 'valid'
	END AS verdict,
	d.fatal, d.warning, d.state, d.error_code, d.error, d.error_detail, d.error_hint, d.size, d.sha256, d.content,
	COALESCE(i.document, CASE WHEN d.state = 'accepted' THEN clex.read(d.content) END) AS document, d.checked_at, d.as_of, d.rulesets, d.clex_version
FROM @store@.document d
LEFT JOIN @store@.invoice i ON i.tenant_id = d.tenant_id AND i.document_id = d.id;
COMMENT ON VIEW @store@.documents IS 'All documents with their verdict; content is the original, document the semantic document (NULL if it could not be read). That of an invoice is stored; an order, despatch advice or other kind is read when it is asked for.';

CREATE OR REPLACE VIEW @store@.quarantine WITH (security_invoker) AS
SELECT d.tenant_id, d.id AS document_id, d.received_at, d.received_from, d.source, d.format, d.error_code, d.error,
	d.error_detail, d.error_hint, d.size, d.content
FROM @store@.document d
WHERE d.state = 'quarantined';
COMMENT ON VIEW @store@.quarantine IS 'Documents that could not be read, and why.';

CREATE OR REPLACE VIEW @store@.invoices WITH (security_invoker) AS
SELECT i.tenant_id, i.document_id, i.number, i.type_code, d.kind IS NOT DISTINCT FROM 'credit_note' AS is_credit, i.issue_date, i.due_date, i.seller_key, i.seller_name,
	i.seller_vat_id, i.seller_country, i.buyer_name, i.buyer_vat_id, i.buyer_reference, i.order_reference, i.currency, i.net,
	i.vat, i.gross, i.payable, d.processable AND d.fatal = 0 AS valid, d.fatal, d.warning, d.format, d.profile, d.received_at, d.source, i.document
FROM @store@.invoice i
JOIN @store@.document d ON d.tenant_id = i.tenant_id AND d.id = i.document_id;
COMMENT ON VIEW @store@.invoices IS 'Invoices and credit notes with amounts as the document states them: those of a credit note (is_credit) are owed the other way.';

CREATE OR REPLACE VIEW @store@.findings WITH (security_invoker) AS
SELECT f.tenant_id, f.document_id, f.finding_no, i.number, i.seller_name, f.ruleset, f.rule, f.severity, f.terms, f.location,
	f.line, f.found, f.expected, f.message, d.source, f.original_severity, f.rule_version
FROM @store@.finding f
JOIN @store@.document d ON d.tenant_id = f.tenant_id AND d.id = f.document_id
LEFT JOIN @store@.invoice i ON i.tenant_id = f.tenant_id AND i.document_id = f.document_id;
COMMENT ON VIEW @store@.findings IS 'What is wrong with the documents, with the invoice number and seller beside each finding.';

CREATE OR REPLACE VIEW @store@.suppliers WITH (security_invoker) AS
SELECT i.tenant_id, i.seller_key, max(i.seller_name) AS seller_name, max(i.seller_vat_id) AS seller_vat_id,
	max(i.seller_country) AS seller_country, i.currency,
	count(*) FILTER (WHERE d.kind IS DISTINCT FROM 'credit_note') AS invoices,
	count(*) FILTER (WHERE d.kind = 'credit_note') AS credit_notes,
	count(*) FILTER (WHERE d.fatal > 0 OR NOT d.processable) AS invalid,
	sum(CASE WHEN d.kind = 'credit_note' THEN -i.net ELSE i.net END) AS net,
	sum(CASE WHEN d.kind = 'credit_note' THEN -i.gross ELSE i.gross END) AS gross,
	sum(CASE WHEN d.kind = 'credit_note' THEN -i.payable ELSE i.payable END) AS payable,
	min(i.issue_date) AS first_invoice, max(i.issue_date) AS last_invoice
FROM @store@.invoice i
JOIN @store@.document d ON d.tenant_id = i.tenant_id AND d.id = i.document_id
GROUP BY i.tenant_id, i.seller_key, i.currency;
COMMENT ON VIEW @store@.suppliers IS 'Sellers with the number and sums of their invoices, one row for each currency; credit notes count as negative. Amounts are as the documents state them, valid or not.';

CREATE OR REPLACE VIEW @store@.duplicates WITH (security_invoker) AS
SELECT i.tenant_id, i.document_id, r.document_id AS repeats, i.number, i.seller_key, i.seller_name, i.issue_date, i.currency, i.gross,
	d.received_at, d.source
FROM @store@.invoice i
JOIN @store@.document d ON d.tenant_id = i.tenant_id AND d.id = i.document_id
JOIN LATERAL (
		-- the first with the same seller, number and year of issue
		SELECT e.document_id
		FROM @store@.invoice e
		WHERE e.tenant_id = i.tenant_id AND e.number_key = i.number_key AND e.seller_key = i.seller_key
			AND e.document_id < i.document_id AND e.number = i.number
			AND pg_catalog.date_part('year', e.issue_date) IS NOT DISTINCT FROM pg_catalog.date_part('year', i.issue_date)
		ORDER BY e.document_id
		LIMIT 1) r ON true;
COMMENT ON VIEW @store@.duplicates IS 'Documents with the same seller, number and year of issue as an earlier one (repeats), though not the same bytes: those are stored once.';

CREATE OR REPLACE VIEW @store@.invoice_lines WITH (security_invoker) AS
SELECT i.tenant_id, i.document_id, l.ordinal::int AS line_no, i.number, d.kind IS NOT DISTINCT FROM 'credit_note' AS is_credit, i.seller_name, i.issue_date, i.currency,
	l.line #>> '{identifier}' AS line_identifier,
	l.line #>> '{item,name}' AS item_name,
	l.line #>> '{item,description}' AS item_description,
	l.line #>> '{item,seller_identifier}' AS seller_item,
	l.line #>> '{item,buyer_identifier}' AS buyer_item,
	COALESCE(l.line #>> '{item,standard_identifier,value}', l.line #>> '{item,standard_identifier}') AS standard_item,
	CASE pg_catalog.jsonb_typeof(l.line #> '{quantity}') WHEN 'number' THEN (l.line #>> '{quantity}')::numeric END AS quantity,
	l.line #>> '{unit}' AS unit,
	CASE pg_catalog.jsonb_typeof(l.line #> '{price,net}') WHEN 'number' THEN (l.line #>> '{price,net}')::numeric END AS net_price,
	CASE pg_catalog.jsonb_typeof(l.line #> '{net_amount}') WHEN 'number' THEN (l.line #>> '{net_amount}')::numeric END AS net_amount,
	l.line #>> '{vat,category}' AS vat_category,
	CASE pg_catalog.jsonb_typeof(l.line #> '{vat,rate}') WHEN 'number' THEN (l.line #>> '{vat,rate}')::numeric END AS vat_rate
FROM @store@.invoice i
JOIN @store@.document d ON d.tenant_id = i.tenant_id AND d.id = i.document_id,
	LATERAL pg_catalog.jsonb_array_elements(i.document OPERATOR(clex.->) 'lines') WITH ORDINALITY AS l (line, ordinal);
COMMENT ON VIEW @store@.invoice_lines IS 'Lines of invoices and credit notes (BG-25). An amount that is not a number in the document is NULL here; document has it as it was written.';

CREATE OR REPLACE VIEW @store@.vat_breakdown WITH (security_invoker) AS
SELECT i.tenant_id, i.document_id, v.ordinal::int AS entry_no, i.number, d.kind IS NOT DISTINCT FROM 'credit_note' AS is_credit, i.seller_name, i.issue_date, i.currency,
	v.entry #>> '{category}' AS category,
	CASE pg_catalog.jsonb_typeof(v.entry #> '{rate}') WHEN 'number' THEN (v.entry #>> '{rate}')::numeric END AS rate,
	CASE pg_catalog.jsonb_typeof(v.entry #> '{taxable_amount}') WHEN 'number' THEN (v.entry #>> '{taxable_amount}')::numeric END AS taxable_amount,
	CASE pg_catalog.jsonb_typeof(v.entry #> '{tax_amount}') WHEN 'number' THEN (v.entry #>> '{tax_amount}')::numeric END AS tax_amount,
	v.entry #>> '{exemption_reason}' AS exemption_reason,
	v.entry #>> '{exemption_code}' AS exemption_code
FROM @store@.invoice i
JOIN @store@.document d ON d.tenant_id = i.tenant_id AND d.id = i.document_id,
	LATERAL pg_catalog.jsonb_array_elements(i.document OPERATOR(clex.->) 'vat_breakdown') WITH ORDINALITY AS v (entry, ordinal);
COMMENT ON VIEW @store@.vat_breakdown IS 'VAT breakdown of invoices and credit notes (BG-23), one row for each category and rate.';

CREATE OR REPLACE VIEW @store@.submissions WITH (security_invoker) AS
SELECT s.tenant_id, s.idempotency_key, s.document_id, s.is_duplicate, s.submitted_at, s.submitted_by, d.source, d.state
FROM @store@.submission s
JOIN @store@.document d ON d.tenant_id = s.tenant_id AND d.id = s.document_id;
COMMENT ON VIEW @store@.submissions IS 'Submissions that came with an idempotency key: which document each stands for, and whether the tenant had had it before.';

GRANT SELECT ON @store@.documents, @store@.quarantine, @store@.submissions, @store@.invoices, @store@.invoice_lines, @store@.vat_breakdown,
	@store@.findings, @store@.suppliers, @store@.duplicates TO PUBLIC;
