/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-health.h"
#include "pt-news.h"

/* Devices whose key is in two hands: it signed two different reports with one counter. Whoever has
 * a key can bring that about, so the alarm is the device's alone: it lasts until the key is
 * replaced or revoked, which ends it whatever is sent with the old one, and health puts it behind
 * all else. The health, the bus and event streams are told; what is kept of it is the store's
 * evidence. */
typedef struct _PtCopiedKeys PtCopiedKeys;

/* Both outlive it. */
PtCopiedKeys *pt_copied_keys_new (PtHealth *health, PtNews *news);
void pt_copied_keys_free (PtCopiedKeys *keys);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtCopiedKeys, pt_copied_keys_free)

/* Its key has signed counter @seq twice. With the directory's door held for writing, or before
 * there are other threads. It is told with the next review. */
void pt_copied_keys_add (PtCopiedKeys *keys, PtDevice *device, gint64 seq);
/* Looks at them again, since some came or what is registered changed, and tells what is new. By who
 * alone changes the registry. */
void pt_copied_keys_review (PtCopiedKeys *keys);
/* How many there are. Any thread. */
guint pt_copied_keys_count (PtCopiedKeys *keys);
