/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-batch.h"
#include "pt-vectors.h"

static char line_buffer[PT_ENTRY_MAX + 2];

static bool
append_to_string (void *context, const void *data, size_t size)
{
  g_string_append_len (context, data, (gssize) size);
  return true;
}

typedef struct
{
  GPtrArray *entries; /* GBytes */
  GArray *leaves;     /* PtHash */
  uint64_t next;
  uint64_t stop_at; /* this index is refused */
  PtResult refusal;
} Seen;

static void
seen_init (Seen *seen, uint64_t next)
{
  seen->entries = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  seen->leaves = g_array_new (FALSE, FALSE, sizeof (PtHash));
  seen->next = next;
  seen->stop_at = UINT64_MAX;
  seen->refusal = PT_OK;
}

static void
seen_clear (Seen *seen)
{
  g_clear_pointer (&seen->entries, g_ptr_array_unref);
  g_clear_pointer (&seen->leaves, g_array_unref);
}

static PtResult
see (void *context, uint64_t index, PtSpan entry, const PtHash *leaf)
{
  Seen *seen = context;

  g_assert_cmpuint (index, ==, seen->next++);
  if (index == seen->stop_at)
    return seen->refusal;
  g_ptr_array_add (seen->entries, g_bytes_new (entry.data, entry.size));
  g_array_append_val (seen->leaves, *leaf);
  return PT_OK;
}

/* Reads a file in pieces of @piece bytes. */
static PtResult
read_pieces (const PtFrontier *previous, const char *text, size_t size, size_t piece, Seen *seen,
             PtBatchHeader *header, uint64_t *line)
{
  PtBatchReader reader;
  PtResult result;

  g_assert_cmpint (pt_batch_reader_init (&reader, previous, line_buffer, sizeof line_buffer,
                                         seen != NULL ? see : NULL, seen),
                   ==, PT_OK);
  for (size_t at = 0; at < size; at += piece)
    {
      /* A copy of its own, so that the sanitizer sees any reading past the piece. */
      g_autofree char *copy = g_memdup2 (text + at, MIN (piece, size - at));

      if (pt_batch_reader_feed (&reader, copy, MIN (piece, size - at)) != PT_OK)
        break;
    }
  result = pt_batch_reader_finish (&reader, header);
  if (line != NULL)
    *line = reader.line;
  return result;
}

static PtResult
read_text (const PtFrontier *previous, const char *text, size_t size)
{
  PtBatchHeader header;

  return read_pieces (previous, text, size, size, NULL, &header, NULL);
}

#define BATCHES 4
#define LEAVES 168 /* of all of them */

static const uint64_t sizes_after[BATCHES] = { 15, 106, 162, LEAVES };

static char *
read_vector (unsigned batch, size_t *size)
{
  g_autofree char *name = g_strdup_printf ("v2/batch-%u.json", batch);

  return pt_vectors_read (name, size);
}

/* The tree before a batch of the vectors. */
static void
before_batch (unsigned batch, PtFrontier *frontier)
{
  pt_frontier_init (frontier);
  for (unsigned i = 1; i < batch; i++)
    {
      size_t size;
      g_autofree char *text = read_vector (i, &size);
      PtFrontier before = *frontier;
      PtBatchHeader header;
      PtHash root;
      Seen seen;

      seen_init (&seen, before.size);
      g_assert_cmpint (read_pieces (&before, text, size, size, &seen, &header, NULL), ==, PT_OK);
      for (guint k = 0; k < seen.leaves->len; k++)
        pt_frontier_append (frontier, &g_array_index (seen.leaves, PtHash, k));
      pt_frontier_root (frontier, &root);
      pt_assert_hash (root, header.root);
      g_assert_cmpuint (frontier->size, ==, header.size);
      seen_clear (&seen);
    }
}

