/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-work.h"

#include <string.h>

#define MINUTE (60 * G_USEC_PER_SEC)

static PtSpan
text (const char *words)
{
  return pt_span (words, strlen (words));
}

/* Found with sha256sum: "powertrack work v1\nticket\n33" begins 0x00bf.... */
static void
test_known (void)
{
  guint nonce, bits;
  char found[16] = "";

  for (nonce = 0; nonce < 100000; nonce++)
    {
      g_snprintf (found, sizeof found, "%u", nonce);
      if (pt_work_holds (text ("ticket"), text (found), 8))
        break;
    }
  g_assert_cmpuint (nonce, <, 100000);
  for (bits = 0; bits <= 8; bits++)
    g_assert_true (pt_work_holds (text ("ticket"), text (found), bits));
  {
    g_autofree char *whole = g_strdup_printf ("powertrack work v1\nticket\n%s", found);
    g_autofree char *sum = g_compute_checksum_for_string (G_CHECKSUM_SHA256, whole, -1);

    g_assert_true (g_str_has_prefix (sum, "00"));
  }
  g_assert_false (pt_work_holds (text ("ticket2"), text (found), 8)
                  && pt_work_holds (text ("ticket3"), text (found), 8));
}

static void
test_nonces (void)
{
  static const char *const bad[]
      = { "", "-1", "+1", " 1", "1 ", "0x1", "1.0", "a", "123456789012345678901", "\u0967" };

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    g_assert_false (pt_work_holds (text ("ticket"), text (bad[i]), 0));
  g_assert_true (pt_work_holds (text ("ticket"), text ("12345678901234567890"), 0));
  g_assert_true (pt_work_holds (text ("ticket"), text ("0"), 0));
  g_assert_false (pt_work_holds (text ("ticket"), pt_span ("1\0", 2), 0));
}

static void
test_load (void)
{
  g_autoptr (PtWork) work = pt_work_new (16, 100);
  gint64 now = MINUTE;
  guint bits = 0;

  for (guint i = 0; i < 100; i++)
    g_assert_cmpuint (pt_work_ask (work, now), ==, 16);
  g_assert_cmpuint (pt_work_ask (work, now), ==, 17);
  for (guint i = 101; i < 199; i++)
    pt_work_ask (work, now);
  g_assert_cmpuint (pt_work_ask (work, now), ==, 17);
  g_assert_cmpuint (pt_work_ask (work, now), ==, 18);
  for (guint i = 0; i < 100000; i++)
    bits = pt_work_ask (work, now);
  g_assert_cmpuint (bits, ==, PT_WORK_BITS_MAX);
  g_assert_cmpuint (pt_work_ask (work, now - MINUTE), ==, PT_WORK_BITS_MAX);
  g_assert_cmpuint (pt_work_ask (work, now + 20 * MINUTE), ==, 16);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/work/known", test_known);
  g_test_add_func ("/work/nonces", test_nonces);
  g_test_add_func ("/work/load", test_load);
  return g_test_run ();
}
