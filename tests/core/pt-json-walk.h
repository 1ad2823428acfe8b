/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Reading JSON to its end, and building it by parts, as several tests do. */

#include "pt-json.h"
#include "pt-vectors.h"

/* What the public reader says of all of @text, which is copied so that a sanitizer sees a read
 * beyond its end. */
static inline PtResult
pt_walk (PtSpan text)
{
  g_autofree char *copy = g_memdup2 (text.data, text.size);
  PtJsonReader reader;
  PtJsonValue value;
  PtResult result;
  PtSpan key;
  bool more;

  pt_json_reader_init (&reader, pt_span (copy, text.size));
  result = pt_json_open (&reader);
  while (result == PT_OK && reader.depth > 0)
    if (reader.kind[reader.depth - 1] == PT_JSON_OBJECT)
      result = pt_json_member (&reader, &more, &key, &value, NULL);
    else
      result = pt_json_element (&reader, &more, &value);
  return result == PT_OK ? pt_json_finish (&reader) : result;
}

static inline void
pt_expect_walk (PtSpan text, PtResult expected, const char *why)
{
  PtResult result = pt_walk (text);

  if (result != expected)
    g_error ("%s: %s, expected %s: %.*s", why, pt_result_slug (result), pt_result_slug (expected),
             (int) text.size, text.data);
  g_assert_true (pt_json_is_json (text) == (expected != PT_MALFORMED));
}

/* @before, @middle and @after as one text. */
static inline void
pt_expect_wrapped (const char *before, PtSpan middle, const char *after, PtResult expected,
                   const char *why)
{
  g_autoptr (GString) text = g_string_new (before);

  g_string_append_len (text, middle.data, (gssize) middle.size);
  g_string_append (text, after);
  pt_expect_walk (pt_span (text->str, text->len), expected, why);
}
