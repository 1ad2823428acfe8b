/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-coap-oscore.h"

#include <string.h>

#include "pt-coap-look.h"
#include "pt-coap-numbers.h"
#include "pt-coap-socket.h"
#include "pt-error.h"

#define REFUSED_MAX 256 /* at once */
#define UNPROVED_MAX                                                                               \
  32              /* datagrams of a session that proved nothing; libcoap keeps a bit of each */
#define WINDOW 32 /* numbers below the highest that may still come (RFC 8613 section 7.4) */
#define NUMBERS_STEP 65536
#define UNAUTHORIZED (4 << 5 | 1)
#define BAD_OPTION (4 << 5 | 2)

typedef struct
{
  coap_session_t *session;
  GBytes *address;
  guint unproved;
} Session;

struct _PtCoapOscore
{
  char *path, *numbers_path;
  gsize *taken;
  PtOscoreKeys *keys;
  PtOscoreNumbers numbers;
  guint64 first; /* number of the contexts that are added now */

  coap_context_t *context;
  int socket;            /* libcoap's */
  GHashTable *peers;     /* "area/device": PtCoapPeer */
  GHashTable *sessions;  /* coap_session_t: Session */
  GHashTable *addresses; /* of the same, by what they are borrowed from */

  const PtOscoreKey *current; /* whose the datagram says to be that libcoap has */
  gboolean is_proved;
  GBytes *from;
};

static void
session_free (gpointer data)
{
  Session *session = data;

  g_bytes_unref (session->address);
  g_free (session);
}

static void
peer_free (gpointer peer)
{
  pt_coap_peer_free (peer);
}

PtCoapOscore *
pt_coap_oscore_new (const char *file, const char *numbers, gsize *taken, GError **error)
{
  PtOscoreKeys *keys;
  PtCoapOscore *oscore;

  g_return_val_if_fail (file != NULL && numbers != NULL && taken != NULL, NULL);

  keys = pt_oscore_keys_read (file, error);
  if (keys == NULL)
    return NULL;
  oscore = g_new0 (PtCoapOscore, 1);
  oscore->path = g_strdup (file);
  oscore->numbers_path = g_strdup (numbers);
  oscore->taken = taken;
  oscore->keys = keys;
  oscore->socket = -1;
  oscore->peers = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, peer_free);
  oscore->sessions = g_hash_table_new_full (NULL, NULL, NULL, session_free);
  oscore->addresses = g_hash_table_new (g_bytes_hash, g_bytes_equal);
  return oscore;
}

void
pt_coap_oscore_free (PtCoapOscore *oscore)
{
  if (oscore == NULL)
    return;
  pt_coap_oscore_close (oscore);
  g_hash_table_unref (oscore->addresses);
  g_hash_table_unref (oscore->sessions);
  g_hash_table_unref (oscore->peers);
  pt_oscore_numbers_clear (&oscore->numbers);
  pt_oscore_keys_free (oscore->keys);
  g_free (oscore->numbers_path);
  g_free (oscore->path);
  g_free (oscore);
}

/* What libcoap is told */

#ifdef PT_HAS_OSCORE
static void
append_hex (GString *text, const char *name, const guint8 *bytes, gsize size)
{
  g_string_append_printf (text, "%s,hex,\"", name);
  for (gsize i = 0; i < size; i++)
    g_string_append_printf (text, "%02x", bytes[i]);
  g_string_append (text, "\"\n");
}

static int
save_number (uint64_t number, void *data)
{
  PtCoapOscore *oscore = data;
  g_autoptr (GError) error = NULL;

  if (pt_oscore_numbers_reach (&oscore->numbers, number, &error))
    return 1;
  g_warning ("How far numbers of OSCORE were used could not be written: %s", error->message);
  return 0;
}

/* The defaults of libcoap are the algorithms of pt-coap-oscore-keys.h, and the Echo option to
 * whoever comes first after a start (appendix B.1.2). */
