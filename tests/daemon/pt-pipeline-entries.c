/* SPDX-License-Identifier: Apache-2.0 */
/* Keys, warnings and signed entries of the tests' world. */
#include "pt-pipeline-fixture.h"

void
pt_test_key_init (PtTestKey *key)
{
  key->key = pt_p256_key_generate ();
  g_assert_true (pt_p256_signer_init (&key->signer, key->key));
}

void
pt_test_key_free (gpointer data)
{
  PtTestKey *key = data;

  pt_p256_signer_clear (&key->signer);
  pt_p256_key_free (key->key);
  g_free (key);
}

PtTestKey *
pt_world_key (PtWorld *world, const char *name)
{
  PtTestKey *key = g_hash_table_lookup (world->keys, name);

  if (key != NULL)
    return key;
  key = g_new0 (PtTestKey, 1);
  pt_test_key_init (key);
  g_hash_table_insert (world->keys, g_strdup (name), key);
  return key;
}

gint pt_warnings_expected, pt_warnings_seen;

static GLogWriterOutput
pt_log_writer (GLogLevelFlags level, const GLogField *fields, gsize count, gpointer user_data)
{
  if ((level & G_LOG_LEVEL_WARNING) != 0 && g_atomic_int_get (&pt_warnings_expected) != 0)
    {
      g_atomic_int_inc (&pt_warnings_seen);
      return G_LOG_WRITER_HANDLED;
    }
  return g_log_writer_default (level, fields, count, user_data);
}

void
pt_catch_warnings (void)
{
  g_log_set_writer_func (pt_log_writer, NULL, NULL);
}

void
pt_expect_warnings (void)
{
  g_atomic_int_set (&pt_warnings_seen, 0);
  g_atomic_int_set (&pt_warnings_expected, 1);
}

void
pt_assert_warnings (int count)
{
  g_assert_cmpint (g_atomic_int_get (&pt_warnings_seen), ==, count);
  g_atomic_int_set (&pt_warnings_expected, 0);
}

char *
pt_world_sign (const PtEntry *fields, const PtSigner *signer)
{
  g_autofree char *text = g_malloc (PT_ENTRY_MAX), *out = g_malloc (PT_ENTRY_MAX);
  gsize size;
  PtEntry entry;

  g_assert_cmpint (pt_entry_write (fields, text, PT_ENTRY_MAX, &size), ==, PT_OK);
  g_assert_cmpint (pt_entry_parse (pt_span (text, size), PT_ENTRY_UNSIGNED, &entry), ==, PT_OK);
  g_assert_cmpint (pt_entry_sign (&entry, signer, out, PT_ENTRY_MAX, &size), ==, PT_OK);
  return g_strndup (out, size);
}

PtSpan
pt_text (const char *text)
{
  return pt_span (text, strlen (text));
}

char *
pt_world_device (PtWorld *world, const char *area, const char *device, PtStatus status, gint64 ts)
{
  PtEntry fields = { .kind = PT_ENTRY_DEVICE,
                     .area = pt_text (area),
                     .ts = ts,
                     .device = pt_text (device),
                     .site = pt_text (device),
                     .lat = PT_WORLD_LAT,
                     .lon = PT_WORLD_LON,
                     .level = PT_LEVEL_TRANSFORMER,
                     .customers = 7,
                     .status = status };

  memcpy (fields.key, pt_world_key (world, device)->signer.public_key, sizeof fields.key);
  return pt_world_sign (&fields, &world->authority.signer);
}

char *
pt_world_official (PtWorld *world, const char *area, const char *official, gint64 ts)
{
  PtEntry fields = { .kind = PT_ENTRY_OFFICIAL,
                     .area = pt_text (area),
                     .ts = ts,
                     .official = pt_text (official),
                     .role = PT_ROLE_OFFICER,
                     .name = pt_text ("An Officer"),
                     .status = PT_STATUS_ACTIVE };

  memcpy (fields.key, pt_world_key (world, official)->signer.public_key, sizeof fields.key);
  return pt_world_sign (&fields, &world->authority.signer);
}

char *
pt_world_report (PtWorld *world, const char *area, const char *device, gint64 seq, gint64 ts,
                 PtPower power, const PtSigner *signer)
{
  PtEntry fields = { .kind = PT_ENTRY_REPORT,
                     .area = pt_text (area),
                     .ts = ts,
                     .device = pt_text (device),
                     .site = pt_text (device),
                     .lat = PT_WORLD_LAT,
                     .lon = PT_WORLD_LON,
                     .seq = seq,
                     .power = power };

  return pt_world_sign (&fields, signer != NULL ? signer : &pt_world_key (world, device)->signer);
}

char *
pt_world_break_signature (const char *report)
{
  char *broken = g_strdup (report);
  char *sig = strstr (broken, "\"sig\":\"") + strlen ("\"sig\":\"");

  sig[10] = sig[10] == 'A' ? 'B' : 'A';
  return broken;
}

void
pt_remove_tree (const char *path)
{
  g_autoptr (GDir) directory = g_dir_open (path, 0, NULL);

  for (const char *name; directory != NULL && (name = g_dir_read_name (directory)) != NULL;)
    {
      g_autofree char *child = g_build_filename (path, name, NULL);

      pt_remove_tree (child);
    }
  g_assert_cmpint (g_remove (path), ==, 0);
}
