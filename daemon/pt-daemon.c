/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-daemon.h"

#include <string.h>

#include "pt-bus.h"
#include "pt-chain-view.h"
#include "pt-ethereum-keystore.h"
#include "pt-recovery.h"
#include "pt-rpc.h"
#include "pt-server.h"
#include "pt-state-dir.h"
#include "pt-store-open.h"

#define SNAPSHOT_S 30

struct _PtDaemon
{
  const PtConfig *config;
  PtServices services;
  PtStateDir *state;
  PtP256Key *service_key;
  PtSigner signer;
  PtEthereumSigner *operator_key;
  PtRoster *roster;
  PtBatcher *batcher;
  PtServer *server;
  PtBus *bus;
};

/* Hooks: from the threads */

static void
daemon_verified (PtSubmission *submission, gpointer user_data)
{
  PtDaemon *daemon = user_data;

  pt_committer_push (daemon->services.committer, submission);
}

static void
daemon_released (guint lines, gpointer user_data)
{
  PtDaemon *daemon = user_data;

  pt_verifier_pool_release (daemon->services.pool, lines);
}

/* Wiring */

/* A mistake in [chain] stops the start; an endpoint that does not answer only delays batches. */
static gboolean
daemon_check_chain (PtDaemon *daemon, GError **error)
{
  const PtConfig *config = daemon->config;
  g_autoptr (PtRpc) rpc = pt_rpc_new (config->rpc);
  g_autoptr (GError) local = NULL;
  const char *key;

  if (pt_chain_view_check (rpc, (guint64) config->chain_id, config->contract, &key, &local))
    return TRUE;
  if (g_error_matches (local, PT_ERROR, PT_ERROR_CONFIGURATION))
    return pt_config_refuse (config, "chain", key, local->message, error);
  g_message ("The chain is not there yet; batches wait for it. %s", local->message);
  return TRUE;
}

static gboolean
daemon_open_keys (PtDaemon *daemon, GError **error)
{
  const PtConfig *config = daemon->config;
  PtServices *services = &daemon->services;

  daemon->service_key = pt_state_dir_key (config->service_key, error);
  if (daemon->service_key == NULL)
    return FALSE;
  if (!pt_p256_signer_init (&daemon->signer, daemon->service_key))
    {
      g_set_error (error, PT_ERROR, PT_ERROR_CONFIGURATION, "%s can't sign.", config->service_key);
      return FALSE;
    }
  memcpy (services->service_key, daemon->signer.public_key, PT_PUBLIC_KEY_SIZE);
  services->admin_token = pt_state_dir_token (daemon->state, error);
  if (services->admin_token == NULL)
    return FALSE;
  services->has_chain = config->rpc != NULL;
  if (!services->has_chain)
    return TRUE;
  daemon->operator_key = pt_ethereum_keystore_read (config->keystore, config->password_file, error);
  if (daemon->operator_key == NULL || !daemon_check_chain (daemon, error))
    return FALSE;
  memcpy (services->operator_address, daemon->operator_key->address, 20);
  memcpy (services->chain.contract, config->contract, 20);
  services->chain.chain_id = (guint64) config->chain_id;
  return TRUE;
}

/* What pages may ask besides us: the origins, with spaces between. */
static char *
join_origins (char **addresses)
{
  GString *origins = g_string_new (NULL);

  for (guint i = 0; addresses[i] != NULL; i++)
    {
      g_autofree char *origin = pt_tiles_origin_of (g_strstrip (addresses[i]));

      /* Twice the same does no harm. */
      if (origin != NULL)
        g_string_append_printf (origins, "%s%s", origins->len > 0 ? " " : "", origin);
    }
  return g_string_free (origins, FALSE);
}

static const char *
installed_file (const char *path)
{
  return g_file_test (path, G_FILE_TEST_EXISTS) ? path : NULL;
}

/* What was installed serves where nothing is configured, and is missed by nobody. */
static gboolean
is_fatal (gboolean configured, GError *local, GError **error)
{
  if (configured)
    {
      g_propagate_error (error, local);
      return TRUE;
    }
  g_message ("%s", local->message);
  g_error_free (local);
  return FALSE;
}

static gboolean
daemon_open_map (PtDaemon *daemon, GError **error)
{
  const PtConfig *config = daemon->config;
  gboolean own = config->map_light != NULL || config->map_dark != NULL;
  const char *light
      = own ? config->map_light : installed_file (PT_DATADIR "/basemap/light.mbtiles");
  const char *dark = own ? config->map_dark : installed_file (PT_DATADIR "/basemap/dark.mbtiles");
  GError *local = NULL;

  if (light == NULL && dark == NULL)
    return TRUE;
  daemon->services.tiles = pt_tiles_new (light, dark, config->map_attribution, &local);
  return daemon->services.tiles != NULL || !is_fatal (own, local, error);
}

