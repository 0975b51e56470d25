# The ledger of each invoice adds up after any sequence of operations, whatever fails on the way.
#
# Random operations, seeded (CLEX_SEED), run in transactions of fifty: offers, counter-offers, acceptances, expiries, releases, settlements, payments in parts
# and too much, reversals, returned settlements, repetitions of each under the same key, disputes, credit notes, discounts that credit notes confirm, refusals,
# payment orders and what banks say of them, assignments from the proposal to recourse.  Faults: an operation fails after it was done, a statement runs into a
# timeout, a backend is terminated in the middle.  Beside the store a model of what succeeded is kept in the same transactions by plain addition; the store must
# say the same.  CLEX_OPERATIONS=1000 makes it shorter.
use strict;
use warnings;
use Test::More;

$ENV{PGOPTIONS} = '-c client_min_messages=warning';
my ($database, $seed, $count) = ('clex_finance_ledger', $ENV{CLEX_SEED} // 20260309, $ENV{CLEX_OPERATIONS} // 10_000);
sub psql { my ($sql) = @_; open my $in, '-|', 'psql', '-XqAt', '-v', 'ON_ERROR_STOP=1', '-d', $database, '-c', $sql or die; local $/; my $out = <$in> // ''; close $in; $out =~ s/\n\z//; return $out }
srand $seed;
diag "seed $seed, $count operations";

system("psql -Xq -d postgres -c 'DROP DATABASE IF EXISTS $database WITH (FORCE)' -c 'CREATE DATABASE $database'");
psql('CREATE EXTENSION clex');
psql('CREATE ROLE finance_ledger_owner NOLOGIN');
psql(q{SELECT clex.create_store('erp', owner => 'finance_ledger_owner'); SELECT erp.add_tenant(1, 'One'), erp.set_party(1, 'B', 'Buyer'), erp.set_party(1, 'S', 'Seller');
	SELECT erp.add_identifier(1, 'B', 'vat', 'FR88790453187'), erp.add_identifier(1, 'S', 'vat', 'FR05832194070'), erp.set_entity(1, 'E', 'company', 'Entity', party => 'B');
	SELECT erp.set_setting(1, 'finance.calendar', '"WEEKENDS weekend=NONE"'), erp.set_setting(1, 'finance.cost_of_capital', '0.03');
	SELECT erp.add_identifier(1, 'S', 'iban', 'FR7630006000011234567890189'), erp.set_paying_account(1, 'E', 'EUR', 'DE89370400440532013000');
	SELECT erp.set_financier(1, 'BANK', 'Bank', 'credit_institution', registration => '552120222', address => 'Paris'), erp.set_line(1, 'BANK', 'EUR', 0.05, recourse => true, iban => 'FR1420041010050500013M02606'),
		erp.set_limit(1, 'BANK', 'EUR', 8000);});
my $code = do { local $/; <DATA> };
open my $load, '|-', 'psql', '-Xq', '-v', 'ON_ERROR_STOP=1', '-d', $database or die;
print {$load} $code;
close $load;
is($?, 0, 'the store and its model are there');
psql('SELECT count(new_invoice()) FROM generate_series(1, 30)');
psql(q{SELECT erp.launch_campaign(1, erp.define_campaign(1, 'C', 0.06, '{"EUR": 20000}', expires_at => now() + interval '1 day')), erp.define_campaign(1, 'D', 0.06, '{"EUR": 20000}')});

my ($batches, $lost) = (0, 0);
for (my $done = 0; $done < $count; $done += 50)
{
	my $batch = int rand 1e9;
	my $fault = rand;
	my $timeout = $fault < 0.05 ? 50 + int rand 400 : 0;
	my $killer = $fault > 0.95 ? "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND query ~ 'operations' AND pid <> pg_backend_pid()" : undef;
	my $pid;
	if ($killer)
	{
		$pid = fork // die;
		if ($pid == 0) { select undef, undef, undef, 0.2 + rand 0.3; open STDERR, '>', '/dev/null'; psql($killer); require POSIX; POSIX::_exit(0) }
	}
	open my $err, '>&', \*STDERR;
	open STDERR, '>', '/dev/null' if $timeout || $killer;
	my $said = psql("SET statement_timeout = $timeout; SELECT operations($batch, 50)");
	open STDERR, '>&', $err;
	waitpid $pid, 0 if $pid;
	$batches++;
	$lost++ if $said eq '';
	if ($said eq '' && !$timeout && !$killer) { fail("batch $batch of seed $seed ran into an error that no fault made"); last }
	next if $said ne '' && $batches % 4 && $done + 50 < $count;
	my $wrong = psql('SELECT string_agg(w, E\'\n\') FROM wrong() w');
	if ($wrong ne '') { fail("after batch $batch of seed $seed: $wrong"); last }
}
cmp_ok($lost, '<', $batches, 'not every batch was hit by a fault');
diag "$lost of $batches batches were lost to faults";
is(psql('SELECT count(*) FROM wrong()'), '0', 'the ledger, its model, claims, offers and budget agree');
diag psql(q{SELECT string_agg(format('%s %s', n, operation), ', ' ORDER BY operation) FROM (SELECT operation, count(*) AS n FROM happened GROUP BY 1) h});
is(psql(q{SELECT count(*) FROM (VALUES ('accept'), ('settle'), ('pay'), ('reverse'), ('dispute'), ('note'), ('release'), ('refuse'), ('terms'), ('repeat'), ('confirm'), ('overpay'), ('return'),
	('order'), ('booked'), ('rejected'), ('returned'), ('assign'), ('repaid'), ('recourse'), ('bought back')) v (o) WHERE o NOT IN (SELECT operation FROM happened)}), '0',
	'every operation succeeded at least once') if $count >= 3000;
# can it fail?
psql(q{UPDATE model SET paid = paid + 0.01 WHERE document_id = (SELECT min(document_id) FROM model)});
isnt(psql('SELECT count(*) FROM wrong()'), '0', 'a cent too much is noticed');

system("psql -Xq -d postgres -c 'DROP DATABASE $database WITH (FORCE)' -c 'DROP ROLE finance_ledger_owner'");
done_testing();

__DATA__
CREATE TABLE model (document_id bigint PRIMARY KEY, face numeric NOT NULL, refused boolean NOT NULL DEFAULT false, paid numeric NOT NULL DEFAULT 0, discount numeric NOT NULL DEFAULT 0, credited numeric NOT NULL DEFAULT 0);
CREATE TABLE payment (key text PRIMARY KEY, document_id bigint NOT NULL, amount numeric NOT NULL, paid_on date NOT NULL, reversed boolean NOT NULL DEFAULT false);
CREATE TABLE happened (operation text NOT NULL);
CREATE SEQUENCE number;

CREATE FUNCTION paper(kind text, amount numeric) RETURNS bigint LANGUAGE sql AS $$
	SELECT s.document_id FROM erp.submit(1, clex.write(jsonb_build_object('$kind', kind,
		'invoice', jsonb_build_object('number', kind || '-' || nextval('number'), 'issue_date', CURRENT_DATE - 3, 'due_date', CURRENT_DATE + 40, 'type_code', CASE kind WHEN 'invoice' THEN '380' ELSE '381' END,
			'currency', 'EUR', 'payment_terms', '#SKONTO#TAGE=14#PROZENT=2.00#' || E'\n'),
		'seller', jsonb_build_object('name', 'S', 'vat_number', 'FR05832194070', 'address', jsonb_build_object('country', 'FR')),
		'buyer', jsonb_build_object('name', 'B', 'vat_number', 'FR88790453187', 'address', jsonb_build_object('country', 'FR')),
		'payment', '{"means_code": "30", "credit_transfers": [{"account": "FR7630006000011234567890189"}]}'::jsonb,
		'totals', jsonb_build_object('payable', amount, 'with_vat', amount),
		'vat_breakdown', jsonb_build_array(jsonb_build_object('category', 'S', 'rate', 20, 'taxable_amount', round(amount / 1.2, 2), 'tax_amount', amount - round(amount / 1.2, 2))),
		'lines', jsonb_build_array(jsonb_build_object('identifier', '1', 'quantity', 1, 'unit', 'H87', 'net_amount', 1, 'item', jsonb_build_object('name', 'Flour'))))::text::clex.document, 'ubl')) s $$;
CREATE FUNCTION new_invoice() RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
	amount numeric := round((50 + random() * 2000)::numeric, 2);
	id bigint := paper('invoice', amount);
BEGIN
	INSERT INTO model (document_id, face) VALUES (id, amount);
	PERFORM erp.set_status(1, id, 'approved');
	RETURN id;
END $$;

-- claims as they were before their invoice was ordered
CREATE VIEW relied AS
SELECT c.document_id, COALESCE(p.claim_kind, c.kind) AS kind, COALESCE(p.claim_reference, c.reference) AS reference
FROM erp.claim c LEFT JOIN erp.payment p ON c.kind = 'payment' AND p.order_id = c.reference AND p.document_id = c.document_id;

-- what the model says, and the laws that hold whatever happened
CREATE FUNCTION wrong() RETURNS SETOF text LANGUAGE sql AS $$
	SELECT format('invoice %s: store %s, model %s', l.document_id, (l.face, l.paid, l.discount, l.credited), (m.face, m.refused, m.paid, m.discount, m.credited))
	FROM erp.ledger l JOIN model m USING (document_id)
	WHERE (l.face, l.paid, l.discount, l.credited) IS DISTINCT FROM (CASE WHEN m.refused THEN 0 ELSE m.face END, m.paid, m.discount, m.credited)
	UNION ALL
	SELECT format('invoice %s does not add up', document_id) FROM erp.ledger WHERE face + overpaid <> paid + discount + credited + open OR open < 0 OR overpaid < 0 OR open > 0 AND overpaid > 0 OR disputed > open
	UNION ALL
	SELECT format('%s of %s invoices', (SELECT count(*) FROM erp.ledger), (SELECT count(*) FROM model)) WHERE (SELECT count(*) FROM erp.ledger) <> (SELECT count(*) FROM model)
	UNION ALL
	-- what was accepted or assigned has its claim, or it is being paid; and no claim is of anything else
	SELECT format('offer %s is accepted and has no claim, or a claim no accepted offer', COALESCE(o.id, c.reference))
	FROM (SELECT * FROM erp.offer WHERE state = 'accepted') o FULL JOIN relied c ON c.document_id = o.document_id AND c.reference = o.id AND c.kind = 'offer'
	WHERE o.id IS NULL AND c.kind = 'offer' OR c.document_id IS NULL
	UNION ALL
	SELECT format('invoice %s has a claim of assignment %s, which has ended', c.document_id, c.reference) FROM relied c
	LEFT JOIN erp.assignment_item i ON i.document_id = c.document_id AND i.assignment_id = c.reference AND i.state NOT IN ('repaid', 'released') WHERE c.kind = 'assignment' AND i.document_id IS NULL
		AND NOT EXISTS (SELECT FROM erp.claim x WHERE x.document_id = c.document_id AND x.kind = 'payment')    -- ordered before it ended: the claim ends with the order
	UNION ALL
	SELECT format('a financier has invoice %s outstanding, and anybody may rely on it', i.document_id) FROM erp.assignment_item i WHERE i.state NOT IN ('repaid', 'released')
		AND NOT EXISTS (SELECT FROM erp.claim c WHERE c.document_id = i.document_id) AND NOT EXISTS (SELECT FROM erp.claim_objections(1, ARRAY[i.document_id]))
	UNION ALL
	SELECT format('payment %s is under way and has no claim, or a claim no payment', COALESCE(p.end_to_end_id, c.reference::text))
	FROM (SELECT * FROM erp.payment WHERE state IN ('ordered', 'accepted')) p FULL JOIN (SELECT * FROM erp.claim WHERE kind = 'payment') c ON c.document_id = p.document_id AND c.reference = p.order_id
	WHERE p.document_id IS NULL OR c.document_id IS NULL
	UNION ALL
	SELECT format('limits count %s, outstanding is %s', u.used, i.amount) FROM (SELECT sum(used) AS used FROM erp.limit_use WHERE scope = 'total') u
	CROSS JOIN (SELECT sum(amount - repaid - bought_back) AS amount FROM erp.assignment_item WHERE state NOT IN ('repaid', 'released')) i WHERE COALESCE(u.used, 0) <> COALESCE(i.amount, 0)
	UNION ALL
	-- the financier has what debtors have paid since it paid itself, up to what is its own, whatever came back
	SELECT format('invoice %s: the financier has %s, the model %s', i.document_id, i.repaid, m.paid - i.paid_before) FROM erp.assignment_item i JOIN model m USING (document_id)
	WHERE i.state IN ('settled', 'recourse') AND i.repaid <> LEAST(GREATEST(m.paid - i.paid_before, 0), i.amount - i.bought_back)
	UNION ALL
	SELECT format('budget: %s committed, offers use %s', b.committed, u.used) FROM erp.campaign_budget b
	CROSS JOIN LATERAL (SELECT COALESCE(sum(o.net), 0) AS used FROM erp.offer o WHERE o.campaign_id = b.campaign_id AND o.state IN ('accepted', 'settled')) u WHERE b.committed <> u.used OR b.committed > b.budget
	UNION ALL
	-- what a campaign computes for all invoices at once is what the ledger says of each, and nothing that cannot be claimed
	SELECT format('a campaign would offer %s of invoice %s', c.amount, c.document_id)
	FROM erp.campaign_candidates(1, (SELECT id FROM erp.campaign WHERE name = 'D'), CURRENT_DATE) c JOIN erp.ledger l USING (document_id)
	WHERE c.amount <> l.open OR l.disputed > 0 OR EXISTS (SELECT FROM erp.claim_objections(1, ARRAY[c.document_id]))
	UNION ALL
	SELECT format('discount of invoice %s and its VAT differ', m.document_id) FROM model m
	WHERE m.discount <> (SELECT COALESCE(sum(v.gross), 0) FROM erp.discount_vat v WHERE v.document_id = m.document_id) $$;

CREATE FUNCTION pick_offer(wanted text) RETURNS erp.offer LANGUAGE sql VOLATILE AS $$ SELECT o FROM erp.offer o WHERE o.state = wanted ORDER BY random() LIMIT 1 $$;

CREATE FUNCTION operation(choice float8, INOUT id bigint, OUT done text) LANGUAGE plpgsql AS $$
DECLARE
	o erp.offer;
	p payment;
	r record;
	a numeric;
	n bigint;
	l erp.ledger;
BEGIN
	SELECT * INTO l FROM erp.ledger x WHERE x.document_id = id;
	CASE
		WHEN choice < 0.14 THEN
			PERFORM erp.make_offer(1, id, round((0.01 + random() * 0.2)::numeric, 4), side => CASE WHEN random() < 0.5 THEN 'buyer' ELSE 'seller' END);
			done := 'offer';
		WHEN choice < 0.30 THEN
			o := pick_offer('open');
			SELECT * INTO r FROM erp.accept_offer(1, o.id, CURRENT_DATE + 1 + (random() * 30)::int);
			PERFORM erp.accept_offer(1, o.id, r.paid_on);
			done := 'accept';
		WHEN choice < 0.34 THEN
			o := pick_offer('open');
			PERFORM erp.counter_offer(1, o.id, 0.05);
			done := 'counter';
		WHEN choice < 0.36 THEN
			o := pick_offer('open');
			PERFORM erp.decline_offer(1, o.id);
			done := 'decline';
		WHEN choice < 0.37 THEN
			UPDATE erp.offer x SET expires_at = now() - interval '1 minute' WHERE x.id = (pick_offer('open')).id;
			PERFORM erp.expire_offers(1);
			done := 'expire';
		WHEN choice < 0.41 THEN
			o := pick_offer('accepted');
			PERFORM erp.release_offer(1, o.id, 'at random');
			done := 'release';
		WHEN choice < 0.53 THEN
			-- a run of some day; the second one on the same day finds nothing to settle
			n := 0;
			FOR r IN SELECT s.document_id, s.outcome, x.net, x.discount FROM erp.settle_offers(1, CURRENT_DATE + (random() * 31)::int, 3) s JOIN erp.offer x ON x.id = s.offer_id LOOP
				IF r.outcome = 'settled' THEN
					UPDATE model m SET paid = m.paid + r.net, discount = m.discount + r.discount WHERE m.document_id = r.document_id;
					n := n + 1;
				END IF;
			END LOOP;
			done := CASE WHEN n > 0 THEN 'settle' ELSE 'idle' END;
		WHEN choice < 0.64 THEN
			a := GREATEST(round(l.open * random()::numeric, 2), 0.01);
			INSERT INTO payment VALUES ('p' || nextval('number'), id, a, CURRENT_DATE + (random() * 20)::int) RETURNING * INTO p;
			PERFORM erp.record_payment(1, id, p.amount, p.paid_on, 'at random', p.key);
			UPDATE model m SET paid = m.paid + a WHERE m.document_id = id;
			done := 'pay';
		WHEN choice < 0.66 THEN
			a := l.open + 10;
			INSERT INTO payment VALUES ('p' || nextval('number'), id, a, CURRENT_DATE) RETURNING * INTO p;
			PERFORM erp.record_payment(1, id, p.amount, p.paid_on, 'bank', p.key, by_bank => true);
			UPDATE model m SET paid = m.paid + a WHERE m.document_id = id;
			done := 'overpay';
		WHEN choice < 0.71 THEN
			-- the same payment again
			SELECT * INTO STRICT p FROM payment ORDER BY random() LIMIT 1;
			IF erp.record_payment(1, p.document_id, p.amount, p.paid_on, 'again', p.key, by_bank => true) THEN
				RAISE EXCEPTION 'payment % was booked twice', p.key USING ERRCODE = 'XX000';
			END IF;
			done := 'repeat';
		WHEN choice < 0.78 THEN
			SELECT * INTO STRICT p FROM payment x WHERE NOT x.reversed ORDER BY random() LIMIT 1;
			PERFORM erp.reverse_payment(1, p.document_id, p.key, CURRENT_DATE, 'came back', p.key || 'r');
			UPDATE payment x SET reversed = true WHERE x.key = p.key;
			UPDATE model m SET paid = m.paid - p.amount WHERE m.document_id = p.document_id;
			IF erp.reverse_payment(1, p.document_id, p.key, CURRENT_DATE, 'came back', p.key || 'r') THEN
				RAISE EXCEPTION 'payment % was taken back twice', p.key USING ERRCODE = 'XX000';
			END IF;
			done := 'reverse';
		WHEN choice < 0.81 THEN
			PERFORM erp.open_dispute(1, id, '{QTE_ERR}', 'at random', amount => CASE WHEN random() < 0.8 THEN round(l.undisputed / 3, 2) END);
			done := 'dispute';
		WHEN choice < 0.86 THEN
			PERFORM erp.close_dispute(1, d.id, 'withdrawn', 'at random') FROM erp.disputes d WHERE d.state = 'open' AND d.document_id = (
				SELECT x.document_id FROM erp.dispute x WHERE x.state = 'open' ORDER BY random() LIMIT 1);
			done := 'withdraw';
		WHEN choice < 0.89 THEN
			a := round((1 + random() * 100)::numeric, 2);
			n := paper('credit_note', a);
			a := erp.link_note(1, n, id, LEAST(a, l.face - l.credited));
			IF erp.link_note(1, n, id) <> a THEN
				RAISE EXCEPTION 'note % was linked twice', n USING ERRCODE = 'XX000';
			END IF;
			UPDATE model m SET credited = m.credited + a WHERE m.document_id = id;
			done := 'note';
		WHEN choice < 0.92 THEN
			SELECT m.document_id, e.amount INTO r FROM model m JOIN erp.ledger_entry e ON e.document_id = m.document_id AND e.kind = 'discount' AND e.reverses IS NULL WHERE m.discount > 0 ORDER BY random() LIMIT 1;
			SELECT e.amount INTO a FROM erp.ledger_entry e WHERE e.document_id = r.document_id AND e.kind = 'discount' AND e.reverses IS NULL
				AND NOT EXISTS (SELECT FROM erp.ledger_entry x WHERE x.document_id = e.document_id AND x.reverses = e.entry_no) ORDER BY e.entry_no LIMIT 1;
			IF a IS NULL THEN
				done := 'idle';
				RETURN;
			END IF;
			a := erp.document_discount(1, r.document_id, paper('credit_note', a));
			UPDATE model m SET credited = m.credited + a, discount = m.discount - a WHERE m.document_id = r.document_id;
			done := 'confirm';
		WHEN choice < 0.96 THEN
			SELECT t.paid, t.discount INTO r FROM erp.pay_with_terms(1, id, CURRENT_DATE, 'at random', 't' || nextval('number')) t;
			UPDATE model m SET paid = m.paid + r.paid, discount = m.discount + r.discount WHERE m.document_id = id;
			done := 'terms';
		WHEN choice < 0.965 THEN
			PERFORM erp.set_status(1, id, 'refused', '{DOUBLE_FACT}');
			UPDATE model m SET refused = true WHERE m.document_id = id;
			PERFORM new_invoice();
			done := 'refuse';
		WHEN choice < 0.98 THEN
			-- the payment of a discount comes back; what a credit note has confirmed stays credited
			o := pick_offer('settled');
			a := (SELECT sum(e.amount) FROM erp.ledger_entry e WHERE e.document_id = o.document_id AND e.kind = 'discount');
			IF NOT erp.return_settlement(1, o.id, CURRENT_DATE, 'at random') OR erp.return_settlement(1, o.id, CURRENT_DATE, 'at random') THEN
				RAISE EXCEPTION 'offer % was taken back twice, or not at all', o.id USING ERRCODE = 'XX000';
			END IF;
			a := a - (SELECT sum(e.amount) FROM erp.ledger_entry e WHERE e.document_id = o.document_id AND e.kind = 'discount');
			IF a NOT IN (0, o.discount) THEN
				RAISE EXCEPTION 'a discount of % was taken back by %', o.discount, a USING ERRCODE = 'XX000';
			END IF;
			UPDATE model m SET paid = m.paid - o.net, discount = m.discount - a WHERE m.document_id = o.document_id;
			done := 'return';
		WHEN choice < 0.99 THEN
			PERFORM new_invoice();
			done := 'new';
		ELSE
			PERFORM erp.set_status(1, id, 'approved');
			done := 'approve';
	END CASE;
END $$;

-- as somebody else: four eyes
CREATE FUNCTION other(call text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	PERFORM set_config('role', 'finance_ledger_owner', true);
	EXECUTE 'SELECT ' || call;
	PERFORM set_config('role', 'none', true);
EXCEPTION WHEN others THEN
	PERFORM set_config('role', 'none', true);
	RAISE;
END $$;
-- payment orders and financing; a financier's price is in no ledger
CREATE FUNCTION treasury(choice float8, id bigint, OUT done text) LANGUAGE plpgsql AS $$
DECLARE
	p erp.payment;
	a erp.assignment;
	o erp.offer;
	h record;
	m model;
	said text;
	n bigint;
	taken numeric;
BEGIN
	CASE
		WHEN choice < 0.2 THEN
			n := (SELECT count(*) FROM erp.make_payment_orders(1, CURRENT_DATE + 2, documents => ARRAY(SELECT x.document_id FROM model x ORDER BY random() LIMIT 4)));
			PERFORM other(format('erp.release_payment_order(1, %s)', x.id)) FROM erp.payment_order x WHERE x.state = 'draft' ORDER BY x.id;
			done := CASE WHEN n > 0 THEN 'order' ELSE 'idle' END;
		WHEN choice < 0.55 THEN
			-- a bank says something of a payment, and says it again
			said := (ARRAY['accepted', 'booked', 'booked', 'rejected', 'returned'])[1 + floor(random() * 5)::int];
			SELECT x.* INTO STRICT p FROM erp.payment x JOIN erp.payment_order y ON y.id = x.order_id AND y.state = 'released' WHERE x.state <> 'cancelled' ORDER BY x.state IN ('ordered', 'accepted') DESC, random() LIMIT 1;
			SELECT * INTO m FROM model x WHERE x.document_id = p.document_id;
			SELECT * INTO o FROM erp.offer x WHERE p.claim_kind = 'offer' AND x.id = p.claim_reference;
			taken := (SELECT COALESCE(sum(e.amount), 0) FROM erp.ledger_entry e WHERE e.document_id = p.document_id AND e.kind = 'discount');
			done := erp.confirm_payment(1, p.end_to_end_id, said, CURRENT_DATE);
			IF erp.confirm_payment(1, p.end_to_end_id, said, CURRENT_DATE) NOT IN ('repeated', 'late') THEN
				RAISE EXCEPTION 'payment % is % twice', p.end_to_end_id, said USING ERRCODE = 'XX000';
			END IF;
			IF done <> 'applied' THEN
				done := 'repeat';
				RETURN;
			END IF;
			IF said = 'booked' THEN
				UPDATE model x SET paid = x.paid + p.amount, discount = x.discount + CASE WHEN o.state = 'accepted'
					THEN LEAST(o.discount, GREATEST(CASE WHEN m.refused THEN 0 ELSE m.face END - m.paid - p.amount - m.discount - m.credited, 0)) ELSE 0 END WHERE x.document_id = p.document_id;
			ELSIF said = 'returned' THEN
				-- what a credit note has confirmed stays credited
				taken := taken - (SELECT COALESCE(sum(e.amount), 0) FROM erp.ledger_entry e WHERE e.document_id = p.document_id AND e.kind = 'discount');
				IF taken NOT IN (0, o.discount) AND taken > o.discount THEN
					RAISE EXCEPTION 'a discount of % was taken back by %', o.discount, taken USING ERRCODE = 'XX000';
				END IF;
				UPDATE model x SET paid = x.paid - p.amount, discount = x.discount - taken WHERE x.document_id = p.document_id;
			END IF;
			done := said;
		WHEN choice < 0.68 THEN
			n := erp.assign_invoices(1, 'BANK', ARRAY[CASE WHEN random() < 0.5 THEN id ELSE new_invoice() END], CURRENT_DATE + 5);
			PERFORM erp.sign_act(1, t.id, 'S', 'paper', t.sha256) FROM erp.assignment_act t WHERE t.assignment_id = n;
			done := 'assign';
		WHEN choice < 0.88 THEN
			-- the next step of one, or it is given up
			SELECT * INTO STRICT a FROM erp.assignment x WHERE x.state IN ('proposed', 'accepted', 'notified') ORDER BY random() LIMIT 1;
			CASE
				WHEN random() < 0.1 THEN
					PERFORM erp.release_assignment(1, a.id, CASE a.state WHEN 'proposed' THEN 'declined' ELSE 'not_paid' END);
					done := 'given back';
				WHEN a.state = 'proposed' THEN
					PERFORM erp.accept_assignment(1, a.id, 'B');
					done := 'accepted by bank';
				WHEN a.state = 'accepted' THEN
					PERFORM erp.notify_assignment(1, a.id);
					PERFORM other(format('erp.confirm_creditor(1, %s, ''call'')', c.id)) FROM erp.creditor c JOIN erp.assignment_item i USING (document_id) WHERE i.assignment_id = a.id AND c.confirmed_at IS NULL AND random() < 0.7;
					done := 'told';
				ELSE
					PERFORM erp.settle_assignment(1, a.id, CURRENT_DATE + 5, 'P-' || a.id, random() < 0.5);
					done := 'paid by bank';
			END CASE;
		WHEN choice < 0.94 THEN
			SELECT x.assignment_id, x.document_id, x.reasons INTO STRICT h FROM erp.hurt_receivables(1) x WHERE x.asked_back = 0 ORDER BY random() LIMIT 1;
			PERFORM erp.take_recourse(1, h.assignment_id, h.document_id, h.reasons[1]);
			done := 'recourse';
		WHEN choice < 0.97 THEN
			SELECT x.assignment_id, x.document_id, x.asked_back INTO STRICT h FROM erp.assignment_item x WHERE x.state = 'recourse' ORDER BY random() LIMIT 1;
			PERFORM erp.settle_recourse(1, h.assignment_id, h.document_id, CASE WHEN random() < 0.5 THEN h.asked_back ELSE round(h.asked_back / 2, 2) END, 'R' || nextval('number'));
			done := 'bought back';
		ELSE
			-- a debtor pays what the bank has outstanding
			SELECT x.document_id, x.amount - x.repaid - x.bought_back AS amount INTO STRICT h FROM erp.assignment_item x JOIN erp.ledger l USING (document_id)
			WHERE x.state = 'settled' AND l.open >= x.amount - x.repaid - x.bought_back ORDER BY random() LIMIT 1;
			said := 'p' || nextval('number');
			INSERT INTO payment VALUES (said, h.document_id, h.amount, CURRENT_DATE);
			PERFORM erp.record_payment(1, h.document_id, h.amount, CURRENT_DATE, 'debtor', said);
			UPDATE model x SET paid = x.paid + h.amount WHERE x.document_id = h.document_id;
			done := 'repaid';
	END CASE;
END $$;

CREATE FUNCTION operations(seed int, count int) RETURNS int LANGUAGE plpgsql AS $$
DECLARE
	v_done text;
	v_n int := 0;
BEGIN
	PERFORM setseed((seed % 1000000) / 1000000.0);
	FOR i IN 1 .. count LOOP
		BEGIN
			IF random() < 0.25 THEN
				v_done := treasury(random(), (SELECT document_id FROM model WHERE NOT refused ORDER BY random() LIMIT 1));
			ELSE
				v_done := (operation(random(), (SELECT document_id FROM model WHERE NOT refused ORDER BY random() LIMIT 1))).done;
			END IF;
			-- one in ten is taken back after it was done
			IF random() < 0.1 THEN
				RAISE EXCEPTION 'fault' USING ERRCODE = 'YYYYY';
			END IF;
			INSERT INTO happened VALUES (v_done);
			v_n := v_n + 1;
		EXCEPTION
			-- refused, or the fault; anything else is a mistake of the store or of the test
			WHEN object_not_in_prerequisite_state OR invalid_parameter_value OR no_data_found OR SQLSTATE 'YYYYY' THEN
				NULL;
		END;
	END LOOP;
	RETURN v_n;
END $$;
