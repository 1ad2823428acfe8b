/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-framing.h"

#include <string.h>

#define HEADERS_MAX 100
#define LENGTH_DIGITS_MAX 18   /* below 2^63 */
#define SIZE_DIGITS_MAX 15     /* of hex: below 2^63 */
#define EXTENSION_MAX 256      /* bytes of a chunk's line that say nothing to us */
#define TRAILER_MAX (4 * 1024) /* of all lines after the last chunk */

/* What is known of a head when its lines were read. */
typedef struct
{
  guint hosts, lengths, encodings, headers;
  guint64 length;
} Head;

static gboolean
is_token (const char *text, gsize size)
{
  static const char others[] = "!#$%&'*+-.^_`|~"; /* RFC 9110 section 5.6.2 */

  for (gsize i = 0; i < size; i++)
    if (!g_ascii_isalnum (text[i]) && (text[i] == '\0' || strchr (others, text[i]) == NULL))
      return FALSE;
  return size > 0;
}

/* Bytes that show; those above ASCII may be anything. */
static gboolean
is_visible (const char *text, gsize size, const char *besides)
{
  for (gsize i = 0; i < size; i++)
    if (((guchar) text[i] <= ' ' || text[i] == 0x7f)
        && (text[i] == '\0' || strchr (besides, text[i]) == NULL))
      return FALSE;
  return TRUE;
}

static const char *
check_request_line (PtFraming *framing, const char *line, gsize size)
{
  const char *target = memchr (line, ' ', size);
  gsize method = target != NULL ? (gsize) (target - line) : 0;
  const char *version = target != NULL ? memchr (target + 1, ' ', size - method - 1) : NULL;
  const char *end = line + size;

  if (version == NULL || version == target + 1 || !is_token (line, method)
      || !is_visible (target + 1, (gsize) (version - target - 1), ""))
    return "The request's first line is not a method, a target and a version.";
  framing->is_head = method == 4 && memcmp (line, "HEAD", 4) == 0;
  framing->is_old = end - version == 9 && memcmp (version, " HTTP/1.0", 9) == 0;
  if (!framing->is_old && (end - version != 9 || memcmp (version, " HTTP/1.1", 9) != 0))
    return "Speak HTTP/1.1 here.";
  return NULL;
}

static const char *
read_length (Head *head, const char *value, gsize size)
{
  head->lengths++;
  if (size == 0 || size > LENGTH_DIGITS_MAX)
    return "Content-Length is no length.";
  for (gsize i = 0; i < size; i++)
    {
      if (!g_ascii_isdigit (value[i]))
        return "Content-Length is no length.";
      head->length = head->length * 10 + (guint64) (value[i] - '0');
    }
  return NULL;
}

static gboolean
is_host (const char *value, gsize size)
{
  static const char others[] = "-._~%!$&'()*+,;=:[]"; /* RFC 3986 section 3.2.2, and a port */

  for (gsize i = 0; i < size; i++)
    if (!g_ascii_isalnum (value[i]) && (value[i] == '\0' || strchr (others, value[i]) == NULL))
      return FALSE;
  return TRUE;
}

static const char *
read_header (Head *head, const char *name, gsize name_size, const char *value, gsize size)
{
  if (name_size == 14 && g_ascii_strncasecmp (name, "Content-Length", 14) == 0)
    return read_length (head, value, size);
  if (name_size == 17 && g_ascii_strncasecmp (name, "Transfer-Encoding", 17) == 0)
    {
      head->encodings++;
      return size == 7 && g_ascii_strncasecmp (value, "chunked", 7) == 0
                 ? NULL
                 : "The only Transfer-Encoding here is chunked.";
    }
  if (name_size == 4 && g_ascii_strncasecmp (name, "Host", 4) == 0)
    {
      head->hosts++;
      return is_host (value, size) ? NULL : "Host is no host.";
    }
  return NULL;
}

