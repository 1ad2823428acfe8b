/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-daemon.h"

#include <string.h>

#include "pt-api-office.h"
#include "pt-api.h"
#include "pt-bus.h"
#include "pt-chain-view.h"
#ifdef PT_HAS_COAP
#include "pt-coap.h"
#endif
#include "pt-est-http.h"
#include "pt-ethereum-keystore.h"
#include "pt-hold.h"
#include "pt-intake-complaints.h"
#include "pt-intake-desk.h"
#include "pt-intake-sms.h"
#include "pt-intake-fast.h"
#include "pt-intake-http.h"
#include "pt-listener.h"
#ifdef PT_HAS_MQTT
#include "pt-mqtt.h"
#endif
#include "pt-pipeline.h"
#include "pt-public.h"
#include "pt-restore.h"
#include "pt-rpc.h"
#include "pt-server.h"
#include "pt-service-key.h"
#include "pt-state-dir.h"
#include "pt-store-open.h"

#define SNAPSHOT_S 30
#define LOOK_S 20 /* that a start gives a slow endpoint to say what it has of all areas */
#define MEBI ((gsize) 1024 * 1024)

struct _PtDaemon
{
  const PtConfig *config;
  PtClock *clock;
  PtHealth *health;
  PtNews *news;
  PtStateDir *state;
  char *admin_token;
  PtP256Key *service_key;
  PtSigner signer;
  PtEthereumSigner *operator_key;
  PtPublic *public;
  PtStore *store;
  PtHold *hold;
  gboolean chain_is_away; /* at the start; nobody waits for it once more */
  PtLooker *looker;       /* NULL without a chain */
  PtPipeline *pipeline;
  PtRestore *restore; /* NULL without a chain */
  gboolean again;     /* it is to start again */
  GSourceFunc stop;
  gpointer stop_data;
  PtStepper *stepper; /* NULL: the clock is not stepped */
  PtReads reads;
  PtStatusSources status;
  PtAbout about;
  PtServer *server;
  PtApi *api;
  PtIntakeDevices devices;
  PtIntakeHttp intake_http;
#ifdef PT_HAS_COAP
  PtCoap *coap, *oscore; /* NULL: devices do not come over CoAP and DTLS; with OSCORE */
#endif
  PtEst *est; /* NULL: no certificates are given */
  PtEstHttp *est_http;
  PtOffice *office;
  PtApiOffice api_office;
  PtPrivateView privates;
  PtFilings filings;
  PtBus *bus;
#ifdef PT_HAS_MQTT
  PtMqtt *mqtt; /* NULL: there is no broker */
#endif
};

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
  daemon->chain_is_away = TRUE;
  return TRUE;
}

static gboolean
daemon_open_keys (PtDaemon *daemon, GError **error)
{
  const PtConfig *config = daemon->config;

  daemon->service_key = pt_service_key_open (config->service_key, daemon->store, error);
  if (daemon->service_key == NULL)
    return FALSE;
  if (!pt_p256_signer_init (&daemon->signer, daemon->service_key))
    {
      g_set_error (error, PT_ERROR, PT_ERROR_CONFIGURATION, "%s can't sign.", config->service_key);
      return FALSE;
    }
  daemon->admin_token = pt_state_dir_token (daemon->state, error);
  if (daemon->admin_token == NULL)
    return FALSE;
  if (config->rpc == NULL)
    return TRUE;
  daemon->operator_key = pt_ethereum_keystore_read (config->keystore, config->password_file, error);
  return daemon->operator_key != NULL && daemon_check_chain (daemon, error);
}

static gboolean
daemon_open_public (PtDaemon *daemon, GError **error)
{
  const PtConfig *config = daemon->config;
  const PtPublicConfig public = { .light = config->map_light,
                                  .dark = config->map_dark,
                                  .attribution = config->map_attribution,
                                  .places = config->map_places,
                                  .page = config->page_dir,
                                  .rpc = config->public_rpc };

  daemon->public = pt_public_new (&public, error);
  return daemon->public != NULL;
}

