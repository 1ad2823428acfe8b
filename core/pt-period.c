/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-period.h"

#include <string.h>

#include "pt-json-expect.h"

#define FORMAT "powertrack-period-1"

static uint8_t *
put_big_endian (uint8_t *out, uint64_t value, size_t size)
{
  for (size_t i = 0; i < size; i++)
    out[i] = (uint8_t) (value >> (8 * (size - 1 - i)));
  return out + size;
}

void
pt_period_leaf (uint64_t period, const PtHash *root, uint32_t count, PtHash *out)
{
  uint8_t data[8 + PT_HASH_SIZE + 4], *next = put_big_endian (data, period, 8);

  memcpy (next, root->bytes, PT_HASH_SIZE);
  put_big_endian (next + PT_HASH_SIZE, count, 4);
  pt_tree_leaf_hash (pt_span (data, sizeof data), out);
}

PtResult
pt_periods_check (const PtPeriods *periods, const PtPeriodHeader *header)
{
  PtHash root;

  pt_frontier_root (&periods->tree, &root);
  if (header->period - 1 != periods->tree.size
      || memcmp (root.bytes, header->previous.bytes, PT_HASH_SIZE) != 0)
    return PT_BAD_PROOF;
  return periods->tree.size == 0 || header->to > periods->to ? PT_OK : PT_BAD_WINDOW;
}

void
pt_periods_append (PtPeriods *periods, const PtPeriodHeader *header)
{
  PtHash leaf;

  pt_period_leaf (header->period, &header->root, header->count, &leaf);
  pt_frontier_append (&periods->tree, &leaf);
  periods->to = header->to;
}

/* A last line is the object's end: with a brace for the "]," before its first key it is an object.
 */
static PtResult
read_last_line (PtSpan object, PtPeriodHeader *out)
{
  PtJsonReader reader;
  int64_t period = 0;
  PtResult result;

  pt_json_reader_init (&reader, object);
  result = pt_json_open (&reader);
  if (result == PT_OK)
    result = pt_json_expect_literal (&reader, "format", FORMAT);
  if (result == PT_OK)
    result = pt_json_expect_integer (&reader, "period", 1, &period);
  if (result == PT_OK)
    result = pt_json_expect_hex (&reader, "prev", out->previous.bytes, PT_HASH_SIZE);
  if (result == PT_OK)
    result = pt_json_expect_integer (&reader, "to", 0, &out->to);
  if (result == PT_OK)
    result = pt_json_expect_end (&reader);
  out->period = (uint64_t) period;
  return result == PT_OK ? pt_json_finish (&reader) : result;
}

PtResult
pt_period_parse_last_line (PtSpan line, PtPeriodHeader *out)
{
  char object[PT_PERIOD_LAST_LINE_MAX];

  memset (out, 0, sizeof *out);
  if (line.size < 2 || line.size > sizeof object || line.data[0] != ']' || line.data[1] != ',')
    return PT_MALFORMED;
  memcpy (object, line.data, line.size);
  object[1] = '{';
  if (read_last_line (pt_span (object + 1, line.size - 1), out) == PT_OK)
    return PT_OK;
  memset (out, 0, sizeof *out);
  return PT_MALFORMED;
}

PtResult
pt_period_write_last_line (const PtPeriodHeader *header, char *out, size_t out_size, size_t *size)
{
  PtSpan written = { 0 };
  PtJsonWriter writer;
  PtResult result;

  *size = 0;
  if (header->period == 0 || header->period > (uint64_t) PT_INTEGER_MAX || header->to < 0
      || header->to > PT_INTEGER_MAX)
    return PT_MALFORMED;
  pt_json_writer_init (&writer, out, out_size);
  pt_json_write_literal (&writer, "],\"format\":\"" FORMAT "\",\"period\":");
  pt_json_write_integer (&writer, (int64_t) header->period);
  pt_json_write_literal (&writer, ",\"prev\":");
  pt_json_write_hex (&writer, header->previous.bytes, PT_HASH_SIZE);
  pt_json_write_literal (&writer, ",\"to\":");
  pt_json_write_integer (&writer, header->to);
  pt_json_write_literal (&writer, "}");
  result = pt_json_writer_finish (&writer, &written);
  *size = result == PT_OK ? written.size : 0;
  return result;
}

bool
pt_period_lines_goes_on (const PtPeriodLines *lines, const PtCheckpoint *checkpoint)
{
  return lines->tree.size > 0
         && memcmp (lines->last.area, checkpoint->area, sizeof lines->last.area) == 0;
}

PtResult
pt_period_lines_take (PtPeriodLines *lines, const PtCheckpoint *checkpoint,
                      const PtCheckpoint *head, PtSpan line, PtHash *leaf)
{
  bool goes_on = pt_period_lines_goes_on (lines, checkpoint);
  PtResult result = PT_OK;

  memset (leaf, 0, sizeof *leaf);
  if (lines->tree.size == UINT32_MAX)
    return PT_TOO_LARGE;
  if (lines->tree.size > 0 && pt_checkpoint_compare (&lines->last, checkpoint) >= 0)
    return PT_MALFORMED;
  if (goes_on || head != NULL)
    result = pt_checkpoint_follows (goes_on ? &lines->last : head, checkpoint);
  else if (checkpoint->from >= checkpoint->to)
    result = PT_BAD_WINDOW;
  if (result != PT_OK)
    return result;
  pt_tree_leaf_hash (line, leaf);
  pt_frontier_append (&lines->tree, leaf);
  lines->last = *checkpoint;
  if (lines->to < checkpoint->to)
    lines->to = checkpoint->to;
  return PT_OK;
}
