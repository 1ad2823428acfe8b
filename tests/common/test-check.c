/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-check.h"

#include "core/pt-rule-cases.h"
#include "pt-batch.h"
#include "pt-bundle.h"

/* Proofs made from the vectors' batch files, whole and tampered with: exactly those steps fail that
 * should, and nothing holds that was not computed. A verdict is written H, F or N a step. */

#define LEAVES_MAX 128
#define REPORT 15 /* the first entry of batch 2: a report of tx-0001 */

typedef struct
{
  GBytes *files[2];
  PtSpan entries[LEAVES_MAX]; /* of both batches, by index */
  PtHash leaves[LEAVES_MAX];
  guint count, first_of_2;
  PtBatchHeader headers[2];
  PtCid cids[2];
  PtTrust trust; /* for batch 2 */
} Log;

static Log log_;

static GBytes *
read_file (const char *name)
{
  size_t size;
  char *text = pt_vectors_read (name, &size);

  return g_bytes_new_take (text, size);
}

static PtResult
keep_entry (void *context, uint64_t index, PtSpan entry, const PtHash *leaf)
{
  g_assert_cmpuint (index, ==, log_.count);
  g_assert_cmpuint (log_.count, <, LEAVES_MAX);
  log_.entries[log_.count]
      = pt_span (g_strndup (entry.data, entry.size), entry.size); /* for the test's life */
  log_.leaves[log_.count++] = *leaf;
  return PT_OK;
}

static void
read_batch (guint which, const char *name, const PtFrontier *previous)
{
  g_autofree char *buffer = g_malloc (PT_ENTRY_MAX + 2);
  PtUnixfsBuilder *unixfs = g_new0 (PtUnixfsBuilder, 1);
  PtBatchReader reader;
  const char *data;
  gsize size;

  log_.files[which] = read_file (name);
  data = g_bytes_get_data (log_.files[which], &size);
  g_assert_cmpint (
      pt_batch_reader_init (&reader, previous, buffer, PT_ENTRY_MAX + 2, keep_entry, NULL), ==,
      PT_OK);
  g_assert_cmpint (pt_batch_reader_feed (&reader, data, size), ==, PT_OK);
  g_assert_cmpint (pt_batch_reader_finish (&reader, &log_.headers[which]), ==, PT_OK);
  pt_unixfs_init (unixfs, 0, 0, NULL, NULL);
  pt_unixfs_feed (unixfs, data, size);
  g_assert_cmpint (pt_unixfs_finish (unixfs, &log_.cids[which]), ==, PT_OK);
  g_free (unixfs);
}

static void
read_key (JsonObject *object, const char *name, guint8 key[PT_PUBLIC_KEY_SIZE])
{
  const char *text = json_object_get_string_member (object, name);

  g_assert_true (pt_base64url_decode (pt_text (text), key, PT_PUBLIC_KEY_SIZE));
}

/* What the chain says of that batch, from 0. */
static void
trust_batch (PtTrust *trust, guint which)
{
  trust->root = log_.headers[which].root;
  trust->has_previous = which > 0;
  trust->previous_root = log_.headers[0].root;
  trust->has_anchored = TRUE;
  trust->anchored.checkpoint.root = trust->root;
  trust->anchored.checkpoint.size = log_.headers[which].size;
  trust->anchored.checkpoint.cid = log_.cids[which];
}

static void
read_log (void)
{
  g_autoptr (JsonNode) keys = pt_vectors_load ("v2/batches.json");
  PtFrontier frontier;

  pt_frontier_init (&frontier);
  read_batch (0, "v2/batch-1.json", &frontier);
  log_.first_of_2 = log_.count;
  for (guint i = 0; i < log_.count; i++)
    pt_frontier_append (&frontier, &log_.leaves[i]);
  read_batch (1, "v2/batch-2.json", &frontier);
  log_.trust.source = (char *) "http://chain.example";
  log_.trust.has_root = log_.trust.has_keys = TRUE;
  log_.trust.root = log_.headers[1].root;
  log_.trust.block = 17;
  log_.trust.chain_id = 31337;
  memset (log_.trust.contract, 0xc0, sizeof log_.trust.contract);
  trust_batch (&log_.trust, 1);
  read_key (json_node_get_object (keys), "authority_key", log_.trust.authority_key);
  read_key (json_node_get_object (keys), "service_key", log_.trust.service_key);
}

