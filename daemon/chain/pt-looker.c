/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-looker.h"

#include <string.h>

#define TOGETHER 64 /* areas that a start looks at as of one block */

struct _PtLooker
{
  PtStore *store;
  PtHold *hold;
  guint8 contract[20];
  guint64 from;
  GHashTable *checked; /* numbers of areas whose keys on the chain are ours: they stand for ever */
};

PtLooker *
pt_looker_new (PtStore *store, PtHold *hold, const guint8 contract[20], guint64 from)
{
  PtLooker *looker;

  g_return_val_if_fail (store != NULL && hold != NULL && contract != NULL, NULL);

  looker = g_new0 (PtLooker, 1);
  looker->store = store;
  looker->hold = hold;
  memcpy (looker->contract, contract, sizeof looker->contract);
  looker->from = from;
  looker->checked = g_hash_table_new (NULL, NULL);
  return looker;
}

void
pt_looker_free (PtLooker *looker)
{
  if (looker == NULL)
    return;
  g_hash_table_unref (looker->checked);
  g_free (looker);
}

/* The contract's side */

static gboolean
note_registered (const PtAreaRegistered *event, gpointer user_data, GError **error)
{
  GHashTable *events = user_data;

  g_hash_table_insert (events, g_strdup (event->area), g_memdup2 (event, sizeof *event));
  return TRUE;
}

static gboolean
any_unchecked (PtLooker *looker, GArray *areas)
{
  for (guint i = 0; i < areas->len; i++)
    if (!g_hash_table_contains (looker->checked,
                                GUINT_TO_POINTER (g_array_index (areas, PtAreaRow, i).number)))
      return TRUE;
  return FALSE;
}

/* The keys that the contract tells of, by area: one question for all of them. */
static GHashTable *
read_events (PtLooker *looker, const PtContract *at, GArray *areas, GError **error)
{
  g_autoptr (GHashTable) events = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);

  if (any_unchecked (looker, areas)
      && !pt_contract_each_registered (at, looker->from, note_registered, events, error))
    return NULL;
  return g_steal_pointer (&events);
}

static gboolean
left_out (const char *area, GError **error)
{
  g_set_error (error, PT_ERROR, PT_ERROR_RETRY,
               "the chain's endpoint knows area %s and not how it was registered", area);
  return FALSE;
}

static gboolean
is_zero (const guint8 *bytes, gsize size)
{
  guint8 any = 0;

  for (gsize i = 0; i < size; i++)
    any |= bytes[i];
  return any == 0;
}

static gboolean
same_keys (const PtAreaRow *area, const PtAreaRegistered *event)
{
  return memcmp (area->authority_key, event->authority_key, PT_PUBLIC_KEY_SIZE) == 0
         && memcmp (area->service_key, event->service_key, PT_PUBLIC_KEY_SIZE) == 0;
}

/* Events begin at the configured block only as far as somebody knew: the one that is missing is
 * looked for before it as well. */
static gboolean
read_keys (PtLooker *looker, const PtContract *at, GHashTable *events, PtLook *look, GError **error)
{
  const PtAreaRow *area = &look->area;
  const PtAreaRegistered *event = g_hash_table_lookup (events, area->id);
  PtAreaRegistered found;
  gboolean is_found = TRUE;

  if (event == NULL
      && !pt_contract_registered (at, area->id, looker->from, &is_found, &found, error))
    return FALSE;
  if (!is_found)
    return left_out (area->id, error);
  if (event == NULL)
    event = &found;
  look->contract.registered = TRUE;
  look->contract.same_keys = same_keys (area, event);
  memcpy (look->contract.authority_key, event->authority_key, PT_PUBLIC_KEY_SIZE);
  memcpy (look->contract.service_key, event->service_key, PT_PUBLIC_KEY_SIZE);
  return TRUE;
}

/* Whether the area is registered, and with which keys. */
static gboolean
read_registration (PtLooker *looker, const PtContract *at, GHashTable *events, PtLook *look,
                   GError **error)
{
  gpointer number = GUINT_TO_POINTER (look->area.number);
  gboolean checked = g_hash_table_contains (looker->checked, number);
  guint8 operator[20];

  if (checked && look->contract.latest.batch > 0)
    {
      look->contract.registered = look->contract.same_keys = TRUE;
      return TRUE;
    }
  if (!pt_contract_operator_of (at, look->area.id, operator, error))
    return FALSE;
  if (is_zero (operator, sizeof operator))
    {
      g_hash_table_remove (looker->checked, number);
      return look->contract.latest.batch == 0 || left_out (look->area.id, error);
    }
  if (checked)
    look->contract.registered = look->contract.same_keys = TRUE;
  return checked || read_keys (looker, at, events, look, error);
}

