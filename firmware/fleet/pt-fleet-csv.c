/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-fleet-csv.h"

#include "pt-error.h"

#include <glib/gi18n.h>
#include <string.h>

#define FILE_MAX ((guint64) 1 << 30)
#define COLUMNS_MAX 256

struct _PtFleetCsv
{
  char *name;
  char *text; /* owned, NUL-terminated; fields are unquoted in place */
  char *cursor, *end;
  guint64 line;     /* where the reader stands */
  guint64 row_line; /* where the row began */
  GPtrArray *header;
  GPtrArray *fields; /* of borrowed char * */
};

void
pt_fleet_csv_free (PtFleetCsv *csv)
{
  if (csv == NULL)
    return;
  g_free (csv->name);
  g_free (csv->text);
  g_ptr_array_unref (csv->header);
  g_ptr_array_unref (csv->fields);
  g_free (csv);
}

static gboolean
fail (PtFleetCsv *csv, GError **error, const char *problem)
{
  g_set_error (error, PT_ERROR, PT_ERROR_CONFIGURATION, "%s line %" G_GUINT64_FORMAT ": %s",
               csv->name, csv->row_line, problem);
  return FALSE;
}

/* Unquotes the field at the cursor in place. */
static gboolean
read_quoted (PtFleetCsv *csv, GError **error)
{
  char *out = ++csv->cursor;

  g_ptr_array_add (csv->fields, out);
  for (;; csv->cursor++)
    {
      if (csv->cursor >= csv->end)
        return fail (csv, error, _ ("a quote is opened and never closed; close it"));
      if (*csv->cursor == '\n')
        csv->line++;
      if (*csv->cursor == '"' && *++csv->cursor != '"')
        break;
      *out++ = *csv->cursor;
    }
  if (csv->cursor < csv->end && strchr (",\r\n", *csv->cursor) == NULL)
    return fail (csv, error, _ ("text follows a closing quote; double the quotes inside a field"));
  *out = '\0'; /* on the closing quote or before it */
  return TRUE;
}

static gboolean
read_plain (PtFleetCsv *csv, GError **error)
{
  gsize size = strcspn (csv->cursor, ",\r\n\"");

  g_ptr_array_add (csv->fields, csv->cursor);
  csv->cursor += size;
  if (*csv->cursor == '"')
    return fail (csv, error,
                 _ ("a quote inside a field that is not quoted; quote the whole field"));
  return TRUE;
}

/* Passes what ends a field, writing the field's terminator over it: 1 for a further field, 0 at the
 * row's end, -1 for an error. */
static int
end_field (PtFleetCsv *csv, GError **error)
{
  char ender = *csv->cursor;

  if (csv->cursor >= csv->end)
    return 0;
  *csv->cursor++ = '\0';
  if (ender == ',')
    return 1;
  if (ender == '\r' && *csv->cursor++ != '\n')
    {
      fail (csv, error, _ ("a carriage return without a line feed; end lines with CRLF or LF"));
      return -1;
    }
  csv->line++;
  return 0;
}

static gboolean
read_row (PtFleetCsv *csv, GError **error)
{
  int more = 1;

  g_ptr_array_set_size (csv->fields, 0);
  csv->row_line = csv->line;
  while (more == 1)
    {
      gboolean good = *csv->cursor == '"' ? read_quoted (csv, error) : read_plain (csv, error);

      if (good && csv->fields->len > COLUMNS_MAX)
        good = fail (csv, error, _ ("more than 256 fields; is this a CSV file?"));
      more = good ? end_field (csv, error) : -1;
    }
  return more == 0;
}

static void
pass_empty_lines (PtFleetCsv *csv)
{
  for (; csv->cursor < csv->end; csv->cursor++)
    if (*csv->cursor == '\n')
      csv->line++;
    else if (*csv->cursor != '\r' || csv->cursor[1] != '\n')
      break;
}

static gboolean
read_header (PtFleetCsv *csv, GError **error)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);

  pass_empty_lines (csv);
  csv->row_line = csv->line;
  if (csv->cursor >= csv->end)
    return fail (csv, error, _ ("the file is empty; its first row has to name the columns"));
  if (!read_row (csv, error))
    return FALSE;
  for (guint i = 0; i < csv->fields->len; i++)
    {
      g_ptr_array_add (csv->header, g_strdup (csv->fields->pdata[i]));
      if (!g_hash_table_add (seen, csv->header->pdata[i]))
        {
          g_autofree char *problem
              = g_strdup_printf (_ ("the column “%s” is named twice; keep one of them"),
                                 (char *) csv->header->pdata[i]);

          return fail (csv, error, problem);
        }
    }
  return TRUE;
}

