/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-complaint-fixture.h"

static const PtComplaintStep *
step_at (const PtComplaintDetail *detail, guint number)
{
  return detail->steps->pdata[number];
}

/* Every step's signature is checked, and what is shown of it is what was signed. */
static void
test_signed (void)
{
  PtChainFixture fixture;
  g_autoptr (PtComplaintDetail) detail = NULL;

  pt_chain_start (&fixture);
  pt_chain_step (
      &fixture, PT_ACTION_FILE, "citizen", "",
      ",\"private\":{\"text\":\"dark\",\"contact\":\"\",\"photos\":[{\"sha256\":\"ab\"}]}"
      ",\"batch\":7,\"batch_state\":\"final\",\"block\":19,\"index\":3");
  pt_chain_step (&fixture, PT_ACTION_ACKNOWLEDGE, "officer-1", "crew \xe2\x80\xae called",
                 ",\"name\":\"Engineer\",\"role\":\"officer\",\"note\":\"something else\"");
  detail = pt_chain_detail (&fixture, "acknowledged");
  g_assert_cmpuint (pt_complaint_detail_faults (detail), ==, 0);
  g_assert_cmpstr (step_at (detail, 0)->text, ==, "dark");
  g_assert_cmpuint (step_at (detail, 0)->photos->len, ==, 1);
  g_assert_cmpint (step_at (detail, 0)->batch_state, ==, PT_BATCH_FINAL);
  g_assert_cmpint (step_at (detail, 0)->block, ==, 19);
  g_assert_cmpint (step_at (detail, 1)->batch, ==, -1);
  g_assert_cmpstr (step_at (detail, 1)->note, ==, "crew  called"); /* nothing turns a line round */
  g_assert_cmpint (step_at (detail, 1)->role, ==, PT_ROLE_OFFICER);
  g_assert_false (step_at (detail, 1)->has_private);
  pt_chain_stop (&fixture);
}

/* A note that was altered, a key that did not sign, a step that was left out or is of elsewhere. */
static void
test_lies (void)
{
  PtChainFixture fixture;
  g_autofree char *entry = NULL, *other = NULL;
  char *note;
  PtHash last;

  pt_chain_start (&fixture);
  pt_chain_step (&fixture, PT_ACTION_FILE, "citizen", "", "");
  entry = pt_chain_entry (&fixture, PT_ACTION_ACKNOWLEDGE, "officer-1", "crew called", "T-1");
  note = strstr (entry, "called");
  memcpy (note, "asleep", 6);
  pt_chain_add (&fixture, entry, "officer-1", "");
  pt_chain_step (&fixture, PT_ACTION_COMMENT, "officer-1", "x", "");
  last = fixture.last;
  pt_chain_step (&fixture, PT_ACTION_COMMENT, "officer-1", "left out", "");
  fixture.last = last;
  pt_chain_step (&fixture, PT_ACTION_COMMENT, "officer-1", "y", "");
  other = pt_chain_entry (&fixture, PT_ACTION_COMMENT, "officer-1", "z", "T-2");
  pt_chain_add (&fixture, other, "officer-1", "");
  {
    g_autoptr (PtComplaintDetail) detail = pt_chain_detail (&fixture, "open");
    static const PtStepVerdict expected[] = { PT_STEP_SIGNED,    PT_STEP_FORGED, PT_STEP_UNCHECKED,
                                              PT_STEP_UNCHECKED, PT_STEP_BROKEN, PT_STEP_BROKEN };

    for (guint i = 0; i < G_N_ELEMENTS (expected); i++)
      g_assert_cmpint (step_at (detail, i)->verdict, ==, expected[i]);
    g_assert_cmpuint (pt_complaint_detail_faults (detail), ==, 3);
  }
  pt_chain_stop (&fixture);
}

static void
check_verdicts (const PtComplaintDetail *detail, const PtStepVerdict *expected, guint count)
{
  g_assert_cmpuint (detail->steps->len, ==, count);
  for (guint i = 0; i < count; i++)
    g_assert_cmpint (step_at (detail, i)->verdict, ==, expected[i]);
}

