/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <glib/gi18n.h>
#include <string.h>

#include "pt-check-private.h"
#include "pt-number.h"
#include "pt-p256.h"
#include "pt-registry.h"

/* A batch file by itself: who is registered in it, and whether they signed what it holds. */
typedef struct
{
  const PtTrust *trust;
  PtVerifier *verifier;
  PtRegistry *registry; /* with the area, once the first entry came */
  PtBatchHeader header; /* of the ends, read before */
  gboolean complete;    /* the file holds the area's log from its first entry on */
  PtBatchWindow window;
  PtRule rule; /* the first that an entry breaks, but for those of its signature */
  guint64 rule_line;
  guint64 entries, reports, registrations, actions;
  guint64 unknown; /* whose key is not in the file, nor known from the chain */
  guint64 wrong;   /* whose signature does not hold */
  guint64 wrong_line;
  PtResult form; /* the first thing wrong with an entry */
} Batch;

gboolean
pt_check_looks_like_batch (GBytes *file)
{
  gsize size;
  const char *text = g_bytes_get_data (file, &size);
  PtBatchHeader header = { 0 };
  PtSpan line;

  return pt_batch_first_line (pt_span (text, MIN (size, PT_BATCH_FIRST_LINE_MAX + 1)), &line)
         && pt_batch_parse_first_line (line, &header) == PT_OK;
}

/* Signatures */

static void
batch_wrong (Batch *batch, guint64 line)
{
  if (batch->wrong++ == 0)
    batch->wrong_line = line;
}

static gboolean
has_keys (const Batch *batch)
{
  return batch->trust != NULL && batch->trust->has_keys;
}

/* Whether the file tells that the entry does not fit those before it, whoever signed it. */
static gboolean
batch_tells (const Batch *batch, PtRule rule)
{
  return pt_rule_is_of_log (rule) && (batch->complete || !pt_rule_needs_whole_log (rule));
}

/* Whether @entry was signed by whom it must be, as far as that is known here: what was registered
 * in an earlier batch isn't. FALSE: it was not. */
static gboolean
batch_check_signature (Batch *batch, guint64 line, const PtEntry *entry, PtRule rule,
                       const guint8 *key)
{
  PtSignerKind signer = pt_entry_signer (entry);
  gboolean by_area = signer == PT_SIGNER_AUTHORITY || signer == PT_SIGNER_SERVICE;
  gboolean elsewhere = pt_rule_needs_whole_log (rule) && !batch->complete;

  if (key != NULL && !(by_area && !has_keys (batch)))
    {
      if (pt_entry_verify (entry, batch->verifier, key) == PT_OK)
        return TRUE;
    }
  else if (key != NULL || elsewhere || pt_rule_is_of_log (rule))
    {
      batch->unknown++;
      return TRUE;
    }
  batch_wrong (batch, line);
  return FALSE;
}

/* Rules: docs/PROTOCOL.md sections 2 and 4 */

static void
batch_note (Batch *batch, guint64 line, PtRule rule)
{
  if (rule == PT_RULE_HOLDS || batch->rule != PT_RULE_HOLDS)
    return;
  batch->rule = rule;
  batch->rule_line = line;
}

static void
batch_judge (Batch *batch, guint64 line, const PtEntry *entry)
{
  PtRule place = pt_rule_place (&batch->window, entry), rule;
  const guint8 *key = NULL;
  PtRosterFacts facts;
  PtHash leaf;

  batch_note (batch, line, place);
  if (place == PT_RULE_OTHER_AREA)
    {
      batch->unknown++;
      return;
    }
  rule = pt_registry_judge (batch->registry, entry, &key);
  if (batch_tells (batch, rule))
    batch_note (batch, line, rule);
  if (!batch_check_signature (batch, line, entry, rule, key))
    return; /* what is not signed registers nobody */
  if (batch_tells (batch, rule))
    return; /* nor does what breaks a rule change anything */
  if (pt_entry_registers (entry)
      && !batch->verifier->check_key (batch->verifier->context, entry->key))
    batch_note (batch, line, PT_RULE_BAD_KEY);
  if (entry->kind == PT_ENTRY_ROSTER && batch->wrong == 0)
    batch_note (batch, line,
                pt_registry_judge_roster (pt_registry_area_at (batch->registry, 0),
                                          batch->header.batch, entry, &facts));
  pt_tree_leaf_hash (entry->bytes, &leaf);
  batch_note (batch, line, pt_registry_take (batch->registry, entry, &leaf, batch->header.batch));
}

