/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-sessions.h"

#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <string.h>

#include "pt-encoding.h"
#include "pt-error.h"
#include "pt-json.h"
#include "pt-p256.h"
#include "pt-sha256.h"

#define PREFIX "powertrack login v1\n"
#define RANDOM_SIZE 16
#define PROOF_SIZE (RANDOM_SIZE + PT_HASH_SIZE) /* what was drawn, and that it was us */
#define TOKEN_SIZE 32
#define TOKEN_TEXT_SIZE PT_BASE64URL_SIZE (TOKEN_SIZE)
#define HOST_MAX 255

typedef struct
{
  PtHash token; /* the token itself is the official's alone */
  PtSession said;
  guint8 public_key[PT_PUBLIC_KEY_SIZE];
  gint64 begun; /* ms */
} Session;

typedef struct
{
  PtHash challenge;
  gint64 expires;
} Used;

struct _PtSessions
{
  PtDirectory *directory;
  PtClock *clock;
  PtSecret secret;
  GMutex lock;
  GPtrArray *list; /* of Session, the oldest first */
  GArray *used;    /* of Used: challenges that were signed */
};

/* An official as the registry has her now. */
typedef struct
{
  PtRole role;
  guint8 public_key[PT_PUBLIC_KEY_SIZE];
  char *name; /* to be freed */
} Official;

PtSessions *
pt_sessions_new (PtDirectory *directory, PtClock *clock, GError **error)
{
  g_autoptr (PtSessions) sessions = NULL;

  g_return_val_if_fail (directory != NULL && clock != NULL, NULL);

  sessions = g_new0 (PtSessions, 1);
  g_mutex_init (&sessions->lock);
  sessions->directory = directory;
  sessions->clock = pt_clock_ref (clock);
  sessions->list = g_ptr_array_new_with_free_func (g_free);
  sessions->used = g_array_new (FALSE, FALSE, sizeof (Used));
  if (!pt_secret_draw (&sessions->secret, error))
    return NULL;
  return g_steal_pointer (&sessions);
}

void
pt_sessions_free (PtSessions *sessions)
{
  if (sessions == NULL)
    return;
  g_ptr_array_unref (sessions->list);
  g_array_unref (sessions->used);
  pt_clock_unref (sessions->clock);
  g_mutex_clear (&sessions->lock);
  OPENSSL_cleanse (sessions, sizeof *sessions);
  g_free (sessions);
}

static char *
unescaped (const char *text)
{
  gsize size = strlen (text);
  char *out = g_malloc0 (size + 1);

  if (pt_json_unescape (pt_span (text, size), out, size, &size) != PT_OK)
    out[0] = '\0';
  return out;
}

static PtErrorCode
find_registered (PtRegistry *registry, const char *area_id, const char *id, Official *out)
{
  PtArea *area = pt_registry_area (registry, pt_span (area_id, strlen (area_id)));
  const PtOfficial *official
      = area != NULL ? pt_registry_official (area, pt_span (id, strlen (id))) : NULL;

  if (area == NULL)
    return PT_ERROR_UNKNOWN_AREA;
  if (official == NULL)
    return PT_ERROR_UNKNOWN_OFFICIAL;
  if (official->status != PT_STATUS_ACTIVE)
    return PT_ERROR_REVOKED_OFFICIAL;
  out->role = official->role;
  out->name = unescaped (official->name);
  memcpy (out->public_key, official->public_key, sizeof out->public_key);
  return PT_ERROR_COUNT;
}

static gboolean
sessions_find_official (PtSessions *sessions, const char *area, const char *id, Official *out,
                        GError **error)
{
  PtErrorCode code;

  memset (out, 0, sizeof *out);
  pt_door_begin_read (&sessions->directory->door);
  code = find_registered (sessions->directory->registry, area, id, out);
  pt_door_end_read (&sessions->directory->door);
  if (code == PT_ERROR_COUNT)
    return TRUE;
  g_set_error (error, PT_ERROR, code, "%s",
               code == PT_ERROR_UNKNOWN_AREA       ? "There is no area of this name."
               : code == PT_ERROR_UNKNOWN_OFFICIAL ? "The area has no official of this name."
                                                   : "This official's key was revoked.");
  return FALSE;
}

