/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-mongodb.h"

#include <string.h>

#define DUPLICATE_KEY 11000

const char *
pt_mongodb_name (PtMongodbPlace place)
{
  static const char *const names[PT_MONGODB_COLLECTIONS]
      = { "meta",         "areas",    "entries",  "redo",   "subjects", "registrations",
          "outages",      "said",     "privates", "photos", "batches",  "rosters",
          "transactions", "evidence", "rejected", "members" };

  g_return_val_if_fail (place < PT_MONGODB_COLLECTIONS, NULL);

  return names[place];
}

PtMongodb
pt_mongodb_take (mongoc_client_pool_t *pool, const char *database)
{
  PtMongodb mongodb = { .pool = pool, .database = database };

  g_return_val_if_fail (pool != NULL && database != NULL, mongodb);

  mongodb.client = mongoc_client_pool_pop (pool);
  return mongodb;
}

void
pt_mongodb_give_back (PtMongodb *mongodb)
{
  g_return_if_fail (mongodb != NULL);

  for (guint i = 0; i < PT_MONGODB_COLLECTIONS; i++)
    g_clear_pointer (&mongodb->collections[i], mongoc_collection_destroy);
  if (mongodb->client != NULL)
    mongoc_client_pool_push (mongodb->pool, g_steal_pointer (&mongodb->client));
}

mongoc_collection_t *
pt_mongodb_at (PtMongodb *mongodb, PtMongodbPlace place)
{
  g_return_val_if_fail (mongodb != NULL && place < PT_MONGODB_COLLECTIONS, NULL);

  if (mongodb->collections[place] == NULL)
    mongodb->collections[place] = mongoc_client_get_collection (mongodb->client, mongodb->database,
                                                                pt_mongodb_name (place));
  return mongodb->collections[place];
}

/* Errors */

/* Codes of servers that go away by themselves: it steps down, ends, has no majority or no space. */
static gboolean
code_passes (guint32 code)
{
  static const guint32 codes[]
      = { 6,   7,   50,   64,    79,    89,    91,    100,   112,   133,   134,  189,
          202, 262, 9001, 10107, 11600, 11602, 11981, 13388, 13435, 13436, 14031 };

  for (guint i = 0; i < G_N_ELEMENTS (codes); i++)
    if (codes[i] == code)
      return TRUE;
  return FALSE;
}

static gboolean
is_refused_user (const bson_error_t *from)
{
  return (from->domain == MONGOC_ERROR_CLIENT && from->code == MONGOC_ERROR_CLIENT_AUTHENTICATE)
         || (from->domain == MONGOC_ERROR_SERVER && (from->code == 13 || from->code == 18));
}

gboolean
pt_mongodb_fail (const bson_error_t *from, GError **error)
{
  g_return_val_if_fail (from != NULL, FALSE);

  if (is_refused_user (from))
    g_set_error (error, PT_ERROR, PT_ERROR_OPERATOR,
                 "The database server refuses this user (%s). Check the user and the password, and "
                 "that it may read and write the database.",
                 from->message);
  else if (from->domain == MONGOC_ERROR_SERVER_SELECTION || from->domain == MONGOC_ERROR_STREAM
           || from->domain == MONGOC_ERROR_WRITE_CONCERN || code_passes (from->code))
    g_set_error (error, PT_ERROR, PT_ERROR_RETRY,
                 "The database server can't do it now (%s); it is tried again.", from->message);
  else
    g_set_error (error, PT_ERROR, PT_ERROR_OPERATOR,
                 "The database server refuses this (%s). Look into its log.", from->message);
  return FALSE;
}

gboolean
pt_mongodb_damaged (const char *what, GError **error)
{
  g_return_val_if_fail (what != NULL, FALSE);

  g_set_error (error, PT_ERROR, PT_ERROR_STOP,
               "%s is damaged in the database. Stop, keep what is there and restore a copy.", what);
  return FALSE;
}

gboolean
pt_mongodb_is_duplicate (const bson_error_t *error)
{
  g_return_val_if_fail (error != NULL, FALSE);

  return error->code == DUPLICATE_KEY || error->code == 11001 || error->code == 12582;
}

/* Documents */

