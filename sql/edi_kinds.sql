-- orders, despatch, receipt and remittance advices and responses as EDIFACT and X12, both ways
SET client_min_messages = warning;
CREATE FUNCTION pg_temp.edi(type text, body text, count int) RETURNS bytea LANGUAGE sql AS
	$$ SELECT convert_to('UNB+UNOC:3+A:14+B:14+260303:1015+B7''UNH+1+' || type || '''' || body || 'UNT+' || count || '+1''UNZ+1+B7''', 'LATIN1') $$;
CREATE FUNCTION pg_temp.x12(type text, gs text, body text, count int, release text DEFAULT '004010') RETURNS bytea LANGUAGE sql AS
	$$ SELECT convert_to('ISA*00*          *00*          *ZZ*A              *ZZ*B              *260303*1015*' || CASE release WHEN '005010' THEN '^*00501' ELSE 'U*00401' END ||
		'*000000031*0*P*>~GS*' || gs || '*A*B*20260303*1015*31*X*' || release || '~ST*' || type || '*0001~' || body || 'SE*' || count || '*0001~GE*1*31~IEA*1*000000031~', 'UTF8') $$;
CREATE TEMPORARY TABLE messages (name text PRIMARY KEY, content bytea);
INSERT INTO messages VALUES
	('ORDERS', pg_temp.edi('ORDERS:D:96A:UN:EAN008', 'BGM+220+C-118+9''DTM+137:20260303:102''DTM+2:20260317:102''FTX+DEL+++Quai 4''RFF+CT:K-26''NAD+BY+3020180000036::9++Port''NAD+SU+4012345000009::9++Papier''NAD+DP+3020180000043::9''CUX+2:EUR:9''TOD+3++DAP''LIN+1++4012345111115:EN''PIA+1+BLOC:SA''IMD+F++:::Bloc''QTY+21:200:PCE''DTM+2:20260320:102''MOA+203:380.00''PRI+AAA:1.90''UNS+S''MOA+79:380.00''CNT+2:1''', 22)),
	('ORDRSP', pg_temp.edi('ORDRSP:D:01B:UN:EAN009', 'BGM+231+AB-5+4''DTM+137:20260304:102''RFF+ON:C-118''DTM+171:20260303:102''NAD+BY+3020180000036::9''NAD+SU+4012345000009::9''LIN+1+6+4012345111115:EN''QTY+21:150:PCE''DTM+69:20260327:102''PRI+AAA:1.90''UNS+S''CNT+2:1''', 14)),
	('ORDCHG', pg_temp.edi('ORDCHG:D:01B:UN', 'BGM+230+M-7+4''DTM+137:20260305:102''RFF+ON:C-118''DTM+171:20260303:102''LIN+1+3+4012345111115:EN''QTY+21:150:PCE''QTY+73:50:PCE''UNS+S''CNT+2:1''', 11)),
	('DESADV', pg_temp.edi('DESADV:D:96A:UN:EAN005', 'BGM+351+LS-8+9''DTM+137:20260318:102''DTM+11:20260318:102''RFF+ON:C-118''RFF+CN:FRB''MEA+AAE+AAD+KGM:18.5''NAD+DP+3020180000043::9''CPS+1''PAC+2++09''CPS+2+1''PAC+++201''PCI+33E''GIN+BJ+340123450000000018''LIN+1++4012345111115:EN''PIA+1+L2603:NB''QTY+12:200:PCE''RFF+ON:C-118:1''CNT+2:1''', 20)),
	('RECADV', pg_temp.edi('RECADV:D:01B:UN', 'BGM+632+WE-3+9''DTM+137:20260320:102''RFF+ON:C-118''RFF+AAK:LS-8''NAD+BY+3020180000036::9''CPS+1''LIN+1++4012345111115:EN''QTY+48:195:PCE''QTY+195:5:PCE''QVR+-5:48+PD+:::humide''CNT+2:1''', 13)),
	('REMADV', pg_temp.edi('REMADV:D:96A:UN', 'BGM+481+AV-4+9''DTM+137:20260430:102''RFF+PQ:VIR 7''FII+BF+DE89370400440532013000''NAD+PR+3020180000036::9''NAD+PE+4012345000009::9''CUX+2:EUR:11''DOC+380+R-7001''MOA+12:552.16''MOA+52:6.72''DTM+171:20260321:102''AJT+9''MOA+165:-1.20''UNS+S''MOA+12:552.16''', 17)),
	('APERAK', pg_temp.edi('APERAK:D:96A:UN', 'BGM+305+F-3+27''DTM+137:20260303:102''FTX+AAO+++Nicht verarbeitet''RFF+ON:C-117''NAD+MS+4012345000009::9''NAD+MR+3020180000036::9''ERC+17''FTX+AAO+++Artikel unbekannt''', 10)),
	('CONTRL', pg_temp.edi('CONTRL:D:3:UN', 'UCI+B7+A:14+B:14+7''UCM+1+ORDERS:D:96A:UN+4''UCS+14''UCD+39+1:1''', 6)),
	('850', pg_temp.x12('850', 'PO', 'BEG*00*SA*PO-4711**20260303~CUR*BY*USD~REF*CR*REQ 5~DTM*002*20260320~N1*BY*Shop*92*S1~N1*ST*Store 12*92*0012~N3*400 Elm St~N4*Austin*TX*78701*US~PO1*1*24*EA*3.5**VN*MUG-B*UP*012345678905~PID*F****Mug~CTT*1~AMT*TT*84~', 14)),
	('850 005010', pg_temp.x12('850', 'PO', 'BEG*00*SA*PO-4712**20260303~PO1*1*24*EA*3.5**VN*MUG-B~CTT*1~', 5, '005010')),
	('855', pg_temp.x12('855', 'PR', 'BAK*00*AC*PO-4711*20260303****SO-91*20260304~PO1*1*24*EA*3.5**VN*MUG-B~ACK*IA****20260318~', 5)),
	('860', pg_temp.x12('860', 'PC', 'BCH*04*SA*PO-4711*R1*2*20260303*****20260305~POC*1*QD*20*4*EA*3.5**VN*MUG-B~POC*2*DI******VN*TEA-20~CTT*2~', 6)),
	('856', pg_temp.x12('856', 'SH', 'BSN*00*DN-88*20260318*1630~HL*1**S*1~TD1**2****G*18.5*LB~REF*BM*BOL-3~DTM*011*20260318~N1*ST*Store 12*92*0012~HL*2*1*O*1~PRF*PO-4711***20260303~HL*3*2*P*1~MAN*GM*00100123450000000018~HL*4*3*I*0~LIN*1*VN*MUG-B~SN1**24*EA**24*EA~HL*5*2*I*0~LIN*2*VN*TEA-20~SN1**1*CA~', 18)),
	('820', pg_temp.x12('820', 'RA', 'BPR*C*117.5*C*ACH************20260430~TRN*1*REM-4~N1*PR*Shop*92*S1~ENT*1~RMR*IV*INV-501**122.5*125*2.5~DTM*003*20260320~RMR*CM*CM-7**-5*-5~', 9)),
	('997', pg_temp.x12('997', 'FA', 'AK1*PO*31~AK2*850*0001~AK3*N4*11**8~AK4*4*26*7*XX~AK5*E*5~AK9*E*1*1*1~', 8));

