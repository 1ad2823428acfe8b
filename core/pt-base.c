/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-base.h"

#include <string.h>

static const char *const slugs[PT_RESULT_COUNT] = {
  [PT_OK] = "ok",
  [PT_MALFORMED] = "malformed",
  [PT_NOT_CANONICAL] = "not-canonical",
  [PT_TOO_PRECISE] = "too-precise",
  [PT_TOO_LARGE] = "too-large",
  [PT_BAD_KEY] = "bad-key",
  [PT_BAD_SIGNATURE] = "bad-signature",
  [PT_BAD_PROOF] = "bad-proof",
  [PT_BAD_TIME] = "bad-time",
  [PT_BAD_WINDOW] = "bad-window",
  [PT_BAD_ROSTER] = "bad-roster",
  [PT_BAD_CID] = "bad-cid",
  [PT_NO_SPACE] = "no-space",
  [PT_STOPPED] = "stopped",
  [PT_NOT_CHECKED] = "not-checked",
};

const char *
pt_result_slug (PtResult result)
{
  return (unsigned) result < PT_RESULT_COUNT ? slugs[result] : "unknown";
}

bool
pt_span_equal (PtSpan a, PtSpan b)
{
  return a.size == b.size && (a.size == 0 || memcmp (a.data, b.data, a.size) == 0);
}

int
pt_span_compare (PtSpan a, PtSpan b)
{
  size_t shared = a.size < b.size ? a.size : b.size;
  int order = shared ? memcmp (a.data, b.data, shared) : 0;

  if (order != 0)
    return order;
  return (a.size > b.size) - (a.size < b.size);
}

bool
pt_span_is (PtSpan span, const char *text)
{
  for (size_t i = 0; i < span.size; i++)
    if (text[i] == '\0' || text[i] != span.data[i])
      return false;
  return text[span.size] == '\0';
}

/* What a character may be part of. */
enum
{
  AREA_FIRST = 1,
  AREA_LATER = 2,
  ID_FIRST = 4,
  ID_LATER = 8
};

static unsigned
classes_of (char character)
{
  if ((character >= 'a' && character <= 'z') || (character >= '0' && character <= '9'))
    return AREA_FIRST | AREA_LATER | ID_FIRST | ID_LATER;
  if (character >= 'A' && character <= 'Z')
    return ID_FIRST | ID_LATER;
  if (character == '-')
    return AREA_LATER | ID_LATER;
  if (character == '.' || character == '_' || character == ':')
    return ID_LATER;
  return 0;
}

static bool
is_identifier (PtSpan span, size_t max, unsigned first, unsigned later)
{
  if (span.size == 0 || span.size > max || !(classes_of (span.data[0]) & first))
    return false;
  for (size_t i = 1; i < span.size; i++)
    if (!(classes_of (span.data[i]) & later))
      return false;
  return true;
}

bool
pt_is_area_id (PtSpan span)
{
  return is_identifier (span, PT_AREA_MAX, AREA_FIRST, AREA_LATER);
}

bool
pt_is_id (PtSpan span)
{
  return is_identifier (span, PT_ID_MAX, ID_FIRST, ID_LATER);
}
