/* SPDX-License-Identifier: Apache-2.0 */
/* Lines before their commit. What a kind asks of its signer is in the tests of the kinds. */
#include "pt-verify.h"

#include "pt-pipeline-fixture.h"

#define MINUTE (60 * 1000)
#define DAY (G_GINT64_CONSTANT (24) * 60 * MINUTE)

typedef struct
{
  PtWorld *world;
  PtVerifier *verifier;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->world = pt_world_new (pt_memory_store_new ());
  pt_world_add_device (fixture->world, "east", "tx-1");
  fixture->verifier = pt_p256_verifier_new (PT_P256_FAST);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  pt_p256_verifier_free (fixture->verifier);
  pt_world_free (fixture->world);
}

/* The first line of @text as it comes out; its code is 0 where it is not refused. */
static PtLineState
verify (Fixture *fixture, const PtKind *kind, const char *text, PtErrorCode *code)
{
  PtWorld *world = fixture->world;
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) body = g_bytes_new (text, strlen (text));
  g_autoptr (PtSubmission) submission = pt_submission_new (kind, body, TRUE, NULL, NULL, &error);

  g_assert_no_error (error);
  pt_verify_lines (submission->lines, submission->count, kind,
                   pt_committer_log (world->pipeline->committer), pt_clock_now (world->clock),
                   fixture->verifier);
  *code = submission->lines[0].state == PT_LINE_REFUSED ? submission->lines[0].code : 0;
  return (PtLineState) submission->lines[0].state;
}

static void
assert_refused (Fixture *fixture, const PtKind *kind, const char *text, PtErrorCode wanted)
{
  PtErrorCode code;

  g_assert_cmpint (verify (fixture, kind, text, &code), ==, PT_LINE_REFUSED);
  g_assert_cmpstr (pt_error_slug (code), ==, pt_error_slug (wanted));
}

static char *
report (Fixture *fixture, gint64 seq, gint64 ts)
{
  return pt_world_report (fixture->world, "east", "tx-1", seq, ts, PT_POWER_ON, NULL);
}

/* A bad signature is only worth a look at the disk where its counter was used. */
static void
test_signatures (Fixture *fixture, gconstpointer data)
{
  g_autofree char *good = report (fixture, 1, pt_clock_now (fixture->world->clock));
  g_autofree char *broken = pt_world_break_signature (good);
  g_autofree char *device = pt_world_device (fixture->world, "east", "tx-2", PT_STATUS_ACTIVE,
                                             pt_clock_now (fixture->world->clock));
  g_autofree char *broken_device = pt_world_break_signature (device);
  PtErrorCode code;

  g_assert_cmpint (verify (fixture, &pt_kind_report, good, &code), ==, PT_LINE_VERIFIED);
  assert_refused (fixture, &pt_kind_report, broken, PT_ERROR_BAD_SIGNATURE);
  pt_world_expect (fixture->world, &pt_kind_report, good, PT_ACCEPTED);
  g_assert_cmpint (verify (fixture, &pt_kind_report, broken, &code), ==, PT_LINE_SUSPECT);
  g_assert_cmpint (verify (fixture, &pt_kind_registration, device, &code), ==, PT_LINE_VERIFIED);
  assert_refused (fixture, &pt_kind_registration, broken_device, PT_ERROR_BAD_SIGNATURE);
}

static void
test_clock (Fixture *fixture, gconstpointer data)
{
  static const struct
  {
    gint64 offset;
    gboolean holds;
  } cases[] = {
    { 5 * MINUTE, TRUE }, { 5 * MINUTE + 1, FALSE }, { -7 * DAY, TRUE }, { -400 * DAY, TRUE }
  };
  gint64 now = pt_clock_now (fixture->world->clock);
  PtErrorCode code;

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *line = report (fixture, 1, now + cases[i].offset);

      if (cases[i].holds)
        g_assert_cmpint (verify (fixture, &pt_kind_report, line, &code), ==, PT_LINE_VERIFIED);
      else
        assert_refused (fixture, &pt_kind_report, line, PT_ERROR_CLOCK_SKEW);
    }
}

/* A mouth takes its own kinds only. */
static void
test_form (Fixture *fixture, gconstpointer data)
{
  g_autofree char *line = report (fixture, 1, pt_clock_now (fixture->world->clock));

  assert_refused (fixture, &pt_kind_report, "{", PT_ERROR_MALFORMED);
  assert_refused (fixture, &pt_kind_report, "{\"a\": 1}", PT_ERROR_NOT_CANONICAL);
  assert_refused (fixture, &pt_kind_registration, line, PT_ERROR_MALFORMED);
}

/* A report is that of whom its way here proved to be the sender. */
static void
test_peer (Fixture *fixture, gconstpointer data)
{
  PtWorld *world = fixture->world;
  const guint8 *key = pt_world_key (world, "tx-1")->signer.public_key;
  PtPeer right = { .area = (char *) "east", .device = (char *) "tx-1", .has_key = TRUE };
  PtPeer other_device = right, other_area = right, other_key = right;
  const struct
  {
    const PtPeer *peer;
    gboolean holds;
  } cases[] = { { NULL, TRUE },           { &(PtPeer){ 0 }, TRUE }, { &right, TRUE },
                { &other_device, FALSE }, { &other_area, FALSE },   { &other_key, FALSE } };
  g_autofree char *line = report (fixture, 1, pt_clock_now (world->clock));

  memcpy (right.key, key, sizeof right.key);
  other_device = other_area = other_key = right;
  other_device.device = (char *) "tx-2";
  other_area.area = (char *) "west";
  other_key.key[9] ^= 1;
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GBytes) body = g_bytes_new (line, strlen (line));
      g_autoptr (PtSubmission) submission
          = pt_submission_new (&pt_kind_report, body, FALSE, NULL, NULL, NULL);
      const PtVerifyPart part = { submission->lines, 1, &pt_kind_report, cases[i].peer };

      pt_verify_parts (&part, 1, pt_committer_log (world->pipeline->committer),
                       pt_clock_now (world->clock), fixture->verifier);
      g_assert_cmpint (submission->lines[0].state, ==,
                       cases[i].holds ? PT_LINE_VERIFIED : PT_LINE_REFUSED);
      if (!cases[i].holds)
        g_assert_cmpstr (pt_line_slug (submission->lines), ==, "not-yours");
    }
}

#define ADD(name, func) g_test_add ("/verify/" name, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("signatures", test_signatures);
  ADD ("clock", test_clock);
  ADD ("form", test_form);
  ADD ("peer", test_peer);
  return g_test_run ();
}
