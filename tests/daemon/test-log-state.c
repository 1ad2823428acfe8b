/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-commit-fixture.h"
#include "pt-log-state.h"

/* What changed is taken once, as a copy, true as of their area's newest entry. */
static void
test_touched (Fixture *fixture, gconstpointer data)
{
  PtWorld *world = fixture->world;
  PtDevice *device = pt_registry_device_at (world->pipeline->directory->registry, 1);
  g_autoptr (GArray) rows = g_array_new (FALSE, FALSE, sizeof (PtSubjectRow));
  PtOutageChange change;
  PtSubjectRow *row;
  PtLogState log;

  pt_log_state_init (&log, world->store, NULL, world->pipeline->directory);
  pt_log_state_area (&log, 0)->tail = 42;
  pt_log_state_area (&log, 1)->tail = 7;
  pt_log_state_take_touched (&log, rows);
  g_assert_cmpuint (rows->len, ==, 0);
  pt_history_apply (&device->history, &(PtReport){ 1, 10, 11, PT_POWER_ON, 0, 1 }, &change);
  pt_history_apply (&device->history, &(PtReport){ 5, 50, 51, PT_POWER_OFF, 0, 2 }, &change);
  g_hash_table_add (log.touched, device);
  pt_log_state_take_touched (&log, rows);
  g_assert_cmpuint (rows->len, ==, 1);
  row = &g_array_index (rows, PtSubjectRow, 0);
  g_assert_cmpuint (row->subject.number, ==, 1);
  g_assert_cmpuint (row->folded_to, ==, 42);
  g_assert_null (row->body);
  g_assert_cmpuint (row->history.piece_count, ==, 2);
  g_assert_true (row->history.pieces != device->history.pieces);
  g_assert_cmpint (row->history.pieces[1].first, ==, 5);
  pt_log_state_take_touched (&log, rows);
  g_assert_cmpuint (rows->len, ==, 1);
  pt_history_clear (&row->history);
  pt_log_state_clear (&log);
}

static void
test_add_area (Fixture *fixture, gconstpointer data)
{
  PtWorld *world = fixture->world;
  const guint8 *key = world->authority.signer.public_key;
  PtRegistry *registry = world->pipeline->directory->registry;
  g_autoptr (GError) error = NULL;
  gboolean created;
  PtLogState log;

  pt_log_state_init (&log, world->store, NULL, world->pipeline->directory);
  pt_memory_store_fail (world->store, PT_STORE_ADD_AREA, PT_FAIL_NOT_PERSISTED, 0, 1);
  g_assert_false (pt_log_state_add_area (&log, "west", key, key, 5, &created, &error));
  g_assert_error (error, PT_ERROR, PT_ERROR_RETRY);
  g_assert_cmpuint (pt_registry_area_count (registry), ==, 1);
  g_clear_error (&error);
  g_assert_true (pt_log_state_add_area (&log, "west", key, key, 5, &created, &error));
  g_assert_true (created);
  g_assert_true (pt_log_state_add_area (&log, "west", key, key, 6, &created, &error));
  g_assert_false (created);
  g_assert_cmpuint (pt_registry_area_count (registry), ==, 2);
  pt_log_state_clear (&log);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/log-state/touched", Fixture, "memory", set_up, test_touched, tear_down);
  g_test_add ("/log-state/add-area", Fixture, "memory", set_up, test_add_area, tear_down);
  return g_test_run ();
}