static const char *
check_header (Head *head, const char *line, gsize size)
{
  const char *colon = memchr (line, ':', size);
  gsize name = colon != NULL ? (gsize) (colon - line) : 0;
  const char *value = colon + 1, *end = line + size;

  /* No blank before the colon, and no line that goes on with the one before (sections 5.1, 5.2). */
  if (colon == NULL || !is_token (line, name))
    return "A header is not a name, a colon and a value.";
  if (++head->headers > HEADERS_MAX)
    return "There are too many headers.";
  if (!is_visible (value, (gsize) (end - value), " \t"))
    return "A header has bytes that do not belong into one.";
  while (value < end && *value == ' ')
    value++;
  while (end > value && end[-1] == ' ')
    end--;
  return read_header (head, line, name, value, (gsize) (end - value));
}

/* How the body is sent, if there is one (RFC 9112 section 6.3). */
static const char *
framing_choose (PtFraming *framing, const Head *head)
{
  framing->has_host = head->hosts > 0;
  if (head->hosts > 1 || (head->hosts == 0 && !framing->is_old))
    return "A request has one Host.";
  if (head->lengths + head->encodings > 1)
    return "A body has one length: one Content-Length, or one Transfer-Encoding.";
  if (head->encodings > 0 && framing->is_old)
    return "HTTP/1.0 has no Transfer-Encoding.";
  framing->left = head->length;
  framing->state = head->encodings > 0                      ? PT_FRAMING_SIZE
                   : head->lengths > 0 && framing->left > 0 ? PT_FRAMING_LENGTH
                                                            : PT_FRAMING_DONE;
  return NULL;
}

static const char *
framing_read_head (PtFraming *framing, const char *data, gsize size)
{
  const char *end = data + size - 2, *line = data;
  Head head = { 0 };

  while (line < end)
    {
      const char *stop = memchr (line, '\r', (gsize) (end + 1 - line));
      gsize length = (gsize) (stop - line);
      const char *wrong = line == data ? check_request_line (framing, line, length)
                                       : check_header (&head, line, length);

      if (wrong != NULL)
        return wrong;
      line = stop + 2;
    }
  return framing_choose (framing, &head);
}

void
pt_framing_begin (PtFraming *framing)
{
  g_return_if_fail (framing != NULL);

  *framing = (PtFraming){ .state = PT_FRAMING_HEAD };
}

/* Lines end with CRLF alone, and neither byte stands elsewhere: a bare LF would end a line for one
 * reader and not for the next. */
gsize
pt_framing_head (PtFraming *framing, const char *data, gsize size, const char **wrong)
{
  g_return_val_if_fail (framing != NULL && framing->state == PT_FRAMING_HEAD, 0);
  g_return_val_if_fail (data != NULL && wrong != NULL, 0);

  *wrong = NULL;
  for (gsize i = framing->scanned; i < size; i++)
    {
      gboolean after_return = i > 0 && data[i - 1] == '\r';

      if ((data[i] == '\n') != after_return)
        {
          *wrong = "Lines of a request's head end with CRLF.";
          return 0;
        }
      if (data[i] != '\n')
        continue;
      if (i == framing->line + 1)
        {
          *wrong = framing_read_head (framing, data, i + 1);
          return *wrong == NULL ? i + 1 : 0;
        }
      framing->line = i + 1;
    }
  framing->scanned = size;
  return 0;
}

/* Bodies */

static const char chunk_is_wrong[] = "The body's chunks are not what they should be.";

static const char *
framing_take_digit (PtFraming *framing, char byte)
{
  if (g_ascii_isxdigit (byte))
    {
      framing->left = framing->left * 16 + (guint64) g_ascii_xdigit_value (byte);
      return ++framing->digits <= SIZE_DIGITS_MAX ? NULL : chunk_is_wrong;
    }
  if (framing->digits == 0 || (byte != ';' && byte != '\r'))
    return chunk_is_wrong;
  framing->state = byte == ';' ? PT_FRAMING_EXTENSION : PT_FRAMING_SIZE_END;
  framing->extra = 0;
  return NULL;
}

