/* SPDX-License-Identifier: Apache-2.0 */
/* Opening: server, schema, indexes, and taking over from whoever had the store before. */
#include "pt-mongodb-store-private.h"

#include <string.h>

/* History of the schema:
 *   1  first version */
#define SCHEMA_VERSION 1
#define WIRE_VERSION_MIN 8 /* MongoDB 4.2 */
#define DATABASE "powertrack"

PtMongodb
pt_mongodb_store_take (PtMongodbStore *store)
{
  return pt_mongodb_take (store->pool, store->database);
}

static void
mongodb_store_free (PtStore *parent)
{
  PtMongodbStore *store = (PtMongodbStore *) parent;

  g_clear_pointer (&store->pool, mongoc_client_pool_destroy);
  g_array_unref (store->areas);
  g_mutex_clear (&store->lock);
  g_mutex_clear (&store->member_lock);
  g_free (store->database);
  g_free (store);
}

static const PtStoreClass mongodb_store_class = {
  .free = mongodb_store_free,
  .commit = pt_mongodb_store_commit,
  .add_area = pt_mongodb_store_add_area,
  .areas = pt_mongodb_store_areas,
  .adopt_service_key = pt_mongodb_store_adopt_service_key,
  .set_ahead = pt_mongodb_store_set_ahead,
  .scan_entries = pt_mongodb_store_scan_entries,
  .restamp = pt_mongodb_store_restamp,
  .reserve = pt_mongodb_store_reserve,
  .scan_subjects = pt_mongodb_store_scan_subjects,
  .subject_bodies = pt_mongodb_store_subject_bodies,
  .save_histories = pt_mongodb_store_save_histories,
  .prune = pt_mongodb_store_prune,
  .outages = pt_mongodb_store_outages,
  .evidence = pt_mongodb_store_evidence,
  .rejected = pt_mongodb_store_rejected,
  .scan_said = pt_mongodb_store_scan_said,
  .scan_chain = pt_mongodb_store_scan_chain,
  .privates = pt_mongodb_store_privates,
  .photo = pt_mongodb_store_photo,
  .moderate = pt_mongodb_store_moderate,
  .seal = pt_mongodb_store_seal,
  .roster = pt_mongodb_store_roster,
  .batches = pt_mongodb_store_batches,
  .unfinished = pt_mongodb_store_unfinished,
  .published = pt_mongodb_store_published,
  .submit = pt_mongodb_store_submit,
  .bump = pt_mongodb_store_bump,
  .mined = pt_mongodb_store_mined,
  .finalize = pt_mongodb_store_finalize,
  .withdraw = pt_mongodb_store_withdraw,
  .adopt = pt_mongodb_store_adopt,
  .reopen = pt_mongodb_store_reopen,
  .transactions = pt_mongodb_store_transactions,
  .counts = pt_mongodb_store_counts,
};

/* Connecting */

/* Nothing that the library says is told louder: what is wrong comes as an error, and its sentences
 * may hold parts of a connection string. */
static void
log_message (mongoc_log_level_t level, const char *domain, const char *message, void *data)
{
  g_debug ("%s: %s", domain, message);
}

/* What the store has besides, where it is shared. */
static PtStoreClass shared_store_class;

static gpointer
start_library (gpointer data)
{
  shared_store_class = mongodb_store_class;
  shared_store_class.beat = pt_mongodb_store_beat;
  shared_store_class.leave = pt_mongodb_store_leave;
  shared_store_class.members = pt_mongodb_store_members;
  shared_store_class.leases = pt_mongodb_store_leases;
  shared_store_class.lease_take = pt_mongodb_store_lease_take;
  shared_store_class.lease_give = pt_mongodb_store_lease_give;
  mongoc_init ();
  mongoc_log_set_handler (log_message, NULL);
  return NULL;
}

/* Where the connection string says nothing else: nothing hangs for ever. */
static void
set_limits (mongoc_uri_t *uri)
{
  static const struct
  {
    const char *name;
    gint32 value; /* ms */
  } limits[] = { { MONGOC_URI_SERVERSELECTIONTIMEOUTMS, 10000 },
                 { MONGOC_URI_CONNECTTIMEOUTMS, 5000 },
                 { MONGOC_URI_SOCKETTIMEOUTMS, 60000 } };

  for (guint i = 0; i < G_N_ELEMENTS (limits); i++)
    if (!mongoc_uri_has_option (uri, limits[i].name))
      mongoc_uri_set_option_as_int32 (uri, limits[i].name, limits[i].value);
}

