/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-daemon-read.h"

#include "pt-read.h"

PtOutage *
pt_read_outage (JsonNode *node, GError **error)
{
  g_autoptr (GError) local = NULL;
  JsonObject *object = pt_read_as_object (node, "outages", &local);

  if (object != NULL)
    {
      const char *area = pt_read_id (object, "area", &local);
      const char *site = pt_read_id (object, "site", &local);
      const char *device = pt_read_id (object, "device", &local);
      gint64 start = pt_read_integer (object, "start", PT_READ_NEEDED, &local);
      gint64 end = pt_read_integer (object, "end", PT_READ_OPTIONAL, &local);
      gint64 customers = pt_read_integer (object, "customers", PT_READ_NEEDED, &local);
      const char *place = pt_read_place (object, &local);

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
  batch->area = g_strdup (pt_read_id (object, "area", error));
  batch->batch = (guint64) pt_read_integer (object, "batch", PT_READ_NEEDED, error);
  batch->from = pt_read_integer (object, "from", PT_READ_NEEDED, error);
  batch->to = pt_read_integer (object, "to", PT_READ_NEEDED, error);
  batch->prev_size = pt_read_integer (object, "prev_size", PT_READ_NEEDED, error);
  batch->size = pt_read_integer (object, "size", PT_READ_NEEDED, error);
  batch->bytes = pt_read_integer (object, "bytes", PT_READ_NEEDED, error);
  batch->block = pt_read_integer (object, "block", PT_READ_OPTIONAL, error);
  batch->cid = g_strdup (pt_read_text (object, "cid", PT_READ_NEEDED, error));
  batch->root = g_strdup (pt_read_text (object, "root", PT_READ_NEEDED, error));
  batch->transaction = g_strdup (pt_read_text (object, "transaction", PT_READ_OPTIONAL, error));
  batch->waits_for = g_strdup (pt_read_text (object, "waits_for", PT_READ_OPTIONAL, error));
  batch->state = pt_read_batch_state (object, error);
  if (batch->state == PT_BATCH_OPEN)
    pt_read_refuse ("state", error); /* a batch is listed from its sealing on */
}

PtBatch *
pt_read_batch (JsonNode *node, GError **error)
{
  g_autoptr (PtBatch) batch = g_object_new (PT_TYPE_BATCH, NULL);
  g_autoptr (GError) local = NULL;
  JsonObject *object = pt_read_as_object (node, "batches", &local);

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
  JsonObject *object = pt_read_as_object (node, "areas", &local);

  if (object != NULL)
    {
      head->area = g_strdup (pt_read_id (object, "area", &local));
      head->batch = (guint64) pt_read_integer (object, "batch", PT_READ_NEEDED, &local);
      head->size = pt_read_integer (object, "size", PT_READ_NEEDED, &local);
      head->to = pt_read_integer (object, "to", PT_READ_OPTIONAL, &local);
      head->devices = pt_read_integer (object, "devices", PT_READ_NEEDED, &local);
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
  JsonObject *object = pt_read_as_object (root, name, &local);
  JsonArray *array = object != NULL ? pt_read_array (object, name, PT_READ_NEEDED, &local) : NULL;
  guint count = array != NULL ? json_array_get_length (array) : 0;

  page->records = g_ptr_array_new_with_free_func (g_object_unref);
  for (guint i = 0; i < count && local == NULL; i++)
    {
      gpointer record = read (json_array_get_element (array, i), &local);

      if (record != NULL)
        g_ptr_array_add (page->records, record);
    }
  if (object != NULL && local == NULL)
    page->next = g_strdup (pt_read_text (object, "next", PT_READ_OPTIONAL, &local));
  if (local == NULL)
    return page;
  pt_page_free (page);
  g_propagate_error (error, g_steal_pointer (&local));
  return NULL;
}

gpointer
pt_read_outages (JsonNode *root, gconstpointer data, GError **error)
{
  return read_page (root, "outages", (ReadFunc) pt_read_outage, error);
}

gpointer
pt_read_batches (JsonNode *root, gconstpointer data, GError **error)
{
  return read_page (root, "batches", (ReadFunc) pt_read_batch, error);
}

gpointer
pt_read_areas (JsonNode *root, gconstpointer data, GError **error)
{
  return read_page (root, "areas", (ReadFunc) read_area, error);
}
