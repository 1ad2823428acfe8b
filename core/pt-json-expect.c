/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-json-expect.h"

#include "pt-encoding.h"

PtResult
pt_json_expect (PtJsonReader *reader, const char *key, PtJsonType type, PtJsonValue *value)
{
  PtSpan found;
  bool more;
  PtResult result = pt_json_member (reader, &more, &found, value, NULL);

  if (result != PT_OK)
    return result;
  return more && pt_span_is (found, key) && value->type == type ? PT_OK : PT_MALFORMED;
}

PtResult
pt_json_expect_integer (PtJsonReader *reader, const char *key, int64_t least, int64_t *out)
{
  PtJsonValue value;
  PtResult result = pt_json_expect (reader, key, PT_JSON_INTEGER, &value);

  *out = result == PT_OK ? value.integer : 0;
  return result != PT_OK || value.integer >= least ? result : PT_MALFORMED;
}

PtResult
pt_json_expect_text (PtJsonReader *reader, const char *key, PtSpan *out)
{
  PtJsonValue value;
  PtResult result = pt_json_expect (reader, key, PT_JSON_STRING, &value);

  *out = result == PT_OK ? value.text : (PtSpan){ 0 };
  return result;
}

PtResult
pt_json_expect_literal (PtJsonReader *reader, const char *key, const char *text)
{
  PtSpan found;
  PtResult result = pt_json_expect_text (reader, key, &found);

  return result != PT_OK || pt_span_is (found, text) ? result : PT_MALFORMED;
}

PtResult
pt_json_expect_hex (PtJsonReader *reader, const char *key, void *out, size_t size)
{
  PtSpan text;
  PtResult result = pt_json_expect_text (reader, key, &text);

  return result != PT_OK || pt_hex_decode (text, out, size) ? result : PT_MALFORMED;
}

PtResult
pt_json_expect_area (PtJsonReader *reader, const char *key, PtSpan *out)
{
  PtResult result = pt_json_expect_text (reader, key, out);

  return result != PT_OK || pt_is_area_id (*out) ? result : PT_MALFORMED;
}

PtResult
pt_json_expect_id (PtJsonReader *reader, const char *key, PtSpan *out)
{
  PtResult result = pt_json_expect_text (reader, key, out);

  return result != PT_OK || pt_is_id (*out) ? result : PT_MALFORMED;
}

PtResult
pt_json_expect_signature (PtJsonReader *reader, uint8_t out[PT_SIGNATURE_SIZE])
{
  PtSpan text;
  PtResult result = pt_json_expect_text (reader, "sig", &text);

  if (result != PT_OK)
    return result;
  return pt_base64url_decode (text, out, PT_SIGNATURE_SIZE) ? PT_OK : PT_MALFORMED;
}

PtResult
pt_json_expect_hashes (PtJsonReader *reader, const char *key, PtHash *out, size_t max,
                       size_t *count)
{
  PtJsonValue value;
  PtResult result = pt_json_expect (reader, key, PT_JSON_ARRAY, &value);

  *count = 0;
  while (result == PT_OK)
    {
      bool more;

      result = pt_json_element (reader, &more, &value);
      if (result != PT_OK || !more)
        break;
      if (value.type != PT_JSON_STRING)
        return PT_MALFORMED;
      if (*count == max)
        return PT_TOO_LARGE;
      if (!pt_hex_decode (value.text, out[*count].bytes, PT_HASH_SIZE))
        return PT_MALFORMED;
      (*count)++;
    }
  return result;
}

PtResult
pt_json_expect_end (PtJsonReader *reader)
{
  PtJsonValue value;
  PtSpan found;
  bool more;
  PtResult result = pt_json_member (reader, &more, &found, &value, NULL);

  return result == PT_OK && more ? PT_MALFORMED : result;
}
