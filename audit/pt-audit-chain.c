/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-audit-chain.h"

#include <string.h>

#include "pt-contract-bytecode.h"
#include "pt-ethereum-key.h"

/* keccak256 ("OwnershipTransferred(address,address)"): the first one of a contract is its creation.
 */
#define OWNERSHIP "OwnershipTransferred(address,address)"

typedef struct
{
  PtHash registered_topic, anchored_topic, ownership_topic;
  gboolean has_beginning;
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
  g_array_unref (area->blocks);
  g_array_unref (area->named);
  g_free (area);
}

void
pt_audit_chain_free (PtAuditChain *chain)
{
  if (chain == NULL)
    return;
  g_ptr_array_unref (chain->areas);
  g_free (chain);
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
  area->blocks = g_array_new (FALSE, FALSE, sizeof (guint64));
  area->named = g_array_new (FALSE, FALSE, sizeof (PtAuditNamed));
  area->longest = -1;
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
      g_array_append_val (area->blocks, log->block);
      return;
    }
  reading_tell (reading, code, named ? id : NULL, result == PT_OK ? checkpoint.batch : 0,
                log->block);
  if (area != NULL)
    area->broken = TRUE;
}

static gboolean
is_creation (const Reading *reading, const PtLog *log)
{
  static const PtHash nobody;

  return is_topic (log, &reading->ownership_topic) && log->topic_count > 1
         && memcmp (&log->topics[1], &nobody, sizeof nobody) == 0;
}

static gboolean
read_log (const PtLog *log, gpointer user_data, GError **error)
{
  Reading *reading = user_data;

  reading->has_beginning |= is_creation (reading, log);
  if (is_topic (log, &reading->registered_topic))
    read_registered (reading, log);
  else if (is_topic (log, &reading->anchored_topic))
    read_anchored (reading, log);
  return TRUE;
}

static void
reading_begin (Reading *reading, GPtrArray *areas, const char *only, const PtAuditSink *sink)
{
  *reading = (Reading){
    .by_id = g_hash_table_new (g_str_hash, g_str_equal), .areas = areas, .only = only, .sink = sink
  };
  pt_abi_area_registered_topic (pt_keccak_permutation_nettle, &reading->registered_topic);
  pt_abi_anchored_topic (pt_keccak_permutation_nettle, &reading->anchored_topic);
  pt_keccak256 (pt_keccak_permutation_nettle, OWNERSHIP, sizeof OWNERSHIP - 1,
                &reading->ownership_topic);
}

/* The contract's own word on the area beside the events that were told. */
static gboolean
compare_latest (const PtContract *contract, const PtAuditArea *area, const PtAuditSink *sink,
                GError **error)
{
  guint count = area->checkpoints->len;
  const PtCheckpoint *last
      = count > 0 ? &g_array_index (area->checkpoints, PtCheckpoint, count - 1) : NULL;
  PtAuditFinding finding = { .area = area->registered.area };
  PtCheckpoint latest;

  if (area->broken)
    return TRUE;
  if (!pt_contract_latest (contract, area->registered.area, &latest, error))
    return FALSE;
  finding.batch = latest.batch;
  if (latest.batch > count)
    finding.code = PT_AUDIT_NOT_ALL_EVENTS;
  else if (latest.batch < count
           || (last != NULL
               && (latest.size != last->size || latest.to != last->to
                   || memcmp (&latest.root, &last->root, sizeof latest.root) != 0)))
    finding.code = PT_AUDIT_OTHER_LATEST;
  else
    return TRUE;
  pt_audit_tell (sink, &finding);
  return TRUE;
}

static GPtrArray *
read_areas (const PtContract *contract, const PtAuditQuestion *question, const PtAuditSink *sink,
            GError **error)
{
  g_autoptr (GPtrArray) areas
      = g_ptr_array_new_with_free_func ((GDestroyNotify) pt_audit_area_free);
  PtAuditFinding no_beginning = { .code = PT_AUDIT_NO_BEGINNING, .block = question->from_block };
  guint64 to = contract->at.number;
  gboolean done;
  Reading reading;

  reading_begin (&reading, areas, question->only, sink);
  done = question->from_block > to
         || pt_rpc_logs (contract->rpc, contract->address, question->from_block, to, read_log,
                         &reading, error);
  g_hash_table_unref (reading.by_id);
  for (guint i = 0; done && i < areas->len; i++)
    done = compare_latest (contract, g_ptr_array_index (areas, i), sink, error);
  if (!done)
    return NULL;
  if (!reading.has_beginning)
    pt_audit_tell (sink, &no_beginning);
  return g_steal_pointer (&areas);
}

