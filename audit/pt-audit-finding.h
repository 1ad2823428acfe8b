/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

#include "pt-cid.h"
#include "pt-promises.h"
#include "pt-rules.h"

/* What an audit finds and whom it tells. There are no words here: who asked for the audit has
 * them. */

typedef enum
{
  PT_AUDIT_RULE,       /* an entry, or the batch as a whole, breaks @rule */
  PT_AUDIT_ENTRY_FORM, /* an entry is not in its one form: @result */

  /* The chain's events, in block @block. Nothing after what is wrong with a batch is looked at. */
  PT_AUDIT_AREA_EVENT_FORM, /* an AreaRegistered that is not of the contract's form */
  PT_AUDIT_AREA_TWICE,      /* registered a second time */
  PT_AUDIT_AREA_KEY,        /* a key registered there is no point on the curve */
  PT_AUDIT_EVENT_FORM,      /* an Anchored that is not of the contract's form, or its CID of ours */
  PT_AUDIT_EVENT_AREA,      /* anchored for an area that is not registered */
  PT_AUDIT_EVENT_NUMBER,    /* not the next batch's */
  PT_AUDIT_EVENT_SIZE,      /* the tree does not grow */
  PT_AUDIT_EVENT_FROM,      /* its window does not begin where the one before ended */
  PT_AUDIT_EVENT_WINDOW,    /* its window is empty */

  /* What the endpoint says does not fit, or not all of it was told: nobody is accused. */
  PT_AUDIT_NOT_ALL_EVENTS, /* the contract has batch @batch, and no event told it */
  PT_AUDIT_OTHER_LATEST,   /* the contract's newest checkpoint is not the last event's */
  PT_AUDIT_NO_BEGINNING,   /* the contract is older than where its events were read from */
  PT_AUDIT_OTHER_CODE,     /* the code at the address is no PowerAnchor's that is known */
  PT_AUDIT_OTHER_ENDPOINT, /* another endpoint, @detail, says something else */

  PT_AUDIT_DELAY, /* anchored @delay ms after its window ended */

  /* The block @block that a roster names, beside the chain. */
  PT_AUDIT_NAMED_OTHER, /* another block has that number */
  PT_AUDIT_NAMED_LATE,  /* it is not older than the block that anchored the batch */

  /* A batch file beside its event. */
  PT_AUDIT_FILE_AREA,
  PT_AUDIT_FILE_NUMBER,
  PT_AUDIT_FILE_SIZE,
  PT_AUDIT_FILE_WINDOW,
  PT_AUDIT_FILE_ROOT,
  PT_AUDIT_FILE_CID,
  PT_AUDIT_FILE_TOO_MANY, /* more entries than the event says */

  /* A file that can't be read, nor the area's later ones be checked. */
  PT_AUDIT_GIVEN_UP,          /* after too much that is wrong */
  PT_AUDIT_FILE_FORM,         /* no batch file: @result */
  PT_AUDIT_BLOCK_UNREACHABLE, /* @cid, @detail */
  PT_AUDIT_BLOCK_REFUSED,     /* @cid: the gateway answered @status */
  PT_AUDIT_BLOCK_OTHER,       /* the bytes are not what @cid names */
  PT_AUDIT_LAYOUT_FORM,       /* a node is not of our layout: @result */
  PT_AUDIT_LAYOUT_DEPTH,      /* deeper than any file of ours */
  PT_AUDIT_LAYOUT_LEAF,       /* a leaf's size is wrong */
  PT_AUDIT_LAYOUT_NODE        /* a node's size is wrong */
} PtAuditCode;

/* Whatever of it the code does not speak of is zero. Strings are the teller's. */
typedef struct
{
  PtAuditCode code;
  PtRule rule;
  PtResult result;
  const char *area; /* NULL: none */
  guint64 batch, line;
  guint64 block;
  gint64 delay;
  PtCid cid;
  guint status;       /* HTTP */
  const char *detail; /* technical words, English */
} PtAuditFinding;

/* Counters of a device, inclusive. */
typedef struct
{
  gint64 first, last;
  gboolean is_explained; /* the device said that they are lost; else reports were made of them */
} PtAuditGap;

/* Who is told. Findings come from several threads at once, progress from the one that reads. */
typedef struct
{
  void (*found) (const PtAuditFinding *finding, gpointer user_data);
  /* A batch was read, or given up. */
  void (*read) (const char *area, guint64 batch, gpointer user_data);
  /* Counters of a device, inclusive, that are not in the log, once all of its area is read. From
   * the thread that reads; rising for each device. */
  void (*gap) (const char *area, const char *device, const PtAuditGap *gap, gpointer user_data);
  gpointer user_data;
} PtAuditSink;

/* Whether the code says that something could not be looked at; all others, that something is wrong.
 * A gateway that does not answer, or not with what was asked for, accuses nobody. */
gboolean pt_audit_code_is_open (PtAuditCode code);

void pt_audit_tell (const PtAuditSink *sink, const PtAuditFinding *finding);

/* What was seen so far; only @verified is another thread's. */
typedef struct
{
  guint64 verified; /* atomic: signatures checked */
  guint64 areas, batches, batches_planned, bytes;
  guint64 entries[PT_ENTRY_KINDS]; /* by kind */
  guint64 gaps, gap_devices;       /* counters whose reports were made and are not in the log */
  guint64 explained;               /* counters that their devices said are lost */
  guint64 late;                    /* reports that came long after they were made */
  PtPromiseCounts complaints;      /* as each area's newest batch leaves them */
  guint64 silent, silent_now;      /* devices not heard: in all windows, and in each area's last */
} PtAuditCounts;
