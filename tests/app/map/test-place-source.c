/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-place-source.h"

#include "common/pt-test.h"
#include "pt-fake-daemon.h"

#define JSON "application/json"
#define NAPA                                                                                       \
  "{\"kind\":\"place\",\"lat\":382971000,\"lon\":-1222855000,\"name\":\"Napa\","                   \
  "\"population\":79000,\"rank\":79000,\"size\":1}"
#define VALLEJO                                                                                    \
  "{\"kind\":\"place\",\"lat\":381040900,\"lon\":-1222566400,\"name\":\"Vallejo\","                \
  "\"population\":11000,\"rank\":11000,\"size\":0}"
#define PLACES(list) "{\"places\":[" list "]}"

typedef struct
{
  PtFakeDaemon daemon;
  PtPlaceSource *source;
  guint changes;
} Fixture;

/* The tile of zoom 8 that holds both. */
static const PtPlaceRange one = { 8, 41, 98, 41, 98 };

static void
changed_cb (PtPlaceSource *source, gpointer data)
{
  ((Fixture *) data)->changes++;
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  g_autofree char *pattern = NULL;

  pt_fake_start (&fixture->daemon);
  pattern = g_strdup_printf ("%s/tiles/places/{z}/{x}/{y}.json", fixture->daemon.url);
  fixture->source = pt_place_source_new (pattern);
  g_signal_connect (fixture->source, "changed", G_CALLBACK (changed_cb), fixture);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  pt_place_source_stop (fixture->source);
  PT_TEST_WAIT_FOR (G_OBJECT (fixture->source)->ref_count == 1, "somebody holds the source");
  g_assert_finalize_object (fixture->source);
  pt_fake_stop (&fixture->daemon);
}

static void
wait_changes (Fixture *fixture, guint changes)
{
  PT_TEST_WAIT_FOR (fixture->changes >= changes, "tiles of names");
  g_assert_cmpuint (fixture->changes, ==, changes);
}

static void
want (Fixture *fixture, const PtPlaceRange *range, guint tiles)
{
  guint before = fixture->changes;

  pt_place_source_want (fixture->source, range);
  wait_changes (fixture, before + tiles);
}

static void
test_good (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GArray) none = pt_place_source_places (fixture->source, &one);
  g_autoptr (GArray) places = NULL;
  guint serial = pt_place_source_serial (fixture->source), asked;

  g_assert_cmpuint (none->len, ==, 0);
  pt_fake_set (&fixture->daemon, "/tiles/places/8/41/98.json", 200, JSON,
               g_strdup (PLACES (VALLEJO "," NAPA)));
  want (fixture, &one, 1);
  g_assert_cmpuint (pt_place_source_serial (fixture->source), !=, serial);
  places = pt_place_source_places (fixture->source, &one);
  g_assert_cmpuint (places->len, ==, 2);
  g_assert_cmpstr (g_array_index (places, PtPlace, 0).name, ==, "Napa");
  g_assert_cmpuint (g_array_index (places, PtPlace, 0).size, ==, 1);
  g_assert_cmpfloat_with_epsilon (g_array_index (places, PtPlace, 0).x, (180 - 122.2855) / 360,
                                  1e-9);
  g_assert_cmpstr (g_array_index (places, PtPlace, 1).name, ==, "Vallejo");
  asked = fixture->daemon.asked;
  want (fixture, &one, 0); /* what is there is not asked for again */
  g_assert_cmpuint (fixture->daemon.asked, ==, asked);
}

/* While a nearer tile is on its way, or has failed, what the one above it says of the same part of
 * the world is shown. */
static void
test_above (Fixture *fixture, gconstpointer data)
{
  static const PtPlaceRange south = { 9, 82, 197, 82, 197 }, both = { 9, 82, 196, 83, 197 };
  g_autoptr (GArray) places = NULL, half = NULL, nearer = NULL;

  pt_fake_set (&fixture->daemon, "/tiles/places/8/41/98.json", 200, JSON,
               g_strdup (PLACES (NAPA "," VALLEJO)));
  pt_fake_set (&fixture->daemon, "/tiles/places/9/*", 500, "text/plain", g_strdup ("no"));
  want (fixture, &one, 1);
  want (fixture, &both, 4);
  places = pt_place_source_places (fixture->source, &both);
  half = pt_place_source_places (fixture->source, &south);
  g_assert_cmpuint (places->len, ==, 2);
  g_assert_cmpuint (half->len, ==, 1);
  pt_fake_set (&fixture->daemon, "/tiles/places/10/*", 404, JSON, g_strdup ("{}"));
  want (fixture, &(PtPlaceRange){ 10, 164, 392, 167, 395 }, 16);
  nearer = pt_place_source_places (fixture->source, &(PtPlaceRange){ 10, 164, 392, 167, 395 });
  g_assert_cmpuint (nearer->len, ==, 0); /* there is none is an answer */
}

