/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>
#include <mongoc/mongoc.h>

#include "pt-error.h"

/* libmongoc as the store uses it: connections, documents and errors. */

G_DEFINE_AUTOPTR_CLEANUP_FUNC (bson_t, bson_destroy)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (mongoc_uri_t, mongoc_uri_destroy)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (mongoc_cursor_t, mongoc_cursor_destroy)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (mongoc_bulk_operation_t, mongoc_bulk_operation_destroy)

typedef enum
{
  PT_MONGODB_META, /* stored in redo documents: the numbers stay */
  PT_MONGODB_AREAS,
  PT_MONGODB_ENTRIES,
  PT_MONGODB_REDO,
  PT_MONGODB_SUBJECTS,
  PT_MONGODB_REGISTRATIONS,
  PT_MONGODB_OUTAGES,
  PT_MONGODB_SAID,
  PT_MONGODB_PRIVATES,
  PT_MONGODB_PHOTOS,
  PT_MONGODB_BATCHES,
  PT_MONGODB_ROSTERS,
  PT_MONGODB_TRANSACTIONS,
  PT_MONGODB_EVIDENCE,
  PT_MONGODB_REJECTED,
  PT_MONGODB_MEMBERS,
  PT_MONGODB_COLLECTIONS
} PtMongodbPlace;

/* A connection of the pool, while one verb runs. */
typedef struct
{
  mongoc_client_pool_t *pool;
  mongoc_client_t *client;
  const char *database;
  mongoc_collection_t *collections[PT_MONGODB_COLLECTIONS]; /* those that were used */
} PtMongodb;

/* Waits where all are in use. */
PtMongodb pt_mongodb_take (mongoc_client_pool_t *pool, const char *database);
void pt_mongodb_give_back (PtMongodb *mongodb);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PtMongodb, pt_mongodb_give_back)

const char *pt_mongodb_name (PtMongodbPlace place);
mongoc_collection_t *pt_mongodb_at (PtMongodb *mongodb, PtMongodbPlace place);

/* A server's or the library's error as ours; FALSE. */
gboolean pt_mongodb_fail (const bson_error_t *from, GError **error);
/* PT_ERROR_STOP: a document is not as it was written; FALSE. */
gboolean pt_mongodb_damaged (const char *what, GError **error);
/* There is a document of that key. */
gboolean pt_mongodb_is_duplicate (const bson_error_t *error);

/* Keys are text, of hexadecimal digits with leading zeros, so that they sort as what they mean. */
typedef struct
{
  char text[112];
} PtMongodbKey;

PtMongodbKey pt_mongodb_key (const char *format, ...) G_GNUC_PRINTF (1, 2);

/* Documents */

void pt_bson_add_bytes (bson_t *document, const char *name, gconstpointer data, gsize size);
void pt_bson_add_gbytes (bson_t *document, const char *name, GBytes *bytes);
/* {name: {$gt: above, $lte: up_to}}; NULL: no bound. */
void pt_bson_add_range (bson_t *document, const char *name, const char *above, const char *up_to);
/* {name: {operator: value}} */
void pt_bson_add_compare (bson_t *document, const char *name, const char *operator_, gint64 value);
/* {_id: key} */
bson_t *pt_bson_by_key (const char *key);
/* {sort: {name: direction, ...}, limit: limit}; @sort pairs of a name and "+" or "-", then NULL;
 * @limit 0: none. */
bson_t *pt_bson_sorted (gint64 limit, const char *name, ...) G_GNUC_NULL_TERMINATED;

/* 0, FALSE, NULL where there is no such member. */
gint64 pt_bson_int (const bson_t *document, const char *name);
const char *pt_bson_text (const bson_t *document, const char *name);
gconstpointer pt_bson_data (const bson_t *document, const char *name, gsize *size);
GBytes *pt_bson_bytes (const bson_t *document, const char *name);
/* FALSE: it is not there, or not of this size. */
gboolean pt_bson_fixed (const bson_t *document, const char *name, gpointer out, gsize size);

/* Operations */

/* Ends the search by returning FALSE; without an error that is fine. */
typedef gboolean (*PtMongodbFunc) (const bson_t *document, gpointer data, GError **error);

/* FALSE without an error: @func ended it. */
gboolean pt_mongodb_find (PtMongodb *mongodb, PtMongodbPlace place, const bson_t *filter,
                          const bson_t *options, PtMongodbFunc func, gpointer data, GError **error);
/* The document of that key, or *@out NULL. */
gboolean pt_mongodb_get (PtMongodb *mongodb, PtMongodbPlace place, const char *key, bson_t **out,
                         GError **error);
/* Of one document. *@matched: how many the filter found; or NULL. */
gboolean pt_mongodb_update (PtMongodb *mongodb, PtMongodbPlace place, const bson_t *filter,
                            const bson_t *update, guint *matched, GError **error);
/* All that the filter finds. */
gboolean pt_mongodb_remove (PtMongodb *mongodb, PtMongodbPlace place, const bson_t *filter,
                            GError **error);
/* Ordered, in one message or several. FALSE with PT_ERROR_CONFLICT: one of the keys is taken. */
gboolean pt_mongodb_insert (PtMongodb *mongodb, PtMongodbPlace place, const bson_t **documents,
                            gsize count, GError **error);
/* The next @count numbers of a counter: *@last is the last of them. */
gboolean pt_mongodb_count_on (PtMongodb *mongodb, const char *counter, gint64 count, gint64 *last,
                              GError **error);
