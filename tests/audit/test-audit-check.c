/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-audit-check.h"

#include "core/pt-rule-cases.h"
#include "pt-audit-found.h"

/* Batches fed to the auditor, without a chain or a network: the checkpoints are what the files say,
 * but for what a test changes. */
typedef struct
{
  PtAuditFound found;
  PtAuditCounts counts;
  PtRegistry *registry;
  PtAuditPool *pool;
  PtAuditCheck *check;
  PtAreaRegistered registered;
} Fixture;

static guint gaps_seen;

static void
fixture_init (Fixture *fixture, const PtRuleCase *c)
{
  memset (fixture, 0, sizeof *fixture);
  pt_audit_found_init (&fixture->found);
  fixture->registry = pt_registry_new ();
  fixture->pool = pt_audit_pool_new (&fixture->found.sink, &fixture->counts, 2);
  fixture->check = pt_audit_check_new (fixture->registry, fixture->pool, &fixture->found.sink,
                                       &fixture->counts);
  g_strlcpy (fixture->registered.area, c->area, sizeof fixture->registered.area);
  memcpy (fixture->registered.authority_key, c->authority_key, PT_PUBLIC_KEY_SIZE);
  memcpy (fixture->registered.service_key, c->service_key, PT_PUBLIC_KEY_SIZE);
}

static void
fixture_clear (Fixture *fixture)
{
  pt_audit_check_free (fixture->check);
  pt_registry_free (fixture->registry);
  pt_audit_found_clear (&fixture->found);
}

static PtCheckpoint
checkpoint_of (const PtRuleCase *c, guint batch)
{
  PtBatchHeader header = pt_rule_case_header (c, batch);
  PtSpan file = pt_rule_case_file (c, batch);
  PtCheckpoint checkpoint = { .batch = header.batch,
                              .size = header.size,
                              .from = (guint64) header.from,
                              .to = (guint64) header.to,
                              .root = header.root };
  PtUnixfsBuilder unixfs;

  g_strlcpy (checkpoint.area, header.area, sizeof checkpoint.area);
  g_assert_cmpint (pt_unixfs_init (&unixfs, 0, 0, NULL, NULL), ==, PT_OK);
  g_assert_cmpint (pt_unixfs_feed (&unixfs, file.data, file.size), ==, PT_OK);
  g_assert_cmpint (pt_unixfs_finish (&unixfs, &checkpoint.cid), ==, PT_OK);
  return checkpoint;
}

/* In two parts. */
static gboolean
fixture_read (Fixture *fixture, PtSpan file, const PtCheckpoint *checkpoint)
{
  g_autoptr (GBytes) head = g_bytes_new_static (file.data, file.size / 2);
  g_autoptr (GBytes) rest
      = g_bytes_new_static (file.data + file.size / 2, file.size - file.size / 2);

  pt_audit_check_begin_batch (fixture->check, checkpoint);
  if (pt_audit_check_feed (fixture->check, head))
    pt_audit_check_feed (fixture->check, rest);
  return pt_audit_check_end_batch (fixture->check);
}

static void
audit_case (const PtRuleCase *c)
{
  guint count = json_array_get_length (c->files);
  g_autofree PtCheckpoint *checkpoints = g_new (PtCheckpoint, count);
  const PtAuditFinding *first;
  Fixture fixture;

  fixture_init (&fixture, c);
  g_assert_true (pt_audit_check_begin_area (fixture.check, &fixture.registered));
  for (guint i = 0; i < count; i++)
    {
      checkpoints[i] = checkpoint_of (c, i + 1);
      g_assert_true (fixture_read (&fixture, pt_rule_case_file (c, i + 1), &checkpoints[i]));
    }
  pt_audit_check_end_area (fixture.check);
  pt_audit_pool_finish (fixture.pool);
  first = pt_audit_found_first (&fixture.found, PT_AUDIT_RULE);
  g_assert_cmpstr (first != NULL ? pt_rule_slug (first->rule) : "holds", ==,
                   pt_rule_slug (c->rule));
  if (first != NULL)
    {
      g_assert_cmpuint (first->batch, ==, c->batch);
      g_assert_cmpuint (first->line, ==, c->line);
    }
  for (guint i = 0; i < fixture.found.findings->len; i++)
    g_assert_cmpint (g_array_index (fixture.found.findings, PtAuditFinding, i).code, ==,
                     PT_AUDIT_RULE);
  fixture_clear (&fixture);
}

static void
test_rules (void)
{
  pt_rule_cases_each (audit_case);
}

/* What the chain says is another thing than what the file says. */

typedef void (*Change) (PtCheckpoint *checkpoint);

static void
change_size (PtCheckpoint *checkpoint)
{
  checkpoint->size++;
}

static void
change_few (PtCheckpoint *checkpoint)
{
  checkpoint->size -= 2;
}

static void
change_number (PtCheckpoint *checkpoint)
{
  checkpoint->batch++;
}

static void
change_root (PtCheckpoint *checkpoint)
{
  checkpoint->root.bytes[31] ^= 1;
}

static void
change_cid (PtCheckpoint *checkpoint)
{
  checkpoint->cid.bytes[PT_CID_SIZE - 1] ^= 1;
}

static void
change_to (PtCheckpoint *checkpoint)
{
  checkpoint->to++;
}

