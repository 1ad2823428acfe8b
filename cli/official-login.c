/* SPDX-License-Identifier: Apache-2.0 */
#include "official-login.h"

#include <string.h>

#include "pt-cli.h"
#include "pt-encoding.h"
#include "pt-error.h"
#include "pt-i18n.h"
#include "pt-login.h"
#include "pt-sha256.h"

/* POSTs the members, ended by NULL, and returns the answer's object, which is @parser's. */
static JsonObject *
ask (PtHttpClient *client, const char *url, const char *path, const char *const *members,
     JsonParser *parser, GError **error)
{
  g_autofree char *whole = g_strconcat (url, path, NULL);
  g_autoptr (JsonObject) object = json_object_new ();
  g_autoptr (GBytes) body = NULL, answer = NULL;
  JsonObject *got = NULL;

  for (guint i = 0; members[i] != NULL; i += 2)
    json_object_set_string_member (object, members[i], members[i + 1]);
  body = pt_cli_body (object);
  answer = pt_http_client_post_ok (client, whole, "application/json", body, error);
  if (answer == NULL)
    return NULL;
  got = pt_cli_object (parser, answer);
  if (got == NULL)
    g_set_error (error, PT_ERROR, PT_ERROR_MALFORMED,
                 _ ("%s did not answer with a JSON object; is --url the daemon's address?"), whole);
  return got;
}

static gboolean
sign_challenge (const PtActor *actor, const char *challenge,
                char out[PT_BASE64URL_SIZE (PT_SIGNATURE_SIZE) + 1])
{
  guint8 signature[PT_SIGNATURE_SIZE];
  PtHash digest;
  gsize size = 0;

  pt_sha256 (challenge, strlen (challenge), &digest);
  if (!actor->signer.sign (actor->signer.context, &digest, signature))
    return FALSE;
  size = pt_base64url_encode (signature, sizeof signature, out,
                              PT_BASE64URL_SIZE (PT_SIGNATURE_SIZE) + 1);
  out[size] = '\0';
  return TRUE;
}

gboolean
pt_official_log_in (PtHttpClient *client, const char *url, const char *area, const char *official,
                    const PtActor *actor, GError **error)
{
  g_autoptr (JsonParser) parser = json_parser_new_immutable ();
  g_autoptr (JsonParser) second = json_parser_new_immutable ();
  const char *const asked[] = { "area", area, "official", official, NULL };
  char signature[PT_BASE64URL_SIZE (PT_SIGNATURE_SIZE) + 1];
  JsonObject *object = NULL;
  const char *challenge = NULL;
  g_autofree char *host = NULL;
  PtLogin login;

  g_return_val_if_fail (client != NULL && url != NULL && area != NULL, FALSE);
  g_return_val_if_fail (official != NULL && actor != NULL, FALSE);
  object = ask (client, url, "/api/v1/sessions/challenge", asked, parser, error);
  if (object == NULL)
    return FALSE;
  challenge = pt_cli_string (object, "challenge", "");
  login = pt_login_judge (challenge, area, official, url, &host);
  if (login == PT_LOGIN_ELSEWHERE)
    {
      g_set_error (error, PT_ERROR, PT_ERROR_MALFORMED,
                   _ ("what the daemon at %s wants signed is a login at %s; nothing was signed"),
                   url, host);
      return FALSE;
    }
  if (login == PT_LOGIN_OTHER || !sign_challenge (actor, challenge, signature))
    {
      g_set_error (error, PT_ERROR, PT_ERROR_MALFORMED,
                   _ ("what the daemon wants signed is no login; nothing was signed"));
      return FALSE;
    }
  {
    const char *const answer[]
        = { "area", area, "official", official, "challenge", challenge, "sig", signature, NULL };

    object = ask (client, url, "/api/v1/sessions", answer, second, error);
  }
  if (object == NULL)
    return FALSE;
  pt_http_client_set_bearer (client, pt_cli_string (object, "token", NULL));
  return TRUE;
}
