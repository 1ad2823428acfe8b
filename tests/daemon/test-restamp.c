/* SPDX-License-Identifier: Apache-2.0 */
/* A clock that was ahead: what waits gets the time of now, what is sealed is waited for. */
#include "pt-audit-fixture.h"
#include "pt-complaint-fixture.h"

#define DAY (24 * 60 * 60 * G_GINT64_CONSTANT (1000))

static void
set_clock (PtWorld *world, gint64 now)
{
  pt_clock_manual_set (world->clock, now);
}

/* A report whose device has the right time, whatever the daemon's clock shows. */
static char *
report_at (PtWorld *world, const char *area, const char *device, gint64 seq, gint64 ts)
{
  return pt_world_report (world, area, device, seq, ts, PT_POWER_OFF, NULL);
}

static void
expect_report (PtWorld *world, const char *area, const char *device, gint64 seq, gint64 ts,
               const char *wanted)
{
  g_autofree char *line = report_at (world, area, device, seq, ts);

  pt_world_expect (world, &pt_kind_report, line, wanted);
}

/* One that was verified before the clock went wrong; intake takes none after it. */
static void
expect_busy (PtWorld *world, const char *area, const char *device, gint64 seq, gint64 ts)
{
  g_autofree char *line = report_at (world, area, device, seq, ts);
  PtSubmission *submission = pt_world_verify (world, &pt_kind_report, line);

  pt_world_expect_answer (pt_world_push_verified (world, submission), PT_REFUSED ("busy"));
}

static void
restamp (PtWorld *world, PtRestamped *out)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (
      pt_committer_restamp (world->pipeline->committer, pt_world_now (world), out, &error));
  g_assert_no_error (error);
}

/* Reports and a registration, received a year ahead, then the clock is right again: nothing is
 * taken in before they have the time of now, the log goes on, and a stranger finds nothing wrong.
 */
static void
test_put_right (Fixture *fixture, gconstpointer data)
{
  PtWorld *world = fixture->world;
  gint64 at = pt_world_now (world);
  g_autofree char *device = pt_world_device (world, "east", "tx-3", PT_STATUS_ACTIVE, at);
  PtRestamped done;

  expect_report (world, "east", "tx-1", 1, at, PT_ACCEPTED);
  set_clock (world, at + 365 * DAY);
  expect_report (world, "east", "tx-1", 2, at, PT_ACCEPTED);
  pt_world_expect (world, &pt_kind_registration, device, PT_ACCEPTED);
  set_clock (world, at + 1000);
  expect_busy (world, "east", "tx-1", 3, at + 1000);
  pt_world_assert_health (world, PT_HEALTH_ASKS, "what is stored reaches to ");
  restamp (world, &done);
  g_assert_cmpuint (done.changed, ==, 2);
  g_assert_cmpint (done.furthest, ==, at + 365 * DAY);
  g_assert_cmpuint (done.areas_held, ==, 0);
  g_assert_cmpint (pt_committer_newest (world->pipeline->committer), ==, at + 1000);
  expect_report (world, "east", "tx-1", 3, at + 1000, PT_ACCEPTED);
  pt_world_assert_health (world, PT_HEALTH_WELL, "");
  expect_report (world, "east", "tx-1", 2, at, PT_DUPLICATE);
  pt_world_expect (world, &pt_kind_registration, device, PT_DUPLICATE);
  if (world->own_store)
    pt_world_restart (world, TRUE);
  g_assert_cmpint (pt_committer_newest (world->pipeline->committer), ==, at + 1000);
  expect_report (world, "east", "tx-3", 1, at + 1000, PT_ACCEPTED);
  g_assert_cmpuint (pt_world_seal (world), ==, 1);
  g_assert_cmpuint (pt_audit_area (world, 0, "east", NULL, NULL), ==, 4);
  restamp (world, &done);
  g_assert_cmpuint (done.changed, ==, 0);
}

/* It is the clock of now that is wrong: the devices' own times say so, and nothing is changed. */
static void
test_now_is_wrong (Fixture *fixture, gconstpointer data)
{
  PtWorld *world = fixture->world;
  gint64 at = pt_world_now (world) + 400 * DAY;
  PtRestamped done;

  set_clock (world, at);
  expect_report (world, "east", "tx-1", 1, at, PT_ACCEPTED);
  expect_report (world, "east", "tx-2", 1, at - 300 * DAY, PT_ACCEPTED); /* it came late */
  set_clock (world, at - 300 * DAY);
  restamp (world, &done);
  g_assert_cmpuint (done.changed, ==, 0);
  g_assert_cmpint (pt_committer_newest (world->pipeline->committer), ==, at);
  expect_busy (world, "east", "tx-1", 2, at - 300 * DAY);
  set_clock (world, at + 1000);
  expect_report (world, "east", "tx-1", 2, at + 1000, PT_ACCEPTED);
  pt_world_assert_health (world, PT_HEALTH_WELL, "");
}

