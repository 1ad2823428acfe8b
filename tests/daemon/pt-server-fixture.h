/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <libsoup/soup.h>

#include "pt-server.h"

/* A server on a free port, and who asks it. */
typedef struct
{
  PtServer *server;
  SoupSession *session;
} PtServerFixture;

static inline void
pt_server_fixture_begin_with (PtServerFixture *fixture, const PtServerOptions *options)
{
  g_autoptr (GError) error = NULL;

  fixture->server = pt_server_new (options, &error);
  g_assert_no_error (error);
  fixture->session = soup_session_new ();
  soup_session_remove_feature_by_type (fixture->session, SOUP_TYPE_CONTENT_DECODER);
}

static inline void
pt_server_fixture_begin (PtServerFixture *fixture, const char *admin_token)
{
  PtServerOptions options = { .listen = "127.0.0.1:0", .admin_token = admin_token };

  pt_server_fixture_begin_with (fixture, &options);
}

static inline void
pt_server_fixture_end (PtServerFixture *fixture)
{
  soup_session_abort (fixture->session);
  g_clear_object (&fixture->session);
  g_clear_pointer (&fixture->server, pt_server_free);
}

typedef struct
{
  SoupMessage *message;
  guint status;
  GBytes *body;
  char *text; /* of the body, which may be cut where it has a NUL */
  GError *error;
  gboolean done;
} PtAnswered;

static inline void
pt_answered_clear (PtAnswered *answered)
{
  g_clear_object (&answered->message);
  g_clear_pointer (&answered->body, g_bytes_unref);
  g_clear_pointer (&answered->text, g_free);
  g_clear_error (&answered->error);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PtAnswered, pt_answered_clear)

static inline void
pt_answered_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  PtAnswered *answered = user_data;

  answered->body
      = soup_session_send_and_read_finish (SOUP_SESSION (source), result, &answered->error);
  answered->status = soup_message_get_status (answered->message);
  if (answered->body != NULL)
    answered->text = g_bytes_get_size (answered->body) > 0 ? g_strndup (
                         g_bytes_get_data (answered->body, NULL), g_bytes_get_size (answered->body))
                                                           : g_strdup ("");
  answered->done = TRUE;
}

/* Ours are signed by their own keys. */
static inline gboolean
pt_accept_certificate (SoupMessage *message, GTlsCertificate *certificate,
                       GTlsCertificateFlags errors, gpointer user_data)
{
  return TRUE;
}

/* @shown: a certificate of its own, or NULL; @content may be NULL; @headers: name, value, ...,
 * NULL. */
static inline PtAnswered
pt_server_fixture_send_as (PtServerFixture *fixture, GTlsCertificate *shown, const char *method,
                           const char *path, GBytes *content, const char *const *headers)
{
  g_autofree char *url = g_strconcat (pt_server_url (fixture->server), path, NULL);
  PtAnswered answered = { .message = soup_message_new (method, url) };

  g_assert_nonnull (answered.message);
  g_signal_connect (answered.message, "accept-certificate", G_CALLBACK (pt_accept_certificate),
                    NULL);
  if (shown != NULL)
    soup_message_set_tls_client_certificate (answered.message, shown);
  if (content != NULL)
    soup_message_set_request_body_from_bytes (answered.message, "application/json", content);
  for (; headers != NULL && headers[0] != NULL; headers += 2)
    soup_message_headers_replace (soup_message_get_request_headers (answered.message), headers[0],
                                  headers[1]);
  soup_session_send_and_read_async (fixture->session, answered.message, G_PRIORITY_DEFAULT, NULL,
                                    pt_answered_cb, &answered);
  while (!answered.done)
    g_main_context_iteration (NULL, TRUE);
  return answered;
}

static inline PtAnswered
pt_server_fixture_send (PtServerFixture *fixture, const char *method, const char *path,
                        GBytes *content, const char *const *headers)
{
  return pt_server_fixture_send_as (fixture, NULL, method, path, content, headers);
}

static inline PtAnswered
pt_server_fixture_ask (PtServerFixture *fixture, const char *method, const char *path,
                       const char *const *headers)
{
  return pt_server_fixture_send (fixture, method, path, NULL, headers);
}

static inline const char *
pt_answered_header (const PtAnswered *answered, const char *name)
{
  return soup_message_headers_get_list (soup_message_get_response_headers (answered->message),
                                        name);
}