static void
write_again (const PtBatchHeader *header, const Seen *seen, GString *out)
{
  PtBatchWriter writer;
  PtBatchHeader given = *header, written;

  memset (&given.root, 0, sizeof given.root);
  memset (&given.previous_root, 0, sizeof given.previous_root);
  given.size = 0;
  g_assert_cmpint (pt_batch_writer_open (&writer, &given, append_to_string, out), ==, PT_OK);
  for (guint i = 0; i < seen->entries->len; i++)
    {
      gsize size;
      const char *data = g_bytes_get_data (g_ptr_array_index (seen->entries, i), &size);
      PtHash leaf;

      g_assert_cmpint (pt_batch_writer_append (&writer, pt_span (data, size), &leaf), ==, PT_OK);
      pt_assert_hash (leaf, g_array_index (seen->leaves, PtHash, i));
    }
  g_assert_cmpint (pt_batch_writer_close (&writer, &written), ==, PT_OK);
  pt_assert_hash (written.root, header->root);
  pt_assert_hash (written.previous_root, header->previous_root);
  g_assert_cmpuint (written.size, ==, header->size);
}

/* Reading in any pieces gives the same, and writing gives the file back byte for byte. */
static void
check_round_trip (unsigned batch, const PtFrontier *previous, uint64_t size_after)
{
  const size_t pieces[] = { 1, 7, 64, 4096, 1 << 20 };
  size_t size;
  g_autofree char *text = read_vector (batch, &size);

  for (size_t i = 0; i < G_N_ELEMENTS (pieces); i++)
    {
      g_autoptr (GString) again = g_string_new (NULL);
      PtBatchHeader header;
      Seen seen;

      seen_init (&seen, previous->size);
      g_assert_cmpint (read_pieces (previous, text, size, pieces[i], &seen, &header, NULL), ==,
                       PT_OK);
      g_assert_cmpstr (header.area, ==, "demo-east");
      g_assert_cmpuint (header.batch, ==, batch);
      g_assert_cmpuint (header.size, ==, size_after);
      g_assert_cmpuint (seen.entries->len, ==, size_after - previous->size);
      write_again (&header, &seen, again);
      g_assert_cmpmem (again->str, again->len, text, size);
      seen_clear (&seen);
    }
}

static void
test_round_trip (void)
{
  PtFrontier previous;

  for (unsigned batch = 1; batch <= BATCHES; batch++)
    {
      before_batch (batch, &previous);
      check_round_trip (batch, &previous, sizes_after[batch - 1]);
    }
}

/* The leaves of all batches, in order. */
static void
all_leaves (PtHash leaves[LEAVES])
{
  PtFrontier frontier = { 0 };
  size_t at = 0;

  for (unsigned batch = 1; batch <= BATCHES; batch++)
    {
      size_t size;
      g_autofree char *text = read_vector (batch, &size);
      PtFrontier before = frontier;
      PtBatchHeader header;
      Seen seen;

      seen_init (&seen, before.size);
      g_assert_cmpint (read_pieces (&before, text, size, 100, &seen, &header, NULL), ==, PT_OK);
      for (guint j = 0; j < seen.leaves->len; j++)
        {
          leaves[at] = g_array_index (seen.leaves, PtHash, j);
          pt_frontier_append (&frontier, &leaves[at++]);
        }
      seen_clear (&seen);
    }
  g_assert_cmpuint (at, ==, LEAVES);
}

