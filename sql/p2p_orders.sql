-- module p2p: orders from an ERP to suppliers and back: formats, acknowledgements, answers, changes, cancellations, deliveries, silence
SET client_min_messages = warning;
SET datestyle = 'ISO';
\set VERBOSITY terse
\set SHOW_CONTEXT never
CREATE ROLE regress_orders_owner NOLOGIN;
CREATE ROLE regress_orders_erp;
CREATE ROLE regress_orders_buyer;
CREATE ROLE regress_orders_clerk;
CREATE ROLE regress_orders_mill;
CREATE ROLE regress_orders_dairy;
CREATE ROLE regress_orders_auditor;
SELECT clex.create_store('erp', owner => 'regress_orders_owner');
SELECT erp.add_tenant(1, 'Hotel');
SELECT erp.add_member(1, 'regress_orders_' || r, p) FROM (VALUES ('erp', 'integration'), ('buyer', 'buyer'), ('clerk', 'ap_clerk'), ('auditor', 'auditor'), ('mill', 'supplier'), ('dairy', 'supplier')) m (r, p);
SELECT erp.set_party(1, c, n, l, street => '1 rue du Port', post_code => '17000', city => 'La Rochelle') > 0 AS made
FROM (VALUES ('HOTEL', 'Hôtel', 'FR'), ('CAFE', 'Café', 'CH'), ('MILL', 'Moulins', 'FR'), ('DAIRY', 'Laiterie', 'FR'), ('STEEL', 'Steel Inc', 'US'), ('BAKER', 'Boulanger', 'FR')) p (c, n, l);
SELECT erp.add_identifier(1, c, s, v) FROM (VALUES ('HOTEL', 'vat', 'FR88790453187'), ('HOTEL', 'gln', '3020180000031'), ('CAFE', 'gln', '7601001010604'), ('MILL', 'vat', 'FR05832194070'), ('MILL', 'gln', '4012345000009'),
	('DAIRY', 'vat', 'FR83404833048'), ('STEEL', 'other', 'STEELINC'), ('BAKER', 'vat', 'FR44732829320')) i (c, s, v);
-- a company and a franchise that orders in its own currency
SELECT erp.set_entity(1, 'H', 'company', 'Hôtel SAS', party => 'HOTEL') > 0, erp.set_entity(1, 'C', 'franchise', 'Café Sàrl', 'H', 'CAFE') > 0;
SELECT erp.scope_member(1, 'regress_orders_mill', 'supplier', party => 'MILL'), erp.scope_member(1, 'regress_orders_dairy', 'supplier', party => 'DAIRY');
SELECT erp.set_partner_channel(1, 'MILL', 'order', 'edi', 'edifact:D96A', '4012345000009:14'), erp.set_partner_channel(1, 'DAIRY', 'order', 'peppol', 'ubl', '9957:FR83404833048', 48),
	erp.set_partner_channel(1, 'STEEL', 'order', 'edi', 'x12', 'STEELINC:ZZ');
CREATE FUNCTION pg_temp.order_id(text) RETURNS bigint LANGUAGE sql STABLE AS $$ SELECT order_id FROM erp.orders WHERE tenant_id = 1 AND number = $1 $$;
-- the last message about an order, as bytes
CREATE FUNCTION pg_temp.sent(text) RETURNS bytea LANGUAGE sql STABLE AS $$
	SELECT o.content FROM erp.order_message m JOIN erp.outbox o USING (tenant_id, message_id) JOIN erp.purchase_order p ON p.id = m.order_id WHERE p.number = $1 ORDER BY m.id DESC LIMIT 1 $$;
CREATE FUNCTION pg_temp.paper(document jsonb, format text DEFAULT 'ubl', options jsonb DEFAULT '{}') RETURNS bytea LANGUAGE sql AS $$ SELECT clex.write(document::text::clex.document, format, options) $$;
-- what a supplier says of an order
CREATE FUNCTION pg_temp.says(number text, order_number text, code text, lines jsonb DEFAULT NULL, vat text DEFAULT 'FR05832194070', on_day date DEFAULT CURRENT_DATE) RETURNS bytea LANGUAGE sql AS $$
	SELECT pg_temp.paper(jsonb_strip_nulls(jsonb_build_object('$kind', 'order_response', 'order_response', jsonb_build_object('number', number, 'issue_date', on_day, 'code', code),
		'order', jsonb_build_object('number', order_number), 'seller', jsonb_build_object('name', 'Seller', 'vat_number', vat), 'buyer', '{"name": "Hôtel", "vat_number": "FR88790453187"}'::jsonb, 'lines', lines))) $$;
CREATE VIEW pg_temp.messages AS
SELECT m.order_number AS "order", m.kind, m.number, m.version AS v, m.attempt AS try, m.format, m.state, m.acknowledge_by - m.posted_at AS acknowledge_in, m.answer_by - m.posted_at AS answer_in, o.channel, o.format AS written, o.recipient, o.state AS sending
FROM erp.order_messages m JOIN erp.outgoing_messages o USING (tenant_id, message_id);
CREATE VIEW pg_temp.inbox AS SELECT i.message_id, i.kind, i.state, i.outcome ->> 'outcome' AS outcome, i.outcome ->> 'reason' AS reason FROM erp.incoming_messages i;
GRANT SELECT ON pg_temp.messages, pg_temp.inbox TO PUBLIC;

-- an ERP sends its order in UBL; the mill wants EDIFACT, and gets what the order says
SET ROLE regress_orders_erp;
CREATE TEMPORARY TABLE bc1 AS SELECT pg_temp.paper('{"$kind": "order", "order": {"number": "BC-1", "issue_date": "2024-03-02", "currency": "EUR", "type_code": "220", "sales_order": "V-9"},
	"buyer": {"name": "Hôtel", "vat_number": "FR88790453187", "identifier": {"value": "3020180000031", "scheme": "0088"}}, "seller": {"name": "Moulins", "vat_number": "FR05832194070"},
	"delivery": {"requested_date": "2024-04-01"},
	"lines": [{"identifier": "10", "quantity": 40, "unit": "KGM", "net_amount": 756.00, "price": {"net": 18.90}, "item": {"name": "Farine T65", "seller_identifier": "F65"}},
		{"identifier": "20", "quantity": 100, "unit": "KGM", "net_amount": 203.50, "price": {"net": 213.5, "base_quantity": 100}, "requested_date": "2024-04-03", "item": {"name": "Sarrasin", "standard_identifier": {"value": "4012345111115", "scheme": "0160"}}}]}') AS content;
