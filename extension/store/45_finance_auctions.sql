-- Module finance, auctions: a batch of invoices is offered to financiers, who bid sealed.
--
-- What is visible before the end (auction, volumes, caps) is written when the auction opens and not touched again until the end.

--! step 40 auctions and their terms
CREATE TABLE @store@.auction (
	tenant_id bigint NOT NULL REFERENCES @store@.tenant,
	id bigint GENERATED ALWAYS AS IDENTITY,
	name text NOT NULL CHECK (name ~ '^[^[:cntrl:]]{1,200}$'),
	currency text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
	settlement_date date NOT NULL CHECK (pg_catalog.isfinite(settlement_date)),
	opens_at timestamptz NOT NULL,
	closes_at timestamptz NOT NULL,
	reveal_until timestamptz NOT NULL,
	mode text NOT NULL CHECK (mode IN ('surplus', 'volume')),
	divisible boolean NOT NULL,
	lots boolean NOT NULL,
	pricing text NOT NULL CHECK (pricing IN ('pay-as-bid', 'uniform')),
	pro_rata boolean NOT NULL,
	own_funds boolean NOT NULL,
	bids_each int NOT NULL CHECK (bids_each BETWEEN 1 AND 1000),
	publishes text NOT NULL CHECK (publishes IN ('nothing', 'statistics')),
	state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'frozen', 'cleared', 'assigned', 'settled', 'cancelled')),
	reason text,
	opened_by text NOT NULL DEFAULT clex.caller(),
	opened_at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
	PRIMARY KEY (tenant_id, id),
	UNIQUE (tenant_id, name),
	CHECK (opens_at < closes_at AND closes_at < reveal_until),
	CHECK (divisible OR NOT pro_rata),
	CHECK ((state = 'cancelled') = (reason IS NOT NULL))
);
CREATE INDEX auction_unsettled_idx ON @store@.auction (tenant_id, reveal_until, id) WHERE state IN ('open', 'frozen', 'cleared', 'assigned');
COMMENT ON TABLE @store@.auction IS 'Auctions of early payment, as bidders see them. Written by open_auction(), cancel_auction() and the steps of close_auction().';
COMMENT ON COLUMN @store@.auction.tenant_id IS 'Tenant that offers its invoices.';
COMMENT ON COLUMN @store@.auction.id IS 'Number of the auction in this store.';
COMMENT ON COLUMN @store@.auction.name IS 'What the tenant calls it; the same name again is the same auction.';
COMMENT ON COLUMN @store@.auction.currency IS 'Currency of its invoices and bids, ISO 4217.';
COMMENT ON COLUMN @store@.auction.settlement_date IS 'Day on which the winners pay; tenors are counted from it.';
COMMENT ON COLUMN @store@.auction.opens_at IS 'From when on bids may be committed.';
COMMENT ON COLUMN @store@.auction.closes_at IS 'From when on no more.';
COMMENT ON COLUMN @store@.auction.reveal_until IS 'Until when committed bids may be revealed; then it can be closed.';
COMMENT ON COLUMN @store@.auction.mode IS 'surplus: most saved against the reserves. volume: most money first.';
COMMENT ON COLUMN @store@.auction.divisible IS 'Whether the clearing may split invoices. Those that it does are cleared once more, whole, for what is left: a receivable has one buyer.';
COMMENT ON COLUMN @store@.auction.lots IS 'Whether invoices of one lot go to one bid together.';
COMMENT ON COLUMN @store@.auction.pricing IS 'pay-as-bid, or uniform: one rate for all in a market.';
COMMENT ON COLUMN @store@.auction.pro_rata IS 'Whether equal bids share by ceiling (divisible auctions).';
COMMENT ON COLUMN @store@.auction.own_funds IS 'Whether the tenant may bid with its own money, sealed like everybody.';
COMMENT ON COLUMN @store@.auction.bids_each IS 'How many bids each bidder may make.';
COMMENT ON COLUMN @store@.auction.publishes IS 'What bidders see of the result beside their own: nothing, or the statistics of the auction as a whole.';
COMMENT ON COLUMN @store@.auction.state IS 'open: until it is closed, whatever the time; frozen: batch, bids and limits are fixed; cleared: awards are made; assigned: they are assignments; settled: everybody is told; cancelled.';
COMMENT ON COLUMN @store@.auction.reason IS 'Why it was cancelled.';
COMMENT ON COLUMN @store@.auction.opened_by IS 'Role that opened it.';
COMMENT ON COLUMN @store@.auction.opened_at IS 'When.';

CREATE TABLE @store@.auction_terms (
	tenant_id bigint NOT NULL,
	auction_id bigint NOT NULL,
	terms jsonb NOT NULL,
	PRIMARY KEY (tenant_id, auction_id),
	FOREIGN KEY (tenant_id, auction_id) REFERENCES @store@.auction (tenant_id, id)
);
COMMENT ON TABLE @store@.auction_terms IS 'What an auction was opened with, for the tenant alone: reserves, limits and the choice of the batch are no business of bidders. Rows are added by open_auction(), never changed.';
COMMENT ON COLUMN @store@.auction_terms.tenant_id IS 'Tenant.';
COMMENT ON COLUMN @store@.auction_terms.auction_id IS 'Auction.';
COMMENT ON COLUMN @store@.auction_terms.terms IS 'Arguments of open_auction().';
REVOKE UPDATE, DELETE, TRUNCATE ON @store@.auction_terms FROM CURRENT_USER;

