/* SPDX-License-Identifier: Apache-2.0 */
#include <glib/gi18n.h>
#include <string.h>

#include "pt-bundle.h"
#include "pt-check-private.h"
#include "pt-encoding.h"
#include "pt-number.h"
#include "pt-p256.h"
#include "pt-rules.h"

typedef struct
{
  PtCheck *check;
  const PtTrust *trust;
  GBytes *file; /* or NULL */
  PtVerifier *verifier;
  PtBundle bundle;
  PtBundleFindings found;
  PtEntry entry, signer;
  gboolean has_signer; /* its entry is one, of whatever content */
  char unescaped[2 * PT_ENTRY_MAX];
} Bundle;

static char *
take (GString *technical)
{
  return g_string_free (technical, FALSE);
}

static void
note_entry (GString *technical, const PtEntry *entry, const guint8 *key)
{
  char signature[PT_BASE64URL_SIZE (PT_SIGNATURE_SIZE) + 1] = { 0 };
  PtHash digest;

  pt_entry_digest (entry, &digest);
  pt_base64url_encode (entry->signature, PT_SIGNATURE_SIZE, signature, sizeof signature);
  if (key != NULL)
    pt_check_note_key (technical, "public key", key);
  pt_check_note (technical, "signature", signature);
  pt_check_note_hex (technical, "SHA-256 of the signed bytes", digest.bytes, PT_HASH_SIZE);
}

/* Signature */

static const char *
sentence_signed (const PtEntry *entry)
{
  switch (pt_entry_signer (entry))
    {
    case PT_SIGNER_DEVICE:
      return entry->kind == PT_ENTRY_REPORT ? _ ("The device signed this report itself.")
                                            : _ ("The device signed this entry itself.");
    case PT_SIGNER_SERVICE:
      return _ ("The area's service signed this entry itself.");
    case PT_SIGNER_CITIZEN:
      return _ ("The citizen signed this entry with a key of their own, which it names.");
    case PT_SIGNER_OFFICIAL:
    case PT_SIGNER_AUTHORITY:
      break;
    }
  return _ ("The official signed this entry themselves.");
}

static const char *
sentence_not_signed (const PtEntry *entry)
{
  if (entry->kind == PT_ENTRY_REPORT)
    return _ ("The device did not sign this report as it stands here.");
  return _ ("The entry was not signed as it stands here.");
}

/* The registration is of this very device or official, whatever else it says. */
static gboolean
signer_is_named (const Bundle *bundle)
{
  const PtEntry *signer = &bundle->signer, *entry = &bundle->entry;

  if (!bundle->has_signer)
    return FALSE;
  if (pt_entry_signer (entry) == PT_SIGNER_DEVICE)
    return signer->kind == PT_ENTRY_DEVICE && pt_span_equal (signer->device, entry->device);
  return signer->kind == PT_ENTRY_OFFICIAL && pt_span_equal (signer->official, entry->by);
}

static void
check_signature (Bundle *bundle)
{
  const PtEntry *entry = &bundle->entry;
  gboolean service = pt_entry_signer (entry) == PT_SIGNER_SERVICE;
  const PtTrust *trust = bundle->trust;
  const guint8 *key = NULL;
  g_autoptr (GString) technical = g_string_new (NULL);
  gboolean holds;

  if (pt_entry_signer (entry) == PT_SIGNER_CITIZEN)
    key = entry->key;
  else if (!service && signer_is_named (bundle))
    key = bundle->signer.key;
  else if (service && trust != NULL && trust->has_keys)
    key = trust->service_key;
  note_entry (technical, entry, key);
  if (key == NULL)
    {
      pt_check_add (bundle->check, PT_QUESTION_SIGNATURE, PT_VERDICT_NOT_CHECKED,
                    entry->kind == PT_ENTRY_REPORT
                        ? _ ("Not checked: that the device signed this report.")
                        : _ ("Not checked: who signed this entry."),
                    service ? pt_check_no_keys (trust)
                            : g_strdup (_ ("Without the signer's registration its key is not "
                                           "known.")),
                    take (g_steal_pointer (&technical)));
      return;
    }
  holds = pt_entry_verify (entry, bundle->verifier, key) == PT_OK;
  pt_check_add (bundle->check, PT_QUESTION_SIGNATURE, holds ? PT_VERDICT_HOLDS : PT_VERDICT_FAILS,
                holds ? sentence_signed (entry) : sentence_not_signed (entry),
                holds ? NULL
                      : g_strdup (_ ("This proof does not hold: the entry was changed after it was "
                                     "signed, or another key signed it.")),
                take (g_steal_pointer (&technical)));
}