static gboolean
daemon_open_places (PtDaemon *daemon, GError **error)
{
  const char *own = daemon->config->map_places;
  const char *path = own != NULL ? own : installed_file (PT_DATADIR "/basemap/places.tsv");
  GError *local = NULL;

  if (path == NULL)
    return TRUE;
  daemon->services.gazetteer = pt_gazetteer_new (path, &local);
  return daemon->services.gazetteer != NULL || !is_fatal (own != NULL, local, error);
}

static gboolean
daemon_open_page (PtDaemon *daemon, GError **error)
{
  const char *folder = daemon->config->page_dir, *rpc = daemon->config->public_rpc;
  PtServices *services = &daemon->services;
  g_autofree char *connect = NULL;
  GError *local = NULL;

  services->from_block = daemon->config->from_block;
  services->public_rpc = g_strsplit (rpc != NULL ? rpc : "", ";", -1);
  connect = join_origins (services->public_rpc);
  if (!daemon_open_map (daemon, error) || !daemon_open_places (daemon, error))
    return FALSE;
  if (folder == NULL && installed_file (PT_DATADIR "/page/index.html") == NULL)
    return TRUE;
  services->page = pt_page_new (folder != NULL ? folder : PT_DATADIR "/page",
                                services->tiles != NULL ? pt_tiles_origins (services->tiles) : "",
                                connect, &local);
  return services->page != NULL || !is_fatal (folder != NULL, local, error);
}

static gboolean
daemon_open_state (PtDaemon *daemon, PtRecovered *recovered, GError **error)
{
  g_autofree char *database = pt_state_dir_file (daemon->state, "powertrack.sqlite");
  g_autofree char *address = g_strconcat ("sqlite:", database, NULL);
  g_autofree char *index = pt_state_dir_file (daemon->state, "index");
  PtServices *services = &daemon->services;

  services->store = pt_store_open (address, error);
  if (services->store == NULL)
    return FALSE;
  services->blocks = pt_block_store_new (daemon->state->path, error);
  if (services->blocks == NULL)
    return FALSE;
  services->archive = pt_archive_new (services->store, services->blocks, index, error);
  if (services->archive == NULL)
    return FALSE;
  services->directory = pt_directory_new ();
  daemon->roster = pt_roster_new (services->directory);
  return pt_recovery_load (services->store, services->directory, daemon->roster,
                           services->service_key, recovered, error)
         && pt_recovery_index (services->archive, services->directory->registry, recovered, error);
}

/* A stepped clock goes on where it was. */
static gboolean
daemon_open_clock (PtDaemon *daemon, const PtRecovered *recovered, GError **error)
{
  g_autofree char *path = pt_state_dir_file (daemon->state, "clock");
  PtServices *services = &daemon->services;

  if (pt_clock_source (services->clock) == PT_CLOCK_STEPPED)
    services->stepper = pt_stepper_new (services->clock, path, recovered->last_received, error);
  services->started = pt_clock_now (services->clock);
  return services->stepper != NULL || pt_clock_source (services->clock) != PT_CLOCK_STEPPED;
}

static gboolean
daemon_start_pipeline (PtDaemon *daemon, const PtRecovered *recovered, GError **error)
{
  const PtConfig *config = daemon->config;
  PtServices *services = &daemon->services;
  PtCommitterConfig committer = { .store = services->store,
                                  .archive = services->archive,
                                  .directory = services->directory,
                                  .clock = services->clock,
                                  .last_received = recovered->last_received,
                                  .last_entry = recovered->last_entry,
                                  .health = services->health,
                                  .released = daemon_released,
                                  .user_data = daemon };

  services->live = pt_live_new (services->directory, services->store, services->clock,
                                config->silent_after_ms, services->news);
  committer.live = services->live;
  services->committer = pt_committer_new (&committer);
  if (!pt_recovery_replay (services->store, services->directory, services->committer, recovered,
                           error)
      || !pt_recovery_live (services->store, services->live, error))
    return FALSE;
  pt_committer_set_sealed (services->committer, recovered->sealed);
  services->pool
      = pt_verifier_pool_new (services->directory, services->clock, (guint) config->workers,
                              (guint) config->queue_lines, daemon_verified, daemon);
  return TRUE;
}

