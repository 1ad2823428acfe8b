/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-fleet-state.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

typedef struct
{
  char *folder, *path;
  PtFleetPlan *plan;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->folder = g_dir_make_tmp ("fleet-state-XXXXXX", NULL);
  fixture->path = g_build_filename (fixture->folder, "state", NULL);
  fixture->plan = pt_fleet_plan_new ();
  pt_fleet_plan_add (fixture->plan, "a", "one");
  pt_fleet_plan_add (fixture->plan, "a", "two");
  pt_fleet_plan_finish (fixture->plan);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_autofree char *list = g_build_filename (fixture->folder, "list", NULL);

  g_unlink (fixture->path);
  g_unlink (list);
  g_assert_cmpint (g_rmdir (fixture->folder), ==, 0);
  g_free (fixture->folder);
  g_free (fixture->path);
  pt_fleet_plan_free (fixture->plan);
}

static PtFleetState *
open_state (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;
  PtFleetState *state = pt_fleet_state_open (fixture->path, fixture->plan, &error);

  g_assert_no_error (error);
  return state;
}

static void
assert_refused (Fixture *fixture, const char *says)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (pt_fleet_state_open (fixture->path, fixture->plan, &error));
  g_assert_nonnull (error);
  g_assert_nonnull (strstr (error->message, fixture->path));
  g_assert_nonnull (strstr (error->message, says));
}

static void
test_keys_stay (Fixture *fixture, gconstpointer data)
{
  guint8 first[32], second[32];
  PtFleetState *state = open_state (fixture);
  struct stat info;

  memcpy (first, pt_fleet_state_record (state, 0)->scalar, 32);
  memcpy (second, pt_fleet_state_record (state, 1)->scalar, 32);
  pt_fleet_state_record (state, 1)->memory.used_seq = 41;
  pt_fleet_state_free (state);
  g_assert_cmpint (memcmp (first, second, 32), !=, 0);
  g_assert_cmpint (g_stat (fixture->path, &info), ==, 0);
  g_assert_cmpint (info.st_mode & 0777, ==, 0600);

  /* A larger fleet keeps the keys that there are; the order does not matter. */
  pt_fleet_plan_free (fixture->plan);
  fixture->plan = pt_fleet_plan_new ();
  pt_fleet_plan_add (fixture->plan, "b", "one");
  pt_fleet_plan_add (fixture->plan, "a", "two");
  pt_fleet_plan_add (fixture->plan, "a", "one");
  state = open_state (fixture);
  g_assert_cmpmem (pt_fleet_state_record (state, 2)->scalar, 32, first, 32);
  g_assert_cmpmem (pt_fleet_state_record (state, 1)->scalar, 32, second, 32);
  g_assert_cmpint (memcmp (pt_fleet_state_record (state, 0)->scalar, first, 32), !=, 0);
  g_assert_cmpint (pt_fleet_state_record (state, 1)->memory.used_seq, ==, 41);
  pt_fleet_state_free (state);
}

static void
test_list (Fixture *fixture, gconstpointer data)
{
  g_autoptr (PtFleetState) state = open_state (fixture);
  g_autofree char *list = g_build_filename (fixture->folder, "list", NULL);
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;
  g_auto (GStrv) fields = NULL;
  PtFleetDevice *device = fixture->plan->devices->pdata[1];

  device->lat = -5;
  device->level = PT_LEVEL_CLUSTER;
  device->customers = 12;
  g_strlcpy (device->feeder, "F-7", sizeof device->feeder);
  g_assert_true (pt_fleet_state_list (state, fixture->plan, list, NULL));
  g_assert_true (g_file_get_contents (list, &text, NULL, NULL));
  lines = g_strsplit (text, "\n", -1);
  g_assert_cmpuint (g_strv_length (lines), ==, 4);
  g_assert_cmpstr (lines[0], ==, "area,device,site,key,lat,lon,level,customers,feeder");
  fields = g_strsplit (lines[2], ",", -1);
  g_assert_cmpstr (fields[1], ==, "two");
  g_assert_cmpuint (strlen (fields[3]), ==, 87);
  g_assert_cmpstr (fields[4], ==, "-5");
  g_assert_cmpstr (fields[6], ==, "cluster");
  g_assert_cmpstr (fields[7], ==, "12");
  g_assert_cmpstr (fields[8], ==, "F-7");
  g_assert_false (pt_fleet_state_list (state, fixture->plan, "/no/such/folder/list", NULL));
}

static void
test_one_at_a_time (Fixture *fixture, gconstpointer data)
{
  g_autoptr (PtFleetState) state = open_state (fixture);

  assert_refused (fixture, "another fleet");
}

