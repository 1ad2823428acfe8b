/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Complaints for tests of what the committer does: a chain that knows its last leaf, and what came
 * back of each of its entries. */

#include "pt-commit-fixture.h"
#include "pt-receipt.h"
#include "pt-store-complaints.h"

typedef struct
{
  PtWorld *world;
  const char *id, *site;
  gint64 n; /* of its newest entry */
  PtHash leaf;
} PtTestChain;

static const char pt_test_profile[]
    = "{\"announce_min\":1440,\"categories\":[{\"acknowledge_min\":60,\"evidence\":\"power\","
      "\"id\":\"no-supply\",\"resolve_min\":240,\"title\":{\"en\":\"No supply\"}},"
      "{\"acknowledge_min\":60,\"evidence\":\"none\",\"id\":\"billing\",\"resolve_min\":240,"
      "\"title\":{\"en\":\"Bill\"}}],\"compensation\":[],\"format\":\"powertrack-profile-1\","
      "\"held_min\":60,\"major_event_days\":\"none\",\"reopen_days\":7,\"sustained_ms\":300000,"
      "\"two_person\":[],\"utc_offset_min\":330}";

static inline char *
pt_test_profile_entry (PtWorld *world, const char *document, gint64 ts)
{
  PtEntry fields = {
    .kind = PT_ENTRY_PROFILE, .area = pt_text ("east"), .ts = ts, .document = pt_text (document)
  };

  return pt_world_sign (&fields, &world->authority.signer);
}

static inline void
pt_test_add_profile (PtWorld *world)
{
  g_autofree char *line = pt_test_profile_entry (world, pt_test_profile, pt_world_now (world));

  pt_world_expect (world, &pt_kind_registration, line, PT_ACCEPTED);
}

static inline void
pt_test_add_official (PtWorld *world, const char *id)
{
  g_autofree char *line = pt_world_official (world, "east", id, pt_world_now (world));

  pt_world_expect (world, &pt_kind_registration, line, PT_ACCEPTED);
}

/* @by: "service", an official, or else a citizen whose key has that name. */
static inline char *
pt_chain_sign_by (const PtTestChain *chain, PtAction action, const char *by, const char *words,
                  const char *other)
{
  PtWorld *world = chain->world;
  PtEntry fields = { .kind = PT_ENTRY_ACTION,
                     .area = pt_text ("east"),
                     .ts = pt_world_now (world),
                     .complaint = pt_text (chain->id),
                     .site = pt_text (chain->site),
                     .n = chain->n + 1,
                     .prev = chain->leaf,
                     .action = action };
  const PtSigner *signer = &world->service.signer;
  gboolean is_citizen = g_str_has_prefix (by, "citizen");
  gboolean is_official = !is_citizen && strcmp (by, "service") != 0;

  if (is_citizen || is_official)
    signer = &pt_world_key (world, by)->signer;
  fields.by = pt_text (is_citizen ? "citizen" : by);
  if (is_citizen)
    memcpy (fields.key, signer->public_key, PT_PUBLIC_KEY_SIZE);
  if (is_official)
    fields.note = pt_text (words != NULL ? words : "");
  else if (words != NULL)
    {
      fields.has_note_hash = true;
      pt_sha256 (words, strlen (words), &fields.note_hash);
    }
  if (action == PT_ACTION_FILE)
    fields.category = pt_text (other != NULL ? other : "no-supply");
  if (action == PT_ACTION_ASSIGN)
    fields.to = pt_text (other);
  if (action == PT_ACTION_DUPLICATE)
    fields.of = pt_text (other);
  return pt_world_sign (&fields, signer);
}

/* What came back of one line. */
typedef struct
{
  PtTicket ticket;
  PtOutcome outcome;
} PtTestReply;

static inline void
pt_reply_done (PtSubmission *submission, gpointer user_data)
{
  PtTestReply *reply = user_data;

  reply->outcome = submission->outcomes[0];
  submission->outcomes[0] = (PtOutcome){ 0 };
  pt_world_answered (submission, &reply->ticket);
}

static inline void
pt_reply_clear (PtTestReply *reply)
{
  pt_outcome_clear (&reply->outcome);
  g_clear_pointer (&reply->ticket.json, g_free);
}

/* Hands in one line with what comes with it (taken), to be waited for. */
static inline void
pt_reply_push (PtTestReply *reply, PtWorld *world, const PtKind *kind, const char *line,
               PtAttachment *attachment)
{
  g_autoptr (GBytes) body = g_bytes_new (line, strlen (line));
  g_autoptr (GError) error = NULL;
  PtSubmission *submission = pt_submission_new (kind, body, FALSE, pt_reply_done, reply, &error);

  g_assert_no_error (error);
  *reply = (PtTestReply){ .ticket = { .world = world } };
  pt_submission_attach (submission, 0, attachment);
  pt_submission_want (submission, PT_WANT_STORED | PT_WANT_RECEIPTS);
  g_assert_true (pt_intake_take (world->pipeline->intake, submission));
}

