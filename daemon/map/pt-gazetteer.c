/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-gazetteer.h"

#include <math.h>
#include <string.h>

#include "pt-error.h"

#define FILE_MAX (64u << 20)
#define PLACES_MAX 500000u
#define FIELDS 5
#define NUMBER_MAX 24 /* characters of a number, longer ones are none */
#define ATTRIBUTION_LINE "# attribution: "
#define ATTRIBUTION_MAX 200

#define CELLS_PER_DEGREE 2
#define COLUMNS (360 * CELLS_PER_DEGREE)
#define ROWS (180 * CELLS_PER_DEGREE)
#define DEGREE 1e7
#define NEAR_DEGREES 0.45 /* of latitude, 50 km */

#define ZOOM_MAX 18
#define TILE_PLACES 24
#define LATITUDE_MAX 85.051129 /* where the square of Web Mercator ends */

typedef enum
{
  PLACE,
  SEAT,
  CAPITAL,
  KINDS
} Kind;

static const char *const kind_names[KINDS] = { "place", "seat", "capital" };

typedef struct
{
  gint32 lat, lon; /* 1e-7 degree */
  guint32 population;
  guint32 name; /* offset in the names */
  guint8 length;
  guint8 kind;
} Place;

struct _PtGazetteer
{
  char *attribution;
  GByteArray *names;
  GArray *places;                    /* by cell, in a cell the most important first */
  guint32 first[COLUMNS * ROWS + 1]; /* of ->places */
};

/* Inhabitants that a place needs for its name; from the last zoom on all have theirs. */
static const double population_of_zoom[]
    = { 2e7, 1.2e7, 6e6, 2.5e6, 9e5, 3e5, 1.2e5, 4.5e4, 1.8e4, 8e3, 3.5e3, 1.5e3, 0 };

/* A capital and a seat of government orient better than their inhabitants alone say. */
static double
rank_of (const Place *place)
{
  static const double factor_of_kind[KINDS] = { 1, 1.5, 4 };

  return MAX (place->population, place->kind == CAPITAL ? 20000u : 1u)
         * factor_of_kind[place->kind];
}

static guint
cell_of (const Place *place)
{
  int column = (int) floor ((place->lon / DEGREE + 180) * CELLS_PER_DEGREE);
  int row = (int) floor ((place->lat / DEGREE + 90) * CELLS_PER_DEGREE);

  return (guint) (CLAMP (row, 0, ROWS - 1) * COLUMNS + CLAMP (column, 0, COLUMNS - 1));
}

/* Reading */

typedef struct
{
  const char *data;
  gsize length;
} Field;

static gboolean
read_number (Field field, double least, double most, double *out)
{
  char text[NUMBER_MAX + 1], *end = NULL;

  if (field.length == 0 || field.length > NUMBER_MAX)
    return FALSE;
  memcpy (text, field.data, field.length);
  text[field.length] = '\0';
  *out = g_ascii_strtod (text, &end);
  return *end == '\0' && *out >= least && *out <= most;
}

static gboolean
read_kind (Field field, guint8 *out)
{
  for (guint8 kind = 0; kind < KINDS; kind++)
    if (field.length == strlen (kind_names[kind])
        && memcmp (field.data, kind_names[kind], field.length) == 0)
      {
        *out = kind;
        return TRUE;
      }
  return FALSE;
}

/* How many there are; at most FIELDS + 1. */
static guint
split (Field line, Field fields[FIELDS + 1])
{
  guint count = 0;

  for (; count <= FIELDS; count++)
    {
      const char *tab = memchr (line.data, '\t', line.length);

      fields[count] = (Field){ line.data, tab != NULL ? (gsize) (tab - line.data) : line.length };
      if (tab == NULL)
        return count + 1;
      line.length -= fields[count].length + 1;
      line.data = tab + 1;
    }
  return count;
}

