/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-submission.h"

#include <string.h>

#include "pt-kind.h"

static PtSubmission *
submission_of (const char *text, gboolean many)
{
  g_autoptr (GBytes) body = g_bytes_new (text, strlen (text));
  g_autoptr (GError) error = NULL;
  PtSubmission *submission = pt_submission_new (&pt_kind_report, body, many, NULL, NULL, &error);

  g_assert_no_error (error);
  return submission;
}

static void
assert_line (const PtSubmission *submission, guint at, const char *bytes, guint number)
{
  g_assert_cmpuint (at, <, submission->count);
  g_assert_true (pt_span_is (submission->lines[at].bytes, bytes));
  g_assert_cmpuint (submission->lines[at].number, ==, number);
  g_assert_cmpint (submission->lines[at].state, ==, PT_LINE_WAITING);
}

/* Empty lines are no entries, and still count: the answer names lines as an editor does. */
static void
test_lines (void)
{
  g_autoptr (PtSubmission) many = submission_of ("\na\n\nbc\nd", TRUE);
  g_autoptr (PtSubmission) one = submission_of ("a\nb\n", FALSE);
  g_autoptr (PtSubmission) none = submission_of ("\n\n", TRUE);

  g_assert_cmpuint (many->count, ==, 3);
  assert_line (many, 0, "a", 2);
  assert_line (many, 1, "bc", 4);
  assert_line (many, 2, "d", 5);
  g_assert_cmpuint (one->count, ==, 1);
  assert_line (one, 0, "a\nb", 1);
  g_assert_cmpuint (none->count, ==, 0);
}

/* Other machines end lines with CRLF, which is no more part of an entry than LF is. */
static void
test_returns (void)
{
  g_autoptr (PtSubmission) many = submission_of ("\r\na\r\n\r\nb\rc\r\nd\r", TRUE);
  g_autoptr (PtSubmission) one = submission_of ("a\r\n", FALSE);
  g_autoptr (PtSubmission) bare = submission_of ("a\r", FALSE);

  g_assert_cmpuint (many->count, ==, 3);
  assert_line (many, 0, "a", 2);
  assert_line (many, 1, "b\rc", 4);
  assert_line (many, 2, "d", 5);
  assert_line (one, 0, "a", 1);
  assert_line (bare, 0, "a\r", 1);
}

static void
test_bound (void)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (PtSubmission) most = NULL;
  g_autoptr (GBytes) body = NULL;
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < PT_SUBMISSION_LINES_MAX; i++)
    g_string_append (text, "x\n");
  most = submission_of (text->str, TRUE);
  g_assert_cmpuint (most->count, ==, PT_SUBMISSION_LINES_MAX);
  g_string_append (text, "x");
  body = g_bytes_new (text->str, text->len);
  g_assert_null (pt_submission_new (&pt_kind_report, body, TRUE, NULL, NULL, &error));
  g_assert_error (error, PT_ERROR, PT_ERROR_TOO_LARGE);
}

static void
test_answer (void)
{
  g_autoptr (PtSubmission) submission = submission_of ("a\nb\n\nc\nd\n", TRUE);
  g_autofree char *json = NULL;

  submission->lines[0].state = PT_LINE_ACCEPTED;
  submission->lines[1].state = PT_LINE_DUPLICATE;
  pt_line_refuse (&submission->lines[2], PT_ERROR_STALE_SEQ);
  pt_line_refuse (&submission->lines[3], PT_ERROR_BUSY);
  json = pt_submission_to_json (submission);
  g_assert_cmpstr (
      json, ==,
      "{\"accepted\":1,\"duplicate\":1,\"rejected\":[{\"line\":4,\"error\":\"stale-seq\"},"
      "{\"line\":5,\"error\":\"busy\"}]}");
  g_assert_false (pt_submission_is_busy (submission));
  for (guint i = 0; i < submission->count; i++)
    pt_line_refuse (&submission->lines[i], PT_ERROR_BUSY);
  g_assert_true (pt_submission_is_busy (submission));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/submission/lines", test_lines);
  g_test_add_func ("/submission/returns", test_returns);
  g_test_add_func ("/submission/bound", test_bound);
  g_test_add_func ("/submission/answer", test_answer);
  return g_test_run ();
}
