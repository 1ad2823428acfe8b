/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-rules.h"

#include "pt-json.h"
#include "pt-notice.h"
#include "pt-p256.h"
#include "pt-profile.h"
#include "pt-rule-cases.h"

/* A reader of the log that looks up its facts in the plainest way. */
typedef struct
{
  PtEntry entry; /* the newest registration */
  gboolean heard;
} Signer;

/* Counters of a device, each by itself. */
typedef struct
{
  gint64 highest;
  GHashTable *used; /* gint64 */
  GArray *lost;     /* first, last, first, last ... */
} Counter;

typedef struct
{
  GHashTable *signers;    /* "device id", "official id" -> Signer */
  GHashTable *counters;   /* device -> Counter */
  GHashTable *complaints; /* -> PtComplaintFacts */
  GHashTable *citizens;   /* complaint and key -> PtCitizenFacts */
  GHashTable *notices;    /* -> PtNoticeFacts */
  PtProfile *profile;     /* in force, or NULL */
  gint64 profile_time;
  GPtrArray *kept; /* entries' bytes */
  const PtRuleCase *c;
  PtVerifier *verifier;
  GHashTable *starts; /* device and key -> gint64, the highest counter when that was new */
  gboolean complete;  /* all batches from the first on are read */
  gboolean names_block;
  guint batch;
  guint64 line;
  PtBatchWindow window;
  PtRuleFound found;
  guint64 found_batch;
} Log;

static void
counter_free (gpointer data)
{
  Counter *counter = data;

  g_hash_table_unref (counter->used);
  g_array_unref (counter->lost);
  g_free (counter);
}

static void
log_init (Log *log, const PtRuleCase *c, gboolean complete)
{
  *log = (Log){ .c = c, .complete = complete, .verifier = pt_p256_verifier_new (PT_P256_FAST) };
  log->kept = g_ptr_array_new_with_free_func (g_free);
  log->signers = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  log->counters = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, counter_free);
  log->starts = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  log->complaints = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  log->citizens = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  log->notices = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  log->profile_time = -1;
}

static void
log_clear (Log *log)
{
  g_ptr_array_unref (log->kept);
  g_hash_table_unref (log->signers);
  g_hash_table_unref (log->counters);
  g_hash_table_unref (log->complaints);
  g_hash_table_unref (log->citizens);
  g_hash_table_unref (log->notices);
  g_free (log->profile);
  g_hash_table_unref (log->starts);
  pt_p256_verifier_free (log->verifier);
}

static char *
name_of (const char *kind, PtSpan id)
{
  return g_strdup_printf ("%s %.*s", kind, (int) id.size, id.data);
}

static PtRule
judge_signature (Log *log, const PtEntry *entry, const guint8 *key)
{
  return pt_entry_verify (entry, log->verifier, key) == PT_OK ? PT_RULE_HOLDS
                                                              : PT_RULE_BAD_SIGNATURE;
}

static char *
key_name (PtSpan device, const guint8 *key)
{
  g_autofree char *text = g_base64_encode (key, PT_PUBLIC_KEY_SIZE);

  return g_strdup_printf ("%.*s %s", (int) device.size, device.data, text);
}

static void
note_key (Log *log, const PtEntry *entry)
{
  g_autofree char *name = name_of ("device", entry->device);
  const Counter *counter = g_hash_table_lookup (log->counters, name);
  char *key = key_name (entry->device, entry->key);
  gint64 *after = g_new (gint64, 1);

  *after = counter != NULL ? counter->highest : 0;
  if (g_hash_table_contains (log->starts, key))
    g_free (after);
  else
    g_hash_table_insert (log->starts, g_strdup (key), after);
  g_free (key);
}

static PtRule
judge_registration (Log *log, const PtEntry *entry)
{
  gboolean is_device = entry->kind == PT_ENTRY_DEVICE;
  char *name
      = is_device ? name_of ("device", entry->device) : name_of ("official", entry->official);
  Signer *before = g_hash_table_lookup (log->signers, name), *signer;
  PtRule rule = pt_rule_registration (entry, before != NULL ? before->entry.ts : -1);

  if (rule != PT_RULE_HOLDS)
    {
      g_free (name);
      return rule;
    }
  signer = g_new0 (Signer, 1);
  signer->entry = *entry;
  signer->heard = before != NULL && before->heard;
  g_hash_table_replace (log->signers, name, signer);
  if (is_device)
    note_key (log, entry);
  if (!log->verifier->check_key (log->verifier->context, entry->key))
    return PT_RULE_BAD_KEY;
  return judge_signature (log, entry, log->c->authority_key);
}

