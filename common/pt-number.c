/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-number.h"

#include <locale.h>
#include <string.h>

char *
pt_number_text (guint64 number)
{
  g_autofree char *plain = g_strdup_printf ("%" G_GUINT64_FORMAT, number);
  g_autofree char *grouped = g_strdup_printf ("%'" G_GUINT64_FORMAT, number);
  gsize length = strlen (plain);
  g_autoptr (GString) text = NULL;

  if (strcmp (plain, grouped) != 0 || localeconv ()->thousands_sep[0] != '\0')
    return g_steal_pointer (&grouped);
  text = g_string_sized_new (length + length / 3);
  for (gsize i = 0; i < length; i++)
    {
      if (i > 0 && (length - i) % 3 == 0)
        g_string_append_c (text, ',');
      g_string_append_c (text, plain[i]);
    }
  return g_string_free (g_steal_pointer (&text), FALSE);
}

char *
pt_number_brief (guint64 number)
{
  static const char units[] = { 'k', 'M', 'G', 'T', 'P', 'E' };
  guint64 scale = 1000, tenths, whole;
  guint unit = 0;

  if (number < 1000)
    return g_strdup_printf ("%" G_GUINT64_FORMAT, number);
  /* As long as it would be rounded to a thousand of its unit. */
  while (unit + 1 < G_N_ELEMENTS (units) && number >= scale * 1000 - scale / 2)
    {
      scale *= 1000;
      unit++;
    }
  tenths = number / (scale / 10) + (number % (scale / 10) >= scale / 20);
  whole = number / scale + (number % scale >= scale / 2);
  if (tenths < 100 && tenths % 10 != 0)
    return g_strdup_printf ("%" G_GUINT64_FORMAT ".%" G_GUINT64_FORMAT "%c", tenths / 10,
                            tenths % 10, units[unit]);
  return g_strdup_printf ("%" G_GUINT64_FORMAT "%c", tenths < 100 ? tenths / 10 : whole,
                          units[unit]);
}