SELECT state, outcome ->> 'kind' AS kind, (outcome ->> 'order_id')::bigint = pg_temp.order_id('BC-1') AS made FROM bc1, erp.receive_message(1, 'erp', 'E-1', content);
SELECT is_duplicate, state FROM bc1, erp.receive_message(1, 'erp', 'E-1', content);
-- the same order by another way is the same order
SELECT is_duplicate, state, (outcome ->> 'order_id')::bigint = pg_temp.order_id('BC-1') AS same FROM bc1, erp.receive_message(1, 'mail', 'E-1', content);
SELECT number, entity, supplier, currency, issue_date, state, version, sent_version, answer FROM erp.orders;
-- an allowance on line 20 is part of what it costs
SELECT identifier, item_name, seller_item, standard_item, quantity, unit, price, price_per, net_amount, deliver_by FROM erp.order_lines ORDER BY line_no;
SELECT * FROM pg_temp.messages;
SELECT convert_from(pg_temp.sent('BC-1'), 'LATIN1') AS orders;
SELECT losses FROM erp.order_messages;
-- its machine takes the interchange, and says so once and again
SELECT convert_from(clex.acknowledge(pg_temp.sent('BC-1')), 'UTF8') ~ 'CONTRL' AS contrl;
SELECT state, outcome FROM erp.receive_message(1, 'edi', 'A-1', clex.acknowledge(pg_temp.sent('BC-1'))) \gset first_
SELECT :'first_state' AS state, :'first_outcome'::jsonb #>> '{messages,0,outcome}' AS outcome;
SELECT state, outcome #>> '{messages,0,outcome}' AS outcome FROM erp.receive_message(1, 'edi', 'A-1b', clex.acknowledge(pg_temp.sent('BC-1')));
SELECT "order", state, acknowledge_in, answer_in FROM pg_temp.messages;

