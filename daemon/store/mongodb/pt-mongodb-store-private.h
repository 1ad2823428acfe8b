/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-mongodb-store.h"
#include "pt-mongodb.h"
#include "pt-store-class.h"

/* The parts of the store on MongoDB: -open, -area (how a change becomes one), -commit (what a group
 * is made of), -log (areas, entries, subjects), -outages, -said, -batches, -transactions, -views
 * (evidence, refused reports, sums). */

/* What is known of an area's document; guarded by the store's lock. */
typedef struct
{
  char id[PT_AREA_MAX + 1];
  gint64 token;                 /* that this process writes it with; 0: it does not */
  guint64 tail, pruned, sealed; /* the newest entry; the newest that is deleted; that is sealed */
  bson_oid_t change;            /* the newest change that holds */
  bson_oid_t attempt;           /* where is_unsure: of which it is not known whether it holds */
  bson_oid_t instead;           /* and what was tried to be put in its place */
  gboolean is_unsure;
  gboolean came_late; /* an attempt that nobody could say of did hold */
  gboolean is_due;    /* what follows from ->change is not written yet */
} PtMongodbArea;

/* Of a kind: those that are this process's alone, and were not tried to be given to anybody. */
typedef struct
{
  guint64 next, end;
} PtMongodbNumbers;

typedef struct
{
  PtStore parent;
  mongoc_client_pool_t *pool;
  char *database;
  gint64 token; /* the newest of this process's: each one is higher than all before */
  gboolean finds_bare_keys_only; /* a filter of more than _id looks at each document */
  GMutex lock;                   /* of all writes */
  GArray *areas;                 /* PtMongodbArea, by number */
  PtMongodbNumbers numbers[PT_SUBJECT_KINDS];
  gboolean is_shared;

  /* Of a member; guarded by a lock of their own, so that a long write holds up no beat. */
  GMutex member_lock;
  char member[PT_MEMBER_NAME_MAX + 1];
  gint64 session;
  gboolean has_beaten;
  gint due; /* atomic: something is unsure or due, also in transactions */
} PtMongodbStore;

PtMongodb pt_mongodb_store_take (PtMongodbStore *store);

/* Keys */

static inline PtMongodbKey
pt_mongodb_area_key (guint32 area)
{
  return pt_mongodb_key ("%06x", area);
}

/* Of entries and batches. */
static inline PtMongodbKey
pt_mongodb_entry_key (guint32 area, guint64 number)
{
  return pt_mongodb_key ("%06x.%010" G_GINT64_MODIFIER "x", area, number);
}

static inline PtMongodbKey
pt_mongodb_subject_key (PtSubject subject)
{
  return pt_mongodb_key ("%x.%08x", (guint) subject.kind, subject.number);
}

#define PT_MONGODB_NUMBER_MAX ((G_GUINT64_CONSTANT (1) << 40) - 1)

/* -area. A change to what is stored of an area is one compare-and-swap of its document, which is
 * its only commit point. What follows from it elsewhere lies in redo documents before, and is
 * written after, by whoever opens the store next if need be. */

/* What follows: documents as they will be, so that writing them twice is writing them once. */
bson_t *pt_mongodb_put (PtMongodbPlace place, const char *key, const bson_t *members);
/* Where there is such a document already. */
bson_t *pt_mongodb_edit (PtMongodbPlace place, const bson_t *filter, const bson_t *members);
bson_t *pt_mongodb_drop (PtMongodbPlace place, const char *key);

/* @op is of the area: its document bears the area's token. Returns @op. */
bson_t *pt_mongodb_stamp (PtMongodbStore *store, guint32 area, bson_t *op);

/* Now. In their order in each collection; between those there is none. */
gboolean pt_mongodb_write_ops (PtMongodbStore *store, PtMongodb *mongodb, GPtrArray *ops,
                               GError **error);

typedef struct
{
  guint32 area;
  bson_t only;    /* what its document must hold, beside the token and the change before */
  bson_t set;     /* members that it gets */
  bson_t add;     /* members that grow */
  GPtrArray *ops; /* bson_t: what follows */
  guint64 tail, pruned, sealed; /* as they will be */
  gboolean moved;               /* out */
} PtMongodbChange;

/* @change as if nothing changed; with the store's lock. */
void pt_mongodb_change_init (PtMongodbChange *change, PtMongodbStore *store, guint32 area);
void pt_mongodb_change_clear (PtMongodbChange *change);

