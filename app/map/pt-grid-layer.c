/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-grid-layer.h"

#include <math.h>
#include <string.h>

#include "pt-grid-shapes.h"
#include "pt-layer-view.h"
#include "pt-map-palette.h"
#include "pt-name-cache.h"

#define LINE_PIXELS 28.0      /* a feeder that is smaller is a blot */
#define OUTLINE_PIXELS 120.0  /* and so is an area's outline with its name */
#define OUTLINE_AIR 10.0      /* pixels between the outermost sites and the outline */
#define EDGES_MAX 6000        /* drawn at once */
#define DRAWN_MORE 160.0      /* pixels around the view that are drawn too: few frames draw anew */
#define PAUSE_US 120000       /* between two drawings, so that zooming stays smooth */
#define NEWS_PAUSE_US 1000000 /* and where only states of sites are others */
#define PLACES_PAUSE 500 /* ms between two looks at where sites are: new ones come in thousands */
#define NAME_SIZE 1
#define RING_PIXELS 64.0 /* a symbol's radius is less */

struct _PtGridLayer
{
  ShumateLayer parent_instance;
  PtSiteLayer *symbols; /* whose rings are in the way of names */
  PtSiteStore *sites;
  char *area;
  PtNameCache *names;
  PtGridShapes *shapes;
  gboolean dark, stale;
  guint known;         /* sites in ->shapes, or on their way */
  guint generation;    /* of what is on its way */
  GskRenderNode *node; /* around ->origin_x, ->origin_y, pixels of the world at ->node_scale */
  double node_scale, origin_x, origin_y;
  gint64 drawn_at;
  gboolean dirty, news; /* ->node is not what it would be now; nor may its colours be */
  guint drawn_lines, drawn_red;
  guint places_source, again_source;
};

G_DEFINE_FINAL_TYPE (PtGridLayer, pt_grid_layer, SHUMATE_TYPE_LAYER)

static guint shapes_signal;

/* Making the shapes */

static void
layer_spoil (PtGridLayer *self)
{
  self->dirty = TRUE;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
layer_set_shapes (PtGridLayer *self, PtGridShapes *shapes)
{
  g_clear_pointer (&self->shapes, pt_grid_shapes_free);
  self->shapes = shapes;
  layer_spoil (self);
  g_signal_emit (self, shapes_signal, 0);
}

static void
make_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  g_task_return_pointer (task, pt_grid_shapes_new (data), (GDestroyNotify) pt_grid_shapes_free);
}

static void
make_done_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  PtGridLayer *self = PT_GRID_LAYER (source);
  g_autoptr (PtGridShapes) shapes = g_task_propagate_pointer (G_TASK (result), NULL);

  if (shapes != NULL && GPOINTER_TO_UINT (user_data) == self->generation && self->sites != NULL)
    layer_set_shapes (self, g_steal_pointer (&shapes));
}

/* Names of areas and feeders are one text each in the store, so their addresses tell them apart. */
static GArray *
grid_sites (PtGridLayer *self, gboolean *has_feeders)
{
  guint size = pt_site_store_size (self->sites);
  const PtSiteRow *rows = pt_site_store_rows (self->sites);
  GArray *sites = g_array_sized_new (FALSE, FALSE, sizeof (PtGridSite), size);

  *has_feeders = FALSE;
  for (guint i = 0; i < size; i++)
    {
      PtGridSite site = { rows[i].x, rows[i].y, (gsize) rows[i].feeder, (gsize) rows[i].area };

      g_array_append_val (sites, site);
      *has_feeders |= rows[i].feeder != NULL;
    }
  return sites;
}

static void
layer_make (PtGridLayer *self)
{
  g_autoptr (GArray) sites = NULL;
  g_autoptr (GTask) task = NULL;
  gboolean has_feeders = FALSE;

  self->generation++;
  g_clear_handle_id (&self->places_source, g_source_remove);
  self->known = self->sites != NULL ? pt_site_store_size (self->sites) : 0;
  if (self->known > 0)
    sites = grid_sites (self, &has_feeders);
  if (!has_feeders)
    {
      layer_set_shapes (self, NULL);
      return;
    }
  task = g_task_new (self, NULL, make_done_cb, GUINT_TO_POINTER (self->generation));
  g_task_set_task_data (task, g_steal_pointer (&sites), (GDestroyNotify) g_array_unref);
  g_task_run_in_thread (task, make_thread);
}

static gboolean
layer_make_again (gpointer data)
{
  PtGridLayer *self = data;

  self->places_source = 0;
  layer_make (self);
  return G_SOURCE_REMOVE;
}

