/* SPDX-License-Identifier: Apache-2.0 */
#include <glib/gi18n-lib.h>
#include <string.h>

#include "pt-feed-areas.h"
#include "pt-feed-batches.h"
#include "pt-feed-complaints.h"
#include "pt-feed-outages.h"
#include "pt-link-private.h"

/* The lists that a console has, loaded in this order after the sites. A further one is a file
 * pt-feed-*.c and a row here. */
static const PtListSpec *const lists[]
    = { &pt_list_outages, &pt_list_batches, &pt_list_areas, &pt_list_complaints, NULL };

G_DEFINE_FINAL_TYPE (PtLink, pt_link, G_TYPE_OBJECT)

enum
{
  PROP_STATE = 1,
  PROP_DETAIL,
  PROP_URL,
  PROPERTIES
};

enum
{
  STATUS_CHANGED,
  STREAM_EVENT,
  SIGNALS
};

static GParamSpec *properties[PROPERTIES];
static guint signals[SIGNALS];

/* What is known */

char *
pt_link_address (PtLink *link, const char *path)
{
  g_return_val_if_fail (PT_IS_LINK (link) && path != NULL, NULL);
  return g_strconcat (link->url, "/api/v1", path, NULL);
}

void
pt_link_set_clock (PtLink *link, gint64 now, double speed)
{
  g_return_if_fail (PT_IS_LINK (link));
  link->now = now;
  link->now_at = g_get_monotonic_time ();
  link->speed = speed;
}

/* Takes @line. An outage says when it was; the line is told now. */
static void
link_tell (PtLink *link, PtEventLine *line)
{
  line->time = pt_link_now (link);
  g_signal_emit (link, signals[STREAM_EVENT], 0, line);
  g_object_unref (line);
}

/* What needs attention is another thing than before. Of its sentence the numbers go on. */
static void
link_tell_attention (PtLink *link, const char *before)
{
  static const char *const of_batches[] = { "sealing", "anchoring", "progress", NULL };
  const PtDaemonStatus *status = link->status;
  const char *cause = status->attention ? status->cause : before;
  PtEventLine *line;

  if (strcmp (status->cause, before) == 0)
    return;
  if (strcmp (cause, "arrivals") == 0)
    return; /* the feed of sites says so */
  line = pt_event_line_new (
      g_strv_contains (of_batches, cause) ? PT_EVENT_ANCHORING : PT_EVENT_SYSTEM,
      status->attention ? _ ("attention") : _ ("well again"),
      g_strdup (status->attention ? status->detail : _ ("Nothing needs attention any more.")),
      g_strdup (""), -1);
  line->urgent = TRUE;
  link_tell (link, line);
}

void
pt_link_take_status (PtLink *link, PtDaemonStatus *status)
{
  g_autofree char *before = NULL;

  g_return_if_fail (PT_IS_LINK (link) && status != NULL);
  before = g_strdup (link->status != NULL ? link->status->cause : "");
  g_clear_pointer (&link->status, pt_daemon_status_free);
  link->status = status;
  pt_link_set_clock (link, status->now, status->clock_speed);
  link_tell_attention (link, before);
  g_signal_emit (link, signals[STATUS_CHANGED], 0);
}

/* What was live is so no more, or is again. */
static void
link_tell_state (PtLink *link)
{
  PtEventLine *line = NULL;

  if (link->state == PT_LINK_STALE && !link->lost)
    line = pt_event_line_new (PT_EVENT_SYSTEM, _ ("line lost"), g_strdup (link->detail),
                              g_strdup (""), -1);
  else if (link->state == PT_LINK_LIVE && link->lost)
    line = pt_event_line_new (
        PT_EVENT_SYSTEM, _ ("line back"),
        g_strdup_printf (_ ("%s answers; all is shown as it is now"), link->url), g_strdup (""),
        -1);
  if (line == NULL)
    return;
  link->lost = link->state == PT_LINK_STALE;
  link_tell (link, line);
}

void
pt_link_say (PtLink *link, PtLinkState state, char *detail)
{
  gboolean other_state;
  gboolean other_detail;

  g_return_if_fail (PT_IS_LINK (link) && detail != NULL);
  other_state = state != link->state;
  other_detail = g_strcmp0 (detail, link->detail) != 0;
  g_free (link->detail);
  link->detail = detail;
  link->state = state;
  if (other_detail)
    g_object_notify_by_pspec (G_OBJECT (link), properties[PROP_DETAIL]);
  if (other_state)
    g_object_notify_by_pspec (G_OBJECT (link), properties[PROP_STATE]);
  if (other_state)
    link_tell_state (link);
}

