-- Module finance, instruments: the documents by which receivables pass to a financier.
--
-- For each assignor one instrument is written, as bytes that never change; a signature is a row beside it that names their hash.  What an instrument must say
-- to be one stands in a table with its source, and is looked for in the words that were written, whoever worded them.

--! code
INSERT INTO @store@.instrument AS i (instrument, document, law) VALUES
	('dailly', 'bordereau', '{"fr": "articles L. 313-23 à L. 313-34 du code monétaire et financier", "en": "articles L. 313-23 to L. 313-34 of the French monetary and financial code", "de": "Artikel L. 313-23 bis L. 313-34 des französischen Währungs- und Finanzgesetzbuchs"}'),
	('subrogation', 'quittance', '{"fr": "articles 1346-1 et suivants du code civil", "en": "articles 1346-1 ff. of the French civil code", "de": "Artikel 1346-1 ff. des französischen Zivilgesetzbuchs"}'),
	('civil', 'deed', '{"fr": "articles 1321 et suivants du code civil", "en": "articles 1321 ff. of the French civil code", "de": "Artikel 1321 ff. des französischen Zivilgesetzbuchs"}')
ON CONFLICT (instrument) DO UPDATE SET document = EXCLUDED.document, law = EXCLUDED.law;

INSERT INTO @store@.instrument_rule AS r (legal_status, instrument, ordinal, needs_authorisation, source) VALUES
	('credit_institution', 'dailly', 1, false, 'CMF L313-23'),
	('credit_institution', 'subrogation', 2, false, 'C. civ. 1346-1'),
	('credit_institution', 'civil', 3, false, 'C. civ. 1321'),
	('financing_company', 'dailly', 1, false, 'CMF L313-23'),
	('financing_company', 'subrogation', 2, false, 'C. civ. 1346-1'),
	('financing_company', 'civil', 3, false, 'C. civ. 1321'),
	-- some funds may take a bordereau, by law or licence, and say which
	('fund', 'civil', 1, false, 'C. civ. 1321'),
	('fund', 'dailly', 2, true, 'CMF L313-23'),
	('other', 'civil', 1, false, 'C. civ. 1321'),
	('other', 'subrogation', 2, false, 'C. civ. 1346-1')
ON CONFLICT (legal_status, instrument) DO UPDATE SET ordinal = EXCLUDED.ordinal, needs_authorisation = EXCLUDED.needs_authorisation, source = EXCLUDED.source;

INSERT INTO @store@.act_default AS d (instrument, part, wording) VALUES
	('dailly', 'head', $text$BORDEREAU N° {reference}
acte de cession de créances professionnelles

Le présent bordereau est soumis aux dispositions des articles L. 313-23 à L. 313-34 du code monétaire et financier.

Cédant : {assignor} ({assignor_id}), {assignor_address}
Bénéficiaire : {assignee} ({assignee_id}), {assignee_address}
Monnaie : {currency}
Date : celle que le bénéficiaire appose ; la cession prend effet à cette date.

Le cédant transmet au bénéficiaire, qui en devient propriétaire, les créances suivantes :
$text$),
	('dailly', 'list', $text$Les créances sont transmises par un procédé informatique permettant de les identifier : fichier CSV joint, empreinte SHA-256 {list_hash}.
$text$),
	('dailly', 'foot', $text$Nombre de créances : {count}
Montant global : {total} {currency}
Prix : escompte {discount} {currency}, net versé {net} {currency} le {value_date}
Recours contre le cédant en cas de défaillance du débiteur : {recourse, select, true {oui} other {non}}
$text$),
	('subrogation', 'head', $text$QUITTANCE SUBROGATIVE N° {reference}

Le {value_date}, {assignor} ({assignor_id}), {assignor_address}, reçoit de {assignee} ({assignee_id}), {assignee_address}, le paiement de {total} {currency}, montant des factures désignées ci-dessous ; les frais financiers de {discount} {currency} sont dus par ailleurs et compensés.
Par la présente et en même temps que le paiement, {assignor} subroge expressément {assignee} dans tous ses droits et actions contre les débiteurs, avec leurs accessoires (article 1346-1 du code civil).
Monnaie : {currency}

Factures :
$text$),
	('subrogation', 'list', $text$La liste des factures est transmise par un procédé informatique : fichier CSV joint, empreinte SHA-256 {list_hash}.
$text$),
	('subrogation', 'foot', $text$Nombre de factures : {count}
Montant global : {total} {currency}
Recours contre le créancier en cas de défaillance du débiteur : {recourse, select, true {oui} other {non}}
$text$),
	('civil', 'head', $text$ACTE DE CESSION DE CRÉANCES N° {reference}

Le présent acte est soumis aux articles 1321 et suivants du code civil.

Cédant : {assignor} ({assignor_id}), {assignor_address}
Cessionnaire : {assignee} ({assignee_id}), {assignee_address}
Monnaie : {currency}

Le cédant cède au cessionnaire, qui accepte, les créances suivantes et leurs accessoires :
$text$),
	('civil', 'list', $text$La liste des créances est transmise par un procédé informatique : fichier CSV joint, empreinte SHA-256 {list_hash}.
$text$),
	('civil', 'foot', $text$Nombre de créances : {count}
Montant global : {total} {currency}
Prix de cession : {net} {currency}, payable le {value_date}
Garantie de la solvabilité du débiteur : {recourse, select, true {oui} other {non}}
La cession est opposable au débiteur une fois qu''elle lui a été notifiée ou qu''il en a pris acte (article 1324).
$text$)
ON CONFLICT (instrument, part) DO UPDATE SET wording = EXCLUDED.wording;

