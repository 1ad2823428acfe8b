/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-registry.h"
#include "pt-store-complaints.h"

/* Who is told what officials and citizens said, once it holds. */

typedef struct
{
  PtArea *area;
  PtSaidKind kind;
  const PtEntry *entry;              /* stored form */
  guint64 number;                    /* in its area */
  const PtHash *leaf;                /* its leaf hash */
  const guint8 *signer;              /* the key that signed it */
  const PtComplaintFacts *complaint; /* of an action: after it */
  const PtNoticeFacts *notice;       /* of a notice: after it */
  gboolean is_recovered;             /* read at the start: it held before */
} PtSaidNews;

/* Called on the committer's thread with the directory's door held for writing: memory only, no
 * store, no door. At a start all that was ever said is told once more, area by area. */
typedef struct
{
  void (*said) (const PtSaidNews *news, gpointer user_data);
  /* What became of a resolve that was supported: HELD or FELL_AGAIN. */
  void (*settled) (PtArea *area, const char *complaint, gint64 n, PtAftermath later,
                   gpointer user_data);
  gpointer user_data;
} PtSaidWatch;
