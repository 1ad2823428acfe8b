/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-envelope.h"

#include <json-glib/json-glib.h>
#include <string.h>

#include "pt-base.h"
#include "pt-error.h"
#include "pt-json-bounds.h"
#include "pt-multipart.h"
#include "pt-photo.h"
#include "pt-private.h"
#include "pt-ticket.h"
#include "pt-work.h"

static gboolean refuse (GError **error, PtErrorCode code, const char *format, ...)
    G_GNUC_PRINTF (3, 4);

static gboolean
refuse (GError **error, PtErrorCode code, const char *format, ...)
{
  va_list arguments;

  va_start (arguments, format);
  if (error != NULL)
    *error = g_error_new_valist (PT_ERROR, (int) code, format, arguments);
  va_end (arguments);
  return FALSE;
}

void
pt_envelope_free (PtEnvelope *envelope)
{
  if (envelope == NULL)
    return;
  g_clear_pointer (&envelope->entry, g_bytes_unref);
  g_clear_pointer (&envelope->private, g_bytes_unref);
  g_free (envelope->ticket);
  g_free (envelope->nonce);
  g_clear_pointer (&envelope->photos, g_ptr_array_unref);
  g_free (envelope);
}

static gboolean
take_text (char **out, const char *name, PtSpan value, gsize most, GError **error)
{
  if (*out != NULL)
    return refuse (error, PT_ERROR_MALFORMED, "%s: it is there twice.", name);
  if (value.size > most || memchr (value.data, '\0', value.size) != NULL)
    return refuse (error, PT_ERROR_MALFORMED, "%s: it is longer than one can be.", name);
  *out = g_strndup (value.data, value.size);
  return TRUE;
}

static gboolean
take_bytes (GBytes **out, const char *name, PtSpan value, gsize most, GError **error)
{
  if (*out != NULL)
    return refuse (error, PT_ERROR_MALFORMED, "%s: it is there twice.", name);
  if (value.size > most)
    return refuse (error, PT_ERROR_TOO_LARGE, "%s: it is longer than one can be.", name);
  *out = g_bytes_new (value.data, value.size);
  return TRUE;
}

static gboolean
envelope_take (PtEnvelope *envelope, const char *name, PtSpan value, GError **error)
{
  if (strcmp (name, "entry") == 0)
    return take_bytes (&envelope->entry, name, value, PT_ENTRY_MAX, error);
  if (strcmp (name, "private") == 0)
    return take_bytes (&envelope->private, name, value, PT_PRIVATE_MAX, error);
  if (strcmp (name, "ticket") == 0)
    return take_text (&envelope->ticket, name, value, PT_TICKET_TEXT_MAX, error);
  if (strcmp (name, "nonce") == 0)
    return take_text (&envelope->nonce, name, value, PT_WORK_NONCE_MAX, error);
  return refuse (error, PT_ERROR_MALFORMED,
                 "%.64s: there is no such member. There are entry, private, ticket, nonce and, in "
                 "multipart/form-data, photo.",
                 name);
}

static gboolean
envelope_take_object (PtEnvelope *envelope, JsonObject *object, GError **error)
{
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  json_object_iter_init (&iter, object);
  while (json_object_iter_next (&iter, &name, &node))
    {
      const char *value;

      if (json_node_get_value_type (node) != G_TYPE_STRING)
        return refuse (error, PT_ERROR_MALFORMED, "%.64s: it is no text.", name);
      value = json_node_get_string (node);
      if (!envelope_take (envelope, name, pt_span (value, strlen (value)), error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
envelope_read_json (PtEnvelope *envelope, GBytes *body, GError **error)
{
  g_autoptr (JsonParser) parser = json_parser_new_immutable ();
  gsize size;
  const char *data = g_bytes_get_data (body, &size);

  if (size > PT_ENVELOPE_JSON_MAX)
    return refuse (error, PT_ERROR_TOO_LARGE, "The body is larger than 96 KiB.");
  if (size == 0 || !pt_json_is_shallow (data, size, 1)
      || !json_parser_load_from_data (parser, data, (gssize) size, NULL)
      || json_parser_get_root (parser) == NULL
      || !JSON_NODE_HOLDS_OBJECT (json_parser_get_root (parser)))
    return refuse (
        error, PT_ERROR_MALFORMED,
        "Send {\"entry\":\"...\",\"private\":\"...\",\"ticket\":\"...\",\"nonce\":\"...\"}.");
  return envelope_take_object (envelope, json_node_get_object (json_parser_get_root (parser)),
                               error);
}

static gboolean
envelope_take_photo (PtEnvelope *envelope, const PtPart *part, GError **error)
{
  static const char *const types[] = { "image/jpeg", "image/png", "image/webp", NULL };

  if (part->type == NULL || !g_strv_contains (types, part->type))
    return refuse (error, PT_ERROR_UNSUPPORTED, "photo: send image/jpeg, image/png or image/webp.");
  if (g_bytes_get_size (part->bytes) > PT_PHOTO_BYTES_MAX)
    return refuse (error, PT_ERROR_TOO_LARGE, "photo: it is larger than 8 MiB.");
  if (envelope->photos->len == PT_PRIVATE_PHOTOS_MAX)
    return refuse (error, PT_ERROR_TOO_LARGE, "photo: there are more than %d.",
                   PT_PRIVATE_PHOTOS_MAX);
  g_ptr_array_add (envelope->photos, g_bytes_ref (part->bytes));
  return TRUE;
}

static gboolean
envelope_read_multipart (PtEnvelope *envelope, const char *type, GBytes *body, GError **error)
{
  g_autoptr (GPtrArray) parts = pt_multipart_read (type, body, error);

  for (guint i = 0; parts != NULL && i < parts->len; i++)
    {
      const PtPart *part = g_ptr_array_index (parts, i);
      gsize size;
      const char *data = g_bytes_get_data (part->bytes, &size);

      if (strcmp (part->name, "photo") == 0
              ? !envelope_take_photo (envelope, part, error)
              : !envelope_take (envelope, part->name, pt_span (data, size), error))
        return FALSE;
    }
  return parts != NULL;
}

static gboolean
is_type (const char *type, const char *wanted)
{
  gsize size = strlen (wanted);

  return type != NULL && g_ascii_strncasecmp (type, wanted, size) == 0
         && (type[size] == '\0' || type[size] == ';' || type[size] == ' ');
}

PtEnvelope *
pt_envelope_read (const char *type, GBytes *body, GError **error)
{
  g_autoptr (PtEnvelope) envelope = NULL;
  gboolean is_read = FALSE;

  g_return_val_if_fail (body != NULL, NULL);

  envelope = g_new0 (PtEnvelope, 1);
  envelope->photos = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  if (is_type (type, "application/json"))
    is_read = envelope_read_json (envelope, body, error);
  else if (is_type (type, "multipart/form-data"))
    is_read = envelope_read_multipart (envelope, type, body, error);
  else
    refuse (error, PT_ERROR_UNSUPPORTED, "Send application/json or multipart/form-data.");
  if (is_read && envelope->entry == NULL)
    is_read = refuse (error, PT_ERROR_MALFORMED, "entry: it is missing.");
  return is_read ? g_steal_pointer (&envelope) : NULL;
}
