/* SPDX-License-Identifier: Apache-2.0 */

/* The first and the last line of a batch file. Neither is a JSON text of its own, so they are read
 * token by token; as every token has one encoding and nothing may stand between two, what is
 * accepted is exactly what the writers below produce. */

#include "pt-batch.h"

#include <string.h>

#include "pt-encoding.h"
#include "pt-json.h"

static bool
fits (uint64_t value)
{
  return value <= (uint64_t) PT_INTEGER_MAX;
}

static bool
take_literal (PtSpan *cursor, const char *literal)
{
  size_t size = 0;

  for (; literal[size] != '\0'; size++)
    if (size == cursor->size || cursor->data[size] != literal[size])
      return false;
  *cursor = pt_span (cursor->data + size, cursor->size - size);
  return true;
}

static bool
take_integer (PtSpan *cursor, int64_t *value)
{
  size_t size = 0;

  while (size < cursor->size && cursor->data[size] >= '0' && cursor->data[size] <= '9')
    size++;
  if (!pt_integer_decode (pt_span (cursor->data, size), value))
    return false;
  *cursor = pt_span (cursor->data + size, cursor->size - size);
  return true;
}

static bool
take_count (PtSpan *cursor, uint64_t *value)
{
  int64_t integer = 0;
  bool taken = take_integer (cursor, &integer);

  *value = (uint64_t) integer;
  return taken;
}

/* A hash in hex, quotes included. */
static bool
take_hash (PtSpan *cursor, PtHash *hash)
{
  const size_t size = 2 * PT_HASH_SIZE;

  memset (hash, 0, sizeof *hash);
  if (!take_literal (cursor, "\"") || cursor->size < size
      || !pt_hex_decode (pt_span (cursor->data, size), hash->bytes, PT_HASH_SIZE))
    return false;
  *cursor = pt_span (cursor->data + size, cursor->size - size);
  return take_literal (cursor, "\"");
}

/* Up to its closing bracket. */
static bool
take_frontier (PtSpan *cursor, PtHash nodes[PT_TREE_DEPTH_MAX], size_t *count)
{
  *count = 0;
  if (take_literal (cursor, "]"))
    return true;
  do
    if (*count == PT_TREE_DEPTH_MAX || !take_hash (cursor, &nodes[(*count)++]))
      return false;
  while (take_literal (cursor, ","));
  return take_literal (cursor, "]");
}

bool
pt_batch_first_line (PtSpan head, PtSpan *line)
{
  size_t size = 0;

  while (size < head.size && head.data[size] != '\n')
    size++;
  *line = pt_span (head.data, size);
  return size < head.size;
}

bool
pt_batch_last_line (PtSpan tail, PtSpan *line)
{
  size_t begin, end = tail.size > 0 ? tail.size - 1 : 0;

  *line = pt_span (tail.data, 0);
  if (tail.size == 0 || tail.data[end] != '\n')
    return false;
  for (begin = end; begin > 0 && tail.data[begin - 1] != '\n'; begin--)
    ;
  *line = pt_span (tail.data + begin, end - begin);
  return begin > 0;
}

PtResult
pt_batch_parse_first_line (PtSpan line, PtBatchHeader *out)
{
  PtSpan cursor = line, area;
  uint64_t batch;
  size_t size = 0;

  memset (out->area, 0, sizeof out->area);
  out->batch = 0;
  if (!take_literal (&cursor, "{\"area\":\""))
    return PT_MALFORMED;
  while (size < cursor.size && cursor.data[size] != '"')
    size++;
  area = pt_span (cursor.data, size);
  cursor = pt_span (cursor.data + size, cursor.size - size);
  if (!pt_is_area_id (area) || !take_literal (&cursor, "\",\"batch\":")
      || !take_count (&cursor, &batch) || !take_literal (&cursor, ",\"entries\":[")
      || cursor.size != 0 || batch == 0)
    return PT_MALFORMED;
  out->batch = batch;
  memcpy (out->area, area.data, area.size);
  return PT_OK;
}

/* What the numbers and hashes of a last line must be to each other. */
static PtResult
check_last_line (const PtBatchHeader *header)
{
  PtHash root;

  if (header->from < 0 || header->to > PT_INTEGER_MAX || header->from >= header->to)
    return PT_BAD_WINDOW;
  pt_frontier_root (&header->previous, &root);
  if (memcmp (root.bytes, header->previous_root.bytes, PT_HASH_SIZE) != 0)
    return PT_BAD_PROOF;
  return header->size > header->previous.size ? PT_OK : PT_BAD_PROOF;
}

