/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-connections.h"

#include <string.h>

struct _PtConnections
{
  AdwMessageDialog parent_instance;
  GtkEditable *url, *rpc, *contract;
};

G_DEFINE_FINAL_TYPE (PtConnections, pt_connections, ADW_TYPE_MESSAGE_DIALOG)

enum
{
  CHOSEN,
  SIGNALS
};

static guint signals[SIGNALS];

/* What was typed, or NULL where nothing was. */
static const char *
typed (GtkEditable *row)
{
  const char *text = gtk_editable_get_text (row);

  return text[0] != '\0' ? text : NULL;
}

static void
connections_response (AdwMessageDialog *dialog, const char *response)
{
  PtConnections *connections = PT_CONNECTIONS (dialog);

  if (strcmp (response, "use") != 0)
    return;
  /* The window goes before the dialog does. */
  gtk_window_set_transient_for (GTK_WINDOW (dialog), NULL);
  g_signal_emit (connections, signals[CHOSEN], 0, typed (connections->url),
                 typed (connections->rpc), typed (connections->contract));
}

static void
pt_connections_class_init (PtConnectionsClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  ADW_MESSAGE_DIALOG_CLASS (class)->response = connections_response;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/powertracker/Console/ui/pt-connections.ui");
  gtk_widget_class_bind_template_child (widget_class, PtConnections, url);
  gtk_widget_class_bind_template_child (widget_class, PtConnections, rpc);
  gtk_widget_class_bind_template_child (widget_class, PtConnections, contract);
  signals[CHOSEN]
      = g_signal_new ("chosen", PT_TYPE_CONNECTIONS, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                      G_TYPE_NONE, 3, G_TYPE_STRING, G_TYPE_STRING, G_TYPE_STRING);
}

static void
pt_connections_init (PtConnections *connections)
{
  gtk_widget_init_template (GTK_WIDGET (connections));
}

PtConnections *
pt_connections_new (GtkWindow *parent, const char *url, const char *rpc, const char *contract)
{
  PtConnections *connections;

  g_return_val_if_fail (GTK_IS_WINDOW (parent), NULL);
  connections = g_object_new (PT_TYPE_CONNECTIONS, "transient-for", parent, NULL);
  gtk_editable_set_text (connections->url, url != NULL ? url : "");
  gtk_editable_set_text (connections->rpc, rpc != NULL ? rpc : "");
  gtk_editable_set_text (connections->contract, contract != NULL ? contract : "");
  return connections;
}
