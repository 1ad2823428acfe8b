/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-private.h"

#include <openssl/rand.h>
#include <string.h>

#include "pt-encoding.h"
#include "pt-error.h"
#include "pt-json.h"
#include "pt-sha256.h"

static gboolean
refuse (GError **error, PtResult result, const char *sentence)
{
  g_set_error (error, PT_ERROR, pt_error_from_result (result), "private: %s", sentence);
  return FALSE;
}

/* The next member, which has to be @name. */
static gboolean
read_member (PtJsonReader *reader, const char *name, PtJsonType type, PtJsonValue *value,
             GError **error)
{
  gboolean is_it;
  bool more;
  PtSpan key;
  PtResult result = pt_json_member (reader, &more, &key, value, NULL);

  if (result != PT_OK)
    return refuse (error, result, "it is no canonical JSON.");
  is_it = more && pt_span_is (key, name) && value->type == type;
  return is_it
         || refuse (error, PT_MALFORMED,
                    "it has contact, photos, salt and text, and no other member.");
}

static gboolean
read_text (PtJsonReader *reader, const char *name, gsize most, PtSpan *out, GError **error)
{
  PtJsonValue value;

  if (!read_member (reader, name, PT_JSON_STRING, &value, error))
    return FALSE;
  *out = value.text;
  if (value.text.size <= most)
    return TRUE;
  g_set_error (error, PT_ERROR, PT_ERROR_TOO_LARGE,
               "private: %s is longer than %" G_GSIZE_FORMAT " bytes.", name, most);
  return FALSE;
}

static gboolean
read_photos (PtJsonReader *reader, PtPrivate *out, GError **error)
{
  PtJsonValue value;
  bool more = true;

  if (!read_member (reader, "photos", PT_JSON_ARRAY, &value, error))
    return FALSE;
  while (more)
    {
      PtResult result = pt_json_element (reader, &more, &value);

      if (result != PT_OK)
        return refuse (error, result, "photos is no canonical JSON.");
      if (!more)
        break;
      if (out->photo_count == PT_PRIVATE_PHOTOS_MAX)
        return refuse (error, PT_TOO_LARGE, "it names more than 5 photos.");
      if (value.type != PT_JSON_STRING
          || !pt_hex_decode (value.text, out->photos[out->photo_count].bytes, PT_HASH_SIZE))
        return refuse (error, PT_MALFORMED, "photos are SHA-256 in lower-case hex.");
      out->photo_count++;
    }
  return TRUE;
}

static gboolean
read_salt (PtJsonReader *reader, GError **error)
{
  guint8 salt[PT_PRIVATE_SALT_SIZE];
  PtJsonValue value;

  if (!read_member (reader, "salt", PT_JSON_STRING, &value, error))
    return FALSE;
  return pt_hex_decode (value.text, salt, sizeof salt)
         || refuse (error, PT_MALFORMED, "salt is 32 lower-case hex digits.");
}

static gboolean
read_end (PtJsonReader *reader, GError **error)
{
  PtJsonValue value;
  PtSpan key;
  bool more;
  PtResult result = pt_json_member (reader, &more, &key, &value, NULL);

  if (result == PT_OK)
    result = more ? PT_MALFORMED : pt_json_finish (reader);
  return result == PT_OK
         || refuse (error, result, "it has contact, photos, salt and text, and no other member.");
}

static gboolean
photos_differ (const PtPrivate *part, GError **error)
{
  for (guint i = 0; i < part->photo_count; i++)
    for (guint j = 0; j < i; j++)
      if (memcmp (&part->photos[i], &part->photos[j], sizeof (PtHash)) == 0)
        return refuse (error, PT_MALFORMED, "it names a photo twice.");
  return TRUE;
}

gboolean
pt_private_parse (PtSpan bytes, PtPrivate *out, GError **error)
{
  PtJsonReader reader;

  g_return_val_if_fail (out != NULL, FALSE);

  memset (out, 0, sizeof *out);
  if (bytes.size > PT_PRIVATE_MAX)
    return refuse (error, PT_TOO_LARGE, "it is longer than 32 KiB.");
  pt_json_reader_init (&reader, bytes);
  if (pt_json_open (&reader) != PT_OK)
    return refuse (error, pt_json_classify (bytes), "it is no object in canonical JSON.");
  return read_text (&reader, "contact", PT_PRIVATE_CONTACT_MAX, &out->contact, error)
         && read_photos (&reader, out, error) && read_salt (&reader, error)
         && read_text (&reader, "text", PT_PRIVATE_TEXT_MAX, &out->text, error)
         && read_end (&reader, error) && photos_differ (out, error);
}

void
pt_private_hash (PtSpan bytes, PtHash *out)
{
  g_return_if_fail (out != NULL);

  pt_sha256 (bytes.data, bytes.size, out);
}

GBytes *
pt_private_make (const char *contact, const char *text, GError **error)
{
  PtPrivatePart part = { 0 };
  char buffer[PT_PRIVATE_MAX];
  PtPrivate read;
  PtSpan written;

  g_return_val_if_fail (contact != NULL && text != NULL, NULL);

  part.contact = pt_span (contact, strlen (contact));
  part.text = pt_span (text, strlen (text));
  if (RAND_bytes (part.salt, sizeof part.salt) != 1)
    {
      g_set_error_literal (error, PT_ERROR, PT_ERROR_RETRY, "The system gives no random bytes.");
      return NULL;
    }
  if (pt_private_part_write (&part, buffer, sizeof buffer, &written) != PT_OK)
    {
      refuse (error, PT_TOO_LARGE, "it is longer than 32 KiB.");
      return NULL;
    }
  return pt_private_parse (written, &read, error) ? g_bytes_new (written.data, written.size) : NULL;
}
