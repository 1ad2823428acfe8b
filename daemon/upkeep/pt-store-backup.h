/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-store-check.h"

/* A copy of a database file, while a daemon writes to it or not. */
typedef struct
{
  const char *from, *to;                  /* files; @to must not be there */
  PtBlockStore *blocks;                   /* the batches' files, or NULL */
  gboolean quick;                         /* the copy's entries are not read */
  PtUpkeepProgressFunc copying, checking; /* bytes, then entries; or NULL */
  gpointer user_data;
} PtStoreBackupConfig;

/* It has all that was acknowledged before, of one moment; keeps no writer waiting. Under its name
 * it is only when it is whole and durable, its pages hold, and it says what @from says; FALSE:
 * there is none. @findings: file, same, and those of pt_store_check () of the copy, which may fail
 * because @from is not as it should be. *@bytes: its size. */
gboolean pt_store_backup (const PtStoreBackupConfig *config, PtStoreFindings *findings,
                          guint64 *bytes, GError **error);
