/* SPDX-License-Identifier: Apache-2.0 */
#include "verify-log.h"

#include <stdlib.h>
#include <string.h>

#include "pt-names.h"
#include "pt-p256.h"
#include "pt-tree.h"
#include "pt-i18n.h"

#define SEQ_WINDOW 4096 /* docs/PROTOCOL.md section 2 */

typedef struct
{
  PtEntryKind kind; /* device or official */
  bool active, heard;
  uint8_t key[PT_PUBLIC_KEY_SIZE];
  char *site;
  int64_t lat, lon;
} Signer;

/* Counters of a device seen in this file. While they run without a hole no bitmap is needed. */
typedef struct
{
  int64_t first, highest;
  uint8_t *seen; /* SEQ_WINDOW bits, by seq modulo SEQ_WINDOW */
} Counter;

typedef struct
{
  int64_t n;
  PtHash leaf;
} Complaint;

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

typedef struct
{
  uint64_t failures, line; /* line: of the first */
  const char *why;
} Outcome;

struct PtVerifyLog
{
  const PtVerifyOptions *options;
  PtVerifier *verifier;
  char area[PT_AREA_MAX + 1];
  uint64_t batch;
  int64_t from, to, received;
  bool complete, roster_seen;
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
  log->batch = batch;
  log->from = log->received = from;
  log->to = to;
  log->complete = complete;
  memcpy (log->area, area.data, area.size < PT_AREA_MAX ? area.size : PT_AREA_MAX);
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
  free (signer);
}

