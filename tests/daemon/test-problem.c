/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-problem.h"

#include <string.h>

#include "pt-error.h"

/* Each code has a status; what has none of its own is ours to mend. */
static void
test_statuses (void)
{
  static const struct
  {
    PtErrorCode code;
    guint status;
  } rows[] = {
    { PT_ERROR_MALFORMED, 400 },
    { PT_ERROR_NOT_CANONICAL, 400 },
    { PT_ERROR_TOO_PRECISE, 400 },
    { PT_ERROR_UNAUTHORIZED, 401 },
    { PT_ERROR_BAD_WORK, 401 },
    { PT_ERROR_TICKET_EXPIRED, 401 },
    { PT_ERROR_UNKNOWN_OFFICIAL, 404 },
    { PT_ERROR_REVOKED_OFFICIAL, 403 },
    { PT_ERROR_FORBIDDEN, 403 },
    { PT_ERROR_TOO_MANY, 429 },
    { PT_ERROR_UNKNOWN_AREA, 404 },
    { PT_ERROR_UNKNOWN_DEVICE, 404 },
    { PT_ERROR_NOT_FOUND, 404 },
    { PT_ERROR_WRONG_METHOD, 405 },
    { PT_ERROR_CONFLICT, 409 },
    { PT_ERROR_NOT_ANCHORED, 409 },
    { PT_ERROR_TOO_LARGE, 413 },
    { PT_ERROR_UNSUPPORTED, 415 },
    { PT_ERROR_BUSY, 503 },
    { PT_ERROR_RETRY, 503 },
    { PT_ERROR_FAILED, 500 },
    { PT_ERROR_STOP, 500 },
    { PT_ERROR_CONFIGURATION, 500 },
    { PT_ERROR_OPERATOR, 500 },
  };
  g_autoptr (GError) foreign = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "gone");

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GError) error = g_error_new_literal (PT_ERROR, (int) rows[i].code, "a sentence");

      g_assert_cmpuint (pt_problem_status (error), ==, rows[i].status);
    }
  g_assert_cmpuint (pt_problem_status (foreign), ==, 500);
}

static char *
detail_of (GQuark domain, int code, guint status)
{
  g_autoptr (GError) error
      = g_error_new_literal (domain, code, "/var/lib/powertrack/blocks/ac is damaged: key ab12");
  SoupServerMessage *message = g_object_new (SOUP_TYPE_SERVER_MESSAGE, NULL);
  SoupMessageBody *body = soup_server_message_get_response_body (message);
  g_autoptr (GBytes) bytes = NULL;
  char *text;

  pt_problem_set (message, status, error);
  bytes = soup_message_body_flatten (body);
  text = g_strndup (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
  g_object_unref (message);
  return text;
}

/* What was the client's own mistake is told in full, what was not in general. */
static void
test_public (void)
{
  static const struct
  {
    PtErrorCode code;
    gboolean is_told;
  } rows[]
      = { { PT_ERROR_MALFORMED, TRUE }, { PT_ERROR_NOT_FOUND, TRUE }, { PT_ERROR_CONFLICT, TRUE },
          { PT_ERROR_BUSY, TRUE },      { PT_ERROR_RETRY, FALSE },    { PT_ERROR_FAILED, FALSE },
          { PT_ERROR_STOP, FALSE },     { PT_ERROR_OPERATOR, FALSE } };
  g_autofree char *foreign = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *text = detail_of (PT_ERROR, (int) rows[i].code, 0);

      g_test_message ("%s", text);
      g_assert_true ((strstr (text, "/var/lib") != NULL) == rows[i].is_told);
      g_assert_nonnull (strstr (text, pt_error_slug (rows[i].code)));
    }
  foreign = detail_of (G_IO_ERROR, G_IO_ERROR_FAILED, 0);
  g_assert_null (strstr (foreign, "ab12"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/problem/statuses", test_statuses);
  g_test_add_func ("/problem/public", test_public);
  return g_test_run ();
}
