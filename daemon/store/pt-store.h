/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>

#include "pt-batch-state.h"
#include "pt-cid.h"
#include "pt-error.h"
#include "pt-history.h"
#include "pt-tree.h"

/* The one interface to what is kept. Verbs are few, blocking, atomic and thread-safe; none may be
 * called on a main loop. A backend fills PtStoreClass.
 *
 * Errors: PT_ERROR_RETRY (disk full, database busy: nothing was written), PT_ERROR_CONFLICT (a
 * compare-and-swap lost), PT_ERROR_STOP (a failed fsync, a corrupt file: the process must end). */

typedef struct _PtStore PtStore;

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

typedef struct
{
  guint32 area;
  char area_id[PT_AREA_MAX + 1];
  guint64 batch;
  PtBatchState state;
  gint64 from, to;
  guint64 prev_size, size;
  PtHash prev_root, root;
  PtCid cid;
  guint64 bytes;                   /* of the file */
  guint64 first_entry, last_entry; /* ids consumed since the head before */
  gboolean has_nonce;
  guint64 nonce;      /* its transaction's, when SUBMITTED or FINAL */
  PtHash transaction; /* the version that was mined; zero before */
  guint64 block;      /* 0: not mined */
} PtBatchRow;

/* A batch to seal, and the head it makes. */
typedef struct
{
  PtBatchRow row;
  PtHead previous, next;
} PtSeal;

typedef struct
{
  guint64 nonce;
  PtBatchState state; /* SUBMITTED or FINAL */
  gint64 sent;        /* real ms of the newest version */
  guint64 max_fee, max_priority_fee;
  PtHash hash;   /* of the newest version, or of the mined one */
  GBytes *raw;   /* signed bytes of the newest version */
  guint64 block; /* 0: not mined */
  PtHash block_hash;
  guint64 gas_used;
  GArray *versions; /* PtHash of every version sent, oldest first */
} PtTransactionRow;

void pt_transaction_row_free (PtTransactionRow *row);

typedef struct
{
  gint64 from, to;        /* ms; outages that overlap [from, to); 0: no bound */
  gint32 area;            /* -1: any */
  const guint32 *devices; /* only these; NULL: any */
  guint device_count;
  gboolean only_open, only_ended;
  guint limit;
  gint64 after_start; /* paging: strictly after (start, device, start_seq) */
  guint32 after_device;
  gint64 after_seq;
} PtOutageQuery;

typedef struct
{
  guint32 device;
  gint64 start_seq, start, end_seq, end; /* end 0: open */
  gint64 customers;
} PtOutageRow;

typedef struct
{
  gint32 area;   /* -1: any */
  gint32 state;  /* -1: any */
  guint64 batch; /* 0: any; else this one */
  guint limit;
  gint64 before_to; /* paging, newest first: strictly before (to, area); 0: from the newest */
  guint32 before_area;
} PtBatchQuery;

typedef struct
{
  guint64 batches[PT_BATCH_STATES]; /* by state; none is open */
  guint64 open_outages;
  guint64 last_entry; /* id of the newest entry: how many there ever were */
  guint64 reports;    /* of those, how many are reports */
} PtCounts;

typedef gboolean (*PtEntryRowFunc) (const PtEntryRow *row, gpointer user_data, GError **error);
typedef gboolean (*PtDeviceRowFunc) (PtDeviceRow *row, gpointer user_data, GError **error);
typedef gboolean (*PtOfficialRowFunc) (const PtOfficialRow *row, gpointer user_data,
                                       GError **error);
typedef gboolean (*PtOutageRowFunc) (const PtOutageRow *row, gpointer user_data, GError **error);