-- what they are, and that they are sound
SELECT name, d.format, d.kind, d.version, v.valid FROM messages, clex.detect(content) d, clex.verdict(content, ARRAY['structure']) v ORDER BY name;
-- their terms
SELECT name, jsonb_pretty(clex.read(content)::jsonb - '{$provenance,$extras,$reader,$format}'::text[]) FROM messages ORDER BY name;
-- and back: equal terms in their own format, and in UBL from where there is a way back
SELECT name, clex.same_terms(clex.read(w), d) AS same, v.valid, (SELECT count(*) FROM clex.losses(d, d::jsonb ->> '$format') l WHERE term IS NOT NULL) AS losses
FROM messages, clex.read(content) d, clex.write(d, d::jsonb ->> '$format') w, clex.verdict(w, ARRAY['structure']) v ORDER BY name;
SELECT name, l.term, l.value, l.reason FROM messages, clex.read(content) d, clex.losses(d, d::jsonb ->> '$format') l WHERE term IS NOT NULL ORDER BY name, term;
SELECT name, f AS format, (SELECT string_agg(l.term, ' ' ORDER BY l.term) FROM clex.losses(d, f) l WHERE term IS NOT NULL) AS lost
FROM messages, clex.read(content) d, unnest(ARRAY['ubl', 'edifact:D96A', 'x12']) f WHERE name IN ('ORDERS', 'ORDRSP', 'DESADV', 'REMADV', '850', '856', '820') AND NOT f LIKE (d::jsonb ->> '$format') || '%' ORDER BY name, f;