/* The challenge's text for what was drawn; FALSE: it does not fit. */
static gboolean
sessions_write (PtSessions *sessions, const char *area, const char *official, const char *host,
                gint64 ts, const guint8 drawn[RANDOM_SIZE], char out[PT_CHALLENGE_MAX + 1])
{
  char bound[PT_CHALLENGE_MAX];
  guint8 proof[PROOF_SIZE];
  PtJsonWriter writer;
  PtSpan written;
  PtHash mac;
  int size = g_snprintf (bound, sizeof bound, "%s\n%s\n%s\n%" G_GINT64_FORMAT "\n", area, official,
                         host, ts);

  if (size <= 0 || (gsize) size + RANDOM_SIZE > sizeof bound)
    return FALSE;
  memcpy (bound + size, drawn, RANDOM_SIZE);
  pt_secret_mac (&sessions->secret, "login", pt_span (bound, (gsize) size + RANDOM_SIZE), &mac);
  memcpy (proof, drawn, RANDOM_SIZE);
  memcpy (proof + RANDOM_SIZE, &mac, sizeof mac);
  pt_json_writer_init (&writer, out, PT_CHALLENGE_MAX);
  pt_json_write_literal (&writer, PREFIX "{\"area\":");
  pt_json_write_string (&writer, pt_span (area, strlen (area)));
  pt_json_write_literal (&writer, ",\"challenge\":");
  pt_json_write_base64url (&writer, proof, sizeof proof);
  pt_json_write_literal (&writer, ",\"host\":");
  pt_json_write_string (&writer, pt_span (host, strlen (host)));
  pt_json_write_literal (&writer, ",\"official\":");
  pt_json_write_string (&writer, pt_span (official, strlen (official)));
  pt_json_write_literal (&writer, ",\"ts\":");
  pt_json_write_integer (&writer, ts);
  pt_json_write_literal (&writer, "}");
  if (pt_json_writer_finish (&writer, &written) != PT_OK)
    return FALSE;
  out[written.size] = '\0';
  return TRUE;
}

/* Names of hosts, addresses and ports. */
static gboolean
is_host (const char *host)
{
  gsize size = strlen (host);

  if (size == 0 || size > HOST_MAX)
    return FALSE;
  for (gsize i = 0; i < size; i++)
    if (!g_ascii_isalnum (host[i]) && strchr ("-._:[]", host[i]) == NULL)
      return FALSE;
  return TRUE;
}

char *
pt_sessions_challenge (PtSessions *sessions, const char *area, const char *official,
                       const char *host, gint64 *expires, GError **error)
{
  char text[PT_CHALLENGE_MAX + 1];
  guint8 drawn[RANDOM_SIZE];
  Official found;
  gint64 now;

  g_return_val_if_fail (sessions != NULL && area != NULL && official != NULL, NULL);
  g_return_val_if_fail (host != NULL && expires != NULL, NULL);

  if (!sessions_find_official (sessions, area, official, &found, error))
    return NULL;
  g_free (found.name);
  now = pt_clock_now (sessions->clock);
  if (!is_host (host) || RAND_bytes (drawn, sizeof drawn) != 1
      || !sessions_write (sessions, area, official, host, now, drawn, text))
    {
      g_set_error_literal (error, PT_ERROR, PT_ERROR_MALFORMED,
                           "host: it is no name of a host. Send a Host header.");
      return NULL;
    }
  *expires = now + PT_CHALLENGE_LIFE_MS;
  return g_strdup (text);
}

static gboolean
refuse (GError **error, const char *sentence)
{
  g_set_error_literal (error, PT_ERROR, PT_ERROR_UNAUTHORIZED, sentence);
  return FALSE;
}

typedef struct
{
  guint8 proof[PROOF_SIZE];
  char host[HOST_MAX + 1];
  gint64 ts;
} Challenge;

static gboolean
challenge_take (Challenge *challenge, PtSpan key, const PtJsonValue *value)
{
  if (pt_span_is (key, "challenge"))
    return value->type == PT_JSON_STRING
           && pt_base64url_decode (value->text, challenge->proof, sizeof challenge->proof);
  if (pt_span_is (key, "host"))
    {
      if (value->type != PT_JSON_STRING || value->escaped || value->text.size > HOST_MAX)
        return FALSE;
      memcpy (challenge->host, value->text.data, value->text.size);
      challenge->host[value->text.size] = '\0';
      return TRUE;
    }
  if (pt_span_is (key, "ts"))
    {
      challenge->ts = value->integer;
      return value->type == PT_JSON_INTEGER;
    }
  return value->type == PT_JSON_STRING;
}

static gboolean
challenge_parse (const char *text, Challenge *out)
{
  PtJsonReader reader;
  PtJsonValue value;
  PtSpan key;
  bool more = true;

  memset (out, 0, sizeof *out);
  if (!g_str_has_prefix (text, PREFIX))
    return FALSE;
  text += strlen (PREFIX);
  pt_json_reader_init (&reader, pt_span (text, strlen (text)));
  if (pt_json_open (&reader) != PT_OK)
    return FALSE;
  for (;;)
    {
      if (pt_json_member (&reader, &more, &key, &value, NULL) != PT_OK)
        return FALSE;
      if (!more)
        return pt_json_finish (&reader) == PT_OK;
      if (!challenge_take (out, key, &value))
        return FALSE;
    }
}

