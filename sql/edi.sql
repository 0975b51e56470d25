-- EDIFACT and X12: detecting, reading, findings, acknowledgements
SET client_min_messages = warning;
CREATE FUNCTION edifact(body text, count int, header text DEFAULT 'UNB+UNOC:3+4000001000005:14+3020180000012:14+260519:0930+4711''')
	RETURNS bytea LANGUAGE sql IMMUTABLE AS
	$$ SELECT convert_to(header || 'UNH+1+INVOIC:D:96A:UN:EAN008''' || body || 'UNT+' || count || '+1''UNZ+1+4711''', 'LATIN1') $$;
CREATE FUNCTION good() RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT
	'BGM+380+R-1+9''DTM+137:20260519:102''DTM+35:20260515:102''FTX+AAI+++Zweite Lieferung ?+ Rest'''
	'NAD+SU+4000001000005::9++M' || chr(252) || 'ller?''s GmbH+Hafen 1+Bremen++28195+DE''RFF+VA:DE123456788'''
	'NAD+BY+3020180000012::9++Kunde SA+2 rue A+Lyon++69002+FR''CUX+2:EUR:4'''
	'LIN+1++4000001000012:EN''PIA+5+A-7:SA''IMD+F++:::Stuhl''QTY+47:2:PCE''MOA+203:100,00''PRI+AAA:50''PRI+AAB:60''TAX+7+VAT+++:::19+S'''
	'LIN+2++4000001000029:EN''IMD+F++:::Kissen''IMD+F++:::blau''QTY+47:1:PCE''MOA+203:10''PRI+AAA:10''TAX+7+VAT+++:::19+S'''
	'UNS+S''MOA+79:110''MOA+125:110''MOA+124:20.9''MOA+77:130.9''MOA+9:130.9''TAX+7+VAT+++:::19+S''MOA+125:110''MOA+124:20.9''' $$;

SELECT * FROM clex.detect(edifact(good(), 34));
SELECT jsonb_pretty(clex.read(edifact(good(), 34))::jsonb - '$provenance');
SELECT key, value FROM jsonb_each_text(clex.read(edifact(good(), 34))::jsonb -> '$provenance') WHERE key <> 'sha256' ORDER BY key;
SELECT ruleset, rule, severity, location, message FROM clex.findings(edifact(good(), 34)) ORDER BY ruleset, rule;
SELECT * FROM clex.verdict(edifact(good(), 34), ARRAY['structure']);
SELECT convert_from(clex.acknowledge(edifact(good(), 34), '{"date": "20260520", "time": "0815", "reference": "A77"}'), 'LATIN1');

-- deviations: found with segment and place, in words, and refused in the acknowledgement
CREATE FUNCTION bad() RETURNS bytea LANGUAGE sql IMMUTABLE AS
	$$ SELECT edifact(replace(replace(good(), 'DTM+137:', 'DTM+13799:'), 'UNS+S''', 'XYZ+1''UNS+S'''), 35) $$;
SELECT rule, severity, location, line, found, expected, message FROM clex.findings(bad(), ARRAY['structure']);
SELECT rule, message FROM clex.findings(bad(), ARRAY['structure'], lang => 'fr');
SELECT rule, message FROM clex.findings(bad(), ARRAY['structure'], lang => 'de');
SELECT convert_from(clex.acknowledge(bad()), 'LATIN1');
SELECT clex.value(clex.read(bad()), 'BT-112') AS still_read;
SELECT convert_from(clex.acknowledge(edifact(good(), 34, 'UNB+UNOA:1+A+B+260519:0930+4711''')), 'LATIN1') AS lenient;
SELECT convert_from(clex.acknowledge(edifact(good(), 34, 'UNB+UNOA:1+A+B+260519:0930+4711'''), '{"strict": true}'), 'LATIN1') AS strict;
SELECT convert_from(clex.acknowledge(edifact(good(), 34, 'UNB+UNOC:3+A+B+260519:0930+9999''')), 'LATIN1') AS envelope;