/* NUL and broken UTF-8 are told with their line. */
static gboolean
check_text (PtFleetCsv *csv, gsize size, GError **error)
{
  const char *bad = NULL;

  if (g_utf8_validate (csv->text, (gssize) size, &bad))
    return TRUE;
  csv->row_line = 1;
  for (const char *cursor = csv->text; cursor < bad; cursor++)
    csv->row_line += *cursor == '\n';
  return fail (csv, error, _ ("this is not UTF-8 text; save the file as UTF-8"));
}

static PtFleetCsv *
csv_take (const char *name, char *text, gsize size, GError **error)
{
  g_autoptr (PtFleetCsv) csv = g_new0 (PtFleetCsv, 1);

  csv->name = g_strdup (name);
  csv->text = csv->cursor = text;
  csv->end = text + size;
  csv->line = csv->row_line = 1;
  csv->header = g_ptr_array_new_with_free_func (g_free);
  csv->fields = g_ptr_array_new ();
  if (!check_text (csv, size, error))
    return NULL;
  if (g_str_has_prefix (text, "\xef\xbb\xbf"))
    csv->cursor += 3;
  if (!read_header (csv, error))
    return NULL;
  return g_steal_pointer (&csv);
}

PtFleetCsv *
pt_fleet_csv_new (const char *name, const char *text, gsize size, GError **error)
{
  char *copy = g_malloc (size + 1);

  memcpy (copy, text, size);
  copy[size] = '\0';
  return csv_take (name, copy, size, error);
}

PtFleetCsv *
pt_fleet_csv_open (const char *path, GError **error)
{
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (GFileInfo) info = NULL;
  char *text = NULL;
  gsize size = 0;

  info = g_file_query_info (file, G_FILE_ATTRIBUTE_STANDARD_SIZE, G_FILE_QUERY_INFO_NONE, NULL,
                            error);
  if (info == NULL)
    {
      g_prefix_error (error, _ ("Cannot read %s; name a file that exists: "), path);
      return NULL;
    }
  if ((guint64) g_file_info_get_size (info) > FILE_MAX)
    {
      g_set_error (error, PT_ERROR, PT_ERROR_TOO_LARGE,
                   _ ("%s is larger than 1 GiB; split it into smaller files."), path);
      return NULL;
    }
  if (!g_file_get_contents (path, &text, &size, error))
    {
      g_prefix_error (error, _ ("Cannot read %s; name a file that can be read: "), path);
      return NULL;
    }
  return csv_take (path, text, size, error);
}

int
pt_fleet_csv_column (PtFleetCsv *csv, const char *name, GError **error)
{
  for (guint i = 0; i < csv->header->len; i++)
    if (strcmp (csv->header->pdata[i], name) == 0)
      return (int) i;
  g_set_error (error, PT_ERROR, PT_ERROR_CONFIGURATION,
               _ ("%s line 1: there is no column “%s”; the first row has to name it."), csv->name,
               name);
  return -1;
}

gboolean
pt_fleet_csv_next (PtFleetCsv *csv, GError **error)
{
  g_autofree char *problem = NULL;

  pass_empty_lines (csv);
  if (csv->cursor >= csv->end)
    return FALSE;
  if (!read_row (csv, error))
    return FALSE;
  if (csv->fields->len == csv->header->len)
    return TRUE;
  problem = g_strdup_printf (_ ("%u fields where the first row names %u columns; complete the row"),
                             csv->fields->len, csv->header->len);
  return fail (csv, error, problem);
}

const char *
pt_fleet_csv_field (PtFleetCsv *csv, int column)
{
  g_return_val_if_fail (column >= 0 && (guint) column < csv->fields->len, "");
  return csv->fields->pdata[column];
}

void
pt_fleet_csv_refuse (PtFleetCsv *csv, GError **error, int column, const char *problem)
{
  g_set_error (error, PT_ERROR, PT_ERROR_CONFIGURATION,
               "%s line %" G_GUINT64_FORMAT ", column %s: “%.60s”: %s", csv->name, csv->row_line,
               (char *) csv->header->pdata[column], pt_fleet_csv_field (csv, column), problem);
}
