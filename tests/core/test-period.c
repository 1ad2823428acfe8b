/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-period.h"
#include "pt-period-cases.h"

/* period.json: two files, the tree of periods, and what is none instead of the second file. */

static JsonObject *
vectors_of (JsonNode *root)
{
  return json_node_get_object (root);
}

static JsonObject *
vector_file (JsonNode *root, guint index)
{
  return json_array_get_object_element (json_object_get_array_member (vectors_of (root), "periods"),
                                        index);
}

static const char *
file_text (JsonNode *root, guint index)
{
  return json_object_get_string_member (vector_file (root, index), "text");
}

static bool
append_to_string (void *context, const void *data, size_t size)
{
  g_string_append_len (context, data, (gssize) size);
  return true;
}

static bool
refuse_to_write (void *context, const void *data, size_t size)
{
  unsigned *left = context;

  return (*left)-- > 0;
}

static void
check_lines (JsonObject *file, const PtPeriodSeen *seen, const PtPeriodHeader *header)
{
  JsonArray *lines = json_object_get_array_member (file, "checkpoints");

  g_assert_cmpuint (json_array_get_length (lines), ==, seen->leaves->len);
  for (guint i = 0; i < seen->leaves->len; i++)
    {
      JsonObject *line = json_array_get_object_element (lines, i);
      PtHash *leaf = &g_array_index (seen->leaves, PtHash, i), path[PT_TREE_DEPTH_MAX];
      size_t count = pt_hashes_from_json (json_object_get_array_member (line, "path"), path,
                                          PT_TREE_DEPTH_MAX);

      g_assert_cmpstr (json_object_get_string_member (line, "line"), ==,
                       g_ptr_array_index (seen->texts, i));
      g_assert_cmpuint ((guint64) json_object_get_int_member (line, "index"), ==, i);
      pt_assert_hash (*leaf, pt_hash_from_hex (json_object_get_string_member (line, "leaf")));
      g_assert_cmpint (
          pt_tree_verify_inclusion (i, header->count, leaf, path, count, &header->root), ==, PT_OK);
    }
}

static void
check_header (JsonObject *file, const PtPeriodHeader *header)
{
  g_assert_cmpuint (header->period, ==, (guint64) json_object_get_int_member (file, "period"));
  g_assert_cmpint (header->to, ==, json_object_get_int_member (file, "to"));
  g_assert_cmpuint (header->count, ==, (guint64) json_object_get_int_member (file, "count"));
  pt_assert_hash (header->root, pt_hash_from_hex (json_object_get_string_member (file, "root")));
  pt_assert_hash (header->previous,
                  pt_hash_from_hex (json_object_get_string_member (file, "prev")));
}

/* Writing what was read gives the file back, byte for byte. */
static void
check_writing (const PtPeriodSeen *seen, const PtPeriods *before, const PtPeriodHeader *header,
               const char *text)
{
  g_autoptr (GString) written = g_string_new (NULL);
  PtPeriodWriter writer;
  PtPeriodHeader again;

  g_assert_cmpint (pt_period_writer_open (&writer, before, append_to_string, written), ==, PT_OK);
  for (guint i = 0; i < seen->checkpoints->len; i++)
    {
      PtHash leaf;

      g_assert_cmpint (pt_period_writer_append (
                           &writer, &g_array_index (seen->checkpoints, PtCheckpoint, i), &leaf),
                       ==, PT_OK);
      pt_assert_hash (leaf, g_array_index (seen->leaves, PtHash, i));
    }
  g_assert_cmpint (pt_period_writer_close (&writer, header->to, &again), ==, PT_OK);
  g_assert_cmpstr (written->str, ==, text);
  g_assert_cmpmem (&again, sizeof again, header, sizeof *header);
}

static void
check_after (JsonObject *file, const PtPeriodHeader *header, PtPeriods *periods)
{
  PtHash leaf, root;

  pt_period_leaf (header->period, &header->root, header->count, &leaf);
  pt_assert_hash (leaf, pt_hash_from_hex (json_object_get_string_member (file, "period_leaf")));
  pt_periods_append (periods, header);
  pt_frontier_root (&periods->tree, &root);
  pt_assert_hash (root, pt_hash_from_hex (json_object_get_string_member (file, "periods_root")));
}

static void
test_vectors (gconstpointer data)
{
  g_autoptr (JsonNode) root = pt_vectors_load ("v2/period.json");
  PtPeriods periods = { 0 };
  PtPeriodSeen seen;

  pt_period_seen_init (&seen);
  for (guint i = 0; i < 2; i++)
    {
      JsonObject *file = vector_file (root, i);
      const char *text = file_text (root, i);
      PtPeriodHeader header;

      pt_period_seen_next (&seen);
      g_assert_cmpint (pt_period_seen_read (&seen, &periods, text, strlen (text),
                                            GPOINTER_TO_SIZE (data), &header, NULL),
                       ==, PT_OK);
      check_header (file, &header);
      check_lines (file, &seen, &header);
      check_writing (&seen, &periods, &header, text);
      check_after (file, &header, &periods);
    }
  pt_period_seen_clear (&seen);
}

