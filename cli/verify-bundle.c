/* SPDX-License-Identifier: Apache-2.0 */

/* Checks a proof bundle: docs/PROTOCOL.md section 7. */

#include <stdlib.h>
#include <string.h>

#include "pt-bundle.h"
#include "pt-encoding.h"
#include "pt-findings.h"
#include "pt-offline.h"
#include "pt-p256.h"
#include "pt-rules.h"
#include "pt-i18n.h"

typedef struct
{
  PtBundle bundle;
  PtEntry entry, signer;
  bool entry_parsed, signer_parsed;
  PtFindings findings;
  char text[PT_BUNDLE_MAX + 2];
  char unescaped[2 * PT_ENTRY_MAX];
} BundleCheck;

static void
add_result (BundleCheck *check, const char *name, const char *question, PtResult result,
            const char *why)
{
  PtFindingState state = result == PT_OK            ? PT_FINDING_OK
                         : result == PT_NOT_CHECKED ? PT_FINDING_NOT_CHECKED
                                                    : PT_FINDING_FAILED;

  if (state == PT_FINDING_OK)
    why = "";
  else if (state == PT_FINDING_NOT_CHECKED)
    why = _ ("it can't be asked after what fails above");
  else if (why == NULL)
    why = pt_result_sentence (result);
  pt_findings_add (&check->findings, name, question, state, "%s", why);
}

static void
add_service_signed (BundleCheck *check, const PtVerifyOptions *options,
                    const PtBundleFindings *found)
{
  static const char question[] = N_ ("the area's service signed the entry");

  if (!options->has_service)
    pt_findings_add (&check->findings, "signature", question, PT_FINDING_NOT_CHECKED,
                     _ ("give --service-key, which 'powertrack chain area' prints"));
  else
    add_result (check, "signature", question,
                found->signer != PT_OK ? found->signer : found->signature, NULL);
}

static void
add_authority (BundleCheck *check, const PtVerifier *verifier, const PtVerifyOptions *options,
               const PtEntry *entry, const char *question)
{
  if (!options->has_authority)
    pt_findings_add (&check->findings, "authority", question, PT_FINDING_NOT_CHECKED,
                     _ ("give --authority-key, which 'powertrack chain area' prints"));
  else
    add_result (check, "authority", question,
                pt_entry_verify (entry, verifier, options->authority_key), NULL);
}

static void
add_vouched (BundleCheck *check, const PtVerifier *verifier, const PtVerifyOptions *options,
             const PtBundleFindings *found)
{
  add_result (check, "signer",
              N_ ("the signer's registration names the same signer, site and place"), found->signer,
              found->signer == PT_OK || found->signer == PT_NOT_CANONICAL
                      || found->signer == PT_BAD_TIME
                  ? NULL
                  : _ ("it is missing, revoked, or of another signer, site or place"));
  add_result (check, "signature", N_ ("the signer's key signed the entry"), found->signature, NULL);
  if (check->signer_parsed)
    add_authority (check, verifier, options, &check->signer,
                   N_ ("the area's authority signed the registration"));
}

static void
add_root (BundleCheck *check, const PtVerifyOptions *options)
{
  static const char question[] = N_ ("the root is the one that the chain holds");

  if (!options->has_root)
    pt_findings_add (&check->findings, "root", question, PT_FINDING_NOT_CHECKED,
                     _ ("give --root, which 'powertrack chain area AREA %llu' prints, or run "
                        "'powertrack audit'"),
                     (unsigned long long) check->bundle.batch);
  else if (memcmp (&options->root, &check->bundle.root, sizeof (PtHash)) != 0)
    pt_findings_add (&check->findings, "root", question, PT_FINDING_FAILED,
                     _ ("the bundle's root is another one than --root"));
  else
    pt_findings_add (&check->findings, "root", question, PT_FINDING_OK, "%s", "");
}

