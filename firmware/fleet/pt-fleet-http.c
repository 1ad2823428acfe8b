/* SPDX-License-Identifier: Apache-2.0 */
/* HTTPS: one connection carries the reports of all; where devices have certificates each has its
 * own, for it may speak for itself alone. */
#include "pt-fleet-pool.h"
#include "pt-fleet-transport.h"

#include "pt-error.h"

#include <string.h>

typedef struct
{
  PtFleetTransport base;
  PtFleetLink *link; /* of all; NULL: each has its own */
  PtFleetPool pool;
} Http;

static PtFleetLink *
open_link (const Http *http, const char *certificate, const char *key)
{
  const PtFleetTransportOptions *options = &http->base.options;
  PtFleetLink *link = pt_fleet_link_new (options->via != NULL ? options->via : options->url);

  pt_fleet_link_set_tls (link, pt_fleet_credentials_ca (options->credentials), certificate, key);
  return link;
}

static PtFleetLink *
link_of (Http *http, guint number, GError **error)
{
  const PtFleetTransportOptions *options = &http->base.options;
  g_autofree char *certificate = NULL;
  char *key = NULL;
  const guint8 *scalar;
  const PtFleetDevice *device;
  PtFleetLink *link = http->link;

  if (link == NULL)
    link = pt_fleet_pool_find (&http->pool, number);
  if (link != NULL)
    return link;
  device = options->device (options->owner, number, &scalar);
  if (!pt_fleet_credentials_certificate (options->credentials, device->area, device->id, scalar,
                                         &certificate, &key, error))
    return NULL;
  link = open_link (http, certificate, key);
  pt_fleet_secret_free (key);
  pt_fleet_pool_add (&http->pool, number, link);
  return link;
}

/* The lines of one device among the first @lines; @numbers gets which they are, from 1. */
static GBytes *
gather (PtFleetOutbox *outbox, guint lines, guint device, GArray *numbers)
{
  g_autoptr (GByteArray) body = g_byte_array_new ();
  gsize at = 0;

  for (guint i = 0; i < lines; i++)
    {
      const PtFleetItem *item = &g_array_index (outbox->items, PtFleetItem, i);
      guint line = i + 1;

      if (item->device == device)
        {
          g_byte_array_append (body, outbox->text->data + at, item->size);
          g_array_append_val (numbers, line);
        }
      at += item->size;
    }
  return g_byte_array_free_to_bytes (g_steal_pointer (&body));
}

/* Notes in @slugs (by line) what became of the device's reports. */
static PtFleetVerdict
post_device (Http *http, PtFleetOutbox *outbox, guint lines, guint device, const char **slugs,
             PtFleetAnswer *answer, GError **error)
{
  g_autoptr (GArray) numbers = g_array_new (FALSE, FALSE, sizeof (guint));
  g_autoptr (GBytes) body = gather (outbox, lines, device, numbers);
  PtFleetLink *link = link_of (http, device, error);
  PtFleetAnswer own;
  PtFleetVerdict verdict;

  if (link == NULL)
    return PT_FLEET_REFUSED;
  verdict = pt_fleet_link_post (link, body, numbers->len, &own, error);
  if (verdict == PT_FLEET_ANSWERED)
    {
      answer->accepted += own.accepted;
      answer->duplicate += own.duplicate;
      for (guint i = 0; i < numbers->len; i++)
        slugs[g_array_index (numbers, guint, i) - 1] = NULL;
      for (guint i = 0; i < own.rejected->len; i++)
        {
          const PtFleetRejection *one = &g_array_index (own.rejected, PtFleetRejection, i);

          slugs[g_array_index (numbers, guint, one->line - 1) - 1] = one->slug;
        }
    }
  else
    pt_fleet_pool_drop (&http->pool, device);
  pt_fleet_answer_clear (&own);
  return verdict;
}

static PtFleetVerdict
post_each (Http *http, PtFleetOutbox *outbox, guint lines, PtFleetAnswer *answer, GError **error)
{
  g_autofree const char **slugs = g_new (const char *, lines);
  g_autoptr (GHashTable) done = g_hash_table_new (NULL, NULL);
  PtFleetVerdict verdict = PT_FLEET_ANSWERED;

  answer->rejected = g_array_new (FALSE, FALSE, sizeof (PtFleetRejection));
  for (guint i = 0; i < lines; i++)
    slugs[i] = g_intern_static_string ("busy");
  for (guint i = 0; i < lines && verdict == PT_FLEET_ANSWERED && !*http->base.options.stop; i++)
    {
      guint device = g_array_index (outbox->items, PtFleetItem, i).device;

      if (g_hash_table_add (done, GUINT_TO_POINTER (device)))
        verdict = post_device (http, outbox, lines, device, slugs, answer, error);
    }
  for (guint i = 0; i < lines; i++)
    if (slugs[i] != NULL)
      pt_fleet_answer_reject (answer, i + 1, slugs[i]);
  /* What went well before something did not is settled; the rest is tried again. */
  if (verdict != PT_FLEET_REFUSED && answer->rejected->len < lines)
    {
      g_clear_error (error);
      return PT_FLEET_ANSWERED;
    }
  return verdict;
}

static PtFleetVerdict
http_post (PtFleetTransport *transport, PtFleetOutbox *outbox, guint lines, PtFleetAnswer *answer,
           GError **error)
{
  Http *http = (Http *) transport;
  g_autoptr (GBytes) body = NULL;

  if (http->link == NULL)
    return post_each (http, outbox, lines, answer, error);
  body = pt_fleet_outbox_body (outbox, lines);
  return pt_fleet_link_post (http->link, body, lines, answer, error);
}

static GBytes *
http_held (PtFleetTransport *transport, guint number, PtHeld *out, PtFleetVerdict *verdict,
           GError **error)
{
  Http *http = (Http *) transport;
  const guint8 *scalar;
  const PtFleetDevice *device
      = transport->options.device (transport->options.owner, number, &scalar);
  PtFleetLink *link = link_of (http, number, error);
  GBytes *bytes;

  *verdict = PT_FLEET_REFUSED;
  if (link == NULL)
    return NULL;
  bytes = pt_fleet_link_held (link, device->area, device->id, verdict, error);
  return bytes != NULL ? pt_fleet_held_read (bytes, FALSE, device, out, verdict, error) : NULL;
}

static void
http_free (PtFleetTransport *transport)
{
  Http *http = (Http *) transport;

  g_clear_pointer (&http->link, pt_fleet_link_free);
  pt_fleet_pool_clear (&http->pool);
  g_free (http);
}

PtFleetTransport *
pt_fleet_http_new (const PtFleetTransportOptions *options)
{
  static const PtFleetTransportClass class = { http_free, http_post, http_held };
  Http *http = g_new0 (Http, 1);

  g_return_val_if_fail (options != NULL && options->url != NULL, NULL);

  http->base = (PtFleetTransport){ &class, *options };
  pt_fleet_pool_init (&http->pool, options->connections, (GDestroyNotify) pt_fleet_link_free);
  if (!pt_fleet_credentials_have_certificates (options->credentials))
    http->link = open_link (http, NULL, NULL);
  return &http->base;
}
