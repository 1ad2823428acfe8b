/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-site-detail.h"

#include "pt-read.h"

void
pt_report_row_free (gpointer data)
{
  PtReportRow *row = data;

  g_free (row->device);
  g_free (row->waits_for);
  g_free (row);
}

void
pt_device_row_free (gpointer data)
{
  PtDeviceRow *row = data;

  g_free (row->device);
  g_free (row->key);
  g_free (row);
}

PtSiteDetail *
pt_site_detail_new (const char *area, const char *site)
{
  PtSiteDetail *detail;

  g_return_val_if_fail (area != NULL && site != NULL, NULL);
  detail = g_new0 (PtSiteDetail, 1);
  detail->area = g_strdup (area);
  detail->site = g_strdup (site);
  detail->devices = g_ptr_array_new_with_free_func (pt_device_row_free);
  detail->reports = g_ptr_array_new_with_free_func (pt_report_row_free);
  detail->outages = g_ptr_array_new_with_free_func (g_object_unref);
  return detail;
}

void
pt_site_detail_free (PtSiteDetail *detail)
{
  if (detail == NULL)
    return;
  g_free (detail->area);
  g_free (detail->site);
  g_ptr_array_unref (detail->devices);
  g_ptr_array_unref (detail->reports);
  g_ptr_array_unref (detail->outages);
  g_free (detail);
}

/* What a daemon says of it */

static gboolean
read_power (JsonObject *object, GError **error)
{
  const char *power = pt_read_text (object, "power", PT_READ_NEEDED, error);
  gboolean on = g_strcmp0 (power, "ON") == 0;

  if (!on && g_strcmp0 (power, "OFF") != 0)
    pt_read_refuse ("power", error);
  return on;
}

/* The time that it counts with, where the daemon says it. */
static gint64
read_time (JsonObject *report, JsonObject *says, GError **error)
{
  gint64 ts = pt_read_integer (report, "ts", PT_READ_NEEDED, error);
  gint64 time = pt_read_integer (says, "time", PT_READ_OPTIONAL, error);

  return time != 0 ? time : ts;
}

static void
read_last (PtSiteDetail *detail, const char *id, JsonObject *device, JsonObject *last,
           GError **error)
{
  PtReportRow *row = g_new0 (PtReportRow, 1);

  g_ptr_array_add (detail->reports, row);
  row->device = g_strdup (id);
  row->seq = pt_read_integer (last, "seq", PT_READ_NEEDED, error);
  row->ts = read_time (last, device, error);
  row->power_on = read_power (last, error);
  row->state = PT_BATCH_OPEN;
}

static void
read_device (PtSiteDetail *detail, JsonNode *node, GError **error)
{
  JsonObject *object = pt_read_as_object (node, "devices", error);
  PtDeviceRow *row;
  JsonObject *last;

  if (object == NULL)
    return;
  row = g_new0 (PtDeviceRow, 1);
  g_ptr_array_add (detail->devices, row);
  row->device = g_strdup (pt_read_id (object, "device", error));
  row->key = g_strdup (pt_read_text (object, "key", PT_READ_NEEDED, error));
  row->active = g_strcmp0 (pt_read_text (object, "status", PT_READ_NEEDED, error), "active") == 0;
  row->copied = json_object_get_boolean_member_with_default (object, "key_copied", FALSE);
  row->missing = pt_read_integer (object, "missing", PT_READ_NEEDED, error);
  last = pt_read_object (object, "last", PT_READ_OPTIONAL, error);
  if (last != NULL)
    read_last (detail, row->device, object, last, error);
}

static int
newer_first (gconstpointer a, gconstpointer b)
{
  const PtReportRow *one = *(const PtReportRow *const *) a;
  const PtReportRow *other = *(const PtReportRow *const *) b;

  return (one->ts < other->ts) - (one->ts > other->ts);
}

gpointer
pt_site_detail_read (JsonNode *root, gconstpointer data, GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autoptr (PtSiteDetail) detail = NULL;
  JsonObject *object, *site;
  JsonArray *devices;
  const char *area, *id;

  g_return_val_if_fail (root != NULL, NULL);
  object = pt_read_as_object (root, "properties", &local);
  site = object != NULL ? pt_read_object (object, "properties", PT_READ_NEEDED, &local) : NULL;
  devices = site != NULL ? pt_read_array (site, "devices", PT_READ_NEEDED, &local) : NULL;
  area = site != NULL ? pt_read_id (site, "area", &local) : NULL;
  id = site != NULL ? pt_read_id (site, "site", &local) : NULL;
  if (local == NULL)
    {
      detail = pt_site_detail_new (area, id);
      detail->known_from = pt_read_integer (site, "known_from", PT_READ_OPTIONAL, &local);
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
  JsonObject *object = pt_read_as_object (node, "reports", error);
  PtReportRow *row;

  if (object == NULL)
    return;
  row = g_new0 (PtReportRow, 1);
  g_ptr_array_add (rows, row);
  row->device = g_strdup (pt_read_id (object, "device", error));
  row->seq = pt_read_integer (object, "seq", PT_READ_NEEDED, error);
  row->ts = read_time (object, object, error);
  row->received = pt_read_integer (object, "received", PT_READ_OPTIONAL, error);
  row->power_on = read_power (object, error);
  row->batch = pt_read_integer (object, "batch", PT_READ_OPTIONAL, error);
  row->waits_for = g_strdup (pt_read_text (object, "waits_for", PT_READ_OPTIONAL, error));
  row->state = pt_read_batch_state (object, error);
}

gpointer
pt_site_detail_read_reports (JsonNode *root, gconstpointer data, GError **error)
{
  g_autoptr (GPtrArray) rows = g_ptr_array_new_with_free_func (pt_report_row_free);
  g_autoptr (GError) local = NULL;
  JsonObject *object;
  JsonArray *array;
  guint count;

  g_return_val_if_fail (root != NULL, NULL);
  object = pt_read_as_object (root, "reports", &local);
  array = object != NULL ? pt_read_array (object, "reports", PT_READ_NEEDED, &local) : NULL;
  count = array != NULL ? json_array_get_length (array) : 0;
  for (guint i = 0; i < count && local == NULL; i++)
    read_report (rows, json_array_get_element (array, i), &local);
  if (local == NULL)
    return g_steal_pointer (&rows);
  g_propagate_error (error, g_steal_pointer (&local));
  return NULL;
}
