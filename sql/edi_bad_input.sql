-- Bad interchanges: strict refuses with findings that name segment and position, lenient reads what is there.  A row for each fault in each syntax.
SET client_min_messages = warning;
CREATE TEMP TABLE sample AS SELECT * FROM (VALUES ('edifact', $$UNA:+.? '
UNB+UNOA:3+5412345000013:14+4012345000009:14+260401:0930+77'
UNH+1+ORDERS:D:96A:UN:EAN008'
BGM+220+PO-1+9'
DTM+137:20260401:102'
NAD+BY+5412345000013::9++LAMPENHAUS'
NAD+SU+4012345000009::9++NORDLICHT GMBH'
LIN+1++4000001000012:EN'
QTY+21:12'
LIN+2'
QTY+21:3'
UNS+S'
UNT+11+1'
UNZ+1+77'
$$), ('x12', $$ISA*00*          *00*          *ZZ*STOREINC       *ZZ*LAMPCO         *260402*1015*U*00401*000000077*0*P*>~
GS*PO*STOREINC*LAMPCO*20260402*1015*77*X*004010~
ST*850*0001~
BEG*00*SA*PO-1**20260401~
N1*SE*Lampco Inc~
PO1*1*12*EA*12.5**VN*LX-100~
PO1*2*3*EA*4**VN*KB-1~
CTT*2~
SE*7*0001~
GE*1*77~
IEA*1*000000077~
$$)) v(syntax, content);
SELECT syntax, clex.verdict(convert_to(content, 'UTF8'), ARRAY['structure']) FROM sample ORDER BY syntax;