void
pt_link_set_url (PtLink *link, const char *url)
{
  char *made;
  gsize size;

  g_return_if_fail (PT_IS_LINK (link));
  if (url != NULL && strstr (url, "://") == NULL)
    made = g_strconcat ("http://", url, NULL);
  else
    made = g_strdup (url);
  size = made != NULL ? strlen (made) : 0;
  while (size > 0 && made[size - 1] == '/')
    made[--size] = '\0';
  if (g_strcmp0 (made, link->url) == 0)
    {
      g_free (made);
      return;
    }
  g_free (link->url);
  link->url = made;
  g_object_notify_by_pspec (G_OBJECT (link), properties[PROP_URL]);
}

/* Starting */

static void
link_discovered (const char *url, gpointer data)
{
  PtLink *link = data;

  if (url == NULL)
    {
      /* It left the bus; the line, while it holds, says more than the bus does. */
      if (link->url == NULL || link->state == PT_LINK_LIVE)
        return;
      pt_link_say (link, link->ever_live ? PT_LINK_STALE : PT_LINK_SEARCHING,
                   g_strdup (_ ("The daemon has left the bus. Waiting for it to come back.")));
      return;
    }
  if (link->state == PT_LINK_LIVE && g_strcmp0 (url, link->url) == 0)
    return;
  if (link->state == PT_LINK_LIVE)
    pt_link_say (link, PT_LINK_STALE, g_strdup_printf (_ ("The daemon is now at %s."), url));
  pt_link_set_url (link, url);
  link->failures = 0;
  pt_link_connect (link);
}

void
pt_link_start (PtLink *link)
{
  g_return_if_fail (PT_IS_LINK (link));
  if (link->running)
    return;
  link->running = TRUE;
  if (link->wanted != NULL)
    {
      pt_link_say (link, PT_LINK_SEARCHING, g_strdup_printf (_ ("Asking %s."), link->url));
      pt_link_connect (link);
      return;
    }
  pt_link_say (link, PT_LINK_SEARCHING,
               g_strdup (_ ("Waiting for a daemon to come to this computer's bus.")));
  link->discovery = pt_discovery_new (link_discovered, link);
}

void
pt_link_stop (PtLink *link)
{
  g_return_if_fail (PT_IS_LINK (link));
  link->running = FALSE;
  g_clear_pointer (&link->discovery, pt_discovery_free);
  pt_link_disconnect (link);
}

void
pt_link_retry (PtLink *link)
{
  g_return_if_fail (PT_IS_LINK (link));
  if (!link->running || link->state == PT_LINK_LIVE || link->state == PT_LINK_LOADING)
    return;
  link->failures = 0;
  pt_link_connect (link);
}

/* Asking */

PtLinkState
pt_link_state (PtLink *link)
{
  g_return_val_if_fail (PT_IS_LINK (link), PT_LINK_SEARCHING);
  return link->state;
}

const char *
pt_link_detail (PtLink *link)
{
  g_return_val_if_fail (PT_IS_LINK (link), "");
  return link->detail;
}

const char *
pt_link_url (PtLink *link)
{
  g_return_val_if_fail (PT_IS_LINK (link), NULL);
  return link->url;
}

PtSiteStore *
pt_link_sites (PtLink *link)
{
  g_return_val_if_fail (PT_IS_LINK (link), NULL);
  return pt_feed_sites_store (link->sites);
}

static PtFeedList *
link_find_list (PtLink *link, const PtListSpec *spec)
{
  for (guint i = 0; i < link->feeds->len; i++)
    {
      PtFeed *feed = g_ptr_array_index (link->feeds, i);

      if (PT_IS_FEED_LIST (feed) && pt_feed_list_spec (PT_FEED_LIST (feed)) == spec)
        return PT_FEED_LIST (feed);
    }
  g_return_val_if_reached (NULL);
}

GListModel *
pt_link_list (PtLink *link, const PtListSpec *spec)
{
  g_return_val_if_fail (PT_IS_LINK (link), NULL);
  return G_LIST_MODEL (pt_feed_list_records (link_find_list (link, spec)));
}

gboolean
pt_link_offers (PtLink *link, const PtListSpec *spec)
{
  g_return_val_if_fail (PT_IS_LINK (link), FALSE);
  return pt_feed_list_is_offered (link_find_list (link, spec));
}