/* A proof before it is written; entries are owned. */
typedef struct
{
  PtBundle bundle;
  char *entry, *signer;
  PtTrust trust;
  GBytes *file;
} Case;

static PtBundle
make_bundle (guint64 index, guint signer)
{
  PtBundle bundle = { .area = pt_text ("demo-east"),
                      .batch = 2,
                      .block = 17,
                      .chain_id = 31337,
                      .cid = log_.cids[1],
                      .index = index,
                      .size = log_.count,
                      .root = log_.headers[1].root,
                      .entry = log_.entries[index] };
  PtFrontier frontier;
  PtPathBuilder builder;
  PtHash root;

  if (signer < log_.count)
    bundle.signer = log_.entries[signer];
  memset (bundle.contract, 0xc0, sizeof bundle.contract);
  pt_frontier_init (&frontier);
  g_assert_cmpint (pt_path_builder_inclusion (&builder, &frontier, index), ==, PT_OK);
  for (guint i = 0; i < log_.count; i++)
    pt_path_builder_append (&builder, &log_.leaves[i]);
  g_assert_cmpint (pt_path_builder_finish (&builder, bundle.path, &bundle.path_count, &root), ==,
                   PT_OK);
  pt_assert_hash (root, bundle.root);
  return bundle;
}

static GBytes *
write_bundle (const PtBundle *bundle)
{
  char *text = g_malloc (PT_BUNDLE_MAX);
  size_t size;

  g_assert_cmpint (pt_bundle_write (bundle, text, PT_BUNDLE_MAX, &size), ==, PT_OK);
  return g_bytes_new_take (g_realloc (text, size), size);
}

static void
assert_steps (const PtCheck *check, const char *names, const char *expected)
{
  g_autoptr (GString) found = g_string_new (NULL), found_names = g_string_new (NULL);

  for (guint i = 0; i < check->steps->len; i++)
    {
      const PtCheckStep *step = g_ptr_array_index (check->steps, i);

      g_string_append_c (found, "HFN"[step->verdict]);
      g_string_append_printf (found_names, "%s%s", i > 0 ? " " : "", step->name);
      g_assert_cmpstr (step->sentence, !=, "");
      /* Each says which question it is of. */
      for (guint before = 0; before < i; before++)
        g_assert_cmpstr (step->sentence, !=,
                         ((PtCheckStep *) g_ptr_array_index (check->steps, before))->sentence);
      if (step->verdict == PT_VERDICT_HOLDS)
        g_assert_cmpstr (step->reason, ==, "");
      else
        g_assert_cmpstr (step->reason, !=, "");
    }
  g_assert_cmpstr (found_names->str, ==, names);
  g_assert_cmpstr (found->str, ==, expected);
  g_assert_cmpint (pt_check_verdict (check), ==,
                   strchr (expected, 'F') != NULL   ? PT_VERDICT_FAILS
                   : strchr (expected, 'N') != NULL ? PT_VERDICT_NOT_CHECKED
                                                    : PT_VERDICT_HOLDS);
}

#define ALL "form signature registration authority inclusion file frontier chain"

/* Changes */

static void
replace (PtSpan *span, char **owned, const char *old, const char *new)
{
  g_autofree char *text = g_strndup (span->data, span->size);
  char *at = strstr (text, old);

  g_assert_nonnull (at);
  g_free (*owned);
  *owned = g_strdup_printf ("%.*s%s%s", (int) (at - text), text, new, at + strlen (old));
  *span = pt_text (*owned);
}

static void
change_power (Case *given)
{
  replace (&given->bundle.entry, &given->entry, "\"power\":\"ON\"", "\"power\":\"OFF\"");
}

static void
change_received (Case *given)
{
  replace (&given->bundle.entry, &given->entry, "\"received\":17640000013",
           "\"received\":17640000014");
}

static void
change_early (Case *given)
{
  replace (&given->bundle.entry, &given->entry, "\"received\":1764000001321",
           "\"received\":1764000000001");
}

