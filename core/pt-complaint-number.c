/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-complaint-number.h"

#include <string.h>

#define TYPED_MAX 64

/* 0 where the last digit is the check digit of those before it. */
static uint8_t
damm (const char *digits, size_t count)
{
  static const uint8_t table[10][10] = {
    { 0, 3, 1, 7, 5, 9, 8, 6, 4, 2 }, { 7, 0, 9, 2, 1, 5, 4, 8, 6, 3 },
    { 4, 2, 0, 6, 8, 7, 1, 3, 5, 9 }, { 1, 7, 5, 0, 9, 8, 3, 4, 2, 6 },
    { 6, 1, 2, 3, 0, 4, 5, 9, 7, 8 }, { 3, 6, 7, 4, 2, 0, 9, 5, 8, 1 },
    { 5, 8, 6, 9, 7, 2, 0, 1, 3, 4 }, { 8, 9, 4, 5, 3, 6, 2, 0, 1, 7 },
    { 9, 4, 3, 8, 6, 1, 7, 2, 0, 5 }, { 2, 5, 8, 1, 4, 3, 6, 7, 9, 0 },
  };
  uint8_t state = 0;

  for (size_t i = 0; i < count; i++)
    state = table[state][digits[i] - '0'];
  return state;
}

bool
pt_complaint_number_make (uint32_t drawn, char out[PT_COMPLAINT_NUMBER_SIZE + 1])
{
  memset (out, 0, PT_COMPLAINT_NUMBER_SIZE + 1);
  if (drawn < PT_COMPLAINT_DRAWN_MIN || drawn > PT_COMPLAINT_DRAWN_MAX)
    return false;
  for (size_t i = PT_COMPLAINT_NUMBER_SIZE - 1; i > 0; i--, drawn /= 10)
    out[i - 1] = (char) ('0' + drawn % 10);
  out[PT_COMPLAINT_NUMBER_SIZE - 1] = (char) ('0' + damm (out, PT_COMPLAINT_NUMBER_SIZE - 1));
  return true;
}

bool
pt_complaint_number_is (PtSpan id)
{
  if (id.size != PT_COMPLAINT_NUMBER_SIZE || id.data[0] == '0')
    return false;
  for (size_t i = 0; i < id.size; i++)
    if (id.data[i] < '0' || id.data[i] > '9')
      return false;
  return damm (id.data, id.size) == 0;
}

bool
pt_complaint_number_parse (PtSpan typed, char out[PT_COMPLAINT_NUMBER_SIZE + 1])
{
  size_t digits = 0;

  memset (out, 0, PT_COMPLAINT_NUMBER_SIZE + 1);
  for (size_t i = 0; i < typed.size && typed.size <= TYPED_MAX; i++)
    {
      if (typed.data[i] == ' ' || typed.data[i] == '-')
        continue;
      if (digits == PT_COMPLAINT_NUMBER_SIZE)
        {
          digits++;
          break;
        }
      out[digits++] = typed.data[i];
    }
  if (digits == PT_COMPLAINT_NUMBER_SIZE && pt_complaint_number_is (pt_span (out, digits)))
    return true;
  memset (out, 0, PT_COMPLAINT_NUMBER_SIZE + 1);
  return false;
}

void
pt_complaint_number_group (const char number[PT_COMPLAINT_NUMBER_SIZE],
                           char out[PT_COMPLAINT_NUMBER_GROUPED_SIZE + 1])
{
  memcpy (out, number, 4);
  out[4] = ' ';
  memcpy (out + 5, number + 4, 3);
  out[8] = ' ';
  memcpy (out + 9, number + 7, 3);
  out[PT_COMPLAINT_NUMBER_GROUPED_SIZE] = '\0';
}
