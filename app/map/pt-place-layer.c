/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-place-layer.h"

#include <math.h>
#include <string.h>

#include "pt-layer-view.h"
#include "pt-name-cache.h"
#include "pt-place-layout.h"
#include "pt-place-source.h"

#define MARGIN_TILES 1 /* on each side, that are loaded and laid out though not seen */
#define NAMES_MAX 500
#define DRAWN_MORE 96.0 /* pixels around the view that are drawn too: few frames draw anew */
#define PAUSE_US 80000  /* between two layouts, so that zooming stays smooth */

/* A name that has its place. */
typedef struct
{
  double x, y, dx, dy; /* the place in the world, 0 to 1; and pixels from it to the name */
  double width;        /* pixels */
  guint size;
  char name[PT_PLACE_NAME_MAX + 1];
} Shown;

/* What a layout hangs on. */
typedef struct
{
  double zoom;
  PtPlaceRange range;
  guint sites, places; /* serials */
} Key;

struct _PtPlaceLayer
{
  ShumateLayer parent_instance;
  PtSiteLayer *sites;
  PtPlaceSource *source;
  PtNameCache *names;
  gboolean dark, stale;
  GArray *shown;        /* Shown */
  Key key;              /* of ->shown */
  GskRenderNode *drawn; /* ->shown at one zoom, from ->origin_x, ->origin_y (pixels of the world) */
  double drawn_zoom, origin_x, origin_y;
  gint64 laid_out;
  guint again_source;
};

G_DEFINE_FINAL_TYPE (PtPlaceLayer, pt_place_layer, SHUMATE_TYPE_LAYER)

/* Which tiles */

static guint
tile_at (double place, double tiles)
{
  return (guint) CLAMP (floor (place * tiles), 0, tiles - 1);
}

static PtPlaceRange
view_range (const PtLayerView *view, double margin)
{
  double zoom = CLAMP (floor (view->zoom + 1e-6), 0, PT_PLACE_ZOOM_MAX), tiles = exp2 (zoom);
  double across = view->width / 2 / view->scale, down = view->height / 2 / view->scale;

  margin /= tiles;
  return (PtPlaceRange){ .zoom = (guint) zoom,
                         .west = tile_at (view->x - across - margin, tiles),
                         .north = tile_at (view->y - down - margin, tiles),
                         .east = tile_at (view->x + across + margin, tiles),
                         .south = tile_at (view->y + down + margin, tiles) };
}

/* On a very large screen only what is seen. */
static PtPlaceRange
wanted_range (const PtLayerView *view)
{
  PtPlaceRange range = view_range (view, MARGIN_TILES);

  if ((range.east - range.west + 1) * (range.south - range.north + 1) > PT_PLACE_TILES_MAX)
    range = view_range (view, 0);
  return range;
}

/* Laying out */

typedef struct
{
  GArray *boxes; /* PtPlaceBox */
  double scale;
} Taken;

static void
take_symbol (const PtCluster *cluster, guint number, gpointer user_data)
{
  Taken *taken = user_data;
  double side = 2 * (double) cluster->radius;
  PtPlaceBox box = { cluster->x * taken->scale, cluster->y * taken->scale, side, side };

  g_array_append_val (taken->boxes, box);
}

static GArray *
taken_boxes (PtPlaceLayer *self, const PtPlaceRange *range, double scale)
{
  Taken taken = { g_array_new (FALSE, FALSE, sizeof (PtPlaceBox)), scale };
  double tiles = exp2 (range->zoom), more = 0.25 / tiles; /* symbols and names reach over */
  PtMarkPlace mark;

  pt_site_layer_each (self->sites, range->west / tiles - more, range->north / tiles - more,
                      (range->east + 1) / tiles + more, (range->south + 1) / tiles + more,
                      take_symbol, &taken);
  if (pt_site_layer_mark (self->sites, &mark))
    {
      PtPlaceBox box = { mark.x * scale, mark.y * scale, 2 * PT_MARK_RADIUS, 2 * PT_MARK_RADIUS };

      g_array_append_val (taken.boxes, box);
    }
  return taken.boxes;
}

