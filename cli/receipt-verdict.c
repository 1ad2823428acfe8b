/* SPDX-License-Identifier: Apache-2.0 */
#include "receipt-verdict.h"

#include "pt-cli.h"
#include "pt-error.h"
#include "pt-i18n.h"
#include "pt-kept.h"
#include "pt-table.h"

void
pt_receipt_file_free (PtReceiptFile *file)
{
  g_return_if_fail (file != NULL);
  g_free (file->path);
  g_clear_pointer (&file->receipt, pt_audit_receipt_free);
  g_free (file);
}

/* @name: of the file, and which one of it. */
static gboolean
take_receipt (GPtrArray *files, const char *name, PtSpan text, GError **error)
{
  PtReceiptFile *file = g_new0 (PtReceiptFile, 1);
  g_autoptr (GBytes) bytes = g_bytes_new (text.data, text.size);
  PtResult result = PT_OK;

  g_ptr_array_add (files, file);
  file->path = g_strdup (name);
  file->receipt = pt_audit_receipt_new (bytes, &result);
  if (file->receipt != NULL)
    return TRUE;
  g_set_error (error, PT_ERROR, pt_error_from_result (result),
               _ ("%s is no receipt in its one form (%s)"), name, pt_result_slug (result));
  return FALSE;
}

/* All those in a file that a citizen keeps. */
static gboolean
take_kept (GPtrArray *files, const char *path, PtSpan text, GError **error)
{
  g_autofree char *buffer = g_malloc (PT_RECEIPT_MAX + 1);
  PtKeptReader reader;
  PtSpan one;
  guint count = 0;

  if (pt_kept_open (&reader, text))
    while (pt_kept_next (&reader, buffer, PT_RECEIPT_MAX + 1, &one))
      {
        g_autofree char *name = g_strdup_printf ("%s#%u", path, ++count);

        if (!take_receipt (files, name, one, error))
          return FALSE;
      }
  if (count > 0 && reader.result == PT_OK)
    return TRUE;
  g_set_error (error, PT_ERROR, PT_ERROR_MALFORMED, _ ("%s holds no receipt that can be read"),
               path);
  return FALSE;
}

GPtrArray *
pt_receipt_files_read (char **paths, GError **error)
{
  g_autoptr (GPtrArray) files
      = g_ptr_array_new_with_free_func ((GDestroyNotify) pt_receipt_file_free);

  for (guint i = 0; paths != NULL && paths[i] != NULL; i++)
    {
      g_autofree char *text = NULL;
      gsize size = 0;
      PtSpan whole;

      if (!g_file_get_contents (paths[i], &text, &size, error))
        return NULL;
      whole = pt_span (text, size > 0 && text[size - 1] == '\n' ? size - 1 : size);
      if (!(pt_kept_is (whole) ? take_kept (files, paths[i], whole, error)
                               : take_receipt (files, paths[i], whole, error)))
        return NULL;
    }
  return g_steal_pointer (&files);
}

gboolean
pt_receipt_files_judge (GPtrArray *files, const PtAuditChain *chain, PtRpc *rpc,
                        const PtAuditOptions *options, gint64 confirmations, PtBlockHeader *final,
                        GError **error)
{
  g_autoptr (GPtrArray) receipts = g_ptr_array_new ();

  g_return_val_if_fail (files != NULL && final != NULL, FALSE);
  for (guint i = 0; i < files->len; i++)
    g_ptr_array_add (receipts, ((PtReceiptFile *) g_ptr_array_index (files, i))->receipt);
  return pt_audit_final_block (rpc, chain, confirmations, final, error)
         && pt_audit_judge_receipts (chain, rpc, options, final, receipts, error);
}

