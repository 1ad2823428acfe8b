/* SPDX-License-Identifier: Apache-2.0 */
#include <glib/gi18n-lib.h>
#include <string.h>

#include "pt-error.h"
#include "pt-link-private.h"

#define SILENCE_S 12
#define POLL_S 5
#define PAUSE_MIN_MS 500
#define PAUSE_MAX_MS 10000
#define STATUS_MAX (1024 * 1024)

static const PtFetchLimits status_limits = { "application/json", 10, STATUS_MAX };

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

static void link_connect (PtLink *self);

/* What is known */

void
pt_link_take_status (PtLink *self, PtDaemonStatus *status)
{
  g_clear_pointer (&self->status, pt_daemon_status_free);
  self->status = status;
  pt_link_set_clock (self, status->now, status->clock_speed);
  g_signal_emit (self, signals[STATUS_CHANGED], 0);
}

void
pt_link_say (PtLink *self, PtLinkState state, char *detail)
{
  gboolean other_state = state != self->state;
  gboolean other_detail = g_strcmp0 (detail, self->detail) != 0;

  g_free (self->detail);
  self->detail = detail;
  self->state = state;
  if (other_detail)
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_DETAIL]);
  if (other_state)
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_STATE]);
}

static void
link_set_url (PtLink *self, const char *url)
{
  char *made;
  gsize size;

  if (url != NULL && strstr (url, "://") == NULL)
    made = g_strconcat ("http://", url, NULL);
  else
    made = g_strdup (url);
  size = made != NULL ? strlen (made) : 0;
  while (size > 0 && made[size - 1] == '/')
    made[--size] = '\0';
  if (g_strcmp0 (made, self->url) == 0)
    {
      g_free (made);
      return;
    }
  g_free (self->url);
  self->url = made;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_URL]);
}

/* Losing and coming back */

static void
link_disconnect (PtLink *self)
{
  if (self->attempt != NULL)
    g_cancellable_cancel (self->attempt);
  g_clear_object (&self->attempt);
  g_clear_pointer (&self->stream, pt_event_stream_free);
  g_clear_handle_id (&self->poll, g_source_remove);
  g_clear_handle_id (&self->retry, g_source_remove);
  self->polling = FALSE;
  self->applying = FALSE;
  pt_link_queue_clear (self);
  pt_link_load_clear (self);
}

static gboolean
link_retry_cb (gpointer data)
{
  PtLink *self = data;

  self->retry = 0;
  link_connect (self);
  return G_SOURCE_REMOVE;
}

/* 0.5 s, 1 s, ... 10 s, each a fifth shorter or longer, so that many consoles don't come at once.
 */
static void
link_schedule (PtLink *self)
{
  guint pause = PAUSE_MAX_MS;

  if (self->failures < 5)
    pause = MIN (PAUSE_MIN_MS << self->failures, PAUSE_MAX_MS);
  self->failures++;
  pause = (guint) (pause * g_random_double_range (0.8, 1.2));
  self->retry = g_timeout_add (pause, link_retry_cb, self);
}

static gboolean
is_incompatible (const GError *error)
{
  return g_error_matches (error, PT_ERROR, PT_ERROR_UNSUPPORTED)
         || g_error_matches (error, PT_ERROR, PT_ERROR_MALFORMED)
         || g_error_matches (error, PT_ERROR, PT_ERROR_NOT_FOUND)
         || g_error_matches (error, PT_ERROR, PT_ERROR_WRONG_METHOD)
         || g_error_matches (error, PT_ERROR, PT_ERROR_TOO_LARGE);
}

static void
link_lost (PtLink *self, const GError *error)
{
  /* Something it said while it was live is no reason to doubt what it is. */
  gboolean incompatible = is_incompatible (error) && self->state != PT_LINK_LIVE;

  link_disconnect (self);
  link_schedule (self);
  if (incompatible)
    pt_link_say (self, PT_LINK_INCOMPATIBLE,
                 g_strdup_printf (_ ("%s is no daemon that this console understands. %s"),
                                  self->url, error->message));
  else if (self->ever_live)
    pt_link_say (self, PT_LINK_STALE,
                 g_strdup_printf (_ ("The line to %s is lost, and what is shown is old. %s "
                                     "Trying again."),
                                  self->url, error->message));
  else
    pt_link_say (
        self, PT_LINK_SEARCHING,
        g_strdup_printf (_ ("No connection to %s. %s Trying again."), self->url, error->message));
}

/* Connecting */

static char *
say_version (const char *version)
{
  return g_strdup_printf (_ ("The daemon's version is %s, this console's is %s; both must begin "
                             "with the same numbers."),
                          version, PT_VERSION);
}