/* Registration */

static const char *
why_not_registered (const Bundle *bundle)
{
  const PtEntry *signer = &bundle->signer, *entry = &bundle->entry;

  if (bundle->bundle.signer.size == 0)
    return _ ("This proof does not hold: it brings no registration of the signer.");
  if (!bundle->has_signer)
    return _ ("This proof does not hold: the registration in it is none of this area's.");
  if (!signer_is_named (bundle))
    return _ ("This proof does not hold: the registration in it is of somebody else.");
  if (signer->status != PT_STATUS_ACTIVE)
    return _ ("This proof does not hold: that registration revokes the signer.");
  if (pt_rule_time (signer) != PT_RULE_HOLDS)
    return _ ("This proof does not hold: the registration was received before it can have been "
              "signed.");
  if (signer->received > entry->received)
    return _ ("This proof does not hold: the registration came after the entry.");
  if (entry->kind == PT_ENTRY_REPORT)
    {
      if (!pt_span_equal (signer->site, entry->site))
        return _ ("This proof does not hold: the device is registered at another site.");
      if (signer->lat != entry->lat || signer->lon != entry->lon)
        return _ ("This proof does not hold: the device is registered at another place.");
    }
  return _ ("This proof does not hold: the registration's key is none.");
}

static void
check_registration (Bundle *bundle)
{
  gboolean holds = bundle->found.signer == PT_OK;
  gboolean device = pt_entry_signer (&bundle->entry) == PT_SIGNER_DEVICE;
  g_autoptr (GString) technical = g_string_new (NULL);
  g_autofree char *text = g_strndup (bundle->bundle.signer.data, bundle->bundle.signer.size);
  const char *sentence;

  if (bundle->has_signer)
    pt_check_note_key (technical, "public key", bundle->signer.key);
  pt_check_note (technical, "registration", text);
  if (holds)
    sentence = device ? _ ("The device's registration names its key, its site and its place.")
                      : _ ("The official's registration names their key.");
  else
    sentence = _ ("The registration does not vouch for this entry.");
  pt_check_add (bundle->check, PT_QUESTION_REGISTRATION,
                holds ? PT_VERDICT_HOLDS : PT_VERDICT_FAILS, sentence,
                holds ? NULL : g_strdup (why_not_registered (bundle)),
                take (g_steal_pointer (&technical)));
}

/* Authority, of the registration or of an entry that is one */

static void
check_authority (Bundle *bundle, const PtEntry *registration)
{
  const PtTrust *trust = bundle->trust;
  gboolean has_key = trust != NULL && trust->has_keys, holds;
  g_autoptr (GString) technical = g_string_new (NULL);

  if (registration == NULL)
    {
      pt_check_add_unchecked (bundle->check, PT_QUESTION_AUTHORITY,
                              g_strdup (_ ("There is no registration to check.")), NULL);
      return;
    }
  note_entry (technical, registration, has_key ? trust->authority_key : NULL);
  if (!has_key)
    {
      pt_check_add_unchecked (bundle->check, PT_QUESTION_AUTHORITY, pt_check_no_keys (trust),
                              take (g_steal_pointer (&technical)));
      return;
    }
  holds = pt_entry_verify (registration, bundle->verifier, trust->authority_key) == PT_OK;
  pt_check_add (bundle->check, PT_QUESTION_AUTHORITY, holds ? PT_VERDICT_HOLDS : PT_VERDICT_FAILS,
                holds ? _ ("The area's authority, as the blockchain names it, signed the "
                           "registration.")
                      : _ ("The area's authority did not sign the registration."),
                holds ? NULL
                      : g_strdup (_ ("This proof does not hold: the registration was made up, or "
                                     "changed after it was signed.")),
                take (g_steal_pointer (&technical)));
}

/* Inclusion */