static void
test_killed (Fixture *fixture, gconstpointer data)
{
  g_autoptr (PtFleetState) state = NULL;
  pid_t child = fork ();
  int status;

  if (child == 0)
    {
      state = open_state (fixture);
      pt_fleet_state_record (state, 0)->memory.used_seq = 77;
      kill (getpid (), SIGKILL);
    }
  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  g_assert_true (WIFSIGNALED (status));
  state = open_state (fixture);
  g_assert_cmpint (pt_fleet_state_record (state, 0)->memory.used_seq, ==, 77);
}

/* The machine went down while the state was open: counters may have been lost, so they skip. */
static void
test_other_boot (Fixture *fixture, gconstpointer data)
{
  PtFleetState *state = open_state (fixture);
  g_autofree char *boot = NULL;
  g_autofree char *bytes = NULL;
  gsize size;

  pt_fleet_state_record (state, 0)->memory.used_seq = 5;
  g_assert_true (pt_fleet_state_flush (state, NULL));
  g_assert_true (g_file_get_contents (fixture->path, &bytes, &size, NULL));
  pt_fleet_state_free (state);
  g_assert_true (g_file_get_contents ("/proc/sys/kernel/random/boot_id", &boot, NULL, NULL));
  for (char *at = bytes; at < bytes + size - 36; at++)
    if (memcmp (at, boot, 36) == 0)
      memset (at, '0', 36);
  g_assert_true (g_file_set_contents_full (fixture->path, bytes, (gssize) size,
                                           G_FILE_SET_CONTENTS_NONE, 0600, NULL));
  state = open_state (fixture);
  g_assert_cmpint (pt_fleet_state_record (state, 0)->memory.used_seq, ==, 5 + PT_FLEET_SKIP);
  pt_fleet_state_free (state);
  state = open_state (fixture);
  g_assert_cmpint (pt_fleet_state_record (state, 0)->memory.used_seq, ==, 5 + PT_FLEET_SKIP);
  pt_fleet_state_free (state);
}

static void
test_bad_files (Fixture *fixture, gconstpointer data)
{
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;
  gsize size;

  pt_fleet_state_free (open_state (fixture));
  g_assert_cmpint (g_chmod (fixture->path, 0644), ==, 0);
  assert_refused (fixture, "0600");
  g_assert_cmpint (g_chmod (fixture->path, 0600), ==, 0);

  g_assert_true (g_file_get_contents (fixture->path, &before, &size, NULL));
  g_assert_cmpint (truncate (fixture->path, (off_t) size - 1), ==, 0);
  assert_refused (fixture, "cut off");
  g_assert_cmpint (truncate (fixture->path, 5), ==, 0);
  assert_refused (fixture, "cut off");
  g_assert_true (g_file_set_contents_full (fixture->path, "my notes\n", -1,
                                           G_FILE_SET_CONTENTS_NONE, 0600, NULL));
  assert_refused (fixture, "is no state");
  g_assert_true (g_file_get_contents (fixture->path, &after, NULL, NULL));
  g_assert_cmpstr (after, ==, "my notes\n");
}

static void
test_resume (Fixture *fixture, gconstpointer data)
{
  PtFleetState *state = open_state (fixture);
  gint64 start = 0;

  g_assert_false (pt_fleet_state_resume (state, 9, "key", &start));
  pt_fleet_state_begin (state, 9, "key", 1234);
  pt_fleet_state_record (state, 0)->memory.last_ts = 5000;
  pt_fleet_state_free (state);

  state = open_state (fixture);
  g_assert_false (pt_fleet_state_resume (state, 8, "key", &start));
  g_assert_false (pt_fleet_state_resume (state, 9, "other", &start));
  g_assert_true (pt_fleet_state_resume (state, 9, "key", &start));
  g_assert_cmpint (start, ==, 1234);
  g_assert_cmpint (pt_fleet_state_last_ts (state), ==, 5000);
  pt_fleet_state_finish (state);
  g_assert_false (pt_fleet_state_resume (state, 9, "key", &start));
  pt_fleet_state_begin (state, 9, "key", 1234);
  g_assert_cmpint (pt_fleet_state_last_ts (state), ==, 0);

  /* What waits for this daemon stays, and another has no use for it. */
  pt_fleet_state_record (state, 1)->memory.next = 3;
  g_assert_cmpuint (pt_fleet_state_begin (state, 8, "key", 1), ==, 0);
  g_assert_cmpuint (pt_fleet_state_begin (state, 8, "other", 1), ==, 3);
  g_assert_cmpuint (pt_fleet_state_record (state, 1)->memory.first, ==, 3);
  pt_fleet_state_free (state);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, func) g_test_add (name, Fixture, NULL, set_up, func, tear_down)
  ADD ("/fleet-state/keys", test_keys_stay);
  ADD ("/fleet-state/list", test_list);
  ADD ("/fleet-state/one-at-a-time", test_one_at_a_time);
  ADD ("/fleet-state/killed", test_killed);
  ADD ("/fleet-state/other-boot", test_other_boot);
  ADD ("/fleet-state/bad-files", test_bad_files);
  ADD ("/fleet-state/resume", test_resume);
  return g_test_run ();
}
