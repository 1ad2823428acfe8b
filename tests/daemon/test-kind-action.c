/* SPDX-License-Identifier: Apache-2.0 */
/* Actions: chains of complaints, what devices say of a resolve, private parts, receipts. */
#include "pt-audit-fixture.h"
#include "pt-bundle.h"
#include "pt-complaint-fixture.h"

#define MINUTE 60000
#define WORDS "{\"contact\":\"\",\"photos\":[],\"salt\":\"00\",\"text\":\"dark\"}"

static PtTestChain
set_up_chain (PtWorld *world)
{
  pt_test_add_profile (world);
  pt_test_add_official (world, "officer-1");
  pt_world_advance (world, 1000);
  return (PtTestChain){ .world = world, .id = "1234567890", .site = "tx-1" };
}

/* From file to the citizen's word, with receipts, over a kill. */
static void
test_life (Fixture *fixture, gconstpointer data)
{
  PtWorld *world = fixture->world;
  PtTestChain chain = set_up_chain (world);

  pt_chain_act (&chain, PT_ACTION_FILE, "citizen-1", WORDS, NULL);
  pt_chain_assert_state (&chain, PT_COMPLAINT_OPEN);
  pt_chain_act (&chain, PT_ACTION_JOIN, "citizen-2", NULL, NULL);
  pt_chain_act (&chain, PT_ACTION_ACKNOWLEDGE, "officer-1", "", NULL);
  pt_chain_act (&chain, PT_ACTION_ASSIGN, "officer-1", "", "officer-1");
  pt_world_restart (world, TRUE);
  pt_chain_assert_state (&chain, PT_COMPLAINT_ASSIGNED);
  pt_chain_act (&chain, PT_ACTION_RESOLVE, "officer-1", "Fuse replaced.", NULL);
  pt_chain_act (&chain, PT_ACTION_CONFIRM, "citizen-2", NULL, NULL);
  pt_chain_assert_state (&chain, PT_COMPLAINT_RESOLVED);
  pt_chain_act (&chain, PT_ACTION_CONFIRM, "citizen-1", NULL, NULL);
  pt_chain_assert_state (&chain, PT_COMPLAINT_CONFIRMED);
  pt_world_restart (world, FALSE);
  pt_chain_assert_state (&chain, PT_COMPLAINT_CONFIRMED);
  g_assert_cmpint (pt_chain_facts (&chain).n, ==, 7);
  pt_chain_act (&chain, PT_ACTION_REOPEN, "citizen-1", NULL, NULL);
}

static void
test_refused (Fixture *fixture, gconstpointer data)
{
  PtWorld *world = fixture->world;
  PtTestChain chain = set_up_chain (world), stale, other;

  pt_chain_refused (&chain, PT_ACTION_FILE, "citizen-1", WORDS, "none-such", "complaint-category");
  pt_chain_refused (&chain, PT_ACTION_COMMENT, "citizen-1", WORDS, NULL, "complaint-who");
  pt_chain_act (&chain, PT_ACTION_FILE, "citizen-1", WORDS, NULL);
  pt_chain_refused (&chain, PT_ACTION_COMMENT, "citizen-2", WORDS, NULL, "complaint-who");
  pt_chain_refused (&chain, PT_ACTION_ACKNOWLEDGE, "nobody", "", NULL, "unknown-official");
  pt_chain_refused (&chain, PT_ACTION_CONFIRM, "citizen-1", NULL, NULL, "complaint-state");
  pt_chain_refused (&chain, PT_ACTION_ASSIGN, "officer-1", "", "nobody", "complaint-to");
  pt_chain_refused (&chain, PT_ACTION_DUPLICATE, "officer-1", "Same.", "1111111111",
                    "complaint-of");
  stale = chain;
  stale.leaf.bytes[0] ^= 1;
  pt_chain_refused (&stale, PT_ACTION_COMMENT, "officer-1", "", NULL, "complaint-prev");
  stale = chain;
  stale.n++;
  pt_chain_refused (&stale, PT_ACTION_COMMENT, "officer-1", "", NULL, "complaint-n");
  other = chain;
  other.site = "tx-2";
  pt_chain_refused (&other, PT_ACTION_COMMENT, "officer-1", "", NULL, "complaint-place");
  g_assert_cmpint (pt_chain_facts (&chain).n, ==, 1);
}

