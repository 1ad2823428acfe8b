/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-replay-batch.h"

#include <string.h>

#include "pt-batch.h"
#include "pt-kind.h"
#include "pt-p256-lanes.h"
#include "pt-verify.h"

#define PART_LINES 4096 /* entries that are committed together */
#define PART_BYTES (4 * 1024 * 1024)
#define READ_SIZE (1024 * 1024)
#define ANY_TIME (G_MAXINT64 / 2) /* a signer's clock is held against the entry's own receipt */

typedef struct
{
  const PtReplayLog *log;
  PtAreaRow *area;
  const PtCheckpoint *checkpoint;
  PtVerifier *verifier;
  PtBatchReader reader;
  PtBatchWindow window;
  char *buffer;
  guint64 entries; /* of the file so far, without the roster */
  gboolean differs;
  GError *error; /* the first */
  GBytes *roster;
  PtNamedBlock named; /* by it */
  /* what is committed next */
  const PtKind *kind;
  GString *lines;     /* signed forms */
  GArray *received;   /* gint64, of each */
  guint64 first_line; /* of the file */
  GHashTable *chains; /* the complaints and notices that they go on with, or name */
  GHashTable *heard;  /* PtDevice: those that the batch holds a report of */
} Replay;

static void
replay_clear (Replay *replay)
{
  pt_p256_lanes_free (replay->verifier);
  g_free (replay->buffer);
  g_clear_error (&replay->error);
  g_clear_pointer (&replay->roster, g_bytes_unref);
  g_string_free (replay->lines, TRUE);
  g_array_unref (replay->received);
  g_hash_table_unref (replay->chains);
  g_hash_table_unref (replay->heard);
}

/* The file is what the chain names, so it is the log itself that is wrong. Takes @why. */
static void
replay_refuse (Replay *replay, guint64 line, char *why)
{
  if (replay->error == NULL)
    replay->error = g_error_new (PT_ERROR, PT_ERROR_OPERATOR,
                                 "Batch %" G_GUINT64_FORMAT
                                 " of %s, as the chain names it, can't be replayed: line "
                                 "%" G_GUINT64_FORMAT ": %s.",
                                 replay->checkpoint->batch, replay->area->id, line, why);
  g_free (why);
}

static gboolean
replay_judge (Replay *replay, guint64 line, PtRule rule)
{
  if (rule == PT_RULE_HOLDS)
    return TRUE;
  replay_refuse (replay, line, g_strdup (pt_rule_slug (rule)));
  return FALSE;
}

/* Entries */

static void
submission_done (PtSubmission *submission, gpointer user_data)
{
}

static void
note_heard (Replay *replay, const PtSubmission *submission)
{
  for (guint i = 0; i < submission->count; i++)
    if (submission->lines[i].device != NULL)
      g_hash_table_add (replay->heard, submission->lines[i].device);
}

static gboolean
commit_part (Replay *replay, PtSubmission *submission)
{
  const PtReplayLog *log = replay->log;
  g_autoptr (GError) error = NULL;
  guint at = 0;

  submission->generation = g_atomic_int_get (&log->directory->generation);
  pt_verify_lines (submission->lines, submission->count, submission->kind,
                   pt_committer_log (log->committer), ANY_TIME, replay->verifier);
  if (pt_committer_replay (log->committer, submission,
                           (const gint64 *) (gpointer) replay->received->data, &at, &error))
    {
      replay->area->tail += submission->count;
      note_heard (replay, submission);
      return TRUE;
    }
  if (g_error_matches (error, PT_ERROR, PT_ERROR_OPERATOR))
    replay_refuse (replay, replay->first_line + at, g_strdup (error->message));
  else
    replay->error = g_steal_pointer (&error);
  return FALSE;
}

