/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-key-ring.h"

#include "pt-error.h"
#include "pt-i18n.h"

#if PT_HAS_KEYRING
#include <string.h>

#include "pt-keyring.h"

static void
take_result (GObject *source, GAsyncResult *result, gpointer user_data)
{
  *(GAsyncResult **) user_data = g_object_ref (result);
}

static void
wait_for (GAsyncResult *const *result)
{
  while (*result == NULL)
    g_main_context_iteration (NULL, TRUE);
}

static GPtrArray *
list_keys (GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  pt_keyring_list_async (NULL, take_result, &result);
  wait_for (&result);
  return pt_keyring_list_finish (result, error);
}

static gboolean
fits (const PtKeyringKey *key, const char *begin, const char *area, const char *official)
{
  return g_str_has_prefix (key->public_key, begin)
         && (area == NULL || g_str_equal (key->area, area))
         && (official == NULL || g_str_equal (key->official, official));
}

/* Which of them are there, a line each. */
static char *
name_all (GPtrArray *keys)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < keys->len; i++)
    {
      const PtKeyringKey *key = keys->pdata[i];

      g_string_append_printf (text, "\n  --area %s --official %s --key keyring:%s", key->area,
                              key->official, key->public_key);
    }
  return g_string_free (text, FALSE);
}

/* Exactly one of @keys; another's reference. */
static PtKeyringKey *
choose (GPtrArray *keys, const char *begin, const char *area, const char *official, GError **error)
{
  g_autoptr (GPtrArray) fitting = g_ptr_array_new ();
  g_autofree char *names = NULL;

  for (guint i = 0; i < keys->len; i++)
    if (fits (keys->pdata[i], begin, area, official))
      g_ptr_array_add (fitting, keys->pdata[i]);
  if (fitting->len == 1)
    return fitting->pdata[0];
  names = name_all (fitting->len > 0 ? fitting : keys);
  if (fitting->len > 0)
    g_set_error (error, PT_ERROR, PT_ERROR_CONFIGURATION,
                 _ ("the keyring has several keys that could be meant; say which:%s"), names);
  else if (keys->len > 0)
    g_set_error (error, PT_ERROR, PT_ERROR_CONFIGURATION,
                 _ ("the keyring has no such key; it has:%s"), names);
  else
    g_set_error (error, PT_ERROR, PT_ERROR_CONFIGURATION,
                 _ ("the keyring has no official's key; powertrack-console makes them"));
  return NULL;
}

PtP256Key *
pt_key_ring_open (const char *begin, const char *area, char **official, GError **error)
{
  g_autoptr (GPtrArray) keys = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  PtKeyringKey *key = NULL;
  PtP256Key *opened = NULL;

  g_return_val_if_fail (begin != NULL && official != NULL, NULL);
  keys = list_keys (error);
  if (keys != NULL)
    key = choose (keys, begin, area, *official, error);
  if (key == NULL)
    return NULL;
  if (key->locked)
    g_printerr (_ ("The keyring is locked; the desktop asks you to unlock it.\n"));
  pt_keyring_open_async (key, NULL, take_result, &result);
  wait_for (&result);
  opened = pt_keyring_open_finish (result, error);
  if (opened != NULL && *official == NULL)
    *official = g_strdup (key->official);
  return opened;
}

JsonNode *
pt_key_ring_list (GError **error)
{
  g_autoptr (GPtrArray) keys = list_keys (error);
  g_autoptr (JsonObject) object = NULL;
  JsonArray *rows = NULL;

  if (keys == NULL)
    return NULL;
  object = json_object_new ();
  rows = json_array_new ();
  for (guint i = 0; i < keys->len; i++)
    {
      const PtKeyringKey *key = keys->pdata[i];
      JsonObject *row = json_object_new ();

      json_object_set_string_member (row, "area", key->area);
      json_object_set_string_member (row, "official", key->official);
      json_object_set_string_member (row, "key", key->public_key);
      json_object_set_boolean_member (row, "locked", key->locked);
      json_array_add_object_element (rows, row);
    }
  json_object_set_array_member (object, "keys", rows);
  return json_node_init_object (json_node_alloc (), object);
}

#else

static void
set_missing (GError **error)
{
  g_set_error (error, PT_ERROR, PT_ERROR_CONFIGURATION,
               _ ("this powertrack was built without the keyring (libsecret); give a key file"));
}

PtP256Key *
pt_key_ring_open (const char *begin, const char *area, char **official, GError **error)
{
  set_missing (error);
  return NULL;
}

JsonNode *
pt_key_ring_list (GError **error)
{
  set_missing (error);
  return NULL;
}

#endif