/* The same words again get what the first ones got, at any time and whatever the signature. */
static void
test_again (Fixture *fixture, gconstpointer data)
{
  PtWorld *world = fixture->world;
  PtTestChain chain = set_up_chain (world);
  g_autofree char *line = pt_chain_sign_by (&chain, PT_ACTION_FILE, "citizen-1", WORDS, NULL);
  g_autofree char *resigned = pt_chain_sign_by (&chain, PT_ACTION_FILE, "citizen-1", WORDS, NULL);
  g_autofree char *other = pt_chain_sign_by (&chain, PT_ACTION_FILE, "citizen-2", WORDS, NULL);
  PtTestReply first, second;

  pt_reply_push (&first, world, &pt_kind_action, line, NULL);
  pt_reply_wait (&first, PT_ACCEPTED);
  for (guint i = 0; i < 3; i++)
    {
      pt_world_advance (world, 1000);
      pt_reply_push (&second, world, &pt_kind_action, i == 1 ? resigned : line, NULL);
      pt_reply_wait (&second, PT_DUPLICATE);
      pt_reply_check_receipt (&second);
      g_assert_true (g_bytes_equal (first.outcome.stored, second.outcome.stored));
      g_assert_true (g_bytes_equal (first.outcome.receipt, second.outcome.receipt));
      g_assert_cmpuint (first.outcome.entry, ==, second.outcome.entry);
      pt_reply_clear (&second);
      pt_world_restart (world, i == 0);
    }
  pt_world_expect (world, &pt_kind_action, other, PT_REFUSED ("complaint-n"));
  pt_reply_clear (&first);
}

/* Two at once: who is faster holds, the other is told; the same words twice are one entry. */
static void
test_together (Fixture *fixture, gconstpointer data)
{
  PtWorld *world = fixture->world;
  PtTestChain chain = set_up_chain (world);
  g_autofree char *line = NULL, *rival = NULL;
  PtTestReply replies[3];
  GThread *thread;
  PtGate gate;

  pt_chain_act (&chain, PT_ACTION_FILE, "citizen-1", WORDS, NULL);
  line = pt_chain_sign_by (&chain, PT_ACTION_ACKNOWLEDGE, "officer-1", "", NULL);
  rival = pt_chain_sign_by (&chain, PT_ACTION_WITHDRAW, "citizen-1", NULL, NULL);
  thread = pt_gate_close (&gate, world);
  pt_reply_push_verified (&replies[0], world, &pt_kind_action, line);
  pt_reply_push_verified (&replies[1], world, &pt_kind_action, rival);
  pt_reply_push_verified (&replies[2], world, &pt_kind_action, line);
  pt_gate_open (&gate, thread);
  pt_reply_wait (&replies[0], PT_ACCEPTED);
  pt_reply_wait (&replies[1], PT_REFUSED ("complaint-n"));
  pt_reply_wait (&replies[2], PT_DUPLICATE);
  pt_reply_check_receipt (&replies[0]);
  pt_reply_check_receipt (&replies[2]);
  g_assert_true (g_bytes_equal (replies[0].outcome.stored, replies[2].outcome.stored));
  g_assert_true (g_bytes_equal (replies[0].outcome.receipt, replies[2].outcome.receipt));
  pt_chain_assert_state (&chain, PT_COMPLAINT_ACKNOWLEDGED);
  g_assert_cmpint (pt_chain_facts (&chain).n, ==, 2);
  for (guint i = 0; i < 3; i++)
    pt_reply_clear (&replies[i]);
}

/* What could not be written was not said, nor was anything slower than it. */
static void
test_not_written (Fixture *fixture, gconstpointer data)
{
  PtWorld *world = fixture->world;
  PtTestChain chain = set_up_chain (world);
  g_autofree char *one = pt_chain_sign_by (&chain, PT_ACTION_FILE, "citizen-1", WORDS, NULL);
  g_autofree char *other = pt_chain_sign_by (&chain, PT_ACTION_FILE, "citizen-2", WORDS, NULL);
  g_autofree char *three = g_strjoin ("\n", one, one, other, NULL);

  pt_expect_warnings ();
  pt_memory_store_fail (world->store, PT_STORE_COMMIT, PT_FAIL_NOT_PERSISTED, 0, 1);
  pt_world_expect (world, &pt_kind_action, three,
                   "{\"accepted\":0,\"duplicate\":0,\"rejected\":[{\"line\":1,\"error\":\"busy\"},"
                   "{\"line\":2,\"error\":\"busy\"},{\"line\":3,\"error\":\"busy\"}]}");
  g_assert_cmpint (pt_chain_facts (&chain).n, ==, 0);
  pt_world_expect (world, &pt_kind_action, three,
                   "{\"accepted\":1,\"duplicate\":1,\"rejected\":[{\"line\":3,\"error\":"
                   "\"complaint-n\"}]}");
}