static void
layer_changed_cb (PtSiteStore *sites, GArray *numbers, PtGridLayer *self)
{
  if (pt_site_store_size (sites) > self->known && self->places_source == 0)
    self->places_source = g_timeout_add (PLACES_PAUSE, layer_make_again, self);
  self->news = TRUE;
  if (self->shapes != NULL)
    gtk_widget_queue_draw (GTK_WIDGET (self));
}

/* Numbers of sites mean nothing any more, so the shapes that name them go at once. */
static void
layer_reset_cb (PtSiteStore *sites, PtGridLayer *self)
{
  if (self->shapes != NULL)
    layer_set_shapes (self, NULL);
  layer_make (self);
}

/* Drawing */

typedef struct
{
  PtGridLayer *layer;
  const PtMapPalette *palette;
  double x, y, scale, across, down; /* the middle in the world, and pixels to each side */
} Picture;

static double
picture_x (const Picture *picture, double x)
{
  return (x - picture->x) * picture->scale;
}

static double
picture_y (const Picture *picture, double y)
{
  return (y - picture->y) * picture->scale;
}

/* How far to turn the world so that the box is on the side where we look; FALSE: it is too small or
 * out of sight. */
static gboolean
picture_shows (const Picture *picture, const PtGridBox *box, double least, double *turn)
{
  double wide = (box->east - box->west) * picture->scale;
  double high = (box->south - box->north) * picture->scale;
  double x, y;

  *turn = -round ((box->west + box->east) / 2 - picture->x);
  x = picture_x (picture, (box->west + box->east) / 2 + *turn);
  y = picture_y (picture, (box->north + box->south) / 2);
  return MAX (wide, high) >= least && fabs (x) - wide / 2 < picture->across
         && fabs (y) - high / 2 < picture->down;
}

static gboolean
layer_wants (PtGridLayer *self, guint site)
{
  return self->area == NULL
         || strcmp (self->area, pt_site_store_get (self->sites, site)->area) == 0;
}

/* Whether more than half of a feeder's sites are off. */
static gboolean
line_is_off (PtGridLayer *self, const PtGridLine *line)
{
  const PtSiteRow *rows = pt_site_store_rows (self->sites);
  guint off = 0;

  for (guint i = line->first; i < line->first + line->count; i++)
    off += rows[g_array_index (self->shapes->members, guint, i)].state == PT_SITE_OFF;
  return 2 * off > line->count;
}

static void
add_edges (const Picture *picture, cairo_t *cr, const PtGridLine *line, double turn)
{
  const PtGridShapes *shapes = picture->layer->shapes;
  double middle = (line->box.west + line->box.east) / 2;

  for (guint i = line->first_edge; i < line->first_edge + line->count - 1; i++)
    {
      const PtGridEdge *edge = &g_array_index (shapes->edges, PtGridEdge, i);
      const PtGridSite *from = &g_array_index (shapes->sites, PtGridSite, edge->from);
      const PtGridSite *to = &g_array_index (shapes->sites, PtGridSite, edge->to);
      double from_x = from->x - round (from->x - middle), to_x = to->x - round (to->x - middle);

      cairo_move_to (cr, picture_x (picture, from_x + turn), picture_y (picture, from->y));
      cairo_line_to (cr, picture_x (picture, to_x + turn), picture_y (picture, to->y));
    }
}

typedef struct
{
  const PtGridLine *line;
  double turn;
} Visible;

/* Adds the visible feeders that are off, or the others, as long as there are not too many edges. */
static void
take_lines (const Picture *picture, gboolean off, GArray *visible, guint *edges)
{
  PtGridLayer *self = picture->layer;

  for (guint i = 0; i < self->shapes->lines->len; i++)
    {
      Visible one = { &g_array_index (self->shapes->lines, PtGridLine, i), 0 };

      if (!picture_shows (picture, &one.line->box, LINE_PIXELS, &one.turn)
          || !layer_wants (self, g_array_index (self->shapes->members, guint, one.line->first))
          || line_is_off (self, one.line) != off)
        continue;
      if (*edges + one.line->count > EDGES_MAX)
        return;
      *edges += one.line->count;
      g_array_append_val (visible, one);
    }
}

static void
draw_some (const Picture *picture, cairo_t *cr, const GArray *visible, guint from, guint to,
           gboolean off)
{
  cairo_new_path (cr);
  for (guint i = from; i < to; i++)
    {
      const Visible *one = &g_array_index (visible, Visible, i);

      add_edges (picture, cr, one->line, one->turn);
    }
  pt_map_stroke_feeders (cr, picture->palette, off, picture->layer->stale);
}

