/* SPDX-License-Identifier: Apache-2.0 */
#include "complaint-private.h"

#include <string.h>
#include <sys/random.h>

#include "pt-error.h"
#include "pt-i18n.h"
#include "pt-sha256.h"

void
pt_photo_free (PtPhoto *photo)
{
  g_return_if_fail (photo != NULL);
  g_bytes_unref (photo->bytes);
  g_free (photo);
}

/* By how it begins; NULL: none that is taken. */
static const char *
find_type (const guint8 *data, gsize size)
{
  if (size > 3 && memcmp (data, "\xff\xd8\xff", 3) == 0)
    return "image/jpeg";
  if (size > 8 && memcmp (data, "\x89PNG\r\n\x1a\n", 8) == 0)
    return "image/png";
  if (size > 12 && memcmp (data, "RIFF", 4) == 0 && memcmp (data + 8, "WEBP", 4) == 0)
    return "image/webp";
  return NULL;
}

static PtPhoto *
read_photo (const char *path, GError **error)
{
  g_autofree char *data = NULL;
  gsize size = 0;
  const char *type = NULL;
  PtPhoto *photo = NULL;

  if (!g_file_get_contents (path, &data, &size, error))
    return NULL;
  type = find_type ((const guint8 *) data, size);
  if (type == NULL || size > PT_PHOTO_SIZE_MAX)
    {
      g_set_error (error, PT_ERROR, PT_ERROR_CONFIGURATION,
                   type == NULL ? _ ("%s is no JPEG, PNG or WebP picture")
                                : _ ("%s is larger than 8 MiB"),
                   path);
      return NULL;
    }
  photo = g_new0 (PtPhoto, 1);
  photo->type = type;
  pt_sha256 (data, size, &photo->hash);
  photo->bytes = g_bytes_new_take (g_steal_pointer (&data), size);
  return photo;
}

GPtrArray *
pt_photos_read (char **paths, GError **error)
{
  g_autoptr (GPtrArray) photos = g_ptr_array_new_with_free_func ((GDestroyNotify) pt_photo_free);

  if (paths != NULL && g_strv_length (paths) > PT_PHOTOS_MAX)
    {
      g_set_error (error, PT_ERROR, PT_ERROR_CONFIGURATION, _ ("at most %d photos are taken"),
                   PT_PHOTOS_MAX);
      return NULL;
    }
  for (guint i = 0; paths != NULL && paths[i] != NULL; i++)
    {
      PtPhoto *photo = read_photo (paths[i], error);

      if (photo == NULL)
        return NULL;
      g_ptr_array_add (photos, photo);
    }
  return g_steal_pointer (&photos);
}

char *
pt_complaint_private_make (const char *text, const char *contact, GPtrArray *photos, PtHash *hash)
{
  const char *said = text != NULL ? text : "", *reached = contact != NULL ? contact : "";
  gsize room = 6 * (strlen (said) + strlen (reached)) + 1024;
  g_autofree char *buffer = NULL;
  PtPrivatePart part = { 0 };
  PtSpan out;

  g_return_val_if_fail (photos != NULL && photos->len <= PT_PHOTOS_MAX && hash != NULL, NULL);
  part.contact = pt_span (reached, strlen (reached));
  part.text = pt_span (said, strlen (said));
  part.photo_count = photos->len;
  for (guint i = 0; i < photos->len; i++)
    part.photos[i] = ((const PtPhoto *) g_ptr_array_index (photos, i))->hash;
  if (getrandom (part.salt, sizeof part.salt, 0) != sizeof part.salt)
    return NULL;
  buffer = g_malloc (room);
  if (pt_private_part_write (&part, buffer, room, &out) != PT_OK)
    return NULL;
  pt_sha256 (out.data, out.size, hash);
  return g_strndup (out.data, out.size);
}
