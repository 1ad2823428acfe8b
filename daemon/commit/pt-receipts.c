/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-receipts.h"

#include <string.h>

#include "pt-receipt.h"

struct _PtReceipts
{
  GPtrArray *levels; /* GArray of PtHash: roots of complete subtrees of 2^level leaves */
  char area[PT_AREA_MAX + 1];
  PtReceipt signed_part; /* of each: all but index, leaf and path */
  gboolean is_signed;
};

PtReceipts *
pt_receipts_new (void)
{
  PtReceipts *receipts = g_new0 (PtReceipts, 1);

  receipts->levels = g_ptr_array_new_with_free_func ((GDestroyNotify) g_array_unref);
  g_ptr_array_add (receipts->levels, g_array_new (FALSE, FALSE, sizeof (PtHash)));
  return receipts;
}

void
pt_receipts_free (PtReceipts *receipts)
{
  if (receipts == NULL)
    return;
  g_ptr_array_unref (receipts->levels);
  g_free (receipts);
}

static GArray *
level_at (PtReceipts *receipts, guint height)
{
  if (height == receipts->levels->len)
    g_ptr_array_add (receipts->levels, g_array_new (FALSE, FALSE, sizeof (PtHash)));
  return g_ptr_array_index (receipts->levels, height);
}

/* With every second node of a level the one above it is complete. */
void
pt_receipts_add (PtReceipts *receipts, PtSpan stored)
{
  PtHash hash;

  g_return_if_fail (receipts != NULL && !receipts->is_signed);

  pt_tree_leaf_hash (stored, &hash);
  for (guint height = 0;; height++)
    {
      GArray *level = level_at (receipts, height);

      g_array_append_val (level, hash);
      if (level->len % 2 != 0)
        return;
      pt_tree_node_hash (&g_array_index (level, PtHash, level->len - 2),
                         &g_array_index (level, PtHash, level->len - 1), &hash);
    }
}

static guint
count_of (const PtReceipts *receipts)
{
  return ((GArray *) g_ptr_array_index (receipts->levels, 0))->len;
}

const PtHash *
pt_receipts_leaf (const PtReceipts *receipts, guint index)
{
  g_return_val_if_fail (receipts != NULL && index < count_of (receipts), NULL);

  return &g_array_index ((GArray *) g_ptr_array_index (receipts->levels, 0), PtHash, index);
}

/* A PtTreeNodeFunc. */
static PtResult
node_at (void *context, unsigned height, uint64_t index, PtHash *out)
{
  const PtReceipts *receipts = context;
  const GArray *level;

  if (height >= receipts->levels->len)
    return PT_STOPPED;
  level = g_ptr_array_index (receipts->levels, height);
  if (index >= level->len)
    return PT_STOPPED;
  *out = g_array_index (level, PtHash, index);
  return PT_OK;
}

gboolean
pt_receipts_sign (PtReceipts *receipts, const char *area, gint64 received,
                  const PtReceiptTerms *terms)
{
  PtReceipt *part;
  PtHash digest;

  g_return_val_if_fail (receipts != NULL && area != NULL && terms != NULL, FALSE);
  g_return_val_if_fail (terms->signer != NULL && terms->period > 0, FALSE);

  part = &receipts->signed_part;
  g_strlcpy (receipts->area, area, sizeof receipts->area);
  part->area = pt_span (receipts->area, strlen (receipts->area));
  part->received = received;
  part->by = (received / terms->period + 1) * terms->period + terms->anchored_within;
  part->size = count_of (receipts);
  if (pt_tree_range_root (&(PtTreeRange){ 0, part->size }, node_at, receipts, &part->root) != PT_OK)
    return FALSE;
  pt_receipt_digest (part, &digest);
  receipts->is_signed
      = terms->signer->sign (terms->signer->context, &digest, part->signature) != FALSE;
  return receipts->is_signed;
}

static gboolean
find_path (const PtReceipts *receipts, PtReceipt *out)
{
  PtTreeRange ranges[PT_TREE_DEPTH_MAX];

  if (pt_tree_path_ranges (out->index, out->size, ranges, &out->path_count) != PT_OK)
    return FALSE;
  for (size_t i = 0; i < out->path_count; i++)
    if (pt_tree_range_root (&ranges[i], node_at, (gpointer) receipts, &out->path[i]) != PT_OK)
      return FALSE;
  return TRUE;
}

GBytes *
pt_receipts_write (const PtReceipts *receipts, guint index)
{
  char text[PT_RECEIPT_MAX];
  PtReceipt receipt;
  gsize size;

  g_return_val_if_fail (receipts != NULL && index < count_of (receipts), NULL);

  if (!receipts->is_signed)
    return NULL;
  receipt = receipts->signed_part;
  receipt.index = index;
  receipt.leaf = *pt_receipts_leaf (receipts, index);
  if (!find_path (receipts, &receipt)
      || pt_receipt_write (&receipt, text, sizeof text, &size) != PT_OK)
    return NULL;
  return g_bytes_new (text, size);
}
