/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-audit-chain.h"

#include <string.h>

#include "pt-ethereum-key.h"

typedef struct
{
  PtHash registered_topic, anchored_topic;
  GHashTable *by_id; /* PtAuditArea.registered.area -> PtAuditArea */
  GPtrArray *areas;
  const char *only;
  const PtAuditSink *sink;
} Reading;

void
pt_audit_area_free (PtAuditArea *area)
{
  g_return_if_fail (area != NULL);

  g_array_unref (area->checkpoints);
  g_free (area);
}

static gboolean
is_topic (const PtLog *log, const PtHash *topic)
{
  return log->topic_count > 0 && memcmp (&log->topics[0], topic, sizeof *topic) == 0;
}

static void
reading_tell (Reading *reading, PtAuditCode code, const char *area, guint64 batch, guint64 block)
{
  PtAuditFinding finding = { .code = code, .area = area, .batch = batch, .block = block };

  pt_audit_tell (reading->sink, &finding);
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
      reading_tell (reading, PT_AUDIT_AREA_EVENT_FORM, NULL, 0, log->block);
      return;
    }
  if (reading->only != NULL && strcmp (reading->only, registered.area) != 0)
    return;
  if (g_hash_table_contains (reading->by_id, registered.area))
    {
      reading_tell (reading, PT_AUDIT_AREA_TWICE, registered.area, 0, log->block);
      return;
    }
  area = g_new0 (PtAuditArea, 1);
  area->registered = registered;
  area->checkpoints = g_array_new (FALSE, FALSE, sizeof (PtCheckpoint));
  g_ptr_array_add (reading->areas, area);
  g_hash_table_insert (reading->by_id, area->registered.area, area);
}

/* Whether @next can come after the area's checkpoints so far; else @code says why not. */
static gboolean
follows (const PtAuditArea *area, const PtCheckpoint *next, PtAuditCode *code)
{
  const PtCheckpoint *last
      = area->checkpoints->len > 0
            ? &g_array_index (area->checkpoints, PtCheckpoint, area->checkpoints->len - 1)
            : NULL;

  if (next->batch != area->checkpoints->len + 1)
    *code = PT_AUDIT_EVENT_NUMBER;
  else if (next->size <= (last != NULL ? last->size : 0))
    *code = PT_AUDIT_EVENT_SIZE;
  else if (last != NULL && next->from != last->to)
    *code = PT_AUDIT_EVENT_FROM;
  else if (next->from >= next->to || next->to > (guint64) PT_INTEGER_MAX)
    *code = PT_AUDIT_EVENT_WINDOW;
  else
    return TRUE;
  return FALSE;
}

static void
read_anchored (Reading *reading, const PtLog *log)
{
  PtCheckpoint checkpoint;
  char id[PT_AREA_MAX + 1] = "";
  PtAuditArea *area = NULL;
  PtAuditCode code = PT_AUDIT_EVENT_FORM;
  gboolean named = log->topic_count > 1 && pt_abi_area_parse (log->topics[1].bytes, id);
  PtResult result = pt_abi_anchored_parse (log->topics + 1, log->topic_count - 1, log->data,
                                           log->data_size, &checkpoint);

  if (reading->only != NULL && named && strcmp (reading->only, id) != 0)
    return;
  area = named ? g_hash_table_lookup (reading->by_id, id) : NULL;
  if (area != NULL && area->broken)
    return;
  if (result == PT_OK && area == NULL)
    code = PT_AUDIT_EVENT_AREA;
  else if (result == PT_OK && follows (area, &checkpoint, &code))
    {
      g_array_append_val (area->checkpoints, checkpoint);
      return;
    }
  reading_tell (reading, code, named ? id : NULL, result == PT_OK ? checkpoint.batch : 0,
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

gboolean
pt_audit_find_contract (PtRpc *rpc, const guint8 contract[20], gboolean *found, GError **error)
{
  g_autoptr (GBytes) code = NULL;

  g_return_val_if_fail (rpc != NULL && found != NULL, FALSE);

  code = pt_rpc_code (rpc, contract, error);
  *found = code != NULL && g_bytes_get_size (code) > 0;
  return code != NULL;
}

GPtrArray *
pt_audit_read_chain (PtRpc *rpc, const guint8 contract[20], guint64 from, const char *only,
                     const PtAuditSink *sink, GError **error)
{
  g_autoptr (GHashTable) by_id = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GPtrArray) areas
      = g_ptr_array_new_with_free_func ((GDestroyNotify) pt_audit_area_free);
  Reading reading = { .by_id = by_id, .areas = areas, .only = only, .sink = sink };
  guint64 to = 0;

  g_return_val_if_fail (rpc != NULL && sink != NULL, NULL);
  pt_abi_area_registered_topic (pt_keccak_permutation_nettle, &reading.registered_topic);
  pt_abi_anchored_topic (pt_keccak_permutation_nettle, &reading.anchored_topic);
  if (!pt_rpc_block_number (rpc, &to, error)
      || (from <= to && !pt_rpc_logs (rpc, contract, from, to, read_log, &reading, error)))
    return NULL;
  return g_steal_pointer (&areas);
}
