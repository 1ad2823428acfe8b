/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-place-name.h"

#include <string.h>

#define TEN "0123456789"

static void
test_good (void)
{
  static const char *const good[] = { "a", "El Verano", "दरभंगा", TEN TEN TEN TEN TEN TEN };
  static const char *const bad[]
      = { "",        "a\n",      "\x1b[1m",  "a\x7f", "a\xc2\x85", "a\u2028",
          "a\u2029", "\xc2\x80", "\xc2\x9f", "\xff",  "a\xe0\xa4", TEN TEN TEN TEN TEN TEN "1" };

  for (guint i = 0; i < G_N_ELEMENTS (good); i++)
    g_assert_true (pt_place_name_is_good (good[i], strlen (good[i])));
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    g_assert_false (pt_place_name_is_good (bad[i], strlen (bad[i])));
  g_assert_false (pt_place_name_is_good ("a\0b", 3));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/place-name/good", test_good);
  return g_test_run ();
}
