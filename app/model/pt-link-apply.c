/* SPDX-License-Identifier: Apache-2.0 */
#include <glib/gi18n-lib.h>
#include <string.h>

#include "pt-error.h"
#include "pt-json-bounds.h"
#include "pt-link-private.h"
#include "pt-read.h"

#define WAITING_MAX (128 * 1024 * 1024) /* bytes of events */
#define SMALL_MAX 65536                 /* bytes of any event but `sites` */
#define FLUSH_MS 80
#define SLICE_US 4000  /* of a turn of the main loop */
#define ROWS_A_LOOK 32 /* rows between two looks at the clock */
#define JSON_DEPTH 16

typedef enum
{
  EVENT_SITES,
  EVENT_OUTAGE,
  EVENT_OUTAGE_CHANGED,
  EVENT_BATCH,
  EVENT_CLOCK,
  EVENT_KINDS
} EventKind;

static const char *const event_names[EVENT_KINDS]
    = { "sites", "outage", "outage-changed", "batch", "clock" };

typedef struct
{
  EventKind kind;
  GBytes *data;
} QueuedEvent;

static void
queued_event_free (gpointer data)
{
  QueuedEvent *event = data;

  g_clear_pointer (&event->data, g_bytes_unref);
  g_free (event);
}

static void
link_tell (PtLink *self, PtLinkEvent kind, gpointer what)
{
  g_signal_emit_by_name (self, "stream-event", (guint) kind, what);
}

/* Sites */

static gboolean
refuse_sites (GError **error)
{
  g_set_error_literal (error, PT_ERROR, PT_ERROR_UNSUPPORTED,
                       _ ("It sent changes of sites that this console does not understand."));
  return FALSE;
}

/* Brings the reader into the array of {"sites":[...]}; members before it are passed over. */
static gboolean
sites_begin (PtLink *self, GBytes *data, GError **error)
{
  PtJsonReader *reader = &self->queue.reader;
  gsize size;
  const char *text = g_bytes_get_data (data, &size);
  bool more = true;

  pt_json_reader_init (reader, pt_span (text, size));
  if (pt_json_open (reader) != PT_OK)
    return refuse_sites (error);
  while (more)
    {
      PtJsonValue value;
      PtSpan key;

      if (pt_json_member (reader, &more, &key, &value, NULL) != PT_OK || !more)
        return refuse_sites (error);
      if (pt_span_is (key, "sites") && value.type == PT_JSON_ARRAY)
        break;
      if (value.type >= PT_JSON_OBJECT && pt_site_row_skip (reader) != PT_OK)
        return refuse_sites (error);
    }
  self->queue.sites = g_bytes_ref (data);
  return TRUE;
}

static void
site_tell (PtLink *self, const PtSiteRow *row)
{
  static const int kinds[PT_SITE_STATES] = { [PT_SITE_ON] = PT_LINK_EVENT_SITE_ON,
                                             [PT_SITE_OFF] = PT_LINK_EVENT_SITE_OFF,
                                             [PT_SITE_SILENT] = PT_LINK_EVENT_SITE_SILENT,
                                             [PT_SITE_UNKNOWN] = -1 };
  g_autoptr (PtSiteNews) news = NULL;

  if (kinds[row->state] < 0)
    return;
  news = pt_site_news_new (row);
  link_tell (self, (PtLinkEvent) kinds[row->state], news);
}

static void
site_apply (PtLink *self, const PtSiteRow *row)
{
  guint number = pt_site_store_find (self->sites, row->area, row->site);
  gboolean other
      = number == PT_SITE_NONE || pt_site_store_get (self->sites, number)->state != row->state;

  pt_site_store_put (self->sites, row);
  if (other)
    site_tell (self, row);
}

