/* SPDX-License-Identifier: Apache-2.0 */
/* How fast groups of reports become durable on a server that speaks MongoDB's protocol: through the
 * store, and by a bare loop that inserts the same documents, in turn.
 *
 *     bench-store-mongodb mongodb://HOST:PORT GROUPS */
#include <mongoc/mongoc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pt-mongodb-store.h"
#include "pt-store-log.h"

#define LINES 4096
#define BODY 240

static PtStore *
open_store (const char *uri)
{
  g_autofree char *address = g_strconcat (uri, "/bench_store", NULL);
  PtAreaRow area = { .number = 0, .id = "bench" };
  g_autoptr (GError) error = NULL;
  PtStore *store = pt_mongodb_store_new (address, NULL, &error);

  if (store == NULL || !pt_store_add_area (store, &area, &error))
    g_error ("%s", error->message);
  return store;
}

static gint64
commit_group (PtStore *store, guint64 before, const char *body)
{
  g_autofree PtEntryRow *rows = g_new (PtEntryRow, LINES);
  PtTailMove tail = { .before = before, .after = before + LINES, .reports = LINES };
  const PtGroup group = { .entries = rows, .entry_count = LINES, .tails = &tail, .tail_count = 1 };
  g_autoptr (GError) error = NULL;
  gint64 begun;

  for (guint i = 0; i < LINES; i++)
    rows[i] = (PtEntryRow){ .number = before + 1 + i,
                            .subject = pt_subject_device (i),
                            .seq = (gint64) before + i + 1,
                            .received = 1764000000000 + (gint64) before,
                            .body = body,
                            .size = BODY };
  begun = g_get_monotonic_time ();
  if (!pt_store_commit (store, &group, &error))
    g_error ("%s", error->message);
  return g_get_monotonic_time () - begun;
}

static bson_t *
bare_document (guint64 number, guint device, const char *body)
{
  bson_t *document = bson_new ();
  char key[32];

  g_snprintf (key, sizeof key, "000000.%010" G_GINT64_MODIFIER "x", number);
  BSON_APPEND_UTF8 (document, "_id", key);
  BSON_APPEND_INT64 (document, "t", 1);
  BSON_APPEND_INT64 (document, "r", 1764000000000 + (gint64) number);
  BSON_APPEND_INT64 (document, "s", G_GINT64_CONSTANT (1) << 32 | device);
  BSON_APPEND_INT64 (document, "q", (gint64) number);
  BSON_APPEND_BINARY (document, "b", BSON_SUBTYPE_BINARY, (const guint8 *) body, BODY);
  return document;
}

static gint64
insert_group (mongoc_collection_t *collection, guint64 before, const char *body)
{
  bson_t *documents[LINES];
  bson_error_t failure;
  gint64 begun = g_get_monotonic_time ();

  for (guint i = 0; i < LINES; i++)
    documents[i] = bare_document (before + 1 + i, i, body);
  if (!mongoc_collection_insert_many (collection, (const bson_t **) documents, LINES, NULL, NULL,
                                      &failure))
    g_error ("%s", failure.message);
  for (guint i = 0; i < LINES; i++)
    bson_destroy (documents[i]);
  return g_get_monotonic_time () - begun;
}

/* With the same concern as the store's. */
static mongoc_client_t *
open_bare (const char *uri)
{
  g_autofree char *address = g_strconcat (uri, "/bench_bare?w=majority&journal=true", NULL);

  return mongoc_client_new (address);
}

int
main (int argc, char **argv)
{
  guint groups = argc == 3 ? (guint) atoi (argv[2]) : 0;
  gint64 ours = 0, bare = 0;
  char body[BODY];
  mongoc_collection_t *collection;
  mongoc_client_t *client;
  PtStore *store;

  if (groups == 0)
    return 2;
  memset (body, 'x', sizeof body);
  store = open_store (argv[1]);
  client = open_bare (argv[1]);
  collection = mongoc_client_get_collection (client, "bench_bare", "entries");
  for (guint i = 0; i <= groups; i++)
    {
      gint64 mine = commit_group (store, (guint64) i * LINES, body);
      gint64 theirs = insert_group (collection, (guint64) i * LINES, body);

      if (i > 0) /* the first makes the collections */
        {
          ours += mine;
          bare += theirs;
        }
    }
  printf ("{\"ours\": %.0f, \"bare\": %.0f}\n", 1e6 * LINES * groups / (double) ours,
          1e6 * LINES * groups / (double) bare);
  mongoc_collection_destroy (collection);
  mongoc_client_destroy (client);
  pt_store_free (store);
  return 0;
}