static void
change_other_report (Case *given)
{
  given->bundle.entry = log_.entries[REPORT + 3]; /* tx-0001's next one */
}

static void
change_entry_area (Case *given)
{
  replace (&given->bundle.entry, &given->entry, "demo-east", "demo-west");
}

static void
change_entry_form (Case *given)
{
  replace (&given->bundle.entry, &given->entry, "{\"area\"", "{ \"area\"");
}

static void
change_area (Case *given)
{
  given->bundle.area = pt_text ("demo-west");
}

static void
change_batch (Case *given)
{
  given->bundle.batch = 3;
}

static void
change_cid (Case *given)
{
  given->bundle.cid = log_.cids[0];
}

static void
change_index (Case *given)
{
  given->bundle.index++;
}

static void
change_size (Case *given)
{
  given->bundle.size += 64;
}

static void
change_path (Case *given)
{
  given->bundle.path[0].bytes[31] ^= 1;
}

static void
change_path_length (Case *given)
{
  given->bundle.path_count--;
}

static void
change_root (Case *given)
{
  given->bundle.root.bytes[0] ^= 1;
}

static void
change_signer_key (Case *given)
{
  replace (
      &given->bundle.signer, &given->signer,
      "BMQueuJuxNuGpR4pdniklOCdhALeCZ0VfJkzChHtlf90ZpFijluKK9Dom7OsZRppQww9AgBy2sRuD63z7C3KZQc",
      "BB8K8aDgUszctEwQ6qD_nlciAqmCdcNydiVG4H6GZwuO-WLvgc4SL9NMVo2GgTzI4paEZj3CNyQJt_"
      "gpuOe4R7I");
}

static void
change_signer_site (Case *given)
{
  replace (&given->bundle.signer, &given->signer, "T-0001", "T-0002");
}

static void
change_signer_place (Case *given)
{
  replace (&given->bundle.signer, &given->signer, "\"lat\":255942345", "\"lat\":255942346");
}

static void
change_signer_customers (Case *given)
{
  replace (&given->bundle.signer, &given->signer, "\"customers\":63", "\"customers\":64");
}

static void
change_signer_revoked (Case *given)
{
  replace (&given->bundle.signer, &given->signer, "\"active\"", "\"revoked\"");
}

static void
change_signer_other (Case *given)
{
  given->bundle.signer = log_.entries[1];
}

static void
change_signer_none (Case *given)
{
  given->bundle.signer = pt_text ("");
}

static void
change_signer_garbage (Case *given)
{
  given->bundle.signer = pt_text ("{}");
}

static void
change_trust_root (Case *given)
{
  given->trust.root.bytes[31] ^= 1;
}

static void
change_trust_previous (Case *given)
{
  given->trust.previous_root.bytes[0] ^= 1;
}

static void
change_trust_no_previous (Case *given)
{
  given->trust.has_previous = FALSE;
}

static void
change_trust_size (Case *given)
{
  given->trust.anchored.checkpoint.size++;
}

static void
change_trust_cid (Case *given)
{
  given->trust.anchored.checkpoint.cid.bytes[PT_CID_SIZE - 1] ^= 1;
}

static void
change_trust_no_event (Case *given)
{
  given->trust.has_anchored = FALSE;
  given->trust.anchored_failure = (char *) "no event";
}

static void
change_trust_contract (Case *given)
{
  given->trust.contract[19] ^= 1;
}

static void
change_trust_chain (Case *given)
{
  given->trust.chain_id = 1;
}

static void
change_trust_zero (Case *given)
{
  memset (&given->trust.root, 0, sizeof (PtHash));
}

static void
change_trust_authority (Case *given)
{
  memcpy (given->trust.authority_key, given->trust.service_key, PT_PUBLIC_KEY_SIZE);
}

static void
change_trust_no_keys (Case *given)
{
  given->trust.has_keys = FALSE;
  given->trust.keys_failure = (char *) "no such area";
}

static void
change_trust_failed (Case *given)
{
  given->trust = (PtTrust){ .source = (char *) "x", .failure = (char *) "nobody answers" };
}

