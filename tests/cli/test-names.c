/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-names.h"

#include <glib.h>

#define COUNT 10000

static void
test_many (void)
{
  PtNames names = { 0 };

  g_assert_null (pt_names_get (&names, pt_span ("x", 1)));
  for (int i = 0; i < COUNT; i++)
    {
      g_autofree char *key = g_strdup_printf ("device-%d", i);
      PtSpan span = pt_span (key, strlen (key));

      g_assert_null (pt_names_get (&names, span));
      g_assert_true (pt_names_put (&names, span, g_memdup2 (&i, sizeof i)));
    }
  g_assert_cmpuint (names.count, ==, COUNT);
  for (int i = 0; i < COUNT; i++)
    {
      g_autofree char *key = g_strdup_printf ("device-%d", i);
      int *value = pt_names_get (&names, pt_span (key, strlen (key)));

      g_assert_nonnull (value);
      g_assert_cmpint (*value, ==, i);
    }
  g_assert_null (pt_names_get (&names, pt_span ("device-", 7)));
  pt_names_clear (&names, g_free);
  g_assert_cmpuint (names.count, ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/names/many", test_many);
  return g_test_run ();
}