static PtResult
parse_last_line (PtSpan line, PtBatchHeader *out)
{
  PtHash nodes[PT_TREE_DEPTH_MAX];
  PtSpan cursor = line;
  uint64_t previous_size;
  size_t count;
  PtResult result;

  if (!take_literal (&cursor, "],\"format\":\"powertrack-batch-1\",\"from\":")
      || !take_integer (&cursor, &out->from) || !take_literal (&cursor, ",\"frontier\":[")
      || !take_frontier (&cursor, nodes, &count) || !take_literal (&cursor, ",\"prev_root\":")
      || !take_hash (&cursor, &out->previous_root) || !take_literal (&cursor, ",\"prev_size\":")
      || !take_count (&cursor, &previous_size) || !take_literal (&cursor, ",\"root\":")
      || !take_hash (&cursor, &out->root) || !take_literal (&cursor, ",\"size\":")
      || !take_count (&cursor, &out->size) || !take_literal (&cursor, ",\"to\":")
      || !take_integer (&cursor, &out->to) || !take_literal (&cursor, "}") || cursor.size != 0)
    return PT_MALFORMED;
  result = pt_frontier_load (&out->previous, previous_size, nodes, count);
  return result != PT_OK ? result : check_last_line (out);
}

PtResult
pt_batch_parse_last_line (PtSpan line, PtBatchHeader *out)
{
  PtResult result = parse_last_line (line, out);

  if (result == PT_OK)
    return PT_OK;
  out->from = out->to = 0;
  out->size = 0;
  pt_frontier_init (&out->previous);
  memset (&out->previous_root, 0, sizeof out->previous_root);
  memset (&out->root, 0, sizeof out->root);
  return result;
}

/* Length of the NUL-terminated area, or 0 when it is no area's id. */
static size_t
area_size (const char area[PT_AREA_MAX + 1])
{
  size_t size = 0;

  while (size <= PT_AREA_MAX && area[size] != '\0')
    size++;
  return pt_is_area_id (pt_span (area, size)) ? size : 0;
}

static PtResult
finish_line (const PtJsonWriter *writer, size_t *size)
{
  PtSpan span = { 0 };
  PtResult result = pt_json_writer_finish (writer, &span);

  *size = result == PT_OK ? span.size : 0;
  return result;
}

PtResult
pt_batch_write_first_line (const PtBatchHeader *header, char *out, size_t out_size, size_t *size)
{
  size_t area = area_size (header->area);
  PtJsonWriter writer;

  *size = 0;
  if (area == 0 || header->batch == 0 || !fits (header->batch))
    return PT_MALFORMED;
  pt_json_writer_init (&writer, out, out_size);
  pt_json_write_literal (&writer, "{\"area\":");
  pt_json_write_string (&writer, pt_span (header->area, area));
  pt_json_write_literal (&writer, ",\"batch\":");
  pt_json_write_integer (&writer, (int64_t) header->batch);
  pt_json_write_literal (&writer, ",\"entries\":[");
  return finish_line (&writer, size);
}

static void
write_number (PtJsonWriter *writer, const char *key, int64_t value)
{
  pt_json_write_literal (writer, key);
  pt_json_write_integer (writer, value);
}

static void
write_hash (PtJsonWriter *writer, const char *key, const PtHash *hash)
{
  pt_json_write_literal (writer, key);
  pt_json_write_hex (writer, hash->bytes, PT_HASH_SIZE);
}

PtResult
pt_batch_write_last_line (const PtBatchHeader *header, char *out, size_t out_size, size_t *size)
{
  PtResult result = check_last_line (header);
  PtJsonWriter writer;

  *size = 0;
  if (result != PT_OK)
    return result;
  if (!fits (header->size))
    return PT_MALFORMED;
  pt_json_writer_init (&writer, out, out_size);
  pt_json_write_literal (&writer, "],\"format\":\"powertrack-batch-1\"");
  write_number (&writer, ",\"from\":", header->from);
  pt_json_write_literal (&writer, ",\"frontier\":[");
  for (size_t i = 0; i < pt_frontier_count (&header->previous); i++)
    write_hash (&writer, i > 0 ? "," : "", &header->previous.nodes[i]);
  write_hash (&writer, "],\"prev_root\":", &header->previous_root);
  write_number (&writer, ",\"prev_size\":", (int64_t) header->previous.size);
  write_hash (&writer, ",\"root\":", &header->root);
  write_number (&writer, ",\"size\":", (int64_t) header->size);
  write_number (&writer, ",\"to\":", header->to);
  pt_json_write_literal (&writer, "}");
  return finish_line (&writer, size);
}
