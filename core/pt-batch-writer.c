/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-batch.h"

#include <string.h>

static PtResult
emit (PtBatchWriter *writer, const void *data, size_t size)
{
  return writer->sink (writer->context, data, size) ? PT_OK : PT_STOPPED;
}

PtResult
pt_batch_writer_open (PtBatchWriter *writer, const PtBatchHeader *header, PtSink sink,
                      void *context)
{
  char line[PT_BATCH_FIRST_LINE_MAX];
  size_t size;
  PtResult result;

  memset (writer, 0, sizeof *writer);
  writer->header = *header;
  writer->frontier = header->previous;
  writer->sink = sink;
  writer->context = context;
  pt_frontier_root (&header->previous, &writer->header.previous_root);
  /* What the last line will refuse is better known before a million entries are written. */
  if (header->from < 0 || header->to > PT_INTEGER_MAX || header->from >= header->to)
    return PT_BAD_WINDOW;
  if (header->previous.size > (uint64_t) PT_INTEGER_MAX)
    return PT_MALFORMED;

  result = pt_batch_write_first_line (header, line, sizeof line - 1, &size);
  if (result != PT_OK)
    return result;
  line[size++] = '\n';
  return emit (writer, line, size);
}

PtResult
pt_batch_writer_append (PtBatchWriter *writer, PtSpan entry, PtHash *leaf)
{
  PtHash hash;
  PtResult result = PT_OK;

  if (leaf != NULL)
    memset (leaf, 0, sizeof *leaf);
  if (entry.size == 0)
    return PT_MALFORMED;
  if (entry.size > PT_ENTRY_MAX)
    return PT_TOO_LARGE;
  if (writer->frontier.size > writer->header.previous.size)
    result = emit (writer, ",\n", 2);
  if (result == PT_OK)
    result = emit (writer, entry.data, entry.size);
  if (result != PT_OK)
    return result;

  pt_tree_leaf_hash (entry, &hash);
  pt_frontier_append (&writer->frontier, &hash);
  if (leaf != NULL)
    *leaf = hash;
  return PT_OK;
}

PtResult
pt_batch_writer_close (PtBatchWriter *writer, PtBatchHeader *out)
{
  char line[PT_BATCH_LAST_LINE_MAX];
  PtBatchHeader *header = &writer->header;
  size_t size;
  PtResult result;

  memset (out, 0, sizeof *out);
  if (writer->frontier.size - header->previous.size < 2)
    return PT_MALFORMED;
  header->size = writer->frontier.size;
  pt_frontier_root (&writer->frontier, &header->root);

  line[0] = '\n'; /* ends the last entry's line, which has no comma */
  result = pt_batch_write_last_line (header, line + 1, sizeof line - 2, &size);
  if (result != PT_OK)
    return result;
  line[1 + size] = '\n';
  result = emit (writer, line, size + 2);
  if (result == PT_OK)
    *out = *header;
  return result;
}
