/* SPDX-License-Identifier: Apache-2.0 */
#include "verify-log.h"

#include <stdlib.h>
#include <string.h>

#include "pt-names.h"
#include "pt-p256.h"
#include "pt-ranges.h"
#include "pt-rule-words.h"
#include "pt-tree.h"
#include "pt-i18n.h"
#include "verify-promises.h"

/* A key that a device had, and what its counters have to be above. */
typedef struct
{
  uint8_t key[PT_PUBLIC_KEY_SIZE];
  int64_t after;
} KeyStart;

/* The newest registration of a device or an official. */
typedef struct
{
  bool known; /* else there is none yet that counts */
  bool heard;
  int64_t ts;
  uint8_t key[PT_PUBLIC_KEY_SIZE];
  char *site;
  PtDeviceFacts device; /* its site is the string above */
  KeyStart *starts;     /* of a device: all its keys */
  size_t start_count;
  int64_t after; /* of the present one */
  PtOfficialFacts official;
} Signer;

/* Counters of a device seen in this file, and those that it said are lost. */
typedef struct
{
  int64_t highest;
  PtRanges used, lost;
} Counter;

typedef enum
{
  CHECK_ENTRIES,
  CHECK_ORDER,
  CHECK_ROSTER,
  CHECK_SILENT,
  CHECK_SIGNERS,
  CHECK_SIGNATURES,
  CHECK_COUNTERS,
  CHECK_COMPLAINTS,
  CHECK_NOTICES,
  CHECK_PROFILES,
  CHECK_COUNT
} Check;