/* What is written is on the disks of most servers, and what is read was. */
static void
set_concerns (mongoc_uri_t *uri)
{
  mongoc_write_concern_t *writes = mongoc_write_concern_new ();
  mongoc_read_concern_t *reads = mongoc_read_concern_new ();
  mongoc_read_prefs_t *primary = mongoc_read_prefs_new (MONGOC_READ_PRIMARY);

  mongoc_write_concern_set_wmajority (writes, 0);
  mongoc_write_concern_set_journal (writes, TRUE);
  mongoc_read_concern_set_level (reads, MONGOC_READ_CONCERN_LEVEL_MAJORITY);
  mongoc_uri_set_write_concern (uri, writes);
  mongoc_uri_set_read_concern (uri, reads);
  mongoc_uri_set_read_prefs_t (uri, primary);
  mongoc_write_concern_destroy (writes);
  mongoc_read_concern_destroy (reads);
  mongoc_read_prefs_destroy (primary);
}

/* The library's own sentence is told where it can't hold a password. */
static gboolean
not_understood (const char *uri, const char *sentence, GError **error)
{
  g_set_error (error, PT_ERROR, PT_ERROR_CONFIGURATION,
               "The store's connection string is not understood%s%s. Write it as "
               "mongodb://user@host:27017/database, special characters as %%XX, and the password "
               "into a file.",
               strchr (uri, '@') == NULL ? ": " : "", strchr (uri, '@') == NULL ? sentence : "");
  return FALSE;
}

static gboolean
connect_pool (PtMongodbStore *store, const char *address, const char *password, GError **error)
{
  bson_error_t failure = { 0 };
  g_autoptr (mongoc_uri_t) uri = mongoc_uri_new_with_error (address, &failure);
  const char *database;

  if (uri == NULL)
    return not_understood (address, failure.message, error);
  if (password != NULL && !mongoc_uri_set_password (uri, password))
    return not_understood (address, "the password is no text", error);
  set_limits (uri);
  set_concerns (uri);
  database = mongoc_uri_get_database (uri);
  store->database = g_strdup (database != NULL && *database != '\0' ? database : DATABASE);
  store->pool = mongoc_client_pool_new_with_error (uri, &failure);
  if (store->pool == NULL)
    return not_understood (address, failure.message, error);
  mongoc_client_pool_set_error_api (store->pool, MONGOC_ERROR_API_VERSION_2);
  mongoc_client_pool_set_appname (store->pool, "powertrackd");
  return TRUE;
}

static gboolean
run_command (PtMongodb *mongodb, const bson_t *command, bson_t *reply, GError **error)
{
  bson_error_t failure;

  return mongoc_client_command_simple (mongodb->client, mongodb->database, command, NULL, reply,
                                       &failure)
         || pt_mongodb_fail (&failure, error);
}

static gboolean
check_server (PtMongodbStore *store, PtMongodb *mongodb, GError **error)
{
  g_autoptr (bson_t) command = BCON_NEW ("buildInfo", BCON_INT32 (1));
  mongoc_server_description_t *server;
  bson_error_t failure;
  gboolean done;
  gint64 wire;
  bson_t reply;

  server = mongoc_client_select_server (mongodb->client, TRUE, NULL, &failure);
  if (server == NULL)
    return pt_mongodb_fail (&failure, error);
  wire = pt_bson_int (mongoc_server_description_hello_response (server), "maxWireVersion");
  mongoc_server_description_destroy (server);
  if (wire < WIRE_VERSION_MIN)
    {
      g_set_error_literal (error, PT_ERROR, PT_ERROR_CONFIGURATION,
                           "The database server is too old. MongoDB 4.2 or newer is needed.");
      return FALSE;
    }
  done = run_command (mongodb, command, &reply, error);
  store->finds_bare_keys_only = done && bson_has_field (&reply, "ferretdb");
  bson_destroy (&reply);
  if (!done || !store->is_shared || !store->finds_bare_keys_only)
    return done;
  g_set_error_literal (error, PT_ERROR, PT_ERROR_CONFIGURATION,
                       "Several daemons can't share a store on FerretDB. Use MongoDB for that.");
  return FALSE;
}