/* Who an official is the authority says, and not the daemon. */
static void
test_registered (void)
{
  static const PtStepVerdict expected[]
      = { PT_STEP_SIGNED,   PT_STEP_SIGNED,   PT_STEP_FORBIDDEN, PT_STEP_STRANGER,
          PT_STEP_STRANGER, PT_STEP_STRANGER, PT_STEP_UNCHECKED };
  PtChainFixture fixture;
  g_autoptr (PtVouch) vouch = NULL;
  g_autoptr (PtComplaintDetail) detail = NULL;

  pt_chain_start (&fixture);
  vouch = pt_chain_vouch_new (&fixture);
  pt_chain_vouch (&fixture, vouch, "officer-1", PT_ROLE_OFFICER, PT_STATUS_ACTIVE,
                  fixture.authority);
  pt_chain_vouch (&fixture, vouch, "operator-1", PT_ROLE_OPERATOR, PT_STATUS_ACTIVE,
                  fixture.authority);
  pt_chain_vouch (&fixture, vouch, "revoked-1", PT_ROLE_OFFICER, PT_STATUS_REVOKED,
                  fixture.authority);
  pt_chain_vouch (&fixture, vouch, "forged-1", PT_ROLE_OFFICER, PT_STATUS_ACTIVE, fixture.officer);
  pt_vouch_add (vouch, "nobody-1", NULL);
  pt_chain_step (&fixture, PT_ACTION_FILE, "citizen", "", "");
  pt_chain_step (&fixture, PT_ACTION_ACKNOWLEDGE, "officer-1", "",
                 ",\"name\":\"The minister\",\"role\":\"auditor\"");
  pt_chain_step (&fixture, PT_ACTION_RESOLVE, "operator-1", "done", ",\"role\":\"officer\"");
  pt_chain_step (&fixture, PT_ACTION_COMMENT, "revoked-1", "", "");
  pt_chain_step (&fixture, PT_ACTION_COMMENT, "forged-1", "", "");
  pt_chain_step (&fixture, PT_ACTION_COMMENT, "nobody-1", "", "");
  pt_chain_step (&fixture, PT_ACTION_COMMENT, "unasked-1", "", "");
  detail = pt_chain_detail_by (&fixture, "resolved", vouch);
  check_verdicts (detail, expected, G_N_ELEMENTS (expected));
  g_assert_cmpuint (pt_complaint_detail_faults (detail), ==, 4);
  g_assert_cmpstr (step_at (detail, 1)->name, ==, "Engineer, East");
  g_assert_cmpint (step_at (detail, 1)->role, ==, PT_ROLE_OFFICER);
  pt_chain_stop (&fixture);
}

/* A key that did not file and did not join is no citizen's of this complaint, and a step comes only
 * where it may. */
static void
test_citizen (void)
{
  static const PtStepVerdict expected[] = { PT_STEP_SIGNED, PT_STEP_UNCHECKED, PT_STEP_FORBIDDEN,
                                            PT_STEP_SIGNED, PT_STEP_SIGNED,    PT_STEP_UNTIMELY };
  PtChainFixture fixture;
  PtP256Key *filer;
  g_autoptr (PtComplaintDetail) detail = NULL;

  pt_chain_start (&fixture);
  pt_chain_step (&fixture, PT_ACTION_FILE, "citizen", "", "");
  pt_chain_step (&fixture, PT_ACTION_RESOLVE, "officer-1", "done", "");
  filer = fixture.citizen;
  fixture.citizen = pt_p256_key_generate ();
  pt_chain_step (&fixture, PT_ACTION_COMMENT, "citizen", "", "");
  pt_p256_key_free (fixture.citizen);
  fixture.citizen = filer;
  pt_chain_step (&fixture, PT_ACTION_REOPEN, "citizen", "", "");
  pt_chain_step (&fixture, PT_ACTION_WITHDRAW, "citizen", "", "");
  pt_chain_step (&fixture, PT_ACTION_CONFIRM, "citizen", "", "");
  detail = pt_chain_detail (&fixture, "withdrawn");
  check_verdicts (detail, expected, G_N_ELEMENTS (expected));
  pt_chain_stop (&fixture);
}

