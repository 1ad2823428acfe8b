/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-history.h"
#include "pt-store.h"
#include "pt-tree.h"

/* The log: areas, their entries in commit order, and the devices and officials these are about. */

/* The head of an area's log: after its last sealed batch. */
typedef struct
{
  guint64 batch; /* 0: none sealed */
  gint64 to;     /* ms; 0: none */
  PtFrontier frontier;
  guint64 last_entry; /* id of the last entry that was sealed */
} PtHead;

typedef struct
{
  guint32 number;
  char id[PT_AREA_MAX + 1];
  guint8 authority_key[PT_PUBLIC_KEY_SIZE];
  gint64 registered; /* ms, the daemon's clock */
  PtHead head;
} PtAreaRow;

#define PT_NO_DEVICE G_MAXUINT32

typedef struct
{
  guint64 id; /* rises in commit order, from 1, no holes */
  guint32 area;
  guint32 device;   /* number; PT_NO_DEVICE when the entry is not about one */
  gint64 seq;       /* of a report; 0: a device's registration, or not about a device */
  gint64 received;  /* ms, never decreases with id */
  const char *body; /* the stored entry's exact bytes */
  gsize size;
} PtEntryRow;

/* A device as the store remembers it: its newest device entry, and its history as of entry
 * @folded_to. */
typedef struct
{
  guint32 number, area;
  GBytes *body;        /* exact bytes of its newest device entry */
  guint64 entry;       /* id of that entry; in a PtGroup its index among the group's entries */
  gboolean active;     /* by that entry */
  gboolean was_active; /* as of the area's head: by the newest entry that is sealed (read only) */
  guint64 folded_to;
  PtHistory history;
} PtDeviceRow;

/* The newest registration of an official. */
typedef struct
{
  guint32 area;
  const char *id;
  GBytes *body; /* exact bytes of the official entry */
} PtOfficialRow;

typedef struct
{
  guint32 device;
  PtOutageChange change;
  gint64 customers;
} PtOutageWrite;

/* What one group commit writes, all of it or nothing. Ids of the entries are first_id, first_id +
 * 1, ... */
typedef struct
{
  const PtEntryRow *entries; /* id ignored */
  guint entry_count;
  const PtOutageWrite *outages;
  guint outage_count;
  const PtDeviceRow *devices; /* new or changed device entries (history ignored) */
  guint device_count;
  const PtOfficialRow *officials;
  guint official_count;
  const PtEntryRow *evidence; /* refused reports of a counter that was used with other words: @id =
                                 device number */
  guint evidence_count;
} PtGroup;

typedef gboolean (*PtEntryRowFunc) (const PtEntryRow *row, gpointer user_data, GError **error);
typedef gboolean (*PtDeviceRowFunc) (PtDeviceRow *row, gpointer user_data, GError **error);
typedef gboolean (*PtOfficialRowFunc) (const PtOfficialRow *row, gpointer user_data,
                                       GError **error);

gboolean pt_store_commit (PtStore *store, const PtGroup *group, guint64 *first_id, GError **error);

/* PT_ERROR_CONFLICT if the id is taken. @row->number must be the count of areas. */
gboolean pt_store_add_area (PtStore *store, const PtAreaRow *row, GError **error);
GArray *pt_store_areas (PtStore *store, GError **error); /* of PtAreaRow, by number */

/* Entries with id > @after_id and received < @before_received (0: no bound), in order; a consistent
 * snapshot; does not hold up commits.
 * @func ends the scan early by returning FALSE without an error, which is fine. */
gboolean pt_store_scan_entries (PtStore *store, guint64 after_id, gint64 before_received,
                                PtEntryRowFunc func, gpointer user_data, GError **error);
/* *@body NULL: no such entry any more. */
gboolean pt_store_read_entry (PtStore *store, guint64 id, GBytes **body, GError **error);

gboolean pt_store_scan_devices (PtStore *store, PtDeviceRowFunc func, gpointer user_data,
                                GError **error); /* by number */
/* Histories of known devices (body ignored). */
gboolean pt_store_save_devices (PtStore *store, const PtDeviceRow *rows, guint count,
                                GError **error);
/* Every device entry it ever had (GBytes), newest first. */
GPtrArray *pt_store_device_bodies (PtStore *store, guint32 number, GError **error);
gboolean pt_store_scan_officials (PtStore *store, PtOfficialRowFunc func, gpointer user_data,
                                  GError **error);

/* Deletes entries with id <= @up_to, at most @limit of them. The caller has made sure that their
 * batches are FINAL and every device is folded beyond. */
gboolean pt_store_prune (PtStore *store, guint64 up_to, guint limit, guint *removed,
                         GError **error);
