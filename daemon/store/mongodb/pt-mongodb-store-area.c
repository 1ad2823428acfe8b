/* SPDX-License-Identifier: Apache-2.0 */
/* How a change of an area becomes one: its document is swapped, and what follows is redone. */
#include "pt-mongodb-store-private.h"

#include <string.h>

#define REDO_BYTES (4 * 1024 * 1024) /* of one document; a single photo may be more */

PtMongodbArea *
pt_mongodb_area (PtMongodbStore *store, guint32 area)
{
  g_return_val_if_fail (store != NULL, NULL);

  return area < store->areas->len ? &g_array_index (store->areas, PtMongodbArea, area) : NULL;
}

gboolean
pt_mongodb_take_area (PtMongodbStore *store, const bson_t *document, GError **error)
{
  guint32 number = (guint32) pt_bson_int (document, "number");
  const char *id = pt_bson_text (document, "id");
  PtMongodbArea *area;
  bson_iter_t iter;

  g_return_val_if_fail (store != NULL, FALSE);

  if (id == NULL || number > store->areas->len || !bson_iter_init_find (&iter, document, "change")
      || !BSON_ITER_HOLDS_OID (&iter))
    return pt_mongodb_damaged ("An area's document", error);
  if (number == store->areas->len)
    g_array_set_size (store->areas, number + 1);
  area = pt_mongodb_area (store, number);
  g_strlcpy (area->id, id, sizeof area->id);
  area->tail = (guint64) pt_bson_int (document, "tail");
  area->pruned = (guint64) pt_bson_int (document, "pruned");
  area->sealed = (guint64) pt_bson_int (document, "last_entry");
  bson_oid_copy (bson_iter_oid (&iter), &area->change);
  return TRUE;
}

/* What follows */

static bson_t *
op_new (PtMongodbPlace place, const bson_t *filter, const bson_t *members, gboolean upsert)
{
  bson_t *op = bson_new ();

  BSON_APPEND_INT32 (op, "c", (gint32) place);
  BSON_APPEND_DOCUMENT (op, "f", filter);
  if (members != NULL)
    BSON_APPEND_DOCUMENT (op, "s", members);
  BSON_APPEND_BOOL (op, "u", upsert);
  return op;
}

bson_t *
pt_mongodb_put (PtMongodbPlace place, const char *key, const bson_t *members)
{
  g_autoptr (bson_t) filter = pt_bson_by_key (key);

  g_return_val_if_fail (members != NULL, NULL);

  return op_new (place, filter, members, TRUE);
}

bson_t *
pt_mongodb_edit (PtMongodbPlace place, const bson_t *filter, const bson_t *members)
{
  g_return_val_if_fail (filter != NULL && members != NULL, NULL);

  return op_new (place, filter, members, FALSE);
}

bson_t *
pt_mongodb_drop (PtMongodbPlace place, const char *key)
{
  g_autoptr (bson_t) filter = pt_bson_by_key (key);

  return op_new (place, filter, NULL, FALSE);
}

bson_t *
pt_mongodb_stamp (PtMongodbStore *store, guint32 area, bson_t *op)
{
  const PtMongodbArea *known;

  g_return_val_if_fail (store != NULL && op != NULL, op);

  known = pt_mongodb_area (store, area);
  if (!bson_has_field (op, "t"))
    BSON_APPEND_INT64 (op, "t", known != NULL ? known->token : 0);
  return op;
}

static gboolean
op_document (const bson_t *op, const char *name, bson_t *out)
{
  const guint8 *data;
  bson_iter_t iter;
  guint32 size;

  if (!bson_iter_init_find (&iter, op, name) || !BSON_ITER_HOLDS_DOCUMENT (&iter))
    return FALSE;
  bson_iter_document (&iter, &size, &data);
  return bson_init_static (out, data, size);
}

/* A document bears the token of who wrote it, and whoever had the store before does not get at it
 * any more: where it would be put anew, its key is taken. A server that finds documents by their
 * bare key alone is not for several processes. */