/* Evidence */

static void
expect_evidence (const PtTestChain *chain, PtEvidence evidence, PtAftermath later)
{
  PtComplaintFacts facts = pt_chain_facts (chain);

  g_assert_cmpstr (pt_evidence_name (facts.evidence), ==, pt_evidence_name (evidence));
  g_assert_cmpstr (pt_aftermath_name (facts.later), ==, pt_aftermath_name (later));
}

static void
test_evidence (Fixture *fixture, gconstpointer data)
{
  PtWorld *world = fixture->world;
  PtTestChain chain = set_up_chain (world);

  pt_world_report_now (world, "tx-1", 1, PT_POWER_OFF, PT_ACCEPTED);
  pt_chain_act (&chain, PT_ACTION_FILE, "citizen-1", WORDS, NULL);
  pt_chain_act (&chain, PT_ACTION_RESOLVE, "officer-1", "Done.", NULL);
  expect_evidence (&chain, PT_EVIDENCE_CONTRADICTED, PT_AFTERMATH_NONE);
  pt_chain_act (&chain, PT_ACTION_REOPEN, "citizen-1", NULL, NULL);
  pt_world_advance (world, MINUTE);
  pt_world_report_now (world, "tx-1", 2, PT_POWER_ON, PT_ACCEPTED);
  pt_world_restart (world, FALSE);
  pt_chain_act (&chain, PT_ACTION_RESOLVE, "officer-1", "Fuse.", NULL);
  expect_evidence (&chain, PT_EVIDENCE_SUPPORTED, PT_AFTERMATH_PENDING);
  pt_world_restart (world, TRUE);
  expect_evidence (&chain, PT_EVIDENCE_SUPPORTED, PT_AFTERMATH_PENDING);
  pt_world_advance (world, MINUTE);
  pt_world_report_now (world, "tx-1", 3, PT_POWER_OFF, PT_ACCEPTED);
  expect_evidence (&chain, PT_EVIDENCE_SUPPORTED, PT_AFTERMATH_FELL_AGAIN);
  pt_world_restart (world, TRUE);
  expect_evidence (&chain, PT_EVIDENCE_SUPPORTED, PT_AFTERMATH_FELL_AGAIN);
  pt_world_restart (world, FALSE);
  expect_evidence (&chain, PT_EVIDENCE_SUPPORTED, PT_AFTERMATH_FELL_AGAIN);
  g_assert_cmpint (pt_complaint_closed (&(PtComplaintFacts){ .state = PT_COMPLAINT_RESOLVED,
                                                             .later = PT_AFTERMATH_FELL_AGAIN }),
                   ==, PT_CLOSED_AGAINST);
}

/* No report since it was filed supports it; what held, held by the log's own time. */
static void
test_held (Fixture *fixture, gconstpointer data)
{
  PtWorld *world = fixture->world;
  PtTestChain chain = set_up_chain (world);

  pt_world_report_now (world, "tx-1", 1, PT_POWER_ON, PT_ACCEPTED);
  pt_chain_act (&chain, PT_ACTION_FILE, "citizen-1", WORDS, NULL);
  pt_world_restart (world, FALSE);
  pt_chain_act (&chain, PT_ACTION_RESOLVE, "officer-1", "Done.", NULL);
  expect_evidence (&chain, PT_EVIDENCE_UNSUPPORTED, PT_AFTERMATH_NONE);
  pt_chain_act (&chain, PT_ACTION_UNRESOLVE, "officer-1", "Not yet.", NULL);
  pt_world_advance (world, MINUTE);
  pt_world_report_now (world, "tx-1", 2, PT_POWER_ON, PT_ACCEPTED);
  pt_chain_act (&chain, PT_ACTION_RESOLVE, "officer-1", "Now.", NULL);
  expect_evidence (&chain, PT_EVIDENCE_SUPPORTED, PT_AFTERMATH_PENDING);
  pt_world_advance (world, 60 * MINUTE - 1);
  pt_world_report_now (world, "tx-2", 1, PT_POWER_OFF, PT_ACCEPTED);
  expect_evidence (&chain, PT_EVIDENCE_SUPPORTED, PT_AFTERMATH_PENDING);
  pt_world_advance (world, 1);
  pt_world_report_now (world, "tx-1", 3, PT_POWER_OFF, PT_ACCEPTED);
  expect_evidence (&chain, PT_EVIDENCE_SUPPORTED, PT_AFTERMATH_HELD);
  pt_world_restart (world, TRUE);
  expect_evidence (&chain, PT_EVIDENCE_SUPPORTED, PT_AFTERMATH_HELD);
}

