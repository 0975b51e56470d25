
-- lifecycle messages

CREATE FUNCTION clex.read_status(content bytea) RETURNS jsonb
AS 'MODULE_PATHNAME', 'clex_status_read'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 500;
COMMENT ON FUNCTION clex.read_status(bytea) IS
'A lifecycle message (format cdar: UN/CEFACT CDAR D22B) as JSON: id, name, created, profile, process, sender, issuer, recipients, and acknowledgements with their references: number, document_type, issue_date, status, label, seller, details with reason, action, notes and characteristics. All values are text as sent, times and dates in digits; an element that repeats has its values in lines. Says nothing of whether the message is lawful: clex.findings() does. Errors: 22P02 not well-formed XML, 54000 over a limit, 0A000 not a lifecycle message. Source: UN/CEFACT CDAR D22B, XP Z12-012.';

CREATE FUNCTION clex.write_status(message jsonb) RETURNS bytea
AS 'MODULE_PATHNAME', 'clex_status_write'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 500;
COMMENT ON FUNCTION clex.write_status(jsonb) IS
'A lifecycle message (format cdar) from JSON of the same members as clex.read_status() gives; what is not given is left out, a group with nothing in it too. Elements stand in the order of the schema. Errors: 22023 a member that no element has, or of another kind. Source: UN/CEFACT CDAR D22B.';
