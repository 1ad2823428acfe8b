/* SPDX-License-Identifier: Apache-2.0 */
#include "dossier-check.h"

#include <stdlib.h>
#include <string.h>

#include "dossier-evidence.h"
#include "dossier-rules.h"
#include "pt-i18n.h"
#include "pt-p256.h"
#include "pt-sha256.h"
#include "pt-tally.h"

/* An entry of the log of this area. */
static const char *
read_entry (const PtDossierCheck *check, PtSpan bytes, PtEntryKind kind, PtEntry *out)
{
  PtResult result = pt_entry_parse (bytes, PT_ENTRY_STORED, out);

  if (result != PT_OK)
    return pt_result_sentence (result);
  if (out->kind != kind)
    return _ ("it is an entry of another kind");
  if (!pt_span_equal (out->area, check->dossier.area))
    return _ ("it is of another area");
  return pt_rule_time (out) == PT_RULE_HOLDS ? NULL : pt_result_sentence (PT_BAD_TIME);
}

static const char *
read_row (PtDossierCheck *check, size_t i)
{
  PtDossierRow *row = &check->rows[i];
  const char *why = read_entry (check, check->dossier.steps[i].entry, PT_ENTRY_ACTION, &row->entry);

  if (why == NULL && !pt_span_equal (row->entry.complaint, check->dossier.complaint))
    why = _ ("it is of another complaint");
  if (why == NULL && i > 0 && row->entry.received < check->rows[i - 1].entry.received)
    why = _ ("it was received before the step above");
  pt_tree_leaf_hash (check->dossier.steps[i].entry, &row->leaf);
  return why;
}

/* Nothing more can be said after a step that is none. */
static bool
read_rows (PtDossierCheck *check)
{
  PtTally tally = { 0 };

  for (size_t i = 0; i < check->dossier.step_count; i++)
    {
      const char *why = read_row (check, i);

      if (why != NULL)
        {
          pt_tally_fail (&tally, i + 1, why);
          break;
        }
      check->row_count++;
    }
  pt_tally_tell (&check->findings, "entries",
                 N_ ("each step is an entry of this complaint in its one form"), &tally);
  return tally.failed == 0;
}

/* Its bytes stand in the dossier, its fields in @row. */
static const char *
read_proof (PtDossierCheck *check, size_t i)
{
  PtDossierRow *row = &check->rows[i];
  PtSpan text = check->dossier.steps[i].proof;
  PtResult result;

  row->unescaped = malloc (text.size + 1);
  if (row->unescaped == NULL)
    return _ ("memory is short");
  result = pt_bundle_parse (text, row->unescaped, text.size, &row->proof);
  if (result != PT_OK)
    return pt_result_sentence (result);
  if (!pt_span_equal (row->proof.entry, row->entry.bytes)
      || !pt_span_equal (row->proof.area, row->entry.area))
    return _ ("its proof is of another entry");
  row->has_proof = true;
  result = pt_tree_verify_inclusion (row->proof.index, row->proof.size, &row->leaf, row->proof.path,
                                     row->proof.path_count, &row->proof.root);
  return result == PT_OK ? NULL : _ ("the path does not lead from the entry to the root");
}

/* Whether two proofs can be of one log. */
static const char *
compare_places (const PtBundle *before, const PtBundle *after)
{
  if (after->index <= before->index || after->batch < before->batch)
    return _ ("it stands in the log before the step above");
  if (after->batch == before->batch
      && (after->size != before->size
          || memcmp (&after->root, &before->root, sizeof after->root) != 0))
    return _ ("it names another root for the same batch");
  return after->batch > before->batch && after->size <= before->size
             ? _ ("its tree is not larger than that of a batch before")
             : NULL;
}

