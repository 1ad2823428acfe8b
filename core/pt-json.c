/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-json-private.h"
#include "pt-encoding.h"

#include <string.h>

/* What a byte inside a string is. */
enum
{
  PLAIN,
  QUOTE,
  BACKSLASH,
  CONTROL,
  WIDE
};

static inline int
string_class (uint8_t byte)
{
  if (byte == '"')
    return QUOTE;
  if (byte == '\\')
    return BACKSLASH;
  return byte < 0x20 ? CONTROL : byte >= 0x80 ? WIDE : PLAIN;
}

/* Whether eight bytes at once are all PLAIN: no byte has its top bit set, is below 0x20, or equals
 * a quote or a backslash. Borrows can only make a false "no". */
static inline bool
eight_plain (const char *bytes)
{
  const uint64_t ones = 0x0101010101010101u, tops = 0x8080808080808080u;
  uint64_t word, quote, backslash;

  memcpy (&word, bytes, sizeof word);
  quote = word ^ ones * '"';
  backslash = word ^ ones * '\\';
  return ((word | (word - ones * 0x20) | (quote - ones) | (backslash - ones)) & tops) == 0;
}

/* Moves from the byte after the opening quote to the byte after the closing one. */
static bool
read_string (PtJsonReader *reader, PtSpan *text, bool *escaped)
{
  const char *cursor = reader->cursor;

  *escaped = false;
  for (;;)
    {
      size_t step = 1;

      while (reader->end - cursor >= 8 && eight_plain (cursor))
        cursor += 8;
      if (cursor == reader->end)
        return false;
      switch (string_class ((uint8_t) *cursor))
        {
        case QUOTE:
          *text = pt_span (reader->cursor, (size_t) (cursor - reader->cursor));
          reader->cursor = cursor + 1;
          return true;
        case BACKSLASH:
          *escaped = true;
          step = pt_json_escape_size (cursor, (size_t) (reader->end - cursor), true);
          break;
        case WIDE:
          step = pt_utf8_character (pt_span (cursor, (size_t) (reader->end - cursor)));
          break;
        case CONTROL:
          return false;
        default:
          break;
        }
      if (step == 0)
        return false;
      cursor += step;
    }
}

/* At most 16 digits, so nothing overflows before the range is checked. */
static bool
read_integer (PtJsonReader *reader, PtJsonValue *value)
{
  const char *cursor = reader->cursor;
  bool negative = *cursor == '-';
  const char *digits = cursor + negative, *limit = reader->end;
  int64_t number = 0;

  if (limit - digits > 17)
    limit = digits + 17;
  for (cursor = digits; cursor < limit && *cursor >= '0' && *cursor <= '9'; cursor++)
    number = number * 10 + (*cursor - '0');
  if (cursor == digits || cursor - digits > 16 || number > PT_INTEGER_MAX)
    return false;
  if (*digits == '0' && (negative || cursor - digits > 1))
    return false;
  value->type = PT_JSON_INTEGER;
  value->integer = negative ? -number : number;
  value->text = pt_span (reader->cursor, (size_t) (cursor - reader->cursor));
  reader->cursor = cursor;
  return true;
}

static bool
read_nested (PtJsonReader *reader, PtJsonType type)
{
  if (reader->depth == PT_JSON_DEPTH_MAX)
    return false;
  reader->kind[reader->depth] = (uint8_t) type;
  reader->first[reader->depth] = true;
  reader->depth++;
  reader->cursor++;
  return true;
}

static bool
read_value (PtJsonReader *reader, PtJsonValue *value)
{
  if (reader->cursor == reader->end)
    return false;
  value->integer = 0;
  value->escaped = false;
  switch (*reader->cursor)
    {
    case '"':
      value->type = PT_JSON_STRING;
      reader->cursor++;
      return read_string (reader, &value->text, &value->escaped);
    case '{':
    case '[':
      value->type = *reader->cursor == '{' ? PT_JSON_OBJECT : PT_JSON_ARRAY;
      value->text = pt_span (reader->cursor, 0);
      return read_nested (reader, value->type);
    default:
      return read_integer (reader, value);
    }
}

