/* SPDX-License-Identifier: Apache-2.0 */
/* Members: {_id: name, session, beat, clients, members}. Who holds an area stands in its document
 * (holder), beside the token that each change of it names. */
#include "pt-mongodb-store-private.h"

/* Members */

/* The first one of a process takes the name; later ones keep it. */
static void
filter_member (const PtMongodbStore *store, bson_t *filter)
{
  BSON_APPEND_UTF8 (filter, "_id", store->member);
  if (store->has_beaten)
    BSON_APPEND_INT64 (filter, "session", store->session);
}

static gboolean
name_is_taken (const PtMongodbStore *store, GError **error)
{
  g_set_error (error, PT_ERROR, PT_ERROR_STOP,
               "Another daemon runs under the name %s on this store. This one ends; give each its "
               "own.",
               store->member);
  return FALSE;
}

static gboolean
write_beat (PtMongodbStore *store, PtMongodb *mongodb, const PtMemberRow *row, GError **error)
{
  g_autoptr (bson_t) filter = bson_new (), update = NULL, options = NULL;
  bson_error_t failure;
  gint64 matched;
  gboolean done;
  bson_t reply;

  filter_member (store, filter);
  update = BCON_NEW ("$set", "{", "session", BCON_INT64 (store->session), "clients",
                     BCON_UTF8 (row->clients), "members", BCON_UTF8 (row->members), "}", "$inc",
                     "{", "beat", BCON_INT64 (1), "}");
  options = BCON_NEW ("upsert", BCON_BOOL (!store->has_beaten));
  done = mongoc_collection_update_one (pt_mongodb_at (mongodb, PT_MONGODB_MEMBERS), filter, update,
                                       options, &reply, &failure);
  matched = pt_bson_int (&reply, "matchedCount");
  bson_destroy (&reply);
  if (!done)
    return pt_mongodb_fail (&failure, error);
  if (store->has_beaten && matched == 0)
    return name_is_taken (store, error);
  store->has_beaten = TRUE;
  return TRUE;
}

gboolean
pt_mongodb_store_beat (PtStore *parent, const PtMemberRow *row, GError **error)
{
  PtMongodbStore *store = (PtMongodbStore *) parent;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&store->member_lock);
  g_auto (PtMongodb) mongodb = pt_mongodb_store_take (store);

  if (!store->has_beaten) /* others read it from then on */
    g_strlcpy (store->member, row->name, sizeof store->member);
  return write_beat (store, &mongodb, row, error);
}

gboolean
pt_mongodb_store_leave (PtStore *parent, GError **error)
{
  PtMongodbStore *store = (PtMongodbStore *) parent;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&store->member_lock);
  g_auto (PtMongodb) mongodb = pt_mongodb_store_take (store);
  g_autoptr (bson_t) filter = bson_new ();

  if (!store->has_beaten)
    return TRUE;
  filter_member (store, filter);
  return pt_mongodb_remove (&mongodb, PT_MONGODB_MEMBERS, filter, error);
}

static void
copy_text (const bson_t *document, const char *name, char *out, gsize size)
{
  const char *text = pt_bson_text (document, name);

  g_strlcpy (out, text != NULL ? text : "", size);
}

static gboolean
append_member (const bson_t *document, gpointer data, GError **error)
{
  PtMemberRow row = { .beat = (guint64) pt_bson_int (document, "beat") };

  copy_text (document, "_id", row.name, sizeof row.name);
  copy_text (document, "clients", row.clients, sizeof row.clients);
  copy_text (document, "members", row.members, sizeof row.members);
  g_array_append_val ((GArray *) data, row);
  return TRUE;
}

GArray *
pt_mongodb_store_members (PtStore *parent, GError **error)
{
  g_auto (PtMongodb) mongodb = pt_mongodb_store_take ((PtMongodbStore *) parent);
  g_autoptr (bson_t) every = bson_new (),
                     options = pt_bson_sorted (PT_MEMBERS_MAX, "_id", "+", NULL);
  g_autoptr (GArray) rows = g_array_new (FALSE, TRUE, sizeof (PtMemberRow));

  if (!pt_mongodb_find (&mongodb, PT_MONGODB_MEMBERS, every, options, append_member, rows, error))
    return NULL;
  return g_steal_pointer (&rows);
}

/* Leases */

static gboolean
append_lease (const bson_t *document, gpointer data, GError **error)
{
  PtLeaseRow row = { .token = (guint64) pt_bson_int (document, "token") };

  if (pt_bson_int (document, "number") != ((GArray *) data)->len)
    return pt_mongodb_damaged ("The list of areas", error);
  copy_text (document, "holder", row.holder, sizeof row.holder);
  g_array_append_val ((GArray *) data, row);
  return TRUE;
}

GArray *
pt_mongodb_store_leases (PtStore *parent, GError **error)
{
  g_auto (PtMongodb) mongodb = pt_mongodb_store_take ((PtMongodbStore *) parent);
  g_autoptr (bson_t) every = bson_new (), options = pt_bson_sorted (0, "_id", "+", NULL);
  g_autoptr (GArray) rows = g_array_new (FALSE, TRUE, sizeof (PtLeaseRow));
  bson_t wanted;

  bson_append_document_begin (options, "projection", -1, &wanted);
  BSON_APPEND_INT32 (&wanted, "number", 1);
  BSON_APPEND_INT32 (&wanted, "token", 1);
  BSON_APPEND_INT32 (&wanted, "holder", 1);
  bson_append_document_end (options, &wanted);
  if (!pt_mongodb_find (&mongodb, PT_MONGODB_AREAS, every, options, append_lease, rows, error))
    return NULL;
  return g_steal_pointer (&rows);
}

