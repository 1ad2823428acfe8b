/* SPDX-License-Identifier: Apache-2.0 */
/* Areas and their entries. */
#include "pt-mongodb-store-private.h"

#include <string.h>

/* Areas */

static void
add_frontier (bson_t *members, const PtFrontier *frontier)
{
  BSON_APPEND_INT64 (members, "size", (gint64) frontier->size);
  pt_bson_add_bytes (members, "frontier", frontier->nodes,
                     pt_frontier_count (frontier) * PT_HASH_SIZE);
}

void
pt_mongodb_head_members (bson_t *members, const PtHead *head)
{
  g_return_if_fail (members != NULL && head != NULL);

  BSON_APPEND_INT64 (members, "batch", (gint64) head->batch);
  BSON_APPEND_INT64 (members, "to", head->to);
  add_frontier (members, &head->frontier);
  BSON_APPEND_INT64 (members, "last_entry", (gint64) head->last_entry);
}

static bson_t *
area_document (PtMongodbStore *store, const PtAreaRow *row)
{
  bson_t *document = pt_bson_by_key (pt_mongodb_area_key (row->number).text);
  const PtHead head = { 0 };
  bson_oid_t first;

  bson_oid_init (&first, NULL);
  BSON_APPEND_INT64 (document, "number", row->number);
  BSON_APPEND_UTF8 (document, "id", row->id);
  pt_bson_add_bytes (document, "authority_key", row->authority_key, PT_PUBLIC_KEY_SIZE);
  pt_bson_add_bytes (document, "service_key", row->service_key, PT_PUBLIC_KEY_SIZE);
  BSON_APPEND_INT64 (document, "registered", row->registered);
  BSON_APPEND_INT64 (document, "token", store->token);
  BSON_APPEND_UTF8 (document, "holder", store->member);
  BSON_APPEND_OID (document, "change", &first);
  BSON_APPEND_INT64 (document, "tail", 0);
  BSON_APPEND_INT64 (document, "pruned", 0);
  BSON_APPEND_INT64 (document, "promised", (gint64) row->promised);
  BSON_APPEND_INT64 (document, "reports", 0);
  BSON_APPEND_INT64 (document, "ahead", 0);
  pt_mongodb_head_members (document, &head);
  return document;
}

gboolean
pt_mongodb_store_add_area (PtStore *parent, const PtAreaRow *row, GError **error)
{
  PtMongodbStore *store = (PtMongodbStore *) parent;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&store->lock);
  g_auto (PtMongodb) mongodb = pt_mongodb_store_take (store);
  g_autoptr (bson_t) document = area_document (store, row);
  const bson_t *documents[] = { document };

  if (store->is_shared && !pt_mongodb_load_areas (store, &mongodb, row->number, error))
    return FALSE;
  if (row->number != store->areas->len)
    {
      g_set_error_literal (error, PT_ERROR, PT_ERROR_CONFLICT,
                           "The area's number is not the count of areas.");
      return FALSE;
    }
  if (!pt_mongodb_settle (store, &mongodb, error)
      || !pt_mongodb_insert (&mongodb, PT_MONGODB_AREAS, documents, 1, error)
      || !pt_mongodb_take_area (store, document, error))
    return FALSE;
  pt_mongodb_area (store, row->number)->token = store->token;
  return TRUE;
}

static gboolean
read_area (const bson_t *document, PtAreaRow *row)
{
  const char *id = pt_bson_text (document, "id");
  gsize size = 0;
  const PtHash *nodes = pt_bson_data (document, "frontier", &size);

  *row = (PtAreaRow){ .number = (guint32) pt_bson_int (document, "number"),
                      .registered = pt_bson_int (document, "registered"),
                      .tail = (guint64) pt_bson_int (document, "tail"),
                      .promised = (guint64) pt_bson_int (document, "promised"),
                      .ahead = (guint64) pt_bson_int (document, "ahead"),
                      .head.batch = (guint64) pt_bson_int (document, "batch"),
                      .head.to = pt_bson_int (document, "to"),
                      .head.last_entry = (guint64) pt_bson_int (document, "last_entry"),
                      .head.named.known = bson_has_field (document, "named"),
                      .head.named.number = (guint64) pt_bson_int (document, "named") };
  if (id == NULL)
    return FALSE;
  g_strlcpy (row->id, id, sizeof row->id);
  return pt_bson_fixed (document, "authority_key", row->authority_key, PT_PUBLIC_KEY_SIZE)
         && pt_bson_fixed (document, "service_key", row->service_key, PT_PUBLIC_KEY_SIZE)
         && (!row->head.named.known
             || pt_bson_fixed (document, "named_hash", &row->head.named.hash, PT_HASH_SIZE))
         && size % PT_HASH_SIZE == 0
         && pt_frontier_load (&row->head.frontier, (guint64) pt_bson_int (document, "size"), nodes,
                              size / PT_HASH_SIZE)
                == PT_OK;
}

