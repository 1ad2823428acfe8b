/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-application.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "pt-check-window.h"
#include "pt-settings.h"
#include "pt-window.h"

#define FILES_MAX 20 /* windows for files opened at once */

struct _PtApplication
{
  AdwApplication parent_instance;
  PtSettings *settings;
  char *url, *rpc;  /* of the command line; they are remembered once they were of use */
  PtWindow *window; /* weak */
};

G_DEFINE_FINAL_TYPE (PtApplication, pt_application, ADW_TYPE_APPLICATION)

static const GOptionEntry options[] = {
  { "url", 'u', 0, G_OPTION_ARG_STRING, NULL, N_ ("The daemon's address, http://host:port"),
    "URL" },
  { "rpc", 'r', 0, G_OPTION_ARG_STRING, NULL, N_ ("Ask the chain through this endpoint"), "URL" },
  { "version", 0, 0, G_OPTION_ARG_NONE, NULL, N_ ("Print the version and exit"), NULL },
  { NULL, 0, 0, 0, NULL, NULL, NULL },
};

static const char *
application_rpc (PtApplication *self)
{
  return self->rpc != NULL ? self->rpc : self->settings->rpc;
}

/* Files */

static void
application_check (PtApplication *self, GFile *file)
{
  const PtDaemonStatus *status
      = self->window != NULL ? pt_link_status (pt_window_link (self->window)) : NULL;
  const char *rpc = application_rpc (self);
  GtkWindow *window;

  if (rpc == NULL && status != NULL)
    rpc = status->public_rpc[0];
  window = pt_check_window_new (GTK_APPLICATION (self), file, rpc, self->settings);
  gtk_window_present (window);
}

static void
window_files_cb (PtApplication *self, GListModel *files)
{
  for (guint i = 0; i < MIN (g_list_model_get_n_items (files), FILES_MAX); i++)
    {
      g_autoptr (GFile) file = g_list_model_get_item (files, i);

      application_check (self, file);
    }
}

static void
pt_application_open (GApplication *application, GFile **files, int count, const char *hint)
{
  for (int i = 0; i < MIN (count, FILES_MAX); i++)
    application_check (PT_APPLICATION (application), files[i]);
}

/* Windows */

static void application_show_window (PtApplication *self);

static void
set_text (char **text, const char *value)
{
  char *copy = g_strdup (value);

  g_free (*text);
  *text = copy;
}

static void
window_connect_to_cb (PtApplication *self, const char *url, const char *rpc, const char *contract)
{
  GtkWindow *old = GTK_WINDOW (self->window);

  set_text (&self->settings->url, url);
  set_text (&self->settings->rpc, rpc);
  pt_settings_set_contract_text (self->settings, contract);
  g_clear_pointer (&self->url, g_free);
  g_clear_pointer (&self->rpc, g_free);
  g_clear_weak_pointer (&self->window);
  application_show_window (self);
  gtk_window_close (old);
  pt_settings_save (self->settings);
}

static void
window_live_cb (PtApplication *self)
{
  const PtDaemonStatus *status;

  if (self->window == NULL || pt_link_state (pt_window_link (self->window)) != PT_LINK_LIVE)
    return;
  status = pt_link_status (pt_window_link (self->window));
  if (status != NULL)
    pt_settings_pin (self->settings, status->chain_id, status->contract, status->from_block);
  /* An address that was of use is remembered. */
  if (self->url != NULL)
    set_text (&self->settings->url, self->url);
  if (self->rpc != NULL)
    set_text (&self->settings->rpc, self->rpc);
  pt_settings_save (self->settings);
}

