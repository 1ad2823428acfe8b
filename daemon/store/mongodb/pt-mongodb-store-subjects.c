/* SPDX-License-Identifier: Apache-2.0 */
/* Devices and officials: {_id: kind.number, a: area, b: body, n: entry, active, was, past, folded,
 * history}, and all their registrations: {_id: kind.number.entry, b: body}. */
#include "pt-mongodb-store-private.h"

#include <string.h>

/* What a group needs to know of a subject that is there already. */
typedef struct
{
  guint32 area;
  guint64 entry;
  gboolean active, was_active;
} Known;

static gboolean
take_known (const bson_t *document, gpointer data, GError **error)
{
  Known *known = g_new (Known, 1);

  *known = (Known){ (guint32) pt_bson_int (document, "a"), (guint64) pt_bson_int (document, "n"),
                    pt_bson_int (document, "active") != 0, pt_bson_int (document, "was") != 0 };
  g_hash_table_replace (data, g_strdup (pt_bson_text (document, "_id")), known);
  return TRUE;
}

static gboolean
find_known (PtMongodb *mongodb, const PtGroup *group, GHashTable *known, GError **error)
{
  g_autoptr (bson_t) filter = bson_new ();
  bson_t in, list;

  if (group->subject_count == 0)
    return TRUE;
  bson_append_document_begin (filter, "_id", -1, &in);
  bson_append_array_begin (&in, "$in", -1, &list);
  for (guint i = 0; i < group->subject_count; i++)
    {
      char index[16];

      g_snprintf (index, sizeof index, "%u", i);
      BSON_APPEND_UTF8 (&list, index, pt_mongodb_subject_key (group->subjects[i].subject).text);
    }
  bson_append_array_end (&in, &list);
  bson_append_document_end (filter, &in);
  return pt_mongodb_find (mongodb, PT_MONGODB_SUBJECTS, filter, NULL, take_known, known, error);
}

/* @was keeps what held at the area's head while registrations come that are not sealed yet. */
static bson_t *
subject_members (const PtSubjectRow *row, gboolean was_active)
{
  bson_t *members = bson_new ();

  BSON_APPEND_INT64 (members, "a", row->area);
  pt_bson_add_gbytes (members, "b", row->body);
  BSON_APPEND_INT64 (members, "n", (gint64) row->entry);
  BSON_APPEND_BOOL (members, "active", row->active);
  BSON_APPEND_BOOL (members, "was", was_active);
  if (row->past != NULL)
    pt_bson_add_gbytes (members, "past", row->past);
  else
    pt_bson_add_bytes (members, "past", "", 0);
  return members;
}

static void
add_ops (const PtSubjectRow *row, gboolean was_active, GHashTable *ops)
{
  PtMongodbKey key = pt_mongodb_subject_key (row->subject);
  g_autoptr (bson_t) members = subject_members (row, was_active), registration = bson_new ();

  pt_bson_add_gbytes (registration, "b", row->body);
  pt_mongodb_add_op (ops, row->area, pt_mongodb_put (PT_MONGODB_SUBJECTS, key.text, members));
  pt_mongodb_add_op (
      ops, row->area,
      pt_mongodb_put (PT_MONGODB_REGISTRATIONS,
                      pt_mongodb_key ("%s.%010" G_GINT64_MODIFIER "x", key.text, row->entry).text,
                      registration));
}

/* Whether it comes into the store or not: nobody else gets it any more. */
static void
use_number (PtMongodbStore *store, PtSubject subject)
{
  PtMongodbNumbers *numbers = &store->numbers[subject.kind];

  if (subject.number >= numbers->next && subject.number < numbers->end)
    numbers->next = (guint64) subject.number + 1;
}

gboolean
pt_mongodb_subject_ops (PtMongodbStore *store, PtMongodb *mongodb, const PtGroup *group,
                        GHashTable *ops, GError **error)
{
  g_autoptr (GHashTable) known = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);

  g_return_val_if_fail (group != NULL && ops != NULL, FALSE);

  if (!find_known (mongodb, group, known, error))
    return FALSE;
  for (guint i = 0; i < group->subject_count; i++)
    {
      const PtSubjectRow *row = &group->subjects[i];
      PtMongodbKey key = pt_mongodb_subject_key (row->subject);
      const PtMongodbArea *area = pt_mongodb_area (store, row->area);
      const Known *before = g_hash_table_lookup (known, key.text);
      guint64 sealed = area != NULL ? area->sealed : 0;
      Known after = { row->area, row->entry, row->active, FALSE };

      if (before != NULL && before->area != row->area)
        return pt_store_number_is_taken (row, error);
      use_number (store, row->subject);
      if (before != NULL)
        after.was_active = before->entry <= sealed ? before->active : before->was_active;
      add_ops (row, after.was_active, ops);
      g_hash_table_replace (known, g_strdup (key.text), g_memdup2 (&after, sizeof after));
    }
  return TRUE;
}

