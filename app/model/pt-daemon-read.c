/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-daemon-read.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#include "pt-base.h"
#include "pt-error.h"
#include "pt-place-name.h"

#define RPC_MAX 16 /* addresses that are taken up */
#define TEXT_MAX 4096

/* Members */

typedef enum
{
  NEEDED,
  OPTIONAL /* missing and null are the same */
} Need;

static void
refuse (GError **error, const char *name)
{
  if (error != NULL && *error == NULL)
    g_set_error (error, PT_ERROR, PT_ERROR_UNSUPPORTED,
                 _ ("The daemon's answer has no “%s” that this console understands."), name);
}

static JsonNode *
member (JsonObject *object, const char *name)
{
  JsonNode *node = json_object_get_member (object, name);

  return node != NULL && !JSON_NODE_HOLDS_NULL (node) ? node : NULL;
}

/* Borrowed; NULL where it isn't there. @error is set at the first that is wrong and stays. */
static const char *
read_text (JsonObject *object, const char *name, Need need, GError **error)
{
  JsonNode *node = member (object, name);

  if (node == NULL && need == OPTIONAL)
    return NULL;
  if (node == NULL || json_node_get_value_type (node) != G_TYPE_STRING
      || strlen (json_node_get_string (node)) > TEXT_MAX)
    {
      refuse (error, name);
      return NULL;
    }
  return json_node_get_string (node);
}

static const char *
read_id (JsonObject *object, const char *name, GError **error)
{
  const char *text = read_text (object, name, NEEDED, error);

  if (text != NULL && !pt_is_id (pt_span (text, strlen (text))))
    refuse (error, name);
  return text;
}

/* Borrowed; NULL where there is none. */
static const char *
read_place (JsonObject *object, GError **error)
{
  const char *text = read_text (object, "place", OPTIONAL, error);

  if (text != NULL && !pt_place_name_is_good (text, strlen (text)))
    refuse (error, "place");
  return text;
}

static gint64
read_integer (JsonObject *object, const char *name, Need need, GError **error)
{
  JsonNode *node = member (object, name);
  gint64 value = 0;

  if (node == NULL && need == OPTIONAL)
    return 0;
  if (node != NULL && json_node_get_value_type (node) == G_TYPE_INT64)
    value = json_node_get_int (node);
  else
    value = -1;
  if (value < 0 || value > PT_INTEGER_MAX)
    {
      refuse (error, name);
      return 0;
    }
  return value;
}

static double
read_number (JsonObject *object, const char *name, GError **error)
{
  JsonNode *node = member (object, name);
  GType type = node != NULL ? json_node_get_value_type (node) : G_TYPE_INVALID;
  double value = type == G_TYPE_INT64 || type == G_TYPE_DOUBLE ? json_node_get_double (node) : NAN;

  if (!isfinite (value))
    refuse (error, name);
  return value;
}

static JsonArray *
read_array (JsonObject *object, const char *name, Need need, GError **error)
{
  JsonNode *node = member (object, name);

  if (node != NULL && JSON_NODE_HOLDS_ARRAY (node))
    return json_node_get_array (node);
  if (node != NULL || need == NEEDED)
    refuse (error, name);
  return NULL;
}

static JsonObject *
read_object (JsonObject *object, const char *name, Need need, GError **error)
{
  JsonNode *node = member (object, name);

  if (node != NULL && JSON_NODE_HOLDS_OBJECT (node))
    return json_node_get_object (node);
  if (node != NULL || need == NEEDED)
    refuse (error, name);
  return NULL;
}

static JsonObject *
as_object (JsonNode *node, const char *what, GError **error)
{
  if (node != NULL && JSON_NODE_HOLDS_OBJECT (node))
    return json_node_get_object (node);
  refuse (error, what);
  return NULL;
}

static void
read_state (JsonObject *object, PtBatchState *out, GError **error)
{
  const char *name = read_text (object, "state", NEEDED, error);

  *out = PT_BATCH_OPEN;
  if (name == NULL || !pt_batch_state_parse (name, out))
    refuse (error, "state");
}

/* Status */

