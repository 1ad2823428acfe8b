/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-fuzz.h"

#include "pt-json.h"

static const PtSpan seeds[] = {
  PT_FUZZ_WORD ("{\"a\":\"b\\n\\u0001é\",\"c\":[1,-20,\"x\",{\"d\":{}}],\"e\":0}"),
  PT_FUZZ_WORD ("{\"a\":[[[[[[[]]]]]]]}"),
  PT_FUZZ_WORD ("{\"\":\"12345678\\\"\\\\1234567890123456\"}"),
};

static const PtSpan words[] = {
  PT_FUZZ_WORD ("{"),       PT_FUZZ_WORD ("}"),         PT_FUZZ_WORD ("["),
  PT_FUZZ_WORD ("]"),       PT_FUZZ_WORD ("\"a\":"),    PT_FUZZ_WORD (","),
  PT_FUZZ_WORD ("null"),    PT_FUZZ_WORD ("true"),      PT_FUZZ_WORD ("1.5e-3"),
  PT_FUZZ_WORD ("-"),       PT_FUZZ_WORD ("\\"),        PT_FUZZ_WORD ("\\ud83d"),
  PT_FUZZ_WORD ("\\ude00"), PT_FUZZ_WORD ("[[[[[["),    PT_FUZZ_WORD ("\xed\xa0\x80"),
  PT_FUZZ_WORD ("\""),      PT_FUZZ_WORD ("{\"z\":0}"), PT_FUZZ_WORD ("\\u001f"),
  PT_FUZZ_WORD (" "),       PT_FUZZ_WORD ("00"),
};

static void
write_text (PtJsonWriter *writer, PtSpan escaped)
{
  static char text[PT_FUZZ_SIZE_MAX];
  size_t size;

  pt_fuzz_require (pt_json_unescape (escaped, text, sizeof text, &size) == PT_OK);
  pt_json_write_string (writer, pt_span (text, size));
}

/* Whether @value was an opening. */
static bool
write_value (PtJsonWriter *writer, const PtJsonValue *value)
{
  if (value->type == PT_JSON_STRING)
    write_text (writer, value->text);
  else if (value->type == PT_JSON_INTEGER)
    pt_json_write_integer (writer, value->integer);
  else
    pt_json_write_literal (writer, value->type == PT_JSON_OBJECT ? "{" : "[");
  return value->type == PT_JSON_OBJECT || value->type == PT_JSON_ARRAY;
}

/* Writes what is read again; equal to the input because there is one form. */
static PtResult
copy (PtJsonReader *reader, PtJsonWriter *writer)
{
  PtResult result = pt_json_open (reader);
  bool first = true, more;
  PtJsonValue value;
  PtSpan key;

  pt_json_write_literal (writer, "{");
  while (result == PT_OK && reader->depth > 0)
    {
      bool object = reader->kind[reader->depth - 1] == PT_JSON_OBJECT;

      result = object ? pt_json_member (reader, &more, &key, &value, NULL)
                      : pt_json_element (reader, &more, &value);
      if (result != PT_OK)
        return result;
      if (!more)
        pt_json_write_literal (writer, object ? "}" : "]");
      else if (!first)
        pt_json_write_literal (writer, ",");
      first = false;
      if (more && object)
        {
          write_text (writer, key);
          pt_json_write_literal (writer, ":");
        }
      if (more)
        first = write_value (writer, &value);
    }
  return result == PT_OK ? pt_json_finish (reader) : result;
}

static bool
target (PtSpan input)
{
  static char text[2 * PT_FUZZ_SIZE_MAX];
  PtJsonReader reader;
  PtJsonWriter writer;
  PtSpan written;
  PtResult result;
  size_t size;

  pt_json_unescape (input, text, sizeof text, &size);
  pt_json_reader_init (&reader, input);
  pt_json_writer_init (&writer, text, sizeof text);
  result = copy (&reader, &writer);
  if (result != PT_OK)
    {
      pt_fuzz_require (result == pt_json_classify (input));
      return false;
    }
  pt_fuzz_require (pt_json_is_json (input));
  pt_fuzz_require (pt_json_writer_finish (&writer, &written) == PT_OK);
  pt_fuzz_require (pt_span_equal (written, input));
  return true;
}

int
main (int argc, char **argv)
{
  const PtFuzz fuzz
      = { seeds, sizeof seeds / sizeof *seeds, words, sizeof words / sizeof *words, target };

  return pt_fuzz_main (&fuzz, argc, argv);
}
