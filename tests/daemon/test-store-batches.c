/* SPDX-License-Identifier: Apache-2.0 */
/* The life of batches, over every store. */
#include "pt-store-suite.h"

static void
test_seal (Fixture *fixture, gconstpointer data)
{
  PtSeal seals[2];
  g_autoptr (GError) error = NULL;
  PtSeal stale;
  PtBatchQuery query;
  g_autoptr (GArray) none = NULL;
  g_autoptr (GArray) areas = NULL;
  const PtHead *head;
  g_autoptr (GArray) rows = NULL;
  const PtBatchRow *row;

  add_area (fixture, 0, "east");
  add_area (fixture, 1, "west");
  commit_entries (fixture, 0, 100, 4);
  commit_entries (fixture, 1, 100, 3);
  seals[0] = make_seal (fixture, 0, 1000, 4);
  seals[1] = make_seal (fixture, 1, 1000, 3);
  seals[1].next.named = (PtNamedBlock){ TRUE, 0, { { 7 } } }; /* the chain's first block is one */
  stale = seals[1];

  /* All or none: the second area's head is not what it is said to be. */
  seals[1].previous.batch = 77;
  g_assert_false (pt_store_seal (fixture->store, seals, 2, &error));
  g_assert_error (error, PT_ERROR, PT_ERROR_CONFLICT);
  g_clear_error (&error);
  query = (PtBatchQuery){ .area = -1, .state = -1, .limit = 100 };
  none = pt_store_batches (fixture->store, &query, &error);
  g_assert_cmpuint (none->len, ==, 0);

  seals[1] = stale;
  pt_store_seal (fixture->store, seals, 2, &error);
  g_assert_no_error (error);
  g_assert_false (pt_store_seal (fixture->store, &stale, 1, &error));
  g_assert_error (error, PT_ERROR, PT_ERROR_CONFLICT);
  g_clear_error (&error);
  reopen (fixture, data);
  areas = pt_store_areas (fixture->store, &error);
  head = &g_array_index (areas, PtAreaRow, 1).head;
  g_assert_cmpuint (head->batch, ==, 1);
  g_assert_cmpint (head->to, ==, 1000);
  g_assert_cmpuint (head->last_entry, ==, 3);
  g_assert_true (head->named.known);
  g_assert_cmpuint (head->named.number, ==, 0);
  g_assert_cmpuint (head->named.hash.bytes[0], ==, 7);
  g_assert_false (g_array_index (areas, PtAreaRow, 0).head.named.known);
  g_assert_cmpmem (head->frontier.nodes, sizeof (PtHash), stale.next.frontier.nodes,
                   sizeof (PtHash));
  rows = pt_store_unfinished (fixture->store, 100, &error);
  g_assert_cmpuint (rows->len, ==, 2);
  row = &g_array_index (rows, PtBatchRow, 1);
  g_assert_cmpint (row->state, ==, PT_BATCH_SEALED);
  g_assert_cmpstr (row->area_id, ==, "west");
  g_assert_cmpuint (row->size, ==, 2);
  g_assert_cmpuint (row->bytes, ==, 500);
  g_assert_cmpuint (row->first_entry, ==, 1);
  g_assert_cmpuint (row->last_entry, ==, 3);
  g_assert_true (pt_cid_equal (&row->cid, &stale.row.cid));
  g_assert_cmpmem (&row->root, sizeof (PtHash), &stale.row.root, sizeof (PtHash));
  g_assert_cmpmem (&row->prev_root, sizeof (PtHash), &stale.row.prev_root, sizeof (PtHash));
  g_assert_cmpuint (row->transaction_id, ==, 0);
}

/* "area/batch " of the rows. */
static char *
names_of (GArray *rows)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < rows->len; i++)
    {
      const PtBatchRow *row = &g_array_index (rows, PtBatchRow, i);

      g_string_append_printf (text, "%u/%" G_GUINT64_FORMAT " ", row->area, row->batch);
    }
  return g_string_free (text, FALSE);
}

static void
assert_batches (Fixture *fixture, PtBatchQuery query, const char *expected)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) rows = pt_store_batches (fixture->store, &query, &error);
  g_autofree char *names = NULL;

  g_assert_no_error (error);
  names = names_of (rows);
  g_assert_cmpstr (names, ==, expected);
}

static void
seal_six (Fixture *fixture)
{
  add_area (fixture, 0, "east");
  add_area (fixture, 1, "west");
  for (gint64 to = 1000; to <= 3000; to += 1000)
    {
      seal_one (fixture, 0, to, 0);
      seal_one (fixture, 1, to, 0);
    }
}