/* What is off is in front, and the last to be left out. */
static void
draw_lines (const Picture *picture, cairo_t *cr)
{
  g_autoptr (GArray) visible = g_array_new (FALSE, FALSE, sizeof (Visible));
  PtGridLayer *self = picture->layer;
  guint edges = 0;

  take_lines (picture, TRUE, visible, &edges);
  self->drawn_red = visible->len;
  take_lines (picture, FALSE, visible, &edges);
  self->drawn_lines = visible->len;
  draw_some (picture, cr, visible, self->drawn_red, visible->len, FALSE);
  draw_some (picture, cr, visible, 0, self->drawn_red, TRUE);
}

/* Around the sites and not through the outermost. */
static void
add_outline (const Picture *picture, cairo_t *cr, const PtGridOutline *outline, double turn)
{
  double middle_x = (outline->box.west + outline->box.east) / 2;
  double middle_y = (outline->box.north + outline->box.south) / 2;

  cairo_new_sub_path (cr);
  for (guint i = outline->first; i < outline->first + outline->count; i++)
    {
      const PtGridCorner *corner
          = &g_array_index (picture->layer->shapes->corners, PtGridCorner, i);
      double x = corner->x - middle_x, y = corner->y - middle_y;
      double more = 1 + OUTLINE_AIR / picture->scale / MAX (hypot (x, y), 1e-12);

      cairo_line_to (cr, picture_x (picture, middle_x + turn + x * more),
                     picture_y (picture, middle_y + y * more));
    }
  cairo_close_path (cr);
}

static void
draw_outlines (const Picture *picture, cairo_t *cr)
{
  PtGridLayer *self = picture->layer;
  double turn;

  cairo_new_path (cr);
  for (guint i = 0; i < self->shapes->outlines->len; i++)
    {
      const PtGridOutline *outline = &g_array_index (self->shapes->outlines, PtGridOutline, i);

      if (picture_shows (picture, &outline->box, OUTLINE_PIXELS, &turn)
          && layer_wants (self, outline->site))
        add_outline (picture, cr, outline, turn);
    }
  pt_map_stroke_outlines (cr, picture->palette);
}

/* A name that looks for room: half of its size, and whether a ring is in the way. */
typedef struct
{
  const Picture *picture;
  double x, y, across, down; /* pixels of the picture */
  gboolean taken;
} Room;

static void
take_room (const PtCluster *cluster, guint number, gpointer user_data)
{
  Room *room = user_data;
  double world_x = cluster->x - round (cluster->x - room->picture->x);
  double x = picture_x (room->picture, world_x) - room->x;
  double y = picture_y (room->picture, cluster->y) - room->y;

  room->taken |= fabs (x) < room->across + (double) cluster->radius
                 && fabs (y) < room->down + (double) cluster->radius;
}

static gboolean
has_room (Room *room)
{
  const Picture *picture = room->picture;
  double across = (room->across + RING_PIXELS) / picture->scale;
  double down = (room->down + RING_PIXELS) / picture->scale;
  double x = picture->x + room->x / picture->scale, y = picture->y + room->y / picture->scale;

  room->taken = FALSE;
  pt_site_layer_each (picture->layer->symbols, x - across, y - down, x + across, y + down,
                      take_room, room);
  return !room->taken;
}

/* Above or below that corner of the outline which is farthest north and has room for it. */
static void
draw_name (const Picture *picture, GtkSnapshot *snapshot, const PtGridOutline *outline, double turn)
{
  PtGridLayer *self = picture->layer;
  const char *area = pt_site_store_get (self->sites, outline->site)->area;
  double middle = (outline->box.north + outline->box.south) / 2;
  Room best = { .taken = TRUE };
  int width, height;

  pt_name_cache_measure (self->names, area, NAME_SIZE, &width, &height);
  for (guint i = outline->first; i < outline->first + outline->count; i++)
    {
      const PtGridCorner *corner = &g_array_index (self->shapes->corners, PtGridCorner, i);
      double away = OUTLINE_AIR + height / 2.0 + 2;
      Room room = { .picture = picture,
                    .x = picture_x (picture, corner->x + turn),
                    .y = picture_y (picture, corner->y) + (corner->y < middle ? -away : away),
                    .across = width / 2.0,
                    .down = height / 2.0 };

      if ((best.taken || room.y < best.y) && has_room (&room))
        best = room;
    }
  if (!best.taken)
    pt_name_cache_draw (self->names, snapshot, area, NAME_SIZE, round (best.x), round (best.y));
}

