/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-archive.h"
#include "pt-batcher.h"
#include "pt-committer.h"
#include "pt-ethereum-key.h"
#include "pt-gazetteer.h"
#include "pt-live.h"
#include "pt-page.h"
#include "pt-stepper.h"
#include "pt-submitter.h"
#include "pt-tiles.h"

/* What the interfaces serve from; the parts belong to the daemon. */
typedef struct
{
  PtClock *clock;
  PtStepper *stepper; /* NULL: the clock is not stepped */
  gint64 period;      /* ms, of a window */
  PtDirectory *directory;
  PtStore *store;
  PtBlockStore *blocks;
  PtAdmission *admission;
  PtCommitter *committer;
  PtLive *live;
  PtArchive *archive;
  PtHealth *health;
  PtNews *news;
  PtSubmitter *submitter;
  gint64 started; /* ms, the daemon's clock */
  guint8 service_key[PT_PUBLIC_KEY_SIZE];
  gboolean has_chain;
  guint8 operator_address[20];
  PtArchiveChain chain;
  gint64 from_block;      /* where the contract's events begin */
  char **public_rpc;      /* endpoints that anybody may ask; never NULL */
  PtTiles *tiles;         /* the map, or NULL */
  PtGazetteer *gazetteer; /* names of places, or NULL */
  PtPage *page;           /* the public page, or NULL */
  char *admin_token;      /* what registers areas */
} PtServices;
