/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-audit-receipt.h"

#include <string.h>

#include "pt-audit-fetch.h"
#include "pt-batch.h"
#include "pt-p256.h"

#define FETCH_THREADS 2
#define FILE_MAX (512 * 1024 * 1024) /* bytes of a batch file that are held in memory */
#define CONFIRMATIONS 12             /* where a chain has no finalized block */

PtAuditReceipt *
pt_audit_receipt_new (GBytes *bytes, PtResult *result)
{
  PtAuditReceipt *receipt = NULL;
  gsize size = 0;
  const char *data = NULL;

  g_return_val_if_fail (bytes != NULL && result != NULL, NULL);
  receipt = g_new0 (PtAuditReceipt, 1);
  receipt->bytes = g_bytes_ref (bytes);
  data = g_bytes_get_data (bytes, &size);
  if (size > 0 && data[size - 1] == '\n')
    size--;
  *result = pt_receipt_parse (pt_span (data, size), &receipt->receipt);
  if (*result == PT_OK)
    return receipt;
  pt_audit_receipt_free (receipt);
  return NULL;
}

void
pt_audit_receipt_free (PtAuditReceipt *receipt)
{
  g_return_if_fail (receipt != NULL);
  g_bytes_unref (receipt->bytes);
  g_free (receipt);
}

gboolean
pt_audit_final_block (PtRpc *rpc, const PtAuditChain *chain, gint64 confirmations,
                      PtBlockHeader *out, GError **error)
{
  guint64 depth = confirmations >= 0 ? (guint64) confirmations : CONFIRMATIONS;

  g_return_val_if_fail (rpc != NULL && chain != NULL && out != NULL, FALSE);
  if (confirmations < 0 && pt_rpc_header (rpc, PT_RPC_FINALIZED, out, NULL))
    {
      if (out->number > chain->at.number)
        *out = chain->at;
      return TRUE;
    }
  return pt_rpc_header (rpc, chain->at.number > depth ? chain->at.number - depth : 0, out, error);
}

static const PtAuditArea *
find_area (const PtAuditChain *chain, PtSpan id)
{
  for (guint i = 0; i < chain->areas->len; i++)
    {
      const PtAuditArea *area = g_ptr_array_index (chain->areas, i);

      if (pt_span_is (id, area->registered.area))
        return area;
    }
  return NULL;
}

/* Index of the batch whose window holds the receipt's time, anchored in a final block; -1: none. */
static gint
find_batch (const PtAuditArea *area, gint64 received, guint64 final)
{
  for (guint i = 0; i < area->checkpoints->len; i++)
    {
      const PtCheckpoint *checkpoint = &g_array_index (area->checkpoints, PtCheckpoint, i);

      if (checkpoint->from <= (guint64) received && (guint64) received < checkpoint->to)
        return g_array_index (area->blocks, guint64, i) <= final ? (gint) i : -1;
    }
  return -1;
}

/* A file as it comes, and which leaf is looked for in it. */
typedef struct
{
  GByteArray *bytes;
  gboolean too_large;
  const PtHash *leaf;
  gboolean holds;
} Search;

static gboolean
take_bytes (GBytes *bytes, gpointer user_data)
{
  Search *search = user_data;

  search->too_large = search->bytes->len + g_bytes_get_size (bytes) > FILE_MAX;
  if (search->too_large)
    return FALSE;
  g_byte_array_append (search->bytes, g_bytes_get_data (bytes, NULL),
                       (guint) g_bytes_get_size (bytes));
  return TRUE;
}

static PtResult
visit_entry (void *context, uint64_t index, PtSpan entry, const PtHash *leaf)
{
  Search *search = context;

  search->holds |= memcmp (leaf, search->leaf, sizeof *leaf) == 0;
  (void) index;
  (void) entry;
  return PT_OK;
}

