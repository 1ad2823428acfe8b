/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-admission.h"

static guint
waiting (PtAdmission *admission)
{
  PtAdmissionCounts counts;

  pt_admission_get (admission, &counts);
  return counts.waiting;
}

static void
test_bound (void)
{
  g_autoptr (PtAdmission) admission = pt_admission_new (1000, NULL);

  g_assert_true (pt_admission_enter (admission, 600));
  g_assert_false (pt_admission_enter (admission, 401));
  g_assert_cmpuint (waiting (admission), ==, 600);
  g_assert_true (pt_admission_enter (admission, 400));
  g_assert_false (pt_admission_enter (admission, 1));
  pt_admission_leave (admission, 400);
  g_assert_false (pt_admission_enter (admission, 401));
  pt_admission_leave (admission, 1);
  g_assert_true (pt_admission_enter (admission, 401));
  g_assert_true (pt_admission_enter (admission, 0));
}

/* One that is larger than all the room has its turn when nothing else waits. */
static void
test_larger_than_bound (void)
{
  g_autoptr (PtAdmission) admission = pt_admission_new (1000, NULL);

  g_assert_true (pt_admission_enter (admission, 5000));
  g_assert_false (pt_admission_enter (admission, 1));
  g_assert_cmpuint (waiting (admission), ==, 5000);
  pt_admission_leave (admission, 5000);
  g_assert_true (pt_admission_enter (admission, 1));
  g_assert_false (pt_admission_enter (admission, G_MAXUINT));
}

static void
test_closed (void)
{
  g_autoptr (PtAdmission) admission = pt_admission_new (1000, NULL);

  g_assert_true (pt_admission_enter (admission, 10));
  g_assert_false (pt_admission_is_closed (admission));
  pt_admission_close (admission);
  g_assert_true (pt_admission_is_closed (admission));
  g_assert_false (pt_admission_enter (admission, 1));
  pt_admission_leave (admission, 10); /* what is inside comes out */
  g_assert_cmpuint (waiting (admission), ==, 0);
  g_assert_false (pt_admission_enter (admission, 1));
}

/* A daemon that takes in 21,667 reports a second is past 32 bits after two days. */
static void
test_counts (void)
{
  g_autoptr (PtAdmission) admission = pt_admission_new (1000, NULL);
  PtAdmissionCounts counts;

  for (guint i = 0; i < 3; i++)
    pt_admission_count (admission, G_MAXINT32, G_MAXUINT32, i);
  pt_admission_get (admission, &counts);
  g_assert_cmpuint (counts.accepted, ==, 3 * G_GUINT64_CONSTANT (2147483647));
  g_assert_cmpuint (counts.duplicate, ==, 3 * G_GUINT64_CONSTANT (4294967295));
  g_assert_cmpuint (counts.rejected, ==, 3);
}

#define THREADS 4
#define TURNS 20000

static gpointer
come_and_go (gpointer data)
{
  for (guint i = 0; i < TURNS; i++)
    if (pt_admission_enter (data, 3))
      {
        g_assert_cmpuint (waiting (data), <=, 10);
        pt_admission_count (data, 1, 1, 1);
        pt_admission_leave (data, 3);
      }
    else
      pt_admission_count (data, 0, 0, 3);
  return NULL;
}

static void
test_threads (void)
{
  g_autoptr (PtAdmission) admission = pt_admission_new (10, NULL);
  GThread *threads[THREADS];
  PtAdmissionCounts counts;

  for (guint i = 0; i < THREADS; i++)
    threads[i] = g_thread_new ("client", come_and_go, admission);
  for (guint i = 0; i < THREADS; i++)
    g_thread_join (threads[i]);
  pt_admission_get (admission, &counts);
  g_assert_cmpuint (counts.waiting, ==, 0);
  g_assert_cmpuint (counts.accepted + counts.duplicate + counts.rejected, ==, 3 * THREADS * TURNS);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/admission/bound", test_bound);
  g_test_add_func ("/admission/larger-than-bound", test_larger_than_bound);
  g_test_add_func ("/admission/closed", test_closed);
  g_test_add_func ("/admission/counts", test_counts);
  g_test_add_func ("/admission/threads", test_threads);
  return g_test_run ();
}