static PtResult
visit_entry (gpointer data, guint64 index, guint64 line, PtSpan bytes)
{
  Batch *batch = data;
  PtEntry entry;

  batch->form = pt_entry_parse (bytes, PT_ENTRY_STORED, &entry);
  if (batch->form != PT_OK)
    return PT_STOPPED;
  batch->entries++;
  batch->reports += entry.kind == PT_ENTRY_REPORT;
  batch->registrations += pt_entry_registers (&entry);
  batch->actions += entry.kind == PT_ENTRY_ACTION;
  batch_judge (batch, line, &entry);
  return PT_OK;
}

/* Steps */

static const char *
rule_words (PtRule rule)
{
  switch (rule)
    {
    case PT_RULE_SEQ_USED:
      return _ ("Its device used this counter before.");
    case PT_RULE_SEQ_OLD:
      return _ ("Its counter is more than 4,096 behind its device's highest.");
    case PT_RULE_SEQ_BEFORE_KEY:
      return _ ("Its counter is not above what its device had when its key was registered.");
    case PT_RULE_SEQ_LOST:
      return _ ("Its device had said that this counter is lost.");
    case PT_RULE_LOST_NOT_BELOW:
    case PT_RULE_LOST_USED:
      return _ ("Counters that it says are lost are not.");
    case PT_RULE_COMPLAINT_N:
    case PT_RULE_COMPLAINT_PREV:
      return _ ("It does not follow the entry before it of its complaint.");
    case PT_RULE_COMPLAINT_PLACE:
    case PT_RULE_COMPLAINT_WHO:
    case PT_RULE_COMPLAINT_STATE:
    case PT_RULE_COMPLAINT_CATEGORY:
    case PT_RULE_COMPLAINT_TO:
    case PT_RULE_COMPLAINT_OF:
    case PT_RULE_COMPLAINT_LATE:
      return _ ("It is not what may follow in its complaint.");
    case PT_RULE_NOTICE_N:
    case PT_RULE_NOTICE_PREV:
      return _ ("It does not follow the entry before it of its notice.");
    case PT_RULE_NOTICE_WHO:
    case PT_RULE_NOTICE_CHANGED:
    case PT_RULE_NOTICE_EARLIER:
    case PT_RULE_NOTICE_ENDED:
      return _ ("It is not what may follow in its notice.");
    case PT_RULE_BAD_PROFILE:
      return _ ("The profile that it holds is none.");
    case PT_RULE_NOT_NEWER:
      return _ ("It is not newer than the registration of the same name before it.");
    case PT_RULE_BAD_KEY:
      return _ ("The key that it registers is none.");
    case PT_RULE_OTHER_AREA:
      return _ ("It is of another area.");
    case PT_RULE_ORDER:
    case PT_RULE_WINDOW:
      return pt_check_words (PT_BAD_WINDOW);
    case PT_RULE_AHEAD:
      return pt_check_words (PT_BAD_TIME);
    case PT_RULE_ROSTER_EXPECTED:
    case PT_RULE_ROSTER_HEARD:
    case PT_RULE_ROSTER_SILENT:
      return _ ("The roster does not count the devices as they are.");
    case PT_RULE_AFTER_ROSTER:
    case PT_RULE_ROSTER_TIME:
    case PT_RULE_ROSTER_BATCH:
    case PT_RULE_ROSTER_BLOCK:
    case PT_RULE_ROSTER_MISSING:
      return pt_check_words (PT_BAD_ROSTER);
    case PT_RULE_HOLDS:
    case PT_RULE_UNKNOWN_AREA:
    case PT_RULE_UNKNOWN_DEVICE:
    case PT_RULE_UNKNOWN_OFFICIAL:
    case PT_RULE_REVOKED_DEVICE:
    case PT_RULE_REVOKED_OFFICIAL:
    case PT_RULE_WRONG_SITE:
    case PT_RULE_BAD_SIGNATURE:
    case PT_RULE_COUNT:
      break;
    }
  return pt_check_words (PT_MALFORMED);
}

