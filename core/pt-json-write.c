/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-json.h"
#include "pt-encoding.h"

#include <string.h>

void
pt_json_writer_init (PtJsonWriter *writer, char *buffer, size_t capacity)
{
  *writer = (PtJsonWriter){ .data = buffer, .capacity = capacity };
}

void
pt_json_write_raw (PtJsonWriter *writer, PtSpan text)
{
  if (text.size > writer->capacity - writer->size)
    writer->overflow = true;
  if (writer->overflow || text.size == 0)
    return;
  memcpy (writer->data + writer->size, text.data, text.size);
  writer->size += text.size;
}

void
pt_json_write_literal (PtJsonWriter *writer, const char *text)
{
  for (; *text; text++)
    pt_json_write_raw (writer, pt_span (text, 1));
}

/* How RFC 8785 section 3.2.2.2 writes a character that cannot stand as it is; 0 bytes for the
 * others. */
static size_t
escape (char character, char out[6])
{
  static const char letters[] = "btn\0fr"; /* of U+0008 to U+000D; U+000B has none */
  uint8_t byte = (uint8_t) character;

  out[0] = '\\';
  if (byte == '"' || byte == '\\')
    {
      out[1] = character;
      return 2;
    }
  if (byte >= 0x20)
    return 0;
  if (byte >= 8 && byte <= 13 && byte != 11)
    {
      out[1] = letters[byte - 8];
      return 2;
    }
  memcpy (out + 1, "u00", 3);
  pt_hex_encode (&byte, 1, out + 4, 2);
  return 6;
}

void
pt_json_write_string (PtJsonWriter *writer, PtSpan utf8)
{
  size_t plain = 0;

  pt_json_write_literal (writer, "\"");
  for (size_t i = 0; i < utf8.size; i++)
    {
      char escaped[6];
      size_t size = escape (utf8.data[i], escaped);

      if (size == 0)
        continue;
      pt_json_write_raw (writer, pt_span (utf8.data + plain, i - plain));
      pt_json_write_raw (writer, pt_span (escaped, size));
      plain = i + 1;
    }
  if (utf8.size > plain)
    pt_json_write_raw (writer, pt_span (utf8.data + plain, utf8.size - plain));
  pt_json_write_literal (writer, "\"");
}

void
pt_json_write_integer (PtJsonWriter *writer, int64_t value)
{
  char digits[17];
  size_t size = pt_integer_encode (value, digits, sizeof digits);

  if (size == 0)
    writer->overflow = true;
  pt_json_write_raw (writer, pt_span (digits, size));
}

/* Room for @size characters between quotes, or NULL. */
static char *
quoted_room (PtJsonWriter *writer, size_t size)
{
  size_t left = writer->capacity - writer->size;
  char *room;

  if (left < 2 || size > left - 2)
    writer->overflow = true;
  if (writer->overflow)
    return NULL;
  room = writer->data + writer->size;
  room[0] = room[size + 1] = '"';
  writer->size += size + 2;
  return room + 1;
}

void
pt_json_write_hex (PtJsonWriter *writer, const void *data, size_t size)
{
  char *room = quoted_room (writer, 2 * size);

  if (room)
    pt_hex_encode (data, size, room, 2 * size);
}

void
pt_json_write_base64url (PtJsonWriter *writer, const void *data, size_t size)
{
  char *room = quoted_room (writer, PT_BASE64URL_SIZE (size));

  if (room)
    pt_base64url_encode (data, size, room, PT_BASE64URL_SIZE (size));
}

PtResult
pt_json_writer_finish (const PtJsonWriter *writer, PtSpan *out)
{
  *out = pt_span (writer->data, writer->overflow ? 0 : writer->size);
  return writer->overflow ? PT_NO_SPACE : PT_OK;
}