static Counter *
counter_of (Log *log, PtSpan device)
{
  g_autofree char *name = name_of ("device", device);
  Counter *counter = g_hash_table_lookup (log->counters, name);

  if (counter != NULL)
    return counter;
  counter = g_new0 (Counter, 1);
  counter->used = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  counter->lost = g_array_new (FALSE, FALSE, sizeof (gint64));
  g_hash_table_insert (log->counters, g_steal_pointer (&name), counter);
  return counter;
}

static gboolean
is_lost (const Counter *counter, gint64 seq)
{
  for (guint i = 0; i < counter->lost->len; i += 2)
    if (seq >= g_array_index (counter->lost, gint64, i)
        && seq <= g_array_index (counter->lost, gint64, i + 1))
      return TRUE;
  return FALSE;
}

static PtRule
judge_counter (Log *log, const PtEntry *entry, const Signer *device)
{
  Counter *counter = counter_of (log, entry->device);
  PtRule rule;

  if (is_lost (counter, entry->seq))
    return PT_RULE_SEQ_LOST;
  rule = pt_rule_counter (entry->seq, counter->highest,
                          g_hash_table_contains (counter->used, &entry->seq));
  if (rule == PT_RULE_HOLDS && device != NULL && log->complete)
    {
      g_autofree char *key = key_name (entry->device, device->entry.key);

      rule = pt_rule_new_key (entry, *(gint64 *) g_hash_table_lookup (log->starts, key));
    }
  if (rule != PT_RULE_HOLDS)
    return rule;
  g_hash_table_add (counter->used, g_memdup2 (&entry->seq, sizeof entry->seq));
  counter->highest = MAX (counter->highest, entry->seq);
  return rule;
}

/* A part of the log can't tell that nobody is registered: then neither key nor rule is known. */
static PtRule
judge_signer (Log *log, const PtEntry *entry, PtRule rule, const Signer *signer)
{
  if (rule != PT_RULE_HOLDS)
    return pt_rule_needs_whole_log (rule) && !log->complete ? PT_RULE_HOLDS : rule;
  return judge_signature (log, entry, signer->entry.key);
}

static PtRule
judge_report (Log *log, const PtEntry *entry)
{
  g_autofree char *name = name_of ("device", entry->device);
  Signer *device = g_hash_table_lookup (log->signers, name);
  PtDeviceFacts facts;
  PtRule rule;

  if (device != NULL)
    {
      device->heard = TRUE;
      facts = pt_device_facts (&device->entry);
    }
  rule = judge_signer (log, entry, pt_rule_report (entry, device != NULL ? &facts : NULL), device);
  return rule != PT_RULE_HOLDS ? rule : judge_counter (log, entry, device);
}

static PtRule
judge_lost (Log *log, const PtEntry *entry)
{
  g_autofree char *name = name_of ("device", entry->device);
  const Signer *device = g_hash_table_lookup (log->signers, name);
  Counter *counter = counter_of (log, entry->device);
  guint64 missing = (guint64) (entry->last - entry->first) + 1;
  PtDeviceFacts facts;
  PtRule rule;

  for (gint64 seq = entry->first; seq <= entry->last; seq++)
    missing -= g_hash_table_contains (counter->used, &seq);
  if (device != NULL)
    facts = pt_device_facts (&device->entry);
  rule = pt_rule_lost (entry, device != NULL ? &facts : NULL,
                       log->complete ? counter->highest : PT_INTEGER_MAX + 1, missing);
  if (rule == PT_RULE_HOLDS)
    {
      g_array_append_val (counter->lost, entry->first);
      g_array_append_val (counter->lost, entry->last);
    }
  return judge_signer (log, entry, rule, device);
}

static const Signer *
official_of (Log *log, PtSpan id, PtOfficialFacts *facts)
{
  g_autofree char *name = name_of ("official", id);
  const Signer *official = g_hash_table_lookup (log->signers, name);

  if (official != NULL)
    *facts = pt_official_facts (&official->entry);
  return official;
}

/* The facts under a name, all zero where there were none. */
static gpointer
facts_of (GHashTable *table, char *name, gsize size)
{
  gpointer facts = g_hash_table_lookup (table, name);

  if (facts != NULL)
    {
      g_free (name);
      return facts;
    }
  facts = g_malloc0 (size);
  g_hash_table_insert (table, name, facts);
  return facts;
}

