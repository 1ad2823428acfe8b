/* SPDX-License-Identifier: Apache-2.0 */
/* What officials and citizens said and its private parts, over every store. */
#include "pt-store-suite.h"

/* Each is an entry of its own, all of one commit. */
static void
commit_said (Fixture *fixture, PtSaidRow *rows, guint count, const PtGroup *group)
{
  g_autofree PtEntryRow *entries = g_new0 (PtEntryRow, MAX (count, 1));
  g_autoptr (GArray) areas = pt_store_areas (fixture->store, NULL);
  PtGroup all = group != NULL ? *group : (PtGroup){ 0 };
  static char bodies[16][32];

  for (guint i = 0; i < count; i++)
    {
      guint64 tail = g_array_index (areas, PtAreaRow, rows[i].area).tail;

      g_array_index (areas, PtAreaRow, rows[i].area).tail++;
      rows[i].entry = tail + 1;
      g_snprintf (bodies[i], sizeof bodies[i], "%u/%d/%s/%d", rows[i].area, rows[i].kind,
                  rows[i].name, (int) rows[i].n);
      rows[i].body = g_bytes_new (bodies[i], strlen (bodies[i]));
      rows[i].leaf.bytes[0] = (guint8) rows[i].n;
      rows[i].signer[0] = 4;
      entries[i] = (PtEntryRow){ .area = rows[i].area,
                                 .subject = pt_subject_area (rows[i].area),
                                 .seq = (gint64) rows[i].entry,
                                 .received = 1000,
                                 .body = bodies[i],
                                 .size = strlen (bodies[i]) };
    }
  all.said = rows;
  all.said_count = count;
  pt_commit_rows (fixture->store, entries, count, &all);
  for (guint i = 0; i < count; i++)
    g_bytes_unref (rows[i].body);
}

static gboolean
print_said (const PtSaidRow *row, gpointer user_data, GError **error)
{
  gsize size;
  const char *body = g_bytes_get_data (row->body, &size);

  g_assert_cmpint (row->leaf.bytes[0], ==, (guint8) row->n);
  g_assert_cmpint (row->signer[0], ==, 4);
  g_string_append_printf (user_data, "%" G_GUINT64_FORMAT ":%.*s%s%s%s ", row->entry, (int) size,
                          body, row->evidence != PT_EVIDENCE_NONE ? "!" : "",
                          row->later == PT_AFTERMATH_FELL_AGAIN ? "~" : "",
                          row->receipt != NULL ? "+" : "");
  return TRUE;
}

static void
assert_said (Fixture *fixture, guint32 area, guint64 after, const char *wanted)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (GError) error = NULL;

  pt_store_scan_said (fixture->store, area, after, print_said, text, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (text->str, ==, wanted);
}

static void
assert_chain (Fixture *fixture, PtSaidKind kind, const char *name, gint64 n, guint limit,
              const char *wanted)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (GError) error = NULL;

  pt_store_scan_chain (fixture->store, 0, kind, name, n, limit, print_said, text, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (text->str, ==, wanted);
}

static void
two_areas (Fixture *fixture)
{
  add_area (fixture, 0, "east");
  add_area (fixture, 1, "west");
}

