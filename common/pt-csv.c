/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-csv.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pt-error.h"

#define BUFFER_SIZE 65536
#define END (-1) /* no byte is left */

struct _PtCsv
{
  char *name;
  int fd; /* -1: all of it is in ->buffer */
  char *buffer;
  gsize filled, at;
  gsize size;       /* of ->buffer where there is no file */
  int error;        /* of a read that failed, errno */
  guint64 line;     /* where the reader stands */
  guint64 row_line; /* where the row began */
  GString *row;     /* its fields, a NUL after each */
  GArray *starts;   /* gsize, where each begins */
  GPtrArray *header;
};

void
pt_csv_free (PtCsv *csv)
{
  if (csv == NULL)
    return;
  if (csv->fd >= 0)
    close (csv->fd);
  g_free (csv->name);
  g_free (csv->buffer);
  g_string_free (csv->row, TRUE);
  g_array_unref (csv->starts);
  g_ptr_array_unref (csv->header);
  g_free (csv);
}

static gboolean
fail (PtCsv *csv, GError **error, const char *problem)
{
  g_set_error (error, PT_ERROR, PT_ERROR_CONFIGURATION, "%s line %" G_GUINT64_FORMAT ": %s",
               csv->name, csv->row_line, problem);
  return FALSE;
}

/* Bytes */

static gboolean
fill (PtCsv *csv)
{
  gssize size;

  if (csv->fd < 0)
    return FALSE;
  do
    size = read (csv->fd, csv->buffer, BUFFER_SIZE);
  while (size < 0 && errno == EINTR);
  if (size < 0)
    csv->error = errno;
  csv->at = 0;
  csv->filled = size > 0 ? (gsize) size : 0;
  return size > 0;
}

static int
peek (PtCsv *csv)
{
  if (csv->at == csv->filled && !fill (csv))
    return END;
  return (guchar) csv->buffer[csv->at];
}

static int
next (PtCsv *csv)
{
  int byte = peek (csv);

  if (byte == END)
    return END;
  csv->at++;
  csv->line += byte == '\n';
  return byte;
}

/* Fields */

static gboolean
append (PtCsv *csv, int byte, GError **error)
{
  if (byte == '\0')
    return fail (csv, error, _ ("this is not UTF-8 text; save the file as UTF-8"));
  if (csv->row->len >= PT_CSV_ROW_MAX)
    return fail (csv, error, _ ("the row is longer than 1 MiB; is a quote never closed?"));
  g_string_append_c (csv->row, (char) byte);
  return TRUE;
}

static void
pass_blanks (PtCsv *csv)
{
  while (peek (csv) == ' ' || peek (csv) == '\t')
    next (csv);
}

static gboolean
read_quoted (PtCsv *csv, GError **error)
{
  int byte;

  next (csv);
  for (byte = next (csv); byte != '"' || peek (csv) == '"'; byte = next (csv))
    {
      if (byte == END)
        return fail (csv, error, _ ("a quote is opened and never closed; close it"));
      if (byte == '"')
        next (csv);
      if (!append (csv, byte, error))
        return FALSE;
    }
  pass_blanks (csv);
  byte = peek (csv);
  if (byte == '\0' || (byte != END && strchr (",\r\n", byte) == NULL))
    return fail (csv, error, _ ("text follows a closing quote; double the quotes inside a field"));
  return TRUE;
}

static gboolean
read_plain (PtCsv *csv, gsize start, GError **error)
{
  int byte;

  for (byte = peek (csv); byte != END && strchr (",\r\n\"", byte) == NULL; byte = peek (csv))
    if (!append (csv, next (csv), error))
      return FALSE;
  if (byte == '\0')
    return append (csv, byte, error);
  if (byte == '"')
    return fail (csv, error,
                 _ ("a quote inside a field that is not quoted; quote the whole field"));
  while (csv->row->len > start && strchr (" \t", csv->row->str[csv->row->len - 1]) != NULL)
    g_string_truncate (csv->row, csv->row->len - 1);
  return TRUE;
}

static gboolean
read_field (PtCsv *csv, GError **error)
{
  gsize start = csv->row->len;
  gboolean good;

  if (csv->starts->len == PT_CSV_COLUMNS_MAX)
    return fail (csv, error, _ ("more than 256 fields; is this a CSV file?"));
  g_array_append_val (csv->starts, start);
  pass_blanks (csv);
  good = peek (csv) == '"' ? read_quoted (csv, error) : read_plain (csv, start, error);
  if (!good)
    return FALSE;
  if (!g_utf8_validate (csv->row->str + start, (gssize) (csv->row->len - start), NULL))
    return fail (csv, error, _ ("this is not UTF-8 text; save the file as UTF-8"));
  g_string_append_c (csv->row, '\0');
  return TRUE;
}