CREATE TABLE @store@.auction_reserve (
	tenant_id bigint NOT NULL,
	auction_id bigint NOT NULL,
	supplier text NOT NULL,
	rate numeric NOT NULL CHECK (rate BETWEEN 0 AND 10 AND pg_catalog.scale(pg_catalog.trim_scale(rate)) <= 6),
	party_id bigint,
	set_by text NOT NULL DEFAULT clex.caller(),
	set_at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
	PRIMARY KEY (tenant_id, auction_id, supplier),
	CHECK ((supplier = '*') = (party_id IS NULL)),
	FOREIGN KEY (tenant_id, auction_id) REFERENCES @store@.auction (tenant_id, id),
	FOREIGN KEY (tenant_id, party_id) REFERENCES @store@.party (tenant_id, id)
);
COMMENT ON TABLE @store@.auction_reserve IS 'Highest rates at which suppliers want to be paid early. Written by open_auction() and set_reserve().';
COMMENT ON COLUMN @store@.auction_reserve.tenant_id IS 'Tenant.';
COMMENT ON COLUMN @store@.auction_reserve.auction_id IS 'Auction.';
COMMENT ON COLUMN @store@.auction_reserve.supplier IS 'Code of the party; * = those who have none of their own.';
COMMENT ON COLUMN @store@.auction_reserve.rate IS 'Fraction a year: 0.08 = 8 %.';
COMMENT ON COLUMN @store@.auction_reserve.party_id IS 'The party.';
COMMENT ON COLUMN @store@.auction_reserve.set_by IS 'Role that set it last.';
COMMENT ON COLUMN @store@.auction_reserve.set_at IS 'When.';

CREATE TABLE @store@.auction_cap (
	tenant_id bigint NOT NULL,
	auction_id bigint NOT NULL,
	bidder text NOT NULL,
	scope text NOT NULL CHECK (scope IN ('total', 'buyer', 'supplier', 'sector', 'country')),
	key text NOT NULL CHECK (key <> ''),
	amount numeric NOT NULL CHECK (amount >= 0),
	PRIMARY KEY (tenant_id, auction_id, bidder, scope, key),
	CHECK (scope <> 'total' OR key = '*'),
	FOREIGN KEY (tenant_id, auction_id) REFERENCES @store@.auction (tenant_id, id)
);
COMMENT ON TABLE @store@.auction_cap IS 'What a bidder may win at most in an auction, beside its lines. Rows are added by open_auction(), never changed: nobody moves a limit when bids are in.';
COMMENT ON COLUMN @store@.auction_cap.tenant_id IS 'Tenant.';
COMMENT ON COLUMN @store@.auction_cap.auction_id IS 'Auction.';
COMMENT ON COLUMN @store@.auction_cap.bidder IS 'Code of the financier; own = the tenant''s own funds.';
COMMENT ON COLUMN @store@.auction_cap.scope IS 'What it limits: the total, or what is won of one buyer, supplier, sector of suppliers or country of suppliers.';
COMMENT ON COLUMN @store@.auction_cap.key IS 'Of which; * = of each.';
COMMENT ON COLUMN @store@.auction_cap.amount IS 'Limit, in the currency of the auction.';
REVOKE UPDATE, DELETE, TRUNCATE ON @store@.auction_cap FROM CURRENT_USER;

--! step 41 batches
CREATE TABLE @store@.auction_invoice (
	tenant_id bigint NOT NULL,
	auction_id bigint NOT NULL,
	document_id bigint NOT NULL,
	amount numeric,
	due_date date NOT NULL,
	tenor_days int NOT NULL CHECK (tenor_days > 0),
	buyer text NOT NULL,
	supplier text NOT NULL,
	sector text NOT NULL,
	country text NOT NULL,
	buyer_sector text NOT NULL,
	buyer_country text NOT NULL,
	lot_id text,
	party_id bigint,
	refusal text,
	state_version int NOT NULL,
	seller_key text,
	buyer_vat_id text,
	PRIMARY KEY (tenant_id, auction_id, document_id),
	CHECK (refusal IS NOT NULL OR amount > 0),
	FOREIGN KEY (tenant_id, auction_id) REFERENCES @store@.auction (tenant_id, id),
	FOREIGN KEY (tenant_id, document_id) REFERENCES @store@.invoice_state (tenant_id, document_id)
);
CREATE INDEX auction_invoice_document_idx ON @store@.auction_invoice (tenant_id, document_id);
COMMENT ON TABLE @store@.auction_invoice IS 'Invoices that the terms of an auction chose when it opened: those that were claimed for it, and those that could not be, with the reason. Rows are added by open_auction(), never changed.';
COMMENT ON COLUMN @store@.auction_invoice.tenant_id IS 'Tenant.';
COMMENT ON COLUMN @store@.auction_invoice.auction_id IS 'Auction.';
COMMENT ON COLUMN @store@.auction_invoice.document_id IS 'The invoice.';
COMMENT ON COLUMN @store@.auction_invoice.amount IS 'What was open then; of one that was refused, what it states.';
COMMENT ON COLUMN @store@.auction_invoice.due_date IS 'Day it is due, as it was then.';
COMMENT ON COLUMN @store@.auction_invoice.tenor_days IS 'Days from the settlement date to the due date, by setting finance.day_count.';
COMMENT ON COLUMN @store@.auction_invoice.buyer IS 'Who owes it: its VAT identifier as on the invoice, as limits of financiers name it; ? = not known.';
COMMENT ON COLUMN @store@.auction_invoice.supplier IS 'Who is paid early: what tells the seller from others on invoices, as limits of financiers name it; ? = not known.';
COMMENT ON COLUMN @store@.auction_invoice.sector IS 'Sector of the supplier, as set_party_sector() says; ? = not known.';
COMMENT ON COLUMN @store@.auction_invoice.country IS 'Country of the supplier; ? = not known.';
COMMENT ON COLUMN @store@.auction_invoice.buyer_sector IS 'Sector of the buyer; ? = not known.';
COMMENT ON COLUMN @store@.auction_invoice.buyer_country IS 'Country of the buyer; ? = not known.';
COMMENT ON COLUMN @store@.auction_invoice.lot_id IS 'Value of the term that option lots names, with the supplier: invoices that go together.';
COMMENT ON COLUMN @store@.auction_invoice.party_id IS 'The supplier as a party; NULL = not known.';
COMMENT ON COLUMN @store@.auction_invoice.refusal IS 'Why it is not in the batch; NULL = it is.';
COMMENT ON COLUMN @store@.auction_invoice.state_version IS 'Version of its state then.';
COMMENT ON COLUMN @store@.auction_invoice.seller_key IS 'Seller, as in table invoice_state.';
COMMENT ON COLUMN @store@.auction_invoice.buyer_vat_id IS 'Buyer, as in table invoice_state.';
REVOKE UPDATE, DELETE, TRUNCATE ON @store@.auction_invoice FROM CURRENT_USER;
-- foreign keys lock what they point at, and need a column that may be changed for it; no policy lets any row be
GRANT UPDATE (tenant_id) ON @store@.auction_invoice TO CURRENT_USER;

