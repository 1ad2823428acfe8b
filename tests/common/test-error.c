/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-error.h"

#include <gio/gio.h>
#include <string.h>

/* Every code has a slug and a D-Bus name of its own, and comes back over the bus. */
static void
test_names (void)
{
  g_autoptr (GHashTable) slugs = g_hash_table_new (g_str_hash, g_str_equal);

  for (int code = 0; code < PT_ERROR_COUNT; code++)
    {
      g_autoptr (GError) error = g_error_new_literal (PT_ERROR, code, "words");
      g_autofree char *name = g_dbus_error_encode_gerror (error);
      g_autoptr (GError) back = g_dbus_error_new_for_dbus_error (name, "words");

      g_assert_true (g_hash_table_add (slugs, (gpointer) pt_error_slug ((PtErrorCode) code)));
      g_assert_cmpstr (pt_error_to_slug (error), ==, pt_error_slug ((PtErrorCode) code));
      g_assert_true (g_str_has_prefix (name, "org.powertracker.Error."));
      g_assert_error (back, PT_ERROR, code);
    }
}

/* Those that docs/PROTOCOL.md section 8 promises. */
static void
test_promised (void)
{
  static const char *const promised[]
      = { "malformed",      "not-canonical", "too-precise",   "unknown-device",
          "revoked-device", "wrong-site",    "bad-signature", "stale-seq",
          "clock-skew",     "too-large",     "busy" };

  for (guint i = 0; i < G_N_ELEMENTS (promised); i++)
    {
      gboolean found = FALSE;

      for (int code = 0; code < PT_ERROR_COUNT; code++)
        found |= strcmp (pt_error_slug ((PtErrorCode) code), promised[i]) == 0;
      if (!found)
        g_error ("no code has the slug %s", promised[i]);
    }
}

/* A result of core has the same slug here, where the interface promises one. */
static void
test_results (void)
{
  static const PtResult same[]
      = { PT_MALFORMED, PT_NOT_CANONICAL, PT_TOO_PRECISE, PT_TOO_LARGE, PT_BAD_SIGNATURE };

  for (guint i = 0; i < G_N_ELEMENTS (same); i++)
    g_assert_cmpstr (pt_error_slug (pt_error_from_result (same[i])), ==, pt_result_slug (same[i]));
  for (int result = 0; result <= PT_RESULT_COUNT; result++)
    g_assert_cmpint (pt_error_from_result ((PtResult) result), <, PT_ERROR_COUNT);
}

static void
test_foreign (void)
{
  g_autoptr (GError) error = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_FAILED, "words");

  g_assert_cmpstr (pt_error_to_slug (error), ==, "internal");
  g_assert_cmpstr (pt_error_to_slug (NULL), ==, "internal");
  g_assert_cmpstr (pt_error_slug ((PtErrorCode) 9999), ==, "internal");
}

/* What comes over the wire for a rule that an entry breaks. */
static void
test_rules (void)
{
  g_assert_cmpint (pt_error_from_rule (PT_RULE_NOT_NEWER), ==, PT_ERROR_STALE_ENTRY);
  g_assert_cmpint (pt_error_from_rule (PT_RULE_SEQ_OLD), ==, PT_ERROR_STALE_SEQ);
  g_assert_cmpint (pt_error_from_rule (PT_RULE_HOLDS), ==, PT_ERROR_FAILED);
  for (int rule = PT_RULE_UNKNOWN_AREA; rule <= PT_RULE_BAD_SIGNATURE; rule++)
    g_assert_cmpstr (pt_error_slug (pt_error_from_rule ((PtRule) rule)), ==,
                     pt_rule_slug ((PtRule) rule));
  for (int rule = PT_RULE_HOLDS + 1; rule < PT_RULE_COUNT; rule++)
    g_assert_cmpint (pt_error_from_rule ((PtRule) rule), !=, PT_ERROR_FAILED);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/error/names", test_names);
  g_test_add_func ("/error/promised", test_promised);
  g_test_add_func ("/error/results", test_results);
  g_test_add_func ("/error/foreign", test_foreign);
  g_test_add_func ("/error/rules", test_rules);
  return g_test_run ();
}
