/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>

#include "pt-audit-finding.h"

/* Fetches files by CID from a trustless gateway, block by block and ahead of their reader, over a
 * few keep-alive connections. No byte is handed on before its block is what the CID names. */

typedef struct _PtAuditFetcher PtAuditFetcher;

typedef struct
{
  PtCid cid;
  gint *stopped; /* atomic; when set, the file is not wanted any more */
} PtAuditJob;

typedef struct
{
  const char *gateway; /* without the slash at its end */
  guint threads;
  guint block_timeout; /* seconds for one block */
} PtAuditFetchOptions;

/* Takes @jobs (PtAuditJob). */
PtAuditFetcher *pt_audit_fetcher_new (const PtAuditFetchOptions *options, GArray *jobs);
void pt_audit_fetcher_free (PtAuditFetcher *fetcher);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtAuditFetcher, pt_audit_fetcher_free)

/* The next bytes of the file; FALSE ends the reading of this file. */
typedef gboolean (*PtAuditBytesFunc) (GBytes *bytes, gpointer user_data);

/* Reads the next job's file, in the order of the jobs. FALSE when it can't be fetched, and @failure
 * (or NULL) says why: its code, @cid, @status, @result, and @detail, good until the next reading.
 * TRUE also when @func ended it. */
gboolean pt_audit_fetcher_read (PtAuditFetcher *fetcher, PtAuditBytesFunc func, gpointer user_data,
                                PtAuditFinding *failure);
