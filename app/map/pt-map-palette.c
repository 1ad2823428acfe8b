/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-map-palette.h"

#include <math.h>

#include "pt-number.h"

#define NUMBER_FREE 6.5 /* pixels from a ring's outer edge to its number */

#define RGB(value)                                                                                 \
  {                                                                                                \
    ((value) >> 16 & 0xff) / 255.0, ((value) >> 8 & 0xff) / 255.0, ((value) &0xff) / 255.0         \
  }

static const PtMapPalette palettes[2] = {
  { RGB (0xdfe6ea),
    RGB (0xf6f5f1),
    RGB (0x2b2f33),
    RGB (0xffffff),
    RGB (0x5b6168),
    { RGB (0x4f8f7a), RGB (0xc8401f), RGB (0x7a7f85), RGB (0x7a7f85) } },
  { RGB (0x14191d),
    RGB (0x1f252a),
    RGB (0xe8eaec),
    RGB (0x14191d),
    RGB (0xa9b0b6),
    { RGB (0x5fae95), RGB (0xff7a55), RGB (0x9aa1a8), RGB (0x9aa1a8) } },
};

const PtMapPalette *
pt_map_palette (gboolean dark)
{
  return &palettes[dark ? 1 : 0];
}

static void
set_color (cairo_t *cr, const PtColor *color, double alpha)
{
  cairo_set_source_rgba (cr, color->red, color->green, color->blue, alpha);
}

/* Old news keeps its shape and loses its colour. */
static const PtColor *
state_color (const PtMapPalette *palette, PtSiteState state, gboolean gray)
{
  return &palette->states[gray ? PT_SITE_SILENT : state];
}

static void
draw_dot (cairo_t *cr, const PtColor *color, double x, double y)
{
  cairo_arc (cr, x, y, 2.6, 0, 2 * G_PI);
  set_color (cr, color, 0.9);
  cairo_fill (cr);
}

static void
draw_diamond (cairo_t *cr, const PtColor *color, const PtColor *halo, double x, double y)
{
  cairo_move_to (cr, x, y - 6.2);
  cairo_line_to (cr, x + 6.2, y);
  cairo_line_to (cr, x, y + 6.2);
  cairo_line_to (cr, x - 6.2, y);
  cairo_close_path (cr);
  set_color (cr, halo, 0.9);
  cairo_set_line_width (cr, 2);
  cairo_stroke_preserve (cr);
  set_color (cr, color, 1);
  cairo_fill (cr);
}

static void
draw_hollow (cairo_t *cr, const PtColor *color, const PtColor *halo, double x, double y,
             gboolean dotted)
{
  const double dashes[] = { 1.6, 1.9 };

  cairo_new_path (cr);
  cairo_arc (cr, x, y, 3.8, 0, 2 * G_PI);
  set_color (cr, halo, 0.8);
  cairo_fill_preserve (cr);
  set_color (cr, color, 1);
  cairo_set_line_width (cr, 1.6);
  if (dotted)
    cairo_set_dash (cr, dashes, 2, 0);
  cairo_stroke (cr);
  cairo_set_dash (cr, NULL, 0, 0);
}

void
pt_map_draw_symbol (cairo_t *cr, const PtMapPalette *palette, PtSiteState state, double x, double y,
                    gboolean gray)
{
  const PtColor *color;

  g_return_if_fail (cr != NULL && palette != NULL);
  color = state_color (palette, state, gray);
  switch (state)
    {
    case PT_SITE_ON:
      draw_dot (cr, color, x, y);
      break;
    case PT_SITE_OFF:
      draw_diamond (cr, color, &palette->halo, x, y);
      break;
    case PT_SITE_SILENT:
    case PT_SITE_UNKNOWN:
      draw_hollow (cr, color, &palette->halo, x, y, state == PT_SITE_UNKNOWN);
      break;
    }
}

static void
draw_arc (cairo_t *cr, const PtColor *color, double x, double y, double radius, double width,
          double from, double to)
{
  if (to <= from)
    return;
  cairo_new_path (cr);
  cairo_arc (cr, x, y, radius - width / 2, from - G_PI / 2, to - G_PI / 2);
  cairo_set_line_width (cr, width);
  set_color (cr, color, 1);
  cairo_stroke (cr);
}

