/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-state-icon.h"

#include <adwaita.h>
#include <glib/gi18n-lib.h>
#include <inttypes.h>

#include "pt-map-palette.h"

#define SIZE 16

struct _PtStateIcon
{
  GtkWidget parent_instance;
  PtSiteState state;
  gboolean stale;
};

G_DEFINE_TYPE (PtStateIcon, pt_state_icon, GTK_TYPE_WIDGET)

enum
{
  PROP_STATE = 1
};

const char *
pt_state_word (PtSiteState state)
{
  switch (state)
    {
    case PT_SITE_ON:
      return _ ("on");
    case PT_SITE_OFF:
      return _ ("off");
    case PT_SITE_SILENT:
      return _ ("silent");
    case PT_SITE_UNKNOWN:
      break;
    }
  return _ ("unknown");
}

static void
pt_state_icon_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  PtStateIcon *self = PT_STATE_ICON (widget);
  double width = gtk_widget_get_width (widget), height = gtk_widget_get_height (widget);
  gboolean dark = adw_style_manager_get_dark (adw_style_manager_get_default ());
  cairo_t *cr = gtk_snapshot_append_cairo (
      snapshot, &GRAPHENE_RECT_INIT (0, 0, (float) width, (float) height));

  pt_map_draw_symbol (cr, pt_map_palette (dark), self->state, width / 2, height / 2, self->stale);
  cairo_destroy (cr);
}

static void
pt_state_icon_measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum,
                       int *natural, int *minimum_baseline, int *natural_baseline)
{
  *minimum = *natural = SIZE;
}

void
pt_state_icon_set_state (PtStateIcon *self, PtSiteState state)
{
  g_return_if_fail (PT_IS_STATE_ICON (self));
  if ((guint) state >= PT_SITE_STATES)
    state = PT_SITE_UNKNOWN;
  self->state = state;
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  pt_state_word (state), -1);
  gtk_widget_queue_draw (GTK_WIDGET (self));
  g_object_notify (G_OBJECT (self), "state");
}

void
pt_state_icon_set_stale (PtStateIcon *self, gboolean stale)
{
  g_return_if_fail (PT_IS_STATE_ICON (self));
  self->stale = stale;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
pt_state_icon_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  if (id == PROP_STATE)
    g_value_set_int (value, (int) PT_STATE_ICON (object)->state);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
pt_state_icon_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  if (id == PROP_STATE)
    pt_state_icon_set_state (PT_STATE_ICON (object), (PtSiteState) g_value_get_int (value));
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
pt_state_icon_class_init (PtStateIconClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->get_property = pt_state_icon_get_property;
  object_class->set_property = pt_state_icon_set_property;
  widget_class->snapshot = pt_state_icon_snapshot;
  widget_class->measure = pt_state_icon_measure;
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
  g_object_class_install_property (
      object_class, PROP_STATE,
      g_param_spec_int ("state", NULL, NULL, 0, PT_SITE_STATES - 1, PT_SITE_UNKNOWN,
                        G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS));
}

static void
pt_state_icon_init (PtStateIcon *self)
{
  self->state = PT_SITE_UNKNOWN;
  gtk_widget_set_valign (GTK_WIDGET (self), GTK_ALIGN_CENTER);
  /* Its colours follow the style. */
  g_signal_connect_object (adw_style_manager_get_default (), "notify::dark",
                           G_CALLBACK (gtk_widget_queue_draw), self, G_CONNECT_SWAPPED);
}

GtkWidget *
pt_state_icon_new (PtSiteState state)
{
  return g_object_new (PT_TYPE_STATE_ICON, "state", (int) state, NULL);
}
