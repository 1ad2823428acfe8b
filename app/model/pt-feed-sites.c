/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-feed-sites.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "pt-error.h"
#include "pt-event-reader.h"
#include "pt-fetch.h"
#include "pt-format.h"
#include "pt-site-row.h"

#define MIB (1024 * 1024)
#define INTAKE_MAX 1024 /* bytes */
#define ROWS_A_PART 32  /* of an event that are applied at a time */

static const PtFetchLimits limits = { "application/x-ndjson", 120, (gsize) 1024 * MIB };

struct _PtFeedSites
{
  PtFeed parent_instance;
  PtSiteStore *store;
  gboolean loaded;     /* once at least: numbers are known outside */
  gboolean is_still;   /* nothing arrives from anywhere: that one site is silent says nothing */
  GBytes *event;       /* whose rows are being applied, or NULL */
  PtJsonReader reader; /* inside its array */
};

G_DEFINE_FINAL_TYPE (PtFeedSites, pt_feed_sites, PT_TYPE_FEED)

/* Loading */

typedef struct
{
  SoupSession *session;
  char *address;
  PtSiteStore *store;
  GByteArray *seen; /* a flag for each site that was there before, or NULL: all are new */
} Load;

static void
load_free (gpointer data)
{
  Load *load = data;

  g_object_unref (load->session);
  g_free (load->address);
  g_object_unref (load->store);
  g_clear_pointer (&load->seen, g_byte_array_unref);
  g_free (load);
}

static gboolean
load_line (const char *line, gsize size, gpointer data, GError **error)
{
  Load *load = data;
  PtSiteText site;
  guint number;

  if (!pt_site_row_parse (pt_span (line, size), &site, error))
    return FALSE;
  number = pt_site_store_put (load->store, &site.row);
  if (number == PT_SITE_NONE)
    {
      g_set_error_literal (error, PT_ERROR, PT_ERROR_TOO_LARGE,
                           _ ("It has more sites than this console can show."));
      return FALSE;
    }
  if (load->seen != NULL && number < load->seen->len)
    load->seen->data[number] = 1;
  return TRUE;
}

static gboolean
some_are_gone (const Load *load)
{
  return load->seen != NULL && load->seen->len > 0
         && memchr (load->seen->data, 0, load->seen->len) != NULL;
}

static void sites_load_anew (GTask *task);

static void
sites_loaded_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  PtFeedSites *sites = g_task_get_source_object (task);
  Load *load = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;

  if (!pt_fetch_lines_finish (result, &error))
    {
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }
  if (some_are_gone (load))
    {
      /* Another daemon's sites, or one that lost some: numbers cannot stay. */
      sites_load_anew (g_steal_pointer (&task));
      return;
    }
  pt_site_store_end_load (sites->store);
  sites->loaded = TRUE;
  g_task_return_boolean (task, TRUE);
}

/* Takes @task. */
static void
sites_fetch (GTask *task)
{
  Load *load = g_task_get_task_data (task);

  pt_fetch_lines_async (load->session, load->address, &limits, load_line, load,
                        g_task_get_cancellable (task), sites_loaded_cb, task);
}

/* Whatever is there goes first. Takes @task. */
static void
sites_load_anew (GTask *task)
{
  Load *load = g_task_get_task_data (task);

  g_clear_pointer (&load->seen, g_byte_array_unref);
  if (pt_site_store_size (load->store) > 0)
    pt_site_store_clear (load->store);
  pt_site_store_begin_load (load->store);
  sites_fetch (task);
}

/* Sites that are there keep their numbers. Takes @task. */
static void
sites_load_again (GTask *task)
{
  Load *load = g_task_get_task_data (task);

  load->seen = g_byte_array_new ();
  g_byte_array_set_size (load->seen, pt_site_store_size (load->store));
  if (load->seen->len > 0)
    memset (load->seen->data, 0, load->seen->len);
  sites_fetch (task);
}