/* Numbers. A process has some that are its own, so that registrations of several do not wait for
 * each other. */

#define NUMBERS_AT_ONCE 1024

static void
add_kind (bson_t *filter, PtSubjectKind kind)
{
  pt_bson_add_range (filter, "_id", pt_mongodb_key ("%x.", (guint) kind).text,
                     pt_mongodb_key ("%x/", (guint) kind).text);
}

static gboolean
take_highest (const bson_t *document, gpointer data, GError **error)
{
  const char *key = pt_bson_text (document, "_id");

  if (key == NULL || strlen (key) < 10)
    return pt_mongodb_damaged ("A device's document", error);
  *(guint64 *) data = g_ascii_strtoull (key + 2, NULL, 16) + 1;
  return TRUE;
}

/* The counter is not below what is there: the documents may be another store's, copied. */
static gboolean
raise_counter (PtMongodb *mongodb, PtSubjectKind kind, const char *counter, GError **error)
{
  g_autoptr (bson_t) filter = bson_new (), newest = pt_bson_sorted (1, "_id", "-", NULL);
  g_autoptr (bson_t) by_key = pt_bson_by_key (counter), update = NULL;
  g_autoptr (bson_t) upsert = BCON_NEW ("upsert", BCON_BOOL (TRUE));
  bson_error_t failure;
  guint64 above = 0;

  add_kind (filter, kind);
  if (!pt_mongodb_find (mongodb, PT_MONGODB_SUBJECTS, filter, newest, take_highest, &above, error))
    return FALSE;
  update = BCON_NEW ("$max", "{", "value", BCON_INT64 ((gint64) above), "}");
  return mongoc_collection_update_one (pt_mongodb_at (mongodb, PT_MONGODB_META), by_key, update,
                                       upsert, NULL, &failure)
         || pt_mongodb_fail (&failure, error);
}

static gboolean
get_numbers (PtMongodb *mongodb, PtSubjectKind kind, guint count, PtMongodbNumbers *out,
             GError **error)
{
  const char *counter = kind == PT_SUBJECT_DEVICE ? "devices" : "officials";
  gint64 last = 0;

  count = MAX (count, NUMBERS_AT_ONCE);
  if (!raise_counter (mongodb, kind, counter, error)
      || !pt_mongodb_count_on (mongodb, counter, count, &last, error))
    return FALSE;
  *out = (PtMongodbNumbers){ (guint64) last - count, (guint64) last };
  return TRUE;
}

gboolean
pt_mongodb_store_reserve (PtStore *parent, PtSubjectKind kind, guint count, guint64 *first,
                          GError **error)
{
  PtMongodbStore *store = (PtMongodbStore *) parent;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&store->lock);
  g_auto (PtMongodb) mongodb = pt_mongodb_store_take (store);
  PtMongodbNumbers *numbers = &store->numbers[kind];

  /* What a change that is due holds is not among the documents yet. */
  if (numbers->end - numbers->next < count
      && (!pt_mongodb_settle (store, &mongodb, error)
          || !get_numbers (&mongodb, kind, count, numbers, error)))
    return FALSE;
  *first = numbers->next;
  return TRUE;
}

/* Reading */

typedef struct
{
  GArray *heads; /* PtAreaRow */
  PtSubjectRowFunc func;
  gpointer user_data;
} SubjectScan;

static gboolean
read_subject (const bson_t *document, const SubjectScan *scan, PtSubjectRow *row)
{
  g_autoptr (GBytes) history = pt_bson_bytes (document, "history"), none = g_bytes_new (NULL, 0);
  const char *key = pt_bson_text (document, "_id");

  *row = (PtSubjectRow){ .area = (guint32) pt_bson_int (document, "a"),
                         .body = pt_bson_bytes (document, "b"),
                         .entry = (guint64) pt_bson_int (document, "n"),
                         .active = pt_bson_int (document, "active") != 0,
                         .was_active = pt_bson_int (document, "was") != 0,
                         .folded_to = (guint64) pt_bson_int (document, "folded"),
                         .past = pt_bson_bytes (document, "past") };
  if (key == NULL || strlen (key) < 10 || row->body == NULL || row->past == NULL
      || row->area >= scan->heads->len)
    return FALSE;
  row->subject = (PtSubject){ (PtSubjectKind) g_ascii_strtoull (key, NULL, 16),
                              (guint32) g_ascii_strtoull (key + 2, NULL, 16) };
  if (row->entry <= g_array_index (scan->heads, PtAreaRow, row->area).head.last_entry)
    row->was_active = row->active;
  return pt_history_load (&row->history, history != NULL ? history : none);
}

