/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-session-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "pt-encoding.h"
#include "pt-error.h"
#include "pt-json-bounds.h"
#include "pt-login.h"
#include "pt-read.h"
#include "pt-sha256.h"

#define ANSWER_MAX 65536 /* bytes */
#define PROFILE_MAX (8 * PT_ENTRY_MAX)
#define JSON_DEPTH 8

G_DEFINE_FINAL_TYPE (PtSession, pt_session, G_TYPE_OBJECT)

static guint changed_signal;

/* Takes @detail. */
static void
session_say (PtSession *session, PtSessionState state, char *detail)
{
  session->state = state;
  g_free (session->detail);
  session->detail = detail;
  if (state != PT_SESSION_IN)
    g_clear_pointer (&session->token, g_free);
  g_signal_emit (session, changed_signal, 0);
}

/* TRUE: @error is of a login that was given up, or what it failed with is told now. */
static gboolean
session_failed (PtSession *session, const GError *error)
{
  if (error == NULL)
    return FALSE;
  if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    session_say (session, PT_SESSION_OUT, g_strdup (error->message));
  return TRUE;
}

/* Signing */

static char *
sign_text (const char *text, const PtP256Key *key)
{
  char out[PT_BASE64URL_SIZE (PT_SIGNATURE_SIZE) + 1] = "";
  guint8 signature[PT_SIGNATURE_SIZE];
  PtSigner signer;
  PtHash digest;
  gboolean good;

  if (!pt_p256_signer_init (&signer, key))
    return NULL;
  pt_sha256 (text, strlen (text), &digest);
  good = signer.sign (signer.context, &digest, signature);
  pt_p256_signer_clear (&signer);
  if (good)
    pt_base64url_encode (signature, sizeof signature, out, sizeof out);
  return good ? g_strdup (out) : NULL;
}

/* Asking the daemon */

/* An object of its answer; NULL: PT_ERROR, whatever it was that it answered. */
static JsonNode *
read_answer (const PtFetchReply *reply, GError **error)
{
  g_autoptr (JsonParser) parser = json_parser_new ();
  const char *data;
  gsize size;

  if (reply->status != SOUP_STATUS_OK && reply->status != SOUP_STATUS_CREATED)
    {
      g_propagate_error (error, pt_fetch_reply_error (reply));
      return NULL;
    }
  data = g_bytes_get_data (reply->body, &size);
  if (size > 0 && pt_json_is_shallow (data, size, JSON_DEPTH)
      && json_parser_load_from_data (parser, data, (gssize) size, NULL)
      && json_parser_get_root (parser) != NULL
      && JSON_NODE_HOLDS_OBJECT (json_parser_get_root (parser)))
    return json_parser_steal_root (parser);
  g_set_error_literal (error, PT_ERROR, PT_ERROR_UNSUPPORTED, _ ("What it answers is not JSON."));
  return NULL;
}

/* Takes @object. */
static void
session_post (PtSession *session, const char *path, JsonObject *object,
              GAsyncReadyCallback callback)
{
  g_autoptr (JsonNode) node = json_node_init_object (json_node_alloc (), object);
  char *text = json_to_string (node, FALSE);
  g_autoptr (GBytes) body = g_bytes_new_take (text, strlen (text));
  const PtFetchRequest request = { "POST", "application/json", body, NULL };

  json_object_unref (object);
  pt_link_send_async (session->link, path, &request, ANSWER_MAX, session->login, callback,
                      g_object_ref (session));
}

static JsonObject *
who_asks (PtSession *session)
{
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "area", session->key->area);
  json_object_set_string_member (object, "official", session->key->official);
  return object;
}

/* Logging in: a challenge, the key, a token */

static void
session_take_answer (PtSession *session, JsonNode *answer, GError **error)
{
  JsonObject *object = json_node_get_object (answer);
  g_autoptr (GError) local = NULL;
  const char *token = pt_read_text (object, "token", PT_READ_NEEDED, &local);
  const char *role = pt_read_text (object, "role", PT_READ_NEEDED, &local);
  const char *name = pt_read_text (object, "name", PT_READ_OPTIONAL, &local);

  if (local != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return;
    }
  g_free (session->token);
  session->token = g_strdup (token);
  g_free (session->name);
  session->name = g_strdup (name != NULL ? name : "");
  session->role = strcmp (role, "officer") == 0    ? PT_ROLE_OFFICER
                  : strcmp (role, "operator") == 0 ? PT_ROLE_OPERATOR
                                                   : PT_ROLE_AUDITOR;
}

/* The profile */

