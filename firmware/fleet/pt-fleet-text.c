/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-fleet-text.h"

#include <string.h>

#define DEGREE 10000000

gboolean
pt_fleet_parse_integer (const char *text, gint64 *out)
{
  gint64 value = 0;

  *out = 0;
  if (*text == '\0')
    return FALSE;
  for (; *text != '\0'; text++)
    {
      if (!g_ascii_isdigit (*text))
        return FALSE;
      value = value * 10 + (*text - '0');
      if (value > PT_INTEGER_MAX)
        return FALSE;
    }
  *out = value;
  return TRUE;
}

/* The decimals after the point as 1e-7; NULL when they are none. */
static const char *
parse_fraction (const char *text, gint64 *out)
{
  gint64 value = 0;
  int digits = 0;

  if (!g_ascii_isdigit (*text))
    return NULL;
  for (; g_ascii_isdigit (*text); text++, digits++)
    if (digits < 7)
      value = value * 10 + (*text - '0');
    else if (digits == 7 && *text >= '5')
      value++;
  for (; digits < 7; digits++)
    value *= 10;
  *out = value;
  return text;
}

gboolean
pt_fleet_parse_degrees (const char *text, int limit, gint64 *out)
{
  gboolean negative = *text == '-';
  gint64 whole = 0, fraction = 0;

  *out = 0;
  text += negative;
  if (!g_ascii_isdigit (*text))
    return FALSE;
  for (; g_ascii_isdigit (*text) && whole <= limit; text++)
    whole = whole * 10 + (*text - '0');
  if (*text == '.')
    text = parse_fraction (text + 1, &fraction);
  if (text == NULL || *text != '\0')
    return FALSE;
  whole = whole * DEGREE + fraction;
  if (whole > (gint64) limit * DEGREE)
    return FALSE;
  *out = negative ? -whole : whole;
  return TRUE;
}

gint64
pt_fleet_round_to_cell (gint64 degrees)
{
  gint64 half = degrees < 0 ? -PT_HOUSE_CELL / 2 : PT_HOUSE_CELL / 2;

  return (degrees + half) / PT_HOUSE_CELL * PT_HOUSE_CELL;
}

static gint64
unit_ms (const char *unit)
{
  static const struct
  {
    const char *name;
    gint64 ms;
  } units[] = { { "ms", 1 }, { "s", 1000 }, { "m", 60000 }, { "h", 3600000 }, { "d", 86400000 } };

  for (gsize i = 0; i < G_N_ELEMENTS (units); i++)
    if (strcmp (unit, units[i].name) == 0)
      return units[i].ms;
  return 0;
}

gboolean
pt_fleet_parse_duration (const char *text, gint64 *ms)
{
  const gint64 most = G_GINT64_CONSTANT (3650) * 86400000;
  gint64 value = 0, unit;
  const char *cursor = text;

  *ms = 0;
  for (; g_ascii_isdigit (*cursor) && value <= most; cursor++)
    value = value * 10 + (*cursor - '0');
  unit = unit_ms (cursor);
  if (cursor == text || unit == 0 || value < 1 || value > most / unit)
    return FALSE;
  *ms = value * unit;
  return TRUE;
}

gboolean
pt_fleet_parse_time (const char *text, gint64 *ms)
{
  g_autoptr (GTimeZone) utc = g_time_zone_new_utc ();
  g_autoptr (GDateTime) time = NULL;

  if (pt_fleet_parse_integer (text, ms))
    return TRUE;
  time = g_date_time_new_from_iso8601 (text, utc);
  if (time == NULL || g_date_time_to_unix (time) < 0)
    return FALSE;
  *ms = g_date_time_to_unix (time) * 1000 + g_date_time_get_microsecond (time) / 1000;
  return TRUE;
}

void
pt_fleet_make_id (const char *text, char out[PT_ID_MAX + 1])
{
  gsize size = 0;

  memset (out, 0, PT_ID_MAX + 1);
  if (!g_ascii_isalnum (*text))
    out[size++] = 'd';
  for (; *text != '\0' && size < PT_ID_MAX; text = g_utf8_next_char (text))
    out[size++] = g_ascii_isalnum (*text) || strchr ("._:-", *text) != NULL ? *text : '-';
}

void
pt_fleet_number_id (const char *id, guint number, char out[PT_ID_MAX + 1])
{
  g_autofree char *suffix = g_strdup_printf ("-%u", number);

  memset (out, 0, PT_ID_MAX + 1);
  g_strlcpy (out, id, PT_ID_MAX + 1 - strlen (suffix));
  g_strlcat (out, suffix, PT_ID_MAX + 1);
}

char *
pt_fleet_format_time (gint64 ms)
{
  g_autoptr (GDateTime) time = g_date_time_new_from_unix_utc (ms / 1000);

  return time == NULL ? g_strdup_printf ("%" G_GINT64_FORMAT " ms", ms)
                      : g_date_time_format (time, "%Y-%m-%d %H:%MZ");
}
