/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-csv.h"

#include <string.h>
#include <unistd.h>

static PtCsv *
open_text (const char *text)
{
  g_autoptr (GError) error = NULL;
  PtCsv *csv = pt_csv_new ("f.csv", text, strlen (text), &error);

  g_assert_no_error (error);
  return csv;
}

static void
assert_row (PtCsv *csv, const char *first, const char *second)
{
  g_autoptr (GError) error = NULL;
  gboolean more = pt_csv_next (csv, &error);

  g_assert_no_error (error);
  g_assert_true (more);
  g_assert_cmpstr (pt_csv_field (csv, 0), ==, first);
  g_assert_cmpstr (pt_csv_field (csv, 1), ==, second);
}

static void
assert_end (PtCsv *csv)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (pt_csv_next (csv, &error));
  g_assert_no_error (error);
}

static void
test_good (void)
{
  g_autoptr (PtCsv) csv = open_text ("\xef\xbb\xbf"
                                     "a,\"b\"\r\n1,2\r\n\n\"x,\"\"y\"\"\nz\",\"\"\n,\n3,4");
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (pt_csv_column (csv, "b", &error), ==, 1);
  g_assert_cmpint (pt_csv_column (csv, "a", &error), ==, 0);
  assert_row (csv, "1", "2");
  assert_row (csv, "x,\"y\"\nz", "");
  assert_row (csv, "", "");
  assert_row (csv, "3", "4");
  assert_end (csv);
  g_assert_cmpint (pt_csv_column (csv, "c", &error), ==, -1);
  g_assert_nonnull (strstr (error->message, "f.csv line 1"));
  g_assert_nonnull (strstr (error->message, "“c”"));
}

static void
test_lines_are_counted (void)
{
  g_autoptr (PtCsv) csv = open_text ("a,b\r\n\"1\n1\",2\r\n\r\n3,4\r\n");
  g_autoptr (GError) error = NULL;

  assert_row (csv, "1\n1", "2");
  assert_row (csv, "3", "4");
  pt_csv_refuse (csv, &error, 1, "no");
  g_assert_cmpstr (error->message, ==, "f.csv line 5, column b: “4”: no");
  assert_end (csv);
}

static void
test_bad (void)
{
  static const struct
  {
    const char *text, *where;
  } bad[] = {
    { "", "line 1" },
    { "\n\n", "line 3" },
    { "\xef\xbb\xbf", "line 1" },
    { "a,a\n1,2\n", "“a”" },
    { "a,b\n1\n", "line 2" },
    { "a,b\n1,2,3\n", "line 2" },
    { "a,b\n1,2\n\"1,2\n", "line 3" },
    { "a,b\n\"1\"2,3\n", "line 2" },
    { "a,b\n1\"2,3\n", "line 2" },
    { "a,b\n1,2\r3,4\n", "line 2" },
    { "a,b\n1,2\r", "line 2" },
    { "a,b\n\"\n", "line 2" },
    { "a,\"b\n", "line 1" },
    { "a;b\n1;2\n", "semicolons" },
    { "a,b\n\r1,2\n", "line 2" },
    { "\xef\xbbx,b\n", "line 1" },
    { "a,b\n1,\xff\n", "line 2" },
    { "a,b\n1,\xc0\x80\n", "line 2" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (PtCsv) csv = pt_csv_new ("f.csv", bad[i].text, strlen (bad[i].text), &error);

      while (csv != NULL && pt_csv_next (csv, &error))
        continue;
      g_test_message ("case %" G_GSIZE_FORMAT, i);
      g_assert_nonnull (error);
      g_assert_nonnull (strstr (error->message, bad[i].where));
    }
}

static void
test_nul_and_files (void)
{
  g_autoptr (PtCsv) csv = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GString) wide = g_string_new (NULL);

  csv = pt_csv_new ("f.csv", "a,b\n1\0,2\n", 9, &error);
  g_assert_no_error (error);
  g_assert_false (pt_csv_next (csv, &error));
  g_assert_nonnull (error);
  g_clear_error (&error);
  for (int i = 0; i < 300; i++)
    g_string_append_printf (wide, "c%d,", i);
  g_assert_null (pt_csv_new ("f.csv", wide->str, wide->len, &error));
  g_assert_nonnull (error);
  g_clear_error (&error);
  g_assert_null (pt_csv_open ("no-such-file.csv", &error));
  g_assert_nonnull (strstr (error->message, "no-such-file.csv"));
}

