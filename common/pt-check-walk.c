/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "pt-check-private.h"

#define BUFFER (PT_ENTRY_MAX + 2)

typedef struct
{
  PtBatchReader reader;
  PtUnixfsBuilder unixfs;
  char buffer[BUFFER];
  PtCheckVisit visit;
  gpointer data;
} Walk;

static PtResult
walk_entry (void *context, uint64_t index, PtSpan entry, const PtHash *leaf)
{
  Walk *walk = context;

  return walk->visit != NULL ? walk->visit (walk->data, index, walk->reader.line, entry) : PT_OK;
}

/* The last line stands on the tree before the batch, so it is read first. */
static PtResult
read_ends (PtSpan text, PtBatchHeader *header)
{
  PtSpan line;
  PtResult result;

  memset (header, 0, sizeof *header);
  if (!pt_batch_first_line (text, &line))
    return PT_MALFORMED;
  result = pt_batch_parse_first_line (line, header);
  if (result != PT_OK)
    return result;
  return pt_batch_last_line (text, &line) ? pt_batch_parse_last_line (line, header) : PT_MALFORMED;
}

static PtResult
read_between (Walk *walk, PtSpan text, PtBatchHeader *header)
{
  PtFrontier previous = header->previous;
  PtResult result = pt_batch_reader_init (&walk->reader, &previous, walk->buffer,
                                          sizeof walk->buffer, walk_entry, walk);

  if (result == PT_OK)
    result = pt_batch_reader_feed (&walk->reader, text.data, text.size);
  return result == PT_OK ? pt_batch_reader_finish (&walk->reader, header) : result;
}

void
pt_check_read_ends (GBytes *file, PtCheckWalk *out)
{
  gsize size;
  const char *bytes = g_bytes_get_data (file, &size);

  memset (out, 0, sizeof *out);
  out->ends = read_ends (pt_span (bytes, size), &out->header);
  out->has_header = out->ends == PT_OK;
  out->result = out->ends;
}

void
pt_check_walk (GBytes *file, PtCheckVisit visit, gpointer data, PtCheckWalk *out)
{
  g_autofree Walk *walk = g_new0 (Walk, 1);
  PtBatchHeader header;
  gsize size;
  const char *bytes = g_bytes_get_data (file, &size);
  PtSpan text = pt_span (bytes, size);

  pt_check_read_ends (file, out);
  walk->visit = visit;
  walk->data = data;
  if (pt_unixfs_init (&walk->unixfs, 0, 0, NULL, NULL) == PT_OK
      && pt_unixfs_feed (&walk->unixfs, bytes, size) == PT_OK)
    pt_unixfs_finish (&walk->unixfs, &out->cid);
  if (!out->has_header)
    return;
  header = out->header;
  out->result = read_between (walk, text, &header);
  out->line = walk->reader.line;
}
