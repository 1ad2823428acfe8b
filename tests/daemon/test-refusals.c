/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-refusals.h"

#include "pt-error.h"

static void
expect (PtRefusals *refusals, const char *wanted)
{
  g_autoptr (GString) text = g_string_new (NULL);

  pt_refusals_append (refusals, "x_total", "", text);
  g_assert_cmpstr (text->str, ==, wanted);
}

/* Errors and rules, each by its name; whatever else is said is one reason. */
static void
test_counted (void)
{
  g_autoptr (PtRefusals) refusals = pt_refusals_new ();

  expect (refusals, "");
  pt_refusals_count (refusals, pt_error_slug (PT_ERROR_BAD_WORK));
  pt_refusals_count (refusals, pt_rule_slug (PT_RULE_COMPLAINT_PREV));
  pt_refusals_count (refusals, pt_rule_slug (PT_RULE_COMPLAINT_PREV));
  pt_refusals_count (refusals, "what\"nobody\nknows");
  pt_refusals_count (refusals, "nor this");
  pt_refusals_count (NULL, "anything");
  expect (refusals, "x_total{reason=\"internal\"} 2\n"
                    "x_total{reason=\"bad-work\"} 1\n"
                    "x_total{reason=\"complaint-prev\"} 2\n");
}

/* With a label before it, and by what it stands for. */
static void
test_added (void)
{
  g_autoptr (PtRefusals) refusals = pt_refusals_new ();
  g_autoptr (GString) text = g_string_new (NULL);

  pt_refusals_add (refusals, PT_ERROR_CONFLICT, PT_RULE_COMPLAINT_PREV);
  pt_refusals_add (refusals, PT_ERROR_TOO_MANY, PT_RULE_HOLDS);
  pt_refusals_append (refusals, "x", "transport=\"http\"", text);
  g_assert_cmpstr (text->str, ==,
                   "x{transport=\"http\",reason=\"too-many\"} 1\n"
                   "x{transport=\"http\",reason=\"complaint-prev\"} 1\n");
}

/* Every name that a refusal can have is counted under it, once. */
static void
test_all (void)
{
  g_autoptr (PtRefusals) refusals = pt_refusals_new ();

  for (guint code = 0; code < PT_ERROR_COUNT; code++)
    pt_refusals_count (refusals, pt_error_slug ((PtErrorCode) code));
  for (guint code = 0; code < PT_ERROR_COUNT; code++)
    {
      g_autofree char *line = g_strdup_printf ("x{reason=\"%s\"} ", pt_error_slug (code));
      g_autoptr (GString) text = g_string_new (NULL);

      pt_refusals_append (refusals, "x", "", text);
      g_assert_nonnull (strstr (text->str, line));
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/refusals/counted", test_counted);
  g_test_add_func ("/refusals/added", test_added);
  g_test_add_func ("/refusals/all", test_all);
  return g_test_run ();
}