/* Commits what was gathered. */
static gboolean
replay_flush (Replay *replay)
{
  g_autoptr (GBytes) body = NULL;
  g_autoptr (PtSubmission) submission = NULL;
  gboolean done;

  if (replay->received->len == 0)
    return TRUE;
  body = g_bytes_new (replay->lines->str, replay->lines->len);
  submission = pt_submission_new (replay->kind, body, TRUE, submission_done, NULL, &replay->error);
  done = submission != NULL && commit_part (replay, submission);
  g_string_truncate (replay->lines, 0);
  g_array_set_size (replay->received, 0);
  g_hash_table_remove_all (replay->chains);
  return done;
}

static char *
chain_name (PtEntryKind kind, PtSpan id)
{
  return g_strdup_printf ("%d %.*s", kind, (int) id.size, id.data);
}

/* What is committed together has one entry of a complaint or notice, and none that names another
 * one of which it has one. */
static gboolean
goes_on (const Replay *replay, const PtEntry *entry)
{
  g_autofree char *own = NULL, *of = NULL;

  if (entry->kind != PT_ENTRY_ACTION && entry->kind != PT_ENTRY_NOTICE)
    return FALSE;
  own = chain_name (entry->kind, entry->kind == PT_ENTRY_ACTION ? entry->complaint : entry->notice);
  of = chain_name (PT_ENTRY_ACTION, entry->of);
  return g_hash_table_contains (replay->chains, own) || g_hash_table_contains (replay->chains, of);
}

static void
note_chain (Replay *replay, const PtEntry *entry)
{
  if (entry->kind == PT_ENTRY_ACTION || entry->kind == PT_ENTRY_NOTICE)
    g_hash_table_add (replay->chains,
                      chain_name (entry->kind, entry->kind == PT_ENTRY_ACTION ? entry->complaint
                                                                              : entry->notice));
}

/* An entry that is new here, with those before it. */
static gboolean
replay_gather (Replay *replay, const PtEntry *entry)
{
  const PtKind *kind = pt_kind_of_entry (entry->kind);
  gsize rest = entry->received_at + entry->received_size;

  if (kind == NULL)
    {
      replay_refuse (replay, replay->reader.line,
                     g_strdup_printf ("an entry of the kind %s, which this version does not take",
                                      pt_entry_kind_name (entry->kind)));
      return FALSE;
    }
  if ((kind != replay->kind || replay->received->len == PART_LINES
       || replay->lines->len > PART_BYTES || goes_on (replay, entry))
      && !replay_flush (replay))
    return FALSE;
  if (replay->received->len == 0)
    replay->first_line = replay->reader.line;
  replay->kind = kind;
  note_chain (replay, entry);
  g_string_append_len (replay->lines, entry->bytes.data, (gssize) entry->received_at);
  g_string_append_len (replay->lines, entry->bytes.data + rest,
                       (gssize) (entry->bytes.size - rest));
  g_string_append_c (replay->lines, '\n');
  g_array_append_val (replay->received, entry->received);
  return TRUE;
}

/* One that the store has already must be this one. */
static gboolean
replay_compare (Replay *replay, const PtEntry *entry, guint64 number)
{
  const PtReplayLog *log = replay->log;
  g_autoptr (GBytes) body = NULL;
  const void *data = NULL;
  PtDevice *device;
  gsize size = 0;

  if (!pt_store_read_entry (log->store, replay->area->number, number, &body, &replay->error))
    return FALSE;
  if (body != NULL)
    data = g_bytes_get_data (body, &size);
  if (data == NULL || size != entry->bytes.size || memcmp (data, entry->bytes.data, size) != 0)
    {
      replay->differs = TRUE;
      return FALSE;
    }
  if (entry->kind != PT_ENTRY_REPORT)
    return TRUE;
  pt_door_begin_read (&log->directory->door);
  device = pt_registry_device (pt_registry_area_at (log->directory->registry, replay->area->number),
                               entry->device);
  pt_door_end_read (&log->directory->door);
  if (device != NULL)
    g_hash_table_add (replay->heard, device);
  return TRUE;
}