static void
test_queries (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) oldest = NULL;
  g_autofree char *names = NULL;

  seal_six (fixture);
  assert_batches (fixture, (PtBatchQuery){ .area = -1, .state = -1, .limit = 10 },
                  "1/3 0/3 1/2 0/2 1/1 0/1 ");
  assert_batches (fixture, (PtBatchQuery){ .area = 1, .state = -1, .limit = 10 }, "1/3 1/2 1/1 ");
  assert_batches (fixture, (PtBatchQuery){ .area = 0, .state = -1, .batch = 2, .limit = 10 },
                  "0/2 ");
  assert_batches (fixture, (PtBatchQuery){ .area = -1, .state = PT_BATCH_FINAL, .limit = 10 }, "");
  assert_batches (
      fixture,
      (PtBatchQuery){ .area = -1, .state = -1, .limit = 2, .before_to = 3000, .before_area = 0 },
      "1/2 0/2 ");
  oldest = pt_store_unfinished (fixture->store, 3, &error);
  g_assert_no_error (error);
  names = names_of (oldest);
  g_assert_cmpstr (names, ==, "0/1 1/1 0/2 ");
}

/* Transactions */

static void
assert_conflict (gboolean result, GError **error)
{
  g_assert_false (result);
  g_assert_error (*error, PT_ERROR, PT_ERROR_CONFLICT);
  g_clear_error (error);
}

static PtTransactionRow *
only_transaction (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) rows = pt_store_transactions (fixture->store, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (rows->len, ==, 1);
  return g_ptr_array_steal_index (rows, 0);
}

static void
test_published_and_submitted (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) rows = NULL;
  PtBatchRow *batches;
  PtTransactionRow *transaction;
  PtBatchRow row;
  PtTransactionRow *stored;

  seal_six (fixture);
  rows = pt_store_unfinished (fixture->store, 4, &error);
  batches = (PtBatchRow *) (gpointer) rows->data;
  transaction = make_transaction (7, 1);
  assert_conflict (pt_store_submit (fixture->store, transaction, batches, 2, &error), &error);
  pt_store_published (fixture->store, batches, 3, &error);
  g_assert_no_error (error);
  assert_conflict (pt_store_published (fixture->store, batches, 1, &error), &error);
  /* The fourth is not published: none is taken. */
  assert_conflict (pt_store_submit (fixture->store, transaction, batches, 4, &error), &error);
  g_assert_cmpint (batch_row (fixture, 0, 1).state, ==, PT_BATCH_PUBLISHED);
  pt_store_submit (fixture->store, transaction, batches, 2, &error);
  g_assert_no_error (error);
  assert_conflict (pt_store_submit (fixture->store, transaction, batches + 2, 1, &error), &error);
  g_assert_cmpint (batch_row (fixture, 0, 2).state, ==, PT_BATCH_PUBLISHED);
  reopen (fixture, data);
  row = batch_row (fixture, 1, 1);
  g_assert_cmpint (row.state, ==, PT_BATCH_SUBMITTED);
  g_assert_cmpuint (row.transaction_id, ==, transaction->id);
  g_assert_cmpuint (row.transaction_id, >, 0);
  g_assert_cmpuint (row.block, ==, 0);
  stored = only_transaction (fixture);
  g_assert_cmpuint (stored->id, ==, transaction->id);
  g_assert_cmpuint (stored->chain_id, ==, 31337);
  g_assert_cmpmem (stored->account, 20, transaction->account, 20);
  g_assert_cmpuint (stored->nonce, ==, 7);
  g_assert_cmpuint (stored->max_fee, ==, 101);
  g_assert_cmpuint (stored->max_priority_fee, ==, 11);
  g_assert_cmpint (stored->sent, ==, 5001);
  g_assert_true (g_bytes_equal (stored->raw, transaction->raw));
  g_assert_cmpuint (stored->versions->len, ==, 1);
  g_assert_cmpuint (stored->block, ==, 0);
  pt_transaction_row_free (stored);
  pt_transaction_row_free (transaction);
}

static PtTransactionRow *
submit_all (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) rows = NULL;
  PtBatchRow *batches;
  PtTransactionRow *transaction;

  seal_six (fixture);
  rows = pt_store_unfinished (fixture->store, 100, &error);
  batches = (PtBatchRow *) (gpointer) rows->data;
  transaction = make_transaction (7, 1);
  pt_store_published (fixture->store, batches, 6, &error);
  g_assert_no_error (error);
  pt_store_submit (fixture->store, transaction, batches, 2, &error);
  g_assert_no_error (error);
  return transaction;
}

