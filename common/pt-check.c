/* SPDX-License-Identifier: Apache-2.0 */
#include <glib/gi18n.h>
#include <string.h>

#include "pt-check-private.h"
#include "pt-encoding.h"

static const char *const names[] = { "form",      "signature", "registration", "authority",
                                     "inclusion", "file",      "frontier",     "chain" };

static void
step_free (gpointer data)
{
  PtCheckStep *step = data;

  g_free (step->sentence);
  g_free (step->reason);
  g_free (step->technical);
  g_free (step);
}

PtCheck *
pt_check_new (gboolean is_bundle)
{
  PtCheck *check = g_new0 (PtCheck, 1);

  check->is_bundle = is_bundle;
  check->steps = g_ptr_array_new_with_free_func (step_free);
  return check;
}

void
pt_check_free (PtCheck *check)
{
  if (check == NULL)
    return;
  g_free (check->area);
  g_free (check->device);
  g_free (check->site);
  g_free (check->cid);
  g_free (check->root);
  g_free (check->contract);
  g_free (check->transaction);
  g_ptr_array_unref (check->steps);
  g_free (check);
}

void
pt_check_add (PtCheck *check, PtQuestion question, PtVerdict verdict, const char *sentence,
              char *reason, char *technical)
{
  PtCheckStep *step;

  g_return_if_fail (check != NULL);

  step = g_new0 (PtCheckStep, 1);
  step->name = names[question];
  step->verdict = verdict;
  step->sentence = g_strdup (sentence);
  step->reason = reason != NULL ? reason : g_strdup ("");
  step->technical = technical != NULL ? technical : g_strdup ("");
  g_ptr_array_add (check->steps, step);
}

static const char *
unchecked_sentence (const PtCheck *check, PtQuestion question)
{
  switch (question)
    {
    case PT_QUESTION_FORM:
      break;
    case PT_QUESTION_SIGNATURE:
      return check->is_bundle ? _ ("Not checked: that the device signed this report.")
                              : _ ("Not checked: all signatures in it.");
    case PT_QUESTION_REGISTRATION:
      return _ ("Not checked: that the device is registered for this place.");
    case PT_QUESTION_AUTHORITY:
      return _ ("Not checked: that the area's authority signed the registration.");
    case PT_QUESTION_INCLUSION:
      return _ ("Not checked: that it is part of the public record.");
    case PT_QUESTION_FILE:
      return _ ("Not checked: the published file.");
    case PT_QUESTION_FRONTIER:
      return _ ("Not checked: that nothing earlier was changed.");
    case PT_QUESTION_CHAIN:
      return _ ("Not checked: that the record is the one on the blockchain.");
    }
  return _ ("Not checked: that each entry is well formed.");
}

void
pt_check_add_unchecked (PtCheck *check, PtQuestion question, char *reason, char *technical)
{
  g_return_if_fail (check != NULL);

  pt_check_add (check, question, PT_VERDICT_NOT_CHECKED, unchecked_sentence (check, question),
                reason, technical);
}

PtVerdict
pt_check_verdict (const PtCheck *check)
{
  PtVerdict verdict;

  g_return_val_if_fail (check != NULL, PT_VERDICT_NOT_CHECKED);

  verdict = check->steps->len > 0 ? PT_VERDICT_HOLDS : PT_VERDICT_NOT_CHECKED;
  for (guint i = 0; i < check->steps->len; i++)
    {
      const PtCheckStep *step = g_ptr_array_index (check->steps, i);

      if (step->verdict == PT_VERDICT_FAILS)
        return PT_VERDICT_FAILS;
      if (step->verdict == PT_VERDICT_NOT_CHECKED)
        verdict = PT_VERDICT_NOT_CHECKED;
    }
  return verdict;
}

/* Raw values */

char *
pt_check_hex (const void *data, gsize size)
{
  char *text = g_malloc0 (2 * size + 1);

  pt_hex_encode (data, size, text, 2 * size);
  return text;
}

void
pt_check_note (GString *technical, const char *name, const char *value)
{
  g_string_append_printf (technical, "%s%s: %s", technical->len > 0 ? "\n" : "", name, value);
}

void
pt_check_note_hex (GString *technical, const char *name, const void *data, gsize size)
{
  g_autofree char *text = pt_check_hex (data, size);

  pt_check_note (technical, name, text);
}

void
pt_check_note_key (GString *technical, const char *name, const guint8 key[PT_PUBLIC_KEY_SIZE])
{
  char text[PT_BASE64URL_SIZE (PT_PUBLIC_KEY_SIZE) + 1] = { 0 };

  pt_base64url_encode (key, PT_PUBLIC_KEY_SIZE, text, sizeof text);
  pt_check_note (technical, name, text);
}

void
pt_check_note_number (GString *technical, const char *name, guint64 value)
{
  char text[24];

  g_snprintf (text, sizeof text, "%" G_GUINT64_FORMAT, value);
  pt_check_note (technical, name, text);
}

const char *
pt_check_words (PtResult result)
{
  switch (result)
    {
    case PT_NOT_CANONICAL:
      return _ ("It is JSON, but not in its one canonical form.");
    case PT_TOO_LARGE:
      return _ ("It is longer than allowed.");
    case PT_TOO_PRECISE:
      return _ ("A house's position in it is finer than a cell.");
    case PT_BAD_TIME:
      return _ ("It was received before it can have been signed.");
    case PT_BAD_WINDOW:
      return _ ("Times in it lie outside its window or run backwards.");
    case PT_BAD_ROSTER:
      return _ ("Its roster is missing, doubled or misplaced.");
    case PT_BAD_CID:
      return _ ("Its CID is not of the one form.");
    case PT_OK:
    case PT_MALFORMED:
    case PT_BAD_KEY:
    case PT_BAD_SIGNATURE:
    case PT_BAD_PROOF:
    case PT_NO_SPACE:
    case PT_STOPPED:
    case PT_NOT_CHECKED:
    case PT_RESULT_COUNT:
      break;
    }
  return _ ("It is not what the format says.");
}

