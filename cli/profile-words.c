/* SPDX-License-Identifier: Apache-2.0 */
#include "profile-words.h"

#include <json-glib/json-glib.h>
#include <string.h>

#include "pt-cli.h"
#include "pt-i18n.h"
#include "pt-profile.h"
#include "pt-table.h"

static char *
format_span (gint64 minutes)
{
  return pt_format_duration (MIN (minutes, G_MAXINT64 / 60000) * 60000);
}

static char *
format_minutes (gint64 minutes)
{
  return minutes == 0 ? g_strdup (_ ("no limit")) : format_span (minutes);
}

static char *
span_text (PtSpan span)
{
  return g_strndup (span.data, span.size);
}

/* In the reader's language where it is there, else English. */
static char *
title_of (const PtProfileCategory *category)
{
  g_autofree char *text = span_text (category->titles);
  g_autoptr (JsonNode) node = json_from_string (text, NULL);
  const char *const *languages = g_get_language_names ();
  const char *found = NULL;

  if (node == NULL || !JSON_NODE_HOLDS_OBJECT (node))
    return NULL;
  for (guint i = 0; found == NULL && languages[i] != NULL; i++)
    found = pt_cli_string (json_node_get_object (node), languages[i], NULL);
  return g_strdup (found != NULL ? found : pt_cli_string (json_node_get_object (node), "en", NULL));
}

static void
print_categories (const PtProfile *profile)
{
  static const char *const headings[]
      = { N_ ("Category"),        N_ ("Title"),         N_ ("Acknowledged within"),
          N_ ("Resolved within"), N_ ("Devices asked"), NULL };
  g_autoptr (PtTable) table = pt_table_new (headings, 0);
  g_autofree char *text = NULL;

  for (guint i = 0; i < profile->category_count; i++)
    {
      const PtProfileCategory *category = &profile->categories[i];

      pt_table_take (table, span_text (category->id));
      pt_table_take (table, title_of (category));
      pt_table_take (table, format_minutes (category->acknowledge_min));
      pt_table_take (table, format_minutes (category->resolve_min));
      pt_table_take (table, g_strdup (category->has_evidence ? _ ("yes") : _ ("no")));
    }
  text = pt_table_to_text (table);
  g_print ("%s\n", text);
}

static void
print_compensation (const PtProfile *profile)
{
  for (guint i = 0; i < profile->compensation_count; i++)
    {
      const PtProfileCompensation *row = &profile->compensation[i];
      g_autofree char *category = span_text (row->category);
      g_autofree char *currency = span_text (row->currency);
      g_autofree char *after = format_span (row->after_min);
      g_autofree char *each = format_span (row->each_min);
      g_autofree char *times = row->times > 0
                                   ? g_strdup_printf (_ (", at most %" PRIi64 " times"), row->times)
                                   : g_strdup ("");

      g_print (_ ("Owed for %s: %" PRIi64 ".%02d %s for each %s begun after %s%s\n"), category,
               row->minor / 100, (int) (row->minor % 100), currency, each, after, times);
    }
}

gboolean
pt_profile_print (const char *document)
{
  g_autofree PtProfile *profile = g_new0 (PtProfile, 1);
  g_autofree char *held = NULL, *announced = NULL, *sustained = NULL;

  g_return_val_if_fail (document != NULL, FALSE);
  if (pt_profile_parse (pt_span (document, strlen (document)), profile) != PT_OK)
    return FALSE;
  print_categories (profile);
  print_compensation (profile);
  held = format_span (profile->held_min);
  announced = format_span (profile->announce_min);
  sustained = pt_format_duration (profile->sustained_ms);
  g_print (_ ("A resolve is looked at again after %s; what was confirmed can be reopened for "
              "%" PRIi64 " days.\n"),
           held, profile->reopen_days);
  g_print (_ ("A shutdown is announced when it was said %s before; an interruption counts as "
              "sustained beyond %s.\n"),
           announced, sustained);
  if (profile->two_person[PT_TWO_PERSON_REJECT])
    g_print (_ ("A rejection needs a second officer.\n"));
  if (profile->two_person[PT_TWO_PERSON_REVOKE])
    g_print (_ ("A revocation needs two persons.\n"));
  return TRUE;
}