static void
change_file (Case *given)
{
  gsize size;
  const char *data = g_bytes_get_data (given->file, &size);
  char *copy = g_memdup2 (data, size);

  copy[size / 2] ^= 1;
  g_clear_pointer (&given->file, g_bytes_unref);
  given->file = g_bytes_new_take (copy, size);
}

static void
change_file_other (Case *given)
{
  g_clear_pointer (&given->file, g_bytes_unref);
  given->file = g_bytes_ref (log_.files[0]);
}

static void
change_file_empty (Case *given)
{
  g_clear_pointer (&given->file, g_bytes_unref);
  given->file = g_bytes_new (NULL, 0);
}

static void
change_file_none (Case *given)
{
  g_clear_pointer (&given->file, g_bytes_unref);
}

/* A server that lies well: another batch file, and a proof that names it. */
static void
change_file_and_cid (Case *given)
{
  given->bundle.cid = log_.cids[0];
  change_file_other (given);
}

typedef struct
{
  const char *name;
  void (*change) (Case *given);
  const char *expected;
} Row;

static const Row rows[] = {
  { "good", NULL, "HHHHHHHH" },
  { "power", change_power, "HFHHFFNH" },
  { "received", change_received, "HHHHFFNH" },
  { "received-before-registration", change_early, "HHFHFFNH" },
  { "other-report", change_other_report, "HHHHFFNH" },
  { "entry-area", change_entry_area, "FNNNFFNH" },
  { "entry-form", change_entry_form, "FNNNFFNH" },
  { "area", change_area, "FNNNHFNH" },
  { "batch", change_batch, "HHHHHFNH" },
  { "cid", change_cid, "HHHHHFNF" },
  { "index", change_index, "HHHHFFNH" },
  { "size", change_size, "HHHHFHFF" },
  { "path", change_path, "HHHHFHHH" },
  { "path-length", change_path_length, "HHHHFHHH" },
  { "root", change_root, "HHHHFHFF" },
  { "registered-key", change_signer_key, "HFHFHHHH" },
  { "registered-site", change_signer_site, "HHFFHHHH" },
  { "registered-place", change_signer_place, "HHFFHHHH" },
  { "registered-customers", change_signer_customers, "HHHFHHHH" },
  { "revoked", change_signer_revoked, "HHFFHHHH" },
  { "other-registration", change_signer_other, "HNFHHHHH" },
  { "no-registration", change_signer_none, "HNFNHHHH" },
  { "registration-garbage", change_signer_garbage, "HNFNHHHH" },
  { "chain-other-root", change_trust_root, "HHHHHHHF" },
  { "chain-no-batch", change_trust_zero, "HHHHHHHF" },
  { "chain-other-authority", change_trust_authority, "HHHFHHHH" },
  { "chain-no-keys", change_trust_no_keys, "HHHNHHHH" },
  { "chain-not-asked", change_trust_failed, "HHHNHHNN" },
  { "chain-other-before", change_trust_previous, "HHHHHHFH" },
  { "chain-not-asked-before", change_trust_no_previous, "HHHHHHNH" },
  { "chain-other-size", change_trust_size, "HHHHHHHF" },
  { "chain-other-cid", change_trust_cid, "HHHHHHHF" },
  { "chain-no-event", change_trust_no_event, "HHHHHHHN" },
  { "chain-other-contract", change_trust_contract, "HHHHHHHF" },
  { "chain-other-chain", change_trust_chain, "HHHHHHHF" },
  { "file-byte", change_file, "HHHHHFNH" },
  { "file-other", change_file_other, "HHHHHFNH" },
  { "file-empty", change_file_empty, "HHHHHFNH" },
  { "file-none", change_file_none, "HHHHHNNH" },
  { "file-and-cid", change_file_and_cid, "HHHHHFNF" },
};

