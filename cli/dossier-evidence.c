/* SPDX-License-Identifier: Apache-2.0 */
#include "dossier-evidence.h"

#include <stdlib.h>
#include <string.h>

#include "dossier-rules.h"
#include "pt-i18n.h"
#include "pt-report-time.h"

static bool
is_same_tree (const PtBundle *proof, const PtBundle *other)
{
  return proof->batch != other->batch
         || (proof->size == other->size
             && memcmp (&proof->root, &other->root, sizeof proof->root) == 0);
}

/* Whether it can be of the log that the steps and the reports above are of. */
static bool
is_of_log (const PtDossierCheck *check, const PtBundle *proof)
{
  for (size_t i = 0; i < check->row_count; i++)
    if (check->rows[i].has_proof && !is_same_tree (proof, &check->rows[i].proof))
      return false;
  for (size_t i = 0; i < check->report_count; i++)
    if (!is_same_tree (proof, &check->reports[i].proof))
      return false;
  return true;
}

static const char *
read_report (PtDossierCheck *check, PtSpan text, const PtVerifyOptions *options)
{
  PtDossierReport *report = &check->reports[check->report_count];
  PtBundleFindings found;
  PtEntry signer;
  PtResult result;

  result = pt_bundle_parse (text, report->unescaped, text.size, &report->proof);
  if (result != PT_OK)
    return pt_result_sentence (result);
  if (!pt_span_equal (report->proof.area, check->dossier.area))
    return _ ("it is of another area");
  result = pt_bundle_verify (&report->proof, check->verifier, NULL, &found);
  if (result != PT_OK)
    return pt_result_sentence (result);
  if (pt_entry_parse (report->proof.entry, PT_ENTRY_STORED, &report->entry) != PT_OK
      || report->entry.kind != PT_ENTRY_REPORT)
    return _ ("it is an entry of another kind");
  if (options->has_authority
      && (pt_entry_parse (report->proof.signer, PT_ENTRY_STORED, &signer) != PT_OK
          || pt_entry_verify (&signer, check->verifier, options->authority_key) != PT_OK))
    return _ ("the area's authority did not sign its device's registration");
  return is_of_log (check, &report->proof) ? NULL : _ ("it names another root for the same batch");
}

/* What only the chain or its keys can tell of a report. */
static void
ask_root (const PtBundle *proof, const PtVerifyOptions *options, PtTally *tally)
{
  const PtVerifyRoot *root = pt_dossier_root (options, proof->batch);

  if (!options->has_authority)
    pt_tally_open (tally, 0, _ ("give --authority-key, which 'powertrack chain area' prints"));
  else if (root == NULL)
    pt_tally_open (tally, 0, _ ("ask the chain: give --rpc and --contract"));
  else if (memcmp (&root->root, &proof->root, sizeof root->root) != 0 || root->size != proof->size)
    pt_tally_fail (tally, 0, _ ("the chain has another root or size for its batch"));
}

/* In the order of the log. */
static int
compare_reports (const void *a, const void *b)
{
  uint64_t first = ((const PtDossierReport *) a)->proof.index;
  uint64_t second = ((const PtDossierReport *) b)->proof.index;

  return first < second ? -1 : first > second;
}

bool
pt_dossier_read_reports (PtDossierCheck *check, const PtVerifyOptions *options)
{
  const PtDossierTexts *texts = &check->dossier.reports;
  PtTally tally = { 0 };

  check->reports = calloc (texts->count + 1, sizeof *check->reports);
  if (check->reports == NULL)
    return false;
  for (size_t i = 0; i < texts->count; i++)
    {
      PtDossierReport *report = &check->reports[check->report_count];
      const char *why;

      report->unescaped = malloc (texts->items[i].size + 1);
      if (report->unescaped == NULL)
        return false;
      why = read_report (check, texts->items[i], options);
      if (why == NULL)
        {
          ask_root (&report->proof, options, &tally);
          check->report_count++;
          continue;
        }
      pt_tally_fail (&tally, 0, why);
      free (report->unescaped);
      report->unescaped = NULL;
    }
  qsort (check->reports, check->report_count, sizeof *check->reports, compare_reports);
  if (texts->count > 0)
    pt_tally_tell (&check->findings, "reports",
                   N_ ("the devices made the reports shown, and they stand in the log"), &tally);
  return true;
}

void
pt_dossier_free_reports (PtDossierCheck *check)
{
  for (size_t i = 0; check->reports != NULL && i < check->dossier.reports.count; i++)
    free (check->reports[i].unescaped);
  free (check->reports);
}

static const PtDossierReport *
find_report (const PtDossierCheck *check, PtSpan device, int64_t seq)
{
  for (size_t i = 0; i < check->report_count; i++)
    if (check->reports[i].entry.seq == seq
        && pt_span_equal (check->reports[i].entry.device, device))
      return &check->reports[i];
  return NULL;
}

/* Whether no report shown of its device stands before @index with a higher counter. */
static bool
is_last_shown (const PtDossierCheck *check, const PtDossierReport *report, uint64_t index)
{
  if (report->proof.index >= index)
    return false;
  for (size_t i = 0; i < check->report_count; i++)
    {
      const PtDossierReport *other = &check->reports[i];

      if (other->proof.index < index && other->entry.seq > report->entry.seq
          && pt_span_equal (other->entry.device, report->entry.device))
        return false;
    }
  return true;
}

/* Whether the next counter stands behind the step, by the same registration and made after the step
 * was received: then its device was active here, and what it said with higher counters can't stand
 * before the step, in whatever order its reports came. */
