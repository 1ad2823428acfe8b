/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <json-glib/json-glib.h>

#include "pt-audit-receipt.h"

/* Receipts of files, and what became of them in words. */

typedef struct
{
  char *path;
  PtAuditReceipt *receipt;
} PtReceiptFile;

void pt_receipt_file_free (PtReceiptFile *file);

/* Reads receipts: PtReceiptFile. NULL: one can't be read or is none. */
GPtrArray *pt_receipt_files_read (char **paths, GError **error);

/* As of the chain's final block. FALSE: it can't be asked. */
gboolean pt_receipt_files_judge (GPtrArray *files, const PtAuditChain *chain, PtRpc *rpc,
                                 const PtAuditOptions *options, gint64 confirmations,
                                 PtBlockHeader *final, GError **error);

/* A sentence, and the exit status that it means. */
char *pt_receipt_words (const PtAuditReceipt *receipt, int *status);
/* {"area","batch"?,"block"?,"by","file","promise","received"}. */
void pt_receipt_file_to_json (const PtReceiptFile *file, JsonBuilder *builder);
