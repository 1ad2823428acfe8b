/* SPDX-License-Identifier: Apache-2.0 */
#include "enroll-file.h"

#include <glib/gstdio.h>
#include <json-glib/json-glib.h>
#include <string.h>

#include "pt-cli.h"
#include "pt-encoding.h"
#include "pt-error.h"
#include "pt-i18n.h"
#include "pt-p256-pem.h"

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtP256Key, pt_p256_key_free)

static char *
path_of (const char *out, const char *area, const char *device, const char *end)
{
  g_autofree char *name = g_strconcat (device, end, NULL);

  return g_build_filename (out, area, name, NULL);
}

static gboolean
refuse (const char *path, GError **error)
{
  g_set_error (error, PT_ERROR, PT_ERROR_CONFIGURATION,
               _ ("%s is no provisioning file; move it away"), path);
  return FALSE;
}

static JsonNode *
read_file (const char *path)
{
  g_autofree char *text = NULL;
  g_autoptr (JsonNode) node = NULL;
  gsize size = 0;

  if (!g_file_get_contents (path, &text, &size, NULL))
    return NULL;
  node = json_from_string (text, NULL);
  explicit_bzero (text, size);
  return node != NULL && JSON_NODE_HOLDS_OBJECT (node) ? g_steal_pointer (&node) : NULL;
}

gboolean
pt_provisioning_look (const char *out, const char *area, const char *device, gboolean *is_there,
                      guint8 key[PT_PUBLIC_KEY_SIZE], GError **error)
{
  g_autofree char *path = NULL;
  g_autoptr (JsonNode) node = NULL;
  JsonObject *object = NULL;
  const char *text = NULL;

  g_return_val_if_fail (out != NULL && area != NULL && device != NULL && is_there != NULL, FALSE);
  path = path_of (out, area, device, ".json");
  *is_there = g_file_test (path, G_FILE_TEST_EXISTS);
  if (!*is_there)
    return TRUE;
  node = read_file (path);
  if (node == NULL)
    return refuse (path, error);
  object = json_node_get_object (node);
  text = pt_cli_string (object, "public_key", "");
  return (strcmp (pt_cli_string (object, "format", ""), PT_PROVISIONING_FORMAT) == 0
          && strcmp (pt_cli_string (object, "area", ""), area) == 0
          && strcmp (pt_cli_string (object, "device", ""), device) == 0
          && pt_base64url_decode (pt_span (text, strlen (text)), key, PT_PUBLIC_KEY_SIZE))
         || refuse (path, error);
}

PtP256Key *
pt_provisioning_key (const char *out, const char *area, const char *device)
{
  g_autofree char *path = NULL;
  g_autoptr (JsonNode) node = NULL;
  const char *text = NULL;

  g_return_val_if_fail (out != NULL && area != NULL && device != NULL, NULL);
  path = path_of (out, area, device, ".json");
  node = read_file (path);
  text = node != NULL ? pt_cli_string (json_node_get_object (node), "key", NULL) : NULL;
  return text != NULL ? pt_p256_key_from_pem (text, strlen (text), NULL, NULL) : NULL;
}

gboolean
pt_provisioning_remove (const char *out, const char *area, const char *device)
{
  g_autofree char *path = NULL, *key = NULL;

  g_return_val_if_fail (out != NULL && area != NULL && device != NULL, FALSE);
  path = path_of (out, area, device, ".json");
  key = path_of (out, area, device, ".key.pem");
  g_unlink (key);
  return g_unlink (path) == 0;
}

/* Writing */

static void
set_text (JsonObject *object, const char *member, const char *text)
{
  if (text != NULL)
    json_object_set_string_member (object, member, text);
}

static void
set_place (JsonObject *object, const PtDeviceRow *row)
{
  char key[96] = "";

  pt_base64url_encode (row->key, sizeof row->key, key, sizeof key);
  json_object_set_string_member (object, "area", row->area);
  json_object_set_string_member (object, "device", row->device);
  json_object_set_string_member (object, "site", row->site);
  json_object_set_int_member (object, "lat", row->lat);
  json_object_set_int_member (object, "lon", row->lon);
  json_object_set_string_member (object, "public_key", key);
}

/* What is not said stays as it is in the file that is there. */
static void
set_kept (JsonObject *object, const char *member, const char *said, JsonObject *before,
          const char *otherwise)
{
  if (said == NULL && before != NULL)
    said = pt_cli_string (before, member, NULL);
  set_text (object, member, said != NULL ? said : otherwise);
}

static JsonObject *
object_of (JsonObject *before, const char *member)
{
  JsonNode *node = before != NULL ? json_object_get_member (before, member) : NULL;

  return node != NULL && JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
}

static JsonObject *
make_addresses (const PtProvisioning *provisioning, JsonObject *before)
{
  JsonObject *addresses = json_object_new ();
  gboolean is_local = g_str_has_prefix (provisioning->url, "unix:"); /* no device's way */

  set_kept (addresses, "https", provisioning->https, before, is_local ? NULL : provisioning->url);
  set_kept (addresses, "mqtt", provisioning->mqtt, before, NULL);
  set_kept (addresses, "coap", provisioning->coap, before, NULL);
  set_kept (addresses, "oscore", provisioning->oscore, before, NULL);
  return addresses;
}