/* What is no list of places is no names, and never a crash. */
static void
test_bad (Fixture *fixture, gconstpointer data)
{
  static const char *const texts[] = {
    "",
    "[",
    "[]",
    "7",
    "null",
    "{}",
    "{\"places\":{}}",
    "{\"places\":null}",
    PLACES ("7"),
    PLACES ("{}"),
    PLACES (NAPA ",{\"name\":\"X\"}"),
    PLACES ("{\"lat\":900000001,\"lon\":0,\"name\":\"X\",\"rank\":1,\"size\":0}"),
    PLACES ("{\"lat\":0,\"lon\":1.5,\"name\":\"X\",\"rank\":1,\"size\":0}"),
    PLACES ("{\"lat\":0,\"lon\":0,\"name\":7,\"rank\":1,\"size\":0}"),
    PLACES ("{\"lat\":0,\"lon\":0,\"name\":\"\",\"rank\":1,\"size\":0}"),
    PLACES ("{\"lat\":0,\"lon\":0,\"name\":\"a\\nb\",\"rank\":1,\"size\":0}"),
    PLACES ("{\"lat\":0,\"lon\":0,\"name\":\"X\",\"rank\":0,\"size\":0}"),
    PLACES ("{\"lat\":0,\"lon\":0,\"name\":\"X\",\"rank\":1,\"size\":4}"),
    PLACES ("{\"lat\":0,\"lon\":0,\"name\":\"X\",\"rank\":1,\"size\":-1}"),
  };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      PtPlaceRange range = { 8, i, 0, i, 0 };
      g_autofree char *path = g_strdup_printf ("/tiles/places/8/%u/0.json", i);
      g_autoptr (GArray) places = NULL;

      pt_fake_set (&fixture->daemon, path, 200, JSON, g_strdup (texts[i]));
      want (fixture, &range, 1);
      places = pt_place_source_places (fixture->source, &range);
      g_assert_cmpuint (places->len, ==, 0);
    }
  pt_fake_set (&fixture->daemon, "/tiles/places/9/0/0.json", 200, "text/html",
               g_strdup (PLACES (NAPA)));
  want (fixture, &(PtPlaceRange){ 9, 0, 0, 0, 0 }, 1);
}

/* A tile that says more than it may, and more tiles than are kept. */
static void
test_bounds (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GString) many = g_string_new ("{\"places\":[" NAPA);
  g_autoptr (GArray) places = NULL, gone = NULL;
  static const PtPlaceRange bad[] = { { 19, 0, 0, 0, 0 },
                                      { 8, 256, 0, 256, 0 },
                                      { 8, 0, 0, 0, 256 },
                                      { 8, 5, 0, 4, 0 },
                                      { 18, 0, 0, 99999, 9999 } };

  for (guint i = 0; i < 40; i++)
    g_string_append (many, "," NAPA);
  g_string_append (many, "]}");
  pt_fake_set (&fixture->daemon, "/tiles/places/*", 200, JSON, g_strdup (PLACES ("")));
  pt_fake_set (&fixture->daemon, "/tiles/places/8/41/98.json", 200, JSON, g_strdup (many->str));
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GArray) none = pt_place_source_places (fixture->source, &bad[i]);

      g_assert_cmpuint (none->len, ==, 0);
      want (fixture, &bad[i], 0);
    }
  want (fixture, &one, 1);
  places = pt_place_source_places (fixture->source, &one);
  g_assert_cmpuint (places->len, ==, 24);
  for (guint i = 0; i < 3; i++)
    want (fixture, &(PtPlaceRange){ 9, i * 10, 0, i * 10 + 9, 9 }, 100);
  gone = pt_place_source_places (fixture->source, &one);
  g_assert_cmpuint (gone->len, ==, 0);
}

/* Nobody wants it any more while tiles are on their way. */
static void
test_stop (Fixture *fixture, gconstpointer data)
{
  pt_fake_set (&fixture->daemon, "/tiles/places/*", 200, JSON, g_strdup (PLACES (NAPA)));
  pt_place_source_want (fixture->source, &(PtPlaceRange){ 8, 0, 0, 9, 9 });
  pt_place_source_stop (fixture->source);
  for (guint i = 0; i < 200; i++)
    {
      g_main_context_iteration (NULL, FALSE);
      g_usleep (1000);
    }
  g_assert_cmpuint (fixture->changes, ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name) g_test_add ("/place-source/" #name, Fixture, NULL, set_up, test_##name, tear_down)
  ADD (good);
  ADD (above);
  ADD (bad);
  ADD (bounds);
  ADD (stop);
  return g_test_run ();
}
