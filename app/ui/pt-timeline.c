/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-timeline.h"

#include <adwaita.h>
#include <glib/gi18n-lib.h>

#include "pt-format.h"
#include "pt-map-palette.h"
#include "pt-week.h"

#define DAYS 7
#define DAY_MS (PT_WEEK_MS / DAYS)
#define MINUTE_MS 60000
#define BAR 22
#define LABELS_AWAY 3 /* from the bar to its days */

struct _PtTimeline
{
  GtkWidget parent_instance;
  GPtrArray *outages;
  gint64 now, known_from, heard_to;
  gboolean stale;
};

G_DEFINE_TYPE (PtTimeline, pt_timeline, GTK_TYPE_WIDGET)

static double
timeline_x (PtTimeline *self, gint64 time, double width)
{
  gint64 from = self->now - DAYS * DAY_MS;

  return CLAMP ((double) (time - from) / (double) (DAYS * DAY_MS), 0, 1) * width;
}

static void
fill_span (PtTimeline *self, cairo_t *cr, const PtColor *color, double alpha, gint64 from,
           gint64 to, double width)
{
  double left = timeline_x (self, from, width), right = timeline_x (self, to, width);

  if (to <= from)
    return;
  cairo_set_source_rgba (cr, color->red, color->green, color->blue, alpha);
  /* A short outage is still seen. */
  cairo_rectangle (cr, left, 0, MAX (right - left, 2), BAR);
  cairo_fill (cr);
}

static void
draw_days (PtTimeline *self, GtkSnapshot *snapshot, double width)
{
  for (int day = 1; day < DAYS; day += 2)
    {
      g_autoptr (GDateTime) utc
          = g_date_time_new_from_unix_utc ((self->now - (DAYS - day) * DAY_MS) / 1000);
      g_autoptr (GDateTime) local = utc != NULL ? g_date_time_to_local (utc) : NULL;
      /* Translators: a day and a short month. */
      g_autofree char *text
          = local != NULL ? g_date_time_format (local, _ ("%-d %b")) : g_strdup ("");
      g_autoptr (PangoLayout) layout = gtk_widget_create_pango_layout (GTK_WIDGET (self), text);
      GdkRGBA color;
      int text_width;

      gtk_style_context_get_color (gtk_widget_get_style_context (GTK_WIDGET (self)), &color);
      color.alpha *= 0.65f;
      pango_layout_get_pixel_size (layout, &text_width, NULL);
      gtk_snapshot_save (snapshot);
      gtk_snapshot_translate (
          snapshot, &GRAPHENE_POINT_INIT ((float) CLAMP (width * day / DAYS - text_width / 2.0, 0,
                                                         width - text_width),
                                          BAR + LABELS_AWAY));
      gtk_snapshot_append_layout (snapshot, layout, &color);
      gtk_snapshot_restore (snapshot);
    }
}

static void
draw_bar (PtTimeline *self, cairo_t *cr, const PtMapPalette *palette, double width)
{
  gint64 from = self->now - PT_WEEK_MS;
  const PtColor *gray = &palette->states[PT_SITE_SILENT];
  const PtColor *on = self->stale ? gray : &palette->states[PT_SITE_ON];
  const PtColor *off = self->stale ? gray : &palette->states[PT_SITE_OFF];

  fill_span (self, cr, &palette->states[PT_SITE_SILENT], 0.25, from, self->now, width);
  if (self->outages == NULL || self->known_from == 0)
    return;
  fill_span (self, cr, on, self->stale ? 0.5 : 0.75, MAX (from, self->known_from), self->heard_to,
             width);
  for (guint i = 0; i < self->outages->len; i++)
    {
      const PtOutage *outage = g_ptr_array_index (self->outages, i);

      fill_span (self, cr, off, 1, outage->start, outage->end > 0 ? outage->end : self->heard_to,
                 width);
    }
}