static void
draw_number (cairo_t *cr, const PtColor *color, guint number, double x, double y, double radius,
             gboolean strong, double enlarged)
{
  g_autofree char *text = pt_number_brief (number);
  double size = MIN (11.5 * enlarged, radius * 0.95), room = 2 * (radius - NUMBER_FREE);
  cairo_text_extents_t extents;

  cairo_select_font_face (cr, "Cantarell", CAIRO_FONT_SLANT_NORMAL,
                          strong ? CAIRO_FONT_WEIGHT_BOLD : CAIRO_FONT_WEIGHT_NORMAL);
  cairo_set_font_size (cr, size);
  cairo_text_extents (cr, text, &extents);
  if (extents.width > room)
    {
      cairo_set_font_size (cr, size * room / extents.width);
      cairo_text_extents (cr, text, &extents);
    }
  cairo_move_to (cr, round (x - extents.width / 2 - extents.x_bearing),
                 round (y - extents.height / 2 - extents.y_bearing));
  set_color (cr, color, 1);
  cairo_show_text (cr, text);
}

void
pt_map_draw_ring (cairo_t *cr, const PtMapPalette *palette, const guint *states, double x, double y,
                  double radius, gboolean gray, double enlarged)
{
  double full = 2 * G_PI, end_off, end_unheard;
  guint total = 0, off;
  const PtColor *red;

  g_return_if_fail (cr != NULL && palette != NULL && states != NULL);
  off = states[PT_SITE_OFF];
  red = state_color (palette, PT_SITE_OFF, gray);
  for (guint i = 0; i < PT_SITE_STATES; i++)
    total += states[i];
  end_off = full * off / total;
  /* So little is off that nobody would see it: it is seen. */
  if (off > 0)
    end_off = MAX (end_off, 0.35);
  end_unheard
      = MIN (end_off + full * (states[PT_SITE_SILENT] + states[PT_SITE_UNKNOWN]) / total, full);
  cairo_new_path (cr);
  cairo_arc (cr, x, y, radius, 0, full);
  set_color (cr, &palette->halo, 0.82);
  cairo_fill (cr);
  draw_arc (cr, state_color (palette, PT_SITE_ON, gray), x, y, radius, 1.8, end_unheard, full);
  draw_arc (cr, &palette->states[PT_SITE_SILENT], x, y, radius, 1.8, end_off, end_unheard);
  draw_arc (cr, red, x, y, radius, 3.6, 0, end_off);
  draw_number (cr, off > 0 ? red : &palette->states[PT_SITE_SILENT], off > 0 ? off : total, x, y,
               radius, off > 0, enlarged);
}

void
pt_map_stroke_feeders (cairo_t *cr, const PtMapPalette *palette, gboolean off, gboolean gray)
{
  g_return_if_fail (cr != NULL && palette != NULL);
  cairo_set_line_cap (cr, CAIRO_LINE_CAP_ROUND);
  cairo_set_line_width (cr, off ? 1.6 : 1);
  if (off)
    set_color (cr, state_color (palette, PT_SITE_OFF, gray), 0.7);
  else
    set_color (cr, &palette->names, 0.4);
  cairo_stroke (cr);
}

void
pt_map_stroke_outlines (cairo_t *cr, const PtMapPalette *palette)
{
  const double dashes[] = { 5, 4 };

  g_return_if_fail (cr != NULL && palette != NULL);
  cairo_set_line_cap (cr, CAIRO_LINE_CAP_BUTT);
  cairo_set_line_width (cr, 1);
  cairo_set_dash (cr, dashes, 2, 0);
  set_color (cr, &palette->names, 0.6);
  cairo_stroke (cr);
  cairo_set_dash (cr, NULL, 0, 0);
}

void
pt_map_draw_lead (cairo_t *cr, const PtMapPalette *palette, double from_x, double from_y,
                  double to_x, double to_y, double radius)
{
  double share = 1 - MIN (radius / MAX (hypot (to_x - from_x, to_y - from_y), 1), 1);

  g_return_if_fail (cr != NULL && palette != NULL);
  cairo_new_path (cr);
  cairo_move_to (cr, from_x, from_y);
  cairo_line_to (cr, from_x + share * (to_x - from_x), from_y + share * (to_y - from_y));
  set_color (cr, &palette->halo, 0.9);
  cairo_set_line_width (cr, 4);
  cairo_stroke_preserve (cr);
  set_color (cr, &palette->text, 0.8);
  cairo_set_line_width (cr, 1.4);
  cairo_stroke (cr);
}

void
pt_map_draw_mark (cairo_t *cr, const PtMapPalette *palette, double x, double y, double radius,
                  gboolean strong)
{
  g_return_if_fail (cr != NULL && palette != NULL);
  cairo_new_path (cr);
  cairo_arc (cr, x, y, radius, 0, 2 * G_PI);
  set_color (cr, &palette->halo, 0.9);
  cairo_set_line_width (cr, strong ? 5 : 3.5);
  cairo_stroke_preserve (cr);
  set_color (cr, &palette->text, strong ? 1 : 0.55);
  cairo_set_line_width (cr, strong ? 2.4 : 1.6);
  cairo_stroke (cr);
}