/* Which question a rule belongs to, and what is said of it where one file is all there is. */
static const struct
{
  Check check;
  const char *words; /* NULL: as pt_rule_words () */
} questions[PT_RULE_COUNT] = {
  [PT_RULE_UNKNOWN_DEVICE] = { CHECK_SIGNERS, N_ ("its signer is not registered before it") },
  [PT_RULE_UNKNOWN_OFFICIAL] = { CHECK_SIGNERS, N_ ("its signer is not registered before it") },
  [PT_RULE_REVOKED_DEVICE] = { CHECK_SIGNERS, N_ ("its device was revoked before it") },
  [PT_RULE_REVOKED_OFFICIAL] = { CHECK_SIGNERS, N_ ("its official was revoked before it") },
  [PT_RULE_WRONG_SITE] = { CHECK_SIGNERS, N_ ("its site or place is not its device's") },
  [PT_RULE_BAD_SIGNATURE] = { CHECK_SIGNATURES, NULL },
  [PT_RULE_BAD_KEY] = { CHECK_ENTRIES, NULL },
  [PT_RULE_NOT_NEWER] = { CHECK_SIGNERS, NULL },
  [PT_RULE_SEQ_USED] = { CHECK_COUNTERS, N_ ("its counter was used before") },
  [PT_RULE_SEQ_OLD]
  = { CHECK_COUNTERS, N_ ("its counter is more than 4096 behind the device's highest") },
  [PT_RULE_SEQ_BEFORE_KEY]
  = { CHECK_COUNTERS,
      N_ ("its counter is not above what the device had when its key was registered") },
  [PT_RULE_COMPLAINT_N] = { CHECK_COMPLAINTS, NULL },
  [PT_RULE_COMPLAINT_PREV] = { CHECK_COMPLAINTS, NULL },
  [PT_RULE_COMPLAINT_PLACE] = { CHECK_COMPLAINTS, NULL },
  [PT_RULE_COMPLAINT_WHO] = { CHECK_COMPLAINTS, NULL },
  [PT_RULE_COMPLAINT_STATE] = { CHECK_COMPLAINTS, NULL },
  [PT_RULE_COMPLAINT_CATEGORY] = { CHECK_COMPLAINTS, NULL },
  [PT_RULE_COMPLAINT_TO] = { CHECK_COMPLAINTS, NULL },
  [PT_RULE_COMPLAINT_OF] = { CHECK_COMPLAINTS, NULL },
  [PT_RULE_COMPLAINT_LATE] = { CHECK_COMPLAINTS, NULL },
  [PT_RULE_NOTICE_N] = { CHECK_NOTICES, NULL },
  [PT_RULE_NOTICE_PREV] = { CHECK_NOTICES, NULL },
  [PT_RULE_NOTICE_WHO] = { CHECK_NOTICES, NULL },
  [PT_RULE_NOTICE_CHANGED] = { CHECK_NOTICES, NULL },
  [PT_RULE_NOTICE_EARLIER] = { CHECK_NOTICES, NULL },
  [PT_RULE_NOTICE_ENDED] = { CHECK_NOTICES, NULL },
  [PT_RULE_BAD_PROFILE] = { CHECK_PROFILES, NULL },
  [PT_RULE_LOST_NOT_BELOW] = { CHECK_COUNTERS, NULL },
  [PT_RULE_LOST_USED] = { CHECK_COUNTERS, NULL },
  [PT_RULE_SEQ_LOST] = { CHECK_COUNTERS, NULL },
  [PT_RULE_OTHER_AREA] = { CHECK_ENTRIES, NULL },
  [PT_RULE_ORDER] = { CHECK_ORDER, NULL },
  [PT_RULE_WINDOW] = { CHECK_ORDER, NULL },
  [PT_RULE_AHEAD] = { CHECK_ORDER, NULL },
  [PT_RULE_AFTER_ROSTER] = { CHECK_ROSTER, NULL },
  [PT_RULE_ROSTER_TIME] = { CHECK_ROSTER, NULL },
  [PT_RULE_ROSTER_BATCH] = { CHECK_ROSTER, NULL },
  [PT_RULE_ROSTER_EXPECTED]
  = { CHECK_SILENT, N_ ("expected or heard is not what the entries say") },
  [PT_RULE_ROSTER_HEARD] = { CHECK_SILENT, N_ ("expected or heard is not what the entries say") },
  [PT_RULE_ROSTER_SILENT]
  = { CHECK_SILENT, N_ ("silent_root is not that of the devices not heard") },
  [PT_RULE_ROSTER_BLOCK] = { CHECK_ROSTER, NULL },
  [PT_RULE_ROSTER_MISSING] = { CHECK_ROSTER, N_ ("there is no roster") },
};

typedef struct
{
  uint64_t failures, line; /* line: of the first */
  const char *why;
} Outcome;

struct PtVerifyLog
{
  const PtVerifyOptions *options;
  PtVerifier *verifier;
  PtBatchWindow window;
  bool complete;
  PtNames devices, officials, counters;
  PtVerifyPromises *promises;
  PtVerifyCounts counts;
  Outcome outcomes[CHECK_COUNT];
};

PtVerifyLog *
pt_verify_log_new (const PtVerifyOptions *options, PtSpan area, uint64_t batch, int64_t from,
                   int64_t to, bool complete)
{
  PtVerifyLog *log = calloc (1, sizeof *log);

  if (log == NULL)
    return NULL;
  log->options = options;
  log->complete = complete;
  pt_batch_window_init (&log->window, area, batch, from, to);
  log->verifier = pt_p256_verifier_new (PT_P256_FAST);
  log->promises = pt_verify_promises_new (complete);
  if (log->verifier != NULL && log->promises != NULL)
    return log;
  pt_verify_log_free (log);
  return NULL;
}

static void
free_signer (void *data)
{
  Signer *signer = data;

  free (signer->site);
  free (signer->starts);
  free (signer);
}

static void
free_counter (void *data)
{
  Counter *counter = data;

  pt_ranges_clear (&counter->used);
  pt_ranges_clear (&counter->lost);
  free (counter);
}