static gboolean
daemon_open_store (PtDaemon *daemon, GError **error)
{
  const PtConfig *config = daemon->config;
  g_autofree char *database = pt_state_dir_file (daemon->state, "powertrack.sqlite");
  g_autofree char *address = g_strconcat ("sqlite:", database, NULL);

  if (config->store_address == NULL && !pt_rebuild_finish (daemon->state->path, error))
    return FALSE;
  daemon->store = pt_store_open (config->store_address != NULL ? config->store_address : address,
                                 config->store_password_file, error);
  return daemon->store != NULL;
}

/* What is stored is compared with the chain before anything is taken in or signed. */
static gboolean
daemon_look (PtDaemon *daemon, GError **error)
{
  const PtConfig *config = daemon->config;
  g_autoptr (PtRpc) rpc = NULL;

  daemon->hold = pt_hold_new (daemon->health, config->rpc != NULL);
  if (config->rpc == NULL)
    return TRUE;
  rpc = pt_rpc_new (config->rpc);
  daemon->looker
      = pt_looker_new (daemon->store, daemon->hold, config->contract, (guint64) config->from_block);
  return pt_looker_start (daemon->looker, rpc, daemon->chain_is_away ? 0 : LOOK_S, error);
}

/* How its pipeline is made, but for the anchoring. */
static PtPipelineConfig
daemon_pipeline_config (PtDaemon *daemon)
{
  const PtConfig *config = daemon->config;

  return (PtPipelineConfig){ .store = daemon->store,
                             .clock = daemon->clock,
                             .health = daemon->health,
                             .news = daemon->news,
                             .folder = daemon->state->path,
                             .signer = &daemon->signer,
                             .hold = daemon->hold,
                             .period = config->period_ms,
                             .anchored_within = config->anchored_within_ms,
                             .silent_after = config->silent_after_ms,
                             .snapshot_s = SNAPSHOT_S,
                             .workers = (guint) config->workers,
                             .lines_max = (guint) config->queue_lines,
                             .rates = { (guint) config->reports_address_per_minute,
                                        (guint) config->reports_device_per_minute,
                                        (guint) config->reports_area_per_second, config->many },
                             .rejected_for = config->rejected_for_ms,
                             .gateways = config->gateways };
}

static gboolean
daemon_open_pipeline (PtDaemon *daemon, GError **error)
{
  const PtConfig *config = daemon->config;
  PtSubmitterConfig anchoring = { .rpc_url = config->rpc,
                                  .chain_id = (guint64) config->chain_id,
                                  .confirmations = (guint) config->confirmations,
                                  .bump_after_s = (guint) config->bump_after_s,
                                  .stuck_after_s = (guint) config->stuck_after_s,
                                  .poll_ms = (guint) config->poll_ms,
                                  .most = { (guint64) config->max_fee, (guint64) config->max_tip },
                                  .max_cost = (guint64) config->max_cost,
                                  .looker = daemon->looker,
                                  .signer = daemon->operator_key };
  PtPipelineConfig pipeline = daemon_pipeline_config (daemon);

  pipeline.anchoring = &anchoring;
  memcpy (anchoring.contract, config->contract, sizeof anchoring.contract);
  daemon->pipeline = pt_pipeline_new (&pipeline, error);
  return daemon->pipeline != NULL;
}

static gboolean
daemon_start_again (gpointer data)
{
  PtDaemon *daemon = data;

  daemon->again = TRUE;
  return daemon->stop (daemon->stop_data);
}

/* With an older copy nothing is sealed until what is missing is there. */
static void
daemon_start (PtDaemon *daemon)
{
  const PtConfig *config = daemon->config;
  const PtPipeline *pipeline = daemon->pipeline;
  PtRestoreConfig restore
      = { .folder = daemon->state->path,
          .is_ours = config->store_address == NULL,
          .hold = daemon->hold,
          .pipeline = daemon_pipeline_config (daemon),
          .replay
          = { .rpc_url = config->rpc,
              .from_block = (guint64) config->from_block,
              .gateways = config->gateways,
              .service_key = daemon->signer.public_key,
              .log = { daemon->store, pipeline->blocks, pipeline->directory, pipeline->committer },
              .health = daemon->health },
          .again = daemon_start_again,
          .user_data = daemon };

  memcpy (restore.replay.contract, config->contract, sizeof restore.replay.contract);
  if (config->rpc != NULL && daemon->stop != NULL)
    daemon->restore = pt_restore_new (&restore);
  if (pt_restore_replay (daemon->restore) == NULL)
    pt_pipeline_start (daemon->pipeline);
}

