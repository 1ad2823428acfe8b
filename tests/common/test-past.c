/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-past.h"

#include <string.h>

static PtStanding
standing (const char *site, guint8 key)
{
  static guint8 keys[4][PT_PUBLIC_KEY_SIZE];

  keys[key][0] = 4;
  keys[key][1] = key;
  return (PtStanding){
    .site = pt_span (site, strlen (site)), .lat = -5, .lon = 7, .customers = 3, .key = keys[key]
  };
}

static void
note (PtPast *past, const char *from, guint8 old, const char *to, guint8 new, gint64 highest)
{
  PtStanding before = standing (from, old), now = standing (to, new);

  pt_past_note (past, &before, &now, highest);
}

/* Saves and loads, as a restart does. */
static void
reload (PtPast *past)
{
  g_autoptr (GBytes) saved = pt_past_save (past);
  g_autoptr (GBytes) again = NULL;
  PtPast copy;

  pt_past_copy (past, &copy);
  pt_past_clear (past);
  g_assert_true (pt_past_load (past, saved));
  again = pt_past_save (&copy);
  g_assert_true (g_bytes_equal (saved, again));
  pt_past_clear (&copy);
}

/* A key's reports begin above what the device had when that key was registered first, and who gets
 * an old key back goes on where that one was. */
static void
test_keys (void)
{
  PtPast past = { 0 };
  PtStanding first = standing ("a", 1), second = standing ("a", 2), third = standing ("a", 3);

  note (&past, "a", 1, "a", 1, 10);
  g_assert_null (past.keys);
  g_assert_cmpint (pt_past_after (&past, first.key), ==, 0);
  note (&past, "a", 1, "a", 2, 30);
  g_assert_cmpint (pt_past_after (&past, second.key), ==, 30);
  note (&past, "a", 2, "a", 2, 40);
  g_assert_cmpint (pt_past_after (&past, second.key), ==, 30);
  reload (&past);
  note (&past, "a", 2, "a", 1, 50);
  g_assert_cmpint (pt_past_after (&past, first.key), ==, 0);
  note (&past, "a", 1, "a", 3, 60);
  g_assert_cmpint (pt_past_after (&past, third.key), ==, 60);
  g_assert_cmpint (pt_past_after (&past, second.key), ==, 30);
  g_assert_cmpuint (pt_past_place (&past), ==, 0);
  pt_past_clear (&past);
}

static void
test_places (void)
{
  PtPast past = { 0 };

  note (&past, "a", 1, "a", 1, 10);
  g_assert_cmpuint (pt_past_place (&past), ==, 0);
  note (&past, "a", 1, "b", 2, 12);
  note (&past, "b", 2, "a", 2, 20);
  reload (&past);
  g_assert_cmpuint (pt_past_place (&past), ==, 2);
  g_assert_cmpstr (g_array_index (past.places, PtPlace, 0).site, ==, "a");
  g_assert_cmpint (g_array_index (past.places, PtPlace, 0).last_seq, ==, 12);
  g_assert_cmpint (g_array_index (past.places, PtPlace, 0).lat, ==, -5);
  g_assert_cmpstr (g_array_index (past.places, PtPlace, 1).site, ==, "b");
  pt_past_clear (&past);
}

/* Another feeder is another place, and the one before keeps its own. */
static void
test_feeders (void)
{
  PtPast past = { 0 };
  PtStanding none = standing ("a", 1), first = none, second = none;

  first.feeder = pt_span ("F-1", 3);
  second.feeder = pt_span ("F-2", 3);
  pt_past_note (&past, &none, &first, 10);
  pt_past_note (&past, &first, &first, 20);
  pt_past_note (&past, &first, &second, 30);
  reload (&past);
  g_assert_cmpuint (pt_past_place (&past), ==, 2);
  g_assert_null (g_array_index (past.places, PtPlace, 0).feeder);
  g_assert_cmpstr (g_array_index (past.places, PtPlace, 1).feeder, ==, "F-1");
  g_assert_cmpint (g_array_index (past.places, PtPlace, 1).last_seq, ==, 30);
  pt_past_clear (&past);
}

/* As versions without feeders wrote it. */
static void
test_without_feeders (void)
{
  static const guint8 data[] = "\0\0\0\0\0\0\0\1"
                               "\0\0\0\0\0\0\0\0"
                               "\0\0\0\0\0\0\0\1"
                               "a"
                               "\0\0\0\0\0\0\0\5"
                               "\0\0\0\0\0\0\0\7"
                               "\0\0\0\0\0\0\0\0"
                               "\0\0\0\0\0\0\0\3"
                               "\0\0\0\0\0\0\0\14";
  g_autoptr (GBytes) bytes = g_bytes_new_static (data, sizeof data - 1);
  g_autoptr (GBytes) again = NULL;
  PtPast past;

  g_assert_true (pt_past_load (&past, bytes));
  g_assert_cmpuint (pt_past_place (&past), ==, 1);
  g_assert_cmpstr (g_array_index (past.places, PtPlace, 0).site, ==, "a");
  g_assert_cmpint (g_array_index (past.places, PtPlace, 0).last_seq, ==, 12);
  g_assert_null (g_array_index (past.places, PtPlace, 0).feeder);
  again = pt_past_save (&past);
  g_assert_true (g_bytes_equal (again, bytes));
  pt_past_clear (&past);
}

/* Torn or spoiled bytes are refused, and nothing is read beyond them. */
static void
test_bad_bytes (gconstpointer feeder)
{
  PtStanding before = standing ("site", 1), now = standing ("other", 2);
  PtPast past = { 0 }, loaded;
  g_autoptr (GBytes) saved = NULL;
  g_autofree guint8 *copy = NULL;
  const guint8 *data;
  gsize size;

  before.feeder = pt_span (feeder, strlen (feeder));
  pt_past_note (&past, &before, &now, 10);
  saved = pt_past_save (&past);
  data = g_bytes_get_data (saved, &size);
  for (gsize cut = 1; cut < size; cut++)
    {
      g_autoptr (GBytes) torn = g_bytes_new (data, cut);

      g_assert_false (pt_past_load (&loaded, torn));
      g_assert_null (loaded.places);
    }
  copy = g_memdup2 (data, size);
  for (gsize at = 0; at < size * 8; at++)
    {
      g_autoptr (GBytes) spoiled = NULL;

      copy[at / 8] ^= (guint8) (1 << at % 8);
      spoiled = g_bytes_new (copy, size);
      pt_past_load (&loaded, spoiled);
      pt_past_clear (&loaded);
      copy[at / 8] ^= (guint8) (1 << at % 8);
    }
  pt_past_clear (&past);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/past/keys", test_keys);
  g_test_add_func ("/past/places", test_places);
  g_test_add_func ("/past/feeders", test_feeders);
  g_test_add_func ("/past/without-feeders", test_without_feeders);
  g_test_add_data_func ("/past/bad-bytes", "", test_bad_bytes);
  g_test_add_data_func ("/past/bad-bytes/feeder", "F-11kV.2", test_bad_bytes);
  return g_test_run ();
}
