/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-fleet-credentials.h"

#include "pt-error.h"
#include "pt-p256-pem.h"

#include <glib/gi18n.h>
#include <json-glib/json-glib.h>
#include <string.h>
#include <sys/stat.h>

#define KEY_LEAST 16
#define KEY_MOST 64                         /* bytes, of what a device shares */
#define KEYS_BYTES_MOST (256 * 1024 * 1024) /* of the file of shared keys */

struct _PtFleetCredentials
{
  char *ca, *ca_text, *certificates, *psk_file;
  GHashTable *keys; /* "area/device" -> GBytes; NULL: none */
};

void
pt_fleet_secret_free (char *secret)
{
  if (secret != NULL)
    explicit_bzero (secret, strlen (secret));
  g_free (secret);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtP256Key, pt_p256_key_free)

static GBytes *
read_hex (const char *text)
{
  gsize size = strlen (text);
  g_autofree guint8 *bytes = NULL;

  if (size % 2 != 0 || size < 2 * KEY_LEAST || size > 2 * KEY_MOST)
    return NULL;
  bytes = g_new (guint8, size / 2);
  for (gsize i = 0; i < size / 2; i++)
    {
      int high = g_ascii_xdigit_value (text[2 * i]), low = g_ascii_xdigit_value (text[2 * i + 1]);

      if (high < 0 || low < 0)
        return NULL;
      bytes[i] = (guint8) (high << 4 | low);
    }
  return g_bytes_new_take (g_steal_pointer (&bytes), size / 2);
}

static gboolean
add_key (PtFleetCredentials *credentials, char *line)
{
  char *colon = strrchr (g_strstrip (line), ':'); /* a device may have others in its name */
  GBytes *key;

  if (line[0] == '\0' || line[0] == '#')
    return TRUE;
  if (colon == NULL || strchr (line, '/') == NULL)
    return FALSE;
  *colon = '\0';
  key = read_hex (colon + 1);
  if (key == NULL)
    return FALSE;
  g_hash_table_insert (credentials->keys, g_strdup (line), key);
  return TRUE;
}

static gboolean
parse_keys (PtFleetCredentials *credentials, char *text, GError **error)
{
  guint number = 1;

  credentials->keys
      = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_bytes_unref);
  for (char *line = text, *next; line != NULL; line = next, number++)
    {
      next = strchr (line, '\n');
      if (next != NULL)
        *next++ = '\0';
      if (add_key (credentials, line))
        continue;
      g_set_error (error, PT_ERROR, PT_ERROR_CONFIGURATION,
                   _ ("%s, line %u: write area/device:, then 16 to 64 bytes in hex."),
                   credentials->psk_file, number);
      return FALSE;
    }
  return TRUE;
}

static gboolean
read_keys (PtFleetCredentials *credentials, GError **error)
{
  struct stat info;
  char *text = NULL;
  gsize size = 0;
  gboolean good;

  if (stat (credentials->psk_file, &info) == 0
      && ((info.st_mode & 077) != 0 || info.st_size > KEYS_BYTES_MOST))
    {
      g_set_error (error, PT_ERROR, PT_ERROR_CONFIGURATION,
                   _ ("%s holds keys and others may read it, or it is too large; set its mode to "
                      "0600."),
                   credentials->psk_file);
      return FALSE;
    }
  if (!g_file_get_contents (credentials->psk_file, &text, &size, error))
    {
      g_prefix_error (error, _ ("Cannot read %s; name a file that can be read: "),
                      credentials->psk_file);
      return FALSE;
    }
  good = parse_keys (credentials, text, error);
  explicit_bzero (text, size);
  g_free (text);
  return good;
}

PtFleetCredentials *
pt_fleet_credentials_new (const char *ca, const char *certificates, const char *psk_file,
                          GError **error)
{
  g_autoptr (PtFleetCredentials) credentials = g_new0 (PtFleetCredentials, 1);

  credentials->ca = g_strdup (ca);
  credentials->certificates = g_strdup (certificates);
  credentials->psk_file = g_strdup (psk_file);
  if (ca != NULL && !g_file_get_contents (ca, &credentials->ca_text, NULL, error))
    {
      g_prefix_error (error, _ ("Cannot read %s; name a file that can be read: "), ca);
      return NULL;
    }
  if (certificates != NULL && !g_file_test (certificates, G_FILE_TEST_IS_DIR))
    {
      g_set_error (error, PT_ERROR, PT_ERROR_CONFIGURATION,
                   _ ("%s is no folder; name one with {area}/{device}.pem in it."), certificates);
      return NULL;
    }
  if (psk_file != NULL && !read_keys (credentials, error))
    return NULL;
  return g_steal_pointer (&credentials);
}