static void
application_show_window (PtApplication *self)
{
  if (self->window == NULL)
    {
      const char *url = self->url != NULL ? self->url : self->settings->url;
      PtWindow *window
          = pt_window_new (GTK_APPLICATION (self), self->settings, url, application_rpc (self));

      g_set_weak_pointer (&self->window, window);
      g_signal_connect_object (window, "files", G_CALLBACK (window_files_cb), self,
                               G_CONNECT_SWAPPED);
      g_signal_connect_object (window, "connect-to", G_CALLBACK (window_connect_to_cb), self,
                               G_CONNECT_SWAPPED);
      g_signal_connect_object (pt_window_link (window), "notify::state",
                               G_CALLBACK (window_live_cb), self, G_CONNECT_SWAPPED);
    }
  gtk_window_present (GTK_WINDOW (self->window));
}

static void
pt_application_activate (GApplication *application)
{
  application_show_window (PT_APPLICATION (application));
}

/* Acts */

static void
act_quit (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  GList *windows = g_list_copy (gtk_application_get_windows (GTK_APPLICATION (data)));

  for (GList *at = windows; at != NULL; at = at->next)
    gtk_window_close (at->data);
  g_list_free (windows);
}

static void
act_about (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  GtkWindow *parent = gtk_application_get_active_window (GTK_APPLICATION (data));

  adw_show_about_window (
      parent, "application-name", _ ("Power Tracker"), "application-icon",
      "org.powertracker.Console", "version", PT_VERSION, "developer-name",
      _ ("The Power Tracker authors"), "license-type", GTK_LICENSE_APACHE_2_0, "comments",
      _ ("Outages as devices signed them, in a public record that nobody can change unseen: this "
         "console checks it by itself."),
      NULL);
}

static void
application_apply_scheme (PtApplication *self)
{
  AdwColorScheme scheme = ADW_COLOR_SCHEME_DEFAULT;

  if (strcmp (self->settings->scheme, "light") == 0)
    scheme = ADW_COLOR_SCHEME_FORCE_LIGHT;
  else if (strcmp (self->settings->scheme, "dark") == 0)
    scheme = ADW_COLOR_SCHEME_FORCE_DARK;
  adw_style_manager_set_color_scheme (adw_style_manager_get_default (), scheme);
}

static void
act_scheme (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  PtApplication *self = data;

  g_simple_action_set_state (action, parameter);
  set_text (&self->settings->scheme, g_variant_get_string (parameter, NULL));
  application_apply_scheme (self);
  pt_settings_save (self->settings);
}

static void
application_add_acts (PtApplication *self)
{
  const GActionEntry acts[] = { { "quit", act_quit, NULL, NULL, NULL, { 0 } },
                                { "about", act_about, NULL, NULL, NULL, { 0 } } };
  g_autoptr (GSimpleAction) scheme = g_simple_action_new_stateful (
      "scheme", G_VARIANT_TYPE_STRING, g_variant_new_string (self->settings->scheme));

  g_action_map_add_action_entries (G_ACTION_MAP (self), acts, G_N_ELEMENTS (acts), self);
  g_signal_connect_object (scheme, "activate", G_CALLBACK (act_scheme), self, 0);
  g_action_map_add_action (G_ACTION_MAP (self), G_ACTION (scheme));
}

static void
application_add_keys (PtApplication *self)
{
  static const struct
  {
    const char *act, *key;
  } keys[] = { { "app.quit", "<Control>q" },
               { "window.close", "<Control>w" },
               { "win.open", "<Control>o" },
               { "win.find", "<Control>f" },
               { "win.save-proof", "<Control>s" },
               { "win.verify", "<Control>Return" },
               { "win.retry", "<Control>r" },
               { "win.pane(1)", "F6" },
               { "win.pane(-1)", "<Shift>F6" },
               { "win.page-number(1)", "<Control>1" },
               { "win.page-number(2)", "<Control>2" },
               { "win.page-number(3)", "<Control>3" },
               { "win.complaint::acknowledge", "<Alt>a" },
               { "win.complaint::assign", "<Alt>g" },
               { "win.complaint::resolve", "<Alt>r" },
               { "win.complaint::reject", "<Alt>j" },
               { "win.complaint::comment", "<Alt>c" },
               { "win.fit", "<Control>0" },
               { "win.show-help-overlay", "<Control>question" } };

  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    {
      const char *const accels[] = { keys[i].key, NULL };

      gtk_application_set_accels_for_action (GTK_APPLICATION (self), keys[i].act, accels);
    }
}