static void
profile_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (PtSession) session = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (PtFetchReply) reply = pt_link_send_finish (PT_LINK (source), result, &error);
  g_autoptr (JsonNode) answer = NULL;
  PtAreaProfile *profile = NULL;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (reply != NULL && reply->status == SOUP_STATUS_NOT_FOUND)
    profile = pt_area_profile_new_none ();
  else if (reply != NULL)
    answer = read_answer (reply, &error);
  if (answer != NULL)
    profile = pt_area_profile_read (answer, NULL, &error);
  g_clear_pointer (&session->profile, pt_area_profile_free);
  session->profile = profile;
  g_signal_emit (session, changed_signal, 0);
}

void
pt_session_ask_profile (PtSession *session)
{
  const PtFetchRequest request = { 0 };
  g_autofree char *path = NULL;

  g_return_if_fail (PT_IS_SESSION (session));
  if (session->key == NULL)
    return;
  path = g_strdup_printf ("/profiles/%s", session->key->area);
  pt_link_send_async (session->link, path, &request, PROFILE_MAX, session->login, profile_cb,
                      g_object_ref (session));
}

static void
logged_in_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (PtSession) session = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (PtFetchReply) reply = pt_link_send_finish (PT_LINK (source), result, &error);
  g_autoptr (JsonNode) answer = reply != NULL ? read_answer (reply, &error) : NULL;

  if (answer != NULL)
    session_take_answer (session, answer, &error);
  if (session_failed (session, error))
    return;
  session_say (session, PT_SESSION_IN, g_strdup (""));
  pt_session_ask_profile (session);
}

static void
key_opened_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (PtSession) session = user_data;
  g_autoptr (GError) error = NULL;
  PtP256Key *key = pt_keyring_open_finish (result, &error);
  g_autofree char *signature = NULL;
  JsonObject *object;

  if (session_failed (session, error))
    return;
  signature = sign_text (session->challenge, key);
  pt_p256_key_free (key);
  if (signature == NULL)
    {
      session_say (session, PT_SESSION_OUT, g_strdup (_ ("The key could not sign this.")));
      return;
    }
  object = who_asks (session);
  json_object_set_string_member (object, "challenge", session->challenge);
  json_object_set_string_member (object, "sig", signature);
  session_post (session, "/sessions", object, logged_in_cb);
}

/* A sentence; NULL: it may be signed. */
static char *
why_not_signed (PtSession *session, const char *challenge)
{
  g_autofree char *host = NULL;
  const char *url = pt_link_url (session->link);

  switch (pt_login_judge (challenge, session->key->area, session->key->official,
                          url != NULL ? url : "", &host))
    {
    case PT_LOGIN_GOOD:
      return NULL;
    case PT_LOGIN_ELSEWHERE:
      return g_strdup_printf (_ ("What the daemon wants signed is a login at %s, but this console "
                                 "talks to %s. Nothing was signed."),
                              host, url != NULL ? url : "");
    case PT_LOGIN_OTHER:
      break;
    }
  return g_strdup (_ ("The daemon asked to have something signed that is no login. "
                      "Nothing was signed."));
}

static void
challenged_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (PtSession) session = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (PtFetchReply) reply = pt_link_send_finish (PT_LINK (source), result, &error);
  g_autoptr (JsonNode) answer = reply != NULL ? read_answer (reply, &error) : NULL;
  const char *challenge = NULL;
  char *refusal;

  if (answer != NULL)
    challenge = pt_read_text (json_node_get_object (answer), "challenge", PT_READ_NEEDED, &error);
  if (session_failed (session, error))
    return;
  refusal = why_not_signed (session, challenge);
  if (refusal != NULL)
    {
      session_say (session, PT_SESSION_OUT, refusal);
      return;
    }
  g_free (session->challenge);
  session->challenge = g_strdup (challenge);
  pt_keyring_open_async (session->key, session->login, key_opened_cb, g_object_ref (session));
}

static void
session_give_up (PtSession *session)
{
  if (session->login != NULL)
    g_cancellable_cancel (session->login);
  g_clear_object (&session->login);
}

void
pt_session_login (PtSession *session)
{
  g_return_if_fail (PT_IS_SESSION (session));
  if (session->key == NULL)
    return;
  session_give_up (session);
  session->login = g_cancellable_new ();
  session_say (session, PT_SESSION_BUSY, g_strdup (""));
  session_post (session, "/sessions/challenge", who_asks (session), challenged_cb);
}

static void
ended_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (PtFetchReply) reply = pt_link_send_finish (PT_LINK (source), result, NULL);
}