void
pt_fleet_credentials_free (PtFleetCredentials *credentials)
{
  if (credentials == NULL)
    return;
  g_free (credentials->ca);
  g_free (credentials->ca_text);
  g_free (credentials->certificates);
  g_free (credentials->psk_file);
  g_clear_pointer (&credentials->keys, g_hash_table_unref);
  g_free (credentials);
}

const char *
pt_fleet_credentials_ca (const PtFleetCredentials *credentials)
{
  g_return_val_if_fail (credentials != NULL, NULL);
  return credentials->ca;
}

const char *
pt_fleet_credentials_ca_text (const PtFleetCredentials *credentials)
{
  g_return_val_if_fail (credentials != NULL, NULL);
  return credentials->ca_text;
}

gboolean
pt_fleet_credentials_have_certificates (const PtFleetCredentials *credentials)
{
  g_return_val_if_fail (credentials != NULL, FALSE);
  return credentials->certificates != NULL;
}

gboolean
pt_fleet_credentials_have_keys (const PtFleetCredentials *credentials)
{
  g_return_val_if_fail (credentials != NULL, FALSE);
  return credentials->keys != NULL;
}

static char *
pem_of (const guint8 scalar[32])
{
  g_autoptr (PtP256Key) key = pt_p256_key_from_scalar (scalar);
  char pem[PT_P256_PEM_MAX];
  char *copy = NULL;

  if (key != NULL && pt_p256_key_to_pem (key, NULL, pem, sizeof pem) > 0)
    copy = g_strdup (pem);
  explicit_bzero (pem, sizeof pem);
  return copy;
}

/* The certificate in a provisioning file, as "powertrack device enroll" writes it. */
static char *
read_provisioned (const char *path)
{
  g_autoptr (JsonParser) parser = json_parser_new ();
  JsonNode *root = NULL;

  if (json_parser_load_from_file (parser, path, NULL))
    root = json_parser_get_root (parser);
  if (root == NULL || !JSON_NODE_HOLDS_OBJECT (root))
    return NULL;
  return g_strdup (json_object_get_string_member_with_default (json_node_get_object (root),
                                                               "certificate", NULL));
}

static char *
read_certificate (const PtFleetCredentials *credentials, const char *area, const char *device)
{
  g_autofree char *pem = g_strconcat (device, ".pem", NULL);
  g_autofree char *json = g_strconcat (device, ".json", NULL);
  g_autofree char *plain = g_build_filename (credentials->certificates, area, pem, NULL);
  g_autofree char *provisioned = g_build_filename (credentials->certificates, area, json, NULL);
  char *text = NULL;

  return g_file_get_contents (plain, &text, NULL, NULL) ? text : read_provisioned (provisioned);
}

gboolean
pt_fleet_credentials_certificate (const PtFleetCredentials *credentials, const char *area,
                                  const char *device, const guint8 scalar[32], char **certificate,
                                  char **key, GError **error)
{
  g_autofree char *text = NULL;

  g_return_val_if_fail (credentials != NULL && credentials->certificates != NULL, FALSE);

  text = read_certificate (credentials, area, device);
  *key = text != NULL ? pem_of (scalar) : NULL;
  if (*key == NULL)
    {
      g_set_error (error, PT_ERROR, PT_ERROR_CONFIGURATION,
                   _ ("Device %s has no certificate in %s/%s; make one with “powertrack device "
                      "enroll”."),
                   device, credentials->certificates, area);
      return FALSE;
    }
  *certificate = g_steal_pointer (&text);
  return TRUE;
}

GBytes *
pt_fleet_credentials_key (const PtFleetCredentials *credentials, const char *area,
                          const char *device, GError **error)
{
  g_autofree char *identity = g_strconcat (area, "/", device, NULL);
  GBytes *key;

  g_return_val_if_fail (credentials != NULL && credentials->keys != NULL, NULL);

  key = g_hash_table_lookup (credentials->keys, identity);
  if (key == NULL)
    g_set_error (error, PT_ERROR, PT_ERROR_CONFIGURATION,
                 _ ("%s has no line for %s; add its shared key."), credentials->psk_file, identity);
  return key;
}