-- the mill answers in EDIFACT: less of one line, another price, later; nothing changes before the buyer agrees
SELECT state, outcome - 'order_id' AS outcome FROM erp.receive_message(1, 'edi', 'R-1', pg_temp.paper(jsonb_build_object('$kind', 'order_response',
	'order_response', jsonb_build_object('number', 'AB-1', 'issue_date', CURRENT_DATE, 'code', 'CA'), 'order', '{"number": "BC-1", "issue_date": "2024-03-02"}'::jsonb,
	'seller', '{"name": "Moulins", "identifiers": [{"value": "4012345000009", "scheme": "0088"}]}'::jsonb, 'buyer', '{"name": "Hôtel", "identifier": {"value": "3020180000031", "scheme": "0088"}}'::jsonb,
	'lines', '[{"identifier": "10", "action": "6", "quantity": 30000, "unit": "GRM", "price": {"net": 0.0192}, "promised_date": "2024-04-08", "item": {"seller_identifier": "F65"}},
		{"identifier": "20", "action": "5", "quantity": 100, "unit": "KGM", "promised_date": "2024-04-02", "item": {"standard_identifier": {"value": "4012345111115", "scheme": "0160"}}}]'::jsonb), 'edifact:D01B'));
SELECT order_number, number, version, verdict, state FROM erp.order_responses;
SELECT order_line, verdict, ordered, quantity, unit, order_price, price, deliver_by, promised FROM erp.order_response_lines ORDER BY line_no;
SELECT identifier, quantity, price, deliver_by FROM erp.order_lines ORDER BY line_no;
SELECT answer, answered_version FROM erp.orders;
SELECT task, needs, subject, detail FROM erp.todo ORDER BY 1;
-- who may not decide, and what is no answer
SET ROLE regress_orders_mill;
SELECT order_number, verdict, state FROM erp.order_responses;
SELECT erp.settle_response(1, 1, true);
SET ROLE regress_orders_auditor;
SELECT erp.settle_response(1, 1, true);
SET ROLE regress_orders_buyer;
SELECT erp.settle_response(1, 99, true);
-- the buyer agrees: a new version, which the mill is sent and has not to answer; again changes nothing
SELECT erp.settle_response(1, 1, true, 'the rest can wait');
SELECT erp.settle_response(1, 1, true);
SELECT erp.settle_response(1, 1, false);
SELECT number, version, sent_version, answer, answered_version FROM erp.orders;
SELECT identifier, quantity, price, price_per, deliver_by FROM erp.order_lines ORDER BY line_no;
SELECT * FROM pg_temp.messages WHERE v = 2;
SELECT clex.value(d, 'order_change.number') AS number, clex.value(d, 'C-6') AS function, d::jsonb #> '{lines,0}' AS line, jsonb_array_length(d::jsonb -> 'lines') AS lines FROM clex.read(pg_temp.sent('BC-1')) d;

-- answers that come too late, twice, otherwise, from somebody else, for an order that is not there
SET ROLE regress_orders_erp;
SELECT pg_temp.says('AB-1', 'BC-1', 'AP') AS same_number, pg_temp.says('AB-2', 'BC-1', 'RE', on_day => '2024-03-03') AS old,
	pg_temp.says('AB-3', 'BC-1', 'AP', vat => 'FR83404833048') AS other, pg_temp.says('AB-4', 'BC-9', 'AP') AS nowhere, pg_temp.says('AB-5', 'BC-1', 'AP', vat => 'FR00000000000') AS unknown,
	pg_temp.says('AB-7', 'BC-1', 'CA', '[{"identifier": "1", "purchase_order_line": "30", "quantity": 1, "unit": "KGM", "item": {"name": "x"}}]') AS no_line,
	pg_temp.says('AB-8', 'BC-1', 'CA', '[{"identifier": "1", "purchase_order_line": "10", "quantity": 1, "unit": "XPX", "item": {"name": "x"}}]') AS no_unit,
	pg_temp.says('AB-9', 'BC-1', 'ZZ') AS no_code, pg_temp.says('AB-10', 'BC-1', 'AP') AS again, pg_temp.says('AB-11', 'BC-1', 'AB') AS received \gset
SELECT state FROM (VALUES (1, :'same_number'), (2, :'old'), (3, :'other'), (4, :'nowhere'), (5, :'unknown'), (7, :'no_line'), (8, :'no_unit'), (9, :'no_code'), (10, :'again'), (11, :'received')) v (n, content),
	LATERAL erp.receive_message(1, 'edi', 'L-' || n, content::bytea) ORDER BY n;
-- Order-X names the change it answers
SELECT m.state FROM (VALUES (12, 'BC-1-7'), (13, 'BC-1-2')) v (n, change),
	LATERAL erp.receive_message(1, 'edi', 'L-' || n, pg_temp.paper(jsonb_build_object('$kind', 'order_response', 'order_response', jsonb_build_object('number', 'AB-' || n, 'issue_date', '2024-03-03', 'code', 'AP', 'order_change', change),
		'order', '{"number": "BC-1", "currency": "EUR"}'::jsonb, 'seller', '{"name": "Moulins", "identifiers": [{"value": "4012345000009", "scheme": "0088"}]}'::jsonb,
		'buyer', '{"name": "Hôtel", "identifier": {"value": "3020180000031", "scheme": "0088"}}'::jsonb,
		'process', '{"specification": "urn:order-x.eu:1p0:comfort"}'::jsonb, 'totals', '{"lines_net": 1, "without_vat": 1}'::jsonb), 'orderx')) m ORDER BY n;
SELECT * FROM pg_temp.inbox WHERE message_id LIKE 'L-%' ORDER BY substr(message_id, 3)::int;
SELECT number, version, verdict, state FROM erp.order_responses ORDER BY response_id;
SELECT number, state, version, answer FROM erp.orders;
-- the sender becomes known: the same document is taken then
SELECT erp.add_identifier(1, 'MILL', 'other', 'FR00000000000');
SET ROLE regress_orders_clerk;
SELECT h.state, h.outcome ->> 'outcome' AS outcome FROM erp.incoming_messages i, erp.handle_document(1, i.document_id) h WHERE i.message_id = 'L-5';
SELECT * FROM pg_temp.inbox WHERE message_id = 'L-5';
SELECT erp.handle_document(1, 4711);
SET ROLE regress_orders_auditor;
SELECT erp.handle_document(1, 1);

-- an order by function to the dairy, in UBL, which a portal answers
SET ROLE regress_orders_buyer;
SELECT erp.create_order(1, 'BC-2', 'H', 'DAIRY', '[{"line": "1", "item": "Lait", "quantity": 200, "unit": "LTR", "price": 0.85, "deliver_by": "2024-04-01"}, {"line": "2", "item": "Beurre", "buyer_item": "B-1", "quantity": 20, "unit": "KGM", "price": 7.1},
	{"line": "3", "item": "Crème", "quantity": 10, "unit": "LTR", "price": 3}]') > 0 AS made;
SELECT * FROM pg_temp.messages WHERE "order" = 'BC-2';
SELECT rule FROM clex.findings(pg_temp.sent('BC-2')) WHERE severity = 'fatal';
SELECT d::jsonb - '{$provenance,$format,$reader,lines,order}'::text[] AS said FROM clex.read(pg_temp.sent('BC-2')) d;
SET ROLE regress_orders_dairy;
SELECT task, detail, due_at > now() AS in_time FROM erp.todo WHERE needs = 'respond';
SELECT number, sent_version, answer FROM erp.orders;
SELECT erp.answer_order(1, pg_temp.order_id('BC-1'), 'accepted');
SELECT erp.answer_order(1, pg_temp.order_id('BC-2'), 'perhaps');
SELECT erp.answer_order(1, pg_temp.order_id('BC-2'), 'changes', '[{"line": "4"}]');
SELECT erp.answer_order(1, pg_temp.order_id('BC-2'), 'changes', '[{"line": "1", "colour": "white"}]');
SELECT erp.answer_order(1, pg_temp.order_id('BC-2'), 'changes', '[{"line": "1"}, {"line": "1"}]');
SELECT erp.answer_order(1, pg_temp.order_id('BC-2'), 'changes', '[{"line": "1", "quantity": -1}]');
SELECT erp.answer_order(1, pg_temp.order_id('BC-2'), 'changes', '[17]');
SELECT erp.answer_order(1, pg_temp.order_id('BC-2'), 'changes', '{}');
SELECT erp.answer_order(1, pg_temp.order_id('BC-2'), 'accepted', expected_version => 2);
-- who says accepted and means less has not accepted
SELECT outcome FROM erp.answer_order(1, pg_temp.order_id('BC-2'), 'accepted', '[{"line": "1", "quantity": 180, "note": "Strike"}, {"line": "3", "reject": true}]', 'Partly', 'P-1', 1);
SELECT outcome FROM erp.answer_order(1, pg_temp.order_id('BC-2'), 'accepted', '[{"line": "1", "quantity": 180, "note": "Strike"}, {"line": "3", "reject": true}]', 'Partly', 'P-1', 1);
SELECT erp.answer_order(1, pg_temp.order_id('BC-2'), 'rejected', number => 'P-1');
-- a better answer replaces the one before
SELECT outcome FROM erp.answer_order(1, pg_temp.order_id('BC-2'), 'changes', '[{"line": "3", "reject": true}]', number => 'P-2');
SELECT number, verdict, state FROM erp.order_responses ORDER BY response_id;
SELECT task FROM erp.todo WHERE needs = 'respond';
SET ROLE regress_orders_buyer;
SELECT erp.settle_response(1, r.response_id, true) FROM erp.order_responses r WHERE r.number = 'P-1';
SELECT erp.settle_response(1, r.response_id, true) FROM erp.order_responses r WHERE r.number = 'P-2';
SELECT identifier, quantity, cancelled FROM erp.order_lines WHERE order_number = 'BC-2' ORDER BY line_no;
SELECT l ->> 'identifier' AS line, l ->> 'action' AS action FROM clex.read(pg_temp.sent('BC-2')) d, jsonb_array_elements(d::jsonb -> 'lines') l;

-- the buyer changes its mind: the change is sent, and has to be answered again
SELECT erp.change_order(1, pg_temp.order_id('BC-2'), '[{"line": "2", "quantity": 25}, {"line": "4", "item": "Yaourt", "quantity": 48, "unit": "H87", "price": 0.4}]', 2);
SELECT number, version, sent_version, answer FROM erp.orders WHERE number = 'BC-2';
SELECT l ->> 'identifier' AS line, l ->> 'action' AS action, l ->> 'quantity' AS quantity FROM clex.read(pg_temp.sent('BC-2')) d, jsonb_array_elements(d::jsonb -> 'lines') l;
SELECT kind, number, v, state, answer_in FROM pg_temp.messages WHERE "order" = 'BC-2' ORDER BY v;
SET ROLE regress_orders_erp;
SELECT state, outcome ->> 'outcome' AS outcome FROM erp.receive_message(1, 'peppol', 'D-1', pg_temp.says('OR-1', 'BC-2', 'RE', vat => 'FR83404833048'));
SET ROLE regress_orders_buyer;
SELECT answer FROM erp.orders WHERE number = 'BC-2';
\set VERBOSITY default
SELECT erp.settle_response(1, r.response_id, false) FROM erp.order_responses r WHERE r.number = 'OR-1';
\set VERBOSITY terse
-- who agrees to a rejection cancels the order; the supplier knows, and is sent nothing
SELECT count(*) AS messages FROM pg_temp.messages WHERE "order" = 'BC-2' \gset
SELECT erp.settle_response(1, r.response_id, true) FROM erp.order_responses r WHERE r.number = 'OR-1';
SELECT o.state, o.version, (SELECT count(*) FROM pg_temp.messages WHERE "order" = 'BC-2') - :messages AS more_messages FROM erp.orders o WHERE o.number = 'BC-2';
SET ROLE regress_orders_erp;
SELECT state, outcome ->> 'reason' AS reason, outcome ->> 'detail' AS detail FROM erp.receive_message(1, 'peppol', 'D-2', pg_temp.says('OR-2', 'BC-2', 'AP', vat => 'FR83404833048'));
SET ROLE regress_orders_dairy;
SELECT erp.answer_order(1, pg_temp.order_id('BC-2'), 'accepted');

-- not agreed: the order is cancelled, and the mill is told
SET ROLE regress_orders_buyer;
SELECT erp.create_order(1, 'BC-3', 'H', 'MILL', '[{"line": "1", "item": "Son", "quantity": 10, "unit": "KGM", "price": 2}]') > 0 AS made;
SET ROLE regress_orders_mill;
SELECT outcome FROM erp.answer_order(1, pg_temp.order_id('BC-3'), 'changes', '[{"line": "1", "price": 3}]', number => 'P-3');
SET ROLE regress_orders_buyer;
SELECT erp.settle_response(1, r.response_id, false, 'too dear') FROM erp.order_responses r WHERE r.number = 'P-3';
SELECT o.state, r.state AS answer, r.reason FROM erp.orders o JOIN erp.order_responses r USING (order_id) WHERE o.number = 'BC-3';
SELECT clex.value(d, 'C-6') AS function, clex.value(d, 'order.number') AS "order", d::jsonb #> '{order_change,cancellation_reasons}' AS why FROM clex.read(pg_temp.sent('BC-3')) d;
SELECT kind, number, v, answer_in FROM pg_temp.messages WHERE "order" = 'BC-3' ORDER BY v;

-- changes and cancellations that the ERP sends as documents are made once
SET ROLE regress_orders_erp;
SELECT erp.create_order(1, 'BC-4', 'H', 'MILL', '[{"line": "1", "item": "Son", "seller_item": "S1", "quantity": 10, "unit": "KGM", "price": 2}, {"line": "2", "item": "Sel", "seller_item": "S2", "quantity": 5, "unit": "KGM", "price": 1}]') > 0 AS made;
CREATE FUNCTION pg_temp.change(number text, function text, lines jsonb, order_number text DEFAULT 'BC-4') RETURNS bytea LANGUAGE sql AS $$
	SELECT pg_temp.paper(jsonb_strip_nulls(jsonb_build_object('$kind', 'order_change', 'order_change', jsonb_build_object('number', number, 'issue_date', '2024-03-05', 'function', function,
		'cancellation_reasons', CASE function WHEN '1' THEN '["shop is closed"]'::jsonb END), 'order', jsonb_build_object('number', order_number, 'issue_date', '2024-03-02'),
		'seller', '{"name": "Moulins", "identifiers": [{"value": "4012345000009", "scheme": "0088"}]}'::jsonb, 'buyer', '{"name": "Hôtel", "identifier": {"value": "3020180000031", "scheme": "0088"}}'::jsonb, 'lines', lines)), 'edifact:D96A') $$;
SELECT state, outcome ->> 'version' AS version FROM erp.receive_message(1, 'erp', 'C-1', pg_temp.change('M-1', '4', '[{"identifier": "1", "action": "3", "quantity": 12, "unit": "KGM", "item": {"seller_identifier": "S1"}}, {"identifier": "2", "action": "2", "item": {"seller_identifier": "S2"}},
	{"identifier": "3", "action": "1", "quantity": 3, "unit": "KGM", "price": {"net": 4}, "item": {"name": "Levure", "seller_identifier": "S3"}}]'));
SELECT state, outcome ->> 'outcome' AS outcome FROM erp.receive_message(1, 'erp', 'C-2', pg_temp.change('M-1', '4', '[{"identifier": "1", "action": "3", "quantity": 12, "unit": "KGM", "item": {"seller_identifier": "S1"}}, {"identifier": "2", "action": "2", "item": {"seller_identifier": "S2"}},
	{"identifier": "3", "action": "1", "quantity": 3, "unit": "KGM", "price": {"net": 4}, "item": {"name": "Levure", "seller_identifier": "S3"}}]'));
SELECT state, outcome ->> 'reason' AS reason FROM erp.receive_message(1, 'erp', 'C-3', pg_temp.change('M-1', '4', '[{"identifier": "1", "action": "3", "quantity": 13, "unit": "KGM", "item": {"seller_identifier": "S1"}}]'));
SELECT state, outcome ->> 'reason' AS reason FROM erp.receive_message(1, 'erp', 'C-4', pg_temp.change('M-2', '4', '[{"identifier": "1", "action": "3", "quantity": 13, "unit": "KGM", "item": {"seller_identifier": "S1"}}]', 'BC-0'));
SELECT identifier, item_name, quantity, cancelled FROM erp.order_lines WHERE order_number = 'BC-4' ORDER BY line_no;
-- a replacement cancels what it does not name
SELECT state, outcome ->> 'version' AS version FROM erp.receive_message(1, 'erp', 'C-5', pg_temp.change('M-3', '5', '[{"identifier": "1", "quantity": 9, "unit": "KGM", "item": {"seller_identifier": "S1"}}]'));
SELECT identifier, quantity, cancelled FROM erp.order_lines WHERE order_number = 'BC-4' ORDER BY line_no;
SELECT state FROM erp.receive_message(1, 'erp', 'C-6', pg_temp.change('M-4', '1', NULL));
SELECT state, version, sent_version FROM erp.orders WHERE number = 'BC-4';
SELECT kind, number, v, format, sending FROM pg_temp.messages WHERE "order" = 'BC-4' ORDER BY v;
SELECT state, outcome ->> 'reason' AS reason FROM erp.receive_message(1, 'erp', 'C-7', pg_temp.change('M-5', '4', '[{"identifier": "1", "action": "3", "quantity": 13, "unit": "KGM", "item": {"seller_identifier": "S1"}}]'));

-- an interchange with two orders: each has its effect apart from the other; what lacks master data waits for them
CREATE FUNCTION pg_temp.two(edi bytea, a text, b text) RETURNS bytea LANGUAGE sql AS $$
	SELECT convert_to(substr(t, 1, i - 1) || m || replace(replace(replace(m, 'UNH+1+', 'UNH+2+'), a, b), '+1''', '+2''') || 'UNZ+2+' || split_part(substr(t, j), '+', 3), 'LATIN1')
	FROM (SELECT t, strpos(t, 'UNH+') AS i, strpos(t, 'UNZ+') AS j, substr(t, strpos(t, 'UNH+'), strpos(t, 'UNZ+') - strpos(t, 'UNH+')) AS m FROM convert_from(edi, 'LATIN1') t) x $$;
SELECT pg_temp.two(pg_temp.paper('{"$kind": "order", "order": {"number": "BC-5", "issue_date": "2024-03-02", "currency": "CHF"}, "buyer": {"name": "Café", "identifier": {"value": "7601001010604", "scheme": "0088"}},
	"seller": {"name": "Steel", "identifiers": ["STEELINC"]}, "lines": [{"identifier": "1", "quantity": 4, "unit": "H87", "price": {"net": 12.5}, "item": {"name": "Oven tray", "seller_identifier": "OT-4"}}]}', 'edifact:D96A'), 'BC-5', 'BC-6') AS two \gset
SELECT state, outcome -> 'documents' #- '{0,order_id}' #- '{1,order_id}' AS documents FROM erp.receive_message(1, 'erp', 'T-1', :'two');
SELECT number, entity, supplier, currency FROM erp.orders WHERE number IN ('BC-5', 'BC-6') ORDER BY 1;
SELECT convert_from(pg_temp.sent('BC-6'), 'UTF8') AS set_850;
SELECT state, outcome ->> 'reason' AS reason FROM erp.receive_message(1, 'erp', 'T-2', pg_temp.paper('{"$kind": "order", "order": {"number": "BC-7", "issue_date": "2024-03-02", "currency": "EUR"}, "buyer": {"name": "Hôtel", "vat_number": "FR88790453187"},
	"seller": {"name": "Nobody", "vat_number": "FR11222222222"}, "lines": [{"identifier": "1", "quantity": 4, "unit": "H87", "price": {"net": 12.5}, "item": {"name": "x"}}]}'));
SELECT state, outcome ->> 'reason' AS reason FROM erp.receive_message(1, 'erp', 'T-3', pg_temp.paper('{"$kind": "order", "order": {"number": "BC-7", "issue_date": "2024-03-02", "currency": "EUR"}, "buyer": {"name": "Other", "vat_number": "FR11222222222"},
	"seller": {"name": "Moulins", "vat_number": "FR05832194070"}, "lines": [{"identifier": "1", "quantity": 4, "unit": "H87", "price": {"net": 12.5}, "item": {"name": "x"}}]}'));
SELECT state, outcome ->> 'reason' AS reason FROM erp.receive_message(1, 'erp', 'T-4', pg_temp.paper('{"$kind": "order", "order": {"number": "BC-7", "issue_date": "2024-03-02", "currency": "EUR"}, "buyer": {"name": "Hôtel", "vat_number": "FR88790453187"},
	"seller": {"name": "Moulins", "vat_number": "FR05832194070"}, "lines": [{"identifier": "1", "quantity": 4, "unit": "H87", "item": {"name": "x"}}]}'));
SELECT state, outcome ->> 'reason' AS reason, outcome -> 'rules' AS rules FROM erp.receive_message(1, 'erp', 'T-5', convert_to(replace(convert_from((SELECT content FROM bc1), 'UTF8'), '<cbc:ID>BC-1</cbc:ID>', ''), 'UTF8'));
SELECT state, outcome ->> 'reason' AS reason FROM erp.receive_message(1, 'erp', 'T-6', convert_to(replace(convert_from((SELECT content FROM bc1), 'UTF8'), '2024-03-02', '2024-03-01'), 'UTF8'));

-- machines that do not take it: X12, APERAK, UBL; it is sent again, in another format if need be
SELECT m.state, m.outcome #>> '{messages,0,outcome}' AS outcome FROM erp.receive_message(1, 'edi', 'A-5', clex.acknowledge(pg_temp.sent('BC-5'))) m;
SELECT m.state, m.outcome #>> '{messages,0,outcome}' AS outcome FROM erp.receive_message(1, 'edi', 'A-6',
	convert_to(replace(replace(convert_from(clex.acknowledge(pg_temp.sent('BC-6')), 'UTF8'), 'AK5*A', 'AK5*R'), 'AK9*A*1*1*1', 'AK9*R*1*1*0'), 'UTF8')) m;
SELECT "order", v, try, state FROM pg_temp.messages WHERE "order" IN ('BC-5', 'BC-6') ORDER BY 1;
SELECT verdict FROM erp.order_messages WHERE state = 'refused';
SELECT task, detail FROM erp.todo WHERE task = 'send_order_again';
SELECT erp.set_partner_channel(1, 'STEEL', 'order', 'mail', 'ubl', 'orders@steel.example');
SELECT erp.send_order(1, pg_temp.order_id('BC-6')) = erp.send_order(1, pg_temp.order_id('BC-6'), true) AS same;
SELECT "order", v, try, state, channel, written, sending FROM pg_temp.messages WHERE "order" = 'BC-6' ORDER BY try;
SELECT task, detail FROM erp.todo WHERE task = 'send_order_again';
SELECT m.state, m.outcome #>> '{messages,0,outcome}' AS outcome FROM erp.receive_message(1, 'mail', 'A-7', clex.acknowledge(pg_temp.sent('BC-6'))) m;
-- by its number: taken by the machine that reads, then refused by the one that books
SELECT m.state, m.outcome #>> '{messages,0,outcome}' AS outcome FROM (VALUES ('X-0', 'AP'), ('X-1', 'RE')) v (n, c),
	LATERAL erp.receive_message(1, 'edi', n, pg_temp.paper(jsonb_build_object('$kind', 'application_response', 'application_response', jsonb_build_object('number', n, 'issue_date', '2024-03-04', 'code', c),
		'sender', '{"identifier": {"value": "4012345000009", "scheme": "0088"}}'::jsonb, 'receiver', '{"identifier": {"value": "3020180000031", "scheme": "0088"}}'::jsonb,
		'responses', '[{"document": "BC-3", "document_type": "ON", "descriptions": ["Auftrag unbekannt"]}]'::jsonb), 'edifact:D96A')) m ORDER BY n;
SELECT m.state, COALESCE(m.outcome ->> 'reason', m.outcome #>> '{messages,0,outcome}') AS outcome FROM (VALUES ('X-2', 'RE', 'FR05832194070', 'BC-1-2'), ('X-3', 'AP', 'FR05832194070', 'BC-1-2'), ('X-4', 'RE', 'FR83404833048', 'BC-1-2'), ('X-5', 'RE', 'FR05832194070', 'BC-77'), ('X-6', 'RE', 'FR99999999999', 'BC-1-2')) v (n, c, s, d),
	LATERAL erp.receive_message(1, 'edi', n, pg_temp.paper(jsonb_build_object('$kind', 'application_response', 'application_response', jsonb_build_object('number', n, 'issue_date', '2024-03-04'),
	'sender', jsonb_build_object('identifier', s, 'name', 'S'), 'receiver', '{"name": "H"}'::jsonb, 'responses', jsonb_build_array(jsonb_build_object('code', c, 'document', d, 'descriptions', '["unknown item"]'::jsonb))))) m ORDER BY n;
SELECT number, state, verdict FROM erp.order_messages WHERE order_number IN ('BC-1', 'BC-3') ORDER BY id;
-- hostile: endless numbers, numbers that are none, lines twice; nothing of it is an error, and an answer whose changes cannot be read is for people
SELECT n, m.state, left(m.outcome ->> 'reason', 70) AS reason FROM (VALUES
	(1, '{"$kind": "order", "order": {"number": "' || repeat('9', 300) || '", "issue_date": "2024-03-02", "currency": "EUR"}, "lines": [{"identifier": "1", "quantity": 1, "unit": "H87", "price": {"net": 1}, "item": {"name": "x"}}]}'),
	(2, '{"$kind": "order", "order": {"number": "BC-H", "issue_date": "2024-03-02", "currency": "EUR"}, "lines": [{"identifier": "1", "quantity": "NaN", "unit": "H87", "price": {"net": 1}, "item": {"name": "x"}}]}'),
	(3, '{"$kind": "order", "order": {"number": "BC-H", "issue_date": "2024-03-02", "currency": "EUR"}, "lines": [{"identifier": "1", "quantity": 1, "unit": "H87", "price": {"net": "Infinity"}, "item": {"name": "x"}}]}'),
	(4, '{"$kind": "order", "order": {"number": "BC-H", "issue_date": "2024-03-02", "currency": "EUR"}, "lines": [{"identifier": "1", "quantity": 1, "unit": "H87", "price": {"net": 1}, "item": {"name": "x"}}, {"identifier": "1", "quantity": 1, "unit": "H87", "price": {"net": 1}, "item": {"name": "x"}}]}'),
	(5, '{"$kind": "order", "order": {"number": "BC-H", "issue_date": "2024-02-31", "currency": "EUR"}, "lines": [{"identifier": "1", "quantity": 1, "unit": "H87", "price": {"net": 1}, "item": {"name": "x"}}]}'),
	(6, '{"$kind": "order", "order": {"number": "BC-H", "issue_date": "2024-03-02", "currency": "EUX"}, "lines": [{"identifier": "1", "quantity": 1, "unit": "H87", "price": {"net": 1}, "item": {"name": "x"}}]}'),
	(7, '{"$kind": "order_change", "order_change": {"number": "' || repeat('9', 9000) || '", "issue_date": "2024-03-02", "function": "4"}, "order": {"number": "BC-5"}, "lines": [{"identifier": "1", "quantity": 1, "unit": "H87", "item": {"name": "x"}}]}'),
	(8, '{"$kind": "order_response", "order_response": {"number": "' || repeat('9', 9000) || '", "issue_date": "2024-03-02", "code": "AP"}, "order": {"number": "BC-5"}}'),
	(9, '{"$kind": "order_response", "order_response": {"number": "H", "issue_date": "2024-03-02", "code": "CA"}, "order": {"number": "BC-5"}, "lines": [{"identifier": "1", "purchase_order_line": "1", "quantity": "NaN", "unit": "H87", "item": {"name": "x"}}]}'),
	(10, '{"$kind": "despatch_advice", "despatch_advice": {"number": "H", "issue_date": "2024-03-02"}, "orders": [{"number": "BC-5"}], "lines": [{"identifier": "1", "purchase_order_line": "1", "quantity": 1e30, "unit": "H87", "item": {"name": "x"}}]}')) v (n, d),
	LATERAL erp.receive_message(1, 'edi', 'H-' || n, pg_temp.paper(d::jsonb || jsonb_build_object('seller', CASE WHEN n > 7 THEN '{"name": "Steel", "identifiers": ["STEELINC"]}' ELSE '{"name": "M", "vat_number": "FR05832194070"}' END::jsonb,
		'buyer', CASE WHEN n > 6 THEN '{"name": "Café", "identifier": {"value": "7601001010604", "scheme": "0088"}}' ELSE '{"name": "H", "vat_number": "FR88790453187"}' END::jsonb,
		'delivery', '{"name": "H"}'::jsonb, 'despatch_party', '{"name": "Steel"}'::jsonb) #- CASE WHEN n < 10 THEN '{despatch_party}'::text[] ELSE '{x}' END, CASE WHEN n IN (2, 3, 9) THEN 'edifact:D96A' ELSE 'ubl' END)) m ORDER BY n;
SELECT count(*) AS made FROM erp.orders WHERE number ~ '^BC-H|99';
SELECT version, answer FROM erp.orders WHERE number = 'BC-5';
-- a format that has no orders: the message waits for people, and nothing is lost
SELECT erp.set_partner_channel(1, 'BAKER', 'order', 'pa', 'cii');
SELECT erp.create_order(1, 'BC-8', 'H', 'BAKER', '[{"line": "1", "item": "Pain", "quantity": 10, "unit": "H87", "price": 2}]') > 0 AS made;
SELECT written, sending FROM pg_temp.messages WHERE "order" = 'BC-8';
SELECT last_error, (convert_from(content, 'UTF8')::jsonb) ->> '$kind' AS kind FROM erp.outgoing_messages WHERE state = 'failed';
SELECT erp.set_partner_channel(1, 'BAKER', 'order', 'pa', 'ubl');
SELECT erp.send_order(1, pg_temp.order_id('BC-8'), true) IS NOT NULL AS sent;
SELECT try, written, sending FROM pg_temp.messages WHERE "order" = 'BC-8' ORDER BY try;
-- Order-X: the order and its change keep to the schema
SELECT erp.set_partner_channel(1, 'BAKER', 'order', 'pa', 'orderx');
SELECT erp.send_order(1, pg_temp.order_id('BC-8'), true) IS NOT NULL AS sent;
SELECT clex.kind(clex.read(pg_temp.sent('BC-8'))) AS kind, (SELECT count(*) FROM clex.findings(pg_temp.sent('BC-8'))) AS findings;
SELECT erp.change_order(1, pg_temp.order_id('BC-8'), '[{"line": "1", "quantity": 12}]');
SELECT clex.kind(d) AS kind, d::jsonb #>> '{lines,0,quantity}' AS quantity, (SELECT count(*) FROM clex.findings(pg_temp.sent('BC-8'))) AS findings FROM clex.read(pg_temp.sent('BC-8')) d;
SELECT try, kind, written, sending FROM pg_temp.messages WHERE "order" = 'BC-8' ORDER BY v, try;
-- who has no channel is sent nothing, and told so where it is asked for
SELECT erp.set_partner_channel(1, 'BAKER', 'order', NULL);
SELECT erp.create_order(1, 'BC-9', 'H', 'BAKER', '[{"line": "1", "item": "Pain", "quantity": 10, "unit": "H87", "price": 2}]') > 0 AS made;
\set VERBOSITY default
SELECT erp.send_order(1, pg_temp.order_id('BC-9'));
\set VERBOSITY terse
SELECT erp.send_order(1, 4711);
SET ROLE regress_orders_auditor;
SELECT erp.send_order(1, pg_temp.order_id('BC-9'));

-- what is on its way, and what came
SET ROLE regress_orders_erp;
CREATE FUNCTION pg_temp.delivery(kind text, number text, lines jsonb, vat text DEFAULT 'FR05832194070', orders jsonb DEFAULT '[{"number": "BC-1"}]') RETURNS bytea LANGUAGE sql AS $$
	SELECT pg_temp.paper(jsonb_build_object('$kind', kind, kind, jsonb_build_object('number', number, 'issue_date', '2024-04-07'), 'orders', orders,
		'seller', jsonb_build_object('name', 'Moulins', 'vat_number', vat), 'despatch_party', jsonb_build_object('name', 'Moulins', 'identifier', vat),
		'buyer', '{"name": "Hôtel", "identifier": {"value": "3020180000031", "scheme": "0088"}}'::jsonb, 'lines', lines,
		'delivery', jsonb_build_object('name', 'Hôtel', CASE kind WHEN 'despatch_advice' THEN 'estimated_date' ELSE 'date' END, '2024-04-08'))) $$;
SELECT pg_temp.delivery('despatch_advice', 'BL-1', '[{"identifier": "1", "purchase_order_line": "10", "quantity": 30, "unit": "KGM", "item": {"name": "x"}}, {"identifier": "2", "purchase_order_line": "20", "quantity": 0.1, "unit": "TNE", "item": {"name": "x"}}]') AS despatch,
	pg_temp.delivery('despatch_advice', 'BL-2', '[{"identifier": "1", "purchase_order_line": "99", "quantity": 30, "unit": "KGM", "item": {"name": "x"}}]') AS no_line,
	pg_temp.delivery('despatch_advice', 'BL-3', '[{"identifier": "1", "purchase_order_line": "1", "quantity": 30, "unit": "KGM", "item": {"name": "x"}}]', orders => '[{"number": "BC-3"}]') AS cancelled,
	pg_temp.delivery('despatch_advice', 'BL-4', '[{"identifier": "1", "purchase_order_line": "10", "quantity": 30, "unit": "KGM", "item": {"name": "x"}}]', 'FR83404833048') AS other \gset
SELECT n, state, outcome ->> 'reason' AS reason, outcome ->> 'detail' AS detail FROM (VALUES (1, :'despatch'), (2, :'no_line'), (3, :'cancelled'), (4, :'other'), (5, :'despatch')) v (n, content),
	LATERAL erp.receive_message(1, 'edi', 'DA-' || n, content::bytea) ORDER BY n;
SELECT order_number, number, despatched_on, expected_on, order_line, quantity, unit, received, has_come, stated_quantity, stated_unit FROM erp.despatches ORDER BY 2, line_no;
SET ROLE regress_orders_mill;
SELECT erp.announce_delivery(1, pg_temp.order_id('BC-1'), 'BL-5', '[{"line": "10", "quantity": 1}]', '2024-04-20') > 0 AS announced;
SELECT erp.announce_delivery(1, pg_temp.order_id('BC-1'), 'BL-5', '[{"line": "10", "quantity": 1}]', '2024-04-20') > 0 AS again;
SELECT erp.announce_delivery(1, pg_temp.order_id('BC-1'), 'BL-5', '[{"line": "10", "quantity": 2}]', '2024-04-20');
SELECT erp.announce_delivery(1, pg_temp.order_id('BC-1'), 'BL-6', '[{"line": "10", "quantity": -2}]');
SELECT erp.announce_delivery(1, pg_temp.order_id('BC-2'), 'BL-6', '[{"line": "1", "quantity": 2}]');
-- the warehouse: of 30 received one is not accepted; the mill is told, since somebody asked for it
SET ROLE regress_orders_erp;
SELECT state FROM erp.receive_message(1, 'wms', 'W-1', pg_temp.delivery('receipt_advice', 'WE-1', '[{"identifier": "1", "purchase_order_line": "10", "quantity": 30, "unit": "KGM", "item": {"name": "x"}, "rejected_quantity": {"value": 1, "unit": "KGM"}, "reject_reason": "humide"}]'));
SELECT state FROM erp.receive_message(1, 'wms', 'W-2', pg_temp.delivery('receipt_advice', 'WE-1', '[{"identifier": "1", "purchase_order_line": "10", "quantity": 30, "unit": "KGM", "item": {"name": "x"}, "rejected_quantity": {"value": 1, "unit": "KGM"}, "reject_reason": "humide"}]'));
SELECT state, outcome ->> 'reason' AS reason FROM erp.receive_message(1, 'wms', 'W-3', pg_temp.delivery('receipt_advice', 'WE-1', '[{"identifier": "1", "purchase_order_line": "10", "quantity": 7, "unit": "KGM", "item": {"name": "x"}}]'));
SELECT number, received_on, order_line, quantity, unit FROM erp.receipts;
SELECT erp.send_receipt(1, receipt_id) = erp.send_receipt(1, receipt_id) AS once FROM erp.receipts;
SELECT clex.kind(d) AS kind, clex.value(d, 'G-1') AS number, d::jsonb #>> '{lines,0,quantity}' AS quantity FROM clex.read(pg_temp.sent('BC-1')) d;
SELECT erp.set_setting(1, 'p2p.order_send_receipts', 'true');
SELECT erp.receive_goods(1, pg_temp.order_id('BC-1'), 'WE-2', '[{"line": "20", "quantity": 100}]') > 0 AS received;
SELECT kind, number, state, answer_in FROM pg_temp.messages WHERE kind = 'receipt_advice' ORDER BY number;
SELECT erp.send_receipt(1, 4711);
-- what has come cannot be agreed away; the answer stays, and the buyer decides about the order
SET ROLE regress_orders_mill;
SELECT outcome FROM erp.answer_order(1, pg_temp.order_id('BC-1'), 'changes', '[{"line": "10", "quantity": 5}]', number => 'P-9');
SET ROLE regress_orders_buyer;
SELECT erp.settle_response(1, r.response_id, true) FROM erp.order_responses r WHERE r.number = 'P-9';
SELECT erp.settle_response(1, r.response_id, false) FROM erp.order_responses r WHERE r.number = 'P-9';
SELECT erp.cancel_order(1, pg_temp.order_id('BC-1'), 'enough', close => true);
SELECT number, state FROM erp.order_responses WHERE number = 'P-9';
SET ROLE regress_orders_mill;
SELECT erp.answer_order(1, pg_temp.order_id('BC-1'), 'accepted');

-- silence becomes work, with its age
SET ROLE regress_orders_erp;
SELECT erp.set_setting(1, 'p2p.order_acknowledge_hours', '4'), erp.set_setting(1, 'p2p.order_answer_days', '2');
SELECT erp.create_order(1, 'BC-10', 'H', 'MILL', '[{"line": "1", "item": "Son", "quantity": 10, "unit": "KGM", "price": 2, "deliver_by": "2024-03-01"}]') > 0 AS made;
SELECT acknowledge_in, answer_in FROM pg_temp.messages WHERE "order" = 'BC-10';
SELECT task, detail FROM erp.todo WHERE subject = 'order' AND subject_id = pg_temp.order_id('BC-10') AND task LIKE 'chase%' ORDER BY 1;
RESET ROLE;
UPDATE erp.order_message SET posted_at = posted_at - interval '3 days', acknowledge_by = acknowledge_by - interval '3 days', answer_by = answer_by - interval '3 days' WHERE number = 'BC-10';
SET ROLE regress_orders_buyer;
SELECT task, detail, due_at < now() AS due, now() - since > interval '3 days' AS age FROM erp.todo WHERE subject = 'order' AND subject_id = pg_temp.order_id('BC-10') AND task LIKE 'chase%' ORDER BY 1;
SET ROLE regress_orders_erp;
SELECT erp.set_setting(1, 'p2p.order_delivery_days', '10000');
SELECT task FROM erp.todo WHERE subject = 'order' AND subject_id = pg_temp.order_id('BC-10') AND task LIKE 'chase%' ORDER BY 1;
-- an answer ends it
SELECT state FROM erp.receive_message(1, 'edi', 'Z-1', pg_temp.says('AB-99', 'BC-10', 'AP'));
SELECT task FROM erp.todo WHERE subject = 'order' AND subject_id = pg_temp.order_id('BC-10') ORDER BY 1;
SELECT state, acknowledge_in, answer_in FROM pg_temp.messages WHERE "order" = 'BC-10';
SELECT answer, answered_version FROM erp.orders WHERE number = 'BC-10';
-- every version of every order was posted once, every number of an answer is there once
-- lines that cannot be read say which, and why
\set VERBOSITY default
\set SHOW_CONTEXT never
SET ROLE regress_orders_erp;
SELECT erp.create_order(1, 'BC-90', 'H', 'MILL', l::jsonb) FROM unnest(ARRAY['[{"item": "A", "quantity": 1, "unit": "KGM", "price": 2}, {"item": "B", "quantity": "a dozen", "unit": "KGM", "price": 2}]']) l;
SELECT erp.create_order(1, 'BC-90', 'H', 'MILL', '[{"item": "A", "quantity": 1, "unit": "KGM", "price": true}]');
SELECT erp.create_order(1, 'BC-90', 'H', 'MILL', '[{"item": "A", "quantity": 1, "unit": "KGM", "price": "NaN"}]');
SELECT erp.create_order(1, 'BC-90', 'H', 'MILL', '[{"item": "A", "quantity": 1, "unit": "KGM", "price": 2, "deliver_by": "soon"}]');
SELECT erp.create_order(1, 'BC-90', 'H', 'MILL', '[7]');
SELECT erp.create_order(1, NULL, 'H', 'MILL', '[{"item": "A", "quantity": 1, "unit": "KGM", "price": 2}]', currency => NULL);
SELECT erp.change_order(1, pg_temp.order_id('BC-10'), '[{"line": "1", "cancel": "maybe"}]');
SELECT erp.receive_goods(1, pg_temp.order_id('BC-10'), 'WE-9', '[{"line": "1", "quantity": {}}]');
SELECT erp.receive_goods(1, pg_temp.order_id('BC-10'), 'WE-9', '["1"]');
SELECT erp.receive_goods(1, pg_temp.order_id('BC-10'), NULL, '[{"line": "1", "quantity": 1}]');
SET ROLE regress_orders_mill;
SELECT erp.answer_order(1, pg_temp.order_id('BC-10'), 'changes', '[{"line": "1", "quantity": 8}, {"line": "1", "price": "dear"}]');
SELECT erp.announce_delivery(1, pg_temp.order_id('BC-10'), 'D-9', '[{"line": "1", "quantity": "one"}]');
SELECT erp.announce_delivery(1, pg_temp.order_id('BC-10'), NULL, '[{"line": "1", "quantity": 1}]');
\set VERBOSITY terse

RESET ROLE;
SELECT count(*) = count(DISTINCT (order_id, kind, number, attempt)) AS once FROM erp.order_message;
SELECT action, count(*) FROM erp.events WHERE subject = 'order' GROUP BY 1 ORDER BY 1;

SELECT clex.drop_store('erp');
DROP OWNED BY regress_orders_erp;
DROP ROLE regress_orders_owner, regress_orders_erp, regress_orders_buyer, regress_orders_clerk, regress_orders_mill, regress_orders_dairy, regress_orders_auditor;