static void
test_row (gconstpointer data)
{
  const Row *row = data;
  Case given = { .bundle = make_bundle (REPORT, 0),
                 .trust = log_.trust,
                 .file = g_bytes_ref (log_.files[1]) };
  g_autoptr (PtCheck) check = NULL;
  g_autoptr (GBytes) bytes = NULL;

  if (row->change != NULL)
    row->change (&given);
  bytes = write_bundle (&given.bundle);
  g_assert_false (pt_check_looks_like_batch (bytes));
  check = pt_check_bundle (bytes, &given.trust, given.file);
  assert_steps (check, ALL, row->expected);
  g_assert_true (check->is_bundle);
  g_assert_true (check->parsed);
  g_assert_cmpuint (check->chain_id, ==, 31337);
  g_clear_pointer (&given.file, g_bytes_unref);
  g_free (given.entry);
  g_free (given.signer);
}

static void
test_fields (void)
{
  PtBundle bundle = make_bundle (REPORT, 0);
  g_autoptr (GBytes) bytes = write_bundle (&bundle);
  g_autoptr (PtCheck) check = pt_check_bundle (bytes, NULL, NULL);
  const PtCheckStep *step;

  assert_steps (check, ALL, "HHHNHNNN");
  g_assert_cmpstr (check->area, ==, "demo-east");
  g_assert_cmpstr (check->device, ==, "tx-0001");
  g_assert_cmpstr (check->site, ==, "T-0001");
  g_assert_true (check->power_on);
  g_assert_cmpint (check->ts, ==, 1764000001000);
  g_assert_cmpint (check->received, ==, 1764000001321);
  g_assert_cmpint (check->seq, ==, 1);
  g_assert_cmpuint (check->index, ==, REPORT);
  g_assert_cmpuint (check->size, ==, log_.count);
  g_assert_cmpstr (check->contract, ==, "0xc0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0");
  step = g_ptr_array_index (check->steps, 1);
  g_assert_cmpstr (step->sentence, ==, "The device signed this report itself.");
  step = g_ptr_array_index (check->steps, 4);
  g_assert_cmpstr (step->sentence, ==, "It is entry 16 of the public record.");
}

/* Entries that no device signed. */
static void
test_kinds (void)
{
  PtBundle roster = make_bundle (log_.count - 1, G_MAXUINT);
  PtBundle registration = make_bundle (0, G_MAXUINT);
  g_autoptr (GBytes) roster_bytes = write_bundle (&roster);
  g_autoptr (GBytes) registration_bytes = NULL;
  g_autoptr (PtCheck) with = pt_check_bundle (roster_bytes, &log_.trust, log_.files[1]);
  g_autoptr (PtCheck) without = pt_check_bundle (roster_bytes, NULL, log_.files[1]);
  g_autoptr (PtCheck) registered = NULL;

  assert_steps (with, "form signature inclusion file frontier chain", "HHHHHH");
  assert_steps (without, "form signature inclusion file frontier chain", "HNHHNN");
  g_assert_null (with->device);
  /* It stands in batch 1, so batch 2's file has no such entry. */
  registration_bytes = write_bundle (&registration);
  registered = pt_check_bundle (registration_bytes, &log_.trust, log_.files[1]);
  assert_steps (registered, "form authority inclusion file frontier chain", "HHHFNH");
}

/* An action is its own, a citizen's by the key that it names; what a device lost is a device's. */
static void
test_new_kinds (void)
{
  static const struct
  {
    const char *in;
    guint signer; /* G_MAXUINT: none */
    const char *steps, *sentence;
  } cases[] = {
    { "\"action\":\"file\"", G_MAXUINT, "form signature inclusion file frontier chain",
      "The citizen signed this entry with a key of their own, which it names." },
    { "\"kind\":\"lost\"", 0, ALL, "The device signed this entry itself." },
    { "\"action\":\"resolve\"", 3, ALL, "The official signed this entry themselves." },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GBytes) bytes = NULL;
      g_autoptr (PtCheck) check = NULL;
      PtBundle bundle;
      guint at = 0;

      while (g_strstr_len (log_.entries[at].data, (gssize) log_.entries[at].size, cases[i].in)
             == NULL)
        at++;
      bundle = make_bundle (at, cases[i].signer);
      bytes = write_bundle (&bundle);
      check = pt_check_bundle (bytes, &log_.trust, log_.files[1]);
      assert_steps (check, cases[i].steps, i == 0 ? "HHHHHH" : "HHHHHHHH");
      g_assert_cmpstr (((PtCheckStep *) g_ptr_array_index (check->steps, 1))->sentence, ==,
                       cases[i].sentence);
    }
}