/* A look-alike at another address may tell events that PowerAnchor would have refused. */
static void
check_code (const PtContract *contract, const PtAuditSink *sink)
{
  static const PtHash known[PT_CONTRACT_CODE_COUNT] = { PT_CONTRACT_CODE_HASHES };
  PtAuditFinding finding = { .code = PT_AUDIT_OTHER_CODE };

  for (guint i = 0; i < PT_CONTRACT_CODE_COUNT; i++)
    if (memcmp (&known[i], &contract->code, sizeof known[i]) == 0)
      return;
  pt_audit_tell (sink, &finding);
}

PtAuditChain *
pt_audit_read_chain (PtRpc *rpc, const PtAuditQuestion *question, const PtAuditSink *sink,
                     GError **error)
{
  g_autoptr (PtAuditChain) chain = NULL;
  g_autoptr (GPtrArray) areas = NULL;
  PtContract contract;
  guint64 chain_id;

  g_return_val_if_fail (rpc != NULL && question != NULL && sink != NULL, NULL);

  if (!pt_rpc_chain_id (rpc, &chain_id, error)
      || !pt_contract_pin (&contract, rpc, question->contract, PT_RPC_NEWEST, error))
    return NULL;
  check_code (&contract, sink);
  areas = read_areas (&contract, question, sink, error);
  if (areas == NULL || !pt_contract_check_pin (&contract, error))
    return NULL;
  chain = g_new0 (PtAuditChain, 1);
  chain->chain_id = chain_id;
  chain->at = contract.at;
  chain->areas = g_steal_pointer (&areas);
  return g_steal_pointer (&chain);
}

/* Another endpoint */

static gboolean
is_same_registration (const PtAreaRegistered *a, const PtAreaRegistered *b)
{
  return strcmp (a->area, b->area) == 0
         && memcmp (a->authority_key, b->authority_key, PT_PUBLIC_KEY_SIZE) == 0
         && memcmp (a->service_key, b->service_key, PT_PUBLIC_KEY_SIZE) == 0;
}

static gboolean
is_same_area (const PtAuditArea *a, const PtAuditArea *b)
{
  if (!is_same_registration (&a->registered, &b->registered)
      || a->checkpoints->len != b->checkpoints->len)
    return FALSE;
  for (guint i = 0; i < a->checkpoints->len; i++)
    if (!pt_checkpoint_equal (&g_array_index (a->checkpoints, PtCheckpoint, i),
                              &g_array_index (b->checkpoints, PtCheckpoint, i)))
      return FALSE;
  return TRUE;
}

static void
ignore_finding (const PtAuditFinding *finding, gpointer user_data)
{
}

gboolean
pt_audit_compare_chain (const PtAuditChain *chain, PtRpc *rpc, const char *name,
                        const PtAuditQuestion *question, const PtAuditSink *sink, GError **error)
{
  const PtAuditSink quiet = { .found = ignore_finding };
  PtAuditFinding finding = { .code = PT_AUDIT_OTHER_ENDPOINT, .detail = name };
  g_autoptr (GPtrArray) areas = NULL;
  PtContract contract;
  gboolean differs;
  guint64 chain_id;

  g_return_val_if_fail (chain != NULL && rpc != NULL && question != NULL && sink != NULL, FALSE);

  if (!pt_rpc_chain_id (rpc, &chain_id, error)
      || !pt_contract_pin (&contract, rpc, question->contract, chain->at.number, error))
    return FALSE;
  areas = read_areas (&contract, question, &quiet, error);
  if (areas == NULL)
    return FALSE;
  differs = chain_id != chain->chain_id || areas->len != chain->areas->len
            || memcmp (&contract.at.hash, &chain->at.hash, sizeof contract.at.hash) != 0;
  for (guint i = 0; !differs && i < areas->len; i++)
    differs = !is_same_area (g_ptr_array_index (areas, i), g_ptr_array_index (chain->areas, i));
  if (differs)
    pt_audit_tell (sink, &finding);
  return TRUE;
}