gboolean
pt_mongodb_is_another_ones (guint32 area, GError **error)
{
  g_set_error (error, PT_ERROR, PT_ERROR_CONFLICT, "Area number %u is another daemon's.", area);
  return FALSE;
}

/* As of now: what it is asked for has a commit point that is not the area's document, and is held
 * against what is stored there once more. */
gboolean
pt_mongodb_check_held (PtMongodbStore *store, PtMongodb *mongodb, const PtBatchRow *rows,
                       guint count, GError **error)
{
  g_return_val_if_fail (store != NULL && (rows != NULL || count == 0), FALSE);

  for (guint i = 0; store->is_shared && i < count; i++)
    {
      const PtMongodbArea *area = pt_mongodb_area (store, rows[i].area);
      g_autoptr (bson_t) document = NULL;

      if (area == NULL || area->token == 0)
        return pt_mongodb_is_another_ones (rows[i].area, error);
      if (!pt_mongodb_get (mongodb, PT_MONGODB_AREAS, pt_mongodb_area_key (rows[i].area).text,
                           &document, error))
        return FALSE;
      if (document == NULL || pt_bson_int (document, "token") != area->token)
        return pt_mongodb_is_another_ones (rows[i].area, error);
    }
  return TRUE;
}

static gboolean
load_area (const bson_t *document, gpointer data, GError **error)
{
  return pt_mongodb_take_area (data, document, error);
}

gboolean
pt_mongodb_load_areas (PtMongodbStore *store, PtMongodb *mongodb, guint32 up_to, GError **error)
{
  g_autoptr (bson_t) filter = bson_new (), in_order = pt_bson_sorted (0, "_id", "+", NULL);

  g_return_val_if_fail (store != NULL, FALSE);

  if (up_to < store->areas->len)
    return TRUE;
  pt_bson_add_compare (filter, "number", "$gte", store->areas->len);
  return pt_mongodb_find (mongodb, PT_MONGODB_AREAS, filter, in_order, load_area, store, error);
}

/* The compare-and-swap. */
static gboolean
swap_token (PtMongodb *mongodb, guint32 area, guint64 token, const bson_t *set, GError **error)
{
  g_autoptr (bson_t) filter = pt_bson_by_key (pt_mongodb_area_key (area).text),
                     update = bson_new ();
  guint matched = 0;

  BSON_APPEND_INT64 (filter, "token", (gint64) token);
  BSON_APPEND_DOCUMENT (update, "$set", set);
  return pt_mongodb_update (mongodb, PT_MONGODB_AREAS, filter, update, &matched, error)
         && (matched == 1 || pt_mongodb_is_another_ones (area, error));
}

/* What its holder before had written and not what followed from it, this one writes. */
static gboolean
begin_area (PtMongodbStore *store, PtMongodb *mongodb, guint32 number, gint64 token, GError **error)
{
  g_autoptr (bson_t) document = NULL;
  PtMongodbArea *area;

  if (!pt_mongodb_load_areas (store, mongodb, number, error)
      || !pt_mongodb_get (mongodb, PT_MONGODB_AREAS, pt_mongodb_area_key (number).text, &document,
                          error))
    return FALSE;
  if (document == NULL)
    return pt_mongodb_damaged ("An area's document", error);
  if (pt_bson_int (document, "token") != token)
    return pt_mongodb_is_another_ones (number, error);
  if (!pt_mongodb_take_area (store, document, error))
    return FALSE;
  area = pt_mongodb_area (store, number);
  area->token = token;
  area->is_unsure = area->is_due = area->came_late = FALSE;
  if (pt_mongodb_take_over (store, mongodb, error))
    return TRUE;
  area->token = 0;
  return FALSE;
}

gboolean
pt_mongodb_store_lease_take (PtStore *parent, guint32 area, guint64 token, guint64 *taken,
                             GError **error)
{
  PtMongodbStore *store = (PtMongodbStore *) parent;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&store->lock);
  g_auto (PtMongodb) mongodb = pt_mongodb_store_take (store);
  g_autoptr (bson_t) set = NULL;
  gint64 next;

  g_return_val_if_fail (store->has_beaten, FALSE);

  if (!pt_mongodb_settle (store, &mongodb, error)
      || !pt_mongodb_count_on (&mongodb, "opened", 1, &next, error))
    return FALSE;
  set = BCON_NEW ("token", BCON_INT64 (next), "holder", BCON_UTF8 (store->member));
  store->token = next;
  if (!swap_token (&mongodb, area, token, set, error)
      || !begin_area (store, &mongodb, area, next, error))
    return FALSE;
  *taken = (guint64) next;
  return TRUE;
}

gboolean
pt_mongodb_store_lease_give (PtStore *parent, guint32 number, GError **error)
{
  PtMongodbStore *store = (PtMongodbStore *) parent;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&store->lock);
  g_auto (PtMongodb) mongodb = pt_mongodb_store_take (store);
  g_autoptr (bson_t) nobody = BCON_NEW ("holder", BCON_UTF8 (""));
  PtMongodbArea *area = pt_mongodb_area (store, number);
  gint64 token = area != NULL ? area->token : 0;

  if (token == 0)
    return pt_mongodb_is_another_ones (number, error);
  if (!pt_mongodb_settle (store, &mongodb, error))
    return FALSE;
  area->token = 0;
  return swap_token (&mongodb, number, (guint64) token, nobody, error);
}
