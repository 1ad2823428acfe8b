/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-period.h"

#include <string.h>

static PtResult
emit (PtPeriodWriter *writer, const char *data, size_t size)
{
  return writer->sink (writer->context, data, size) ? PT_OK : PT_STOPPED;
}

PtResult
pt_period_writer_open (PtPeriodWriter *writer, const PtPeriods *before, PtSink sink, void *context)
{
  static const char first_line[] = "{\"checkpoints\":[\n";

  memset (writer, 0, sizeof *writer);
  writer->before = *before;
  writer->sink = sink;
  writer->context = context;
  writer->header.period = before->tree.size + 1;
  pt_frontier_root (&before->tree, &writer->header.previous);
  return emit (writer, first_line, sizeof first_line - 1);
}

PtResult
pt_period_writer_append (PtPeriodWriter *writer, const PtCheckpoint *checkpoint, PtHash *leaf)
{
  char line[2 + PT_CHECKPOINT_LINE_MAX] = ",\n";
  size_t size, before = writer->lines.tree.size > 0 ? 2 : 0;
  PtHash hash;
  PtResult result = pt_checkpoint_write (checkpoint, line + 2, sizeof line - 2, &size);

  if (leaf != NULL)
    memset (leaf, 0, sizeof *leaf);
  if (result == PT_OK)
    result
        = pt_period_lines_take (&writer->lines, checkpoint, NULL, pt_span (line + 2, size), &hash);
  if (result == PT_OK)
    result = emit (writer, line + 2 - before, size + before);
  if (result == PT_OK && leaf != NULL)
    *leaf = hash;
  return result;
}

PtResult
pt_period_writer_close (PtPeriodWriter *writer, int64_t to, PtPeriodHeader *out)
{
  char line[PT_PERIOD_LAST_LINE_MAX + 2] = "\n"; /* ends the last checkpoint's line */
  PtPeriodHeader *header = &writer->header;
  size_t size;
  PtResult result;

  memset (out, 0, sizeof *out);
  if (writer->lines.tree.size == 0)
    return PT_MALFORMED;
  header->to = to;
  header->count = (uint32_t) writer->lines.tree.size;
  pt_frontier_root (&writer->lines.tree, &header->root);
  result = pt_period_write_last_line (header, line + 1, sizeof line - 2, &size);
  if (result == PT_OK)
    result = pt_periods_check (&writer->before, header);
  if (result == PT_OK && writer->lines.to > (uint64_t) to)
    result = PT_BAD_WINDOW;
  if (result != PT_OK)
    return result;
  line[1 + size] = '\n';
  result = emit (writer, line, size + 2);
  if (result == PT_OK)
    *out = *header;
  return result;
}
