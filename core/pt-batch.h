/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-base.h"
#include "pt-tree.h"

/* Batch files: docs/PROTOCOL.md section 4. Written and read as a stream, in constant memory. */

#define PT_BATCH_LAST_LINE_MAX 8192 /* 64 frontier hashes and the numbers, with room */

typedef struct
{
  char area[PT_AREA_MAX + 1]; /* NUL-terminated */
  uint64_t batch;             /* from 1 */
  int64_t from, to;           /* ms since 1970; from <= received < to, the roster's = to */
  PtFrontier previous;        /* the tree before: prev_size and frontier */
  PtHash previous_root;
  uint64_t size; /* leaves after */
  PtHash root;
} PtBatchHeader;

/* The most bytes of a first line. */
#define PT_BATCH_FIRST_LINE_MAX 128

/* Takes the next bytes of the file; false stops with PT_STOPPED. */
typedef bool (*PtSink) (void *context, const void *data, size_t size);

typedef struct
{
  PtBatchHeader header;
  PtFrontier frontier; /* grows */
  PtSink sink;
  void *context;
} PtBatchWriter;

/* Writes the first line. @header: area, batch, from, to and previous are read, previous_root is
 * computed. */
PtResult pt_batch_writer_open (PtBatchWriter *writer, const PtBatchHeader *header, PtSink sink,
                               void *context);
/* Appends one stored entry's exact bytes; *@leaf (or NULL) gets its hash. The caller vouches for
 * the form. */
PtResult pt_batch_writer_append (PtBatchWriter *writer, PtSpan entry, PtHash *leaf);
/* Writes the last line; @out gets the finished header. PT_MALFORMED if there are fewer than two
 * entries. */
PtResult pt_batch_writer_close (PtBatchWriter *writer, PtBatchHeader *out);

/* Reads one entry line: its index in the log's tree, its exact bytes, its leaf hash. Anything but
 * PT_OK ends the reading with it. */
typedef PtResult (*PtBatchVisitor) (void *context, uint64_t index, PtSpan entry,
                                    const PtHash *leaf);

/* A push reader. It needs the tree before the batch, because that stands in the file's last line:
 * an auditor has it from the batch before; who has only the file reads its end first, see
 * pt_batch_last_line (). */
typedef struct
{
  PtFrontier frontier; /* grows */
  PtBatchHeader header;
  PtBatchVisitor visitor;
  void *context;
  char *buffer; /* the caller's: at least PT_ENTRY_MAX + 2 bytes */
  size_t buffer_size, used;
  int state;
  bool comma;    /* the last entry's line ended with one */
  uint64_t line; /* for messages: the line being read, from 1 */
  PtResult result;
} PtBatchReader;

/* @visitor may be NULL. */
PtResult pt_batch_reader_init (PtBatchReader *reader, const PtFrontier *previous, char *buffer,
                               size_t buffer_size, PtBatchVisitor visitor, void *context);
PtResult pt_batch_reader_feed (PtBatchReader *reader, const void *data, size_t size);
/* The end of the file: checks that first and last line are exactly canonical, that the frontier
 * given is the file's, its prev_root follows from it, size and root follow from the entries, from <
 * to, at least two entries. */
PtResult pt_batch_reader_finish (PtBatchReader *reader, PtBatchHeader *out);

/* The first line of a file that begins with @head, and the last one of a file that ends with @tail
 * (PT_BATCH_LAST_LINE_MAX + 2 bytes are enough), each without its newline; false where there is
 * none. */
bool pt_batch_first_line (PtSpan head, PtSpan *line);
bool pt_batch_last_line (PtSpan tail, PtSpan *line);

/* Parses a first line (area, batch) and a last line (the rest), each without its newline, into
 * @out's fields; the others stay as they are. PT_MALFORMED for anything but the one canonical form,
 * PT_BAD_WINDOW unless from < to, PT_BAD_PROOF when the frontier is not one of prev_size or does
 * not give prev_root, or when size is not larger than prev_size. */
PtResult pt_batch_parse_first_line (PtSpan line, PtBatchHeader *out);
PtResult pt_batch_parse_last_line (PtSpan line, PtBatchHeader *out);

/* Their writers; the lines come without their newline. PT_MALFORMED for an area or numbers that the
 * format has no place for, PT_BAD_WINDOW, PT_NO_SPACE. */
PtResult pt_batch_write_first_line (const PtBatchHeader *header, char *out, size_t out_size,
                                    size_t *size);
PtResult pt_batch_write_last_line (const PtBatchHeader *header, char *out, size_t out_size,
                                   size_t *size);