/* What the interfaces tell of. */
static void
daemon_fill_parts (PtDaemon *daemon)
{
  const PtConfig *config = daemon->config;
  const PtPipeline *pipeline = daemon->pipeline;
  PtAbout *about = &daemon->about;

  daemon->reads = (PtReads){ daemon->clock,     pipeline->directory, daemon->store,
                             pipeline->archive, pipeline->live,      daemon->health,
                             pipeline->book,    pipeline->notices,   pipeline->copied };
  daemon->status = (PtStatusSources){ &daemon->reads, pt_intake_admission (pipeline->intake),
                                      pipeline->submitter, pt_restore_replay (daemon->restore),
                                      pipeline->traffic };
  about->period = config->period_ms;
  about->service_key = daemon->signer.public_key;
  about->public_rpc = daemon->public->rpc;
  if (config->rpc == NULL)
    return;
  about->account = daemon->operator_key->address;
  memcpy (about->chain.contract, config->contract, sizeof about->chain.contract);
  about->chain.chain_id = (guint64) config->chain_id;
  about->from_block = config->from_block;
}

/* A stepped clock goes on where it was. */
static gboolean
daemon_open_clock (PtDaemon *daemon, GError **error)
{
  g_autofree char *path = pt_state_dir_file (daemon->state, "clock");
  const PtPipeline *pipeline = daemon->pipeline;

  if (pt_clock_source (daemon->clock) == PT_CLOCK_STEPPED)
    {
      daemon->stepper = pt_stepper_new (daemon->clock, path, pipeline->last_received, error);
      if (daemon->stepper == NULL)
        return FALSE;
      pt_stepper_attach (daemon->stepper, pipeline->committer, pipeline->batcher);
    }
  daemon->about.started = pt_clock_now (daemon->clock);
  return TRUE;
}

#define PER_MINUTE(count)                                                                          \
  {                                                                                                \
    (guint) (count), (double) (count) *60                                                          \
  }
#define PER_HOUR(count)                                                                            \
  {                                                                                                \
    (guint) (count), (double) (count)                                                              \
  }

/* Work and sessions last as long as they do for people, whatever the daemon's clock shows. */
static gboolean
daemon_open_office (PtDaemon *daemon, GError **error)
{
  const PtConfig *config = daemon->config;
  g_autoptr (PtClock) real = pt_clock_new_real ();
  g_autofree char *key = pt_state_dir_file (daemon->state, "tickets.key");
  const char *texts = g_getenv ("TEXTDOMAINDIR"); /* as gettext(1) has it, of a build */
  const PtOfficeConfig office
      = { .tickets_key = key,
          .work_bits = (guint) config->work_bits,
          .work_per_minute = (guint) config->work_per_minute,
          .rates = { [PT_LIMIT_ADDRESS] = PER_MINUTE (config->address_per_minute),
                     [PT_LIMIT_KEY] = PER_HOUR (config->key_per_hour),
                     [PT_LIMIT_SITE] = PER_HOUR (config->site_per_hour),
                     [PT_LIMIT_AREA] = PER_MINUTE (config->area_per_minute) },
          .gateway_token_file = config->gateway_token_file,
          .host = config->host,
          .texts = texts != NULL ? texts : PT_LOCALEDIR,
          .service_key = daemon->service_key,
          .directory = daemon->pipeline->directory };

  daemon->office = pt_office_new (&office, real, error);
  if (daemon->office == NULL)
    return FALSE;
  daemon->api_office = (PtApiOffice){ &daemon->reads, daemon->office };
  daemon->privates = pt_api_private_view (&daemon->api_office);
  return TRUE;
}

