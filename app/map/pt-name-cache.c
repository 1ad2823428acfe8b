/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-name-cache.h"

#include <math.h>

#include "pt-layer-view.h"

#define NAMES_MAX 2000 /* of about 10 KB at scale 1 where they were drawn */
#define HALO 1.5       /* pixels around the letters */

typedef struct
{
  int width, height;   /* without the halo */
  GskRenderNode *node; /* at (0, 0), the halo included; NULL: not drawn yet */
} Name;

struct _PtNameCache
{
  GtkWidget *widget;
  GHashTable *names;  /* "size name" -> Name */
  GskRenderNode *dot; /* around (0, 0), or NULL: not drawn yet */
  gboolean dark, pale;
  int scale;
  double enlarged; /* as pt_map_text_scale () */
};

static void
name_free (gpointer data)
{
  Name *name = data;

  g_clear_pointer (&name->node, gsk_render_node_unref);
  g_free (name);
}

PtNameCache *
pt_name_cache_new (GtkWidget *widget)
{
  PtNameCache *cache;

  g_return_val_if_fail (GTK_IS_WIDGET (widget), NULL);
  cache = g_new0 (PtNameCache, 1);
  cache->widget = widget;
  cache->scale = 1;
  cache->enlarged = 1;
  cache->names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, name_free);
  return cache;
}

void
pt_name_cache_free (PtNameCache *cache)
{
  if (cache == NULL)
    return;
  g_hash_table_unref (cache->names);
  g_clear_pointer (&cache->dot, gsk_render_node_unref);
  g_free (cache);
}

gboolean
pt_name_cache_set_style (PtNameCache *cache, gboolean dark, gboolean pale, int scale)
{
  double enlarged;

  g_return_val_if_fail (cache != NULL, FALSE);
  enlarged = pt_map_text_scale (cache->widget);
  if (cache->dark == dark && cache->pale == pale && cache->scale == scale
      && cache->enlarged == enlarged)
    return FALSE;
  g_hash_table_remove_all (cache->names);
  g_clear_pointer (&cache->dot, gsk_render_node_unref);
  cache->dark = dark;
  cache->pale = pale;
  cache->scale = scale;
  cache->enlarged = enlarged;
  return TRUE;
}

static PangoLayout *
make_layout (PtNameCache *cache, const char *text, guint size)
{
  PangoLayout *layout = gtk_widget_create_pango_layout (cache->widget, text);
  PangoFontDescription *font = pango_font_description_copy (
      pango_context_get_font_description (pango_layout_get_context (layout)));

  pango_font_description_set_absolute_size (font, (11.0 + size) * cache->enlarged * PANGO_SCALE);
  pango_layout_set_font_description (layout, font);
  pango_layout_set_single_paragraph_mode (layout, TRUE);
  pango_font_description_free (font);
  return layout;
}

static Name *
cache_name (PtNameCache *cache, const char *text, guint size)
{
  g_autofree char *key = g_strdup_printf ("%u %s", size, text);
  Name *name = g_hash_table_lookup (cache->names, key);
  g_autoptr (PangoLayout) layout = NULL;

  if (name != NULL)
    return name;
  if (g_hash_table_size (cache->names) >= NAMES_MAX)
    g_hash_table_remove_all (cache->names);
  layout = make_layout (cache, text, size);
  name = g_new0 (Name, 1);
  pango_layout_get_pixel_size (layout, &name->width, &name->height);
  g_hash_table_insert (cache->names, g_steal_pointer (&key), name);
  return name;
}

static void
set_color (cairo_t *cr, const PtColor *color, double alpha)
{
  cairo_set_source_rgba (cr, color->red, color->green, color->blue, alpha);
}

static void
draw_text (PtNameCache *cache, cairo_t *cr, PangoLayout *layout)
{
  const PtMapPalette *palette = pt_map_palette (cache->dark);

  cairo_move_to (cr, ceil (HALO), ceil (HALO));
  pango_cairo_layout_path (cr, layout);
  cairo_set_line_join (cr, CAIRO_LINE_JOIN_ROUND);
  cairo_set_line_width (cr, 2 * HALO);
  set_color (cr, &palette->land, 0.85);
  cairo_stroke (cr);
  cairo_move_to (cr, ceil (HALO), ceil (HALO));
  set_color (cr, &palette->names, cache->pale ? 0.55 : 1);
  pango_cairo_show_layout (cr, layout);
}