static bool
is_last (const PtDossierCheck *check, const PtDossierReport *report, const PtDossierRow *row)
{
  const PtDossierReport *next = find_report (check, report->entry.device, report->entry.seq + 1);

  return next != NULL && next->proof.index > row->proof.index
         && next->entry.ts > row->entry.received
         && pt_span_equal (next->proof.signer, report->proof.signer);
}

/* As far back as its counters are shown without a gap. */
static int64_t
time_of (const PtDossierCheck *check, const PtDossierReport *report)
{
  PtTimeFold fold = pt_time_fold (report->entry.ts, report->entry.received);
  const PtDossierReport *before = report;

  while ((before = find_report (check, before->entry.device, before->entry.seq - 1)) != NULL)
    {
      PtTimeFold first = pt_time_fold (before->entry.ts, before->entry.received);

      fold = pt_time_fold_then (&first, &fold);
    }
  return pt_time_fold_apply (&fold, PT_NO_TIME);
}

/* Its file or newest reopen before the step. */
static const PtDossierRow *
find_asked (const PtDossierCheck *check, size_t step)
{
  while (step > 0 && check->rows[step].entry.action != PT_ACTION_REOPEN)
    step--;
  return &check->rows[step];
}

/* The devices whose last report before the step is known; whether there are others shown. */
static bool
count_devices (const PtDossierCheck *check, size_t step, PtEvidenceCount *count)
{
  const PtDossierRow *row = &check->rows[step];
  const PtDossierRow *asked = find_asked (check, step);
  bool whole = true;

  for (size_t i = 0; i < check->report_count; i++)
    {
      const PtDossierReport *report = &check->reports[i];

      if (!is_last_shown (check, report, row->proof.index)
          || !pt_span_equal (report->entry.site, row->entry.site))
        continue;
      if (is_last (check, report, row))
        pt_evidence_add (count, true, report->entry.power,
                         asked->has_proof && report->proof.index > asked->proof.index
                             && time_of (check, report) > asked->entry.received);
      else
        whole = false;
    }
  return whole && count->any;
}

/* What a resolve that devices are asked about rests on: NULL and *@failed false where the reports
 * show it, else why not. Only a report OFF shows anything by itself: that the site has no other
 * device is for who reads the whole log. */
static const char *
judge (const PtDossierCheck *check, size_t step, PtEvidence said, bool *failed)
{
  PtEvidenceCount count = { 0 };
  PtEvidence shown;
  bool whole;

  if (!check->rows[step].has_proof)
    return _ ("it has no proof yet; make the dossier again later");
  whole = count_devices (check, step, &count);
  shown = pt_evidence_verdict (&count);
  if (shown == PT_EVIDENCE_CONTRADICTED)
    {
      *failed = said != shown;
      return *failed ? _ ("a device of the site said that its supply was off") : NULL;
    }
  if (whole && said == PT_EVIDENCE_SUPPORTED && shown == said)
    return _ ("the devices shown say that supply was back; that the site has no other is in the "
              "whole log: 'powertrack audit' reads it");
  return _ ("the reports that it rests on are not all shown; make the dossier again later, or have "
            "'powertrack audit' read the whole log");
}

static PtEvidence
read_said (PtSpan text)
{
  for (PtEvidence i = PT_EVIDENCE_UNSUPPORTED; i <= PT_EVIDENCE_CONTRADICTED; i++)
    if (pt_span_is (text, pt_evidence_name (i)))
      return i;
  return PT_EVIDENCE_NONE;
}

PtEvidence
pt_dossier_evidence (PtDossierCheck *check, size_t step)
{
  PtSpan text = check->dossier.steps[step].evidence;
  PtEvidence said = read_said (text);
  bool is_asked = check->complaint.terms.has_evidence && check->rows[step].entry.site.size > 0;
  bool is_known = pt_dossier_profile (check, check->rows[0].entry.received) != NULL
                  || check->rows[step].entry.site.size == 0;
  bool failed = false;
  const char *why;

  if (!is_asked && text.size == 0)
    return PT_EVIDENCE_NONE;
  check->evidence_count++;
  if (said == PT_EVIDENCE_NONE && text.size > 0)
    {
      pt_tally_fail (&check->evidence, step + 1, _ ("what it says of the devices is no verdict"));
      return said;
    }
  if (!is_asked && is_known)
    {
      pt_tally_fail (&check->evidence, step + 1, _ ("devices are not asked about this"));
      return PT_EVIDENCE_NONE;
    }
  why = judge (check, step, said, &failed);
  check->rows[step].is_shown = (failed || why == NULL) && is_known;
  if (failed)
    pt_tally_fail (&check->evidence, step + 1, why);
  else if (why == NULL && is_known)
    return PT_EVIDENCE_CONTRADICTED;
  else
    pt_tally_open (&check->evidence, step + 1,
                   why != NULL ? why : _ ("whether devices are asked is in a profile not shown"));
  return failed ? PT_EVIDENCE_CONTRADICTED : said;
}

void
pt_dossier_tell_evidence (PtDossierCheck *check)
{
  for (size_t i = 0; i < check->row_count; i++)
    if (check->dossier.steps[i].evidence.size > 0
        && check->rows[i].entry.action != PT_ACTION_RESOLVE)
      {
        check->evidence_count++;
        pt_tally_fail (&check->evidence, i + 1, _ ("devices are not asked about this"));
      }
  if (check->evidence_count > 0)
    pt_tally_tell (&check->findings, "evidence",
                   N_ ("the devices say of each resolve what is told of it"), &check->evidence);
}