static void
check_inclusion (Bundle *bundle)
{
  const PtBundle *proof = &bundle->bundle;
  gboolean holds = bundle->found.inclusion == PT_OK;
  g_autofree char *number = pt_number_text (proof->index + 1), *sentence = NULL;
  g_autoptr (GString) technical = g_string_new (NULL);
  PtHash leaf;

  pt_tree_leaf_hash (proof->entry, &leaf);
  pt_check_note_hex (technical, "leaf", leaf.bytes, PT_HASH_SIZE);
  pt_check_note_number (technical, "index", proof->index);
  pt_check_note_number (technical, "size", proof->size);
  for (size_t i = 0; i < proof->path_count; i++)
    pt_check_note_hex (technical, "path", proof->path[i].bytes, PT_HASH_SIZE);
  pt_check_note_hex (technical, "root", proof->root.bytes, PT_HASH_SIZE);
  sentence = g_strdup_printf (holds ? _ ("It is entry %s of the public record.")
                                    : _ ("It is not entry %s of the public record."),
                              number);
  pt_check_add (bundle->check, PT_QUESTION_INCLUSION, holds ? PT_VERDICT_HOLDS : PT_VERDICT_FAILS,
                sentence,
                holds ? NULL
                      : g_strdup (_ ("This proof does not hold: the path in it does not lead from "
                                     "the entry to the record's root.")),
                take (g_steal_pointer (&technical)));
}

/* The batch file */

typedef struct
{
  const PtBundle *proof;
  gboolean seen, same;
} Wanted;

static PtResult
visit_wanted (gpointer data, guint64 index, guint64 line, PtSpan entry)
{
  Wanted *wanted = data;

  if (index != wanted->proof->index)
    return PT_OK;
  wanted->seen = TRUE;
  wanted->same = pt_span_equal (entry, wanted->proof->entry);
  return PT_OK;
}

/* Why the file is not the one meant, or NULL. A wrong root is the frontier's matter. */
static const char *
why_other_file (const PtBundle *proof, const PtCheckWalk *walk, const Wanted *wanted)
{
  const PtBatchHeader *header = &walk->header;

  if (!pt_cid_equal (&walk->cid, &proof->cid))
    return _ ("This does not hold: the batch file's content is not what its address (CID) names.");
  if (walk->ends != PT_OK && walk->ends != PT_BAD_PROOF)
    return _ ("This does not hold: the file is no batch file in its one form.");
  if (walk->result != PT_OK && walk->result != PT_BAD_PROOF)
    return _ ("This does not hold: the file is no batch file in its one form.");
  if (!pt_span_is (proof->area, header->area) || header->batch != proof->batch)
    return _ ("This does not hold: the file is of another batch.");
  if (walk->ends != PT_OK)
    return NULL;
  if (!wanted->seen || !wanted->same)
    return _ ("This does not hold: the batch file has another entry in this place.");
  return NULL;
}

static void
add_file (Bundle *bundle, const PtCheckWalk *walk, const char *why)
{
  g_autoptr (GString) technical = g_string_new (NULL);
  char stated[PT_CID_TEXT_SIZE + 1], reckoned[PT_CID_TEXT_SIZE + 1];

  pt_cid_to_text (&bundle->bundle.cid, stated);
  pt_cid_to_text (&walk->cid, reckoned);
  pt_check_note (technical, "CID (stated)", stated);
  pt_check_note (technical, "CID (reckoned)", reckoned);
  pt_check_note_number (technical, "bytes", g_bytes_get_size (bundle->file));
  pt_check_add (bundle->check, PT_QUESTION_FILE, why == NULL ? PT_VERDICT_HOLDS : PT_VERDICT_FAILS,
                why == NULL ? _ ("The published batch file is the one that the proof names, and "
                                 "holds this entry in its place.")
                            : _ ("The batch file is not the one that the proof names."),
                why == NULL ? NULL : g_strdup (why), take (g_steal_pointer (&technical)));
}

static void
add_frontier (Bundle *bundle, const PtCheckWalk *walk)
{
  const PtBundle *proof = &bundle->bundle;
  const PtBatchHeader *header = &walk->header;
  gboolean follows = walk->ends == PT_OK && walk->result == PT_OK;
  gboolean same = follows && header->size == proof->size
                  && memcmp (&header->root, &proof->root, sizeof (PtHash)) == 0;
  g_autoptr (GString) technical = g_string_new (NULL);
  const char *why = NULL;

  if (follows)
    {
      pt_check_note_number (technical, "entries before", header->previous.size);
      pt_check_note_hex (technical, "root before", header->previous_root.bytes, PT_HASH_SIZE);
      pt_check_note_number (technical, "entries after", header->size);
      pt_check_note_hex (technical, "root after", header->root.bytes, PT_HASH_SIZE);
    }
  if (!follows)
    why = _ ("This does not hold: the entries before and in the file do not give the root that it "
             "states.");
  else if (!same)
    why = _ ("This does not hold: the file's root is another one than the proof's.");
  if (same)
    pt_check_add_previous (bundle->check, bundle->trust, header,
                           take (g_steal_pointer (&technical)));
  else
    pt_check_add (bundle->check, PT_QUESTION_FRONTIER, PT_VERDICT_FAILS,
                  _ ("This batch does not extend the record before it."), g_strdup (why),
                  take (g_steal_pointer (&technical)));
}

