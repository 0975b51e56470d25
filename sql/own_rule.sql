-- rules of one's own over a document: what a definition may be, and that each rule stands alone
SET client_min_messages = warning;
\set sample `cat extension/test/samples/fr-wrong-total.xml`
CREATE TABLE own_sample AS SELECT clex.read(convert_to(:'sample', 'UTF8')) AS d;
CREATE FUNCTION own_rule(condition text, message text DEFAULT 'x', context text DEFAULT NULL, severity text DEFAULT 'fatal') RETURNS clex.own_rule
LANGUAGE sql AS $$ SELECT ROW('R', severity, context, condition, jsonb_build_object('en', message))::clex.own_rule $$;

-- one call for many rules: broken, not evaluated, kept
SELECT f.rule, f.outcome, f.severity, f.terms, f.location, f.found, f.expected, f.message
FROM own_sample, unnest(clex.own_findings(d, ARRAY[
	ROW('TOTAL', 'fatal', NULL, 'BT-112 <= 1000', '{"en": "{BT-112} of {BT-2} is over {1000}; {found}, {expected}, {{x}}, {rule}"}'),
	ROW('KEPT', 'fatal', NULL, 'BT-112 <= 10000 or exists(BT-13)', '{"en": "no order"}'),
	ROW('LINE', 'warning', '/lines[BT-131 < 700]', 'BT-131 > 250', '{"en": "line {BT-126}: {BT-131} of {sum(/lines/BT-131)}"}'),
	ROW('ZERO', 'information', '/lines', 'BT-131 div (BT-131 - BT-131) > 1', '{"en": "x"}'),
	ROW('STEPS', 'warning', NULL, 'every $a in 1 to 9999, $b in 1 to 9999 satisfies $a + $b > 0', '{"en": "x"}'),
	ROW('MEMORY', 'warning', NULL, 'count(for $a in 1 to 1000000, $b in 1 to 9 return ''text'') > 0', '{"en": "x"}'),
	ROW('LIST', 'warning', NULL, 'in-list(''moon'', BT-3)', '{"en": "x"}'),
	ROW('TERM', 'warning', NULL, 'exists(BT-999)', '{"en": "x"}'),
	ROW('DEEP', 'warning', NULL, repeat('(', 200) || '1' || repeat(')', 200), '{"en": "x"}'),
	ROW('REGEX', 'warning', NULL, 'matches(''aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaX'', ''^(a+)+$'')', '{"en": "x"}'),
	ROW('PARTY', 'fatal', NULL, 'BT-84 = $seller.iban', '{"en": "{BT-84} is none of {$seller.iban}"}'),
	ROW('BUYER', 'fatal', NULL, '$buyer.limit = 1', '{"en": "x"}'),
	ROW('SAY', 'warning', NULL, 'empty($seller.iban)', '{"en": "{1 div 0}"}'),
	ROW('LAST', 'fatal', NULL, 'false()', NULL)
]::clex.own_rule[], '{"seller": {"iban": ["FR1", "FR2"], "hat": {}}, "buyer": 3}')) f;

-- languages: what is asked for, else English, else any
SELECT l.lang, f.message
FROM own_sample, (VALUES ('en'), ('fr'), ('de')) l (lang), unnest(clex.own_findings(d, ARRAY[
	ROW('A', 'fatal', NULL, 'false()', '{"en": "on {BT-2}", "fr": "le {BT-2}"}'),
	ROW('B', 'fatal', NULL, 'false()', '{"es": "el {BT-2}"}'),
	ROW('C', 'fatal', NULL, '1 idiv 0 = 1', '{"es": "el {BT-2}"}')]::clex.own_rule[], NULL, l.lang)) f
ORDER BY l.lang, f.rule;
SELECT clex.own_findings(d, ARRAY[own_rule('true()')]) FROM own_sample;
SELECT clex.own_findings(d, '{}') FROM own_sample;
SELECT clex.own_findings(d, NULL), clex.own_findings(NULL, '{}') FROM own_sample;
-- more books than are kept, twice over
SELECT count(*) FROM own_sample, generate_series(1, 2) t, generate_series(1, 40) n,
	unnest(clex.own_findings(d, ARRAY[own_rule('count(lines) > ' || n)])) f;

-- misuse
SELECT clex.own_findings(d, ARRAY[own_rule('true()')], NULL, 'es') FROM own_sample;
SELECT clex.own_findings(d, ARRAY[own_rule('true()', severity => 'deadly')]) FROM own_sample;
SELECT clex.own_findings(d, ARRAY[NULL]::clex.own_rule[]) FROM own_sample;
SELECT clex.own_findings(d, ARRAY[own_rule(NULL)]) FROM own_sample;

-- definitions
SELECT clex.check_own_rule(own_rule('BT-112 <= 10000 or exists(BT-13)', '{BT-112} without order'));
SELECT clex.check_own_rule(own_rule('BT-112 <= 10000 or exists(BT-999)'));
SELECT clex.check_own_rule(own_rule('BT-112 <= ''much'''));
SELECT clex.check_own_rule(own_rule('BT-2 > ''2026-02-30'''));
SELECT clex.check_own_rule(own_rule('BT-112 * 2'));
SELECT clex.check_own_rule(own_rule('in-list(''moon'', BT-3)'));
SELECT clex.check_own_rule(own_rule('BT-131 >', context => '/lines'));
SELECT clex.check_own_rule(own_rule('true()', context => '/line'));
SELECT clex.check_own_rule(own_rule('true()', context => 'count(lines)'));
SELECT clex.check_own_rule(own_rule('$seller.hat = 1'));
SELECT clex.check_own_rule(own_rule('true()', 'é {BT-1} and {BT-998}'));
SELECT clex.check_own_rule(own_rule('true()', 'a } b'));
SELECT clex.check_own_rule(own_rule('true()', severity => 'deadly'));
SELECT clex.check_own_rule(ROW('R', 'fatal', NULL, 'true()', '{"en": "x", "fr": "{BT-112"}'));
SELECT clex.check_own_rule(ROW('R', 'fatal', NULL, 'true()', '{"english": "x"}'));
SELECT clex.check_own_rule(ROW('R', 'fatal', NULL, 'true()', '{"en": 3}'));
SELECT clex.check_own_rule(ROW('R', 'fatal', NULL, 'true()', '{}'));
SELECT clex.check_own_rule(ROW('R', 'fatal', NULL, 'true()', '["x"]'));
SELECT clex.check_own_rule(ROW('R', 'fatal', NULL, NULL, '{"en": "x"}'));

-- rules that are too much together, and what one may take where less is set
SELECT clex.own_findings(d, (SELECT array_agg(own_rule(repeat('BT-1 = ''x'' or ', 2000) || 'true()', n::text)) FROM generate_series(1, 400) n)) FROM own_sample;
SET clex.max_memory = '8MB';
SELECT f.found FROM own_sample, unnest(clex.own_findings(d, ARRAY[own_rule('count(for $a in 1 to 1000000 return ''text'') > 0')])) f;
SET clex.max_steps = 2;
SELECT f.found FROM own_sample, unnest(clex.own_findings(d, ARRAY[own_rule('matches(''aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaX'', ''^(a+)+$'')')])) f;
RESET clex.max_memory;
RESET clex.max_steps;
DROP TABLE own_sample;
DROP FUNCTION own_rule;
