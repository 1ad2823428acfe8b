/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-site-layer.h"

#include <math.h>

#include "pt-layer-view.h"
#include "pt-map-palette.h"
#include "pt-ring-cache.h"

#define HIT_PIXELS 5.0
#define MARGIN 30.0      /* a ring's centre may be outside while its edge is not */
#define KEPT 8           /* levels on either side of the newest that stay for the way back */
#define PLACES_PAUSE 500 /* ms between two looks at where sites are: new ones come in thousands */

struct _PtSiteLayer
{
  ShumateLayer parent_instance;
  PtSiteStore *sites;
  char *area;
  gboolean dark, stale;
  guint selected, hovered, hovered_cluster;
  guint hovered_step; /* of the level that ->hovered_cluster is of */
  PtRingCache *rings;
  GByteArray *counted; /* PtSiteState by site: as the levels count it */
  GArray *places;      /* of the levels; NULL: to be looked at anew */
  PtClusterLevel *levels[PT_CLUSTER_LEVEL_MAX + 1];
  gboolean making[PT_CLUSTER_LEVEL_MAX + 1];
  guint generation; /* of ->places */
  guint places_source;
  guint serial; /* of what layer_tell () tells */
};

G_DEFINE_TYPE (PtSiteLayer, pt_site_layer, SHUMATE_TYPE_LAYER)

static guint symbols_signal;

/* The level of clusters for the zoom. */
static guint
view_step (const PtLayerView *view)
{
  return (guint) CLAMP (floor (view->zoom * PT_CLUSTER_STEPS + 1e-6), 0, PT_CLUSTER_LEVEL_MAX);
}

static PtLayerView
layer_view (PtSiteLayer *self)
{
  return pt_layer_view (SHUMATE_LAYER (self));
}

/* Other symbols are drawn, or at other places. */
static void
layer_tell (PtSiteLayer *self)
{
  self->serial++;
  g_signal_emit (self, symbols_signal, 0);
}

/* Levels */

static void
layer_forget_levels (PtSiteLayer *self)
{
  self->generation++;
  g_clear_pointer (&self->places, g_array_unref);
  for (guint i = 0; i <= PT_CLUSTER_LEVEL_MAX; i++)
    self->making[i] = FALSE;
}

static void
layer_drop_levels (PtSiteLayer *self)
{
  layer_forget_levels (self);
  for (guint i = 0; i <= PT_CLUSTER_LEVEL_MAX; i++)
    g_clear_pointer (&self->levels[i], pt_cluster_level_free);
  layer_tell (self);
}

typedef struct
{
  GArray *places;
  guint step, generation;
} Making;

static void
making_free (gpointer data)
{
  Making *making = data;

  g_array_unref (making->places);
  g_free (making);
}

static void
layer_make_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  const Making *making = data;

  g_task_return_pointer (task, pt_cluster_level_new (making->places, making->step),
                         (GDestroyNotify) pt_cluster_level_free);
}

/* The site's state is counted as it is now. */
static void
layer_recount (PtSiteLayer *self, guint number)
{
  PtSiteState before = (PtSiteState) self->counted->data[number];
  PtSiteState after = pt_site_store_get (self->sites, number)->state;

  self->counted->data[number] = (guint8) after;
  for (guint step = 0; before != after && step <= PT_CLUSTER_LEVEL_MAX; step++)
    if (self->levels[step] != NULL)
      pt_cluster_level_move (self->levels[step], number, before, after);
}