PtMongodbKey
pt_mongodb_key (const char *format, ...)
{
  PtMongodbKey key;
  va_list arguments;

  va_start (arguments, format);
  g_vsnprintf (key.text, sizeof key.text, format, arguments);
  va_end (arguments);
  return key;
}

void
pt_bson_add_bytes (bson_t *document, const char *name, gconstpointer data, gsize size)
{
  g_return_if_fail (document != NULL && name != NULL);

  bson_append_binary (document, name, -1, BSON_SUBTYPE_BINARY, data, (guint32) size);
}

void
pt_bson_add_gbytes (bson_t *document, const char *name, GBytes *bytes)
{
  gsize size;
  gconstpointer data;

  g_return_if_fail (bytes != NULL);

  data = g_bytes_get_data (bytes, &size);
  pt_bson_add_bytes (document, name, data != NULL ? data : "", size);
}

void
pt_bson_add_range (bson_t *document, const char *name, const char *above, const char *up_to)
{
  bson_t range;

  g_return_if_fail (document != NULL && name != NULL);

  bson_append_document_begin (document, name, -1, &range);
  if (above != NULL)
    BSON_APPEND_UTF8 (&range, "$gt", above);
  if (up_to != NULL)
    BSON_APPEND_UTF8 (&range, "$lte", up_to);
  bson_append_document_end (document, &range);
}

void
pt_bson_add_compare (bson_t *document, const char *name, const char *operator_, gint64 value)
{
  bson_t compare;

  g_return_if_fail (document != NULL && name != NULL && operator_ != NULL);

  bson_append_document_begin (document, name, -1, &compare);
  BSON_APPEND_INT64 (&compare, operator_, value);
  bson_append_document_end (document, &compare);
}

bson_t *
pt_bson_by_key (const char *key)
{
  bson_t *filter = bson_new ();

  g_return_val_if_fail (key != NULL, filter);

  BSON_APPEND_UTF8 (filter, "_id", key);
  return filter;
}

bson_t *
pt_bson_sorted (gint64 limit, const char *name, ...)
{
  bson_t *options = bson_new (), sort;
  va_list arguments;

  bson_append_document_begin (options, "sort", -1, &sort);
  va_start (arguments, name);
  for (; name != NULL; name = va_arg (arguments, const char *))
    BSON_APPEND_INT32 (&sort, name, *va_arg (arguments, const char *) == '+' ? 1 : -1);
  va_end (arguments);
  bson_append_document_end (options, &sort);
  if (limit > 0)
    BSON_APPEND_INT64 (options, "limit", limit);
  return options;
}

gint64
pt_bson_int (const bson_t *document, const char *name)
{
  bson_iter_t iter;

  return bson_iter_init_find (&iter, document, name) ? bson_iter_as_int64 (&iter) : 0;
}

const char *
pt_bson_text (const bson_t *document, const char *name)
{
  bson_iter_t iter;

  return bson_iter_init_find (&iter, document, name) && BSON_ITER_HOLDS_UTF8 (&iter)
             ? bson_iter_utf8 (&iter, NULL)
             : NULL;
}

gconstpointer
pt_bson_data (const bson_t *document, const char *name, gsize *size)
{
  const guint8 *data = NULL;
  bson_iter_t iter;
  guint32 length = 0;

  g_return_val_if_fail (size != NULL, NULL);

  if (bson_iter_init_find (&iter, document, name) && BSON_ITER_HOLDS_BINARY (&iter))
    bson_iter_binary (&iter, NULL, &length, &data);
  *size = length;
  return data;
}

GBytes *
pt_bson_bytes (const bson_t *document, const char *name)
{
  gsize size;
  gconstpointer data = pt_bson_data (document, name, &size);

  return data != NULL ? g_bytes_new (data, size) : NULL;
}

gboolean
pt_bson_fixed (const bson_t *document, const char *name, gpointer out, gsize size)
{
  gsize length;
  gconstpointer data = pt_bson_data (document, name, &length);

  g_return_val_if_fail (out != NULL, FALSE);

  if (data == NULL || length != size)
    return FALSE;
  memcpy (out, data, size);
  return TRUE;
}

/* Operations */