/* The chain */

char *
pt_check_no_keys (const PtTrust *trust)
{
  if (trust == NULL)
    return g_strdup (_ ("No endpoint of the blockchain was asked."));
  if (trust->failure != NULL)
    return g_strdup (trust->failure);
  if (trust->keys_failure != NULL)
    return g_strdup (trust->keys_failure);
  return g_strdup (_ ("The area's keys were not read from the blockchain."));
}

/* Why it is not the chain's though its root is, or NULL; a root binds neither size nor CID. */
static const char *
why_not_anchored (const PtTrust *trust, const PtCheckClaim *claim)
{
  const PtCheckpoint *there = &trust->anchored.checkpoint;

  if (memcmp (&there->root, &claim->root, sizeof there->root) != 0)
    return _ ("This does not hold: the blockchain has another root for this batch.");
  if (there->size != claim->size)
    return _ ("This does not hold: by the blockchain the record had another size.");
  return pt_cid_equal (&there->cid, &claim->cid)
             ? NULL
             : _ (
                 "This does not hold: by the blockchain the batch file has another address (CID).");
}

static void
note_chain (GString *technical, const PtTrust *trust)
{
  g_autofree char *contract = pt_check_hex (trust->contract, sizeof trust->contract);

  pt_check_note_hex (technical, "root (chain)", trust->root.bytes, PT_HASH_SIZE);
  pt_check_note (technical, "endpoint", trust->source);
  pt_check_note_number (technical, "chain", trust->chain_id);
  pt_check_note (technical, "contract", contract);
  pt_check_note_number (technical, "newest block", trust->block);
  if (!trust->has_anchored)
    return;
  pt_check_note_number (technical, "block", trust->anchored.block);
  pt_check_note_hex (technical, "transaction", trust->anchored.transaction.bytes, PT_HASH_SIZE);
}

void
pt_check_add_chain (PtCheck *check, const PtTrust *trust, const PtCheckClaim *claim)
{
  static const PtHash nothing = { { 0 } };
  g_autoptr (GString) technical = g_string_new (NULL);
  PtVerdict verdict = PT_VERDICT_FAILS;
  const char *sentence = _ ("The record's root is not the one on the blockchain."), *why = NULL;
  char *reason = NULL;

  g_return_if_fail (check != NULL && claim != NULL);

  pt_check_note_hex (technical, "root (stated)", claim->root.bytes, PT_HASH_SIZE);
  if (trust != NULL && trust->has_root)
    note_chain (technical, trust);
  if (trust != NULL && trust->has_anchored)
    why = why_not_anchored (trust, claim);
  if (trust == NULL || !trust->has_root)
    {
      pt_check_add_unchecked (check, PT_QUESTION_CHAIN, pt_check_no_keys (trust),
                              g_string_free (g_steal_pointer (&technical), FALSE));
      return;
    }
  if (memcmp (&trust->root, &nothing, sizeof nothing) == 0)
    reason = g_strdup (_ ("The contract on the blockchain has no such batch."));
  else if (memcmp (&trust->root, &claim->root, sizeof claim->root) != 0)
    reason = g_strdup (_ ("This does not hold: the blockchain has another root for this batch."));
  else if (why != NULL)
    {
      sentence = _ ("The record is not the one on the blockchain.");
      reason = g_strdup (why);
    }
  else if (!trust->has_anchored)
    {
      verdict = PT_VERDICT_NOT_CHECKED;
      sentence = _ ("The root is the one on the blockchain; size and address were not compared.");
      reason = g_strdup (trust->anchored_failure);
    }
  else
    {
      verdict = PT_VERDICT_HOLDS;
      sentence = _ ("The record's root is the one on the blockchain.");
    }
  pt_check_add (check, PT_QUESTION_CHAIN, verdict, sentence, reason,
                g_string_free (g_steal_pointer (&technical), FALSE));
}

void
pt_check_add_previous (PtCheck *check, const PtTrust *trust, const PtBatchHeader *header,
                       char *technical)
{
  const char *fails = _ ("This batch does not extend the record before it.");
  gboolean first = header->batch == 1;

  g_return_if_fail (check != NULL && header != NULL);

  if (first != (header->previous.size == 0))
    pt_check_add (check, PT_QUESTION_FRONTIER, PT_VERDICT_FAILS, fails,
                  g_strdup (_ ("This does not hold: nothing comes before the first batch, and "
                               "something before each other.")),
                  technical);
  else if (!first && (trust == NULL || !trust->has_previous))
    pt_check_add_unchecked (check, PT_QUESTION_FRONTIER, pt_check_no_keys (trust), technical);
  else if (!first && memcmp (&trust->previous_root, &header->previous_root, sizeof (PtHash)) != 0)
    pt_check_add (check, PT_QUESTION_FRONTIER, PT_VERDICT_FAILS, fails,
                  g_strdup (_ ("This does not hold: the blockchain has another root for the batch "
                               "before.")),
                  technical);
  else
    pt_check_add (check, PT_QUESTION_FRONTIER, PT_VERDICT_HOLDS,
                  _ ("This batch extends the record before it: nothing earlier was changed."), NULL,
                  technical);
}