INSERT INTO @store@.act_mention AS m (instrument, mention, ordinal, kind, needed, applies, source) VALUES
	('dailly', 'title', 1, 'words', 'acte de cession de créances professionnelles', 'always', 'CMF L313-23 1°'),
	('dailly', 'law', 2, 'words', 'articles L. 313-23 à L. 313-34 du code monétaire et financier', 'always', 'CMF L313-23 2°'),
	('dailly', 'beneficiary', 3, 'assignment', 'assignee', 'always', 'CMF L313-23 3°'),
	('dailly', 'debtor', 4, 'item', 'debtor', 'paper', 'CMF L313-23 4°'),
	('dailly', 'place', 5, 'item', 'place', 'paper', 'CMF L313-23 4°'),
	('dailly', 'amount', 6, 'item', 'amount', 'paper', 'CMF L313-23 4°'),
	('dailly', 'due_date', 7, 'item', 'due', 'paper', 'CMF L313-23 4°'),
	('dailly', 'means', 8, 'words', 'procédé informatique permettant de les identifier', 'electronic', 'CMF L313-23'),
	('dailly', 'file', 9, 'assignment', 'list_hash', 'electronic', 'CMF L313-23'),
	('dailly', 'count', 10, 'assignment', 'count', 'electronic', 'CMF L313-23'),
	('dailly', 'total', 11, 'assignment', 'total', 'electronic', 'CMF L313-23'),
	('dailly', 'signature', 12, 'signature', 'assignor', 'always', 'CMF L313-25'),
	('dailly', 'date', 13, 'date', 'assignee', 'always', 'CMF L313-27'),
	('subrogation', 'express', 1, 'words', 'subroge expressément', 'always', 'C. civ. 1346-1'),
	('subrogation', 'concurrent', 2, 'words', 'en même temps que le paiement', 'always', 'C. civ. 1346-1'),
	('subrogation', 'payment_date', 3, 'assignment', 'value_date', 'always', 'C. civ. 1346-1'),
	('subrogation', 'payer', 4, 'assignment', 'assignee', 'always', 'C. civ. 1346-1'),
	('subrogation', 'total', 5, 'assignment', 'total', 'always', 'C. civ. 1346-4'),
	('subrogation', 'invoice', 6, 'item', 'number', 'paper', 'C. civ. 1346-1'),
	('subrogation', 'debtor', 7, 'item', 'debtor', 'paper', 'C. civ. 1346-1'),
	('subrogation', 'amount', 8, 'item', 'amount', 'paper', 'C. civ. 1346-4'),
	('subrogation', 'file', 9, 'assignment', 'list_hash', 'electronic', 'C. civ. 1346-1'),
	('subrogation', 'signature', 10, 'signature', 'assignor', 'always', 'C. civ. 1346-1'),
	('civil', 'law', 1, 'words', 'articles 1321 et suivants du code civil', 'always', 'C. civ. 1321'),
	('civil', 'assignee', 2, 'assignment', 'assignee', 'always', 'C. civ. 1321'),
	('civil', 'invoice', 3, 'item', 'number', 'paper', 'C. civ. 1321'),
	('civil', 'debtor', 4, 'item', 'debtor', 'paper', 'C. civ. 1321'),
	('civil', 'amount', 5, 'item', 'amount', 'paper', 'C. civ. 1321'),
	('civil', 'file', 6, 'assignment', 'list_hash', 'electronic', 'C. civ. 1321'),
	('civil', 'signature', 7, 'signature', 'assignor', 'always', 'C. civ. 1322')
