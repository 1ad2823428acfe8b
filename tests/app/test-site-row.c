/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-site-row.h"

#include <string.h>

#include "pt-error.h"

#define PLACE_60 "123456789 123456789 123456789 123456789 123456789 123456789 "
#define GOOD                                                                                       \
  "{\"area\":\"pge-04\",\"customers\":137,\"feeder\":\"042721104\",\"last_report\":1707,\"lat\":"  \
  "382950000,"                                                                                     \
  "\"level\":\"transformer\",\"lon\":-1224950000,\"place\":\"El "                                  \
  "Verano\",\"since\":1706,\"site\":\"042721104-"                                                  \
  "2101052359\","                                                                                  \
  "\"state\":\"off\"}"

static gboolean
parse (const char *text, PtSiteText *out, GError **error)
{
  return pt_site_row_parse (pt_span (text, strlen (text)), out, error);
}

static void
test_good (void)
{
  g_autoptr (GError) error = NULL;
  PtSiteText site;

  g_assert_true (parse (GOOD, &site, &error));
  g_assert_no_error (error);
  g_assert_cmpstr (site.row.area, ==, "pge-04");
  g_assert_cmpstr (site.row.site, ==, "042721104-2101052359");
  g_assert_cmpint (site.row.customers, ==, 137);
  g_assert_cmpint (site.row.last_report, ==, 1707);
  g_assert_cmpint (site.row.since, ==, 1706);
  g_assert_cmpint (site.row.lat, ==, 382950000);
  g_assert_cmpint (site.row.lon, ==, -1224950000);
  g_assert_cmpint (site.row.level, ==, PT_LEVEL_TRANSFORMER);
  g_assert_cmpstr (site.row.place, ==, "El Verano");
  g_assert_cmpstr (site.row.feeder, ==, "042721104");
  g_assert_cmpint (site.row.state, ==, PT_SITE_OFF);
}

static void
test_optional (void)
{
  static const char text[]
      = "{\"aaa\":{\"b\":[1,{\"c\":\"d\"}]},\"area\":\"a\",\"customers\":0,\"lat\":0,\"level\":"
        "\"house\",\"lon\":0,\"new\":[],\"site\":\"s\",\"state\":\"unknown\",\"zzz\":\"\\\"\"}";
  g_autoptr (GError) error = NULL;
  PtSiteText site;

  g_assert_true (parse (text, &site, &error));
  g_assert_no_error (error);
  g_assert_cmpint (site.row.last_report, ==, 0);
  g_assert_null (site.row.place);
  g_assert_null (site.row.feeder);
  g_assert_cmpint (site.row.state, ==, PT_SITE_UNKNOWN);
}

/* Each member missing, of another type, or out of its range. */
static void
test_bad (void)
{
  static const char *const changes[][2] = {
    { "\"area\":\"pge-04\",", "" },
    { "\"customers\":137,", "" },
    { "\"lat\":382950000,", "" },
    { "\"level\":\"transformer\",", "" },
    { "\"lon\":-1224950000,", "" },
    { "\"site\":\"042721104-2101052359\",", "" },
    { ",\"state\":\"off\"", "" },
    { "137", "\"137\"" },
    { "137", "-1" },
    { "137", "1.5" },
    { "137", "{}" },
    { "382950000", "900000001" },
    { "-1224950000", "-1800000001" },
    { "1707", "-1" },
    { "1707", "9007199254740992" },
    { "1706", "null" },
    { "transformer", "feeder" },
    { "\"off\"", "\"dark\"" },
    { "\"off\"", "1" },
    { "\"off\"", "\"offoffoffoffoffoffoffoff\"" },
    { "pge-04", "PGE" },
    { "pge-04", "p234567890123456789012345678901234" },
    { "042721104-2101052359", "../x" },
    { "\"customers\"", "\"zustomers\"" },
    { "\"El Verano\"", "null" },
    { "\"El Verano\"", "7" },
    { "\"El Verano\"", "[]" },
    { "El Verano", "" },
    { "El Verano", "El\\nVerano" },
    { "El Verano", "El\\u001bVerano" },
    { "El Verano", "El\xc2\x85" },
    { "El Verano", "El\xe2\x80\xa8" },
    { "El Verano", "El\x7f" },
    { "El Verano", "El\xff" },
    { "El Verano", PLACE_60 "1" },
    { "\"place\"", "\"tlace\"" },
    { "\"feeder\":\"042721104\"", "\"feeder\":42721104" },
    { "\"feeder\":\"042721104\"", "\"feeder\":\"\"" },
    { "\"feeder\":\"042721104\"", "\"feeder\":\"a b\"" },
    { "{\"area\"", "{ \"area\"" },
    { "\"off\"}", "\"off\"" },
    { "\"off\"}", "\"off\"}}" },
    { "\"off\"}", "\"off\"} " },
  };

  for (guint i = 0; i < G_N_ELEMENTS (changes); i++)
    {
      const char *at = strstr (GOOD, changes[i][0]);
      g_autoptr (GError) error = NULL;
      g_autofree char *text = NULL;
      PtSiteText site;

      g_assert_nonnull (at);
      text = g_strdup_printf ("%.*s%s%s", (int) (at - GOOD), GOOD, changes[i][1],
                              at + strlen (changes[i][0]));
      g_assert_false (parse (text, &site, &error));
      g_assert_error (error, PT_ERROR, PT_ERROR_MALFORMED);
    }
}

/* Escapes, letters of more than one byte, and as long as can be. */
static void
test_places (void)
{
  static const char *const places[][2]
      = { { PLACE_60, PLACE_60 },
          { "\xe0\xa4\xa6\xe0\xa4\xbf", "\xe0\xa4\xa6\xe0\xa4\xbf" },
          { "Coeur \\\"d\\\\Alene", "Coeur \"d\\Alene" } };

  for (guint i = 0; i < G_N_ELEMENTS (places); i++)
    {
      const char *at = strstr (GOOD, "El Verano");
      g_autofree char *text = g_strdup_printf ("%.*s%s%s", (int) (at - GOOD), GOOD, places[i][0],
                                               at + strlen ("El Verano"));
      g_autoptr (GError) error = NULL;
      PtSiteText site;

      g_assert_true (parse (text, &site, &error));
      g_assert_no_error (error);
      g_assert_cmpstr (site.row.place, ==, places[i][1]);
    }
}

static void
test_cut (void)
{
  for (size_t size = 0; size < sizeof GOOD - 1; size++)
    {
      g_autofree char *text = g_strndup (GOOD, size);
      g_autoptr (GError) error = NULL;
      PtSiteText site;

      g_assert_false (parse (text, &site, &error));
      g_assert_nonnull (error);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/site-row/good", test_good);
  g_test_add_func ("/site-row/optional", test_optional);
  g_test_add_func ("/site-row/bad", test_bad);
  g_test_add_func ("/site-row/places", test_places);
  g_test_add_func ("/site-row/cut", test_cut);
  return g_test_run ();
}