static void
daemon_open_mouths (PtDaemon *daemon)
{
  daemon->devices = (PtIntakeDevices){ .intake = daemon->pipeline->intake,
                                       .directory = daemon->pipeline->directory,
                                       .clock = daemon->clock,
                                       .signer = &daemon->pipeline->signing.shared };
  daemon->intake_http = (PtIntakeHttp){ .intake = daemon->pipeline->intake,
                                        .service_key = daemon->about.service_key,
                                        .account = daemon->about.account,
                                        .devices = &daemon->devices };
  daemon->filings = (PtFilings){ .http = &daemon->intake_http,
                                 .office = daemon->office,
                                 .api = pt_api_complaints (daemon->api) };
  pt_filings_init (&daemon->filings);
  pt_server_add_routes (daemon->server, pt_intake_http_routes, &daemon->intake_http);
  pt_fast_set_handler (pt_server_fast (daemon->server), PT_INTAKE_FAST_PATH, pt_intake_fast_take,
                       &daemon->intake_http);
  pt_server_add_routes (daemon->server, pt_intake_complaints_routes, &daemon->filings);
  pt_server_add_routes (daemon->server, pt_intake_desk_routes, &daemon->filings);
  pt_server_add_routes (daemon->server, pt_intake_sms_routes, &daemon->filings);
  pt_server_add_routes (daemon->server, pt_api_sessions_routes, &daemon->api_office);
  pt_server_add_routes (daemon->server, pt_api_private_routes, &daemon->api_office);
}

static gboolean
daemon_open_est (PtDaemon *daemon, GError **error)
{
  const PtConfig *config = daemon->config;
  g_autofree char *invitations = pt_state_dir_file (daemon->state, "est-invitations");
  const PtEstConfig est = { .ca = config->est_ca,
                            .passphrase_file = config->est_passphrase_file,
                            .invitations = invitations,
                            .days = (guint) config->est_days,
                            .directory = daemon->pipeline->directory };
  g_autoptr (GError) local = NULL;
  const char *key;

  if (config->est_ca != NULL)
    daemon->est = pt_est_new (&est, &key, &local);
  if (local != NULL)
    return pt_config_refuse (config, "est", key, local->message, error);
  daemon->est_http = pt_est_http_new (daemon->est);
  pt_server_add_routes (daemon->server, pt_est_http_routes, daemon->est_http);
  return TRUE;
}

#ifdef PT_HAS_COAP
static gboolean
daemon_open_mouth (PtDaemon *daemon, const PtCoapOptions *options, PtCoap **out, GError **error)
{
  g_autoptr (GError) local = NULL;
  const char *key;

  if (options->listen == NULL)
    return TRUE;
  *out = pt_coap_new (options, &daemon->devices, &key, &local);
  return *out != NULL || pt_config_refuse (daemon->config, "coap", key, local->message, error);
}

static gboolean
daemon_open_coap (PtDaemon *daemon, GError **error)
{
  const PtConfig *config = daemon->config;
  g_autofree char *numbers = pt_state_dir_file (daemon->state, "oscore-numbers");
  const PtCoapOptions dtls = { .listen = config->coap_listen,
                               .certificate = config->coap_certificate,
                               .key = config->coap_key,
                               .client_ca = config->coap_client_ca,
                               .psk_file = config->coap_psk_file,
                               .sessions = (guint) config->coap_sessions,
                               .idle_ms = config->coap_idle_ms };
  const PtCoapOptions oscore = { .listen = config->coap_oscore_listen,
                                 .oscore_file = config->coap_oscore_file,
                                 .oscore_numbers = numbers,
                                 .sessions = (guint) config->coap_sessions,
                                 .idle_ms = config->coap_idle_ms };

  if (!daemon_open_mouth (daemon, &dtls, &daemon->coap, error)
      || !daemon_open_mouth (daemon, &oscore, &daemon->oscore, error))
    return FALSE;
  if (daemon->coap != NULL)
    g_message ("CoAP over DTLS on %s", pt_coap_address (daemon->coap));
  if (daemon->oscore != NULL)
    g_message ("CoAP with OSCORE on %s", pt_coap_address (daemon->oscore));
  return TRUE;
}
#else
static gboolean
daemon_open_coap (PtDaemon *daemon, GError **error)
{
  const char *key = daemon->config->coap_listen != NULL          ? "listen"
                    : daemon->config->coap_oscore_listen != NULL ? "oscore_listen"
                                                                 : NULL;

  return key == NULL
         || pt_config_refuse (daemon->config, "coap", key,
                              "This powertrackd was built without CoAP. Remove the line, or build "
                              "it with -Dcoap=enabled.",
                              error);
}
#endif

