/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-basemap-labels.h"

#include <math.h>
#include <pango/pangocairo.h>

#define FONT_FAMILIES "Noto Sans, Cantarell, DejaVu Sans, Sans"
#define FIRST_ZOOM 2
#define SPACE_BESIDE 4
#define SPACE_ABOVE 10
/* A name in the way of another may stand this much above or below its place. */
#define SHIFT 9
#define TILE PT_BASEMAP_TILE_SIZE

/* Inhabitants that a place needs for its name; the last number holds beyond. */
static const double population_of_zoom[]
    = { 0, 0, 6e6, 2.5e6, 9e5, 3e5, 1.2e5, 4.5e4, 1.8e4, 8e3, 3.5e3, 2500 };
static const int pixels_of_size[] = { 11, 12, 13, 14 };

struct _PtBasemapLabels
{
  GHashTable *of_tile; /* guint64 -> GArray of PtBasemapLabel */
};

typedef struct
{
  const PtBasemapPlace *place;
  double score;
} Candidate;

PangoLayout *
pt_basemap_labels_new_layout (void)
{
  g_autoptr (PangoFontMap) fonts = pango_cairo_font_map_new ();
  PangoContext *context; /* has no autoptr in Pango 1.50 */
  PangoLayout *layout;
  cairo_font_options_t *options = cairo_font_options_create ();

  pango_cairo_font_map_set_resolution (PANGO_CAIRO_FONT_MAP (fonts), 96);
  context = pango_font_map_create_context (fonts);
  cairo_font_options_set_antialias (options, CAIRO_ANTIALIAS_GRAY);
  cairo_font_options_set_hint_style (options, CAIRO_HINT_STYLE_NONE);
  cairo_font_options_set_hint_metrics (options, CAIRO_HINT_METRICS_OFF);
  pango_cairo_context_set_font_options (context, options);
  cairo_font_options_destroy (options);
  layout = pango_layout_new (context);
  g_object_unref (context);
  return layout;
}

void
pt_basemap_labels_set_text (PangoLayout *layout, const char *name, guint size)
{
  g_autoptr (PangoFontDescription) font = pango_font_description_from_string (FONT_FAMILIES);

  pango_font_description_set_absolute_size (font, pixels_of_size[size] * PANGO_SCALE);
  pango_layout_set_font_description (layout, font);
  pango_layout_set_text (layout, name, -1);
}

static guint64
tile_key (int zoom, guint64 column, guint64 row)
{
  return (guint64) zoom << 56 | column << 28 | row;
}

const GArray *
pt_basemap_labels_at (const PtBasemapLabels *labels, int zoom, guint column, guint row)
{
  guint64 key = tile_key (zoom, column, row);

  return g_hash_table_lookup (labels->of_tile, &key);
}

int
pt_basemap_label_offset (const PtBasemapLabel *label, int zoom, guint column)
{
  gint64 world = (gint64) TILE << zoom;
  gint64 offset = label->left - (gint64) column * TILE;

  if (offset > world / 2)
    offset -= world;
  else if (offset < -world / 2)
    offset += world;
  return (int) offset;
}

static gint64
floor_tile (gint64 pixel)
{
  return (gint64) floor ((double) pixel / TILE);
}

/* Whether the two would touch, with the space around names. */
static gboolean
labels_touch (const PtBasemapLabel *a, const PtBasemapLabel *b, int zoom)
{
  gint64 world = (gint64) TILE << zoom;
  gint64 apart = ABS (2 * a->left + a->width - 2 * b->left - b->width);

  apart = MIN (apart, 2 * world - apart);
  return apart < a->width + b->width + 2 * SPACE_BESIDE
         && ABS (2 * a->top + a->height - 2 * b->top - b->height)
                < a->height + b->height + 2 * SPACE_ABOVE;
}

static gboolean
touches_any (const PtBasemapLabel *label, const GArray *others, int zoom)
{
  for (guint i = 0; others != NULL && i < others->len; i++)
    if (labels_touch (label, &g_array_index (others, PtBasemapLabel, i), zoom))
      return TRUE;
  return FALSE;
}

static void
add_to_tile (PtBasemapLabels *labels, guint64 key, const PtBasemapLabel *label)
{
  GArray *list = g_hash_table_lookup (labels->of_tile, &key);

  if (list == NULL)
    {
      list = g_array_new (FALSE, FALSE, sizeof (PtBasemapLabel));
      g_hash_table_insert (labels->of_tile, g_memdup2 (&key, sizeof key), list);
    }
  g_array_append_val (list, *label);
}

