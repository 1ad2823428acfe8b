/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-tail.h"

static void
add (PtTail *tail, PtSubject subject, gint64 seq, guint64 entry, guint64 sealed)
{
  PtTailPlace place = { .seq = seq, .entry = entry, .digest = entry * 1000 };

  pt_tail_add (tail, subject, &place, sealed);
}

/* The number of the entry, or 0. */
static guint64
find (PtTail *tail, PtSubject subject, gint64 seq)
{
  PtTailPlace place;

  if (!pt_tail_find (tail, subject, seq, &place))
    return 0;
  g_assert_cmpint (place.seq, ==, seq);
  g_assert_cmpuint (place.digest, ==, place.entry * 1000);
  return place.entry;
}

static void
test_find (void)
{
  g_autoptr (PtTail) tail = pt_tail_new ();

  g_assert_cmpuint (find (tail, pt_subject_device (0), 1), ==, 0);
  add (tail, pt_subject_device (3), 7, 1, 0);
  add (tail, pt_subject_device (3), 5, 2, 0); /* late: counters need not rise, entries do */
  add (tail, pt_subject_device (1000), 7, 3, 0);
  g_assert_cmpuint (find (tail, pt_subject_device (3), 7), ==, 1);
  g_assert_cmpuint (find (tail, pt_subject_device (3), 5), ==, 2);
  g_assert_cmpuint (find (tail, pt_subject_device (3), 6), ==, 0);
  g_assert_cmpuint (find (tail, pt_subject_device (1000), 7), ==, 3);
  g_assert_cmpuint (find (tail, pt_subject_device (999), 7), ==, 0);
  g_assert_cmpuint (find (tail, pt_subject_device (100000), 7), ==, 0);
}

/* A device's sealed reports go when its next one comes. */
static void
test_sealed (void)
{
  g_autoptr (PtTail) tail = pt_tail_new ();

  for (guint i = 1; i <= 100; i++)
    add (tail, pt_subject_device (0), i, i, 0);
  add (tail, pt_subject_device (1), 1, 101, 0);
  add (tail, pt_subject_device (0), 101, 102, 60);
  g_assert_cmpuint (find (tail, pt_subject_device (0), 60), ==, 0);
  g_assert_cmpuint (find (tail, pt_subject_device (0), 61), ==, 61);
  g_assert_cmpuint (find (tail, pt_subject_device (0), 101), ==, 102);
  g_assert_cmpuint (find (tail, pt_subject_device (1), 1), ==, 101);
  add (tail, pt_subject_device (0), 102, 103, 102);
  g_assert_cmpuint (find (tail, pt_subject_device (0), 101), ==, 0);
  g_assert_cmpuint (find (tail, pt_subject_device (0), 102), ==, 103);
}

static void
test_drop (void)
{
  g_autoptr (PtTail) tail = pt_tail_new ();

  pt_tail_drop (tail, pt_subject_device (5), 1);
  for (guint i = 1; i <= 10; i++)
    add (tail, pt_subject_device (5), i, i, 0);
  pt_tail_drop (tail, pt_subject_device (5), 8);
  g_assert_cmpuint (find (tail, pt_subject_device (5), 7), ==, 7);
  g_assert_cmpuint (find (tail, pt_subject_device (5), 8), ==, 0);
  add (tail, pt_subject_device (5), 8, 8, 0);
  g_assert_cmpuint (find (tail, pt_subject_device (5), 8), ==, 8);
  pt_tail_drop (tail, pt_subject_device (5), 1);
  g_assert_cmpuint (find (tail, pt_subject_device (5), 1), ==, 0);
}

/* Many of one device, in any order: all are found, sealed and dropped by their entries. */
static void
test_many (void)
{
  g_autoptr (PtTail) tail = pt_tail_new ();
  PtSubject subject = pt_subject_device (0);

  for (guint i = 0; i < 1000; i++)
    add (tail, subject, (i * 7) % 1000 + 1, i + 1, 0);
  pt_tail_drop (tail, subject, 901);
  add (tail, subject, 5000, 901, 300);
  for (guint i = 0; i < 1000; i++)
    g_assert_cmpuint (find (tail, subject, (i * 7) % 1000 + 1), ==,
                      i >= 300 && i < 900 ? i + 1 : 0);
  g_assert_cmpuint (find (tail, subject, 5000), ==, 901);
  g_assert_cmpuint (find (tail, subject, 5001), ==, 0);
}

/* Kinds of subjects with the same numbers don't see each other. */
static void
test_kinds (void)
{
  g_autoptr (PtTail) tail = pt_tail_new ();

  add (tail, pt_subject_device (4), 7, 1, 0);
  add (tail, pt_subject_official (4), 7, 2, 0);
  add (tail, pt_subject_official (4), 8, 3, 2);
  g_assert_cmpuint (find (tail, pt_subject_device (4), 7), ==, 1);
  g_assert_cmpuint (find (tail, pt_subject_official (4), 7), ==, 0);
  g_assert_cmpuint (find (tail, pt_subject_official (4), 8), ==, 3);
  pt_tail_drop (tail, pt_subject_device (4), 1);
  g_assert_cmpuint (find (tail, pt_subject_device (4), 7), ==, 0);
  g_assert_cmpuint (find (tail, pt_subject_official (4), 8), ==, 3);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/tail/find", test_find);
  g_test_add_func ("/tail/sealed", test_sealed);
  g_test_add_func ("/tail/drop", test_drop);
  g_test_add_func ("/tail/many", test_many);
  g_test_add_func ("/tail/kinds", test_kinds);
  return g_test_run ();
}