static void
test_mined (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  PtTransactionRow *first = submit_all (fixture), *second = make_transaction (7, 2);
  PtTransactionRow *stored;
  PtBatchRow row;
  static const PtHash none;
  g_autoptr (GPtrArray) pending = NULL;
  PtCounts counts;
  g_autoptr (GArray) rest = NULL;

  second->id = first->id;
  pt_store_bump (fixture->store, second, &error);
  g_assert_no_error (error);
  reopen (fixture, data);
  stored = only_transaction (fixture);
  g_assert_cmpuint (stored->versions->len, ==, 2);
  g_assert_cmpmem (&g_array_index (stored->versions, PtHash, 0), 32, &first->hash, 32);
  g_assert_cmpmem (&stored->hash, 32, &second->hash, 32);
  g_assert_cmpint (stored->sent, ==, 5002);
  g_assert_cmpuint (stored->max_fee, ==, 102);
  pt_transaction_row_free (stored);

  /* The older version is the one that is mined. */
  first->block = 55;
  first->block_hash = (PtHash){ { 5, 5 } };
  first->gas_used = 99000;
  pt_store_mined (fixture->store, first, &error);
  g_assert_no_error (error);
  stored = only_transaction (fixture);
  g_assert_cmpuint (stored->block, ==, 55);
  g_assert_cmpuint (stored->gas_used, ==, 99000);
  g_assert_cmpmem (&stored->hash, 32, &first->hash, 32);
  g_assert_cmpmem (&stored->block_hash, 32, &first->block_hash, 32);
  g_assert_true (g_bytes_equal (stored->raw, second->raw));
  pt_transaction_row_free (stored);
  row = batch_row (fixture, 0, 1);
  g_assert_cmpuint (row.block, ==, 55);
  g_assert_cmpmem (&row.transaction, 32, &first->hash, 32);
  g_assert_cmpint (row.state, ==, PT_BATCH_SUBMITTED);

  /* A reorg, and mined again. */
  first->block = 0;
  pt_store_mined (fixture->store, first, &error);
  g_assert_no_error (error);
  row = batch_row (fixture, 0, 1);
  g_assert_cmpuint (row.block, ==, 0);
  g_assert_cmpmem (&row.transaction, 32, &none, 32);
  stored = only_transaction (fixture);
  g_assert_cmpuint (stored->block, ==, 0);
  pt_transaction_row_free (stored);
  second->block = 56;
  pt_store_mined (fixture->store, second, &error);
  g_assert_no_error (error);
  pt_store_finalize (fixture->store, first->id, &error);
  g_assert_no_error (error);
  reopen (fixture, data);
  pending = pt_store_transactions (fixture->store, &error);
  g_assert_cmpuint (pending->len, ==, 0);
  row = batch_row (fixture, 1, 1);
  g_assert_cmpint (row.state, ==, PT_BATCH_FINAL);
  g_assert_cmpuint (row.block, ==, 56);
  g_assert_cmpmem (&row.transaction, 32, &second->hash, 32);
  pt_store_counts (fixture->store, &counts, &error);
  g_assert_cmpuint (counts.batches[PT_BATCH_FINAL], ==, 2);
  g_assert_cmpuint (counts.batches[PT_BATCH_PUBLISHED], ==, 4);
  rest = pt_store_unfinished (fixture->store, 100, &error);
  g_assert_cmpuint (rest->len, ==, 4);
  pt_transaction_row_free (first);
  pt_transaction_row_free (second);
}

