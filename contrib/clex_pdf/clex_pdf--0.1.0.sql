-- clex_pdf: invoices in PDF files
\echo Use "CREATE EXTENSION clex_pdf" to load this file. \quit

CREATE FUNCTION clex_pdf.attachments(
	pdf bytea,
	OUT name text,
	OUT mime text,
	OUT relationship text,
	OUT description text,
	OUT modified text,
	OUT size bigint,
	OUT checksum_matches boolean,
	OUT associated boolean,
	OUT in_names boolean,
	OUT is_invoice boolean,
	OUT content bytea
)
	RETURNS SETOF record
	AS 'MODULE_PATHNAME', 'clex_pdf_attachments'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5000 ROWS 3;

COMMENT ON FUNCTION clex_pdf.attachments(bytea) IS
	'The files attached to a PDF, a row for each: name, MIME type, AFRelationship, description and modification date (D:20260331120000Z) as the PDF says them, NULL where it does not; size in bytes; whether the content has the checksum the PDF says (NULL: none said); whether the catalog''s array AF and the name tree EmbeddedFiles have it; whether it is the invoice. Errors: 22000 no PDF or damaged beyond repair, 0A000 password or filter, 54000 over clex_pdf.max_size, max_inflated or max_objects.';

CREATE FUNCTION clex_pdf.invoice(pdf bytea, OUT name text, OUT relationship text, OUT content bytea)
	RETURNS record
	AS 'MODULE_PATHNAME', 'clex_pdf_invoice'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 2000;

COMMENT ON FUNCTION clex_pdf.invoice(bytea) IS
	'The XML of the invoice or order in a PDF, byte for byte: by the name that standards give it (factur-x.xml before xrechnung.xml, zugferd-invoice.xml, ZUGFeRD-invoice.xml, order-x.xml, cii.xml), else an attached XML that is one. All columns are NULL if there is none. Errors as those of clex_pdf.attachments().';

CREATE FUNCTION clex_pdf.findings(
	pdf bytea,
	lang text DEFAULT 'en',
	OUT rule text,
	OUT severity text,
	OUT location text,
	OUT found text,
	OUT expected text,
	OUT message text
)
	RETURNS SETOF record
	AS 'MODULE_PATHNAME', 'clex_pdf_findings'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5000 ROWS 3;

COMMENT ON FUNCTION clex_pdf.findings(bytea, text) IS
	'What is wrong with a PDF as the carrier of an invoice, a row for each: the claim of PDF/A-3, what the metadata say of the invoice against its name and guideline, their extension schema, the array AF, the AFRelationship, the name tree, MIME type, date, size and checksum. severity is fatal or warning, location the name of the attachment, lang en, fr or de. The invoice itself is checked by clex.findings(), fonts and colours by nothing here. Errors as those of clex_pdf.attachments().';

CREATE FUNCTION clex_pdf.facturx_read(pdf bytea)
	RETURNS clex.document
	LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE COST 3000
	SET search_path = pg_catalog, pg_temp
	AS $$
DECLARE
	v_content bytea := (clex_pdf.invoice(pdf)).content;
BEGIN
	IF v_content IS NULL THEN
		RAISE EXCEPTION USING ERRCODE = 'data_exception', MESSAGE = 'no attachment of the PDF is an invoice',
			HINT = 'clex_pdf.attachments() lists what is attached.';
	END IF;
	RETURN clex.read(v_content);
END;
$$;

COMMENT ON FUNCTION clex_pdf.facturx_read(bytea) IS
	'The invoice in a PDF as a document: clex.read() of what clex_pdf.invoice() gives. Errors: 22000 no invoice in it, and those of both functions.';

CREATE FUNCTION clex_pdf.detect(
	content bytea,
	OUT format text,
	OUT kind text,
	OUT version text,
	OUT profile text,
	OUT encoding text
)
	RETURNS record
	LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE COST 3000
	SET search_path = pg_catalog, pg_temp
	AS $$
DECLARE
	v_xml bytea;
BEGIN
	SELECT d.* INTO format, kind, version, profile, encoding FROM clex.detect(content) d;
	IF format OPERATOR(pg_catalog.=) 'pdf' THEN
		v_xml := (clex_pdf.invoice(content)).content;
		IF v_xml IS NOT NULL THEN
			SELECT CASE d.format WHEN 'orderx' THEN 'orderx' ELSE 'facturx' END, d.kind, d.version, d.profile, d.encoding INTO format, kind, version, profile, encoding FROM clex.detect(v_xml) d;
		END IF;
	END IF;
END;
$$;

COMMENT ON FUNCTION clex_pdf.detect(bytea) IS
	'What a file is, as clex.detect() says it, which cannot look into a PDF: for a PDF with an invoice in it format is facturx, with an order orderx, and kind, version, profile and encoding are those of the XML. Errors as those of clex_pdf.attachments().';

CREATE FUNCTION clex_pdf.embed_file(pdf bytea, xml bytea, name text, relationship text, description text, modified text)
	RETURNS bytea
	AS 'MODULE_PATHNAME', 'clex_pdf_embed'
	LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10000;

COMMENT ON FUNCTION clex_pdf.embed_file(bytea, bytea, text, text, text, text) IS
	'What clex_pdf.embed() does, its options as arguments; NULL: chosen by the guideline. pdf and xml must not be NULL. modified is a date as PDF writes it: D:20260331120000Z.';

CREATE FUNCTION clex_pdf.embed(pdf bytea, xml bytea, options jsonb DEFAULT '{}')
	RETURNS bytea
	LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE COST 10000
	SET search_path = pg_catalog, pg_temp
	SET timezone = 'UTC'
	AS $$
DECLARE
	v_unknown text := (SELECT k FROM jsonb_object_keys(options) k
		WHERE k OPERATOR(pg_catalog.<>) ALL (ARRAY['name', 'relationship', 'description', 'modified']) ORDER BY k LIMIT 1);
	v_relationship text := options OPERATOR(pg_catalog.->>) 'relationship';
	v_modified text := options OPERATOR(pg_catalog.->>) 'modified';
BEGIN
	IF v_unknown IS NOT NULL THEN
		RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value', MESSAGE = format('there is no option "%s"', v_unknown),
			HINT = 'Options are name, relationship, description and modified.';
	END IF;
	IF v_relationship OPERATOR(pg_catalog.<>) ALL (ARRAY['Source', 'Data', 'Alternative', 'Supplement', 'Unspecified']) THEN
		RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value', MESSAGE = format('there is no relationship "%s"', v_relationship),
			HINT = 'It is Source, Data, Alternative, Supplement or Unspecified.';
	END IF;
	RETURN clex_pdf.embed_file(pdf, xml, options OPERATOR(pg_catalog.->>) 'name', v_relationship, options OPERATOR(pg_catalog.->>) 'description',
		to_char(v_modified::timestamptz, '"D:"YYYYMMDDHH24MISS"Z"'));
END;
$$;

COMMENT ON FUNCTION clex_pdf.embed(bytea, bytea, jsonb) IS
	'The PDF with an invoice or order (CII) attached as Factur-X, ZUGFeRD or Order-X want it: embedded file with size, date and checksum, name tree, array AF, AFRelationship, XMP with the properties of its guideline and their extension schema. The PDF must claim PDF/A-1, 2 or 3 and becomes PDF/A-3; its pages stay as they are. An attachment of the same name is replaced. Options: name, relationship, description, and modified, a time stamp in ISO 8601 (default: the invoice''s issue date at midnight UTC). The same arguments give the same bytes. Errors: 22023 no PDF/A, encrypted, unknown guideline or option, and those of clex_pdf.attachments().';
