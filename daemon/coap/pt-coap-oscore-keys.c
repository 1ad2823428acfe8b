/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-coap-oscore-keys.h"

#include <string.h>

#include "pt-coap-lines.h"

struct _PtOscoreKeys
{
  GPtrArray *keys;        /* PtOscoreKey */
  GHashTable *by_mark;    /* of the same, by pointers into them */
  GHashTable *identities; /* likewise, a set */
};

static void
key_free (gpointer data)
{
  PtOscoreKey *key = data;

  g_free (key->identity);
  explicit_bzero (key, sizeof *key);
  g_free (key);
}

static guint64
mark_of (const guint8 *id, gsize size)
{
  guint64 mark = size;

  for (gsize i = 0; i < size; i++)
    mark = mark << 8 | id[i];
  return mark;
}

/* The colons before the ID and the secret; a device may have others in its name. */
static gboolean
line_split (const char *line, gsize size, const char **first, const char **second)
{
  *second = memrchr (line, ':', size);
  *first = *second != NULL ? memrchr (line, ':', (gsize) (*second - line)) : NULL;
  return *first != NULL;
}

static const char *
line_read (const char *line, gsize size, PtOscoreKey *key)
{
  const char *first, *second;
  gsize name_size;
  PtCoapName name;

  if (!line_split (line, size, &first, &second))
    return "is not area/device:id:secret";
  name_size = (gsize) (first - line);
  if (!pt_coap_name_from_identity (pt_span (line, name_size), &name))
    return "is not area/device:id:secret";
  if (!pt_coap_lines_hex (first + 1, (gsize) (second - first - 1), 1, PT_OSCORE_ID_MAX, key->id,
                          &key->id_size))
    return "has no ID of 1 to 7 bytes in hex";
  if (!pt_coap_lines_hex (second + 1, size - (gsize) (second + 1 - line), PT_OSCORE_SECRET_MIN,
                          PT_OSCORE_SECRET_MAX, key->secret, &key->secret_size))
    return "has no secret of 16 to 64 bytes in hex";
  key->identity = g_strndup (line, name_size);
  key->mark = mark_of (key->id, key->id_size);
  return NULL;
}

static const char *
keys_add_line (gpointer data, const char *line, gsize size)
{
  PtOscoreKeys *keys = data;
  PtOscoreKey *key = g_new0 (PtOscoreKey, 1);
  const char *wrong = line_read (line, size, key);

  if (wrong == NULL && g_hash_table_contains (keys->identities, key->identity))
    wrong = "names a device for the second time";
  if (wrong == NULL && g_hash_table_contains (keys->by_mark, &key->mark))
    wrong = "has the ID of another device";
  if (wrong == NULL && keys->keys->len >= PT_OSCORE_KEYS_MAX)
    wrong = "is more than the 20000 devices that are looked through with each datagram";
  if (wrong != NULL)
    {
      key_free (key);
      return wrong;
    }
  g_ptr_array_add (keys->keys, key);
  g_hash_table_insert (keys->by_mark, &key->mark, key);
  g_hash_table_add (keys->identities, key->identity);
  return NULL;
}

static const PtCoapLines form = { "oscore_file", "area/device:id:secret", keys_add_line };

static PtOscoreKeys *
keys_new (void)
{
  PtOscoreKeys *keys = g_new0 (PtOscoreKeys, 1);

  keys->keys = g_ptr_array_new_with_free_func (key_free);
  keys->by_mark = g_hash_table_new (g_int64_hash, g_int64_equal);
  keys->identities = g_hash_table_new (g_str_hash, g_str_equal);
  return keys;
}

PtOscoreKeys *
pt_oscore_keys_parse (const char *text, gsize size, const char *path, GError **error)
{
  g_autoptr (PtOscoreKeys) keys = NULL;

  g_return_val_if_fail (text != NULL && path != NULL, NULL);

  keys = keys_new ();
  return pt_coap_lines_parse (&form, text, size, path, keys, error) ? g_steal_pointer (&keys)
                                                                    : NULL;
}

PtOscoreKeys *
pt_oscore_keys_read (const char *path, GError **error)
{
  g_autoptr (PtOscoreKeys) keys = NULL;

  g_return_val_if_fail (path != NULL, NULL);

  keys = keys_new ();
  return pt_coap_lines_read (&form, path, keys, error) ? g_steal_pointer (&keys) : NULL;
}

void
pt_oscore_keys_free (PtOscoreKeys *keys)
{
  if (keys == NULL)
    return;
  g_hash_table_unref (keys->identities);
  g_hash_table_unref (keys->by_mark);
  g_ptr_array_unref (keys->keys);
  g_free (keys);
}

guint
pt_oscore_keys_count (const PtOscoreKeys *keys)
{
  g_return_val_if_fail (keys != NULL, 0);

  return keys->keys->len;
}

const PtOscoreKey *
pt_oscore_keys_at (const PtOscoreKeys *keys, guint index)
{
  g_return_val_if_fail (keys != NULL && index < keys->keys->len, NULL);

  return g_ptr_array_index (keys->keys, index);
}

const PtOscoreKey *
pt_oscore_keys_find (const PtOscoreKeys *keys, PtSpan id)
{
  guint64 mark;

  g_return_val_if_fail (keys != NULL, NULL);

  if (id.size == 0 || id.size > PT_OSCORE_ID_MAX)
    return NULL;
  mark = mark_of ((const guint8 *) id.data, id.size);
  return g_hash_table_lookup (keys->by_mark, &mark);
}

static gboolean
key_equal (const PtOscoreKey *a, const PtOscoreKey *b)
{
  return strcmp (a->identity, b->identity) == 0 && a->mark == b->mark
         && a->secret_size == b->secret_size && memcmp (a->secret, b->secret, a->secret_size) == 0;
}

gboolean
pt_oscore_keys_extend (const PtOscoreKeys *keys, const PtOscoreKeys *before)
{
  g_return_val_if_fail (keys != NULL && before != NULL, FALSE);

  if (keys->keys->len < before->keys->len)
    return FALSE;
  for (guint i = 0; i < before->keys->len; i++)
    if (!key_equal (pt_oscore_keys_at (keys, i), pt_oscore_keys_at (before, i)))
      return FALSE;
  return TRUE;
}
