/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-kept.h"

#include <string.h>

#define FORMAT "\"format\":\"powertrack-kept-1\""

bool
pt_kept_is (PtSpan text)
{
  return text.size > sizeof FORMAT
         && memmem (text.data, text.size, FORMAT, sizeof FORMAT - 1) != NULL;
}

/* Past the objects and arrays of members that are not wanted. */
static PtResult
skip (PtJsonReader *reader, const PtJsonValue *value)
{
  PtResult result = PT_OK;
  PtJsonValue inner;
  bool more = value->type == PT_JSON_OBJECT || value->type == PT_JSON_ARRAY;
  PtSpan key;

  while (result == PT_OK && more)
    {
      result = value->type == PT_JSON_OBJECT ? pt_json_member (reader, &more, &key, &inner, NULL)
                                             : pt_json_element (reader, &more, &inner);
      if (result == PT_OK && more && (inner.type == PT_JSON_OBJECT || inner.type == PT_JSON_ARRAY))
        result = PT_MALFORMED; /* nothing in the file is deeper */
    }
  return result;
}

bool
pt_kept_open (PtKeptReader *reader, PtSpan text)
{
  PtJsonValue value;
  bool more = true;
  PtSpan key;

  pt_json_reader_init (&reader->json, text);
  reader->result = pt_json_open (&reader->json);
  while (reader->result == PT_OK && more)
    {
      reader->result = pt_json_member (&reader->json, &more, &key, &value, NULL);
      if (reader->result != PT_OK || !more)
        break;
      if (pt_span_is (key, "receipts"))
        return value.type == PT_JSON_ARRAY;
      reader->result = skip (&reader->json, &value);
    }
  return false;
}

bool
pt_kept_next (PtKeptReader *reader, char *buffer, size_t buffer_size, PtSpan *out)
{
  PtJsonValue value;
  size_t size;
  bool more;

  reader->result = pt_json_element (&reader->json, &more, &value);
  if (reader->result != PT_OK || !more)
    return false;
  reader->result = value.type != PT_JSON_STRING
                       ? PT_MALFORMED
                       : pt_json_unescape (value.text, buffer, buffer_size, &size);
  if (reader->result != PT_OK)
    return false;
  *out = pt_span (buffer, size);
  return true;
}