static void
pt_timeline_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  PtTimeline *self = PT_TIMELINE (widget);
  double width = gtk_widget_get_width (widget);
  gboolean dark = adw_style_manager_get_dark (adw_style_manager_get_default ());
  GskRoundedRect clip;
  cairo_t *cr;

  gsk_rounded_rect_init_from_rect (&clip, &GRAPHENE_RECT_INIT (0, 0, (float) width, BAR), 4);
  gtk_snapshot_push_rounded_clip (snapshot, &clip);
  cr = gtk_snapshot_append_cairo (snapshot, &GRAPHENE_RECT_INIT (0, 0, (float) width, BAR));
  draw_bar (self, cr, pt_map_palette (dark), width);
  cairo_destroy (cr);
  gtk_snapshot_pop (snapshot);
  draw_days (self, snapshot, width);
}

static void
pt_timeline_measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum,
                     int *natural, int *minimum_baseline, int *natural_baseline)
{
  g_autoptr (PangoLayout) layout = NULL;
  int words;

  if (orientation == GTK_ORIENTATION_HORIZONTAL)
    {
      *minimum = 120;
      *natural = 260;
      return;
    }
  layout = gtk_widget_create_pango_layout (widget, "0");
  pango_layout_get_pixel_size (layout, NULL, &words);
  *minimum = *natural = BAR + LABELS_AWAY + words;
}

/* The same in words. */
static char *
timeline_words (PtTimeline *self)
{
  PtWeek week = pt_week_reckon (self->outages, self->now, self->known_from, self->heard_to);
  g_autofree char *off = pt_format_duration (week.off);
  g_autofree char *unknown = pt_format_duration (week.unknown);
  g_autofree char *words = NULL;

  if (self->outages == NULL || self->known_from == 0 || week.unknown == PT_WEEK_MS)
    return g_strdup (_ ("Nothing is known of the last seven days."));
  words = week.interruptions == 0
              ? g_strdup (_ ("No interruption is known in the last seven days."))
              : g_strdup_printf (ngettext ("%u interruption in the last seven days, %s in all.",
                                           "%u interruptions in the last seven days, %s in all.",
                                           week.interruptions),
                                 week.interruptions, off);
  if (week.unknown < MINUTE_MS)
    return g_steal_pointer (&words);
  /* Translators: how the seven days were, and how long nothing was heard, such as "5 d 0 h". */
  return g_strdup_printf (_ ("%s Not known: %s."), words, unknown);
}

void
pt_timeline_set (PtTimeline *self, GPtrArray *outages, gint64 now, gint64 known_from,
                 gint64 heard_to)
{
  g_autofree char *words = NULL;

  g_return_if_fail (PT_IS_TIMELINE (self));
  g_clear_pointer (&self->outages, g_ptr_array_unref);
  if (outages != NULL)
    self->outages = g_ptr_array_copy (outages, (GCopyFunc) (void (*) (void)) g_object_ref, NULL);
  if (self->outages != NULL)
    g_ptr_array_set_free_func (self->outages, g_object_unref);
  self->now = now;
  self->known_from = known_from;
  self->heard_to = heard_to;
  words = timeline_words (self);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self), words);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, words, -1);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

void
pt_timeline_set_stale (PtTimeline *self, gboolean stale)
{
  g_return_if_fail (PT_IS_TIMELINE (self));
  if (self->stale == stale)
    return;
  self->stale = stale;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
pt_timeline_finalize (GObject *object)
{
  g_clear_pointer (&PT_TIMELINE (object)->outages, g_ptr_array_unref);
  G_OBJECT_CLASS (pt_timeline_parent_class)->finalize (object);
}

static void
pt_timeline_class_init (PtTimelineClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = pt_timeline_finalize;
  widget_class->snapshot = pt_timeline_snapshot;
  widget_class->measure = pt_timeline_measure;
  gtk_widget_class_set_css_name (widget_class, "timeline");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
}

static void
pt_timeline_init (PtTimeline *self)
{
}

GtkWidget *
pt_timeline_new (void)
{
  return g_object_new (PT_TYPE_TIMELINE, NULL);
}
