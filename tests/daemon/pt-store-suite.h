/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What the conformance suite over all stores has in common: to add a backend, add a line to
 * @backends. Where PT_MONGODB_URI names a server (tests/engines/with-mongodb.py), it runs over
 * databases there instead, each test with its own. */
#include <glib/gstdio.h>
#include <string.h>

#ifdef PT_HAS_MONGODB
#include "pt-mongodb-fixture.h"
#endif
#include "pt-store-batches.h"
#include "pt-store-fixture.h"
#include "pt-store-open.h"
#include "pt-store-views.h"

static const struct
{
  const char *name;
  const char *scheme;
  const char *file; /* it is in the test's folder; NULL: it is in none */
  gboolean keeps;   /* opens with what it had when it was freed */
} backends[] = {
  { "memory", "memory:", NULL, FALSE },
  { "sqlite", "sqlite:", "store.sqlite", TRUE },
#ifdef PT_HAS_MONGODB
  { "mongodb", NULL, NULL, TRUE },
#endif
};

typedef struct
{
  char *directory;
  PtStore *store;
} Fixture;

/* The caller frees it. */
static inline char *
address_of (const Fixture *fixture, guint backend)
{
  g_autofree char *path = NULL;

  if (backends[backend].scheme == NULL)
    {
      path = g_path_get_basename (fixture->directory);
      return g_strdup_printf ("%s/%s", g_getenv ("PT_MONGODB_URI"), path);
    }
  if (backends[backend].file != NULL)
    path = g_build_filename (fixture->directory, backends[backend].file, NULL);
  return g_strconcat (backends[backend].scheme, path, NULL);
}

static inline void
open_backend (Fixture *fixture, guint backend)
{
  g_autofree char *address = address_of (fixture, backend);
  g_autoptr (GError) error = NULL;

  fixture->store = pt_store_open (address, NULL, &error);
  g_assert_no_error (error);
}

static inline void
set_up (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  fixture->directory = g_dir_make_tmp ("pt-store-XXXXXX", &error);
  g_assert_no_error (error);
  open_backend (fixture, GPOINTER_TO_UINT (data));
}

/* Frees the store and opens it again, where that keeps what is in it. */
static inline void
reopen (Fixture *fixture, gconstpointer data)
{
  guint backend = GPOINTER_TO_UINT (data);

  if (!backends[backend].keeps)
    return;
  pt_store_free (fixture->store);
  open_backend (fixture, backend);
}

static inline void
tear_down (Fixture *fixture, gconstpointer data)
{
  pt_store_free (fixture->store);
#ifdef PT_HAS_MONGODB
  if (backends[GPOINTER_TO_UINT (data)].scheme == NULL)
    pt_mongodb_test_drop (fixture->directory);
#endif
  g_autoptr (GDir) directory = g_dir_open (fixture->directory, 0, NULL);
  for (const char *name; (name = g_dir_read_name (directory)) != NULL;)
    {
      g_autofree char *path = g_build_filename (fixture->directory, name, NULL);
      g_assert_cmpint (g_remove (path), ==, 0);
    }
  g_assert_cmpint (g_rmdir (fixture->directory), ==, 0);
  g_free (fixture->directory);
}

static inline PtAreaRow
add_area (Fixture *fixture, guint32 number, const char *id)
{
  g_autoptr (GError) error = NULL;
  PtAreaRow row = { .number = number, .registered = 1000 + number };
  g_strlcpy (row.id, id, sizeof row.id);
  row.authority_key[0] = 4;
  row.authority_key[PT_PUBLIC_KEY_SIZE - 1] = (guint8) number;
  pt_store_add_area (fixture->store, &row, &error);
  g_assert_no_error (error);
  return row;
}

static inline guint64
commit_entries (Fixture *fixture, guint32 area, gint64 received, guint count)
{
  g_autofree PtEntryRow *rows = g_new0 (PtEntryRow, count);

  for (guint i = 0; i < count; i++)
    rows[i] = (PtEntryRow){ .area = area,
                            .subject = pt_subject_device (0),
                            .received = received,
                            .body = "{\"a\":1}",
                            .size = 7 };
  return pt_commit_rows (fixture->store, rows, count, NULL);
}

static inline void
commit_subject (Fixture *fixture, PtSubject subject, guint32 area, const char *text,
                gboolean active)
{
  g_autoptr (GBytes) body = g_bytes_new (text, strlen (text));
  /* Its entry is not the group's first. */
  PtEntryRow rows[2]
      = { { .area = area, .subject = subject, .received = 100, .body = "{\"a\":1}", .size = 7 },
          { .area = area, .subject = subject, .received = 100, .body = text } };
  PtSubjectRow row = { .subject = subject, .area = area, .body = body, .active = active };
  PtGroup group = { .subjects = &row, .subject_count = 1 };
  g_autoptr (GArray) areas = pt_store_areas (fixture->store, NULL);

  rows[1].size = strlen (text);
  row.entry = g_array_index (areas, PtAreaRow, area).tail + 2;
  pt_commit_rows (fixture->store, rows, 2, &group);
}