/* A version before kept no place of a device's last report: what it said before it was moved is not
 * said of where it is now. */
static void
test_place_not_kept (Fixture *fixture, gconstpointer data)
{
  PtWorld *world = fixture->world;
  PtTestChain chain = set_up_chain (world);
  PtHistory *history = &pt_registry_device_at (world->pipeline->directory->registry, 0)->history;

  pt_world_report_now (world, "tx-1", 1, PT_POWER_OFF, PT_ACCEPTED);
  history->latest.place = PT_PLACE_UNKNOWN;
  pt_chain_act (&chain, PT_ACTION_FILE, "citizen-1", WORDS, NULL);
  pt_chain_act (&chain, PT_ACTION_RESOLVE, "officer-1", "Done.", NULL);
  expect_evidence (&chain, PT_EVIDENCE_CONTRADICTED, PT_AFTERMATH_NONE);
  history->cut = PT_CUT_MOVED;
  pt_chain_act (&chain, PT_ACTION_REOPEN, "citizen-1", NULL, NULL);
  pt_chain_act (&chain, PT_ACTION_RESOLVE, "officer-1", "Done.", NULL);
  expect_evidence (&chain, PT_EVIDENCE_UNSUPPORTED, PT_AFTERMATH_NONE);
}

/* Reports of the same group stand before its actions. */
static void
test_evidence_together (Fixture *fixture, gconstpointer data)
{
  PtWorld *world = fixture->world;
  PtTestChain chain = set_up_chain (world);
  g_autofree char *report = NULL, *resolve = NULL;
  PtTestReply reply;
  PtTicket *ticket;
  GThread *thread;
  PtGate gate;

  pt_chain_act (&chain, PT_ACTION_FILE, "citizen-1", WORDS, NULL);
  pt_world_advance (world, MINUTE);
  report = pt_world_sign_now (world, "tx-1", 1, PT_POWER_OFF);
  resolve = pt_chain_sign_by (&chain, PT_ACTION_RESOLVE, "officer-1", "Done.", NULL);
  thread = pt_gate_close (&gate, world);
  pt_reply_push_verified (&reply, world, &pt_kind_action, resolve);
  ticket = pt_world_push_verified (world, pt_world_verify (world, &pt_kind_report, report));
  pt_gate_open (&gate, thread);
  pt_reply_wait (&reply, PT_ACCEPTED);
  pt_world_expect_answer (ticket, PT_ACCEPTED);
  pt_reply_check_receipt (&reply);
  expect_evidence (&chain, PT_EVIDENCE_CONTRADICTED, PT_AFTERMATH_NONE);
  pt_world_restart (world, TRUE);
  expect_evidence (&chain, PT_EVIDENCE_CONTRADICTED, PT_AFTERMATH_NONE);
  pt_reply_clear (&reply);
}

/* Private parts */

static PtAttachment *
make_private (const char *words)
{
  PtAttachment *attachment = pt_attachment_new ();

  attachment->text = g_bytes_new (words, strlen (words));
  attachment->photo_count = 1;
  memset (&attachment->photos[0].sent, 7, PT_HASH_SIZE);
  g_strlcpy (attachment->photos[0].type, "image/jpeg", sizeof attachment->photos[0].type);
  attachment->photos[0].bytes = g_bytes_new ("jpeg", 4);
  return attachment;
}

static gboolean
count_private (const PtPrivateRow *row, gpointer user_data, GError **error)
{
  guint *found = user_data;

  found[0]++;
  found[1] += row->text != NULL;
  found[2] += row->photo_count;
  return TRUE;
}

