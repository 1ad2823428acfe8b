/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The daemon's own pipeline without network and chain; a clock that a test moves; a store on the
 * disk or the test's own. */

#include <glib/gstdio.h>
#include <string.h>

#include "pt-kind.h"
#include "pt-memory-store.h"
#include "pt-p256.h"
#include "pt-pipeline.h"
#include "pt-sqlite-store.h"

#define PT_WORLD_START G_GINT64_CONSTANT (1764000000000)
#define PT_WORLD_PERIOD 60000
#define PT_WORLD_LAT 255942345
#define PT_WORLD_LON 851374321

typedef struct
{
  PtP256Key *key;
  PtSigner signer;
} PtTestKey;

typedef struct
{
  char *path;
  PtClock *clock;
  PtStore *store;
  gboolean own_store; /* SQLite below @path; else the test's, which outlives a restart */
  PtPipeline *pipeline;
  PtHealth *health;
  PtNews *news;
  PtTestKey authority, service;
  GHashTable *keys; /* device -> PtTestKey */
  GMutex lock;
  GCond changed;
  guint answers; /* submissions answered */
} PtWorld;

static inline void
pt_test_key_init (PtTestKey *key)
{
  key->key = pt_p256_key_generate ();
  g_assert_true (pt_p256_signer_init (&key->signer, key->key));
}

static inline void
pt_test_key_free (gpointer data)
{
  PtTestKey *key = data;

  pt_p256_signer_clear (&key->signer);
  pt_p256_key_free (key->key);
  g_free (key);
}

static inline PtTestKey *
pt_world_key (PtWorld *world, const char *name)
{
  PtTestKey *key = g_hash_table_lookup (world->keys, name);

  if (key != NULL)
    return key;
  key = g_new0 (PtTestKey, 1);
  pt_test_key_init (key);
  g_hash_table_insert (world->keys, g_strdup (name), key);
  return key;
}

/* Warnings that a test expects are counted, others end it (G_DEBUG=fatal-warnings). */
static gint pt_warnings_expected, pt_warnings_seen;

static inline GLogWriterOutput
pt_log_writer (GLogLevelFlags level, const GLogField *fields, gsize count, gpointer user_data)
{
  if ((level & G_LOG_LEVEL_WARNING) != 0 && g_atomic_int_get (&pt_warnings_expected) != 0)
    {
      g_atomic_int_inc (&pt_warnings_seen);
      return G_LOG_WRITER_HANDLED;
    }
  return g_log_writer_default (level, fields, count, user_data);
}

/* Once, in main (). */
static inline void
pt_catch_warnings (void)
{
  g_log_set_writer_func (pt_log_writer, NULL, NULL);
}

static inline void
pt_expect_warnings (void)
{
  g_atomic_int_set (&pt_warnings_seen, 0);
  g_atomic_int_set (&pt_warnings_expected, 1);
}

static inline void
pt_assert_warnings (int count)
{
  g_assert_cmpint (g_atomic_int_get (&pt_warnings_seen), ==, count);
  g_atomic_int_set (&pt_warnings_expected, 0);
}

/* Entries */

static inline char *
pt_world_sign (const PtEntry *fields, const PtSigner *signer)
{
  char text[2048], out[2048];
  gsize size;
  PtEntry entry;

  g_assert_cmpint (pt_entry_write (fields, text, sizeof text, &size), ==, PT_OK);
  g_assert_cmpint (pt_entry_parse (pt_span (text, size), PT_ENTRY_UNSIGNED, &entry), ==, PT_OK);
  g_assert_cmpint (pt_entry_sign (&entry, signer, out, sizeof out, &size), ==, PT_OK);
  return g_strndup (out, size);
}

static inline PtSpan
pt_text (const char *text)
{
  return pt_span (text, strlen (text));
}

