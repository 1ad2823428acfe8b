/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-complaint-query.h"

#define MINUTE 60000
#define NOW (10000 * MINUTE)

static PtComplaint *
complaint_new (PtComplaintState state, gint64 acknowledge_by, gint64 acknowledged_at,
               gint64 resolve_by)
{
  PtComplaint *complaint = g_object_new (PT_TYPE_COMPLAINT, NULL);

  complaint->area = g_strdup ("east");
  complaint->complaint = g_strdup ("1234567890");
  complaint->category = g_strdup ("no-supply");
  complaint->title = g_strdup ("No supply");
  complaint->site = g_strdup ("T-0042");
  complaint->place = g_strdup ("Rajendra Nagar");
  complaint->assigned = g_strdup ("ae-7");
  complaint->state = state;
  complaint->people = 3;
  complaint->filed_at = NOW - 100 * MINUTE;
  complaint->changed_at = NOW - 10 * MINUTE;
  complaint->acknowledge_by = acknowledge_by;
  complaint->acknowledged_at = acknowledged_at;
  complaint->resolve_by = resolve_by;
  return complaint;
}

/* Which limit runs out next, and whether it has. */
static void
test_deadline (void)
{
  static const struct
  {
    PtComplaintState state;
    gint64 acknowledge_by, acknowledged_at, resolve_by, deadline;
  } rows[] = {
    { PT_COMPLAINT_OPEN, 50, 0, 90, 50 },      /* an answer first */
    { PT_COMPLAINT_OPEN, 50, 0, 40, 40 },      /* a profile that wants it solved before */
    { PT_COMPLAINT_ASSIGNED, 50, 30, 90, 90 }, /* it was answered */
    { PT_COMPLAINT_OPEN, 0, 0, 0, 0 },         /* nothing was promised */
    { PT_COMPLAINT_REJECTING, 50, 40, 90, 90 }, { PT_COMPLAINT_RESOLVED, 50, 30, 90, 0 },
    { PT_COMPLAINT_CONFIRMED, 50, 30, 90, 0 },  { PT_COMPLAINT_WITHDRAWN, 50, 0, 90, 0 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (PtComplaint) complaint = complaint_new (
          rows[i].state, rows[i].acknowledge_by, rows[i].acknowledged_at, rows[i].resolve_by);

      g_assert_cmpint (pt_complaint_deadline (complaint), ==, rows[i].deadline);
      g_assert_cmpint (pt_complaint_is_overdue (complaint, 89), ==,
                       rows[i].deadline != 0 && rows[i].deadline < 89);
    }
}

/* What is open is overdue, due or in time: each in one of the three. */
static void
test_sets (void)
{
  static const struct
  {
    PtComplaintState state;
    gint64 resolve_by;
    PtClosed closed;
    guint sets; /* bits */
  } rows[] = {
    { PT_COMPLAINT_ACKNOWLEDGED, NOW - MINUTE, PT_CLOSED_NONE,
      1 << PT_COMPLAINTS_OPEN | 1 << PT_COMPLAINTS_OVERDUE | 1 << PT_COMPLAINTS_MINE },
    { PT_COMPLAINT_ASSIGNED, NOW + 60 * MINUTE, PT_CLOSED_NONE,
      1 << PT_COMPLAINTS_OPEN | 1 << PT_COMPLAINTS_DUE | 1 << PT_COMPLAINTS_MINE },
    { PT_COMPLAINT_OPEN, NOW + 61 * MINUTE, PT_CLOSED_NONE,
      1 << PT_COMPLAINTS_OPEN | 1 << PT_COMPLAINTS_IN_TIME | 1 << PT_COMPLAINTS_MINE },
    { PT_COMPLAINT_OPEN, 0, PT_CLOSED_NONE,
      1 << PT_COMPLAINTS_OPEN | 1 << PT_COMPLAINTS_IN_TIME | 1 << PT_COMPLAINTS_MINE },
    { PT_COMPLAINT_RESOLVED, NOW - MINUTE, PT_CLOSED_AGAINST,
      1 << PT_COMPLAINTS_AGAINST | 1 << PT_COMPLAINTS_CLOSED },
    { PT_COMPLAINT_CONFIRMED, NOW - MINUTE, PT_CLOSED_CITIZEN, 1 << PT_COMPLAINTS_CLOSED },
    { PT_COMPLAINT_REJECTED, NOW - MINUTE, PT_CLOSED_NONE, 0 },
  };
  PtComplaintQuery query = { .official = "ae-7", .now = NOW, .midnight = NOW - 60 * MINUTE };
  PtComplaintCounts counts = { { 0 }, { 0 } };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (PtComplaint) complaint = complaint_new (rows[i].state, 0, 0, rows[i].resolve_by);
      guint sets = rows[i].sets | 1 << PT_COMPLAINTS_ALL;

      complaint->closed = rows[i].closed;
      for (int set = 0; set < PT_COMPLAINT_SETS; set++)
        g_assert_cmpint (pt_complaint_is_in (complaint, (PtComplaintSet) set, &query), ==,
                         (sets >> set) & 1);
      pt_complaint_count (complaint, &query, &counts);
    }
  g_assert_cmpuint (counts.sets[PT_COMPLAINTS_OPEN], ==, 4);
  g_assert_cmpuint (counts.sets[PT_COMPLAINTS_ALL], ==, G_N_ELEMENTS (rows));
  g_assert_cmpuint (counts.closed[PT_CLOSED_AGAINST], ==, 1);
  g_assert_cmpuint (counts.closed[PT_CLOSED_CITIZEN], ==, 1);
  query.midnight = NOW;
  query.official = NULL;
  memset (&counts, 0, sizeof counts);
  {
    g_autoptr (PtComplaint) old = complaint_new (PT_COMPLAINT_RESOLVED, 0, 0, 0);

    pt_complaint_count (old, &query, &counts);
  }
  g_assert_cmpuint (counts.sets[PT_COMPLAINTS_CLOSED] + counts.sets[PT_COMPLAINTS_MINE], ==, 0);
}