-- several messages
CREATE FUNCTION two() RETURNS bytea LANGUAGE sql IMMUTABLE AS $$ SELECT
	convert_to('UNB+UNOC:3+A+B+260519:0930+1''UNH+1+INVOIC:D:01B:UN:EAN011''BGM+380+R-1''DTM+137:20260519:102''NAD+SU+1::9''LIN+1''UNS+S''MOA+77:1''UNT+8+1'''
	'UNH+2+INVOIC:D:96A:UN''BGM+381+R-2''DTM+137:20260520:102''NAD+SU+1::9''LIN+1''UNS+S''MOA+77:2''UNT+8+2''UNZ+2+1''', 'UTF8') $$;
SELECT clex.value(d, 'BT-1') AS number, clex.on_date(d, 'BT-2'), clex.number(d, 'BT-112'), d::jsonb ->> '$kind' AS kind
	FROM clex.read_all(two()) d;
SELECT clex.read(two());
SELECT location, rule FROM clex.findings(two(), ARRAY['en16931']) WHERE rule IN ('BR-02', 'BR-06', 'NO-SOURCE-RULES') ORDER BY location, rule;

-- X12
CREATE FUNCTION x12(ge text DEFAULT '1') RETURNS bytea LANGUAGE sql IMMUTABLE AS $$ SELECT convert_to(
	'ISA*00*          *00*          *ZZ*SELLER         *ZZ*BUYER          *260519*0930*U*00401*000000042*0*T*>~GS*IN*SELLER*BUYER*20260519*0930*7*X*004010~'
	'ST*810*0001~BIG*20260519*R-1**PO-9***DI~REF*CR*K 5~N1*SE*Mill Inc*1*123456789~N3*1 Main St~N4*Dresden*TN*38344*USA~N1*BT*Shop~ITD*01*3****20260618*30~'
	'IT1**10*EA*2.5**VN*A-7*UP*012345678905~PID*F****Chair~SAC*A*C310***250~IT1*2*3*LB*120*HP*BP*77~TDS*2610~TXI*VA*1*4*****25~CTT*2~SE*16*0001~'
	'GE*' || ge || '*7~IEA*1*000000042~', 'UTF8') $$;
SELECT * FROM clex.detect(x12());
SELECT jsonb_pretty(clex.read(x12())::jsonb - '$provenance');
SELECT rule, severity, location, line, found, expected FROM clex.findings(x12('2'), ARRAY['structure']);
SELECT convert_from(clex.acknowledge(x12('2')), 'UTF8');
SELECT clex.acknowledge(convert_to('ISA*00*          *00*          *ZZ*SELLER         *ZZ*BUYER          *260519*0930*U*00401*000000042*0*T*>~TA1*000000001*260101*0100*A*000~IEA*0*000000042~', 'UTF8')) IS NULL AS nothing_to_answer;

SELECT clex.chosen_rulesets(x12()), clex.chosen_rulesets(edifact(good(), 34));
-- what is not read, and why
SELECT clex.read(''::bytea, 'edifact');
SELECT clex.read('UNB+UNOC:3+A+B+260519:0930+1''UNH+1+PRICAT:D:96A:UN''UNT+2+1''UNZ+1+1'''::bytea);
SELECT clex.read('UNB+UNOC:3+A+B+260519:0930+1''UNZ+0+1'''::bytea);
SELECT clex.read('UNA:+.? UNB+UNOC:3'::bytea);
SELECT clex.read(x12(), 'edifact');
SELECT clex.acknowledge('<Invoice/>');
SELECT clex.acknowledge(x12(), '{"date": "tomorrow"}');
SELECT clex.acknowledge(x12(), '{"when": "tomorrow"}');
SELECT clex.acknowledge(x12(), '[]');
SELECT rule, message FROM clex.findings('UNB+UNOC:3+A+B+260519:0930+1''UNH+1+PRICAT:D:96A:UN''UNT+2+1''UNZ+1+1'''::bytea) ORDER BY rule, message;
SELECT rule, message FROM clex.findings('UNB+UNOC:3+A+B+260519:0930+1''UNH+1+NOSUCH:D:96A:UN''UNT+2+1''UNZ+1+1'''::bytea, ARRAY['structure', 'en16931']) ORDER BY rule;
SET clex.max_nodes = 50;
SELECT clex.read(edifact(good(), 34));
SET clex.max_document_size = '1kB';
SELECT clex.read(edifact(repeat(good(), 3), 36));
SELECT clex.acknowledge(edifact(repeat(good(), 3), 36));
RESET clex.max_nodes;
RESET clex.max_document_size;
