/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-text.h"

#include <string.h>

#include "pt-encoding.h"

typedef struct
{
  uint32_t first, last;
} Range;

bool
pt_character_is_safe (uint32_t character)
{
  static const Range unsafe[] = {
    { 0, 0x1f },        { 0x7f, 0x9f },     { 0xad, 0xad },     { 0x61c, 0x61c },
    { 0x200b, 0x200b }, { 0x200e, 0x200f }, { 0x2028, 0x202e }, { 0x2060, 0x206f },
    { 0xfeff, 0xfeff }, { 0xfff0, 0xfffb }, { 0xfffe, 0xffff }, { 0xe0000, 0xe0fff },
  };

  for (size_t i = 0; i < sizeof unsafe / sizeof unsafe[0]; i++)
    if (character >= unsafe[i].first && character <= unsafe[i].last)
      return false;
  return true;
}

static uint32_t
decode (const char *text, size_t size)
{
  const uint8_t *bytes = (const uint8_t *) text;
  uint32_t character = size == 1 ? bytes[0] : bytes[0] & (0x7fu >> size);

  for (size_t i = 1; i < size; i++)
    character = character << 6 | (bytes[i] & 0x3f);
  return character;
}

void
pt_text_make_safe (char *text, size_t size, bool lines)
{
  char *out = text;

  for (size_t at = 0; at < size;)
    {
      size_t bytes = pt_utf8_character (pt_span (text + at, size - at));
      bool keep = bytes > 0 && pt_character_is_safe (decode (text + at, bytes));

      if (lines && (text[at] == '\n' || text[at] == '\t'))
        keep = true;
      if (keep)
        memmove (out, text + at, bytes);
      else
        *out = '?';
      out += keep ? bytes : 1;
      at += bytes > 0 ? bytes : 1;
    }
  *out = '\0';
}
