/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-grid-shapes.h"

#include <json-glib/json-glib.h>
#include <math.h>
#include <string.h>

/* A name's address, the same for the same name. */
static gsize
name_of (JsonObject *site, const char *member)
{
  const char *name = json_object_get_string_member (site, member);

  return *name != '\0' ? (gsize) g_intern_string (name) : PT_GRID_NONE;
}

static GArray *
case_sites (JsonObject *test)
{
  JsonArray *list = json_object_get_array_member (test, "sites");
  GArray *sites = g_array_new (FALSE, FALSE, sizeof (PtGridSite));

  for (guint i = 0; i < json_array_get_length (list); i++)
    {
      JsonObject *object = json_array_get_object_element (list, i);
      PtGridSite site = { json_object_get_double_member (object, "x"),
                          json_object_get_double_member (object, "y"), name_of (object, "feeder"),
                          name_of (object, "area") };

      g_array_append_val (sites, site);
    }
  return sites;
}

static const PtGridSite *
site_of (const PtGridShapes *shapes, guint number)
{
  return &g_array_index (shapes->sites, PtGridSite, number);
}

static const PtGridLine *
find_line (const PtGridShapes *shapes, gsize area, gsize feeder)
{
  for (guint i = 0; i < shapes->lines->len; i++)
    {
      const PtGridLine *line = &g_array_index (shapes->lines, PtGridLine, i);
      const PtGridSite *site
          = site_of (shapes, g_array_index (shapes->members, guint, line->first));

      if (site->area == area && site->feeder == feeder)
        return line;
    }
  return NULL;
}

static gboolean
has_edge (const PtGridShapes *shapes, const PtGridLine *line, guint a, guint b)
{
  for (guint i = line->first_edge; i < line->first_edge + line->count - 1; i++)
    {
      const PtGridEdge *edge = &g_array_index (shapes->edges, PtGridEdge, i);

      if ((edge->from == a && edge->to == b) || (edge->from == b && edge->to == a))
        return TRUE;
    }
  return FALSE;
}

static void
check_lines (const PtGridShapes *shapes, JsonArray *wanted)
{
  g_assert_cmpuint (shapes->lines->len, ==, json_array_get_length (wanted));
  for (guint i = 0; i < shapes->lines->len; i++)
    {
      JsonObject *object = json_array_get_object_element (wanted, i);
      JsonArray *edges = json_object_get_array_member (object, "edges");
      const PtGridLine *line
          = find_line (shapes, name_of (object, "area"), name_of (object, "feeder"));

      g_assert_nonnull (line);
      g_assert_cmpuint (line->count - 1, ==, json_array_get_length (edges));
      for (guint j = 0; j < json_array_get_length (edges); j++)
        {
          JsonArray *edge = json_array_get_array_element (edges, j);

          g_assert_true (has_edge (shapes, line, (guint) json_array_get_int_element (edge, 0),
                                   (guint) json_array_get_int_element (edge, 1)));
        }
    }
}

static const PtGridOutline *
find_outline (const PtGridShapes *shapes, gsize area)
{
  for (guint i = 0; i < shapes->outlines->len; i++)
    {
      const PtGridOutline *outline = &g_array_index (shapes->outlines, PtGridOutline, i);

      if (site_of (shapes, outline->site)->area == area)
        return outline;
    }
  return NULL;
}

static gboolean
has_corner (const PtGridShapes *shapes, const PtGridOutline *outline, const PtGridSite *site)
{
  for (guint i = outline->first; i < outline->first + outline->count; i++)
    {
      const PtGridCorner *corner = &g_array_index (shapes->corners, PtGridCorner, i);
      double aside = corner->x - site->x;

      if (fabs (aside - round (aside)) < 1e-9 && fabs (corner->y - site->y) < 1e-9)
        return TRUE;
    }
  return FALSE;
}

static void
check_outlines (const PtGridShapes *shapes, JsonArray *wanted)
{
  g_assert_cmpuint (shapes->outlines->len, ==, json_array_get_length (wanted));
  for (guint i = 0; i < shapes->outlines->len; i++)
    {
      JsonObject *object = json_array_get_object_element (wanted, i);
      JsonArray *corners = json_object_get_array_member (object, "corners");
      const PtGridOutline *outline = find_outline (shapes, name_of (object, "area"));

      g_assert_nonnull (outline);
      g_assert_cmpuint (outline->count, ==, json_array_get_length (corners));
      g_assert_cmpfloat (outline->box.west, <, outline->box.east);
      g_assert_cmpfloat (outline->box.north, <, outline->box.south);
      for (guint j = 0; j < outline->count; j++)
        g_assert_true (has_corner (
            shapes, outline, site_of (shapes, (guint) json_array_get_int_element (corners, j))));
    }
}

static void
test_vectors (void)
{
  g_autofree char *path
      = g_build_filename (g_getenv ("PT_SOURCE_DIR"), "tests", "vectors", "grid.json", NULL);
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autoptr (GError) error = NULL;
  JsonArray *cases;

  json_parser_load_from_file (parser, path, &error);
  g_assert_no_error (error);
  cases = json_object_get_array_member (json_node_get_object (json_parser_get_root (parser)),
                                        "cases");
  g_assert_cmpuint (json_array_get_length (cases), >, 8);
  for (guint i = 0; i < json_array_get_length (cases); i++)
    {
      JsonObject *test = json_array_get_object_element (cases, i);
      g_autoptr (GArray) sites = case_sites (test);
      g_autoptr (PtGridShapes) shapes = pt_grid_shapes_new (sites);

      g_test_message ("%s", json_object_get_string_member (test, "name"));
      check_lines (shapes, json_object_get_array_member (test, "lines"));
      check_outlines (shapes, json_object_get_array_member (test, "outlines"));
    }
}

/* A feeder of more sites than one can have gets no line; the largest that can be gets one. */
static void
test_bounds (void)
{
  for (guint count = PT_GRID_FEEDER_MAX; count <= PT_GRID_FEEDER_MAX + 1; count++)
    {
      g_autoptr (GArray) sites = g_array_new (FALSE, FALSE, sizeof (PtGridSite));
      g_autoptr (PtGridShapes) shapes = NULL;

      for (guint i = 0; i < count; i++)
        {
          PtGridSite site = { i / 3000.0, i % 7 / 7.0, 1, 1 };

          g_array_append_val (sites, site);
        }
      shapes = pt_grid_shapes_new (sites);
      g_assert_cmpuint (shapes->lines->len, ==, count == PT_GRID_FEEDER_MAX ? 1 : 0);
      g_assert_cmpuint (shapes->outlines->len, ==, 1);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/grid-shapes/vectors", test_vectors);
  g_test_add_func ("/grid-shapes/bounds", test_bounds);
  return g_test_run ();
}