CREATE TABLE @store@.auction_volume (
	tenant_id bigint NOT NULL,
	auction_id bigint NOT NULL,
	buyer text NOT NULL,
	tenor_from int NOT NULL,
	tenor_to int NOT NULL,
	invoices bigint NOT NULL,
	amount numeric NOT NULL,
	largest numeric NOT NULL,
	PRIMARY KEY (tenant_id, auction_id, buyer, tenor_from),
	FOREIGN KEY (tenant_id, auction_id) REFERENCES @store@.auction (tenant_id, id)
);
COMMENT ON TABLE @store@.auction_volume IS 'What bidders are told of the batch when it opens. Rows are added by open_auction(), never changed.';
COMMENT ON COLUMN @store@.auction_volume.tenant_id IS 'Tenant.';
COMMENT ON COLUMN @store@.auction_volume.auction_id IS 'Auction.';
COMMENT ON COLUMN @store@.auction_volume.buyer IS 'Who owes: key by which bids and limits name it.';
COMMENT ON COLUMN @store@.auction_volume.tenor_from IS 'Tenors from so many days …';
COMMENT ON COLUMN @store@.auction_volume.tenor_to IS '… to so many.';
COMMENT ON COLUMN @store@.auction_volume.invoices IS 'Number of invoices.';
COMMENT ON COLUMN @store@.auction_volume.amount IS 'Sum of them.';
COMMENT ON COLUMN @store@.auction_volume.largest IS 'The largest.';
REVOKE UPDATE, DELETE, TRUNCATE ON @store@.auction_volume FROM CURRENT_USER;

ALTER TABLE @store@.auction ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE @store@.auction_terms ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE @store@.auction_reserve ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE @store@.auction_cap ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE @store@.auction_invoice ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE @store@.auction_volume ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

--! code
CREATE OR REPLACE FUNCTION @store@.own_auctions() RETURNS TABLE (tenant_id bigint, auction_id bigint, bidder text)
LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 10
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
BEGIN
	RETURN QUERY
	SELECT b.tenant_id, b.auction_id, b.bidder
	FROM @store@.own_financiers() f
	JOIN @store@.financier c ON c.tenant_id = f.tenant_id AND c.financier_id = f.financier_id
	JOIN @store@.auction_bidder b ON b.tenant_id = c.tenant_id AND b.bidder = c.code;
END;
$code$;
COMMENT ON FUNCTION @store@.own_auctions() IS 'Auctions in which the caller may bid as a financier, and as which; ground of the row-level security of auctions.';

DROP FUNCTION IF EXISTS @store@.put_auction_policies(text[], text[]);
CREATE OR REPLACE FUNCTION @store@.put_auction_policies(tables text[], changing text[], bidders text[] DEFAULT '{}', sellers text[] DEFAULT '{}') RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $code$
DECLARE
	v_table text;
