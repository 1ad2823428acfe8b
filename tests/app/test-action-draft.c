/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-action-draft.h"

#include "pt-complaint-fixture.h"

/* What is shown is what is signed, byte for byte. */
static void
test_exact (void)
{
  PtChainFixture fixture;
  g_autoptr (PtComplaintDetail) detail = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL, *sealed = NULL, *again = NULL, *expected = NULL;
  char hex[2 * PT_HASH_SIZE + 1] = "";
  PtActionDraft draft;
  PtEntry entry;
  PtVerifier *verifier = pt_p256_verifier_new (PT_P256_EVP);
  guint8 key[PT_PUBLIC_KEY_SIZE];
  size_t size = 0;

  pt_chain_start (&fixture);
  pt_chain_step (&fixture, PT_ACTION_FILE, "citizen", "", "");
  detail = pt_chain_detail (&fixture, "open");
  pt_action_draft_init (&draft, detail, PT_ACTION_RESOLVE, "officer-1", 1795204682113);
  draft.note = "Fuse of \"T-1\" replaced,\nline tested.";
  text = pt_action_draft_text (&draft, &error);
  g_assert_no_error (error);
  pt_hex_encode (&fixture.last, sizeof fixture.last, hex, sizeof hex);
  expected = g_strdup_printf (
      "powertrack action v1\n{\"action\":\"resolve\",\"area\":\"east\",\"by\":\"officer-1\","
      "\"complaint\":\"1234567890\",\"kind\":\"action\",\"n\":2,\"note\":\"Fuse of \\\"T-1\\\" "
      "replaced,\\nline tested.\",\"prev\":\"%s\",\"site\":\"T-1\",\"ts\":1795204682113}",
      hex);
  g_assert_cmpstr (text, ==, expected);
  sealed = pt_action_draft_sign (&draft, fixture.officer, &error);
  g_assert_no_error (error);
  g_assert_cmpint (pt_entry_parse (pt_span (sealed, strlen (sealed)), PT_ENTRY_SIGNED, &entry), ==,
                   PT_OK);
  pt_p256_key_public (fixture.officer, key);
  g_assert_cmpint (pt_entry_verify (&entry, verifier, key), ==, PT_OK);
  again = g_malloc0 (PT_ENTRY_MAX + 33);
  g_assert_cmpint (pt_entry_signed_bytes (&entry, again, PT_ENTRY_MAX + 32, &size), ==, PT_OK);
  g_assert_cmpstr (again, ==, text);
  pt_p256_verifier_free (verifier);
  pt_chain_stop (&fixture);
}

/* Whoever leaves something out is told what. */
static void
test_missing (void)
{
  g_autofree char *long_note = g_strnfill (9000, 'x');
  const struct
  {
    PtAction action;
    const char *note, *to, *of;
    gboolean good;
  } rows[] = { { PT_ACTION_RESOLVE, "", NULL, NULL, FALSE },
               { PT_ACTION_REJECT, "", NULL, NULL, FALSE },
               { PT_ACTION_UNRESOLVE, "again", NULL, NULL, TRUE },
               { PT_ACTION_ACKNOWLEDGE, "", NULL, NULL, TRUE },
               { PT_ACTION_ASSIGN, "", NULL, NULL, FALSE },
               { PT_ACTION_ASSIGN, "", "a b", NULL, FALSE },
               { PT_ACTION_ASSIGN, "", "ae-7", NULL, TRUE },
               { PT_ACTION_DUPLICATE, "same", NULL, NULL, FALSE },
               { PT_ACTION_DUPLICATE, "same", NULL, "1234567890", FALSE },
               { PT_ACTION_DUPLICATE, "same", NULL, "2345678901", TRUE },
               { PT_ACTION_COMMENT, long_note, NULL, NULL, FALSE },
               { PT_ACTION_COMMENT, "\xff", NULL, NULL, FALSE } };
  PtChainFixture fixture;
  g_autoptr (PtComplaintDetail) detail = NULL;

  pt_chain_start (&fixture);
  pt_chain_step (&fixture, PT_ACTION_FILE, "citizen", "", "");
  detail = pt_chain_detail (&fixture, "open");
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *text = NULL, *sealed = NULL;
      PtActionDraft draft;

      pt_action_draft_init (&draft, detail, rows[i].action, "officer-1", 1);
      draft.note = rows[i].note;
      draft.to = rows[i].to;
      draft.of = rows[i].of;
      text = pt_action_draft_text (&draft, &error);
      sealed = pt_action_draft_sign (&draft, fixture.officer, NULL);
      g_assert_cmpint (text != NULL, ==, rows[i].good);
      g_assert_cmpint (sealed != NULL, ==, rows[i].good);
      if (!rows[i].good)
        g_assert_error (error, PT_ERROR, PT_ERROR_MALFORMED);
    }
  pt_chain_stop (&fixture);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/action-draft/exact", test_exact);
  g_test_add_func ("/action-draft/missing", test_missing);
  return g_test_run ();
}
