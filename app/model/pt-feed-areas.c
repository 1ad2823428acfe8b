/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-feed-areas.h"

#include "pt-read.h"

G_DEFINE_FINAL_TYPE (PtAreaHead, pt_area_head, G_TYPE_OBJECT)

static void
pt_area_head_finalize (GObject *object)
{
  g_free (PT_AREA_HEAD (object)->area);
  g_free (PT_AREA_HEAD (object)->authority_key);
  G_OBJECT_CLASS (pt_area_head_parent_class)->finalize (object);
}

static void
pt_area_head_class_init (PtAreaHeadClass *class)
{
  G_OBJECT_CLASS (class)->finalize = pt_area_head_finalize;
}

static void
pt_area_head_init (PtAreaHead *head)
{
}

/* As a list */

static char *
head_key (gconstpointer record)
{
  return g_strdup (((const PtAreaHead *) record)->area);
}

static gboolean
head_is_same (gconstpointer a, gconstpointer b)
{
  const PtAreaHead *one = a, *other = b;

  return one->batch == other->batch && one->size == other->size && one->to == other->to
         && one->devices == other->devices && g_strcmp0 (one->area, other->area) == 0
         && g_strcmp0 (one->authority_key, other->authority_key) == 0;
}

/* @of_batch: the row is a batch's, which knows no devices. */
static gpointer
head_make (JsonNode *node, gboolean of_batch, GError **error)
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
      if (!of_batch)
        {
          head->devices = pt_read_integer (object, "devices", PT_READ_NEEDED, &local);
          head->authority_key
              = g_strdup (pt_read_text (object, "authority_key", PT_READ_OPTIONAL, &local));
        }
    }
  if (local == NULL)
    return g_steal_pointer (&head);
  g_propagate_error (error, g_steal_pointer (&local));
  return NULL;
}

static gpointer
head_read (JsonNode *node, GError **error)
{
  return head_make (node, FALSE, error);
}

static gpointer
head_read_batch (JsonNode *node, GError **error)
{
  return head_make (node, TRUE, error);
}

/* A newer batch of a known area is its head. */
static void
head_apply_batch (PtFeedList *list, gpointer record)
{
  PtRecordList *records = pt_feed_list_records (list);
  PtAreaHead *head = record;
  const PtAreaHead *known = pt_record_list_find (records, head->area);

  if (known == NULL || known->batch >= head->batch)
    return;
  head->devices = known->devices;
  head->authority_key = g_strdup (known->authority_key);
  pt_record_list_put (records, head);
}

static gint64
areas_counted (const PtDaemonStatus *status)
{
  return status->areas;
}

const PtListSpec pt_list_areas = {
  .name = "areas",
  .path = "/areas",
  .maximum = 65536,
  .type = pt_area_head_get_type,
  .read = head_read,
  .key = head_key,
  .same = head_is_same,
  .events = { { "batch", head_read_batch, head_apply_batch } },
  .counted = areas_counted,
};