/* Whether it is, to the byte, one that was given for these two and is still good. */
static gboolean
sessions_gave (PtSessions *sessions, const char *area, const char *official, const char *text,
               gint64 *expires)
{
  char wanted[PT_CHALLENGE_MAX + 1];
  gint64 now = pt_clock_now (sessions->clock);
  Challenge challenge;
  gsize size = strlen (text);

  if (!challenge_parse (text, &challenge)
      || !sessions_write (sessions, area, official, challenge.host, challenge.ts, challenge.proof,
                          wanted))
    return FALSE;
  *expires = challenge.ts + PT_CHALLENGE_LIFE_MS;
  return size == strlen (wanted) && CRYPTO_memcmp (text, wanted, size) == 0 && now < *expires;
}

static gboolean
is_signed (const char *challenge, const guint8 *public_key, const guint8 *signature)
{
  PtVerifier *verifier = pt_p256_verifier_new (PT_P256_EVP);
  gboolean holds;
  PtHash digest;

  if (verifier == NULL)
    return FALSE;
  pt_sha256 (challenge, strlen (challenge), &digest);
  holds = verifier->verify (verifier->context, public_key, &digest, signature);
  pt_p256_verifier_free (verifier);
  return holds;
}

/* With the lock held. */
static gboolean
sessions_use (PtSessions *sessions, const char *challenge, gint64 expires)
{
  gint64 now = pt_clock_now (sessions->clock);
  Used used = { .expires = expires };

  pt_sha256 (challenge, strlen (challenge), &used.challenge);
  for (guint i = sessions->used->len; i > 0; i--)
    {
      const Used *other = &g_array_index (sessions->used, Used, i - 1);

      if (memcmp (&other->challenge, &used.challenge, sizeof used.challenge) == 0)
        return FALSE;
      if (other->expires <= now)
        g_array_remove_index_fast (sessions->used, i - 1);
    }
  if (sessions->used->len >= PT_SESSIONS_MAX)
    return FALSE;
  g_array_append_val (sessions->used, used);
  return TRUE;
}

static gboolean
session_is_over (const Session *session, gint64 now)
{
  return now >= session->said.expires || now >= session->begun + PT_SESSION_LIFE_MS;
}

static gboolean
session_is_of (const Session *session, const char *area, const char *official)
{
  return strcmp (session->said.area, area) == 0 && strcmp (session->said.official, official) == 0;
}

/* Forgets those that are over, and the oldest of an official who has too many. FALSE: there is no
 * room for one more. With the lock held. */
static gboolean
sessions_make_room (PtSessions *sessions, const char *area, const char *official)
{
  gint64 now = pt_clock_now (sessions->clock);
  guint each = 0;

  for (guint i = sessions->list->len; i > 0; i--)
    {
      const Session *session = g_ptr_array_index (sessions->list, i - 1);

      each += session_is_of (session, area, official);
      if (session_is_over (session, now)
          || (session_is_of (session, area, official) && each >= PT_SESSIONS_EACH_MAX))
        g_ptr_array_remove_index (sessions->list, i - 1);
    }
  return sessions->list->len < PT_SESSIONS_MAX;
}

static char *
draw_token (PtHash *hash)
{
  guint8 random[TOKEN_SIZE];
  char *text = g_malloc0 (TOKEN_TEXT_SIZE + 1);

  if (RAND_bytes (random, sizeof random) != 1)
    {
      g_free (text);
      return NULL;
    }
  pt_base64url_encode (random, sizeof random, text, TOKEN_TEXT_SIZE);
  pt_sha256 (text, TOKEN_TEXT_SIZE, hash);
  return text;
}

static char *
sessions_add (PtSessions *sessions, const char *area, const char *official, const Official *found,
              PtSession *out)
{
  Session *session = g_new0 (Session, 1);
  char *token = draw_token (&session->token);

  if (token == NULL)
    {
      g_free (session);
      return NULL;
    }
  session->begun = pt_clock_now (sessions->clock);
  session->said.expires = session->begun + PT_SESSION_IDLE_MS;
  session->said.role = found->role;
  g_strlcpy (session->said.area, area, sizeof session->said.area);
  g_strlcpy (session->said.official, official, sizeof session->said.official);
  memcpy (session->public_key, found->public_key, sizeof session->public_key);
  *out = session->said;
  g_ptr_array_add (sessions->list, session);
  return token;
}