/* The file's bytes are right, and what one of its entries says isn't. */
static void
add_rule (PtCheck *check, const Batch *batch)
{
  const char *words = rule_words (batch->rule);

  pt_check_add (check, PT_QUESTION_FORM, PT_VERDICT_FAILS,
                _ ("The file is a batch file, but not all of it counts."),
                batch->rule_line == 0
                    ? g_strdup (words)
                    : g_strdup_printf (_ ("This does not hold in line %" PRIu64 ": %s"),
                                       batch->rule_line, words),
                NULL);
}

static void
add_form (PtCheck *check, const Batch *batch, const PtCheckWalk *walk)
{
  const char *fails = _ ("The file is no batch file in its one exact form.");
  PtResult result = batch->form != PT_OK ? batch->form : walk->result;

  if (walk->ends == PT_BAD_PROOF)
    pt_check_add_unchecked (
        check, PT_QUESTION_FORM,
        g_strdup (_ ("What its last line says of the record before it is wrong.")), NULL);
  else if (walk->ends != PT_OK)
    pt_check_add (check, PT_QUESTION_FORM, PT_VERDICT_FAILS, fails,
                  g_strdup (_ ("Its first or its last line is not that of a batch file; it may be "
                               "cut off.")),
                  NULL);
  else if (result != PT_OK && result != PT_BAD_PROOF)
    pt_check_add (check, PT_QUESTION_FORM, PT_VERDICT_FAILS, fails,
                  g_strdup_printf (_ ("This does not hold in line %" PRIu64 ": %s"), walk->line,
                                   pt_check_words (result)),
                  NULL);
  else if (batch->rule != PT_RULE_HOLDS)
    add_rule (check, batch);
  else
    pt_check_add (check, PT_QUESTION_FORM, PT_VERDICT_HOLDS,
                  _ ("The file is a batch file in its one exact form."), NULL, NULL);
}

static gboolean
was_read (const Batch *batch, const PtCheckWalk *walk)
{
  return walk->ends == PT_OK && batch->form == PT_OK
         && (walk->result == PT_OK || walk->result == PT_BAD_PROOF);
}

static char *
why_unknown (const Batch *batch)
{
  g_autofree char *number = pt_number_text (batch->unknown);
  g_autofree char *count = g_strdup_printf (
      ngettext ("For %s entry there was no key to check with.",
                "For %s entries there was no key to check with.", (gulong) batch->unknown),
      number);
  g_autofree char *keys = has_keys (batch)
                              ? g_strdup (_ ("Their signers are registered in an earlier batch."))
                              : pt_check_no_keys (batch->trust);

  return g_strconcat (count, " ", keys, NULL);
}

static void
add_signatures (PtCheck *check, const Batch *batch, const PtCheckWalk *walk)
{
  g_autoptr (GString) technical = g_string_new (NULL);
  const char *sentence = _ ("Not checked: all signatures in it.");
  PtVerdict verdict = PT_VERDICT_NOT_CHECKED;
  char *reason = NULL;

  pt_check_note_number (technical, "entries read", batch->entries);
  pt_check_note_number (technical, "reports", batch->reports);
  pt_check_note_number (technical, "registrations", batch->registrations);
  pt_check_note_number (technical, "actions", batch->actions);
  pt_check_note_number (technical, "signatures without a known key", batch->unknown);
  pt_check_note_number (technical, "signatures that do not hold", batch->wrong);
  if (batch->wrong > 0)
    {
      verdict = PT_VERDICT_FAILS;
      sentence = _ ("Not every entry was signed by whom it names.");
      reason = g_strdup_printf (_ ("This does not hold: the entry in line %" PRIu64
                                   " was changed after it was signed, or nobody may have signed "
                                   "it."),
                                batch->wrong_line);
    }
  else if (!was_read (batch, walk))
    reason = g_strdup (_ ("The file could not be read to its end."));
  else if (batch->unknown > 0)
    reason = why_unknown (batch);
  else
    {
      verdict = PT_VERDICT_HOLDS;
      sentence = _ ("Each entry was signed by whom it names.");
    }
  pt_check_add (check, PT_QUESTION_SIGNATURE, verdict, sentence, reason,
                g_string_free (g_steal_pointer (&technical), FALSE));
}