static gboolean
add_to_bulk (PtMongodbStore *store, mongoc_bulk_operation_t *bulk, const bson_t *op)
{
  gint64 token = bson_has_field (op, "t") ? pt_bson_int (op, "t") : store->token;
  bson_t key, members, filter, update = BSON_INITIALIZER, options = BSON_INITIALIZER, set;
  gboolean added;

  if (!op_document (op, "f", &key))
    return FALSE;
  if (!op_document (op, "s", &members))
    return mongoc_bulk_operation_remove_one_with_opts (bulk, &key, NULL, NULL);
  bson_copy_to (&key, &filter);
  if (!store->finds_bare_keys_only)
    pt_bson_add_compare (&filter, "t", "$lte", token);
  bson_append_document_begin (&update, "$set", -1, &set);
  BSON_APPEND_INT64 (&set, "t", token);
  bson_concat (&set, &members);
  bson_append_document_end (&update, &set);
  BSON_APPEND_BOOL (&options, "upsert", pt_bson_int (op, "u") != 0);
  added = mongoc_bulk_operation_update_one_with_opts (bulk, &filter, &update, &options, NULL);
  bson_destroy (&filter);
  bson_destroy (&update);
  bson_destroy (&options);
  return added;
}

gboolean
pt_mongodb_write_ops (PtMongodbStore *store, PtMongodb *mongodb, GPtrArray *ops, GError **error)
{
  mongoc_bulk_operation_t *bulks[PT_MONGODB_COLLECTIONS] = { NULL };
  bson_error_t failure;
  gboolean done = TRUE;

  for (guint i = 0; done && i < ops->len; i++)
    {
      const bson_t *op = g_ptr_array_index (ops, i);
      gint64 place = pt_bson_int (op, "c");

      if (place <= 0 || place >= PT_MONGODB_COLLECTIONS)
        done = pt_mongodb_damaged ("A redo document", error);
      else if (bulks[place] == NULL)
        bulks[place] = mongoc_collection_create_bulk_operation_with_opts (
            pt_mongodb_at (mongodb, (PtMongodbPlace) place), NULL);
      if (done && !add_to_bulk (store, bulks[place], op))
        done = pt_mongodb_damaged ("A redo document", error);
    }
  for (guint i = 0; i < PT_MONGODB_COLLECTIONS; i++)
    if (bulks[i] != NULL)
      {
        if (done && mongoc_bulk_operation_execute (bulks[i], NULL, &failure) == 0)
          done = pt_mongodb_fail (&failure, error);
        mongoc_bulk_operation_destroy (bulks[i]);
      }
  return done;
}

/* Redo documents: {_id: change.area.part, t: the area's token, ops: [...]} */

static PtMongodbKey
redo_key (const bson_oid_t *change, guint32 area, guint part)
{
  char text[25];

  bson_oid_to_string (change, text);
  return pt_mongodb_key ("%s.%06x.%03x", text, area, part);
}

static void
end_redo (GPtrArray *documents, bson_t **document, bson_t *list)
{
  if (*document == NULL)
    return;
  bson_append_array_end (*document, list);
  g_ptr_array_add (documents, g_steal_pointer (document));
}

/* Appends to @documents. */
static void
make_redo (PtMongodbStore *store, const PtMongodbChange *change, const bson_oid_t *id,
           GPtrArray *documents)
{
  bson_t *document = NULL, list;
  guint part = 0, count = 0;
  gsize bytes = 0;

  for (guint i = 0; i < change->ops->len; i++)
    {
      const bson_t *op = pt_mongodb_stamp (store, change->area, g_ptr_array_index (change->ops, i));
      char index[16];

      if (document != NULL && bytes + op->len > REDO_BYTES)
        end_redo (documents, &document, &list);
      if (document == NULL)
        {
          document = pt_bson_by_key (redo_key (id, change->area, part++).text);
          BSON_APPEND_INT64 (document, "t", pt_mongodb_area (store, change->area)->token);
          bson_append_array_begin (document, "ops", -1, &list);
          count = 0;
          bytes = 0;
        }
      g_snprintf (index, sizeof index, "%u", count++);
      BSON_APPEND_DOCUMENT (&list, index, op);
      bytes += op->len;
    }
  end_redo (documents, &document, &list);
}

