/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-pipeline-fixture.h"

#include "common/pt-test.h"

/* Handing in */

void
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

static PtSubmission *
world_submission (PtWorld *world, const PtKind *kind, const char *lines, PtTicket **ticket)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) body = g_bytes_new (lines, strlen (lines));
  PtSubmission *submission;

  *ticket = g_new0 (PtTicket, 1);
  (*ticket)->world = world;
  submission = pt_submission_new (kind, body, TRUE, pt_world_answered, *ticket, &error);
  g_assert_no_error (error);
  return submission;
}

PtTicket *
pt_world_push (PtWorld *world, const PtKind *kind, const char *lines)
{
  PtTicket *ticket;
  PtSubmission *submission = world_submission (world, kind, lines, &ticket);

  g_assert_true (pt_intake_take (world->pipeline->intake, submission));
  return ticket;
}

char *
pt_world_wait (PtTicket *ticket)
{
  PtWorld *world = ticket->world;
  gint64 late = pt_test_late ();
  char *json;

  g_mutex_lock (&world->lock);
  while (!ticket->answered)
    g_assert_true (g_cond_wait_until (&world->changed, &world->lock, late));
  g_mutex_unlock (&world->lock);
  json = ticket->json;
  g_free (ticket);
  return json;
}

char *
pt_world_submit (PtWorld *world, const PtKind *kind, const char *lines)
{
  return pt_world_wait (pt_world_push (world, kind, lines));
}

char *
pt_world_submit_from (PtWorld *world, const PtKind *kind, const char *lines, const PtPeer *peer)
{
  PtTicket *ticket;
  PtSubmission *submission = world_submission (world, kind, lines, &ticket);

  pt_submission_set_peer (submission, peer);
  if (!pt_intake_take (world->pipeline->intake, submission))
    pt_world_answered (submission, ticket);
  return pt_world_wait (ticket);
}

void
pt_world_expect (PtWorld *world, const PtKind *kind, const char *lines, const char *wanted)
{
  g_autofree char *answer = pt_world_submit (world, kind, lines);

  g_assert_cmpstr (g_strchomp (answer), ==, wanted);
}

void
pt_world_add_device (PtWorld *world, const char *area, const char *device)
{
  g_autofree char *line
      = pt_world_device (world, area, device, PT_STATUS_ACTIVE, pt_clock_now (world->clock));

  pt_world_expect (world, &pt_kind_registration, line, PT_ACCEPTED);
}

void
pt_world_report_now (PtWorld *world, const char *device, gint64 seq, PtPower power,
                     const char *wanted)
{
  g_autofree char *line
      = pt_world_report (world, "east", device, seq, pt_clock_now (world->clock), power, NULL);

  pt_world_expect (world, &pt_kind_report, line, wanted);
}

/* Its life */

void
pt_world_start (PtWorld *world)
{
  g_autofree char *database = g_build_filename (world->path, "store.sqlite", NULL);
  PtPipelineConfig config = { .clock = world->clock,
                              .folder = world->path,
                              .signer = &world->service.signer,
                              .period = PT_WORLD_PERIOD,
                              .anchored_within = PT_WORLD_ANCHORED_WITHIN,
                              .silent_after = 10 * PT_WORLD_PERIOD,
                              .snapshot_s = 3600,
                              .workers = 2,
                              .lines_max = 100000,
                              .rates = world->rates };
  g_autoptr (GError) error = NULL;

  if (world->own_store)
    world->store = pt_sqlite_store_new (database, &error);
  g_assert_no_error (error);
  config.store = world->store;
  config.health = world->health = pt_health_new (NULL, NULL);
  config.news = world->news = pt_news_new ();
  config.hold = world->hold = pt_hold_new (world->health, FALSE);
  world->pipeline = pt_pipeline_new (&config, &error);
  g_assert_no_error (error);
}

void
pt_world_stop (PtWorld *world, gboolean killed)
{
  static GSList *left; /* so that whoever looks for leaks still sees them */

  if (killed)
    left = g_slist_prepend (left, g_steal_pointer (&world->pipeline->batcher));
  g_clear_pointer (&world->pipeline, pt_pipeline_free);
  if (world->own_store)
    g_clear_pointer (&world->store, pt_store_free);
  g_clear_pointer (&world->news, pt_news_free);
  g_clear_pointer (&world->hold, pt_hold_free);
  g_clear_pointer (&world->health, pt_health_free);
}

void
pt_world_restart (PtWorld *world, gboolean killed)
{
  pt_world_stop (world, killed);
  pt_world_start (world);
}

PtWorld *
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

PtWorld *
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

void
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

/* What it can be asked */

void
pt_world_add_area (PtWorld *world, const char *area)
{
  g_autoptr (GError) error = NULL;
  gboolean created;

  pt_committer_add_area (world->pipeline->committer, area, world->authority.signer.public_key,
                         world->service.signer.public_key, &created, &error);
  g_assert_no_error (error);
  g_assert_true (created);
}

guint
pt_world_waiting (PtWorld *world)
{
  PtAdmissionCounts counts;

  pt_admission_get (pt_intake_admission (world->pipeline->intake), &counts);
  return counts.waiting;
}

guint64
pt_world_entries (PtWorld *world)
{
  g_autoptr (GError) error = NULL;
  PtCounts counts;

  pt_store_counts (world->store, &counts, &error);
  g_assert_no_error (error);
  return counts.entries;
}

void
pt_world_advance (PtWorld *world, gint64 ms)
{
  pt_clock_manual_set (world->clock, pt_clock_now (world->clock) + ms);
}

guint
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
static gboolean
pt_world_dump_outage (const PtOutageRow *row, gpointer user_data, GError **error)
{
  g_string_append_printf (user_data,
                          "outage %u %" G_GINT64_FORMAT " %" G_GINT64_FORMAT " %" G_GINT64_FORMAT
                          " %" G_GINT64_FORMAT " %" G_GINT64_FORMAT " %d %u\n",
                          row->device, row->start_seq, row->start, row->end_seq, row->end,
                          row->customers, row->ended_by, row->place);
  return TRUE;
}

char *
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
      g_autoptr (GBytes) saved = pt_history_save (&device->history);
      g_autofree char *digest = g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, saved);

      g_string_append_printf (text,
                              "%s/%s %d %" G_GINT64_FORMAT ": %" G_GINT64_FORMAT
                              " %" G_GINT64_FORMAT " %d %" G_GUINT64_FORMAT " %s\n",
                              device->area->id, device->id, device->status, device->registered,
                              device->history.latest.seq, device->history.latest.ts,
                              device->history.latest.power, pt_history_missing (&device->history),
                              digest);
    }
  pt_store_outages (world->store, &all, pt_world_dump_outage, text, &error);
  g_assert_no_error (error);
  return g_string_free (text, FALSE);
}