static void
test_said (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GBytes) receipt = g_bytes_new ("r", 1);
  PtSaidRow rows[] = {
    { .area = 0, .kind = PT_SAID_PROFILE, .name = "", .n = 900 },
    { .area = 0, .kind = PT_SAID_ACTION, .name = "a", .n = 1, .receipt = receipt },
    { .area = 1, .kind = PT_SAID_ACTION, .name = "a", .n = 1 },
    { .area = 0, .kind = PT_SAID_NOTICE, .name = "a", .n = 1 },
    { .area = 0, .kind = PT_SAID_ACTION, .name = "b", .n = 1 },
  };
  PtSaidRow more[] = { { .area = 0,
                         .kind = PT_SAID_ACTION,
                         .name = "a",
                         .n = 2,
                         .evidence = PT_EVIDENCE_SUPPORTED,
                         .later = PT_AFTERMATH_PENDING } };
  const PtSaidLater later = { 0, PT_SAID_ACTION, "a", 2, PT_AFTERMATH_FELL_AGAIN, NULL };
  const PtGroup fell = { .laters = &later, .later_count = 1 };

  two_areas (fixture);
  assert_said (fixture, 0, 0, "");
  commit_said (fixture, rows, G_N_ELEMENTS (rows), NULL);
  commit_said (fixture, more, 1, NULL);
  reopen (fixture, data);
  assert_said (fixture, 0, 0, "1:0/3//900 2:0/1/a/1+ 3:0/2/a/1 4:0/1/b/1 5:0/1/a/2! ");
  assert_said (fixture, 0, 3, "4:0/1/b/1 5:0/1/a/2! ");
  assert_said (fixture, 1, 0, "1:1/1/a/1 ");
  assert_chain (fixture, PT_SAID_ACTION, "a", 0, 10, "2:0/1/a/1+ 5:0/1/a/2! ");
  assert_chain (fixture, PT_SAID_ACTION, "a", 2, 10, "5:0/1/a/2! ");
  assert_chain (fixture, PT_SAID_ACTION, "a", 0, 1, "2:0/1/a/1+ ");
  assert_chain (fixture, PT_SAID_NOTICE, "a", 0, 10, "3:0/2/a/1 ");
  assert_chain (fixture, PT_SAID_ACTION, "c", 0, 10, "");
  commit_said (fixture, NULL, 0, &fell);
  reopen (fixture, data);
  assert_chain (fixture, PT_SAID_ACTION, "a", 2, 10, "5:0/1/a/2!~ ");
}

/* Nothing is said twice, and then nothing of the group is there. */
static void
test_twice (Fixture *fixture, gconstpointer data)
{
  PtSaidRow row = { .area = 0, .kind = PT_SAID_ACTION, .name = "a", .n = 1, .entry = 2 };
  PtSaidRow first = row;
  PtEntryRow entry = { .number = 2, .received = 1000, .body = "x", .size = 1 };
  PtTailMove tail = { 0, 1, 2, 0, FALSE };
  const PtGroup group = { .entries = &entry,
                          .entry_count = 1,
                          .tails = &tail,
                          .tail_count = 1,
                          .said = &row,
                          .said_count = 1 };
  g_autoptr (GError) error = NULL;

  two_areas (fixture);
  commit_said (fixture, &first, 1, NULL);
  row.body = g_bytes_new ("x", 1);
  g_assert_false (pt_store_commit (fixture->store, &group, &error));
  g_assert_nonnull (error);
  assert_said (fixture, 0, 0, "1:0/1/a/1 ");
  g_bytes_unref (row.body);
}

/* Private parts */

static gboolean
print_private (const PtPrivateRow *row, gpointer user_data, GError **error)
{
  gsize size = 0;
  const char *text = row->text != NULL ? g_bytes_get_data (row->text, &size) : "-";

  g_string_append_printf (user_data, "%" G_GINT64_FORMAT ":%.*s%s", row->n,
                          row->text != NULL ? (int) size : 1, text,
                          row->moderation.hidden ? "?" : "");
  if (row->moderation.reason != NULL)
    g_string_append_printf (user_data, "(%s %" G_GINT64_FORMAT " %s)", row->moderation.by,
                            row->moderation.at, row->moderation.reason);
  for (guint i = 0; i < row->photo_count; i++)
    {
      g_assert_null (row->photos[i].bytes);
      g_string_append_printf (user_data, " %d(%s)", row->photos[i].sent.bytes[0],
                              row->photos[i].type);
    }
  g_string_append_c (user_data, '\n');
  return TRUE;
}

static void
assert_privates (Fixture *fixture, guint32 area, const char *wanted)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (GError) error = NULL;

  pt_store_privates (fixture->store, area, "a", 1, print_private, text, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (text->str, ==, wanted);
}

/* "": there is none. */
static void
assert_photo (Fixture *fixture, guint32 area, guint8 sent, const char *wanted)
{
  const PtHash hash = { { sent } };
  PtModeration hidden;
  g_autoptr (GError) error = NULL;
  PtPhoto photo;

  g_assert_true (pt_store_photo (fixture->store, area, "a", &hash, &photo, &hidden, &error));
  g_assert_no_error (error);
  if (*wanted == '\0')
    g_assert_null (photo.bytes);
  else
    {
      gsize size;
      const char *bytes = g_bytes_get_data (photo.bytes, &size);

      g_assert_cmpmem (bytes, size, wanted, strlen (wanted));
      g_assert_cmpstr (photo.type, ==, "image/png");
    }
  pt_photo_clear (&photo);
}