static void
draw_names (const Picture *picture, GtkSnapshot *snapshot)
{
  PtGridLayer *self = picture->layer;
  double turn;

  for (guint i = 0; i < self->shapes->outlines->len; i++)
    {
      const PtGridOutline *outline = &g_array_index (self->shapes->outlines, PtGridOutline, i);

      if (picture_shows (picture, &outline->box, OUTLINE_PIXELS, &turn)
          && layer_wants (self, outline->site))
        draw_name (picture, snapshot, outline, turn);
    }
}

/* All that is in and around the view as one node, so that a frame of a pan only moves it. */
static void
layer_redraw (PtGridLayer *self, const PtLayerView *view)
{
  g_autoptr (GtkSnapshot) snapshot = gtk_snapshot_new ();
  Picture picture = { self,
                      pt_map_palette (self->dark),
                      view->x,
                      view->y,
                      view->scale,
                      view->width / 2 + DRAWN_MORE,
                      view->height / 2 + DRAWN_MORE };
  cairo_t *cr;

  cr = gtk_snapshot_append_cairo (
      snapshot, &GRAPHENE_RECT_INIT ((float) -picture.across, (float) -picture.down,
                                     (float) (2 * picture.across), (float) (2 * picture.down)));
  draw_outlines (&picture, cr);
  draw_lines (&picture, cr);
  cairo_destroy (cr);
  draw_names (&picture, snapshot);
  g_clear_pointer (&self->node, gsk_render_node_unref);
  self->node = gtk_snapshot_free_to_node (g_steal_pointer (&snapshot));
  self->node_scale = view->scale;
  self->origin_x = view->x * view->scale;
  self->origin_y = view->y * view->scale;
  self->drawn_at = g_get_monotonic_time ();
  self->dirty = self->news = FALSE;
}

static gboolean
layer_draw_again (gpointer data)
{
  PtGridLayer *self = data;

  self->again_source = 0;
  gtk_widget_queue_draw (GTK_WIDGET (self));
  return G_SOURCE_REMOVE;
}

static gboolean
layer_has_moved (PtGridLayer *self, const PtLayerView *view)
{
  return self->node_scale != view->scale
         || fabs (self->origin_x - view->x * view->scale) >= DRAWN_MORE
         || fabs (self->origin_y - view->y * view->scale) >= DRAWN_MORE;
}

/* Draws anew where the picture is another one, but not with every frame. */
static void
layer_update (PtGridLayer *self, const PtLayerView *view)
{
  gboolean soon = self->dirty || layer_has_moved (self, view);
  gint64 wait = self->drawn_at + (soon ? PAUSE_US : NEWS_PAUSE_US) - g_get_monotonic_time ();

  if (self->node == NULL || (soon && wait <= 0) || (self->news && wait <= 0))
    {
      layer_redraw (self, view);
      return;
    }
  if (!soon && !self->news)
    return;
  g_clear_handle_id (&self->again_source, g_source_remove);
  self->again_source = g_timeout_add ((guint) (wait / 1000 + 1), layer_draw_again, self);
}

static void
pt_grid_layer_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  PtGridLayer *self = PT_GRID_LAYER (widget);
  PtLayerView view = pt_layer_view (SHUMATE_LAYER (self));
  double larger;

  if (self->shapes == NULL || view.width <= 0 || view.height <= 0)
    return;
  if (pt_name_cache_set_style (self->names, self->dark, self->stale,
                               gtk_widget_get_scale_factor (widget)))
    self->dirty = TRUE;
  layer_update (self, &view);
  if (self->node == NULL)
    return;
  larger = view.scale / self->node_scale;
  gtk_snapshot_push_clip (snapshot,
                          &GRAPHENE_RECT_INIT (0, 0, (float) view.width, (float) view.height));
  gtk_snapshot_translate (
      snapshot, &GRAPHENE_POINT_INIT (
                    (float) (self->origin_x * larger - view.x * view.scale + view.width / 2),
                    (float) (self->origin_y * larger - view.y * view.scale + view.height / 2)));
  gtk_snapshot_scale (snapshot, (float) larger, (float) larger);
  gtk_snapshot_append_node (snapshot, self->node);
  gtk_snapshot_pop (snapshot);
}

/* Setting */

void
pt_grid_layer_set_sites (PtGridLayer *self, PtSiteStore *sites)
{
  g_return_if_fail (PT_IS_GRID_LAYER (self));
  if (self->sites != NULL)
    g_signal_handlers_disconnect_by_data (self->sites, self);
  g_set_object (&self->sites, sites);
  if (sites != NULL)
    {
      g_signal_connect_object (sites, "changed", G_CALLBACK (layer_changed_cb), self, 0);
      g_signal_connect_object (sites, "reset", G_CALLBACK (layer_reset_cb), self, 0);
    }
  layer_reset_cb (sites, self);
}

