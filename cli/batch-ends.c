/* SPDX-License-Identifier: Apache-2.0 */
#include "batch-ends.h"

#include "pt-i18n.h"

static bool
read_first_line (FILE *file, PtBatchHeader *header)
{
  char buffer[4096];
  size_t size = fread (buffer, 1, sizeof buffer, file);
  PtSpan line;

  rewind (file);
  return pt_batch_first_line (pt_span (buffer, size), &line)
         && pt_batch_parse_first_line (line, header) == PT_OK;
}

static PtBatchEnds
read_last_line (FILE *file, uint64_t size, PtBatchHeader *header)
{
  char buffer[PT_BATCH_LAST_LINE_MAX + 2];
  size_t want = size < sizeof buffer ? (size_t) size : sizeof buffer;
  bool done = fseeko (file, -(off_t) want, SEEK_END) == 0 && fread (buffer, 1, want, file) == want;
  PtSpan line;

  rewind (file);
  if (!done || !pt_batch_last_line (pt_span (buffer, want), &line))
    return PT_ENDS_NO_LAST;
  return pt_batch_parse_last_line (line, header) == PT_OK ? PT_ENDS_FOUND : PT_ENDS_OTHER_LAST;
}

PtBatchEnds
pt_batch_ends_read (FILE *file, uint64_t size, PtBatchHeader *out)
{
  if (!read_first_line (file, out))
    return PT_ENDS_NO_FIRST;
  return read_last_line (file, size, out);
}

const char *
pt_batch_ends_words (PtBatchEnds ends)
{
  switch (ends)
    {
    case PT_ENDS_NO_FIRST:
      return _ ("the first line is not that of a batch file");
    case PT_ENDS_NO_LAST:
      return _ ("the file does not end with a last line and its newline; is it cut off?");
    case PT_ENDS_OTHER_LAST:
      return _ ("the last line is not the canonical one of a batch file");
    case PT_ENDS_FOUND:
      break;
    }
  return "";
}