static void
check_file (Bundle *bundle)
{
  Wanted wanted = { .proof = &bundle->bundle };
  const char *why;
  PtCheckWalk walk;

  if (bundle->file == NULL)
    {
      pt_check_add_unchecked (bundle->check, PT_QUESTION_FILE,
                              g_strdup (_ ("The batch file is not here.")), NULL);
      pt_check_add_unchecked (bundle->check, PT_QUESTION_FRONTIER,
                              g_strdup (_ ("The batch file is not here.")), NULL);
      return;
    }
  pt_check_walk (bundle->file, visit_wanted, &wanted, &walk);
  why = why_other_file (&bundle->bundle, &walk, &wanted);
  add_file (bundle, &walk, why);
  if (why == NULL)
    add_frontier (bundle, &walk);
  else
    pt_check_add_unchecked (bundle->check, PT_QUESTION_FRONTIER,
                            g_strdup (_ ("The batch file is another one than the proof names.")),
                            NULL);
}

/* The whole */

static void
fill_fields (Bundle *bundle)
{
  const PtBundle *proof = &bundle->bundle;
  PtCheck *check = bundle->check;
  char cid[PT_CID_TEXT_SIZE + 1];
  g_autofree char *contract = pt_check_hex (proof->contract, sizeof proof->contract);
  g_autofree char *transaction = pt_check_hex (proof->transaction, sizeof proof->transaction);

  pt_cid_to_text (&proof->cid, cid);
  check->parsed = TRUE;
  check->area = g_strndup (proof->area.data, proof->area.size);
  check->batch = proof->batch;
  check->index = proof->index;
  check->size = proof->size;
  check->block = proof->block;
  check->chain_id = proof->chain_id;
  check->cid = g_strdup (cid);
  check->root = pt_check_hex (proof->root.bytes, PT_HASH_SIZE);
  check->contract = g_strconcat ("0x", contract, NULL);
  check->transaction = g_strconcat ("0x", transaction, NULL);
}

static void
fill_entry (Bundle *bundle)
{
  const PtEntry *entry = &bundle->entry;
  PtCheck *check = bundle->check;

  check->ts = entry->ts;
  check->received = entry->received;
  if (entry->kind != PT_ENTRY_REPORT)
    return;
  check->device = g_strndup (entry->device.data, entry->device.size);
  check->site = g_strndup (entry->site.data, entry->site.size);
  check->power_on = entry->power == PT_POWER_ON;
  check->seq = entry->seq;
}

static void
add_form (Bundle *bundle, PtResult result, const char *why)
{
  pt_check_add (bundle->check, PT_QUESTION_FORM,
                result == PT_OK ? PT_VERDICT_HOLDS : PT_VERDICT_FAILS,
                result == PT_OK ? _ ("The file is a proof in its one exact form.")
                                : _ ("The file is no proof in its one exact form."),
                result == PT_OK ? NULL : g_strdup (why), NULL);
}

static void
add_nothing (Bundle *bundle, PtQuestion question)
{
  pt_check_add_unchecked (bundle->check, question,
                          g_strdup (_ ("What the proof is about could not be read.")), NULL);
}

/* An entry that is none: what does not depend on it is checked all the same. */
static void
check_without_entry (Bundle *bundle)
{
  const PtEntry *entry = &bundle->entry;

  if (bundle->found.entry == PT_MALFORMED && entry->area.size > 0
      && !pt_span_equal (entry->area, bundle->bundle.area))
    add_form (bundle, bundle->found.entry, _ ("The entry in it is of another area."));
  else
    {
      g_autofree char *why = g_strconcat (_ ("About the entry in it:"), " ",
                                          pt_check_words (bundle->found.entry), NULL);

      add_form (bundle, bundle->found.entry, why);
    }
  add_nothing (bundle, PT_QUESTION_SIGNATURE);
  add_nothing (bundle, PT_QUESTION_REGISTRATION);
  add_nothing (bundle, PT_QUESTION_AUTHORITY);
}

