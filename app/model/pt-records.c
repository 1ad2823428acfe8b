/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-records.h"

/* Outage */

G_DEFINE_FINAL_TYPE (PtOutage, pt_outage, G_TYPE_OBJECT)

static void
pt_outage_finalize (GObject *object)
{
  PtOutage *self = PT_OUTAGE (object);

  g_free (self->area);
  g_free (self->site);
  g_free (self->device);
  g_clear_pointer (&self->place, g_ref_string_release);
  G_OBJECT_CLASS (pt_outage_parent_class)->finalize (object);
}

static void
pt_outage_class_init (PtOutageClass *class)
{
  G_OBJECT_CLASS (class)->finalize = pt_outage_finalize;
}

static void
pt_outage_init (PtOutage *self)
{
}

PtOutage *
pt_outage_new (const char *area, const char *site, const char *device, gint64 start, gint64 end,
               gint64 customers)
{
  PtOutage *self = g_object_new (PT_TYPE_OUTAGE, NULL);

  self->area = g_strdup (area);
  self->site = g_strdup (site);
  self->device = g_strdup (device);
  self->start = start;
  self->end = end;
  self->customers = customers;
  return self;
}

void
pt_outage_set_place (PtOutage *self, const char *place)
{
  g_return_if_fail (PT_IS_OUTAGE (self));
  g_clear_pointer (&self->place, g_ref_string_release);
  self->place = place != NULL ? g_ref_string_new_intern (place) : NULL;
}

char *
pt_outage_key (gconstpointer outage)
{
  const PtOutage *self = outage;

  return g_strconcat (self->area, "/", self->device, NULL);
}

gboolean
pt_outage_same (gconstpointer a, gconstpointer b)
{
  const PtOutage *one = a, *other = b;

  return one->start == other->start && one->end == other->end && one->customers == other->customers
         && g_strcmp0 (one->device, other->device) == 0 && g_strcmp0 (one->site, other->site) == 0
         && g_strcmp0 (one->area, other->area) == 0 && one->place == other->place;
}

/* Batch */

G_DEFINE_FINAL_TYPE (PtBatch, pt_batch, G_TYPE_OBJECT)

static void
pt_batch_finalize (GObject *object)
{
  PtBatch *self = PT_BATCH (object);

  g_free (self->area);
  g_free (self->cid);
  g_free (self->root);
  g_free (self->transaction);
  g_free (self->waits_for);
  G_OBJECT_CLASS (pt_batch_parent_class)->finalize (object);
}

static void
pt_batch_class_init (PtBatchClass *class)
{
  G_OBJECT_CLASS (class)->finalize = pt_batch_finalize;
}

static void
pt_batch_init (PtBatch *self)
{
}

char *
pt_batch_key (gconstpointer batch)
{
  const PtBatch *self = batch;

  return g_strdup_printf ("%s/%" G_GUINT64_FORMAT, self->area, self->batch);
}

gboolean
pt_batch_same (gconstpointer a, gconstpointer b)
{
  const PtBatch *one = a, *other = b;

  return one->batch == other->batch && one->from == other->from && one->to == other->to
         && one->prev_size == other->prev_size && one->size == other->size
         && one->bytes == other->bytes && one->block == other->block && one->state == other->state
         && g_strcmp0 (one->area, other->area) == 0 && g_strcmp0 (one->cid, other->cid) == 0
         && g_strcmp0 (one->root, other->root) == 0
         && g_strcmp0 (one->transaction, other->transaction) == 0
         && g_strcmp0 (one->waits_for, other->waits_for) == 0;
}

/* Area */

G_DEFINE_FINAL_TYPE (PtAreaHead, pt_area_head, G_TYPE_OBJECT)

static void
pt_area_head_finalize (GObject *object)
{
  g_free (PT_AREA_HEAD (object)->area);
  G_OBJECT_CLASS (pt_area_head_parent_class)->finalize (object);
}

static void
pt_area_head_class_init (PtAreaHeadClass *class)
{
  G_OBJECT_CLASS (class)->finalize = pt_area_head_finalize;
}

static void
pt_area_head_init (PtAreaHead *self)
{
}

char *
pt_area_head_key (gconstpointer head)
{
  return g_strdup (((const PtAreaHead *) head)->area);
}

gboolean
pt_area_head_same (gconstpointer a, gconstpointer b)
{
  const PtAreaHead *one = a, *other = b;

  return one->batch == other->batch && one->size == other->size && one->to == other->to
         && one->devices == other->devices && g_strcmp0 (one->area, other->area) == 0;
}

/* News of a site */

G_DEFINE_FINAL_TYPE (PtSiteNews, pt_site_news, G_TYPE_OBJECT)

static void
pt_site_news_finalize (GObject *object)
{
  PtSiteNews *self = PT_SITE_NEWS (object);

  g_free (self->area);
  g_free (self->site);
  g_free (self->place);
  G_OBJECT_CLASS (pt_site_news_parent_class)->finalize (object);
}

static void
pt_site_news_class_init (PtSiteNewsClass *class)
{
  G_OBJECT_CLASS (class)->finalize = pt_site_news_finalize;
}

static void
pt_site_news_init (PtSiteNews *self)
{
}

PtSiteNews *
pt_site_news_new (const PtSiteRow *row)
{
  PtSiteNews *self = g_object_new (PT_TYPE_SITE_NEWS, NULL);

  self->area = g_strdup (row->area);
  self->site = g_strdup (row->site);
  self->place = g_strdup (row->place);
  self->state = row->state;
  self->since = row->since;
  self->customers = row->customers;
  return self;
}
