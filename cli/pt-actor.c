/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-actor.h"

#include <json-glib/json-glib.h>
#include <string.h>
#include <sys/stat.h>

#include "pt-cli.h"
#include "pt-encoding.h"
#include "pt-error.h"
#include "pt-i18n.h"
#include "pt-kept.h"
#include "pt-key-ring.h"

#define KEYRING "keyring:"

/* The key in a file that the public page gave to keep; NULL where it is no such file. */
static PtP256Key *
read_kept_key (const char *path)
{
  g_autofree char *text = NULL;
  g_autoptr (JsonNode) node = NULL;
  guint8 scalar[32];
  JsonNode *member = NULL;
  const char *private = "";
  PtP256Key *key = NULL;
  struct stat info;
  gsize size = 0;

  if (stat (path, &info) != 0 || (info.st_mode & 077) != 0
      || !g_file_get_contents (path, &text, &size, NULL) || !pt_kept_is (pt_span (text, size)))
    return NULL;
  node = json_from_string (text, NULL);
  explicit_bzero (text, size);
  member = node != NULL && JSON_NODE_HOLDS_OBJECT (node)
               ? json_object_get_member (json_node_get_object (node), "key")
               : NULL;
  if (member != NULL && JSON_NODE_HOLDS_OBJECT (member))
  private = pt_cli_string (json_node_get_object (member), "private", "");
  if (pt_base64url_decode (pt_span (private, strlen (private)), scalar, sizeof scalar))
    key = pt_p256_key_from_scalar (scalar);
  explicit_bzero (scalar, sizeof scalar);
  return key;
}

static PtActor *
take (PtP256Key *key)
{
  g_autoptr (PtActor) actor = g_new0 (PtActor, 1);

  actor->key = key;
  return pt_p256_signer_init (&actor->signer, key) ? g_steal_pointer (&actor) : NULL;
}

gboolean
pt_actor_in_keyring (const char *key)
{
  return key != NULL && g_str_has_prefix (key, KEYRING);
}

PtActor *
pt_actor_read (const char *path, GError **error)
{
  const char *message = N_ ("the key can't be used");
  PtActor *actor = NULL;
  PtP256Key *key;

  g_return_val_if_fail (path != NULL, NULL);
  if (pt_actor_in_keyring (path))
    {
      g_set_error (error, PT_ERROR, PT_ERROR_CONFIGURATION,
                   _ ("the keyring holds officials' keys; a citizen's is a file"));
      return NULL;
    }
  key = read_kept_key (path);
  if (key == NULL)
    key = pt_p256_key_read (path, &message);
  if (key != NULL)
    actor = take (key);
  if (actor == NULL)
    g_set_error (error, PT_ERROR, PT_ERROR_CONFIGURATION, _ ("key %s: %s"), path, _ (message));
  return actor;
}

PtActor *
pt_actor_open (const char *key, const char *area, char **official, GError **error)
{
  PtP256Key *opened = NULL;
  PtActor *actor = NULL;

  g_return_val_if_fail (key != NULL && official != NULL, NULL);
  if (!pt_actor_in_keyring (key))
    return pt_actor_read (key, error);
  opened = pt_key_ring_open (key + strlen (KEYRING), area, official, error);
  if (opened == NULL)
    return NULL;
  actor = take (opened);
  if (actor == NULL)
    g_set_error (error, PT_ERROR, PT_ERROR_CONFIGURATION, _ ("key %s: %s"), key,
                 _ ("the key can't be used"));
  return actor;
}

void
pt_actor_free (PtActor *actor)
{
  if (actor == NULL)
    return;
  pt_p256_signer_clear (&actor->signer);
  pt_p256_key_free (actor->key);
  g_free (actor);
}
