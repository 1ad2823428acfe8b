/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-store-check.h"

#include <glib/gi18n-lib.h>
#include <inttypes.h>
#include <string.h>

#include "pt-store-check-private.h"

#define ROWS_AT_ONCE 1000

GArray *
pt_store_area_batches (PtStore *store, guint32 area, GError **error)
{
  PtBatchQuery query = { .area = (gint32) area, .state = -1, .limit = ROWS_AT_ONCE };
  g_autoptr (GArray) all = g_array_new (FALSE, TRUE, sizeof (PtBatchRow));
  guint count;

  g_return_val_if_fail (store != NULL, NULL);

  do
    {
      g_autoptr (GArray) rows = pt_store_batches (store, &query, error);

      if (rows == NULL)
        return NULL;
      count = rows->len;
      if (count > 0)
        query.before_to = g_array_index (rows, PtBatchRow, count - 1).to;
      query.before_area = area;
      g_array_append_vals (all, rows->data, count);
    }
  while (count == query.limit);
  for (guint i = 0; i < all->len / 2; i++)
    {
      PtBatchRow row = g_array_index (all, PtBatchRow, i);

      g_array_index (all, PtBatchRow, i) = g_array_index (all, PtBatchRow, all->len - 1 - i);
      g_array_index (all, PtBatchRow, all->len - 1 - i) = row;
    }
  return g_steal_pointer (&all);
}

/* Batches */

static gboolean
follows (const PtBatchRow *row, const PtHead *before)
{
  PtHash root;

  pt_frontier_root (&before->frontier, &root);
  return row->batch == before->batch + 1 && row->first_entry == before->last_entry + 1
         && row->last_entry >= row->first_entry && row->from < row->to
         && (before->batch == 0 || row->from == before->to)
         && row->prev_size == before->frontier.size
         && row->size == row->prev_size + row->last_entry - before->last_entry + 1
         && (before->batch > 0 || memcmp (&row->prev_root, &root, sizeof root) == 0);
}

static void
check_batches (PtStoreCheck *check, const PtAreaRow *area, GArray *batches)
{
  PtHead head = { 0 };
  PtHash root, before;

  pt_frontier_root (&head.frontier, &before);
  for (guint i = 0; i < batches->len; i++)
    {
      const PtBatchRow *row = &g_array_index (batches, PtBatchRow, i);

      if (!follows (row, &head) || memcmp (&row->prev_root, &before, sizeof before) != 0)
        pt_store_findings_fail (check->findings, "batches",
                                _ ("Batch %" PRIu64 " of %s does not go on from the one before."),
                                row->batch, area->id);
      head = (PtHead){ .batch = row->batch, .to = row->to, .last_entry = row->last_entry };
      head.frontier.size = row->size;
      before = row->root;
    }
  pt_frontier_root (&area->head.frontier, &root);
  if (head.batch != area->head.batch || head.to != area->head.to
      || head.last_entry != area->head.last_entry || head.frontier.size != area->head.frontier.size
      || memcmp (&root, &before, sizeof root) != 0 || area->head.last_entry > area->tail)
    pt_store_findings_fail (check->findings, "batches", _ ("The head of %s is not its last batch."),
                            area->id);
}

/* Transactions */

static gboolean
has_transaction (GPtrArray *transactions, guint64 id)
{
  for (guint i = 0; i < transactions->len; i++)
    if (((const PtTransactionRow *) g_ptr_array_index (transactions, i))->id == id)
      return TRUE;
  return FALSE;
}

/* What waits for the chain can be sent again. */
static void
check_transactions (PtStoreCheck *check, const PtAreaRow *area, GArray *batches,
                    GPtrArray *transactions)
{
  for (guint i = 0; i < batches->len; i++)
    {
      const PtBatchRow *row = &g_array_index (batches, PtBatchRow, i);

      if (row->state == PT_BATCH_SUBMITTED && !has_transaction (transactions, row->transaction_id))
        pt_store_findings_fail (
            check->findings, "transactions",
            _ ("Batch %" PRIu64 " of %s was submitted, and its transaction is not kept."),
            row->batch, area->id);
    }
}

/* Files */

