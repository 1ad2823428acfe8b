/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-application.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "pt-check-window.h"
#include "pt-ui-resources.h"
#include "pt-window.h"

#define APPLICATION_ID "org.powertracker.Console"
#define FILES_MAX 20

struct _PtApplication
{
  AdwApplication parent_instance;
  char *url, *rpc; /* of the command line, or NULL */
  PtSettings *settings;
  PtLink *link;
  PtWindow *window; /* not owned */
};

G_DEFINE_TYPE (PtApplication, pt_application, ADW_TYPE_APPLICATION)

static const char *
application_rpc (PtApplication *self)
{
  const PtDaemonStatus *status = self->link != NULL ? pt_link_status (self->link) : NULL;

  if (self->rpc != NULL)
    return self->rpc;
  if (self->settings->rpc != NULL)
    return self->settings->rpc;
  return status != NULL ? status->public_rpc[0] : NULL;
}

/* Style */

static void
application_set_scheme (PtApplication *self, const char *name)
{
  AdwColorScheme scheme = strcmp (name, "light") == 0  ? ADW_COLOR_SCHEME_FORCE_LIGHT
                          : strcmp (name, "dark") == 0 ? ADW_COLOR_SCHEME_FORCE_DARK
                                                       : ADW_COLOR_SCHEME_DEFAULT;

  adw_style_manager_set_color_scheme (adw_application_get_style_manager (ADW_APPLICATION (self)),
                                      scheme);
}

static void
scheme_changed_cb (GSimpleAction *action, GVariant *value, gpointer data)
{
  PtApplication *self = data;

  g_simple_action_set_state (action, value);
  g_free (self->settings->scheme);
  self->settings->scheme = g_variant_dup_string (value, NULL);
  application_set_scheme (self, self->settings->scheme);
  pt_settings_save (self->settings);
}

/* Acts */

static void
open_chosen_cb (GtkNativeDialog *dialog, int response, PtApplication *self)
{
  g_autoptr (GFile) file = NULL;

  if (response == GTK_RESPONSE_ACCEPT)
    file = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (dialog));
  gtk_native_dialog_destroy (dialog);
  g_object_unref (dialog);
  if (file != NULL)
    g_application_open (G_APPLICATION (self), &file, 1, "");
}

static void
open_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  PtApplication *self = data;
  GtkFileChooserNative *dialog = gtk_file_chooser_native_new (
      _ ("Check a proof or a batch file"), gtk_application_get_active_window (data),
      GTK_FILE_CHOOSER_ACTION_OPEN, _ ("_Check"), _ ("_Cancel"));

  g_signal_connect_object (dialog, "response", G_CALLBACK (open_chosen_cb), self, 0);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (dialog));
}

static void
about_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  adw_show_about_window (
      gtk_application_get_active_window (data), "application-name", "Power Tracker",
      "application-icon", APPLICATION_ID, "version", PT_VERSION, "license-type",
      GTK_LICENSE_APACHE_2_0, "comments",
      _ ("Signed outage reports that nobody can change, drop or back-date unseen."), NULL);
}

static void
quit_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  PtApplication *self = data;

  if (self->window != NULL)
    gtk_window_close (GTK_WINDOW (self->window));
  g_application_quit (G_APPLICATION (self));
}

static void
application_add_actions (PtApplication *self)
{
  static const GActionEntry entries[] = { { .name = "open", .activate = open_cb },
                                          { .name = "about", .activate = about_cb },
                                          { .name = "quit", .activate = quit_cb } };
  static const struct
  {
    const char *action;
    const char *keys[3];
  } keys[] = {
    { "app.open", { "<Control>o" } },
    { "app.quit", { "<Control>q" } },
    { "win.find", { "<Control>f" } },
    { "win.save-proof", { "<Control>s" } },
    { "win.verify", { "<Control>Return" } },
    { "win.retry", { "<Control>r", "F5" } },
    { "win.page::outages", { "<Control>1" } },
    { "win.page::anchoring", { "<Control>2" } },
    { "win.next-pane", { "F6" } },
    { "win.fit", { "<Control>0" } },
    { "win.clear", { "Escape" } },
    { "win.show-help-overlay", { "<Control>question", "F1" } },
  };
  g_autoptr (GSimpleAction) scheme = g_simple_action_new_stateful (
      "scheme", G_VARIANT_TYPE_STRING, g_variant_new_string (self->settings->scheme));

  g_action_map_add_action_entries (G_ACTION_MAP (self), entries, G_N_ELEMENTS (entries), self);
  g_signal_connect_object (scheme, "change-state", G_CALLBACK (scheme_changed_cb), self, 0);
  g_action_map_add_action (G_ACTION_MAP (self), G_ACTION (scheme));
  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    {
      const char *accels[] = { keys[i].keys[0], keys[i].keys[1], NULL };

      gtk_application_set_accels_for_action (GTK_APPLICATION (self), keys[i].action, accels);
    }
}

/* Life */

static void
window_gone_cb (PtApplication *self)
{
  self->window = NULL;
}

static void
pt_application_activate (GApplication *application)
{
  PtApplication *self = PT_APPLICATION (application);

  if (self->window == NULL)
    {
      if (self->link == NULL)
        self->link = pt_link_new (self->url);
      self->window = pt_window_new (ADW_APPLICATION (self), self->link, self->settings, self->rpc);
      g_signal_connect_object (self->window, "destroy", G_CALLBACK (window_gone_cb), self,
                               G_CONNECT_SWAPPED);
      pt_link_start (self->link);
    }
  gtk_window_present (GTK_WINDOW (self->window));
}