void
pt_verify_log_free (PtVerifyLog *log)
{
  if (log == NULL)
    return;
  pt_names_clear (&log->devices, free_signer);
  pt_names_clear (&log->officials, free_signer);
  pt_names_clear (&log->counters, free_counter);
  pt_verify_promises_free (log->promises);
  if (log->verifier != NULL)
    pt_p256_verifier_free (log->verifier);
  free (log);
}

static void
log_fail (PtVerifyLog *log, Check check, uint64_t line, const char *why)
{
  Outcome *outcome = &log->outcomes[check];

  if (outcome->failures++ > 0)
    return;
  outcome->line = line;
  outcome->why = why;
}

static void
log_rule (PtVerifyLog *log, uint64_t line, PtRule rule)
{
  const char *words = questions[rule].words;

  if (rule != PT_RULE_HOLDS)
    log_fail (log, questions[rule].check, line, words != NULL ? _ (words) : pt_rule_words (rule));
}

/* The record of @id, made where there is none; NULL when memory is short. */
static void *
names_need (PtNames *names, PtSpan id, size_t size)
{
  void *value = pt_names_get (names, id);

  if (value != NULL)
    return value;
  value = calloc (1, size);
  if (value != NULL && pt_names_put (names, id, value))
    return value;
  free (value);
  return NULL;
}

/* Who signed */

static void
check_signature (PtVerifyLog *log, uint64_t line, const PtEntry *entry, const uint8_t *key)
{
  if (pt_entry_verify (entry, log->verifier, key) != PT_OK)
    log_rule (log, line, PT_RULE_BAD_SIGNATURE);
}

static void
check_service_signature (PtVerifyLog *log, uint64_t line, const PtEntry *entry)
{
  if (log->options->has_service)
    check_signature (log, line, entry, log->options->service_key);
  else
    log->counts.service++;
}

/* @rule: what it breaks; @signer: of this file, or NULL. */
static void
check_signer (PtVerifyLog *log, uint64_t line, const PtEntry *entry, PtRule rule,
              const Signer *signer)
{
  if (log->complete || !pt_rule_needs_whole_log (rule))
    log_rule (log, line, rule);
  if (signer != NULL)
    check_signature (log, line, entry, signer->key);
  else if (!log->complete)
    log->counts.unverified[entry->kind]++;
}

static void
check_authority_signature (PtVerifyLog *log, uint64_t line, const PtEntry *entry)
{
  if (log->options->has_authority)
    check_signature (log, line, entry, log->options->authority_key);
  else
    log->counts.unverified[entry->kind]++;
}

/* New hardware counts on above what the device had. */
static bool
signer_set_key (PtVerifyLog *log, Signer *signer, const PtEntry *entry)
{
  const Counter *counter = pt_names_get (&log->counters, entry->device);
  KeyStart *more;

  for (size_t i = 0; i < signer->start_count; i++)
    if (memcmp (signer->starts[i].key, entry->key, PT_PUBLIC_KEY_SIZE) == 0)
      {
        signer->after = signer->starts[i].after;
        return true;
      }
  more = realloc (signer->starts, (signer->start_count + 1) * sizeof *more);
  if (more == NULL)
    return false;
  signer->starts = more;
  signer->after = counter != NULL ? counter->highest : 0;
  memcpy (more[signer->start_count].key, entry->key, PT_PUBLIC_KEY_SIZE);
  more[signer->start_count++].after = signer->after;
  return true;
}

