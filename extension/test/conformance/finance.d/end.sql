SELECT format('%s: %s rows agree, %s explained, %s differ', suite, count(*) FILTER (WHERE agrees),
	count(*) FILTER (WHERE NOT agrees AND explained IS NOT NULL),
	count(*) FILTER (WHERE agrees IS NOT true AND explained IS NULL))
FROM checked GROUP BY suite ORDER BY suite;
SELECT format('explained: %s: %s rows: %s', suite, count(*), explained) FROM checked
WHERE NOT agrees AND explained IS NOT NULL GROUP BY suite, explained ORDER BY suite, explained;
SELECT format('differs: %s: %s: got %s, expected %s', suite, key, COALESCE(got, 'NULL'), COALESCE(expected, 'NULL'))
FROM checked WHERE agrees IS NOT true AND explained IS NULL ORDER BY suite, key LIMIT 200;
SELECT format('finance: %s agree, %s differ', count(*) FILTER (WHERE agrees OR explained IS NOT NULL),
	count(*) FILTER (WHERE agrees IS NOT true AND explained IS NULL)) FROM checked;
