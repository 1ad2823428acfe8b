/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-event-reader.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "pt-error.h"

#define KEEP_MAX 65536      /* bytes of room that stay between events */
#define NAME_MAX_BYTES 1024 /* of a type or an id */

struct _PtEventReader
{
  PtEventFunc func;
  gpointer user_data;
  GString *line; /* what came of a line that is not ended */
  GString *data;
  GString *type;
  GString *id;
  gint64 retry;
  gboolean begun;    /* past the place of a byte order mark */
  gboolean after_cr; /* a newline now belongs to the carriage return before it */
  gboolean broken;
};

PtEventReader *
pt_event_reader_new (PtEventFunc func, gpointer user_data)
{
  PtEventReader *reader;

  g_return_val_if_fail (func != NULL, NULL);
  reader = g_new0 (PtEventReader, 1);
  reader->func = func;
  reader->user_data = user_data;
  reader->line = g_string_new (NULL);
  reader->data = g_string_new (NULL);
  reader->type = g_string_new (NULL);
  reader->id = g_string_new (NULL);
  reader->retry = -1;
  return reader;
}

void
pt_event_reader_free (PtEventReader *reader)
{
  if (reader == NULL)
    return;
  g_string_free (reader->line, TRUE);
  g_string_free (reader->data, TRUE);
  g_string_free (reader->type, TRUE);
  g_string_free (reader->id, TRUE);
  g_free (reader);
}

gint64
pt_event_reader_retry (const PtEventReader *reader)
{
  g_return_val_if_fail (reader != NULL, -1);
  return reader->retry;
}

/* Empties @string; the room of a large one is given back. */
static void
string_clear (GString **string)
{
  if ((*string)->allocated_len > KEEP_MAX)
    {
      g_string_free (*string, TRUE);
      *string = g_string_new (NULL);
    }
  else
    g_string_truncate (*string, 0);
}

static void
reader_dispatch (PtEventReader *reader)
{
  if (reader->data->len > 0)
    {
      PtEvent event = { reader->type->len > 0 ? reader->type->str : "message", reader->data->str,
                        reader->data->len - 1, reader->id->str };

      reader->data->str[event.size] = '\0'; /* the last line's newline is none of the data */
      reader->func (&event, reader->user_data);
    }
  string_clear (&reader->data);
  g_string_truncate (reader->type, 0);
}

static void
take_retry (PtEventReader *reader, const char *value, gsize size)
{
  gint64 number = 0;

  for (gsize i = 0; i < size; i++)
    {
      if (!g_ascii_isdigit (value[i]))
        return;
      number = MIN (number * 10 + (value[i] - '0'), G_MAXINT);
    }
  if (size > 0)
    reader->retry = number;
}

static gboolean
name_is (const char *name, gsize size, const char *wanted)
{
  return size == strlen (wanted) && memcmp (name, wanted, size) == 0;
}

static gboolean
reader_field (PtEventReader *reader, const char *name, gsize name_size, const char *value,
              gsize size)
{
  if (name_is (name, name_size, "data"))
    {
      if (reader->data->len + size > PT_EVENT_DATA_MAX)
        return FALSE;
      g_string_append_len (reader->data, value, (gssize) size);
      g_string_append_c (reader->data, '\n');
    }
  else if (name_is (name, name_size, "event") && size <= NAME_MAX_BYTES)
    {
      g_string_truncate (reader->type, 0);
      g_string_append_len (reader->type, value, (gssize) size);
    }
  else if (name_is (name, name_size, "id") && size <= NAME_MAX_BYTES
           && memchr (value, '\0', size) == NULL)
    {
      g_string_truncate (reader->id, 0);
      g_string_append_len (reader->id, value, (gssize) size);
    }
  else if (name_is (name, name_size, "retry"))
    take_retry (reader, value, size);
  return TRUE;
}

/* One line without its end. */
static gboolean
reader_line (PtEventReader *reader, const char *line, gsize size)
{
  const char *colon, *value;

  if (!reader->begun && size >= 3 && memcmp (line, "\xef\xbb\xbf", 3) == 0)
    {
      line += 3;
      size -= 3;
    }
  reader->begun = TRUE;
  if (size == 0)
    {
      reader_dispatch (reader);
      return TRUE;
    }
  colon = memchr (line, ':', size);
  if (colon == NULL)
    return reader_field (reader, line, size, "", 0);
  if (colon == line)
    return TRUE; /* a comment */
  value = colon + 1;
  if (value < line + size && *value == ' ')
    value++;
  return reader_field (reader, line, (gsize) (colon - line), value, (gsize) (line + size - value));
}

static const char *
find_line_end (const char *data, gsize size)
{
  const char *newline = memchr (data, '\n', size);
  const char *carriage = memchr (data, '\r', newline != NULL ? (gsize) (newline - data) : size);

  return carriage != NULL ? carriage : newline;
}

/* From @data to the end of a line; the bytes taken, or 0 when it is too long. */
static gsize
reader_take (PtEventReader *reader, const char *data, gsize size)
{
  const char *end = find_line_end (data, size);
  gsize part = end != NULL ? (gsize) (end - data) : size;
  gboolean good;

  if (reader->line->len + part > PT_EVENT_DATA_MAX)
    return 0;
  if (end == NULL)
    {
      g_string_append_len (reader->line, data, (gssize) part);
      return part;
    }
  if (reader->line->len == 0)
    good = reader_line (reader, data, part);
  else
    {
      g_string_append_len (reader->line, data, (gssize) part);
      good = reader_line (reader, reader->line->str, reader->line->len);
      string_clear (&reader->line);
    }
  reader->after_cr = *end == '\r';
  return good ? part + 1 : 0;
}

gboolean
pt_event_reader_feed (PtEventReader *reader, const char *data, gsize size, GError **error)
{
  g_return_val_if_fail (reader != NULL, FALSE);
  g_return_val_if_fail (data != NULL || size == 0, FALSE);
  while (size > 0 && !reader->broken)
    {
      gboolean pair = reader->after_cr && *data == '\n';
      gsize taken;

      reader->after_cr = FALSE;
      taken = pair ? 1 : reader_take (reader, data, size);
      reader->broken = taken == 0;
      data += taken;
      size -= taken;
    }
  if (reader->broken)
    g_set_error_literal (error, PT_ERROR, PT_ERROR_TOO_LARGE,
                         _ ("The daemon sent an event that is larger than any it should send."));
  return !reader->broken;
}
