/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-profile.h"

#include <string.h>

#include "pt-json-expect.h"

#define FORMAT "powertrack-profile-1"
#define DAY_MIN 1440

/* @yes or @no. */
static PtResult
expect_either (PtJsonReader *reader, const char *key, const char *yes, const char *no, bool *out)
{
  PtSpan text;
  PtResult result = pt_json_expect_text (reader, key, &text);

  if (result != PT_OK)
    return result;
  *out = pt_span_is (text, yes);
  return *out || pt_span_is (text, no) ? PT_OK : PT_MALFORMED;
}

static bool
is_letter (char character, char first, char last)
{
  return character >= first && character <= last;
}

/* `[a-z]{2,3}(-[A-Za-z0-9]{1,8})*`: BCP 47 as far as it is used here. */
static bool
is_language (PtSpan tag)
{
  size_t part = 0;
  bool first = true;

  for (size_t i = 0; i < tag.size; i++)
    {
      char character = tag.data[i];

      if (character == '-')
        {
          if (part < (first ? 2u : 1u))
            return false;
          first = false;
          part = 0;
          continue;
        }
      if (!is_letter (character, 'a', 'z')
          && (first || (!is_letter (character, 'A', 'Z') && !is_letter (character, '0', '9'))))
        return false;
      if (++part > (first ? 3u : 8u))
        return false;
    }
  return part >= (first ? 2u : 1u);
}

static bool
is_currency (PtSpan text)
{
  for (size_t i = 0; i < text.size; i++)
    if (!is_letter (text.data[i], 'A', 'Z'))
      return false;
  return text.size == 3;
}

/* Texts under language tags, English among them. */
static PtResult
read_titles (PtJsonReader *reader, PtSpan *out)
{
  bool more = true, english = false;
  PtJsonValue value;
  const char *from;
  PtResult result = pt_json_expect (reader, "title", PT_JSON_OBJECT, &value);

  if (result != PT_OK)
    return result;
  from = reader->cursor - 1;
  while (true)
    {
      PtSpan tag;

      result = pt_json_member (reader, &more, &tag, &value, NULL);
      if (result != PT_OK)
        return result;
      if (!more)
        break;
      if (!is_language (tag) || value.type != PT_JSON_STRING || value.text.size == 0)
        return PT_MALFORMED;
      english |= pt_span_is (tag, "en");
    }
  *out = pt_span (from, (size_t) (reader->cursor - from));
  return english ? PT_OK : PT_MALFORMED;
}

static PtResult
read_category (PtJsonReader *reader, PtProfile *profile, PtProfileCategory *out)
{
  PtResult result = pt_json_expect_integer (reader, "acknowledge_min", 0, &out->acknowledge_min);

  if (result == PT_OK)
    result = expect_either (reader, "evidence", "power", "none", &out->has_evidence);
  if (result == PT_OK)
    result = pt_json_expect_text (reader, "id", &out->id);
  if (result == PT_OK && (!pt_is_id (out->id) || pt_profile_category (profile, out->id) != NULL))
    result = PT_MALFORMED;
  if (result == PT_OK)
    result = pt_json_expect_integer (reader, "resolve_min", 0, &out->resolve_min);
  if (result == PT_OK)
    result = read_titles (reader, &out->titles);
  if (result == PT_OK)
    result = pt_json_expect_end (reader);
  if (result == PT_OK)
    profile->category_count++;
  return result;
}

static PtResult
read_compensation (PtJsonReader *reader, PtProfile *profile, PtProfileCompensation *out)
{
  PtResult result = pt_json_expect_integer (reader, "after_min", 0, &out->after_min);

  if (result == PT_OK)
    result = pt_json_expect_text (reader, "category", &out->category);
  if (result == PT_OK && pt_profile_category (profile, out->category) == NULL)
    result = PT_MALFORMED;
  if (result == PT_OK)
    result = pt_json_expect_text (reader, "currency", &out->currency);
  if (result == PT_OK && !is_currency (out->currency))
    result = PT_MALFORMED;
  if (result == PT_OK)
    result = pt_json_expect_integer (reader, "each_min", 1, &out->each_min);
  if (result == PT_OK)
    result = pt_json_expect_integer (reader, "minor", 0, &out->minor);
  if (result == PT_OK)
    result = pt_json_expect_integer (reader, "times", 0, &out->times);
  if (result == PT_OK)
    result = pt_json_expect_end (reader);
  if (result == PT_OK)
    profile->compensation_count++;
  return result;
}

