/* SPDX-License-Identifier: Apache-2.0 */
/* Batches: sealed one after another, then brought to where they stand. */
#include <glib/gi18n-lib.h>
#include <string.h>

#include "pt-store-copy-private.h"

#define SEALS_AT_ONCE 200
#define ROWS_AT_ONCE 1000

/* Heads */

/* Nobody has kept the trees in between; that of the last batch is the right one. */
static PtHead
head_after (const PtBatchRow *row, const PtHead *last)
{
  PtHead head = { .batch = row->batch, .to = row->to, .last_entry = row->last_entry };

  if (row->batch == last->batch)
    return *last;
  head.frontier.size = row->size;
  return head;
}

static void
seal_clear (gpointer data)
{
  g_clear_pointer (&((PtSeal *) data)->roster, g_bytes_unref);
}

static gboolean
add_seal (PtStoreCopy *copy, guint32 area, GArray *seals, GError **error)
{
  const PtHead *previous = &pt_store_copy_here (copy, area)->head;
  PtBatchQuery query
      = { .area = (gint32) area, .state = -1, .batch = previous->batch + 1, .limit = 1 };
  g_autoptr (GArray) rows = pt_store_batches (copy->from, &query, error);
  PtSeal seal = { 0 };

  if (rows == NULL)
    return FALSE;
  if (rows->len == 0)
    {
      g_set_error (error, PT_ERROR, PT_ERROR_STOP,
                   _ ("Batches of %s are missing. Look with powertrack store check."),
                   pt_store_copy_there (copy, area)->id);
      return FALSE;
    }
  seal.row = g_array_index (rows, PtBatchRow, 0);
  seal.previous = *previous;
  seal.next = head_after (&seal.row, &pt_store_copy_there (copy, area)->head);
  if (!pt_store_roster (copy->from, area, seal.row.batch, &seal.roster, error))
    return FALSE;
  seal.row.transaction_id = seal.row.block = 0;
  seal.row.transaction = (PtHash){ 0 };
  g_array_append_val (seals, seal);
  return TRUE;
}

/* The next batch of each area that has one. */
static gboolean
seal_round (PtStoreCopy *copy, guint *count, GError **error)
{
  g_autoptr (GArray) seals = g_array_new (FALSE, TRUE, sizeof (PtSeal));

  g_array_set_clear_func (seals, seal_clear);
  for (guint i = 0; i < copy->areas->len && seals->len < SEALS_AT_ONCE; i++)
    if (pt_store_copy_here (copy, i)->head.batch < pt_store_copy_there (copy, i)->head.batch
        && !add_seal (copy, i, seals, error))
      return FALSE;
  *count = seals->len;
  if (seals->len > 0
      && !pt_store_seal (copy->to, (PtSeal *) (gpointer) seals->data, seals->len, error))
    return FALSE;
  for (guint i = 0; i < seals->len; i++)
    {
      const PtSeal *seal = &g_array_index (seals, PtSeal, i);

      pt_store_copy_here (copy, seal->row.area)->head = seal->next;
    }
  return TRUE;
}

gboolean
pt_store_copy_heads (PtStoreCopy *copy, GError **error)
{
  guint count;

  g_return_val_if_fail (copy != NULL, FALSE);

  do
    if (!seal_round (copy, &count, error))
      return FALSE;
  while (count > 0);
  return TRUE;
}

/* States */

typedef struct
{
  PtStoreCopy *copy;
  GHashTable *submitted; /* number of a transaction there -> GArray of PtBatchRow */
} States;

static gboolean
publish (PtStoreCopy *copy, GArray *there, GArray *here, GError **error)
{
  g_autoptr (GArray) rows = g_array_new (FALSE, FALSE, sizeof (PtBatchRow));

  for (guint i = 0; i < here->len; i++)
    {
      PtBatchRow *row = &g_array_index (here, PtBatchRow, i);

      if (row->state != PT_BATCH_SEALED
          || g_array_index (there, PtBatchRow, i).state == PT_BATCH_SEALED)
        continue;
      row->state = PT_BATCH_PUBLISHED;
      g_array_append_val (rows, *row);
    }
  return rows->len == 0
         || pt_store_published (copy->to, (PtBatchRow *) (gpointer) rows->data, rows->len, error);
}

static gboolean
same_transaction (const PtBatchRow *a, const PtBatchRow *b)
{
  return a->block == b->block && memcmp (&a->transaction, &b->transaction, sizeof (PtHash)) == 0;
}

/* It became final since it was copied. */
static gboolean
finish (PtStoreCopy *copy, const PtBatchRow *there, PtBatchRow *here, GError **error)
{
  const PtTransactionRow row
      = { .id = here->transaction_id, .hash = there->transaction, .block = there->block };

  return pt_store_mined (copy->to, &row, error)
         && pt_store_finalize (copy->to, here->transaction_id, error);
}

/* All of the page that went with the transaction of row @first. */
static gboolean
adopt (PtStoreCopy *copy, GArray *there, GArray *here, guint first, GError **error)
{
  const PtBatchRow *of = &g_array_index (there, PtBatchRow, first);
  const PtTransactionRow transaction = { .hash = of->transaction, .block = of->block };
  g_autoptr (GArray) rows = g_array_new (FALSE, FALSE, sizeof (PtBatchRow));

  for (guint i = first; i < there->len; i++)
    {
      const PtBatchRow *row = &g_array_index (there, PtBatchRow, i);
      PtBatchRow *own = &g_array_index (here, PtBatchRow, i);

      if (row->state != PT_BATCH_FINAL || own->state != PT_BATCH_PUBLISHED
          || !same_transaction (row, of))
        continue;
      own->state = PT_BATCH_FINAL;
      g_array_append_val (rows, *own);
    }
  return pt_store_adopt (copy->to, &transaction, (PtBatchRow *) (gpointer) rows->data, rows->len,
                         error);
}