/* Before 1.0 each second number may change everything. */
static gboolean
version_is_known (const char *version)
{
  const char *end = strchr (PT_VERSION, '.');
  gsize size;

  if (end != NULL && g_str_has_prefix (PT_VERSION, "0."))
    end = strchr (end + 1, '.');
  size = end != NULL ? (gsize) (end - PT_VERSION) : strlen (PT_VERSION);
  return strncmp (version, PT_VERSION, size) == 0
         && (version[size] == '.' || version[size] == '\0');
}

static void
stream_opened (gpointer data)
{
  PtLink *self = data;

  pt_link_heard (self);
  pt_link_load (self);
}

static void
stream_event (const PtEvent *event, gpointer data)
{
  PtLink *self = data;
  g_autoptr (GError) error = NULL;

  pt_link_heard (self);
  if (!pt_link_queue_event (self, event, &error))
    link_lost (self, error);
}

static void
stream_ended (const GError *error, gpointer data)
{
  link_lost (data, error);
}

static const PtEventStreamFuncs stream_funcs = { stream_opened, stream_event, stream_ended };

/* TRUE: @result is of a connection that was given up, and there is nothing to do. */
static gboolean
is_given_up (const GError *error)
{
  return g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

static void
connect_status_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (PtLink) self = user_data;
  g_autoptr (GError) error = NULL;
  PtDaemonStatus *status = pt_fetch_json_finish (result, &error);
  g_autofree char *address = NULL;

  if (is_given_up (error))
    return;
  if (status != NULL && !version_is_known (status->version))
    {
      g_autofree char *words = say_version (status->version);

      error = g_error_new_literal (PT_ERROR, PT_ERROR_UNSUPPORTED, words);
      pt_daemon_status_free (status);
    }
  if (error != NULL)
    {
      link_lost (self, error);
      return;
    }
  pt_link_heard (self);
  pt_link_take_status (self, status);
  if (!self->ever_live)
    pt_link_say (self, PT_LINK_LOADING, g_strdup (_ ("Loading what the daemon knows.")));
  address = pt_link_address (self, "/events");
  self->stream = pt_event_stream_new (self->session, address, SILENCE_S, &stream_funcs, self);
}

static void
link_connect (PtLink *self)
{
  g_autofree char *address = NULL;

  link_disconnect (self);
  if (self->url == NULL)
    return;
  self->attempt = g_cancellable_new ();
  address = pt_link_address (self, "/status");
  pt_fetch_json_async (self->session, address, &status_limits, pt_daemon_status_read, NULL,
                       (GDestroyNotify) pt_daemon_status_free, self->attempt, connect_status_cb,
                       g_object_ref (self));
}

/* Live */

static void
poll_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (PtLink) self = user_data;
  g_autoptr (GError) error = NULL;
  PtDaemonStatus *status = pt_fetch_json_finish (result, &error);

  if (is_given_up (error))
    return;
  self->polling = FALSE;
  if (status == NULL)
    {
      /* The stream of events says whether it lives. */
      g_info ("The daemon's status could not be read: %s", error->message);
      return;
    }
  pt_link_heard (self);
  pt_link_take_status (self, status);
  if (status->areas != (gint64) g_list_model_get_n_items (G_LIST_MODEL (self->areas)))
    pt_link_load_areas (self);
}

static gboolean
link_poll (gpointer data)
{
  PtLink *self = data;
  g_autofree char *address = NULL;

  if (self->polling)
    return G_SOURCE_CONTINUE;
  self->polling = TRUE;
  address = pt_link_address (self, "/status");
  pt_fetch_json_async (self->session, address, &status_limits, pt_daemon_status_read, NULL,
                       (GDestroyNotify) pt_daemon_status_free, self->attempt, poll_cb,
                       g_object_ref (self));
  return G_SOURCE_CONTINUE;
}

static void
link_loaded (PtLink *self)
{
  self->applying = TRUE;
  self->ever_live = TRUE;
  self->failures = 0;
  self->poll = g_timeout_add_seconds (POLL_S, link_poll, self);
  pt_link_say (self, PT_LINK_LIVE, g_strdup (""));
  pt_link_queue_start (self);
}

/* Starting */

static void
link_discovered (const char *url, gpointer data)
{
  PtLink *self = data;

  if (url == NULL)
    {
      /* It left the bus; the line, while it holds, says more than the bus does. */
      if (self->url == NULL || self->state == PT_LINK_LIVE)
        return;
      pt_link_say (self, self->ever_live ? PT_LINK_STALE : PT_LINK_SEARCHING,
                   g_strdup (_ ("The daemon has left the bus. Waiting for it to come back.")));
      return;
    }
  if (self->state == PT_LINK_LIVE && g_strcmp0 (url, self->url) == 0)
    return;
  if (self->state == PT_LINK_LIVE)
    pt_link_say (self, PT_LINK_STALE, g_strdup_printf (_ ("The daemon is now at %s."), url));
  link_set_url (self, url);
  self->failures = 0;
  link_connect (self);
}