#ifdef PT_HAS_MQTT
static gboolean
daemon_open_mqtt (PtDaemon *daemon, GError **error)
{
  const PtConfig *config = daemon->config;
  const PtMqttConfig mqtt = { .broker = config->mqtt_broker,
                              .ca = config->mqtt_ca,
                              .certificate = config->mqtt_certificate,
                              .key = config->mqtt_key,
                              .user = config->mqtt_user,
                              .password_file = config->mqtt_password_file,
                              .client_id = config->mqtt_client_id,
                              .share = config->mqtt_share,
                              .inflight_max = (guint) config->mqtt_inflight,
                              .folder = daemon->state->path,
                              .devices = &daemon->devices,
                              .live = daemon->pipeline->live,
                              .news = daemon->news,
                              .health = daemon->health };

  if (config->mqtt_broker == NULL)
    return TRUE;
  daemon->mqtt = pt_mqtt_new (&mqtt, error);
  return daemon->mqtt != NULL;
}
#else
static gboolean
daemon_open_mqtt (PtDaemon *daemon, GError **error)
{
  return daemon->config->mqtt_broker == NULL
         || pt_config_refuse (daemon->config, "mqtt", "broker",
                              "This powertrackd was built without MQTT. Remove the line, or build "
                              "it with -Dmqtt=enabled.",
                              error);
}
#endif

static gboolean
daemon_open_interfaces (PtDaemon *daemon, GError **error)
{
  const PtConfig *config = daemon->config;
  const PtPipeline *pipeline = daemon->pipeline;
  const PtServerLimits limits = { .connections = (gsize) config->connections,
                                  .connections_each = (gsize) config->connections_each,
                                  .streams = (gsize) config->streams,
                                  .streams_each = (gsize) config->streams_each,
                                  .bodies = (gsize) config->bodies * MEBI,
                                  .answers = (gsize) config->answers * MEBI,
                                  .proxies = config->proxies };
  const PtServerOptions options = { .listens = (const PtListenOptions *) config->listens->data,
                                    .listen_count = config->listens->len,
                                    .listen = config->listen,
                                    .admin_token = daemon->admin_token,
                                    .certificate = config->certificate,
                                    .key = config->key,
                                    .limits = &limits };
  const PtApiParts parts = { .reads = &daemon->reads,
                             .status = &daemon->status,
                             .about = &daemon->about,
                             .public = daemon->public,
                             .blocks = pipeline->blocks,
                             .committer = pipeline->committer,
                             .stepper = daemon->stepper,
                             .news = daemon->news,
                             .privates = &daemon->privates };

  daemon_fill_parts (daemon);
  if (!daemon_open_office (daemon, error))
    return FALSE;
  daemon->server = pt_server_new (&options, error);
  if (daemon->server == NULL)
    return FALSE;
  daemon->api = pt_api_new (&parts, daemon->server);
  daemon_open_mouths (daemon);
  if (!daemon_open_est (daemon, error) || !daemon_open_coap (daemon, error)
      || !daemon_open_mqtt (daemon, error))
    return FALSE;
  if (strcmp (config->bus, "none") != 0)
    daemon->bus
        = pt_bus_new (&daemon->status, daemon->news, config->bus, pt_server_url (daemon->server));
  return TRUE;
}

/* Whoever reads the log, not the status, hears of it there. */
static void
daemon_tell_health (PtHealthSort sort, const char *sentence, gpointer data)
{
  if (sort == PT_HEALTH_WELL)
    g_message ("It is over: %s", sentence);
  else
    g_warning ("%s", sentence);
}