static void
test_privates (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GBytes) words = g_bytes_new ("dark", 4), other = g_bytes_new ("still", 5);
  g_autoptr (GBytes) png = g_bytes_new ("PNG", 3);
  PtPrivateRow privates[] = { { .complaint = "a", .n = 1, .text = words, .photo_count = 2 },
                              { .complaint = "a", .n = 2, .text = other } };
  const PtErasure erasure = { 0, "a", 1 };
  PtSaidRow rows[] = { { .kind = PT_SAID_ACTION, .name = "a", .n = 1 },
                       { .kind = PT_SAID_ACTION, .name = "a", .n = 2 } };
  PtSaidRow comment = { .kind = PT_SAID_ACTION, .name = "a", .n = 3 };
  const PtGroup with = { .privates = privates, .private_count = 2 };
  const PtGroup without = { .erasures = &erasure, .erasure_count = 1 };
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < 2; i++)
    privates[0].photos[i] = (PtPhoto){ { { (guint8) (7 + i) } }, "image/png", png };
  two_areas (fixture);
  commit_said (fixture, rows, 2, &with);
  reopen (fixture, data);
  assert_privates (fixture, 0, "1:dark 7(image/png) 8(image/png)\n2:still\n");
  assert_privates (fixture, 1, "");
  assert_photo (fixture, 0, 7, "PNG");
  assert_photo (fixture, 0, 9, "");
  assert_photo (fixture, 1, 7, "");
  commit_said (fixture, &comment, 1, &without);
  reopen (fixture, data);
  assert_privates (fixture, 0, "1:-\n2:still\n");
  assert_photo (fixture, 0, 7, "");
}

static gboolean
moderate (Fixture *fixture, gint64 n, gboolean hidden, const char *by, gint64 at,
          const char *reason)
{
  PtModeration moderation = { .hidden = hidden, .at = at, .reason = reason };
  g_autoptr (GError) error = NULL;
  gboolean done;

  g_strlcpy (moderation.by, by, sizeof moderation.by);
  done = pt_store_moderate (fixture->store, 0, "a", n, &moderation, &error);
  g_assert_true (done || g_error_matches (error, PT_ERROR, PT_ERROR_NOT_FOUND));
  return done;
}

static void
assert_photo_hidden (Fixture *fixture, guint8 sent, const char *by)
{
  const PtHash hash = { { sent } };
  g_auto (PtPhoto) photo = { 0 };
  g_autoptr (GError) error = NULL;
  PtModeration hidden;

  g_assert_true (pt_store_photo (fixture->store, 0, "a", &hash, &photo, &hidden, &error));
  g_assert_no_error (error);
  g_assert_nonnull (photo.bytes);
  g_assert_cmpint (hidden.hidden, ==, *by != '\0');
  g_assert_cmpstr (hidden.by, ==, by);
}

/* Who, when and why stay with the words, also when they are shown again or forgotten; what changes
 * nothing changes none of it. A photo is hidden where one of its steps is. */
