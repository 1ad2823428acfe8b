/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-coap-verdict.h"

#include <string.h>

static void
assert_verdict (guint verdict, guint class, guint detail, const char *slug)
{
  g_autofree char *text = pt_coap_verdict_text (verdict);

  g_assert_cmpuint (pt_coap_verdict_code (verdict), ==, class << 5 | detail);
  if (slug == NULL)
    g_assert_null (text);
  else
    g_assert_true (g_str_has_prefix (text, slug) && text[strlen (slug)] == ':');
}

static void
test_codes (void)
{
  assert_verdict (PT_COAP_TAKEN, 2, 4, NULL);
  assert_verdict (PT_ERROR_MALFORMED, 4, 0, "malformed");
  assert_verdict (PT_ERROR_NOT_YOURS, 4, 3, "not-yours");
  assert_verdict (PT_ERROR_UNKNOWN_DEVICE, 4, 4, "unknown-device");
  assert_verdict (PT_ERROR_STALE_SEQ, 4, 9, "stale-seq");
  assert_verdict (PT_ERROR_BUSY, 5, 3, "busy");
  assert_verdict (PT_ERROR_FAILED, 5, 0, "internal");
}

/* A diagnostic is one line (RFC 7252 section 5.5.2), and fits where the report did. */
static void
test_one_line (void)
{
  for (guint code = 0; code < PT_ERROR_COUNT; code++)
    {
      g_autofree char *text = pt_coap_verdict_text (code);

      g_assert_null (strchr (text, '\n'));
      g_assert_true (g_str_has_suffix (text, "."));
      g_assert_cmpuint (strlen (text), <, 128);
      g_assert_cmpuint (pt_coap_verdict_code (code) >> 5, >=, 4);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/coap-verdict/codes", test_codes);
  g_test_add_func ("/coap-verdict/one-line", test_one_line);
  return g_test_run ();
}