static gboolean
append_area (const bson_t *document, gpointer data, GError **error)
{
  PtAreaRow row;

  if (!read_area (document, &row))
    return pt_mongodb_damaged ("An area's document", error);
  g_array_append_val ((GArray *) data, row);
  return TRUE;
}

GArray *
pt_mongodb_store_areas (PtStore *parent, GError **error)
{
  g_auto (PtMongodb) mongodb = pt_mongodb_store_take ((PtMongodbStore *) parent);
  g_autoptr (bson_t) every = bson_new (), in_order = pt_bson_sorted (0, "_id", "+", NULL);
  g_autoptr (GArray) rows = g_array_new (FALSE, TRUE, sizeof (PtAreaRow));

  if (!pt_mongodb_find (&mongodb, PT_MONGODB_AREAS, every, in_order, append_area, rows, error))
    return NULL;
  return g_steal_pointer (&rows);
}

gboolean
pt_mongodb_store_adopt_service_key (PtStore *parent, const guint8 *key, GError **error)
{
  static const guint8 none[PT_PUBLIC_KEY_SIZE];
  PtMongodbStore *store = (PtMongodbStore *) parent;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&store->lock);
  g_auto (PtMongodb) mongodb = pt_mongodb_store_take (store);
  g_autoptr (bson_t) filter = bson_new (), update = bson_new ();
  bson_error_t failure;
  bson_t set;

  pt_bson_add_bytes (filter, "service_key", none, sizeof none);
  BSON_APPEND_INT64 (filter, "token", store->token);
  bson_append_document_begin (update, "$set", -1, &set);
  pt_bson_add_bytes (&set, "service_key", key, PT_PUBLIC_KEY_SIZE);
  bson_append_document_end (update, &set);
  return mongoc_collection_update_many (pt_mongodb_at (&mongodb, PT_MONGODB_AREAS), filter, update,
                                        NULL, NULL, &failure)
         || pt_mongodb_fail (&failure, error);
}

gboolean
pt_mongodb_store_set_ahead (PtStore *parent, guint32 area, guint64 ahead, GError **error)
{
  PtMongodbStore *store = (PtMongodbStore *) parent;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&store->lock);
  g_auto (PtMongodb) mongodb = pt_mongodb_store_take (store);
  g_autoptr (bson_t) filter = pt_bson_by_key (pt_mongodb_area_key (area).text);
  g_autoptr (bson_t) update = BCON_NEW ("$set", "{", "ahead", BCON_INT64 ((gint64) ahead), "}");
  const PtMongodbArea *known = pt_mongodb_area (store, area);

  BSON_APPEND_INT64 (filter, "token", known != NULL ? known->token : 0);
  return pt_mongodb_update (&mongodb, PT_MONGODB_AREAS, filter, update, NULL, error);
}

/* Entries */

typedef struct
{
  guint32 area;
  gint64 before_received;
  PtEntryRowFunc func;
  gpointer user_data;
} Scan;

/* FALSE without an error: what was wanted has been read. */
static gboolean
scan_entry (const bson_t *document, gpointer data, GError **error)
{
  const Scan *scan = data;
  const char *key = pt_bson_text (document, "_id");
  PtEntryRow row = { .area = scan->area,
                     .subject = pt_subject_from_key (pt_bson_int (document, "s")),
                     .seq = pt_bson_int (document, "q"),
                     .received = pt_bson_int (document, "r") };

  row.body = pt_bson_data (document, "b", &row.size);
  if (key == NULL || strlen (key) < 8 || row.body == NULL)
    return pt_mongodb_damaged ("An entry", error);
  row.number = g_ascii_strtoull (key + 7, NULL, 16);
  /* received never decreases: the rest is later too. */
  if (scan->before_received != 0 && row.received >= scan->before_received)
    return FALSE;
  return scan->func (&row, scan->user_data, error);
}

/* From what is known now: entries beyond are none, those before @pruned are none any more. */
static gboolean
find_ends (PtMongodb *mongodb, guint32 area, guint64 *pruned, guint64 *tail, GError **error)
{
  g_autoptr (bson_t) document = NULL;

  if (!pt_mongodb_get (mongodb, PT_MONGODB_AREAS, pt_mongodb_area_key (area).text, &document,
                       error))
    return FALSE;
  *pruned = document != NULL ? (guint64) pt_bson_int (document, "pruned") : 0;
  *tail = document != NULL ? (guint64) pt_bson_int (document, "tail") : 0;
  return TRUE;
}

