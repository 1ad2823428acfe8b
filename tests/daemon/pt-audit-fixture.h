/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-batch.h"
#include "pt-pipeline-fixture.h"

/* What is in the batch files, read back and audited with core's reader and the registry's rules, as
 * a stranger would. */

typedef struct
{
  PtRegistry *registry;
  PtVerifier *verifier;
  const PtBatchRow *row;
  GHashTable *reports; /* "device seq" */
  gint64 received, expected, heard;
  guint64 entries;
} PtAudit;

static inline void
pt_audit_report (PtAudit *audit, const PtEntry *entry)
{
  PtDevice *device = pt_registry_apply (audit->registry, entry, NULL);
  char *name = g_strdup_printf ("%s %" G_GINT64_FORMAT, device->id, entry->seq);

  g_assert_true (g_hash_table_add (audit->reports, name));
  device->heard_batch = audit->row->batch;
}

static inline PtResult
pt_audit_entry (void *context, uint64_t index, PtSpan bytes, const PtHash *leaf)
{
  PtAudit *audit = context;
  const guint8 *key;
  PtHash silent_root;
  PtEntry entry;

  g_assert_cmpint (pt_entry_parse (bytes, PT_ENTRY_STORED, &entry), ==, PT_OK);
  g_assert_cmpint (pt_registry_judge (audit->registry, &entry, &key), ==, PT_RULE_HOLDS);
  g_assert_cmpint (pt_entry_verify (&entry, audit->verifier, key), ==, PT_OK);
  g_assert_cmpint (entry.received, >=, MAX (audit->received, audit->row->from));
  audit->received = entry.received;
  audit->entries++;
  if (entry.kind == PT_ENTRY_ROSTER)
    {
      pt_registry_roster (pt_registry_area_at (audit->registry, 0), audit->row->batch,
                          &audit->expected, &audit->heard, &silent_root);
      g_assert_cmpint (entry.received, ==, audit->row->to);
      g_assert_cmpint (entry.batch, ==, (gint64) audit->row->batch);
      g_assert_cmpint (entry.expected, ==, audit->expected);
      g_assert_cmpint (entry.heard, ==, audit->heard);
      g_assert_cmpmem (&entry.silent_root, PT_HASH_SIZE, &silent_root, PT_HASH_SIZE);
      return PT_OK;
    }
  g_assert_cmpint (entry.received, <, audit->row->to);
  if (entry.kind == PT_ENTRY_REPORT)
    pt_audit_report (audit, &entry);
  else
    pt_registry_apply (audit->registry, &entry, leaf);
  return PT_OK;
}

static inline void
pt_audit_batch (PtAudit *audit, PtWorld *world, PtFrontier *frontier)
{
  g_autofree char *buffer = g_malloc (PT_ENTRY_MAX + 2);
  g_autofree PtBatchReader *reader = g_new (PtBatchReader, 1);
  g_autoptr (GError) error = NULL;
  g_autoptr (PtBlockFile) file
      = pt_block_store_open_file (world->pipeline->blocks, &audit->row->cid, &error);
  PtBatchHeader header;

  g_assert_no_error (error);
  g_assert_cmpuint (pt_block_file_size (file), ==, audit->row->bytes);
  g_assert_cmpint (
      pt_batch_reader_init (reader, frontier, buffer, PT_ENTRY_MAX + 2, pt_audit_entry, audit), ==,
      PT_OK);
  for (guint64 offset = 0; offset < pt_block_file_size (file);)
    {
      g_autoptr (GBytes) piece = pt_block_file_read (file, offset, 1000, &error);

      g_assert_no_error (error);
      g_assert_cmpint (
          pt_batch_reader_feed (reader, g_bytes_get_data (piece, NULL), g_bytes_get_size (piece)),
          ==, PT_OK);
      offset += g_bytes_get_size (piece);
    }
  g_assert_cmpint (pt_batch_reader_finish (reader, &header), ==, PT_OK);
  *frontier = reader->frontier;
  g_assert_cmpstr (header.area, ==, audit->row->area_id);
  g_assert_cmpuint (header.batch, ==, audit->row->batch);
  g_assert_cmpint (header.from, ==, audit->row->from);
  g_assert_cmpint (header.to, ==, audit->row->to);
  g_assert_cmpuint (header.size, ==, audit->row->size);
  g_assert_cmpmem (&header.root, PT_HASH_SIZE, &audit->row->root, PT_HASH_SIZE);
}

/* An area's rows, oldest first. */
static inline GArray *
pt_area_rows (PtWorld *world, guint32 area)
{
  PtBatchQuery query = { .area = (gint32) area, .state = -1, .limit = 1000 };
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) rows = pt_store_batches (world->store, &query, &error);
  GArray *rising = g_array_new (FALSE, FALSE, sizeof (PtBatchRow));

  g_assert_no_error (error);
  for (guint i = rows->len; i > 0; i--)
    g_array_append_val (rising, g_array_index (rows, PtBatchRow, i - 1));
  return rising;
}

/* Audits the whole log of an area; returns how many reports it holds. The last roster's numbers go
 * to @expected and @heard. */
static inline guint
pt_audit_area (PtWorld *world, guint32 area, const char *id, gint64 *expected, gint64 *heard)
{
  g_autoptr (GArray) rows = pt_area_rows (world, area);
  g_autoptr (PtRegistry) registry = pt_registry_new ();
  g_autoptr (GHashTable) reports = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  PtAudit audit = { .registry = registry, .reports = reports };
  PtFrontier frontier;

  pt_frontier_init (&frontier);
  audit.verifier = pt_p256_verifier_new (PT_P256_FAST);
  pt_registry_add_area (registry, id, world->authority.signer.public_key,
                        world->service.signer.public_key);
  for (guint i = 0; i < rows->len; i++)
    {
      audit.row = &g_array_index (rows, PtBatchRow, i);
      g_assert_cmpuint (audit.row->batch, ==, i + 1);
      g_assert_cmpint (audit.row->to % PT_WORLD_PERIOD, ==, 0);
      if (i > 0)
        g_assert_cmpint (audit.row->from, ==, audit.row[-1].to);
      pt_audit_batch (&audit, world, &frontier);
      g_assert_cmpuint (audit.row->size, ==, audit.entries);
    }
  pt_p256_verifier_free (audit.verifier);
  if (expected != NULL)
    *expected = audit.expected;
  if (heard != NULL)
    *heard = audit.heard;
  return g_hash_table_size (reports);
}