void
pt_daemon_status_free (PtDaemonStatus *status)
{
  if (status == NULL)
    return;
  g_free (status->version);
  g_free (status->contract);
  g_free (status->chain_state);
  g_strfreev (status->public_rpc);
  g_free (status->detail);
  g_free (status);
}

void
pt_status_answer_free (gpointer data)
{
  PtStatusAnswer *answer = data;

  g_free (answer->status.version);
  g_free (answer->status.contract);
  g_free (answer->status.chain_state);
  g_strfreev (answer->status.public_rpc);
  g_free (answer->status.detail);
  g_free (answer);
}

static char **
read_addresses (JsonArray *array)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  guint count = array != NULL ? MIN (json_array_get_length (array), RPC_MAX) : 0;

  for (guint i = 0; i < count; i++)
    {
      JsonNode *node = json_array_get_element (array, i);

      if (json_node_get_value_type (node) == G_TYPE_STRING)
        g_strv_builder_add (builder, json_node_get_string (node));
    }
  return g_strv_builder_end (builder);
}

static void
read_chain (JsonObject *root, PtDaemonStatus *status, GError **error)
{
  JsonObject *chain = read_object (root, "chain", OPTIONAL, error);

  status->public_rpc
      = read_addresses (chain != NULL ? read_array (chain, "public_rpc", OPTIONAL, error) : NULL);
  if (chain == NULL)
    return;
  status->chain_id = (guint64) read_integer (chain, "chain_id", NEEDED, error);
  status->from_block = (guint64) read_integer (chain, "from_block", OPTIONAL, error);
  status->contract = g_strdup (read_text (chain, "contract", OPTIONAL, error));
  status->chain_state = g_strdup (read_text (chain, "state", OPTIONAL, error));
}

gpointer
pt_read_status (JsonNode *root, GError **error)
{
  PtStatusAnswer *answer = g_new0 (PtStatusAnswer, 1);
  PtDaemonStatus *status = &answer->status;
  g_autoptr (GError) local = NULL;
  JsonObject *object = as_object (root, "version", &local);
  JsonObject *batches = object != NULL ? read_object (object, "batches", NEEDED, &local) : NULL;

  if (object != NULL)
    {
      status->version = g_strdup (read_text (object, "version", NEEDED, &local));
      answer->now = read_integer (object, "now", NEEDED, &local);
      answer->speed = read_number (object, "clock_speed", &local);
      answer->areas = read_integer (object, "areas", NEEDED, &local);
      status->pending = read_integer (object, "pending", NEEDED, &local);
      status->attention = g_strcmp0 (read_text (object, "state", NEEDED, &local), "attention") == 0;
      status->detail = g_strdup (read_text (object, "detail", NEEDED, &local));
      read_chain (object, status, &local);
    }
  for (guint i = PT_BATCH_SEALED; batches != NULL && i < PT_BATCH_STATES; i++)
    status->batches[i]
        = read_integer (batches, pt_batch_state_name ((PtBatchState) i), NEEDED, &local);
  if (local == NULL)
    return answer;
  pt_status_answer_free (answer);
  g_propagate_error (error, g_steal_pointer (&local));
  return NULL;
}