/* Most who ask want the first one alone, and that is found by its key. */
static gboolean
scan_first (PtMongodb *mongodb, guint64 number, Scan *scan, GError **error)
{
  g_autoptr (bson_t) filter = pt_bson_by_key (pt_mongodb_entry_key (scan->area, number).text);

  return pt_mongodb_find (mongodb, PT_MONGODB_ENTRIES, filter, NULL, scan_entry, scan, error);
}

gboolean
pt_mongodb_store_scan_entries (PtStore *parent, guint32 area, guint64 after, gint64 before_received,
                               PtEntryRowFunc func, gpointer user_data, GError **error)
{
  g_auto (PtMongodb) mongodb = pt_mongodb_store_take ((PtMongodbStore *) parent);
  g_autoptr (bson_t) filter = bson_new (), in_order = pt_bson_sorted (0, "_id", "+", NULL);
  Scan scan = { area, before_received, func, user_data };
  guint64 pruned, tail;

  if (!find_ends (&mongodb, area, &pruned, &tail, error))
    return FALSE;
  after = MAX (after, pruned);
  if (after >= tail)
    return TRUE;
  if (!scan_first (&mongodb, after + 1, &scan, error))
    return FALSE;
  if (++after == tail)
    return TRUE;
  pt_bson_add_range (filter, "_id", pt_mongodb_entry_key (area, after).text,
                     pt_mongodb_entry_key (area, tail).text);
  return pt_mongodb_find (&mongodb, PT_MONGODB_ENTRIES, filter, in_order, scan_entry, &scan, error);
}

/* Pruning */

static gboolean
take_first_entry (const bson_t *document, gpointer data, GError **error)
{
  guint64 *final_to = data;

  *final_to = MIN (*final_to, (guint64) pt_bson_int (document, "first") - 1);
  return TRUE;
}

/* Up to where the area's batches are FINAL: before its first that is not, else to its head. */
static gboolean
find_final (PtMongodb *mongodb, guint32 area, guint64 *final_to, GError **error)
{
  g_autoptr (bson_t) filter = bson_new ();

  BSON_APPEND_INT64 (filter, "a", area);
  pt_bson_add_compare (filter, "state", "$lt", PT_BATCH_FINAL);
  return pt_mongodb_find (mongodb, PT_MONGODB_BATCHES, filter, NULL, take_first_entry, final_to,
                          error);
}

typedef struct
{
  guint32 area;
  GPtrArray *ops;
} Rosters;

static gboolean
drop_roster (const bson_t *document, gpointer data, GError **error)
{
  const Rosters *rosters = data;

  g_ptr_array_add (rosters->ops,
                   pt_mongodb_drop (PT_MONGODB_ROSTERS, pt_bson_text (document, "_id")));
  return TRUE;
}

/* Of batches that have no entry any more then. */
static gboolean
drop_rosters (PtMongodb *mongodb, PtMongodbChange *change, guint64 before, GError **error)
{
  g_autoptr (bson_t) filter = bson_new ();
  Rosters rosters = { change->area, change->ops };
  bson_t range;

  BSON_APPEND_INT64 (filter, "a", change->area);
  bson_append_document_begin (filter, "last", -1, &range);
  BSON_APPEND_INT64 (&range, "$gt", (gint64) before);
  BSON_APPEND_INT64 (&range, "$lte", (gint64) change->pruned);
  bson_append_document_end (filter, &range);
  return pt_mongodb_find (mongodb, PT_MONGODB_BATCHES, filter, NULL, drop_roster, &rosters, error);
}

/* Those that a break leaves are below what is pruned, so nobody reads them; the next one removes
 * them. */
static gboolean
remove_entries (PtMongodb *mongodb, guint32 area, guint64 up_to, GError **error)
{
  g_autoptr (bson_t) filter = bson_new ();

  pt_bson_add_range (filter, "_id", pt_mongodb_entry_key (area, 0).text,
                     pt_mongodb_entry_key (area, up_to).text);
  return pt_mongodb_remove (mongodb, PT_MONGODB_ENTRIES, filter, error);
}

