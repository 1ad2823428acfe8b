/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-coap-numbers.h"

#include <glib/gstdio.h>

#include "pt-error.h"

typedef struct
{
  char *folder, *path;
} Place;

static void
set_up (Place *place, gconstpointer data)
{
  place->folder = g_dir_make_tmp ("powertrack-XXXXXX", NULL);
  place->path = g_build_filename (place->folder, "numbers", NULL);
}

static void
tear_down (Place *place, gconstpointer data)
{
  g_unlink (place->path);
  g_rmdir (place->folder);
  g_free (place->path);
  g_free (place->folder);
}

static guint64
begin (Place *place, PtOscoreNumbers *numbers)
{
  g_autoptr (GError) error = NULL;
  guint64 first;

  pt_oscore_numbers_begin (numbers, place->path, &first, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (first, <, numbers->limit);
  return first;
}

/* Whatever was used before a start, or before the file was lost, is not used after it. */
static void
test_starts (Place *place, gconstpointer data)
{
  PtOscoreNumbers numbers = { 0 };
  guint64 first = begin (place, &numbers), limit = numbers.limit;

  g_assert_cmpuint (first, >, 0); /* by the clock */
  g_assert_true (pt_oscore_numbers_reach (&numbers, limit - 1, NULL));
  g_assert_cmpuint (numbers.limit, ==, limit);
  g_assert_true (pt_oscore_numbers_reach (&numbers, limit, NULL));
  g_assert_cmpuint (numbers.limit, >, limit);
  limit = numbers.limit;
  g_assert_cmpuint (begin (place, &numbers), ==, limit);
  g_unlink (place->path);
  g_assert_cmpuint (begin (place, &numbers), >=, first);
  pt_oscore_numbers_clear (&numbers);
}

/* A clock that is years behind is not what numbers hang on. */
static void
test_ahead (Place *place, gconstpointer data)
{
  PtOscoreNumbers numbers = { 0 };

  g_assert_true (g_file_set_contents (place->path, "1000000000000\n", -1, NULL));
  g_assert_cmpuint (begin (place, &numbers), ==, 1000000000000);
  g_assert_cmpuint (begin (place, &numbers), >, 1000000000000);
  pt_oscore_numbers_clear (&numbers);
}

static void
test_refused (Place *place, gconstpointer data)
{
  const char *wrong[] = { "", "no number", "-1", "1 2", "1099511627775" };
  PtOscoreNumbers numbers = { 0 };
  guint64 first;

  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_true (g_file_set_contents (place->path, wrong[i], -1, NULL));
      g_assert_false (pt_oscore_numbers_begin (&numbers, place->path, &first, &error));
      g_assert_error (error, PT_ERROR, PT_ERROR_CONFIGURATION);
    }
  g_assert_false (pt_oscore_numbers_begin (&numbers, "/nowhere/numbers", &first, NULL));
  pt_oscore_numbers_clear (&numbers);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/coap-numbers/starts", Place, NULL, set_up, test_starts, tear_down);
  g_test_add ("/coap-numbers/ahead", Place, NULL, set_up, test_ahead, tear_down);
  g_test_add ("/coap-numbers/refused", Place, NULL, set_up, test_refused, tear_down);
  return g_test_run ();
}
