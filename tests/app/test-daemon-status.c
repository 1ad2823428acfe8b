/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-daemon-status.h"

#include "pt-convert.h"

#define STATUS                                                                                     \
  "{\"version\":\"0.1.0\",\"now\":1700000000000,\"clock_speed\":60,\"chain\":{\"chain_id\":31337," \
  "\"contract\":\"0x00\",\"state\":\"ok\",\"public_rpc\":[\"http://a\",\"http://"                  \
  "b\"]},\"areas\":2,"                                                                             \
  "\"pending\":5,\"batches\":{\"sealed\":1,\"published\":2,\"submitted\":3,\"final\":4},"          \
  "\"state\":\"attention\",\"detail\":\"no funds\"}"

static void
test_members (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PtDaemonStatus) status = pt_convert (STATUS, pt_daemon_status_read, NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpint (status->now, ==, 1700000000000);
  g_assert_cmpfloat (status->clock_speed, ==, 60);
  g_assert_cmpuint (status->chain_id, ==, 31337);
  g_assert_cmpuint (g_strv_length (status->public_rpc), ==, 2);
  g_assert_cmpint (status->areas, ==, 2);
  g_assert_true (status->attention);
  g_assert_cmpint (status->batches[PT_BATCH_FINAL], ==, 4);
}

/* Copied keys are told in the reader's language, not in the daemon's. */
static void
test_copied (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *text
      = g_strconcat ("{\"cause\":\"conflict\",\"keys_copied\":3,", STATUS + 1, NULL);
  g_autoptr (PtDaemonStatus) status = pt_convert (text, pt_daemon_status_read, NULL, &error);

  g_assert_no_error (error);
  g_assert_true (g_str_has_prefix (status->detail, "3 devices' keys were copied"));
}

/* A stepped clock stands between what is heard of it, however fast it was seen to go. */
static void
test_stepped (void)
{
  static const struct
  {
    const char *source;
    double speed;
  } cases[] = { { "real", 60 }, { "scaled", 60 }, { "stepped", 0 } };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *text
          = g_strdup_printf ("{\"clock_source\":\"%s\",%s", cases[i].source, STATUS + 1);
      g_autoptr (GError) error = NULL;
      g_autoptr (PtDaemonStatus) status = pt_convert (text, pt_daemon_status_read, NULL, &error);

      g_assert_no_error (error);
      g_assert_cmpfloat (status->clock_speed, ==, cases[i].speed);
    }
}

/* Another version is told as that, whatever else it does not have. */
static void
test_versions (void)
{
  static const struct
  {
    const char *version, *words;
  } cases[] = { { "9.0.0", "is 9.0.0, this console's is " PT_VERSION ": update this console" },
                { "0.0.9", "is 0.0.9, this console's is " PT_VERSION ": update the daemon" },
                { "", "update the daemon" } };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *text = g_strdup_printf ("{\"version\":\"%s\"}", cases[i].version);
      g_autoptr (GError) error = NULL;

      g_assert_null (pt_convert (text, pt_daemon_status_read, NULL, &error));
      g_assert_error (error, PT_ERROR, PT_ERROR_UNSUPPORTED);
      g_assert_nonnull (strstr (error->message, cases[i].words));
    }
}

static void
test_refused (void)
{
  static const char *const bad[] = { "{\"version\":\"0.1.0\",\"now\":-1}" };

  pt_assert_refuses (pt_daemon_status_read, NULL, bad, G_N_ELEMENTS (bad));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/daemon-status/members", test_members);
  g_test_add_func ("/daemon-status/copied", test_copied);
  g_test_add_func ("/daemon-status/stepped", test_stepped);
  g_test_add_func ("/daemon-status/versions", test_versions);
  g_test_add_func ("/daemon-status/refused", test_refused);
  return g_test_run ();
}
