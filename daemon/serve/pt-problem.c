/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-problem.h"

#include <string.h>

#include "pt-error.h"
#include "pt-json-text.h"

guint
pt_problem_status (const GError *error)
{
  static const struct
  {
    PtErrorCode code;
    guint status;
  } statuses[] = {
    { PT_ERROR_MALFORMED, 400 },
    { PT_ERROR_NOT_CANONICAL, 400 },
    { PT_ERROR_TOO_PRECISE, 400 },
    { PT_ERROR_UNKNOWN_AREA, 404 },
    { PT_ERROR_UNKNOWN_DEVICE, 404 },
    { PT_ERROR_NOT_FOUND, 404 },
    { PT_ERROR_UNAUTHORIZED, 401 },
    { PT_ERROR_BAD_WORK, 401 },
    { PT_ERROR_TICKET_EXPIRED, 401 },
    { PT_ERROR_UNKNOWN_OFFICIAL, 404 },
    { PT_ERROR_REVOKED_OFFICIAL, 403 },
    { PT_ERROR_FORBIDDEN, 403 },
    { PT_ERROR_NOT_YOURS, 403 },
    { PT_ERROR_REVOKED_DEVICE, 403 },
    { PT_ERROR_TOO_MANY, 429 },
    { PT_ERROR_CONFLICT, 409 },
    { PT_ERROR_NOT_ANCHORED, 409 },
    { PT_ERROR_TOO_LARGE, 413 },
    { PT_ERROR_UNSUPPORTED, 415 },
    { PT_ERROR_WRONG_METHOD, 405 },
    { PT_ERROR_BUSY, 503 },
    { PT_ERROR_RETRY, 503 },
  };

  g_return_val_if_fail (error != NULL, 500);

  if (error->domain != PT_ERROR)
    return 500;
  for (guint i = 0; i < G_N_ELEMENTS (statuses); i++)
    if (error->code == (int) statuses[i].code)
      return statuses[i].status;
  return 500;
}

static char *
problem_text (guint status, const char *slug, const char *detail)
{
  PtJsonText *json = pt_json_text_new ();
  GString *text;

  pt_json_text_begin_object (json, NULL);
  pt_json_text_string (json, "type", slug);
  pt_json_text_string (json, "title", soup_status_get_phrase (status));
  pt_json_text_integer (json, "status", status);
  pt_json_text_foreign (json, "detail", detail);
  pt_json_text_end_object (json);
  text = pt_json_text_free_to_string (json);
  g_string_append_c (text, '\n');
  return g_string_free (text, FALSE);
}

char *
pt_problem_text (guint status, PtErrorCode code, const char *sentence)
{
  g_return_val_if_fail (sentence != NULL, NULL);

  return problem_text (status, pt_error_slug (code), sentence);
}

/* What is not the client's doing has paths in its sentence, and what the store or an endpoint said:
 * for the log, once a second at most. Whoever asked hears that it is there. */
static const char *
public_sentence (const GError *error, guint status)
{
  static gint64 told;
  gint64 now = g_get_monotonic_time ();
  gboolean passes = g_error_matches (error, PT_ERROR, PT_ERROR_RETRY);

  if (status < 500 || g_error_matches (error, PT_ERROR, PT_ERROR_BUSY))
    return error->message;
  if (told == 0 || now - told > G_USEC_PER_SEC)
    {
      g_message ("An answer failed: %s", error->message);
      told = now;
    }
  return passes ? "It can't be answered for now. Try again in a moment."
                : "The daemon could not answer this; its log says why.";
}

void
pt_problem_set (SoupServerMessage *message, guint status, const GError *error)
{
  char *text;

  g_return_if_fail (SOUP_IS_SERVER_MESSAGE (message) && error != NULL);

  if (status == 0)
    status = pt_problem_status (error);
  text = problem_text (status, pt_error_to_slug (error), public_sentence (error, status));
  if (status == SOUP_STATUS_SERVICE_UNAVAILABLE)
    soup_message_headers_replace (soup_server_message_get_response_headers (message), "Retry-After",
                                  "1");
  soup_server_message_set_status (message, status, NULL);
  soup_message_headers_replace (soup_server_message_get_response_headers (message),
                                "X-Content-Type-Options", "nosniff");
  soup_server_message_set_response (message, "application/problem+json", SOUP_MEMORY_TAKE, text,
                                    strlen (text));
}