/* Reads the first file, then @text in its place behind it; @line gets where that stopped. */
static PtResult
read_second (JsonNode *root, const char *text, uint64_t *line)
{
  PtPeriods periods = { 0 };
  PtPeriodHeader header;
  PtPeriodSeen seen;
  PtResult result;

  pt_period_seen_init (&seen);
  result = pt_period_seen_read (&seen, &periods, file_text (root, 0), strlen (file_text (root, 0)),
                                64, &header, NULL);
  g_assert_cmpint (result, ==, PT_OK);
  pt_periods_append (&periods, &header);
  pt_period_seen_next (&seen);
  result = pt_period_seen_read (&seen, &periods, text, strlen (text), 64, &header, line);
  pt_period_seen_clear (&seen);
  return result;
}

static void
test_refused (void)
{
  g_autoptr (JsonNode) root = pt_vectors_load ("v2/period.json");
  JsonArray *invalid = json_object_get_array_member (vectors_of (root), "invalid");

  g_assert_cmpuint (json_array_get_length (invalid), >, 30);
  for (guint i = 0; i < json_array_get_length (invalid); i++)
    {
      JsonObject *c = json_array_get_object_element (invalid, i);

      g_test_message ("%s", json_object_get_string_member (c, "why"));
      g_assert_cmpint (read_second (root, json_object_get_string_member (c, "text"), NULL), !=,
                       PT_OK);
    }
  g_assert_cmpint (read_second (root, file_text (root, 1), NULL), ==, PT_OK);
}

typedef struct
{
  const char *why;
  PtResult result;
  uint64_t line;
} Verdict;

/* The name of what is wrong, and where. */
static void
test_verdicts (void)
{
  static const Verdict verdicts[] = {
    { "not sorted by batch", PT_BAD_PROOF, 2 },
    { "not sorted by area", PT_MALFORMED, 3 },
    { "a checkpoint twice", PT_MALFORMED, 3 },
    { "no checkpoint", PT_MALFORMED, 2 },
    { "prev zeros in period 2", PT_BAD_PROOF, 9 },
    { "period skipped", PT_BAD_PROOF, 9 },
    { "to earlier than a checkpoint", PT_BAD_WINDOW, 9 },
    { "to not later than the period before", PT_BAD_WINDOW, 9 },
    { "a batch skipped", PT_BAD_PROOF, 6 },
    { "size shrinks within the file", PT_BAD_PROOF, 5 },
    { "window leaves a hole", PT_BAD_WINDOW, 6 },
    { "window empty", PT_BAD_WINDOW, 8 },
    { "cid no CID", PT_BAD_CID, 6 },
    { "a checkpoint not canonical", PT_NOT_CANONICAL, 2 },
    { "bytes after the end", PT_MALFORMED, 10 },
    { "no last newline", PT_MALFORMED, 9 },
    { "all on one line", PT_TOO_LARGE, 1 },
  };
  g_autoptr (JsonNode) root = pt_vectors_load ("v2/period.json");
  JsonArray *invalid = json_object_get_array_member (vectors_of (root), "invalid");

  for (size_t k = 0; k < G_N_ELEMENTS (verdicts); k++)
    {
      guint i = 0;
      uint64_t line;

      g_test_message ("%s", verdicts[k].why);
      while (!g_str_equal (
          json_object_get_string_member (json_array_get_object_element (invalid, i), "why"),
          verdicts[k].why))
        g_assert_cmpuint (++i, <, json_array_get_length (invalid));
      g_assert_cmpint (read_second (root,
                                    json_object_get_string_member (
                                        json_array_get_object_element (invalid, i), "text"),
                                    &line),
                       ==, verdicts[k].result);
      g_assert_cmpuint (line, ==, verdicts[k].line);
    }
}

/* A file that ends anywhere is none, and one byte more is none. */
static void
test_cut (void)
{
  g_autoptr (JsonNode) root = pt_vectors_load ("v2/period.json");
  const char *text = file_text (root, 0);
  PtPeriods periods = { 0 };

  for (size_t size = 0; size < strlen (text); size++)
    {
      PtPeriodHeader header;
      PtPeriodSeen seen;

      pt_period_seen_init (&seen);
      g_assert_cmpint (pt_period_seen_read (&seen, &periods, text, size, 1000, &header, NULL), ==,
                       PT_MALFORMED);
      g_assert_cmpuint (header.period, ==, 0);
      pt_period_seen_clear (&seen);
    }
}

