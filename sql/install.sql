-- the extension installs into its own schema
SELECT extname, nspname, extversion
FROM pg_catalog.pg_extension e JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace
WHERE extname = 'clex';
