/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-coap-keys.h"

#include <glib/gstdio.h>
#include <string.h>

#include "pt-coap-name.h"
#include "pt-error.h"

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

static gboolean
key_parse (const char *hex, gsize size, PtCoapKey *out)
{
  if (size % 2 != 0 || size / 2 < PT_COAP_KEY_MIN || size / 2 > PT_COAP_KEY_MAX)
    return FALSE;
  for (gsize i = 0; i < size / 2; i++)
    {
      int high = g_ascii_xdigit_value (hex[2 * i]), low = g_ascii_xdigit_value (hex[2 * i + 1]);

      if (high < 0 || low < 0)
        return FALSE;
      out->bytes[i] = (guint8) (high << 4 | low);
    }
  out->size = size / 2;
  return TRUE;
}

/* What is wrong with a line, without its secret; NULL: nothing is. */
static const char *
keys_add_line (PtCoapKeys *keys, const char *line, gsize size)
{
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
  if (!key_parse (colon + 1, size - (gsize) (colon + 1 - line), key))
    {
      key_free (key);
      return "has no key of 16 to 64 bytes in hex";
    }
  g_hash_table_insert (keys->table, g_steal_pointer (&identity), key);
  return NULL;
}

PtCoapKeys *
pt_coap_keys_parse (const char *text, gsize size, const char *path, GError **error)
{
  g_autoptr (PtCoapKeys) keys = NULL;
  const char *cursor = text, *end = text + size;
  guint number = 0;

  g_return_val_if_fail (text != NULL && path != NULL, NULL);

  keys = g_new0 (PtCoapKeys, 1);
  keys->table = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, key_free);
  while (cursor < end)
    {
      const char *stop = memchr (cursor, '\n', (gsize) (end - cursor));
      gsize length = (gsize) ((stop != NULL ? stop : end) - cursor);
      const char *wrong = NULL;

      number++;
      if (length > 0 && cursor[length - 1] == '\r')
        length--;
      if (length > 0 && cursor[0] != '#')
        wrong = keys_add_line (keys, cursor, length);
      if (wrong != NULL)
        {
          g_set_error (error, PT_ERROR, PT_ERROR_CONFIGURATION,
                       "%s, line %u %s. Write area/device:hex, a device a line.", path, number,
                       wrong);
          return NULL;
        }
      cursor = stop != NULL ? stop + 1 : end;
    }
  return g_steal_pointer (&keys);
}

PtCoapKeys *
pt_coap_keys_read (const char *path, GError **error)
{
  g_autofree char *text = NULL;
  g_autoptr (GError) local = NULL;
  PtCoapKeys *keys;
  GStatBuf status;
  gsize size;

  g_return_val_if_fail (path != NULL, NULL);

  if (g_stat (path, &status) == 0
      && ((status.st_mode & 077) != 0 || status.st_size > PT_COAP_KEYS_BYTES_MAX))
    {
      g_set_error (error, PT_ERROR, PT_ERROR_CONFIGURATION,
                   "Others can read %s, or it is larger than %d MiB. Run chmod 600 on it, and give "
                   "devices new keys if others may have read it.",
                   path, PT_COAP_KEYS_BYTES_MAX / (1024 * 1024));
      return NULL;
    }
  if (!g_file_get_contents (path, &text, &size, &local))
    {
      g_set_error (error, PT_ERROR, PT_ERROR_CONFIGURATION,
                   "%s. Name a file of devices' keys in [coap] psk_file.", local->message);
      return NULL;
    }
  keys = pt_coap_keys_parse (text, size, path, error);
  explicit_bzero (text, size);
  return keys;
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
