/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-service-key.h"

#include <string.h>

#include "pt-encoding.h"
#include "pt-error.h"
#include "pt-store-log.h"

#define KEY_TEXT_SIZE (PT_BASE64URL_SIZE (PT_PUBLIC_KEY_SIZE) + 1)

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtP256Key, pt_p256_key_free)

static const guint8 not_known[PT_PUBLIC_KEY_SIZE];

static gboolean
is_known (const PtAreaRow *area)
{
  return memcmp (area->service_key, not_known, sizeof not_known) != 0;
}

static const char *
key_text (const guint8 *key, char text[KEY_TEXT_SIZE])
{
  gsize size = pt_base64url_encode (key, PT_PUBLIC_KEY_SIZE, text, KEY_TEXT_SIZE);

  text[size] = '\0';
  return text;
}

/* The key is gone, and what it signed is not. */
static gboolean
refuse_missing (const char *path, GArray *areas, GError **error)
{
  const PtAreaRow *area = &g_array_index (areas, PtAreaRow, 0);
  char text[KEY_TEXT_SIZE];

  g_set_error (error, PT_ERROR, PT_ERROR_CONFIGURATION,
               "%s is missing, and the %u areas of this database were registered with the service "
               "key %s. Put that file back: no other key can sign for them, and none was made.",
               path, areas->len,
               is_known (area) ? key_text (area->service_key, text) : "that was in it");
  return FALSE;
}

static gboolean
refuse_other (const char *path, const PtAreaRow *area, const guint8 *key, GError **error)
{
  char wanted[KEY_TEXT_SIZE], found[KEY_TEXT_SIZE];

  g_set_error (error, PT_ERROR, PT_ERROR_CONFIGURATION,
               "Area %s was registered with the service key %s, and %s is %s. Put the first one "
               "back, or give this key a state directory of its own.",
               area->id, key_text (area->service_key, wanted), path, key_text (key, found));
  return FALSE;
}

static PtP256Key *
read_or_make (const char *path, gboolean make, GError **error)
{
  const char *message = NULL;
  PtP256Key *key = NULL;

  if (!make)
    key = pt_p256_key_read (path, &message);
  else
    {
      key = pt_p256_key_generate ();
      if (key != NULL && !pt_p256_key_write (key, path, &message))
        g_clear_pointer (&key, pt_p256_key_free);
    }
  if (key == NULL)
    g_set_error (error, PT_ERROR, PT_ERROR_CONFIGURATION, "%s: %s", path,
                 message != NULL ? message : "no key could be made.");
  return key;
}

static gboolean
check_areas (const char *path, const guint8 *key, GArray *areas, gboolean *adopt, GError **error)
{
  *adopt = FALSE;
  for (guint i = 0; i < areas->len; i++)
    {
      const PtAreaRow *area = &g_array_index (areas, PtAreaRow, i);

      if (!is_known (area))
        *adopt = TRUE;
      else if (memcmp (area->service_key, key, PT_PUBLIC_KEY_SIZE) != 0)
        return refuse_other (path, area, key, error);
    }
  return TRUE;
}

PtP256Key *
pt_service_key_open (const char *path, PtStore *store, GError **error)
{
  g_autoptr (PtP256Key) key = NULL;
  g_autoptr (GArray) areas = NULL;
  guint8 point[PT_PUBLIC_KEY_SIZE];
  gboolean exists, adopt;

  g_return_val_if_fail (path != NULL && store != NULL, NULL);

  exists = g_file_test (path, G_FILE_TEST_EXISTS);
  areas = pt_store_areas (store, error);
  if (areas == NULL || (!exists && areas->len > 0 && !refuse_missing (path, areas, error)))
    return NULL;
  key = read_or_make (path, !exists, error);
  if (key == NULL)
    return NULL;
  pt_p256_key_public (key, point);
  if (!check_areas (path, point, areas, &adopt, error)
      || (adopt && !pt_store_adopt_service_key (store, point, error)))
    return NULL;
  return g_steal_pointer (&key);
}