static GPtrArray *
make_all_redo (PtMongodbStore *store, const PtMongodbChange *changes, guint count,
               const bson_oid_t *id)
{
  GPtrArray *documents = g_ptr_array_new_with_free_func ((GDestroyNotify) bson_destroy);

  for (guint i = 0; i < count; i++)
    make_redo (store, &changes[i], id, documents);
  return documents;
}

static gboolean
take_redo_ops (const bson_t *document, GPtrArray *ops)
{
  bson_iter_t iter, each;

  if (!bson_iter_init_find (&iter, document, "ops") || !bson_iter_recurse (&iter, &each))
    return FALSE;
  while (bson_iter_next (&each))
    {
      const guint8 *data;
      bson_t op, *copy;
      guint32 size;

      if (!BSON_ITER_HOLDS_DOCUMENT (&each))
        return FALSE;
      bson_iter_document (&each, &size, &data);
      if (!bson_init_static (&op, data, size))
        return FALSE;
      copy = bson_copy (&op);
      if (!bson_has_field (copy, "t"))
        BSON_APPEND_INT64 (copy, "t", pt_bson_int (document, "t"));
      g_ptr_array_add (ops, copy);
    }
  return TRUE;
}

/* In their order, so that what is left of them after a break is always the end. */
static gboolean
remove_redo (PtMongodb *mongodb, GPtrArray *keys, GError **error)
{
  g_autoptr (mongoc_bulk_operation_t) bulk = NULL;
  bson_error_t failure;

  if (keys->len == 0)
    return TRUE;
  bulk = mongoc_collection_create_bulk_operation_with_opts (
      pt_mongodb_at (mongodb, PT_MONGODB_REDO), NULL);
  for (guint i = 0; i < keys->len; i++)
    {
      g_autoptr (bson_t) filter = pt_bson_by_key (g_ptr_array_index (keys, i));

      mongoc_bulk_operation_remove_one_with_opts (bulk, filter, NULL, NULL);
    }
  return mongoc_bulk_operation_execute (bulk, NULL, &failure) != 0
         || pt_mongodb_fail (&failure, error);
}

typedef struct
{
  PtMongodbStore *store;
  gboolean all; /* of the process before; else what is due alone */
  GPtrArray *ops, *done,
      *others; /* what follows; keys of those that hold, and of those that don't */
} Redoing;

static gboolean
key_is_of (const char *key, const bson_oid_t *change)
{
  char text[25];

  bson_oid_to_string (change, text);
  return g_str_has_prefix (key, text);
}

static gboolean
sort_redo (const bson_t *document, gpointer data, GError **error)
{
  Redoing *redoing = data;
  const char *key = pt_bson_text (document, "_id");
  PtMongodbArea *area;

  if (key == NULL || strlen (key) < 31)
    return pt_mongodb_damaged ("A redo document", error);
  area = pt_mongodb_area (redoing->store, (guint32) g_ascii_strtoull (key + 25, NULL, 16));
  if (area == NULL || area->token == 0)
    return TRUE; /* who writes it sees to it */
  if (key_is_of (key, &area->change))
    {
      g_ptr_array_add (redoing->done, g_strdup (key));
      return take_redo_ops (document, redoing->ops)
             || pt_mongodb_damaged ("A redo document", error);
    }
  if (redoing->all && pt_bson_int (document, "t") < area->token)
    g_ptr_array_add (redoing->others, g_strdup (key));
  return TRUE;
}

/* Whatever redo documents are there. */
static gboolean
redo_all (PtMongodbStore *store, PtMongodb *mongodb, gboolean all, GError **error)
{
  g_autoptr (GPtrArray) ops = g_ptr_array_new_with_free_func ((GDestroyNotify) bson_destroy);
  g_autoptr (GPtrArray) done = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GPtrArray) others = g_ptr_array_new_with_free_func (g_free);
  Redoing redoing = { store, all, ops, done, others };
  g_autoptr (bson_t) every = bson_new (), options = pt_bson_sorted (0, "_id", "+", NULL);

  if (!pt_mongodb_find (mongodb, PT_MONGODB_REDO, every, options, sort_redo, &redoing, error)
      || !pt_mongodb_write_ops (store, mongodb, ops, error) || !remove_redo (mongodb, done, error)
      || !remove_redo (mongodb, others, error))
    return FALSE;
  for (guint i = 0; i < store->areas->len; i++)
    pt_mongodb_area (store, i)->is_due = FALSE;
  return TRUE;
}