static bool
register_signer (PtVerifyLog *log, uint64_t line, const PtEntry *entry)
{
  bool is_device = entry->kind == PT_ENTRY_DEVICE;
  Signer *signer = names_need (is_device ? &log->devices : &log->officials,
                               is_device ? entry->device : entry->official, sizeof *signer);
  PtRule rule;

  if (signer == NULL)
    return false;
  if (!log->verifier->check_key (log->verifier->context, entry->key))
    log_rule (log, line, PT_RULE_BAD_KEY);
  check_authority_signature (log, line, entry);
  rule = pt_rule_registration (entry, signer->known ? signer->ts : -1);
  log_rule (log, line, rule);
  if (rule != PT_RULE_HOLDS)
    return true;
  signer->known = true;
  signer->ts = entry->ts;
  memcpy (signer->key, entry->key, sizeof signer->key);
  signer->official = pt_official_facts (entry);
  signer->device = pt_device_facts (entry);
  if (!is_device)
    return true;
  free (signer->site);
  signer->site = strndup (entry->site.data, entry->site.size);
  signer->device.site.data = signer->site;
  return signer->site != NULL && signer_set_key (log, signer, entry);
}

/* Reports */

static PtRule
judge_counter (const PtVerifyLog *log, const PtEntry *entry, const Counter *counter,
               const Signer *device)
{
  PtRule rule;

  if (pt_ranges_has (&counter->lost, entry->seq))
    return PT_RULE_SEQ_LOST;
  rule = pt_rule_counter (entry->seq, counter->highest, pt_ranges_has (&counter->used, entry->seq));
  if (rule != PT_RULE_HOLDS || !log->complete || device == NULL)
    return rule;
  return pt_rule_new_key (entry, device->after);
}

static bool
check_counter (PtVerifyLog *log, uint64_t line, const PtEntry *entry)
{
  Counter *counter = names_need (&log->counters, entry->device, sizeof *counter);
  const Signer *device = pt_names_get (&log->devices, entry->device);
  PtRule rule;

  if (counter == NULL)
    return false;
  rule = judge_counter (log, entry, counter, device);
  log_rule (log, line, rule);
  if (rule != PT_RULE_HOLDS)
    return true;
  if (entry->seq > counter->highest)
    counter->highest = entry->seq;
  return pt_ranges_add (&counter->used, entry->seq, entry->seq);
}

static bool
check_report (PtVerifyLog *log, uint64_t line, const PtEntry *entry)
{
  Signer *device = pt_names_get (&log->devices, entry->device);

  if (device != NULL)
    device->heard = true;
  check_signer (log, line, entry, pt_rule_report (entry, device != NULL ? &device->device : NULL),
                device);
  return check_counter (log, line, entry);
}

/* What stands before this file may be above the counters, but has none of them. */
static bool
check_lost (PtVerifyLog *log, uint64_t line, const PtEntry *entry)
{
  Counter *counter = names_need (&log->counters, entry->device, sizeof *counter);
  Signer *device = pt_names_get (&log->devices, entry->device);
  uint64_t missing = (uint64_t) (entry->last - entry->first) + 1;
  PtRule rule;

  if (counter == NULL)
    return false;
  missing -= pt_ranges_count (&counter->used, entry->first, entry->last);
  rule = pt_rule_lost (entry, device != NULL ? &device->device : NULL,
                       log->complete ? counter->highest : PT_INTEGER_MAX + 1, missing);
  check_signer (log, line, entry, rule, device);
  return rule != PT_RULE_HOLDS || pt_ranges_add (&counter->lost, entry->first, entry->last);
}

/* Complaints, announcements, profiles */

static bool
check_promise (PtVerifyLog *log, uint64_t line, const PtEntry *entry, const PtHash *leaf)
{
  const Signer *by = NULL, *to = NULL;
  PtVerifySigners signers = { 0 };
  PtRule rule;

  if (pt_entry_signer (entry) == PT_SIGNER_OFFICIAL)
    by = pt_names_get (&log->officials, entry->by);
  if (entry->to.size > 0)
    to = pt_names_get (&log->officials, entry->to);
  if (by != NULL)
    signers = (PtVerifySigners){ .by = &by->official, .by_key = by->key };
  signers.to = to != NULL ? &to->official : NULL;
  if (!pt_verify_promises_entry (log->promises, entry, leaf, &signers, &rule))
    return false;
  if (pt_entry_signer (entry) == PT_SIGNER_OFFICIAL)
    {
      check_signer (log, line, entry, rule, by);
      return true;
    }
  if (log->complete || !pt_rule_needs_whole_log (rule))
    log_rule (log, line, rule);
  if (pt_entry_signer (entry) == PT_SIGNER_CITIZEN)
    check_signature (log, line, entry, entry->key);
  else if (pt_entry_signer (entry) == PT_SIGNER_SERVICE)
    check_service_signature (log, line, entry);
  else
    check_authority_signature (log, line, entry);
  return true;
}