static gboolean
tell_subject (const bson_t *document, gpointer data, GError **error)
{
  const SubjectScan *scan = data;
  PtSubjectRow row = { 0 };
  gboolean go_on = read_subject (document, scan, &row)
                       ? scan->func (&row, scan->user_data, error)
                       : pt_mongodb_damaged ("A device's document", error);

  g_clear_pointer (&row.body, g_bytes_unref);
  g_clear_pointer (&row.past, g_bytes_unref);
  pt_history_clear (&row.history);
  return go_on;
}

gboolean
pt_mongodb_store_scan_subjects (PtStore *parent, PtSubjectKind kind, PtSubjectRowFunc func,
                                gpointer user_data, GError **error)
{
  PtMongodbStore *store = (PtMongodbStore *) parent;
  g_auto (PtMongodb) mongodb = pt_mongodb_store_take (store);
  g_autoptr (bson_t) filter = bson_new (), in_order = pt_bson_sorted (0, "_id", "+", NULL);
  g_autoptr (GArray) heads = NULL;
  SubjectScan scan = { NULL, func, user_data };

  if (!pt_mongodb_settle_to_read (store, &mongodb, error))
    return FALSE;
  scan.heads = heads = pt_mongodb_store_areas (parent, error);
  if (heads == NULL)
    return FALSE;
  add_kind (filter, kind);
  return pt_mongodb_find (&mongodb, PT_MONGODB_SUBJECTS, filter, in_order, tell_subject, &scan,
                          error);
}

static gboolean
take_body (const bson_t *document, gpointer data, GError **error)
{
  GBytes *body = pt_bson_bytes (document, "b");

  if (body == NULL)
    return pt_mongodb_damaged ("A registration", error);
  g_ptr_array_add (data, body);
  return TRUE;
}

GPtrArray *
pt_mongodb_store_subject_bodies (PtStore *parent, PtSubject subject, GError **error)
{
  PtMongodbStore *store = (PtMongodbStore *) parent;
  g_auto (PtMongodb) mongodb = pt_mongodb_store_take (store);
  g_autoptr (bson_t) filter = bson_new (), newest = pt_bson_sorted (0, "_id", "-", NULL);
  g_autoptr (GPtrArray) bodies = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  PtMongodbKey key = pt_mongodb_subject_key (subject);

  pt_bson_add_range (filter, "_id", pt_mongodb_key ("%s.", key.text).text,
                     pt_mongodb_key ("%s/", key.text).text);
  if (!pt_mongodb_settle_to_read (store, &mongodb, error)
      || !pt_mongodb_find (&mongodb, PT_MONGODB_REGISTRATIONS, filter, newest, take_body, bodies,
                           error))
    return NULL;
  return g_steal_pointer (&bodies);
}

/* Histories */

static bson_t *
history_op (const PtSubjectRow *row)
{
  g_autoptr (bson_t) filter = pt_bson_by_key (pt_mongodb_subject_key (row->subject).text);
  g_autoptr (GBytes) history = pt_history_save (&row->history);
  g_autoptr (bson_t) set = bson_new ();

  BSON_APPEND_INT64 (set, "folded", (gint64) row->folded_to);
  pt_bson_add_gbytes (set, "history", history);
  return pt_mongodb_edit (PT_MONGODB_SUBJECTS, filter, set);
}

gboolean
pt_mongodb_store_save_histories (PtStore *parent, const PtSubjectRow *rows, guint count,
                                 GError **error)
{
  PtMongodbStore *store = (PtMongodbStore *) parent;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&store->lock);
  g_auto (PtMongodb) mongodb = pt_mongodb_store_take (store);
  g_autoptr (GPtrArray) ops = g_ptr_array_new_full (count, (GDestroyNotify) bson_destroy);

  for (guint i = 0; i < count; i++)
    g_ptr_array_add (ops, pt_mongodb_stamp (store, rows[i].area, history_op (&rows[i])));
  return pt_mongodb_settle (store, &mongodb, error)
         && pt_mongodb_write_ops (store, &mongodb, ops, error);
}
