-- Module finance, letters of assignments: what debtors, assignors and financiers are told, each in its language, and the status 212 of what was received.

--! code
DROP FUNCTION IF EXISTS @store@.post_letter(bigint, text, text, jsonb, text, text, bigint);
CREATE OR REPLACE FUNCTION @store@.post_letter(p_tenant_id bigint, template text, post_key text, arguments jsonb, language text, email text, document_id bigint DEFAULT NULL,
	annex text DEFAULT NULL) RETURNS text
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_words record;
BEGIN
	v_words := @store@.notice(p_tenant_id, post_letter.template, post_letter.language, post_letter.arguments);
	RETURN @store@.post_message(p_tenant_id, post_letter.post_key, 'mail', 'json', 'notice', convert_to(jsonb_build_object('notice', post_letter.template,
		'to', post_letter.email, 'language', v_words.written_in, 'subject', v_words.subject, 'text', concat_ws(E'\n\n', v_words.body, post_letter.annex))::text, 'UTF8'),
		post_letter.email, post_letter.document_id);
END;
$code$;
COMMENT ON FUNCTION @store@.post_letter(bigint, text, text, jsonb, text, text, bigint, text) IS
'Part of functions of assignments: post_notice() to an address and in a language that are known, as whoever takes a step need not see the party. annex: what the law words, whatever the language and the words of the letter.';

CREATE OR REPLACE FUNCTION @store@.item_lines(p_tenant_id bigint, assignment_id bigint, template text, language text, documents bigint[]) RETURNS text
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
BEGIN
	RETURN (
		SELECT string_agg((@store@.notice(p_tenant_id, item_lines.template, item_lines.language, jsonb_build_object('number', i.number, 'issued', i.issue_date, 'due', i.due_date,
			'amount', jsonb_build_object('amount', i.amount, 'currency', a.currency), 'vat', jsonb_build_object('amount', COALESCE(i.vat, 0), 'currency', a.currency),
			'face', jsonb_build_object('amount', i.face, 'currency', a.currency), 'discount', jsonb_build_object('amount', i.discount, 'currency', a.currency),
			'net', jsonb_build_object('amount', i.net, 'currency', a.currency), 'days', i.days, 'convention', a.day_count, 'rate', trim_scale(i.rate * 100)))).body, E'\n' ORDER BY i.due_date, i.document_id)
		FROM @store@.assignment_item i
		JOIN @store@.assignment a ON a.tenant_id = i.tenant_id AND a.id = i.assignment_id
		WHERE i.tenant_id = p_tenant_id AND i.assignment_id = item_lines.assignment_id AND i.document_id = ANY (item_lines.documents));
END;
$code$;
COMMENT ON FUNCTION @store@.item_lines(bigint, bigint, text, text, bigint[]) IS 'Part of functions of assignments: receivables as lines of a letter.';

CREATE OR REPLACE FUNCTION @store@.write_debtors(p_tenant_id bigint, assignment @store@.assignment, template text, documents bigint[]) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_financier @store@.financier;
	v_letter record;
	v_contact record;
	v_arguments jsonb;
BEGIN
	SELECT * INTO v_financier FROM @store@.financier f WHERE f.tenant_id = p_tenant_id AND f.financier_id = assignment.financier_id;
	-- a letter for each debtor and assignor, of five hundred invoices at most
	FOR v_letter IN
		SELECT i.seller_key, i.debtor_id, min(i.seller_name) AS seller, min(i.debtor_party) AS party_id, min(i.seller_iban) AS seller_iban, i.page, array_agg(i.document_id) AS documents,
			count(*) AS count, sum(i.amount) AS total
		FROM (SELECT x.*, (row_number() OVER (PARTITION BY x.seller_key, x.debtor_id ORDER BY x.due_date, x.document_id) - 1) / 500 AS page FROM @store@.assignment_item x
			WHERE x.tenant_id = p_tenant_id AND x.assignment_id = assignment.id AND x.document_id = ANY (write_debtors.documents)) i
		GROUP BY i.seller_key, i.debtor_id, i.page ORDER BY i.seller_key, i.debtor_id, i.page
	LOOP
		SELECT v.email, v.language INTO v_contact FROM (SELECT) one
		LEFT JOIN LATERAL (SELECT x.email, x.language FROM @store@.party_version x
			WHERE x.tenant_id = p_tenant_id AND x.party_id = v_letter.party_id AND x.valid_from <= CURRENT_DATE ORDER BY x.valid_from DESC LIMIT 1) v ON true;
		v_arguments := jsonb_build_object('assignor', v_letter.seller, 'assignee', v_financier.name, 'dated', assignment.dated_on, 'count', v_letter.count,
			'total', jsonb_build_object('amount', v_letter.total, 'currency', assignment.currency), 'account', assignment.iban, 'bank', assignment.bic,
			'holder', assignment.account_name, 'old_account', v_letter.seller_iban,
			'law', (SELECT COALESCE(n.law ->> v_contact.language, n.law ->> 'en') FROM @store@.instrument n WHERE n.instrument = assignment.instrument),
			'list', @store@.item_lines(p_tenant_id, assignment.id, 'assigned_line', v_contact.language, v_letter.documents));
		PERFORM @store@.post_letter(p_tenant_id, write_debtors.template,
			concat_ws('/', write_debtors.template, assignment.id, v_letter.seller_key, v_letter.debtor_id, v_letter.page, CASE WHEN write_debtors.template <> 'receivables_assigned' THEN v_letter.documents[1] END),
			v_arguments, v_contact.language, v_contact.email, CASE WHEN v_letter.count = 1 THEN v_letter.documents[1] END,
			-- a debtor goes on paying the assignor in good faith unless it was told in these words, which are French
			CASE WHEN write_debtors.template = 'receivables_assigned' AND assignment.instrument = 'dailly' THEN (@store@.notice(p_tenant_id, 'dailly_notified', 'fr', v_arguments)).body END);
	END LOOP;