void
pt_link_start (PtLink *self)
{
  g_return_if_fail (PT_IS_LINK (self));
  if (self->running)
    return;
  self->running = TRUE;
  if (self->wanted != NULL)
    {
      pt_link_say (self, PT_LINK_SEARCHING, g_strdup_printf (_ ("Asking %s."), self->url));
      link_connect (self);
      return;
    }
  pt_link_say (self, PT_LINK_SEARCHING,
               g_strdup (_ ("Waiting for a daemon to come to this computer's bus.")));
  self->discovery = pt_discovery_new (link_discovered, self);
}

void
pt_link_stop (PtLink *self)
{
  g_return_if_fail (PT_IS_LINK (self));
  self->running = FALSE;
  g_clear_pointer (&self->discovery, pt_discovery_free);
  link_disconnect (self);
}

void
pt_link_retry (PtLink *self)
{
  g_return_if_fail (PT_IS_LINK (self));
  if (!self->running || self->state == PT_LINK_LIVE || self->state == PT_LINK_LOADING)
    return;
  self->failures = 0;
  link_connect (self);
}

/* Asking */

PtLinkState
pt_link_state (PtLink *self)
{
  g_return_val_if_fail (PT_IS_LINK (self), PT_LINK_SEARCHING);
  return self->state;
}

const char *
pt_link_detail (PtLink *self)
{
  g_return_val_if_fail (PT_IS_LINK (self), "");
  return self->detail;
}

const char *
pt_link_url (PtLink *self)
{
  g_return_val_if_fail (PT_IS_LINK (self), NULL);
  return self->url;
}

PtSiteStore *
pt_link_sites (PtLink *self)
{
  g_return_val_if_fail (PT_IS_LINK (self), NULL);
  return self->sites;
}

GListModel *
pt_link_outages (PtLink *self)
{
  g_return_val_if_fail (PT_IS_LINK (self), NULL);
  return G_LIST_MODEL (self->outages);
}

GListModel *
pt_link_batches (PtLink *self)
{
  g_return_val_if_fail (PT_IS_LINK (self), NULL);
  return G_LIST_MODEL (self->batches);
}

GListModel *
pt_link_areas (PtLink *self)
{
  g_return_val_if_fail (PT_IS_LINK (self), NULL);
  return G_LIST_MODEL (self->areas);
}

gint64
pt_link_now (PtLink *self)
{
  g_return_val_if_fail (PT_IS_LINK (self), 0);
  if (self->now_at == 0)
    return g_get_real_time () / 1000;
  return self->now
         + (gint64) ((double) (g_get_monotonic_time () - self->now_at) / 1000 * self->speed);
}

gint64
pt_link_heard_ago (PtLink *self)
{
  g_return_val_if_fail (PT_IS_LINK (self), -1);
  return self->heard == 0 ? -1 : (g_get_monotonic_time () - self->heard) / 1000;
}

const PtDaemonStatus *
pt_link_status (PtLink *self)
{
  g_return_val_if_fail (PT_IS_LINK (self), NULL);
  return self->status;
}

/* The object */

static void
pt_link_get_property (GObject *object, guint id, GValue *value, GParamSpec *spec)
{
  PtLink *self = PT_LINK (object);

  switch (id)
    {
    case PROP_STATE:
      g_value_set_int (value, self->state);
      break;
    case PROP_DETAIL:
      g_value_set_string (value, self->detail);
      break;
    case PROP_URL:
      g_value_set_string (value, self->url);
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
  PtLink *self = PT_LINK (object);

  g_object_unref (self->session);
  g_object_unref (self->sites);
  g_object_unref (self->outages);
  g_object_unref (self->batches);
  g_object_unref (self->areas);
  g_clear_pointer (&self->status, pt_daemon_status_free);
  g_free (self->wanted);
  g_free (self->url);
  g_free (self->detail);
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
                                        NULL, NULL, G_TYPE_NONE, 2, G_TYPE_UINT, G_TYPE_OBJECT);
}

static void
pt_link_init (PtLink *self)
{
  self->lost = link_lost;
  self->loaded = link_loaded;
  self->session = pt_fetch_session_new ();
  self->sites = pt_site_store_new ();
  self->outages = pt_record_list_new (PT_TYPE_OUTAGE, pt_outage_key, pt_outage_same, FALSE,
                                      PT_LINK_OUTAGES_MAX);
  self->batches
      = pt_record_list_new (PT_TYPE_BATCH, pt_batch_key, pt_batch_same, TRUE, PT_LINK_BATCHES_MAX);
  self->areas = pt_record_list_new (PT_TYPE_AREA_HEAD, pt_area_head_key, pt_area_head_same, FALSE,
                                    PT_LINK_AREAS_MAX);
  self->detail = g_strdup ("");
  self->speed = 1;
}

PtLink *
pt_link_new (const char *url)
{
  PtLink *self = g_object_new (PT_TYPE_LINK, NULL);

  self->wanted = g_strdup (url);
  link_set_url (self, url);
  return self;
}
