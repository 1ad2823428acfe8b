/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-fleet-pool.h"

static GString *freed;

static void
note_freed (gpointer connection)
{
  g_string_append_printf (freed, "%s ", (char *) connection);
}

static void
note_each (gpointer connection, gpointer data)
{
  g_string_append_printf (data, "%s ", (char *) connection);
}

static void
assert_open (PtFleetPool *pool, const char *expected)
{
  g_autoptr (GString) seen = g_string_new (NULL);

  pt_fleet_pool_each (pool, note_each, seen);
  g_assert_cmpstr (seen->str, ==, expected);
}

static void
test_room (void)
{
  PtFleetPool pool = { 0 };

  freed = g_string_new (NULL);
  pt_fleet_pool_clear (&pool); /* never begun */
  pt_fleet_pool_init (&pool, 2, note_freed);
  g_assert_null (pt_fleet_pool_find (&pool, 0));
  pt_fleet_pool_add (&pool, 0, (gpointer) "a");
  pt_fleet_pool_add (&pool, 7, (gpointer) "b");
  assert_open (&pool, "a b ");

  /* Whose turn was longest ago makes room. */
  g_assert_cmpstr (pt_fleet_pool_find (&pool, 0), ==, "a");
  pt_fleet_pool_add (&pool, 9, (gpointer) "c");
  g_assert_cmpstr (freed->str, ==, "b ");
  g_assert_null (pt_fleet_pool_find (&pool, 7));
  assert_open (&pool, "a c ");

  pt_fleet_pool_drop (&pool, 7);
  pt_fleet_pool_drop (&pool, 9);
  g_assert_cmpstr (freed->str, ==, "b c ");
  pt_fleet_pool_add (&pool, 9, (gpointer) "d");
  pt_fleet_pool_clear (&pool);
  g_assert_cmpstr (freed->str, ==, "b c a d ");
  g_string_free (freed, TRUE);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/fleet-pool/room", test_room);
  return g_test_run ();
}
