/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-body.h"

#include "pt-connection.h"

#define DATA "pt-body" /* of a message */
#define PASSED_OVER_MAX (1024 * 1024)

typedef struct
{
  GByteArray *bytes; /* NULL: passed over, or taken */
  gsize size, most, charged;
  PtBudget *budget;
  PtRefusals *refusals; /* or NULL */
  char *who;
} Body;

static void
body_free (gpointer data)
{
  Body *body = data;

  g_clear_pointer (&body->bytes, g_byte_array_unref);
  g_free (body->who);
  g_free (body);
}

static void
body_finished (SoupServerMessage *message, gpointer data)
{
  Body *body = data;

  if (body->charged > 0)
    pt_budget_give (body->budget, body->who, body->charged);
  body->charged = 0;
  g_object_set_data (G_OBJECT (message), DATA, NULL);
}

static void
refuse (Body *body, SoupServerMessage *message, guint status, PtErrorCode code,
        const char *sentence)
{
  PtConnection *connection = pt_connection_of (message);

  pt_refusals_count (g_steal_pointer (&body->refusals), pt_error_slug (code));
  if (connection != NULL)
    pt_connection_refuse (connection, status, code, sentence);
}

static void
body_refuse_size (Body *body, SoupServerMessage *message)
{
  gboolean mebi = body->most >= 1024 * 1024;
  g_autofree char *text
      = g_strdup_printf ("The body is larger than %" G_GSIZE_FORMAT " %s. Send it in parts.",
                         body->most / (mebi ? 1024 * 1024 : 1024), mebi ? "MiB" : "KiB");

  refuse (body, message, SOUP_STATUS_REQUEST_ENTITY_TOO_LARGE, PT_ERROR_TOO_LARGE, text);
}

static gboolean
body_charge (Body *body, SoupServerMessage *message, gsize size)
{
  switch (pt_budget_take (body->budget, body->who, size))
    {
    case PT_BUDGET_TAKEN:
      body->charged += size;
      return TRUE;
    case PT_BUDGET_SHARE_FULL:
      refuse (body, message, SOUP_STATUS_SERVICE_UNAVAILABLE, PT_ERROR_BUSY,
              "Too much is on its way from your address. Send it again in a moment.");
      return FALSE;
    case PT_BUDGET_FULL:
      refuse (body, message, SOUP_STATUS_SERVICE_UNAVAILABLE, PT_ERROR_BUSY,
              "Too much is on its way. Send it again in a moment.");
      return FALSE;
    }
  g_return_val_if_reached (FALSE);
}

static void
body_got_chunk (SoupServerMessage *message, GBytes *chunk, gpointer data)
{
  Body *body = data;
  gsize size;
  const guint8 *bytes = g_bytes_get_data (chunk, &size);

  body->size += size;
  if (body->size > body->most)
    {
      g_clear_pointer (&body->bytes, g_byte_array_unref);
      body_refuse_size (body, message);
    }
  else if (body->bytes != NULL && body_charge (body, message, size))
    g_byte_array_append (body->bytes, bytes, (guint) size);
}

void
pt_body_begin (SoupServerMessage *message, gsize most, PtBudget *budget, PtRefusals *refusals)
{
  SoupMessageHeaders *headers;
  PtConnection *connection;
  Body *body;

  g_return_if_fail (SOUP_IS_SERVER_MESSAGE (message) && budget != NULL);

  headers = soup_server_message_get_request_headers (message);
  connection = pt_connection_of (message);
  body = g_new0 (Body, 1);
  body->bytes = most > 0 ? g_byte_array_new () : NULL;
  body->most = most > 0 ? most : PASSED_OVER_MAX;
  body->budget = budget;
  body->refusals = refusals;
  body->who = g_strdup (connection != NULL ? pt_connection_who (connection) : NULL);
  body->most = MIN (body->most, pt_budget_largest (budget, body->who));
  soup_message_body_set_accumulate (soup_server_message_get_request_body (message), FALSE);
  g_object_set_data_full (G_OBJECT (message), DATA, body, body_free);
  g_signal_connect (message, "got-chunk", G_CALLBACK (body_got_chunk), body);
  g_signal_connect (message, "finished", G_CALLBACK (body_finished), body);
  if (soup_message_headers_get_encoding (headers) == SOUP_ENCODING_CONTENT_LENGTH
      && soup_message_headers_get_content_length (headers) > (goffset) body->most)
    body_refuse_size (body, message);
}

GBytes *
pt_body_take (SoupServerMessage *message)
{
  Body *body;

  g_return_val_if_fail (SOUP_IS_SERVER_MESSAGE (message), NULL);

  body = g_object_get_data (G_OBJECT (message), DATA);
  if (body == NULL || body->bytes == NULL)
    return g_bytes_new (NULL, 0);
  return g_byte_array_free_to_bytes (g_steal_pointer (&body->bytes));
}