static gboolean
oscore_add (PtCoapOscore *oscore, const PtOscoreKey *key)
{
  GString *text = g_string_sized_new (512); /* never moves: nothing of the secret is left */
  coap_oscore_conf_t *setup;

  append_hex (text, "master_secret", key->secret, key->secret_size);
  append_hex (text, "sender_id", NULL, 0);
  append_hex (text, "recipient_id", key->id, key->id_size);
  g_string_append_printf (text, "replay_window,integer,%d\nssn_freq,integer,%d\n", WINDOW,
                          NUMBERS_STEP);
  setup = coap_new_oscore_conf ((coap_str_const_t){ text->len, (const guint8 *) text->str },
                                save_number, oscore, oscore->first);
  explicit_bzero (text->str, text->len);
  g_string_free (text, TRUE);
  return setup != NULL && coap_context_oscore_server (oscore->context, setup) == 1;
}

gboolean
pt_coap_has_oscore (void)
{
  return coap_oscore_is_supported () == 1;
}
#else
static gboolean
oscore_add (PtCoapOscore *oscore, const PtOscoreKey *key)
{
  return FALSE;
}

gboolean
pt_coap_has_oscore (void)
{
  return FALSE;
}
#endif

static gboolean
oscore_add_from (PtCoapOscore *oscore, guint first, GError **error)
{
  for (guint i = first; i < pt_oscore_keys_count (oscore->keys); i++)
    if (!oscore_add (oscore, pt_oscore_keys_at (oscore->keys, i)))
      {
        g_set_error (
            error, PT_ERROR, PT_ERROR_CONFIGURATION,
            "This libcoap does not take the secret of %s. Install another, or leave [coap] "
            "oscore_listen out.",
            pt_oscore_keys_at (oscore->keys, i)->identity);
        return FALSE;
      }
  return TRUE;
}

gboolean
pt_coap_oscore_open (PtCoapOscore *oscore, coap_context_t *context, GError **error)
{
  g_return_val_if_fail (oscore != NULL && context != NULL && oscore->context == NULL, FALSE);

  oscore->context = context;
  return pt_oscore_numbers_begin (&oscore->numbers, oscore->numbers_path, &oscore->first, error)
         && oscore_add_from (oscore, 0, error);
}

gboolean
pt_coap_oscore_listen (PtCoapOscore *oscore)
{
  g_return_val_if_fail (oscore != NULL && oscore->context != NULL, FALSE);

  oscore->socket = pt_coap_socket_find (oscore->context);
  return oscore->socket >= 0;
}

void
pt_coap_oscore_close (PtCoapOscore *oscore)
{
  g_return_if_fail (oscore != NULL);

  oscore->context = NULL;
  oscore->socket = -1;
  oscore->current = NULL;
  g_clear_pointer (&oscore->from, g_bytes_unref);
  g_hash_table_remove_all (oscore->addresses);
  g_hash_table_remove_all (oscore->sessions);
  g_hash_table_remove_all (oscore->peers);
}

gboolean
pt_coap_oscore_reload (PtCoapOscore *oscore, gboolean *begin, GError **error)
{
  g_autoptr (PtOscoreKeys) keys = NULL;
  guint before;

  g_return_val_if_fail (oscore != NULL && begin != NULL, FALSE);

  *begin = FALSE;
  keys = pt_oscore_keys_read (oscore->path, error);
  if (keys == NULL)
    return FALSE;
  *begin = oscore->context == NULL || !pt_oscore_keys_extend (keys, oscore->keys);
  before = pt_oscore_keys_count (oscore->keys);
  oscore->current = NULL;
  pt_oscore_keys_free (oscore->keys);
  oscore->keys = g_steal_pointer (&keys);
  if (!*begin && !oscore_add_from (oscore, before, NULL))
    *begin = TRUE; /* which says why */
  return TRUE;
}

/* Datagrams */

/* Takes the next datagram, and answers who sent it. @code: 0, nobody. */
static void
oscore_refuse (PtCoapOscore *oscore, const PtCoapLook *look, guint8 code, const char *text)
{
  PtCoapSender sender;
  guint8 answer[PT_COAP_LOOK_REFUSAL];

  if (pt_coap_socket_take (oscore->socket, &sender) && code != 0)
    pt_coap_socket_answer (oscore->socket, &sender, answer,
                           pt_coap_look_refuse (look, code, text, answer));
}

