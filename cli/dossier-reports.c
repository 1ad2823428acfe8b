/* SPDX-License-Identifier: Apache-2.0 */
#include "dossier-reports.h"

#include <string.h>

#include "pt-bundle.h"
#include "pt-cli.h"
#include "pt-error.h"
#include "pt-i18n.h"

#define GAP_MAX 16 /* counters in a row of which no report came that are passed over */
#define AFTER 3    /* reports after a resolve: one that overtook another is among them */

#define MISSING (-1)
#define WAITING G_MAXINT64

/* One question for a proof: where in the log the report stands, MISSING or WAITING. */
typedef struct
{
  gint64 index;
  char *text; /* NULL: none */
  gboolean is_taken;
} Answer;

typedef struct
{
  PtHttpClient *client;
  const char *url;
  const PtComplaintKnown *known;
  GHashTable *answers; /* "device/counter" (char *) -> Answer */
  GPtrArray *reports;
  GError *error;
} Asking;

static void
asking_clear (Asking *asking)
{
  g_clear_pointer (&asking->answers, g_hash_table_unref);
  g_clear_pointer (&asking->reports, g_ptr_array_unref);
  g_clear_error (&asking->error);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Asking, asking_clear)

static void
answer_free (Answer *answer)
{
  g_free (answer->text);
  g_free (answer);
}

/* What @text proves the place of; -1: it is no proof. */
static gint64
index_of (const char *text)
{
  g_autofree PtBundle *bundle = g_new0 (PtBundle, 1);
  g_autofree char *buffer = g_malloc (strlen (text) + 1);

  return pt_bundle_parse (pt_span (text, strlen (text)), buffer, strlen (text) + 1, bundle) == PT_OK
             ? (gint64) bundle->index
             : -1;
}

static Answer *
ask_daemon (Asking *asking, const char *device, gint64 seq)
{
  g_autofree char *where
      = g_strdup_printf ("%s/api/v1/proof?device=%s&seq=%" G_GINT64_FORMAT "&area=%s", asking->url,
                         device, seq, asking->known->area);
  g_autoptr (GBytes) body = NULL;
  Answer *answer = g_new0 (Answer, 1);
  guint status = 0;

  answer->index = WAITING;
  body = pt_http_client_get (asking->client, where, NULL, &status, &asking->error);
  if (body == NULL || status == 409)
    return answer;
  if (status == 200)
    {
      answer->text = g_strndup (g_bytes_get_data (body, NULL), g_bytes_get_size (body));
      answer->index = index_of (answer->text);
    }
  else if (status == 404)
    answer->index = MISSING;
  if ((status != 200 && status != 404) || (status == 200 && answer->index < 0))
    g_set_error (&asking->error, PT_ERROR, PT_ERROR_FAILED, _ ("%s answered %u"), where, status);
  return answer;
}

/* Once each; when there were too many questions, or one failed, all that is not known waits. */
static Answer *
ask (Asking *asking, const char *device, gint64 seq)
{
  static Answer nothing = { .index = WAITING }, none = { .index = MISSING };
  g_autofree char *name = g_strdup_printf ("%s/%" G_GINT64_FORMAT, device, seq);
  Answer *answer = g_hash_table_lookup (asking->answers, name);

  if (answer != NULL)
    return answer;
  if (seq < 1)
    return &none;
  if (asking->error != NULL || g_hash_table_size (asking->answers) >= PT_DOSSIER_QUESTIONS_MAX)
    return &nothing;
  answer = ask_daemon (asking, device, seq);
  g_hash_table_insert (asking->answers, g_steal_pointer (&name), answer);
  return answer;
}

/* The highest counter up to @seq and above @low of which there is a report; @low: there is none
 * near. */
static gint64
find_near (Asking *asking, const char *device, gint64 low, gint64 seq)
{
  gint64 end = MAX (low, seq - GAP_MAX);

  for (; seq > end; seq--)
    if (ask (asking, device, seq)->index != MISSING)
      return seq;
  return low;
}

/* The counter of the device's last report before the place @index: as counters mostly stand in the
 * log in their order, by halves; those that follow are looked through. 0: there is none. */
static gint64
find_last (Asking *asking, const char *device, gint64 highest, gint64 index)
{
  gint64 low = 0, high = highest + 1, last;

  while (high - low > 1)
    {
      gint64 middle = low + (high - low) / 2, near = find_near (asking, device, low, middle);

      if (near > low && ask (asking, device, near)->index > index)
        high = near;
      else
        low = middle;
    }
  last = find_near (asking, device, 0, low);
  for (gint64 i = last + 1; i <= last + AFTER && i <= highest; i++)
    if (ask (asking, device, i)->index != MISSING && ask (asking, device, i)->index < index)
      last = i;
  return last;
}