static void
test_moderation (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GBytes) words = g_bytes_new ("dark", 4), png = g_bytes_new ("PNG", 3);
  PtPrivateRow privates[] = { { .complaint = "a", .n = 1, .text = words, .photo_count = 1 },
                              { .complaint = "a", .n = 2, .text = words, .photo_count = 1 } };
  const PtErasure erasure = { 0, "a", 2 };
  PtSaidRow rows[] = { { .kind = PT_SAID_ACTION, .name = "a", .n = 1 },
                       { .kind = PT_SAID_ACTION, .name = "a", .n = 2 } };
  PtSaidRow comment = { .kind = PT_SAID_ACTION, .name = "a", .n = 3 };
  const PtGroup with = { .privates = privates, .private_count = 2 };
  const PtGroup without = { .erasures = &erasure, .erasure_count = 1 };

  for (guint i = 0; i < 2; i++)
    privates[i].photos[0] = (PtPhoto){ { { 7 } }, "image/png", png };
  two_areas (fixture);
  commit_said (fixture, rows, 2, &with);
  assert_photo_hidden (fixture, 7, "");
  g_assert_true (moderate (fixture, 2, TRUE, "op-1", 5, "a \"name\""));
  reopen (fixture, data);
  assert_privates (fixture, 0, "1:dark 7(image/png)\n2:dark?(op-1 5 a \"name\") 7(image/png)\n");
  assert_photo_hidden (fixture, 7, "op-1");
  g_assert_true (moderate (fixture, 2, TRUE, "op-2", 6, "mine now"));
  g_assert_false (moderate (fixture, 3, TRUE, "op-2", 6, "nothing there"));
  assert_photo_hidden (fixture, 7, "op-1");
  g_assert_true (moderate (fixture, 2, FALSE, "ae-1", 7, "no name"));
  assert_privates (fixture, 0, "1:dark 7(image/png)\n2:dark(ae-1 7 no name) 7(image/png)\n");
  g_assert_true (moderate (fixture, 2, TRUE, "op-1", 8, "a name"));
  commit_said (fixture, &comment, 1, &without);
  reopen (fixture, data);
  assert_privates (fixture, 0, "1:dark 7(image/png)\n2:-?(op-1 8 a name)\n");
}

/* What is erased is not left in the file either. */
static void
test_erased_bytes (Fixture *fixture, gconstpointer data)
{
  g_autofree char *secret = g_strnfill (40000, 'Q');
  g_autoptr (GBytes) words = g_bytes_new (secret, 40000);
  PtPrivateRow private = { .complaint = "a", .n = 1, .text = words };
  const PtErasure erasure = { 0, "a", 1 };
  PtSaidRow file = { .kind = PT_SAID_ACTION, .name = "a", .n = 1 };
  PtSaidRow comment = { .kind = PT_SAID_ACTION, .name = "a", .n = 2 };
  const PtGroup with = { .privates = &private, .private_count = 1 };
  const PtGroup without = { .erasures = &erasure, .erasure_count = 1 };
  g_autofree char *path = NULL, *bytes = NULL;
  gsize size;

  if (backends[GPOINTER_TO_UINT (data)].file == NULL)
    return;
  two_areas (fixture);
  commit_said (fixture, &file, 1, &with);
  reopen (fixture, data);
  commit_said (fixture, &comment, 1, &without);
  reopen (fixture, data);
  path = g_build_filename (fixture->directory, backends[GPOINTER_TO_UINT (data)].file, NULL);
  g_assert_true (g_file_get_contents (path, &bytes, &size, NULL));
  g_assert_null (g_strstr_len (bytes, (gssize) size, "QQQQQQQQQQQQQQQQ"));
}

/* A receipt's entries and those before are known as promised. */
static void
test_promised (Fixture *fixture, gconstpointer data)
{
  PtEntryRow entries[2] = { { .number = 1, .received = 5, .body = "x", .size = 1 },
                            { .number = 2, .received = 6, .body = "y", .size = 1 } };
  PtTailMove tails[2] = { { 0, 0, 1, 0, TRUE }, { 0, 1, 2, 0, FALSE } };
  g_autoptr (GError) error = NULL;

  two_areas (fixture);
  for (guint i = 0; i < 2; i++)
    {
      const PtGroup group
          = { .entries = &entries[i], .entry_count = 1, .tails = &tails[i], .tail_count = 1 };

      g_assert_true (pt_store_commit (fixture->store, &group, &error));
      g_assert_no_error (error);
    }
  reopen (fixture, data);
  {
    g_autoptr (GArray) areas = pt_store_areas (fixture->store, &error);

    g_assert_cmpuint (g_array_index (areas, PtAreaRow, 0).promised, ==, 1);
    g_assert_cmpuint (g_array_index (areas, PtAreaRow, 0).tail, ==, 2);
    g_assert_cmpuint (g_array_index (areas, PtAreaRow, 1).promised, ==, 0);
  }
}

int
main (int argc, char **argv)
{
  static const SuiteTest tests[] = {
    { "said", test_said },
    { "twice", test_twice },
    { "privates", test_privates },
    { "moderation", test_moderation },
    { "erased-bytes", test_erased_bytes },
    { "promised", test_promised },
  };

  g_test_init (&argc, &argv, NULL);
  add_suite ("store-complaints", tests, G_N_ELEMENTS (tests));
  return g_test_run ();
}