/* A path to a root doesn't bind the size, nor so the place: other sizes give paths to it, too. */
static void
add_size (BundleCheck *check, const PtVerifyOptions *options)
{
  static const char question[] = N_ ("the size is the one that the chain holds");

  if (!options->has_size)
    pt_findings_add (&check->findings, "size", question, PT_FINDING_NOT_CHECKED,
                     _ ("give --size, which 'powertrack chain area' prints of the batch"));
  else if (options->size != check->bundle.size)
    pt_findings_add (&check->findings, "size", question, PT_FINDING_FAILED,
                     _ ("the bundle's size is another one than --size"));
  else
    pt_findings_add (&check->findings, "size", question, PT_FINDING_OK, "%s", "");
}

static void
check_bundle (BundleCheck *check, const PtVerifier *verifier, const PtVerifyOptions *options)
{
  const PtBundle *bundle = &check->bundle;
  PtBundleFindings found = { 0 };

  pt_bundle_verify (bundle, verifier, options->has_service ? options->service_key : NULL, &found);
  check->entry_parsed = pt_entry_parse (bundle->entry, PT_ENTRY_STORED, &check->entry) == PT_OK;
  check->signer_parsed
      = bundle->signer.size > 0
        && pt_entry_parse (bundle->signer, PT_ENTRY_STORED, &check->signer) == PT_OK;
  add_result (check, "entry", N_ ("the entry is canonical and of this area"), found.entry, NULL);
  add_result (check, "inclusion",
              N_ ("the entry is where it claims to be in the tree of this root"), found.inclusion,
              _ ("the path does not lead from the entry to the root"));
  if (check->entry_parsed && pt_entry_signer (&check->entry) == PT_SIGNER_SERVICE)
    add_service_signed (check, options, &found);
  else if (check->entry_parsed && pt_entry_signer (&check->entry) == PT_SIGNER_CITIZEN)
    add_result (check, "signature", N_ ("the citizen's own key, which the entry names, signed it"),
                found.signer != PT_OK ? found.signer : found.signature, NULL);
  else if (check->entry_parsed && pt_entry_signer (&check->entry) == PT_SIGNER_AUTHORITY)
    add_authority (check, verifier, options, &check->entry,
                   N_ ("the area's authority signed the entry"));
  else
    add_vouched (check, verifier, options, &found);
  add_root (check, options);
  add_size (check, options);
}

static const char *
conclusion (const PtFindings *findings)
{
  switch (pt_findings_verdict (findings))
    {
    case PT_FINDING_OK:
      return _ ("All of it holds.");
    case PT_FINDING_FAILED:
      return _ ("THIS BUNDLE DOES NOT HOLD.");
    case PT_FINDING_NOT_CHECKED:
      break;
    }
  return _ ("Nothing in this bundle is wrong, but not all of it was checked.");
}

static void
print_entry (const PtEntry *entry)
{
  char ts[64], received[64];

  pt_offline_time (entry->ts, ts);
  pt_offline_time (entry->received, received);
  if (entry->kind == PT_ENTRY_REPORT)
    printf (_ ("Device %.*s at site %.*s said %s at %s (its counter %lld, received %s).\n"),
            (int) entry->device.size, entry->device.data, (int) entry->site.size, entry->site.data,
            pt_power_name (entry->power), ts, (long long) entry->seq, received);
  else
    printf (_ ("An entry of kind %s of %s, received %s.\n"), pt_entry_kind_name (entry->kind), ts,
            received);
}

static void
print_text (const BundleCheck *check)
{
  const PtBundle *bundle = &check->bundle;
  char cid[PT_CID_TEXT_SIZE + 1], root[2 * PT_HASH_SIZE + 1] = { 0 }, contract[41] = { 0 };

  pt_cid_to_text (&bundle->cid, cid);
  pt_hex_encode (&bundle->root, sizeof bundle->root, root, sizeof root);
  pt_hex_encode (bundle->contract, sizeof bundle->contract, contract, sizeof contract);
  printf (_ ("Proof bundle: area %.*s, batch %llu, entry %llu of %llu\n"), (int) bundle->area.size,
          bundle->area.data, (unsigned long long) bundle->batch, (unsigned long long) bundle->index,
          (unsigned long long) bundle->size);
  if (check->entry_parsed)
    print_entry (&check->entry);
  printf (_ ("Batch file %s\nRoot %s\nSays it was anchored in block %llu of chain %llu by contract "
             "0x%s\n\n"),
          cid, root, (unsigned long long) bundle->block, (unsigned long long) bundle->chain_id,
          contract);
  pt_findings_print (&check->findings);
  printf ("\n%s\n", conclusion (&check->findings));
}

