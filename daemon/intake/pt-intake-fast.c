/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-intake-fast.h"

#include "pt-intake-http.h"
#include "pt-kind.h"
#include "pt-problem.h"

/* On the committer's thread. */
static void
fast_done (PtSubmission *submission, gpointer data)
{
  guint wait, status;
  g_autoptr (GError) error = pt_intake_http_error (submission, &wait);
  char *text;

  status = error != NULL ? pt_problem_status (error) : 200;
  text = error != NULL ? pt_problem_text (status, (PtErrorCode) error->code, error->message)
                       : pt_submission_to_json (submission);

  /* Its place first: who has an answer may hand in the next at once. */
  pt_submission_free (submission);
  pt_fast_answer (data, status, wait, text);
}

/* Who signs what has another form is told by libsoup's way, see pt_entry_shape_check (). */
static gboolean
is_report (const PtSubmission *submission)
{
  PtEntry entry;

  return pt_entry_parse (submission->lines[0].bytes, PT_ENTRY_SIGNED, &entry) == PT_OK
         && entry.kind == PT_ENTRY_REPORT;
}

gboolean
pt_intake_fast_take (PtFastRequest *request, GBytes *body, gpointer context)
{
  const PtIntakeHttp *http = context;
  g_autoptr (PtSubmission) submission = NULL;

  g_return_val_if_fail (request != NULL && body != NULL && http != NULL, FALSE);

  if (!pt_intake_may_take (http->intake, NULL))
    return FALSE;
  submission = pt_submission_new (&pt_kind_report, body, FALSE, fast_done, request, NULL);
  if (submission == NULL || !is_report (submission))
    return FALSE;
  pt_intake_http_set_peer (submission, pt_fast_connection (request), NULL);
  if (!pt_intake_take (http->intake, submission))
    fast_done (submission, request);
  g_steal_pointer (&submission);
  return TRUE;
}
