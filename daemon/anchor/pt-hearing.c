/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-hearing.h"

#include "pt-error.h"

#define CHUNK_ENTRIES 1024 /* handed to the thread at once */
#define QUEUED_MAX 4       /* chunks */

/* An entry whose bytes are in its chunk. */
typedef struct
{
  PtEntryRow row;
  gsize at;
  guint64 offset;
} Item;

typedef struct
{
  GArray *items; /* none: the end */
  GByteArray *bytes;
} Chunk;

struct _PtHearing
{
  PtRoster *roster;
  char *area;
  guint32 batch;
  guint64 before; /* number of the last entry before the batch */
  Chunk *chunk;
  GThread *thread; /* of more than one chunk */
  GMutex lock;
  GCond changed;
  GQueue queued; /* Chunk */
  /* The thread's while there is one: */
  GArray *places;
  GError *error; /* then no more are read */
};

static Chunk *
chunk_new (void)
{
  Chunk *chunk = g_new0 (Chunk, 1);

  chunk->items = g_array_new (FALSE, FALSE, sizeof (Item));
  chunk->bytes = g_byte_array_new ();
  return chunk;
}

static void
chunk_free (Chunk *chunk)
{
  g_array_unref (chunk->items);
  g_byte_array_unref (chunk->bytes);
  g_free (chunk);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Chunk, chunk_free)

PtHearing *
pt_hearing_new (PtRoster *roster, const char *area, const PtHead *head)
{
  PtHearing *hearing;

  g_return_val_if_fail (roster != NULL && area != NULL && head != NULL, NULL);

  hearing = g_new0 (PtHearing, 1);
  hearing->roster = roster;
  hearing->area = g_strdup (area);
  hearing->batch = (guint32) (head->batch + 1);
  hearing->before = head->last_entry;
  hearing->chunk = chunk_new ();
  hearing->places = g_array_new (FALSE, FALSE, sizeof (PtEntryPlace));
  g_mutex_init (&hearing->lock);
  g_cond_init (&hearing->changed);
  g_queue_init (&hearing->queued);
  return hearing;
}

/* Reading */

static gboolean
fail (PtHearing *hearing, const Item *item, const char *what)
{
  g_set_error (&hearing->error, PT_ERROR, PT_ERROR_STOP,
               "Entry %" G_GUINT64_FORMAT " of %s is not %s. Keep the store's files.",
               item->row.number, hearing->area, what);
  return FALSE;
}

static gboolean
hear_numbered (PtHearing *hearing, const Item *item, const PtEntry *entry)
{
  PtEntryPlace place = { .kind = item->row.subject.kind,
                         .subject = item->row.subject.number,
                         .seq = item->row.seq,
                         .offset = item->offset,
                         .batch = hearing->batch,
                         .leaf = (guint32) (item->row.number - hearing->before - 1) };
  PtHash digest;

  pt_entry_digest (entry, &digest);
  place.digest = pt_entry_place_digest (digest.bytes);
  g_array_append_val (hearing->places, place);
  if (item->row.subject.kind == PT_SUBJECT_DEVICE)
    pt_roster_hear (hearing->roster, item->row.subject.number);
  return TRUE;
}

static gboolean
hear (PtHearing *hearing, const Item *item, PtSpan bytes)
{
  PtEntry entry;
  PtResult result = pt_entry_parse (bytes, PT_ENTRY_STORED, &entry);

  if (result != PT_OK)
    return fail (hearing, item, "what was stored");
  if (item->row.seq != 0)
    return hear_numbered (hearing, item, &entry);
  if (entry.kind != PT_ENTRY_DEVICE)
    return fail (hearing, item, "the registration it was");
  /* A registration counts from its place in the log on. */
  pt_roster_set_active (hearing->roster, item->row.subject.number,
                        entry.status == PT_STATUS_ACTIVE);
  return TRUE;
}

static void
hear_chunk (PtHearing *hearing, const Chunk *chunk)
{
  for (guint i = 0; hearing->error == NULL && i < chunk->items->len; i++)
    {
      const Item *item = &g_array_index (chunk->items, Item, i);

      hear (hearing, item, pt_span (chunk->bytes->data + item->at, item->row.size));
    }
}

/* The thread */

static Chunk *
take_chunk (PtHearing *hearing)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&hearing->lock);
  Chunk *chunk;

  while (g_queue_is_empty (&hearing->queued))
    g_cond_wait (&hearing->changed, &hearing->lock);
  chunk = g_queue_pop_head (&hearing->queued);
  g_cond_signal (&hearing->changed);
  return chunk;
}

static gpointer
hearing_main (gpointer data)
{
  PtHearing *hearing = data;

  for (;;)
    {
      g_autoptr (Chunk) chunk = take_chunk (hearing);

      if (chunk->items->len == 0)
        return NULL;
      hear_chunk (hearing, chunk);
    }
}

static void
queue_chunk (PtHearing *hearing)
{
  g_autoptr (GMutexLocker) locker = NULL;

  if (hearing->thread == NULL)
    hearing->thread = g_thread_new ("hearing", hearing_main, hearing);
  locker = g_mutex_locker_new (&hearing->lock);
  while (g_queue_get_length (&hearing->queued) >= QUEUED_MAX)
    g_cond_wait (&hearing->changed, &hearing->lock);
  g_queue_push_tail (&hearing->queued, hearing->chunk);
  hearing->chunk = chunk_new ();
  g_cond_signal (&hearing->changed);
}

void
pt_hearing_add (PtHearing *hearing, const PtEntryRow *row, guint64 offset)
{
  Item item;

  g_return_if_fail (hearing != NULL && row != NULL);

  if (hearing->chunk->items->len == CHUNK_ENTRIES)
    queue_chunk (hearing);
  item = (Item){ .row = *row, .at = hearing->chunk->bytes->len, .offset = offset };
  item.row.body = NULL;
  g_byte_array_append (hearing->chunk->bytes, (const guint8 *) row->body, (guint) row->size);
  g_array_append_val (hearing->chunk->items, item);
}

static void
end_thread (PtHearing *hearing)
{
  if (hearing->thread == NULL)
    return;
  if (hearing->chunk->items->len > 0)
    queue_chunk (hearing);
  queue_chunk (hearing);
  g_thread_join (g_steal_pointer (&hearing->thread));
}

GArray *
pt_hearing_end (PtHearing *hearing, GError **error)
{
  g_return_val_if_fail (hearing != NULL && hearing->places != NULL, NULL);

  end_thread (hearing);
  hear_chunk (hearing, hearing->chunk);
  if (hearing->error == NULL)
    return g_steal_pointer (&hearing->places);
  g_propagate_error (error, g_steal_pointer (&hearing->error));
  return NULL;
}

void
pt_hearing_free (PtHearing *hearing)
{
  if (hearing == NULL)
    return;
  end_thread (hearing);
  chunk_free (hearing->chunk);
  g_clear_pointer (&hearing->places, g_array_unref);
  g_clear_error (&hearing->error);
  g_mutex_clear (&hearing->lock);
  g_cond_clear (&hearing->changed);
  g_free (hearing->area);
  g_free (hearing);
}
