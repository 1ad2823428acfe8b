/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A store in which there is something of everything: batches in all states, entries that went and
 * some that are in no batch, outages, devices that were revoked, complaints with private parts,
 * evidence, transactions. */

#include <sqlite3.h>

#include "pt-complaint-fixture.h"
#include "pt-store-batches.h"

static inline void
pt_busy_say (PtWorld *world, const char *area, const char *device, gint64 seq, PtPower power)
{
  g_autofree char *line
      = pt_world_report (world, area, device, seq, pt_clock_now (world->clock), power, NULL);

  pt_world_expect (world, &pt_kind_report, line, PT_ACCEPTED);
}

/* What is sealed goes on to PUBLISHED, SUBMITTED (mined where @block) or FINAL. */
static inline void
pt_busy_anchor (PtWorld *world, guint64 nonce, PtBatchState state)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) rows = pt_store_unfinished (world->store, 100, &error);
  PtTransactionRow row = { .chain_id = 31337, .nonce = nonce, .sent = 7, .max_fee = 9 };

  g_assert_no_error (error);
  for (guint i = 0; i < rows->len;)
    if (g_array_index (rows, PtBatchRow, i).state != PT_BATCH_SEALED)
      g_array_remove_index (rows, i);
    else
      i++;
  row.account[0] = 3;
  row.hash.bytes[0] = (guint8) (nonce + 1);
  row.raw = g_bytes_new_static ("raw", 3);
  row.versions = g_array_new (FALSE, FALSE, sizeof (PtHash));
  pt_store_published (world->store, (PtBatchRow *) (gpointer) rows->data, rows->len, &error);
  g_assert_no_error (error);
  if (state > PT_BATCH_PUBLISHED)
    pt_store_submit (world->store, &row, (PtBatchRow *) (gpointer) rows->data, rows->len, &error);
  g_assert_no_error (error);
  if (state > PT_BATCH_PUBLISHED)
    {
      g_bytes_unref (row.raw);
      row.raw = g_bytes_new_static ("again", 5);
      row.hash.bytes[1] = 1;
      pt_store_bump (world->store, &row, &error);
      g_assert_no_error (error);
      row.block = 40 + nonce;
      row.block_hash.bytes[0] = 5;
      pt_store_mined (world->store, &row, &error);
      g_assert_no_error (error);
    }
  if (state == PT_BATCH_FINAL)
    pt_store_finalize (world->store, row.id, &error);
  g_assert_no_error (error);
  g_bytes_unref (row.raw);
  g_array_unref (row.versions);
}

static inline void
pt_busy_file (PtTestChain *chain)
{
  g_autofree char *line = pt_chain_sign_by (chain, PT_ACTION_FILE, "citizen-1", "words", NULL);
  PtAttachment *attachment = pt_attachment_new ();
  PtTestReply reply;

  attachment->text = g_bytes_new ("words", 5);
  attachment->photos[attachment->photo_count++]
      = (PtPhoto){ { { 7 } }, "image/png", g_bytes_new ("PNG", 3) };
  pt_reply_push (&reply, chain->world, &pt_kind_action, line, attachment);
  pt_reply_wait (&reply, PT_ACCEPTED);
  chain->leaf = reply.outcome.leaf;
  chain->n = 1;
  pt_reply_clear (&reply);
}

static inline void
pt_busy_complain (PtWorld *world)
{
  PtTestChain chain = { .world = world, .id = "1234567890", .site = "tx-1" };
  const PtModeration moderation = { TRUE, "officer-1", 5, "names a neighbour" };
  g_autoptr (GError) error = NULL;

  pt_busy_file (&chain);
  pt_chain_act (&chain, PT_ACTION_ACKNOWLEDGE, "officer-1", "", NULL);
  g_assert_true (pt_store_moderate (world->store, 0, chain.id, 1, &moderation, &error));
  g_assert_no_error (error);
}

/* Windows: the first is FINAL and half of it gone from the store, then one SUBMITTED, one
 * PUBLISHED, one SEALED; entries after them are in no batch. */
static inline void
pt_busy_fill (PtWorld *world)
{
  g_autofree char *revoked = NULL, *other = NULL;
  g_autoptr (GError) error = NULL;
  guint removed;

  pt_world_add_area (world, "west");
  pt_world_add_area (world, "empty");
  for (guint i = 1; i <= 5; i++)
    {
      g_autofree char *name = g_strdup_printf ("tx-%u", i);

      pt_world_add_device (world, "east", name);
    }
  pt_world_add_device (world, "west", "tx-1");
  pt_world_advance (world, 1000);
  pt_test_add_profile (world);
  pt_test_add_official (world, "officer-1");
  pt_busy_say (world, "east", "tx-1", 1, PT_POWER_OFF);
  pt_busy_say (world, "east", "tx-2", 1, PT_POWER_OFF);
  pt_busy_say (world, "east", "tx-4", 1, PT_POWER_OFF);
  pt_busy_say (world, "west", "tx-1", 3, PT_POWER_ON);
  pt_world_seal (world);
  pt_busy_anchor (world, 0, PT_BATCH_FINAL);
  g_assert_true (pt_batcher_snapshot (world->pipeline->batcher, &error));
  pt_store_prune (world->store, 0, 4, 100, &removed, &error);
  g_assert_no_error (error);
  pt_busy_say (world, "east", "tx-1", 2, PT_POWER_ON);
  pt_busy_say (world, "east", "tx-3", 9, PT_POWER_OFF);
  pt_busy_complain (world);
  pt_world_seal (world);
  pt_busy_anchor (world, 1, PT_BATCH_SUBMITTED);
  g_assert_true (pt_batcher_snapshot (world->pipeline->batcher, &error));
  pt_world_advance (world, 1000);
  revoked = pt_world_device (world, "east", "tx-4", PT_STATUS_REVOKED, pt_world_now (world));
  pt_world_expect (world, &pt_kind_registration, revoked, PT_ACCEPTED);
  pt_busy_say (world, "west", "tx-1", 4, PT_POWER_OFF);
  pt_world_seal (world);
  pt_busy_anchor (world, 2, PT_BATCH_PUBLISHED);
  pt_busy_say (world, "west", "tx-1", 5, PT_POWER_ON);
  pt_world_seal (world);
  pt_world_advance (world, 1000);
  /* Another report of a counter that is taken; and a device that comes back. */
  other = pt_world_report (world, "east", "tx-3", 9, pt_world_now (world), PT_POWER_ON, NULL);
  pt_world_expect (world, &pt_kind_report, other, PT_REFUSED ("stale-seq"));
  pt_busy_say (world, "east", "tx-2", 2, PT_POWER_ON);
  pt_busy_say (world, "east", "tx-5", 1, PT_POWER_OFF);
  pt_world_add_device (world, "east", "tx-6");
}

static inline PtWorld *
pt_busy_world_new (PtStore *store)
{
  PtWorld *world = pt_world_new (store);

  pt_busy_fill (world);
  return world;
}

static inline void
pt_busy_execute (const char *path, const char *sql)
{
  sqlite3 *database;
  char *message = NULL;

  g_assert_cmpint (sqlite3_open (path, &database), ==, SQLITE_OK);
  sqlite3_exec (database, sql, NULL, NULL, &message);
  g_assert_cmpstr (message, ==, NULL);
  sqlite3_close (database);
}