ON CONFLICT (instrument, mention) DO UPDATE SET ordinal = EXCLUDED.ordinal, kind = EXCLUDED.kind, needed = EXCLUDED.needed, applies = EXCLUDED.applies, source = EXCLUDED.source;

CREATE OR REPLACE FUNCTION @store@.instrument_for(p_tenant_id bigint, financier @store@.financier, wanted text) RETURNS text
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_rule @store@.instrument_rule;
BEGIN
	SELECT * INTO v_rule FROM @store@.instrument_rule r
	WHERE r.legal_status = financier.legal_status AND r.instrument = COALESCE(wanted, r.instrument) AND (NOT r.needs_authorisation OR financier.authorisation IS NOT NULL OR wanted IS NOT NULL)
	ORDER BY r.ordinal LIMIT 1;
	IF NOT FOUND OR v_rule.needs_authorisation AND financier.authorisation IS NULL THEN
		RAISE EXCEPTION 'financier "%" may not use instrument "%"', financier.code, wanted USING
			ERRCODE = 'invalid_parameter_value',
			DETAIL = CASE WHEN v_rule.instrument IS NULL THEN format('Its legal status is %s.', financier.legal_status)
				ELSE format('A %s must name what entitles it (%s).', financier.legal_status, v_rule.source) END,
			HINT = format('It may use: %s.', (SELECT string_agg(r.instrument, ', ' ORDER BY r.ordinal) FROM @store@.instrument_rule r
				WHERE r.legal_status = financier.legal_status AND (NOT r.needs_authorisation OR financier.authorisation IS NOT NULL)));
	END IF;
	RETURN v_rule.instrument;
END;
$code$;
COMMENT ON FUNCTION @store@.instrument_for(bigint, @store@.financier, text) IS 'Part of assign_invoices(): instrument that a financier may use by its legal status; wanted: NULL = the first one. Errors: 22023 not that one.';

CREATE OR REPLACE FUNCTION @store@.write_acts(p_tenant_id bigint, assignment @store@.assignment, financier @store@.financier) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, clex, pg_temp
SET datestyle = 'ISO, YMD'    -- an instrument says a day in one way, whoever has it written
AS $code$
#variable_conflict use_column
DECLARE
	v_words jsonb := (SELECT jsonb_object_agg(d.part, d.wording) FROM @store@.act_default d WHERE d.instrument = assignment.instrument);
	v_most int := @store@.finance_setting(p_tenant_id, 'electronic_list_above', '100')::int;
	v_own jsonb := (SELECT s.value FROM @store@.setting s WHERE s.tenant_id = p_tenant_id AND s.name = 'finance.act_' || assignment.instrument);
	v_document text := (SELECT n.document FROM @store@.instrument n WHERE n.instrument = assignment.instrument);
	v_head text;
	v_list text;
	v_foot text;