static PtCitizenFacts *
citizen_of (Log *log, const PtEntry *entry)
{
  return facts_of (log->citizens, key_name (entry->complaint, entry->key), sizeof (PtCitizenFacts));
}

static void
take_action (Log *log, const PtEntry *entry, const PtHash *leaf, const PtActionFacts *facts)
{
  PtActionEffect effect = { .no_profile_known = log->profile == NULL && !log->complete,
                            .official_key = facts->official_key };
  PtComplaintFacts *complaint = facts_of (log->complaints, name_of ("complaint", entry->complaint),
                                          sizeof (PtComplaintFacts));

  if (log->profile != NULL && entry->action == PT_ACTION_FILE)
    effect.terms = pt_profile_terms (log->profile, entry->category);
  effect.two_person = log->profile != NULL && log->profile->two_person[PT_TWO_PERSON_REJECT];
  if (pt_entry_signer (entry) == PT_SIGNER_CITIZEN)
    {
      PtCitizenFacts *citizen = citizen_of (log, entry);

      pt_citizen_advance (citizen, entry);
      effect.filed = citizen->filed;
    }
  pt_complaint_advance (complaint, entry, leaf, &effect);
}

static gboolean
may_be_elsewhere (const Log *log, PtRule rule)
{
  return pt_rule_needs_whole_log (rule) && !log->complete;
}

static const PtComplaintFacts *
complaint_of (Log *log, PtSpan id)
{
  g_autofree char *name = name_of ("complaint", id);

  return g_hash_table_lookup (log->complaints, name);
}

static PtRule
judge_action (Log *log, const PtEntry *entry, const PtHash *leaf)
{
  PtComplaintFacts begun = { 0 };
  PtActionFacts facts
      = { .complaint = complaint_of (log, entry->complaint), .has_profile = log->profile != NULL };
  PtOfficialFacts by, to;
  const Signer *official = NULL;
  PtRule rule;

  if (!log->complete && entry->n > 1)
    pt_complaint_begin_late (&begun, entry);
  if (facts.complaint == NULL)
    facts.complaint = &begun;
  if (pt_entry_signer (entry) == PT_SIGNER_CITIZEN)
    facts.citizen = *citizen_of (log, entry);
  if (pt_entry_signer (entry) == PT_SIGNER_OFFICIAL)
    official = official_of (log, entry->by, &by);
  if (official != NULL)
    {
      facts.official = &by;
      facts.official_key = official->entry.key;
    }
  if (entry->to.size > 0 && official_of (log, entry->to, &to) != NULL)
    facts.to = &to;
  if (entry->of.size > 0)
    facts.of = complaint_of (log, entry->of);
  facts.has_category = facts.has_profile && entry->category.size > 0
                       && pt_profile_category (log->profile, entry->category) != NULL;
  rule = pt_rule_action (entry, &facts);
  if (rule != PT_RULE_HOLDS && !may_be_elsewhere (log, rule))
    return rule;
  take_action (log, entry, leaf, &facts);
  if (pt_entry_signer (entry) == PT_SIGNER_CITIZEN)
    return judge_signature (log, entry, entry->key);
  if (pt_entry_signer (entry) == PT_SIGNER_SERVICE)
    return judge_signature (log, entry, log->c->service_key);
  return official != NULL ? judge_signature (log, entry, official->entry.key) : PT_RULE_HOLDS;
}

static PtRule
judge_notice (Log *log, const PtEntry *entry, const PtHash *leaf)
{
  g_autofree char *name = name_of ("notice", entry->notice);
  PtNoticeFacts begun = { 0 }, *notice = g_hash_table_lookup (log->notices, name);
  PtOfficialFacts by;
  const Signer *official = official_of (log, entry->by, &by);
  PtRule rule;

  if (!log->complete && entry->n > 1)
    pt_notice_begin_late (&begun, entry);
  rule = pt_rule_notice (entry, notice != NULL ? notice : &begun, official != NULL ? &by : NULL);
  if (rule != PT_RULE_HOLDS && !may_be_elsewhere (log, rule))
    return rule;
  pt_notice_advance (facts_of (log->notices, g_strdup (name), sizeof *notice), entry, leaf);
  return official != NULL ? judge_signature (log, entry, official->entry.key) : PT_RULE_HOLDS;
}