static void
daemon_start_anchoring (PtDaemon *daemon)
{
  const PtConfig *config = daemon->config;
  PtServices *services = &daemon->services;
  PtBatcherConfig batcher = { .store = services->store,
                              .blocks = services->blocks,
                              .directory = services->directory,
                              .committer = services->committer,
                              .clock = services->clock,
                              .archive = services->archive,
                              .roster = daemon->roster,
                              .signer = &daemon->signer,
                              .period = config->period_ms,
                              .snapshot_s = SNAPSHOT_S,
                              .health = services->health,
                              .news = services->news };
  PtSubmitterConfig submitter = { .rpc_url = config->rpc,
                                  .chain_id = (guint64) config->chain_id,
                                  .confirmations = (guint) config->confirmations,
                                  .bump_after_s = (guint) config->bump_after_s,
                                  .poll_ms = (guint) config->poll_ms,
                                  .signer = daemon->operator_key,
                                  .health = services->health,
                                  .news = services->news };

  memcpy (submitter.contract, config->contract, sizeof submitter.contract);
  services->submitter = pt_submitter_new (services->store, services->blocks, &submitter);
  batcher.submitter = services->submitter;
  daemon->batcher = pt_batcher_new (&batcher);
  if (services->stepper != NULL)
    pt_stepper_attach (services->stepper, services->committer, daemon->batcher);
  pt_batcher_start (daemon->batcher);
}

PtDaemon *
pt_daemon_new (const PtConfig *config, PtClock *clock, GSourceFunc stop, gpointer data,
               GError **error)
{
  g_autoptr (PtDaemon) daemon = g_new0 (PtDaemon, 1);
  PtRecovered recovered;

  daemon->config = config;
  daemon->services.health = pt_health_new (stop, data);
  daemon->services.news = pt_news_new ();
  daemon->services.clock = pt_clock_ref (clock);
  daemon->services.period = config->period_ms;
  daemon->state = pt_state_dir_open (config->state_dir, error);
  if (daemon->state == NULL || !daemon_open_keys (daemon, error)
      || !daemon_open_page (daemon, error) || !daemon_open_state (daemon, &recovered, error)
      || !daemon_open_clock (daemon, &recovered, error)
      || !daemon_start_pipeline (daemon, &recovered, error))
    return NULL;
  daemon_start_anchoring (daemon);
  daemon->server = pt_server_new (&daemon->services, config->listen, error);
  if (daemon->server == NULL)
    return NULL;
  if (strcmp (config->bus, "none") != 0)
    daemon->bus = pt_bus_new (&daemon->services, config->bus, pt_server_url (daemon->server));
  return g_steal_pointer (&daemon);
}

void
pt_daemon_free (PtDaemon *daemon)
{
  PtServices *services;

  if (daemon == NULL)
    return;
  services = &daemon->services;
  g_atomic_int_set (&services->closing, 1);
  /* Whoever asks does so of parts that are there: the interfaces go first. */
  g_clear_pointer (&daemon->server, pt_server_free);
  g_clear_pointer (&daemon->bus, pt_bus_free);
  /* The committer releases lines to the pool until it has ended. */
  if (services->pool != NULL)
    pt_verifier_pool_drain (services->pool);
  g_clear_pointer (&daemon->batcher, pt_batcher_free);
  g_clear_pointer (&services->committer, pt_committer_free);
  g_clear_pointer (&services->pool, pt_verifier_pool_free);
  g_clear_pointer (&services->submitter, pt_submitter_stop);
  g_clear_pointer (&services->stepper, pt_stepper_free);
  g_clear_pointer (&services->live, pt_live_free);
  g_clear_pointer (&daemon->roster, pt_roster_free);
  g_clear_pointer (&services->archive, pt_archive_free);
  g_clear_pointer (&services->blocks, pt_block_store_unref);
  g_clear_pointer (&services->store, pt_store_free);
  g_clear_pointer (&services->directory, pt_directory_free);
  g_clear_pointer (&daemon->operator_key, pt_ethereum_signer_free);
  if (daemon->service_key != NULL)
    {
      pt_p256_signer_clear (&daemon->signer);
      pt_p256_key_free (daemon->service_key);
    }
  g_free (services->admin_token);
  g_strfreev (services->public_rpc);
  g_clear_pointer (&services->tiles, pt_tiles_free);
  g_clear_pointer (&services->gazetteer, pt_gazetteer_free);
  g_clear_pointer (&services->page, pt_page_free);
  pt_clock_unref (services->clock);
  g_clear_pointer (&daemon->state, pt_state_dir_free);
  g_clear_pointer (&services->news, pt_news_free);
  g_clear_pointer (&services->health, pt_health_free);
  g_free (daemon);
}

const char *
pt_daemon_url (PtDaemon *daemon)
{
  return pt_server_url (daemon->server);
}

const GError *
pt_daemon_error (PtDaemon *daemon)
{
  return pt_health_error (daemon->services.health);
}

PtServices *
pt_daemon_services (PtDaemon *daemon)
{
  return &daemon->services;
}