/* Delays */

static void
note_delay (PtAuditArea *area, guint index, gint64 time, gint64 limit, const PtAuditSink *sink)
{
  const PtCheckpoint *checkpoint = &g_array_index (area->checkpoints, PtCheckpoint, index);
  gint64 delay = MAX (time - (gint64) checkpoint->to, 0);
  PtAuditFinding finding = { .code = PT_AUDIT_DELAY,
                             .area = area->registered.area,
                             .batch = checkpoint->batch,
                             .delay = delay };

  area->longest = MAX (area->longest, delay);
  if (delay <= limit)
    return;
  area->delayed++;
  if (sink != NULL)
    pt_audit_tell (sink, &finding);
}

gboolean
pt_audit_read_delays (PtAuditChain *chain, PtRpc *rpc, gint64 limit, gboolean is_failure,
                      const PtAuditSink *sink, GError **error)
{
  g_autoptr (GHashTable) times = g_hash_table_new_full (g_int64_hash, g_int64_equal, NULL, g_free);

  g_return_val_if_fail (chain != NULL && rpc != NULL && sink != NULL, FALSE);

  for (guint i = 0; i < chain->areas->len; i++)
    {
      PtAuditArea *area = g_ptr_array_index (chain->areas, i);

      for (guint k = 0; k < area->blocks->len; k++)
        {
          gint64 *block = &g_array_index (area->blocks, gint64, k);
          const gint64 *known = g_hash_table_lookup (times, block);
          PtBlockHeader header = { .time = known != NULL ? *known : 0 };

          if (known == NULL && !pt_rpc_header (rpc, (guint64) *block, &header, error))
            return FALSE;
          if (known == NULL)
            g_hash_table_insert (times, block, g_memdup2 (&header.time, sizeof header.time));
          note_delay (area, k, header.time, limit, is_failure ? sink : NULL);
        }
    }
  return TRUE;
}

/* Blocks that rosters name */

static void
judge_named (const PtAuditArea *area, const PtAuditNamed *named, const PtHash *hash,
             const PtAuditSink *sink)
{
  PtAuditFinding finding
      = { .area = area->registered.area, .batch = named->batch, .block = named->block };

  if (named->block >= g_array_index (area->blocks, guint64, named->batch - 1))
    finding.code = PT_AUDIT_NAMED_LATE;
  else if (memcmp (&named->hash, hash, sizeof *hash) != 0)
    finding.code = PT_AUDIT_NAMED_OTHER;
  else
    return;
  pt_audit_tell (sink, &finding);
}

static gboolean
read_area_named (const PtAuditArea *area, PtRpc *rpc, GHashTable *hashes, const PtAuditSink *sink,
                 GError **error)
{
  for (guint i = 0; i < area->named->len; i++)
    {
      const PtAuditNamed *named = &g_array_index (area->named, PtAuditNamed, i);
      gint64 number = (gint64) named->block;
      const PtHash *known = g_hash_table_lookup (hashes, &number);
      PtBlockHeader header = { 0 };

      /* One that is too late may not be there at all: it is not asked for. */
      if (known == NULL && named->block < g_array_index (area->blocks, guint64, named->batch - 1))
        {
          if (!pt_rpc_header (rpc, named->block, &header, error))
            return FALSE;
          g_hash_table_insert (hashes, g_memdup2 (&number, sizeof number),
                               g_memdup2 (&header.hash, sizeof header.hash));
        }
      judge_named (area, named, known != NULL ? known : &header.hash, sink);
    }
  return TRUE;
}

gboolean
pt_audit_read_named (const PtAuditChain *chain, PtRpc *rpc, const PtAuditSink *sink, GError **error)
{
  g_autoptr (GHashTable) hashes
      = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, g_free);

  g_return_val_if_fail (chain != NULL && rpc != NULL && sink != NULL, FALSE);

  for (guint i = 0; i < chain->areas->len; i++)
    if (!read_area_named (g_ptr_array_index (chain->areas, i), rpc, hashes, sink, error))
      return FALSE;
  return TRUE;
}
