/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What is read of period files in tests: the heads of all areas and the leaves. */

#include "pt-period.h"
#include "pt-vectors.h"

typedef struct
{
  GHashTable *heads;   /* area -> PtCheckpoint */
  GPtrArray *texts;    /* of the lines */
  GArray *leaves;      /* PtHash */
  GArray *checkpoints; /* PtCheckpoint */
  uint32_t stop_at;    /* this index is refused */
} PtPeriodSeen;

static inline void
pt_period_seen_init (PtPeriodSeen *seen)
{
  seen->heads = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, g_free);
  seen->texts = g_ptr_array_new_with_free_func (g_free);
  seen->leaves = g_array_new (FALSE, FALSE, sizeof (PtHash));
  seen->checkpoints = g_array_new (FALSE, FALSE, sizeof (PtCheckpoint));
  seen->stop_at = UINT32_MAX;
}

static inline void
pt_period_seen_clear (PtPeriodSeen *seen)
{
  g_clear_pointer (&seen->heads, g_hash_table_unref);
  g_clear_pointer (&seen->texts, g_ptr_array_unref);
  g_clear_pointer (&seen->leaves, g_array_unref);
  g_clear_pointer (&seen->checkpoints, g_array_unref);
}

static inline bool
pt_period_seen_head (void *context, const char *area, PtCheckpoint *head)
{
  PtPeriodSeen *seen = context;
  const PtCheckpoint *known = g_hash_table_lookup (seen->heads, area);

  if (known != NULL)
    *head = *known;
  return known != NULL;
}

static inline PtResult
pt_period_seen_visit (void *context, uint32_t index, const PtCheckpoint *checkpoint, PtSpan line,
                      const PtHash *leaf)
{
  PtPeriodSeen *seen = context;
  PtCheckpoint *copy = g_memdup2 (checkpoint, sizeof *checkpoint);

  g_assert_cmpuint (index, ==, seen->leaves->len);
  if (index == seen->stop_at)
    {
      g_free (copy);
      return PT_STOPPED;
    }
  g_hash_table_replace (seen->heads, copy->area, copy);
  g_ptr_array_add (seen->texts, g_strndup (line.data, line.size));
  g_array_append_val (seen->leaves, *leaf);
  g_array_append_val (seen->checkpoints, *checkpoint);
  return PT_OK;
}

/* Forgets the lines, keeps the heads: the next file comes. */
static inline void
pt_period_seen_next (PtPeriodSeen *seen)
{
  g_ptr_array_set_size (seen->texts, 0);
  g_array_set_size (seen->leaves, 0);
  g_array_set_size (seen->checkpoints, 0);
}

/* Reads a file in pieces of @piece bytes; @line (or NULL) gets where it stopped. */
static inline PtResult
pt_period_seen_read (PtPeriodSeen *seen, const PtPeriods *before, const char *text, size_t size,
                     size_t piece, PtPeriodHeader *header, uint64_t *line)
{
  g_autofree PtPeriodReader *reader = g_new (PtPeriodReader, 1);
  PtResult result = PT_OK, end;

  pt_period_reader_init (reader, before, before != NULL ? pt_period_seen_head : NULL,
                         pt_period_seen_visit, seen);
  for (size_t at = 0; at < size && result == PT_OK; at += piece)
    {
      /* A copy of its own, so that a reading past the piece is seen. */
      g_autofree char *copy = g_memdup2 (text + at, MIN (piece, size - at));

      result = pt_period_reader_feed (reader, copy, MIN (piece, size - at));
    }
  end = pt_period_reader_finish (reader, header);
  g_assert_true (result == PT_OK || end == result);
  if (line != NULL)
    *line = reader->line;
  return end;
}