BEGIN
	v_words := v_words || COALESCE(v_own, '{}');
	v_head := v_words ->> 'head';
	v_list := v_words ->> 'list';
	v_foot := v_words ->> 'foot';
	INSERT INTO @store@.assignment_act (tenant_id, assignment_id, kind, seller_key, seller_name, email, language, electronic, count, total, content, list)
	SELECT p_tenant_id, assignment.id, v_document, a.seller_key, a.name, p.email, p.language, l.list IS NOT NULL, a.count, a.total,
		convert_to(clex.format_message(v_head, w.arguments, 'fr') || CASE WHEN l.list IS NULL THEN a.listed || E'\n' ELSE clex.format_message(v_list, w.arguments, 'fr') END || clex.format_message(v_foot, w.arguments, 'fr'), 'UTF8'),
		l.list
	FROM (
		-- receivables are listed in the instrument itself, or in a file where there are many
		SELECT i.seller_key, min(i.seller_name) AS name, min(i.seller_id) AS id, min(i.seller_address) AS address, count(*)::int AS count, sum(i.amount) AS total,
			sum(i.discount) AS discount, sum(i.net) AS net, @store@.party_of(p_tenant_id, ARRAY[i.seller_key]) AS party_id,
			-- one list, sorted once: lines of the instrument, or rows of the file
			string_agg(CASE WHEN i.of <= v_most
				THEN concat_ws(' ; ', format('%s. facture %s du %s', i.n, i.number, i.issue_date), format('débiteur : %s', concat_ws(', ', i.debtor_name, i.debtor_id)),
					format('lieu de paiement : %s', i.place), format('montant : %s %s', i.amount, assignment.currency), format('échéance : %s', i.due_date))
				ELSE concat_ws(';', i.n, '"' || replace(concat_ws(' ', i.number), '"', '""') || '"', i.issue_date, '"' || replace(concat_ws(', ', i.debtor_name, i.debtor_id), '"', '""') || '"',
					'"' || replace(concat_ws(' ', i.place), '"', '""') || '"', i.amount, assignment.currency, i.due_date) END, E'\n' ORDER BY i.n) AS listed
		FROM (SELECT x.*, row_number() OVER (PARTITION BY x.seller_key ORDER BY x.due_date, x.document_id) AS n, count(*) OVER (PARTITION BY x.seller_key) AS of
			FROM @store@.assignment_item x WHERE x.tenant_id = p_tenant_id AND x.assignment_id = assignment.id) i
		GROUP BY i.seller_key) a
	CROSS JOIN LATERAL (SELECT CASE WHEN a.count > v_most THEN convert_to(E'n;invoice;issued;debtor;place;amount;currency;due\n' || a.listed || E'\n', 'UTF8') END AS list) l
	CROSS JOIN LATERAL (SELECT jsonb_build_object('reference', format('%s/%s', p_tenant_id, assignment.id), 'assignor', a.name, 'assignor_id', a.id,
		'assignor_address', a.address, 'assignee', financier.name, 'assignee_id', financier.registration, 'assignee_address', financier.address,
		'currency', assignment.currency, 'count', a.count::text, 'total', a.total::text, 'discount', a.discount::text, 'net', a.net::text,
		'value_date', assignment.settlement_date::text, 'recourse', assignment.recourse::text, 'list_hash', encode(sha256(l.list), 'hex')) AS arguments) w
	LEFT JOIN LATERAL (SELECT v.email, v.language FROM @store@.party_version v
		WHERE v.tenant_id = p_tenant_id AND v.party_id = a.party_id AND v.valid_from <= CURRENT_DATE ORDER BY v.valid_from DESC LIMIT 1) p ON true
	ORDER BY a.seller_key;
END;
$code$;
COMMENT ON FUNCTION @store@.write_acts(bigint, @store@.assignment, @store@.financier) IS
'Part of assign_invoices(): writes the instrument of each assignor. Amounts and dates are written in digits (1234.50, 2026-05-31). Above setting finance.electronic_list_above receivables (100) they stand in a file. Setting finance.act_dailly (act_subrogation, act_civil) has words of the tenant''s own: {"head": …, "list": …, "foot": …}.';

CREATE OR REPLACE FUNCTION @store@.stands_in(value text, content text) RETURNS boolean
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
BEGIN ATOMIC
	-- 2 does not stand in 12, 2.50, L. 313-2 or 2026-03-02
	SELECT value <> '' AND content ~ ('(?<![[:alnum:]]|[[:alnum:]][.,/-])' || pg_catalog.regexp_replace(value, '([][\\.^$*+?(){}|-])', '\\\1', 'g') || '(?![[:alnum:]]|[.,/-][[:alnum:]])');