typedef struct
{
  void (*free) (PtStore *store);
  gboolean (*commit) (PtStore *store, const PtGroup *group, guint64 *first_id, GError **error);
  gboolean (*add_area) (PtStore *store, const PtAreaRow *row, GError **error);
  GArray *(*areas) (PtStore *store, GError **error);
  gboolean (*scan_entries) (PtStore *store, guint64 after_id, gint64 before_received,
                            PtEntryRowFunc func, gpointer user_data, GError **error);
  gboolean (*read_entry) (PtStore *store, guint64 id, GBytes **body, GError **error);
  gboolean (*scan_devices) (PtStore *store, PtDeviceRowFunc func, gpointer user_data,
                            GError **error);
  gboolean (*save_devices) (PtStore *store, const PtDeviceRow *rows, guint count, GError **error);
  GPtrArray *(*device_bodies) (PtStore *store, guint32 number, GError **error);
  gboolean (*scan_officials) (PtStore *store, PtOfficialRowFunc func, gpointer user_data,
                              GError **error);
  gboolean (*outages) (PtStore *store, const PtOutageQuery *query, PtOutageRowFunc func,
                       gpointer user_data, GError **error);
  gboolean (*seal) (PtStore *store, const PtSeal *seals, guint count, GError **error);
  GArray *(*batches) (PtStore *store, const PtBatchQuery *query, GError **error);
  GArray *(*unfinished) (PtStore *store, guint limit, GError **error);
  gboolean (*published) (PtStore *store, const PtBatchRow *rows, guint count, GError **error);
  gboolean (*submit) (PtStore *store, const PtTransactionRow *transaction, const PtBatchRow *rows,
                      guint count, GError **error);
  gboolean (*bump) (PtStore *store, const PtTransactionRow *transaction, GError **error);
  gboolean (*mined) (PtStore *store, const PtTransactionRow *transaction, GError **error);
  gboolean (*finalize) (PtStore *store, guint64 nonce, GError **error);
  gboolean (*withdraw) (PtStore *store, guint64 nonce, GError **error);
  GPtrArray *(*transactions) (PtStore *store, GError **error);
  gboolean (*prune) (PtStore *store, guint64 up_to, guint limit, guint *removed, GError **error);
  gboolean (*counts) (PtStore *store, PtCounts *counts, GError **error);
} PtStoreClass;

struct _PtStore
{
  const PtStoreClass *klass;
};

void pt_store_free (PtStore *store);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtStore, pt_store_free)

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

/* By (start, device, start_seq). */
gboolean pt_store_outages (PtStore *store, const PtOutageQuery *query, PtOutageRowFunc func,
                           gpointer user_data, GError **error);

/* The commit point: writes the batches and moves every area's head from ->previous to ->next, all
 * or none. PT_ERROR_CONFLICT when a head is not ->previous. */
gboolean pt_store_seal (PtStore *store, const PtSeal *seals, guint count, GError **error);

GArray *pt_store_batches (PtStore *store, const PtBatchQuery *query,
                          GError **error); /* of PtBatchRow, newest first */
/* The oldest that are not FINAL, by (to, area): an area's batches always in order. */
GArray *pt_store_unfinished (PtStore *store, guint limit, GError **error);

gboolean pt_store_published (PtStore *store, const PtBatchRow *rows, guint count,
                             GError **error); /* SEALED -> PUBLISHED */
/* Stores a signed transaction before it is sent and makes its batches SUBMITTED with its nonce.
 * PT_ERROR_CONFLICT unless all are PUBLISHED. */
gboolean pt_store_submit (PtStore *store, const PtTransactionRow *transaction,
                          const PtBatchRow *rows, guint count, GError **error);
gboolean pt_store_bump (PtStore *store, const PtTransactionRow *transaction,
                        GError **error); /* a new version of a nonce: raw, hash, fees, sent */
/* A version (->hash) was mined in ->block, or with block 0 is not mined any more (a reorg). */
gboolean pt_store_mined (PtStore *store, const PtTransactionRow *transaction, GError **error);
gboolean pt_store_finalize (PtStore *store, guint64 nonce, GError **error); /* and its batches */
/* The transaction can never take effect (reverted, nonce used by another): its batches are
 * PUBLISHED again, the row is kept as history elsewhere or dropped. */
gboolean pt_store_withdraw (PtStore *store, guint64 nonce, GError **error);
GPtrArray *
pt_store_transactions (PtStore *store,
                       GError **error); /* of PtTransactionRow that are not FINAL, by nonce */

/* Deletes entries with id <= @up_to, at most @limit of them. The caller has made sure that their
 * batches are FINAL and every device is folded beyond. */
gboolean pt_store_prune (PtStore *store, guint64 up_to, guint limit, guint *removed,
                         GError **error);
gboolean pt_store_counts (PtStore *store, PtCounts *counts, GError **error);