/* The comma before the next item, or the closing bracket: *@more tells which. */
static bool
read_separator (PtJsonReader *reader, PtJsonType type, char closing, bool *more)
{
  int level = reader->depth - 1;

  *more = false;
  if (level < 0 || reader->kind[level] != type || reader->cursor == reader->end)
    return false;
  if (*reader->cursor == closing)
    {
      reader->cursor++;
      reader->depth--;
      return true;
    }
  *more = true;
  if (reader->first[level])
    {
      reader->first[level] = false;
      if (type == PT_JSON_OBJECT)
        reader->last_key[level] = pt_span (NULL, 0);
      return true;
    }
  return *reader->cursor++ == ',';
}

static bool
read_member (PtJsonReader *reader, bool *more, PtSpan *key, PtJsonValue *value, size_t *offset)
{
  PtSpan *last;
  bool escaped;

  if (!read_separator (reader, PT_JSON_OBJECT, '}', more))
    return false;
  if (!*more)
    return true;
  if (offset)
    *offset = (size_t) (reader->cursor - reader->start);
  if (reader->cursor == reader->end || *reader->cursor++ != '"'
      || !read_string (reader, key, &escaped))
    return false;
  last = &reader->last_key[reader->depth - 1];
  if (last->data && pt_span_compare (*last, *key) >= 0)
    return false;
  *last = *key;
  return reader->cursor != reader->end && *reader->cursor++ == ':' && read_value (reader, value);
}

static bool
read_element (PtJsonReader *reader, bool *more, PtJsonValue *value)
{
  if (!read_separator (reader, PT_JSON_ARRAY, ']', more))
    return false;
  return !*more || read_value (reader, value);
}

void
pt_json_reader_init (PtJsonReader *reader, PtSpan text)
{
  reader->start = reader->cursor = text.data;
  reader->end = text.size > 0 ? text.data + text.size : text.data;
  reader->depth = 0;
}

static PtResult
refuse (const PtJsonReader *reader)
{
  return pt_json_classify (pt_span (reader->start, (size_t) (reader->end - reader->start)));
}

PtResult
pt_json_open (PtJsonReader *reader)
{
  PtJsonValue value;

  if (reader->cursor != reader->start || reader->cursor == reader->end || *reader->cursor != '{'
      || !read_value (reader, &value))
    return refuse (reader);
  return PT_OK;
}

PtResult
pt_json_member (PtJsonReader *reader, bool *more, PtSpan *key, PtJsonValue *value, size_t *offset)
{
  return read_member (reader, more, key, value, offset) ? PT_OK : refuse (reader);
}

PtResult
pt_json_element (PtJsonReader *reader, bool *more, PtJsonValue *value)
{
  return read_element (reader, more, value) ? PT_OK : refuse (reader);
}

PtResult
pt_json_finish (const PtJsonReader *reader)
{
  return reader->depth == 0 && reader->cursor == reader->end ? PT_OK : refuse (reader);
}

/* Whether @text is one canonical value of any type. */
static bool
is_canonical (PtSpan text)
{
  PtJsonReader reader;
  PtJsonValue value;
  PtSpan key;
  bool more, good;

  pt_json_reader_init (&reader, text);
  good = read_value (&reader, &value);
  while (good && reader.depth > 0)
    if (reader.kind[reader.depth - 1] == PT_JSON_OBJECT)
      good = read_member (&reader, &more, &key, &value, NULL);
    else
      good = read_element (&reader, &more, &value);
  return good && reader.cursor == reader.end;
}

PtResult
pt_json_classify (PtSpan text)
{
  return pt_json_is_json (text) && !is_canonical (text) ? PT_NOT_CANONICAL : PT_MALFORMED;
}