/* Straight to the committer: in the order of the calls, while its gate is closed. */
static inline void
pt_reply_push_verified (PtTestReply *reply, PtWorld *world, const PtKind *kind, const char *line)
{
  PtSubmission *submission = pt_world_verify (world, kind, line);

  *reply = (PtTestReply){ .ticket = { .world = world } };
  submission->done = pt_reply_done;
  submission->user_data = reply;
  pt_submission_want (submission, PT_WANT_STORED | PT_WANT_RECEIPTS);
  pt_committer_push (world->pipeline->committer, submission);
}

static inline void
pt_reply_wait_for (PtTestReply *reply)
{
  PtWorld *world = reply->ticket.world;
  gint64 late = pt_test_late ();

  g_mutex_lock (&world->lock);
  while (!reply->ticket.answered)
    g_assert_true (g_cond_wait_until (&world->changed, &world->lock, late));
  g_mutex_unlock (&world->lock);
}

static inline void
pt_reply_wait (PtTestReply *reply, const char *wanted)
{
  pt_reply_wait_for (reply);
  g_assert_cmpstr (g_strchomp (reply->ticket.json), ==, wanted);
}

/* The receipt is one, for these bytes, by the service key, and promises a time after the window. */
static inline void
pt_reply_check_receipt (const PtTestReply *reply)
{
  PtWorld *world = reply->ticket.world;
  PtVerifier *verifier = pt_p256_verifier_new (PT_P256_FAST);
  PtReceipt receipt;
  PtEntry entry;
  gsize size, stored_size;
  const char *data, *stored;
  PtHash leaf;

  g_assert_nonnull (reply->outcome.receipt);
  data = g_bytes_get_data (reply->outcome.receipt, &size);
  stored = g_bytes_get_data (reply->outcome.stored, &stored_size);
  g_assert_cmpint (pt_receipt_parse (pt_span (data, size), &receipt), ==, PT_OK);
  g_assert_cmpint (pt_receipt_verify (&receipt, verifier, world->service.signer.public_key), ==,
                   PT_OK);
  pt_tree_leaf_hash (pt_span (stored, stored_size), &leaf);
  g_assert_cmpmem (&leaf, sizeof leaf, &receipt.leaf, sizeof leaf);
  g_assert_cmpmem (&leaf, sizeof leaf, &reply->outcome.leaf, sizeof leaf);
  g_assert_cmpint (pt_entry_parse (pt_span (stored, stored_size), PT_ENTRY_STORED, &entry), ==,
                   PT_OK);
  g_assert_cmpint (receipt.received, ==, entry.received);
  g_assert_cmpint (receipt.by, ==,
                   (entry.received / PT_WORLD_PERIOD + 1) * PT_WORLD_PERIOD
                       + PT_WORLD_ANCHORED_WITHIN);
  pt_p256_verifier_free (verifier);
}

/* The chain's next entry, which is accepted. */
static inline void
pt_chain_act (PtTestChain *chain, PtAction action, const char *by, const char *words,
              const char *other)
{
  g_autofree char *line = pt_chain_sign_by (chain, action, by, words, other);
  PtTestReply reply;

  pt_reply_push (&reply, chain->world, &pt_kind_action, line, NULL);
  pt_reply_wait (&reply, PT_ACCEPTED);
  pt_reply_check_receipt (&reply);
  chain->leaf = reply.outcome.leaf;
  chain->n++;
  pt_reply_clear (&reply);
}

/* The chain's next entry, which is refused with @slug. */
static inline void
pt_chain_refused (const PtTestChain *chain, PtAction action, const char *by, const char *words,
                  const char *other, const char *slug)
{
  g_autofree char *line = pt_chain_sign_by (chain, action, by, words, other);
  g_autofree char *wanted = g_strdup_printf (PT_REFUSED ("%s"), slug);

  pt_world_expect (chain->world, &pt_kind_action, line, wanted);
}

static inline PtComplaintFacts
pt_chain_facts (const PtTestChain *chain)
{
  PtDirectory *directory = chain->world->pipeline->directory;
  const PtComplaintFacts *found;
  PtComplaintFacts facts = { 0 };

  pt_door_begin_read (&directory->door);
  found = pt_promises_complaint (pt_registry_area_at (directory->registry, 0)->promises,
                                 pt_text (chain->id));
  if (found != NULL)
    facts = *found;
  pt_door_end_read (&directory->door);
  return facts;
}

static inline void
pt_chain_assert_state (const PtTestChain *chain, PtComplaintState state)
{
  g_assert_cmpstr (pt_complaint_state_name (pt_chain_facts (chain).state), ==,
                   pt_complaint_state_name (state));
}
