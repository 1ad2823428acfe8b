/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-batch-state.h"

static const char *const state_names[PT_BATCH_STATES]
    = { "open", "sealed", "published", "submitted", "final" };

const char *
pt_batch_state_name (PtBatchState state)
{
  g_return_val_if_fail ((guint) state < PT_BATCH_STATES, "open");
  return state_names[state];
}

gboolean
pt_batch_state_parse (const char *text, PtBatchState *out)
{
  g_return_val_if_fail (text != NULL && out != NULL, FALSE);
  *out = PT_BATCH_OPEN;
  for (guint i = 0; i < PT_BATCH_STATES; i++)
    if (g_str_equal (text, state_names[i]))
      {
        *out = (PtBatchState) i;
        return TRUE;
      }
  return FALSE;
}
