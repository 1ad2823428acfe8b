/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-json-text.h"

#include <math.h>
#include <string.h>

#include "pt-encoding.h"
#include "pt-json.h"

#define ESCAPED_MAX 6 /* characters of one */
#define INTEGER_MAX 20
#define PER_DEGREE 10000000
#define DEGREE_DIGITS 7

PtJsonText *
pt_json_text_new (void)
{
  PtJsonText *json = g_new0 (PtJsonText, 1);

  json->text = g_string_sized_new (256);
  return json;
}

void
pt_json_text_free (PtJsonText *json)
{
  if (json != NULL)
    g_string_free (pt_json_text_free_to_string (json), TRUE);
}

GString *
pt_json_text_free_to_string (PtJsonText *json)
{
  GString *text;

  g_return_val_if_fail (json != NULL, NULL);

  text = json->text;
  g_free (json);
  return text;
}

/* @size bytes more at the end of the text. */
static char *
grow (PtJsonText *json, gsize size)
{
  gsize before = json->text->len;

  g_string_set_size (json->text, before + size);
  return json->text->str + before;
}

/* What stands before a value. */
static void
begin_value (PtJsonText *json, const char *name)
{
  gsize size;
  char *place;

  if (json->is_next)
    g_string_append_c (json->text, ',');
  json->is_next = TRUE;
  if (name == NULL)
    return;
  size = strlen (name);
  place = grow (json, size + 3);
  place[0] = '"';
  memcpy (place + 1, name, size);
  memcpy (place + 1 + size, "\":", 2);
}

static void
begin (PtJsonText *json, const char *name, char bracket)
{
  g_return_if_fail (json != NULL);

  begin_value (json, name);
  g_string_append_c (json->text, bracket);
  json->is_next = FALSE;
}

static void
end (PtJsonText *json, char bracket)
{
  g_return_if_fail (json != NULL);

  g_string_append_c (json->text, bracket);
  json->is_next = TRUE;
}

void
pt_json_text_begin_object (PtJsonText *json, const char *name)
{
  g_return_if_fail (json != NULL);

  begin (json, name, '{');
}

void
pt_json_text_end_object (PtJsonText *json)
{
  g_return_if_fail (json != NULL);

  end (json, '}');
}

void
pt_json_text_begin_array (PtJsonText *json, const char *name)
{
  g_return_if_fail (json != NULL);

  begin (json, name, '[');
}

void
pt_json_text_end_array (PtJsonText *json)
{
  g_return_if_fail (json != NULL);

  end (json, ']');
}

void
pt_json_text_end_line (PtJsonText *json)
{
  g_return_if_fail (json != NULL);

  end (json, '\n');
  json->is_next = FALSE;
}

/* Core writes into room that is there: @room bytes after the text. */
static PtJsonWriter
open_room (PtJsonText *json, gsize room)
{
  gsize before = json->text->len;
  PtJsonWriter writer;

  g_string_set_size (json->text, before + room);
  pt_json_writer_init (&writer, json->text->str, before + room);
  writer.size = before;
  return writer;
}

static void
close_room (PtJsonText *json, const PtJsonWriter *writer)
{
  g_assert (!writer->overflow);
  g_string_set_size (json->text, writer->size);
}

void
pt_json_text_string (PtJsonText *json, const char *name, const char *value)
{
  PtJsonWriter writer;
  gsize size;

  g_return_if_fail (json != NULL);

  if (value == NULL)
    {
      pt_json_text_null (json, name);
      return;
    }
  begin_value (json, name);
  size = strlen (value);
  writer = open_room (json, 2 + ESCAPED_MAX * size);
  pt_json_write_string (&writer, pt_span (value, size));
  close_room (json, &writer);
}

void
pt_json_text_raw (PtJsonText *json, const char *name, const char *value, gsize size)
{
  g_return_if_fail (json != NULL && value != NULL);

  begin_value (json, name);
  memcpy (grow (json, size), value, size);
}

void
pt_json_text_foreign (PtJsonText *json, const char *name, const char *value)
{
  g_autofree char *valid = NULL;

  g_return_if_fail (json != NULL && value != NULL);

  valid = g_utf8_make_valid (value, -1);
  pt_json_text_string (json, name, valid);
}

void
pt_json_text_integer (PtJsonText *json, const char *name, gint64 value)
{
  char digits[INTEGER_MAX];
  gsize size;

  g_return_if_fail (json != NULL);

  begin_value (json, name);
  size = pt_integer_encode (value, digits, sizeof digits);
  if (size > 0)
    g_string_append_len (json->text, digits, (gssize) size);
  else /* 2^53 and more, which no reader of ours takes for exact */
    g_string_append_printf (json->text, "%" G_GINT64_FORMAT, value);
}

void
pt_json_text_number (PtJsonText *json, const char *name, double value)
{
  char digits[G_ASCII_DTOSTR_BUF_SIZE];

  g_return_if_fail (json != NULL && isfinite (value));

  begin_value (json, name);
  g_string_append (json->text, g_ascii_formatd (digits, sizeof digits, "%.6g", value));
}

void
pt_json_text_degrees (PtJsonText *json, const char *name, gint32 value)
{
  gint64 magnitude = ABS ((gint64) value), rest = magnitude % PER_DEGREE;
  char digits[INTEGER_MAX];
  gsize size;
  char *place;

  g_return_if_fail (json != NULL);

  begin_value (json, name);
  if (value < 0)
    g_string_append_c (json->text, '-');
  size = pt_integer_encode (magnitude / PER_DEGREE, digits, sizeof digits);
  g_string_append_len (json->text, digits, (gssize) size);
  place = grow (json, 1 + DEGREE_DIGITS);
  place[0] = '.';
  for (guint i = DEGREE_DIGITS; i > 0; i--, rest /= 10)
    place[i] = (char) ('0' + rest % 10);
}

void
pt_json_text_time (PtJsonText *json, const char *name, gint64 ms)
{
  g_return_if_fail (json != NULL);

  if (ms == 0)
    pt_json_text_null (json, name);
  else
    pt_json_text_integer (json, name, ms);
}

void
pt_json_text_boolean (PtJsonText *json, const char *name, gboolean value)
{
  g_return_if_fail (json != NULL);

  begin_value (json, name);
  g_string_append (json->text, value ? "true" : "false");
}

void
pt_json_text_null (PtJsonText *json, const char *name)
{
  g_return_if_fail (json != NULL);

  begin_value (json, name);
  g_string_append_len (json->text, "null", 4);
}

void
pt_json_text_hex (PtJsonText *json, const char *name, gconstpointer data, gsize size)
{
  PtJsonWriter writer;

  g_return_if_fail (json != NULL && data != NULL);

  begin_value (json, name);
  writer = open_room (json, 2 + 2 * size);
  pt_json_write_hex (&writer, data, size);
  close_room (json, &writer);
}

void
pt_json_text_base64url (PtJsonText *json, const char *name, gconstpointer data, gsize size)
{
  PtJsonWriter writer;

  g_return_if_fail (json != NULL && data != NULL);

  begin_value (json, name);
  writer = open_room (json, 2 + PT_BASE64URL_SIZE (size));
  pt_json_write_base64url (&writer, data, size);
  close_room (json, &writer);
}