static void
pt_application_open (GApplication *application, GFile **files, int count, const char *hint)
{
  PtApplication *self = PT_APPLICATION (application);

  for (int i = 0; i < MIN (count, FILES_MAX); i++)
    {
      PtCheckWindow *window
          = pt_check_window_new (GTK_APPLICATION (self), files[i], application_rpc (self));

      if (self->window != NULL)
        gtk_window_set_transient_for (GTK_WINDOW (window), GTK_WINDOW (self->window));
      gtk_window_present (GTK_WINDOW (window));
    }
}

static void
pt_application_startup (GApplication *application)
{
  PtApplication *self = PT_APPLICATION (application);
  g_autoptr (GtkCssProvider) style = gtk_css_provider_new ();

  g_resources_register (pt_ui_get_resource ());
  G_APPLICATION_CLASS (pt_application_parent_class)->startup (application);
  gtk_window_set_default_icon_name (APPLICATION_ID);
  gtk_css_provider_load_from_resource (style, "/org/powertracker/Console/ui/style.css");
  gtk_style_context_add_provider_for_display (gdk_display_get_default (),
                                              GTK_STYLE_PROVIDER (style),
                                              GTK_STYLE_PROVIDER_PRIORITY_APPLICATION);
  application_add_actions (self);
  application_set_scheme (self, self->settings->scheme);
}

static gboolean
is_web_address (const char *text)
{
  g_autoptr (GUri) uri = text != NULL ? g_uri_parse (text, G_URI_FLAGS_NONE, NULL) : NULL;

  return text == NULL
         || (uri != NULL && g_uri_get_host (uri) != NULL
             && (strcmp (g_uri_get_scheme (uri), "http") == 0
                 || strcmp (g_uri_get_scheme (uri), "https") == 0));
}

static int
pt_application_handle_local_options (GApplication *application, GVariantDict *options)
{
  PtApplication *self = PT_APPLICATION (application);
  const char *const names[] = { "url", "rpc" };

  if (g_variant_dict_contains (options, "version"))
    {
      g_print ("powertrack-console %s\n", PT_VERSION);
      return 0;
    }
  g_variant_dict_lookup (options, "url", "s", &self->url);
  g_variant_dict_lookup (options, "rpc", "s", &self->rpc);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (!is_web_address (i == 0 ? self->url : self->rpc))
      {
        g_printerr (
            _ ("powertrack-console: --%s “%s”: give an address with http:// or https://.\n"),
            names[i], i == 0 ? self->url : self->rpc);
        return 2;
      }
  if (self->url != NULL && g_str_has_suffix (self->url, "/"))
    self->url[strlen (self->url) - 1] = '\0';
  return -1;
}

static void
pt_application_shutdown (GApplication *application)
{
  PtApplication *self = PT_APPLICATION (application);

  if (self->link != NULL)
    pt_link_stop (self->link);
  g_clear_object (&self->link);
  G_APPLICATION_CLASS (pt_application_parent_class)->shutdown (application);
}

static void
pt_application_finalize (GObject *object)
{
  PtApplication *self = PT_APPLICATION (object);

  g_free (self->url);
  g_free (self->rpc);
  pt_settings_free (self->settings);
  G_OBJECT_CLASS (pt_application_parent_class)->finalize (object);
}

static void
pt_application_class_init (PtApplicationClass *klass)
{
  GApplicationClass *application_class = G_APPLICATION_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = pt_application_finalize;
  application_class->activate = pt_application_activate;
  application_class->open = pt_application_open;
  application_class->startup = pt_application_startup;
  application_class->shutdown = pt_application_shutdown;
  application_class->handle_local_options = pt_application_handle_local_options;
}

static void
pt_application_init (PtApplication *self)
{
  const GOptionEntry options[]
      = { { "url", 'u', 0, G_OPTION_ARG_STRING, NULL,
            N_ ("The daemon's address; without it the bus is asked"), N_ ("URL") },
          { "rpc", 'r', 0, G_OPTION_ARG_STRING, NULL,
            N_ ("The JSON-RPC endpoint through which the chain is read"), N_ ("URL") },
          { "version", 'v', 0, G_OPTION_ARG_NONE, NULL, N_ ("Print the version and exit"), NULL },
          { NULL } };

  self->settings = pt_settings_load ();
  g_application_add_main_option_entries (G_APPLICATION (self), options);
  g_application_set_option_context_parameter_string (G_APPLICATION (self), _ ("[FILE…]"));
  g_application_set_option_context_summary (
      G_APPLICATION (self),
      _ ("The control room: a map of all sites, outages as they happen, and the proof of each "
         "report.\nA FILE is a proof bundle or a batch file; it is checked here, with no daemon."));
}

PtApplication *
pt_application_new (void)
{
  return g_object_new (PT_TYPE_APPLICATION, "application-id", APPLICATION_ID, "flags",
                       G_APPLICATION_HANDLES_OPEN | G_APPLICATION_NON_UNIQUE, "resource-base-path",
                       "/org/powertracker/Console/ui", NULL);
}
