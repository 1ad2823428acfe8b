/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-multipart.h"

#include <libsoup/soup.h>
#include <string.h>

#include "pt-base.h"
#include "pt-error.h"

#define BOUNDARY_MAX 70 /* RFC 2046 section 5.1.1 */

typedef struct
{
  GBytes *body;
  PtSpan rest;                      /* what was not read yet */
  char delimiter[BOUNDARY_MAX + 8]; /* a new line, two dashes and the boundary */
  GPtrArray *parts;
} Reader;

static void
part_free (gpointer data)
{
  PtPart *part = data;

  g_free (part->name);
  g_free (part->type);
  g_clear_pointer (&part->bytes, g_bytes_unref);
  g_free (part);
}

static gboolean
refuse (GError **error, const char *sentence)
{
  g_set_error (error, PT_ERROR, PT_ERROR_MALFORMED, "multipart: %s", sentence);
  return FALSE;
}

static gboolean
reader_begin (Reader *reader, const char *type, GError **error)
{
  g_autoptr (GHashTable) parameters = NULL;
  const char *boundary, *begin = strchr (type, ';');

  if (begin != NULL)
    parameters = soup_header_parse_semi_param_list (begin + 1);
  boundary = parameters != NULL ? g_hash_table_lookup (parameters, "boundary") : NULL;
  if (boundary == NULL || boundary[0] == '\0' || strlen (boundary) > BOUNDARY_MAX)
    return refuse (error, "its Content-Type says no boundary.");
  g_snprintf (reader->delimiter, sizeof reader->delimiter, "\r\n--%s", boundary);
  reader->rest.data = g_bytes_get_data (reader->body, &reader->rest.size);
  return TRUE;
}

static void
reader_skip (Reader *reader, gsize size)
{
  reader->rest.data += size;
  reader->rest.size -= size;
}

static gboolean
reader_skips (Reader *reader, const char *words)
{
  gsize size = strlen (words);

  if (reader->rest.size < size || memcmp (reader->rest.data, words, size) != 0)
    return FALSE;
  reader_skip (reader, size);
  return TRUE;
}

/* What comes before @words, which are passed over too; FALSE: they do not come. */
static gboolean
reader_until (Reader *reader, const char *words, PtSpan *out)
{
  const char *found = reader->rest.size > 0
                          ? memmem (reader->rest.data, reader->rest.size, words, strlen (words))
                          : NULL;

  if (found == NULL)
    return FALSE;
  *out = pt_span (reader->rest.data, (gsize) (found - reader->rest.data));
  reader_skip (reader, out->size + strlen (words));
  return TRUE;
}

/* The name that its Content-Disposition says, and its type. */
static gboolean
part_read_head (PtPart *part, PtSpan head, GError **error)
{
  g_autoptr (SoupMessageHeaders) headers
      = soup_message_headers_new (SOUP_MESSAGE_HEADERS_MULTIPART);
  g_autofree char *text = g_strdup_printf ("-\r\n%.*s\r\n", (int) head.size, head.data);
  g_autoptr (GHashTable) parameters = NULL;
  g_autofree char *disposition = NULL;
  const char *name = NULL, *type;

  if (memchr (head.data, '\0', head.size) != NULL
      || !soup_headers_parse (text, (int) strlen (text), headers))
    return refuse (error, "a part's head can't be read.");
  if (soup_message_headers_get_content_disposition (headers, &disposition, &parameters)
      && g_strcmp0 (disposition, "form-data") == 0)
    name = g_hash_table_lookup (parameters, "name");
  if (name == NULL)
    return refuse (error, "a part has no name.");
  part->name = g_strdup (name);
  type = soup_message_headers_get_content_type (headers, NULL);
  part->type = type != NULL ? g_ascii_strdown (type, -1) : NULL;
  return TRUE;
}

/* After a delimiter. */
static gboolean
reader_take_part (Reader *reader, GError **error)
{
  gsize size;
  const char *all = g_bytes_get_data (reader->body, &size);
  PtSpan head, content;
  PtPart *part;

  if (reader->parts->len == PT_MULTIPART_PARTS_MAX)
    {
      g_set_error (error, PT_ERROR, PT_ERROR_TOO_LARGE, "multipart: it has more than %d parts.",
                   PT_MULTIPART_PARTS_MAX);
      return FALSE;
    }
  part = g_new0 (PtPart, 1);
  g_ptr_array_add (reader->parts, part);
  if (!reader_until (reader, "\r\n\r\n", &head) || head.size > PT_MULTIPART_HEAD_MAX)
    return refuse (error, "a part's head has no end within 4 KiB.");
  if (!part_read_head (part, head, error))
    return FALSE;
  if (!reader_until (reader, reader->delimiter, &content))
    return refuse (error, "it ends within a part.");
  part->bytes = g_bytes_new_from_bytes (reader->body, (gsize) (content.data - all), content.size);
  return TRUE;
}

static gboolean
reader_read (Reader *reader, GError **error)
{
  if (!reader_skips (reader, reader->delimiter + 2))
    return refuse (error, "it does not begin with its boundary.");
  while (!reader_skips (reader, "--"))
    if (!reader_skips (reader, "\r\n"))
      return refuse (error, "a boundary is followed by something else than a part.");
    else if (!reader_take_part (reader, error))
      return FALSE;
  return TRUE;
}

GPtrArray *
pt_multipart_read (const char *type, GBytes *body, GError **error)
{
  Reader reader = { .body = body };

  g_return_val_if_fail (type != NULL && body != NULL, NULL);

  reader.parts = g_ptr_array_new_with_free_func (part_free);
  if (reader_begin (&reader, type, error) && reader_read (&reader, error))
    return reader.parts;
  g_ptr_array_unref (reader.parts);
  return NULL;
}
