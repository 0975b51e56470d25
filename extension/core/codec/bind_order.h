/*
 * bind_order.h
 *		What stood beside the extras of a document.
 */
#ifndef CLEX_CODEC_BIND_ORDER_H
#define CLEX_CODEC_BIND_ORDER_H

#include "core/model/document.h"

/*
 * Note in the provenance, as "order", what each of several elements of one name held, where extras are
 * among them and the terms do not tell.  `extras` are nodes of the tree (uint32_t).  False when out of
 * memory.
 */
extern bool BindOrder(Tree *tree, const Vector *extras, DocumentBuilder *builder);

#endif