static void
print_json (const BundleCheck *check)
{
  char buffer[32768];
  PtJsonWriter writer;
  PtSpan out;
  const PtBundle *bundle = &check->bundle;
  char cid[PT_CID_TEXT_SIZE + 1];

  pt_cid_to_text (&bundle->cid, cid);
  pt_json_writer_init (&writer, buffer, sizeof buffer);
  pt_json_write_literal (&writer, "{\"area\":");
  pt_json_write_string (&writer, bundle->area);
  pt_json_write_literal (&writer, ",\"batch\":");
  pt_json_write_integer (&writer, (int64_t) bundle->batch);
  pt_json_write_literal (&writer, ",\"cid\":");
  pt_json_write_string (&writer, pt_span (cid, strlen (cid)));
  pt_json_write_literal (&writer, ",");
  pt_findings_write (&check->findings, &writer);
  pt_json_write_literal (&writer, pt_findings_verdict (&check->findings) == PT_FINDING_OK
                                      ? ",\"holds\":true"
                                      : ",\"holds\":false");
  pt_json_write_literal (&writer, ",\"index\":");
  pt_json_write_integer (&writer, (int64_t) bundle->index);
  pt_json_write_literal (&writer, ",\"kind\":\"bundle\",\"root\":");
  pt_json_write_hex (&writer, &bundle->root, sizeof bundle->root);
  pt_json_write_literal (&writer, ",\"size\":");
  pt_json_write_integer (&writer, (int64_t) bundle->size);
  pt_json_write_literal (&writer, ",\"verdict\":\"");
  pt_json_write_literal (&writer, pt_findings_verdict_name (&check->findings));
  pt_json_write_literal (&writer, "\"}\n");
  if (pt_json_writer_finish (&writer, &out) == PT_OK)
    fwrite (out.data, 1, out.size, stdout);
}

static int
run_check (BundleCheck *check, FILE *file, const PtVerifyOptions *options)
{
  size_t size = fread (check->text, 1, sizeof check->text, file);
  PtVerifier *verifier;
  PtResult result;

  if (size > 0 && check->text[size - 1] == '\n')
    size--; /* what saves a text ends its last line */
  result = size > PT_BUNDLE_MAX ? PT_TOO_LARGE
                                : pt_bundle_parse (pt_span (check->text, size), check->unescaped,
                                                   sizeof check->unescaped, &check->bundle);
  if (result != PT_OK)
    {
      pt_findings_add (&check->findings, "form", N_ ("the file is a proof bundle in its one form"),
                       PT_FINDING_FAILED, "%s", pt_result_sentence (result));
      if (options->json)
        print_json (check);
      else
        pt_findings_print (&check->findings);
      return PT_EXIT_FAILED;
    }
  verifier = pt_p256_verifier_new (PT_P256_FAST);
  if (verifier == NULL)
    {
      pt_offline_complain (_ ("powertrack verify: out of memory\n"));
      return PT_EXIT_NOT_CHECKED;
    }
  check_bundle (check, verifier, options);
  pt_p256_verifier_free (verifier);
  if (options->json)
    print_json (check);
  else
    print_text (check);
  return pt_findings_status (&check->findings);
}

int
pt_verify_bundle (FILE *file, const PtVerifyOptions *options)
{
  BundleCheck *check = calloc (1, sizeof *check);
  int status;

  if (check == NULL)
    {
      pt_offline_complain (_ ("powertrack verify: out of memory\n"));
      return PT_EXIT_NOT_CHECKED;
    }
  status = run_check (check, file, options);
  free (check);
  return status;
}
