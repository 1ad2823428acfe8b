/* SPDX-License-Identifier: Apache-2.0 */
/* JSON as RFC 8259 has it: what is not canonical is told from what is no JSON; and escapes are
 * undone. */
#include "pt-json-private.h"
#include "pt-encoding.h"

#include <string.h>

#define RFC8259_DEPTH_MAX 64

static int
hex_digit (char character)
{
  if (character >= '0' && character <= '9')
    return character - '0';
  if (character >= 'a' && character <= 'f')
    return character - 'a' + 10;
  if (character >= 'A' && character <= 'F')
    return character - 'A' + 10;
  return -1;
}

/* The code unit of `\uXXXX` at @text, or -1. */
static int32_t
unicode_escape (const char *text, size_t size)
{
  int32_t unit = 0;

  if (size < 6)
    return -1;
  for (int i = 2; i < 6; i++)
    {
      int digit = hex_digit (text[i]);

      if (digit < 0)
        return -1;
      unit = unit << 4 | digit;
    }
  return unit;
}

typedef struct
{
  const char *cursor, *end;
  uint64_t objects; /* bit per level: an object, else an array */
  int depth;
} Scanner;

static bool
scan_is (Scanner *scanner, char character)
{
  if (scanner->cursor == scanner->end || *scanner->cursor != character)
    return false;
  scanner->cursor++;
  return true;
}

static void
scan_space (Scanner *scanner)
{
  while (scan_is (scanner, ' ') || scan_is (scanner, '\n') || scan_is (scanner, '\t')
         || scan_is (scanner, '\r'))
    ;
}

static bool
scan_digits (Scanner *scanner)
{
  const char *start = scanner->cursor;

  while (scanner->cursor != scanner->end && *scanner->cursor >= '0' && *scanner->cursor <= '9')
    scanner->cursor++;
  return scanner->cursor != start;
}

static bool
scan_number (Scanner *scanner)
{
  scan_is (scanner, '-');
  if (!scan_is (scanner, '0') && !scan_digits (scanner))
    return false;
  if (scan_is (scanner, '.') && !scan_digits (scanner))
    return false;
  if (!scan_is (scanner, 'e') && !scan_is (scanner, 'E'))
    return true;
  if (!scan_is (scanner, '+'))
    scan_is (scanner, '-');
  return scan_digits (scanner);
}

/* A control without a two-character form, in lower case. */
static bool
is_canonical (const char *text, int32_t unit)
{
  return unit < 0x20 && !(unit >= 8 && unit <= 13 && unit != 11)
         && !(text[5] >= 'A' && text[5] <= 'F');
}

size_t
pt_json_escape_size (const char *text, size_t size, bool canonical)
{
  int32_t unit;

  if (size < 2)
    return 0;
  switch (text[1])
    {
    case '"':
    case '\\':
    case 'b':
    case 'f':
    case 'n':
    case 'r':
    case 't':
      return 2;
    case '/':
      return canonical ? 0 : 2;
    case 'u':
      unit = unicode_escape (text, size);
      return unit >= 0 && (!canonical || is_canonical (text, unit)) ? 6 : 0;
    default:
      return 0;
    }
}

static bool
scan_word (Scanner *scanner, const char *word)
{
  for (; *word; word++)
    if (!scan_is (scanner, *word))
      return false;
  return true;
}

static bool
scan_string (Scanner *scanner)
{
  if (!scan_is (scanner, '"'))
    return false;
  while (scanner->cursor != scanner->end)
    {
      size_t left = (size_t) (scanner->end - scanner->cursor), step = 0;

      if (scan_is (scanner, '"'))
        return true;
      if (*scanner->cursor == '\\')
        step = pt_json_escape_size (scanner->cursor, left, false);
      else if ((uint8_t) *scanner->cursor >= 0x20)
        step = pt_utf8_character (pt_span (scanner->cursor, left));
      if (step == 0)
        return false;
      scanner->cursor += step;
    }
  return false;
}

static bool
scan_key (Scanner *scanner)
{
  scan_space (scanner);
  if (!scan_string (scanner))
    return false;
  scan_space (scanner);
  return scan_is (scanner, ':');
}