static void
sites_load (PtFeed *feed, SoupSession *session, const char *base, GTask *task)
{
  PtFeedSites *sites = PT_FEED_SITES (feed);
  Load *load = g_new0 (Load, 1);

  sites->is_still = FALSE; /* else the daemon says so again */
  load->session = g_object_ref (session);
  load->address = g_strconcat (base, "/sites?format=ndjson", NULL);
  load->store = g_object_ref (sites->store);
  g_task_set_task_data (task, load, load_free);
  if (sites->loaded && pt_site_store_size (sites->store) > 0)
    sites_load_again (task);
  else
    sites_load_anew (task);
}

/* Events */

static gsize
sites_event_max (PtFeed *feed, const char *type)
{
  if (strcmp (type, "intake") == 0)
    return INTAKE_MAX;
  return strcmp (type, "sites") == 0 ? PT_EVENT_DATA_MAX : 0;
}

static gboolean
refuse_event (GError **error)
{
  g_set_error_literal (error, PT_ERROR, PT_ERROR_UNSUPPORTED,
                       _ ("It sent changes of sites that this console does not understand."));
  return FALSE;
}

/* Brings the reader into the array of {"sites":[...]}; members before it are passed over. */
static gboolean
sites_begin_event (PtFeedSites *sites, GBytes *data, GError **error)
{
  PtJsonReader *reader = &sites->reader;
  gsize size;
  const char *text = g_bytes_get_data (data, &size);
  bool more = true;

  pt_json_reader_init (reader, pt_span (text, size));
  if (pt_json_open (reader) != PT_OK)
    return refuse_event (error);
  while (more)
    {
      PtJsonValue value;
      PtSpan key;

      if (pt_json_member (reader, &more, &key, &value, NULL) != PT_OK || !more)
        return refuse_event (error);
      if (pt_span_is (key, "sites") && value.type == PT_JSON_ARRAY)
        break;
      if (value.type >= PT_JSON_OBJECT && pt_site_row_skip (reader) != PT_OK)
        return refuse_event (error);
    }
  sites->event = g_bytes_ref (data);
  return TRUE;
}

/* A line for a site that has gone silent. Its going off and coming on are outages, whose lines say
 * more. */
static void
sites_tell_silent (PtFeedSites *sites, const PtSiteRow *row)
{
  PtEventLine *line = pt_event_line_new (PT_EVENT_POWER, _ ("silent"),
                                         pt_format_site (row->place, row->site, row->area),
                                         pt_format_any_customers (row->customers), PT_SITE_SILENT);

  pt_event_line_set_group (line, g_strdup ("silent"), PT_EVENT_SITES_MANY, pt_event_sum_sites,
                           row->area, row->place, row->customers);
  pt_feed_tell (PT_FEED (sites), line);
}

static void
sites_apply_row (PtFeedSites *sites, const PtSiteRow *row)
{
  guint number = pt_site_store_find (sites->store, row->area, row->site);
  gboolean other
      = number == PT_SITE_NONE || pt_site_store_get (sites->store, number)->state != row->state;

  pt_site_store_put (sites->store, row);
  if (other && row->state == PT_SITE_SILENT && !sites->is_still)
    sites_tell_silent (sites, row);
}

/* Applies the next rows of the event that is open; closes it at the array's end. */
static gboolean
sites_apply_rows (PtFeedSites *sites, GError **error)
{
  PtJsonReader *reader = &sites->reader;

  for (guint i = 0; i < ROWS_A_PART; i++)
    {
      PtJsonValue value;
      PtSiteText site;
      bool more;

      if (pt_json_element (reader, &more, &value) != PT_OK
          || (more && value.type != PT_JSON_OBJECT))
        return refuse_event (error);
      if (!more)
        {
          g_clear_pointer (&sites->event, g_bytes_unref);
          return TRUE;
        }
      if (!pt_site_row_read (reader, &site, error))
        return FALSE;
      sites_apply_row (sites, &site.row);
      if (sites->event == NULL)
        return TRUE; /* who was told has stopped the link */
    }
  return TRUE;
}

/* That nothing arrives any more, from everywhere at once, is one line and not one for each site. */

