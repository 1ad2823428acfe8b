/* SPDX-License-Identifier: Apache-2.0 */
#include "audit-chain.h"

#include <string.h>

#include "pt-error.h"
#include "pt-ethereum-key.h"
#include "pt-i18n.h"

typedef struct
{
  PtHash registered_topic, anchored_topic;
  GHashTable *by_id; /* PtAuditArea.registered.area -> PtAuditArea */
  GPtrArray *areas;
  const char *only;
  PtAuditReport *report;
} Reading;

void
pt_audit_area_free (PtAuditArea *area)
{
  g_array_unref (area->checkpoints);
  g_free (area);
}

static gboolean
is_topic (const PtLog *log, const PtHash *topic)
{
  return log->topic_count > 0 && memcmp (&log->topics[0], topic, sizeof *topic) == 0;
}

static void
read_registered (Reading *reading, const PtLog *log)
{
  PtAreaRegistered registered;
  PtAuditArea *area = NULL;

  if (pt_abi_area_registered_parse (log->topics + 1, log->topic_count - 1, log->data,
                                    log->data_size, &registered)
      != PT_OK)
    {
      pt_audit_report_fail (
          reading->report, NULL, 0, 0,
          _ ("the AreaRegistered event in block %" PRIu64 " is not of the contract's form"),
          log->block);
      return;
    }
  if (reading->only != NULL && strcmp (reading->only, registered.area) != 0)
    return;
  if (g_hash_table_contains (reading->by_id, registered.area))
    {
      pt_audit_report_fail (reading->report, registered.area, 0, 0,
                            _ ("registered a second time in block %" PRIu64), log->block);
      return;
    }
  area = g_new0 (PtAuditArea, 1);
  area->registered = registered;
  area->checkpoints = g_array_new (FALSE, FALSE, sizeof (PtCheckpoint));
  g_ptr_array_add (reading->areas, area);
  g_hash_table_insert (reading->by_id, area->registered.area, area);
}

/* Why @next can't come after the area's checkpoints so far, or NULL. */
static const char *
follows (const PtAuditArea *area, const PtCheckpoint *next)
{
  const PtCheckpoint *last
      = area->checkpoints->len > 0
            ? &g_array_index (area->checkpoints, PtCheckpoint, area->checkpoints->len - 1)
            : NULL;

  if (next->batch != area->checkpoints->len + 1)
    return _ ("its number is not the next one on the chain");
  if (next->size <= (last != NULL ? last->size : 0))
    return _ ("the tree does not grow on the chain");
  if (last != NULL && next->from != last->to)
    return _ ("its window does not begin where the one before ended on the chain");
  return next->from >= next->to || next->to > (guint64) PT_INTEGER_MAX
             ? _ ("its window is empty on the chain")
             : NULL;
}

static void
read_anchored (Reading *reading, const PtLog *log)
{
  PtCheckpoint checkpoint;
  char id[PT_AREA_MAX + 1] = "";
  PtAuditArea *area = NULL;
  const char *why = NULL;
  gboolean named = log->topic_count > 1 && pt_abi_area_parse (log->topics[1].bytes, id);
  PtResult result = pt_abi_anchored_parse (log->topics + 1, log->topic_count - 1, log->data,
                                           log->data_size, &checkpoint);

  if (reading->only != NULL && named && strcmp (reading->only, id) != 0)
    return;
  area = named ? g_hash_table_lookup (reading->by_id, id) : NULL;
  if (area != NULL && area->broken)
    return;
  if (result != PT_OK)
    why = "its Anchored event is not of the contract's form, or its CID not of ours";
  else if (area == NULL)
    why = "anchored for an area that is not registered";
  else
    why = follows (area, &checkpoint);
  if (why == NULL)
    {
      g_array_append_val (area->checkpoints, checkpoint);
      return;
    }
  pt_audit_report_fail (reading->report, named ? id : NULL, result == PT_OK ? checkpoint.batch : 0,
                        0, _ ("%s (block %" PRIu64 "); nothing after it was looked at"), why,
                        log->block);
  if (area != NULL)
    area->broken = TRUE;
}

static gboolean
read_log (const PtLog *log, gpointer user_data, GError **error)
{
  Reading *reading = user_data;

  if (is_topic (log, &reading->registered_topic))
    read_registered (reading, log);
  else if (is_topic (log, &reading->anchored_topic))
    read_anchored (reading, log);
  return TRUE;
}

static gboolean
check_contract (PtRpc *rpc, const guint8 contract[20], GError **error)
{
  g_autoptr (GBytes) code = pt_rpc_code (rpc, contract, error);
  char text[43];

  if (code == NULL)
    return FALSE;
  if (g_bytes_get_size (code) > 0)
    return TRUE;
  pt_address_to_text (pt_keccak_permutation_nettle, contract, text);
  g_set_error (error, PT_ERROR, PT_ERROR_CONFIGURATION,
               _ ("there is no contract at %s on this chain; check --contract and --rpc"), text);
  return FALSE;
}

GPtrArray *
pt_audit_read_chain (PtRpc *rpc, const guint8 contract[20], guint64 from, const char *only,
                     PtAuditReport *report, GError **error)
{
  g_autoptr (GHashTable) by_id = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GPtrArray) areas
      = g_ptr_array_new_with_free_func ((GDestroyNotify) pt_audit_area_free);
  Reading reading = { .by_id = by_id, .areas = areas, .only = only, .report = report };
  guint64 to = 0;

  pt_abi_area_registered_topic (pt_keccak_permutation_nettle, &reading.registered_topic);
  pt_abi_anchored_topic (pt_keccak_permutation_nettle, &reading.anchored_topic);
  if (!check_contract (rpc, contract, error) || !pt_rpc_block_number (rpc, &to, error)
      || (from <= to && !pt_rpc_logs (rpc, contract, from, to, read_log, &reading, error)))
    return NULL;
  return g_steal_pointer (&areas);
}