/* With the lock, and after pt_mongodb_settle (). Each area by itself; FALSE: not all were moved.
 * PT_ERROR_CONFLICT: a document is not as it must be. PT_ERROR_STOP: another process has the store
 * now. PT_ERROR_RETRY: also where nobody can say now; the next one begins by asking. */
gboolean pt_mongodb_change_areas (PtMongodbStore *store, PtMongodb *mongodb,
                                  PtMongodbChange *changes, guint count, GError **error);
/* With the lock: everything is as it was said to be. To be called before anything is written. */
gboolean pt_mongodb_settle (PtMongodbStore *store, PtMongodb *mongodb, GError **error);
/* Without it, before what is derived is read. */
gboolean pt_mongodb_settle_to_read (PtMongodbStore *store, PtMongodb *mongodb, GError **error);
/* Into ->areas, at the end where it is the next one, but for its token. */
gboolean pt_mongodb_take_area (PtMongodbStore *store, const bson_t *document, GError **error);
/* Of the process that had the store before: what follows is written, what never held is removed. */
gboolean pt_mongodb_take_over (PtMongodbStore *store, PtMongodb *mongodb, GError **error);
PtMongodbArea *pt_mongodb_area (PtMongodbStore *store, guint32 area);

/* PT_ERROR_CONFLICT, which ends no process; FALSE. */
gboolean pt_mongodb_is_another_ones (guint32 area, GError **error);
/* Where the store is shared: whether this process has the areas of @rows. */
gboolean pt_mongodb_check_held (PtMongodbStore *store, PtMongodb *mongodb, const PtBatchRow *rows,
                                guint count, GError **error);

/* -leases */
/* With the lock: areas that others have added, where area @up_to is not known here. */
gboolean pt_mongodb_load_areas (PtMongodbStore *store, PtMongodb *mongodb, guint32 up_to,
                                GError **error);
gboolean pt_mongodb_store_beat (PtStore *store, const PtMemberRow *row, GError **error);
gboolean pt_mongodb_store_leave (PtStore *store, GError **error);
GArray *pt_mongodb_store_members (PtStore *store, GError **error);
GArray *pt_mongodb_store_leases (PtStore *store, GError **error);
gboolean pt_mongodb_store_lease_take (PtStore *store, guint32 area, guint64 token, guint64 *taken,
                                      GError **error);
gboolean pt_mongodb_store_lease_give (PtStore *store, guint32 area, GError **error);

/* -transactions: what follows from transactions is written. */
gboolean pt_mongodb_settle_transactions (PtMongodbStore *store, PtMongodb *mongodb, GError **error);

/* -commit */
gboolean pt_mongodb_store_commit (PtStore *store, const PtGroup *group, GError **error);

/* -log */
gboolean pt_mongodb_store_add_area (PtStore *store, const PtAreaRow *row, GError **error);
GArray *pt_mongodb_store_areas (PtStore *store, GError **error);
gboolean pt_mongodb_store_adopt_service_key (PtStore *store, const guint8 *key, GError **error);
gboolean pt_mongodb_store_set_ahead (PtStore *store, guint32 area, guint64 ahead, GError **error);
gboolean pt_mongodb_store_scan_entries (PtStore *store, guint32 area, guint64 after,
                                        gint64 before_received, PtEntryRowFunc func,
                                        gpointer user_data, GError **error);
gboolean pt_mongodb_store_restamp (PtStore *store, const PtRestamp *areas, guint count,
                                   guint64 *changed, GError **error);
gboolean pt_mongodb_store_prune (PtStore *store, guint32 area, guint64 up_to, guint limit,
                                 guint *removed, GError **error);
/* Members of an area's document. */
void pt_mongodb_head_members (bson_t *members, const PtHead *head);

/* -subjects */
gboolean pt_mongodb_subject_ops (PtMongodbStore *store, PtMongodb *mongodb, const PtGroup *group,
                                 GHashTable *ops, GError **error);
gboolean pt_mongodb_store_reserve (PtStore *store, PtSubjectKind kind, guint count, guint64 *first,
                                   GError **error);
gboolean pt_mongodb_store_scan_subjects (PtStore *store, PtSubjectKind kind, PtSubjectRowFunc func,
                                         gpointer user_data, GError **error);