static void
check_entry (Bundle *bundle)
{
  const PtEntry *entry = &bundle->entry;

  add_form (bundle, PT_OK, NULL);
  fill_entry (bundle);
  if (pt_entry_signer (entry) == PT_SIGNER_AUTHORITY)
    {
      check_authority (bundle, entry);
      return;
    }
  check_signature (bundle);
  if (pt_entry_signer (entry) == PT_SIGNER_SERVICE || pt_entry_signer (entry) == PT_SIGNER_CITIZEN)
    return;
  check_registration (bundle);
  check_authority (bundle, bundle->has_signer ? &bundle->signer : NULL);
}

/* The contract is the reader's: a proof that names another one was anchored somewhere else. */
static void
check_chain (Bundle *bundle)
{
  const PtBundle *proof = &bundle->bundle;
  const PtTrust *trust = bundle->trust;
  g_autofree char *stated = NULL, *trusted = NULL;

  if (trust == NULL || !trust->has_root
      || (proof->chain_id == trust->chain_id
          && memcmp (proof->contract, trust->contract, sizeof trust->contract) == 0))
    {
      pt_check_add_chain (bundle->check, trust,
                          &(PtCheckClaim){ proof->root, proof->size, proof->cid });
      return;
    }
  stated = pt_check_hex (proof->contract, sizeof proof->contract);
  trusted = pt_check_hex (trust->contract, sizeof trust->contract);
  pt_check_add (
      bundle->check, PT_QUESTION_CHAIN, PT_VERDICT_FAILS,
      _ ("The proof is of another contract than the one you trust."),
      g_strdup (_ ("This does not hold: whoever made the proof may have made the contract "
                   "that it names, too.")),
      g_strdup_printf ("contract (stated): %" G_GUINT64_FORMAT ":0x%s\n"
                       "contract (yours): %" G_GUINT64_FORMAT ":0x%s",
                       proof->chain_id, stated, trust->chain_id, trusted));
}

static void
check_proof (Bundle *bundle)
{
  const PtBundle *proof = &bundle->bundle;

  fill_fields (bundle);
  pt_bundle_verify (proof, bundle->verifier,
                    bundle->trust != NULL && bundle->trust->has_keys ? bundle->trust->service_key
                                                                     : NULL,
                    &bundle->found);
  pt_entry_parse (proof->entry, PT_ENTRY_STORED, &bundle->entry);
  bundle->has_signer = proof->signer.size > 0
                       && pt_entry_parse (proof->signer, PT_ENTRY_STORED, &bundle->signer) == PT_OK
                       && pt_span_equal (bundle->signer.area, proof->area)
                       && pt_entry_registers (&bundle->signer);
  if (bundle->found.entry == PT_OK)
    check_entry (bundle);
  else
    check_without_entry (bundle);
  check_inclusion (bundle);
  check_file (bundle);
  check_chain (bundle);
}

PtCheck *
pt_check_bundle (GBytes *bytes, const PtTrust *trust, GBytes *batch_file)
{
  g_autofree Bundle *bundle = g_new0 (Bundle, 1);
  gsize size;
  const char *text = g_bytes_get_data (bytes, &size);
  PtResult result;

  bundle->check = pt_check_new (TRUE);
  bundle->trust = trust;
  bundle->file = batch_file;
  /* Editors and mail end a file with a line feed; verify and the page pass over it, too. */
  if (size > 0 && text[size - 1] == '\n')
    size--;
  result = size > 0 ? pt_bundle_parse (pt_span (text, size), bundle->unescaped,
                                       sizeof bundle->unescaped, &bundle->bundle)
                    : PT_MALFORMED;
  if (result != PT_OK)
    {
      add_form (bundle, result, size > 0 ? pt_check_words (result) : _ ("It is empty."));
      for (int question = PT_QUESTION_SIGNATURE; question <= PT_QUESTION_CHAIN; question++)
        add_nothing (bundle, (PtQuestion) question);
      return bundle->check;
    }
  bundle->verifier = pt_p256_verifier_new (PT_P256_FAST);
  g_assert (bundle->verifier != NULL); /* like any allocation of GLib's */
  check_proof (bundle);
  pt_p256_verifier_free (bundle->verifier);
  return bundle->check;
}
