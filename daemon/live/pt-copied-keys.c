/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-copied-keys.h"

struct _PtCopiedKeys
{
  PtHealth *health;
  PtNews *news;
  GPtrArray *devices; /* PtDevice with evidence against one of its keys, each once */
  GHashTable *told;   /* of these, those that are told as copied */
  gint count;         /* atomic: how many these are */
};

PtCopiedKeys *
pt_copied_keys_new (PtHealth *health, PtNews *news)
{
  PtCopiedKeys *keys;

  g_return_val_if_fail (health != NULL && news != NULL, NULL);

  keys = g_new0 (PtCopiedKeys, 1);
  keys->health = health;
  keys->news = news;
  keys->devices = g_ptr_array_new ();
  keys->told = g_hash_table_new (g_direct_hash, g_direct_equal);
  return keys;
}

void
pt_copied_keys_free (PtCopiedKeys *keys)
{
  if (keys == NULL)
    return;
  g_ptr_array_unref (keys->devices);
  g_hash_table_unref (keys->told);
  g_free (keys);
}

void
pt_copied_keys_add (PtCopiedKeys *keys, PtDevice *device, gint64 seq)
{
  g_return_if_fail (keys != NULL && device != NULL && seq > 0);

  if (device->copied == 0)
    g_ptr_array_add (keys->devices, device);
  device->copied = MAX (device->copied, seq);
}

static void
copied_keys_say (PtCopiedKeys *keys, const PtDevice *first, guint count)
{
  g_autofree char *sentence = NULL;

  if (count == 1)
    sentence = g_strdup_printf ("The key of %s/%s was copied: it signed two different reports with "
                                "the counter %" G_GINT64_FORMAT ". Revoke or replace it. Both "
                                "reports are at /api/v1/conflicts.",
                                first->area->id, first->id, first->copied);
  else if (count > 1)
    sentence
        = g_strdup_printf ("The keys of %u devices were copied, that of %s/%s among them: each "
                           "signed two different reports with one counter. Revoke or replace "
                           "them. The reports are at /api/v1/conflicts.",
                           count, first->area->id, first->id);
  pt_health_say (keys->health, PT_HEALTH_KEYS, count > 0 ? PT_HEALTH_ASKS : PT_HEALTH_WELL,
                 sentence);
}

void
pt_copied_keys_review (PtCopiedKeys *keys)
{
  const PtDevice *first = NULL;
  guint count = 0;

  g_return_if_fail (keys != NULL);

  for (guint i = 0; i < keys->devices->len; i++)
    {
      PtDevice *device = g_ptr_array_index (keys->devices, i);
      gboolean is_copied = pt_device_key_is_copied (device);
      gboolean is_news = is_copied ? g_hash_table_add (keys->told, device)
                                   : g_hash_table_remove (keys->told, device);

      if (is_news)
        pt_news_tell_key (keys->news, device->area->id, device->id, is_copied);
      if (is_copied && count++ == 0)
        first = device;
    }
  g_atomic_int_set (&keys->count, (gint) count);
  copied_keys_say (keys, first, count);
}

guint
pt_copied_keys_count (PtCopiedKeys *keys)
{
  g_return_val_if_fail (keys != NULL, 0);

  return (guint) g_atomic_int_get (&keys->count);
}