/* Who has one file alone knows that it is one, and no more. */
static void
test_alone (void)
{
  g_autoptr (JsonNode) root = pt_vectors_load ("v2/period.json");
  const char *text = file_text (root, 1);
  PtPeriodHeader header;
  PtPeriodSeen seen;

  pt_period_seen_init (&seen);
  g_assert_cmpint (pt_period_seen_read (&seen, NULL, text, strlen (text), 7, &header, NULL), ==,
                   PT_OK);
  check_header (vector_file (root, 1), &header);
  pt_period_seen_clear (&seen);
}

static void
test_stopped (void)
{
  g_autoptr (JsonNode) root = pt_vectors_load ("v2/period.json");
  const char *text = file_text (root, 0);
  PtPeriods periods = { 0 };
  PtPeriodHeader header;
  PtPeriodSeen seen;

  pt_period_seen_init (&seen);
  seen.stop_at = 3;
  g_assert_cmpint (
      pt_period_seen_read (&seen, &periods, text, strlen (text), strlen (text), &header, NULL), ==,
      PT_STOPPED);
  g_assert_cmpuint (seen.leaves->len, ==, 3);
  pt_period_seen_clear (&seen);
}

static PtCheckpoint
checkpoint_of (const char *area, uint64_t batch)
{
  PtCheckpoint checkpoint = { .batch = batch, .size = 10 * batch, .from = 100 * batch };
  PtHash digest = { { 1 } };

  g_strlcpy (checkpoint.area, area, sizeof checkpoint.area);
  checkpoint.to = checkpoint.from + 100;
  checkpoint.root.bytes[0] = 1;
  pt_cid_make (PT_CODEC_RAW, &digest, &checkpoint.cid);
  return checkpoint;
}

static PtResult
write_two (const PtCheckpoint *first, const PtCheckpoint *second, int64_t to)
{
  g_autoptr (GString) text = g_string_new (NULL);
  PtPeriods none = { 0 };
  PtPeriodWriter writer;
  PtPeriodHeader header;
  PtResult result;

  g_assert_cmpint (pt_period_writer_open (&writer, &none, append_to_string, text), ==, PT_OK);
  result = pt_period_writer_append (&writer, first, NULL);
  if (result == PT_OK)
    result = pt_period_writer_append (&writer, second, NULL);
  return result == PT_OK ? pt_period_writer_close (&writer, to, &header) : result;
}

/* The writer writes nothing that the reader refuses. */
static void
test_writer_refuses (void)
{
  PtCheckpoint a = checkpoint_of ("a", 1), b = checkpoint_of ("b", 4),
               next = checkpoint_of ("a", 2);
  PtPeriods none = { 0 };
  PtPeriodWriter writer;
  PtPeriodHeader header;
  unsigned left;

  g_assert_cmpint (write_two (&a, &b, 500), ==, PT_OK);
  g_assert_cmpint (write_two (&a, &next, 500), ==, PT_OK);
  g_assert_cmpint (write_two (&a, &b, 499), ==, PT_BAD_WINDOW);
  g_assert_cmpint (write_two (&a, &b, -1), ==, PT_MALFORMED);
  g_assert_cmpint (write_two (&b, &a, 500), ==, PT_MALFORMED);
  g_assert_cmpint (write_two (&a, &a, 500), ==, PT_MALFORMED);
  next.from++;
  g_assert_cmpint (write_two (&a, &next, 500), ==, PT_BAD_WINDOW);
  next = checkpoint_of ("a", 3);
  g_assert_cmpint (write_two (&a, &next, 500), ==, PT_BAD_PROOF);
  next = checkpoint_of ("b", 1);
  next.to = next.from;
  g_assert_cmpint (write_two (&a, &next, 500), ==, PT_BAD_WINDOW);

  for (unsigned works = 0; works < 3; works++)
    {
      left = works;
      g_assert_cmpint (pt_period_writer_open (&writer, &none, refuse_to_write, &left), ==,
                       works > 0 ? PT_OK : PT_STOPPED);
      if (works > 0)
        g_assert_cmpint (pt_period_writer_append (&writer, &a, NULL), ==,
                         works > 1 ? PT_OK : PT_STOPPED);
      if (works > 1)
        g_assert_cmpint (pt_period_writer_close (&writer, 500, &header), ==, PT_STOPPED);
    }
  left = 9;
  g_assert_cmpint (pt_period_writer_open (&writer, &none, refuse_to_write, &left), ==, PT_OK);
  g_assert_cmpint (pt_period_writer_close (&writer, 500, &header), ==, PT_MALFORMED);
}

