/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-text-search.h"

static void
test_holds (void)
{
  static const struct
  {
    const char *text, *words;
    gboolean holds;
  } cases[] = {
    { "El Verano", "verano", TRUE },
    { "El Verano", "el v", TRUE },
    { "El Verano", "napa", FALSE },
    { "El Verano", "दर", FALSE },
    { "São José", "sao jose", TRUE },
    { "São José", "SÃO", TRUE },
    { "São José", "são p", FALSE },
    { "दरभंगा", "भंगा", TRUE },
    { NULL, "x", FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    g_assert_true (pt_text_search_holds (cases[i].text, cases[i].words) == cases[i].holds);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/text-search/holds", test_holds);
  return g_test_run ();
}
