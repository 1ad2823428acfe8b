/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-dossier.h"

#include <string.h>

#include "pt-encoding.h"
#include "pt-json.h"

#define FORMAT "powertrack-dossier-1"

typedef struct
{
  PtJsonReader json;
  char *buffer;
  size_t size, used;
} Reader;

/* Reads the next member, which must be @key with a value of @type. */
static PtResult
expect (Reader *reader, const char *key, PtJsonType type, PtJsonValue *value)
{
  PtSpan found;
  bool more;
  PtResult result = pt_json_member (&reader->json, &more, &found, value, NULL);

  if (result != PT_OK)
    return result;
  return more && pt_span_is (found, key) && value->type == type ? PT_OK : PT_MALFORMED;
}

static PtResult
expect_end (Reader *reader)
{
  PtJsonValue value;
  PtSpan found;
  bool more;
  PtResult result = pt_json_member (&reader->json, &more, &found, &value, NULL);

  return result == PT_OK && more ? PT_MALFORMED : result;
}

/* Behind what stands in the buffer already. */
static PtResult
unescape (Reader *reader, PtSpan text, PtSpan *out)
{
  size_t size;
  PtResult result
      = pt_json_unescape (text, reader->buffer + reader->used, reader->size - reader->used, &size);

  if (result != PT_OK)
    return result;
  *out = pt_span (reader->buffer + reader->used, size);
  reader->used += size;
  return PT_OK;
}

static PtResult
expect_text (Reader *reader, const char *key, PtSpan *out)
{
  PtJsonValue value;
  PtResult result = expect (reader, key, PT_JSON_STRING, &value);

  return result == PT_OK ? unescape (reader, value.text, out) : result;
}

static PtResult
expect_texts (Reader *reader, const char *key, PtDossierTexts *out)
{
  PtJsonValue value;
  bool more = true;
  PtResult result = expect (reader, key, PT_JSON_ARRAY, &value);

  while (result == PT_OK)
    {
      result = pt_json_element (&reader->json, &more, &value);
      if (result != PT_OK || !more)
        break;
      if (value.type != PT_JSON_STRING)
        return PT_MALFORMED;
      if (out->count == PT_DOSSIER_TEXTS_MAX)
        return PT_TOO_LARGE;
      result = unescape (reader, value.text, &out->items[out->count++]);
    }
  return result;
}

static PtResult
read_step (Reader *reader, PtDossierStep *out)
{
  PtResult result = expect_text (reader, "entry", &out->entry);

  if (result == PT_OK)
    result = expect_text (reader, "evidence", &out->evidence);
  if (result == PT_OK)
    result = expect_text (reader, "proof", &out->proof);
  if (result == PT_OK)
    result = expect_text (reader, "receipt", &out->receipt);
  return result == PT_OK ? expect_end (reader) : result;
}

static PtResult
expect_steps (Reader *reader, PtDossier *out)
{
  PtJsonValue value;
  bool more = true;
  PtResult result = expect (reader, "steps", PT_JSON_ARRAY, &value);

  while (result == PT_OK)
    {
      result = pt_json_element (&reader->json, &more, &value);
      if (result != PT_OK || !more)
        break;
      if (value.type != PT_JSON_OBJECT)
        return PT_MALFORMED;
      if (out->step_count == PT_DOSSIER_STEPS_MAX)
        return PT_TOO_LARGE;
      result = read_step (reader, &out->steps[out->step_count++]);
    }
  return result == PT_OK && out->step_count == 0 ? PT_MALFORMED : result;
}

static PtResult
expect_number (Reader *reader, const char *key, int64_t *out)
{
  PtJsonValue value;
  PtResult result = expect (reader, key, PT_JSON_INTEGER, &value);

  if (result != PT_OK)
    return result;
  *out = value.integer;
  return value.integer >= 0 ? PT_OK : PT_MALFORMED;
}

/* The members up to "made". */
static PtResult
read_head (Reader *reader, PtDossier *out)
{
  PtJsonValue value;
  PtResult result = expect_text (reader, "area", &out->area);

  if (result == PT_OK)
    result = expect_text (reader, "complaint", &out->complaint);
  if (result == PT_OK && (!pt_is_area_id (out->area) || !pt_is_id (out->complaint)))
    result = PT_MALFORMED;
  if (result == PT_OK)
    result = expect (reader, "format", PT_JSON_STRING, &value);
  if (result == PT_OK && !pt_span_is (value.text, FORMAT))
    result = PT_MALFORMED;
  if (result == PT_OK)
    result = expect_number (reader, "left_out", &out->left_out);
  return result == PT_OK ? expect_number (reader, "made", &out->made) : result;
}