/* Rows */

/* Passes what ends a field: 1 for a further field, 0 at the row's end, -1 for an error. */
static int
end_field (PtCsv *csv, GError **error)
{
  int byte = next (csv);

  if (byte == ',')
    return 1;
  if (byte != '\r' || next (csv) == '\n')
    return 0;
  fail (csv, error, _ ("a carriage return without a line feed; end lines with CRLF or LF"));
  return -1;
}

static gboolean
check_read (PtCsv *csv, GError **error)
{
  if (csv->error == 0)
    return TRUE;
  g_set_error (error, PT_ERROR, PT_ERROR_FAILED, _ ("Cannot read %s to its end: %s"), csv->name,
               g_strerror (csv->error));
  return FALSE;
}

static gboolean
read_row (PtCsv *csv, GError **error)
{
  int more = 1;

  g_string_truncate (csv->row, 0);
  g_array_set_size (csv->starts, 0);
  csv->row_line = csv->line;
  while (more == 1)
    more = read_field (csv, error) ? end_field (csv, error) : -1;
  return more == 0 && check_read (csv, error);
}

/* FALSE at the end. */
static gboolean
pass_empty_lines (PtCsv *csv, GError **error)
{
  for (;;)
    {
      int byte = peek (csv);

      csv->row_line = csv->line;
      if (byte == END)
        return FALSE;
      if (byte != '\n' && byte != '\r')
        return TRUE;
      next (csv);
      if (byte == '\r' && next (csv) != '\n')
        return fail (csv, error,
                     _ ("a carriage return without a line feed; end lines with CRLF or LF"));
    }
}

static gboolean
pass_mark (PtCsv *csv, GError **error)
{
  static const char mark[] = "\xef\xbb\xbf";

  if (peek (csv) != (guchar) mark[0])
    return TRUE;
  for (guint i = 0; i < 3; i++)
    if (next (csv) != (guchar) mark[i])
      return fail (csv, error, _ ("this is not UTF-8 text; save the file as UTF-8"));
  return TRUE;
}

static gboolean
check_header (PtCsv *csv, GError **error)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);

  if (csv->starts->len == 1 && strchr (csv->row->str, ';') != NULL)
    return fail (csv, error,
                 _ ("the columns are separated by semicolons; save the file with commas"));
  for (guint i = 0; i < csv->starts->len; i++)
    {
      char *column = g_strdup (pt_csv_field (csv, (int) i));

      g_ptr_array_add (csv->header, column);
      if (!g_hash_table_add (seen, column))
        {
          g_autofree char *problem
              = g_strdup_printf (_ ("the column “%s” is named twice; keep one of them"), column);

          return fail (csv, error, problem);
        }
    }
  return TRUE;
}