/* What we build for the vectors' batches is what another implementation built. */
static void
test_proofs (void)
{
  g_autoptr (JsonNode) node = pt_vectors_load ("v2/batches.json");
  JsonObject *object = json_node_get_object (node);
  JsonArray *cases = json_object_get_array_member (object, "inclusion");
  PtHash leaves[LEAVES], path[PT_TREE_DEPTH_MAX], expected[PT_TREE_DEPTH_MAX], root, wanted;
  PtPathBuilder builder;
  PtFrontier frontier = { 0 };
  size_t count, expected_count;
  int64_t old_size, size;

  all_leaves (leaves);
  for (guint i = 0; i < json_array_get_length (cases); i++)
    {
      JsonObject *one = json_array_get_object_element (cases, i);

      size = json_object_get_int_member (one, "size");
      wanted = pt_hash_from_hex (json_object_get_string_member (one, "root"));
      expected_count = pt_hashes_from_json (json_object_get_array_member (one, "path"), expected,
                                            PT_TREE_DEPTH_MAX);
      pt_path_builder_inclusion (&builder, &frontier, json_object_get_int_member (one, "index"));
      for (int64_t j = 0; j < size; j++)
        pt_path_builder_append (&builder, &leaves[j]);
      g_assert_cmpint (pt_path_builder_finish (&builder, path, &count, &root), ==, PT_OK);
      g_assert_cmpmem (path, count * sizeof *path, expected, expected_count * sizeof *path);
      pt_assert_hash (root, wanted);
    }

  object = json_object_get_object_member (object, "consistency");
  old_size = json_object_get_int_member (object, "from");
  size = json_object_get_int_member (object, "to");
  for (int64_t j = 0; j < old_size; j++)
    pt_frontier_append (&frontier, &leaves[j]);
  pt_path_builder_consistency (&builder, &frontier);
  for (int64_t j = old_size; j < size; j++)
    pt_path_builder_append (&builder, &leaves[j]);
  expected_count = pt_hashes_from_json (json_object_get_array_member (object, "proof"), expected,
                                        PT_TREE_DEPTH_MAX);
  g_assert_cmpint (pt_path_builder_finish (&builder, path, &count, &root), ==, PT_OK);
  g_assert_cmpmem (path, count * sizeof *path, expected, expected_count * sizeof *path);
}

/* Every byte of a file counts: changed, dropped or doubled, the file is refused. Only the name of
 * the area and the numbers that the caller compares (batch, from, to) may take another valid form,
 * and then the header says so. */
static void
test_every_byte (void)
{
  const char changes[] = { 1, 0x20, (char) 0x80 };
  PtFrontier previous;
  PtBatchHeader original, header;
  size_t size;
  g_autofree char *text = read_vector (BATCHES, &size);

  before_batch (BATCHES, &previous);
  g_assert_cmpint (read_pieces (&previous, text, size, size, NULL, &original, NULL), ==, PT_OK);
  for (size_t i = 0; i < size; i++)
    {
      g_autoptr (GString) mutant = g_string_new_len (text, (gssize) size);

      for (size_t j = 0; j < G_N_ELEMENTS (changes); j++)
        {
          mutant->str[i] = (char) (text[i] ^ changes[j]);
          if (read_pieces (&previous, mutant->str, size, size, NULL, &header, NULL) == PT_OK)
            g_assert_true (strcmp (header.area, original.area) != 0
                           || header.batch != original.batch || header.from != original.from
                           || header.to != original.to);
        }
      mutant->str[i] = text[i];
      g_string_insert_c (mutant, (gssize) i, ' ');
      g_assert_cmpint (read_text (&previous, mutant->str, mutant->len), !=, PT_OK);
      g_string_erase (mutant, (gssize) i, 1);
      g_string_erase (mutant, (gssize) i, 1);
      if (read_pieces (&previous, mutant->str, mutant->len, mutant->len, NULL, &header, NULL)
          == PT_OK)
        g_assert_true (strcmp (header.area, original.area) != 0 || header.from != original.from
                       || header.to != original.to);
    }
}

static void
test_truncated (void)
{
  PtFrontier previous;
  size_t size;
  g_autofree char *text = read_vector (BATCHES, &size);
  g_autoptr (GString) longer = g_string_new_len (text, (gssize) size);

  before_batch (BATCHES, &previous);
  for (size_t i = 0; i < size; i++)
    g_assert_cmpint (read_text (&previous, text, i), ==, PT_MALFORMED);
  for (int byte = 0; byte < 256; byte++)
    {
      g_string_append_c (longer, (char) byte);
      g_assert_cmpint (read_text (&previous, longer->str, longer->len), ==, PT_MALFORMED);
      g_string_truncate (longer, size);
    }
}