/* NULL, or what is wrong with the line. */
static const char *
gazetteer_add (PtGazetteer *gazetteer, Field line)
{
  Field fields[FIELDS + 1];
  Place place = { 0 };
  double population, lat, lon;

  if (split (line, fields) != FIELDS)
    return "it does not have five columns with tabs between";
  if (!read_kind (fields[0], &place.kind))
    return "its kind is none of place, seat and capital";
  if (!read_number (fields[1], 0, 1e9, &population))
    return "its second column is no number of inhabitants";
  if (!read_number (fields[2], -90, 90, &lat) || !read_number (fields[3], -180, 180, &lon))
    return "its degrees of latitude and longitude are none";
  if (!pt_place_name_is_good (fields[4].data, fields[4].length))
    return "its name is none, is longer than 60 bytes, or is no text in one line";
  if (gazetteer->places->len >= PLACES_MAX)
    return "there are more than 500,000 places before it";
  place.population = (guint32) population;
  place.lat = (gint32) lround (lat * DEGREE);
  place.lon = (gint32) lround (lon * DEGREE);
  place.name = gazetteer->names->len;
  place.length = (guint8) fields[4].length;
  g_byte_array_append (gazetteer->names, (const guint8 *) fields[4].data, place.length);
  g_array_append_val (gazetteer->places, place);
  return NULL;
}

static void
gazetteer_comment (PtGazetteer *gazetteer, Field line)
{
  gsize before = strlen (ATTRIBUTION_LINE);

  if (gazetteer->attribution != NULL || line.length <= before
      || line.length > before + ATTRIBUTION_MAX || memcmp (line.data, ATTRIBUTION_LINE, before) != 0
      || !g_utf8_validate_len (line.data, line.length, NULL))
    return;
  gazetteer->attribution = g_strndup (line.data + before, line.length - before);
}

static gboolean
gazetteer_read (PtGazetteer *gazetteer, GMappedFile *file, const char *path, GError **error)
{
  const char *at = g_mapped_file_get_contents (file);
  gsize rest = g_mapped_file_get_length (file);

  for (guint number = 1; rest > 0; number++)
    {
      const char *end = memchr (at, '\n', rest), *problem = NULL;
      Field line = { at, end != NULL ? (gsize) (end - at) : rest };
      gsize whole = line.length + (end != NULL);

      if (line.length > 0 && line.data[line.length - 1] == '\r')
        line.length--;
      if (line.length > 0 && line.data[0] == '#')
        gazetteer_comment (gazetteer, line);
      else if (line.length > 0)
        problem = gazetteer_add (gazetteer, line);
      if (problem != NULL)
        {
          g_set_error (error, PT_ERROR, PT_ERROR_CONFIGURATION,
                       "%s is no list of places: line %u, %s. Mend it, or name another file in "
                       "[map] places.",
                       path, number, problem);
          return FALSE;
        }
      at += whole;
      rest -= whole;
    }
  return TRUE;
}

static int
compare_places (gconstpointer a, gconstpointer b)
{
  const Place *first = a, *second = b;
  guint cell = cell_of (first), other = cell_of (second);
  double rank = rank_of (first), other_rank = rank_of (second);

  if (cell != other)
    return cell < other ? -1 : 1;
  if (rank != other_rank)
    return rank > other_rank ? -1 : 1;
  return first->name < second->name ? -1 : first->name > second->name;
}

static void
gazetteer_sort (PtGazetteer *gazetteer)
{
  guint at = 0;

  g_array_sort (gazetteer->places, compare_places);
  for (guint cell = 0; cell <= COLUMNS * ROWS; cell++)
    {
      gazetteer->first[cell] = at;
      while (at < gazetteer->places->len
             && cell_of (&g_array_index (gazetteer->places, Place, at)) == cell)
        at++;
    }
}

