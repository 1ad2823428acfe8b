/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-restore.h"

#define WATCH_S 1
#define FIRST_PAUSE_MS 1000
#define LAST_PAUSE_MS 60000

struct _PtRestore
{
  PtRestoreConfig config;
  PtReplay *replay;
  guint watch, again; /* sources of the main loop */
  GMutex lock;
  gint stopping; /* atomic */
};

static gboolean
restore_again (gpointer data)
{
  PtRestore *restore = data;

  g_mutex_lock (&restore->lock);
  restore->again = 0;
  g_mutex_unlock (&restore->lock);
  restore->config.again (restore->config.user_data);
  return G_SOURCE_REMOVE;
}

/* Any thread. */
static void
start_again (PtRestore *restore)
{
  g_mutex_lock (&restore->lock);
  if (restore->again == 0 && !g_atomic_int_get (&restore->stopping))
    restore->again = g_idle_add (restore_again, restore);
  g_mutex_unlock (&restore->lock);
}

/* On the replay's thread. */
static gboolean
wait_a_while (PtRestore *restore, guint ms)
{
  for (guint waited = 0; waited < ms && !g_atomic_int_get (&restore->stopping); waited += 100)
    g_usleep (100 * G_TIME_SPAN_MILLISECOND);
  return !g_atomic_int_get (&restore->stopping);
}

static void
say_error (PtRestore *restore, const GError *error)
{
  g_autofree char *sentence = g_strdup_printf (
      "An older copy was put back and took something in, and its database can't be made again from "
      "the batches: %s It is tried again. Nothing is taken in until then.",
      error->message);

  pt_health_say (restore->config.replay.health, PT_HEALTH_REPLAY, PT_HEALTH_ASKS, sentence);
  if (g_error_matches (error, PT_ERROR, PT_ERROR_STOP))
    pt_health_stop (restore->config.replay.health, error);
}

/* A server's database can't be put aside from here. */
static gboolean
not_ours (GError **error)
{
  g_set_error_literal (
      error, PT_ERROR, PT_ERROR_OPERATOR,
      "It is a server's. Restore a newer backup there, or give [store] the address "
      "of an empty database, which is filled from the batches.");
  return FALSE;
}

static gboolean
rebuild (PtRestore *restore)
{
  const PtRebuildConfig config = { .folder = restore->config.folder,
                                   .pipeline = restore->config.pipeline,
                                   .replay = &restore->config.replay,
                                   .stopping = &restore->stopping };
  guint pause = FIRST_PAUSE_MS;

  while (!g_atomic_int_get (&restore->stopping))
    {
      g_autoptr (GError) error = NULL;

      if (restore->config.is_ours ? pt_rebuild_run (&config, &error) : not_ours (&error))
        return TRUE;
      say_error (restore, error);
      wait_a_while (restore, pause);
      pause = MIN (2 * pause, LAST_PAUSE_MS);
    }
  return FALSE;
}

static void
replay_done (PtReplayEnd end, gpointer user_data)
{
  PtRestore *restore = user_data;

  if (end == PT_REPLAY_OTHER ? rebuild (restore) : wait_a_while (restore, FIRST_PAUSE_MS))
    start_again (restore);
}

/* It was seen while the daemon ran, as after a start that could not ask the chain. */
static gboolean
restore_watch (gpointer data)
{
  PtRestore *restore = data;

  if (pt_hold_may_take (restore->config.hold, NULL))
    return G_SOURCE_CONTINUE;
  restore->watch = 0;
  g_message ("Starting again, to bring back what the chain has and this copy has not.");
  start_again (restore);
  return G_SOURCE_REMOVE;
}

PtRestore *
pt_restore_new (const PtRestoreConfig *config)
{
  PtRestore *restore;

  g_return_val_if_fail (config != NULL && config->folder != NULL && config->again != NULL, NULL);
  g_return_val_if_fail (config->hold != NULL, NULL);

  restore = g_new0 (PtRestore, 1);
  restore->config = *config;
  restore->config.replay.done = replay_done;
  restore->config.replay.user_data = restore;
  g_mutex_init (&restore->lock);
  if (pt_hold_may_take (config->hold, NULL))
    restore->watch = g_timeout_add_seconds (WATCH_S, restore_watch, restore);
  else
    restore->replay = pt_replay_new (&restore->config.replay);
  return restore;
}

void
pt_restore_free (PtRestore *restore)
{
  if (restore == NULL)
    return;
  g_atomic_int_set (&restore->stopping, TRUE);
  g_clear_pointer (&restore->replay, pt_replay_free);
  g_clear_handle_id (&restore->watch, g_source_remove);
  g_clear_handle_id (&restore->again, g_source_remove);
  g_mutex_clear (&restore->lock);
  g_free (restore);
}

PtReplay *
pt_restore_replay (PtRestore *restore)
{
  return restore != NULL ? restore->replay : NULL;
}