/* Its root after the batch that ours is compared at. */
static gboolean
read_root (const PtContract *at, PtLook *look, GError **error)
{
  const PtCheckpoint *latest = &look->contract.latest;

  if (look->log.compared != latest->batch)
    return pt_contract_root_of (at, look->area.id, look->log.compared, &look->contract.root, error);
  look->contract.root = latest->root;
  return TRUE;
}

/* The store's side */

static gboolean
read_batch (PtLooker *looker, const PtBatchQuery *query, gboolean *found, PtBatchRow *out,
            GError **error)
{
  g_autoptr (GArray) rows = pt_store_batches (looker->store, query, error);

  if (rows == NULL)
    return FALSE;
  *found = rows->len > 0;
  if (*found)
    *out = g_array_index (rows, PtBatchRow, 0);
  return TRUE;
}

static gboolean
read_log (PtLooker *looker, PtLook *look, GError **error)
{
  gint32 area = (gint32) look->area.number;
  PtBatchQuery final = { .area = area, .state = PT_BATCH_FINAL, .limit = 1 };
  PtBatchQuery compared = { .area = area, .state = -1, .limit = 1 };
  PtBatchRow row;
  gboolean found;

  look->log.area = &look->area;
  look->log.compared = compared.batch = MIN (look->contract.latest.batch, look->area.head.batch);
  if (!read_batch (looker, &final, &found, &row, error))
    return FALSE;
  if (found)
    {
      look->log.final = row.batch;
      look->log.final_block = row.block;
    }
  if (compared.batch == 0)
    return TRUE;
  if (!read_batch (looker, &compared, &found, &row, error))
    return FALSE;
  if (found)
    {
      look->log.root = row.root;
      return TRUE;
    }
  g_set_error (error, PT_ERROR, PT_ERROR_STOP,
               "Batch %" G_GUINT64_FORMAT " of %s is missing in the database. Restore a copy.",
               compared.batch, look->area.id);
  return FALSE;
}

/* Looking */

static PtLook *
look_at (PtLooker *looker, const PtContract *at, GHashTable *events, const PtAreaRow *area,
         GError **error)
{
  g_autofree PtLook *look = g_new0 (PtLook, 1);

  look->area = *area;
  look->contract.block = at->at.number;
  if (!pt_contract_latest (at, area->id, &look->contract.latest, error)
      || !read_registration (looker, at, events, look, error) || !read_log (looker, look, error)
      || !read_root (at, look, error))
    return NULL;
  return g_steal_pointer (&look);
}

/* What was seen counts from here on: for those who ask PtHold, and after a restart. */
static gboolean
settle (PtLooker *looker, PtLook *look, GError **error)
{
  g_autofree char *sentence = NULL;
  PtHoldSort hold;
  guint64 ahead;

  look->found = pt_reconcile (&look->log, &look->contract);
  if (look->found == PT_RECONCILE_TOO_EARLY)
    return TRUE;
  if (look->contract.registered && look->contract.same_keys)
    g_hash_table_add (looker->checked, GUINT_TO_POINTER (look->area.number));
  hold = pt_reconcile_hold (look->found);
  ahead = hold == PT_HOLD_ALL ? look->contract.latest.batch : 0;
  if (ahead != look->area.ahead
      && !pt_store_set_ahead (looker->store, look->area.number, ahead, error))
    return FALSE;
  sentence = pt_reconcile_sentence (look->found, &look->log, &look->contract);
  pt_hold_set (looker->hold, look->area.number, hold, sentence);
  return TRUE;
}

GPtrArray *
pt_looker_look (PtLooker *looker, PtRpc *rpc, GArray *areas, PtContract *at, GError **error)
{
  g_autoptr (GPtrArray) looks = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GHashTable) events = NULL;

  g_return_val_if_fail (looker != NULL && rpc != NULL && areas != NULL && at != NULL, NULL);

  if (!pt_contract_pin (at, rpc, looker->contract, PT_RPC_NEWEST, error))
    return NULL;
  events = read_events (looker, at, areas, error);
  for (guint i = 0; events != NULL && i < areas->len; i++)
    {
      PtLook *look = look_at (looker, at, events, &g_array_index (areas, PtAreaRow, i), error);

      if (look == NULL)
        return NULL;
      g_ptr_array_add (looks, look);
    }
  if (events == NULL || !pt_contract_check_pin (at, error))
    return NULL;
  for (guint i = 0; i < looks->len; i++)
    if (!settle (looker, g_ptr_array_index (looks, i), error))
      return NULL;
  return g_steal_pointer (&looks);
}

PtHold *
pt_looker_hold (PtLooker *looker)
{
  g_return_val_if_fail (looker != NULL, NULL);

  return looker->hold;
}