static GskRenderNode *
draw_node (PtNameCache *cache, const char *text, guint size, const Name *name)
{
  g_autoptr (PangoLayout) layout = make_layout (cache, text, size);
  int width = name->width + 2 * (int) ceil (HALO), height = name->height + 2 * (int) ceil (HALO);
  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_ARGB32, width * cache->scale,
                                                         height * cache->scale);
  g_autoptr (GdkTexture) texture = NULL;
  g_autoptr (GBytes) bytes = NULL;
  cairo_t *cr;
  gsize stride;

  cairo_surface_set_device_scale (surface, cache->scale, cache->scale);
  cr = cairo_create (surface);
  draw_text (cache, cr, layout);
  cairo_destroy (cr);
  cairo_surface_flush (surface);
  stride = (gsize) cairo_image_surface_get_stride (surface);
  bytes = g_bytes_new (cairo_image_surface_get_data (surface),
                       stride * (gsize) height * (gsize) cache->scale);
  cairo_surface_destroy (surface);
  texture = gdk_memory_texture_new (width * cache->scale, height * cache->scale, GDK_MEMORY_DEFAULT,
                                    bytes, stride);
  return gsk_texture_node_new (texture, &GRAPHENE_RECT_INIT (0, 0, (float) width, (float) height));
}

void
pt_name_cache_measure (PtNameCache *cache, const char *name, guint size, int *width, int *height)
{
  const Name *found;

  g_return_if_fail (cache != NULL && name != NULL);
  g_return_if_fail (width != NULL && height != NULL);
  found = cache_name (cache, name, size);
  *width = found->width;
  *height = found->height;
}

void
pt_name_cache_draw (PtNameCache *cache, GtkSnapshot *snapshot, const char *text, guint size,
                    double x, double y)
{
  double left, top;
  Name *name;

  g_return_if_fail (cache != NULL && text != NULL);
  g_return_if_fail (GTK_IS_SNAPSHOT (snapshot));
  name = cache_name (cache, text, size);
  left = x - name->width / 2.0 - ceil (HALO);
  top = y - name->height / 2.0 - ceil (HALO);
  if (name->node == NULL)
    name->node = draw_node (cache, text, size, name);
  gtk_snapshot_save (snapshot);
  /* On whole pixels: nothing is resampled. */
  gtk_snapshot_translate (
      snapshot, &GRAPHENE_POINT_INIT ((float) (round (left * cache->scale) / cache->scale),
                                      (float) (round (top * cache->scale) / cache->scale)));
  gtk_snapshot_append_node (snapshot, name->node);
  gtk_snapshot_restore (snapshot);
}

static GskRenderNode *
dot_node (PtNameCache *cache, double radius)
{
  const PtMapPalette *palette = pt_map_palette (cache->dark);
  float half = (float) ceil (radius + HALO);
  GskRenderNode *node = gsk_cairo_node_new (&GRAPHENE_RECT_INIT (-half, -half, 2 * half, 2 * half));
  cairo_t *cr = gsk_cairo_node_get_draw_context (node);

  cairo_arc (cr, 0, 0, radius + HALO, 0, 2 * G_PI);
  set_color (cr, &palette->land, 0.85);
  cairo_fill (cr);
  cairo_arc (cr, 0, 0, radius, 0, 2 * G_PI);
  set_color (cr, &palette->names, cache->pale ? 0.55 : 1);
  cairo_fill (cr);
  cairo_destroy (cr);
  return node;
}

void
pt_name_cache_draw_dot (PtNameCache *cache, GtkSnapshot *snapshot, double x, double y,
                        double radius)
{
  g_return_if_fail (cache != NULL && GTK_IS_SNAPSHOT (snapshot));
  if (cache->dot == NULL)
    cache->dot = dot_node (cache, radius);
  gtk_snapshot_save (snapshot);
  gtk_snapshot_translate (snapshot, &GRAPHENE_POINT_INIT ((float) x, (float) y));
  gtk_snapshot_append_node (snapshot, cache->dot);
  gtk_snapshot_restore (snapshot);
}
