/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-store-log.h"

/* Entries for a store, without the committer that numbers them. */

/* Each row gets the next number of its area, @tails how tails move (PtTailMove). */
static inline void
pt_number_rows (PtStore *store, PtEntryRow *rows, guint count, GArray *tails)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) areas = pt_store_areas (store, &error);

  g_assert_no_error (error);
  for (guint i = 0; i < areas->len; i++)
    {
      guint64 before = g_array_index (areas, PtAreaRow, i).tail;
      PtTailMove move = { .area = i, .before = before, .after = before };

      for (guint j = 0; j < count; j++)
        if (rows[j].area == i)
          {
            rows[j].number = ++move.after;
            move.reports += rows[j].subject.kind == PT_SUBJECT_DEVICE && rows[j].seq != 0;
          }
      if (move.after > before)
        g_array_append_val (tails, move);
    }
}

/* Commits @rows with what else stands in @group (NULL: nothing). Returns the first row's number. */
static inline guint64
pt_commit_rows (PtStore *store, PtEntryRow *rows, guint count, const PtGroup *group)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) tails = g_array_new (FALSE, FALSE, sizeof (PtTailMove));
  PtGroup all = group != NULL ? *group : (PtGroup){ 0 };

  pt_number_rows (store, rows, count, tails);
  all.entries = rows;
  all.entry_count = count;
  all.tails = (PtTailMove *) (gpointer) tails->data;
  all.tail_count = tails->len;
  pt_store_commit (store, &all, &error);
  g_assert_no_error (error);
  return count > 0 ? rows[0].number : 0;
}