END;
COMMENT ON FUNCTION @store@.stands_in(text, text) IS 'Whether a value stands in a text by itself, and not as a part of another word, number or day.';

CREATE OR REPLACE FUNCTION @store@.act_findings(p_tenant_id bigint, act_id bigint)
RETURNS TABLE (ordinal int, mention text, holds boolean, found text, needed text, source text)
LANGUAGE plpgsql STABLE ROWS 12
SET search_path = pg_catalog, pg_temp
SET datestyle = 'ISO, YMD'    -- an instrument says a day in one way, whoever has it written
AS $code$
#variable_conflict use_column
DECLARE
	v_act record;
	v_text text;
BEGIN
	SELECT a.*, s.instrument, s.settlement_date, s.currency, f.name AS assignee INTO v_act
	FROM @store@.assignment_act a
	JOIN @store@.assignment s ON s.tenant_id = a.tenant_id AND s.id = a.assignment_id
	JOIN @store@.financier f ON f.tenant_id = s.tenant_id AND f.financier_id = s.financier_id
	WHERE a.tenant_id = p_tenant_id AND a.id = act_findings.act_id;
	IF NOT FOUND THEN
		RETURN;
	END IF;
	v_text := convert_from(v_act.content, 'UTF8');
	RETURN QUERY
	SELECT m.ordinal, m.mention, r.holds IS TRUE, r.found, m.needed, m.source
	FROM @store@.act_mention m
	CROSS JOIN LATERAL (
		SELECT v.value, CASE m.needed WHEN 'assignee' THEN v_act.assignee WHEN 'list_hash' THEN encode(sha256(v_act.list), 'hex') WHEN 'count' THEN v_act.count::text
			WHEN 'total' THEN v_act.total::text WHEN 'value_date' THEN v_act.settlement_date::text END AS wanted
		FROM (SELECT NULL) v (value)) w
	CROSS JOIN LATERAL (
		SELECT position(m.needed IN v_text) > 0 AS holds, CASE WHEN position(m.needed IN v_text) > 0 THEN m.needed END AS found WHERE m.kind = 'words'
		UNION ALL
		-- how many there are is said where they are spoken of
		SELECT l.line IS NOT NULL, CASE WHEN l.line IS NOT NULL THEN w.wanted END
		FROM (SELECT) one
		LEFT JOIN LATERAL (
			SELECT x.line FROM regexp_split_to_table(v_text, '\n') x (line)
			WHERE @store@.stands_in(w.wanted, x.line) AND (m.needed <> 'count' OR x.line ~* 'nombre|créances?|factures?') LIMIT 1) l ON true
		WHERE m.kind = 'assignment'
		UNION ALL
		SELECT count(*) FILTER (WHERE @store@.stands_in(x.value, v_text)) = v_act.count, format('%s of %s', count(*) FILTER (WHERE @store@.stands_in(x.value, v_text)), v_act.count)
		FROM @store@.assignment_item i
		CROSS JOIN LATERAL (SELECT CASE m.needed WHEN 'debtor' THEN i.debtor_name WHEN 'place' THEN i.place WHEN 'amount' THEN i.amount::text || ' ' || v_act.currency
			WHEN 'due' THEN i.due_date::text WHEN 'number' THEN i.number END) x (value)
		WHERE m.kind = 'item' AND i.tenant_id = p_tenant_id AND i.assignment_id = v_act.assignment_id AND i.seller_key IS NOT DISTINCT FROM v_act.seller_key
		HAVING m.kind = 'item'
		UNION ALL
		SELECT g.act_id IS NOT NULL, CASE m.kind WHEN 'date' THEN g.dated_on::text ELSE g.signer END
		FROM (SELECT) one
		LEFT JOIN @store@.act_signature g ON g.tenant_id = p_tenant_id AND g.act_id = v_act.id AND g.side = m.needed AND g.sha256 = v_act.sha256
		WHERE m.kind IN ('signature', 'date')) r
	WHERE m.instrument = v_act.instrument AND m.applies IN ('always', CASE WHEN v_act.electronic THEN 'electronic' ELSE 'paper' END)
	ORDER BY m.ordinal;