END;
$code$;
COMMENT ON FUNCTION @store@.write_debtors(bigint, @store@.assignment, text, bigint[]) IS 'Part of functions of assignments: writes to the debtors of some of its invoices, each in its language: whom they pay from now on; of a bordereau also in the words of CMF R313-15.';

CREATE OR REPLACE FUNCTION @store@.has_status(p_tenant_id bigint, document_id bigint, meaning text) RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT EXISTS (
		SELECT FROM @store@.invoice_state s
		JOIN @store@.lifecycle_status l ON l.tenant_id = s.tenant_id AND l.lifecycle = s.lifecycle AND l.meaning = has_status.meaning
		WHERE s.tenant_id = has_status.p_tenant_id AND s.document_id = has_status.document_id
			AND NOT EXISTS (SELECT FROM @store@.lifecycle_status n WHERE n.tenant_id = s.tenant_id AND n.lifecycle = s.lifecycle AND n.status = s.status AND n.final)
			AND (l.kind = 'mark' OR EXISTS (SELECT FROM @store@.lifecycle_transition t WHERE t.tenant_id = s.tenant_id AND t.lifecycle = s.lifecycle
				AND t.to_status = l.status AND t.from_status IN (s.status, '*')))
			AND (pg_catalog.cardinality(l.after) = 0 OR l.after && s.marks));
END;
COMMENT ON FUNCTION @store@.has_status(bigint, bigint, text) IS 'Part of functions of assignments: whether the lifecycle of an invoice has a status of that meaning, and a step leads there now.';

CREATE OR REPLACE FUNCTION @store@.tell_receipt(p_tenant_id bigint, document_id bigint, amount numeric, payer text, event_key text) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, clex, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_amounts jsonb;
BEGIN
	IF NOT @store@.has_status(p_tenant_id, tell_receipt.document_id, 'payment_received') THEN
		RETURN;
	END IF;
	-- shares of the VAT rates in what was paid: cumulated and rounded, so that they add up
	SELECT jsonb_agg(jsonb_build_object('type', 'MEN', 'amount', (s.upto - s.before)::text, 'amount_currency', s.currency, 'percent', s.rate::text) ORDER BY s.rate DESC) INTO v_amounts
	FROM (
		SELECT w.rate, w.currency, w.upto, lag(w.upto, 1, 0::numeric) OVER (ORDER BY w.rate DESC) AS before
		FROM (
			SELECT v.rate, v.currency, clex.round_to_currency(tell_receipt.amount * sum(v.gross) OVER (ORDER BY v.rate DESC) / sum(v.gross) OVER (), v.currency) AS upto
			FROM (SELECT COALESCE(b.rate, 0) AS rate, min(b.currency) AS currency, sum(b.taxable_amount + COALESCE(b.tax_amount, 0)) AS gross FROM @store@.vat_breakdown b
				WHERE b.tenant_id = p_tenant_id AND b.document_id = tell_receipt.document_id GROUP BY 1 HAVING sum(b.taxable_amount + COALESCE(b.tax_amount, 0)) <> 0) v) w) s;
	PERFORM @store@.apply_status(p_tenant_id, tell_receipt.document_id, 'payment_received', 'seller', false, '{}', format('paid by %s', payer),
		event_key => tell_receipt.event_key, facts => jsonb_build_object('payer', payer, 'characteristics', v_amounts), checked => true);