gboolean
pt_mongodb_take_over (PtMongodbStore *store, PtMongodb *mongodb, GError **error)
{
  g_return_val_if_fail (store != NULL, FALSE);

  return redo_all (store, mongodb, TRUE, error);
}

/* Changes */

void
pt_mongodb_change_init (PtMongodbChange *change, PtMongodbStore *store, guint32 number)
{
  const PtMongodbArea *area = pt_mongodb_area (store, number);

  g_return_if_fail (change != NULL && area != NULL);

  *change = (PtMongodbChange){
    .area = number, .tail = area->tail, .pruned = area->pruned, .sealed = area->sealed
  };
  bson_init (&change->only);
  bson_init (&change->set);
  bson_init (&change->add);
  change->ops = g_ptr_array_new_with_free_func ((GDestroyNotify) bson_destroy);
}

void
pt_mongodb_change_clear (PtMongodbChange *change)
{
  g_return_if_fail (change != NULL);

  if (change->ops == NULL)
    return;
  bson_destroy (&change->only);
  bson_destroy (&change->set);
  bson_destroy (&change->add);
  g_clear_pointer (&change->ops, g_ptr_array_unref);
}

/* As this process knows the area's document. */
static void
filter_area (PtMongodbStore *store, guint32 number, bson_t *filter)
{
  const PtMongodbArea *area = pt_mongodb_area (store, number);

  BSON_APPEND_UTF8 (filter, "_id", pt_mongodb_area_key (number).text);
  BSON_APPEND_INT64 (filter, "token", area->token);
  BSON_APPEND_OID (filter, "change", &area->change);
}

static void
add_swap (PtMongodbStore *store, const PtMongodbChange *change, const bson_oid_t *id,
          mongoc_bulk_operation_t *bulk)
{
  bson_t filter = BSON_INITIALIZER, update = BSON_INITIALIZER, set;

  filter_area (store, change->area, &filter);
  bson_concat (&filter, &change->only);
  bson_append_document_begin (&update, "$set", -1, &set);
  BSON_APPEND_OID (&set, "change", id);
  bson_concat (&set, &change->set);
  bson_append_document_end (&update, &set);
  if (!bson_empty (&change->add))
    BSON_APPEND_DOCUMENT (&update, "$inc", &change->add);
  mongoc_bulk_operation_update_one_with_opts (bulk, &filter, &update, NULL, NULL);
  bson_destroy (&filter);
  bson_destroy (&update);
}

/* TRUE: all of them, without a doubt. @failure->code 0: some of them were not as they must be. */
static gboolean
swap (PtMongodbStore *store, PtMongodb *mongodb, const PtMongodbChange *changes, guint count,
      const bson_oid_t *id, bson_error_t *failure)
{
  g_autoptr (bson_t) options = BCON_NEW ("ordered", BCON_BOOL (FALSE));
  g_autoptr (mongoc_bulk_operation_t) bulk = mongoc_collection_create_bulk_operation_with_opts (
      pt_mongodb_at (mongodb, PT_MONGODB_AREAS), options);
  gboolean done;
  bson_t reply;

  for (guint i = 0; i < count; i++)
    add_swap (store, &changes[i], id, bulk);
  memset (failure, 0, sizeof *failure);
  done = mongoc_bulk_operation_execute (bulk, &reply, failure) != 0;
  if (done)
    done = pt_bson_int (&reply, "nMatched") == count;
  bson_destroy (&reply);
  return done;
}