END;
$code$;
COMMENT ON FUNCTION @store@.act_findings(bigint, bigint) IS
'What an instrument must say to be one (table act_mention), whether it does, what was found and needed, and where that is said. For an item: of how many receivables it is said. No row: no such instrument, or not one the caller may see.';

CREATE OR REPLACE FUNCTION @store@.sign_act(p_tenant_id bigint, act_id bigint, signer text, means text, sha256 bytea, dated_on date DEFAULT CURRENT_DATE) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_act @store@.assignment_act;
	v_assignment @store@.assignment;
	v_before @store@.act_signature;
BEGIN
	PERFORM @store@.require_financing(p_tenant_id);
	SELECT * INTO v_act FROM @store@.assignment_act a WHERE a.tenant_id = p_tenant_id AND a.id = sign_act.act_id
		AND (p_tenant_id IN (SELECT t FROM @store@.readable_tenants() t) OR (a.tenant_id, a.seller_key) IN (SELECT k.tenant_id, k.seller_key FROM @store@.own_seller_keys() k)
			OR @store@.financier_of_caller(p_tenant_id) = (SELECT s.financier_id FROM @store@.assignment s WHERE s.tenant_id = a.tenant_id AND s.id = a.assignment_id));
	v_assignment := @store@.assignment_of(p_tenant_id, v_act.assignment_id);
	PERFORM @store@.require_right(p_tenant_id, 'finance', i.document_id) FROM @store@.assignment_item i
	WHERE i.tenant_id = p_tenant_id AND i.assignment_id = v_act.assignment_id AND i.seller_key IS NOT DISTINCT FROM v_act.seller_key;
	IF sign_act.sha256 IS DISTINCT FROM v_act.sha256 THEN
		RAISE EXCEPTION 'what was signed is not instrument %', v_act.id USING ERRCODE = 'invalid_parameter_value', DETAIL = format('Its SHA-256 is %s.', encode(v_act.sha256, 'hex'));
	END IF;
	SELECT * INTO v_before FROM @store@.act_signature s WHERE s.tenant_id = p_tenant_id AND s.act_id = v_act.id AND s.side = 'assignor';
	IF FOUND THEN
		IF (v_before.signer, v_before.means) = (sign_act.signer, sign_act.means) THEN
			RETURN false;
		END IF;
		RAISE EXCEPTION 'instrument % has been signed by "%"', v_act.id, v_before.signer USING ERRCODE = 'unique_violation';
	ELSIF v_assignment.state <> 'proposed' THEN
		RAISE EXCEPTION 'assignment % is %', v_assignment.id, v_assignment.state USING ERRCODE = 'object_not_in_prerequisite_state', DETAIL = 'It is signed before it is accepted.';
	END IF;
	INSERT INTO @store@.act_signature (tenant_id, act_id, side, signer, means, sha256, dated_on)
	VALUES (p_tenant_id, v_act.id, 'assignor', sign_act.signer, sign_act.means, sign_act.sha256, sign_act.dated_on);
	RETURN true;
END;
$code$;
COMMENT ON FUNCTION @store@.sign_act(bigint, bigint, text, text, bytea, date) IS
'Records that the assignor has signed an instrument: who, by what means, and the SHA-256 of what was signed, which must be its own. The same again: false, and nothing happens. For personas with the right finance, suppliers for their own. Errors: 42501, P0002 no such instrument, 22023 something else was signed, 23505 signed by another, 55000 no longer proposed, 23502, 23514 signer or means.';

REVOKE ALL ON FUNCTION @store@.instrument_for(bigint, @store@.financier, text), @store@.write_acts(bigint, @store@.assignment, @store@.financier),
	@store@.sign_act(bigint, bigint, text, text, bytea, date) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION @store@.stands_in(text, text), @store@.act_findings(bigint, bigint), @store@.sign_act(bigint, bigint, text, text, bytea, date) TO PUBLIC;
