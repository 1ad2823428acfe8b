/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-batch.h"

#include <string.h>

/* An entry and its comma; the first and the last line are shorter. */
#define LINE_MAX_SIZE (PT_ENTRY_MAX + 1)

enum
{
  STATE_FIRST_LINE,
  STATE_FIRST_ENTRY,
  STATE_ENTRIES,
  STATE_END
};

PtResult
pt_batch_reader_init (PtBatchReader *reader, const PtFrontier *previous, char *buffer,
                      size_t buffer_size, PtBatchVisitor visitor, void *context)
{
  memset (reader, 0, sizeof *reader);
  reader->frontier = *previous;
  reader->header.previous = *previous;
  reader->visitor = visitor;
  reader->context = context;
  reader->buffer = buffer;
  reader->buffer_size = buffer_size;
  reader->state = STATE_FIRST_LINE;
  reader->line = 1;
  reader->result = buffer_size < LINE_MAX_SIZE + 1 ? PT_NO_SPACE : PT_OK;
  return reader->result;
}

/* Where the first newline of @data stands, or @size. Eight bytes at a time: this sees every byte of
 * a file that is audited, and core has no memchr. */
static size_t
find_newline (const char *data, size_t size)
{
  const uint64_t ones = 0x0101010101010101u, highs = 0x8080808080808080u;
  size_t i = 0;

  for (; size - i >= sizeof ones; i += sizeof ones)
    {
      uint64_t word;

      memcpy (&word, data + i, sizeof word);
      word ^= ones * '\n'; /* a newline is now a zero byte */
      if (((word - ones) & ~word & highs) != 0)
        break;
    }
  while (i < size && data[i] != '\n')
    i++;
  return i;
}

static PtResult
take_entry (PtBatchReader *reader, PtSpan line)
{
  uint64_t index = reader->frontier.size;
  PtHash leaf;

  reader->comma = line.data[line.size - 1] == ',';
  if (reader->comma)
    line.size--;
  if (line.size == 0)
    return PT_MALFORMED;
  if (line.size > PT_ENTRY_MAX)
    return PT_TOO_LARGE;
  pt_tree_leaf_hash (line, &leaf);
  pt_frontier_append (&reader->frontier, &leaf);
  if (reader->visitor == NULL)
    return PT_OK;
  return reader->visitor (reader->context, index, line, &leaf);
}

static bool
frontiers_equal (const PtFrontier *a, const PtFrontier *b)
{
  return a->size == b->size
         && memcmp (a->nodes, b->nodes, pt_frontier_count (a) * sizeof *a->nodes) == 0;
}

static PtResult
take_last_line (PtBatchReader *reader, PtSpan line)
{
  PtBatchHeader parsed = reader->header;
  PtResult result = pt_batch_parse_last_line (line, &parsed);
  PtHash root;

  if (result != PT_OK)
    return result;
  if (!frontiers_equal (&parsed.previous, &reader->header.previous)
      || parsed.size != reader->frontier.size)
    return PT_BAD_PROOF;
  pt_frontier_root (&reader->frontier, &root);
  if (memcmp (root.bytes, parsed.root.bytes, PT_HASH_SIZE) != 0)
    return PT_BAD_PROOF;
  if (reader->frontier.size - reader->header.previous.size < 2)
    return PT_MALFORMED;
  reader->header = parsed;
  reader->state = STATE_END;
  return PT_OK;
}

static PtResult
take_line (PtBatchReader *reader, PtSpan line)
{
  PtResult result;

  if (line.size == 0 || reader->state == STATE_END)
    return PT_MALFORMED;
  if (line.size > LINE_MAX_SIZE)
    return PT_TOO_LARGE;
  if (reader->state == STATE_FIRST_LINE)
    {
      result = pt_batch_parse_first_line (line, &reader->header);
      reader->state = STATE_FIRST_ENTRY;
    }
  else if (reader->state == STATE_ENTRIES && !reader->comma)
    result = take_last_line (reader, line);
  else
    {
      /* No entry begins so: the file ends early, after a comma or without any entry. */
      result = line.data[0] == ']' ? PT_MALFORMED : take_entry (reader, line);
      reader->state = STATE_ENTRIES;
    }
  if (result == PT_OK)
    reader->line++;
  return result;
}

/* Keeps the beginning of a line whose end has not been fed yet. */
static PtResult
keep (PtBatchReader *reader, const char *data, size_t size)
{
  if (reader->state == STATE_END)
    return PT_MALFORMED;
  if (size > LINE_MAX_SIZE - reader->used)
    return PT_TOO_LARGE;
  memcpy (reader->buffer + reader->used, data, size);
  reader->used += size;
  return PT_OK;
}

PtResult
pt_batch_reader_feed (PtBatchReader *reader, const void *data, size_t size)
{
  const char *cursor = data;

  while (size > 0 && reader->result == PT_OK)
    {
      size_t length = find_newline (cursor, size);
      bool complete = length < size;

      if (complete && reader->used == 0)
        reader->result = take_line (reader, pt_span (cursor, length));
      else
        {
          reader->result = keep (reader, cursor, length);
          if (complete && reader->result == PT_OK)
            {
              reader->result = take_line (reader, pt_span (reader->buffer, reader->used));
              reader->used = 0;
            }
        }
      length += complete ? 1 : 0;
      cursor += length;
      size -= length;
    }
  return reader->result;
}

PtResult
pt_batch_reader_finish (PtBatchReader *reader, PtBatchHeader *out)
{
  memset (out, 0, sizeof *out);
  if (reader->result == PT_OK && (reader->state != STATE_END || reader->used != 0))
    reader->result = PT_MALFORMED;
  if (reader->result == PT_OK)
    *out = reader->header;
  return reader->result;
}