/* Whether what is next is libcoap's; what is not is taken away. */
static gboolean
oscore_judge (PtCoapOscore *oscore, PtSpan datagram)
{
  PtCoapLook look;

  oscore->current = NULL;
  switch (pt_coap_look_read (datagram, &look))
    {
    case PT_COAP_LOOK_EMPTY:
      return TRUE;
    case PT_COAP_LOOK_JUNK:
      oscore_refuse (oscore, &look, 0, "");
      return FALSE;
    case PT_COAP_LOOK_PLAIN:
      oscore_refuse (oscore, &look, UNAUTHORIZED, "unauthorized: Protect it with OSCORE.");
      return FALSE;
    case PT_COAP_LOOK_UNREAD:
      oscore_refuse (oscore, &look, BAD_OPTION, "malformed: Its OSCORE option or payload is none.");
      return FALSE;
    case PT_COAP_LOOK_PROTECTED:
      oscore->current = pt_oscore_keys_find (oscore->keys, look.id);
      if (oscore->current != NULL)
        return TRUE;
      oscore_refuse (oscore, &look, UNAUTHORIZED, "unauthorized: No device has this ID.");
      return FALSE;
    }
  g_assert_not_reached ();
}

gboolean
pt_coap_oscore_let (PtCoapOscore *oscore)
{
  g_return_val_if_fail (oscore != NULL, FALSE);

  for (guint i = 0; i < REFUSED_MAX; i++)
    {
      char look[PT_COAP_LOOK_MAX];
      PtCoapSender sender;
      gssize got = pt_coap_socket_peek (oscore->socket, look, sizeof look, &sender);

      if (got < 0)
        return FALSE;
      if (!oscore_judge (oscore, pt_span (look, (gsize) got)))
        continue;
      g_clear_pointer (&oscore->from, g_bytes_unref);
      oscore->from = g_bytes_new (&sender.from, sender.from_size);
      oscore->is_proved = FALSE;
      return TRUE;
    }
  return FALSE;
}

/* libcoap ends no session over UDP when it is told to, but those of clients with who holds them. */
static void
oscore_end (PtCoapOscore *oscore, coap_session_t *session)
{
  pt_coap_oscore_session_ended (oscore, session);
  if (coap_session_set_type_client (session) == 1)
    coap_session_release (session);
}

/* libcoap keeps a bit of each request that it could not decrypt until the session ends. */
void
pt_coap_oscore_was_let (PtCoapOscore *oscore)
{
  Session *session;

  g_return_if_fail (oscore != NULL);

  if (oscore->is_proved || oscore->current == NULL)
    return;
  session = g_hash_table_lookup (oscore->addresses, oscore->from);
  if (session != NULL && ++session->unproved > UNPROVED_MAX)
    oscore_end (oscore, session->session);
}

PtCoapPeer *
pt_coap_oscore_peer (PtCoapOscore *oscore, coap_session_t *session)
{
  PtCoapPeer *peer;

  g_return_val_if_fail (oscore != NULL && session != NULL, NULL);

  if (oscore->current == NULL)
    return NULL;
  oscore->is_proved = TRUE;
  peer = g_hash_table_lookup (oscore->peers, oscore->current->identity);
  if (peer == NULL)
    {
      peer = pt_coap_peer_new_named (oscore->current->identity, oscore->taken);
      g_hash_table_insert (oscore->peers, g_strdup (oscore->current->identity), peer);
    }
  pt_coap_peer_see (peer, session);
  return peer;
}

/* Sessions */

void
pt_coap_oscore_session_begun (PtCoapOscore *oscore, coap_session_t *session)
{
  const coap_address_t *remote;
  Session *begun;

  g_return_if_fail (oscore != NULL && session != NULL);

  remote = coap_session_get_addr_remote (session);
  begun = g_new0 (Session, 1);
  begun->session = session;
  begun->address = g_bytes_new (&remote->addr, remote->size);
  g_hash_table_replace (oscore->sessions, session, begun);
  g_hash_table_replace (oscore->addresses, begun->address, begun);
}

void
pt_coap_oscore_session_ended (PtCoapOscore *oscore, coap_session_t *session)
{
  const Session *ended;

  g_return_if_fail (oscore != NULL && session != NULL);

  ended = g_hash_table_lookup (oscore->sessions, session);
  if (ended == NULL)
    return;
  if (g_hash_table_lookup (oscore->addresses, ended->address) == ended)
    g_hash_table_remove (oscore->addresses, ended->address);
  g_hash_table_remove (oscore->sessions, session);
}