BEGIN
	FOREACH v_table IN ARRAY tables LOOP
		EXECUTE format('DROP POLICY IF EXISTS tenant ON @store@.%I', v_table);
		EXECUTE format('DROP POLICY IF EXISTS store ON @store@.%I', v_table);
		EXECUTE format('DROP POLICY IF EXISTS store_insert ON @store@.%I', v_table);
		-- nobody reads sheets, but for the store's own functions
		IF v_table <> 'bid_sheet' THEN
			EXECUTE format('CREATE POLICY tenant ON @store@.%I FOR SELECT USING (tenant_id IN (SELECT t FROM @store@.readable_tenants() t))', v_table);
		END IF;
		IF v_table = ANY (changing) THEN
			EXECUTE format('CREATE POLICY store ON @store@.%I FOR ALL USING ((SELECT @store@.in_store()))', v_table);
		ELSE
			EXECUTE format('CREATE POLICY store ON @store@.%I FOR SELECT USING ((SELECT @store@.in_store()))', v_table);
			EXECUTE format('CREATE POLICY store_insert ON @store@.%I FOR INSERT WITH CHECK ((SELECT @store@.in_store()))', v_table);
		END IF;
	END LOOP;
	FOREACH v_table IN ARRAY bidders LOOP
		EXECUTE format('DROP POLICY IF EXISTS bidder ON @store@.%I', v_table);
		EXECUTE format('CREATE POLICY bidder ON @store@.%I FOR SELECT
			USING ((tenant_id, auction_id, bidder) IN (SELECT a.tenant_id, a.auction_id, a.bidder FROM @store@.own_auctions() a))', v_table);
	END LOOP;
	FOREACH v_table IN ARRAY sellers LOOP
		EXECUTE format('DROP POLICY IF EXISTS scope_seller ON @store@.%I', v_table);
		EXECUTE format('CREATE POLICY scope_seller ON @store@.%I FOR SELECT
			USING ((tenant_id, seller_key) IN (SELECT k.tenant_id, k.seller_key FROM @store@.own_seller_keys() k))', v_table);
		EXECUTE format('DROP POLICY IF EXISTS scope_buyer ON @store@.%I', v_table);
		EXECUTE format('CREATE POLICY scope_buyer ON @store@.%I FOR SELECT
			USING ((tenant_id, buyer_vat_id) IN (SELECT k.tenant_id, k.buyer_vat_id FROM @store@.own_buyer_keys() k))', v_table);
	END LOOP;
END;
$code$;
COMMENT ON FUNCTION @store@.put_auction_policies(text[], text[], text[], text[]) IS
'Part of creation and upgrades: the policies of tables of auctions: the tenant reads, the store''s own functions add rows, and change those of some (changing), whoever calls them; of some bidders read what is theirs (bidders), suppliers and buyers what is of their invoices (sellers). Who else reads is said for each table.';
REVOKE ALL ON FUNCTION @store@.put_auction_policies(text[], text[], text[], text[]) FROM PUBLIC;
SELECT @store@.put_auction_policies('{auction,auction_terms,auction_reserve,auction_cap,auction_invoice,auction_volume}', '{auction,auction_reserve}', '{auction_cap}', '{auction_invoice}');
DROP POLICY IF EXISTS bidder ON @store@.auction;
CREATE POLICY bidder ON @store@.auction FOR SELECT USING ((tenant_id, id) IN (SELECT a.tenant_id, a.auction_id FROM @store@.own_auctions() a));
DROP POLICY IF EXISTS bidder ON @store@.auction_volume;
CREATE POLICY bidder ON @store@.auction_volume FOR SELECT USING ((tenant_id, auction_id) IN (SELECT a.tenant_id, a.auction_id FROM @store@.own_auctions() a));
DROP POLICY IF EXISTS supplier ON @store@.auction_reserve;
CREATE POLICY supplier ON @store@.auction_reserve FOR SELECT USING ((tenant_id, party_id) IN (SELECT p.tenant_id, p.party_id FROM @store@.own_parties() p));
DROP POLICY IF EXISTS scope ON @store@.auction;
CREATE POLICY scope ON @store@.auction FOR SELECT
	USING ((SELECT @store@.is_scoped()) AND EXISTS (
		SELECT FROM @store@.auction_invoice i WHERE i.tenant_id = auction.tenant_id AND i.auction_id = auction.id AND i.refusal IS NULL));

INSERT INTO @store@.notice_default AS d (template, language, arguments, subject, body)
SELECT t.template, w.language, t.arguments, w.subject, w.body
FROM (VALUES
	('auction_opened', '{auction,currency,closes,settlement,invoices,total}'::text[]),
	('auction_cancelled', '{auction,reason}'),
	('auction_won', '{auction,invoices,total,rate,settlement}'),
	('auction_lost', '{auction}'),
	('auction_paid_early', '{auction,invoices,total,settlement}'),
	('auction_not_paid_early', '{auction,invoices}'),
	('auction_settled', '{auction,invoices,total,unfunded}')) t (template, arguments)
JOIN (VALUES
	('auction_opened', 'en', 'Auction {auction}: bids until {closes}',
		'{invoices, plural, one {# invoice} other {# invoices}} over {total} can be financed from {settlement, date, long} on. Sealed bids in {currency} can be committed until {closes}.'),
	('auction_opened', 'fr', 'Enchère {auction} : offres jusqu''au {closes}',
		'{invoices, plural, one {# facture} other {# factures}} pour {total} à financer à compter du {settlement, date, long}. Les offres scellées en {currency} peuvent être déposées jusqu''au {closes}.'),
	('auction_opened', 'de', 'Auktion {auction}: Gebote bis {closes}',
		'{invoices, plural, one {# Rechnung} other {# Rechnungen}} über {total} können ab dem {settlement, date, long} finanziert werden. Versiegelte Gebote in {currency} werden bis {closes} angenommen.'),
	('auction_cancelled', 'en', 'Auction {auction} was cancelled', 'Auction {auction} was cancelled: {reason}'),
	('auction_cancelled', 'fr', 'Enchère {auction} annulée', 'L''enchère {auction} a été annulée : {reason}'),
	('auction_cancelled', 'de', 'Auktion {auction} wurde abgesagt', 'Die Auktion {auction} wurde abgesagt: {reason}'),
	('auction_won', 'en', 'Auction {auction}: you fund {total}',
		'You were awarded {invoices, plural, one {# invoice} other {# invoices}} over {total} at {rate, number, percent} a year on average, to be paid on {settlement, date, long}.'),
	('auction_won', 'fr', 'Enchère {auction} : vous financez {total}',
		'{invoices, plural, one {# facture vous est attribuée} other {# factures vous sont attribuées}} pour {total}, au taux annuel moyen de {rate, number, percent}, à régler le {settlement, date, long}.'),
	('auction_won', 'de', 'Auktion {auction}: Sie finanzieren {total}',
		'Sie haben den Zuschlag für {invoices, plural, one {# Rechnung} other {# Rechnungen}} über {total} zu durchschnittlich {rate, number, percent} im Jahr, zahlbar am {settlement, date, long}.'),
	('auction_lost', 'en', 'Auction {auction}: no award', 'None of your bids in auction {auction} was awarded. Your bids and the reasons are in the store.'),
	('auction_lost', 'fr', 'Enchère {auction} : aucune attribution', 'Aucune de vos offres dans l''enchère {auction} n''a été retenue. Vos offres et les motifs se trouvent dans l''application.'),
	('auction_lost', 'de', 'Auktion {auction}: kein Zuschlag', 'Keines Ihrer Gebote in der Auktion {auction} hat den Zuschlag erhalten. Ihre Gebote und die Gründe stehen im System.'),
	('auction_paid_early', 'en', '{invoices, plural, one {# invoice} other {# invoices}} will be paid early',
		'In auction {auction} {invoices, plural, one {# of your invoices} other {# of your invoices}} over {total} found a financier: they are paid on {settlement, date, long}, less the discount.'),
	('auction_paid_early', 'fr', 'Règlement anticipé de {invoices, plural, one {# facture} other {# factures}}',
		'Dans l''enchère {auction}, {invoices, plural, one {# de vos factures a trouvé} other {# de vos factures ont trouvé}} un financeur pour {total} : règlement le {settlement, date, long}, escompte déduit.'),
	('auction_paid_early', 'de', '{invoices, plural, one {# Rechnung wird} other {# Rechnungen werden}} vorzeitig bezahlt',
		'In der Auktion {auction} {invoices, plural, one {hat # Ihrer Rechnungen} other {haben # Ihrer Rechnungen}} über {total} einen Finanzierer gefunden: Zahlung am {settlement, date, long}, abzüglich Diskont.'),
	('auction_not_paid_early', 'en', '{invoices, plural, one {# invoice stays} other {# invoices stay}} due as agreed',
		'{invoices, plural, one {# of your invoices} other {# of your invoices}} in auction {auction} found no financier and {invoices, plural, one {is} other {are}} paid when due.'),
	('auction_not_paid_early', 'fr', '{invoices, plural, one {# facture reste due} other {# factures restent dues}} à l''échéance',
		'Dans l''enchère {auction}, {invoices, plural, one {# de vos factures n''a pas trouvé} other {# de vos factures n''ont pas trouvé}} de financeur : règlement à l''échéance.'),
	('auction_not_paid_early', 'de', '{invoices, plural, one {# Rechnung bleibt} other {# Rechnungen bleiben}} zum Termin fällig',
		'{invoices, plural, one {# Ihrer Rechnungen hat} other {# Ihrer Rechnungen haben}} in der Auktion {auction} keinen Finanzierer gefunden: Zahlung bei Fälligkeit.'),
	('auction_settled', 'en', 'Auction {auction}: {total} funded',
		'{invoices, plural, one {# invoice} other {# invoices}} over {total} found a financier; {unfunded, plural, one {# stays} other {# stay}} unfunded.'),
	('auction_settled', 'fr', 'Enchère {auction} : {total} financés',
		'{invoices, plural, one {# facture a trouvé} other {# factures ont trouvé}} un financeur pour {total} ; {unfunded, plural, one {# reste non financée} other {# restent non financées}}.'),
	('auction_settled', 'de', 'Auktion {auction}: {total} finanziert',
		'{invoices, plural, one {# Rechnung} other {# Rechnungen}} über {total} {invoices, plural, one {wurde} other {wurden}} finanziert, {unfunded, plural, one {# blieb} other {# blieben}} offen.')) w (template, language, subject, body)
	ON w.template = t.template
ON CONFLICT (template, language) DO UPDATE SET arguments = EXCLUDED.arguments, subject = EXCLUDED.subject, body = EXCLUDED.body;

CREATE OR REPLACE FUNCTION @store@.auction_of(p_tenant_id bigint, auction_id bigint) RETURNS @store@.auction
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_auction @store@.auction;
BEGIN
	SELECT * INTO v_auction FROM @store@.auction a WHERE a.tenant_id = p_tenant_id AND a.id = auction_of.auction_id;
	IF NOT FOUND THEN
		RAISE EXCEPTION 'tenant % has no auction %', p_tenant_id, auction_of.auction_id USING
			ERRCODE = 'no_data_found',
			HINT = 'View auctions lists those you may see.';
	END IF;
	RETURN v_auction;
END;
$code$;
COMMENT ON FUNCTION @store@.auction_of(bigint, bigint) IS 'Part of functions of auctions: the auction of that number. Errors: P0002 no such auction, or none that the caller may see.';

CREATE OR REPLACE FUNCTION @store@.tell_bidder(p_tenant_id bigint, auction_id bigint, bidder text, template text, arguments jsonb) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_key text := format('auction/%s/%s/%s', tell_bidder.auction_id, tell_bidder.template, tell_bidder.bidder);
	v_to record;
	v_words record;
BEGIN
	IF tell_bidder.bidder = 'own' THEN
		PERFORM @store@.post_notice(p_tenant_id, tell_bidder.template, v_key, tell_bidder.arguments, a.opened_by)
		FROM @store@.auction a WHERE a.tenant_id = p_tenant_id AND a.id = tell_bidder.auction_id;
		RETURN;
	END IF;
	SELECT f.email, f.language INTO STRICT v_to FROM @store@.financier f WHERE f.tenant_id = p_tenant_id AND f.code = tell_bidder.bidder;
	v_words := @store@.notice(p_tenant_id, tell_bidder.template, v_to.language, tell_bidder.arguments);
	PERFORM @store@.post_message(p_tenant_id, v_key, 'mail', 'json', 'notice', convert_to(jsonb_build_object('notice', tell_bidder.template, 'to', v_to.email,
		'language', v_words.written_in, 'subject', v_words.subject, 'text', v_words.body)::text, 'UTF8'), v_to.email);
END;
$code$;
COMMENT ON FUNCTION @store@.tell_bidder(bigint, bigint, text, text, jsonb) IS 'Part of functions of auctions: puts a notice to a bidder into the outbox, in its language; once for each auction, template and bidder. Own funds: to the member that opened the auction.';

CREATE OR REPLACE FUNCTION @store@.choose_invoices(p_tenant_id bigint, terms jsonb) RETURNS TABLE (document_id bigint, refusal text)
LANGUAGE plpgsql STABLE ROWS 1000
SET search_path = pg_catalog, clex, pg_temp
SET jit = off
AS $code$
#variable_conflict use_column
DECLARE
	v_condition text := terms ->> 'condition';
	v_rule clex.own_rule := ROW('batch', 'information', NULL, v_condition, '{"en": "no"}')::clex.own_rule;
	v_asks_parties boolean := COALESCE(v_condition ~ '[$](seller|buyer)[.]', false);
	v_supplier bigint := CASE WHEN terms ? 'supplier' THEN @store@.party_id(p_tenant_id, terms ->> 'supplier') END;
	v_entity bigint := CASE WHEN terms ? 'entity' THEN @store@.entity_id(p_tenant_id, terms ->> 'entity') END;
	v_entities bigint[];
BEGIN
	IF v_entity IS NOT NULL THEN
		v_entities := ARRAY(SELECT e.id FROM @store@.entity_tree(p_tenant_id, CURRENT_DATE) t
			JOIN @store@.entity e ON e.tenant_id = p_tenant_id AND e.code = t.code
			WHERE terms ->> 'entity' = ANY (t.path));
	END IF;
	RETURN QUERY
	SELECT c.document_id, CASE WHEN c.outcome <> '' THEN 'the condition cannot be evaluated: ' || c.outcome END
	FROM (
		SELECT s.document_id, o.outcome
		FROM @store@.invoice_state s
		JOIN @store@.invoice i ON i.tenant_id = s.tenant_id AND i.document_id = s.document_id
		CROSS JOIN LATERAL (
			SELECT CASE f.outcome WHEN 'broken' THEN 'no' ELSE concat_ws(': ', f.outcome, f.message) END AS outcome
			FROM (SELECT) x
			LEFT JOIN LATERAL unnest(CASE WHEN v_condition IS NOT NULL THEN clex.own_findings(
				CASE WHEN EXISTS (SELECT FROM @store@.enriched_term e WHERE e.tenant_id = p_tenant_id AND e.document_id = s.document_id)
					THEN @store@.enriched_document(p_tenant_id, s.document_id) ELSE i.document END,
				ARRAY[v_rule],
				CASE WHEN v_asks_parties THEN jsonb_build_object('seller', @store@.party_facts(p_tenant_id, i.seller_key, CURRENT_DATE),
					'buyer', @store@.party_facts(p_tenant_id, i.buyer_vat_id, CURRENT_DATE)) END) END) f ON true) o
		WHERE s.tenant_id = p_tenant_id AND s.direction = 'purchase' AND NOT s.is_credit
			AND (s.meaning IN ('refused', 'rejected', 'cancelled', 'unacceptable')) IS NOT TRUE
			AND s.due_date > (terms ->> 'settlement_date')::date
			AND s.due_date BETWEEN COALESCE((terms ->> 'due_from')::date, '-infinity') AND COALESCE((terms ->> 'due_to')::date, 'infinity')
			AND i.currency = terms ->> 'currency'
			AND (v_entity IS NULL OR s.entity_id = ANY (v_entities))
			AND (v_supplier IS NULL OR s.party_id = v_supplier)) c
	WHERE c.outcome <> 'no'
	ORDER BY c.document_id;
END;
$code$;
COMMENT ON FUNCTION @store@.choose_invoices(bigint, jsonb) IS
'Part of open_auction(): invoices bought that its terms choose, those whose condition cannot be evaluated with why. Settled by their columns first: currency, due after the settlement date and in the window, entity or one below it, supplier; refused and cancelled invoices are owed by nobody.';

CREATE OR REPLACE FUNCTION @store@.auction_options(options jsonb) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, clex, pg_temp
AS $code$
DECLARE
	v_default constant jsonb := '{"mode": "surplus", "divisible": false, "pricing": "pay-as-bid", "pro_rata": false, "own_funds": false, "bids_each": 20, "publishes": "statistics"}';
	v_wrong text;
BEGIN
	SELECT o.key INTO v_wrong FROM jsonb_each(options) o
	WHERE NOT v_default || '{"lots": null, "work_budget": null, "node_budget": null, "memory_limit": null}' ? o.key
		OR jsonb_typeof(o.value) <> CASE
			WHEN o.key IN ('divisible', 'pro_rata', 'own_funds') THEN 'boolean'
			WHEN o.key IN ('bids_each', 'work_budget', 'node_budget', 'memory_limit') THEN 'number' ELSE 'string' END
	ORDER BY o.key COLLATE "C" LIMIT 1;
	IF FOUND THEN
		RAISE EXCEPTION 'an auction has no such option "%"', v_wrong USING
			ERRCODE = 'invalid_parameter_value',
			DETAIL = format('It is given as: %s.', options -> v_wrong),
			HINT = 'Options are mode, divisible, lots (a term), pricing, pro_rata, own_funds, bids_each, publishes, work_budget, node_budget and memory_limit. A time budget is none: the result would not be the same again.';
	END IF;
	IF options ? 'lots' THEN
		PERFORM clex.value('{"invoice": {"number": "1"}}'::clex.document, options ->> 'lots');
		IF (options -> 'divisible')::boolean THEN
			RAISE EXCEPTION 'lots are of whole invoices' USING ERRCODE = 'invalid_parameter_value', DETAIL = 'Options lots and divisible exclude each other.';
		END IF;
	END IF;
	RETURN v_default || options;
END;
$code$;
COMMENT ON FUNCTION @store@.auction_options(jsonb) IS 'Part of open_auction(): the options of an auction with what holds for those that are not given. Errors: 22023 no such option, another type, or no such term.';

CREATE OR REPLACE FUNCTION @store@.open_auction(
	p_tenant_id bigint,
	name text,
	currency text,
	settlement_date date,
	closes_at timestamptz,
	reveal_until timestamptz,
	opens_at timestamptz DEFAULT NULL,
	condition text DEFAULT NULL,
	entity text DEFAULT NULL,
	supplier text DEFAULT NULL,
	due_from date DEFAULT NULL,
	due_to date DEFAULT NULL,
	reserve numeric DEFAULT NULL,
	reserves jsonb DEFAULT '{}',
	caps jsonb DEFAULT '[]',
	options jsonb DEFAULT '{}')
RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, clex, pg_temp
AS $code$
#variable_conflict use_column
DECLARE
	v_options jsonb := @store@.auction_options(options);
	v_calendar text := @store@.finance_setting(p_tenant_id, 'calendar', 'TARGET');
	v_terms jsonb := jsonb_strip_nulls(jsonb_build_object('currency', open_auction.currency, 'settlement_date', open_auction.settlement_date,
		'opens_at', extract(epoch FROM open_auction.opens_at), 'closes_at', extract(epoch FROM open_auction.closes_at), 'reveal_until', extract(epoch FROM open_auction.reveal_until),
		'condition', open_auction.condition, 'entity', open_auction.entity, 'supplier', open_auction.supplier, 'due_from', open_auction.due_from, 'due_to', open_auction.due_to,
		'reserve', open_auction.reserve, 'reserves', open_auction.reserves, 'caps', open_auction.caps, 'options', v_options));
	v_before record;
	v_id bigint;
BEGIN
	PERFORM @store@.require_right(p_tenant_id, 'auction');
	PERFORM @store@.check_condition('batch', open_auction.condition);
	PERFORM clex.currency_digits(open_auction.currency);
	IF open_auction.settlement_date < open_auction.reveal_until::date OR NOT clex.is_business_day(open_auction.settlement_date, v_calendar) THEN
		RAISE EXCEPTION 'nothing can be settled on %', open_auction.settlement_date USING
			ERRCODE = 'invalid_parameter_value',
			DETAIL = CASE WHEN open_auction.settlement_date < open_auction.reveal_until::date THEN format('Bids are revealed until %s.', open_auction.reveal_until)
				ELSE format('Banks are closed in calendar %s.', v_calendar) END;
	END IF;
	INSERT INTO @store@.auction AS a (tenant_id, name, currency, settlement_date, opens_at, closes_at, reveal_until, mode, divisible, lots, pricing, pro_rata, own_funds,
		bids_each, publishes)
	VALUES (p_tenant_id, open_auction.name, open_auction.currency, open_auction.settlement_date, COALESCE(open_auction.opens_at, now()), open_auction.closes_at,
		open_auction.reveal_until, v_options ->> 'mode', (v_options -> 'divisible')::boolean, v_options ? 'lots', v_options ->> 'pricing', (v_options -> 'pro_rata')::boolean,
		(v_options -> 'own_funds')::boolean, (v_options -> 'bids_each')::int, v_options ->> 'publishes')
	ON CONFLICT (tenant_id, name) DO NOTHING
	RETURNING a.id INTO v_id;
	IF NOT FOUND THEN
		SELECT a.id, t.terms INTO v_before FROM @store@.auction a
		JOIN @store@.auction_terms t ON t.tenant_id = a.tenant_id AND t.auction_id = a.id
		WHERE a.tenant_id = p_tenant_id AND a.name = open_auction.name;
		IF v_before.terms = v_terms THEN
			RETURN v_before.id;
		END IF;
		RAISE EXCEPTION 'auction "%" was opened on other terms', open_auction.name USING
			ERRCODE = 'unique_violation',
			DETAIL = format('It is auction %s; what differs: %s.', v_before.id, (
				SELECT string_agg(k, ', ' ORDER BY k COLLATE "C") FROM jsonb_object_keys(v_terms || v_before.terms) k WHERE v_terms -> k IS DISTINCT FROM v_before.terms -> k));
	END IF;
	INSERT INTO @store@.auction_terms (tenant_id, auction_id, terms) VALUES (p_tenant_id, v_id, v_terms);
	INSERT INTO @store@.auction_reserve (tenant_id, auction_id, supplier, rate, party_id)
	SELECT p_tenant_id, v_id, r.key, r.value::numeric, @store@.party_id(p_tenant_id, r.key) FROM jsonb_each_text(open_auction.reserves) r
	UNION ALL
	SELECT p_tenant_id, v_id, '*', open_auction.reserve, NULL WHERE open_auction.reserve IS NOT NULL;
	PERFORM @store@.lay_out_sheets(p_tenant_id, v_id, v_options, open_auction.caps);
	PERFORM @store@.fill_batch(p_tenant_id, v_id, v_terms);
	PERFORM @store@.record_event(p_tenant_id, 'open_auction', 'auction', v_id::text, NULL, v_terms || jsonb_build_object('name', open_auction.name));
	PERFORM @store@.tell_bidder(p_tenant_id, v_id, b.bidder, 'auction_opened', jsonb_build_object('auction', open_auction.name, 'currency', open_auction.currency,
		'closes', @store@.written_time(p_tenant_id, open_auction.closes_at), 'settlement', open_auction.settlement_date, 'invoices', v.invoices,
		'total', jsonb_build_object('amount', v.amount, 'currency', open_auction.currency)))
	FROM @store@.auction_bidder b
	CROSS JOIN (SELECT COALESCE(sum(v.invoices), 0) AS invoices, COALESCE(sum(v.amount), 0) AS amount FROM @store@.auction_volume v
		WHERE v.tenant_id = p_tenant_id AND v.auction_id = v_id) v
	WHERE b.tenant_id = p_tenant_id AND b.auction_id = v_id AND b.bidder <> 'own'
	ORDER BY b.bidder COLLATE "C";
	RETURN v_id;
END;
$code$;
COMMENT ON FUNCTION @store@.open_auction(bigint, text, text, date, timestamptz, timestamptz, timestamptz, text, text, text, date, date, numeric, jsonb, jsonb, jsonb) IS
'Offers invoices that the tenant owes to its financiers, to be paid on settlement_date. The batch: invoices bought in that currency, due later than that day (and from due_from to due_to), of an entity and all below it, of one supplier, for which the condition holds (a term expression). Each is claimed for the auction; view auction_batch lists those that cannot be, with the reason. Bids are committed from opens_at (NULL = now) to closes_at and revealed until reveal_until. reserve: highest rate at which suppliers are paid early (a fraction a year), reserves: {"code of a party": rate} for some. caps: [{"bidder", "scope", "key", "amount"}], as table auction_cap. options: mode, divisible, lots (a term: invoices of a supplier with the same value go together), pricing, pro_rata, as clex.clear_auction() has them; own_funds; bids_each (20); publishes (statistics or nothing); work_budget, node_budget, memory_limit. Returns the number of the auction; the same name on the same terms is the same auction. Financiers get a notice. For personas with the right auction. Errors: 42501, 22023 currency, settlement day or options, 42601 condition, P0002 no such entity, party or bidder, 23505 the name on other terms, 23502, 23514 times, rates, caps.';

CREATE OR REPLACE FUNCTION @store@.written_time(p_tenant_id bigint, at timestamptz) RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT pg_catalog.to_char(written_time.at AT TIME ZONE z.name, 'YYYY-MM-DD HH24:MI') || ' ' || z.name
	FROM (SELECT COALESCE((SELECT s.value #>> '{}' FROM @store@.setting s WHERE s.tenant_id = written_time.p_tenant_id AND s.name = 'p2p.time_zone'), 'Europe/Paris') AS name) z;
END;
COMMENT ON FUNCTION @store@.written_time(bigint, timestamptz) IS 'A time as notices say it, in the time zone of setting p2p.time_zone.';

CREATE OR REPLACE FUNCTION @store@.fill_batch(p_tenant_id bigint, auction_id bigint, terms jsonb) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, clex, pg_temp
SET jit = off
AS $code$
#variable_conflict use_column
DECLARE
	v_term text := terms #>> '{options,lots}';
	v_day_count text := @store@.finance_setting(p_tenant_id, 'day_count', 'ACT/360');
	v_chosen bigint[];
	v_refusals text[];
	v_claimable bigint[];
	v_tried bigint[];
	v_objections text[];
BEGIN
	SELECT array_agg(c.document_id ORDER BY c.document_id), array_agg(c.refusal ORDER BY c.document_id),
		COALESCE(array_agg(c.document_id ORDER BY c.document_id) FILTER (WHERE c.refusal IS NULL), '{}')
	INTO v_chosen, v_refusals, v_claimable
	FROM @store@.choose_invoices(p_tenant_id, terms) c;
	SELECT array_agg(t.document_id), array_agg(t.objection) INTO v_tried, v_objections
	FROM @store@.try_claims(p_tenant_id, v_claimable, 'auction', format('auction %s', fill_batch.auction_id), array_fill(fill_batch.auction_id, ARRAY[cardinality(v_claimable)])) t;
	-- buyers, suppliers, sectors and countries by the names under which limits of financiers count them
	INSERT INTO @store@.auction_invoice (tenant_id, auction_id, document_id, amount, due_date, tenor_days, buyer, supplier, sector, country, buyer_sector, buyer_country, lot_id,
		party_id, refusal, state_version, seller_key, buyer_vat_id)
	SELECT p_tenant_id, fill_batch.auction_id, u.id, COALESCE(c.amount, i.payable), s.due_date, d.days, COALESCE(b.key, '?'), COALESCE(s.seller_key, '?'),
		COALESCE((SELECT p.sector FROM @store@.party_sector p WHERE p.tenant_id = p_tenant_id
			AND p.party_id = @store@.party_of(p_tenant_id, ARRAY[i.seller_key, clex.value(i.document, 'BT-30'), clex.value(i.document, 'BT-29')])), '?'), COALESCE(i.seller_country, '?'),
		COALESCE((SELECT p.sector FROM @store@.party_sector p WHERE p.tenant_id = p_tenant_id
			AND p.party_id = @store@.party_of(p_tenant_id, ARRAY[i.buyer_vat_id, clex.value(i.document, 'BT-47'), clex.value(i.document, 'BT-46')])), '?'),
		COALESCE(clex.value(i.document, 'BT-55'), '?'),
		CASE WHEN v_term IS NOT NULL AND clex.value(i.document, v_term) IS NOT NULL THEN jsonb_build_array(s.seller_key, clex.value(i.document, v_term))::text END, s.party_id,
		COALESCE(u.refusal, t.objection, CASE WHEN c.document_id IS NULL THEN 'it is not claimed' END), s.version, s.seller_key, s.buyer_vat_id
	FROM unnest(v_chosen, v_refusals) u (id, refusal)
	JOIN @store@.invoice_state s ON s.tenant_id = p_tenant_id AND s.document_id = u.id
	JOIN @store@.invoice i ON i.tenant_id = p_tenant_id AND i.document_id = u.id
	CROSS JOIN LATERAL (SELECT left(COALESCE(i.buyer_vat_id, clex.value(i.document, 'BT-47'), clex.value(i.document, 'BT-46'), i.buyer_name), 200) AS key) b
	CROSS JOIN LATERAL (SELECT GREATEST(clex.days((terms ->> 'settlement_date')::date, s.due_date, v_day_count), 1) AS days) d
	LEFT JOIN unnest(v_tried, v_objections) t (id, objection) ON t.id = u.id
	LEFT JOIN @store@.claim c ON c.tenant_id = p_tenant_id AND c.document_id = u.id AND c.kind = 'auction' AND c.reference = fill_batch.auction_id
	ORDER BY u.id;
	INSERT INTO @store@.auction_volume (tenant_id, auction_id, buyer, tenor_from, tenor_to, invoices, amount, largest)
	SELECT p_tenant_id, fill_batch.auction_id, i.buyer, (i.tenor_days - 1) / 30 * 30 + 1, (i.tenor_days - 1) / 30 * 30 + 30, count(*), sum(i.amount), max(i.amount)
	FROM @store@.auction_invoice i
	WHERE i.tenant_id = p_tenant_id AND i.auction_id = fill_batch.auction_id AND i.refusal IS NULL
	GROUP BY i.buyer, (i.tenor_days - 1) / 30;
END;
$code$;
COMMENT ON FUNCTION @store@.fill_batch(bigint, bigint, jsonb) IS 'Part of open_auction(): claims the invoices that the terms choose, writes down what may not be claimed, and what bidders are told.';

REVOKE ALL ON FUNCTION @store@.auction_of(bigint, bigint), @store@.tell_bidder(bigint, bigint, text, text, jsonb), @store@.choose_invoices(bigint, jsonb),
	@store@.auction_options(jsonb), @store@.written_time(bigint, timestamptz), @store@.fill_batch(bigint, bigint, jsonb),
	@store@.open_auction(bigint, text, text, date, timestamptz, timestamptz, timestamptz, text, text, text, date, date, numeric, jsonb, jsonb, jsonb) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION @store@.own_auctions(),
	@store@.open_auction(bigint, text, text, date, timestamptz, timestamptz, timestamptz, text, text, text, date, date, numeric, jsonb, jsonb, jsonb) TO PUBLIC;
GRANT SELECT ON @store@.auction, @store@.auction_terms, @store@.auction_reserve, @store@.auction_cap, @store@.auction_invoice, @store@.auction_volume TO PUBLIC;
