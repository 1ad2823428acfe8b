/* SPDX-License-Identifier: Apache-2.0 */
#include "complaint-words.h"

#include <string.h>

#include "pt-cli.h"
#include "pt-i18n.h"
#include "pt-rule-words.h"
#include "pt-table.h"
#include "pt-text.h"

char *
pt_complaint_state_words (JsonObject *row)
{
  const char *state = NULL, *closed = NULL;

  g_return_val_if_fail (row != NULL, NULL);
  state = pt_state_words (pt_cli_string (row, "state", "-"));
  closed = pt_cli_string (row, "closed", "");
  if (g_str_equal (closed, "against"))
    return g_strdup_printf (_ ("%s, against the evidence"), state);
  if (g_str_equal (closed, "devices"))
    return g_strdup_printf (_ ("%s, the devices agree"), state);
  if (g_str_equal (closed, "unconfirmed"))
    return g_strdup_printf (_ ("%s, nobody confirms it"), state);
  if (g_str_equal (closed, "citizen"))
    return g_strdup (_ ("confirmed by the citizen"));
  return g_strdup (state);
}

char *
pt_complaint_clock_words (JsonObject *row, gint64 now)
{
  gint64 limit = 0;
  g_autofree char *span = NULL;

  g_return_val_if_fail (row != NULL, NULL);
  if (pt_cli_integer (row, "resolved_at", -1) >= 0)
    return NULL;
  limit = pt_cli_integer (row, "resolve_by", -1);
  if (pt_cli_integer (row, "acknowledged_at", -1) < 0)
    {
      gint64 first = pt_cli_integer (row, "acknowledge_by", -1);

      limit = first >= 0 && (limit < 0 || first < limit) ? first : limit;
    }
  if (limit < 0)
    return NULL;
  span = pt_format_duration (ABS (limit - now));
  return limit >= now ? g_strdup_printf (_ ("%s left"), span)
                      : g_strdup_printf (_ ("overdue by %s"), span);
}

char *
pt_complaint_place_words (JsonObject *row)
{
  const char *site = NULL;

  g_return_val_if_fail (row != NULL, NULL);
  site = pt_cli_string (row, "site", NULL);
  if (site != NULL)
    return g_strdup (site);
  return g_strdup_printf (_ ("near %.2f, %.2f"), (double) pt_cli_integer (row, "lat", 0) / 1e7,
                          (double) pt_cli_integer (row, "lon", 0) / 1e7);
}

static void
append_words (GString *out, const char *label, const char *text)
{
  g_auto (GStrv) lines = text != NULL && *text != '\0' ? g_strsplit (text, "\n", -1) : NULL;
  g_autofree char *indented = lines != NULL ? g_strjoinv ("\n       ", lines) : NULL;

  if (indented != NULL)
    g_string_append_printf (out, "       %s%s\n", label, indented);
}

/* Who hid it, and why. */
static void
append_hidden (GString *out, JsonObject *private)
{
  JsonNode *node = json_object_get_member (private, "moderation");
  JsonObject *by
      = node != NULL && JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;

  g_string_append (out, "       ");
  if (by != NULL)
    g_string_append_printf (out, _ ("what was said is hidden by %s (%s): %s"),
                            pt_cli_string (by, "by", "?"), pt_cli_string (by, "name", "-"),
                            pt_cli_string (by, "reason", ""));
  else
    g_string_append (out, _ ("what was said is hidden by moderation"));
  g_string_append_c (out, '\n');
}

static void
append_private (GString *out, JsonObject *step)
{
  JsonNode *node = json_object_get_member (step, "private");
  JsonObject *private
      = node != NULL && JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
  JsonNode *photos = private != NULL ? json_object_get_member (private, "photos") : NULL;

  if (private == NULL)
    return;
  append_words (out, _ ("said: "), pt_cli_string (private, "text", NULL));
  append_words (out, _ ("contact: "), pt_cli_string (private, "contact", NULL));
  if (photos != NULL && JSON_NODE_HOLDS_ARRAY (photos)
      && json_array_get_length (json_node_get_array (photos)) > 0)
    {
      guint count = json_array_get_length (json_node_get_array (photos));

      g_string_append_printf (out, ngettext ("       %u photo\n", "       %u photos\n", count),
                              count);
    }
  if (json_object_get_boolean_member_with_default (private, "erased", FALSE))
    g_string_append_printf (out, "       %s\n",
                            _ ("what was said has been erased; its hash stays"));
  else if (json_object_get_boolean_member_with_default (private, "hidden", FALSE))
    append_hidden (out, private);
}

static void
append_head (GString *out, JsonObject *step)
{
  g_autofree char *received = pt_format_time (pt_cli_integer (step, "received", -1));
  const char *name = pt_cli_string (step, "name", NULL), *to = pt_cli_string (step, "to", NULL);
  const char *of = pt_cli_string (step, "of", NULL);
  const char *evidence = pt_cli_string (step, "evidence", NULL);
  const char *later = pt_cli_string (step, "later", NULL);
  gint64 batch = pt_cli_integer (step, "batch", -1);

  g_string_append_printf (out, "  %3" G_GINT64_FORMAT "  %s  %-11s  %s",
                          pt_cli_integer (step, "n", 0), received,
                          pt_cli_string (step, "action", "?"), pt_cli_string (step, "by", "?"));
  if (name != NULL)
    g_string_append_printf (out, " (%s, %s)", name, pt_cli_string (step, "role", "?"));
  if (to != NULL)
    g_string_append_printf (out, _ (" to %s"), to);
  if (of != NULL)
    g_string_append_printf (out, _ (" of %s"), of);
  if (evidence != NULL)
    g_string_append_printf (out, _ (", devices: %s"), evidence);
  if (later != NULL)
    g_string_append_printf (out, ", %s", later);
  if (batch >= 0)
    g_string_append_printf (out, _ (", batch %" PRIi64 " %s"), batch,
                            pt_cli_string (step, "batch_state", ""));
  g_string_append_c (out, '\n');
}

void
pt_complaint_print_step (JsonObject *step, gboolean is_error)
{
  g_autoptr (GString) out = g_string_new (NULL);

  g_return_if_fail (step != NULL);
  append_head (out, step);
  append_words (out, _ ("note: "), pt_cli_string (step, "note", NULL));
  append_private (out, step);
  pt_text_make_safe (out->str, out->len, TRUE);
  if (is_error)
    g_printerr ("%s", out->str);
  else
    g_print ("%s", out->str);
}