static void
add_frontier (PtCheck *check, const Batch *batch, const PtCheckWalk *walk)
{
  const PtBatchHeader *header = &walk->header;
  gboolean broken
      = walk->ends == PT_BAD_PROOF || (walk->ends == PT_OK && walk->result == PT_BAD_PROOF);
  g_autoptr (GString) technical = g_string_new (NULL);

  if (walk->has_header)
    {
      pt_check_note_number (technical, "entries before", header->previous.size);
      pt_check_note_hex (technical, "root before", header->previous_root.bytes, PT_HASH_SIZE);
      pt_check_note_number (technical, "entries after", header->size);
      pt_check_note_hex (technical, "root after", header->root.bytes, PT_HASH_SIZE);
    }
  if (broken)
    pt_check_add (check, PT_QUESTION_FRONTIER, PT_VERDICT_FAILS,
                  _ ("This batch does not extend the record before it."),
                  g_strdup (_ ("This does not hold: the entries before and in the file do not give "
                               "the root that it states.")),
                  g_string_free (g_steal_pointer (&technical), FALSE));
  else if (!was_read (batch, walk))
    pt_check_add_unchecked (check, PT_QUESTION_FRONTIER,
                            g_strdup (_ ("The file could not be read to its end.")), NULL);
  else
    pt_check_add_previous (check, batch->trust, header,
                           g_string_free (g_steal_pointer (&technical), FALSE));
}

static void
fill_fields (PtCheck *check, const PtCheckWalk *walk)
{
  char cid[PT_CID_TEXT_SIZE + 1];

  pt_cid_to_text (&walk->cid, cid);
  check->cid = g_strdup (cid);
  if (!walk->has_header)
    return;
  check->parsed = TRUE;
  check->area = g_strdup (walk->header.area);
  check->batch = walk->header.batch;
  check->size = walk->header.size;
  check->root = pt_check_hex (walk->header.root.bytes, PT_HASH_SIZE);
}

static void
batch_begin (Batch *batch, GBytes *file, const PtTrust *trust)
{
  static const guint8 nobody[PT_PUBLIC_KEY_SIZE];
  PtCheckWalk ends;
  PtArea *area;

  memset (batch, 0, sizeof *batch);
  batch->trust = trust;
  batch->verifier = pt_p256_verifier_new (PT_P256_FAST);
  batch->registry = pt_registry_new ();
  g_assert (batch->verifier != NULL); /* like any allocation of GLib's */
  pt_check_read_ends (file, &ends);
  if (!ends.has_header)
    return;
  batch->header = ends.header;
  batch->complete = ends.header.batch == 1 && ends.header.previous.size == 0;
  pt_batch_window_init (&batch->window, pt_span (ends.header.area, strlen (ends.header.area)),
                        ends.header.batch, ends.header.from, ends.header.to);
  area = pt_registry_add_area (batch->registry, ends.header.area,
                               has_keys (batch) ? trust->authority_key : nobody,
                               has_keys (batch) ? trust->service_key : nobody);
  if (!batch->complete)
    pt_area_begin_late (area);
}

PtCheck *
pt_check_batch (GBytes *file, const PtTrust *trust)
{
  PtCheck *check = pt_check_new (FALSE);
  PtCheckWalk walk;
  Batch batch;

  batch_begin (&batch, file, trust);
  pt_check_walk (file, visit_entry, &batch, &walk);
  batch_note (&batch, 0, pt_rule_end (&batch.window));
  fill_fields (check, &walk);
  add_form (check, &batch, &walk);
  add_signatures (check, &batch, &walk);
  add_frontier (check, &batch, &walk);
  if (walk.has_header)
    pt_check_add_chain (check, trust,
                        &(PtCheckClaim){ walk.header.root, walk.header.size, walk.cid });
  else
    pt_check_add_unchecked (check, PT_QUESTION_CHAIN,
                            g_strdup (_ ("What root the file states could not be read.")), NULL);
  pt_p256_verifier_free (batch.verifier);
  pt_registry_free (batch.registry);
  return check;
}