/* The objects of an array, each read by one of the above. */
static PtResult
read_rows (PtJsonReader *reader, const char *key, PtProfile *profile, bool categories)
{
  PtJsonValue value;
  PtResult result = pt_json_expect (reader, key, PT_JSON_ARRAY, &value);

  while (result == PT_OK)
    {
      bool more;

      result = pt_json_element (reader, &more, &value);
      if (result != PT_OK || !more)
        break;
      if (value.type != PT_JSON_OBJECT
          || (categories ? profile->category_count : profile->compensation_count)
                 == PT_PROFILE_ROWS_MAX)
        return PT_MALFORMED;
      result = categories
                   ? read_category (reader, profile, &profile->categories[profile->category_count])
                   : read_compensation (reader, profile,
                                        &profile->compensation[profile->compensation_count]);
    }
  return result;
}

/* What two persons are needed for, each once and in this order. */
static PtResult
read_two_person (PtJsonReader *reader, bool out[2])
{
  static const char *const acts[] = { "reject", "revoke" };
  unsigned next = 0;
  PtJsonValue value;
  PtResult result = pt_json_expect (reader, "two_person", PT_JSON_ARRAY, &value);

  while (result == PT_OK)
    {
      bool more;

      result = pt_json_element (reader, &more, &value);
      if (result != PT_OK || !more)
        break;
      while (next < 2 && !(value.type == PT_JSON_STRING && pt_span_is (value.text, acts[next])))
        next++;
      if (next == 2)
        return PT_MALFORMED;
      out[next++] = true;
    }
  return result;
}

static PtResult
read_members (PtJsonReader *reader, PtProfile *out)
{
  PtResult result = pt_json_expect_integer (reader, "announce_min", 0, &out->announce_min);

  if (result == PT_OK)
    result = read_rows (reader, "categories", out, true);
  if (result == PT_OK && out->category_count == 0)
    result = PT_MALFORMED;
  if (result == PT_OK)
    result = read_rows (reader, "compensation", out, false);
  if (result == PT_OK)
    result = pt_json_expect_literal (reader, "format", FORMAT);
  if (result == PT_OK)
    result = pt_json_expect_integer (reader, "held_min", 0, &out->held_min);
  if (result == PT_OK)
    result = expect_either (reader, "major_event_days", "ieee-1366-beta", "none", &out->beta);
  if (result == PT_OK)
    result = pt_json_expect_integer (reader, "reopen_days", 0, &out->reopen_days);
  if (result == PT_OK)
    result = pt_json_expect_integer (reader, "sustained_ms", 0, &out->sustained_ms);
  if (result == PT_OK)
    result = read_two_person (reader, out->two_person);
  if (result == PT_OK)
    result = pt_json_expect_integer (reader, "utc_offset_min", -DAY_MIN, &out->utc_offset_min);
  return result == PT_OK && out->utc_offset_min > DAY_MIN ? PT_MALFORMED : result;
}

PtResult
pt_profile_parse (PtSpan document, PtProfile *out)
{
  PtJsonReader reader;
  PtResult result;

  memset (out, 0, sizeof *out);
  if (document.size > PT_PROFILE_MAX)
    return PT_TOO_LARGE;
  pt_json_reader_init (&reader, document);
  result = pt_json_open (&reader);
  if (result == PT_OK)
    result = read_members (&reader, out);
  if (result == PT_OK)
    result = pt_json_expect_end (&reader);
  if (result == PT_OK)
    result = pt_json_finish (&reader);
  if (result == PT_OK)
    return PT_OK;
  memset (out, 0, sizeof *out);
  return result == PT_MALFORMED ? pt_json_classify (document) : result;
}

const PtProfileCategory *
pt_profile_category (const PtProfile *profile, PtSpan id)
{
  for (unsigned i = 0; i < profile->category_count; i++)
    if (pt_span_equal (profile->categories[i].id, id))
      return &profile->categories[i];
  return NULL;
}

PtComplaintTerms
pt_profile_terms (const PtProfile *profile, PtSpan category)
{
  const PtProfileCategory *row = pt_profile_category (profile, category);
  PtComplaintTerms terms = { .held_min = profile->held_min, .reopen_days = profile->reopen_days };

  if (row == NULL)
    return terms;
  terms.has_evidence = row->has_evidence;
  terms.acknowledge_min = row->acknowledge_min;
  terms.resolve_min = row->resolve_min;
  return terms;
}
