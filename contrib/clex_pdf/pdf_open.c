/*
 * pdf_open.c
 *		libqpdf: opening, closing, and what went wrong.
 *
 * qpdf's handle remembers the last error and its warnings; both are taken before it is closed.  It is told to
 * be silent: a library in a server has no business on its standard error.
 */
#include "pdf_qpdf.h"

void
PdfClose(PdfHandle *handle)
{
	if (handle->qpdf != NULL)
		qpdf_cleanup(&handle->qpdf);
	handle->qpdf = NULL;
}

int
PdfArrayLength(qpdf_data qpdf, qpdf_oh array)
{
	return qpdf_oh_is_array(qpdf, array) ? qpdf_oh_get_array_n_items(qpdf, array) : 0;
}

ClexStatus
PdfTrouble(PdfHandle *handle, ClexError *error)
{
	qpdf_data qpdf = handle->qpdf;
	qpdf_error trouble = qpdf_has_error(qpdf) ? qpdf_get_error(qpdf) : NULL;
	enum qpdf_error_code_e code =
		trouble == NULL ? qpdf_e_damaged_pdf : qpdf_get_error_code(qpdf, trouble);
	Span detail = trouble == NULL ? SpanOf("", 0)
								  : SpanFromCString(qpdf_get_error_message_detail(qpdf, trouble));

	/* what it says may quote bytes of the file */
	detail = SpanOf(detail.data, Utf8ValidPrefix(SpanCut(detail, 180)));
	if (code == qpdf_e_password)
	{
		ClexFail(error, CLEX_UNSUPPORTED, "the PDF cannot be opened without a password");
		return CLEX_UNSUPPORTED;
	}
	ClexFail(error, code == qpdf_e_unsupported ? CLEX_UNSUPPORTED : CLEX_MALFORMED,
			 code == qpdf_e_unsupported ? "the PDF uses something that is not supported"
										: "the PDF is damaged");
	if (detail.length > 0)
		ClexDetail(error, "At byte %llu: %.*s.",
				   trouble == NULL ? 0ULL : qpdf_get_error_file_position(qpdf, trouble),
				   (int) detail.length, detail.data);
	return error->status;
}

void
PdfTakeWarnings(PdfHandle *handle, PdfFacts *facts)
{
	while (qpdf_more_warnings(handle->qpdf))
	{
		qpdf_error warning = qpdf_next_warning(handle->qpdf);
		Span text = SpanFromCString(qpdf_get_error_message_detail(handle->qpdf, warning));

		if (!facts->repaired)
			facts->repair =
				ArenaCopy(handle->arena, SpanOf(text.data, Utf8ValidPrefix(SpanCut(text, 200))));
		facts->repaired = true;
	}
}

ClexStatus
PdfOpen(Span pdf, const PdfLimits *limits, Arena *arena, PdfHandle *handle, ClexError *error)
{
	ClexStatus status;

	handle->qpdf = NULL;
	handle->arena = arena;
	if (pdf.length < 5 || memcmp(pdf.data, "%PDF-", 5) != 0)
		return ClexFail(error, CLEX_MALFORMED, "the content is not a PDF");
	status = PdfGuard(pdf, limits, arena, error);
	if (status != CLEX_OK)
		return status;
	handle->qpdf = qpdf_init();
	if (handle->qpdf == NULL)
		return ClexFail(error, CLEX_NO_MEMORY, "out of memory");
	qpdf_silence_errors(handle->qpdf);
	qpdf_set_suppress_warnings(handle->qpdf, QPDF_TRUE);
	/* no copy: the bytes stay as long as the handle */
	if (qpdf_read_memory(handle->qpdf, "pdf", pdf.data, pdf.length, "") & QPDF_ERRORS)
	{
		status = PdfTrouble(handle, error);
		PdfClose(handle);
	}
	return status;
}
