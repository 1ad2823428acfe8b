/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-box.h"

#include <string.h>

#define NUMBER_MAX 32 /* characters */

/* Decimal digits only: strtod () takes `inf`, hexadecimal and blanks, too. */
static gboolean
read_degrees (const char *text, double most, double *out)
{
  char *end = NULL;

  if (*text == '\0' || strlen (text) > NUMBER_MAX
      || strspn (text, "+-.0123456789eE") != strlen (text))
    return FALSE;
  *out = g_ascii_strtod (text, &end);
  return *end == '\0' && *out >= -most && *out <= most;
}

gboolean
pt_box_parse (const char *text, PtBox *box)
{
  static const double most[] = { 360, 90, 360, 90 };
  g_auto (GStrv) parts = NULL;
  double values[4];

  g_return_val_if_fail (text != NULL && box != NULL, FALSE);

  parts = g_strsplit (text, ",", 5);
  if (g_strv_length (parts) != 4)
    return FALSE;
  for (guint i = 0; i < 4; i++)
    if (!read_degrees (parts[i], most[i], &values[i]))
      return FALSE;
  box->west = values[0];
  box->south = MIN (values[1], values[3]);
  box->east = values[2];
  box->north = MAX (values[1], values[3]);
  while (box->east < box->west)
    box->east += 360;
  return TRUE;
}

gboolean
pt_box_holds (const PtBox *box, gint32 lat, gint32 lon)
{
  double north = lat / 1e7, east = lon / 1e7;
  gboolean inside = FALSE;

  g_return_val_if_fail (box != NULL, FALSE);

  /* The box lies between -360 and 1080. */
  for (int turn = -1; turn <= 3 && !inside; turn++)
    inside = east + turn * 360 >= box->west && east + turn * 360 <= box->east;
  return inside && north >= box->south && north <= box->north;
}