/* A signed registration. Its site is the device's name. */
static inline char *
pt_world_device (PtWorld *world, const char *area, const char *device, PtStatus status, gint64 ts)
{
  PtEntry fields = { .kind = PT_ENTRY_DEVICE,
                     .area = pt_text (area),
                     .ts = ts,
                     .device = pt_text (device),
                     .site = pt_text (device),
                     .lat = PT_WORLD_LAT,
                     .lon = PT_WORLD_LON,
                     .level = PT_LEVEL_TRANSFORMER,
                     .customers = 7,
                     .status = status };

  memcpy (fields.key, pt_world_key (world, device)->signer.public_key, sizeof fields.key);
  return pt_world_sign (&fields, &world->authority.signer);
}

static inline char *
pt_world_official (PtWorld *world, const char *area, const char *official, gint64 ts)
{
  PtEntry fields = { .kind = PT_ENTRY_OFFICIAL,
                     .area = pt_text (area),
                     .ts = ts,
                     .official = pt_text (official),
                     .role = PT_ROLE_OFFICER,
                     .name = pt_text ("An Officer"),
                     .status = PT_STATUS_ACTIVE };

  memcpy (fields.key, pt_world_key (world, official)->signer.public_key, sizeof fields.key);
  return pt_world_sign (&fields, &world->authority.signer);
}

/* A signed report; @signer NULL: the device's own key. */
static inline char *
pt_world_report (PtWorld *world, const char *area, const char *device, gint64 seq, gint64 ts,
                 PtPower power, const PtSigner *signer)
{
  PtEntry fields = { .kind = PT_ENTRY_REPORT,
                     .area = pt_text (area),
                     .ts = ts,
                     .device = pt_text (device),
                     .site = pt_text (device),
                     .lat = PT_WORLD_LAT,
                     .lon = PT_WORLD_LON,
                     .seq = seq,
                     .power = power };

  return pt_world_sign (&fields, signer != NULL ? signer : &pt_world_key (world, device)->signer);
}

/* The same report with its signature broken, still canonical. */
static inline char *
pt_world_break_signature (const char *report)
{
  char *broken = g_strdup (report);
  char *sig = strstr (broken, "\"sig\":\"") + strlen ("\"sig\":\"");

  sig[10] = sig[10] == 'A' ? 'B' : 'A';
  return broken;
}

/* Handing in */

typedef struct
{
  PtWorld *world;
  char *json; /* the answer */
  gboolean answered;
} PtTicket;

static inline void
pt_world_answered (PtSubmission *submission, gpointer user_data)
{
  PtTicket *ticket = user_data;
  PtWorld *world = ticket->world;

  ticket->json = pt_submission_to_json (submission);
  pt_submission_free (submission);
  g_mutex_lock (&world->lock);
  ticket->answered = TRUE;
  world->answers++;
  g_cond_broadcast (&world->changed);
  g_mutex_unlock (&world->lock);
}

static inline PtTicket *
pt_world_push (PtWorld *world, const PtKind *kind, const char *lines)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) body = g_bytes_new (lines, strlen (lines));
  PtTicket *ticket = g_new0 (PtTicket, 1);
  PtSubmission *submission;

  ticket->world = world;
  submission = pt_submission_new (kind, body, TRUE, pt_world_answered, ticket, &error);
  g_assert_no_error (error);
  g_assert_true (pt_intake_take (world->pipeline->intake, submission));
  return ticket;
}

static inline char *
pt_world_wait (PtTicket *ticket)
{
  PtWorld *world = ticket->world;
  gint64 until = g_get_monotonic_time () + 20 * G_USEC_PER_SEC;
  char *json;

  g_mutex_lock (&world->lock);
  while (!ticket->answered)
    g_assert_true (g_cond_wait_until (&world->changed, &world->lock, until));
  g_mutex_unlock (&world->lock);
  json = ticket->json;
  g_free (ticket);
  return json;
}

static inline char *
pt_world_submit (PtWorld *world, const PtKind *kind, const char *lines)
{
  return pt_world_wait (pt_world_push (world, kind, lines));
}

static inline void
pt_world_expect (PtWorld *world, const PtKind *kind, const char *lines, const char *wanted)
{
  g_autofree char *answer = pt_world_submit (world, kind, lines);

  g_assert_cmpstr (g_strchomp (answer), ==, wanted);
}