static void
test_officials (void)
{
  PtChainFixture fixture;
  g_autofree char *text = NULL;
  g_autoptr (JsonNode) root = NULL;
  g_autoptr (GPtrArray) all = NULL, one = NULL;

  pt_chain_start (&fixture);
  pt_chain_step (&fixture, PT_ACTION_FILE, "citizen", "", "");
  pt_chain_step (&fixture, PT_ACTION_COMMENT, "officer-1", "", "");
  pt_chain_step (&fixture, PT_ACTION_COMMENT, "officer-2", "", "");
  pt_chain_step (&fixture, PT_ACTION_COMMENT, "officer-1", "", "");
  text = pt_chain_json (&fixture, "open");
  root = json_from_string (text, NULL);
  all = pt_complaint_detail_officials (root, 9);
  one = pt_complaint_detail_officials (root, 1);
  g_assert_cmpuint (all->len, ==, 2);
  g_assert_cmpstr (all->pdata[0], ==, "officer-1");
  g_assert_cmpstr (all->pdata[1], ==, "officer-2");
  g_assert_cmpuint (one->len, ==, 1);
  pt_chain_stop (&fixture);
}

/* What an official may do is what the log's own rules say. */
static void
test_may (void)
{
  PtChainFixture fixture;
  guint8 key[PT_PUBLIC_KEY_SIZE], other[PT_PUBLIC_KEY_SIZE];

  pt_chain_start (&fixture);
  pt_chain_step (&fixture, PT_ACTION_FILE, "citizen", "", "");
  pt_p256_key_public (fixture.officer, key);
  pt_p256_key_public (fixture.citizen, other);
  {
    g_autoptr (PtComplaintDetail) open = pt_chain_detail (&fixture, "open");

    g_assert_true (
        pt_complaint_detail_may (open, PT_ACTION_RESOLVE, PT_ROLE_OFFICER, "officer-1", key));
    g_assert_false (
        pt_complaint_detail_may (open, PT_ACTION_RESOLVE, PT_ROLE_OPERATOR, "operator-1", key));
    g_assert_true (
        pt_complaint_detail_may (open, PT_ACTION_ASSIGN, PT_ROLE_OPERATOR, "operator-1", key));
    g_assert_true (
        pt_complaint_detail_may (open, PT_ACTION_DUPLICATE, PT_ROLE_OPERATOR, "operator-1", key));
    g_assert_false (
        pt_complaint_detail_may (open, PT_ACTION_ACKNOWLEDGE, PT_ROLE_AUDITOR, "auditor-1", key));
    g_assert_true (
        pt_complaint_detail_may (open, PT_ACTION_COMMENT, PT_ROLE_AUDITOR, "auditor-1", key));
    g_assert_false (
        pt_complaint_detail_may (open, PT_ACTION_UNRESOLVE, PT_ROLE_OFFICER, "officer-1", key));
  }
  pt_chain_step (&fixture, PT_ACTION_REJECT, "officer-1", "no fault", "");
  {
    g_autoptr (PtComplaintDetail) detail = pt_chain_detail (&fixture, "rejecting");

    /* Two persons, with two keys. */
    g_assert_false (
        pt_complaint_detail_may (detail, PT_ACTION_APPROVE, PT_ROLE_OFFICER, "officer-1", key));
    g_assert_false (
        pt_complaint_detail_may (detail, PT_ACTION_APPROVE, PT_ROLE_OFFICER, "officer-2", key));
    g_assert_true (
        pt_complaint_detail_may (detail, PT_ACTION_APPROVE, PT_ROLE_OFFICER, "officer-2", other));
  }
  pt_chain_stop (&fixture);
}

static void
test_refused (void)
{
  static const char *const bad[]
      = { PT_COMPLAINT_ROW_JSON ("1234567890", "open", "1", ""),
          PT_COMPLAINT_ROW_JSON ("1234567890", "open", "1", ",\"chain\":[1]"),
          PT_COMPLAINT_ROW_JSON ("1234567890", "open", "1", ",\"chain\":[{}]"),
          PT_COMPLAINT_ROW_JSON ("1234567890", "open", "1", ",\"chain\":[{\"entry\":\"{}\"}]"),
          PT_COMPLAINT_ROW_JSON ("1234567890", "open", "1",
                                 ",\"chain\":[{\"entry\":7,\"batch_state\":\"gone\"}]") };

  pt_assert_refuses (pt_complaint_detail_read, NULL, bad, G_N_ELEMENTS (bad));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/complaint-detail/signed", test_signed);
  g_test_add_func ("/complaint-detail/lies", test_lies);
  g_test_add_func ("/complaint-detail/registered", test_registered);
  g_test_add_func ("/complaint-detail/citizen", test_citizen);
  g_test_add_func ("/complaint-detail/officials", test_officials);
  g_test_add_func ("/complaint-detail/may", test_may);
  g_test_add_func ("/complaint-detail/refused", test_refused);
  return g_test_run ();
}