static void
test_wrong_previous (void)
{
  PtFrontier empty = { 0 }, previous, wrong;
  size_t size;
  g_autofree char *text = read_vector (BATCHES, &size);
  PtHash leaf = pt_numbered_leaf (0);

  before_batch (BATCHES, &previous);
  g_assert_cmpint (read_text (&empty, text, size), ==, PT_BAD_PROOF);
  wrong = previous;
  wrong.nodes[1].bytes[31] ^= 1;
  g_assert_cmpint (read_text (&wrong, text, size), ==, PT_BAD_PROOF);
  wrong = previous;
  pt_frontier_append (&wrong, &leaf);
  g_assert_cmpint (read_text (&wrong, text, size), ==, PT_BAD_PROOF);
  wrong = previous;
  wrong.nodes[60].bytes[0] = 1; /* beyond its count: no part of it */
  g_assert_cmpint (read_text (&wrong, text, size), ==, PT_OK);
}

/* A batch of our own around @count entries. */
static GString *
make_batch (size_t count, const char *first, const PtFrontier *previous, int64_t from, int64_t to)
{
  g_autoptr (GString) out = g_string_new (NULL);
  PtBatchHeader header = { .area = "a", .batch = 7, .from = from, .to = to, .previous = *previous };
  PtBatchHeader written;
  PtBatchWriter writer;

  g_assert_cmpint (pt_batch_writer_open (&writer, &header, append_to_string, out), ==, PT_OK);
  for (size_t i = 0; i < count; i++)
    {
      g_autofree char *entry = g_strdup_printf ("{\"n\":%zu}", i);

      g_assert_cmpint (
          pt_batch_writer_append (&writer, pt_text (i == 0 && first != NULL ? first : entry), NULL),
          ==, PT_OK);
    }
  g_assert_cmpint (pt_batch_writer_close (&writer, &written), ==, PT_OK);
  return g_steal_pointer (&out);
}

/* Replaces the only occurrence of @from. */
static void
check_replaced (const GString *batch, const char *from, const char *to, PtResult expected)
{
  g_autoptr (GString) mutant = g_string_new_len (batch->str, (gssize) batch->len);
  PtFrontier empty = { 0 };

  g_assert_cmpuint (g_string_replace (mutant, from, to, 0), ==, 1);
  g_test_message ("%s -> %s", from, to);
  g_assert_cmpint (read_text (&empty, mutant->str, mutant->len), ==, expected);
}