static gboolean
intake_read (GBytes *data, guint *silent, gboolean *still, GError **error)
{
  PtJsonReader reader;
  gsize size;
  const char *text = g_bytes_get_data (data, &size);
  bool more = true, has_silent = false, has_state = false;

  pt_json_reader_init (&reader, pt_span (text, size));
  if (pt_json_open (&reader) != PT_OK)
    return refuse_event (error);
  while (more)
    {
      PtJsonValue value;
      PtSpan key;

      if (pt_json_member (&reader, &more, &key, &value, NULL) != PT_OK)
        return refuse_event (error);
      if (!more)
        break;
      if (pt_span_is (key, "silent") && value.type == PT_JSON_INTEGER && value.integer >= 0)
        {
          *silent = (guint) MIN (value.integer, G_MAXINT);
          has_silent = true;
        }
      else if (pt_span_is (key, "state") && value.type == PT_JSON_STRING)
        {
          *still = pt_span_is (value.text, "silent");
          has_state = true;
        }
      else if (value.type >= PT_JSON_OBJECT && pt_site_row_skip (&reader) != PT_OK)
        return refuse_event (error);
    }
  return (has_silent && has_state) || refuse_event (error);
}

static void
sites_tell_intake (PtFeedSites *sites, guint silent)
{
  g_autofree char *count = pt_format_number (silent);
  PtEventLine *line;

  if (sites->is_still)
    line = pt_event_line_new (
        PT_EVENT_SYSTEM, _ ("silent"),
        g_strdup (_ ("Nothing arrives any more, from everywhere at once")),
        g_strdup_printf (ngettext ("most likely the way in, not %s device",
                                   "most likely the way in, not %s devices", silent),
                         count),
        PT_SITE_SILENT);
  else
    line = pt_event_line_new (PT_EVENT_SYSTEM, _ ("heard again"),
                              g_strdup (_ ("Reports arrive again")), g_strdup (""), PT_SITE_ON);
  line->urgent = TRUE;
  pt_feed_tell (PT_FEED (sites), line);
}

static gboolean
sites_apply_intake (PtFeedSites *sites, GBytes *data, GError **error)
{
  gboolean still = FALSE, before = sites->is_still;
  guint silent = 0;

  if (!intake_read (data, &silent, &still, error))
    return FALSE;
  sites->is_still = still;
  if (still != before)
    sites_tell_intake (sites, silent);
  return TRUE;
}

static gboolean
sites_apply (PtFeed *feed, const char *type, GBytes *data, gboolean *more, GError **error)
{
  PtFeedSites *sites = PT_FEED_SITES (feed);
  gboolean good;

  *more = FALSE;
  if (strcmp (type, "intake") == 0)
    return sites_apply_intake (sites, data, error);
  good = (sites->event != NULL || sites_begin_event (sites, data, error))
         && sites_apply_rows (sites, error);

  if (!good)
    g_clear_pointer (&sites->event, g_bytes_unref);
  *more = sites->event != NULL;
  return good;
}

static void
sites_interrupt (PtFeed *feed)
{
  PtFeedSites *sites = PT_FEED_SITES (feed);

  g_clear_pointer (&sites->event, g_bytes_unref);
  pt_site_store_end_load (sites->store);
}

/* The object */

PtSiteStore *
pt_feed_sites_store (PtFeedSites *sites)
{
  g_return_val_if_fail (PT_IS_FEED_SITES (sites), NULL);
  return sites->store;
}

static void
pt_feed_sites_finalize (GObject *object)
{
  PtFeedSites *sites = PT_FEED_SITES (object);

  g_clear_pointer (&sites->event, g_bytes_unref);
  g_object_unref (sites->store);
  G_OBJECT_CLASS (pt_feed_sites_parent_class)->finalize (object);
}

static void
pt_feed_sites_class_init (PtFeedSitesClass *class)
{
  PtFeedClass *feed_class = PT_FEED_CLASS (class);

  G_OBJECT_CLASS (class)->finalize = pt_feed_sites_finalize;
  feed_class->load = sites_load;
  feed_class->event_max = sites_event_max;
  feed_class->apply = sites_apply;
  feed_class->interrupt = sites_interrupt;
}

static void
pt_feed_sites_init (PtFeedSites *sites)
{
  sites->store = pt_site_store_new ();
}

PtFeedSites *
pt_feed_sites_new (void)
{
  return g_object_new (PT_TYPE_FEED_SITES, NULL);
}