static char *
sessions_begin_for (PtSessions *sessions, const char *area, const char *official,
                    const char *challenge, const guint8 *signature, const Official *found,
                    PtSession *out, GError **error)
{
  char *token = NULL;
  gint64 expires;

  if (!sessions_gave (sessions, area, official, challenge, &expires))
    refuse (error, "challenge: it is none that this daemon gave just now. Ask for a new one.");
  else if (!is_signed (challenge, found->public_key, signature))
    refuse (error, "sig: it is not this official's over the challenge's bytes.");
  else
    {
      g_mutex_lock (&sessions->lock);
      if (!sessions_use (sessions, challenge, expires))
        refuse (error, "challenge: it was signed before. Ask for a new one.");
      else if (!sessions_make_room (sessions, area, official)
               || (token = sessions_add (sessions, area, official, found, out)) == NULL)
        g_set_error_literal (error, PT_ERROR, PT_ERROR_BUSY,
                             "Too many are logged in. Try again in a moment.");
      g_mutex_unlock (&sessions->lock);
    }
  return token;
}

char *
pt_sessions_begin (PtSessions *sessions, const char *area, const char *official,
                   const char *challenge, const guint8 signature[PT_SIGNATURE_SIZE], PtSession *out,
                   char **name, GError **error)
{
  Official found;
  char *token;

  g_return_val_if_fail (sessions != NULL && area != NULL && official != NULL, NULL);
  g_return_val_if_fail (challenge != NULL && signature != NULL, NULL);
  g_return_val_if_fail (out != NULL && name != NULL, NULL);

  memset (out, 0, sizeof *out);
  *name = NULL;
  if (!sessions_find_official (sessions, area, official, &found, error))
    return NULL;
  token = sessions_begin_for (sessions, area, official, challenge, signature, &found, out, error);
  if (token != NULL)
    *name = g_steal_pointer (&found.name);
  g_free (found.name);
  return token;
}

/* With the lock held. */
static Session *
sessions_lookup (PtSessions *sessions, const char *token, guint *at)
{
  PtHash hash;

  pt_sha256 (token, strlen (token), &hash);
  for (guint i = 0; i < sessions->list->len; i++)
    {
      Session *session = g_ptr_array_index (sessions->list, i);

      if (CRYPTO_memcmp (&session->token, &hash, sizeof hash) != 0)
        continue;
      *at = i;
      return session;
    }
  return NULL;
}

/* Whether the official is still who logged in. With the lock held; the directory's door comes after
 * it, never before. */
static gboolean
sessions_still_holds (PtSessions *sessions, const Session *session)
{
  Official found;
  gboolean holds;

  if (session_is_over (session, pt_clock_now (sessions->clock))
      || !sessions_find_official (sessions, session->said.area, session->said.official, &found,
                                  NULL))
    return FALSE;
  g_free (found.name);
  holds = found.role == session->said.role
          && memcmp (found.public_key, session->public_key, sizeof found.public_key) == 0;
  return holds;
}

static gboolean
sessions_find_locked (PtSessions *sessions, const char *token, PtSession *out)
{
  guint at;
  Session *session = sessions_lookup (sessions, token, &at);

  if (session == NULL)
    return FALSE;
  if (!sessions_still_holds (sessions, session))
    {
      g_ptr_array_remove_index (sessions->list, at);
      return FALSE;
    }
  session->said.expires = MIN (pt_clock_now (sessions->clock) + PT_SESSION_IDLE_MS,
                               session->begun + PT_SESSION_LIFE_MS);
  *out = session->said;
  return TRUE;
}

gboolean
pt_sessions_find (PtSessions *sessions, const char *token, PtSession *out, GError **error)
{
  gboolean found;

  g_return_val_if_fail (sessions != NULL && token != NULL && out != NULL, FALSE);

  memset (out, 0, sizeof *out);
  g_mutex_lock (&sessions->lock);
  found = sessions_find_locked (sessions, token, out);
  g_mutex_unlock (&sessions->lock);
  return found || refuse (error, "The session is over, or there was none. Log in again.");
}

gboolean
pt_sessions_end (PtSessions *sessions, const char *token)
{
  gboolean found;
  guint at;

  g_return_val_if_fail (sessions != NULL && token != NULL, FALSE);

  g_mutex_lock (&sessions->lock);
  found = sessions_lookup (sessions, token, &at) != NULL;
  if (found)
    g_ptr_array_remove_index (sessions->list, at);
  g_mutex_unlock (&sessions->lock);
  return found;
}

guint
pt_sessions_count (PtSessions *sessions)
{
  guint count;

  g_return_val_if_fail (sessions != NULL, 0);

  g_mutex_lock (&sessions->lock);
  count = sessions->list->len;
  g_mutex_unlock (&sessions->lock);
  return count;
}