gboolean
pt_mongodb_find (PtMongodb *mongodb, PtMongodbPlace place, const bson_t *filter,
                 const bson_t *options, PtMongodbFunc func, gpointer data, GError **error)
{
  g_autoptr (mongoc_cursor_t) cursor = NULL;
  const bson_t *document;
  bson_error_t failure;

  g_return_val_if_fail (filter != NULL && func != NULL, FALSE);

  cursor = mongoc_collection_find_with_opts (pt_mongodb_at (mongodb, place), filter, options, NULL);
  while (mongoc_cursor_next (cursor, &document))
    if (!func (document, data, error))
      return FALSE;
  return !mongoc_cursor_error (cursor, &failure) || pt_mongodb_fail (&failure, error);
}

static gboolean
take_document (const bson_t *document, gpointer data, GError **error)
{
  *(bson_t **) data = bson_copy (document);
  return FALSE;
}

gboolean
pt_mongodb_get (PtMongodb *mongodb, PtMongodbPlace place, const char *key, bson_t **out,
                GError **error)
{
  g_autoptr (bson_t) filter = pt_bson_by_key (key);
  g_autoptr (GError) local = NULL;

  g_return_val_if_fail (out != NULL, FALSE);

  *out = NULL;
  if (pt_mongodb_find (mongodb, place, filter, NULL, take_document, out, &local) || local == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

gboolean
pt_mongodb_update (PtMongodb *mongodb, PtMongodbPlace place, const bson_t *filter,
                   const bson_t *update, guint *matched, GError **error)
{
  bson_t reply;
  bson_error_t failure;
  gboolean done = mongoc_collection_update_one (pt_mongodb_at (mongodb, place), filter, update,
                                                NULL, &reply, &failure);

  if (matched != NULL)
    *matched = (guint) pt_bson_int (&reply, "matchedCount");
  bson_destroy (&reply);
  return done || pt_mongodb_fail (&failure, error);
}

gboolean
pt_mongodb_remove (PtMongodb *mongodb, PtMongodbPlace place, const bson_t *filter, GError **error)
{
  bson_error_t failure;

  return mongoc_collection_delete_many (pt_mongodb_at (mongodb, place), filter, NULL, NULL,
                                        &failure)
         || pt_mongodb_fail (&failure, error);
}

gboolean
pt_mongodb_insert (PtMongodb *mongodb, PtMongodbPlace place, const bson_t **documents, gsize count,
                   GError **error)
{
  bson_error_t failure;

  if (count == 0
      || mongoc_collection_insert_many (pt_mongodb_at (mongodb, place), documents, count, NULL,
                                        NULL, &failure))
    return TRUE;
  if (!pt_mongodb_is_duplicate (&failure))
    return pt_mongodb_fail (&failure, error);
  g_set_error (error, PT_ERROR, PT_ERROR_CONFLICT, "There is such a document: %s", failure.message);
  return FALSE;
}

gboolean
pt_mongodb_count_on (PtMongodb *mongodb, const char *counter, gint64 count, gint64 *last,
                     GError **error)
{
  g_autoptr (bson_t) filter = pt_bson_by_key (counter);
  mongoc_find_and_modify_opts_t *options = mongoc_find_and_modify_opts_new ();
  bson_t *update = BCON_NEW ("$inc", "{", "value", BCON_INT64 (count), "}"), reply;
  bson_error_t failure;
  bson_iter_t iter, value;
  gboolean done;

  g_return_val_if_fail (last != NULL, FALSE);

  mongoc_find_and_modify_opts_set_update (options, update);
  mongoc_find_and_modify_opts_set_flags (options, MONGOC_FIND_AND_MODIFY_UPSERT
                                                      | MONGOC_FIND_AND_MODIFY_RETURN_NEW);
  done = mongoc_collection_find_and_modify_with_opts (pt_mongodb_at (mongodb, PT_MONGODB_META),
                                                      filter, options, &reply, &failure);
  mongoc_find_and_modify_opts_destroy (options);
  bson_destroy (update);
  if (!done)
    pt_mongodb_fail (&failure, error);
  else if (bson_iter_init (&iter, &reply)
           && bson_iter_find_descendant (&iter, "value.value", &value))
    *last = bson_iter_as_int64 (&value);
  else
    done = pt_mongodb_damaged ("A counter", error);
  bson_destroy (&reply);
  return done;
}
