/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-rules.h"

#include "pt-p256.h"
#include "pt-rule-cases.h"

/* A reader of the log that looks up its facts in the plainest way. */
typedef struct
{
  PtEntry entry; /* the newest registration */
  gboolean heard;
} Signer;

typedef struct
{
  GHashTable *signers;    /* "device id", "official id" -> Signer */
  GHashTable *counters;   /* device -> PtSeqWindow */
  GHashTable *complaints; /* -> PtComplaintFacts */
  GPtrArray *kept;        /* entries' bytes */
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
log_init (Log *log, const PtRuleCase *c, gboolean complete)
{
  *log = (Log){ .c = c, .complete = complete, .verifier = pt_p256_verifier_new (PT_P256_FAST) };
  log->kept = g_ptr_array_new_with_free_func (g_free);
  log->signers = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  log->counters = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  log->starts = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  log->complaints = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
}

static void
log_clear (Log *log)
{
  g_ptr_array_unref (log->kept);
  g_hash_table_unref (log->signers);
  g_hash_table_unref (log->counters);
  g_hash_table_unref (log->complaints);
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
  const PtSeqWindow *window = g_hash_table_lookup (log->counters, name);
  char *key = key_name (entry->device, entry->key);
  gint64 *after = g_new (gint64, 1);

  *after = window != NULL ? window->highest : 0;
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

static PtRule
judge_counter (Log *log, const PtEntry *entry, const Signer *device)
{
  char *name = name_of ("device", entry->device);
  PtSeqWindow *window = g_hash_table_lookup (log->counters, name);
  PtRule rule;

  if (window == NULL)
    {
      window = g_new (PtSeqWindow, 1);
      pt_seq_window_init (window, 1, 0);
      g_hash_table_insert (log->counters, name, window);
    }
  else
    g_free (name);
  rule = pt_seq_window_check (window, entry->seq);
  if (rule == PT_RULE_HOLDS && device != NULL && log->complete)
    {
      g_autofree char *key = key_name (entry->device, device->entry.key);

      rule = pt_rule_new_key (entry, *(gint64 *) g_hash_table_lookup (log->starts, key));
    }
  if (rule == PT_RULE_HOLDS)
    pt_seq_window_add (window, entry->seq);
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
judge_complaint (Log *log, const PtEntry *entry, const PtHash *leaf)
{
  char *name = name_of ("complaint", entry->complaint);
  PtComplaintFacts *complaint = g_hash_table_lookup (log->complaints, name);
  PtComplaintFacts none = { 0 }, *next = g_new (PtComplaintFacts, 1);
  PtRule rule = PT_RULE_HOLDS;

  if (complaint != NULL || log->complete)
    rule = pt_rule_complaint (entry, complaint != NULL ? complaint : &none);
  *next = (PtComplaintFacts){ entry->n, *leaf };
  g_hash_table_replace (log->complaints, name, next);
  return rule;
}

static PtRule
judge_action (Log *log, const PtEntry *entry, const PtHash *leaf)
{
  g_autofree char *name = name_of ("official", entry->by);
  Signer *official = g_hash_table_lookup (log->signers, name);
  PtRule chain = judge_complaint (log, entry, leaf);
  PtOfficialFacts facts;
  PtRule rule;

  if (chain != PT_RULE_HOLDS)
    return chain;
  if (pt_entry_signer (entry) == PT_SIGNER_SERVICE)
    return judge_signature (log, entry, log->c->service_key);
  if (official != NULL)
    facts = pt_official_facts (&official->entry);
  rule = pt_rule_action (entry, official != NULL ? &facts : NULL);
  return judge_signer (log, entry, rule, official);
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
    case PT_ENTRY_ACTION:
      return judge_action (log, entry, leaf);
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
  entry = (PtEntry){ .kind = PT_ENTRY_OFFICIAL, .ts = 100, .official = pt_text ("service") };
  g_assert_cmpint (pt_rule_registration (&entry, -1), ==, PT_RULE_RESERVED_ID);
  entry.official = pt_text ("services");
  g_assert_cmpint (pt_rule_registration (&entry, -1), ==, PT_RULE_HOLDS);
}

/* Against a set of all counters ever used. */
static void
test_seq_random (void)
{
  for (guint round = 0; round < 40; round++)
    {
      g_autoptr (GHashTable) used
          = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
      gint64 base = round % 4 == 0 ? PT_INTEGER_MAX - 20000 : 1 + g_test_rand_int_range (0, 9000);
      gint64 highest = base + round % 3 * 1000;
      PtSeqWindow window;

      pt_seq_window_init (&window, base, highest);
      for (gint64 seq = base; seq <= highest; seq++)
        g_hash_table_add (used, g_memdup2 (&seq, sizeof seq));
      for (guint i = 0; i < 3000; i++)
        {
          gint64 step = g_test_rand_int_range (-4100, round % 5 == 0 ? 4100 : 5);
          gint64 seq = MAX (1, highest + step);
          PtRule expected = g_hash_table_contains (used, &seq) ? PT_RULE_SEQ_USED : PT_RULE_HOLDS;

          if (highest - seq > PT_SEQ_BEHIND_MAX)
            expected = PT_RULE_SEQ_OLD;
          g_assert_cmpint (pt_seq_window_check (&window, seq), ==, expected);
          if (expected != PT_RULE_HOLDS)
            continue;
          pt_seq_window_add (&window, seq);
          g_hash_table_add (used, g_memdup2 (&seq, sizeof seq));
          highest = MAX (highest, seq);
        }
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
  g_test_add_func ("/rules/seq-random", test_seq_random);
  return g_test_run ();
}
