/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "pt-api-office.h"
#include "pt-client.h"
#include "pt-encoding.h"
#include "pt-form.h"

#define BODY_MAX 8192

gboolean
pt_api_session (PtRequest *request, PtOffice *office, const char *area, guint roles, PtSession *out,
                GError **error)
{
  const char *bearer;

  g_return_val_if_fail (request != NULL && office != NULL && area != NULL && out != NULL, FALSE);

  bearer = pt_client_bearer (request);
  if (bearer == NULL)
    {
      g_set_error_literal (error, PT_ERROR, PT_ERROR_UNAUTHORIZED,
                           "This needs a session: log in at /sessions.");
      return FALSE;
    }
  if (!pt_sessions_find (office->sessions, bearer, out, error))
    return FALSE;
  if (strcmp (out->area, area) == 0 && (roles & PT_ROLE_BIT (out->role)) != 0)
    return TRUE;
  g_set_error (error, PT_ERROR, PT_ERROR_FORBIDDEN, "%s may not do this in %s: it is %s of %s.",
               out->official, area, pt_role_name (out->role), out->area);
  return FALSE;
}

static gboolean
admit (PtRequest *request, PtOffice *office, GError **error)
{
  g_autofree char *client = pt_client_of (request);
  const char *names[PT_LIMIT_COUNT] = { [PT_LIMIT_ADDRESS] = client };
  guint wait;

  if (pt_office_admit (office, names, &wait, error))
    return TRUE;
  pt_request_retry_after (request, wait);
  return FALSE;
}

static gboolean
take_challenge (PtRequest *request, gpointer context, GError **error)
{
  static const char *const names[] = { "area", "official", NULL };
  PtOffice *office = ((PtApiOffice *) context)->office;
  const char *area, *official, *host = office->host;
  g_autoptr (PtForm) form = NULL;
  g_autofree char *challenge = NULL;
  PtJsonText *json;
  gint64 expires;

  if (!admit (request, office, error))
    return FALSE;
  form = pt_form_read (request->content, names, error);
  if (form == NULL || !pt_form_area (form, &area, error)
      || !pt_form_id (form, "official", &official, error))
    return FALSE;
  if (host == NULL)
    host = pt_request_header (request, "Host");
  challenge = pt_sessions_challenge (office->sessions, area, official, host != NULL ? host : "",
                                     &expires, error);
  if (challenge == NULL)
    return FALSE;
  json = pt_json_text_new ();
  pt_json_text_begin_object (json, NULL);
  pt_json_text_string (json, "challenge", challenge);
  pt_json_text_integer (json, "expires", expires);
  pt_json_text_end_object (json);
  pt_request_take_json (request, json);
  request->cache_control = "no-store";
  return TRUE;
}

static void
answer_session (PtRequest *request, const char *token, const PtSession *session, const char *name)
{
  PtJsonText *json = pt_json_text_new ();

  pt_json_text_begin_object (json, NULL);
  pt_json_text_string (json, "token", token);
  pt_json_text_integer (json, "expires", session->expires);
  pt_json_text_string (json, "role", pt_role_name (session->role));
  pt_json_text_string (json, "name", name);
  pt_json_text_end_object (json);
  pt_request_take_json (request, json);
  request->cache_control = "no-store";
}

static gboolean
read_signature (PtForm *form, guint8 signature[PT_SIGNATURE_SIZE], GError **error)
{
  const char *text = pt_form_text (form, "sig");

  if (text != NULL
      && pt_base64url_decode (pt_span (text, strlen (text)), signature, PT_SIGNATURE_SIZE))
    return TRUE;
  g_set_error_literal (error, PT_ERROR, PT_ERROR_MALFORMED,
                       "sig: it is r and s, 64 bytes in base64url.");
  return FALSE;
}

static gboolean
take_session (PtRequest *request, gpointer context, GError **error)
{
  static const char *const names[] = { "area", "official", "challenge", "sig", NULL };
  PtOffice *office = ((PtApiOffice *) context)->office;
  const char *area, *official, *challenge;
  guint8 signature[PT_SIGNATURE_SIZE];
  g_autoptr (PtForm) form = NULL;
  g_autofree char *token = NULL;
  g_autofree char *name = NULL;
  PtSession session;

  if (!admit (request, office, error))
    return FALSE;
  form = pt_form_read (request->content, names, error);
  if (form == NULL || !pt_form_area (form, &area, error)
      || !pt_form_id (form, "official", &official, error)
      || !pt_form_need_text (form, "challenge", PT_CHALLENGE_MAX, &challenge, error)
      || !read_signature (form, signature, error))
    return FALSE;
  token = pt_sessions_begin (office->sessions, area, official, challenge, signature, &session,
                             &name, error);
  if (token == NULL)
    return FALSE;
  answer_session (request, token, &session, name);
  return TRUE;
}

static gboolean
end_session (PtRequest *request, gpointer context, GError **error)
{
  const PtApiOffice *api = context;
  const char *bearer = pt_client_bearer (request);

  if (bearer == NULL || !pt_sessions_end (api->office->sessions, bearer))
    {
      g_set_error_literal (error, PT_ERROR, PT_ERROR_UNAUTHORIZED,
                           "There is no such session. Send its token as Authorization: Bearer.");
      return FALSE;
    }
  pt_request_take_text (request, "application/json", g_string_new ("{\"ended\":true}\n"));
  return TRUE;
}

const PtRoute pt_api_sessions_routes[] = {
  { "POST", "/api/v1/sessions/challenge", take_challenge, PT_RUNS_ON_LOOP, .body_max = BODY_MAX },
  { "POST", "/api/v1/sessions", take_session, PT_RUNS_ON_LOOP, .body_max = BODY_MAX },
  { "DELETE", "/api/v1/sessions", end_session, PT_RUNS_ON_LOOP },
  { NULL },
};