static inline void
commit_device (Fixture *fixture, guint32 number, guint32 area, const char *text, gboolean active)
{
  commit_subject (fixture, pt_subject_device (number), area, text, active);
}

static inline PtSeal
make_seal (Fixture *fixture, guint32 area, gint64 to, guint64 last_entry)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) areas = pt_store_areas (fixture->store, &error);
  PtSeal seal = { .previous = g_array_index (areas, PtAreaRow, area).head };
  seal.next = seal.previous;
  for (guint i = 0; i < 2; i++)
    {
      PtHash leaf = { { (guint8) area, (guint8) to, (guint8) i } };
      pt_frontier_append (&seal.next.frontier, &leaf);
    }
  seal.next.batch++;
  seal.next.to = to;
  seal.next.last_entry = last_entry;
  seal.row = (PtBatchRow){ .area = area,
                           .batch = seal.next.batch,
                           .from = seal.previous.to,
                           .to = to,
                           .prev_size = seal.previous.frontier.size,
                           .size = seal.next.frontier.size,
                           .bytes = 500,
                           .first_entry = seal.previous.last_entry + 1,
                           .last_entry = last_entry };
  g_strlcpy (seal.row.area_id, g_array_index (areas, PtAreaRow, area).id, sizeof seal.row.area_id);
  pt_frontier_root (&seal.previous.frontier, &seal.row.prev_root);
  pt_frontier_root (&seal.next.frontier, &seal.row.root);
  pt_cid_make (PT_CODEC_RAW, &seal.row.root, &seal.row.cid);
  return seal;
}

static inline void
seal_one (Fixture *fixture, guint32 area, gint64 to, guint64 last_entry)
{
  g_autoptr (GError) error = NULL;
  PtSeal seal = make_seal (fixture, area, to, last_entry);
  char roster[32];
  g_snprintf (roster, sizeof roster, "roster %u.%" G_GUINT64_FORMAT, area, seal.row.batch);
  seal.roster = g_bytes_new (roster, strlen (roster));
  pt_store_seal (fixture->store, &seal, 1, &error);
  g_assert_no_error (error);
  g_bytes_unref (seal.roster);
}

/* Whether the batch's roster is there, as seal_one () made it. */
static inline gboolean
has_roster (Fixture *fixture, guint32 area, guint64 batch)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) roster = NULL;
  char wanted[32];
  gsize size;
  const char *data;
  pt_store_roster (fixture->store, area, batch, &roster, &error);
  g_assert_no_error (error);
  if (roster == NULL)
    return FALSE;
  data = g_bytes_get_data (roster, &size);
  g_snprintf (wanted, sizeof wanted, "roster %u.%" G_GUINT64_FORMAT, area, batch);
  g_assert_cmpmem (data, size, wanted, strlen (wanted));
  return TRUE;
}

static inline PtTransactionRow *
make_transaction (guint64 nonce, guint8 version)
{
  PtTransactionRow *row = g_new0 (PtTransactionRow, 1);
  row->chain_id = 31337;
  row->account[19] = 1;
  row->nonce = nonce;
  row->state = PT_BATCH_SUBMITTED;
  row->sent = 5000 + version;
  row->max_fee = 100 + version;
  row->max_priority_fee = 10 + version;
  row->hash = (PtHash){ { (guint8) nonce, version } };
  row->raw = g_bytes_new (row->hash.bytes, 2);
  row->versions = g_array_new (FALSE, FALSE, sizeof (PtHash));
  return row;
}

static inline PtBatchRow
batch_row (Fixture *fixture, gint32 area, guint64 batch)
{
  PtBatchQuery query = { .area = area, .state = -1, .batch = batch, .limit = 1 };
  g_autoptr (GArray) rows = pt_store_batches (fixture->store, &query, NULL);
  g_assert_cmpuint (rows->len, ==, 1);
  return g_array_index (rows, PtBatchRow, 0);
}

typedef struct
{
  const char *name;
  void (*func) (Fixture *fixture, gconstpointer data);
} SuiteTest;

/* Adds the tests of one part for each backend. */
static inline void
add_suite (const char *part, const SuiteTest *tests, guint count)
{
  for (guint backend = 0; backend < G_N_ELEMENTS (backends); backend++)
    for (guint i = 0; i < count; i++)
      {
        g_autofree char *path
            = g_strdup_printf ("/%s/%s/%s", part, backends[backend].name, tests[i].name);

        if ((backends[backend].scheme == NULL) != (g_getenv ("PT_MONGODB_URI") != NULL))
          continue;
        g_test_add (path, Fixture, GUINT_TO_POINTER (backend), set_up, tests[i].func, tear_down);
      }
}
