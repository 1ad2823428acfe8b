/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-route.h"

static gboolean
answer_nothing (PtRequest *request, gpointer context, GError **error)
{
  return TRUE;
}

static const PtRoute first[] = {
  { "GET", "/", answer_nothing },
  { "GET", "/a", answer_nothing },
  { "POST", "/a", answer_nothing },
  { "POST", "/b", answer_nothing },
  { "GET", "/a/*", answer_nothing },
  { "GET", "/a/*/x", answer_nothing },
  { "GET", "/tiles/places/*/*.json", answer_nothing },
  { "GET", "/tiles/*/*/*.png", answer_nothing },
  { "GET", "/files/**", answer_nothing },
  { NULL },
};

static const PtRoute second[] = {
  { "GET", "/a", answer_nothing },
  { "GET", "/a/b", answer_nothing },
  { "GET", "/c", answer_nothing },
  { "DELETE", "/a/d", answer_nothing },
  { NULL },
};

static PtRoutes *
make_routes (void)
{
  PtRoutes *routes = pt_routes_new ();

  pt_routes_add (routes, first, GINT_TO_POINTER (1));
  pt_routes_add (routes, second, GINT_TO_POINTER (2));
  return routes;
}

/* @parts: what the stars stand for, with | between. */
static void
test_found (void)
{
  static const struct
  {
    const char *method, *path, *pattern, *parts;
    int table;
  } rows[] = {
    { "GET", "/", "/", "", 1 },
    { "HEAD", "/", "/", "", 1 },
    { "GET", "/a", "/a", "", 1 },
    { "HEAD", "/a", "/a", "", 1 },
    { "POST", "/a", "/a", "", 1 },
    { "GET", "/c", "/c", "", 2 },
    { "GET", "/a/b", "/a/b", "", 2 },
    { "DELETE", "/a/d", "/a/d", "", 2 },
    { "GET", "/a/c", "/a/*", "c", 1 },
    { "GET", "/a/*", "/a/*", "*", 1 },
    { "GET", "/a/\303\274 b", "/a/*", "\303\274 b", 1 },
    { "GET", "/a/c/x", "/a/*/x", "c", 1 },
    { "GET", "/tiles/places/1/2.json", "/tiles/places/*/*.json", "1|2", 1 },
    { "GET", "/tiles/light/1/2.png", "/tiles/*/*/*.png", "light|1|2", 1 },
    { "GET", "/tiles/light/1/.png.png", "/tiles/*/*/*.png", "light|1|.png", 1 },
    { "GET", "/files/", "/files/**", "", 1 },
    { "GET", "/files/a", "/files/**", "a", 1 },
    { "GET", "/files/a//b/", "/files/**", "a//b/", 1 },
  };
  g_autoptr (PtRoutes) routes = make_routes ();

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *parts = NULL;
      PtRouteMatch match;

      g_test_message ("%s %s", rows[i].method, rows[i].path);
      g_assert_cmpint (pt_routes_find (routes, PT_SERVES_ALL, rows[i].method, rows[i].path, &match),
                       ==, PT_ROUTE_FOUND);
      g_assert_cmpstr (match.route->pattern, ==, rows[i].pattern);
      g_assert_cmpint (GPOINTER_TO_INT (match.context), ==, rows[i].table);
      parts = g_strjoinv ("|", match.parts);
      g_assert_cmpstr (parts, ==, rows[i].parts);
      g_strfreev (match.parts);
    }
}

