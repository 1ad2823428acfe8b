/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-route.h"

#include <string.h>

typedef struct
{
  const PtRoute *route;
  gpointer context;
} Row;

struct _PtRoutes
{
  GHashTable *exact; /* path -> GArray of Row */
  GArray *patterns;  /* Row: those with a star */
};

PtRoutes *
pt_routes_new (void)
{
  PtRoutes *routes = g_new0 (PtRoutes, 1);

  routes->exact
      = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, (GDestroyNotify) g_array_unref);
  routes->patterns = g_array_new (FALSE, FALSE, sizeof (Row));
  return routes;
}

void
pt_routes_free (PtRoutes *routes)
{
  if (routes == NULL)
    return;
  g_hash_table_unref (routes->exact);
  g_array_unref (routes->patterns);
  g_free (routes);
}

/* Where a route of this pattern stands. */
static GArray *
routes_rows (PtRoutes *routes, const char *pattern)
{
  GArray *rows;

  if (strchr (pattern, '*') != NULL)
    return routes->patterns;
  rows = g_hash_table_lookup (routes->exact, pattern);
  if (rows == NULL)
    {
      rows = g_array_new (FALSE, FALSE, sizeof (Row));
      g_hash_table_insert (routes->exact, (gpointer) pattern, rows);
    }
  return rows;
}

void
pt_routes_add (PtRoutes *routes, const PtRoute *table, gpointer context)
{
  g_return_if_fail (routes != NULL && table != NULL);

  for (; table->method != NULL; table++)
    {
      Row row = { table, context };

      g_return_if_fail (table->pattern[0] == '/' && table->handler != NULL);
      g_array_append_val (routes_rows (routes, table->pattern), row);
    }
}

/* Whether a part of the path, @size long, is what the pattern's part says; @parts gets what its
 * star stands for. */
static gboolean
part_matches (const char *pattern, gsize pattern_size, const char *part, gsize size,
              GPtrArray *parts)
{
  gsize ending = pattern_size - 1;

  if (pattern_size == 0 || pattern[0] != '*')
    return size == pattern_size && memcmp (pattern, part, size) == 0;
  if (size <= ending || memcmp (part + size - ending, pattern + 1, ending) != 0)
    return FALSE;
  g_ptr_array_add (parts, g_strndup (part, size - ending));
  return TRUE;
}

static gboolean
pattern_matches (const char *pattern, const char *path, GPtrArray *parts)
{
  while (*pattern == '/' && *path == '/')
    {
      gsize pattern_size = strcspn (++pattern, "/"), size = strcspn (++path, "/");

      if (strcmp (pattern, "**") == 0)
        {
          g_ptr_array_add (parts, g_strdup (path));
          return TRUE;
        }
      if (!part_matches (pattern, pattern_size, path, size, parts))
        return FALSE;
      pattern += pattern_size;
      path += size;
    }
  return *pattern == '\0' && *path == '\0';
}

static gboolean
method_fits (const PtRoute *route, const char *method)
{
  return strcmp (route->method, method) == 0
         || (strcmp (route->method, "GET") == 0 && strcmp (method, "HEAD") == 0);
}

static guint
route_serves (const PtRoute *route)
{
  if (route->serves != 0)
    return route->serves;
  switch (route->needs)
    {
    case PT_NEEDS_ADMIN:
      return PT_SERVES_ADMINISTRATION;
    case PT_NEEDS_NOTHING:
      break;
    }
  return PT_SERVES_PUBLIC;
}

static void
match_take (PtRouteMatch *match, const Row *row, GPtrArray *parts)
{
  match->route = row->route;
  match->context = row->context;
  g_ptr_array_add (parts, NULL);
  match->parts = g_strdupv ((char **) parts->pdata);
}

/* Whether one of @rows has the path; one that has the method too fills @match. */
static gboolean
rows_find (const GArray *rows, guint serves, const char *method, const char *path,
           PtRouteMatch *match)
{
  gboolean is_there = FALSE;

  for (guint i = 0; rows != NULL && i < rows->len && match->route == NULL; i++)
    {
      const Row *row = &g_array_index (rows, Row, i);
      g_autoptr (GPtrArray) parts = g_ptr_array_new_with_free_func (g_free);

      if ((route_serves (row->route) & serves) == 0
          || !pattern_matches (row->route->pattern, path, parts))
        continue;
      is_there = TRUE;
      if (method_fits (row->route, method))
        match_take (match, row, parts);
    }
  return is_there;
}

PtRouteResult
pt_routes_find (const PtRoutes *routes, guint serves, const char *method, const char *path,
                PtRouteMatch *match)
{
  const GArray *exact;
  gboolean is_there;

  g_return_val_if_fail (routes != NULL && method != NULL && path != NULL && match != NULL,
                        PT_ROUTE_NO_ADDRESS);

  *match = (PtRouteMatch){ 0 };
  exact = g_hash_table_lookup (routes->exact, path);
  is_there = rows_find (exact, serves, method, path, match);
  if (exact == NULL) /* an address of its own is nothing that a star stands for */
    is_there = rows_find (routes->patterns, serves, method, path, match);
  if (match->route != NULL)
    return PT_ROUTE_FOUND;
  return is_there ? PT_ROUTE_NO_METHOD : PT_ROUTE_NO_ADDRESS;
}

char *
pt_routes_allow (const PtRoutes *routes, guint serves, const char *path)
{
  static const char *const methods[] = { "GET", "HEAD", "POST", "DELETE" };
  g_autoptr (GString) allow = g_string_new (NULL);

  g_return_val_if_fail (routes != NULL && path != NULL, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (methods); i++)
    {
      PtRouteMatch match;

      if (pt_routes_find (routes, serves, methods[i], path, &match) == PT_ROUTE_FOUND)
        g_string_append_printf (allow, "%s, ", methods[i]);
      g_strfreev (match.parts);
    }
  return allow->len > 0 ? g_strconcat (allow->str, "OPTIONS", NULL) : NULL;
}