static gboolean
replay_entry (Replay *replay, const PtEntry *entry)
{
  const PtAreaRow *area = replay->area;
  guint64 number;

  if (!replay_judge (replay, replay->reader.line, pt_rule_place (&replay->window, entry)))
    return FALSE;
  if (entry->kind == PT_ENTRY_ROSTER)
    {
      g_clear_pointer (&replay->roster, g_bytes_unref);
      replay->roster = g_bytes_new (entry->bytes.data, entry->bytes.size);
      replay->named = (PtNamedBlock){ .known = entry->has_block,
                                      .number = (guint64) entry->block,
                                      .hash = entry->block_hash };
      return replay_flush (replay);
    }
  number = area->head.last_entry + ++replay->entries;
  /* What is gathered has no place in the store yet. */
  if (number <= area->tail)
    return replay_compare (replay, entry, number);
  return replay_gather (replay, entry);
}

static PtResult
visit_entry (void *context, uint64_t index, PtSpan bytes, const PtHash *leaf)
{
  Replay *replay = context;
  PtEntry entry;
  PtResult result = pt_entry_parse (bytes, PT_ENTRY_STORED, &entry);

  if (result != PT_OK)
    {
      replay_refuse (replay, replay->reader.line, g_strdup (pt_result_slug (result)));
      return PT_STOPPED;
    }
  return replay_entry (replay, &entry) ? PT_OK : PT_STOPPED;
}

/* The roster */

typedef struct
{
  Replay *replay;
  PtEntry entry;
  const guint8 *key;
  PtRule rule;
} Roster;

/* On the committer's thread, which alone changes what is counted here. */
static void
judge_roster (gpointer data, gpointer user_data)
{
  Roster *roster = data;
  Replay *replay = roster->replay;
  PtDirectory *directory = replay->log->directory;
  guint64 batch = replay->checkpoint->batch;
  gboolean is_newest = replay->area->tail == replay->area->head.last_entry + replay->entries;
  PtRosterFacts facts;
  GHashTableIter iter;
  gpointer device;

  pt_door_begin_write (&directory->door);
  g_hash_table_iter_init (&iter, replay->heard);
  while (g_hash_table_iter_next (&iter, &device, NULL))
    ((PtDevice *) device)->heard_batch = batch;
  roster->rule = pt_registry_judge (directory->registry, &roster->entry, &roster->key);
  /* With entries of later batches the registry is past the one that it counts. */
  if (roster->rule == PT_RULE_HOLDS && is_newest)
    roster->rule
        = pt_registry_judge_roster (pt_registry_area_at (directory->registry, replay->area->number),
                                    batch, &roster->entry, &facts);
  pt_door_end_write (&directory->door);
}

static gboolean
replay_check_roster (Replay *replay)
{
  Roster roster = { .replay = replay };
  gsize size;
  const char *data;

  if (!replay_judge (replay, replay->reader.line, pt_rule_end (&replay->window)))
    return FALSE;
  data = g_bytes_get_data (replay->roster, &size);
  if (pt_entry_parse (pt_span (data, size), PT_ENTRY_STORED, &roster.entry) != PT_OK)
    return FALSE;
  pt_committer_run (replay->log->committer, judge_roster, &roster);
  if (roster.rule == PT_RULE_HOLDS
      && pt_entry_verify (&roster.entry, replay->verifier, roster.key) != PT_OK)
    roster.rule = PT_RULE_BAD_SIGNATURE;
  return replay_judge (replay, replay->reader.line, roster.rule);
}

/* The batch */

static gboolean
replay_read (Replay *replay, PtBlockFile *file, PtBatchHeader *header)
{
  PtResult result = PT_OK;
  guint64 offset = 0;

  while (result == PT_OK)
    {
      g_autoptr (GBytes) bytes = pt_block_file_read (file, offset, READ_SIZE, &replay->error);
      const void *data;
      gsize size;

      if (bytes == NULL)
        return FALSE;
      data = g_bytes_get_data (bytes, &size);
      if (size == 0)
        break;
      offset += size;
      result = pt_batch_reader_feed (&replay->reader, data, size);
    }
  if (result == PT_OK)
    result = pt_batch_reader_finish (&replay->reader, header);
  if (result == PT_OK)
    return TRUE;
  if (!replay->differs)
    replay_refuse (replay, replay->reader.line, g_strdup (pt_result_slug (result)));
  return FALSE;
}