static void
read_proofs (PtDossierCheck *check)
{
  const PtBundle *before = NULL;
  PtTally places = { 0 }, order = { 0 };

  for (size_t i = 0; i < check->row_count; i++)
    {
      const char *why;

      if (check->dossier.steps[i].proof.size == 0)
        {
          pt_tally_open (&places, i + 1, _ ("it has no proof yet; make the dossier again later"));
          continue;
        }
      why = read_proof (check, i);
      if (why != NULL)
        pt_tally_fail (&places, i + 1, why);
      if (!check->rows[i].has_proof)
        continue;
      why = before != NULL ? compare_places (before, &check->rows[i].proof) : NULL;
      if (why != NULL)
        pt_tally_fail (&order, i + 1, why);
      before = &check->rows[i].proof;
    }
  pt_tally_tell (&check->findings, "inclusion",
                 N_ ("each step is where it claims to be in the tree of its root"), &places);
  pt_tally_tell (&check->findings, "order", N_ ("the steps follow each other in one log"), &order);
}

static void
check_roots (PtDossierCheck *check, const PtVerifyOptions *options)
{
  PtTally tally = { 0 };
  size_t count = 0;

  for (size_t i = 0; i < check->row_count; i++)
    {
      const PtBundle *proof = &check->rows[i].proof;
      const PtVerifyRoot *root
          = check->rows[i].has_proof ? pt_dossier_root (options, proof->batch) : NULL;

      if (!check->rows[i].has_proof)
        continue;
      count++;
      if (root == NULL)
        pt_tally_open (&tally, i + 1, _ ("ask the chain: give --rpc and --contract"));
      else if (memcmp (&root->root, &proof->root, sizeof root->root) != 0
               || root->size != proof->size)
        pt_tally_fail (&tally, i + 1, _ ("the chain has another root or size for its batch"));
    }
  if (count == 0)
    pt_tally_open (&tally, 0, _ ("no step is in a batch yet"));
  pt_tally_tell (&check->findings, "roots", N_ ("the roots are those that the chain holds"),
                 &tally);
}

/* Of the dossier, and those that the proofs bring. */
static bool
read_registrations (PtDossierCheck *check, const PtVerifyOptions *options)
{
  const PtDossierTexts *texts = &check->dossier.registrations;
  size_t most = texts->count + check->row_count;
  PtTally tally = { 0 };

  check->registrations = calloc (most + 1, sizeof *check->registrations);
  if (check->registrations == NULL)
    return false;
  for (size_t i = 0; i < most; i++)
    {
      const PtDossierRow *row = i < texts->count ? NULL : &check->rows[i - texts->count];
      PtSpan bytes = row == NULL ? texts->items[i] : row->proof.signer;
      PtEntry *entry = &check->registrations[check->registration_count];
      const char *why;

      if (row != NULL && (!row->has_proof || bytes.size == 0))
        continue;
      why = read_entry (check, bytes, PT_ENTRY_OFFICIAL, entry);
      if (why != NULL)
        pt_tally_fail (&tally, 0, why);
      else if (!options->has_authority)
        pt_tally_open (&tally, 0, _ ("give --authority-key, which 'powertrack chain area' prints"));
      else if (pt_entry_verify (entry, check->verifier, options->authority_key) != PT_OK)
        pt_tally_fail (&tally, 0, pt_result_sentence (PT_BAD_SIGNATURE));
      if (why == NULL)
        check->registration_count++;
    }
  if (most > 0 && check->registration_count + tally.failed > 0)
    pt_tally_tell (&check->findings, "authority",
                   N_ ("the area's authority signed the officials' registrations"), &tally);
  return true;
}

static const char *
read_profile (PtDossierCheck *check, PtSpan bytes, const PtVerifyOptions *options)
{
  PtEntry *entry = &check->profiles[check->profile_count];
  char *text = check->profile_texts + check->profile_count * PT_PROFILE_MAX;
  const char *why = read_entry (check, bytes, PT_ENTRY_PROFILE, entry);
  size_t size;

  if (why != NULL)
    return why;
  if (options->has_authority
      && pt_entry_verify (entry, check->verifier, options->authority_key) != PT_OK)
    return pt_result_sentence (PT_BAD_SIGNATURE);
  if (pt_json_unescape (entry->document, text, PT_PROFILE_MAX, &size) != PT_OK
      || pt_profile_parse (pt_span (text, size), &check->profile_documents[check->profile_count])
             != PT_OK)
    return _ ("its document is no profile");
  check->profile_count++;
  return NULL;
}