static GArray *
place_spots (PtPlaceLayer *self, const GArray *places, double scale)
{
  guint count = MIN (places->len, NAMES_MAX);
  GArray *spots = g_array_sized_new (FALSE, FALSE, sizeof (PtPlaceSpot), count);

  for (guint i = 0; i < count; i++)
    {
      const PtPlace *place = &g_array_index (places, PtPlace, i);
      PtPlaceSpot spot = { { place->x * scale, place->y * scale, 0, 0 }, FALSE };
      int width, height;

      pt_name_cache_measure (self->names, place->name, place->size, &width, &height);
      spot.box.width = width;
      spot.box.height = height;
      g_array_append_val (spots, spot);
    }
  return spots;
}

static void
layer_lay_out (PtPlaceLayer *self, const PtLayerView *view, const PtPlaceRange *range)
{
  g_autoptr (GArray) places = pt_place_source_places (self->source, range);
  g_autoptr (GArray) taken = taken_boxes (self, range, view->scale);
  g_autoptr (GArray) spots = place_spots (self, places, view->scale);

  pt_place_layout ((const PtPlaceBox *) taken->data, taken->len, (PtPlaceSpot *) spots->data,
                   spots->len);
  g_array_set_size (self->shown, 0);
  g_clear_pointer (&self->drawn, gsk_render_node_unref);
  for (guint i = 0; i < spots->len; i++)
    {
      const PtPlaceSpot *spot = &g_array_index (spots, PtPlaceSpot, i);
      const PtPlace *place = &g_array_index (places, PtPlace, i);
      Shown shown = { place->x,
                      place->y,
                      spot->box.x - place->x * view->scale,
                      spot->box.y - place->y * view->scale,
                      spot->box.width,
                      place->size,
                      "" };

      if (!spot->shown)
        continue;
      g_strlcpy (shown.name, place->name, sizeof shown.name);
      g_array_append_val (self->shown, shown);
    }
}

static gboolean
layer_draw_again (gpointer data)
{
  PtPlaceLayer *self = data;

  self->again_source = 0;
  gtk_widget_queue_draw (GTK_WIDGET (self));
  return G_SOURCE_REMOVE;
}

static gboolean
same_range (const PtPlaceRange *a, const PtPlaceRange *b)
{
  return a->zoom == b->zoom && a->west == b->west && a->north == b->north && a->east == b->east
         && a->south == b->south;
}

/* Lays names out anew where something has changed, but not with every frame. */
static void
layer_update (PtPlaceLayer *self, const PtLayerView *view)
{
  PtPlaceRange range = wanted_range (view);
  Key key = { view->zoom, range, pt_site_layer_serial (self->sites),
              pt_place_source_serial (self->source) };
  gint64 now = g_get_monotonic_time (), wait = self->laid_out + PAUSE_US - now;

  if (key.zoom == self->key.zoom && key.sites == self->key.sites && key.places == self->key.places
      && same_range (&key.range, &self->key.range))
    return;
  if (wait > 0)
    {
      if (self->again_source == 0)
        self->again_source = g_timeout_add ((guint) (wait / 1000 + 1), layer_draw_again, self);
      return;
    }
  if (!same_range (&key.range, &self->key.range))
    pt_place_source_want (self->source, &range);
  layer_lay_out (self, view, &range);
  self->key = key;
  self->laid_out = now;
}

/* Drawing */

/* Names in and around the view as one node, so that a frame of a pan only moves it. On whole pixels
 * of the world: they don't tremble against each other. */
