/* SPDX-License-Identifier: Apache-2.0 */
#include "verify-log.h"

#include <stdlib.h>
#include <string.h>

#include "pt-names.h"
#include "pt-p256.h"
#include "pt-rule-words.h"
#include "pt-tree.h"
#include "pt-i18n.h"

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

/* Counters of a device seen in this file: first to highest. A window is made when they don't run
 * on. */
typedef struct
{
  int64_t first, highest;
  PtSeqWindow *window;
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
  [PT_RULE_RESERVED_ID] = { CHECK_SIGNERS, NULL },
  [PT_RULE_SEQ_USED] = { CHECK_COUNTERS, N_ ("its counter was used before") },
  [PT_RULE_SEQ_OLD]
  = { CHECK_COUNTERS, N_ ("its counter is more than 4096 behind the device's highest") },
  [PT_RULE_SEQ_BEFORE_KEY]
  = { CHECK_COUNTERS,
      N_ ("its counter is not above what the device had when its key was registered") },
  [PT_RULE_COMPLAINT_N] = { CHECK_COMPLAINTS, NULL },
  [PT_RULE_COMPLAINT_PREV] = { CHECK_COMPLAINTS, NULL },
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
  PtNames devices, officials, counters, complaints;
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
  if (log->verifier != NULL)
    return log;
  free (log);
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

  free (counter->window);
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
  pt_names_clear (&log->complaints, free);
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

/* @rule: whether @signer (NULL: none in this file) was entitled. */
static void
check_signer (PtVerifyLog *log, uint64_t line, const PtEntry *entry, PtRule rule,
              const Signer *signer)
{
  if (pt_rule_needs_whole_log (rule) && !log->complete)
    log->counts.unverified[entry->kind]++;
  else
    log_rule (log, line, rule);
  if (signer != NULL)
    check_signature (log, line, entry, signer->key);
}

static int64_t
counter_highest (const Counter *counter)
{
  if (counter == NULL)
    return 0;
  return counter->window != NULL ? counter->window->highest : counter->highest;
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
  signer->after = counter_highest (counter);
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
  if (log->options->has_authority)
    check_signature (log, line, entry, log->options->authority_key);
  else
    log->counts.unverified[entry->kind]++;
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

static bool
counter_open_window (Counter *counter)
{
  counter->window = malloc (sizeof *counter->window);
  if (counter->window != NULL)
    pt_seq_window_init (counter->window, counter->first, counter->highest);
  return counter->window != NULL;
}

static bool
check_counter (PtVerifyLog *log, uint64_t line, const PtEntry *entry)
{
  Counter *counter = names_need (&log->counters, entry->device, sizeof *counter);
  const Signer *device = pt_names_get (&log->devices, entry->device);
  PtRule rule;

  if (counter == NULL)
    return false;
  if (log->complete && device != NULL && entry->seq <= counter_highest (counter))
    {
      bool is_new
          = counter->window != NULL
                ? pt_seq_window_check (counter->window, entry->seq) == PT_RULE_HOLDS
                : entry->seq < counter->first && counter->highest - entry->seq <= PT_SEQ_BEHIND_MAX;

      if (is_new)
        log_rule (log, line, pt_rule_new_key (entry, device->after));
    }
  if (counter->first == 0)
    counter->first = counter->highest = entry->seq;
  else if (counter->window == NULL && entry->seq == counter->highest + 1)
    counter->highest++;
  else if (counter->window == NULL && !counter_open_window (counter))
    return false;
  else
    {
      rule = pt_seq_window_check (counter->window, entry->seq);
      log_rule (log, line, rule);
      if (rule == PT_RULE_HOLDS)
        pt_seq_window_add (counter->window, entry->seq);
    }
  return true;
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

/* Actions */

static bool
check_complaint (PtVerifyLog *log, uint64_t line, const PtEntry *entry, const PtHash *leaf)
{
  PtComplaintFacts *complaint = names_need (&log->complaints, entry->complaint, sizeof *complaint);

  if (complaint == NULL)
    return false;
  if (complaint->n > 0 || log->complete) /* else its beginning may be in an earlier batch */
    log_rule (log, line, pt_rule_complaint (entry, complaint));
  *complaint = (PtComplaintFacts){ entry->n, *leaf };
  return true;
}

static bool
check_action (PtVerifyLog *log, uint64_t line, const PtEntry *entry, const PtHash *leaf)
{
  Signer *official = pt_names_get (&log->officials, entry->by);

  if (pt_entry_signer (entry) == PT_SIGNER_SERVICE)
    check_service_signature (log, line, entry);
  else
    check_signer (log, line, entry,
                  pt_rule_action (entry, official != NULL ? &official->official : NULL), official);
  return check_complaint (log, line, entry, leaf);
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
    case PT_ENTRY_ACTION:
      return check_action (log, line, &entry, leaf);
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
  unsigned long long authority = count[PT_ENTRY_DEVICE] + count[PT_ENTRY_OFFICIAL];
  unsigned long long service = log->counts.service;
  unsigned long long elsewhere = count[PT_ENTRY_REPORT] + count[PT_ENTRY_ACTION];

  if (authority > 0)
    pt_findings_add (findings, "authority", N_ ("the authority signed each registration"),
                     PT_FINDING_NOT_CHECKED,
                     _ ("%llu: give --authority-key, which 'powertrack chain area' prints"),
                     authority);
  if (service > 0)
    pt_findings_add (findings, "service",
                     N_ ("the service signed the roster and what citizens say"),
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
               N_ ("no counter is used twice in this file"));
  add_outcome (log, findings, CHECK_COMPLAINTS, "complaints",
               N_ ("each complaint's entries follow one another"));
  add_unverified (log, findings);
}