static gboolean
read_header (PtCsv *csv, GError **error)
{
  g_autoptr (GError) local = NULL;

  if (!pass_mark (csv, error))
    return FALSE;
  if (pass_empty_lines (csv, &local))
    return read_row (csv, error);
  if (local == NULL && check_read (csv, &local))
    fail (csv, &local, _ ("the file is empty; its first row has to name the columns"));
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

/* Takes @fd and @buffer. */
static PtCsv *
csv_take (const char *name, int fd, char *buffer, gsize size, GError **error)
{
  g_autoptr (PtCsv) csv = g_new0 (PtCsv, 1);

  csv->name = g_strdup (name);
  csv->fd = fd;
  csv->buffer = buffer;
  csv->filled = csv->size = fd < 0 ? size : 0;
  csv->line = csv->row_line = 1;
  csv->row = g_string_new (NULL);
  csv->starts = g_array_new (FALSE, FALSE, sizeof (gsize));
  csv->header = g_ptr_array_new_with_free_func (g_free);
  if (!read_header (csv, error) || !check_header (csv, error))
    return NULL;
  return g_steal_pointer (&csv);
}

/* Files */

static gboolean
write_all (int fd, const char *data, gsize size)
{
  while (size > 0)
    {
      gssize written = write (fd, data, size);

      if (written < 0 && errno != EINTR)
        return FALSE;
      if (written > 0)
        {
          data += written;
          size -= (gsize) written;
        }
    }
  return TRUE;
}

static gboolean
copy_bytes (int from, int to)
{
  g_autofree char *buffer = g_malloc (BUFFER_SIZE);
  guint64 total = 0;
  gssize size;

  for (;;)
    {
      size = read (from, buffer, BUFFER_SIZE);
      if (size < 0 && errno == EINTR)
        continue;
      if (size <= 0)
        return size == 0 && lseek (to, 0, SEEK_SET) == 0;
      total += (guint64) size;
      if (total > PT_CSV_FILE_MAX)
        errno = EFBIG;
      if (total > PT_CSV_FILE_MAX || !write_all (to, buffer, (gsize) size))
        return FALSE;
    }
}

/* What a pipe brings, in a file without a name; -1 and errno. Takes @pipe. */
static int
keep_pipe (int pipe)
{
  g_autofree char *path = NULL;
  int kept = g_file_open_tmp ("powertrack-XXXXXX.csv", &path, NULL);

  if (kept >= 0)
    g_unlink (path);
  if (kept >= 0 && !copy_bytes (pipe, kept))
    {
      int error = errno;

      close (kept);
      kept = -1;
      errno = error;
    }
  close (pipe);
  return kept;
}

PtCsv *
pt_csv_open (const char *path, GError **error)
{
  struct stat info = { 0 };
  int fd;

  g_return_val_if_fail (path != NULL, NULL);

  fd = g_open (path, O_RDONLY | O_CLOEXEC, 0);
  if (fd >= 0 && fstat (fd, &info) == 0 && !S_ISREG (info.st_mode) && !S_ISDIR (info.st_mode))
    fd = keep_pipe (fd);
  if (fd < 0 || S_ISDIR (info.st_mode))
    {
      g_set_error (error, PT_ERROR, PT_ERROR_CONFIGURATION,
                   _ ("Cannot read %s; name a file that can be read: %s"), path,
                   g_strerror (fd < 0 ? errno : EISDIR));
      if (fd >= 0)
        close (fd);
      return NULL;
    }
  if (S_ISREG (info.st_mode) && (guint64) info.st_size > PT_CSV_FILE_MAX)
    {
      close (fd);
      g_set_error (error, PT_ERROR, PT_ERROR_TOO_LARGE,
                   _ ("%s is larger than 1 GiB; split it into smaller files."), path);
      return NULL;
    }
  return csv_take (path, fd, g_malloc (BUFFER_SIZE), 0, error);
}

PtCsv *
pt_csv_new (const char *name, const char *text, gsize size, GError **error)
{
  g_return_val_if_fail (name != NULL && text != NULL, NULL);

  return csv_take (name, -1, g_memdup2 (text, MAX (size, 1)), size, error);
}

/* What is read */

int
pt_csv_column (PtCsv *csv, const char *name, GError **error)
{
  g_return_val_if_fail (csv != NULL && name != NULL, -1);

  for (guint i = 0; i < csv->header->len; i++)
    if (strcmp (csv->header->pdata[i], name) == 0)
      return (int) i;
  g_set_error (error, PT_ERROR, PT_ERROR_CONFIGURATION,
               _ ("%s line 1: there is no column “%s”; the first row has to name it."), csv->name,
               name);
  return -1;
}

gboolean
pt_csv_next (PtCsv *csv, GError **error)
{
  g_autofree char *problem = NULL;
  g_autoptr (GError) local = NULL;

  g_return_val_if_fail (csv != NULL, FALSE);

  if (!pass_empty_lines (csv, &local))
    {
      if (local != NULL)
        g_propagate_error (error, g_steal_pointer (&local));
      else
        check_read (csv, error);
      return FALSE;
    }
  if (!read_row (csv, error))
    return FALSE;
  if (csv->starts->len == csv->header->len)
    return TRUE;
  if (csv->starts->len == 1 && *csv->row->str == '\0') /* blanks only */
    return pt_csv_next (csv, error);
  problem = g_strdup_printf (_ ("%u fields where the first row names %u columns; complete the row"),
                             csv->starts->len, csv->header->len);
  return fail (csv, error, problem);
}

gboolean
pt_csv_rewind (PtCsv *csv, GError **error)
{
  g_return_val_if_fail (csv != NULL, FALSE);

  if (csv->fd >= 0 && lseek (csv->fd, 0, SEEK_SET) != 0)
    csv->error = errno;
  csv->at = 0;
  csv->filled = csv->size;
  csv->line = csv->row_line = 1;
  return check_read (csv, error) && read_header (csv, error);
}

const char *
pt_csv_field (PtCsv *csv, int column)
{
  g_return_val_if_fail (csv != NULL, "");
  g_return_val_if_fail (column >= 0 && (guint) column < csv->starts->len, "");

  return csv->row->str + g_array_index (csv->starts, gsize, column);
}

guint64
pt_csv_line (const PtCsv *csv)
{
  g_return_val_if_fail (csv != NULL, 0);

  return csv->row_line;
}

void
pt_csv_refuse (PtCsv *csv, GError **error, int column, const char *problem)
{
  g_return_if_fail (csv != NULL && problem != NULL);

  g_set_error (error, PT_ERROR, PT_ERROR_CONFIGURATION,
               "%s line %" G_GUINT64_FORMAT ", column %s: “%.60s”: %s", csv->name, csv->row_line,
               (char *) csv->header->pdata[column], pt_csv_field (csv, column), problem);
}
