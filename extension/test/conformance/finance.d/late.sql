CREATE TEMP TABLE due_dates (rule text, issue_date date, delivery_date date, due_date date);
-- load due_dates due_date_vectors.csv ';'
CREATE TEMP TABLE late (policy text, principal numeric, due_date date, paid_date date, days_late int, interest numeric, indemnity numeric);
-- load late late_interest_vectors.csv ';'

INSERT INTO checked
SELECT 'due dates', concat_ws(' ', rule, issue_date), clex.due_date(rule, issue_date, delivery_date)::text, due_date::text,
	clex.due_date(rule, issue_date, delivery_date) = due_date
FROM due_dates;
INSERT INTO checked
SELECT 'late interest', concat_ws(' ', policy, principal, l.due_date, paid_date), concat_ws(' ', g.days_late, g.interest, g.indemnity),
	concat_ws(' ', l.days_late, l.interest, l.indemnity), (g.days_late, g.interest, g.indemnity) = (l.days_late, l.interest, l.indemnity)
FROM late AS l, LATERAL clex.late_payment(policy, principal, l.due_date, paid_date) AS g;