static gboolean
replay_check_header (Replay *replay, const PtBatchHeader *header)
{
  const PtCheckpoint *chain = replay->checkpoint;

  if (strcmp (header->area, replay->area->id) == 0 && header->batch == chain->batch
      && header->size == chain->size && (guint64) header->from == chain->from
      && (guint64) header->to == chain->to
      && memcmp (&header->root, &chain->root, sizeof (PtHash)) == 0)
    return TRUE;
  replay_refuse (replay, replay->reader.line, g_strdup ("it is not the batch that was anchored"));
  return FALSE;
}

static gboolean
replay_seal (Replay *replay, const PtBatchHeader *header, guint64 bytes)
{
  PtAreaRow *area = replay->area;
  PtSeal seal = { .previous = area->head, .next = area->head };

  seal.next.batch = header->batch;
  seal.next.to = header->to;
  seal.next.frontier = replay->reader.frontier;
  seal.next.last_entry = area->head.last_entry + replay->entries;
  if (replay->named.known)
    seal.next.named = replay->named;
  seal.roster = replay->roster;
  seal.row = (PtBatchRow){ .area = area->number,
                           .batch = header->batch,
                           .from = header->from,
                           .to = header->to,
                           .prev_size = header->previous.size,
                           .size = header->size,
                           .prev_root = header->previous_root,
                           .root = header->root,
                           .cid = replay->checkpoint->cid,
                           .bytes = bytes,
                           .first_entry = area->head.last_entry + 1,
                           .last_entry = seal.next.last_entry };
  g_strlcpy (seal.row.area_id, area->id, sizeof seal.row.area_id);
  if (!pt_store_seal (replay->log->store, &seal, 1, &replay->error))
    return FALSE;
  area->head = seal.next;
  pt_committer_set_sealed (replay->log->committer, area->number, area->head.last_entry);
  pt_committer_pass (replay->log->committer, &seal.row, 1);
  return TRUE;
}

PtReplayed
pt_replay_batch (const PtReplayLog *log, PtAreaRow *area, const PtCheckpoint *checkpoint,
                 GError **error)
{
  Replay replay = { .log = log, .area = area, .checkpoint = checkpoint };
  g_autoptr (PtBlockFile) file = NULL;
  PtReplayed result = PT_REPLAY_SEALED;
  PtBatchHeader header;

  g_return_val_if_fail (log != NULL && area != NULL && checkpoint != NULL, PT_REPLAY_FAILED);
  g_return_val_if_fail (checkpoint->batch == area->head.batch + 1, PT_REPLAY_FAILED);

  file = pt_block_store_open_file (log->blocks, &checkpoint->cid, error);
  if (file == NULL)
    return PT_REPLAY_FAILED;
  replay.verifier = pt_p256_lanes_new ();
  replay.buffer = g_malloc (PT_ENTRY_MAX + 4096);
  replay.lines = g_string_new (NULL);
  replay.received = g_array_new (FALSE, FALSE, sizeof (gint64));
  replay.chains = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  replay.heard = g_hash_table_new (NULL, NULL);
  pt_batch_window_init (&replay.window, pt_span (area->id, strlen (area->id)), checkpoint->batch,
                        (gint64) checkpoint->from, (gint64) checkpoint->to);
  pt_batch_reader_init (&replay.reader, &area->head.frontier, replay.buffer, PT_ENTRY_MAX + 4096,
                        visit_entry, &replay);
  if (!replay_read (&replay, file, &header) || !replay_check_header (&replay, &header)
      || !replay_check_roster (&replay)
      || !replay_seal (&replay, &header, pt_block_file_size (file)))
    result = replay.differs ? PT_REPLAY_DIFFERS : PT_REPLAY_FAILED;
  if (result == PT_REPLAY_FAILED)
    g_propagate_error (error, g_steal_pointer (&replay.error));
  replay_clear (&replay);
  return result;
}