/* Reads some rows; at the array's end the event is done with. */
static gboolean
sites_go_on (PtLink *self, GError **error)
{
  PtJsonReader *reader = &self->queue.reader;

  for (guint i = 0; i < ROWS_A_LOOK; i++)
    {
      PtJsonValue value;
      PtSiteText site;
      bool more;

      if (pt_json_element (reader, &more, &value) != PT_OK
          || (more && value.type != PT_JSON_OBJECT))
        return refuse_sites (error);
      if (!more)
        {
          g_clear_pointer (&self->queue.sites, g_bytes_unref);
          return TRUE;
        }
      if (!pt_site_row_read (reader, &site, error))
        return FALSE;
      site_apply (self, &site.row);
      if (self->queue.sites == NULL)
        return TRUE; /* who was told has stopped the link */
    }
  return TRUE;
}

/* Everything else is small */

static void
outage_apply (PtLink *self, PtOutage *outage, gboolean began)
{
  g_autofree char *key = pt_outage_key (outage);
  PtOutage *known = pt_record_list_find (self->outages, key);

  if (outage->end == 0)
    pt_record_list_put (self->outages, outage);
  else if (known != NULL && known->start >= outage->start && known->start < outage->end)
    pt_record_list_remove (self->outages, key); /* not a later one of the device */
  if (outage->end == 0 && began && known == NULL)
    link_tell (self, PT_LINK_EVENT_OUTAGE_BEGAN, outage);
  else if (outage->end != 0)
    link_tell (self, PT_LINK_EVENT_OUTAGE_ENDED, outage);
}

static void
head_apply (PtLink *self, const PtBatch *batch)
{
  const PtAreaHead *known = pt_record_list_find (self->areas, batch->area);
  g_autoptr (PtAreaHead) head = NULL;

  if (known == NULL || known->batch >= batch->batch)
    return;
  head = g_object_new (PT_TYPE_AREA_HEAD, NULL);
  head->area = g_strdup (batch->area);
  head->batch = batch->batch;
  head->size = batch->size;
  head->to = batch->to;
  head->devices = known->devices;
  pt_record_list_put (self->areas, head);
}

static void
batch_apply (PtLink *self, PtBatch *batch)
{
  g_autofree char *key = pt_batch_key (batch);
  const PtBatch *known = pt_record_list_find (self->batches, key);
  gboolean other = known == NULL || known->state != batch->state;

  pt_record_list_put (self->batches, batch);
  head_apply (self, batch);
  if (other)
    link_tell (self, PT_LINK_EVENT_BATCH, batch);
}