static void
free_counter (void *data)
{
  Counter *counter = data;
  free (counter->seen);
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
fail (PtVerifyLog *log, Check check, uint64_t line, const char *why)
{
  Outcome *outcome = &log->outcomes[check];
  if (outcome->failures++ > 0)
    return;
  outcome->line = line;
  outcome->why = why;
}

static void
check_signature (PtVerifyLog *log, uint64_t line, const PtEntry *entry, const uint8_t *key)
{
  if (pt_entry_verify (entry, log->verifier, key) != PT_OK)
    fail (log, CHECK_SIGNATURES, line, _ ("the signature does not hold"));
}

static bool
register_signer (PtVerifyLog *log, uint64_t line, const PtEntry *entry)
{
  bool device = entry->kind == PT_ENTRY_DEVICE;
  PtNames *names = device ? &log->devices : &log->officials;
  PtSpan id = device ? entry->device : entry->official;
  if (!log->verifier->check_key (log->verifier->context, entry->key))
    fail (log, CHECK_ENTRIES, line, _ ("the registered key is not a point on the curve"));
  if (log->options->has_authority)
    check_signature (log, line, entry, log->options->authority_key);
  else
    log->counts.unverified[entry->kind]++;
  Signer *signer = pt_names_get (names, id);
  if (signer == NULL)
    {
      signer = calloc (1, sizeof *signer);
      if (signer == NULL || !pt_names_put (names, id, signer))
        {
          free (signer);
          return false;
        }
    }
  signer->kind = entry->kind;
  signer->active = entry->status == PT_STATUS_ACTIVE;
  memcpy (signer->key, entry->key, sizeof signer->key);
  signer->lat = entry->lat;
  signer->lon = entry->lon;
  if (!device)
    return true;
  free (signer->site);
  signer->site = strndup (entry->site.data, entry->site.size);
  return signer->site != NULL;
}

static void
mark_seen (Counter *counter, int64_t seq)
{
  counter->seen[(seq % SEQ_WINDOW) / 8] |= (uint8_t) (1 << (seq % 8));
}

static bool
counter_to_bitmap (Counter *counter)
{
  counter->seen = calloc (1, SEQ_WINDOW / 8);
  if (counter->seen == NULL)
    return false;
  int64_t first = counter->highest - counter->first >= SEQ_WINDOW
                      ? counter->highest - SEQ_WINDOW + 1
                      : counter->first;
  for (int64_t seq = first; seq <= counter->highest; seq++)
    mark_seen (counter, seq);
  return true;
}

static void
counter_raise (Counter *counter, int64_t seq)
{
  if (seq - counter->highest >= SEQ_WINDOW)
    memset (counter->seen, 0, SEQ_WINDOW / 8);
  else
    for (int64_t i = counter->highest + 1; i < seq; i++)
      counter->seen[(i % SEQ_WINDOW) / 8] &= (uint8_t) ~(1 << (i % 8));
  counter->highest = seq;
  mark_seen (counter, seq);
}

static bool
new_counter (PtVerifyLog *log, const PtEntry *entry)
{
  Counter *counter = calloc (1, sizeof *counter);
  if (counter == NULL)
    return false;
  counter->first = counter->highest = entry->seq;
  if (pt_names_put (&log->counters, entry->device, counter))
    return true;
  free (counter);
  return false;
}

static bool
check_counter (PtVerifyLog *log, uint64_t line, const PtEntry *entry)
{
  Counter *counter = pt_names_get (&log->counters, entry->device);
  if (counter == NULL)
    return new_counter (log, entry);
  if (counter->seen == NULL && entry->seq == counter->highest + 1)
    {
      counter->highest++;
      return true;
    }
  if (counter->seen == NULL && !counter_to_bitmap (counter))
    return false;
  if (entry->seq > counter->highest)
    counter_raise (counter, entry->seq);
  else if (counter->highest - entry->seq > SEQ_WINDOW)
    fail (log, CHECK_COUNTERS, line,
          _ ("its counter is more than 4096 behind the device's highest"));
  else if (counter->highest - entry->seq < SEQ_WINDOW
           && (counter->seen[(entry->seq % SEQ_WINDOW) / 8] >> (entry->seq % 8) & 1) != 0)
    fail (log, CHECK_COUNTERS, line, _ ("its counter was used before"));
  else if (counter->highest - entry->seq < SEQ_WINDOW)
    mark_seen (counter, entry->seq);
  return true;
}

static void
unknown_signer (PtVerifyLog *log, uint64_t line, const PtEntry *entry)
{
  if (log->complete)
    fail (log, CHECK_SIGNERS, line, _ ("its signer is not registered before it"));
  else
    log->counts.unverified[entry->kind]++;
}

static bool
check_report (PtVerifyLog *log, uint64_t line, const PtEntry *entry)
{
  Signer *device = pt_names_get (&log->devices, entry->device);
  if (device == NULL)
    unknown_signer (log, line, entry);
  else
    {
      device->heard = true;
      if (!device->active)
        fail (log, CHECK_SIGNERS, line, _ ("its device was revoked before it"));
      else if (!pt_span_is (entry->site, device->site) || entry->lat != device->lat
               || entry->lon != device->lon)
        fail (log, CHECK_SIGNERS, line, _ ("its site or place is not its device's"));
      check_signature (log, line, entry, device->key);
    }
  return check_counter (log, line, entry);
}

static bool
check_complaint (PtVerifyLog *log, uint64_t line, const PtEntry *entry, const PtHash *leaf)
{
  static const PtHash none = { { 0 } };
  Complaint *complaint = pt_names_get (&log->complaints, entry->complaint);
  if (complaint == NULL)
    {
      bool first = entry->n == 1;
      if ((log->complete && !first) || (first && memcmp (&entry->prev, &none, sizeof none) != 0))
        fail (log, CHECK_COMPLAINTS, line, _ ("a complaint does not begin with n 1 and prev zero"));
      complaint = calloc (1, sizeof *complaint);
      if (complaint == NULL || !pt_names_put (&log->complaints, entry->complaint, complaint))
        {
          free (complaint);
          return false;
        }
    }
  else if (entry->n != complaint->n + 1
           || memcmp (&entry->prev, &complaint->leaf, sizeof (PtHash)) != 0)
    fail (log, CHECK_COMPLAINTS, line,
          _ ("n or prev does not follow the complaint's entry before"));
  complaint->n = entry->n;
  complaint->leaf = *leaf;
  return true;
}

static void
check_service_signature (PtVerifyLog *log, uint64_t line, const PtEntry *entry)
{
  if (log->options->has_service)
    check_signature (log, line, entry, log->options->service_key);
  else
    log->counts.service++;
}

static bool
check_action (PtVerifyLog *log, uint64_t line, const PtEntry *entry, const PtHash *leaf)
{
  if (pt_span_is (entry->by, "citizen") || pt_span_is (entry->by, "service"))
    check_service_signature (log, line, entry);
  else
    {
      Signer *official = pt_names_get (&log->officials, entry->by);
      if (official == NULL)
        unknown_signer (log, line, entry);
      else if (!official->active)
        fail (log, CHECK_SIGNERS, line, _ ("its official was revoked before it"));
      else
        check_signature (log, line, entry, official->key);
    }
  return check_complaint (log, line, entry, leaf);
}

static int
compare_names (const void *a, const void *b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

/* RFC 6962 root over the ids of the active devices that were not heard, sorted bytewise. */
static bool
check_silent (PtVerifyLog *log, uint64_t line, const PtEntry *entry)
{
  const char **silent = calloc (log->devices.count + 1, sizeof *silent);
  if (silent == NULL)
    return false;
  int64_t expected = 0;
  size_t count = 0;
  for (size_t i = 0; i < log->devices.capacity; i++)
    {
      const Signer *device = log->devices.slots[i].value;
      if (device == NULL || !device->active)
        continue;
      expected++;
      if (!device->heard)
        silent[count++] = log->devices.slots[i].key;
    }
  qsort (silent, count, sizeof *silent, compare_names);
  PtFrontier frontier;
  PtHash hash;
  pt_frontier_init (&frontier);
  for (size_t i = 0; i < count; i++)
    {
      pt_tree_leaf_hash (pt_span (silent[i], strlen (silent[i])), &hash);
      pt_frontier_append (&frontier, &hash);
    }
  free (silent);
  pt_frontier_root (&frontier, &hash);
  if (entry->expected != expected || entry->heard != expected - (int64_t) count)
    fail (log, CHECK_SILENT, line, _ ("expected or heard is not what the entries say"));
  else if (memcmp (&entry->silent_root, &hash, sizeof hash) != 0)
    fail (log, CHECK_SILENT, line, _ ("silent_root is not that of the devices not heard"));
  return true;
}

static bool
check_roster (PtVerifyLog *log, uint64_t line, const PtEntry *entry)
{
  if (log->roster_seen)
    fail (log, CHECK_ROSTER, line, _ ("a second roster"));
  log->roster_seen = true;
  if (entry->received != log->to)
    fail (log, CHECK_ROSTER, line, _ ("the roster's received is not the batch's to"));
  if ((uint64_t) entry->batch != log->batch)
    fail (log, CHECK_ROSTER, line, _ ("the roster names another batch"));
  check_service_signature (log, line, entry);
  return !log->complete || check_silent (log, line, entry);
}

static void
check_order (PtVerifyLog *log, uint64_t line, const PtEntry *entry)
{
  if (entry->received < log->received)
    fail (log, CHECK_ORDER, line, _ ("received is before that of the entry above"));
  else if (entry->kind != PT_ENTRY_ROSTER
           && (entry->received < log->from || entry->received >= log->to))
    fail (log, CHECK_ORDER, line, _ ("received lies outside the batch's window"));
  if (entry->received > log->received)
    log->received = entry->received;
}

bool
pt_verify_log_entry (PtVerifyLog *log, uint64_t line, PtSpan bytes, const PtHash *leaf)
{
  PtEntry entry;
  PtResult result = pt_entry_parse (bytes, PT_ENTRY_STORED, &entry);
  if (log->roster_seen)
    fail (log, CHECK_ROSTER, line, _ ("an entry after the roster"));
  if (result != PT_OK)
    {
      fail (log, CHECK_ENTRIES, line, pt_result_sentence (result));
      return true;
    }
  log->counts.entries[entry.kind]++;
  if (!pt_span_is (entry.area, log->area))
    fail (log, CHECK_ENTRIES, line, _ ("it is of another area"));
  check_order (log, line, &entry);
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
      return check_roster (log, line, &entry);
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
                     _ ("%llu: give --authority-key from the contract's AreaRegistered event"),
                     authority);
  if (service > 0)
    pt_findings_add (
        findings, "service", N_ ("the service signed the roster and what citizens say"),
        PT_FINDING_NOT_CHECKED,
        _ ("%llu: give --service-key from the contract's AreaRegistered event"), service);
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
  if (!log->roster_seen)
    fail (log, CHECK_ROSTER, 0, _ ("there is no roster"));
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