static void
test_forms (void)
{
  PtFrontier empty = { 0 };
  g_autoptr (GString) batch = make_batch (3, NULL, &empty, 10, 20);

  check_replaced (batch, "\"area\":\"a\"", "\"area\": \"a\"", PT_MALFORMED);
  check_replaced (batch, "\"area\":\"a\"", "\"area\":\"\"", PT_MALFORMED);
  check_replaced (batch, "\"area\":\"a\"", "\"area\":\"A\"", PT_MALFORMED);
  check_replaced (batch, "\"area\":\"a\"", "\"area\":\"-a\"", PT_MALFORMED);
  check_replaced (batch, "\"area\":\"a\"", "\"area\":\"\\u0061\"", PT_MALFORMED);
  check_replaced (batch, "\"area\":\"a\"", "\"area\":\"a2345678901234567890123456789012\"",
                  PT_MALFORMED);
  check_replaced (batch, "\"batch\":7", "\"batch\":0", PT_MALFORMED);
  check_replaced (batch, "\"batch\":7", "\"batch\":-7", PT_MALFORMED);
  check_replaced (batch, "\"batch\":7", "\"batch\":07", PT_MALFORMED);
  check_replaced (batch, "\"batch\":7", "\"batch\":7.0", PT_MALFORMED);
  check_replaced (batch, "\"batch\":7", "\"batch\":\"7\"", PT_MALFORMED);
  check_replaced (batch, "\"batch\":7", "\"batch\":9007199254740992", PT_MALFORMED);
  check_replaced (batch, "\"batch\":7", "\"batch\":9007199254740991", PT_OK);
  check_replaced (batch, "\"batch\":7", "\"batch\":7,\"x\":1", PT_MALFORMED);
  check_replaced (batch, "\"entries\":[\n", "\"entries\":[", PT_MALFORMED);
  check_replaced (batch, "\"entries\":[\n", "\"entries\":[\r\n", PT_MALFORMED);
  check_replaced (batch, "{\"n\":0},\n", "{\"n\":0}\n", PT_MALFORMED);
  check_replaced (batch, "{\"n\":2}\n", "{\"n\":2},\n", PT_MALFORMED);
  check_replaced (batch, "{\"n\":2}\n", "{\"n\":2}\n\n", PT_MALFORMED);
  check_replaced (batch, "{\"n\":1},\n", "{\"n\":1},\n\n", PT_MALFORMED);
  check_replaced (batch, "{\"n\":1},\n", ",\n", PT_MALFORMED);
  check_replaced (batch, "{\"n\":1},\n", "{\"n\":1},,\n", PT_BAD_PROOF);
  check_replaced (batch, "{\"n\":1},\n", "", PT_BAD_PROOF);
  check_replaced (batch, "{\"n\":1},\n", "{\"n\":1},\n{\"n\":1},\n", PT_BAD_PROOF);
  check_replaced (batch, "powertrack-batch-1", "powertrack-batch-2", PT_MALFORMED);
  check_replaced (batch, "\"frontier\":[]", "\"frontier\":[ ]", PT_MALFORMED);
  check_replaced (batch, "\"prev_size\":0", "\"prev_size\":1", PT_BAD_PROOF);
  check_replaced (batch, "\"prev_size\":0", "\"prev_size\":-0", PT_MALFORMED);
  check_replaced (batch, "\"size\":3", "\"size\":4", PT_BAD_PROOF);
  check_replaced (batch, "\"size\":3", "\"size\":0", PT_BAD_PROOF);
  check_replaced (batch, "\"from\":10", "\"from\":20", PT_BAD_WINDOW);
  check_replaced (batch, "\"from\":10", "\"from\":21", PT_BAD_WINDOW);
  check_replaced (batch, "\"from\":10", "\"from\":-1", PT_MALFORMED);
  check_replaced (batch, "\"to\":20", "\"to\":10", PT_BAD_WINDOW);
  check_replaced (batch, "\"to\":20}", "\"to\":20,\"z\":1}", PT_MALFORMED);
  check_replaced (batch, "\"to\":20}\n", "\"to\":20}", PT_MALFORMED);
  check_replaced (batch, "\"to\":20}\n", "\"to\":20}\n\n", PT_MALFORMED);
  check_replaced (batch, "\"to\":20}\n", "\"to\":20} \n", PT_MALFORMED);
}

static void
test_upper_case_hex (void)
{
  PtFrontier empty = { 0 };
  g_autoptr (GString) batch = make_batch (3, NULL, &empty, 10, 20);
  char *root = strstr (batch->str, ",\"root\":\"") + 9;

  g_assert_cmpint (read_text (&empty, batch->str, batch->len), ==, PT_OK);
  while (*root >= '0' && *root <= '9')
    root++;
  *root = g_ascii_toupper (*root);
  g_assert_cmpint (read_text (&empty, batch->str, batch->len), ==, PT_MALFORMED);
}

