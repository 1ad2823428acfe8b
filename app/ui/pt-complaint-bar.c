/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-complaint-bar.h"

#include <adwaita.h>
#include <glib/gi18n-lib.h>

#include "pt-complaint-words.h"
#include "pt-feed-outages.h"
#include "pt-format.h"
#include "pt-map-palette.h"

#define BAR 22
#define ROWS 3       /* of words below it */
#define APART 10     /* between two of them, pixels */
#define TICK 5       /* below the bar */
#define MARKS_MAX 40 /* that are drawn; the list has all */
#define HOUR_MS 3600000

typedef struct
{
  gint64 time;
  char *text;
} Mark;

struct _PtComplaintBar
{
  GtkWidget parent_instance;
  GPtrArray *outages; /* PtOutage */
  GArray *marks;      /* Mark, by time */
  gint64 from, to, known_from, heard_to;
  gboolean stale;
};

G_DEFINE_FINAL_TYPE (PtComplaintBar, pt_complaint_bar, GTK_TYPE_WIDGET)

static void
mark_clear (gpointer data)
{
  g_free (((Mark *) data)->text);
}

static double
bar_x (PtComplaintBar *bar, gint64 time, double width)
{
  gint64 span = MAX (bar->to - bar->from, 1);

  return CLAMP ((double) (time - bar->from) / (double) span, 0, 1) * width;
}

static void
fill_span (PtComplaintBar *bar, cairo_t *cr, const PtColor *color, double alpha, gint64 from,
           gint64 to, double width)
{
  double left = bar_x (bar, from, width), right = bar_x (bar, to, width);

  if (to <= from)
    return;
  cairo_set_source_rgba (cr, color->red, color->green, color->blue, alpha);
  cairo_rectangle (cr, left, 0, MAX (right - left, 2), BAR);
  cairo_fill (cr);
}

static void
draw_bar (PtComplaintBar *bar, cairo_t *cr, const PtMapPalette *palette, double width)
{
  const PtColor *gray = &palette->states[PT_SITE_SILENT];
  const PtColor *on = bar->stale ? gray : &palette->states[PT_SITE_ON];
  const PtColor *off = bar->stale ? gray : &palette->states[PT_SITE_OFF];

  fill_span (bar, cr, gray, 0.25, bar->from, bar->to, width);
  if (bar->known_from == 0)
    return;
  fill_span (bar, cr, on, bar->stale ? 0.5 : 0.75, MAX (bar->from, bar->known_from), bar->heard_to,
             width);
  for (guint i = 0; i < bar->outages->len; i++)
    {
      const PtOutage *outage = bar->outages->pdata[i];

      fill_span (bar, cr, off, 1, outage->start, outage->end > 0 ? outage->end : bar->heard_to,
                 width);
    }
}

/* The words of a mark, in the first row where there is room; none: it is left out. */
static void
draw_mark (PtComplaintBar *bar, GtkSnapshot *snapshot, const Mark *mark, double free_from[ROWS],
           double width)
{
  g_autoptr (PangoLayout) layout = gtk_widget_create_pango_layout (GTK_WIDGET (bar), mark->text);
  double x = bar_x (bar, mark->time, width), left;
  int text_width, text_height;
  GdkRGBA color;

  gtk_style_context_get_color (gtk_widget_get_style_context (GTK_WIDGET (bar)), &color);
  gtk_snapshot_append_color (snapshot, &color,
                             &GRAPHENE_RECT_INIT ((float) CLAMP (x, 0, width - 1), BAR, 1, TICK));
  color.alpha *= 0.75f;
  pango_layout_get_pixel_size (layout, &text_width, &text_height);
  left = CLAMP (x - text_width / 2.0, 0, MAX (width - text_width, 0));
  for (int row = 0; row < ROWS; row++)
    {
      if (left < free_from[row])
        continue;
      free_from[row] = left + text_width + APART;
      gtk_snapshot_save (snapshot);
      gtk_snapshot_translate (
          snapshot, &GRAPHENE_POINT_INIT ((float) left, (float) (BAR + TICK + row * text_height)));
      gtk_snapshot_append_layout (snapshot, layout, &color);
      gtk_snapshot_restore (snapshot);
      return;
    }
}

static void
pt_complaint_bar_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  PtComplaintBar *bar = PT_COMPLAINT_BAR (widget);
  double width = gtk_widget_get_width (widget), free_from[ROWS] = { 0 };
  gboolean dark = adw_style_manager_get_dark (adw_style_manager_get_default ());
  GskRoundedRect clip;
  cairo_t *cr;

  gsk_rounded_rect_init_from_rect (&clip, &GRAPHENE_RECT_INIT (0, 0, (float) width, BAR), 4);
  gtk_snapshot_push_rounded_clip (snapshot, &clip);
  cr = gtk_snapshot_append_cairo (snapshot, &GRAPHENE_RECT_INIT (0, 0, (float) width, BAR));
  draw_bar (bar, cr, pt_map_palette (dark), width);
  cairo_destroy (cr);
  gtk_snapshot_pop (snapshot);
  for (guint i = 0; i < bar->marks->len; i++)
    draw_mark (bar, snapshot, &g_array_index (bar->marks, Mark, i), free_from, width);
}

