/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-archive.h"
#include "pt-complaint-book.h"
#include "pt-copied-keys.h"
#include "pt-health.h"
#include "pt-live.h"
#include "pt-notice-board.h"

/* What answers are read from; the parts belong to the pipeline. What else an answer needs is the
 * context of its routes. */
typedef struct
{
  PtClock *clock;
  PtDirectory *directory;
  PtStore *store;
  PtArchive *archive;
  PtLive *live;
  PtHealth *health;
  PtComplaintBook *book;
  PtNoticeBoard *notices;
  PtCopiedKeys *copied;
} PtReads;

/* What a daemon says of itself and does not change while it runs. */
typedef struct
{
  gint64 started;            /* ms, its own clock */
  gint64 period;             /* ms, of a window */
  const guint8 *service_key; /* PT_PUBLIC_KEY_SIZE */
  const guint8 *account;     /* 20 bytes: who anchors; NULL without a chain */
  PtArchiveChain chain;
  gint64 from_block; /* where the contract's events begin */
  char **public_rpc; /* endpoints that anybody may ask; never NULL */
} PtAbout;
