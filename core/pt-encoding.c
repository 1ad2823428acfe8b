/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-encoding.h"

#include <string.h>

static const char hex_digits[] = "0123456789abcdef";

size_t
pt_hex_encode (const void *data, size_t size, char *out, size_t out_size)
{
  const uint8_t *bytes = data;

  if (out_size / 2 < size)
    return 0;
  for (size_t i = 0; i < size; i++)
    {
      out[2 * i] = hex_digits[bytes[i] >> 4];
      out[2 * i + 1] = hex_digits[bytes[i] & 15];
    }
  return 2 * size;
}

/* 0 to 15, or 16 for anything but a lower-case hex digit. */
static unsigned
hex_value (char character)
{
  if (character >= '0' && character <= '9')
    return (unsigned) (character - '0');
  if (character >= 'a' && character <= 'f')
    return (unsigned) (character - 'a' + 10);
  return 16;
}

bool
pt_hex_decode (PtSpan text, void *out, size_t size)
{
  uint8_t *bytes = out;
  unsigned bad = 0;

  memset (out, 0, size);
  if (text.size % 2 != 0 || text.size / 2 != size)
    return false;
  for (size_t i = 0; i < size; i++)
    {
      unsigned high = hex_value (text.data[2 * i]), low = hex_value (text.data[2 * i + 1]);

      bad |= high | low;
      bytes[i] = (uint8_t) (high << 4 | (low & 15));
    }
  if (bad & 16)
    memset (out, 0, size);
  return !(bad & 16);
}

static const char base64url_digits[]
    = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

#define XX 0x80 /* not a digit */
/* clang-format off */
static const uint8_t base64url_values[128] = {
  XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX,
  XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX,
  XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, 62, XX, XX,
  52, 53, 54, 55, 56, 57, 58, 59, 60, 61, XX, XX, XX, XX, XX, XX,
  XX, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14,
  15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, XX, XX, XX, XX, 63,
  XX, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40,
  41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, XX, XX, XX, XX, XX,
};
/* clang-format on */

static unsigned
base64url_value (char character)
{
  uint8_t byte = (uint8_t) character;

  return byte < 128 ? base64url_values[byte] : XX;
}

size_t
pt_base64url_encode (const void *data, size_t size, char *out, size_t out_size)
{
  const uint8_t *bytes = data;
  size_t written = 0;
  unsigned bits = 0;
  int count = 0;

  if (size > SIZE_MAX / 8 || out_size < PT_BASE64URL_SIZE (size))
    return 0;
  for (size_t i = 0; i < size; i++)
    {
      bits = (bits & 0x3f) << 8 | bytes[i];
      for (count += 8; count >= 6; count -= 6)
        out[written++] = base64url_digits[bits >> (count - 6) & 63];
    }
  if (count > 0)
    out[written++] = base64url_digits[bits << (6 - count) & 63];
  return written;
}

/* The last two or three digits: one or two bytes, and bits that must be zero. */
static bool
base64url_decode_rest (const char *digits, size_t rest, uint8_t *out)
{
  unsigned a, b, c;

  if (rest == 0)
    return true;
  a = base64url_value (digits[0]);
  b = base64url_value (digits[1]);
  c = rest == 3 ? base64url_value (digits[2]) : 0;
  if ((a | b | c) & XX)
    return false;
  out[0] = (uint8_t) (a << 2 | b >> 4);
  if (rest == 2)
    return (b & 15) == 0;
  out[1] = (uint8_t) ((b & 15) << 4 | c >> 2);
  return (c & 3) == 0;
}

bool
pt_base64url_decode (PtSpan text, void *out, size_t size)
{
  uint8_t *bytes = out;
  const char *digits = text.data;
  size_t groups = size / 3;
  unsigned bad = 0;

  memset (out, 0, size);
  if (size > SIZE_MAX / 8 || text.size != PT_BASE64URL_SIZE (size))
    return false;
  for (size_t i = 0; i < groups; i++, digits += 4, bytes += 3)
    {
      unsigned a = base64url_value (digits[0]), b = base64url_value (digits[1]),
               c = base64url_value (digits[2]), d = base64url_value (digits[3]);

      bad |= a | b | c | d;
      bytes[0] = (uint8_t) (a << 2 | b >> 4);
      bytes[1] = (uint8_t) (b << 4 | c >> 2);
      bytes[2] = (uint8_t) (c << 6 | d);
    }
  if (!(bad & XX) && base64url_decode_rest (digits, text.size % 4, bytes))
    return true;
  memset (out, 0, size);
  return false;
}

static const char base32_digits[] = "abcdefghijklmnopqrstuvwxyz234567";

