/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-mqtt-answer.h"

#include <string.h>

#include "pt-kind.h"

static PtSubmission *
submission_of (guint lines)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (GBytes) body = NULL;
  PtSubmission *submission;

  for (guint i = 0; i < lines; i++)
    g_string_append (text, "x\n");
  body = g_bytes_new (text->str, text->len);
  submission = pt_submission_new (&pt_kind_report, body, TRUE, NULL, NULL, NULL);
  g_assert_nonnull (submission);
  return submission;
}

static void
test_text (void)
{
  g_autoptr (PtSubmission) submission = submission_of (5);
  g_autofree char *text = NULL;

  for (guint i = 0; i < 2; i++)
    {
      submission->lines[i].state = PT_LINE_ACCEPTED;
      submission->lines[i].seq = 10 + i;
    }
  submission->lines[2].state = PT_LINE_DUPLICATE;
  submission->lines[2].seq = 9;
  pt_line_refuse (&submission->lines[3], PT_ERROR_MALFORMED);
  submission->lines[4].seq = 12;
  pt_line_refuse (&submission->lines[4], PT_ERROR_BAD_SIGNATURE);
  text = pt_mqtt_answer_text (submission);
  g_assert_cmpstr (text, ==,
                   "{\"accepted\":[10,11],\"duplicate\":[9],\"format\":\"powertrack-answer-1\","
                   "\"rejected\":[{\"error\":\"malformed\",\"line\":4},"
                   "{\"error\":\"bad-signature\",\"line\":5,\"seq\":12}]}");
  g_assert_false (pt_mqtt_answer_waits (submission));
}

static void
test_receipts (void)
{
  g_autoptr (PtSubmission) submission = submission_of (1);
  g_autofree char *text = NULL;

  pt_submission_want (submission, PT_WANT_RECEIPTS);
  submission->lines[0].state = PT_LINE_ACCEPTED;
  submission->lines[0].seq = 1;
  submission->lines[0].outcome->receipt = g_bytes_new ("{\"n\":1}", 7);
  text = pt_mqtt_answer_text (submission);
  g_assert_cmpstr (text, ==,
                   "{\"accepted\":[1],\"duplicate\":[],\"format\":\"powertrack-answer-1\","
                   "\"receipts\":[{\"n\":1}],\"rejected\":[]}");
}

static void
test_refusal (void)
{
  g_autoptr (GError) error = g_error_new_literal (PT_ERROR, PT_ERROR_UNKNOWN_DEVICE, "");
  g_autofree char *text = pt_mqtt_answer_refusal (error);

  g_assert_cmpstr (text, ==,
                   "{\"accepted\":[],\"duplicate\":[],\"format\":\"powertrack-answer-1\","
                   "\"rejected\":[{\"error\":\"unknown-device\",\"line\":1}]}");
}

/* One line that has to wait is enough: the others are duplicates the next time. */
static void
test_waits (void)
{
  g_autoptr (PtSubmission) submission = submission_of (2);

  submission->lines[0].state = PT_LINE_ACCEPTED;
  pt_line_refuse (&submission->lines[1], PT_ERROR_BUSY);
  g_assert_true (pt_mqtt_answer_waits (submission));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/mqtt-answer/text", test_text);
  g_test_add_func ("/mqtt-answer/receipts", test_receipts);
  g_test_add_func ("/mqtt-answer/refusal", test_refusal);
  g_test_add_func ("/mqtt-answer/waits", test_waits);
  return g_test_run ();
}