static void
layer_make_done_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  PtSiteLayer *self = PT_SITE_LAYER (source);
  const Making *making = g_task_get_task_data (G_TASK (result));
  g_autoptr (PtClusterLevel) level = g_task_propagate_pointer (G_TASK (result), NULL);

  if (level == NULL || making->generation != self->generation || self->sites == NULL)
    return;
  /* Levels of older places go when the first of the new ones comes, so that the map never blinks.
   */
  for (guint i = 0; i <= PT_CLUSTER_LEVEL_MAX; i++)
    if (self->levels[i] != NULL
        && (self->levels[i]->cluster_of->len != level->cluster_of->len
            || ABS ((int) i - (int) making->step) > KEPT))
      g_clear_pointer (&self->levels[i], pt_cluster_level_free);
  /* Changes that the store has not told yet are in what it counts from. */
  for (guint i = 0; i < self->counted->len; i++)
    layer_recount (self, i);
  pt_cluster_level_count (level, self->sites);
  g_clear_pointer (&self->levels[making->step], pt_cluster_level_free);
  self->levels[making->step] = g_steal_pointer (&level);
  self->making[making->step] = FALSE;
  layer_tell (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
layer_take_places (PtSiteLayer *self)
{
  const PtSiteRow *rows = pt_site_store_rows (self->sites);

  self->places = pt_cluster_places (self->sites, self->area);
  g_byte_array_set_size (self->counted, self->places->len);
  for (guint i = 0; i < self->places->len; i++)
    self->counted->data[i] = (guint8) rows[i].state;
  /* What is still drawn of older places is counted by the same states. */
  for (guint i = 0; i <= PT_CLUSTER_LEVEL_MAX; i++)
    if (self->levels[i] != NULL)
      pt_cluster_level_count (self->levels[i], self->sites);
}

static void
layer_make (PtSiteLayer *self, guint step)
{
  g_autoptr (GTask) task = NULL;
  Making *making;

  if (self->sites == NULL || self->making[step])
    return;
  if (self->places == NULL)
    layer_take_places (self);
  self->making[step] = TRUE;
  making = g_new (Making, 1);
  *making = (Making){ g_array_ref (self->places), step, self->generation };
  task = g_task_new (self, NULL, layer_make_done_cb, NULL);
  g_task_set_task_data (task, making, making_free);
  g_task_run_in_thread (task, layer_make_thread);
}

static gboolean
level_is_new (PtSiteLayer *self, guint step)
{
  return self->levels[step] != NULL && self->places != NULL
         && self->levels[step]->cluster_of->len == self->places->len;
}

/* The level to draw: the right one, else the nearest that is there, farther ones first because they
 * do not overlap when they are enlarged. */
static PtClusterLevel *
layer_level (PtSiteLayer *self, guint step)
{
  for (int i = (int) step; i >= 0; i--)
    if (self->levels[i] != NULL)
      return self->levels[i];
  /* A much nearer one has too many clusters for one frame. */
  for (guint i = step + 1; i <= MIN (step + 2, PT_CLUSTER_LEVEL_MAX); i++)
    if (self->levels[i] != NULL)
      return self->levels[i];
  return NULL;
}

static PtClusterLevel *
layer_current (PtSiteLayer *self)
{
  PtLayerView view = layer_view (self);

  return layer_level (self, view_step (&view));
}

/* Drawing */

typedef struct
{
  const PtCluster *cluster;
  guint number;
} Visible;

static void
take_visible (const PtCluster *cluster, guint number, gpointer user_data)
{
  Visible visible = { cluster, number };

  g_array_append_val ((GArray *) user_data, visible);
}

/* The worst in front. */
static int
compare_visible (gconstpointer a, gconstpointer b)
{
  const Visible *left = a, *right = b;
  guint left_off = left->cluster->states[PT_SITE_OFF];
  guint right_off = right->cluster->states[PT_SITE_OFF];

  if (left_off != right_off)
    return left_off < right_off ? -1 : 1;
  return left->number < right->number ? -1 : left->number > right->number;
}

static PtSiteState
lone_state (const PtCluster *cluster)
{
  for (guint i = 0; i < PT_SITE_STATES; i++)
    if (cluster->states[i] > 0)
      return (PtSiteState) i;
  return PT_SITE_UNKNOWN;
}

static void
draw_cluster (PtSiteLayer *self, cairo_t *cr, const PtMapPalette *palette, const PtLayerView *view,
              const PtCluster *cluster)
{
  double x = pt_layer_view_x (view, cluster->x), y = pt_layer_view_y (view, cluster->y);

  if (cluster->count == 1)
    pt_map_draw_symbol (cr, palette, lone_state (cluster), x, y, self->stale);
  else
    pt_ring_cache_draw (self->rings, cr, cluster->states, x, y, (double) cluster->radius);
}

static void
draw_site_mark (PtSiteLayer *self, cairo_t *cr, const PtLayerView *view, guint number, double x,
                double y)
{
  const PtMapPalette *palette = pt_map_palette (self->dark);
  double view_x = pt_layer_view_x (view, x), view_y = pt_layer_view_y (view, y);

  pt_map_draw_mark (cr, palette, view_x, view_y, PT_MARK_RADIUS, number == self->selected);
  pt_map_draw_symbol (cr, palette, pt_site_store_get (self->sites, number)->state, view_x, view_y,
                      self->stale);
}

static void
draw_hovered (PtSiteLayer *self, cairo_t *cr, const PtLayerView *view, const PtClusterLevel *level)
{
  const PtSiteRow *row;

  if (self->hovered_step == level->step && self->hovered_cluster < level->clusters->len)
    {
      const PtCluster *cluster = &g_array_index (level->clusters, PtCluster, self->hovered_cluster);

      pt_map_draw_mark (cr, pt_map_palette (self->dark), pt_layer_view_x (view, cluster->x),
                        pt_layer_view_y (view, cluster->y), (double) cluster->radius + 2, FALSE);
    }
  if (self->hovered == self->selected || self->hovered >= pt_site_store_size (self->sites))
    return;
  row = pt_site_store_get (self->sites, self->hovered);
  draw_site_mark (self, cr, view, self->hovered, row->x, row->y);
}

/* Where the chosen site's mark is; FALSE: none is chosen. */
static gboolean
layer_mark (PtSiteLayer *self, const PtLayerView *view, PtClusterLevel *level, PtMarkPlace *mark)
{
  const PtSiteRow *row;

  if (self->sites == NULL || self->selected >= pt_site_store_size (self->sites))
    return FALSE;
  row = pt_site_store_get (self->sites, self->selected);
  *mark = level != NULL ? pt_mark_place (level, row->x, row->y, view->scale)
                        : (PtMarkPlace){ .x = row->x, .y = row->y };
  return TRUE;
}

static void
layer_draw (PtSiteLayer *self, cairo_t *cr, const PtLayerView *view, PtClusterLevel *level)
{
  const PtMapPalette *palette = pt_map_palette (self->dark);
  g_autoptr (GArray) visible = g_array_new (FALSE, FALSE, sizeof (Visible));
  double across = (view->width / 2 + MARGIN) / view->scale;
  double down = (view->height / 2 + MARGIN) / view->scale;
  PtMarkPlace mark;
  gboolean marked = layer_mark (self, view, level, &mark);

  pt_cluster_level_each (level, view->x - across, view->y - down, view->x + across, view->y + down,
                         take_visible, visible);
  g_array_sort (visible, compare_visible);
  pt_ring_cache_set_style (self->rings, self->dark, self->stale,
                           gtk_widget_get_scale_factor (GTK_WIDGET (self)),
                           pt_map_text_scale (GTK_WIDGET (self)));
  /* Beneath the rings that it may cross. */
  if (marked && mark.apart)
    pt_map_draw_lead (cr, palette, pt_layer_view_x (view, mark.lead_x),
                      pt_layer_view_y (view, mark.lead_y), pt_layer_view_x (view, mark.x),
                      pt_layer_view_y (view, mark.y), PT_MARK_RADIUS);
  for (guint i = 0; i < visible->len; i++)
    draw_cluster (self, cr, palette, view, g_array_index (visible, Visible, i).cluster);
  if (self->sites != NULL)
    draw_hovered (self, cr, view, level);
  if (marked)
    draw_site_mark (self, cr, view, self->selected, mark.x, mark.y);
}

static void
pt_site_layer_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  PtSiteLayer *self = PT_SITE_LAYER (widget);
  PtLayerView view = layer_view (self);
  guint step = view_step (&view);
  PtClusterLevel *level;
  cairo_t *cr;

  if (view.width <= 0 || view.height <= 0)
    return;
  if (!level_is_new (self, step))
    layer_make (self, step);
  level = layer_level (self, step);
  if (level == NULL)
    return;
  cr = gtk_snapshot_append_cairo (
      snapshot, &GRAPHENE_RECT_INIT (0, 0, (float) view.width, (float) view.height));
  layer_draw (self, cr, &view, level);
  cairo_destroy (cr);
}