gboolean
pt_read_clock (JsonNode *node, gint64 *now, GError **error)
{
  g_autoptr (GError) local = NULL;
  JsonObject *object = as_object (node, "now", &local);

  *now = object != NULL ? read_integer (object, "now", NEEDED, &local) : 0;
  if (local == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

/* Lists */

PtOutage *
pt_read_outage (JsonNode *node, GError **error)
{
  g_autoptr (GError) local = NULL;
  JsonObject *object = as_object (node, "outages", &local);

  if (object != NULL)
    {
      const char *area = read_id (object, "area", &local);
      const char *site = read_id (object, "site", &local);
      const char *device = read_id (object, "device", &local);
      gint64 start = read_integer (object, "start", NEEDED, &local);
      gint64 end = read_integer (object, "end", OPTIONAL, &local);
      gint64 customers = read_integer (object, "customers", NEEDED, &local);
      const char *place = read_place (object, &local);

      if (local == NULL)
        {
          PtOutage *outage = pt_outage_new (area, site, device, start, end, customers);

          pt_outage_set_place (outage, place);
          return outage;
        }
    }
  g_propagate_error (error, g_steal_pointer (&local));
  return NULL;
}

static void
read_batch_members (JsonObject *object, PtBatch *batch, GError **error)
{
  batch->area = g_strdup (read_id (object, "area", error));
  batch->batch = (guint64) read_integer (object, "batch", NEEDED, error);
  batch->from = read_integer (object, "from", NEEDED, error);
  batch->to = read_integer (object, "to", NEEDED, error);
  batch->prev_size = read_integer (object, "prev_size", NEEDED, error);
  batch->size = read_integer (object, "size", NEEDED, error);
  batch->bytes = read_integer (object, "bytes", NEEDED, error);
  batch->block = read_integer (object, "block", OPTIONAL, error);
  batch->cid = g_strdup (read_text (object, "cid", NEEDED, error));
  batch->root = g_strdup (read_text (object, "root", NEEDED, error));
  batch->transaction = g_strdup (read_text (object, "transaction", OPTIONAL, error));
  batch->waits_for = g_strdup (read_text (object, "waits_for", OPTIONAL, error));
  read_state (object, &batch->state, error);
  if (batch->state == PT_BATCH_OPEN)
    refuse (error, "state"); /* a batch is listed from its sealing on */
}

PtBatch *
pt_read_batch (JsonNode *node, GError **error)
{
  g_autoptr (PtBatch) batch = g_object_new (PT_TYPE_BATCH, NULL);
  g_autoptr (GError) local = NULL;
  JsonObject *object = as_object (node, "batches", &local);

  if (object != NULL)
    read_batch_members (object, batch, &local);
  if (local == NULL)
    return g_steal_pointer (&batch);
  g_propagate_error (error, g_steal_pointer (&local));
  return NULL;
}

static PtAreaHead *
read_area (JsonNode *node, GError **error)
{
  g_autoptr (PtAreaHead) head = g_object_new (PT_TYPE_AREA_HEAD, NULL);
  g_autoptr (GError) local = NULL;
  JsonObject *object = as_object (node, "areas", &local);

  if (object != NULL)
    {
      head->area = g_strdup (read_id (object, "area", &local));
      head->batch = (guint64) read_integer (object, "batch", NEEDED, &local);
      head->size = read_integer (object, "size", NEEDED, &local);
      head->to = read_integer (object, "to", OPTIONAL, &local);
      head->devices = read_integer (object, "devices", NEEDED, &local);
    }
  if (local == NULL)
    return g_steal_pointer (&head);
  g_propagate_error (error, g_steal_pointer (&local));
  return NULL;
}

void
pt_page_free (gpointer data)
{
  PtPage *page = data;

  if (page == NULL)
    return;
  g_ptr_array_unref (page->records);
  g_free (page->next);
  g_free (page);
}

typedef gpointer (*ReadFunc) (JsonNode *node, GError **error);

static gpointer
read_page (JsonNode *root, const char *name, ReadFunc read, GError **error)
{
  PtPage *page = g_new0 (PtPage, 1);
  g_autoptr (GError) local = NULL;
  JsonObject *object = as_object (root, name, &local);
  JsonArray *array = object != NULL ? read_array (object, name, NEEDED, &local) : NULL;
  guint count = array != NULL ? json_array_get_length (array) : 0;

  page->records = g_ptr_array_new_with_free_func (g_object_unref);
  for (guint i = 0; i < count && local == NULL; i++)
    {
      gpointer record = read (json_array_get_element (array, i), &local);

      if (record != NULL)
        g_ptr_array_add (page->records, record);
    }
  if (object != NULL && local == NULL)
    page->next = g_strdup (read_text (object, "next", OPTIONAL, &local));
  if (local == NULL)
    return page;
  pt_page_free (page);
  g_propagate_error (error, g_steal_pointer (&local));
  return NULL;
}

gpointer
pt_read_outages (JsonNode *root, GError **error)
{
  return read_page (root, "outages", (ReadFunc) pt_read_outage, error);
}

gpointer
pt_read_batches (JsonNode *root, GError **error)
{
  return read_page (root, "batches", (ReadFunc) pt_read_batch, error);
}

gpointer
pt_read_areas (JsonNode *root, GError **error)
{
  return read_page (root, "areas", (ReadFunc) read_area, error);
}

/* One site */

static gboolean
read_power (JsonObject *object, GError **error)
{
  const char *power = read_text (object, "power", NEEDED, error);
  gboolean on = g_strcmp0 (power, "ON") == 0;

  if (!on && g_strcmp0 (power, "OFF") != 0)
    refuse (error, "power");
  return on;
}

static void
read_last (PtSiteDetail *detail, const char *device, JsonObject *last, GError **error)
{
  PtReportRow *row = g_new0 (PtReportRow, 1);

  g_ptr_array_add (detail->reports, row);
  row->device = g_strdup (device);
  row->seq = read_integer (last, "seq", NEEDED, error);
  row->ts = read_integer (last, "ts", NEEDED, error);
  row->power_on = read_power (last, error);
  row->state = PT_BATCH_OPEN;
}

static void
read_device (PtSiteDetail *detail, JsonNode *node, GError **error)
{
  JsonObject *object = as_object (node, "devices", error);
  PtDeviceRow *row;
  JsonObject *last;

  if (object == NULL)
    return;
  row = g_new0 (PtDeviceRow, 1);
  g_ptr_array_add (detail->devices, row);
  row->device = g_strdup (read_id (object, "device", error));
  row->key = g_strdup (read_text (object, "key", NEEDED, error));
  row->active = g_strcmp0 (read_text (object, "status", NEEDED, error), "active") == 0;
  row->missing = read_integer (object, "missing", NEEDED, error);
  last = read_object (object, "last", OPTIONAL, error);
  if (last != NULL)
    read_last (detail, row->device, last, error);
}

static int
newer_first (gconstpointer a, gconstpointer b)
{
  const PtReportRow *one = *(const PtReportRow *const *) a;
  const PtReportRow *other = *(const PtReportRow *const *) b;

  return (one->ts < other->ts) - (one->ts > other->ts);
}

gpointer
pt_read_site (JsonNode *root, GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autoptr (PtSiteDetail) detail = NULL;
  JsonObject *object = as_object (root, "properties", &local);
  JsonObject *site = object != NULL ? read_object (object, "properties", NEEDED, &local) : NULL;
  JsonArray *devices = site != NULL ? read_array (site, "devices", NEEDED, &local) : NULL;

  if (devices != NULL)
    {
      detail = pt_site_detail_new (read_id (site, "area", &local), read_id (site, "site", &local));
      for (guint i = 0; i < json_array_get_length (devices) && local == NULL; i++)
        read_device (detail, json_array_get_element (devices, i), &local);
      g_ptr_array_sort (detail->reports, newer_first);
    }
  if (local == NULL)
    return g_steal_pointer (&detail);
  g_propagate_error (error, g_steal_pointer (&local));
  return NULL;
}

static void
read_report (GPtrArray *rows, JsonNode *node, GError **error)
{
  JsonObject *object = as_object (node, "reports", error);
  PtReportRow *row;

  if (object == NULL)
    return;
  row = g_new0 (PtReportRow, 1);
  g_ptr_array_add (rows, row);
  row->device = g_strdup (read_id (object, "device", error));
  row->seq = read_integer (object, "seq", NEEDED, error);
  row->ts = read_integer (object, "ts", NEEDED, error);
  row->received = read_integer (object, "received", OPTIONAL, error);
  row->power_on = read_power (object, error);
  row->batch = read_integer (object, "batch", OPTIONAL, error);
  row->waits_for = g_strdup (read_text (object, "waits_for", OPTIONAL, error));
  read_state (object, &row->state, error);
}

gpointer
pt_read_reports (JsonNode *root, GError **error)
{
  g_autoptr (GPtrArray) rows = g_ptr_array_new_with_free_func (pt_report_row_free);
  g_autoptr (GError) local = NULL;
  JsonObject *object = as_object (root, "reports", &local);
  JsonArray *array = object != NULL ? read_array (object, "reports", NEEDED, &local) : NULL;
  guint count = array != NULL ? json_array_get_length (array) : 0;

  for (guint i = 0; i < count && local == NULL; i++)
    read_report (rows, json_array_get_element (array, i), &local);
  if (local == NULL)
    return g_steal_pointer (&rows);
  g_propagate_error (error, g_steal_pointer (&local));
  return NULL;
}