void
pt_grid_layer_set_area (PtGridLayer *self, const char *area)
{
  g_return_if_fail (PT_IS_GRID_LAYER (self));
  g_free (self->area);
  self->area = g_strdup (area);
  layer_spoil (self);
}

void
pt_grid_layer_set_dark (PtGridLayer *self, gboolean dark)
{
  g_return_if_fail (PT_IS_GRID_LAYER (self));
  self->dark = dark;
  layer_spoil (self);
}

void
pt_grid_layer_set_stale (PtGridLayer *self, gboolean stale)
{
  g_return_if_fail (PT_IS_GRID_LAYER (self));
  if (self->stale == stale)
    return;
  self->stale = stale;
  layer_spoil (self);
}

guint
pt_grid_layer_lines (PtGridLayer *self)
{
  g_return_val_if_fail (PT_IS_GRID_LAYER (self), 0);
  return self->shapes != NULL ? self->shapes->lines->len : 0;
}

guint
pt_grid_layer_outlines (PtGridLayer *self)
{
  g_return_val_if_fail (PT_IS_GRID_LAYER (self), 0);
  return self->shapes != NULL ? self->shapes->outlines->len : 0;
}

void
pt_grid_layer_drawn (PtGridLayer *self, guint *lines, guint *red)
{
  g_return_if_fail (PT_IS_GRID_LAYER (self) && lines != NULL && red != NULL);
  *lines = self->drawn_lines;
  *red = self->drawn_red;
}

/* The object */

static void
pt_grid_layer_constructed (GObject *object)
{
  static const char *const names[]
      = { "notify::longitude", "notify::latitude", "notify::zoom-level" };
  ShumateViewport *viewport = shumate_layer_get_viewport (SHUMATE_LAYER (object));

  G_OBJECT_CLASS (pt_grid_layer_parent_class)->constructed (object);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    g_signal_connect_object (viewport, names[i], G_CALLBACK (gtk_widget_queue_draw), object,
                             G_CONNECT_SWAPPED);
}

static void
pt_grid_layer_dispose (GObject *object)
{
  PtGridLayer *self = PT_GRID_LAYER (object);

  g_clear_handle_id (&self->places_source, g_source_remove);
  g_clear_handle_id (&self->again_source, g_source_remove);
  g_clear_object (&self->sites);
  g_clear_object (&self->symbols);
  G_OBJECT_CLASS (pt_grid_layer_parent_class)->dispose (object);
}

static void
pt_grid_layer_finalize (GObject *object)
{
  PtGridLayer *self = PT_GRID_LAYER (object);

  g_clear_pointer (&self->shapes, pt_grid_shapes_free);
  g_clear_pointer (&self->node, gsk_render_node_unref);
  pt_name_cache_free (self->names);
  g_free (self->area);
  G_OBJECT_CLASS (pt_grid_layer_parent_class)->finalize (object);
}

static void
pt_grid_layer_class_init (PtGridLayerClass *klass)
{
  G_OBJECT_CLASS (klass)->constructed = pt_grid_layer_constructed;
  G_OBJECT_CLASS (klass)->dispose = pt_grid_layer_dispose;
  G_OBJECT_CLASS (klass)->finalize = pt_grid_layer_finalize;
  GTK_WIDGET_CLASS (klass)->snapshot = pt_grid_layer_snapshot;
  shapes_signal = g_signal_new ("shapes-changed", PT_TYPE_GRID_LAYER, G_SIGNAL_RUN_LAST, 0, NULL,
                                NULL, NULL, G_TYPE_NONE, 0);
}

static void
pt_grid_layer_init (PtGridLayer *self)
{
  self->names = pt_name_cache_new (GTK_WIDGET (self));
}

PtGridLayer *
pt_grid_layer_new (ShumateViewport *viewport, PtSiteLayer *symbols)
{
  PtGridLayer *self;

  g_return_val_if_fail (SHUMATE_IS_VIEWPORT (viewport), NULL);
  g_return_val_if_fail (PT_IS_SITE_LAYER (symbols), NULL);
  self = g_object_new (PT_TYPE_GRID_LAYER, "viewport", viewport, NULL);
  self->symbols = g_object_ref (symbols);
  g_signal_connect_object (symbols, "symbols-changed", G_CALLBACK (layer_spoil), self,
                           G_CONNECT_SWAPPED);
  return self;
}
