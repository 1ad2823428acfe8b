/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-batch.h"
#include "pt-checkpoint.h"
#include "pt-tree.h"

/* Period files and the tree of periods: docs/PROTOCOL.md section 14. Written and read as a stream,
 * in constant memory. */

typedef struct
{
  uint64_t period; /* from 1 */
  PtHash previous; /* "prev": the root of the tree of periods before this one */
  int64_t to;      /* ms since 1970 */
  PtHash root;     /* over the lines of the checkpoints */
  uint32_t count;  /* of them */
} PtPeriodHeader;

/* Bytes of the last line without its newline, with room. */
#define PT_PERIOD_LAST_LINE_MAX 256

/* All periods so far: what the next file is held against. Zeros: there is none yet. */
typedef struct
{
  PtFrontier tree; /* one leaf a period, so that its size is the newest one */
  int64_t to;      /* of the newest */
} PtPeriods;

/* SHA-256 (0x00 || period as 8 bytes || root || count as 4 bytes), big-endian. */
void pt_period_leaf (uint64_t period, const PtHash *root, uint32_t count, PtHash *out);

/* PT_BAD_PROOF unless @header is of the next period and its `prev` is the root of the tree of those
 * before, PT_BAD_WINDOW unless its `to` is later than theirs. */
PtResult pt_periods_check (const PtPeriods *periods, const PtPeriodHeader *header);
void pt_periods_append (PtPeriods *periods, const PtPeriodHeader *header);

/* The last line, without its newline: period, previous and to of @header. PT_MALFORMED for anything
 * but the one form. */
PtResult pt_period_parse_last_line (PtSpan line, PtPeriodHeader *out);
PtResult pt_period_write_last_line (const PtPeriodHeader *header, char *out, size_t out_size,
                                    size_t *size);

/* What reader and writer hold the checkpoints of one file against. */
typedef struct
{
  PtFrontier tree;   /* over their lines */
  PtCheckpoint last; /* of the newest line */
  uint64_t to;       /* the latest of all of them */
} PtPeriodLines;

typedef struct
{
  PtPeriodHeader header;
  PtPeriods before;
  PtPeriodLines lines;
  PtSink sink;
  void *context;
} PtPeriodWriter;

/* Writes the first line of the period after @before. */
PtResult pt_period_writer_open (PtPeriodWriter *writer, const PtPeriods *before, PtSink sink,
                                void *context);
/* Appends a checkpoint; they come in the order of pt_checkpoint_compare (), PT_MALFORMED else, and
 * those of one area follow each other (pt_checkpoint_follows ()). That the first of an area follows
 * the one of an earlier period is the caller's to see. *@leaf (or NULL) gets its hash. */
PtResult pt_period_writer_append (PtPeriodWriter *writer, const PtCheckpoint *checkpoint,
                                  PtHash *leaf);
/* Writes the last line; @out gets the finished header. PT_MALFORMED without any checkpoint,
 * PT_BAD_WINDOW unless @to is later than that of the period before and no checkpoint's is later. */
PtResult pt_period_writer_close (PtPeriodWriter *writer, int64_t to, PtPeriodHeader *out);

/* The newest checkpoint of an area in the periods (or batches) before; false where there is none.
 */
typedef bool (*PtPeriodHeadFunc) (void *context, const char *area, PtCheckpoint *head);
/* Told of every checkpoint in its place: its leaf's index, its exact line, its hash. Anything but
 * PT_OK ends the reading with it. */
typedef PtResult (*PtPeriodVisitor) (void *context, uint32_t index, const PtCheckpoint *checkpoint,
                                     PtSpan line, const PtHash *leaf);

/* A push reader that takes exactly what the writer writes. */
typedef struct
{
  PtPeriodHeader header;
  PtPeriods before;
  PtPeriodLines lines;
  bool alone; /* the periods before are not known */
  PtPeriodHeadFunc head;
  PtPeriodVisitor visitor;
  void *context;
  char buffer[PT_CHECKPOINT_LINE_MAX + 1]; /* a line and its comma */
  size_t used;
  int state;
  bool comma;    /* the last checkpoint's line ended with one */
  uint64_t line; /* for messages: the line being read, from 1 */
  PtResult result;
} PtPeriodReader;

/* @before: the periods before; NULL for who has this file alone, who then knows no more than that
 * it is one. @head: NULL: that an area's first checkpoint here follows the ones before is not
 * looked at. @visitor may be NULL. */
void pt_period_reader_init (PtPeriodReader *reader, const PtPeriods *before, PtPeriodHeadFunc head,
                            PtPeriodVisitor visitor, void *context);
PtResult pt_period_reader_feed (PtPeriodReader *reader, const void *data, size_t size);
/* The end of the file: beside its form, what pt_periods_check () and pt_checkpoint_follows () ask,
 * and PT_BAD_WINDOW where a checkpoint's `to` is later than the file's. Whether root and count are
 * those on the chain is for the caller to see. */
PtResult pt_period_reader_finish (PtPeriodReader *reader, PtPeriodHeader *out);

/* What pt_period_writer_append () and the reader have in common: takes @checkpoint, whose line is
 * @line, behind the ones before; @head is its area's newest of an earlier period, or NULL. */
PtResult pt_period_lines_take (PtPeriodLines *lines, const PtCheckpoint *checkpoint,
                               const PtCheckpoint *head, PtSpan line, PtHash *leaf);
/* Whether @checkpoint is of the area of the line before. */
bool pt_period_lines_goes_on (const PtPeriodLines *lines, const PtCheckpoint *checkpoint);