static gboolean
clock_apply (PtLink *self, JsonNode *root, GError **error)
{
  g_autoptr (GError) local = NULL;
  JsonObject *object = pt_read_as_object (root, "now", &local);
  gint64 now = object != NULL ? pt_read_integer (object, "now", PT_READ_NEEDED, &local) : 0;

  if (local != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  pt_link_set_clock (self, now, self->speed);
  return TRUE;
}

static gboolean
small_apply (PtLink *self, EventKind kind, JsonNode *root, GError **error)
{
  if (kind == EVENT_CLOCK)
    return clock_apply (self, root, error);
  if (kind == EVENT_BATCH)
    {
      g_autoptr (PtBatch) batch = pt_read_batch (root, error);

      if (batch == NULL)
        return FALSE;
      batch_apply (self, batch);
    }
  else
    {
      g_autoptr (PtOutage) outage = pt_read_outage (root, error);

      if (outage == NULL)
        return FALSE;
      outage_apply (self, outage, kind == EVENT_OUTAGE);
    }
  return TRUE;
}

static gboolean
event_apply (PtLink *self, const QueuedEvent *event, GError **error)
{
  g_autoptr (JsonParser) parser = NULL;
  gsize size;
  const char *data = g_bytes_get_data (event->data, &size);

  if (event->kind == EVENT_SITES)
    return sites_begin (self, event->data, error);
  parser = json_parser_new ();
  if (!pt_json_is_shallow (data, size, JSON_DEPTH)
      || !json_parser_load_from_data (parser, data, (gssize) size, NULL)
      || json_parser_get_root (parser) == NULL)
    {
      g_set_error (error, PT_ERROR, PT_ERROR_UNSUPPORTED,
                   _ ("It sent an event “%s” that is not JSON."), event_names[event->kind]);
      return FALSE;
    }
  return small_apply (self, event->kind, json_parser_get_root (parser), error);
}

/* The queue */

static gboolean
queue_step (PtLink *self, GError **error)
{
  QueuedEvent *event;
  gboolean good;

  if (self->queue.sites != NULL)
    return sites_go_on (self, error);
  event = g_queue_pop_head (&self->queue.events);
  self->queue.bytes -= g_bytes_get_size (event->data);
  good = event_apply (self, event, error);
  queued_event_free (event);
  return good;
}

static gboolean
queue_is_empty (PtLink *self)
{
  return self->queue.sites == NULL && g_queue_is_empty (&self->queue.events);
}

static gboolean
lists_flush (gpointer data)
{
  PtLink *self = data;

  self->queue.flush = 0;
  self->queue.flushed = g_get_monotonic_time ();
  pt_record_list_flush (self->outages);
  pt_record_list_flush (self->batches);
  pt_record_list_flush (self->areas);
  return G_SOURCE_REMOVE;
}

/* Every telling makes views sort and lay out again, so in a storm it is done a dozen times a second
 * and no more. */
static void
lists_flush_soon (PtLink *self)
{
  gint64 ago = (g_get_monotonic_time () - self->queue.flushed) / 1000;

  if (self->queue.flush != 0)
    return;
  if (ago >= FLUSH_MS)
    lists_flush (self);
  else
    self->queue.flush = g_timeout_add ((guint) (FLUSH_MS - ago), lists_flush, self);
}

static gboolean
queue_pump (gpointer data)
{
  g_autoptr (PtLink) self = g_object_ref (data);
  gint64 end = g_get_monotonic_time () + SLICE_US;
  g_autoptr (GError) error = NULL;

  while (self->applying && !queue_is_empty (self) && g_get_monotonic_time () < end)
    if (!queue_step (self, &error))
      break;
  lists_flush_soon (self);
  if (error == NULL && self->applying && !queue_is_empty (self))
    return G_SOURCE_CONTINUE;
  self->queue.source = 0;
  if (error != NULL)
    self->lost (self, error);
  return G_SOURCE_REMOVE;
}

void
pt_link_queue_start (PtLink *self)
{
  if (self->applying && self->queue.source == 0 && !queue_is_empty (self))
    self->queue.source = g_idle_add_full (PT_FETCH_PRIORITY, queue_pump, self, NULL);
}

static EventKind
event_kind (const char *name)
{
  EventKind kind = 0;

  while (kind < EVENT_KINDS && strcmp (name, event_names[kind]) != 0)
    kind++;
  return kind;
}

gboolean
pt_link_queue_event (PtLink *self, const PtEvent *event, GError **error)
{
  EventKind kind = event_kind (event->type);
  QueuedEvent *queued;

  if (kind == EVENT_KINDS)
    return TRUE; /* a newer daemon's */
  if ((kind != EVENT_SITES && event->size > SMALL_MAX)
      || self->queue.bytes + event->size > WAITING_MAX)
    {
      g_set_error_literal (error, PT_ERROR, PT_ERROR_TOO_LARGE,
                           _ ("It sends more than this console can keep up with."));
      return FALSE;
    }
  queued = g_new0 (QueuedEvent, 1);
  queued->kind = kind;
  queued->data = g_bytes_new (event->data, event->size);
  self->queue.bytes += event->size;
  g_queue_push_tail (&self->queue.events, queued);
  pt_link_queue_start (self);
  return TRUE;
}

void
pt_link_queue_clear (PtLink *self)
{
  /* What was applied is shown, though no more comes. */
  if (self->queue.flush != 0)
    {
      g_clear_handle_id (&self->queue.flush, g_source_remove);
      if (self->outages != NULL && self->batches != NULL && self->areas != NULL)
        lists_flush (self);
    }
  g_clear_handle_id (&self->queue.source, g_source_remove);
  g_queue_clear_full (&self->queue.events, queued_event_free);
  g_clear_pointer (&self->queue.sites, g_bytes_unref);
  self->queue.bytes = 0;
}
