/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-reconcile.h"

#include <string.h>

#include "pt-encoding.h"

#define KEY_TEXT_SIZE (PT_BASE64URL_SIZE (PT_PUBLIC_KEY_SIZE) + 2)

static const char *const names[] = { "same",   "not-there", "gone", "other-keys", "behind",
                                     "forked", "anchored",  "lost", "too-early" };

const char *
pt_reconcile_name (PtReconcile found)
{
  g_return_val_if_fail ((guint) found < G_N_ELEMENTS (names), "same");
  return names[found];
}

static gboolean
same_root (const PtLogFacts *log, const PtContractFacts *contract)
{
  /* Before the first batch there is nothing to differ. */
  return log->compared == 0 || memcmp (&log->root, &contract->root, sizeof log->root) == 0;
}

PtReconcile
pt_reconcile (const PtLogFacts *log, const PtContractFacts *contract)
{
  g_return_val_if_fail (log != NULL && contract != NULL, PT_RECONCILE_TOO_EARLY);

  /* What comes first can be undone least. */
  if (contract->registered && !contract->same_keys)
    return PT_RECONCILE_OTHER_KEYS;
  if (!same_root (log, contract))
    return PT_RECONCILE_FORKED;
  if (contract->latest.batch > log->area->head.batch)
    return PT_RECONCILE_BEHIND;
  if (contract->latest.batch > log->final)
    return PT_RECONCILE_ANCHORED;
  /* An endpoint that lags does not take anything away. */
  if (contract->latest.batch < log->final && contract->block < log->final_block)
    return PT_RECONCILE_TOO_EARLY;
  if (!contract->registered)
    return log->final > 0 ? PT_RECONCILE_GONE : PT_RECONCILE_NOT_THERE;
  return contract->latest.batch < log->final ? PT_RECONCILE_LOST : PT_RECONCILE_SAME;
}

PtHoldSort
pt_reconcile_hold (PtReconcile found)
{
  switch (found)
    {
    case PT_RECONCILE_BEHIND:
    case PT_RECONCILE_FORKED:
      return PT_HOLD_ALL;
    case PT_RECONCILE_GONE:
    case PT_RECONCILE_OTHER_KEYS:
      return PT_HOLD_AREA;
    case PT_RECONCILE_SAME:
    case PT_RECONCILE_NOT_THERE:
    case PT_RECONCILE_ANCHORED:
    case PT_RECONCILE_LOST:
    case PT_RECONCILE_TOO_EARLY:
      break;
    }
  return PT_HOLD_NOTHING;
}

/* A root as people compare them: its beginning. */
static void
root_text (const PtHash *root, char text[17])
{
  for (guint i = 0; i < 8; i++)
    g_snprintf (text + 2 * i, 3, "%02x", root->bytes[i]);
}

static char *
forked_sentence (const PtLogFacts *log, const PtContractFacts *contract)
{
  char ours[17], theirs[17];

  root_text (&log->root, ours);
  root_text (&contract->root, theirs);
  return g_strdup_printf (
      "Batch %" G_GUINT64_FORMAT " of %s has the root %s... on the chain and %s... here: an older "
      "copy was put back and went another way. Nothing is taken in, sealed or anchored meanwhile. "
      "Put the newest copy back.",
      log->compared, log->area->id, theirs, ours);
}

static char *
keys_sentence (const PtLogFacts *log, const PtContractFacts *contract)
{
  gboolean service
      = memcmp (log->area->service_key, contract->service_key, PT_PUBLIC_KEY_SIZE) != 0;
  const guint8 *ours = service ? log->area->service_key : log->area->authority_key;
  const guint8 *theirs = service ? contract->service_key : contract->authority_key;
  char ours_text[KEY_TEXT_SIZE] = "", theirs_text[KEY_TEXT_SIZE] = "";

  pt_base64url_encode (ours, PT_PUBLIC_KEY_SIZE, ours_text, KEY_TEXT_SIZE - 1);
  pt_base64url_encode (theirs, PT_PUBLIC_KEY_SIZE, theirs_text, KEY_TEXT_SIZE - 1);
  return g_strdup_printf ("The %s key of area %s is %s on the chain and %s here. Nothing of it is "
                          "sealed or anchored: it could never hold. Put the chain's key here, or "
                          "register another area.",
                          service ? "service" : "authority", log->area->id, theirs_text, ours_text);
}

char *
pt_reconcile_sentence (PtReconcile found, const PtLogFacts *log, const PtContractFacts *contract)
{
  g_return_val_if_fail (log != NULL && contract != NULL, NULL);

  switch (found)
    {
    case PT_RECONCILE_BEHIND:
      return g_strdup_printf (
          "The chain has batch %" G_GUINT64_FORMAT " of %s, and what is stored here ends with "
          "batch %" G_GUINT64_FORMAT ": it is an older copy. Nothing is taken in, sealed or "
          "anchored meanwhile. Put the newest copy back, or name gateways that have the missing "
          "batches.",
          contract->latest.batch, log->area->id, log->area->head.batch);
    case PT_RECONCILE_FORKED:
      return forked_sentence (log, contract);
    case PT_RECONCILE_OTHER_KEYS:
      return keys_sentence (log, contract);
    case PT_RECONCILE_GONE:
      return g_strdup_printf (
          "The contract does not know area %s, of which batch %" G_GUINT64_FORMAT
          " was anchored. Check [chain] contract; if the chain lost it, register it again.",
          log->area->id, log->final);
    case PT_RECONCILE_SAME:
    case PT_RECONCILE_NOT_THERE:
    case PT_RECONCILE_ANCHORED:
    case PT_RECONCILE_LOST:
    case PT_RECONCILE_TOO_EARLY:
      break;
    }
  return NULL;
}
