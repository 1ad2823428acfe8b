/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-coap-keys.h"

#include <string.h>

#include "pt-coap-lines.h"
#include "pt-coap-name.h"

struct _PtCoapKeys
{
  GHashTable *table; /* "area/device": PtCoapKey */
};

static void
key_free (gpointer data)
{
  PtCoapKey *key = data;

  explicit_bzero (key, sizeof *key);
  g_free (key);
}

static const char *
keys_add_line (gpointer data, const char *line, gsize size)
{
  PtCoapKeys *keys = data;
  const char *colon = memrchr (line, ':', size); /* a device may have others in its name */
  g_autofree char *identity = NULL;
  PtCoapKey *key;
  PtCoapName name;

  if (colon == NULL || !pt_coap_name_from_identity (pt_span (line, (gsize) (colon - line)), &name))
    return "is not area/device:hex";
  identity = g_strndup (line, (gsize) (colon - line));
  if (g_hash_table_contains (keys->table, identity))
    return "names a device for the second time";
  key = g_new0 (PtCoapKey, 1);
  if (!pt_coap_lines_hex (colon + 1, size - (gsize) (colon + 1 - line), PT_COAP_KEY_MIN,
                          PT_COAP_KEY_MAX, key->bytes, &key->size))
    {
      key_free (key);
      return "has no key of 16 to 64 bytes in hex";
    }
  g_hash_table_insert (keys->table, g_steal_pointer (&identity), key);
  return NULL;
}

static const PtCoapLines form = { "psk_file", "area/device:hex", keys_add_line };

static PtCoapKeys *
keys_new (void)
{
  PtCoapKeys *keys = g_new0 (PtCoapKeys, 1);

  keys->table = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, key_free);
  return keys;
}

PtCoapKeys *
pt_coap_keys_parse (const char *text, gsize size, const char *path, GError **error)
{
  g_autoptr (PtCoapKeys) keys = NULL;

  g_return_val_if_fail (text != NULL && path != NULL, NULL);

  keys = keys_new ();
  return pt_coap_lines_parse (&form, text, size, path, keys, error) ? g_steal_pointer (&keys)
                                                                    : NULL;
}

PtCoapKeys *
pt_coap_keys_read (const char *path, GError **error)
{
  g_autoptr (PtCoapKeys) keys = NULL;

  g_return_val_if_fail (path != NULL, NULL);

  keys = keys_new ();
  return pt_coap_lines_read (&form, path, keys, error) ? g_steal_pointer (&keys) : NULL;
}

void
pt_coap_keys_free (PtCoapKeys *keys)
{
  if (keys == NULL)
    return;
  g_hash_table_unref (keys->table);
  g_free (keys);
}

const PtCoapKey *
pt_coap_keys_find (const PtCoapKeys *keys, const char *identity)
{
  g_return_val_if_fail (identity != NULL, NULL);

  return keys != NULL ? g_hash_table_lookup (keys->table, identity) : NULL;
}