/* Schema */

static gboolean
check_schema (PtMongodb *mongodb, GError **error)
{
  g_autoptr (bson_t) stored = NULL, first = pt_bson_by_key ("schema");
  g_autoptr (GError) local = NULL;
  gint64 version;

  BSON_APPEND_INT64 (first, "version", SCHEMA_VERSION);
  if (!pt_mongodb_get (mongodb, PT_MONGODB_META, "schema", &stored, error))
    return FALSE;
  if (stored == NULL)
    {
      const bson_t *documents[] = { first };

      if (pt_mongodb_insert (mongodb, PT_MONGODB_META, documents, 1, &local))
        return TRUE;
      if (!g_error_matches (local, PT_ERROR, PT_ERROR_CONFLICT))
        {
          g_propagate_error (error, g_steal_pointer (&local));
          return FALSE;
        }
      return pt_mongodb_get (mongodb, PT_MONGODB_META, "schema", &stored, error);
    }
  version = pt_bson_int (stored, "version");
  if (version == SCHEMA_VERSION)
    return TRUE;
  g_set_error (error, PT_ERROR, PT_ERROR_CONFIGURATION,
               "The database was made by a newer version (schema %" G_GINT64_FORMAT
               ", this program knows %d). Run the newer program; nothing was touched.",
               version, SCHEMA_VERSION);
  return FALSE;
}

static const struct
{
  PtMongodbPlace place;
  const char *name, *keys;
  gboolean unique;
} indexes[] = {
  { PT_MONGODB_AREAS, "by_id", "id", TRUE },
  { PT_MONGODB_OUTAGES, "by_start", "s d q", FALSE },
  { PT_MONGODB_OUTAGES, "by_area", "a s d q", FALSE },
  { PT_MONGODB_OUTAGES, "by_end", "y s d q", FALSE },
  { PT_MONGODB_OUTAGES, "by_span", "l s d q", FALSE },
  { PT_MONGODB_OUTAGES, "by_device", "d s", FALSE },
  { PT_MONGODB_SAID, "by_entry", "a e", FALSE },
  { PT_MONGODB_BATCHES, "by_time", "to a", FALSE },
  { PT_MONGODB_BATCHES, "by_area", "a to", FALSE },
  { PT_MONGODB_BATCHES, "by_state", "state to a", FALSE },
  { PT_MONGODB_BATCHES, "by_transaction", "x", FALSE },
  { PT_MONGODB_TRANSACTIONS, "by_nonce", "chain account nonce", TRUE },
  { PT_MONGODB_TRANSACTIONS, "by_state", "state", FALSE },
  { PT_MONGODB_TRANSACTIONS, "by_due", "due", FALSE },
  { PT_MONGODB_TRANSACTIONS, "by_raw", "kept block", FALSE },
  { PT_MONGODB_EVIDENCE, "by_report", "s q", FALSE },
  { PT_MONGODB_REJECTED, "by_source", "source number", FALSE },
  { PT_MONGODB_REJECTED, "by_time", "at", FALSE },
};

/* {createIndexes: collection, indexes: [{key: {...}, name: name, unique: true}]}; one at a time,
 * for there are servers that get several of a collection wrong. */
static bson_t *
index_command (guint index)
{
  g_auto (GStrv) keys = g_strsplit (indexes[index].keys, " ", -1);
  bson_t *command = bson_new (), list, entry, key;

  BSON_APPEND_UTF8 (command, "createIndexes", pt_mongodb_name (indexes[index].place));
  bson_append_array_begin (command, "indexes", -1, &list);
  bson_append_document_begin (&list, "0", -1, &entry);
  bson_append_document_begin (&entry, "key", -1, &key);
  for (guint i = 0; keys[i] != NULL; i++)
    BSON_APPEND_INT32 (&key, keys[i], 1);
  bson_append_document_end (&entry, &key);
  BSON_APPEND_UTF8 (&entry, "name", indexes[index].name);
  if (indexes[index].unique)
    BSON_APPEND_BOOL (&entry, "unique", TRUE);
  bson_append_document_end (&list, &entry);
  bson_append_array_end (command, &list);
  return command;
}