/* Reader and writer agree on how long an entry may be, whole or in pieces. */
static void
test_entry_sizes (void)
{
  PtFrontier empty = { 0 };
  g_autofree char *longest = g_strnfill (PT_ENTRY_MAX, 'x');
  g_autofree char *too_long = g_strnfill (PT_ENTRY_MAX + 1, 'x');
  g_autoptr (GString) batch = make_batch (2, longest, &empty, 10, 20);
  const size_t pieces[] = { 1, 4096, 1 << 20 };

  for (size_t i = 0; i < G_N_ELEMENTS (pieces); i++)
    {
      PtBatchHeader header;
      g_autoptr (GString) longer = g_string_new_len (batch->str, (gssize) batch->len);
      uint64_t line;

      g_assert_cmpint (read_pieces (&empty, batch->str, batch->len, pieces[i], NULL, &header, NULL),
                       ==, PT_OK);
      g_string_replace (longer, longest, too_long, 1);
      g_assert_cmpint (
          read_pieces (&empty, longer->str, longer->len, pieces[i], NULL, &header, &line), ==,
          PT_TOO_LARGE);
      g_assert_cmpuint (line, ==, 2);
      g_string_replace (longer, ",\n", "\n", 1);
      g_assert_cmpint (
          read_pieces (&empty, longer->str, longer->len, pieces[i], NULL, &header, NULL), ==,
          PT_TOO_LARGE);
    }
}

/* Bytes without any newline never grow the reader. */
static void
test_endless_line (void)
{
  PtFrontier empty = { 0 };
  g_autofree char *noise = g_strnfill (1 << 20, '{');
  PtBatchHeader header;

  g_assert_cmpint (read_pieces (&empty, noise, 1 << 20, 1 << 20, NULL, &header, NULL), ==,
                   PT_TOO_LARGE);
  g_assert_cmpint (read_pieces (&empty, noise, 1 << 20, 100, NULL, &header, NULL), ==,
                   PT_TOO_LARGE);
  noise[(1 << 20) - 1] = '\n';
  g_assert_cmpint (read_pieces (&empty, noise, 1 << 20, 1 << 20, NULL, &header, NULL), ==,
                   PT_TOO_LARGE);
}

static void
test_few_entries (void)
{
  PtFrontier empty = { 0 };
  g_autoptr (GString) out = g_string_new (NULL);
  PtBatchHeader header = { .area = "a", .batch = 1, .from = 0, .to = 1 }, written;
  PtBatchWriter writer;
  char last[PT_BATCH_LAST_LINE_MAX];
  size_t size;

  g_assert_cmpint (pt_batch_writer_open (&writer, &header, append_to_string, out), ==, PT_OK);
  g_assert_cmpint (pt_batch_writer_close (&writer, &written), ==, PT_MALFORMED);
  g_assert_cmpint (pt_batch_writer_append (&writer, pt_text ("{}"), &header.root), ==, PT_OK);
  g_assert_cmpint (pt_batch_writer_close (&writer, &written), ==, PT_MALFORMED);

  /* The reader refuses what the writer will not make. */
  header.previous_root = writer.header.previous_root;
  header.size = 1;
  g_assert_cmpint (pt_batch_write_last_line (&header, last, sizeof last, &size), ==, PT_OK);
  g_string_append_c (out, '\n');
  g_string_append_len (out, last, (gssize) size);
  g_string_append_c (out, '\n');
  g_assert_cmpint (read_text (&empty, out->str, out->len), ==, PT_MALFORMED);
}