/* One area's window was sealed in the future, another's was not: that one goes on. */
static void
test_sealed (Fixture *fixture, gconstpointer data)
{
  PtWorld *world = fixture->world;
  gint64 at = pt_world_now (world), sealed_to;
  PtRestamped done;

  pt_world_add_area (world, "west");
  pt_world_add_device (world, "west", "tx-1");
  g_assert_cmpuint (pt_world_seal (world), ==, 2);
  at = pt_world_now (world);
  set_clock (world, at + 365 * DAY);
  expect_report (world, "east", "tx-1", 1, at, PT_ACCEPTED);
  g_assert_cmpuint (pt_world_seal (world), ==, 1);
  sealed_to = pt_world_now (world);
  expect_report (world, "west", "tx-1", 1, at, PT_ACCEPTED);
  set_clock (world, at + 1000);
  expect_busy (world, "east", "tx-1", 2, at);
  expect_busy (world, "west", "tx-1", 2, at);
  restamp (world, &done);
  g_assert_cmpuint (done.changed, ==, 1);
  g_assert_cmpuint (done.areas_held, ==, 1);
  g_assert_cmpuint (done.area, ==, 0);
  g_assert_cmpint (done.until, <=, sealed_to);
  g_assert_cmpint (done.until, >, at + 364 * DAY);
  expect_report (world, "east", "tx-1", 2, at, PT_REFUSED ("busy"));
  expect_report (world, "west", "tx-1", 2, at, PT_ACCEPTED);
  g_assert_cmpuint (pt_world_seal (world), ==, 1);
  g_assert_cmpuint (pt_audit_area (world, 1, "west", NULL, NULL), ==, 2);
  set_clock (world, sealed_to + 1000); /* the time has come */
  expect_report (world, "east", "tx-1", 2, at, PT_ACCEPTED);
  g_assert_cmpuint (pt_world_seal (world), ==, 1);
  g_assert_cmpuint (pt_audit_area (world, 0, "east", NULL, NULL), ==, 2);
}

/* Who has a receipt knows the bytes: an area with one is held, and nothing in it gets another time.
 */
static void
test_promised (Fixture *fixture, gconstpointer data)
{
  PtWorld *world = fixture->world;
  gint64 at = pt_world_now (world);
  g_autofree char *report = report_at (world, "east", "tx-1", 1, at);
  PtRestamped done;
  PtTestReply reply;

  set_clock (world, at + 365 * DAY);
  pt_reply_push (&reply, world, &pt_kind_report, report, NULL);
  pt_reply_wait_for (&reply);
  pt_reply_clear (&reply);
  expect_report (world, "east", "tx-2", 1, at, PT_ACCEPTED);
  set_clock (world, at + 1000);
  restamp (world, &done);
  g_assert_cmpuint (done.changed, ==, 0);
  g_assert_cmpuint (done.areas_held, ==, 1);
  g_assert_cmpint (done.until, ==, at + 365 * DAY);
  expect_report (world, "east", "tx-1", 2, at, PT_REFUSED ("busy"));
  set_clock (world, at + 366 * DAY);
  expect_report (world, "east", "tx-1", 2, at, PT_ACCEPTED);
}

/* A pass while the clock was ahead found nothing to seal: what its barrier promised is no
 * hindrance.
 */
static void
test_empty_pass (Fixture *fixture, gconstpointer data)
{
  PtWorld *world = fixture->world;
  gint64 at;
  PtRestamped done;

  g_assert_cmpuint (pt_world_seal (world), ==, 1);
  at = pt_world_now (world);
  set_clock (world, at + 365 * DAY);
  g_assert_cmpuint (pt_world_seal (world), ==, 0);
  set_clock (world, at);
  expect_busy (world, "east", "tx-1", 1, at);
  restamp (world, &done);
  g_assert_cmpuint (done.changed + done.areas_held, ==, 0);
  expect_report (world, "east", "tx-1", 1, at, PT_ACCEPTED);
}

#define ADD(name, memory, func)                                                                    \
  g_test_add ("/restamp/" name, Fixture, memory, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("put-right", NULL, test_put_right);
  ADD ("put-right-in-memory", "memory", test_put_right);
  ADD ("now-is-wrong", NULL, test_now_is_wrong);
  ADD ("sealed", NULL, test_sealed);
  ADD ("promised", NULL, test_promised);
  ADD ("promised-in-memory", "memory", test_promised);
  ADD ("empty-pass", NULL, test_empty_pass);
  return g_test_run ();
}
