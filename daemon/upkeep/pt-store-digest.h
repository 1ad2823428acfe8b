/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-store-findings.h"
#include "pt-store.h"

/* Whether @copy has all that @store has, to the byte: entries, subjects with their registrations
 * and histories, outages, what was said with its private parts, evidence, transactions that are
 * under way. Reads all of both. Asked is @name. */
void pt_store_compare_contents (PtStore *store, PtStore *copy, PtStoreFindings *findings,
                                const char *name);