void
pt_session_choose (PtSession *session, PtKeyringKey *key)
{
  const PtFetchRequest request = { "DELETE", NULL, NULL, session->token };

  g_return_if_fail (PT_IS_SESSION (session));
  session_give_up (session);
  if (session->token != NULL)
    pt_link_send_async (session->link, "/sessions", &request, ANSWER_MAX, NULL, ended_cb, NULL);
  g_set_object (&session->key, key);
  g_clear_pointer (&session->profile, pt_area_profile_free);
  g_free (session->name);
  session->name = g_strdup ("");
  session->role = PT_ROLE_AUDITOR;
  session_say (session, PT_SESSION_NONE, g_strdup (""));
  pt_session_login (session);
}

void
pt_session_end (PtSession *session, const char *why)
{
  g_return_if_fail (PT_IS_SESSION (session) && why != NULL);
  if (session->state == PT_SESSION_IN)
    session_say (session, PT_SESSION_OUT, g_strdup (why));
}

/* Asking */

PtSessionState
pt_session_state (PtSession *session)
{
  g_return_val_if_fail (PT_IS_SESSION (session), PT_SESSION_NONE);
  return session->state;
}

const char *
pt_session_detail (PtSession *session)
{
  g_return_val_if_fail (PT_IS_SESSION (session), "");
  return session->detail;
}

PtKeyringKey *
pt_session_key (PtSession *session)
{
  g_return_val_if_fail (PT_IS_SESSION (session), NULL);
  return session->key;
}

const char *
pt_session_token (PtSession *session)
{
  g_return_val_if_fail (PT_IS_SESSION (session), NULL);
  return session->token;
}

const char *
pt_session_name (PtSession *session)
{
  g_return_val_if_fail (PT_IS_SESSION (session), "");
  return session->name;
}

const PtAreaProfile *
pt_session_profile (PtSession *session)
{
  g_return_val_if_fail (PT_IS_SESSION (session), NULL);
  return session->profile;
}

PtRole
pt_session_role (PtSession *session)
{
  g_return_val_if_fail (PT_IS_SESSION (session), PT_ROLE_AUDITOR);
  return session->role;
}

gboolean
pt_session_is_of (PtSession *session, const char *area)
{
  g_return_val_if_fail (PT_IS_SESSION (session) && area != NULL, FALSE);
  return session->state == PT_SESSION_IN && strcmp (session->key->area, area) == 0;
}

gboolean
pt_session_may (PtSession *session, const PtComplaintDetail *detail, PtAction action)
{
  guint8 public_key[PT_PUBLIC_KEY_SIZE];
  const char *text;

  g_return_val_if_fail (PT_IS_SESSION (session) && detail != NULL, FALSE);
  if (!pt_session_is_of (session, detail->complaint->area))
    return FALSE;
  text = session->key->public_key;
  return pt_base64url_decode (pt_span (text, strlen (text)), public_key, sizeof public_key)
         && pt_complaint_detail_may (detail, action, session->role, session->key->official,
                                     public_key);
}

/* The object */

static void
pt_session_dispose (GObject *object)
{
  PtSession *session = PT_SESSION (object);

  session_give_up (session);
  g_clear_object (&session->key);
  g_clear_object (&session->link);
  G_OBJECT_CLASS (pt_session_parent_class)->dispose (object);
}

static void
pt_session_finalize (GObject *object)
{
  PtSession *session = PT_SESSION (object);

  g_free (session->detail);
  g_free (session->token);
  g_free (session->name);
  g_free (session->challenge);
  pt_area_profile_free (session->profile);
  pt_seen_free (session->seen);
  G_OBJECT_CLASS (pt_session_parent_class)->finalize (object);
}

static void
pt_session_class_init (PtSessionClass *class)
{
  G_OBJECT_CLASS (class)->dispose = pt_session_dispose;
  G_OBJECT_CLASS (class)->finalize = pt_session_finalize;
  changed_signal = g_signal_new ("changed", PT_TYPE_SESSION, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                 G_TYPE_NONE, 0);
}

static void
pt_session_init (PtSession *session)
{
  session->detail = g_strdup ("");
  session->name = g_strdup ("");
  session->role = PT_ROLE_AUDITOR;
  session->seen = pt_seen_new ();
}

PtSession *
pt_session_new (PtLink *link)
{
  PtSession *session;

  g_return_val_if_fail (PT_IS_LINK (link), NULL);
  session = g_object_new (PT_TYPE_SESSION, NULL);
  session->link = g_object_ref (link);
  return session;
}
