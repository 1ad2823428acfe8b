/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-area-profile.h"

#include "pt-complaint-fixture.h"
#include "pt-error.h"

/* Two categories, one of which the devices decide; @two: what `two_person` holds. */
#define PROFILE(ts, two)                                                                           \
  "{\"ts\":" ts ",\"document\":\"{\\\"announce_min\\\":0,\\\"categories\\\":["                     \
  "{\\\"acknowledge_min\\\":1,\\\"evidence\\\":\\\"power\\\",\\\"id\\\":\\\"no-supply\\\","        \
  "\\\"resolve_min\\\":1,\\\"title\\\":{\\\"en\\\":\\\"No supply\\\"}},"                           \
  "{\\\"acknowledge_min\\\":1,\\\"evidence\\\":\\\"none\\\",\\\"id\\\":\\\"pole\\\","              \
  "\\\"resolve_min\\\":1,\\\"title\\\":{\\\"en\\\":\\\"Pole\\\"}}],\\\"compensation\\\":[],"       \
  "\\\"format\\\":\\\"powertrack-profile-1\\\",\\\"held_min\\\":60,\\\"major_event_days\\\":"      \
  "\\\"none\\\",\\\"reopen_days\\\":7,\\\"sustained_ms\\\":300000,\\\"two_person\\\":[" two        \
  "],\\\"utc_offset_min\\\":330}\"}"

static PtAreaProfile *
read_profile (const char *text)
{
  g_autoptr (GError) error = NULL;
  PtAreaProfile *profile = pt_convert (text, pt_area_profile_read, NULL, &error);

  g_assert_no_error (error);
  return profile;
}

static void
test_two (void)
{
  g_autoptr (PtAreaProfile) two = read_profile (PROFILE ("1", "\\\"reject\\\""));
  g_autoptr (PtAreaProfile) one = read_profile (PROFILE ("1", "\\\"revoke\\\""));
  g_autoptr (PtAreaProfile) none = pt_area_profile_new_none ();

  g_assert_cmpint (pt_area_profile_needs_two (two), ==, PT_PROFILE_YES);
  g_assert_cmpint (pt_area_profile_needs_two (one), ==, PT_PROFILE_NO);
  g_assert_cmpint (pt_area_profile_needs_two (none), ==, PT_PROFILE_NO);
  g_assert_cmpint (pt_area_profile_needs_two (NULL), ==, PT_PROFILE_UNKNOWN);
}

/* By the profile of its filing, at 2000: of a later one nobody knows what was before. */
static void
test_devices (void)
{
  g_autoptr (PtAreaProfile) before = read_profile (PROFILE ("1999", ""));
  g_autoptr (PtAreaProfile) after = read_profile (PROFILE ("2001", ""));
  g_autoptr (PtAreaProfile) none = pt_area_profile_new_none ();
  g_autoptr (PtComplaintDetail) detail = NULL;
  PtChainFixture chain;
  PtComplaint *complaint;

  pt_chain_start (&chain);
  pt_chain_step (&chain, PT_ACTION_FILE, "citizen", "", "");
  detail = pt_chain_detail (&chain, "open");
  pt_chain_stop (&chain);
  complaint = detail->complaint;
  g_assert_cmpint (complaint->filed_at, ==, 2000);
  g_assert_cmpint (pt_area_profile_devices_decide (before, complaint), ==, PT_PROFILE_YES);
  g_assert_cmpint (pt_area_profile_devices_decide (after, complaint), ==, PT_PROFILE_UNKNOWN);
  g_assert_cmpint (pt_area_profile_devices_decide (NULL, complaint), ==, PT_PROFILE_UNKNOWN);
  g_assert_cmpint (pt_area_profile_devices_decide (none, complaint), ==, PT_PROFILE_NO);
  g_free (complaint->category);
  complaint->category = g_strdup ("pole");
  g_assert_cmpint (pt_area_profile_devices_decide (before, complaint), ==, PT_PROFILE_NO);
  g_free (complaint->category);
  complaint->category = g_strdup ("no-supply");
  g_clear_pointer (&complaint->site, g_free);
  g_assert_cmpint (pt_area_profile_devices_decide (before, complaint), ==, PT_PROFILE_NO);
}

static void
test_bad (void)
{
  static const char *const bad[] = {
    "[]",
    "{}",
    "{\"ts\":1}",
    "{\"ts\":1,\"document\":\"{}\"}",
    "{\"ts\":1,\"document\":7}",
    "{\"document\":\"{}\"}",
  };

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (pt_convert (bad[i], pt_area_profile_read, NULL, &error));
      g_assert_error (error, PT_ERROR, PT_ERROR_UNSUPPORTED);
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/area-profile/two", test_two);
  g_test_add_func ("/area-profile/devices", test_devices);
  g_test_add_func ("/area-profile/bad", test_bad);
  return g_test_run ();
}