PtGazetteer *
pt_gazetteer_new (const char *path, GError **error)
{
  g_autoptr (PtGazetteer) gazetteer = NULL;
  g_autoptr (GError) local = NULL;
  g_autoptr (GMappedFile) file = NULL;

  g_return_val_if_fail (path != NULL, NULL);

  file = g_mapped_file_new (path, FALSE, &local);
  gazetteer = g_new0 (PtGazetteer, 1);
  gazetteer->names = g_byte_array_new ();
  gazetteer->places = g_array_new (FALSE, FALSE, sizeof (Place));
  if (file == NULL || g_mapped_file_get_length (file) > FILE_MAX)
    {
      g_set_error (error, PT_ERROR, PT_ERROR_CONFIGURATION,
                   "The list of places %s cannot be read: %s. Name another file in [map] places.",
                   path, local != NULL ? local->message : "it is larger than 64 MiB");
      return NULL;
    }
  if (!gazetteer_read (gazetteer, file, path, error))
    return NULL;
  gazetteer_sort (gazetteer);
  return g_steal_pointer (&gazetteer);
}

void
pt_gazetteer_free (PtGazetteer *gazetteer)
{
  if (gazetteer == NULL)
    return;
  g_byte_array_unref (gazetteer->names);
  g_array_unref (gazetteer->places);
  g_free (gazetteer->attribution);
  g_free (gazetteer);
}

const char *
pt_gazetteer_attribution (const PtGazetteer *gazetteer)
{
  g_return_val_if_fail (gazetteer != NULL, NULL);

  return gazetteer->attribution != NULL ? gazetteer->attribution : "";
}

static void
copy_name (const PtGazetteer *gazetteer, const Place *place, char name[PT_PLACE_NAME_MAX + 1])
{
  memcpy (name, gazetteer->names->data + place->name, place->length);
  name[place->length] = '\0';
}

/* The nearest */

typedef struct
{
  gint32 lat, lon;
  double shrink; /* a degree of longitude, in degrees of latitude */
  double best;   /* squared degrees */
  const Place *place;
} Search;

static void
search_cell (const PtGazetteer *gazetteer, guint row, guint column, Search *search)
{
  guint cell = row * COLUMNS + column;

  for (guint i = gazetteer->first[cell]; i < gazetteer->first[cell + 1]; i++)
    {
      const Place *place = &g_array_index (gazetteer->places, Place, i);
      double up = (place->lat - (gint64) search->lat) / DEGREE;
      double beside = fabs ((place->lon - (gint64) search->lon) / DEGREE);
      double distance;

      beside = MIN (beside, 360 - beside) * search->shrink;
      distance = up * up + beside * beside;
      if (distance < search->best)
        {
          search->best = distance;
          search->place = place;
        }
    }
}

gboolean
pt_gazetteer_nearest (const PtGazetteer *gazetteer, gint32 lat, gint32 lon,
                      char name[PT_PLACE_NAME_MAX + 1])
{
  double degrees = lat / DEGREE;
  Search search
      = { lat, lon, MAX (cos (degrees * G_PI / 180), 0.01), NEAR_DEGREES * NEAR_DEGREES, NULL };
  int reach = (int) ceil (NEAR_DEGREES / search.shrink * CELLS_PER_DEGREE);
  int middle = (int) floor ((lon / DEGREE + 180) * CELLS_PER_DEGREE);
  int row = (int) floor ((degrees + 90) * CELLS_PER_DEGREE);

  g_return_val_if_fail (gazetteer != NULL && name != NULL, FALSE);

  reach = MIN (reach, COLUMNS / 2 - 1); /* no cell twice */
  for (int r = MAX (row - 1, 0); r <= MIN (row + 1, ROWS - 1); r++)
    for (int c = middle - reach; c <= middle + reach; c++)
      search_cell (gazetteer, (guint) r, (guint) ((c + 2 * COLUMNS) % COLUMNS), &search);
  if (search.place != NULL)
    copy_name (gazetteer, search.place, name);
  return search.place != NULL;
}

/* Tiles */

typedef struct
{
  double west, south, east, north; /* degrees; west and north are of it, the others not */
} Box;

static double
latitude_of (double y)
{
  return atan (sinh (G_PI * (1 - 2 * y))) * 180 / G_PI;
}

