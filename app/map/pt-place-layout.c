/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-place-layout.h"

#include <math.h>

#define BESIDE 4.0 /* pixels that stay free on either side of a name */
#define ABOVE 2.0
#define DOT_FREE 1.0 /* pixels around the dot */
#define AWAY 6.0     /* from a place to a name beside it, */
#define OVER 4.0     /* above or below it, */
#define CORNER 3.0   /* or at one of its corners */
#define CELL 64.0
#define CELLS_MAX 256 /* in a row or a column: what is farther away shares the last one */

/* Boxes by the cells of a grid that they lie in. */
typedef struct
{
  double west, north, cell;
  int columns, rows;
  GArray *boxes;  /* PtPlaceBox */
  GArray **cells; /* of guint, or NULL: empty */
} Grid;

typedef struct
{
  int first_column, last_column, first_row, last_row;
} Span;

static void
extend (const PtPlaceBox *box, double edges[4])
{
  edges[0] = MIN (edges[0], box->x - box->width / 2);
  edges[1] = MIN (edges[1], box->y - box->height / 2);
  edges[2] = MAX (edges[2], box->x + box->width / 2);
  edges[3] = MAX (edges[3], box->y + box->height / 2);
}

static void
grid_init (Grid *grid, const PtPlaceBox *taken, guint taken_count, const PtPlaceSpot *spots,
           guint spot_count)
{
  double edges[4] = { INFINITY, INFINITY, -INFINITY, -INFINITY };

  for (guint i = 0; i < taken_count; i++)
    extend (&taken[i], edges);
  for (guint i = 0; i < spot_count; i++)
    extend (&spots[i].box, edges);
  grid->west = edges[0];
  grid->north = edges[1];
  grid->cell = MAX (CELL, MAX (edges[2] - edges[0], edges[3] - edges[1]) / CELLS_MAX);
  grid->columns = 1 + (int) ((edges[2] - edges[0]) / grid->cell);
  grid->rows = 1 + (int) ((edges[3] - edges[1]) / grid->cell);
  grid->boxes = g_array_sized_new (FALSE, FALSE, sizeof (PtPlaceBox), taken_count + spot_count);
  grid->cells = g_new0 (GArray *, (gsize) grid->columns * (gsize) grid->rows);
}

static void
grid_clear (Grid *grid)
{
  for (int i = 0; i < grid->columns * grid->rows; i++)
    if (grid->cells[i] != NULL)
      g_array_unref (grid->cells[i]);
  g_free (grid->cells);
  g_array_unref (grid->boxes);
}

static Span
grid_span (const Grid *grid, const PtPlaceBox *box, double beside, double above)
{
  double columns = grid->columns - 1, rows = grid->rows - 1;
  double west = box->x - box->width / 2 - beside - grid->west,
         east = west + box->width + 2 * beside;
  double north = box->y - box->height / 2 - above - grid->north,
         south = north + box->height + 2 * above;

  return (Span){ .first_column = (int) CLAMP (floor (west / grid->cell), 0, columns),
                 .last_column = (int) CLAMP (floor (east / grid->cell), 0, columns),
                 .first_row = (int) CLAMP (floor (north / grid->cell), 0, rows),
                 .last_row = (int) CLAMP (floor (south / grid->cell), 0, rows) };
}

static void
grid_add (Grid *grid, const PtPlaceBox *box)
{
  Span span = grid_span (grid, box, 0, 0);
  guint number = grid->boxes->len;

  g_array_append_val (grid->boxes, *box);
  for (int row = span.first_row; row <= span.last_row; row++)
    for (int column = span.first_column; column <= span.last_column; column++)
      {
        GArray **cell = &grid->cells[row * grid->columns + column];

        if (*cell == NULL)
          *cell = g_array_new (FALSE, FALSE, sizeof (guint));
        g_array_append_val (*cell, number);
      }
}

static gboolean
cell_is_free (const Grid *grid, const GArray *cell, const PtPlaceBox *box, double beside,
              double above)
{
  for (guint i = 0; cell != NULL && i < cell->len; i++)
    {
      const PtPlaceBox *other
          = &g_array_index (grid->boxes, PtPlaceBox, g_array_index (cell, guint, i));

      if (fabs (box->x - other->x) < (box->width + other->width) / 2 + beside
          && fabs (box->y - other->y) < (box->height + other->height) / 2 + above)
        return FALSE;
    }
  return TRUE;
}

static gboolean
grid_is_free (const Grid *grid, const PtPlaceBox *box, double beside, double above)
{
  Span span = grid_span (grid, box, beside, above);

  for (int row = span.first_row; row <= span.last_row; row++)
    for (int column = span.first_column; column <= span.last_column; column++)
      if (!cell_is_free (grid, grid->cells[row * grid->columns + column], box, beside, above))
        return FALSE;
  return TRUE;
}

static void
spot_place (Grid *grid, PtPlaceSpot *spot)
{
  const PtPlaceBox dot = { spot->box.x, spot->box.y, 2 * PT_PLACE_DOT, 2 * PT_PLACE_DOT };
  double across = spot->box.width / 2, down = spot->box.height / 2;
  const double tries[][2] = { { across + AWAY, 0 },
                              { -across - AWAY, 0 },
                              { 0, down + OVER },
                              { 0, -down - OVER },
                              { across + CORNER, down + CORNER },
                              { across + CORNER, -down - CORNER },
                              { -across - CORNER, down + CORNER },
                              { -across - CORNER, -down - CORNER } };

  spot->shown = FALSE;
  if (!grid_is_free (grid, &dot, DOT_FREE, DOT_FREE))
    return;
  for (guint i = 0; i < G_N_ELEMENTS (tries); i++)
    {
      PtPlaceBox box = spot->box;

      box.x += tries[i][0];
      box.y += tries[i][1];
      if (!grid_is_free (grid, &box, BESIDE, ABOVE))
        continue;
      spot->box = box;
      spot->shown = TRUE;
      grid_add (grid, &dot);
      grid_add (grid, &box);
      return;
    }
}

void
pt_place_layout (const PtPlaceBox *taken, guint taken_count, PtPlaceSpot *spots, guint spot_count)
{
  Grid grid;

  g_return_if_fail (taken != NULL || taken_count == 0);
  g_return_if_fail (spots != NULL || spot_count == 0);
  if (spot_count == 0)
    return;
  grid_init (&grid, taken, taken_count, spots, spot_count);
  for (guint i = 0; i < taken_count; i++)
    grid_add (&grid, &taken[i]);
  for (guint i = 0; i < spot_count; i++)
    spot_place (&grid, &spots[i]);
  grid_clear (&grid);
}
