/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>

/* The one policy for outgoing HTTP, over libcurl: time limits, size limits, no redirects off the
 * host, http and https only; http through a Unix socket too: unix:/path:/target. A client is one
 * keep-alive connection for one thread; calls block, so never on a main loop. */
typedef struct _PtHttpClient PtHttpClient;

PtHttpClient *pt_http_client_new (void);
void pt_http_client_free (PtHttpClient *client);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtHttpClient, pt_http_client_free)

/* Defaults: 5 s to connect, 30 s in all, abandoned when slower than 1 KB/s for 10 s; answers up to
 * 2 MiB. */
void pt_http_client_set_limits (PtHttpClient *client, guint connect_ms, guint total_ms,
                                gsize max_bytes);
void pt_http_client_set_bearer (PtHttpClient *client, const char *token); /* NULL: none */
/* @ca: a PEM file, instead of whom the system trusts. @certificate and @key: PEM text of what this
 * side shows, which is kept. All may be NULL. */
void pt_http_client_set_tls (PtHttpClient *client, const char *ca, const char *certificate,
                             const char *key);

/* The answer's body, or NULL with PT_ERROR_RETRY (could not connect, time out) or
 * PT_ERROR_TOO_LARGE. *@status gets the HTTP status, whatever it is.
 * @accept and @content_type may be NULL. */
GBytes *pt_http_client_get (PtHttpClient *client, const char *url, const char *accept,
                            guint *status, GError **error);
GBytes *pt_http_client_post (PtHttpClient *client, const char *url, const char *content_type,
                             GBytes *body, guint *status, GError **error);

/* The same, and an answer that is not 2xx is an error that carries the problem's detail. */
GBytes *pt_http_client_get_ok (PtHttpClient *client, const char *url, GError **error);
GBytes *pt_http_client_post_ok (PtHttpClient *client, const char *url, const char *content_type,
                                GBytes *body, GError **error);
