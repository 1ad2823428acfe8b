/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-site-store.h"

#define MANY 100000

typedef struct
{
  PtSiteStore *store;
  guint changes, resets;
  GArray *last; /* numbers of the last "changed" */
} Fixture;

static void
on_changed (PtSiteStore *store, GArray *numbers, gpointer data)
{
  Fixture *fixture = data;

  fixture->changes++;
  g_clear_pointer (&fixture->last, g_array_unref);
  fixture->last = g_array_ref (numbers);
}

static void
on_reset (PtSiteStore *store, gpointer data)
{
  ((Fixture *) data)->resets++;
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->store = pt_site_store_new ();
  g_signal_connect (fixture->store, "changed", G_CALLBACK (on_changed), fixture);
  g_signal_connect (fixture->store, "reset", G_CALLBACK (on_reset), fixture);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_clear_pointer (&fixture->last, g_array_unref);
  g_assert_finalize_object (fixture->store);
}

static void
turn (void)
{
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

static PtSiteRow
row (const char *area, const char *site, PtSiteState state, gint64 customers)
{
  return (PtSiteRow){ .area = area,
                      .site = site,
                      .lat = 382950000,
                      .lon = -1224950000,
                      .customers = customers,
                      .since = 1000,
                      .state = state };
}

static guint
put (Fixture *fixture, const char *area, const char *site, PtSiteState state, gint64 customers)
{
  PtSiteRow made = row (area, site, state, customers);

  return pt_site_store_put (fixture->store, &made);
}

static void
test_put (Fixture *fixture, gconstpointer data)
{
  char name[] = "s1";
  const PtSiteRow *kept;

  g_assert_cmpuint (put (fixture, "east", name, PT_SITE_ON, 5), ==, 0);
  g_assert_cmpuint (put (fixture, "west", name, PT_SITE_OFF, 7), ==, 1); /* another area's */
  g_assert_cmpuint (put (fixture, "east", "s2", PT_SITE_SILENT, 1), ==, 2);
  name[0] = 'x'; /* strings were copied */
  g_assert_cmpuint (pt_site_store_size (fixture->store), ==, 3);
  g_assert_cmpuint (pt_site_store_find (fixture->store, "east", "s1"), ==, 0);
  g_assert_cmpuint (pt_site_store_find (fixture->store, "west", "s1"), ==, 1);
  g_assert_cmpuint (pt_site_store_find (fixture->store, "west", "s2"), ==, PT_SITE_NONE);
  g_assert_cmpuint (pt_site_store_find (fixture->store, "north", "s1"), ==, PT_SITE_NONE);
  kept = pt_site_store_get (fixture->store, 1);
  g_assert_cmpstr (kept->site, ==, "s1");
  g_assert_cmpstr (kept->area, ==, "west");
  /* Web Mercator of 38.295 N, 122.495 W. */
  g_assert_cmpfloat_with_epsilon (kept->x, (180 - 122.495) / 360, 1e-12);
  g_assert_cmpfloat_with_epsilon (kept->y, 0.38468666886, 1e-9);
}

static void
test_gathered (Fixture *fixture, gconstpointer data)
{
  put (fixture, "east", "s1", PT_SITE_ON, 5);
  put (fixture, "east", "s2", PT_SITE_ON, 5);
  put (fixture, "east", "s1", PT_SITE_OFF, 5);
  g_assert_cmpuint (fixture->changes, ==, 0);
  turn ();
  g_assert_cmpuint (fixture->changes, ==, 1);
  g_assert_cmpuint (fixture->last->len, ==, 2);
  put (fixture, "east", "s1", PT_SITE_OFF, 5); /* nothing new */
  turn ();
  g_assert_cmpuint (fixture->changes, ==, 1);
  put (fixture, "east", "s2", PT_SITE_SILENT, 5);
  turn ();
  g_assert_cmpuint (fixture->changes, ==, 2);
  g_assert_cmpuint (g_array_index (fixture->last, guint, 0), ==, 1);
  g_assert_cmpuint (fixture->resets, ==, 0);
}

static void
test_moved (Fixture *fixture, gconstpointer data)
{
  PtSiteRow moved = row ("east", "s1", PT_SITE_ON, 5);

  put (fixture, "east", "s1", PT_SITE_ON, 5);
  turn ();
  moved.lat++;
  pt_site_store_put (fixture->store, &moved);
  turn ();
  g_assert_cmpuint (fixture->resets, ==, 1);
  g_assert_cmpuint (fixture->changes, ==, 1);
}

/* Names are kept once, whoever is near to them; another one is news. */
static void
test_places (Fixture *fixture, gconstpointer data)
{
  char name[] = "Napa";
  PtSiteRow one = row ("east", "s1", PT_SITE_ON, 5), other = row ("east", "s2", PT_SITE_ON, 5);

  one.place = other.place = name;
  pt_site_store_put (fixture->store, &one);
  pt_site_store_put (fixture->store, &other);
  put (fixture, "east", "s3", PT_SITE_ON, 5);
  name[0] = 'x';
  g_assert_cmpstr (pt_site_store_get (fixture->store, 0)->place, ==, "Napa");
  g_assert_true (pt_site_store_get (fixture->store, 0)->place
                 == pt_site_store_get (fixture->store, 1)->place);
  g_assert_null (pt_site_store_get (fixture->store, 2)->place);
  turn ();
  g_assert_cmpuint (fixture->changes, ==, 1);
  one.place = "Napa";
  pt_site_store_put (fixture->store, &one); /* nothing new */
  turn ();
  g_assert_cmpuint (fixture->changes, ==, 1);
  one.place = "Sonoma";
  pt_site_store_put (fixture->store, &one);
  put (fixture, "east", "s2", PT_SITE_ON, 5); /* no name any more */
  turn ();
  g_assert_cmpuint (fixture->changes, ==, 2);
  g_assert_cmpuint (fixture->last->len, ==, 2);
  g_assert_cmpuint (fixture->resets, ==, 0);
  g_assert_cmpstr (pt_site_store_get (fixture->store, 0)->place, ==, "Sonoma");
  g_assert_null (pt_site_store_get (fixture->store, 1)->place);
  pt_site_store_clear (fixture->store);
  pt_site_store_put (fixture->store, &one);
  g_assert_cmpstr (pt_site_store_get (fixture->store, 0)->place, ==, "Sonoma");
}

/* So are feeders; a site that hangs on another one is as one that has moved. */
static void
test_feeders (Fixture *fixture, gconstpointer data)
{
  char name[] = "F-1";
  PtSiteRow one = row ("east", "s1", PT_SITE_ON, 5), other = row ("east", "s2", PT_SITE_ON, 5);

  one.feeder = other.feeder = name;
  pt_site_store_put (fixture->store, &one);
  pt_site_store_put (fixture->store, &other);
  put (fixture, "east", "s3", PT_SITE_ON, 5);
  name[0] = 'x';
  g_assert_cmpstr (pt_site_store_get (fixture->store, 0)->feeder, ==, "F-1");
  g_assert_true (pt_site_store_get (fixture->store, 0)->feeder
                 == pt_site_store_get (fixture->store, 1)->feeder);
  g_assert_null (pt_site_store_get (fixture->store, 2)->feeder);
  turn ();
  g_assert_cmpuint (fixture->resets, ==, 0);
  one.feeder = "F-1";
  pt_site_store_put (fixture->store, &one); /* nothing new */
  turn ();
  g_assert_cmpuint (fixture->changes, ==, 1);
  g_assert_cmpuint (fixture->resets, ==, 0);
  put (fixture, "east", "s1", PT_SITE_ON, 5); /* none any more */
  turn ();
  g_assert_cmpuint (fixture->resets, ==, 1);
  g_assert_null (pt_site_store_get (fixture->store, 0)->feeder);
}

static void
test_load (Fixture *fixture, gconstpointer data)
{
  pt_site_store_begin_load (fixture->store);
  put (fixture, "east", "s1", PT_SITE_ON, 5);
  turn ();
  g_assert_cmpuint (fixture->changes + fixture->resets, ==, 0);
  pt_site_store_end_load (fixture->store);
  g_assert_cmpuint (fixture->resets, ==, 1);
  turn ();
  g_assert_cmpuint (fixture->changes, ==, 0);
  put (fixture, "east", "s1", PT_SITE_OFF, 5);
  pt_site_store_clear (fixture->store); /* news of what is gone is none */
  turn ();
  g_assert_cmpuint (fixture->changes, ==, 0);
  g_assert_cmpuint (fixture->resets, ==, 2);
  g_assert_cmpuint (pt_site_store_find (fixture->store, "east", "s1"), ==, PT_SITE_NONE);
  g_assert_cmpuint (put (fixture, "east", "s9", PT_SITE_ON, 5), ==, 0);
}

static void
test_totals (Fixture *fixture, gconstpointer data)
{
  PtSiteTotals totals;

  put (fixture, "east", "s1", PT_SITE_ON, 5);
  put (fixture, "west", "s1", PT_SITE_ON, 7);
  put (fixture, "east", "s1", PT_SITE_OFF, 6);
  pt_site_store_totals (fixture->store, NULL, &totals);
  g_assert_cmpuint (totals.sites[PT_SITE_ON], ==, 1);
  g_assert_cmpuint (totals.sites[PT_SITE_OFF], ==, 1);
  g_assert_cmpint (totals.customers[PT_SITE_ON], ==, 7);
  g_assert_cmpint (totals.customers[PT_SITE_OFF], ==, 6);
  pt_site_store_totals (fixture->store, "east", &totals);
  g_assert_cmpuint (totals.sites[PT_SITE_ON], ==, 0);
  g_assert_cmpint (totals.customers[PT_SITE_OFF], ==, 6);
  pt_site_store_totals (fixture->store, "north", &totals);
  g_assert_cmpuint (totals.sites[PT_SITE_OFF], ==, 0);
}

static void
test_poles (Fixture *fixture, gconstpointer data)
{
  PtSiteRow pole = row ("east", "s1", PT_SITE_ON, 5);
  const PtSiteRow *kept;

  pole.lat = 900000000;
  pole.lon = 1800000000;
  kept = pt_site_store_get (fixture->store, pt_site_store_put (fixture->store, &pole));
  g_assert_cmpfloat_with_epsilon (kept->y, 0, 1e-9);
  g_assert_cmpfloat_with_epsilon (kept->x, 1, 1e-9);
}

static void
test_many (Fixture *fixture, gconstpointer data)
{
  char site[32];

  for (guint round = 0; round < 2; round++)
    for (guint i = 0; i < MANY; i++)
      {
        g_snprintf (site, sizeof site, "%09u-%u", i * 7, i);
        g_assert_cmpuint (
            put (fixture, i % 2 == 0 ? "east" : "west", site, (PtSiteState) (round * i % 4), 3), ==,
            i);
      }
  turn ();
  g_assert_cmpuint (fixture->changes, ==, 1);
  g_assert_cmpuint (fixture->last->len, ==, MANY);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name) g_test_add ("/site-store/" #name, Fixture, NULL, set_up, test_##name, tear_down)
  ADD (put);
  ADD (gathered);
  ADD (moved);
  ADD (places);
  ADD (feeders);
  ADD (load);
  ADD (totals);
  ADD (poles);
  ADD (many);
  return g_test_run ();
}
