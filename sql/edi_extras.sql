-- what no term took goes back into the message that it was read from
CREATE FUNCTION pg_temp.segments(content bytea) RETURNS TABLE(n bigint, segment text) LANGUAGE sql AS $$
	SELECT n, segment FROM regexp_split_to_table(convert_from(content, 'UTF8'), '[''~]\s*') WITH ORDINALITY s(segment, n) WHERE segment <> '' $$;
CREATE FUNCTION pg_temp.extras(d clex.document) RETURNS SETOF text LANGUAGE sql AS $$
	SELECT concat_ws(' = ', e ->> 'path', e ->> 'value') FROM jsonb_array_elements(d::jsonb -> '$extras') e $$;
CREATE TEMP TABLE message AS SELECT * FROM (VALUES ('invoice', convert_to($$UNA:+.? '
UNB+UNOA:3+5412345000013:14+4012345000009:14+260401:0930+77'
UNH+1+INVOIC:D:96A:UN:EAN008'
BGM+380+R-1+31'
DTM+11:20260330:102'
DTM+137:20260401:102'
FTX+PUR+++first:second'
RFF+ZZZ:contract 9'
DTM+171:20260101:102'
RFF+ON:PO-1'
RFF+DL:DL 77'
NAD+BY+5412345000013::9++LAMPENHAUS+RUE 1+BRUXELLES++1000+BE'
LOC+7+DOCK 4'
RFF+API:1234'
NAD+PR+5412345000099::9'
NAD+SU+4012345000009::9++NORDLICHT GMBH'
RFF+VA:DE123456789'
RFF+FC:11/222'
CTA+AR+X:MS WEIN'
CUX+2:EUR:4'
PAT+1'
PAT+3++5:3:D:30'
DTM+13:20260501:102'
LIN+1++4000001000012:EN'
PIA+1+B-1:BP::92'
PIA+1+LOT 7:NB'
PIA+5+S-1:SA'
IMD+F++:::LAMP:BRASS'
QTY+46:13'
QTY+47:12:PCE'
MOA+203:120.00'
PRI+AAB:11.00:CA'
PRI+AAA:10.00:CA'
LIN+2++4000001000029:EN'
PIA+5+B-2:IN::92+LOT 8:NB+S-2:SA::91'
IMD+F++:::SHADE'
QTY+47:1:PCE'
MOA+203:5.00:EUR'
PRI+AAA:5.00'
UNS+S'
CNT+1:13'
CNT+2:2'
MOA+64:1.00'
MOA+79:125.00'
MOA+86:125.00'
UNT+43+1'
UNZ+1+77'
$$, 'UTF8')), ('order', convert_to($$ISA*00*          *00*          *ZZ*STOREINC       *ZZ*LAMPCO         *260402*1015*U*00401*000000077*0*P*>~
GS*PO*STOREINC*LAMPCO*20260402*1015*77*X*004010~
ST*850*0001~
BEG*00*SA*PO-1*REL-7*20260401*C-9~
REF*IA*12345~
REF*DP*020~
FOB*PP*OR*ORIGIN~
ITD*14*3*2**45**46~
N1*ST*Store 7*9*0012345670007~
REF*ST*0007~
N1*SE*Lampco Inc*92*8831~
PO1*1*12*EA*12.5*WE*UP*012345678905*VN*LX-100*IT*77~
CTP*RS*RES*19.99~
PO1*2*3*EA*4**VN*KB-1~
SAC*C*D240***500~
CTT*2*15~
SE*15*0001~
GE*1*77~
IEA*1*000000077~
$$, 'UTF8'))) v(name, content);
CREATE TEMP TABLE back AS SELECT name, content, d, clex.write(d, f) AS written, f FROM message, clex.read(content) d, LATERAL (SELECT d::jsonb #>> '{$provenance,format}') v(f);

SELECT name, clex.same_terms(d, clex.read(written)) AS terms, ARRAY(SELECT pg_temp.extras(d)) = ARRAY(SELECT pg_temp.extras(clex.read(written))) AS extras,
		cardinality(ARRAY(SELECT pg_temp.extras(d))) AS of, (SELECT count(*) FROM clex.losses(d, f)) AS losses, (clex.verdict(written, ARRAY['structure'])).valid FROM back ORDER BY name;
-- what stood beside them, where the terms do not tell
SELECT name, d::jsonb #>> '{$provenance,order}' AS "order" FROM back ORDER BY name;
-- what differs from what came: envelopes, codes that mean the same, the order of segments that hold terms alone
SELECT name, side, segment FROM (
	(SELECT name, 'came' AS side, segment FROM back, pg_temp.segments(content) EXCEPT ALL SELECT name, 'came', segment FROM back, pg_temp.segments(written))
	UNION ALL
	(SELECT name, 'went', segment FROM back, pg_temp.segments(written) EXCEPT ALL SELECT name, 'went', segment FROM back, pg_temp.segments(content))) x
	ORDER BY name, side, segment COLLATE "C";

-- another release, or another message, has other places: losses, and the same losses told when writing
SELECT t AS format, reason, count(*) FROM back, unnest(ARRAY['edifact', 'edifact:D96A', 'edifact:D01B', 'x12', 'ubl']) t, clex.losses(d, t) WHERE name = 'invoice' AND term IS NULL GROUP BY 1, 2 ORDER BY 1, 2;
SELECT clex.write(d, 'edifact', '{"on_loss": "error"}') = written AS nothing_lost FROM back WHERE name = 'invoice';

-- what stands in the way, what is not sound, what would be a term, what has no place: told, and everything else goes back
SELECT l.path, l.value, l.reason FROM back, LATERAL (SELECT (d::jsonb || jsonb_build_object('$extras', (d::jsonb -> '$extras') ||
	'[{"path": "/BGM/2.1", "value": "R-2"}, {"path": "/DTM[9]/1.1", "value": "35"}, {"path": "/DTM[9]/1.2", "value": "20260402"}, {"path": "/SG2[1]/LOC[2]/1.1", "value": "much too long"},
	  {"path": "/SG2[1]/XYZ/1.1", "value": "1"}, {"path": "/SG99[1]/RFF/1.1", "value": "1"}, {"path": "/SG25[7000000]/LIN/1.1", "value": "9"}, {"path": "/UNH/1.1", "value": "9"}, {"path": "nonsense", "value": "9"},
	  {"path": "/SG48[7]/MOA/1.2", "value": "9"}]'))::text::clex.document) x(edited), clex.losses(edited, 'edifact') l WHERE name = 'invoice' ORDER BY l.path COLLATE "C", l.value;
-- an order that is not that of the document, or none at all, does no harm
SELECT left(o, 60) AS "order", clex.same_terms(d, clex.read(w)) AS terms, (SELECT count(*) FROM pg_temp.extras(clex.read(w))) AS extras, (SELECT count(*) FROM clex.losses(e, 'edifact')) AS losses
	FROM back, unnest(ARRAY['', '/SG2 BT-27[1]|BT-44[1]|BT-44[1]|BT-44[7]|X', E'/SG2 BT-44[1]|\n/SG2[2]/SG3 |||BT-31[1]', '/SG2 ' || repeat('|', 200), '/SG25 BT-153[1]|BT-153[2]', '/SG25[1]/LIN BT-126[1]', 'x', '/ |']) WITH ORDINALITY u(o, n),
	LATERAL (SELECT jsonb_set(d::jsonb, '{$provenance,order}', to_jsonb(o))::text::clex.document) v(e), clex.write(e, 'edifact') w WHERE name = 'invoice' ORDER BY n;
-- an order that did not count its lines does not count them when it is written again
SELECT content.counts, convert_from(clex.write(clex.read(content.bytes), 'x12'), 'UTF8') ~ 'CTT' AS counts_again
FROM (SELECT trailer <> '' AS counts, convert_to('ISA*00*          *00*          *ZZ*BUYER          *ZZ*SELLER         *260401*0930*U*00401*000000001*0*P*>~GS*PO*BUYER*SELLER*20260401*0930*1*X*004010~'
	|| 'ST*850*0001~BEG*00*SA*PO-77**20260401~N1*BY*Mill Street Foods~N1*SE*Roy Flour Co~PO1*1*40*CA*18.9**VN*T65-25~PID*F****Flour~' || trailer || format('SE*%s*0001~GE*1*1~IEA*1*000000001~', 7 + (trailer <> '')::int), 'UTF8') AS bytes
	FROM (VALUES (''), ('CTT*1~')) t (trailer)) content ORDER BY 1;