/* The first step of the tree of periods, and one far away. */
static void
test_leaf (void)
{
  g_autoptr (JsonNode) root = pt_vectors_load ("v2/period.json");
  JsonObject *far = json_object_get_object_member (vectors_of (root), "leaf_of_a_far_period");
  PtHash period_root = pt_hash_from_hex (json_object_get_string_member (far, "root")), leaf;

  pt_period_leaf ((uint64_t) json_object_get_int_member (far, "period"), &period_root,
                  (uint32_t) json_object_get_int_member (far, "count"), &leaf);
  pt_assert_hash (leaf, pt_hash_from_hex (json_object_get_string_member (far, "leaf")));
}

static void
check_step (JsonObject *step, const PtPeriods *periods)
{
  PtHash nodes[PT_TREE_DEPTH_MAX], root;
  size_t count = pt_hashes_from_json (json_object_get_array_member (step, "frontier_after"), nodes,
                                      PT_TREE_DEPTH_MAX);

  g_assert_cmpuint (count, ==, pt_frontier_count (&periods->tree));
  for (size_t i = 0; i < count; i++)
    pt_assert_hash (nodes[i], periods->tree.nodes[i]);
  pt_frontier_root (&periods->tree, &root);
  pt_assert_hash (root, pt_hash_from_hex (json_object_get_string_member (step, "root_after")));
}

static void
test_tree (void)
{
  g_autoptr (JsonNode) root = pt_vectors_load ("v2/period.json");
  JsonArray *steps = json_object_get_array_member (vectors_of (root), "tree");
  PtPeriods periods = { 0 };
  PtHash whole;

  for (guint i = 0; i < json_array_get_length (steps); i++)
    {
      JsonObject *step = json_array_get_object_element (steps, i);
      PtPeriodHeader header = { 0 };

      header.period = (uint64_t) json_object_get_int_member (step, "period");
      header.root = pt_hash_from_hex (json_object_get_string_member (step, "root"));
      header.count = (uint32_t) json_object_get_int_member (step, "count");
      pt_periods_append (&periods, &header);
      check_step (step, &periods);
    }
  pt_frontier_root (&periods.tree, &whole);
  for (guint i = 0; i < json_array_get_length (steps); i++)
    {
      JsonObject *step = json_array_get_object_element (steps, i);
      PtHash leaf = pt_hash_from_hex (json_object_get_string_member (step, "leaf"));
      PtHash path[PT_TREE_DEPTH_MAX];
      size_t count = pt_hashes_from_json (json_object_get_array_member (step, "path_in_last"), path,
                                          PT_TREE_DEPTH_MAX);

      g_assert_cmpint (pt_tree_verify_inclusion (i, periods.tree.size, &leaf, path, count, &whole),
                       ==, PT_OK);
    }
}

static void
test_last_line (void)
{
  PtPeriodHeader header = { .period = 7, .to = 9 }, again;
  char line[PT_PERIOD_LAST_LINE_MAX];
  size_t size;

  g_assert_cmpint (pt_period_write_last_line (&header, line, sizeof line, &size), ==, PT_OK);
  g_assert_cmpint (pt_period_parse_last_line (pt_span (line, size), &again), ==, PT_OK);
  g_assert_cmpmem (&again, sizeof again, &header, sizeof header);
  for (size_t cut = 0; cut < size; cut++)
    g_assert_cmpint (pt_period_parse_last_line (pt_span (line, cut), &again), ==, PT_MALFORMED);
  line[0] = '[';
  g_assert_cmpint (pt_period_parse_last_line (pt_span (line, size), &again), ==, PT_MALFORMED);
  header.period = header.to = PT_INTEGER_MAX;
  g_assert_cmpint (pt_period_write_last_line (&header, line, sizeof line, &size), ==, PT_OK);
  header.period++;
  g_assert_cmpint (pt_period_write_last_line (&header, line, sizeof line, &size), ==, PT_MALFORMED);
  header.period = 0;
  g_assert_cmpint (pt_period_write_last_line (&header, line, sizeof line, &size), ==, PT_MALFORMED);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/period/vectors", GSIZE_TO_POINTER (100000), test_vectors);
  g_test_add_data_func ("/period/vectors-by-7", GSIZE_TO_POINTER (7), test_vectors);
  g_test_add_data_func ("/period/vectors-by-1", GSIZE_TO_POINTER (1), test_vectors);
  g_test_add_func ("/period/refused", test_refused);
  g_test_add_func ("/period/verdicts", test_verdicts);
  g_test_add_func ("/period/cut", test_cut);
  g_test_add_func ("/period/alone", test_alone);
  g_test_add_func ("/period/stopped", test_stopped);
  g_test_add_func ("/period/writer-refuses", test_writer_refuses);
  g_test_add_func ("/period/leaf", test_leaf);
  g_test_add_func ("/period/tree", test_tree);
  g_test_add_func ("/period/last-line", test_last_line);
  return g_test_run ();
}