static void
layer_redraw (PtPlaceLayer *self, const PtLayerView *view)
{
  g_autoptr (GtkSnapshot) snapshot = gtk_snapshot_new ();

  self->origin_x = round (view->x * view->scale);
  self->origin_y = round (view->y * view->scale);
  for (guint i = 0; i < self->shown->len; i++)
    {
      const Shown *shown = &g_array_index (self->shown, Shown, i);
      double x = round (shown->x * view->scale + shown->dx) - self->origin_x;
      double y = round (shown->y * view->scale + shown->dy) - self->origin_y;

      if (fabs (x) >= (view->width + shown->width) / 2 + DRAWN_MORE
          || fabs (y) >= view->height / 2 + DRAWN_MORE)
        continue;
      pt_name_cache_draw_dot (self->names, snapshot,
                              round (shown->x * view->scale) - self->origin_x,
                              round (shown->y * view->scale) - self->origin_y, PT_PLACE_DOT);
      pt_name_cache_draw (self->names, snapshot, shown->name, shown->size, x, y);
    }
  g_clear_pointer (&self->drawn, gsk_render_node_unref);
  self->drawn = gtk_snapshot_to_node (snapshot);
  self->drawn_zoom = view->zoom;
}

static void
layer_draw (PtPlaceLayer *self, GtkSnapshot *snapshot, const PtLayerView *view)
{
  double left = round (view->x * view->scale - view->width / 2);
  double top = round (view->y * view->scale - view->height / 2);

  if (self->shown->len == 0)
    return;
  if (self->drawn == NULL || self->drawn_zoom != view->zoom
      || fabs (self->origin_x - view->x * view->scale) > DRAWN_MORE / 2
      || fabs (self->origin_y - view->y * view->scale) > DRAWN_MORE / 2)
    layer_redraw (self, view);
  if (self->drawn == NULL)
    return;
  gtk_snapshot_push_clip (snapshot,
                          &GRAPHENE_RECT_INIT (0, 0, (float) view->width, (float) view->height));
  gtk_snapshot_translate (snapshot, &GRAPHENE_POINT_INIT ((float) (self->origin_x - left),
                                                          (float) (self->origin_y - top)));
  gtk_snapshot_append_node (snapshot, self->drawn);
  gtk_snapshot_pop (snapshot);
}

static void
pt_place_layer_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  PtPlaceLayer *self = PT_PLACE_LAYER (widget);
  PtLayerView view = pt_layer_view (SHUMATE_LAYER (self));

  if (self->source == NULL || view.width <= 0 || view.height <= 0)
    return;
  if (pt_name_cache_set_style (self->names, self->dark, self->stale,
                               gtk_widget_get_scale_factor (widget)))
    {
      g_clear_pointer (&self->drawn, gsk_render_node_unref);
      self->key.zoom = -1; /* names may have another size */
    }
  layer_update (self, &view);
  layer_draw (self, snapshot, &view);
}

/* Setting */

static void
layer_drop_source (PtPlaceLayer *self)
{
  if (self->source == NULL)
    return;
  g_signal_handlers_disconnect_by_data (self->source, self);
  pt_place_source_stop (self->source);
  g_clear_object (&self->source);
  g_array_set_size (self->shown, 0);
  g_clear_pointer (&self->drawn, gsk_render_node_unref);
  self->key = (Key){ .zoom = -1 };
  self->laid_out = 0;
}