static void
note_submitted (States *states, const PtBatchRow *row)
{
  GArray *rows = g_hash_table_lookup (states->submitted, &row->transaction_id);

  if (rows == NULL)
    {
      rows = g_array_new (FALSE, FALSE, sizeof (PtBatchRow));
      g_hash_table_insert (states->submitted,
                           g_memdup2 (&row->transaction_id, sizeof row->transaction_id), rows);
    }
  g_array_append_val (rows, *row);
}

static gboolean
bring_row (States *states, GArray *there, GArray *here, guint at, GError **error)
{
  PtStoreCopy *copy = states->copy;
  const PtBatchRow *row = &g_array_index (there, PtBatchRow, at);
  PtBatchRow *own = &g_array_index (here, PtBatchRow, at);

  if (own->state > row->state)
    return pt_store_copy_conflict (_ ("Batches of the other store went further."), error);
  if (row->state == PT_BATCH_SUBMITTED && own->state == PT_BATCH_PUBLISHED)
    note_submitted (states, row);
  if (row->state != PT_BATCH_FINAL || own->state == PT_BATCH_FINAL)
    return TRUE;
  return own->state == PT_BATCH_SUBMITTED ? finish (copy, row, own, error)
                                          : adopt (copy, there, here, at, error);
}

/* A page of both, which has the same batches. */
static gboolean
bring_page (States *states, GArray *there, GArray *here, GError **error)
{
  for (guint i = 0; i < there->len; i++)
    if (i >= here->len
        || g_array_index (there, PtBatchRow, i).area != g_array_index (here, PtBatchRow, i).area
        || g_array_index (there, PtBatchRow, i).batch != g_array_index (here, PtBatchRow, i).batch
        || memcmp (&g_array_index (there, PtBatchRow, i).root,
                   &g_array_index (here, PtBatchRow, i).root, sizeof (PtHash))
               != 0)
      return pt_store_copy_conflict (_ ("The other store has batches of its own."), error);
  if (!publish (states->copy, there, here, error))
    return FALSE;
  for (guint i = 0; i < there->len; i++)
    if (!bring_row (states, there, here, i, error))
      return FALSE;
  return TRUE;
}

static gboolean
bring_pages (States *states, GError **error)
{
  PtBatchQuery query = { .area = -1, .state = -1, .limit = ROWS_AT_ONCE };
  guint count;

  do
    {
      g_autoptr (GArray) there = pt_store_batches (states->copy->from, &query, error);
      g_autoptr (GArray) here
          = there != NULL ? pt_store_batches (states->copy->to, &query, error) : NULL;

      if (here == NULL || !bring_page (states, there, here, error))
        return FALSE;
      count = there->len;
      if (count > 0)
        {
          query.before_to = g_array_index (there, PtBatchRow, count - 1).to;
          query.before_area = g_array_index (there, PtBatchRow, count - 1).area;
        }
    }
  while (count == query.limit);
  return TRUE;
}

/* Transactions that are under way */

static PtTransactionRow *
find_transaction (GPtrArray *rows, const PtTransactionRow *like)
{
  for (guint i = 0; i < rows->len; i++)
    {
      PtTransactionRow *row = g_ptr_array_index (rows, i);

      if (row->chain_id == like->chain_id && row->nonce == like->nonce
          && memcmp (row->account, like->account, sizeof row->account) == 0)
        return row;
    }
  return NULL;
}

/* A version after another, as they were sent; only of the last one the bytes are known. */
static gboolean
copy_transaction (States *states, const PtTransactionRow *row, const PtTransactionRow *known,
                  GError **error)
{
  PtStore *to = states->copy->to;
  GArray *batches = g_hash_table_lookup (states->submitted, &row->id);
  PtTransactionRow version = *row;
  guint from = known != NULL ? known->versions->len : 1;

  version.hash = row->versions->len > 0 ? g_array_index (row->versions, PtHash, 0) : row->hash;
  version.id = known != NULL ? known->id : 0;
  if (known == NULL
      && !pt_store_submit (to, &version,
                           batches != NULL ? (PtBatchRow *) (gpointer) batches->data : NULL,
                           batches != NULL ? batches->len : 0, error))
    return FALSE;
  for (guint i = from; i < row->versions->len; i++)
    {
      version.hash = g_array_index (row->versions, PtHash, i);
      if (!pt_store_bump (to, &version, error))
        return FALSE;
    }
  version.hash = row->hash;
  return row->block == 0 || pt_store_mined (to, &version, error);
}

gboolean
pt_store_copy_states (PtStoreCopy *copy, GError **error)
{
  g_autoptr (GHashTable) submitted
      = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, (GDestroyNotify) g_array_unref);
  States states = { copy, submitted };
  g_autoptr (GPtrArray) there = NULL;
  g_autoptr (GPtrArray) here = NULL;

  g_return_val_if_fail (copy != NULL, FALSE);

  if (!bring_pages (&states, error))
    return FALSE;
  there = pt_store_transactions (copy->from, error);
  here = there != NULL ? pt_store_transactions (copy->to, error) : NULL;
  if (here == NULL)
    return FALSE;
  for (guint i = 0; i < there->len; i++)
    {
      const PtTransactionRow *row = g_ptr_array_index (there, i);

      if (!copy_transaction (&states, row, find_transaction (here, row), error))
        return FALSE;
    }
  return TRUE;
}
