/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>

#include "pt-route.h"

/* What holds for all who come by one of a group of addresses: TLS, whom it trusts, what is served.
 * Main loop. */

typedef struct
{
  const char *section; /* of the configuration, for sentences: "http" or "listen NAME" */
  const char *address; /* host:port (port 0 takes a free one) or unix:/path, with ; between */
  /* PEM files, see pt_certificate_read (); both NULL: without TLS. */
  const char *certificate, *key;
  const char *client_ca; /* a PEM file: who signs the certificates that clients show; or NULL */
  GTlsAuthenticationMode clients;
  guint serves;            /* PtServes */
  const char *proxies;     /* numeric addresses with ; between; or NULL */
  gboolean proxy_protocol; /* they begin with whom they speak for */
  gint64 hsts;             /* days; -1: a year, but none on loopback */
} PtListenOptions;

typedef struct
{
  /* Whoever serves reads these. */
  GTlsCertificate *certificate; /* NULL: without TLS */
  GTlsDatabase *client_ca;      /* or NULL */
  GTlsAuthenticationMode clients;
  guint serves;   /* PtServes */
  char **proxies; /* they are many clients: no share bounds them */
  gboolean proxy_protocol;
  char *hsts;           /* Strict-Transport-Security, or NULL */
  GPtrArray *addresses; /* of GSocketAddress */

  /* pt-listen.c's own. */
  char *section, *certificate_path, *key_path, *ca_path, *stamp;
} PtListen;

/* PT_ERROR_CONFIGURATION with the section and the remedy; administration that others could listen
 * to is refused too. Nothing of @options is kept. */
PtListen *pt_listen_new (const PtListenOptions *options, GError **error);
void pt_listen_free (PtListen *listen);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtListen, pt_listen_free)

/* What is said of an address where nobody can listen. */
void pt_listen_refuse (const PtListen *listen, const char *why, GError **error);
/* Reads the files again, if there are any. What is wrong with them is a warning, and what was read
 * before stays. */
void pt_listen_reload (PtListen *listen);
/* The same, if they have changed since. */
void pt_listen_look (PtListen *listen);