PtResult
pt_dossier_parse (PtSpan text, char *buffer, size_t buffer_size, PtDossier *out)
{
  Reader reader = { .buffer = buffer, .size = buffer_size };
  PtResult result;

  memset (out, 0, sizeof *out);
  if (text.size > PT_DOSSIER_MAX)
    return PT_TOO_LARGE;
  pt_json_reader_init (&reader.json, text);
  result = pt_json_open (&reader.json);
  if (result == PT_OK)
    result = read_head (&reader, out);
  if (result == PT_OK)
    result = expect_texts (&reader, "privates", &out->privates);
  if (result == PT_OK)
    result = expect_texts (&reader, "profiles", &out->profiles);
  if (result == PT_OK)
    result = expect_texts (&reader, "registrations", &out->registrations);
  if (result == PT_OK)
    result = expect_texts (&reader, "reports", &out->reports);
  if (result == PT_OK)
    result = expect_steps (&reader, out);
  if (result == PT_OK)
    result = expect_end (&reader);
  if (result == PT_OK)
    result = pt_json_finish (&reader.json);
  if (result != PT_OK)
    memset (out, 0, sizeof *out);
  return result;
}

static bool
are_writable (const PtDossierTexts *texts)
{
  if (texts->count > PT_DOSSIER_TEXTS_MAX)
    return false;
  for (size_t i = 0; i < texts->count; i++)
    if (!pt_is_utf8 (texts->items[i]))
      return false;
  return true;
}

/* What the parser would refuse must not be written. */
static bool
is_writable (const PtDossier *dossier)
{
  if (!pt_is_area_id (dossier->area) || !pt_is_id (dossier->complaint) || dossier->made < 0
      || dossier->made > PT_INTEGER_MAX || dossier->left_out < 0
      || dossier->left_out > PT_INTEGER_MAX || dossier->step_count == 0
      || dossier->step_count > PT_DOSSIER_STEPS_MAX || !are_writable (&dossier->privates)
      || !are_writable (&dossier->profiles) || !are_writable (&dossier->registrations)
      || !are_writable (&dossier->reports))
    return false;
  for (size_t i = 0; i < dossier->step_count; i++)
    if (!pt_is_utf8 (dossier->steps[i].entry) || !pt_is_utf8 (dossier->steps[i].evidence)
        || !pt_is_utf8 (dossier->steps[i].proof) || !pt_is_utf8 (dossier->steps[i].receipt))
      return false;
  return true;
}

static void
write_text (PtJsonWriter *writer, const char *key, PtSpan text)
{
  pt_json_write_literal (writer, key);
  pt_json_write_string (writer, text);
}

static void
write_texts (PtJsonWriter *writer, const char *key, const PtDossierTexts *texts)
{
  pt_json_write_literal (writer, key);
  for (size_t i = 0; i < texts->count; i++)
    write_text (writer, i > 0 ? "," : "", texts->items[i]);
  pt_json_write_literal (writer, "]");
}

PtResult
pt_dossier_write (const PtDossier *dossier, char *out, size_t out_size, size_t *size)
{
  PtJsonWriter writer;
  PtSpan written = { 0 };
  PtResult result;

  *size = 0;
  if (!is_writable (dossier))
    return PT_MALFORMED;
  pt_json_writer_init (&writer, out, out_size);
  write_text (&writer, "{\"area\":", dossier->area);
  write_text (&writer, ",\"complaint\":", dossier->complaint);
  pt_json_write_literal (&writer, ",\"format\":\"" FORMAT "\",\"left_out\":");
  pt_json_write_integer (&writer, dossier->left_out);
  pt_json_write_literal (&writer, ",\"made\":");
  pt_json_write_integer (&writer, dossier->made);
  write_texts (&writer, ",\"privates\":[", &dossier->privates);
  write_texts (&writer, ",\"profiles\":[", &dossier->profiles);
  write_texts (&writer, ",\"registrations\":[", &dossier->registrations);
  write_texts (&writer, ",\"reports\":[", &dossier->reports);
  pt_json_write_literal (&writer, ",\"steps\":[");
  for (size_t i = 0; i < dossier->step_count; i++)
    {
      write_text (&writer, i > 0 ? ",{\"entry\":" : "{\"entry\":", dossier->steps[i].entry);
      write_text (&writer, ",\"evidence\":", dossier->steps[i].evidence);
      write_text (&writer, ",\"proof\":", dossier->steps[i].proof);
      write_text (&writer, ",\"receipt\":", dossier->steps[i].receipt);
      pt_json_write_literal (&writer, "}");
    }
  pt_json_write_literal (&writer, "]}");
  result = pt_json_writer_finish (&writer, &written);
  *size = result == PT_OK ? written.size : 0;
  return result;
}