static void
test_writer_refuses (void)
{
  g_autoptr (GString) out = g_string_new (NULL);
  g_autofree char *long_entry = g_strnfill (PT_ENTRY_MAX + 1, 'x');
  const PtBatchHeader good = { .area = "a", .batch = 1, .from = 0, .to = 1 };
  PtBatchHeader header = good;
  PtBatchWriter writer;
  PtHash leaf;

  header.area[0] = 'A';
  g_assert_cmpint (pt_batch_writer_open (&writer, &header, append_to_string, out), ==,
                   PT_MALFORMED);
  memset (header.area, 'a', sizeof header.area); /* no NUL */
  g_assert_cmpint (pt_batch_writer_open (&writer, &header, append_to_string, out), ==,
                   PT_MALFORMED);
  header = good;
  header.batch = 0;
  g_assert_cmpint (pt_batch_writer_open (&writer, &header, append_to_string, out), ==,
                   PT_MALFORMED);
  header = good;
  header.to = 0;
  g_assert_cmpint (pt_batch_writer_open (&writer, &header, append_to_string, out), ==,
                   PT_BAD_WINDOW);
  header.from = -5;
  g_assert_cmpint (pt_batch_writer_open (&writer, &header, append_to_string, out), ==,
                   PT_BAD_WINDOW);
  header = good;
  header.previous.size = UINT64_C (1) << 53;
  g_assert_cmpint (pt_batch_writer_open (&writer, &header, append_to_string, out), ==,
                   PT_MALFORMED);
  g_assert_cmpuint (out->len, ==, 0);

  g_assert_cmpint (pt_batch_writer_open (&writer, &good, append_to_string, out), ==, PT_OK);
  g_assert_cmpint (pt_batch_writer_append (&writer, pt_text (""), &leaf), ==, PT_MALFORMED);
  g_assert_cmpint (pt_batch_writer_append (&writer, pt_text (long_entry), &leaf), ==, PT_TOO_LARGE);
  g_assert_cmpuint (writer.frontier.size, ==, 0);
}

/* Lets @*context calls through. */
static bool
stop_after (void *context, const void *data, size_t size)
{
  int *left = context;

  return (*left)-- > 0;
}

static void
test_sink_stops (void)
{
  const PtBatchHeader header = { .area = "a", .batch = 1, .from = 0, .to = 1 };
  PtBatchHeader written;
  PtBatchWriter writer;
  PtResult result;

  for (int calls = 0; calls <= 5; calls++)
    {
      int left = calls;

      result = pt_batch_writer_open (&writer, &header, stop_after, &left);
      for (int i = 0; i < 2 && result == PT_OK; i++)
        result = pt_batch_writer_append (&writer, pt_text ("{}"), NULL);
      if (result == PT_OK)
        result = pt_batch_writer_close (&writer, &written);
      g_assert_cmpint (result, ==, calls < 5 ? PT_STOPPED : PT_OK);
    }
}

static void
test_visitor_stops (void)
{
  PtFrontier empty = { 0 };
  g_autoptr (GString) batch = make_batch (9, NULL, &empty, 10, 20);

  for (uint64_t stop = 0; stop < 9; stop++)
    {
      PtBatchHeader header;
      uint64_t line;
      Seen seen;

      seen_init (&seen, 0);
      seen.stop_at = stop;
      seen.refusal = PT_BAD_ROSTER;
      g_assert_cmpint (read_pieces (&empty, batch->str, batch->len, 64, &seen, &header, &line), ==,
                       PT_BAD_ROSTER);
      g_assert_cmpuint (seen.entries->len, ==, stop);
      g_assert_cmpuint (line, ==, stop + 2);
      seen_clear (&seen);
    }
}

/* An error stays, whatever is fed later. */
static void
test_error_stays (void)
{
  PtFrontier empty = { 0 };
  g_autoptr (GString) batch = make_batch (2, NULL, &empty, 10, 20);
  PtBatchHeader header;
  PtBatchReader reader;
  char small[16];

  g_assert_cmpint (
      pt_batch_reader_init (&reader, &empty, line_buffer, sizeof line_buffer, NULL, NULL), ==,
      PT_OK);
  g_assert_cmpint (pt_batch_reader_feed (&reader, "\n", 1), ==, PT_MALFORMED);
  g_assert_cmpint (pt_batch_reader_feed (&reader, batch->str, batch->len), ==, PT_MALFORMED);
  g_assert_cmpint (pt_batch_reader_finish (&reader, &header), ==, PT_MALFORMED);
  g_assert_cmpstr (header.area, ==, "");

  g_assert_cmpint (pt_batch_reader_init (&reader, &empty, small, sizeof small, NULL, NULL), ==,
                   PT_NO_SPACE);
  g_assert_cmpint (pt_batch_reader_feed (&reader, batch->str, batch->len), ==, PT_NO_SPACE);
  g_assert_cmpint (pt_batch_reader_finish (&reader, &header), ==, PT_NO_SPACE);
}