gint64
pt_link_now (PtLink *link)
{
  g_return_val_if_fail (PT_IS_LINK (link), 0);
  if (link->now_at == 0)
    return g_get_real_time () / 1000;
  return link->now
         + (gint64) ((double) (g_get_monotonic_time () - link->now_at) / 1000 * link->speed);
}

gint64
pt_link_heard_ago (PtLink *link)
{
  g_return_val_if_fail (PT_IS_LINK (link), -1);
  return link->heard == 0 ? -1 : (g_get_monotonic_time () - link->heard) / 1000;
}

const PtDaemonStatus *
pt_link_status (PtLink *link)
{
  g_return_val_if_fail (PT_IS_LINK (link), NULL);
  return link->status;
}

gboolean
pt_link_is_known (PtLink *link)
{
  g_return_val_if_fail (PT_IS_LINK (link), FALSE);
  return link->ever_live;
}

/* The object */

static void
pt_link_get_property (GObject *object, guint id, GValue *value, GParamSpec *spec)
{
  PtLink *link = PT_LINK (object);

  switch (id)
    {
    case PROP_STATE:
      g_value_set_int (value, link->state);
      break;
    case PROP_DETAIL:
      g_value_set_string (value, link->detail);
      break;
    case PROP_URL:
      g_value_set_string (value, link->url);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, spec);
    }
}

static void
pt_link_dispose (GObject *object)
{
  pt_link_stop (PT_LINK (object));
  G_OBJECT_CLASS (pt_link_parent_class)->dispose (object);
}

static void
pt_link_finalize (GObject *object)
{
  PtLink *link = PT_LINK (object);

  pt_event_queue_free (link->queue);
  g_object_unref (link->session);
  g_ptr_array_unref (link->feeds);
  g_clear_pointer (&link->status, pt_daemon_status_free);
  g_free (link->wanted);
  g_free (link->url);
  g_free (link->detail);
  G_OBJECT_CLASS (pt_link_parent_class)->finalize (object);
}

static void
pt_link_class_init (PtLinkClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  object_class->get_property = pt_link_get_property;
  object_class->dispose = pt_link_dispose;
  object_class->finalize = pt_link_finalize;
  properties[PROP_STATE]
      = g_param_spec_int ("state", NULL, NULL, 0, PT_LINK_INCOMPATIBLE, PT_LINK_SEARCHING, flags);
  properties[PROP_DETAIL] = g_param_spec_string ("detail", NULL, NULL, "", flags);
  properties[PROP_URL] = g_param_spec_string ("url", NULL, NULL, NULL, flags);
  g_object_class_install_properties (object_class, PROPERTIES, properties);
  signals[STATUS_CHANGED] = g_signal_new ("status-changed", PT_TYPE_LINK, G_SIGNAL_RUN_LAST, 0,
                                          NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[STREAM_EVENT] = g_signal_new ("stream-event", PT_TYPE_LINK, G_SIGNAL_RUN_LAST, 0, NULL,
                                        NULL, NULL, G_TYPE_NONE, 1, PT_TYPE_EVENT_LINE);
}

static void
pt_link_init (PtLink *link)
{
  link->session = pt_fetch_session_new ();
  link->feeds = g_ptr_array_new_with_free_func (g_object_unref);
  link->queue = pt_event_queue_new (link->feeds, pt_link_queue_failed, link);
  link->detail = g_strdup ("");
  link->speed = 1;
}

static void
link_told_cb (PtFeed *feed, PtEventLine *line, PtLink *link)
{
  link_tell (link, g_object_ref (line));
}

/* Takes @feed. */
static void
link_add_feed (PtLink *link, PtFeed *feed)
{
  g_signal_connect_object (feed, "told", G_CALLBACK (link_told_cb), link, 0);
  g_ptr_array_add (link->feeds, feed);
}

PtLink *
pt_link_new_with_lists (const char *url, const PtListSpec *const *specs)
{
  PtLink *link;

  g_return_val_if_fail (specs != NULL, NULL);
  link = g_object_new (PT_TYPE_LINK, NULL);
  link->sites = pt_feed_sites_new ();
  link_add_feed (link, PT_FEED (link->sites));
  for (guint i = 0; specs[i] != NULL; i++)
    link_add_feed (link, PT_FEED (pt_feed_list_new (specs[i])));
  link->wanted = g_strdup (url);
  pt_link_set_url (link, url);
  return link;
}

PtLink *
pt_link_new (const char *url)
{
  return pt_link_new_with_lists (url, lists);
}