static bool
read_profiles (PtDossierCheck *check, const PtVerifyOptions *options)
{
  static const char question[] = N_ ("the profile that was in force is shown");
  const PtDossierTexts *texts = &check->dossier.profiles;
  PtTally tally = { 0 };

  check->profiles = calloc (texts->count + 1, sizeof *check->profiles);
  check->profile_documents = calloc (texts->count + 1, sizeof *check->profile_documents);
  check->profile_texts = malloc ((texts->count + 1) * PT_PROFILE_MAX);
  if (check->profiles == NULL || check->profile_documents == NULL || check->profile_texts == NULL)
    return false;
  for (size_t i = 0; i < texts->count; i++)
    {
      const char *why = read_profile (check, texts->items[i], options);

      if (why != NULL)
        pt_tally_fail (&tally, 0, why);
    }
  if (pt_dossier_profile (check, check->rows[0].entry.received) == NULL)
    pt_tally_open (
        &tally, 0,
        _ ("the dossier has none from before the complaint; 'powertrack audit' reads the "
           "whole log"));
  else if (!options->has_authority)
    pt_tally_open (&tally, 0, _ ("give --authority-key, which 'powertrack chain area' prints"));
  pt_tally_tell (&check->findings, "profile", question, &tally);
  return true;
}

/* Which key must have signed the step; NULL and why not where that is not known. */
static const uint8_t *
find_key (PtDossierCheck *check, PtDossierRow *row, const PtVerifyOptions *options,
          const char **why)
{
  const PtEntry *official;

  if (pt_is_citizen (row->entry.by))
    return row->entry.key;
  if (pt_is_service (row->entry.by))
    {
      *why = _ ("give --service-key, which 'powertrack chain area' prints");
      return options->has_service ? options->service_key : NULL;
    }
  official = pt_dossier_official (check, row->entry.by, row->entry.received);
  *why = _ ("the dossier has no registration of its signer from before it");
  if (official == NULL)
    return NULL;
  row->official = *official;
  row->is_vouched = true;
  return row->official.key;
}

static void
check_signatures (PtDossierCheck *check, const PtVerifyOptions *options)
{
  PtTally tally = { 0 };

  for (size_t i = 0; i < check->row_count; i++)
    {
      PtDossierRow *row = &check->rows[i];
      const char *why = NULL;
      const uint8_t *key = find_key (check, row, options, &why);

      if (key == NULL)
        pt_tally_open (&tally, i + 1, why);
      else if (!check->verifier->check_key (check->verifier->context, key))
        pt_tally_fail (&tally, i + 1, pt_result_sentence (PT_BAD_KEY));
      else if (pt_entry_verify (&row->entry, check->verifier, key) != PT_OK)
        pt_tally_fail (&tally, i + 1, pt_result_sentence (PT_BAD_SIGNATURE));
    }
  pt_tally_tell (&check->findings, "signatures", N_ ("whoever acted signed it"), &tally);
}

static void
check_rules (PtDossierCheck *check)
{
  size_t broken = 0, open = 0;
  const char *why = NULL, *why_open = NULL;
  PtTally tally = { 0 };

  if (!pt_dossier_judge (check, &broken, &why, &open, &why_open))
    pt_tally_open (&tally, 0, _ ("memory is short"));
  if (broken > 0)
    pt_tally_fail (&tally, broken, why);
  if (open > 0)
    pt_tally_open (&tally, open, why_open);
  pt_tally_tell (&check->findings, "rules",
                 N_ ("each step follows the one before, by somebody who may"), &tally);
}

static const char *
read_receipt (PtDossierCheck *check, size_t i)
{
  PtDossierRow *row = &check->rows[i];
  PtResult result = pt_receipt_parse (check->dossier.steps[i].receipt, &row->receipt);

  if (result != PT_OK)
    return pt_result_sentence (result);
  if (!pt_span_equal (row->receipt.area, check->dossier.area)
      || memcmp (&row->receipt.leaf, &row->leaf, sizeof row->leaf) != 0
      || row->receipt.received != row->entry.received)
    return _ ("its receipt is of another entry");
  row->has_receipt = true;
  return NULL;
}