void
pt_place_layer_set_pattern (PtPlaceLayer *self, const char *pattern)
{
  g_return_if_fail (PT_IS_PLACE_LAYER (self));
  if (g_strcmp0 (pattern, self->source != NULL ? pt_place_source_pattern (self->source) : NULL)
      == 0)
    return;
  layer_drop_source (self);
  if (pattern != NULL)
    {
      self->source = pt_place_source_new (pattern);
      g_signal_connect_object (self->source, "changed", G_CALLBACK (gtk_widget_queue_draw), self,
                               G_CONNECT_SWAPPED);
    }
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

void
pt_place_layer_set_dark (PtPlaceLayer *self, gboolean dark)
{
  g_return_if_fail (PT_IS_PLACE_LAYER (self));
  self->dark = dark;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

void
pt_place_layer_set_stale (PtPlaceLayer *self, gboolean stale)
{
  g_return_if_fail (PT_IS_PLACE_LAYER (self));
  if (self->stale == stale)
    return;
  self->stale = stale;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

guint
pt_place_layer_count (PtPlaceLayer *self)
{
  g_return_val_if_fail (PT_IS_PLACE_LAYER (self), 0);
  return self->shown->len;
}

gboolean
pt_place_layer_locate (PtPlaceLayer *self, const char *name, double *x, double *y)
{
  PtLayerView view = pt_layer_view (SHUMATE_LAYER (self));

  g_return_val_if_fail (PT_IS_PLACE_LAYER (self), FALSE);
  for (guint i = 0; i < self->shown->len; i++)
    {
      const Shown *shown = &g_array_index (self->shown, Shown, i);

      if (strcmp (shown->name, name) != 0)
        continue;
      *x = pt_layer_view_x (&view, shown->x) + shown->dx;
      *y = pt_layer_view_y (&view, shown->y) + shown->dy;
      return TRUE;
    }
  return FALSE;
}

/* The object */

static void
pt_place_layer_constructed (GObject *object)
{
  static const char *const names[]
      = { "notify::longitude", "notify::latitude", "notify::zoom-level" };
  ShumateViewport *viewport = shumate_layer_get_viewport (SHUMATE_LAYER (object));

  G_OBJECT_CLASS (pt_place_layer_parent_class)->constructed (object);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    g_signal_connect_object (viewport, names[i], G_CALLBACK (gtk_widget_queue_draw), object,
                             G_CONNECT_SWAPPED);
}

static void
pt_place_layer_dispose (GObject *object)
{
  PtPlaceLayer *self = PT_PLACE_LAYER (object);

  g_clear_handle_id (&self->again_source, g_source_remove);
  layer_drop_source (self);
  g_clear_object (&self->sites);
  G_OBJECT_CLASS (pt_place_layer_parent_class)->dispose (object);
}

static void
pt_place_layer_finalize (GObject *object)
{
  PtPlaceLayer *self = PT_PLACE_LAYER (object);

  g_array_unref (self->shown);
  g_clear_pointer (&self->drawn, gsk_render_node_unref);
  pt_name_cache_free (self->names);
  G_OBJECT_CLASS (pt_place_layer_parent_class)->finalize (object);
}

static void
pt_place_layer_class_init (PtPlaceLayerClass *klass)
{
  G_OBJECT_CLASS (klass)->constructed = pt_place_layer_constructed;
  G_OBJECT_CLASS (klass)->dispose = pt_place_layer_dispose;
  G_OBJECT_CLASS (klass)->finalize = pt_place_layer_finalize;
  GTK_WIDGET_CLASS (klass)->snapshot = pt_place_layer_snapshot;
}

static void
pt_place_layer_init (PtPlaceLayer *self)
{
  self->shown = g_array_new (FALSE, FALSE, sizeof (Shown));
  self->names = pt_name_cache_new (GTK_WIDGET (self));
  self->key.zoom = -1;
}

PtPlaceLayer *
pt_place_layer_new (ShumateViewport *viewport, PtSiteLayer *sites)
{
  PtPlaceLayer *self;

  g_return_val_if_fail (SHUMATE_IS_VIEWPORT (viewport), NULL);
  g_return_val_if_fail (PT_IS_SITE_LAYER (sites), NULL);
  self = g_object_new (PT_TYPE_PLACE_LAYER, "viewport", viewport, NULL);
  self->sites = g_object_ref (sites);
  g_signal_connect_object (sites, "symbols-changed", G_CALLBACK (gtk_widget_queue_draw), self,
                           G_CONNECT_SWAPPED);
  return self;
}