static const struct
{
  Change change;
  PtAuditCode code;
  gboolean goes_on;
} changes[] = {
  { change_size, PT_AUDIT_FILE_SIZE, TRUE },     { change_few, PT_AUDIT_FILE_TOO_MANY, FALSE },
  { change_number, PT_AUDIT_FILE_NUMBER, TRUE }, { change_root, PT_AUDIT_FILE_ROOT, TRUE },
  { change_cid, PT_AUDIT_FILE_CID, TRUE },       { change_to, PT_AUDIT_FILE_WINDOW, TRUE },
};

static void
audit_changes (const PtRuleCase *c)
{
  if (c->rule != PT_RULE_HOLDS || json_array_get_length (c->files) > 1)
    return;
  for (guint i = 0; i < G_N_ELEMENTS (changes); i++)
    {
      PtCheckpoint checkpoint = checkpoint_of (c, 1);
      Fixture fixture;

      changes[i].change (&checkpoint);
      fixture_init (&fixture, c);
      g_assert_true (pt_audit_check_begin_area (fixture.check, &fixture.registered));
      g_assert_cmpint (fixture_read (&fixture, pt_rule_case_file (c, 1), &checkpoint), ==,
                       changes[i].goes_on);
      pt_audit_pool_finish (fixture.pool);
      g_assert_nonnull (pt_audit_found_first (&fixture.found, changes[i].code));
      if (!changes[i].goes_on)
        g_assert_nonnull (pt_audit_found_first (&fixture.found, PT_AUDIT_GIVEN_UP));
      fixture_clear (&fixture);
    }
}

static void
test_chain (void)
{
  pt_rule_cases_each (audit_changes);
}

static void
audit_rubbish (const PtRuleCase *c)
{
  static const char *const texts[] = { "", "x", "{\"area\":\"a\",\"batch\":1,\"entries\":[\n" };
  PtCheckpoint checkpoint = checkpoint_of (c, 1);

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      Fixture fixture;

      fixture_init (&fixture, c);
      g_assert_true (pt_audit_check_begin_area (fixture.check, &fixture.registered));
      g_assert_false (fixture_read (&fixture, pt_text (texts[i]), &checkpoint));
      pt_audit_pool_finish (fixture.pool);
      g_assert_nonnull (pt_audit_found_first (&fixture.found, PT_AUDIT_FILE_FORM));
      fixture_clear (&fixture);
    }
}

static void
test_form (void)
{
  pt_rule_cases_each (audit_rubbish);
}

/* The two gaps of one of the vectors' logs, and those of another that its reports left far behind.
 */
static void
audit_gaps (const PtRuleCase *c)
{
  static const struct
  {
    const char *desc, *gaps;
    guint64 count, explained;
  } known[] = {
    { "reports out of order, and gaps", "tx-1 1-2\ntx-1 4-7\ntx-1 10-11\n", 8, 0 },
    { "far ahead: no counter of before is in the window",
      "tx-1 1-4\ntx-1 6-15903\ntx-1 15905-19999\n", 4 + 15898 + 4095, 0 },
    { "a second batch", "tx-1 3-3\n", 1, 0 },
    { "counters that were lost", "tx-1 2-7 lost\ntx-1 8-8\n", 1, 6 },
    { "lost far behind the highest", "tx-1 2-4000 lost\ntx-1 4001-8999\n", 4999, 3999 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (known); i++)
    {
      guint count = json_array_get_length (c->files);
      Fixture fixture;

      if (strcmp (c->desc, known[i].desc) != 0)
        continue;
      fixture_init (&fixture, c);
      g_assert_true (pt_audit_check_begin_area (fixture.check, &fixture.registered));
      for (guint k = 1; k <= count; k++)
        {
          PtCheckpoint checkpoint = checkpoint_of (c, k);

          g_assert_true (fixture_read (&fixture, pt_rule_case_file (c, k), &checkpoint));
        }
      pt_audit_check_end_area (fixture.check);
      pt_audit_pool_finish (fixture.pool);
      g_assert_cmpstr (fixture.found.gaps->str, ==, known[i].gaps);
      g_assert_cmpuint (fixture.counts.gaps, ==, known[i].count);
      g_assert_cmpuint (fixture.counts.explained, ==, known[i].explained);
      g_assert_cmpuint (fixture.counts.gap_devices, ==, 1);
      gaps_seen++;
      fixture_clear (&fixture);
    }
}

static void
test_gaps (void)
{
  pt_rule_cases_each (audit_gaps);
  g_assert_cmpuint (gaps_seen, ==, 5);
}

static void
audit_key (const PtRuleCase *c)
{
  Fixture fixture;

  fixture_init (&fixture, c);
  fixture.registered.service_key[40] ^= 1;
  g_assert_false (pt_audit_check_begin_area (fixture.check, &fixture.registered));
  pt_audit_pool_finish (fixture.pool);
  g_assert_nonnull (pt_audit_found_first (&fixture.found, PT_AUDIT_AREA_KEY));
  fixture_clear (&fixture);
}

static void
test_keys (void)
{
  pt_rule_cases_each (audit_key);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/audit-check/rules", test_rules);
  g_test_add_func ("/audit-check/chain", test_chain);
  g_test_add_func ("/audit-check/form", test_form);
  g_test_add_func ("/audit-check/gaps", test_gaps);
  g_test_add_func ("/audit-check/keys", test_keys);
  return g_test_run ();
}
