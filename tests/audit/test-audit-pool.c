/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-audit-pool.h"

#include <string.h>

#include "pt-audit-found.h"
#include "pt-p256.h"

#define COUNT 2000

static const char text[] = "{\"area\":\"a\",\"device\":\"d\",\"kind\":\"report\",\"lat\":0,\"lon\":"
                           "0,\"power\":\"ON\",\"seq\":1,\"site\":\"s\",\"ts\":1}";

/* More than all blocks hold, every hundredth wrong: each is told once, with its own line. */
static void
test_signatures (void)
{
  PtP256Key *key = pt_p256_key_generate ();
  guint8 lines[COUNT + 1] = { 0 };
  char entry[512];
  size_t size = 0;
  PtAuditCounts counts = { 0 };
  PtAuditFound found;
  PtAuditPool *pool;
  PtSigner signer;
  PtEntry unsigned_entry, parsed;

  g_assert_true (pt_p256_signer_init (&signer, key));
  g_assert_cmpint (
      pt_entry_parse (pt_span (text, strlen (text)), PT_ENTRY_UNSIGNED, &unsigned_entry), ==,
      PT_OK);
  g_assert_cmpint (pt_entry_sign (&unsigned_entry, &signer, entry, sizeof entry, &size), ==, PT_OK);
  g_assert_cmpint (pt_entry_parse (pt_span (entry, size), PT_ENTRY_SIGNED, &parsed), ==, PT_OK);
  pt_audit_found_init (&found);
  pool = pt_audit_pool_new (&found.sink, &counts, 3);
  for (guint i = 1; i <= COUNT; i++)
    {
      PtEntry one = parsed;

      one.signature[10] ^= i % 100 == 0;
      pt_audit_pool_add (pool, &one, signer.public_key, "a", 7, i);
    }
  pt_audit_pool_finish (pool);
  g_assert_cmpuint (counts.verified, ==, COUNT);
  g_assert_cmpuint (found.findings->len, ==, COUNT / 100);
  for (guint i = 0; i < found.findings->len; i++)
    {
      const PtAuditFinding *finding = &g_array_index (found.findings, PtAuditFinding, i);

      g_assert_cmpint (finding->rule, ==, PT_RULE_BAD_SIGNATURE);
      g_assert_cmpuint (finding->batch, ==, 7);
      g_assert_cmpuint (finding->line % 100, ==, 0);
      g_assert_cmpuint (lines[finding->line]++, ==, 0);
    }
  pt_audit_found_clear (&found);
  pt_p256_signer_clear (&signer);
  pt_p256_key_free (key);
}

static void
test_nothing (void)
{
  PtAuditCounts counts = { 0 };
  PtAuditFound found;

  pt_audit_found_init (&found);
  pt_audit_pool_finish (pt_audit_pool_new (&found.sink, &counts, 4));
  g_assert_cmpuint (counts.verified, ==, 0);
  pt_audit_found_clear (&found);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/audit-pool/signatures", test_signatures);
  g_test_add_func ("/audit-pool/nothing", test_nothing);
  return g_test_run ();
}