/* As people write it, and spreadsheets keep it. */
static void
test_blanks (void)
{
  g_autoptr (PtCsv) csv = open_text (" a ,\t\"b\" \r\n 1 2 , \" 3 \"\t\n   \n\t,  \n\"\" , x");

  assert_row (csv, "1 2", " 3 ");
  assert_row (csv, "", "");
  assert_row (csv, "", "x");
  assert_end (csv);
}

static void
test_twice (void)
{
  g_autoptr (PtCsv) csv = open_text ("\xef\xbb\xbf"
                                     "a,b\n1,2\n\n3,4\n");
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < 3; i++)
    {
      assert_row (csv, "1", "2");
      assert_row (csv, "3", "4");
      g_assert_cmpuint (pt_csv_line (csv), ==, 4);
      assert_end (csv);
      g_assert_true (pt_csv_rewind (csv, &error));
      g_assert_no_error (error);
    }
  g_assert_cmpint (pt_csv_column (csv, "b", &error), ==, 1);
}

/* Rows across the buffer's edges, from a file and from a pipe, which can be read only once. */
static void
test_large (gconstpointer from_pipe)
{
  g_autofree char *path = NULL;
  g_autoptr (GString) text = g_string_new ("name,number\r\n");
  g_autoptr (GError) error = NULL;
  g_autoptr (PtCsv) csv = NULL;
  int fds[2], fd = g_file_open_tmp ("pt-csv-XXXXXX", &path, &error);

  g_assert_no_error (error);
  for (guint i = 0; i < 20000; i++)
    g_string_append_printf (text, "\"%u, \"\"बिजली\"\"\",%u\r\n", i, i);
  g_assert_true (g_file_set_contents (path, text->str, (gssize) text->len, &error));
  close (fd);
  g_assert_cmpint (pipe (fds), ==, 0);
  if (from_pipe != NULL)
    {
      g_autofree char *name = g_strdup_printf ("/dev/fd/%d", fds[0]);
      g_autofree char *command = g_strdup_printf ("cat '%s' >&%d", path, fds[1]);
      pid_t child = fork ();

      if (child == 0)
        execl ("/bin/sh", "sh", "-c", command, NULL);
      close (fds[1]);
      csv = pt_csv_open (name, &error);
    }
  else
    csv = pt_csv_open (path, &error);
  g_assert_no_error (error);
  for (guint turn = 0; turn < 2; turn++)
    {
      for (guint i = 0; i < 20000; i++)
        {
          g_autofree char *first = g_strdup_printf ("%u, \"बिजली\"", i);
          g_autofree char *second = g_strdup_printf ("%u", i);

          assert_row (csv, first, second);
        }
      assert_end (csv);
      g_assert_true (pt_csv_rewind (csv, &error));
    }
  close (fds[0]);
  unlink (path);
}

static void
test_bounds (void)
{
  g_autoptr (GString) text = g_string_new ("a,b\n1,\"");
  g_autoptr (GError) error = NULL;
  g_autoptr (PtCsv) csv = NULL;

  g_string_set_size (text, PT_CSV_ROW_MAX * 2);
  memset (text->str + 7, 'x', text->len - 7);
  csv = pt_csv_new ("f.csv", text->str, text->len, &error);
  g_assert_no_error (error);
  g_assert_false (pt_csv_next (csv, &error));
  g_assert_nonnull (strstr (error->message, "1 MiB"));
  g_clear_error (&error);
  g_assert_null (pt_csv_open ("/", &error));
  g_assert_nonnull (error);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/csv/good", test_good);
  g_test_add_func ("/csv/lines", test_lines_are_counted);
  g_test_add_func ("/csv/bad", test_bad);
  g_test_add_func ("/csv/nul-and-files", test_nul_and_files);
  g_test_add_func ("/csv/blanks", test_blanks);
  g_test_add_func ("/csv/twice", test_twice);
  g_test_add_data_func ("/csv/large", NULL, test_large);
  g_test_add_data_func ("/csv/pipe", "pipe", test_large);
  g_test_add_func ("/csv/bounds", test_bounds);
  return g_test_run ();
}