static char *
promise_words (const PtAuditReceipt *receipt, int *status)
{
  g_autofree char *by = pt_format_time (receipt->receipt.by);
  g_autofree char *anchored = pt_format_time (receipt->anchored);

  *status = PT_EXIT_FAILED;
  switch (receipt->promise)
    {
    case PT_PROMISE_BROKEN:
      return g_strdup_printf (_ ("BROKEN: batch %" PRIu64 ", anchored in block %" PRIu64
                                 ", is that of its time and does not hold it"),
                              receipt->batch, receipt->block);
    case PT_PROMISE_LATE:
      return receipt->batch > 0
                 ? g_strdup_printf (
                     _ ("late: batch %" PRIu64 " holds it, but was anchored at %s; promised by %s"),
                     receipt->batch, anchored, by)
                 : g_strdup_printf (
                     _ ("late: promised by %s, and no batch of its time is anchored"), by);
    case PT_PROMISE_KEPT:
      *status = PT_EXIT_HOLDS;
      return g_strdup_printf (_ ("kept: batch %" PRIu64 " holds it, anchored in block %" PRIu64
                                 " at %s; promised by %s"),
                              receipt->batch, receipt->block, anchored, by);
    case PT_PROMISE_PENDING:
      break;
    }
  *status = PT_EXIT_NOT_CHECKED;
  return g_strdup_printf (_ ("not due yet: promised by %s"), by);
}

char *
pt_receipt_words (const PtAuditReceipt *receipt, int *status)
{
  g_return_val_if_fail (receipt != NULL && status != NULL, NULL);
  *status = PT_EXIT_FAILED;
  switch (receipt->outcome)
    {
    case PT_RECEIPT_NO_AREA:
      *status = PT_EXIT_NOT_CHECKED;
      return g_strdup (_ ("its area is not registered with this contract"));
    case PT_RECEIPT_BAD_SIGNATURE:
      return g_strdup (_ ("the area's service did not sign it"));
    case PT_RECEIPT_NO_FILE:
      *status = PT_EXIT_NOT_CHECKED;
      return g_strdup_printf (_ ("batch %" PRIu64 " can't be fetched whole"), receipt->batch);
    case PT_RECEIPT_BAD_FILE:
      return g_strdup_printf (_ ("what is anchored as batch %" PRIu64 " does not give its root"),
                              receipt->batch);
    case PT_RECEIPT_JUDGED:
      break;
    }
  return promise_words (receipt, status);
}

static void
add_number (JsonBuilder *builder, const char *name, gint64 value)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_int_value (builder, value);
}

static const char *
promise_name (const PtAuditReceipt *receipt)
{
  switch (receipt->outcome)
    {
    case PT_RECEIPT_NO_AREA:
      return "unknown-area";
    case PT_RECEIPT_BAD_SIGNATURE:
      return "bad-signature";
    case PT_RECEIPT_NO_FILE:
      return "unreachable";
    case PT_RECEIPT_BAD_FILE:
      return "bad-batch";
    case PT_RECEIPT_JUDGED:
      break;
    }
  return pt_promise_name (receipt->promise);
}

void
pt_receipt_file_to_json (const PtReceiptFile *file, JsonBuilder *builder)
{
  const PtAuditReceipt *receipt = file->receipt;
  g_autofree char *area = NULL;

  g_return_if_fail (file != NULL && builder != NULL);
  area = g_strndup (receipt->receipt.area.data, receipt->receipt.area.size);
  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "area");
  json_builder_add_string_value (builder, area);
  if (receipt->batch > 0)
    {
      add_number (builder, "anchored", receipt->anchored);
      add_number (builder, "batch", (gint64) receipt->batch);
      add_number (builder, "block", (gint64) receipt->block);
    }
  add_number (builder, "by", receipt->receipt.by);
  json_builder_set_member_name (builder, "file");
  json_builder_add_string_value (builder, file->path);
  json_builder_set_member_name (builder, "promise");
  json_builder_add_string_value (builder, promise_name (receipt));
  add_number (builder, "received", receipt->receipt.received);
  json_builder_end_object (builder);
}