static gboolean
another_writer (PtMongodbStore *store, gint64 token, guint32 area, GError **error)
{
  PtMongodbArea *own = pt_mongodb_area (store, area);

  if (token > own->token && store->is_shared)
    {
      own->token = 0;
      own->is_unsure = own->is_due = FALSE;
      return pt_mongodb_is_another_ones (area, error);
    }
  if (token > own->token)
    g_set_error_literal (error, PT_ERROR, PT_ERROR_STOP,
                         "Another process has opened this store and writes to it now. This one "
                         "ends; look which of them shall run.");
  else
    g_set_error (error, PT_ERROR, PT_ERROR_STOP,
                 "The document of area number %u was changed by something else. Start again: what "
                 "is stored is read then.",
                 area);
  return FALSE;
}

/* Whether the attempt holds. A swap that is still on its way can't any more afterwards: it names
 * the change before, which is another one then. FALSE: who knows. */
static gboolean
learn (PtMongodbStore *store, PtMongodb *mongodb, guint32 number, const bson_oid_t *attempt,
       gboolean *holds, GError **error)
{
  PtMongodbArea *area = pt_mongodb_area (store, number);
  bson_t filter = BSON_INITIALIZER, update = BSON_INITIALIZER, set;
  g_autoptr (bson_t) document = NULL;
  guint matched = 0;
  gboolean done;

  *holds = FALSE;
  if (!area->is_unsure) /* else it was tried before, and may be there */
    bson_oid_init (&area->instead, NULL);
  filter_area (store, number, &filter);
  bson_append_document_begin (&update, "$set", -1, &set);
  BSON_APPEND_OID (&set, "change", &area->instead);
  bson_append_document_end (&update, &set);
  done = pt_mongodb_update (mongodb, PT_MONGODB_AREAS, &filter, &update, &matched, error)
         && pt_mongodb_get (mongodb, PT_MONGODB_AREAS, pt_mongodb_area_key (number).text, &document,
                            error);
  bson_destroy (&filter);
  bson_destroy (&update);
  if (!done)
    return FALSE;
  if (document == NULL)
    return pt_mongodb_damaged ("An area's document", error);
  if (!pt_mongodb_take_area (store, document, error))
    return FALSE;
  *holds = bson_oid_equal (&area->change, attempt);
  if (pt_bson_int (document, "token") != area->token)
    return another_writer (store, pt_bson_int (document, "token"), number, error);
  return *holds || bson_oid_equal (&area->change, &area->instead)
         || another_writer (store, 0, number, error);
}

static void
set_due (PtMongodbStore *store)
{
  g_atomic_int_set (&store->due, TRUE);
}

static void
note_moved (PtMongodbStore *store, PtMongodbChange *change, const bson_oid_t *id)
{
  PtMongodbArea *area = pt_mongodb_area (store, change->area);

  bson_oid_copy (id, &area->change);
  area->tail = change->tail;
  area->pruned = change->pruned;
  area->sealed = change->sealed;
  area->is_due = change->ops->len > 0;
  change->moved = TRUE;
}

/* After a swap that did not go well: each area by itself. */
static gboolean
learn_all (PtMongodbStore *store, PtMongodb *mongodb, PtMongodbChange *changes, guint count,
           const bson_oid_t *id, GError **error)
{
  g_autoptr (GError) first = NULL;

  for (guint i = 0; i < count; i++)
    {
      PtMongodbArea *area = pt_mongodb_area (store, changes[i].area);
      g_autoptr (GError) local = NULL;
      gboolean holds;

      if (learn (store, mongodb, changes[i].area, id, &holds, &local))
        {
          if (holds)
            note_moved (store, &changes[i], id);
          continue;
        }
      if (!g_error_matches (local, PT_ERROR, PT_ERROR_STOP) && area->token != 0)
        {
          area->is_unsure = TRUE;
          bson_oid_copy (id, &area->attempt);
          set_due (store);
        }
      if (first == NULL || g_error_matches (local, PT_ERROR, PT_ERROR_STOP))
        {
          g_clear_error (&first);
          first = g_steal_pointer (&local);
        }
    }
  if (first == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&first));
  return FALSE;
}

