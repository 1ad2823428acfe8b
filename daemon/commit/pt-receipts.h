/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

#include "pt-signature.h"

/* The receipts for what one commit makes durable of one area: a tree over all of it, and one
 * signature over its root, from which each gets its path. */
typedef struct _PtReceipts PtReceipts;

/* What is promised. */
typedef struct
{
  const PtSigner *signer; /* the service key; NULL: no receipts are given */
  gint64 period;          /* ms: windows end on this grid */
  gint64 anchored_within; /* ms from a window's end to its batch's block, in the worst case */
} PtReceiptTerms;

PtReceipts *pt_receipts_new (void);
void pt_receipts_free (PtReceipts *receipts);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtReceipts, pt_receipts_free)

/* The next entry's stored bytes, in the log's order. */
void pt_receipts_add (PtReceipts *receipts, PtSpan stored);
const PtHash *pt_receipts_leaf (const PtReceipts *receipts, guint index);
/* After the last one, all received at @received. FALSE: the key does not sign. */
gboolean pt_receipts_sign (PtReceipts *receipts, const char *area, gint64 received,
                           const PtReceiptTerms *terms);
/* Of entry @index, powertrack-receipt-1; NULL before they are signed. */
GBytes *pt_receipts_write (const PtReceipts *receipts, guint index);