END;
$code$;
COMMENT ON FUNCTION @store@.tell_receipt(bigint, bigint, numeric, text, text) IS
'Part of functions of assignments: says of an invoice that was sold that a part of it has been paid (212), by whom, with the amount of each VAT rate: one message for each payer. A price that a financier takes is not in it: the amounts are those of the invoice.';

INSERT INTO @store@.notice_default AS d (template, language, arguments, subject, body)
SELECT t.template, w.language, t.arguments, w.subject, w.body
FROM (VALUES
	('receivables_assigned', '{assignor,assignee,dated,count,total,list,account,bank,holder,old_account,law}'::text[]),
	('receivables_released', '{assignor,assignee,dated,count,total,list,account,bank,holder,old_account,law}'),
	('dailly_notified', '{assignor,assignee,dated,count,total,list,account,bank,holder,old_account,law}'),
	('financing_settled', '{assignor,assignee,reference,campaign,rules,list,value_date,amount,discount,net,beneficiary,disclosed,account,holder,law,hash}'),
	('recourse_taken', '{assignee,number,reason,amount}'),
	('assigned_line', '{number,issued,due,amount,face,vat,discount,net,days,convention,rate}'),
	('financing_line', '{number,issued,due,amount,face,vat,discount,net,days,convention,rate}')) t (template, arguments)