size_t
pt_base32_encode (const void *data, size_t size, char *out, size_t out_size)
{
  const uint8_t *bytes = data;
  size_t written = 0;
  unsigned bits = 0;
  int count = 0;

  if (size > SIZE_MAX / 8 - 1 || out_size < PT_BASE32_SIZE (size))
    return 0;
  for (size_t i = 0; i < size; i++)
    {
      bits = (bits & 0x1f) << 8 | bytes[i];
      for (count += 8; count >= 5; count -= 5)
        out[written++] = base32_digits[bits >> (count - 5) & 31];
    }
  if (count > 0)
    out[written++] = base32_digits[bits << (5 - count) & 31];
  return written;
}

/* 0 to 31, or 32 for anything else. */
static unsigned
base32_value (char character)
{
  if (character >= 'a' && character <= 'z')
    return (unsigned) (character - 'a');
  if (character >= '2' && character <= '7')
    return (unsigned) (character - '2' + 26);
  return 32;
}

bool
pt_base32_decode (PtSpan text, void *out, size_t size)
{
  uint8_t *bytes = out;
  size_t written = 0;
  unsigned bits = 0, bad = 0;
  int count = 0;

  memset (out, 0, size);
  if (size > SIZE_MAX / 8 - 1 || text.size != PT_BASE32_SIZE (size))
    return false;
  for (size_t i = 0; i < text.size; i++)
    {
      unsigned value = base32_value (text.data[i]);

      bad |= value & 32;
      bits = (bits & 0xff) << 5 | (value & 31);
      count += 5;
      if (count < 8)
        continue;
      count -= 8;
      bytes[written++] = (uint8_t) (bits >> count);
    }
  if (!bad && (bits & ((1u << count) - 1)) == 0)
    return true;
  memset (out, 0, size);
  return false;
}

size_t
pt_integer_encode (int64_t value, char *out, size_t out_size)
{
  char digits[20];
  size_t count = 0, written = 0;
  uint64_t rest = value < 0 ? 0 - (uint64_t) value : (uint64_t) value;

  if (rest > (uint64_t) PT_INTEGER_MAX)
    return 0;
  do
    digits[count++] = (char) ('0' + rest % 10);
  while ((rest /= 10) != 0);
  if (out_size < count + (value < 0))
    return 0;
  if (value < 0)
    out[written++] = '-';
  while (count > 0)
    out[written++] = digits[--count];
  return written;
}

bool
pt_integer_decode (PtSpan text, int64_t *out)
{
  bool negative = text.size > 0 && text.data[0] == '-';
  size_t digits = text.size - negative;
  const char *first = text.data + negative;
  int64_t value = 0;

  *out = 0;
  if (digits == 0 || digits > 16 || (first[0] == '0' && (digits > 1 || negative)))
    return false;
  for (size_t i = 0; i < digits; i++)
    {
      if (first[i] < '0' || first[i] > '9')
        return false;
      value = value * 10 + (first[i] - '0');
    }
  if (value > PT_INTEGER_MAX)
    return false;
  *out = negative ? -value : value;
  return true;
}

/* Bytes of the character that @lead begins, and the range of its second byte, which is where
 * overlong forms, surrogates and code points above U+10FFFF show (RFC 3629 section 4). */
static size_t
utf8_length (uint8_t lead, uint8_t *low, uint8_t *high)
{
  *low = 0x80;
  *high = 0xbf;
  if (lead < 0x80)
    return 1;
  if (lead < 0xc2 || lead > 0xf4)
    return 0;
  if (lead < 0xe0)
    return 2;
  if (lead == 0xe0)
    *low = 0xa0;
  else if (lead == 0xed)
    *high = 0x9f;
  else if (lead == 0xf0)
    *low = 0x90;
  else if (lead == 0xf4)
    *high = 0x8f;
  return lead < 0xf0 ? 3 : 4;
}

size_t
pt_utf8_character (PtSpan text)
{
  const uint8_t *bytes = (const uint8_t *) text.data;
  uint8_t low, high;
  size_t length;

  if (text.size == 0)
    return 0;
  length = utf8_length (bytes[0], &low, &high);
  if (length > text.size || (length > 1 && (bytes[1] < low || bytes[1] > high)))
    return 0;
  for (size_t i = 2; i < length; i++)
    if ((bytes[i] & 0xc0) != 0x80)
      return 0;
  return length;
}

bool
pt_is_utf8 (PtSpan text)
{
  while (text.size > 0)
    {
      size_t length = pt_utf8_character (text);

      if (length == 0)
        return false;
      text.data += length;
      text.size -= length;
    }
  return true;
}