static void
check_blocks (PtStoreCheck *check, const PtAreaRow *area, GArray *batches)
{
  for (guint i = 0; i < batches->len; i++)
    {
      const PtBatchRow *row = &g_array_index (batches, PtBatchRow, i);
      g_autoptr (GError) error = NULL;
      guint64 bytes;

      if (!pt_block_store_check (check->config->blocks, &row->cid, &bytes, &error))
        pt_store_findings_fail (check->findings, "blocks", _ ("Batch %" PRIu64 " of %s: %s"),
                                row->batch, area->id, error->message);
      else if (bytes != row->bytes)
        pt_store_findings_fail (check->findings, "blocks",
                                _ ("The file of batch %" PRIu64 " of %s is not as long as it was."),
                                row->batch, area->id);
    }
}

/* All of it */

static void
check_area (PtStoreCheck *check, const PtAreaRow *area, GPtrArray *transactions)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) batches = pt_store_area_batches (check->config->store, area->number, &error);

  if (batches == NULL)
    {
      pt_store_findings_error (check->findings, "batches", error);
      return;
    }
  check_batches (check, area, batches);
  if (transactions != NULL)
    check_transactions (check, area, batches, transactions);
  if (check->config->blocks != NULL && !check->config->quick)
    check_blocks (check, area, batches);
  pt_store_check_log (check, area, batches);
  pt_store_check_said (check, area);
}

static void
check_sums (PtStoreCheck *check)
{
  guint64 entries = 0, sealed = 0;

  for (guint i = 0; i < check->areas->len; i++)
    {
      entries += g_array_index (check->areas, PtAreaRow, i).tail;
      sealed += g_array_index (check->areas, PtAreaRow, i).head.last_entry;
    }
  if (check->counts.entries != entries || check->counts.unsealed != entries - sealed)
    pt_store_findings_fail (check->findings, "numbers",
                            _ ("The sums over all areas are not those of their tails."));
}

