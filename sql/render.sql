-- documents as pages
\pset format unaligned
\pset tuples_only on
CREATE TEMPORARY TABLE page_source (id int, document clex.document);
INSERT INTO page_source VALUES
(1, '{"$kind": "invoice", "$format": "ubl", "invoice": {"number": "2026-17", "issue_date": "2026-03-01", "type_code": "384", "currency": "EUR", "due_date": "2026-03-31"},
	"notes": [{"subject_code": "REG", "text": "SARL au capital de 10 000 €"}],
	"seller": {"name": "Moulin <script>alert(1)</script>", "identifiers": [{"value": "83219407000013", "scheme": "0009"}], "address": {"line_1": "\"onload=x", "city": "Nérac", "post_code": "47600", "country": "FR"}},
	"buyer": {"name": "شركة الواحة", "address": {"country": "AE"}},
	"payment": {"means_code": "58", "credit_transfers": [{"account": "FR7630006000011234567890189"}]},
	"totals": {"lines_net": 1234.5, "without_vat": 1234.5, "with_vat": 1234.50, "payable": -1234.567},
	"attachments": [{"reference": "A", "content": {"value": "YWJjZA==", "mime": "text/csv", "filename": "a.csv"}}],
	"lines": [{"identifier": "1", "quantity": 10, "unit": "H87", "net_amount": 1234.50, "price": {"net": 123.45}, "vat": {"category": "S", "rate": 20}, "item": {"name": "Farine", "attributes": [{"name": "Couleur", "value": "blanc & doux"}]}}],
	"$extras": [{"path": "/ubl:Invoice/x", "value": "<b>kept</b>", "line": 3}]}'),
(2, '{"$kind": "credit_note", "$format": "json", "invoice": {"number": "G-1", "issue_date": "not a date"}}'),
(3, '{"$kind": "invoice", "$format": "json"}');
SELECT regexp_replace(clex.render_html(document, 'fr'), '<style>.*</style>', '') FROM page_source WHERE id = 1;
-- the same in the other languages: what differs
SELECT id, lang, (xpath('/html/@lang', page))[1], (xpath('string(//h1)', page))[1], (xpath('string(//section[@class="keys"])', page))[1]
FROM page_source, unnest(ARRAY['en', 'fr', 'de']) lang, LATERAL (SELECT clex.render_html(document, lang)::xml AS page) p ORDER BY id, lang;
-- nothing that runs or loads
SELECT id, html ~* '<(script|link|img|iframe|object|embed|form|a|base|svg)\M' AS elements, html ~* '\son\w+="' AS handlers, html ~* '(src|href|style)=' AS loads
FROM page_source, LATERAL clex.render_html(document) html ORDER BY id;
SELECT (xpath('//th[@scope="row"]/bdi/text()', clex.render_html(document)::xml))::text FROM page_source WHERE id = 1;
SELECT clex.render_html(document) = clex.render_html(document, 'en') FROM page_source ORDER BY id;
SELECT clex.render_html(NULL) IS NULL;
-- other languages
SELECT clex.render_html(document, 'it') FROM page_source WHERE id = 3;
SELECT clex.render_html(document, '') FROM page_source WHERE id = 3;
SELECT provolatile, proparallel FROM pg_proc WHERE oid = 'clex.render_html(clex.document, text)'::regprocedure;
-- too little memory is an error, not half a page
SET clex.max_memory = '1MB';
SELECT clex.render_html(('{"$kind": "invoice", "$format": "json", "invoice": {"number": "' || repeat('<', 400000) || '"}}')::clex.document) IS NULL;
RESET clex.max_memory;
SELECT length(clex.render_html(('{"$kind": "invoice", "$format": "json", "invoice": {"number": "' || repeat('<', 400000) || '"}}')::clex.document)) BETWEEN 1600000 AND 5000000;