/* The object */

static void
pt_application_startup (GApplication *application)
{
  PtApplication *self = PT_APPLICATION (application);
  GDBusConnection *bus = g_application_get_dbus_connection (application);

  /* GDBus ends a program whose session bus goes; outages are not seen over it. */
  if (bus != NULL)
    g_dbus_connection_set_exit_on_close (bus, FALSE);
  G_APPLICATION_CLASS (pt_application_parent_class)->startup (application);
  gtk_window_set_default_icon_name ("org.powertracker.Console");
  application_apply_scheme (self);
  application_add_acts (self);
  application_add_keys (self);
}

static gboolean
takes_value (const char *option)
{
  static const char *const taking[] = { "-u", "--url", "-r", "--rpc", NULL };

  return g_strv_contains (taking, option);
}

/* An address among the files is the daemon's, as if --url had been before it. */
static gboolean
pt_application_local_command_line (GApplication *application, char ***arguments, int *status)
{
  char **given = *arguments;

  for (guint i = 1; given[0] != NULL && given[i] != NULL && strcmp (given[i], "--") != 0; i++)
    if ((g_str_has_prefix (given[i], "http://") || g_str_has_prefix (given[i], "https://"))
        && !takes_value (given[i - 1]))
      {
        char *option = g_strconcat ("--url=", given[i], NULL);

        g_free (given[i]);
        given[i] = option;
      }
  return G_APPLICATION_CLASS (pt_application_parent_class)
      ->local_command_line (application, arguments, status);
}

static int
pt_application_handle_local_options (GApplication *application, GVariantDict *given)
{
  PtApplication *self = PT_APPLICATION (application);

  if (g_variant_dict_contains (given, "version"))
    {
      g_print ("powertrack-console %s\n", PT_VERSION);
      return 0;
    }
  g_variant_dict_lookup (given, "url", "s", &self->url);
  g_variant_dict_lookup (given, "rpc", "s", &self->rpc);
  /* A console on a daemon of one's own choice is no other window of the one that runs. */
  if (self->url != NULL || self->rpc != NULL)
    g_application_set_flags (application,
                             g_application_get_flags (application) | G_APPLICATION_NON_UNIQUE);
  return -1;
}

static void
pt_application_finalize (GObject *object)
{
  PtApplication *self = PT_APPLICATION (object);

  g_clear_weak_pointer (&self->window);
  pt_settings_free (self->settings);
  g_free (self->url);
  g_free (self->rpc);
  G_OBJECT_CLASS (pt_application_parent_class)->finalize (object);
}

static void
pt_application_class_init (PtApplicationClass *klass)
{
  GApplicationClass *application_class = G_APPLICATION_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = pt_application_finalize;
  application_class->startup = pt_application_startup;
  application_class->activate = pt_application_activate;
  application_class->open = pt_application_open;
  application_class->local_command_line = pt_application_local_command_line;
  application_class->handle_local_options = pt_application_handle_local_options;
}

static void
pt_application_init (PtApplication *self)
{
  self->settings = pt_settings_load ();
  g_application_add_main_option_entries (G_APPLICATION (self), options);
  g_application_set_option_context_parameter_string (G_APPLICATION (self), _ ("[URL] [FILE…]"));
  g_application_set_option_context_summary (
      G_APPLICATION (self),
      _ ("Shows outages as devices sign them, and checks them. Finds the daemon of this machine by "
         "itself; a FILE (a proof bundle or a batch file) is checked with no daemon at all."));
}

PtApplication *
pt_application_new (void)
{
  return g_object_new (PT_TYPE_APPLICATION, "application-id", "org.powertracker.Console", "flags",
                       G_APPLICATION_HANDLES_OPEN, NULL);
}