/* A number as it is said, a place, a line, with or without accents. */
static void
test_words (void)
{
  static const char *const found[] = { "1234 567 890", "1234-567-890", "567",       "rajendra",
                                       "T-0042",       "no supply",    "no-supply", "ae-7" };
  static const char *const not_found[] = { "999", "Patna", "1234 567 891", "F-07" };
  g_autoptr (PtComplaint) complaint = complaint_new (PT_COMPLAINT_OPEN, 0, 0, 0);
  PtComplaintQuery query = { .set = PT_COMPLAINTS_OPEN, .now = NOW };

  for (guint i = 0; i < G_N_ELEMENTS (found); i++)
    {
      query.words = found[i];
      g_assert_true (pt_complaint_matches (complaint, &query));
    }
  for (guint i = 0; i < G_N_ELEMENTS (not_found); i++)
    {
      query.words = not_found[i];
      g_assert_false (pt_complaint_matches (complaint, &query));
    }
  query.words = NULL;
  query.area = "west";
  g_assert_false (pt_complaint_matches (complaint, &query));
  query.area = "east";
  query.category = "low-voltage";
  g_assert_false (pt_complaint_matches (complaint, &query));
}

/* Over, then due, then without a limit, then closed. */
static void
test_rank (void)
{
  g_autoptr (PtComplaint) over = complaint_new (PT_COMPLAINT_OPEN, 0, 0, NOW - MINUTE);
  g_autoptr (PtComplaint) due = complaint_new (PT_COMPLAINT_OPEN, 0, 0, NOW + MINUTE);
  g_autoptr (PtComplaint) without = complaint_new (PT_COMPLAINT_OPEN, 0, 0, 0);
  g_autoptr (PtComplaint) closed = complaint_new (PT_COMPLAINT_RESOLVED, 0, 0, NOW - MINUTE);
  const PtComplaint *order[] = { over, due, without, closed };

  for (guint i = 1; i < G_N_ELEMENTS (order); i++)
    g_assert_cmpint (pt_complaint_rank (order[i - 1], PT_COMPLAINT_BY_CLOCK), <,
                     pt_complaint_rank (order[i], PT_COMPLAINT_BY_CLOCK));
  over->people = 7;
  g_assert_cmpint (pt_complaint_rank (over, PT_COMPLAINT_BY_PEOPLE), <,
                   pt_complaint_rank (due, PT_COMPLAINT_BY_PEOPLE));
  due->filed_at = NOW;
  g_assert_cmpint (pt_complaint_rank (due, PT_COMPLAINT_BY_FILED), <,
                   pt_complaint_rank (over, PT_COMPLAINT_BY_FILED));
  closed->changed_at = NOW;
  g_assert_cmpint (pt_complaint_rank (closed, PT_COMPLAINT_BY_CHANGED), <,
                   pt_complaint_rank (over, PT_COMPLAINT_BY_CHANGED));
}

/* Midnight is within the day before, in the reader's zone. */
static void
test_midnight (void)
{
  gint64 now = G_GINT64_CONSTANT (1795204682113), midnight = pt_complaint_midnight (now);

  g_assert_cmpint (midnight, <=, now);
  g_assert_cmpint (midnight, >, now - G_GINT64_CONSTANT (90000000));
  g_assert_cmpint (pt_complaint_midnight (midnight), ==, midnight);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/complaint-query/deadline", test_deadline);
  g_test_add_func ("/complaint-query/sets", test_sets);
  g_test_add_func ("/complaint-query/words", test_words);
  g_test_add_func ("/complaint-query/rank", test_rank);
  g_test_add_func ("/complaint-query/midnight", test_midnight);
  return g_test_run ();
}