static gboolean
box_holds (const Box *box, const Place *place)
{
  double lat = place->lat / DEGREE, lon = place->lon / DEGREE;

  return lon >= box->west && lon < box->east && lat <= box->north && lat > box->south;
}

static void
gather_cell (const PtGazetteer *gazetteer, guint cell, const Box *box, double least,
             GPtrArray *found)
{
  for (guint i = gazetteer->first[cell]; i < gazetteer->first[cell + 1]; i++)
    {
      Place *place = &g_array_index (gazetteer->places, Place, i);

      if (rank_of (place) < least)
        return;
      if (box_holds (box, place))
        g_ptr_array_add (found, place);
    }
}

static int
compare_ranks (gconstpointer a, gconstpointer b)
{
  const Place *first = *(Place *const *) a, *second = *(Place *const *) b;
  double rank = rank_of (first), other = rank_of (second);

  if (rank != other)
    return rank > other ? -1 : 1;
  return first->name < second->name ? -1 : first->name > second->name;
}

static GPtrArray *
gather (const PtGazetteer *gazetteer, const Box *box, double least)
{
  GPtrArray *found = g_ptr_array_new ();
  int west = (int) floor ((box->west + 180) * CELLS_PER_DEGREE);
  int east = (int) floor ((box->east + 180) * CELLS_PER_DEGREE);
  int south = (int) floor ((box->south + 90) * CELLS_PER_DEGREE);
  int north = (int) floor ((box->north + 90) * CELLS_PER_DEGREE);

  for (int row = MAX (south, 0); row <= MIN (north, ROWS - 1); row++)
    for (int column = MAX (west, 0); column <= MIN (east, COLUMNS - 1); column++)
      gather_cell (gazetteer, (guint) (row * COLUMNS + column), box, least, found);
  g_ptr_array_sort (found, compare_ranks);
  return found;
}

/* One size more for each of these many times the inhabitants that a name needs. */
static guint
size_of (double rank, double least)
{
  static const double times[] = { 4, 16, 64 };
  guint size = 0;

  while (size < G_N_ELEMENTS (times) && rank >= times[size] * MAX (least, 1000))
    size++;
  return size;
}

static PtMapPlace
place_on_map (const PtGazetteer *gazetteer, const Place *place, double least)
{
  PtMapPlace shown = { .kind = kind_names[place->kind],
                       .lat = place->lat,
                       .lon = place->lon,
                       .population = place->population,
                       .rank = (gint64) floor (rank_of (place)),
                       .size = size_of (rank_of (place), least) };

  copy_name (gazetteer, place, shown.name);
  return shown;
}

GArray *
pt_gazetteer_tile (const PtGazetteer *gazetteer, gint64 z, gint64 x, gint64 y)
{
  g_autoptr (GPtrArray) found = NULL;
  GArray *shown;
  double size, least;
  Box box;

  g_return_val_if_fail (gazetteer != NULL, NULL);

  if (z < 0 || z > ZOOM_MAX || x < 0 || y < 0 || x >= 1 << z || y >= 1 << z)
    return NULL;
  size = 1.0 / (double) (1 << z);
  least = population_of_zoom[MIN ((guint) z, G_N_ELEMENTS (population_of_zoom) - 1)];
  box = (Box){ (double) x * size * 360 - 180,
               MAX (latitude_of ((double) (y + 1) * size), -LATITUDE_MAX),
               (double) (x + 1) * size * 360 - 180,
               MIN (latitude_of ((double) y * size), LATITUDE_MAX) };
  found = gather (gazetteer, &box, least);
  shown = g_array_new (FALSE, FALSE, sizeof (PtMapPlace));
  for (guint i = 0; i < MIN (found->len, TILE_PLACES); i++)
    {
      PtMapPlace place = place_on_map (gazetteer, g_ptr_array_index (found, i), least);

      g_array_append_val (shown, place);
    }
  return shown;
}
