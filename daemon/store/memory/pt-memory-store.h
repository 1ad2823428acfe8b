/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-store.h"

/* The store kept in memory: a full backend that passes the same conformance suite as the others,
 * for tests and for daemons that are to leave nothing behind. It can be told to fail. */

PtStore *pt_memory_store_new (void);

typedef enum
{
  PT_STORE_COMMIT,
  PT_STORE_ADD_AREA,
  PT_STORE_SAVE_HISTORIES,
  PT_STORE_SEAL,
  PT_STORE_PUBLISHED,
  PT_STORE_SUBMIT,
  PT_STORE_BUMP,
  PT_STORE_MINED,
  PT_STORE_FINALIZE,
  PT_STORE_WITHDRAW,
  PT_STORE_ADOPT,
  PT_STORE_REOPEN,
  PT_STORE_PRUNE,
  PT_STORE_WRITE_COUNT
} PtStoreWrite;

typedef enum
{
  PT_FAIL_NOT_PERSISTED, /* nothing is written, PT_ERROR_RETRY */
  PT_FAIL_PERSISTED      /* it is written, and PT_ERROR_RETRY all the same */
} PtStoreFailure;

/* After @after more calls of @verb that go well, the next @times calls fail so. @times 0: none. */
void pt_memory_store_fail (PtStore *store, PtStoreWrite verb, PtStoreFailure failure, guint after,
                           guint times);
/* Refused reports that were kept, for tests: there is no verb to read them. */
guint pt_memory_store_evidence_count (PtStore *store);