PtDaemon *
pt_daemon_new (const PtConfig *config, PtClock *clock, GSourceFunc stop, gpointer data,
               GError **error)
{
  g_autoptr (PtDaemon) daemon = NULL;

  g_return_val_if_fail (config != NULL && clock != NULL, NULL);

  pt_listener_raise_limit ();
  daemon = g_new0 (PtDaemon, 1);
  daemon->config = config;
  daemon->stop = stop;
  daemon->stop_data = data;
  daemon->health = pt_health_new (stop, data);
  pt_health_watch (daemon->health, daemon_tell_health, NULL);
  daemon->news = pt_news_new ();
  daemon->clock = pt_clock_ref (clock);
  daemon->state = pt_state_dir_open (config->state_dir, error);
  if (daemon->state == NULL || !daemon_open_store (daemon, error)
      || !daemon_open_keys (daemon, error) || !daemon_open_public (daemon, error)
      || !daemon_look (daemon, error) || !daemon_open_pipeline (daemon, error)
      || !daemon_open_clock (daemon, error))
    return NULL;
  daemon_start (daemon);
  if (!daemon_open_interfaces (daemon, error))
    return NULL;
  return g_steal_pointer (&daemon);
}

void
pt_daemon_free (PtDaemon *daemon)
{
  if (daemon == NULL)
    return;
  /* Whoever asks does so of parts that are there: the interfaces go first. */
  if (daemon->pipeline != NULL)
    pt_intake_close (daemon->pipeline->intake);
#ifdef PT_HAS_COAP
  g_clear_pointer (&daemon->coap, pt_coap_free);
  g_clear_pointer (&daemon->oscore, pt_coap_free);
#endif
#ifdef PT_HAS_MQTT
  g_clear_pointer (&daemon->mqtt, pt_mqtt_free);
#endif
  if (daemon->api != NULL)
    pt_api_end (daemon->api);
  if (daemon->est_http != NULL)
    pt_est_http_close (daemon->est_http);
  g_clear_pointer (&daemon->server, pt_server_free);
  g_clear_pointer (&daemon->est_http, pt_est_http_free);
  g_clear_pointer (&daemon->est, pt_est_free);
  pt_filings_clear (&daemon->filings);
  g_clear_pointer (&daemon->api, pt_api_free);
  g_clear_pointer (&daemon->bus, pt_bus_free);
  g_clear_pointer (&daemon->office, pt_office_free);
  g_clear_pointer (&daemon->restore, pt_restore_free);
  g_clear_pointer (&daemon->pipeline, pt_pipeline_free);
  g_clear_pointer (&daemon->stepper, pt_stepper_free);
  g_clear_pointer (&daemon->looker, pt_looker_free);
  g_clear_pointer (&daemon->hold, pt_hold_free);
  g_clear_pointer (&daemon->store, pt_store_free);
  g_clear_pointer (&daemon->operator_key, pt_ethereum_signer_free);
  if (daemon->service_key != NULL)
    {
      pt_p256_signer_clear (&daemon->signer);
      pt_p256_key_free (daemon->service_key);
    }
  g_free (daemon->admin_token);
  g_clear_pointer (&daemon->public, pt_public_free);
  pt_clock_unref (daemon->clock);
  g_clear_pointer (&daemon->state, pt_state_dir_free);
  g_clear_pointer (&daemon->news, pt_news_free);
  g_clear_pointer (&daemon->health, pt_health_free);
  g_free (daemon);
}

void
pt_daemon_reload (PtDaemon *daemon)
{
  g_return_if_fail (daemon != NULL);

  pt_server_reload (daemon->server);
  pt_est_http_reload (daemon->est_http);
#ifdef PT_HAS_COAP
  if (daemon->coap != NULL)
    pt_coap_reload (daemon->coap);
  if (daemon->oscore != NULL)
    pt_coap_reload (daemon->oscore);
#endif
}

const char *const *
pt_daemon_urls (PtDaemon *daemon)
{
  g_return_val_if_fail (daemon != NULL, NULL);

  return pt_server_urls (daemon->server);
}

gboolean
pt_daemon_wants_again (PtDaemon *daemon)
{
  g_return_val_if_fail (daemon != NULL, FALSE);

  return daemon->again
         || g_error_matches (pt_health_error (daemon->health), PT_ERROR, PT_ERROR_RETRY);
}

const GError *
pt_daemon_error (PtDaemon *daemon)
{
  const GError *error;

  g_return_val_if_fail (daemon != NULL, NULL);

  error = pt_health_error (daemon->health);
  return g_error_matches (error, PT_ERROR, PT_ERROR_RETRY) ? NULL : error;
}