/* Rosters */

static int
compare_names (const void *a, const void *b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

static void
hash_names (const char *const *names, size_t count, PtHash *root)
{
  PtFrontier frontier;
  PtHash hash;

  pt_frontier_init (&frontier);
  for (size_t i = 0; i < count; i++)
    {
      pt_tree_leaf_hash (pt_span (names[i], strlen (names[i])), &hash);
      pt_frontier_append (&frontier, &hash);
    }
  pt_frontier_root (&frontier, root);
}

static bool
check_silent (PtVerifyLog *log, uint64_t line, const PtEntry *entry)
{
  const char **silent = calloc (log->devices.count + 1, sizeof *silent);
  PtRosterFacts facts = { 0 };
  size_t count = 0;

  if (silent == NULL)
    return false;
  for (size_t i = 0; i < log->devices.capacity; i++)
    {
      const Signer *device = log->devices.slots[i].value;

      if (device == NULL || device->device.status != PT_STATUS_ACTIVE)
        continue;
      facts.expected++;
      facts.heard += device->heard;
      if (!device->heard)
        silent[count++] = log->devices.slots[i].key;
    }
  qsort (silent, count, sizeof *silent, compare_names);
  hash_names (silent, count, &facts.silent_root);
  free (silent);
  log_rule (log, line, pt_rule_roster (entry, &facts));
  return true;
}

bool
pt_verify_log_entry (PtVerifyLog *log, uint64_t line, PtSpan bytes, const PtHash *leaf)
{
  PtEntry entry;
  PtResult result = pt_entry_parse (bytes, PT_ENTRY_STORED, &entry);

  if (result != PT_OK)
    {
      log_fail (log, CHECK_ENTRIES, line, pt_result_sentence (result));
      return true;
    }
  log->counts.entries[entry.kind]++;
  log_rule (log, line, pt_rule_place (&log->window, &entry));
  switch (entry.kind)
    {
    case PT_ENTRY_DEVICE:
    case PT_ENTRY_OFFICIAL:
      return register_signer (log, line, &entry);
    case PT_ENTRY_REPORT:
      return check_report (log, line, &entry);
    case PT_ENTRY_LOST:
      return check_lost (log, line, &entry);
    case PT_ENTRY_ACTION:
    case PT_ENTRY_NOTICE:
    case PT_ENTRY_PROFILE:
      return check_promise (log, line, &entry, leaf);
    case PT_ENTRY_ROSTER:
      check_service_signature (log, line, &entry);
      return !log->complete || check_silent (log, line, &entry);
    }
  return true;
}

const PtVerifyCounts *
pt_verify_log_counts (const PtVerifyLog *log)
{
  return &log->counts;
}

bool
pt_verify_log_gaps (const PtVerifyLog *log, uint64_t *explained, uint64_t *unexplained)
{
  *explained = *unexplained = 0;
  for (size_t i = 0; i < log->counters.capacity; i++)
    {
      const Counter *counter = log->counters.slots[i].value;
      uint64_t lost, used;

      if (counter == NULL || counter->highest == 0)
        continue;
      lost = pt_ranges_count (&counter->lost, 1, counter->highest);
      used = pt_ranges_count (&counter->used, 1, counter->highest);
      *explained += lost;
      *unexplained += (uint64_t) counter->highest - used - lost;
    }
  return log->complete;
}

static void
add_outcome (const PtVerifyLog *log, PtFindings *findings, Check check, const char *name,
             const char *question)
{
  const Outcome *outcome = &log->outcomes[check];

  if (outcome->failures == 0)
    pt_findings_add (findings, name, question, PT_FINDING_OK, "%s", "");
  else if (outcome->failures == 1)
    pt_findings_add (findings, name, question, PT_FINDING_FAILED, _ ("line %llu: %s"),
                     (unsigned long long) outcome->line, outcome->why);
  else
    pt_findings_add (findings, name, question, PT_FINDING_FAILED, _ ("line %llu: %s; %llu in all"),
                     (unsigned long long) outcome->line, outcome->why,
                     (unsigned long long) outcome->failures);
}

static void
add_unverified (const PtVerifyLog *log, PtFindings *findings)
{
  const uint64_t *count = log->counts.unverified;
  unsigned long long authority
      = count[PT_ENTRY_DEVICE] + count[PT_ENTRY_OFFICIAL] + count[PT_ENTRY_PROFILE];
  unsigned long long service = log->counts.service;
  unsigned long long elsewhere = count[PT_ENTRY_REPORT] + count[PT_ENTRY_LOST]
                                 + count[PT_ENTRY_ACTION] + count[PT_ENTRY_NOTICE];

  if (authority > 0)
    pt_findings_add (
        findings, "authority", N_ ("the authority signed each registration and profile"),
        PT_FINDING_NOT_CHECKED,
        _ ("%llu: give --authority-key, which 'powertrack chain area' prints"), authority);
  if (service > 0)
    pt_findings_add (findings, "service",
                     N_ ("the service signed the roster and what it says for citizens"),
                     PT_FINDING_NOT_CHECKED,
                     _ ("%llu: give --service-key, which 'powertrack chain area' prints"), service);
  if (elsewhere > 0)
    pt_findings_add (
        findings, "elsewhere", N_ ("the signers registered in earlier batches signed"),
        PT_FINDING_NOT_CHECKED,
        _ ("%llu: their registrations are in earlier batches; 'powertrack audit' reads "
           "them all"),
        elsewhere);
}

void
pt_verify_log_findings (PtVerifyLog *log, PtFindings *findings)
{
  log_rule (log, 0, pt_rule_end (&log->window));
  add_outcome (log, findings, CHECK_ENTRIES, "entries",
               N_ ("each entry is canonical and of this area"));
  add_outcome (log, findings, CHECK_ORDER, "order",
               N_ ("the times of receipt are in order and in the window"));
  add_outcome (log, findings, CHECK_ROSTER, "roster", N_ ("exactly one roster, last, at the end"));
  if (log->complete)
    add_outcome (log, findings, CHECK_SILENT, "silent",
                 N_ ("the roster counts the devices as they are"));
  else
    pt_findings_add (findings, "silent", N_ ("the roster counts the devices as they are"),
                     PT_FINDING_NOT_CHECKED,
                     _ ("it depends on earlier batches; 'powertrack audit' reads them all"));
  add_outcome (log, findings, CHECK_SIGNERS, "signers",
               N_ ("the signers known from this file were entitled"));
  add_outcome (log, findings, CHECK_SIGNATURES, "signatures",
               N_ ("the signatures whose keys are known hold"));
  add_outcome (log, findings, CHECK_COUNTERS, "counters",
               N_ ("no counter is used twice in this file, nor lost and used"));
  add_outcome (log, findings, CHECK_COMPLAINTS, "complaints",
               N_ ("each complaint's entries follow one another, by whom they may"));
  add_outcome (log, findings, CHECK_NOTICES, "notices",
               N_ ("each announcement's entries follow one another"));
  add_outcome (log, findings, CHECK_PROFILES, "profiles", N_ ("each profile can be read"));
  add_unverified (log, findings);
}
