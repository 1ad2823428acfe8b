/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>

#include "pt-clock.h"
#include "pt-listen.h"

#define PT_CONFIG_PUBLIC_RPC_MAX 8

/* The daemon's configuration, from a key file. data/powertrackd.conf documents every line. */
typedef struct
{
  char *path;

  char *state_dir, *service_key;             /* [daemon] */
  char *store_address, *store_password_file; /* [store]; NULL: SQLite in the state directory */
  char *listen;                              /* [http], host:port; port 0 takes a free one */
  char *certificate, *key;                   /* [http], files; both or none */
  char *many;                                /* all proxies of these and of [http], ; between */
  GArray *listens; /* of PtListenOptions: [listen NAME]; then [http] has no listen */
  gint64 connections, connections_each, streams, streams_each; /* [http]; _each 0: no bound */
  gint64 bodies, answers;                                      /* MiB */
  char *proxies;                                               /* addresses with ; between */
  PtClockSource clock_source;                                  /* [clock]; never manual */
  gint64 origin_ms, started_ms;
  double speed;
  gint64 period_ms, anchored_within_ms;                         /* [batch] */
  gint64 queue_lines, workers;                                  /* [intake] */
  gint64 reports_address_per_minute, reports_device_per_minute; /* 0: no bound */
  gint64 reports_area_per_second, rejected_for_ms;
  char *coap_listen;                                  /* [coap], host:port; NULL: none */
  char *coap_certificate, *coap_key, *coap_client_ca; /* files; all or none */
  char *coap_psk_file;                                /* or NULL */
  char *coap_oscore_listen, *coap_oscore_file;        /* or NULL, both */
  gint64 coap_sessions, coap_idle_ms;
  char *est_ca, *est_passphrase_file; /* [est]: both or none */
  gint64 est_days;
  char *rpc, *keystore, *password_file; /* [chain]; rpc NULL: none */
  char *gateways;                       /* addresses with ; between, or NULL */
  char *public_rpc;                     /* addresses with ; between, or NULL */
  guint8 contract[20];
  gint64 chain_id, from_block, confirmations, bump_after_s, stuck_after_s, poll_ms;
  gint64 max_fee, max_tip;                      /* wei per gas */
  gint64 max_cost;                              /* gwei a transaction */
  char *bus;                                    /* [dbus]: none, session, system */
  gint64 silent_after_ms;                       /* [live] */
  char *map_light, *map_dark, *map_attribution; /* [map]: files or URL templates, or NULL */
  char *map_places;                             /* a file, or NULL */
  gint64 work_bits, work_per_minute;            /* [complaints] */
  gint64 address_per_minute, key_per_hour, site_per_hour, area_per_minute; /* 0: no bound */
  char *gateway_token_file, *host;                                         /* or NULL */
  char *mqtt_broker;                           /* [mqtt], host:port, or NULL: none */
  char *mqtt_ca, *mqtt_certificate, *mqtt_key; /* files, or NULL */
  char *mqtt_user, *mqtt_password_file;        /* or NULL */
  char *mqtt_client_id, *mqtt_share;           /* mqtt_share may be NULL */
  gint64 mqtt_inflight;
  char *page_dir; /* [page], or NULL */
} PtConfig;

/* The error names the file, the line and the remedy. */
PtConfig *pt_config_load (const char *path, GError **error);
void pt_config_free (PtConfig *config);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtConfig, pt_config_free)

/* FALSE with PT_ERROR_CONFIGURATION: the option turned out to be wrong, as @sentence says. */
gboolean pt_config_refuse (const PtConfig *config, const char *section, const char *key,
                           const char *sentence, GError **error);
PtClock *pt_config_clock (const PtConfig *config);
/* "15min", "1h", "90s", "500ms", "7d": milliseconds. FALSE for anything else. */
gboolean pt_config_parse_duration (const char *text, gint64 *ms);
/* Every "section/key", NULL-terminated; for the test that compares with the documentation. */
char **pt_config_keys (void);
