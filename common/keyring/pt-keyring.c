/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-keyring.h"

#include <glib/gi18n-lib.h>
#include <libsecret/secret.h>
#include <openssl/crypto.h>
#include <string.h>

#include "pt-encoding.h"
#include "pt-error.h"
#include "pt-p256-pem.h"

#define AREA "area"
#define OFFICIAL "official"
#define KEY "key"

static const SecretSchema schema = {
  .name = "org.powertracker.OfficialKey",
  .flags = SECRET_SCHEMA_NONE,
  .attributes = { { AREA, SECRET_SCHEMA_ATTRIBUTE_STRING },
                  { OFFICIAL, SECRET_SCHEMA_ATTRIBUTE_STRING },
                  { KEY, SECRET_SCHEMA_ATTRIBUTE_STRING } },
};

typedef GList Secrets; /* SecretRetrievable */

static void
secrets_free (Secrets *secrets)
{
  g_list_free_full (secrets, g_object_unref);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Secrets, secrets_free)

/* A key */

G_DEFINE_FINAL_TYPE (PtKeyringKey, pt_keyring_key, G_TYPE_OBJECT)

static void
pt_keyring_key_finalize (GObject *object)
{
  PtKeyringKey *key = PT_KEYRING_KEY (object);

  g_free (key->area);
  g_free (key->official);
  g_free (key->public_key);
  G_OBJECT_CLASS (pt_keyring_key_parent_class)->finalize (object);
}

static void
pt_keyring_key_class_init (PtKeyringKeyClass *class)
{
  G_OBJECT_CLASS (class)->finalize = pt_keyring_key_finalize;
}

static void
pt_keyring_key_init (PtKeyringKey *key)
{
}

PtKeyringKey *
pt_keyring_key_new (const char *area, const char *official, const char *public_key)
{
  PtKeyringKey *key;

  g_return_val_if_fail (area != NULL && official != NULL && public_key != NULL, NULL);
  key = g_object_new (PT_TYPE_KEYRING_KEY, NULL);
  key->area = g_strdup (area);
  key->official = g_strdup (official);
  key->public_key = g_strdup (public_key);
  return key;
}

gboolean
pt_keyring_key_equal (const PtKeyringKey *a, const PtKeyringKey *b)
{
  g_return_val_if_fail (a != NULL, FALSE);
  return b != NULL && strcmp (a->public_key, b->public_key) == 0 && strcmp (a->area, b->area) == 0
         && strcmp (a->official, b->official) == 0;
}

char *
pt_keyring_key_request (const PtKeyringKey *key)
{
  g_return_val_if_fail (key != NULL, NULL);
  return g_strdup_printf ("powertrack official register --area %s --official %s --key %s "
                          "--role ROLE --name \"OFFICE\"",
                          key->area, key->official, key->public_key);
}

/* Who locked it, or has none, is told what to do. */
static GError *
keyring_error (const GError *error)
{
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED) || error->domain == PT_ERROR)
    return g_error_copy (error);
  if (g_error_matches (error, SECRET_ERROR, SECRET_ERROR_IS_LOCKED)
      || g_error_matches (error, SECRET_ERROR, SECRET_ERROR_NO_SUCH_OBJECT))
    return g_error_new_literal (PT_ERROR, PT_ERROR_OPERATOR,
                                _ ("The keyring is locked. Unlock it, then try again."));
  return g_error_new (PT_ERROR, PT_ERROR_OPERATOR, _ ("The keyring does not answer: %s"),
                      error->message);
}

/* Listing */

static int
by_area_and_official (gconstpointer a, gconstpointer b)
{
  const PtKeyringKey *one = *(const PtKeyringKey *const *) a;
  const PtKeyringKey *other = *(const PtKeyringKey *const *) b;
  int order = strcmp (one->area, other->area);

  return order != 0 ? order : strcmp (one->official, other->official);
}

/* What somebody else put there under our name is passed over. */
static PtKeyringKey *
key_of_secret (SecretRetrievable *secret)
{
  PtKeyringKey *found;
  g_autoptr (GHashTable) attributes = secret_retrievable_get_attributes (secret);
  const char *area = g_hash_table_lookup (attributes, AREA);
  const char *official = g_hash_table_lookup (attributes, OFFICIAL);
  const char *key = g_hash_table_lookup (attributes, KEY);
  guint8 public_key[PT_PUBLIC_KEY_SIZE];

  if (area == NULL || official == NULL || key == NULL
      || !pt_is_area_id (pt_span (area, strlen (area)))
      || !pt_is_id (pt_span (official, strlen (official)))
      || !pt_base64url_decode (pt_span (key, strlen (key)), public_key, sizeof public_key))
    return NULL;
  found = pt_keyring_key_new (area, official, key);
  found->locked = SECRET_IS_ITEM (secret) && secret_item_get_locked (SECRET_ITEM (secret));
  return found;
}