static void
check_receipts (PtDossierCheck *check, const PtVerifyOptions *options)
{
  PtTally tally = { 0 };
  size_t count = 0;

  for (size_t i = 0; i < check->row_count; i++)
    {
      const char *why = NULL;

      if (check->dossier.steps[i].receipt.size == 0)
        continue;
      count++;
      why = read_receipt (check, i);
      if (why != NULL)
        pt_tally_fail (&tally, i + 1, why);
      else if (!options->has_service)
        pt_tally_open (&tally, i + 1,
                       _ ("give --service-key, which 'powertrack chain area' prints"));
      else if (pt_receipt_verify (&check->rows[i].receipt, check->verifier, options->service_key)
               != PT_OK)
        pt_tally_fail (&tally, i + 1, pt_result_sentence (PT_BAD_SIGNATURE));
    }
  if (count > 0)
    pt_tally_tell (&check->findings, "receipts",
                   N_ ("the receipts are the service's, for these steps"), &tally);
}

static PtDossierRow *
find_noted (PtDossierCheck *check, const PtHash *hash)
{
  for (size_t i = 0; i < check->row_count; i++)
    if (check->rows[i].entry.has_note_hash
        && memcmp (&check->rows[i].entry.note_hash, hash, sizeof *hash) == 0)
      return &check->rows[i];
  return NULL;
}

static void
check_privates (PtDossierCheck *check)
{
  const PtDossierTexts *texts = &check->dossier.privates;
  PtTally tally = { 0 };

  for (size_t i = 0; i < texts->count; i++)
    {
      PtDossierRow *row;
      PtHash hash;

      pt_sha256 (texts->items[i].data, texts->items[i].size, &hash);
      row = find_noted (check, &hash);
      if (row == NULL)
        pt_tally_fail (&tally, 0, _ ("one of them is named by no step: other words were said"));
      else
        row->private = texts->items[i];
    }
  if (texts->count > 0)
    pt_tally_tell (&check->findings, "privates", N_ ("the words shown are those that were said"),
                   &tally);
}

static bool
run_check (PtDossierCheck *check, size_t size, const PtVerifyOptions *options)
{
  PtResult result = size > PT_DOSSIER_MAX ? PT_TOO_LARGE
                                          : pt_dossier_parse (pt_span (check->text, size),
                                                              check->buffer, size, &check->dossier);

  if (result != PT_OK)
    {
      pt_findings_add (&check->findings, "form", N_ ("the file is a dossier in its one form"),
                       PT_FINDING_FAILED, "%s", pt_result_sentence (result));
      return true;
    }
  check->rows = calloc (check->dossier.step_count, sizeof *check->rows);
  if (check->rows == NULL)
    return false;
  if (!read_rows (check))
    return true;
  read_proofs (check);
  if (!read_registrations (check, options) || !read_profiles (check, options))
    return false;
  check_signatures (check, options);
  if (!pt_dossier_read_reports (check, options))
    return false;
  check_rules (check);
  pt_dossier_tell_evidence (check);
  check_roots (check, options);
  check_receipts (check, options);
  check_privates (check);
  return true;
}

const PtVerifyRoot *
pt_dossier_root (const PtVerifyOptions *options, uint64_t batch)
{
  for (size_t i = 0; i < options->root_count; i++)
    if (options->roots[i].batch == batch)
      return &options->roots[i];
  return NULL;
}

PtDossierCheck *
pt_dossier_check_new (char *text, size_t size, const PtVerifyOptions *options)
{
  PtDossierCheck *check = calloc (1, sizeof *check);

  if (check == NULL)
    {
      free (text);
      return NULL;
    }
  check->text = text;
  check->buffer = malloc (size + 1);
  check->verifier = pt_p256_verifier_new (PT_P256_FAST);
  if (check->buffer != NULL && check->verifier != NULL && run_check (check, size, options))
    return check;
  pt_dossier_check_free (check);
  return NULL;
}

void
pt_dossier_check_free (PtDossierCheck *check)
{
  if (check == NULL)
    return;
  for (size_t i = 0; check->rows != NULL && i < check->dossier.step_count; i++)
    free (check->rows[i].unescaped);
  free (check->rows);
  pt_dossier_free_reports (check);
  free (check->registrations);
  free (check->profiles);
  free (check->profile_documents);
  free (check->profile_texts);
  if (check->verifier != NULL)
    pt_p256_verifier_free (check->verifier);
  free (check->buffer);
  free (check->text);
  free (check);
}