static void
test_withdraw (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  PtTransactionRow *first = submit_all (fixture), *next = make_transaction (8, 1);
  g_autoptr (GPtrArray) pending = NULL;
  PtBatchRow rows[2];

  pt_store_withdraw (fixture->store, first->id, &error);
  g_assert_no_error (error);
  reopen (fixture, data);
  pending = pt_store_transactions (fixture->store, &error);
  g_assert_cmpuint (pending->len, ==, 0);
  rows[0] = batch_row (fixture, 0, 1);
  rows[1] = batch_row (fixture, 1, 1);
  g_assert_cmpint (rows[0].state, ==, PT_BATCH_PUBLISHED);
  g_assert_cmpuint (rows[0].transaction_id, ==, 0);
  pt_store_submit (fixture->store, next, rows, 2, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (batch_row (fixture, 1, 1).transaction_id, ==, next->id);
  pt_transaction_row_free (first);
  pt_transaction_row_free (next);
}

/* By a transaction that is not ours: it is told like any other, and is nobody's to follow. */
static void
test_adopt (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  PtTransactionRow *first = submit_all (fixture);
  PtTransactionRow foreign
      = { .chain_id = 31337, .hash = { { 9, 9 } }, .block = 77, .block_hash = { { 7 } } };
  g_autoptr (GPtrArray) pending = NULL;
  PtBatchRow rows[2] = { batch_row (fixture, 0, 2), batch_row (fixture, 1, 2) };
  PtBatchRow row = batch_row (fixture, 0, 1);

  assert_conflict (pt_store_adopt (fixture->store, &foreign, &row, 1, &error), &error);
  pt_store_adopt (fixture->store, &foreign, rows, 1, &error);
  g_assert_no_error (error);
  pt_store_adopt (fixture->store, &foreign, rows + 1, 1, &error);
  g_assert_no_error (error);
  assert_conflict (pt_store_adopt (fixture->store, &foreign, rows, 1, &error), &error);
  reopen (fixture, data);
  for (guint area = 0; area < 2; area++)
    {
      row = batch_row (fixture, area, 2);
      g_assert_cmpint (row.state, ==, PT_BATCH_FINAL);
      g_assert_cmpuint (row.block, ==, 77);
      g_assert_cmpmem (&row.transaction, 32, &foreign.hash, 32);
    }
  pending = pt_store_transactions (fixture->store, &error);
  g_assert_cmpuint (pending->len, ==, 1);
  pt_transaction_row_free (first);
}

/* One transaction of two areas was lost: all of it is to be sent again as it was. One that is not
 * ours can't be, so its batches are due anew. What lies before stays. */
static void
test_reopen (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  PtTransactionRow *first = submit_all (fixture), *second = make_transaction (8, 1);
  PtTransactionRow foreign = { .chain_id = 31337, .hash = { { 9, 9 } }, .block = 77 };
  PtBatchRow rows[3]
      = { batch_row (fixture, 0, 2), batch_row (fixture, 1, 2), batch_row (fixture, 0, 3) };
  PtTransactionRow *stored;
  guint count;

  first->block = 50;
  pt_store_mined (fixture->store, first, &error);
  pt_store_finalize (fixture->store, first->id, &error);
  g_assert_no_error (error);
  pt_store_submit (fixture->store, second, rows, 2, &error);
  second->block = 60;
  second->hash = (PtHash){ { 3, 3 } }; /* another version than the newest was mined */
  pt_store_mined (fixture->store, second, &error);
  pt_store_finalize (fixture->store, second->id, &error);
  g_assert_no_error (error);
  pt_store_adopt (fixture->store, &foreign, rows + 2, 1, &error);
  g_assert_no_error (error);
  reopen (fixture, data);

  pt_store_reopen (fixture->store, 0, 3, &count, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (count, ==, 0);
  pt_store_reopen (fixture->store, 0, 1, &count, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (count, ==, 2);
  reopen (fixture, data);
  g_assert_cmpint (batch_row (fixture, 0, 1).state, ==, PT_BATCH_FINAL);
  g_assert_cmpint (batch_row (fixture, 1, 1).state, ==, PT_BATCH_FINAL);
  g_assert_cmpint (batch_row (fixture, 0, 2).state, ==, PT_BATCH_SUBMITTED);
  g_assert_cmpint (batch_row (fixture, 1, 2).state, ==, PT_BATCH_SUBMITTED);
  g_assert_cmpuint (batch_row (fixture, 1, 2).block, ==, 0);
  g_assert_cmpint (batch_row (fixture, 0, 3).state, ==, PT_BATCH_PUBLISHED);
  g_assert_cmpuint (batch_row (fixture, 0, 3).transaction_id, ==, 0);
  stored = only_transaction (fixture);
  g_assert_cmpuint (stored->id, ==, second->id);
  g_assert_cmpuint (stored->block, ==, 0);
  g_assert_true (g_bytes_equal (stored->raw, second->raw));
  g_assert_cmpmem (&stored->hash, 32, &g_array_index (stored->versions, PtHash, 0), 32);
  pt_transaction_row_free (stored);
  pt_transaction_row_free (first);
  pt_transaction_row_free (second);
}

/* Long after, a transaction's bytes are not kept, and its batches are due anew. */
static void
test_reopen_long_after (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  PtTransactionRow *first = submit_all (fixture), *second = make_transaction (8, 1);
  PtBatchRow row = batch_row (fixture, 0, 2);
  g_autoptr (GPtrArray) pending = NULL;
  guint count;

  first->block = 50;
  pt_store_mined (fixture->store, first, &error);
  pt_store_finalize (fixture->store, first->id, &error);
  pt_store_submit (fixture->store, second, &row, 1, &error);
  second->block = 51 + PT_KEEP_RAW_BLOCKS;
  pt_store_mined (fixture->store, second, &error);
  pt_store_finalize (fixture->store, second->id, &error);
  g_assert_no_error (error);
  pt_store_reopen (fixture->store, 0, 0, &count, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (count, ==, 2);
  reopen (fixture, data);
  g_assert_cmpint (batch_row (fixture, 0, 1).state, ==, PT_BATCH_PUBLISHED);
  g_assert_cmpint (batch_row (fixture, 1, 1).state, ==, PT_BATCH_PUBLISHED);
  g_assert_cmpint (batch_row (fixture, 0, 2).state, ==, PT_BATCH_SUBMITTED);
  pending = pt_store_transactions (fixture->store, &error);
  g_assert_cmpuint (pending->len, ==, 1);
  pt_transaction_row_free (first);
  pt_transaction_row_free (second);
}

/* A nonce is used once by an account on a chain, and says nothing of others: a new operator's
 * account begins at numbers that the old one's have used. */
static void
test_accounts (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  PtTransactionRow *first = submit_all (fixture);
  PtTransactionRow *same = make_transaction (7, 2), *other = make_transaction (7, 3);
  PtTransactionRow *elsewhere = make_transaction (7, 4);
  PtBatchRow rows[] = { batch_row (fixture, 0, 2), batch_row (fixture, 1, 2) };
  g_autoptr (GPtrArray) pending = NULL;
  g_autoptr (GPtrArray) rest = NULL;

  assert_conflict (pt_store_submit (fixture->store, same, rows, 1, &error), &error);
  other->account[19] = 2;
  g_assert_true (pt_store_submit (fixture->store, other, rows, 1, &error));
  elsewhere->chain_id = 1;
  g_assert_true (pt_store_submit (fixture->store, elsewhere, rows + 1, 1, &error));
  reopen (fixture, data);
  pending = pt_store_transactions (fixture->store, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (pending->len, ==, 3);
  for (guint i = 0; i < 3; i++)
    {
      const PtTransactionRow *wanted = i == 0 ? first : i == 1 ? other : elsewhere;
      const PtTransactionRow *row = g_ptr_array_index (pending, i);

      g_assert_cmpuint (row->id, ==, wanted->id);
      g_assert_cmpuint (row->nonce, ==, 7);
      g_assert_cmpuint (row->chain_id, ==, wanted->chain_id);
      g_assert_cmpmem (row->account, 20, wanted->account, 20);
    }
  /* Each is its own: what becomes of one is nothing to the others. */
  other->block = 60;
  g_assert_true (pt_store_mined (fixture->store, other, &error));
  g_assert_true (pt_store_finalize (fixture->store, other->id, &error));
  g_assert_true (pt_store_withdraw (fixture->store, elsewhere->id, &error));
  rest = pt_store_transactions (fixture->store, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (rest->len, ==, 1);
  g_assert_cmpint (batch_row (fixture, 0, 1).state, ==, PT_BATCH_SUBMITTED);
  g_assert_cmpuint (batch_row (fixture, 0, 1).block, ==, 0);
  g_assert_cmpint (batch_row (fixture, 0, 2).state, ==, PT_BATCH_FINAL);
  g_assert_cmpint (batch_row (fixture, 1, 2).state, ==, PT_BATCH_PUBLISHED);
  pt_transaction_row_free (first);
  pt_transaction_row_free (same);
  pt_transaction_row_free (other);
  pt_transaction_row_free (elsewhere);
}

static const SuiteTest tests[] = {
  { "seal", test_seal },
  { "queries", test_queries },
  { "published-and-submitted", test_published_and_submitted },
  { "mined", test_mined },
  { "withdraw", test_withdraw },
  { "adopt", test_adopt },
  { "reopen", test_reopen },
  { "reopen-long-after", test_reopen_long_after },
  { "accounts", test_accounts },
};

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  add_suite ("store-batches", tests, G_N_ELEMENTS (tests));
  return g_test_run ();
}