/* A batch file by itself accuses nobody of what an earlier one holds. */
static void
test_alone (void)
{
  for (guint batch = 1; batch <= 4; batch++)
    {
      g_autofree char *name = g_strdup_printf ("v2/batch-%u.json", batch);
      g_autoptr (GBytes) file = read_file (name);
      g_autoptr (PtCheck) check = pt_check_batch (file, &log_.trust);

      g_assert_cmpint (((PtCheckStep *) g_ptr_array_index (check->steps, 0))->verdict, ==,
                       PT_VERDICT_HOLDS);
      g_assert_cmpint (((PtCheckStep *) g_ptr_array_index (check->steps, 1))->verdict, ==,
                       batch == 1 ? PT_VERDICT_HOLDS : PT_VERDICT_NOT_CHECKED);
    }
}

static void
test_garbage (void)
{
  static const char *const texts[]
      = { "", "{}", "[1]", "null", "{\"area\":\"demo-east\"", "\n\n", "<!DOCTYPE html>" };
  g_autofree char *large = g_malloc0 (PT_BUNDLE_MAX + 2);
  g_autoptr (GBytes) too_large = g_bytes_new_static (large, PT_BUNDLE_MAX + 1);
  g_autoptr (PtCheck) refused = pt_check_bundle (too_large, &log_.trust, NULL);

  assert_steps (refused, ALL, "FNNNNNNN");
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (GBytes) bytes = g_bytes_new (texts[i], strlen (texts[i]));
      g_autoptr (PtCheck) check = pt_check_bundle (bytes, &log_.trust, bytes);
      g_autoptr (PtCheck) batch = pt_check_batch (bytes, &log_.trust);

      assert_steps (check, ALL, "FNNNNNNN");
      g_assert_false (check->parsed);
      assert_steps (batch, "form signature frontier chain", "FNNN");
      g_assert_false (batch->parsed);
      g_assert_false (pt_check_looks_like_batch (bytes));
    }
}

static gboolean
is_between (const char *text, const char *after, const char *before, gsize at)
{
  const char *from = strstr (text, after), *to;

  g_assert_nonnull (from);
  to = strstr (from + strlen (after), before);
  g_assert_nonnull (to);
  return at >= (gsize) (from - text) && at < (gsize) (to - text);
}

/* Block, chain id, contract and transaction are no evidence, but where to look for it. And when the
 * registration came is signed by nobody. */
static gboolean
is_no_evidence (const char *text, gsize at)
{
  const char *signer = strstr (text, "\"signer\":");

  if (is_between (text, "\"chain\":", "\"cid\":", at))
    return TRUE;
  return at >= (gsize) (signer - text)
         && is_between (signer, "received\\\":", "\\\"sig", at - (gsize) (signer - text));
}

/* No byte of a proof may be another one. */
static void
test_every_byte (void)
{
  PtBundle bundle = make_bundle (REPORT, 0);
  g_autoptr (GBytes) bytes = write_bundle (&bundle);
  gsize size = g_bytes_get_size (bytes);
  g_autofree char *text = g_strndup (g_bytes_get_data (bytes, NULL), size);

  for (gsize at = 0; at < size; at++)
    {
      g_autoptr (GBytes) changed = NULL;
      g_autoptr (PtCheck) check = NULL;
      char kept = text[at];

      if (is_no_evidence (text, at))
        continue;
      text[at] ^= at % 2 == 0 ? 1 : 4;
      changed = g_bytes_new (text, size);
      text[at] = kept;
      check = pt_check_bundle (changed, &log_.trust, log_.files[1]);
      if (pt_check_verdict (check) != PT_VERDICT_FAILS)
        g_error ("byte %" G_GSIZE_FORMAT " of the proof may be another one", at);
    }
}

