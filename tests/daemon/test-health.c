/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-health.h"

#include <string.h>

static gboolean
count_call (gpointer data)
{
  ++*(guint *) data;
  return G_SOURCE_REMOVE;
}

static void
assert_status (PtHealth *health, PtHealthSort sort, const char *sentence)
{
  PtHealthStatus status;

  pt_health_get (health, &status);
  g_assert_cmpint (status.sort, ==, sort);
  g_assert_cmpstr (status.sentence, ==, sentence);
}

static void
test_worst (void)
{
  g_autoptr (PtHealth) health = pt_health_new (NULL, NULL);

  assert_status (health, PT_HEALTH_WELL, "");
  pt_health_say (health, PT_HEALTH_SUBMITTER, PT_HEALTH_WAITS, "The chain is away.");
  assert_status (health, PT_HEALTH_WAITS, "The chain is away.");
  pt_health_say (health, PT_HEALTH_BATCHER, PT_HEALTH_WAITS, "The disk is full.");
  assert_status (health, PT_HEALTH_WAITS, "The disk is full."); /* earlier on the way */
  pt_health_say (health, PT_HEALTH_SUBMITTER, PT_HEALTH_ASKS, "Add funds.");
  assert_status (health, PT_HEALTH_ASKS, "Add funds.");
  pt_health_say (health, PT_HEALTH_SUBMITTER, PT_HEALTH_WELL, NULL);
  assert_status (health, PT_HEALTH_WAITS, "The disk is full.");
  pt_health_say (health, PT_HEALTH_BATCHER, PT_HEALTH_WELL, NULL);
  assert_status (health, PT_HEALTH_WELL, "");
}

static void
test_sorts (void)
{
  static const struct
  {
    PtErrorCode code;
    PtHealthSort sort;
  } cases[] = { { PT_ERROR_RETRY, PT_HEALTH_WAITS },
                { PT_ERROR_FAILED, PT_HEALTH_WAITS },
                { PT_ERROR_OPERATOR, PT_HEALTH_ASKS },
                { PT_ERROR_CONFIGURATION, PT_HEALTH_ASKS } };
  g_autoptr (GError) foreign = g_error_new_literal (G_FILE_ERROR, PT_ERROR_OPERATOR, "No.");

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = g_error_new_literal (PT_ERROR, (int) cases[i].code, "No.");

      g_assert_cmpint (pt_health_sort_of (error), ==, cases[i].sort);
    }
  g_assert_cmpint (pt_health_sort_of (foreign), ==, PT_HEALTH_WAITS);
}

static void
note_told (PtHealthSort sort, const char *sentence, gpointer data)
{
  g_string_append_printf (data, "%d %s;", sort, sentence);
}

/* Told once a change: not each time it is said, and not for a number that moves on. */
static void
test_told (void)
{
  g_autoptr (PtHealth) health = pt_health_new (NULL, NULL);
  g_autoptr (GString) told = g_string_new (NULL);

  pt_health_watch (health, note_told, told);
  pt_health_say (health, PT_HEALTH_BATCHER, PT_HEALTH_WELL, NULL);
  g_assert_cmpstr (told->str, ==, "");
  for (guint i = 8; i < 12; i++)
    {
      g_autofree char *sentence = g_strdup_printf ("Block %u is away.", i);

      pt_health_say (health, PT_HEALTH_BATCHER, PT_HEALTH_WAITS, sentence);
    }
  g_assert_cmpstr (told->str, ==, "1 Block 8 is away.;");
  pt_health_say (health, PT_HEALTH_BATCHER, PT_HEALTH_ASKS, "Block 12 is away.");
  pt_health_say (health, PT_HEALTH_BATCHER, PT_HEALTH_ASKS, "Block 12 is gone.");
  pt_health_say (health, PT_HEALTH_BATCHER, PT_HEALTH_WELL, NULL);
  pt_health_say (health, PT_HEALTH_BATCHER, PT_HEALTH_WELL, NULL);
  g_assert_cmpstr (
      told->str, ==,
      "1 Block 8 is away.;2 Block 12 is away.;2 Block 12 is gone.;0 Block 12 is gone.;");
}

/* A long sentence is cut between characters, never within one. */
static void
test_long (void)
{
  g_autoptr (PtHealth) health = pt_health_new (NULL, NULL);

  for (guint first = 0; first < 3; first++)
    {
      g_autoptr (GString) text = g_string_new (&"aa"[2 - first]);
      PtHealthStatus status;

      while (text->len < 2000)
        g_string_append (text, "\u0939");
      pt_health_say (health, PT_HEALTH_BATCHER, PT_HEALTH_ASKS, text->str);
      pt_health_get (health, &status);
      g_assert_true (g_utf8_validate (status.sentence, -1, NULL));
      g_assert_cmpuint (strlen (status.sentence), >, sizeof status.sentence - 5);
      g_assert_true (g_str_has_prefix (text->str, status.sentence));
    }
}

static gpointer
stop_thread (gpointer data)
{
  g_autoptr (GError) error = g_error_new_literal (PT_ERROR, PT_ERROR_STOP, "A root is another.");

  pt_health_stop (data, error);
  return NULL;
}

/* Whichever thread says it, and however often: the main loop hears it once, and the first error is
 * the one that is told. */
static void
test_stop (void)
{
  g_autoptr (GError) later = g_error_new_literal (PT_ERROR, PT_ERROR_STOP, "Another thing.");
  guint calls = 0;
  g_autoptr (PtHealth) health = pt_health_new (count_call, &calls);

  pt_health_say (health, PT_HEALTH_SUBMITTER, PT_HEALTH_ASKS, "Add funds.");
  g_assert_null (pt_health_error (health));
  g_thread_join (g_thread_new ("stop", stop_thread, health));
  pt_health_stop (health, later);
  g_assert_cmpuint (calls, ==, 0);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_cmpuint (calls, ==, 1);
  g_assert_error (pt_health_error (health), PT_ERROR, PT_ERROR_STOP);
  assert_status (health, PT_HEALTH_STOPS, "A root is another.");
}

/* One that goes before the loop turns is not called any more. */
static void
test_freed (void)
{
  g_autoptr (GError) error = g_error_new_literal (PT_ERROR, PT_ERROR_STOP, "Too late.");
  guint calls = 0;
  PtHealth *health = pt_health_new (count_call, &calls);

  pt_health_stop (health, error);
  pt_health_free (health);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_cmpuint (calls, ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/health/worst", test_worst);
  g_test_add_func ("/health/sorts", test_sorts);
  g_test_add_func ("/health/told", test_told);
  g_test_add_func ("/health/long", test_long);
  g_test_add_func ("/health/stop", test_stop);
  g_test_add_func ("/health/freed", test_freed);
  return g_test_run ();
}