static void
expect_privates (PtWorld *world, const char *complaint, guint rows, guint texts, guint photos)
{
  guint found[3] = { 0 };
  g_autoptr (GError) error = NULL;

  pt_store_privates (world->store, 0, complaint, 1, count_private, found, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (found[0], ==, rows);
  g_assert_cmpuint (found[1], ==, texts);
  g_assert_cmpuint (found[2], ==, photos);
}

static void
test_private (Fixture *fixture, gconstpointer data)
{
  PtWorld *world = fixture->world;
  PtTestChain chain = set_up_chain (world);
  g_autofree char *line = pt_chain_sign_by (&chain, PT_ACTION_FILE, "citizen-1", WORDS, NULL);
  g_autofree char *comment = NULL;
  PtAttachment *erasure = pt_attachment_new ();
  PtTestReply reply;

  pt_reply_push (&reply, world, &pt_kind_action, line, make_private ("other words"));
  pt_reply_wait (&reply, PT_REFUSED ("malformed"));
  pt_reply_clear (&reply);
  expect_privates (world, chain.id, 0, 0, 0);
  pt_reply_push (&reply, world, &pt_kind_action, line, make_private (WORDS));
  pt_reply_wait (&reply, PT_ACCEPTED);
  chain.n = 1;
  chain.leaf = reply.outcome.leaf;
  pt_reply_clear (&reply);
  pt_world_restart (world, TRUE);
  expect_privates (world, chain.id, 1, 1, 1);
  comment = pt_chain_sign_by (&chain, PT_ACTION_COMMENT, "officer-1", "Erased.", NULL);
  erasure->erases = 1;
  pt_reply_push (&reply, world, &pt_kind_action, comment, erasure);
  pt_reply_wait (&reply, PT_ACCEPTED);
  pt_reply_clear (&reply);
  expect_privates (world, chain.id, 1, 0, 0);
}

/* Sealed and found again by their numbers, at once and from the batch file. */
static void
test_sealed (Fixture *fixture, gconstpointer data)
{
  PtWorld *world = fixture->world;
  PtTestChain chain = set_up_chain (world);
  PtEntryPlace place;

  pt_chain_act (&chain, PT_ACTION_FILE, "citizen-1", WORDS, NULL);
  g_assert_cmpuint (pt_world_seal (world), ==, 1);
  g_assert_true (pt_archive_find (world->pipeline->archive, 0, pt_subject_area (0), 5, &place));
  g_assert_cmpuint (place.batch, ==, 1);
  g_assert_cmpuint (place.leaf, ==, 4);
  pt_chain_act (&chain, PT_ACTION_WITHDRAW, "citizen-1", NULL, NULL);
  g_assert_cmpuint (pt_world_seal (world), ==, 1);
  pt_world_restart (world, TRUE);
  g_assert_true (pt_archive_find (world->pipeline->archive, 0, pt_subject_area (0), 6, &place));
  g_assert_cmpuint (place.batch, ==, 2);
  pt_chain_assert_state (&chain, PT_COMPLAINT_WITHDRAWN);
}

/* As far as the log goes, and the roster is of it, a resolve is held. */
static void
test_held_by_roster (Fixture *fixture, gconstpointer data)
{
  PtWorld *world = fixture->world;
  PtTestChain chain = set_up_chain (world);

  pt_chain_act (&chain, PT_ACTION_FILE, "citizen-1", WORDS, NULL);
  pt_world_advance (world, MINUTE);
  pt_world_report_now (world, "tx-1", 1, PT_POWER_ON, PT_ACCEPTED);
  pt_chain_act (&chain, PT_ACTION_RESOLVE, "officer-1", "Now.", NULL);
  pt_world_advance (world, 60 * MINUTE - 2);
  pt_world_report_now (world, "tx-2", 1, PT_POWER_ON, PT_ACCEPTED);
  expect_evidence (&chain, PT_EVIDENCE_SUPPORTED, PT_AFTERMATH_PENDING);
  pt_world_seal (world);
  expect_evidence (&chain, PT_EVIDENCE_SUPPORTED, PT_AFTERMATH_HELD);
  pt_world_restart (world, TRUE);
  expect_evidence (&chain, PT_EVIDENCE_SUPPORTED, PT_AFTERMATH_HELD);
}

/* Proofs */

static void
mine (PtWorld *world)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) rows = pt_store_unfinished (world->store, 100, &error);
  const PtBatchRow *batches = (const PtBatchRow *) (gpointer) rows->data;
  PtTransactionRow transaction = { .block = 9, .hash = { { 4 } } };

  transaction.raw = g_bytes_new_static ("raw", 3);
  transaction.versions = g_array_new (FALSE, FALSE, sizeof (PtHash));
  g_assert_true (pt_store_published (world->store, batches, rows->len, &error));
  g_assert_true (pt_store_submit (world->store, &transaction, batches, rows->len, &error));
  g_assert_true (pt_store_mined (world->store, &transaction, &error));
  g_assert_no_error (error);
  g_bytes_unref (transaction.raw);
  g_array_unref (transaction.versions);
}