JOIN (VALUES
	('assigned_line', 'en', '{number}', '{number} of {issued}: {amount}, due {due}'),
	('assigned_line', 'fr', '{number}', '{number} du {issued} : {amount}, échéance {due}'),
	('assigned_line', 'de', '{number}', '{number} vom {issued}: {amount}, fällig {due}'),
	('financing_line', 'en', '{number}', '{number}: face {face} (VAT {vat}, unchanged), assigned {amount}, due {due}, {days} days {convention}, rate {rate} % a year, price {discount}, net {net}'),
	('financing_line', 'fr', '{number}', '{number} : montant {face} (TVA {vat}, inchangée), cédé {amount}, échéance {due}, {days} jours {convention}, taux {rate} % par an, frais {discount}, net {net}'),
	('financing_line', 'de', '{number}', '{number}: Betrag {face} (USt. {vat}, unverändert), abgetreten {amount}, fällig {due}, {days} Tage {convention}, Satz {rate} % im Jahr, Preis {discount}, netto {net}'),
	('receivables_assigned', 'en', '{assignor} has assigned what you owe it to {assignee}',
		E'By an instrument dated {dated}, {assignor} has transferred to us, {assignee}, what you owe it for the following {count, plural, one {invoice} other {# invoices}}, {total} in all ({law}):\n{list}\nPlease pay {count, plural, one {it} other {them}} from now on to account {account} ({bank}) of {holder} alone, and no longer to {assignor}: only a payment to that account frees you. Before you pay for the first time, have the account confirmed through a number that you have known before.'),
	('receivables_assigned', 'fr', '{assignor} nous a cédé ses factures : {assignee}',
		E'Par acte daté du {dated}, {assignor} nous a transmis, à nous {assignee}, {count, plural, one {la facture suivante} other {les # factures suivantes}}, d''un montant de {total} ({law}) :\n{list}\nÀ réception de cette lettre, cessez de payer {assignor} à ce titre : seul un règlement sur le compte {account} ({bank}) de {holder} vous libère. Avant le premier règlement, faites confirmer ce compte par un numéro que vous connaissiez déjà.'),
	('receivables_assigned', 'de', '{assignor} hat Forderungen an {assignee} abgetreten',
		E'Mit Urkunde vom {dated} hat {assignor} uns, {assignee}, {count, plural, one {die folgende Rechnung} other {die folgenden # Rechnungen}} über {total} übertragen ({law}):\n{list}\nBitte zahlen Sie ab sofort nur noch auf das Konto {account} ({bank}) von {holder} und nicht mehr an {assignor}: nur eine Zahlung dorthin befreit Sie. Lassen Sie sich das Konto vor der ersten Zahlung unter einer Ihnen bekannten Nummer bestätigen.'),
	-- CMF R313-15, 1° to 3°: each mention in its words
	('dailly_notified', 'fr', 'Notification de la cession (article R. 313-15 du code monétaire et financier)',
		'Dans les conditions prévues par les articles L. 313-23 à L. 313-35 du code monétaire et financier, {assignor} nous a cédé {count, plural, one {la créance désignée ci-dessus} other {les # créances désignées ci-dessus}}, dont vous êtes débiteur envers lui. Conformément aux dispositions de l''article L. 313-28, nous vous demandons de cesser, à compter de la présente notification, tout paiement au titre de {count, plural, one {cette créance} other {ces créances}} à {assignor}. En conséquence, le règlement de votre dette devra être effectué par virement sur le compte {account} ({bank}), à l''ordre de {holder}.'),
	('receivables_released', 'en', 'Please pay {assignor} again',
		E'{assignee} no longer holds the following {count, plural, one {invoice} other {# invoices}} of {assignor}:\n{list}\nPlease pay {assignor} again, to the account that it confirms to you (on the invoice: {old_account}).'),
	('receivables_released', 'fr', 'Veuillez de nouveau payer {assignor}',
		E'{assignee} ne détient plus {count, plural, one {la facture suivante} other {les # factures suivantes}} de {assignor} :\n{list}\nVeuillez de nouveau payer {assignor}, sur le compte que ce fournisseur vous confirmera (sur la facture : {old_account}).'),
	('receivables_released', 'de', 'Bitte zahlen Sie wieder an {assignor}',
		E'{assignee} hält {count, plural, one {die folgende Rechnung} other {die folgenden # Rechnungen}} von {assignor} nicht mehr:\n{list}\nBitte zahlen Sie wieder an {assignor}, auf das Konto, das Ihnen von dort bestätigt wird (auf der Rechnung: {old_account}).'),
	('financing_settled', 'en', 'Settled: {assignor}, {net}',
		E'Assignment {reference} ({campaign}; {rules}) of {assignor} to {assignee}, value date {value_date}:\n{list}\nAssigned {amount}, price {discount}, paid {net} to account {beneficiary}. The price is a charge of the financier: no invoice and no VAT is reduced by it, and no credit note is due.\n{disclosed, select, true {Debtors pay {assignee} from now on, on account {account} of {holder}.} other {Debtors go on paying {assignor}, who passes it on to {assignee}.}}\nIt rests on {law}. SHA-256 of the instrument: {hash}'),
	('financing_settled', 'fr', 'Règlement : {assignor}, {net}',
		E'Cession {reference} ({campaign} ; {rules}) de {assignor} à {assignee}, date de valeur {value_date} :\n{list}\nCédé {amount}, frais {discount}, versé {net} sur le compte {beneficiary}. Ces frais sont des frais financiers : ils ne réduisent ni les factures ni leur TVA, et n''appellent aucun avoir.\n{disclosed, select, true {Les débiteurs paient désormais {assignee}, sur le compte {account} de {holder}.} other {Les débiteurs continuent de payer {assignor}, qui reverse à {assignee}.}}\nFondement : {law}. SHA-256 de l''acte : {hash}'),
	('financing_settled', 'de', 'Abgerechnet: {assignor}, {net}',
		E'Abtretung {reference} ({campaign}; {rules}) von {assignor} an {assignee}, Wertstellung {value_date}:\n{list}\nAbgetreten {amount}, Preis {discount}, gezahlt {net} auf Konto {beneficiary}. Der Preis sind Finanzierungskosten: er mindert weder Rechnungen noch Umsatzsteuer, eine Gutschrift ist nicht zu schreiben.\n{disclosed, select, true {Schuldner zahlen ab jetzt an {assignee}, auf Konto {account} von {holder}.} other {Schuldner zahlen weiter an {assignor}, der an {assignee} weiterleitet.}}\nGrundlage: {law}. SHA-256 der Urkunde: {hash}'),
	('recourse_taken', 'en', '{assignee} asks {amount} back: invoice {number}',
		'{assignee} asks you to pay back {amount} for invoice {number}: {reason}.'),
	('recourse_taken', 'fr', 'Recours de {assignee} : facture {number}, {amount}',
		'{assignee} vous demande de rembourser {amount} au titre de la facture {number} : {reason}.'),
	('recourse_taken', 'de', '{assignee} fordert {amount} zurück: Rechnung {number}',
		'{assignee} bittet Sie um Rückzahlung von {amount} zu Rechnung {number}: {reason}.')) w (template, language, subject, body)
	ON w.template = t.template
ON CONFLICT (template, language) DO UPDATE SET arguments = EXCLUDED.arguments, subject = EXCLUDED.subject, body = EXCLUDED.body;

REVOKE ALL ON FUNCTION @store@.post_letter(bigint, text, text, jsonb, text, text, bigint, text), @store@.item_lines(bigint, bigint, text, text, bigint[]),
	@store@.write_debtors(bigint, @store@.assignment, text, bigint[]), @store@.tell_receipt(bigint, bigint, numeric, text, text),
	@store@.has_status(bigint, bigint, text) FROM PUBLIC;
