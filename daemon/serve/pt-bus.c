/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-bus.h"

#include "pt-daemon-generated.h"
#include "pt-status.h"

#define NAME "org.powertracker.Daemon1"
#define PATH "/org/powertracker/Daemon1"
#define REFRESH_S 1
#define RETURN_S 2      /* how often a bus that went away is looked for */
#define SITES_MAX 10000 /* a signal; who missed some asks over HTTP */

struct _PtBus
{
  const PtStatusSources *sources;
  PtNews *news;
  PtGenDaemon1 *skeleton;
  GBusType type;
  guint name, refresh_source, return_source;
  gboolean was_there;
  gint refreshing; /* atomic */
};

typedef struct
{
  PtBus *bus;
  PtStatusNumbers status;
} Refresh;

static void
refresh_collect (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Refresh *refresh = data;
  GError *error = NULL;

  if (pt_status_collect (refresh->bus->sources, &refresh->status, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

/* (name, lines that wait, ms until durable, ms of the slowest) */
static GVariant *
transports (const PtTrafficOfWay ways[PT_TRANSPORT_COUNT])
{
  GVariantBuilder rows;

  g_variant_builder_init (&rows, G_VARIANT_TYPE ("a(suxx)"));
  for (guint i = 0; i < PT_TRANSPORT_COUNT; i++)
    g_variant_builder_add (&rows, "(suxx)", pt_transport_name ((PtTransport) i), ways[i].waiting,
                           pt_status_lag_mean (&ways[i].lag), pt_status_lag_longest (&ways[i].lag));
  return g_variant_builder_end (&rows);
}

/* When the store does not answer, its numbers stay as they were: none would be a lie. */
static void
refresh_apply (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Refresh *refresh = g_task_get_task_data (G_TASK (result));
  const PtStatusNumbers *status = &refresh->status;
  PtGenDaemon1 *skeleton = refresh->bus->skeleton;
  g_autoptr (GError) error = NULL;

  pt_gen_daemon1_set_sites_off (skeleton, status->sites.off);
  pt_gen_daemon1_set_keys_copied (skeleton, status->copied);
  pt_gen_daemon1_set_complaints (
      skeleton, g_variant_new ("(uu)", status->complaints.open, status->complaints.overdue));
  pt_gen_daemon1_set_transports (skeleton, transports (status->ways));
  if (g_task_propagate_boolean (G_TASK (result), &error))
    {
      pt_gen_daemon1_set_outages_open (skeleton, status->counts.open_outages);
      pt_gen_daemon1_set_state (skeleton, pt_status_state (status));
      pt_gen_daemon1_set_detail (skeleton, status->health.sentence);
    }
  else
    {
      pt_gen_daemon1_set_state (skeleton, "attention");
      pt_gen_daemon1_set_detail (skeleton, error->message);
    }
  g_atomic_int_set (&refresh->bus->refreshing, 0);
}

static gboolean
bus_refresh (gpointer data)
{
  PtBus *bus = data;
  g_autoptr (GTask) task = NULL;
  Refresh *refresh;

  if (!g_atomic_int_compare_and_exchange (&bus->refreshing, 0, 1))
    return G_SOURCE_CONTINUE;
  task = g_task_new (NULL, NULL, refresh_apply, NULL);
  refresh = g_new0 (Refresh, 1);
  refresh->bus = bus;
  g_task_set_task_data (task, refresh, g_free);
  g_task_run_in_thread (task, refresh_collect);
  return G_SOURCE_CONTINUE;
}

static void
bus_acquired (GDBusConnection *connection, const char *name, gpointer data)
{
  PtBus *bus = data;
  g_autoptr (GError) error = NULL;

  /* GLib would end the process with its bus. */
  g_dbus_connection_set_exit_on_close (connection, FALSE);
  if (!g_dbus_interface_skeleton_export (G_DBUS_INTERFACE_SKELETON (bus->skeleton), connection,
                                         PATH, &error))
    g_warning ("D-Bus: %s", error->message);
}

static void bus_own (PtBus *bus);

/* A bus that is started anew knows nobody. */
static gboolean
bus_return (gpointer data)
{
  PtBus *bus = data;

  bus->return_source = 0;
  bus_own (bus);
  return G_SOURCE_REMOVE;
}

static void
name_acquired (GDBusConnection *connection, const char *name, gpointer data)
{
  ((PtBus *) data)->was_there = TRUE;
}

static void
name_lost (GDBusConnection *connection, const char *name, gpointer data)
{
  PtBus *bus = data;

  if (connection != NULL)
    {
      g_message ("The name %s belongs to another daemon on this bus.", name);
      return;
    }
  if (!bus->was_there)
    {
      g_message ("There is no such bus, so %s is not offered. Set [dbus] bus=none to say so.",
                 name);
      return;
    }
  /* The closed connection stays the process's own until nothing holds it. */
  if (g_dbus_interface_skeleton_get_connection (G_DBUS_INTERFACE_SKELETON (bus->skeleton)) != NULL)
    {
      g_message ("The bus went away. It is looked for.");
      g_dbus_interface_skeleton_unexport (G_DBUS_INTERFACE_SKELETON (bus->skeleton));
    }
  if (bus->return_source == 0)
    bus->return_source = g_timeout_add_seconds (RETURN_S, bus_return, bus);
}

static void
bus_own (PtBus *bus)
{
  if (bus->name != 0)
    g_bus_unown_name (bus->name);
  bus->name = g_bus_own_name (bus->type, NAME, G_BUS_NAME_OWNER_FLAGS_NONE, bus_acquired,
                              name_acquired, name_lost, bus, NULL);
}

static void
bus_tell_complaints (PtBus *bus, const PtNewsItems *items)
{
  for (guint i = 0; i < items->complaint_count; i++)
    {
      const PtComplaintRow *row = &items->complaints[i];

      pt_gen_daemon1_emit_complaint_changed (bus->skeleton, row->area, row->complaint,
                                             pt_complaint_state_name (row->state), row->overdue);
    }
}

static void
bus_tell_keys (PtBus *bus, const PtNewsItems *items)
{
  for (guint i = 0; i < items->key_count; i++)
    {
      const PtKeyNews *key = &items->keys[i];

      pt_gen_daemon1_emit_key_changed (bus->skeleton, key->area, key->device, key->is_copied);
    }
}

/* A PtNewsFunc. */
static void
bus_tell (const PtNewsItems *items, gpointer user_data)
{
  PtBus *bus = user_data;
  GVariantBuilder sites, outages;

  if (g_dbus_interface_skeleton_get_connection (G_DBUS_INTERFACE_SKELETON (bus->skeleton)) == NULL)
    return;
  bus_tell_complaints (bus, items);
  bus_tell_keys (bus, items);
  g_variant_builder_init (&sites, G_VARIANT_TYPE ("a(sssx)"));
  for (guint i = 0; i < MIN (items->site_count, SITES_MAX); i++)
    {
      const PtSite *site = &items->sites[i];

      g_variant_builder_add (&sites, "(sssx)", site->area, site->site,
                             pt_site_state_name (site->state), site->since);
    }
  g_variant_builder_init (&outages, G_VARIANT_TYPE ("a(sssxxsb)"));
  for (guint i = 0; i < MIN (items->outage_count, SITES_MAX); i++)
    {
      const PtOutageEvent *event = &items->outages[i];
      const char *ended_by = pt_outage_end_name (event->ended_by);

      g_variant_builder_add (&outages, "(sssxxsb)", event->area, event->device, event->site,
                             event->start, event->end, ended_by != NULL ? ended_by : "",
                             event->began);
    }
  if (items->site_count > 0)
    pt_gen_daemon1_emit_sites_changed (bus->skeleton, g_variant_builder_end (&sites));
  else
    g_variant_builder_clear (&sites);
  if (items->outage_count > 0)
    pt_gen_daemon1_emit_outages_changed (bus->skeleton, g_variant_builder_end (&outages));
  else
    g_variant_builder_clear (&outages);
}

PtBus *
pt_bus_new (const PtStatusSources *sources, PtNews *news, const char *bus, const char *http_url)
{
  static const PtTrafficOfWay none[PT_TRANSPORT_COUNT];
  PtBus *self = g_new0 (PtBus, 1);

  g_return_val_if_fail (sources != NULL, NULL);

  self->type = g_str_equal (bus, "system") ? G_BUS_TYPE_SYSTEM : G_BUS_TYPE_SESSION;
  self->sources = sources;
  self->news = news;
  self->skeleton = pt_gen_daemon1_skeleton_new ();
  pt_gen_daemon1_set_version (self->skeleton, PT_VERSION);
  pt_gen_daemon1_set_http_url (self->skeleton, http_url);
  pt_gen_daemon1_set_state (self->skeleton, "ok");
  pt_gen_daemon1_set_detail (self->skeleton, "");
  pt_gen_daemon1_set_complaints (self->skeleton, g_variant_new ("(uu)", 0u, 0u));
  pt_gen_daemon1_set_transports (self->skeleton, transports (none));
  bus_own (self);
  pt_news_subscribe (news, bus_tell, self);
  self->refresh_source = g_timeout_add_seconds (REFRESH_S, bus_refresh, self);
  return self;
}

void
pt_bus_free (PtBus *bus)
{
  if (bus == NULL)
    return;
  pt_news_unsubscribe (bus->news, bus_tell, bus);
  g_source_remove (bus->refresh_source);
  while (g_atomic_int_get (&bus->refreshing))
    g_main_context_iteration (NULL, TRUE);
  g_bus_unown_name (bus->name);
  g_clear_handle_id (&bus->return_source, g_source_remove);
  if (g_dbus_interface_skeleton_get_connection (G_DBUS_INTERFACE_SKELETON (bus->skeleton)) != NULL)
    g_dbus_interface_skeleton_unexport (G_DBUS_INTERFACE_SKELETON (bus->skeleton));
  g_object_unref (bus->skeleton);
  g_free (bus);
}
