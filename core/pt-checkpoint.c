/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-checkpoint.h"

#include <string.h>

#include "pt-json-expect.h"

static PtSpan
area_of (const PtCheckpoint *checkpoint)
{
  size_t size = 0;

  while (size <= PT_AREA_MAX && checkpoint->area[size] != '\0')
    size++;
  return pt_span (checkpoint->area, size);
}

static PtResult
read_cid (PtJsonReader *reader, PtCid *out)
{
  PtSpan text;
  PtResult result = pt_json_expect_text (reader, "cid", &text);

  return result == PT_OK ? pt_cid_from_text (text, out) : result;
}

static PtResult
read_number (PtJsonReader *reader, const char *key, int64_t least, uint64_t *out)
{
  int64_t value;
  PtResult result = pt_json_expect_integer (reader, key, least, &value);

  *out = (uint64_t) value;
  return result;
}

static PtResult
read_members (PtJsonReader *reader, PtCheckpoint *out)
{
  PtSpan area;
  PtResult result = pt_json_expect_area (reader, "area", &area);

  if (result == PT_OK)
    memcpy (out->area, area.data, area.size);
  if (result == PT_OK)
    result = read_number (reader, "batch", 1, &out->batch);
  if (result == PT_OK)
    result = read_cid (reader, &out->cid);
  if (result == PT_OK)
    result = read_number (reader, "from", 0, &out->from);
  if (result == PT_OK)
    result = pt_json_expect_hex (reader, "root", out->root.bytes, PT_HASH_SIZE);
  if (result == PT_OK)
    result = read_number (reader, "size", 1, &out->size);
  if (result == PT_OK)
    result = read_number (reader, "to", 0, &out->to);
  if (result == PT_OK)
    result = pt_json_expect_end (reader);
  return result == PT_OK ? pt_json_finish (reader) : result;
}

PtResult
pt_checkpoint_parse (PtSpan line, PtCheckpoint *out)
{
  PtJsonReader reader;
  PtResult result;

  memset (out, 0, sizeof *out);
  if (line.size > PT_CHECKPOINT_LINE_MAX)
    return PT_TOO_LARGE;
  pt_json_reader_init (&reader, line);
  result = pt_json_open (&reader);
  if (result == PT_OK)
    result = read_members (&reader, out);
  if (result == PT_MALFORMED)
    result = pt_json_classify (line);
  if (result != PT_OK)
    memset (out, 0, sizeof *out);
  return result;
}

static void
write_number (PtJsonWriter *writer, const char *key, uint64_t value)
{
  pt_json_write_literal (writer, key);
  pt_json_write_integer (writer, (int64_t) value);
}

static bool
is_number (uint64_t value, uint64_t least)
{
  return value >= least && value <= (uint64_t) PT_INTEGER_MAX;
}

PtResult
pt_checkpoint_write (const PtCheckpoint *checkpoint, char *out, size_t out_size, size_t *size)
{
  char cid[PT_CID_TEXT_SIZE + 1];
  PtSpan written = { 0 };
  PtJsonWriter writer;
  PtCid checked;
  PtResult result;

  *size = 0;
  if (!pt_is_area_id (area_of (checkpoint)) || !is_number (checkpoint->batch, 1)
      || !is_number (checkpoint->size, 1) || !is_number (checkpoint->from, 0)
      || !is_number (checkpoint->to, 0)
      || pt_cid_from_bytes (checkpoint->cid.bytes, PT_CID_SIZE, &checked) != PT_OK)
    return PT_MALFORMED;
  pt_cid_to_text (&checked, cid);

  pt_json_writer_init (&writer, out, out_size);
  pt_json_write_literal (&writer, "{\"area\":");
  pt_json_write_string (&writer, area_of (checkpoint));
  write_number (&writer, ",\"batch\":", checkpoint->batch);
  pt_json_write_literal (&writer, ",\"cid\":");
  pt_json_write_string (&writer, pt_span (cid, PT_CID_TEXT_SIZE));
  write_number (&writer, ",\"from\":", checkpoint->from);
  pt_json_write_literal (&writer, ",\"root\":");
  pt_json_write_hex (&writer, checkpoint->root.bytes, PT_HASH_SIZE);
  write_number (&writer, ",\"size\":", checkpoint->size);
  write_number (&writer, ",\"to\":", checkpoint->to);
  pt_json_write_literal (&writer, "}");
  result = pt_json_writer_finish (&writer, &written);
  *size = result == PT_OK ? written.size : 0;
  return result;
}

int
pt_checkpoint_compare (const PtCheckpoint *a, const PtCheckpoint *b)
{
  int order = pt_span_compare (area_of (a), area_of (b));

  return order != 0 ? order : (a->batch > b->batch) - (a->batch < b->batch);
}

bool
pt_checkpoint_equal (const PtCheckpoint *a, const PtCheckpoint *b)
{
  return pt_checkpoint_compare (a, b) == 0 && a->size == b->size && a->from == b->from
         && a->to == b->to && memcmp (a->root.bytes, b->root.bytes, PT_HASH_SIZE) == 0
         && pt_cid_equal (&a->cid, &b->cid);
}

PtResult
pt_checkpoint_follows (const PtCheckpoint *previous, const PtCheckpoint *next)
{
  static const PtCheckpoint none = { 0 };
  const PtCheckpoint *last = previous != NULL ? previous : &none;

  if (next->batch - 1 != last->batch || next->size <= last->size
      || next->size - last->size > PT_CHECKPOINT_GROWTH_MAX)
    return PT_BAD_PROOF;
  if (last->batch != 0 && next->from != last->to)
    return PT_BAD_WINDOW;
  return next->from < next->to ? PT_OK : PT_BAD_WINDOW;
}

bool
pt_checkpoint_conflicts (const PtCheckpoint *a, const PtCheckpoint *b)
{
  const PtCheckpoint *earlier = a->batch < b->batch ? a : b, *later = earlier == a ? b : a;

  if (!pt_span_equal (area_of (a), area_of (b)))
    return false;
  if (a->batch == b->batch)
    return !pt_checkpoint_equal (a, b);
  if (later->size <= earlier->size)
    return true;
  return later->batch - 1 == earlier->batch ? later->from != earlier->to
                                            : later->from < earlier->to;
}