#define PT_ACCEPTED "{\"accepted\":1,\"duplicate\":0,\"rejected\":[]}"
#define PT_DUPLICATE "{\"accepted\":0,\"duplicate\":1,\"rejected\":[]}"
#define PT_REFUSED(slug)                                                                           \
  "{\"accepted\":0,\"duplicate\":0,\"rejected\":[{\"line\":1,\"error\":\"" slug "\"}]}"

/* Registers an active device now. */
static inline void
pt_world_add_device (PtWorld *world, const char *area, const char *device)
{
  g_autofree char *line
      = pt_world_device (world, area, device, PT_STATUS_ACTIVE, pt_clock_now (world->clock));

  pt_world_expect (world, &pt_kind_registration, line, PT_ACCEPTED);
}

/* Hands in one report made now; what is answered must be @wanted. */
static inline void
pt_world_report_now (PtWorld *world, const char *device, gint64 seq, PtPower power,
                     const char *wanted)
{
  g_autofree char *line
      = pt_world_report (world, "east", device, seq, pt_clock_now (world->clock), power, NULL);

  pt_world_expect (world, &pt_kind_report, line, wanted);
}

/* Wiring */

static inline void
pt_world_start (PtWorld *world)
{
  g_autofree char *database = g_build_filename (world->path, "store.sqlite", NULL);
  PtPipelineConfig config = { .clock = world->clock,
                              .folder = world->path,
                              .signer = &world->service.signer,
                              .period = PT_WORLD_PERIOD,
                              .silent_after = 10 * PT_WORLD_PERIOD,
                              .snapshot_s = 3600,
                              .workers = 2,
                              .lines_max = 100000 };
  g_autoptr (GError) error = NULL;

  if (world->own_store)
    world->store = pt_sqlite_store_new (database, &error);
  g_assert_no_error (error);
  config.store = world->store;
  config.health = world->health = pt_health_new (NULL, NULL);
  config.news = world->news = pt_news_new ();
  world->pipeline = pt_pipeline_new (&config, &error);
  g_assert_no_error (error);
}

/* @killed: as after kill -9, without the last snapshot (its batcher is left where it is). */
static inline void
pt_world_stop (PtWorld *world, gboolean killed)
{
  static GSList *left; /* so that whoever looks for leaks still sees them */

  if (killed)
    left = g_slist_prepend (left, g_steal_pointer (&world->pipeline->batcher));
  g_clear_pointer (&world->pipeline, pt_pipeline_free);
  if (world->own_store)
    g_clear_pointer (&world->store, pt_store_free);
  g_clear_pointer (&world->news, pt_news_free);
  g_clear_pointer (&world->health, pt_health_free);
}

static inline void
pt_world_restart (PtWorld *world, gboolean killed)
{
  pt_world_stop (world, killed);
  pt_world_start (world);
}

static inline void
pt_world_add_area (PtWorld *world, const char *area)
{
  g_autoptr (GError) error = NULL;
  gboolean created;

  pt_committer_add_area (world->pipeline->committer, area, world->authority.signer.public_key,
                         world->service.signer.public_key, &created, &error);
  g_assert_no_error (error);
  g_assert_true (created);
}

/* One that does not run yet, and has no keys of its own. Takes @path; @store NULL: SQLite there,
 * else it is taken. */
static inline PtWorld *
pt_world_alloc (char *path, gint64 now, PtStore *store)
{
  PtWorld *world = g_new0 (PtWorld, 1);

  world->path = path;
  world->clock = pt_clock_new_manual (now);
  world->store = store;
  world->own_store = store == NULL;
  world->keys = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, pt_test_key_free);
  g_mutex_init (&world->lock);
  g_cond_init (&world->changed);
  return world;
}

/* A running pipeline with the area "east" in a new directory. */
static inline PtWorld *
pt_world_new (PtStore *store)
{
  g_autoptr (GError) error = NULL;
  char *path = g_dir_make_tmp ("pt-pipeline-XXXXXX", &error);
  PtWorld *world;

  g_assert_no_error (error);
  world = pt_world_alloc (path, PT_WORLD_START, store);
  pt_test_key_init (&world->authority);
  pt_test_key_init (&world->service);
  pt_world_start (world);
  pt_world_add_area (world, "east");
  return world;
}

