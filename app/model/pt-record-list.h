/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>

/* A GListModel of records that are named by a key and replaced whole. What stays the same keeps its
 * object and its order, and changes are told in few pieces, so that views and selections stay calm.
 * Main thread only. */

#define PT_TYPE_RECORD_LIST (pt_record_list_get_type ())
G_DECLARE_FINAL_TYPE (PtRecordList, pt_record_list, PT, RECORD_LIST, GObject)

typedef char *(*PtRecordKeyFunc) (gconstpointer record);
typedef gboolean (*PtRecordSameFunc) (gconstpointer a, gconstpointer b);

/* @newest_first: what is new comes to the front, else to the end. @max: what is beyond is dropped
 * at the other end. */
PtRecordList *pt_record_list_new (GType type, PtRecordKeyFunc key, PtRecordSameFunc same,
                                  gboolean newest_first, guint max);

/* The record as it will be after pt_record_list_flush (), or NULL; borrowed. */
gpointer pt_record_list_find (PtRecordList *self, const char *key);
/* These take effect, and are told of, with pt_record_list_flush (). */
void pt_record_list_put (PtRecordList *self, gpointer record);
void pt_record_list_remove (PtRecordList *self, const char *key);
void pt_record_list_flush (PtRecordList *self);

/* Makes the list hold what @records (in their order) say, at once; what was put and not flushed is
 * forgotten. */
void pt_record_list_replace (PtRecordList *self, GPtrArray *records);