static void
assert_proof (PtWorld *world, guint64 number, gboolean has_signer)
{
  const PtArchiveChain chain = { 31337, { 1 } };
  PtVerifier *verifier = pt_p256_verifier_new (PT_P256_FAST);
  g_autofree PtBundle *bundle = g_new0 (PtBundle, 1);
  g_autofree char *buffer = g_malloc (2 * PT_ENTRY_MAX);
  g_autoptr (GBytes) proof = NULL;
  g_autoptr (GError) error = NULL;
  PtBundleFindings findings;
  const char *text;
  gsize size;

  proof = pt_archive_proof (world->pipeline->archive, &chain, 0, pt_subject_area (0),
                            (gint64) number, &error);
  g_assert_no_error (error);
  text = g_bytes_get_data (proof, &size);
  g_assert_cmpint (pt_bundle_parse (pt_span (text, size), buffer, 2 * PT_ENTRY_MAX, bundle), ==,
                   PT_OK);
  g_assert_cmpint (pt_bundle_verify (bundle, verifier, world->service.signer.public_key, &findings),
                   ==, PT_OK);
  g_assert_true ((bundle->signer.size > 0) == has_signer);
  g_assert_cmpuint (bundle->index, ==, number - 1);
  pt_p256_verifier_free (verifier);
}

static void
test_proofs (Fixture *fixture, gconstpointer data)
{
  PtWorld *world = fixture->world;
  PtTestChain chain = set_up_chain (world);

  pt_chain_act (&chain, PT_ACTION_FILE, "citizen-1", WORDS, NULL);
  pt_chain_act (&chain, PT_ACTION_JOIN, "service", WORDS, NULL);
  pt_chain_act (&chain, PT_ACTION_ACKNOWLEDGE, "officer-1", "", NULL);
  pt_world_seal (world);
  mine (world);
  for (guint i = 0; i < 2; i++)
    {
      assert_proof (world, 5, FALSE);
      assert_proof (world, 6, FALSE);
      assert_proof (world, 7, TRUE);
      pt_world_restart (world, TRUE);
    }
  pt_audit_area (world, 0, "east", NULL, NULL);
}

/* Who watches is told once it holds, and of all of it at a start. */
static void
note_said (const PtSaidNews *news, gpointer user_data)
{
  GString *told = user_data;

  g_string_append_printf (told, "%s%d %d %" G_GINT64_FORMAT "\n",
                          news->is_recovered ? "again " : "", news->kind, news->entry->action,
                          news->complaint != NULL ? news->complaint->n : 0);
}

static void
test_watched (Fixture *fixture, gconstpointer data)
{
  PtWorld *world = fixture->world;
  PtTestChain chain = set_up_chain (world);
  g_autoptr (GString) told = g_string_new (NULL);
  PtSaidWatch watch = { .said = note_said, .user_data = told };

  pt_committer_watch (world->pipeline->committer, &watch);
  pt_chain_act (&chain, PT_ACTION_FILE, "citizen-1", WORDS, NULL);
  pt_chain_act (&chain, PT_ACTION_WITHDRAW, "citizen-1", NULL, NULL);
  g_assert_cmpstr (told->str, ==, "1 0 1\n1 12 2\n");
}

typedef struct
{
  const char *path;
  void (*func) (Fixture *fixture, gconstpointer data);
} Test;

int
main (int argc, char **argv)
{
  static const Test tests[] = {
    { "/kind-action/life", test_life },
    { "/kind-action/refused", test_refused },
    { "/kind-action/again", test_again },
    { "/kind-action/together", test_together },
    { "/kind-action/evidence", test_evidence },
    { "/kind-action/held", test_held },
    { "/kind-action/place-not-kept", test_place_not_kept },
    { "/kind-action/evidence-together", test_evidence_together },
    { "/kind-action/private", test_private },
    { "/kind-action/sealed", test_sealed },
    { "/kind-action/held-by-roster", test_held_by_roster },
    { "/kind-action/proofs", test_proofs },
    { "/kind-action/watched", test_watched },
  };

  g_test_init (&argc, &argv, NULL);
  pt_catch_warnings ();
  for (guint i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].path, Fixture, NULL, set_up, tests[i].func, tear_down);
  g_test_add ("/kind-action/not-written", Fixture, GINT_TO_POINTER (TRUE), set_up, test_not_written,
              tear_down);
  return g_test_run ();
}
