/*
 * application_response.h
 *		The acknowledgement of a UBL document.
 */
#ifndef CLEX_GLUE_APPLICATION_RESPONSE_H
#define CLEX_GLUE_APPLICATION_RESPONSE_H

#include "core/codec/edi_ack.h"

/*
 * A UBL ApplicationResponse about a UBL document, as a new bytea; NULL for a document that is itself an
 * answer.  Raises errors for what cannot be read, or is not UBL.
 */
extern bytea *AcknowledgeUbl(Span content, const EdiAckOptions *options);

#endif