/* The device's side of a context of OSCORE (RFC 8613 section 3.2): the daemon's ID is empty. */
static void
set_oscore (JsonObject *object, const char *secret, JsonObject *before)
{
  g_auto (GStrv) parts = secret != NULL ? g_strsplit (secret, ":", 2) : NULL;
  JsonObject *oscore;

  if (parts == NULL)
    {
      if (object_of (before, "oscore") != NULL)
        json_object_set_object_member (object, "oscore",
                                       json_object_ref (object_of (before, "oscore")));
      return;
    }
  oscore = json_object_new ();
  json_object_set_string_member (oscore, "sender_id", parts[0]);
  json_object_set_string_member (oscore, "recipient_id", "");
  json_object_set_string_member (oscore, "master_secret", parts[1]);
  json_object_set_object_member (object, "oscore", oscore);
  explicit_bzero (parts[1], strlen (parts[1]));
}

/* @before: what is there, or NULL. */
static JsonNode *
make_json (const PtProvisioning *provisioning, JsonObject *before)
{
  g_autoptr (JsonObject) object = json_object_new ();
  char pem[PT_P256_PEM_MAX] = "";

  json_object_set_string_member (object, "format", PT_PROVISIONING_FORMAT);
  set_place (object, provisioning->row);
  json_object_set_int_member (object, "first_seq", provisioning->first_seq);
  if (provisioning->key != NULL
      && pt_p256_key_to_pem (provisioning->key, NULL, pem, sizeof pem) > 0)
    json_object_set_string_member (object, "key", pem);
  explicit_bzero (pem, sizeof pem);
  set_text (object, "certificate", provisioning->certificate);
  set_text (object, "ca", provisioning->ca);
  json_object_set_object_member (object, "addresses",
                                 make_addresses (provisioning, object_of (before, "addresses")));
  set_kept (object, "psk", provisioning->psk, before, NULL);
  set_oscore (object, provisioning->oscore_secret, before);
  set_text (object, "authority_key", provisioning->authority);
  set_text (object, "service_key", provisioning->service);
  return json_node_init_object (json_node_alloc (), object);
}

static gboolean
make_folder (const char *out, const char *area, GError **error)
{
  g_autofree char *folder = g_build_filename (out, area, NULL);

  if (g_mkdir_with_parents (folder, 0700) == 0)
    return TRUE;
  g_set_error (error, PT_ERROR, PT_ERROR_CONFIGURATION, _ ("Cannot make the folder %s"), folder);
  return FALSE;
}

gboolean
pt_provisioning_write (const char *out, const PtProvisioning *provisioning, GError **error)
{
  const PtDeviceRow *row = NULL;
  g_autofree char *path = NULL, *key = NULL, *text = NULL, *line = NULL;
  g_autoptr (JsonNode) node = NULL, before = NULL;
  gboolean good;

  g_return_val_if_fail (out != NULL && provisioning != NULL && provisioning->row != NULL, FALSE);
  row = provisioning->row;
  if (!make_folder (out, row->area, error))
    return FALSE;
  path = path_of (out, row->area, row->device, ".json");
  key = path_of (out, row->area, row->device, ".key.pem");
  before = read_file (path);
  node = make_json (provisioning, before != NULL ? json_node_get_object (before) : NULL);
  text = json_to_string (node, TRUE);
  line = g_strconcat (text, "\n", NULL);
  good = g_file_set_contents_full (
      path, line, -1, G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE, 0600, error);
  explicit_bzero (text, strlen (text));
  explicit_bzero (line, strlen (line));
  if (good)
    g_unlink (key);
  return good;
}

/* Keys of those that are being enrolled */

static PtP256Key *
fail_key (const char *path, const char *message, GError **error)
{
  g_set_error (error, PT_ERROR, PT_ERROR_CONFIGURATION, _ ("key %s: %s"), path, _ (message));
  return NULL;
}

PtP256Key *
pt_provisioning_begun (const char *out, const char *area, const char *device, GError **error)
{
  g_autofree char *path = NULL;
  const char *message = N_ ("the key can't be used");
  PtP256Key *key = NULL;

  g_return_val_if_fail (out != NULL && area != NULL && device != NULL, NULL);
  path = path_of (out, area, device, ".key.pem");
  if (!g_file_test (path, G_FILE_TEST_EXISTS))
    return NULL;
  key = pt_p256_key_read (path, &message);
  return key != NULL ? key : fail_key (path, message, error);
}

PtP256Key *
pt_provisioning_begin (const char *out, const char *area, const char *device, GError **error)
{
  g_autofree char *path = NULL;
  g_autoptr (PtP256Key) key = NULL;
  const char *message = N_ ("no key could be made");

  g_return_val_if_fail (out != NULL && area != NULL && device != NULL, NULL);
  if (!make_folder (out, area, error))
    return NULL;
  path = path_of (out, area, device, ".key.pem");
  key = pt_p256_key_generate ();
  if (key == NULL || !pt_p256_key_write (key, path, &message))
    return fail_key (path, message, error);
  return g_steal_pointer (&key);
}