/* The largest last line there can be fits its bound, and short buffers are noticed. */
static void
test_line_bounds (void)
{
  PtBatchHeader header = { .area = "a234567890123456789012345678901",
                           .batch = PT_INTEGER_MAX,
                           .from = PT_INTEGER_MAX - 1,
                           .to = PT_INTEGER_MAX,
                           .size = PT_INTEGER_MAX };
  PtBatchHeader parsed = { 0 };
  char line[PT_BATCH_LAST_LINE_MAX], first[PT_BATCH_FIRST_LINE_MAX];
  size_t size, short_size;

  header.previous.size = PT_INTEGER_MAX - 1; /* 52 nodes */
  for (size_t i = 0; i < 52; i++)
    header.previous.nodes[i] = pt_numbered_leaf (i);
  pt_frontier_root (&header.previous, &header.previous_root);
  g_assert_cmpint (pt_batch_write_last_line (&header, line, sizeof line - 2, &size), ==, PT_OK);
  g_assert_cmpint (pt_batch_parse_last_line (pt_span (line, size), &parsed), ==, PT_OK);
  g_assert_cmpuint (parsed.previous.size, ==, header.previous.size);
  g_assert_cmpint (pt_batch_write_last_line (&header, line, size - 1, &short_size), ==,
                   PT_NO_SPACE);
  g_assert_cmpuint (short_size, ==, 0);

  g_assert_cmpint (pt_batch_write_first_line (&header, first, sizeof first - 1, &size), ==, PT_OK);
  g_assert_cmpint (pt_batch_parse_first_line (pt_span (first, size), &parsed), ==, PT_OK);
  g_assert_cmpstr (parsed.area, ==, header.area);
  g_assert_cmpint (pt_batch_write_first_line (&header, first, size - 1, &short_size), ==,
                   PT_NO_SPACE);

  header.size = header.previous.size;
  g_assert_cmpint (pt_batch_write_last_line (&header, line, sizeof line, &size), ==, PT_BAD_PROOF);
  header.size = PT_INTEGER_MAX + UINT64_C (1);
  g_assert_cmpint (pt_batch_write_last_line (&header, line, sizeof line, &size), ==, PT_MALFORMED);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/batch/round-trip", test_round_trip);
  g_test_add_func ("/batch/proofs", test_proofs);
  g_test_add_func ("/batch/every-byte", test_every_byte);
  g_test_add_func ("/batch/truncated", test_truncated);
  g_test_add_func ("/batch/wrong-previous", test_wrong_previous);
  g_test_add_func ("/batch/forms", test_forms);
  g_test_add_func ("/batch/upper-case-hex", test_upper_case_hex);
  g_test_add_func ("/batch/entry-sizes", test_entry_sizes);
  g_test_add_func ("/batch/endless-line", test_endless_line);
  g_test_add_func ("/batch/few-entries", test_few_entries);
  g_test_add_func ("/batch/writer-refuses", test_writer_refuses);
  g_test_add_func ("/batch/sink-stops", test_sink_stops);
  g_test_add_func ("/batch/visitor-stops", test_visitor_stops);
  g_test_add_func ("/batch/error-stays", test_error_stays);
  g_test_add_func ("/batch/line-bounds", test_line_bounds);
  return g_test_run ();
}