static PtRule
judge_profile (Log *log, const PtEntry *entry)
{
  char *document = g_malloc (PT_PROFILE_MAX);
  g_autofree PtProfile *profile = g_new (PtProfile, 1);
  PtRule rule = pt_rule_registration (entry, log->profile_time);
  gsize size;

  g_ptr_array_add (log->kept, document);
  if (rule != PT_RULE_HOLDS)
    return rule;
  if (pt_json_unescape (entry->document, document, PT_PROFILE_MAX, &size) != PT_OK
      || pt_profile_parse (pt_span (document, size), profile) != PT_OK)
    return PT_RULE_BAD_PROFILE;
  g_free (log->profile);
  log->profile = g_steal_pointer (&profile);
  log->profile_time = entry->ts;
  return judge_signature (log, entry, log->c->authority_key);
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(char *const *) a, *(char *const *) b);
}

static PtRule
judge_roster (Log *log, const PtEntry *entry)
{
  g_autoptr (GPtrArray) silent = g_ptr_array_new ();
  PtRosterFacts facts = { .names_block = log->names_block };
  PtFrontier frontier;
  GHashTableIter iter;
  gpointer name, value;

  g_hash_table_iter_init (&iter, log->signers);
  while (g_hash_table_iter_next (&iter, &name, &value))
    {
      Signer *signer = value;

      if (signer->entry.kind != PT_ENTRY_DEVICE || signer->entry.status != PT_STATUS_ACTIVE)
        continue;
      facts.expected++;
      facts.heard += signer->heard;
      if (!signer->heard)
        g_ptr_array_add (silent, (char *) name + strlen ("device "));
    }
  g_ptr_array_sort (silent, compare_names);
  pt_frontier_init (&frontier);
  for (guint i = 0; i < silent->len; i++)
    {
      PtHash leaf;

      pt_tree_leaf_hash (pt_text (silent->pdata[i]), &leaf);
      pt_frontier_append (&frontier, &leaf);
    }
  pt_frontier_root (&frontier, &facts.silent_root);
  log->names_block |= entry->has_block;
  return log->complete ? pt_rule_roster (entry, &facts) : PT_RULE_HOLDS;
}

static PtRule
judge (Log *log, const PtEntry *entry, const PtHash *leaf)
{
  PtRule rule = pt_rule_place (&log->window, entry);

  if (rule != PT_RULE_HOLDS)
    return rule;
  switch (entry->kind)
    {
    case PT_ENTRY_DEVICE:
    case PT_ENTRY_OFFICIAL:
      return judge_registration (log, entry);
    case PT_ENTRY_REPORT:
      return judge_report (log, entry);
    case PT_ENTRY_LOST:
      return judge_lost (log, entry);
    case PT_ENTRY_ACTION:
      return judge_action (log, entry, leaf);
    case PT_ENTRY_NOTICE:
      return judge_notice (log, entry, leaf);
    case PT_ENTRY_PROFILE:
      return judge_profile (log, entry);
    case PT_ENTRY_ROSTER:
      rule = judge_roster (log, entry);
      return rule != PT_RULE_HOLDS ? rule : judge_signature (log, entry, log->c->service_key);
    }
  g_assert_not_reached ();
}

static void
log_found (Log *log, PtRule rule, guint64 line)
{
  if (rule == PT_RULE_HOLDS || log->found.rule != PT_RULE_HOLDS)
    return;
  log->found = (PtRuleFound){ rule, line };
  log->found_batch = log->batch;
}

static PtResult
visit_entry (void *context, uint64_t index, PtSpan bytes, const PtHash *leaf)
{
  Log *log = context;
  char *kept = g_strndup (bytes.data, bytes.size); /* registrations are looked up later */
  PtEntry entry;

  g_ptr_array_add (log->kept, kept);
  g_assert_cmpint (pt_entry_parse (pt_text (kept), PT_ENTRY_STORED, &entry), ==, PT_OK);
  log->line++;
  log_found (log, judge (log, &entry, leaf), log->line);
  return PT_OK;
}

static void
log_read (Log *log, guint batch)
{
  PtBatchHeader header = pt_rule_case_header (log->c, batch);
  GHashTableIter iter;
  gpointer signer;

  log->batch = batch;
  log->line = 1;
  g_hash_table_iter_init (&iter, log->signers);
  while (g_hash_table_iter_next (&iter, NULL, &signer))
    ((Signer *) signer)->heard = FALSE;
  pt_batch_window_init (&log->window, pt_text (header.area), header.batch, header.from, header.to);
  pt_rule_case_read (log->c, batch, visit_entry, log);
  log_found (log, pt_rule_end (&log->window), 0);
}

