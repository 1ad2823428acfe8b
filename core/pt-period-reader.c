/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-period.h"

#include <string.h>

enum
{
  STATE_FIRST_LINE,
  STATE_FIRST_CHECKPOINT,
  STATE_CHECKPOINTS,
  STATE_END
};

void
pt_period_reader_init (PtPeriodReader *reader, const PtPeriods *before, PtPeriodHeadFunc head,
                       PtPeriodVisitor visitor, void *context)
{
  memset (reader, 0, sizeof *reader);
  reader->alone = before == NULL;
  if (before != NULL)
    reader->before = *before;
  reader->head = head;
  reader->visitor = visitor;
  reader->context = context;
  reader->line = 1;
}

/* What the checkpoint is held against beside the line before; NULL: nothing is known. */
static const PtCheckpoint *
find_head (const PtPeriodReader *reader, const PtCheckpoint *checkpoint, PtCheckpoint *head)
{
  memset (head, 0, sizeof *head);
  if (reader->head == NULL || pt_period_lines_goes_on (&reader->lines, checkpoint))
    return NULL;
  if (!reader->head (reader->context, checkpoint->area, head))
    memset (head, 0, sizeof *head);
  return head;
}

static PtResult
take_checkpoint (PtPeriodReader *reader, PtSpan line)
{
  uint32_t index = (uint32_t) reader->lines.tree.size;
  PtCheckpoint checkpoint, head;
  PtHash leaf;
  PtResult result;

  reader->comma = line.data[line.size - 1] == ',';
  if (reader->comma)
    line.size--;
  result = pt_checkpoint_parse (line, &checkpoint);
  if (result == PT_OK)
    result = pt_period_lines_take (&reader->lines, &checkpoint,
                                   find_head (reader, &checkpoint, &head), line, &leaf);
  if (result != PT_OK || reader->visitor == NULL)
    return result;
  return reader->visitor (reader->context, index, &checkpoint, line, &leaf);
}

static PtResult
take_last_line (PtPeriodReader *reader, PtSpan line)
{
  PtPeriodHeader *header = &reader->header;
  PtResult result = pt_period_parse_last_line (line, header);

  if (result == PT_OK && !reader->alone)
    result = pt_periods_check (&reader->before, header);
  if (result == PT_OK && reader->lines.to > (uint64_t) header->to)
    result = PT_BAD_WINDOW;
  header->count = (uint32_t) reader->lines.tree.size;
  pt_frontier_root (&reader->lines.tree, &header->root);
  reader->state = STATE_END;
  return result;
}

static PtResult
take_line (PtPeriodReader *reader, PtSpan line)
{
  PtResult result;

  if (line.size == 0 || reader->state == STATE_END)
    return PT_MALFORMED;
  if (reader->state == STATE_FIRST_LINE)
    {
      result = pt_span_is (line, "{\"checkpoints\":[") ? PT_OK : PT_MALFORMED;
      reader->state = STATE_FIRST_CHECKPOINT;
    }
  else if (reader->state == STATE_CHECKPOINTS && !reader->comma)
    result = take_last_line (reader, line);
  else
    {
      result = take_checkpoint (reader, line);
      reader->state = STATE_CHECKPOINTS;
    }
  if (result == PT_OK)
    reader->line++;
  return result;
}

static PtResult
take_byte (PtPeriodReader *reader, char byte)
{
  PtResult result;

  if (byte == '\n')
    {
      result = take_line (reader, pt_span (reader->buffer, reader->used));
      reader->used = 0;
      return result;
    }
  if (reader->state == STATE_END)
    return PT_MALFORMED;
  if (reader->used == sizeof reader->buffer)
    return PT_TOO_LARGE;
  reader->buffer[reader->used++] = byte;
  return PT_OK;
}

PtResult
pt_period_reader_feed (PtPeriodReader *reader, const void *data, size_t size)
{
  const char *bytes = data;

  for (size_t i = 0; i < size && reader->result == PT_OK; i++)
    reader->result = take_byte (reader, bytes[i]);
  return reader->result;
}

PtResult
pt_period_reader_finish (PtPeriodReader *reader, PtPeriodHeader *out)
{
  memset (out, 0, sizeof *out);
  if (reader->result == PT_OK && (reader->state != STATE_END || reader->used != 0))
    reader->result = PT_MALFORMED;
  if (reader->result == PT_OK)
    *out = reader->header;
  return reader->result;
}