/* As verify has it: one line feed at the end, which editors put there, and no more. */
static void
test_last_line (void)
{
  PtBundle bundle = make_bundle (REPORT, 0);
  g_autoptr (GBytes) bytes = write_bundle (&bundle);
  gsize size = g_bytes_get_size (bytes);
  static const struct
  {
    const char *end;
    PtVerdict verdict;
  } ends[] = { { "\n", PT_VERDICT_HOLDS },
               { "\n\n", PT_VERDICT_FAILS },
               { "\r\n", PT_VERDICT_FAILS },
               { " ", PT_VERDICT_FAILS } };

  for (guint i = 0; i < G_N_ELEMENTS (ends); i++)
    {
      g_autofree char *text = g_strdup_printf (
          "%.*s%s", (int) size, (const char *) g_bytes_get_data (bytes, NULL), ends[i].end);
      g_autoptr (GBytes) ended = g_bytes_new (text, strlen (text));
      g_autoptr (PtCheck) check = pt_check_bundle (ended, &log_.trust, log_.files[1]);

      g_assert_cmpint (pt_check_verdict (check), ==, ends[i].verdict);
    }
}

static void
test_every_cut (void)
{
  PtBundle bundle = make_bundle (REPORT, 0);
  g_autoptr (GBytes) bytes = write_bundle (&bundle);

  for (gsize size = 0; size < g_bytes_get_size (bytes); size += 7)
    {
      g_autoptr (GBytes) cut = g_bytes_new_from_bytes (bytes, 0, size);
      g_autoptr (PtCheck) check = pt_check_bundle (cut, &log_.trust, log_.files[1]);

      assert_steps (check, ALL, "FNNNNNNN");
    }
}

/* Batch files */

#define BATCH "form signature frontier chain"

static void
test_batches (void)
{
  PtTrust trust = log_.trust;
  g_autoptr (PtCheck) second = pt_check_batch (log_.files[1], &trust);
  g_autoptr (PtCheck) first = NULL, blind = NULL, other = NULL;
  char cid[PT_CID_TEXT_SIZE + 1];

  /* Its devices are registered in the batch before. */
  assert_steps (second, BATCH, "HNHH");
  g_assert_true (pt_check_looks_like_batch (log_.files[1]));
  g_assert_cmpuint (second->batch, ==, 2);
  g_assert_cmpuint (second->size, ==, log_.count);
  pt_cid_to_text (&log_.cids[1], cid);
  g_assert_cmpstr (second->cid, ==, cid);
  trust_batch (&trust, 0);
  first = pt_check_batch (log_.files[0], &trust);
  assert_steps (first, BATCH, "HHHH");
  blind = pt_check_batch (log_.files[0], NULL);
  assert_steps (blind, BATCH, "HNHN");
  memcpy (trust.authority_key, trust.service_key, PT_PUBLIC_KEY_SIZE);
  other = pt_check_batch (log_.files[0], &trust);
  assert_steps (other, BATCH, "HFHH");
}

/* Any other byte in the first batch file, with what the chain says; but when its window began
 * stands on no root. */
static void
test_batch_every_byte (void)
{
  PtTrust trust = log_.trust;
  gsize size = g_bytes_get_size (log_.files[0]);
  g_autofree char *text = g_strndup (g_bytes_get_data (log_.files[0], NULL), size);

  trust_batch (&trust, 0);
  for (gsize at = 0; at < size; at++)
    {
      g_autoptr (GBytes) changed = NULL;
      g_autoptr (PtCheck) check = NULL;
      char kept = text[at];

      if (is_between (strstr (text, "\"format\""), "\"from\"", "\"frontier\"",
                      at - (gsize) (strstr (text, "\"format\"") - text)))
        continue;
      text[at] ^= 1;
      changed = g_bytes_new (text, size);
      text[at] = kept;
      check = pt_check_batch (changed, &trust);
      if (pt_check_verdict (check) == PT_VERDICT_HOLDS)
        g_error ("byte %" G_GSIZE_FORMAT " of the batch file may be another one", at);
    }
}