-- levels stand within one another, packages hold their lines
SELECT convert_from(clex.write(clex.read(content), 'edifact:D96A'), 'LATIN1') FROM messages WHERE name = '856';
SELECT convert_from(clex.write(clex.read(content), 'x12:005010'), 'UTF8') FROM messages WHERE name = 'DESADV';
-- what a message must have is filled in; a date that is not there is told
SELECT convert_from(clex.write('{"$kind": "order_response", "order": {"number": "PO-1"}, "order_response": {"number": "R-1", "issue_date": "2026-03-04"}, "lines": [{"identifier": "1", "quantity": 1, "unit": "EA"}]}', 'x12'), 'UTF8');
SELECT term, value, reason FROM clex.losses('{"$kind": "order_response", "order": {"number": "PO-1"}, "order_response": {"number": "R-1", "issue_date": "2026-03-04"}, "lines": [{"identifier": "1", "quantity": 1, "unit": "EA"}]}', 'x12');
SELECT clex.write(clex.read(content), 'x12') FROM messages WHERE name = 'RECADV';
SELECT clex.write(clex.read(content), 'edifact:CONTRL') FROM messages WHERE name = 'APERAK';
-- levels in circles, or around nothing
SELECT clex.read(convert_to(replace(replace(convert_from(content, 'UTF8'), 'HL*3*2*P', 'HL*3*4*P'), 'HL*5*2*I', 'HL*5*9*I'), 'UTF8'))::jsonb #> '{lines}' FROM messages WHERE name = '856';

-- 865 answers a change of an order: read, written from where it came, and from a 855 if it is asked for; quantities of 860 and 865 say what is left to receive
\set x865 `cat extension/test/samples/edi/x12-865.edi`
CREATE TEMP TABLE answer AS SELECT clex.read(convert_to(:'x865', 'UTF8')) AS d;
SELECT d.* FROM clex.detect(convert_to(:'x865', 'UTF8')) d;
SELECT jsonb_pretty(d::jsonb - '$provenance') FROM answer;
SELECT count(*) FROM clex.findings(convert_to(:'x865', 'UTF8'), ARRAY['structure']);
SELECT f, convert_from(clex.write(d, f), 'UTF8') ~ 'ST.865' AS again, clex.same_terms(d, clex.read(clex.write(d, f))) FROM answer, unnest(ARRAY['x12', 'x12:004010', 'x12:005010', 'x12:865']) f;
SELECT term, path, value, reason FROM answer, clex.losses(d, 'x12') WHERE term IS NOT NULL;
SELECT substring(convert_from(clex.write((d::jsonb - '{$format,$reader,$extras,$provenance}'::text[])::text::clex.document, 'x12:865'), 'UTF8') FROM 'BCA.*\n') FROM answer;
SELECT line FROM regexp_split_to_table(convert_from(clex.write('{"$kind": "order_change", "order_change": {"number": "C-1", "issue_date": "2026-03-05"}, "order": {"number": "PO-1", "issue_date": "2026-03-01"},
	"lines": [{"identifier": "1", "action": "3", "quantity": 20, "unit": "C62", "price": {"net": 3.5}, "item": {"seller_identifier": "MUG"}}]}'::clex.document, 'x12'), 'UTF8'), E'\n') line WHERE line LIKE 'POC%';

-- TA1 by itself is an answer like 997, numbered by its interchange; several are several; beside groups it is none
\set ta1 `cat extension/test/samples/edi/x12-ta1.edi`
SELECT d.* FROM clex.detect(convert_to(:'ta1', 'UTF8')) d;
SELECT jsonb_pretty(clex.read(convert_to(:'ta1', 'UTF8'))::jsonb - '$reader');
SELECT clex.value(d, 'A-1') AS number, clex.value(d, 'A-7') AS answered, clex.value(d, 'A-9') AS verdict, clex.value(d, 'A-12') AS reason
	FROM clex.read_all(convert_to(replace(:'ta1', 'IEA', E'TA1*000000032*260303*1016*A*000~\nIEA'), 'UTF8')) d;
SELECT clex.value(d, 'A-1') AS number, d::jsonb #>> '{$provenance,message}' AS message FROM clex.read_all((SELECT convert_to(replace(convert_from(content, 'UTF8'), 'GS*', 'TA1*000000030*260303*1015*A*000~GS*'), 'UTF8') FROM messages WHERE name = '997')) d;
SELECT clex.acknowledge(convert_to(:'ta1', 'UTF8')) IS NULL AS nothing_to_answer, (SELECT count(*) FROM clex.findings(convert_to(:'ta1', 'UTF8'), ARRAY['structure'])) AS findings,
	(SELECT string_agg(rule || ' ' || location, ', ') FROM clex.findings(convert_to(replace(:'ta1', '260303*1015*R', '26*1015*'), 'UTF8'), ARRAY['structure'])) AS findings_of_bad;