/* A whole value, or the opening of an object or array: *@opened. */
static bool
scan_value (Scanner *scanner, bool *opened)
{
  *opened = false;
  scan_space (scanner);
  if (scanner->cursor == scanner->end)
    return false;
  switch (*scanner->cursor)
    {
    case '{':
    case '[':
      if (scanner->depth == RFC8259_DEPTH_MAX)
        return false;
      *opened = true;
      scanner->objects = scanner->objects << 1 | (*scanner->cursor++ == '{');
      scanner->depth++;
      return true;
    case '"':
      return scan_string (scanner);
    case 't':
      return scan_word (scanner, "true");
    case 'f':
      return scan_word (scanner, "false");
    case 'n':
      return scan_word (scanner, "null");
    default:
      return scan_number (scanner);
    }
}

/* After a value or an opening: closes what ends here, then stands before the next value, or at
 * depth 0. */
static bool
scan_onwards (Scanner *scanner, bool opened)
{
  while (scanner->depth > 0)
    {
      bool object = scanner->objects & 1;

      scan_space (scanner);
      if (scan_is (scanner, object ? '}' : ']'))
        {
          scanner->objects >>= 1;
          scanner->depth--;
          opened = false;
          continue;
        }
      if (!opened && !scan_is (scanner, ','))
        return false;
      return !object || scan_key (scanner);
    }
  return true;
}

bool
pt_json_is_json (PtSpan text)
{
  Scanner scanner = { text.data, text.size > 0 ? text.data + text.size : text.data, 0, 0 };
  bool opened;

  do
    if (!scan_value (&scanner, &opened) || !scan_onwards (&scanner, opened))
      return false;
  while (scanner.depth > 0);
  scan_space (&scanner);
  return scanner.cursor == scanner.end;
}

/* Appends a code point; what does not fit only counts. */
static size_t
put_utf8 (uint32_t point, char out[4])
{
  if (point < 0x80)
    {
      out[0] = (char) point;
      return 1;
    }
  if (point < 0x800)
    {
      out[0] = (char) (0xc0 | point >> 6);
      out[1] = (char) (0x80 | (point & 63));
      return 2;
    }
  if (point < 0x10000)
    {
      out[0] = (char) (0xe0 | point >> 12);
      out[1] = (char) (0x80 | (point >> 6 & 63));
      out[2] = (char) (0x80 | (point & 63));
      return 3;
    }
  out[0] = (char) (0xf0 | point >> 18);
  out[1] = (char) (0x80 | (point >> 12 & 63));
  out[2] = (char) (0x80 | (point >> 6 & 63));
  out[3] = (char) (0x80 | (point & 63));
  return 4;
}

static char
short_escape (char letter)
{
  switch (letter)
    {
    case 'b':
      return '\b';
    case 'f':
      return '\f';
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    default:
      return letter;
    }
}

/* Bytes of the escape at @text, surrogate pairs as one; 0 if it is none. @out gets its character
 * in *@length bytes. */
static size_t
unescape_one (const char *text, size_t size, char out[4], size_t *length)
{
  size_t taken = pt_json_escape_size (text, size, false);
  int32_t unit, low;

  if (taken != 6)
    {
      *length = 1;
      out[0] = taken ? short_escape (text[1]) : '\0';
      return taken;
    }
  unit = unicode_escape (text, size);
  if (unit < 0xd800 || unit > 0xdfff)
    {
      *length = put_utf8 ((uint32_t) unit, out);
      return 6;
    }
  if (unit > 0xdbff || size < 12 || text[6] != '\\' || text[7] != 'u')
    return 0;
  low = unicode_escape (text + 6, size - 6);
  if (low < 0xdc00 || low > 0xdfff)
    return 0;
  *length
      = put_utf8 (0x10000u + ((uint32_t) (unit - 0xd800) << 10) + (uint32_t) (low - 0xdc00), out);
  return 12;
}

PtResult
pt_json_unescape (PtSpan text, char *out, size_t out_size, size_t *size)
{
  size_t written = 0;

  *size = 0;
  for (size_t at = 0; at < text.size;)
    {
      char character[4] = { text.data[at] };
      size_t length = 1, taken = 1;

      if (text.data[at] == '\\')
        taken = unescape_one (text.data + at, text.size - at, character, &length);
      if (taken == 0)
        return PT_MALFORMED;
      if (out_size - written < length)
        return PT_NO_SPACE;
      memcpy (out + written, character, length);
      written += length;
      at += taken;
    }
  *size = written;
  return PT_OK;
}