/* A signature that is changed after all, with the tree made anew around it. */
static void
test_batch_resigned (void)
{
  PtTrust trust = log_.trust;
  g_autoptr (GString) text = g_string_new (NULL);
  PtBatchHeader header = log_.headers[0];
  char line[PT_BATCH_LAST_LINE_MAX];
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (PtCheck) check = NULL;
  PtFrontier frontier;
  size_t size;

  pt_frontier_init (&frontier);
  pt_batch_write_first_line (&header, line, sizeof line, &size);
  g_string_append_len (text, line, (gssize) size);
  g_string_append_c (text, '\n');
  for (guint i = 0; i < log_.first_of_2; i++)
    {
      g_autofree char *entry = g_strndup (log_.entries[i].data, log_.entries[i].size);
      char *customers = strstr (entry, "\"customers\":63");
      PtHash leaf;

      if (customers != NULL)
        customers[12] = '9';
      pt_tree_leaf_hash (pt_text (entry), &leaf);
      pt_frontier_append (&frontier, &leaf);
      g_string_append_printf (text, "%s%s\n", entry, i + 1 < log_.first_of_2 ? "," : "");
    }
  pt_frontier_root (&frontier, &header.root);
  pt_batch_write_last_line (&header, line, sizeof line, &size);
  g_string_append_len (text, line, (gssize) size);
  g_string_append_c (text, '\n');
  bytes = g_bytes_new (text->str, text->len);
  trust_batch (&trust, 0);
  check = pt_check_batch (bytes, &trust);
  assert_steps (check, BATCH, "HFHF");
}

/* rules.json, one file at a time: what the signatures don't show is said of the form. */
static gboolean
is_of_signature (PtRule rule)
{
  return rule >= PT_RULE_UNKNOWN_DEVICE && rule <= PT_RULE_BAD_SIGNATURE;
}

static void
check_case (const PtRuleCase *c)
{
  for (guint batch = 1; batch <= json_array_get_length (c->files); batch++)
    {
      PtSpan text = pt_rule_case_file (c, batch);
      PtBatchHeader header = pt_rule_case_header (c, batch);
      PtRuleFound expected = pt_rule_case_alone (c, batch);
      PtTrust trust = { .has_root = TRUE,
                        .root = header.root,
                        .has_keys = TRUE,
                        .has_previous = batch > 1,
                        .previous_root = header.previous_root };
      g_autoptr (GBytes) file = g_bytes_new_static (text.data, text.size);
      g_autofree char *line = g_strdup_printf ("in line %" G_GUINT64_FORMAT, expected.line);
      g_autoptr (PtCheck) check = NULL;
      const PtCheckStep *form, *signature;

      memcpy (trust.authority_key, c->authority_key, PT_PUBLIC_KEY_SIZE);
      memcpy (trust.service_key, c->service_key, PT_PUBLIC_KEY_SIZE);
      check = pt_check_batch (file, &trust);
      form = check->steps->pdata[0];
      signature = check->steps->pdata[1];
      g_assert_cmpint (form->verdict, ==,
                       expected.rule == PT_RULE_HOLDS || is_of_signature (expected.rule)
                           ? PT_VERDICT_HOLDS
                           : PT_VERDICT_FAILS);
      g_assert_cmpint (signature->verdict == PT_VERDICT_FAILS, ==, is_of_signature (expected.rule));
      if (expected.rule != PT_RULE_HOLDS && expected.line > 0)
        g_assert_nonnull (
            strstr (is_of_signature (expected.rule) ? signature->reason : form->reason, line));
    }
}

static void
test_rules (void)
{
  pt_rule_cases_each (check_case);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  read_log ();
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *path = g_strconcat ("/check/bundle/", rows[i].name, NULL);

      g_test_add_data_func (path, &rows[i], test_row);
    }
  g_test_add_func ("/check/fields", test_fields);
  g_test_add_func ("/check/kinds", test_kinds);
  g_test_add_func ("/check/new-kinds", test_new_kinds);
  g_test_add_func ("/check/alone", test_alone);
  g_test_add_func ("/check/garbage", test_garbage);
  g_test_add_func ("/check/every-byte", test_every_byte);
  g_test_add_func ("/check/last-line", test_last_line);
  g_test_add_func ("/check/every-cut", test_every_cut);
  g_test_add_func ("/check/batches", test_batches);
  g_test_add_func ("/check/batch-every-byte", test_batch_every_byte);
  g_test_add_func ("/check/batch-resigned", test_batch_resigned);
  g_test_add_func ("/check/rules", test_rules);
  return g_test_run ();
}