static void
test_not_found (void)
{
  static const struct
  {
    const char *method, *path, *allow; /* NULL: there is no such address */
  } rows[] = {
    { "GET", "", NULL },
    { "GET", "a", NULL },
    { "GET", "*", NULL },
    { "GET", "//", NULL },
    { "GET", "/A", NULL },
    { "GET", "/a/", NULL },
    { "GET", "/a//x", NULL },
    { "GET", "/a/c/x/", NULL },
    { "GET", "/a/c/y", NULL },
    { "GET", "/aa", NULL },
    { "GET", "/files", NULL },
    { "GET", "/filesystem", NULL },
    { "GET", "/tiles/light/1/.png", NULL },
    { "GET", "/tiles/light/1/2", NULL },
    { "GET", "/tiles/light/1/2.jpg", NULL },
    { "GET", "/tiles/light//2.png", NULL },
    { "GET", "/b", "POST, OPTIONS" },
    { "HEAD", "/b", "POST, OPTIONS" },
    { "DELETE", "/a", "GET, HEAD, POST, OPTIONS" },
    { "OPTIONS", "/a", "GET, HEAD, POST, OPTIONS" },
    { "POST", "/a/b", "GET, HEAD, OPTIONS" },
    { "GET", "/a/d", "DELETE, OPTIONS" },
    { "get", "/c", "GET, HEAD, OPTIONS" },
    { "POST", "/files/a/b", "GET, HEAD, OPTIONS" },
  };
  g_autoptr (PtRoutes) routes = make_routes ();

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *allow = pt_routes_allow (routes, PT_SERVES_ALL, rows[i].path);
      PtRouteMatch match;

      g_test_message ("%s %s", rows[i].method, rows[i].path);
      g_assert_cmpint (pt_routes_find (routes, PT_SERVES_ALL, rows[i].method, rows[i].path, &match),
                       ==, rows[i].allow == NULL ? PT_ROUTE_NO_ADDRESS : PT_ROUTE_NO_METHOD);
      g_assert_null (match.route);
      g_assert_null (match.parts);
      g_assert_cmpstr (allow, ==, rows[i].allow);
    }
}

/* What one listener serves is not there for those who come by another. */
static void
test_serves (void)
{
  static const PtRoute table[] = {
    { "GET", "/all", answer_nothing, .serves = PT_SERVES_ALL },
    { "GET", "/both", answer_nothing },
    { "POST", "/both", answer_nothing, .serves = PT_SERVES_DEVICES },
    { "POST", "/secret", answer_nothing, .needs = PT_NEEDS_ADMIN },
    { NULL },
  };
  static const struct
  {
    guint serves;
    const char *method, *path, *allow;
    gboolean found;
  } rows[] = {
    { PT_SERVES_PUBLIC, "GET", "/all", "GET, HEAD, OPTIONS", TRUE },
    { PT_SERVES_ADMINISTRATION, "GET", "/all", "GET, HEAD, OPTIONS", TRUE },
    { PT_SERVES_PUBLIC, "GET", "/both", "GET, HEAD, OPTIONS", TRUE },
    { PT_SERVES_PUBLIC, "POST", "/both", "GET, HEAD, OPTIONS", FALSE },
    { PT_SERVES_DEVICES, "POST", "/both", "POST, OPTIONS", TRUE },
    { PT_SERVES_DEVICES, "GET", "/both", "POST, OPTIONS", FALSE },
    { PT_SERVES_PUBLIC | PT_SERVES_DEVICES, "GET", "/both", "GET, HEAD, POST, OPTIONS", TRUE },
    { PT_SERVES_PUBLIC | PT_SERVES_DEVICES, "POST", "/secret", NULL, FALSE },
    { PT_SERVES_ADMINISTRATION, "POST", "/secret", "POST, OPTIONS", TRUE },
  };
  g_autoptr (PtRoutes) routes = pt_routes_new ();

  pt_routes_add (routes, table, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *allow = pt_routes_allow (routes, rows[i].serves, rows[i].path);
      PtRouteMatch match;
      PtRouteResult result
          = pt_routes_find (routes, rows[i].serves, rows[i].method, rows[i].path, &match);

      g_test_message ("%u", i);
      g_assert_cmpint (result == PT_ROUTE_FOUND, ==, rows[i].found);
      g_assert_cmpstr (allow, ==, rows[i].allow);
      g_strfreev (match.parts);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/route/found", test_found);
  g_test_add_func ("/route/not-found", test_not_found);
  g_test_add_func ("/route/serves", test_serves);
  return g_test_run ();
}
