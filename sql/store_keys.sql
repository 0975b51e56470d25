-- stores: idempotency keys of submissions
SET client_min_messages = warning;
\set VERBOSITY terse
\set SHOW_CONTEXT never
CREATE ROLE regress_keys_owner NOLOGIN;
CREATE ROLE regress_keys_erp;
CREATE ROLE regress_keys_buyer;
SELECT clex.create_store('erp', owner => 'regress_keys_owner');
SELECT erp.add_tenant(1, 'First'), erp.add_tenant(2, 'Second');
SELECT erp.add_member(1, 'regress_keys_erp', 'integration'), erp.add_member(2, 'regress_keys_erp', 'integration'), erp.add_member(1, 'regress_keys_buyer', 'buyer');
\set ubl `cat extension/test/samples/fr-wrong-total.xml`

-- the first answer, and the same again
SET ROLE regress_keys_erp;
SELECT document_id, is_duplicate, state, fatal FROM erp.submit(1, convert_to(:'ubl', 'UTF8'), 'mail 1', 'K-1');
SELECT document_id, is_duplicate, state, fatal FROM erp.submit(1, convert_to(:'ubl', 'UTF8'), 'mail 1, again', idempotency_key => 'K-1');
-- the same bytes under another key, or none, repeat a document; and that stays the answer
SELECT document_id, is_duplicate FROM erp.submit(1, convert_to(:'ubl', 'UTF8'), idempotency_key => 'K-2');
SELECT document_id, is_duplicate FROM erp.submit(1, convert_to(:'ubl', 'UTF8'), idempotency_key => 'K-2');
SELECT document_id, is_duplicate FROM erp.submit(1, convert_to(:'ubl', 'UTF8'));
-- other bytes under a key that was used: refused, and nothing is stored
SELECT * FROM erp.submit(1, 'other bytes', idempotency_key => 'K-1');
\set VERBOSITY default
SELECT * FROM erp.submit(1, 'other bytes', idempotency_key => 'K-1');
\set VERBOSITY terse
SELECT count(*) FROM erp.documents WHERE content = 'other bytes';
-- what cannot be read has keys too
SELECT is_duplicate, state, error_code FROM erp.submit(1, 'not readable', idempotency_key => 'K-3');
SELECT is_duplicate, state, error_code FROM erp.submit(1, 'not readable', idempotency_key => 'K-3');
-- another tenant's keys are its own
SELECT is_duplicate FROM erp.submit(2, 'other bytes', idempotency_key => 'K-1');

-- in batches: some without a key, equal ones, one twice, one known
SELECT ordinal, document_id - min(document_id) OVER () AS document, is_duplicate, state
FROM erp.submit_many(1, '{a,b,a,a,"not readable",c}', NULL, '{M-1,NULL,M-2,M-1,K-3,M-3}') ORDER BY ordinal;
SELECT ordinal, document_id - min(document_id) OVER () AS document, is_duplicate, state
FROM erp.submit_many(1, '{a,b,a,a,"not readable",c}', idempotency_keys => '{M-1,NULL,M-2,M-1,K-3,M-3}') ORDER BY ordinal;
SELECT ordinal, is_duplicate FROM erp.submit_many(1, '{a,d}', NULL, '{NULL,NULL}');
SELECT count(*) FROM erp.submit_many(1, '{}', NULL, '{}');
-- one wrong key, and nothing of the batch is stored
SELECT * FROM erp.submit_many(1, '{e,f,a}', NULL, '{M-4,M-5,M-3}');
SELECT * FROM erp.submit_many(1, '{e,f}', NULL, '{M-4,M-4}');
SELECT count(*) FROM erp.documents WHERE tenant_id = 1 AND content IN ('e', 'f');
-- what is no key
SELECT * FROM erp.submit(1, 'g', NULL, '');
SELECT * FROM erp.submit(1, 'g', NULL, repeat('k', 201));
SELECT * FROM erp.submit_many(1, '{g,h}', NULL, '{M-6}');
SELECT is_duplicate FROM erp.submit(1, 'g', NULL, repeat('é', 200));
SELECT left(idempotency_key, 5) AS key, is_duplicate, submitted_by, source, state FROM erp.submissions WHERE tenant_id = 1 ORDER BY 1;
RESET ROLE;

-- arrays that begin elsewhere than at 1 are the same arrays; those of two dimensions are none
SET ROLE regress_keys_erp;
SELECT ordinal, is_duplicate, state FROM erp.submit_many(1, '[5:7]={g,n1,n2}'::bytea[], '[0:2]={f-g,f-n1,f-n2}', '[-1:1]={B-1,B-2,B-3}');
SELECT idempotency_key, source FROM erp.submissions WHERE idempotency_key LIKE 'B-%' ORDER BY 1;
SELECT ordinal FROM erp.submit_many(1, '{{n3,n4},{n5,n6}}');
SELECT ordinal FROM erp.submit_many(1, '{n3,n4}', '{{a,b}}');
SELECT ordinal FROM erp.submit_many(1, '{}');
RESET ROLE;

-- who may not submit learns nothing of keys; who reads the documents reads them
SET ROLE regress_keys_buyer;
SELECT * FROM erp.submit(1, 'other bytes', NULL, 'K-1');
SELECT * FROM erp.submit(2, 'other bytes', NULL, 'K-1');
SELECT tenant_id, count(*) FROM erp.submissions GROUP BY 1;
INSERT INTO erp.submission (tenant_id, idempotency_key, document_id, is_duplicate) VALUES (1, 'mine', 1, false);
SELECT erp.claim_keys(1, '{K-1}', NULL, NULL);
RESET ROLE;
SELECT clex.drop_store('erp');
DROP ROLE regress_keys_owner, regress_keys_erp, regress_keys_buyer;
