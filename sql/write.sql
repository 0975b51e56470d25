-- writing documents: the frame, whatever the format
SELECT convert_from(clex.write('{"$kind": "invoice", "$format": "json", "invoice": {"number": "R-1"}, "totals": {"payable": 12.50}}', 'json'), 'UTF8');
SELECT * FROM clex.losses('{"invoice": {"number": "R-1"}}', 'json');

-- what JSON writes is what the document prints
SELECT convert_from(clex.write(d, 'json'), 'UTF8') = d::text AS same
FROM (VALUES ('{"invoice": {"number": "R-1"}, "$extras": [{"path": "/x", "value": "1"}]}'::clex.document)) v(d);

-- misuse
SELECT clex.write('{"invoice": {"number": "R-1"}}', 'pdf');
SELECT clex.write('{"invoice": {"number": "R-1"}}', '');
SELECT clex.write('{"invoice": {"number": "R-1"}}', 'json:pretty');
SELECT clex.write('{"invoice": {"number": "R-1"}}', 'json:');
SELECT clex.write('{"invoice": {"number": "R-1"}}', 'json', '{"indent": true}');
SELECT clex.write('{"invoice": {"number": "R-1"}}', 'json', '[]');
SELECT clex.write('{"invoice": {"number": "R-1"}}', 'json', '{"on_loss": "cry"}');
SELECT clex.write(NULL, 'json') IS NULL AS null_document, clex.write('{"invoice": {"number": "R-1"}}', NULL) IS NULL AS null_format;
SELECT clex.convert('', 'json');
SELECT clex.convert('no document', 'json');
