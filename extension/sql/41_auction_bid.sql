-- auction: sealed bids.  What a bidder commits to is computed by pure functions, in any database with clex or by the shell line of
-- docs/finance-cycle.md: the store that runs the auction need not be asked, and learns nothing.

CREATE FUNCTION clex.canonical_bid(bidder text, bid jsonb) RETURNS text
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, clex, pg_temp
AS $function$
DECLARE
	v_wrong text;
BEGIN
	IF jsonb_typeof(bid) <> 'object' THEN
		RAISE EXCEPTION 'a bid is a JSON object' USING ERRCODE = 'invalid_parameter_value', DETAIL = format('This one is: %s.', jsonb_typeof(bid));
	END IF;
	SELECT f.key INTO v_wrong FROM jsonb_each(bid) f
	WHERE f.key <> ALL ('{rate,ceiling,buyer,tenor_min,tenor_max,min_ticket,max_ticket,min_award}'::text[]) ORDER BY f.key COLLATE "C" LIMIT 1;
	IF FOUND THEN
		RAISE EXCEPTION 'a bid has no "%"', v_wrong USING
			ERRCODE = 'invalid_parameter_value',
			HINT = 'It has rate and ceiling, and may have buyer, tenor_min, tenor_max, min_ticket, max_ticket and min_award.';
	END IF;
	SELECT f.key INTO v_wrong FROM jsonb_each(bid) f
	WHERE (jsonb_typeof(f.value) IS DISTINCT FROM CASE f.key WHEN 'buyer' THEN 'string' ELSE 'number' END)
		OR f.key = 'buyer' AND NOT (f.value #>> '{}' ~ '^[^[:cntrl:]]{1,200}$')
		OR f.key = 'rate' AND NOT ((f.value)::numeric BETWEEN 0 AND 10 AND scale(trim_scale((f.value)::numeric)) <= 6)
		OR f.key IN ('ceiling', 'min_ticket', 'max_ticket', 'min_award') AND NOT ((f.value)::numeric BETWEEN 0 AND 1e15)
		OR f.key IN ('tenor_min', 'tenor_max') AND NOT ((f.value)::numeric BETWEEN 1 AND 36500 AND scale(trim_scale((f.value)::numeric)) = 0)
	ORDER BY f.key COLLATE "C" LIMIT 1;
	IF FOUND THEN
		RAISE EXCEPTION 'a bid cannot have that %', v_wrong USING
			ERRCODE = 'invalid_parameter_value',
			DETAIL = format('It is: %s.', bid -> v_wrong),
			HINT = 'rate: a fraction a year from 0 to 10 with at most six decimals; ceiling, tickets and min_award: amounts; tenors: days from 1 to 36500; buyer: text.';
	ELSIF num_nonnulls(bid -> 'rate', bid -> 'ceiling') < 2 OR (bid -> 'ceiling')::numeric = 0 THEN
		RAISE EXCEPTION 'a bid needs a rate and a ceiling above 0' USING ERRCODE = 'invalid_parameter_value';
	ELSIF (bid ->> 'tenor_min')::numeric > (bid ->> 'tenor_max')::numeric OR (bid ->> 'min_ticket')::numeric > (bid ->> 'max_ticket')::numeric
		OR (bid ->> 'min_award')::numeric > (bid ->> 'ceiling')::numeric
	THEN
		RAISE EXCEPTION 'a bid that nothing could win' USING
			ERRCODE = 'invalid_parameter_value',
			DETAIL = 'A minimum is above its maximum.';
	ELSIF bidder !~ '^[^[:cntrl:]]{1,200}$' THEN
		RAISE EXCEPTION 'the code of a bidder has 1 to 200 characters, none of them a control character' USING ERRCODE = 'invalid_parameter_value';
	END IF;
	RETURN 'clex bid 1' || E'\n' || 'bidder=' || bidder || E'\n' || (
		SELECT string_agg(f.name || '=' || CASE f.name WHEN 'buyer' THEN bid ->> 'buyer' ELSE trim_scale((bid ->> f.name)::numeric)::text END || E'\n', '' ORDER BY f.place)
		FROM unnest('{rate,ceiling,buyer,tenor_min,tenor_max,min_ticket,max_ticket,min_award}'::text[]) WITH ORDINALITY f (name, place)
		WHERE bid ? f.name);
END;
$function$;
COMMENT ON FUNCTION clex.canonical_bid(text, jsonb) IS
'The one text of a sealed bid: the line "clex bid 1", then name=value lines for bidder and for those of rate, ceiling, buyer, tenor_min, tenor_max, min_ticket, max_ticket and min_award that the bid has, in this order, each ended by a line feed; numbers without exponent and without zeros at the end, UTF-8. rate: fraction a year, at most six decimals; amounts in the currency of the auction; tenors in days. Errors: 22023 not a bid.';

CREATE FUNCTION clex.bid_commitment(auction_id bigint, bidder text, bid jsonb, nonce bytea) RETURNS bytea
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, clex, pg_temp
AS $function$
BEGIN
	IF length(nonce) <> 16 THEN
		RAISE EXCEPTION 'a nonce has 16 bytes' USING
			ERRCODE = 'invalid_parameter_value',
			DETAIL = format('This one has %s.', length(nonce)),
			HINT = 'Take random ones for each bid, and keep them secret until the bid is revealed: bids are few, and could be guessed without it.';
	END IF;
	RETURN sha256(convert_to(clex.canonical_bid(bidder, bid), 'UTF8') || nonce || int8send(auction_id));
END;
$function$;
COMMENT ON FUNCTION clex.bid_commitment(bigint, text, jsonb, bytea) IS
'What a bidder commits to: SHA-256 over the bytes of clex.canonical_bid(), the 16 bytes of the nonce, and the number of the auction as 8 bytes, most significant first. The text names the bidder, so that nobody can make somebody else''s commitment his own. Errors: 22023 not a bid, not 16 bytes.';