static void
read_whole (const PtRuleCase *c)
{
  Log log;

  log_init (&log, c, TRUE);
  for (guint batch = 1; batch <= json_array_get_length (c->files); batch++)
    log_read (&log, batch);
  g_assert_cmpstr (pt_rule_slug (log.found.rule), ==, pt_rule_slug (c->rule));
  g_assert_cmpuint (log.found.line, ==, c->line);
  g_assert_cmpuint (log.found_batch, ==, c->batch);
  log_clear (&log);
}

static void
read_alone (const PtRuleCase *c)
{
  for (guint batch = 1; batch <= json_array_get_length (c->files); batch++)
    {
      PtRuleFound expected = pt_rule_case_alone (c, batch);
      Log log;

      log_init (&log, c, batch == 1);
      log_read (&log, batch);
      g_assert_cmpstr (pt_rule_slug (log.found.rule), ==, pt_rule_slug (expected.rule));
      g_assert_cmpuint (log.found.line, ==, expected.line);
      log_clear (&log);
    }
}

static void
test_whole (void)
{
  pt_rule_cases_each (read_whole);
}

static void
test_alone (void)
{
  pt_rule_cases_each (read_alone);
}

/* Every rule has a name of its own, and a case that breaks it. */
static gboolean broken[PT_RULE_COUNT];

static void
note_rule (const PtRuleCase *c)
{
  broken[c->rule] = TRUE;
}

static void
test_slugs (void)
{
  static const PtRule without[] = { PT_RULE_UNKNOWN_AREA }; /* never in a log */
  g_autoptr (GHashTable) slugs = g_hash_table_new (g_str_hash, g_str_equal);

  pt_rule_cases_each (note_rule);
  for (guint i = 0; i < G_N_ELEMENTS (without); i++)
    broken[without[i]] = TRUE;
  for (int rule = PT_RULE_HOLDS; rule < PT_RULE_COUNT; rule++)
    {
      g_assert_true (g_hash_table_add (slugs, (gpointer) pt_rule_slug ((PtRule) rule)));
      g_test_message ("%s", pt_rule_slug ((PtRule) rule));
      g_assert_true (broken[rule]);
    }
  g_assert_cmpstr (pt_rule_slug (PT_RULE_COUNT), ==, "unknown");
}

static void
test_registration (void)
{
  PtEntry entry = { .kind = PT_ENTRY_DEVICE, .ts = 100 };

  g_assert_cmpint (pt_rule_registration (&entry, -1), ==, PT_RULE_HOLDS);
  g_assert_cmpint (pt_rule_registration (&entry, 99), ==, PT_RULE_HOLDS);
  g_assert_cmpint (pt_rule_registration (&entry, 100), ==, PT_RULE_NOT_NEWER);
  g_assert_cmpint (pt_rule_registration (&entry, 101), ==, PT_RULE_NOT_NEWER);
}

static void
test_counter (void)
{
  const gint64 high[] = { PT_SEQ_BEHIND_MAX + 2, PT_INTEGER_MAX };

  g_assert_cmpint (pt_rule_counter (1, 0, FALSE), ==, PT_RULE_HOLDS);
  for (guint i = 0; i < G_N_ELEMENTS (high); i++)
    {
      gint64 oldest = high[i] - PT_SEQ_BEHIND_MAX;

      g_assert_cmpint (pt_rule_counter (high[i], high[i], TRUE), ==, PT_RULE_SEQ_USED);
      g_assert_cmpint (pt_rule_counter (oldest, high[i], FALSE), ==, PT_RULE_HOLDS);
      g_assert_cmpint (pt_rule_counter (oldest, high[i], TRUE), ==, PT_RULE_SEQ_USED);
      g_assert_cmpint (pt_rule_counter (oldest - 1, high[i], FALSE), ==, PT_RULE_SEQ_OLD);
      g_assert_cmpint (pt_rule_counter (oldest - 1, high[i], TRUE), ==, PT_RULE_SEQ_OLD);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/rules/whole", test_whole);
  g_test_add_func ("/rules/alone", test_alone);
  g_test_add_func ("/rules/slugs", test_slugs);
  g_test_add_func ("/rules/registration", test_registration);
  g_test_add_func ("/rules/counter", test_counter);
  return g_test_run ();
}