/* A line whose words nobody reads. */
static const char *
framing_pass_over (PtFraming *framing, char byte, guint most, PtFramingState end)
{
  if (byte == '\r')
    framing->state = end;
  else if (++framing->extra > most || !is_visible (&byte, 1, " \t"))
    return chunk_is_wrong;
  return NULL;
}

static void
framing_begin_chunk (PtFraming *framing)
{
  framing->digits = framing->extra = 0;
  framing->left = 0;
  framing->state = PT_FRAMING_SIZE;
}

static const char *
framing_expect (PtFraming *framing, char byte, char wanted, PtFramingState next)
{
  if (byte != wanted)
    return chunk_is_wrong;
  framing->state = next;
  return NULL;
}

static const char *
framing_begin_trailer (PtFraming *framing, char byte)
{
  framing->state = byte == '\r' ? PT_FRAMING_LAST_END : PT_FRAMING_TRAILER_LINE;
  return byte == '\r' ? NULL
                      : framing_pass_over (framing, byte, TRAILER_MAX, PT_FRAMING_TRAILER_END);
}

static const char *
framing_take (PtFraming *framing, char byte)
{
  const char *wrong;

  switch (framing->state)
    {
    case PT_FRAMING_SIZE:
      return framing_take_digit (framing, byte);
    case PT_FRAMING_EXTENSION:
      return framing_pass_over (framing, byte, EXTENSION_MAX, PT_FRAMING_SIZE_END);
    case PT_FRAMING_SIZE_END:
      framing->extra = 0;
      return framing_expect (framing, byte, '\n',
                             framing->left > 0 ? PT_FRAMING_CHUNK : PT_FRAMING_TRAILER);
    case PT_FRAMING_CHUNK_RETURN:
      return framing_expect (framing, byte, '\r', PT_FRAMING_CHUNK_END);
    case PT_FRAMING_CHUNK_END:
      wrong = framing_expect (framing, byte, '\n', PT_FRAMING_SIZE);
      framing_begin_chunk (framing);
      return wrong;
    case PT_FRAMING_TRAILER:
      return framing_begin_trailer (framing, byte);
    case PT_FRAMING_TRAILER_LINE:
      return framing_pass_over (framing, byte, TRAILER_MAX, PT_FRAMING_TRAILER_END);
    case PT_FRAMING_TRAILER_END:
      return framing_expect (framing, byte, '\n', PT_FRAMING_TRAILER);
    case PT_FRAMING_LAST_END:
      return framing_expect (framing, byte, '\n', PT_FRAMING_DONE);
    case PT_FRAMING_HEAD:
    case PT_FRAMING_LENGTH:
    case PT_FRAMING_CHUNK:
    case PT_FRAMING_DONE:
      break;
    }
  g_return_val_if_reached (chunk_is_wrong);
}

gsize
pt_framing_body (PtFraming *framing, const char *data, gsize size, const char **wrong)
{
  gsize at = 0;

  g_return_val_if_fail (framing != NULL && framing->state != PT_FRAMING_HEAD, 0);
  g_return_val_if_fail (data != NULL && wrong != NULL, 0);

  *wrong = NULL;
  while (at < size && framing->state != PT_FRAMING_DONE && *wrong == NULL)
    {
      gboolean is_length = framing->state == PT_FRAMING_LENGTH;

      if (is_length || framing->state == PT_FRAMING_CHUNK)
        {
          gsize taken = (gsize) MIN (framing->left, (guint64) (size - at));

          at += taken;
          framing->left -= taken;
          if (framing->left == 0)
            framing->state = is_length ? PT_FRAMING_DONE : PT_FRAMING_CHUNK_RETURN;
        }
      else
        *wrong = framing_take (framing, data[at++]);
    }
  return *wrong == NULL ? at : 0;
}
