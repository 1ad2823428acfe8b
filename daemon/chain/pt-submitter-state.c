/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-submitter-private.h"

gint64
pt_submitter_now (void)
{
  return g_get_real_time () / 1000;
}

void
pt_submitter_note_attention (PtSubmitter *self, const char *sentence)
{
  if (self->attention == NULL)
    self->attention = g_strdup (sentence);
}

void
pt_submitter_tell (PtSubmitter *self, GArray *rows, const PtTransactionRow *transaction,
                   PtBatchState state)
{
  static const PtHash none;
  g_autoptr (GArray) changed = g_array_new (FALSE, FALSE, sizeof (PtBatchRow));
  for (guint i = 0; i < rows->len; i++)
    {
      PtBatchRow *row = &g_array_index (rows, PtBatchRow, i);
      if (!row->has_nonce || row->nonce != transaction->nonce)
        continue;
      gboolean mined = state != PT_BATCH_PUBLISHED && transaction->block != 0;
      row->state = state;
      row->has_nonce = state != PT_BATCH_PUBLISHED;
      row->block = mined ? transaction->block : 0;
      row->transaction = mined ? transaction->hash : none;
      g_array_append_vals (changed, row, 1);
    }
  if (self->notify != NULL && changed->len > 0)
    self->notify ((const PtBatchRow *) (gpointer) changed->data, changed->len, self->user_data);
}
