/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-format.h"

#include <glib/gi18n-lib.h>
#include <inttypes.h>
#include <string.h>

#include "pt-number.h"

#define MINUTE 60
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)

char *
pt_format_number (gint64 count)
{
  g_autofree char *number = pt_number_text (count < 0 ? -(guint64) count : (guint64) count);

  return count < 0 ? g_strconcat ("-", number, NULL) : g_steal_pointer (&number);
}

char *
pt_format_duration (gint64 ms)
{
  gint64 seconds = MAX (ms, 0) / 1000;

  if (seconds < MINUTE)
    return g_strdup_printf (_ ("%" PRId64 " s"), seconds);
  if (seconds < HOUR)
    return g_strdup_printf (_ ("%" PRId64 " min"), seconds / MINUTE);
  if (seconds < DAY)
    return g_strdup_printf (_ ("%" PRId64 " h %02" PRId64 " min"), seconds / HOUR,
                            seconds % HOUR / MINUTE);
  return g_strdup_printf (_ ("%" PRId64 " d %" PRId64 " h"), seconds / DAY, seconds % DAY / HOUR);
}

static GDateTime *
local_time (gint64 ms)
{
  g_autoptr (GDateTime) utc = g_date_time_new_from_unix_utc (ms / 1000);

  return utc != NULL ? g_date_time_to_local (utc) : g_date_time_new_now_local ();
}

char *
pt_format_time (gint64 ms, gint64 now)
{
  g_autoptr (GDateTime) time = local_time (ms);
  g_autoptr (GDateTime) today = local_time (now);
  int days = g_date_time_get_day_of_year (time) - g_date_time_get_day_of_year (today);

  if (days == 0 && g_date_time_get_year (time) == g_date_time_get_year (today))
    return g_date_time_format (time, "%H:%M");
  /* Translators: a day, a short month and the time; see g_date_time_format (). */
  return g_date_time_format (time, _ ("%-d %b, %H:%M"));
}

char *
pt_format_clock (gint64 ms)
{
  g_autoptr (GDateTime) time = local_time (ms);

  return g_date_time_format (time, "%H:%M:%S");
}

char *
pt_format_customers (gint64 customers)
{
  g_autofree char *number = pt_format_number (customers);

  return g_strdup_printf (ngettext ("%s customer", "%s customers", (gulong) customers), number);
}

char *
pt_format_any_customers (gint64 customers)
{
  return customers > 0 ? pt_format_customers (customers) : g_strdup ("");
}

char *
pt_format_site (const char *place, const char *site, const char *area)
{
  g_return_val_if_fail (site != NULL && area != NULL, NULL);
  return place != NULL ? g_strdup_printf (_ ("%s, site %s, area %s"), place, site, area)
                       : g_strdup_printf (_ ("%s, area %s"), site, area);
}

char *
pt_format_bytes (gint64 bytes)
{
  return g_format_size ((guint64) MAX (bytes, 0));
}

const char *
pt_format_batch_state (PtBatchState state)
{
  switch (state)
    {
    case PT_BATCH_SEALED:
      return _ ("sealed");
    case PT_BATCH_PUBLISHED:
      return _ ("published");
    case PT_BATCH_SUBMITTED:
      return _ ("submitted");
    case PT_BATCH_FINAL:
      return _ ("final");
    case PT_BATCH_OPEN:
      break;
    }
  return _ ("open");
}

const char *
pt_format_waits (const char *waits_for)
{
  static const struct
  {
    const char *said, *shown;
  } known[] = { { "publication", N_ ("publication") },
                { "a transaction", N_ ("a transaction") },
                { "its transaction to be mined", N_ ("its transaction to be mined") },
                { "confirmations", N_ ("confirmations") },
                { "its window to end", N_ ("its window to end") } };

  for (guint i = 0; waits_for != NULL && i < G_N_ELEMENTS (known); i++)
    if (strcmp (known[i].said, waits_for) == 0)
      return _ (known[i].shown);
  return waits_for != NULL ? waits_for : "";
}

char *
pt_format_short (const char *text)
{
  gsize length;

  g_return_val_if_fail (text != NULL, NULL);
  length = strlen (text);
  return length <= 18 ? g_strdup (text) : g_strdup_printf ("%.8s…%s", text, text + length - 6);
}

char *
pt_format_complaint (const char *complaint)
{
  g_return_val_if_fail (complaint != NULL, NULL);
  if (strlen (complaint) != 10 || strspn (complaint, "0123456789") != 10)
    return g_strdup (complaint);
  return g_strdup_printf ("%.4s %.3s %s", complaint, complaint + 4, complaint + 7);
}