static inline void
pt_remove_tree (const char *path)
{
  g_autoptr (GDir) directory = g_dir_open (path, 0, NULL);

  for (const char *name; directory != NULL && (name = g_dir_read_name (directory)) != NULL;)
    {
      g_autofree char *child = g_build_filename (path, name, NULL);

      pt_remove_tree (child);
    }
  g_assert_cmpint (g_remove (path), ==, 0);
}

static inline void
pt_world_free (PtWorld *world)
{
  pt_world_stop (world, FALSE);
  g_clear_pointer (&world->store, pt_store_free);
  pt_clock_unref (world->clock);
  pt_p256_signer_clear (&world->authority.signer);
  pt_p256_key_free (world->authority.key);
  pt_p256_signer_clear (&world->service.signer);
  pt_p256_key_free (world->service.key);
  g_hash_table_unref (world->keys);
  g_mutex_clear (&world->lock);
  g_cond_clear (&world->changed);
  pt_remove_tree (world->path);
  g_free (world->path);
  g_free (world);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtWorld, pt_world_free)

/* Lines on their way. */
static inline guint
pt_world_waiting (PtWorld *world)
{
  PtAdmissionCounts counts;

  pt_admission_get (pt_intake_admission (world->pipeline->intake), &counts);
  return counts.waiting;
}

/* Entries that are committed, of all areas. */
static inline guint64
pt_world_entries (PtWorld *world)
{
  g_autoptr (GError) error = NULL;
  PtCounts counts;

  pt_store_counts (world->store, &counts, &error);
  g_assert_no_error (error);
  return counts.entries;
}

/* Moves the clock by @ms. */
static inline void
pt_world_advance (PtWorld *world, gint64 ms)
{
  pt_clock_manual_set (world->clock, pt_clock_now (world->clock) + ms);
}

/* Ends the window: the clock goes to the next boundary, and what was received before is sealed. */
static inline guint
pt_world_seal (PtWorld *world)
{
  g_autoptr (GError) error = NULL;
  gint64 boundary = (pt_clock_now (world->clock) / PT_WORLD_PERIOD + 1) * PT_WORLD_PERIOD;
  guint count;

  pt_clock_manual_set (world->clock, boundary);
  pt_batcher_seal (world->pipeline->batcher, boundary, &count, &error);
  g_assert_no_error (error);
  return count;
}

/* All histories, registrations and outages as text, to compare before and after. */
static inline gboolean
pt_world_dump_outage (const PtOutageRow *row, gpointer user_data, GError **error)
{
  g_string_append_printf (user_data,
                          "outage %u %" G_GINT64_FORMAT " %" G_GINT64_FORMAT " %" G_GINT64_FORMAT
                          " %" G_GINT64_FORMAT " %" G_GINT64_FORMAT "\n",
                          row->device, row->start_seq, row->start, row->end_seq, row->end,
                          row->customers);
  return TRUE;
}

static inline char *
pt_world_dump (PtWorld *world)
{
  PtRegistry *registry = world->pipeline->directory->registry;
  PtOutageQuery all = { .area = -1, .limit = G_MAXUINT };
  GString *text = g_string_new (NULL);
  g_autoptr (GError) error = NULL;

  pt_committer_barrier (world->pipeline->committer, 0, NULL);
  for (guint i = 0; i < pt_registry_device_count (registry); i++)
    {
      const PtDevice *device = pt_registry_device_at (registry, i);
      g_autoptr (GBytes) gaps = pt_history_save_gaps (&device->history);
      g_autofree char *digest = g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, gaps);

      g_string_append_printf (text,
                              "%s/%s %d %" G_GINT64_FORMAT ": %" G_GINT64_FORMAT
                              " %" G_GINT64_FORMAT " %d %u %s\n",
                              device->area->id, device->id, device->status, device->registered,
                              device->history.latest.seq, device->history.latest.ts,
                              device->history.latest.power, device->history.gap_count, digest);
    }
  pt_store_outages (world->store, &all, pt_world_dump_outage, text, &error);
  g_assert_no_error (error);
  return g_string_free (text, FALSE);
}
