/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-table.h"

#include <string.h>

#include "pt-i18n.h"
#include "pt-terminal.h"

PtTable *
pt_table_new (const char *const *headings, guint64 right)
{
  PtTable *table = NULL;

  g_return_val_if_fail (headings != NULL, NULL);
  table = g_new0 (PtTable, 1);
  table->cells = g_ptr_array_new_with_free_func (g_free);
  table->right = right;
  for (; headings[table->columns] != NULL; table->columns++)
    g_ptr_array_add (table->cells, g_strdup (_ (headings[table->columns])));
  return table;
}

void
pt_table_free (PtTable *table)
{
  if (table == NULL)
    return;
  g_ptr_array_unref (table->cells);
  g_free (table);
}

void
pt_table_take (PtTable *table, char *text)
{
  g_autofree char *owned = text;

  g_return_if_fail (table != NULL);
  g_ptr_array_add (table->cells, owned != NULL ? pt_terminal_safe (owned) : g_strdup ("-"));
}

/* Cells of a terminal that @text takes. */
static glong
display_width (const char *text)
{
  glong width = 0;

  for (; *text != '\0'; text = g_utf8_next_char (text))
    {
      gunichar character = g_utf8_get_char (text);

      width += g_unichar_iszerowidth (character) ? 0 : g_unichar_iswide (character) ? 2 : 1;
    }
  return width;
}

static guint
column_width (const PtTable *table, guint column)
{
  glong width = 0;

  for (guint i = column; i < table->cells->len; i += table->columns)
    width = MAX (width, display_width (g_ptr_array_index (table->cells, i)));
  return (guint) width;
}

static void
append_spaces (GString *out, glong count)
{
  for (glong i = 0; i < count; i++)
    g_string_append_c (out, ' ');
}

char *
pt_table_to_text (const PtTable *table)
{
  GString *out = NULL;
  g_autofree guint *widths = NULL;

  g_return_val_if_fail (table != NULL, NULL);
  out = g_string_new (NULL);
  widths = g_new0 (guint, table->columns);
  for (guint i = 0; i < table->columns; i++)
    widths[i] = column_width (table, i);
  for (guint i = 0; i < table->cells->len; i++)
    {
      const char *cell = g_ptr_array_index (table->cells, i);
      guint column = i % table->columns;
      glong spaces = (glong) widths[column] - display_width (cell);
      gboolean last = column + 1 == table->columns, right = (table->right >> column & 1) != 0;

      append_spaces (out, right ? spaces : 0);
      g_string_append (out, cell);
      append_spaces (out, right || last ? 0 : spaces);
      g_string_append (out, last ? "\n" : "  ");
    }
  return g_string_free (out, FALSE);
}

void
pt_table_print (const PtTable *table, const char *total, gint64 last, gboolean more)
{
  g_autofree char *text = NULL, *zone = pt_format_zone (last);

  g_return_if_fail (table != NULL && total != NULL);
  text = pt_table_to_text (table);
  g_print (_ ("%s\n%s; times in %s.%s\n"), text, total, zone,
           more ? _ (" There are more: use --all or --limit.") : "");
}

char *
pt_format_time (gint64 ms)
{
  g_autoptr (GDateTime) time = ms >= 0 ? g_date_time_new_from_unix_local (ms / 1000) : NULL;

  return time != NULL ? g_date_time_format (time, "%Y-%m-%d %H:%M:%S") : g_strdup ("-");
}

char *
pt_format_zone (gint64 ms)
{
  g_autoptr (GDateTime) time = g_date_time_new_from_unix_local (MAX (ms, 0) / 1000);

  return time != NULL ? g_date_time_format (time, "%Z") : g_strdup ("UTC");
}

char *
pt_format_duration (gint64 ms)
{
  gint64 seconds = MAX (ms, 0) / 1000;

  if (seconds >= 86400)
    return g_strdup_printf (_ ("%" PRId64 " d %02d h"), seconds / 86400,
                            (int) (seconds % 86400 / 3600));
  if (seconds >= 3600)
    return g_strdup_printf (_ ("%d h %02d min"), (int) (seconds / 3600),
                            (int) (seconds % 3600 / 60));
  if (seconds >= 60)
    return g_strdup_printf (_ ("%d min %02d s"), (int) (seconds / 60), (int) (seconds % 60));
  return g_strdup_printf (_ ("%d s"), (int) seconds);
}

char *
pt_format_count (guint64 count, const char *singular, const char *plural)
{
  g_return_val_if_fail (singular != NULL && plural != NULL, NULL);
  return g_strdup_printf ("%" G_GUINT64_FORMAT " %s", count, ngettext (singular, plural, count));
}