gboolean
pt_mongodb_store_prune (PtStore *parent, guint32 number, guint64 up_to, guint limit, guint *removed,
                        GError **error)
{
  PtMongodbStore *store = (PtMongodbStore *) parent;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&store->lock);
  g_auto (PtMongodb) mongodb = pt_mongodb_store_take (store);
  const PtMongodbArea *area = pt_mongodb_area (store, number);
  guint64 before, final_to;
  PtMongodbChange change;
  gboolean done;

  *removed = 0;
  if (area == NULL)
    return TRUE;
  if (!pt_mongodb_settle (store, &mongodb, error))
    return FALSE;
  before = area->pruned;
  final_to = area->sealed;
  if (!find_final (&mongodb, number, &final_to, error))
    return FALSE;
  up_to = MIN (MIN (up_to, final_to), before + limit);
  if (up_to <= before)
    return TRUE;
  pt_mongodb_change_init (&change, store, number);
  BSON_APPEND_INT64 (&change.set, "pruned", (gint64) up_to);
  change.pruned = up_to;
  done = drop_rosters (&mongodb, &change, before, error)
         && pt_mongodb_change_areas (store, &mongodb, &change, 1, error)
         && remove_entries (&mongodb, number, up_to, error);
  pt_mongodb_change_clear (&change);
  if (done)
    *removed = (guint) (up_to - before);
  return done;
}

/* Restamping */

typedef struct
{
  PtMongodbStore *store;
  PtMongodb *mongodb;
  gint64 received;
  guint64 *changed;
} Restamping;

/* A registration is kept in two more places. */
static void
add_registration_ops (const PtEntryRow *row, GBytes *body, GPtrArray *ops)
{
  PtMongodbKey key = pt_mongodb_subject_key (row->subject);
  g_autoptr (bson_t) newest = pt_bson_by_key (key.text), set = bson_new (), one = NULL;

  one = pt_bson_by_key (
      pt_mongodb_key ("%s.%010" G_GINT64_MODIFIER "x", key.text, row->number).text);
  BSON_APPEND_INT64 (newest, "n", (gint64) row->number);
  pt_bson_add_gbytes (set, "b", body);
  g_ptr_array_add (ops, pt_mongodb_edit (PT_MONGODB_REGISTRATIONS, one, set));
  g_ptr_array_add (ops, pt_mongodb_edit (PT_MONGODB_SUBJECTS, newest, set));
}

static bson_t *
entry_op (const PtEntryRow *row, gint64 received, GBytes *body)
{
  g_autoptr (bson_t) entry = pt_bson_by_key (pt_mongodb_entry_key (row->area, row->number).text);
  g_autoptr (bson_t) set = bson_new ();

  BSON_APPEND_INT64 (set, "r", received);
  pt_bson_add_gbytes (set, "b", body);
  return pt_mongodb_edit (PT_MONGODB_ENTRIES, entry, set);
}

static gboolean
is_registration (const PtEntryRow *row)
{
  return row->subject.kind == PT_SUBJECT_OFFICIAL
         || (row->subject.kind == PT_SUBJECT_DEVICE && row->seq == 0);
}

/* The entry last: a break before it leaves nothing that would not be found again. */
static gboolean
restamp_entry (const PtEntryRow *row, gpointer data, GError **error)
{
  const Restamping *work = data;
  g_autoptr (GPtrArray) others = NULL, own = NULL;
  g_autoptr (GBytes) body = NULL;

  if (row->received <= work->received)
    return TRUE;
  body = pt_store_restamped (row->body, row->size, work->received, error);
  if (body == NULL)
    return FALSE;
  others = g_ptr_array_new_with_free_func ((GDestroyNotify) bson_destroy);
  own = g_ptr_array_new_with_free_func ((GDestroyNotify) bson_destroy);
  if (is_registration (row))
    add_registration_ops (row, body, others);
  for (guint i = 0; i < others->len; i++)
    pt_mongodb_stamp (work->store, row->area, g_ptr_array_index (others, i));
  g_ptr_array_add (own,
                   pt_mongodb_stamp (work->store, row->area, entry_op (row, work->received, body)));
  ++*work->changed;
  return pt_mongodb_write_ops (work->store, work->mongodb, others, error)
         && pt_mongodb_write_ops (work->store, work->mongodb, own, error);
}

gboolean
pt_mongodb_store_restamp (PtStore *parent, const PtRestamp *areas, guint count, guint64 *changed,
                          GError **error)
{
  PtMongodbStore *store = (PtMongodbStore *) parent;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&store->lock);
  g_auto (PtMongodb) mongodb = pt_mongodb_store_take (store);
  Restamping work = { store, &mongodb, 0, changed };

  if (!pt_mongodb_settle (store, &mongodb, error))
    return FALSE;
  for (guint i = 0; i < count; i++)
    {
      work.received = areas[i].received;
      if (!pt_mongodb_store_scan_entries (parent, areas[i].area, areas[i].after, 0, restamp_entry,
                                          &work, error))
        return FALSE;
    }
  return TRUE;
}