CREATE TEMP TABLE fault (syntax text, n int, what text, bytes bytea, PRIMARY KEY (syntax, n));
INSERT INTO fault SELECT f.syntax, n, what, convert_to(regexp_replace(content, pattern, replacement), encoding)
	FROM sample JOIN (VALUES
	('edifact', 1, 'count of segments', '(UNT\+)\d+', '\199', 'UTF8'),
	('edifact', 2, 'count of messages', '(UNZ\+)\d+', '\17', 'UTF8'),
	('edifact', 3, 'reference of the message', '(UNT\+\d+\+)[^'']*', '\1X9', 'UTF8'),
	('edifact', 4, 'reference of the interchange', '(UNZ\+\d+\+)[^'']*', '\1X9', 'UTF8'),
	('edifact', 5, 'mandatory segment missing', 'BGM[^'']*''\s*', '', 'UTF8'),
	('edifact', 6, 'segment out of its place', '(NAD\+BY)', 'QTY+21:1''\1', 'UTF8'),
	('edifact', 7, 'segment that nobody knows', '(NAD\+BY)', 'XYZ+1''\1', 'UTF8'),
	('edifact', 8, 'letters that the set does not have', '(NAD\+SU[^'']*)', '\1é', 'UTF8'),
	('edifact', 9, 'Windows-1252 undeclared', '(NAD\+SU[^'']*)', '\1 “Œuvre”', 'WIN1252'),
	('edifact', 10, 'a question mark made by transcoding', '(NAD\+SU[^'']*)', '\1 Soci?t?', 'UTF8'),
	('edifact', 11, 'other separators half way', '(QTY\+21):([^'']*)''', '\1/\2''', 'UTF8'),
	('edifact', 12, 'other separators in a second interchange', '$', E'\nUNA|*.! ~UNB*UNOA|3*A1*B1*260101|1200*77~UNH*1*ORDERS|D|96A|UN~BGM*220*PO-2*9~DTM*137|20260101|102~UNS*S~UNT*5*1~UNZ*1*77~', 'UTF8'),
	('edifact', 13, 'no trailer', 'UNZ[^'']*''\s*$', '', 'UTF8'),
	('edifact', 14, 'cut in a value', '(QTY\+21:3)(.|\n)*$', 'QTY+2', 'UTF8'),
	('edifact', 15, 'cut behind a release character', '(LIN\+2)(.|\n)*$', '\1?', 'UTF8'),
	('edifact', 16, 'no terminator at the end', '''\s*$', '', 'UTF8'),
	('x12', 1, 'count of segments', '(SE\*)\d+', '\199', 'UTF8'),
	('x12', 2, 'count of sets in the group', '(GE\*)\d+', '\17', 'UTF8'),
	('x12', 3, 'count of groups', '(IEA\*)\d+', '\17', 'UTF8'),
	('x12', 4, 'control number of the set', '(SE\*\d+\*)\d+', '\10099', 'UTF8'),
	('x12', 5, 'control number of the group', '(GE\*\d+\*)\d+', '\199', 'UTF8'),
	('x12', 6, 'control number of the interchange', '(IEA\*\d+\*)\d+', '\1000000099', 'UTF8'),
	('x12', 7, 'mandatory segment missing', 'BEG[^~]*~\s*', '', 'UTF8'),
	('x12', 8, 'segment out of its place', '(N1\*)', 'CTT*9~\1', 'UTF8'),
	('x12', 9, 'segment that nobody knows', '(N1\*)', 'ZZZ*1~\1', 'UTF8'),
	('x12', 10, 'bytes of no character set', '(N1\*[^*]*\*)', '\1Caf“é', 'WIN1252'),
	('x12', 11, 'a question mark made by transcoding', '(N1\*[^*]*\*)', '\1Soci?t? ', 'UTF8'),
	('x12', 12, 'other separators half way', '(PO1)\*([^~]*)~', '\1|\2~', 'UTF8'),
	('x12', 13, 'header of another length', '(ISA\*00\*) +', '\1', 'UTF8'),
	('x12', 14, 'no trailer', 'IEA[^~]*~\s*$', '', 'UTF8'),
	('x12', 15, 'cut in a value', '(PO1\*2)(.|\n)*$', '\1*3*E', 'UTF8'),
	('x12', 16, 'no terminator at the end', '~\s*$', '', 'UTF8')) f(syntax, n, what, pattern, replacement, encoding) USING (syntax);

-- each fault changed something; what is read all the same
CREATE FUNCTION pg_temp.attempt(bytes bytea, OUT documents bigint, OUT number text, OUT seller text, OUT lines int, OUT error text) LANGUAGE plpgsql AS $$
BEGIN
	SELECT count(*), string_agg(clex.value(d, 'order.number'), ' '), string_agg(clex.value(d, 'seller.name'), ' '), sum(jsonb_array_length(coalesce(d::jsonb -> 'lines', '[]')))
		INTO documents, number, seller, lines FROM clex.read_all(bytes) d;
EXCEPTION WHEN OTHERS THEN
	error := SQLSTATE || ' ' || SQLERRM;
END $$;
SELECT f.syntax, n, what, bytes <> convert_to(content, 'UTF8') AS changed, (clex.verdict(bytes, ARRAY['structure'])).valid, a.*
	FROM fault f JOIN sample USING (syntax), pg_temp.attempt(bytes) a ORDER BY f.syntax, n;
SELECT syntax, n, rule, severity, location, line, found, expected FROM fault, clex.findings(bytes, ARRAY['structure']) ORDER BY syntax, n, line, location COLLATE "C", rule;
-- what is said to the sender: refused or accepted, strictly too
SELECT syntax, n, strict, (SELECT string_agg(m[1], ' ') FROM regexp_matches(answer, '((?:UCI\+|TA1\*)[^''~]*)', 'g') m) AS envelope,
		(SELECT string_agg(m[1], ' ') FROM regexp_matches(answer, '((?:UCM|UCS|UCD|AK[3459])[+*][^''~]*)', 'g') m) AS below
	FROM fault, unnest(ARRAY[false, true]) strict,
		LATERAL (SELECT string_agg(convert_from(a, 'LATIN1'), '') AS answer FROM clex.acknowledge(bytes, jsonb_build_object('strict', strict)) a) a ORDER BY syntax, n, strict;