static void
listed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (Secrets) secrets = secret_password_search_finish (result, &error);
  g_autoptr (GPtrArray) keys = g_ptr_array_new_with_free_func (g_object_unref);

  if (error != NULL)
    {
      g_task_return_error (task, keyring_error (error));
      return;
    }
  for (GList *at = secrets; at != NULL; at = at->next)
    {
      PtKeyringKey *key = key_of_secret (at->data);

      if (key != NULL)
        g_ptr_array_add (keys, key);
    }
  g_ptr_array_sort (keys, by_area_and_official);
  g_task_return_pointer (task, g_steal_pointer (&keys), (GDestroyNotify) g_ptr_array_unref);
}

void
pt_keyring_list_async (GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (NULL, cancellable, callback, user_data);

  g_task_set_source_tag (task, pt_keyring_list_async);
  secret_password_search (&schema, SECRET_SEARCH_ALL, cancellable, listed_cb, task, NULL);
}

GPtrArray *
pt_keyring_list_finish (GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, NULL), NULL);
  return g_task_propagate_pointer (G_TASK (result), error);
}

/* Adding */

static void
added_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GError) error = NULL;

  if (secret_password_store_finish (result, &error))
    g_task_return_pointer (task, g_object_ref (g_task_get_task_data (task)), g_object_unref);
  else
    g_task_return_error (task, keyring_error (error));
}

void
pt_keyring_add_async (const char *area, const char *official, const PtP256Key *private_key,
                      GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task;
  guint8 public_key[PT_PUBLIC_KEY_SIZE];
  char text[PT_BASE64URL_SIZE (PT_PUBLIC_KEY_SIZE) + 1] = "", pem[PT_P256_PEM_MAX];
  g_autofree char *label = NULL;

  g_return_if_fail (area != NULL && official != NULL && private_key != NULL);
  pt_p256_key_public (private_key, public_key);
  pt_base64url_encode (public_key, sizeof public_key, text, sizeof text);
  pt_p256_key_to_pem (private_key, NULL, pem, sizeof pem);
  task = g_task_new (NULL, cancellable, callback, user_data);
  g_task_set_source_tag (task, pt_keyring_add_async);
  g_task_set_task_data (task, pt_keyring_key_new (area, official, text), g_object_unref);
  /* Translators: an official's id and an area. */
  label = g_strdup_printf (_ ("Power Tracker: key of %s, area %s"), official, area);
  secret_password_store (&schema, SECRET_COLLECTION_DEFAULT, label, pem, cancellable, added_cb,
                         task, AREA, area, OFFICIAL, official, KEY, text, NULL);
  OPENSSL_cleanse (pem, sizeof pem);
}

PtKeyringKey *
pt_keyring_add_finish (GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, NULL), NULL);
  return g_task_propagate_pointer (G_TASK (result), error);
}

/* Opening */

static void
free_private (gpointer key)
{
  pt_p256_key_free (key);
}

static void
opened_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GError) error = NULL;
  char *pem = secret_password_lookup_nonpageable_finish (result, &error);
  const char *message = NULL;
  PtP256Key *key = NULL;

  if (pem != NULL)
    key = pt_p256_key_from_pem (pem, strlen (pem), NULL, &message);
  if (key != NULL)
    g_task_return_pointer (task, key, free_private);
  else if (error != NULL)
    g_task_return_error (task, keyring_error (error));
  else if (pem != NULL)
    g_task_return_new_error (task, PT_ERROR, PT_ERROR_OPERATOR,
                             _ ("What the keyring holds is no key."));
  else
    g_task_return_new_error (
        task, PT_ERROR, PT_ERROR_OPERATOR,
        _ ("The keyring gave no key: it stays locked, or the key was removed."));
  secret_password_free (pem);
}

void
pt_keyring_open_async (PtKeyringKey *key, GCancellable *cancellable, GAsyncReadyCallback callback,
                       gpointer user_data)
{
  GTask *task;

  g_return_if_fail (PT_IS_KEYRING_KEY (key));
  task = g_task_new (NULL, cancellable, callback, user_data);
  g_task_set_source_tag (task, pt_keyring_open_async);
  secret_password_lookup (&schema, cancellable, opened_cb, task, AREA, key->area, OFFICIAL,
                          key->official, KEY, key->public_key, NULL);
}

PtP256Key *
pt_keyring_open_finish (GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, NULL), NULL);
  return g_task_propagate_pointer (G_TASK (result), error);
}

/* Removing */

static void
removed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GError) error = NULL;

  secret_password_clear_finish (result, &error);
  if (error != NULL)
    g_task_return_error (task, keyring_error (error));
  else
    g_task_return_boolean (task, TRUE);
}

void
pt_keyring_remove_async (PtKeyringKey *key, GCancellable *cancellable, GAsyncReadyCallback callback,
                         gpointer user_data)
{
  GTask *task;

  g_return_if_fail (PT_IS_KEYRING_KEY (key));
  task = g_task_new (NULL, cancellable, callback, user_data);
  g_task_set_source_tag (task, pt_keyring_remove_async);
  secret_password_clear (&schema, cancellable, removed_cb, task, AREA, key->area, OFFICIAL,
                         key->official, KEY, key->public_key, NULL);
}

gboolean
pt_keyring_remove_finish (GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, NULL), FALSE);
  return g_task_propagate_boolean (G_TASK (result), error);
}