GPtrArray *pt_mongodb_store_subject_bodies (PtStore *store, PtSubject subject, GError **error);
gboolean pt_mongodb_store_save_histories (PtStore *store, const PtSubjectRow *rows, guint count,
                                          GError **error);

/* -outages */
gboolean pt_mongodb_outage_ops (PtMongodb *mongodb, const PtGroup *group, GHashTable *ops,
                                GError **error);
gboolean pt_mongodb_store_outages (PtStore *store, const PtOutageQuery *query, PtOutageRowFunc func,
                                   gpointer user_data, GError **error);

/* -said */
gboolean pt_mongodb_said_ops (PtMongodb *mongodb, const PtGroup *group, GHashTable *ops,
                              GError **error);
gboolean pt_mongodb_store_scan_said (PtStore *store, guint32 area, guint64 after,
                                     PtSaidRowFunc func, gpointer user_data, GError **error);
gboolean pt_mongodb_store_scan_chain (PtStore *store, const PtChainQuery *query, PtSaidRowFunc func,
                                      gpointer user_data, GError **error);
/* -privates */
void pt_mongodb_private_ops (const PtGroup *group, GHashTable *ops);
gboolean pt_mongodb_store_privates (PtStore *store, const PtErasure *from, PtPrivateRowFunc func,
                                    gpointer user_data, GError **error);
gboolean pt_mongodb_store_photo (PtStore *store, guint32 area, const char *complaint, PtPhoto *out,
                                 PtModeration *hidden, GError **error);
gboolean pt_mongodb_store_moderate (PtStore *store, const PtErasure *of,
                                    const PtModeration *moderation, GError **error);

/* Of a group, by area: takes @op. */
void pt_mongodb_add_op (GHashTable *ops, guint32 area, bson_t *op);

/* -views */
gboolean pt_mongodb_write_evidence (PtMongodb *mongodb, const PtGroup *group, GError **error);
gboolean pt_mongodb_write_rejected (PtMongodb *mongodb, const PtGroup *group, GError **error);
gboolean pt_mongodb_store_evidence (PtStore *store, const PtEvidenceQuery *query,
                                    PtEvidenceRowFunc func, gpointer user_data, GError **error);
gboolean pt_mongodb_store_rejected (PtStore *store, const PtRejectedQuery *query,
                                    PtRejectedRowFunc func, gpointer user_data, GError **error);
gboolean pt_mongodb_store_counts (PtStore *store, PtCounts *counts, GError **error);

/* -batches */
gboolean pt_mongodb_store_seal (PtStore *store, const PtSeal *seals, guint count, GError **error);
gboolean pt_mongodb_store_roster (PtStore *store, guint32 area, guint64 batch, GBytes **roster,
                                  GError **error);
GArray *pt_mongodb_store_batches (PtStore *store, const PtBatchQuery *query, GError **error);
GArray *pt_mongodb_store_unfinished (PtStore *store, guint limit, GError **error);
gboolean pt_mongodb_store_published (PtStore *store, const PtBatchRow *rows, guint count,
                                     GError **error);
/* PT_ERROR_CONFLICT where one of them is not in that state. */
gboolean pt_mongodb_check_batches (PtMongodb *mongodb, const PtBatchRow *rows, guint count,
                                   PtBatchState state, GError **error);

/* -transactions */
gboolean pt_mongodb_store_submit (PtStore *store, PtTransactionRow *transaction,
                                  const PtBatchRow *rows, guint count, GError **error);
gboolean pt_mongodb_store_bump (PtStore *store, const PtTransactionRow *transaction,
                                GError **error);
gboolean pt_mongodb_store_mined (PtStore *store, const PtTransactionRow *transaction,
                                 GError **error);
gboolean pt_mongodb_store_finalize (PtStore *store, guint64 transaction_id, GError **error);
gboolean pt_mongodb_store_withdraw (PtStore *store, guint64 transaction_id, GError **error);
gboolean pt_mongodb_store_adopt (PtStore *store, const PtTransactionRow *transaction,
                                 const PtBatchRow *rows, guint count, GError **error);
gboolean pt_mongodb_store_reopen (PtStore *store, guint32 area, guint64 after, guint *count,
                                  GError **error);
GPtrArray *pt_mongodb_store_transactions (PtStore *store, GError **error);