/* What is due stays so where it can't be written now: the change holds all the same. */
static void
follow (PtMongodbStore *store, PtMongodb *mongodb, PtMongodbChange *changes, guint count,
        GPtrArray *redo)
{
  g_autoptr (GPtrArray) ops = g_ptr_array_new (), keys = g_ptr_array_new ();
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < count; i++)
    for (guint j = 0; changes[i].moved && j < changes[i].ops->len; j++)
      g_ptr_array_add (ops, g_ptr_array_index (changes[i].ops, j));
  if (ops->len == 0)
    return;
  /* Those of areas that were not moved too: they are of no use. */
  for (guint i = 0; i < redo->len; i++)
    g_ptr_array_add (keys, (char *) pt_bson_text (g_ptr_array_index (redo, i), "_id"));
  if (!pt_mongodb_write_ops (store, mongodb, ops, &error) || !remove_redo (mongodb, keys, &error))
    {
      g_message ("What follows from a change is written later: %s", error->message);
      set_due (store);
      return;
    }
  for (guint i = 0; i < count; i++)
    if (changes[i].moved)
      pt_mongodb_area (store, changes[i].area)->is_due = FALSE;
}

gboolean
pt_mongodb_change_areas (PtMongodbStore *store, PtMongodb *mongodb, PtMongodbChange *changes,
                         guint count, GError **error)
{
  g_autoptr (GPtrArray) redo = NULL;
  g_autoptr (GError) local = NULL;
  bson_error_t failure;
  gboolean all = TRUE;
  bson_oid_t id;

  g_return_val_if_fail (store != NULL && changes != NULL, FALSE);

  bson_oid_init (&id, NULL);
  redo = make_all_redo (store, changes, count, &id);
  if (!pt_mongodb_insert (mongodb, PT_MONGODB_REDO, (const bson_t **) redo->pdata, redo->len,
                          error))
    return FALSE;
  if (swap (store, mongodb, changes, count, &id, &failure))
    for (guint i = 0; i < count; i++)
      note_moved (store, &changes[i], &id);
  else
    learn_all (store, mongodb, changes, count, &id, &local);
  follow (store, mongodb, changes, count, redo);
  for (guint i = 0; i < count; i++)
    all &= changes[i].moved;
  if (all)
    return TRUE;
  if (local != NULL)
    g_propagate_error (error, g_steal_pointer (&local));
  else if (failure.code != 0)
    pt_mongodb_fail (&failure, error);
  else
    g_set_error_literal (error, PT_ERROR, PT_ERROR_CONFLICT,
                         "An area is not as it was; another writer was there.");
  return FALSE;
}

/* Settling */

static gboolean
settle_areas (PtMongodbStore *store, PtMongodb *mongodb, GError **error)
{
  gboolean any = FALSE;

  for (guint i = 0; i < store->areas->len; i++)
    {
      PtMongodbArea *area = pt_mongodb_area (store, i);
      g_autoptr (GError) local = NULL;
      gboolean holds;

      if (area->is_unsure && learn (store, mongodb, i, &area->attempt, &holds, &local))
        {
          area->is_unsure = FALSE;
          area->is_due = holds;
          area->came_late |= holds;
        }
      if (local != NULL && area->is_unsure)
        {
          g_propagate_error (error, g_steal_pointer (&local));
          return FALSE;
        }
      any |= area->is_due;
    }
  return !any || redo_all (store, mongodb, FALSE, error);
}

gboolean
pt_mongodb_settle (PtMongodbStore *store, PtMongodb *mongodb, GError **error)
{
  g_return_val_if_fail (store != NULL, FALSE);

  if (!g_atomic_int_get (&store->due))
    return TRUE;
  if (!settle_areas (store, mongodb, error)
      || !pt_mongodb_settle_transactions (store, mongodb, error))
    return FALSE;
  g_atomic_int_set (&store->due, FALSE);
  return TRUE;
}

gboolean
pt_mongodb_settle_to_read (PtMongodbStore *store, PtMongodb *mongodb, GError **error)
{
  g_autoptr (GMutexLocker) locker = NULL;

  g_return_val_if_fail (store != NULL, FALSE);

  if (!g_atomic_int_get (&store->due))
    return TRUE;
  locker = g_mutex_locker_new (&store->lock);
  return pt_mongodb_settle (store, mongodb, error);
}