static gboolean
make_indexes (PtMongodb *mongodb, GError **error)
{
  for (guint i = 0; i < G_N_ELEMENTS (indexes); i++)
    {
      g_autoptr (bson_t) command = index_command (i);
      bson_error_t failure;

      if (!mongoc_client_write_command_with_opts (mongodb->client, mongodb->database, command, NULL,
                                                  NULL, &failure))
        return pt_mongodb_fail (&failure, error);
    }
  return TRUE;
}

/* Taking over */

static gboolean
load_area (const bson_t *document, gpointer data, GError **error)
{
  PtMongodbStore *store = data;
  gint64 token = pt_bson_int (document, "token");

  if (!pt_mongodb_take_area (store, document, error))
    return FALSE;
  if (token == store->token) /* else another one came meanwhile */
    pt_mongodb_area (store, (guint32) pt_bson_int (document, "number"))->token = token;
  return TRUE;
}

static gboolean
load_areas (PtMongodbStore *store, PtMongodb *mongodb, GError **error)
{
  g_autoptr (bson_t) every = bson_new (), in_order = pt_bson_sorted (0, "_id", "+", NULL);

  return pt_mongodb_find (mongodb, PT_MONGODB_AREAS, every, in_order, load_area, store, error);
}

/* Each open has a higher token than those before; an area's document with it refuses theirs. */
static gboolean
take_over (PtMongodbStore *store, PtMongodb *mongodb, GError **error)
{
  g_autoptr (bson_t) older = bson_new (), update = NULL;
  bson_error_t failure;

  if (!pt_mongodb_count_on (mongodb, "opened", 1, &store->token, error))
    return FALSE;
  store->session = store->token;
  if (store->is_shared)
    return load_areas (store, mongodb, error);
  pt_bson_add_compare (older, "token", "$lt", store->token);
  update
      = BCON_NEW ("$set", "{", "token", BCON_INT64 (store->token), "holder", BCON_UTF8 (""), "}");
  if (!mongoc_collection_update_many (pt_mongodb_at (mongodb, PT_MONGODB_AREAS), older, update,
                                      NULL, NULL, &failure))
    return pt_mongodb_fail (&failure, error);
  return load_areas (store, mongodb, error) && pt_mongodb_take_over (store, mongodb, error)
         && pt_mongodb_settle_transactions (store, mongodb, error);
}

static gboolean
open_store (PtMongodbStore *store, const char *uri, const char *password, GError **error)
{
  g_auto (PtMongodb) mongodb = { 0 };

  if (!connect_pool (store, uri, password, error))
    return FALSE;
  mongodb = pt_mongodb_store_take (store);
  return check_server (store, &mongodb, error) && check_schema (&mongodb, error)
         && make_indexes (&mongodb, error) && take_over (store, &mongodb, error);
}

static PtStore *
store_new (const char *uri, const char *password, gboolean is_shared, GError **error)
{
  static GOnce library = G_ONCE_INIT;
  g_autoptr (PtStore) store = NULL;
  PtMongodbStore *self;

  g_once (&library, start_library, NULL);
  self = g_new0 (PtMongodbStore, 1);
  self->parent.klass = is_shared ? &shared_store_class : &mongodb_store_class;
  self->is_shared = is_shared;
  store = &self->parent;
  self->areas = g_array_new (FALSE, TRUE, sizeof (PtMongodbArea));
  g_mutex_init (&self->lock);
  g_mutex_init (&self->member_lock);
  if (!open_store (self, uri, password, error))
    return NULL;
  return g_steal_pointer (&store);
}

PtStore *
pt_mongodb_store_new (const char *uri, const char *password, GError **error)
{
  g_return_val_if_fail (uri != NULL, NULL);

  return store_new (uri, password, FALSE, error);
}

PtStore *
pt_mongodb_store_new_shared (const char *uri, const char *password, GError **error)
{
  g_return_val_if_fail (uri != NULL, NULL);

  return store_new (uri, password, TRUE, error);
}
