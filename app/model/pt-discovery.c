/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-discovery.h"

#define NAME "org.powertracker.Daemon1"
#define PATH "/org/powertracker/Daemon1"
#define CALL_MS 5000

typedef struct
{
  PtDiscovery *discovery;
  guint watch;
  GCancellable *call;
  char *url;
} Bus;

struct _PtDiscovery
{
  PtDiscoveryFunc func;
  gpointer user_data;
  Bus buses[2]; /* session, system */
  char *told;
};

static void
discovery_tell (PtDiscovery *discovery)
{
  const char *url
      = discovery->buses[0].url != NULL ? discovery->buses[0].url : discovery->buses[1].url;

  if (g_strcmp0 (url, discovery->told) == 0)
    return;
  g_free (discovery->told);
  discovery->told = g_strdup (url);
  discovery->func (discovery->told, discovery->user_data);
}

static void
bus_answered_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) answer
      = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);
  g_autoptr (GVariant) value = NULL;
  Bus *bus = user_data;

  /* A cancelled call's bus may be freed. */
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  g_clear_object (&bus->call);
  if (answer == NULL)
    {
      g_info ("The daemon on the bus does not say where it listens: %s", error->message);
      return;
    }
  g_variant_get (answer, "(v)", &value);
  if (!g_variant_is_of_type (value, G_VARIANT_TYPE_STRING))
    return;
  g_free (bus->url);
  bus->url = g_variant_dup_string (value, NULL);
  discovery_tell (bus->discovery);
}

static void
bus_forget (Bus *bus)
{
  if (bus->call != NULL)
    g_cancellable_cancel (bus->call);
  g_clear_object (&bus->call);
  g_clear_pointer (&bus->url, g_free);
}

static void
bus_appeared (GDBusConnection *connection, const char *name, const char *owner, gpointer data)
{
  Bus *bus = data;

  g_dbus_connection_set_exit_on_close (connection, FALSE);
  bus_forget (bus);
  bus->call = g_cancellable_new ();
  g_dbus_connection_call (connection, owner, PATH, "org.freedesktop.DBus.Properties", "Get",
                          g_variant_new ("(ss)", NAME, "HttpUrl"), G_VARIANT_TYPE ("(v)"),
                          G_DBUS_CALL_FLAGS_NONE, CALL_MS, bus->call, bus_answered_cb, bus);
}

static void
bus_vanished (GDBusConnection *connection, const char *name, gpointer data)
{
  Bus *bus = data;

  /* GDBus ends a program when the bus itself goes; what was found over HTTP goes on. */
  if (connection != NULL)
    g_dbus_connection_set_exit_on_close (connection, FALSE);
  bus_forget (bus);
  discovery_tell (bus->discovery);
}

PtDiscovery *
pt_discovery_new (PtDiscoveryFunc func, gpointer user_data)
{
  static const GBusType types[] = { G_BUS_TYPE_SESSION, G_BUS_TYPE_SYSTEM };
  PtDiscovery *discovery;

  g_return_val_if_fail (func != NULL, NULL);
  discovery = g_new0 (PtDiscovery, 1);
  discovery->func = func;
  discovery->user_data = user_data;
  for (guint i = 0; i < G_N_ELEMENTS (types); i++)
    {
      Bus *bus = &discovery->buses[i];

      bus->discovery = discovery;
      bus->watch = g_bus_watch_name (types[i], NAME, G_BUS_NAME_WATCHER_FLAGS_NONE, bus_appeared,
                                     bus_vanished, bus, NULL);
    }
  return discovery;
}

void
pt_discovery_free (PtDiscovery *discovery)
{
  if (discovery == NULL)
    return;
  for (guint i = 0; i < G_N_ELEMENTS (discovery->buses); i++)
    {
      g_bus_unwatch_name (discovery->buses[i].watch);
      bus_forget (&discovery->buses[i]);
    }
  g_free (discovery->told);
  g_free (discovery);
}