static void
pt_complaint_bar_measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum,
                          int *natural, int *minimum_baseline, int *natural_baseline)
{
  g_autoptr (PangoLayout) layout = NULL;
  int words;

  if (orientation == GTK_ORIENTATION_HORIZONTAL)
    {
      *minimum = 120;
      *natural = 300;
      return;
    }
  layout = gtk_widget_create_pango_layout (widget, "0");
  pango_layout_get_pixel_size (layout, NULL, &words);
  *minimum = *natural = BAR + TICK + ROWS * words;
}

/* Marks */

static int
by_time (gconstpointer a, gconstpointer b)
{
  gint64 one = ((const Mark *) a)->time, other = ((const Mark *) b)->time;

  return (one > other) - (one < other);
}

/* Takes @text: "acknowledged 19:12" of "acknowledged %s". */
static void
add_mark (PtComplaintBar *bar, const char *word, gint64 time, gint64 now)
{
  g_autofree char *when = pt_format_time (time, now);
  g_autofree char *lower = g_utf8_strdown (word, -1);
  Mark mark = { time, g_strdup_printf ("%s %s", lower, when) };

  if (bar->marks->len < MARKS_MAX && time >= bar->from && time <= bar->to)
    g_array_append_val (bar->marks, mark);
  else
    g_free (mark.text);
}

static void
bar_make_marks (PtComplaintBar *bar, const PtComplaintDetail *detail, gint64 now)
{
  g_array_set_size (bar->marks, 0);
  for (guint i = 0; i < detail->steps->len; i++)
    {
      const PtComplaintStep *step = detail->steps->pdata[i];

      if (step->action != PT_ACTION_JOIN && step->action != PT_ACTION_COMMENT)
        add_mark (bar, pt_complaint_done_word (step->action), step->received, now);
    }
  for (guint i = 0; i < bar->outages->len; i++)
    {
      const PtOutage *outage = bar->outages->pdata[i];

      add_mark (bar, _ ("off"), outage->start, now);
      if (outage->end > 0)
        add_mark (bar, _ ("on"), outage->end, now);
    }
  g_array_sort (bar->marks, by_time);
}

static void
bar_say (PtComplaintBar *bar)
{
  g_autoptr (GString) words = g_string_new (NULL);

  for (guint i = 0; i < bar->marks->len; i++)
    g_string_append_printf (words, "%s%s", i > 0 ? ", " : "",
                            g_array_index (bar->marks, Mark, i).text);
  gtk_widget_set_tooltip_text (GTK_WIDGET (bar), words->str);
  gtk_accessible_update_property (GTK_ACCESSIBLE (bar), GTK_ACCESSIBLE_PROPERTY_LABEL, words->str,
                                  -1);
}

gint64
pt_complaint_bar_from (const PtComplaintDetail *detail, gint64 now)
{
  gint64 age;

  g_return_val_if_fail (detail != NULL, now);
  age = MAX (now - detail->complaint->filed_at, 0);
  return detail->complaint->filed_at - MAX (age / 2, HOUR_MS);
}

void
pt_complaint_bar_set (PtComplaintBar *bar, const PtComplaintDetail *detail,
                      const PtSiteDetail *site, gint64 now, gint64 heard_to)
{
  g_return_if_fail (PT_IS_COMPLAINT_BAR (bar) && detail != NULL);
  g_ptr_array_set_size (bar->outages, 0);
  for (guint i = 0; site != NULL && i < site->outages->len; i++)
    g_ptr_array_add (bar->outages, g_object_ref (site->outages->pdata[i]));
  bar->to = now;
  bar->from = pt_complaint_bar_from (detail, now);
  bar->known_from = site != NULL ? site->known_from : 0;
  bar->heard_to = heard_to;
  if (bar->known_from > 0) /* what nobody asked for is not known either */
    {
      bar->known_from = MAX (bar->known_from, site->outages_from);
      bar->heard_to = MIN (bar->heard_to, site->outages_to);
    }
  bar_make_marks (bar, detail, now);
  bar_say (bar);
  gtk_widget_queue_draw (GTK_WIDGET (bar));
}

void
pt_complaint_bar_set_stale (PtComplaintBar *bar, gboolean stale)
{
  g_return_if_fail (PT_IS_COMPLAINT_BAR (bar));
  bar->stale = stale;
  gtk_widget_queue_draw (GTK_WIDGET (bar));
}

static void
pt_complaint_bar_finalize (GObject *object)
{
  PtComplaintBar *bar = PT_COMPLAINT_BAR (object);

  g_ptr_array_unref (bar->outages);
  g_array_unref (bar->marks);
  G_OBJECT_CLASS (pt_complaint_bar_parent_class)->finalize (object);
}

static void
pt_complaint_bar_class_init (PtComplaintBarClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = pt_complaint_bar_finalize;
  widget_class->snapshot = pt_complaint_bar_snapshot;
  widget_class->measure = pt_complaint_bar_measure;
  gtk_widget_class_set_css_name (widget_class, "timeline");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
}

static void
pt_complaint_bar_init (PtComplaintBar *bar)
{
  bar->outages = g_ptr_array_new_with_free_func (g_object_unref);
  bar->marks = g_array_new (FALSE, FALSE, sizeof (Mark));
  g_array_set_clear_func (bar->marks, mark_clear);
}