/* Reads the whole of it, so that its root is known to follow from what it holds. */
static gboolean
search_file (Search *search, const PtCheckpoint *checkpoint)
{
  g_autofree char *buffer = g_malloc (PT_ENTRY_MAX + 4096);
  PtSpan file = pt_span (search->bytes->data, search->bytes->len), line;
  PtBatchHeader header;
  PtBatchReader reader;
  PtFrontier previous;

  if (!pt_batch_last_line (file, &line) || pt_batch_parse_last_line (line, &header) != PT_OK)
    return FALSE;
  previous = header.previous;
  return pt_batch_reader_init (&reader, &previous, buffer, PT_ENTRY_MAX + 4096, visit_entry, search)
             == PT_OK
         && pt_batch_reader_feed (&reader, file.data, file.size) == PT_OK
         && pt_batch_reader_finish (&reader, &header) == PT_OK && header.size == checkpoint->size
         && header.batch == checkpoint->batch
         && memcmp (&header.root, &checkpoint->root, sizeof header.root) == 0;
}

static PtReceiptOutcome
look_into (const PtAuditOptions *options, const PtCheckpoint *checkpoint, const PtHash *leaf,
           gboolean *holds)
{
  PtAuditFetchOptions fetch = { options->gateway, FETCH_THREADS, options->block_timeout };
  gint stopped = FALSE;
  PtAuditJob job = { checkpoint->cid, &stopped };
  GArray *jobs = g_array_new (FALSE, FALSE, sizeof job);
  g_autoptr (PtAuditFetcher) fetcher = NULL;
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  Search search = { .bytes = bytes, .leaf = leaf };

  g_array_append_val (jobs, job);
  fetcher = pt_audit_fetcher_new (&fetch, jobs);
  if (!pt_audit_fetcher_read (fetcher, take_bytes, &search, NULL) || search.too_large)
    return PT_RECEIPT_NO_FILE;
  if (!search_file (&search, checkpoint))
    return PT_RECEIPT_BAD_FILE;
  *holds = search.holds;
  return PT_RECEIPT_JUDGED;
}

static gboolean
is_signed (const PtAuditReceipt *receipt, const PtAuditArea *area)
{
  PtVerifier *verifier = pt_p256_verifier_new (PT_P256_EVP);
  gboolean good
      = verifier != NULL
        && pt_receipt_verify (&receipt->receipt, verifier, area->registered.service_key) == PT_OK;

  if (verifier != NULL)
    pt_p256_verifier_free (verifier);
  return good;
}

static gboolean
judge (const PtAuditChain *chain, PtRpc *rpc, const PtAuditOptions *options,
       const PtBlockHeader *final, PtAuditReceipt *receipt, GError **error)
{
  const PtAuditArea *area = find_area (chain, receipt->receipt.area);
  PtReceiptFacts facts = { .final_time = final->time };
  PtBlockHeader header;
  gboolean holds = FALSE;
  gint at;

  receipt->outcome = area == NULL                 ? PT_RECEIPT_NO_AREA
                     : !is_signed (receipt, area) ? PT_RECEIPT_BAD_SIGNATURE
                                                  : PT_RECEIPT_JUDGED;
  if (receipt->outcome != PT_RECEIPT_JUDGED)
    return TRUE;
  at = find_batch (area, receipt->receipt.received, final->number);
  if (at >= 0)
    {
      const PtCheckpoint *checkpoint = &g_array_index (area->checkpoints, PtCheckpoint, (guint) at);

      receipt->batch = checkpoint->batch;
      receipt->block = g_array_index (area->blocks, guint64, (guint) at);
      if (!pt_rpc_header (rpc, receipt->block, &header, error))
        return FALSE;
      receipt->anchored = header.time;
      receipt->outcome = look_into (options, checkpoint, &receipt->receipt.leaf, &holds);
      facts.is_anchored = true;
      facts.anchored = header.time;
      facts.holds_leaf = holds;
    }
  receipt->promise = pt_receipt_judge (&receipt->receipt, &facts);
  return TRUE;
}

gboolean
pt_audit_judge_receipts (const PtAuditChain *chain, PtRpc *rpc, const PtAuditOptions *options,
                         const PtBlockHeader *final, GPtrArray *receipts, GError **error)
{
  g_return_val_if_fail (chain != NULL && rpc != NULL && options != NULL, FALSE);
  g_return_val_if_fail (final != NULL && receipts != NULL, FALSE);

  for (guint i = 0; i < receipts->len; i++)
    if (!judge (chain, rpc, options, final, g_ptr_array_index (receipts, i), error))
      return FALSE;
  return TRUE;
}