/* News of the store */

static gboolean
layer_look_again (gpointer data)
{
  PtSiteLayer *self = data;

  self->places_source = 0;
  layer_forget_levels (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
  return G_SOURCE_REMOVE;
}

static void
layer_changed_cb (PtSiteStore *sites, GArray *numbers, PtSiteLayer *self)
{
  for (guint i = 0; i < numbers->len; i++)
    {
      guint number = g_array_index (numbers, guint, i);

      if (number < self->counted->len)
        layer_recount (self, number);
      /* A new site: it has no place in any level yet. */
      else if (self->places_source == 0)
        self->places_source = g_timeout_add (PLACES_PAUSE, layer_look_again, self);
    }
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
layer_reset_cb (PtSiteStore *sites, PtSiteLayer *self)
{
  layer_drop_levels (self);
  g_byte_array_set_size (self->counted, 0);
  if (self->selected != PT_SITE_NONE && self->selected >= pt_site_store_size (sites))
    self->selected = PT_SITE_NONE;
  self->hovered = PT_SITE_NONE;
  self->hovered_cluster = G_MAXUINT;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

void
pt_site_layer_set_sites (PtSiteLayer *self, PtSiteStore *sites)
{
  g_return_if_fail (PT_IS_SITE_LAYER (self));
  if (self->sites != NULL)
    g_signal_handlers_disconnect_by_data (self->sites, self);
  g_set_object (&self->sites, sites);
  layer_drop_levels (self);
  g_byte_array_set_size (self->counted, 0);
  if (sites != NULL)
    {
      g_signal_connect_object (sites, "changed", G_CALLBACK (layer_changed_cb), self, 0);
      g_signal_connect_object (sites, "reset", G_CALLBACK (layer_reset_cb), self, 0);
    }
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

void
pt_site_layer_set_area (PtSiteLayer *self, const char *area)
{
  g_return_if_fail (PT_IS_SITE_LAYER (self));
  if (g_strcmp0 (area, self->area) == 0)
    return;
  g_free (self->area);
  self->area = g_strdup (area);
  layer_drop_levels (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

void
pt_site_layer_set_dark (PtSiteLayer *self, gboolean dark)
{
  g_return_if_fail (PT_IS_SITE_LAYER (self));
  self->dark = dark;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

void
pt_site_layer_set_stale (PtSiteLayer *self, gboolean stale)
{
  g_return_if_fail (PT_IS_SITE_LAYER (self));
  self->stale = stale;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

void
pt_site_layer_set_selected (PtSiteLayer *self, guint number)
{
  g_return_if_fail (PT_IS_SITE_LAYER (self));
  self->selected = number;
  layer_tell (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

void
pt_site_layer_set_hovered (PtSiteLayer *self, guint number, guint cluster)
{
  const PtClusterLevel *level;

  g_return_if_fail (PT_IS_SITE_LAYER (self));
  level = layer_current (self);
  if (self->hovered == number && self->hovered_cluster == cluster
      && (level == NULL || level->step == self->hovered_step))
    return;
  self->hovered_step = level != NULL ? level->step : 0;
  self->hovered = number;
  self->hovered_cluster = cluster;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

/* Finding */

guint
pt_site_layer_hit (PtSiteLayer *self, double x, double y, guint *cluster)
{
  PtLayerView view;
  PtClusterLevel *level;
  double world_x, world_y;
  const PtCluster *found;
  PtMarkPlace mark;

  g_return_val_if_fail (PT_IS_SITE_LAYER (self) && cluster != NULL, PT_SITE_NONE);
  view = layer_view (self);
  level = layer_current (self);
  world_x = view.x + (x - view.width / 2) / view.scale;
  world_x -= floor (world_x);
  world_y = view.y + (y - view.height / 2) / view.scale;
  *cluster = G_MAXUINT;
  if (level == NULL)
    return PT_SITE_NONE;
  /* It is drawn in front of all others. */
  if (layer_mark (self, &view, level, &mark)
      && hypot (mark.x - world_x, mark.y - world_y) * view.scale < PT_MARK_RADIUS)
    return self->selected;
  *cluster = pt_cluster_level_at (level, world_x, world_y, view.scale, HIT_PIXELS);
  if (*cluster == G_MAXUINT)
    return PT_SITE_NONE;
  found = pt_cluster_level_get (level, *cluster);
  if (found->count > 1)
    return PT_SITE_NONE;
  *cluster = G_MAXUINT;
  return g_array_index (level->members, guint, found->first);
}

const PtCluster *
pt_site_layer_cluster (PtSiteLayer *self, guint cluster)
{
  PtClusterLevel *level;

  g_return_val_if_fail (PT_IS_SITE_LAYER (self), NULL);
  level = layer_current (self);
  return level != NULL && cluster < level->clusters->len ? pt_cluster_level_get (level, cluster)
                                                         : NULL;
}

GArray *
pt_site_layer_members (PtSiteLayer *self, guint cluster, guint most)
{
  PtClusterLevel *level;
  const PtCluster *found;
  GArray *members;

  g_return_val_if_fail (PT_IS_SITE_LAYER (self), NULL);
  level = layer_current (self);
  found = pt_site_layer_cluster (self, cluster);
  members = g_array_new (FALSE, FALSE, sizeof (guint));
  if (found == NULL)
    return members;
  for (int wanted = 1; wanted >= 0; wanted--)
    for (guint i = 0; i < found->count && members->len < most; i++)
      {
        guint number = g_array_index (level->members, guint, found->first + i);

        if ((pt_site_store_get (self->sites, number)->state == PT_SITE_OFF) == (wanted == 1))
          g_array_append_val (members, number);
      }
  return members;
}

gboolean
pt_site_layer_locate (PtSiteLayer *self, guint number, double *x, double *y)
{
  PtLayerView view;
  PtClusterLevel *level;
  PtMarkPlace mark;
  guint own;

  g_return_val_if_fail (PT_IS_SITE_LAYER (self), FALSE);
  g_return_val_if_fail (x != NULL && y != NULL, FALSE);
  view = layer_view (self);
  level = layer_current (self);
  if (self->sites == NULL || number >= pt_site_store_size (self->sites))
    return FALSE;
  own = level != NULL && number < level->cluster_of->len
            ? g_array_index (level->cluster_of, guint, number)
            : G_MAXUINT;
  mark.x = pt_site_store_get (self->sites, number)->x;
  mark.y = pt_site_store_get (self->sites, number)->y;
  if (number == self->selected)
    layer_mark (self, &view, level, &mark);
  else if (own != G_MAXUINT)
    {
      mark.x = pt_cluster_level_get (level, own)->x;
      mark.y = pt_cluster_level_get (level, own)->y;
    }
  *x = pt_layer_view_x (&view, mark.x);
  *y = pt_layer_view_y (&view, mark.y);
  return *x >= 0 && *y >= 0 && *x <= view.width && *y <= view.height;
}

guint
pt_site_layer_serial (PtSiteLayer *self)
{
  PtClusterLevel *level;

  g_return_val_if_fail (PT_IS_SITE_LAYER (self), 0);
  level = layer_current (self);
  /* Which level is drawn hangs on the zoom too. */
  return self->serial * (PT_CLUSTER_LEVEL_MAX + 2) + (level != NULL ? level->step + 1 : 0);
}

void
pt_site_layer_each (PtSiteLayer *self, double west, double north, double east, double south,
                    PtClusterFunc func, gpointer user_data)
{
  PtClusterLevel *level;

  g_return_if_fail (PT_IS_SITE_LAYER (self) && func != NULL);
  level = layer_current (self);
  if (level != NULL)
    pt_cluster_level_each (level, west, north, east, south, func, user_data);
}

gboolean
pt_site_layer_mark (PtSiteLayer *self, PtMarkPlace *mark)
{
  PtLayerView view;

  g_return_val_if_fail (PT_IS_SITE_LAYER (self) && mark != NULL, FALSE);
  view = layer_view (self);
  return layer_mark (self, &view, layer_current (self), mark);
}

guint
pt_site_layer_split_zoom (PtSiteLayer *self, guint cluster)
{
  double west = 1, east = 0, north = 1, south = 0, spread;
  PtClusterLevel *level;
  const PtCluster *found;

  g_return_val_if_fail (PT_IS_SITE_LAYER (self), 0);
  level = layer_current (self);
  found = pt_site_layer_cluster (self, cluster);
  if (found == NULL || self->sites == NULL)
    return 0;
  for (guint i = 0; i < found->count; i++)
    {
      const PtSiteRow *row = pt_site_store_get (
          self->sites, g_array_index (level->members, guint, found->first + i));

      west = MIN (west, row->x);
      east = MAX (east, row->x);
      north = MIN (north, row->y);
      south = MAX (south, row->y);
    }
  spread = MAX (east - west, south - north) * PT_CLUSTER_WORLD;
  /* Two symbols part when they are about 60 pixels from each other. */
  for (guint zoom = level->step / PT_CLUSTER_STEPS + 1; zoom <= PT_CLUSTER_ZOOM_MAX; zoom++)
    if (spread * exp2 (zoom) > 60)
      return zoom;
  return 0;
}

gboolean
pt_site_layer_is_settled (PtSiteLayer *self)
{
  PtLayerView view;

  g_return_val_if_fail (PT_IS_SITE_LAYER (self), FALSE);
  view = layer_view (self);
  return self->sites != NULL && level_is_new (self, view_step (&view));
}

/* The object */

static void
layer_moved_cb (PtSiteLayer *self)
{
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
pt_site_layer_constructed (GObject *object)
{
  PtSiteLayer *self = PT_SITE_LAYER (object);
  ShumateViewport *viewport = shumate_layer_get_viewport (SHUMATE_LAYER (self));

  G_OBJECT_CLASS (pt_site_layer_parent_class)->constructed (object);
  for (guint i = 0; i < 3; i++)
    {
      static const char *const names[]
          = { "notify::longitude", "notify::latitude", "notify::zoom-level" };

      g_signal_connect_object (viewport, names[i], G_CALLBACK (layer_moved_cb), self,
                               G_CONNECT_SWAPPED);
    }
}

static void
pt_site_layer_dispose (GObject *object)
{
  PtSiteLayer *self = PT_SITE_LAYER (object);

  g_clear_handle_id (&self->places_source, g_source_remove);
  layer_drop_levels (self);
  g_clear_object (&self->sites);
  G_OBJECT_CLASS (pt_site_layer_parent_class)->dispose (object);
}

static void
pt_site_layer_finalize (GObject *object)
{
  PtSiteLayer *self = PT_SITE_LAYER (object);

  g_byte_array_unref (self->counted);
  pt_ring_cache_free (self->rings);
  g_free (self->area);
  G_OBJECT_CLASS (pt_site_layer_parent_class)->finalize (object);
}

static void
pt_site_layer_class_init (PtSiteLayerClass *klass)
{
  G_OBJECT_CLASS (klass)->constructed = pt_site_layer_constructed;
  G_OBJECT_CLASS (klass)->dispose = pt_site_layer_dispose;
  G_OBJECT_CLASS (klass)->finalize = pt_site_layer_finalize;
  GTK_WIDGET_CLASS (klass)->snapshot = pt_site_layer_snapshot;
  symbols_signal = g_signal_new ("symbols-changed", PT_TYPE_SITE_LAYER, G_SIGNAL_RUN_LAST, 0, NULL,
                                 NULL, NULL, G_TYPE_NONE, 0);
}

static void
pt_site_layer_init (PtSiteLayer *self)
{
  self->selected = self->hovered = PT_SITE_NONE;
  self->hovered_cluster = G_MAXUINT;
  self->counted = g_byte_array_new ();
  self->rings = pt_ring_cache_new ();
}

PtSiteLayer *
pt_site_layer_new (ShumateViewport *viewport)
{
  g_return_val_if_fail (SHUMATE_IS_VIEWPORT (viewport), NULL);
  return g_object_new (PT_TYPE_SITE_LAYER, "viewport", viewport, NULL);
}