static void
ask_all (PtStoreCheck *check)
{
  static const char *const names[] = { "batches", "transactions", "blocks",    "numbers", "entries",
                                       "roots",   "subjects",     "histories", "outages", "said" };
  static const char *const slow[] = { "blocks", "entries", "roots" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    pt_store_findings_ask (check->findings, names[i]);
  for (guint i = 0; check->config->quick && i < G_N_ELEMENTS (slow); i++)
    pt_store_findings_skip (check->findings, slow[i], _ ("left out by --quick"));
  if (check->config->blocks == NULL && !check->config->quick)
    pt_store_findings_skip (check->findings, "blocks", _ ("the batches' files are not here"));
}

static gboolean
read_state (PtStoreCheck *check, GPtrArray **transactions)
{
  g_autoptr (GError) error = NULL;

  check->areas = pt_store_areas (check->config->store, &error);
  if (check->areas == NULL || !pt_store_counts (check->config->store, &check->counts, &error))
    {
      pt_store_findings_error (check->findings, "numbers", error);
      return FALSE;
    }
  for (guint i = 0; i < check->areas->len; i++)
    check->all += g_array_index (check->areas, PtAreaRow, i).tail;
  *transactions = pt_store_transactions (check->config->store, &error);
  if (*transactions == NULL)
    pt_store_findings_error (check->findings, "transactions", error);
  return TRUE;
}

static void
device_clear (gpointer data)
{
  pt_history_clear (&((PtCheckedDevice *) data)->history);
}

void
pt_store_check (const PtStoreCheckConfig *config, PtStoreFindings *findings)
{
  PtStoreCheck check = { .config = config, .findings = findings };
  g_autoptr (GPtrArray) transactions = NULL;
  g_autoptr (GArray) devices = g_array_new (FALSE, TRUE, sizeof (PtCheckedDevice));
  g_autoptr (GArray) folded = g_array_new (FALSE, TRUE, sizeof (guint64));

  g_return_if_fail (config != NULL && config->store != NULL && findings != NULL);

  g_array_set_clear_func (devices, device_clear);
  check.devices = devices;
  check.folded = folded;
  ask_all (&check);
  if (read_state (&check, &transactions))
    {
      g_array_set_size (folded, check.areas->len);
      check_sums (&check);
      pt_store_check_subjects (&check);
      for (guint i = 0; i < check.areas->len; i++)
        check_area (&check, &g_array_index (check.areas, PtAreaRow, i), transactions);
      pt_store_check_outages (&check);
    }
  g_clear_pointer (&check.areas, g_array_unref);
}

/* Two stores */

static gboolean
same_head (const PtHead *a, const PtHead *b)
{
  return pt_head_is_at (a, b) && !a->named.known == !b->named.known
         && (!a->named.known
             || (a->named.number == b->named.number
                 && memcmp (&a->named.hash, &b->named.hash, sizeof (PtHash)) == 0));
}

static gboolean
same_area (const PtAreaRow *a, const PtAreaRow *b)
{
  return a->number == b->number && g_str_equal (a->id, b->id) && a->registered == b->registered
         && a->tail == b->tail && a->promised == b->promised && a->ahead == b->ahead
         && memcmp (a->authority_key, b->authority_key, PT_PUBLIC_KEY_SIZE) == 0
         && memcmp (a->service_key, b->service_key, PT_PUBLIC_KEY_SIZE) == 0
         && same_head (&a->head, &b->head);
}

/* But for the store's own number of its transaction. */
static gboolean
same_batch (const PtBatchRow *a, const PtBatchRow *b)
{
  return a->batch == b->batch && a->state == b->state && a->from == b->from && a->to == b->to
         && a->prev_size == b->prev_size && a->size == b->size && a->bytes == b->bytes
         && a->first_entry == b->first_entry && a->last_entry == b->last_entry
         && a->block == b->block && memcmp (&a->prev_root, &b->prev_root, sizeof (PtHash)) == 0
         && memcmp (&a->root, &b->root, sizeof (PtHash)) == 0
         && memcmp (a->cid.bytes, b->cid.bytes, PT_CID_SIZE) == 0
         && memcmp (&a->transaction, &b->transaction, sizeof (PtHash)) == 0;
}

static void
compare_batches (PtStore *store, PtStore *copy, const PtAreaRow *area, PtStoreFindings *findings,
                 const char *name)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) ours = pt_store_area_batches (store, area->number, &error);
  g_autoptr (GArray) theirs
      = ours != NULL ? pt_store_area_batches (copy, area->number, &error) : NULL;

  if (theirs == NULL)
    {
      pt_store_findings_error (findings, name, error);
      return;
    }
  for (guint i = 0; i < MAX (ours->len, theirs->len); i++)
    if (i >= ours->len || i >= theirs->len
        || !same_batch (&g_array_index (ours, PtBatchRow, i),
                        &g_array_index (theirs, PtBatchRow, i)))
      {
        pt_store_findings_fail (findings, name, _ ("Batch %u of %s is not the same."), i + 1,
                                area->id);
        return;
      }
}

static gboolean
same_counts (const PtCounts *a, const PtCounts *b)
{
  return memcmp (a->batches, b->batches, sizeof a->batches) == 0 && a->entries == b->entries
         && a->unsealed == b->unsealed && a->reports == b->reports
         && a->open_outages == b->open_outages && a->evidence == b->evidence;
}

void
pt_store_compare (PtStore *store, PtStore *copy, PtStoreFindings *findings, const char *name)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) ours = NULL;
  g_autoptr (GArray) theirs = NULL;
  PtCounts our_counts, their_counts;

  g_return_if_fail (store != NULL && copy != NULL && findings != NULL && name != NULL);

  pt_store_findings_ask (findings, name);
  ours = pt_store_areas (store, &error);
  theirs = ours != NULL ? pt_store_areas (copy, &error) : NULL;
  if (theirs == NULL || !pt_store_counts (store, &our_counts, &error)
      || !pt_store_counts (copy, &their_counts, &error))
    {
      pt_store_findings_error (findings, name, error);
      return;
    }
  if (ours->len != theirs->len)
    pt_store_findings_fail (findings, name, _ ("There are %u areas in one and %u in the other."),
                            ours->len, theirs->len);
  for (guint i = 0; i < MIN (ours->len, theirs->len); i++)
    {
      const PtAreaRow *area = &g_array_index (ours, PtAreaRow, i);

      if (!same_area (area, &g_array_index (theirs, PtAreaRow, i)))
        pt_store_findings_fail (findings, name, _ ("The area %s is not the same."), area->id);
      compare_batches (store, copy, area, findings, name);
    }
  if (!same_counts (&our_counts, &their_counts))
    pt_store_findings_fail (findings, name, _ ("The sums over all areas are not the same."));
}
