/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-rejects.h"

#include "pt-address.h"
#include "pt-kind.h"

#define DAY_MS G_GINT64_CONSTANT (86400000)

struct _PtRejects
{
  PtClock *clock;
  gint64 kept_for;
  GMutex lock; /* guards what follows */
  PtRejectedBatch *batch;
  guint64 dropped;
};

static PtRejectedBatch *
batch_new (void)
{
  PtRejectedBatch *batch = g_new0 (PtRejectedBatch, 1);

  batch->rows = g_array_new (FALSE, FALSE, sizeof (PtRejectedRow));
  batch->words = g_string_chunk_new (4096);
  batch->sources = g_hash_table_new (g_str_hash, g_str_equal);
  return batch;
}

void
pt_rejected_batch_free (PtRejectedBatch *batch)
{
  if (batch == NULL)
    return;
  g_array_unref (batch->rows);
  g_hash_table_unref (batch->sources);
  g_string_chunk_free (batch->words);
  g_free (batch);
}

PtRejects *
pt_rejects_new (PtClock *clock)
{
  PtRejects *rejects;

  g_return_val_if_fail (clock != NULL, NULL);

  rejects = g_new0 (PtRejects, 1);
  rejects->clock = pt_clock_ref (clock);
  rejects->kept_for = 7 * DAY_MS;
  rejects->batch = batch_new ();
  g_mutex_init (&rejects->lock);
  return rejects;
}

void
pt_rejects_free (PtRejects *rejects)
{
  if (rejects == NULL)
    return;
  pt_rejected_batch_free (rejects->batch);
  pt_clock_unref (rejects->clock);
  g_mutex_clear (&rejects->lock);
  g_free (rejects);
}

/* Whose share a report of @peer has: its network, or where many send by one address, the device
 * that its way proved. */
static char *
source_of (const PtPeer *peer)
{
  if (peer->device != NULL)
    return g_strdup_printf ("%s/%s", peer->area != NULL ? peer->area : "", peer->device);
  return peer->address != NULL ? pt_address_network (peer->address)
                               : g_strdup (pt_transport_name (peer->transport));
}

static const char *
keep (PtRejectedBatch *batch, const char *word)
{
  return word != NULL ? g_string_chunk_insert_const (batch->words, word) : "";
}

static const char *
keep_span (PtRejectedBatch *batch, PtSpan span)
{
  return g_string_chunk_insert_len (batch->words, span.data != NULL ? span.data : "",
                                    (gssize) span.size);
}

static void
batch_add (PtRejectedBatch *batch, const PtPeer *peer, const PtLine *line, const char *source,
           gint64 now)
{
  PtRejectedRow row = { .at = now,
                        .source = source,
                        .transport = pt_transport_name (peer->transport),
                        .address = keep (batch, peer->address),
                        .certificate = keep (batch, peer->certificate),
                        .area = keep (batch, peer->area),
                        .device = keep (batch, peer->device),
                        .reason = pt_line_slug (line),
                        .size = MIN (line->bytes.size, PT_REJECTED_TEXT_MAX) };
  PtEntry entry;

  row.text = keep_span (batch, pt_span (line->bytes.data, row.size));
  if (pt_entry_parse (line->bytes, PT_ENTRY_SIGNED, &entry) == PT_OK
      && entry.kind == PT_ENTRY_REPORT)
    {
      row.area = keep_span (batch, entry.area);
      row.device = keep_span (batch, entry.device);
    }
  g_array_append_val (batch->rows, row);
}

void
pt_rejects_take (PtRejects *rejects, const PtSubmission *submission)
{
  g_autofree char *name = NULL;
  const char *source;
  guint used, room, taken = 0;
  gint64 now;

  g_return_if_fail (rejects != NULL && submission != NULL);

  if (submission->kind != &pt_kind_report)
    return;
  name = source_of (&submission->peer);
  now = pt_clock_now (rejects->clock);
  g_mutex_lock (&rejects->lock);
  used = GPOINTER_TO_UINT (g_hash_table_lookup (rejects->batch->sources, name));
  room = MIN (PT_REJECTS_PER_SOURCE - used, PT_REJECTS_MAX - rejects->batch->rows->len);
  source = room > 0 ? keep (rejects->batch, name) : name;
  for (guint i = 0; i < submission->count; i++)
    {
      const PtLine *line = &submission->lines[i];

      if (line->state != PT_LINE_REFUSED || line->code == PT_ERROR_BUSY)
        continue;
      if (taken < room)
        batch_add (rejects->batch, &submission->peer, line, source, now);
      else
        rejects->dropped++;
      taken += taken < room;
    }
  if (taken > 0)
    g_hash_table_insert (rejects->batch->sources, (gpointer) source,
                         GUINT_TO_POINTER (used + taken));
  g_mutex_unlock (&rejects->lock);
}

PtRejectedBatch *
pt_rejects_steal (PtRejects *rejects)
{
  PtRejectedBatch *batch = NULL;

  g_return_val_if_fail (rejects != NULL, NULL);

  g_mutex_lock (&rejects->lock);
  if (rejects->batch->rows->len > 0)
    {
      batch = rejects->batch;
      rejects->batch = batch_new ();
    }
  g_mutex_unlock (&rejects->lock);
  return batch;
}

void
pt_rejects_fill (PtRejects *rejects, const PtRejectedBatch *batch, PtGroup *group)
{
  g_return_if_fail (rejects != NULL && batch != NULL && group != NULL);

  group->rejected = (const PtRejectedRow *) batch->rows->data;
  group->rejected_count = batch->rows->len;
  group->rejected_from = pt_clock_now (rejects->clock) - rejects->kept_for;
}

void
pt_rejects_keep_for (PtRejects *rejects, gint64 ms)
{
  g_return_if_fail (rejects != NULL);

  rejects->kept_for = ms;
}

guint64
pt_rejects_dropped (PtRejects *rejects)
{
  guint64 dropped;

  g_return_val_if_fail (rejects != NULL, 0);

  g_mutex_lock (&rejects->lock);
  dropped = rejects->dropped;
  g_mutex_unlock (&rejects->lock);
  return dropped;
}