guint64
pt_looker_from (PtLooker *looker)
{
  g_return_val_if_fail (looker != NULL, 0);

  return looker->from;
}

gboolean
pt_looker_pin (PtLooker *looker, PtRpc *rpc, PtContract *at, GError **error)
{
  g_return_val_if_fail (looker != NULL && rpc != NULL && at != NULL, FALSE);

  return pt_contract_pin (at, rpc, looker->contract, PT_RPC_NEWEST, error);
}

gboolean
pt_looker_anchored (PtLooker *looker, const PtContract *at, const PtBatchRow *row, gboolean *found,
                    PtAnchored *out, GError **error)
{
  PtBatchQuery query = { .area = (gint32) row->area, .state = PT_BATCH_FINAL, .limit = 1 };
  PtBatchRow before = { 0 };
  gboolean any;
  PtHash root;

  g_return_val_if_fail (looker != NULL && at != NULL && found != NULL && out != NULL, FALSE);

  *found = FALSE;
  if (!pt_contract_root_of (at, row->area_id, row->batch, &root, error))
    return FALSE;
  if (memcmp (&root, &row->root, sizeof root) != 0)
    return TRUE;
  /* It came after what was anchored before it, which spares most of the chain. */
  if (!read_batch (looker, &query, &any, &before, error)
      || !pt_contract_anchored (at, row->area_id, row->batch, MAX (looker->from, before.block),
                                found, out, error))
    return FALSE;
  if (*found && out->checkpoint.size == row->size
      && memcmp (&out->checkpoint.root, &row->root, sizeof root) == 0)
    return TRUE;
  g_set_error (error, PT_ERROR, PT_ERROR_RETRY,
               "the chain's endpoint knows batch %" G_GUINT64_FORMAT
               " of %s and not how it was anchored",
               row->batch, row->area_id);
  return FALSE;
}

/* The start */

/* Closed before, and not opened by a start that can't look. */
static void
hold_as_before (PtLooker *looker, GArray *areas)
{
  for (guint i = 0; i < areas->len; i++)
    {
      const PtAreaRow *area = &g_array_index (areas, PtAreaRow, i);
      PtLogFacts log = { .area = area };
      PtContractFacts contract = { .latest = { .batch = area->ahead } };
      g_autofree char *sentence = NULL;

      if (area->ahead == 0)
        continue;
      sentence = pt_reconcile_sentence (PT_RECONCILE_BEHIND, &log, &contract);
      pt_hold_set (looker->hold, area->number, PT_HOLD_ALL, sentence);
      pt_hold_look_again (looker->hold, area->number);
    }
}

static gboolean
refuse_keys (GPtrArray *looks, GError **error)
{
  for (guint i = 0; i < looks->len; i++)
    {
      const PtLook *look = g_ptr_array_index (looks, i);
      g_autofree char *sentence = NULL;

      if (look->found != PT_RECONCILE_OTHER_KEYS)
        continue;
      sentence = pt_reconcile_sentence (look->found, &look->log, &look->contract);
      g_set_error_literal (error, PT_ERROR, PT_ERROR_CONFIGURATION, sentence);
      return FALSE;
    }
  return TRUE;
}

static gboolean
is_chains (const GError *error)
{
  return error->domain == PT_ERROR && error->code != PT_ERROR_STOP;
}

gboolean
pt_looker_start (PtLooker *looker, PtRpc *rpc, guint seconds, GError **error)
{
  g_autoptr (GArray) areas = NULL;

  g_return_val_if_fail (looker != NULL && rpc != NULL, FALSE);

  areas = pt_store_areas (looker->store, error);
  if (areas == NULL)
    return FALSE;
  hold_as_before (looker, areas);
  pt_rpc_set_deadline (rpc, g_get_monotonic_time () + (gint64) seconds * G_USEC_PER_SEC);
  for (guint first = 0; seconds > 0 && first < areas->len; first += TOGETHER)
    {
      g_autoptr (GArray) some = g_array_new (FALSE, FALSE, sizeof (PtAreaRow));
      g_autoptr (GPtrArray) looks = NULL;
      g_autoptr (GError) local_error = NULL;
      PtContract at;

      g_array_append_vals (some, &g_array_index (areas, PtAreaRow, first),
                           MIN (TOGETHER, areas->len - first));
      looks = pt_looker_look (looker, rpc, some, &at, &local_error);
      if (looks != NULL && !refuse_keys (looks, error))
        return FALSE;
      if (looks != NULL)
        continue;
      if (!is_chains (local_error))
        {
          g_propagate_error (error, g_steal_pointer (&local_error));
          return FALSE;
        }
      g_message ("The chain could not be compared with what is stored yet. %s",
                 local_error->message);
      break;
    }
  pt_rpc_set_deadline (rpc, 0);
  return TRUE;
}