static void
take (Asking *asking, Answer *answer)
{
  if (answer->text == NULL || answer->is_taken || asking->reports->len >= PT_DOSSIER_REPORTS_MAX)
    return;
  answer->is_taken = TRUE;
  g_ptr_array_add (asking->reports, g_strdup (answer->text));
}

/* Whether the last report before @index and the next one are taken. */
static gboolean
take_around (Asking *asking, const char *device, gint64 highest, gint64 index)
{
  gint64 last = find_last (asking, device, highest, index);

  take (asking, ask (asking, device, last));
  for (gint64 i = last + 1; i <= last + AFTER && i <= highest; i++)
    take (asking, ask (asking, device, i));
  take (asking, ask (asking, device, last - 1));
  return last > 0 && last < highest && ask (asking, device, last)->is_taken
         && ask (asking, device, last + 1)->is_taken;
}

/* NULL: the daemon knows no devices there. */
static JsonArray *
ask_devices (Asking *asking, JsonParser *parser)
{
  g_autofree char *where = g_strdup_printf ("%s/api/v1/sites/%s?area=%s", asking->url,
                                            asking->known->site, asking->known->area);
  g_autoptr (GBytes) body = NULL;
  JsonObject *object, *properties;
  JsonNode *node;
  guint status = 0;

  body = pt_http_client_get (asking->client, where, NULL, &status, &asking->error);
  object = body != NULL && status == 200 ? pt_cli_object (parser, body) : NULL;
  node = object != NULL ? json_object_get_member (object, "properties") : NULL;
  properties = node != NULL && JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
  node = properties != NULL ? json_object_get_member (properties, "devices") : NULL;
  return node != NULL && JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;
}

/* How many of its devices are not shown around this resolve. */
static gint64
take_devices (Asking *asking, JsonArray *devices, gint64 index)
{
  guint count = json_array_get_length (devices);
  gint64 left_out = 0;

  for (guint i = 0; i < count; i++)
    {
      JsonNode *row = json_array_get_element (devices, i);
      JsonObject *device = JSON_NODE_HOLDS_OBJECT (row) ? json_node_get_object (row) : NULL;
      const char *id = device != NULL ? pt_cli_string (device, "device", "") : "";
      JsonNode *last = device != NULL ? json_object_get_member (device, "last") : NULL;
      gint64 highest = last != NULL && JSON_NODE_HOLDS_OBJECT (last)
                           ? pt_cli_integer (json_node_get_object (last), "seq", 0)
                           : 0;

      if (i >= PT_DOSSIER_DEVICES_MAX || !pt_is_id (pt_span (id, strlen (id)))
          || !take_around (asking, id, highest, index))
        left_out++;
    }
  return left_out;
}

static gint64
take_resolves (Asking *asking, GPtrArray *proofs)
{
  JsonArray *chain = pt_complaint_known_chain (asking->known);
  g_autoptr (JsonParser) parser = json_parser_new_immutable ();
  JsonArray *devices = ask_devices (asking, parser);
  gint64 left_out = 0;

  for (guint i = 0; devices != NULL && i < json_array_get_length (chain); i++)
    {
      JsonObject *step = json_array_get_object_element (chain, i);
      const char *proof = g_ptr_array_index (proofs, i);

      if (pt_cli_string (step, "evidence", NULL) == NULL)
        continue;
      if (*proof == '\0')
        left_out += json_array_get_length (devices);
      else
        left_out += take_devices (asking, devices, index_of (proof));
    }
  return left_out;
}

GPtrArray *
pt_dossier_fetch_reports (PtHttpClient *client, const char *url, const PtComplaintKnown *known,
                          GPtrArray *proofs, gint64 *left_out, GError **error)
{
  g_auto (Asking) asking = { client, url, known, NULL, NULL, NULL };

  g_return_val_if_fail (client != NULL && url != NULL && known != NULL && proofs != NULL, NULL);
  g_return_val_if_fail (left_out != NULL, NULL);

  asking.answers
      = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) answer_free);
  asking.reports = g_ptr_array_new_with_free_func (g_free);
  *left_out = known->site != NULL ? take_resolves (&asking, proofs) : 0;
  if (asking.error == NULL)
    return g_steal_pointer (&asking.reports);
  g_propagate_error (error, g_steal_pointer (&asking.error));
  return NULL;
}