/* Every tile that the label and the space around it touch; FALSE when another label is there. */
static gboolean
visit_tiles (PtBasemapLabels *labels, const PtBasemapLabel *label, int zoom, gboolean adding)
{
  gint64 n_tiles = (gint64) 1 << zoom;
  gint64 top = MAX (0, floor_tile (label->top - SPACE_ABOVE));
  gint64 bottom = MIN (n_tiles - 1, floor_tile (label->top + label->height + SPACE_ABOVE));
  gint64 left = floor_tile (label->left - SPACE_BESIDE);
  gint64 right = floor_tile (label->left + label->width + SPACE_BESIDE);

  for (gint64 row = top; row <= bottom; row++)
    for (gint64 column = left; column <= right; column++)
      {
        guint64 wrapped = (guint64) (column + n_tiles) & (guint64) (n_tiles - 1);
        guint64 key = tile_key (zoom, wrapped, (guint64) row);

        if (adding)
          add_to_tile (labels, key, label);
        else if (touches_any (label, g_hash_table_lookup (labels->of_tile, &key), zoom))
          return FALSE;
      }
  return TRUE;
}

/* One size more for each of these many times the inhabitants that a name needs. */
static guint8
size_of (double score, double least)
{
  static const double times[] = { 4, 16, 64 };
  guint8 size = 0;

  while (size < G_N_ELEMENTS (times) && score >= times[size] * least)
    size++;
  return size;
}

static void
place_label (PtBasemapLabels *labels, PangoLayout *layout, const Candidate *candidate, int zoom,
             double least)
{
  static const int shifts[] = { 0, -SHIFT, SHIFT };
  double world = (double) TILE * (1u << zoom);
  gint64 top;
  PtBasemapLabel label
      = { .name = candidate->place->name, .size = size_of (candidate->score, least) };

  pt_basemap_labels_set_text (layout, label.name, label.size);
  pango_layout_get_pixel_size (layout, &label.width, &label.height);
  label.left = llround (candidate->place->x * world - label.width / 2.0);
  top = llround (candidate->place->y * world - label.height / 2.0);
  for (guint i = 0; i < G_N_ELEMENTS (shifts); i++)
    {
      label.top = top + shifts[i];
      if (visit_tiles (labels, &label, zoom, FALSE))
        {
          visit_tiles (labels, &label, zoom, TRUE);
          return;
        }
    }
}

/* A capital and a seat of government orient better than their inhabitants alone say. */
static double
score_of (const PtBasemapPlace *place)
{
  static const double factor_of_kind[] = { 1, 1.5, 4 };

  return MAX ((double) place->population, place->kind == PT_BASEMAP_CAPITAL ? 20000 : 0)
         * factor_of_kind[place->kind];
}

static int
compare_candidates (gconstpointer a, gconstpointer b)
{
  const Candidate *first = a, *second = b;

  if (first->score != second->score)
    return first->score > second->score ? -1 : 1;
  return first->place < second->place ? -1 : first->place > second->place;
}

static GArray *
make_candidates (const PtBasemapData *data)
{
  GArray *candidates
      = g_array_sized_new (FALSE, FALSE, sizeof (Candidate), MAX (1, data->places->len));

  for (guint i = 0; i < data->places->len; i++)
    {
      const PtBasemapPlace *place = &g_array_index (data->places, PtBasemapPlace, i);
      Candidate candidate = { place, score_of (place) };

      g_array_append_val (candidates, candidate);
    }
  g_array_sort (candidates, compare_candidates);
  return candidates;
}

PtBasemapLabels *
pt_basemap_labels_new (const PtBasemapData *data, const PtBasemapRegions *regions)
{
  PtBasemapLabels *labels = g_new0 (PtBasemapLabels, 1);
  g_autoptr (GArray) candidates = make_candidates (data);
  g_autoptr (PangoLayout) layout = pt_basemap_labels_new_layout ();
  int last_zoom = MAX (regions->world_zoom, regions->region_zoom);

  labels->of_tile
      = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, (GDestroyNotify) g_array_unref);
  for (int zoom = FIRST_ZOOM; zoom <= last_zoom; zoom++)
    {
      double least = population_of_zoom[MIN (zoom, (int) G_N_ELEMENTS (population_of_zoom) - 1)];
      double margin = 2.0 / (1u << zoom);

      for (guint i = 0; i < candidates->len; i++)
        {
          const Candidate *candidate = &g_array_index (candidates, Candidate, i);

          if (candidate->score < least)
            break;
          if (pt_basemap_regions_near (regions, zoom, candidate->place->x, candidate->place->y,
                                       margin))
            place_label (labels, layout, candidate, zoom, least);
        }
    }
  return labels;
}

void
pt_basemap_labels_free (PtBasemapLabels *labels)
{
  g_hash_table_unref (labels->of_tile);
  g_free (labels);
}
